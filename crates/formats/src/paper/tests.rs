use super::*;
use jiff::civil::date;
use licensing::quantity::Quantity;

fn key() -> SigningKey {
    SigningKey::from_seed([7; 32])
}

fn line(number: u16, goods: (&str, &str), code: &str, quantity: (&str, i64), to: (&str, &str, &str)) -> Line {
    let unit = licensing::quantity::Unit::parse(quantity.0).unwrap();
    Line {
        number,
        goods: Words::new(goods.0, goods.1),
        control_code: code.to_owned(),
        quantity: Quantity { unit, amount: quantity.1 },
        destination: to.0.to_owned(),
        destination_name: Words::new(to.1, to.2),
        consignee: "Nordlicht Magnets GmbH".to_owned(),
        end_user: "Åsgård Vindkraft AS".to_owned(),
        end_use: Words::new("Generators of offshore wind turbines", "海上风力发电机组"),
    }
}

pub(crate) fn licence() -> Document {
    Document {
        form: FORM.to_owned(),
        kind: DocumentKind::Licence,
        authority: "demo".to_owned(),
        authority_name: Words::new("Ytteria Strategic Minerals Authority", "伊特里亚战略矿产管理局"),
        reference: "YSMA-L-2026-000417".to_owned(),
        issued_on: date(2026, 2, 16),
        title: Words::new("Export licence", "出口许可证"),
        facts: vec![
            Fact { label: Words::new("Licence number", "许可证编号"), value: Words::same("YSMA-L-2026-000417") },
            Fact { label: Words::new("Kind", "类别"), value: Words::new("Single licence", "单项许可") },
            Fact { label: Words::new("Holder", "持证人"), value: Words::new("Dawnridge Rare Metals Ltd", "晨岭稀有金属有限公司") },
            Fact { label: Words::new("Application", "申请编号"), value: Words::same("YSMA-A-2026-001093 of 2026-01-05") },
            Fact { label: Words::new("Issued on", "签发日期"), value: Words::same("2026-02-16") },
            Fact { label: Words::new("Valid", "有效期"), value: Words::new("2026-02-16 to 2027-02-15, both days included", "2026年2月16日至2027年2月15日，首末日均有效") },
        ],
        paragraphs: vec![Words::new(
            "The Ytteria Strategic Minerals Authority permits the holder to export the goods listed below, in the quantities, to the parties, to the destinations and for the end uses stated in each line, under section 30 of the Licensing Act of Ytteria. Every shipment is drawn down from the quantity of its line at the border; a line that is exhausted permits nothing more.",
            "伊特里亚战略矿产管理局依据《伊特里亚许可法》第三十条，准许持证人按下表各行所列的数量、当事方、目的地和最终用途出口所列货物。每批货物在口岸从相应行的数量中核减；数量用尽的行不再准予出口。",
        )],
        validity: Some(Validity { from: date(2026, 2, 16), to: date(2027, 2, 15) }),
        lines: vec![
            line(1, ("Sintered NdFeB magnets, grade N42SH, coated", "烧结钕铁硼永磁体，牌号 N42SH，带镀层"), "2C902.a", ("net_mass", 12_000_500_000_000), ("NO", "Norway", "挪威")),
            line(2, ("Dysprosium metal, 99.9 %, ingots", "金属镝，纯度 99.9%，锭"), "1C902.b", ("content:Dy", 850_000_000), ("DE", "Germany", "德国")),
            line(3, ("Terbium oxide, 99.99 %", "氧化铽，纯度 99.99%"), "1C902.c", ("oxide:Tb", 125_250_000), ("DE", "Germany", "德国")),
            line(4, ("Magnet assemblies for rotor segments", "转子段用磁体组件"), "2C902.d", ("pieces", 4_800), ("NO", "Norway", "挪威")),
            line(5, ("Samarium–cobalt magnets, Sm2Co17", "钐钴永磁体 Sm2Co17"), "2C902.e", ("net_mass", 640_000_000), ("FI", "Finland", "芬兰")),
        ],
        conditions: vec![
            Condition { text: Words::new("The end user confirms receipt of each shipment within 30 days of its arrival; the holder files the confirmation.", "最终用户须在每批货物到达后30日内确认收货；持证人提交该确认。"), source: Words::new("Strategic Trade Office · Licensing Act of Ytteria s.36", "战略贸易办公室 · 《伊特里亚许可法》第三十六条") },
            Condition { text: Words::new("No re-export or transfer to another end user without the authority’s consent in writing.", "未经主管机关书面同意，不得再出口或转让给其他最终用户。"), source: Words::new("Ministry of Foreign Relations of Ytteria", "伊特里亚对外关系部") },
            Condition { text: Words::new("Line 4: the serial numbers of the assemblies are filed with the export declaration.", "第4行：组件序列号须随出口报关单申报。"), source: Words::new("Customs of Ytteria", "伊特里亚海关") },
        ],
        closing: vec![],
        signatories: vec![
            Signatory { name: "Mira Okoye".to_owned(), role: Words::new("Licensing officer, grade 2", "许可官（二级）"), signed_on: date(2026, 2, 13) },
            Signatory { name: "Jonas Țurcanu".to_owned(), role: Words::new("Countersigning supervisor", "复签主管"), signed_on: date(2026, 2, 16) },
        ],
        notice: Words::new("Unofficial, unendorsed, not legal advice. Check the instruments themselves before relying on an answer.", "非官方，未经认可，不构成法律意见。请在依赖任何答复之前核对法规原文。"),
    }
}

#[test]
fn look() {
    let issued = document_write(&licence(), &key()).unwrap();
    std::fs::write("/tmp/paper-licence.pdf", &issued.pdf).unwrap();
    println!("{} {:?}", issued.pdf.len(), issued.code);
    let code = QrCode::with_error_correction_level(issued.code.unwrap(), EcLevel::M).unwrap();
    println!("{:?}", code.version());
    let keys = PublicKeys::of(vec![key().public()]);
    verify(&issued.pdf, &keys).unwrap();
}

//! Documents of the tests: a licence with five lines and a refusal, as an authority would issue them.

use jiff::civil::date;
use licensing::quantity::{Quantity, Unit};

use super::{
    Condition, Document, DocumentKind, FORM, Fact, Line, Signatory, Validity, Words,
    paragraphs_pair,
};

fn fact(label: (&str, &str), value: (&str, &str)) -> Fact {
    Fact { label: Words::new(label.0, label.1), value: Words::new(value.0, value.1) }
}

fn condition(text: (&str, &str), source: (&str, &str)) -> Condition {
    Condition { text: Words::new(text.0, text.1), source: Words::new(source.0, source.1) }
}

fn line(
    number: u16,
    goods: (&str, &str),
    code: &str,
    quantities: &[(&str, i64)],
    to: (&str, &str, &str),
) -> Line {
    Line {
        number,
        goods: Words::new(goods.0, goods.1),
        control_codes: vec![code.to_owned()],
        quantities: quantities
            .iter()
            .map(|(unit, amount)| Quantity { unit: Unit::parse(unit).unwrap(), amount: *amount })
            .collect(),
        destination: to.0.to_owned(),
        destination_name: Words::new(to.1, to.2),
        consignee: "Nordlicht Magnets GmbH".to_owned(),
        end_user: "Åsgård Vindkraft AS".to_owned(),
        end_use: Words::new("Generators of offshore wind turbines", "海上风力发电机组"),
    }
}

fn lines() -> Vec<Line> {
    let norway = ("NO", "Norway", "挪威");
    let germany = ("DE", "Germany", "德国");
    vec![
        line(
            1,
            ("Sintered NdFeB magnets, grade N42SH, coated", "烧结钕铁硼永磁体，牌号 N42SH，带镀层"),
            "2C902.a",
            &[("net_mass", 12_000_500_000)],
            norway,
        ),
        line(
            2,
            ("Dysprosium metal, 99.9 %, ingots", "金属镝，纯度 99.9%，锭"),
            "1C902.b",
            &[("content:Dy", 850_000_000)],
            germany,
        ),
        line(
            3,
            ("Terbium oxide, 99.99 %", "氧化铽，纯度 99.99%"),
            "1C902.c",
            &[("oxide:Tb", 125_250_000)],
            germany,
        ),
        line(
            4,
            ("Magnet assemblies for rotor segments", "转子段用磁体组件"),
            "2C902.d",
            &[("pieces", 4_800), ("net_mass", 912_000_000)],
            norway,
        ),
        line(
            5,
            ("Samarium–cobalt magnets, Sm2Co17", "钐钴永磁体 Sm2Co17"),
            "2C902.e",
            &[("net_mass", 640_000_000)],
            ("FI", "Finland", "芬兰"),
        ),
    ]
}

/// A licence with as many lines, the five of it again and again.
pub(super) fn licence(count: usize) -> Document {
    let number = "YSMA-L-2026-000417";
    let numbered = |(n, line): (usize, Line)| Line { number: n as u16 + 1, ..line };
    Document {
        form: FORM.to_owned(),
        kind: DocumentKind::Licence,
        authority: "demo".to_owned(),
        authority_name: Words::new(
            "Ytteria Strategic Minerals Authority",
            "伊特里亚战略矿产管理局",
        ),
        reference: number.to_owned(),
        issued_on: date(2026, 2, 16),
        title: Words::new("Export licence", "出口许可证"),
        facts: vec![
            fact(("Licence number", "许可证编号"), (number, "")),
            fact(("Kind", "类别"), ("Single licence", "单项许可")),
            fact(("Holder", "持证人"), ("Dawnridge Rare Metals Ltd", "晨岭稀有金属有限公司")),
            fact(("Application", "申请编号"), ("YSMA-A-2026-001093 of 2026-01-05", "")),
            fact(("Issued on", "签发日期"), ("2026-02-16", "")),
            fact(
                ("Valid", "有效期"),
                ("2026-02-16 to 2027-02-15, both days included", "首日与末日均有效"),
            ),
        ],
        paragraphs: vec![Words::new(
            "The Ytteria Strategic Minerals Authority permits the holder to export the goods listed \
             below, in the quantities, to the parties, to the destinations and for the end uses stated \
             in each line, under section 30 of the Licensing Act of Ytteria. Every shipment is drawn \
             down from the quantity of its line at the border; a line that is exhausted permits nothing \
             more.",
            "伊特里亚战略矿产管理局依据《伊特里亚许可法》第三十条，准许持证人按下表各行所列的数量、\
             当事方、目的地和最终用途出口所列货物。每批货物在口岸从相应行的数量中核减；数量用尽的行\
             不再准予出口。",
        )],
        validity: Some(Validity { from: date(2026, 2, 16), to: date(2027, 2, 15) }),
        lines: lines().into_iter().cycle().take(count).enumerate().map(numbered).collect(),
        conditions: vec![
            condition(
                (
                    "The end user confirms receipt of each shipment within 30 days of its arrival; the \
                     holder files the confirmation.",
                    "最终用户须在每批货物到达后30日内确认收货；持证人提交该确认。",
                ),
                (
                    "Strategic Trade Office · Licensing Act of Ytteria s.36",
                    "战略贸易办公室 · 《伊特里亚许可法》第三十六条",
                ),
            ),
            condition(
                (
                    "No re-export or transfer to another end user without the authority’s consent in \
                     writing.",
                    "未经主管机关书面同意，不得再出口或转让给其他最终用户。",
                ),
                ("Ministry of Foreign Relations of Ytteria", "伊特里亚对外关系部"),
            ),
        ],
        closing: Vec::new(),
        signatories: vec![
            Signatory {
                name: "Mira Okoye".to_owned(),
                role: Words::new("Licensing officer, grade 2", "许可官（二级）"),
                signed_on: date(2026, 2, 13),
            },
            Signatory {
                name: "Jonas Țurcanu".to_owned(),
                role: Words::new("Countersigning supervisor", "复签主管"),
                signed_on: date(2026, 2, 16),
            },
        ],
        notice: Words::new(
            "Unofficial, unendorsed, not legal advice. Check the instruments themselves before relying \
             on an answer.",
            "非官方，未经认可，不构成法律意见。请在依赖任何答复之前核对法规原文。",
        ),
    }
}

/// A refusal of two of the five lines.
pub(super) fn refusal() -> Document {
    let licence = licence(5);
    Document {
        kind: DocumentKind::Refusal,
        reference: "YSMA-R-2026-000052".to_owned(),
        title: Words::new("Refusal of an export licence", "不予许可决定书"),
        facts: vec![
            fact(("To", "致"), ("Dawnridge Rare Metals Ltd", "晨岭稀有金属有限公司")),
            fact(("Application", "申请编号"), ("YSMA-A-2026-001093", "")),
            fact(("Decided on", "决定日期"), ("2026-02-16", "")),
        ],
        paragraphs: paragraphs_pair(
            "The authority has examined your application of 5 January 2026 with the agencies \
             concerned. For the goods listed below it refuses the licence. For the other goods of the \
             application a licence was issued on the same day.\n\nThe decision was signed by two \
             officers, neither of whom gave advice in the case.",
            "主管机关已会同有关部门审查您于2026年1月5日提交的申请。对下列货物，决定不予许可。申请中\
             的其他货物已于同日获得许可。\n\n本决定由两名官员签署，二人均未在本案中提供意见。",
        ),
        validity: None,
        lines: licence.lines.get(1..3).unwrap().to_vec(),
        conditions: vec![
            condition(
                (
                    "The end use stated by the end user, samples for a materials laboratory, does not \
                     fit the quantity applied for: 850 kg of dysprosium contained are about forty times \
                     what the laboratory used in the three years before.",
                    "最终用户所述用途为材料实验室样品，与申请数量不符：所含镝850千克，约为该实验室此前\
                     三年用量的四十倍。",
                ),
                ("Licensing Act of Ytteria s.33 (b)", "《伊特里亚许可法》第三十三条第（b）项"),
            ),
            condition(
                (
                    "The questions of 20 January 2026 about the storage of the terbium oxide were not \
                     answered by the day set.",
                    "关于氧化铽储存的问题（2026年1月20日）未在规定期限内答复。",
                ),
                ("Licensing Act of Ytteria s.33 (d)", "《伊特里亚许可法》第三十三条第（d）项"),
            ),
        ],
        closing: paragraphs_pair(
            "You may ask for reconsideration within 60 days of this letter; the case keeps its \
             number. An application with new facts may be filed at any time.",
            "您可在收到本决定之日起60日内申请复议，案件编号不变；如有新的事实，可随时重新申请。",
        ),
        ..licence
    }
}

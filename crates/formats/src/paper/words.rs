//! The fixed words of documents, in both languages.

use licensing::quantity::{Quantity, Unit};

use super::document::{DocumentKind, Words};

pub(super) fn scan() -> Words {
    Words::new("Scan to verify", "扫码核验")
}

pub(super) fn key(key: &str) -> String {
    format!("Key 密钥 {key}")
}

pub(super) fn signed_by() -> Words {
    Words::new("Signed by", "签署人")
}

/// Heads of the columns of the table of lines.
pub(super) fn columns() -> [Words; 6] {
    [
        Words::new("No.", "序号"),
        Words::new("Goods and control code", "货物及管制编码"),
        Words::new("Quantity", "数量"),
        Words::new("Destination", "目的地"),
        Words::new("Consignee and end user", "收货人与最终用户"),
        Words::new("End use", "最终用途"),
    ]
}

pub(super) fn consignee() -> Words {
    Words::new("Consignee", "收货人")
}

pub(super) fn end_user() -> Words {
    Words::new("End user", "最终用户")
}

/// The heading above the table.
pub(super) fn lines_heading(kind: DocumentKind) -> Words {
    match kind {
        DocumentKind::Licence => Words::new("Licensed exports", "许可出口内容"),
        _ => Words::new("Goods concerned", "涉及货物"),
    }
}

/// The heading above the numbered list.
pub(super) fn conditions_heading(kind: DocumentKind) -> Words {
    match kind {
        DocumentKind::Licence => Words::new("Conditions", "许可条件"),
        DocumentKind::Refusal => Words::new("Reasons", "理由"),
        DocumentKind::Return => Words::new("What is missing", "需补正的内容"),
        DocumentKind::NoLicenceRequired => Words::new("Grounds", "依据"),
        DocumentKind::Question => Words::new("Questions", "问题"),
    }
}

/// How the file is checked.
pub(super) fn verify(key: &str) -> Words {
    Words::new(
        format!(
            "The authority sealed every byte of the file of this document with key {key}. Check the file, \
             not a print of it: gadolin verify FILE --key KEYFILE"
        ),
        format!(
            "主管机关已用密钥 {key} 对本文件的每个字节加盖电子签章。请核验电子文件而非打印件：\
             gadolin verify 文件 --key 公钥文件"
        ),
    )
}

pub(super) fn page(number: usize, of: usize) -> Words {
    Words::new(format!("Page {number} of {of}"), format!("第 {number} 页，共 {of} 页"))
}

/// What is counted.
pub(super) fn unit(unit: &Unit) -> Words {
    match unit {
        Unit::NetMass => Words::new("net mass", "净重"),
        Unit::Content(element) => {
            Words::new(format!("{element} contained"), format!("所含 {element}"))
        }
        Unit::Oxide(element) => {
            Words::new(format!("{element} as oxide"), format!("{element} 氧化物"))
        }
        Unit::Pieces => Words::new("pieces", "件"),
        Unit::Value(_) => Words::new("value", "金额"),
    }
}

/// The exact number with its digits in groups of three, divided by spaces that do not break (ISO 80000-1):
/// neither a comma nor a point can be taken for the decimal mark.
pub(super) fn quantity(quantity: &Quantity) -> String {
    let text = quantity.to_string();
    let (number, written) = text.split_once(' ').unwrap_or((&text, ""));
    let (whole, rest) = number.split_once('.').map_or((number, None), |(w, r)| (w, Some(r)));
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n) % 3 == 0 {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    let rest = rest.map(|rest| format!(".{rest}")).unwrap_or_default();
    format!("{grouped}{rest}\u{a0}{written}")
}

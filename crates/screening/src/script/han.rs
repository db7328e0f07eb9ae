//! Chinese characters: traditional, simplified and Japanese forms folded into one, read in pinyin, and the
//! common words of company names in English.

use std::sync::OnceLock;

use pinyin::ToPinyin;
use rustc_hash::FxHashMap;

const VARIANTS: &str = include_str!("../../data/han_variants.txt");

/// The form in which a character is compared.
pub(crate) fn fold(c: char) -> char {
    static TABLE: OnceLock<FxHashMap<char, char>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut pairs = FxHashMap::default();
        for line in VARIANTS.lines().filter(|line| !line.starts_with('#')) {
            let mut chars = line.chars();
            while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
                pairs.insert(from, to);
            }
        }
        pairs
    });
    table.get(&c).copied().unwrap_or(c)
}

/// Words of company names in folded characters and in English; longer ones before those within them.
const WORDS: &[(&str, &[&str])] = &[
    ("研究院", &["institute", "academy", "yanjiuyuan"]),
    ("研究所", &["institute", "research", "yanjiusuo"]),
    ("研究", &["research", "yanjiu"]),
    ("科技", &["technology", "tech", "keji"]),
    ("技术", &["technology", "jishu"]),
    ("电子", &["electronics", "electronic", "dianzi"]),
    ("国际", &["international", "guoji"]),
    ("贸易", &["trading", "trade", "maoyi"]),
    ("商贸", &["trading", "trade", "shangmao"]),
    ("集团", &["group", "jituan"]),
    ("大学", &["university", "daxue"]),
    ("学院", &["college", "institute", "xueyuan"]),
    ("工业", &["industry", "industrial", "gongye"]),
    ("实业", &["industrial", "industry", "shiye"]),
    ("航空", &["aviation", "aeronautics", "hangkong"]),
    ("航天", &["aerospace", "spaceflight", "hangtian"]),
    ("空间", &["space", "kongjian"]),
    ("电源", &["power", "dianyuan"]),
    ("制造", &["manufacturing", "zhizao"]),
    ("飞机", &["aircraft", "feiji"]),
    ("设备", &["equipment", "shebei"]),
    ("机械", &["machinery", "jixie"]),
    ("材料", &["materials", "material", "cailiao"]),
    ("化工", &["chemical", "huagong"]),
    ("化学", &["chemical", "huaxue"]),
    ("石油", &["petroleum", "oil", "shiyou"]),
    ("能源", &["energy", "nengyuan"]),
    ("物流", &["logistics", "wuliu"]),
    ("运输", &["transport", "yunshu"]),
    ("航运", &["shipping", "hangyun"]),
    ("船舶", &["ship", "shipping", "chuanbo"]),
    ("银行", &["bank", "yinhang"]),
    ("投资", &["investment", "touzi"]),
    ("控股", &["holding", "holdings", "konggu"]),
    ("发展", &["development", "fazhan"]),
    ("开发", &["development", "kaifa"]),
    ("进出口", &["import", "jinchukou"]),
    ("信息", &["information", "xinxi"]),
    ("通信", &["communication", "communications", "tongxin"]),
    ("通讯", &["communication", "telecom", "tongxun"]),
    ("半导体", &["semiconductor", "bandaoti"]),
    ("稀土", &["rare", "xitu"]),
    ("磁", &["magnet", "magnetic", "ci"]),
    ("中国", &["china", "zhongguo"]),
    ("北京", &["beijing", "peking"]),
    ("香港", &["hongkong", "xianggang"]),
    ("西安", &["xian"]),
    ("工程", &["engineering", "gongcheng"]),
    ("建设", &["construction", "jianshe"]),
    ("服务", &["service", "services", "fuwu"]),
    ("管理", &["management", "guanli"]),
    ("系统", &["system", "systems", "xitong"]),
    ("计算机", &["computer", "jisuanji"]),
    ("软件", &["software", "ruanjian"]),
    ("光电", &["optoelectronics", "photoelectric", "guangdian"]),
    ("精密", &["precision", "jingmi"]),
    ("仪器", &["instrument", "instruments", "yiqi"]),
];

/// How many characters at the beginning make a known word; nothing where they make none.
pub(crate) fn word(characters: &[char]) -> Option<usize> {
    let starts = |known: &str| {
        known.chars().count() <= characters.len()
            && known.chars().zip(characters).all(|(a, b)| a == *b)
    };
    let longest = WORDS.iter().filter(|(known, _)| starts(known)).map(|(k, _)| k.chars().count());
    longest.max().filter(|length| *length > 1)
}

pub(super) fn forms(word: &str) -> Vec<String> {
    if let Some((_, words)) = WORDS.iter().find(|(known, _)| *known == word) {
        return words.iter().map(|&w| w.to_owned()).collect();
    }
    let mut read = String::new();
    for c in word.chars() {
        match c.to_pinyin() {
            Some(reading) => read.push_str(&reading.plain().replace('ü', "u")),
            None => read.push_str(any_ascii::any_ascii_char(c)),
        }
    }
    // Wade and Giles, as names of Taiwan and of older lists are written.
    let older = wade_giles(&read);
    vec![read, older]
}

/// Initials that Wade and Giles write otherwise, apostrophes left out.
fn wade_giles(pinyin: &str) -> String {
    let begins = [
        ("zh", "ch"),
        ("q", "ch"),
        ("x", "hs"),
        ("z", "ts"),
        ("c", "ts"),
        ("j", "ch"),
        ("r", "j"),
        ("g", "k"),
        ("d", "t"),
        ("b", "p"),
    ];
    if pinyin.starts_with("ch") {
        return pinyin.to_owned();
    }
    let found = begins.iter().find_map(|(from, to)| Some((pinyin.strip_prefix(from)?, to)));
    found.map_or_else(|| pinyin.to_owned(), |(rest, to)| format!("{to}{rest}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn variants_come_together() {
        let check = |a: &str, b: &str| {
            let fold = |text: &str| text.chars().map(super::fold).collect::<String>();
            assert_eq!(fold(a), fold(b), "{a} {b}");
        };
        check("陳明國", "陈明国");
        check("國際貿易", "国际贸易");
        check("広沢", "廣澤");
    }
}

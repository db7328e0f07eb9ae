//! Broken lists, made from the fixtures by a seeded generator: the same seed breaks the same way anywhere.

/// SplitMix64 (Steele, Lea and Flood 2014): small, seeded, enough for breaking files.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }
}

/// Pieces of the formats, whole and broken.
const TOKENS: [&str; 58] = [
    "<",
    ">",
    "</",
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?xml version=\"1.0\"?>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "&b;",
    "&amp;",
    "&#0;",
    "&#x110000;",
    "&#xD800;",
    "&#8220;",
    "<sdnEntry>",
    "</sdnEntry>",
    "<uid>",
    "<sanctionEntity logicalId=\"1\">",
    "<nameAlias wholeName=\"x\"/>",
    "<INDIVIDUAL>",
    "</ENTITY>",
    " a=\"1\" a=\"2\"",
    "='",
    "\"",
    "\"\"",
    "'",
    ",",
    ";",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "{",
    "}",
    "[",
    "]",
    ":",
    "null",
    "true",
    "1e999",
    "-0",
    "\\u0000",
    "\\ud800",
    "\"id\":",
    "\"properties\":{",
    "{\"a\":[[[[[[[[",
    "-0- ",
    "(1)",
    "(",
    "Record_Count",
    "\u{feff}",
    "\u{202e}",
    "\0",
    "\u{10ffff}",
    "0000",
    "9999",
];

/// Breaks a text in one to six places; `other` is spliced into it now and then.
pub(crate) fn broken(text: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=chance.below(6) {
        let at = chance.below(text.len() + 1);
        let longest = if chance.below(8) == 0 { text.len() + 1 } else { 24 };
        let length = chance.below(longest);
        let end = (at + length).min(text.len());
        match chance.below(9) {
            0 => {
                if let Some(byte) = text.get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
            1 => {
                if let Some(byte) = text.get_mut(at) {
                    *byte = chance.next() as u8;
                }
            }
            2 => drop(text.drain(at..end)),
            3 => text.truncate(at),
            4 => {
                let piece = text[at..end].to_vec();
                text.splice(at..at, piece);
            }
            5 => {
                let from = chance.below(other.len() + 1);
                let to = (from + length).min(other.len());
                text.splice(at..at, other[from..to].iter().copied());
            }
            6 => {
                // The same piece many times: depth, width, long fields.
                let piece = TOKENS[chance.below(TOKENS.len())].repeat(1 + chance.below(200));
                text.splice(at..at, piece.bytes());
            }
            _ => {
                let token = TOKENS[chance.below(TOKENS.len())];
                text.splice(at..at, token.bytes());
            }
        }
    }
    text
}

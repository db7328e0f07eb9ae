//! Where the fields of many records end, sixty-four bytes at a time.
//!
//! A field is five bytes long on average, so that a search from one separator to the next costs
//! more than the fields themselves. Here the bytes of a block become bits: one word says where the
//! separators are, another where the quotes are, and the running parity of the quotes says which
//! separators are text inside quotes (Langdale and Lemire, "Parsing gigabytes of JSON per second",
//! 2019). The words are made with ordinary integers, eight bytes at a time, on any processor.
//!
//! Parity is right only where each quote opens a field at its start, closes it at its end, or is
//! doubled within. Text with a quote anywhere else is reported as irregular, and [`crate::scan`]
//! reads it.

const BLOCK: usize = 64;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
const LOW: u64 = !HIGH;

/// The ends of the fields and records of a chunk.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// [`Index::BEFORE`], then the position of each separator and line feed that ends a field.
    pub(crate) ends: Vec<u32>,
    /// The positions of those that end a record.
    pub(crate) lines: Vec<u32>,
    /// Positions in records that need a closer look: a doubled quote, a line end in quotes, a
    /// character that may be a control character.
    pub(crate) marks: Vec<u32>,
}

/// Whether parity reads the quotes of a text rightly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// It does.
    Regular,
    /// A quote stands where none would be written; the index says nothing.
    Irregular,
}

impl Index {
    /// Stands before the first position: one more is 0, where the first field starts.
    pub(crate) const BEFORE: u32 = u32::MAX;

    pub(crate) fn clear(&mut self) {
        self.ends.clear();
        self.lines.clear();
        self.marks.clear();
    }

    /// Indexes whole records. A last record without line end ends with the text.
    pub(crate) fn build(&mut self, bytes: &[u8], separator: u8) -> Quoting {
        self.clear();
        self.ends.push(Index::BEFORE);
        let quoting = if memchr::memchr(b'"', bytes).is_some() {
            self.blocks(bytes, Blocks::<true>::new(separator))
        } else {
            self.blocks(bytes, Blocks::<false>::new(separator))
        };
        if bytes.last().is_some_and(|&last| last != b'\n') {
            self.ends.push(bytes.len() as u32);
            self.lines.push(bytes.len() as u32);
        }
        quoting
    }

    fn blocks<const QUOTES: bool>(&mut self, bytes: &[u8], mut blocks: Blocks<QUOTES>) -> Quoting {
        let (whole, rest) = bytes.as_chunks::<BLOCK>();
        let mut base = 0;
        for block in whole {
            let bits = blocks.next::<true>(block);
            positions(bits.ends, base, &mut self.ends);
            positions(bits.lines, base, &mut self.lines);
            positions(bits.marks, base, &mut self.marks);
            if bits.irregular != 0 {
                return Quoting::Irregular;
            }
            base += BLOCK as u32;
        }
        let (block, held) = padded(rest);
        let bits = blocks.next::<true>(&block);
        positions(bits.ends & held, base, &mut self.ends);
        positions(bits.lines & held, base, &mut self.lines);
        positions(bits.marks & held, base, &mut self.marks);
        let open = blocks.inside != 0;
        if bits.irregular & held != 0 || open { Quoting::Irregular } else { Quoting::Regular }
    }
}

/// The length of the whole records with which `bytes` begin, nothing where quotes are irregular.
/// A quoted field may be open at the end.
pub(crate) fn whole_records(bytes: &[u8], separator: u8) -> Option<usize> {
    let mut blocks = Blocks::<true>::new(separator);
    let (whole, rest) = bytes.as_chunks::<BLOCK>();
    let (mut base, mut length) = (0, 0);
    let mut take = |bits: Bits, held: u64| {
        let lines = bits.lines & held;
        if lines != 0 {
            length = base + BLOCK - lines.leading_zeros() as usize;
        }
        base += BLOCK;
        bits.irregular & held == 0
    };
    for block in whole {
        if !take(blocks.next::<false>(block), u64::MAX) {
            return None;
        }
    }
    let (block, held) = padded(rest);
    take(blocks.next::<false>(&block), held).then_some(length)
}

/// The last bytes of a text as a block, and the bits of those bytes. Line ends fill it up: one may
/// follow anything.
fn padded(rest: &[u8]) -> ([u8; BLOCK], u64) {
    let mut block = [b'\n'; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    (block, (1_u64 << rest.len()) - 1)
}

/// Appends the positions of the bits of a block that begins at `base`.
#[inline(always)]
fn positions(mut bits: u64, base: u32, out: &mut Vec<u32>) {
    if bits == 0 {
        return;
    }
    let mut room = [0_u32; BLOCK];
    let mut count = 0;
    while bits != 0 {
        room[count % BLOCK] = base + bits.trailing_zeros();
        count += 1;
        bits &= bits - 1;
    }
    out.extend_from_slice(&room[..count.min(BLOCK)]);
}

/// A block as bits, the first byte being the lowest.
#[derive(Debug, Clone, Copy)]
struct Bits {
    ends: u64,
    lines: u64,
    marks: u64,
    irregular: u64,
}

/// What one block leaves to the next.
struct Blocks<const QUOTES: bool> {
    separator: u8,
    /// All bits where the next byte is inside quotes.
    inside: u64,
    /// 1 where a field starts with the next byte.
    start: u64,
    /// 1 where a quoted field closed with the last byte.
    closed: u64,
}

impl<const QUOTES: bool> Blocks<QUOTES> {
    fn new(separator: u8) -> Blocks<QUOTES> {
        Blocks { separator, inside: 0, start: 1, closed: 0 }
    }

    #[inline(always)]
    fn next<const MARKS: bool>(&mut self, block: &[u8; BLOCK]) -> Bits {
        let (mut separators, mut feeds, mut quotes, mut odd) = (0, 0, 0, 0);
        let (words, _) = block.as_chunks::<8>();
        for (at, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let separator = equal(word, self.separator);
            let feed = equal(word, b'\n');
            separators |= gathered(separator) << (8 * at);
            feeds |= gathered(feed) << (8 * at);
            if QUOTES {
                quotes |= gathered(equal(word, b'"')) << (8 * at);
            }
            if MARKS {
                let found = suspects(word, separator | feed);
                if found != 0 {
                    odd |= gathered(found) << (8 * at);
                }
            }
        }
        let ends = separators | feeds;
        if !QUOTES {
            return Bits { ends, lines: feeds, marks: odd, irregular: 0 };
        }
        let inside = parity(quotes) ^ self.inside;
        let (opening, closing) = (quotes & inside, quotes & !inside);
        let start = (ends << 1) | self.start;
        let closed = (closing << 1) | self.closed;
        self.inside = ((inside as i64) >> 63) as u64;
        self.start = ends >> 63;
        self.closed = closing >> 63;
        let mut after = closed & !(ends | quotes);
        let mut irregular = opening & !(start | closed);
        while after != 0 {
            // The carriage return of a line end may follow; what else follows is told by its mark.
            let at = after.trailing_zeros();
            if block[at as usize % BLOCK] != b'\r' {
                irregular |= 1 << at;
            }
            after &= after - 1;
        }
        let tabs = if self.separator == b'\t' { separators } else { 0 };
        let marks = odd | (opening & closed) | ((feeds | tabs) & inside);
        Bits { ends: ends & !inside, lines: feeds & !inside, marks, irregular }
    }
}

/// Each bit the parity of the bits up to and including it.
#[inline(always)]
fn parity(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The high bits of the bytes as eight bits.
#[inline(always)]
fn gathered(high: u64) -> u64 {
    (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The high bit of each byte that equals `byte`. Exact: no carry between the bytes.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    let difference = word ^ (ONES * byte as u64);
    !(((difference & LOW) + LOW) | difference) & HIGH
}

/// The high bit of each byte that may begin or be a character that no field should hold, except
/// where `ends` has it: ASCII control characters, and the first bytes of the control characters
/// U+0080 to U+009F (C2) and of the bidirectional ones (D8, E2).
#[inline(always)]
fn suspects(word: u64, ends: u64) -> u64 {
    let control = !(((word & LOW) + ONES * 0x60) | word) & HIGH & !ends;
    let delete = ((word & LOW) + ONES) & !word & HIGH;
    let mut suspects = control | delete;
    if word & HIGH != 0 {
        suspects |= equal(word, 0xc2) | equal(word, 0xd8) | equal(word, 0xe2);
    }
    suspects
}

/// Whether a character may stand in the text that no field should hold.
pub(crate) fn suspect(text: &[u8]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    words.iter().any(|word| suspects(u64::from_le_bytes(*word), 0) != 0)
        || rest.iter().any(|&b| b < 0x20 || matches!(b, 0x7f | 0xc2 | 0xd8 | 0xe2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odd(byte: u8) -> bool {
        byte < 0x20 || [0x7f, 0xc2, 0xd8, 0xe2].contains(&byte)
    }

    fn places(bytes: &[u8], is: impl Fn(u8) -> bool) -> Vec<u32> {
        (0..bytes.len() as u32).filter(|&i| is(bytes[i as usize])).collect()
    }

    /// Every byte at places all over a block and its rest is classed as a loop would class it.
    #[test]
    fn a_block_at_a_time_finds_what_a_byte_at_a_time_finds() {
        for separator in [b',', b';', b'\t'] {
            for length in [1, 7, 8, 63, 64, 65, 130] {
                for place in (0..length).step_by(3) {
                    for byte in (0..=255_u8).filter(|&b| b != b'"') {
                        for filler in [b'a', 0xe4, separator, 0x80, 0x21] {
                            let mut bytes = vec![filler; length];
                            bytes[place] = byte;
                            unquoted(&bytes, separator);
                        }
                    }
                }
            }
        }
    }

    fn unquoted(bytes: &[u8], separator: u8) {
        let mut index = Index::default();
        assert_eq!(index.build(bytes, separator), Quoting::Regular);
        let (mut ends, mut lines) =
            (places(bytes, |b| b == separator || b == b'\n'), places(bytes, |b| b == b'\n'));
        if bytes[bytes.len() - 1] != b'\n' {
            ends.push(bytes.len() as u32);
            lines.push(bytes.len() as u32);
        }
        assert_eq!(index.ends[1..], ends, "{bytes:?}");
        assert_eq!(index.lines, lines, "{bytes:?}");
        let marks = places(bytes, |b| odd(b) && b != separator && b != b'\n');
        assert_eq!(index.marks, marks, "{bytes:?}");
        assert_eq!(suspect(bytes), bytes.iter().any(|&b| odd(b)), "{bytes:?}");
    }

    fn indexed(text: &str) -> Option<(Vec<u32>, Vec<u32>, Vec<u32>)> {
        let mut index = Index::default();
        match index.build(text.as_bytes(), b',') {
            Quoting::Regular => Some((index.ends[1..].to_vec(), index.lines, index.marks)),
            Quoting::Irregular => None,
        }
    }

    #[test]
    fn quotes_hide_what_they_enclose() {
        assert_eq!(indexed("\"a,b\",c\n"), Some((vec![5, 7], vec![7], vec![])));
        assert_eq!(indexed("\"a\nb\",c\n"), Some((vec![5, 7], vec![7], vec![2])));
        assert_eq!(indexed("\"a\"\"b\",c"), Some((vec![6, 8], vec![8], vec![3])));
        assert_eq!(indexed("\"\",\"\"\r\n"), Some((vec![2, 6], vec![6], vec![5])));
        let far = format!("\"{}\",c\n", ",".repeat(200));
        assert_eq!(indexed(&far), Some((vec![202, 204], vec![204], vec![])));
    }

    #[test]
    fn quotes_out_of_place_are_irregular_wherever_blocks_meet() {
        for before in 0..130 {
            let field = "x".repeat(before);
            for text in ["a\"b", "\"a\"b", "\"a\" ", " \"a\"", "\"a", "\"a\"\"", "a\""] {
                assert_eq!(indexed(&format!("{field},{text},c\n")), None, "`{text}` at {before}");
            }
            for text in ["\"a\"", "\"\"", "\"\"\"\"", "\"a\"\"\"", "\"\"\"a\"", "\",\"\",\""] {
                let (ends, ..) = indexed(&format!("{field},{text},c\n")).unwrap();
                let end = before + 1 + text.len();
                assert_eq!(ends, [before as u32, end as u32, end as u32 + 2], "`{text}`");
            }
        }
    }

    #[test]
    fn whole_records_end_where_the_last_line_outside_quotes_ends() {
        let check = |text: &str, expected| {
            assert_eq!(whole_records(text.as_bytes(), b','), expected, "`{text}`");
        };
        check("a,b\nc,\"d\ne\"\nf", Some(12));
        check("a,b\nc,\"d\ne", Some(4));
        check("a,b\nc,d\"", None);
        check("\"a\nb", Some(0));
        check(&format!("{}\n{}", "a".repeat(63), "b".repeat(64)), Some(64));
        check(&format!("{}\n{}\n", "a".repeat(70), "b".repeat(56)), Some(128));
    }
}

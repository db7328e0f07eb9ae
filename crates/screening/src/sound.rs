//! How a romanised word sounds, whatever system romanised it.
//!
//! [`phonemes`] writes a word with one letter per sound: `kh`, `x` and `h` of the systems for Cyrillic and
//! Arabic come together, so do `ts`/`tz`/`c`, `y`/`i`, `w`/`v`, and doubled letters are written once. The
//! capitals `S`, `C`, `Z` are the sounds of *sh*, *ch* and *zh*. [`keys`] goes further and keeps consonants
//! only, in classes that the systems mix up; words with a key in common are candidates and no more, the
//! distance decides.

/// Sounds of a word that are looked at.
pub(crate) const SOUNDS_MAX: usize = 28;

/// Whether a sound is a vowel.
pub(crate) fn is_vowel(sound: u8) -> bool {
    matches!(sound, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// Writes the sounds of a word in lower-case ASCII letters and digits at the end of `out`.
pub(crate) fn phonemes(word: &[u8], out: &mut Vec<u8>) {
    let begin = out.len();
    let mut at = 0;
    while at < word.len() && out.len() - begin < SOUNDS_MAX {
        let (taken, sounds) = sound_at(word, at);
        for sound in sounds.bytes() {
            let last = out.last().copied().filter(|_| out.len() > begin);
            let repeated = last == Some(sound) && !sound.is_ascii_digit();
            if !repeated {
                out.push(sound);
            }
        }
        at += taken;
    }
}

/// How many letters make the next sound, and which.
fn sound_at(word: &[u8], at: usize) -> (usize, &'static str) {
    let rest = word.get(at..).unwrap_or_default();
    let next = |n: usize| rest.get(n).copied().unwrap_or(b' ');
    let long =
        [("shch", "S"), ("tsch", "C"), ("stch", "S"), ("dzh", "j"), ("sch", "S"), ("tch", "C")];
    for (letters, sounds) in long {
        if rest.starts_with(letters.as_bytes()) {
            return (letters.len(), sounds);
        }
    }
    match (next(0), next(1)) {
        (b's', b'h') => (2, "S"),
        (b'c', b'h') | (b'c', b'z') => (2, "C"),
        (b't', b'j') if next(2) != b'a' => (2, "C"),
        (b'z', b'h') => (2, "Z"),
        (b'd', b'j') => (2, "j"),
        (b'k', b'h') => (2, "h"),
        (b'g', b'h') => (2, "g"),
        (b'p', b'h') => (2, "f"),
        (b't', b'h') => (2, "t"),
        (b'd', b'h') => (2, "d"),
        (b'b', b'h') => (2, "b"),
        (b'r', b'h') => (2, "r"),
        (b't', b's' | b'z') => (2, "c"),
        (b'c', b'k') => (2, "k"),
        (b'o', b'u' | b'o') => (2, "u"),
        (b'e', b'e') => (2, "i"),
        (b'j', b'o') if next(2) == b'u' => (1, "j"),
        (b'i' | b'y', b'j' | b'y' | b'i') => (2, "i"),
        (b'c', b'e' | b'i' | b'y') => (1, "c"),
        (b'c', _) => (1, "k"),
        (b'q', _) => (1, "k"),
        (b'x', _) => (1, "ks"),
        (b'w', _) => (1, "v"),
        (b'y', _) => (1, "i"),
        (b'h', b' ') if at > 0 && rest.len() == 1 => (1, ""),
        (letter, _) => (1, single(letter)),
    }
}

fn single(letter: u8) -> &'static str {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
    LETTERS.bytes().position(|known| known == letter).map_or("", |n| &LETTERS[n..=n])
}

/// The keys of a word by its sounds: one, or several where a letter is read in several ways.
pub(crate) fn keys(word: &[u8], sounds: &[u8]) -> impl Iterator<Item = u64> + use<> {
    let has = |letter: u8| word.contains(&letter);
    let mut found = [0u64; 4];
    found[0] = key(sounds, Reading::Plain);
    if has(b'j') {
        found[1] = key(sounds, Reading::GlideJ);
    }
    if sounds.contains(&b'C') {
        found[2] = key(sounds, Reading::HardCh);
    }
    if has(b'w') || has(b'v') {
        found[3] = key(sounds, Reading::GlideW);
    }
    for n in 1..found.len() {
        if found[..n].contains(&found[n]) {
            found[n] = 0;
        }
    }
    found.into_iter().filter(|key| *key != 0)
}

/// The key of a row of sounds in the plain reading.
pub(crate) fn plain_key(sounds: &[u8]) -> u64 {
    key(sounds, Reading::Plain)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Plain,
    GlideJ,
    HardCh,
    GlideW,
}

/// Five bits for each class of consonants, twelve at most.
fn key(sounds: &[u8], reading: Reading) -> u64 {
    let mut key = 0u64;
    let mut length = 0;
    let mut last = 0;
    for (at, &sound) in sounds.iter().enumerate() {
        let class = match sound {
            b'0'..=b'9' => 16 + u64::from(sound - b'0'),
            b'j' if reading == Reading::GlideJ => 0,
            b'C' if reading == Reading::HardCh => 5,
            b'v' if reading == Reading::GlideW => 0,
            b'b' => 1,
            b'p' => 2,
            b'd' | b't' => 3,
            b'f' | b'v' => 4,
            b'g' | b'h' | b'k' => 5,
            b's' | b'z' | b'c' => 6,
            b'S' | b'C' | b'Z' | b'j' => 7,
            b'l' => 8,
            b'm' => 9,
            b'n' => 10,
            b'r' => 11,
            _ => 0,
        };
        let class = if class == 0 && at == 0 { 12 } else { class };
        if class != 0 && class != last && length < 12 {
            key = key << 5 | class;
            length += 1;
        }
        last = class;
    }
    // A key of one consonant says too little: the first vowel goes with it.
    if length < 2 {
        let vowel = sounds.iter().copied().find(|s| is_vowel(*s)).unwrap_or(b'a');
        key = key << 5
            | if matches!(vowel, b'a' | b'e') {
                30
            } else if vowel == b'i' {
                29
            } else {
                31
            };
    }
    key
}

//! Greek with its digraphs (ELOT 743 / ISO 843): `ου` is *ou*, `μπ` is *b* where a word begins, `ευ` is *ev*.

use super::{ascii, spell};

fn letter(c: char) -> Option<&'static str> {
    Some(match c {
        'α' | 'ά' => "a",
        'β' => "v",
        'γ' => "g",
        'δ' => "d",
        'ε' | 'έ' => "e",
        'ζ' => "z",
        'η' | 'ή' | 'ι' | 'ί' | 'ϊ' | 'ΐ' => "i",
        'θ' => "th",
        'κ' => "k",
        'λ' => "l",
        'μ' => "m",
        'ν' => "n",
        'ξ' => "x",
        'ο' | 'ό' | 'ω' | 'ώ' => "o",
        'π' => "p",
        'ρ' => "r",
        'σ' | 'ς' => "s",
        'τ' => "t",
        'υ' | 'ύ' | 'ϋ' | 'ΰ' => "y",
        'φ' => "f",
        'χ' => "ch",
        'ψ' => "ps",
        _ => return None,
    })
}

const DIGRAPHS: &[(&str, &str)] = &[
    ("ου", "ou"),
    ("ού", "ou"),
    ("αυ", "av"),
    ("αύ", "av"),
    ("ευ", "ev"),
    ("εύ", "ev"),
    ("γγ", "ng"),
    ("γκ", "gk"),
    ("γχ", "nch"),
    ("αι", "ai"),
    ("οι", "oi"),
    ("ει", "ei"),
];

pub(super) fn forms(word: &str) -> Vec<String> {
    let mut rest = word;
    let mut begin = true;
    let mut out = String::new();
    while let Some(first) = rest.chars().next() {
        let digraph = DIGRAPHS.iter().find(|(greek, _)| rest.starts_with(greek));
        let beginning = [("μπ", "b"), ("ντ", "d"), ("γκ", "g")];
        let opening = beginning.iter().find(|(greek, _)| begin && rest.starts_with(greek));
        let (taken, latin) = match (opening, digraph) {
            (Some((greek, latin)), _) | (None, Some((greek, latin))) => (greek.len(), *latin),
            (None, None) => {
                let mut bytes = [0; 4];
                let encoded: &str = first.encode_utf8(&mut bytes);
                out.push_str(&spell(encoded, letter));
                (first.len_utf8(), "")
            }
        };
        out.push_str(latin);
        rest = rest.get(taken..).unwrap_or_default();
        begin = false;
    }
    let plain = out.replace("ch", "h").replace("mp", "b").replace("nt", "d");
    vec![out, plain, ascii(word)]
}

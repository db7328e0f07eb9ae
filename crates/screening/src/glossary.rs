//! Words of company names in Russian, romanised, and in English: lists have the one or the other.
//!
//! Stems, because adjectives are inflected. Common knowledge of the language, kept to the trades that
//! control lists are about.

const STEMS: &[(&str, &str)] = &[
    ("zavod", "plant"),
    ("fabrik", "factory"),
    ("kombinat", "combine"),
    ("predpriyati", "enterprise"),
    ("predpriiati", "enterprise"),
    ("obedineni", "association"),
    ("obyedineni", "association"),
    ("obiedineni", "association"),
    ("korporatsi", "corporation"),
    ("kholding", "holding"),
    ("gruppa", "group"),
    ("grupp", "group"),
    ("tsentr", "center"),
    ("institut", "institute"),
    ("universitet", "university"),
    ("akademi", "academy"),
    ("byuro", "bureau"),
    ("biuro", "bureau"),
    ("konstruktorsk", "design"),
    ("nauchno", "scientific"),
    ("nauchn", "scientific"),
    ("issledovatelsk", "research"),
    ("proizvodstvenn", "production"),
    ("promyshlenn", "industrial"),
    ("eksperimentaln", "experimental"),
    ("opytn", "experimental"),
    ("tekhnologi", "technology"),
    ("tekhnich", "technical"),
    ("tekhnik", "technics"),
    ("aviatsionn", "aviation"),
    ("aviats", "aviation"),
    ("vertoletn", "helicopter"),
    ("samolet", "aircraft"),
    ("raketn", "missile"),
    ("kosmich", "space"),
    ("sudostroitel", "shipbuilding"),
    ("sudoremont", "shiprepair"),
    ("mashinostroitel", "machinebuilding"),
    ("mashinostroeni", "engineering"),
    ("priborostroitel", "instrument"),
    ("pribor", "instrument"),
    ("elektronn", "electronic"),
    ("elektron", "electronics"),
    ("elektrich", "electric"),
    ("radiotekhnich", "radio"),
    ("optich", "optical"),
    ("mekhanich", "mechanical"),
    ("khimich", "chemical"),
    ("metallurgich", "metallurgical"),
    ("energetich", "energy"),
    ("neftyan", "oil"),
    ("neftian", "oil"),
    ("gazov", "gas"),
    ("ugoln", "coal"),
    ("gorno", "mining"),
    ("stroitel", "construction"),
    ("transportn", "transport"),
    ("sudokhod", "shipping"),
    ("morsk", "marine"),
    ("torgov", "trading"),
    ("strakhov", "insurance"),
    ("investitsionn", "investment"),
    ("finansov", "financial"),
    ("gosudarstvenn", "state"),
    ("natsionaln", "national"),
    ("federaln", "federal"),
    ("ministerstv", "ministry"),
    ("upravleni", "directorate"),
    ("upravlyayushch", "managing"),
    ("sluzhb", "service"),
    ("respublik", "republic"),
    ("rossiysk", "russian"),
    ("rossijsk", "russian"),
    ("rossiisk", "russian"),
    ("voenn", "military"),
    ("voyenn", "military"),
    ("oboron", "defense"),
    ("oruzhein", "arms"),
    ("oruzheyn", "arms"),
    ("patronn", "cartridge"),
    ("avtomobiln", "automobile"),
    ("traktorn", "tractor"),
    ("sistem", "systems"),
    ("kompleks", "complex"),
    ("laboratori", "laboratory"),
    ("obshchestvenn", "public"),
    ("mezhdunarodn", "international"),
    ("telekanal", "channel"),
    ("sputnikov", "satellite"),
    ("informatsionn", "information"),
    ("svyaz", "communications"),
    ("tochn", "precision"),
    ("spetsialn", "special"),
    ("tulsk", "tula"),
    ("kazansk", "kazan"),
    ("uralsk", "ural"),
    ("moskovsk", "moscow"),
    ("sibirsk", "siberian"),
    ("belorussk", "belarusian"),
    ("imeni", "named"),
];

/// The English of a romanised Russian word, nothing where it is not in the table.
pub(crate) fn english(word: &str) -> Option<&'static str> {
    if word.len() < 5 || !word.is_ascii() {
        return None;
    }
    // An ending of five letters at most: beyond that it is another word.
    let fits = |(stem, _): &&(&str, &str)| word.starts_with(stem) && word.len() <= stem.len() + 5;
    STEMS.iter().filter(fits).max_by_key(|(stem, _)| stem.len()).map(|(_, english)| *english)
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_inflected_word_has_its_english() {
        let check = |word: &str, expected: Option<&str>| {
            assert_eq!(super::english(word), expected, "{word}")
        };
        check("aviatsionnyy", Some("aviation"));
        check("zavod", Some("plant"));
        check("gazprombank", None);
    }
}

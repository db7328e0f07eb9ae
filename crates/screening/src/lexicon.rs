//! Words that names share whoever bears them: particles, Roman numerals, and given names that peoples who
//! were neighbours write each in their own way. Common knowledge of names, kept short.

/// Articles, prepositions and words of kinship that add little to a name, romanised.
const PARTICLES: &[&str] = &[
    "al", "el", "ul", "il", "as", "ash", "ad", "ed", "ud", "an", "ar", "ur", "at", "az", "e", "ye",
    "bin", "ben", "ibn", "bn", "bint", "ould", "wuld", "de", "del", "della", "di", "da", "do",
    "dos", "das", "du", "des", "la", "le", "les", "lo", "los", "las", "y", "et", "und", "and",
    "the", "of", "for", "in", "on", "im", "von", "van", "der", "den", "zu", "ter", "i", "na", "za",
    "po", "u", "v", "s", "o", "a", "by", "wa", "fi", "li", "bi", "ve", "og", "och", "ja", "per",
    "pour", "para", "su", "no", "nr", "mr", "mrs", "ms", "dr", "sir", "to", "under", "tou", "tis",
    "ton", "kai", "och", "für", "fur",
];

/// Whether a romanised word is a particle.
pub(crate) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

/// The value of a Roman numeral of two letters or more, to 39.
pub(crate) fn roman(word: &str) -> Option<u32> {
    if word.len() < 2 || word.len() > 7 {
        return None;
    }
    let digit = |letter: u8| match letter {
        b'i' => Some(1),
        b'v' => Some(5),
        b'x' => Some(10),
        _ => None,
    };
    let digits: Option<Vec<u32>> = word.bytes().map(digit).collect();
    let digits = digits?;
    let value = digits.iter().enumerate().fold(0i64, |sum, (n, value)| {
        let subtracts = digits.get(n + 1).is_some_and(|next| next > value);
        sum + if subtracts { -i64::from(*value) } else { i64::from(*value) }
    });
    u32::try_from(value).ok().filter(|v| *v > 0 && *v < 40 && written(*v) == word)
}

fn written(mut value: u32) -> String {
    let mut out = String::new();
    for (worth, letters) in [(10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")] {
        while value >= worth {
            out.push_str(letters);
            value -= worth;
        }
    }
    out
}

/// Given names of one origin; the first stands for all.
const COGNATES: &[&[&str]] = &[
    &[
        "aleksandr",
        "alexander",
        "alexandr",
        "aleksander",
        "oleksandr",
        "aliaksandr",
        "alyaksandr",
        "aljaksandr",
        "alexandre",
        "alejandro",
        "alessandro",
        "sandr",
    ],
    &["aleksandra", "alexandra", "oleksandra", "aliaksandra"],
    &[
        "aleksey", "alexei", "alexey", "alexej", "oleksiy", "oleksii", "oleksij", "aliaksei",
        "aliaksey", "alyaksey", "alexis",
    ],
    &["andrey", "andrei", "andrej", "andriy", "andrii", "andrew", "andreas", "andrzej"],
    &["anton", "antony", "antonio", "antoine"],
    &["daniil", "daniel", "danylo", "danila"],
    &[
        "dmitriy", "dmitry", "dmitri", "dmitrij", "dmytro", "dzmitry", "dzmitriy", "dimitri",
        "dimitrij",
    ],
    &[
        "ekaterina",
        "yekaterina",
        "jekaterina",
        "kateryna",
        "katsiaryna",
        "katerina",
        "catherine",
        "katharina",
    ],
    &["elena", "yelena", "jelena", "olena", "alena", "helena", "helen"],
    &[
        "evgeniy", "yevgeny", "evgeny", "evgenij", "jevgenij", "yevgeni", "yevhen", "yevhenii",
        "yauhen", "jauhen", "eugene", "evgeni", "yevgeniy", "jevhen",
    ],
    &["galina", "halyna", "halina"],
    &["gennadiy", "gennady", "hennadiy", "hennadii", "henadz", "genadz", "gennadij"],
    &[
        "georgiy", "georgy", "heorhiy", "heorhii", "george", "georgios", "jorge", "heorhij",
        "giorgi",
    ],
    &["yuriy", "yury", "yuri", "jurij", "iurii", "juri", "yurii", "iouri"],
    &["grigoriy", "grigory", "hryhoriy", "hryhorii", "ryhor", "gregory", "hryhorij"],
    &["igor", "ihor", "ihar"],
    &["ilya", "illia", "illya", "ilja", "elijah", "elias"],
    &["ivan", "john", "johann", "ioann", "jan", "juan", "giovanni", "jean"],
    &["irina", "iryna", "irene", "yryna"],
    &["konstantin", "kostiantyn", "kanstantsin", "constantin", "konstantyn", "kastantsin"],
    &["kseniya", "ksenia", "xenia", "xeniya", "oksana", "ksenija"],
    &["leonid", "leanid"],
    &[
        "mikhail", "mihail", "michail", "mykhailo", "mykhaylo", "mikhas", "michael", "miguel",
        "michel", "mykhajlo",
    ],
    &["maksim", "maxim", "maksym", "maxime"],
    &["natalya", "natalia", "nataliya", "nataliia", "natallia", "natalja", "natalie"],
    &[
        "nikolay", "nikolai", "nikolaj", "mykola", "mikalai", "mikalay", "nicholas", "nicolas",
        "nikolas", "mikola",
    ],
    &["oleg", "oleh", "aleh"],
    &["pavel", "pavlo", "paval", "paul", "pablo"],
    &["petr", "pyotr", "petro", "piotr", "pjotr", "peter", "pedro", "pierre", "piatro"],
    &["roman", "raman"],
    &[
        "sergey", "sergei", "sergej", "serhiy", "serhii", "siarhei", "syarhey", "siarhej", "serge",
        "sergio", "serhij",
    ],
    &["stepan", "stephen", "stefan", "stsiapan", "steven", "esteban", "etienne"],
    &["svetlana", "svitlana", "sviatlana", "svyatlana"],
    &["tatyana", "tatiana", "tetiana", "tetyana", "tatsiana", "tatjana", "tetjana"],
    &["valeriy", "valery", "valerii", "valeri", "valerij"],
    &["viktor", "victor", "viktar"],
    &["viktoriya", "viktoria", "victoria", "viktoriia", "viktorija"],
    &["vitaliy", "vitaly", "vitalii", "vital", "vitali", "vitalij"],
    &["vladimir", "volodymyr", "uladzimir", "wladimir", "vladimer", "volodimir", "wolodymyr"],
    &["vladislav", "vladyslav", "uladzislau", "wladyslaw", "uladzislav"],
    &["vasiliy", "vasily", "vasyl", "vasil", "vasilij", "basil", "wassily"],
    &["vyacheslav", "viacheslav", "viachaslau", "vjatjeslav", "vjaceslav", "vyachaslau"],
    &["yakov", "jakov", "yakiv", "jacob", "iakov"],
    &["yuliya", "julia", "yulia", "iuliia", "julija", "yuliia"],
    &[
        "muhammad",
        "mohammad",
        "mohamed",
        "mohammed",
        "muhammed",
        "mohamad",
        "mehmet",
        "mahomed",
        "magomed",
        "mamadou",
        "muhamad",
        "mohd",
        "mukhammad",
    ],
    &[
        "yusuf", "yousef", "youssef", "joseph", "yusef", "yousuf", "josef", "jose", "iosif",
        "usuf", "yosef",
    ],
    &["ibrahim", "abraham", "ebrahim", "brahim"],
    &["isa", "issa", "eisa", "essa", "jesus"],
    &["musa", "moussa", "mousa", "moses", "moise"],
    &["sulayman", "suleiman", "soleiman", "suleyman", "solomon", "salman"],
    &["dawud", "daoud", "davud", "david", "dawood", "davood", "daud"],
    &["ishaq", "ishak", "isaac", "eshagh", "izhak", "yitzhak"],
    &["yaqub", "yacoub", "yaghoub", "yakub", "yaqoob"],
    &["yahya", "yehia", "yahia", "yehya"],
    &["husayn", "hussein", "hossein", "husain", "hussain", "hosein", "huseyin", "hussien"],
    &["said", "saeed", "saed", "saiid", "sayed"],
    &["sayyid", "seyed", "seyyed", "syed", "sayed", "sayid", "seyid", "saied"],
    &["shaykh", "sheikh", "shaikh", "cheikh", "sheik", "shekh"],
    &["abd", "abdul", "abdel", "abdal", "abdol", "abdu", "abdur", "abdoul", "abed"],
];

/// The word that stands for a given name and those of its origin, also within a patronymic.
pub(crate) fn cognate(word: &str) -> Option<String> {
    let stands_for = |name: &str| {
        let row = COGNATES.iter().find(|row| row.contains(&name));
        row.and_then(|row| row.first().copied())
    };
    if let Some(first) = stands_for(word) {
        return Some(first.to_owned());
    }
    let endings = [
        ("ovich", "ovich"),
        ("ovych", "ovich"),
        ("ovitj", "ovich"),
        ("ovytj", "ovich"),
        ("avich", "ovich"),
        ("avitj", "ovich"),
        ("evich", "ovich"),
        ("evych", "ovich"),
        ("yevich", "ovich"),
        ("ievich", "ovich"),
        ("iiovych", "ovich"),
        ("iyovych", "ovich"),
        ("ovna", "ovna"),
        ("ivna", "ovna"),
        ("auna", "ovna"),
        ("evna", "ovna"),
        ("yevna", "ovna"),
        ("ievna", "ovna"),
        ("iivna", "ovna"),
    ];
    endings.iter().find_map(|(ending, written)| {
        let stem = word.strip_suffix(ending)?;
        let ends = ["", "y", "i", "iy", "ii"];
        ends.iter()
            .find_map(|end| stands_for(&format!("{stem}{end}")))
            .map(|n| format!("{n}{written}"))
    })
}

/// Words before the name that it is given in, as `Abd` in `Abdulrahman`, and how many letters they take.
pub(crate) fn servant(word: &str) -> Option<usize> {
    let openings = [
        "abdul", "abdel", "abdal", "abdol", "abdur", "abdus", "abdoul", "abduel", "abdar", "abder",
    ];
    let taken = openings.iter().find(|o| word.starts_with(*o)).map(|o| o.len())?;
    let rest = word.len() - taken;
    let whole = matches!(
        word,
        "abdullah"
            | "abdallah"
            | "abdulla"
            | "abdalla"
            | "abdellah"
            | "abdollah"
            | "abdoullah"
            | "abdolah"
    );
    (rest >= 4 && !whole).then_some(taken)
}

/// How many letters an article takes that is written together with its word and sounds like its first
/// letter, as in `Essabar`, `Annahda`.
pub(crate) fn assimilated(word: &str) -> Option<usize> {
    let letters = word.as_bytes();
    let (first, second, third) = (letters.first()?, letters.get(1)?, letters.get(2)?);
    let article = matches!(first, b'a' | b'e') && second == third && b"snrtdz".contains(second);
    (article && word.is_ascii() && word.len() >= 6).then_some(2)
}

/// Whether a romanised word is a Slavic patronymic.
pub(crate) fn is_patronymic(word: &[u8]) -> bool {
    let endings: [&[u8]; 14] = [
        b"ovich", b"evich", b"ovych", b"evych", b"avich", b"ovitj", b"evitj", b"ovic", b"evic",
        b"ovna", b"evna", b"ivna", b"auna", b"ichna",
    ];
    word.len() >= 7 && endings.iter().any(|ending| word.ends_with(ending))
}

/// How many letters before a closing `-uddin` (of the faith) stand for a name of their own.
pub(crate) fn of_the_faith(word: &str) -> Option<usize> {
    let closings =
        ["uddine", "eddine", "uddin", "eddin", "addin", "aldin", "oddin", "udin", "edin"];
    let closing = closings.iter().find(|c| word.ends_with(*c))?;
    let rest = word.len() - closing.len();
    (rest >= 3).then_some(rest)
}

/// Words that are common in names the world over: they weigh little also where a short list has them once.
const COMMON: &[&str] = &[
    "bank",
    "trading",
    "trade",
    "group",
    "international",
    "shipping",
    "technology",
    "technologies",
    "tech",
    "industries",
    "industry",
    "industrial",
    "general",
    "national",
    "state",
    "center",
    "centre",
    "institute",
    "research",
    "development",
    "engineering",
    "services",
    "service",
    "holding",
    "holdings",
    "investment",
    "investments",
    "management",
    "marine",
    "maritime",
    "oil",
    "gas",
    "petroleum",
    "energy",
    "electronics",
    "electronic",
    "systems",
    "system",
    "global",
    "world",
    "united",
    "company",
    "enterprise",
    "enterprises",
    "export",
    "import",
    "commercial",
    "construction",
    "university",
    "ministry",
    "organization",
    "association",
    "foundation",
    "factory",
    "plant",
    "zavod",
    "materials",
    "metals",
    "rare",
    "earth",
    "magnetics",
    "magnet",
    "chemical",
    "chemicals",
    "transport",
    "logistics",
    "aviation",
    "airlines",
    "air",
    "new",
    "star",
    "sea",
    "china",
    "iran",
    "russian",
    "russia",
    "korea",
    "syria",
    "muhammad",
    "mohammad",
    "mohamed",
    "mohammed",
    "ahmad",
    "ahmed",
    "ali",
    "hasan",
    "hassan",
    "husayn",
    "hussein",
    "hossein",
    "abd",
    "abu",
    "ibrahim",
    "yusuf",
    "aleksandr",
    "alexander",
    "vladimir",
    "sergey",
    "sergei",
    "ivan",
    "dmitry",
    "andrey",
    "igor",
    "mikhail",
    "nikolay",
    "kim",
    "lee",
    "wang",
    "li",
    "zhang",
    "chen",
    "liu",
    "jose",
    "maria",
    "juan",
    "carlos",
    "luis",
    "john",
    "michael",
    "david",
    "peter",
    "garcia",
    "smith",
];

/// The most that such a word weighs.
pub(crate) const COMMON_WEIGHT: f32 = 4.5;

/// Whether a word is common the world over.
pub(crate) fn is_common(word: &[u8]) -> bool {
    COMMON.iter().any(|known| known.as_bytes() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roman_numerals_are_read_as_they_are_written() {
        let check = |word: &str, value: Option<u32>| assert_eq!(roman(word), value, "{word}");
        check("ii", Some(2));
        check("xiv", Some(14));
        check("iiii", None);
        check("vi", Some(6));
        check("i", None);
    }

    #[test]
    fn neighbours_share_given_names_and_patronymics() {
        let check = |a: &str, b: &str| assert_eq!(cognate(a), cognate(b), "{a} {b}");
        check("oleksandr", "alexander");
        check("oleksandrivna", "aleksandrovna");
        check("mohammed", "muhammad");
    }
}

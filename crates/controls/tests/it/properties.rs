//! The answer does not depend on how the same composition is written down.

use base::time::date_parse;
use controls::{AsOf, Classifier, Good};
use proptest::prelude::*;

use crate::packs::carried;

const NAMES: [&str; 6] = [
    "NdFeB magnet",
    "mixed rare earth carbonate",
    "rare earth oxide",
    "sintered magnet N42",
    "DyFe alloy",
    "phosphor",
];
/// Element, oxide, and oxide per element as printed, rounded so that the element is not below its assay.
const PARTS: [(&str, &str); 6] = [
    ("Nd", "Nd2O3"),
    ("Dy", "Dy2O3"),
    ("Tb", "Tb4O7"),
    ("Ho", "Ho2O3"),
    ("Gd", "Gd2O3"),
    ("La", "La2O3"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn order_and_notation_do_not_change_the_answer(
        name in 0..NAMES.len(),
        values in proptest::collection::vec((0..PARTS.len(), 0_u32..15), 1..6),
        rotate in 0_usize..6,
        oxides in any::<u8>(),
    ) {
        let pack = carried("cn");
        let classifier = Classifier::new(&pack, AsOf::on(date_parse("2025-10-15").unwrap()));
        let mut parts: Vec<(usize, u32)> = values;
        parts.sort_unstable();
        parts.dedup_by_key(|p| p.0);
        let text = |parts: &[(usize, u32)], oxides: u8| {
            let part = |(at, value): &(usize, u32)| {
                let (element, oxide) = PARTS[*at];
                let name = if oxides >> at & 1 == 1 { oxide } else { element };
                format!("\"{name}\":\"{value}\"")
            };
            parts.iter().map(part).collect::<Vec<_>>().join(",")
        };
        let answer = |composition: String| {
            let line = format!("{{\"id\":\"p\",\"name\":\"{}\",\"composition\":{{{composition}}}}}", NAMES[name]);
            let answer = classifier.classify(&Good::parse(line.as_bytes()).unwrap());
            (answer.answer, answer.items.iter().map(|i| i.citation.clone()).collect::<Vec<_>>(), answer.refer.iter().map(|s| s.code).collect::<Vec<_>>())
        };
        let plain = answer(text(&parts, 0));
        let mut turned = parts.clone();
        let turn = rotate % turned.len();
        turned.rotate_left(turn);
        prop_assert_eq!(&plain, &answer(text(&turned, 0)));
        // Whole percents: an oxide of so many percent holds its element well above any limit too.
        prop_assert_eq!(plain, answer(text(&turned, oxides)));
    }
}

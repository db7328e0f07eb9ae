//! The fixtures of the party lists, all of them invented, for the tests and for the fuzzing.

/// A list: its name, its text, and the files beside it.
pub(crate) struct Fixture {
    pub(crate) name: &'static str,
    pub(crate) text: &'static [u8],
    pub(crate) names: Option<&'static [u8]>,
    pub(crate) addresses: Option<&'static [u8]>,
}

macro_rules! fixture {
    ($name:literal) => {
        Fixture {
            name: $name,
            text: include_bytes!(concat!("../fixtures/party_lists/", $name)),
            names: None,
            addresses: None,
        }
    };
}

pub(crate) const FIXTURES: [Fixture; 14] = [
    fixture!("targets.simple.csv"),
    fixture!("entities.ftm.json"),
    Fixture {
        name: "sdn.csv",
        text: include_bytes!("../fixtures/party_lists/sdn.csv"),
        names: Some(include_bytes!("../fixtures/party_lists/alt.csv")),
        addresses: Some(include_bytes!("../fixtures/party_lists/add.csv")),
    },
    fixture!("sdn.xml"),
    fixture!("csl.csv"),
    fixture!("csl.json"),
    fixture!("un.xml"),
    fixture!("eu.csv"),
    fixture!("eu10.csv"),
    fixture!("eu.xml"),
    fixture!("uk.csv"),
    fixture!("uk_sanctions.csv"),
    fixture!("plain.csv"),
    fixture!("list.jsonl"),
];

//! `gadolin bench licences`: licences of a fictional holder in a data directory, and a token of customs, for
//! measurements and trials that draw them down.

use anyhow::Context;
use app::border::Border;
use app::people::{By, NewPerson, PersonKind, Scope};
use app::{Mode, hex, licence};
use base::Date;
use base::authorisation::Role;
use licensing::licence::{
    Allowance, Licence, LicenceId, LicensedGood, Line, PartyNamed, Scope as Users, Terms,
    TestedEvent, Uses,
};
use licensing::quantity::{Quantity, Unit};
use serde::Serialize;

use crate::commands::user::{moment, people};
use crate::commands::{End, Shared, open};
use crate::output::json;
use crate::resources::{now, random};

/// The holder.
const HOLDER: &str = "gad:bench-holder";
/// The border post, and the key of its account.
const POST: &str = "bench";

#[derive(Debug, clap::Args)]
pub(crate) struct Licences {
    /// How many
    #[arg(long, default_value_t = 1)]
    count: u32,
    /// Kilograms of each
    #[arg(long, default_value_t = 1_000_000_000)]
    kg: i64,
}

#[derive(Serialize)]
struct Issued {
    post: &'static str,
    token: String,
    licences: Vec<Numbered>,
}

#[derive(Serialize)]
struct Numbered {
    number: String,
    code: String,
}

impl Licences {
    pub(crate) fn run(self, shared: &Shared) -> anyhow::Result<End> {
        let platform = open(&shared.data, Mode::Write)?;
        let border = Border::new(&platform, now);
        let batch = hex(&random::<4>()?);
        let mut issued = Vec::new();
        for number in 1..=self.count {
            issued.push(one(&format!("BENCH-{batch}-{number}"), random()?, self.kg)?);
        }
        let key = random()?;
        platform.licences_change(|change| {
            licence::holder_register(change, HOLDER, key, now())?;
            issued.iter().try_for_each(|one| licence::issue(change, one, now(), ""))
        })?;
        let people = people(shared)?;
        let account = format!("{POST}-{batch}");
        let customs = NewPerson {
            account: &account,
            kind: PersonKind::Machine,
            name: &account,
            local_name: "",
            email: "",
            role: Role::Customs,
            party: "",
            desk: POST,
        };
        people.person_invite(By::COMMAND_LINE, &customs, &moment()?)?;
        let scope = Scope::ReadAndFile;
        let token =
            people.token_make(By::COMMAND_LINE, &account, "bench", scope, 30, &moment()?)?;
        let numbered =
            |one: Licence| Numbered { code: border.check_code(&one.number), number: one.number };
        json(&Issued { post: POST, token, licences: issued.into_iter().map(numbered).collect() })?;
        Ok(End::Done)
    }
}

fn one(number: &str, random: [u8; 32], kg: i64) -> anyhow::Result<Licence> {
    let party = |name: &str| PartyNamed { name: name.to_owned(), ..PartyNamed::default() };
    let day = |text: &str| text.parse::<Date>().context("a day");
    let mut id = [0; 16];
    id.copy_from_slice(random.get(..16).context("chance")?);
    Ok(Licence {
        id: LicenceId(id),
        number: number.to_owned(),
        pack: "demo/0".to_owned(),
        holder: HOLDER.to_owned(),
        case: String::new(),
        kind: "general".to_owned(),
        scope: Users::Lines,
        terms: Terms {
            uses: Uses::Many,
            tested: TestedEvent::Departure,
            max_exports: None,
            reservation_seconds: 86_400,
            unit_mass_tolerance_ppm: 100_000,
            zone: "UTC".to_owned(),
        },
        lines: vec![Line {
            number: 1,
            cell: String::new(),
            good: LicensedGood {
                key: "G1".to_owned(),
                name: "sintered magnets".to_owned(),
                control_codes: vec!["1C001".to_owned()],
                hs: "850511".to_owned(),
            },
            consignee: party("Bench Consignee"),
            end_user: party("Bench User"),
            end_use: "traction_motor".to_owned(),
            destination: sim::authority::DESTINATION_COMMON.to_owned(),
            allowances: vec![Allowance {
                quantity: Quantity { unit: Unit::NetMass, amount: kg.saturating_mul(1_000_000) },
                tolerance_ppm: 0,
            }],
            conditions: vec![],
            unit_mass_mg: None,
            continues: None,
        }],
        valid_from: day("2020-01-01")?,
        valid_to: day("2099-12-31")?,
        supersedes: None,
        taken_over: Vec::new(),
    })
}

//! The machine interface of the border, from the side of customs: what it is told, and what becomes of that.

use licensing::licence::{
    Allowance, Licence, LicenceId, LicensedGood, Line, PartyNamed, Scope, Terms, TestedEvent, Uses,
};
use licensing::quantity::{Quantity, QuantityError, Unit};
use serde_json::{Value, json};
use sim::customs::{Customs, Sent};

use crate::world::{LICENCE, POST, World, moment};

/// A licence of two lines, valid for long.
pub(crate) fn a_licence(number: &str, holder: &str) -> Licence {
    let party = |name: &str| PartyNamed { name: name.to_owned(), ..PartyNamed::default() };
    let allowance = |unit: Unit, amount: i64| Allowance {
        quantity: Quantity { unit, amount },
        tolerance_ppm: 0,
    };
    let line = |number: u32, user: &str, allowances: Vec<Allowance>| Line {
        number,
        cell: String::new(),
        good: LicensedGood {
            key: "G1".to_owned(),
            name: "magnets".to_owned(),
            control_codes: Vec::new(),
            hs: "850511".to_owned(),
        },
        consignee: party("Magnet Import"),
        end_user: party(user),
        end_use: "ev_traction_motor".to_owned(),
        destination: "DE".to_owned(),
        allowances,
        conditions: Vec::new(),
        unit_mass_mg: None,
        continues: None,
    };
    Licence {
        id: LicenceId([9; 16]),
        number: number.to_owned(),
        pack: "demo/0".to_owned(),
        holder: holder.to_owned(),
        case: String::new(),
        kind: "general".to_owned(),
        scope: Scope::Lines,
        terms: Terms {
            uses: Uses::Many,
            tested: TestedEvent::Departure,
            max_exports: None,
            reservation_seconds: 86_400,
            unit_mass_tolerance_ppm: 0,
            zone: "UTC".to_owned(),
        },
        lines: vec![
            line(
                1,
                "Motor E",
                vec![allowance(Unit::NetMass, 100_000_000), allowance(Unit::Pieces, 1_000)],
            ),
            line(2, "Motor F", vec![allowance(Unit::NetMass, 50_000_000)]),
        ],
        valid_from: "2020-01-01".parse().unwrap(),
        valid_to: "2099-12-31".parse().unwrap(),
        supersedes: None,
        taken_over: Vec::new(),
    }
}

/// A use of line 2: kilograms.
fn message(id: &str, declaration: &str, kg: &str) -> Value {
    let at = moment().now.to_string();
    json!({
        "post": POST, "id": id, "sent_at": at, "deed": "commit", "licence": LICENCE, "line": 2,
        "declaration": declaration, "declaration_line": 1, "good": "G1", "hs": "8505119000",
        "consignee": { "name": "Magnet Import" }, "end_user": { "name": "MOTOR-F" },
        "end_use": "ev_traction_motor", "destination": "DE", "departed_at": at,
        "quantities": [{ "unit": "net_mass", "amount": kg, "written": "kg" }],
    })
}

/// Outcome and codes of the reasons, message by message.
fn outcomes(answer: &Value) -> Vec<String> {
    let one = |answer: &Value| {
        let reasons = answer["reasons"].as_array().unwrap();
        let codes: Vec<&str> = reasons.iter().map(|r| r["code"].as_str().unwrap()).collect();
        format!("{} {}", answer["outcome"].as_str().unwrap(), codes.join(","))
    };
    answer["answers"].as_array().unwrap().iter().map(one).collect()
}

const MESSAGES: &str = "/api/v1/border/messages";

#[tokio::test]
async fn one_bad_message_never_blocks_the_rest_and_each_has_its_reasons() {
    let world = World::new();
    world.licence();
    let customs = world.customs();
    let mut other_post = message("4", "D4", "1");
    other_post["post"] = json!("airport");
    let mut other_cell = message("5", "D5", "1");
    (other_cell["end_user"]["name"], other_cell["destination"]) = (json!("Motor X"), json!("FR"));
    let body = json!([
        message("1", "D1", "20"),
        null,
        message("2", "D2", "1.000,5"),
        message("3", "D3", "31"),
        other_post,
        other_cell,
        { "id": "6" },
        message("7", "D7", "30"),
    ]);
    let answer = world.tell(&customs, MESSAGES, &body).await;
    assert_eq!(answer.status, 207, "{}", answer.body);
    let found = outcomes(&answer.json());
    assert_eq!(found[..2], ["accepted ", "rejected message_form"]);
    assert!(found[2].starts_with("rejected "), "{}", found[2]);
    assert_eq!(found[3], "refused beyond_quantity");
    assert_eq!(found[4], "rejected post_other");
    assert_eq!(found[5], "refused end_user_differs,destination_differs");
    assert!(found[6].starts_with("rejected deed_unknown,key_missing"), "{}", found[6]);
    assert_eq!(found[7], "accepted ");
    // Sent again, whole: the same answers, and no effect.
    let again = world.tell(&customs, MESSAGES, &body).await;
    assert_eq!(again.body, answer.body);
    let licence = world.get(&customs, &format!("/api/v1/border/licences/{LICENCE}")).await.json();
    assert_eq!(licence["lines"][1]["units"][0]["drawn"], "50");
    assert_eq!(licence["lines"][1]["units"][0]["left"], "0");
}

#[tokio::test]
async fn a_licence_is_active_at_the_border_when_customs_has_acknowledged_it() {
    let world = World::new();
    world.licence();
    let customs = world.customs();
    let path = format!("/api/v1/border/licences/{LICENCE}");
    let active = || async {
        let licence = world.get(&customs, &path).await.json();
        (licence["active_at_border"].clone(), licence["changes_open"].clone())
    };
    assert_eq!(active().await, (json!(false), json!(1)));
    let changes = world.get(&customs, "/api/v1/border/changes").await.json();
    let first = &changes["changes"][0];
    assert_eq!((&first["change"], &first["licence"]), (&json!("issued"), &json!(LICENCE)));
    assert_eq!(first["body"]["addresses"][0]["lines"], json!(["Magnet Import"]));
    let path = "/api/v1/border/acknowledgements";
    let unknown = world.tell(&customs, path, &json!({ "seq": [77] })).await;
    assert_eq!(unknown.status, 422);
    for _ in 0..2 {
        let known = world.tell(&customs, path, &json!({ "seq": [first["seq"]] })).await;
        assert_eq!(known.status, 204);
    }
    assert_eq!(active().await, (json!(true), json!(0)));
    let none =
        world.get(&customs, &format!("/api/v1/border/changes?after={}", changes["after"])).await;
    assert_eq!(none.json()["changes"], json!([]));
}

#[tokio::test]
async fn what_is_allotted_to_a_post_is_taken_until_it_has_reported() {
    let world = World::new();
    world.licence();
    let customs = world.customs();
    let allot = |state: &'static str| {
        let (world, customs) = (&world, &customs);
        async move {
            let body = json!({
                "licence": LICENCE, "line": 2, "id": "A1", "post": POST, "state": state,
                "quantities": [{ "unit": "net_mass", "amount": "40", "written": "kg" }],
            });
            world.tell(customs, "/api/v1/border/allotments", &body).await
        }
    };
    assert_eq!(allot("open").await.status, 200);
    let told = |body: Value| {
        let (world, customs) = (&world, &customs);
        async move { outcomes(&world.tell(customs, MESSAGES, &body).await.json()).remove(0) }
    };
    assert_eq!(told(message("1", "D1", "11")).await, "refused beyond_quantity");
    let mut offline = message("2", "D2", "15");
    offline["allotment"] = json!("A1");
    assert_eq!(told(offline).await, "accepted ");
    assert_eq!(allot("reconciled").await.status, 200);
    assert_eq!(told(message("3", "D3", "35")).await, "accepted ", "25 kg are free again");
}

#[tokio::test]
async fn the_border_is_for_customs_and_a_post_sees_what_it_needs() {
    let world = World::new();
    world.licence();
    let customs = world.customs();
    for who in ["magnet-maker", "officer", "operator", ""] {
        let answer = world.tell(who, MESSAGES, &message("1", "D1", "1")).await;
        assert!([401, 404].contains(&answer.status.as_u16()), "{who}: {}", answer.status);
        let answer = world.get(who, "/api/v1/border/changes").await;
        assert!([401, 404].contains(&answer.status.as_u16()), "{who}: {}", answer.status);
    }
    let path = format!("/api/v1/border/licences/{LICENCE}");
    assert_eq!(world.get("separator", &path).await.status, 404, "not its own");
    assert_eq!(world.get("magnet-maker", &path).await.status, 200);
    assert_eq!(world.get(&customs, "/api/v1/parties/gad:mag-d").await.status, 404);
    // What customs did stands in the audit, for the holder too.
    world.tell(&customs, MESSAGES, &message("1", "D1", "1")).await;
    let activity = world.get("magnet-maker", "/api/v1/activity").await;
    assert!(activity.body.contains("licence_drawn_down"), "{}", activity.body);
}

/// Sends a request of the simulator.
async fn send(world: &World, token: &str, customs: &mut Customs, sent: &[Sent]) {
    let body = Value::Array(sent.iter().map(|one| one.body.clone()).collect());
    let said = world.tell(token, MESSAGES, &body).await.json();
    customs.told(sent, said["answers"].as_array().unwrap());
}

#[tokio::test]
async fn over_a_bad_line_nothing_is_lost_and_nothing_counts_twice() {
    for seed in 1..=5 {
        let world = World::new();
        let licence = world.licence();
        let token = world.customs();
        let mut customs = Customs::new(seed, POST);
        customs.learn(&licence);
        for _ in 0..12 {
            let sent = customs.request(moment().now);
            send(&world, &token, &mut customs, &sent).await;
        }
        loop {
            let rest = customs.rest();
            if rest.is_empty() {
                break;
            }
            send(&world, &token, &mut customs, &rest).await;
        }
        let path = format!("/api/v1/border/licences/{LICENCE}");
        let told = world.get(&token, &path).await.json();
        for line in told["lines"].as_array().unwrap() {
            let drawn: Vec<Quantity> =
                line["units"].as_array().unwrap().iter().map(drawn).collect();
            customs.compare(LICENCE, line["line"].as_u64().unwrap() as u32, &drawn);
        }
        assert_eq!(customs.wrong(), Vec::<String>::new(), "seed {seed}");
        let tally = customs.tally();
        let happened =
            [tally.accepted, tally.refused, tally.rejected, tally.again, tally.late, tally.poison];
        assert!(happened.iter().all(|count| *count > 0), "seed {seed}: {tally:?}");
        assert_eq!(app::platform::fsck(world.dir()).unwrap(), Vec::<String>::new());
    }
}

fn drawn(unit: &Value) -> Quantity {
    let code = Unit::parse(unit["unit"].as_str().unwrap()).unwrap();
    match Quantity::read(&code, unit["drawn"].as_str().unwrap(), "") {
        Ok(quantity) => quantity,
        Err(QuantityError::Zero) => Quantity { unit: code, amount: 0 },
        Err(error) => panic!("{error}"),
    }
}

//! Licences on pages: what customs does with one on a phone, what its holder sees, what everybody may know.

use app::licence::{LicenceChange, LicensingChange};
use base::Timestamp;
use licensing::licence::Change;

use crate::world::{Answer, LICENCE, Visitor, World, moment};

/// The value of a hidden field of the form.
fn hidden(page: &Answer, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.body.split_once(&mark).unwrap_or_else(|| panic!("no `{name}`"));
    rest.split('"').next().unwrap().to_owned()
}

/// Books kilograms on line 2 with the form of a page.
async fn book(customs: &Visitor<'_>, page: &Answer, deed: &str, number: &str, kg: &str) -> Answer {
    let (message, shown) = (hidden(page, "message"), hidden(page, "shown"));
    let when = hidden_when(page);
    let fields = [
        ("line", "2"),
        ("message", message.as_str()),
        ("shown", shown.as_str()),
        ("deed", deed),
        ("declaration", number),
        ("declaration_line", "1"),
        ("amount-0", kg),
        ("when", when.as_str()),
    ];
    customs.post(&format!("/border/licences/{LICENCE}"), &fields).await
}

/// The instant that the form proposes.
fn hidden_when(page: &Answer) -> String {
    let (_, rest) = page.body.split_once("id=\"when\"").unwrap();
    let (_, rest) = rest.split_once("value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn form(customs: &Visitor<'_>) -> Answer {
    let page = customs.get(&format!("/border/licences/{LICENCE}?line=2")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

/// What is left of line 2, as the machine interface tells it.
async fn left(world: &World) -> String {
    let path = format!("/api/v1/border/licences/{LICENCE}");
    let licence = world.get("officer", &path).await.json();
    licence["lines"][1]["units"][0]["left"].as_str().unwrap().to_owned()
}

fn change(world: &World, change: Change) {
    let now = moment().now;
    // The border's writer is a thread of its own, whose clock is behind that of the test.
    let effective = Timestamp::from_us(now.us() - 60_000_000);
    let asked = LicenceChange { number: LICENCE, change, effective, account: "officer" };
    let run = |to: &LicensingChange<'_>| app::licence::change(to, &asked, effective).map(|_| ());
    world.platform().licences_change(run).unwrap();
}

#[tokio::test]
async fn customs_scans_sees_reserves_and_uses_until_nothing_is_left() {
    let world = World::new();
    world.licence();
    let customs = world.person("customs-officer").await;
    let home = customs.get("/").await;
    assert_eq!((home.status.as_u16(), home.header("location")), (303, "/border"));
    let found = customs.post("/border", &[("q", LICENCE)]).await;
    let path = format!("/border/licences/{LICENCE}");
    assert_eq!((found.status.as_u16(), found.header("location")), (303, path.as_str()));
    let page = form(&customs).await.body;
    for told in ["gad:mag-d", "magnets", "Magnet Import", "Motor F", "Germany (DE)", "In force"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(page.contains("Not active at the border"), "customs has not acknowledged it");

    let checked = book(&customs, &form(&customs).await, "check", "D1", "50").await;
    assert!(checked.body.contains("It would fit"), "{}", checked.body);
    assert_eq!(left(&world).await, "50");
    let reserved = book(&customs, &form(&customs).await, "reserve", "D1", "30").await;
    assert!(reserved.body.contains("Reserved") && reserved.body.contains("Held until"));
    assert_eq!(left(&world).await, "20");
    let page = form(&customs).await;
    let used = book(&customs, &page, "commit", "D1", "30").await;
    assert!(used.body.contains("Booked as used"), "{}", used.body);
    // Clicked twice: one effect, and the same answer.
    let again = book(&customs, &page, "commit", "D1", "30").await;
    assert!(again.status == 200 && again.body.contains("Booked as used"), "{}", again.body);
    assert_eq!(left(&world).await, "20");
    // The same form with something else in it is another message, which it must not pass for.
    let other = book(&customs, &page, "commit", "D1", "31").await;
    assert!(other.status == 422 && other.body.contains("message_changed"), "{}", other.body);

    let beyond = book(&customs, &form(&customs).await, "commit", "D2", "21").await;
    assert_eq!(beyond.status, 422);
    assert!(beyond.body.contains("(beyond_quantity)"), "{}", beyond.body);
    assert_eq!(left(&world).await, "20");
    let last = book(&customs, &form(&customs).await, "commit", "D2", "20").await;
    assert_eq!((last.status.as_u16(), left(&world).await.as_str()), (200, "0"));
    let none = book(&customs, &form(&customs).await, "commit", "D3", "1").await;
    assert!(none.status == 422 && none.body.contains("(beyond_quantity)"), "{}", none.body);
}

#[tokio::test]
async fn what_is_reserved_is_free_again_when_it_is_released() {
    let world = World::new();
    world.licence();
    let customs = world.person("customs-officer").await;
    book(&customs, &form(&customs).await, "reserve", "D1", "50").await;
    assert_eq!(left(&world).await, "0");
    let released = book(&customs, &form(&customs).await, "release", "D1", "").await;
    assert!(released.body.contains("Released"), "{}", released.body);
    assert_eq!(left(&world).await, "50");
}

#[tokio::test]
async fn a_form_that_cannot_be_read_says_why_and_books_nothing() {
    let world = World::new();
    world.licence();
    let customs = world.person("customs-officer").await;
    for (number, kg, code) in [
        ("", "1", "key_missing"),
        ("D 1", "1", "key_form"),
        ("D1", "", "quantity_blank"),
        ("D1", "1,500", "quantity_ambiguous"),
        ("D1", "-1", "quantity_negative"),
        ("D1", "0", "quantity_zero"),
    ] {
        let number = number.replace(' ', "+");
        let answer = book(&customs, &form(&customs).await, "commit", &number, kg).await;
        assert_eq!(answer.status, 422, "{number} {kg}");
        assert!(answer.body.contains(&format!("({code})")), "{code}: {}", answer.body);
    }
    assert_eq!(left(&world).await, "50");
}

#[tokio::test]
async fn a_suspended_licence_shows_at_the_border_and_is_not_used() {
    let world = World::new();
    world.licence();
    let customs = world.person("customs-officer").await;
    change(&world, Change::Suspended { reason: "the holder is under inquiry".to_owned() });
    let page = form(&customs).await;
    assert!(page.body.contains("Suspended"), "{}", page.body);
    assert!(page.body.contains("the holder is under inquiry"), "{}", page.body);
    let refused = book(&customs, &page, "commit", "D1", "1").await;
    assert!(refused.status == 422 && refused.body.contains("(suspended)"), "{}", refused.body);
    change(&world, Change::Reinstated { reason: "nothing was found".to_owned() });
    assert!(!form(&customs).await.body.contains("under inquiry"));
}

#[tokio::test]
async fn a_code_is_believed_only_where_the_authority_signed_it() {
    let world = World::new();
    let licence = world.licence();
    let customs = world.person("customs-officer").await;
    let signing = world.config().signing;
    let key = signing.key();
    let issued = world.platform().licence_document(world.law(), key, &licence.number).unwrap();
    let code = issued.code.unwrap();
    let genuine = customs.post("/border", &[("q", &code)]).await;
    assert_eq!(genuine.status, 200, "{}", genuine.body);
    assert!(genuine.body.contains("The code is genuine") && genuine.body.contains(LICENCE));
    let last = if code.ends_with('A') { "B" } else { "A" };
    let forged = format!("{}{last}", &code[..code.len() - 1]);
    for (q, told) in [
        (forged.as_str(), "This code was not made by this authority"),
        ("GADOLIN%3A", "This code was not made by this authority"),
        ("", "Enter the number of a licence"),
        ("YT-L-1999-000001", "There is no licence YT-L-1999-000001"),
    ] {
        let answer = customs.post("/border", &[("q", q)]).await;
        assert_eq!(answer.status, 422, "{q}");
        assert!(answer.body.contains(told), "{told}: {}", answer.body);
    }
}

#[tokio::test]
async fn the_pages_of_the_border_are_for_customs_alone() {
    let world = World::new();
    world.licence();
    let path = format!("/border/licences/{LICENCE}");
    for account in ["magnet-maker", "officer", "supervisor", "analyst", "operator", "defence"] {
        let person = world.person(account).await;
        for path in ["/border", path.as_str()] {
            assert_eq!(person.get(path).await.status, 404, "{account} {path}");
        }
    }
    let customs = world.person("customs-officer").await;
    assert_eq!(customs.get("/border/licences/YT-L-1999-000001").await.status, 404);
}

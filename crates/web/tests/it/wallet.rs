//! Licences on pages: what customs does with one on a phone, what its holder sees, what everybody may know.

use app::licence::{LicenceChange, LicensingChange};
use base::Timestamp;
use licensing::decide::Command;
use licensing::licence::{Change, LicenceId};

use crate::world::{Answer, LICENCE, POST, Visitor, World, moment};

/// The media type of a document.
const PDF: &str = "application/pdf";

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
    assert!(beyond.body.contains(">beyond_quantity<"), "{}", beyond.body);
    assert_eq!(left(&world).await, "20");
    let last = book(&customs, &form(&customs).await, "commit", "D2", "20").await;
    assert_eq!((last.status.as_u16(), left(&world).await.as_str()), (200, "0"));
    let none = book(&customs, &form(&customs).await, "commit", "D3", "1").await;
    assert!(none.status == 422 && none.body.contains(">beyond_quantity<"), "{}", none.body);
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
async fn what_was_booked_is_corrected_from_what_stands_and_nothing_else_is_booked_by_it() {
    let world = World::new();
    world.licence();
    let customs = world.person("customs-officer").await;
    let used = book(&customs, &form(&customs).await, "commit", "D1", "30").await;
    let path = format!("/border/licences/{LICENCE}?line=2&declaration=D1&declaration_line=1");
    assert!(used.body.contains(&path.replace('&', "&#38;")), "{}", used.body);
    // The form states what is booked, and that it is to be corrected.
    let page = customs.get(&path).await;
    assert!(page.body.contains("value=\"correct\" checked"), "{}", page.body);
    assert!(page.body.contains("value=\"30\""), "{}", page.body);
    let corrected = book(&customs, &page, "correct", "D1", "12.5").await;
    assert!(corrected.body.contains("Corrected"), "{}", corrected.body);
    assert_eq!(left(&world).await, "37.5");
    // Clicked twice: one effect.
    assert_eq!(book(&customs, &page, "correct", "D1", "12.5").await.status, 200);
    assert_eq!(left(&world).await, "37.5");
    // Beyond the licence it is refused as any use is.
    let beyond = book(&customs, &customs.get(&path).await, "correct", "D1", "50.001").await;
    assert!(beyond.status == 422 && beyond.body.contains(&why("beyond_quantity")));
    // A mistyped number corrects nothing, and books nothing.
    let other = book(&customs, &form(&customs).await, "correct", "D2", "5").await;
    assert!(other.status == 422 && other.body.contains(&why("nothing_booked")), "{}", other.body);
    let asked = path.replace("=D1", "=D2");
    let none = customs.get(&asked).await;
    assert!(none.status == 422 && none.body.contains(&why("nothing_booked")), "{}", none.body);
    assert_eq!(left(&world).await, "37.5");
    // What is reserved is not yet booked.
    book(&customs, &form(&customs).await, "reserve", "D3", "1").await;
    let reserved = book(&customs, &form(&customs).await, "correct", "D3", "5").await;
    assert!(reserved.body.contains(&why("nothing_booked")), "{}", reserved.body);
    // Nothing left the country after all.
    let back = book(&customs, &customs.get(&path).await, "correct", "D1", "0").await;
    assert!(back.body.contains("Corrected"), "{}", back.body);
    assert_eq!(left(&world).await, "49");
}

/// A reason in the words of the page.
fn why(code: &str) -> String {
    web::Language::English.text().get(&format!("border-why-{code}"))
}

/// Gives kilograms of line 2 to a post with the form of a page.
async fn allot(customs: &Visitor<'_>, page: &Answer, post: &str, kg: &str) -> Answer {
    let (_, section) = page.body.split_once("name=\"state\" value=\"open\"").unwrap();
    let (_, rest) = section.split_once("name=\"id\" value=\"").unwrap();
    let id = rest.split('"').next().unwrap();
    let fields = [
        ("line", "2"),
        ("state", "open"),
        ("id", id),
        ("allot-post", post),
        ("allot-amount-0", kg),
    ];
    customs.post(&format!("/border/licences/{LICENCE}/allotments"), &fields).await
}

#[tokio::test]
async fn a_post_is_given_a_quantity_draws_from_it_and_gives_back_what_is_left() {
    let world = World::new();
    world.licence();
    let customs = world.person("customs-officer").await;
    for (post, kg, code) in [
        ("", "40", "post_missing"),
        ("a`b", "40", "key_form"),
        (POST, "", "quantity_blank"),
        (POST, "1,500", "quantity_ambiguous"),
        (POST, "51", "beyond_quantity"),
    ] {
        let answer = allot(&customs, &form(&customs).await, post, kg).await;
        assert_eq!(answer.status, 422, "{post} {kg}");
        assert!(answer.body.contains(&why(code)), "{code}: {}", answer.body);
    }
    assert_eq!(left(&world).await, "50");
    let page = form(&customs).await;
    let given = allot(&customs, &page, "desk-of-nobody", "40").await;
    assert!(given.status == 200 && given.body.contains("Given to the post"), "{}", given.body);
    // Clicked twice: given once.
    assert_eq!(allot(&customs, &page, "desk-of-nobody", "40").await.status, 200);
    assert_eq!(left(&world).await, "10");
    // The same form with something else in it does not pass for it.
    let other = allot(&customs, &page, "desk-of-nobody", "1").await;
    assert!(other.status == 422 && other.body.contains(&why("allotment_known")), "{}", other.body);
    let beyond = book(&customs, &form(&customs).await, "commit", "D1", "11").await;
    assert!(beyond.body.contains(&why("beyond_quantity")), "{}", beyond.body);
    // Another post's allotment is none to draw from.
    assert!(!form(&customs).await.body.contains("name=\"allotment\""));
    let page = form(&customs).await;
    let (_, rest) = page.body.split_once("value=\"reconciled\"").unwrap();
    let (_, rest) = rest.split_once("name=\"id\" value=\"").unwrap();
    let id = rest.split('"').next().unwrap();
    let path = format!("/border/licences/{LICENCE}/allotments");
    let close = |post: &'static str| {
        let fields = [("line", "2"), ("state", "reconciled"), ("id", id), ("post", post)];
        let (customs, path) = (&customs, &path);
        async move { customs.post(path, &fields).await }
    };
    let wrong = close("another").await;
    assert!(
        wrong.status == 422 && wrong.body.contains(&why("allotment_unknown")),
        "{}",
        wrong.body
    );
    for _ in 0..2 {
        assert!(close("desk-of-nobody").await.body.contains("Closed. What was left"));
    }
    assert_eq!(left(&world).await, "50");
}

#[tokio::test]
async fn what_a_post_drew_while_cut_off_is_booked_from_its_allotment() {
    let world = World::new();
    world.licence();
    let customs = world.person("customs-officer").await;
    let own = POST;
    allot(&customs, &form(&customs).await, own, "40").await;
    let page = form(&customs).await;
    let (_, rest) = page.body.split_once("<option value=\"page-").unwrap();
    let id = format!("page-{}", rest.split('"').next().unwrap());
    let (message, shown) = (hidden(&page, "message"), hidden(&page, "shown"));
    let when = hidden_when(&page);
    let fields = [
        ("line", "2"),
        ("message", message.as_str()),
        ("shown", shown.as_str()),
        ("deed", "commit"),
        ("declaration", "D1"),
        ("declaration_line", "1"),
        ("amount-0", "15"),
        ("when", when.as_str()),
        ("allotment", id.as_str()),
    ];
    let used = customs.post(&format!("/border/licences/{LICENCE}"), &fields).await;
    assert!(used.status == 200 && used.body.contains("Booked as used"), "{}", used.body);
    // 15 of the 40 are used, 25 are still the post's: 10 are left for others.
    assert_eq!(left(&world).await, "10");
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
        assert!(answer.body.contains(&format!(">{code}<")), "{code}: {}", answer.body);
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
    assert!(refused.status == 422 && refused.body.contains(">suspended<"), "{}", refused.body);
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

#[tokio::test]
async fn a_holder_sees_its_own_licences_and_nobody_elses() {
    let world = World::new();
    world.licence();
    let path = format!("/licences/{LICENCE}");
    let holder = world.person("magnet-maker").await;
    assert!(holder.get("/licences").await.body.contains(LICENCE));
    let page = holder.get(&path).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Motor F") && page.body.contains("50 kg net"), "{}", page.body);
    let other = world.person("separator").await;
    assert!(!other.get("/licences").await.body.contains(LICENCE));
    for path in [path.clone(), format!("{path}/document"), "/licences/YT-L-1999-000001".to_owned()]
    {
        assert_eq!(other.get(&path).await.status, 404, "{path}");
    }
    let taken = other.post(&format!("{path}/surrender"), &[("reason", "mine")]).await;
    assert_eq!(taken.status, 404);
    for account in ["analyst", "operator", "defence"] {
        assert_eq!(world.person(account).await.get(&path).await.status, 404, "{account}");
    }
    let document = holder.get(&format!("{path}/document")).await;
    assert_eq!(document.header("content-type"), "application/pdf");
    assert!(document.body.starts_with("%PDF-"));
}

#[tokio::test]
async fn each_use_stands_on_the_licence_with_its_declaration() {
    let world = World::new();
    world.licence();
    let customs = world.person("customs-officer").await;
    book(&customs, &form(&customs).await, "commit", "D-77", "12.5").await;
    let page = world.person("officer").await.get(&format!("/licences/{LICENCE}")).await.body;
    for told in ["D-77 / 1", "12.5 kg net", "37.5 kg net"] {
        assert!(page.contains(told), "{told}: {page}");
    }
}

#[tokio::test]
async fn an_officer_suspends_and_reinstates_with_a_reason_and_a_holder_hands_back() {
    let world = World::new();
    world.licence();
    let path = format!("/licences/{LICENCE}");
    let manage = format!("{path}/manage");
    let officer = world.person("officer").await;
    for (deed, reason, expected, told) in [
        ("suspend", "", 422, "Enter a reason"),
        ("", "why", 422, "Choose what is to be done"),
        ("reinstate", "why", 422, "the licence stands otherwise"),
        ("suspend", "under+inquiry", 303, ""),
        ("suspend", "once+more", 422, "the licence stands otherwise"),
        ("reinstate", "nothing+found", 303, ""),
    ] {
        let answer = officer.post(&manage, &[("deed", deed), ("reason", reason)]).await;
        assert_eq!(answer.status.as_u16(), expected, "{deed} {reason}: {}", answer.body);
        assert!(answer.body.contains(told), "{told}: {}", answer.body);
    }
    let holder = world.person("magnet-maker").await;
    let not_its = holder.post(&manage, &[("deed", "suspend"), ("reason", "why")]).await;
    assert_eq!(not_its.status, 404);
    let page = holder.get(&path).await.body;
    assert!(page.contains("under inquiry") && page.contains("In force"), "{page}");
    let back = holder.post(&format!("{path}/surrender"), &[("reason", "not+needed")]).await;
    assert_eq!(back.status, 303, "{}", back.body);
    assert!(holder.get(&path).await.body.contains("Handed back"));
    let officers = officer.post(&format!("{path}/surrender"), &[("reason", "x")]).await;
    assert_eq!(officers.status, 404, "only its holder hands a licence back");
}

#[tokio::test]
async fn everybody_may_check_a_licence_and_learns_no_name() {
    let world = World::new();
    world.licence();
    let visitor = world.visitor().await;
    let page = world.person("magnet-maker").await.get(&format!("/licences/{LICENCE}")).await.body;
    let (_, rest) = page.split_once("/check?number=").unwrap();
    let asked = rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    let path = format!("/check?number={asked}");
    let answer = visitor.get(&path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    assert!(answer.body.contains("is in force on"), "{}", answer.body);
    for name in ["gad:mag-d", "Motor", "Magnet Import", "magnets", "Germany", " kg"] {
        assert!(!answer.body.contains(name), "{name}: {}", answer.body);
    }
    change(&world, Change::Suspended { reason: "under inquiry".to_owned() });
    let suspended = visitor.get(&path).await.body;
    assert!(suspended.contains("is not in force on"), "{suspended}");
    assert!(!suspended.contains("inquiry"), "{suspended}");
    let wrong = visitor.get(&format!("/check?number={LICENCE}&code=AAAAAAAAAA")).await;
    let unknown = visitor.get("/check?number=YT-L-1999-000001&code=AAAAAAAAAA").await;
    assert_eq!((wrong.status.as_u16(), unknown.status.as_u16()), (404, 404));
    assert_eq!(visitor.get("/check").await.status, 200);
    assert!(visitor.get("/sign-in").await.body.contains("href=\"/check\""));
}

#[tokio::test]
async fn who_checks_many_numbers_is_slowed_down() {
    let limits = web::Limits { certificate_links_per_minute: 3, ..web::Limits::default() };
    let world = World::with(World::choose(), limits);
    let visitor = world.visitor().await;
    let mut statuses = Vec::new();
    for number in 0..4 {
        let path = format!("/check?number=YT-{number}&code=AAAAAAAAAA");
        statuses.push(visitor.get(&path).await.status.as_u16());
    }
    assert_eq!(statuses, [404, 404, 404, 429]);
}

#[tokio::test]
async fn a_letter_of_a_case_is_for_the_authority_and_its_applicant() {
    let world = World::new();
    let number = crate::cases::case_made(&world);
    let office = world.person("officer").await;
    let asked = [("do", "ask_agency"), ("agency", "defence"), ("text", "Please+advise.")];
    for step in [&[("do", "take")][..], &[("do", "accept")], &asked] {
        crate::cases::does(&office, &number, "step", step).await;
    }
    let ask = Command::Ask { text: "what is the grade?".to_owned(), cells: Vec::new() };
    crate::notices::officer_does(&world, &number, &ask);
    let holder = world.person("magnet-maker").await;
    let page = holder.get(&format!("/cases/{number}")).await.body;
    let mark = format!("/cases/{number}/letters/question/");
    let (_, rest) = page.split_once(&mark).unwrap_or_else(|| panic!("no letter: {page}"));
    let path = format!("{mark}{}", rest.split('"').next().unwrap());
    assert!(office.get(&format!("/cases/{number}")).await.body.contains(&path));
    // An agency that advises reads the case, and none of its letters.
    let agency = world.person("defence").await.get(&format!("/cases/{number}")).await;
    assert!(agency.status == 200 && !agency.body.contains("/letters/"), "{}", agency.body);
    for person in [&holder, &office] {
        let letter = person.get(&path).await;
        assert_eq!((letter.status.as_u16(), letter.header("content-type")), (200, PDF));
        assert!(letter.body.starts_with("%PDF-"));
        for wrong in [path.replace("question", "refusal"), format!("{mark}x"), format!("{mark}99")]
        {
            assert_eq!(person.get(&wrong).await.status, 404, "{wrong}");
        }
    }
    for account in ["separator", "analyst", "operator", "defence", "customs-officer"] {
        assert_eq!(world.person(account).await.get(&path).await.status, 404, "{account}");
    }
}

#[tokio::test]
async fn after_a_reservation_the_form_books_what_was_reserved() {
    let world = World::new();
    world.licence();
    let customs = world.person("customs-officer").await;
    let reserved = book(&customs, &form(&customs).await, "reserve", "D1", "20").await;
    assert_eq!(reserved.status, 200, "{}", reserved.body);
    assert!(reserved.body.contains("value=\"commit\" checked"), "{}", reserved.body);
    assert!(reserved.body.contains("name=\"declaration\" type=\"text\" value=\"D1\""));
    assert_eq!(hidden(&reserved, "line"), "2");
    let booked = book(&customs, &reserved, "commit", "D1", "20").await;
    assert!(booked.status == 200 && booked.body.contains("Booked as used"), "{}", booked.body);
    assert_eq!(left(&world).await, "30");
    // The last step leaves nothing to be sent again.
    assert!(booked.body.contains("value=\"check\" checked"), "{}", booked.body);
}

#[tokio::test]
async fn no_licence_is_lost_between_two_pages_though_all_were_issued_at_once() {
    let world = World::new();
    let issued = Timestamp::from_us(moment().now.us() - 3_600_000_000);
    let numbers: Vec<String> = (0..120).map(|number| format!("YT-L-2025-{number:06}")).collect();
    let issue = |change: &LicensingChange<'_>| {
        for (place, number) in (0_u8..).zip(&numbers) {
            let mut licence = crate::border::a_licence(number, "gad:mag-d");
            licence.id = LicenceId([place; 16]);
            app::licence::issue(change, &licence, issued, "officer")?;
        }
        Ok(())
    };
    world.platform().licences_change(issue).unwrap();
    for account in ["magnet-maker", "officer"] {
        let person = world.person(account).await;
        let (mut seen, mut path) = (Vec::new(), "/licences".to_owned());
        loop {
            let page = person.get(&path).await;
            assert_eq!(page.status, 200, "{path}");
            let links = page.body.split("href=\"/licences/YT-L-").skip(1);
            seen.extend(links.map(|rest| format!("YT-L-{}", rest.split('"').next().unwrap())));
            let (_, main) = page.body.split_once("id=\"main\"").unwrap();
            match main.split_once("href=\"/licences?before=") {
                Some((_, rest)) => {
                    path = format!("/licences?before={}", rest.split('"').next().unwrap());
                }
                None => break,
            }
        }
        let mut all = numbers.clone();
        all.reverse();
        assert_eq!(seen, all, "{account}");
    }
}

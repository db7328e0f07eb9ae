//! What a letter may say, and what is refused of its template.

use super::*;

fn template(subject: &str, body: &str) -> Template {
    Template { subject: subject.to_owned(), body: body.to_owned() }
}

#[test]
fn every_letter_stands_in_every_language_and_may_be_used() {
    let text = crate::packs::file_carried("common", "mail.toml").unwrap();
    let file: Carried = toml::from_str(&text).unwrap();
    let kinds: Vec<&str> = file.keys().map(String::as_str).collect();
    let mut known: Vec<&str> = LetterKind::ALL.map(LetterKind::code).to_vec();
    known.sort_unstable();
    assert_eq!(kinds, known);
    for kind in LetterKind::ALL {
        assert_eq!(LetterKind::parse(kind.code()), Some(kind));
        for language in LANGUAGES {
            assert!(file[kind.code()].contains_key(language), "{kind:?} {language}");
            let template = template_carried(kind, language);
            assert_eq!(template_check(kind, &template), [], "{kind:?} {language}");
            let filled = fill(&template, &kind.sample(), "The Authority").unwrap();
            let mail = !matches!(kind, LetterKind::Document(_));
            assert_eq!(filled.subject.contains("The Authority"), mail, "{filled:?}");
            assert!(!filled.body.contains("{{"), "{filled:?}");
            assert_eq!(filled.body.contains("https://"), kind.names().contains(&"link"));
        }
    }
}

#[test]
fn names_that_a_template_may_use_are_those_its_letter_has() {
    for kind in LetterKind::ALL {
        let letter = kind.sample();
        let values = letter.values();
        let mut names: Vec<&str> = values.iter().map(|value| value.0).collect();
        names.push("sender");
        names.sort_unstable();
        assert_eq!(names, kind.names());
    }
}

/// What the check of an invitation says: (field, code, line) of each fault.
fn check(subject: &str, body: &str, expected: &[(&str, &str, usize)]) -> Vec<TemplateFault> {
    let faults = template_check(LetterKind::Invitation, &template(subject, body));
    let told: Vec<_> = faults.iter().map(|f| (f.field, f.code, f.line)).collect();
    assert_eq!(told, expected, "{faults:?}");
    faults
}

#[test]
fn an_unknown_name_is_refused_with_its_line_and_the_accepted_names() {
    let faults = check(
        "{{ sender }} {{ secret }}",
        "{{ link }}\n\nDear {{ persn }},\n{% if hidden %}{% endif %}",
        &[("subject", "unknown_name", 1), ("body", "unknown_name", 4), ("body", "unknown_name", 3)],
    );
    assert!(faults[2].message.contains("`persn`"), "{faults:?}");
    assert_eq!(faults[2].accepted, "inviter, link, organisation, person, sender, valid_until");
    check("s", "{{ link }} {{ person.name }}", &[("body", "unknown_name", 1)]);
    check(
        "s",
        "{{ link }}\n{{ secret }}\n{% for c in person %}{% endfor %}",
        &[("body", "statement", 3), ("body", "statement", 3), ("body", "unknown_name", 2)],
    );
}

#[test]
fn what_repeats_calls_or_does_not_end_is_refused() {
    for statement in ["for c in person", "set x = [link, link]", "include 'x'", "raw", "macro f()"]
    {
        let body = format!("{{{{ link }}}}\n{{%- {statement} %}}");
        check("s", &body, &[("body", "statement", 2)]);
    }
    check("s", "{{ link }}\n{{ person", &[("body", "form", 2)]);
    check("s", "{{ link }}{{ person|upper }}", &[("body", "form", 1)]);
    check("s", "{{ link }}{{ person() }}", &[("body", "form", 1)]);
    check("s", "{{ link }}{% if person %}", &[("body", "form", 1)]);
    check("s", "{{ link }}{{ person * 1000000 }}", &[("body", "too_long", 1)]);
    check("s", "{{ link }}{% if person %}{{ person }}{% else %}–{% endif %}", &[]);
}

#[test]
fn templates_have_limits_and_hold_their_link() {
    check("", "{{ link }}", &[("subject", "length", 0)]);
    check(
        &"x".repeat(SUBJECT_CHARS_MAX + 1),
        " ",
        &[("subject", "length", 0), ("body", "length", 0)],
    );
    check("s", &"x".repeat(BODY_BYTES_MAX + 1), &[("body", "length", 0)]);
    check("a\r\nBcc: x@y", "{{ link }}", &[("subject", "line_break", 0)]);
    check("s", "no link", &[("body", "link_missing", 0)]);
    let verified = template_check(LetterKind::CompanyVerified, &template("s", "no link"));
    assert_eq!(verified, []);
}

#[test]
fn what_is_filled_in_stays_one_line_and_turns_nothing_around() {
    let hostile = "Ada\r\nBcc: all@example.com\u{202e}gnp\u{2066}\u{0}\u{2028}x\u{200b}";
    let letter = Letter::CompanyVerified {
        person: hostile.to_owned(),
        organisation: hostile.to_owned(),
        party: "字".repeat(9999),
    };
    let words = template("{{ organisation }}", "{{ person }}|{{ party }}|{{ sender }}");
    let filled = fill(&words, &letter, "A\nB").unwrap();
    assert_eq!(filled.subject, "Ada  Bcc: all@example.comgnp  x");
    let parts: Vec<&str> = filled.body.split('|').collect();
    assert_eq!(parts[0], "Ada  Bcc: all@example.comgnp  x");
    assert_eq!((parts[1].chars().count(), parts[2]), (VALUE_CHARS_MAX, "A B"));
    assert!(!filled.body.contains(['\r', '\n']));
    // What looks like a template in a value is text.
    let letter = Letter::NewSignIn {
        person: "{{ sender }}".into(),
        at: String::new(),
        browser: "{% for %}".into(),
    };
    let filled = fill(&template("s", "{{ person }}{{ browser }}"), &letter, "S").unwrap();
    assert_eq!(filled.body, "{{ sender }}{% for %}");
}

#[test]
fn a_mail_comes_back_from_its_job_and_is_forgotten_once_sent() {
    let mail = Mail {
        to: "ada@example.com".into(),
        language: "en".into(),
        letter: LetterKind::Invitation.sample(),
    };
    let body = mail.job_body().unwrap();
    assert!(body.contains("\"letter\":\"invitation\"") && body.contains("one-time"));
    assert_eq!(serde_json::from_str::<Mail>(&body).unwrap(), mail);
    assert_eq!(mail.job_body_sent(), r#"{"language":"en","letter":"invitation"}"#);
}

//! How letters leave: by SMTP (RFC 5321), or into a folder as `.eml` files (RFC 5322).
//!
//! A letter is sent by a job, whose id is its Message-ID and its file's name: sent twice, it is the same
//! letter. Addresses and names go through the types of the mail library, which encode them; a line break
//! in one never reaches a header.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use app::jobs::{JobRecord, job_id_text};
use app::mail::{Filled, Mail, fill, language_of, line_plain};
use base::Timestamp;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, SmtpTransport, Transport};

use crate::address::PublicUrl;
use crate::config::Shared;
use crate::jobs::JobFault;

/// How long a mail server may take for each step.
const STEP: Duration = Duration::from_secs(20);
/// The longest name of a sender, in characters.
const NAME_CHARS_MAX: usize = 200;

/// How letters leave, and from whom they are.
#[derive(Debug, Clone)]
pub struct Post {
    way: Way,
    from: Mailbox,
}

#[derive(Debug, Clone)]
enum Way {
    /// Nobody has said how: a letter fails, which the operator sees.
    None,
    Folder(PathBuf),
    Smtp(Server),
}

/// A mail server.
#[derive(Clone)]
struct Server {
    host: String,
    port: u16,
    security: Security,
    user: String,
    password: String,
}

/// The password stays out of every log.
impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} {:?} user {:?}", self.host, self.port, self.security, self.user)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// STARTTLS (RFC 3207), or nothing is sent.
    StartTls,
    /// None: to this machine only.
    Plain,
}

impl Post {
    /// No way: a letter fails.
    #[must_use]
    pub fn none() -> Post {
        let from = Mailbox::new(None, Address::new_dangerous("gadolin", "localhost"));
        Post { way: Way::None, from }
    }

    /// Reads how letters leave: `none`, `folder:DIR`, `smtps://USER@HOST:PORT` or `smtp://USER@HOST:PORT`
    /// (with STARTTLS, but to this machine itself); the password comes apart.
    ///
    /// # Errors
    /// What is wrong, with what would be accepted.
    pub fn parse(way: &str, from: &str, password: Option<&str>) -> Result<Post, String> {
        let from: Mailbox = from.parse().map_err(|_| {
            format!("`{from}` is no sender: give `name@host` or `Name <name@host>`")
        })?;
        let name = from.name.as_deref().map(|name| line_plain(name, NAME_CHARS_MAX));
        let from = Mailbox::new(name, from.email);
        let way = match way.split_once(':') {
            _ if way == "none" => Way::None,
            Some(("folder", dir)) if !dir.is_empty() => Way::Folder(PathBuf::from(dir)),
            Some((scheme @ ("smtp" | "smtps"), rest)) => {
                let rest = rest.strip_prefix("//").unwrap_or(rest);
                Way::Smtp(server_parse(scheme, rest, password.unwrap_or(""))?)
            }
            _ => {
                return Err(format!(
                    "`{}` is no way to send mail: give smtps://HOST, smtp://HOST, folder:DIR or none",
                    way.split('@').next_back().unwrap_or("")
                ));
            }
        };
        Ok(Post { way, from })
    }

    /// As whom letters are signed: the name, or the address where there is none.
    pub(crate) fn sender(&self) -> String {
        self.from.name.clone().unwrap_or_else(|| self.from.email.to_string())
    }
}

fn server_parse(scheme: &str, rest: &str, password: &str) -> Result<Server, String> {
    // Never repeats what stands before the `@`: it may hold a password.
    let (user, place) = rest.rsplit_once('@').unwrap_or(("", rest));
    if user.contains(':') {
        return Err(
            "a password on the command line is seen by everybody on the machine: give it in GADOLIN_MAIL_PASSWORD or with --mail-password-file".to_owned(),
        );
    }
    let place = place.trim_end_matches('/');
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && !port.ends_with(']') => {
            let number = port.parse::<u16>().ok().filter(|port| *port > 0);
            (host, number.ok_or(format!("`{port}` is no port: give 1 to 65535"))?)
        }
        _ => (place, if scheme == "smtps" { 465 } else { 587 }),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._[]:".contains(c);
    if host.is_empty() || !host.chars().all(plain) {
        return Err(format!(
            "`{host}` is no mail server: give its name, as in smtps://mail.example"
        ));
    }
    let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    let security = match scheme {
        "smtps" => Security::Tls,
        _ if here => Security::Plain,
        _ => Security::StartTls,
    };
    if user.is_empty() != password.is_empty() {
        return Err("a mail server wants both a user and a password, or neither".to_owned());
    }
    Ok(Server {
        host: host.trim_matches(['[', ']']).to_owned(),
        port,
        security,
        user: crate::form::fields(format!("user={}", user.replace('+', "%2B")).as_bytes())
            .pop()
            .map_or(String::new(), |field| field.1),
        password: password.to_owned(),
    })
}

impl Server {
    fn transport(&self) -> Result<SmtpTransport, lettre::transport::smtp::Error> {
        let tls = match self.security {
            Security::Tls => Tls::Wrapper(TlsParameters::new(self.host.clone())?),
            Security::StartTls => Tls::Required(TlsParameters::new(self.host.clone())?),
            Security::Plain => Tls::None,
        };
        let mut builder = SmtpTransport::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            .timeout(Some(STEP));
        if !self.user.is_empty() {
            builder =
                builder.credentials(Credentials::new(self.user.clone(), self.password.clone()));
        }
        Ok(builder.build())
    }
}

fn never(why: impl Into<String>) -> JobFault {
    JobFault { why: why.into(), again: false }
}

fn again(why: impl Into<String>) -> JobFault {
    JobFault { why: why.into(), again: true }
}

/// Does a job of the kind `mail`: fills the letter in and sends it. Gives what is kept of it.
pub(crate) fn send(shared: &Shared, job: &JobRecord) -> Result<String, JobFault> {
    let post = &shared.config.post;
    let mail: Mail = serde_json::from_str(&job.body)
        .map_err(|_| never("the body of the job is no letter of this version"))?;
    let kind = mail.letter.kind();
    let language = language_of(kind, &mail.language);
    let (template, version) =
        shared.platform.letter_words(kind, language).map_err(|error| again(error.to_string()))?;
    let address = shared.config.public_url.as_ref().map(PublicUrl::origin);
    let letter = mail.letter.clone().sent_by(&post.sender(), address).ok_or_else(|| {
        never("the address of the pages is not known: start `gadolin serve` with --public-url")
    })?;
    let filled = fill(&template, &letter, &post.sender()).map_err(|faults| {
        let first = faults.first().map_or("", |fault| fault.message.as_str());
        never(format!("version {version} of `{}` in `{language}`: {first}", kind.code()))
    })?;
    let id = job_id_text(&job.job_id);
    let message = compose(post, &mail.to, &filled, &id, Timestamp::from_us(job.created_at_us))?;
    match &post.way {
        Way::None => {
            return Err(never("no way to send mail is set: start `gadolin serve` with --mail"));
        }
        Way::Folder(dir) => {
            file(dir, &id, &message.formatted()).map_err(|error| again(format!("{error}")))?;
        }
        Way::Smtp(server) => {
            let sent = server.transport().and_then(|transport| transport.send(&message));
            sent.map_err(|error| smtp_fault(&error, &mail.to))?;
        }
    }
    Ok(mail.job_body_sent())
}

/// What a mail server said, without the address of the person.
fn smtp_fault(error: &lettre::transport::smtp::Error, to: &str) -> JobFault {
    let mut why = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(one) = cause {
        let text = one.to_string();
        if !why.contains(&text) {
            why.push_str(if why.is_empty() { "" } else { ": " });
            why.push_str(&text);
        }
        cause = one.source();
    }
    JobFault { why: line_plain(&why.replace(to, "…"), 400), again: !error.is_permanent() }
}

/// A letter as a message: one part of plain text in UTF-8.
fn compose(
    post: &Post,
    to: &str,
    filled: &Filled,
    id: &str,
    at: Timestamp,
) -> Result<Message, JobFault> {
    let to: Address = to.parse().map_err(|_| never("the address of the letter is not one"))?;
    let at = Duration::from_micros(u64::try_from(at.us()).unwrap_or(0));
    let host = post.from.email.domain();
    Message::builder()
        .from(post.from.clone())
        .to(Mailbox::new(None, to))
        .subject(filled.subject.clone())
        .date(UNIX_EPOCH + at)
        .message_id(Some(format!("<{id}@{host}>")))
        .header(ContentType::TEXT_PLAIN)
        .header(ContentTransferEncoding::Base64)
        .body(filled.body.clone())
        .map_err(|error| never(error.to_string()))
}

/// Writes a message into a folder: there whole or not at all.
fn file(dir: &Path, id: &str, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(dir)?;
    let fresh = dir.join(format!("{id}.new"));
    let mut out = fs::File::create(&fresh)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    fs::rename(&fresh, dir.join(format!("{id}.eml")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(way: &str, password: Option<&str>) -> Result<String, String> {
        Post::parse(way, "a@authority.example", password).map(|post| format!("{:?}", post.way))
    }

    #[test]
    fn ways_are_read_and_secrets_never_said() {
        let smtp = |text: &str| Ok(format!("Smtp({text})"));
        assert_eq!(shown("none", None), Ok("None".into()));
        assert_eq!(shown("folder:/tmp/x:y", None), Ok("Folder(\"/tmp/x:y\")".into()));
        assert_eq!(shown("smtp://mail.example", None), smtp("mail.example:587 StartTls user \"\""));
        assert_eq!(shown("smtp://localhost:2525/", None), smtp("localhost:2525 Plain user \"\""));
        assert_eq!(
            shown("smtps://me%40a+b@mail.example", Some("s3cret")),
            smtp("mail.example:465 Tls user \"me@a+b\"")
        );
        for (way, why) in [
            ("smtp://me:s3cret@mail.example", "GADOLIN_MAIL_PASSWORD"),
            ("ftp://me:s3cret@mail.example", "folder:DIR"),
            ("smtps://me@mail.example", "both a user and a password"),
            ("smtp://mail.example:0", "no port"),
            ("smtp://", "no mail server"),
            ("smtp://mail example", "no mail server"),
            ("folder:", "folder:DIR"),
            ("", "folder:DIR"),
        ] {
            let error = shown(way, None).unwrap_err();
            assert!(error.contains(why) && !error.contains("s3cret"), "{way}: {error}");
        }
        assert!(Post::parse("none", "nobody", None).unwrap_err().contains("Name <name@host>"));
    }

    /// The header lines of a message to somebody, unfolded.
    fn headers(from: &str, to: &str, subject: &str) -> Result<Vec<String>, JobFault> {
        let post = Post::parse("none", from, None).unwrap();
        let filled = Filled { subject: line_plain(subject, 200), body: "text\n.\n".into() };
        let message = compose(&post, to, &filled, "id", Timestamp::from_us(0))?.formatted();
        let text = String::from_utf8(message).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        Ok(head.replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect())
    }

    #[test]
    fn no_text_reaches_a_header_of_its_own() {
        let plain = headers("A <a@b.example>", "x@y.example", "s").unwrap();
        let names = |lines: &[String]| -> Vec<String> {
            lines.iter().map(|line| line.split(':').next().unwrap().to_owned()).collect()
        };
        for text in [
            "a\r\nBcc: all@y.example",
            "a\nX: y",
            "a\rX: y",
            "\u{202e}a\u{2028}X: y",
            "局\r\n\r\nbody",
        ] {
            let found = headers("A <a@b.example>", "x@y.example", text).unwrap();
            assert_eq!(names(&found), names(&plain), "{text:?}");
            // A name that the mail library would not take never becomes a sender.
            if let Ok(post) = Post::parse("none", &format!("{text} <a@b.example>"), None) {
                let filled = Filled { subject: "s".into(), body: String::new() };
                let at = Timestamp::from_us(0);
                let message = compose(&post, "x@y.example", &filled, "id", at).unwrap();
                let sent = String::from_utf8(message.formatted()).unwrap();
                let head = sent.split("\r\n\r\n").next().unwrap();
                assert!(head.split("\r\n").all(|line| !line.starts_with("X:")), "{head}");
            }
        }
        for to in ["x@y.example\r\nBcc: z@y.example", "x@y.example, z@y.example", "", "x"] {
            assert!(!headers("a@b.example", to, "s").unwrap_err().again, "{to:?}");
        }
    }

    #[test]
    fn a_letter_sent_twice_is_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let mail = dir.path().join("mail");
        file(&mail, "id", b"one").unwrap();
        file(&mail, "id", b"one").unwrap();
        let names: Vec<_> = fs::read_dir(&mail).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["id.eml"]);
    }
}

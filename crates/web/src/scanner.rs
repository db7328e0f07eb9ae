//! Scanners for what people upload: clamd over its INSTREAM protocol, a program, or the signature of the
//! test file alone.
//!
//! A scanner is given the plain bytes as a stream; they are on no disk of ours. What it cannot do is
//! never "clean": only a plain yes of the scanner lets a document out.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use app::documents::{SCAN_JOB, ScanState, ScanTask, Verdict};
use app::jobs::{JobRecord, again_us};

use crate::config::Shared;
use crate::jobs::JobFault;

/// How long each step of a conversation with clamd may take.
const STEP: Duration = Duration::from_secs(60);
/// Bytes of a chunk sent to clamd.
const CHUNK: usize = 64 << 10;
/// The longest answer of clamd that is read.
const ANSWER_BYTES_MAX: u64 = 4 << 10;
/// How often a program is asked whether it has ended, and how many times: two minutes, less than the time
/// for which a runner has a job.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS_MAX: u32 = 6_000;
/// The test file of the European Institute for Computer Antivirus Research, in two parts, so that no scanner
/// takes this program for it.
const EICAR: [&[u8]; 2] =
    [b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-", b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];

/// What scans documents before anybody downloads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanner(Way);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    None,
    /// `host:port`.
    ClamdTcp(String),
    ClamdUnix(PathBuf),
    Command(PathBuf),
    Signature,
}

impl Scanner {
    /// None: documents wait, and nobody downloads them.
    #[must_use]
    pub fn none() -> Scanner {
        Scanner(Way::None)
    }

    /// The signature of the EICAR test file, and nothing else: it is no virus scanner.
    #[must_use]
    pub fn signature() -> Scanner {
        Scanner(Way::Signature)
    }

    /// Reads which it is: `none`, `clamd:HOST:PORT`, `clamd:/PATH/OF/SOCKET`, `command:/PATH/OF/PROGRAM` or
    /// `signature`.
    ///
    /// # Errors
    /// What is wrong, with what would be accepted.
    pub fn parse(text: &str) -> Result<Scanner, String> {
        let way = match text.split_once(':') {
            None if text == "none" => Way::None,
            None if text == "signature" => Way::Signature,
            Some(("clamd", path)) if path.starts_with('/') => Way::ClamdUnix(path.into()),
            Some(("clamd", place)) => {
                let port = place.rsplit_once(':').filter(|parts| !parts.0.is_empty());
                if port.and_then(|parts| parts.1.parse::<u16>().ok()).is_none_or(|port| port == 0) {
                    return Err(format!(
                        "`{place}` is no place of clamd: give HOST:PORT or the path of its socket, as in clamd:127.0.0.1:3310"
                    ));
                }
                Way::ClamdTcp(place.to_owned())
            }
            Some(("command", path)) if path.starts_with('/') => Way::Command(path.into()),
            Some(("command", path)) => {
                return Err(format!(
                    "`{path}` is no program: give its whole path, without arguments"
                ));
            }
            _ => {
                return Err(format!(
                    "`{text}` is no scanner: give clamd:HOST:PORT, clamd:/PATH, command:/PATH, signature or none"
                ));
            }
        };
        Ok(Scanner(way))
    }

    /// Whether there is one.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0 != Way::None
    }

    /// What it is called where its verdicts are shown.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.0 {
            Way::None => "none",
            Way::ClamdTcp(_) | Way::ClamdUnix(_) => "clamd",
            Way::Command(_) => "command",
            Way::Signature => "signature",
        }
    }

    /// Scans a content.
    fn scan(&self, content: &mut (impl Read + Send)) -> Result<Verdict, JobFault> {
        match &self.0 {
            Way::None => Err(never("no scanner is set: start `gadolin serve` with --scanner")),
            Way::ClamdTcp(place) => clamd(tcp(place)?, content),
            Way::ClamdUnix(path) => clamd(unix(path)?, content),
            Way::Command(path) => program(path, content),
            Way::Signature => signature(content),
        }
    }
}

fn never(why: impl Into<String>) -> JobFault {
    JobFault { why: why.into(), again: false }
}

fn again(what: &str, error: &std::io::Error) -> JobFault {
    JobFault { why: format!("{what}: {error}"), again: true }
}

fn tcp(place: &str) -> Result<TcpStream, JobFault> {
    let away = |error: std::io::Error| again("clamd is not reached", &error);
    let mut last = std::io::Error::from(std::io::ErrorKind::NotFound);
    for address in place.to_socket_addrs().map_err(away)? {
        match TcpStream::connect_timeout(&address, STEP) {
            Ok(stream) => {
                stream.set_read_timeout(Some(STEP)).map_err(away)?;
                stream.set_write_timeout(Some(STEP)).map_err(away)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(away(last))
}

fn unix(path: &std::path::Path) -> Result<UnixStream, JobFault> {
    let away = |error: std::io::Error| again("clamd is not reached", &error);
    let stream = UnixStream::connect(path).map_err(away)?;
    stream.set_read_timeout(Some(STEP)).map_err(away)?;
    stream.set_write_timeout(Some(STEP)).map_err(away)?;
    Ok(stream)
}

/// Reads until so many bytes are there or there are no more.
fn fill(content: &mut impl Read, part: &mut [u8]) -> Result<usize, JobFault> {
    let mut read = 0;
    while let Some(rest) = part.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match content.read(rest) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            // The document, not the scanner.
            Err(error) => return Err(never(error.to_string())),
        }
    }
    Ok(read)
}

/// Speaks INSTREAM (clamd(8)): chunks with their length before them, an empty one at the end.
fn clamd(mut stream: impl Read + Write, content: &mut impl Read) -> Result<Verdict, JobFault> {
    let mut part = vec![0; CHUNK];
    let mut sent = stream.write_all(b"zINSTREAM\0");
    while sent.is_ok() {
        let read = fill(content, &mut part)?;
        let length = u32::try_from(read).unwrap_or_default().to_be_bytes();
        sent = stream
            .write_all(&length)
            .and_then(|()| stream.write_all(part.get(..read).unwrap_or_default()));
        if read == 0 {
            break;
        }
    }
    let sent = sent.and_then(|()| stream.flush());
    // It hangs up on what is too long for it, and says so first.
    let mut answer = Vec::new();
    let mut one = [0];
    let read = loop {
        match stream.read(&mut one) {
            Ok(0) => break Ok(()),
            Ok(_) if one == [0] => break Ok(()),
            Ok(_) if answer.len() as u64 >= ANSWER_BYTES_MAX => break Ok(()),
            Ok(_) => answer.extend_from_slice(&one),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    let answer = String::from_utf8_lossy(&answer);
    let answer = answer.trim();
    if let Some(told) = answer.strip_prefix("stream: ") {
        if told == "OK" {
            // Only of what it was sent to the end.
            sent.map_err(|error| again("clamd did not take all of it", &error))?;
            return Ok(Verdict::Clean);
        }
        if let Some(found) = told.strip_suffix(" FOUND") {
            return Ok(Verdict::Infected(found.to_owned()));
        }
    }
    if answer.contains("size limit exceeded") {
        return Err(never("clamd takes less than that: raise its StreamMaxLength to 26M"));
    }
    if let Err(error) = sent.and(read) {
        return Err(again("clamd broke off", &error));
    }
    Err(JobFault { why: format!("clamd says `{answer}`"), again: true })
}

/// Runs a program with the content on its standard input, in an empty environment. It need not read all
/// of it; what counts is how it ends: 0 clean, 1 infected.
fn program(path: &std::path::Path, content: &mut (impl Read + Send)) -> Result<Verdict, JobFault> {
    let failed = |error: std::io::Error| again("the scanner could not be run", &error);
    let mut child = Command::new(path)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let input = child.stdin.take();
    let (fed, ended) = std::thread::scope(|scope| {
        let feeding = scope.spawn(move || {
            let Some(mut input) = input else { return Ok(()) };
            let mut part = vec![0; CHUNK];
            loop {
                let read = fill(content, &mut part)?;
                // A program that has seen enough closes its end.
                if read == 0 || input.write_all(part.get(..read).unwrap_or_default()).is_err() {
                    return Ok(());
                }
            }
        });
        let mut looks = 0;
        let ended = loop {
            match child.try_wait() {
                Ok(None) if looks < LOOKS_MAX => {
                    looks += 1;
                    std::thread::sleep(LOOK);
                }
                Ok(None) => {
                    // Ended at once, so that what feeds it is not held up; that it cannot be is said below.
                    let _ = child.kill();
                    let _ = child.wait();
                    break Ok(None);
                }
                other => break other,
            }
        };
        (feeding.join(), ended)
    });
    match fed {
        Ok(fed) => fed?,
        Err(_) => return Err(never("the document could not be given to the scanner")),
    }
    match ended.map_err(failed)? {
        None => {
            Err(JobFault { why: "the scanner took longer than two minutes".into(), again: true })
        }
        Some(status) => match status.code() {
            Some(0) => Ok(Verdict::Clean),
            Some(1) => Ok(Verdict::Infected("found by the program".to_owned())),
            _ => Err(JobFault { why: format!("the scanner ended with {status}"), again: true }),
        },
    }
}

/// Looks for the test file.
fn signature(content: &mut impl Read) -> Result<Verdict, JobFault> {
    let wanted = EICAR.concat();
    let finder = memchr::memmem::Finder::new(&wanted);
    let mut held = Vec::new();
    let mut part = vec![0; CHUNK];
    loop {
        let read = fill(content, &mut part)?;
        if read == 0 {
            return Ok(Verdict::Clean);
        }
        held.extend_from_slice(part.get(..read).unwrap_or_default());
        if finder.find(&held).is_some() {
            return Ok(Verdict::Infected("EICAR test file".to_owned()));
        }
        // What may be its beginning is looked at again with what follows.
        let seen = held.len().saturating_sub(wanted.len() - 1);
        held.drain(..seen);
    }
}

/// Does a job of the kind [`SCAN_JOB`]. Gives what is kept of it.
pub(crate) fn scan(shared: &Shared, job: &JobRecord) -> Result<String, JobFault> {
    let scanner = &shared.config.scanner;
    let documents = &shared.config.documents;
    let task = ScanTask::parse(&job.body)
        .ok_or_else(|| never("the body of the job is of no scan of this version"))?;
    if !scanner.is_set() {
        return Err(never("no scanner is set: start `gadolin serve` with --scanner"));
    }
    let told = match documents.sealed(&task.key) {
        Ok(content)
            if matches!(content.document().scan, ScanState::Clean | ScanState::Infected) =>
        {
            return Ok(job.body.clone());
        }
        Ok(mut content) => scanner.scan(&mut content),
        Err(error) => Err(never(error.to_string())),
    };
    let now = shared.now();
    let verdict = match &told {
        Ok(verdict) => verdict.clone(),
        Err(fault) if fault.again && again_us(job.tries, now).is_some() => {
            return Err(fault.clone());
        }
        Err(fault) => Verdict::Failed(fault.why.clone()),
    };
    if matches!(verdict, Verdict::Infected(_)) {
        tracing::warn!(kind = SCAN_JOB, "a document is infected; it stays sealed");
    }
    documents
        .scanned(&task, &verdict, scanner.name(), now)
        .map_err(|error| JobFault { why: error.to_string(), again: true })?;
    told.map(|_| job.body.clone())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn eicar() -> Vec<u8> {
        EICAR.concat()
    }

    #[test]
    fn scanners_are_read_and_what_is_none_is_told_what_would_be() {
        for (text, name) in [
            ("none", "none"),
            ("signature", "signature"),
            ("clamd:127.0.0.1:3310", "clamd"),
            ("clamd:[::1]:3310", "clamd"),
            ("clamd:/run/clamd.sock", "clamd"),
            ("command:/usr/bin/scan", "command"),
        ] {
            let scanner = Scanner::parse(text).unwrap();
            assert_eq!((scanner.name(), scanner.is_set()), (name, text != "none"));
        }
        for (text, accepted) in [
            ("clamd:127.0.0.1", "HOST:PORT"),
            ("clamd::3310", "HOST:PORT"),
            ("clamd:host:0", "HOST:PORT"),
            ("command:scan", "whole path"),
            ("", "signature or none"),
            ("sophos", "signature or none"),
        ] {
            assert!(Scanner::parse(text).unwrap_err().contains(accepted), "{text}");
        }
    }

    #[test]
    fn the_signature_is_found_wherever_it_stands_and_nothing_else_is() {
        for at in [0, 1, CHUNK - 68, CHUNK - 67, CHUNK - 1, CHUNK, 3 * CHUNK + 5] {
            let bytes = [vec![b'a'; at], eicar(), vec![b'b'; 9]].concat();
            let found = signature(&mut bytes.as_slice()).unwrap();
            assert_eq!(found, Verdict::Infected("EICAR test file".into()), "{at}");
            let cut = [vec![b'a'; at], eicar()[..67].to_vec()].concat();
            assert_eq!(signature(&mut cut.as_slice()).unwrap(), Verdict::Clean, "{at}");
        }
        assert_eq!(signature(&mut std::io::empty()).unwrap(), Verdict::Clean);
    }

    /// Reads what INSTREAM sends.
    fn instream(mut stream: impl Read) -> Vec<u8> {
        let mut command = [0; 10];
        stream.read_exact(&mut command).unwrap();
        assert_eq!(&command, b"zINSTREAM\0");
        let mut bytes = Vec::new();
        loop {
            let mut length = [0; 4];
            stream.read_exact(&mut length).unwrap();
            match u32::from_be_bytes(length) as usize {
                0 => return bytes,
                length => {
                    let at = bytes.len();
                    bytes.resize(at + length, 0);
                    stream.read_exact(&mut bytes[at..]).unwrap();
                }
            }
        }
    }

    /// A clamd that says this, to whom `sent` is sent; what it was sent, and what came of it.
    fn told(answer: &'static [u8], sent: &[u8]) -> (Vec<u8>, Result<Verdict, JobFault>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = format!("clamd:{}", listener.local_addr().unwrap());
        let sink = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let bytes = instream(&stream);
            stream.write_all(answer).unwrap();
            bytes
        });
        let verdict = Scanner::parse(&place).unwrap().scan(&mut std::io::Cursor::new(sent));
        (sink.join().unwrap(), verdict)
    }

    #[test]
    fn clamd_is_sent_the_whole_content_and_only_its_plain_yes_is_one() {
        let long: Vec<u8> = (0..300_000_u32).map(|i| (i % 251) as u8).collect();
        let (got, verdict) = told(b"stream: OK\0", &long);
        assert!(got == long && verdict == Ok(Verdict::Clean));
        let (got, verdict) = told(b"stream: Win.Test.EICAR_HDB-1 FOUND\0", &eicar());
        let infected = Verdict::Infected("Win.Test.EICAR_HDB-1".into());
        assert_eq!((got, verdict), (eicar(), Ok(infected)));
        for (answer, again) in [
            (b"INSTREAM size limit exceeded. ERROR\0".as_slice(), false),
            (b"stream: Can't allocate memory ERROR\0", true),
            (b"OK\0", true),
            (b"stream: \0", true),
            (b"", true),
        ] {
            let fault = told(answer, b"x").1.unwrap_err();
            assert_eq!(fault.again, again, "{answer:?}");
        }
    }

    #[test]
    fn a_clamd_that_is_away_or_hangs_up_is_asked_again() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = format!("clamd:{}", listener.local_addr().unwrap());
        let scanner = Scanner::parse(&place).unwrap();
        let sink = std::thread::spawn(move || drop(listener.accept().unwrap()));
        let long = vec![0; 4 << 20];
        assert!(scanner.scan(&mut std::io::Cursor::new(&long)).unwrap_err().again);
        sink.join().unwrap();
        assert!(scanner.scan(&mut std::io::Cursor::new(&long)).unwrap_err().again);
    }

    #[test]
    fn clamd_is_reached_over_its_socket_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("clamd.sock");
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let sink = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            instream(&stream);
            stream.write_all(b"stream: OK\0").unwrap();
        });
        let scanner = Scanner::parse(&format!("clamd:{}", path.display())).unwrap();
        assert_eq!(scanner.scan(&mut b"x".as_slice()), Ok(Verdict::Clean));
        sink.join().unwrap();
    }

    #[test]
    fn a_program_says_by_how_it_ends_what_it_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("scan");
        let run = |script: &str, sent: &[u8]| {
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
            let scanner = Scanner::parse(&format!("command:{}", path.display())).unwrap();
            scanner.scan(&mut std::io::Cursor::new(sent.to_vec()))
        };
        let grep = "if grep -q EICAR; then exit 1; else exit 0; fi";
        assert!(matches!(run(grep, &eicar()), Ok(Verdict::Infected(_))));
        assert_eq!(run(grep, b"harmless"), Ok(Verdict::Clean));
        // One that reads nothing of much is heard all the same.
        let much = vec![b'a'; 4 << 20];
        assert_eq!(run("exit 0", &much), Ok(Verdict::Clean));
        assert_eq!(run(r#"test "$(wc -c)" -eq 4194304"#, &much), Ok(Verdict::Clean));
        for script in ["exit 2", "kill -9 $$"] {
            assert!(run(script, b"x").unwrap_err().again, "{script}");
        }
        let absent = Scanner::parse("command:/nowhere/scan").unwrap();
        assert!(absent.scan(&mut b"x".as_slice()).unwrap_err().again);
    }

    /// A content that breaks while it is read, as one that was changed in the database.
    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("chunk 3 was changed"))
        }
    }

    #[test]
    fn what_cannot_be_read_to_its_end_is_never_clean() {
        for scanner in [Scanner::signature(), Scanner::parse("command:/bin/true").unwrap()] {
            let fault = scanner.scan(&mut b"abc".chain(Broken)).unwrap_err();
            assert!(!fault.again && fault.why.contains("chunk 3"), "{fault:?}");
        }
    }
}

//! Just enough of HTTP/1.1 to put load on a server: one connection that is kept, answers with a length.
//!
//! Load and server share the processors, so what the load costs is taken from what is measured. A library's
//! client costs several times as much as this one.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer at most.
const ANSWER_MAX: usize = 16 * 1024 * 1024;

/// A connection.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    answer: Vec<u8>,
}

/// An answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Client {
    /// # Errors
    /// Where nobody listens.
    pub(crate) fn connect(port: u16) -> io::Result<Client> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Client { stream, answer: Vec::new() })
    }

    /// Sends a request as it stands and waits for its answer.
    ///
    /// # Errors
    /// Where the connection ends, or what comes is no answer with a length.
    pub(crate) fn send(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request)?;
        self.answer.clear();
        let head = loop {
            if let Some(at) = self.answer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.receive()?;
        };
        let (status, length) = head_read(&self.answer[..head]).ok_or_else(|| fault("a head"))?;
        while self.answer.len() < head + length {
            self.receive()?;
        }
        Ok(Answer { status, body: &self.answer[head..head + length] })
    }

    fn receive(&mut self) -> io::Result<()> {
        let mut block = [0; 16 * 1024];
        let read = self.stream.read(&mut block)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if self.answer.len() > ANSWER_MAX {
            return Err(fault("an answer of this size"));
        }
        self.answer.extend_from_slice(&block[..read]);
        Ok(())
    }
}

fn fault(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what} that is not understood"))
}

/// Status and length of the body.
fn head_read(head: &[u8]) -> Option<(u16, usize)> {
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    // No body: 204 has no length.
    Some((status, length.unwrap_or(0)))
}

/// A request for a document.
pub(crate) fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\n", authorization(token)).into_bytes()
}

/// A request with a JSON body.
pub(crate) fn post(path: &str, token: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        authorization(token),
        body.len()
    )
    .into_bytes()
}

fn authorization(token: &str) -> String {
    if token.is_empty() {
        return String::new();
    }
    format!("Authorization: Bearer {token}\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_tells_status_and_length() {
        let head = b"HTTP/1.1 207 Multi-Status\r\ncontent-length: 12\r\nx: y\r\n\r\n";
        assert_eq!(head_read(head), Some((207, 12)));
        assert_eq!(head_read(b"HTTP/1.1 204 No Content\r\n\r\n"), Some((204, 0)));
        assert_eq!(head_read(b"SSH-2.0\r\n\r\n"), None);
    }
}

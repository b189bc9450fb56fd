//! A small HTTP/1.1 client that keeps its connection. It says exactly what came over the wire: an
//! answer counts as received only when its last byte has been read.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take before a test is told so.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection, opened at the first request and again after a failure.
#[derive(Debug)]
pub struct Http {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// A request. A body is sent as a form.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `GET`, `POST` …
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Further headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// The form-encoded body.
    pub form: &'a str,
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The first header with a name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A text in the JSON body; empty where there is none.
    pub fn text(&self, name: &str) -> String {
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        json.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    }
}

impl Http {
    /// A client of the server at `address`; nothing is connected yet.
    pub const fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// `GET path`.
    ///
    /// # Errors
    /// Where no whole answer came back.
    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send(&Request { method: "GET", path, headers: &[], form: "" })
    }

    /// `POST path` with a form.
    ///
    /// # Errors
    /// Where no whole answer came back.
    pub fn post(&mut self, path: &str, form: &str) -> io::Result<Answer> {
        self.send(&Request { method: "POST", path, headers: &[], form })
    }

    /// Sends a request and reads its answer. After an error the next request gets a new connection.
    ///
    /// # Errors
    /// Where no whole answer came back.
    pub fn send(&mut self, request: &Request<'_>) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.address)?,
        };
        stream.get_mut().write_all(text_of(request).as_bytes())?;
        let answer = read_answer(&mut stream)?;
        if answer.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

fn connect(address: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

fn text_of(request: &Request<'_>) -> String {
    let Request { method, path, headers, form } = *request;
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        // Writing to a String cannot fail.
        let _ = write!(text, "{name}: {value}\r\n");
    }
    if method != "GET" {
        let _ = write!(
            text,
            "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n",
            form.len()
        );
    }
    text.push_str("\r\n");
    text.push_str(form);
    text
}

fn read_answer(stream: &mut impl BufRead) -> io::Result<Answer> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let status = line(stream)?;
    let status = status.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    let status = status.and_then(|code| code.parse().ok()).ok_or_else(|| wrong("no status line"))?;
    let mut headers = Vec::new();
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| wrong("a header without a colon"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer { status, headers, body: String::new() };
    let length = answer.header("content-length").ok_or_else(|| wrong("an answer without content-length"))?;
    let length: usize = length.parse().map_err(|_| wrong("content-length is no number"))?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    answer.body = String::from_utf8(body).map_err(|_| wrong("a body that is not UTF-8"))?;
    Ok(answer)
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    stream.take(64 * 1024).read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(line) => Ok(line.to_owned()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_answer_is_read_and_half_a_one_is_an_error() {
        let wire = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\ncontent-length: 13\r\n\r\n{\"error\":\"x\"}";
        let answer = read_answer(&mut wire.as_bytes()).unwrap();
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")));
        assert_eq!(answer.text("error"), "x");
        for length in 0..wire.len() {
            assert!(read_answer(&mut &wire.as_bytes()[..length]).is_err(), "{length}");
        }
    }
}

//! A small HTTP/1.1 client that keeps its connection. It says exactly what came over the wire: an
//! answer counts as received only when its last byte has been read.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::conform::{self, Answered, Asked};

/// How long an answer may take before a test is told so.
const PATIENCE: Duration = Duration::from_secs(30);

/// The text of the error of an answer that nobody asked for.
pub const UNASKED: &str = "an answer that was not asked for";

/// One connection, opened at the first request and again after a failure.
#[derive(Debug)]
pub struct Http {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// A request. A body is sent as a form, where the headers say nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `GET`, `POST` …
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Further headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
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
            Some(stream) => nothing_unasked(stream)?,
            None => connect(self.address)?,
        };
        stream.get_mut().write_all(text_of(request).as_bytes())?;
        let answer = read_answer(&mut stream)?;
        let headers: Vec<_> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
        conform::check(
            Asked { method: request.method, target: request.path, body: request.form.as_bytes() },
            Answered {
                status: answer.status,
                content_type: answer.header("content-type").unwrap_or_default(),
                headers: &headers,
                body: answer.body.as_bytes(),
            },
        );
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

/// A connection on which no more has come than was asked for: a second answer to an earlier request
/// would lie here, and be taken for that of the next one.
fn nothing_unasked(stream: BufReader<TcpStream>) -> io::Result<BufReader<TcpStream>> {
    stream.get_ref().set_nonblocking(true)?;
    let more = stream.get_ref().peek(&mut [0]);
    stream.get_ref().set_nonblocking(false)?;
    // An end of the connection (0 bytes, or an error) is for the next request to meet.
    if stream.buffer().is_empty() && !matches!(more, Ok(1..)) {
        return Ok(stream);
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, UNASKED))
}

fn text_of(request: &Request<'_>) -> String {
    let Request { method, path, headers, form } = *request;
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        // Writing to a String cannot fail.
        let _ = write!(text, "{name}: {value}\r\n");
    }
    if method != "GET" {
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            text.push_str("content-type: application/x-www-form-urlencoded\r\n");
        }
        let _ = write!(text, "content-length: {}\r\n", form.len());
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
    let length: usize = match (answer.header("content-length"), status) {
        (Some(length), _) => length.parse().map_err(|_| wrong("content-length is no number"))?,
        // It has no body (RFC 9110 §15.3.5).
        (None, 204) => 0,
        (None, _) => return Err(wrong("an answer without content-length")),
    };
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
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_second_answer_is_an_error_of_the_next_request() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut http = Http::new(listener.local_addr().unwrap());
        for together in [true, false] {
            let (mut answered, mut twice) = (Vec::new(), Vec::new());
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
            answered.extend_from_slice(answer);
            if together {
                answered.extend_from_slice(answer);
            } else {
                twice.extend_from_slice(answer);
            }
            let mut server = std::thread::scope(|scope| {
                let serving = scope.spawn(|| {
                    let (mut stream, _) = listener.accept().unwrap();
                    read_request(&mut stream);
                    stream.write_all(&answered).unwrap();
                    stream
                });
                assert_eq!(http.get("/a/path/of/no/document").unwrap().status, 200);
                serving.join().unwrap()
            });
            server.write_all(&twice).unwrap();
            // Closed, so that the peek below cannot come too early.
            server.shutdown(std::net::Shutdown::Write).unwrap();
            while !together
                && matches!(http.stream.as_ref().unwrap().get_ref().peek(&mut [0]), Ok(0) | Err(_))
            {
            }
            assert_eq!(http.get("/").unwrap_err().to_string(), UNASKED);
        }
    }

    fn read_request(stream: &mut TcpStream) {
        let mut lines = BufReader::new(stream);
        while !line(&mut lines).unwrap().is_empty() {}
    }

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

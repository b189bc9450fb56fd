//! One plain HTTP/1.1 request on its own connection: to see that an endpoint answers rightly before and between
//! measurements. No load is made with it.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// A request as the measurements send it. `form` is a body of `application/x-www-form-urlencoded`.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: &'static str,
    pub path: &'static str,
    pub authorization: Option<String>,
    pub form: Option<String>,
}

/// What came back: status, size of everything on the wire in bytes, body text.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub bytes: usize,
    pub body: String,
}

/// Sends the request; an answer may take 10 seconds.
pub fn send(address: SocketAddr, request: &Request) -> Result<Answer> {
    let patience = Duration::from_secs(10);
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_nodelay(true)?;
    stream.write_all(wire_text(address, request).as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse_answer(&answer)
}

fn wire_text(address: SocketAddr, request: &Request) -> String {
    let Request { method, path, authorization, form } = request;
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    // Writing to a String cannot fail.
    if let Some(value) = authorization {
        let _ = write!(text, "Authorization: {value}\r\n");
    }
    if let Some(body) = form {
        let length = body.len();
        let _ = write!(
            text,
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        );
    } else {
        text.push_str("\r\n");
    }
    text
}

fn parse_answer(bytes: &[u8]) -> Result<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").context("the answer has no end of headers")?;
    ensure!(head.starts_with("HTTP/1."), "the answer is not HTTP/1: {head}");
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Ok(Answer {
        status: status.context("no status in the answer")?,
        bytes: bytes.len(),
        body: body.to_owned(),
    })
}

/// The `Authorization` value of `client_secret_basic`: both halves form-urlencoded, then base64
/// (RFC 6749 section 2.3.1).
pub fn basic(client_id: &str, client_secret: &str) -> String {
    let pair = format!("{}:{}", form_encoded(client_id), form_encoded(client_secret));
    format!("Basic {}", base64(pair.as_bytes()))
}

fn form_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => encoded.push(byte.into()),
            b' ' => encoded.push('+'),
            other => {
                let _ = write!(encoded, "%{other:02X}");
            }
        }
    }
    encoded
}

/// RFC 4648 section 4, with padding.
fn base64(bytes: &[u8]) -> String {
    let digit = |six_bits: u32| match u8::try_from(six_bits & 63).unwrap_or_default() {
        n @ 0..26 => char::from(b'A' + n),
        n @ 26..52 => char::from(b'a' + n - 26),
        n @ 52..62 => char::from(b'0' + n - 52),
        62 => '+',
        _ => '/',
    };
    let mut encoded = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        encoded.push(digit(bits >> 18));
        encoded.push(digit(bits >> 12));
        encoded.push(if chunk.len() > 1 { digit(bits >> 6) } else { '=' });
        encoded.push(if chunk.len() > 2 { digit(bits) } else { '=' });
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of RFC 4648 section 10, and the two digits outside letters and numbers.
    #[test]
    fn base64_vectors() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("~~~???", "fn5+Pz8/"),
        ];
        for (plain, encoded) in vectors {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn basic_halves_are_form_urlencoded() {
        assert_eq!(basic("a:b", "c d%"), format!("Basic {}", base64(b"a%3Ab:c+d%25")));
    }

    #[test]
    fn status_and_body_are_read() {
        let answer = parse_answer(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n{}").unwrap();
        assert_eq!((answer.status, answer.body.as_str(), answer.bytes), (503, "{}", 54));
        assert!(parse_answer(b"").is_err());
        assert!(parse_answer(b"SSH-2.0\r\n\r\n").is_err());
    }
}

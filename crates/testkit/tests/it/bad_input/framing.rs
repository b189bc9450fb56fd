//! HTTP itself: request lines, hosts, header fields, lengths, chunks and what breaks off.

use super::{BASIC, Case, FORM, HOST, case};

const GOOD: &str = "grant_type=client_credentials";
/// Refused below the endpoints, where there is no OAuth body to send.
const BAD: (u16, &str) = (400, "");
const INVALID: (u16, &str) = (400, "invalid_request");
const TOO_LARGE: (u16, &str) = (431, "");

pub(super) fn cases() -> Vec<Case> {
    let mut table = Vec::new();
    request_lines(&mut table);
    hosts(&mut table);
    fields(&mut table);
    lengths(&mut table);
    chunks(&mut table);
    table
}

fn request_lines(table: &mut Vec<Case>) {
    let rest = format!("{HOST}{BASIC}{FORM}content-length: 29\r\n\r\n{GOOD}");
    for (what, line) in [
        ("HTTP/0.9", "GET /"),
        ("no version", "POST /oauth2/token"),
        ("no target", "POST HTTP/1.1"),
        ("no method", "/oauth2/token HTTP/1.1"),
        ("an empty target", "POST  HTTP/1.1"),
        ("two spaces", "POST  /oauth2/token HTTP/1.1"),
        ("words after the version", "POST /oauth2/token HTTP/1.1 x"),
        ("a space in the target", "POST /oauth2/to ken HTTP/1.1"),
        ("a tab for a space", "POST\t/oauth2/token\tHTTP/1.1"),
        ("HTTP/1.2", "POST /oauth2/token HTTP/1.2"),
        ("HTTP/2.0", "POST /oauth2/token HTTP/2.0"),
        ("HTTP/3", "POST /oauth2/token HTTP/3"),
        ("http in small letters", "POST /oauth2/token http/1.1"),
        ("HTTPS", "POST /oauth2/token HTTPS/1.1"),
        ("a fragment of a version", "POST /oauth2/token HTTP/1"),
        ("a control character in the method", "PO\u{1}ST /oauth2/token HTTP/1.1"),
        ("a method with a brace", "PO{ST /oauth2/token HTTP/1.1"),
        ("NUL in the target", "POST /oauth2/token\0 HTTP/1.1"),
        ("DEL in the target", "POST /oauth2/token\u{7f} HTTP/1.1"),
        ("a target without a slash", "POST oauth2/token HTTP/1.1"),
    ] {
        table.push(case(what, format!("{line}\r\n{rest}"), BAD));
    }
    let mut high = b"POST /oauth2/\xff\xfe HTTP/1.1\r\n".to_vec();
    high.extend_from_slice(rest.as_bytes());
    table.push(case("a target that is not text", high, BAD));
    table.push(case("the HTTP/2 preface", &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], BAD));
    table.push(case("a TLS greeting", &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..], BAD));
    table.push(case("bytes without sense", &b"\x00\x01\x02\x03\xff\xfe\xfd\r\n\r\n"[..], BAD));
    table.push(case("a line that never ends", b"POST /oauth2/token HTTP/1.1".to_vec(), BAD));
    table.push(case(
        "a proxy's CONNECT",
        format!("CONNECT id.example:443 HTTP/1.1\r\n{HOST}\r\n"),
        (404, "not_found"),
    ));
    table.push(case(
        "a proxy's absolute target",
        format!("POST http://id.example/nothing HTTP/1.1\r\n{rest}"),
        (404, "not_found"),
    ));
    table.push(case(
        "a long path",
        format!("POST /{} HTTP/1.1\r\n{rest}", "a".repeat(20_000)),
        (404, "not_found"),
    ));
    table.push(case(
        "a target of 70 KB",
        format!("POST /{} HTTP/1.1\r\n{rest}", "a".repeat(70_000)),
        TOO_LARGE,
    ));
}

/// RFC 9112 §3.2.
fn hosts(table: &mut Vec<Case>) {
    let rest = format!("{BASIC}{FORM}content-length: 29\r\n\r\n{GOOD}");
    for (what, hosts) in [
        ("no host", ""),
        ("two hosts", "host: id.example\r\nhost: other.example\r\n"),
        ("the same host twice", "host: id.example\r\nhost: id.example\r\n"),
        ("a host with a space", "host: id example\r\n"),
        ("a host with a path", "host: id.example/x\r\n"),
        ("a host with a user", "host: admin@id.example\r\n"),
        ("a host with two ports", "host: id.example:1:2\r\n"),
        ("a host with a word for a port", "host: id.example:http\r\n"),
        ("a host with a port too large", "host: id.example:65536\r\n"),
        ("a host in half a bracket", "host: [::1\r\n"),
        ("two hosts in one", "host: id.example, other.example\r\n"),
        ("a host with a quote", "host: id\".example\r\n"),
    ] {
        table.push(case(what, format!("POST /oauth2/token HTTP/1.1\r\n{hosts}{rest}"), INVALID));
    }
}

fn fields(table: &mut Vec<Case>) {
    let tail = format!("{BASIC}{FORM}content-length: 29\r\n\r\n{GOOD}");
    for (what, field) in [
        ("a field without a colon", "x-field\r\n"),
        ("a field without a name", ": x\r\n"),
        ("a space before the colon", "x-field : x\r\n"),
        ("a folded field", "x-field: a\r\n b\r\n"),
        ("a first field that is folded", " x-field: a\r\n"),
        ("NUL in a field", "x-field: a\0b\r\n"),
        ("a control character in a field", "x-field: a\u{1}b\r\n"),
        ("DEL in a field", "x-field: a\u{7f}b\r\n"),
        ("a bare carriage return in a field", "x-field: a\rb\r\n"),
        ("a name with a space", "x field: a\r\n"),
        ("a name with a parenthesis", "x(field: a\r\n"),
        ("a name beyond ASCII", "x-fi\u{e9}ld: a\r\n"),
        ("a name in quotes", "\"x-field\": a\r\n"),
    ] {
        table.push(case(what, format!("POST /oauth2/token HTTP/1.1\r\n{HOST}{field}{tail}"), BAD));
    }
    let head = format!("POST /oauth2/token HTTP/1.1\r\n{HOST}");
    table.push(case("101 fields", format!("{head}{}{tail}", "x: y\r\n".repeat(98)), TOO_LARGE));
    table.push(case(
        "a field of 70 KB",
        format!("{head}x-field: {}\r\n{tail}", "a".repeat(70_000)),
        TOO_LARGE,
    ));
    table.push(case("a name of 70 KB", format!("{head}{}: x\r\n{tail}", "a".repeat(70_000)), TOO_LARGE));
    let cookies = format!("cookie: {}\r\n", "a".repeat(1000)).repeat(70);
    table.push(case("70 KB of cookies", format!("{head}{cookies}{tail}"), TOO_LARGE));
    table.push(case("a head that breaks off", format!("{head}x-field: a"), BAD));
    table.push(case("a head without its empty line", format!("{head}{BASIC}{FORM}"), BAD));
}

/// RFC 9112 §6.
fn lengths(table: &mut Vec<Case>) {
    let head = format!("POST /oauth2/token HTTP/1.1\r\n{HOST}{BASIC}{FORM}");
    for (what, field) in [
        ("two lengths that differ", "content-length: 29\r\ncontent-length: 30\r\n"),
        ("two lengths in one field", "content-length: 29, 30\r\n"),
        ("a negative length", "content-length: -29\r\n"),
        ("a length with a sign", "content-length: +29\r\n"),
        ("a length in hexadecimal", "content-length: 0x1d\r\n"),
        ("a length with a fraction", "content-length: 29.0\r\n"),
        ("a length that is a word", "content-length: many\r\n"),
        ("an empty length", "content-length: \r\n"),
        ("a length beyond 64 bits", "content-length: 99999999999999999999999\r\n"),
        ("a length with a space in it", "content-length: 2 9\r\n"),
        ("an unknown transfer coding", "transfer-encoding: gzip\r\n"),
        ("chunked that is not last", "transfer-encoding: chunked, gzip\r\n"),
        ("a transfer coding that looks like chunked", "transfer-encoding: xchunked\r\n"),
    ] {
        table.push(case(what, format!("{head}{field}\r\n{GOOD}"), BAD));
    }
    table.push(case(
        "a body shorter than its length",
        format!("{head}content-length: 30\r\n\r\n{GOOD}"),
        INVALID,
    ));
    table.push(case("no body at all", format!("{head}content-length: 29\r\n\r\n"), INVALID));
    table.push(case("a body without a length", format!("{head}\r\n"), INVALID));
    table.push(case(
        "an announced gigabyte",
        format!("{head}content-length: 1073741824\r\n\r\n"),
        (413, "invalid_request"),
    ));
    table.push(case(
        "an announced gigabyte that waits to be asked for",
        format!("{head}expect: 100-continue\r\ncontent-length: 1073741824\r\n\r\n"),
        (413, "invalid_request"),
    ));
    table.push(case(
        "a body that waits to be asked for and never comes",
        format!("{head}expect: 100-continue\r\ncontent-length: 29\r\n\r\n"),
        INVALID,
    ));
    let old =
        format!("POST /oauth2/token HTTP/1.0\r\n{BASIC}{FORM}transfer-encoding: chunked\r\n\r\n0\r\n\r\n");
    table.push(case("chunks in HTTP/1.0", old, BAD));
}

/// RFC 9112 §7.1.
fn chunks(table: &mut Vec<Case>) {
    let head =
        format!("POST /oauth2/token HTTP/1.1\r\n{HOST}{BASIC}{FORM}transfer-encoding: chunked\r\n\r\n");
    let big = format!("11000\r\n{}\r\n0\r\n\r\n", "x".repeat(0x11000));
    for (what, body, expected) in [
        ("a chunk without a size", "\r\nabc\r\n0\r\n\r\n", INVALID),
        ("a size that is no number", "zz\r\nabc\r\n0\r\n\r\n", INVALID),
        ("a negative size", "-1\r\nabc\r\n0\r\n\r\n", INVALID),
        ("a size with a prefix", "0x3\r\na=b\r\n0\r\n\r\n", INVALID),
        ("a size beyond 64 bits", "fffffffffffffffff\r\na=b\r\n0\r\n\r\n", INVALID),
        ("the largest size", "ffffffffffffffff\r\na=b\r\n0\r\n\r\n", INVALID),
        ("a chunk longer than its size", "2\r\na=b\r\n0\r\n\r\n", INVALID),
        ("a chunk that breaks off", "ff\r\na=b", INVALID),
        ("no last chunk", "3\r\na=b\r\n", INVALID),
        ("a last chunk that breaks off", "3\r\na=b\r\n0\r\n", INVALID),
        ("a size that ends in a carriage return", "3\ra=b\r\n0\r\n\r\n", INVALID),
        ("a bad extension", "3;x=\u{1}\"\n\r\na=b\r\n0\r\n\r\n", INVALID),
        ("a good body of nothing", "0\r\n\r\n", INVALID),
        ("chunks too large together", big.as_str(), (413, "invalid_request")),
    ] {
        table.push(case(format!("chunked: {what}"), format!("{head}{body}"), expected));
    }
    // Both framings: by the length the body is whole, by the chunks it is not.
    let both = format!(
        "POST /oauth2/token HTTP/1.1\r\n{HOST}{BASIC}{FORM}content-length: 29\r\ntransfer-encoding: chunked\r\n\r\n{GOOD}"
    );
    table.push(case("a length and chunks", both, INVALID));
}

//! Forms that bring a file (`multipart/form-data`, RFC 7578), as browsers send them: a name and its bytes, part after part.
//! What else a part says of itself, such as the name of the file, is nobody's business here.

/// Parts of a form at the most.
const PARTS: usize = 16;
/// Bytes of what a part says of itself, at the most.
const HEAD: usize = 1024;

/// A form that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MultipartError;

/// A form with its parts, in the order in which they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultipartForm<'a>(Vec<(&'a str, &'a [u8])>);

impl<'a> MultipartForm<'a> {
    /// Reads a whole body by the `Content-Type` that it was sent with.
    ///
    /// # Errors
    /// [`MultipartError`], also where a name comes twice: nobody could say which one counts.
    pub fn parse(content_type: &str, body: &'a [u8]) -> Result<Self, MultipartError> {
        let line = [b"\r\n--", boundary(content_type).ok_or(MultipartError)?.as_bytes()].concat();
        // The first line has no line before it.
        let mut rest = body.strip_prefix(line.get(2..).unwrap_or_default()).ok_or(MultipartError)?;
        let mut parts: Vec<(&str, &[u8])> = Vec::new();
        while !rest.starts_with(b"--") {
            let part = rest.strip_prefix(b"\r\n").ok_or(MultipartError)?;
            let (head, content) = split(part.get(..HEAD.min(part.len())).unwrap_or_default(), b"\r\n\r\n")
                .and_then(|(head, _)| Some((head, part.get(head.len() + 4..)?)))
                .ok_or(MultipartError)?;
            let name = name(std::str::from_utf8(head).map_err(|_| MultipartError)?).ok_or(MultipartError)?;
            let (content, behind) = split(content, &line).ok_or(MultipartError)?;
            if parts.len() == PARTS || parts.iter().any(|(known, _)| *known == name) {
                return Err(MultipartError);
            }
            parts.push((name, content));
            rest = behind;
        }
        Ok(Self(parts))
    }

    /// What was sent under a name.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, content)| *content)
    }

    /// The same, where it is text.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        std::str::from_utf8(self.get(name)?).ok()
    }
}

/// What stands before the first place of something, and what behind it.
fn split<'a>(text: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = text.windows(at.len()).position(|window| window == at)?;
    Some((text.get(..start)?, text.get(start + at.len()..)?))
}

/// What stands between the parts (RFC 2046 §5.1.1).
fn boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').map(str::trim);
    if !parameters.next()?.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then_some(value)
    })?;
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    ((1..=70).contains(&value.len()) && value.bytes().all(is_fit)).then_some(value)
}

/// The name of a part (RFC 7578 §4.2).
fn name(head: &str) -> Option<&str> {
    head.split("\r\n").find_map(|line| {
        let (field, value) = line.split_once(':')?;
        let is_it = field.eq_ignore_ascii_case("content-disposition");
        let (_, rest) = value.split_once("; name=\"").filter(|_| is_it)?;
        rest.split('"').next().filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TYPE: &str = "multipart/form-data; boundary=----WebKitFormBoundaryAbc";

    fn body(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (head, content) in parts {
            body.extend_from_slice(b"------WebKitFormBoundaryAbc\r\n");
            body.extend_from_slice(format!("Content-Disposition: form-data; {head}\r\n\r\n").as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"------WebKitFormBoundaryAbc--\r\n");
        body
    }

    /// RFC 7578 §4.2, §5.1
    #[test]
    fn a_form_with_a_file_is_read() {
        let file: &[u8] = b"\x89PNG\r\n--\r\n\xff";
        let head = "name=\"picture\"; filename=\"a \\\"b\\\".png\"\r\nContent-Type: image/png";
        let sent = body(&[("name=\"csrf\"", b"token"), (head, file), ("name=\"none\"", b"")]);
        let form = MultipartForm::parse(TYPE, &sent).unwrap();
        assert_eq!((form.text("csrf"), form.get("picture")), (Some("token"), Some(file)));
        assert_eq!((form.get("none"), form.get("other")), (Some(&b""[..]), None));
        let quoted = TYPE.replace("----Web", "\"----Web") + "\"; charset=utf-8";
        assert_eq!(MultipartForm::parse(&quoted, &sent), Ok(form));
    }

    #[test]
    fn what_is_no_such_form_is_refused() {
        let good = body(&[("name=\"a\"", b"1")]);
        let twice = body(&[("name=\"a\"", b"1"), ("name=\"a\"", b"2")]);
        let unnamed = body(&[("filename=\"a\"", b"1")]);
        let many: Vec<String> = (0..17).map(|number| format!("name=\"{number}\"")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|head| (head.as_str(), &b"1"[..])).collect();
        let long = format!("name=\"a\"; filename=\"{}\"", "a".repeat(HEAD));
        for (kind, sent) in [
            ("multipart/form-data", good.clone()),
            ("multipart/form-data; boundary=", good.clone()),
            ("multipart/form-data; boundary=other", good.clone()),
            ("multipart/mixed; boundary=----WebKitFormBoundaryAbc", good.clone()),
            (TYPE, good[..good.len() - 6].to_vec()),
            (TYPE, [b"before\r\n", good.as_slice()].concat()),
            (TYPE, twice),
            (TYPE, unnamed),
            (TYPE, body(&many)),
            (TYPE, body(&[(&long, b"1")])),
            (TYPE, Vec::new()),
        ] {
            assert_eq!(MultipartForm::parse(kind, &sent), Err(MultipartError), "{kind}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused(content: Vec<u8>, at in 0_usize..200, byte: u8, kind in ".{0,80}") {
            let mut sent = body(&[("name=\"a\"", &content)]);
            let len = sent.len();
            sent[at % len] = byte;
            let _ = MultipartForm::parse(TYPE, &sent);
            let _ = MultipartForm::parse(&kind, &sent);
        }
    }
}

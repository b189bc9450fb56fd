//! A language that nobody speaks, made of English where the server is built for its developers: a third longer, with
//! accents, in brackets, from right to left. Pages are shown in it to find what is cut off, and what is in no file of
//! words.

/// Its tag: one for private use.
pub(crate) const TAG: &str = "qps";

/// What a text begins and ends with.
pub(crate) const BRACKETS: [char; 2] = ['⟦', '⟧'];

/// A file of English words in that language.
pub(crate) fn file(english: &str) -> String {
    let mut out = String::with_capacity(english.len() * 2);
    for line in english.lines() {
        out.push_str(&strange(line));
        out.push('\n');
    }
    out
}

/// A line, in which what is no text stays: comments, ids, and how a plural is chosen.
fn strange(line: &str) -> String {
    let (before, text) = match line.split_once("] ") {
        Some((before, text)) if line.starts_with(' ') => (format!("{before}] "), text),
        _ if line.starts_with(['#', ' ', '}']) || line.ends_with("->") => return line.to_owned(),
        _ => match line.split_once(" = ") {
            Some((id, text)) => (format!("{id} = "), text),
            None => return line.to_owned(),
        },
    };
    let [open, close] = BRACKETS;
    let mut depth = 0_usize;
    let accented: String = text
        .chars()
        .map(|letter| {
            match letter {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 { accent(letter) } else { letter }
        })
        .collect();
    let more = " łõñg".repeat(text.chars().count() * 3 / 10 / 5 + 1);
    format!("{before}{open}{accented}{more}{close}")
}

const fn accent(letter: char) -> char {
    match letter {
        'a' => 'å',
        'e' => 'é',
        'i' => 'î',
        'o' => 'ö',
        'u' => 'û',
        'c' => 'ç',
        'n' => 'ñ',
        's' => 'š',
        'y' => 'ý',
        'A' => 'Å',
        'E' => 'É',
        'I' => 'Î',
        'O' => 'Ö',
        'U' => 'Û',
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_stays() {
        assert_eq!(file("# a\n\nid = To { $name }\n"), "# a\n\nid = ⟦Tö { $name } łõñg⟧\n");
        assert_eq!(file("id = { $count ->\n    [one] 1 a\n}"), "id = { $count ->\n    [one] ⟦1 å łõñg⟧\n}\n");
    }
}

//! How hard a password is to guess: zxcvbn, with its lists of the commonest passwords, names and words,
//! and with what is known of the person.

use writ_core::people::password::{LEAST, MOST, Strength};
use writ_core::secret::Presented;

use super::{Lane, PasswordPool, PoolError};

/// Characters that are looked at: what is longer is strong, or repeats itself. The work grows with their square.
const LOOKED_AT: usize = 64;

/// Ways of reading a password's symbols as letters that are tried at the most. zxcvbn goes through the dictionaries
/// once for each, and a password made for that has hundreds: seconds of work.
const READINGS: usize = 8;

/// Bytes of what is known of a person, each: what is longer is refused elsewhere, for its length.
const KNOWN_BYTES: usize = writ_core::people::NAME_BYTES;

/// What zxcvbn reads as which letters.
const SYMBOLS: [(char, &[char]); 12] = [
    ('a', &['4', '@']),
    ('b', &['8']),
    ('c', &['(', '{', '[', '<']),
    ('e', &['3']),
    ('g', &['6', '9']),
    ('i', &['1', '!', '|']),
    ('l', &['1', '|', '7']),
    ('o', &['0']),
    ('s', &['$', '5']),
    ('t', &['+', '7']),
    ('x', &['%']),
    ('z', &['2']),
];
/// A character that is read as no letter.
const NO_LETTER: char = '~';

impl PasswordPool {
    /// How hard a password is to guess for somebody who knows these things of its owner.
    ///
    /// # Errors
    /// [`PoolError`].
    pub async fn strength(
        &self,
        lane: Lane,
        password: Presented,
        known: Vec<String>,
    ) -> Result<Strength, PoolError> {
        let characters = password.expose().chars().count();
        if !(LEAST..=MOST).contains(&characters) {
            // Refused for its length.
            return Ok(Strength::default());
        }
        let known: Vec<_> = known.into_iter().filter(|known| known.len() <= KNOWN_BYTES).collect();
        let breached = self.breached.clone();
        let looked = move || match breached.as_ref().map(|list| list.contains(&password)) {
            Some(Ok(true)) => Ok(Strength { is_breached: true, ..Strength::default() }),
            Some(Ok(false)) | None => Ok(strength(&password, &known)),
            Some(Err(error)) => {
                tracing::error!("breached_passwords: {error}");
                Err(PoolError::List)
            }
        };
        self.run(self.ticket(lane)?, move |_| looked()).await?
    }
}

/// In how many ways a text with these symbols can be read: of each letter, one of those that may stand for it.
fn readings(symbols: &[char]) -> usize {
    let of_letter =
        |(_, all): &(char, &[char])| all.iter().filter(|one| symbols.contains(one)).count().max(1);
    SYMBOLS.iter().map(of_letter).product()
}

/// A text whose symbols can be read in [`READINGS`] ways at the most: those that would make it more, in the order in
/// which they come, stand for no letter. What people write has one or two.
fn tamed(text: &str) -> String {
    let mut read = Vec::new();
    let is_symbol = |c: char| SYMBOLS.iter().any(|(_, symbols)| symbols.contains(&c));
    text.chars()
        .take(LOOKED_AT)
        .map(|c| {
            if !is_symbol(c) || read.contains(&c) {
                return c;
            }
            read.push(c);
            if readings(&read) <= READINGS {
                return c;
            }
            read.pop();
            NO_LETTER
        })
        .collect()
}

/// Characters besides what is known of a person that make a password more than that.
const LEFT_OVER: usize = 4;

fn strength(password: &Presented, known: &[String]) -> Strength {
    let text: String = password.expose().chars().take(LOOKED_AT).collect();
    let parts = known.iter().flat_map(|known| known.split(|c: char| !c.is_alphanumeric()));
    let mut inputs: Vec<&str> = known.iter().map(String::as_str).chain(parts).collect();
    inputs.retain(|input| input.chars().count() > 2);
    inputs.push("writ");
    if is_all_known(&text, &inputs) {
        return Strength {
            score: 0,
            advice: "It is made of what is known of you.".into(),
            is_breached: false,
        };
    }
    let found = zxcvbn::zxcvbn(&tamed(&text), &inputs);
    let mut advice = Vec::new();
    if let Some(feedback) = found.feedback() {
        advice.extend(feedback.warning().map(|warning| warning.to_string()));
        advice.extend(feedback.suggestions().iter().map(ToString::to_string));
    }
    Strength { score: found.score().into(), advice: advice.join(" ").into(), is_breached: false }
}

/// Whether hardly anything is left of a password without what is known of the person.
fn is_all_known(text: &str, known: &[&str]) -> bool {
    let mut rest = text.to_lowercase();
    let mut known: Vec<_> = known.iter().map(|one| one.to_lowercase()).collect();
    known.sort_by_key(|one| std::cmp::Reverse(one.len()));
    for one in &known {
        rest = rest.replace(one.as_str(), "");
    }
    rest.len() < text.to_lowercase().len() && rest.chars().filter(|c| c.is_alphanumeric()).count() < LEFT_OVER
}

#[cfg(test)]
mod tests {
    use super::*;
    use writ_core::people::password::LEAST_SCORE;

    fn score(password: &str, known: &[&str]) -> u8 {
        let known: Vec<_> = known.iter().map(|text| (*text).to_owned()).collect();
        strength(&Presented::new(password.to_owned()), &known).score
    }

    #[test]
    fn common_passwords_and_those_about_the_person_are_weak() {
        for weak in [
            "password",
            "12345678",
            "qwertyuiop",
            "Password1",
            "p@ssw0rd",
            "iloveyou",
            "aaaaaaaaaaaa",
            "abcdefgh1",
        ] {
            assert!(score(weak, &[]) < LEAST_SCORE, "{weak}");
        }
        let ada = ["ada.lovelace@example.com", "Ada Lovelace", "Analytical Engines"];
        for weak in [
            "lovelace1",
            "AdaLovelace",
            "analytical",
            "ada.lovelace",
            "Lovelace.Ada1",
            "ada.lovelace@example.com",
        ] {
            assert!(score(weak, &ada) < LEAST_SCORE, "{weak}");
        }
        // What the published sample of the contract registers with.
        assert!(score("secure_password", &["john.doe@example.com", "John Doe"]) >= LEAST_SCORE);
        for strong in ["correct horse battery staple", "u7#kQ9!vLm2x", "Zwölf Boxkämpfer jagen"] {
            assert!(score(strong, &ada) >= LEAST_SCORE, "{strong}");
        }
    }

    /// zxcvbn's work is the readings times the square of the length, and both are bounded.
    #[test]
    fn no_password_can_be_read_in_more_than_a_few_ways() {
        let symbols = |text: &str| -> Vec<char> {
            let mut found: Vec<char> =
                text.chars().filter(|c| !c.is_alphabetic() && *c != NO_LETTER).collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        let every: String = SYMBOLS.iter().flat_map(|(_, symbols)| symbols.iter()).collect();
        assert!(readings(&symbols(&every)) > 500, "what a password made for it would cost");
        for hostile in [&*every, "a@4e3i1!o0s$5t+7z2g69b8c({[<x%l|", "il1|!7", "4@({[<"] {
            let hostile = hostile.repeat(20);
            for start in 0..every.len() {
                let hostile: String = hostile.chars().skip(start).collect();
                let tame = tamed(&hostile);
                assert!(readings(&symbols(&tame)) <= READINGS, "{tame}");
                assert_eq!(tame.chars().count(), LOOKED_AT.min(hostile.chars().count()));
            }
        }
    }

    #[test]
    fn what_people_write_is_looked_at_as_it_is() {
        for usual in ["p@ssw0rd", "P4$$w0rd!", "correct horse battery staple", "u7#kQ9!vLm2x", "1l0v3y0u!"] {
            assert_eq!(tamed(usual), usual);
        }
    }

    #[tokio::test]
    async fn what_is_known_of_somebody_is_looked_at_only_where_it_can_be_a_name() {
        let pool = PasswordPool::new();
        let password = || Presented::new("xylophone-quartet".to_owned());
        let long = format!("xylophone-quartet {}", "a ".repeat(500_000));
        let found = pool.strength(Lane::HOUSE, password(), vec![long]).await.unwrap();
        assert!(found.score >= LEAST_SCORE);
        assert_eq!(
            pool.strength(Lane::HOUSE, password(), vec!["Xylophone Quartet".to_owned()]).await.unwrap().score,
            0
        );
    }

    #[test]
    fn advice_is_given_in_words() {
        let found = strength(&Presented::new("password".to_owned()), &[]);
        assert!(found.advice.contains("common password"), "{}", found.advice);
    }
}

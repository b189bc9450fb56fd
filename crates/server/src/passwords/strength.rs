//! How hard a password is to guess: zxcvbn, with its lists of the commonest passwords, names and words,
//! and with what is known of the person.

use writ_core::people::password::{LEAST, MOST, Strength};
use writ_core::secret::Presented;

use super::{Lane, PasswordPool, PoolError};

/// Characters that are looked at: what is longer is strong, or repeats itself.
const LOOKED_AT: usize = 100;

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
        self.run(self.ticket(lane)?, move |_| strength(&password, &known)).await
    }
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
        return Strength { score: 0, advice: "It is made of what is known of you.".into() };
    }
    let found = zxcvbn::zxcvbn(&text, &inputs);
    let mut advice = Vec::new();
    if let Some(feedback) = found.feedback() {
        advice.extend(feedback.warning().map(|warning| warning.to_string()));
        advice.extend(feedback.suggestions().iter().map(ToString::to_string));
    }
    Strength { score: found.score().into(), advice: advice.join(" ").into() }
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

    #[test]
    fn advice_is_given_in_words() {
        let found = strength(&Presented::new("password".to_owned()), &[]);
        assert!(found.advice.contains("common password"), "{}", found.advice);
    }
}

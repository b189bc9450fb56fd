//! `prompt`: how the person is asked (OpenID Connect Core §3.1.2.1).

/// What the request says of how the person is asked (OpenID Connect Core §3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Not at all.
    None,
    /// For their credentials, although they are signed in.
    Login,
    /// For their consent, although they gave it.
    Consent,
    /// For the account: here, by signing in with it.
    SelectAccount,
    /// For a new account (Initiating User Registration via OpenID Connect 1.0 §4).
    Create,
}

impl Prompt {
    /// Every prompt.
    pub const ALL: [Self; 5] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount, Self::Create];

    /// The word in `prompt`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }
}

/// The words of `prompt`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prompts(Vec<Prompt>);

impl Prompts {
    /// Whether the word is among them.
    pub fn has(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// The words, joined by spaces.
    pub fn joined(&self) -> String {
        self.0.iter().map(|prompt| prompt.name()).collect::<Vec<_>>().join(" ")
    }

    /// From words joined by spaces; `None` for one that is unknown, and for `none` beside another.
    pub fn parse(text: &str) -> Option<Self> {
        let mut prompts = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let prompt = Prompt::ALL.into_iter().find(|prompt| prompt.name() == word)?;
            if !prompts.contains(&prompt) {
                prompts.push(prompt);
            }
        }
        (prompts.len() < 2 || !prompts.contains(&Prompt::None)).then_some(Self(prompts))
    }
}

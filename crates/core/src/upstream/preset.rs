//! Providers that many have: what each needs, so that nobody has to look it up.

/// How a provider is talked to, and which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Any that speaks OpenID Connect, with its metadata at a known place (Discovery §4).
    OpenId,
    /// Any that speaks OAuth 2.0 and has an address that tells who somebody is.
    OAuth2,
    /// Google.
    Google,
    /// Microsoft Entra ID, of one directory.
    Microsoft,
    /// GitHub.
    GitHub,
    /// GitLab, at gitlab.com or one's own.
    GitLab,
    /// Apple.
    Apple,
}

/// What a preset brings for whoever leaves it out.
#[derive(Debug, Clone, Copy)]
pub struct PresetDefaults {
    /// What the button says.
    pub name: &'static str,
    /// The issuer, where there is only one.
    pub issuer: Option<&'static str>,
    /// The three addresses of one that has no metadata: to authorize, for tokens, and of who somebody is.
    pub endpoints: Option<[&'static str; 3]>,
    /// What is asked for.
    pub scopes: &'static str,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::OpenId, Self::OAuth2, Self::Google, Self::Microsoft, Self::GitHub, Self::GitLab, Self::Apple];

    /// The name on the wire and in storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::OAuth2 => "oauth2",
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Apple => "apple",
        }
    }

    /// Finds one by its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// Whether it speaks OpenID Connect; else OAuth 2.0.
    pub const fn is_openid(self) -> bool {
        match self {
            Self::OpenId | Self::Google | Self::Microsoft | Self::GitLab | Self::Apple => true,
            Self::OAuth2 | Self::GitHub => false,
        }
    }

    /// Whether it answers with a form that the browser sends: Apple does, where it tells name or email.
    pub const fn posts_its_answer(self) -> bool {
        matches!(self, Self::Apple)
    }

    /// What it brings.
    pub const fn defaults(self) -> PresetDefaults {
        const OPENID: &str = "openid profile email";
        let (name, issuer, scopes) = match self {
            Self::OpenId | Self::OAuth2 => ("", None, OPENID),
            Self::Google => ("Google", Some("https://accounts.google.com"), OPENID),
            Self::Microsoft => ("Microsoft", None, OPENID),
            Self::GitHub => ("GitHub", None, "read:user user:email"),
            Self::GitLab => ("GitLab", Some("https://gitlab.com"), OPENID),
            Self::Apple => ("Apple", Some("https://appleid.apple.com"), "openid name email"),
        };
        let endpoints = match self {
            Self::GitHub => Some([
                "https://github.com/login/oauth/authorize",
                "https://github.com/login/oauth/access_token",
                "https://api.github.com/user",
            ]),
            Self::OpenId | Self::OAuth2 | Self::Google | Self::Microsoft | Self::GitLab | Self::Apple => None,
        };
        let scopes = match self {
            Self::OAuth2 => "",
            Self::OpenId | Self::Google | Self::Microsoft | Self::GitHub | Self::GitLab | Self::Apple => {
                scopes
            }
        };
        PresetDefaults { name, issuer, endpoints, scopes }
    }

    /// Where the addresses of somebody's mailboxes are told, and which of them are verified: GitHub has that apart.
    pub const fn emails_endpoint(self) -> Option<&'static str> {
        match self {
            Self::GitHub => Some("https://api.github.com/user/emails"),
            Self::OpenId | Self::OAuth2 | Self::Google | Self::Microsoft | Self::GitLab | Self::Apple => None,
        }
    }
}

//! Letters in words, as HTML and as text.

use askama::Template;
use writ_core::form::write_pair;
use writ_core::look::{Brand, Colour, Style};
use writ_core::people::factors::FactorKind;
use writ_core::people::links::LinkKind;
use writ_core::people::mailed;
use writ_core::people::{Letter, News};
use writ_core::settings::OwnText;
use writ_core::text::Legible;
use writ_core::time::Seconds;
use zeroize::Zeroizing;

use super::{Mail, Sender};
use crate::call::fault::Fault;
use crate::call::frame::links;
use crate::call::look::family;
use crate::call::when::When;
use crate::call::words::{own_text, say_of};

#[derive(Template)]
#[template(path = "mail.html")]
struct HtmlLetter<'a> {
    design: Design,
    tenant: &'a Legible<'a>,
    links: &'a [(&'a str, String)],
    subject: &'a str,
    before: &'a [String],
    /// What is to be typed.
    code: Option<&'a str>,
    link: Option<(&'a str, &'a str)>,
    after: &'a str,
    from: &'a str,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    links: &'a [(&'a str, String)],
    before: &'a [String],
    /// What is to be typed.
    code: Option<&'a str>,
    link: Option<(&'a str, &'a str)>,
    after: &'a str,
    from: &'a str,
}

/// How a letter is drawn: always light, as programs that show mail do not agree on the dark.
struct Design {
    font: String,
    card: u8,
    corners: u8,
    fill: Colour,
    on: Colour,
    ink: Colour,
}

impl From<&Style> for Design {
    fn from(style: &Style) -> Self {
        const SANS: &str = "system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
        const CORNERS: u8 = 10;
        // What the stylesheet has where nobody chose a colour.
        const INK: Colour = Colour { red: 0x21, green: 0x44, blue: 0x95 };
        let own = Brand { fill: INK, on: Colour::WHITE, ink: INK };
        let Brand { fill, on, ink } = style.brands().map_or(own, |(light, _)| light);
        let corners = style.corners.unwrap_or(CORNERS);
        let card = corners.saturating_mul(8) / 5;
        Self { font: family(style.font).unwrap_or(SANS).replace('"', "'"), card, corners, fill, on, ink }
    }
}

struct LetterWords {
    subject: String,
    before: Vec<String>,
    code: Option<Zeroizing<String>>,
    link: Option<(String, String)>,
    after: String,
}

/// How long a letter is worth something; none: as long as any.
pub(super) fn worth(letter: &Letter) -> Option<Seconds> {
    match &letter.what {
        News::ResetPassword(_) => Some(LinkKind::Reset.lifetime()),
        News::VerifyEmail(_) => Some(LinkKind::Verify.lifetime()),
        News::SignIn(..) | News::SignInCode(_) => Some(mailed::LIFETIME),
        News::PasswordChanged
        | News::FactorAdded(_)
        | News::FactorRemoved(_)
        | News::FactorsRemoved
        | News::PasskeyCopied(_)
        | News::RecoveryCodesMade
        | News::RecoveryCodeUsed(_)
        | News::IdentityLinked(_)
        | News::IdentityUnlinked(_)
        | News::EmailChanging
        | News::EmailChanged
        | News::Leaving(_)
        | News::Kept
        | News::Left
        | News::AlreadyRegistered => None,
    }
}

/// What the passkey is called that a letter is about.
fn factor_of(letter: &Letter) -> String {
    if let News::PasskeyCopied(name) = &letter.what {
        Legible::of(name).isolated().into_owned()
    } else {
        String::new()
    }
}

fn words(sender: Sender<'_>, issuer: &str, letter: &Letter) -> LetterWords {
    let shown = Legible::of(&sender.tenant.name);
    let name = shown.isolated();
    let link = |path: &str, token: Option<&str>| address(issuer, path, (token, sender.challenge));
    let factor = factor_of(letter);
    let (when, left) = match &letter.what {
        News::Leaving(at) => (When::on(*at).words().to_owned(), String::new()),
        News::RecoveryCodeUsed(left) => (String::new(), left.to_string()),
        News::IdentityLinked(name) | News::IdentityUnlinked(name) => {
            (String::new(), Legible::of(name).isolated().into_owned())
        }
        News::ResetPassword(_)
        | News::VerifyEmail(_)
        | News::SignIn(..)
        | News::SignInCode(_)
        | News::PasswordChanged
        | News::FactorAdded(_)
        | News::FactorRemoved(_)
        | News::FactorsRemoved
        | News::PasskeyCopied(_)
        | News::RecoveryCodesMade
        | News::EmailChanging
        | News::EmailChanged
        | News::Kept
        | News::Left
        | News::AlreadyRegistered => (String::new(), String::new()),
    };
    let say =
        |id: &str| say_of(id, &[("tenant", &name), ("when", &when), ("left", &left), ("factor", &factor)]);
    let LetterPlan { subject, before, after, link: leads } = LetterPlan::of(&letter.what);
    let (token, code) = match &letter.what {
        News::ResetPassword(token) | News::VerifyEmail(token) => (Some(token.as_str()), None),
        News::SignIn(token, code) => (Some(token.as_str()), Some(code)),
        News::SignInCode(code) => (None, Some(code)),
        _ => (None, None),
    };
    LetterWords {
        subject: say(subject),
        before: before.iter().map(|id| say(id)).collect(),
        code: code.cloned(),
        link: leads.map(|(label, path)| (say(label), link(path, token))),
        after: say(after),
    }
}

/// Which words a letter has, and where its link leads.
struct LetterPlan {
    subject: &'static str,
    before: &'static [&'static str],
    after: &'static str,
    /// Its label and its path.
    link: Option<(&'static str, &'static str)>,
}

impl LetterPlan {
    /// One that only tells.
    const fn tells(subject: &'static str, before: &'static [&'static str], after: &'static str) -> Self {
        Self { subject, before, after, link: None }
    }

    const fn leading(self, label: &'static str, path: &'static str) -> Self {
        Self { link: Some((label, path)), ..self }
    }

    const fn of(news: &News) -> Self {
        use FactorKind::{Passkey, Totp};
        let not_you = "mail-factor-not-you";
        match news {
            News::ResetPassword(_) => Self::tells(
                "mail-reset-subject",
                &["mail-reset-asked", "mail-reset-what"],
                "mail-reset-ignore",
            )
            .leading("mail-reset-link", "/reset-password"),
            News::VerifyEmail(_) => Self::tells(
                "mail-verify-subject",
                &["mail-verify-given", "mail-verify-what"],
                "mail-verify-ignore",
            )
            .leading("mail-verify-link", "/verify-email"),
            News::SignIn(..) => Self::tells(
                "mail-sign-in-subject",
                &["mail-sign-in-asked", "mail-sign-in-what"],
                "mail-sign-in-ignore",
            )
            .leading("mail-sign-in-link", "/login/mail"),
            News::SignInCode(_) => Self::tells("mail-code-subject", &["mail-code-what"], "mail-code-ignore"),
            News::PasswordChanged => {
                Self::tells("mail-password-subject", &["mail-password-what"], "mail-password-not-you")
            }
            News::FactorAdded(Totp) => {
                Self::tells("mail-factor-added-subject", &["mail-factor-added-what"], not_you)
            }
            News::FactorAdded(Passkey) => {
                Self::tells("mail-passkey-added-subject", &["mail-passkey-added-what"], not_you)
            }
            News::FactorRemoved(Totp) => {
                Self::tells("mail-factor-removed-subject", &["mail-factor-removed-what"], not_you)
            }
            News::FactorRemoved(Passkey) => {
                Self::tells("mail-passkey-removed-subject", &["mail-passkey-removed-what"], not_you)
            }
            News::FactorsRemoved => {
                Self::tells("mail-factors-removed-subject", &["mail-factors-removed-what"], not_you)
            }
            News::PasskeyCopied(_) => Self::tells(
                "mail-passkey-copied-subject",
                &["mail-passkey-copied-what"],
                "mail-passkey-copied-do",
            ),
            News::RecoveryCodesMade => Self::tells("mail-codes-subject", &["mail-codes-what"], not_you),
            News::RecoveryCodeUsed(_) => {
                Self::tells("mail-code-used-subject", &["mail-code-used-what"], not_you)
            }
            News::IdentityLinked(_) => {
                Self::tells("mail-linked-subject", &["mail-linked-what"], "mail-linked-not-you")
            }
            News::IdentityUnlinked(_) => {
                Self::tells("mail-unlinked-subject", &["mail-unlinked-what"], "mail-linked-not-you")
            }
            News::EmailChanging => {
                Self::tells("mail-changing-subject", &["mail-changing-what"], "mail-changing-not-you")
            }
            News::EmailChanged => {
                Self::tells("mail-changed-subject", &["mail-changed-what"], "mail-changed-not-you")
            }
            News::Leaving(_) => Self::tells(
                "mail-leaving-subject",
                &["mail-leaving-what", "mail-leaving-keep"],
                "mail-leaving-not-you",
            )
            .leading("left-keep", "/account/sign-in"),
            News::Kept => Self::tells("mail-kept-subject", &["mail-kept-what"], "mail-kept-again")
                .leading("sign-in-link", "/account/sign-in"),
            News::Left => Self::tells("mail-left-subject", &["mail-left-what"], "mail-left-after"),
            News::AlreadyRegistered => Self::tells(
                "mail-registered-subject",
                &["mail-registered-what", "mail-registered-reset"],
                "mail-registered-ignore",
            )
            .leading("mail-reset-link", "/reset-password"),
        }
    }
}

/// The address of a page below an issuer.
fn address(issuer: &str, path: &str, carried: (Option<&str>, Option<&str>)) -> String {
    let (token, challenge) = carried;
    let mut address = format!("{issuer}{path}");
    let pairs = [("token", token), ("login_challenge", challenge)];
    for (at, (name, value)) in pairs.iter().filter_map(|(name, value)| Some((name, (*value)?))).enumerate() {
        address.push(if at == 0 { '?' } else { '&' });
        write_pair(name, value, &mut address);
    }
    address
}

/// Puts a letter into words.
pub(super) fn write(sender: Sender<'_>, issuer: &str, letter: &Letter) -> Result<Mail, Fault> {
    let tenant = sender.tenant;
    let LetterWords { subject, before, code, link, after } = words(sender, issuer, letter);
    let code = code.as_ref().map(|code| code.as_str());
    let greeting = own_text(tenant, OwnText::MailGreeting).map(str::to_owned);
    let before: Vec<_> = greeting.into_iter().chain(before).collect();
    let shown = link.as_ref().map(|(label, address)| (label.as_str(), address.as_str()));
    let from = format!("{} ({issuer})", Legible::of(&tenant.name).isolated());
    let name = Legible::of(&tenant.name);
    let (design, links) = (Design::from(&tenant.settings.look.style), links(&tenant.settings.look));
    let html = HtmlLetter {
        design,
        tenant: &name,
        links: &links,
        subject: &subject,
        before: &before,
        code,
        link: shown,
        after: &after,
        from: &from,
    };
    let text = Text { links: &links, before: &before, code, link: shown, after: &after, from: &from };
    let (html, text) = (html.render().map_err(Fault::internal)?, text.render().map_err(Fault::internal)?);
    let to = letter.to.as_deref().map(str::to_owned);
    let from = sender.tenant.settings.mail_sender.clone();
    let from = from.map(|from| from.called(Legible::of(&sender.tenant.name).as_str()).to_string());
    Ok(Mail { to, from, link: link.map(|(_, address)| address), subject, text, html })
}

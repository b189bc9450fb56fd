//! Letters in words, as HTML and as text.

use askama::Template;
use writ_core::form::write_pair;
use writ_core::people::links::LinkKind;
use writ_core::people::{Letter, News};
use writ_core::text::Legible;
use writ_core::time::Seconds;

use super::{Mail, Sender};
use crate::call::fault::Fault;

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    subject: &'a str,
    before: &'a [String],
    link: Option<(&'a str, &'a str)>,
    after: &'a [&'a str],
    from: &'a str,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    before: &'a [String],
    link: Option<(&'a str, &'a str)>,
    after: &'a [&'a str],
    from: &'a str,
}

struct Words {
    subject: String,
    before: Vec<String>,
    link: Option<(&'static str, String)>,
    after: Vec<&'static str>,
}

/// How long a letter is worth something; none: as long as any.
pub(super) fn worth(letter: &Letter) -> Option<Seconds> {
    match &letter.what {
        News::ResetPassword(_) => Some(LinkKind::Reset.lifetime()),
        News::VerifyEmail(_) => Some(LinkKind::Verify.lifetime()),
        News::PasswordChanged | News::EmailChanging | News::EmailChanged | News::AlreadyRegistered => None,
    }
}

fn words(sender: Sender<'_>, issuer: &str, letter: &Letter) -> Words {
    let shown = Legible::of(&sender.tenant.name);
    let name = shown.isolated();
    let link = |path: &str, token: Option<&str>| address(issuer, path, (token, sender.challenge));
    let no_link = |subject: String, before: String, after: Vec<&'static str>| Words {
        subject,
        before: vec![before],
        link: None,
        after,
    };
    match &letter.what {
        News::ResetPassword(token) => Words {
            subject: format!("Set a new password for {name}"),
            before: vec![
                format!("Somebody, hopefully you, asked for a new password for your account at {name}."),
                "This link leads to a form where you can set one. It works once, within 30 minutes."
                    .to_owned(),
            ],
            link: Some(("Set a new password", link("/reset-password", Some(token)))),
            after: vec!["If it was not you, ignore this email: your password stays the same."],
        },
        News::VerifyEmail(token) => Words {
            subject: format!("Confirm your email address for {name}"),
            before: vec![
                format!("This address was given for an account at {name}."),
                "Confirm that it is yours with this link. It works once, within 24 hours.".to_owned(),
            ],
            link: Some(("Confirm this address", link("/verify-email", Some(token)))),
            after: vec!["If you have no such account, ignore this email."],
        },
        News::PasswordChanged => no_link(
            format!("Your password for {name} was changed"),
            format!(
                "The password of your account at {name} was changed, and you were signed out everywhere."
            ),
            vec!["If it was not you, set a new password at once and tell the people who run the service."],
        ),
        News::EmailChanging => no_link(
            format!("Another email address for your account at {name}"),
            format!(
                "Another email address was given for your account at {name}. This one stays yours until the other one \
                 is confirmed."
            ),
            vec![
                "If it was not you, set a new password at once, which forgets the other address, too, and tell whoever runs the service.",
            ],
        ),
        News::EmailChanged => no_link(
            format!("Your email address for {name} was changed"),
            format!("Your account at {name} has another email address now. Letters go there from now on."),
            vec!["If it was not you, tell the people who run the service at once."],
        ),
        News::AlreadyRegistered => Words {
            subject: format!("You have an account at {name}"),
            before: vec![
                format!(
                    "Somebody, hopefully you, tried to register at {name} with a name that you already use."
                ),
                "If it was you and you forgot your password, you can set a new one here.".to_owned(),
            ],
            link: Some(("Set a new password", link("/reset-password", None))),
            after: vec!["If it was not you, ignore this email: nothing was changed."],
        },
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
    let Words { subject, before, link, after } = words(sender, issuer, letter);
    let shown = link.as_ref().map(|(label, address)| (*label, address.as_str()));
    let from = format!("{} ({issuer})", Legible::of(&tenant.name).isolated());
    let html = Html { subject: &subject, before: &before, link: shown, after: &after, from: &from };
    let text = Text { before: &before, link: shown, after: &after, from: &from };
    let (html, text) = (html.render().map_err(Fault::internal)?, text.render().map_err(Fault::internal)?);
    let to = letter.to.as_deref().map(str::to_owned);
    Ok(Mail { to, link: link.map(|(_, address)| address), subject, text, html })
}

//! What an audit record says besides.

use writ_jose::JsonObject;

/// What the audit record says besides who did what to which thing: a JSON object. Never a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details(Box<str>);

impl Details {
    /// Names and texts; what could be long is cut by whoever lists it.
    pub fn new<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let mut json = JsonObject::with_capacity(128);
        for (name, value) in members {
            json.string(name, &value);
        }
        Self(json.finish().into())
    }

    /// These and others.
    #[must_use]
    pub fn and(&self, others: &Self) -> Self {
        match (self.members(), others.members()) {
            ("", _) => others.clone(),
            (_, "") => self.clone(),
            (own, others) => Self(format!("{{{own},{others}}}").into()),
        }
    }

    /// What stands between the braces.
    fn members(&self) -> &str {
        self.0.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default()
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

//! Who acts for the subject of a token (RFC 8693 §4.1).

use writ_jose::JsonObject;

/// Actors in a chain at the most.
pub const ACTORS_MOST: usize = 4;

/// The clients that act for somebody, the present one first. Behind it stand those before it: for information, whoever
/// decides by the token looks at the first alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActorChain(Box<[Box<str>]>);

impl ActorChain {
    /// One that acts.
    pub fn of(client_id: &str) -> Self {
        Self([client_id.into()].into())
    }

    /// From its stored text.
    pub fn from_stored(text: &str) -> Self {
        Self(text.split(' ').filter(|id| !id.is_empty()).map(Box::from).collect())
    }

    /// As stored: none where nobody acts.
    pub fn to_stored(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join(" "))
    }

    /// The chain with somebody who acts for those before. Who acts already is not added again.
    ///
    /// `None`: it would be longer than [`ACTORS_MOST`].
    #[must_use]
    pub fn with(&self, client_id: &str) -> Option<Self> {
        if self.0.first().is_some_and(|first| **first == *client_id) {
            return Some(self.clone());
        }
        let chain = std::iter::once(client_id.into()).chain(self.0.iter().cloned());
        (self.0.len() < ACTORS_MOST).then(|| Self(chain.collect()))
    }

    /// Whether nobody acts.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The present one first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.iter().map(|id| &**id)
    }

    /// Adds `act`, where somebody acts.
    pub fn write_to(&self, json: &mut JsonObject) {
        let within = |inner: Option<String>, id: &str| {
            let mut act = JsonObject::with_capacity(64);
            act.string("sub", id);
            if let Some(inner) = inner {
                act.raw("act", &inner);
            }
            Some(act.finish())
        };
        if let Some(act) = self.iter().rev().fold(None, within) {
            json.raw("act", &act);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8693 §4.1: the present actor is the outermost.
    #[test]
    fn a_chain_begins_with_who_acts_now_and_is_bounded() {
        let mut chain = ActorChain::of("one");
        assert_eq!(chain.with("one"), Some(chain.clone()));
        for id in ["two", "three", "four"] {
            chain = chain.with(id).unwrap();
        }
        assert_eq!(chain.with("five"), None);
        assert_eq!(chain.with("four"), Some(chain.clone()));
        assert_eq!(ActorChain::from_stored(&chain.to_stored().unwrap()), chain);
        let mut json = JsonObject::with_capacity(0);
        chain.write_to(&mut json);
        assert_eq!(
            json.finish(),
            r#"{"act":{"sub":"four","act":{"sub":"three","act":{"sub":"two","act":{"sub":"one"}}}}}"#
        );
        let mut nothing = JsonObject::with_capacity(0);
        ActorChain::default().write_to(&mut nothing);
        assert_eq!((nothing.finish(), ActorChain::default().to_stored()), ("{}".to_owned(), None));
    }
}

//! Who asks from the machine itself: a fact of the connection, which nothing that is sent over a network can set.

use std::sync::Arc;

use nix::unistd::{Uid, User};

/// The operator of the machine, as a fact of a request.
#[derive(Debug, Clone)]
pub struct LocalOperator {
    name: Arc<str>,
}

impl LocalOperator {
    /// The user of the operating system with a number.
    pub(crate) fn of(uid: u32) -> Self {
        let known = User::from_uid(Uid::from_raw(uid)).ok().flatten();
        let name = known.map_or_else(|| format!("uid {uid}").into(), |user| user.name.into());
        Self { name }
    }

    /// The user that this process runs as.
    pub(crate) fn of_this_process() -> Self {
        Self::of(Uid::effective().as_raw())
    }

    /// The operating system's name of the user.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_without_a_name_is_a_number() {
        assert_eq!(&**LocalOperator::of(4_000_000_000).name(), "uid 4000000000");
    }
}

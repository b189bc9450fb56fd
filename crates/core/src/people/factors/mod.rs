//! What people prove besides their password, or instead of it: codes from an authenticator app, passkeys, and recovery codes
//! for the day on which these are lost.

pub mod codes;
pub mod enrol;
pub mod passkey;
pub mod policy;
pub mod prove;
pub mod remembered;
pub mod slip;
pub mod totp;

use std::fmt;

use crate::ids::{FactorId, RememberedId, TenantId, UserId};
use crate::secret::Digest32;
use crate::time::Micros;
use crate::webauthn::Aaguid;
use codes::KeptCode;
use remembered::RememberedDevice;

/// Factors of one kind that somebody has at the most.
pub const MOST: usize = 10;
/// Characters of the name that somebody gives to a factor.
pub const NAME_LIMIT: usize = 64;

/// What a factor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorKind {
    /// An authenticator app (RFC 6238).
    Totp,
    /// A passkey (Web Authentication).
    Passkey,
}

impl FactorKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Totp, Self::Passkey];

    /// The name as stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
        }
    }

    /// Finds one by name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A factor that somebody has set up.
#[derive(Clone)]
pub struct Factor {
    /// Row id.
    pub id: FactorId,
    /// What its owner calls it.
    pub name: Box<str>,
    /// What it is, with what is known of it.
    pub means: FactorMeans,
    /// When it was set up.
    pub created_at: Micros,
    /// When it was last used.
    pub used_at: Option<Micros>,
}

/// What a factor is, with what is known of it.
#[derive(Clone)]
pub enum FactorMeans {
    /// An authenticator app.
    Totp {
        /// What is shared with it, sealed.
        sealed: Vec<u8>,
        /// The last step of which a code was used (RFC 6238 §5.2): none of it or before works again.
        last_step: i64,
    },
    /// A passkey.
    Passkey(Box<Passkey>),
}

/// A passkey: what was registered of it (Web Authentication §4, "credential record").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The credential id.
    pub credential: Vec<u8>,
    /// Its public key, as a `COSE_Key`.
    pub key: Vec<u8>,
    /// Signatures that it had counted when it was last used; 0: it does not count.
    pub count: u32,
    /// The model of the authenticator; zeros: nobody says.
    pub aaguid: Aaguid,
    /// How it can be reached, as the browser said.
    pub transports: Vec<Box<str>>,
    /// Whether its key can be copied to other devices.
    pub is_copyable: bool,
    /// Whether it has been, when it was last used.
    pub is_copied: bool,
}

impl Factor {
    /// What it is.
    pub const fn kind(&self) -> FactorKind {
        match self.means {
            FactorMeans::Totp { .. } => FactorKind::Totp,
            FactorMeans::Passkey(_) => FactorKind::Passkey,
        }
    }

    /// The passkey that it is; none: it is something else.
    pub fn passkey(&self) -> Option<&Passkey> {
        match &self.means {
            FactorMeans::Passkey(passkey) => Some(passkey),
            FactorMeans::Totp { .. } => None,
        }
    }
}

impl fmt::Debug for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Factor").field("id", &self.id).field("kind", &self.kind()).finish_non_exhaustive()
    }
}

/// All that somebody has set up.
#[derive(Debug, Clone, Default)]
pub struct Factors {
    /// The factors, oldest first.
    pub list: Vec<Factor>,
    /// The recovery codes, those that were used too.
    pub codes: Vec<KeptCode>,
}

impl Factors {
    /// Whether there is a second factor to ask for.
    pub fn has_second(&self) -> bool {
        !self.list.is_empty()
    }

    /// Whether one of this kind is among them.
    pub fn has(&self, kind: FactorKind) -> bool {
        self.list.iter().any(|factor| factor.kind() == kind)
    }

    /// Whether there is room for one more of this kind.
    pub fn has_room(&self, kind: FactorKind) -> bool {
        self.list.iter().filter(|factor| factor.kind() == kind).count() < MOST
    }

    /// The passkeys among them.
    pub fn passkeys(&self) -> impl Iterator<Item = &Passkey> {
        self.list.iter().filter_map(Factor::passkey)
    }

    /// How many recovery codes still work.
    pub fn codes_left(&self) -> usize {
        self.codes.iter().filter(|code| code.used_at.is_none()).count()
    }
}

/// A factor to be kept.
#[derive(Clone)]
pub struct NewFactor {
    /// The factor.
    pub factor: Factor,
    /// Whose.
    pub user: UserId,
    /// Of which tenant.
    pub tenant: TenantId,
}

impl fmt::Debug for NewFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewFactor")
            .field("user", &self.user)
            .field("factor", &self.factor)
            .finish_non_exhaustive()
    }
}

/// All that is written about factors.
#[derive(Debug, Clone)]
pub enum FactorChange {
    /// The account still is what was decided on, and its version goes up; no device is remembered any more. Guarded by the
    /// version.
    Touch {
        /// Whose.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// The version that it was decided on.
        version: i64,
    },
    /// A device is remembered.
    Remember(Box<RememberedDevice>),
    /// A device is remembered no more.
    Forget {
        /// Which.
        device: RememberedId,
        /// Whose.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
    },
    /// No device is remembered any more.
    ForgetAll {
        /// Whose.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
    },
    /// Keeps a factor.
    Add(Box<NewFactor>),
    /// A code of a step is used. Guarded: none of it or of a later one was.
    Use {
        /// Which factor.
        factor: FactorId,
        /// Of which tenant.
        tenant: TenantId,
        /// Of which step.
        step: i64,
        /// When.
        at: Micros,
    },
    /// A passkey is used. Guarded: it has counted more signatures than before, or counts none.
    UsePasskey {
        /// Which factor.
        factor: FactorId,
        /// Of which tenant.
        tenant: TenantId,
        /// Signatures so far.
        count: u32,
        /// Whether its key is on more than one device.
        is_copied: bool,
        /// When.
        at: Micros,
    },
    /// Removes a factor. Guarded: it is there.
    Remove {
        /// Which factor.
        factor: FactorId,
        /// Whose.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
    },
    /// Puts other recovery codes in the place of all that there are.
    PutCodes {
        /// Whose.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// What they are found by; none: there are no more.
        hashes: Vec<Digest32>,
    },
    /// Uses a recovery code up. Guarded: for the first time.
    UseCode {
        /// Whose.
        user: UserId,
        /// Of which tenant.
        tenant: TenantId,
        /// What it is found by.
        hash: Digest32,
        /// When.
        at: Micros,
    },
}

impl From<FactorChange> for crate::change::Change {
    fn from(change: FactorChange) -> Self {
        Self::Factor(change)
    }
}

#[cfg(test)]
pub(crate) mod given {
    use super::policy::{Admitted, Assurance, DeviceMemory, MailboxFactor, SecondFactor, Sufficiency, judge};
    use super::{Factor, FactorMeans, Factors, Passkey};
    use crate::authority::Permissions;
    use crate::change::Enabled;
    use crate::claims::AcrDemand;
    use crate::given::NOW;
    use crate::ids::{FactorId, TenantId, UserId};
    use crate::people::Account;
    use crate::session::Authentication;
    use crate::user::User;

    /// Somebody's account.
    pub(crate) fn account() -> Account {
        Account {
            leaves_at: None,
            leaves_in: None,
            user: User {
                id: UserId::from_bytes([7; 16]),
                tenant: TenantId::from_bytes([1; 16]),
                username: "ada".into(),
                roles: Vec::new(),
                enabled: Enabled::Yes,
            },
            email: Some("ada@example.com".into()),
            email_verified_at: None,
            new_email: None,
            name: None,
            created_at: NOW,
            updated_at: NOW,
            last_login_at: None,
            version: 4,
            generation: 2,
        }
    }

    /// Somebody from whom nobody wants more.
    pub(crate) fn admitted(proved: &Authentication) -> Admitted {
        let factors = Factors::default();
        let assurance = Assurance {
            setting: SecondFactor::IfEnrolled,
            demand: AcrDemand::Nothing,
            factors: &factors,
            permissions: Permissions::NONE,
            mailbox: MailboxFactor::None,
            device: DeviceMemory::Nothing,
        };
        match judge(proved, &assurance) {
            Sufficiency::Enough(admitted) => admitted,
            Sufficiency::Lacks(missing) => panic!("{missing:?}"),
        }
    }

    /// An authenticator app that was set up now and never used.
    pub(crate) fn totp(id: u8) -> Factor {
        Factor {
            id: FactorId::from_bytes([id; 16]),
            name: "Phone".into(),
            means: FactorMeans::Totp { sealed: vec![id], last_step: 0 },
            created_at: NOW,
            used_at: None,
        }
    }

    /// A passkey that was made now and never used; its key is none.
    pub(crate) fn passkey(id: u8) -> Factor {
        let passkey = Passkey {
            credential: vec![id; 32],
            key: Vec::new(),
            count: 0,
            aaguid: [0; 16],
            transports: Vec::new(),
            is_copyable: false,
            is_copied: false,
        };
        Factor { name: "Key".into(), means: FactorMeans::Passkey(Box::new(passkey)), ..totp(id) }
    }
}

//! Parameters and the steps that a unit becomes.

use std::fmt;
use std::sync::Arc;

use writ_core::scope::Scope;
use writ_core::secret::Digest32;
use writ_core::time::Micros;

use crate::sql::Sql;

/// A parameter of a statement, owned by the unit that waits for its turn.
#[derive(Clone)]
pub enum Value {
    /// NULL.
    Null,
    /// BIGINT.
    Int(i64),
    /// TEXT that others share.
    Text(Arc<str>),
    /// TEXT.
    Owned(Box<str>),
    /// TEXT known at build time.
    Static(&'static str),
    /// A row id.
    Id([u8; 16]),
    /// A hash.
    Hash([u8; 32]),
    /// Other bytes.
    Bytes(Box<[u8]>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A parameter may be a hash or a sealed key: a log never shows one.
        f.write_str(match self {
            Self::Null => "null",
            Self::Int(_) => "int",
            Self::Text(_) | Self::Owned(_) | Self::Static(_) => "text",
            Self::Id(_) => "id",
            Self::Hash(_) | Self::Bytes(_) => "bytes",
        })
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Micros> for Value {
    fn from(value: Micros) -> Self {
        Self::Int(value.0)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<&'static str> for Value {
    fn from(value: &'static str) -> Self {
        Self::Static(value)
    }
}

impl From<Box<str>> for Value {
    fn from(value: Box<str>) -> Self {
        Self::Owned(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Owned(value.into_boxed_str())
    }
}

impl From<Arc<str>> for Value {
    fn from(value: Arc<str>) -> Self {
        Self::Text(value)
    }
}

impl From<&Scope> for Value {
    fn from(value: &Scope) -> Self {
        Self::Owned(value.as_str().into())
    }
}

impl From<Digest32> for Value {
    fn from(value: Digest32) -> Self {
        Self::Hash(*value.as_bytes())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value.into_boxed_slice())
    }
}

macro_rules! ids {
    ($($id:ident),*) => {
        $(impl From<writ_core::ids::$id> for Value {
            fn from(value: writ_core::ids::$id) -> Self {
                Self::Id(value.to_bytes())
            }
        })*
    };
}
ids!(RegistrationTokenId, ResourceId, IdentityProviderId, UpstreamRequestId, GroupId);
ids!(TenantId, ClientId, UserId, GrantId, TokenId, KeyId, ApiKeyId, SecretId, AuditId, RoleId, ScopeId);
ids!(
    BrowserId,
    FactorId,
    SessionId,
    ChallengeId,
    DeviceRequestId,
    PushedId,
    CodeId,
    ConsentId,
    ConsentEventId,
    LinkId,
    LogoutId,
    MailId,
    RememberedId
);

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What must be true of a step's affected rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Anything.
    Any,
    /// Exactly one: the guard of the unit.
    One,
}

/// Whether a step's affected rows stand in the receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The first statement of a change: its rows are the change's.
    Change,
    /// A further statement of the change before, or the audit record.
    Detail,
}

/// One statement of a unit.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub sql: &'static Sql,
    pub values: Vec<Value>,
    pub expect: Expect,
    pub part: Part,
}

impl Step {
    pub fn new(sql: &'static Sql, values: impl Into<Vec<Value>>) -> Self {
        Self { sql, values: values.into(), expect: Expect::Any, part: Part::Change }
    }

    pub fn guarded(mut self) -> Self {
        self.expect = Expect::One;
        self
    }

    pub fn detail(mut self) -> Self {
        self.part = Part::Detail;
        self
    }
}

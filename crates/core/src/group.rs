//! Groups of people: applications are told of them by the claim `groups`. A group may be within others; whoever is a member of
//! it is a member of those too.

use crate::ids::{GroupId, TenantId, UserId};
use crate::time::Micros;

/// Groups that one group is within at the most.
pub const PARENTS_MOST: usize = 20;
/// Groups of one person that are told at the most.
pub const TOLD_MOST: i64 = 500;
/// Characters of a description at the most.
pub const DESCRIPTION_MOST: usize = 2000;

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Row id.
    pub id: GroupId,
    /// Of which tenant.
    pub tenant: TenantId,
    /// Unique in the tenant, and what applications are told.
    pub name: Box<str>,
    /// What it is, for administrators.
    pub description: Option<Box<str>>,
    /// The names of the groups that it is within, in order.
    pub within: Vec<Box<str>>,
    /// When it was made.
    pub created_at: Micros,
    /// When its name, description or place was last changed.
    pub updated_at: Micros,
    /// Goes up with every change of those.
    pub version: i64,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMember {
    /// Row id of the person.
    pub user: UserId,
    /// The username.
    pub username: Box<str>,
    /// The name.
    pub name: Option<Box<str>>,
    /// Since when.
    pub since: Micros,
}

/// A group that a person is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Row id of the group.
    pub group: GroupId,
    /// Its name.
    pub name: Box<str>,
    /// How the person comes to be in it.
    pub by: MembershipBy,
}

/// How a person comes to be in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipBy {
    /// They are a member of it.
    Itself,
    /// They are a member of a group within it.
    GroupWithin,
}

/// A group that a new place of another is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedGroup {
    /// Row id.
    pub id: GroupId,
    /// Its name.
    pub name: Box<str>,
}

/// What changes about groups.
#[derive(Debug, Clone)]
pub enum GroupChange {
    /// A new group, within these.
    Create(Box<Group>, Vec<GroupId>),
    /// A group, as it shall be, within these; only while it has the version before.
    Update(Box<Group>, Vec<GroupId>),
    /// A group goes; whoever was in it is in it no more. Only while it has this version.
    Delete(GroupId, TenantId, i64),
    /// Somebody becomes a member, who is none yet.
    Join(GroupId, UserId, TenantId, Micros),
    /// A member goes.
    Leave(GroupId, UserId, TenantId),
}

//! Groups of people: how they are read.

use writ_core::claims::{ByRoles, Person};
use writ_core::group::{Group, GroupMember, Membership, MembershipBy, NamedGroup, TOLD_MOST};
use writ_core::ids::{GroupId, TenantId, UserId};
use writ_core::manage::groups::{GroupPlaces, KnownPerson};
use writ_core::scope::{GROUPS, Scope};

use crate::error::ReadError;
use crate::manage::After;
use crate::row::{Column, Row};
use crate::statements::groups as sql;
use crate::store::Store;
use crate::value::Value;

/// A group, without what it is within.
fn group(row: &Row<'_>) -> Column<Group> {
    Ok(Group {
        id: GroupId::from_bytes(row.id()?),
        tenant: TenantId::from_bytes(row.id()?),
        name: row.text()?.into(),
        description: row.maybe_text()?.map(Into::into),
        within: Vec::new(),
        created_at: row.time()?,
        updated_at: row.time()?,
        version: row.int()?,
    })
}

fn member(row: &Row<'_>) -> Column<GroupMember> {
    Ok(GroupMember {
        user: UserId::from_bytes(row.id()?),
        username: row.text()?.into(),
        name: row.maybe_text()?.map(Into::into),
        since: row.time()?,
    })
}

fn membership(row: &Row<'_>) -> Column<Membership> {
    Ok(Membership {
        group: GroupId::from_bytes(row.id()?),
        name: row.text()?.into(),
        by: if row.maybe_int()?.is_some() { MembershipBy::Itself } else { MembershipBy::GroupWithin },
    })
}

impl Store {
    /// A group of a tenant.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn group(&self, id: GroupId, tenant: TenantId) -> Result<Option<Group>, ReadError> {
        let found = self.read_one(&sql::GROUP_BY_ID, &[id.into(), tenant.into()], &mut group).await?;
        let Some(mut group) = found else { return Ok(None) };
        group.within = self.group_parents(id).await?;
        Ok(Some(group))
    }

    async fn group_parents(&self, id: GroupId) -> Result<Vec<Box<str>>, ReadError> {
        self.read(&sql::GROUP_PARENTS, &[id.into()], &mut |row| Ok(row.text()?.into())).await
    }

    /// A page of a tenant's groups, newest first, and how many there are in all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn groups_page(
        &self,
        tenant: TenantId,
        after: After,
        most: i64,
    ) -> Result<(Vec<Group>, i64), ReadError> {
        let values = [tenant.into(), after.at.into(), Value::Id(after.id), most.into()];
        let mut page = self.read(&sql::GROUPS_PAGE, &values, &mut group).await?;
        for group in &mut page {
            group.within = self.group_parents(group.id).await?;
        }
        Ok((page, self.count(&sql::GROUPS_COUNT, &[tenant.into()]).await?))
    }

    /// The groups of a tenant that have these names, and all that those are within.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn group_places(&self, names: &[Box<str>], tenant: TenantId) -> Result<GroupPlaces, ReadError> {
        let mut places = GroupPlaces::default();
        for name in names {
            let values = [tenant.into(), Value::Owned(name.clone())];
            let mut found = |row: &Row<'_>| {
                Ok(NamedGroup { id: GroupId::from_bytes(row.id()?), name: row.text()?.into() })
            };
            let Some(found) = self.read_one(&sql::GROUP_BY_NAME, &values, &mut found).await? else {
                continue;
            };
            let mut above = |row: &Row<'_>| Ok(GroupId::from_bytes(row.id()?));
            places.above.extend(self.read(&sql::GROUPS_ABOVE, &[found.id.into()], &mut above).await?);
            places.named.push(found);
        }
        Ok(places)
    }

    /// A page of a group's members, newest first, and how many there are in all.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn group_members(
        &self,
        group: GroupId,
        after: After,
        most: i64,
    ) -> Result<(Vec<GroupMember>, i64), ReadError> {
        let values = [group.into(), after.at.into(), Value::Id(after.id), most.into()];
        let page = self.read(&sql::GROUP_MEMBERS, &values, &mut member).await?;
        Ok((page, self.count(&sql::GROUP_MEMBERS_COUNT, &[group.into()]).await?))
    }

    /// Those of these people who are the tenant's, and whether they are members of a group.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn people_for_group(
        &self,
        group: GroupId,
        users: impl Iterator<Item = &UserId>,
        tenant: TenantId,
    ) -> Result<Vec<KnownPerson>, ReadError> {
        let mut known: Vec<KnownPerson> = Vec::new();
        for user in users {
            if known.iter().any(|person| person.user == *user) {
                continue;
            }
            let Some(account) = self.account(*user, tenant).await? else { continue };
            let values = [group.into(), (*user).into()];
            let since = self.read_one(&sql::GROUP_HAS_MEMBER, &values, &mut |row| row.time()).await?;
            let username = account.user.username.as_ref().into();
            known.push(KnownPerson { user: *user, username, is_member: since.is_some() });
        }
        Ok(known)
    }

    /// The groups that a person of a tenant is in, by name; at most [`TOLD_MOST`].
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn groups_of(&self, user: UserId, tenant: TenantId) -> Result<Vec<Membership>, ReadError> {
        let values = [user.into(), tenant.into(), TOLD_MOST.into()];
        self.read(&sql::GROUPS_OF_PERSON, &values, &mut membership).await
    }

    /// Adds the groups to what a person has by their roles, where a scope tells of them.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn with_groups(
        &self,
        mut given: ByRoles,
        (user, tenant): (UserId, TenantId),
        scope: &Scope,
    ) -> Result<ByRoles, ReadError> {
        if scope.contains(GROUPS) {
            // Rare, and large: in a future of its own.
            let found = Box::pin(self.groups_of(user, tenant)).await?;
            given.groups = found.into_iter().map(|found| found.name).collect();
        }
        Ok(given)
    }

    /// A person of a tenant as far as claims of a scope go, with what their roles give and the groups that they are in;
    /// none where they are locked out.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn person_for(
        &self,
        id: UserId,
        tenant: TenantId,
        scope: &Scope,
    ) -> Result<Option<Person>, ReadError> {
        let Some(mut person) = self.person(id, tenant).await? else { return Ok(None) };
        person.given = self.with_groups(person.given, (id, tenant), scope).await?;
        Ok(Some(person))
    }
}

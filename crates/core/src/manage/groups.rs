//! Groups of people.

use super::{Deed, Violations, Wrong, description_problem, name_is_valid, no_such};
use crate::change::{Action, Change, Changes, Target};
use crate::decision::{Decision, Judgement};
use crate::details::Details;
use crate::group::{DESCRIPTION_MOST, Group, GroupChange, NamedGroup, PARENTS_MOST};
use crate::ids::{GroupId, UserId};
use crate::reason::Reason;

/// What a group shall be.
#[derive(Debug, Clone, Default)]
pub struct GroupDraft {
    /// Its name; a new one has to have one.
    pub name: Option<String>,
    /// Its description; the empty one takes it away.
    pub description: Option<Option<String>>,
    /// The names of the groups that it is within, all of them.
    pub within: Option<Vec<Box<str>>>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// The groups that a draft names, as they are.
#[derive(Debug, Clone, Default)]
pub struct GroupPlaces {
    /// Those of its names that there are.
    pub named: Vec<NamedGroup>,
    /// All that those are within, at any distance.
    pub above: Vec<GroupId>,
}

/// People who come or go at once at the most.
pub const CHANGED_MOST: usize = 100;

/// Who shall come and who shall go.
#[derive(Debug, Clone, Default)]
pub struct MembersDraft {
    /// Whoever shall be a member.
    pub add: Vec<UserId>,
    /// Whoever shall be none.
    pub remove: Vec<UserId>,
    /// What was sent and could not be read.
    pub unread: Violations,
}

/// A person of the tenant, seen from a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    /// Row id.
    pub user: UserId,
    /// The username.
    pub username: Box<str>,
    /// Whether they are a member of the group itself.
    pub is_member: bool,
}

fn place(
    draft: &GroupDraft,
    places: &GroupPlaces,
    own: Option<GroupId>,
    violations: &mut Violations,
) -> Option<Vec<NamedGroup>> {
    const FIELD: &str = "within";
    let sent = draft.within.as_deref()?;
    violations.when(
        Wrong(sent.len() > PARENTS_MOST),
        FIELD,
        Reason::EntriesMost { most: PARENTS_MOST.into() },
    );
    let found = |name: &str| places.named.iter().find(|group| *group.name == *name);
    violations.when(Wrong(sent.iter().any(|name| found(name).is_none())), FIELD, Reason::NoSuchGroup);
    let mut within: Vec<NamedGroup> = sent.iter().filter_map(|name| found(name)).cloned().collect();
    within.sort_by(|one, other| one.name.cmp(&other.name));
    within.dedup();
    let in_itself =
        own.is_some_and(|own| within.iter().any(|group| group.id == own) || places.above.contains(&own));
    violations.when(Wrong(in_itself), FIELD, Reason::GroupInItself);
    Some(within)
}

fn described(draft: &GroupDraft, violations: &mut Violations) {
    let sent = draft.description.as_ref().and_then(Option::as_deref);
    if let Some(problem) = sent.and_then(|sent| description_problem(sent, DESCRIPTION_MOST)) {
        violations.note("description", problem);
    }
    let name = draft.name.as_deref();
    violations.when(Wrong(name.is_some_and(|name| !name_is_valid(name))), "name", Reason::NameRule);
}

fn description(sent: Option<&Option<String>>, before: Option<&str>) -> Option<Box<str>> {
    let after = sent.map_or(before, Option::as_deref);
    after.filter(|text| !text.is_empty()).map(Into::into)
}

fn split(within: Vec<NamedGroup>) -> (Vec<GroupId>, Vec<Box<str>>) {
    within.into_iter().map(|group| (group.id, group.name)).unzip()
}

/// Makes a group.
///
/// # Errors
/// `invalid_request`.
pub fn create(draft: &GroupDraft, places: &GroupPlaces, deed: &Deed<'_>) -> Decision<Group> {
    let mut violations = draft.unread.clone();
    let name = violations.require("name", draft.name.as_deref());
    described(draft, &mut violations);
    let within = place(draft, places, None, &mut violations).unwrap_or_default();
    let name = violations.settle_with(name)?;
    let (parents, within) = split(within);
    let at = deed.moment.now;
    let group = Group {
        id: GroupId::v7(at, deed.moment.random.bits()),
        tenant: deed.acting.tenant(),
        name: name.into(),
        description: description(draft.description.as_ref(), None),
        within,
        created_at: at,
        updated_at: at,
        version: 1,
    };
    let unit = deed.unit(Action::GroupCreated, Target::Group(group.id));
    let change = GroupChange::Create(Box::new(group.clone()), parents);
    Ok((group, unit.with(Change::Group(change))))
}

/// Changes a group. What is not sent stays. `places` are those of what is sent, or else of what it has.
///
/// # Errors
/// `not_found`, `invalid_request`.
pub fn update(
    draft: &GroupDraft,
    found: Option<&Group>,
    places: &GroupPlaces,
    deed: &Deed<'_>,
) -> Decision<Group> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchGroup))?;
    let mut violations = draft.unread.clone();
    described(draft, &mut violations);
    // Where it is not sent, the places are those that it has.
    let kept =
        GroupDraft { within: draft.within.clone().or_else(|| Some(found.within.clone())), ..draft.clone() };
    let within = place(&kept, places, Some(found.id), &mut violations).unwrap_or_default();
    violations.settle()?;
    let (parents, within) = split(within);
    let group = Group {
        name: draft.name.as_deref().map_or_else(|| found.name.clone(), Into::into),
        description: description(draft.description.as_ref(), found.description.as_deref()),
        within,
        updated_at: deed.moment.now,
        version: found.version + 1,
        ..found.clone()
    };
    let unit = deed.unit(Action::GroupUpdated, Target::Group(group.id));
    let change = GroupChange::Update(Box::new(group.clone()), parents);
    Ok((group, unit.with(Change::Group(change))))
}

/// Removes a group; its members stay people, and groups within it stay groups.
///
/// # Errors
/// `not_found`.
pub fn delete(found: Option<&Group>, deed: &Deed<'_>) -> Decision<()> {
    let found = found.ok_or_else(|| no_such(Reason::NoSuchGroup))?;
    let change = GroupChange::Delete(found.id, found.tenant, found.version);
    Ok(((), deed.unit(Action::GroupDeleted, Target::Group(found.id)).with(Change::Group(change))))
}

/// Makes people members, or takes them out, all at once. Who is a member already, or is none, stays so.
///
/// # Errors
/// `not_found` for the group, `invalid_request` for people who are unknown.
pub fn change_members(
    draft: &MembersDraft,
    found: Option<&Group>,
    people: &[KnownPerson],
    deed: &Deed<'_>,
) -> Judgement<Option<Changes>> {
    let group = found.ok_or_else(|| no_such(Reason::NoSuchGroup))?;
    let mut violations = draft.unread.clone();
    let known = |user: &UserId| people.iter().find(|person| person.user == *user);
    for (field, sent) in [("add", &draft.add), ("remove", &draft.remove)] {
        violations.when(
            Wrong(sent.len() > CHANGED_MOST),
            field,
            Reason::EntriesMost { most: CHANGED_MOST.into() },
        );
        violations.when(Wrong(sent.iter().any(|user| known(user).is_none())), field, Reason::NoSuchUser);
    }
    violations.settle()?;
    let come = people.iter().filter(|person| draft.add.contains(&person.user) && !person.is_member);
    let come: Vec<_> = come.filter(|person| !draft.remove.contains(&person.user)).collect();
    let go: Vec<_> =
        people.iter().filter(|person| draft.remove.contains(&person.user) && person.is_member).collect();
    if come.is_empty() && go.is_empty() {
        return Ok(None);
    }
    let names =
        |list: &[&KnownPerson]| list.iter().map(|person| &*person.username).collect::<Vec<_>>().join(" ");
    let said = [("group", group.name.to_string()), ("added", names(&come)), ("removed", names(&go))];
    let details = Details::new(said.into_iter().filter(|(_, text)| !text.is_empty()));
    let mut unit = deed.unit(Action::GroupMembersChanged, Target::Group(group.id)).detailed(details);
    for person in come {
        let change = GroupChange::Join(group.id, person.user, group.tenant, deed.moment.now);
        unit = unit.with(Change::Group(change));
    }
    for person in go {
        unit = unit.with(Change::Group(GroupChange::Leave(group.id, person.user, group.tenant)));
    }
    Ok(Some(unit))
}

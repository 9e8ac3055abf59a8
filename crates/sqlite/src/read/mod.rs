//! The queries of the read side, in one file for each aggregate, and what they share.

pub(crate) mod deletion;
pub(crate) mod events;
pub(crate) mod instance;
pub(crate) mod invitations;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod my_tasks;
pub(crate) mod organizations;
pub(crate) mod projects;
pub(crate) mod rosters;
pub(crate) mod spaces;
pub(crate) mod stored_responses;
pub(crate) mod tasks;
pub(crate) mod totals;

#[cfg(test)]
pub(crate) use {
    invitations::list_query as invitations_query,
    keys::{of_member_query as member_keys_query, own_query as keys_query},
    members::list_query as members_query,
    my_tasks::list_query as my_tasks_query,
    organizations::list_query as organizations_query,
    projects::list_query as projects_query,
    rosters::list_query as roster_query,
    spaces::list_query as spaces_query,
    tasks::list_query as tasks_query,
    totals::of_sorted_projects as sorted_projects,
};

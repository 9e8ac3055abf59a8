//! A tokio program around the domain, without HTTP and without SQL.
//!
//! It builds [`Loggia`] on a store in memory, creates an organization, and acts as two of its people. Run it with
//! `cargo run --manifest-path examples/Cargo.toml -p embedded`.

use std::error::Error;
use std::sync::Arc;

use loggia_domain::policy::Denied;
use loggia_domain::project::NewProject;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::{NewMembership, NewMemberships};
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::{Bootstrap, Loggia, NewMember, RosterError};
use loggia_domain::text::{EmailAddress, KeyName, OrganizationName, PersonName, ProjectName};
use loggia_domain::user::Profile;
use loggia_testkit::memory::MemoryStore;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let loggia = Loggia::on(Arc::new(MemoryStore::new())).with_system().build();
    for line in story(&loggia).await? {
        println!("{line}");
    }
    Ok(())
}

/// Lets two people of one organization work on a project, and returns what happened.
async fn story(loggia: &Loggia) -> Outcome<Vec<String>> {
    // The operator, who needs no permission, creates an organization with an account for its first admin. Text is parsed before it is
    // used: every `OrganizationName` is a valid one.
    let plan = Bootstrap {
        organization: OrganizationName::parse("Harbour Works")?,
        email: EmailAddress::parse("ada@example.com")?,
        profile: profile("Ada", "Byron")?,
        key: KeyName::parse("laptop")?,
        key_ends_unless_used: false,
    };
    let made = loggia.operator().bootstrap(&plan, true).await?.ok_or("the store was not empty")?;
    let organization = made.organization.id;
    let mut lines =
        vec![format!("{} is run by {}.", made.organization.name, made.member.profile.full_name())];

    // The secret of an API key identifies the caller. From here on the policy decides about every call.
    let caller = loggia.authenticate(&made.issued.secret).await?.caller;
    let ada = loggia.acting_as(&caller);

    // A program that authenticates people itself has them recognised instead: that looks up whether they exist, are active, and what
    // they reach.
    let new = NewMember::person(
        EmailAddress::parse("grace@example.com")?,
        profile("Grace", "Hopper")?,
        ScopeRole::Member,
    );
    let member = ada.add_member(organization, new).await?;
    let grace = loggia.acting_as(&loggia.recognise(member.user, member.scope).await?);
    lines.push(format!("{} was added as {}.", member.profile.full_name(), member.role));

    // A write in a task of its own runs to its end, even if nobody waits for it any more.
    let new = NewProject::named(ProjectName::parse("Harbour")?);
    let create = tokio::spawn({
        let ada = ada.clone();
        async move { ada.create_project(ScopeChoice::Default, new).await }
    });
    let project = create.await??.record;
    let people = NewMemberships::new(vec![NewMembership { user: member.user, role: RosterRole::Member }])?;
    for added in ada.add_to_roster(project.id, &people).await? {
        lines.push(format!("{} works on {} now.", added.member.profile.full_name(), added.project.name));
    }

    // Each reason for a refusal is a variant to match on: the policy's first, then the rules about state.
    match grace.remove_from_roster(project.id, caller.user).await {
        Err(RosterError::Denied(Denied::Forbidden(why))) => {
            lines.push(format!("Grace cannot remove Ada: {why}."));
        }
        other => return Err(format!("the policy should have refused: {other:?}").into()),
    }
    match ada.remove_from_roster(project.id, caller.user).await {
        Err(RosterError::Removal(why)) => lines.push(format!("Ada cannot remove herself: {why}.")),
        other => return Err(format!("the rule should have refused: {other:?}").into()),
    }
    Ok(lines)
}

fn profile(first_name: &str, last_name: &str) -> Outcome<Profile> {
    Ok(Profile {
        first_name: PersonName::parse(first_name)?,
        last_name: PersonName::parse(last_name)?,
        username: None,
        employee_number: None,
        avatar: None,
    })
}

#[cfg(test)]
mod tests {
    use loggia_domain::scope::Scope;

    use super::*;

    #[tokio::test]
    async fn the_story_ends_with_both_refusals() {
        let loggia = Loggia::on(Arc::new(MemoryStore::new())).with_system().build();
        let lines = story(&loggia).await.unwrap();
        assert_eq!(
            lines,
            [
                "Harbour Works is run by Ada Byron.",
                "Grace Hopper was added as member.",
                "Grace Hopper works on Harbour now.",
                "Grace cannot remove Ada: your role does not allow this.",
                "Ada cannot remove herself: members cannot remove themselves from a project.",
            ]
        );
    }

    /// The ports of the testkit make a test repeatable: its clock stands still, and its ids count up.
    #[tokio::test]
    async fn every_write_appends_its_events_and_a_refused_call_appends_none() {
        let ports = loggia_testkit::memory();
        let loggia = Loggia::on_ports(ports.clone()).build();
        story(&loggia).await.unwrap();
        let (organization, _) = loggia.operator().all_organizations(None, 1).await.unwrap().remove(0);
        let scope = Scope::Organization(organization.id);
        let events = ports.views.events(scope, None, 100).await.unwrap();
        let appended = events.iter().map(|(_, event)| format!("{} {}", event.subject_kind, event.verb));
        assert_eq!(appended.collect::<Vec<_>>(), EVENTS);
    }

    /// A member twice: Ada, with her API key, and Grace. A membership twice: theirs of the project.
    const EVENTS: [&str; 7] = [
        "organization created",
        "member created",
        "api_key created",
        "member created",
        "project created",
        "membership created",
        "membership created",
    ];
}

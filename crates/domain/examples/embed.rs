//! An embedding of the domain without HTTP, SQL or a command line. Run it with `cargo run -p loggia-domain --example embed`.
//!
//! A host creates five ports (a store to write to, its read side, a clock, ids, secrets), builds [`Loggia`] from them, and calls its
//! methods. This example takes all five from the testkit: a store in memory, and a deterministic clock and ids.
#![expect(clippy::print_stdout, reason = "the example tells its story on standard output")]

use std::error::Error;

use loggia_domain::key::Caller;
use loggia_domain::policy::Denied;
use loggia_domain::project::NewProject;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::{NewMembership, NewMemberships};
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::{Authority, Bootstrap, Loggia, NewMember, RosterError};
use loggia_domain::text::{EmailAddress, KeyName, OrganizationName, PersonName, ProjectName};
use loggia_domain::user::Profile;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let ports = loggia_testkit::memory();
    let loggia = Loggia::new(ports.clone());

    // The operator, who needs no permission, creates an organization, with an account for its first admin. Text is parsed before it is
    // used: every `OrganizationName` is a valid one.
    let plan = Bootstrap {
        organization: OrganizationName::parse("Harbour Works")?,
        email: EmailAddress::parse("ada@example.com")?,
        profile: profile("Ada", "Byron")?,
        key: KeyName::parse("laptop")?,
        key_ends_unless_used: false,
    };
    let made = loggia.bootstrap(&plan, true).await?.ok_or("the store was not empty")?;
    let organization = made.organization.id;
    println!("{} is run by {}.", made.organization.name, made.member.profile.full_name());

    // A caller is a user together with what their key allows. This caller comes from the secret that was just issued; a host with another
    // way to authenticate its users calls `Caller::trusted(user, scope)`.
    let ada = loggia.authenticate(&made.issued.secret).await?.caller;

    // From here on the policy decides about every call. Grace becomes a person of Harbour Works' own, who reaches nothing else; an
    // account would be invited.
    let grace = EmailAddress::parse("grace@example.com")?;
    let new = NewMember::person(grace, profile("Grace", "Hopper")?, ScopeRole::Member);
    let member = loggia.add_member(Authority::Caller(&ada), organization, new).await?;
    let grace = Caller::trusted(member.user, member.scope);
    println!("{} was added to it as {}.", member.profile.full_name(), member.role);

    // Ada creates a project, which adds her to its roster as admin, and adds Grace.
    let new = NewProject::named(ProjectName::parse("Harbour")?);
    let project = loggia.create_project(&ada, ScopeChoice::Default, new).await?.record;
    let people = NewMemberships::new(vec![NewMembership { user: grace.user, role: RosterRole::Member }])?;
    for added in loggia.add_to_roster(&ada, project.id, &people).await? {
        println!("{} works on {} now.", added.member.profile.full_name(), added.project.name);
    }

    // Grace sees the project but may not change its roster. Each reason for a refusal is a variant to match on.
    match loggia.remove_from_roster(&grace, project.id, ada.user).await {
        Err(RosterError::Denied(Denied::Forbidden(why))) => println!("Grace cannot remove Ada: {why}."),
        other => return Err(format!("the policy should have refused: {other:?}").into()),
    }
    // The rules about state are checked after the policy: Ada may change the roster, but cannot remove herself.
    match loggia.remove_from_roster(&ada, project.id, ada.user).await {
        Err(RosterError::Removal(why)) => println!("Ada cannot remove herself: {why}."),
        other => return Err(format!("the rule should have refused: {other:?}").into()),
    }
    let removed = loggia.remove_from_roster(&ada, project.id, grace.user).await?;
    println!("{} left {}.", removed.member.profile.full_name(), removed.project.name);

    // Every write appended its events in its unit of work. The refused calls appended none.
    println!("\nWhat happened:");
    for (_, event) in ports.views.events(Scope::Organization(organization), None, 100).await? {
        let fields: Vec<&str> = event.changes.iter().map(|change| change.field.as_ref()).collect();
        println!("  {} {} {} ({})", event.at.to_rfc3339(), event.subject_kind, event.verb, fields.join(", "));
    }
    Ok(())
}

fn profile(first_name: &str, last_name: &str) -> Result<Profile, Box<dyn Error>> {
    Ok(Profile {
        first_name: PersonName::parse(first_name)?,
        last_name: PersonName::parse(last_name)?,
        username: None,
        employee_number: None,
        avatar: None,
    })
}

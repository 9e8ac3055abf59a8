//! An embedding of the domain without HTTP, SQL or a command line. Run it with `cargo run -p loggia-domain --example embed`.
//!
//! A host builds [`Loggia`] on its store and acts as its callers. This example takes all ports from the testkit, a store in memory with a
//! clock and ids that repeat, so that it prints the same each time; a program that runs for real calls
//! `Loggia::on(store).with_system().build()`.
#![expect(clippy::print_stdout, reason = "the example tells its story on standard output")]

use std::error::Error;

use loggia_domain::policy::Denied;
use loggia_domain::project::NewProject;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::{NewMembership, NewMemberships};
use loggia_domain::scope::{Scope, ScopeChoice};
use loggia_domain::service::{Bootstrap, Loggia, NewMember, RosterError};
use loggia_domain::text::{EmailAddress, KeyName, OrganizationName, PersonName, ProjectName};
use loggia_domain::user::Profile;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let ports = loggia_testkit::memory();
    let loggia = Loggia::on_ports(ports.clone()).build();

    // The operator, who needs no permission, creates an organization, with an account for its first admin. Text is parsed before it is
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
    println!("{} is run by {}.", made.organization.name, made.member.profile.full_name());

    // A caller is a user together with what their key allows. This caller comes from the secret that was just issued. `acting_as` returns
    // what the caller may do: from here on the policy decides about every call.
    let caller = loggia.authenticate(&made.issued.secret).await?.caller;
    let ada = loggia.acting_as(&caller);

    // Grace becomes a person of Harbour Works' own, who reaches nothing else; an account would be invited. A host that authenticates its
    // users itself has them recognised, which looks up whether they exist, are active, and what they reach.
    let grace = EmailAddress::parse("grace@example.com")?;
    let new = NewMember::person(grace, profile("Grace", "Hopper")?, ScopeRole::Member);
    let member = ada.add_member(organization, new).await?;
    let grace = loggia.acting_as(&loggia.recognise(member.user, member.scope).await?);
    println!("{} was added to it as {}.", member.profile.full_name(), member.role);

    // Ada creates a project, which adds her to its roster as admin, and adds Grace.
    let new = NewProject::named(ProjectName::parse("Harbour")?);
    let project = ada.create_project(ScopeChoice::Default, new).await?.record;
    let people = NewMemberships::new(vec![NewMembership { user: member.user, role: RosterRole::Member }])?;
    for added in ada.add_to_roster(project.id, &people).await? {
        println!("{} works on {} now.", added.member.profile.full_name(), added.project.name);
    }

    // Grace sees the project but may not change its roster. Each reason for a refusal is a variant to match on.
    match grace.remove_from_roster(project.id, caller.user).await {
        Err(RosterError::Denied(Denied::Forbidden(why))) => println!("Grace cannot remove Ada: {why}."),
        other => return Err(format!("the policy should have refused: {other:?}").into()),
    }
    // The rules about state are checked after the policy: Ada may change the roster, but cannot remove herself.
    match ada.remove_from_roster(project.id, caller.user).await {
        Err(RosterError::Removal(why)) => println!("Ada cannot remove herself: {why}."),
        other => return Err(format!("the rule should have refused: {other:?}").into()),
    }
    let removed = ada.remove_from_roster(project.id, member.user).await?;
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
    Ok(Profile::named(PersonName::parse(first_name)?, PersonName::parse(last_name)?))
}

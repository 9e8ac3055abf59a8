//! Use cases of invitations.

use loggia_domain::invitation::{InvitedProject, InvitedProjects};
use loggia_domain::key::Caller;
use loggia_domain::page::invitation_position;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::service::{IssuedInvitation, Loggia, NewInvitation, NewInvitations};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::organizations::{By, by, by_either};
use crate::answer::{Answer, Invited, Outcome, outcome};
use crate::book::Book;
use crate::paging::{Part, Sort, part};
use crate::reference::{Reference, nth, reference};
use crate::{texts, values};

#[derive(Clone, Debug)]
pub(crate) enum InvitationStep {
    List {
        by: By,
        organization: Reference,
        part: Part,
    },
    Invite {
        by: By,
        organization: Reference,
        mailbox: &'static str,
        role: ScopeRole,
        project: Option<(Reference, RosterRole)>,
    },
    Withdraw {
        by: By,
        organization: Reference,
        invitation: Reference,
    },
    Resend {
        by: By,
        organization: Reference,
        invitation: Reference,
    },
    /// `None` is a token that belongs to no invitation.
    Accept(Option<u8>),
}

pub(crate) fn step() -> BoxedStrategy<InvitationStep> {
    let list = (by(), reference(), part()).prop_map(|(by, organization, part)| InvitationStep::List {
        by,
        organization,
        part,
    });
    let project = option::weighted(0.6, (reference(), values::one_of(RosterRole::ALL)));
    let invite = (by(), reference(), select(texts::MAILBOXES), values::one_of(ScopeRole::ALL), project)
        .prop_map(|(by, organization, mailbox, role, project)| InvitationStep::Invite {
            by,
            organization,
            mailbox,
            role,
            project,
        });
    let withdraw = (by(), reference(), reference())
        .prop_map(|(by, organization, invitation)| InvitationStep::Withdraw { by, organization, invitation });
    let resend = (by(), reference(), reference())
        .prop_map(|(by, organization, invitation)| InvitationStep::Resend { by, organization, invitation });
    prop_oneof![
        2 => list,
        6 => invite,
        1 => withdraw,
        2 => resend,
        6 => option::weighted(0.9, any::<u8>()).prop_map(InvitationStep::Accept),
    ]
    .boxed()
}

impl InvitationStep {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "invitations",
            Self::Invite { .. } => "invite",
            Self::Withdraw { .. } => "withdraw_invitation",
            Self::Resend { .. } => "resend_invitation",
            Self::Accept(_) => "accept_invitation",
        }
    }

    pub(crate) async fn perform(&self, caller: &Caller, book: &Book, loggia: &Loggia) -> Outcome {
        let (acting, operator) = (loggia.acting_as(caller), loggia.operator());
        match self {
            Self::List { by, organization, part } => {
                let id = book.organization(caller, *organization);
                let known = |number| {
                    nth(&book.invitations, number).map(|invitation| invitation_position(invitation.id))
                };
                let page = part.request(Sort::Id, known);
                outcome(by_either!(by, acting, operator, invitations(id, &page)), Answer::Invitations)
            }
            Self::Invite { by, organization, mailbox, role, project } => {
                let id = book.organization(caller, *organization);
                let invited = project
                    .map(|(which, role)| InvitedProject { project: book.project(caller, which), role });
                let projects =
                    InvitedProjects::new(invited.into_iter().collect()).expect("at most one project");
                let email = texts::email(mailbox, book.case);
                let new = NewInvitations::from(NewInvitation { email, role: *role, projects });
                outcome(by_either!(by, acting, operator, invite(id, &new)), invited_all)
            }
            Self::Withdraw { by, organization, invitation } => {
                let id = book.organization(caller, *organization);
                let invitation = book.invitation(caller, *invitation);
                outcome(by_either!(by, acting, operator, withdraw_invitation(id, invitation)), |()| {
                    Answer::Done
                })
            }
            Self::Resend { by, organization, invitation } => {
                let id = book.organization(caller, *organization);
                let invitation = book.invitation(caller, *invitation);
                let resent = by_either!(by, acting, operator, resend_invitation(id, invitation));
                outcome(resent, |issued| invited_all(vec![issued]))
            }
            Self::Accept(token) => {
                let accepted = acting.accept_invitation(&book.token(*token)).await;
                outcome(accepted, |(organization, role)| Answer::Joined(organization, role, caller.user))
            }
        }
    }
}

fn invited_all(issued: Vec<IssuedInvitation>) -> Answer {
    Answer::Invited(issued.into_iter().map(Invited::from).collect())
}

//! Steps that lead to every error of an invitation, most of which random steps seldom reach.

use loggia_domain::key::Ability;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::user::MemberPatch;

use crate::case::{Step, key, said};
use crate::paging::Part;
use crate::reference::{Reference, Who};
use crate::steps::{By, Call, InvitationStep, KeyStep, MemberStep};

const HERE: Reference = Reference::Near(0);
const NOWHERE: Reference = Reference::MadeUp(0);

/// Returns steps that follow those in which Katherine deactivated Alan, an account. She invites him back. Keys and callers that may not
/// accept the invitation try to; then he joins with the token of the resent one. She invites Grace, and Alan tries to accept that too: as a
/// member, and after Katherine has deactivated him again, first by a key from before he came back.
pub(crate) fn steps() -> Vec<Step> {
    // Barbara is the organization's own. The callers of Alan's two keys follow his two own callers, and four keys were made before.
    let [katherine, barbara, alan_there, alan, by_old_key, by_reading_key] =
        [0, 2, 6, 7, 8, 9].map(Who::Known);
    let say = |who, step| said(who, Call::Invitation(step));
    let by = By::Caller;
    let invite_to = |organization, mailbox, project| InvitationStep::Invite {
        by,
        organization,
        mailbox,
        role: ScopeRole::Member,
        project,
    };
    let invite = |mailbox, project| invite_to(HERE, mailbox, project);
    let accept = |who, token| say(who, InvitationStep::Accept(token));
    let withdraw =
        |invitation| say(katherine, InvitationStep::Withdraw { by, organization: HERE, invitation });
    let authenticate = |number| said(Who::Nobody, Call::Key(KeyStep::Authenticate(Some(number))));
    let patch = MemberPatch { active: Some(false), ..MemberPatch::default() };
    let user = Reference::Near(2);
    let deactivate = MemberStep::Update { by, organization: HERE, user, mailbox: None, patch };
    vec![
        key(alan, false, Ability::Write),
        key(alan, false, Ability::Read),
        authenticate(4),
        authenticate(5),
        say(katherine, invite("alan", Some((HERE, RosterRole::Member)))),
        say(katherine, invite("alan", None)),
        say(katherine, invite("grace", Some((NOWHERE, RosterRole::Member)))),
        accept(by_reading_key, Some(0)),
        accept(barbara, Some(0)),
        accept(Who::Nobody, Some(0)),
        accept(alan, None),
        say(katherine, InvitationStep::Resend { by, organization: HERE, invitation: HERE }),
        accept(alan, Some(0)),
        accept(alan, Some(1)),
        say(alan_there, invite("grace", None)),
        say(katherine, invite_to(NOWHERE, "grace", None)),
        say(katherine, invite("grace", None)),
        say(katherine, InvitationStep::List { by, organization: HERE, part: Part::first() }),
        accept(alan, Some(2)),
        said(katherine, Call::Member(deactivate)),
        accept(by_old_key, Some(2)),
        accept(alan, Some(2)),
        withdraw(NOWHERE),
        say(katherine, invite("kim", None)),
        withdraw(Reference::Near(2)),
    ]
}

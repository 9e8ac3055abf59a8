//! Invitations: an account joins an organization by accepting one. An invitation is pending or expired; an accepted or withdrawn one is
//! deleted.

use std::fmt;

use crate::account::AccountProfile;
use crate::event::{Change, Fields, changed};
use crate::id::{InvitationId, OrganizationId, ProjectId, UserId};
use crate::instant::Timestamp;
use crate::role::{RosterRole, ScopeRole};
use crate::roster::{MAX_BATCH, repeated};
use crate::text::EmailAddress;
use crate::token;
use crate::user::Member;

/// An invitation to join an organization. The token itself is not stored, only its hash. Any account with the token may accept it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The invitation's id.
    pub id: InvitationId,
    /// The organization.
    pub organization: OrganizationId,
    /// The address that the token is meant for, whose [key](EmailAddress::key) is unique among the organization's invitations.
    pub email: EmailAddress,
    /// The role in the organization that the account gets.
    pub role: ScopeRole,
    /// The projects whose rosters the account joins, by ascending project id; at most [`MAX_BATCH`], and none twice.
    pub projects: Vec<InvitedProject>,
    /// The member who invited; `None` for the operator.
    pub invited_by: Option<UserId>,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time at which the token expires.
    pub expires_at: Timestamp,
}

/// A project of an invitation, and the role on its roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvitedProject {
    /// The project.
    pub project: ProjectId,
    /// The role on the roster that the account gets.
    pub role: RosterRole,
}

impl Invitation {
    /// The lifetime of a token in seconds: 14 days.
    pub const SECONDS: i64 = 14 * 24 * 60 * 60;

    /// Makes the invitation expire [`Self::SECONDS`] after `now`, as one of `by`. Returns the changes.
    pub(crate) fn renew(&mut self, by: Option<UserId>, now: Timestamp) -> Vec<Change> {
        let before = self.fields();
        self.invited_by = by;
        self.expires_at = now.plus_seconds(Self::SECONDS);
        changed(before, self.fields())
    }

    /// Returns the fields that events report: never the address, so no event keeps it after the invitation is deleted.
    pub(crate) fn fields(&self) -> Fields {
        vec![("role", self.role.as_str().into()), ("expires_at", self.expires_at.into())]
    }
}

/// The reason why a list of projects cannot be part of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitedProjectsError {
    /// The list has more than [`MAX_BATCH`] projects.
    #[error("must name at most {MAX_BATCH} projects")]
    TooMany,
    /// The project at this index (from 0) occurs earlier in the list.
    #[error("is already named in this list")]
    Duplicate(usize),
}

/// At most [`MAX_BATCH`] different projects to which an account is invited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvitedProjects(Vec<InvitedProject>);

impl InvitedProjects {
    /// Checks that the list has at most [`MAX_BATCH`] projects and that no project occurs twice.
    ///
    /// # Errors
    /// Fails with [`InvitedProjectsError`] otherwise; the length is checked first.
    pub fn new(projects: Vec<InvitedProject>) -> Result<Self, InvitedProjectsError> {
        if projects.len() > MAX_BATCH {
            return Err(InvitedProjectsError::TooMany);
        }
        match repeated(projects.iter().map(|invited| Some(invited.project))).first() {
            Some(index) => Err(InvitedProjectsError::Duplicate(*index)),
            None => Ok(Self(projects)),
        }
    }

    /// Returns the projects, in the order in which they were given.
    pub fn as_slice(&self) -> &[InvitedProject] {
        &self.0
    }

    /// Returns the projects by ascending id.
    pub(crate) fn sorted(&self) -> Vec<InvitedProject> {
        let mut projects = self.0.clone();
        projects.sort_unstable_by_key(|invited| invited.project);
        projects
    }
}

/// The text is not an invitation's token: `lgi_`, 43 base62 digits and their checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a token of a Loggia invitation")]
pub struct MalformedToken;

/// The text of an invitation's token: `lgi_`, 32 random bytes as 43 base62 digits, and 6 base62 digits for the CRC-32 of everything before
/// them.
///
/// The type has no `Display`, and its `Debug` output hides the text, so that no token is logged by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationToken(String);

const PREFIX: &str = "lgi_";

impl InvitationToken {
    /// Encodes 32 bytes from a cryptographically secure source as a token.
    pub fn from_entropy(entropy: [u8; 32]) -> Self {
        Self(token::encode(PREFIX, &entropy))
    }

    /// Parses the text that a client sent.
    ///
    /// # Errors
    /// Fails with [`MalformedToken`] if the form or the checksum is wrong.
    pub fn parse(text: &str) -> Result<Self, MalformedToken> {
        if token::is_well_formed(PREFIX, text) { Ok(Self(text.to_owned())) } else { Err(MalformedToken) }
    }

    /// Returns the text, to be shown once or hashed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for InvitationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationToken(…)")
    }
}

impl Member {
    /// Gives an inactive member access again, with exactly this role and with the profile of the account. The username and the employee
    /// number, which are the organization's, stay. Returns the changes.
    pub(crate) fn rejoin(
        &mut self,
        role: ScopeRole,
        account: &AccountProfile,
        now: Timestamp,
    ) -> Vec<Change> {
        let before = self.fields();
        (self.role, self.active) = (role, true);
        self.show(account);
        (self.updated_at, self.revision) = (now, self.revision + 1);
        changed(before, self.fields())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::event::Value;
    use crate::samples::{ADA, ORGANIZATION, PROJECT, later, made, member};
    use crate::text::{AvatarUrl, PersonName, Username};

    fn invitation() -> Invitation {
        Invitation {
            id: InvitationId::from_uuid(Uuid::from_u128(1)),
            organization: ORGANIZATION,
            email: EmailAddress::parse("grace@example.com").expect("an address"),
            role: ScopeRole::Viewer,
            projects: vec![InvitedProject { project: PROJECT, role: RosterRole::Admin }],
            invited_by: Some(ADA),
            created_at: made(),
            expires_at: made().plus_seconds(Invitation::SECONDS),
        }
    }

    #[test]
    fn events_of_an_invitation_do_not_contain_the_address() {
        let fields = invitation().fields();
        let end = Value::Time(made().plus_seconds(1_209_600));
        assert_eq!(fields, [("role", "viewer".into()), ("expires_at", end)]);
    }

    #[test]
    fn a_renewed_invitation_has_its_whole_time_again() {
        let mut renewed = invitation();
        assert_eq!(renewed.renew(Some(ADA), later()).len(), 1);
        let end = later().plus_seconds(1_209_600);
        assert_eq!(renewed, Invitation { expires_at: end, ..invitation() });
    }

    #[test]
    fn a_token_reads_back_and_a_typo_does_not() {
        let token = InvitationToken::from_entropy([0xa5; 32]);
        let text = token.expose().to_owned();
        assert!(text.starts_with("lgi_") && text.len() == 53);
        assert_eq!(format!("{token:?}"), "InvitationToken(…)");
        assert_eq!(InvitationToken::parse(&text), Ok(token));
        for other in ["", "lgi_", &text[1..], &format!("{text}0"), &text.replace("lgi_", "lga_")] {
            assert_eq!(InvitationToken::parse(other), Err(MalformedToken), "{other}");
        }
        let last = if text.ends_with('x') { "y" } else { "x" };
        assert_eq!(InvitationToken::parse(&format!("{}{last}", &text[..52])), Err(MalformedToken));
    }

    #[test]
    fn projects_are_at_most_a_hundred_and_each_is_named_once() {
        let invited = |number| InvitedProject {
            project: ProjectId::from_uuid(Uuid::from_u128(number)),
            role: RosterRole::Member,
        };
        let projects = |count| (0..count).rev().map(invited).collect::<Vec<_>>();
        assert_eq!(InvitedProjects::new(Vec::new()), Ok(InvitedProjects::default()));
        let full = InvitedProjects::new(projects(100)).expect("a full list");
        assert_eq!(full.as_slice(), projects(100), "in the order in which they were named");
        assert!(full.sorted().is_sorted_by_key(|invited| invited.project));
        assert_eq!(InvitedProjects::new(projects(101)), Err(InvitedProjectsError::TooMany));
        let twice = [invited(1), invited(2), InvitedProject { role: RosterRole::Admin, ..invited(1) }];
        assert_eq!(InvitedProjects::new(twice.to_vec()), Err(InvitedProjectsError::Duplicate(2)));
    }

    #[test]
    fn a_rejoining_member_has_the_invited_role_and_the_current_account_profile() {
        let name = |text| PersonName::parse(text).expect("a name");
        let mut left = Member { home: None, ..member(ScopeRole::Admin, false) };
        left.profile.username = Username::parse("ada").ok();
        let account = AccountProfile {
            email: EmailAddress::parse("augusta@example.com").ok(),
            first_name: name("Augusta"),
            last_name: name("King"),
            avatar: AvatarUrl::parse("https://example.com/ada.png").ok(),
        };
        let mut back = left.clone();
        let changes = back.rejoin(ScopeRole::Viewer, &account, later());
        let fields: Vec<_> = changes.iter().map(|change| change.field.as_ref()).collect();
        assert_eq!(fields, ["role", "active", "first_name", "last_name", "avatar"]);
        assert_eq!(AccountProfile::from_member(&back), account);
        let kept = (&back.profile.username, &back.profile.employee_number);
        assert_eq!(kept, (&left.profile.username, &left.profile.employee_number));
        assert_eq!((back.role, back.active), (ScopeRole::Viewer, true));
        assert_eq!((back.updated_at, back.revision), (later(), left.revision + 1));
    }
}

//! Use cases that return which actions are allowed, for user interfaces that show only those.

use super::acting::Acting;
use super::error::PermissionError;
use crate::id::{ProjectId, SpaceId};
use crate::policy::{Action, Denied, Forbidden, Standing, decide, decide_reach};
use crate::port::Includes;
use crate::scope::{Reach, Scope, ScopeChoice};

/// The resource that permissions are requested for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermissionTarget {
    /// A scope as a whole.
    Scope(ScopeChoice),
    /// A project, its roster and its tasks.
    Project(ProjectId),
    /// A space.
    Space(SpaceId),
}

/// An action, and whether the caller may do it or the reason why not.
pub type Permission = (Action, Result<(), Forbidden>);

impl Acting {
    /// Returns every action on a resource, with the policy's decision about each. Rules about state, such as the protection of the last
    /// admin, are not checked.
    ///
    /// # Errors
    /// Fails with [`PermissionError::Denied`] if the resource is hidden from the caller, as reading it would.
    pub async fn permissions(&self, target: PermissionTarget) -> Result<Vec<Permission>, PermissionError> {
        decide(Action::ReadPermissions, Standing::Oneself, self.caller.ability)?;
        let (views, viewer) = (self.views(), self.caller.viewer());
        let standings = match target {
            PermissionTarget::Scope(choice) => {
                let scope = self.caller.scope(choice);
                let role = views.role_in_scope(&viewer, scope).await?.ok_or(Forbidden::NotInScope)?;
                let mut standings = vec![(Action::IN_SCOPE, Standing::Scope(Some(role)))];
                if let Scope::Organization(_) = scope {
                    standings.insert(0, (Action::ON_ORGANIZATION, Standing::InScope(role)));
                }
                standings
            }
            PermissionTarget::Project(id) => {
                let standing = views.project_standing(&viewer, id).await?.ok_or(Denied::Hidden)?;
                vec![(Action::ON_PROJECT, Standing::Project(standing))]
            }
            PermissionTarget::Space(id) => {
                let found = views.space(&viewer, id, Includes::default()).await?;
                let (_, role) = found.ok_or(Denied::Hidden)?;
                vec![(Action::ON_SPACE, Standing::InScope(role))]
            }
        };
        let mut permissions = Vec::new();
        for (actions, standing) in standings {
            for action in actions {
                let mut decided = decide(*action, standing, self.caller.ability);
                if *action == Action::LeaveOrganization {
                    let reach = decide_reach(self.caller.reach, Reach::Everywhere).map_err(Denied::from);
                    decided = decided.and(reach);
                }
                match decided {
                    Ok(()) => permissions.push((*action, Ok(()))),
                    Err(Denied::Forbidden(forbidden)) => permissions.push((*action, Err(forbidden))),
                    Err(Denied::Hidden) => return Err(Denied::Hidden.into()),
                }
            }
        }
        Ok(permissions)
    }
}

//! What may I do here: the policy's own answers, for whoever shows buttons.

use super::{Loggia, PermissionError};
use crate::id::{ProjectId, SpaceId};
use crate::key::Caller;
use crate::policy::{Action, Denied, Forbidden, Standing, decide};
use crate::port::Includes;
use crate::scope::{Scope, ScopeChoice};

/// Where something might be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a scope as a whole.
    Scope(ScopeChoice),
    /// To a project, its roster and its tasks.
    Project(ProjectId),
    /// To a space.
    Space(SpaceId),
}

/// An action, and whether the caller may do it or why not.
pub type Permission = (Action, Result<(), Forbidden>);

impl Loggia {
    /// Everything that can be done at a place, and what the policy says to each. Rules about state, such as that of the last admin,
    /// are not asked.
    ///
    /// # Errors
    /// [`PermissionError::Denied`] for a place that is not there for the caller: it says what looking at it would.
    pub async fn permissions(
        &self,
        caller: &Caller,
        place: Place,
    ) -> Result<Vec<Permission>, PermissionError> {
        decide(Action::ReadPermissions, Standing::Oneself, caller.ability)?;
        let (views, viewer) = (&self.ports.views, caller.viewer());
        let standings = match place {
            Place::Scope(choice) => {
                let scope = caller.scope(choice);
                let role = views.role_in_scope(&viewer, scope).await?.ok_or(Forbidden::NotInScope)?;
                let mut standings = vec![(Action::IN_SCOPE, Standing::Scope(Some(role)))];
                if let Scope::Organization(_) = scope {
                    standings.insert(0, (Action::ON_ORGANIZATION, Standing::InScope(role)));
                }
                standings
            }
            Place::Project(id) => {
                let standing = views.project_standing(&viewer, id).await?.ok_or(Denied::Hidden)?;
                vec![(Action::ON_PROJECT, Standing::Project(standing))]
            }
            Place::Space(id) => {
                let found = views.space(&viewer, id, Includes::default()).await?;
                let (_, role) = found.ok_or(Denied::Hidden)?;
                vec![(Action::ON_SPACE, Standing::InScope(role))]
            }
        };
        let mut permissions = Vec::new();
        for (actions, standing) in standings {
            for action in actions {
                match decide(*action, standing, caller.ability) {
                    Ok(()) => permissions.push((*action, Ok(()))),
                    Err(Denied::Forbidden(forbidden)) => permissions.push((*action, Err(forbidden))),
                    Err(Denied::Hidden) => return Err(Denied::Hidden.into()),
                }
            }
        }
        Ok(permissions)
    }
}

//! Members of a scope: what changes a membership, and that an admin is always left.

use loggia_domain::organization::LastAdmin;
use loggia_domain::role::ScopeRole;
use loggia_domain::user::{MemberPatch, MemberRefused};

use crate::cases::Cases;
use crate::records::{day, member};

pub(crate) fn cases() -> Cases {
    let mut cases = Cases::default();
    let roles = || [None].into_iter().chain(ScopeRole::ALL.iter().copied().map(Some));
    for role in ScopeRole::ALL.iter().copied() {
        for active in [true, false] {
            for new_role in roles() {
                for new_active in [None, Some(true), Some(false)] {
                    for admins in [1, 2] {
                        let mut grace = member(role, active);
                        let patch =
                            MemberPatch { role: new_role, active: new_active, ..MemberPatch::default() };
                        let outcome = grace.apply(patch, admins, day(2));
                        let after = (new_role.unwrap_or(role), new_active.unwrap_or(active));

                        let was_admin = active && role == ScopeRole::Admin;
                        let is_last = was_admin && after != (ScopeRole::Admin, true) && admins == 1;
                        let expected = if is_last {
                            (Err(MemberRefused::LastAdmin(LastAdmin)), (role, active), 1)
                        } else {
                            let changes = usize::from(after.0 != role) + usize::from(after.1 != active);
                            (Ok(changes), after, if changes > 0 { 2 } else { 1 })
                        };
                        let found = (
                            outcome.map(|changes| changes.len()),
                            (grace.role, grace.active),
                            grace.revision,
                        );
                        let name = format!(
                            "{role}, active: {active}, becomes {new_role:?}, active: {new_active:?}, of {admins} admins"
                        );
                        cases.add(name, found, expected);
                    }
                }
            }
        }
    }
    cases
}

#[test]
fn a_scope_keeps_an_active_admin() {
    cases().assert();
}

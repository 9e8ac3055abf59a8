//! A read side with one small fault, of the kind that a store has if it leaves text and time to its database.

use std::any::Any;

use loggia_domain::event::{Event, EventPosition};
use loggia_domain::instant::Timestamp;
use loggia_domain::page::{Direction, SpaceOrder, SpaceQuery, Start, Window};
use loggia_domain::port::{SpaceView, StoreError};
use loggia_domain::role::ScopeRole;
use loggia_testkit::intercept::{Call, Interceptor};

/// The fault.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Names are ordered by UTF-16 code units.
    Utf16Order,
    /// A search compares text in lower case instead of case-folded text.
    LowerCase,
    /// Times are truncated to milliseconds.
    Milliseconds,
    /// Two consecutive events are swapped.
    EventsOutOfOrder,
    /// A record that is not found is an error.
    ErrorForNothing,
    /// A page before a cursor position has the reverse order.
    Backwards,
}

impl Fault {
    pub(crate) const ALL: &[Self] = &[
        Self::Utf16Order,
        Self::LowerCase,
        Self::Milliseconds,
        Self::EventsOutOfOrder,
        Self::ErrorForNothing,
        Self::Backwards,
    ];

    fn spoil_spaces(self, query: &SpaceQuery, window: &Window, rows: &mut Vec<SpaceView>) {
        match self {
            Self::Utf16Order if query.order == SpaceOrder::Name => {
                let utf16 = |row: &SpaceView| row.space.name.searched().encode_utf16().collect::<Vec<_>>();
                rows.sort_by_key(|row| (utf16(row), row.space.id));
                if query.direction == Direction::Descending {
                    rows.reverse();
                }
            }
            Self::LowerCase => {
                if let Some(search) = query.search.as_ref().map(|search| search.as_str().to_lowercase()) {
                    rows.retain(|row| row.space.name.as_str().to_lowercase().contains(&search));
                }
            }
            Self::Milliseconds => {
                for row in rows {
                    let micros = row.space.created_at.micros();
                    let cut = Timestamp::from_micros(micros - micros.rem_euclid(1_000));
                    row.space.created_at = cut.unwrap_or(row.space.created_at);
                }
            }
            Self::Backwards if matches!(window.start, Start::Before(_)) => rows.reverse(),
            _ => {}
        }
    }
}

impl Interceptor for Fault {
    fn after(&self, call: &Call<'_>, answer: &mut dyn Any) -> Result<(), StoreError> {
        if let Some(rows) = answer.downcast_mut::<Vec<SpaceView>>() {
            let (query, window) = (call.argument().expect("a query"), call.argument().expect("a window"));
            self.spoil_spaces(query, window, rows);
        } else if let Some(space) = answer.downcast_ref::<Option<(SpaceView, ScopeRole)>>() {
            if matches!(self, Self::ErrorForNothing) && space.is_none() {
                return Err(StoreError::Corrupt("no row".into()));
            }
        } else if let Some(events) = answer.downcast_mut::<Vec<(EventPosition, Event)>>()
            && let (Self::EventsOutOfOrder, [.., (_, one), (_, other)]) = (self, events.as_mut_slice())
        {
            std::mem::swap(one, other);
        }
        Ok(())
    }
}

//! Ids, times and rows that are serialized directly into the response, without memory of their own.

use loggia_domain::id::{
    InvitationId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId,
};
use loggia_domain::instant::Timestamp;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// An id, serialized as its `Display` shows it: lower-case and hyphenated.
#[derive(Clone, Copy)]
pub(crate) struct IdText(Uuid);

macro_rules! shown_ids {
    ($($id:ident),+ $(,)?) => {$(
        impl From<$id> for IdText {
            fn from(id: $id) -> Self {
                Self(id.as_uuid())
            }
        }
    )+};
}

shown_ids! { InvitationId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId }

impl Serialize for IdText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }
}

/// A time, serialized in RFC 3339.
#[derive(Clone, Copy)]
pub(crate) struct TimeText(Timestamp);

impl From<Timestamp> for TimeText {
    fn from(time: Timestamp) -> Self {
        Self(time)
    }
}

impl Serialize for TimeText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.rfc3339().as_str())
    }
}

/// An array whose rows are made one by one as they are written, so that there is never more than one of them.
pub(crate) struct Rows<'a, T, F> {
    records: &'a [T],
    json: F,
}

impl<'a, T, F> Rows<'a, T, F> {
    pub(crate) fn new(records: &'a [T], json: F) -> Self {
        Self { records, json }
    }
}

impl<'a, T, J: Serialize, F: Fn(&'a T) -> J> Serialize for Rows<'a, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.records.iter().map(&self.json))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    #[test]
    fn ids_are_shown_as_they_display() {
        let uuids = [0, 0xabcd, 0x0193_a5b0_7c1e_7000_8000_0000_0000_abcd, u128::MAX].map(Uuid::from_u128);
        macro_rules! check {
            ($($id:ident),+) => {
                for uuid in uuids {
                    $({
                        let id = $id::from_uuid(uuid);
                        assert_eq!(to_value(IdText::from(id)).unwrap(), json!(id.to_string()));
                    })+
                }
            };
        }
        check!(InvitationId, KeyId, MembershipId, OrganizationId, ProjectId, SpaceId, TaskId, UserId);
    }

    #[test]
    fn times_are_shown_in_rfc_3339() {
        for text in [
            "0001-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999999Z",
            "2026-01-31T08:00:00.123456Z",
            "9999-12-31T23:59:59.999999Z",
        ] {
            let time = Timestamp::parse(text).unwrap();
            assert_eq!(to_value(TimeText::from(time)).unwrap(), json!(time.to_rfc3339()), "{text}");
        }
    }

    #[test]
    fn rows_are_an_array_in_the_order_of_the_records() {
        let twice = |number: &i64| number * 2;
        assert_eq!(to_value(Rows::new(&[1, 2, 3], twice)).unwrap(), json!([2, 4, 6]));
        assert_eq!(to_value(Rows::new(&[], twice)).unwrap(), json!([]));
    }
}

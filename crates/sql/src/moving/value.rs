//! Values of columns in the form that both engines share.

use uuid::Uuid;

/// The value of a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// No value.
    Null,
    /// A value of [`super::Kind::Id`].
    Id(Uuid),
    /// A value of [`super::Kind::Integer`] or [`super::Kind::Time`].
    Integer(i64),
    /// A value of [`super::Kind::Flag`].
    Flag(bool),
    /// A value of [`super::Kind::Text`] or [`super::Kind::Changes`].
    Text(String),
    /// A value of [`super::Kind::Bytes`] or [`super::Kind::Outline`].
    Bytes(Vec<u8>),
}

/// The values of a table's columns, in their order.
pub type Row = Vec<Value>;

/// A value has another type than its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("does not have the type of its column")]
pub struct WrongValue;

macro_rules! conversions {
    ($($variant:ident: $type:ty),+) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                value.map_or(Self::Null, Self::$variant)
            }
        }

        impl TryFrom<Value> for $type {
            type Error = WrongValue;

            fn try_from(value: Value) -> Result<Self, WrongValue> {
                match value {
                    Value::$variant(value) => Ok(value),
                    _ => Err(WrongValue),
                }
            }
        }

        impl TryFrom<Value> for Option<$type> {
            type Error = WrongValue;

            fn try_from(value: Value) -> Result<Self, WrongValue> {
                match value {
                    Value::Null => Ok(None),
                    value => <$type>::try_from(value).map(Some),
                }
            }
        }
    )+};
}

conversions!(Id: Uuid, Integer: i64, Flag: bool, Text: String, Bytes: Vec<u8>);

//! The repetitive parts of enums and records.

/// Declares an enum whose values are texts, and which keeps values that it does not know.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A value of a later version of the service, as it was received.
            Other(String),
        }

        impl $name {
            /// The values that this version of the crate knows, as they are sent.
            pub const KNOWN: &'static [&'static str] = &[$($text),+];

            /// Returns the value as it is sent and received.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Ok(Self::from(text.as_str()))
            }
        }
    };
}

/// Declares a record of a response: all fields public, and more of them expected.
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident { $($fields:tt)+ }) => {
        #[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize)]
        $(#[$meta])*
        #[non_exhaustive]
        pub struct $name { $($fields)+ }
    };
}

pub(crate) use {open_enum, record};

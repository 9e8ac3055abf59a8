//! Values in serde's data model (feature `serde`): as the text or the number that they are, and parsed when they are read.
//!
//! Records have no serialization: the shape of a host's documents is the host's own. Neither have secrets and their hashes.

/// Implements serialization as text, by `Display` or by a named method, and deserialization by `parse`.
#[cfg(feature = "serde")]
macro_rules! as_text {
    ($name:ident) => {
        $crate::serialization::as_text!($name, to_string);
    };
    ($name:ident, $text:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.$text().as_ref())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::serialization::Text(Self::parse))
            }
        }
    };
}

/// Implements serialization as a whole number.
#[cfg(feature = "serde")]
macro_rules! as_number {
    ($name:ident: $number:ty, $get:ident, $new:expr) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&self.$get(), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = <$number as serde::Deserialize>::deserialize(deserializer)?;
                $new(number).map_err(serde::de::Error::custom)
            }
        }
    };
}

#[cfg(not(feature = "serde"))]
macro_rules! as_text {
    ($($value:tt)*) => {};
}

#[cfg(not(feature = "serde"))]
macro_rules! as_number {
    ($($value:tt)*) => {};
}

pub(crate) use {as_number, as_text};

/// A visitor of text that a domain parser reads.
#[cfg(feature = "serde")]
pub(crate) struct Text<F>(pub(crate) F);

#[cfg(feature = "serde")]
impl<T, E: std::fmt::Display, F: FnOnce(&str) -> Result<T, E>> serde::de::Visitor<'_> for Text<F> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<R: serde::de::Error>(self, text: &str) -> Result<T, R> {
        (self.0)(text).map_err(R::custom)
    }
}

//! Closed sets of words, such as roles and states.

/// The word is none of the set's; the set itself is in [`UnknownLiteral::allowed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}", .allowed.join(", "))]
pub struct UnknownLiteral {
    /// Every word of the set, in its order.
    pub allowed: &'static [&'static str],
}

/// Declares an enum whose variants are written as fixed words, case-sensitive, in and out.
macro_rules! literals {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Every word, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word for it, as clients and stores write it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads a word; case matters.
            ///
            /// # Errors
            /// [`crate::literal::UnknownLiteral`], with the words there are.
            pub fn parse(word: &str) -> Result<Self, $crate::literal::UnknownLiteral> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::literal::UnknownLiteral { allowed: Self::WORDS }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use literals;

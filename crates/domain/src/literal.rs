//! Closed sets of words, such as roles and states.

/// The word is not in the set. [`UnknownLiteral::allowed`] lists the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}", .allowed.join(", "))]
pub struct UnknownLiteral {
    /// Every word of the set, in the order of declaration.
    pub allowed: &'static [&'static str],
}

/// Declares an enum whose variants are parsed from and formatted as fixed, case-sensitive words.
macro_rules! literals {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The word of every variant, in the order of [`Self::ALL`].
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// Returns the word for the variant, as clients and stores write it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Parses a word, case-sensitively.
            ///
            /// # Errors
            /// Fails with [`crate::literal::UnknownLiteral`], which lists the allowed words.
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

        $crate::serialization::as_text!($name, as_str);
    };
}
pub(crate) use literals;

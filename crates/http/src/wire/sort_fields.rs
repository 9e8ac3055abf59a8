//! The names of the fields that lists are sorted by.

use loggia_domain::literal::UnknownLiteral;
use loggia_domain::page::{MemberOrder, ProjectOrder, SpaceOrder};

/// An order of a list, with the name of its sort field.
pub(crate) trait SortField: Copy + 'static {
    /// The name of every sort field, in the order of the domain's `ALL`.
    const WORDS: &'static [&'static str];

    /// Returns the name of the sort field.
    fn as_str(self) -> &'static str;

    /// Parses the name of a sort field, case-sensitively.
    fn parse(word: &str) -> Result<Self, UnknownLiteral>;
}

macro_rules! sort_fields {
    ($($order:ident { $($variant:ident = $word:literal),+ $(,)? })+) => {$(
        impl SortField for $order {
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn parse(word: &str) -> Result<Self, UnknownLiteral> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownLiteral { allowed: Self::WORDS }),
                }
            }
        }
    )+};
}
sort_fields! {
    SpaceOrder {
        CreatedAt = "createdAt",
        UpdatedAt = "updatedAt",
        Name = "name",
        Priority = "priority",
        Strength = "currentStrength",
    }
    ProjectOrder {
        Number = "id",
        Name = "project_name",
        UpdatedAt = "updatedAt",
    }
    MemberOrder {
        Name = "name",
        CreatedAt = "createdAt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<T: SortField + PartialEq + std::fmt::Debug>(all: &[T]) {
        let words: Vec<_> = all.iter().map(|order| order.as_str()).collect();
        assert_eq!(words, T::WORDS);
        for order in all {
            assert_eq!(T::parse(order.as_str()), Ok(*order));
        }
        assert!(T::parse("Name").is_err(), "names are case-sensitive");
    }

    #[test]
    fn every_order_of_a_list_has_one_sort_field() {
        words(SpaceOrder::ALL);
        words(ProjectOrder::ALL);
        words(MemberOrder::ALL);
    }
}

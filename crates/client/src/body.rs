//! The repetitive parts of request bodies and filters.

/// Declares a request body. Fields under `new` are arguments of its constructor. Those under `set` are sent if they were set. Those under
/// `clear` can be set and cleared, and have the name of the method that clears them behind a slash.
macro_rules! body {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            new { $($(#[$new_doc:meta])* $new:ident: $new_type:ty,)* }
            set { $($(#[$set_doc:meta])* $set:ident: $set_type:ty,)* }
            clear { $($(#[$clear_doc:meta])* $clear:ident / $clearing:ident: $clear_type:ty,)* }
        }
    ) => {
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        $(#[$meta])*
        pub struct $name {
            $($(#[$new_doc])* $new: $new_type,)*
            $(#[serde(skip_serializing_if = "Option::is_none")] $set: Option<$set_type>,)*
            $(#[serde(skip_serializing_if = "crate::value::Change::is_leave")] $clear: crate::value::Change<$clear_type>,)*
        }

        impl $name {
            /// Creates a body with its required fields. All others are absent.
            pub fn new($($new: impl Into<$new_type>),*) -> Self {
                Self {
                    $($new: $new.into(),)*
                    $($set: None,)*
                    $($clear: crate::value::Change::Leave,)*
                }
            }

            $(
                $(#[$set_doc])*
                #[must_use]
                pub fn $set(mut self, $set: impl Into<$set_type>) -> Self {
                    self.$set = Some($set.into());
                    self
                }
            )*

            $(
                $(#[$clear_doc])*
                #[must_use]
                pub fn $clear(mut self, $clear: impl Into<$clear_type>) -> Self {
                    self.$clear = crate::value::Change::Set($clear.into());
                    self
                }

                #[doc = concat!("Clears the field: sends `", stringify!($clear), "` as null.")]
                #[must_use]
                pub fn $clearing(mut self) -> Self {
                    self.$clear = crate::value::Change::Clear;
                    self
                }
            )*
        }
    };
}

/// Declares the filters and the order of a list, each with the name of its query parameter.
macro_rules! filter {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $($(#[$doc:meta])* $field:ident: $type:ty = $wire:literal,)+ }
    ) => {
        #[derive(Clone, Debug, Default, PartialEq)]
        $(#[$meta])*
        pub struct $name(crate::call::Query);

        impl $name {
            /// Creates a filter that leaves everything to the defaults of the service.
            pub fn new() -> Self {
                Self::default()
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub fn $field(mut self, $field: impl Into<$type>) -> Self {
                    let value: $type = $field.into();
                    self.0.set($wire, value);
                    self
                }
            )+

            pub(crate) fn query(&self) -> crate::call::Query {
                self.0.clone()
            }
        }
    };
}

pub(crate) use {body, filter};

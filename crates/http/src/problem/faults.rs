//! Every code that a place in a request can be found wrong with, in the `errors` of a problem. The published document lists them,
//! and the page of `VALIDATION_FAILED` tells them: what is said there is the comment above each and the advice below.

use serde::Serialize;

macro_rules! fault_codes {
    ($($(#[doc = $doc:literal])+ $name:ident, $advice:literal;)+) => {
        /// What is wrong with one place in a request, in a word that stays: clients may match on it.
        #[expect(non_camel_case_types, reason = "the variants are written as clients read them")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum FaultCode { $($(#[doc = $doc])+ $name),+ }

        impl FaultCode {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as clients read it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// What it means, as the published document and `/docs/errors/VALIDATION_FAILED` tell it.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),+ }
            }

            /// What to do about it, as the page tells it.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice),+ }
            }
        }
    };
}

fault_codes! {
    /// Something that must be there is not.
    REQUIRED, "Send it.";
    /// The field is null, and there is no such thing as none of it.
    NULL_NOT_ALLOWED, "Send a value, or leave the field out.";
    /// The value is of another kind of JSON than is read here.
    WRONG_TYPE, "Send the kind of value that `detail` names.";
    /// The text or list is shorter than it may be.
    TOO_SHORT, "Send more; `detail` names the limit. White space around a text does not count.";
    /// The text or list is longer than it may be.
    TOO_LONG, "Send less; `detail` names the limit.";
    /// The text has a character that is not taken, or is not Unicode.
    INVALID_CHARACTER, "Leave the character out that `detail` names.";
    /// The text has not the form of what it stands for.
    INVALID_FORMAT, "Write it as `detail` says.";
    /// The id is none.
    INVALID_ID, "Send a UUID in lower-case hyphenated form, as answers show it.";
    /// The time or date is none.
    INVALID_TIME, "Send a time with its offset, as RFC 3339 writes it, or a date.";
    /// The number is less or more than it may be.
    OUT_OF_RANGE, "Send a number within the limits that `detail` names: nothing is clamped.";
    /// The value is none of those that are taken here.
    NOT_ALLOWED, "Send one of those that `detail` lists, or nothing where it says so.";
    /// The body has a field that is not read here.
    UNKNOWN_FIELD, "Leave it out, or correct its name; `detail` lists those that are read.";
    /// The query has a parameter that is not read here.
    UNKNOWN_PARAMETER, "Leave it out, or correct its name; `detail` lists those that are read.";
    /// The field stands twice in one object.
    DUPLICATE_FIELD, "Send it once.";
    /// The query parameter stands twice.
    DUPLICATE_PARAMETER, "Send it once.";
    /// The header was sent twice.
    DUPLICATE_HEADER, "Send it once.";
    /// The same is named twice in one list.
    DUPLICATE_VALUE, "Name it once.";
    /// Two fields that mean the same differ.
    CONTRADICTION, "Send one of the two.";
    /// Parameters stand beside each other of which only one can be meant.
    NOT_TOGETHER, "Send one of those that `detail` names.";
    /// What the cursor says already stands beside it.
    NOT_BESIDE_CURSOR, "Send the cursor, or count pages; for other pages begin without a cursor.";
    /// The cursor was not made by this list, with these filters and in this order.
    INVALID_CURSOR, "Take cursors from the list's own answers, and leave its filters and order as they were. Else begin anew without one.";
    /// The field is fixed when the record is made.
    IMMUTABLE, "Leave it out.";
    /// The start would be after the end.
    START_AFTER_END, "Move the one or the other. Where only one is sent, it is held against the other as it is.";
    /// The time has passed already.
    NOT_IN_THE_FUTURE, "Send a later time.";
    /// The key would have more than the key of the call.
    BEYOND_YOUR_KEY, "Ask for no more than the key of the call has, or use another key.";
    /// The scope has no such project, or it is not yours to see.
    UNKNOWN_PROJECT, "Check the id: it must be a project of the same organization that you can see.";
    /// Another task of the project has that number.
    TASK_NO_TAKEN, "Choose another number, or leave it out to be given one.";
    /// The person is not on the project's roster.
    NOT_A_MEMBER, "Add them to the project first.";
    /// The person named is no active member of the scope.
    USER_NOT_FOUND, "Check the id. A person is added to the organization before they can be named in it.";
    /// The person is on the roster, or in the organization, already.
    ALREADY_A_MEMBER, "Leave them out, or change the place that they have.";
    /// The person is in the organization already, and inactive.
    MEMBER_INACTIVE, "Let them in again: send `{\"active\": true}` with PATCH to the path that `detail` names.";
    /// Another member of the organization has that username.
    USERNAME_TAKEN, "Choose another username, or none.";
    /// Another member of the organization has that employee number.
    EMPLOYEE_NUMBER_TAKEN, "Check the number.";
    /// One cannot take oneself off a roster.
    CANNOT_REMOVE_SELF, "Ask another admin of the project.";
    /// The person is an admin of the project, by their role on its roster or in the organization.
    CANNOT_REMOVE_ADMIN, "Change that role first; `detail` names which.";
    /// The body as a whole is not JSON.
    INVALID_JSON, "Send one JSON document in UTF-8.";
    /// The header `Host` is no host.
    INVALID_HOST, "Send the name or address that the request is for.";
    /// More is wrong than is told.
    TOO_MANY_ERRORS, "Correct what is told, and send it again.";
}

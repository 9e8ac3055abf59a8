//! Every code of a validation error, in the `errors` of a problem. The published document lists the codes, and the page of
//! `VALIDATION_FAILED` explains them: the doc comment above a code is its published meaning, the text beside it the published advice.

use serde::Serialize;

macro_rules! fault_codes {
    ($($(#[doc = $doc:literal])+ $name:ident, $advice:literal;)+) => {
        /// The kind of a validation error. Codes are stable: clients may match on them.
        #[expect(non_camel_case_types, reason = "the variants are written as clients read them")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum FaultCode { $($(#[doc = $doc])+ $name),+ }

        impl FaultCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Returns the code as clients read it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// Returns the meaning of the code, as the published document and `/docs/errors/VALIDATION_FAILED` show it.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),+ }
            }

            /// Returns the advice for the code, as the page shows it.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice),+ }
            }
        }
    };
}

fault_codes! {
    /// A required value is missing.
    REQUIRED, "Send it.";
    /// The field must not be null.
    NULL_NOT_ALLOWED, "Send a value, or leave the field out.";
    /// The value is of the wrong type.
    WRONG_TYPE, "Send the kind of value that `detail` names.";
    /// The text or list is shorter than the minimum.
    TOO_SHORT, "Send more; `detail` names the limit. White space around a text does not count.";
    /// The text or list is longer than the maximum.
    TOO_LONG, "Send less; `detail` names the limit.";
    /// The text has a character that is not allowed, or is not valid Unicode.
    INVALID_CHARACTER, "Leave the character out that `detail` names.";
    /// The text does not have the required format.
    INVALID_FORMAT, "Write it as `detail` says.";
    /// The value is not a valid id.
    INVALID_ID, "Send a UUID in lower-case hyphenated form, as answers show it.";
    /// The value is not a valid time or date.
    INVALID_TIME, "Send a time with its offset, as RFC 3339 writes it, or a date.";
    /// The number is less than the minimum or greater than the maximum.
    OUT_OF_RANGE, "Send a number within the limits that `detail` names: nothing is clamped.";
    /// The value is not one of the allowed values.
    NOT_ALLOWED, "Send one of those that `detail` lists, or nothing where it says so.";
    /// The body has a field that the endpoint does not know.
    UNKNOWN_FIELD, "Leave it out, or correct its name; `detail` lists those that are read.";
    /// The query has a parameter that the endpoint does not know.
    UNKNOWN_PARAMETER, "Leave it out, or correct its name; `detail` lists those that are read.";
    /// The object has the field more than once.
    DUPLICATE_FIELD, "Send it once.";
    /// The query has the parameter more than once.
    DUPLICATE_PARAMETER, "Send it once.";
    /// The request has the header more than once.
    DUPLICATE_HEADER, "Send it once.";
    /// The list has the value more than once.
    DUPLICATE_VALUE, "Name it once.";
    /// Two fields with the same meaning have different values.
    CONTRADICTION, "Send one of the two.";
    /// The parameters exclude each other.
    NOT_TOGETHER, "Send one of those that `detail` names.";
    /// The parameter conflicts with the cursor, which already determines it.
    NOT_BESIDE_CURSOR, "Send the cursor, or count pages; for other pages begin without a cursor.";
    /// The cursor does not belong to this list with these filters and this order, or not to this user.
    INVALID_CURSOR, "Take cursors from the list's own answers, and leave its filters and order as they were. Else begin anew without one.";
    /// The field cannot be changed.
    IMMUTABLE, "Leave it out.";
    /// The start would be after the end.
    START_AFTER_END, "Move the one or the other. Where only one is sent, it is held against the other as it is.";
    /// The time is not in the future.
    NOT_IN_THE_FUTURE, "Send a later time.";
    /// The new API key would exceed the key of the call.
    BEYOND_YOUR_KEY, "Ask for no more than the key of the call has, or use another key.";
    /// The scope has no such project, or you may not see it.
    UNKNOWN_PROJECT, "Check the id: it must be a project of the same organization that you can see.";
    /// Another task of the project has that number.
    TASK_NO_TAKEN, "Choose another number, or leave it out to be given one.";
    /// The person is not on the project's roster.
    NOT_A_MEMBER, "Add them to the project first.";
    /// The named user is not an active member of the scope.
    USER_NOT_FOUND, "Check the id. A person is added to the organization before they can be named in it.";
    /// The person is already on the roster, or already in the organization.
    ALREADY_A_MEMBER, "Leave them out, or change the place that they have.";
    /// The person is already in the organization, and inactive.
    MEMBER_INACTIVE, "Let them in again: send `{\"active\": true}` with PATCH to the path that `detail` names.";
    /// Another member of the organization has that username.
    USERNAME_TAKEN, "Choose another username, or none.";
    /// Another member of the organization has that employee number.
    EMPLOYEE_NUMBER_TAKEN, "Check the number.";
    /// Members cannot remove themselves from a roster.
    CANNOT_REMOVE_SELF, "Ask another admin of the project.";
    /// The person is an admin of the project, by their role on its roster or in the organization.
    CANNOT_REMOVE_ADMIN, "Change that role first; `detail` names which.";
    /// The body as a whole is not JSON.
    INVALID_JSON, "Send one JSON document in UTF-8.";
    /// The header `Host` is not a valid host.
    INVALID_HOST, "Send the name or address that the request is for.";
    /// There are more errors than are listed.
    TOO_MANY_ERRORS, "Correct what is told, and send it again.";
}

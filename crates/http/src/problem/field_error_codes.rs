//! Every code of a validation error, in the `errors` of a problem. The published document lists the codes, and the page of
//! `VALIDATION_FAILED` explains them: the doc comment above a code is its published meaning, the text beside it the published advice.

use serde::Serialize;

macro_rules! field_error_codes {
    ($($(#[doc = $doc:literal])+ $name:ident, $advice:literal;)+) => {
        /// The kind of a validation error. Codes are stable: clients may match on them.
        #[expect(non_camel_case_types, reason = "the variants are written as clients read them")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum FieldErrorCode { $($(#[doc = $doc])+ $name),+ }

        impl FieldErrorCode {
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

field_error_codes! {
    /// A required value is missing.
    REQUIRED, "Send the value.";
    /// The field must not be null.
    NULL_NOT_ALLOWED, "Send a value, or omit the field.";
    /// The value is of the wrong type.
    WRONG_TYPE, "Send a value of the type that `detail` names.";
    /// The text or list is shorter than the minimum.
    TOO_SHORT, "Send a longer value; `detail` states the minimum. Leading and trailing white space does not count.";
    /// The text or list is longer than the maximum.
    TOO_LONG, "Send a shorter value; `detail` states the maximum.";
    /// The text has a character that is not allowed, or is not valid Unicode.
    INVALID_CHARACTER, "Remove the character that `detail` names.";
    /// The text does not have the required format.
    INVALID_FORMAT, "Send the text in the format that `detail` describes.";
    /// The value is not a valid id.
    INVALID_ID, "Send a UUID in lower-case hyphenated form, as responses contain it.";
    /// The value is not a valid time or date.
    INVALID_TIME, "Send an RFC 3339 time with an offset, or a date.";
    /// The number is less than the minimum or greater than the maximum.
    OUT_OF_RANGE, "Send a number within the limits that `detail` states; numbers are not clamped.";
    /// The value is not one of the allowed values.
    NOT_ALLOWED, "Send one of the values that `detail` lists, or omit the value if `detail` allows it.";
    /// The body has a field that the endpoint does not know.
    UNKNOWN_FIELD, "Omit it, or correct its name; `detail` lists the allowed names.";
    /// The query has a parameter that the endpoint does not know.
    UNKNOWN_PARAMETER, "Omit it, or correct its name; `detail` lists the allowed names.";
    /// The object has the field more than once.
    DUPLICATE_FIELD, "Send it only once.";
    /// The query has the parameter more than once.
    DUPLICATE_PARAMETER, "Send it only once.";
    /// The request has the header more than once.
    DUPLICATE_HEADER, "Send it only once.";
    /// The list has the value more than once.
    DUPLICATE_VALUE, "Send each value only once.";
    /// Two fields with the same meaning have different values.
    CONTRADICTION, "Send only one of the two fields.";
    /// The parameters exclude each other.
    NOT_TOGETHER, "Send only one of the parameters that `detail` names.";
    /// The parameter conflicts with the cursor, which already determines it.
    NOT_BESIDE_CURSOR, "Send either the cursor or a page number. To change the paging, start again without a cursor.";
    /// The cursor does not belong to this list with these filters and this order, or not to this user.
    INVALID_CURSOR, "Send a cursor from a response of the same list, with the same filters and order. Otherwise, start again without a cursor.";
    /// The field cannot be changed.
    IMMUTABLE, "Omit the field.";
    /// The start would be after the end.
    START_AFTER_END, "Change the start or the end. If only one is sent, it is compared with the stored value of the other.";
    /// The time is not in the future.
    NOT_IN_THE_FUTURE, "Send a later time.";
    /// The new API key would exceed the key of the request.
    BEYOND_YOUR_KEY, "Request no more than the key of the request has, or use another key.";
    /// The scope has no such project, or you may not see it.
    UNKNOWN_PROJECT, "Check the id: it must be a project of the same organization that you can see.";
    /// Another task of the project has that number.
    TASK_NO_TAKEN, "Choose another number, or omit it to have one assigned.";
    /// The person is not on the project's roster.
    NOT_A_MEMBER, "Add the person to the project first.";
    /// The named user is not an active member of the scope.
    USER_NOT_FOUND, "Check the id. Add the user to the organization first.";
    /// The person is already on the roster, or already in the organization.
    ALREADY_A_MEMBER, "Omit the person, or change the existing membership.";
    /// The organization has an invitation for the address already.
    ALREADY_INVITED, "Omit the person, or send the existing invitation again.";
    /// The person is already in the organization, and inactive.
    MEMBER_INACTIVE, "To reactivate the member, send `{\"active\": true}` with PATCH to the path that `detail` names.";
    /// Another member of the organization has that username.
    USERNAME_TAKEN, "Choose another username, or omit it.";
    /// Another member of the organization has that employee number.
    EMPLOYEE_NUMBER_TAKEN, "Check the number.";
    /// Another of the organization's own people has that address.
    EMAIL_TAKEN, "Check the address.";
    /// Members cannot remove themselves from a roster.
    CANNOT_REMOVE_SELF, "Ask another admin of the project to remove you, or leave the project.";
    /// The person is an admin of the project, by their role on its roster or in the organization.
    CANNOT_REMOVE_ADMIN, "Change the role that `detail` names first.";
    /// The body as a whole is not JSON.
    INVALID_JSON, "Send one JSON document in UTF-8.";
    /// The header `Host` is not a valid host.
    INVALID_HOST, "Send the host name or IP address that the request is addressed to.";
    /// There are more errors than are listed.
    TOO_MANY_ERRORS, "Correct the listed errors, and send the request again.";
}

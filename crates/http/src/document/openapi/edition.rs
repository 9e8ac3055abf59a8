//! The document by the way in which the API is served.

use serde_json::{Value, json};

use super::{document, info};

/// The way in which the API is served, as far as its documents differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// Alone.
    Alone,
    /// Mounted in another application, with API keys.
    Mounted,
    /// Mounted in another application, which authenticates the callers.
    MountedWithCallers,
}

/// The pattern of the type of a problem, which is below the path of a mount.
const TYPE_BELOW_A_MOUNT: &str = "^(/.+)?/docs/errors/[A-Z_]+$";

impl Edition {
    /// Returns the document. All editions have the same operations.
    pub(crate) fn document(self) -> Value {
        let mut document = document();
        if self != Self::Alone {
            document["components"]["schemas"]["Problem"]["properties"]["type"]["pattern"] =
                json!(TYPE_BELOW_A_MOUNT);
        }
        if self == Self::MountedWithCallers {
            document["info"]["description"] = json!(info::description_with_callers());
            // The challenge of a 401 is the host's.
            let challenge = "/components/headers/WWW-Authenticate/schema";
            for (pointer, member) in
                [("", "security"), ("/components", "securitySchemes"), (challenge, "pattern")]
            {
                if let Some(Value::Object(members)) = document.pointer_mut(pointer) {
                    members.remove(member);
                }
            }
        }
        document
    }
}

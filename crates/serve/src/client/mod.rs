//! The client of a request: its address, the host that it names, and the URL that it called, as trusted proxies report them.

mod address;
mod base_url;
mod forwarded;
pub(crate) mod host;
mod mount_path;
mod networks;

pub use address::Address;
pub use base_url::{BaseUrl, InvalidPublicUrl, PublicUrl};
pub use mount_path::{InvalidMountPath, MountPath};
pub use networks::{InvalidNetwork, Networks};

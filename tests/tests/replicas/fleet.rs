//! Two replicas that serve HTTP.

use std::sync::Arc;

use loggia_domain::event::Actor;
use loggia_domain::id::UserId;
use loggia_domain::key::Ability;
use loggia_domain::scope::{Reach, Scope};
use loggia_domain::service::{IssuedKey, Loggia, NewKey};
use loggia_domain::text::KeyName;
use loggia_http::{HttpApp, Limits};
use loggia_testkit::SequentialIds;

use crate::pair::Pair;
use crate::town::Town;
use crate::wire::{Client, Serving};

/// Two replicas on a database with one town, each with its own socket.
pub(crate) struct Fleet {
    pub(crate) town: Town,
    serving: [Serving; 2],
    pub(crate) pair: Pair,
}

impl Fleet {
    pub(crate) async fn start() -> Self {
        let pair = Pair::new(1).await;
        let mut serving = Vec::new();
        for (loggia, ports) in pair.replicas.iter().zip(&pair.ports) {
            let secret = ports.views.instance_secret().await.expect("a secret");
            // Request ids have a sequence of their own.
            let ids = Arc::new(SequentialIds::new());
            // The tests present hundreds of revoked keys from one address, and a machine that is busy with other tests is no overload.
            let limits =
                Limits { failed_authentications: u32::MAX, request_seconds: 60, ..Limits::default() };
            serving.push(Serving::start(HttpApp::new(loggia.clone(), ids, secret, limits)));
        }
        Self { town: Town(1), serving: serving.try_into().ok().expect("two"), pair }
    }

    /// Returns the use cases of a replica.
    pub(crate) fn loggia(&self, replica: usize) -> &Loggia {
        &self.pair.replicas[replica]
    }

    /// Connects a client to a replica.
    pub(crate) async fn client(&self, replica: usize, key: &str) -> Client {
        self.serving[replica].client(key).await
    }

    /// Issues a key at a replica. The key grants everything that its user's memberships grant.
    pub(crate) async fn issue(&self, replica: usize, user: UserId) -> IssuedKey {
        let key = NewKey {
            name: KeyName::parse("laptop").expect("a name"),
            default_scope: Scope::Organization(self.town.organization()),
            reach: Reach::Everywhere,
            ability: Ability::Write,
            expires_at: None,
        };
        self.loggia(replica).operator().issue_key(Actor::Operator, user, key).await.expect("a key")
    }

    pub(crate) async fn end(self) {
        for serving in self.serving {
            serving.end().await;
        }
    }
}

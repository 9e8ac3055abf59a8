//! Two replicas that answer over HTTP.

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

/// Two replicas on one town, each on a socket of its own.
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
            // Requests have ids of their own.
            let ids = Arc::new(SequentialIds::new());
            // Revoked keys are presented here by the hundred, and all from one address.
            // A machine that is busy with other tests is no overload.
            let limits =
                Limits { failed_authentications: u32::MAX, request_seconds: 60, ..Limits::default() };
            serving.push(Serving::start(HttpApp::new(loggia.clone(), ids, secret, limits)));
        }
        Self { town: Town(1), serving: serving.try_into().ok().expect("two"), pair }
    }

    /// The use cases of a replica.
    pub(crate) fn loggia(&self, replica: usize) -> &Loggia {
        &self.pair.replicas[replica]
    }

    /// Somebody who calls a replica.
    pub(crate) async fn client(&self, replica: usize, key: &str) -> Client {
        self.serving[replica].client(key).await
    }

    /// A key that a replica issues, which opens all that its user's places do.
    pub(crate) async fn issue(&self, replica: usize, user: UserId) -> IssuedKey {
        let key = NewKey {
            name: KeyName::parse("laptop").expect("a name"),
            default_scope: Scope::Organization(self.town.organization()),
            reach: Reach::Everywhere,
            ability: Ability::Write,
            expires_at: None,
        };
        self.loggia(replica).issue_key(Actor::Operator, user, key).await.expect("a key")
    }

    pub(crate) async fn end(self) {
        for serving in self.serving {
            serving.end().await;
        }
    }
}

//! `loggia routes`: prints the table of endpoints, with the callers that the policy allows.

mod who;

use clap::Args;
use loggia_domain::key::Ability;
use loggia_domain::policy::Action;
use loggia_http::{ENDPOINTS, Endpoint};
use serde::Serialize;

use self::who::who;
use crate::output;

/// The arguments of `loggia routes`.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct RoutesArgs {
    /// Print {"routes": […]} instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct RoutesAnswer {
    routes: Vec<Route>,
}

#[derive(Serialize)]
struct Route {
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    /// The action that the policy decides; null for an endpoint that answers without a key.
    action: Option<&'static str>,
    /// The ability that the key needs; null for an endpoint that answers without one.
    ability: Option<&'static str>,
    /// The callers who are allowed, in words; one of them is enough.
    who: Vec<String>,
}

impl RoutesArgs {
    /// Prints the routes in the table's order.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let routes: Vec<Route> = ENDPOINTS.iter().map(Route::from_endpoint).collect();
        if self.json {
            return output::json(&RoutesAnswer { routes });
        }
        let mut rows = vec![["METHOD", "PATH", "WHAT", "ABILITY", "WHO"].map(str::to_owned)];
        rows.extend(routes.into_iter().map(Route::into_row));
        output::listing(output::table(&rows))
    }
}

impl Route {
    fn from_endpoint(endpoint: &Endpoint) -> Self {
        Self {
            method: endpoint.method,
            path: endpoint.path,
            summary: endpoint.summary,
            action: endpoint.action.map(Action::as_str),
            ability: endpoint.action.map(Action::ability).map(Ability::as_str),
            who: endpoint.action.map_or_else(|| vec!["anyone, without a key".to_owned()], who),
        }
    }

    fn into_row(self) -> [String; 5] {
        [
            self.method.to_owned(),
            self.path.to_owned(),
            self.summary.to_owned(),
            self.ability.unwrap_or("-").to_owned(),
            self.who.join("; "),
        ]
    }
}

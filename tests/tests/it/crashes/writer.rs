//! A writer: one write after the other, each repeated until its outcome is known.

use std::io;
use std::sync::mpsc::Sender;

use serde_json::{Value, json};

use super::gate::Gate;
use super::ledger::Ledger;
use super::orders::{Kind, Order, Own};
use crate::harness::{Response, Server, connect, head, member, response};

/// The most responses that ask for a repetition, such as 503 `BUSY`, before the test fails.
const MOST_REFUSALS: usize = 1_000;

/// A client with records of its own.
pub(super) struct Writer {
    number: usize,
    key: String,
    own: Own,
}

impl Writer {
    /// Creates the records that the writer changes.
    pub(super) fn new(number: usize, server: &Server, made: &Value) -> Self {
        let key = member(made, "apiKey").to_owned();
        let done = |path: &str, body: &Value| {
            let send = || server.send("POST", path, Some(&key), Some(&body.to_string()));
            let response =
                (0..20).map(|_| send()).find(|response| response.status != 503).unwrap_or_else(send);
            assert_eq!(response.status, 201, "{path}: {response:?}");
            response
        };
        let space_name = format!("own-{number}");
        let space = done("/api/v1/spaces", &json!({"name": space_name}));
        let project = done("/v2/projects", &json!({"project_name": space_name})).json();
        let own = Own {
            organization: member(made, "organizationId").to_owned(),
            etag: etag(&space).to_owned(),
            space: member(&space.json()["data"], "_id").to_owned(),
            space_name,
            project: member(&project, "node_id").to_owned(),
            tasks: 0,
        };
        Self { number, key, own }
    }

    /// Does one write of that kind on a server that is not killed.
    pub(super) fn write_one(&mut self, server: &Server, kind: Kind) {
        let order = self.own.order(kind, format!("alone-{kind:?}"));
        let response = send(server.address(), &self.key, &order).unwrap();
        self.check(&order, &response);
    }

    /// Writes until the last process serves, and completes the last write there.
    pub(super) fn write(mut self, gate: &Gate, ledger: &Ledger, acknowledged: &Sender<()>) {
        let mut process = gate.after(0);
        for number in 0.. {
            if process.is_last {
                break;
            }
            let order = self.own.order(Kind::for_write(number), format!("{}-{number}", self.number));
            let mut was_unknown = false;
            let response = loop {
                match send_until_accepted(&process.address, &self.key, &order) {
                    Ok(response) => break response,
                    Err(_) => {
                        was_unknown = true;
                        process = gate.after(process.number);
                    }
                }
            };
            if was_unknown {
                ledger.unknown();
            }
            let is_replayed = response.head.lines().any(|line| line == "idempotent-replayed: true");
            self.check(&order, &response);
            ledger.acknowledged(order.kind, was_unknown, is_replayed);
            if order.kind == Kind::NewSpace {
                ledger.space(order.token);
            }
            // Nobody listens after the last kill.
            let _ = acknowledged.send(());
        }
        ledger.space(self.own.space_name);
    }

    /// Checks that the response acknowledges exactly this write, as the next one after the writer's last.
    fn check(&mut self, order: &Order, response: &Response) {
        let expected = if order.kind == Kind::ChangedSpace { 200 } else { 201 };
        assert_eq!(response.status, expected, "{order:?}: {response:?}");
        match order.kind {
            Kind::NewSpace => assert_eq!(response.json()["data"]["name"], *order.token),
            Kind::ChangedSpace => {
                assert_eq!(response.json()["data"]["name"], *order.token);
                self.own.etag = etag(response).to_owned();
                self.own.space_name.clone_from(&order.token);
            }
            Kind::NewTask => {
                self.own.tasks += 1;
                assert_eq!(response.json()["task_no"], self.own.tasks.to_string(), "{order:?}: {response:?}");
            }
            Kind::NewMembers => {}
        }
    }
}

/// Sends a write until the response is not a request to repeat it. Fails if the process is gone, so that the outcome is unknown.
fn send_until_accepted(address: &str, key: &str, order: &Order) -> io::Result<Response> {
    for _ in 0..MOST_REFUSALS {
        let response = send(address, key, order)?;
        if response.status != 503 {
            return Ok(response);
        }
    }
    panic!("{order:?} is refused all the time")
}

fn send(address: &str, key: &str, order: &Order) -> io::Result<Response> {
    let body = order.body.to_string();
    let mut head = head(address, order.method, &order.path, Some(key), Some(&body));
    head.push_str(&format!("Idempotency-Key: {}\r\n", order.token));
    if let Some(etag) = &order.if_match {
        head.push_str(&format!("If-Match: {etag}\r\n"));
    }
    let mut stream = connect(address)?;
    io::Write::write_all(&mut stream, format!("{head}\r\n{body}").as_bytes())?;
    response(&mut stream, order.method)
}

fn etag(response: &Response) -> &str {
    let etag = response.head.lines().find_map(|line| line.strip_prefix("etag: "));
    etag.unwrap_or_else(|| panic!("an entity tag in {response:?}"))
}

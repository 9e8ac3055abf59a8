//! A store with all servers that use it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::connection::Connection;
use crate::process::Server;
use crate::request::Request;
use crate::result::Engine;
use crate::scene::Scene;
use crate::warm_up;

/// The output of `loggia demo --json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Demo {
    pub(crate) organization_id: String,
    pub(crate) user_id: String,
    pub(crate) api_key: String,
}

/// A filled store with its servers.
pub(crate) struct Stage {
    pub(crate) engine: Engine,
    pub(crate) service: Server,
    pub(crate) bare: Server,
    pub(crate) ceiling: Server,
    pub(crate) scene: Scene,
}

/// Fills a store with `loggia demo`.
pub(crate) fn fill(loggia: &Path, url: &str, demo: &[String]) -> Result<Demo> {
    let output = Command::new(loggia)
        .args(["demo", "--json", "--database-url", url])
        .args(demo)
        .output()
        .context("loggia could not be started")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`loggia demo` ended with {}: {errors}", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Starts the service.
pub(crate) fn serve(loggia: &Path, url: &str, sessions: Option<u32>) -> Result<Server> {
    let mut command = Command::new(loggia);
    command.args(["serve", "--database-url", url]);
    if let Some(sessions) = sessions {
        command.args(["--database-connections", &sessions.to_string()]);
    }
    Server::start(&mut command, "/readyz")
}

impl Stage {
    /// Starts all servers on a filled store.
    pub(crate) fn set(
        engine: Engine,
        service: Server,
        url: &str,
        demo: &Demo,
        readers: u32,
        folder: &Path,
    ) -> Result<Self> {
        let own = std::env::current_exe()?;
        let scene = Scene::prepare(&service.address, &demo.api_key, &demo.organization_id)?;
        let mut bare = Command::new(&own);
        bare.args(["bare", "--database-url", url, "--user", &demo.user_id]);
        bare.args(["--scope", &demo.organization_id, "--connections", &readers.to_string()]);
        let bare = Server::start(&mut bare, "/readyz")?;
        let bodies = folder.join(format!("{}.json", engine.name()));
        std::fs::write(&bodies, serde_json::to_vec(&scene.bodies)?)?;
        let ceiling =
            Server::start(Command::new(&own).arg("ceiling").arg("--bodies").arg(&bodies), "/readyz")?;
        let stage = Self { engine, service, bare, ceiling, scene };
        stage.compare_bodies()?;
        for server in [&stage.service, &stage.bare, &stage.ceiling] {
            warm_up::run(&server.address, &stage.scene.calls)?;
        }
        Ok(stage)
    }

    /// Fails unless the bare stack and the ceiling respond with the same bytes as the service.
    fn compare_bodies(&self) -> Result<()> {
        for server in [&self.bare, &self.ceiling] {
            let mut connection = Connection::open(&server.address)?;
            for (path, body) in &self.scene.bodies {
                let response = connection.send(&Request::new("GET", path, "none", "", None).bytes(0))?;
                let found = String::from_utf8_lossy(&response.body);
                ensure!(*body == found, "{path} has another body than the service's:\n{body}\n{found}");
            }
        }
        Ok(())
    }
}

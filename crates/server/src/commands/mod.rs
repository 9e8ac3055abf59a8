//! The commands: each checks its arguments, and then calls the use cases.

pub(crate) mod accounts;
pub(crate) mod backup;
pub(crate) mod bootstrap;
pub(crate) mod demo;
pub(crate) mod doctor;
mod healthcheck;
pub(crate) mod invitations;
pub(crate) mod keys;
pub(crate) mod migrate;
pub(crate) mod moving;
mod openapi;
pub(crate) mod organizations;
pub(crate) mod people;
pub(crate) mod restore;
pub(crate) mod routes;
mod serve;
pub(crate) mod service;
pub(crate) mod settings;

use std::net::SocketAddr;

use accounts::AccountsJob;
use anyhow::anyhow;
use backup::BackupJob;
use bootstrap::BootstrapJob;
use demo::DemoJob;
use doctor::DoctorJob;
use invitations::InvitationsJob;
use keys::KeysJob;
use loggia_domain::id::OrganizationId;
use migrate::MigrateJob;
use moving::copy::CopyJob;
use moving::export::ExportJob;
use moving::import::ImportArgs;
use organizations::OrganizationsJob;
use people::PersonJob;
use restore::RestoreArgs;
use routes::RoutesArgs;
use service::ServiceCommand;

use crate::cli::Command;
use crate::settings::Settings;
use crate::usage_errors::UsageErrors;
use crate::wiring::Location;

/// A command with valid arguments.
#[derive(Debug)]
pub(crate) enum Job {
    /// `loggia serve`
    Serve(SocketAddr),
    /// `loggia bootstrap`
    Bootstrap(Box<BootstrapJob>),
    /// `loggia keys …`
    Keys(KeysJob),
    /// `loggia people add`
    Person(Box<PersonJob>),
    /// `loggia accounts …`
    Accounts(Box<AccountsJob>),
    /// `loggia invitations …`
    Invitations(InvitationsJob),
    /// `loggia organizations …`
    Organizations(OrganizationsJob),
    /// `loggia migrate`
    Migrate(MigrateJob),
    /// `loggia export`
    Export(ExportJob),
    /// `loggia import`
    Import(ImportArgs),
    /// `loggia copy`
    Copy(Box<CopyJob>),
    /// `loggia backup`
    Backup(Box<BackupJob>),
    /// `loggia restore`
    Restore(RestoreArgs),
    /// `loggia demo`
    Demo(DemoJob),
    /// `loggia routes`
    Routes(RoutesArgs),
    /// `loggia openapi`
    Openapi,
    /// `loggia healthcheck`
    Healthcheck(SocketAddr),
    /// `loggia doctor`
    Doctor(DoctorJob),
    /// `loggia service …`
    Service(ServiceCommand),
}

impl Job {
    /// Checks the arguments of a command.
    pub(crate) fn check(command: Command, usage_errors: &mut UsageErrors) -> Option<Self> {
        Some(match command {
            Command::Serve(args) => Self::Serve(usage_errors.take(args.listen.listen)?),
            Command::Bootstrap(args) => Self::Bootstrap(Box::new(args.check(usage_errors)?)),
            Command::Keys(command) => Self::Keys(command.check(usage_errors)?),
            Command::People(command) => Self::Person(Box::new(command.check(usage_errors)?)),
            Command::Accounts(command) => Self::Accounts(Box::new(command.check(usage_errors)?)),
            Command::Invitations(command) => Self::Invitations(command.check(usage_errors)?),
            Command::Organizations(command) => Self::Organizations(command.check(usage_errors)?),
            Command::Migrate(args) => Self::Migrate(args.into_job()),
            Command::Export(args) => Self::Export(args.check(usage_errors)?),
            Command::Import(args) => Self::Import(args),
            Command::Copy(args) => Self::Copy(Box::new(args.check(usage_errors)?)),
            Command::Backup(args) => Self::Backup(Box::new(args.check(usage_errors)?)),
            Command::Restore(args) => Self::Restore(args),
            Command::Demo(args) => Self::Demo(args.check(usage_errors)?),
            Command::Routes(args) => Self::Routes(args),
            Command::Openapi => Self::Openapi,
            Command::Healthcheck(listen) => Self::Healthcheck(usage_errors.take(listen.listen)?),
            Command::Doctor(args) => Self::Doctor(args.check(usage_errors)?),
            Command::Service(command) => Self::Service(command),
            // It is carried out before, since it also reports the usage errors.
            Command::Settings(_) => return None,
        })
    }

    /// Returns the log filter to use without a setting: a server logs what it does, any other command only warnings and errors.
    pub(crate) const fn default_log_filter(&self) -> &'static str {
        match self {
            // The HTTP library's messages about its own threads are of no use here.
            Self::Serve(_) => "info,actix_server=warn",
            _ => "warn",
        }
    }

    /// Runs the command.
    pub(crate) async fn run(self, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Serve(listen) => serve::run(settings, listen).await,
            Self::Bootstrap(job) => job.run(settings).await,
            Self::Keys(job) => job.run(settings).await,
            Self::Person(job) => job.run(settings).await,
            Self::Accounts(job) => job.run(settings).await,
            Self::Invitations(job) => job.run(settings).await,
            Self::Organizations(job) => job.run(settings).await,
            Self::Migrate(job) => job.run(settings).await,
            Self::Export(job) => job.run(settings).await,
            Self::Import(args) => args.run(settings).await,
            Self::Copy(job) => job.run().await,
            Self::Backup(job) => job.run(settings).await,
            Self::Restore(args) => args.run(settings).await,
            Self::Demo(job) => job.run(settings).await,
            Self::Routes(args) => args.run(),
            Self::Openapi => openapi::run(),
            Self::Healthcheck(listen) => healthcheck::run(listen),
            Self::Doctor(job) => job.run(settings).await,
            Self::Service(command) => command.run(settings),
        }
    }
}

/// Returns the error of a command that names an organization that does not exist.
fn no_such_organization(organization: OrganizationId, location: &Location) -> anyhow::Error {
    anyhow!("there is no organization {organization} in {location}")
}

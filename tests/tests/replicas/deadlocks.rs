//! Members who are added, removed, given another role and deactivated on two rosters at once: their locks collide, and no caller gets an
//! error from that (promise B14, on a small scale).

use std::collections::BTreeMap;

use loggia_domain::id::{ProjectId, UserId};
use loggia_domain::key::Caller;
use loggia_domain::project::NewProject;
use loggia_domain::role::{RosterRole, ScopeRole};
use loggia_domain::roster::{NewMembership, NewMemberships};
use loggia_domain::scope::ScopeChoice;
use loggia_domain::service::{Loggia, NewMember};
use loggia_domain::text::ProjectName;
use loggia_domain::user::MemberPatch;
use loggia_testkit::builders::{KATHERINE, email};
use loggia_tests::postgres;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, QueryBuilder};
use tokio::task::JoinSet;

use crate::chance::Chance;
use crate::pair::Pair;
use crate::race::{Call, Said, call};
use crate::town::{self, Town, connect, count};
use crate::waits::Waits;

/// The number of concurrent workers, and the number of steps of each.
const WORKERS: u64 = 16;
const STEPS: u64 = 60;
/// The number of people who are added and removed.
const PEOPLE: u64 = 4;
const SEED: u64 = 0x10991a;

/// An organization with two rosters to which the same people are added and removed.
#[derive(Clone)]
struct Scene {
    town: Town,
    admin: Caller,
    rosters: [ProjectId; 2],
    people: Vec<UserId>,
}

impl Scene {
    async fn set(loggia: &Loggia) -> Self {
        let town = Town(1);
        let admin = town.caller(town.ada());
        let quay = NewProject::named(ProjectName::parse("Quay").expect("a name"));
        let quay =
            loggia.acting_as(&admin).create_project(ScopeChoice::Default, quay).await.expect("a project");
        let mut people = vec![town.grace()];
        for number in 2..=PEOPLE {
            let address = email(&format!("katherine-{number}@example.com"));
            let new = NewMember::person(address, KATHERINE.profile(), ScopeRole::Member);
            let member = loggia.operator().add_member(town.organization(), new).await;
            people.push(member.expect("a member").user);
        }
        Self { town, admin, rosters: [town.project(), quay.record.id], people }
    }

    /// Returns a random step for a random person.
    fn step(&self, loggia: &Loggia, chance: &mut Chance) -> Call {
        let (loggia, admin, organization) = (loggia.clone(), self.admin, self.town.organization());
        let (roster, somebody) = (chance.pick(&self.rosters), chance.pick(&self.people));
        let themselves = self.town.caller(somebody);
        match chance.below(10) {
            0..=2 => {
                let others = self.people.iter().copied().filter(|other| *other != somebody);
                let company = others.filter(|_| chance.below(2) == 0);
                let people = [somebody].into_iter().chain(company);
                let people = people.map(|user| NewMembership { user, role: RosterRole::Member }).collect();
                let people = NewMemberships::new(people).expect("different people");
                call(async move { loggia.acting_as(&admin).add_to_roster(roster, &people).await })
            }
            3 | 4 => call(async move { loggia.acting_as(&admin).remove_from_roster(roster, somebody).await }),
            5 => {
                let role = chance.pick(&[RosterRole::Admin, RosterRole::Member]);
                call(async move { loggia.acting_as(&admin).change_roster_role(roster, somebody, role).await })
            }
            6 => call(async move { loggia.acting_as(&themselves).leave_roster(roster).await }),
            7 => call(async move { loggia.acting_as(&themselves).leave_organization(organization).await }),
            way => {
                let patch = MemberPatch { active: Some(way == 9), ..MemberPatch::default() };
                call(async move { loggia.operator().update_member(organization, somebody, patch).await })
            }
        }
    }
}

/// Lowers the time after which Postgres looks for a deadlock from one second, its default, to ten milliseconds.
async fn find_deadlocks_early(connection: &mut PgConnection, database: &str) {
    QueryBuilder::<sqlx::Postgres>::new(format!(
        "ALTER DATABASE \"{database}\" SET deadlock_timeout = '10ms'"
    ))
    .build()
    .execute(connection)
    .await
    .expect("a setting");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadlocks_are_never_reported_to_callers() {
    let database = postgres::database().await;
    town::build(&database, 1).await;
    let mut connection = connect(&database).await;
    find_deadlocks_early(&mut connection, database.name()).await;
    connection.close().await.unwrap();
    let pair = Pair::on(database).await;
    let scene = Scene::set(&pair.replicas[0]).await;
    let waits = Waits::watch(&pair.database).await;
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let (scene, mut chance) = (scene.clone(), Chance::seeded(SEED + worker));
        let loggia = pair.replicas[usize::from(worker % 2 == 1)].clone();
        workers.spawn(async move {
            let mut said: BTreeMap<Said, u64> = BTreeMap::new();
            for _ in 0..STEPS {
                *said.entry(scene.step(&loggia, &mut chance).await).or_default() += 1;
            }
            said
        });
    }
    let mut said: BTreeMap<Said, u64> = BTreeMap::new();
    for one in workers.join_all().await.into_iter().flatten() {
        *said.entry(one.0).or_default() += one.1;
    }
    let waits = waits.seen().await;
    println!("deadlocks: {waits} seen waiting, said {said:?}");
    assert!(!said.keys().any(|said| matches!(said, Said::Broken(_))), "{said:?}");
    assert!(said[&Said::Done] > 0);
    let left_behind = "SELECT count(*) FROM project_members p
                       JOIN members m ON m.scope_id = p.scope_id AND m.user_id = p.user_id WHERE NOT m.active";
    assert_eq!(count(&pair.database, left_behind).await, 0, "a deactivated member is on no roster");
    assert!(waits > 0, "no call waited for another");
}

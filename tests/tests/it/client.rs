//! Stories by the Rust client, against the built binary over real connections.

mod proxy;

use futures_util::TryStreamExt as _;
use futures_util::future::{join_all, try_join_all};
use loggia_client::{
    Action, Assignee, Client, Error, MemberFilter, MemberPatch, NewInvitation, NewInvitedProject, NewMember,
    NewMembership, NewProject, NewSpace, NewTask, OrganizationId, OrganizationRole, OwnTaskFilter,
    PermissionQuery, ProblemCode, ProjectRole, RosterFilter, Space, SpaceFilter, SpaceOrder, SpacePatch,
    Task, TaskFilter, TaskPatch, TaskStatus, UserKind,
};

use self::proxy::{Cut, Proxy};
use crate::harness::{Home, Server, block_on, member, on_every_engine};

on_every_engine!(
    an_account_accepts_an_invitation_once_and_joins_the_roster,
    members_are_added_changed_and_deactivated,
    of_concurrent_updates_of_one_version_one_is_written_and_the_others_are_stale,
    a_roster_and_its_tasks_are_worked_through,
    lists_of_250_records_are_streamed_without_gap_or_repetition,
    a_change_whose_response_is_lost_is_made_once,
);

/// Returns a client for the key in the output of a command.
fn client(server: &Server, made: &serde_json::Value) -> Client {
    Client::new(&format!("http://{}", server.address()), member(made, "apiKey")).unwrap()
}

/// Creates an organization with its admin. Returns the organization and a client of the admin.
fn organization(home: &Home, server: &Server) -> (OrganizationId, Client) {
    let made = home.bootstrap("ada@example.com");
    (member(&made, "organizationId").parse().unwrap(), client(server, &made))
}

/// Creates an account without an organization. Returns a client of it.
fn account(home: &Home, server: &Server) -> Client {
    let who = ["--email", "grace@example.com", "--first-name", "Grace", "--last-name", "Hopper"];
    home.json(&[&["accounts", "add"], &who[..], &["--json"]].concat());
    client(server, &home.json(&["keys", "create", "--email", "grace@example.com", "--personal", "--json"]))
}

fn an_account_accepts_an_invitation_once_and_joins_the_roster(home: Home) {
    let server = home.serve();
    let (organization, ada) = organization(&home, &server);
    let grace = account(&home, &server);
    block_on(async {
        let project = ada.projects().create(&NewProject::new("Harbour")).await.unwrap();
        let joins = vec![NewInvitedProject::new(project.id).role(ProjectRole::Admin)];
        let invitation =
            NewInvitation::new("grace@example.com").role(OrganizationRole::Viewer).projects(joins);
        let issued = ada.invitations(organization).create(&invitation).await.unwrap();
        let listed = ada.invitations(organization).list().page().await.unwrap();
        assert_eq!(listed.records, std::slice::from_ref(&issued.record));

        let outside = grace.organizations().get(organization).await.unwrap_err();
        assert_eq!(outside.code(), Some(&ProblemCode::NotFound));
        let joined = grace.accept_invitation(&issued.token).await.unwrap();
        assert_eq!((joined.id, &joined.role), (organization, &OrganizationRole::Viewer));
        let again = grace.accept_invitation(&issued.token).await.unwrap_err();
        assert_eq!(again.code(), Some(&ProblemCode::InvitationNotFound));

        let me = grace.me().get().await.unwrap();
        assert_eq!(me.organizations, [joined]);
        let roster = grace.roster(project.id).list(&RosterFilter::new()).page().await.unwrap();
        let mut roles: Vec<_> =
            roster.records.iter().map(|own| (own.user_id == me.user.id, &own.role)).collect();
        roles.sort();
        assert_eq!(roles, [(false, &ProjectRole::Admin), (true, &ProjectRole::Admin)]);
        let allowed = grace.me().permissions(PermissionQuery::Project(project.id)).await.unwrap();
        assert!(allowed.allows(&Action::RosterManage) && !allowed.allows(&Action::MemberManage));
        grace.me().leave(organization).await.unwrap();
        assert_eq!(grace.me().get().await.unwrap().organizations, []);
    });
}

fn members_are_added_changed_and_deactivated(home: Home) {
    let server = home.serve();
    let (organization, ada) = organization(&home, &server);
    block_on(async {
        let members = ada.members(organization);
        let robot = members.add(&NewMember::new("Build", "Robot").kind(UserKind::Machine)).await.unwrap();
        let person =
            |name: &str| NewMember::new(name, "Hopper").email(format!("{name}@example.com")).username(name);
        let added = members.add_all(&[person("grace"), person("alan")]).await.unwrap();
        let taken = members.add(&person("grace")).await.unwrap_err();
        let problem = taken.problem().unwrap();
        assert_eq!((&problem.code, problem.status), (&ProblemCode::AlreadyAMember, 400), "{taken}");

        let filter = MemberFilter::new().search("hopper").count(true);
        let found = members.list(&filter).page().await.unwrap();
        assert_eq!((found.total, found.records.len()), (Some(2), 2));
        let alan = members.get(added[1].id).await.unwrap();
        assert_eq!(members.refresh(&alan).await.unwrap(), None);
        // A field that a patch does not name stays, and one that it clears goes.
        let changed =
            members.update(&alan, &MemberPatch::new().last_name("Turing").clear_username()).await.unwrap();
        assert_eq!(
            (changed.full_name.as_str(), &changed.username, &changed.email),
            ("alan Turing", &None, &alan.email)
        );
        let stale = members.deactivate(&alan).await.unwrap_err();
        let Error::Stale { current, .. } = &stale else { panic!("{stale:?}") };
        assert_eq!(current.as_ref(), Some(changed.etag()));
        assert!(!members.deactivate(&changed).await.unwrap().active);
        assert!(members.erase(robot.id).await.unwrap().full_name.contains("Deleted"));
    });
}

fn of_concurrent_updates_of_one_version_one_is_written_and_the_others_are_stale(home: Home) {
    const WRITERS: usize = 6;
    let server = home.serve();
    let (_, ada) = organization(&home, &server);
    block_on(async {
        let space = ada.spaces().create(&NewSpace::new("Quay").description("kept")).await.unwrap();
        let results = join_all((0..WRITERS).map(|writer| {
            let (spaces, space) = (ada.spaces(), &space);
            async move { spaces.update(space, &SpacePatch::new().name(format!("Quay {writer}"))).await }
        }))
        .await;
        let written: Vec<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
        assert_eq!(written.len(), 1);
        assert!(
            results
                .iter()
                .flat_map(|result| result.as_ref().err())
                .all(|error| matches!(error, Error::Stale { .. }))
        );
        let read = ada.spaces().get(space.id).await.unwrap();
        assert_eq!((&read.name, read.description.as_deref()), (&written[0].name, Some("kept")));

        // Each writer adds one to what it has read, and reads again if another was faster: no addition is lost.
        let all = (0..WRITERS).map(|_| async {
            loop {
                let read = ada.spaces().get(space.id).await?;
                let patch = SpacePatch::new().current_strength(read.current_strength + 1);
                match ada.spaces().update(&read, &patch).await {
                    Err(Error::Stale { .. }) => {}
                    other => break other,
                }
            }
        });
        try_join_all(all).await.unwrap();
        let read = ada.spaces().get(space.id).await.unwrap();
        assert_eq!(usize::from(read.current_strength), WRITERS);
        ada.spaces().delete(space.id.unconditionally()).await.unwrap();
    });
}

fn a_roster_and_its_tasks_are_worked_through(home: Home) {
    let server = home.serve();
    let (organization, ada) = organization(&home, &server);
    block_on(async {
        let project = ada.projects().create(&NewProject::new("Harbour")).await.unwrap();
        let grace = NewMember::new("Grace", "Hopper").email("grace@example.com");
        let grace = ada.members(organization).add(&grace).await.unwrap();
        let task = NewTask::new("Paint the crane").assignee_node_id(grace.id);
        let refused = ada.tasks().create(project.id, &task).await.unwrap_err();
        assert_eq!(refused.problem().unwrap().errors[0].pointer.as_deref(), Some("/assignee_node_id"));

        let roster = ada.roster(project.id);
        roster.add(&NewMembership::new(grace.id)).await.unwrap();
        assert_eq!(roster.set_role(grace.id, &ProjectRole::Admin).await.unwrap().role, ProjectRole::Admin);
        let task = ada.tasks().create(project.id, &task.task_no("2.1")).await.unwrap();
        assert_eq!(task.assignee.as_ref().map(|person| person.id), Some(grace.id));
        let me = ada.me().get().await.unwrap().user.id;
        let patch = TaskPatch::new().status(TaskStatus::InProgress).assignee_node_id(me);
        let task = ada.tasks().update(&task, &patch).await.unwrap();
        let own = ada.tasks().list_own(&OwnTaskFilter::new()).page().await.unwrap();
        assert_eq!((own.records[0].total, &own.records[0].tasks[..]), (1, &[(*task).clone()][..]));
        let task = ada.tasks().update(&task, &TaskPatch::new().clear_assignee_node_id()).await.unwrap();
        let nobody = TaskFilter::new().assignee(Assignee::Nobody);
        assert_eq!(ada.tasks().list(project.id, &nobody).page().await.unwrap().records, [(*task).clone()]);
        roster.remove(grace.id).await.unwrap_err();
        roster.set_role(grace.id, &ProjectRole::Member).await.unwrap();
        assert_eq!(roster.remove(grace.id).await.unwrap().user_id, grace.id);
        assert_eq!(ada.tasks().delete(&task).await.unwrap().id, task.id);
        assert_eq!(ada.projects().delete(&project).await.unwrap().id, project.id);
    });
}

fn lists_of_250_records_are_streamed_without_gap_or_repetition(home: Home) {
    const RECORDS: usize = 250;
    let server = home.serve();
    let (_, ada) = organization(&home, &server);
    block_on(async {
        let project = ada.projects().create(&NewProject::new("Harbour")).await.unwrap();
        for number in 0..RECORDS {
            let (space, task) = (NewSpace::new(format!("{number:03}")), NewTask::new(format!("{number:03}")));
            ada.spaces().create(&space).await.unwrap();
            ada.tasks().create(project.id, &task).await.unwrap();
        }
        let expected: Vec<_> = (0..RECORDS).map(|number| format!("{number:03}")).collect();
        let spaces = ada.spaces().list(&SpaceFilter::new().order(SpaceOrder::Name)).page_size(40);
        let spaces: Vec<Space> = spaces.stream().try_collect().await.unwrap();
        assert_eq!(spaces.into_iter().map(|space| space.name).collect::<Vec<_>>(), expected);
        let tasks = ada.tasks().list(project.id, &TaskFilter::new()).page_size(40);
        let tasks: Vec<Task> = tasks.stream().try_collect().await.unwrap();
        assert_eq!(tasks.into_iter().map(|task| task.name).collect::<Vec<_>>(), expected);
    });
}

fn a_change_whose_response_is_lost_is_made_once(home: Home) {
    let server = home.serve();
    let made = home.bootstrap("ada@example.com");
    for (number, cut) in [Cut::AfterRequest, Cut::AfterResponse].into_iter().enumerate() {
        let proxy = Proxy::start(server.address(), cut);
        let client = Client::new(&format!("http://{}", proxy.address()), member(&made, "apiKey")).unwrap();
        block_on(async {
            let name = format!("Crate {number}");
            proxy.cut_next();
            let space = client.spaces().create(&NewSpace::new(name.as_str())).await.unwrap();
            assert_eq!(proxy.cuts(), 1, "the first response was lost");
            let found = client.spaces().list(&SpaceFilter::new().search(name.as_str())).page().await.unwrap();
            assert_eq!(found.records, [(*space).clone()], "the space is there once");

            proxy.cut_next();
            let changed =
                client.spaces().update(&space, &SpacePatch::new().current_strength(7_u8)).await.unwrap();
            assert_eq!((proxy.cuts(), changed.current_strength), (2, 7), "the repeated request is not stale");
            proxy.cut_next();
            let deleted = client.spaces().delete(&changed).await;
            // A deletion has no stored response: a missing record does not show which request deleted it.
            assert!(matches!(deleted, Ok(()) | Err(Error::OutcomeUnknown { .. })), "{deleted:?}");
            let gone = client.spaces().get(space.id).await.unwrap_err();
            assert_eq!((proxy.cuts(), gone.code()), (3, Some(&ProblemCode::NotFound)));
        });
    }
}

//! The calls of `/v2`.

use loggia_client::{
    Assignee, Direction, NewMembership, NewProject, NewTask, OwnTaskFilter, ProjectFilter, ProjectOrder,
    ProjectPatch, ProjectRole, RosterFilter, Scope, TaskFilter, TaskPatch, TaskStatus, Visibility,
};

use super::{Row, date, id, json, known, row, time};

pub(super) fn rows() -> Vec<Row> {
    [projects(), rosters(), tasks()].into_iter().flatten().collect()
}

fn projects() -> Vec<Row> {
    vec![
        row!("listProjects", "/result", |client| {
            let filter = ProjectFilter::new().scope(Scope::Personal).search("dock").order(ProjectOrder::Name);
            let filter = filter.direction(Direction::Descending).page(2_u32);
            client.projects().list(&filter).page_size(7).page().await?.records
        }),
        row!("listProjects", "/result", |client| {
            client.projects().list(&ProjectFilter::new().page(2_u32)).from_cursor("c").page().await?.records
        }),
        row!("createProject", "", |client| {
            let project =
                NewProject::new("Dock").visibility(Visibility::Private).organization_id(Scope::Personal);
            let project = project.description("A dock.").start_date(date()).end_date(time());
            client.projects().create(&project).await?.into_record()
        }),
        row!("getProject", "", |client| client.projects().get(id()).await?.into_record()),
        row!("getProject", "", |client| {
            let known = known("Project", async |client| client.projects().get(id()).await).await;
            client.projects().refresh(&known).await?.unwrap().into_record()
        }),
        row!("updateProject", "", |client| {
            let known = known("Project", async |client| client.projects().get(id()).await).await;
            let patch = ProjectPatch::new().project_name("Dock").visibility(Visibility::Organization);
            let patch = patch.description("A dock.").start_date(date()).end_date(time());
            client.projects().update(&known, &patch).await?.into_record()
        }),
        row!("updateProject", "", |client| {
            let id: loggia_client::ProjectId = id();
            let patch = ProjectPatch::new().clear_description().clear_start_date().clear_end_date();
            client.projects().update(id.unconditionally(), &patch).await?.into_record()
        }),
        row!("deleteProject", "/project", |client| {
            let known = known("Project", async |client| client.projects().get(id()).await).await;
            client.projects().delete(&known).await?
        }),
        row!("deleteProject", "/project", |client| {
            let id: loggia_client::ProjectId = id();
            client.projects().delete(id.unconditionally()).await?
        }),
    ]
}

fn rosters() -> Vec<Row> {
    vec![
        row!("listProjectMembers", "/result", |client| {
            client.roster(id()).list(&RosterFilter::new().page(2_u32)).page_size(7).page().await?.records
        }),
        row!("listProjectMembers", "/result", |client| {
            client.roster(id()).list(&RosterFilter::new()).from_cursor("c").page().await?.records
        }),
        row!("addProjectMembers", "", |client| {
            let member = NewMembership::new(id::<loggia_client::UserId>()).role(ProjectRole::Admin);
            client.roster(id()).add(&member).await?
        }),
        row!("addProjectMembers", "", 1, |client| {
            client.roster(id()).add_all(&[NewMembership::new(id::<loggia_client::UserId>())]).await?
        }),
        row!("updateProjectMember", "", |client| client
            .roster(id())
            .set_role(id(), &ProjectRole::Member)
            .await?),
        row!("removeProjectMember", "", |client| client.roster(id()).remove(id()).await?),
        row!("leaveProject", "", |client| client.roster(id()).leave().await?),
    ]
}

fn tasks() -> Vec<Row> {
    vec![
        row!("listTasks", "/result", 1, |client| {
            let filter =
                TaskFilter::new().status(TaskStatus::InProgress).assignee(Assignee::Nobody).page(2_u32);
            client.tasks().list(id(), &filter).page_size(7).page().await?.records
        }),
        row!("listTasks", "/result", 1, |client| {
            let filter = TaskFilter::new().assignee(Assignee::User(id()));
            client.tasks().list(id(), &filter).from_cursor("c").page().await?.records
        }),
        row!("listMyTasksByProject", "/result", 1, |client| {
            let filter = OwnTaskFilter::new().scope(Scope::Organization(id())).status(TaskStatus::Todo);
            let filter = filter.tasks_limit(50_u32).page(2_u32);
            client.tasks().list_own(&filter).page_size(7).page().await?.records
        }),
        row!("listMyTasksByProject", "/result", 1, |client| {
            client.tasks().list_own(&OwnTaskFilter::new()).from_cursor("c").page().await?.records
        }),
        row!("createTask", "", 1, |client| {
            let task =
                NewTask::new("Paint").task_no("2.1").status(TaskStatus::Todo).description("All of it.");
            let task =
                task.start_date(date()).end_date(time()).assignee_node_id(id::<loggia_client::UserId>());
            client.tasks().create(id(), &task).await?.into_record()
        }),
        row!("getTask", "", 1, |client| client.tasks().get(id()).await?.into_record()),
        row!("getTask", "", 1, |client| {
            let known = known("Task", async |client| client.tasks().get(id()).await).await;
            client.tasks().refresh(&known).await?.unwrap().into_record()
        }),
        row!("updateTask", "", 1, |client| {
            let known = known("Task", async |client| client.tasks().get(id()).await).await;
            let patch = TaskPatch::new().task_no("2.1").task_name("Paint").status(TaskStatus::Cancelled);
            let patch = patch.description("All of it.").start_date(date()).end_date(time());
            client
                .tasks()
                .update(&known, &patch.assignee_node_id(id::<loggia_client::UserId>()))
                .await?
                .into_record()
        }),
        row!("updateTask", "", 1, |client| {
            let id: loggia_client::TaskId = id();
            let patch = TaskPatch::new().clear_description().clear_start_date().clear_end_date();
            client.tasks().update(id.unconditionally(), &patch.clear_assignee_node_id()).await?.into_record()
        }),
        row!("deleteTask", "/task", |client| {
            let known = known("Task", async |client| client.tasks().get(id()).await).await;
            client.tasks().delete(&known).await?
        }),
        row!("deleteTask", "/task", |client| {
            let id: loggia_client::TaskId = id();
            client.tasks().delete(id.unconditionally()).await?
        }),
    ]
}

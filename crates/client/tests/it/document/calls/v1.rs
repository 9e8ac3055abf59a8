//! The calls of `/api/v1`.

use loggia_client::{
    Ability, Descendants, MemberFilter, MemberOrder, MemberPatch, NewApiKey, NewInvitation,
    NewInvitedProject, NewMember, NewMemberApiKey, NewOrganization, NewSpace, OneselfPatch,
    OrganizationPatch, OrganizationRole, PermissionQuery, Priority, ProjectRole, Rotation, Scope,
    SpaceFilter, SpaceInclude, SpaceOrder, SpacePatch, SpaceStatus, UserKind,
};

use super::{NOTHING, Row, date, id, json, known, row, secret, time};

pub(super) fn rows() -> Vec<Row> {
    [me(), keys(), organizations(), members(), invitations(), spaces()].into_iter().flatten().collect()
}

fn me() -> Vec<Row> {
    vec![
        row!("getMe", "/data", |client| client.me().get().await?),
        row!("getMe", "/data/organizations", |client| {
            client.me().organizations().page_size(7).from_cursor("c").page().await?.records
        }),
        row!("updateMe", "/data", |client| {
            let patch =
                OneselfPatch::new().first_name("Ada").last_name("Byron").avatar("https://example.com/a.png");
            client.me().update(&patch).await?
        }),
        row!("updateMe", "/data", |client| client.me().update(&OneselfPatch::new().clear_avatar()).await?),
        row!("getPermissions", "/data", |client| client
            .me()
            .permissions(PermissionQuery::DefaultScope)
            .await?),
        row!("getPermissions", "/data", |client| {
            client.me().permissions(PermissionQuery::Scope(Scope::Personal)).await?
        }),
        row!("getPermissions", "/data", |client| client
            .me()
            .permissions(PermissionQuery::Project(id()))
            .await?),
        row!("getPermissions", "/data", |client| client
            .me()
            .permissions(PermissionQuery::Space(id()))
            .await?),
        row!("leaveOrganization", NOTHING, |client| client.me().leave(id()).await?),
    ]
}

fn keys() -> Vec<Row> {
    vec![
        row!("listApiKeys", "/data", |client| {
            client.api_keys().list().page_size(7).from_cursor("c").page().await?.records
        }),
        row!("createApiKey", "/data", |client| {
            let key = NewApiKey::new("laptop").ability(Ability::Read).confined_to_organization(true);
            let key = key.default_organization_id(Scope::Organization(id())).expires_at(time());
            client.api_keys().create(&key).await?
        }),
        row!("createApiKey", "/data", |client| {
            let key = NewApiKey::new("laptop").default_organization_id(Scope::Personal).clear_expires_at();
            client.api_keys().create(&key).await?
        }),
        row!("rotateApiKey", "/data", |client| {
            client.api_keys().rotate(id(), &Rotation::new().overlap_seconds(60_u32)).await?
        }),
        row!("rotateApiKey", "/data", |client| client.api_keys().rotate(id(), &Rotation::new()).await?),
        row!("revokeApiKey", "/data", |client| client.api_keys().revoke(id(), Descendants::Revoke).await?),
        row!("listMemberApiKeys", "/data", |client| {
            client.member_api_keys(id(), id()).list().page_size(7).from_cursor("c").page().await?.records
        }),
        row!("createMemberApiKey", "/data", |client| {
            let key = NewMemberApiKey::new("robot").ability(Ability::Write).expires_at(date());
            client.member_api_keys(id(), id()).create(&key).await?
        }),
        row!("revokeMemberApiKey", "/data", |client| {
            client.member_api_keys(id(), id()).revoke(id(), Descendants::Keep).await?
        }),
    ]
}

fn organizations() -> Vec<Row> {
    vec![
        row!("listOrganizations", "/data", |client| {
            client.organizations().list().page_size(7).from_cursor("c").page().await?.records
        }),
        row!("createOrganization", "/data", |client| {
            client.organizations().create(&NewOrganization::new("Harbour")).await?.into_record()
        }),
        row!("getOrganization", "/data", |client| client.organizations().get(id()).await?.into_record()),
        row!("getOrganization", "/data", |client| {
            let known =
                known("OrganizationData", async |client| client.organizations().get(id()).await).await;
            client.organizations().refresh(&known).await?.unwrap().into_record()
        }),
        row!("updateOrganization", "/data", |client| {
            let known =
                known("OrganizationData", async |client| client.organizations().get(id()).await).await;
            client.organizations().update(&known, &OrganizationPatch::new().name("Quay")).await?.into_record()
        }),
        row!("updateOrganization", "/data", |client| {
            let id: loggia_client::OrganizationId = id();
            client
                .organizations()
                .update(id.unconditionally(), &OrganizationPatch::new())
                .await?
                .into_record()
        }),
    ]
}

fn members() -> Vec<Row> {
    vec![
        row!("listMembers", "/data", |client| {
            let filter = MemberFilter::new().role(OrganizationRole::Viewer).active(false).search("ada");
            let filter = filter.order(MemberOrder::CreatedAtDescending).offset(7_u32).count(true);
            client.members(id()).list(&filter).page_size(7).page().await?.records
        }),
        row!("listMembers", "/data", |client| {
            let filter = MemberFilter::new().offset(7_u32);
            client.members(id()).list(&filter).from_cursor("c").page().await?.records
        }),
        row!("addMembers", "/data", |client| {
            let member = NewMember::new("Ada", "Byron").kind(UserKind::Person).role(OrganizationRole::Admin);
            let member = member.email("ada@example.com").username("ada").employee_number("7");
            client.members(id()).add(&member.avatar("https://example.com/a.png")).await?.into_record()
        }),
        row!("addMembers", "/data", 1, |client| {
            client.members(id()).add_all(&[NewMember::new("Build", "Robot").kind(UserKind::Machine)]).await?
        }),
        row!("getMember", "/data", |client| client.members(id()).get(id()).await?.into_record()),
        row!("getMember", "/data", |client| {
            let known =
                known("OrganizationMemberData", async |client| client.members(id()).get(id()).await).await;
            client.members(id()).refresh(&known).await?.unwrap().into_record()
        }),
        row!("updateMember", "/data", |client| {
            let known =
                known("OrganizationMemberData", async |client| client.members(id()).get(id()).await).await;
            let patch = MemberPatch::new()
                .role(OrganizationRole::Member)
                .active(true)
                .first_name("Ada")
                .last_name("B");
            let patch = patch.username("ada").employee_number("7").avatar("https://example.com/a.png");
            client.members(id()).update(&known, &patch.email("ada@example.com")).await?.into_record()
        }),
        row!("updateMember", "/data", |client| {
            let user: loggia_client::UserId = id();
            let patch = MemberPatch::new().clear_username().clear_employee_number().clear_avatar();
            client.members(id()).update(user.unconditionally(), &patch).await?.into_record()
        }),
        row!("deactivateMember", "/data", |client| {
            let known =
                known("OrganizationMemberData", async |client| client.members(id()).get(id()).await).await;
            client.members(id()).deactivate(&known).await?.into_record()
        }),
        row!("deactivateMember", "/data", |client| {
            let user: loggia_client::UserId = id();
            client.members(id()).deactivate(user.unconditionally()).await?.into_record()
        }),
        row!("eraseMember", "/data", |client| client.members(id()).erase(id()).await?),
    ]
}

fn invitations() -> Vec<Row> {
    vec![
        row!("listInvitations", "/data", |client| {
            client.invitations(id()).list().page_size(7).from_cursor("c").page().await?.records
        }),
        row!("createInvitations", "/data", |client| {
            let projects =
                vec![NewInvitedProject::new(id::<loggia_client::ProjectId>()).role(ProjectRole::Admin)];
            let invitation =
                NewInvitation::new("ada@example.com").role(OrganizationRole::Viewer).projects(projects);
            client.invitations(id()).create(&invitation).await?
        }),
        row!("createInvitations", "/data", 1, |client| {
            client.invitations(id()).create_all(&[NewInvitation::new("ada@example.com")]).await?
        }),
        row!("resendInvitation", "/data", |client| client.invitations(id()).resend(id()).await?),
        row!("withdrawInvitation", NOTHING, |client| client.invitations(id()).withdraw(id()).await?),
        row!("acceptInvitation", "/data", |client| client.accept_invitation(&secret()).await?),
    ]
}

fn spaces() -> Vec<Row> {
    vec![
        row!("listSpaces", "/data", 1, |client| {
            let filter =
                SpaceFilter::new().scope(Scope::Organization(id())).project(id::<loggia_client::ProjectId>());
            let filter =
                filter.status(SpaceStatus::Active).priority(Priority::Unset).search("quay").count(true);
            let filter = filter.order(SpaceOrder::PriorityDescending).offset(7_u32);
            let filter = filter.include([SpaceInclude::Project, SpaceInclude::Organization]);
            client.spaces().list(&filter).page_size(7).page().await?.records
        }),
        row!("listSpaces", "/data", |client| {
            client.spaces().list(&SpaceFilter::new()).from_cursor("c").page().await?.records
        }),
        row!("createSpace", "/data", |client| {
            let space = NewSpace::new("Pier").organization_id(Scope::Personal).status(SpaceStatus::Draft);
            let space = space.priority(Priority::Urgent).current_strength(10_u8).description("A *pier*.");
            client.spaces().create(&space.project_id(id::<loggia_client::ProjectId>())).await?.into_record()
        }),
        row!("createSpace", "/data", |client| client
            .spaces()
            .create(&NewSpace::new("Pier"))
            .await?
            .into_record()),
        row!("getSpace", "/data", |client| client.spaces().get(id()).await?.into_record()),
        row!("getSpace", "/data", 1, |client| {
            client.spaces().get_with(id(), SpaceInclude::All).await?.into_record()
        }),
        row!("getSpace", "/data", |client| {
            let known = known("SpaceData", async |client| client.spaces().get(id()).await).await;
            client.spaces().refresh(&known).await?.unwrap().into_record()
        }),
        row!("updateSpace", "/data", |client| {
            let known = known("SpaceData", async |client| client.spaces().get(id()).await).await;
            let patch = SpacePatch::new().name("Quay").status(SpaceStatus::Archived).priority(Priority::Low);
            let patch = patch
                .current_strength(0_u8)
                .description("A quay.")
                .project_id(id::<loggia_client::ProjectId>());
            client.spaces().update(&known, &patch).await?.into_record()
        }),
        row!("updateSpace", "/data", |client| {
            let id: loggia_client::SpaceId = id();
            let patch = SpacePatch::new().clear_description().clear_project_id();
            client.spaces().update(id.unconditionally(), &patch).await?.into_record()
        }),
        row!("deleteSpace", NOTHING, |client| {
            let known = known("SpaceData", async |client| client.spaces().get(id()).await).await;
            client.spaces().delete(&known).await?
        }),
        row!("deleteSpace", NOTHING, |client| {
            let id: loggia_client::SpaceId = id();
            client.spaces().delete(id.unconditionally()).await?
        }),
    ]
}

"""The steps of the tour, with the client that openapi-python-client makes of the published document.

mypy checks it strictly, so a field or a response that the document does not have is an error before anything runs.
"""

import os
import re
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlparse
from uuid import UUID

from loggia_client import AuthenticatedClient
from loggia_client.api.projects_dialect import (
    add_project_members,
    create_project,
    create_task,
    delete_project,
    delete_task,
    get_task,
    leave_project,
    list_tasks,
    remove_project_member,
    update_project,
    update_task,
)
from loggia_client.api.spaces_dialect import (
    add_members,
    create_organization,
    create_space,
    deactivate_member,
    delete_space,
    erase_member,
    get_member,
    get_space,
    leave_organization,
    list_organizations,
    list_spaces,
    update_member,
    update_space,
)
from loggia_client.models import (
    DeleteSpaceResponse200,
    FlatTask,
    ListSpacesSort,
    MemberPatch,
    Membership,
    MembershipRemoved,
    NewMember,
    NewOrganization,
    NewProject,
    NewProjectMember,
    NewSpace,
    NewTask,
    OrganizationData,
    OrganizationListData,
    OrganizationMemberData,
    OrganizationRole,
    Priority,
    Problem,
    ProblemCode,
    Project,
    ProjectMemberRemoval,
    ProjectPatch,
    ProjectRemoved,
    SpaceData,
    SpaceListData,
    SpacePatch,
    SpaceStatus,
    TaskPage,
    TaskPatch,
    TaskRemoved,
    TaskStatus,
)
from loggia_client.types import UNSET, Response, Unset

T = TypeVar("T")
URL = os.environ["LOGGIA_URL"]
api = AuthenticatedClient(base_url=URL, token=os.environ["LOGGIA_KEY"], raise_on_unexpected_status=True)


def check(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(what)


def body(answer: Response[Any], status: int, kind: type[T]) -> T:
    """The body of a response with the expected status and type."""
    check(answer.status_code == status, f"{answer.status_code} instead of {status}: {answer.content!r}")
    if not isinstance(answer.parsed, kind):
        raise SystemExit(f"{status} with a {type(answer.parsed).__name__}, not a {kind.__name__}")
    return answer.parsed


def code(answer: Response[Any], status: int) -> ProblemCode:
    """The code of a refusal."""
    return body(answer, status, Problem).code


def tag(answer: Response[Any]) -> str:
    return answer.headers["ETag"]


def organization() -> UUID:
    made = body(
        create_organization.sync_detailed(client=api, body=NewOrganization(name="Made by Python")),
        201,
        OrganizationData,
    ).data
    listed = body(list_organizations.sync_detailed(client=api), 200, OrganizationListData).data
    mine = [one for one in listed if one.id == made.id]
    check(mine[0].role == OrganizationRole.ADMIN, "the creator of an organization is its admin")
    return made.id


def add(organization: UUID, name: str) -> UUID:
    person = NewMember(email=f"{name}-{organization}@example.com", first_name=name, last_name="Newcomer")
    # Object in, object out.
    added = add_members.sync_detailed(organization, client=api, body=person)
    return body(added, 201, OrganizationMemberData).data.id


def members(organization: UUID) -> None:
    grace = add(organization, "grace")
    got = get_member.sync_detailed(organization, grace, client=api)
    check(
        body(got, 200, OrganizationMemberData).data.role == OrganizationRole.MEMBER,
        "a member unless it is said otherwise",
    )
    viewer = MemberPatch(role=OrganizationRole.VIEWER)
    changed = update_member.sync_detailed(organization, grace, client=api, body=viewer, if_match=tag(got))
    check(body(changed, 200, OrganizationMemberData).data.role == OrganizationRole.VIEWER, "the role is changed")
    member = MemberPatch(role=OrganizationRole.MEMBER)
    again = update_member.sync_detailed(organization, grace, client=api, body=member, if_match=tag(got))
    check(code(again, 412) == ProblemCode.PRECONDITION_FAILED, "the tag is of an earlier member")
    gone = body(deactivate_member.sync_detailed(organization, grace, client=api), 200, OrganizationMemberData)
    check(not gone.data.active, "a deactivated member is not active")
    erased = body(erase_member.sync_detailed(organization, grace, client=api), 200, OrganizationMemberData)
    check(erased.data.full_name == "Deleted user", "an erased member has no name")
    refused = update_member.sync_detailed(organization, grace, client=api, body=member)
    check(code(refused, 409) == ProblemCode.MEMBER_ERASED, "an erased member stays erased")
    refused = leave_organization.sync_detailed(organization, client=api)
    check(code(refused, 409) == ProblemCode.LAST_ADMIN, "the last admin of an organization stays")


def spaces(organization: UUID) -> None:
    for name in ("One", "Two", "Three"):
        new = NewSpace(name=name, organization_id=organization, priority=Priority.HIGH)
        body(create_space.sync_detailed(client=api, body=new), 201, SpaceData)
    seen: list[str] = []
    cursor: str | Unset = UNSET
    while True:
        page = list_spaces.sync_detailed(
            client=api, organization_id=organization, limit=2, sort=ListSpacesSort.NAME, cursor=cursor
        )
        seen += [space.name for space in body(page, 200, SpaceListData).data]
        following = re.search(r'<([^>]*)>; rel="next"', page.headers["Link"])
        if following is None:
            break
        cursor = parse_qs(urlparse(following[1]).query)["cursor"][0]
    check(seen == ["One", "Three", "Two"], f"three spaces on two pages, not {seen}")

    once = NewSpace(name="Once", organization_id=organization)
    retry = f"space-{organization}"
    first = create_space.sync_detailed(client=api, body=once, idempotency_key=retry)
    second = create_space.sync_detailed(client=api, body=once, idempotency_key=retry)
    space = body(first, 201, SpaceData).data.field_id
    check(body(second, 201, SpaceData).data.field_id == space, "a retry gives the same space")
    check(second.headers.get("Idempotent-Replayed") == "true", "a retry says that it is one")
    twice = NewSpace(name="Twice", organization_id=organization)
    other = create_space.sync_detailed(client=api, body=twice, idempotency_key=retry)
    check(code(other, 422) == ProblemCode.IDEMPOTENCY_KEY_REUSED, "another request needs another key")

    same = get_space.sync_detailed(space, client=api, if_none_match=tag(first))
    check(same.status_code == 304, "a matching If-None-Match gets 304")
    active = SpacePatch(status=SpaceStatus.ACTIVE, description=None)
    changed = update_space.sync_detailed(space, client=api, body=active, if_match=tag(first))
    check(body(changed, 200, SpaceData).data.status == SpaceStatus.ACTIVE, "it is changed")
    again = update_space.sync_detailed(space, client=api, body=active, if_match=tag(first))
    check(code(again, 412) == ProblemCode.PRECONDITION_FAILED, "no update is lost")
    body(delete_space.sync_detailed(space, client=api), 200, DeleteSpaceResponse200)
    check(code(get_space.sync_detailed(space, client=api), 404) == ProblemCode.NOT_FOUND, "it is gone")


def projects(organization: UUID) -> None:
    new = NewProject(project_name="Harbour", organization_id=organization)
    project = body(create_project.sync_detailed(client=api, body=new), 201, Project).node_id
    alan = add(organization, "alan")
    person = NewProjectMember(user_node_id=alan)
    joined = body(add_project_members.sync_detailed(project, client=api, body=person), 201, Membership)
    check(joined.member.node_id == alan, "object in, object out")

    for name in ("Dig", "Fill", "Pave"):
        task = NewTask(task_name=name, assignee_node_id=alan)
        body(create_task.sync_detailed(project, client=api, body=task), 201, FlatTask)
    seen: list[str] = []
    cursor: str | None | Unset = UNSET
    while cursor is not None:
        page = body(list_tasks.sync_detailed(project, client=api, per_page=2, cursor=cursor), 200, TaskPage)
        check(page.total == 3, "three tasks in all")
        seen += [task.task_name for task in page.result]
        last = page.result[-1].node_id
        cursor = page.next_cursor
    check(seen == ["Dig", "Fill", "Pave"], f"three tasks on two pages, not {seen}")

    known = tag(get_task.sync_detailed(last, client=api))
    done = TaskPatch(status=TaskStatus.DONE)
    changed = update_task.sync_detailed(last, client=api, body=done, if_match=known)
    check(body(changed, 200, FlatTask).status == TaskStatus.DONE, "it is done")
    again = update_task.sync_detailed(last, client=api, body=done, if_match=known)
    check(code(again, 412) == ProblemCode.PRECONDITION_FAILED, "no update is lost")
    body(delete_task.sync_detailed(last, client=api), 200, TaskRemoved)

    removal = ProjectMemberRemoval(user_node_id=alan)
    left = body(remove_project_member.sync_detailed(project, client=api, body=removal), 200, MembershipRemoved)
    check(left.message == "PROJECT_MEMBER_REMOVED", "the roster is shorter")
    refused = leave_project.sync_detailed(project, client=api)
    check(code(refused, 409) == ProblemCode.LAST_ADMIN, "the last admin of a roster stays")
    unchanged = update_project.sync_detailed(project, client=api, body=ProjectPatch())
    check(unchanged.status_code == 204, "an empty patch gets 204")
    gone = body(delete_project.sync_detailed(project, client=api), 200, ProjectRemoved)
    check(gone.message == "PROJECT_REMOVED", "it is gone")


made = organization()
members(made)
spaces(made)
projects(made)

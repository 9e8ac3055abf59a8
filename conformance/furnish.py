"""Gives a run its data: something of another organization, and the ids of records that may be read, changed and deleted.

Ids are made up by chance otherwise, and every request for one record would be answered 404. Writes one dictionary for each kind.
"""

import os

import httpx

URL = os.environ["LOGGIA_URL"]


def api(key: str) -> httpx.Client:
    return httpx.Client(base_url=URL, headers={"Authorization": f"Bearer {key}"}, timeout=30)


def made(caller: httpx.Client, path: str, body: dict[str, str]) -> dict:
    return caller.post(path, json=body).raise_for_status().json()


def got(caller: httpx.Client, path: str) -> dict:
    return caller.get(path).raise_for_status().json()


def dictionary(name: str, ids: list[str]) -> None:
    with open(f"{name}.dict", "w", encoding="ascii") as file:
        file.writelines(f'"{one}"\n' for one in ids)


with api(os.environ["LOGGIA_EVE_KEY"]) as eve:
    project = made(eve, "/v2/projects", {"project_name": "Far Away"})["node_id"]
    for name in ("Dig", "Fill", "Pave"):
        made(eve, f"/v2/projects/{project}/tasks", {"task_name": name})
        made(eve, "/api/v1/spaces", {"name": name, "projectId": project})

    # Each invitation is to an organization of its own, since nobody joins one twice.
    reefs = [made(eve, "/api/v1/organizations", {"name": f"Reef {n}"})["data"]["id"] for n in range(20)]
    guest = {"email": "guest@example.com"}
    invitations = [made(eve, f"/api/v1/organizations/{reef}/invitations", guest) for reef in reefs]
    dictionary("tokens", [one["data"]["token"] for one in invitations])

with api(os.environ["LOGGIA_ADA_KEY"]) as ada:
    me = got(ada, "/api/v1/me")["data"]
    # What a request made up by chance must not revoke or deactivate: all that follows would be refused.
    dictionary("precious", [me["user"]["id"], me["key"]["id"]])
    (organization,) = [one["id"] for one in got(ada, "/api/v1/organizations")["data"]]
    people = f"/api/v1/organizations/{organization}/members"
    members = [one["id"] for one in got(ada, f"{people}?limit=100")["data"] if one["id"] != me["user"]["id"]]
    # Who opens a project is on its roster, and may write its tasks.
    projects = [made(ada, "/v2/projects", {"project_name": f"Harbour {n}"})["node_id"] for n in range(8)]
    for project in projects:
        for user in members[:4]:
            made(ada, f"/v2/projects/{project}/add-member", {"user_node_id": user})
    tasks = [made(ada, f"/v2/projects/{project}/tasks", {"task_name": "Dig"}) for project in projects for _ in range(8)]
    holder = f"{people}/{members[0]}/api-keys"
    # Organizations and rosters with another admin, so that Ada may leave them.
    left = [made(ada, "/api/v1/organizations", {"name": f"Island {n}"})["data"]["id"] for n in range(20)]
    for n, island in enumerate(left):
        keeper = {"email": f"keeper-{n}@example.com", "firstName": "Ida", "lastName": "Lewis", "role": "admin"}
        made(ada, f"/api/v1/organizations/{island}/members", keeper)
    dictionary("left-organizations", left)
    left = [made(ada, "/v2/projects", {"project_name": f"Island {n}"})["node_id"] for n in range(20)]
    for project in left:
        made(ada, f"/v2/projects/{project}/add-member", {"user_node_id": members[0], "role": "admin"})
    dictionary("left-projects", left)
    # People whom the organization may erase.
    erased = [{"email": f"ruth-{n}@example.com", "firstName": "Ruth", "lastName": "Teitelbaum"} for n in range(20)]
    dictionary("erased", [made(ada, people, one)["data"]["id"] for one in erased])
    dictionary("organizations", [organization])
    dictionary("members", members)
    dictionary("projects", projects)
    dictionary("tasks", [one["node_id"] for one in tasks])
    dictionary("spaces", [one["_id"] for one in got(ada, "/api/v1/spaces?limit=100")["data"]])
    dictionary("keys", [made(ada, "/api/v1/api-keys", {"name": f"Key {n}"})["data"]["id"] for n in range(20)])
    invitations = f"/api/v1/organizations/{organization}/invitations"
    guests = [made(ada, invitations, {"email": f"guest-{n}@example.com"}) for n in range(20)]
    dictionary("invitations", [one["data"]["id"] for one in guests])
    dictionary("holders", members[:1])
    dictionary("member-keys", [made(ada, holder, {"name": f"Key {n}"})["data"]["id"] for n in range(20)])

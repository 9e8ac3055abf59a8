// The steps of the tour, with the client that openapi-typescript and openapi-fetch make of the published document. It compiles
// strictly, so a field or a response that the document does not have is an error before anything runs.

import createClient from "openapi-fetch";
import type { paths } from "./loggia.js";

declare const process: { env: Record<string, string | undefined>; exitCode?: number };

const baseUrl = process.env["LOGGIA_URL"] ?? "";
const headers = { Authorization: `Bearer ${process.env["LOGGIA_KEY"] ?? ""}` };
const api = createClient<paths>({ baseUrl, headers });

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** The body of a response with the expected status. */
function body<T>(answer: { data?: T; error?: unknown; response: Response }, status: number): T {
  const { data, error, response } = answer;
  check(response.status === status, `${response.url}: ${response.status} instead of ${status}: ${JSON.stringify(error)}`);
  check(data !== undefined, `${response.url}: ${status} without a body`);
  return data;
}

/** The code of a refusal. */
function code(answer: { error?: { code: string }; response: Response }, status: number): string {
  check(answer.response.status === status, `${answer.response.url}: ${answer.response.status} instead of ${status}`);
  check(answer.error !== undefined, `${answer.response.url}: a refusal without a problem`);
  return answer.error.code;
}

function tag(answer: { response: Response }): string {
  const tag = answer.response.headers.get("ETag");
  check(tag !== null, `${answer.response.url}: no ETag`);
  return tag;
}

async function organization(): Promise<string> {
  const made = body(await api.POST("/api/v1/organizations", { body: { name: "Made by TypeScript" } }), 201).data;
  const listed = body(await api.GET("/api/v1/organizations"), 200).data;
  check(listed.some((one) => one.id === made.id && one.role === "admin"), "the creator of an organization is its admin");
  return made.id;
}

async function members(id: string): Promise<void> {
  const person = { email: `grace-${id}@example.com`, firstName: "Grace", lastName: "Hopper" };
  const added = await api.POST("/api/v1/organizations/{id}/members", { params: { path: { id } }, body: person });
  const { data: grace } = body(added, 201);
  check(!Array.isArray(grace) && grace.role === "member", "object in, object out");
  const path = { id, userId: grace.id };
  const got = await api.GET("/api/v1/organizations/{id}/members/{userId}", { params: { path } });
  body(got, 200);
  const change = { params: { path, header: { "If-Match": tag(got) } }, body: { role: "viewer" as const } };
  const changed = await api.PATCH("/api/v1/organizations/{id}/members/{userId}", change);
  check(body(changed, 200).data.role === "viewer", "the role is changed");
  const again = await api.PATCH("/api/v1/organizations/{id}/members/{userId}", { ...change, body: { role: "member" } });
  check(code(again, 412) === "PRECONDITION_FAILED", "the tag is of an earlier member");
  const gone = await api.DELETE("/api/v1/organizations/{id}/members/{userId}", { params: { path } });
  check(!body(gone, 200).data.active, "a deactivated member is not active");
  const erased = await api.POST("/api/v1/organizations/{id}/members/{userId}/erase", { params: { path } });
  check(body(erased, 200).data.fullName === "Deleted user", "an erased member has no name");
  const last = await api.DELETE("/api/v1/me/organizations/{id}", { params: { path: { id } } });
  check(code(last, 409) === "LAST_ADMIN", "the last admin of an organization stays");
}

async function spaces(organizationId: string): Promise<void> {
  for (const name of ["One", "Two", "Three"]) {
    body(await api.POST("/api/v1/spaces", { body: { name, organizationId, priority: "high" } }), 201);
  }
  const seen: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const query = { organizationId, limit: 2, sort: "name" as const, ...(cursor === undefined ? {} : { cursor }) };
    const page = await api.GET("/api/v1/spaces", { params: { query } });
    seen.push(...body(page, 200).data.map((space) => space.name));
    const next = /<([^>]*)>; rel="next"/.exec(page.response.headers.get("Link") ?? "")?.[1];
    if (next === undefined) break;
    cursor = new URL(next, baseUrl).searchParams.get("cursor") ?? undefined;
  }
  check(seen.join() === "One,Three,Two", `three spaces on two pages, not ${seen.join()}`);

  const retried = { body: { name: "Once", organizationId }, params: { header: { "Idempotency-Key": `space-${organizationId}` } } };
  const first = await api.POST("/api/v1/spaces", retried);
  const { data: space } = body(first, 201);
  const second = await api.POST("/api/v1/spaces", retried);
  check(body(second, 201).data._id === space._id, "a retry gives the same space");
  check(second.response.headers.get("Idempotent-Replayed") === "true", "a retry says that it is one");
  const other = await api.POST("/api/v1/spaces", { ...retried, body: { name: "Twice", organizationId } });
  check(code(other, 422) === "IDEMPOTENCY_KEY_REUSED", "another request needs another key");

  const path = { id: space._id };
  const known = tag(first);
  const same = await api.GET("/api/v1/spaces/{id}", { params: { path, header: { "If-None-Match": known } } });
  check(same.response.status === 304, "a matching If-None-Match gets 304");
  const change = { params: { path, header: { "If-Match": known } }, body: { status: "Active" as const, description: null } };
  check(body(await api.PATCH("/api/v1/spaces/{id}", change), 200).data.status === "Active", "it is changed");
  check(code(await api.PATCH("/api/v1/spaces/{id}", change), 412) === "PRECONDITION_FAILED", "no update is lost");
  body(await api.DELETE("/api/v1/spaces/{id}", { params: { path } }), 200);
  check(code(await api.GET("/api/v1/spaces/{id}", { params: { path } }), 404) === "NOT_FOUND", "it is gone");
}

async function projects(organization_id: string): Promise<void> {
  const made = await api.POST("/v2/projects", { body: { project_name: "Harbour", organization_id, start_date: "2026-01-31" } });
  const { node_id } = body(made, 201);
  const path = { node_id };
  const person = { email: `alan-${organization_id}@example.com`, firstName: "Alan", lastName: "Turing" };
  const added = await api.POST("/api/v1/organizations/{id}/members", { params: { path: { id: organization_id } }, body: person });
  const { data: alan } = body(added, 201);
  check(!Array.isArray(alan), "object in, object out");
  const user_node_id = alan.id;
  const joined = await api.POST("/v2/projects/{node_id}/add-member", { params: { path }, body: [{ user_node_id }] });
  const roster = body(joined, 201);
  check(Array.isArray(roster) && roster[0]?.member.node_id === user_node_id, "array in, array out");

  for (const task_name of ["Dig", "Fill", "Pave"]) {
    const body_ = { task_name, assignee_node_id: user_node_id };
    body(await api.POST("/v2/projects/{node_id}/tasks", { params: { path }, body: body_ }), 201);
  }
  const seen: string[] = [];
  let last = "";
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { per_page: 2, ...(cursor === undefined ? {} : { cursor }) };
    const page = body(await api.GET("/v2/projects/{node_id}/tasks", { params: { path, query } }), 200);
    check(page.total === 3, "three tasks in all");
    seen.push(...page.result.map((task) => task.task_name));
    last = page.result.at(-1)?.node_id ?? last;
    cursor = page.next_cursor;
  }
  check(seen.join() === "Dig,Fill,Pave", `three tasks on two pages, not ${seen.join()}`);

  const task = { params: { path: { node_id: last } } };
  const known = tag(await api.GET("/v2/tasks/{node_id}", task));
  const change = { params: { path: { node_id: last }, header: { "If-Match": known } }, body: { status: "done" as const } };
  check(body(await api.PATCH("/v2/tasks/{node_id}", change), 200).status === "done", "it is done");
  check(code(await api.PATCH("/v2/tasks/{node_id}", change), 412) === "PRECONDITION_FAILED", "no update is lost");
  body(await api.DELETE("/v2/tasks/{node_id}", task), 200);

  const left = await api.PATCH("/v2/projects/{node_id}/remove-member", { params: { path }, body: { user_node_id } });
  check(body(left, 200).message === "PROJECT_MEMBER_REMOVED", "the roster is shorter");
  const lastAdmin = await api.DELETE("/v2/projects/{node_id}/members/me", { params: { path } });
  check(code(lastAdmin, 409) === "LAST_ADMIN", "the last admin of a roster stays");
  const unchanged = await api.PATCH("/v2/projects/{node_id}", { params: { path }, body: {} });
  check(unchanged.response.status === 204, "an empty patch gets 204");
  check(body(await api.DELETE("/v2/projects/{node_id}", { params: { path } }), 200).message === "PROJECT_REMOVED", "it is gone");
}

const id = await organization();
await members(id);
await spaces(id);
await projects(id);

# Projects: opened, listed, changed, hidden, deleted.
# shellcheck shell=bash

project_fields='["id", "node_id", "project_name", "description", "start_date", "end_date", "visibility", "createdAt",
  "updatedAt", "created_by"] | sort'
as "$ada_key"
call POST /v2/projects '{"project_name": "Harbour", "description": "Deep water", "start_date": "2026-01-31",
  "end_date": "2026-01-31T02:00:00+02:00", "visibility": "organization"}'
expect 201
header Content-Type '^application/json'
harbour=$(value .node_id)
header Location "^$LOGGIA_URL/v2/projects/$harbour\$"
check "keys == ($project_fields)"
check ".node_id | $is_id"
check ".createdAt | $is_time"
check '(.id | type == "number" and . >= 1) and .project_name == "Harbour" and .description == "Deep water"
  and .start_date == "2026-01-31T00:00:00.000Z" and .end_date == "2026-01-31T00:00:00.000Z"
  and .visibility == "organization" and .updatedAt == .createdAt'
check '.created_by | (keys == (["id", "node_id", "email", "avatar", "full_name", "first_name", "last_name", "employee_no"]
    | sort)) and .node_id == $ada and .email == $email and .avatar == "" and .full_name == "Ada Byron"
  and .first_name == "Ada" and .last_name == "Byron" and (.id | type == "number")' \
  --arg ada "$ada" --arg email "ada-$run@example.com"
cp "$work/body" "$work/harbour"
harbour_id=$(value .id)
call POST /v2/projects '{"project_name": "Secret pier", "visibility": "private"}'
expect 201
check '.description == null and .start_date == null and .end_date == null and .visibility == "private"'
secret=$(value .node_id)
call POST /v2/projects '{"project_name": "  Quay  ", "organization_id": "'"$org"'"}'
expect 201
check '.project_name == "Quay" and .visibility == "organization"'
quay=$(value .node_id)

# Only the scope's admins open projects; a personal scope has one.
as "$grace_key"
call POST /v2/projects '{"project_name": "Mine"}'
expect 403 FORBIDDEN
call POST /v2/projects '{"project_name": "My own", "organization_id": null}'
expect 201
own_project=$(value .node_id)
for elsewhere in "$other_org" "$nothing"; do
  call POST /v2/projects '{"project_name": "Not ours", "organization_id": "'"$elsewhere"'"}'
  expect 403 NO_ACCESS_TO_ORGANIZATION
done
as "$ada_reads_key"
call POST /v2/projects '{"project_name": "Mine"}'
expect 403 INSUFFICIENT_SCOPE
as "$ada_key"
call POST /v2/projects '{"project_name": "ab", "description": 1, "start_date": "2026-02-30", "end_date": "31.01.2026",
  "visibility": "Private", "organization_id": 7, "id": 1}'
refused_fields /project_name /description /start_date /end_date /visibility /organization_id /id
call POST /v2/projects '{"project_name": "Backwards", "start_date": "2026-02-01", "end_date": "2026-01-31"}'
expect 400 VALIDATION_FAILED
check '.errors[0].pointer | test("^/(start|end)_date$")'
call POST /v2/projects '{}'
refused_fields /project_name

# One project, at both of its addresses.
for path in /v2/projects /projects; do
  call GET "$path/$harbour"
  expect 200
  check '. == $made[0]' --slurpfile made "$work/harbour"
  call HEAD "$path/$harbour"
  expect 200
  call GET "$path/$harbour_id"
  expect 404 NOT_FOUND
  call GET "$path/$harbour?verbose=1"
  refused_fields verbose
  as "$grace_key"
  hidden GET "$path/@" "$their_project"
  hidden GET "$path/@" "$secret"
  as "$ada_key"
done

# The list, and its envelope: Breakwater, Harbour, Secret pier, Quay.
listed() { check '[.result[].project_name] == $ARGS.positional' --args "$@"; }
call GET /v2/projects
envelope 4 1 20 4
listed Breakwater Harbour 'Secret pier' Quay
check ".result | all(keys == ($project_fields))"
call GET '/v2/projects?per_page=3'
envelope 4 1 3 3
cursor=$(value .next_cursor)
call GET "/v2/projects?per_page=3&cursor=$cursor"
expect 200
listed Quay
check '.total == 4 and .from == 3 and .to == 4 and .last_page == 2 and .per_page == 3 and .has_next_page == false
  and .next_cursor == null and .page == 2'
call GET '/v2/projects?per_page=3&page=2'
envelope 4 2 3 1
call GET '/v2/projects?per_page=3&page=3'
envelope 4 3 3 0
call GET '/v2/projects?order_by=project_name&sort=desc&per_page=2'
envelope 4 1 2 2
listed 'Secret pier' Quay
cursor=$(value .next_cursor)
call GET "/v2/projects?order_by=project_name&sort=desc&per_page=2&cursor=$cursor"
expect 200
listed Harbour Breakwater
call GET '/v2/projects?order_by=updatedAt&sort=asc&per_page=100'
envelope 4 1 100 4
listed Breakwater Harbour 'Secret pier' Quay
call GET '/v2/projects?search=HARB'
envelope 1 1 20 1
call GET '/v2/projects?search=%25'
envelope 0 1 20 0
call GET "/v2/projects?organization_id=$org&order_by=id&sort=desc&per_page=1"
envelope 4 1 1 1
listed Quay
call GET '/v2/projects?organization_id='
envelope 0 1 20 0
call GET "/v2/projects?page=1&cursor=$cursor"
expect 400 VALIDATION_FAILED
call GET "/v2/projects?order_by=id&cursor=$cursor"
refused_fields cursor
call GET '/v2/projects?page=0&per_page=101&order_by=name&sort=up&search=&colour=red'
refused_fields page per_page order_by sort search colour
call GET '/v2/projects?page=101&per_page=100'
envelope 4 101 100 0
call GET '/v2/projects?page=102&per_page=100'
refused_fields page
check '.errors[0].detail | contains("cursor")'
call HEAD /v2/projects
expect 200
as "$grace_key"
call GET /v2/projects
envelope 3 1 20 3
listed Breakwater Harbour Quay
call GET '/v2/projects?organization_id='
envelope 1 1 20 1
listed 'My own'
call GET "/v2/projects?organization_id=$other_org"
expect 403 NO_ACCESS_TO_ORGANIZATION

# Changing one, with and without a final slash. Nothing to change is 204.
as "$ada_key"
call PATCH "/v2/projects/$harbour" '{"project_name": "New harbour", "description": null}'
expect 200
check "keys == ($project_fields)"
check '.project_name == "New harbour" and .description == null and .start_date == "2026-01-31T00:00:00.000Z"'
call PATCH "/v2/projects/$harbour/" '{"project_name": "Harbour", "end_date": null}'
expect 200
check '.project_name == "Harbour" and .end_date == null'
changed=$(value .updatedAt)
for slash in "" /; do
  call PATCH "/v2/projects/$harbour$slash" '{}'
  expect 204
  call PATCH "/v2/projects/$harbour$slash"
  expect 204
done
STEP='204'
if [[ -s $work/body ]]; then bad "has a body"; else ok; fi
call GET "/v2/projects/$harbour"
check '.updatedAt == $changed' --arg changed "$changed"
# The dates are judged as they are together afterwards.
call PATCH "/v2/projects/$harbour" '{"end_date": "2026-01-30"}'
expect 400 VALIDATION_FAILED
check '.errors[0].pointer | test("^/(start|end)_date$")'
call PATCH "/v2/projects/$harbour" '{"start_date": null, "end_date": "2026-01-30"}'
expect 200
call PATCH "/v2/projects/$harbour" '{"start_date": "2026-01-31"}'
expect 400 VALIDATION_FAILED
call PATCH "/v2/projects/$harbour" '{"project_name": null, "visibility": null, "organization_id": null, "node_id": "x"}'
refused_fields /project_name /visibility /organization_id /node_id
as "$grace_key"
call PATCH "/v2/projects/$harbour" '{"project_name": "Mine"}'
expect 403 FORBIDDEN
call DELETE "/v2/projects/$harbour"
expect 403 FORBIDDEN
hidden PATCH /v2/projects/@ "$their_project" '{"project_name": "Mine"}'
hidden PATCH /v2/projects/@/ "$secret" '{"project_name": "Mine"}'
hidden DELETE /v2/projects/@ "$their_project"

# Deleting one: its roster and tasks go, the spaces that point at it let go.
call DELETE "/v2/projects/$own_project"
expect 200
check '(keys == ["message", "project"]) and .message == "PROJECT_REMOVED"
  and (.project | keys == ["id", "node_id", "project_name"])
  and .project.node_id == $id and .project.project_name == "My own"' --arg id "$own_project"
as "$ada_key"
call DELETE "/v2/projects/$breakwater"
expect 200
call GET "/v2/projects/$breakwater"
expect 404 NOT_FOUND
call GET '/api/v1/spaces?search=crane+100'
expect 200
check '.data | length == 1 and .[0].projectId == null'

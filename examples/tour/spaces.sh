# One space: made, looked at with its relations, changed, deleted.
# shellcheck shell=bash

space_fields='["_id", "name", "description", "organizationId", "projectId", "status", "priority", "currentStrength",
  "createdBy", "createdAt", "updatedAt"] | sort'
as "$ada_key"
call POST /v2/projects '{"project_name": "Breakwater"}'
expect 201
breakwater=$(value .node_id)
as "$eve_key"
call POST /v2/projects '{"project_name": "Far away"}'
expect 201
their_project=$(value .node_id)
call POST /api/v1/spaces '{"name": "Theirs"}'
expect 201
their_space=$(value .data._id)

# The least one can say, and the defaults.
as "$grace_key"
call POST /api/v1/spaces '{"name": "  Night shift "}'
expect 201
header Content-Type '^application/json'
header Location "^$LOGGIA_URL/api/v1/spaces/$(value .data._id)\$"
check "keys == [\"data\"] and (.data | keys == ($space_fields))"
check ".data | (._id | $is_id) and (.createdAt | $is_time) and .updatedAt == .createdAt"
check '.data | .name == "Night shift" and .description == null and .organizationId == $org and .projectId == null
  and .status == "Draft" and .priority == "none" and .currentStrength == 0 and .createdBy == $grace' \
  --arg org "$org" --arg grace "$grace"
night=$(value .data._id)

# Everything one can say.
call POST /api/v1/spaces '{"name": "Day shift", "description": "# Plan\n\tunload é", "organizationId": "'"$org"'",
  "projectId": "'"$breakwater"'", "status": "Active", "priority": "urgent", "currentStrength": 10}'
expect 201
check '.data | .description == "# Plan\n\tunload é" and .organizationId == $org and .projectId == $project
  and .status == "Active" and .priority == "urgent" and .currentStrength == 10' --arg org "$org" --arg project "$breakwater"
day=$(value .data._id)
cp "$work/body" "$work/day"

# The three states of organizationId: absent is the key's default scope, empty is personal, a value is that organization.
as "$ada_key"
for personal in null '""'; do
  call POST /api/v1/spaces '{"name": "My own", "organizationId": '"$personal"'}'
  expect 201
  check '.data.organizationId == null'
  my_own=$(value .data._id)
  call DELETE "/api/v1/spaces/$my_own"
  expect 200
done
as "$ada_alone_key"
call POST /api/v1/spaces '{"name": "My own"}'
expect 201
check '.data.organizationId == null and .data.createdBy == $ada' --arg ada "$ada"
my_own=$(value .data._id)
call POST /api/v1/spaces '{"name": "Ours", "organizationId": "'"$org"'"}'
expect 201
check '.data.organizationId == $org' --arg org "$org"
call DELETE "/api/v1/spaces/$(value .data._id)"
expect 200
for elsewhere in "$other_org" "$nothing"; do
  call POST /api/v1/spaces '{"name": "Not ours", "organizationId": "'"$elsewhere"'"}'
  expect 403 NO_ACCESS_TO_ORGANIZATION
done

# Who looks on does not write, nor does a key that only reads.
as "$edsger_key"
call POST /api/v1/spaces '{"name": "No"}'
expect 403 FORBIDDEN
as "$ada_reads_key"
call POST /api/v1/spaces '{"name": "No"}'
expect 403 INSUFFICIENT_SCOPE
header WWW-Authenticate 'error="insufficient_scope"'

# All errors are reported at once, each with its location.
as "$grace_key"
call POST /api/v1/spaces '{"name": "", "description": 7, "organizationId": "x", "projectId": "y", "status": "draft",
  "priority": "High", "currentStrength": 11, "colour": "red", "createdBy": null}'
refused_fields /name /description /organizationId /projectId /status /priority /currentStrength /colour /createdBy
call POST /api/v1/spaces '{"name": "Twice", "name": "Twice"}'
refused_fields /name
call POST /api/v1/spaces '{}'
refused_fields /name
for name in '"\u0000"' '"\u202e"' '"\u2066"' '"\u200b\u3164"' "\"$(printf 'x%.0s' {1..121})\"" null 7; do
  call POST /api/v1/spaces '{"name": '"$name"'}'
  refused_fields /name
done
# A project that is not there and one that is not ours: the same refusal.
for project in "$nothing" "$their_project"; do
  call POST /api/v1/spaces '{"name": "Elsewhere", "projectId": "'"$project"'"}'
  refused_fields /projectId
  check 'del(.request_id, .instance)' && value 'del(.request_id, .instance)' >"$work/refusal-$project"
done
STEP='projectId'
if cmp -s "$work/refusal-$nothing" "$work/refusal-$their_project"; then ok; else bad "the refusals differ"; fi

# Looking at it, with its relations.
call GET "/api/v1/spaces/$day"
expect 200
check '. == $made[0]' --slurpfile made "$work/day"
call HEAD "/api/v1/spaces/$day"
expect 200
header Content-Type '^application/json'
header Content-Length '^[1-9][0-9]*$'
call GET "/api/v1/spaces/$day?include=all"
expect 200
check "(.data | keys) == ($space_fields + [\"organization\", \"project\"] | sort)"
check '.data | .projectId == $project and .organizationId == $org' --arg org "$org" --arg project "$breakwater"
check '.data.project | keys == (["id", "name", "description", "startDate", "endDate", "visibility", "createdAt", "updatedAt"]
    | sort) and .id == $project and .name == "Breakwater"' --arg project "$breakwater"
check '.data.organization | keys == ["createdAt", "id", "name", "updatedAt"] and .id == $org' --arg org "$org"
check '.data.createdBy | keys == (["id", "kind", "email", "firstName", "lastName", "fullName", "username", "employeeNumber", "avatar"]
    | sort) and .id == $grace and .fullName == "Grace Hopper" and .employeeNumber == "2"' --arg grace "$grace"
call GET "/api/v1/spaces/$day?include=project"
expect 200
check '.data | has("project") and (has("organization") | not) and .createdBy == $grace' --arg grace "$grace"
call GET "/api/v1/spaces/$day?include=organization,createdBy"
expect 200
check '.data | has("organization") and (has("project") | not) and (.createdBy | type == "object")'
call GET "/api/v1/spaces/$night?include=project"
expect 200
check '.data | has("project") and .project == null'
call GET "/api/v1/spaces/$day?include=owner"
refused_fields include
check '.errors[0].detail | contains("createdBy")'
as "$edsger_key"
call GET "/api/v1/spaces/$day"
expect 200
as "$ada_alone_key"
call GET "/api/v1/spaces/$my_own?include=all"
expect 200
check '.data.organization == null and .data.project == null'

# Changing it: absent stays, null empties.
as "$grace_key"
call PATCH "/api/v1/spaces/$day" '{"name": "Early shift", "description": null, "status": "Archived"}'
expect 200
check '.data | .name == "Early shift" and .description == null and .status == "Archived" and .priority == "urgent"
  and .projectId == $project and .updatedAt >= .createdAt' --arg project "$breakwater"
changed=$(value .data.updatedAt)
TYPE=application/merge-patch+json call PATCH "/api/v1/spaces/$day" '{"projectId": null, "currentStrength": 0}'
expect 200
check '.data | .projectId == null and .currentStrength == 0'
changed=$(value .data.updatedAt)
call PATCH "/api/v1/spaces/$day" '{}'
expect 200
check '.data.updatedAt == $changed' --arg changed "$changed"
call PATCH "/api/v1/spaces/$day" '{"organizationId": "'"$org"'"}'
refused_fields /organizationId
call PATCH "/api/v1/spaces/$day" '{"name": null, "status": null, "currentStrength": -1, "_id": "x"}'
refused_fields /name /status /currentStrength /_id
call PATCH "/api/v1/spaces/$day" '{"projectId": "'"$their_project"'"}'
refused_fields /projectId
as "$edsger_key"
call PATCH "/api/v1/spaces/$day" '{"name": "No"}'
expect 403 FORBIDDEN
call DELETE "/api/v1/spaces/$day"
expect 403 FORBIDDEN
as "$ada_reads_key"
call DELETE "/api/v1/spaces/$day"
expect 403 INSUFFICIENT_SCOPE

# What belongs to others is not there; nor is what is somebody's own, not even for the admin of their organization.
as "$grace_key"
hidden GET /api/v1/spaces/@ "$their_space"
hidden GET /api/v1/spaces/@ "$my_own"
hidden PATCH /api/v1/spaces/@ "$their_space" '{"name": "Mine"}'
hidden DELETE /api/v1/spaces/@ "$their_space"

# Deleting it.
call DELETE "/api/v1/spaces/$day"
expect 200
check '. == {data: {}}'
call GET "/api/v1/spaces/$day"
expect 404 NOT_FOUND
call DELETE "/api/v1/spaces/$day"
expect 404 NOT_FOUND
as "$ada_alone_key"
call DELETE "/api/v1/spaces/$my_own"
expect 200

# Organizations, and what may be done where.
# shellcheck shell=bash

# An account creates organizations and is their admin, shown there by its own name; employee numbers stay with the organization that gave
# them.
as "$edsger_key"
call POST /api/v1/organizations "{\"name\": \" Pier Works $run \"}"
expect 201
check '.data | keys == ["createdAt", "id", "name", "role", "updatedAt"] and .name == $name and .role == "admin"' \
  --arg name "Pier Works $run"
pier_works=$(value .data.id)
header Location "^$LOGGIA_URL/api/v1/organizations/$pier_works\$"
call GET "/api/v1/organizations/$pier_works/members/$edsger"
expect 200
check '.data | .role == "admin" and .fullName == "Edsger Dijkstra" and .employeeNumber == null'
call GET /api/v1/organizations
expect 200
check '[.data[] | [.id, .role]] == [[$org, "viewer"], [$new, "admin"]]' --arg org "$org" --arg new "$pier_works"
for list in organizations me; do
  [[ $list == me ]] && rows=.data.organizations || rows=.data
  call GET "/api/v1/$list?limit=1"
  expect 200
  check "[$rows[].id] == [\$org]" --arg org "$org"
  call GET "$(target next)"
  expect 200
  check "[$rows[].id] == [\$new]" --arg new "$pier_works"
  if [[ -z $(target next) ]]; then ok; else bad "the last page has one after"; fi
  call GET "$(target prev)"
  check "[$rows[].id] == [\$org]" --arg org "$org"
  call GET "/api/v1/$list?limit=101&cursor=nonsense&offset=1"
  refused_fields limit cursor offset
done
call GET '/api/v1/me?limit=1'
check '.data | .scopes[:2] == [.defaultScope, {"kind": "personal", "organizationId": null}]'
call POST /api/v1/organizations '{}'
refused_fields /name
call POST /api/v1/organizations '{"name": "", "colour": "red"}'
refused_fields /name /colour

call PATCH "/api/v1/organizations/$pier_works" "{\"name\": \"Quay Works $run\"}"
expect 200
check '.data | .name == $name and .role == "admin" and .updatedAt >= .createdAt' --arg name "Quay Works $run"
TYPE=application/merge-patch+json call PATCH "/api/v1/organizations/$pier_works" '{}'
expect 200
check '.data.name == $name' --arg name "Quay Works $run"
call PATCH "/api/v1/organizations/$pier_works" '{"name": null}'
refused_fields /name
call PATCH "/api/v1/organizations/$org" '{"name": "Mine"}'
expect 403 FORBIDDEN
call PATCH "/api/v1/organizations/$org" '{}'
expect 403 FORBIDDEN
hidden PATCH /api/v1/organizations/@ "$other_org" '{"name": "Mine"}'
as "$ada_reads_key"
call PATCH "/api/v1/organizations/$org" '{"name": "Mine"}'
expect 403 INSUFFICIENT_SCOPE
call POST /api/v1/organizations '{"name": "Mine"}'
expect 403 INSUFFICIENT_SCOPE

# What may I do here? The policy's own answers, and why not.
yes='{allowed: true}' by_role='{allowed: false, reason: "ROLE"}' by_ability='{allowed: false, reason: "ABILITY"}'
may() { # PARAMETERS ACTION ANSWER…
  call GET "/api/v1/me/permissions$1"
  expect 200
  shift
  while (($#)); do
    check ".data.actions[\"$1\"] == $2"
    shift 2
  done
}
as "$edsger_key"
may '' space.list "$yes" space.create "$by_role" project.create "$by_role" member.read "$yes" member.manage "$by_role"
may "?organizationId=$pier_works" organization.update "$yes" member.manage "$yes" member_key.manage "$yes"
may '?organizationId=' space.create "$yes" project.create "$yes"
check '.data.actions | has("member.read") | not'
as "$ada_key"
may "?projectId=$harbour" project.read "$yes" project.delete "$yes" roster.manage "$yes"
as "$ada_reads_key"
may "?projectId=$harbour" project.read "$yes" project.delete "$by_ability"
as "$ada_key"
call POST /api/v1/spaces '{"name": "Permitted"}'
expect 201
permitted=$(value .data._id)
as "$edsger_key"
may "?spaceId=$permitted" space.read "$yes" space.update "$by_role" space.delete "$by_role"
call GET "/api/v1/me/permissions?projectId=$harbour&spaceId=$permitted"
refused_fields projectId spaceId
call GET '/api/v1/me/permissions?projectId=25'
refused_fields projectId
call GET "/api/v1/me/permissions?organizationId=$other_org"
expect 403 NO_ACCESS_TO_ORGANIZATION
hidden GET '/api/v1/me/permissions?projectId=@' "$their_project"
hidden GET '/api/v1/me/permissions?spaceId=@' "$their_space"

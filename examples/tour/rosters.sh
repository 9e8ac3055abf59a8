# Rosters: who works on a project.
# shellcheck shell=bash

membership_fields='["id", "node_id", "role", "user_node_id", "createdAt", "project", "member"] | sort'
members=/v2/projects/$harbour/members
add=/v2/projects/$harbour/add-member
remove=/v2/projects/$harbour/remove-member
person() { printf '{"user_node_id": "%s"}' "$1"; }

# Who opens a project is on its roster as admin.
as "$ada_key"
call GET "$members"
envelope 1 1 20 1
check ".result[0] | keys == ($membership_fields)"
check '.result[0] | .role == "admin" and .user_node_id == $ada and .member.node_id == $ada' --arg ada "$ada"

# Object in, object out.
call POST "$add" "$(person "$grace")"
expect 201
check "keys == ($membership_fields)"
check "(.node_id | $is_id) and (.createdAt | $is_time)"
check '.role == "member" and .user_node_id == $grace and (.id | type == "number")
  and (.project | (keys == ["id", "node_id", "project_name"]) and .node_id == $project and .project_name == "Harbour")
  and (.member | (keys == ["email", "id", "node_id", "username"]) and .node_id == $grace and .email == $email)' \
  --arg grace "$grace" --arg project "$harbour" --arg email "grace-$run@example.com"
call POST "$add" "$(person "$grace")"
expect 400 ALREADY_A_MEMBER

# Array in, array out, in that order; all or none.
call POST "$add" "[$(person "$alan"), $(person "$grace")]"
expect 400 ALREADY_A_MEMBER
check '.errors[0].pointer | startswith("/1")'
call POST "$add" "[$(person "$alan"), $(person "$eve")]"
expect 404 USER_NOT_FOUND
check '.errors[0].pointer | startswith("/1")'
call GET "$members"
envelope 2 1 20 2
call POST "$add" '[{"user_node_id": "'"$edsger"'", "role": "member"}, {"user_node_id": "'"$alan"'", "role": "admin"}]'
expect 201
check "length == 2 and all(keys == ($membership_fields))"
check '[.[] | [.user_node_id, .role]] == [[$edsger, "member"], [$alan, "admin"]]' --arg edsger "$edsger" --arg alan "$alan"
for user in "$nothing" "$eve"; do
  call POST "$add" "$(person "$user")"
  expect 404 USER_NOT_FOUND
done

# What is no list of people.
call POST "$add" '[]'
expect 400 VALIDATION_FAILED
call POST "$add" "[$(person "$eve"), $(person "$eve")]"
expect 400 VALIDATION_FAILED
check '.errors[0].pointer | startswith("/1")'
call POST "$add" "$(jq -nc '[range(101) | {user_node_id: "0193a5b0-7c1e-7000-8000-\(1e12 + . | tostring | .[1:])"}]')"
expect 400 VALIDATION_FAILED
call POST "$add" '{"member_id": 3}'
expect 400 VALIDATION_FAILED
check '[.errors[] | select(.pointer == "/member_id") | .detail | contains("user_node_id")] == [true]'
call POST "$add" '{"user_node_id": null, "role": "viewer", "colour": "red"}'
refused_fields /user_node_id /role /colour
# A whole number is for display, and addresses nobody.
call POST "$add" '{"user_node_id": 3}'
expect 404 USER_NOT_FOUND
call POST "$add" '[{"user_node_id": "x"}]'
refused_fields /0/user_node_id
call POST "$add" '"x"'
expect 400

# Only admins of the project add; only members of the project see the roster, admins of the organization included.
as "$grace_key"
call POST "$add" "$(person "$eve")"
expect 403 FORBIDDEN
call GET "$members?per_page=3&page=2"
envelope 4 2 3 1
call GET "$members?per_page=3"
envelope 4 1 3 3
cursor=$(value .next_cursor)
call GET "$members?per_page=3&cursor=$cursor"
expect 200
check '.total == 4 and (.result | length) == 1 and .from == 3 and .to == 4'
call GET "$members?page=0&order_by=id"
refused_fields page order_by
call HEAD "$members"
expect 200
call GET "/v2/projects/$quay/members"
expect 403 FORBIDDEN
hidden GET /v2/projects/@/members "$their_project"
hidden GET /v2/projects/@/members "$secret"
hidden POST /v2/projects/@/add-member "$their_project" "$(person "$grace")"
hidden PATCH /v2/projects/@/remove-member "$their_project" "$(person "$grace")"
hidden PATCH "/v2/projects/@/members/$grace" "$their_project" '{"role": "admin"}'

# Roles on the roster; somebody must remain who may change things.
as "$alan_key"
call PATCH "$members/$grace" '{"role": "admin"}'
expect 200
check "keys == ($membership_fields)"
check '.role == "admin" and .user_node_id == $grace' --arg grace "$grace"
call PATCH "$members/$grace" '{"role": "member"}'
expect 200
call PATCH "$members/$ada" '{"role": "member"}'
expect 200
call PATCH "$members/$alan" '{"role": "member"}'
expect 409 LAST_ADMIN
as "$ada_key"
call PATCH "$members/$ada" '{"role": "admin"}'
expect 200
call PATCH "$members/$grace" '{"role": "boss"}'
refused_fields /role
call PATCH "$members/$grace" '{}'
refused_fields /role
call PATCH "$members/$eve" '{"role": "admin"}'
expect 404 USER_NOT_FOUND
call PATCH "$members/2" '{"role": "admin"}'
expect 404
as "$grace_key"
call PATCH "$members/$edsger" '{"role": "admin"}'
expect 403 FORBIDDEN

# Removing: the project, then the caller, then the person, then oneself, then the roster, then admins.
call PATCH "$remove" "$(person "$nothing")"
expect 403 FORBIDDEN
as "$ada_key"
call PATCH "$remove" "$(person "$nothing")"
expect 404 USER_NOT_FOUND
call PATCH "$remove" "$(person "$ada")"
expect 400 CANNOT_REMOVE_SELF
call PATCH "/v2/projects/$quay/remove-member" "$(person "$grace")"
expect 400 NOT_A_MEMBER
call PATCH "$remove" "$(person "$alan")"
expect 400 CANNOT_REMOVE_ADMIN
# An admin of the organization is an admin of the project, whatever their role on its roster.
call PATCH "/api/v1/organizations/$org/members/$edsger" '{"role": "admin"}'
expect 200
call PATCH "$remove" "$(person "$edsger")"
expect 400 CANNOT_REMOVE_ADMIN
call PATCH "/api/v1/organizations/$org/members/$edsger" '{"role": "viewer"}'
expect 200
call PATCH "$remove" '{"member_node_id": "'"$grace"'", "user_node_id": "'"$alan"'"}'
expect 400 VALIDATION_FAILED
call PATCH "$remove" '{}'
expect 400 VALIDATION_FAILED
call PATCH "$remove" '{"member_node_id": "'"$edsger"'", "user_node_id": "'"$edsger"'"}'
expect 200
check "keys == ($membership_fields + [\"message\"] | sort)"
check '.message == "PROJECT_MEMBER_REMOVED" and .role == "member" and .user_node_id == $edsger' --arg edsger "$edsger"
call PATCH "$remove" '{"member_node_id": "'"$edsger"'"}'
expect 400 NOT_A_MEMBER
call GET "$members"
envelope 3 1 20 3

# Leaving: by one's own call, also an admin whom nobody can remove; the last admin of the roster stays.
leave=$members/me
call DELETE "/v2/projects/$quay/members/me"
expect 409 LAST_ADMIN
call POST "$add" "$(person "$edsger")"
expect 201
as "$ada_reads_key"
call DELETE "$leave"
expect 403 INSUFFICIENT_SCOPE
as "$edsger_key"
call DELETE "$leave?force=true"
refused_fields force
call DELETE "$leave" '' -H 'If-Match: *'
expect 412 PRECONDITION_FAILED
call DELETE "$leave"
expect 200
check "keys == ($membership_fields + [\"message\"] | sort)"
check '.message == "PROJECT_MEMBER_REMOVED" and .role == "member" and .user_node_id == $edsger' --arg edsger "$edsger"
call DELETE "$leave"
expect 404 USER_NOT_FOUND
hidden DELETE /v2/projects/@/members/me "$their_project"
hidden DELETE /v2/projects/@/members/me "$secret"
as "$ada_key"
call GET "$members"
envelope 3 1 20 3

# Members of an organization: who belongs to it, as what, and how they come and go.
# shellcheck shell=bash

member_fields='["id", "kind", "account", "email", "role", "active", "firstName", "lastName", "fullName", "username",
  "employeeNumber", "avatar", "createdAt", "updatedAt"] | sort'
people=/api/v1/organizations/$org/members
newcomer() { # NAME [MORE]
  printf '{"email": "%s-%s@example.com", "firstName": "%s", "lastName": "Newcomer"%s}' "$1" "$run" "$1" "${2:+, $2}"
}

# Listed by name, whoever looks on.
as "$edsger_key"
call GET "$people"
expect 200
check ".data | length == 4 and all(keys == ($member_fields))"
check '[.data[].lastName] == ["Byron", "Dijkstra", "Hopper", "Turing"]'
check '[.data[].account] == [true, true, true, false]'
check ".data[0] | (.id | $is_id) and .kind == \"person\" and .role == \"admin\" and .active and (.createdAt | $is_time)"
header Link '^<'"$LOGGIA_URL$people"'>; rel="first"$'
for one in 'role=member [.data[].firstName]==["Grace","Alan"]' 'active=false .data==[]' 'search=HOPP [.data[].firstName]==["Grace"]' \
  "search=alan-$run%40 [.data[].firstName]==[\"Alan\"]" 'search=%25 .data==[]' 'sort=-name .data[0].firstName=="Alan"' \
  'sort=createdAt .data[0].firstName=="Ada"' 'limit=2&offset=2 [.data[].firstName]==["Grace","Alan"]'; do
  call GET "$people?${one%% *}"
  expect 200
  check "${one#* }"
done
call GET "$people?limit=3&count=true"
expect 200
header X-Total-Count '^4$'
next=$(header_value Link | grep -o '<[^>]*>; rel="next"' | sed 's/^<//; s/>.*//')
call GET "$next"
expect 200
check '[.data[].firstName] == ["Alan"]'
call GET "$next&role=member"
refused_fields cursor
call GET "$people?role=owner&active=1&search=&sort=email&limit=0&count=maybe&colour=red"
refused_fields role active search sort limit count colour
hidden GET "/api/v1/organizations/@/members" "$other_org"

call GET "$people/$grace"
expect 200
check ".data | keys == ($member_fields)"
check '.data | .id == $grace and .employeeNumber == "2" and .username == null and .role == "member"' --arg grace "$grace"
for nobody in "$nothing" "$eve" 25; do
  call GET "$people/$nobody"
  expect 404 USER_NOT_FOUND
done
hidden GET "/api/v1/organizations/@/members/$grace" "$other_org"

# Added by e-mail: object in, object out.
call POST "$people" "$(newcomer jean)"
expect 403 FORBIDDEN
as "$ada_key"
call POST "$people" "$(newcomer jean '"role": "viewer", "username": "jean", "employeeNumber": "8", "avatar": "https://example.com/j.png"')"
expect 201
check ".data | keys == ($member_fields)"
check '.data | .role == "viewer" and .active and .username == "jean" and .fullName == "jean Newcomer"'
jean=$(value .data.id)
header Location "^$LOGGIA_URL$people/$jean\$"
# An address that is known elsewhere is added like any other: the person is this organization's own.
call POST "$people" "{\"email\": \"EVE-$run@example.com\", \"firstName\": \"E.\", \"lastName\": \"M.\"}"
expect 201
check '.data | .id != $eve and .account == false and .fullName == "E. M." and .role == "member"' --arg eve "$eve"
call DELETE "$people/$(value .data.id)"
expect 200
# What is taken is named.
call POST "$people" "$(newcomer jean)"
expect 400 ALREADY_A_MEMBER
check '[.errors[].pointer] == ["/email"]'
call POST "$people" "$(newcomer mary '"username": "JEAN"')"
expect 400 USERNAME_TAKEN
check '[.errors[].pointer] == ["/username"]'
call POST "$people" "$(newcomer mary '"employeeNumber": "8"')"
expect 400 EMPLOYEE_NUMBER_TAKEN
check '[.errors[].pointer] == ["/employeeNumber"]'
# Array in, array out; all or none.
call POST "$people" "[$(newcomer mary), $(newcomer jean)]"
expect 400 ALREADY_A_MEMBER
check '[.errors[].pointer] == ["/1/email"]'
call POST "$people" "[$(newcomer mary), $(newcomer MARY), {}, 7]"
refused_fields /1/email /2/email /2/firstName /2/lastName /3
call POST "$people" '[]'
refused_fields ''
call POST "$people" "$(jq -nc '[range(101) | {email: "n\(.)@example.com", firstName: "N", lastName: "N"}]')"
refused_fields ''
call POST "$people" "[$(newcomer mary), $(newcomer yves)]"
expect 201
check '[.data[].firstName] == ["mary", "yves"]'
mary=$(value '.data[0].id')
call POST "$people" '{"email": "quay", "firstName": "", "role": "owner", "avatar": "ftp://example.com", "member_id": 1}'
refused_fields /email /firstName /lastName /role /avatar /member_id
hidden POST "/api/v1/organizations/@/members" "$other_org" "$(newcomer zoe)"

# Changed: a role, a profile. Absent stays, null empties.
call PATCH "$people/$jean" '{"role": "member", "username": null, "firstName": "Jean", "avatar": null}'
expect 200
check '.data | .role == "member" and .username == null and .fullName == "Jean Newcomer" and .avatar == null and .employeeNumber == "8"'
TYPE=application/merge-patch+json call PATCH "$people/$jean" '{}'
expect 200
check '.data.role == "member"'
call PATCH "$people/$jean" '{"employeeNumber": "2"}'
expect 400 EMPLOYEE_NUMBER_TAKEN
call PATCH "$people/$jean" '{"email": "quay", "kind": "machine", "lastName": null, "active": "yes"}'
refused_fields /email /kind /lastName /active
# An admin corrects the address of an own person. The names and the address of an account are not.
call PATCH "$people/$jean" "{\"email\": \"jean-luc-$run@example.com\"}"
expect 200
check '.data.email == $email' --arg email "jean-luc-$run@example.com"
call PATCH "$people/$jean" "{\"email\": \"MARY-$run@example.com\"}"
expect 400 EMAIL_TAKEN
check '[.errors[].pointer] == ["/email"]'
for change in '"firstName": "G."' '"lastName": "H."' '"avatar": "https://example.com/g.png"' "\"email\": \"g-$run@example.com\""; do
  call PATCH "$people/$grace" "{$change}"
  expect 403 BELONGS_TO_ACCOUNT
done
call PATCH "$people/$nothing" '{"role": "viewer"}'
expect 404 USER_NOT_FOUND
hidden PATCH "/api/v1/organizations/@/members/$jean" "$other_org" '{"role": "viewer"}'
as "$grace_key"
call PATCH "$people/$grace" '{"role": "admin"}'
expect 403 FORBIDDEN
call DELETE "$people/$jean"
expect 403 FORBIDDEN

# Let go: no access from the next request on, off the rosters, and no open task; then back.
as "$ada_key"
mary_key=$(new_key --email "mary-$run@example.com" --organization "$org")
call POST /v2/projects '{"project_name": "Leaving"}'
expect 201
leaving=$(value .node_id)
call POST "/v2/projects/$leaving/add-member" "{\"user_node_id\": \"$mary\"}"
expect 201
call POST "/v2/projects/$leaving/tasks" "{\"task_name\": \"Pack\", \"assignee_node_id\": \"$mary\"}"
expect 201
packing=$(value .node_id)
call DELETE "$people/$mary"
expect 200
check '.data | .active == false and .firstName == "mary"'
call DELETE "$people/$mary"
expect 200
call GET "/v2/tasks/$packing?dottie=true"
expect 200
check '.assignee == null'
call GET "/v2/projects/$leaving/members"
envelope 1 1 20 1
as "$mary_key"
call GET "/v2/projects/$leaving"
expect 404 NOT_FOUND
call GET "/api/v1/spaces?organizationId=$org"
expect 403 NO_ACCESS_TO_ORGANIZATION
as "$ada_key"
# Whoever is inactive is there already; the refusal says how to let them in again.
call POST "$people" "$(newcomer mary)"
expect 400 ALREADY_A_MEMBER
check '[.errors[] | [.pointer, .code]] == [["/email", "MEMBER_INACTIVE"]] and (.detail | contains($path))' --arg path "PATCH $people/$mary"
call PATCH "$people/$mary" '{"active": true}'
expect 200
check '.data.active'
# The keys from before reached this organization alone, and are revoked; a new one opens it.
as "$mary_key"
call GET "/v2/projects/$leaving"
expect 401 INVALID_KEY
as "$(new_key --email "mary-$run@example.com" --organization "$org")"
call GET "/v2/projects/$leaving"
expect 200

# Somebody must remain who may change things.
as "$ada_key"
call PATCH "$people/$ada" '{"role": "member"}'
expect 409 LAST_ADMIN
call DELETE "$people/$ada"
expect 409 LAST_ADMIN
call DELETE "$people/$nothing"
expect 404 USER_NOT_FOUND
hidden DELETE "/api/v1/organizations/@/members/$jean" "$other_org"

# Erasing a person of the organization's own, for good: the name and the address go, and the address is free.
call POST "$people" "$(newcomer ruth '"username": "ruth"')"
expect 201
ruth=$(value .data.id)
call POST "$people/$ruth/erase?force=true"
refused_fields force
call POST "$people/$ruth/erase" '' -H 'If-Match: *'
expect 412 PRECONDITION_FAILED
call POST "$people/$ruth/erase"
expect 200
check ".data | keys == ($member_fields)"
check '.data | .id == $ruth and .email == null and .fullName == "Deleted user" and .username == null and .active == false' --arg ruth "$ruth"
call POST "$people/$ruth/erase"
expect 200
call PATCH "$people/$ruth" '{"active": true}'
expect 409 MEMBER_ERASED
call DELETE "$people/$ruth"
expect 409 MEMBER_ERASED
call GET "$people?search=ruth"
expect 200
check '.data == []'
call POST "$people" "$(newcomer ruth)"
expect 201
check '.data.id != $ruth' --arg ruth "$ruth"
call DELETE "$people/$(value .data.id)"
expect 200
# An account is erased by no organization.
call POST "$people/$ada/erase"
expect 403 BELONGS_TO_ACCOUNT
call POST "$people/$nothing/erase"
expect 404 USER_NOT_FOUND
hidden POST "/api/v1/organizations/@/members/$ruth/erase" "$other_org"
as "$grace_key"
call POST "$people/$ruth/erase"
expect 403 FORBIDDEN
as "$ada_key"

# Leaving: an account's own call, which does what a deactivation does; the last active admin stays. An own person stays, too.
own_organizations=/api/v1/me/organizations
ida=$(add_account "ida-$run@example.com" Ida Lewis member)
ida_key=$(new_key --email "ida-$run@example.com" --organization "$org")
call POST "/v2/projects/$leaving/add-member" "{\"user_node_id\": \"$ida\"}"
expect 201
as "$alan_key"
call DELETE "$own_organizations/$org"
expect 403 KEY_IS_CONFINED
as "$ada_key"
call DELETE "$own_organizations/$org"
expect 409 LAST_ADMIN
as "$ada_reads_key"
call DELETE "$own_organizations/$org"
expect 403 INSUFFICIENT_SCOPE
as "$ida_key"
call DELETE "$own_organizations/$org?force=true"
refused_fields force
call DELETE "$own_organizations/$org" '' -H 'If-Match: *'
expect 412 PRECONDITION_FAILED
hidden DELETE "$own_organizations/@" "$other_org"
# A personal scope cannot be left.
hidden DELETE "$own_organizations/@" "$ida"
call DELETE "$own_organizations/$org"
expect 204
if [[ ! -s $work/body ]]; then ok; else bad "there is something to show"; fi
hidden DELETE "$own_organizations/@" "$org"
call GET "/v2/projects/$leaving"
expect 404 NOT_FOUND
call GET /api/v1/organizations
expect 200
check '.data == []'
as "$ada_key"
call GET "$people/$ida"
expect 200
check '.data.active == false'
# An account comes back by invitation.
call PATCH "$people/$ida" '{"active": true}'
expect 409 INVITATION_REQUIRED

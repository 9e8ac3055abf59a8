# What holds for both dialects.
# shellcheck shell=bash

# Only health answers without a key.
as ""
for path in /livez /readyz; do
  call GET "$path"
  expect 200
  check '. == {status: "ok"}'
done

# Missing, malformed, mistyped and revoked keys.
call GET /api/v1/me
expect 401 UNAUTHENTICATED
header WWW-Authenticate '^Bearer realm="loggia"$'
for wrong in nonsense "${ada_key%?}_" "${ada_key:0:20}${ada_key:21}A" "$revoked_key"; do
  as "$wrong"
  call GET /api/v1/me
  expect 401 INVALID_KEY
  header WWW-Authenticate '^Bearer realm="loggia", error="invalid_token"$'
done
as ""
call GET /api/v1/me "" -H "Authorization: Basic YWRhOmFkYQ=="
expect 401
call GET /api/v1/me "" -H "Authorization: bearer $ada_key"
expect 200

# Every route asks for a key before it looks at anything else.
while read -r method path; do
  call "$method" "$path"
  expect 401 UNAUTHENTICATED
done <<ROUTES
GET /api/v1/me
PATCH /api/v1/me
GET /api/v1/me/permissions
DELETE /api/v1/me/organizations/$org
GET /api/v1/api-keys
POST /api/v1/api-keys
DELETE /api/v1/api-keys/$nothing
POST /api/v1/api-keys/$nothing/rotate
GET /api/v1/organizations
POST /api/v1/organizations
GET /api/v1/organizations/$org
PATCH /api/v1/organizations/$org
GET /api/v1/organizations/$org/members
POST /api/v1/organizations/$org/members
GET /api/v1/organizations/$org/members/$nothing
PATCH /api/v1/organizations/$org/members/$nothing
DELETE /api/v1/organizations/$org/members/$nothing
POST /api/v1/organizations/$org/members/$nothing/erase
GET /api/v1/organizations/$org/members/$nothing/api-keys
POST /api/v1/organizations/$org/members/$nothing/api-keys
DELETE /api/v1/organizations/$org/members/$nothing/api-keys/$nothing
GET /api/v1/organizations/$org/invitations
POST /api/v1/organizations/$org/invitations
DELETE /api/v1/organizations/$org/invitations/$nothing
POST /api/v1/organizations/$org/invitations/$nothing/resend
POST /api/v1/invitations/accept
GET /api/v1/spaces
POST /api/v1/spaces
GET /api/v1/spaces/$nothing
PATCH /api/v1/spaces/$nothing
DELETE /api/v1/spaces/$nothing
GET /v2/projects
POST /v2/projects
GET /v2/projects/$nothing
GET /projects/$nothing
PATCH /v2/projects/$nothing
PATCH /v2/projects/$nothing/
DELETE /v2/projects/$nothing
GET /v2/projects/$nothing/members
POST /v2/projects/$nothing/add-member
PATCH /v2/projects/$nothing/remove-member
PATCH /v2/projects/$nothing/members/$nothing
DELETE /v2/projects/$nothing/members/me
GET /v2/projects/$nothing/tasks
POST /v2/projects/$nothing/tasks
GET /v2/tasks/$nothing
PATCH /v2/tasks/$nothing
DELETE /v2/tasks/$nothing
GET /v2/tasks/my-tasks-by-project
ROUTES

# Request ids: taken if they are sound, else made.
as "$ada_key"
call GET /api/v1/me "" -H "X-Request-Id: tour-$run.a_b"
expect 200
header X-Request-Id "^tour-$run\.a_b\$"
for unsound in "has space" "$(printf 'x%.0s' {1..65})" 'quote"d'; do
  call GET /api/v1/nowhere "" -H "X-Request-Id: $unsound"
  expect 404
  header X-Request-Id '^[A-Za-z0-9._-]{1,64}$'
done

# Unknown routes, ids that are none, wrong methods.
for path in / /nowhere /api/v1/nowhere /v2/nowhere /v2/projects/$nothing/nowhere /api/v1/spaces/; do
  call GET "$path"
  expect 404 ROUTE_NOT_FOUND
done
for path in /api/v1/spaces/1 /v2/projects/25 /projects/25 /v2/tasks/1 /api/v1/organizations/1 "/v2/projects/${nothing^^}"; do
  call GET "$path"
  expect 404 NOT_FOUND
done
same_words() { [[ $(tr -d , <<<"$1" | xargs -n 1 | sort) == $(xargs -n 1 <<<"$2" | sort) ]]; }
allowed() { # PATH METHODS
  call PUT "$1" '{}'
  expect 405 METHOD_NOT_ALLOWED
  if same_words "$(header_value Allow)" "$2"; then ok; else bad "Allow is '$(header_value Allow)', not $2"; fi
  call OPTIONS "$1"
  expect 204
  if same_words "$(header_value Allow)" "$2"; then ok; else bad "Allow is '$(header_value Allow)', not $2"; fi
}
allowed /api/v1/me 'GET HEAD OPTIONS PATCH'
allowed /api/v1/me/permissions 'GET HEAD OPTIONS'
allowed "/api/v1/me/organizations/$org" 'DELETE OPTIONS'
allowed /api/v1/api-keys 'GET HEAD OPTIONS POST'
allowed "/api/v1/api-keys/$nothing" 'DELETE OPTIONS'
allowed "/api/v1/api-keys/$nothing/rotate" 'OPTIONS POST'
allowed /api/v1/organizations 'GET HEAD OPTIONS POST'
allowed "/api/v1/organizations/$org" 'GET HEAD OPTIONS PATCH'
allowed "/api/v1/organizations/$org/members" 'GET HEAD OPTIONS POST'
allowed "/api/v1/organizations/$org/members/$nothing" 'DELETE GET HEAD OPTIONS PATCH'
allowed "/api/v1/organizations/$org/members/$nothing/erase" 'OPTIONS POST'
allowed "/api/v1/organizations/$org/members/$nothing/api-keys" 'GET HEAD OPTIONS POST'
allowed "/api/v1/organizations/$org/members/$nothing/api-keys/$nothing" 'DELETE OPTIONS'
allowed "/api/v1/organizations/$org/invitations" 'GET HEAD OPTIONS POST'
allowed "/api/v1/organizations/$org/invitations/$nothing" 'DELETE OPTIONS'
allowed "/api/v1/organizations/$org/invitations/$nothing/resend" 'OPTIONS POST'
allowed /api/v1/invitations/accept 'OPTIONS POST'
allowed /api/v1/spaces 'GET HEAD OPTIONS POST'
allowed "/api/v1/spaces/$nothing" 'DELETE GET HEAD OPTIONS PATCH'
allowed /v2/projects 'GET HEAD OPTIONS POST'
allowed "/v2/projects/$nothing" 'DELETE GET HEAD OPTIONS PATCH'
allowed "/projects/$nothing" 'GET HEAD OPTIONS'
allowed "/v2/projects/$nothing/members" 'GET HEAD OPTIONS'
allowed "/v2/projects/$nothing/add-member" 'OPTIONS POST'
allowed "/v2/projects/$nothing/remove-member" 'OPTIONS PATCH'
allowed "/v2/projects/$nothing/members/$nothing" 'OPTIONS PATCH'
allowed "/v2/projects/$nothing/members/me" 'DELETE OPTIONS'
allowed "/v2/projects/$nothing/tasks" 'GET HEAD OPTIONS POST'
allowed "/v2/tasks/$nothing" 'DELETE GET HEAD OPTIONS PATCH'
allowed /v2/tasks/my-tasks-by-project 'GET HEAD OPTIONS'

# Bodies that cannot be read.
for path in /api/v1/spaces /v2/projects; do
  call POST "$path" '{"name": '
  expect 400 INVALID_JSON
  call POST "$path" '[]'
  expect 400
  call POST "$path"
  if [[ $STATUS == 400 || $STATUS == 415 ]]; then ok; else bad "a missing body is no bad request"; fi
  TYPE=text/plain call POST "$path" '{}'
  expect 415 UNSUPPORTED_MEDIA_TYPE
  call POST "$path" '{}' -H 'Content-Encoding: gzip'
  expect 415 UNSUPPORTED_CONTENT_ENCODING
  printf '{"name": "%*s"}' 262144 x >"$work/large"
  call POST "$path" "@$work/large"
  expect 413 PAYLOAD_TOO_LARGE
done

# Who am I, and where do I belong?
call GET /api/v1/me
expect 200
header Content-Type '^application/json'
check '.data | keys == ["abilities", "defaultScope", "key", "organizations", "scopes", "user"]
  and (.user | keys == ["account", "avatar", "createdAt", "email", "firstName", "fullName", "id", "kind", "lastName", "username"]
    and .id == $ada and .email == $email and .kind == "person" and .account and .fullName == "Ada Byron" and .avatar == null)
  and (.key | keys == ["createdAt", "expiresAt", "id", "name"] and .expiresAt == null)
  and .abilities == ["read", "write"] and .defaultScope == {kind: "organization", organizationId: $org}
  and .scopes == [.defaultScope, {kind: "personal", organizationId: null}]
  and [.organizations[] | [.id, .role]] == [[$org, "admin"]]' \
  --arg ada "$ada" --arg email "ada-$run@example.com" --arg org "$org"
as "$ada_reads_key"
call GET /api/v1/me
expect 200
check '.data.abilities == ["read"]'
as "$ada_alone_key"
call GET /api/v1/me
expect 200
check '.data.defaultScope == {kind: "personal", organizationId: null}'
as "$ada_key"
call GET /api/v1/me '' -H 'Accept: application/json'
expect 200
call GET '/api/v1/me?verbose=1'
refused_fields verbose
# The profile of an account is the account's own, and all of its organizations show it.
call PATCH /api/v1/me '{"avatar": "https://example.com/ada.png"}'
expect 200
check '.data | keys == ["account", "avatar", "createdAt", "email", "firstName", "fullName", "id", "kind", "lastName", "username"]
  and .id == $ada and .fullName == "Ada Byron" and .avatar == "https://example.com/ada.png"' --arg ada "$ada"
call GET "/api/v1/organizations/$org/members/$ada"
expect 200
check '.data.avatar == "https://example.com/ada.png"'
call PATCH /api/v1/me '{"avatar": null}'
expect 200
check '.data.avatar == null'
call PATCH /api/v1/me '{"firstName": null, "email": "ada@example.com", "username": "ada"}'
refused_fields /firstName /email /username
call PATCH /api/v1/me '{"firstName": "Ada"}' -H 'If-Match: *'
expect 412 PRECONDITION_FAILED
as "$ada_reads_key"
call PATCH /api/v1/me '{"firstName": "Ada"}'
expect 403 INSUFFICIENT_SCOPE
as "$ada_key"
call POST /api/v1/api-keys '{"name": "badge", "confinedToOrganization": true}'
expect 201
badge=$(value .data.id) badge_key=$(value .data.key)
as "$badge_key"
call PATCH /api/v1/me '{"firstName": "Ada"}'
expect 403 KEY_IS_CONFINED
as "$ada_key"
call DELETE "/api/v1/api-keys/$badge"
expect 200
call GET /api/v1/organizations
expect 200
check '.data | length == 1 and (.[0] | keys == ["createdAt", "id", "name", "role", "updatedAt"]
  and .id == $org and .name == $name and .role == "admin")' --arg org "$org" --arg name "Harbour Works $run"
call GET "/api/v1/organizations/$org"
expect 200
check '.data | keys == ["createdAt", "id", "name", "role", "updatedAt"] and .id == $org and .name == $name' --arg org "$org" --arg name "Harbour Works $run"
hidden GET /api/v1/organizations/@ "$other_org"

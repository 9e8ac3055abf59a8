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

# Every operation that the document lists asks for a key before it looks at anything else, unless it says that it needs none.
call GET /openapi.json
expect 200
operations=$(jq -r --arg id "$nothing" '.paths | to_entries[] | (.key | gsub("[{][^}]*[}]"; $id)) as $path | .value | to_entries[]
  | select((.key | IN("get", "post", "patch", "delete")) and .value.security != []) | "\(.key | ascii_upcase) \($path)"' "$work/body")
if (($(wc -l <<<"$operations") > 40)); then ok; else bad "these operations need a key: $operations"; fi
while read -r method path; do
  call "$method" "$path"
  expect 401 UNAUTHENTICATED
done <<<"$operations"

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
while read -r path; do
  methods=$(awk -v path="$path" '$2 == path { print $1 } $0 == "GET " path { print "HEAD" }' <<<"$operations")
  allowed "$path" "OPTIONS $methods"
done < <(cut -d ' ' -f 2 <<<"$operations" | sort -u)

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

# API keys: one's own, those of members, machines, and who guesses.
# shellcheck shell=bash

key_fields='["id", "name", "prefix", "ability", "defaultOrganizationId", "confinedToOrganizationId", "createdAt",
  "expiresAt", "revokedAt", "lastUsedAt"] | sort'
own=/api/v1/api-keys

# A secret is shown once.
as "$grace_key"
call POST "$own" '{"name": "laptop"}'
expect 201
check ".data | keys == ($key_fields + [\"key\"] | sort)"
check '.data | (.key | test("^lga_[0-9A-Za-z]{49}$")) and (.prefix as $p | .key | startswith($p)) and .ability == "write"
  and .defaultOrganizationId == $org and .confinedToOrganizationId == null and .expiresAt == null and .lastUsedAt == null' \
  --arg org "$org"
header Cache-Control '^no-store$'
laptop=$(value .data.id) laptop_key=$(value .data.key)
header Location "^$LOGGIA_URL$own/$laptop\$"
call GET "$own"
expect 200
check ".data | length == 3 and all(keys == ($key_fields))"
check '.data[-1] | .id == $id and .revokedAt == null' --arg id "$laptop"
if grep -qF "$laptop_key" "$work/body"; then bad "a list shows a secret"; else ok; fi
call GET "$own?limit=2"
expect 200
check '.data | length == 2'
call GET "$(target next)"
expect 200
check '[.data[].id] == [$id]' --arg id "$laptop"
call GET "$own?limit=0&cursor=nonsense&page=1"
refused_fields limit cursor page
call POST "$own" "{\"name\": \"reports\", \"ability\": \"read\", \"defaultOrganizationId\": \"$org\",
  \"confinedToOrganization\": true, \"expiresAt\": \"2099-01-31T08:00:00+01:00\"}"
expect 201
check '.data | .ability == "read" and .confinedToOrganizationId == $org and .expiresAt == "2099-01-31T07:00:00.000Z"' --arg org "$org"
reports_key=$(value .data.key)
call POST "$own" '{"name": "alone", "defaultOrganizationId": null}'
expect 201
check '.data.defaultOrganizationId == null'

# What is wrong with a key.
call POST "$own" '{"name": "", "ability": "admin", "expiresAt": "tomorrow", "defaultOrganizationId": "x", "confinedToOrganization": 1, "id": 1}'
refused_fields /name /ability /expiresAt /defaultOrganizationId /confinedToOrganization /id
call POST "$own" '{"name": "late", "expiresAt": "2020-01-31"}'
refused_fields /expiresAt
call POST "$own" '{"name": "nowhere", "defaultOrganizationId": "", "confinedToOrganization": true}'
refused_fields /confinedToOrganization
for foreign in "$other_org" "$nothing"; do
  call POST "$own" "{\"name\": \"theirs\", \"defaultOrganizationId\": \"$foreign\"}"
  expect 403 NO_ACCESS_TO_ORGANIZATION
done
as "$reports_key"
call GET /api/v1/spaces
expect 200
call GET '/api/v1/spaces?organizationId='
expect 403 NO_ACCESS_TO_ORGANIZATION
call POST "$own" '{"name": "more"}'
expect 403 INSUFFICIENT_SCOPE

# Replaced: the old key lives on for the overlap.
as "$grace_key"
call POST "$own/$laptop/rotate" '{}'
expect 201
check ".data | keys == ($key_fields + [\"key\"] | sort) and .name == \"laptop\""
newer=$(value .data.id) newer_key=$(value .data.key)
header Location "^$LOGGIA_URL$own/$newer\$"
call GET "$own"
expect 200
check '.data | map(select(.id == $id)) | .[0].expiresAt > .[0].createdAt' --arg id "$laptop"
for both in "$laptop_key" "$newer_key"; do
  as "$both"
  call GET /api/v1/me
  expect 200
done
as "$grace_key"
call POST "$own/$newer/rotate" '{"overlapSeconds": 0}'
expect 201
newest=$(value .data.id) newest_key=$(value .data.key)
call POST "$own/$newer/rotate" '{}'
expect 409 KEY_NOT_LIVE
call POST "$own/$newest/rotate" '{"overlapSeconds": 604801, "expiresAt": null}'
refused_fields /overlapSeconds /expiresAt
as "$newer_key"
call GET /api/v1/me
expect 401 INVALID_KEY

# Revoked: at once and for good; it stays listed.
as "$grace_key"
for _ in first again; do
  call DELETE "$own/$newest"
  expect 200
  check ".data | keys == ($key_fields + [\"revokedDescendants\"] | sort) and (.revokedAt | $is_time)"
done
as "$newest_key"
call GET /api/v1/me
expect 401 INVALID_KEY
as "$eve_key"
call GET "$own"
their_key=$(value '.data[0].id')
as "$grace_key"
hidden DELETE "$own/@" "$their_key"
hidden POST "$own/@/rotate" "$their_key" '{}'

# A key makes no other that ends later, and takes along what it made when it is revoked.
as "$grace_key"
call POST "$own" '{"name": "parent", "expiresAt": "2099-01-31"}'
expect 201
parent=$(value .data.id) parent_key=$(value .data.key)
as "$parent_key"
call POST "$own" '{"name": "late", "expiresAt": "2099-02-01"}'
refused_fields /expiresAt
call POST "$own" '{"name": "child"}'
expect 201
check '.data.expiresAt == "2099-01-31T00:00:00.000Z"'
child_key=$(value .data.key)
as "$grace_key"
call GET "$own"
expect 200
endless=$(value '.data | map(select(.expiresAt == null and .revokedAt == null)) | .[0].id')
as "$parent_key"
call POST "$own/$endless/rotate" '{}'
expect 403 KEY_IS_BEYOND_YOURS
as "$grace_key"
call DELETE "$own/$parent?descendants=some"
expect 400 VALIDATION_FAILED
call DELETE "$own/$parent"
expect 200
check '.data.revokedDescendants == 1'
as "$child_key"
call GET /api/v1/me
expect 401 INVALID_KEY

# A machine has no address and no scope of its own. An admin creates its keys, and those of the organization's own people.
as "$ada_key"
call POST "$people" '{"kind": "machine", "firstName": "Tide", "lastName": "Gauge", "role": "member"}'
expect 201
check '.data | .kind == "machine" and .email == null and .active'
gauge=$(value .data.id) gauge_keys=$people/$gauge/api-keys
call POST "$people" '{"kind": "machine", "email": "tide@example.com", "firstName": "Tide", "lastName": "Gauge"}'
refused_fields /email
call GET "$gauge_keys"
expect 200
check '.data == []'
call POST "$gauge_keys" '{"name": "level"}'
expect 201
check ".data | keys == ($key_fields + [\"key\"] | sort)"
check '.data | .defaultOrganizationId == $org and .confinedToOrganizationId == $org' --arg org "$org"
level=$(value .data.id) level_key=$(value .data.key)
header Location "^$LOGGIA_URL$gauge_keys/$level\$"
call POST "$gauge_keys" '{"name": "late", "expiresAt": "2020-01-31", "confinedToOrganization": false}'
refused_fields /confinedToOrganization
call POST "$gauge_keys" '{"name": "late", "expiresAt": "2020-01-31"}'
refused_fields /expiresAt
as "$level_key"
call GET /api/v1/me
expect 200
check '.data | .user.kind == "machine" and .user.email == null and .scopes == [{kind: "organization", organizationId: $org}]' --arg org "$org"
call POST /api/v1/organizations '{"name": "Mine"}'
expect 403 KEY_IS_CONFINED
call POST "$own" '{"name": "wide", "confinedToOrganization": false}'
expect 403 KEY_IS_CONFINED
call POST /api/v1/spaces '{"name": "Water level"}'
expect 201
water=$(value .data._id)
call GET "/api/v1/spaces/$water?include=createdBy"
expect 200
check '.data.createdBy | .kind == "machine" and .email == null'
as "$ada_key"
call POST "/v2/projects/$leaving/add-member" "{\"user_node_id\": \"$gauge\"}"
expect 201
check '.member.email == ""'
call GET "$gauge_keys"
expect 200
check '.data | length == 1 and (.[0] | .id == $id and (has("key") | not))' --arg id "$level"
as "$grace_key"
for request in "GET $gauge_keys" "POST $gauge_keys" "DELETE $gauge_keys/$level"; do
  read -r method path <<<"$request"
  call "$method" "$path" '{"name": "mine"}'
  expect 403 FORBIDDEN
done
as "$ada_key"
# An account makes its own keys.
call POST "$people/$grace/api-keys" '{"name": "hers"}'
expect 403 BELONGS_TO_ACCOUNT
# Of a member's keys an admin sees those of this organization only.
call GET "$people/$grace/api-keys"
expect 200
check '[.data[].name] == ["reports"]'
call GET "$people/$grace/api-keys?limit=0&cursor=nonsense&count=true"
refused_fields limit cursor count
call DELETE "$people/$grace/api-keys/$laptop"
expect 404 NOT_FOUND
for request in "GET $people/$nothing/api-keys" "POST $people/$nothing/api-keys" "DELETE $people/$nothing/api-keys/$level"; do
  read -r method path <<<"$request"
  call "$method" "$path" '{"name": "theirs"}'
  expect 404 USER_NOT_FOUND
done
hidden GET "/api/v1/organizations/@/members/$gauge/api-keys" "$other_org"
hidden POST "/api/v1/organizations/@/members/$gauge/api-keys" "$other_org" '{"name": "theirs"}'
hidden DELETE "/api/v1/organizations/@/members/$gauge/api-keys/$level" "$other_org"
hidden DELETE "$gauge_keys/@" "$their_key"
call DELETE "$gauge_keys/$level"
expect 200
check ".data.revokedAt | $is_time"
as "$level_key"
call GET /api/v1/me
expect 401 INVALID_KEY
# Who has left gets none.
as "$ada_key"
call DELETE "$people/$jean"
expect 200
call POST "$people/$jean/api-keys" '{"name": "late"}'
expect 404 USER_NOT_FOUND

# Who guesses is slowed down; who knows is not, from the same address. Another loopback address than that of the rest of the
# tour, where there are several, so that it can be taken again at once.
address=127.0.$((RANDOM % 250 + 1)).$((RANDOM % 250 + 1))
from=(--interface "$address")
curl -sS -o /dev/null "${from[@]}" "$LOGGIA_URL/livez" 2>/dev/null || from=()
as nonsense
for _ in {1..24}; do
  call GET /api/v1/me '' "${from[@]}"
  [[ $STATUS == 429 ]] && break
done
expect 429 TOO_MANY_FAILED_AUTHENTICATIONS
header Retry-After '^[1-9][0-9]*$'
as "$ada_key"
call GET /api/v1/me '' "${from[@]}"
expect 200

# Invitations: an account joins an organization if it wants to, and leaves it.
# shellcheck shell=bash

invitations=/api/v1/organizations/$org/invitations accept=/api/v1/invitations/accept
invitation_fields='["id", "email", "role", "projects", "invitedBy", "createdAt", "expiresAt"] | sort'
is_token='test("^lgi_[0-9A-Za-z]{49}$")'
token() { printf '{"token": "%s"}' "$1"; }

# One person, or several at once. Each token is shown once.
as "$ada_key"
call POST "$invitations" "{\"email\": \"eve-$run@example.com\", \"role\": \"viewer\", \"projects\": [{\"node_id\": \"$harbour\"}]}"
expect 201
check ".data | keys == ($invitation_fields + [\"token\"] | sort)"
check ".data | (.token | $is_token) and .role == \"viewer\" and .projects == [{node_id: \$project, role: \"member\"}]
  and .invitedBy == \$ada and (.createdAt | $is_time) and (.expiresAt | $is_time) and .expiresAt > .createdAt" \
  --arg project "$harbour" --arg ada "$ada"
header Cache-Control '^no-store$'
invitation=$(value .data.id) first_token=$(value .data.token)
call POST "$invitations" "[{\"email\": \"b-$run@example.com\"}, {\"email\": \"a-$run@example.com\", \"role\": \"admin\"}]"
expect 201
check ".data | length == 2 and all((.token | $is_token) and .projects == []) and [.[].role] == [\"member\", \"admin\"]"
withdrawn=$(value '.data[1].id') withdrawn_token=$(value '.data[1].token')
call GET "$invitations?limit=2"
expect 200
check ".data | length == 2 and all(keys == ($invitation_fields)) and .[0].id == \$id" --arg id "$invitation"
call GET "$(target next)"
expect 200
check '[.data[].id] == [$id]' --arg id "$withdrawn"
if grep -qF lgi_ "$work/body"; then bad "a list shows a token"; else ok; fi
call GET "$invitations?limit=0&cursor=nonsense&page=1"
refused_fields limit cursor page

# Either all or none are invited.
call POST "$invitations" "[{\"email\": \"c-$run@example.com\"}, {\"email\": \"EVE-$run@example.com\"}]"
expect 409 ALREADY_INVITED
check '[.errors[].pointer] == ["/1/email"]'
for foreign in "$their_project" "$nothing"; do
  call POST "$invitations" "[{\"email\": \"c-$run@example.com\", \"projects\": [{\"node_id\": \"$harbour\"}, {\"node_id\": \"$foreign\"}]}]"
  refused_fields /0/projects/1/node_id
done
call POST "$invitations" '{"email": "nobody", "role": "owner", "projects": [7, {"role": "viewer"}], "token": "mine"}'
refused_fields /email /role /projects/0 /projects/1/node_id /projects/1/role /token
call POST "$invitations" "[{\"email\": \"c-$run@example.com\"}, {\"email\": \"C-$run@example.com\"}]"
refused_fields /1/email
call POST "$invitations" '[]'
refused_fields ''
call GET "$invitations"
check '.data | length == 3'

# Only admins see and manage them.
as "$grace_key"
for request in "GET $invitations" "POST $invitations" "DELETE $invitations/$invitation" "POST $invitations/$invitation/resend"; do
  read -r method path <<<"$request"
  call "$method" "$path" '{"email": "theirs@example.com"}'
  expect 403 FORBIDDEN
done
as "$ada_reads_key"
call GET "$invitations"
expect 200
call DELETE "$invitations/$invitation"
expect 403 INSUFFICIENT_SCOPE
as "$ada_key"
hidden GET /api/v1/organizations/@/invitations "$other_org"
hidden POST /api/v1/organizations/@/invitations "$other_org" '{"email": "theirs@example.com"}'
for request in "DELETE $invitations/$nothing" "POST $invitations/$nothing/resend"; do
  read -r method path <<<"$request"
  call "$method" "$path"
  expect 404 NOT_FOUND
done

# An invitation that is withdrawn or sent again: the earlier token ends.
call DELETE "$invitations/$withdrawn"
expect 204
call DELETE "$invitations/$withdrawn"
expect 404 NOT_FOUND
call POST "$invitations/$invitation/resend" '' -H "Idempotency-Key: resend-$run"
expect 200
check ".data | .id == \$id and (.token | $is_token) and .token != \$first" --arg id "$invitation" --arg first "$first_token"
token=$(value .data.token)
call POST "$invitations/$invitation/resend" '' -H "Idempotency-Key: resend-$run"
expect 409 SECRET_ALREADY_SHOWN

# Every token that cannot be accepted gets the same response.
as "$eve_key"
call POST "$accept" "$(token "$withdrawn_token")"
expect 404 INVITATION_NOT_FOUND
ended=$(masked)
for other in "$first_token" "${token%?}" "${token}0" "$eve_key" quay ''; do
  call POST "$accept" "$(token "$other")"
  expect 404 INVITATION_NOT_FOUND
  if [[ $(masked) == "$ended" ]]; then ok; else bad "a token that has ended and a malformed one get different responses"; fi
done
call POST "$accept" '{"tokens": []}'
refused_fields /token /tokens
call POST "$accept" '{"token": 7}'
refused_fields /token

# An account accepts, with a key that is not confined to an organization, and gets the role and the projects of the invitation.
call POST /api/v1/api-keys "{\"name\": \"narrow\", \"defaultOrganizationId\": \"$other_org\", \"confinedToOrganization\": true}"
expect 201
as "$(value .data.key)"
call POST "$accept" "$(token "$token")"
expect 403 KEY_IS_CONFINED
as "$ada_key"
call POST "$accept" "$(token "$token")"
expect 400 ALREADY_A_MEMBER
as "$eve_key"
call GET "/api/v1/organizations/$org"
expect 404 NOT_FOUND
call POST "$accept" "$(token "$token")"
expect 200
check '.data | keys == ["createdAt", "id", "name", "role", "updatedAt"] and .id == $org and .role == "viewer"' --arg org "$org"
call GET "/api/v1/organizations/$org"
expect 200
call GET "/v2/projects/$harbour/members?per_page=100"
expect 200
check '[.result[] | select(.user_node_id == $eve) | .role] == ["member"]' --arg eve "$eve"
call POST "$accept" "$(token "$token")"
expect 404 INVITATION_NOT_FOUND

# Eve leaves, and comes back only by another invitation, with the role of that one.
call DELETE "/api/v1/me/organizations/$org"
expect 204
as "$ada_key"
call POST "$invitations" "{\"email\": \"eve-$run@example.com\"}"
expect 201
token=$(value .data.token)
as "$eve_key"
call POST "$accept" "$(token "$token")"
expect 200
check '.data.role == "member"'
call GET "/v2/projects/$harbour/members"
expect 403 FORBIDDEN
call DELETE "/api/v1/me/organizations/$org"
expect 204

# What machines rely on: tags that keep one from overwriting what others wrote, and keys by which a retry is done once.
# shellcheck shell=bash

# The header of the last answer, for the next question.
tag() { header_value ETag; }
# The same record, the same representation: the same tag, which is strong.
strong='^"[0-9]+-[0-9a-f]{16}"$'

as "$grace_key"
call POST /api/v1/spaces '{"name": "Ferry terminal"}'
expect 201
header ETag "$strong"
terminal=$(value .data._id) first=$(tag)

# ---- who has it already is not sent it again ----
for known in "$first" "W/$first" "\"other\", $first" '*'; do
  call GET "/api/v1/spaces/$terminal" '' -H "If-None-Match: $known"
  expect 304
  header ETag "$strong"
  if [[ ! -s $work/body ]]; then ok; else bad "a 304 has a body"; fi
done
call HEAD "/api/v1/spaces/$terminal" '' -H "If-None-Match: $first"
expect 304
call GET "/api/v1/spaces/$terminal" '' -H 'If-None-Match: "other"'
expect 200
if [[ $(tag) == "$first" ]]; then ok; else bad "the tag is $(tag), not $first"; fi
call GET "/api/v1/spaces/$terminal?include=all" '' -H "If-None-Match: $first"
expect 200
if [[ $(tag) != "$first" ]]; then ok; else bad "two representations have one tag"; fi
whole=$(tag)

# ---- no update wipes another's ----
call PATCH "/api/v1/spaces/$terminal" '{"priority": "high"}' -H "If-Match: $first"
expect 200
second=$(tag)
call GET "/api/v1/spaces/$terminal"
if [[ $(tag) == "$second" && $second != "$first" ]]; then ok; else bad "the tag is $(tag) after $second"; fi
for stale in "$first" "$whole" "W/$second" '"other"'; do
  call PATCH "/api/v1/spaces/$terminal" '{"priority": "low"}' -H "If-Match: $stale"
  expect 412 PRECONDITION_FAILED
  if [[ $(tag) == "$second" ]]; then ok; else bad "the current tag is $(tag), not $second"; fi
  call DELETE "/api/v1/spaces/$terminal" '' -H "If-Match: $stale"
  expect 412 PRECONDITION_FAILED
done
call GET "/api/v1/spaces/$terminal"
check '.data.priority == "high"'
# An empty patch changes nothing, and so not the tag.
call PATCH "/api/v1/spaces/$terminal" '{}' -H "If-Match: \"other\", $second"
expect 200
if [[ $(tag) == "$second" ]]; then ok; else bad "an empty patch has made the tag $(tag)"; fi
call PATCH "/api/v1/spaces/$terminal" '{"priority": "low"}' -H 'If-Match: *'
expect 200

# The other records with tags.
as "$ada_key"
call POST "/v2/projects/$quay/tasks" '{"task_name": "Moor"}'
expect 201
header ETag "$strong"
task=$(value .node_id) flat=$(tag)
call GET "/v2/tasks/$task?dottie=true"
if [[ $(tag) != "$flat" ]]; then ok; else bad "two shapes have one tag"; fi
for path in "/api/v1/organizations/$org" "/api/v1/organizations/$org/members/$edsger" "/v2/projects/$quay" "/v2/tasks/$task"; do
  call GET "$path"
  expect 200
  header ETag "$strong"
  known=$(tag)
  call GET "$path" '' -H "If-None-Match: $known"
  expect 304
  call PATCH "$path" '{}' -H 'If-Match: "other"'
  expect 412 PRECONDITION_FAILED
  if [[ $(tag) == "$known" ]]; then ok; else bad "the current tag is $(tag), not $known"; fi
done

# A malformed header of this kind is reported like any other error.
for malformed in other '"other' '*, "other"' ''; do
  call PATCH "/api/v1/spaces/$terminal" '{}' -H "If-Match${malformed:+: }${malformed:-;}"
  refused_fields If-Match
done
call PATCH "/api/v1/spaces/$terminal" '{}' -H 'If-None-Match: *'
refused_fields If-None-Match
call POST /api/v1/spaces '{"name": "No"}' -H 'If-Match: *'
expect 412 PRECONDITION_FAILED

# ---- a retry makes no second record ----
once="tour-$run"
call POST /api/v1/spaces '{"name": "Once"}' -H "Idempotency-Key: $once"
expect 201
header Idempotent-Replayed '^$'
cp "$work/body" "$work/once"
location=$(header_value Location) known=$(tag)
for key in "$once" "\"$once\""; do
  call POST /api/v1/spaces '{"name": "Once"}' -H "Idempotency-Key: $key"
  expect 201
  header Idempotent-Replayed '^true$'
  if cmp -s "$work/body" "$work/once"; then ok; else bad "the retry is answered otherwise"; fi
  if [[ $(header_value Location) == "$location" && $(tag) == "$known" ]]; then ok; else bad "the retry has other headers"; fi
done
call GET '/api/v1/spaces?search=Once&count=true'
header X-Total-Count '^1$'
call POST /api/v1/spaces '{"name": "Twice"}' -H "Idempotency-Key: $once"
expect 422 IDEMPOTENCY_KEY_REUSED
# The key is one caller's, for one method and path.
as "$eve_key"
call POST /api/v1/spaces '{"name": "Once"}' -H "Idempotency-Key: $once"
expect 201
header Idempotent-Replayed '^$'
call DELETE "/api/v1/spaces/$(value .data._id)"
as "$ada_key"
call PATCH "/v2/projects/$quay" '{}' -H "Idempotency-Key: $once"
expect 204
call PATCH "/v2/projects/$quay" '{}' -H "Idempotency-Key: $once"
expect 204
header Idempotent-Replayed '^true$'
# The replay wins over a tag that has become stale by the very change.
call PATCH "${location}" '{"status": "Active"}' -H "If-Match: $known" -H "Idempotency-Key: $once"
expect 200
call PATCH "${location}" '{"status": "Active"}' -H "If-Match: $known" -H "Idempotency-Key: $once"
expect 200
header Idempotent-Replayed '^true$'
# What was refused is not kept.
call POST /api/v1/spaces '{"name": ""}' -H "Idempotency-Key: $once-other"
refused_fields /name
call POST /api/v1/spaces '{"name": "Other"}' -H "Idempotency-Key: $once-other"
expect 201
header Idempotent-Replayed '^$'
# A secret is shown once.
call POST /api/v1/api-keys '{"name": "Shown once"}' -H "Idempotency-Key: $once"
expect 201
issued=$(value .data.id)
call POST /api/v1/api-keys '{"name": "Shown once"}' -H "Idempotency-Key: $once"
expect 409 SECRET_ALREADY_SHOWN
call DELETE "/api/v1/api-keys/$issued"
expect 200
# A key that is none.
for malformed in 'has space' "\"$once" "$(printf 'x%.0s' {1..256})"; do
  call POST /api/v1/spaces '{"name": "No"}' -H "Idempotency-Key: $malformed"
  refused_fields Idempotency-Key
done
call POST /api/v1/spaces '{"name": "No"}' -H 'Idempotency-Key: one' -H 'Idempotency-Key: one'
refused_fields Idempotency-Key

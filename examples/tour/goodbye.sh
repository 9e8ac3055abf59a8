# What was made is taken away again, and the slow upload has had its time.
# shellcheck shell=bash

as "$ada_key"
for id in "$harbour" "$secret" "$quay"; do
  call DELETE "/v2/projects/$id"
  expect 200
done
call GET /v2/projects
expect 200
for id in $(value '.result[].node_id'); do
  call DELETE "/v2/projects/$id"
  expect 200
done
call GET /v2/projects
envelope 0 1 20 0
call GET '/api/v1/spaces?limit=100'
for id in $(value '.data[]._id'); do
  call DELETE "/api/v1/spaces/$id"
  expect 200
  check '. == {data: {}}'
done
call GET '/api/v1/spaces?count=true'
expect 200
check '.data == []'
header X-Total-Count '^0$'

as "$eve_key"
call DELETE "/v2/projects/$their_project"
expect 200
call DELETE "/api/v1/spaces/$their_space"
expect 200

wait "$slow_upload"
STEP='a body that stops half-way' STATUS=$(<"$work/slow-status")
cp "$work/slow-head" "$work/head" && cp "$work/slow-body" "$work/body"
expect 408 REQUEST_TIMEOUT

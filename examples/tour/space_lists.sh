# Lists of spaces: filters, orders, and two ways through the pages.
# shellcheck shell=bash

as "$grace_key"
call DELETE "/api/v1/spaces/$night"
expect 200
space() { # NAME STATUS PRIORITY STRENGTH
  call POST /api/v1/spaces '{"name": "'"$1"'", "status": "'"$2"'", "priority": "'"$3"'", "currentStrength": '"$4${5-}"'}'
  expect 201
}
space 'Crane 100%' Active high 3 ', "projectId": "'"$breakwater"'"'
space 'crane_two' Active urgent 7
space 'Dock é' Draft low 7
space 'Anchorage' Archived medium 1
space 'Beacon' Draft none 10

names() { # EXPECTED...
  expect 200
  check 'keys == ["data"] and [.data[].name] == $ARGS.positional' --args "$@"
}
call GET /api/v1/spaces
names Beacon Anchorage 'Dock é' crane_two 'Crane 100%'
check ".data | all(keys == ($space_fields))"
call GET '/api/v1/spaces?sort=createdAt'
names 'Crane 100%' crane_two 'Dock é' Anchorage Beacon
call GET '/api/v1/spaces?sort=-updatedAt'
names Beacon Anchorage 'Dock é' crane_two 'Crane 100%'
call GET '/api/v1/spaces?sort=name'
names Anchorage Beacon 'Crane 100%' crane_two 'Dock é'
call GET '/api/v1/spaces?sort=-priority'
names crane_two 'Crane 100%' Anchorage 'Dock é' Beacon
call GET '/api/v1/spaces?sort=currentStrength'
names Anchorage 'Crane 100%' crane_two 'Dock é' Beacon
call GET '/api/v1/spaces?sort=-currentStrength'
names Beacon 'Dock é' crane_two 'Crane 100%' Anchorage
call GET '/api/v1/spaces?status=Draft'
names Beacon 'Dock é'
call GET '/api/v1/spaces?priority=urgent'
names crane_two
call GET "/api/v1/spaces?projectId=$breakwater"
names 'Crane 100%'
call GET "/api/v1/spaces?projectId=$nothing"
names
call GET '/api/v1/spaces?search=CRANE&status=Active&sort=name'
names 'Crane 100%' crane_two
call GET '/api/v1/spaces?search=%25'
names 'Crane 100%'
call GET '/api/v1/spaces?search=_'
names crane_two
call GET '/api/v1/spaces?search=DOCK%20E'
names 'Dock é'
call GET '/api/v1/spaces?include=all&limit=2&sort=createdAt'
names 'Crane 100%' crane_two
check '(.data[0].project | type == "object") and .data[1].project == null
  and (.data | all((.organization | type == "object") and (.createdBy | type == "object")))'

# The three states again.
call GET "/api/v1/spaces?organizationId=$org&limit=1"
names Beacon
call GET '/api/v1/spaces?organizationId='
names
as "$ada_alone_key"
call GET /api/v1/spaces
names
call GET "/api/v1/spaces?organizationId=$org&limit=1"
names Beacon
as "$grace_key"
for elsewhere in "$other_org" "$nothing"; do
  call GET "/api/v1/spaces?organizationId=$elsewhere"
  expect 403 NO_ACCESS_TO_ORGANIZATION
done

# Pages by offset. Counting costs, so it is asked for.
call GET '/api/v1/spaces?sort=name&limit=2'
names Anchorage Beacon
header Link 'rel="next"'
header X-Total-Count '^$'
if [[ $(header_value Link) == *'rel="prev"'* ]]; then bad "the first page has one before"; else ok; fi
call GET '/api/v1/spaces?sort=name&limit=2&offset=2&count=true'
names 'Crane 100%' crane_two
header X-Total-Count '^5$'
for relation in first prev next; do header Link "rel=\"$relation\""; done
call GET '/api/v1/spaces?sort=name&limit=2&offset=4'
names 'Dock é'
if [[ $(header_value Link) == *'rel="next"'* ]]; then bad "the last page has one after"; else ok; fi
call GET '/api/v1/spaces?offset=10000'
names

# Pages by cursor: follow `next` to the end, and nothing comes twice or is left out.
for sort in name -createdAt currentStrength -priority; do
  call GET "/api/v1/spaces?sort=$sort"
  whole=$(value '.data[]._id')
  walked='' next="/api/v1/spaces?sort=$sort&limit=2"
  for _ in 1 2 3; do
    [[ $next ]] || { bad "the walk ended early" && break; }
    call GET "$next"
    expect 200
    walked+="$(value '.data[]._id')"$'\n'
    next=$(target next)
  done
  if [[ -z $next && ${walked%$'\n'} == "$whole" ]]; then ok; else bad "the walk by $sort differs from the list"; fi
done
call GET '/api/v1/spaces?sort=name&limit=2'
next=$(target next)
if [[ $next == *cursor=* ]]; then ok; else bad "next carries no cursor: $next"; fi
call GET "$next"
names 'Crane 100%' crane_two
call GET "$(target prev)"
names Anchorage Beacon
call GET "${next/sort=name/sort=-name}"
refused_fields cursor
call GET "$next&status=Draft"
refused_fields cursor
call GET "$next&offset=1"
expect 400
call GET '/api/v1/spaces?cursor=nonsense'
refused_fields cursor

# Nothing is silently ignored.
call GET '/api/v1/spaces?limit=0&offset=10001&sort=colour&status=draft&priority=HIGH&count=yes&search=&include=x&projectId=1&Limit=1'
refused_fields limit offset sort status priority count search include projectId Limit
for wrong in limit=101 limit=-1 limit=1.0 limit=1e400 limit=9223372036854775808 limit=; do
  call GET "/api/v1/spaces?$wrong"
  refused_fields limit
done
call GET '/api/v1/spaces?limit=1&limit=1'
refused_fields limit
as "$edsger_key"
call GET '/api/v1/spaces?limit=1'
names Beacon
call HEAD /api/v1/spaces
expect 200

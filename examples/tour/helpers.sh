# The commands that the tour is written in.
#
#   as KEY                          who calls from here on; `as ""` for nobody
#   call METHOD PATH [BODY [...]]   one request; more arguments go to curl; TYPE=… before it is the body's media type; for PATH also a
#                                   URL from an answer, as it is
#   expect STATUS [CODE]            what it answered; for a refusal the whole problem document too
#   check JQ [...]                  a jq condition on the body; more arguments go to jq
#   header NAME REGEX               a header of the answer
#   target RELATION                 prints where a link of the answer leads
#   value JQ                        prints something of the body
# shellcheck shell=bash

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failures=() KEY='' STATUS='' STEP=''

# Well-formed, and never made.
nothing=0193a5b0-7c1e-7000-8000-00000000abcd
uuid='^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
# For jq: what times and ids look like, and the five fields by which a person is shown nowhere else.
is_time='test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$")'
is_id="test(\"$uuid\")"

die() {
  printf 'tour: %s\n' "$1" >&2
  exit 1
}

command_json() { "${loggia[@]}" "$@" || die "\`loggia $*\` failed"; }

ok() { passed=$((passed + 1)); }
bad() {
  failures+=("FAILED: $STEP: $1")
  printf 'FAILED: %s: %s\n  answered %s %s\n' "$STEP" "$1" "$STATUS" "$(head -c 2000 "$work/body")" >&2
}

as() { KEY=$1; }

call() {
  local method=$1 path=$2 body=${3-} url=$2 options=(-sS -g -X "$1" -D "$work/head" -o "$work/body" -w '%{http_code}' --max-time 60)
  shift $(($# > 2 ? 3 : 2))
  STEP="$method $path"
  [[ $method == HEAD ]] && options+=(--head)
  [[ $KEY ]] && options+=(-H "Authorization: Bearer $KEY")
  [[ $body ]] && options+=(-H "Content-Type: ${TYPE:-application/json}" --data-binary "$body")
  [[ $path == http*://* ]] || url=$LOGGIA_URL$path
  : >"$work/body"
  STATUS=$(curl "${options[@]}" "$@" "$url")
}

# The value of a header of the last answer.
header_value() {
  local name value
  while IFS=': ' read -r name value; do
    [[ ${name,,} == "${1,,}" ]] && printf '%s' "${value%$'\r'}" && return
  done <"$work/head"
}

target() {
  header_value Link | tr ',' '\n' | sed -n "s|.*<\([^>]*\)>; *rel=\"$1\".*|\1|p"
}

header() {
  local value
  value=$(header_value "$1")
  if [[ $value =~ $2 ]]; then ok; else bad "the header $1 is '$value', not $2"; fi
}

value() { jq -r "$1" "$work/body"; }

check() {
  local condition=$1
  shift
  if jq -e "$condition" "$@" <"$work/body" >/dev/null 2>&1; then ok; else bad "not so: $condition $*"; fi
}

expect() {
  if [[ $STATUS != "$1" ]]; then
    bad "expected $1"
    return
  fi
  local id
  id=$(header_value X-Request-Id)
  [[ $id ]] || bad "no request id"
  ok
  # HEAD has no body; everything else that is refused is explained.
  if ((STATUS < 400)) || [[ $STEP == HEAD* ]]; then return; fi
  header Content-Type '^application/problem\+json$'
  printf '%s %s\n' "$1" "$STEP" >>"$work/refusals"
  printf '{"status": %s, "id": "%s", "code": "%s", "problem": %s}\n' "$1" "$id" "${2-}" "$(<"$work/body")" >>"$work/problems"
}

# Checks the problem document of every refusal that was expected: all at once, since jq takes longer to start than a call takes.
check_problems() {
  local verdicts number=0 refusal
  mapfile -t verdicts < <(jq '. as $it | .problem
    | .status == $it.status and .request_id == $it.id and ((.code // "") | test("^[A-Z][A-Z_]+$")) and ($it.code | IN("", $it.problem.code))
    and .type == "/docs/errors/\(.code)" and ([.title, .detail, .instance] | all(type == "string" and length > 0))
    and (keys - ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"] == [])
    and ((.errors // []) | all((keys - ["code", "detail"] | length == 1 and inside(["pointer", "parameter", "header"]))
      and (.code | length > 0) and (.detail | length > 0)))' "$work/problems")
  while read -r refusal; do
    number=$((number + 1))
    if [[ ${verdicts[number - 1]-} == true ]]; then ok; else
      failures+=("FAILED: $refusal: its problem document is not as expected")
      printf 'FAILED: %s: %s\n' "$refusal" "$(sed -n "${number}p" "$work/problems")" >&2
    fi
  done <"$work/refusals"
}

# What a bad request names, all of it: JSON pointers into the body, query parameters, or headers.
refused_fields() {
  expect 400 VALIDATION_FAILED
  check '[.errors[] | .pointer // .parameter // .header] | sort == ($ARGS.positional | sort)' --args "$@"
}

# The answer without what differs between any two: the date, the request's id, and the order of the headers.
masked() {
  local id
  id=$(header_value X-Request-Id)
  sed -e "s/$id/ID/g" -e '/^[Dd]ate:/d' "$work/head" | sort
  sed -e "s/$id/ID/g" "$work/body"
}

# Somebody else's record and one that was never made are refused alike, byte for byte.
hidden() { # METHOD PATH-WITH-@ THEIRS [BODY]
  local theirs
  call "$1" "${2//@/$3}" "${4-}"
  expect 404 NOT_FOUND
  theirs=$(masked)
  call "$1" "${2//@/$nothing}" "${4-}"
  expect 404 NOT_FOUND
  if [[ $(masked) == "$theirs" ]]; then ok; else bad "what is not ours answers otherwise than what is not there"; fi
}

# The page envelope adds up, whatever page it is of.
envelope() { # TOTAL PAGE PER_PAGE ROWS
  expect 200
  check '(keys == (["total", "last_page", "prev_page", "next_page", "has_next_page", "page", "per_page", "from", "to",
      "result", "next_cursor"] | sort))
    and .total == $total and .page == $page and .per_page == $per and (.result | length) == $rows
    and .last_page == ([1, (($total + $per - 1) / $per | floor)] | max)
    and .from == ([($page - 1) * $per, $total] | min) and .to == .from + $rows
    and .has_next_page == (.to < $total and $rows > 0)
    and .next_page == (if .has_next_page then $page + 1 else null end)
    and .prev_page == (if $page > 1 then ([$page - 1, .last_page] | min) else null end)
    and (.next_cursor != null) == .has_next_page' \
    --argjson total "$1" --argjson page "$2" --argjson per "$3" --argjson rows "$4"
}

# A body that stops half-way, sent in the background because it takes the server's patience to answer.
start_slow_upload() {
  { curl -sS -X POST -H 'Content-Type: application/json' -H "Authorization: Bearer $ada_key" -H 'Expect:' \
      -D "$work/slow-head" -o "$work/slow-body" -w '%{http_code}' --max-time 40 -T . "$LOGGIA_URL/api/v1/spaces" \
      < <(printf '{"name": "Har' && exec sleep 30) >"$work/slow-status"; } 2>"$work/slow-errors" &
  slow_upload=$!
}

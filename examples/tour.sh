#!/usr/bin/env bash
# A tour of every route of both dialects with nothing but curl and jq: each call, what it answers, and how it refuses.
#
# It needs a running server, and the `loggia` command beside it on the same database, which makes two organizations
# and their people anew for every run. Everything else goes over HTTP.
#
#   LOGGIA_URL            where the server answers           http://127.0.0.1:8080
#   LOGGIA_DATABASE_URL   the database behind it             loggia.db in the repository, where `cargo run --release` makes it
#   LOGGIA_BIN            the command                        target/release/loggia, else `cargo run --release`
set -uo pipefail

if ((BASH_VERSINFO[0] < 4)); then
  printf 'tour: this needs bash 4 or later, and is run by bash %s\n' "$BASH_VERSION" >&2
  exit 1
fi
for tool in curl jq; do
  command -v "$tool" >/dev/null || { printf 'tour: this needs %s\n' "$tool" >&2 && exit 1; }
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${LOGGIA_URL:=http://127.0.0.1:8080}"
export LOGGIA_DATABASE_URL=${LOGGIA_DATABASE_URL:-sqlite://$root/loggia.db}
if [[ ${LOGGIA_BIN:-} ]]; then
  loggia=("$LOGGIA_BIN")
elif [[ -x $root/target/release/loggia ]]; then
  loggia=("$root/target/release/loggia")
else
  loggia=(cargo run --release --quiet --manifest-path "$root/Cargo.toml" --)
fi

# shellcheck source-path=SCRIPTDIR
. "$root/examples/tour/helpers.sh"

curl -sSf -o "$work/body" "$LOGGIA_URL/readyz" || die "no Loggia answers at $LOGGIA_URL; start one with: cargo run --release"

# ---- the cast ----------------------------------------------------------------------------------------------------------
# Harbour Works: Ada runs it, Grace and Alan work there, Edsger looks on. Eve runs another organization. Alan is a person of Harbour
# Works' own; the others have accounts.
run=$(date +%s)$$

bootstrap() { # ORGANIZATION EMAIL FIRST LAST
  command_json bootstrap --organization "$1" --email "$2" --first-name "$3" --last-name "$4" --json
}
add_account() { # EMAIL FIRST LAST ROLE
  command_json accounts add --organization "$org" --email "$1" --first-name "$2" --last-name "$3" --role "$4" --json | jq -r .userId
}
add_person() { # EMAIL FIRST LAST NUMBER ROLE
  command_json people add --organization "$org" --email "$1" --first-name "$2" --last-name "$3" --employee-no "$4" \
    --role "$5" --json | jq -r .userId
}
new_key() { command_json keys create "$@" --json | jq -r .apiKey; }

made=$(bootstrap "Harbour Works $run" "ada-$run@example.com" Ada Byron) || die "the organization could not be made"
org=$(jq -r .organizationId <<<"$made") ada=$(jq -r .userId <<<"$made") ada_key=$(jq -r .apiKey <<<"$made")
as "$ada_key"
call GET /api/v1/me
[[ $STATUS == 200 ]] || die "the key that was made just now does not open $LOGGIA_URL (it answers $STATUS): set \
LOGGIA_DATABASE_URL to the database that is served there"
made=$(bootstrap "Far Away $run" "eve-$run@example.com" Eve Moneypenny) || die "the organization could not be made"
other_org=$(jq -r .organizationId <<<"$made") eve=$(jq -r .userId <<<"$made") eve_key=$(jq -r .apiKey <<<"$made")
grace=$(add_account "grace-$run@example.com" Grace Hopper member)
alan=$(add_person "alan-$run@example.com" Alan Turing 3 member)
edsger=$(add_account "edsger-$run@example.com" Edsger Dijkstra viewer)
# The names of an account are its own, its employee number is the organization's.
for numbered in "$grace 2" "$edsger 4"; do
  call PATCH "/api/v1/organizations/$org/members/${numbered% *}" "{\"employeeNumber\": \"${numbered#* }\"}"
  [[ $STATUS == 200 ]] || die "the employee number ${numbered#* } could not be given"
done
grace_key=$(new_key --email "grace-$run@example.com" --organization "$org")
alan_key=$(new_key --email "alan-$run@example.com" --organization "$org")
edsger_key=$(new_key --email "edsger-$run@example.com" --organization "$org")
ada_reads_key=$(new_key --email "ada-$run@example.com" --organization "$org" --ability read)
ada_alone_key=$(new_key --email "ada-$run@example.com" --personal)
made=$(command_json keys create --email "grace-$run@example.com" --organization "$org" --expires 90d --json)
revoked_key=$(jq -r .apiKey <<<"$made")
"${loggia[@]}" keys revoke "$(jq -r .keyId <<<"$made")" >/dev/null || die "the key could not be revoked"
for made in "$org" "$other_org" "$ada" "$eve" "$grace" "$alan" "$edsger"; do
  [[ $made =~ $uuid ]] || die "the cast is not complete: '$made' is no id"
done
for made in "$ada_key" "$eve_key" "$grace_key" "$alan_key" "$edsger_key" "$ada_reads_key" "$ada_alone_key" "$revoked_key"; do
  [[ $made == lga_* ]] || die "the cast is not complete: a key is missing"
done

# ---- the tour ----------------------------------------------------------------------------------------------------------
start_slow_upload
for part in common spaces space_lists projects rosters tasks organizations members keys invitations retries goodbye; do
  printf '== %s\n' "${part//_/ }"
  # shellcheck source=/dev/null
  . "$root/examples/tour/$part.sh"
done
check_problems

if ((${#failures[@]})); then
  printf '\n%s\n' "${failures[@]}" >&2
  printf '%s checks passed, %s FAILED\n' "$passed" "${#failures[@]}"
  exit 1
fi
printf '%s checks passed\n' "$passed"

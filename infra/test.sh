#!/usr/bin/env bash
# Called by `deepsight test [--full] [arguments of dotnet test]`, which has put the right `dotnet` on the PATH.
# Builds the servers that the tests need, each only when missing, then runs the tests. The last line is
# `N passed, N failed`: a test that was skipped, or a run that broke off, counts as failed.
set -uo pipefail
root=$(dirname "$(dirname "$(realpath "$0")")")
home=$root/.deepsight
log=$home/log/test.log

if [ "${1:-}" = --full ]; then
  export DEEPSIGHT_TEST_FULL=1
  shift
fi

# A server that can't be had is told here and then by the tests that need it, which fail.
set_up() {
  "$root/infra/postgres-client/build.sh" "$home/client" &
  for major in 14 15 16 17 18; do "$root/infra/postgres-server/build.sh" $major "$home/server/$major" & done
  "$root/infra/pgbouncer/build.sh" "$home/pgbouncer" &
  "$root/infra/local/s3/build.sh" "$home/s3" &
  "$root/infra/local/azurite/build.sh" "$home/azurite" &
  "$root/infra/local/bicep/build.sh" "$home/bicep" &
  "$root/infra/local/linters/build.sh" "$home/linters" &
  "$root/infra/local/grate/build.sh" "$home/grate" &
  wait
}

# The command under test is the one that operators get. Without a linker (exit code 2) it is the one built beside the tests.
compile() {
  "$root/deepsight" native >/dev/null
  case $? in
    0) export DEEPSIGHT_COMMAND=$root/artifacts/native/deepsight ;;
    2) ;;
    *) exit 1 ;;
  esac
}

cd "$root" && mkdir -p "$home/log"
set_up
compile
DOTNET_CLI_UI_LANGUAGE=en dotnet test --solution DeepSight.Functions.sln -c Release --results-directory "$home/log" --no-ansi --no-progress "$@" 2>&1 | tee "$log"
code=${PIPESTATUS[0]}

count() { awk -v name="$1:" '/^Test run summary:/ {found = 1} found && $1 == name {n += $2} END {print n + 0}' "$log"; }
passed=$(count succeeded) failed=$(($(count failed) + $(count skipped)))
# Nothing ran, or a process died before it could count: that is no success.
if [ "$failed" = 0 ] && { [ "$code" != 0 ] || [ "$passed" = 0 ]; }; then
  failed=1
  printf 'The tests did not run to their end (dotnet test: exit code %s).\nHint: the whole output is in %s\n' "$code" "$log" >&2
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

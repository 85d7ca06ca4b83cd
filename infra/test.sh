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
# All that the tests leave behind goes with this folder; its name is short, since sockets lie in it.
work=$(mktemp -d /tmp/ds.XXXXXX) && chmod 1777 "$work" || exit 1
# `dotnet test` itself talks through sockets in /tmp and leaves them there.
trap 'find /tmp -maxdepth 1 -type s -user "$(id -un)" -newer "$work/began" -regex "/tmp/[0-9a-f]*" -delete; rm -rf "$work"' EXIT
touch "$work/began"
export TMPDIR=$work

# With a choice of tests only those, and at once.
over_swift='' whole=''
if [ $# = 0 ]; then whole=yes over_swift=${DEEPSIGHT_TEST_FULL:-}; fi
# What takes long and is seldom wrong runs with --full, or by name.
if [ -n "$whole" ] && [ -z "${DEEPSIGHT_TEST_FULL:-}" ]; then set -- -- --filter-not-trait Runs=full; fi

build() {
  local log=$home/log/test-build.log
  echo "> building the tests"
  dotnet build DeepSight.Functions.sln -c Release -nologo -v quiet >"$log" 2>&1 </dev/null && return
  grep -E 'error [A-Z]+[0-9]+:' "$log" | sort -u | tail -n 20 || tail -n 20 "$log"
  echo "0 passed, 1 failed"
  exit 1
}

# With --full the command under test is the one in machine code. Without a linker (exit code 2) it is the one built beside the tests.
compile() {
  [ -n "$whole" ] && [ -n "${DEEPSIGHT_TEST_FULL:-}" ] || return 0
  "$root/deepsight" native >/dev/null
  case $? in
    0) export DEEPSIGHT_COMMAND=$root/artifacts/native/deepsight ;;
    2) ;;
    *) echo "0 passed, 1 failed" && exit 1 ;;
  esac
}

# A server that can't be had is told here and then by the tests that need it, which fail.
set_up() {
  "$root/infra/postgres-client/build.sh" "$home/client" &
  for major in 14 15 16 17 18; do "$root/infra/postgres-server/build.sh" $major "$home/server/$major" & done
  "$root/infra/pgbouncer/build.sh" "$home/pgbouncer" &
  "$root/infra/local/s3/build.sh" "$home/s3" &
  "$root/infra/local/azurite/build.sh" "$home/azurite" &
  "$root/infra/local/bicep/build.sh" "$home/bicep" &
  "$root/infra/local/linters/build.sh" "$home/linters" &
  "$root/infra/local/promtool/build.sh" "$home/promtool" &
  "$root/infra/local/grate/build.sh" "$home/grate" &
  "$root/infra/local/age/build.sh" "$home/age" &
  [ -z "${DEEPSIGHT_TEST_FULL:-}" ] || "$root/infra/local/alembic/build.sh" "$home/alembic" &
  "$root/infra/local/chromium/build.sh" "$home/chromium" &
  [ -z "$over_swift" ] || "$root/infra/local/swift/build.sh" "$home/swift" &
  build
  compile
  wait
}

# Started in the background by a shell without job control, all of this would ignore the SIGINT that some tests send.
listening=()
if env --default-signal=INT true 2>/dev/null; then listening=(env --default-signal=INT); fi

run() {
  DOTNET_CLI_UI_LANGUAGE=en ${listening[@]+"${listening[@]}"} dotnet test -c Release --no-build --output Detailed --results-directory "$home/log" --no-ansi --no-progress "$@" 2>&1 | tee -a "$log" | progress
  return "${PIPESTATUS[0]}"
}

# A line for every hundred tests in place of one for each that passed; all else as it is.
progress() {
  awk -v total="$total" '
    /^passed DeepSight/ { passed = 1; if (++n % 100 == 0) print "> " n " of " total " tests passed"; fflush(); next }
    /^(failed|skipped) DeepSight|^[^ ]/ { passed = 0 }
    passed { next }
    { print; fflush() }'
}

# The stores once more, over an S3 server that has nothing in common with the first; of the faults a sample.
run_over_swift() {
  local state server
  state=$(mktemp -d)
  "$root/infra/local/swift/swift.sh" "$state/data" >"$state/env" &
  server=$!
  until grep -q SECRET "$state/env"; do
    kill -0 $server 2>/dev/null || return 1
    sleep 0.1
  done
  (
    set -a
    # shellcheck source=/dev/null
    . "$state/env"
    DEEPSIGHT_TEST_FULL='' run --project tests/DeepSight.Tests -- --filter-class '*.S3BackupStoreTests' --filter-class '*.S3FaultTests' \
      --filter-class '*.S3ReadTests' --filter-class '*.S3WriteTests' --filter-class '*.S3RetentionTests'
  )
  local code=$?
  kill $server 2>/dev/null
  wait $server
  rm -rf "$state"
  return $code
}

cd "$root" && mkdir -p "$home/log"
set_up
: >"$log"
total=$(DOTNET_CLI_UI_LANGUAGE=en dotnet test -c Release --no-build --no-ansi --list-tests --solution DeepSight.Functions.sln "$@" | sed -n 's/^Discovered \([0-9]*\) tests.*/\1/p' | tail -n 1)
run --solution DeepSight.Functions.sln "$@"
code=$?
[ -z "$over_swift" ] || run_over_swift || code=$?

count() { awk -v name="$1:" '/^Test run summary:/ {found = 1} found && $1 == name {n += $2} END {print n + 0}' "$log"; }
passed=$(count succeeded) failed=$(($(count failed) + $(count skipped)))
# Nothing ran, or a process died before it could count: that is no success.
if [ "$failed" = 0 ] && { [ "$code" != 0 ] || [ "$passed" = 0 ]; }; then
  failed=1
  printf 'The tests did not run to their end (dotnet test: exit code %s).\nHint: the whole output is in %s\n' "$code" "$log" >&2
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

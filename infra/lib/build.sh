# shellcheck shell=bash
# Sourced by every build.sh below infra/: the folder is built once, beside its place, and published by one rename.
# Exit codes: 0 built or already there, 1 failed, 2 usage, 3 can't be built on this machine.
set -Eeuo pipefail
umask 022 # PostgreSQL's test servers run as another user than the one who builds

fail() { # CODE MESSAGE HINT
  printf '%s\nHint: %s\n' "$2" "$3" >&2
  exit "$1"
}

# publish OUT LABEL BUILDER [ARG...]: runs `BUILDER DIR [ARG...]` for an empty DIR and renames DIR to OUT.
# OUT counts as present when it was made by these very scripts, so an updated recipe rebuilds it.
# A build that is killed leaves nothing at OUT; two at once take turns and the second finds the work done.
publish() {
  local out label=$2 builder=$3 parent name recipe began=$SECONDS
  out=$(realpath -ms "$1") parent=$(dirname "$out") name=$(basename "$out") recipe=$(recipe "${@:2}")
  shift 3
  present "$out" "$recipe" && return
  if [ -e "$out" ] && [ ! -e "$out/.recipe" ] && [ -n "$(ls -A "$out")" ]; then
    fail 2 "'$out' exists and was not built by this script." "name another folder, or remove it."
  fi
  mkdir -p "$parent" 2>/dev/null || true
  [ -w "$parent" ] || fail 1 "'$parent' can't be written to, and $label has to be built there." "run this as the folder's owner."

  exec 9>"$parent/.$name.lock"
  flock 9
  present "$out" "$recipe" && return
  rm -rf "$parent/.$name.tmp."* # of builds that were killed: we hold the lock, so nobody uses them
  work=$parent/.$name.tmp.$$
  trap 'ended $?' EXIT
  trap 'fail 1 "Building $label stopped at: $BASH_COMMAND" "the line above says why; a full disk is the usual cause."' ERR
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP

  echo "building $label in $out" >&2
  mkdir -p "$work/new"
  "$builder" "$work/new" "$@" 9>&-
  echo "$recipe" >"$work/new/.recipe"
  [ ! -e "$out" ] || mv -T "$out" "$work/old"
  mv -T "$work/new" "$out"
  rm -rf "$work"
  echo "built $label, $(du -sh "$out" | cut -f1), $((SECONDS - began)) s" >&2
}

# Also after a kill: what runs in the background is ended first, so that it can't write into a folder that is gone.
ended() {
  local jobs
  jobs=$(jobs -p)
  # shellcheck disable=SC2086  # a list of ids
  [ -z "$jobs" ] || { kill $jobs && wait $jobs; } 2>/dev/null || true
  rm -rf "$work"
}

present() { [ -e "$1/.recipe" ] && [ "$(cat "$1/.recipe")" = "$2" ]; }
# A checksum over the scripts and lock files that make it.
recipe() {
  local -a files
  mapfile -d '' files < <(find "$(dirname "$(realpath "$0")")" "${BASH_SOURCE[0]%/*}" -type f ! -name '*.md' -print0 | LC_ALL=C sort -z)
  { cat "${files[@]}" && printf '%s\n' "$@"; } | sha256sum | cut -d' ' -f1
}

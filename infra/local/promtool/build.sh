#!/usr/bin/env bash
# build.sh OUT: Debian's promtool, which checks infra/grafana/alerts.yml and what GET /api/metrics answers.
#   OUT/bin/promtool
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
. "$here/../../lib/debian.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/promtool."

build() {
  local out=$1 work=$1.work suite
  need_debian "only the tests of the metrics need it."
  # shellcheck source=/dev/null
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # One program in Go that needs libc alone, this system's own; the server and its pages are not kept.
  unpack "$suite" "$work" '(?!prometheus$).*' prometheus
  mkdir -p "$out/bin"
  mv "$work/files/usr/bin/promtool" "$out/bin/"
  keep_licenses "$work/files" "$out/licenses"
  mv "$work/packages.txt" "$out/"
  rm -rf "$work"
  "$out/bin/promtool" --version >/dev/null 2>&1 || fail 1 "The unpacked promtool does not start." "run it to see why."
}

publish "$1" "promtool" build

#!/usr/bin/env bash
# build.sh OUT: PgBouncer for the tests, from Debian's packages, as OUT/bin/pgbouncer; it runs from any folder.
# The newest of the suites: bookworm's 1.18 refuses a client that sends `options` at start-up.
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../lib/build.sh"
. "$here/../lib/debian.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/pgbouncer."

build() {
  local out=$1 work=$1.work
  need_debian "only the tests of connection poolers need it."
  unpack forky "$work" '(?!z?lib|gcc|pgbouncer).*|lib(.*perl|pam-m|db5|gdbm|sasl2-modules|c-gconv|c-l10n|c-bin|audit-common|sema.*-common).*' pgbouncer
  mkdir -p "$out/bin" "$out/libexec"
  cp "$work/files/usr/sbin/pgbouncer" "$out/libexec/"
  install "$here/../lib/run-bundled" "$out/bin/pgbouncer"
  bundle_libraries "$work/files" "$out/lib" "$out/libexec/pgbouncer"
  keep_licenses "$work/files" "$out/licenses"
  mv "$work/packages.txt" "$out/"
  rm -rf "$work"
  "$out/bin/pgbouncer" --version >/dev/null || fail 1 "The unpacked PgBouncer does not start." "the line above says why."
}

publish "$1" "PgBouncer" build

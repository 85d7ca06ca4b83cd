#!/usr/bin/env bash
# build.sh OUT: Debian's Alembic with its Python and three drivers, for the tests of `migrate import-alembic`.
#   OUT/bin/python3
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
. "$here/../../lib/debian.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/alembic."

build() {
  local out=$1 work=$1.work
  local -a modules
  need_debian "only the tests of import-alembic need it."
  unpack trixie "$work" 'debconf|dpkg|tar|tzdata|media-types|netbase|readline-common' \
    python3-alembic python3-psycopg2 python3-psycopg python3-psycopg-c python3-asyncpg
  mkdir -p "$out"/{bin,libexec,lib}
  cp -L "$work/files/usr/bin/python3" "$out/libexec/"
  cp -a "$work"/files/usr/lib/python3* "$out/lib/"
  mapfile -d '' modules < <(find "$out"/lib/python3* -name '*.so' -print0)
  bundle_libraries "$work/files" "$out/lib" "$out/libexec/python3" "${modules[@]}"
  # Python finds its own library beside the folder of this script.
  install "$here/../../lib/run-bundled" "$out/bin/python3"
  keep_licenses "$work/files" "$out/licenses"
  mv "$work/packages.txt" "$out/"
  rm -rf "$work"
  # Compiled on every start, it would need two seconds for that.
  "$out/bin/python3" -m compileall -q -x '/(test|tkinter|idlelib|pydoc_data)/' "$out/lib/python3"*
  "$out/bin/python3" -B -c 'import alembic, psycopg2, psycopg, asyncpg' || fail 1 "The unpacked Alembic does not start." "the line above says why."
}

publish "$1" "alembic" build

#!/usr/bin/env bash
# build.sh OUT: pg_dump, pg_dumpall, pg_restore and psql of PostgreSQL 15, 17 and 18 over one library folder.
#   OUT/lib            the loader and every library, from the newest suite
#   OUT/libexec/MAJOR  the programs
#   OUT/licenses       OUT/packages.txt: what it was made of
# Run as: OUT/lib/ld-linux-x86-64.so.2 --library-path OUT/lib --argv0 OUT/libexec/18/pg_dump OUT/libexec/18/pg_dump ...
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../lib/build.sh"
. "$here/../lib/debian.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/client."

# A major comes from the suite that carries it for years; forky keeps 18 when it becomes stable.
build() {
  local out=$1 work=$1.work pids=() suites=(bookworm:15 trixie:17 forky:18) skip
  # Perl is for Debian's wrappers, which are bypassed (they cost 41 ms a call); the rest is never loaded.
  skip='(?!z?lib|gcc|postgresql-client-1).*|lib(.*perl|bz2|db5|gdbm|sasl2-modules|c-gconv).*'
  need_debian "install PostgreSQL's client (pg_dump, psql) with the system's package manager: it is used when there is no bundle."
  for suite in "${suites[@]}"; do
    unpack "${suite%:*}" "$work/${suite#*:}" "$skip" "postgresql-client-${suite#*:}" 2>"$work.${suite#*:}.err" &
    pids[${suite#*:}]=$!
  done
  for major in "${!pids[@]}"; do wait "${pids[major]}" || { cat "$work.$major.err" >&2; exit 1; }; done

  for major in 15 17 18; do
    mkdir -p "$out/libexec/$major"
    # pg_dumpall starts the pg_dump beside itself.
    cp "$work/$major/files/usr/lib/postgresql/$major/bin/"{pg_dump,pg_dumpall,pg_restore,psql} "$out/libexec/$major/"
  done
  bundle_libraries "$work/18/files" "$out/lib" "$out"/libexec/*/*
  keep_licenses "$work/18/files" "$out/licenses"
  for major in 15 17; do cp "$work/$major/files/usr/share/doc/postgresql-client-$major/copyright" "$out/licenses/postgresql-client-$major"; done
  grep -h -E '^postgresql-client-1' "$work"/{15,17}/packages.txt | cat - "$work/18/packages.txt" >"$out/packages.txt"

  for tool in "$out"/libexec/*/*; do
    "$out/lib/ld-linux-x86-64.so.2" --library-path "$out/lib" --argv0 "$tool" "$tool" --version >/dev/null ||
      fail 1 "The bundled '${tool#"$out"/}' does not start." "report this with the list of packages: $(tr '\n' ' ' <"$out/packages.txt")"
  done
  rm -rf "$work"
}

publish "$1" "the PostgreSQL client 15, 17 and 18" build

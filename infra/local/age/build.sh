#!/usr/bin/env bash
# build.sh OUT: what sealed files are tested against, age's own test vectors from npm and Debian's age.
#   OUT/vectors       a file a vector
#   OUT/bin/age, OUT/bin/age-keygen
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
. "$here/../../lib/debian.sh"
. "$here/../../lib/npm.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/age."

build() {
  local out=$1 work=$1.work
  npm_ci "$here" "$out" "install node and npm; only the tests of sealed backups need it."
  mkdir -p "$out"/{vectors,bin,libexec}
  # The package is one module that exports a file a vector.
  cp "$here/vectors.mjs" "$out/"
  node "$out/vectors.mjs" "$out/vectors"
  need_debian "only the tests of sealed backups need it."
  unpack forky "$work" '(?!libc6|libgcc|age).*|lib(c-gconv|c-l10n|c-bin).*' age libgcc-s1
  cp "$work/files/usr/bin/age" "$work/files/usr/bin/age-keygen" "$out/libexec/"
  for program in age age-keygen; do install "$here/../../lib/run-bundled" "$out/bin/$program"; done
  bundle_libraries "$work/files" "$out/lib" "$out/libexec/age"
  keep_licenses "$work/files" "$out/licenses"
  mv "$work/packages.txt" "$out/"
  rm -rf "$work" "$out/node_modules" "$out/vectors.mjs"
  "$out/bin/age" --version >/dev/null || fail 1 "The unpacked age does not start." "the line above says why."
}

publish "$1" "age" build

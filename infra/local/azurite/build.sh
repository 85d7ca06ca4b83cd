#!/usr/bin/env bash
# build.sh OUT: Azurite, the emulator of Azure Storage, for the tests and for running the functions without Azure.
# azurite.sh starts it. The lock file pins every package by checksum.
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
. "$here/../../lib/npm.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/azurite."

build() {
  npm_ci "$here" "$1" "install node and npm, or run without Azure Storage: the local host then keeps its queues in a directory."
  node "$1/node_modules/azurite/dist/src/azurite.js" --version >/dev/null || fail 1 "Azurite does not start." "it needs node 14 or newer; this is $(node --version)."
}

publish "$1" "Azurite" build

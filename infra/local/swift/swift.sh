#!/usr/bin/env bash
# swift.sh [--attached] DIR [PORT]: an empty S3 server, OpenStack Swift with its data in DIR, on loopback and a free port if
# none is given. Prints its settings as NAME=value lines once it answers, and runs until it is ended.
# --attached: ends as well when its input closes, so that a killed test run leaves nothing.
# SWIFT_DIR: another place of what build.sh makes.
set -euo pipefail
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
fail() { # CODE MESSAGE HINT
  printf '%s\nHint: %s\n' "$2" "$3" >&2
  exit "$1"
}

attached=''
if [ "${1:-}" = --attached ]; then attached=yes && shift; fi
[ $# = 1 ] || [ $# = 2 ] || fail 2 "usage: swift.sh [--attached] DIR [PORT]" "DIR is emptied and takes the data."
bundle=${SWIFT_DIR:-$(realpath -m "$here/../../../.deepsight/swift")}
[ -n "${SWIFT_DIR:-}" ] || "$here/build.sh" "$bundle"
rm -rf "${1:?}" && mkdir -p "$1/device"
# Swift keeps what it knows of an object in the file's extended attributes.
export PYTHONHOME=$bundle PYTHONPATH=$bundle/lib/python3/dist-packages PYTHONDONTWRITEBYTECODE=1
"$bundle/bin/python" -c 'import os, sys; os.setxattr(sys.argv[1], "user.swift", b"1")' "$1" 2>/dev/null ||
  fail 1 "The file system of '$1' keeps no extended attributes, which Swift needs." "name a folder on another disk."

exec "$bundle/bin/python" -W ignore "$here/server.py" "$(realpath "$1")" "${2:-0}" $attached

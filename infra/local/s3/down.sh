#!/usr/bin/env bash
# down.sh DIR: ends the S3 server that up.sh started there. Ending it twice is fine.
set -euo pipefail
[ $# = 1 ] || { printf 'usage: down.sh DIR\nHint: DIR is what up.sh was given.\n' >&2 && exit 2; }
cd "$1" && cd "$(pwd -P)"
for file in rgw.id osd.id mon.id; do
  # An id can have been given to another process meanwhile: only one that was started from here is ended.
  id=$(cat "$file" 2>/dev/null) || continue
  grep -qzxF "CEPH_CONF=$PWD/ceph.conf" "/proc/$id/environ" 2>/dev/null || continue
  # The store is in memory and the folder is emptied at the next start: there is nothing to wait for.
  kill -KILL "$id" 2>/dev/null || true
  while kill -0 "$id" 2>/dev/null && [ "$(cut -d' ' -f3 "/proc/$id/stat" 2>/dev/null)" != Z ]; do sleep 0.05; done
  rm -f "$file"
done

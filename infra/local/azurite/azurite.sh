#!/usr/bin/env bash
# azurite.sh [--attached] DIR [BLOB_PORT QUEUE_PORT]: Azure Storage's blobs and queues with their data in DIR, on loopback
# and free ports if none are given. Prints AzureWebJobsStorage=… once it accepts, and runs until it is ended.
# --attached: ends as well when its input closes, so that a killed test run leaves nothing.
# AZURITE_DIR: another place of what build.sh makes.
set -euo pipefail
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
fail() { # CODE MESSAGE HINT
  printf '%s\nHint: %s\n' "$2" "$3" >&2
  exit "$1"
}

attached=''
if [ "${1:-}" = --attached ]; then attached=yes && shift; fi
[ $# = 1 ] || [ $# = 3 ] || fail 2 "usage: azurite.sh [--attached] DIR [BLOB_PORT QUEUE_PORT]" "DIR keeps the data."
bundle=${AZURITE_DIR:-$(realpath -m "$here/../../../.deepsight/azurite")}
[ -n "${AZURITE_DIR:-}" ] || "$here/build.sh" "$bundle"
mkdir -p "$1" && cd "$1"

# The table service can't be left out; 0 lets it take any port. The version check would refuse newer SDKs.
node "$bundle/node_modules/azurite/dist/src/azurite.js" --location "$PWD" --silent --skipApiVersionCheck --disableTelemetry \
  --blobPort "${2:-0}" --queuePort "${3:-0}" --tablePort 0 </dev/null >azurite.out 2>&1 &
node=$!
trap 'kill $node 2>/dev/null || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

endpoint() { sed -nE "s|.*Azurite $1 service .*listen.* at (http://[0-9.:]+).*|\1|p" azurite.out; }
for _ in {1..300}; do
  blob=$(endpoint Blob) queue=$(endpoint Queue)
  [ -z "$blob" ] || [ -z "$queue" ] || break
  kill -0 $node 2>/dev/null || break
  sleep 0.1
done
if [ -z "$blob" ] || [ -z "$queue" ]; then
  tail -n 5 azurite.out >&2
  fail 1 "Azurite did not start." "the lines above say why; a port in use is the usual cause."
fi

# The account and key are the emulator's, the same everywhere and published.
echo "AzureWebJobsStorage=DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=$blob/devstoreaccount1;QueueEndpoint=$queue/devstoreaccount1;"
if [ -n "$attached" ]; then cat <&0 >/dev/null & fi
wait -n

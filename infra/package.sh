#!/usr/bin/env bash
# package.sh OUT.zip                       builds what is deployed to Azure: the publish for Azure and the bundled client beside it
# package.sh --assemble PUBLISHED OUT.zip  the same from a publish folder that is there already
# Exit codes: 0 done, 1 failed, 2 usage, 3 the client can't be built on this system (it needs Debian, amd64).
set -euo pipefail
root=$(dirname "$(dirname "$(realpath "$0")")")
client=$root/.deepsight/client
fail() { # CODE MESSAGE HINT
  printf '%s\nHint: %s\n' "$2" "$3" >&2
  exit "$1"
}

main() {
  [ $# = 1 ] || { [ $# = 3 ] && [ "$1" = --assemble ]; } || fail 2 "usage: package.sh [--assemble PUBLISHED] OUT.zip" "OUT.zip is the package to make, such as artifacts/deepsight.zip."
  local out work
  out=$(realpath -m "${*: -1}") work=$(mktemp -d)
  # shellcheck disable=SC2064  # its value of now
  trap "rm -rf '$work'" EXIT

  "$root/infra/postgres-client/build.sh" "$client"
  if [ $# = 3 ]; then
    [ -d "$2" ] || fail 2 "'$2' is no folder." "name a folder that 'dotnet publish -p:ForAzure=true' has made."
    cp -a "$2/." "$work/app"
  else
    publish "$work/app"
  fi
  assemble "$work/app"
  check "$work/app"
  archive "$work/app" "$out"
}

# Neither -warnaserror nor BaseIntermediateOutputPath: the worker's inner build would inherit them.
publish() {
  dotnet publish "$root/src/DeepSight.Functions" -c Release -p:ForAzure=true -o "$1" -nologo -v quiet ||
    fail 1 "The app could not be published for Azure." "the lines above say why; the official worker's packages must be in your NuGet feed."
}

# client/ is where the app looks for it (Core/Postgres/Clients/ClientFolders.cs). The package folder is read-only on Azure
# and may lose its mode bits on the way: the app copies the loader to a place where it may run.
assemble() {
  rm -rf "$1/client"
  mkdir "$1/client"
  cp -a "$client/." "$1/client"
  rm -f "$1/client/.recipe"
}

# What the Functions host looks for in a package, and what must never be in one. Azure would take the package without a word.
check() {
  local wanted
  for wanted in functions.metadata worker.config.json .azurefunctions host.json DeepSight.Functions.dll client/lib client/libexec; do
    holds "$1/$wanted" || fail 1 "The package has no '$wanted': Azure would show no functions, or no backup could run." "publish with -p:ForAzure=true and the official worker's SDK."
  done
  [ -n "$(find "$1/client/lib" -name 'ld-linux*.so.*')" ] || fail 1 "The package's client has no loader." "remove .deepsight/client and try again."
  for wanted in local.settings.json DeepSight.LocalHost.dll; do
    [ ! -e "$1/$wanted" ] || fail 1 "The package holds '$wanted', which has no place on Azure." "publish into an empty folder with -p:ForAzure=true."
  done
}
holds() { [ -s "$1" ] && { [ ! -d "$1" ] || [ -n "$(ls -A "$1")" ]; }; }

# By a rename: no half package is ever found there.
archive() {
  mkdir -p "$(dirname "$2")"
  dotnet msbuild "$root/infra/zip.proj" -nologo -v:quiet -p:From="$1" -p:To="$2.tmp" || fail 1 "The package could not be written to '$2'." "the lines above say why; a full disk is the usual cause."
  mv "$2.tmp" "$2"
  echo "$2: $(du -h "$2" | cut -f1), $(find "$1" -type f | wc -l) files"
}

main "$@"

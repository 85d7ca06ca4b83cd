#!/usr/bin/env bash
# build.sh OUT: grate, the migration tool whose journal ours shares, for the tests and the benchmark. OUT/grate runs it.
# From the NuGet feed that the build restores from.
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/grate."

build() {
  command -v dotnet >/dev/null || fail 3 "grate is a dotnet tool, and 'dotnet' is missing." "install the .NET SDK 10, or start the tests with ./deepsight test."
  # A user without a home (nobody, a service) has no place for dotnet's and NuGet's caches.
  [ -w "${HOME:-/nonexistent}" ] || local -x HOME=$1/.home
  local -x DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
  dotnet tool install grate --version 2.2.0 --tool-path "$1" >"$1/install.log" 2>&1 || {
    tail -n 5 "$1/install.log" >&2
    fail 1 "'dotnet tool install grate' failed: the package could not be fetched." "check the network and NuGet's sources ('dotnet nuget list source'), then try again."
  }
  # It comes for four frameworks, 250 MB each with the package; it runs on ours.
  find "$1/.store" \( -name '*.nupkg' -o -path '*/tools/net*' -prune ! -name net10.0 \) -exec rm -rf {} +
  rm -rf "$1/.home" "$1/install.log"
  "$1/grate" --help >/dev/null || fail 1 "grate does not start." "DOTNET_ROOT must name the runtime where it isn't in its usual place."
}

publish "$1" "grate" build

#!/usr/bin/env bash
# build.sh OUT: OUT/bicep, the compiler with Azure's types, from NuGet. infra/azure/check.sh runs it.
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/bicep."
package=azure.bicep.commandline.linux-x64

build() {
  local out=$1 work=$1.work hint="the Azure files can't be checked here; nothing else needs it."
  command -v dotnet >/dev/null || fail 3 "The Bicep compiler comes from NuGet, and 'dotnet' is missing." "$hint"
  [ "$(uname -m)" = x86_64 ] || fail 3 "This is built for amd64 only, and this machine is $(uname -m)." "$hint"
  mkdir -p "$work"
  cp "$here/bicep.csproj" "$work/"
  # A project of its own: nothing of the solution's settings applies, and its obj folder lies beside its copy.
  (cd "$work" && dotnet restore bicep.csproj --packages "$work/packages" -nologo -v quiet --disable-build-servers \
    -p:ImportDirectoryBuildProps=false -p:ImportDirectoryPackagesProps=false </dev/null >restore.log 2>&1) || {
    tail -n 5 "$work/restore.log" >&2
    fail 1 "The Bicep compiler could not be fetched from NuGet." "check the network and the NuGet sources (dotnet nuget list source), then try again."
  }
  mkdir -p "$out/licenses"
  cp "$work/packages/$package"/*/tools/bicep "$out/bicep"
  cp "$work/packages/$package"/*/ThirdPartyNotices.txt "$out/licenses/"
  chmod 755 "$out/bicep"
  rm -rf "$work"
  DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$out/bicep" --version >/dev/null || fail 1 "The Bicep compiler does not start." "$hint"
}

publish "$1" "the Bicep compiler" build

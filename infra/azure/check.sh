#!/usr/bin/env bash
# check.sh [FOLDER]: compiles the Bicep files of FOLDER (this one). Any warning fails: a property that doesn't exist is only
# a warning to Bicep and would be ignored by Azure without a word.
# Exit codes: 0 clean, 1 not, 3 the compiler can't be had on this machine.
set -euo pipefail
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
folder=${1:-$here}
compiler=$(realpath -m "$here/../../.deepsight/bicep")
"$here/../local/bicep/build.sh" "$compiler"

# No globalization data is needed, and none may be there. What the parameters file reads is named here, with nothing in it.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
export DATABASE_URL=checked ALERT_EMAIL=checked@example.org

said=$(
  for file in "$folder"/*.bicep; do "$compiler/bicep" build "$file" --stdout 2>&1 >/dev/null || echo "$file: not compiled"; done
  for file in "$folder"/*.bicepparam; do
    [ ! -e "$file" ] || "$compiler/bicep" build-params "$file" --stdout 2>&1 >/dev/null || echo "$file: not compiled"
  done
)
if [ -n "$said" ]; then
  sort -u <<<"$said" >&2
  printf 'The Bicep files have warnings or errors.\nHint: the lines above name them.\n' >&2
  exit 1
fi

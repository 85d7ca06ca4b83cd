#!/usr/bin/env bash
# check.sh: what can be said of the Dockerfile without a Docker engine: its syntax, that every file it copies is there, and
# that every script it runs can be run. Exit codes: 0 clean, 1 not, 3 the linter can't be had on this machine.
set -euo pipefail
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
root=$(realpath "$here/../..")
linters=$root/.deepsight/linters
"$here/../local/linters/build.sh" "$linters"

wrong=0
say() { echo "$1" >&2 && wrong=1; }
found=$(node "$linters/node_modules/dockerfile-utils/bin/dockerfile-utils" lint "$here/Dockerfile") || say "$found"

# COPY SOURCE... TARGET, unless it is from another stage.
while read -r -a words; do
  for source in "${words[@]:1:${#words[@]}-2}"; do
    [ -e "$root/$source" ] || say "Dockerfile copies '$source', which is not there."
    grep -qE "^!${source%%/*}$" "$here/Dockerfile.dockerignore" || say "Dockerfile copies '$source', which .dockerignore keeps away."
  done
done < <(grep -E '^COPY ' "$here/Dockerfile" | grep -v -- --from)
[ "$wrong" = 0 ]

#!/usr/bin/env bash
# check.sh [FILE...]: the workflows (.github/workflows/*.yml) under actionlint; their scripts under shellcheck where it is
# installed. Exit codes: 0 clean, 1 not, 3 actionlint can't be had on this machine.
set -euo pipefail
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
linter=$(realpath -m "$here/../.deepsight/linters")
"$here/../infra/local/linters/build.sh" "$linter"
[ $# -gt 0 ] || set -- "$here"/workflows/*.yml
NODE_PATH=$linter/node_modules node "$here/check.js" "$@"

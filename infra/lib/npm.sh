# shellcheck shell=bash
# npm_ci FOLDER DIR HINT: installs what FOLDER's lock file pins into DIR/node_modules. The lock files carry checksums but
# no addresses, so that npm asks whichever registry this machine is configured for.
npm_ci() {
  local tool
  for tool in node npm; do
    command -v "$tool" >/dev/null || fail 3 "This comes from npm, and '$tool' is missing." "$3"
  done
  mkdir -p "$2"
  cp "$1/package.json" "$1/package-lock.json" "$2/"
  # A user without a home (nobody, a service) has no place for npm's cache.
  [ -w "${HOME:-/nonexistent}" ] || local -x npm_config_cache=$2/.npm
  # Packages' install scripts are not wanted: newer versions of npm don't run them anyway.
  (cd "$2" && npm ci --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error >npm.log 2>&1) || {
    grep -vE '^npm (error|ERR!)( A complete log| *$)' "$2/npm.log" | tail -n 5 >&2 || true
    fail 1 "'npm ci' failed: the packages could not be fetched." "check the network and npm's registry setting, then try again."
  }
  rm -rf "$2/.npm" "$2/npm.log"
}

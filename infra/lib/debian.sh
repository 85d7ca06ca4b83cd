# shellcheck shell=bash
# Unpacks Debian packages of any suite, with everything they depend on, without installing anything.
# The system's apt is left alone: configuration, lists and an empty dpkg status (so that the whole closure is named)
# are private. The archive's address is the one that this system uses; apt checks the signatures as it always does.

# Exits with 3 where the packages can't be had, since there the system's own programs are what serves.
need_debian() {
  local id='' tool
  # shellcheck source=/dev/null
  id=$(. /etc/os-release 2>/dev/null && echo "${ID:-}") || true
  [ "$id" = debian ] || fail 3 "This is built from Debian's packages, and this system is ${id:-not Debian}." "$1"
  for tool in apt-get dpkg dpkg-deb flock; do
    command -v "$tool" >/dev/null || fail 3 "This is built from Debian's packages, and '$tool' is missing." "$1"
  done
  [ "$(dpkg --print-architecture)" = amd64 ] || fail 3 "This is built for amd64 only, and this machine is $(dpkg --print-architecture)." "$1"
  [ -n "$(keyring)" ] || fail 3 "Debian's archive keys are missing." "install debian-archive-keyring; until then: $1"
  [ -n "$(archive)" ] || fail 3 "This system's apt sources name no Debian archive." "add one to /etc/apt/sources.list.d; until then: $1"
}

# unpack SUITE DIR SKIP PACKAGE...: DIR/files gets the files, DIR/packages.txt the versions.
# SKIP: a Perl expression for the dependencies that the programs in question never load.
unpack() {
  local suite=$1 dir=$2 skip=$3 apt=$2/apt names
  shift 3
  mkdir -p "$apt"/{lists/partial,cache/archives/partial,parts} "$dir/debs" "$dir/files"
  : >"$apt/status"
  write_sources "$suite" >"$apt/sources.list"
  write_configuration "$apt" >"$apt/apt.conf"
  local -x APT_CONFIG=$apt/apt.conf LC_ALL=C

  quiet "$apt/log" apt-get update -q
  quiet "$apt/log" apt-get install --print-uris -q "$@"
  names=$(awk -F"[ ']+" '/^\047/ {sub(/_.*/, "", $3); print $3}' "$apt/log" | grep -vxP "$skip")
  # shellcheck disable=SC2086  # a list of package names
  (cd "$dir/debs" && quiet "$apt/log" apt-get download -q $names)
  for deb in "$dir"/debs/*.deb; do quiet "$apt/log" dpkg-deb -x "$deb" "$dir/files"; done
  find "$dir/debs" -name '*.deb' -printf '%f\n' | sort | sed -E "s/%3a/:/; s/_([^_]*)_.*/ \1 ($suite)/" >"$dir/packages.txt"
  # Before trixie the packages still divide their files between / and /usr.
  [ ! -d "$dir/files/lib" ] || { cp -al "$dir/files/lib" "$dir/files/usr/" && rm -rf "$dir/files/lib"; }
  rm -rf "$dir/debs" "$apt"
}

# apt's own words are kept for the one case in which they are wanted.
quiet() {
  local log=$1
  shift
  timeout 600 "$@" </dev/null >"$log" 2>&1 || {
    grep -E '^(E|W|Err)' "$log" | tail -n 5 >&2 || tail -n 5 "$log" >&2
    fail 1 "'$1 ${2:-}' failed: the packages could not be fetched or unpacked." "check the network, the disk and that 'apt-get update' works on this system, then try again."
  }
}

write_sources() {
  local security
  echo "deb [signed-by=$(keyring)] $(archive) $1 main"
  security=$(system_uris | grep -E '/debian-security(/[0-9TZ]+)?$' | head -n 1) || true
  [ -z "$security" ] || echo "deb [signed-by=$(keyring)] $security $1-security main"
}

# Of the system's settings only how to fetch (a proxy, say) is taken over: none of its hooks, and nothing that would
# accept an unsigned archive.
write_configuration() {
  apt-config dump | grep -E '^Acquire::' | grep -vE '^Acquire::(IndexTargets|Languages|Allow|Changelogs|CompressionTypes)'
  cat <<CONF
Dir::Etc::main "/dev/null"; Dir::Etc::parts "$1/parts"; Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "$1/parts";
Dir::Etc::sourcelist "$1/sources.list"; Dir::Etc::sourceparts "$1/parts";
Dir::State "$1"; Dir::State::lists "$1/lists"; Dir::State::status "$1/status"; Dir::Cache "$1/cache";
APT::Architecture "amd64"; APT::Architectures { "amd64"; }; APT::Install-Recommends "false"; APT::Sandbox::User "";
APT::Update::Error-Mode "any"; Acquire::Retries "3"; Acquire::Languages "none";
Acquire::AllowInsecureRepositories "false"; Acquire::AllowWeakRepositories "false"; Acquire::AllowDowngradeToInsecureRepositories "false";
CONF
}

# The address of Debian's archive as apt reads it from either kind of source file. Other vendors' archives have a
# component "main" as well, so the usual path is preferred and the release's code name is the second choice.
archive() {
  local codename
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-none}")
  { system_uris | grep -E '/debian(/[0-9TZ]+)?$' || system_uris "$codename"; } | head -n 1
}
system_uris() {
  local release=${1:-"[^']+"}
  apt-get update --print-uris 2>/dev/null | sed -nE "s|^'([^']+[^/])/+dists/$release/main/binary-amd64/Packages.*|\1|p"
}
keyring() { find /usr/share/keyrings -name 'debian-archive-keyring.[gp]*' 2>/dev/null | sort | head -n 1; }

# bundle_libraries ROOT LIB ELF...: copies the loader and what it lists for these programs, so that they run anywhere.
bundle_libraries() {
  local root=$1/usr/lib/x86_64-linux-gnu lib=$2 missing
  local path=$root:$root/ceph # a folder of its own, which Ceph's programs name by its absolute path
  shift 2
  mkdir -p "$lib"
  for elf in "$@"; do
    "$root/ld-linux-x86-64.so.2" --inhibit-cache --library-path "$path" --list "$elf" || echo "$elf misses a library => not found"
  done | sed -nE 's/^\s*(.* => not found.*|.* => (.*) \(0x[0-9a-f]+\))$/\2\t\1/p' | sort -u >"$lib.list"
  # The loader also looks into the system's folders, which another system will not have.
  missing=$(grep -vF "$root/" "$lib.list" | cut -f2) || true
  [ -z "$missing" ] || fail 1 "A library is not among the packages: $(head -n 1 <<<"$missing")" "the archive may be in the middle of an update; try again later."
  cut -f1 "$lib.list" | sort -u | xargs -rd '\n' cp -Lt "$lib"
  # Loaded by name while a thread ends, so that no listing shows it.
  cp -L "$root/ld-linux-x86-64.so.2" "$root/libgcc_s.so.1" "$lib/"
  rm "$lib.list"
}

# keep_licenses ROOT DIR: the terms of everything that was unpacked.
keep_licenses() {
  mkdir -p "$2"
  for file in "$1"/usr/share/doc/*/copyright; do cp -L "$file" "$2/$(basename "$(dirname "$file")")"; done
}

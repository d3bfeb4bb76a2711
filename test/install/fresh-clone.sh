#!/bin/sh
# Installs the committed tree as a newcomer would: fresh clone, empty HOME, empty cache. Needs the network and half a minute.
#   test/install/fresh-clone.sh                      npm ci with the npm on the PATH
#   test/install/fresh-clone.sh npx npm@12 install   any other command
# Fails on an error, a warning about install scripts, a changed lock file, or a psn that does not start.
set -eu
here=$(CDPATH='' cd -P -- "$(dirname -- "$0")/../.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet "$here" "$work/psn"
mkdir "$work/home"
cd "$work/psn"
HOME=$work/home
export HOME
[ "$#" -gt 0 ] || set -- npm ci
printf 'node %s, npm %s: %s\n' "$(node --version)" "$(npm --version 2>/dev/null)" "$*"
begin=$(date +%s)
"$@" >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }
printf '%s s, %s MB\n' "$(($(date +%s) - begin))" "$(du -sm node_modules | cut -f1)"
if grep -E 'npm error|install-scripts|gyp|deprecated' "$work/said"; then exit 1; fi
grep warn "$work/said" || true
git diff --exit-code --stat -- package-lock.json
cd "$work"
psn/bin/psn --help >/dev/null
psn/node_modules/.bin/bun --version

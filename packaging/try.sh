#!/bin/sh
# Try Wardlamp: sets this machine up, then opens a demonstration hospital in a throw-away vault.
# With a screen it opens the window; without one it leaves pictures of every screen and a PDF of each form.
#
#   sh packaging/try.sh [FOLDER FOR PICTURES]     (default ./wardlamp-demo)
set -eu
cd "$(dirname "$0")/.."
. packaging/setup.sh

# shellcheck disable=SC2086  # a list of names
need_packages $QT_PACKAGES
need_environment
wardlamp=.venv/bin/wardlamp
screens=${1:-wardlamp-demo}

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec "$wardlamp" demo
fi
"$wardlamp" demo --screens "$screens" >/dev/null
printf 'No screen here, so Wardlamp left pictures and forms in %s:\n' "$screens"
find "$screens" -type f | sort | sed 's/^/  /'

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

# Until the demonstration stands: fill the corpus into a throw-away vault and list what it holds.
show_corpus() {
    throw_away=$(mktemp -d)
    trap 'rm -rf "$throw_away"' EXIT
    trap 'exit 130' INT TERM
    WARDLAMP_VAULT="$throw_away/vault"
    WARDLAMP_SECRET_FILE="$throw_away/secret"
    export WARDLAMP_VAULT WARDLAMP_SECRET_FILE
    printf 'a secret for trying only\n' >"$WARDLAMP_SECRET_FILE"
    "$wardlamp" init --staff 'Try Wardlamp' --kdf floor || stop "Wardlamp cannot make a vault yet."
    "$wardlamp" fill tests/corpus
    "$wardlamp" generation list
    for letter in a b c d e f g h i j k l m n o p q r s t u v w x y z; do
        "$wardlamp" find "$letter" --limit 100
    done | sort -u | sort -k 2
}

if ! "$wardlamp" demo --help >/dev/null 2>&1; then
    show_corpus
elif [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    "$wardlamp" demo
else
    "$wardlamp" demo --screens "$screens"
    printf '\nNo screen here, so Wardlamp left pictures and forms in %s:\n' "$screens"
    find "$screens" -type f | sort | sed 's/^/  /'
fi

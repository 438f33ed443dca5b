#!/bin/sh
# Check Wardlamp: sets this machine up, then lint, format, types, import contracts, tests. Stops at the first failure.
#
#   sh packaging/check.sh [--long] [PYTEST ARGUMENT…]
#
# --long runs every test with its full counts, and the benchmarks against their budgets.
set -eu
cd "$(dirname "$0")/.."
. packaging/setup.sh

if [ "${1:-}" = "--long" ]; then
    shift
    WARDLAMP_LONG=1
    export WARDLAMP_LONG
fi

# npm often comes from elsewhere than the distribution, so its package is wanted only where there is none.
command -v npm >/dev/null 2>&1 || CHECK_PACKAGES="$CHECK_PACKAGES npm"
# shellcheck disable=SC2086  # a list of names
need_packages $QT_PACKAGES $CHECK_PACKAGES
need_environment
need_test_servers

PATH="$(pwd)/.venv/bin:$PATH"
LC_ALL=C.UTF-8
export PATH LC_ALL

say "Lint"
ruff check --quiet .
say "Format"
ruff format --check --quiet .
say "Types"
mypy
say "Import contracts"
lint-imports --no-logo

# A few tests need a real X11 server and a window manager: shortcuts and active windows do not exist offscreen.
# shellcheck disable=SC2046  # a list of files
if grep -rqs 'mark\.xvfb' tests; then
    say "Tests under Xvfb"
    QT_QPA_PLATFORM=xcb xvfb-run -a -s '-screen 0 1366x768x24' sh -c '
        openbox >/dev/null 2>&1 &
        manager=$!
        status=0
        python -m pytest -q -m xvfb $(grep -rls --include="*.py" "mark\.xvfb" tests) "$@" || status=$?
        kill "$manager" 2>/dev/null || true
        wait "$manager" 2>/dev/null || true
        [ "$status" -eq 5 ] || exit "$status"
    ' sh "$@"
fi

# Two at a time; the tests of one file stay together, so that what a file starts is started once. In the order of the
# tree: the long stories first, so that both workers end together.
say "Tests"
QT_QPA_PLATFORM=offscreen python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --benchmark-disable -m 'not bench' "$@"

# What is measured runs alone.
if [ -n "${WARDLAMP_LONG:-}" ]; then
    say "Benchmarks"
    QT_QPA_PLATFORM=offscreen python -m pytest -m bench "$@"
fi

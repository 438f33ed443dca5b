# Shared by try.sh and check.sh, which source it after `cd` to the root. POSIX sh.
#
# Sets up a Debian or Ubuntu machine: system libraries, a virtual environment in .venv, Wardlamp in it. What is there
# already is left alone, and once everything matches, nothing here touches the network. Nothing is installed without
# root: then the one line that an administrator must run is printed.

QT_PACKAGES="libgl1 libegl1 libdbus-1-3 libxkbcommon0 libfontconfig1 libglib2.0-0
    libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0"
CHECK_PACKAGES="xvfb xauth openbox faketime poppler-utils cups cups-client cups-filters cups-ipp-utils avahi-daemon dbus
    orthanc orthanc-dicomweb dcmtk nginx-light"

say() { printf '%s\n' "== $*" >&2; }
stop() { printf '%s\n' "$*" >&2; exit 1; }

# npm, openbox and the font cache write into the home folder; a service user often has none.
if [ ! -w "${HOME:-/nonexistent}" ]; then
    HOME="$(pwd)/.cache/home"
    mkdir -p "$HOME"
    export HOME
fi

# From Debian 13 and Ubuntu 24.04 on, some libraries are named with t64 at the end; apt takes either name.
is_installed() {
    for name in "$1" "$1t64"; do
        case "$(dpkg-query -W -f='${Status}' "$name" 2>/dev/null)" in
            *" installed") return 0 ;;
        esac
    done
    return 1
}

python_is_enough() {
    command -v python3 >/dev/null 2>&1 &&
        python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# missing_packages PACKAGE…: those that this machine lacks, on one line.
missing_packages() {
    missing=""
    command -v python3 >/dev/null 2>&1 || missing="python3"
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
    for package in "$@"; do
        is_installed "$package" || missing="$missing $package"
    done
    printf '%s' "${missing# }"
}

# need_packages PACKAGE…: installs what is missing, or says what an administrator must run.
need_packages() {
    if ! command -v dpkg-query >/dev/null 2>&1; then
        say "This is neither Debian nor Ubuntu: system libraries are not checked (wanted: $*)."
        return 0
    fi
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    line="apt-get install -y --no-install-recommends $missing"
    if [ "$(id -u)" -ne 0 ]; then
        stop "Some system packages are missing. An administrator must run this one line, then start again:

    sudo $line
"
    fi
    say "Installing system packages: $missing"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    apt-get update -q >&2 || say "The list of packages could not be renewed; trying with the one that is here."
    # The tests start servers of their own (a PACS, a web server): the packages' services stay off.
    policy=""
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        policy=/usr/sbin/policy-rc.d
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    # shellcheck disable=SC2086  # the words of the line are the arguments
    $line >&2 && installed=yes || installed=""
    [ -z "$policy" ] || rm -f "$policy"
    [ -n "$installed" ] || stop "The packages could not be installed (on Ubuntu the component universe must be on). Run: $line"
}

# fingerprint FILE…: changes when a file, the folder or the Python does.
fingerprint() {
    { pwd; python3 -c 'import sys; print(sys.version, sys.base_prefix)'; cat "$@"; } | sha256sum | cut -d' ' -f1
}

# need_environment: .venv with Wardlamp and its test tools, renewed only when it does not match pyproject.toml.
need_environment() {
    python_is_enough || stop "Wardlamp needs Python 3.11 or newer; python3 here is $(python3 --version 2>&1)."
    wanted=$(fingerprint pyproject.toml)
    if [ -x .venv/bin/wardlamp ] && [ "$(cat .venv/ground 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    say "Setting up .venv (once; needs the network)"
    # Commands in a copied or moved .venv still call the old place, so such a one is made anew.
    if ! .venv/bin/python -c '' 2>/dev/null || ! grep -qsF "$(pwd)/.venv/" .venv/bin/pip; then
        [ ! -L .venv ] || rm .venv # what a link leads to is another checkout's, and is not cleared
        python3 -m venv --clear .venv || stop "The virtual environment could not be made in $(pwd)/.venv."
    fi
    .venv/bin/python -m pip install -qq --disable-pip-version-check -e '.[test]' >&2 ||
        stop "The Python packages could not be installed: is the network up?"
    printf '%s\n' "$wanted" >.venv/ground
}

# need_fhir_profiles: the International Patient Summary's definitions, which our documents are checked against. The
# package names others that npm does not have, so it is fetched alone and checked by its hash.
need_fhir_profiles() {
    name=hl7.fhir.uv.ips-2.0.0
    [ -f ".cache/$name/package/package.json" ] && return 0
    say "Fetching the definitions of the International Patient Summary (once; needs the network)"
    mkdir -p ".cache/$name"
    (cd ".cache/$name" && npm pack hl7.fhir.uv.ips@2.0.0 --silent >&2) ||
        stop "The package hl7.fhir.uv.ips could not be fetched: is the network up?"
    printf '%s  %s\n' 4a5cff17580f869140614ac51097d81540c63644d550ced8d4cd9b9bce7345c4 ".cache/$name/$name.tgz" |
        sha256sum -c --quiet >&2 || stop "The package hl7.fhir.uv.ips is not the one that we know."
    tar -xzf ".cache/$name/$name.tgz" -C ".cache/$name"
}

# need_test_servers: the npm packages of the FHIR router and the MLLP peer that we are tested against.
need_test_servers() {
    need_fhir_profiles
    servers=tests/servers/node
    [ -f "$servers/package.json" ] || return 0
    wanted=$(fingerprint "$servers/package.json" "$servers/package-lock.json")
    [ "$(cat "$servers/node_modules/.ground" 2>/dev/null)" = "$wanted" ] && return 0
    say "Setting up the test servers (once; needs the network)"
    (cd "$servers" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
        stop "The npm packages of the test servers could not be installed: is the network up?"
    printf '%s\n' "$wanted" >"$servers/node_modules/.ground"
}

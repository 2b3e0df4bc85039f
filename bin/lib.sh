# shellcheck shell=bash
# What the scripts beside this one share. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Where cargo puts what it builds.
# shellcheck disable=SC2034
target=${CARGO_TARGET_DIR:-$root/target}

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "${0##*/}: $*"
    exit 1
}

# Runs a command that has nothing to say unless it fails.
quietly() {
    local log
    log=$(mktemp)
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Whether one of `this|that|/usr/lib/*/other` is there: a command, or a path if there is a slash.
present() {
    local IFS='|' candidate
    # Unquoted on purpose: parts at `|` and expands patterns.
    for candidate in $1; do
        case $candidate in
            */*) if [ -e "$candidate" ]; then return 0; fi ;;
            *) if command -v "$candidate" >/dev/null 2>&1; then return 0; fi ;;
        esac
    done
    return 1
}

# need_packages <Debian package>:<probe> …
# Installs the packages whose probe (see `present`) finds nothing.
need_packages() {
    local pair missing=()
    for pair in "$@"; do
        present "${pair#*:}" || missing+=("${pair%%:*}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    command -v apt-get >/dev/null 2>&1 ||
        fail "please install ${missing[*]} (Debian's names; use brew, dnf or the like) and run this again"
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
        fail "please run as root: apt-get install ${missing[*]}"
    fi
    say "Installing ${missing[*]} …"
    install_packages "${missing[@]}" || fail "apt-get could not install ${missing[*]}"
}

install_packages() (
    # Portico runs a PostgreSQL of its own: Debian need not make and start one as well. The setting
    # holds for this one installation; where Debian's PostgreSQL is used already, it is not touched.
    if ! present '/etc/postgresql/*/*'; then
        setting=/etc/postgresql-common/createcluster.d/portico-install.conf
        trap 'as_root rm -f "$setting"' EXIT
        as_root sh -c "mkdir -p ${setting%/*} && echo 'create_main_cluster = false' >$setting" || exit 1
    fi
    quietly as_root apt-get update &&
        quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes \
            --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
)

# Rust, and what it needs to build Portico.
need_build_tools() {
    if ! command -v cargo >/dev/null 2>&1; then
        # Where rustup puts it, for shells that have not read their profile.
        PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
        command -v cargo >/dev/null 2>&1 || fail "Rust is missing; see https://rustup.rs"
    fi
    need_packages \
        build-essential:cc \
        ca-certificates:'/etc/ssl/certs/ca-certificates.crt|/etc/ssl/cert.pem|/etc/pki/tls/certs/ca-bundle.crt' \
        pkg-config:'pkg-config|pkgconf' \
        libpq-dev:'/usr/include/postgresql/libpq-fe.h|/usr/include/libpq-fe.h|/opt/homebrew/opt/libpq/include/libpq-fe.h|/opt/homebrew/opt/postgresql@*/include/*/libpq-fe.h|/usr/local/opt/libpq/include/libpq-fe.h|/usr/local/opt/postgresql@*/include/*/libpq-fe.h'
}

# The server programs, for the portal's own PostgreSQL.
need_postgres() {
    [ -z "${PORTICO_POSTGRES_BIN:-}" ] || return 0
    need_packages \
        postgresql:'initdb|/usr/lib/postgresql/*/bin/initdb|/usr/pgsql-*/bin/initdb|/usr/lib/postgresql*/bin/initdb|/usr/libexec/postgresql*/initdb|/opt/homebrew/opt/postgresql@*/bin/initdb|/usr/local/opt/postgresql@*/bin/initdb|/usr/local/pgsql/bin/initdb'
}

# The tests that use it want Node.js 20; Debian 12 has 18, which can at least fetch a newer one.
need_node() {
    local version=22.23.3 package
    need_packages nodejs:node npm:npm
    [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ] || return 0
    package=node-linux-$(node -p process.arch)
    if ! [ -x "$target/node/node_modules/$package/bin/node" ]; then
        say "Installing Node.js $version for tests …"
        mkdir -p "$target/node"
        quietly npm install --prefix "$target/node" --no-save --no-audit --no-fund --ignore-scripts \
            "$package@$version"
    fi
    PATH=$target/node/node_modules/$package/bin:$PATH
}

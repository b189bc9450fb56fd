#!/bin/sh
# Builds the Debian package and takes it through its life: install, run, upgrade, remove, purge. Needs root, dpkg and
# cargo-deb; changes the machine that it runs on, and puts it back. `cargo xtask check --long` calls it.
#   WRIT_BINARY=target/debug/writ packaging/test-deb.sh     packs this program instead of one built with the profile dist
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
server=

say() { printf '==> %s\n' "$*"; }
fail() {
    printf 'FAILED: %s\n' "$*" >&2
    [ -f "$work/log" ] && cat "$work/log" >&2
    exit 1
}
cleanup() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    dpkg --purge writ >/dev/null 2>&1 || true
    rm -rf "$work"
}

if dpkg -s writ >/dev/null 2>&1; then
    printf 'writ is installed on this machine already: this test would remove it\n' >&2
    exit 1
fi
trap cleanup EXIT INT TERM

say build
pack() {
    packaging/build-deb.sh "$1" "$work/writ-$1.deb" --fast >"$work/log" 2>&1 || fail "build $1"
}
pack 0.1.0-1
pack 0.1.0-2

mode() { stat -c '%U:%G %a' "$1"; }
is() { [ "$2" = "$3" ] || fail "$1: $2, not $3"; }

say install
dpkg --install "$work/writ-0.1.0-1.deb" >"$work/log" 2>&1 || fail install
getent passwd writ >/dev/null || fail "there is no user writ"
is "data folder" "$(mode /var/lib/writ)" "writ:writ 700"
is "configuration folder" "$(mode /etc/writ)" "root:writ 750"
is "configuration" "$(mode /etc/writ/writ.toml)" "root:writ 640"
is "program" "$(mode /usr/bin/writ)" "root:root 755"
# In the package, not on the disk: some machines leave out documentation.
dpkg --contents "$work/writ-0.1.0-1.deb" >"$work/contents"
for file in usr/lib/systemd/system/writ.service usr/lib/systemd/system/writ.socket usr/share/man/man1/writ.1.gz \
    usr/share/man/man1/writ-doctor.1.gz usr/share/bash-completion/completions/writ usr/share/zsh/vendor-completions/_writ \
    usr/share/fish/vendor_completions.d/writ.fish usr/share/doc/writ/configuration.md; do
    grep -q "/$file" "$work/contents" || fail "$file is missing"
done
if command -v systemd-analyze >/dev/null; then
    systemd-analyze verify --man=no /usr/lib/systemd/system/writ.service /usr/lib/systemd/system/writ.socket \
        >"$work/log" 2>&1 || fail "the units are not right"
    # Its exposure, times ten: 16 with systemd 252.
    systemd-analyze security --offline=true --threshold=25 /usr/lib/systemd/system/writ.service \
        >"$work/log" 2>&1 || fail "the unit is not hardened enough"
fi

# As the unit would start it: its user, its command line. Words of one command, so that the process in the background
# becomes the server and hears the signals that are sent to it.
writ="setpriv --reuid=writ --regid=writ --clear-groups --no-new-privs -- env -i PATH=/usr/bin:/bin /usr/bin/writ"
as_unit() { $writ "$@"; }
start() {
    $writ serve --config /etc/writ/writ.toml --listen localhost:18080 --metrics-listen off >"$work/log" 2>&1 &
    server=$!
    i=0
    until as_unit healthcheck --config /etc/writ/writ.toml --listen localhost:18080 >/dev/null 2>&1; do
        i=$((i + 1))
        [ "$i" -lt 150 ] || fail "it does not get ready"
        kill -0 "$server" 2>/dev/null || fail "it has ended"
        sleep 0.2
    done
}
stop() {
    kill -TERM "$server"
    wait "$server" || fail "it did not end well"
    server=
}
if [ ! -d /run/systemd/system ]; then
    say "run"
    as_unit config check --config /etc/writ/writ.toml >/dev/null || fail "config check"
    start
    is "first credentials" "$(mode /var/lib/writ/bootstrap.json)" "writ:writ 600"
    as_unit doctor --config /etc/writ/writ.toml --listen localhost:18080 --metrics-listen off \
        --issuer http://localhost:18080 >"$work/log" 2>&1 || fail doctor
    stop
fi

say upgrade
printf '\nlog_filter = "info"\n' >>/etc/writ/writ.toml
dpkg --install "$work/writ-0.1.0-2.deb" >"$work/log" 2>&1 || fail upgrade
is version "$(dpkg-query -W -f '${Version}' writ)" 0.1.0-2
grep -q '^log_filter' /etc/writ/writ.toml || fail "the upgrade replaced the configuration"
is "configuration" "$(mode /etc/writ/writ.toml)" "root:writ 640"
if [ ! -d /run/systemd/system ]; then
    [ -f /var/lib/writ/writ.db ] || fail "the upgrade lost the data"
    start
    stop
fi
say "install again (scripts run twice)"
dpkg --install "$work/writ-0.1.0-2.deb" >"$work/log" 2>&1 || fail "second install"

say remove
dpkg --remove writ >"$work/log" 2>&1 || fail remove
[ ! -e /usr/bin/writ ] || fail "the program is left"
[ -d /var/lib/writ ] || fail "remove took the data"
[ -f /etc/writ/writ.toml ] || fail "remove took the configuration"

say purge
dpkg --purge writ >"$work/log" 2>&1 || fail purge
[ ! -e /var/lib/writ ] || fail "the data is left"
[ ! -e /etc/writ ] || fail "the configuration is left"
if getent passwd writ >/dev/null; then fail "the user is left"; fi
if getent group writ >/dev/null; then fail "the group is left"; fi
say "the package installs, runs, upgrades, removes and purges"

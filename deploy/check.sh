#!/bin/sh
# Checks the files of this folder with the programs that read them. Needs root, as it starts PostgreSQL under its own user.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=id.example.com -days 1 \
    -keyout "$work/key" -out "$work/certificate" 2>/dev/null
mkdir "$work/certs"
cat "$work/certificate" "$work/key" >"$work/certs/id.pem"
sed "s#/etc/haproxy/certs/#$work/certs/#" haproxy.cfg >"$work/haproxy.cfg"
haproxy -c -q -f "$work/haproxy.cfg"
echo "haproxy.cfg: read"

caddy validate --adapter caddyfile --config Caddyfile >"$work/caddy" 2>&1 || { cat "$work/caddy"; exit 1; }
echo "Caddyfile: read"

python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate
"$work/python/bin/kubernetes-validate" --kubernetes-version 1.34 --strict kubernetes.yaml
"$work/python/bin/python" - <<'PYTHON'
import yaml

compose = yaml.safe_load(open("compose.yaml"))
for name, service in compose["services"].items():
    for secret in service.get("secrets", []):
        assert secret in compose["secrets"], f"{name}: {secret}"
    for network in service.get("networks", []):
        assert network in compose["networks"], f"{name}: {network}"
    depends = service.get("depends_on", [])
    assert all(other in compose["services"] for other in depends), name
print("compose.yaml: read")
PYTHON

binaries=$(dirname "$(ls /usr/lib/postgresql/*/bin/postgres | tail -n 1)")
install -d -o postgres "$work/data"
cp postgresql.conf "$work/settings"
runuser -u postgres -- "$binaries/initdb" --pgdata "$work/data" >"$work/initdb"
echo "include = '$work/settings'" >>"$work/data/postgresql.conf"
runuser -u postgres -- "$binaries/pg_ctl" -D "$work/data" -w -o "-k $work/data -c listen_addresses=" \
    -l "$work/data/log" start >/dev/null || { cat "$work/data/log"; exit 1; }
seen=$(runuser -u postgres -- psql -h "$work/data" -Atc 'SHOW max_wal_size' postgres)
runuser -u postgres -- "$binaries/pg_ctl" -D "$work/data" -w stop >/dev/null
test "$seen" = 4GB
echo "postgresql.conf: started with"

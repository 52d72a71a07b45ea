#!/bin/bash
# What an operator types, by docs/guide/install.md and docs/guide/operator.md, on a machine that has nothing yet.
# PGPORT and NPN_PORT are free ports: the machine shares its network with the one that it is tried on.
set -eux -o pipefail
cd /root

python3 -m venv /opt/npn
/opt/npn/bin/pip install --quiet --no-index --find-links /opt/wheels './npn-platform[server,postgres]'
useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin npn
install -d -o root -g npn -m 0750 /etc/npn
install -d -o npn -g npn -m 0750 /var/lib/npn
install -d -o npn -g npn -m 0750 /mnt/other
npn=/opt/npn/bin/npn

# There is no systemd to start PostgreSQL here.
bin=$(echo /usr/lib/postgresql/*/bin)
install -d -o postgres -g postgres /srv/pg
runuser -u postgres -- "$bin/initdb" -D /srv/pg/data --auth-host=scram-sha-256 --auth-local=trust --encoding=UTF8 >/dev/null
runuser -u postgres -- "$bin/pg_ctl" -D /srv/pg/data -l /srv/pg/log -o "-p $PGPORT -k /srv/pg" -w start >/dev/null
trap 'kill $server 2>/dev/null || true; runuser -u postgres -- "$bin/pg_ctl" -D /srv/pg/data -m immediate stop >/dev/null' EXIT
server=
psql() { runuser -u postgres -- "$bin/psql" -h /srv/pg -v ON_ERROR_STOP=1 -q "$@"; }
psql <<'SQL'
CREATE ROLE npn_owner LOGIN PASSWORD 'owner';
CREATE ROLE npn LOGIN PASSWORD 'servers';
CREATE DATABASE npn OWNER npn_owner ENCODING 'UTF8' TEMPLATE template0;
CREATE ROLE npn_service NOLOGIN;
GRANT npn_service TO npn_owner WITH ADMIN OPTION;
\c npn
CREATE EXTENSION btree_gist;
SQL

$npn admin secrets new-key /etc/npn/secrets.key
chown root:npn /etc/npn/secrets.key
chmod 0640 /etc/npn/secrets.key
cat >/etc/npn/npn.toml <<TOML
database = "postgresql://npn:servers@127.0.0.1:$PGPORT/npn"
witness = "/mnt/other/npn.witness"
secrets_key_file = "/etc/npn/secrets.key"
port = $NPN_PORT
TOML
owner="postgresql://npn_owner:owner@127.0.0.1:$PGPORT/npn"
as_npn() { runuser -u npn -- $npn "$@" --config /etc/npn/npn.toml; }

# A wrong password ends with 2, which the unit does not restart, and names what is wrong.
status=0
as_npn admin init --database "${owner/:owner@/:wrong@}" 2>/tmp/said || status=$?
[ $status = 2 ]
grep -q 'database_login_refused' /tmp/said

as_npn admin init --database "$owner" --service-login npn
serve() {
  runuser -u npn -- $npn serve --config /etc/npn/npn.toml >/tmp/serve.log 2>&1 &
  server=$!
  for _ in $(seq 100); do curl -sf "http://127.0.0.1:$NPN_PORT/readyz" >/dev/null && return; sleep 0.2; done
  cat /tmp/serve.log
  return 1
}
stop() { kill $server; wait $server || true; server=; }
serve
! grep -q database_login_owns_tables /tmp/serve.log
key=$(as_npn admin system add Lab --vendor V --owner O --environment production | tail -n 1)
export NPN_URL=http://127.0.0.1:$NPN_PORT NPN_KEY=$key
$npn draw 1000 --request-id before

# The night's backup; then draws that it does not know; then the whole server is lost, roles too.
runuser -u postgres -- "$bin/pg_dump" -h /srv/pg -Fc npn >/srv/pg/dump
$npn draw 1000 --request-id lost
stop
psql -c 'DROP DATABASE npn'
psql -c 'DROP ROLE npn_service'
psql -c 'CREATE DATABASE npn OWNER npn_owner TEMPLATE template0'
runuser -u postgres -- "$bin/pg_restore" -h /srv/pg -d npn /srv/pg/dump || true  # "role npn_service does not exist"
psql -c 'CREATE ROLE npn_service NOLOGIN' -c 'GRANT npn_service TO npn_owner WITH ADMIN OPTION'
as_npn admin init --database "$owner" --service-login npn
as_npn recover --yes --database "$owner"
serve
[ "$($npn draw 1000 --request-id before --json | grep -o '"first":"[0-9]*"')" = '"first":"1000000000"' ]
$npn draw 1000 --request-id after --json | grep -v '"first":"1000001000"'
as_npn ledger export /tmp/ledger.jsonl
$npn ledger verify /tmp/ledger.jsonl
stop
echo walked

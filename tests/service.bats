#!/usr/bin/env bats
# The issuing service with real targets: sshd, sudo and PostgreSQL, as root.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load helper
load kept

setup_file() {
	kept_site
}

setup() {
	seal
	kept_ledger -p '.issuers[0].resources += ["sudo:*"] |
		.rules = [
		{id: "ssh", who: ["oncall"], resource: "ssh:web-*", roles: ["root"],
		 max: "1h", approve: [{group: "dba", count: 1}]},
		{id: "sudo", who: ["oncall"], resource: "sudo:web-*",
		 roles: ["root"], max: "1h", approve: [{group: "dba", count: 1}]},
		{id: "pg", who: ["oncall"], resource: "pg:orders",
		 roles: ["reader"], max: "1h",
		 approve: [{group: "dba", count: 1}]}]'
	export SCHEME=
}

teardown() {
	[ -z "${PGDIR:-}" ] || pg_down
	down
	fsck_ledger
}

# -- Targets ----------------------------------------------------------------

# served: web-1 with its targets, keeper and issuing service
served() {
	up
	mkdir -p "$HOST/etc/jit/targets/ssh" "$HOST/etc/jit/targets/sudo" \
		"$HOST/etc/jit/targets/pg" "$HOST/etc/sudoers.d"
	cp "$KEYS/issuer" "$HOST/etc/jit/issuer"
	cp "$KEYS/ca" "$HOST/etc/jit/ca"
	jq '. + {issuer: "/etc/jit/issuer", ca: "/etc/jit/ca"}' \
		"$HOST/etc/jit/jit.conf" >"$HOST/etc/jit/jit.conf.new"
	mv "$HOST/etc/jit/jit.conf.new" "$HOST/etc/jit/jit.conf"
	printf '@includedir /etc/sudoers.d\n' >"$HOST/etc/sudoers"
	chmod 440 "$HOST/etc/sudoers"
	printf '127.0.0.1 localhost %s\n' "$(uname -n)" >"$HOST/etc/hosts"
	jq -n --argjson port "$(cat "$HOST/port")" \
		--arg key "$(cut -d ' ' -f 1,2 "$HOST/etc/host_key.pub")" \
		'{address: "127.0.0.1", port: $port, host_key: $key}' \
		>"$HOST/etc/jit/targets/ssh/web-1.json"
	jq -n '{accounts: [{principal: "alice@ex.com", account: "deploy"}]}' \
		>"$HOST/etc/jit/targets/sudo/web-1.json"
}

# serving: both services run
serving() {
	there jit-issue --watch </dev/null >"$HOST/keeper.out" \
		2>>"$HOST/keeper.log" 3>&- &
	echo $! >"$HOST/keeper.pid"
	within 5 grep -q 'keeping web-1' "$HOST/keeper.log"
	within 5 grep -q 'serving as issuer@ex.com' "$HOST/keeper.log"
}

# as_postgres COMMAND...: no server runs as root
as_postgres() {
	(cd / && exec setpriv --reuid postgres --regid postgres --init-groups "$@")
}

# database: a PostgreSQL of the test's own, and its target
database() {
	for PGBIN in /usr/lib/postgresql/*/bin; do :; done
	PGDIR=$(mktemp -d /tmp/jit-pg.XXXXXX)
	chown postgres "$PGDIR"
	chmod 755 "$PGDIR"
	as_postgres "$PGBIN/initdb" -D "$PGDIR/data" -U postgres -A peer \
		--no-sync >/dev/null
	printf '%s\n' "listen_addresses = ''" 'log_statement = all' \
		'fsync = off' >>"$PGDIR/data/postgresql.conf"
	printf '%s\n' 'local all postgres peer map=jit' \
		'local all jit_issuer peer map=jit' \
		'local all all scram-sha-256' >"$PGDIR/data/pg_hba.conf"
	printf '%s\n' 'jit postgres postgres' 'jit root postgres' \
		'jit root jit_issuer' >"$PGDIR/data/pg_ident.conf"
	as_postgres "$PGBIN/pg_ctl" -s -w -D "$PGDIR/data" -l "$PGDIR/log" \
		-o "-k $PGDIR" start 3>&- </dev/null >/dev/null
	psql -X -q -h "$PGDIR" -U postgres -d postgres <<-'END'
		CREATE ROLE jit_issuer LOGIN CREATEROLE;
		CREATE ROLE reader;
		GRANT pg_signal_backend TO jit_issuer;
		CREATE DATABASE orders;
	END
	psql -X -q -h "$PGDIR" -U postgres -d orders <<-'END'
		CREATE TABLE prices (item text, cents int);
		INSERT INTO prices VALUES ('tea', 250);
		GRANT SELECT ON prices TO reader;
	END
	jq -n --arg host "$PGDIR" '{host: $host, database: "orders",
		user: "jit_issuer", connect: {host: $host, database: "orders"}}' \
		>"$HOST/etc/jit/targets/pg/orders.json"
}

pg_down() {
	as_postgres "$PGBIN/pg_ctl" -s -m immediate -D "$PGDIR/data" stop
	rm -rf "${PGDIR:?}"
}

# -- Grants -----------------------------------------------------------------

# taken [OPTION OF request]...: a grant on $1 that the service has issued
taken() {
	local resource=$1 role=root

	shift
	[ "$resource" != pg:orders ] || role=reader
	ID=$(request alice "$@" "$resource" "$role")
	approve dan "$ID"
	within 5 active || { cat "$HOST/keeper.log"; as alice jit-status "$ID" || :; there jit-doctor || :; there jit-doctor -C /srv/jit/ledger.git || :; ls -la "$HOST/etc/jit/targets" "$HOST/etc/jit"; return 1; }
}

active() {
	[ "$(as alice jit-status -j "$ID" 2>/dev/null | jq -r .stage)" = active ]
}

# probes: the outcomes on record for $ID, oldest first
probes() {
	git_ledger log --reverse --format=%b refs/heads/ledger |
		jq -r --arg id "$ID" 'select(.type == "probe" and .id == $id) |
			.outcome' | paste -sd ' '
}

# seen_alive: a probe was allowed
seen_alive() {
	[[ $(probes) == *allowed* ]]
}

# proven: alive was seen, dead was shown, and nothing is owed
proven() {
	[ "$(probes)" = "allowed refused" ] &&
		[ -z "$(jit-status --owed -j 2>/dev/null |
			jq -r --arg id "$ID" 'select(.id == $id and
				.owes == "proof") | .id')" ]
}

# seconds: from due to dead, as the ledger says
seconds() {
	git_ledger log --format=%b refs/heads/ledger | jq -s --arg id "$ID" '
		map(select(.id == $id)) |
		(map(select(.type == "end"))[0]) as $over |
		(map(select(.type == "issue"))[0].until) as $until |
		(map(select(.type == "probe" and .outcome == "refused"))[0].at) -
		([$over.at, $until] | min)'
}

# -- What alice does --------------------------------------------------------

use_ssh() {
	SECRET=$XDG_RUNTIME_DIR/jit/$ID
	as alice jit-status -q -o "$XDG_RUNTIME_DIR/jit" "$ID" >/dev/null 2>&1
	shell -- true </dev/null
}

use_sudo() {
	there setpriv --reuid 64010 --regid 64010 --clear-groups \
		sudo -n id -u </dev/null 2>&1 | grep -qx 0
}

use_pg() {
	local file=$XDG_RUNTIME_DIR/jit/$ID.pgpass

	as alice jit-status -q -o "$XDG_RUNTIME_DIR/jit" "$ID" >/dev/null 2>&1
	PGPASSFILE=$file psql -X -A -t -h "$PGDIR" -d orders \
		-U "jit_${ID,,}" -c 'SELECT cents FROM prices' 2>&1 | grep -qx 250
}

use() {
	"use_${1%%:*}"
}

# ended HOW: in this way
ended() {
	case $1 in
	task) as alice jit-revoke -q -m 'done' "$ID" ;;
	revoke) as rita jit-revoke -q -m 'no longer' "$ID" ;;
	offboard) as rita jit-request -q --retire alice@ex.com -m 'left us' ;;
	ttl) lapsed ;;
	esac
}

# lived RESOURCE HOW [OPTION OF request]...: refused, works, refused; on record
lived() {
	run ! use "$1"
	taken "$1" "${@:3}"
	within 5 seen_alive
	within 3 use "$1" || { as alice jit-status -o "$XDG_RUNTIME_DIR/jit" "$ID"; ls -la $XDG_RUNTIME_DIR/jit; cat $XDG_RUNTIME_DIR/jit/*.pgpass;  PGPASSFILE=$XDG_RUNTIME_DIR/jit/$ID.pgpass psql -X -A -t -h "$PGDIR" -d orders -U "jit_${ID,,}" -c "SELECT cents FROM prices"; return 1; }
	ended "$2"
	within 8 proven || {
		probes
		cat "$HOST/keeper.log"
		return 1
	}
	run ! use "$1"
	echo "$1 $2: dead $(seconds) s after it was due" >&3
	[ "$(seconds)" -le 2 ]
}

@test "service: ssh, ended by task, revoke, offboarding and its time" {
	served
	serving
	lived ssh:web-1 task
	lived ssh:web-1 revoke
	lived ssh:web-1 ttl -d 6s
	lived ssh:web-1 offboard
}

@test "service: sudo, ended by task, revoke, offboarding and its time" {
	served
	serving
	lived sudo:web-1 task
	lived sudo:web-1 revoke
	lived sudo:web-1 ttl -d 6s
	lived sudo:web-1 offboard
}

@test "service: pg, ended by task, revoke, offboarding and its time" {
	served
	database
	serving
	lived pg:orders task
	lived pg:orders revoke
	lived pg:orders ttl -d 6s
	lived pg:orders offboard
	# the server's log and the ledger hold no password
	[ -z "$(cat "$XDG_RUNTIME_DIR"/jit/* 2>/dev/null)" ] ||
		! grep -rqFf <(cat "$XDG_RUNTIME_DIR"/jit/[0-9A-Z]* |
			grep -v '^SCRAM') "$PGDIR/log"
}

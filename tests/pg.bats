#!/usr/bin/env bats
# The connector of PostgreSQL, with a real server of the test's own.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper
load host
load connector

PASSWORD=Zm9yIHRoZSB0ZXN0cyBvZiBqaXQgb25seSE

# as_postgres COMMAND...: no server runs as root
as_postgres() {
	(cd / && setpriv --reuid postgres --regid postgres --init-groups "$@")
}

# One server for all; each test finds the databases as they were.
setup_file() {
	site
	local bin

	for bin in /usr/lib/postgresql/*/bin; do PGBIN=$bin; done
	PGDIR=$(mktemp -d /tmp/jit-pg.XXXXXX)
	export PGBIN PGDIR
	chown postgres "$PGDIR"
	chmod 755 "$PGDIR"
	as_postgres "$PGBIN/initdb" -D "$PGDIR/data" -U postgres -A peer \
		--no-sync >/dev/null
	cat >>"$PGDIR/data/postgresql.conf" <<-END
		listen_addresses = ''
		unix_socket_directories = '$PGDIR'
		log_statement = all
		log_connections = on
		fsync = off
		max_prepared_transactions = 5
	END
	cat >"$PGDIR/data/pg_hba.conf" <<-'END'
		local all postgres peer map=jit
		local all jit_issuer peer map=jit
		local trusting all trust
		local all all scram-sha-256
	END
	cat >"$PGDIR/data/pg_ident.conf" <<-'END'
		jit postgres postgres
		jit root postgres
		jit root jit_issuer
	END
	start_server
	VERIFIER=$(PGOPTIONS='-c log_statement=none' admin <<-END
		CREATE ROLE scratch PASSWORD '$PASSWORD';
		SELECT rolpassword FROM pg_authid WHERE rolname = 'scratch';
		DROP ROLE scratch;
	END
	)
	export VERIFIER
	admin <<-'END'
		CREATE ROLE jit_issuer LOGIN CREATEROLE;
		CREATE ROLE read;
		CREATE ROLE write;
		CREATE ROLE eve LOGIN;
		CREATE DATABASE first;
		CREATE DATABASE trusting;
	END
	admin first <<-'END'
		CREATE TABLE prices (item text, cents int);
		INSERT INTO prices VALUES ('tea', 250);
		GRANT SELECT ON prices TO read;
		GRANT CREATE ON SCHEMA public TO write;
	END
	databases
}

# databases: as they are before each test
databases() {
	admin >/dev/null <<-'END'
		SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid()
			AND backend_type = 'client backend';
		DROP DATABASE IF EXISTS orders WITH (FORCE);
		DROP DATABASE IF EXISTS archive WITH (FORCE);
		CREATE DATABASE orders TEMPLATE first;
		CREATE DATABASE archive TEMPLATE first;
		SELECT format('DROP ROLE %I', rolname) FROM pg_roles
			WHERE rolname NOT IN ('postgres', 'jit_issuer', 'read',
				'write', 'eve') AND rolname !~ '^pg_' \gexec
		ALTER ROLE jit_issuer LOGIN CREATEROLE;
	END
}

teardown_file() {
	stop_server
	rm -rf "${PGDIR:?}"
}

start_server() {
	as_postgres "$PGBIN/pg_ctl" -s -w -D "$PGDIR/data" \
		-l "$PGDIR/log" start 3>&- </dev/null >/dev/null
}

stop_server() {
	as_postgres "$PGBIN/pg_ctl" -s -w -m immediate -D "$PGDIR/data" stop
}

# admin [DATABASE]: the script on stdin, as the superuser; rows only
admin() {
	psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$PGDIR" -U postgres \
		-d "${1:-postgres}"
}

setup() {
	seal
	machine
	reached_as '"user": "jit_issuer"'
	USER_NAME=jit_$(tr '[:upper:]' '[:lower:]' <<<"$GRANT")
}

teardown() {
	local pid

	for pid in $(jobs -p); do kill -KILL "$pid" 2>/dev/null || :; done
	databases
}

# reached_as [MEMBERS]: the target has these beside host and database
reached_as() {
	target pg:orders <<-END
		{"host": "$PGDIR", "database": "orders" ${1:+, $1}}
	END
}

# grant [JQ FILTER]...: alice, to read
grant() {
	works asked grant pg:orders '.role = "read"' ".offer = \"$VERIFIER\"" \
		"$@"
}

revoke() {
	works asked revoke pg:orders '.role = "read"' "$@"
}

probes() {
	local outcome=$1

	shift
	probed "$outcome" pg:orders '.role = "read"' "$@"
}

# alice [OPTION OF PSQL]...: with her password
alice() {
	PGPASSWORD=$PASSWORD psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$PGDIR" \
		-U "$USER_NAME" -d orders "$@"
}

# lets: alice is let in, and reads
lets() {
	works alice -c 'SELECT cents FROM prices'
	answers 250
}

# refuses: she is not
refuses() {
	fails 2 alice -c 'SELECT cents FROM prices'
	explains FATAL:
}

# linger: one more session of hers, which goes on
linger() {
	local before

	before=$(sessions)
	alice -c 'SELECT pg_sleep(600)' >/dev/null 2>&1 3>&- </dev/null &
	until [ "$(sessions)" -gt "$before" ]; do sleep 0.02; done
}

# sessions: how many there are by the role
sessions() {
	admin <<<"SELECT count(*) FROM pg_stat_activity
		WHERE usename = '$USER_NAME' AND state IS NOT NULL"
}

# exists: 1, or 0
exists() {
	admin <<<"SELECT count(*) FROM pg_roles WHERE rolname = '$USER_NAME'"
}

@test "pg: it says what it is" {
	works asked describe pg:orders
	in_json '.name == "pg" and .offer == "scram-sha-256" and
		.actions == false'
}

@test "pg: refused before, works while live, refused after" {
	refuses
	probes refused
	in_json '.how | startswith("pg_roles: '"$USER_NAME"' is gone, member of 0; pg_stat_activity: 0 sessions; a login: psql: error: ")'
	grant
	in_json '.account == "'"$USER_NAME"'" and .connect == {
		user: "'"$USER_NAME"'", database: "orders", host: "'"$PGDIR"'"}'
	lets
	probes allowed
	in_json '.how == "pg_roles: '"$USER_NAME"' may log in, member of 1; pg_stat_activity: 0 sessions"'
	revoke
	answers '{"ended":0,"v":1}'
	refuses
	probes refused
	[ "$(exists)" = 0 ]
}

@test "pg: no superuser is needed, and the issuer keeps nothing" {
	[ "$(admin <<<"SELECT rolsuper FROM pg_roles
		WHERE rolname = 'jit_issuer'")" = f ]
	grant
	[ "$(admin <<<"SELECT count(*) FROM pg_auth_members")" -eq 4 ]
	revoke
	[ "$(admin <<<"SELECT count(*) FROM pg_auth_members m
		JOIN pg_roles r ON r.oid = m.member
		WHERE rolname = 'jit_issuer'")" = 0 ]
}

@test "pg: each verb may be asked again, a grant for longer" {
	local until

	revoke
	grant
	grant '.until += 3600'
	until=$(admin <<<"SELECT extract(epoch FROM rolvaliduntil)::int
		FROM pg_roles WHERE rolname = '$USER_NAME'")
	[ "$until" -gt $(($(date +%s) + 5000)) ]
	lets
	revoke
	revoke
	refuses
}

@test "pg: VALID UNTIL ends the password, whoever sleeps" {
	local until

	until=$(($(date +%s) + 2))
	grant ".until = $until"
	lets
	while [ "$(date +%s)" -le "$until" ]; do sleep 0.1; done
	refuses
	probes refused ".until = $until"
	in_json '.how | contains("is valid no more")'
	revoke
	probes refused
}

@test "pg: who is in a long transaction, idle or busy, is out, and counted" {
	grant
	linger
	linger
	alice -c 'BEGIN' -c 'SELECT * FROM prices' -c '\! sleep 600' \
		>/dev/null 2>&1 3>&- </dev/null &
	until [ "$(sessions)" -eq 3 ]; do sleep 0.02; done
	probes allowed
	revoke
	in_json '.ended == 3'
	[ "$(sessions)" -eq 0 ]
	probes refused
	! pgrep -f "postgres: $USER_NAME" || false
}

@test "pg: tables in two databases, a long transaction, a login in between: gone" {
	grant '.role = "write"' '.until += 60'
	PGOPTIONS='-c role=write' alice -c 'CREATE TABLE kept (n int)'
	alice -c 'CREATE TABLE mine (n int); INSERT INTO mine VALUES (7)'
	alice -c 'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 1$$'
	alice -c 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC'
	alice -d archive -c 'CREATE TABLE old (n int); GRANT SELECT ON old TO PUBLIC'
	alice -c 'BEGIN' -c 'LOCK TABLE mine' -c '\! sleep 600' \
		>/dev/null 2>&1 3>&- </dev/null &
	until [ "$(sessions)" -eq 1 ]; do sleep 0.02; done
	# she comes back, again and again
	(while :; do alice -d archive -c 'SELECT pg_sleep(600)' || sleep 0.01; done) \
		>/dev/null 2>&1 3>&- </dev/null &
	until [ "$(sessions)" -eq 2 ]; do sleep 0.02; done
	works asked revoke pg:orders '.role = "write"'
	in_json '.ended >= 2'
	[ "$(exists)" = 0 ]
	sleep 0.5
	[ "$(admin <<<"SELECT count(*) FROM pg_stat_activity
		WHERE usesysid NOT IN (SELECT oid FROM pg_roles)")" = 0 ]
	# nothing is lost, and nothing is hers
	[ "$(admin orders <<<"SELECT n, tableowner FROM mine, pg_tables
		WHERE tablename = 'mine'")" = '7|write' ]
	[ "$(admin orders <<<"SELECT tableowner FROM pg_tables
		WHERE tablename = 'kept'")" = write ]
	[ "$(admin archive <<<"SELECT tableowner FROM pg_tables
		WHERE tablename = 'old'")" = write ]
	[ "$(admin <<<"SELECT count(*) FROM pg_shdepend WHERE refobjid NOT IN
		(SELECT oid FROM pg_roles) AND refclassid = 'pg_authid'::regclass")" = 0 ]
	probed refused pg:orders '.role = "write"'
}

@test "pg: what is left behind may go to somebody else" {
	reached_as '"user": "jit_issuer", "owner": "eve",
		"roles": {"dba": ["write", "read"]}'
	grant '.role = "dba"'
	lets
	alice -c 'CREATE TABLE mine (n int)'
	works asked revoke pg:orders '.role = "dba"'
	[ "$(admin orders <<<"SELECT tableowner FROM pg_tables
		WHERE tablename = 'mine'")" = eve ]
}

@test "pg: what was prepared is rolled back" {
	grant '.role = "write"'
	alice -c 'BEGIN; CREATE TABLE mine (n int)' -c "PREPARE TRANSACTION 'it''s'"
	[ "$(admin <<<'SELECT count(*) FROM pg_prepared_xacts')" = 1 ]
	works asked revoke pg:orders '.role = "write"'
	[ "$(admin <<<'SELECT count(*) FROM pg_prepared_xacts')" = 0 ]
	[ "$(exists)" = 0 ]
}

@test "pg: what she did to her own role does not outlive it" {
	grant
	alice -c "ALTER ROLE \"$USER_NAME\" PASSWORD 'mine'" \
		-c "ALTER ROLE \"$USER_NAME\" SET search_path = evil"
	admin <<<"GRANT \"$USER_NAME\" TO eve WITH ADMIN OPTION"
	revoke
	[ "$(exists)" = 0 ]
	[ "$(admin <<<"SELECT count(*) FROM pg_auth_members m JOIN pg_roles r
		ON r.oid = m.member WHERE rolname = 'eve'")" = 0 ]
}

@test "pg: nothing that she made runs as the issuer" {
	grant '.role = "write"'
	alice >/dev/null <<-'END'
		CREATE FUNCTION format(text, name, name) RETURNS text
			LANGUAGE plpgsql AS $$ BEGIN
			RAISE EXCEPTION 'trapped'; END $$;
		CREATE FUNCTION count() RETURNS bigint
			LANGUAGE plpgsql AS $$ BEGIN
			RAISE EXCEPTION 'trapped'; END $$;
		CREATE VIEW pg_roles AS SELECT 1/0 AS rolname;
		CREATE TABLE pg_stat_activity (n int);
	END
	admin <<-END
		ALTER DATABASE orders SET search_path = public, pg_catalog;
		ALTER DATABASE orders SET default_transaction_read_only = on;
		ALTER DATABASE orders SET standard_conforming_strings = off;
	END
	probed allowed pg:orders '.role = "write"'
	works asked revoke pg:orders '.role = "write"'
	[ "$(exists)" = 0 ]
}

@test "pg: names that need quotes" {
	admin <<<'CREATE ROLE "we-ird_"; CREATE ROLE "Rö""le'"'"'s; --"'
	grant '.role = "we-ird_"'
	works asked revoke pg:orders '.role = "we-ird_"'
	reached_as '"user": "jit_issuer",
		"roles": {"read": ["Rö\"le'"'"'s; --"]}'
	grant
	[ "$(admin <<<"SELECT r.rolname FROM pg_auth_members m
		JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u
		ON u.oid = m.member WHERE u.rolname = '$USER_NAME'")" = \
		"Rö\"le's; --" ]
	alice -c 'CREATE TEMP TABLE t (n int)'
	revoke
	[ "$(exists)" = 0 ]
}

@test "pg: a revoke that does nothing is seen by the probe" {
	grant
	broken pg revoke '{"v":1,"ended":0}'
	revoke
	probes allowed
	lets
	mended pg
	revoke
	probes refused
	refuses
}

@test "pg: half of a revoke is seen by the probe" {
	# the role is locked, and somebody is still in
	grant
	linger
	admin <<<"ALTER ROLE \"$USER_NAME\" NOLOGIN PASSWORD NULL"
	probes allowed
	in_json '.how | contains("may not log in") and contains("1 sessions")'
	# it is even gone
	admin <<<"DROP OWNED BY \"$USER_NAME\"; DROP ROLE \"$USER_NAME\""
	probes allowed
	in_json '.how | contains("is gone") and contains("1 sessions")'
	admin <<<"SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE usesysid NOT IN (SELECT oid FROM pg_roles)" >/dev/null
	while [ "$(admin <<<'SELECT count(*) FROM pg_stat_activity WHERE
		usesysid NOT IN (SELECT oid FROM pg_roles)')" -gt 0 ]; do
		sleep 0.02
	done
	probes refused

	# sessions are ended, and the role may log in
	grant
	probes allowed
	# it may not, but the server asks nobody for a password
	reached_as '"user": "jit_issuer", "database": "trusting"'
	target pg:orders <<-END
		{"host": "$PGDIR", "database": "trusting", "user": "jit_issuer"}
	END
	admin <<<"ALTER ROLE \"$USER_NAME\" VALID UNTIL '2001-01-01'"
	probes allowed
	in_json '.how | contains("without a password: it is in")'
	admin <<<"ALTER ROLE \"$USER_NAME\" NOLOGIN"
	probes refused
	in_json '.how | contains("is not permitted to log in")'
}

@test "pg: what cannot be dropped is owed: status 9, locked, and healed later" {
	grant '.role = "write"'
	alice -c 'CREATE TABLE mine (n int)'
	linger
	# somebody else holds what she owns
	admin orders >/dev/null 2>&1 3>&- <<-'END' &
		BEGIN;
		SELECT * FROM mine;
		SELECT pg_sleep(600);
	END
	until [ "$(admin <<<"SELECT count(*) FROM pg_stat_activity
		WHERE query LIKE '%pg_sleep(600)%' AND usename = 'postgres'
		AND pid <> pg_backend_pid()")" -ge 1 ]; do
		sleep 0.02
	done
	fails 9 asked revoke pg:orders '.role = "write"'
	explains "role $USER_NAME may log in no more, but is still there: database 'orders': ERROR:  canceling statement due to lock timeout"
	[ "$(sessions)" = 0 ]
	refuses
	probed refused pg:orders '.role = "write"'
	in_json '.how | contains("may not log in, member of 0")'
	admin >/dev/null <<<"SELECT pg_terminate_backend(pid)
		FROM pg_stat_activity WHERE usename = 'postgres'
		AND pid <> pg_backend_pid()"
	works asked revoke pg:orders '.role = "write"'
	[ "$(exists)" = 0 ]
}

@test "pg: what the issuer may not take away goes with the role" {
	grant
	admin <<<"GRANT postgres TO \"$USER_NAME\"; GRANT \"$USER_NAME\" TO eve"
	linger
	revoke
	in_json '.ended == 1'
	[ "$(exists)" = 0 ]
	probes refused
}

@test "pg: a database that nobody may enter is owed" {
	grant '.role = "write"'
	alice -d archive -c 'CREATE TABLE old (n int)'
	admin <<<'ALTER DATABASE archive ALLOW_CONNECTIONS false'
	fails 9 asked revoke pg:orders '.role = "write"'
	explains "database 'archive'"
	probed refused pg:orders '.role = "write"'
	admin <<<'ALTER DATABASE archive ALLOW_CONNECTIONS true'
	works asked revoke pg:orders '.role = "write"'
	[ "$(exists)" = 0 ]
}

@test "pg: two grants of one role: ending one keeps the other, in both orders" {
	local a=$GRANT b=01M811SWC8EY2228A52W0X3AEH order

	for order in "$a $b" "$b $a"; do
		grant ".id = \"$a\""
		grant ".id = \"$b\""
		revoke ".id = \"${order% *}\""
		USER_NAME=jit_$(tr '[:upper:]' '[:lower:]' <<<"${order% *}")
		refuses
		USER_NAME=jit_$(tr '[:upper:]' '[:lower:]' <<<"${order#* }")
		lets
		revoke ".id = \"${order#* }\""
		refuses
		probes refused ".id = \"$a\""
		probes refused ".id = \"$b\""
	done
}

@test "pg: an offer that is no verifier is never sent" {
	local offer

	for offer in secret '' 'SCRAM-SHA-256$' "md5$(printf x | md5sum | cut -c -32)" \
		"${VERIFIER%?}" "${VERIFIER}x" "${VERIFIER}'" \
		"${VERIFIER/4096/40-96}" "${VERIFIER/:/;}" "${VERIFIER/\$/\'}"; do
		fails 2 asked grant pg:orders '.role = "read"' \
			".offer = \"$offer\""
	done
	fails 2 asked grant pg:orders '.role = "read"'
	explains "a SCRAM-SHA-256 verifier is wanted as the offer"
	fails 1 asked grant pg:orders '.role = "read"' \
		".offer = \"$VERIFIER\"" '.actions = [["/bin/ls"]]'
	explains "PostgreSQL holds nobody to actions"
	[ "$(exists)" = 0 ]
}

@test "pg: a role that is not there, an issuer without rights, no server" {
	fails 1 asked grant pg:orders '.role = "none"' ".offer = \"$VERIFIER\""
	explains "the server has no role 'none'"
	admin <<<'ALTER ROLE jit_issuer NOCREATEROLE'
	fails 3 asked grant pg:orders '.role = "read"' ".offer = \"$VERIFIER\""
	explains 'permission denied'
	admin <<<'ALTER ROLE jit_issuer CREATEROLE'
	grant
	admin <<<'ALTER ROLE jit_issuer NOLOGIN'
	probes unknown
	in_json '.how | contains("is not permitted to log in")'
	probes lapsed '.until = 1'
	fails 3 asked revoke pg:orders '.role = "read"'
	stop_server
	probes unknown
	probes lapsed '.until = 1'
	fails 3 asked revoke pg:orders '.role = "read"'
	explains 'No such file or directory'
	start_server
	admin <<<'ALTER ROLE jit_issuer LOGIN'
	lets
	revoke
}

@test "pg: a server that hangs is trouble, and psql does not stay" {
	grant
	reached_as '"user": "jit_issuer", "timeout": "2s"'
	cat >"$SITE/usr/local/bin/psql" <<-'END'
		#!/bin/sh
		exec sleep 3620
	END
	chmod 755 "$SITE/usr/local/bin/psql"
	fails 3 asked revoke pg:orders '.role = "read"'
	explains "took longer than 2 seconds"
	fails 3 asked probe pg:orders '.role = "read"'
	rm "$SITE/usr/local/bin/psql"
	run -1 pgrep -f 'sleep 3620'
	lets
	revoke
	refuses
}

@test "pg: neither log nor process nor environment has the password" {
	grant
	lets
	probes allowed
	revoke
	probes refused
	grep -q 'CREATE ROLE' "$PGDIR/log"
	grep -qF 'SCRAM-SHA-256$4096:' "$PGDIR/log"
	run ! grep -qF "$PASSWORD" "$PGDIR/log"
	# psql as root would see it, and what runs it
	cat >"$SITE/usr/local/bin/psql" <<-END
		#!/bin/sh
		tr '\\0' '\\n' </proc/\$\$/cmdline >>"$BATS_TEST_TMPDIR/seen"
		tr '\\0' '\\n' </proc/\$\$/environ >>"$BATS_TEST_TMPDIR/seen"
		tr '\\0' '\\n' </proc/\$PPID/cmdline >>"$BATS_TEST_TMPDIR/seen"
		tr '\\0' '\\n' </proc/\$PPID/environ >>"$BATS_TEST_TMPDIR/seen"
		exec /usr/bin/psql "\$@"
	END
	chmod 755 "$SITE/usr/local/bin/psql"
	grant
	revoke
	rm "$SITE/usr/local/bin/psql"
	grep -q ON_ERROR_STOP "$BATS_TEST_TMPDIR/seen"
	grep -q '/connectors/pg$' "$BATS_TEST_TMPDIR/seen"
	run ! grep -qF -e SCRAM-SHA -e "$PASSWORD" "$BATS_TEST_TMPDIR/seen"
}

@test "pg: a scan names who is there for good" {
	grant
	admin <<-END
		CREATE ROLE temp LOGIN VALID UNTIL '$(date -d '300 days' +%F)';
		CREATE ROLE long LOGIN VALID UNTIL '2099-01-01';
		CREATE ROLE mighty SUPERUSER;
		CREATE ROLE "jit_01m811swc8ey2228a52w0x3aeh" LOGIN;
	END
	works asked scan pg:orders
	in_json '[.standing[] | .who] == ["eve",
		"jit_01m811swc8ey2228a52w0x3aeh", "jit_issuer", "long",
		"mighty", "postgres"]'
	in_json '.standing[5].what == "role: superuser"'
	in_json '.standing[0].what == "role: may log in, without VALID UNTIL"'
	in_json '.unseen == ["pg_hba.conf: who needs no password: pg_hba_file_rules may not be read"]'
}

@test "pg: a scan names whom nothing is asked, where it may see that" {
	admin orders <<-'END'
		GRANT SELECT ON pg_hba_file_rules TO jit_issuer;
		GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO jit_issuer;
	END
	works asked scan pg:orders
	in_json '.unseen == []'
	in_json '[.standing[] | select(.what == "pg_hba.conf:3: trust").who]
		== ["all"]'
	echo 'nonsense' >>"$PGDIR/data/pg_hba.conf"
	works asked scan pg:orders
	sed -i '$d' "$PGDIR/data/pg_hba.conf"
	in_json '.unseen ==
		["pg_hba.conf: who needs no password: line 5 is not understood"]'
}

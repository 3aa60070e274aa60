#!/usr/bin/env bats
# The issuing service with real targets: sshd, sudo and PostgreSQL, as root.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load helper
load kept

# Before seal forgets it.
RUNS=${JIT_RUNS:-5}

setup_file() {
	install_site
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
	within 20 active || {
		cat "$HOST/keeper.log"
		there jit-doctor
		return 1
	}
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

# story: what the ledger and the services say of it all; never true
story() {
	git_ledger log --reverse --format=%b refs/heads/ledger | jq -c '
		select(.type | IN("issue", "end", "probe")) |
		{at, type, id, cause, outcome, how}'
	cat "$HOST/keeper.log"
	return 1
}

# follows: web-1's ledger is a clone; the tip is at a server, and alice and dan
# have a clone of their own
follows() {
	local srv=$BATS_TEST_TMPDIR/srv/jit

	mv "$srv/ledger.git" "$srv/server.git"
	rm -rf "$XDG_STATE_HOME"
	export JIT_LEDGER=$BATS_TEST_TMPDIR/people.git
	jit-init -q --clone "$srv/server.git" -g "$GENESIS" "$JIT_LEDGER"
	jit-init -q --clone "$srv/server.git" -g "$GENESIS" "$srv/ledger.git"
	git -C "$srv/ledger.git" config jit.remote /srv/jit/server.git
}

# hosts_tip: what web-1 has, after what the server has
hosts_tip() {
	local srv=$BATS_TEST_TMPDIR/srv/jit

	[ "$(git -C "$srv/ledger.git" rev-parse refs/heads/ledger)" = \
		"$(git -C "$srv/server.git" rev-parse refs/heads/ledger)" ]
}

# looked COMMAND...: with what people's clone has now
looked() {
	jit-status -q >/dev/null
	"$@"
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
	within 20 seen_alive
	within 10 use "$1"
	ended "$2"
	within 20 proven || story
	run ! use "$1"
	echo "$1 $2: dead $(seconds) s after it was due" >&3
	[ "$(seconds)" -ge 0 ]
}

@test "service: ssh, ended by task, revoke, offboarding and its time" {
	served
	serving
	lived ssh:web-1 task
	lived ssh:web-1 revoke
	lived ssh:web-1 ttl -d 9s
	lived ssh:web-1 offboard
}

@test "service: sudo, ended by task, revoke, offboarding and its time" {
	served
	serving
	lived sudo:web-1 task
	lived sudo:web-1 revoke
	lived sudo:web-1 ttl -d 9s
	lived sudo:web-1 offboard
}

@test "service: pg, ended by task, revoke, offboarding and its time" {
	served
	database
	serving
	lived pg:orders task
	lived pg:orders revoke
	lived pg:orders ttl -d 9s
	lived pg:orders offboard
	# the server's log and the ledger hold no password
	[ -z "$(cat "$XDG_RUNTIME_DIR"/jit/* 2>/dev/null)" ] ||
		! grep -rqFf <(cat "$XDG_RUNTIME_DIR"/jit/[0-9A-Z]* |
			grep -v '^SCRAM') "$PGDIR/log"
}

# broken SCHEME: its connector revokes nothing, and says it did
broken() {
	local real=$SITE/usr/local/libexec/jit/connectors/$1

	cp "$real" "$BATS_TEST_TMPDIR/whole"
	cat >"$real.new" <<-'END'
		#!/bin/sh
		[ "$1" != revoke ] || { cat >/dev/null; echo '{"v":1,"ended":0}'; exit 0; }
		exec /usr/local/libexec/jit/whole "$@"
	END
	cp "$real" "$SITE/usr/local/libexec/jit/whole"
	chmod 755 "$real.new"
	mv "$real.new" "$real"
}

# whole SCHEME: it is as it was
whole() {
	cp "$BATS_TEST_TMPDIR/whole" "$SITE/usr/local/libexec/jit/connectors/$1.new"
	mv "$SITE/usr/local/libexec/jit/connectors/$1.new" \
		"$SITE/usr/local/libexec/jit/connectors/$1"
}

owes_proof() {
	[ -n "$(jit-status --owed -j 2>/dev/null | jq -r --arg id "$ID" \
		'select(.id == $id and .owes == "proof") | .id')" ]
}

@test "service: a revoke that does nothing is seen, loud, and healed by the next" {
	local scheme

	served
	database
	serving
	for scheme in sudo:web-1 pg:orders; do
		broken "${scheme%:*}"
		taken "$scheme"
		within 20 seen_alive
		as alice jit-revoke -q -m 'done' "$ID"
		within 20 grep -q "$ID is over, and its target says 'allowed'" \
			"$HOST/keeper.log"
		within 10 owes_proof
		[ "$(probes)" = 'allowed allowed' ]
		# somebody at the machine sees it too
		yields 9 there jit-revoke -C /srv/jit/ledger.git -k /etc/jit/issuer \
			--expired
		explains "says 'allowed'"
		yields 10 there jit-doctor -q
		says 'not shown to be dead'
		unkeep
		whole "${scheme%:*}"
		run -0 there jit-revoke -q -C /srv/jit/ledger.git \
			-k /etc/jit/issuer --expired
		[ "$(probes)" = 'allowed allowed refused' ]
		run ! owes_proof
		run ! use "$scheme"
		serving
	done
}

@test "service: killed between record and connector, it heals" {
	served
	serving
	taken sudo:web-1
	within 20 seen_alive
	unkeep -KILL
	# issued by hand, where no connector is: the record is all there is
	ID=$(request alice sudo:web-1 root)
	approve dan "$ID"
	rm -f "$HOST"/etc/sudoers.d/*
	serving
	within 20 active
	within 20 seen_alive
	use sudo:web-1
	[ "$(find "$HOST/etc/sudoers.d" -type f | wc -l)" -eq 2 ]
}

# both RESOURCE FIRST SECOND: two grants at once; that which is taken FIRST (1
# or 2) ends first, and leaves the other
both() {
	local ids=()

	taken "$1"
	within 20 seen_alive
	ids[1]=$ID
	taken "$1"
	within 20 seen_alive
	ids[2]=$ID
	as alice jit-revoke -q -m 'done' "${ids[$2]}"
	sleep 1
	ID=${ids[$3]}
	within 10 use "$1"
	as alice jit-revoke -q -m 'done' "$ID"
	within 20 proven || story
	run ! use "$1"
	ID=${ids[$2]}
	within 20 proven || story
	run ! use "$1"
}

@test "service: two grants of one role: ending one leaves the other" {
	local resource

	served
	database
	serving
	for resource in sudo:web-1 pg:orders ssh:web-1; do
		both "$resource" 1 2
		both "$resource" 2 1
	done
}

@test "service: a certificate that sshd still takes is seen, and healed" {
	served
	# a host that asks nobody, and whose list does not come
	mkdir -p "$HOST/etc/jit/principals"
	echo root@web-1 >"$HOST/etc/jit/principals/root"
	jit-revoke -q --krl "$HOST/etc/jit/revoked.krl"
	sed -i 's/command.conf/krl.conf/' "$HOST/etc/sshd_config"
	kill -HUP "$(cat "$HOST/pid")"
	sleep 0.3
	serving
	taken ssh:web-1
	within 20 seen_alive
	as alice jit-revoke -q -m 'done' "$ID"
	within 20 grep -q "$ID is over, and its target says 'allowed'" \
		"$HOST/keeper.log"
	owes_proof
	yields 9 there jit-revoke -C /srv/jit/ledger.git -k /etc/jit/issuer \
		--expired
	unkeep
	# now the list comes
	jit-revoke -q --krl "$HOST/etc/jit/revoked.krl"
	run -0 there jit-revoke -q -C /srv/jit/ledger.git -k /etc/jit/issuer \
		--expired
	[ "$(probes)" = 'allowed allowed refused' ]
	run ! owes_proof
}

@test "service: nothing that cannot be made is issued, and what fails is ended" {
	served
	serving
	# no target: it waits for who has one
	ID=$(request alice sudo:web-2 root)
	approve dan "$ID"
	sleep 1
	[ "$(as alice jit-status -j "$ID" 2>/dev/null | jq -r .stage)" = approved ]
	# no account there: issued, not made, failed
	jq '.accounts = []' "$HOST/etc/jit/targets/sudo/web-1.json" \
		>"$BATS_TEST_TMPDIR/target"
	cp "$BATS_TEST_TMPDIR/target" "$HOST/etc/jit/targets/sudo/web-1.json"
	ID=$(request alice sudo:web-1 root)
	approve dan "$ID"
	within 20 failed_of "$ID"
	[ -z "$(find "$HOST/etc/sudoers.d" -type f)" ]
}

failed_of() {
	git_ledger log --format=%b refs/heads/ledger | jq -es --arg id "$1" \
		'any(.[]; .type == "end" and .id == $id and .cause == "failed")' \
		>/dev/null
}

@test "service: what is extended ends with its extension" {
	local first

	served
	serving
	taken sudo:web-1 -d 8s
	first=$ID
	within 20 seen_alive
	ID=$(as alice jit-request -q --extend "$first" -d 8s -m 'not done yet')
	approve dan "$ID"
	within 20 active
	until=$(as alice jit-status -j "$first" | jq .until)
	while [ "$(date +%s)" -le "$((until + 1))" ]; do sleep 0.1; done
	use sudo:web-1
	lapsed
	within 20 proven || story
	ID=$first
	within 20 proven || story
	run ! use sudo:web-1
}

# odd SCHEME SCRIPT: its connector is this script
odd() {
	local real=$SITE/usr/local/libexec/jit/connectors/$1

	cp "$real" "$BATS_TEST_TMPDIR/whole"
	printf '#!/bin/sh\n%s\n' "$2" >"$real.new"
	chmod 755 "$real.new"
	mv "$real.new" "$real"
}

@test "service: a connector that hangs, babbles or floods: failed, and nothing is left" {
	local script

	served
	jq '. + {timeout: "1s"}' "$HOST/etc/jit/targets/sudo/web-1.json" \
		>"$BATS_TEST_TMPDIR/target"
	cp "$BATS_TEST_TMPDIR/target" "$HOST/etc/jit/targets/sudo/web-1.json"
	serving
	for script in 'sleep 600' 'echo "{]"' 'yes | head -c 1000000000' 'exit 0' \
		'kill -9 $$'; do
		odd sudo "$script"
		ID=$(request alice sudo:web-1 root)
		approve dan "$ID"
		within 40 failed_of "$ID" || story
		whole sudo
		within 40 refused_of "$ID" || story
		[ -z "$(find "$HOST/etc/sudoers.d" -type f)" ]
	done
}

refused_of() {
	ID=$1
	[[ $(probes) == *refused ]]
}

@test "service: what ended while nobody served is dead soon after it is back" {
	served
	serving
	taken sudo:web-1
	within 20 seen_alive
	unkeep -KILL
	as alice jit-revoke -q -m 'done' "$ID"
	sleep 1
	use sudo:web-1 # nobody is there to end it
	run ! proven
	serving
	within 20 proven || story
	run ! use sudo:web-1
}

@test "service: two hours without it: the target ends by itself, the rest is seen and healed" {
	served
	serving
	taken sudo:web-1 -d 8s
	within 20 seen_alive
	unkeep -KILL
	lapsed
	sleep 1
	run ! use sudo:web-1 # sudo's own NOTAFTER
	run ! proven
	serving faketime -f +2h
	within 20 proven || story
	run -10 there faketime -f +2h jit-doctor -q
	[[ $output == *'issuer@ex.com was silent for 2h'* ]]
	run ! grep -q 'grants are over' <<<"$output"
}

@test "service: many grants, each dead in time" {
	local runs=$RUNS i

	served
	serving
	for i in $(seq "$runs"); do
		taken sudo:web-1
		within 20 seen_alive
		as alice jit-revoke -q -m 'done' "$ID"
		within 20 proven || story
		seconds
	done | sort -n >"$BATS_TEST_TMPDIR/seconds"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/seconds")" -eq "$runs" ]
	echo "$runs grants: median $(sed -n "$(((runs + 1) / 2))p" \
		"$BATS_TEST_TMPDIR/seconds") s, p95 $(sed -n \
		"$(((runs * 95 + 99) / 100))p" "$BATS_TEST_TMPDIR/seconds") s" >&3
}

@test "service: at the target too, who may not end it ends nothing" {
	served
	serving
	taken sudo:web-1
	within 20 seen_alive
	cp "$KEYS/carol" "$HOST/etc/jit/carol"
	unharmed fails 1 there jit-revoke -C /srv/jit/ledger.git \
		-k /etc/jit/carol "$ID"
	explains "neither its holder"
	use sudo:web-1
}

@test "service: what is over before its connector has made it is not made" {
	local file

	served
	serving
	taken sudo:web-1
	within 20 seen_alive
	unkeep
	# back again, it makes it once more, and slowly
	odd sudo "[ \"\$1\" != grant ] || { touch /run/began; sleep 5; }
		exec /usr/local/libexec/jit/whole \"\$@\""
	cp "$BATS_TEST_TMPDIR/whole" "$SITE/usr/local/libexec/jit/whole"
	serving
	within 20 there test -e /run/began
	run -0 there jit-revoke -q -C /srv/jit/ledger.git -k /etc/jit/issuer "$ID"
	[ "$(probes)" = 'allowed refused' ]
	sleep 6
	file=$(find "$HOST/etc/sudoers.d" -type f)
	[ -z "$file" ]
	run ! use sudo:web-1
	whole sudo
}

# -- A ledger at a server -----------------------------------------------------

@test "service: a host that follows a remote issues what was approved elsewhere, and ends what was" {
	local srv=$BATS_TEST_TMPDIR/srv/jit before

	follows
	served
	serving
	taken ssh:web-1
	within 20 looked seen_alive
	use_ssh
	as alice jit-revoke -q "$ID"
	within 20 looked proven
	within 20 hosts_tip
	works jit-audit verify -C "$srv/ledger.git" -g "$GENESIS"
	# the server is gone: nothing is issued, and gates come to say no
	mv "$srv/server.git" "$srv/away"
	within 20 grep -q "cannot reach '/srv/jit/server.git'" "$HOST/keeper.log"
	mv "$srv/away" "$srv/server.git"
	within 20 grep -q "'/srv/jit/server.git' is reached again" \
		"$HOST/keeper.log"
	taken ssh:web-1
	# it takes no push, which would heal it, and goes back on what it showed:
	# nothing here follows
	printf '#!/bin/sh\nexit 1\n' >"$srv/server.git/hooks/pre-receive"
	chmod +x "$srv/server.git/hooks/pre-receive"
	within 20 looked hosts_tip
	before=$(git -C "$srv/server.git" rev-parse refs/heads/ledger)
	within 20 hosts_tip
	git -C "$srv/server.git" update-ref refs/heads/ledger "$before~1"
	within 20 grep -q "rolled back: expected event" "$HOST/keeper.log"
	[ "$(git -C "$srv/ledger.git" rev-parse refs/heads/ledger)" = "$before" ] ||
		[ "$(git -C "$srv/ledger.git" merge-base "$before" ledger)" = \
			"$before" ]
	git -C "$srv/server.git" update-ref refs/heads/ledger \
		"$(git -C "$srv/ledger.git" rev-parse ledger)"
}

@test "service: a host with neither key follows the remote all the same" {
	local srv=$BATS_TEST_TMPDIR/srv/jit

	follows
	up
	jq 'del(.key)' "$HOST/etc/jit/jit.conf" >"$HOST/etc/jit/jit.conf.new"
	mv "$HOST/etc/jit/jit.conf.new" "$HOST/etc/jit/jit.conf"
	: >"$HOST/keeper.log"
	(become_there jit-issue --watch) </dev/null >"$HOST/keeper.out" \
		2>>"$HOST/keeper.log" 3>&- &
	echo $! >"$HOST/keeper.pid"
	within 20 grep -q "following '/srv/jit/server.git'" "$HOST/keeper.log"
	request >/dev/null
	within 20 hosts_tip
}

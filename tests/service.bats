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
	[ ! -e "$BATS_TEST_TMPDIR/pg/data" ] || pg_down
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
	within 5 grep -q allowed <(probes)
	within 3 use "$1"
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

#!/usr/bin/env bats
# The whole path, and every exit status with the line that goes with it.
# shellcheck disable=SC2154 # run sets it

load helper

@test "workflow: the demo goes from nothing to a login, its end, a refusal and a verified clone" {
	local said

	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir "$TMPDIR"
	works timeout 180 "$ROOT/share/examples/demo"
	# in this order
	said=$(grep -xE '# .*|logged in as root|\(status [0-9]+\)|jit-check: .*' \
		<<<"$output")
	[[ $said == *"
# Before anything is issued, the key opens nothing
(status 255)
# She cannot approve it herself
(status 1)
# Nothing is issued without the vote
(status 4)
# Dan, a dba, approves, but for 10 minutes only
# The service makes a certificate, records it first, and tries it
# Now the login works
logged in as root
# Done early: "*"
# From then on the certificate opens nothing: sshd asked, and was told no
(status 255)
jit-check: no live grant has issued this certificate
(status 1)
# The proof: its end was due, and sshd was asked as her once more
# The history is git's
"* ]]
	[[ $output == *"
allowed, while it lived: ssh root@127.0.0.1, "*"
refused, "*" s after the end: ssh root@127.0.0.1, "* ]]
	says "AuthorizedPrincipalsCommand /usr/local/bin/jit-check --sshd %u %k"
	says "root@web-1"
	[[ ${lines[-1]} == "good: "*" seq 8 "* ]]
	explains "nobody votes on his own request"
	[ "$(grep -c 'Permission denied (publickey)' <<<"$stderr")" -eq 2 ]
	# nothing stays
	[ -z "$(ls -A "$TMPDIR")" ]
	run ! grep -lsF "$TMPDIR/" /proc/[0-9]*/mountinfo
}

@test "workflow: the demo shows each command before what it says" {
	# shellcheck disable=SC2016
	works bash -c '"$0" 2>&1' "$ROOT/share/examples/demo"
	[[ $output == *"ssh:web-1 root
jit-request: waits for 1 of dba
"* ]]
}

@test "workflow: jit-request prints the id and nothing else" {
	local id

	new_ledger
	id=$(as alice jit-request -t INC-4211 -m "slow query on orders" \
		-d 30m ssh:web-1 root 2>/dev/null)
	[[ $id =~ ^[0-9A-HJKMNP-TV-Z]{26}$ ]]
	[ "$(event | jq -r .id)" = "$id" ]
}

@test "workflow: two groups mean both, whoever comes first" {
	local id

	new_ledger
	id=$(request alice pg:orders admin)
	approve dan "$id"
	yields 4 as alice jit-status -j "$id"
	in_json '.stage == "pending"'
	approve bob "$id"
	yields 4 as alice jit-status -j "$id"
	in_json '.stage == "approved" and (.needs | all(.have == .need))'
}

@test "workflow: status 0 says done" {
	new_ledger
	granted
	works as alice jit-check ssh:web-1 root
	answers ""
}

@test "workflow: status 1 is a refusal and names the rule" {
	new_ledger
	fails 1 request bob
	explains "rule 'web-root' gives it to oncall"
	fails 1 request alice pg:ledger-main admin
	explains "change freeze CHG-9"
}

@test "workflow: status 2 is bad input, and nothing was written" {
	new_ledger
	unharmed fails 2 as alice jit-request -t INC-1 -m "slow query" \
		-d 30 ssh:web-1 root
	explains "30m"
	unharmed fails 2 as alice jit-request -t INC-1 -m "slow query" \
		-d 30m web-1 root
	explains "ssh:web-1"
	unharmed fails 2 as alice jit-request --no-such-option
	explains "jit-request -h"
}

@test "workflow: status 3 is trouble and says what to do" {
	new_ledger
	ssh-keygen -q -t ed25519 -N secret -f "$HOME/locked"
	JIT_KEY=$HOME/locked fails 3 jit-request -t INC-1 \
		-m "slow query on orders" -d 30m ssh:web-1 root
	explains "ssh-add"
	fails 3 as alice jit-status -C "$HOME/nowhere.git"
	explains "nowhere.git"
}

@test "workflow: status 4 is pending: a wait ran out, a vote is missing" {
	local id

	new_ledger
	yields 4 as alice jit-request -q -t INC-1 -m "slow query on orders" \
		-d 30m -w1s ssh:web-1 root
	id=$(request)
	fails 4 issue "$id"
	explains "1 of dba"
}

@test "workflow: status 5 is no such grant" {
	new_ledger
	fails 5 approve dan 01ARZ3NDEKTSV4RRFFQ69G5FAV
	explains "01ARZ3NDEKTSV4RRFFQ69G5FAV"
}

@test "workflow: status 6 is over, and by whom" {
	local id

	new_ledger
	id=$(request)
	as dan jit-approve -q --deny -m "not during the freeze" "$id"
	fails 6 approve dora "$id"
	explains "denied"
	explains "dan@ex.com"
}

@test "workflow: status 7 is bad evidence" {
	new_ledger
	request >/dev/null
	jit-status -q
	git_ledger update-ref refs/heads/ledger ledger~1
	fails 7 jit-status
	explains "rolled back"
	fails 7 jit-audit verify
}

@test "workflow: status 8 is busy: safe to retry" {
	local holder

	new_ledger
	flock "$JIT_LEDGER/jit.lock" sleep 100 3>&- &
	holder=$!
	sleep 0.2
	fails 8 request
	explains "again"
	pkill -P "$holder" sleep || true
	kill "$holder" 2>/dev/null || true
	wait "$holder" || true
	works request
}

@test "workflow: a denied request stays denied, a withdrawn vote is gone" {
	local id

	new_ledger
	id=$(request)
	approve dan "$id"
	as dan jit-approve -q --withdraw "$id"
	fails 4 issue "$id"
	approve dan "$id"
	issue "$id"
	works as alice jit-check ssh:web-1 root
}

@test "workflow: a grant ends by itself at the second it says" {
	local until

	new_ledger
	granted
	until=$(event | jq .until)
	until=$((until - $(date +%s)))
	works as alice later $((until - 3)) jit-check ssh:web-1 root
	yields 1 as alice later $((until + 1)) jit-check ssh:web-1 root
}

@test "workflow: the same bytes come out under any locale, zone and umask" {
	local id

	new_ledger
	id=$(LC_ALL=tr_TR.UTF-8 TZ=Asia/Kolkata request)
	(
		umask 000
		LC_ALL=tr_TR.UTF-8 TZ=America/New_York approve dan "$id"
	)
	works jit-audit log
	jit-audit log >"$HOME/a"
	LC_ALL=tr_TR.UTF-8 TZ=Asia/Kolkata GIT_DIR=/nowhere \
		GIT_OBJECT_DIRECTORY=/nowhere jit-audit log >"$HOME/b"
	cmp "$HOME/a" "$HOME/b"
}

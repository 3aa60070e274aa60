#!/usr/bin/env bats
# jit.notifyHook: told of each event, in nobody's way.
# shellcheck disable=SC2030,SC2031 # each test: a subshell of its own

load helper

setup() {
	seal
	new_ledger
	GOT=$BATS_TEST_TMPDIR/got
	mkdir "$GOT"
}

teardown() {
	fsck_ledger
}

# hook LINE...: a shell script of these lines, named in the user's config
hook() {
	HOOK=$BATS_TEST_TMPDIR/hook
	printf '%s\n' '#!/bin/sh' "got=$GOT" "$@" >"$HOOK"
	chmod 755 "$HOOK"
	git config --global jit.notifyHook "$HOOK"
}

# Keeps what it is told in a file of its own.
keeping() {
	# shellcheck disable=SC2016
	hook 'cat >"$got/$$.new"' 'mv "$got/$$.new" "$got/$$.json"'
}

# arrives N: so many notices, soon, and no more
arrives() {
	local i

	for ((i = 0; i < 100; i++)); do
		[ "$(find "$GOT" -name '*.json' | wc -l)" -lt "$1" ] || break
		sleep 0.1
	done
	sleep 0.3
	[ "$(find "$GOT" -name '*.json' | wc -l)" -eq "$1" ] || {
		echo "not $1 notices:"
		cat "$GOT"/*.json
		return 1
	}
}

# appears FILE: soon
appears() {
	local i

	for ((i = 0; i < 100; i++)); do
		[ ! -e "$1" ] || return 0
		sleep 0.1
	done
	echo "does not appear: $1"
	return 1
}

# milliseconds COMMAND...: how long it takes
milliseconds() {
	local from=${EPOCHREALTIME/./}

	"$@" >/dev/null 2>&1
	echo $(((${EPOCHREALTIME/./} - from) / 1000))
}

@test "notify: each event once, as it is on record" {
	local commit seq

	keeping
	ID=$(request)
	approve dan "$ID"
	as dan jit-approve -q --withdraw "$ID"
	approve dora "$ID"
	issue "$ID"
	as alice jit-revoke -q "$ID"
	ID=$(request)
	as dan jit-approve -q --deny -m 'not "today" <b>' "$ID"
	arrives 8
	seq=1
	for commit in $(git_ledger rev-list --reverse refs/heads/ledger | tail -n +2); do
		seq=$((seq + 1))
		jq -es --argjson event "$(event "$commit")" --argjson seq $seq \
			--arg ledger "$GENESIS" --arg sha256 "$(git_ledger \
			cat-file commit "$commit" | sha256sum | cut -d ' ' -f 1)" '
			map(select(. == {event: $event, seq: $seq,
				ledger: $ledger, sha256: $sha256})) | length == 1' \
			"$GOT"/*.json
	done
	[ "$seq" -eq 9 ]
	[ "$(jq -r .event.type "$GOT"/*.json | sort -u | paste -sd ' ')" = \
		'approve deny end issue request withdraw' ]
}

@test "notify: broken glass and its review are told" {
	new_ledger_with_glass
	keeping
	ID=$(as alice jit-request -q --break-glass -t INC-4211 \
		-m 'site is down' -d 10m ssh:web-1 root)
	issue "$ID"
	as dan jit-approve -q --review ok -m 'was needed' "$ID"
	arrives 3
	[ "$(jq -r .event.type "$GOT"/*.json | sort | paste -sd ' ')" = \
		'issue request review' ]
}

new_ledger_with_glass() {
	rm -rf "$JIT_LEDGER" "$XDG_STATE_HOME"
	new_ledger -p '.rules = [{id: "glass", who: ["oncall"],
		resource: "ssh:web-*", roles: ["root"], max: "1h",
		break_glass: true, review: {group: "dba", within: "1d"}}]'
}

# told TYPE...: of these, and no others
told() {
	[ "$(jq -r .event.type "$GOT"/*.json | sort | paste -sd ' ')" = "$*" ] ||
		{
			cat "$GOT"/*.json
			return 1
		}
}

@test "notify: changes of policy and people, and what they end, are told" {
	granted alice
	keeping
	jq '.limits.pending = "2h"' "$POLICY" >"$HOME/new.json"
	ID=$(as root jit-request -q -t CHG-7 -m 'as agreed on Monday' \
		--policy "$HOME/new.json")
	as rita jit-approve -q -y "$ID"
	as root jit-issue -q "$ID"
	arrives 3
	told approve policy request

	ID=$(as root jit-request -q -t CHG-8 -m 'as agreed on Monday' \
		--enroll eve@ex.com -p "$KEYS/mallory.pub")
	as rita jit-approve -q -y "$ID"
	as root jit-issue -q "$ID"
	arrives 6
	told approve approve enroll policy request request

	# retired at once, and her grant with her
	as root jit-request -q -m 'she has left us' --retire alice@ex.com
	arrives 8
	told approve approve end enroll policy request request retire
	[ "$(jq -r 'select(.event.type == "retire").event.principal' \
		"$GOT"/*.json)" = alice@ex.com ]
	[ "$(jq -r 'select(.event.type == "end").event.cause' \
		"$GOT"/*.json)" = offboard ]
}

@test "notify: several ends of one run are told one by one" {
	local ids=() i

	for i in 1 2 3; do
		granted
		ids+=("$ID")
	done
	keeping
	as alice jit-revoke -q "${ids[@]}"
	arrives 3
	[ "$(jq -r .event.id "$GOT"/*.json | sort)" = \
		"$(printf '%s\n' "${ids[@]}" | sort)" ]
}

@test "notify: nothing was written, nobody is told" {
	keeping
	fails 1 as carol jit-request -t INC-4211 -m 'slow query on orders' \
		-d 30m ssh:prod-1 admin
	as alice jit-request -n -q -t INC-4211 -m 'slow query on orders' \
		-d 30m ssh:web-1 root
	jit-status -q
	arrives 0
}

@test "notify: a slow hook is not waited for, nor is its output ours" {
	# shellcheck disable=SC2016
	hook 'echo loud' 'echo loud >&2' 'sleep 5' ': >"$got/done.json"'
	local from=$SECONDS
	works request
	[ $((SECONDS - from)) -lt 4 ]
	[ "${#output}" -eq 26 ]
	[ -z "$stderr" ]
	ID=$output
	[ "$(milliseconds approve dan "$ID")" -lt 4000 ]
	[ ! -e "$GOT/done.json" ]
}

@test "notify: holds no lock, has nothing of ours open, a small environment" {
	# shellcheck disable=SC2016
	hook 'ls -l /proc/$$/fd >"$got/fds"' 'env >"$got/env"' \
		'pwd >"$got/pwd"' "flock -n $JIT_LEDGER/jit.lock true &&" \
		': >"$got/free"' \
		'(: </dev/tty) 2>/dev/null && : >"$got/tty"' \
		': >"$got/ready"' 'sleep 8'
	ID=$(request 3>"$BATS_TEST_TMPDIR/ours")
	appears "$GOT/ready"
	[ "$(milliseconds approve dan "$ID")" -lt 4000 ]
	[ "$(events)" -eq 3 ]
	[ -e "$GOT/free" ]
	[ ! -e "$GOT/tty" ]
	[ "$(cat "$GOT/pwd")" = / ]
	cat "$GOT/fds" "$GOT/env"
	run ! grep -E "ours|jit.lock|ledger.git|pipe:|socket:|dev/(tty|pts)" \
		"$GOT/fds"
	[ "$(grep -c -- '-> /dev/null$' "$GOT/fds")" -eq 2 ]
	[ "$(cut -d = -f 1 "$GOT/env" | grep -vx _ | sort | paste -sd ' ')" = \
		'LC_ALL PATH PWD' ]
}

@test "notify: is killed after jit.hookTimeout, with what it started" {
	# shellcheck disable=SC2016
	hook 'sleep 30 &' 'echo $! $$ >"$got/pids"' ': >"$got/ready"' 'wait'
	git config --global jit.hookTimeout 1s
	request
	appears "$GOT/ready"
	sleep 2.5
	read -r -a pids <"$GOT/pids"
	[ "${#pids[@]}" -eq 2 ]
	for pid in "${pids[@]}"; do
		run ! test -e "/proc/$pid/exe"
	done
	git config --global jit.hookTimeout soon
	rm "$GOT/ready"
	works request
	[ -z "$stderr" ]
	appears "$GOT/ready"
}

@test "notify: a hook that is missing, fails or dies changes nothing" {
	local path

	# shellcheck disable=SC2016
	hook 'kill -9 $$'
	for path in "$HOOK" /nowhere/hook /etc/passwd /etc /bin/false ''; do
		git config --global jit.notifyHook "$path"
		works as alice jit-request -t INC-4211 \
			-m 'slow query on orders' -d 30m ssh:web-1 root
		[ "${#output}" -eq 26 ]
		[ "$stderr" = "jit-request: waits for 1 of dba" ]
	done
}

@test "notify: only the user's and the system's configuration name it" {
	keeping
	git config --global --unset jit.notifyHook
	git_ledger config jit.notifyHook "$HOOK"
	request
	cd "$JIT_LEDGER"
	request
	git clone -q "$JIT_LEDGER" "$HOME/clone"
	cd "$HOME/clone"
	git config jit.notifyHook "$HOOK"
	request
	git config --global jit.notifyHook hook
	cp "$HOOK" hook
	request
	arrives 0
}

@test "notify: adds no time that counts" {
	local i without with

	request >/dev/null
	without=$(milliseconds eval 'for i in 1 2 3 4 5; do request; done')
	hook 'sleep 3'
	with=$(milliseconds eval 'for i in 1 2 3 4 5; do request; done')
	echo "without: $without ms, with: $with ms"
	[ "$with" -lt $((2 * without + 500)) ]
}

# -- The examples ----------------------------------------------------------

# stub NAME: a program that keeps its words and its input
stub() {
	mkdir -p "$BATS_TEST_TMPDIR/stub"
	printf '%s\n' '#!/bin/sh' "printf '%s\\n' \"\$@\" >'$GOT/$1.words'" \
		"cat >'$GOT/$1.in'" >"$BATS_TEST_TMPDIR/stub/$1"
	chmod 755 "$BATS_TEST_TMPDIR/stub/$1"
}

# example NAME: is told of the last event
example() {
	event | jq -c --arg ledger "$GENESIS" \
		'{event: ., seq, ledger: $ledger, sha256: "5e"}' |
		PATH=$BATS_TEST_TMPDIR/stub:$PATH \
			"$ROOT/share/examples/notify-$1"
}

@test "notify: the example for mail sends one, and text stays text" {
	stub mail
	request alice -m "~! \$(touch $GOT/trap) \`touch $GOT/trap\` '\";" \
		ssh:web-1 root
	example mail
	[ "$(cat "$GOT/mail.words")" = "$(printf '%s\n' -s \
		'jit: request by alice@ex.com' root)" ]
	grep -qx '  resource: "ssh:web-1"' "$GOT/mail.in"
	# shellcheck disable=SC2016
	grep -qF '  reason: "~! $(touch ' "$GOT/mail.in"
	run ! grep -q '^~' "$GOT/mail.in"
	[ ! -e "$GOT/trap" ]
	grep -qx "  event 2 of $GENESIS" "$GOT/mail.in"
}

@test "notify: the example for mail says what kind of change is asked" {
	stub mail
	ID=$(as root jit-request -q -t CHG-7 -m 'as agreed on Monday' \
		--policy "$POLICY")
	example mail
	grep -qx '  change: "policy"' "$GOT/mail.in"
	[ "$(wc -l <"$GOT/mail.in")" -lt 20 ]
	as root jit-request -q -m 'she has left us' --retire alice@ex.com
	example mail
	grep -qx '  principal: "alice@ex.com"' "$GOT/mail.in"
}

@test "notify: the example for mail leaves out what is not asked for" {
	stub mail
	ID=$(request)
	as alice jit-request -q --cancel "$ID"
	example mail
	[ ! -e "$GOT/mail.words" ]
}

@test "notify: the example for a webhook posts one, its address in no words" {
	stub curl
	ID=$(request alice -m "<!here> & \"x\" \$(touch $GOT/trap)" ssh:web-1 root)
	example webhook
	[ "$(jq -r .text "$GOT/curl.in")" = "request by alice@ex.com : root on ssh:web-1 for INC-4211 - &lt;!here&gt; &amp; \"x\" \$(touch $GOT/trap)" ]
	[ ! -e "$GOT/trap" ]
	grep -qx -- -K "$GOT/curl.words"
	run ! grep -q http "$GOT/curl.words"
	approve dan "$ID"
	example webhook
	[ "$(jq -r .text "$GOT/curl.in")" = "approve by dan@ex.com $ID" ]
}

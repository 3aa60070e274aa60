#!/usr/bin/env bats
# Sessions that end: the keeper with a real sshd, PAM and sudo, as root.
# shellcheck disable=SC2030,SC2031,SC2154

load helper
load kept

setup_file() {
	install_site
}

setup() {
	seal
	kept_ledger
}

teardown() {
	down
	fsck_ledger
}

@test "keeper: a login is on record before its command, and closed after it" {
	up
	keep
	opened
	run -7 shell -- 'echo hello; exit 7'
	[ "$output" = hello ]
	within 15 closed 1
	counted
	uses | jq -es '.[0].program == "sshd" and .[0].host == "web-1" and
		.[0].id == .[1].id and (.[1] | has("killed") | not)'
	grep -q "opened" "$HOST/keeper.log"
}


@test "keeper: plain sshd lets a session outlive its certificate; here it ends" {
	up
	opened -d 8s
	# without the keeper's line sshd ends nothing
	sed -i 's/pam_exec.*/pam_permit.so/' "$HOST/etc/pam.d/sshd"
	linger 'echo ready; sleep 14; echo outlived'
	wait "$LOGIN"
	grep -q outlived "$BATS_TEST_TMPDIR/login.out"

	cp "$HOST/etc/pam.d/sudo" "$HOST/etc/pam.d/sshd"
	keep
	opened -d 8s
	linger 'echo ready; sleep 60'
	lapsed
	over
	uses | jq -es '.[-1].killed >= 1'
}

@test "keeper: it ends by revoke, by offboarding and by policy" {
	up
	keep
	opened
	linger 'echo ready; sleep 60'
	as alice jit-revoke -q "$ID"
	over 1

	opened
	linger 'echo ready; sleep 60'
	as rita jit-request -q --retire alice@ex.com -m 'she left the company'
	over 2

	WHO=carol opened
	linger 'echo ready; sleep 60'
	changed '.limits.pending = "3h"' # not what it rests on
	sleep 1
	alive
	changed '.rules |= map(select(.id != "web-root"))'
	over 3
}

@test "keeper: what forks twice and calls setsid ends too" {
	up
	keep
	opened -d 8s
	linger 'setsid sh -c "trap \"\" HUP TERM INT; (sleep 61 &) ; sleep 62" \
		</dev/null >/dev/null 2>&1 & (setsid nohup sleep 63 >/dev/null \
		2>&1 &); echo ready; sleep 64'
	[ "$(pgrep -fc 'sleep 6[1234]')" -ge 4 ]
	lapsed
	over
	run ! pgrep -f 'sleep 6[1234]'
}

@test "keeper: what a session leaves behind ends with it" {
	up
	keep
	opened
	run -0 shell -- 'setsid nohup sleep 65 >/dev/null 2>&1 </dev/null &'
	within 15 dead
	run ! pgrep -f 'sleep 65'
	within 15 closed 1
	uses | jq -es '.[-1].killed == 1'
}

@test "keeper: a root child that sudo started ends too, on record of its own" {
	up
	keep
	printf 'Defaults !requiretty\ndeploy ALL=(ALL) NOPASSWD: ALL\n' \
		>"$HOST/etc/sudoers"
	chmod 440 "$HOST/etc/sudoers"
	opened -d 9s
	ACCOUNT=deploy linger 'sudo -n sh -c "id -un; echo ready; exec sleep 66"'
	grep -q '^root$' "$BATS_TEST_TMPDIR/login.out"
	[ "$(uses | jq -s 'map(.program)' -c)" = '["sshd","sudo"]' ]
	lapsed
	over 2
	run ! pgrep -f 'sleep 66'
}

@test "keeper: a connection without a command, and one that is shared, end too" {
	local control=$BATS_TEST_TMPDIR/control

	up
	keep
	opened -d 11s
	shell -N -L $((20000 + RANDOM % 10000)):127.0.0.1:22 -- </dev/null \
		>/dev/null 2>&1 3>&- &
	LOGIN=$!
	within 15 alive
	shell -M -S "$control" -N -- </dev/null >/dev/null 2>&1 3>&- &
	within 15 test -S "$control"
	kill -0 $LOGIN
	run -0 shell -S "$control" -- 'cat /proc/self/cgroup'
	shell -S "$control" -- 'echo ready; sleep 67' </dev/null \
		>"$BATS_TEST_TMPDIR/login.out" 2>&1 3>&- &
	within 15 grep -q ready "$BATS_TEST_TMPDIR/login.out"
	lapsed
	over 2
	run ! pgrep -f 'sleep 67'
}

@test "keeper: no record, no session" {
	up
	opened
	# nobody keeps
	run -254 shell -- 'echo never'
	[ "$output" = "jit: no keeper answers here (jit-issue --watch): no session" ]

	# the ledger cannot be read
	keep
	mv "$JIT_LEDGER" "$JIT_LEDGER.away"
	sleep 0.5
	run shell -- 'echo never'
	mv "$JIT_LEDGER.away" "$JIT_LEDGER"
	[ "$status" -ne 0 ]
	[[ $output != *never* ]]

	# it cannot be written: the key is retired
	sleep 0.5
	as rita jit-request -q --retire web-1@ex.com -m 'the host is gone'
	run -254 shell -- 'echo never'
	[[ $output == "jit: no session: key SHA256:"*"is enrolled by nobody"* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ -z "$(uses)" ]
	within 15 dead
}

@test "keeper: a login without a certificate is none of its business" {
	up
	mkdir -p "$HOST/etc/keys"
	cp "$KEYS/dora.pub" "$HOST/etc/keys/root"
	sed -i "1i AuthorizedKeysFile /etc/keys/%u" "$HOST/etc/sshd_config"
	kill -HUP "$(cat "$HOST/pid")"
	sleep 0.3
	# shellcheck disable=SC2034
	SECRET=$KEYS/dora
	run -0 shell -- 'echo in'
	[ "$output" = in ]
}

@test "keeper: sessions survive its restart, and end all the same" {
	up
	keep
	opened -d 8s
	linger 'echo ready; sleep 68'
	unkeep
	alive
	keep
	grep -q 'taken over' "$HOST/keeper.log"
	alive
	lapsed
	over

	# killed, and something ended while nobody kept
	opened -d 9s
	linger 'echo ready; sleep 68'
	unkeep -KILL
	lapsed
	sleep 0.2
	alive
	keep
	over 2
}

@test "keeper: an extension keeps the session, without one it ends" {
	up
	keep
	opened -d 9s
	linger 'echo ready; sleep 69'
	first=$ID
	more=$(as alice jit-request -q --extend "$ID" -d 8s -m 'not done yet')
	approve dan "$more"
	as issuer jit-issue -q --ca "$KEYS/ca" -o /dev/null "$more"
	until=$(as alice jit-status -j "$first" | jq .until)
	while [ "$(date +%s)" -lt "$((until + 1))" ]; do sleep 0.1; done
	alive
	kill -0 "$LOGIN"
	lapsed
	over
}

# -- Recorders --------------------------------------------------------------

# recorded_site: web-1, whose certificates force the recorder
recorded_site() {
	rm -rf "$JIT_LEDGER" "$XDG_STATE_HOME"
	kept_ledger -p '.issuers[0].recorder = "/usr/local/libexec/jit/recorder"'
	up
	keep
}

# recording N: of the last session on record
recording() {
	echo "$HOST/lib/jit-keeper/recordings/$(session open)-$1.cast"
}

# chain FILE: its digest, computed by other means
chain() {
	local digest='' line

	while IFS= read -r line; do
		# shellcheck disable=SC2001
		digest=$( (printf %b "$(sed 's/../\\x&/g' <<<"$digest")"
			printf '%s\n' "$line") | sha256sum | cut -d ' ' -f 1)
	done <"$1"
	echo "$digest"
}

@test "keeper: what a login prints is recorded, and its digest on record" {
	recorded_site
	opened
	run -7 shell -- 'echo hello; echo there >&2; exit 7'
	[[ $output == *hello* && $output == *there* ]]
	within 15 closed 1
	counted
	jq -rs '.[1:] | map(.[2]) | join("")' "$(recording 1)" | grep -q hello
	uses | jq -es --arg digest "$(chain "$(recording 1)")" \
		'.[-1].recordings == [$digest] and .[-1].exit == 7'
	[ "$(stat -c %a "$(recording 1)")" = 600 ]

	# bytes are not touched
	head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
	shell -- 'cat' <"$BATS_TEST_TMPDIR/bytes" >"$BATS_TEST_TMPDIR/back"
	cmp "$BATS_TEST_TMPDIR/bytes" "$BATS_TEST_TMPDIR/back"
	within 15 closed 2
}

@test "keeper: each command of a shared connection is recorded" {
	local control=$BATS_TEST_TMPDIR/control

	recorded_site
	opened
	shell -M -S "$control" -N -- </dev/null >/dev/null 2>&1 3>&- &
	within 15 test -S "$control"
	run -0 shell -S "$control" -- 'echo one'
	run -0 shell -S "$control" -- 'echo two'
	shell -S "$control" -O exit -- 2>/dev/null || :
	within 15 closed 1
	uses | jq -es '.[-1].recordings | length == 2'
	grep -q two "$(recording 2)"
}

@test "keeper: without its recorder a session ends" {
	recorded_site
	opened
	linger 'echo ready; sleep 70'
	there pkill -KILL -x recorder
	over
	run ! pgrep -f 'sleep 70'
	grep -q 'its recorder is gone' "$HOST/keeper.log"

	# and without a keeper there is no recorder: sshd's own gate is closed
	unkeep
	run shell -- 'echo never'
	[ "$status" -ne 0 ]
	[[ $output != *never* ]]
}

@test "keeper: a recording goes on over its restart" {
	recorded_site
	opened
	linger 'echo ready; sleep 4; echo later; sleep 1'
	unkeep
	keep
	wait "$LOGIN"
	grep -q later "$BATS_TEST_TMPDIR/login.out"
	within 15 closed 1
	jq -rs '.[1:] | map(.[2]) | join("")' "$(recording 1)" |
		tr -d '\r' | paste -sd ' ' | grep -q 'ready later'
	uses | jq -es --arg digest "$(chain "$(recording 1)")" \
		'.[-1].recordings == [$digest]'
}

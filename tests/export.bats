#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # bats: its variables, subshells
# jit-report export: each event as a line, and never a gap.

load helper

setup() {
	seal
	new_ledger
}

teardown() {
	local pid

	for pid in $FOLLOWERS; do
		kill -9 "$pid" 2>/dev/null || :
	done
	fsck_ledger
}

# some N: that many more requests
some() {
	local i

	for ((i = 0; i < $1; i++)); do
		request >/dev/null
	done
}

# chain: the SHA-256 of all events, in order, as git has them
chain() {
	local oid

	git_ledger rev-list --reverse refs/heads/ledger | while read -r oid; do
		git_ledger cat-file commit "$oid" | sha256sum | cut -d ' ' -f 1
	done
}

# sums FILE: the SHA-256 of its whole lines, in order
sums() {
	jq -rR 'fromjson? | .sha256' "$1"
}

# complete FILE: every event is there, the first times in order
complete() {
	diff <(sums "$1" | awk '!seen[$0]++') <(chain)
}

# followed [OPTION]...: an export that waits for more, to 'lines'; $PID
followed() {
	jit-report export --follow "$@" >>lines 2>follow.err 3>&- &
	PID=$!
	FOLLOWERS+=" $PID"
}

# until_lines N: 'lines' has so many, within 20 s
until_lines() {
	local i

	for ((i = 0; i < 400; i++)); do
		[ "$(wc -l <lines)" -lt "$1" ] || return 0
		sleep 0.05
	done
	cat lines follow.err
	return 1
}

# left STATUS: the follower has ended, with it
left() {
	local status=0

	wait "$PID" || status=$?
	[ "$status" -eq "$1" ] || {
		echo "it ended with $status: $(cat follow.err)"
		return 1
	}
}

# -- Lines ------------------------------------------------------------------

@test "export: a line for each event, the oldest first, as log -j has it" {
	granted
	works jit-report export
	[ "${#lines[@]}" -eq 4 ]
	[ "$output" = "$(jit-audit -j log --reverse)" ]
	works jit-report export --format jsonl
	[ "$output" = "$(jit-audit -j log --reverse)" ]
	[ -z "$stderr" ]
}

@test "export: syslog is RFC 5424, to the byte" {
	granted
	works jit-report export --format syslog --enterprise 99999
	[ "${#lines[@]}" -eq 4 ]
	at=$(date -u -d "@$(event | jq .at)" +%FT%TZ)
	host=$(hostname)
	# what RFC 5424 section 6 lets a line be
	[ "$(grep -cP '^<1(08|09|10)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [!-~]{1,255} jit - [!-~]{1,32} \[jit@99999( [!#-<>-\\^-~]{1,32}="([^"\\\]]|\\["\\\]])*")+\] [^ ].*$' <<<"$output")" -eq 4 ]
	[[ ${lines[3]} == "<109>1 $at $host jit - issue [jit@99999 sha256=\"$(chain | tail -n 1)\" at=\"$(event | jq .at)\" "*" id=\"$ID\" "*"] issue $ID under web-root until "* ]]
	[[ ${lines[3]} != *'cert='* ]]
	works jit-report export --format syslog
	says '[jit@32473 '
}

@test "export: syslog escapes what would end a value" {
	as alice jit-request -q -t INC-1 -m 'a "quoted" \ and ] and [x@1 y="z"]' \
		-d 30m ssh:web-1 root >/dev/null
	works jit-report export --format syslog
	says ' reason="a \"quoted\" \\ and \] and [x@1 y=\"z\"\]" '
}

@test "export: syslog announces what is not ASCII" {
	rm -rf "$JIT_LEDGER"
	new_ledger -p '.rules[0].task = "*"'
	as alice jit-request -q -t 'Störung 7' -m 'größer als gedacht' -d 30m \
		ssh:web-1 root >/dev/null
	jit-report export --format syslog >lines
	[ "$(grep -c $'] \xef\xbb\xbf' lines)" -eq 1 ]
	grep -q $'] \xef\xbb\xbfrequest .*: Störung 7$' lines
	grep -qF 'reason="größer als gedacht"' lines
}

@test "export: broken glass and changes of people are warnings" {
	rm -rf "$JIT_LEDGER"
	new_ledger -p '.rules += [{id: "glass", break_glass: true,
		who: ["oncall"], resource: "ssh:glass-*", roles: ["root"],
		max: "15m", review: {group: "security", within: "1h"}}]'
	as alice jit-request -q --break-glass -t INC-1 -m 'the shop is down' \
		-d 10m ssh:glass-1 root >/dev/null
	write rita retire principal=dan@ex.com reason='has left us'
	request >/dev/null
	jit-report export --format syslog >lines
	[ "$(cut -d '>' -f 1 lines | tr '\n' ' ')" = '<109 <108 <108 <109 ' ]
}

@test "export: with --octets each message has its length before it" {
	some 3
	jit-report export --format syslog >plain
	jit-report export --format syslog --octets >counted
	while read -r line; do
		printf '%d %s' "$(printf %s "$line" | wc -c)" "$line"
	done <plain >expected
	cmp counted expected
}

@test "export: usage" {
	fails 2 jit-report export --format csv
	explains "--format 'csv' is neither jsonl nor syslog"
	fails 2 jit-report export --octets
	fails 2 jit-report export --format syslog --enterprise 0
	fails 2 jit-report export --format syslog --enterprise 12x
	fails 2 jit-report export --format syslog -j
	fails 2 jit-report report --follow
	fails 2 jit-report export --since 2026-01-01
	fails 7 jit-report export -g "${GENESIS//[0-9]/7}"
	answers ""
}

# -- The cursor -------------------------------------------------------------

@test "export: goes on after the cursor" {
	some 3
	works jit-report export --cursor cursor
	[ "${#lines[@]}" -eq 4 ]
	[ "$(cat cursor)" = "$(chain | tail -n 1)" ]
	works jit-report export --cursor cursor
	answers ""
	some 2
	works jit-report export --cursor cursor
	[ "$(jq -r .sha256 <<<"$output")" = "$(chain | tail -n 2)" ]
	[ ! -e cursor.new ]
	chain | sed -n 2p >cursor
	works jit-report export --cursor cursor
	[ "${#lines[@]}" -eq 4 ]
}

@test "export: a cursor that is not in the history is 7, and stays" {
	some 1
	printf '%064d\n' 7 >cursor
	fails 7 jit-report export --cursor cursor
	explains "the cursor's event (sha256 000000000000) is not in this history"
	answers ""
	[ "$(cat cursor)" = "$(printf '%064d' 7)" ]
	# rolled back to before it
	rm cursor
	jit-report export --cursor cursor >/dev/null
	DAMAGED=1
	git_ledger update-ref refs/heads/ledger "$(git_ledger rev-parse HEAD~1)"
	fails 7 env XDG_STATE_HOME="$PWD/new" jit-report export --cursor cursor
	fails 7 jit-report export --cursor cursor
	explains "rolled back"
}

@test "export: what is no cursor is 2" {
	echo hello >cursor
	fails 2 jit-report export --cursor cursor
	explains "'cursor' is no cursor: it holds no SHA-256 of an event"
	answers ""
	: >cursor
	fails 2 jit-report export --cursor cursor
}

@test "export: a disk that is full for the cursor leaves the old one" {
	[ "$(id -u)" -eq 0 ]
	some 2
	mkdir small
	mount -t tmpfs -o size=4k tmpfs small
	jit-report export --cursor small/cursor >lines || {
		umount small
		false
	}
	before=$(cat small/cursor)
	some 3
	# its one page is the cursor's: there is none for a new one
	status=0
	jit-report export --cursor small/cursor >>lines 2>err || status=$?
	after=$(cat small/cursor)
	files=$(ls small)
	umount small
	[ "$status" -eq 3 ]
	grep -q "cannot write the cursor 'small/cursor': No space left" err
	[ "$after" = "$before" ]
	[ "$files" = cursor ]
	complete lines
}

@test "export: no room for the answer is 3, and the cursor stays" {
	some 2
	fails 3 bash -c 'jit-report export --cursor cursor >/dev/full'
	explains "cannot write the answer: No space left on device"
	[ ! -e cursor ]
	yields 3 bash -c 'set -o pipefail; { sleep 1; jit-report export --cursor cursor; } | true'
	explains "cannot write the answer: Broken pipe"
	[ ! -e cursor ]
}

# -- Following --------------------------------------------------------------

@test "export: --follow writes what comes, and ends on SIGTERM" {
	some 1
	followed --cursor cursor
	until_lines 2
	some 3
	until_lines 5
	kill -TERM "$PID"
	left 0
	[ ! -s follow.err ]
	complete lines
	[ "$(cat cursor)" = "$(chain | tail -n 1)" ]
	[ "$(sums lines | sort | uniq -d)" = "" ]
}

@test "export: --follow survives a repack" {
	followed --cursor cursor
	until_lines 1
	some 2
	until_lines 3
	git_ledger repack -qad
	git_ledger pack-refs --all
	sleep 0.6
	some 2
	until_lines 5
	git_ledger repack -qad
	git_ledger prune-packed
	some 1
	until_lines 6
	kill -TERM "$PID"
	left 0
	complete lines
}

@test "export: --follow ends when nobody reads any more" {
	mkfifo pipe
	jit-report export --follow --cursor cursor >pipe 2>follow.err 3>&- &
	PID=$!
	FOLLOWERS+=" $PID"
	head -n 1 <pipe >/dev/null
	left 3
	grep -q "cannot write the answer: Broken pipe" follow.err
}

@test "export: a reader that stands still holds up nobody" {
	mkfifo pipe
	some 2
	exec 7<>pipe # nobody reads, and it holds little
	perl -e 'open(F, "+<&=", 7); fcntl(F, 1031, 4096) or die'
	jit-report export --follow --format syslog --cursor cursor >pipe \
		2>follow.err 3>&- &
	PID=$!
	FOLLOWERS+=" $PID"
	some 8
	[ "$(jit-report export --format syslog | wc -c)" -gt 5000 ]
	sleep 0.6
	works request
	works jit-audit verify
	kill -TERM "$PID"
	left 0
	exec 7>&-
	# what is not all out is not said to be
	run ! grep -qF "$(chain | tail -n 1)" cursor
}

@test "export: forged events are not written, and end it with 7" {
	followed
	until_lines 1
	some 1
	until_lines 2
	DAMAGED=1
	git_ledger update-ref refs/heads/ledger "$(git_ledger cat-file commit HEAD |
		sed 's/INC-4211/INC-4212/g' |
		git_ledger hash-object -t commit -w --stdin)"
	left 7
	[ "$(wc -l <lines)" -eq 2 ]
}

@test "export: killed at any moment, fifty times, it has no gap" {
	some 2
	for ((n = 0; n < 50; n++)); do
		jit-report export --follow --cursor cursor >>lines \
			2>follow.err 3>&- &
		PID=$!
		[ $((n % 5)) -ne 0 ] || some 2
		sleep "0.0$((RANDOM % 6 + 1))$((RANDOM % 10))"
		kill -9 "$PID"
		wait "$PID" || :
	done
	jit-report export --cursor cursor >>lines
	[ "$(events)" -eq 23 ]
	complete lines
	[ "$(cat cursor)" = "$(chain | tail -n 1)" ]
}

@test "export: a line that was cut is ended, and comes again" {
	some 2
	jit-report export >whole
	head -n 1 whole >lines
	head -n 2 whole | tail -n 1 | head -c 40 >>lines
	chain | head -n 1 >cursor
	jit-report export --cursor cursor >>lines
	[ "$(wc -l <lines)" -eq 4 ]
	complete lines
	# where nothing was cut nothing is added
	some 1
	jit-report export --cursor cursor >>lines
	[ "$(wc -l <lines)" -eq 5 ]
	complete lines
}

# -- In nobody's way --------------------------------------------------------

# traced COMMAND...: what it asked of the system, in 'trace'
traced() {
	strace -f -o trace -e trace=flock,fcntl,open,openat,creat,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat "$@"
}

@test "export: takes no lock of the ledger, and writes nothing there" {
	some 2
	traced jit-report export --cursor cursor >lines
	complete lines
	# the tracer sees what there is to see
	grep -q "openat(.*ledger.git/" trace
	run ! grep -q 'jit\.lock' trace
	run ! grep -E "$JIT_LEDGER.*(O_WRONLY|O_RDWR|O_CREAT)" trace
	run ! grep -E "^[0-9 ]*(rename|link|unlink|mkdir)[a-z0-9]*\(.*$JIT_LEDGER" trace
	# its one flock is of its own memory
	[ -z "$(grep -E '^[0-9 ]*openat\(.*\.lock"' trace |
		grep -v '/jit/export/')" ]
	# a writer does take it
	traced env JIT_KEY="$KEYS/alice" jit-request -q -t INC-1 \
		-m 'slow query on orders' -d 30m ssh:web-1 root >/dev/null
	grep -q 'jit\.lock' trace
}

@test "export: goes on while a writer holds the lock" {
	some 1
	exec 8>>"$JIT_LEDGER/jit.lock"
	flock 8
	works timeout 20 jit-report export
	[ "${#lines[@]}" -eq 2 ]
	exec 8>&-
}

@test "export: a reader's clone that cannot be written is read" {
	some 2
	git clone -q --mirror "$JIT_LEDGER" clone.git
	chmod -R a-w clone.git
	works jit-report export -C clone.git
	[ "${#lines[@]}" -eq 3 ]
	chmod -R u+w clone.git
}

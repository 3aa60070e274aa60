#!/usr/bin/env bats
# jit-approve: what history says of a request, before it asks.
# shellcheck disable=SC2030,SC2031 # each test: a subshell of its own

load helper

HOUR=3600
DAY=86400

setup() {
	seal
	new_ledger
}

teardown() {
	[ ! -e "${TMUX_SOCKET:-}" ] || tmux -S "$TMUX_SOCKET" kill-server
	fsck_ledger
}

# asked AT [OPTION OF request]...: AT seconds from now; the id is in $ID
asked() {
	local at=$1

	shift
	[ $# -gt 0 ] || set -- -d 30m ssh:web-1 root
	ID=$(as "${WHO:-alice}" later "$at" jit-request -q -t INC-4211 \
		-m 'slow query on orders' "$@")
}

# had AT [OPTION OF request]...: asked, approved and issued within AT's second
had() {
	asked "$@"
	as dora later "$1" jit-approve -q -y "$ID"
	as issuer later "$1" jit-issue -q --ca "$KEYS/ca" -o /dev/null "$ID"
}

# facts AT [NAME]: the block of history on the screen of $ID
facts() {
	works as "${2:-dan}" later "$1" jit-approve -v -y "$ID"
	# shellcheck disable=SC2154
	FACTS=$(sed -n '/^  history  /,/^$/p' <<<"$stderr")
}

# told TEXT: a row of history, from its beginning
told() {
	grep -qE "^(  history  |           )$1" <<<"$FACTS" || {
		printf 'not told: %s\n%s\n' "$1" "$stderr"
		return 1
	}
}

# rows N: history has so many
rows() {
	[ "$(wc -l <<<"$FACTS")" -eq "$1" ] || {
		printf 'not %s rows:\n%s\n' "$1" "$FACTS"
		return 1
	}
}

@test "context: of a new ledger there is one fact" {
	asked 0
	facts 0
	told 'first grant of this role here since the ledger began, [0-9]+s ago$'
	rows 1
}

@test "context: says how far back it goes" {
	asked $((12 * DAY))
	facts $((12 * DAY))
	told 'first grant of this role here since the ledger began, 12d ago$'
	asked $((100 * DAY))
	facts $((100 * DAY))
	told 'first grant of this role here in the last 90 days$'
}

@test "context: what is older than 90 days does not count" {
	had $((2 * DAY))
	had $((20 * DAY))
	asked $((91 * DAY))
	facts $((91 * DAY))
	told '2 grants of this role here in the last 90 days$'
	asked $((100 * DAY))
	facts $((100 * DAY))
	told '1 grant of this role here in the last 90 days$'
	asked $((111 * DAY))
	facts $((111 * DAY))
	told 'first grant of this role here in the last 90 days$'
}

@test "context: grants to others, of others' roles and never issued are not counted" {
	WHO=carol had $((1 * HOUR))
	had $((3 * HOUR)) -d 30m ssh:web-2 root
	asked $((4 * HOUR))
	asked $((5 * HOUR))
	as dora later $((5 * HOUR)) jit-approve -q -y "$ID"
	asked $((6 * HOUR))
	facts $((6 * HOUR))
	told 'first grant of this role here '
	[[ $FACTS != *usually* ]]
}

@test "context: the usual duration beside what is asked" {
	had $((1 * DAY)) -d 10m ssh:web-1 root
	had $((2 * DAY)) -d 20m ssh:web-1 root
	had $((3 * DAY)) -d 1h ssh:web-1 root
	asked $((12 * DAY)) -d 1h ssh:web-1 root
	facts $((12 * DAY))
	told '3 grants of this role here since '
	told 'usually asked for 20m \(median\), now for 1h$'
	rows 2
}

@test "context: the share of the last days, and what is back to back" {
	local i

	for i in 0 1 2 4; do
		had $((20 * DAY + i * HOUR)) -d 1h ssh:web-1 root
	done
	asked $((20 * DAY + 6 * HOUR))
	facts $((20 * DAY + 6 * HOUR))
	told 'live 2 % of the last 7 days, 2 back to back$'
}

@test "context: of a young ledger the share is of its age" {
	had 60 -d 1h ssh:web-1 root
	asked $((2 * HOUR))
	facts $((2 * HOUR))
	told '1 grant of this role here since the ledger began, 2h ago$'
	told 'live (49|50) % of the last (2h|1h59m)$'
}

@test "context: what was given back is not covered" {
	had $((20 * DAY)) -d 1h ssh:web-1 root
	as alice later $((20 * DAY + 60)) jit-revoke -q "$ID"
	asked $((20 * DAY + HOUR))
	facts $((20 * DAY + HOUR))
	told 'live under 1 % of the last 7 days$'
}

@test "context: an unusual hour, once five tell the usual ones" {
	local i

	for i in 1 2 3 4; do
		asked $((i * DAY)) -d 30m ssh:web-2 root
	done
	asked $((4 * DAY + 12 * HOUR))
	facts $((4 * DAY + 12 * HOUR))
	[[ $FACTS != *unusual* ]]
	asked $((7 * DAY + 6 * HOUR))
	facts $((7 * DAY + 6 * HOUR))
	told "unusual hour: none of 5 requests within 2h of [0-2][0-9]:[0-5][0-9] UTC$"
	asked $((8 * DAY + 2 * HOUR - 60))
	facts $((8 * DAY + 2 * HOUR - 60))
	[[ $FACTS != *unusual* ]]
}

@test "context: what is live now" {
	had 0
	asked 60 -d 30m ssh:web-2 root
	facts 60
	told 'live now: root on ssh:web-1, 2[89]m left$'
	had 90 -d 30m ssh:web-3 root
	had 90 -d 30m ssh:web-4 root
	asked 100 -d 30m ssh:web-2 root
	facts 100
	told 'live now: root on ssh:web-1, 2[89]m left; root on ssh:web-[34], '
	[ "$(tr -s ' \n' ' ' <<<"$FACTS" | grep -oE 'left; [0-9]+ more')" = \
		'left; 1 more' ]
	asked $((3 * HOUR))
	facts $((3 * HOUR))
	[[ $FACTS != *'live now'* ]]
}

@test "context: how fast the approver's last votes were" {
	local i=0 wait

	asked 0
	facts 0
	[[ $FACTS != *'your last'* ]]
	asked $DAY
	facts $DAY
	told 'your last vote came [0-9]+s after the request$'
	for wait in 1000 2000 3000; do
		i=$((i + 1))
		asked $((i * 2 * DAY))
		as dan later $((i * 2 * DAY + wait)) jit-approve -q -y "$ID"
	done
	asked $((12 * DAY))
	as dan later $((12 * DAY + 2000)) jit-approve -q --deny -m 'no' "$ID"
	asked $((13 * DAY))
	facts $((13 * DAY))
	told 'your last 6 votes came 16m4[0-9]s after the request \(median\)$'
	asked $((14 * DAY))
	facts $((14 * DAY)) dora
	[[ $FACTS != *'your last'* ]]
}

@test "context: the whole screen is 80 columns by 24 lines" {
	local i end=$((20 * DAY + 12 * HOUR)) screen

	for i in 1 2 3 4; do
		had $((i * DAY)) -d 30m ssh:web-1 root
	done
	asked $((5 * DAY))
	as dan later $((5 * DAY)) jit-approve -q -y "$ID"
	had $((end - 90 * 60)) -d 1h ssh:web-1 root
	had $((end - 30 * 60)) -d 1h ssh:web-1 root
	had $((end - 20 * 60)) -d 1h ssh:web-2 root
	asked $end -d 1h ssh:web-3 root
	as alice later $end jit-request -q --cancel "$ID"
	asked $end -d 1h ssh:web-1 root
	TMUX_SOCKET=$BATS_TEST_TMPDIR/tmux
	JIT_KEY=$KEYS/dan TERM=screen tmux -S "$TMUX_SOCKET" -f /dev/null \
		new-session -d -x 80 -y 24 \
		"faketime -f +${end}s jit-approve $ID; sleep 60" 3>&-
	for ((i = 0; i < 100; i++)); do
		screen=$(tmux -S "$TMUX_SOCKET" capture-pane -p)
		[[ $screen != *'y/N'* ]] || break
		sleep 0.1
	done
	echo "$screen"
	[[ $screen == "request $ID"* ]]
	grep -qx '  history  6 grants of this role here since the ledger began, 20d12h ago' <<<"$screen"
	grep -qx '           usually asked for 30m (median), now for 1h' <<<"$screen"
	grep -qx '           live under 1 % of the last 7 days, 1 back to back' <<<"$screen"
	grep -qE '^           live now: root on ssh:web-1, (30|29)m left; root on ssh:web-2, (40|39)m left$' \
		<<<"$screen"
	grep -qx '           your last vote came [0-9]*s after the request' <<<"$screen"
	grep -qx 'Approve as dba, for 1h? \[y/N\] *' <<<"$screen"
	[ "$(awk 'length > most { most = length } END { print most }' \
		<<<"$screen")" -le 80 ]

	# faketime leaves something behind when it is killed
	tmux -S "$TMUX_SOCKET" send-keys n Enter
	for ((i = 0; i < 100; i++)); do
		[[ $(tmux -S "$TMUX_SOCKET" capture-pane -p) != *'not approved'* ]] ||
			break
		sleep 0.1
	done
	sleep 0.2
}

@test "context: a change of policy is no grant" {
	jq '.rules[0].max = "30m"' "$POLICY" >"$BATS_TEST_TMPDIR/new.json"
	ID=$(as root later 60 jit-request -q -t CHG-1 \
		-m 'shorter grants of root' --policy "$BATS_TEST_TMPDIR/new.json")
	facts 60 rita
	told 'first request by this principal since the ledger began, 1m([0-9]+s)? ago$'
	rows 1
	ID=$(as root later 90 jit-request -q -t CHG-2 \
		-m 'shorter grants of root' --policy "$BATS_TEST_TMPDIR/new.json")
	facts 90 rita
	told '1 earlier request by this principal since '
}

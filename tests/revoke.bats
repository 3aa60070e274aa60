#!/usr/bin/env bats
# jit-revoke: from its record on every gate says no.
# shellcheck disable=SC2030,SC2031,SC2154 # run sets it

load helper

setup() {
	seal
	new_ledger
}

@test "jit-revoke: the holder ends it, and prints nothing" {
	granted
	works as alice jit-revoke "$ID"
	[ -z "$output" ]
	[ "$stderr" = "jit-revoke: ended $ID, cause revoke" ]
	output=$(event)
	in_json '.type == "end" and .cause == "revoke" and
		.by == "alice@ex.com" and (has("reason") | not)'
	fails 1 as alice jit-check ssh:web-1 root
}

@test "jit-revoke: -m is the reason" {
	granted
	as alice jit-revoke -q -m 'fixed' "$ID"
	[ "$(event | jq -r .reason)" = fixed ]
	granted
	unharmed fails 2 as alice jit-revoke -m $'fi\e[1mxed' "$ID"
	explains "is no reason"
}

@test "jit-revoke: an approver and an admin may" {
	granted
	works as dora jit-revoke -q "$ID"
	granted
	works as rita jit-revoke -q "$ID"
}

@test "jit-revoke: others may not" {
	granted
	unharmed fails 1 as carol jit-revoke "$ID"
	explains "carol@ex.com is neither its holder nor an approver, admin or issuer of it"
	unharmed fails 1 as bob jit-revoke "$ID"
	unharmed fails 1 as mallory jit-revoke "$ID"
}

@test "jit-revoke: an issuer says that it failed" {
	granted
	works as issuer jit-revoke "$ID"
	[ "$stderr" = "jit-revoke: ended $ID, cause failed" ]
}

@test "jit-revoke: what ran out ends with cause ttl" {
	granted
	works as issuer later 1801 jit-revoke "$ID"
	[ "$stderr" = "jit-revoke: ended $ID, cause ttl" ]
	[ "$(event | jq -r .cause)" = ttl ]
}

@test "jit-revoke: what lapsed ends with cause lapse" {
	ID=$(request alice)
	works as issuer later 14401 jit-revoke "$ID"
	[ "$(event | jq -r .cause)" = lapse ]
}

@test "jit-revoke: what still waits is cancelled or denied" {
	ID=$(request alice)
	unharmed fails 1 as alice jit-revoke "$ID"
	explains "grant $ID is not issued: cancel or deny it"
}

@test "jit-revoke: twice is over, unknown is 5, no id is 2" {
	granted
	as alice jit-revoke -q "$ID"
	unharmed fails 6 as alice jit-revoke "$ID"
	explains "grant $ID is over: ended, cause revoke by alice@ex.com at "
	unharmed fails 5 as alice jit-revoke 01KAAAAAAAAAAAAAAAAAAAAAAA
	unharmed fails 2 as alice jit-revoke one
	unharmed fails 2 as alice jit-revoke
}

@test "jit-revoke: each of several is tried, the highest status is the whole's" {
	local first second

	granted
	first=$ID
	granted
	second=$ID
	yields 6 as alice jit-revoke -q "$first" "$first" \
		01KAAAAAAAAAAAAAAAAAAAAAAA "$second"
	[ "${#stderr_lines[@]}" -eq 2 ]
	[[ ${stderr_lines[0]} == "jit-revoke: grant $first is over: "* ]]
	[[ ${stderr_lines[1]} == *01KAAAAAAAAAAAAAAAAAAAAAAA* ]]
	works as alice jit-status -j
	[ -z "$output" ]
}

@test "jit-revoke: -j prints one object for each" {
	local first

	granted
	first=$ID
	granted
	works as alice jit-revoke -q -j "$first" "$ID"
	[ "${#lines[@]}" -eq 2 ]
	in_json '.cause == "revoke" and .at > 0'
	[ "$(jq -r .id <<<"$output")" = "$(printf '%s\n' "$first" "$ID")" ]
}

@test "jit-revoke: -n writes nothing" {
	granted
	unharmed works as alice jit-revoke -n "$ID"
	[ "$stderr" = "jit-revoke: would end $ID, cause revoke" ]
	unharmed fails 1 as carol jit-revoke -n "$ID"
}

@test "jit-revoke: the holder's key and certificate go" {
	granted
	[ -f "$XDG_RUNTIME_DIR/jit/$ID" ]
	as alice jit-revoke -q "$ID"
	[ -z "$(ls -A "$XDG_RUNTIME_DIR/jit")" ]
}

# -- By what is meant -------------------------------------------------------

# scene: alice has $A on web-1 and $B on web-2, carol has $C on web-1, and
# one of each waits
scene() {
	granted
	A=$ID
	ID=$(request alice ssh:web-2 root)
	approve dan "$ID"
	issue "$ID"
	B=$ID
	granted carol
	C=$ID
	request >/dev/null
	request carol >/dev/null
}

# live: the grants that are, one a line
live() {
	jit-status -j --active | jq -r .id | sort
}

# left ID...: exactly these are live, and two wait
left() {
	[ "$(live)" = "$([ $# -eq 0 ] || printf '%s\n' "$@" | sort)" ] || {
		printf 'live:\n%s\n' "$(live)"
		return 1
	}
	[ "$(jit-status -j --pending | wc -l)" -eq 2 ]
}

@test "jit-revoke: --mine ends what is live of one's own" {
	scene
	works as alice jit-revoke --mine -m 'going home'
	answers ""
	[ "${#stderr_lines[@]}" -eq 2 ]
	explains "jit-revoke: ended $A, cause revoke"
	explains "jit-revoke: ended $B, cause revoke"
	left "$C"
	[ "$(event | jq -r .reason)" = 'going home' ]
	unharmed works as alice jit-revoke --mine
	[ "$stderr" = "jit-revoke: nothing to end" ]
	unharmed works as alice jit-revoke -q --mine
	[ -z "$stderr" ]
	unharmed works as dan jit-revoke -q --mine
}

@test "jit-revoke: --by ends all that one has" {
	scene
	works as rita jit-revoke -q --by alice@ex.com
	left "$C"
	unharmed works as rita jit-revoke --by alice@ex.com
	explains "nothing to end"
	unharmed works as rita jit-revoke --by nobody@ex.com
	explains "nothing to end"
}

@test "jit-revoke: --resource ends all that is live there" {
	scene
	works as rita jit-revoke -q --resource ssh:web-1
	left "$B"
	unharmed works as rita jit-revoke -q --resource 'ssh:db-*'
	works as rita jit-revoke -q --resource 'ssh:web-?'
	left
}

@test "jit-revoke: together they mean what all of them mean" {
	scene
	works as alice jit-revoke -q --mine --resource ssh:web-2
	left "$A" "$C"
	unharmed works as alice jit-revoke -q --mine --by carol@ex.com
	works as rita jit-revoke -q --by carol@ex.com --resource 'ssh:*'
	left "$A"
}

@test "jit-revoke: of those that are meant each is tried, each refusal is said" {
	scene
	yields 1 as carol jit-revoke -q --resource 'ssh:*'
	[ "${#stderr_lines[@]}" -eq 2 ]
	explains "carol@ex.com is neither its holder nor an approver, admin or issuer of it"
	left "$A" "$B"
	unharmed fails 1 as bob jit-revoke --resource ssh:web-2
	unharmed fails 1 as mallory jit-revoke --mine
	left "$A" "$B"
}

@test "jit-revoke: -n and -j go with what is meant" {
	scene
	unharmed works as alice jit-revoke -n --mine
	[ "${#stderr_lines[@]}" -eq 2 ]
	explains "would end $A, cause revoke"
	works as alice jit-revoke -j -q --mine
	[ "${#lines[@]}" -eq 2 ]
	in_json '.cause == "revoke" and .at > 0'
	[ "$(jq -r .id <<<"$output" | sort)" = "$(printf '%s\n' "$A" "$B" | sort)" ]
}

@test "jit-revoke: --expired puts on record what ran out and what lapsed, by an issuer" {
	local waits short

	short=$(request alice -d 10m ssh:web-1 root)
	approve dan "$short"
	issue "$short"
	granted carol
	waits=$(request alice)
	unharmed works as issuer jit-revoke --expired
	[ "$stderr" = "jit-revoke: nothing to end" ]

	works as issuer later 601 jit-revoke --expired
	[ "$stderr" = "jit-revoke: ended $short, cause ttl" ]
	[ "$(event | jq -r '.cause + " " + .by')" = "ttl issuer@ex.com" ]
	unharmed works as issuer later 603 jit-revoke -q --expired

	works as issuer later 14500 jit-revoke --expired
	[ "${#stderr_lines[@]}" -eq 2 ]
	explains "ended $ID, cause ttl"
	explains "ended $waits, cause lapse"
	[ -z "$(jit-status -j)" ]
	works later 14500 jit-audit verify
}

@test "jit-revoke: --expired by one who may not says so and ends nothing" {
	granted
	unharmed fails 1 as bob later 1801 jit-revoke --expired
	explains "bob@ex.com is neither its holder nor an approver"
	works as dan later 1801 jit-revoke -q --expired
	[ "$(event | jq -r '.cause + " " + .by')" = "ttl dan@ex.com" ]
}

@test "jit-revoke: one way of saying what, and only one" {
	local words

	scene
	for words in "" "--mine $A" "--by alice@ex.com $A" "--expired $A" \
		"--krl list $A" "--mine --expired" "--resource ssh:web-1 --expired" \
		"--mine --krl list" "--expired --krl list"; do
		# shellcheck disable=SC2086
		unharmed fails 2 as rita jit-revoke $words
		explains "say what: ids, or --mine, --by and --resource, or --expired, or --krl"
	done
	unharmed fails 2 as rita jit-revoke --by Alice
	explains "'Alice' is no principal"
	unharmed fails 2 as rita jit-revoke --resource 'ssh:[web'
	unharmed fails 2 as rita jit-revoke --resource ''
	unharmed fails 2 as rita jit-revoke --by
	unharmed fails 2 as rita jit-revoke --mine -m $'a\nb'
	unharmed fails 2 as rita jit-revoke --mine --ca "$KEYS/ca"
	explains "--ca goes with --krl"
	[ ! -e list ]
	left "$A" "$B" "$C"
}

# -- The list ---------------------------------------------------------------

# serials FILE: that the list has, one a line
serials() {
	ssh-keygen -Q -l -f "$1" | sed -n 's/^serial: //p'
}

@test "jit-revoke: --krl writes the list, needs no key, and adds no event" {
	local serial

	granted
	serial=$(event | jq .seq)
	as alice jit-revoke -q "$ID"
	unharmed works jit-revoke --krl list
	answers ""
	[ "$stderr" = "jit-revoke: 1 revoked, version 5" ]
	[ "$(stat -c %a list)" = 644 ]
	[ "$(serials list)" = "$serial" ]
	run -1 ssh-keygen -Q -f list "$CERT"
	says REVOKED
	[ "$(ls -A)" = "$(printf '%s\n' .gitconfig .local list)" ]

	works jit-revoke -q --krl - >/dev/null
	jit-revoke -q --krl - >piped
	[ "$(serials piped)" = "$serial" ]
	unharmed works jit-revoke -n --krl other
	[ ! -e other ]
}

@test "jit-revoke: --krl has what was ended before its end, for as long as that matters" {
	local first second

	granted
	first=$(event | jq .seq)
	as alice jit-revoke -q "$ID"
	granted
	second=$(event | jq .seq)
	# its own end does it
	as issuer later 1801 jit-revoke -q --expired
	later 1801 jit-revoke -q --krl list
	[ "$(serials list)" = "$(printf '%s\n' "$first" "$second")" ]
	# a clock that is behind by the skew still takes it, no later one
	as carol later 1950 jit-request -q -t INC-4211 -d 30m \
		-m 'slow query on orders' ssh:web-1 root >/dev/null
	later 1950 jit-revoke -q --krl list
	[ -z "$(serials list)" ]
	ssh-keygen -Q -l -f list >/dev/null
}

@test "jit-revoke: --krl is signed with --ca" {
	granted
	as alice jit-revoke -q "$ID"
	jit-revoke -q --krl plain
	works jit-revoke -q --ca "$KEYS/ca" --krl signed
	ssh-keygen -Q -l -f signed >/dev/null
	[ "$(stat -c %s signed)" -gt "$(stat -c %s plain)" ]
	[ "$(serials signed)" = "$(serials plain)" ]
	fails 3 jit-revoke --ca nowhere --krl signed
	fails 3 jit-revoke --ca "$KEYS/ca.pub" --krl signed
	ssh-keygen -Q -l -f signed >/dev/null
}

@test "jit-revoke: --krl where it cannot be written is trouble" {
	fails 3 jit-revoke --krl nowhere/list
	explains nowhere
	mkdir folder
	yields 3 jit-revoke --krl folder
	[ -d folder ]
	# shellcheck disable=SC2016
	fails 3 sh -c 'jit-revoke -q --krl - >/dev/full'
	fails 3 jit-revoke --krl /dev/full
	[ -c /dev/full ]
	# a pipe is written to, and not read first
	# shellcheck disable=SC2016
	works timeout 10 sh -c 'jit-revoke -q --krl /dev/stdout | cat >list'
	ssh-keygen -Q -l -f list >/dev/null
}

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

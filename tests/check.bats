#!/usr/bin/env bats
# jit-check: yes or no, and doubt is never yes.
# shellcheck disable=SC2030,SC2031,SC2034 # helper.bash reads it

load helper

setup() {
	seal
	new_ledger
}

@test "jit-check: yes is 0 and says nothing" {
	granted
	works as alice jit-check ssh:web-1 root
	[ -z "$output$stderr" ]
}

@test "jit-check: no is 1, and one line on stderr says why" {
	fails 1 as alice jit-check ssh:web-1 root
	[ -z "$output" ]
	explains "alice@ex.com has no open grant for 'root' on ssh:web-1"
}

@test "jit-check: -u asks about another, and needs no key" {
	granted
	rm -rf "$HOME/.ssh"
	works jit-check -u alice@ex.com ssh:web-1 root
	fails 1 jit-check -u carol@ex.com ssh:web-1 root
	explains "carol@ex.com has no open grant"
}

@test "jit-check: --why answers in one line on stdout" {
	local until

	granted
	until=$(event | jq -r '.until | todate')
	works as alice jit-check --why ssh:web-1 root
	answers "yes: grant $ID until $until"
	yields 1 as alice jit-check --why ssh:web-2 root
	answers "no: alice@ex.com has no open grant for 'root' on ssh:web-2"
	[ -z "$stderr" ]
}

@test "jit-check: -j answers in JSON and does not change the status" {
	granted
	works as alice jit-check -j ssh:web-1 root
	in_json ".allowed == true and .id == \"$ID\" and .until > 0 and
		(.why | startswith(\"grant $ID\"))"
	yields 1 as alice jit-check -j ssh:web-2 root
	in_json '.allowed == false and (.why | length) > 0 and
		(has("id") | not)'
}

@test "jit-check: pending and approved are no" {
	ID=$(request alice)
	fails 1 as alice jit-check ssh:web-1 root
	explains "grant $ID is not issued yet"
	approve dan "$ID"
	fails 1 as alice jit-check ssh:web-1 root
}

@test "jit-check: another role, resource or person is no" {
	granted
	fails 1 as alice jit-check ssh:web-1 backup
	fails 1 as alice jit-check ssh:web-10 root
	fails 1 as carol jit-check ssh:web-1 root
}

@test "jit-check: the window is half open" {
	local left

	granted
	left=$(($(event | jq .until) - $(date +%s)))
	works as alice later $((left - 3)) jit-check ssh:web-1 root
	fails 1 as alice later "$left" jit-check ssh:web-1 root
	explains "grant $ID ran out at "
}

@test "jit-check: after the end it is no" {
	granted
	as dan jit-revoke -q "$ID"
	fails 1 as alice jit-check ssh:web-1 root
}

@test "jit-check: a grant of some actions says yes to these only" {
	rm -rf "$JIT_LEDGER"
	new_ledger -p "$ACTIONS"
	ID=$(request alice -a /usr/bin/id -a '/usr/bin/cat /var/log/a' ssh:ops-1 root)
	approve dan "$ID" -a /usr/bin/id
	issue "$ID"
	works jit-check -u alice@ex.com -a " '/usr/bin/id'" ssh:ops-1 root
	fails 1 jit-check -u alice@ex.com -a '/usr/bin/id -u' ssh:ops-1 root
	explains "grant $ID does not give that action"
	fails 1 jit-check -u alice@ex.com -a '/usr/bin/cat /var/log/a' ssh:ops-1 root
	fails 1 jit-check -u alice@ex.com ssh:ops-1 root
	explains "grant $ID gives some actions only: ask for one (-a)"
	fails 2 jit-check -u alice@ex.com -a 'id' ssh:ops-1 root
	explains "jit-check: -a: 'id' is no program"
	fails 2 jit-check --pam -a /usr/bin/id
	fails 2 jit-check --sshd -a /usr/bin/id root x

	# and one of any to each
	granted carol
	works jit-check -u carol@ex.com -a '/bin/sh -c x' ssh:web-1 root
	works jit-check -u carol@ex.com ssh:web-1 root
}

@test "jit-check: one of two grants is enough" {
	granted
	granted
	as alice jit-revoke -q "$ID"
	works as alice jit-check ssh:web-1 root
}

@test "jit-check: a clock more than 5 s behind the tip is doubt" {
	granted
	fails 1 as alice faketime -f -3s jit-check ssh:web-1 root
	explains "grant $ID begins at "
	fails 3 as alice faketime -f -9s jit-check ssh:web-1 root
	explains "behind the ledger's tip: check the clock"
}

@test "jit-check: bad input is 2" {
	fails 2 as alice jit-check ssh:web-1
	explains 'name RESOURCE and ROLE, like ssh:web-1 root'
	fails 2 as alice jit-check web-1 root
	explains "'web-1' is no resource"
	fails 2 as alice jit-check ssh:web-1 Root
	explains "'Root' is no role"
	fails 2 jit-check -u Alice ssh:web-1 root
	explains "'Alice' is no principal"
}

@test "jit-check: a key that nobody enrolled is no" {
	fails 1 as mallory jit-check ssh:web-1 root
	explains "$(fingerprint mallory)"
}

@test "jit-check: no key, no ledger: trouble, never yes" {
	fails 3 env JIT_KEY=nowhere jit-check ssh:web-1 root
	fails 3 as alice jit-check -C nowhere.git ssh:web-1 root
	git init -q --bare empty.git
	fails 3 as alice jit-check -C empty.git ssh:web-1 root
}

@test "jit-check: an altered ledger is 7, never yes" {
	local object

	granted
	rm -rf "$XDG_STATE_HOME"
	object=$(git_ledger rev-parse HEAD^^)
	object=$JIT_LEDGER/objects/${object:0:2}/${object:2}
	chmod u+w "$object"
	printf 'x' | dd of="$object" bs=1 seek=20 conv=notrunc status=none
	DAMAGED=1
	fails 7 as alice jit-check ssh:web-1 root
}

@test "jit-check: a ledger that was rolled back is 7" {
	granted
	as alice jit-revoke -q "$ID"
	git_ledger update-ref refs/heads/ledger HEAD^
	fails 7 as alice jit-check ssh:web-1 root
	explains "rolled back"
}

@test "jit-check: an answer that cannot be written is trouble" {
	granted
	# shellcheck disable=SC2016
	fails 3 as alice sh -c 'jit-check --why ssh:web-1 root >/dev/full'
}

@test "jit-check: writes nothing to the ledger" {
	granted
	unharmed works as alice jit-check ssh:web-1 root
	unharmed fails 1 as carol jit-check ssh:web-1 root
}

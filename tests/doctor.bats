#!/usr/bin/env bats
# jit-doctor: what is wrong here, and what to run.  On a host: service.bats.
# shellcheck disable=SC2034,SC2154

load helper

# Its issuer was heard just now.
setup() {
	seal
	new_ledger
	"$TOOLS/forge" event -k "$KEYS/issuer" -C "$JIT_LEDGER" beat \
		counter:=1 due:=0 done:=0 owed:=0 >/dev/null
}

# doctor [OPTION]...: as alice
doctor() {
	as alice jit-doctor "$@"
}

# bad PART TEXT: that, and nothing else, is wrong; and what to do is said
bad() {
	[ "${#lines[@]}" -eq 1 ]
	[[ $output =~ ^"BAD  $1 "\ *.*"$2".*:\ [a-z-] ]]
	explains "jit-doctor: 1 thing is wrong"
}

@test "jit-doctor: where all is well it says so of each part" {
	works doctor
	says "ok   ledger     'test', 2 events, good"
	says "ok   clock      not behind the ledger"
	says "ok   key        alice@ex.com, person"
	says "ok   issuers    issuer@ex.com was heard 0s ago"
	says "ok   owed       nothing"
	[[ $output != *BAD* ]]
	works doctor -q
	answers ""
	works doctor -j
	in_json '.good and (.part | length > 0) and (has("run") | not)'
}

@test "jit-doctor: no ledger is one thing that is wrong" {
	yields 10 doctor -q -C nowhere
	bad ledger nowhere
	yields 10 doctor -q -j -C nowhere
	in_json '.good == false and .part == "ledger" and (.run | length > 0)'
}

@test "jit-doctor: a ledger that was bent is for jit-audit" {
	DAMAGED=1
	"$TOOLS/forge" event -k "$KEYS/carol" -C "$JIT_LEDGER" request \
		duration:=999999 >/dev/null
	yields 10 doctor -q
	[[ $output == *"BAD  ledger "*": jit audit verify" ]]
}

@test "jit-doctor: a clock that is behind" {
	yields 10 as alice later -60 jit-doctor -q
	says "BAD  clock"
	says "seconds ahead of this clock: set this machine's clock"
}

@test "jit-doctor: a key that nobody enrolled, and one that ends soon" {
	yields 10 as mallory jit-doctor -q -k "$KEYS/mallory"
	bad key "is enrolled by nobody"
	yields 10 as alice later $((350 * 86400)) jit-doctor -q
	says "BAD  key        the enrolment of alice@ex.com ends in"
}

@test "jit-doctor: a lock that is left over, but not one in use" {
	touch "$JIT_LEDGER/refs/heads/ledger.lock"
	works doctor -q
	touch -d '2 minutes ago' "$JIT_LEDGER/refs/heads/ledger.lock"
	yields 10 doctor -q
	bad locks "ledger.lock' is 12"
	rm "$JIT_LEDGER/refs/heads/ledger.lock"
}

@test "jit-doctor: an issuer that is silent" {
	yields 10 as alice later 7300 jit-doctor -q
	bad issuers "issuer@ex.com was last heard 2h1m ago"
}

@test "jit-doctor: what is owed, and what pays it" {
	granted
	as alice jit-revoke -q "$ID"
	yields 10 doctor -q
	bad owed "1 grants are over, and not shown to be dead"
}

@test "jit-doctor: it takes no words and changes nothing" {
	fails 2 doctor word
	unharmed works doctor
}

#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # bats: subshells, and its variables
# jit-init: founding a ledger, and all that it must not found.

load helper

setup() {
	seal
	POLICY=$BATS_TEST_TMPDIR/policy.json
	export JIT_LEDGER=$BATS_TEST_TMPDIR/made/ledger.git
	mkdir "${JIT_LEDGER%/*}"
}

# founds [OPTION]...: with the example's policy and everybody enrolled
founds() {
	local who

	[ -e "$POLICY" ] || [ "$POLICY" = - ] || policy >"$POLICY"
	mapfile -t who < <(enrolments)
	as root jit-init -u root@ex.com --policy "$POLICY" "${who[@]}" "$@" \
		"$JIT_LEDGER"
}

# refused STATUS TEXT [OPTION]...: founds nothing, and leaves nothing
refused() {
	local status_wanted=$1 text=$2

	shift 2
	fails "$status_wanted" founds "$@"
	explains "$text"
	[ -z "$output" ]
	[ -z "$(ls -A "${JIT_LEDGER%/*}")" ]
}

# with_policy JQ-FILTER
with_policy() {
	policy "$1" >"$POLICY"
}

@test "init: prints the fingerprint of genesis and nothing else" {
	works founds
	[[ $output =~ ^[0-9a-f]{64}$ ]]
	answers "$(git_ledger cat-file commit HEAD | sha256sum | cut -d ' ' -f 1)"
	[ "${#stderr_lines[@]}" -eq 1 ]
	explains "jit-init: founded 'ledger'"
}

@test "init: its hint names the ledger so that it is found from everywhere" {
	local hint

	works founds
	[[ $stderr == *"then: git config --global jit.ledger '$JIT_LEDGER'" ]]
	mkdir -p a/b
	cd a/b
	JIT_LEDGER=../rel.git works founds
	hint=${stderr##*then: }
	[ "$hint" = "git config --global jit.ledger '$HOME/a/rel.git'" ]
	unset JIT_LEDGER
	cd /
	eval "$hint"
	works jit-status
}

@test "init: -q says no hint" {
	works founds -q
	[ -z "$stderr" ]
}

@test "init: -j answers with one object" {
	works founds -j --name prod
	in_json '.name == "prod" and .seq == 1 and (.genesis | length) == 64'
	in_json ".ledger == \"$JIT_LEDGER\" and (keys | length) == 4"
}

@test "init: its ledger is one commit that stock git reads" {
	founds -q --name prod
	[ "$(git_ledger symbolic-ref HEAD)" = refs/heads/ledger ]
	[ "$(events)" -eq 1 ]
	[ "$(git_ledger log --format=%s)" = "genesis prod by root@ex.com" ]
	[ "$(git_ledger rev-parse 'HEAD^{tree}')" = \
		4b825dc642cb6eb9a060e54bf8d69288fbee4904 ]
}

@test "init: the founder is the first of the people, a person" {
	founds -q
	event | jq -e '.people[0] | .principal == "root@ex.com" and
		.class == "person"'
	event | jq -e '.people | length == 9'
	event | jq -e '.by == "root@ex.com"'
}

@test "init: the policy is in genesis as it was given" {
	founds -q
	[ "$(event | jq -S .policy)" = "$(jq -S . "$POLICY")" ]
}

@test "init: the policy may come from stdin" {
	policy >"$BATS_TEST_TMPDIR/p"
	POLICY=-
	works founds <"$BATS_TEST_TMPDIR/p"
}

@test "init: two ledgers of one policy have two fingerprints" {
	local first

	first=$(founds -q)
	mv "$JIT_LEDGER" "$BATS_TEST_TMPDIR/first.git"
	[ "$(founds -q)" != "$first" ]
}

@test "init: what it founded is remembered" {
	founds -q
	works jit-audit verify
	says "anchored by memory"
}

@test "init: founded anew at the same place, the former is forgotten" {
	works founds
	rm -r "$JIT_LEDGER"
	works founds
	works as root jit-status
	works jit-audit verify -g "$(git_ledger cat-file commit HEAD |
		sha256sum | cut -d ' ' -f 1)"
	says 'anchored by -g and memory'
}

@test "init: the founder may be git's user.email" {
	local who

	policy >"$BATS_TEST_TMPDIR/p"
	mapfile -t who < <(enrolments)
	git config --global user.email root@ex.com
	works as root jit-init --policy "$BATS_TEST_TMPDIR/p" "${who[@]}" l.git
	[ "$(git -C l.git log --format=%ae)" = root@ex.com ]
}

@test "init: without -u and user.email it asks for -u" {
	policy >"$BATS_TEST_TMPDIR/p"
	fails 2 as root jit-init --policy "$BATS_TEST_TMPDIR/p" l.git
	explains "who founds it? give -u PRINCIPAL"
	[ ! -e l.git ]
}

@test "init: a principal that is none is refused" {
	refused 2 "Root" -u Root
}

@test "init: without --policy it says where an example is" {
	fails 2 as root jit-init -u root@ex.com l.git
	explains "which policy? --policy FILE; jit-policy(5) has one to begin with"
}

@test "init: the example wants only its CA filled in" {
	POLICY=$ROOT/share/examples/policy.json
	refused 2 "issuers[0].ca[0]"
}

@test "init: a policy that is not there is refused" {
	POLICY=$BATS_TEST_TMPDIR
	refused 3 "cannot read"
	fails 2 as root jit-init -u root@ex.com --policy nowhere l.git
	explains "cannot read 'nowhere': No such file or directory"
}

@test "init: a policy that is not JSON is refused with its place" {
	printf '{"groups": {},\n "groups": {}}\n' >"$POLICY"
	refused 2 "line 2"
}

@test "init: an unknown member of the policy is named with its place" {
	with_policy '.rules[0].maxx = "1h"'
	refused 2 "rules[0]"
	explains "maxx"
}

@test "init: limits.stale is a duration" {
	with_policy '.limits.stale = 60'
	refused 2 "limits.stale"
	with_policy '.limits.stale = "0s"'
	refused 2 "limits.stale"
}

@test "init: a rule that says half of what it needs is refused" {
	with_policy '.rules[0].approve = []'
	refused 2 "or a 'budget' bound what nobody approves"
	with_policy '.rules[0].budget = {"grants": 6}'
	refused 2 "rules[0].budget: 'time' is missing"
	with_policy '.rules[0] |= (del(.approve) | .break_glass = true)'
	refused 2 "break-glass owes a 'review'"
	with_policy '.rules[0].when = {}'
	refused 2 "rules[0].when: 'days' is missing"
	with_policy '.rules[0].until = "2020-01-01"'
	refused 2 "must be within the coming year"
}

@test "init: a quorum that one requester could block is refused" {
	with_policy '.rules[0].approve[0].count = 3'
	refused 2 "it takes 4 persons enrolled, there are 3"
	with_policy '.admins.count = 2'
	refused 2 "admins"
}

@test "init: an issuer that is not enrolled as one is refused" {
	with_policy '.issuers[0].by = "alice@ex.com"'
	refused 2 "alice@ex.com is not enrolled as issuer"
}

@test "init: an enrolment needs a principal, a key and a class that are some" {
	refused 2 "names no key" --enroll eve@ex.com
	refused 2 "Eve" --enroll "Eve=$KEYS/mallory.pub"
	refused 2 "'king' is not known: a class (person, vendor, workload" \
		--enroll "eve@ex.com=$KEYS/mallory.pub,king"
	refused 2 "nowhere.pub" --enroll eve@ex.com=nowhere.pub
	refused 2 "mallory" --enroll "eve@ex.com=$KEYS/mallory"
}

@test "init: a key of another type is refused by name" {
	ssh-keygen -q -t rsa -b 2048 -N '' -f "$BATS_TEST_TMPDIR/rsa"
	ssh-keygen -q -t ecdsa -N '' -f "$BATS_TEST_TMPDIR/ecdsa"
	refused 2 "ssh-rsa" --enroll "eve@ex.com=$BATS_TEST_TMPDIR/rsa.pub"
	refused 2 "ecdsa" --enroll "eve@ex.com=$BATS_TEST_TMPDIR/ecdsa.pub"
	refused 3 "ssh-rsa" -k "$BATS_TEST_TMPDIR/rsa"
	explains "ssh-keygen -t ed25519"
}

@test "init: one key cannot be enrolled for two" {
	refused 1 "is enrolled twice" --enroll "eve@ex.com=$KEYS/alice.pub"
	refused 1 "is enrolled twice" --enroll "eve@ex.com=$KEYS/root.pub"
}

@test "init: a principal may have two keys, in one class" {
	works founds --enroll "alice@ex.com=$KEYS/host.pub"
	rm -r "$JIT_LEDGER"
	refused 1 "alice@ex.com is enrolled as" \
		--enroll "alice@ex.com=$KEYS/host.pub,vendor"
}

@test "init: a key that cannot sign is trouble" {
	refused 3 "nowhere" -k nowhere
	ssh-keygen -q -t ed25519 -N secret -f "$BATS_TEST_TMPDIR/locked"
	refused 3 "ssh-add" -k "$BATS_TEST_TMPDIR/locked"
}

@test "init: T112 a key that others may read is refused" {
	cp "$KEYS/root" "$BATS_TEST_TMPDIR/open"
	chmod 644 "$BATS_TEST_TMPDIR/open"
	refused 3 "$BATS_TEST_TMPDIR/open" -k "$BATS_TEST_TMPDIR/open"
}

@test "init: what is there already is left alone" {
	founds -q
	fails 3 founds
	explains "is there already"
	[ "$(events)" -eq 1 ]
	fails 3 founds -n
	explains "is there already"
}

@test "init: -n judges and writes nothing" {
	works founds -n
	[ -z "$output" ]
	explains "would found 'ledger'"
	[ ! -e "$JIT_LEDGER" ]
	[ ! -e "$XDG_STATE_HOME" ]
	works founds -n -j
	in_json '.dry_run and .name == "ledger" and .seq == 1'
	refused 1 "is enrolled twice" -n --enroll "eve@ex.com=$KEYS/alice.pub"
	with_policy '.rules[0].approve[0].count = 3'
	refused 2 "it takes 4 persons enrolled, there are 3" -n
	with_policy .
	refused 2 "name" -n --name "$(printf 'a\033b')"
}

@test "init: a name that is no text is refused" {
	refused 2 "name" --name ''
	refused 2 "name" --name "$(printf 'a\nb')"
}

@test "init: wrong words are status 2" {
	fails 2 jit-init
	explains 'where? name the LEDGER to be made'
	fails 2 jit-init a b
	fails 2 jit-init --clone x
	fails 2 jit-init -C x y
}

@test "init: T111 git's environment, the umask and the locale do not matter" {
	strange() {
		umask 000
		GIT_DIR=/nowhere GIT_OBJECT_DIRECTORY=/nowhere \
			GIT_ALTERNATE_OBJECT_DIRECTORIES=/nowhere \
			GIT_CONFIG=/nowhere founds
	}
	works strange
	[ "$(events)" -eq 1 ]
	[ -z "$(find "$XDG_STATE_HOME/jit" -perm /077)" ]
}

@test "init: R12 an answer that cannot be written is trouble" {
	full() {
		founds -q >/dev/full
	}
	fails 3 full
	explains "cannot write the answer"
}

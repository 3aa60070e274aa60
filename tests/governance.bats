#!/usr/bin/env bats
# How a ledger changes its own policy and people, through the programs: asked,
# approved by another admin, applied; and what rested on what was before ends.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load helper
load terminal

# Before seal forgets them.
TOOLS=${JIT_TOOLS:-$ROOT/.build/plain/tools}

setup() {
	seal
	new_ledger
}

teardown() {
	close_terminal
	fsck_ledger
}

# -- Changes ----------------------------------------------------------------

# propose NAME OPTION...: prints the id
propose() {
	as "$1" jit-request -q -t CHG-7 -m 'as agreed on Monday' "${@:2}"
}

# agreed NAME OPTION...: asked by root, approved by rita; the id is in $ID
agreed() {
	ID=$(propose root "$@")
	as rita jit-approve -q -y "$ID"
}

# changed OPTION...: and applied
changed() {
	agreed "$@"
	as root jit-issue -q "$ID"
}

# Options: enrol the key of NAME for PRINCIPAL.
enrolling() {
	printf '%s\n' --enroll "$1" -p "$KEYS/$2.pub"
}

# policy_file JQ-FILTER: its name
policy_file() {
	jq "$1" "$POLICY" >"$HOME/new.json"
	echo "$HOME/new.json"
}

# live WHO: may who is named have root on web-1?
live() {
	jit-check -u "$1@ex.com" ssh:web-1 root
}

# -- Attacks ----------------------------------------------------------------

# forge NAME TYPE WORD...: an event that no judge was asked about
forge() {
	"$TOOLS/forge" event -k "$KEYS/$1" -C "$JIT_LEDGER" -a "$KEYS/ca" \
		"${@:2}"
}

mark() {
	GOOD=$(git_ledger rev-parse refs/heads/ledger)
}

# caught TEXT: verify finds the forged tip and says TEXT; then it is undone
caught() {
	[ "$(git_ledger rev-parse refs/heads/ledger)" != "$GOOD" ]
	fails 7 jit-audit verify || return 1
	explains "$1" || return 1
	echo "$GOOD" >"$JIT_LEDGER/refs/heads/ledger"
	works jit-audit verify
}

# Whether git, hardened, says that a commit's signature is good.
git_trusts() {
	git -C "$JIT_LEDGER" --no-replace-objects -c gpg.format=ssh \
		-c gpg.ssh.program=ssh-keygen \
		-c gpg.ssh.allowedSignersFile="$HOME/signers" \
		verify-commit "$1" 2>/dev/null
}

# SHA-256 of the canonical bytes of the policy that a request asks for.
digest_of() {
	git_ledger log --format=%b refs/heads/ledger |
		jq -cSj "select(.type == \"request\" and .id == \"$1\") |
			.change.policy" | sha256sum | cut -d ' ' -f 1
}

# applied_bare ID: by an event only, so that nothing ends what rested on it
applied_bare() {
	forge root policy id="$1" version:="$2" digest="$(digest_of "$1")"
}

# gate COMMAND...: on a host whose gate reads this ledger
gate() {
	local dir=$BATS_TEST_TMPDIR/host

	if [ ! -d "$dir" ]; then
		mkdir -p "$dir/etc/jit" "$dir/state"
		cp /etc/passwd /etc/group "$dir/etc"
		jq -n --arg l "$JIT_LEDGER" --arg g "$GENESIS" \
			--arg s "$dir/state" '{ledger: $l, genesis: $g,
				state: $s, host: "web-1"}' >"$dir/etc/jit/jit.conf"
	fi
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount --bind "$1/etc" /etc && shift && exec "$@"' \
		sh "$dir" "$@"
}

# -- Must show --------------------------------------------------------------

@test "governance: two admins enrol, rotate, change policy, retire, recertify" {
	local first

	# enrol
	mapfile -t who < <(enrolling mallory@ex.com mallory)
	changed "${who[@]}"
	[ "$(event | jq -r '.type, .principal, .class, .by')" = "$(printf \
		'%s\n' enroll mallory@ex.com person root@ex.com)" ]
	works as mallory jit-status

	# rotate: her second key is there before the first goes
	mapfile -t who < <(enrolling mallory@ex.com host)
	changed "${who[@]}"
	works as root jit-request -m 'the old laptop is gone' --retire \
		"$(fingerprint mallory)"
	works as host jit-status
	fails 1 as mallory jit-request -t INC-1 -m 'slow query on orders' \
		-d 30m -p "$KEYS/alice.pub" ssh:web-1 root
	explains "is enrolled by nobody"

	# a policy: carol's live grant goes on, alice's is given no more
	granted alice
	first=$ID
	granted carol
	changed --policy "$(policy_file '.groups.oncall -= ["alice@ex.com"]')"
	[ "$(event | jq -r '.type, .id, .cause, .by')" = "$(printf '%s\n' \
		end "$first" policy root@ex.com)" ]
	[ "$(event HEAD~1 | jq -r '.type, .version')" = "$(printf '%s\n' \
		policy 2)" ]
	fails 1 live alice
	works live carol

	# retire, with a grant that is live and one that waits
	granted carol
	request carol ssh:web-2 root >/dev/null
	run --separate-stderr as root jit-request -m 'she has left us' \
		--retire carol@ex.com
	[ "$status" -eq 0 ]
	explains "cause offboard"
	[ "$(git_ledger log -3 --format=%b refs/heads/ledger |
		jq -r 'select(.type).cause')" = "$(printf '%s\n' offboard \
		offboard offboard)" ]
	[ "$(event HEAD~3 | jq -r '.type, .principal')" = "$(printf '%s\n' \
		retire carol@ex.com)" ]
	[ "$(as root jit-status -j | jq -s length)" -eq 0 ]

	# recertify: the same rules for another year
	works as root jit-issue -q "$(
		ID=$(propose root --policy "$(policy_file "
			.groups.oncall = [\"mallory@ex.com\"] |
			.rules[0].until = \"$(date -u -d '+300 days' +%F)\"")")
		as rita jit-approve -q -y "$ID"
		echo "$ID"
	)"
	[ "$(event | jq -r '.type, .version')" = "$(printf '%s\n' policy 3)" ]

	# all of it, by somebody else
	works jit-audit verify -g "$GENESIS"
	git clone -q --bare "$JIT_LEDGER" "$HOME/clone.git"
	works jit-audit verify -C "$HOME/clone.git" -g "$GENESIS"
	says "seq $(events) "
}

@test "governance: recertified, what is live goes on" {
	granted alice
	changed --policy "$(policy_file \
		".rules[0].until = \"$(date -u -d '+300 days' +%F)\"")"
	works live alice
	[ "$(event | jq -r .type)" = policy ]
}

@test "governance: T61 an old policy replayed is refused" {
	local old

	changed --policy "$(policy_file '.limits.pending = "2h"')"
	old=$ID
	changed --policy "$(policy_file '.limits.pending = "3h"')"
	mark
	applied_bare "$old" 2 >/dev/null
	caught "rule grant-open: "
	applied_bare "$old" 4 >/dev/null
	caught "rule grant-open: "
	agreed --policy "$(policy_file '.limits.pending = "2h"')"
	mark
	applied_bare "$ID" 2 >/dev/null
	caught "rule policy-version: its version is 2, must be 4"
	applied_bare "$ID" 5 >/dev/null
	caught "rule policy-version: "
	forge root policy id="$ID" version:=4 digest="$(digest_of "$old")" \
		>/dev/null
	works jit-audit verify # the same bytes: the same policy
}

@test "governance: one admin cannot lock the others out" {
	local id

	yields 0 as root jit-request -m 'he and not me' --retire rita@ex.com
	id=$output
	explains "too few admins would remain: it needs their quorum"
	fails 1 as root jit-approve -y "$id"
	fails 4 as root jit-issue "$id"
	[ "$(event | jq -r .type)" = request ]
	mark
	forge root retire principal=rita@ex.com reason='he and not me' >/dev/null
	caught "rule retire-admins: "
	forge root retire fingerprint="$(fingerprint rita)" \
		reason='he and not me' >/dev/null
	caught "rule retire-admins: "
	forge root retire id="$id" principal=rita@ex.com \
		reason='he and not me' >/dev/null
	caught "rule change-quorum: "
	id=$(propose root --enroll root@ex.com -p "$KEYS/mallory.pub")
	fails 4 as root jit-issue "$id"
	mark
	forge root enroll id="$id" principal=root@ex.com class=person \
		pubkey="$(cut -d ' ' -f 1,2 "$KEYS/mallory.pub")" >/dev/null
	caught "rule change-quorum: "
	id=$(propose root --policy "$(policy_file \
		'.groups.admins = ["root@ex.com", "bob@ex.com"]')")
	fails 4 as root jit-issue "$id"
	fails 1 as root jit-approve -y "$id"
	mark
	applied_bare "$id" 2 >/dev/null
	caught "rule change-quorum: "
	# and the other one says what she thinks of it
	works as rita jit-approve --deny -m 'not at all' "$id"
}

@test "governance: who is no admin asks, but neither votes nor applies" {
	local id

	id=$(propose bob --enroll mallory@ex.com -p "$KEYS/mallory.pub")
	fails 1 as bob jit-approve -y "$id"
	fails 1 as dan jit-approve -y "$id"
	works as rita jit-approve -y "$id"
	fails 1 as bob jit-issue "$id"
	explains "only an admin applies it: bob@ex.com is not in group 'admins'"
	yields 0 as bob jit-request -m 'he is gone for good' --retire dan@ex.com
	explains "only an admin"
	fails 1 as dan jit-approve -y "$output"
	works as root jit-issue "$id"
	mark
	forge bob retire principal=dan@ex.com reason='he is gone' >/dev/null
	caught "rule change-admin: "
}

@test "governance: retired or changed, every gate says no before any end" {
	granted alice
	works live alice
	works gate jit-check --gate -u alice@ex.com ssh:web-1 root
	mark
	forge root retire principal=alice@ex.com reason='gone' >/dev/null
	fails 1 live alice
	explains "rests on nothing any more: somebody was retired"
	fails 1 gate jit-check --gate -u alice@ex.com ssh:web-1 root
	[ "$(event | jq -r .type)" = retire ]

	granted carol
	agreed --policy "$(policy_file '.rules[0].resource = "ssh:web-2"')"
	works gate jit-check --gate -u carol@ex.com ssh:web-1 root
	applied_bare "$ID" 2 >/dev/null
	fails 1 live carol
	explains "rests on nothing any more: the policy has changed"
	fails 1 gate jit-check --gate -u carol@ex.com ssh:web-1 root
	[ "$(event | jq -r .type)" = policy ]
}

@test "governance: the sweeper ends what a policy or a retiring left" {
	local first

	granted alice
	first=$ID
	agreed --policy "$(policy_file '.rules[0].max = "10m"')"
	applied_bare "$ID" 2 >/dev/null
	works as issuer jit-revoke --expired
	explains "ended $first, cause policy"
	[ "$(event | jq -r '.cause, .by')" = "$(printf '%s\n' policy \
		issuer@ex.com)" ]
	ID=$(request carol -d 5m ssh:web-1 root)
	approve dan "$ID"
	issue "$ID"
	forge root retire principal=dan@ex.com reason='gone' >/dev/null
	works as issuer jit-revoke --expired
	explains "ended $ID, cause offboard"
	works jit-audit verify
	# what is not so is not said so
	ID=$(request carol -d 5m ssh:web-1 root)
	approve dora "$ID"
	issue "$ID"
	mark
	forge issuer end id="$ID" cause=policy >/dev/null
	caught "rule end-basis: "
	forge issuer end id="$ID" cause=offboard >/dev/null
	caught "rule end-basis: "
}

@test "governance: the sweeper ends a change that lapsed" {
	propose root --enroll mallory@ex.com -p "$KEYS/mallory.pub" >/dev/null
	works as issuer later 15000 jit-revoke --expired
	explains "cause lapse"
}

@test "governance: a retired key votes for nobody, its vote is gone" {
	local id

	mapfile -t who < <(enrolling dan@ex.com mallory)
	changed "${who[@]}"
	id=$(request carol)
	approve dan "$id"
	works as root jit-request -m 'his laptop was stolen' --retire \
		"$(fingerprint dan)"
	fails 4 as issuer jit-issue --ca "$KEYS/ca" "$id"
	fails 1 as dan jit-approve -y "$id"
	works as mallory jit-approve --withdraw "$id"
	works as mallory jit-approve -y "$id"
	issue "$id"
	works live carol
	works jit-audit verify
}

@test "governance: T66 a retired key signs with an earlier date" {
	local at key

	request alice >/dev/null
	at=$(event | jq .at)
	sleep 1.1
	works as root jit-request -m 'his key was stolen' --retire dan@ex.com
	jit-audit signers >"$HOME/signers"
	mark
	key=$(fingerprint dan)
	forge dan approve by=dan@ex.com key="$key" at:="$at" >/dev/null
	git_trusts refs/heads/ledger
	caught "rule chain-time: "
	forge dan approve by=dan@ex.com key="$key" at:="$(event | jq .at)" \
		>/dev/null
	git_trusts refs/heads/ledger
	caught "rule key-enrolled: key $key is not enrolled"
}

@test "governance: signers are all who ever signed, retired ones too" {
	local oid

	granted alice
	works as root jit-request -m 'they have left us' --retire alice@ex.com
	works as root jit-request -m 'they have left us' --retire dan@ex.com
	jit-audit signers >"$HOME/signers"
	grep -q '^dan@ex.com ' "$HOME/signers"
	grep -q '^alice@ex.com ' "$HOME/signers"
	for oid in $(git_ledger rev-list refs/heads/ledger); do
		git_trusts "$oid"
	done
}

@test "governance: a retired key is enrolled for nobody any more" {
	works as root jit-request -m 'he has left us' --retire dan@ex.com
	fails 1 propose root --enroll dan@ex.com -p "$KEYS/dan.pub"
	explains "is enrolled twice"
	fails 1 propose root --enroll bob@ex.com -p "$KEYS/dan.pub"
	fails 1 as root jit-request -m 'once more' --retire dan@ex.com
	explains "dan@ex.com is not enrolled"
}

@test "governance: two keys of one person count once" {
	local id

	changed --policy "$(policy_file '.rules[0].approve[0].count = 2')"
	mapfile -t who < <(enrolling dan@ex.com mallory)
	changed "${who[@]}"
	id=$(request carol)
	approve dan "$id"
	fails 1 as mallory jit-approve -y "$id"
	explains "dan@ex.com has voted already"
	fails 4 as issuer jit-issue --ca "$KEYS/ca" "$id"
	mark
	forge mallory approve id="$id" >/dev/null
	caught "rule vote-once: "
	# as admins too
	mapfile -t who < <(enrolling root@ex.com host)
	changed "${who[@]}"
	id=$(propose root --enroll eve@ex.com -p "$KEYS/ca.pub")
	fails 1 as host jit-approve -y "$id"
	mark
	forge host approve id="$id" as=admins >/dev/null
	caught "rule vote-self: "
}

@test "governance: what was agreed on is what is applied" {
	local pub

	agreed --enroll mallory@ex.com -p "$KEYS/mallory.pub"
	pub=$(cut -d ' ' -f 1,2 "$KEYS/mallory.pub")
	mark
	forge root enroll id="$ID" principal=eve@ex.com class=person \
		pubkey="$pub" >/dev/null
	caught "rule enrol-same: "
	forge root enroll id="$ID" principal=mallory@ex.com class=issuer \
		pubkey="$pub" >/dev/null
	caught "rule enrol-same: "
	forge root enroll id="$ID" principal=mallory@ex.com class=person \
		pubkey="$(cut -d ' ' -f 1,2 "$KEYS/host.pub")" >/dev/null
	caught "rule enrol-same: "
	forge root retire id="$ID" principal=bob@ex.com reason='instead' \
		>/dev/null
	caught "rule change-kind: "
	agreed --policy "$(policy_file '.limits.pending = "2h"')"
	mark
	forge root policy id="$ID" version:=2 digest="$(printf 'ab%.0s' {1..32})" \
		>/dev/null
	caught "rule policy-digest: "
	forge root retire principal=bob@ex.com fingerprint="$(fingerprint bob)" \
		reason='twice' >/dev/null
	caught "rule retire-one: "
}

@test "governance: -n says what would be and writes nothing" {
	unharmed works as root jit-request -n -t CHG-7 -m 'as agreed on Monday' \
		--enroll mallory@ex.com -p "$KEYS/mallory.pub"
	unharmed works as root jit-request -n -m 'he has left us' --retire \
		dan@ex.com
	explains "would retire dan@ex.com"
	agreed --policy "$(policy_file '.limits.pending = "2h"')"
	unharmed works as root jit-issue -n "$ID"
	explains "would apply $ID"
}

# -- The screen -------------------------------------------------------------

@test "governance: the screen says who would be enrolled" {
	ID=$(propose root --enroll mallory@vendor.ex -p "$KEYS/mallory.pub" \
		--class vendor --sponsor bob@ex.com --hardware \
		--until "$(date -u -d '+30 days' +%F)")
	at_terminal env JIT_KEY="$KEYS/rita" jit-approve "$ID"
	sees 'Approve as admins? [y/N]'
	sees 'what     change on ledger:people'
	sees 'change   enrol mallory@vendor.ex as vendor'
	sees "         key $(fingerprint mallory)"
	sees '         kept in hardware, as who asks says'
	sees '         sponsored by bob@ex.com'
	sees "         until $(date -u -d '+30 days' +%F)T00:00:00Z"
	sees 'rule     admins: a change is approved by 1 of admins'
	[[ $(tmux -S "$TMUX_SOCKET" capture-pane -p) != *"how long"* ]]
}

@test "governance: the screen says who would be retired" {
	ID=$(propose bob --retire dan@ex.com)
	at_terminal env JIT_KEY="$KEYS/rita" jit-approve "$ID"
	sees 'change   retire dan@ex.com, with 1 key (person)'
	sees 'what rests on it ends at once'
	sees 'Approve as admins? [y/N]'
	tmux -S "$TMUX_SOCKET" kill-server
	ID=$(propose bob --retire "$(fingerprint dan)")
	at_terminal env JIT_KEY="$KEYS/rita" jit-approve "$ID"
	sees "change   retire key $(fingerprint dan) of"
	sees 'dan@ex.com'
}

@test "governance: the screen says how a policy differs" {
	ID=$(propose root --policy "$(policy_file '
		.groups.dba = ["dan@ex.com", "dora@ex.com", "carol@ex.com"] |
		.groups.night = ["sue@ex.com"] | .limits.pending = "2h" |
		.rules[0].max = "2h" | .rules[0].key = "sk" | del(.rules[3]) |
		.rules = [.rules[1], .rules[0], .rules[2]] + [{id: "log",
			who: ["oncall"], resource: "ssh:log-*",
			roles: ["read"], max: "1h",
			approve: [{group: "dba", count: 1}]}]')")
	at_terminal env JIT_KEY="$KEYS/rita" jit-approve "$ID"
	sees 'Approve as admins? [y/N]'
	sees 'change   policy, in place of version 1'
	sees 'limits: pending was "4h", now "2h"'
	sees 'group dba: +carol@ex.com, -alice@ex.com'
	sees 'group night added: +sue@ex.com'
	sees 'rule web-root: key was nothing, now "sk"'
	sees 'rule web-root: max was "1h", now "2h"'
	sees 'rule log added:'
	sees 'rule frozen removed:'
	sees 'rules in another order: db-admin, web-root, prod-root, log'
	! tmux -S "$TMUX_SOCKET" capture-pane -p | grep -q '.\{81\}'
}

@test "governance: the screen says that a policy is the same, and escapes" {
	ID=$(propose root --policy "$POLICY")
	at_terminal env JIT_KEY="$KEYS/rita" jit-approve "$ID"
	sees 'the same: its rules begin a new year'
	tmux -S "$TMUX_SOCKET" kill-server
	fails 2 propose root --policy "$(policy_file \
		'.rules[3].why = "\u202e freeze"')"
	ID=$(propose root --policy "$(policy_file \
		'.rules[3].why = "\u00e9  [y/N] \\u202e"')")
	at_terminal env JIT_KEY="$KEYS/rita" jit-approve "$ID"
	sees 'rule frozen: why was "change freeze CHG-9", now '
	! tmux -S "$TMUX_SOCKET" capture-pane -p | grep -qP '\x{202e}|\x07'
}

# -- A ledger that goes on after another ------------------------------------

# succeed NAME TIP: found the ledger NAME, which goes on after TIP; use it
succeed() {
	local who

	JIT_LEDGER=$BATS_TEST_TMPDIR/$1.git
	mapfile -t who < <(enrolments)
	as root jit-init -q -u root@ex.com --name "$1" --policy "$POLICY" \
		"${who[@]}" --succeeds "$2" "$JIT_LEDGER"
}

tip() {
	jit-audit verify -q -j | jq -r .tip
}

@test "governance: a ledger succeeds another, by its last good event" {
	local old=$JIT_LEDGER tip

	tip=$(tip)
	fails 2 succeed second "${tip:0:12}"
	explains "--succeeds wants the SHA-256 of an event"
	succeed second "$tip"
	[ "$(event | jq -r .succeeds)" = "$tip" ]
	works jit-audit verify
	says ", succeeds $tip"
	explains "goes on after an older ledger, which is not verified here: --predecessor LEDGER"
	works jit-audit verify -j
	in_json ".succeeds == \"$tip\" and (has(\"predecessors\") | not)"
	JIT_LEDGER=$old
	works jit-audit verify
	[[ $output != *succeeds* ]]
	[ -z "$stderr" ]
}

@test "governance: verify follows a ledger to the one that it succeeds" {
	local old=$JIT_LEDGER tip genesis=$GENESIS second third

	granted alice
	tip=$(tip)
	second=$(succeed second "$tip")
	succeed second2 "$tip" >/dev/null
	JIT_LEDGER=$BATS_TEST_TMPDIR/second.git
	works jit-audit verify -g "$second" --predecessor "$old"
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == "good: $JIT_LEDGER genesis $second seq 1 "*"anchored by "*", succeeds $tip" ]]
	[[ ${lines[1]} =~ ^good:\ $old\ genesis\ $genesis\ seq\ 4\ tip\ $tip\ \([0-9ms]+\ ago\),\ succeeded$ ]]
	[ -z "$stderr" ]
	works jit-audit verify -j --predecessor "$old"
	in_json ".good and (.predecessors | length) == 1 and
		(.predecessors[0] | .genesis == \"$genesis\" and .seq == 4 and
		.tip == \"$tip\" and .after == 0 and .name == \"test\")"

	# by a clone, and a third that succeeds the second
	git clone -q --bare "$old" "$HOME/clone.git"
	third=$(succeed third "$(tip)")
	JIT_LEDGER=$BATS_TEST_TMPDIR/third.git
	works jit-audit verify --predecessor "$BATS_TEST_TMPDIR/second.git"
	explains "second.git' goes on after an older ledger"
	works jit-audit verify -g "$third" --predecessor \
		"$BATS_TEST_TMPDIR/second.git" --predecessor "$HOME/clone.git"
	[ "${#lines[@]}" -eq 3 ]
	says "$HOME/clone.git genesis $genesis seq 4 "
	[ -z "$stderr" ]

	# not another ledger, not in another order, not before the first
	fails 7 jit-audit verify --predecessor "$old"
	explains "predecessor '$old': it has no event with the sha256 "
	fails 7 jit-audit verify --predecessor "$BATS_TEST_TMPDIR/second2.git"
	explains "it has no event with the sha256 "
	fails 7 jit-audit verify -C "$old" --predecessor "$HOME/clone.git"
	explains "goes on after no other ledger"
	fails 3 jit-audit verify --predecessor "$HOME"
	fails 2 jit-audit log --predecessor "$old"
}

@test "governance: what is bad after the last good event is no matter, before it is" {
	local old=$JIT_LEDGER first tip

	first=$(tip)
	request alice >/dev/null
	tip=$(tip)
	request carol >/dev/null
	works jit-audit verify
	succeed second "$tip" >/dev/null
	works jit-audit verify --predecessor "$old"
	says "seq 2 tip $tip "
	explains "1 good event comes after the one that is succeeded"

	# the keys of issuer and admins are in other hands
	JIT_LEDGER=$old
	rm -rf "$XDG_STATE_HOME"
	forge root retire principal=rita@ex.com reason='he and not me' >/dev/null
	fails 7 jit-audit verify
	JIT_LEDGER=$BATS_TEST_TMPDIR/second.git
	works jit-audit verify --predecessor "$old"
	says "seq 2 tip $tip "
	explains "bad after the event that is succeeded: event 4 ("
	explains "rule retire-admins"
	works jit-audit verify -j --predecessor "$old"
	in_json '.good and .predecessors[0].after == 1'

	# before it nothing may be
	tip=$(git --git-dir="$old" cat-file commit refs/heads/ledger |
		sha256sum | cut -d ' ' -f 1)
	succeed third "$tip" >/dev/null
	fails 7 jit-audit verify --predecessor "$old"
	explains "predecessor '$old': event 4 ("
	yields 7 jit-audit verify -j --predecessor "$old"
	in_json '.good == false and (.bad.reason | contains("retire-admins"))'
	DAMAGED=1
}

@test "governance: an older ledger that was rolled back is known by memory" {
	local old=$JIT_LEDGER tip

	tip=$(tip)
	request alice >/dev/null
	git_ledger update-ref refs/heads/ledger refs/heads/ledger~1
	succeed second "$tip" >/dev/null
	fails 7 jit-audit verify --predecessor "$old"
	explains "predecessor '$old': rolled back: expected event 2 "
}

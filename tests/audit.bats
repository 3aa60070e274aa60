#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # bats: its variables, subshells
# jit-audit: what is good is called good, and nothing else is.

load helper

setup() {
	seal
	new_ledger
}

# A reader who remembers nothing.
stranger() {
	env -u JIT_KEY XDG_STATE_HOME="$BATS_TEST_TMPDIR/stranger" "$@"
}

# tip_sha256: of the newest event
tip_sha256() {
	git_ledger cat-file commit HEAD | sha256sum | cut -d ' ' -f 1
}

# move_tip REVISION: as somebody with the repository can
move_tip() {
	git_ledger update-ref refs/heads/ledger "$(git_ledger rev-parse "$1")"
}

# alter SED-SCRIPT: the newest commit rewritten, its signature as it was
alter() {
	DAMAGED=1
	move_tip "$(git_ledger cat-file commit HEAD | sed "$1" |
		git_ledger hash-object -t commit -w --stdin)"
}

# checks KIND [OPTION]...: jit-audit check with $INPUT on stdin
checks() {
	jit-audit check "$@" <"$INPUT"
}

# input TEXT: byte for byte, for checks
input() {
	INPUT=$BATS_TEST_TMPDIR/input
	printf '%s' "$1" >"$INPUT"
}

# forge NAME TYPE SUBJECT JQ-FILTER: an event after the newest, made from it
# by the filter, that NAME signed; what no writer would write
forge() {
	local at by head name=$1 seq type=$2 subject=$3

	seq=$(($(events) + 1))
	by=$name@ex.com
	event | jq -cjS --arg by "$by" --arg key "$(fingerprint "$name")" \
		--arg prev "$(tip_sha256)" --arg type "$type" \
		".seq = $seq | .by = \$by | .key = \$key | .prev = \$prev |
		.type = \$type | $4" >json
	at=$(jq .at json)
	head=$(printf '%s\n' "tree $(git hash-object -t tree /dev/null)" \
		"parent $(git_ledger rev-parse HEAD)" \
		"author jit $type <$by> $at +0000" \
		"committer jit $type <$by> $at +0000")
	printf '%s\n\n%s\n\n%s\n' "$head" "$subject" "$(cat json)" >payload
	rm -f payload.sig
	ssh-keygen -q -Y sign -n git -f "$KEYS/$name" payload
	{
		printf '%s\n' "$head"
		sed '1s/^/gpgsig /;2,$s/^/ /' payload.sig
		printf '\n%s\n\n%s\n' "$subject" "$(cat json)"
	} >forged
	move_tip "$(git_ledger hash-object -t commit -w --stdin <forged)"
}

# full COMMAND...: its answer has nowhere to go
full() {
	"$@" >/dev/full
}

# -- verify -----------------------------------------------------------------

@test "audit: verify says in one line what is good" {
	request >/dev/null
	works stranger jit-audit verify
	[[ $output =~ ^good:\ "$JIT_LEDGER"\ genesis\ "$GENESIS"\ seq\ 2\ tip\ "$(tip_sha256)"\ \([0-9]+s\ ago\),\ not\ anchored$ ]]
	[ -z "$stderr" ]
}

@test "audit: verify -j says it in one object" {
	request >/dev/null
	works stranger jit-audit verify -j
	in_json ".good and .name == \"test\" and .seq == 2 and
		.genesis == \"$GENESIS\" and .tip == \"$(tip_sha256)\" and
		.oid == \"$(git_ledger rev-parse HEAD)\" and
		.ledger == \"$JIT_LEDGER\" and .oddities == []"
	in_json '.age >= 0 and .at > 0 and (.anchored | not) and .anchored_by == []'
}

@test "audit: options may stand before and after the word" {
	works jit-audit -j verify
	in_json .good
	works jit-audit verify -j -C "$JIT_LEDGER"
	in_json .good
}

@test "audit: verify is anchored by memory, by -g, by both" {
	works jit-audit verify
	[[ $output == *", anchored by memory" ]]
	works stranger jit-audit verify -g "$GENESIS"
	[[ $output == *", anchored by -g" ]]
	works jit-audit verify -g "$GENESIS"
	[[ $output == *", anchored by -g and memory" ]]
	works jit-audit verify -j -g "$GENESIS"
	in_json '.anchored and .anchored_by == ["-g", "memory"]'
}

@test "audit: verify reads a clone as well as the ledger itself" {
	request >/dev/null
	git clone -q "$JIT_LEDGER" clone
	cd clone
	unset JIT_LEDGER
	works jit-audit verify
	says "seq 2"
	works jit-audit verify -C "$HOME/clone/.git"
	says "seq 2"
}

@test "audit: verify takes a packed ledger" {
	granted
	git_ledger repack -qad
	git_ledger pack-refs --all
	works jit-audit verify
	says "seq 4"
}

@test "audit: verify names the first bad event, its rule and reason" {
	request >/dev/null
	good=$(tip_sha256)
	request carol >/dev/null
	alter 's/INC-4211/INC-4212/g'
	fails 7 stranger jit-audit verify
	answers ""
	explains "event 3 (git $(git_ledger rev-parse --short=8 HEAD), sha256 $(tip_sha256 | cut -c 1-12))"
	yields 7 stranger jit-audit verify -j
	in_json "(.good | not) and .bad.seq == 3 and .good_until.seq == 2 and
		.bad.oid == \"$(git_ledger rev-parse HEAD)\" and
		.bad.sha256 == \"$(tip_sha256)\" and
		.good_until.tip == \"$good\" and (.bad.reason | length) > 20"
}

@test "audit: verify names the rule of the judge that an event breaks" {
	id=$(request)
	forge alice approve "approve $id as dba by alice@ex.com" \
		'{v, ledger, seq, prev, type, at, by, key, id, as: "dba",
		request: $prev}'
	git_ledger fsck --strict
	fails 7 stranger jit-audit verify
	explains "event 3 (git "
	explains "rule vote-self: nobody votes on his own request"
	yields 7 stranger jit-audit verify -j
	in_json '.bad.rule == "vote-self" and .bad.seq == 3'
}

@test "audit: what is forged as it should be would be good" {
	id=$(request)
	forge dan approve "approve $id as dba by dan@ex.com" \
		'{v, ledger, seq, prev, type, at, by, key, id, as: "dba",
		request: $prev}'
	works jit-audit verify
	says "seq 3"
}

@test "audit: T24 T41 verify knows a tip that was moved back" {
	request >/dev/null
	before=$(tip_sha256)
	move_tip HEAD~1
	fails 7 jit-audit verify
	explains "rolled back: expected event 2 (sha256 ${before:0:12})"
	works stranger jit-audit verify
	says "not anchored"
}

@test "audit: T24 verify knows a history that forked" {
	request >/dev/null
	works jit-audit verify
	move_tip HEAD~1
	stranger env JIT_KEY="$KEYS/carol" jit-request -q -t INC-1 -d 5m \
		-m 'another history' -p "$KEYS/carol.pub" ssh:web-1 root
	fails 7 jit-audit verify
	explains "forked: expected a history with event 2"
	stranger env JIT_KEY="$KEYS/carol" jit-request -q -t INC-1 -d 5m \
		-m 'another history' -p "$KEYS/carol.pub" ssh:web-1 root
	fails 7 jit-audit verify
	explains "forked: expected a history with event 2"
}

@test "audit: T45 verify knows another valid ledger in its place" {
	local other

	mv "$JIT_LEDGER" "$BATS_TEST_TMPDIR/first.git"
	other=$GENESIS
	XDG_STATE_HOME=$BATS_TEST_TMPDIR/elsewhere new_ledger
	fails 7 jit-audit verify
	explains "swapped: expected the ledger ${other:0:12}, found the ledger ${GENESIS:0:12}"
	fails 7 stranger jit-audit verify -g "$other"
	explains "-g names the ledger $other, this is $GENESIS"
	yields 7 stranger jit-audit verify -j -g "$other"
	in_json '(.good | not) and (.bad.reason | startswith("swapped"))'
}

@test "audit: T43 verify --max-age refuses a stale copy" {
	works later 500 jit-audit verify --max-age 10m
	says "(8m2"
	fails 3 later 3600 jit-audit verify --max-age 10m
	explains "stale: the newest event is 1h old, at most 10m is wanted"
	answers ""
	yields 3 later 3600 jit-audit verify --max-age 10m -j
	answers ""
}

@test "audit: verify cannot tell when the tip is in the future" {
	as alice later 900 jit-request -q -t INC-1 -d 5m -m 'from the future' \
		-p "$KEYS/alice.pub" ssh:web-1 root
	fails 3 jit-audit verify
	explains "behind the ledger's tip: check the clock"
	works later 700 jit-audit verify
}

@test "audit: -g wants a whole fingerprint" {
	fails 2 jit-audit verify -g "${GENESIS:0:12}"
	explains "64 lower-case hex digits"
	fails 2 jit-audit verify -g ''
}

@test "audit: --max-age wants a unit" {
	fails 2 jit-audit verify --max-age 10
}

@test "audit: a repository without events is not good" {
	git init -q --bare empty.git
	fails 7 jit-audit verify -C empty.git
	explains "holds no events"
}

@test "audit: what is no repository is trouble, with its path" {
	fails 3 jit-audit verify -C /nowhere
	explains "/nowhere"
	fails 3 jit-audit verify -C "$HOME"
}

@test "audit: R14 a shallow clone is incomplete, never good" {
	request >/dev/null
	git clone -q --depth 1 "file://$JIT_LEDGER" shallow
	fails 7 stranger jit-audit verify -C shallow
	explains "incomplete"
}

@test "audit: R15 a missing object is incomplete, never the end of history" {
	local oid

	request >/dev/null
	request carol >/dev/null
	for oid in $(git_ledger rev-list HEAD); do
		cp -r "$JIT_LEDGER" copy.git
		rm -f "copy.git/objects/${oid:0:2}/${oid:2}"
		fails 7 stranger jit-audit verify -C copy.git
		explains "incomplete"
		rm -r copy.git
	done
}

@test "audit: R16 another object format is trouble with its reason" {
	git init -q --bare --object-format=sha256 other.git
	fails 3 jit-audit verify -C other.git
	explains "objectformat"
}

@test "audit: T21 replace refs and grafts are reported and ignored" {
	request >/dev/null
	git_ledger replace HEAD HEAD~1
	mkdir -p "$JIT_LEDGER/info"
	git_ledger rev-parse HEAD >"$JIT_LEDGER/info/grafts"
	works jit-audit verify
	says "seq 2"
	explains "jit-audit: refs/replace exists: ignored"
	explains "jit-audit: info/grafts exists: ignored"
	works jit-audit verify -j -q
	[ -z "$stderr" ]
	in_json '.good and (.oddities | length) == 2'
	git_ledger replace -d "$(git_ledger rev-parse HEAD)"
	rm "$JIT_LEDGER/info/grafts"
}

@test "audit: R12 T110 verify is good only once that was written" {
	fails 3 full jit-audit verify
	explains "cannot write the answer"
	fails 3 full jit-audit verify -j
	fails 3 full jit-audit log
	fails 3 full jit-audit signers
	input '{}'
	fails 3 full checks json
}

@test "audit: R13 verify opens nothing for writing" {
	request >/dev/null
	ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS:-}" \
		LSAN_OPTIONS="detect_leaks=0:${LSAN_OPTIONS:-}" \
		strace -f -qq -o trace -e trace=%file,ftruncate,fchmod \
		jit-audit verify
	run ! grep -wE 'O_WRONLY|O_CREAT|O_TRUNC|mkdir|rename|renameat2?|unlink|unlinkat|link|linkat|symlink|chmod|fchmodat|ftruncate' trace
	run ! grep -E 'O_RDWR' <(grep -v '"/dev/null"' trace)
}

@test "audit: R13 verify runs no program, asks no network" {
	ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS:-}" \
		LSAN_OPTIONS="detect_leaks=0:${LSAN_OPTIONS:-}" \
		strace -f -qq -o trace -e trace=execve,socket,connect \
		jit-audit verify
	[ "$(grep -c execve trace)" -eq 1 ]
	run ! grep -E 'socket|connect' trace
}

@test "audit: T112 no word of it reads a private key" {
	ID=$(request)
	ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS:-}" \
		LSAN_OPTIONS="detect_leaks=0:${LSAN_OPTIONS:-}" \
		as alice strace -f -qq -o trace -e trace=%file \
		jit-audit show "$ID" >/dev/null
	run ! grep -F "$KEYS" trace
}

# -- log --------------------------------------------------------------------

@test "audit: log has a line for each event, the newest first" {
	granted
	works jit-audit log
	[ "${#lines[@]}" -eq 4 ]
	[[ ${lines[0]} =~ ^....-..-..T..:..:..Z\ +4\ issue\ $ID\ under\ web-root ]]
	[[ ${lines[3]} =~ ^....-..-..T..:..:..Z\ +1\ genesis\ test\ by\ root@ex.com$ ]]
	[ -z "$stderr" ]
}

@test "audit: log says what git log says" {
	granted
	works jit-audit log
	diff <(git_ledger log --format=%s) <(cut -c 30- <<<"$output")
}

@test "audit: log --reverse begins with genesis" {
	granted
	works jit-audit log
	diff <(tac <<<"$output") <(jit-audit log --reverse)
	works jit-audit log --reverse -j
	[ "$(jq -c .seq <<<"$output" | xargs)" = "1 2 3 4" ]
}

@test "audit: log -j prints each event whole, with what it is found by" {
	granted
	works jit-audit log -j
	[ "${#lines[@]}" -eq 4 ]
	diff <(jq -cS .event <<<"$output") \
		<(git_ledger log --format=%b | sed '/^$/d' | jq -cS .)
	diff <(jq -r .oid <<<"$output") <(git_ledger rev-list HEAD)
	[ "$(jq -r .sha256 <<<"${lines[0]}")" = "$(tip_sha256)" ]
	in_json '.seq == .event.seq and .at == .event.at'
}

@test "audit: log of a bad ledger says nothing but that" {
	request >/dev/null
	alter 's/INC-4211/INC-4212/g'
	fails 7 stranger jit-audit log
	answers ""
}

@test "audit: T10 T114 what others wrote does nothing to a terminal" {
	as alice jit-request -q -d 30m -t 'INC-1 \u001b]0;x\u0007' \
		-m 'slow "query" \u202e on orders' pg:orders admin >id
	for word in log "log -j" "show $(cat id)" "show -j $(cat id)"; do
		# shellcheck disable=SC2086 # the words of a command
		works jit-audit $word
		run ! grep -P '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae' \
			<<<"$output"
	done
}

# -- show -------------------------------------------------------------------

# decision FILTER: holds of the decision that the last command printed
decision() {
	in_json ".decision | $1"
}

@test "audit: show tells the story of a grant in order, on one screen" {
	granted
	write issuer probe id="$ID" outcome=allowed how='sshd took the key'
	as alice jit-revoke -q -m 'index added' "$ID"
	write issuer probe id="$ID"
	works jit-audit show "$ID"
	[ "${lines[0]}" = "grant $ID" ]
	diff <(grep -o '^  [a-z]* .*Z \[[0-9]*\]' <<<"$output" | tr -s ' ' |
		cut -d ' ' -f 2,4) - <<-EOT
		request [2]
		approve [3]
		issue [4]
		probe [5]
		end [6]
		probe [7]
	EOT
	says "  who      alice@ex.com (person)"
	says "  what     root on ssh:web-1"
	says "  why      INC-4211: slow query on orders"
	says " for 30m, from "
	says " [3] dan@ex.com as dba"
	says " [6] revoke, by alice@ex.com: index added"
	[ "${lines[-1]}" = "now over" ]
	[ "$(wc -l <<<"$output")" -le 24 ]
	[ "$(wc -L <<<"$output")" -le 80 ]
}

@test "audit: show asks the judge again: rule, votes, what was missing" {
	id=$(request carol pg:orders admin -d 20m)
	approve bob "$id" -d 10m
	approve dan "$id"
	write issuer issue id="$id"
	works jit-audit show "$id"
	says "  decided  by event 5 under policy 1: asked again, the judge says the same"
	says "  rule     db-admin: oncall may be admin on pg:* for at most 30m, approved by 1
           of dba and 1 of security"
	says "  votes    bob@ex.com as security counts
           dan@ex.com as dba counts, the last: 1 of dba was missing"
	works jit-audit -j show "$id"
	decision '.same and .type == "issue" and .seq == 5 and .policy == 1 and
		.rule == "db-admin" and .met and .would_last == 600 and
		.missing_before_last == "1 of dba" and
		[.votes[] | [.by, .as, .counts, .completes]] ==
			[["bob@ex.com", "security", true, false],
			["dan@ex.com", "dba", true, true]] and
		[.needs[] | [.group, .need, .have]] ==
			[["dba", 1, 1], ["security", 1, 1]]'
}

@test "audit: show says what the judge would have refused, and by which rule" {
	id=$(request)
	approve dan "$id" -d 10m
	issue "$id"
	works jit-audit -j show "$id"
	lapses=$(jq .decision.lapses <<<"$output")
	decision "[.refused_if[] | [.if, .rule]] == [
		[\"without the vote of dan@ex.com\", \"issue-quorum\"],
		[\"issue at $(date -u -d "@$lapses" +%FT%TZ)\", \"grant-lapsed\"],
		[\"issued for longer than 10m\", \"issue-until\"],
		[\"asked for more than 1h\", \"request-max\"],
		[\"without a task like 'INC-#'\", \"request-task\"],
		[\"without rule 'web-root'\", \"policy-match\"]]"
	decision '.refused_if[2].why == "a vote narrowed it"'
	[ "$((lapses - $(event HEAD~1 | jq .at)))" -eq 3600 ]
	works jit-audit show "$id"
	tr -s ' \n' ' ' <<<"$output" >flat
	grep -qF "without the vote of dan@ex.com (issue-quorum); issue at" flat
	grep -qF "issued for longer than 10m (issue-until); asked for more than 1h (request-max)" flat
}

@test "audit: show decides by the people and policy of that time" {
	granted
	first=$ID
	# the rule goes, and then who voted
	jq 'del(.rules[] | select(.id == "web-root"))' "$POLICY" >next.json
	id=$(as root jit-request -q -t CHG-1 -m 'no more root there' \
		--policy next.json)
	approve rita "$id"
	as rita jit-issue -q "$id"
	change=$id
	write rita retire principal=dan@ex.com reason='has left us'
	works jit-audit -j show "$first"
	decision '.same and .policy == 1 and .rule == "web-root" and
		all(.votes[]; .counts)'
	# and the change itself by the admins that there were
	works jit-audit -j show "$change"
	decision '.same and .type == "policy" and .policy == 1 and .met and
		.needs == [{"group": "admins", "need": 1, "have": 1}]'
}

@test "audit: show counts what a budget had given by then, no more" {
	rm -rf "$JIT_LEDGER"
	new_ledger -p '.rules = [{id: "quick", who: ["oncall"],
		resource: "ssh:web-*", roles: ["root"], max: "1h", approve: [],
		budget: {grants: 1, time: "2h", per: "1d"}}] + .rules'
	first=$(request)
	issue "$first"
	second=$(request)
	approve dan "$second"
	issue "$second"
	works jit-audit -j show "$first"
	decision '.same and .rule == "quick" and .votes == []'
	works jit-audit -j show "$second"
	decision '.same and .rule == "web-root" and .met'
	# what the first one had is not forgotten when it is over
	as alice jit-revoke -q "$first"
	works jit-audit -j show "$second"
	decision '.same and .rule == "web-root"'
}

@test "audit: show of a budget that was changed meanwhile is replayed" {
	rm -rf "$JIT_LEDGER"
	new_ledger -p '.rules = [{id: "quick", who: ["oncall"],
		resource: "ssh:web-*", roles: ["root"], max: "1h", approve: [],
		budget: {grants: 9, time: "9h", per: "1d"}}] + .rules'
	jq 'del(.rules[0])' "$POLICY" >without.json
	change() {
		id=$(as root jit-request -q -t CHG-1 -m 'budget of that rule' \
			--policy "$1")
		approve rita "$id"
		as rita jit-issue -q "$id"
	}
	change without.json
	granted # by web-root, which has no budget yet
	jq 'del(.rules[0]) | .rules[0].budget = {grants: 1, time: "1h", per: "1d"}' \
		"$POLICY" >with.json
	change with.json
	granted
	works jit-audit -j show "$ID"
	decision '.same and .rule == "web-root" and .policy == 3'
	[ "$(jq .decision.read <<<"$output")" -ge "$(($(events) - 1))" ]
}

@test "audit: show of an extension knows what it extends" {
	granted
	id=$(as alice jit-request -q --extend "$ID" -d 20m -m 'not done by far')
	approve dan "$id"
	issue "$id"
	works jit-audit -j show "$id"
	decision '.same and .type == "issue" and .rule == "web-root"'
	decision '.refused_if | any(.rule == "issue-quorum")'
}

@test "audit: show says which vote does not count, and why" {
	id=$(request)
	approve dan "$id"
	approve dora "$id"
	write rita retire principal=dan@ex.com reason='has left us'
	issue "$id"
	works jit-audit show "$id"
	says "dan@ex.com as dba does not count: voter or key was retired"
	says "dora@ex.com as dba counts, the last: 1 of dba was missing"
	says "the judge says the same"
}

@test "audit: show of what was denied, withdrawn, or lapsed" {
	id=$(request)
	as dan jit-approve -q --deny -m 'not this week, no' "$id"
	works jit-audit show "$id"
	says " [3] dan@ex.com: not this week, no"
	says "  decided  by event 3 under policy 1: asked again, the judge says the same"
	says "  missing  1 of dba"
	id=$(request)
	as alice jit-request -q --cancel "$id"
	works jit-audit -j show "$id"
	decision '.same and .type == "withdraw" and (.met | not)'
	id=$(request)
	write issuer end id="$id" cause=lapse at:=$(($(date +%s) + 20000))
	works later 20000 jit-audit -j show "$id"
	decision '.same and .type == "end"'
}

@test "audit: show walks no further back than to the request" {
	for i in 1 2 3 4 5; do request carol >/dev/null; done
	id=$(as alice later 10 jit-request -q -t INC-1 -m 'slow query again' \
		-d 30m ssh:web-1 root)
	as dan later 10 jit-approve -q -y "$id"
	as issuer later 10 jit-issue -q --ca "$KEYS/ca" -o cert.pub "$id"
	works later 12 jit-audit -j show "$id"
	decision '.same and .read == 3'
}

@test "audit: show decides as it was decided, in a company's hundred days" {
	local id n=0

	export JIT_LEDGER=$BATS_TEST_TMPDIR/year.git
	"$TOOLS/year" --seed 3 --grants 500 --days 100 --plain \
		--out "$JIT_LEDGER"
	jit-audit -j log | jq -r '.event | select(.type == "request") |
		[.id, (.change != null)] | @tsv' >asked
	# some of all, and whatever changed policy or people
	while read -r id; do
		works jit-audit -j show "$id"
		decision '.same'
		n=$((n + 1))
	done < <(awk 'NR % 60 == 1 || $2 == "true" && k++ % 3 == 0 { print $1 }' \
		asked)
	[ "$n" -ge 9 ]
}

@test "audit: show says which actions, each on a line, and how to connect" {
	rm -rf "$JIT_LEDGER"
	new_ledger -p '.issuers[0].recorder = "/usr/libexec/jit/recorder" |
		.rules[0].actions = [["/usr/bin/systemctl", "restart", "*"],
			["/usr/bin/id"]]'
	id=$(request alice -a '/usr/bin/systemctl restart nginx' \
		-a /usr/bin/id ssh:web-1 root)
	approve dan "$id" -a /usr/bin/id
	write issuer issue id="$id" connect:='{"host":"web-1.ex.com","port":22}'
	works jit-audit show "$id"
	says "  actions  /usr/bin/systemctl restart nginx
           /usr/bin/id
"
	says '  connect  {"host":"web-1.ex.com","port":22}'
	says " as dba, 1 actions"
	works stranger jit-audit verify
}

@test "audit: show and log say what was probed, and what beat" {
	granted
	write issuer probe id="$ID" outcome=allowed how='sshd took the key'
	as alice jit-revoke -q "$ID"
	write issuer beat owed:=1
	works jit-audit show "$ID"
	says "] allowed, by issuer@ex.com: sshd took the key"
	[ "${lines[-1]}" = "now over, unproven" ]
	works jit-audit log
	says " beat 1 by issuer@ex.com"
	says " probe $ID allowed by issuer@ex.com"

	write issuer probe id="$ID"
	works jit-audit show "$ID"
	says "] refused, by issuer@ex.com"
	[ "${lines[-1]}" = "now over" ]
	fails 6 jit-status "$ID"
	explains "grant $ID is over: ended, cause "
	works stranger jit-audit verify
}

@test "audit: show says what is missing" {
	id=$(request carol pg:orders admin)
	approve dan "$id"
	works jit-audit show "$id"
	says "  decided  not yet; under policy 1"
	says "  missing  1 of security"
	[ "${lines[-1]}" = "now pending, needs 1 of security (rule db-admin)" ]
	approve bob "$id"
	works jit-audit show "$id"
	[ "${lines[-1]}" = "now approved" ]
}

@test "audit: show escapes what others wrote" {
	id=$(request)
	as dan jit-approve -q -y -m $'fine \\x1b[31m' "$id"
	works jit-audit show "$id"
	run ! grep -q $'\e' <<<"$output"
}

@test "audit: show has only what concerns the grant" {
	id=$(request)
	other=$(request carol)
	approve dan "$other"
	works jit-audit show -j "$id"
	in_json ".id == \"$id\" and (.events | length) == 1"
	in_json '.events[0] | .event.type == "request" and .seq == 2 and
		(.sha256 | length) == 64 and (.oid | length) == 40'
}

@test "audit: show says which hooks said yes, and to what" {
	printf '#!/bin/sh\necho "INC-4211 is open"\n' >hook
	chmod +x hook
	git config --global jit.taskHook "$PWD/hook"
	granted
	works jit-audit show "$ID"
	sum=$(echo 'INC-4211 is open' | sha256sum | cut -d ' ' -f 1)
	tr -s ' \n' ' ' <<<"$output" | grep -qF " hooks task yes $sum "
}

@test "audit: show takes the beginning of an id, open or over" {
	granted
	works jit-audit show "${ID:0:14}"
	says "grant $ID"
	as alice jit-revoke -q "$ID"
	works jit-audit show "${ID,,}"
	says "now over"
}

@test "audit: show wants more where several ids begin alike" {
	id=$(request)
	request carol >/dev/null
	fails 2 jit-audit show "${id:0:8}"
	explains "several grants begin with '${id:0:8}'"
}

@test "audit: show of no such grant is 5, of no id 2" {
	request >/dev/null
	fails 5 jit-audit show 01HZZZZZZZZZZZZZZZZZZZZZZZ
	explains "no grant '01HZZZZZZZZZZZZZZZZZZZZZZZ' in this ledger"
	fails 2 jit-audit show 01HZZ
	fails 2 jit-audit show "$GENESIS"
}

# -- signers ----------------------------------------------------------------

@test "audit: signers are what git verifies every commit with" {
	granted
	as alice jit-revoke -q "$ID"
	jit-audit signers >"$HOME/signers"
	[ "$(wc -l <"$HOME/signers")" -eq 9 ]
	git config --global gpg.ssh.allowedSignersFile "$HOME/signers"
	[ "$(git_ledger log --format=%G? | sort | uniq -c | xargs)" = "5 G" ]
	git_ledger log --format='%GS %ae' | while read -r signer author; do
		[ "$signer" = "$author" ]
	done
	git_ledger verify-commit HEAD
}

@test "audit: signers -j has class and fingerprint of each key" {
	works jit-audit signers -j
	[ "${#lines[@]}" -eq 9 ]
	in_json '.key | startswith("ssh-ed25519 ")'
	[ "$(jq -r 'select(.class == "issuer").fingerprint' <<<"$output")" = \
		"$(fingerprint issuer)" ]
}

# -- check ------------------------------------------------------------------

@test "audit: check json knows the canonical form" {
	input '{"a":[1,"b",null,true],"b":{}}'
	works checks json
	answers good
	works checks json -j
	in_json .good
	input '{"b":1,"a":2}'
	fails 7 checks json
	explains "not canonical: "
	yields 7 checks json -j
	in_json '(.good | not) and (.reason | startswith("not canonical"))'
	input '{"a":1'
	fails 7 checks json
	explains "not JSON: "
	input ''
	fails 7 checks json
	explains "not JSON: "
}

@test "audit: check event knows an event from other JSON" {
	request >/dev/null
	input "$(event)"
	works checks event
	answers good
	input '{"a":1}'
	fails 7 checks event
	input "$(event | jq -cS '.surprise = 1')"
	fails 7 checks event
	explains surprise
}

@test "audit: check commit wants its form and its signature" {
	request >/dev/null
	INPUT=$BATS_TEST_TMPDIR/commit
	git_ledger cat-file commit HEAD >"$INPUT"
	works checks commit
	answers good
	sed -i 's/INC-4211/INC-4212/g' "$INPUT"
	fails 7 checks commit
	git_ledger cat-file commit HEAD | sed 's/^author jit/author JIT/' >"$INPUT"
	fails 7 checks commit
	explains "commit: "
}

@test "audit: check signature wants the message and the namespace" {
	INPUT=$BATS_TEST_TMPDIR/both
	printf 'a message' >message
	ssh-keygen -q -Y sign -n git -f "$KEYS/alice" message
	cat message.sig message >"$INPUT"
	works checks signature
	answers good
	fails 7 checks signature --namespace file
	explains "namespace"
	printf ' and more' >>"$INPUT"
	fails 7 checks signature
	cp message "$INPUT"
	fails 7 checks signature
	explains "no armoured SSH signature"
	ssh-keygen -q -Y sign -n file -f "$KEYS/alice" - <message >other.sig
	cat other.sig message >"$INPUT"
	works checks signature --namespace file
	fails 7 checks signature
}

@test "audit: check ed25519 wants three lines of hex" {
	local pk=d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
	local sig=e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155

	# RFC 8032 section 7.1, test 1
	sig+=5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b
	input "$pk"$'\n\n'"$sig"$'\n'
	works checks ed25519
	answers good
	input "$pk"$'\n00\n'"$sig"$'\n'
	fails 7 checks ed25519
	input "$pk"$'\n\n'"${sig:2}"$'\n'
	fails 7 checks ed25519
	explains "64"
	input "$pk"$'\n\nxy\n'
	fails 2 checks ed25519
	explains "three lines of lower-case hex"
	input "$pk"
	fails 2 checks ed25519
}

@test "audit: check reads no more than 2 MiB" {
	INPUT=$BATS_TEST_TMPDIR/large
	head -c 3000000 /dev/zero >"$INPUT"
	fails 2 checks json
	fails 2 checks commit
}

@test "audit: wrong words are status 2, and say which are right" {
	fails 2 jit-audit
	fails 2 jit-audit prove
	explains "'prove' is not one of verify, log, show, signers, check, receive"
	fails 2 jit-audit check
	explains "check wants json, event, commit, signature or ed25519 after it"
	fails 2 jit-audit check xml
	fails 2 jit-audit verify now
	explains "verify wants nothing after it"
	fails 2 jit-audit log -g "$GENESIS"
	explains "--genesis is not for log"
	fails 2 jit-audit verify --reverse
	explains "--reverse is not for verify"
	# as --max-age is, however it is given, and if it is said twice
	fails 2 jit-audit signers --max-age=1h --max-age 1d
	explains "--max-age is not for signers"
	fails 2 jit-audit check json --namespace git
	explains "--namespace belongs to check signature"
	fails 2 jit-audit show
	explains "show wants an id after it"
	fails 2 jit-audit verify -k "$KEYS/root"
}

@test "audit: JSONTestSuite: what is not JSON is called so, and nothing else" {
	local name said

	vectors JSONTestSuite/test_parsing || return 0
	for INPUT in "$VECTORS"/*.json; do
		name=${INPUT##*/}
		said=$(checks json 2>&1) || [ $? -eq 7 ]
		case $name in
		y_object_duplicated_key*.json | y_string_null_escape.json | \
			y_object_escaped_null_in_key.json)
			[[ $said == *"not JSON: "* ]]
			;;
		y_*)
			[[ $said == good || $said == *"not canonical: "* ]]
			;;
		n_structure_100000_opening_arrays.json | \
			n_structure_open_array_object.json | \
			n_multidigit_number_then_00.json | \
			n_object_non_string_key_but_huge_number_instead.json)
			# refused before it is seen that they are no JSON
			[[ $said == *"not canonical: "* ]]
			;;
		n_*)
			[[ $said == *"not JSON: "* ]]
			;;
		*)
			[[ $said == *"not JSON: "* || $said == *"not canonical: "* ]]
			;;
		esac || {
			echo "$name: $said"
			return 1
		}
	done
}

@test "audit: RFC 8785: of its outputs those within the profile are good" {
	vectors rfc8785-jcs/testdata || return 0
	for INPUT in "$VECTORS"/output/*.json; do
		case ${INPUT##*/} in
		arrays.json)
			works checks json
			;;
		*)
			fails 7 checks json
			explains "not canonical: "
			;;
		esac
	done
	[ -e "$INPUT" ]
}

@test "audit: Wycheproof: good and bad Ed25519 signatures" {
	local n=0 pk msg sig result

	vectors wycheproof || return 0
	INPUT=$BATS_TEST_TMPDIR/vector
	while IFS=, read -r pk msg sig result; do
		n=$((n + 1))
		printf '%s\n%s\n%s\n' "$pk" "$msg" "$sig" >"$INPUT"
		if [ "$result" = valid ]; then
			works checks ed25519
		else
			fails 7 checks ed25519
		fi
	done < <(jq -r '.testGroups[] | .publicKey.pk as $pk | .tests[] |
		[$pk, .msg, .sig, .result] | join(",")' \
		"$VECTORS/ed25519_test.json")
	[ "$n" -ge 150 ]
}

@test "audit: OpenSSH: ed25519 signatures are good, other types refused" {
	local sig dir

	vectors openssh-9.2p1/regress/unittests/sshsig || return 0
	dir=$VECTORS/testdata
	INPUT=$BATS_TEST_TMPDIR/both
	for sig in "$dir"/*.sig; do
		cat "$sig" "$dir/signed-data" >"$INPUT"
		case ${sig##*/} in
		ed25519.sig | ed25519_sk.sig)
			works checks signature --namespace unittest
			fails 7 checks signature
			;;
		*)
			fails 7 checks signature --namespace unittest
			;;
		esac
	done
	[ -e "$dir/ed25519.sig" ]
}

@test "audit: on a terminal verify says how far it is, elsewhere it does not" {
	local life=$BATS_TEST_TMPDIR/life.git

	"$TOOLS/year" --out "$life" --simple --events 1200 \
		--policy "$ROOT/share/examples/policy.json"
	script -qec "jit-audit verify -C '$life'" out </dev/null >/dev/null
	grep -qF 'jit-audit: 1 of 1200 events' out
	grep -qF 'good: ' out
	script -qec "jit-audit verify -q -C '$life'" out </dev/null >/dev/null
	run ! grep -qF 'of 1200 events' out
	jit-audit verify -C "$life" 2>said
	[ ! -s said ]
}

#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
# What a policy holds beside votes: budgets, hours, ends, extensions,
# sponsors, broken glass and the reviews that it owes.

load helper

# Before seal forgets it.
TOOLS=${JIT_TOOLS:-$ROOT/.build/plain/tools}

setup() {
	seal
	NOW=0
	ssh-keygen -q -t ed25519 -N '' -C vic -f "$HOME/vic"
}

# instant [WHEN]: a date or an instant as a policy has it
instant() {
	date -u -d "${1:-now}" +%Y-%m-%dT%H:%M:%SZ
}

# governed [JQ-FILTER [OPTION OF JIT-INIT]...]: rules before those of the
# example; vic is a vendor whom dan sponsors
governed() {
	local filter=${1:-.}

	[ $# -eq 0 ] || shift
	new_ledger -p '.groups.vendors = ["*@vendor.ex"] | .rules = [
		{id: "auto", who: ["oncall"], resource: "ssh:auto-*",
		 roles: ["root"], max: "1h", approve: [],
		 budget: {grants: 2, time: "30m", per: "1d"}},
		{id: "over", who: ["oncall"], resource: "ssh:auto-2",
		 roles: ["root"], max: "1h",
		 approve: [{group: "dba", count: 1}]},
		{id: "glass", break_glass: true, who: ["oncall"],
		 resource: "ssh:glass-*", roles: ["root"], max: "15m",
		 review: {group: "security", within: "1h"}},
		{id: "vendor", who: ["vendors"], resource: "ssh:lab-*",
		 roles: ["support"], max: "1h",
		 approve: [{group: "dba", count: 1}]}] + .rules | '"$filter" \
		--enroll "vic@vendor.ex=$HOME/vic.pub,vendor,sponsor=dan@ex.com,until=$(instant '+200 days')" \
		"$@"
}

# at_now COMMAND...: $NOW seconds after the start
at_now() {
	faketime -f "$(printf %+d "$NOW")s" "$@"
}

# key NAME: a key of the suite's, or of this test's
key() {
	if [ -e "$HOME/$1" ]; then
		echo "$HOME/$1"
	else
		echo "$KEYS/$1"
	fi
}

# ask NAME RESOURCE ROLE [OPTION]...: for ten minutes; prints the id
ask() {
	at_now jit-request -k "$(key "$1")" -q -t INC-4211 \
		-m 'slow query on orders' -d 10m "${@:4}" "$2" "$3"
}

# more NAME ID DURATION: ask for more of it
more() {
	at_now jit-request -k "$(key "$1")" -q --extend "$2" -d "$3" \
		-m 'the query is slow still'
}

vote() {
	at_now jit-approve -k "$(key "$1")" -q -y "${@:3}" "$2"
}

give() {
	at_now jit-issue -k "$KEYS/issuer" -q --ca "$KEYS/ca" \
		-o "$BATS_TEST_TMPDIR/$1-cert.pub" "$1"
}

# glass NAME [TASK]: break it; the id is in $ID
glass() {
	ID=$(ask "$1" ssh:glass-1 root --break-glass -t "${2:-INC-1}")
	give "$ID"
}

review() {
	at_now jit-approve -k "$(key "$1")" -q --review "$3" \
		-m 'as it had to be' "$2"
}

sound() {
	at_now jit-audit verify -q
}

@test "govern: within its budget a rule needs no vote, over it one asks" {
	governed
	id=$(ask alice ssh:auto-1 root)
	give "$id"
	works jit-status -j "$id"
	in_json '.rule == "auto" and .votes == []'
	give "$(ask alice ssh:auto-1 root)"

	# a third is one too many, and is told how long that lasts
	fails 1 ask alice ssh:auto-1 root
	explains "rule 'auto' is spent for alice@ex.com: 2 of 2 grants and 20m of 30m were had in the last 1d"
	NOW=86000
	fails 1 ask alice ssh:auto-1 root
	explains "is spent"

	# another has a budget of her own
	give "$(ask carol ssh:auto-1 root)"

	# where a rule follows, it decides, and wants its vote
	id=$(ask alice ssh:auto-2 root)
	fails 4 give "$id"
	explains "still misses 1 of dba by rule 'over'"
	vote dan "$id"
	give "$id"
	works at_now jit-status -j "$id"
	in_json '.rule == "over"'
	works as dan at_now jit-revoke -q "$id"

	# a day later it is hers again
	NOW=90000
	give "$(ask alice ssh:auto-1 root)"
	sound
}

@test "govern: an early end gives time back" {
	governed
	id=$(ask alice ssh:auto-1 root -d 29m)
	give "$id"
	NOW=300
	fails 1 ask alice ssh:auto-1 root
	explains "29m of 30m"
	works as alice at_now jit-revoke -q "$id"
	id=$(ask alice ssh:auto-1 root -d 24m)
	give "$id"
	sound
}

@test "govern: what waits is judged anew when it is issued" {
	governed
	first=$(ask alice ssh:auto-1 root)
	second=$(ask alice ssh:auto-2 root)
	third=$(ask alice ssh:auto-1 root)
	give "$first"
	give "$third"
	fails 4 give "$second"
	explains "still misses 1 of dba by rule 'over'"
	fourth=$(ask carol ssh:auto-1 root -d 20m)
	fifth=$(ask carol ssh:auto-1 root -d 20m)
	give "$fourth"
	fails 1 give "$fifth"
	explains "rule 'auto' is spent"
	sound
}

@test "govern: glass is broken without a vote, and a review is owed" {
	governed
	fails 1 ask alice ssh:glass-1 root
	explains "rule 'glass' gives it by --break-glass"
	fails 1 ask alice ssh:web-1 root --break-glass
	explains "rule 'web-root' gives it by asking"
	fails 1 ask bob ssh:glass-1 root --break-glass
	explains "rule 'glass' gives it to oncall"

	works jit-status --owed
	answers ""
	glass alice
	works jit-status --owed
	says "$ID"
	[ "$(tr -s ' ' <<<"${lines[0]}")" = "ID OWES TO BY DUE" ]
	[[ $(tr -s ' ' <<<"${lines[1]}") =~ ^$ID\ review\ security\ alice@ex.com\ (1h|59m).*\ left$ ]]

	# its end pays nothing
	works as alice jit-revoke -q "$ID"
	works jit-status --owed -j
	[ "${#lines[@]}" -eq 2 ]
	output=${lines[0]} in_json ".id == \"$ID\" and .owes == \"review\" and
		.by == \"alice@ex.com\" and .group == \"security\" and
		.overdue == false and .drill == false"
	output=${lines[1]} in_json ".id == \"$ID\" and .owes == \"proof\" and
		.by == \"alice@ex.com\" and .resource == \"ssh:glass-1\" and
		.role == \"root\" and .overdue == true and .provable == false"

	# not by herself, by no other group, by nobody twice
	fails 1 review alice "$ID" ok
	explains "nobody reviews what he did"
	fails 1 review dan "$ID" ok
	explains "dan@ex.com is not in group 'security'"
	fails 2 review bob "$ID" fine
	explains "ok, misuse or unclear"
	works review bob "$ID" misuse
	works jit-status --owed
	[ "${#lines[@]}" -eq 2 ]
	[[ $(tr -s ' ' <<<"${lines[1]}") =~ ^$ID\ proof\ \(unprovable\)\ ssh:glass-1\ alice@ex.com\ .*\ overdue$ ]]

	# nobody saw it at work, so no refusal would show that it is dead: an
	# admin looks, and writes it off
	fails 1 review sue "$ID" ok
	explains "only an admin writes off a proof that is owed"
	works review rita "$ID" unclear
	works jit-status --owed
	answers ""
	fails 5 review root "$ID" ok
	explains "no review is owed"
	works jit-audit show "$ID"
	says misuse
	sound
}

@test "govern: overdue: a second is refused; paid: granted" {
	governed
	glass alice
	first=$ID
	NOW=3500
	glass alice
	NOW=3610
	works at_now jit-status --owed
	says overdue
	works at_now jit-status --owed -j
	[ "$(jq -s 'map(.overdue)|sort|tostring' <<<"$output")" = '"[false,true]"' ]
	fails 1 ask alice ssh:glass-1 root --break-glass
	explains "the review of $first by group 'security' is overdue: it comes first"

	# it is hers alone, and glass alone
	glass carol
	id=$(ask alice ssh:web-1 root)
	vote dan "$id"
	give "$id"

	works review bob "$first" ok
	glass alice
	sound
}

@test "govern: asked in time and issued too late is refused, too" {
	governed
	glass alice
	NOW=3590
	id=$(ask alice ssh:glass-1 root --break-glass)
	NOW=3610
	fails 1 give "$id"
	explains "is overdue"
	sound
}

@test "govern: T68 broken glass is flagged wherever it is shown" {
	governed
	glass alice
	first=$ID
	glass carol drill
	[ "$(git_ledger log --format=%s | grep -c ' breaking glass: ')" -eq 2 ]
	works jit-audit log
	[ "$(grep -c ' by [a-z@.]* breaking glass: ' <<<"$output")" -eq 2 ]
	works jit-audit show "$first"
	says ", by break-glass"
	works jit-status
	[ "$(grep -c '(break-glass) review by security$' <<<"$output")" -eq 2 ]
	works jit-status -j
	in_json .break_glass
	works jit-status --owed
	[ "${#lines[@]}" -eq 3 ]

	# with its review it was broken all the same
	review bob "$first" ok
	works jit-status
	[ "$(grep -c '(break-glass)$' <<<"$output")" -eq 1 ]

	# and who says nothing of it is given nothing
	forged policy-match alice request resource=ssh:glass-1
	forged policy-match alice request break_glass:=true
}

@test "govern: a drill is counted apart, and how long it took is known" {
	governed
	ID=$(ask alice ssh:glass-1 root --break-glass -t drill)
	NOW=42
	give "$ID"
	works at_now jit-status --owed
	says "review (drill)"
	works at_now jit-status --owed -j
	in_json '.drill and .seconds >= 42 and .seconds < 100'
	works at_now jit-status -j
	in_json '.drill and .break_glass and .seconds >= 42 and .seconds < 100'
	sound
}

@test "govern: an extension keeps the session and adds to its end" {
	governed
	id=$(ask alice ssh:web-1 root -d 30m)
	vote dan "$id"
	give "$id"
	end=$(jit-status -j "$id" | jq .until)
	NOW=600

	# holder, resource, role, task and key are those that it extends
	longer=$(more alice "$id" 20m)
	event | jq -e --arg id "$id" '.extends == $id and .resource == "ssh:web-1" and
		.role == "root" and .task == "INC-4211"'
	[ "$(event | jq -r .offer)" = "$(event HEAD~3 | jq -r .offer)" ]

	# it wants votes of its own
	fails 4 give "$longer"
	vote dora "$longer"
	give "$longer"
	[ "$(at_now jit-status -j "$longer" | jq .until)" -eq $((end + 1200)) ]

	# not another's, not what is over, not more than the sum, 2h
	fails 1 more carol "$id" 10m
	explains "is for other access than what is asked"
	NOW=1900
	fails 6 more alice "$id" 10m
	explains "is not live: ask anew"
	long=$(more alice "$longer" 1h)
	vote dan "$long"
	give "$long"
	fails 1 more alice "$long" 11m
	explains "rule 'web-root' gives at most 2h with all extensions"
	works more alice "$long" 10m
	sound
}

@test "govern: the screen says what is extended, and how long it would be" {
	governed
	id=$(ask alice ssh:web-1 root -d 30m)
	vote dan "$id"
	give "$id"
	end=$(jit-status -j "$id" | jq .until)
	NOW=600
	longer=$(more alice "$id" 20m)
	works at_now jit-approve -k "$KEYS/dora" -v -y "$longer"
	stderr=$(tr -s ' \n' ' ' <<<"$stderr")
	[[ $stderr =~ \ extends\ $id,\ live\ for\ (20m|19m)[0-9s]*\ more ]]
	end=$(date -u -d "@$((end + 1200))" +%FT%TZ)
	explains " more; then until $end, in all 50m of at most 2h "
	NOW=1900
	works at_now jit-approve -k "$KEYS/dan" -v -y "$longer"
	explains "extends  $id, which is over: this"
}

@test "govern: what --extend does not go with" {
	governed
	granted
	fails 2 as alice jit-request --extend "$ID" -d 10m -m 'slow still' ssh:web-1 root
	fails 2 as alice jit-request --extend "$ID" -d 10m -m 'slow still' --break-glass
	fails 2 as alice jit-request --extend "$ID" -m 'slow still'
	fails 5 as alice jit-request --extend 01M80R51J8041061050R3GG28A \
		-d 10m -m 'slow still'
}

# vendor_hours: a policy's when in which it is noon now
vendor_hours() {
	local hour

	hour=$(date -u +%-H)
	printf '{days: "mon-sun", from: "08:00", until: "18:00", zone: "%+03d:00"}' \
		$((12 - hour))
}

@test "govern: a vendor has a sponsor, an end and hours" {
	governed '(.rules[] | select(.id == "vendor")).when = '"$(vendor_hours)"
	id=$(ask vic ssh:lab-1 support)

	# the sponsor's vote never counts
	fails 1 vote dan "$id"
	explains "a sponsor and who is sponsored do not vote for each other"
	works at_now jit-approve -k "$KEYS/dora" -v -y "$id"
	explains 'who      vic@vendor.ex (vendor, sponsored by dan@ex.com)'
	give "$id"

	# six hours later it is evening, and ten in the morning the next day
	waits=$(ask vic ssh:lab-1 support)
	NOW=$((6 * 3600))
	fails 1 ask vic ssh:lab-1 support
	explains "rule 'vendor' gives it mon-sun from 08:00 to 18:00"
	NOW=$((22 * 3600))
	id=$(ask vic ssh:lab-1 support)
	vote dora "$id"
	NOW=$((22 * 3600 + 60))
	give "$id"

	# voted on in time, issued in the evening
	NOW=$((5 * 3600 + 22 * 3600))
	id=$(ask vic ssh:lab-1 support)
	vote dora "$id"
	NOW=$((30 * 3600))
	yields 6 give "$id"

	# and then the enrolment ends
	NOW=$((200 * 86400 + 60))
	fails 1 ask vic ssh:lab-1 support
	explains "the enrolment of vic@vendor.ex has ended"
	NOW=$((200 * 86400 - 60))
	sound
}

@test "govern: who may not be enrolled so" {
	policy >policy.json
	found() {
		mapfile -t who < <(enrolments)
		as root jit-init -q -n -u root@ex.com --policy policy.json \
			"${who[@]}" --enroll "vic@vendor.ex=$HOME/vic.pub,$1" /nowhere/x
	}
	fails 2 found vendor
	explains "vendor vic@vendor.ex needs a sponsor and an end"
	fails 2 found vendor,sponsor=dan@ex.com
	fails 2 found "vendor,until=$(instant '+9 days')"
	fails 2 found "vendor,sponsor=eve@ex.com,until=$(instant '+9 days')"
	explains "the sponsor of vic@vendor.ex must be another person"
	fails 2 found "vendor,sponsor=issuer@ex.com,until=$(instant '+9 days')"
	fails 2 found "vendor,sponsor=dan@ex.com,until=$(instant '+400 days')"
	explains "must be within the coming year"
	fails 2 found "vendor,sponsor=dan@ex.com,until=$(instant '-9 days')"
	fails 2 found "vendor,sponsor=dan@ex.com,until=soon"
	fails 2 found "person,hardwired"
	explains "'hardwired' is not known"
	works found "vendor,sponsor=dan@ex.com,until=$(instant '+9 days'),hardware"
}

@test "govern: a month before, what ends is said" {
	local soon

	soon=$(instant '+29 days 12 hours')
	governed '(.rules[] | select(.id == "auto")).until = "'"$soon"'"' \
		--enroll "erin@ex.com=$KEYS/host.pub,until=$soon"
	works jit-status
	explains "jit-status: rule 'auto' ends in 29d"
	explains "jit-status: the enrolment of erin@ex.com ends in 29d"
	[[ $stderr != *vic* && $stderr != *glass* ]]
	NOW=$((171 * 86400))
	works at_now jit-status
	explains "the enrolment of vic@vendor.ex ends in"
	explains "rule 'auto' ends in 0s"
	works jit-status -q
	[ -z "$stderr" ]

	fails 1 ask alice ssh:auto-1 root
	explains "rule 'auto' ended at $soon: it needs a change of policy"
	NOW=$((370 * 86400))
	fails 1 ask alice ssh:web-1 root
}

# sets: for lines "STATUS WHO:GROUP...": cast these votes, whatever comes of
# each, then the issue ends so
sets() {
	local wanted votes vote id

	while read -r wanted votes; do
		id=$(ask erin ssh:vault-1 root)
		for vote in $votes; do
			vote "${vote%:*}" "$id" --as "${vote#*:}" 2>/dev/null || :
		done
		yields "$wanted" give "$id" || {
			printf 'votes: %s\n' "$votes"
			return 1
		}
	done
}

@test "govern: dba 2 and security 1: only the right sets of people issue" {
	local name

	for name in dan2 erin wanda; do
		ssh-keygen -q -t ed25519 -N '' -C $name -f "$HOME/$name"
	done
	governed '.groups.oncall += ["erin@ex.com"] |
		.groups.dba += ["sue@ex.com", "erin@ex.com", "wanda@ex.com", "vic@vendor.ex"] |
		.rules = [{id: "vault", who: ["oncall"], resource: "ssh:vault-*",
		roles: ["root"], max: "1h", approve: [{group: "dba", count: 2},
		{group: "security", count: 1}]}] + .rules' \
		--enroll "dan@ex.com=$HOME/dan2.pub" \
		--enroll "wanda@ex.com=$HOME/wanda.pub,workload" \
		--enroll "erin@ex.com=$HOME/erin.pub,sponsor=dora@ex.com"
	sets <<-END
		0 dan:dba alice:dba bob:security
		0 dan2:dba alice:dba sue:security
		0 dan:dba sue:dba bob:security
		0 bob:security sue:security alice:dba dan:dba
		4 dan:dba alice:dba
		4 dan:dba bob:security
		4 dan:dba dan2:dba bob:security
		4 dan:dba sue:dba sue:security
		4 dan:dba sue:security sue:dba
		4 dan:dba erin:dba bob:security
		4 dan:dba dora:dba bob:security
		4 dan:dba wanda:dba bob:security
		4 dan:dba vic:dba bob:security
		4 dan:dba bob:dba bob:security
		4 dan:dba rita:dba bob:security
		4 sue:security bob:security dan:dba
		4 dan:dba alice:dba dan:security
		4 dan:dba alice:dba erin:security
	END
	sound
}

# -- By who has a good key and asks no judge --------------------------------

# forge NAME TYPE [MEMBER=TEXT]...
forge() {
	"$TOOLS/forge" event -k "$(key "$1")" -C "$JIT_LEDGER" -a "$KEYS/ca" \
		"${@:2}"
}

# forged RULE NAME TYPE [MEMBER=TEXT]...: verify says 7 and names the rule;
# then it is undone
forged() {
	local good

	good=$(git_ledger rev-parse refs/heads/ledger)
	forge "${@:2}" >/dev/null
	fails 7 jit-audit verify || {
		printf 'not caught: %s\n' "$*"
		return 1
	}
	explains "rule $1: " || return 1
	echo "$good" >"$JIT_LEDGER/refs/heads/ledger"
	works jit-audit verify
}

# Nobody is ahead of the clock by more than twice the skew: 4m.
@test "govern: forged with a good key: verify names the rule" {
	local soon ahead erin longer

	soon=$(instant '+130 seconds')
	ahead=$(($(date +%s) + 210))
	ssh-keygen -q -t ed25519 -N '' -C erin -f "$HOME/erin"
	governed '.groups.oncall += ["erin@ex.com"] |
		(.rules[] | select(.id == "glass")).review.within = "60s" |
		(.rules[] | select(.id == "web-root")).sum = "1h" |
		.rules = [
		{id: "brief", who: ["oncall"], resource: "ssh:brief-1",
		 roles: ["root"], max: "1h", until: "'"$soon"'",
		 approve: [{group: "dba", count: 1}]},
		{id: "night", who: ["oncall"], resource: "ssh:night-1",
		 roles: ["root"], max: "1h", approve: [{group: "dba", count: 1}],
		 when: ('"$(vendor_hours)"' + {from: "20:00", until: "22:00"})}]
		+ .rules' \
		--enroll "erin@ex.com=$HOME/erin.pub,sponsor=dan@ex.com,until=$soon"

	give "$(ask alice ssh:auto-1 root)"
	give "$(ask alice ssh:auto-1 root)"
	forged policy-budget alice request resource=ssh:auto-1 duration:=60
	forged policy-until alice request resource=ssh:brief-1 at:=$ahead
	forged rule-when alice request resource=ssh:night-1
	forged person-until erin request at:=$ahead
	forged policy-match alice request resource=ssh:glass-1
	forged policy-match alice request break_glass:=true

	ID=$(ask erin ssh:web-1 root)
	forged vote-sponsor dan approve id="$ID"
	forged vote-sponsor dan deny id="$ID"

	granted
	forged extend-same carol request extends="$ID" duration:=60
	forged extend-same alice request extends="$ID" resource=ssh:web-2 duration:=60
	forged extend-sum alice request extends="$ID" duration:=3600
	forged extend-live alice request extends=01M80R51J8041061050R3GG28A
	longer=$(more alice "$ID" 10m)
	vote dora "$longer"
	forged issue-until issuer issue id="$longer" until:=$(($(date +%s) + 600))

	forged review-owed bob review id="$ID" verdict=ok note='as it had to be'
	glass alice
	forged extend-glass alice request extends="$ID" resource=ssh:glass-1 \
		break_glass:=true duration:=60
	forged glass-debt alice request resource=ssh:glass-1 \
		break_glass:=true duration:=60 at:=$ahead
	forged review-self alice review id="$ID" verdict=ok note='as it had to be'
	forged review-member dan review id="$ID" verdict=ok note='as it had to be'
	forged review-class vic review id="$ID" verdict=ok note='as it had to be'
	review bob "$ID" ok
	forged review-owed sue review id="$ID" verdict=ok note='as it had to be'
	glass erin
	forged review-sponsor dan review id="$ID" verdict=ok note='as it had to be'
}

# change NAME JSON [MEMBER=TEXT]...: a request for it, as forge's words
change() {
	printf '%s\n' "$1" request resource=ledger:people role=change \
		duration- offer- "change:=$2" "${@:3}"
}

# misasked RULE NAME JSON [MEMBER=TEXT]...
misasked() {
	local words

	mapfile -t words < <(change "${@:2}")
	forged "$1" "${words[@]}"
}

# person MEMBERS: '{"enroll":...}' of mallory's key, and more
person() {
	jq -cn --arg key "$(cut -d ' ' -f 1,2 "$KEYS/mallory.pub")" \
		"{enroll: ({principal: \"eve@ex.com\", class: \"person\",
		pubkey: \$key} + $1)}"
}

@test "govern: forged changes of policy and people: verify names the rule" {
	local bob='{"retire":{"principal":"bob@ex.com"}}' words year

	governed
	year=$(date -d '+2 years' +%s)
	misasked change-class vic "$bob"
	misasked change-alone root "$bob" duration:=60
	misasked change-alone root "$bob" break_glass:=true
	misasked change-resource root "$bob" resource=ledger:policy
	misasked change-resource root "$bob" resource=ssh:web-1
	forged change-resource alice request resource=ledger:people
	forged request-duration alice request duration-
	misasked enrol-until root "$(person "{until: $year}")"
	misasked enrol-until root "$(person '{until: 1}')"
	misasked enrol-attest root "$(person '{attest: "https://a b"}')"
	misasked enrol-vendor root "$(person '{class: "vendor"}')"
	misasked enrol-sponsor root "$(person '{sponsor: "eve@ex.com"}')"
	misasked enrol-sponsor root "$(person '{sponsor: "issuer@ex.com"}')"

	misasked retire-known root '{"retire":{"principal":"eve@ex.com"}}'
	forged retire-known root retire principal=eve@ex.com reason='was never here'
	mapfile -t words < <(change root "$bob")
	forge "${words[@]}" >/dev/null
	ID=$(event | jq -r .id)
	vote rita "$ID"
	forged retire-same root retire id="$ID" principal=sue@ex.com \
		reason='another one'

	# whose issuer is the last, and who is gone
	ID=$(ask alice ssh:web-1 root)
	forged retire-issuers root retire principal=issuer@ex.com \
		reason='too soon'
	forge root retire principal=alice@ex.com reason='has left' >/dev/null
	works jit-audit verify
	forged grant-holder dan approve id="$ID"
}

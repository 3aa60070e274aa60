#!/usr/bin/env bats
# jit-policy: lint, explain, test, diff.

load helper

CASES=$ROOT/share/examples/policy

# found TEXT: lint says it of what jq makes of the example, status 10
found() {
	jq "$1" "$CASES/policy.json" >changed.json
	yields 10 jit-policy lint changed.json
	[[ $'\n'$output$'\n' == *$'\n'"$2"* ]] || {
		printf 'not said: %s\nstdout: %s\n' "$2" "$output"
		return 1
	}
}

@test "policy: the cases of the example hold" {
	works jit-policy test "$CASES"
	says 'ok root-needs-a-dba'
	[ "${lines[-1]}" = "$((${#lines[@]} - 1)) passed, 0 failed" ]
	[ "${#lines[@]}" -gt 8 ]
	works jit-policy test -j "$CASES"
	in_json '.passed'
}

@test "policy: a case that does not hold is named, status 10" {
	mkdir cases
	cp "$CASES"/policy.json "$CASES"/root-needs-a-*.json cases
	jq '.expect.needs = {"dba": 2}' "$CASES/root-needs-a-dba.json" \
		>cases/more.json
	jq '.expect.decision = "deny"' "$CASES/root-needs-a-dba.json" \
		>cases/no.json
	jq '.expect.rule = "policy-deny"' "$CASES/root-needs-a-task.json" \
		>cases/other.json
	jq '.expects = 1' "$CASES/root-needs-a-dba.json" >cases/wrong.json
	yields 10 jit-policy test cases
	says 'not ok more: needs 1 of dba, not 2'
	says "not ok no: allowed by rule 'web-root'"
	says "not ok other: denied by request-task, not by 'policy-deny'"
	says 'not ok wrong: case: '
	[ "${lines[-1]}" = '2 passed, 4 failed' ]
	yields 10 jit-policy test -j cases
	[ "$(jq -s 'map(select(.passed | not)) | length' <<<"$output")" = 4 ]
}

@test "policy: a folder without cases is no test" {
	mkdir empty
	fails 2 jit-policy test empty
	explains "no case (NAME.json) is in 'empty'"
	fails 2 jit-policy test nowhere
}

@test "policy: lint finds nothing in the examples" {
	works jit-policy lint "$CASES/policy.json"
	answers ''
	works jit-policy lint - <"$CASES/policy.json"
	answers ''
}

@test "policy: lint says what can never be meant" {
	found '.rules += [.rules[4] + {id: "again", resource: "ssh:web-1"}]' \
		"again: is never reached: rule 'web-root' decides all"
	found '.rules += [.rules[3] + {id: "late", resource: "pg:ledger-1"}]' \
		"late: is never reached: rule 'frozen' denies all"
	found '.groups.idle = ["ida@ex.com"]' 'idle: no rule uses this group'
	found '.rules[4].approve[0].count = 3' \
		'web-root: 3 of dba cannot be had whoever asks'
	found '.rules[5].review.group = "one" | .groups.one = ["bob@ex.com"]' \
		'glass: 1 of one cannot be had'
	found '.admins.count = 2' 'admins: 2 of admins cannot be had'
	found '.rules[1].budget.time = "1d"' 'orders-read: nobody approves it'
	found '.rules[1].budget.grants = 24' 'orders-read: nobody approves it'
	found '.rules[0].resource = "vm:*"' 'frozen: denies what no rule gives'
	found ".rules[4].until = \"$(date -u -d '+20 days' +%F)\"" \
		'web-root: it ends in'
	found '.rules += [range(4) | {id: "x\(.)", who: ["oncall"],
		resource: "s\(["a", "b", "c", "d"][.]):*", roles: ["r"],
		max: "1h", approve: [{group: "security", count: 1}]}]' \
		'security: this group alone opens more than 3 kinds'
}

@test "policy: lint says which actions nothing keeps to" {
	found '.rules[4].actions = [["/usr/bin/id"]]' \
		"web-root: has actions, and no issuer of ssh:web-* has a 'recorder' that keeps to them"
	found '.rules[3].actions = [["/usr/bin/id"]]' \
		'db-admin: has actions, and a database keeps nobody to them'
	jq '.rules[4].actions = [["/usr/bin/id"]] |
		.issuers[0].recorder = "/usr/libexec/jit/recorder"' \
		"$CASES/policy.json" >changed.json
	works jit-policy lint changed.json
	answers ''
}

@test "policy: lint knows which actions a rule leaves to one after it" {
	local recorder='.issuers[0].recorder = "/r" |
		.rules += [.rules[4] + {id: "late"}] | .rules[4].actions = '

	# what the first of them takes, the other is never asked for
	found "$recorder"'[["/bin/*", "*"]] |
		.rules[-1].actions = [["/bin/ls", "x"]]' \
		"late: is never reached: rule 'web-root' decides all"
	found "$recorder"'[["/bin/ls", "-*"], ["/bin/id"]] |
		.rules[-1].actions = [["/bin/id"], ["/bin/ls", "-l"]]' \
		"late: is never reached: rule 'web-root' decides all"
	found '.rules += [.rules[4] + {id: "late", actions: [["/bin/id"]]}] |
		.issuers[0].recorder = "/r"' \
		"late: is never reached: rule 'web-root' decides all"
	# and all else is
	for actions in '[["/bin/ls", "-l"]]' '[["/bin/ls", "../x"]]' \
		'[["/bin/ls"]]' '[["/bin/ls", "x", "y"]]' '[["/sbin/ls", "x"]]' \
		'[["/bin/ls", "x"], ["/bin/id"]]' '[["/bin/ls", "-*"]]'; do
		jq "$recorder"'[["/bin/*", "*"]] |
			.rules[-1].actions = '"$actions" \
			"$CASES/policy.json" >changed.json
		works jit-policy lint changed.json
	done
	jq "$recorder"'[["/bin/*", "*"]]' "$CASES/policy.json" >changed.json
	works jit-policy lint changed.json
}

@test "policy: lint says which patterns can match nothing" {
	found '.rules[4].resource = "web-*"' \
		"web-root: 'web-*' matches no resource: write it like ssh:web-1 or ssh:*"
	found '.rules[4].task = "INC-# "' "web-root: 'INC-# ' matches no task"
	found '.issuers[0].resources += ["Pg:*"]' \
		"issuer@ex.com: 'Pg:*' matches no resource"
	found '.groups.dba += ["bob"]' \
		"dba: its member 'bob' is no principal, nor a pattern of any: write alice@example.com"
	found '.groups.vendors = ["*@vendor.EX"]' \
		"vendors: its member '*@vendor.EX' is no principal"
}

@test "policy: lint -j has one object for each finding" {
	jq '.groups.idle = ["ida@ex.com"] | .admins.count = 2' \
		"$CASES/policy.json" >changed.json
	yields 10 jit-policy lint -j changed.json
	[ "${#lines[@]}" -eq 2 ]
	in_json '.about and .finding and .text'
	yields 10 jit-policy lint -q changed.json
	[ -z "$stderr" ]
}

@test "policy: what is no policy is status 2" {
	echo '{"rules": []}' >bad.json
	fails 2 jit-policy lint bad.json
	fails 2 jit-policy lint nowhere.json
	fails 2 jit-policy frobnicate
	explains "'frobnicate' is not one of lint, explain, test, diff"
	fails 2 jit-policy lint --break-glass "$CASES/policy.json"
	explains "--break-glass is not for lint"
	fails 2 jit-policy diff -a /bin/true "$CASES/policy.json"
	explains "--action is not for diff"
	fails 2 jit-policy explain ssh:web-1
	explains "explain wants RESOURCE ROLE after it"
	fails 2 jit-policy explain --policy "$CASES/policy.json" ssh:web-1 root
	explains 'for whom? -u WHO'
}

@test "policy: lint of a ledger knows who is enrolled" {
	new_ledger -p '.groups.lost = ["*@lost.ex"] | .rules[0].who += ["lost"]'
	yields 10 jit-policy lint
	says 'lost: nobody who is enrolled is in this group'
	says 'prod-root: with security keys 1 of security cannot be had'
	yields 10 later $((340 * 86400)) jit-policy lint
	says 'alice@ex.com: the enrolment ends in'
}

@test "policy: explain says which rule decides, and who could approve" {
	new_ledger
	works as alice jit-policy explain ssh:web-1 root
	says 'yes, once approved: alice@ex.com root on ssh:web-1'
	says 'rule      web-root'
	says '1 of dba: dan@ex.com, dora@ex.com'
	works jit-policy explain -j -u carol@ex.com pg:orders admin
	in_json '.decision == "allow" and .rule == "db-admin" and .max == 1800'
	in_json '.needs[0].could == ["alice@ex.com", "dan@ex.com", "dora@ex.com"]
		or (.needs[0].could | length) == 3'
}

@test "policy: explain says why not, status 1, and what would be smaller" {
	new_ledger
	yields 1 jit-policy explain -u dan@ex.com ssh:web-1 root
	says 'no rule gives dan@ex.com'
	says '(policy-match)'
	[ -z "$stderr" ]
	yields 1 jit-policy explain -u alice@ex.com -d 2h ssh:web-1 root
	says "rule 'web-root' gives at most 1h (request-max)"
	yields 1 jit-policy explain -u alice@ex.com -t x ssh:web-1 root
	says '(request-task)'
	yields 1 jit-policy explain -u zoe@ex.com ssh:web-1 root
	says 'zoe@ex.com is not enrolled'
	yields 1 jit-policy explain --policy "$CASES/policy.json" \
		-u alice@ex.com pg:orders owner
	says 'smaller   read (orders-read: 1h, nobody)'
	works jit-policy explain --policy "$CASES/policy.json" --break-glass \
		-u alice@ex.com ssh:web-1 root
	says 'with a review by security within 1d'
}

@test "policy: explain says which actions a rule gives" {
	new_ledger -p "$ACTIONS"
	yields 1 jit-policy explain -u alice@ex.com ssh:ops-1 root
	says "rule 'ops' gives these actions only (-a): /usr/bin/systemctl restart *, /usr/bin/id, "
	says '(policy-actions)'
	works jit-policy explain -u alice@ex.com -a /usr/bin/id \
		-a "/usr/bin/systemctl 'restart' nginx" ssh:ops-1 root
	says 'yes, once approved'
	says $'actions   /usr/bin/systemctl restart *\n          /usr/bin/id\n          /usr/bin/cat /var/log/*\n'
	works jit-policy explain -j -u alice@ex.com -a /usr/bin/id ssh:ops-1 root
	in_json '.rule == "ops" and .actions[1] == ["/usr/bin/id"]'
	yields 1 jit-policy explain -u alice@ex.com -a /usr/bin/ids ssh:ops-1 root
	yields 1 jit-policy explain -u alice@ex.com -a /usr/bin/id pg:orders admin
	says 'nothing on pg:orders can be kept to actions'
	fails 2 jit-policy explain -u alice@ex.com -a id ssh:ops-1 root
	explains "jit-policy: -a: 'id' is no program"
	fails 2 jit-policy lint -a /usr/bin/id
}

@test "policy: a case may name actions" {
	mkdir cases
	policy "$ACTIONS" >cases/policy.json
	jq '.request += {resource: "ssh:ops-1", actions: [["/usr/bin/id"]]} |
		.expect.rule = "ops"' "$CASES/root-needs-a-dba.json" \
		>cases/id.json
	jq '.request.actions = [["/bin/sh"]] | .expect = {decision: "deny",
		rule: "policy-actions"}' cases/id.json >cases/sh.json
	jq 'del(.request.actions)' cases/sh.json >cases/all.json
	works jit-policy test cases
	[ "${lines[-1]}" = '3 passed, 0 failed' ]
	jq '.request.actions = [["a b"]]' cases/id.json >cases/id.json.new
	mv cases/id.json.new cases/id.json
	yields 10 jit-policy test cases
	says "not ok id: case: request.actions[0][0]: 'a b' is not a word of an action"
}

@test "policy: explain and the real request agree" {
	new_ledger
	works jit-policy explain -u alice@ex.com -d 30m ssh:web-1 root
	request >/dev/null
	yields 1 jit-policy explain -u dan@ex.com -d 30m ssh:web-1 root
	fails 1 as dan jit-request -t INC-1 -m 'slow query on orders' -d 30m \
		ssh:web-1 root
}

@test "policy: explain is for a time to come, not for one that is over" {
	new_ledger
	fails 2 jit-policy explain -u alice@ex.com --at 2020-01-01 \
		ssh:web-1 root
	explains "before the ledger's newest event"
	yields 1 jit-policy explain -u alice@ex.com \
		--at "$(date -u -d '+500 days' +%F)" ssh:web-1 root
	says '(person-until)'
}

@test "policy: diff says who gains and loses what" {
	new_ledger
	jq '.rules[0].max = "2h" | .groups.oncall += ["dora@ex.com"] |
		.rules |= map(select(.id != "prod-root"))' "$POLICY" >new.json
	works jit-policy diff "$POLICY" new.json
	says '+ dora@ex.com root on ssh:web-* (web-root: 2h, 1 of dba, task INC-#)'
	says '- alice@ex.com root on ssh:prod-* (prod-root: 30m, 1 of security, '
	says '~ alice@ex.com root on ssh:web-* (web-root: 1h, 1 of dba, task INC-# -> web-root: 2h'
	says '+ dora@ex.com in group oncall'
	works jit-policy diff new.json
	says '+ dora@ex.com in group oncall'
	works jit-policy diff -j "$POLICY" new.json
	in_json '.change and .what'
	works jit-policy diff "$POLICY" "$POLICY"
	answers ''
	explains 'nobody gains or loses anything'
}

@test "policy: diff says who may do which actions, and what keeps to them" {
	jq '.rules += [{id: "ops", who: ["oncall"], resource: "ssh:web-*",
		roles: ["root"], max: "1h",
		actions: [["/usr/bin/systemctl", "restart", "*"]],
		approve: [{group: "dba", count: 1}]}] |
		.issuers[0].recorder = "/usr/libexec/jit/recorder"' \
		"$CASES/policy.json" >old.json
	jq '.rules[-1].actions += [["/usr/bin/id"]] |
		del(.issuers[0].recorder)' old.json >new.json
	works jit-policy diff "$CASES/policy.json" old.json
	says '+ oncall root on ssh:web-* for some actions (ops) (ops: 1h, 1 of dba, actions /usr/bin/systemctl restart *)'
	works jit-policy diff old.json new.json
	says '~ oncall root on ssh:web-* for some actions (ops) (ops: 1h, 1 of dba, actions /usr/bin/systemctl restart * -> ops: 1h, 1 of dba, actions /usr/bin/systemctl restart *; /usr/bin/id)'
	says '~ issuer@ex.com issues ssh:*, pg:* (ca SHA256:'
	says ', recorder /usr/libexec/jit/recorder -> ca SHA256:'
	says ', no recorder)'
	[ "${#lines[@]}" -eq 2 ]
}

@test "policy: without a ledger diff is about groups" {
	jq '.rules[4].max = "2h" | .admins.count = 2' "$CASES/policy.json" \
		>new.json
	works jit-policy diff "$CASES/policy.json" new.json
	says '~ oncall root on ssh:web-* (web-root: 1h'
	says '~ change of policy (1 of admins -> 2 of admins)'
}

#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # bats: its variables, subshells
# jit-report: what signed history adds up to, and nothing that it does not.

load helper

setup() {
	seal
	PAGE=$ROOT/share/man/man1/jit-report.1
}

# at SECONDS COMMAND...: with the clock standing so long after Monday, 10:00
at() {
	local seconds=$1

	shift
	faketime -f "$(date -u -d "@$((1767607200 + seconds))" '+%F %T')" "$@"
}

# event SECONDS NAME TYPE [MEMBER=TEXT]...: written by NAME at that second
event() {
	local seconds=$1 name=$2

	shift 2
	at "$seconds" "$TOOLS/forge" event -k "$KEYS/$name" -C "$JIT_LEDGER" \
		-a "$KEYS/ca" "$@" >/dev/null
}

# asks SECONDS NAME [MEMBER=TEXT]...: a request; its id is in $ID
asks() {
	local seconds=$1 name=$2

	shift 2
	event "$seconds" "$name" request "$@"
	ID=$(git_ledger log -1 --format=%b refs/heads/ledger | jq -r .id)
}

# A ledger that was founded at second 0, with a host that beats.
founded() {
	JIT_LEDGER=$BATS_TEST_TMPDIR/ledger.git
	POLICY=$BATS_TEST_TMPDIR/policy.json
	policy "${1:-.}" >"$POLICY"
	mapfile -t who < <(enrolments)
	export JIT_LEDGER
	GENESIS=$(at 0 env JIT_KEY="$KEYS/root" jit-init -q -u root@ex.com \
		--name test --policy "$POLICY" "${who[@]}" \
		--enroll "web-1@ex.com=$KEYS/host.pub,host" "$JIT_LEDGER")
}

# reports STATUS SECONDS [OPTION]...: the report of that second, as JSON
reports() {
	local status_wanted=$1 seconds=$2

	shift 2
	yields "$status_wanted" at "$seconds" env XDG_STATE_HOME="$HOME/other" \
		jit-report -j report "$@"
}

# holds SELECT FILTER: of the lines of the last report that are meant, of
# which there is one at least
holds() {
	jq -se "[.[] | select($1) | ($2)] | length > 0 and all" \
		<<<"$output" >/dev/null || {
		printf 'of %s does not hold: %s\n' "$1" "$2"
		jq -c "select($1)" <<<"$output"
		return 1
	}
}

# has ID FILTER: it holds of the figure
has() {
	holds ".id == \"$1\"" "$2"
}

# ledger FILTER; verdict FIGURE VERDICT: of the control
ledger() {
	holds '.type == "ledger"' "$1"
}

verdict() {
	holds ".type == \"control\" and .figure == \"$1\"" ".verdict == \"$2\""
}

# share ID SOME ALL
share() {
	has "$1" ".numerator == $2 and .denominator == $3 and
		(.grants | length) == $2 and (.others | length) == $3 - $2"
}

# seconds ID MEDIAN P95 MOST OF
seconds() {
	has "$1" ".median == $2 and .p95 == $3 and .most == $4 and .of == $5"
}

# found [ID]...: these are to be looked at, and no others
found() {
	same "$(printf '%s\n' "$@" | sort)" \
		"$(jq -r 'select(.found) | .id' <<<"$output" | sort)"
}

same() {
	[ "$1" = "$2" ] || {
		diff <(echo "$1") <(echo "$2")
		return 1
	}
}

# Four requests: one done and proven, one run out, one denied, one revoked.
four() {
	founded
	asks 100 alice
	A=$ID
	event 160 dan approve id="$A" as=dba
	event 200 issuer issue id="$A"
	event 205 host probe id="$A" outcome=allowed
	event 210 alice use id="$A" session:="$(session 210)"
	event 300 alice use id="$A" session:="$(session 210)" phase=close \
		program-
	event 320 alice end id="$A" cause=task
	event 332 host probe id="$A" outcome=refused
	asks 1000 carol duration:=3600
	B=$ID
	event 1240 dora approve id="$B" as=dba
	event 1300 issuer issue id="$B"
	event 4905 issuer end id="$B" cause=ttl
	asks 2000000 alice
	C=$ID
	event 2000030 dan deny id="$C"
	asks 2000100 carol
	D=$ID
	event 2000200 dan approve id="$D" as=dba
	event 2000210 issuer issue id="$D"
	event 2000220 host probe id="$D" outcome=allowed
	event 2000300 dan end id="$D" cause=revoke
}

# session SECONDS: the name of one that was opened then, in quotes
session() {
	local n=$((1767607200 + $1)) i s=

	n=$((n * 1000))
	for i in 1 2 3 4 5 6 7 8 9 10; do
		s=$(printf %s 0123456789ABCDEFGHJKMNPQRSTVWXYZ |
			cut -c $((n % 32 + 1)))$s
		n=$((n / 32))
	done
	echo "\"${s}0000000000000000\""
}

@test "report: shares and seconds of a ledger of four requests" {
	four
	reports 0 2000400
	has requests '.count == 4 and (.grants | length) == 4'
	share granted 3 4
	share tied-to-a-task 3 3
	share task-checked 3 3
	seconds approval-latency 100 240 240 3
	seconds duration 1800 3600 3600 3
	share at-the-cap 1 3
	share used 1 3
	share ended-by-task 1 3
	share ended-by-ttl 1 3
	share ended-by-person 1 3
	share ended-by-offboarding 0 3
	share ended-by-policy 0 3
	share ended-by-failure 0 3
	share ended-automatically 2 3
	seconds time-to-dead 12 12 12 1
	share proven 1 3
	share owed 1 3
	share not-provable 1 3
	seconds decision-time 60 240 240 4
	share votes-for 3 4
	has granted ".others == [\"$C\"]"
	has proven ".grants == [\"$A\"] and .others == [\"$B\", \"$D\"]"
	has owed ".grants == [\"$D\"]"
	has not-provable ".grants == [\"$B\"]"
	has ended-automatically ".others == [\"$D\"]"
	found
}

@test "report: a proof that is owed for more than an hour is to be looked at" {
	four
	reports 0 2003899
	found
	reports 10 2003901
	found owed-long
	has owed-long ".count == 1 and .rows[0].grants == [\"$D\"] and
		.rows[0].who == \"carol@ex.com\""
	[ "$stderr" = "jit-report: to be looked at: 1 figure" ]
}

@test "report: only what was asked in the period, and what was so by its end" {
	four
	reports 0 2000400 --until 2026-01-05T10:05:00Z
	has requests ".grants == [\"$A\"]"
	share granted 1 1
	has ended-by-task '.known == false'
	reports 0 2000400 --since 2026-01-06
	has requests ".grants == [\"$C\", \"$D\"]"
	reports 0 2000400 --since 2026-01-05 --until 2026-01-06
	has requests ".grants == [\"$A\", \"$B\"]"
	ledger '.since == 1767571200 and .until == 1767657600'
}

@test "report: of one requester, and of some resources" {
	four
	reports 0 2000400 --by carol@ex.com
	has requests ".grants == [\"$B\", \"$D\"]"
	ledger '.by == "carol@ex.com"'
	reports 0 2000400 --resource 'ssh:web-*'
	has requests '.count == 4'
	reports 0 2000400 --resource 'pg:*'
	has requests '.count == 0'
	has granted '.known == false and .denominator == 0'
}

@test "report: the text says the same" {
	four
	yields 0 at 2000400 jit-report report
	[ "${lines[0]}" = "$(at 2000400 jit-audit verify)" ]
	[ "${lines[1]}" = "asked from 2026-01-05T10:00:00Z to 2026-01-28T13:40:01Z" ]
	says '  granted                  75.0 %   3 of 4'
	says '  ended-automatically      66.6 %   2 of 3'
	says '  duration                    30m   median of 3, 95 %: 1h, most: 1h'
	says '  drill-time                    -'
	yields 10 at 2010000 jit-report report --by carol@ex.com \
		--resource 'ssh:*'
	says ' by carol@ex.com on ssh:*'
	says '! owed-long                     1'
	says "      carol@ex.com root ssh:web-1: should be dead since 2026-01-28T13:38:20Z ($D)"
}

@test "report: what others wrote cannot act on a terminal" {
	founded
	fails 2 at 200 jit-report report --by $'a\e[31m'
	[[ $stderr != *$'\e'* ]]
}

@test "report: break-glass owes its review, a drill too" {
	founded '.rules = [{id: "glass", break_glass: true, who: ["oncall"],
		resource: "ssh:web-*", roles: ["root"], max: "15m",
		review: {group: "security", within: "1d"}}] + .rules'
	asks 100 alice break_glass:=true duration:=600
	A=$ID
	event 101 issuer issue id="$A"
	event 200 issuer end id="$A" cause=failed
	asks 1000 carol break_glass:=true duration:=600 task=drill
	B=$ID
	event 1004 issuer issue id="$B"
	event 1100 issuer end id="$B" cause=failed
	event 1200 host probe id="$B" outcome=refused
	event 1201 issuer probe id="$A" outcome=refused
	reports 0 2000
	has break-glass ".grants == [\"$A\"]"
	has drills ".grants == [\"$B\"]"
	seconds drill-time 4 4 4 1
	has reviews-overdue '.known and .count == 0'
	reports 10 90000
	found reviews-overdue
	has reviews-overdue ".count == 2 and
		.rows[0].says == \"review of INC-4211 owed since 2026-01-06T10:01:41Z by group security\""
	event 90100 bob review id="$A" verdict=misuse note='not an emergency'
	event 90101 sue review id="$B" verdict=ok note='went well'
	reports 10 90200
	found misuse
	has misuse ".rows[0].who == \"alice@ex.com\" and
		.rows[0].with == \"bob@ex.com\""
	has reviewed-late '.count == 2'
}

@test "report: a sweeper that did not beat, and one that still does not" {
	founded
	event 100 issuer beat
	event 3700 issuer beat
	event 20000 issuer beat
	reports 10 20100
	found sweeper-dead
	has sweeper-dead '.count == 1 and .rows[0].who == "issuer@ex.com" and
		.rows[0].seconds == 16300'
	reports 10 27201
	has sweeper-dead '.count == 2 and .rows[1].seconds == 7202'
	reports 0 20100 --since 2026-01-05T16:00:00Z
	has sweeper-dead '.count == 0 and .known'
}

@test "report: a policy that gives more, and one that gives less" {
	founded
	at 100 env JIT_KEY="$KEYS/root" jit-request -q -t CHG-1 -m 'longer windows' \
		--policy <(jq '.rules[0].max = "2h"' "$POLICY") >id
	at 110 env JIT_KEY="$KEYS/rita" jit-approve -q -y "$(cat id)"
	at 120 env JIT_KEY="$KEYS/root" jit-issue -q "$(cat id)"
	at 200 env JIT_KEY="$KEYS/root" jit-request -q -t CHG-2 -m 'shorter windows' \
		--policy <(jq '.rules[0].max = "30m"' "$POLICY") >id2
	at 210 env JIT_KEY="$KEYS/rita" jit-approve -q -y "$(cat id2)"
	at 220 env JIT_KEY="$KEYS/root" jit-issue -q "$(cat id2)"
	reports 10 300
	found policy-widened
	has policy-widened ".count == 1 and .rows[0].n == 2 and
		.rows[0].who == \"root@ex.com\" and
		.rows[0].grants == [\"$(cat id)\"]"
	has policy-widened '.rows[0].says | contains(
		"rule web-root gives root on ssh:web-* to 2 principals for longer")'
}

@test "report: scans make a trend, and what was not seen is no less" {
	founded
	scan() { event "$1" issuer scan host=web-1 surfaces:="[{\"surface\":\"groups\",\"seen\":\"$3\",\"count\":$2}]"; }
	scan 100 5 all
	reports 0 200
	has standing-shrinking '.answer == "not enough scans" and
		(.known | not)'
	scan 300 3 all
	reports 0 400
	has standing-shrinking '.answer == "yes" and .first == 5 and .last == 3'
	scan 500 7 all
	reports 10 600
	found standing-shrinking
	has standing-shrinking '.answer == "no"'
	scan 700 0 part
	reports 10 800
	found standing-shrinking unseen-surfaces
	has standing-shrinking '.last == 7'
}

@test "report: what is bad is not reported of" {
	four
	DAMAGED=1
	"$TOOLS/forge" event -k "$KEYS/mallory" -C "$JIT_LEDGER" request \
		>/dev/null
	fails 7 jit-report report
	[ -z "$output" ]
	explains 'rule key-enrolled'
}

@test "report: a ledger that is held fast by -g or by memory, or not" {
	four
	yields 0 at 2000400 env XDG_STATE_HOME="$HOME/a" jit-report report \
		-g "$GENESIS"
	[[ ${lines[0]} == *"anchored by -g"* ]]
	reports 0 2000400
	ledger '.anchored == false and .seq == 20'
	fails 7 at 2000400 jit-report report -g "${GENESIS//[0-9]/a}"
	explains swapped
	fails 2 jit-report report -g abc
}

@test "report: what was verified before is the same, and needs no signatures" {
	"$TOOLS/year" --simple --events 17000 --out "$PWD/long.git" --repack \
		--policy "$BATS_TEST_DIRNAME/../share/examples/policy.json" \
		--end "$(date +%s)"
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	until=$(date -u +%Y-%m-%dT00:00:00Z)
	yields 0 jit-report report -j -C "$PWD/long.git" --until "$until"
	tail -n +2 <<<"$output" >cold
	[ "$(head -n 1 <<<"$output" | jq '.anchored, .seq' | paste -sd ' ')" \
		= "false 17000" ]
	works jit-status -C "$PWD/long.git" -q
	yields 0 jit-report report -j -C "$PWD/long.git" --until "$until"
	[ "$(head -n 1 <<<"$output" | jq '.anchored, .seq' | paste -sd ' ')" \
		= "true 17000" ]
	diff cold <(tail -n +2 <<<"$output")
	[ "$(wc -l <cold)" -gt 20 ]
	works jit-audit verify -C "$PWD/long.git"
}

# mix INDEX A B: the pack has for commit A the bytes of commit B
mix() {
	local n at=() id i

	n=$(git show-index <"$1" | wc -l)
	for id in "$2" "$3"; do
		i=$(git show-index <"$1" | cut -d ' ' -f 2 |
			grep -nx "$id" | cut -d : -f 1)
		at+=($((8 + 1024 + n * 24 + (i - 1) * 4)))
	done
	dd if="$1" of=offset bs=1 skip="${at[1]}" count=4 status=none
	dd if=offset of="$1" bs=1 seek="${at[0]}" conv=notrunc status=none
}

@test "report: what was verified before and is another now is evidence" {
	four
	works jit-status -q
	git_ledger repack -qad
	idx=$(echo "$JIT_LEDGER"/objects/pack/*.idx)
	chmod u+w "$idx"
	mapfile -t ids < <(git_ledger rev-list ledger)
	cp "$idx" good
	for pair in "3 4" "4 3" "2 9" "9 2" "0 7" "18 19" "1 19"; do
		read -r a b <<<"$pair"
		cp good "$idx"
		mix "$idx" "${ids[a]}" "${ids[b]}"
		fails 7 timeout 20 jit-report report
		[ -z "$output" ]
	done
	cp good "$idx"
	reports 0 2000400
}

@test "report: nothing is written, no key is needed" {
	four
	before=$(git_ledger rev-parse refs/heads/ledger)
	find "$JIT_LEDGER" -type f -newer "$POLICY" | sort >files
	chmod -R a-w "$JIT_LEDGER"
	yields 0 at 2000400 env -u JIT_KEY HOME=/nonexistent \
		XDG_STATE_HOME=/nonexistent/state jit-report report
	chmod -R u+w "$JIT_LEDGER"
	[ "$(git_ledger rev-parse refs/heads/ledger)" = "$before" ]
}

@test "report: dates, names and words that are none" {
	founded
	fails 2 jit-report report --since yesterday
	explains --since
	fails 2 jit-report report --since 2026-02-01 --until 2026-01-01
	explains 'not before'
	fails 2 jit-report report --by alice
	explains 'no principal'
	fails 2 jit-report report --resource ''
	explains --resource
	fails 2 jit-report show
	explains "'show' is not one of report, coverage, export"
	fails 2 jit-report report coverage
	explains "'coverage' is one word too many"
	fails 2 jit-report
	explains "do what? report, coverage or export"
	fails 3 jit-report -C "$HOME/none" report
}

@test "report: an option of another word is named" {
	founded
	fails 2 jit-report coverage --html -
	explains "jit-report: --html is not for coverage (see jit-report -h)"
	fails 2 jit-report export --since 2026-01-01
	explains "--since is not for export"
	fails 2 jit-report report --octets
	explains "--octets is not for report"
	# the first one in the table, where there are more
	fails 2 jit-report export --zone Z --controls none
	explains "--controls is not for export"
}

@test "report: an answer that cannot be written is trouble" {
	four
	run --separate-stderr -3 at 2000400 sh -c 'jit-report report >/dev/full'
	run --separate-stderr -3 at 2000400 sh -c \
		'jit-report -j report >/dev/full'
}

@test "report: a control is met, not met, or without evidence" {
	four
	reports 10 2000400 --controls "$ROOT/share/controls/access.json"
	verdict tied-to-a-task met
	verdict proven 'not met'
	verdict standing-shrinking 'no evidence'
	verdict sweeper-dead 'no evidence'
	[[ $stderr == "jit-report: to be looked at: 3 controls not met" ]]
	yields 10 at 2000400 jit-report report \
		--controls "$ROOT/share/controls/access.json"
	says '  not met     NIST CSF 2.0 PR.AA-05'
}

# controls JSON: a file of one line, as $HOME/c.json
controls() {
	jq -n --argjson row "$1" '{controls: [{standard: "S", wants: "w",
		figure: "granted", bar: "at least 75 %"} + $row]}' >c.json
}

@test "report: each kind of bar, on both sides" {
	four
	for row in '{}' '{"bar": "at most 75 %"}' \
		'{"figure": "duration", "bar": "at most 1h"}' \
		'{"figure": "requests", "bar": "at least 4"}' \
		'{"figure": "requests", "bar": "at most 4"}' \
		'{"figure": "owed-long", "bar": "at most 0"}'; do
		controls "$row"
		reports 0 2000400 --controls c.json
		holds '.type == "control"' '.verdict == "met"'
	done
	for row in '{"bar": "at least 76 %"}' '{"bar": "at most 74 %"}' \
		'{"figure": "duration", "bar": "at most 59m"}' \
		'{"figure": "requests", "bar": "at least 5"}' \
		'{"figure": "requests", "bar": "at most 3"}' \
		'{"figure": "not-ended", "bar": "at least 1"}'; do
		controls "$row"
		reports 10 2000400 --controls c.json
		holds '.type == "control"' '.verdict == "not met"'
	done
}

@test "report: controls that name no figure, or no bar of its kind" {
	founded
	controls '{"figure": "all-is-well"}'
	fails 2 jit-report report --controls c.json
	explains "there is no figure 'all-is-well'"
	for bar in yes 'at least 75' 'at least -1 %' 'at most 101 %' \
		'at most 10m' 'around 5 %' ''; do
		controls "{\"bar\": \"$bar\"}"
		fails 2 jit-report report --controls c.json
		explains 'is no bar for a figure that is a share'
	done
	controls '{"figure": "duration", "bar": "at least 10m"}'
	fails 2 jit-report report --controls c.json
	controls '{"figure": "standing-shrinking", "bar": "no"}'
	fails 2 jit-report report --controls c.json
	controls '{"more": "text"}'
	fails 2 jit-report report --controls c.json
	explains 'more'
	echo '{"controls": []}' >c.json
	fails 2 jit-report report --controls c.json
	echo 'not json' >c.json
	fails 2 jit-report report --controls c.json
	explains "'c.json'"
	fails 2 jit-report report --controls none.json
}

@test "report: each figure is defined in the manual, word for word" {
	founded
	reports 0 100
	page=$(tr -s '\n ' '  ' <"$PAGE")
	jq -r 'select(.type == "figure") |
		[.id, .kind, .finding, .is] | @tsv' <<<"$output" >figures
	[ "$(wc -l <figures)" -ge 40 ]
	while IFS=$'\t' read -r id kind finding is; do
		more=
		[ "$finding" = false ] || more=' , finding'
		[[ $page == *".It Cm $id Pq $kind$more $is."* ]] || {
			echo "$id: the page says otherwise"
			return 1
		}
	done <figures
	same "$(cut -f 1 figures)" "$(sed -n '/^\.Sh FIGURES/,/^\.Sh OPTIONS/p' \
		"$PAGE" | sed -n 's/^\.It Cm \([a-z-]*\) Pq.*/\1/p')"
}

# year NAME STATUS [OPTION]...: a year of a company of 60 as $JIT_LEDGER, its
# plan in plan.json, its report in $output; made once for all tests
year() {
	local made=$BATS_FILE_TMPDIR/$1 wanted=$2

	shift 2
	export JIT_LEDGER=$made/year.git
	[ -e "$made/report" ] || {
		mkdir "$made"
		"$TOOLS/year" --seed 7 --grants 1000 --out "$JIT_LEDGER" \
			--plan "$made/plan.json" "$@"
		yields "$wanted" jit-report -j report --until \
			"$(date -u -d "@$(jq .until "$made/plan.json")" +%FT%TZ)"
		printf '%s\n' "$output" >"$made/report"
	}
	cp "$made/plan.json" .
	output=$(cat "$made/report")
}

# all_events: of the ledger, a JSON object a line, as git tells them
all_events() {
	git_ledger log --reverse --format=%B refs/heads/ledger | grep '^{'
}

# planted KIND ID WHAT...: what the plan says of a trouble is what the figure
# has, and the only thing it has
planted() {
	local kind=$1 id=$2 what

	shift 2
	for what; do
		same "$(jq -cS --arg kind "$kind" \
			'[.planted[] | select(.kind == $kind)] | .[0] | '"${what%%=*}" \
			plan.json)" \
			"$(jq -cS --arg id "$id" \
				'select(.id == $id) | .rows | if length == 1
				then .[0] else "rows: \(length)" end | '"${what##*=}" \
				<<<"$output")" || {
			echo "$kind, $id: $what"
			return 1
		}
	done
}

@test "report: a year in which nothing was planted has nothing to look at" {
	year plain 0 --plain
	found
	share granted "$(jq .totals.issued plan.json)" \
		"$(jq .totals.asked plan.json)"
}

@test "report: a year with troubles: each is found, and nobody else is" {
	year troubled 10
	# who has longer and longer windows may have many long ones, too
	has long-windows "all(.rows[]; .who == $(jq '.planted[] |
		select(.kind == "growing").who' plan.json))"
	output=$(grep -v '"id":"long-windows"' <<<"$output")
	found back-to-back growing-windows policy-widened reciprocal-pairs \
		reviews-overdue rubber-stamps standing-access sweeper-dead \
		vendors-ending
	planted rubber-stamper rubber-stamps .who=.who \
		'(.ids | sort)=(.grants | sort)'
	planted reciprocal reciprocal-pairs \
		'([.who, .with] | sort)=([.who, .with] | sort)' \
		'(.ids + .back | sort)=(.grants | sort)'
	planted kept-alive back-to-back .who=.who .role=.role \
		.resource=.resource '(.ids | sort)=(.grants | sort)'
	planted kept-alive standing-access .who=.who .covered=.seconds
	planted growing growing-windows .who=.who \
		'(.ids | sort)=(.grants | sort)'
	planted unreviewed reviews-overdue .who=.who .ids=.grants
	planted vendor-near-end vendors-ending .who=.who .until=.from
	planted widened policy-widened .who=.who .version=.n
	planted sweeper-dead sweeper-dead .who=.who
	has sweeper-dead "(.rows[0].from | . <= $(jq '.planted[] |
		select(.kind == "sweeper-dead").from' plan.json)) and
		(.rows[0].to | . >= $(jq '.planted[] |
		select(.kind == "sweeper-dead").until' plan.json)) and
		.rows[0].seconds < 2 * 86400 + 7200"
	has used ".others == $(jq -c '.planted[] |
		select(.kind == "grant-without-use").ids' plan.json)"
	has standing-shrinking '.answer == "yes"'
}

@test "report: the figures of a year are those of its plan" {
	year troubled 10
	total() { jq ".totals.$1 // 0" plan.json; }
	issued=$(total issued)
	has requests ".count == $(total asked)"
	share granted "$issued" "$(total asked)"
	share at-the-cap "$(total at_the_cap)" "$issued"
	share extensions "$(total extensions)" "$issued"
	share ended-by-task "$(total ends.task)" "$issued"
	share ended-by-ttl "$(total ends.ttl)" "$issued"
	share ended-by-person "$(total ends.revoke)" "$issued"
	share ended-by-offboarding "$(total ends.offboard)" "$issued"
	share ended-by-policy "$(total ends.policy)" "$issued"
	share ended-by-failure "$(total ends.failed)" "$issued"
	share ended-automatically "$(total automatic)" "$issued"
	has break-glass ".count == $(total break_glass)"
	has drills ".count == $(total drills)"
	for pair in duration=seconds_given approval-latency=seconds_to_quorum \
		time-to-dead=seconds_due_to_dead; do
		total=$(total "${pair#*=}")
		seconds "${pair%=*}" "$(jq .median <<<"$total")" \
			"$(jq .p95 <<<"$total")" "$(jq .most <<<"$total")" \
			"$(jq .count <<<"$total")"
	done
}

@test "report: the figures of a year are those that jq has of git log" {
	year troubled 10
	all_events | jq -sc '
		def spread: sort | {median: .[((length - 1) / 2) | floor],
			p95: .[((95 * length + 99) / 100 | floor) - 1],
			most: .[-1], of: length};
		([.[] | select(.type == "issue") | {(.id): .}] | add) as $issue |
		([.[] | select(.type == "end") | {(.id): .}] | add) as $over |
		([.[] | select(.type == "probe" and .outcome == "refused" and
			$over[.id].seq < .seq)] | reverse |
			map({(.id): .}) | add) as $dead |
		[.[] | select(.type == "request")] as $asked |
		[$asked[] | select(.change == null and .task != "drill")]
			as $access |
		[$access[] | select($issue[.id])] as $granted |
		([$asked[] | {(.id): .}] | add) as $request |
		[.[] | select(.type == "approve" or .type == "deny")]
			as $votes |
		{requests: {count: ($access | length)},
		granted: {numerator: ($granted | length)},
		duration: [$granted[] | $issue[.id].until -
			(if .extends then $issue[.extends].until
			else $issue[.id].from end)] | spread,
		"ended-by-task": {numerator: [$granted[] |
			select($over[.id].cause == "task")] | length},
		"ended-by-person": {numerator: [$granted[] |
			select($over[.id].cause == "revoke")] | length},
		proven: {numerator: [$granted[] | select($dead[.id])] | length},
		"time-to-dead": [$granted[] | select($dead[.id]) |
			$dead[.id].at - ([$over[.id].at, $issue[.id].until] |
			min)] | spread,
		"decision-time": [$votes[] | .at - $request[.id].at] | spread,
		"votes-for": {numerator: [$votes[] |
			select(.type == "approve")] | length},
		"vendor-grants": {numerator: [$granted[] |
			select(.by | endswith("@vendor.ex"))] | length}} |
		to_entries[] | [.key, .value]' >wanted
	[ "$(wc -l <wanted)" -eq 10 ]
	while IFS= read -r line; do
		id=$(jq -r '.[0]' <<<"$line")
		has "$id" ". as \$f | $(jq -c '.[1]' <<<"$line") |
			to_entries | all(\$f[.key] == .value)"
	done <wanted
}

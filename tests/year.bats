#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154
# The tool that writes a year of a company, which other tests believe.

load helper

@test "year: every event of it is good, for jit and for git" {
	"$TOOLS/year" --seed 5 --grants 500 --out "$PWD/a.git" --plan plan.json \
		--logs logs
	run -0 jit-audit verify -C "$PWD/a.git"
	[[ $output == "good: $PWD/a.git genesis $(jq -r .genesis plan.json) seq $(
		jq .seq plan.json) tip $(jq -r .tip plan.json) "* ]]
	run -0 git -C a.git fsck --strict --no-progress
	[ "$output" = "" ]

	# the plan and the history agree, and the same seed is the same year
	git -C a.git log --format=%b ledger | jq -s 'group_by(.type) |
		map({key: .[0].type, value: length}) | from_entries' >events
	diff <(jq -S ".events | with_entries(select(.value > 0))" plan.json) \
		<(jq -S . events)
	git -C a.git log --format=%b ledger | jq -s 'map(select(.type == "end" and
		.cause != "lapse")) | group_by(.cause) |
		map({key: .[0].cause, value: length}) | from_entries' >ends
	# drills are counted apart, and all of them end as others do
	[ "$(jq '[.[]] | add' ends)" -eq "$(jq '.totals.drills +
		([.totals.ends[]] | add)' plan.json)" ]
	[ "$(jq .policy ends)" -eq "$(jq .totals.ends.policy plan.json)" ]
	[ "$(jq .offboard ends)" -eq "$(jq .totals.ends.offboard plan.json)" ]
	"$TOOLS/year" --seed 5 --grants 500 --out "$PWD/b.git"
	[ "$(git -C a.git rev-parse ledger)" = "$(git -C b.git rev-parse ledger)" ]

	# the hosts' logs name logins that the history has, but for the planted
	run -0 jq -r 'select(.MESSAGE | startswith("Accepted")) | .MESSAGE' \
		logs/journal.json
	[ "$(grep -vc ' ID 01' <<<"$output")" -eq 1 ]
	[ "$(grep -c ' ID 01' <<<"$output")" -eq "$(
		git -C a.git log --format=%b ledger | jq -s 'map(select(
			.type == "use" and .phase == "open" and
			.program == "sshd" and .at >= 1793491200 - 14 * 86400)) |
			length')" ]
	[ "$(wc -l <logs/auth.log)" -eq "$(wc -l <logs/journal.json)" ]
}

@test "year: simple is exactly so many events, under the example's policy" {
	local n

	for n in 1 2 8 9 61; do
		"$TOOLS/year" --simple --events "$n" --out "$PWD/$n.git" \
			--policy "$ROOT/share/examples/policy.json" \
			--end "$(date +%s)" --keys keys
		run -0 jit-audit verify -C "$PWD/$n.git"
		[[ $output == *" seq $n tip "* ]]
	done
	# and whose keys are there can go on with it
	run -0 --separate-stderr jit-request -C "$PWD/61.git" -k keys/alice \
		-p keys/alice.pub -t INC-1 -m 'it goes on as before' -d 30m ssh:web-1 root
	[ "${#output}" -eq 26 ]
}

@test "year: R11 what verify holds in memory is bounded, however long the history" {
	local n kib

	for n in 1000 12000; do
		"$TOOLS/year" --simple --events "$n" --out "$PWD/$n.git" \
			--policy "$ROOT/share/examples/policy.json"
		kib=$("$TOOLS/measure" 1 verify jit-audit verify -q \
			-C "$PWD/$n.git" | awk '{ print $5 }')
		echo "$n events: $kib KiB" >&3
		[ "$kib" -gt 0 ]
		# 64 MiB and 24 bytes an event; the sanitizers take their own
		[[ $JIT_BIN != */san/* ]] || continue
		[ "$kib" -le $((64 * 1024 + 24 * n / 1024)) ]
	done
}

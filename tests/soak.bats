#!/usr/bin/env bats
# Everything at once, for SOAK_SECONDS: twelve processes ask, approve, use,
# end, read and sweep, and are killed at random moments.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load helper
load kept

# Before seal forgets it.
SOAK=${SOAK_SECONDS:-60}

setup_file() {
	install_site
}

setup() {
	seal
	kept_ledger -p '.rules = [{id: "ssh", who: ["oncall"],
		resource: "ssh:web-*", roles: ["root"], max: "1h",
		approve: [{group: "dba", count: 1}]}]'
	TEMP=$BATS_TEST_TMPDIR
	WORKERS=()
}

teardown() {
	touch "$TEMP/stop"
	[ ${#WORKERS[@]} -eq 0 ] || kill "${WORKERS[@]}" 2>/dev/null || :
	down
	fsck_ledger
}

# -- What each of the twelve does, again and again --------------------------

# worker NAME COMMAND...: until the file stop is there; what fails, fails
worker() {
	local name=$1

	shift
	while [ ! -e "$TEMP/stop" ]; do
		"$@" "$name" >>"$TEMP/$name.out" 2>>"$TEMP/$name.err" || :
		sleep "0.$((RANDOM % 4))"
	done </dev/null 3>&- &
	WORKERS+=($!)
}

# one PROGRAM...: its process is one that may be killed
one() {
	local pid status=0

	"$@" &
	pid=$!
	[ $((RANDOM % 12)) -ne 0 ] || {
		sleep "0.0$(printf %03d $((RANDOM % 300)))"
		kill -9 $pid && echo "$1" >>"$TEMP/kills"
	}
	wait $pid || status=$?
	return $status
}

asks() {
	local id

	sleep $((1 + RANDOM % 4))
	JIT_KEY=$KEYS/${1%.*} one jit-request -q -t INC-4211 -p \
		"$KEYS/${1%.*}.pub" -d "$((20 + RANDOM % 20))s" \
		-m 'slow query on orders' ssh:web-1 root >"$TEMP/$1.id"
	id=$(cat "$TEMP/$1.id")
	echo "$id" >>"$TEMP/asked.$1"
}

# ids STAGE: of all grants in it
ids() {
	jit-status -j "--$1" 2>/dev/null | jq -r .id
}

votes() {
	local id

	for id in $(ids pending); do
		JIT_KEY=$KEYS/${1%.*} one jit-approve -q -y "$id" || :
	done
}

ends() {
	local id

	id=$(ids active | shuf -n 1)
	[ -n "$id" ] || return 0
	JIT_KEY=$KEYS/rita one jit-revoke -q -m 'no longer' "$id" || return
	echo "$id" >>"$TEMP/ended.$1"
	# From this answer on every gate says no.
	! JIT_KEY=$KEYS/rita jit-status -j "$id" | grep -q '"stage":"active"' ||
		echo "$id" >>"$TEMP/wrong"
}

uses_it() {
	local id

	id=$(ids active | shuf -n 1)
	[ -n "$id" ] || return 0
	JIT_KEY=$KEYS/${1%.*} one jit-exec "$id" -- true || :
}

reads() {
	JIT_KEY=$KEYS/alice one jit-check ssh:web-1 root || :
	one jit-audit verify -q
}

packs() {
	sleep 3
	git_ledger repack -adq
	git_ledger prune-packed -q
	git_ledger pack-refs --all
}

# -- What is measured -------------------------------------------------------

# services: the processes of jit-issue --watch
services() {
	pgrep -x jit-issue | while read -r pid; do
		! grep -qz -- --watch "/proc/$pid/cmdline" || echo "$pid"
	done
}

# sample: of each service its pid, memory (KiB) and descriptors
sample() {
	local pid rss

	for pid in $(services); do
		rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status") ||
			continue
		echo "$pid $rss $(find "/proc/$pid/fd" -mindepth 1 | wc -l)"
	done 2>/dev/null
}

# grown COLUMN FACTOR MORE: prints what grew from the second quarter to the
# last by more, of what lived in all of it; medians
grown() {
	awk -v c="$1" -v factor="$2" -v more="$3" '
		function median(at, from, to, v, i, j, t, n) {
			for (i = from; i <= to; i++)
				v[++n] = at[i]
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && v[j - 1] > v[j]; j--) {
					t = v[j]; v[j] = v[j - 1]; v[j - 1] = t
				}
			return v[int((n + 1) / 2)]
		}
		{ of[$1, ++n[$1]] = $c }
		END {
			for (pid in n)
				most = n[pid] > most ? n[pid] : most
			for (pid in n) {
				if (n[pid] < most * 0.9)
					continue
				lived++
				for (i = 1; i <= n[pid]; i++)
					one[i] = of[pid, i]
				q = int(n[pid] / 4)
				early = median(one, q + 1, 2 * q)
				late = median(one, n[pid] - q + 1, n[pid])
				print pid ": " early " to " late >"/dev/stderr"
				if (late > early * factor + more)
					print pid ": " early " to " late
			}
			if (!lived)
				print "no service lived"
		}' "$TEMP/samples"
}

# nothing_left: no grant is open, and what could be shown dead was. (What
# was ended before anybody saw it alive nobody can.)
nothing_left() {
	[ -z "$(ids pending)$(ids active)" ] && [ -z "$(jit-status -j --owed 2>/dev/null |
		jq -r 'select(.owes != "proof" or .provable).id')" ]
}

# all_ended: each issue on record has its end there
all_ended() {
	git_ledger log --format=%b ledger >"$TEMP/events"
	diff <(jq -r 'select(.type == "issue").id' "$TEMP/events" | sort) \
		<(jq -r 'select(.type == "end").id' "$TEMP/events" | sort)
}

# revealed: what went wrong, for who reads the log
revealed() {
	jit-status --active || :
	jit-status --owed || :
	tail -n 20 "$HOST/keeper.log"
	return 1
}

@test "soak: mixed load by twelve processes with random kills" {
	local n end id

	served
	serving
	for n in 1 2; do
		worker "ender.$n" ends
		worker "reader.$n" reads
	done
	worker alice.1 asks
	worker carol.1 asks
	worker dan.1 votes
	worker dora.1 votes
	worker alice.2 uses_it
	worker carol.2 uses_it
	worker packer packs

	end=$((SECONDS + SOAK))
	while [ $SECONDS -lt $end ]; do
		sample >>"$TEMP/samples"
		sleep 1
	done
	touch "$TEMP/stop"
	wait "${WORKERS[@]}" || :
	WORKERS=()

	# All that was answered is on record, once.
	cat "$TEMP"/asked.* | sort >"$TEMP/asked"
	[ -z "$(uniq -d "$TEMP/asked")" ]
	git_ledger log --format=%b ledger >"$TEMP/events"
	jq -r 'select(.type == "request").id' "$TEMP/events" | sort \
		>"$TEMP/requests"
	[ -z "$(comm -23 "$TEMP/asked" "$TEMP/requests")" ]
	cat "$TEMP"/ended.* | sort -u >"$TEMP/ended"
	jq -r 'select(.type == "end").id' "$TEMP/events" | sort >"$TEMP/ends"
	[ -z "$(comm -23 "$TEMP/ended" "$TEMP/ends")" ]
	# No end, no issue and no vote of one person twice.
	[ -z "$(uniq -d "$TEMP/ends")" ]
	[ -z "$(jq -r 'select(.type == "issue").id' "$TEMP/events" | sort |
		uniq -d)" ]
	[ ! -e "$TEMP/wrong" ]

	# What is still open ends by itself, and is shown to be dead.
	for id in $(ids pending); do
		as dora jit-approve --deny -q -m 'too late' "$id" ||
			as dan jit-approve --deny -q -m 'too late' "$id" || :
	done
	within 300 nothing_left || revealed
	within 60 all_ended || revealed
	for id in alice carol; do
		yields 1 as "$id" jit-check ssh:web-1 root
	done
	works jit-audit verify
	jit-audit signers >"$TEMP/allowed"
	[ -z "$(git_ledger -c gpg.ssh.allowedSignersFile="$TEMP/allowed" \
		-c gpg.ssh.program=ssh-keygen log --format='%G?' ledger |
		grep -v '^G$')" ]

	echo "soak: $(wc -l <"$TEMP/asked") asked, $(jq -r \
		'select(.type == "issue").id' "$TEMP/events" | wc -l) issued," \
		"$(wc -l <"$TEMP/kills") killed," \
		"$(jq -r .type "$TEMP/events" | wc -l) events" >&3
	[ "$(wc -l <"$TEMP/kills")" -ge 10 ]
	[ "$(wc -l <"$TEMP/asked")" -ge 10 ]
	# Memory and descriptors of what serves are flat.
	[ -z "$(grown 2 1.25 512)" ]
	[ -z "$(grown 3 1 2)" ]
}

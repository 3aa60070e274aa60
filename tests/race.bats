#!/usr/bin/env bats
# Many writers at once, and faults that are real: kill -9, a full disk, locks
# that the dead left behind.

load helper

# shellcheck disable=SC2030,SC2031 # each test is a subshell, on purpose

setup() {
	seal
	new_ledger
}

# ask N FILE: N requests one after the other, the ids to FILE
ask() {
	local n

	for ((n = 0; n < $1; n++)); do
		request alice -p "$KEYS/alice.pub" ssh:web-1 root || return
	done >"$2"
}

# all_there FILE...: each id in the files is in the chain, exactly once
all_there() {
	sort "$@" >"$BATS_TEST_TMPDIR/acknowledged"
	git_ledger log --format=%b | jq -r 'select(.type == "request").id' |
		sort >"$BATS_TEST_TMPDIR/recorded"
	[ -z "$(uniq -d "$BATS_TEST_TMPDIR/recorded")" ]
	[ -z "$(comm -23 "$BATS_TEST_TMPDIR/acknowledged" \
		"$BATS_TEST_TMPDIR/recorded")" ]
}

@test "race: R01 eight writers ask 100 times each: 800 acknowledged, 800 in the chain" {
	local n pid pids=()

	for n in 1 2 3 4 5 6 7 8; do
		ask 100 "$BATS_TEST_TMPDIR/ids.$n" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	[ "$(cat "$BATS_TEST_TMPDIR"/ids.* | wc -l)" -eq 800 ]
	all_there "$BATS_TEST_TMPDIR"/ids.*
	[ "$(events)" -eq 801 ]
	works jit-audit verify
	says "seq 801"
}

@test "race: R02 200 times kill -9 at random moments lose nothing that was answered" {
	local n ids=$BATS_TEST_TMPDIR/ids dead=0 status

	RANDOM=4711
	for ((n = 0; n < 200 || (dead < 40 && n < 4000); n++)); do
		killed alice jit-request -q -p "$KEYS/alice.pub" -t INC-4211 \
			-m 'slow query on orders' -d 30m ssh:web-1 root
		cp "$BATS_TEST_TMPDIR/out" "$ids.$n"
		[ "$status" -eq 0 ] || dead=$((dead + 1))
	done 2>/dev/null
	echo "killed: $dead"
	[ "$dead" -ge 40 ]
	grep -hxE '[0-9A-Z]{26}' "$ids".* >"$BATS_TEST_TMPDIR/answered" || true
	all_there "$BATS_TEST_TMPDIR/answered"
	works request alice -p "$KEYS/alice.pub" ssh:web-1 root
	works jit-audit verify
	works jit-status
}

@test "race: two approvers at once: both votes are in, none twice" {
	local id

	for _ in 1 2 3 4 5; do
		id=$(request alice pg:orders admin)
		approve dan "$id" &
		approve bob "$id" --as security &
		wait
		yields 4 jit-status -j "$id"
		in_json '.votes | length == 2'
	done
	works jit-audit verify
}

@test "race: one request issued by two at once is issued once" {
	local id a=0 b=0

	id=$(request)
	approve dan "$id"
	issue "$id" -o "$BATS_TEST_TMPDIR/a" 2>/dev/null & first=$!
	issue "$id" -o "$BATS_TEST_TMPDIR/b" 2>/dev/null & second=$!
	wait "$first" || a=$?
	wait "$second" || b=$?
	[ $((a == 0)) -ne $((b == 0)) ]
	[ $((a + b)) -eq 6 ]
	[ "$(git_ledger log --format=%s | grep -c '^issue ')" -eq 1 ]
}

# On a file system of its own with few megabytes.
small_disk() {
	local as=

	[ "$(id -u)" -eq 0 ] || as="sudo -n"
	mkdir "$BATS_TEST_TMPDIR/disk"
	$as mount -t tmpfs -o "size=$1,mode=0700,uid=$(id -u)" tmpfs \
		"$BATS_TEST_TMPDIR/disk"
}

larger_disk() {
	local as=

	[ "$(id -u)" -eq 0 ] || as="sudo -n"
	$as mount -o "remount,size=$1" "$BATS_TEST_TMPDIR/disk"
}

teardown() {
	local as='' status=0

	[ "$(id -u)" -eq 0 ] || as="sudo -n"
	fsck_ledger || status=1
	! mountpoint -q "$BATS_TEST_TMPDIR/disk" ||
		$as umount "$BATS_TEST_TMPDIR/disk"
	[ -z "${FAST:-}" ] || rm -rf "$FAST"
	return $status
}

@test "race: R04 a full disk is status 3, harms nothing, and heals with space" {
	local tip n status

	small_disk 1m
	mv "$JIT_LEDGER" "$BATS_TEST_TMPDIR/disk/ledger.git"
	export JIT_LEDGER=$BATS_TEST_TMPDIR/disk/ledger.git
	for ((n = 0; n < 500; n++)); do
		status=0
		request alice -p "$KEYS/alice.pub" ssh:web-1 root \
			>>"$BATS_TEST_TMPDIR/ids" 2>"$BATS_TEST_TMPDIR/err" ||
			status=$?
		[ "$status" -eq 0 ] || break
	done
	[ "$status" -eq 3 ]
	cat "$BATS_TEST_TMPDIR/err"
	grep -q 'No space left' "$BATS_TEST_TMPDIR/err"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
	tip=$(git_ledger rev-parse ledger)
	all_there "$BATS_TEST_TMPDIR/ids"
	works jit-audit verify
	git_ledger fsck --strict --no-dangling
	[ ! -e "$JIT_LEDGER/refs/heads/ledger.lock" ]

	larger_disk 2m
	works request alice -p "$KEYS/alice.pub" ssh:web-1 root
	[ "$(git_ledger rev-parse ledger~1)" = "$tip" ]
	works jit-audit verify
}

@test "race: R12 an answer that cannot be written is never status 0" {
	for program in "jit-audit verify" "jit-audit log" "jit-audit signers" \
		"jit-request -V" "jit-status -h"; do
		# shellcheck disable=SC2086
		yields 3 bash -c "$program >/dev/full"
		explains "cannot write the answer"
	done
	yields 3 bash -c "JIT_KEY=$KEYS/alice jit-request -q -t INC-1 \
		-m 'slow query on orders' -d 30m ssh:web-1 root >/dev/full"
}

@test "race: R03 a ref lock that nobody of ours left is named and left alone" {
	: >"$JIT_LEDGER/refs/heads/ledger.lock"
	fails 3 request
	explains "refs/heads/ledger.lock"
	[ -e "$JIT_LEDGER/refs/heads/ledger.lock" ]
	rm "$JIT_LEDGER/refs/heads/ledger.lock"
	works request
}

@test "race: R05 what is answered was made durable before" {
	local trace=$BATS_TEST_TMPDIR/trace

	# the leak detector does not work under strace
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0

	as alice strace -f -e trace=fsync,fdatasync,rename,link,write \
		-o "$trace" jit-request -q -p "$KEYS/alice.pub" -t INC-1 \
		-m 'slow query on orders' -d 30m ssh:web-1 root >"$trace.id"
	# The ref's rename, then an fsync of its folder, then the answer.
	awk -v id="$(cat "$trace.id")" '
		/rename\(.*ledger\.lock"/ { renamed = NR }
		/fsync\(/ && renamed && !synced { synced = NR }
		index($0, "write(1, \"" id) { answered = NR }
		END { exit !(renamed && synced > renamed && answered > synced) }
	' "$trace"
	# And the object's own before the ref's lock was written.
	[ "$(grep -c 'fsync(' "$trace")" -ge 4 ]
}

@test "race: R07 packing beside writers loses nothing" {
	local n writer

	ask 60 "$BATS_TEST_TMPDIR/ids" & writer=$!
	for n in 1 2 3 4; do
		git_ledger repack -adq
		git_ledger prune-packed -q
		git_ledger pack-refs --all
	done
	wait "$writer"
	all_there "$BATS_TEST_TMPDIR/ids"
	works jit-audit verify
}

@test "race: R17 a clock far behind the ledger asks to be set, one a little behind does not go back" {
	local ask=(jit-request -q -t INC-4211 -m 'slow query on orders'
		-d 30m ssh:web-1 root)

	works request
	fails 3 as alice later -3600 "${ask[@]}"
	explains "clock"
	works as alice later -60 "${ask[@]}"
	works jit-audit verify
}

@test "race: R18 an agent that never answers is status 3 and holds no lock" {
	local sock=$BATS_TEST_TMPDIR/agent pid

	perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(
		Local => $ARGV[0], Listen => 5) or die; sleep 60' "$sock" &
	pid=$!
	until [ -S "$sock" ]; do sleep 0.05; done
	cp "$KEYS/alice.pub" "$BATS_TEST_TMPDIR/only.pub"
	SSH_AUTH_SOCK=$sock JIT_KEY=$BATS_TEST_TMPDIR/only.pub \
		jit-request -q -t INC-1 -m 'slow query on orders' -d 30m \
		ssh:web-1 root 2>"$BATS_TEST_TMPDIR/err" & slow=$!
	works request carol
	status=0
	wait "$slow" || status=$?
	kill "$pid"
	[ "$status" -eq 3 ]
	grep -q agent "$BATS_TEST_TMPDIR/err"
}

# On a tmpfs, where a round takes milliseconds: the ledger, its memories and
# the keys that are made.
in_memory() {
	FAST=$(mktemp -d /dev/shm/jit-race.XXXXXX)
	mv "$JIT_LEDGER" "$FAST/ledger.git"
	export JIT_LEDGER=$FAST/ledger.git XDG_STATE_HOME=$FAST/state
}

# pause: up to 10 ms
pause() {
	sleep "0.00$((RANDOM % 10))$((RANDOM % 10))"
}

# against WORD ID: what is done to a grant while it is issued; its status
against() {
	local status=0

	case $1 in
	cancel) as alice jit-request -q --cancel "$2" ;;
	withdraw) as dan jit-approve -q --withdraw "$2" ;;
	deny) as dora jit-approve -q --deny -m 'not during the freeze' "$2" ;;
	revoke) as dora jit-revoke -q "$2" ;;
	esac || status=$?
	echo "$status"
}

# Many keys of dan's, $KEYS/dan and more; one is lost in each round below.
ROUNDS=40

lose_keys() {
	local n extra=()

	for ((n = 0; n < ROUNDS; n++)); do
		ssh-keygen -q -t ed25519 -N '' -f "$HOME/dan.$n"
		extra+=(--enroll "dan@ex.com=$HOME/dan.$n.pub")
	done
	rm -rf "$JIT_LEDGER" "$XDG_STATE_HOME"
	new_ledger "${extra[@]}"
}

@test "race: T65 the approver's key is retired beside the issue: one of two orders" {
	local n id key other status

	lose_keys
	in_memory
	RANDOM=4711
	for ((n = 0; n < ROUNDS; n++)); do
		id=$(request alice -p "$KEYS/alice.pub" ssh:web-1 root)
		JIT_KEY=$HOME/dan.$n jit-approve -q -y "$id"
		key=$(ssh-keygen -lf "$HOME/dan.$n.pub" | cut -d ' ' -f 2)
		{
			pause
			as root jit-request -q -m 'that key was stolen' \
				--retire "$key"
		} & other=$!
		pause
		status=0
		as issuer jit-issue -q --ca "$KEYS/ca" -o /dev/null "$id" \
			2>/dev/null || status=$?
		wait "$other"
		echo "issue $status"
		# whichever it was, now she has nothing
		fails 1 as alice jit-check ssh:web-1 root >&2
		as alice jit-request -q --cancel "$id" 2>/dev/null || :
	done >results
	came 2 'issue 0'
	came 2 'issue 4'
	[ "$(grep -cxE 'issue [04]' results)" -eq "$ROUNDS" ]

	git_ledger log --reverse --format=%b | jq -rs '.[1:] | map(select(.id)) |
		group_by(.id)[] | map(.type + (if .cause then " " + .cause
		else "" end)) | join(" ")' | sort | uniq -c >orders
	cat orders
	[ "$(grep -cvE '^ +[0-9]+ request approve (issue end offboard|withdraw)$' \
		orders)" -eq 0 ]
	works jit-audit verify
}

# One shell: asks, approves, tells the other, issues.
issuing() {
	local word id status other

	for word in $1; do
		id=$(request alice -p "$KEYS/alice.pub" ssh:web-1 root)
		approve dan "$id"
		echo "$word $id" >&7
		pause
		status=0
		as issuer jit-issue -q --ca "$KEYS/ca" -o /dev/null "$id" ||
			status=$?
		read -r other <&8
		echo "$word issue $status other $other"
	done
}

# The other.
opposing() {
	local word id

	while read -r word id <&7; do
		pause
		against "$word" "$id" >&8
	done
}

# came LEAST WHAT: so many rounds at least went so
came() {
	[ "$(grep -cx "$2" results)" -ge "$1" ] || {
		sort results | uniq -c
		return 1
	}
}

@test "race: T65 revoke beside issue 500 times, cancel, withdraw and deny 150: the first counts" {
	local words other

	in_memory
	RANDOM=4711
	words=$(for _ in {1..50}; do
		echo revoke revoke revoke cancel revoke revoke revoke \
			withdraw revoke revoke revoke deny revoke
	done)
	mkfifo there back
	exec 7<>there 8<>back
	opposing 2>/dev/null & other=$!
	issuing "$words" >results 2>/dev/null
	kill "$other"

	# who comes second is told so, and each order was there
	[ "$(wc -l <results)" -eq 650 ]
	came 50 'revoke issue 0 other 0'
	came 50 'revoke issue 0 other 1'
	for word in cancel deny; do
		came 5 "$word issue 0 other 6"
		came 5 "$word issue 6 other 0"
	done
	came 5 'withdraw issue 0 other 6'
	came 5 'withdraw issue 4 other 0'
	[ "$(grep -cxE 'revoke issue 0 other [01]|(cancel|deny) issue (0 other 6|6 other 0)|withdraw issue (0 other 6|4 other 0)' results)" -eq 650 ]

	# and the chain has no order but these
	git_ledger log --reverse --format=%b | jq -rs '.[1:] | group_by(.id)[] |
		map(.type) | join(" ")' | sort | uniq -c >orders
	cat orders
	[ "$(grep -cvE '^ +[0-9]+ request approve (issue|issue end|withdraw|deny)$' \
		orders)" -eq 0 ]
	[ "$(awk '{ n += $1 } END { print n }' orders)" -eq 650 ]
	[ "$(awk '/ issue end$/ { print $1 }' orders)" -eq \
		"$(grep -cx 'revoke issue 0 other 0' results)" ]
	works jit-audit verify
}

@test "race: T80 eight issuers at once: every certificate has a serial of its own" {
	local n id pid pids=()

	in_memory
	for n in {1..8}; do
		for _ in {1..12}; do
			id=$(request alice -p "$KEYS/alice.pub" ssh:web-1 root)
			approve dan "$id"
			echo "$id"
		done >"ids.$n"
	done
	for n in {1..8}; do
		while read -r id; do
			as issuer jit-issue -q --ca "$KEYS/ca" "$id" || return
		done <"ids.$n" >"certs.$n" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	cat certs.* >certs
	[ "$(wc -l <certs)" -eq 96 ]
	ssh-keygen -Lf certs | sed -n 's/^ *Serial: //p' | sort -n >serials
	[ "$(uniq serials | wc -l)" -eq 96 ]
	[ "$(head -n 1 serials)" -ge 1 ]
	ssh-keygen -Lf certs | sed -n 's/^ *Key ID: "\(.*\)"$/\1/p' | sort |
		cmp - <(sort ids.*)
	works jit-audit verify
}

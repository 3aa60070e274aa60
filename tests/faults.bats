#!/usr/bin/env bats
# Faults that are real: memory that ends, kill -9 of every program, objects
# damaged under their names, two users of one ledger. More are in race.bats.

load helper

# shellcheck disable=SC2030,SC2031 # each test is a subshell, on purpose

setup() {
	seal
	new_ledger
	TEMP=$BATS_TEST_TMPDIR
}

teardown() {
	local as='' status=0

	[ "$(id -u)" -eq 0 ] || as="sudo -n"
	fsck_ledger || status=1
	! mountpoint -q "$BATS_TEST_TMPDIR/over/all" ||
		$as umount "$BATS_TEST_TMPDIR/over/all" \
			"$BATS_TEST_TMPDIR/over"
	[ -z "${SHARED:-}" ] || $as rm -rf "$SHARED"
	return $status
}

# starved N NAME PROGRAM...: the N-th allocation fails and all after it;
# with ONCE set that one alone. Status in $status, stderr in $err.
starved() {
	local n=$1 name=$2

	shift 2
	status=0
	env LD_PRELOAD="$TOOLS/starve.so${LD_PRELOAD:+:$LD_PRELOAD}" \
		STARVE="$n" ${ONCE:+STARVE_ONCE=1} JIT_KEY="$KEYS/$name" \
		"$@" >"$TEMP/out" 2>"$TEMP/err" ||
		status=$?
	err=$(cat "$TEMP/err")
}

# What is printed, but for how old it is.
ageless() {
	sed 's/([0-9]*s ago)//'
}

# starve NAME PROGRAM...: wherever memory ends, it is trouble, said in one
# line, and whatever is answered is on record.
starve() {
	local n before after

	for n in 1 2 3 5 8 13 21 34 40 55 70 89 $(seq 144 37 1500) 2000 4000; do
		before=$(events)
		starved "$n" "$@"
		# An end that cannot be recorded is sealed, and kept.
		! grep -q sealed "$TEMP/err" || as "$1" jit-request -q --deliver
		after=$(events)
		case $status in
		0) [ $((after - before)) -eq "$writes" ] || return
			[ "$writes" -eq 1 ] || diff <(ageless <"$TEMP/out") \
				<(ageless <"$TEMP/whole") || return ;;
		3) [ $((after - before)) -le "$writes" ] || return
			[ "$(wc -l <"$TEMP/err")" -eq 1 ] ||
				return
			[ $((after - before)) -eq 0 ] || break ;;
		*) echo "$*: allocation $n: status $status: $err"
			return 1 ;;
		esac
		[ "$status" -ne 0 ] || [ "$writes" -eq 0 ] || break
	done
}

@test "faults: R20 wherever memory ends a reader is status 3 or answers whole" {
	local ONCE writes=0 program

	granted
	for program in "jit-audit verify" "jit-audit log" "jit-status -j" \
		"jit-audit signers" "jit-check ssh:web-1 root" \
		"jit-audit show $ID"; do
		for ONCE in '' 1; do
			# shellcheck disable=SC2086
			as alice $program >"$TEMP/whole"
			# shellcheck disable=SC2086
			starve alice $program
		done
	done
}

@test "faults: R20 wherever memory ends a writer is status 3 or has written" {
	local ONCE writes=1 id

	for ONCE in '' 1; do
		for _ in 1 2; do
			starve alice jit-request -q -p "$KEYS/alice.pub" \
				-t INC-4211 -m 'slow query on orders' -d 30m \
				ssh:web-1 root
		done
		id=$(request)
		starve dan jit-approve -q -y "$id"
		[ "$(jit-status -j "$id" | jq '.votes | length')" -eq 1 ] ||
			approve dan "$id"
		starve issuer jit-issue -q --ca "$KEYS/ca" \
			-o "$TEMP/cert" "$id"
		granted
		starve alice jit-revoke "$ID"
	done
	works jit-audit verify
}

# said TYPE ID: how many events of it are on record
said() {
	git_ledger log --format=%s | grep -c "^$1 $2 " || true
}

@test "faults: R02 500 times kill -9 across all programs: what was answered is there, once" {
	local n id dead=0 what

	RANDOM=815
	id=$(request)
	for ((n = 0; n < 500 || (dead < 100 && n < 5000); n++)); do
		what=$((n % 10))
		case $what in
		0) killed alice jit-request -q -p "$KEYS/alice.pub" \
				-t INC-4211 -m 'slow query on orders' -d 30m \
				ssh:web-1 root
			id=$(cat "$TEMP/out")
			[ "$status" -eq 0 ] || id=$(request)
			[ "$(said request "$id")" -eq 1 ] ;;
		1) killed dan jit-approve -q -y "$id"
			[ "$status" -ne 0 ] || [ "$(said approve "$id")" -eq 1 ]
			[ "$(said approve "$id")" -eq 1 ] || approve dan "$id" ;;
		2) killed issuer jit-issue -q --ca "$KEYS/ca" \
				-o "$TEMP/$id.cert" "$id"
			if [ "$status" -eq 0 ]; then
				[ -s "$TEMP/$id.cert" ]
				[ "$(said issue "$id")" -eq 1 ]
			fi
			[ "$(said issue "$id")" -le 1 ]
			[ "$(said issue "$id")" -eq 1 ] || issue "$id" ;;
		3) killed alice jit-status -q -o "$TEMP" "$id" ;;
		4) killed alice jit-check ssh:web-1 root
			[ "$status" -eq 0 ] || [ "$status" -eq 137 ] ;;
		5) killed issuer jit-revoke -q --krl "$TEMP/krl"
			[ ! -e "$TEMP/krl" ] ||
				ssh-keygen -Q -l -f "$TEMP/krl" >"$TEMP/out" ;;
		6) killed alice jit-revoke -q "$id"
			[ "$status" -ne 0 ] || [ "$(said end "$id")" -eq 1 ]
			[ "$(said end "$id")" -le 1 ]
			[ "$(said end "$id")" -eq 1 ] ||
				as alice jit-revoke -q "$id" ;;
		7) killed alice jit-audit verify -q ;;
		8) killed alice jit-status -j ;;
		9) killed root jit-init -q -u root@ex.com --policy "$POLICY" \
				--enroll "issuer@ex.com=$KEYS/issuer.pub,issuer" \
				"$TEMP/new.$n"
			[ "$status" -ne 0 ] || JIT_LEDGER=$TEMP/new.$n jit-audit \
				verify -q ;;
		esac
		[ "$status" -ne 137 ] || dead=$((dead + 1))
	done 2>/dev/null
	echo "killed: $dead"
	[ "$dead" -ge 100 ]
	works jit-audit verify
	works request alice ssh:web-1 root
	[ ! -e "$JIT_LEDGER/refs/heads/ledger.lock" ]
}

@test "faults: R06 an object that is there but damaged is written anew" {
	local id copy=$TEMP/copy.git oid when

	id=$(request)
	cp -a "$JIT_LEDGER" "$copy"
	cp -a "$HOME" "$TEMP/other"
	when=$(date -u -d "+2 seconds" '+%Y-%m-%d %H:%M:%S')
	# The same vote at the same second is the same commit.
	HOME=$TEMP/other XDG_STATE_HOME=$TEMP/other/.local/state \
		JIT_LEDGER=$copy as dan faketime -f "$when" \
		jit-approve -q -y "$id"
	oid=$(git -C "$copy" rev-parse ledger)
	mkdir -p "$JIT_LEDGER/objects/${oid:0:2}"
	: >"$JIT_LEDGER/objects/${oid:0:2}/${oid:2}"
	as dan faketime -f "$when" jit-approve -q -y "$id"
	[ "$(git_ledger rev-parse ledger)" = "$oid" ]
	[ -s "$JIT_LEDGER/objects/${oid:0:2}/${oid:2}" ]
	works later 5 jit-audit verify
}

@test "faults: R13 R21 a state file that was cut off is trouble, named, and nothing is judged by it" {
	local file size n

	works as alice jit-status
	file=$(find "$XDG_STATE_HOME/jit" -name '*.state')
	size=$(stat -c %s "$file")
	cp "$file" "$TEMP/whole"
	for n in 0 1 7 $((size / 2)) $((size - 1)); do
		head -c "$n" "$TEMP/whole" >"$file"
		fails 3 as alice jit-check ssh:web-1 root
		explains "$file"
		unharmed fails 3 request
	done
	cp "$TEMP/whole" "$file"
	works request
}

@test "faults: R19 two users share a ledger by their group" {
	local as='' n

	[ "$(id -u)" -eq 0 ] || as="sudo -n"
	SHARED=$(mktemp -d /tmp/jit-shared.XXXXXX)
	chmod 755 "$SHARED"
	cp -a "$JIT_LEDGER" "$SHARED/ledger.git"
	for n in 61001 61002; do
		mkdir "$SHARED/$n"
		printf '[safe]\n\tdirectory = %s\n' "$SHARED/ledger.git" \
			>"$SHARED/$n/.gitconfig"
	done
	cp "$KEYS/alice" "$SHARED/61001/key"
	cp "$KEYS/dan" "$SHARED/61002/key"
	cp "$KEYS/alice.pub" "$SHARED/61001/key.pub"
	for n in 61001 61002; do
		$as chown -R "$n:61000" "$SHARED/$n"
	done
	$as chown -R 61001:61000 "$SHARED/ledger.git"
	$as find "$SHARED/ledger.git" -type d -exec chmod 2775 {} +
	$as find "$SHARED/ledger.git" -type f -exec chmod g+w {} +
	# user UID PROGRAM...
	user() {
		local n=$1

		shift
		$as setpriv --reuid "$n" --regid 61000 --clear-groups env -i \
			HOME="$SHARED/$n" PATH="$PATH" LC_ALL=C.UTF-8 \
			JIT_LEDGER="$SHARED/ledger.git" \
			JIT_KEY="$SHARED/$n/key" sh -c 'umask 022; exec "$@"' \
			- "$@"
	}
	for n in 1 2 3; do
		ID=$(user 61001 jit-request -q -t INC-4211 -p "$SHARED/61001/key.pub" \
			-m 'slow query on orders' -d 30m ssh:web-1 root)
		works user 61002 jit-approve -q -y "$ID"
	done
	works user 61001 jit-audit verify
	says "seq 7 "
	yields 4 user 61002 jit-status -j "$ID"
	in_json '.votes | length == 1'
	# Each wrote; the other could go on.
	git -c safe.directory='*' -C "$SHARED/ledger.git" fsck --strict
}

@test "faults: R22 on an overlay it is as anywhere" {
	local as=''

	[ "$(id -u)" -eq 0 ] || as="sudo -n"
	mkdir "$TEMP/over"
	$as mount -t tmpfs -o "mode=0755,uid=$(id -u)" tmpfs "$TEMP/over"
	mkdir "$TEMP/over/up" "$TEMP/over/work" "$TEMP/over/all" "$TEMP/low"
	mv "$JIT_LEDGER" "$TEMP/low/ledger.git"
	$as mount -t overlay -o "lowerdir=$TEMP/low,upperdir=$TEMP/over/up,workdir=$TEMP/over/work" \
		overlay "$TEMP/over/all"
	export JIT_LEDGER=$TEMP/over/all/ledger.git
	granted
	works as alice jit-check ssh:web-1 root
	works as alice jit-revoke -q "$ID"
	works jit-audit verify
	says "seq 5 "
	git_ledger fsck --strict
	[ "$(git -C "$TEMP/low/ledger.git" rev-list --count ledger)" -eq 1 ]
}

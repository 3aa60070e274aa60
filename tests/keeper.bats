#!/usr/bin/env bats
# Sessions that end: the keeper with a real sshd, PAM and sudo, as root.
# shellcheck disable=SC2030,SC2031,SC2154

load helper

setup_file() {
	[ "$(id -u)" -eq 0 ] || {
		echo "keeper.bats is for root: sshd and mounts are" >&2
		return 1
	}
	export SITE=$BATS_FILE_TMPDIR/site
	env -u MAKEFLAGS -u MFLAGS make -C "$ROOT" -o all install \
		DESTDIR="$SITE" PREFIX=/usr/local BIN="$JIT_BIN" \
		LIBEXEC="${JIT_LIBEXEC:-$ROOT/.build/plain/libexec}" >/dev/null
}

setup() {
	seal
	new_ledger --enroll "web-1@ex.com=$KEYS/host.pub,host"
	mkdir -p "$BATS_TEST_TMPDIR/srv/jit"
	mv "$JIT_LEDGER" "$BATS_TEST_TMPDIR/srv/jit/ledger.git"
	export JIT_LEDGER=$BATS_TEST_TMPDIR/srv/jit/ledger.git
	HOST=$BATS_TEST_TMPDIR/web-1
}

teardown() {
	down
	fsck_ledger
}

# -- The host ---------------------------------------------------------------

# Where cgroup v2 is mounted.
cgroups() {
	awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts
}

# up: web-1, with an sshd that asks PAM, and PAM the keeper
up() {
	mkdir -p "$HOST/etc/jit" "$HOST/etc/pam.d" "$HOST/lib"
	cat >"$HOST/etc/passwd" <<-END
		root:*:0:0:root:/root:/bin/bash
		deploy:*:64010:64010::/:/bin/bash
		jit:*:64011:64011::/var/lib/jit:/usr/sbin/nologin
		$(getent passwd nobody)
		$(getent passwd sshd)
	END
	echo "root:x:0:" >"$HOST/etc/group"
	echo web-1 >"$HOST/etc/hostname"
	cp "$KEYS/ca.pub" "$HOST/etc/jit/ca.pub"
	cp "$KEYS/host" "$HOST/etc/jit/host_key"
	jq -n --arg genesis "$GENESIS" '{ledger: "/srv/jit/ledger.git",
		genesis: $genesis, host: "web-1",
		accounts: {root: ["root", "deploy"]}, key: "/etc/jit/host_key"}' \
		>"$HOST/etc/jit/jit.conf"
	mkdir -p "$HOST/lib/jit"
	chown 64011 "$HOST/lib/jit"
	chmod 700 "$HOST/lib/jit"
	ssh-keygen -q -t ed25519 -N '' -f "$HOST/etc/host_key"
	for service in sshd sudo other; do
		cat >"$HOST/etc/pam.d/$service" <<-END
			auth required pam_permit.so
			account required pam_permit.so
			session required pam_exec.so seteuid quiet stdout /usr/local/bin/jit-check --pam
		END
	done
	serve
}

serve() {
	local port pid

	CGROUP=$(cgroups)/jit-test-$$-$RANDOM
	mkdir "$CGROUP"
	for port in $(shuf -n 20 -i 20000-31999); do
		cat >"$HOST/etc/sshd_config" <<-END
			Include /usr/local/share/jit/examples/sshd/command.conf
			ListenAddress 127.0.0.1
			Port $port
			HostKey /etc/host_key
			PidFile none
			UsePAM yes
			LogLevel VERBOSE
		END
		: >"$HOST/log"
		# shellcheck disable=SC2016
		sh -c 'echo $$ >"$3/cgroup.procs" && exec unshare -m -C sh -c \
			"$4" sh "$1" "$2"' sh "$HOST" "$SITE" "$CGROUP" \
			'mount --bind "$1/etc" /etc &&
			mount --bind "$1/lib" /var/lib &&
			mount --bind "$1/../srv" /srv &&
			mount --bind "$2/usr/local" /usr/local &&
			mount -t cgroup2 cgroup2 /sys/fs/cgroup &&
			mount -t tmpfs -o mode=755 tmpfs /run &&
			mkdir /run/sshd &&
			exec /usr/sbin/sshd -D -E "$1/log" -f /etc/sshd_config' \
			</dev/null >/dev/null 2>>"$HOST/err" 3>&- &
		pid=$!
		until grep -q '^Server listening' "$HOST/log"; do
			kill -0 $pid 2>/dev/null || continue 2
			sleep 0.02
		done
		echo $pid >"$HOST/pid"
		echo "$port" >"$HOST/port"
		echo "[127.0.0.1]:$port $(cat "$HOST/etc/host_key.pub")" \
			>"$HOST/known_hosts"
		return 0
	done
	cat "$HOST/log" "$HOST/err"
	return 1
}

# there COMMAND...: in web-1, as root
there() {
	nsenter -m -C -t "$(cat "$HOST/pid")" --wd=/ env -i \
		PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@"
}

# keep: the keeper runs
keep() {
	there jit-issue --watch </dev/null >"$HOST/keeper.out" \
		2>>"$HOST/keeper.log" 3>&- &
	echo $! >"$HOST/keeper.pid"
	until grep -q 'keeping web-1' "$HOST/keeper.log"; do
		kill -0 "$(cat "$HOST/keeper.pid")" || return 1
		sleep 0.02
	done
}

unkeep() {
	pkill -F "$HOST/keeper.pid" "$@" 2>/dev/null || :
	while pgrep -F "$HOST/keeper.pid" >/dev/null 2>&1; do sleep 0.02; done
	: >"$HOST/keeper.log"
}

down() {
	[ -e "${HOST:-}/pid" ] || return 0
	pkill -KILL -F "$HOST/keeper.pid" 2>/dev/null || :
	echo 1 >"$CGROUP/cgroup.kill"
	kill "$(cat "$HOST/pid")" 2>/dev/null || :
	wait 2>/dev/null || :
	find "$CGROUP" -depth -type d -exec rmdir {} + 2>/dev/null || :
}

# -- Grants and logins ------------------------------------------------------

# opened [OPTION OF request]...: a grant whose key and certificate are $SECRET
opened() {
	ID=$(request "${WHO:-alice}" "$@" ssh:web-1 root)
	SECRET=$BATS_TEST_TMPDIR/$ID
	cp "$XDG_RUNTIME_DIR/jit/$ID" "$SECRET"
	ssh-keygen -yf "$SECRET" >"$SECRET.pub"
	approve dan "$ID"
	as issuer jit-issue -q --ca "$KEYS/ca" -o "$SECRET-cert.pub" "$ID"
}

# shell [OPTION OF ssh]... -- COMMAND: with $SECRET on web-1
shell() {
	local options=()

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift || :
	ssh -F none -p "$(cat "$HOST/port")" -i "$SECRET" \
		-o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none \
		-o StrictHostKeyChecking=yes -o LogLevel=ERROR \
		-o UserKnownHostsFile="$HOST/known_hosts" \
		"${options[@]}" "${ACCOUNT:-root}@127.0.0.1" "$@"
}

# uses: the use events, oldest first, one JSON object a line
uses() {
	git_ledger log --reverse --format=%b refs/heads/ledger |
		jq -c 'select(.type == "use")'
}


# session PHASE: of the last use event of that phase
session() {
	uses | jq -r --arg phase "$1" 'select(.phase == $phase) | .session' |
		tail -n 1
}

# within SECONDS COMMAND...: it comes true
within() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -le $end ] || return 1
		sleep 0.05
	done
}

# closed N: N sessions are on record, each opened and closed
closed() {
	[ "$(uses | jq -s '[.[] | select(.phase == "open") | .session] -
		[.[] | select(.phase == "close") | .session] | length')" -eq 0 ] &&
		[ "$(uses | jq -s 'map(select(.phase == "close")) | length')" \
			-eq "$1" ]
}

# counted: the host's counter has no gap
counted() {
	[ "$(uses | jq -s 'map(select(.by == "web-1@ex.com") | .counter) ==
		[range(1; 1 + (map(select(.by == "web-1@ex.com")) | length))]')" = true ]
}

# alive: something lives in a session
alive() {
	there sh -c 'cat /sys/fs/cgroup/jit/cgroup.events' |
		grep -q 'populated 1'
}

dead() {
	! alive
}

# linger COMMAND...: a login that goes on in the background; its end is $?
# of wait $LOGIN
linger() {
	shell -- "$@" </dev/null >"$BATS_TEST_TMPDIR/login.out" 2>&1 3>&- &
	LOGIN=$!
	within 10 grep -q ready "$BATS_TEST_TMPDIR/login.out"
}

# over: the login that lingered is dead in two seconds, and on record
over() {
	local from=${EPOCHREALTIME/./} ms

	within 5 dead
	ms=$(((${EPOCHREALTIME/./} - from) / 1000))
	echo "dead after $ms ms"
	[ $ms -lt 2000 ]
	! kill -0 "$LOGIN" 2>/dev/null || wait "$LOGIN" || :
	within 5 closed "${1:-1}"
	counted
}

@test "keeper: a login is on record before its command, and closed after it" {
	up
	keep
	opened
	run -7 shell -- 'echo hello; exit 7'
	[ "$output" = hello ]
	within 3 closed 1
	counted
	uses | jq -es '.[0].program == "sshd" and .[0].host == "web-1" and
		.[0].id == .[1].id and (.[1] | has("killed") | not)'
	grep -q "opened" "$HOST/keeper.log"
}


# lapsed: the time of the last grant is over
lapsed() {
	local until

	until=$(git_ledger log --format=%b refs/heads/ledger |
		jq -s 'map(select(.type == "issue"))[0].until')
	while [ "$(date +%s)" -lt "$until" ]; do sleep 0.05; done
}

@test "keeper: plain sshd lets a session outlive its certificate; here it ends" {
	up
	opened -d 5s
	# without the keeper's line sshd ends nothing
	sed -i 's/pam_exec.*/pam_permit.so/' "$HOST/etc/pam.d/sshd"
	linger 'echo ready; sleep 9; echo outlived'
	wait "$LOGIN"
	grep -q outlived "$BATS_TEST_TMPDIR/login.out"

	cp "$HOST/etc/pam.d/sudo" "$HOST/etc/pam.d/sshd"
	keep
	opened -d 5s
	linger 'echo ready; sleep 60'
	lapsed
	over
	uses | jq -es '.[-1].killed >= 1'
}

# changed FILTER: the policy is what the filter makes of it
changed() {
	local id

	jq "$1" "$POLICY" >"$BATS_TEST_TMPDIR/changed.json"
	id=$(as rita jit-request -q -t CHG-7 -m 'as it was agreed' \
		--policy "$BATS_TEST_TMPDIR/changed.json")
	as root jit-approve -q -y "$id"
	as rita jit-issue -q "$id"
}

@test "keeper: it ends by revoke, by offboarding and by policy" {
	up
	keep
	opened
	linger 'echo ready; sleep 60'
	as alice jit-revoke -q "$ID"
	over 1

	opened
	linger 'echo ready; sleep 60'
	as rita jit-request -q --retire alice@ex.com -m 'she left the company'
	over 2

	WHO=carol opened
	linger 'echo ready; sleep 60'
	changed '.limits.pending = "3h"' # not what it rests on
	sleep 1
	alive
	changed '.rules |= map(select(.id != "web-root"))'
	over 3
}

@test "keeper: what forks twice and calls setsid ends too" {
	up
	keep
	opened -d 5s
	linger 'setsid sh -c "trap \"\" HUP TERM INT; (sleep 61 &) ; sleep 62" \
		</dev/null >/dev/null 2>&1 & (setsid nohup sleep 63 >/dev/null \
		2>&1 &); echo ready; sleep 64'
	[ "$(pgrep -fc 'sleep 6[1234]')" -ge 4 ]
	lapsed
	over
	! pgrep -f 'sleep 6[1234]'
}

@test "keeper: what a session leaves behind ends with it" {
	up
	keep
	opened
	run -0 shell -- 'setsid nohup sleep 65 >/dev/null 2>&1 </dev/null &'
	within 6 dead
	! pgrep -f 'sleep 65'
	within 3 closed 1
	uses | jq -es '.[-1].killed == 1'
}

@test "keeper: a root child that sudo started ends too, on record of its own" {
	up
	keep
	printf 'Defaults !requiretty\ndeploy ALL=(ALL) NOPASSWD: ALL\n' \
		>"$HOST/etc/sudoers"
	chmod 440 "$HOST/etc/sudoers"
	opened -d 6s
	ACCOUNT=deploy linger 'sudo -n sh -c "id -un; echo ready; exec sleep 66"'
	grep -q '^root$' "$BATS_TEST_TMPDIR/login.out"
	[ "$(uses | jq -s 'map(.program)' -c)" = '["sshd","sudo"]' ]
	lapsed
	over 2
	! pgrep -f 'sleep 66'
}

@test "keeper: a connection without a command, and one that is shared, end too" {
	local control=$BATS_TEST_TMPDIR/control

	up
	keep
	opened -d 7s
	shell -N -L 0:127.0.0.1:22 -- </dev/null >/dev/null 2>&1 3>&- &
	LOGIN=$!
	shell -M -S "$control" -N -- </dev/null >/dev/null 2>&1 3>&- &
	within 5 test -S "$control"
	within 5 alive
	run -0 shell -S "$control" -- 'cat /proc/self/cgroup'
	shell -S "$control" -- 'echo ready; sleep 67' </dev/null \
		>"$BATS_TEST_TMPDIR/login.out" 2>&1 3>&- &
	within 5 grep -q ready "$BATS_TEST_TMPDIR/login.out"
	lapsed
	over 2
	! pgrep -f 'sleep 67'
}

@test "keeper: no record, no session" {
	up
	opened
	# nobody keeps
	run -254 shell -- 'echo never'
	[ "$output" = "jit: no keeper answers here (jit-issue --watch): no session" ]

	# the ledger cannot be read
	keep
	mv "$JIT_LEDGER" "$JIT_LEDGER.away"
	sleep 0.5
	run shell -- 'echo never'
	mv "$JIT_LEDGER.away" "$JIT_LEDGER"
	[ "$status" -ne 0 ]
	[[ $output != *never* ]]

	# it cannot be written: the key is retired
	sleep 0.5
	as rita jit-request -q --retire web-1@ex.com -m 'the host is gone'
	run -254 shell -- 'echo never'
	[[ $output == "jit: no session: "*"/etc/jit/host_key"*"is enrolled by nobody"* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ -z "$(uses)" ]
	within 6 dead
}

@test "keeper: a login without a certificate is none of its business" {
	up
	mkdir -p "$HOST/etc/keys"
	cp "$KEYS/dora.pub" "$HOST/etc/keys/root"
	sed -i "1i AuthorizedKeysFile /etc/keys/%u" "$HOST/etc/sshd_config"
	kill -HUP "$(cat "$HOST/pid")"
	sleep 0.3
	SECRET=$KEYS/dora
	run -0 shell -- 'echo in'
	[ "$output" = in ]
}

@test "keeper: sessions survive its restart, and end all the same" {
	up
	keep
	opened -d 8s
	linger 'echo ready; sleep 68'
	unkeep
	alive
	keep
	grep -q 'taken over' "$HOST/keeper.log"
	alive
	lapsed
	over

	# killed, and something ended while nobody kept
	opened -d 6s
	linger 'echo ready; sleep 68'
	unkeep -KILL
	lapsed
	sleep 0.2
	alive
	keep
	over 2
}

@test "keeper: an extension keeps the session, without one it ends" {
	up
	keep
	opened -d 6s
	linger 'echo ready; sleep 69'
	first=$ID
	more=$(as alice jit-request -q --extend "$ID" -d 5s -m 'not done yet')
	approve dan "$more"
	as issuer jit-issue -q --ca "$KEYS/ca" -o /dev/null "$more"
	until=$(as alice jit-status -j "$first" | jq .until)
	while [ "$(date +%s)" -lt "$((until + 1))" ]; do sleep 0.1; done
	alive
	kill -0 "$LOGIN"
	lapsed
	over
}

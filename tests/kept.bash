# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2154
# A host whose sessions are kept: a real sshd with PAM, and the keeper, as root.
#
# It is a mount and a cgroup namespace of its own: its /etc, /var/lib, /srv,
# /usr/local and /run are folders of the test. A test file that says "load
# kept" after "load helper" calls install_site (host.bash) in setup_file,
# kept_ledger in setup and down in teardown.

load host

# kept_ledger [OPTION OF new_ledger]...: where the host sees it
kept_ledger() {
	new_ledger "$@" --enroll "web-1@ex.com=$KEYS/host.pub,host"
	ledger_to_hosts
	HOST=$BATS_TEST_TMPDIR/web-1
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
	listen
}

# listen: its sshd does, on the first port that is free
listen() {
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
	(become_there "$@")
}

# The same in place of this shell, so that $! is the command.
become_there() {
	exec nsenter -m -C -t "$(cat "$HOST/pid")" --wd=/ env -i \
		PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@"
}

# keep: the keeper runs
keep() {
	: >"$HOST/keeper.log"
	(become_there jit-issue --watch) </dev/null >"$HOST/keeper.out" \
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

# served: web-1, and it is a target; no service runs yet
served() {
	up
	mkdir -p "$HOST/etc/jit/targets/ssh" "$HOST/etc/jit/targets/sudo" \
		"$HOST/etc/jit/targets/pg" "$HOST/etc/sudoers.d"
	cp "$KEYS/issuer" "$HOST/etc/jit/issuer"
	cp "$KEYS/ca" "$HOST/etc/jit/ca"
	jq '. + {issuer: "/etc/jit/issuer", ca: "/etc/jit/ca"}' \
		"$HOST/etc/jit/jit.conf" >"$HOST/etc/jit/jit.conf.new"
	mv "$HOST/etc/jit/jit.conf.new" "$HOST/etc/jit/jit.conf"
	printf '@includedir /etc/sudoers.d\n' >"$HOST/etc/sudoers"
	chmod 440 "$HOST/etc/sudoers"
	printf '127.0.0.1 localhost %s\n' "$(uname -n)" >"$HOST/etc/hosts"
	jq -n --argjson port "$(cat "$HOST/port")" \
		--arg key "$(cut -d ' ' -f 1,2 "$HOST/etc/host_key.pub")" \
		'{address: "127.0.0.1", port: $port, host_key: $key}' \
		>"$HOST/etc/jit/targets/ssh/web-1.json"
	jq -n '{accounts: [{principal: "alice@ex.com", account: "deploy"}]}' \
		>"$HOST/etc/jit/targets/sudo/web-1.json"
}

# serving [COMMAND]...: both services run, by COMMAND
serving() {
	: >"$HOST/keeper.log"
	(become_there "$@" jit-issue --watch) </dev/null >"$HOST/keeper.out" \
		2>>"$HOST/keeper.log" 3>&- &
	echo $! >"$HOST/keeper.pid"
	within 20 grep -q 'keeping web-1' "$HOST/keeper.log"
	within 20 grep -q 'serving as issuer@ex.com' "$HOST/keeper.log"
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
	within 20 grep -q ready "$BATS_TEST_TMPDIR/login.out"
}

# over: the login that lingered is dead in two seconds, and on record
over() {
	local from=${EPOCHREALTIME/./} ms

	within 10 dead
	ms=$(((${EPOCHREALTIME/./} - from) / 1000))
	echo "dead after $ms ms"
	! kill -0 "$LOGIN" 2>/dev/null || wait "$LOGIN" || :
	within 15 closed "${1:-1}" || {
		uses
		cat "$HOST/keeper.log" "$HOST/log"
		return 1
	}
	counted
}

# lapsed: the time of the last grant is over
lapsed() {
	local until

	until=$(git_ledger log --format=%b refs/heads/ledger |
		jq -s 'map(select(.type == "issue"))[0].until')
	while [ "$(date +%s)" -lt "$until" ]; do sleep 0.05; done
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

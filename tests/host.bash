# shellcheck shell=bash disable=SC2034,SC2154
# What tests with a real sshd share: hosts on loopback, as root.
#
# A host is an sshd in a mount namespace of its own: its /etc, /var/lib, /srv,
# /usr/local and /run are folders of the test, so nothing of this machine is
# touched. A test file that says "load host" after "load helper" calls
# install_site in setup_file, ledger_to_hosts after new_ledger, and
# stop_hosts in teardown.

GATE_UID=64011 # the gate's account, which exists on the hosts only

# install_site: what is installed on the hosts, in $SITE
install_site() {
	[ "$(id -u)" -eq 0 ] || {
		echo "${BATS_TEST_FILENAME##*/} is for root: sshd and mounts are" >&2
		return 1
	}
	export SITE=$BATS_FILE_TMPDIR/site
	env -u MAKEFLAGS -u MFLAGS make -C "$ROOT" -o all install \
		DESTDIR="$SITE" PREFIX=/usr/local BIN="$JIT_BIN" \
		LIBEXEC="$JIT_LIBEXEC" >/dev/null
}

# ledger_to_hosts: the ledger goes where the hosts see it
ledger_to_hosts() {
	mkdir -p "$BATS_TEST_TMPDIR/srv/jit"
	mv "$JIT_LEDGER" "$BATS_TEST_TMPDIR/srv/jit/ledger.git"
	export JIT_LEDGER=$BATS_TEST_TMPDIR/srv/jit/ledger.git
}

stop_hosts() {
	local pid

	for pid in "$BATS_TEST_TMPDIR"/*/pid; do
		[ ! -e "$pid" ] || kill "$(cat "$pid")" 2>/dev/null || :
	done
}

# conf NAME: the jit.conf that is printed, with its two placeholders filled in
conf() {
	sed "s/the-fingerprint-of-your-ledger/$GENESIS/; s/web-1/$1/" \
		"$ROOT/share/examples/sshd/jit.conf"
}

# host NAME KIND: NAME's sshd listens, by share/examples/sshd/KIND.conf or the
# file KIND
host() {
	local dir=$BATS_TEST_TMPDIR/$1 kind=$2

	mkdir -p "$dir/etc/jit/principals" "$dir/lib/jit"
	cat >"$dir/etc/passwd" <<-END
		root:*:0:0:root:/root:/bin/sh
		deploy:*:64010:64010::/:/bin/sh
		jit:*:$GATE_UID:$GATE_UID::/var/lib/jit:/usr/sbin/nologin
		$(getent passwd nobody)
		$(getent passwd sshd)
	END
	echo "$1" >"$dir/etc/hostname"
	cp "$KEYS/ca.pub" "$dir/etc/jit/ca.pub"
	conf "$1" >"$dir/etc/jit/jit.conf"
	echo "root@$1" >"$dir/etc/jit/principals/root"
	echo "deploy@$1" >"$dir/etc/jit/principals/deploy"
	jit-revoke -q --krl "$dir/etc/jit/revoked.krl"
	chown "$GATE_UID" "$dir/lib/jit"
	chmod 700 "$dir/lib/jit"
	ssh-keygen -q -t ed25519 -N '' -f "$dir/etc/host_key"
	[ -f "$kind" ] || kind=/usr/local/share/jit/examples/sshd/$kind.conf
	serve "$1" "$kind"
}

# serve NAME CONF: on the first port that is free
serve() {
	local dir=$BATS_TEST_TMPDIR/$1 port pid

	for port in $(shuf -n 20 -i 20000-31999); do
		cat >"$dir/etc/sshd_config" <<-END
			Include $2
			ListenAddress 127.0.0.1
			Port $port
			HostKey /etc/host_key
			PidFile none
			UsePAM no
			LogLevel VERBOSE
		END
		: >"$dir/log"
		# shellcheck disable=SC2016
		unshare -m sh -c 'mount --bind "$1/etc" /etc &&
			mount --bind "$1/lib" /var/lib &&
			mount --bind "$1/../srv" /srv &&
			mount --bind "$2/usr/local" /usr/local &&
			mount -t tmpfs -o mode=755 tmpfs /run &&
			mkdir /run/sshd &&
			exec /usr/sbin/sshd -D -E "$1/log" \
				-f /etc/sshd_config' sh "$dir" "$SITE" \
			</dev/null >/dev/null 2>>"$dir/err" 3>&- &
		pid=$!
		until grep -q '^Server listening' "$dir/log"; do
			kill -0 $pid 2>/dev/null || continue 2
			sleep 0.02
		done
		echo $pid >"$dir/pid"
		echo "$port" >"$dir/port"
		echo "[127.0.0.1]:$port $(cat "$dir/etc/host_key.pub")" \
			>"$dir/known_hosts"
		return 0
	done
	cat "$dir/log" "$dir/err"
	return 1
}

# in_host NAME [VARIABLE=VALUE]... COMMAND...: there, as the gate's account
in_host() {
	nsenter -m -t "$(cat "$BATS_TEST_TMPDIR/$1/pid")" --wd=/ \
		setpriv --reuid "${AS_UID:-$GATE_UID}" --regid 64011 \
		--clear-groups env -i PATH=/usr/local/bin:/usr/bin:/bin \
		"${@:2}"
}

# gate NAME ACCOUNT KEY: what sshd there is told of KEY's certificate
gate() {
	in_host "$1" jit-check --sshd "$2" "$(cut -d ' ' -f 2 "$3-cert.pub")"
}

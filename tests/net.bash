# shellcheck shell=bash disable=SC2034,SC2154
# Machines on a network of their own, as root: each is a network, mount, host
# name and cgroup namespace with its own /etc, /root, /srv, /var/lib, /run and
# /tmp, on one switch. sever takes a machine's cable out, heal puts it back.
#
# A test file that says "load net" after "load helper" calls install_site
# (host.bash) in setup_file, net_up in setup and net_down in teardown.

load host

# net_up: the switch
net_up() {
	NET=$BATS_TEST_TMPDIR/net
	mkdir -p "$NET"
	hold "$NET/switch" unshare -n
	in_switch ip link add br0 type bridge
	in_switch ip link set br0 up
}

# hold FILE COMMAND...: namespaces that last until net_down; their process's
# id is in FILE
hold() {
	local pid

	"${@:2}" sleep infinity </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	until [ "$(cat /proc/$pid/comm)" = sleep ]; do
		kill -0 $pid
		sleep 0.02
	done
	echo $pid >"$1"
}

in_switch() {
	nsenter -n -t "$(cat "$NET/switch")" "$@"
}

# net_down: all that lives in its networks ends, and so do they
net_down() {
	local pid other space

	cat "$NET"/*/pid "$NET/switch" | while read -r pid; do
		space=$(readlink "/proc/$pid/ns/net") || continue
		for other in /proc/[0-9]*/ns/net; do
			[ "$(readlink "$other" 2>/dev/null)" != "$space" ] ||
				echo "$other"
		done | sed 's|/proc/||; s|/ns/net||' | xargs -r kill -KILL || :
	done 2>/dev/null
}

# machine NAME ADDRESS: with a cable in the switch
machine() {
	local dir=$NET/$1 pid

	mkdir -p "$dir/etc" "$dir/root/.ssh" "$dir/srv" "$dir/lib"
	chmod 700 "$dir/root" "$dir/root/.ssh"
	cat >"$dir/etc/passwd" <<-END
		root:*:0:0:root:/root:/bin/sh
		jit:*:$GATE_UID:$GATE_UID::/var/lib/jit:/usr/sbin/nologin
		git:*:64012:64012::/srv/git:/srv/shell
		$(getent passwd nobody)
		$(getent passwd sshd)
	END
	echo "root:x:0:" >"$dir/etc/group"
	echo "$1" >"$dir/etc/hostname"
	echo "127.0.0.1 localhost" >"$dir/etc/hosts"
	# shellcheck disable=SC2016
	hold "$dir/pid" unshare -n -m -u sh -c 'mount --bind "$1/etc" /etc &&
		mount --bind "$1/root" /root &&
		mount --bind "$1/lib" /var/lib &&
		mount --bind "$1/srv" /srv &&
		mount --bind "$2/usr/local" /usr/local &&
		mount -t tmpfs -o mode=755 tmpfs /run &&
		mkdir -p /run/sshd && mkdir -m 700 /run/jit-root &&
		hostname "$3" && exec "$4" "$5"' sh "$dir" "$SITE" "$1"
	pid=$(cat "$dir/pid")
	in_switch ip link add "$1" type veth peer name eth0 netns "$pid"
	in_switch ip link set "$1" master br0 up
	nsenter -n -t "$pid" ip link set lo up
	nsenter -n -t "$pid" ip link set eth0 up
	nsenter -n -t "$pid" ip addr add "$2/24" dev eth0
	echo "$2" >"$dir/address"
}

# names: each machine knows the others, and has a key of its own
names() {
	local a b

	for a in "$NET"/*/address; do
		for b in "$NET"/*/address; do
			b=${b%/address}
			echo "$(cat "$b/address") ${b##*/}"
		done >>"${a%/address}/etc/hosts"
	done
}

sever() {
	in_switch ip link set "$1" down
}

heal() {
	in_switch ip link set "$1" up
}

# on NAME COMMAND...: there, as root
on() {
	(become_on "$@")
}

# The same in place of this shell, so that $! is the command.
become_on() {
	exec nsenter -n -m -u -t "$(cat "$NET/$1/pid")" --wdns=/root env -i \
		HOME=/root XDG_RUNTIME_DIR=/run/jit-root LC_ALL=C.UTF-8 TZ=UTC \
		PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "${@:2}"
}

# sshd_on NAME CONF: the file, which is there, and what every sshd wants
sshd_on() {
	local dir=$NET/$1

	[ -e "$dir/etc/host_key" ] ||
		ssh-keygen -q -t ed25519 -N '' -f "$dir/etc/host_key"
	cat >"$dir/etc/sshd_config" <<-END
		Include $2
		HostKey /etc/host_key
		PidFile none
		UsePAM no
		LogLevel VERBOSE
	END
	: >"$dir/log"
	(become_on "$1" /usr/sbin/sshd -D -E "$dir/log" \
		-f /etc/sshd_config) </dev/null >/dev/null 2>>"$dir/err" 3>&- &
	until grep -q '^Server listening' "$dir/log"; do
		kill -0 $! || cat "$dir/err"
		sleep 0.02
	done
}

# -- The server ---------------------------------------------------------------

# git_server NAME: a bare repository behind sshd, with the gate; whoever has
# a key in /etc/git_keys pushes to it. At each POINT of a fetch or push it
# waits while it is held there (held).
git_server() {
	local dir=$NET/$1 repo=$NET/$1/srv/git/ledger.git hook

	SERVER=$repo
	mkdir -p "$dir/srv/git" "$dir/srv/points"
	git init -q --bare -b ledger "$repo"
	git -C "$repo" config jit.genesis "$GENESIS"
	git -C "$repo" config core.fsync all
	git -C "$repo" config gc.pruneExpire never
	cat >"$dir/srv/point" <<-'END'
		#!/bin/sh
		# point NAME: the test holds us here, or does not
		at=/srv/points/${SSH_CONNECTION%% *}.$1
		[ -e "$at.wait" ] || exit 0
		: >"$at.hit"
		while [ -e "$at.wait" ]; do sleep 0.02; done
	END
	cat >"$dir/srv/shell" <<-'END'
		#!/bin/sh
		case $2 in
		git-upload-pack*) /srv/point fetch ;;
		git-receive-pack*) /srv/point push ;;
		esac
		exec git-shell "$@"
	END
	cat >"$repo/hooks/pre-receive" <<-'END'
		#!/bin/sh
		/srv/point judge
		exec /usr/local/share/jit/hooks/pre-receive
	END
	cat >"$repo/hooks/reference-transaction" <<-'END'
		#!/bin/sh
		[ "$1" != committed ] || /srv/point answer
	END
	cp "$ROOT/share/hooks/post-receive" "$repo/hooks"
	chmod 755 "$dir/srv/point" "$dir/srv/shell" "$repo"/hooks/*
	chmod 1777 "$dir/srv/points"
	chown -R 64012:64012 "$dir/srv/git"
	: >"$dir/etc/git_keys"
	printf '%s\n' 'PasswordAuthentication no' \
		'KbdInteractiveAuthentication no' 'StrictModes no' \
		'MaxStartups 100' 'AuthorizedKeysFile /etc/git_keys' \
		>"$dir/etc/git.conf"
	sshd_on "$1" /etc/git.conf
	URL=git@$1:/srv/git/ledger.git
}

# held NAME POINT: what NAME asks of the server stops at POINT: fetch, push
# (asked for, nothing done), judge (all has come), answer (the ref has moved)
held() {
	: >"$NET/server/srv/points/$(cat "$NET/$1/address").$2.wait"
}

# reached NAME POINT: it stands there now
reached() {
	within 20 [ -e "$NET/server/srv/points/$(cat "$NET/$1/address").$2.hit" ]
}

# released NAME POINT: it goes on
released() {
	local at

	at=$NET/server/srv/points/$(cat "$NET/$1/address").$2
	rm -f "$at.wait" "$at.hit"
}

# within SECONDS COMMAND...: it holds in the end
within() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# -- Those who ask it -----------------------------------------------------------

# client NAME KEY: may reach the server, as the owner of KEY
client() {
	local dir=$NET/$1

	cp "$KEYS/$2" "$dir/root/.ssh/id_ed25519"
	cp "$KEYS/$2.pub" "$dir/root/.ssh/id_ed25519.pub"
	cat "$KEYS/$2.pub" >>"$NET/server/etc/git_keys"
	cat >"$dir/root/.ssh/config" <<-'END'
		Host *
			BatchMode yes
			IdentitiesOnly yes
			ConnectTimeout 2
			ServerAliveInterval 1
			ServerAliveCountMax 2
			LogLevel ERROR
	END
	echo "server $(public_key server)" >"$dir/root/.ssh/known_hosts"
}

public_key() {
	cut -d ' ' -f 1,2 "$NET/$1/etc/host_key.pub"
}

# laptop NAME: with a clone, where it is looked for
laptop() {
	client "$1" "$1"
	on "$1" jit-init -q --clone "$URL" -g "$GENESIS" /root/ledger.git \
		>/dev/null
	on "$1" git config --global jit.ledger /root/ledger.git
}

# issuing_host NAME KEY CA: a host that sshd serves, and the issuer of it
issuing_host() {
	local dir=$NET/$1

	client "$1" "$2"
	mkdir -p "$dir/srv/jit" "$dir/etc/jit/targets/ssh" "$dir/lib/jit"
	chown "$GATE_UID" "$dir/lib/jit"
	chmod 700 "$dir/lib/jit"
	on "$1" jit-init -q --clone "$URL" -g "$GENESIS" /srv/jit/ledger.git \
		>/dev/null
	cp "$KEYS/$2" "$dir/etc/jit/issuer"
	cp "$KEYS/$3" "$dir/etc/jit/ca"
	cp "$KEYS/$3.pub" "$dir/etc/jit/ca.pub"
	jq -n --arg genesis "$GENESIS" --arg host "$1" '{ledger:
		"/srv/jit/ledger.git", $genesis, $host, issuer: "/etc/jit/issuer",
		ca: "/etc/jit/ca"}' >"$dir/etc/jit/jit.conf"
	sshd_on "$1" /usr/local/share/jit/examples/sshd/command.conf
	jq -n --arg key "$(public_key "$1")" \
		'{address: "127.0.0.1", port: 22, host_key: $key}' \
		>"$dir/etc/jit/targets/ssh/$1.json"
}

# serving NAME: its issuing service runs
serving() {
	local dir=$NET/$1

	: >"$dir/watch.log"
	(become_on "$1" jit-issue --watch) </dev/null >"$dir/watch.out" \
		2>>"$dir/watch.log" 3>&- &
	echo $! >"$dir/watch"
	within 20 grep -q 'serving as ' "$dir/watch.log" || {
		cat "$dir/watch.log"
		return 1
	}
}

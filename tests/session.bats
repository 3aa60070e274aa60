#!/usr/bin/env bats
# jit-exec with a real sshd: what logs in, until when, and what is left of it.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper
load host
load terminal

# Before seal forgets it.
TOOLS=${JIT_TOOLS:-$ROOT/.build/plain/tools}

setup_file() {
	install_site
}

setup() {
	seal
	new_ledger
	ledger_to_hosts
	RECORDINGS=$XDG_STATE_HOME/jit/recordings
	export NAP=7$RANDOM.$RANDOM # seconds that only this test sleeps
}

teardown() {
	[ -z "${DESK:-}" ] || kill "$DESK" 2>/dev/null || :
	close_terminal
	stop_hosts
	fsck_ledger
}

# -- Helpers ----------------------------------------------------------------

# reachable NAME: "ssh NAME" goes there, as root
reachable() {
	local dir=$BATS_TEST_TMPDIR/$1

	mkdir -p "$HOME/bin"
	cat >config <<-END
		Host $1
			HostName 127.0.0.1
			Port $(cat "$dir/port")
			User root
			StrictHostKeyChecking yes
			UserKnownHostsFile $dir/known_hosts
			LogLevel ERROR
	END
	printf '#!/bin/sh\nexec /usr/bin/ssh -F %s "$@"\n' "$HOME/config" \
		>bin/ssh
	chmod 755 bin/ssh
	export PATH=$HOME/bin:$PATH
}

# -- Logging in -------------------------------------------------------------

@test "session: one line in a script without a terminal" {
	host web-1 command
	reachable web-1
	desk
	export JIT_KEY=$KEYS/alice
	cat >script <<-'END'
		#!/bin/sh
		jit-exec -t INC-1 -m "the disk of web-1 is full" -d 5m \
			ssh:web-1 root -- ssh web-1 'id -un; cat /etc/hostname'
	END
	works setsid sh script </dev/null
	answers $'root\nweb-1'
	grep -q '"o","root\\n' "$RECORDINGS"/*.cast
	[ -z "$(ls -A "$XDG_RUNTIME_DIR/jit")" ]
	works jit-audit verify
}

@test "session: the remote command's status, and what it reads" {
	host web-1 command
	reachable web-1
	granted
	yields 42 as alice jit-exec -q "$ID" -- ssh web-1 'cat; exit 42' <<<'given'
	answers given
}

@test "session: after it nothing logs in" {
	host web-1 command
	reachable web-1
	granted
	works as alice jit-exec -q "$ID" -- sh -c 'ssh web-1 true && exec ssh-add -L' 
	yields 1 as alice jit-check ssh:web-1 root
	yields 255 ssh -o BatchMode=yes web-1 true
}

@test "session: a login after the first end goes by the extension's certificate" {
	local longer

	host web-1 command
	reachable web-1
	ID=$(request alice -d 6s ssh:web-1 root)
	approve dan "$ID"
	issue "$ID"
	as alice jit-exec -q "$ID" -- sh -c \
		'ssh web-1 echo one; : >began; sleep 8; ssh web-1 echo two' >out 3>&- &
	until [ -e began ]; do sleep 0.1; done
	longer=$(as alice jit-request -q --extend "$ID" -d 1m -m 'it is not done yet')
	approve dan "$longer"
	issue "$longer"
	wait $!
	[ "$(cat out)" = $'one\ntwo' ]
	grep -q "ID $longer" "$BATS_TEST_TMPDIR/web-1/log"
}

@test "session: from its end on the agent holds nothing, whatever else stands still" {
	local pid

	host web-1 command
	reachable web-1
	ID=$(request alice -d 4s ssh:web-1 root)
	approve dan "$ID"
	issue "$ID"
	as alice jit-exec -q "$ID" -- sh -c 'echo "$SSH_AUTH_SOCK" >sock.new
		mv sock.new sock; exec sleep $NAP' 3>&- &
	pid=$(child $!)
	until [ -e sock ]; do sleep 0.1; done
	SSH_AUTH_SOCK=$(cat sock) works ssh web-1 echo yes
	kill -STOP "$pid"
	SSH_AUTH_SOCK=$(cat sock) works ssh-add -l
	sleep 4
	SSH_AUTH_SOCK=$(cat sock) yields 1 ssh-add -l
	answers "The agent has no identities."
	SSH_AUTH_SOCK=$(cat sock) yields 255 ssh web-1 echo no
	kill -CONT "$pid"
	wait $! || [ $? -eq 124 ]
	[ ! -e "$(cat sock)" ]
}

# -- At a terminal ----------------------------------------------------------

@test "session: T112 what is typed unseen is nowhere, and the key neither" {
	local pid carrier seed files other

	host web-1 command
	reachable web-1
	granted
	at_terminal env JIT_KEY="$KEYS/alice" SHELL=/bin/sh jit-exec "$ID" -- \
		sh -c 'ssh-add -L | tail -n 1 >key.pub; exec ssh -t web-1'
	sees '#'
	types 'echo seen-$((4000 + 711)); stty -echo' Enter
	sees 'seen-4711'
	types 'read -r it; echo "it has ${#it} letters"' Enter
	sleep 0.5
	types 'planted-password-0815' Enter
	sees 'it has 21 letters'
	pid=$(pgrep -o -f "^jit-exec $ID")
	carrier=$(pgrep -P "$pid" -x jit-exec)
	seed=$("$TOOLS/seek" key "$carrier" key.pub)

	# (the ssh here passes on what is typed, and the shell there has read it)
	run grep -las 'planted-passwor[d]' /proc/[0-9]*/cmdline \
		/proc/[0-9]*/environ "$RECORDINGS"/*
	[ -z "$output" ]
	run -1 "$TOOLS/seek" files "$seed" /proc/[0-9]*/cmdline \
		/proc/[0-9]*/environ "$RECORDINGS"/*
	for other in "$pid" $(pgrep -P "$pid" | grep -vx "$carrier"); do
		run -1 "$TOOLS/seek" memory "$seed" "$other"
	done
	types 'exit' Enter
	sees 'status 0'
	run grep -rasF planted-password "$HOME" "$XDG_RUNTIME_DIR" \
		<(git_ledger cat-file --batch-all-objects --batch)
	[ -z "$output" ]
	mapfile -t files < <(find "$HOME" "$XDG_RUNTIME_DIR" "$JIT_LEDGER" -type f)
	run -1 "$TOOLS/seek" files "$seed" "${files[@]}" \
		<(git_ledger cat-file --batch-all-objects --batch)
	grep -q seen-4711 "$RECORDINGS"/*.cast
}

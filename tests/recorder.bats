#!/usr/bin/env bats
# The recorder, with a keeper that is a tool of the tests, as root: both are in
# a mount namespace whose /run is their own.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper

# Before seal forgets them.
TOOLS=${JIT_TOOLS:-$ROOT/.build/plain/tools}
GRANT=01KA0000000000000000000000

setup() {
	seal
	STORE=$BATS_TEST_TMPDIR/store
	mkdir "$STORE"
	TMUX_SOCKET=$BATS_TEST_TMPDIR/tmux
	unshare -m --propagation private sh -c 'mount -t tmpfs jit /run &&
		mkdir -m 755 /run/jit && echo $$ >"$0" && exec sleep 300' \
		"$BATS_TEST_TMPDIR/world" 3>&- &
	until_there "$BATS_TEST_TMPDIR/world"
}

teardown() {
	[ ! -e "$TMUX_SOCKET" ] || tmux -S "$TMUX_SOCKET" kill-server || :
	keeper_ends
	kill "$(cat "$BATS_TEST_TMPDIR/world")"
}

# until_there FILE: it has something in it, within 10 s
until_there() {
	local i

	for ((i = 0; i < 200; i++)); do
		[ ! -s "$1" ] || return 0
		sleep 0.05
	done
	echo "not there: $1"
	return 1
}

# there COMMAND...: in the namespace
there() {
	nsenter -t "$(cat "$BATS_TEST_TMPDIR/world")" -m --wd="$PWD" "$@"
}

# keeper [NAME=VALUE]...: listens
keeper() {
	there rm -f /run/jit/record
	nsenter -t "$(cat "$BATS_TEST_TMPDIR/world")" -m --wd="$PWD" \
		"$TOOLS/fake_keeper" "$STORE" "$@" >keeper.log 2>&1 3>&- &
	echo $! >keeper.pid
	there sh -c 'for i in $(seq 100); do
		[ -S /run/jit/record ] && exit; sleep 0.05; done; exit 1'
}

keeper_ends() {
	[ -e keeper.pid ] || return 0
	kill -KILL "$(cat keeper.pid)" 2>/dev/null || :
	wait "$(cat keeper.pid)" 2>/dev/null || :
	rm keeper.pid
}

# recorder [COMMAND]: as sshd runs it
recorder() {
	there env ${1:+SSH_ORIGINAL_COMMAND="$1"} "$JIT_LIBEXEC/recorder"
}

# ends STATUS PID: what runs in the background does so
ends() {
	local status_got=0

	wait "$2" || status_got=$?
	[ "$status_got" -eq "$1" ] || {
		echo "status $status_got, not $1"
		return 1
	}
}

# shown N: the output that recording N has
shown() {
	jq -js '.[1:][] | select(.[1] == "o") | .[2]' "$STORE/$1"
}

# marks N: what else it says
marks() {
	jq -rs '.[1:][] | select(.[1] == "m") | .[2]' "$STORE/$1"
}

# whole N STATUS: recording N is, and the keeper's digest is that of the file
whole() {
	local digest='' line

	[ ! -e "$STORE/$1.bad" ] || {
		cat "$STORE/$1.bad"
		return 1
	}
	until_there "$STORE/$1.exit"
	[ "$(cat "$STORE/$1.exit")" -eq "$2" ]
	while IFS= read -r line; do
		digest=$({
			# shellcheck disable=SC2059
			printf "$digest"
			printf '%s\n' "$line"
		} | sha256sum | cut -c 1-64 | sed 's/../\\x&/g')
	done <"$STORE/$1"
	[ "${digest//\\x/}" = "$(cat "$STORE/$1.digest")" ]
}

# on_terminal COMMAND...: in tmux, which goes on for a while after it
on_terminal() {
	TERM=screen tmux -S "$TMUX_SOCKET" -f /dev/null new-session -d -x 80 \
		-y 24 "$*; echo \"status \$?\"; sleep 60" 3>&-
}

# login: a recorded login shell on a terminal
login() {
	echo "PS1='in: '" | tee .profile >.bash_profile
	on_terminal nsenter -t "$(cat "$BATS_TEST_TMPDIR/world")" -m \
		--wd="$HOME" env -u TMUX "$JIT_LIBEXEC/recorder"
	sees 'in:'
}

# sees TEXT: the terminal shows it, within 15 s
sees() {
	local i screen=

	for ((i = 0; i < 150; i++)); do
		screen=$(tmux -S "$TMUX_SOCKET" capture-pane -p)
		[[ $screen != *"$1"* ]] || return 0
		sleep 0.1
	done
	printf 'not on the terminal: %s\n%s\n' "$1" "$screen"
	return 1
}

# types KEY...: as tmux names them
types() {
	tmux -S "$TMUX_SOCKET" send-keys "$@"
}

@test "recorder: a command runs, and what it shows is recorded" {
	keeper
	yields 3 recorder 'echo out; echo err >&2; exit 3'
	answers out
	[ "$stderr" = err ]
	whole 0 3
	[ "$(shown 0 | sort)" = "$(printf 'err\nout')" ]
	[ -z "$(marks 0)" ]
	head -n 1 "$STORE/0" | jq -e --arg title "grant $GRANT on ssh:web-1" \
		'.version == 2 and .width == 80 and .height == 24 and
		.title == $title and (now - .timestamp | . >= 0 and . < 60)'
}

@test "recorder: the command is not in the recording, its input neither" {
	keeper
	recorder 'read secret; echo "got $(printf %s "$secret" | wc -c)"' \
		<<<'hunter2'
	whole 0 0
	[ "$(shown 0)" = 'got 7' ]
	run ! grep -r hunter "$STORE"
	run ! grep -r wc "$STORE"
}

@test "recorder: the command has what sshd gave, and nothing of ours" {
	keeper
	HOME=/tmp USER=someone there env SSH_ORIGINAL_COMMAND='
		echo "$HOME $USER $0 ${SSH_ORIGINAL_COMMAND-none}"
		ls -l /proc/self/fd | grep -cE "socket|signalfd|ptmx"
		ulimit -c; umask' "$JIT_LIBEXEC/recorder" >out
	[ "$(cat out)" = "/tmp someone $(basename "$(shell)") none
0
$(ulimit -c)
$(umask)" ]
}

# shell: root's
shell() {
	getent passwd root | cut -d : -f 7
}

@test "recorder: bytes come through as they are" {
	keeper
	head -c 3000000 /dev/urandom >bytes
	recorder cat <bytes >out
	cmp bytes out
	whole 0 0
	recorder 'tar cf - -C "$HOME" bytes' | tar xOf - | cmp - bytes
	whole 1 0
}

@test "recorder: git goes through it" {
	keeper
	git init -q --bare far.git
	git init -q near
	git -C near -c user.name=n -c user.email=e commit -q --allow-empty -m one
	cat >ssh <<-END
		#!/bin/sh
		shift
		exec nsenter -t $(cat "$BATS_TEST_TMPDIR/world") -m --wd="$HOME" \
			env SSH_ORIGINAL_COMMAND="\$*" "$JIT_LIBEXEC/recorder"
	END
	chmod +x ssh
	GIT_SSH=$PWD/ssh git -C near push -q "ssh://host$HOME/far.git" HEAD:main
	[ "$(git -C far.git log --format=%s main)" = one ]
	whole 0 0
}

@test "recorder: statuses are the command's" {
	keeper
	yields 0 recorder true
	yields 255 recorder 'exit 255'
	yields 137 recorder 'kill -9 $$'
	yields 127 recorder 'no-such-program'
	whole 2 137
	whole 3 127
}

@test "recorder: what a command leaves running is ended, and so it ends" {
	keeper
	recorder 'setsid sleep 61 & echo $! >one; echo over' >out
	[ "$(cat out)" = over ]
	run ! kill -0 "$(cat one)"
	whole 0 0
}

@test "recorder: without a command it is a login shell on its terminal" {
	keeper
	login
	types 'echo "<$0>"; stty size' Enter
	sees "<-$(basename "$(shell)")>"
	sees '24 80'
	types 'exit 4' Enter
	sees 'status 4'
	whole 0 4
	shown 0 | grep -q '^24 80'
	[ "$(head -n 1 "$STORE/0" | jq '[.width, .height] == [80, 24]')" = true ]
}

@test "recorder: a new size is recorded, and ^C is the command's" {
	keeper
	login
	tmux -S "$TMUX_SOCKET" resize-window -x 100 -y 30
	types 'sleep 60' Enter
	sleep 1
	types C-c
	types 'stty size' Enter
	sees '30 100'
	types 'exit 0' Enter
	sees 'status 0'
	whole 0 0
	grep -q '^\[[0-9.]*,"r","100x30"\]$' "$STORE/0"
}

@test "recorder: a hang-up is said in the recording" {
	keeper
	login
	tmux -S "$TMUX_SOCKET" kill-server
	whole 0 129
	[ "$(marks 0)" = 'recording ends here: the connection was closed' ]
}

@test "recorder: without a keeper nothing runs" {
	fails 125 recorder 'echo ran >ran'
	explains 'jit: no session: the keeper of this host is not there: No such file or directory'
	[ -z "$output" ]
	[ ! -e ran ]
}

@test "recorder: a keeper that says no is quoted, and nothing runs" {
	keeper no='this login has no grant'
	fails 125 recorder 'echo ran >ran'
	explains 'jit: no session: this login has no grant'
	[ ! -e ran ]
}

@test "recorder: a keeper that talks nonsense is no keeper" {
	local yes='"answer":"yes","have":0,"limit":0,"recording":0,"until":1'
	local said

	for said in hello '{}' '[]' '{"answer":"maybe"}' '{"done":true}' \
		'{"have":0}' "{$yes,\"id\":\"$GRANT\"}" \
		"{$yes,\"id\":\"x\",\"resource\":\"ssh:web-1\"}" \
		"{$yes,\"id\":\"$GRANT\",\"resource\":\"ssh:web 1\"}" \
		"{${yes/0/7},\"id\":\"$GRANT\",\"resource\":\"ssh:web-1\"}" \
		"$(printf 'x%.0s' {1..9000})"; do
		keeper say="$said"
		fails 125 recorder 'echo ran >ran'
		explains 'jit: no session: what the keeper of this host says is no answer'
		[ ! -e ran ]
		keeper_ends
	done
}

@test "recorder: a keeper that does not answer is none after 10 s" {
	local before=$SECONDS

	keeper
	kill -STOP "$(cat keeper.pid)"
	fails 125 recorder 'echo ran >ran'
	kill -CONT "$(cat keeper.pid)"
	explains 'jit: no session: the keeper of this host does not answer'
	[ $((SECONDS - before)) -ge 9 ]
	[ $((SECONDS - before)) -le 20 ]
	[ ! -e ran ]
}

@test "recorder: the limit is said, and the session goes on" {
	keeper limit=5000
	recorder 'seq 10000' >out
	[ "$(wc -l <out)" -eq 10000 ]
	whole 0 0
	[ "$(stat -c %s "$STORE/0")" -le 5000 ]
	[ "$(marks 0 | wc -l)" -eq 2 ]
	marks 0 | grep -qx 'recording ends here: the limit of 5000 bytes is reached'
	marks 0 | grep -qx '48894 bytes of output were not kept'
}

@test "recorder: a keeper that comes back has all of it" {
	local pid

	keeper die=20000
	recorder 'for i in $(seq 60); do seq 1000; sleep 0.05; done; exit 5' \
		>out &
	pid=$!
	until_there "$STORE/0"
	wait "$(cat keeper.pid)" || :
	sleep 1
	keeper
	ends 5 "$pid"
	whole 0 5
	[ ! -e "$STORE/1" ]
	shown 0 | cmp - out
	[ "$(wc -l <out)" -eq 60000 ]
}

@test "recorder: it comes back even after the command's end" {
	local pid

	keeper die=100
	recorder 'echo first; sleep 0.3; echo last; exit 6' >out &
	pid=$!
	until_there out
	wait "$(cat keeper.pid)" || :
	sleep 1
	keeper
	ends 6 "$pid"
	whole 0 6
	[ "$(shown 0)" = "$(printf 'first\nlast')" ]
}

@test "recorder: a keeper that stays away is the end, and of all of it" {
	local before

	keeper
	there env SSH_ORIGINAL_COMMAND='trap "" HUP; echo $$ >one; echo up
		sleep 0.5; while :; do echo on; sleep 0.1; done' \
		"$JIT_LIBEXEC/recorder" >out 2>err &
	until_there out
	keeper_ends
	before=$SECONDS
	ends 125 $!
	[ $((SECONDS - before)) -ge 9 ]
	[ $((SECONDS - before)) -le 20 ]
	[ "$(cat err)" = 'jit: ended, since nothing is recorded: the keeper of this host is gone' ]
	run ! kill -0 "$(cat one)"
}

@test "recorder: a keeper that stores nothing more is the end as well" {
	keeper hush=1000
	there env SSH_ORIGINAL_COMMAND='while :; do echo on; sleep 0.1; done' \
		"$JIT_LIBEXEC/recorder" >out 2>err &
	ends 125 $!
	[ "$(cat err)" = 'jit: ended, since nothing is recorded: the keeper of this host does not answer' ]
}

@test "recorder: output waits when a MiB of it is stored nowhere" {
	keeper hush=1000
	there env SSH_ORIGINAL_COMMAND='yes' "$JIT_LIBEXEC/recorder" >out 2>err &
	ends 125 $!
	[ "$(stat -c %s out)" -gt 200000 ]
	[ "$(stat -c %s out)" -lt 1500000 ]
}

@test "recorder: on the terminal it is said why it ended" {
	keeper
	login
	keeper_ends
	types 'sleep 60' Enter
	sees 'jit: ended, since nothing is recorded'
	sees 'status 125'
	types 'stty -a | grep -o " -echo "' Enter
	sleep 1
	run ! sees_now ' -echo '
}

# sees_now TEXT: on a line of its own
sees_now() {
	tmux -S "$TMUX_SOCKET" capture-pane -p | grep -qxF -- "$1"
}

@test "recorder: the end is told 60 s and 10 s before, and if it moves" {
	keeper until=63
	login
	sees 'jit: this session ends in 60 seconds, at '
	types 'exit 0' Enter
	sees 'status 0'
	tmux -S "$TMUX_SOCKET" kill-server
	keeper_ends
	keeper until=13 later=6000:600
	login
	sees 'jit: this session ends in 10 seconds, at '
	sees 'jit: this session goes on until '
	[ "$(tmux -S "$TMUX_SOCKET" capture-pane -p |
		grep -c 'this session ends in 1[0-3] seconds, at ')" -eq 2 ]
	types 'exit 0' Enter
	sees 'status 0'
	whole 1 0
	run ! grep -q 'this session' "$STORE/1"
}

@test "recorder: without a terminal nobody is told" {
	keeper until=5
	works recorder 'sleep 1; echo over'
	answers over
	[ -z "$stderr" ]
}

@test "recorder: a terminal that is recorded shows nothing when it is read" {
	keeper
	recorder 'printf "\033]0;title\007\302\233\342\200\256\000"' >out
	whole 0 0
	LC_ALL=C run ! grep -P '[\x00-\x08\x0b-\x1f\x7f-\xff]' "$STORE/0"
}

# displayed N: the Nth example of jit-recording(5), as it is read
displayed() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' \
		"$ROOT/share/man/man5/jit-recording.5" |
		awk -v n="$1" '/^\.Bd / { k++; on = 1; next }
			/^\.Ed/ { on = 0 } on && k == n' | sed 's/\\e/\\/g'
}

@test "jit-recording(5): what the page does with a recording works" {
	keeper
	recorder 'printf "a\\b\303\274\033[m\n"; seq 3' >out
	whole 0 0
	cp "$STORE/0" recording
	displayed 2 >digest
	[ "$(bash digest)" = "$(cat "$STORE/0.digest")" ]
	displayed 3 | sed 's/^\$ //' >show
	bash show | cmp - out
	displayed 1 >recording
	[ "$(wc -l <recording)" -eq 9 ]
	bash show | grep -q $'notes\r'
}

@test "recorder: it is installed where no PATH finds it" {
	env -u MAKEFLAGS -u MFLAGS make -C "$ROOT" -o all install \
		DESTDIR="$PWD/site" BIN="$JIT_BIN" LIBEXEC="$JIT_LIBEXEC" \
		>/dev/null
	[ "$(stat -c %a site/usr/local/libexec/jit/recorder)" = 755 ]
	[ ! -e site/usr/local/bin/recorder ]
	env -u MAKEFLAGS -u MFLAGS make -C "$ROOT" uninstall DESTDIR="$PWD/site" \
		>/dev/null
	[ -z "$(find site -name recorder)" ]
}

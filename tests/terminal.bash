# shellcheck shell=bash disable=SC2154
# A real terminal, tmux's, for the tests that say "load terminal".

# at_terminal COMMAND...: run it in a terminal of 80 by 60, each of its own
at_terminal() {
	TMUX_SOCKET=$BATS_TEST_TMPDIR/tmux.$((++TERMINALS))
	# shellcheck disable=SC2016
	TERM=screen tmux -S "$TMUX_SOCKET" -f /dev/null new-session -d -x 80 \
		-y 60 sh -c 'trap : INT; "$@"; echo "status $?"; exec sleep 60' sh "$@" \
		3>&-
}

close_terminal() {
	[ ! -e "${TMUX_SOCKET:-}" ] || tmux -S "$TMUX_SOCKET" kill-server
}

# shown: what the terminal shows
shown() {
	tmux -S "$TMUX_SOCKET" capture-pane -p
}

# sees TEXT: the terminal shows it, now or soon
sees() {
	local i

	for ((i = 0; i < 100; i++)); do
		[[ $(shown) != *"$1"* ]] || return 0
		sleep 0.1
	done
	printf 'not seen: %s\n' "$1"
	shown
	return 1
}

# types KEY...: as tmux names them
types() {
	tmux -S "$TMUX_SOCKET" send-keys "$@"
}

#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154
# jit-exec: a command under a grant, recorded, watched and ended.

load helper
load terminal

# Before seal forgets it.
TOOLS=${JIT_TOOLS:-$ROOT/.build/plain/tools}

setup() {
	seal
	new_ledger
	SECRETS=$XDG_RUNTIME_DIR/jit
	RECORDINGS=$XDG_STATE_HOME/jit/recordings
	export NAP=7$RANDOM.$RANDOM # seconds that only this test sleeps
}

teardown() {
	[ -z "${DESK:-}" ] || kill "$DESK" 2>/dev/null || :
	close_terminal
	fsck_ledger
}

# -- Helpers ----------------------------------------------------------------

# run_for DURATION WORD...: alice asks by herself, and runs it
run_for() {
	as alice jit-exec -q --status status -t INC-4211 -m 'slow query on orders' \
		-d "$1" "${@:2}"
}

# short DURATION: a live grant of so long; the id is in $ID
short() {
	ID=$(request alice -d "$1" ssh:web-1 root)
	approve dan "$ID"
	issue "$ID"
}

# in_status FILTER: holds of the status file
in_status() {
	jq -e "$1" status >/dev/null || {
		echo "does not hold of $(cat status): $1"
		return 1
	}
}

# refused STATUS COMMAND...: 125, one line, and the status is in the file
refused() {
	local wanted=$1 why

	shift
	rm -f status
	fails 125 "$@"
	why=${stderr#jit-exec: }
	in_status ".status == $wanted and has(\"exit\") == false"
	[[ "$why" == "$(jq -r .why status)"* ]]
	[ ! -e ran ]
}

# uses: the use events, oldest first, one a line
uses() {
	git_ledger log --reverse --format=%b refs/heads/ledger | grep . |
		jq -c 'select(.type == "use")'
}

# raw HEX: the bytes
raw() {
	# shellcheck disable=SC2059
	printf "$(sed 's/../\\x&/g' <<<"$1")"
}

# chain FILE: the digest of a recording, as jit-recording(5) has it
chain() {
	local line digest=

	while IFS= read -r line; do
		digest=$( (raw "$digest"
			printf '%s\n' "$line") | sha256sum | cut -d ' ' -f 1)
	done <"$1"
	echo "$digest"
}

# recorded: the only recording
recorded() {
	local found=("$RECORDINGS"/*.cast)

	[ ${#found[@]} -eq 1 ] && [ -e "${found[0]}" ] && echo "${found[0]}"
}

# gone PATTERN: no process has it in its command line, within two seconds
gone() {
	local i

	for ((i = 0; i < 20; i++)); do
		pgrep -f "$1" >/dev/null || return 0
		sleep 0.1
	done
	pgrep -af "$1"
	return 1
}

# waited PID STATUS: it ends with that
waited() {
	local status=0

	wait "$1" || status=$?
	[ "$status" -eq "$2" ] || {
		echo "it ended with $status"
		return 1
	}
}

# began FILE: it is there, now or soon
began() {
	local i

	for ((i = 0; i < 100; i++)); do
		[ ! -e "$1" ] || return 0
		sleep 0.1
	done
	return 1
}

# -- One command ------------------------------------------------------------

@test "exec: the command's words, output and status are its own" {
	granted
	yields 7 as alice jit-exec -q --status status "$ID" -- sh -c \
		'printf "%s." "$0" "$@"; cat; echo err >&2; exit 7' a 'b c' -n <<<in
	answers 'a.b c.-n.in'
	[ "$stderr" = err ]
	in_status ".status == 0 and .exit == 7 and .why == \"\" and .id == \"$ID\""
	[ "$(stat -c %a status)" = 600 ]
}

@test "exec: it is opened before, closed after, and the grant ended" {
	local cast open close salt

	granted
	works as alice jit-exec --status status "$ID" -- \
		sh -c 'git -C "$JIT_LEDGER" log -1 --format=%b >tip; echo out; echo err >&2; exit 0'
	[ "$stderr" = "err
jit-exec: ended $ID, cause task" ]
	[ "$(uses | wc -l)" -eq 2 ]
	open=$(uses | head -n 1) close=$(uses | tail -n 1)
	cmp -s <(echo "$open") <(grep . tip)
	cast=$(jq -r .recording status)
	[ "$cast" = "$RECORDINGS/$(jq -r .session status).cast" ]
	[ "$(stat -c %a "$cast" "$RECORDINGS")" = "600
700" ]
	salt=$(sed -n 's/^\[0.000,"m","argv salt \([0-9a-f]*\)"\]$/\1/p' "$cast")
	[ ${#salt} -eq 32 ]
	jq -e --arg id "$ID" --arg host "$(hostname)" --arg argv "$( (
		raw "$salt"
		printf '%s\0' sh -c 'git -C "$JIT_LEDGER" log -1 --format=%b >tip; echo out; echo err >&2; exit 0'
	) | sha256sum | cut -d ' ' -f 1)" \
		'.id == $id and .host == $host and .phase == "open" and .counter == 1
			and .program == "sh" and .argv == $argv' <<<"$open"
	jq -e --arg digest "$(chain "$cast")" --arg id "$ID" --arg s "$(jq -r .session status)" \
		'.id == $id and .session == $s and .phase == "close" and .counter == 2
			and .exit == 0 and .recordings == [$digest]' <<<"$close"
	[ "$(event | jq -r '.type + " " + .cause')" = 'end task' ]
	[ "$(jq -rs 'map(select(type == "array" and .[1] == "o")) | map(.[2]) | sort | join("")' \
		<(tail -n +2 "$cast"))" = "err
out" ]
	[ -z "$(ls -A "$SECRETS")" ]
	[ "$(ls -A "$RECORDINGS")" = "${cast##*/}" ]
	works jit-audit verify
}

@test "exec: a status of a signal, and what the command is called" {
	granted
	yields 137 as alice jit-exec -q "$ID" -- bash -c 'kill -9 $$'
	[ "$(uses | tail -n 1 | jq .exit)" = 137 ]
	granted
	cp /bin/true $'t\tr\nue'
	works as alice jit-exec -q "$ID" -- $'./t\tr\nue'
	[ "$(uses | tail -n 2 | jq -r .program)" = $'command\nnull' ]
}

@test "exec: bytes pass as they are, and as many as there are" {
	granted
	head -c 300000 /dev/urandom >bytes
	as alice jit-exec -q "$ID" -- sh -c 'cat bytes; cat bytes >&2' >out 2>err
	cmp bytes out
	cmp bytes err
}

@test "exec: the key is an agent's, with its certificate, and signs logins only" {
	local key

	granted
	key=$(cut -d ' ' -f 2 "$SECRETS/$ID.pub")
	works as alice jit-exec -q "$ID" -- sh -c 'ssh-add -L; echo "$JIT_GRANT"
		test -S "$SSH_AUTH_SOCK" && stat -c "%a %U" "$SSH_AUTH_SOCK"
		ssh-add -L | tail -n 1 >key.pub
		echo x | ssh-keygen -Y sign -n file -f key.pub 2>/dev/null || echo no
		ssh-add -D 2>/dev/null || echo no
		ssh-add "$JIT_KEY" 2>/dev/null || echo no'
	[ "${lines[0]}" = "$(cut -d ' ' -f 1,2 "$CERT") jit" ]
	[ "${lines[1]}" = "ssh-ed25519 $key jit" ]
	[ "${lines[2]}" = "$ID" ]
	[ "${lines[3]}" = "600 $(id -un)" ]
	[ "${lines[*]:4}" = "no no no" ]
}

@test "exec: -o records to a new file, and to no other" {
	granted
	: >there
	refused 2 as alice jit-exec --status status -o there "$ID" -- touch ran
	explains "cannot make recording 'there': File exists"
	refused 3 as alice jit-exec --status status -o no/where "$ID" -- touch ran
	ln -s there link
	refused 2 as alice jit-exec --status status -o link "$ID" -- touch ran
	works as alice jit-exec -q -o new "$ID" -- echo out
	[ "$(stat -c %a new)" = 600 ]
	[ "$(uses | tail -n 1 | jq -r '.recordings[0]')" = "$(chain new)" ]
	[ -z "$(ls -A "$RECORDINGS")" ]
}

@test "exec: -n says what would be, and does nothing" {
	granted
	unharmed works as alice jit-exec -n "$ID" -- touch ran
	[ "$stderr" = "jit-exec: would run '/usr/bin/touch'" ]
	unharmed works as alice jit-exec -n -t INC-1 -m 'slow query on orders' \
		-d 5m ssh:web-1 root -- touch ran
	explains "rule 'web-root' would decide: approval by 1 of dba"
	unharmed refused 1 run_for 5m -n ssh:other-1 root -- touch ran
	[ ! -e ran ]
}

# -- It asks by itself ------------------------------------------------------

@test "exec: asks, waits, and runs it" {
	desk
	works run_for 5m ssh:web-1 root -- ssh-add -L
	[ "${#lines[@]}" -eq 2 ] && [ -z "$stderr" ]
	in_status '.status == 0 and .exit == 0'
	[ "$(git_ledger log --format=%b | grep . | jq -r .type | tac | tail -n +2 |
		tr '\n' ' ')" = 'request approve issue use use end ' ]
	[ -z "$(ls -A "$SECRETS")" ]
}

@test "exec: the task is that of JIT_TASK, the glass is broken when asked to" {
	rm -r "$JIT_LEDGER" "$XDG_STATE_HOME"
	new_ledger -p '.rules += [{id: "glass", break_glass: true,
		who: ["oncall"], resource: "ssh:web-*", roles: ["root"],
		max: "15m", review: {group: "security", within: "24h"}}]'
	desk
	export JIT_TASK=INC-77
	works as alice jit-exec -q -w1m --break-glass -m 'web-1 is down, all of it' -d 5m \
		ssh:web-1 root -- true
	[ "$(git_ledger log --format=%b | grep . | jq -c \
		'select(.type == "request") | [.task, .break_glass]')" = \
		'["INC-77",true]' ]
}

@test "exec: a wait that runs out takes the request back, for its key is gone" {
	yields 125 as alice jit-exec -t INC-1 -m 'slow query on orders' -d 5m \
		-w1s ssh:web-1 root -- touch ran
	explains "jit-exec: asked $(event | jq -r .id): waits for 1 of dba"
	refused 4 run_for 5m -w1s ssh:web-1 root -- touch ran
	explains "still waits for 1 of dba"
	[ "$(event | jq -r .type)" = withdraw ]
	[ -z "$(jit-status -q -j)" ]
	[ -z "$(ls -A "$SECRETS")" ]
}

@test "exec: who is interrupted while it waits takes the request back" {
	local pid

	run_for 5m ssh:web-1 root -- touch ran 2>err &
	pid=$!
	until [ "$(events)" -eq 2 ]; do sleep 0.1; done
	sleep 0.3
	kill "$(child $pid)"
	waited $pid 125
	until [ "$(events)" -eq 3 ]; do sleep 0.1; done
	[ "$(event | jq -r .type)" = withdraw ]
	[ ! -e ran ] && [ -z "$(ls -A "$SECRETS")" ]
	in_status '.status == 4'
}

@test "exec: denied while it waits is over" {
	(
		until [ "$(events)" -eq 2 ]; do sleep 0.1; done
		as dan jit-approve -q --deny -m 'use the replica' \
			"$(jit-status -j | jq -r .id)"
	) 3>&- &
	yields 125 run_for 5m ssh:web-1 root -- touch ran
	explains "denied by dan@ex.com"
	in_status '.status == 6 and (.id | length) == 26'
	[ ! -e ran ]
}

# -- Whose key --------------------------------------------------------------

# agent: an ssh-agent of alice's, with her other key 'mine'
agent() {
	ssh-keygen -q -t ed25519 -N '' -f mine
	eval "$(ssh-agent -s 3>&-)" >/dev/null
	AGENT=$SSH_AGENT_PID
	ssh-add -q mine
}

@test "exec: a key of one's own that the agent holds is used through it" {
	agent
	mv mine elsewhere
	ID=$(request alice -p mine.pub ssh:web-1 root)
	approve dan "$ID"
	issue "$ID"
	works as alice jit-exec -q "$ID" -- sh -c \
		'echo "$SSH_AGENT_PID"; ssh-add -L | cut -d " " -f 1-2'
	[ "${lines[0]}" = "$(cut -d ' ' -f 1-2 "$CERT")" ]
	[ "${lines[1]}" = "$(cut -d ' ' -f 1-2 mine.pub)" ]
	desk
	works run_for 5m -p mine.pub ssh:web-1 root -- ssh-add -L
	[[ $output == *"$(cut -d ' ' -f 2 mine.pub) jit" ]]
	kill "$AGENT"
}

@test "exec: a key file of one's own does without an agent" {
	ssh-keygen -q -t ed25519 -N '' -f mine
	ID=$(request alice -p mine.pub ssh:web-1 root)
	approve dan "$ID"
	issue "$ID"
	refused 3 as alice jit-exec --status status "$ID" -- touch ran
	explains "no ssh-agent holds key '$(ssh-keygen -lf mine.pub | cut -d ' ' -f 2)'"
	refused 2 as alice jit-exec --status status -p "$KEYS/dan.pub" "$ID" -- touch ran
	explains "grant $ID was asked with another key: -p names it"
	works as alice jit-exec -q -p mine.pub "$ID" -- ssh-add -L
	[[ $output == *"$(cut -d ' ' -f 2 mine.pub) jit" ]]
}

# -- Its own refusals -------------------------------------------------------

@test "exec: 125 and 1: another's grant, nobody's key, no rule" {
	granted
	refused 1 as carol jit-exec --status status "$ID" -- touch ran
	explains "grant $ID is alice@ex.com's"
	refused 1 as mallory jit-exec --status status "$ID" -- touch ran
	refused 1 run_for 5m ssh:other-1 root -- touch ran
}

@test "exec: 125 and 2: words that are wrong, wherever they are" {
	granted
	refused 2 as alice jit-exec --status status "$ID"
	explains "which command? -- COMMAND"
	refused 2 as alice jit-exec --status status "$ID" --
	refused 2 as alice jit-exec --status status -- touch ran
	refused 2 as alice jit-exec --status status nonsense -- touch ran
	refused 2 as alice jit-exec --status status -x "$ID" -- touch ran
	refused 2 as alice jit-exec -x --status status "$ID" -- touch ran
	refused 2 as alice jit-exec -d 5 --status status "$ID" -- touch ran
	refused 2 as alice jit-exec --status status -s 2 "$ID" -- touch ran
	refused 2 as alice jit-exec --status status -m 'slow query' -d 5m ssh:web-1 root -- touch ran
	explains "which task? -t TASK, or JIT_TASK"
	refused 2 run_for 5m -w 5m ssh:web-1 root -- touch ran
	explains "-w takes its duration without a blank: -w5m"
	refused 2 as alice jit-exec --status status "$ID" touch ran
}

@test "exec: 125 and 3: no ledger, no key, no record" {
	granted
	refused 3 as alice jit-exec --status status -C /nowhere "$ID" -- touch ran
	refused 3 as nobody jit-exec --status status "$ID" -- touch ran
	: >"$JIT_LEDGER/refs/heads/ledger.lock"
	refused 3 as alice jit-exec --status status "$ID" -- touch ran
	rm "$JIT_LEDGER/refs/heads/ledger.lock"
	[ -z "$(uses)" ] && [ -z "$(ls -A "$RECORDINGS")" ]
	works as alice jit-exec -q "$ID" -- true
}

@test "exec: 125 and 4: not issued yet, and -w waits for it" {
	ID=$(request)
	refused 4 as alice jit-exec --status status "$ID" -- touch ran
	explains "grant $ID is not issued yet: -w waits for it"
	refused 4 as alice jit-exec --status status -w1s "$ID" -- touch ran
	explains "still waits for 1 of dba"
	[ "$(jit-status -j | jq -r .stage)" = pending ]
	desk
	works as alice jit-exec -q -w "$ID" -- ssh-add -l
	[ "${#lines[@]}" -eq 2 ]
}

@test "exec: 125 and 5, 6: no such grant, and one that is over" {
	refused 5 as alice jit-exec --status status 01HZZZZZZZZZZZZZZZZZZZZZZZ -- touch ran
	granted
	refused 6 as alice later 1801 jit-exec --status status "$ID" -- touch ran
	explains "ran out at"
	as alice jit-revoke -q "$ID"
	refused 6 as alice jit-exec --status status "$ID" -- touch ran
	explains "grant $ID is over: ended, cause revoke by alice@ex.com"
}

@test "exec: 125 and 7: a ledger that was rolled back" {
	granted
	git_ledger update-ref refs/heads/ledger HEAD~1
	refused 7 as alice jit-exec --status status "$ID" -- touch ran
}

@test "exec: 125 and 8: the ledger is busy" {
	granted
	flock "$JIT_LEDGER/jit.lock" sleep 100 3>&- &
	until ! flock -n "$JIT_LEDGER/jit.lock" true; do sleep 0.05; done
	refused 8 as alice jit-exec --status status "$ID" -- touch ran
	pkill -P $! sleep
}

@test "exec: 126 and 127: a command that is none is asked for nothing" {
	: >only-here
	mkdir folder
	unharmed yields 127 run_for 5m ssh:web-1 root -- no-such-command
	[ "$stderr" = "jit-exec: cannot run 'no-such-command': No such file or directory" ]
	in_status '.status == 2'
	unharmed yields 127 run_for 5m ssh:web-1 root -- ./nowhere/at-all
	unharmed yields 127 run_for 5m ssh:web-1 root -- ''
	unharmed yields 126 run_for 5m ssh:web-1 root -- ./only-here
	[ "$stderr" = "jit-exec: cannot run './only-here': Permission denied" ]
	unharmed yields 126 run_for 5m ssh:web-1 root -- ./folder
	unharmed env PATH="$PWD:$PATH" JIT_KEY="$KEYS/alice" bash -c \
		'jit-exec -t INC-1 -m "slow query on orders" -d 5m ssh:web-1 root -- only-here; [ $? -eq 126 ]'
	[ -z "$(ls -A "$SECRETS" 2>/dev/null)" ]
}

@test "exec: 127 when what it names is not there to run" {
	granted
	printf '#!/no/such/shell\n' >script
	chmod 755 script
	yields 127 as alice jit-exec --status status "$ID" -- ./script
	explains "cannot run './script'"
	[ "$(uses | tail -n 1 | jq .exit)" = 127 ]
}

@test "exec: a status file that cannot be written is said" {
	granted
	yields 7 as alice jit-exec -q --status no/where "$ID" -- sh -c 'exit 7'
	explains "cannot write 'no/where'"
}

# -- Its end ----------------------------------------------------------------

@test "exec: 124 at the TTL, with all that came of it" {
	short 3s
	SECONDS=0
	yields 124 as alice jit-exec --status status "$ID" -- sh -c \
		'trap "" HUP TERM; (setsid setsid sleep $NAP &); echo began; sleep $NAP; sleep $NAP'
	[ $SECONDS -le 6 ]
	answers began
	explains "jit-exec: ends in"
	explains "grant $ID ran out at"
	in_status '.status == 6 and .exit == 124'
	gone "sleep $NAP"
	[ "$(event | jq -r '.type + " " + .cause')" = 'end ttl' ]
	uses | tail -n 1 | jq -e '.phase == "close" and .killed >= 1'
	grep -q '"m","recording ends here: grant .* ran out at' "$(recorded)"
	works jit-audit verify
}

# ended BY COMMAND...: a session is over within two seconds of that
ended() {
	granted
	as alice jit-exec --status status "$ID" -- \
		sh -c 'echo began >began; exec sleep $NAP' 2>err 3>&- &
	began began
	"$@"
	SECONDS=0
	waited $! 124
	[ $SECONDS -le 3 ]
	gone "sleep $NAP"
	in_status '.status == 6 and .exit == 124'
	uses | tail -n 1 | jq -e '.phase == "close"'
	jit-audit verify
}

@test "exec: 124 when somebody revokes it" {
	revoke() {
		as dan jit-revoke -q "$ID"
	}
	ended revoke
	grep -q "^jit-exec: grant $ID is over: ended, cause revoke by dan@ex.com" err
}

@test "exec: 124 when who approved it leaves" {
	leave() {
		as root jit-request -q -m 'has left the company' --retire dan@ex.com
	}
	ended leave
	grep -q "^jit-exec: grant $ID" err
}

@test "exec: 124 when the policy would not give it any more" {
	change() {
		local id

		policy '.rules |= map(select(.resource != "ssh:*" and (.resource | startswith("ssh") | not)))' >new.json
		id=$(as root jit-request -q -t CHG-1 -m 'no ssh from now on' --policy new.json)
		approve rita "$id"
		as root jit-issue -q "$id"
	}
	ended change
	grep -q "^jit-exec: grant $ID" err
}

@test "exec: 124 when the ledger turns out to be forged" {
	DAMAGED=1 # for teardown
	roll_back() {
		git_ledger update-ref refs/heads/ledger HEAD~1
	}
	granted
	as alice jit-exec --status status "$ID" -- \
		sh -c 'echo began >began; exec sleep $NAP' 2>err 3>&- &
	began began
	roll_back
	waited $! 124
	in_status '.status == 7'
	gone "sleep $NAP"
}

@test "exec: an extension in time keeps it alive, with its certificate" {
	short 5s
	as alice jit-exec --status status "$ID" -- sh -c \
		'echo began >began; ssh-add -l | wc -l; sleep 7; ssh-add -l | wc -l; exit 3' \
		>out 2>err 3>&- &
	began began
	longer=$(as alice jit-request -q --extend "$ID" -d 30s -m 'the index is still being built')
	approve dan "$longer"
	issue "$longer"
	waited $! 3
	[ "$(cat out)" = $'2\n3' ]
	grep -q "extended until .* by grant $longer" err
	[ "$(git_ledger log --format=%b | grep . | jq -r 'select(.type == "end") | .id' | sort)" = \
		"$(printf '%s\n' "$ID" "$longer" | sort)" ]
	[ -z "$(jit-status -q -j)" ]
	works jit-audit verify
}

@test "exec: SIGTERM ends the command, and that is on record" {
	granted
	as alice jit-exec --status status "$ID" -- sh -c 'echo began >began; sleep $NAP' 3>&- &
	began began
	kill "$(child $!)"
	waited $! 143
	gone "sleep $NAP"
	[ "$(uses | tail -n 1 | jq -r .phase)" = close ]
	in_status '.status == 3 and .exit == 143'
}

@test "exec: an end that cannot be written is owed, and written by the next" {
	local lock=$JIT_LEDGER/refs/heads/ledger.lock session

	granted
	yields 5 as alice jit-exec --status status "$ID" -- sh -c ": >$lock; exit 5"
	session=$(jq -r .session status)
	explains "jit-exec: the end of session $session is owed"
	explains "jit-exec: the end of grant $ID is owed"
	[ "$(uses | wc -l)" -eq 1 ]
	[ -e "$RECORDINGS/$session.lock" ]
	rm "$lock"
	works as alice jit-exec "$ID" -- true
	explains "jit-exec: closed session $session, which jit-exec had left open"
	[ ! -e "$RECORDINGS/$session.lock" ]
	[ "$(uses | sed -n 2p | jq -r '.session + " " + .recordings[0]')" = \
		"$session $(chain "$RECORDINGS/$session.cast")" ]
	[ "$(uses | wc -l)" -eq 4 ]
	works jit-exec --replay "$RECORDINGS/$session.cast"
}

@test "exec: killed with -9, all of it is gone, and the next closes its session" {
	local pid session

	granted
	as alice jit-exec -q "$ID" -- sh -c 'echo shown; echo began >began; exec sleep $NAP' >out 3>&- &
	began began
	pid=$(child $!)
	session=$(uses | jq -r .session)
	works as alice jit-exec -n "$ID" -- true
	unharmed refused 2 as alice jit-exec --status status "$ID"
	kill -9 "$pid"
	gone "sleep $NAP"
	gone "jit-exec.*$ID"
	[ -z "$(find "$SECRETS" -name 'agent-*')" ]
	printf '[9.999,"o","half' >>"$RECORDINGS/$session.cast"
	works as alice jit-exec "$ID" -- true
	explains "closed session $session, which jit-exec had left open"
	uses | sed -n 2p | jq -e --arg s "$session" '.session == $s and has("exit") == false'
	works jit-exec --replay "$RECORDINGS/$session.cast"
	answers shown
}

@test "exec: a session that runs still is not closed by another" {
	granted
	as alice jit-exec -q "$ID" -- sh -c 'echo began >began; sleep 3; exit 4' 3>&- &
	pid=$!
	began began
	first=$ID
	granted
	works as alice jit-exec -q "$ID" -- true
	[ "$(uses | jq -r .phase | tr '\n' ' ')" = 'open open close ' ]
	waited $pid 4
	[ "$(uses | tail -n 1 | jq -r '.id + " " + .phase')" = "$first close" ]
}

@test "exec: a recording that cannot be written ends it" {
	granted
	mkdir small
	yields 125 unshare -m sh -c 'mount -t tmpfs -o size=64k tmpfs small && cd small &&
		JIT_KEY=$0 exec jit-exec --status ../status -o cast "$1" -- \
			sh -c "yes | head -c 1000000; sleep $NAP"' "$KEYS/alice" "$ID"
	explains "cannot write recording 'cast': No space left on device"
	in_status '.status == 3 and .exit == 125'
	gone "sleep $NAP"
	uses | tail -n 1 | jq -e '.phase == "close" and has("recordings") == false'
}

# -- A terminal -------------------------------------------------------------

@test "exec: at a terminal it is recorded, warned, ended and replayed" {
	local cast

	short 18s
	at_terminal env JIT_KEY="$KEYS/alice" jit-exec --status status "$ID" \
		-- sh -c 'PS1="ready> " exec sh -i'
	sees "jit-exec: ends in 1"
	sees 'ready>'
	types 'tty; stty size; echo a$((1 + 1))b' Enter
	sees 'a2b'
	sees '60 80'
	types 'trap "" HUP; printf "\033[1mbold\033[m\033]0;title\007\n"; cat' Enter
	types 'typed twice' Enter
	sees "jit-exec: ends in 10s: jit-request --extend $ID"
	sees "jit-exec: grant $ID ran out at"
	sees 'status 124'
	[ "$(tmux -S "$TMUX_SOCKET" display -p '#{pane_title}')" = title ]
	tmux -S "$TMUX_SOCKET" send-keys -R
	cast=$(recorded)
	grep -q '"width":80,"height":60' "$cast"
	grep -q 'typed twice' "$cast"
	run ! grep -q 'jit-exec: ends in' "$cast"

	tmux -S "$TMUX_SOCKET" kill-server
	at_terminal env jit-exec --replay "$cast" -s 10
	sees 'a2b'
	sees 'typed twice'
	sees 'bold'
	sees 'status 0'
	[ "$(tmux -S "$TMUX_SOCKET" display -p '#{pane_title}')" != title ]

	sed 's/typed twice/typed once/' "$cast" >altered
	tmux -S "$TMUX_SOCKET" kill-server
	at_terminal jit-exec --replay altered -s 10
	sees 'status 7'
	sees "'altered' is no recording of this ledger's sessions"
	[[ $(shown) != *ready* ]]
}

@test "exec: a replay goes at its speed, and can be stopped" {
	local cast

	granted
	as alice jit-exec -q "$ID" -- sh -c 'echo one; sleep 3; echo two; sleep 60' \
		>/dev/null 3>&- &
	sleep 4.5
	kill "$(child $!)"
	waited $! 143
	cast=$(recorded)
	at_terminal jit-exec -q --replay "$cast"
	sees one
	sleep 1
	[[ $(shown) != *two* ]]
	sees two
	sees 'status 0'
	at_terminal jit-exec -q --replay "$cast" -s 0.01
	sees one
	types C-c
	sees 'status 0'
	[[ $(shown) != *two* ]]
}

# -- Nothing secret (T112) --------------------------------------------------

@test "exec: T112 the key is in its own process and nowhere else" {
	local pid other seed key=key.pub files carrier

	desk
	ulimit -c unlimited
	run_for 5m ssh:web-1 root -- sh -c \
		'ssh-add -L | tail -n 1 >key.new; mv key.new key.pub; sleep $NAP; :' 3>&- &
	pid=$(child $!)
	began "$key"
	carrier=$(pgrep -P "$pid" -x jit-exec)
	seed=$("$TOOLS/seek" key "$carrier" "$key")
	[ ${#seed} -eq 64 ]

	# the tool finds what it seeks, in all spellings
	raw "$seed" >raw
	{ printf x && cat raw; } | base64 >spelled
	[ "$("$TOOLS/seek" files "$seed" raw spelled /dev/null | tr '\n' ' ')" = 'raw spelled ' ]
	rm raw spelled

	# not where it was asked for, run, recorded; nor in what they were told
	for other in "$pid" $(pgrep -P "$pid" | grep -vx "$carrier") $(pgrep -f "sleep $NAP"); do
		run -1 "$TOOLS/seek" memory "$seed" "$other"
		[ -z "$output" ]
		grep -q '^Max core file size *0 ' "/proc/$other/limits"
	done
	run -1 "$TOOLS/seek" files "$seed" /proc/[0-9]*/cmdline /proc/[0-9]*/environ
	mapfile -t files < <(find "$HOME" "$XDG_RUNTIME_DIR" "$JIT_LEDGER" -type f)
	[ ${#files[@]} -gt 10 ]
	run -1 "$TOOLS/seek" files "$seed" "${files[@]}" "$(recorded)" \
		<(git_ledger cat-file --batch-all-objects --batch)
	grep -q '^Max core file size *0 ' "/proc/$carrier/limits"
	[[ $JIT_BIN == */san/bin ]] || # whose mlock does nothing
		grep -q '^VmLck:.* [1-9]' "/proc/$carrier/status"

	# nor in a core dump, and nobody else may look into it
	[ "$(stat -c %U "/proc/$carrier/mem")" = root ]
	kill -ABRT "$carrier"
	kill "$pid"
	waited %2 143
	run -1 "$TOOLS/seek" files "$seed" "${files[@]}" "$(recorded)"
	run find . -name 'core*' -type f
	[ -z "$output" ]
	[ -z "$(ls -A "$SECRETS")" ]
}

@test "exec: T112 nobody but root looks into the process that has the key" {
	local pid

	[ "$(id -u)" -eq 0 ]
	granted
	as alice jit-exec -q "$ID" -- sh -c 'echo began >began; sleep $NAP' 3>&- &
	pid=$!
	began began
	for carrier in $(pgrep -P "$(child $pid)" -x jit-exec) "$(child $pid)"; do
		run setpriv --reuid "$(id -u nobody)" --clear-groups \
			cat "/proc/$carrier/environ"
		[ "$status" -ne 0 ]
	done
	kill "$(child $pid)"
	waited $pid 143
}

# -- Replay -----------------------------------------------------------------

@test "exec: --replay prints what was shown, as text" {
	local cast

	granted
	as alice jit-exec -q "$ID" -- printf 'a\033[1;31mred\033[m\033]0;owned\007\033[c\r\nb\n' >/dev/null
	cast=$(recorded)
	works jit-exec --replay "$cast"
	answers $'ared\nb'
	explains "jit-exec: session $(uses | jq -rs '.[0].session') of grant $ID, closed by alice@ex.com on $(hostname) at 20"
	works env -u JIT_KEY HOME=/nowhere jit-exec -q --replay "$cast"
	[ -z "$stderr" ]
	unharmed works jit-exec -q --replay "$cast"
}

@test "exec: --replay of what was altered, cut or is another's: 7, nothing played" {
	local cast n

	granted
	as alice jit-exec -q "$ID" -- sh -c 'echo one; sleep 0.1; echo two' >/dev/null
	cast=$(recorded)
	sed 's/two/owt/' "$cast" >altered
	fails 7 jit-exec --replay altered
	explains "'altered' is no recording of this ledger's sessions"
	answers ''
	n=$(wc -l <"$cast")
	head -n $((n - 1)) "$cast" >shorter
	fails 7 jit-exec --replay shorter
	{ cat "$cast" && echo '[9.999,"o","more"]'; } >longer
	fails 7 jit-exec --replay longer
	sed '2d' "$cast" >less
	fails 7 jit-exec --replay less
	head -c -1 "$cast" >half
	fails 7 jit-exec --replay half
	explains "'half' is no recording: line $n: its end is missing"
	printf 'nothing of the kind\n' >other
	fails 7 jit-exec --replay other
	: >empty
	fails 7 jit-exec --replay empty
	answers ''
	rm -r "$JIT_LEDGER" "$XDG_STATE_HOME/jit/"*.state
	new_ledger
	cp "$cast" ours
	fails 7 jit-exec --replay ours
	answers ''
}

@test "exec: --replay and its words" {
	granted
	as alice jit-exec -q "$ID" -- true
	fails 2 jit-exec --replay nowhere
	fails 2 jit-exec --replay "$(recorded)" -s 0
	explains "'0' is no speed: 0.01 to 100, like 2 or 0.5"
	for s in x 1x .5 1. 101 -1 0.001 99999999999999999999; do
		fails 2 jit-exec --replay "$(recorded)" -s "$s"
	done
	fails 2 jit-exec --replay "$(recorded)" "$ID"
	fails 2 jit-exec --replay "$(recorded)" -- true
	fails 3 jit-exec -C /nowhere --replay "$(recorded)"
	for s in 1 0.5 100 2.25; do
		works jit-exec -q --replay "$(recorded)" -s "$s"
	done
}

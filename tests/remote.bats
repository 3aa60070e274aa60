#!/usr/bin/env bats
# Clones whose tip is at a remote: a plain bare repository, reached by a path,
# by file:// and by ssh; writers that race, networks that fail, servers that
# lie.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load helper

setup() {
	seal
	new_ledger
	at_server
}

teardown() {
	[ -z "${SSHD:-}" ] || kill "$SSHD" 2>/dev/null || :
	[ -z "${SK_AGENT:-}" ] || kill "$SK_AGENT" 2>/dev/null || :
	fsck_ledger
}

# at_server: the ledger is a server's, and here are only clones, a and b
at_server() {
	SERVER=$BATS_TEST_TMPDIR/server.git
	mv "$JIT_LEDGER" "$SERVER"
	rm -rf "$XDG_STATE_HOME"
	export JIT_LEDGER=$SERVER # what fsck looks at
	clone a
	clone b
}

# clone NAME [URL]
clone() {
	jit-init -q --clone "${2:-$SERVER}" -g "$GENESIS" "$HOME/$1" >/dev/null
}

# in_clone NAME COMMAND...: with that one's ledger
in_clone() {
	local name=$1

	shift
	JIT_LEDGER=$HOME/$name "$@"
}

# tip [REPOSITORY]
tip() {
	git -C "${1:-$SERVER}" rev-parse refs/heads/ledger
}

# hook NAME: the server's, from standard input
hook() {
	cat >"$SERVER/hooks/$1"
	chmod +x "$SERVER/hooks/$1"
}

# -- Cloning ----------------------------------------------------------------

@test "remote: a clone is verified, compared, pinned, and follows where it came from" {
	works jit-init --clone "$SERVER" -g "$GENESIS" "$HOME/c"
	answers "$GENESIS"
	explains "jit-init: cloned 'test': git config --global jit.ledger '$HOME/c'"
	[ "$(git -C c config jit.remote)" = "$SERVER" ]
	[ "$(git -C c config jit.genesis)" = "$GENESIS" ]
	works jit-audit verify -C c
	says " seq 1 "
	says "anchored by memory"
	works jit-init -j --clone "file://$SERVER" -g "$GENESIS" d
	in_json ".genesis == \"$GENESIS\" and .seq == 1 and .name == \"test\" and
		.remote == \"file://$SERVER\" and .ledger == \"d\""
}

@test "remote: a path is cloned wherever one stands later" {
	cd "$BATS_TEST_TMPDIR"
	jit-init -q --clone server.git -g "$GENESIS" "$HOME/c" >/dev/null
	cd /
	works in_clone c request
}

@test "remote: a clone that was compared with nothing says so" {
	works jit-init --clone "$SERVER" c
	answers "$GENESIS"
	explains "jit-init: compared with nothing: ask who founded 'test' for its fingerprint"
}

@test "remote: another ledger than the one that was named is not cloned" {
	local other=${GENESIS//[0-9]/0}

	fails 7 jit-init --clone "$SERVER" -g "$other" c
	explains "jit-init: swapped: -g names the ledger $other, '$SERVER' holds $GENESIS"
	[ ! -e c ]
	[ -z "$(compgen -G 'c.*')" ]
	fails 2 jit-init --clone "$SERVER" -g "${GENESIS:0:12}" c
	explains "-g wants a ledger's fingerprint"
}

@test "remote: a ledger with a bad event is not cloned" {
	DAMAGED=1
	"$TOOLS/forge" event -k "$KEYS/carol" -C "$SERVER" request \
		duration:=999999 >/dev/null
	fails 7 jit-init --clone "$SERVER" -g "$GENESIS" c
	explains "jit-init: '$SERVER': event 2 (git "
	[ ! -e c ]
}

@test "remote: what is no ledger, not there, or in the way is not cloned" {
	git init -q --bare empty.git
	fails 3 jit-init --clone "$PWD/empty.git" c
	explains "jit-init: '$PWD/empty.git' holds no ledger: it has no refs/heads/ledger"
	fails 3 jit-init --clone "$PWD/nowhere" c
	explains "jit-init: cannot reach '$PWD/nowhere': "
	[ ! -e c ]
	mkdir c
	fails 3 jit-init --clone "$SERVER" c
	explains "jit-init: '$HOME/c' is there already" ||
		explains "jit-init: 'c' is there already"
}

@test "remote: addresses that git may not be given" {
	local url

	for url in "ext::sh -c 'touch $HOME/run'" ext::x "fd::17" \
		http://example.org/l git://example.org/l ftp://example.org/l \
		--upload-pack=x file://host/l nowhere; do
		fails 2 jit-init --clone="$url" c
		[[ $stderr == *"is no address"* ]]
	done
	[ ! -e run ]
	fails 2 jit-init --clone "$SERVER" --policy "$POLICY" c
	explains "--clone takes -g, -j, -q and -v"
	fails 2 jit-init -u root@ex.com --policy "$POLICY" -g "$GENESIS" c
	explains "-g is for --clone"
}

# -- One ledger, many clones ------------------------------------------------

@test "remote: what one clone writes the others read at once" {
	local id

	id=$(in_clone a request)
	[ "$(tip)" = "$(tip a)" ]
	in_clone b approve dan "$id"
	in_clone a issue "$id"
	works in_clone b as alice jit-status -j
	in_json '.stage == "active"'
	works in_clone b jit-check -u alice@ex.com ssh:web-1 root
	works in_clone a as alice jit-revoke "$id"
	[ "$(tip)" != "$(tip b)" ]
	works in_clone b jit-status -q
	yields 1 in_clone b jit-check -u alice@ex.com ssh:web-1 root
	[ "$(tip)" = "$(tip b)" ]
	works jit-audit verify -C b
	says " seq 5 "
}

@test "remote: jit-check and jit-audit never ask it" {
	local before

	before=$(tip b)
	in_clone a request >/dev/null
	yields 1 in_clone b jit-check -u alice@ex.com ssh:web-1 root
	works jit-audit verify -C b
	works jit-audit log -C b
	[ "$(tip b)" = "$before" ]
}

@test "remote: six clones ask 50 times each at once: 300 acknowledged, 300 in the chain" {
	local n pids=() pid

	ask() {
		local i

		for ((i = 0; i < 50; i++)); do
			in_clone "$1" request alice -p "$KEYS/alice.pub" \
				ssh:web-1 root || return
		done >"ids.$1"
	}
	for n in 1 2 3 4 5 6; do
		clone "c$n"
	done
	for n in 1 2 3 4 5 6; do
		ask "c$n" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	[ "$(sort -u ids.c* | wc -l)" -eq 300 ]
	git -C "$SERVER" log --format=%b ledger |
		jq -r 'select(.type == "request").id' | sort >recorded
	diff recorded <(sort ids.c*)
	for n in 1 2 3 4 5 6; do
		works in_clone "c$n" jit-status -q
		works jit-audit verify -C "c$n" -g "$GENESIS"
		says " seq 301 "
		[ "$(tip "c$n")" = "$(tip)" ]
	done
}

@test "remote: several issuers, each for its resources, each in its clone" {
	local web lab

	rm -rf "$SERVER" a b "$XDG_STATE_HOME"
	unset JIT_LEDGER
	new_ledger -p '.issuers[0].resources = ["ssh:web-*"] |
		.issuers += [{by: "lab@ex.com", resources: ["ssh:lab-*"],
			ca: .issuers[0].ca}] |
		.rules = [{id: "any", who: ["oncall"], resource: "ssh:*",
			roles: ["root"], max: "1h",
			approve: [{group: "dba", count: 1}]}]' \
		--enroll "lab@ex.com=$KEYS/host.pub,issuer"
	at_server
	web=$(in_clone a request alice ssh:web-1 root)
	lab=$(in_clone b request alice ssh:lab-1 root)
	in_clone a approve dan "$web"
	in_clone b approve dan "$lab"
	fails 1 in_clone b as host jit-issue -q --ca "$KEYS/ca" -o cert "$web"
	fails 1 in_clone a as issuer jit-issue -q --ca "$KEYS/ca" -o cert "$lab"
	in_clone a issue "$web"
	works in_clone b as host jit-issue -q --ca "$KEYS/ca" -o cert "$lab"
	works in_clone a as alice jit-status -j
	in_json '.stage == "active"'
	[ "$(wc -l <<<"$output")" -eq 2 ]
}

# -- Pushes that are not taken ----------------------------------------------

@test "remote: R08 who was slower verifies, builds anew and signs anew" {
	# another writes while this one's push is on its way
	hook pre-receive <<-END
		#!/bin/sh
		[ ! -e "$HOME/once" ] || exit 0
		touch "$HOME/once"
		exec >>"$HOME/log" 2>&1
		export JIT_KEY="$KEYS/carol" XDG_STATE_HOME="$HOME/server"
		"$JIT_BIN/jit-request" -C "$SERVER" -t INC-1 -m 'at the same time' \\
			-d 5m -p "$KEYS/carol.pub" ssh:web-1 root
	END
	works in_clone a request
	[ -e once ]
	works jit-audit verify -C a
	says " seq 3 "
	[ "$(git -C "$SERVER" log --format=%s ledger | grep -c ^request)" -eq 2 ]
	[ "$(tip a)" = "$(tip)" ]
}

@test "remote: R09 a key that is touched was asked twice, and that is said" {
	SK_SOCKET=$XDG_RUNTIME_DIR/sk
	"$TOOLS/sk_agent" "$SK_SOCKET" "$PWD/sk" >/dev/null 3>&- &
	SK_AGENT=$!
	until [ -S "$SK_SOCKET" ]; do sleep 0.02; done
	rm -rf "$SERVER" a b "$XDG_STATE_HOME"
	unset JIT_LEDGER
	new_ledger --enroll "alice@ex.com=sk.pub"
	at_server
	hook pre-receive <<-END
		#!/bin/sh
		[ ! -e "$HOME/once" ] || exit 0
		touch "$HOME/once"
		"$TOOLS/forge" event -k "$KEYS/issuer" -C "$SERVER" beat \\
			counter:=1 due:=0 done:=0 owed:=0 >/dev/null
	END
	export SSH_AUTH_SOCK=$SK_SOCKET JIT_KEY=$PWD/sk.pub
	works in_clone a jit-request -t INC-1 -m 'with a touched key' -d 5m \
		-p "$KEYS/alice.pub" ssh:web-1 root
	explains "others wrote meanwhile: your key was asked 2 times"
}

@test "remote: what its gate refuses is refused here, in its words, and moves nothing" {
	local before

	before=$(tip)
	hook pre-receive <<-END
		#!/bin/sh
		echo "the ledger rests on sundays" >&2
		exit 1
	END
	fails 1 in_clone a request
	explains "jit-request: '$SERVER' refuses it: the ledger rests on sundays"
	[ -z "$output" ]
	[ "$(tip)" = "$before" ]
	[ "$(tip a)" = "$before" ]
	rm "$SERVER/hooks/pre-receive"
	works in_clone a request
}

@test "remote: a server that cannot store is trouble, and moves nothing" {
	local before

	before=$(tip)
	hook update <<-END
		#!/bin/sh
		kill -9 \$PPID
	END
	fails 3 in_clone a request
	[ "$(tip)" = "$before" ]
	[ "$(tip a)" = "$before" ]
}

@test "remote: an answer that was lost is found in the history, and nothing is written twice" {
	local id

	# killed after the ref was moved, before anything is said of it
	hook reference-transaction <<-END
		#!/bin/sh
		[ "\$1" = committed ] && [ ! -e "$HOME/once" ] || exit 0
		touch "$HOME/once"
		kill -9 \$PPID
	END
	works in_clone a request
	id=$output
	[ -e once ]
	[ "$(events)" -eq 2 ]
	[ "$(event | jq -r .id)" = "$id" ]
	[ "$(tip a)" = "$(tip)" ]
}

@test "remote: cut in the middle, nothing is issued twice and nothing is lost" {
	local id

	id=$(in_clone a request)
	in_clone a approve dan "$id"
	# the network goes once the ref was moved
	hook reference-transaction <<-END
		#!/bin/sh
		[ "\$1" = committed ] && [ ! -e "$HOME/once" ] || exit 0
		touch "$HOME/once"
		mv "$SERVER" "$SERVER.away"
		kill -9 \$PPID
	END
	fails 3 in_clone a as issuer jit-issue -q --ca "$KEYS/ca" -o cert "$id"
	explains "whether it was recorded is not known yet"
	[ ! -e cert ]
	mv "$SERVER.away" "$SERVER"
	fails 6 in_clone a as issuer jit-issue -q --ca "$KEYS/ca" -o cert "$id"
	[ "$(git -C "$SERVER" log --format=%s ledger | grep -c ^issue)" -eq 1 ]
	# who asked collects it all the same
	mkdir got
	in_clone b as alice jit-status -q -o got "$id"
	[ -s "got/$id-cert.pub" ]
}

# -- Offline ----------------------------------------------------------------

@test "remote: offline one reads, and is told how old that is; writing is trouble" {
	local id before

	id=$(in_clone a request)
	mv "$SERVER" away
	works in_clone a later 300 jit-status -j
	in_json ".id == \"$id\""
	explains "jit-status: cannot reach '$SERVER': "
	[[ $stderr =~ ": this view is 5m"[0-9s]*" old"$ ]]
	before=$(tip a)
	fails 3 in_clone a request
	explains "jit-request: cannot reach '$SERVER': "
	fails 3 in_clone a as dan jit-approve -q -y "$id"
	[ "$(tip a)" = "$before" ]
	works in_clone a jit-status -q
	[ -z "$stderr" ]
	mv away "$SERVER"
	works in_clone a as dan jit-approve -q -y "$id"
	works in_clone a jit-status
	[ -z "$stderr" ]
}

@test "remote: a server that hangs holds nobody up for ever" {
	hook pre-receive <<-END
		#!/bin/sh
		exec sleep 300
	END
	fails 3 in_clone a request
	explains "took longer than 15 seconds"
}

@test "remote: limits.stale: a gate says no to a view that is older" {
	ID=$(in_clone a request)
	in_clone a approve dan "$ID"
	in_clone a issue "$ID"
	works in_clone a jit-check -u alice@ex.com ssh:web-1 root
	works in_clone a later 50 jit-check -u alice@ex.com ssh:web-1 root
	fails 3 in_clone a later 70 jit-check -u alice@ex.com ssh:web-1 root
	[[ $stderr =~ "jit-check: stale: the remote was heard before 1m"[0-9s]*", at most 1m is wanted"$ ]]
	# whoever looks makes it young again
	works in_clone a later 70 jit-status
	works in_clone a later 70 jit-check -u alice@ex.com ssh:web-1 root
	# no remote, nothing that could be older
	works jit-status -q -C "$SERVER"
	works later 70 jit-check -C "$SERVER" -u alice@ex.com ssh:web-1 root
	rm a/jit.fetched
	fails 3 in_clone a jit-check -u alice@ex.com ssh:web-1 root
	explains "stale: nobody knows when '$SERVER' was heard last"
	echo 99999999999999999999 >a/jit.fetched
	fails 3 in_clone a jit-check -u alice@ex.com ssh:web-1 root
	explains "nobody knows when"
}

@test "remote: limits.stale is the policy's" {
	rm -rf "$SERVER" a b "$XDG_STATE_HOME"
	unset JIT_LEDGER
	new_ledger -p '.limits.stale = "10m"'
	at_server
	ID=$(in_clone a request)
	in_clone a approve dan "$ID"
	in_clone a issue "$ID"
	works in_clone a later 500 jit-check -u alice@ex.com ssh:web-1 root
	fails 3 in_clone a later 700 jit-check -u alice@ex.com ssh:web-1 root
	explains "at most 10m is wanted"
}

@test "remote: what runs under jit-exec ends when another clone revokes" {
	local pid status=0

	ID=$(in_clone a request)
	in_clone a approve dan "$ID"
	in_clone a issue "$ID"
	in_clone a as alice jit-exec -q "$ID" -- sleep 600 </dev/null \
		>exec.log 2>&1 3>&- &
	pid=$!
	until git -C "$SERVER" log --format=%s ledger | grep -q '^use .* open'; do
		sleep 0.1
	done
	in_clone b as alice jit-revoke -q "$ID"
	wait "$pid" || status=$?
	[ "$status" -eq 124 ]
	until git -C "$SERVER" log --format=%s ledger | grep -q '^use .* close'; do
		sleep 0.1
	done
	works jit-audit verify -C a
}

# -- Servers that lie -------------------------------------------------------

# seen: both clones have seen four events, the last of which ends a grant
seen() {
	ID=$(in_clone a request)
	in_clone a approve dan "$ID"
	in_clone a issue "$ID"
	in_clone a as alice jit-revoke -q "$ID"
	in_clone b jit-status -q
	BEST=$(tip)
}

# found TEXT: each program finds it, on a clone that had seen better
found() {
	local wanted=$1 command

	for command in jit-status "jit-status $ID" "request" \
		"as dan jit-approve -y $ID" \
		"as issuer jit-issue --ca $KEYS/ca -o cert $ID" \
		"as alice jit-revoke $ID" "jit-policy explain ssh:web-1 root" \
		"as alice jit-exec $ID -- true"; do
		# shellcheck disable=SC2086
		run --separate-stderr in_clone b $command
		[ "$status" -eq 7 ] || [ "$status" -eq 125 ] || {
			echo "$command: $status: $stderr"
			return 1
		}
		[ "${#stderr_lines[@]}" -eq 1 ]
		[[ $stderr == *"$wanted"* ]] || {
			echo "$command: $stderr"
			return 1
		}
	done
	run --separate-stderr -10 in_clone b as alice jit-doctor
	[[ $output == *"BAD  remote "*"$wanted"*": keep this clone"* ]]
	# and what was seen still counts
	[ "$(tip b)" = "$BEST" ]
	yields 1 in_clone b jit-check -u alice@ex.com ssh:web-1 root
	works jit-audit verify -C b
}

# healed: the server shows all again, and all is well again
healed() {
	git -C "$SERVER" update-ref refs/heads/ledger "$BEST"
	works in_clone b jit-status
	works in_clone b request
}

@test "remote: T24 rolled back by one: the last revocation is hidden, and that is found" {
	seen
	git -C "$SERVER" update-ref refs/heads/ledger "$BEST~1"
	found "remote '$SERVER': rolled back: expected event 5 (sha256 $(
		git -C b cat-file commit "$BEST" | sha256sum | cut -c 1-12
	)) or a later one, found only 4: ask others for their clone"
	healed
}

@test "remote: T24 rolled back to nothing" {
	seen
	git -C "$SERVER" update-ref -d refs/heads/ledger
	found "remote '$SERVER': rolled back: expected event 5 (sha256 "
	git -C "$SERVER" update-ref refs/heads/ledger "$BEST~4"
	found "or a later one, found only 1: ask others"
	healed
}

@test "remote: T42 forked: other events in the place of those that were seen" {
	seen
	git -C "$SERVER" update-ref refs/heads/ledger "$BEST~1"
	"$TOOLS/forge" event -k "$KEYS/carol" -C "$SERVER" request >/dev/null
	found "remote '$SERVER': forked: expected a history with event 5 (sha256 "
	"$TOOLS/forge" event -k "$KEYS/carol" -C "$SERVER" request >/dev/null
	found "remote '$SERVER': forked: expected a history with event 5 (sha256 "
	healed
}

@test "remote: T42 two clones that were shown different histories find out when one is shown the other's" {
	local here

	in_clone a jit-status -q
	in_clone b jit-status -q
	here=$(tip)
	in_clone a request >/dev/null
	git -C "$SERVER" update-ref refs/heads/ledger "$here"
	in_clone b request >/dev/null
	fails 7 in_clone a jit-status
	explains "forked"
}

@test "remote: T45 swapped for another valid ledger" {
	seen
	mv "$SERVER" kept.git
	JIT_LEDGER=
	new_ledger
	mv "$JIT_LEDGER" "$SERVER"
	JIT_LEDGER=$SERVER
	found "swapped: expected the ledger ${BEST_GENESIS:=$(git -C b config \
		jit.genesis | cut -c 1-12)}, found the ledger ${GENESIS:0:12}"
	rm -rf "$SERVER"
	mv kept.git "$SERVER"
	works in_clone b jit-status
	# who remembers nothing has what the clone was pinned to
	rm -rf "$XDG_STATE_HOME"
	git -C b config jit.genesis "$GENESIS"
	fails 7 in_clone b jit-status
	explains "swapped: expected the ledger ${GENESIS:0:12}"
}

@test "remote: an event that the judge refuses stays at the server" {
	seen
	DAMAGED=1
	"$TOOLS/forge" event -k "$KEYS/carol" -C "$SERVER" request >/dev/null
	"$TOOLS/forge" event -k "$KEYS/mallory" -C "$SERVER" request \
		by=carol@ex.com >/dev/null
	fails 7 in_clone b jit-status
	explains "remote '$SERVER': event 7 (git "
	[ "$(tip b)" = "$BEST" ]
	# not even what came before it counts yet
	fails 7 in_clone b request
	works jit-audit verify -C b
	says " seq 5 "
	git -C "$SERVER" update-ref refs/heads/ledger "$BEST"
	works in_clone b jit-status
}

@test "remote: T44 an event from the future stays at the server" {
	seen
	later 86400 "$TOOLS/forge" event -k "$KEYS/carol" -C "$SERVER" \
		request >/dev/null
	works in_clone b jit-status
	explains "this clock is "
	explains " behind the ledger's tip: check the clock: this view is "
	[ "$(tip b)" = "$BEST" ]
	fails 3 in_clone b request
	healed
}

@test "remote: T43 frozen: a gate hears that nothing is heard" {
	local frozen=$BATS_TEST_TMPDIR/frozen.git

	"$TOOLS/forge" event -k "$KEYS/issuer" -C "$SERVER" beat \
		counter:=1 due:=0 done:=0 owed:=0 >/dev/null
	ID=$(in_clone a request)
	in_clone a approve dan "$ID"
	in_clone a issue "$ID"
	in_clone b jit-status -q
	# b is shown this from now on, and a ends the grant
	cp -a "$SERVER" "$frozen"
	git -C b config jit.remote "$frozen"
	in_clone a as alice jit-revoke -q "$ID"
	works in_clone b later 600 jit-status -q
	works in_clone b later 600 jit-check -u alice@ex.com ssh:web-1 root
	works in_clone b later 700 jit-status -q
	fails 3 in_clone b later 700 jit-check -u alice@ex.com ssh:web-1 root
	explains "jit-check: stale: nothing was written, not even an issuer's beat, for 11m"
	explains ", at most 11m is wanted"
	fails 3 in_clone b later 700 jit-audit verify --max-age 10m
	explains "stale: the newest event is 11m"
}

@test "remote: a clone that was made again remembers what this user saw" {
	seen
	rm -rf b
	git -C "$SERVER" update-ref refs/heads/ledger "$BEST~1"
	fails 7 jit-init -q --clone "$SERVER" -g "$GENESIS" b
	explains "rolled back: expected event 5"
	rm -rf b
	git -C "$SERVER" update-ref refs/heads/ledger "$BEST"
	clone b
}

# -- Clones that lie --------------------------------------------------------

@test "remote: nothing in a clone's own configuration is run or believed" {
	local name

	printf '#!/bin/sh\ntouch "%s/ran"\nexit 1\n' "$HOME" >evil
	chmod +x evil
	for name in core.sshCommand core.fsmonitor core.askPass \
		core.alternateRefsCommand core.pager core.gitProxy \
		gpg.ssh.program credential.helper uploadpack.packObjectsHook; do
		git -C a config "$name" "$HOME/evil"
	done
	git -C a config "url.ext::$HOME/evil .insteadOf" "$SERVER"
	git -C a config protocol.ext.allow always
	git -C a config core.hooksPath "$HOME/hooks"
	mkdir hooks
	for name in pre-push reference-transaction post-rewrite pre-auto-gc \
		post-update push-to-checkout; do
		cp evil "hooks/$name"
		cp evil "a/hooks/$name"
	done
	works in_clone a request
	[ ! -e ran ]
	git -C a config jit.remote "ext::$HOME/evil"
	fails 3 in_clone a jit-status
	explains "jit.remote: 'ext::$HOME/evil' is no address of a ledger"
	git -C a config jit.remote "--upload-pack=$HOME/evil"
	fails 3 in_clone a jit-status
	[ ! -e ran ]
}

@test "remote: replace refs, grafts and a commit-graph of the clone hide nothing" {
	seen
	git -C b replace "$BEST" "$BEST~2"
	mkdir -p b/info
	printf '%s\n' "$BEST" >b/info/grafts
	in_clone a request >/dev/null
	works in_clone b jit-status -q
	[ "$(tip b)" = "$(tip)" ]
	works jit-audit verify -C b
	says " seq 6 "
}

@test "remote: without git a clone writes nothing of its own" {
	mkdir nothing
	fails 3 in_clone a as alice env PATH="$PWD/nothing" \
		"$JIT_BIN/jit-request" -t INC-1 -m 'there is no git' -d 5m \
		-p "$KEYS/alice.pub" ssh:web-1 root
	explains "'$SERVER' is reached by git: cannot run 'git'"
	[ "$(events)" -eq 1 ]
}

@test "remote: verify takes the newer of a plain clone's ref and its upstream" {
	local old

	in_clone a request >/dev/null
	git clone -q "$SERVER" plain
	in_clone a request >/dev/null
	works jit-audit verify -C plain
	says " seq 2 "
	git -C plain fetch -q
	works jit-audit verify -C plain
	says " seq 3 "
	# behind its own ref, which then counts
	rm -rf "$XDG_STATE_HOME"
	git -C plain merge -q --ff-only
	old=$(git -C plain rev-parse ledger~1)
	git -C plain update-ref refs/remotes/origin/ledger "$old"
	works jit-audit verify -C plain
	says " seq 3 "
	# neither goes on where the other stops
	git clone -q --bare "$SERVER" other.git
	git -C other.git update-ref refs/heads/ledger "$old"
	"$TOOLS/forge" event -k "$KEYS/carol" -C other.git request >/dev/null
	git -C plain fetch -q "$PWD/other.git" \
		+refs/heads/ledger:refs/remotes/origin/ledger
	fails 7 jit-audit verify -C plain
	explains "forked: refs/heads/ledger and its upstream have gone different ways"
}

# -- By ssh -----------------------------------------------------------------

# by_ssh: the server listens on loopback; $URL
by_ssh() {
	local port

	ssh-keygen -q -t ed25519 -N '' -f host_key
	cp "$KEYS/mallory.pub" authorized
	mkdir -p /run/sshd
	for port in $(shuf -n 20 -i 20000-31999); do
		cat >sshd_config <<-END
			ListenAddress 127.0.0.1
			Port $port
			HostKey $PWD/host_key
			AuthorizedKeysFile $PWD/authorized
			PidFile none
			UsePAM no
			StrictModes no
		END
		/usr/sbin/sshd -D -E "$PWD/sshd.log" -f "$PWD/sshd_config" \
			</dev/null >/dev/null 2>&1 3>&- &
		SSHD=$!
		until grep -q '^Server listening' sshd.log 2>/dev/null; do
			kill -0 "$SSHD" 2>/dev/null || continue 2
			sleep 0.02
		done
		break
	done
	echo "[127.0.0.1]:$port $(cat host_key.pub)" >known_hosts
	git config --global core.sshCommand "ssh -F none -i $KEYS/mallory \
-o IdentitiesOnly=yes -o UserKnownHostsFile=$PWD/known_hosts"
	URL=ssh://$(id -un)@127.0.0.1:$port$SERVER
}

@test "remote: by ssh, with what the user's own configuration says of it" {
	local id

	by_ssh
	works jit-init -q --clone "$URL" -g "$GENESIS" c
	id=$(in_clone c request)
	in_clone a approve dan "$id"
	in_clone c issue "$id"
	works in_clone a jit-status -j "$id"
	in_json '.stage == "active"'
	kill "$SSHD"
	wait "$SSHD" || :
	works in_clone c jit-status
	explains "cannot reach '$URL': ssh: connect to host 127.0.0.1 port"
	explains ": Connection refused: this view is "
	fails 3 in_clone c request
	explains "Connection refused"
}

@test "remote: by ssh, a host that nobody knows is asked for nothing" {
	by_ssh
	: >known_hosts
	fails 3 jit-init -q --clone "$URL" -g "$GENESIS" c
	explains "cannot reach '$URL': Host key verification failed."
	[ ! -e c ]
}

@test "remote: whoever follows a remote leaves a clone that gates can read" {
	in_clone a request >/dev/null
	(umask 077 && works in_clone b jit-status)
	(umask 077 && works in_clone b request)
	[ -z "$(find b/objects b/refs b/jit.fetched -type f ! -perm -044)" ]
	[ -z "$(find b/objects b/refs -type d ! -perm -055)" ]
	# one that was made for oneself stays so
	(umask 077 && clone c && works in_clone c request)
	in_clone a request >/dev/null
	(umask 077 && works in_clone c jit-status)
	[ -z "$(find c -perm /077)" ]
}

@test "remote: who may not write to a clone reads it as it is" {
	local nobody=

	in_clone a request >/dev/null
	mkdir -p public
	mv b public/
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" \
		"$BATS_TEST_TMPDIR" "$HOME" public
	chmod -R a-w public/b
	[ "$(id -u)" -ne 0 ] ||
		nobody="setpriv --reuid 65534 --regid 65534 --clear-groups env
			XDG_STATE_HOME=/nonexistent"
	# shellcheck disable=SC2086
	works $nobody jit-status -C "$HOME/public/b"
	[[ $stderr != *stale* ]]
	[ -z "$output" ]
	# shellcheck disable=SC2086
	works $nobody faketime -f +90s jit-status -C "$HOME/public/b"
	explains "jit-status: stale: the remote was heard before 1m"
	chmod -R u+w public
}

# -- Packing ----------------------------------------------------------------

@test "remote: R07 packing beside writers and readers loses nothing and shows nothing bad" {
	local pids=() pid

	write_many() {
		local i

		for ((i = 0; i < 60; i++)); do
			request alice -p "$KEYS/alice.pub" ssh:web-1 root ||
				return
		done >"ids.$1"
	}
	read_on() {
		while [ ! -e stop ]; do
			jit-audit verify >/dev/null 2>>bad || echo "verify $?" >>bad
			jit-status -q >/dev/null 2>>bad || echo "status $?" >>bad
		done
	}
	# as jit does it: a repository of git's own, with the ledger's objects
	pack_on() {
		while [ ! -e stop ]; do
			mkdir -p own/refs
			echo 'ref: refs/heads/ledger' >own/HEAD
			GIT_DIR=$PWD/own GIT_OBJECT_DIRECTORY=$SERVER/objects \
				git repack --geometric=2 -d -n -q 2>>bad ||
				echo "repack $?" >>bad
			echo >>packed
		done
	}
	read_on 3>&- &
	pids+=($!)
	pack_on 3>&- &
	pids+=($!)
	write_many 1 & one=$!
	write_many 2 & two=$!
	wait "$one"
	wait "$two"
	touch stop
	wait "${pids[@]}"
	cat bad
	[ ! -s bad ]
	[ "$(wc -l <packed)" -ge 3 ]
	[ "$(sort -u ids.1 ids.2 | wc -l)" -eq 120 ]
	[ "$(events)" -eq 121 ]
	works jit-audit verify
}

@test "remote: R10 a ledger that grows is packed by who writes, and nothing is pruned" {
	local i lost

	rm -rf a b
	# one that nothing names: the object of a writer that is not done yet
	lost=$(echo nobody names me | git_ledger hash-object -w --stdin)
	for ((i = 0; i < 2200; i++)); do
		echo "$i" >"blob.$i"
	done
	printf "$HOME/%s\n" blob.* |
		git_ledger hash-object -w --stdin-paths >/dev/null
	# who never saw it looks at once, others every few hundred events
	rm -rf "$XDG_STATE_HOME"
	works request
	until [ "$(git_ledger count-objects | cut -d ' ' -f 1)" -lt 100 ]; do
		sleep 0.1
	done
	git_ledger cat-file -e "$lost"
	works jit-audit verify
	says " seq 2 "
}

# -- The doctor -------------------------------------------------------------

@test "remote: the doctor looks at the remote, the packs and git's configuration" {
	"$TOOLS/forge" event -k "$KEYS/issuer" -C "$SERVER" beat \
		counter:=1 due:=0 done:=0 owed:=0 >/dev/null
	works in_clone a as alice jit-doctor
	says "ok   remote     '$SERVER' answers, and this clone follows it"
	says "ok   packs      about 0 loose objects and 0 packs"
	says "ok   git        no trap in its configuration"
	git -C a config core.fsmonitor /bin/true
	run --separate-stderr -10 in_clone a as alice jit-doctor -q
	[ "$output" = "BAD  git        '$HOME/a/config' sets core.fsmonitor: jit never asks it; git would: remove it" ]
	git -C a config --unset core.fsmonitor
	git config --global gc.pruneExpire now
	run --separate-stderr -10 in_clone a as alice jit-doctor -q
	[[ $output == "BAD  git        gc.pruneExpire is 'now'"* ]]
	git config --global --unset gc.pruneExpire
	git config --global safe.directory '*'
	run --separate-stderr -10 in_clone a as alice jit-doctor -q
	[[ $output == "BAD  git        safe.directory is '*'"* ]]
	git config --global --unset safe.directory
	mkdir -p a/objects/pack
	touch -d '2 hours ago' a/objects/pack/tmp_pack_x
	run --separate-stderr -10 in_clone a as alice jit-doctor -q
	[[ $output == "BAD  packs      1 files that git left in "* ]]
	rm a/objects/pack/tmp_pack_x
	mv "$SERVER" away
	run --separate-stderr -10 in_clone a as alice jit-doctor -q
	[[ $output =~ ^"BAD  remote     heard "[0-9]+"s ago: cannot reach '$SERVER': ".*": see that git reaches it" ]]
	mv away "$SERVER"
}

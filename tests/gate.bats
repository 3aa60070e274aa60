#!/usr/bin/env bats
# The server's gate: share/hooks/pre-receive on a plain bare repository.
#
# What is pushed is forged by tests/tools/forge.c, which asks no judge.
# shellcheck disable=SC2030,SC2031,SC2154

load helper
load host

setup_file() {
	install_site
}

setup() {
	seal
	new_ledger
	SERVER=$BATS_TEST_TMPDIR/server.git
	server "$SERVER"
}

teardown() {
	stop_hosts
	[ -n "${DAMAGED:-}" ] || git -C "$SERVER" fsck --strict --no-dangling \
		--no-progress
	[ -z "${FULL:-}" ] || umount "$FULL"
	fsck_ledger
}

# server PATH: a bare repository with the hooks, as jit-audit(1) sets it up
server() {
	git init -q --bare -b ledger "$1"
	git -C "$1" config jit.genesis "$GENESIS"
	cp "$ROOT/share/hooks/pre-receive" "$ROOT/share/hooks/post-receive" \
		"$1/hooks"
}

at() {
	git -C "$1" rev-parse -q --verify refs/heads/ledger || echo nothing
}

# push [ARGUMENT]...: the ledger's ref, or what is said
push() {
	[ $# -gt 0 ] || set -- refs/heads/ledger
	env PATH="${SERVER_PATH:-$PATH}" git -C "$JIT_LEDGER" push -q \
		"$SERVER" "$@"
}

objects() {
	find "$SERVER/objects" -type f | sort
}

# refused TEXT [ARGUMENT]...: in one line, and nothing of it stays there
refused() {
	local text=$1 before there

	shift
	before=$(git -C "$SERVER" for-each-ref)
	there=$(objects)
	yields 1 push "$@"
	grep -q "^remote: jit-audit: $text *$" <<<"$stderr" || {
		printf 'not said: %s\nstderr: %s\n' "$text" "$stderr"
		return 1
	}
	[ "$(grep -c '^remote: *[^ ]' <<<"$stderr")" -eq 1 ]
	[ "$(git -C "$SERVER" for-each-ref)" = "$before" ]
	[ "$(objects)" = "$there" ]
}

# taken: a push is, and the server has what the ledger has
taken() {
	works push
	[ "$stderr" = "" ]
	[ "$(at "$SERVER")" = "$(at "$JIT_LEDGER")" ]
}

# before: a ledger with a request that the server has, and one more to push
before() {
	request >/dev/null
	taken
	request carol >/dev/null
}

# -- What is taken ----------------------------------------------------------

@test "gate: a new ledger, then each event, and many at once" {
	taken
	request >/dev/null
	taken
	granted carol
	taken
	works jit-audit -C "$SERVER" verify -g "$GENESIS"
	says "good: $SERVER genesis $GENESIS seq 5 "
}

@test "gate: what the hook remembers is the ledger as it was taken" {
	before
	taken
	works jit-audit -C "$SERVER" -j verify
	in_json '.anchored_by == ["memory"] and .seq == 3'
	# what memory knows is not replayed, what comes after it is
	rm "$SERVER/hooks/post-receive"
	before
	taken
}

@test "gate: a push that is refused is not remembered" {
	taken
	write mallory request
	refused 'event 2 (git [0-9a-f]*, sha256 [0-9a-f]*): rule key-enrolled: .*'
	works jit-audit -C "$SERVER" -j verify
	in_json '.anchored_by == ["memory"] and .seq == 1'
	git_ledger update-ref refs/heads/ledger refs/heads/ledger~1
	rm -r "$XDG_STATE_HOME"
	request >/dev/null
	taken
}

@test "gate: no hook writes, so a memory that cannot be written harms nothing" {
	taken
	rm -r "$XDG_STATE_HOME"
	request >/dev/null
	: >"$HOME/none"
	XDG_STATE_HOME=$HOME/none/state yields 1 push
	explains "remote: jit-audit: '$HOME/none/state/jit': Not a directory"
	[ "$(at "$SERVER")" = "$(git_ledger rev-parse refs/heads/ledger~1)" ]
	taken
}

@test "gate: a shallow or a bare clone pushes as any other" {
	before
	taken
	git clone -q --bare --depth 1 "file://$SERVER" shallow.git
	request >/dev/null
	git -C shallow.git fetch -q "$JIT_LEDGER" ledger:ledger
	works git -C shallow.git push -q "$SERVER" refs/heads/ledger
	[ "$(at "$SERVER")" = "$(at "$JIT_LEDGER")" ]
}

# -- What is refused: refs --------------------------------------------------

@test "gate: T30 no ref but the ledger's is taken" {
	local ref

	taken
	for ref in refs/heads/other refs/heads/ledger2 refs/tags/v1 \
		refs/replace/"$(at "$JIT_LEDGER")" refs/notes/commits \
		refs/meta/config; do
		refused "'$ref' is not taken here: only refs/heads/ledger is" \
			"refs/heads/ledger:$ref"
	done
}

@test "gate: of a push in which one ref is not taken nothing is" {
	before
	refused "'refs/tags/v1' is not taken here: only refs/heads/ledger is" \
		refs/heads/ledger refs/heads/ledger:refs/tags/v1
	taken
}

@test "gate: the ledger is not deleted" {
	taken
	refused 'refs/heads/ledger is not deleted: a ledger only grows' \
		:refs/heads/ledger
}

@test "gate: T30 no force moves the ledger back or aside" {
	local tip

	before
	taken
	tip=$(git_ledger rev-parse --short=12 ledger)
	tip=$(git_ledger cat-file commit "$tip" | sha256sum | cut -c 1-12)
	refused "not a fast-forward: it does not go on after event 3 (sha256 $tip), the newest here: fetch, and build on it" \
		-f refs/heads/ledger~1:refs/heads/ledger
	git clone -q --bare "$JIT_LEDGER" fork.git
	git -C fork.git update-ref refs/heads/ledger refs/heads/ledger~1
	JIT_LEDGER=$PWD/fork.git request carol >/dev/null
	JIT_LEDGER=$PWD/fork.git refused "not a fast-forward: .*" \
		-f refs/heads/ledger
	# nor what shares nothing with it
	new_ledger_elsewhere
	JIT_LEDGER=$OTHER refused "not a fast-forward: .*" -f refs/heads/ledger
}

# new_ledger_elsewhere: another one, at $OTHER
new_ledger_elsewhere() {
	local ours=$JIT_LEDGER genesis=$GENESIS

	mv "$ours" "$ours.kept"
	new_ledger
	OTHER=$BATS_TEST_TMPDIR/other.git
	mv "$JIT_LEDGER" "$OTHER"
	mv "$ours.kept" "$ours"
	rm -r "$XDG_STATE_HOME"
	GENESIS=$genesis
}

@test "gate: a repository takes the ledger that it was told of, and no other" {
	new_ledger_elsewhere
	JIT_LEDGER=$OTHER refused "swapped: expected the ledger ${GENESIS::12}, which jit.genesis names, found the ledger [0-9a-f]*"
	taken
}

@test "gate: a repository that was told of none takes none" {
	git -C "$SERVER" config --unset jit.genesis
	refused "no ledger is here and none is expected: on the server, git -C $SERVER config jit.genesis FINGERPRINT"
	git -C "$SERVER" config jit.genesis HEAD
	refused "'$SERVER/config': jit.genesis is no ledger's fingerprint: 64 lower-case hex digits"
	git -C "$SERVER" config jit.genesis "$GENESIS"
	taken
	# the ref says it from then on
	git -C "$SERVER" config --unset jit.genesis
	request >/dev/null
	taken
}

@test "gate: what people's git config says of jit.genesis is nothing to a server" {
	git -C "$SERVER" config --unset jit.genesis
	git config --global jit.genesis "$GENESIS"
	refused "no ledger is here and none is expected: .*"
}

@test "gate: a repository that changed its ledger is found out" {
	taken
	git -C "$SERVER" config jit.genesis "$(sha256sum </dev/null | cut -c 1-64)"
	request >/dev/null
	refused "swapped: expected the ledger e3b0c44298fc, which jit.genesis names, found the ledger ${GENESIS::12}"
}

@test "gate: a server whose ref was moved back, or lost, takes nothing" {
	before
	taken
	request >/dev/null
	git -C "$SERVER" update-ref refs/heads/ledger refs/heads/ledger~1
	refused 'rolled back: expected event 3 (sha256 [0-9a-f]*) or a later one, found only 2: .*'
	git -C "$SERVER" update-ref -d refs/heads/ledger
	refused 'rolled back: expected event 3 (sha256 [0-9a-f]*) or a later one, found only 0: .*'
}

# -- What is refused: events ------------------------------------------------

# forged TEXT WRITE-ARGUMENT...: such an event is refused, at the end of a
# push and in the middle of one; the ledger goes back
forged() {
	local text=$1 tip

	shift
	tip=$(at "$JIT_LEDGER")
	write "$@"
	refused "$text"
	write alice request
	refused "$text"
	git_ledger update-ref refs/heads/ledger "$tip"
}

@test "gate: T31 what jit-audit verify refuses is refused" {
	local event='event 3 (git [0-9a-f]*, sha256 [0-9a-f]*)'

	before
	taken
	event=${event/3/4}
	forged "$event: rule key-enrolled: .*" mallory request
	forged "$event: rule chain-seq: .*" alice request seq:=9
	forged "$event: rule chain-prev: .*" alice request prev="$GENESIS"
	forged "$event: rule request-reason: .*" alice request reason=x
	forged "$event: .*namespace.*" alice --namespace file request
	forged "$event: .*" alice request extra=1
	taken
}

@test "gate: a commit of git's own is no event" {
	taken
	git -C "$JIT_LEDGER" update-ref refs/heads/ledger "$(
		git -C "$JIT_LEDGER" -c user.name=a -c user.email=a@ex.com \
			commit-tree -p ledger -m x \
			4b825dc642cb6eb9a060e54bf8d69288fbee4904)"
	refused 'event 2 (git [0-9a-f]*, sha256 [0-9a-f]*): .*'
	DAMAGED=1
}

@test "gate: a file in a commit is refused with it" {
	local tree

	taken
	tree=$(git_ledger hash-object -w --stdin <<<secret)
	tree=$(printf '100644 blob %s\tx\n' "$tree" | git_ledger mktree)
	request >/dev/null
	git_ledger update-ref refs/heads/ledger "$(git_ledger cat-file commit \
		ledger | sed "s/^tree .*/tree $tree/" |
		git_ledger hash-object -w -t commit --stdin)"
	refused 'git [0-9a-f]*: commit: its tree is not the empty one'
	DAMAGED=1
}

@test "gate: an event that is too large is refused, and a pack that is" {
	taken
	git_ledger update-ref refs/heads/ledger "$({
		echo tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
		echo parent "$(at "$JIT_LEDGER")"
		git_ledger cat-file commit ledger | sed '/^$/,$d; /^tree/d'
		printf '\n'
		head -c 4000000 /dev/zero | tr '\0' x
	} | git_ledger hash-object -w -t commit --stdin)"
	refused 'git [0-9a-f]*: .*too large.*'
	git -C "$SERVER" config receive.maxInputSize 3k
	yields 1 push
	explains "pack exceeds maximum allowed size"
	DAMAGED=1
}

@test "gate: T44 an event from the future is refused" {
	taken
	as alice later 60 jit-request -q -t INC-4211 -m 'slow query on orders' \
		-d 30m ssh:web-1 root >/dev/null
	refused "event 2 is dated [1-9][0-9ms]* ahead of this server's clock: check both clocks"
	# a server whose clock is that far takes it
	faketime -f +60s git -C "$JIT_LEDGER" push -q "$SERVER" refs/heads/ledger
	[ "$(at "$SERVER")" = "$(at "$JIT_LEDGER")" ]
}

# -- What git keeps aside ---------------------------------------------------

# receive PACKED-OBJECT...: the ledger's ref by git's own protocol, with
# these objects in the pack and not one more
receive() {
	local line old

	old=$(at "$SERVER")
	[ "$old" != nothing ] || old=$(printf %040d 0)
	line="$old $(at "$JIT_LEDGER") refs/heads/ledger"
	printf '%04x%s\0report-status' $((4 + ${#line} + 14)) "$line"
	printf 0000
	printf '%s\n' "$@" | git_ledger pack-objects -q --stdout
}

# received [OBJECT]...: what git on the server says of such a push
received() {
	receive "$@" >pack
	git receive-pack --stateless-rpc "$SERVER" <pack >report 2>said
	cat said >&2
	tr -d '\0' <report
}

@test "gate: T31 what comes beside the events is refused" {
	local stray

	before
	stray=$(git_ledger hash-object -w --stdin <<<'a letter')
	works received "$(at "$JIT_LEDGER")" "$stray"
	explains "jit-audit: object $stray is no event of what is pushed: a ledger holds nothing else"
	says 'ng refs/heads/ledger pre-receive hook declined'
	run -1 git -C "$SERVER" cat-file -e "$stray"
	# what is here already may come again
	works received "$(at "$JIT_LEDGER")" \
		"$(git_ledger rev-parse ledger~1)" \
		4b825dc642cb6eb9a060e54bf8d69288fbee4904
	says 'ok refs/heads/ledger'
	[ "$(at "$SERVER")" = "$(at "$JIT_LEDGER")" ]
}

@test "gate: an event that did not come is not made up for" {
	local tip

	before
	tip=$(git_ledger rev-parse ledger~1)
	request >/dev/null
	works received "$(at "$JIT_LEDGER")"
	[ "$(at "$SERVER")" = "$tip" ]
	! grep -q '^ok' report
}

# hook: the hook itself, without git
hook() {
	(cd "$SERVER" && jit-audit receive)
}

@test "gate: only what git keeps aside for this repository is looked at" {
	local aside=$SERVER/objects/aside push v

	before
	push="$(at "$SERVER") $(at "$JIT_LEDGER") refs/heads/ledger"
	fails 7 hook <<<"$push"
	explains "incomplete: commit $(at "$JIT_LEDGER") is missing"
	for v in GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES \
		GIT_DIR; do
		export $v="$JIT_LEDGER/objects"
		fails 7 hook <<<"$push"
		unset $v
	done
	GIT_QUARANTINE_PATH=$JIT_LEDGER/objects fails 3 hook <<<"$push"
	explains "'$JIT_LEDGER/objects' is not what git makes in '$SERVER/objects' for a push"
	GIT_QUARANTINE_PATH=$aside fails 3 hook <<<"$push"
	explains "'$aside': No such file or directory"
	ln -s "$JIT_LEDGER/objects" "$aside"
	GIT_QUARANTINE_PATH=$aside fails 3 hook <<<"$push"
	explains "is not what git makes in"
	rm "$aside"
	# elsewhere than in the hook it counts for nothing
	cp -r "$JIT_LEDGER/objects" "$aside"
	export GIT_QUARANTINE_PATH=$aside GIT_OBJECT_DIRECTORY=$aside
	works hook <<<"$push"
	works jit-audit -C "$SERVER" -j verify
	in_json '.seq == 2'
	unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY
	rm -r "$aside"
}

@test "gate: what git would not say is a question that is not understood" {
	local ref=refs/heads/ledger new old line zero

	before
	new=$(at "$JIT_LEDGER") old=$(at "$SERVER") zero=$(printf %040d 0)
	for line in '' x "$old $new" "$old $new " "$old  $new $ref" \
		"${old//[0-9]/F} $new $ref" "${old}0 $new $ref" \
		"$old ${new:1} $ref"; do
		fails 2 hook <<<"$line"
		explains "not a line of git's pre-receive: OLD NEW REF"
	done
	fails 2 hook </dev/null
	explains "what is pushed? git's pre-receive says it on standard input"
	fails 2 hook < <(printf %s "$old $new $ref")
	explains "what is pushed?"
	fails 2 hook < <(printf '%s\n' "$old $new $ref" "$old $new $ref")
	explains "refs/heads/ledger is pushed twice"
	fails 2 hook < <(head -c 2000000 /dev/zero)
	explains "'-' is larger than 1048576 bytes"
	fails 8 hook <<<"$new $new $ref"
	explains "another writer was faster: fetch, and push again"
	fails 8 hook <<<"$zero $new $ref"
	SERVER=$HOME fails 3 hook <<<"$old $new $ref"
	explains "'$HOME' is no git repository"
}

# -- When the hook cannot ---------------------------------------------------

# declined [TEXT]: a push is, and nothing is moved
declined() {
	local tip

	tip=$(at "$SERVER")
	yields 1 push
	explains '(pre-receive hook declined)'
	explains "${1:-}"
	[ "$(at "$SERVER")" = "$tip" ]
}

@test "gate: without the program nothing is taken" {
	before
	mkdir bin
	for p in env git git-receive-pack git-upload-pack sh; do
		ln -s "$(command -v $p)" bin
	done
	SERVER_PATH=$PWD/bin declined 'jit-audit: not found'
	taken
}

@test "gate: a program that dies takes nothing" {
	before
	mkdir bin
	printf '#!/bin/sh\nkill -SEGV $$\n' >bin/jit-audit
	chmod +x bin/jit-audit
	SERVER_PATH=$PWD/bin:$PATH declined
	printf '#!/bin/sh\ncat >/dev/null\nkill -KILL $$\n' >bin/jit-audit
	SERVER_PATH=$PWD/bin:$PATH declined
	taken
}

@test "gate: without memory nothing is taken" {
	local kb=1000 refusals=0

	before
	tip=$(at "$SERVER")
	# from too little to start, a little more each time, to enough
	while [ "$(at "$SERVER")" = "$tip" ]; do
		printf '#!/bin/sh\nulimit -v %d\nexec jit-audit receive\n' \
			$kb >"$SERVER/hooks/pre-receive"
		if push 2>said; then
			break
		fi
		grep -q '(pre-receive hook declined)' said
		[ "$(at "$SERVER")" = "$tip" ]
		refusals=$((refusals + 1)) kb=$((kb + 500))
	done
	[ $refusals -ge 5 ]
	[ "$(at "$SERVER")" = "$(at "$JIT_LEDGER")" ]
}

@test "gate: on a full disk nothing is taken, and with space again all is" {
	FULL=$BATS_TEST_TMPDIR/full
	mkdir "$FULL"
	mount -t tmpfs -o size=400k tmpfs "$FULL"
	mv "$SERVER" "$FULL"
	SERVER=$FULL/server.git
	before
	head -c 1000000 /dev/zero >"$FULL/ballast" || :
	tip=$(at "$SERVER")
	yields 1 push
	[ "$(at "$SERVER")" = "$tip" ]
	rm "$FULL/ballast"
	taken
}

@test "gate: what the server's own ledger lost is not built upon" {
	local lost

	before
	taken
	rm "$SERVER/hooks/post-receive"
	rm -r "$XDG_STATE_HOME"
	request >/dev/null
	lost=$(git -C "$SERVER" rev-parse ledger~1)
	rm "$SERVER/objects/${lost::2}/${lost:2}"
	DAMAGED=1
	refused "incomplete: commit $lost is missing"
}

# -- Races, and those who come by another way -------------------------------

@test "gate: of two pushes that both are good git takes one" {
	local a b i

	taken
	# each hook waits until both have said yes
	cat >"$SERVER/hooks/pre-receive" <<-END
		#!/bin/sh
		jit-audit receive || exit
		touch "$HOME/yes.\$\$"
		until [ "\$(ls "$HOME" | grep -c '^yes')" -ge 2 ]; do sleep 0.02; done
	END
	for i in a b; do
		git clone -q --bare "$SERVER" $i.git
	done
	JIT_LEDGER=$PWD/a.git request alice >/dev/null
	JIT_LEDGER=$PWD/b.git request carol >/dev/null
	git -C a.git push -q "$SERVER" refs/heads/ledger 2>a.said &
	git -C b.git push -q "$SERVER" refs/heads/ledger 2>b.said &
	b=0 a=0
	wait -n || a=$?
	wait -n || b=$?
	[ $((a + b)) -eq 1 ]
	cat [ab].said
	grep -q '! \[remote rejected\].*(failed to update ref)' [ab].said
	works jit-audit -C "$SERVER" verify
	[ "$(git -C "$SERVER" rev-list --count ledger)" -eq 2 ]
}

@test "gate: a ref that moved while the pusher was on his way is said" {
	before
	taken
	git -C "$JIT_LEDGER" push -q "$SERVER" refs/heads/ledger
	receive "$(at "$JIT_LEDGER")" >pack
	request >/dev/null
	old=$(at "$SERVER")
	taken
	sed "s/$old/$(printf %040d 1)/" pack >late
	git receive-pack --stateless-rpc "$SERVER" <late >report 2>said || :
	grep -q 'another writer was faster: fetch, and push again' said
}

@test "gate: T32 who writes on the server past the hook is found by verify, and by the next push" {
	taken
	JIT_LEDGER=$SERVER write mallory request
	DAMAGED=1
	fails 7 jit-audit -C "$SERVER" verify
	explains "event 2 (git"
	explains "rule key-enrolled: "
	git_ledger fetch -q "$SERVER" ledger:ledger
	write alice request
	refused 'event 2 (git [0-9a-f]*, sha256 [0-9a-f]*): rule key-enrolled: .*'
}

# -- Over ssh ---------------------------------------------------------------

# ssh_server: the same for an account git with git-shell, behind a real sshd
ssh_server() {
	local dir=$BATS_TEST_TMPDIR/git

	mkdir -p "$dir/etc" "$dir/lib" "$BATS_TEST_TMPDIR/srv/git"
	cat >"$dir/etc/passwd" <<-END
		root:*:0:0:root:/root:/bin/sh
		git:*:64012:64012::/srv/git:/usr/bin/git-shell
		$(getent passwd sshd)
	END
	for key in alice carol; do
		printf 'restrict %s\n' "$(cat "$KEYS/$key.pub")"
	done >"$dir/etc/git_keys"
	ssh-keygen -q -t ed25519 -N '' -f "$dir/etc/host_key"
	printf '%s\n' 'PasswordAuthentication no' 'StrictModes no' \
		'AuthorizedKeysFile /etc/git_keys' >"$dir/etc/git.conf"
	serve git /etc/git.conf
	mv "$SERVER" "$BATS_TEST_TMPDIR/srv/git/ledger.git"
	SERVER=$BATS_TEST_TMPDIR/srv/git/ledger.git
	chown -R 64012:64012 "$BATS_TEST_TMPDIR/srv/git"
	git config --global --add safe.directory "$SERVER"
	URL=ssh://git@127.0.0.1:$(cat "$dir/port")/srv/git/ledger.git
}

# push_as NAME [ARGUMENT]...: over ssh, with NAME's key
push_as() {
	GIT_SSH_COMMAND="ssh -F none -i $KEYS/$1 -o BatchMode=yes \
		-o IdentitiesOnly=yes -o IdentityAgent=none \
		-o LogLevel=ERROR \
		-o UserKnownHostsFile=$BATS_TEST_TMPDIR/git/known_hosts" \
		git -C "$JIT_LEDGER" push -q "$URL" "${@:2}"
}

@test "gate: over ssh, to an account that has git and nothing else" {
	ssh_server
	works push_as alice refs/heads/ledger
	request >/dev/null
	works push_as carol refs/heads/ledger
	[ "$stderr" = "" ]
	[ "$(at "$SERVER")" = "$(at "$JIT_LEDGER")" ]
	works jit-audit -C "$SERVER" verify -g "$GENESIS"
	# what the account remembers is its own
	[ -n "$(ls "$BATS_TEST_TMPDIR"/srv/git/.local/state/jit/*.state)" ]

	yields 1 push_as alice refs/heads/ledger:refs/replace/x
	explains "remote: jit-audit: 'refs/replace/x' is not taken here: only refs/heads/ledger is"
	yields 1 push_as alice :refs/heads/ledger
	explains "remote: jit-audit: refs/heads/ledger is not deleted: a ledger only grows"
	yields 1 push_as alice -f ledger~1:refs/heads/ledger
	explains "remote: jit-audit: not a fast-forward: "
	write mallory request
	yields 1 push_as alice refs/heads/ledger
	explains "remote: jit-audit: event 3 (git"
	explains "rule key-enrolled"
	yields 128 push_as mallory refs/heads/ledger
	explains "git@127.0.0.1: Permission denied"
	[ "$(at "$SERVER")" = "$(git_ledger rev-parse ledger~1)" ]
}

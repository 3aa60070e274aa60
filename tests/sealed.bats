#!/usr/bin/env bats
# The ledger is out of reach: what can be done all the same, and what becomes
# of it when the ledger answers again.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154

load helper
load kept

setup() {
	seal
	new_ledger -p "$GLASS" --enroll "web-1@ex.com=$KEYS/host.pub,host"
	jit-status -q # what is remembered of it
}

teardown() {
	down
	stop_hosts
	fsck_ledger
}

GLASS='.rules += [{id: "glass", break_glass: true, who: ["oncall"],
	resource: "ssh:*", roles: ["root"], max: "15m",
	review: {group: "security", within: "1d"}}]'

# sever: the ledger is gone; heal: it is there again
sever() {
	mv "$JIT_LEDGER" "$JIT_LEDGER.away"
}
heal() {
	mv "$JIT_LEDGER.away" "$JIT_LEDGER"
}

# breaks: alice breaks glass on web-1; its id is in $ID
breaks() {
	ID=$(as alice jit-request -q --break-glass -t INC-1 \
		-m 'the site is down' -d 15m ssh:web-1 root)
}

# sealed_issue: the last one is issued without the ledger, to $CERT
sealed_issue() {
	CERT=$BATS_TEST_TMPDIR/$ID-cert.pub
	as issuer jit-issue -q --ca "$KEYS/ca" -o "$CERT" "$ID"
}

# outbox: what lies in this user's, a path a line
outbox() {
	find "$XDG_STATE_HOME/jit/outbox/$GENESIS" -maxdepth 1 -type f \
		2>/dev/null | sort
}

# lates: what came late, oldest first, one JSON object a line
lates() {
	git_ledger log --reverse --format=%b refs/heads/ledger |
		jq -c 'select(.type == "late")'
}

# -- Without the ledger -----------------------------------------------------

@test "sealed: break-glass, its issue and its end, delivered by who comes first" {
	local file

	sever
	works as alice jit-request --break-glass -t INC-1 \
		-m 'the site is down' -d 15m ssh:web-1 root
	ID=$output
	file=$(outbox)
	explains "jit-request: sealed, kept in $file; delivered when the ledger answers ('$JIT_LEDGER': No such file or directory)"
	[ "$(stat -c %a "$file" "${file%/*}" | paste -s)" = "600	700" ]
	sealed_issue
	ssh-keygen -Lf "$CERT" | grep -q "Key ID: \"$ID\""
	works as alice jit-revoke "$ID"
	explains "ended $ID, cause revoke"
	[ "$(outbox | wc -l)" -eq 3 ]
	[ ! -e "$JIT_LEDGER" ]

	heal
	[ "$(events)" -eq 1 ]
	works as bob jit-request -t INC-2 -m 'slow query on orders' -d 30m \
		ssh:web-1 root || [ "$status" -eq 1 ]
	explains "delivered request $ID by alice@ex.com"
	explains "delivered issue $ID by issuer@ex.com"
	explains "delivered end $ID by alice@ex.com"
	[ -z "$(outbox)" ]
	[ "$(lates | jq -rs 'map(.sealed.type) | join(" ")')" = "request issue end" ]
	[ "$(lates | jq -rs 'map(.by) | unique | join(" ")')" = bob@ex.com ]
	works jit-audit verify -g "$GENESIS"
	explains "3 events were made without the ledger and delivered later"
	works jit-status --owed
	says "$ID"
	works as sue jit-approve --review ok -m 'it was down indeed' "$ID"
}

@test "sealed: it needs what is remembered, and no ledger is doubt otherwise" {
	sever
	fails 3 as alice jit-request -t INC-1 -m 'slow query on orders' -d 30m \
		ssh:web-1 root
	explains "'$JIT_LEDGER': No such file or directory"
	fails 3 as dan jit-approve -y 01M80R51J8041061050R3GG28A
	fails 3 jit-check -u alice@ex.com ssh:web-1 root
	fails 3 jit-status
	fails 3 jit-audit verify
	[ -z "$(outbox)" ]

	rm -r "$XDG_STATE_HOME"
	fails 3 as alice jit-request --break-glass -t INC-1 \
		-m 'the site is down' -d 15m ssh:web-1 root
	explains "'$JIT_LEDGER': No such file or directory"
	[ ! -e "$XDG_STATE_HOME" ]
	[ -z "$(ls "$XDG_RUNTIME_DIR/jit")" ]
	heal
}

@test "sealed: bad evidence is no ledger out of reach" {
	local tip

	tip=$(git_ledger rev-parse refs/heads/ledger)
	request bob ssh:web-1 root || request carol
	jit-status -q
	echo "$tip" >"$JIT_LEDGER/refs/heads/ledger"
	fails 7 as alice jit-request --break-glass -t INC-1 \
		-m 'the site is down' -d 15m ssh:web-1 root
	explains "rolled back"
	[ -z "$(outbox)" ]
}

@test "sealed: the rules are those of the policy that was seen last" {
	sever
	fails 1 as alice jit-request --break-glass -t INC-1 \
		-m 'the site is down' -d 1h ssh:web-1 root
	explains "gives at most 15m"
	fails 1 as bob jit-request --break-glass -t INC-1 \
		-m 'the site is down' -d 15m ssh:web-1 root
	fails 1 as mallory jit-request --break-glass -t INC-1 \
		-m 'the site is down' -d 15m ssh:web-1 root
	explains "is enrolled by nobody"
	fails 2 as alice jit-request --break-glass -t INC-1 -d 15m \
		ssh:web-1 root
	[ -z "$(outbox)" ]
	works as alice jit-request -n --break-glass -t INC-1 \
		-m 'the site is down' -d 15m ssh:web-1 root
	[ -z "$(outbox)" ]

	# nobody can be waited for
	yields 4 as alice jit-request -w --break-glass -t INC-1 \
		-m 'the site is down' -d 15m ssh:web-1 root
	explains "nobody can be waited for without the ledger"
	[ "$(outbox | wc -l)" -eq 1 ]
	heal
}

@test "sealed: nothing else is issued, and what is live is ended" {
	local id waits

	granted
	waits=$(request carol)
	approve dan "$waits"
	id=$ID
	sever
	fails 3 as issuer jit-issue --ca "$KEYS/ca" -o cert "$waits"
	explains "without the ledger only break-glass is given, and access ended"
	[ ! -e cert ]
	fails 3 as carol jit-request --cancel "$waits"
	works as alice jit-revoke "$id"
	fails 3 as alice jit-revoke "$id"
	heal
	works as dan jit-request --deliver
	works jit-check -u alice@ex.com --why ssh:web-1 root || [ "$status" -eq 1 ]
	[ "$(lates | jq -r '.sealed.type')" = end ]
	works jit-audit verify
}

# -- Delivery ---------------------------------------------------------------

@test "sealed: carried on a stick, and delivered by another's program, once" {
	sever
	breaks
	mkdir stick
	cp "$(outbox)" stick/one
	heal
	# another person on another machine, who never saw it
	export XDG_STATE_HOME=$HOME/bob
	works as bob jit-request --deliver stick/one
	explains "delivered request $ID by alice@ex.com"
	works as bob jit-request --deliver stick/one
	works as dan jit-request --deliver stick/one
	export XDG_STATE_HOME=$HOME/.local/state
	[ "$(outbox | wc -l)" -eq 1 ]
	works as carol jit-request --deliver
	[ -z "$(outbox)" ]
	[ "$(events)" -eq 2 ]
	fails 2 as bob jit-request --deliver stick/two
	fails 2 as bob jit-request --deliver -t INC-1
}

@test "sealed: several deliver at once, each event once" {
	local i pids=()

	sever
	for i in 1 2 3 4 5 6; do breaks; done
	heal
	for i in alice bob carol dan; do
		as "$i" jit-request -q --deliver 2>"$i.err" 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	[ -z "$(outbox)" ]
	[ "$(lates | jq -r .sealed.id | sort | uniq | wc -l)" -eq 6 ]
	[ "$(events)" -eq 7 ]
	works jit-audit verify
}

@test "sealed: killed at any moment of a delivery, each event is there once" {
	local i

	sever
	for i in 1 2 3 4 5 6 7 8; do breaks; done
	heal
	for i in {1..40}; do
		as bob jit-request -q --deliver 2>/dev/null 3>&- &
		sleep "0.0$((RANDOM % 3))$((RANDOM % 10))"
		kill -9 $! 2>/dev/null || :
		wait $! 2>/dev/null || :
		[ -n "$(outbox)" ] || break
	done
	works as bob jit-request --deliver
	[ -z "$(outbox)" ]
	[ "$(lates | jq -r .sealed.id | sort | uniq | wc -l)" -eq 8 ]
	[ "$(events)" -eq 9 ]

	# after the append, before the file is gone
	sever
	breaks
	cp "$(outbox)" kept
	heal
	works as bob jit-request --deliver
	cp kept "$XDG_STATE_HOME/jit/outbox/$GENESIS/000001-request-$(printf '%016d' 0)"
	works as bob jit-request --deliver
	[ -z "$(outbox)" ]
	[ "$(events)" -eq 10 ]
	works jit-audit verify
}

@test "sealed: what was ended by others meanwhile is over all the same" {
	granted
	sever
	works as alice jit-revoke "$ID"
	heal
	mv "$XDG_STATE_HOME/jit/outbox" aside
	works as rita jit-revoke "$ID"
	mv aside "$XDG_STATE_HOME/jit/outbox"
	works as bob jit-request --deliver
	[ -z "$(outbox)" ]
	[ -z "$(lates)" ]
}

@test "sealed: an end is not lost that comes before what it ends" {
	local box=$XDG_STATE_HOME/jit/outbox/$GENESIS end

	sever
	breaks
	sealed_issue
	works as alice jit-revoke "$ID"
	heal
	end=$(outbox | grep -- -end-)
	mkdir held
	mv "$box"/*-request-* "$box"/*-issue-* held

	# not even the request is there: nobody knows what it ends
	works as bob jit-request --deliver
	explains "not delivered yet, kept in $end: no open grant '$ID'"
	[ "$(outbox)" = "$end" ]
	cp "$end" stick
	fails 5 as bob jit-request -q --deliver stick
	[ -z "$(lates)" ]

	# it was asked for, and its issue is on another machine
	mv held/*-request-* "$box"
	works as bob jit-request --deliver
	explains "delivered request $ID"
	works as bob jit-request --deliver
	explains "not delivered yet, kept in $end: grant $ID is not issued"
	[ "$(outbox)" = "$end" ]

	mv held/*-issue-* "$box"
	works as bob jit-request --deliver
	[ -z "$(outbox)" ]
	[ "$(lates | jq -rs 'map(.sealed.type) | join(" ")')" = "request issue end" ]
	works jit-status -j --active
	answers ""
	works jit-audit verify
}

@test "sealed: access ends though an outbox cannot be emptied" {
	local file over

	granted
	over=$ID
	jit-status -q
	sever
	breaks
	heal
	file=$(outbox)
	mount --bind "$file" "$file" # nobody removes it now
	yields 3 as issuer later 3600 jit-revoke --expired
	umount "$file"
	explains "jit-revoke: '$file': Device or resource busy"
	[ "$(lates | jq -r .sealed.id)" = "$ID" ]
	git_ledger log --format=%b refs/heads/ledger |
		jq -es --arg id "$over" 'any(.[]; .type == "end" and .id == $id)'
}

@test "sealed: a file that nobody signed is said, and stays" {
	local file

	sever
	breaks
	heal
	file=$(outbox)
	sed -i 's/INC-1/INC-9/' "$file"
	works as bob jit-request --deliver
	explains "'$file': "
	[ "$(outbox)" = "$file" ]
	echo rubbish >"$file"
	works as bob jit-request --deliver
	explains "'$file': "
	rm "$file"
	ln -s /etc/passwd "$file"
	works as bob jit-request --deliver
	explains "'$file': "
	rm "$file"
	[ "$(events)" -eq 1 ]
}

@test "sealed: it was made long ago, and others went on" {
	sever
	breaks
	heal
	mv "$XDG_STATE_HOME/jit/outbox" aside
	as carol later 60 jit-request -q -t INC-4211 -m 'slow query on orders' \
		-d 30m ssh:web-1 root
	as carol later 691200 jit-request -q -t INC-4211 \
		-m 'slow query on orders' -d 30m ssh:web-1 root
	mv aside "$XDG_STATE_HOME/jit/outbox"
	works as bob later 691200 jit-request --deliver
	explains "refused for good, kept in $XDG_STATE_HOME/jit/outbox/$GENESIS/refused/000001-request-"
	explains "the ledger has gone on for too long since the last event that it knew"
	[ -z "$(outbox)" ]
	[ -z "$(lates)" ]
}

# -- Who was retired meanwhile ----------------------------------------------

@test "sealed: its requester was retired meanwhile: on record, never live" {
	sever
	breaks
	sealed_issue
	mv "$XDG_STATE_HOME/jit/outbox" aside
	heal
	as rita jit-request -q --retire alice@ex.com -m 'she left the company'
	mv aside "$XDG_STATE_HOME/jit/outbox"
	works as bob jit-request --deliver
	[ "$(lates | wc -l)" -eq 2 ]
	fails 1 jit-check -u alice@ex.com ssh:web-1 root
	explains "rests on nothing any more: somebody was retired"
	works jit-audit verify
	explains "1 of them of a key that was retired by then"
	works as issuer jit-revoke --expired
	explains "ended $ID, cause offboard"
	works jit-status --owed
	says "$ID"
}

@test "sealed: its issuer was retired meanwhile: never live, ended by another" {
	local id

	sever
	breaks
	sealed_issue
	mv "$XDG_STATE_HOME/jit/outbox" aside
	heal
	# another issuer first, or the ledger would lock itself
	id=$(as rita jit-request -q -t CHG-7 -m 'as it was agreed' \
		--enroll broker@ex.com -p "$KEYS/mallory.pub" --class issuer)
	as root jit-approve -q -y "$id"
	as rita jit-issue -q "$id"
	jq '.issuers += [.issuers[0] | .by = "broker@ex.com"]' "$POLICY" >new.json
	id=$(as rita jit-request -q -t CHG-7 -m 'as it was agreed' --policy new.json)
	as root jit-approve -q -y "$id"
	as rita jit-issue -q "$id"
	as rita jit-request -q --retire issuer@ex.com -m 'its host was sold'
	mv aside "$XDG_STATE_HOME/jit/outbox"
	works as bob jit-request --deliver
	fails 1 jit-check -u alice@ex.com ssh:web-1 root
	explains "somebody was retired"
	works as mallory jit-revoke --expired
	explains "ended $ID, cause offboard"
}

# -- What is told of it -----------------------------------------------------

@test "sealed: log, show and verify tell when it was made and how late it came" {
	sever
	breaks
	sealed_issue
	heal
	works as bob later 600 jit-request --deliver
	works later 600 jit-audit log
	says "late: issue $ID by issuer@ex.com, brought by bob@ex.com"
	works later 600 jit-audit show "$ID"
	says "; came late by 10m"
	says "decided  by event 3 under policy 1: it came late"
	works later 600 jit-audit show -j "$ID"
	in_json '.events | map(.late) == [600, 600]'
	works later 600 jit-audit verify -j
	in_json '.late == 2'
	explains "2 events were made without the ledger and delivered later, by 10m"
	git_ledger log --format=%s | grep -qx \
		"late: request $ID by alice@ex.com, brought by bob@ex.com"
	# what is collected later is the certificate that was issued there
	mkdir -m 700 got
	works as alice later 600 jit-status -o "$PWD/got" "$ID"
	cmp <(cut -d ' ' -f 1,2 "got/$ID-cert.pub") <(cut -d ' ' -f 1,2 "$CERT")
}

@test "sealed: jit-exec whose ledger goes away leaves its end for later" {
	ssh-keygen -q -t ed25519 -N '' -f key
	ID=$(request alice -p key.pub ssh:web-1 root)
	approve dan "$ID"
	issue "$ID"
	works as alice jit-exec -p key "$ID" -- \
		mv "$JIT_LEDGER" "$JIT_LEDGER.away"
	explains "sealed, kept in"
	[ "$(outbox | wc -l)" -eq 2 ]
	heal
	works as bob jit-request --deliver
	[ "$(lates | jq -rs 'map(.sealed | .type + " " + (.phase // .cause)) |
		join(", ")')" = "use close, end task" ]
	works jit-audit verify
}

# -- A remote ---------------------------------------------------------------

@test "sealed: a clone whose remote is cut off, and one that is not" {
	local server=$BATS_TEST_TMPDIR/server.git other

	mv "$JIT_LEDGER" "$server"
	rm -r "$XDG_STATE_HOME"
	jit-init -q --clone "$server" -g "$GENESIS" "$JIT_LEDGER" >/dev/null
	jit-init -q --clone "$server" -g "$GENESIS" "$HOME/other" >/dev/null
	granted
	other=$ID

	mv "$server" "$server.away"
	fails 3 as alice jit-request -t INC-1 -m 'slow query on orders' -d 30m \
		ssh:web-1 root
	works as alice jit-request --break-glass -t INC-1 \
		-m 'the site is down' -d 15m ssh:web-1 root
	explains "sealed, kept in $(outbox)"
	ID=$output
	sealed_issue
	works as alice jit-revoke "$other"
	explains "ended $other, cause revoke"
	[ "$(outbox | wc -l)" -eq 3 ]
	[ "$(events)" -eq 4 ]

	mv "$server.away" "$server"
	works as carol jit-request --deliver
	explains "delivered issue $ID by issuer@ex.com"
	[ -z "$(outbox)" ]
	[ "$(git -C "$server" rev-list --count refs/heads/ledger)" -eq 7 ]
	JIT_LEDGER=$HOME/other works jit-status --active
	says "$ID"
	works jit-audit verify
}

# -- A host -----------------------------------------------------------------

# console NAME COMMAND...: on that host, as root, by its issuer's key
console() {
	AS_UID=0 in_host "$1" HOME=/nonexistent JIT_KEY="$KEYS/issuer" \
		JIT_LEDGER=/srv/jit/ledger.git \
		XDG_STATE_HOME="$BATS_TEST_TMPDIR/console" "${@:2}"
}

# enter NAME: log in there with $SECRET
enter() {
	ssh -F none -p "$(cat "$BATS_TEST_TMPDIR/$1/port")" -i "$SECRET" \
		-o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none \
		-o StrictHostKeyChecking=yes -o LogLevel=ERROR \
		-o UserKnownHostsFile="$BATS_TEST_TMPDIR/$1/known_hosts" \
		root@127.0.0.1 "${@:2}"
}

@test "sealed: a host that is cut off lets break-glass in, and nobody else" {
	local old end

	install_site
	ledger_to_hosts
	granted
	old=$BATS_TEST_TMPDIR/old
	cp "$XDG_RUNTIME_DIR/jit/$ID" "$old"
	cp "$CERT" "$old-cert.pub"
	host web-1 command
	SECRET=$old enter web-1 true # the gate has seen the ledger
	console web-1 jit-status -q

	sever
	yields 3 gate web-1 root "$old"
	explains "without the ledger only break-glass that was sealed here lets in"
	SECRET=$old run ! enter web-1 true

	breaks
	SECRET=$BATS_TEST_TMPDIR/glass
	cp "$XDG_RUNTIME_DIR/jit/$ID" "$SECRET"
	ssh-keygen -yf "$SECRET" >"$SECRET.pub"
	console web-1 jit-issue -q --ca "$KEYS/ca" -o "$SECRET-cert.pub" \
		--sealed "$(outbox)" "$ID"
	ls "$BATS_TEST_TMPDIR/web-1/lib/jit-outbox"
	gate web-1 root "$SECRET"
	[ "$(enter web-1 id -un)" = root ]

	# what is put there by another than root is nothing
	chmod 666 "$BATS_TEST_TMPDIR"/web-1/lib/jit-outbox/*-issue-*
	yields 3 gate web-1 root "$SECRET"
	chmod 644 "$BATS_TEST_TMPDIR"/web-1/lib/jit-outbox/*-issue-*
	chown 64011 "$BATS_TEST_TMPDIR"/web-1/lib/jit-outbox/*-issue-*
	gate web-1 root "$SECRET" # the gate's own account could say so anyway
	chown 0 "$BATS_TEST_TMPDIR"/web-1/lib/jit-outbox/*-issue-*

	# ended there: at once
	console web-1 jit-revoke -q -m 'it is up again' "$ID"
	yields 3 gate web-1 root "$SECRET"
	# and what cannot be read may be an end
	end=$(echo "$BATS_TEST_TMPDIR"/web-1/lib/jit-outbox/*-end-*)
	cp -p "$end" end
	: >"$end"
	yields 3 gate web-1 root "$SECRET"
	explains "${end##*/}': sealed: it does not end with its line"
	cp -p end "$end"
	run ! enter web-1 true

	heal
	SECRET=$old enter web-1 true
	console web-1 jit-request -q --deliver
	works as bob jit-request --deliver
	[ -z "$(outbox)$(ls "$BATS_TEST_TMPDIR/web-1/lib/jit-outbox")" ]
	[ "$(lates | jq -rs 'map(.sealed.type) | join(" ")')" = "request issue end" ]
	works jit-audit verify
	works jit-status --owed
	says "$ID"
}

@test "sealed: its keeper keeps what break-glass opened, until it can deliver it" {
	install_site
	ledger_to_hosts
	HOST=$BATS_TEST_TMPDIR/web-1
	up
	keep
	opened
	shell -- true # the gate has seen the ledger
	within 15 closed 1

	sever
	breaks
	SECRET=$BATS_TEST_TMPDIR/glass
	cp "$XDG_RUNTIME_DIR/jit/$ID" "$SECRET"
	ssh-keygen -yf "$SECRET" >"$SECRET.pub"
	there env JIT_KEY="$KEYS/issuer" JIT_LEDGER=/srv/jit/ledger.git \
		jit-issue -q --ca "$KEYS/ca" -o "$SECRET-cert.pub" \
		--sealed "$(outbox)" "$ID"
	run -7 shell -- 'echo hello; exit 7'
	[ "$output" = hello ]
	linger 'echo ready; sleep 60'
	within 15 there sh -c 'ls /var/lib/jit-outbox/*-use-* | wc -l | grep -qx 3'

	# the ledger answers: all of it is there, and the session goes on
	heal
	within 15 there sh -c '[ -z "$(ls -A /var/lib/jit-outbox)" ]'
	[ "$(lates | jq -rs 'map(.sealed | .phase // .type) | join(" ")')" = \
		"request issue open close open" ]
	sleep 1
	alive
	works as bob jit-request --deliver
	[ -z "$(outbox)" ]

	# and is ended as any other
	as alice jit-revoke -q "$ID"
	within 10 dead
	within 15 is_closed
	works jit-audit verify
}

# is_closed: the last event closes a session
is_closed() {
	[ "$(event | jq -r '.phase // "no"')" = close ]
}

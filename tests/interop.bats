#!/usr/bin/env bats
# Stock tools agree: git, jq, ssh-keygen and sha256sum read a ledger and find
# in it what jit says is there.
# shellcheck disable=SC2034,SC2154

load helper

# Before seal forgets it.
TOOLS=${JIT_TOOLS:-$ROOT/.build/plain/tools}

teardown() {
	[ -z "${SSH_AGENT_PID:-}" ] || ssh-agent -k >/dev/null
	[ -z "${SK_AGENT:-}" ] || kill "$SK_AGENT"
	fsck_ledger
}

# A ledger with every type of event.
lived_in() {
	new_ledger
	ID=$(request carol)
	HERS=$(request alice)
	as dan jit-approve -q -y -d 20m -m 'looks right' "$ID"
	as dan jit-approve --withdraw -q -m 'not so fast' "$ID"
	approve dora "$ID"
	issue "$ID"
	as dora jit-approve --deny -q -m 'nächste Woche' "$HERS"
	as carol jit-revoke -q -m 'all done' "$ID"
	PG=$(as carol jit-request -q -t CHG-7 -m 'index on orders' -d 20m \
		pg:orders admin)
}

# git_signed COMMAND...: git, which knows whose keys are whose from jit-audit
git_signed() {
	jit-audit signers >"$HOME/signers"
	git -C "${CLONE:-$JIT_LEDGER}" -c gpg.format=ssh \
		-c gpg.ssh.allowedSignersFile="$HOME/signers" "$@"
}

# Every commit is good for git, and by whom its event says.
all_signed() {
	local n

	n=$(events)
	git_signed log --format='%G? %GS %GF' refs/heads/ledger >seen
	git_ledger log --format=%b refs/heads/ledger |
		jq -r '"G \(.by) \(.key)"' >wanted
	[ "$(wc -l <wanted)" -eq "$n" ]
	diff wanted seen
	git_signed log --show-signature --format=%H refs/heads/ledger >shown 2>&1
	[ "$(grep -c '^Good "git" signature for ' shown)" -eq "$n" ]
	run -1 grep -iE 'no principal|bad signature|could not' shown
}

@test "interop: a clone is whole, and git finds nothing to complain of" {
	lived_in
	git clone -q "$JIT_LEDGER" clone 2>said
	[ "$(git -C clone rev-parse HEAD)" = \
		"$(git_ledger rev-parse refs/heads/ledger)" ]
	[ "$(git -C clone rev-parse --abbrev-ref HEAD)" = ledger ]
	[ "$(ls -A clone)" = .git ]
	[ -z "$(git -C clone status --porcelain)" ]
	run -0 git -C clone fsck --strict --full
	[ -z "$output" ]
	works jit-audit verify -C clone
	says " seq 10 "
	cd clone
	unset JIT_LEDGER
	works jit-audit verify
	says " seq 10 "
}

@test "interop: a server that checks every object takes it" {
	lived_in
	git init -q --bare server.git
	git -C server.git config receive.fsckObjects true
	git -C server.git config fsck.zeroPaddedFilemode error
	git_ledger push -q "$PWD/server.git" refs/heads/ledger
	works jit-audit verify -C server.git
	says " seq 10 "
	git_ledger bundle create -q "$PWD/bundle" refs/heads/ledger
	git -c fetch.fsckObjects=true clone -q --bare bundle copy.git \
		--branch ledger
	works jit-audit verify -C copy.git -g "$GENESIS"
	says " seq 10 "
}

@test "interop: git log --oneline says what happened" {
	local until

	lived_in
	until=$(event "HEAD~3" | jq -r '.until | todate')
	git_ledger log --oneline --reverse | cut -d ' ' -f 2- >seen
	cat >wanted <<-END
		genesis test by root@ex.com
		request $ID ssh:web-1 root 30m by carol@ex.com: INC-4211
		request $HERS ssh:web-1 root 30m by alice@ex.com: INC-4211
		approve $ID as dba by dan@ex.com
		withdraw $ID by dan@ex.com
		approve $ID as dba by dora@ex.com
		issue $ID under web-root until $until by issuer@ex.com
		deny $HERS by dora@ex.com
		end $ID revoke by carol@ex.com
		request $PG pg:orders admin 20m by carol@ex.com: CHG-7
	END
	diff wanted seen
	[ "$(cut -d ' ' -f 1 wanted | sort -u | wc -l)" -eq 7 ]

	# who and when, too
	git_ledger log --format='%an %ae %at %cn %ce %ct' >seen
	git_ledger log --format=%b | jq -r \
		'"jit \(.type) \(.by) \(.at) jit \(.type) \(.by) \(.at)"' >wanted
	diff wanted seen
}

@test "interop: every body is one JSON object, in its one spelling" {
	lived_in
	git_ledger log --format=%b | sed '/^$/d' >bodies
	[ "$(wc -l <bodies)" -eq 10 ]
	jq -es 'length == 10 and all(.[]; type == "object")' bodies
	jq -cS . bodies | diff - bodies
	# what auditors ask first
	[ "$(jq -r 'select(.type == "issue") | .by' bodies)" = issuer@ex.com ]
	[ "$(jq -r 'select(.type == "deny") | .reason' bodies)" = \
		"nächste Woche" ]
}

@test "interop: git says Good of every commit, and who signed it" {
	lived_in
	all_signed
	git clone -q "$JIT_LEDGER" clone 2>said
	CLONE=clone all_signed
	for oid in $(git_ledger rev-list refs/heads/ledger); do
		git_signed verify-commit "$oid"
	done
	# jit itself says the same of each, one by one
	for oid in $(git_ledger rev-list refs/heads/ledger); do
		git_ledger cat-file commit "$oid" >raw
		works jit-audit check commit <raw
		answers good
	done
}

@test "interop: ssh-keygen verifies what sha256sum and sed take apart" {
	local oid before=0000000000000000000000000000000000000000000000000000000000000000
	local seq=0 at=0 by

	lived_in
	jit-audit signers >"$HOME/allowed"
	for oid in $(git_ledger rev-list --reverse refs/heads/ledger); do
		git_ledger cat-file commit "$oid" >raw
		sed -n '/^{/p' raw >json
		seq=$((seq + 1))
		by=$(jq -r .by json)
		# the chain, in four lines
		[ "$(jq -r .seq json)" -eq $seq ]
		[ "$(jq -r .prev json)" = "$before" ]
		[ $seq -eq 1 ] || [ "$(jq -r .ledger json)" = "$GENESIS" ]
		[ "$(jq -r .at json)" -ge "$at" ]
		at=$(jq -r .at json)
		before=$(sha256sum <raw)
		before=${before%% *}
		# the signature
		sed -n '/^gpgsig/,/END SSH/{s/^gpgsig //;s/^ //;p}' raw >sig
		sed '/^gpgsig/,/END SSH/d' raw | ssh-keygen -q -Y verify \
			-f "$HOME/allowed" -I "$by" -n git -s sig
	done
	[ $seq -eq 10 ]
	works jit-audit verify -j
	[ "$(jq -r .tip <<<"$output")" = "$before" ]
}

@test "interop: ssh-keygen reads the certificate, and makes the same" {
	lived_in
	event HEAD~3 >issue
	jq -r .credential.cert issue >jit-cert.pub
	ssh-keygen -Lf jit-cert.pub | sed 's/^ *//;s/ *$//' >seen
	grep -qx "Type: ssh-ed25519-cert-v01@openssh.com user certificate" seen
	grep -qx "Signing CA: ED25519 $(fingerprint ca) (using ssh-ed25519)" seen
	grep -qx "Key ID: \"$ID\"" seen
	grep -qx "Serial: $(jq .seq issue)" seen
	grep -qx "Valid: from $(jq -r '.from - 120 | strftime("%FT%T")' issue) to $(
		jq -r '.until | strftime("%FT%T")' issue)" seen
	[ "$(sed -n '/^Principals:/,/^Critical/p' seen)" = \
		"Principals:
root@web-1
Critical Options: (none)" ]
	[ "$(sed -n '/^Extensions:/,$p' seen)" = "Extensions:
permit-pty" ]
	[ "$(cut -d ' ' -f 2 jit-cert.pub | base64 -d | sha256sum |
		cut -d ' ' -f 1)" = "$(jq -r .credential.sha256 issue)" ]

	# the same with ssh-keygen differs in its nonce and signature alone
	event HEAD~8 | jq -r .offer >key.pub
	ssh-keygen -q -s "$KEYS/ca" -I "$ID" -n root@web-1 \
		-z "$(jq .seq issue)" -O clear -O permit-pty \
		-V "$(jq -r '.from - 120 | strftime("%Y%m%d%H%M%S")' issue):$(
			jq -r '.until | strftime("%Y%m%d%H%M%S")' issue)" key.pub
	for f in jit-cert.pub key-cert.pub; do
		# type, nonce (36 and 4 + 32 bytes); at the end 4 + 83
		cut -d ' ' -f 2 $f | base64 -d | tail -c +73 | head -c -87 |
			sha256sum
	done >sums
	[ "$(sort -u sums | wc -l)" -eq 1 ]
}

@test "interop: git may pack, prune and index as it likes" {
	lived_in
	for command in 'gc -q' 'repack -adq' 'pack-refs --all' \
		'commit-graph write --reachable' 'multi-pack-index write' \
		'prune-packed -q' 'maintenance run --quiet'; do
		# shellcheck disable=SC2086
		git_ledger $command
		works jit-audit verify
		says " seq 10 "
		as alice jit-status >/dev/null
	done
	# and jit writes on
	request alice
	works jit-audit verify
	says " seq 11 "
	all_signed
}

@test "interop: what is not whole says so" {
	lived_in
	git clone -q --depth 3 "file://$JIT_LEDGER" shallow.git --bare
	fails 7 jit-audit verify -C shallow.git
	explains "incomplete: "
	git -C shallow.git fetch -q --unshallow
	works jit-audit verify -C shallow.git
	says " seq 10 "
	git clone -q --filter=blob:none "file://$JIT_LEDGER" --bare part.git \
		2>said
	# libgit2 leaks a little where a repository has extensions
	export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
	works jit-audit verify -C part.git
	says " seq 10 "
	git init -q --bare --object-format=sha256 other.git
	git -C other.git update-ref -d HEAD
	fails 3 jit-audit verify -C other.git
	explains "other.git"
}

# with_passphrase: alice's key is locked, and an agent holds it
with_passphrase() {
	ssh-keygen -q -t ed25519 -N 'correct horse' -C locked -f locked
	printf '#!/bin/sh\necho correct horse\n' >askpass
	chmod +x askpass
	eval "$(ssh-agent -s)" >/dev/null
	SSH_ASKPASS=$PWD/askpass SSH_ASKPASS_REQUIRE=force \
		ssh-add -q locked </dev/null
}

# with_security_key: a security key in software, at $SK_SOCKET
with_security_key() {
	SK_SOCKET=$XDG_RUNTIME_DIR/sk
	"$TOOLS/sk_agent" "$SK_SOCKET" "$PWD/sk" >/dev/null 3>&- &
	SK_AGENT=$!
	for _ in {1..100}; do
		[ ! -S "$SK_SOCKET" ] || break
		sleep 0.05
	done
	[ -s sk.pub ]
}

@test "interop: keys in agents sign as well, and git says Good of them" {
	local id

	with_passphrase
	with_security_key
	new_ledger --enroll "alice@ex.com=locked.pub" \
		--enroll "bob@ex.com=sk.pub"

	# alice asks with the key that only her agent can open
	id=$(JIT_KEY=$PWD/locked request_as -t INC-1 -d 10m ssh:prod-1 root)
	[ "$(event | jq -r .key)" = \
		"$(ssh-keygen -lf locked.pub | cut -d ' ' -f 2)" ]

	# rule prod-root wants a touched security key: a plain one is refused
	fails 1 as bob jit-approve -y "$id"
	explains "security key"
	SSH_AUTH_SOCK=$SK_SOCKET JIT_KEY=$PWD/sk.pub jit-approve -q -y "$id"
	[ "$(event | jq -r .type)" = approve ]
	issue "$id"
	JIT_KEY=$PWD/locked jit-revoke -q "$id"

	works jit-audit verify
	says " seq 5 "
	all_signed
	[ "$(grep -c 'with ED25519-SK key' shown)" -eq 1 ]
	[ "$(grep -c 'with ED25519 key' shown)" -eq 4 ]
	git_ledger fsck --strict --no-progress
}

# As request does, with the key that JIT_KEY names.
request_as() {
	jit-request -q -m 'slow query on orders' "$@"
}

@test "interop: a security key that nobody touched signs nothing" {
	local id

	SK_SOCKET=$XDG_RUNTIME_DIR/sk
	"$TOOLS/sk_agent" -n "$SK_SOCKET" "$PWD/sk" >/dev/null 3>&- &
	SK_AGENT=$!
	for _ in {1..100}; do
		[ ! -S "$SK_SOCKET" ] || break
		sleep 0.05
	done
	new_ledger --enroll "bob@ex.com=sk.pub"
	id=$(request alice ssh:prod-1 root)
	export SSH_AUTH_SOCK=$SK_SOCKET JIT_KEY=$PWD/sk.pub
	unharmed fails 3 jit-approve -y "$id"
	explains "without anybody touching it"
	# ssh-keygen takes such a signature; nobody can put it into a ledger
	"$TOOLS/forge" event -k sk.pub -C "$JIT_LEDGER" approve id="$id" \
		as=security
	fails 7 jit-audit verify
	explains "without anybody touching it"
}

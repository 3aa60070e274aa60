#!/usr/bin/env bats
# Certificates and lists against a real sshd on loopback, as root.
#
# What share/examples/sshd prints is read by sshd as it is printed (host.bash).
# shellcheck disable=SC2030,SC2031,SC2154

load helper
load host

# Before seal forgets them.
TOOLS=${JIT_TOOLS:-$ROOT/.build/plain/tools}

NO_PRINCIPAL="Certificate does not contain an authorized principal"

setup_file() {
	install_site
}

setup() {
	seal
	new_ledger
	ledger_to_hosts
}

teardown() {
	stop_hosts
	fsck_ledger
}

# -- Logins -----------------------------------------------------------------

# login NAME ACCOUNT KEY [WORD FOR SSH]...: with KEY and KEY-cert.pub
login() {
	local dir=$BATS_TEST_TMPDIR/$1

	timeout 60 ssh -F none "${@:4}" -p "$(cat "$dir/port")" -i "$3" \
		-o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none \
		-o StrictHostKeyChecking=yes -o LogLevel=ERROR \
		-o UserKnownHostsFile="$dir/known_hosts" "$2@127.0.0.1" \
		"echo \$(id -un) on \$(cat /etc/hostname)" </dev/null
}

# opens NAME ACCOUNT KEY: one is that account there
opens() {
	works login "$@"
	answers "$2 on $1"
}

# shut NAME ACCOUNT KEY [TEXT]: sshd refuses, and its log says TEXT
shut() {
	local log=$BATS_TEST_TMPDIR/$1/log before

	[ -f "$3" ]
	before=$(stat -c %s "$log")
	yields 255 login "$1" "$2" "$3"
	explains "$2@127.0.0.1: Permission denied (publickey)."
	tail -c +$((before + 1)) "$log" | grep -F -- "${4:-}" >/dev/null || {
		printf 'not in the log: %s\n' "$4"
		tail -c +$((before + 1)) "$log"
		return 1
	}
}

# asked [OPTION AND OPERAND OF request]...: the id is $ID, the key that waits
# for its certificate $SECRET
asked() {
	ID=$(request "$@")
	SECRET=$BATS_TEST_TMPDIR/$ID
	cp "$XDG_RUNTIME_DIR/jit/$ID" "$SECRET"
	ssh-keygen -yf "$SECRET" >"$SECRET.pub"
}

# opened [...]: the same, and it is issued
opened() {
	asked "$@"
	approve dan "$ID"
	as issuer jit-issue -q --ca "$KEYS/ca" -o "$SECRET-cert.pub" "$ID"
}

# minted NAME [OPTION OF SSH-KEYGEN]...: a certificate by the CA's key for the
# key of $ID, as $ID's own but for what is given; the key is then $MINTED
minted() {
	MINTED=$BATS_TEST_TMPDIR/$1
	cp "$SECRET" "$MINTED"
	cp "$SECRET.pub" "$MINTED.pub"
	ssh-keygen -q -s "$KEYS/ca" -I "$ID" -z "${SERIAL:-4}" -n root@web-1 \
		-V -2m:+30m -O clear -O permit-pty "${@:2}" "$MINTED.pub"
}

# -- A host that asks the gate ----------------------------------------------

@test "ssh: nothing before the issue, a login while it lives, nothing after jit-revoke" {
	host web-1 command
	asked
	shut web-1 root "$SECRET" "Failed publickey"
	approve dan "$ID"
	shut web-1 root "$SECRET" "Failed publickey"

	as issuer jit-issue -q --ca "$KEYS/ca" -o "$SECRET-cert.pub" "$ID"
	opens web-1 root "$SECRET"
	opens web-1 root "$SECRET"
	works gate web-1 root "$SECRET"
	answers root@web-1
	grep -q "Accepted publickey for root .* ED25519-CERT .* ID $ID (serial 4)" \
		"$BATS_TEST_TMPDIR/web-1/log"

	as dora jit-revoke -q "$ID"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	fails 1 gate web-1 root "$SECRET"
	explains "no live grant has issued this certificate"
	works jit-audit verify
}

@test "ssh: at its own end it is over without any revocation, on both kinds of host" {
	local until before

	host web-1 command
	mkdir "$BATS_TEST_TMPDIR/other"
	host file krl
	echo root@web-1 >"$BATS_TEST_TMPDIR/file/etc/jit/principals/root"
	opened alice -d 6s ssh:web-1 root
	before=$(events) until=$(event | jq .until)
	opens web-1 root "$SECRET"
	works login file root "$SECRET"
	while [ "$(date +%s)" -lt "$until" ]; do sleep 0.1; done

	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	fails 1 gate web-1 root "$SECRET"
	explains "grant $ID ran out at $(date -u -d "@$until" +%FT%TZ)"
	shut file root "$SECRET" "Certificate invalid: expired"
	[ "$(events)" -eq "$before" ]
}

@test "ssh: one host's certificate opens no other host" {
	local mine

	host web-1 command
	host web-2 command
	host web-3 krl
	opened
	mine=$SECRET
	opens web-1 root "$mine"
	shut web-2 root "$mine" "$NO_PRINCIPAL"
	fails 1 gate web-2 root "$mine"
	explains "grant $ID is for ssh:web-1, this is web-2"
	shut web-3 root "$mine" "$NO_PRINCIPAL"

	opened alice ssh:web-2 root
	opens web-2 root "$SECRET"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	opens web-1 root "$mine"
}

@test "ssh: a role is its own account, or those that jit.conf gives it" {
	local conf=$BATS_TEST_TMPDIR/web-1/etc/jit/jit.conf

	host web-1 command
	opened
	shut web-1 deploy "$SECRET" "$NO_PRINCIPAL"
	fails 1 gate web-1 deploy "$SECRET"
	explains "grant $ID is for role 'root', which is not account 'deploy'"

	conf web-1 | jq '.accounts = {root: ["deploy"]}' >"$conf"
	opens web-1 deploy "$SECRET"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	conf web-1 | jq '.accounts = {root: []}' >"$conf"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	conf web-1 | jq '.accounts = {deploy: ["root"]}' >"$conf"
	opens web-1 root "$SECRET"
	conf web-1 | jq 'del(.accounts)' >"$conf"
	opens web-1 root "$SECRET"
	shut web-1 deploy "$SECRET" "$NO_PRINCIPAL"
}

@test "ssh: a leaked CA key opens nothing where sshd asks jit-check" {
	local n=0 options

	host web-1 command
	host file krl
	echo root@web-1 >"$BATS_TEST_TMPDIR/file/etc/jit/principals/root"
	asked
	minted early
	shut web-1 root "$MINTED" "$NO_PRINCIPAL"
	approve dan "$ID"
	shut web-1 root "$MINTED" "$NO_PRINCIPAL"
	as issuer jit-issue -q --ca "$KEYS/ca" -o "$SECRET-cert.pub" "$ID"
	opens web-1 root "$SECRET"

	# the same key, key id, serial and all: another nonce is enough
	while read -r options; do
		n=$((n + 1))
		eval "minted $n $options"
		shut web-1 root "$MINTED" "$NO_PRINCIPAL"
		fails 1 gate web-1 root "$MINTED"
		explains "no live grant has issued this certificate"
	done <<-'END'

		-V always:forever
		-z 0
		-z 5
		-n root@web-1,root@web-2,root
		-n root
		-I root
		-O permit-port-forwarding
		-O force-command=/bin/sh
	END
	opens web-1 root "$SECRET"

	# a host that only knows the CA takes what it signs: keep it safe
	minted last
	works login file root "$MINTED"
	as dora jit-revoke -q "$ID"
	shut web-1 root "$MINTED" "$NO_PRINCIPAL"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
}

@test "ssh: plain keys, other CAs and garbage open nothing" {
	local text

	host web-1 command
	opened
	cp "$KEYS/alice" "$BATS_TEST_TMPDIR/plain"
	shut web-1 root "$BATS_TEST_TMPDIR/plain" "Failed publickey"
	minted other -s "$KEYS/mallory"
	shut web-1 root "$MINTED" "Failed publickey"
	fails 1 gate web-1 root "$MINTED"
	explains "no live grant has issued this certificate"

	# a byte of the signature is another; the client offers it all the same
	minted bent
	sed 's/ \(.*\)AAAAC3NzaC1lZDI1NTE5AAAAQ/ \1AAAAC3NzaC1lZDI1NTE5AAAAR/' \
		"$SECRET-cert.pub" >"$MINTED-cert.pub"
	run -1 cmp -s "$SECRET-cert.pub" "$MINTED-cert.pub"
	shut web-1 root "$MINTED"
	fails 1 gate web-1 root "$MINTED"

	for text in '' ' ' x '!' '=' AAAA %k "$(head -c 90000 /dev/zero |
		base64 -w 0)" "$(cut -d ' ' -f 2 "$SECRET.pub")"; do
		fails 1 in_host web-1 jit-check --sshd root "$text"
		answers ""
	done
	text=$(cut -d ' ' -f 2 "$SECRET-cert.pub")
	for text in "$text=" "$text A" " $text" "${text%?}" "$text"$'\n'; do
		fails 1 in_host web-1 jit-check --sshd root "$text"
	done
	for text in '' Root root@web-1 'root ' $'root\n' '*' ../root; do
		fails 1 gate web-1 "$text" "$SECRET"
	done
	opens web-1 root "$SECRET"
}

@test "ssh: of two overlapping grants each is its own" {
	local first one

	host web-1 command
	opened
	first=$ID one=$SECRET
	opened
	opens web-1 root "$one"
	opens web-1 root "$SECRET"
	as alice jit-revoke -q "$first"
	shut web-1 root "$one" "$NO_PRINCIPAL"
	opens web-1 root "$SECRET"
	works in_host web-1 jit-check --gate -u alice@ex.com ssh:web-1 root
	as alice jit-revoke -q "$ID"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	fails 1 in_host web-1 jit-check --gate -u alice@ex.com ssh:web-1 root
}

@test "ssh: a certificate gives a terminal and no forwarding" {
	host web-1 command
	opened
	works login web-1 root "$SECRET" -tt
	says "root on web-1"
	run login web-1 root "$SECRET" -o ExitOnForwardFailure=yes \
		-R 0:127.0.0.1:1
	[ "$status" -eq 255 ]
	yields 255 login web-1 root "$SECRET" \
		-W "127.0.0.1:$(cat "$BATS_TEST_TMPDIR/web-1/port")"
	grep -q '^refused local port forward: .* target 127.0.0.1' \
		"$BATS_TEST_TMPDIR/web-1/log"
}

@test "ssh: jit-request -w waits, and its hint is the command that logs in" {
	local key pid

	host web-1 command
	as alice jit-request -t INC-4211 -m 'slow query on orders' -d 30m \
		-w30s ssh:web-1 root >id 2>hints & pid=$!
	until [ -s id ]; do sleep 0.05; done
	ID=$(cat id)
	approve dan "$ID"
	as issuer jit-issue -q --ca "$KEYS/ca" -o /dev/null "$ID"
	wait "$pid"
	key=$(sed -n "s/^jit-request: log in with: ssh -i '\(.*\)' root@web-1$/\1/p" \
		hints)
	opens web-1 root "$key"

	mkdir later
	works as alice jit-status -q -o later "$ID"
	opens web-1 root "later/$ID"
	as alice jit-revoke -q "$ID"
	[ ! -e "$key" ]
	shut web-1 root "later/$ID" "$NO_PRINCIPAL"
}

@test "ssh: a security key's certificate opens when it is touched, and not otherwise" {
	local sock agent

	host web-1 command
	for touch in "" -n; do
		sock=$XDG_RUNTIME_DIR/sk$touch
		"$TOOLS/sk_agent" $touch "$sock" "$PWD/sk$touch" >/dev/null 3>&- &
		agent=$!
		until [ -S "$sock" ]; do sleep 0.02; done
		ID=$(request alice -p "sk$touch.pub" ssh:web-1 root)
		approve dan "$ID"
		as issuer jit-issue -q --ca "$KEYS/ca" \
			-o "sk$touch-cert.pub" "$ID"
		works gate web-1 root "$PWD/sk$touch"
		run login web-1 root "$PWD/sk$touch.pub" -o IdentityAgent="$sock" \
			-o CertificateFile="$PWD/sk$touch-cert.pub"
		kill "$agent"
		[ "$status" -eq "$([ -z "$touch" ] && echo 0 || echo 255)" ]
	done
	grep -q "Accepted publickey for root .* ED25519-SK-CERT" \
		"$BATS_TEST_TMPDIR/web-1/log"
	grep -qF "user presence (authenticator touch) requirement not met" "$BATS_TEST_TMPDIR/web-1/log"
}

# -- The gate's own ways ----------------------------------------------------

@test "ssh: the gate is an account without rights, and the ledger is root's" {
	local dir=$BATS_TEST_TMPDIR/web-1

	host web-1 command
	opened
	opens web-1 root "$SECRET"
	[ "$(stat -c %u "$JIT_LEDGER")" -eq 0 ]
	[ "$(stat -c '%u %a' "$dir"/lib/jit/*.state)" = "$GATE_UID 600" ]
	yields 1 in_host web-1 sh -c 'id -u; test -w /srv/jit/ledger.git/HEAD'
	answers "$GATE_UID"

	# the same as nobody, with a memory of its own
	kill "$(cat "$dir/pid")"
	sed 's/^\(AuthorizedPrincipalsCommandUser\) jit/\1 nobody/' \
		"$SITE/usr/local/share/jit/examples/sshd/command.conf" \
		>"$dir/etc/nobody.conf"
	rm -rf "$dir/lib/jit"
	mkdir -m 700 "$dir/lib/jit"
	chown nobody "$dir/lib/jit"
	serve web-1 /etc/nobody.conf
	opens web-1 root "$SECRET"
	[ "$(stat -c %U "$dir"/lib/jit/*.state)" = nobody ]
	as alice jit-revoke -q "$ID"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
}

# no_conf STATUS TEXT: with jit.conf as it is, nobody comes in
no_conf() {
	fails "$1" gate web-1 root "$SECRET"
	explains "$2"
	fails "$1" in_host web-1 jit-check --gate -u alice@ex.com ssh:web-1 root
	explains "$2"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
}

@test "ssh: jit.conf must be root's alone" {
	local conf=$BATS_TEST_TMPDIR/web-1/etc/jit/jit.conf
	local text="'/etc/jit/jit.conf' must be a file of root's that nobody else may write"

	host web-1 command
	opened
	opens web-1 root "$SECRET"
	chmod 664 "$conf"
	no_conf 3 "$text"
	chmod 646 "$conf"
	no_conf 3 "$text"
	chmod 644 "$conf"
	chown 64010 "$conf"
	no_conf 3 "$text"
	chown 0 "$conf"
	mv "$conf" "$conf.real"
	ln -s jit.conf.real "$conf"
	no_conf 3 "$text"
	rm "$conf"
	no_conf 3 "cannot look at '/etc/jit/jit.conf': No such file or directory"
	mkdir "$conf"
	no_conf 3 "$text"
	rmdir "$conf"
	mkfifo "$conf"
	no_conf 3 "$text"
	rm "$conf"
	mv "$conf.real" "$conf"
	chmod 600 "$conf"
	no_conf 3 "cannot read '/etc/jit/jit.conf': Permission denied"
	chmod 644 "$conf"

	# who may write the folder may put another root's file there
	chmod 775 "${conf%/*}"
	no_conf 3 "'/etc/jit' must be a folder of root's that nobody else may write"
	chmod 755 "${conf%/*}"
	chown 64010 "${conf%/*}"
	no_conf 3 "'/etc/jit' must be a folder of root's that nobody else may write"
	chown 0 "${conf%/*}"
	opens web-1 root "$SECRET"
}

@test "ssh: jit.conf says what it must, and nothing else" {
	local conf=$BATS_TEST_TMPDIR/web-1/etc/jit/jit.conf filter text

	host web-1 command
	opened
	while IFS='|' read -r text filter; do
		conf web-1 | jq "$filter" >"$conf"
		fails 3 gate web-1 root "$SECRET" </dev/null
		explains "$text"
	done <<-'END'
		jit.conf: unknown member 'sate'|.sate = "/var/lib/jit"
		jit.conf: 'ledger' is missing|del(.ledger)
		jit.conf: 'genesis' is missing|del(.genesis)
		jit.conf: 'host' is missing|del(.host)
		ledger|.ledger = "ledger.git"
		ledger|.ledger = 1
		genesis|.genesis = "abc"
		genesis|.genesis |= ascii_upcase
		state|.state = "jit"
		host|.host = "web 1"
		host|.host = "ssh:web-1"
		host|.host = ""
		accounts|.accounts = ["root"]
		accounts|.accounts.root = "root"
		accounts|.accounts.root = [1]
		accounts|.accounts.root = ["a b"]
		accounts|.accounts.root = ["-x"]
		/srv/jit/none.git|.ledger = "/srv/jit/none.git"
	END
	for text in '' '{' '[]' 'null' '{}{}' '{"host":"web-1","host":"web-2"}'; do
		printf '%s' "$text" >"$conf"
		fails 3 gate web-1 root "$SECRET"
	done
	head -c 70000 /dev/zero >"$conf"
	fails 3 gate web-1 root "$SECRET"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"

	conf web-1 | jq '.genesis = ("ab" * 32)' >"$conf"
	no_conf 7 "swapped: '/etc/jit/jit.conf' names the ledger abababababab, '/srv/jit/ledger.git' holds ${GENESIS:0:12}"
	conf web-1 >"$conf"
	opens web-1 root "$SECRET"
}

@test "ssh: a gate knows no environment, no home, no git config and no -C" {
	local good=$JIT_LEDGER genesis=$GENESIS dir=$BATS_TEST_TMPDIR/web-1
	local all=(HOME=/srv/evil XDG_STATE_HOME=/srv/evil
		XDG_CONFIG_HOME=/srv/evil JIT_LEDGER=/srv/jit/evil.git
		JIT_KEY=/srv/evil/key GIT_DIR=/srv/jit/evil.git
		GIT_CONFIG_GLOBAL=/srv/evil/.gitconfig
		GIT_CONFIG_SYSTEM=/srv/evil/.gitconfig
		GIT_OBJECT_DIRECTORY=/srv/jit/evil.git/objects
		GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=jit.ledger
		GIT_CONFIG_VALUE_0=/srv/jit/evil.git)

	host web-1 command
	opened
	as alice jit-revoke -q "$ID"

	# another ledger, where the same certificate's grant is live
	JIT_LEDGER=$BATS_TEST_TMPDIR/srv/jit/evil.git
	git clone -q --bare "$good" "$JIT_LEDGER"
	git_ledger update-ref refs/heads/ledger "$(git_ledger rev-parse ledger~1)"
	mkdir -m 777 "$BATS_TEST_TMPDIR/srv/evil"
	printf '[jit]\n\tledger = /srv/jit/evil.git\n[safe]\n\tdirectory = *\n' |
		tee "$BATS_TEST_TMPDIR/srv/evil/.gitconfig" \
			>"$dir/etc/gitconfig"
	works jit-check -u alice@ex.com ssh:web-1 root

	fails 1 in_host web-1 "${all[@]}" jit-check --sshd root \
		"$(cut -d ' ' -f 2 "$SECRET-cert.pub")"
	explains "no live grant has issued this certificate"
	fails 1 in_host web-1 "${all[@]}" jit-check --gate -u alice@ex.com \
		ssh:web-1 root
	fails 1 in_host web-1 "${all[@]}" sh -c 'cd /srv/jit/evil.git &&
		exec jit-check --gate -u alice@ex.com ssh:web-1 root'
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	works in_host web-1 "${all[@]}" jit-check -u alice@ex.com ssh:web-1 root
	[ "$(ls -A "$BATS_TEST_TMPDIR/srv/evil")" = "$(printf '%s\n' .gitconfig jit)" ]

	for option in "-C /srv/jit/evil.git" "-k /srv/evil/key" \
		"--ledger=/srv/jit/evil.git"; do
		# shellcheck disable=SC2086
		fails 2 in_host web-1 jit-check --sshd $option root AAAA
		explains "a gate takes no -C and no -k"
		# shellcheck disable=SC2086
		fails 2 in_host web-1 jit-check --gate $option \
			-u alice@ex.com ssh:web-1 root
	done
	fails 2 in_host web-1 jit-check --gate ssh:web-1 root
	explains "--gate wants -u PRINCIPAL"
	for option in -j --why --gate "-u alice@ex.com"; do
		# shellcheck disable=SC2086
		fails 2 in_host web-1 jit-check --sshd $option root AAAA
	done
	fails 2 in_host web-1 jit-check --sshd root
	fails 2 in_host web-1 jit-check --sshd root AAAA AAAA

	JIT_LEDGER=$good
	opened
	works in_host web-1 "${all[@]}" jit-check --sshd root \
		"$(cut -d ' ' -f 2 "$SECRET-cert.pub")"
	answers root@web-1
	[ "$GENESIS" = "$genesis" ]
}

@test "ssh: a ledger that cannot be read, or is bad, opens nothing" {
	local dir=$BATS_TEST_TMPDIR/web-1 tip object

	host web-1 command
	opened
	opens web-1 root "$SECRET"

	chmod 700 "$JIT_LEDGER"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	fails 3 gate web-1 root "$SECRET"
	chmod 755 "$JIT_LEDGER"
	chmod 700 "$JIT_LEDGER/refs/heads"
	fails 3 gate web-1 root "$SECRET"
	chmod 755 "$JIT_LEDGER/refs/heads"
	opens web-1 root "$SECRET"

	# neither root's nor the gate's
	chown -R 64010 "$JIT_LEDGER"
	fails 3 gate web-1 root "$SECRET"
	explains "belongs to another user"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	chown -R 0 "$JIT_LEDGER"

	mv "$JIT_LEDGER" "$JIT_LEDGER.away"
	fails 3 gate web-1 root "$SECRET"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	mv "$JIT_LEDGER.away" "$JIT_LEDGER"

	# rolled back to before the revocation that the gate has seen
	tip=$(git_ledger rev-parse ledger)
	as alice jit-revoke -q "$ID"
	fails 1 gate web-1 root "$SECRET"
	git_ledger update-ref refs/heads/ledger "$tip"
	fails 7 gate web-1 root "$SECRET"
	explains "rolled back"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"

	# altered, and it is read for the first time
	rm -rf "$dir/lib/jit"/*
	opens web-1 root "$SECRET"
	rm -rf "$dir/lib/jit"/*
	object=$JIT_LEDGER/objects/${tip:0:2}/${tip:2}
	cp "$object" good
	chmod u+w "$object"
	printf x | dd of="$object" bs=1 seek=30 conv=notrunc status=none
	fails 7 gate web-1 root "$SECRET"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	cat good >"$object"
	chmod u-w "$object"
	opens web-1 root "$SECRET"
}

@test "ssh: a host's own clone is as good as it is fresh, and is not led astray" {
	local dir=$BATS_TEST_TMPDIR/web-1 clone=$BATS_TEST_TMPDIR/srv/jit/clone.git
	local id

	host web-1 command
	git clone -q --mirror "$JIT_LEDGER" "$clone"
	conf web-1 | jq '.ledger = "/srv/jit/clone.git"' >"$dir/etc/jit/jit.conf"
	opened
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	git -C "$clone" fetch -q
	opens web-1 root "$SECRET"

	id=$(git_ledger rev-parse ledger)
	as alice jit-revoke -q "$ID"
	opens web-1 root "$SECRET"
	git -C "$clone" fetch -q
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"

	# the server forgets the revocation, or goes another way
	git_ledger update-ref refs/heads/ledger "$id"
	git -C "$clone" fetch -q
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	fails 7 gate web-1 root "$SECRET"
	explains "rolled back"
	rm -rf "$XDG_STATE_HOME"
	request carol >/dev/null
	request carol >/dev/null
	git -C "$clone" fetch -q
	fails 7 gate web-1 root "$SECRET"
	explains "forked"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
}

@test "ssh: a gate without a memory says no" {
	local dir=$BATS_TEST_TMPDIR/web-1

	host web-1 command
	opened
	rm -rf "$dir/lib/jit"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	fails 3 gate web-1 root "$SECRET"
	explains "a gate must remember, and cannot write to '/var/lib/jit': No such file or directory"
	mkdir -m 755 "$dir/lib/jit"
	fails 3 gate web-1 root "$SECRET"
	explains "a gate must remember, and cannot write to '/var/lib/jit': Permission denied"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	chmod 777 "$dir/lib/jit"
	fails 3 gate web-1 root "$SECRET"
	explains "belongs to another user"
	chown "$GATE_UID" "$dir/lib/jit"
	chmod 770 "$dir/lib/jit"
	fails 3 gate web-1 root "$SECRET"
	explains "can be written by others"
	chmod 700 "$dir/lib/jit"
	opens web-1 root "$SECRET"

	# what it remembers is damaged, or somebody else's
	for state in "$dir"/lib/jit/*.state; do
		cp -p "$state" kept
		truncate -s -1 "$state"
		fails 3 gate web-1 root "$SECRET"
		explains "is damaged"
		shut web-1 root "$SECRET" "$NO_PRINCIPAL"
		cp -p kept "$state"
		chown 64010 "$state"
		fails 3 gate web-1 root "$SECRET"
		chown "$GATE_UID" "$state"
	done
	opens web-1 root "$SECRET"
}

# -- T64: the issuer's word counts for nothing ------------------------------

# forged WHAT [OPTION OF SSH-KEYGEN]...: the issuer's key and the CA's record a
# certificate that is wider than its grant; no gate believes it
forged() {
	local good

	good=$(git_ledger rev-parse refs/heads/ledger)
	minted "$1" "${@:2}"
	"$TOOLS/forge" event -k "$KEYS/issuer" -C "$JIT_LEDGER" \
		-c "$MINTED-cert.pub" issue id="$ID" at:="$AT" >/dev/null
	fails 7 jit-audit verify
	explains "rule issue-"
	fails 7 gate web-1 root "$MINTED"
	explains "rule issue-"
	shut web-1 root "$MINTED" "Failed publickey"
	echo "$good" >"$JIT_LEDGER/refs/heads/ledger"
	works jit-audit verify
}

stamp() {
	date -u -d "@$1" +%Y%m%d%H%M%S
}

@test "ssh: T64 a ledger that its issuer forged opens no login, field by field" {
	local start end

	host web-1 command
	asked
	approve dan "$ID"
	AT=$(event | jq .at) SERIAL=4
	start=$(stamp $((AT - 120))) end=$(stamp $((AT + 1800)))
	set -- -V "$start:$end"
	forged serial "$@" -z 5
	forged key-id "$@" -I 01KAAAAAAAAAAAAAAAAAAAAAAA
	forged principal "$@" -n root@web-1,root@web-2
	forged account "$@" -n deploy@web-1
	forged after -V "always:$end"
	forged before -V "$start:$(stamp $((AT + 1801)))"
	forged forever -V "$start:forever"
	forged forwarding "$@" -O permit-port-forwarding
	forged agent "$@" -O permit-agent-forwarding
	forged rc "$@" -O permit-user-rc
	forged extension "$@" -O extension:x@ex.com=y
	forged command "$@" -O force-command=/bin/sh
	forged address "$@" -O source-address=127.0.0.0/8
	forged type "$@" -h
	forged ca "$@" -s "$KEYS/mallory"
	mv "$SECRET" mine
	mv "$SECRET.pub" mine.pub
	cp "$KEYS/mallory" "$SECRET"
	cp "$KEYS/mallory.pub" "$SECRET.pub"
	forged key "$@"

	# T82: what ssh-keygen makes as the grant has it is as good as ours
	mv mine "$SECRET"
	mv mine.pub "$SECRET.pub"
	minted right "$@"
	"$TOOLS/forge" event -k "$KEYS/issuer" -C "$JIT_LEDGER" \
		-c "$MINTED-cert.pub" issue id="$ID" at:="$AT" >/dev/null
	works jit-audit verify
	opens web-1 root "$MINTED"
}

# -- A host that knows the CA and a list ------------------------------------

# krl NAME: where its list is
krl() {
	echo "$BATS_TEST_TMPDIR/$1/etc/jit/revoked.krl"
}

@test "ssh: a list ends a login, and nobody else's" {
	local first one list

	host web-1 krl
	list=$(krl web-1)
	opened
	first=$ID one=$SECRET
	opened carol ssh:web-1 root
	opens web-1 root "$one"
	opens web-1 root "$SECRET"

	# such a host learns of it by the list, not before
	as alice jit-revoke -q "$first"
	opens web-1 root "$one"
	works jit-revoke --krl "$list"
	[ "$stderr" = "jit-revoke: 1 revoked, version $(events)" ]
	answers ""
	shut web-1 root "$one" "revoked"
	opens web-1 root "$SECRET"
	[ "$(stat -c %a "$list")" = 644 ]

	as carol jit-revoke -q "$ID"
	as issuer jit-revoke -q --ca "$KEYS/ca" --krl "$list"
	shut web-1 root "$one" "revoked"
	shut web-1 root "$SECRET" "revoked"
	opened
	opens web-1 root "$SECRET"
}

@test "ssh: ssh-keygen -Q reads the list: its version, its ledger, its serials" {
	local list=$BATS_TEST_TMPDIR/list serial ids=() n

	works jit-revoke -q --krl "$list"
	works ssh-keygen -Q -l -f "$list"
	says "# KRL version 1"
	says "# Comment: $GENESIS"
	[ "$(grep -c '^serial:' <<<"$output")" -eq 0 ]

	for n in 1 2 3 4; do
		opened
		ids+=("$SECRET")
		[ "$n" -eq 2 ] || as alice jit-revoke -q "$ID"
	done
	for signed in '' "--ca=$KEYS/ca"; do
		rm -f "$list"
		jit-revoke -q ${signed:+"$signed"} --krl "$list"
		works ssh-keygen -Q -l -f "$list"
		says "# KRL version $(events)"
		says "# CA key ssh-ed25519 $(fingerprint ca)"
		[ "$(sed -n 's/^serial: //p' <<<"$output" | tr '\n' ' ')" = \
			"$(git_ledger log --reverse --format=%b | jq -r \
			'select(.type == "issue").credential.serial' |
			sed 2d | tr '\n' ' ')" ]
		for n in 0 1 2 3; do
			run ssh-keygen -Q -f "$list" "${ids[n]}-cert.pub"
			[ "$status" -eq $((n != 1)) ]
		done
		# nor is a key revoked, nor what the CA signs next
		works ssh-keygen -Q -f "$list" "${ids[0]}.pub"
		works ssh-keygen -Q -f "$list" "$KEYS/ca.pub"
	done
}

# reads LIST LEAST MOST: ssh-keygen parses it, and its version is between
reads() {
	local version

	version=$(ssh-keygen -Q -l -f "$1" | sed -n 's/^# KRL version //p')
	[ -n "$version" ] && [ "$version" -ge "$2" ] && [ "$version" -le "$3" ]
}

# traced CALL:WHAT COMMAND...: WHAT befalls it at CALL
traced() {
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 strace -qq -o /dev/null \
		-e "trace=${1%%:*}" -e "inject=$1" "${@:2}"
}

@test "ssh: R21 kill -9 at any moment leaves the old list or the new one" {
	local list tries=0 killed=0 pid status n last

	host web-1 krl
	list=$(krl web-1)
	opened
	as alice jit-revoke -q "$ID"
	jit-revoke -q --krl "$list"
	RANDOM=4711
	last=$(events)
	while [ "$killed" -lt 60 ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ]
		[ $((tries % 4)) -ne 0 ] || request alice -p "$KEYS/alice.pub" \
			ssh:web-1 root >/dev/null
		jit-revoke -q --krl "$list" & pid=$!
		sleep "0.00$((RANDOM % 8))"
		kill -9 "$pid" || :
		status=0
		wait "$pid" || status=$?
		[ "$status" -ne 137 ] || killed=$((killed + 1))
		reads "$list" "$last" "$(events)"
	done 2>/dev/null
	echo "killed: $killed of $tries"

	# and at each call that touches a file
	for call in openat write fchmod fsync close rename flock; do
		for ((n = 1; n < 200; n++)); do
			request alice -p "$KEYS/alice.pub" ssh:web-1 root \
				>/dev/null
			status=0
			traced "$call:signal=KILL:when=$n" \
				jit-revoke -q --krl "$list" || status=$?
			reads "$list" "$last" "$(events)"
			[ "$status" -ne 0 ] || break
			killed=$((killed + 1))
		done
		[ "$n" -gt 1 ] && [ "$n" -lt 200 ]
	done 2>/dev/null
	echo "killed: $killed"
	[ "$killed" -ge 80 ]
	reads "$list" "$(events)" "$(events)"
	shut web-1 root "$SECRET" revoked
	opened
	opens web-1 root "$SECRET"
}

@test "ssh: T83 an older list never replaces a newer one" {
	local list=$BATS_TEST_TMPDIR/list old=$BATS_TEST_TMPDIR/old.git n pid

	opened
	cp -a "$JIT_LEDGER" "$old"
	as alice jit-revoke -q "$ID"
	jit-revoke -q --krl "$list"
	cp "$list" newer
	fails 7 jit-revoke -C "$old" --krl "$list"
	explains "'$list' is of event 5, this ledger is at 4: rolled back?"
	cmp "$list" newer
	works jit-revoke -q --krl "$list"

	# not in a race either: the older one has looked, and then sleeps
	rm "$list"
	traced rename:delay_enter=1000000 \
		jit-revoke -q -C "$old" --krl "$list" & pid=$!
	until compgen -G "$list.*" >/dev/null; do sleep 0.02; done
	jit-revoke -q --krl "$list"
	wait "$pid"
	reads "$list" 5 5
	for ((n = 0; n < 10; n++)); do
		request alice -p "$KEYS/alice.pub" ssh:web-1 root >/dev/null
		jit-revoke -q -C "$old" --krl "$list" 2>/dev/null & pid=$!
		jit-revoke -q --krl "$list"
		wait "$pid" || :
		reads "$list" "$(events)" "$(events)"
	done

	# nor anything that is no list, but an empty file
	echo 'ssh-ed25519 AAAA' >"$list"
	fails 3 jit-revoke --krl "$list"
	explains "'$list' is not replaced: no whole revocation list"
	[ "$(cat "$list")" = 'ssh-ed25519 AAAA' ]
	head -c 60 newer >"$list"
	fails 3 jit-revoke --krl "$list"
	: >"$list"
	works jit-revoke -q --krl "$list"
	reads "$list" "$(events)" "$(events)"
}

@test "ssh: a list that is missing or cut short locks everybody out" {
	local list

	host web-1 krl
	list=$(krl web-1)
	opened
	opens web-1 root "$SECRET"
	cp "$list" whole
	mv "$list" away
	shut web-1 root "$SECRET" "revoked"
	head -c -1 whole >"$list"
	shut web-1 root "$SECRET" "revoked"
	head -c 20 whole >"$list"
	shut web-1 root "$SECRET" "revoked"
	cat whole >"$list"
	opens web-1 root "$SECRET"
}

# -- The recipes of OpenSSH's own scripts -----------------------------------

@test "ssh: regress/cert-userkey.sh: a CA's certificates at a host with a list, and at one that asks" {
	local n=0 want options

	host file krl
	host web-1 command
	echo root@web-1 >"$BATS_TEST_TMPDIR/file/etc/jit/principals/root"
	opened
	while IFS='|' read -r want options; do
		n=$((n + 1))
		eval "minted $n $options"
		# whatever the host with a list thinks of it
		shut web-1 root "$MINTED" "Failed publickey"
		case $want in
		opens) works login file root "$MINTED" ;;
		*) shut file root "$MINTED" "$want" ;;
		esac
	done <<-'END'
		opens|
		opens|-n x,root@web-1,y
		Certificate does not contain an authorized principal|-n root@web-2
		Certificate does not contain an authorized principal|-n root
		Certificate does not contain an authorized principal|-n Root@web-1
		Certificate does not contain an authorized principal|-n 'root@web-*'
		Certificate does not contain an authorized principal|-n 'root@web-1 '
		Failed publickey|-h
		Certificate invalid: not yet valid|-V 20400101:20420101
		Certificate invalid: expired|-V 19800101:19900101
		opens|-V -1w:+2w
		opens|-V always:forever
		not from a permitted source address|-O source-address=10.0.0.0/8
		opens|-O source-address=127.0.0.0/8
		opens|-O source-address=10.0.0.0/8,127.0.0.1
		Failed publickey|-O critical:x@ex.com=y
		opens|-O extension:x@ex.com=y
		opens|-O clear
		Failed publickey|-s "$KEYS/mallory"
	END
	[ "$n" -eq 19 ]

	# without any principal
	rm "$MINTED-cert.pub"
	ssh-keygen -q -s "$KEYS/ca" -I "$ID" -z 4 -V -2m:+30m "$MINTED.pub"
	shut file root "$MINTED" "$NO_PRINCIPAL"
	shut web-1 root "$MINTED" "$NO_PRINCIPAL"

	# a forced command runs in place of what was asked for
	minted forced -O force-command='echo forced'
	works login file root "$MINTED"
	answers forced
	minted forced -O force-command=false
	run login file root "$MINTED"
	[ "$status" -eq 1 ]

	# a certificate and another one's secret
	minted foreign
	cp "$KEYS/mallory" "$MINTED"
	run login file root "$MINTED"
	[ "$status" -eq 255 ]

	opens web-1 root "$SECRET"
	works login file root "$SECRET"
}

@test "ssh: regress/cert-userkey.sh: our certificate and every principals file" {
	local file=$BATS_TEST_TMPDIR/web-1/etc/jit/principals/root text

	host web-1 krl
	opened
	opens web-1 root "$SECRET"
	shut web-1 deploy "$SECRET" "$NO_PRINCIPAL"
	for text in '' ' ' '#root@web-1' root root@web-2 'root@web-*' '*' \
		'root@web-1x' 'xroot@web-1' root@web-1,root@web-2; do
		printf '%s\n' "$text" >"$file"
		shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	done
	for text in ' root@web-1' $'\troot@web-1' 'root@web-1 # for jit' \
		'from="127.0.0.0/8" root@web-1' 'no-pty root@web-1' \
		$'# jit\n\nroot@web-2\nroot@web-1'; do
		printf '%s\n' "$text" >"$file"
		opens web-1 root "$SECRET"
	done
	printf '%s\n' 'command="echo forced" root@web-1' >"$file"
	works login web-1 root "$SECRET"
	answers forced
	printf '%s\n' 'from="10.0.0.0/8" root@web-1' >"$file"
	shut web-1 root "$SECRET"
	printf '%s\n' 'nonsense="1" root@web-1' >"$file"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"

	echo root@web-1 >"$file"
	chmod 664 "$file"
	shut web-1 root "$SECRET" "bad ownership or modes"
	chmod 644 "$file"
	chown 64010 "$file"
	shut web-1 root "$SECRET" "bad ownership or modes"
	rm "$file"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	mkdir "$file"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
}

@test "ssh: regress/cert-userkey.sh: a host that trusts the CA and asks no more opens to nobody" {
	local keys=$BATS_TEST_TMPDIR/web-1/etc/keys ca

	ca=$(cat "$KEYS/ca.pub")
	cat >own.conf <<-END
		TrustedUserCAKeys /etc/jit/ca.pub
		AuthorizedKeysFile none
		PasswordAuthentication no
		KbdInteractiveAuthentication no
	END
	host web-2 "$PWD/own.conf"
	opened
	shut web-2 root "$SECRET" "Certificate invalid: name is not a listed principal"

	# nor by a line of authorized_keys that names no principal
	sed -i 's|^Trusted.*||; s|KeysFile none|KeysFile /etc/keys|' own.conf
	host web-1 "$PWD/own.conf"
	echo "cert-authority $ca" >"$keys"
	shut web-1 root "$SECRET" "Certificate invalid: name is not a listed principal"
	echo "cert-authority,principals=\"root@web-2,root\" $ca" >"$keys"
	shut web-1 root "$SECRET" "$NO_PRINCIPAL"
	echo "$ca" >"$keys"
	shut web-1 root "$SECRET" "Failed publickey"
	echo "cert-authority,principals=\"root@web-1\" $ca" >"$keys"
	opens web-1 root "$SECRET"
}

@test "ssh: regress/krl.sh: whatever list revokes our certificate, sshd refuses it" {
	local list spec serial

	host web-1 krl
	list=$(krl web-1)
	opened
	opened
	serial=$(event | jq .seq)
	[ "$serial" -gt 4 ]
	while read -r spec; do
		printf '%b\n' "$spec" >spec
		rm "$list"
		ssh-keygen -q -k -s "$KEYS/ca.pub" -f "$list" spec
		shut web-1 root "$SECRET" "revoked"
	done <<-END
		serial: $serial
		serial: 1\\nserial: $serial\\nserial: 9999
		serial: $((serial - 1))-$((serial + 1))
		serial: 1-18446744073709551615
		id: $ID
		id: x\\nid: $ID
		sha1: $(cat "$SECRET.pub")
		sha256: $(cat "$SECRET.pub")
		hash: $(ssh-keygen -lf "$SECRET.pub" | cut -d ' ' -f 2)
		key: $(cat "$SECRET.pub")
	END
	# the CA itself, and a plain list of keys
	rm "$list"
	ssh-keygen -q -k -f "$list" "$KEYS/ca.pub"
	shut web-1 root "$SECRET" "revoked"
	cp "$KEYS/ca.pub" "$list"
	shut web-1 root "$SECRET" "revoked"
	cp "$SECRET.pub" "$list"
	shut web-1 root "$SECRET" "revoked"

	# and none that revokes another
	while read -r spec; do
		printf '%b\n' "$spec" >spec
		rm "$list"
		ssh-keygen -q -k -s "$KEYS/ca.pub" -f "$list" spec
		opens web-1 root "$SECRET"
	done <<-END
		serial: 1-$((serial - 1))
		serial: $((serial + 1))-18446744073709551615
		id: ${ID%?}
		id: x
		sha1: $(cat "$KEYS/alice.pub")
		key: $(cat "$KEYS/alice.pub")
	END
	rm "$list"
	ssh-keygen -q -k -s "$KEYS/mallory.pub" -f "$list" - <<<"serial: $serial"
	opens web-1 root "$SECRET"
	: >"$list"
	opens web-1 root "$SECRET"
}

@test "ssh: regress/krl.sh: our list revokes a serial of our CA's, whoever uses it" {
	local list serial n

	host web-1 krl
	list=$(krl web-1)
	opened
	serial=$(event | jq .seq)
	as alice jit-revoke -q "$ID"
	jit-revoke -q --krl "$list"
	minted same -z "$serial" -I other
	shut web-1 root "$MINTED" "revoked"
	for n in 0 $((serial - 1)) $((serial + 1)) 18446744073709551615; do
		minted "serial-$n" -z "$n"
		works login web-1 root "$MINTED"
	done
	minted other -z "$serial" -s "$KEYS/mallory"
	works ssh-keygen -Q -f "$list" "$MINTED-cert.pub"
	# a list of ours goes on with ssh-keygen's own
	ssh-keygen -q -k -u -s "$KEYS/ca.pub" -f "$list" - \
		<<<"serial: $((serial + 1))"
	works ssh-keygen -Q -l -f "$list"
	says "serial: $serial"
	shut web-1 root "$BATS_TEST_TMPDIR/serial-$((serial + 1))" "revoked"
}

# -- The examples -----------------------------------------------------------

@test "ssh: the lines for sshd are installed as they are printed" {
	local name

	for name in command.conf krl.conf jit.conf; do
		cmp "$ROOT/share/examples/sshd/$name" \
			"$SITE/usr/local/share/jit/examples/sshd/$name"
	done
	cmp "$ROOT/share/examples/task-hook" \
		"$SITE/usr/local/share/jit/examples/task-hook"
	[ -x "$SITE/usr/local/share/jit/examples/task-hook" ]
	[ "$(grep -c . "$ROOT/share/examples/sshd/jit.conf")" -ge 5 ]
	host web-1 command
	run in_host web-1 /usr/sbin/sshd -T -f /etc/sshd_config
	! grep -q evil <<<"$output"
}

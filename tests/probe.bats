#!/usr/bin/env bats
# The connector of ssh: what it says of a real sshd, with no key to log in by.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper
load host
load connector

setup_file() {
	site
}

setup() {
	seal
	machine
	new_ledger
	ledger_to_hosts
	HOST=$BATS_TEST_TMPDIR/web-1
}

teardown() {
	stop_hosts
	fsck_ledger
}

# web KIND [LINE OF SSHD'S CONFIGURATION]...: web-1 listens, by
# share/examples/sshd/KIND.conf, and the target says how it is reached
web() {
	printf '%s\n' "${@:2}" \
		"Include /usr/local/share/jit/examples/sshd/$1.conf" \
		>"$BATS_TEST_TMPDIR/web.conf"
	host web-1 "$BATS_TEST_TMPDIR/web.conf"
	PORT=$(cat "$HOST/port")
	reached
}

# reached [JQ FILTER]: the target says how, changed
reached() {
	jq -n --arg key "$(cut -d ' ' -f 1,2 "$HOST/etc/host_key.pub")" \
		--argjson port "$PORT" '{address: "127.0.0.1", $port,
		host_key: $key} | '"${1:-.}" | target ssh:web-1
}

# opened [OPTION OF request]...: a grant of root, its certificate in $CERT and
# its secret thrown away: nobody may need it
opened() {
	ID=$(request alice "$@" ssh:web-1 root)
	rm "$XDG_RUNTIME_DIR/jit/$ID"
	approve dan "$ID"
	issue "$ID"
}

# says_of OUTCOME [JQ FILTER]...: the probe of the last grant
says_of() {
	local outcome=$1

	shift
	probed "$outcome" ssh:web-1 ".id = \"$ID\"" \
		".certificate = \"$(cut -d ' ' -f 1,2 "$CERT")\"" "$@"
}

@test "ssh: what it is, what it takes to connect, nothing to take away" {
	target ssh:web-1 <<<'{"address": "10.0.0.7", "port": 2222,
		"accounts": {"root": ["deploy", "www"]}}'
	works asked describe ssh:web-1
	in_json '.name == "ssh" and .offer == "ssh-ed25519" and .actions'
	works asked grant ssh:web-1
	answers '{"account":"deploy","connect":{"account":"deploy","address":"10.0.0.7","port":2222,"principal":"root@web-1"},"v":1}'
	works asked revoke ssh:web-1
	answers '{"ended":0,"v":1}'
	works asked revoke ssh:web-1 '.others = [{id, role, principal, until}]'
	in_json '.left == "what grant '"$GRANT"' covers as root"'
	target ssh:web-1 <<<'{}'
	works asked grant ssh:web-1
	in_json '.connect.address == "web-1" and .connect.port == 22'
}

@test "ssh: refused before, allowed while live, refused after: sshd was asked" {
	local log=$HOST/log

	web command
	opened
	says_of allowed
	in_json '.how == "ssh root@127.0.0.1, port '"$PORT"', certificate without its key: sshd would take the signature"'
	as dora jit-revoke -q "$ID"
	says_of refused
	in_json '.how == "ssh root@127.0.0.1, port '"$PORT"', certificate without its key: sshd refuses the key"'
	# nobody was let in, and nothing was signed
	grep -q 'Connection closed by authenticating user root' "$log"
	run ! grep -E 'Accepted publickey|Starting session' "$log"

	# a certificate that no grant issued
	ssh-keygen -q -s "$KEYS/ca" -I x -z 9 -n root@web-1 -V -2m:+30m \
		"$KEYS/alice.pub"
	CERT=$KEYS/alice-cert.pub
	says_of refused
	rm "$KEYS/alice-cert.pub"
}

@test "ssh: at the certificate's own end sshd refuses, or it has lapsed" {
	local until

	web command
	opened -d 4s
	says_of allowed
	until=$(event | jq .until)
	while [ "$(date +%s)" -lt "$until" ]; do sleep 0.1; done
	says_of refused
	kill "$(cat "$HOST/pid")"
	while kill -0 "$(cat "$HOST/pid")" 2>/dev/null; do sleep 0.02; done
	says_of lapsed
	in_json '.how | endswith("Connection refused")'
	opened
	says_of unknown
}

@test "ssh: a host that still takes what is revoked is seen by the probe" {
	web krl
	opened
	says_of allowed
	as dora jit-revoke -q "$ID"
	# the list never came
	says_of allowed
	jit-revoke -q --krl "$HOST/etc/jit/revoked.krl"
	says_of refused
}

@test "ssh: every account of the role is tried" {
	web krl
	reached '.accounts = {root: ["deploy", "root"]}'
	opened
	says_of allowed
	in_json '.how | startswith("ssh root@")'
	as dora jit-revoke -q "$ID"
	jit-revoke -q --krl "$HOST/etc/jit/revoked.krl"
	says_of refused
}

@test "ssh: another host's answer is none" {
	web command
	opened
	as dora jit-revoke -q "$ID"
	reached ".host_key = \"$(cut -d ' ' -f 1,2 "$KEYS/mallory.pub")\""
	says_of unknown
	in_json '.how | endswith("Host key verification failed.")'
	reached 'del(.host_key)'
	says_of unknown
	# by the CA of host certificates
	ssh-keygen -q -s "$KEYS/mallory" -h -I web-1 -n 127.0.0.1 \
		"$HOST/etc/host_key.pub"
	echo 'HostCertificate /etc/host_key-cert.pub' >>"$HOST/etc/sshd_config"
	kill -HUP "$(cat "$HOST/pid")"
	until [ "$(grep -c '^Server listening' "$HOST/log")" -eq 2 ]; do
		sleep 0.02
	done
	reached "del(.host_key) | .ca = \"$(cut -d ' ' -f 1,2 "$KEYS/mallory.pub")\""
	says_of refused
	reached "del(.host_key) | .ca = \"$(cut -d ' ' -f 1,2 "$KEYS/ca.pub")\""
	says_of unknown
	# by what root of this machine knows
	mkdir -p "$MACHINE/etc/ssh"
	echo "[127.0.0.1]:$PORT $(cat "$HOST/etc/host_key.pub")" \
		>"$MACHINE/etc/ssh/ssh_known_hosts"
	reached 'del(.host_key)'
	says_of refused
}

@test "ssh: what a banner says is no answer" {
	printf 'debug1: Offering public key: x\nx: Permission denied (publickey).\n' \
		>"$BATS_TEST_TMPDIR/banner"
	web command "Banner $BATS_TEST_TMPDIR/banner"
	opened
	says_of allowed
	as dora jit-revoke -q "$ID"
	says_of refused
	head -c 300000 /dev/zero | tr '\0' 'x' >"$BATS_TEST_TMPDIR/banner"
	says_of unknown
}

@test "ssh: no sshd, no such host, no certificate" {
	HOST=$BATS_TEST_TMPDIR/none
	mkdir -p "$HOST/etc"
	cp "$KEYS/host.pub" "$HOST/etc/host_key.pub"
	opened
	PORT=1
	reached
	says_of unknown
	in_json '.how | endswith("Connection refused")'
	reached '.address = "no-such-host.invalid"'
	says_of unknown
	reached '.address = "-oProxyCommand=touch x"'
	fails 2 asked probe ssh:web-1 '.certificate = "x"'
	reached '.host_key = "ssh-ed25519 AAAAAAAAAAAAAAAAAAAA * x"'
	fails 2 asked probe ssh:web-1 '.certificate = "x"'
	reached
	fails 2 asked probe ssh:web-1
	explains "a certificate is wanted"
	fails 2 asked probe ssh:web-1 '.certificate = "x"'
	fails 2 asked probe ssh:web-1 ".certificate = \"$(cat "$KEYS/ca.pub")\""
}

@test "ssh: nothing of root's own is used" {
	local agent

	web command
	opened
	# root's configuration, keys and agent would each let it in or stop it
	mkdir -p "$MACHINE/root/.ssh" "$MACHINE/etc/ssh"
	printf 'Host *\n\tPort 1\n\tProxyCommand touch %s/ran\n' \
		"$BATS_TEST_TMPDIR" >"$MACHINE/etc/ssh/ssh_config"
	agent=$BATS_TEST_TMPDIR/agent
	eval "$(ssh-agent -a "$agent")" >/dev/null
	ssh-add -q "$KEYS/alice"
	says_of allowed
	as dora jit-revoke -q "$ID"
	says_of refused
	kill "$SSH_AGENT_PID"
	[ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "ssh: a scan names the CAs and keys that this machine trusts for good" {
	local key near

	# what ends in more than a year has no end
	near=$(date -u -d '+30 days' +%Y%m%d)
	key=$(cat "$KEYS/alice.pub")
	mkdir -p "$MACHINE/etc/ssh" "$MACHINE/etc/keys" "$MACHINE/run/sshd"
	ssh-keygen -q -t ed25519 -N '' -f "$MACHINE/etc/ssh/host_key"
	cp "$KEYS/ca.pub" "$MACHINE/etc/ca.pub"
	cat >"$MACHINE/etc/ssh/sshd_config" <<-'END'
		HostKey /etc/ssh/host_key
		TrustedUserCAKeys /etc/ca.pub
		AuthorizedKeysFile /etc/keys/%u none
	END
	grep sshd: /etc/passwd >>"$MACHINE/etc/passwd"
	printf '%s\n' '# a comment' '' "$key" " $key expiry-time=x" \
		"expiry-time=\"$near\" $key" \
		"no-pty,expiry-time=\"$near\" $key" \
		"command=\"a ,expiry-time=\\\",expiry-time=b\" $key" \
		>"$MACHINE/etc/keys/alice"
	mkfifo "$MACHINE/etc/keys/bob"
	works asked scan "ssh:$(uname -n | cut -d . -f 1)"
	in_json '[.standing[] | .what + " " + .who] == [
		"TrustedUserCAKeys: /etc/ca.pub:1 whoever it certifies",
		"authorized_keys: /etc/keys/alice:3 alice",
		"authorized_keys: /etc/keys/alice:4 alice",
		"authorized_keys: /etc/keys/alice:7 alice"]'
	works asked scan ssh:elsewhere
	in_json '.standing == [] and (.unseen[0] | startswith("sshd of elsewhere"))'
}

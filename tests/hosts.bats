#!/usr/bin/env bats
# Five machines: two laptops, a git server, two hosts that issue. The server is
# cut off in the middle of each step; once it is back all agree, nothing is
# lost, nothing is there twice, and nobody had to repair anything.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154

load helper
load net

UNKNOWN="whether it was recorded is not known yet"
CLONES="alice dan web-1 lab-1"

setup_file() {
	install_site
}

setup() {
	seal
	for key in lab labca; do
		[ -e "$KEYS/$key" ] ||
			ssh-keygen -q -t ed25519 -N '' -C $key -f "$KEYS/$key"
	done
	new_ledger -p '.issuers = [
		{by: "issuer@ex.com", resources: ["ssh:web-*"],
		 ca: .issuers[0].ca},
		{by: "lab@ex.com", resources: ["ssh:lab-*"],
		 ca: ["'"$(fingerprint labca)"'"]}] |
		.rules = [{id: "root", who: ["oncall"], resource: "ssh:*",
			roles: ["root"], max: "1h",
			approve: [{group: "dba", count: 1}]}]' \
		--enroll "lab@ex.com=$KEYS/lab.pub,issuer"
	net_up
	machine server 10.77.0.1
	machine alice 10.77.0.2
	machine dan 10.77.0.3
	machine web-1 10.77.0.4
	machine lab-1 10.77.0.5
	names
	git_server server
	git config --global --add safe.directory "$SERVER"
	client alice alice
	cp -r "$JIT_LEDGER" "$NET/alice/root/founded.git"
	on alice git -C founded.git push -q "$URL" ledger
	laptop alice
	laptop dan
	issuing_host web-1 issuer ca
	issuing_host lab-1 lab labca
}

teardown() {
	net_down
	git -C "$SERVER" fsck --strict --no-dangling --no-progress
	fsck_ledger
}

# -- What people do -----------------------------------------------------------

# asks HOST [OPTION]...: alice, for root there; the id is in $ID
asks() {
	ID=$(on alice jit-request -q -t INC-4211 -m "to look at $1" -d 30m \
		"${@:2}" "ssh:$1" root)
}

approves() {
	on dan jit-approve -q -y "$ID"
}

# issues HOST: by hand, where no service does it
issues() {
	on "$1" jit-issue -q -C /srv/jit/ledger.git --ca /etc/jit/ca \
		-k /etc/jit/issuer -o /root/cert.pub "$ID"
}

# enters HOST: alice logs in
enters() {
	on alice jit-status -q -o /root "$ID" >/dev/null
	echo "$1 $(public_key "$1")" >>"$NET/alice/root/.ssh/known_hosts"
	on alice ssh -i "/root/$ID" "root@$1" 'echo "in $(cat /etc/hostname)"'
}

# -- What must hold afterwards ------------------------------------------------

tip_of() {
	case $1 in
	server) git -C "$SERVER" rev-parse ledger ;;
	web-1 | lab-1) git -C "$NET/$1/srv/jit/ledger.git" rev-parse ledger ;;
	*) git -C "$NET/$1/root/ledger.git" rev-parse ledger ;;
	esac
}

# Each clone is where the server is, by what runs there anyhow.
agree() {
	local name tip

	tip=$(tip_of server)
	for name in alice dan; do
		on $name jit-status -q >/dev/null
	done
	for name in web-1 lab-1; do
		on $name jit-status -q -C /srv/jit/ledger.git >/dev/null
	done
	for name in $CLONES; do
		[ "$(tip_of "$name")" = "$tip" ] || return 1
	done
}

# log [FILTER]: of every event of the server's, as jq sees a list of them
history() {
	jit-audit -q -C "$SERVER" -j log --reverse |
		jq -sr "[.[].event] | $1"
}

# converged: all agree, all is good, and nothing is there twice
converged() {
	local name

	within 20 agree
	for name in alice dan; do
		on $name jit-audit -q verify -g "$GENESIS" >/dev/null
	done
	for name in web-1 lab-1; do
		on $name jit-audit -q -C /srv/jit/ledger.git verify \
			-g "$GENESIS" >/dev/null
	done
	[ "$(history '[.[] | select(.type == "issue" or .type == "end") |
		[.type, .id]] | length - (unique | length)')" = 0 ]
	[ "$(history '[.[] | select(.type == "approve") | [.id, .by]] |
		length - (unique | length)')" = 0 ]
	[ "$(history '[.[] | select(.type == "request") | .reason] |
		length - (unique | length)')" = 0 ]
}

@test "hosts: the whole path, from one machine to the next" {
	asks web-1
	approves
	issues web-1
	[ "$(enters web-1)" = "in web-1" ]
	on alice jit-revoke -q -m 'all done here' "$ID"
	on web-1 jit-status -q -C /srv/jit/ledger.git >/dev/null
	run -255 enters web-1
	converged
}

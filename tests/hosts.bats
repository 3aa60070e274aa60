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
		.limits.stale = "10s" |
		.rules = [{id: "root", who: ["oncall"], resource: "ssh:*",
			roles: ["root"], max: "1h",
			approve: [{group: "dba", count: 1}]},
			{id: "glass", break_glass: true, who: ["oncall"],
			 resource: "ssh:*", roles: ["root"], max: "15m",
			 review: {group: "dba", within: "1d"}}]' \
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
	on alice ssh -i "/root/$ID" "root@$1" "echo in \$(cat /etc/hostname)"
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

# -- Cutting the server off ---------------------------------------------------

# cut_at NAME POINT COMMAND...: NAME's command, whose question the server has
# got as far as POINT (net.bash) when its cable is out. The server goes on
# alone; the command ends as it can, with status $RC, before the cable is back.
cut_at() {
	local pid

	held "$1" "$2"
	(become_on "$1" "${@:3}") >"$HOME/out" 2>"$HOME/err" </dev/null 3>&- &
	pid=$!
	reached "$1" "$2"
	sever server
	released "$1" "$2"
	RC=0
	wait $pid || RC=$?
	heal server
}

# blink_at NAME POINT COMMAND...: the same, but the cable is back in a second
blink_at() {
	local pid

	held "$1" "$2"
	(become_on "$1" "${@:3}") >"$HOME/out" 2>"$HOME/err" </dev/null 3>&- &
	pid=$!
	reached "$1" "$2"
	sever server
	released "$1" "$2"
	sleep 1
	heal server
	RC=0
	wait $pid || RC=$?
}

# cut_before NAME COMMAND...: there is no server at all
cut_before() {
	sever server
	RC=0
	on "$1" "${@:2}" >"$HOME/out" 2>"$HOME/err" </dev/null || RC=$?
	heal server
}

# told TEXT: what the command that was cut off said, in one line
told() {
	cat "$HOME/err"
	[ "$(grep -c . "$HOME/err")" -eq 1 ]
	grep -qF -- "$1" "$HOME/err"
}

# mine REASON: the id of alice's pending request, as her status shows it
mine() {
	on alice jit-status -q -j --pending |
		jq -r --arg r "$1" 'select(.reason == $r) | .id'
}

ask_for() {
	printf '%s\n' jit-request -q -t INC-4211 -d 30m -m "$1" ssh:web-1 root
}

# counts FILTER N: so many events in the end
counts() {
	local n

	n=$(history "map(select($1)) | length")
	[ "$n" -eq "$2" ] || {
		echo "$1: $n, not $2"
		return 1
	}
}

@test "hosts: the whole path, from one machine to the next" {
	serving web-1
	serving lab-1
	for host in web-1 lab-1; do
		asks $host
		approves
		within 30 active
		[ "$(enters $host)" = "in $host" ]
		on alice jit-revoke -q -m 'all done here' "$ID" || [ $? -eq 9 ]
		within 10 shut $host
		within 30 proven
	done
	converged
	counts '.type == "issue" and .by == "issuer@ex.com"' 1
	counts '.type == "issue" and .by == "lab@ex.com"' 1
}

active() {
	[ "$(on alice jit-status -q -j "$ID" | jq -r .stage)" = active ]
}

# shut HOST: nobody enters any more
shut() {
	! on alice ssh -i "/root/$ID" "root@$1" true 2>/dev/null
}

# Its end is there, once, be it sealed, and a probe that says so.
proven() {
	[ "$(history "map(if .type == \"late\" then .sealed else . end |
		select(.id == \"$ID\" and .type == \"end\")) | length")" = 1 ] &&
		[ "$(history "map(select(.id == \"$ID\" and .type == \"probe\" and
			.outcome == \"refused\")) | length")" -ge 1 ]
}

@test "hosts: a request that was cut off is there once, or not at all" {
	local point reason words

	serving web-1
	for point in before fetch push judge answer; do
		reason="cut off at $point"
		mapfile -t words < <(ask_for "$reason")
		if [ $point = before ]; then
			cut_before alice "${words[@]}"
		else
			cut_at alice $point "${words[@]}"
		fi
		[ "$RC" -eq 3 ]
		[ ! -s "$HOME/out" ]
		case $point in
		before | fetch) told "cannot reach 'git@server:/srv/git/ledger.git': " ;;
		*) told "$UNKNOWN" ;;
		esac
		within 10 settled
		ID=$(mine "$reason")
		case $point in
		judge | answer) [ -n "$ID" ] ;;
		*) [ -z "$ID" ] && ID=$(on alice "${words[@]}") ;;
		esac
		# and it is as good as any other
		approves
		within 30 active
		[ "$(enters web-1)" = "in web-1" ]
	done
	converged
	counts '.type == "request"' 5
	counts '.type == "issue"' 5
}

# Nobody is in the middle of anything on the server.
settled() {
	! pgrep -u 64012 -f receive-pack >/dev/null
}

@test "hosts: a request during which the server blinks is there once, and answered" {
	local point words

	for point in push judge answer; do
		mapfile -t words < <(ask_for "a blink at $point")
		blink_at alice $point "${words[@]}"
		[ "$RC" -eq 0 ]
		[ "$(mine "a blink at $point")" = "$(cat "$HOME/out")" ]
	done
	converged
	counts '.type == "request"' 3
}

@test "hosts: a vote that was cut off is there once, or is cast again" {
	local point

	for point in before fetch push judge answer; do
		ID=$(on alice jit-request -q -t INC-4211 -d 30m \
			-m "a vote at $point" ssh:web-1 root)
		if [ $point = before ]; then
			cut_before dan jit-approve -q -y "$ID"
		else
			cut_at dan $point jit-approve -q -y "$ID"
		fi
		[ "$RC" -eq 3 ]
		within 10 settled
		case $point in
		before | fetch) told "no grant '$ID' in this clone, which may be behind: cannot reach 'git@server:/srv/git/ledger.git': " ;;
		*) told "$UNKNOWN" ;;
		esac
		case $point in
		judge | answer) [ "$(stage)" = approved ] ;;
		*)
			[ "$(stage)" = pending ]
			approves
			;;
		esac
		[ "$(stage)" = approved ]
	done
	converged
	counts '.type == "approve"' 5
}

stage() {
	on dan jit-status -q -j "$ID" | jq -r .stage
}

@test "hosts: an issue that was cut off is made once, by the service alone" {
	local point

	serving web-1
	for point in before push judge answer; do
		ID=$(on alice jit-request -q -t INC-4211 -d 30m \
			-m "an issue at $point" ssh:web-1 root)
		if [ $point = before ]; then
			approves
			sever server
		else
			held web-1 $point
			approves
			reached web-1 $point
			sever server
			released web-1 $point
		fi
		# until the service has noticed, and tried again in vain
		sleep 6
		heal server
		within 60 active
		[ "$(enters web-1)" = "in web-1" ]
	done
	converged
	counts '.type == "issue"' 4
	kill -0 "$(cat "$NET/web-1/watch")"
}

@test "hosts: who is in comes in without the server, until the view is stale" {
	serving web-1
	asks web-1
	approves
	within 30 active
	[ "$(enters web-1)" = "in web-1" ]
	sever server
	on alice ssh -i "/root/$ID" root@web-1 true
	within 30 shut web-1
	heal server
	within 20 on alice ssh -i "/root/$ID" root@web-1 true
	converged
}

@test "hosts: a revocation that was cut off is made once, or again" {
	local point

	serving web-1
	for point in before push judge answer; do
		ID=$(on alice jit-request -q -t INC-4211 -d 30m \
			-m "an end at $point" ssh:web-1 root)
		approves
		within 30 active
		[ "$(enters web-1)" = "in web-1" ]
		if [ $point = before ]; then
			cut_before alice jit-revoke -q -m 'all done here' "$ID"
		else
			cut_at alice $point jit-revoke -q -m 'all done here' "$ID"
		fi
		echo "$point: status $RC" >&3
		within 10 settled
		# What was sealed is delivered by what she runs next; where that
		# is the same once more, it is over, or not proven yet.
		case $point in
		judge | answer) on alice jit-request -q --deliver ;;
		*) on alice jit-revoke -q -m 'all done here' "$ID" ||
			[[ $? =~ ^(6|9)$ ]] ;;
		esac
		within 20 shut web-1
		within 60 proven
	done
	converged
	counts '.type == "end" or .type == "late" and .sealed.type == "end"' 4
}

@test "hosts: a command goes on while the server is away, and what it did comes later" {
	serving web-1
	asks web-1
	approves
	within 30 active
	(become_on alice jit-exec "$ID" -- sh -c ': >started; sleep 3; exit 7') \
		>"$HOME/out" 2>"$HOME/err" </dev/null 3>&- &
	within 30 [ -e "$NET/alice/root/started" ]
	sever server
	RC=0
	wait $! || RC=$?
	[ "$RC" -eq 7 ]
	grep -q 'sealed, kept in ' "$HOME/err"
	heal server
	within 20 delivered
	within 60 proven_late
	converged
	[ "$(history '[.[] | select(.type == "late") | .sealed | .phase // .type] |
		join(" ")')" = "close end" ]
}

# What alice kept is delivered by whatever she runs next.
delivered() {
	on alice jit-request --deliver >/dev/null &&
		[ -z "$(find "$NET/alice/root/.local/state/jit/outbox" -type f \
			-name '*-*')" ]
}

# What came late has ended it: the service proves it as any other.
proven_late() {
	[ "$(history "map(select(.id == \"$ID\" and .type == \"probe\" and
		.outcome == \"refused\")) | length")" -ge 1 ]
}

@test "hosts: what runs out while the server is away ends once, by the sweeper" {
	local point

	serving web-1
	for point in before push judge answer; do
		ID=$(on alice jit-request -q -t INC-4211 -d 8s \
			-m "a sweep at $point" ssh:web-1 root)
		approves
		within 30 active
		if [ $point = before ]; then
			sever server
			sleep 10
		else
			sleep 4
			held web-1 $point
			reached web-1 $point
			sever server
			released web-1 $point
			sleep 6
		fi
		heal server
		within 60 proven
	done
	converged
	counts 'if .type == "late" then .sealed else . end |
		.type == "end"' 4
	counts 'if .type == "late" then .sealed else . end |
		.type == "end" and .cause == "ttl"' 4
}

@test "hosts: break-glass on a host that is cut off works, is delivered, and is judged" {
	local file

	serving web-1
	asks web-1
	approves
	within 30 active
	[ "$(enters web-1)" = "in web-1" ]
	OLD=$ID

	# neither the server nor the laptops reach it: only its console is left
	sever web-1
	within 30 closed web-1
	sever server
	ID=$(on alice jit-request -q --break-glass -t INC-1 -d 15m \
		-m 'the site is down' ssh:web-1 root)
	file=$(ls "$NET"/alice/root/.local/state/jit/outbox/"$GENESIS"/*)
	cp "$file" "$NET/web-1/root/stick"
	on web-1 jit-issue -q -C /srv/jit/ledger.git --ca /etc/jit/ca \
		-k /etc/jit/issuer -o /root/glass-cert.pub --sealed /root/stick "$ID"
	cp "$NET/web-1/root/glass-cert.pub" "$NET/alice/root"
	on alice sh -c "cp /run/jit-root/jit/$ID glass && chmod 600 glass"

	# the host's own cable first: alice is let in, and nobody else
	heal web-1
	[ "$(on alice ssh -i glass root@web-1 "echo in \$(cat /etc/hostname)")" = \
		"in web-1" ]
	yields 255 on alice ssh -i "$OLD" root@web-1 true

	# then the server's: the host's own service brings it all
	heal server
	within 60 late 2
	within 20 on alice ssh -i glass root@web-1 true
	converged
	[ "$(history '[.[] | select(.type == "late") | .sealed.type] |
		join(" ")')" = "request issue" ]
	[ -z "$(ls -A "$NET/web-1/lib/jit-outbox")" ]
	on alice jit-status -q >/dev/null
	[ "$(on dan jit-status -q -j --owed | jq -r .id)" = "$ID" ]
	on alice jit-revoke -q -m 'it is up again' "$ID" || [ $? -eq 9 ]
	within 60 on dan jit-approve -q --review ok -m 'it was down indeed' "$ID"
	converged
	counts '.type == "review"' 1
}

# closed HOST: its gate says no by itself, whatever the network does
closed() {
	! on "$1" jit-check --sshd root \
		"$(cut -d ' ' -f 2 "$NET/alice/root/$OLD-cert.pub")" >/dev/null 2>&1
}

# late N: so many events came late
late() {
	[ "$(history 'map(select(.type == "late")) | length')" -eq "$1" ]
}

@test "hosts: an end is known on every host in seconds" {
	local i from to

	serving web-1
	serving lab-1
	for i in 1 2 3; do
		ID=$(on alice jit-request -q -t INC-4211 -d 30m \
			-m "an end, timed: $i" ssh:web-1 root)
		approves
		within 30 active
		on alice jit-revoke -q -m 'all done here' "$ID" || [ $? -eq 9 ]
		from=$(git -C "$SERVER" log --format=%ct --grep '^end ' -1 ledger)
		within 30 known web-1
		within 30 known lab-1
		to=$(date +%s.%N)
		printf '# from the end to the last host: %.1f s\n' \
			"$(jq -n "$to - $from")" >&3
	done
	converged
}

# known HOST: its clone has the end
known() {
	git -C "$NET/$1/srv/jit/ledger.git" log --format=%s ledger |
		grep -q "^end $ID"
}

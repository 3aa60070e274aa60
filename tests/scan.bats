#!/usr/bin/env bats
# jit-scan, on machines of the tests' own with the real sudo, sshd and
# PostgreSQL: what is planted is found, and gone when it is taken away.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154

load helper
load host
load connector

# as_postgres COMMAND...: no server runs as root
as_postgres() {
	(cd / && setpriv --reuid postgres --regid postgres --init-groups "$@")
}

setup_file() {
	local bin

	site
	for bin in /usr/lib/postgresql/*/bin; do PGBIN=$bin; done
	PGDIR=$(mktemp -d /tmp/jit-scan.XXXXXX)
	export PGBIN PGDIR
	chown postgres "$PGDIR"
	chmod 755 "$PGDIR"
	as_postgres "$PGBIN/initdb" -D "$PGDIR/data" -U postgres -A peer \
		--no-sync >/dev/null
	cat >>"$PGDIR/data/postgresql.conf" <<-END
		listen_addresses = ''
		unix_socket_directories = '$PGDIR'
		fsync = off
	END
	echo 'local all all peer map=jit' >"$PGDIR/data/pg_hba.conf"
	printf 'jit %s postgres\n' postgres root >"$PGDIR/data/pg_ident.conf"
	as_postgres "$PGBIN/pg_ctl" -s -w -D "$PGDIR/data" -l "$PGDIR/log" \
		start 3>&- </dev/null >/dev/null
}

teardown_file() {
	as_postgres "$PGBIN/pg_ctl" -s -w -m immediate -D "$PGDIR/data" stop
	rm -rf "${PGDIR:?}"
}

# admin: the script on stdin, as the superuser
admin() {
	psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$PGDIR" -U postgres postgres
}

# A machine on which nothing stands but root and postgres, whose keeper is
# web-1@ex.com, and one target that the issuer reaches from it.
setup() {
	seal
	new_ledger -p '.issuers[0].resources += ["group:*"] |
		.rules = [{id: "docker", who: ["oncall"], resource: "group:*",
			roles: ["member"], max: "1h",
			approve: [{group: "dba", count: 1}]}] + .rules' \
		--enroll "web-1@ex.com=$KEYS/host.pub,host"
	machine
	mkdir -p "$MACHINE/etc/ssh" "$MACHINE/etc/sudoers.d" \
		"$MACHINE/run/sshd" "$MACHINE/lib/alice/.ssh"
	HOME_OF_ALICE=$MACHINE/lib/alice
	chown -R 64010 "$HOME_OF_ALICE"
	cat >"$MACHINE/etc/passwd" <<-END
		root:x:0:0:root:/var/lib/root:/bin/bash
		alice:x:64010:64010::/var/lib/alice:/bin/sh
		bob:x:64012:64012::/var/lib/bob:/bin/sh
		www:x:64013:64013::/var/lib/www:/bin/sh
		$(getent passwd nobody)
		$(getent passwd sshd)
	END
	printf '%s\n' 'root:*:20000::::::' 'alice:!:20000::::::' \
		>"$MACHINE/etc/shadow"
	chmod 600 "$MACHINE/etc/shadow"
	printf '%s\n' root:x:0: sudo:x:27: docker:x:990: alice:x:64010: \
		games:x:60:alice >"$MACHINE/etc/group"
	printf '%s\n' 'Defaults env_reset, !fqdn' \
		'root ALL=(ALL:ALL) ALL' '@includedir /etc/sudoers.d' \
		>"$MACHINE/etc/sudoers"
	chmod 440 "$MACHINE/etc/sudoers"
	echo 'HostKey /etc/ssh/host_key' >"$MACHINE/etc/ssh/sshd_config"
	cp "$KEYS/host" "$MACHINE/etc/ssh/host_key"
	target pg:orders <<-END
		{"host": "$PGDIR", "user": "postgres", "connect": {"a": "b"}}
	END
}

teardown() {
	admin >/dev/null <<-'END'
		SELECT format('DROP ROLE %I', rolname) FROM pg_roles
			WHERE rolname ~ '^(scanned|jit_)' \gexec
	END
	fsck_ledger
}

# scan [NAME] [OPTION]... : there, by NAME (the issuer); it finds no trouble
scan() {
	local name=issuer

	case ${1:-} in
	issuer | host | alice) name=$1 && shift ;;
	esac
	works as "$name" there jit-scan -q "$@"
}

# dry [OPTION]...: nothing is recorded, and it finds no trouble
dry() {
	works there jit-scan -q -n -j "$@"
}

# count SURFACE NUMBER: so much was found there, and all was seen
count() {
	jq -es --arg s "$1" --argjson n "$2" 'map(select(.surface == $s and
		has("seen"))) == map(select(.seen == "all" and .count == $n and
		.surface == $s and .unseen == [])) and any(.surface == $s)' \
		<<<"$output" >/dev/null || {
		printf 'not %s %s: %s\n' "$1" "$2" "$output"
		return 1
	}
}

# stands SURFACE WHO WHAT
stands() {
	jq -es --arg s "$1" --arg who "$2" --arg what "$3" 'any(.[];
		.surface == $s and .who == $who and .what == $what)' \
		<<<"$output" >/dev/null || {
		printf 'not there: %s\nstdout: %s\n' "$*" "$output"
		return 1
	}
}

# unseen SURFACE: nothing was found there, and nothing is said to be
unseen() {
	jq -es --arg s "$1" 'any(.[]; .surface == $s and .seen == "none" and
		(has("count") | not) and (.unseen | length > 0))' \
		<<<"$output" >/dev/null
}

# blind SURFACE SEEN TEXT COMMAND...: status 10; it is named with why, on
# stderr and in JSON, and no count is made up
blind() {
	local surface=$1 seen=$2 text=$3

	shift 3
	yields 10 "$@"
	explains "jit-scan: not seen: $surface: $text"
	jq -es --arg s "$surface" --arg seen "$seen" --arg t "$text" \
		'any(.[]; .surface == $s and .seen == $seen and
		has("count") == ($seen == "part") and
		any(.unseen[]; startswith($t)))' <<<"$output" >/dev/null || {
		printf 'not there: %s %s %s\nstdout: %s\n' "$surface" "$seen" \
			"$text" "$output"
		return 1
	}
}

# key FILE [OPTIONS]: one more line of alice's authorized_keys
key() {
	echo "${2:+$2 }$(cat "$KEYS/$1.pub")" \
		>>"$HOME_OF_ALICE/.ssh/authorized_keys"
}

# certificate NAME [OPTION]...: of the CA, in alice's home
certificate() {
	cp "$KEYS/alice.pub" "$HOME_OF_ALICE/.ssh/$1.pub"
	ssh-keygen -q -s "$KEYS/ca" -I x -n alice "${@:2}" \
		"$HOME_OF_ALICE/.ssh/$1.pub"
}

soon() {
	date -u -d '300 days' "+$1"
}

# plant THING, uproot THING: and what is counted with it
plant() {
	case $1 in
	uid0) echo 'toor:!:0:0::/:/bin/sh' >>"$MACHINE/etc/passwd" ;;
	password) sed -i 's/^root:\*/root:$y$j9T$x$y/' "$MACHINE/etc/shadow" ;;
	member) sed -i 's/^docker:.*/&bob/' "$MACHINE/etc/group" ;;
	first) sed -i 's/:64013:64013:/:64013:27:/' "$MACHINE/etc/passwd" ;;
	rule)
		echo 'bob ALL=(ALL) NOPASSWD: ALL' >"$MACHINE/etc/sudoers.d/bob"
		chmod 440 "$MACHINE/etc/sudoers.d/bob"
		;;
	key) key bob ;;
	authority) key ca cert-authority ;;
	ca)
		cp "$KEYS/ca.pub" "$MACHINE/etc/ssh/ca.pub"
		echo 'TrustedUserCAKeys /etc/ssh/ca.pub' \
			>>"$MACHINE/etc/ssh/sshd_config"
		;;
	certificate) certificate good ;;
	role) admin <<<'CREATE ROLE scanned LOGIN' ;;
	superuser) admin <<<'CREATE ROLE scanned_too SUPERUSER' ;;
	esac
}

uproot() {
	case $1 in
	uid0) sed -i '/^toor:/d' "$MACHINE/etc/passwd" ;;
	password) sed -i 's/^root:[^:]*/root:*/' "$MACHINE/etc/shadow" ;;
	member) sed -i 's/^\(docker:.*\)bob/\1/' "$MACHINE/etc/group" ;;
	first) sed -i 's/:64013:27:/:64013:64013:/' "$MACHINE/etc/passwd" ;;
	rule) rm "$MACHINE/etc/sudoers.d/bob" ;;
	key) sed -i '/ bob$/d' "$HOME_OF_ALICE/.ssh/authorized_keys" ;;
	authority) sed -i '/^cert/d' "$HOME_OF_ALICE/.ssh/authorized_keys" ;;
	ca) rm "$MACHINE/etc/ssh/ca.pub" ;;
	certificate) rm "$HOME_OF_ALICE/.ssh/good-cert.pub" ;;
	role) admin <<<'DROP ROLE scanned' ;;
	superuser) admin <<<'DROP ROLE scanned_too' ;;
	esac
}

THINGS="uid0:uid0 password:uid0 member:groups first:groups rule:sudoers
	key:keys authority:cas ca:cas certificate:certs role:pg:orders
	superuser:pg:orders"

# counts: the counts of all surfaces on stdout, as one object
counts() {
	jq -cs 'map(select(has("seen")) | {(.surface): .count}) | add' \
		<<<"$output"
}

@test "jit-scan: what stands on a machine that has nothing" {
	scan -j
	[ "$(counts)" = '{"cas":0,"certs":0,"groups":0,"keys":0,"pg:orders":1,"sudoers":1,"uid0":0}' ]
	stands sudoers root 'sudoers: root ALL = (ALL:ALL) ALL'
	stands pg:orders postgres 'role: superuser'
	in_json 'has("seen") or has("who")'
}

@test "jit-scan: each thing that is planted is found" {
	local thing

	for thing in $THINGS; do plant "${thing%%:*}"; done
	scan -j
	stands uid0 toor 'user id 0'
	stands uid0 root 'user id 0, with a password'
	stands groups bob 'group docker'
	stands groups www 'group sudo'
	stands sudoers bob 'sudoers: bob ALL = (ALL) NOPASSWD: ALL'
	stands keys alice 'authorized_keys: /var/lib/alice/.ssh/authorized_keys:1'
	stands cas alice 'authorized_keys: /var/lib/alice/.ssh/authorized_keys:2'
	stands cas 'whoever it certifies' 'TrustedUserCAKeys: /etc/ssh/ca.pub:1'
	stands certs alice 'certificate: /var/lib/alice/.ssh/good-cert.pub: forever'
	stands pg:orders scanned 'role: may log in, without VALID UNTIL'
	stands pg:orders scanned_too 'role: superuser'
	[ "$(counts)" = '{"cas":2,"certs":1,"groups":2,"keys":1,"pg:orders":3,"sudoers":2,"uid0":2}' ]
	scan
	uproot role
	uproot superuser
	says 'STANDS     WHO                   WHAT'
	says 'groups     bob                   group docker'
	says 'SURFACE    SEEN  COUNT'
	says 'pg:orders  all   3'
	says 'uid0       all   2'
}

@test "jit-scan: what is taken away again is one less, and nothing else moves" {
	local thing surface full before

	for thing in $THINGS; do plant "${thing%%:*}"; done
	dry
	full=$(counts)
	for thing in $THINGS; do
		surface=${thing#*:}
		before=$(counts)
		uproot "${thing%%:*}"
		dry
		[ "$(counts)" = "$(jq -c --arg s "$surface" '.[$s] -= 1' \
			<<<"$before")" ] || {
			echo "$thing: $before became $(counts)"
			return 1
		}
	done
	[ "$(counts)" = '{"cas":0,"certs":0,"groups":0,"keys":0,"pg:orders":1,"sudoers":1,"uid0":0}' ]
	[ "$full" = '{"cas":2,"certs":1,"groups":2,"keys":1,"pg:orders":3,"sudoers":2,"uid0":2}' ]
}

@test "jit-scan: two scans a change apart are two events, a count apart" {
	plant rule
	scan
	uproot rule
	scan -j
	event HEAD~1 >before.json
	event >after.json
	for file in before after; do
		jq -e '.type == "scan" and .by == "issuer@ex.com" and
			([.surfaces[].surface] == ["cas", "certs", "groups",
				"keys", "pg:orders", "sudoers", "uid0"]) and
			all(.surfaces[]; .seen == "all")' $file.json
	done
	jq -e --arg host "$(uname -n)" '.host == $host' after.json
	[ "$(jq .counter before.json)" -eq 1 ]
	[ "$(jq .counter after.json)" -eq 2 ]
	jq -es '(.[0].surfaces | map({(.surface): .count}) | add) as $a |
		(.[1].surfaces | map({(.surface): .count}) | add) as $b |
		$b == ($a | .sudoers -= 1)' before.json after.json
	# there are no names in the ledger
	run ! grep -qE 'bob|root|postgres|sudoers\.d' before.json
	works jit-audit verify
	works jit-audit log
	says " scan $(uname -n) by issuer@ex.com"
}

@test "jit-scan: the digest is that of what was printed, with its salt" {
	plant rule
	scan -j
	for surface in sudoers keys; do
		{
			# shellcheck disable=SC2059 # its bytes
			printf "$(jq -r --arg s $surface 'select(.surface == $s and
				has("salt")).salt' <<<"$output" |
				sed 's/../\\x&/g')"
			jq -j --arg s $surface 'select(.surface == $s and
				has("who")) | .what + "\u0000" + .who + "\u0000"' \
				<<<"$output"
		} | sha256sum | cut -d ' ' -f 1 >digest
		[ "$(event | jq -r --arg s $surface '.surfaces[] |
			select(.surface == $s).digest')" = "$(cat digest)" ]
	done
	# the same again has another: nobody guesses who it is from it
	event | jq -S .surfaces >first
	scan
	run ! diff first <(event | jq -S .surfaces)
	diff <(jq 'map(del(.digest))' first) \
		<(event | jq -S '.surfaces | map(del(.digest))')
}

@test "jit-scan: what ends within a year does not stand, whatever it is called" {
	local rule ulid

	ulid=$(tr '[:upper:]' '[:lower:]' <<<"$GRANT")
	key bob "expiry-time=\"$(soon %Y%m%d)\""
	key carol "from=\"*.ex.com,10.0.0.1\",EXPIRY-TIME=\"$(soon %Y%m%d%H%M)Z\",no-pty"
	certificate hour -V +1h
	certificate until -V "always:$(soon %Y%m%d)"
	ssh-keygen -q -h -s "$KEYS/ca" -I x -n web-1 \
		"$HOME_OF_ALICE/.ssh/hour.pub" # a host's opens nothing
	for rule in "jit-$ulid" other; do
		printf 'bob ALL = NOTAFTER=%s000000Z ALL\n' "$(soon %Y%m%d)" \
			>"$MACHINE/etc/sudoers.d/$rule"
	done
	admin <<-END
		CREATE ROLE scanned LOGIN VALID UNTIL '$(soon %F)';
	END
	dry
	admin <<<"ALTER ROLE scanned RENAME TO jit_$ulid;
		ALTER ROLE jit_$ulid VALID UNTIL '2099-01-01'"
	[ "$(counts)" = '{"cas":0,"certs":0,"groups":0,"keys":0,"pg:orders":1,"sudoers":1,"uid0":0}' ]

	# and what does not end stands, be it called like a grant's
	key dan 'expiry-time="20990101"'
	key dora 'command="echo expiry-time=20261231,x"'
	certificate far -V 20260101:20990101
	sed -i 's/NOTAFTER=[0-9]*Z/NOTAFTER=20990101000000Z/' \
		"$MACHINE/etc/sudoers.d/jit-$ulid"
	dry
	admin <<<"DROP ROLE jit_$ulid"
	[ "$(counts)" = '{"cas":0,"certs":1,"groups":0,"keys":2,"pg:orders":2,"sudoers":2,"uid0":0}' ]
	stands pg:orders "jit_$ulid" 'role: may log in, without VALID UNTIL'
	stands keys alice 'authorized_keys: /var/lib/alice/.ssh/authorized_keys:4'
}

# group_connector: that says what it is asked to scan, and does nothing
group_connector() {
	cat >"$MACHINE/connectors/group" <<-'END'
		#!/bin/sh
		case $1 in
		describe) echo '{"v":1,"name":"group","offer":"none","actions":false,"proves":"nothing"}' ;;
		grant) echo '{"v":1,"account":"alice","connect":{}}' ;;
		probe) echo '{"v":1,"outcome":"allowed","how":"asked"}' ;;
		scan)
			cat >/run/question
			echo '{"v":1,"standing":[{"what":"x","who":"y","surface":"z"}],"unseen":[]}'
			;;
		esac
	END
	chmod 755 "$MACHINE/connectors/group"
}

@test "jit-scan: a member of a group by a live grant does not stand, another does" {
	target group:docker <<-'END'
		{"accounts": [{"principal": "alice@ex.com", "account": "alice"},
		              {"principal": "carol@ex.com", "account": "bob"}]}
	END
	group_connector
	sed -i 's/^docker:.*/&alice,bob/' "$MACHINE/etc/group"
	dry groups
	count groups 2
	id=$(as alice jit-request -q -t INC-1 -m 'look at the queue' -d 30m \
		group:docker member)
	approve dan "$id"
	dry groups
	count groups 2
	as issuer there jit-issue -q "$id"
	dry groups
	count groups 1
	stands groups bob 'group docker'
	# over: it has no business there any more
	as alice jit-revoke -q "$id"
	dry groups
	count groups 2
}

@test "jit-scan: a group by another name is the same group" {
	plant first # www's first group is sudo
	printf '%s\n' ops:x:27:bob,alice heads:x:0:bob other:x:270:bob \
		>>"$MACHINE/etc/group"
	dry groups
	count groups 4
	stands groups www 'group sudo'
	stands groups bob 'group ops'
	stands groups alice 'group ops'
	stands groups bob 'group heads'
}

@test "jit-scan: the connector of a target is told which grants are live" {
	target group:docker <<<'{"accounts": []}'
	group_connector
	id=$(as alice jit-request -q -t INC-1 -m 'look at the queue' -d 30m \
		group:docker member)
	approve dan "$id"
	as issuer there jit-issue -q "$id"
	scan -j
	stands group:docker y 'z: x'
	jq -e --arg id "$id" '.resource == "group:docker" and
		[.others[].id] == [$id] and .others[0].principal ==
		"alice@ex.com" and .target == {accounts: []}' \
		"$MACHINE/run/question"
}

@test "jit-scan: a host records its own machine, under its own name" {
	works as host there jit-scan -j
	explains "pg:orders is left out: web-1@ex.com is neither its host nor an issuer of it"
	explains "recorded, of web-1"
	event | jq -e '.host == "web-1" and .by == "web-1@ex.com" and
		.counter == 1 and ([.surfaces[].surface] ==
		["cas", "certs", "groups", "keys", "sudoers", "uid0"])'
	fails 1 as host there jit-scan -q pg:orders
	explains "web-1@ex.com is neither the host nor an issuer of pg:orders"
	answers ""
	works jit-audit verify
}

@test "jit-scan: a person records nothing, a stranger neither" {
	unharmed fails 1 as alice there jit-scan -q uid0
	explains "only a host or an issuer scans: alice@ex.com is enrolled as person"
	unharmed fails 1 as mallory there jit-scan -q uid0
	answers ""
}

@test "jit-scan: -n records nothing, and needs neither key nor ledger" {
	unharmed dry
	works as alice there jit-scan -n -q uid0
	unset JIT_LEDGER
	works there jit-scan -n uid0
	explains "no ledger, so no grant is known"
	says 'uid0     all   0'
	fails 3 there jit-scan -n -C /nowhere uid0
	fails 3 there jit-scan uid0
}

@test "jit-scan: only the surfaces that are named" {
	scan -j uid0 pg:orders
	[ "$(counts)" = '{"pg:orders":1,"uid0":0}' ]
	event | jq -e '[.surfaces[].surface] == ["pg:orders", "uid0"]'
	unharmed fails 2 as issuer there jit-scan uid0 uid0
	explains "'uid0' is named twice"
	unharmed fails 2 as issuer there jit-scan Keys
	explains "'Keys' is no surface: cas, certs, groups, keys, sudoers, uid0, or a resource"
	blind pg:none none 'it is not within reach here' \
		as issuer there jit-scan -q -j pg:none
	sed -i 's/^games:.*/&,bob/' "$MACHINE/etc/group"
	dry groups --group games
	count groups 2
	stands groups alice 'group games'
}

@test "jit-scan: to a plain user it says what he could not see" {
	plant key
	chmod 700 "$HOME_OF_ALICE/.ssh" "$MACHINE/etc/jit/targets"
	chmod 600 "$MACHINE/etc/ssh/host_key"
	unset JIT_LEDGER
	plain() {
		there setpriv --reuid 65534 --regid 65534 --clear-groups \
			env HOME=/nowhere XDG_STATE_HOME= jit-scan -n -q -j "$@"
	}
	blind uid0 none 'getent shadow root: it is not found, or not for you' \
		plain
	for surface in certs cas keys sudoers targets; do
		explains "jit-scan: not seen: $surface: "
		unseen "$surface"
	done
	explains "jit-scan: 6 of 7 surfaces could not be seen, or not whole"
	count groups 0
	[ -z "$(jq 'select(has("who"))' <<<"$output")" ]
	works plain groups
	count groups 0
}

@test "jit-scan: what is missing, broken or hangs is unseen, and recorded so" {
	local tool=$SITE/usr/local/sbin/cvtsudoers

	mkdir -p "${tool%/*}"
	printf '#!/bin/sh\nexec sleep 3600\n' >"$tool"
	chmod 755 "$tool"
	blind sudoers none 'sudoers: ' as issuer there jit-scan -q -j sudoers
	printf '#!/bin/sh\nexit 0\n' >"$tool"
	blind sudoers none 'cvtsudoers: it says nothing' \
		as issuer there jit-scan -q -j sudoers
	rm "$tool"
	event | jq -e '.surfaces == [{seen: "none", surface: "sudoers"}]'

	echo 'nonsense' >>"$MACHINE/etc/sudoers"
	blind sudoers none 'cvtsudoers: ' as issuer there jit-scan -q -j sudoers
	sed -i '$d' "$MACHINE/etc/sudoers"
	echo 'Nonsense yes' >>"$MACHINE/etc/ssh/sshd_config"
	blind keys none 'sshd -T: ' as issuer there jit-scan -q -j keys certs
	count certs 0
	sed -i '$d' "$MACHINE/etc/ssh/sshd_config"

	rm "$MACHINE/connectors/ssh"
	blind cas none "connector 'ssh': " as issuer there jit-scan -q -j
	explains "jit-scan: not seen: keys: connector 'ssh': "
	explains "jit-scan: not seen: certs: connector 'ssh': "
	count sudoers 1
	event | jq -e '[.surfaces[] | select(.seen == "none").surface] ==
		["cas", "certs", "keys"] and all(.surfaces[];
		has("count") == (.seen == "all"))'
	broken sudo scan '{"v":1,"standing":[{"what":"a","who":"b","surface":"sudo"}],"unseen":[]}'
	blind sudoers none 'of no known surface: a' \
		there jit-scan -n -q -j sudoers
	broken pg scan nonsense
	blind pg:orders none "connector 'pg': scan: not JSON" \
		as issuer there jit-scan -q -j pg:orders
	works jit-audit verify
}

@test "jit-scan: what is seen in part is counted as part" {
	echo "ssh-ed25519 AAAA x" >"$HOME_OF_ALICE/.ssh/authorized_keys"
	mkdir -p "$MACHINE/lib/bob/.ssh/authorized_keys"
	blind keys part '/var/lib/bob/.ssh/authorized_keys: Is a directory' \
		as issuer there jit-scan -q -j keys certs
	count certs 0
	event | jq -e '.surfaces[1] | .surface == "keys" and
		.seen == "part" and .count == 1'
	echo 'passwd: files sss' >"$MACHINE/etc/nsswitch.conf"
	blind uid0 none '/etc/nsswitch.conf: passwd: not all may be listed: sss' \
		there jit-scan -n -q -j uid0 groups
	blind groups none '/etc/nsswitch.conf: passwd: not all may be listed: sss' \
		there jit-scan -n -q -j uid0 groups
	echo 'initgroups : files sss' >"$MACHINE/etc/nsswitch.conf"
	blind groups none '/etc/nsswitch.conf: initgroups: not all may be listed: sss' \
		there jit-scan -n -q -j uid0 groups
	count uid0 0
	printf '#%070000d\n' 0 >"$MACHINE/etc/nsswitch.conf"
	blind uid0 none "'/etc/nsswitch.conf' is larger than 65536 bytes" \
		there jit-scan -n -q -j uid0
}

@test "jit-scan: sshd's blocks of accounts are followed, others are unseen" {
	plant key
	mkdir "$MACHINE/etc/ssh/keys"
	cp "$KEYS/bob.pub" "$MACHINE/etc/ssh/keys/bob"
	cat >>"$MACHINE/etc/ssh/sshd_config" <<-'END'
		Match User bob
			AuthorizedKeysFile /etc/ssh/keys/%u
	END
	dry keys cas
	count keys 2
	stands keys bob 'authorized_keys: /etc/ssh/keys/bob:1'
	cat >>"$MACHINE/etc/ssh/sshd_config" <<-'END'
		Match User alice
			AuthorizedKeysFile none
	END
	dry keys
	count keys 1
	cat >"$MACHINE/etc/ssh/more" <<-'END'
		Match Address 10.0.0.0/8 User bob
			AuthorizedKeysFile /etc/ssh/others
	END
	echo 'Include /etc/ssh/more' >>"$MACHINE/etc/ssh/sshd_config"
	blind keys part 'sshd_config: Match: Address 10.0.0.0/8' \
		there jit-scan -n -q -j keys
	sed -i '$d' "$MACHINE/etc/ssh/sshd_config"
	sed -i '1i AuthorizedKeysCommand /bin/false\nAuthorizedKeysCommandUser nobody' \
		"$MACHINE/etc/ssh/sshd_config"
	blind keys part 'AuthorizedKeysCommand: /bin/false' \
		there jit-scan -n -q -j keys cas
	count cas 0
}

@test "jit-scan: what an account writes into its files hides no key in them" {
	local keys=$HOME_OF_ALICE/.ssh/authorized_keys

	# sshd goes on after a line that begins with a NUL
	printf '\0\n\0 x\n\r\n# \0\n' >"$keys"
	key bob
	dry keys
	count keys 1
	stands keys alice 'authorized_keys: /var/lib/alice/.ssh/authorized_keys:5'
	# a name that is not the whole of a path is one in the home folder
	cp "$KEYS/carol.pub" "$HOME_OF_ALICE/alice.keys"
	sed -i '1i AuthorizedKeysFile %u.keys' "$MACHINE/etc/ssh/sshd_config"
	dry keys
	count keys 1
	stands keys alice 'authorized_keys: /var/lib/alice/alice.keys:1'
	# what is no file is not opened: that alone may do something
	rm "$HOME_OF_ALICE/alice.keys"
	mkfifo "$HOME_OF_ALICE/alice.keys" "$HOME_OF_ALICE/.ssh/x-cert.pub"
	blind keys none '/var/lib/alice/alice.keys: No such device or address' \
		there jit-scan -n -q -j keys
	blind certs none '/var/lib/alice/.ssh/x-cert.pub: it is no regular file' \
		there jit-scan -n -q -j certs
}

@test "jit-scan: names that would do something on a terminal do not" {
	printf 'e\033[31mve:!:0:0::/:/bin/sh\n' >>"$MACHINE/etc/passwd"
	dry uid0
	stands uid0 'e\u{001B}[31mve' 'user id 0'
	works there jit-scan -q -n uid0
	says 'e\u{001B}[31mve'
	[[ $output != *$'\033'* ]]
}

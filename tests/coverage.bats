#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # bats: its variables, subshells
# jit-report coverage: what was given, what was done, and what is missing.

load helper
load host

setup() {
	seal
	new_ledger -p '.issuers[0].resources += ["sudo:*"] |
		.rules += [{id: "ops", who: ["oncall"], resource: "sudo:web-*",
			roles: ["root"], max: "1h", approve: [{group: "dba", count: 1}]},
		{id: "glass", break_glass: true, who: ["oncall"],
			resource: "ssh:glass-*", roles: ["root"], max: "15m",
			review: {group: "security", within: "1h"}}]' \
		--enroll "web-1@ex.com=$KEYS/host.pub,host"
	CA=$(fingerprint ca)
	: >log
}

teardown() {
	stop_journal
	fsck_ledger
}

# coverage [OPTION]...: of what is in 'log'; statuses are run's
coverage() {
	jit-report coverage --log log "$@"
}

# coverage_at SECONDS [OPTION]...: the same, so much later
coverage_at() {
	local seconds=$1

	shift
	later "$seconds" jit-report coverage --log log "$@"
}

# entry SECONDS-FROM-NOW PROGRAM TEXT: one more in web-1's log
entry() {
	printf '%s web-1 %s[71]: %s\n' \
		"$(date -u -d "@$((NOW + $1))" '+%b %e %T')" "$2" "$3" >>log
}

# login SECONDS-FROM-NOW [ID [SERIAL [CA [ACCOUNT]]]]: by a certificate
login() {
	entry "$1" sshd "Accepted publickey for ${5:-root} from 10.0.0.7 port 4711 ssh2: ED25519-CERT $(fingerprint alice) ID ${2:-$ID} (serial ${3:-$SERIAL}) CA ED25519 ${4:-$CA}"
}

# command SECONDS-FROM-NOW ACCOUNT [COMMAND]: by sudo
command_of() {
	entry "$1" sudo "  $2 : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=${3:-/usr/bin/id}"
}

# given: alice has a grant; its id and serial in $ID, $SERIAL
given() {
	granted
	NOW=$(date +%s)
	SERIAL=$(event | jq .seq)
}

# sudo_given: one for sudo, to account 'ann'
sudo_given() {
	ID=$(as alice jit-request -q -t INC-1 -m 'restart that service' -d 30m \
		sudo:web-1 root)
	approve dan "$ID"
	write issuer issue id="$ID" connector=sudo connect:='{"account":"ann"}'
	NOW=$(date +%s)
}

# findings: their kinds, sorted
findings() {
	jq -r 'select(.type == "finding") | .kind' <<<"$output" | sort | tr '\n' ' '
}

# finds 'KIND...': exactly these are found, in logs and grants
finds() {
	yields 10 coverage -j
	[ "$(findings)" = "$1" ] || {
		echo "found: $(findings), wanted: $1"
		return 1
	}
}

# used: something is started under the grant, and over again
used() {
	write alice use id="$ID"
	write alice use id="$ID" phase=close \
		session="$(event | jq -r .session)" program-
}

# proven: the grant is used, and its end shown: nothing is missing
proven() {
	write issuer probe id="$ID" outcome=allowed
	used
	as alice jit-revoke -q "$ID"
	write issuer probe id="$ID"
}

# -- Grants -----------------------------------------------------------------

@test "coverage: a chain that is whole is no finding" {
	given
	proven
	works jit-report coverage
	[[ ${lines[0]} == "good: $JIT_LEDGER genesis $GENESIS seq "* ]]
	[ "${lines[1]}" = "ID                          CHAIN   RESOURCE   ROLE  BY" ]
	[ "${lines[2]}" = "$ID  raiuep  ssh:web-1  root  alice@ex.com" ]
	[ "${lines[3]}" = "1 asked, 1 approved, 1 issued, 1 used, 1 ended, 1 proven dead" ]
	[ "${#lines[@]}" -eq 4 ]
	[ -z "$stderr" ]
	works jit-report coverage -j
	jq -es '.[0].type == "ledger" and .[0].good and .[0].findings == 0 and
		(.[1] | .type == "grant" and .chain == "raiuep" and
			.proof >= .end and .end >= .use and .use >= .issue and
			.issue >= .approve and .approve >= .request) and
		length == 2' <<<"$output"
}

@test "coverage: what is live, waits or was denied misses nothing" {
	given
	request carol >/dev/null
	id=$(request alice)
	as dan jit-approve --deny -q -m 'not this week, no' "$id"
	works jit-report coverage
	says "$ID  rai...  "
	[ "$(grep -cF '  r.....  ' <<<"$output")" -eq 2 ]
	says "3 asked, 1 approved, 1 issued, 0 used, 0 ended, 0 proven dead"
}

@test "coverage: unused, unended, unproven, each by its name" {
	given
	yields 10 later 3600 jit-report coverage -j
	[ "$(findings)" = "unended unproven unused " ]
	jq -es 'map(select(.type == "grant"))[0] | .chain == "rai---" and
		.use == false and .end == false and .proof == false' <<<"$output"
	yields 10 later 3600 jit-report coverage
	explains "to be looked at: 3 findings"
	says "unused          $ID  root on ssh:web-1 to alice@ex.com, over since "
	says "unended         $ID  "
	says ": nobody ended it"
	says "unproven        $ID  "
}

@test "coverage: what nobody saw at work is not shown dead by a refusal" {
	given
	used
	as alice jit-revoke -q "$ID"
	write issuer probe id="$ID"
	yields 10 jit-report coverage
	says ": nothing can show that it is dead"
	says "  raiue-  "
}

@test "coverage: an extension is used by what goes on under it" {
	given
	first=$ID
	write alice use id="$first"
	session=$(event | jq -r .session)
	ID=$(as alice jit-request -q --extend "$first" -d 20m \
		-m 'not done by far')
	approve dan "$ID"
	issue "$ID"
	write alice use id="$first" phase=close session="$session" program-
	yields 10 later 7200 jit-report coverage -j
	[ "$(findings)" = "unended unended unproven unproven unused " ]
	# closed in the second in which the extension began it did not go on
	in_json 'if .kind == "unused" then .id == "'"$ID"'" else true end'
	write alice use id="$first"
	yields 10 later 7200 jit-report coverage -j
	[ "$(findings)" = "unclosed unended unended unproven unproven " ]
}

@test "coverage: what failed was never given, so nobody could use it" {
	given
	write issuer end id="$ID" cause=failed
	write issuer probe id="$ID"
	works jit-report coverage
	says "  rai.ep  "
}

@test "coverage: a use that nobody closed" {
	given
	write issuer probe id="$ID" outcome=allowed
	write alice use id="$ID"
	works jit-report coverage
	as alice jit-revoke -q "$ID"
	write issuer probe id="$ID"
	yields 10 jit-report coverage -j
	[ "$(findings)" = "unclosed " ]
	in_json 'if .type == "finding" then .id == "'"$ID"'" and
		(.text | test("^opened at .* on .*, and never closed$")) else true end'
}

@test "coverage: a review that is overdue" {
	ID=$(as alice jit-request -q --break-glass -t INC-1 \
		-m 'the shop is down' -d 10m ssh:glass-1 root)
	issue "$ID"
	proven
	works jit-report coverage
	says "  r.iuep  "
	yields 10 later 3700 jit-report coverage -j
	[ "$(findings)" = "unreviewed " ]
	as bob jit-approve -q --review ok -m 'it was down indeed' "$ID"
	works later 3700 jit-report coverage
}

@test "coverage: only what was asked in the period, by whom, on what" {
	given
	yields 10 later 3600 jit-report coverage --by alice@ex.com \
		--resource 'ssh:web-*' --since 2026-01-01
	works later 3600 jit-report coverage --by carol@ex.com
	says "0 asked"
	works later 3600 jit-report coverage --resource 'pg:*'
	works later 3600 jit-report coverage --until 2026-01-01
	works later 3600 jit-report coverage --since 2099-01-01
	fails 2 jit-report coverage --by nobody
	fails 2 jit-report coverage --since yesterday
}

# -- Logins -----------------------------------------------------------------

@test "coverage: a login by a grant, in its time, is a use of it" {
	given
	login 1
	works coverage
	says "log log: 1 entries from "
	says ", 1 logins, 0 commands by sudo, 0 unread"
	says "$ID  raiu..  "
	# and so it was not unused
	yields 10 later 3600 jit-report coverage --log log -j
	[ "$(findings)" = "unended unproven " ]
}

@test "coverage: a certificate that is no grant's" {
	given
	other=$(request alice)
	login 1 01HZZZZZZZZZZZZZZZZZZZZZZZ
	login 2 "$ID" 77
	login 3 "$ID" "$SERIAL" "$(fingerprint mallory)"
	login 4 "$other"
	login 5 "$ID x"
	sed -i '1s/web-1/web-2/' log
	finds "no-grant no-grant no-grant no-grant no-grant "
	[ "$(jq -r 'select(.type == "finding") | "\(.file):\(.line) \(.text)"' \
		<<<"$output" | sed 's/root logged in on web-. from 10.0.0.7 at [^ ]* by certificate//')" = \
		"log:1  '01HZZZZZZZZZZZZZZZZZZZZZZZ': no grant has that id
log:2  '$ID': its serial is another
log:3  '$ID': no policy names its CA
log:4  '$other': no grant has that id
log:5  '$ID x': no grant has that id" ]
}

@test "coverage: a certificate on another host than its grant's" {
	given
	login 1
	sed -i 's/web-1/web-2/' log
	finds "no-grant "
	in_json 'if .type == "finding" then
		.text | endswith("the grant is for another host") else true end'
	# by its whole name it is the same
	sed -i 's/web-2/web-1.ex.com/' log
	works coverage
	# what the option says is what counts
	fails 10 jit-report coverage -q --log web-2=log
	works jit-report coverage --log web-1=log
}

@test "coverage: a login before the grant and after its end" {
	given
	login -60
	login 1799
	login 1804
	login 1806
	yields 10 coverage_at 1900 -j
	[ "$(findings)" = "outside outside unended unproven " ]
	jq -es 'map(select(.kind == "outside") | .line) == [1, 4]' <<<"$output"
}

@test "coverage: a login after it was revoked, by a host that did not know" {
	given
	proven
	NOW=$(date +%s)
	login 60
	yields 10 coverage_at 100
	[ "$(grep -c '^outside ' <<<"$output")" -eq 1 ]
	says "outside         log:1  root logged in on web-1 at "
	says " by grant $ID, which lasted from "
}

@test "coverage: a login without a grant, by password or key" {
	given
	entry 1 sshd 'Accepted password for root from 10.0.0.7 port 1 ssh2'
	entry 2 sshd "Accepted publickey for root from 10.0.0.7 port 1 ssh2: ED25519 $(fingerprint alice)"
	entry 3 sshd 'Failed password for root from 10.0.0.7 port 1 ssh2'
	finds "standing-login standing-login "
	yields 10 coverage
	says "standing-login  log:1  root logged in on web-1 from 10.0.0.7 at "
	says " by password, without a grant"
	# on a host that no issuer has it is nobody's business here
	sed -i 's/ web-1 / mail-1 /' log
	finds "standing-login standing-login "
	rm -rf "$JIT_LEDGER"
	new_ledger -p '.issuers[0].resources = ["ssh:web-*"] |
		.rules |= map(select(.resource | startswith("ssh:web")))'
	works coverage
	says "  2 of them on hosts that the policy does not guard"
}

@test "coverage: a login that its host did not record" {
	given
	# it records what it is asked about
	write host use id="$ID" host=web-1
	login 0
	works coverage
	login 200
	yields 10 coverage_at 300 -j
	[ "$(findings)" = "unrecorded " ]
	in_json 'if .type == "finding" then .line == 2 else true end'
}

@test "coverage: a use on record that the host's log does not show" {
	given
	write host use id="$ID" host=web-1
	entry -600 sshd 'Server listening on 0.0.0.0 port 22.'
	entry 600 sshd 'Received signal 15; terminating.'
	yields 10 coverage_at 700 -j
	[ "$(findings)" = "unlogged " ]
	login 1
	works coverage_at 700
	# outside of the log's time nothing is known
	: >log
	entry 300 sshd 'Server listening on 0.0.0.0 port 22.'
	entry 600 sshd 'Received signal 15; terminating.'
	works coverage_at 700
}

# -- sudo -------------------------------------------------------------------

@test "coverage: sudo under a live grant is its use" {
	sudo_given
	command_of 1 ann
	works coverage
	says "$ID  raiu..  sudo:web-1  root"
	command_of 1 bob /bin/sh
	command_of 1900 ann
	command_of 2 root
	yields 10 coverage_at 2000 -j
	[ "$(findings)" = "standing-sudo standing-sudo unended unproven " ]
	jq -es 'map(select(.kind == "standing-sudo") | .line) == [2, 3]' <<<"$output"
	yields 10 coverage_at 2000
	says "standing-sudo   log:2  bob ran '/bin/sh' as root on web-1 at "
	# a grant for ssh lets nobody use sudo, nor one for another host
	: >log
	command_of 1 ann
	sed -i 's/web-1/web-2/' log
	finds "standing-sudo "
}

@test "coverage: sudo that refused is no use" {
	sudo_given
	entry 1 sudo '  ann : command not allowed ; PWD=/ ; USER=root ; COMMAND=/bin/ls'
	entry 1 sudo '  bob : user NOT in sudoers ; PWD=/ ; USER=root ; COMMAND=/bin/ls'
	works coverage
	says "$ID  rai...  "
}

@test "coverage: sudo's own line is not talked away by what the account chose" {
	sudo_given
	# a program here, a folder with a name like that, a group without a user
	entry 1 sudo '  bob : TTY=pts/0 ; PWD=/tmp ; USER=root ; COMMAND=./x'
	entry 2 sudo '  bob : PWD=/tmp/a ; USER=bob ; COMMAND=list ; USER=root ; COMMAND=/bin/sh'
	entry 3 sudo '  bob : PWD=/ ; USER=bob ; GROUP=shadow ; COMMAND=/bin/cat'
	finds "standing-sudo standing-sudo standing-sudo "
	jq -es 'map(select(.type == "finding") | .text | sub(" on web.*"; "")) == [
		"bob ran \u0027./x\u0027 as root",
		"bob ran \u0027/bin/sh\u0027 as root",
		"bob ran \u0027/bin/cat\u0027 as bob:shadow"]' <<<"$output"
}

@test "coverage: a host is the same however its name is written" {
	rm -r "$JIT_LEDGER" "$XDG_STATE_HOME"
	new_ledger -p '.issuers[0].resources = ["ssh:web-*"]'
	given
	entry 1 sshd "Accepted password for bob from 10.0.0.7 port 1 ssh2"
	sed -i 's/ web-1 / WEB-1.Ex.com /' log
	finds "standing-login "
	sed -i 's/ WEB-1.Ex.com / other /' log
	yields 10 jit-report coverage --log WEB-1=log
	says "bob logged in on web-1 from "
}

# -- What cannot be read ----------------------------------------------------

@test "coverage: what cannot be read is counted, said, and a finding" {
	given
	login 1
	echo 'Accepted publickey for root from 10.0.0.7 port 1 ssh2' >>log
	entry 2 sshd 'Accepted publickey for root'
	echo '{"MESSAGE":"x"}' >>log
	finds "unread "
	jq -es 'map(select(.type == "finding"))[0] | .line == 2 and
		.text == "3 entries could not be read, first this: it begins with no date"' \
		<<<"$output"
	jq -es 'map(select(.type == "log"))[0] | .unread == 3 and .entries == 1' \
		<<<"$output"
}

@test "coverage: an entry of no host is read with its host's name only" {
	given
	login 1
	sed -i 's/ web-1 / /' log
	finds "unread "
	in_json 'if .type == "finding" then
		.text | endswith("it names no host: --log NAME=FILE") else true end'
	works jit-report coverage --log web-1=log
	says "  raiu..  "
}

@test "coverage: dates without a zone are UTC, or what is said" {
	given
	login 3601
	yields 10 coverage_at 7200 -j
	[[ $(findings) == *outside* ]]
	works coverage --zone +01:00
	says "  raiu..  "
	fails 2 coverage --zone CET
	explains "--zone 'CET' is no zone: Z, +01:00"
}

@test "coverage: what others wrote is escaped" {
	given
	entry 1 sudo "  a$(printf '\033')[31mb : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/x$(printf '\033')"
	yields 10 coverage
	says '\u{001B}[31mb ran '
	run ! grep -q "$(printf '\033')" <<<"$output"
	yields 10 coverage -j
	jq -es 'length > 2' <<<"$output"
}

@test "coverage: a log that is not there, a ledger that is bad" {
	given
	fails 2 jit-report coverage --log nowhere
	explains "cannot read 'nowhere'"
	fails 2 jit-report coverage --log =log
	fails 2 jit-report report --log log
	fails 2 jit-report coverage --follow
	fails 7 jit-report coverage -g "${GENESIS//[0-9]/7}"
	answers ""
}

# -- A company's year -------------------------------------------------------

# year [OPTION]...: as $JIT_LEDGER, with plan.json and what its hosts logged
year() {
	export JIT_LEDGER=$BATS_TEST_TMPDIR/year.git
	mkdir logs
	"$TOOLS/year" --seed 7 --grants 500 --out "$JIT_LEDGER" \
		--plan plan.json --logs logs "$@"
}

@test "coverage: of a company's year it finds what was planted, nothing else" {
	year
	jq -r '[.planted[] | select(.kind == "unreviewed" or
		.kind == "grant-without-use") | .ids[]] | sort[]' plan.json >planted
	host=$(jq -r '.planted[] | select(.kind == "use-without-grant") |
		"\(.host) from \(.from)"' plan.json)
	for log in auth.log journal.json; do
		yields 10 jit-report coverage -j --log "logs/$log" \
			--log logs/sudo.json
		jq -r 'select(.type == "finding" and .id) | .id' <<<"$output" |
			sort | diff - planted
		[ "$(findings)" = "standing-login unreviewed unused " ]
		[[ $(jq -r 'select(.kind == "standing-login").text' <<<"$output") == "root logged in on $host at "* ]]
		jq -es 'map(select(.type == "log")) | all(.unread == 0) and
			.[0].entries > 0' \
			<<<"$output"
	done
}

@test "coverage: of a year without troubles it finds nothing" {
	year --plain
	works jit-report coverage --log logs/auth.log --log logs/sudo.json
	[ -z "$stderr" ]
}

# -- Real hosts -------------------------------------------------------------

# on_web: web-1 with its own sshd, sudo, journal and name, as root. What is
# logged there is kept by a real journald.
on_web() {
	local dir=$BATS_TEST_TMPDIR/web node

	HOSTDIR=$dir
	mkdir -p "$dir/etc/pam.d" "$dir/dev/pts" "$dir/var" "$dir/home"
	cat >"$dir/etc/passwd" <<-END
		root:*:0:0:root:/:/bin/sh
		ann:*:64010:64010::/:/bin/sh
		bob:*:64012:64012::/:/bin/sh
		$(getent passwd nobody)
		$(getent passwd sshd)
	END
	printf 'root:x:0:\nann:x:64010:\nbob:x:64012:\n' >"$dir/etc/group"
	cp "$KEYS/ca.pub" "$KEYS/mallory.pub" "$dir/etc/"
	cp /etc/machine-id "$dir/etc/"
	echo "root@web-1" >"$dir/etc/principals"
	ssh-keygen -q -t ed25519 -N '' -f "$dir/etc/host_key"
	for service in sshd sudo other; do
		printf '%s required pam_permit.so\n' auth account session \
			>"$dir/etc/pam.d/$service"
	done
	cat >"$dir/etc/sudoers" <<-'END'
		Defaults !fqdn
		Defaults:bob log_format=json, logfile=/var/sudo.json
		ann ALL=(root) NOPASSWD: /usr/bin/id
		bob ALL=(root) NOPASSWD: /usr/bin/id
	END
	chmod 440 "$dir/etc/sudoers"
	mknod -m 666 "$dir/dev/null" c 1 3
	mknod -m 666 "$dir/dev/zero" c 1 5
	mknod -m 666 "$dir/dev/random" c 1 8
	mknod -m 666 "$dir/dev/urandom" c 1 9
	mknod -m 666 "$dir/dev/tty" c 5 0
	ln -s /run/systemd/journal/dev-log "$dir/dev/log"
	PORT=$(shuf -n 1 -i 32100-32700)
	cat >"$dir/etc/sshd_config" <<-END
		ListenAddress 127.0.0.1
		Port $PORT
		HostKey /etc/host_key
		PidFile none
		UsePAM no
		StrictModes no
		LogLevel VERBOSE
		PermitRootLogin yes
		TrustedUserCAKeys /etc/ca.pub
		AuthorizedPrincipalsFile /etc/principals
		AuthorizedKeysFile /etc/mallory.pub
	END
	unshare -m -u sh -c 'hostname web-1 &&
		mount --bind "$1/etc" /etc && mount --bind "$1/var" /var &&
		mount -t tmpfs -o mode=755 tmpfs /run &&
		mount --bind "$1/dev" /dev &&
		mkdir -p /run/sshd /run/systemd/journal /run/log/journal &&
		{ /lib/systemd/systemd-journald & } &&
		until [ -S /run/systemd/journal/dev-log ]; do sleep 0.05; done &&
		exec /usr/sbin/sshd -D -f /etc/sshd_config' sh "$dir" \
		</dev/null >"$dir/out" 2>&1 3>&- &
	WEB=$!
	until there journalctl -q -D /run/log/journal 2>/dev/null |
		grep -q 'Server listening'; do
		kill -0 "$WEB" || {
			cat "$dir/out"
			return 1
		}
		sleep 0.1
	done
}

# there COMMAND...: in web-1
there() {
	nsenter -m -u -t "$WEB" --wd=/ env -i \
		PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@"
}

stop_journal() {
	[ -n "${WEB:-}" ] || return 0
	there sh -c 'for p in /proc/[0-9]*; do
		case $(readlink $p/exe) in
		*/systemd-journald)
			[ "$(readlink $p/ns/mnt)" = "$(readlink /proc/self/ns/mnt)" ] &&
				kill "${p#/proc/}" ;;
		esac
	done' || :
	kill "$WEB" 2>/dev/null || :
}

# enter KEY [OPTION]...: a login to web-1
enter() {
	ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o LogLevel=ERROR \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-p "$PORT" -i "$1" "${@:2}" root@127.0.0.1 true
}

@test "coverage: what a real sshd, sudo and journald wrote is understood" {
	[ "$(id -u)" -eq 0 ] # sshd and mounts
	on_web
	ID=$(request alice -p "$KEYS/alice.pub" ssh:web-1 root)
	approve dan "$ID"
	issue "$ID"
	cp "$KEYS/alice" key
	cp "$CERT" key-cert.pub
	enter key
	first=$ID
	as alice jit-revoke -q "$ID"
	sudo_given
	there setpriv --reuid 64010 --regid 64010 --clear-groups \
		sudo -n /usr/bin/id >/dev/null
	there setpriv --reuid 64012 --regid 64012 --clear-groups \
		sudo -n /usr/bin/id >/dev/null
	there setpriv --reuid 64010 --regid 64010 --clear-groups \
		sudo -n /bin/ls >/dev/null 2>&1 || :
	there setpriv --reuid 64010 --regid 64010 --clear-groups \
		logger -t sshd 'Accepted password for root from 10.0.0.7 port 1 ssh2'
	sleep 6
	enter key
	enter "$KEYS/mallory"
	sleep 0.3
	there journalctl -q -D /run/log/journal -o json >journal.json
	there journalctl -q -D /run/log/journal -o short >auth.log
	there journalctl -q -D /run/log/journal -o short-iso >iso.log
	cp "$HOSTDIR/var/sudo.json" sudo.json

	yields 10 jit-report coverage -j --log journal.json
	[ "$(findings)" = "outside standing-login standing-sudo unproven " ]
	jq -es "map(select(.type == \"log\"))[0] | .logins == 3 and
		.commands == 2 and .unread == 0" <<<"$output"
	jq -es "map(select(.type == \"grant\")) |
		.[0].chain == \"raiue-\" and .[1].chain == \"raiu..\"" <<<"$output"
	[ "$(jq -r 'select(.kind == "standing-sudo").text' <<<"$output" |
		sed 's/ at .*Z,/,/')" = \
		"bob ran '/usr/bin/id' as root on web-1, without a grant" ]

	# the same as text, in which anybody may call himself sshd
	for file in auth.log iso.log; do
		yields 10 jit-report coverage -j --log "$file"
		[ "$(findings)" = \
			"outside standing-login standing-login standing-sudo unproven " ]
		jq -es "map(select(.type == \"log\"))[0] | .logins == 4 and
			.commands == 2" <<<"$output"
	done

	# and sudo's own file, one object for all
	yields 10 jit-report coverage -j --log sudo.json
	[ "$(findings)" = "standing-sudo unproven unused " ]
	jq -es "map(select(.type == \"log\"))[0] | .commands == 1 and
		.unread == 0" <<<"$output"
}

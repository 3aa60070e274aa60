#!/usr/bin/env bats
# The connector of sudo, with the real sudo on a machine of the test's own.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load helper
load host
load connector

DIR=etc/sudoers.d

setup_file() {
	site
}

setup() {
	seal
	machine
	cp -r /etc/pam.d /etc/security /etc/login.defs "$MACHINE/etc/"
	mkdir "$MACHINE/$DIR"
	chmod 755 "$MACHINE/$DIR"
	cat >"$MACHINE/etc/sudoers" <<-'END'
		Defaults env_reset, !fqdn
		User_Alias ADMINS = bob
		root ALL=(ALL:ALL) ALL
		@includedir /etc/sudoers.d
	END
	chmod 440 "$MACHINE/etc/sudoers"
	target sudo:web-1 <<-'END'
		{"accounts": [{"principal": "alice@ex.com", "account": "alice"},
		              {"principal": "bob@ex.com", "account": "bob"}]}
	END
	FILE=$MACHINE/$DIR/jit-$(tr '[:upper:]' '[:lower:]' <<<"$GRANT")
}

# alice COMMAND...: she tries
alice() {
	there setpriv --reuid 64010 --regid 64010 --clear-groups "$@"
}

# may COMMAND...: alice may, by sudo, as root
may() {
	works alice sudo -n -- "$@"
}

# may_not COMMAND...
may_not() {
	fails 1 alice sudo -n -- "$@"
	explains "sudo: a password is required"
}

# grant [JQ FILTER]...
grant() {
	works asked grant sudo:web-1 "$@"
}

revoke() {
	works asked revoke sudo:web-1 "$@"
}

# folder: all that is in the drop-ins' folder
folder() {
	(cd "$MACHINE/$DIR" && ls -lA --full-time &&
		find . -type f -exec sha256sum {} +)
}

# untouched COMMAND...: it changes nothing there
untouched() {
	local before

	before=$(folder)
	"$@"
	[ "$(folder)" = "$before" ]
}

@test "sudo: it says what it is" {
	works asked describe sudo:web-1
	in_json '.name == "sudo" and .offer == "none" and .actions == true'
}

@test "sudo: refused before, works while live, refused after" {
	may_not id -un
	probed refused sudo:web-1
	grant
	in_json '.account == "alice" and
		.connect == {account: "alice", host: "web-1"}'
	[ "$(stat -c %a:%u:%g "$FILE")" = 440:0:0 ]
	may id -un
	answers root
	probed allowed sudo:web-1
	in_json '.how == "sudo -n -l -U alice -u root -- /bin/true: status 0, it may"'
	revoke
	answers '{"ended":0,"v":1}'
	[ ! -e "$FILE" ]
	may_not id -un
	probed refused sudo:web-1
	in_json '.how == "sudo -n -l -U alice -u root -- /bin/true: status 1, it may not"'
	[ -z "$(ls -A "$MACHINE/$DIR")" ]
}

@test "sudo: each verb may be asked again" {
	grant
	untouched revoke '.id = "01M811SWC8EY2228A52W0X3AEH"'
	grant
	grant '.until += 600'
	[ "$(ls -A "$MACHINE/$DIR")" = "$(basename "$FILE")" ]
	may id -un
	revoke
	revoke
	may_not id -un
}

@test "sudo: only as the role, only the principal's account" {
	grant '.role = "www"'
	works alice sudo -n -u www id -un
	answers www
	may_not id -un
	fails 1 alice sudo -n -u bob id -un
	fails 1 alice sudo -n -u www -g root id -un
	works there setpriv --reuid 64012 --regid 64012 --clear-groups \
		sh -c 'sudo -n -u www id -un || echo refused'
	answers refused
	probed allowed sudo:web-1 '.role = "www"'
	probed refused sudo:web-1
	probed refused sudo:web-1 '.role = "www"' '.principal = "bob@ex.com"'
}

@test "sudo: with actions exactly these words, and no neighbour of them" {
	local words

	ln -s /bin/echo "$BATS_TEST_TMPDIR/echo"
	cp /bin/echo "$BATS_TEST_TMPDIR/copy"
	grant '.actions = [["/bin/echo", "restart", "nginx"],
		["/usr/bin/id"], ["/usr/bin/dirname", "a,b:c=d@e%f+g-h_i./j"]]'
	may /bin/echo restart nginx
	answers 'restart nginx'
	may /usr/bin/id
	may id
	may /usr/bin/dirname a,b:c=d@e%f+g-h_i./j
	answers 'a,b:c=d@e%f+g-h_i.'
	while read -r words; do
		# shellcheck disable=SC2086
		may_not $words
	done <<-END
		/bin/echo
		/bin/echo restart
		/bin/echo nginx
		/bin/echo nginx restart
		/bin/echo restart nginx2
		/bin/echo restart ngin
		/bin/echo restart nginx nginx
		/bin/echo restart nginx -n
		/bin/echo -n restart nginx
		/bin/echo restart NGINX
		/bin/echo Restart nginx
		/bin/echo restart nginx,
		/bin/echo restart,nginx
		/bin/echo restart *
		/bin/echo restart nginx\\
		/bin/echo restart \\nginx
		/bin/echo restart [n]ginx
		/bin/echo restart nginx;id
		/usr/bin/ech restart nginx
		/usr/bin/id -u
		/usr/bin/id root
		/usr/bin/id *
		/usr/bin/dirname
		/usr/bin/dirname a
		/usr/bin/dirname a,b:c=d@e%f+g-h_i./j k
		/usr/bin/dirname a b:c=d@e%f+g-h_i./j
		/usr/bin/dirname a,b
		/usr/bin/dirname a\\,b\\:c\\=d@e%f+g-h_i./j
		/usr/bin/dirname axb:c=d@e%f+g-h_i./j
		/usr/bin/dirname a,b:c=d@e%f+g-h_i.x/j
		/bin/true
		/bin/sh
		$BATS_TEST_TMPDIR/copy restart nginx
	END
	may_not /bin/echo restart ''
	may_not /bin/echo restart 'nginx '
	may_not /bin/echo restart ' nginx'
	may_not /bin/echo restart $'nginx\nid'
	may_not /usr/bin/id ''
	fails 1 alice sudo -n -s
	fails 1 alice sudo -n -i
	fails 1 alice sudo -n -e /etc/shadow
	fails 1 alice sudo -n FOO=bar /usr/bin/id
	fails 1 alice sudo -n -E /usr/bin/id
	fails 1 alice sudo -n -u www /usr/bin/id
	fails 1 alice sudo -n --chroot=/ /usr/bin/id
	fails 1 alice sudo -n --chdir=/etc /usr/bin/id
}

@test "sudo: not even where the host lets people set variables" {
	sed -i '1i Defaults setenv' "$MACHINE/etc/sudoers"
	grant '.actions = [["/usr/bin/id"]]'
	may /usr/bin/id
	fails 1 alice sudo -n LD_PRELOAD=/tmp/x.so /usr/bin/id
	fails 1 alice sudo -n -E /usr/bin/id
}

@test "sudo: words of an action cannot become rules" {
	grant '.actions = [["/usr/bin/systemctl", "restart", "nginx,", "ALL"]]'
	probed refused sudo:web-1
	may_not /bin/true
	probed allowed sudo:web-1 \
		'.actions = [["/usr/bin/systemctl", "restart", "nginx,", "ALL"]]'
	grant '.actions = [["/bin/echo", "x:", "ALL=", "NOPASSWD:", "ALL"]]'
	fails 2 asked grant sudo:web-1 '.actions = [["/bin/echo", "(ALL)"]]'
	probed refused sudo:web-1
}

@test "sudo: what is no plain word is refused, and nothing is written" {
	local actions

	while read -r actions; do
		untouched fails 2 asked grant sudo:web-1 ".actions = $actions"
	done <<-'END'
		[["/usr/bin/systemctl", "restart nginx, ALL"]]
		[["/usr/bin/systemctl\n", "ALL"]]
		[["/bin/echo", "a\nalice ALL=(ALL) ALL"]]
		[["/bin/echo", "*"]]
		[["/bin/echo", "a?"]]
		[["/bin/echo", "[a]"]]
		[["/bin/echo", "\\"]]
		[["/bin/echo", "#"]]
		[["/bin/echo", "!x"]]
		[["/bin/echo", "\""]]
		[["/bin/echo", ""]]
		[["/bin/echo", "^a$"]]
		[["ALL"]]
		[["sudoedit", "/etc/shadow"]]
		[["list"]]
		[["sha224:AAAA", "/bin/ls"]]
		[["bin/ls"]]
		[["/bin/"]]
		[["/"]]
		[[]]
		[]
		["/bin/ls"]
		[["/bin/*"]]
		[["/bin/ls", 7]]
	END
	for actions in '.role = "ALL"' '.role = "ALL, bob"' '.role = "#0"' \
		'.role = "root\nALL"' '.id = "../../x"' '.id = "x"' \
		'.until = -1' '.until = 1e300' '.until = "tomorrow"' \
		'.principal = "alice"'; do
		untouched fails 2 asked grant sudo:web-1 "$actions"
	done
	question pg:web-1 '.target = {}' >"$BATS_TEST_TMPDIR/question"
	fails 2 there /usr/local/libexec/jit/connectors/sudo grant \
		<"$BATS_TEST_TMPDIR/question"
	[ "$stderr" = "'pg:web-1' is not for connector sudo" ]
}

@test "sudo: accounts that sudoers would read as something else" {
	local account

	for account in ALL ADMINS A %wheel +netgroup '#0' '!alice' -x 'a b' \
		'a,bob' '\"alice\"' '' 'a/b' 'al*' 'al\\' 'al\\n'; do
		target sudo:web-1 <<-END
			{"accounts": [{"principal": "alice@ex.com",
				"account": "$account"}]}
		END
		untouched fails 2 asked grant sudo:web-1
	done
	target sudo:web-1 <<<'{"accounts": []}'
	untouched fails 1 asked grant sudo:web-1
	explains "its target names no account of 'alice@ex.com'"
	target sudo:web-1 <<-END
		{"accounts": [{"principal": "alice@ex.com", "account": "eve"}]}
	END
	untouched fails 1 asked grant sudo:web-1
	explains "there is no account 'eve' here"
	probed refused sudo:web-1
	target sudo:web-1 <<<'{"dir": "/etc/sudoers.d", "evil": 1}'
	fails 2 asked grant sudo:web-1
	explains "target: unknown member 'evil'"
	for account in ALL WEB 'a,b' '!x' ''; do
		target sudo:web-1 <<<"{\"host\": \"$account\"}"
		fails 2 asked grant sudo:web-1
	done
}

@test "sudo: NOTAFTER ends it, whoever sleeps" {
	local until

	until=$(($(date +%s) + 3))
	grant ".until = $until" \
		'.actions = [["/bin/echo", "one"], ["/bin/echo", "two"]]'
	may /bin/echo one
	may /bin/echo two
	while [ "$(date +%s)" -le "$until" ]; do sleep 0.1; done
	may_not /bin/echo one
	may_not /bin/echo two
	probed refused sudo:web-1 '.actions = [["/bin/echo", "two"]]'
	grant '.until += 600' '.actions = [["/bin/echo", "one"]]'
	may /bin/echo one
	may_not /bin/echo two
}

@test "sudo: a revoke that does nothing is seen by the probe" {
	grant
	broken sudo revoke '{"v":1,"ended":0}'
	revoke
	probed allowed sudo:web-1
	may id -un
	mended sudo
	revoke
	probed refused sudo:web-1
	may_not id -un
}

@test "sudo: so is a drop-in that somebody put back, or a rule beside ours" {
	grant
	cp -p "$FILE" "$FILE-2"
	revoke
	probed allowed sudo:web-1
	rm "$FILE-2"
	probed refused sudo:web-1
	echo 'alice ALL=(root) /bin/true' >"$MACHINE/$DIR/site"
	chmod 440 "$MACHINE/$DIR/site"
	probed allowed sudo:web-1
	probed refused sudo:web-1 '.actions = [["/bin/echo"]]'
	probed allowed sudo:web-1 '.actions = [["/bin/echo"], ["/bin/true"]]'
}

@test "sudo: what another grant covers is left, and said" {
	local a=$GRANT b=01M811SWC8EY2228A52W0X3AEH first second order

	for order in "$a $b" "$b $a"; do
		first=${order% *} second=${order#* }
		grant ".id = \"$a\""
		grant ".id = \"$b\""
		revoke ".id = \"$first\"" ".others = [{id: \"$second\", role,
			principal, until}]"
		in_json ".left == \"what grant $second covers as root\""
		may id -un
		revoke ".id = \"$second\""
		in_json 'has("left") | not'
		may_not id -un
		probed refused sudo:web-1
	done
	# of another role, or other actions: nothing is left of this one
	revoke ".others = [{id: \"$b\", role: \"www\", principal, until}]"
	in_json 'has("left") | not'
	revoke '.actions = [["/bin/ls", "-l"], ["/bin/echo", "x"]]' \
		".others = [{id: \"$b\", role, principal, until,
			actions: [[\"/bin/ls\"]]}]"
	in_json 'has("left") | not'
	revoke '.actions = [["/bin/ls", "-l"], ["/bin/echo", "x"]]' \
		".others = [{id: \"$b\", role, principal, until,
			actions: [[\"/bin/echo\", \"x\"]]}]"
	in_json 'has("left")'
}

@test "sudo: a configuration that is broken stays as it is, status 3" {
	echo 'this is no rule' >"$MACHINE/$DIR/site"
	chmod 440 "$MACHINE/$DIR/site"
	untouched fails 3 asked grant sudo:web-1
	explains "visudo -c says: /etc/sudoers.d/site:1:"
	# what is there may still be taken away
	rm "$MACHINE/$DIR/site"
	grant
	echo 'this is no rule' >"$MACHINE/$DIR/site"
	revoke
	[ ! -e "$FILE" ]
	rm "$MACHINE/$DIR/site"

	# only the check after the move fails: all is as it was before
	cat >"$MACHINE/visudo" <<-'END'
		#!/bin/sh
		[ "$2" = -f ] || exec /bin/false
		exec /usr/sbin/visudo "$@"
	END
	chmod 755 "$MACHINE/visudo"
	mkdir -p "$MACHINE/local/sbin"
	cp "$MACHINE/visudo" "$SITE/usr/local/bin/visudo"
	fails 3 asked grant sudo:web-1
	[ -z "$(ls -A "$MACHINE/$DIR")" ]
	rm "$SITE/usr/local/bin/visudo"
	grant '.role = "www"'
	cp "$MACHINE/visudo" "$SITE/usr/local/bin/visudo"
	fails 3 asked grant sudo:web-1
	grep -q '(www)' "$FILE"
	[ "$(ls -A "$MACHINE/$DIR")" = "$(basename "$FILE")" ]
	rm "$SITE/usr/local/bin/visudo"
}

@test "sudo: a folder that others may write, one that is not there, no root" {
	chmod 777 "$MACHINE/$DIR"
	fails 3 asked grant sudo:web-1
	explains "'/etc/sudoers.d' must be a folder of root's"
	fails 3 asked revoke sudo:web-1
	chmod 755 "$MACHINE/$DIR"
	target sudo:web-1 <<-'END'
		{"dir": "/etc/elsewhere", "accounts": [{
			"principal": "alice@ex.com", "account": "alice"}]}
	END
	fails 3 asked grant sudo:web-1
	explains "cannot open '/etc/elsewhere'"

	# a folder that sudo does not read: granted, and the probe says refused
	mkdir "$MACHINE/etc/elsewhere"
	grant
	probed refused sudo:web-1
	revoke
	[ -z "$(ls -A "$MACHINE/etc/elsewhere")" ]
}

@test "sudo: it ends what was begun and not finished" {
	printf 'half of a ru' >"$MACHINE/$DIR/.$(basename "$FILE").new"
	may_not id -un
	grant
	may id -un
	printf 'half of a ru' >"$MACHINE/$DIR/.$(basename "$FILE").new"
	revoke
	[ -z "$(ls -A "$MACHINE/$DIR")" ]
	ln -s /etc/passwd "$MACHINE/$DIR/.$(basename "$FILE").new"
	grant
	[ ! -L "$FILE" ]
	grep -q ^root: "$MACHINE/etc/passwd"
	may id -un
}

@test "sudo: many at once leave a configuration that is whole" {
	local i pids=()

	for i in {10..29}; do
		question sudo:web-1 ".id = \"01M811SWC8EY2228A52W0X3A$i\"" |
			there ask grant >/dev/null 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	[ "$(find "$MACHINE/$DIR" -name 'jit-*' | wc -l)" -eq 20 ]
	there visudo -c
	may id -un
}

@test "sudo: a probe that cannot be asked is unknown, not refused" {
	echo 'garbage' >"$MACHINE/$DIR/site"
	chmod 440 "$MACHINE/$DIR/site"
	probed unknown sudo:web-1
	in_json '.how | contains("/etc/sudoers.d/site:1")'
	rm "$MACHINE/$DIR/site"
	chmod 666 "$MACHINE/etc/sudoers"
	probed unknown sudo:web-1
	in_json '.how | contains("world writable")'
	chmod 440 "$MACHINE/etc/sudoers"
	probed refused sudo:web-1
}

@test "sudo: a scan names what stands for good, and not what ends" {
	cat >"$MACHINE/$DIR/site" <<-END
		ADMINS ALL=(ALL) NOPASSWD: ALL
		%wheel, www ALL=(root) /usr/bin/systemctl restart nginx, \\
			/usr/bin/systemctl restart a-service-with-a-long-name
		eve ALL=(root) NOTAFTER=$(date -u -d '300 days' +%Y%m%d)000000Z /bin/ls
		eve ALL=(root) NOTAFTER=20990101000000Z /bin/ps
		www ALL = NOTAFTER=$(date -u -d '1 day' +%Y%m%d)000000Z /bin/a : \\
			web-9 = /bin/b
		eve ALL = !/bin/c
		"josÃ©" ALL = /bin/d
	END
	chmod 440 "$MACHINE/$DIR/site"
	grant
	works asked scan sudo:web-1
	in_json '[.standing[].who] ==
		["root", "bob", "%wheel, www", "eve", "www", "josÃ©"]'
	in_json '[.standing[].surface] | unique == ["sudoers"]'
	in_json '.standing[3].what == "sudoers: eve ALL = (root) /bin/ps"'
	in_json '.standing[4].what == "sudoers: www web-9 = /bin/b"'
	in_json '.standing[1].what == "sudoers: bob ALL = (ALL) NOPASSWD: ALL"'
	in_json '.standing[2].what | endswith("restart nginx, /usr/bin/systemctl restart a-service-with-a-long-name")'
	in_json '.unseen == []'
	echo 'garbage' >>"$MACHINE/$DIR/site"
	works asked scan sudo:web-1
	in_json '.unseen[0] | contains("/etc/sudoers.d/site:10")'
	in_json '.whole == null'
}

@test "sudo: a rule that only has the name of a grant's stands for good" {
	grant
	sed -i 's/NOTAFTER=[0-9]*Z //' "$FILE"
	works asked scan sudo:web-1
	in_json '[.standing[].who] == ["root", "alice"]'
}

@test "sudo: a scan never takes silence for nothing" {
	local tool=$SITE/usr/local/bin/cvtsudoers

	echo 'sudoers: files sss' >"$MACHINE/etc/nsswitch.conf"
	works asked scan sudo:web-1
	in_json '.unseen ==
		["/etc/nsswitch.conf: sudoers: not all may be listed: sss"]'
	in_json '.standing | length == 1'
	rm "$MACHINE/etc/nsswitch.conf"
	while read -r line; do
		printf '#!/bin/sh\n%s\n' "$line" >"$tool"
		chmod 755 "$tool"
		works asked scan sudo:web-1
		in_json '.standing == [] and (.unseen | length == 1)'
	done <<-'END'
		exit 0
		exit 1
		echo nonsense
		echo 'sudoUser:: ?'
		echo '# rules'
		kill $$
	END
	rm "$tool"
	works asked scan sudo:web-1
	in_json '.standing | length == 1'
}

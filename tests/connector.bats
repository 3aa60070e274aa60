#!/usr/bin/env bats
# The runner of connectors: what is asked, and what is believed of an answer.
#
# The connectors and targets are those of a mount namespace: /etc, /usr/local
# and /run there are folders of the test.
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
}

# connector NAME: the script on stdin is one
connector() {
	cat >"$MACHINE/connectors/$1"
	chmod 755 "$MACHINE/connectors/$1"
}

# gone PATTERN: no process looks like that
gone() {
	run pgrep -fa "$1"
	[ "$status" -eq 1 ] || {
		echo "still there: $output"
		return 1
	}
}

@test "connector: it is asked by argument and stdin, and answers on stdout" {
	connector demo <<-'END'
		#!/bin/sh
		[ "$*" = grant ] || exit 2
		jq -c '{v: 1, account: (.role + "@" + .target.host),
			connect: {id, until, actions, others}}'
	END
	target demo:one <<<'{"host": "h1"}'
	works asked grant demo:one '.actions = [["/bin/ls", "-l"]]' \
		'.others = [{id: .id, role: "r", principal: "bob@ex.com", until: 7}]'
	in_json '.account == "root@h1" and .connect.id == "'"$GRANT"'" and
		.connect.actions == [["/bin/ls", "-l"]] and
		.connect.others[0].until == 7'
	[ -z "$stderr" ]
}

@test "connector: its environment is clean, its folder anything" {
	connector demo <<-'END'
		#!/bin/sh
		env | sort | grep -v '^PWD=' >&2
		exit 1
	END
	export SECRET=planted LD_LIBRARY_PATH=/nowhere
	fails 1 asked probe demo:one
	explains "connector 'demo': probe: LC_ALL=C.UTF-8"
	connector demo <<-'END'
		#!/bin/sh
		env | grep -cvE '^(PATH|LC_ALL|PWD)=' >&2
		exit 1
	END
	fails 1 asked probe demo:one
	explains "connector 'demo': probe: 0"
}

@test "connector: its statuses are jit's, its first line is the reason" {
	local code

	for code in 1 2 3 9; do
		connector demo <<-END
			#!/bin/sh
			echo "the reason" >&2
			echo "more of it" >&2
			exit $code
		END
		fails "$code" asked revoke demo:one
		[ "$stderr" = "connector 'demo': revoke: the reason" ]
	done
	for code in 4 5 6 7 8 10 99 126 127 255; do
		connector demo <<-END
			#!/bin/sh
			echo '{"v":1,"ended":0}'
			exit $code
		END
		fails 3 asked revoke demo:one
		explains "connector 'demo': revoke: ended with status $code and said nothing"
	done
	connector demo <<-'END'
		#!/bin/sh
		kill -9 $$
	END
	fails 3 asked revoke demo:one
	explains "ended with status 137"
}

@test "connector: what it says cannot draw on a terminal" {
	connector demo <<-'END'
		#!/bin/sh
		printf '\033]0;x\007 \342\200\256evil\n' >&2
		exit 1
	END
	fails 1 asked probe demo:one
	explains '\u{001B}]0;x\u{0007} \u{202E}evil'
}

@test "connector: garbage and silence are trouble, never done" {
	local answer

	for answer in '' ' ' 'done' '{}' '{"v":1}' '[]' '{"v":2,"ended":0}' \
		'{"v":1,"ended":0} and so on' '{"v":1,"ended":0}{"v":1}' \
		'{"v":1,"ended":"0"}' '{"v":1,"ended":0,"more":1}' \
		'{"v":1,"ended":0,"ended":1}' '{"v":1,"ended":1.5}' \
		'{"v":1,"outcome":"refused","how":"x"}'; do
		connector demo <<-END
			#!/bin/sh
			printf '%s' '$answer'
		END
		fails 3 asked revoke demo:one
		explains "connector 'demo': revoke: "
	done
	connector demo <<-'END'
		#!/bin/sh
		head -c 60000 /dev/urandom
	END
	fails 3 asked revoke demo:one
	connector demo <<-'END'
		#!/bin/sh
		printf '{"v":1,"outcome":"refused","how":"\033[1m"}'
	END
	fails 3 asked probe demo:one
	connector demo <<-'END'
		#!/bin/sh
		printf '{"v":1,"outcome":"Refused","how":"x"}'
	END
	fails 3 asked probe demo:one
	explains "'Refused' is not refused, allowed, lapsed or unknown"
}

@test "connector: a gigabyte is trouble, at once" {
	local start=$SECONDS

	connector demo <<-'END'
		#!/bin/sh
		head -c 1000000000 /dev/zero
	END
	fails 3 asked revoke demo:one
	explains "says more than 65536 bytes"

	# to people: the answer is still an answer
	connector demo <<-'END'
		#!/bin/sh
		head -c 1000000000 /dev/zero >&2
		echo '{"v":1,"ended":0}'
	END
	works asked revoke demo:one
	[ $((SECONDS - start)) -lt 20 ]
}

@test "connector: one that hangs is dead in time, with what it started" {
	local start=$SECONDS

	target demo:one <<<'{"timeout": "1s"}'
	connector demo <<-'END'
		#!/bin/sh
		sleep 3617 &
		sleep 3618
	END
	fails 3 asked revoke demo:one
	explains "took longer than 1 seconds"
	[ $((SECONDS - start)) -le 5 ]
	gone 'sleep 361[78]'

	# it answers, and goes on
	connector demo <<-'END'
		#!/bin/sh
		echo '{"v":1,"ended":0}'
		exec >&-
		sleep 3617
	END
	fails 3 asked revoke demo:one
	gone 'sleep 361[78]'

	# it reads nothing of a long question
	connector demo <<-'END'
		#!/bin/sh
		echo '{"v":1,"ended":0}'
	END
	works asked revoke demo:one '.others = [range(2000) as $i |
		{id, role: "r", principal: "bob@ex.com", until: $i}]'

	for limit in '"5m30"' 5 '"0s"' '[]'; do
		target demo:one <<<"{\"timeout\": $limit}"
		fails 2 asked revoke demo:one
		explains "target: timeout"
	done
}

@test "connector: one that is not there, not a file, not to be run, is trouble" {
	fails 3 asked probe demo:one
	explains "connector 'demo': probe: cannot look at '/usr/local/libexec/jit/connectors/demo': No such file"
	mkdir "$MACHINE/connectors/demo"
	fails 3 asked probe demo:one
	explains "must be a file of root's that nobody else may write"
	rmdir "$MACHINE/connectors/demo"
	echo 'echo {}' >"$MACHINE/connectors/demo"
	fails 3 asked probe demo:one
	explains "cannot run '/usr/local/libexec/jit/connectors/demo': Permission denied"
	printf '\177ELF' >"$MACHINE/connectors/demo"
	chmod 755 "$MACHINE/connectors/demo"
	fails 3 asked probe demo:one
	explains "cannot run"
}

@test "connector: one that others may write is not run" {
	local mode

	connector demo <<-'END'
		#!/bin/sh
		touch /etc/ran
		exit 1
	END
	for mode in 775 757 777 2775; do
		chmod "$mode" "$MACHINE/connectors/demo"
		fails 3 asked probe demo:one
		explains "must be a file of root's that nobody else may write"
	done
	chmod 755 "$MACHINE/connectors/demo"
	chown 64010 "$MACHINE/connectors/demo"
	fails 3 asked probe demo:one
	explains "must be a file of root's"
	chown 0 "$MACHINE/connectors/demo"
	mv "$MACHINE/connectors/demo" "$MACHINE/connectors/real"
	ln -s real "$MACHINE/connectors/demo"
	fails 3 asked probe demo:one
	explains "must be a file of root's"
	mv "$MACHINE/connectors/real" "$MACHINE/connectors/demo"
	chmod 777 "$MACHINE/connectors"
	fails 3 asked probe demo:one
	explains "'/usr/local/libexec/jit/connectors' must be a folder of root's"
	[ ! -e "$MACHINE/etc/ran" ]
	chmod 755 "$MACHINE/connectors"
	fails 1 asked probe demo:one
	[ -e "$MACHINE/etc/ran" ]
}

@test "connector: a target that others may write is not believed" {
	local path

	connector demo <<-'END'
		#!/bin/sh
		jq -c '{v: 1, outcome: "unknown", how: (.target | tojson)}'
	END
	works asked probe demo:one
	in_json '.how == "{}"'
	target demo:one <<<'{"host": "h1"}'
	works asked probe demo:one
	in_json '.how == "{\"host\":\"h1\"}"'
	for path in etc/jit etc/jit/targets etc/jit/targets/demo \
		etc/jit/targets/demo/one.json; do
		chmod g+w "$MACHINE/$path"
		fails 3 asked probe demo:one
		explains "'/$path' must be a"
		chmod g-w "$MACHINE/$path"
		chown 64010 "$MACHINE/$path"
		fails 3 asked probe demo:one
		explains "'/$path' must be a"
		chown 0 "$MACHINE/$path"
	done
	works asked probe demo:one
	for text in '' '[]' '{' '{"a":1,"a":2}' '{"a":1.5}'; do
		target demo:one <<<"$text"
		fails 3 asked probe demo:one
		explains "target '/etc/jit/targets/demo/one.json'"
	done
	head -c 70000 /dev/zero | tr '\0' ' ' |
		target demo:one
	fails 3 asked probe demo:one
	explains "larger than 65536 bytes"
}

@test "connector: what calls itself otherwise is another" {
	connector demo <<-'END'
		#!/bin/sh
		[ "$1" = describe ] && [ -z "$(cat)" ] || exit 2
		echo '{"v":1,"name":"other","offer":"none","actions":false,"proves":"x"}'
	END
	fails 3 asked describe demo:one
	explains "it calls itself 'other'"
	sed -i 's/other/demo/' "$MACHINE/connectors/demo"
	works asked describe demo:one
	in_json '.offer == "none"'
}

# -- The example ------------------------------------------------------------

# example: share/examples/connector/group, by what it says of itself
example() {
	install -m 755 "$ROOT/share/examples/connector/group" \
		"$MACHINE/connectors/group"
	sed -n 's/^#	\({"accounts".*\)/\1/p' \
		"$ROOT/share/examples/connector/group" | target group:docker
	printf 'docker:x:990:\nwheel:x:991:bob\n' >>"$MACHINE/etc/group"
	cp /etc/login.defs "$MACHINE/etc/"
}

# member VERB [JQ FILTER]...: asked of it
member() {
	works asked "$1" group:docker '.role = "member"' "${@:2}"
}

# in_group: alice is a member
in_group() {
	there id -nG alice | tr ' ' '\n' | grep -qx docker
}

@test "connector: the example in shell grants, revokes and probes" {
	local pid

	example
	member describe
	in_json '.name == "group" and .offer == "none"'
	probed refused group:docker '.role = "member"'
	member grant
	answers '{"account":"alice","connect":{"account":"alice","group":"docker"},"v":1}'
	member grant
	in_group
	probed allowed group:docker '.role = "member"'
	there setpriv --reuid 64010 --regid 64010 --init-groups sleep 3619 \
		3>&- &
	pid=$!
	until pgrep -f 'sleep 3619'; do sleep 0.02; done
	member revoke
	answers '{"ended":1,"v":1}'
	run ! wait "$pid"
	gone 'sleep 3619'
	run ! in_group
	probed refused group:docker '.role = "member"'
	member revoke
	answers '{"ended":0,"v":1}'
}

@test "connector: the example is seen through when its revoke does nothing" {
	example
	member grant
	broken group revoke '{"v":1,"ended":0}'
	member revoke
	probed allowed group:docker '.role = "member"'
	mended group
	# nor does a session of before escape it
	there setpriv --reuid 64010 --regid 64010 --init-groups sleep 3619 \
		3>&- &
	until pgrep -f 'sleep 3619'; do sleep 0.02; done
	there gpasswd -d alice docker
	probed allowed group:docker '.role = "member"'
	in_json '.how | startswith("/proc: alice has group docker in ")'
	member revoke
	probed refused group:docker '.role = "member"'
}

@test "connector: the example's scan leaves out what the ledger says, and no more" {
	local live='.others = [{id: .id, role: "member", principal, until}]'

	example
	member grant
	works asked scan group:docker "$live"
	in_json '.standing == [] and .unseen == []'
	# over, or never given: then it stands, whatever the machine's file says
	works asked scan group:docker
	in_json '[.standing[].who] == ["alice"]'
	works asked scan group:docker "$live" \
		'.others[0].id = "01M811SWC8EY2228A52W0X3AEH"'
	in_json '[.standing[].who] == ["alice"]'
	there gpasswd -a bob docker
	there usermod -g docker www
	works asked scan group:docker "$live"
	in_json '[.standing[].who] == ["bob", "www"]'
}

@test "connector: the example keeps what another grant covers, and what stands" {
	local a=$GRANT b=01M811SWC8EY2228A52W0X3AEH order

	example
	for order in "$a $b" "$b $a"; do
		member grant ".id = \"$a\""
		member grant ".id = \"$b\""
		member revoke ".id = \"${order% *}\""
		in_json 'has("left")'
		in_group
		member revoke ".id = \"${order#* }\""
		run ! in_group
	done
	there gpasswd -a alice docker
	fails 1 asked grant group:docker '.role = "member"'
	explains "alice is in group docker for good"
	member revoke
	in_group
	works asked scan group:docker
	in_json '.standing == [{what: "group docker", who: "alice"}]'
	fails 1 asked grant group:docker '.role = "root"'
	fails 1 asked grant group:none '.role = "member"'
	explains "there is no group 'none' here"
	fails 1 asked grant group:docker '.role = "member"' \
		'.principal = "bob@ex.com"'
	explains "its target names no account of 'bob@ex.com'"
}

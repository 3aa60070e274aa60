#!/usr/bin/env bats
# jit.taskHook and jit.attestHook: a site's own programs have a say before an
# issue, and what they said is recorded.
# shellcheck disable=SC2030,SC2031 # each test: a subshell of its own

load helper

setup() {
	seal
	new_ledger
	ID=$(request)
	approve dan "$ID"
}

# hook [NAME]: the script on stdin is what jit.NAMEHook names (else task)
hook() {
	local path=$HOME/${1:-task}-hook

	cat >"$path"
	chmod 755 "$path"
	git config --global "jit.${1:-task}Hook" "$path"
}

# Issue $ID, which waits for nothing but the hooks.
put_out() {
	as issuer jit-issue -q --ca "$KEYS/ca" "$@" "$ID"
}

# sha256: of stdin, as hex
sha256() {
	sha256sum | cut -d ' ' -f 1
}

# within SECONDS COMMAND...: it takes no longer
within() {
	local start=$SECONDS limit=$1

	shift
	"$@"
	[ $((SECONDS - start)) -le "$limit" ] || {
		echo "took $((SECONDS - start)) seconds"
		return 1
	}
}

@test "hook: yes is recorded by name, verdict and the digest of what was said" {
	hook <<-'END'
		#!/bin/sh
		echo INC-4211 is open
	END
	works put_out -o cert.pub
	[ -z "$stderr" ]
	[ "$(event | jq -c .hooks)" = "[{\"digest\":\"$(echo 'INC-4211 is open' |
		sha256)\",\"name\":\"task\",\"verdict\":\"yes\"}]" ]
	[ "$(git_ledger log -1 --format=%b | jq -r .type)" = issue ]
	works jit-audit verify
}

@test "hook: yes without a word is yes" {
	hook <<-'END'
		#!/bin/sh
		exit 0
	END
	works put_out
	[ "$(event | jq -r '.hooks[0].digest')" = "$(printf '' | sha256)" ]
}

@test "hook: without one nothing is recorded of hooks" {
	works put_out
	[ "$(event | jq 'has("hooks")')" = false ]
}

@test "hook: it reads the grant as one JSON object, in a clean world" {
	hook <<-END
		#!/bin/sh
		cat >'$HOME/said'
		env | grep -vE '^(PWD|_|SHLVL)=' | sort >'$HOME/env'
	END
	works env JIT_TASK=INC-1 SECRET=1 JIT_KEY="$KEYS/issuer" \
		jit-issue -q --ca "$KEYS/ca" "$ID"
	[ "$(wc -l <"$HOME/said")" -eq 1 ]
	output=$(cat "$HOME/said")
	in_json ".hook == \"task\" and .ledger == \"$GENESIS\" and
		.class == \"person\" and .id == \"$ID\" and
		.by == \"alice@ex.com\" and .resource == \"ssh:web-1\" and
		.role == \"root\" and .task == \"INC-4211\" and
		.reason == \"slow query on orders\" and
		.stage == \"approved\""
	[ "$(cat "$HOME/env")" = "$(printf '%s\n' LC_ALL=C.UTF-8 \
		PATH=/usr/local/bin:/usr/bin:/bin)" ]
}

@test "hook: no is status 1 with its first line, and nothing is issued" {
	hook <<-'END'
		#!/bin/sh
		echo "INC-4211 was closed on Monday"
		echo "and more"
		exit 1
	END
	unharmed fails 1 put_out -o cert.pub
	explains "jit-issue: task hook '$HOME/task-hook' says: INC-4211 was closed on Monday"
	[[ $stderr != *"and more"* ]]
	[ ! -e cert.pub ]
	answers ""

	# and with another answer it can be issued still
	hook <<<'#!/bin/true'
	works put_out -o cert.pub
}

@test "hook: every other status than 0 is no, and so is a signal" {
	local status

	for status in 1 2 3 42 126 127 128 137 255; do
		printf '#!/bin/sh\nexit %s\n' "$status" | hook
		unharmed fails 1 put_out
		explains "task hook '$HOME/task-hook' says: no"
	done
	for signal in TERM KILL SEGV; do
		# shellcheck disable=SC2016
		printf '#!/bin/sh\necho yes; kill -%s $$\n' "$signal" | hook
		unharmed fails 1 put_out
		explains "says: yes"
	done
}

@test "hook: what it says cannot speak to the terminal" {
	hook <<-'END'
		#!/bin/sh
		printf 'no \033[2J\302\233 \342\200\256 \377\r\nmore'
		exit 1
	END
	unharmed fails 1 put_out
	[[ $stderr != *$'\e'* && $stderr != *$'\r'* ]]
	[[ $stderr != *$'\u202e'* && $stderr != *$'\u9b'* ]]
	explains "says: no "
}

@test "hook: garbage is kept out of the event, only its digest is in" {
	hook <<-'END'
		#!/bin/sh
		head -c 60000 /dev/zero
		printf '\377\000"}],"hooks":['
	END
	works put_out
	[ "$(event | jq -r '.hooks[0].digest')" = "$("$HOME/task-hook" | sha256)" ]
	works jit-audit verify
}

@test "hook: a missing, unreadable or unfit program is no" {
	git config --global jit.taskHook "$HOME/nowhere"
	unharmed fails 1 put_out
	explains "task hook: cannot run '$HOME/nowhere': No such file or directory"

	git config --global jit.taskHook "$HOME"
	unharmed fails 1 put_out
	explains "task hook: cannot run '$HOME': Permission denied"

	hook <<<'#!/nowhere/sh'
	unharmed fails 1 put_out
	hook <<<'no program'
	unharmed fails 1 put_out
	explains "Exec format error"
	chmod 644 "$HOME/task-hook"
	unharmed fails 1 put_out
	explains "Permission denied"
}

@test "hook: a path must be absolute: no PATH and no folder is searched" {
	hook <<<'#!/bin/true'
	# shellcheck disable=SC2088 # as it is
	for name in task-hook ./task-hook true '~/task-hook' ''; do
		git config --global jit.taskHook "$name"
		unharmed fails 3 put_out
		explains "jit.taskHook must be an absolute path, not '$name'"
	done
	# one that has words is one name, for no shell
	git config --global jit.taskHook "$HOME/task-hook -x; true"
	unharmed fails 1 put_out
	explains "cannot run"
}

@test "hook: one that does not answer in time is no, and dead" {
	hook <<-END
		#!/bin/sh
		sleep 77 &
		echo \$! \$\$ >'$HOME/pids'
		wait
	END
	git config --global jit.hookTimeout 1s
	within 9 unharmed fails 1 put_out -o cert.pub
	explains "task hook: '$HOME/task-hook' took longer than 1 seconds"
	[ ! -e cert.pub ]
	for pid in $(<"$HOME/pids"); do
		run ! grep '^State:.[^Z]' "/proc/$pid/status"
	done

	# neither when it has said yes and only its child holds on
	hook <<-'END'
		#!/bin/sh
		sleep 77 &
		echo yes
	END
	within 9 unharmed fails 1 put_out
	hook <<-'END'
		#!/bin/sh
		exec >&- <&-
		sleep 77
	END
	within 9 unharmed fails 1 put_out
}

@test "hook: jit.hookTimeout is a duration" {
	hook <<<'#!/bin/true'
	for value in 5 soon -1s 0 1.5s ''; do
		git config --global jit.hookTimeout "$value"
		unharmed fails 3 put_out
		explains "jit.hookTimeout: "
	done
	git config --global jit.hookTimeout 1m
	works put_out
}

@test "hook: a gigabyte of answer is no, in little time and memory" {
	hook <<-'END'
		#!/bin/sh
		head -c 1073741824 /dev/zero
	END
	# a sanitizer needs more
	[[ $JIT_BIN == */san/* ]] || ulimit -v 100000
	within 9 unharmed fails 1 put_out
	explains "task hook: '$HOME/task-hook' says more than 65536 bytes"
}

@test "hook: as many bytes as it may say are yes, one more is no" {
	hook <<-'END'
		#!/bin/sh
		head -c 65537 /dev/zero
	END
	unharmed fails 1 put_out
	hook <<-'END'
		#!/bin/sh
		head -c 65536 /dev/zero
	END
	works put_out
}

@test "hook: it is not asked about what could not be issued anyway" {
	local id

	hook <<-END
		#!/bin/sh
		echo asked >>'$HOME/asked'
	END
	id=$(request carol)
	unharmed fails 4 as issuer jit-issue -q --ca "$KEYS/ca" "$id"
	as dora jit-approve -q --deny -m 'not during the freeze' "$id"
	unharmed fails 6 as issuer jit-issue -q --ca "$KEYS/ca" "$id"
	unharmed fails 6 as issuer later 3601 jit-issue -q --ca "$KEYS/ca" "$ID"
	unharmed fails 5 as issuer jit-issue -q --ca "$KEYS/ca" \
		01KAAAAAAAAAAAAAAAAAAAAAAA
	unharmed fails 2 as issuer jit-issue -q "$ID"
	[ ! -e "$HOME/asked" ]
	works put_out
	unharmed fails 6 put_out
	[ "$(wc -l <"$HOME/asked")" -eq 1 ]
}

@test "hook: -n asks it too, and writes nothing" {
	hook <<<'#!/bin/false'
	unharmed fails 1 put_out -n
	hook <<<'#!/bin/true'
	unharmed works put_out -n
}

@test "hook: while it thinks others write, and the judge has the last word" {
	local pid status=0

	hook <<-END
		#!/bin/sh
		: >'$HOME/thinking'
		until [ -e '$HOME/go' ]; do sleep 0.05; done
	END
	put_out -o cert.pub 2>err & pid=$!
	until [ -e "$HOME/thinking" ]; do sleep 0.05; done
	within 5 works request carol
	works as dan jit-approve -q --withdraw "$ID"
	: >"$HOME/go"
	wait "$pid" || status=$?
	[ "$status" -eq 4 ]
	grep -q "still misses 1 of dba" err
	[ ! -e cert.pub ]
}

@test "hook: attestation is asked of workloads, and of nobody else" {
	rm -rf "$JIT_LEDGER" "$XDG_STATE_HOME"
	new_ledger -p '.groups.oncall += ["ci@ex.com"]' \
		--enroll "ci@ex.com=$KEYS/mallory.pub,workload"
	hook attest <<-END
		#!/bin/sh
		jq -r '.hook + " " + .by + " " + .class' |
			tee -a '$HOME/attested'
	END
	ID=$(request alice)
	approve dan "$ID"
	works put_out
	[ ! -e "$HOME/attested" ]
	[ "$(event | jq 'has("hooks")')" = false ]

	ID=$(request mallory)
	approve dan "$ID"
	works put_out
	[ "$(cat "$HOME/attested")" = "attest ci@ex.com workload" ]
	[ "$(event | jq -c '[.hooks[] | .name, .digest]')" = \
		"[\"attest\",\"$(sha256 <"$HOME/attested")\"]" ]

	# both, and either may refuse
	hook task <<-'END'
		#!/bin/sh
		echo open
	END
	ID=$(request mallory)
	approve dan "$ID"
	works put_out
	[ "$(event | jq -c '[.hooks[].name]')" = '["task","attest"]' ]
	works jit-audit verify

	hook attest <<-'END'
		#!/bin/sh
		echo not ours
		exit 1
	END
	ID=$(request mallory)
	approve dan "$ID"
	unharmed fails 1 put_out
	explains "attest hook '$HOME/attest-hook' says: not ours"
	hook attest <<<'#!/bin/true'
	hook task <<<'#!/bin/false'
	unharmed fails 1 put_out
	explains "task hook"
}

@test "hook: attestation is told who attests a workload, and as whom" {
	local who='https://token.ci.ex.com repo:shop/web:environment:Main Street'

	rm -rf "$JIT_LEDGER" "$XDG_STATE_HOME"
	new_ledger -p '.groups.oncall += ["ci@ex.com", "cd@ex.com"]' --enroll \
		"ci@ex.com=$KEYS/mallory.pub,workload,attest=spiffe://ex.com spiffe://ex.com/ci"
	ID=$(as root jit-request -q -t CHG-7 -m 'as agreed on Monday' \
		--enroll cd@ex.com -p "$KEYS/host.pub" --class workload \
		--attest "$who")
	works as rita jit-approve -v -y "$ID"
	explains "attested as https://token.ci.ex.com"
	as root jit-issue -q "$ID"
	[ "$(event | jq -r .attest)" = "$who" ]
	hook attest <<-END
		#!/bin/sh
		jq -c .attest >>'$HOME/attested'
	END
	for who in mallory host; do
		ID=$(request $who)
		approve dan "$ID"
		works put_out
	done
	[ "$(cat attested)" = '{"issuer":"spiffe://ex.com","subject":"spiffe://ex.com/ci"}
{"issuer":"https://token.ci.ex.com","subject":"repo:shop/web:environment:Main Street"}' ]
	works jit-audit verify

	fails 2 as root jit-request -t CHG-7 -m 'as agreed on Monday' --enroll \
		eve@ex.com -p "$KEYS/ca.pub" --attest 'spiffe://ex.com x'
	explains "only a workload is attested, eve@ex.com is enrolled as person"
	fails 2 as root jit-request -t CHG-7 -m 'as agreed on Monday' --enroll \
		eve@ex.com -p "$KEYS/ca.pub" --class workload --attest nobody
	explains "'nobody' is no attested name: write an issuer and a subject, like"
}

@test "hook: the ledger's own configuration names none, wherever one stands" {
	local config

	cat >"$HOME/evil" <<-END
		#!/bin/sh
		: >'$HOME/ran'
		exit 1
	END
	chmod 755 "$HOME/evil"
	git clone -q "$JIT_LEDGER" "$HOME/clone"
	for config in "$JIT_LEDGER/config" "$HOME/clone/.git/config" \
		"$HOME/clone/.gitconfig"; do
		for key in taskHook attestHook; do
			git config -f "$config" "jit.$key" "$HOME/evil"
		done
		git config -f "$config" jit.hookTimeout nonsense
		git config -f "$config" jit.ca "$KEYS/mallory"
	done
	cd "$JIT_LEDGER"
	unharmed works put_out -n
	cd "$HOME/clone"
	unharmed works env GIT_DIR="$HOME/clone/.git" JIT_KEY="$KEYS/issuer" \
		jit-issue -q -n -C "$JIT_LEDGER" --ca "$KEYS/ca" "$ID"
	unharmed fails 2 as issuer jit-issue -q -C "$JIT_LEDGER" "$ID"
	explains "which CA?"
	cd "$JIT_LEDGER"
	works put_out
	[ ! -e "$HOME/ran" ]
	[ "$(event | jq 'has("hooks")')" = false ]
}

@test "hook: the example says yes to a task that is open and hers" {
	sed "s|^tasks=.*|tasks=$HOME/tasks|" "$ROOT/share/examples/task-hook" |
		hook
	: >"$HOME/tasks"
	unharmed fails 1 put_out
	explains "says: INC-4211 is not open, or not given to alice@ex.com"
	printf '%s\n' 'INC-421 alice@ex.com' 'INC-4211 carol@ex.com' \
		'XINC-4211 alice@ex.com' 'INC-4211 alice@ex.comm' >"$HOME/tasks"
	unharmed fails 1 put_out
	echo 'INC-4211 alice@ex.com' >>"$HOME/tasks"
	works put_out
	[ "$(event | jq -r '.hooks[0].digest')" = \
		"$(echo 'INC-4211 alice@ex.com' | sha256)" ]
	rm "$HOME/tasks"
	ID=$(request)
	approve dan "$ID"
	yields 1 put_out
}

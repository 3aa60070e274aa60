# shellcheck shell=bash disable=SC2034,SC2154
# What the tests of programs share: a sealed world, keys, a ledger.
#
# A test file begins with:   load helper
# and has of each test its own HOME, ledger and memory. setup and teardown
# are here; a file that has its own calls seal first and fsck_ledger last.

bats_require_minimum_version 1.5.0

ROOT=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
: "${JIT_BIN:=$ROOT/bin}" "${JIT_LIBEXEC:=$ROOT/.build/plain/libexec}"
export JIT_BIN JIT_LIBEXEC
# Before seal forgets it.
TOOLS=${JIT_TOOLS:-$ROOT/.build/plain/tools}
# Everybody that keys are made for; mallory is enrolled nowhere.
EVERYBODY="root rita alice carol bob sue dan dora issuer mallory ca host"

setup() {
	seal
}

teardown() {
	fsck_ledger
}

# Nothing of who runs the tests reaches them, nor the other way round.
seal() {
	local v

	for v in $(compgen -v | grep -E '^(JIT_|GIT_|SSH_|XDG_)'); do
		case $v in
		JIT_BIN | JIT_LIBEXEC | JIT_VECTORS | JIT_MUTATE) ;; # how they are run
		*) unset "$v" ;;
		esac
	done
	export HOME=$BATS_TEST_TMPDIR/home
	export XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share
	export XDG_STATE_HOME=$HOME/.local/state
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	export TZ=UTC LC_ALL=C.UTF-8 LANG=C.UTF-8
	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$HOME/.gitconfig
	export PATH=$JIT_BIN:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	umask 022
	mkdir -p "$HOME"
	[ -d "$XDG_RUNTIME_DIR" ] || mkdir -m 700 "$XDG_RUNTIME_DIR"
	: >"$GIT_CONFIG_GLOBAL"
	cd "$HOME" || return
	make_keys
}

# Once for a run of bats: $KEYS/NAME and $KEYS/NAME.pub.
make_keys() {
	local name

	KEYS=$BATS_RUN_TMPDIR/keys
	[ ! -d "$KEYS" ] || return 0
	mkdir "$KEYS.new"
	for name in $EVERYBODY; do
		ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$KEYS.new/$name"
	done
	mv "$KEYS.new" "$KEYS"
}

# fingerprint NAME: as OpenSSH has it
fingerprint() {
	ssh-keygen -lf "$KEYS/$1.pub" | cut -d ' ' -f 2
}

# policy [JQ-FILTER]: the example with our CA, and what the filter makes of it
policy() {
	jq --arg ca "$(fingerprint ca)" \
		'.issuers[0].ca = [$ca] | '"${1:-.}" \
		"$ROOT/share/examples/policy.json"
}

# The --enroll options of all who are enrolled, one word a line.
enrolments() {
	local name

	for name in rita alice carol bob sue dan dora; do
		printf '%s\n' --enroll "$name@ex.com=$KEYS/$name.pub"
	done
	printf '%s\n' --enroll "issuer@ex.com=$KEYS/issuer.pub,issuer"
}

# new_ledger [-p JQ-FILTER] [OPTION OF JIT-INIT]...: founded by root@ex.com
# at $JIT_LEDGER, its fingerprint in $GENESIS, the policy in $POLICY
new_ledger() {
	local filter=. who

	if [ "${1:-}" = -p ]; then
		filter=$2
		shift 2
	fi
	POLICY=$BATS_TEST_TMPDIR/policy.json
	policy "$filter" >"$POLICY"
	mapfile -t who < <(enrolments)
	export JIT_LEDGER=$BATS_TEST_TMPDIR/ledger.git
	GENESIS=$(as root jit-init -q -u root@ex.com --name test \
		--policy "$POLICY" "${who[@]}" "$@" "$JIT_LEDGER")
}

# A jq filter for new_ledger -p: the issuer's hosts keep to actions, and on
# ssh:ops-* three may be asked for.
ACTIONS='.issuers[0].recorder = "/usr/libexec/jit/recorder" |
	.rules = [{id: "ops", who: ["oncall"], resource: "ssh:ops-*",
		roles: ["root"], max: "1h", actions: [
			["/usr/bin/systemctl", "restart", "*"],
			["/usr/bin/id"], ["/usr/bin/cat", "/var/log/*"]],
		approve: [{group: "dba", count: 1}]}] + .rules'

# as NAME COMMAND...: with the key of NAME
as() {
	local name=$1

	shift
	JIT_KEY=$KEYS/$name "$@"
}

# later SECONDS COMMAND...: with the clock ahead; wraps programs, so: as
# alice later 3600 jit-status
later() {
	local seconds=$1

	shift
	faketime -f "$(printf %+d "$seconds")s" "$@"
}

# request [NAME [OPTION]... [RESOURCE ROLE]]: prints the id; alice asks for
# root on ssh:web-1 when nothing else is said
request() {
	local name=${1:-alice}

	[ $# -eq 0 ] || shift
	if [ $# -eq 0 ]; then
		set -- ssh:web-1 root
	fi
	as "$name" jit-request -q -t INC-4211 -m 'slow query on orders' \
		-d 30m "$@"
}

# approve NAME ID [OPTION]...
approve() {
	local name=$1 id=$2

	shift 2
	as "$name" jit-approve -q -y "$@" "$id"
}

# issue ID [OPTION]...: by the issuer; the certificate is in $CERT
issue() {
	local id=$1

	shift
	CERT=$BATS_TEST_TMPDIR/$id-cert.pub
	as issuer jit-issue -q --ca "$KEYS/ca" -o "$CERT" "$@" "$id"
}

# granted [NAME]: ask, approve and issue; the id is in $ID
granted() {
	ID=$(request "${1:-alice}")
	approve dan "$ID"
	issue "$ID"
}

# desk: dan approves, and the issuer issues, whatever is asked from now on
desk() {
	while sleep 0.1; do
		for id in $(jit-status -j --pending 2>/dev/null | jq -r .id); do
			approve dan "$id" || :
			issue "$id" || :
		done
	done </dev/null >/dev/null 2>&1 3>&- &
	DESK=$!
}

# child PID: the jit-exec that a background job has become
child() {
	until pgrep -P "$1" -x jit-exec; do sleep 0.05; done
}

# killed NAME PROGRAM...: with the key of NAME, ended by kill -9 at a random
# moment of its first 6 ms, if it is not over by then; its status in $status,
# what it said in out and err of the test's folder.
killed() {
	local pid

	(
		export JIT_KEY=$KEYS/$1
		shift
		exec "$@"
	) >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &
	pid=$!
	sleep "0.0$(printf %03d $((RANDOM % 60)))"
	kill -9 "$pid" 2>/dev/null || true
	status=0
	wait "$pid" || status=$?
}

# fails STATUS COMMAND...: exactly so, saying why in one line; $output,
# $stderr
fails() {
	local status_wanted=$1

	shift
	run --separate-stderr "-$status_wanted" "$@"
	if [ -z "$stderr" ] || [ "${#stderr_lines[@]}" -ne 1 ]; then
		echo "not one line on stderr: $stderr"
		return 1
	fi
}

# yields STATUS COMMAND...: exactly so, whatever it says
yields() {
	local status_wanted=$1

	shift
	run --separate-stderr "-$status_wanted" "$@"
}

# works COMMAND...: status 0
works() {
	yields 0 "$@"
}

# says TEXT: stdout of the last command contains it
says() {
	[[ $output == *"$1"* ]] || {
		printf 'not in stdout: %s\nstdout: %s\n' "$1" "$output"
		return 1
	}
}

# explains TEXT: stderr of the last command contains it
explains() {
	[[ $stderr == *"$1"* ]] || {
		printf 'not in stderr: %s\nstderr: %s\n' "$1" "$stderr"
		return 1
	}
}

# answers TEXT: stdout of the last command is it, nothing else
answers() {
	[ "$output" = "$1" ] || {
		printf 'wanted: %s\nstdout: %s\n' "$1" "$output"
		return 1
	}
}

# in_json FILTER: holds of each object on stdout of the last command
in_json() {
	jq -es "length > 0 and all(.[]; $1)" <<<"$output" >/dev/null || {
		printf 'does not hold: %s\nstdout: %s\n' "$1" "$output"
		return 1
	}
}

# write NAME TYPE [MEMBER=TEXT]...: an event that is as it should be but for
# these members (tests/tools/forge.c)
write() {
	local name=$1

	shift
	"$TOOLS/forge" event -k "$KEYS/$name" -C "$JIT_LEDGER" -a "$KEYS/ca" \
		"$@" >/dev/null
}

# Git's own command on the ledger.
git_ledger() {
	git -C "$JIT_LEDGER" "$@"
}

# events: how many the ledger has
events() {
	git_ledger rev-list --count refs/heads/ledger
}

# event REVISION: its JSON, "HEAD" the newest
event() {
	git_ledger log -1 --format=%b "${1:-HEAD}"
}

# unharmed COMMAND...: whatever it does, no event is added
unharmed() {
	local before

	before=$(git_ledger rev-parse refs/heads/ledger)
	"$@"
	[ "$(git_ledger rev-parse refs/heads/ledger)" = "$before" ]
}

# vectors FOLDER || return 0: other people's vectors are in $VECTORS; where
# JIT_VECTORS says nothing of them there is nothing to test.
vectors() {
	VECTORS=${JIT_VECTORS:-}/$1
	[ -z "${JIT_VECTORS:-}" ] || return 0
	echo "# $1: not here" >&3
	return 1
}

# What every test leaves behind is good for git; a test that damages its
# ledger on purpose sets DAMAGED=1.
fsck_ledger() {
	[ -n "${JIT_LEDGER:-}" ] && [ -d "$JIT_LEDGER" ] || return 0
	[ -z "${DAMAGED:-}" ] || return 0
	git_ledger fsck --strict --no-dangling --no-progress
}

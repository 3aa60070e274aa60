#!/usr/bin/env bats
# jit-request: ask, wait, take back.
# shellcheck disable=SC2030,SC2031 # each test: a subshell of its own

load helper

setup() {
	seal
	new_ledger
	SECRETS=$XDG_RUNTIME_DIR/jit
}

# What alice asks when nothing is wrong with it, in words to vary.
ask() {
	as alice jit-request -q -t INC-4211 -m 'slow query on orders' \
		-d 30m "$@"
}

# no_secrets: nothing lies in the secrets directory
no_secrets() {
	[ ! -d "$SECRETS" ] || [ -z "$(ls -A "$SECRETS")" ]
}

@test "jit-request: prints the id and nothing else" {
	works ask ssh:web-1 root
	[[ $output =~ ^[0-9A-HJKMNP-TV-Z]{26}$ ]]
	[ -z "$stderr" ]
	[ "$(event | jq -r .id)" = "$output" ]
	[ "$(events)" -eq 2 ]
}

@test "jit-request: the event says what was asked" {
	ID=$(ask ssh:web-1 root)
	output=$(event)
	in_json '.type == "request" and .resource == "ssh:web-1" and
		.role == "root" and .task == "INC-4211" and
		.reason == "slow query on orders" and .duration == 1800 and
		.by == "alice@ex.com"'
	[ "$(event | jq -r .source)" = "$(hostname)" ]
}

@test "jit-request: two ids of one second differ" {
	[ "$(ask ssh:web-1 root)" != "$(ask ssh:web-1 root)" ]
}

@test "jit-request: says on stderr who has to approve, unless -q" {
	works as alice jit-request -t INC-4211 -m 'slow query on orders' \
		-d 30m pg:orders admin
	[ "$stderr" = "jit-request: waits for 1 of dba and 1 of security" ]
	works ask pg:orders admin
	[ -z "$stderr" ]
}

@test "jit-request: -j prints the grant" {
	works ask -j ssh:web-1 root
	in_json '.stage == "pending" and .by == "alice@ex.com" and
		.rule == "web-root" and .needs == [{group: "dba", need: 1,
		have: 0}]'
}

@test "jit-request: JIT_TASK is the task where -t is missing" {
	JIT_TASK=INC-7 works as alice jit-request -q -m 'slow query on orders' \
		-d 30m ssh:web-1 root
	[ "$(event | jq -r .task)" = INC-7 ]
	JIT_TASK=INC-7 works ask ssh:web-1 root
	[ "$(event | jq -r .task)" = INC-4211 ]
}

@test "jit-request: -C names the ledger" {
	unset JIT_LEDGER
	works ask -C "$BATS_TEST_TMPDIR/ledger.git" ssh:web-1 root
}

# asked_by_now: the id that a jit-request in the background has printed
asked_by_now() {
	until [ -s id ]; do sleep 0.05; done
	ID=$(cat id)
}

# ended STATUS: so ended what is in the background; what it said is in $said
ended() {
	local got=0

	wait $! || got=$?
	said=$(cat said)
	[ "$got" -eq "$1" ] || {
		echo "status $got: $said"
		return 1
	}
}

# -- The key ---------------------------------------------------------------

@test "jit-request: for ssh a key pair is made that only its owner reads" {
	ID=$(ask ssh:web-1 root)
	[ "$(stat -c %a "$SECRETS")" = 700 ]
	[ "$(stat -c %a "$SECRETS/$ID")" = 600 ]
	[ "$(stat -c %a "$SECRETS/$ID.pub")" = 644 ]
	[ "$(find "$SECRETS" -type f | wc -l)" -eq 2 ]
	[ "$(ssh-keygen -y -f "$SECRETS/$ID")" = "$(cat "$SECRETS/$ID.pub")" ]
	[ "$(cut -d ' ' -f 1,2 "$SECRETS/$ID.pub")" = \
		"$(event | jq -r .offer)" ]
}

@test "jit-request: without XDG_RUNTIME_DIR secrets lie in /tmp/jit-UID" {
	local dir

	dir=/tmp/jit-$(id -u)
	unset XDG_RUNTIME_DIR
	ID=$(ask ssh:web-1 root)
	[ -f "$dir/$ID" ]
	[ "$(stat -c %a "$dir")" = 700 ]
	rm -f "$dir/$ID" "$dir/$ID.pub"
}

@test "jit-request: a secrets directory that others read is refused" {
	mkdir -m 755 "$SECRETS"
	unharmed fails 3 ask ssh:web-1 root
	explains "must be a folder of your own with mode 0700"
	no_secrets
}

@test "jit-request: a secrets directory that is a link is refused" {
	mkdir -m 700 "$HOME/elsewhere"
	ln -s "$HOME/elsewhere" "$SECRETS"
	unharmed fails 3 ask ssh:web-1 root
	[ -z "$(ls -A "$HOME/elsewhere")" ]
}

@test "jit-request: a refused request leaves no key behind" {
	unharmed fails 1 ask -d 2h ssh:web-1 root
	no_secrets
	unharmed fails 1 ask ssh:mail-1 root
	no_secrets
}

@test "jit-request: what is left of grants that are over goes, not with -n" {
	granted
	as alice jit-status -q -o "$SECRETS" "$ID" >/dev/null
	works as alice later 1801 jit-request -n -t INC-4211 \
		-m 'slow query on orders' -d 30m ssh:web-1 root
	[ -e "$SECRETS/$ID" ]
	id=$(as alice later 1801 jit-request -q -t INC-4211 \
		-m 'slow query on orders' -d 30m ssh:web-1 root)
	[ "$(ls -A "$SECRETS")" = "$(printf '%s\n' "$id" "$id.pub")" ]
}

@test "jit-request: -p offers that key and makes none" {
	works ask -p "$KEYS/alice.pub" ssh:web-1 root
	[ "$(event | jq -r .offer)" = "$(cut -d ' ' -f 1,2 "$KEYS/alice.pub")" ]
	no_secrets
}

@test "jit-request: -p takes no private key" {
	unharmed fails 2 ask -p "$KEYS/alice" ssh:web-1 root
	explains "'$KEYS/alice' is a private key: -p takes the public one, '$KEYS/alice.pub'"
}

@test "jit-request: -p takes no rsa key" {
	ssh-keygen -q -t rsa -b 2048 -N '' -f rsa
	unharmed fails 2 ask -p rsa.pub ssh:web-1 root
	explains "'rsa.pub': "
	explains "ssh-keygen -t ed25519"
}

@test "jit-request: -p wants a file that is there" {
	unharmed fails 2 ask -p nowhere.pub ssh:web-1 root
	explains "cannot read 'nowhere.pub': No such file or directory"
}

@test "jit-request: a database is offered the verifier of a password" {
	local password

	works ask pg:orders admin
	ID=$output
	[[ $(event | jq -r .offer) =~ ^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$ ]]
	[ "$(ls -A "$SECRETS")" = "$ID"$'\n'"$ID.pub" ]
	[ "$(stat -c %a "$SECRETS/$ID")" = 600 ]
	[[ $(cat "$SECRETS/$ID") =~ ^([A-Za-z0-9+/]{43})$ ]]

	# which is nowhere else
	password=${BASH_REMATCH[1]}
	run ! grep -F "$password" <<<"$(git_ledger log --format=%B)"
	run ! grep -rF "$password" "$XDG_STATE_HOME" "$JIT_LEDGER"
}

@test "jit-request: each password is another" {
	ask pg:orders admin
	ask pg:orders admin
	[ "$(sed -s '$a\' "$SECRETS"/*[!b] | sort -u | wc -l)" -eq 2 ]
	[ "$(git_ledger log -2 --format=%b | jq -r '.offer // empty' |
		cut -d '$' -f 2 | sort -u | wc -l)" -eq 2 ]
}

@test "jit-request: a password goes with what it was for" {
	ID=$(ask pg:orders admin)
	works as alice jit-request -q --cancel "$ID"
	no_secrets
	unharmed works ask -n pg:orders admin
	no_secrets
	unharmed fails 1 ask pg:orders owner
	no_secrets
	ID=$(ask pg:orders admin)
	touch "$SECRETS/01M8.pgpass"
	works later 700000 jit-status
	[ "$(ls -A "$SECRETS")" = 01M8.pgpass ]
}

@test "jit-request: a database takes no public key" {
	unharmed fails 1 ask -p "$KEYS/alice.pub" pg:orders admin
	explains "pg:orders needs the verifier of a password, and no public key"
	no_secrets
}

@test "jit-request: sudo takes neither" {
	rm -rf "$JIT_LEDGER"
	new_ledger -p '.rules[0].resource = "sudo:*" |
		.issuers[0].resources += ["sudo:*"]'
	works ask sudo:web-1 root
	[ "$(event | jq 'has("offer")')" = false ]
	no_secrets
	unharmed fails 1 ask -p "$KEYS/alice.pub" sudo:web-1 root
	explains "sudo:web-1 takes no public key"
}

# -- Bad input: 2, and nothing is written ----------------------------------

@test "jit-request: what is missing is named" {
	unharmed fails 2 as alice jit-request -m 'slow query on orders' \
		-d 30m ssh:web-1 root
	explains "which task? -t TASK, or JIT_TASK (see jit-request -h)"
	unharmed fails 2 as alice jit-request -t INC-1 -d 30m ssh:web-1 root
	explains "why? -m REASON"
	unharmed fails 2 as alice jit-request -t INC-1 -m 'slow query' \
		ssh:web-1 root
	explains "for how long? -d DURATION"
	unharmed fails 2 ask ssh:web-1
	explains "RESOURCE and ROLE are wanted"
	unharmed fails 2 ask
	no_secrets
}

@test "jit-request: one word too many is named" {
	unharmed fails 2 ask ssh:web-1 root please
	explains "'please' is one word too many"
}

@test "jit-request: a resource must be one" {
	unharmed fails 2 ask web-1 root
	explains "'web-1' is no resource: write SCHEME:NAME in lower case, like ssh:web-1"
	unharmed fails 2 ask 'ssh:web-*' root
	unharmed fails 2 ask ssh:WEB root
}

@test "jit-request: a role must be one" {
	unharmed fails 2 ask ssh:web-1 'root;id'
	explains "'root;id' is no role"
}

@test "jit-request: control and bidi characters are refused and shown escaped" {
	unharmed fails 2 ask -m $'red \e[31malert' ssh:web-1 root
	explains 'is no reason: write 1 to 500 bytes of plain text on one line'
	explains '\u{001B}'
	unharmed fails 2 ask -m $'left \u202e right' ssh:web-1 root
	unharmed fails 2 ask -m $'two\nlines of it' ssh:web-1 root
	unharmed fails 2 ask -t $'INC-1\t' ssh:web-1 root
	explains "is no task"
}

@test "jit-request: a reason has at most 500 bytes" {
	unharmed fails 2 ask -m "$(printf '%0501d' 0)" ssh:web-1 root
	works ask -m "$(printf 'x%.0s' {1..500})" ssh:web-1 root
}

@test "jit-request: a bare number is no duration" {
	unharmed fails 2 ask -d 30 ssh:web-1 root
	explains "the number in duration '30' has no unit"
}

@test "jit-request: -w 5m says how it is spelled" {
	unharmed fails 2 ask -w 5m ssh:web-1 root
	explains "-w takes its duration without a blank: -w5m"
	unharmed fails 2 ask ssh:web-1 root -w 5m
	explains "-w5m"
	unharmed fails 2 ask -w5 ssh:web-1 root
	explains "no unit"
}

# -- Actions ---------------------------------------------------------------

@test "jit-request: -a asks for these command lines only" {
	rm -rf "$JIT_LEDGER"
	new_ledger -p "$ACTIONS"
	works ask -a ' /usr/bin/systemctl  restart "nginx" ' \
		-a "'/usr/bin/id'" ssh:ops-1 root
	[ "$(event | jq -c .actions)" = '[["/usr/bin/systemctl","restart","nginx"],["/usr/bin/id"]]' ]
	works ask -j -a /usr/bin/id ssh:ops-1 root
	in_json '.actions == [["/usr/bin/id"]] and .rule == "ops"'
	works ask ssh:web-1 root
	[ "$(event | jq 'has("actions")')" = false ]
}

@test "jit-request: an action is plain words, and no shell reads it" {
	local line

	# shellcheck disable=SC2016 # for nobody to expand
	for line in '' ' ' id './id' '/bin/../id' '/bin//id' 'A=b /bin/id' \
		'/bin/sh -c "id; id"' '/bin/cat *' '/bin/echo $HOME' \
		'/bin/id;id' '/bin/id | sh' '/bin/id >x' "/bin/id 'x" \
		'/bin/id \' "/bin/id ''" $'/bin/id\nid' '/bin/cat ~'; do
		unharmed fails 2 ask -a "$line" ssh:web-1 root
		explains "jit-request: -a: "
	done
	explains "'~' is no word of an action: 1 to 128 of A-Z, a-z, 0-9 and @%+=:,./_-"
	no_secrets
}

@test "jit-request: an action is asked for once, and 64 of them at most" {
	local i many=()

	rm -rf "$JIT_LEDGER"
	new_ledger -p "$ACTIONS"
	unharmed fails 2 ask -a /usr/bin/id -a ' /usr/bin/id' ssh:ops-1 root
	explains "an action is named twice"
	for i in {1..64}; do
		many+=(-a "/usr/bin/systemctl restart u$i")
	done
	works ask "${many[@]}" ssh:ops-1 root
	[ "$(event | jq '.actions | length')" -eq 64 ]
	fails 2 ask "${many[@]}" -a /usr/bin/id ssh:ops-1 root
	explains "an option is given too often"
}

@test "jit-request: the rule says which actions, word by word" {
	local line only

	only="rule 'ops' gives these actions only (-a): /usr/bin/systemctl restart *, /usr/bin/id, /usr/bin/cat /var/log/*"
	rm -rf "$JIT_LEDGER"
	new_ledger -p "$ACTIONS"
	unharmed fails 1 ask ssh:ops-1 root
	explains "$only"
	for line in '/usr/bin/ids' '/usr/bin/id -u' '/usr/bin/systemctl' \
		'/usr/bin/systemctl stop nginx' \
		'/usr/bin/systemctl restart nginx ssh' \
		'/usr/bin/systemctl restart --root=/tmp/x' \
		'/usr/bin/cat /etc/shadow' '/usr/bin/cat -n' \
		'/usr/bin/cat /var/log/../../etc/shadow'; do
		unharmed fails 1 ask -a /usr/bin/id -a "$line" ssh:ops-1 root
		explains "$only"
	done
	works ask -a '/usr/bin/cat /var/log/nginx/error.log' ssh:ops-1 root
	works ask -n -a /usr/bin/id ssh:ops-1 root
}

@test "jit-request: what nothing keeps to its actions is not given them" {
	unharmed fails 1 ask -a /usr/bin/id ssh:web-1 root
	explains "nothing on ssh:web-1 can be kept to actions: ask without -a"
	unharmed fails 1 ask -a /usr/bin/id pg:orders admin
	explains "nothing on pg:orders can be kept to actions: ask without -a"
	no_secrets
}

@test "jit-request: an extension has the actions of what it extends" {
	rm -rf "$JIT_LEDGER"
	new_ledger -p "$ACTIONS"
	ID=$(ask -a /usr/bin/id -a '/usr/bin/cat /var/log/syslog' ssh:ops-1 root)
	approve dan "$ID" -a /usr/bin/id
	issue "$ID"
	works as alice jit-request -q --extend "$ID" -m 'slow query on orders' \
		-d 10m
	[ "$(event | jq -c '.actions, .extends')" = "[[\"/usr/bin/id\"]]
\"$ID\"" ]
	unharmed fails 2 as alice jit-request --extend "$ID" -a /usr/bin/id \
		-m 'slow query on orders' -d 10m
	explains "--action does not go with --extend"
}

# -- The policy says no: 1 -------------------------------------------------

@test "jit-request: no rule, no access" {
	unharmed fails 1 ask ssh:mail-1 root
	unharmed fails 1 ask ssh:web-1 backup
	unharmed fails 1 as bob jit-request -t INC-1 -m 'slow query on orders' \
		-d 30m ssh:web-1 root
}

@test "jit-request: a deny wins, and says why" {
	unharmed fails 1 ask pg:ledger-1 admin
	explains "rule 'frozen' denies 'admin' on pg:ledger-1: change freeze CHG-9"
}

@test "jit-request: the cap is the rule's" {
	unharmed fails 1 ask -d 61m ssh:web-1 root
	explains "rule 'web-root' gives at most 1h"
	works ask -d 1h ssh:web-1 root
}

@test "jit-request: the task must be as the rule wants it" {
	unharmed fails 1 ask -t CHORE ssh:web-1 root
	explains "rule 'web-root' wants a task like 'INC-#'"
}

@test "jit-request: a reason has some letters" {
	unharmed fails 1 ask -m 'because' ssh:web-1 root
	explains "at least 10 are wanted"
	unharmed fails 1 ask -m '.                        .' ssh:web-1 root
}

@test "jit-request: an issuer asks for nothing" {
	unharmed fails 1 as issuer jit-request -t INC-1 -d 30m \
		-m 'slow query on orders' ssh:web-1 root
	explains "enrolled as issuer, which asks for nothing"
}

@test "jit-request: a key that nobody enrolled is refused" {
	unharmed fails 1 as mallory jit-request -t INC-1 -d 30m \
		-m 'slow query on orders' ssh:web-1 root
	explains "key '$KEYS/mallory' ($(fingerprint mallory)) is enrolled by nobody in this ledger: -k names another"
	no_secrets
}

# -- Trouble: 3 ------------------------------------------------------------

@test "jit-request: no key is trouble" {
	unharmed fails 3 env JIT_KEY=nowhere jit-request -t INC-1 -d 30m \
		-m 'slow query on orders' ssh:web-1 root
	explains nowhere
	unharmed fails 3 env -u JIT_KEY jit-request -t INC-1 -d 30m \
		-m 'slow query on orders' ssh:web-1 root
	explains "which key? -k KEY, JIT_KEY or git config jit.key; '$HOME/.ssh/id_ed25519' is not there"
}

@test "jit-request: no ledger is trouble" {
	fails 3 ask -C nowhere.git ssh:web-1 root
	explains nowhere.git
	no_secrets
}

@test "jit-request: an answer that cannot be written is trouble" {
	# shellcheck disable=SC2016
	fails 3 as alice sh -c 'jit-request -q -t INC-1 -d 30m \
		-m "slow query on orders" ssh:web-1 root >/dev/full'
	explains "cannot write the answer: No space left on device"
}

# -- Dry run ---------------------------------------------------------------

@test "jit-request: -n says which rule would decide and writes nothing" {
	unharmed works as alice jit-request -n -t INC-1 -d 30m \
		-m 'slow query on orders' ssh:web-1 root
	[ -z "$output" ]
	[ "$stderr" = "jit-request: rule 'web-root' would decide: approval by 1 of dba" ]
	no_secrets
	unharmed fails 1 ask -n -d 2h ssh:web-1 root
}

# -- Waiting ---------------------------------------------------------------

@test "jit-request: -w1s ends with 4, and the request stays" {
	fails 4 ask -w1s ssh:web-1 root
	explains "grant $output still waits for 1 of dba"
	[ -f "$SECRETS/$output" ]
	works approve dan "$output"
}

@test "jit-request: -w1s says what is missing by then" {
	ask -w2s ssh:web-1 root >id 2>said &
	asked_by_now
	approve dan "$ID"
	ended 4
	[ "$said" = "jit-request: grant $ID still waits for its issue" ]
}

@test "jit-request: -w ends with 0 when it is active, certificate collected" {
	ask -w ssh:web-1 root >id 2>said &
	asked_by_now
	approve dan "$ID"
	issue "$ID"
	ended 0
	[ -z "$said" ]
	[ "$(cat id)" = "$ID" ]
	[ "$(cut -d ' ' -f 1,2 "$SECRETS/$ID-cert.pub")" = "$(cat "$CERT")" ]
	ssh-keygen -Lf "$SECRETS/$ID-cert.pub" | grep -q "Key ID: \"$ID\""
}

@test "jit-request: -w says how to log in" {
	as alice jit-request -w -t INC-1 -d 30m -m 'slow query on orders' \
		ssh:web-1 root >id 2>said &
	asked_by_now
	approve dan "$ID"
	issue "$ID"
	ended 0
	[ "$said" = "jit-request: waits for 1 of dba
jit-request: log in with: ssh -i '$SECRETS/$ID' root@web-1" ]
}

@test "jit-request: -w with a key of one's own says where the certificate is" {
	as alice jit-request -w -t INC-1 -d 30m -m 'slow query on orders' \
		-p "$KEYS/alice.pub" ssh:web-1 root >id 2>said &
	asked_by_now
	approve dan "$ID"
	issue "$ID"
	ended 0
	[[ $said == *"jit-request: certificate: $SECRETS/$ID-cert.pub" ]]
}

@test "jit-request: -w ends with 6 when it is denied, and the key goes" {
	ask -w ssh:web-1 root >id 2>said &
	asked_by_now
	as dan jit-approve -q --deny -m 'not during the freeze' "$ID"
	ended 6
	[[ $said == "jit-request: grant $ID is over: denied by dan@ex.com at "* ]]
	no_secrets
}

@test "jit-request: -w ends with 6 when it lapses" {
	rm -rf "$JIT_LEDGER" "$XDG_STATE_HOME"
	new_ledger -p '.limits.pending = "1s"'
	fails 6 ask -w ssh:web-1 root
	explains "grant $output lapsed at "
	no_secrets
}

# -- Cancel ----------------------------------------------------------------

@test "jit-request: --cancel takes it back and prints nothing" {
	ID=$(ask ssh:web-1 root)
	works as alice jit-request --cancel "$ID"
	[ -z "$output" ]
	[ "$stderr" = "jit-request: cancelled $ID" ]
	output=$(event)
	in_json '.type == "withdraw" and .reason == "cancelled"'
	no_secrets
	fails 6 approve dan "$ID"
	explains "grant $ID is over: withdrawn by alice@ex.com"
}

@test "jit-request: --cancel takes a reason, and answers in JSON" {
	ID=$(ask ssh:web-1 root)
	works as alice jit-request -j -m 'wrong host' --cancel "$ID"
	in_json ".id == \"$ID\" and .cause == \"withdraw\" and .at > 0"
	[ "$(event | jq -r .reason)" = 'wrong host' ]
}

@test "jit-request: --cancel twice is over" {
	ID=$(ask ssh:web-1 root)
	as alice jit-request -q --cancel "$ID"
	unharmed fails 6 as alice jit-request --cancel "$ID"
	explains "grant $ID is over: withdrawn by alice@ex.com at "
}

@test "jit-request: only who asked cancels" {
	ID=$(ask ssh:web-1 root)
	unharmed fails 1 as carol jit-request --cancel "$ID"
	explains "only alice@ex.com can withdraw that"
}

@test "jit-request: what is issued is not cancelled" {
	granted
	unharmed fails 6 as alice jit-request --cancel "$ID"
	explains "grant $ID is issued already"
}

@test "jit-request: --cancel of no grant is 5, of no id 2" {
	unharmed fails 5 as alice jit-request --cancel 01KAAAAAAAAAAAAAAAAAAAAAAA
	unharmed fails 2 as alice jit-request --cancel mine
	ID=$(ask ssh:web-1 root)
	unharmed fails 2 as alice jit-request --cancel "${ID:0:12}"
	explains "without a terminal the whole id is wanted"
}

@test "jit-request: --cancel goes with nothing else" {
	ID=$(ask ssh:web-1 root)
	unharmed fails 2 as alice jit-request --cancel "$ID" -d 30m
	explains "--duration does not go with --cancel"
	unharmed fails 2 as alice jit-request --cancel "$ID" ssh:web-1 root
	explains "'ssh:web-1' does not go with --cancel"
}

# of another mode WANTED ARGUMENT...: refused, and why
stray() {
	local wanted=$1

	shift
	unharmed fails 2 as alice jit-request "$@"
	explains "$wanted (see jit-request -h)"
}

@test "jit-request: an option of another mode is refused, not ignored" {
	stray "--class goes with --enroll" -t A -m 'why it is' -d 30m \
		--class vendor ssh:web-1 root
	stray "--attest goes with --enroll" --cancel X --attest 'a b'
	stray "--until goes with --enroll" --retire X -m why --until 2027-01-01
	stray "--cancel does not go with --policy" --policy F --cancel X
	stray "--enroll does not go with --policy" --policy F --enroll X
	stray "--retire does not go with --deliver" --deliver --retire X
	stray "--task does not go with --cancel" --cancel X -t A
	stray "--wait does not go with --enroll" --enroll X -p F -w
	stray "--pubkey does not go with --extend" --extend X -p F
	stray "--break-glass does not go with --extend" --extend X --break-glass
	stray "--dry-run does not go with --deliver" --deliver -n
	stray "'x' does not go with --extend" --extend X x
}

@test "jit-request: --cancel -n writes nothing" {
	ID=$(ask ssh:web-1 root)
	unharmed works as alice jit-request -n --cancel "$ID"
	[ "$stderr" = "jit-request: would cancel $ID" ]
	[ -f "$SECRETS/$ID" ]
}

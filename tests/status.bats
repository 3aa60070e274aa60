#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # bats: subshells, and its variables
# jit-status: what is open, for whom it waits, and what was issued.

load helper

setup() {
	seal
	new_ledger
}

# columns: the words of the only row, by single blanks
row() {
	tr -s ' ' <<<"${lines[1]}"
}

# Another machine's user: no key, no secrets, no memory.
stranger() {
	env -u JIT_KEY HOME="$BATS_TEST_TMPDIR/stranger" \
		XDG_STATE_HOME="$BATS_TEST_TMPDIR/stranger/state" \
		XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR/stranger" "$@"
}

@test "status: with nothing open it prints nothing and says so" {
	works jit-status
	answers ""
	[ "$stderr" = "jit-status: nothing is open" ]
	works jit-status -q
	[ -z "$output$stderr" ]
	works jit-status -j
	answers ""
}

@test "status: a request is pending, with what it needs" {
	id=$(request)
	works jit-status
	[ "${#lines[@]}" -eq 2 ]
	[ "$(tr -s ' ' <<<"${lines[0]}")" = \
		"ID STAGE RESOURCE ROLE BY TASK TIME NEEDS" ]
	[ "$(row)" = "$id pending ssh:web-1 root alice@ex.com INC-4211 30m 1 of dba" ]
}

@test "status: every group that still misses somebody is said" {
	id=$(request carol pg:orders admin)
	works jit-status
	says "1 of dba and 1 of security"
	approve bob "$id"
	works jit-status
	[[ $(row) == *" 30m 1 of dba" ]]
}

@test "status: a narrowed vote shows what it would last" {
	id=$(request)
	approve dan "$id" -d 10m
	works jit-status
	[ "$(row)" = "$id approved ssh:web-1 root alice@ex.com INC-4211 10m -" ]
}

@test "status: an issued one is active, until when and for how long still" {
	granted
	works jit-status "$ID"
	[[ $(row) =~ ^$ID\ active\ .*\ until\ ....-..-..T..:..:..Z\ \((29|30)m\ left\)\ -$ ]]
	[ -z "$stderr" ]
}

@test "status: -j prints one object a line" {
	id=$(request)
	id2=$(request carol pg:orders admin)
	works jit-status -j
	[ "${#lines[@]}" -eq 2 ]
	in_json '.stage == "pending" and .duration == 1800 and .votes == []'
	yields 4 jit-status -j "$id2"
}

@test "status: columns line up" {
	request >/dev/null
	request carol pg:orders-with-a-long-name admin >/dev/null
	works jit-status
	at=${lines[0]%%ROLE*}
	[[ ${lines[1]:${#at}:4} == root || ${lines[1]:${#at}:5} == admin ]]
	[[ ${lines[2]:${#at}:4} == root || ${lines[2]:${#at}:5} == admin ]]
}

@test "status: needs no key to say what is open" {
	id=$(request)
	works stranger jit-status
	says "$id"
}

@test "status: --pending and --active choose by stage" {
	granted
	id=$(request carol pg:orders admin)
	works jit-status --pending
	says "$id"
	[ "${#lines[@]}" -eq 2 ]
	works jit-status --active
	says "$ID"
	[ "${#lines[@]}" -eq 2 ]
	works jit-status --active --pending
	[ "${#lines[@]}" -eq 3 ]
}

@test "status: --mine is what I asked for" {
	id=$(request)
	other=$(request carol)
	works as alice jit-status --mine -j
	in_json ".id == \"$id\""
	works as carol jit-status --mine -j
	in_json ".id == \"$other\""
	works as bob jit-status --mine
	answers ""
	explains "nothing of that kind is open"
}

@test "status: --waiting is what my vote would bring further" {
	id=$(request carol pg:orders admin)
	works as dan jit-status --waiting
	says "$id"
	works as bob jit-status --waiting
	says "$id"
	works as carol jit-status --waiting
	answers ""
	works as root jit-status --waiting
	answers ""
	approve dan "$id"
	works as dan jit-status --waiting
	answers ""
	works as dora jit-status --waiting
	answers ""
	works as sue jit-status --waiting
	says "$id"
	approve sue "$id"
	works as bob jit-status --waiting
	answers ""
}

@test "status: --waiting never shows one's own request" {
	request alice >/dev/null
	works as alice jit-status --waiting
	answers ""
	works as dan jit-status --waiting
	[ "${#lines[@]}" -eq 2 ]
}

@test "status: --mine and --waiting want a key that is enrolled" {
	fails 1 as mallory jit-status --mine
	explains "$(fingerprint mallory)"
	fails 1 as mallory jit-status --waiting
	fails 3 stranger jit-status --mine
}

@test "status: 0 is active" {
	granted
	works jit-status "$ID"
	works jit-status -j "$ID"
	in_json '.stage == "active" and .until > .from'
}

@test "status: 4 is pending, and says what it waits for" {
	id=$(request)
	fails 4 jit-status "$id"
	explains "grant $id waits for its approval: needs 1 of dba"
	says "$id"
	approve dan "$id"
	fails 4 jit-status "$id"
	explains "grant $id waits to be issued"
}

@test "status: 5 is no such grant" {
	fails 5 jit-status 01HZZZZZZZZZZZZZZZZZZZZZZZ
	explains "no grant '01HZZZZZZZZZZZZZZZZZZZZZZZ'"
	answers ""
}

@test "status: 6 is over: expired, lapsed, denied, withdrawn, ended" {
	granted
	fails 6 later 1801 jit-status "$ID"
	explains "has expired"
	[[ $(row) == *" expired "* ]]
	as alice jit-revoke -q "$ID"
	fails 6 jit-status "$ID"
	explains "grant $ID is over: ended"
	id=$(request)
	fails 6 later 14401 jit-status "$id"
	explains "has lapsed: ask again"
	as dan jit-approve -q --deny -m "not today, ask the owner" "$id"
	fails 6 jit-status "$id"
	explains "denied by dan@ex.com"
	id=$(request)
	as alice jit-request -q --cancel "$id"
	fails 6 jit-status "$id"
	explains "withdrawn by alice@ex.com"
}

@test "status: an expired grant is not among the active ones" {
	granted
	works later 1801 jit-status --active
	answers ""
	works later 1801 jit-status
	says "expired"
}

@test "status: of several ids the first that is not active decides" {
	granted
	id=$(request carol)
	works jit-status "$ID" "$ID"
	yields 4 jit-status "$ID" "$id" 01HZZZZZZZZZZZZZZZZZZZZZZZ
	[ "${#lines[@]}" -eq 3 ]
	yields 5 jit-status 01HZZZZZZZZZZZZZZZZZZZZZZZ "$ID" "$id"
	[ "${#lines[@]}" -eq 3 ]
}

@test "status: 2 is what is no id, and part of one without a terminal" {
	id=$(request)
	fails 2 jit-status nonsense
	explains "'nonsense' is no id"
	fails 2 jit-status "${id:0:20}"
	explains "the whole id is wanted"
	fails 2 jit-status "${id:0:7}"
	fails 2 jit-status --mine "$id"
	fails 2 jit-status --owed "$id"
	fails 2 jit-status -d 5m
}

@test "status: ids may be written in lower case" {
	granted
	works jit-status "${ID,,}"
}

@test "status: -o collects the certificate and the key that is here" {
	granted
	mkdir out
	works as alice jit-status -o out "$ID"
	answers "out/$ID-cert.pub"
	explains "ssh -i 'out/$ID' root@web-1"
	[ "$(stat -c %a "out/$ID")" = 600 ]
	[ "$(stat -c %a "out/$ID-cert.pub")" = 644 ]
	ssh-keygen -L -f "out/$ID-cert.pub" | grep "Key ID: \"$ID\""
	[ "$(ssh-keygen -y -f "out/$ID" | cut -d ' ' -f 2)" = \
		"$(cut -d ' ' -f 2 "out/$ID.pub")" ]
	cmp <(cut -d ' ' -f 2 "$CERT") <(cut -d ' ' -f 2 "out/$ID-cert.pub")
}

@test "status: -o gives whoever asks the certificate, and nobody else's key" {
	granted
	mkdir out "$BATS_TEST_TMPDIR/stranger"
	chmod 700 "$BATS_TEST_TMPDIR/stranger"
	works stranger jit-status -j -o out "$ID"
	in_json ".cert == \"out/$ID-cert.pub\" and .secret == null"
	[ "$(ls out)" = "$ID-cert.pub" ]
}

@test "status: -o into the secrets directory leaves the key as it is" {
	granted
	before=$(stat -c %i "$XDG_RUNTIME_DIR/jit/$ID")
	works jit-status -j -o "$XDG_RUNTIME_DIR/jit" "$ID"
	in_json ".secret == \"$XDG_RUNTIME_DIR/jit/$ID\""
	[ "$(stat -c %i "$XDG_RUNTIME_DIR/jit/$ID")" = "$before" ]
	[ -e "$XDG_RUNTIME_DIR/jit/$ID-cert.pub" ]
	works jit-status -o "$XDG_RUNTIME_DIR/jit" "$ID"
}

@test "status: -o has nothing to collect before the issue and after the end" {
	id=$(request)
	mkdir out
	fails 4 jit-status -o out "$id"
	explains "grant $id is not issued yet"
	approve dan "$id"
	issue "$id"
	fails 6 later 1801 jit-status -o out "$id"
	explains "ran out at"
	as alice jit-revoke -q "$id"
	fails 6 jit-status -o out "$id"
	fails 5 jit-status -o out 01HZZZZZZZZZZZZZZZZZZZZZZZ
	[ -z "$(ls out)" ]
}

@test "status: -o wants one id and a folder that is there" {
	granted
	fails 2 jit-status -o .
	fails 2 jit-status -o . "$ID" "$ID"
	fails 2 jit-status -o . --mine "$ID"
	fails 3 jit-status -o nowhere "$ID"
	explains "nowhere"
}

# -- What is left in the secrets directory -----------------------------------

# left: what lies there, one name a line
left() {
	ls -A "$XDG_RUNTIME_DIR/jit"
}

@test "status: the key of a grant that others ended goes with its certificate" {
	local secrets=$XDG_RUNTIME_DIR/jit other

	granted
	as alice jit-status -q -o "$secrets" "$ID" >/dev/null
	: >"$secrets/notes"
	stranger jit-revoke -q -k "$KEYS/dan" "$ID"
	other=$(request alice)
	works jit-status
	[ "$(left)" = "$(printf '%s\n' "$ID" "$ID-cert.pub" "$ID.pub" \
		"$other" "$other.pub" notes | sort)" ]
	works later 1790 jit-status
	[ -e "$secrets/$ID" ]
	works later 1801 jit-status
	[ "$(left)" = "$(printf '%s\n' "$other" "$other.pub" notes)" ]
}

@test "status: a key without a certificate goes after a week" {
	local week=$((7 * 86400))

	id=$(request)
	as dora jit-approve -q --deny -m 'use the replica' "$id"
	works later $((week - 60)) jit-status
	[ "$(left)" = "$(printf '%s\n' "$id" "$id.pub")" ]
	works later $((week + 60)) jit-status
	[ -z "$(left)" ]
}

@test "status: a key goes neither before its time nor its ledger's" {
	local week=$((7 * 86400)) secrets=$XDG_RUNTIME_DIR/jit

	rm -r "$JIT_LEDGER" "$XDG_STATE_HOME"
	new_ledger -p '.limits.pending = "30d" | .rules[0].max = "30d"'
	granted
	id=$(request)
	printf 'ssh-ed25519-cert-v01@openssh.com AAAA\n' \
		>"$secrets/$id-cert.pub"
	works later 1801 jit-status
	works later $((week + 60)) jit-status
	[ "$(left)" = "$(printf '%s\n' "$id" "$id-cert.pub" "$id.pub")" ]
	works later $((31 * 86400)) jit-status
	[ -z "$(left)" ]
}

@test "status: of other ledgers only what is a week old goes" {
	id=$(request)
	cp -r "$XDG_RUNTIME_DIR/jit" kept
	rm -r "$JIT_LEDGER" "$XDG_STATE_HOME"
	new_ledger
	works later $((7 * 86400 - 60)) jit-status
	diff -r kept "$XDG_RUNTIME_DIR/jit"
	works later $((7 * 86400 + 60)) jit-status
	[ -z "$(left)" ]
}

@test "status: only keys of grants go, and nothing where it is not private" {
	local secrets=$XDG_RUNTIME_DIR/jit name

	works jit-status
	[ ! -e "$secrets" ]
	id=$(request)
	as alice jit-request -q --cancel "$id"
	for name in id_ed25519 notes 01HZZZZZZZZZZZZZZZZZZZZZZZ \
		"$id.bak" "$id-cert.pub.new" "${id}0" "${id,,}" .new-0; do
		: >"$secrets/$name"
	done
	left >before
	works later $((8 * 86400)) jit-status
	left | diff before -
	: >"$secrets/$id"
	chmod 755 "$secrets"
	works later $((8 * 86400)) jit-status
	[ -e "$secrets/$id" ]
	chmod 700 "$secrets"
	works later $((8 * 86400)) jit-status
	left | diff before -
}

# -- What is owed ----------------------------------------------------------

@test "status: --owed is what is over and was not shown to be dead" {
	granted
	works jit-status --owed
	answers ""
	[ "$stderr" = "jit-status: nothing is owed" ]
	write issuer probe id="$ID" outcome=allowed
	as alice jit-revoke -q "$ID"
	works jit-status --owed
	[ "$(tr -s ' ' <<<"${lines[0]}")" = "ID OWES TO BY DUE" ]
	[[ $(tr -s ' ' <<<"${lines[1]}") =~ ^$ID\ proof\ ssh:web-1\ alice@ex.com\ [0-9a-z]+\ overdue$ ]]
	[ "${#lines[@]}" -eq 2 ]
	works jit-status --owed -j
	in_json ".id == \"$ID\" and .owes == \"proof\" and .provable == true and
		.resource == \"ssh:web-1\" and .role == \"root\" and
		.by == \"alice@ex.com\" and .overdue == true and .due <= .at"
	fails 5 as rita jit-approve --review ok -m 'as it had to be' "$ID"
	explains "no review is owed for '$ID'"

	# no more once its target refused
	write issuer probe id="$ID" outcome=unknown
	works jit-status --owed
	says proof
	write issuer probe id="$ID"
	works jit-status --owed
	answers ""
}

@test "status: --owed of what a probe cannot prove, until an admin looked" {
	granted
	as alice jit-revoke -q "$ID"
	works jit-status --owed -j
	in_json ".owes == \"proof\" and .provable == false"
	works jit-status --owed
	says 'proof (unprovable)'
	unharmed fails 1 as dan jit-approve --review ok -m 'as it had to be' "$ID"
	explains "only an admin writes off a proof that is owed"
	works as rita jit-approve --review unclear -m 'its host is gone' "$ID"
	works jit-status --owed
	answers ""
	works jit-audit verify
}

@test "status: writes no event" {
	granted
	mkdir out
	unharmed jit-status
	unharmed jit-status -o out "$ID"
	[ "$(events)" -eq 4 ]
}

@test "status: a ledger that was rolled back is evidence" {
	id=$(request)
	git_ledger update-ref refs/heads/ledger HEAD~1
	fails 7 jit-status
	explains "rolled back"
	answers ""
}

@test "status: no ledger is trouble, with its path" {
	fails 3 jit-status -C /nowhere
	explains /nowhere
}

@test "status: where no ledger is named it says how to name one" {
	local here=.local/share/jit/ledger.git

	unset JIT_LEDGER
	fails 3 jit-status
	[ "$stderr" = "jit-status: which ledger? -C LEDGER, JIT_LEDGER or git config jit.ledger; '$HOME/$here' is not there" ]
	mkdir -p "$here"
	fails 3 jit-status
	explains "'$HOME/$here'"
}

@test "status: T10 what others wrote does nothing to a terminal" {
	as alice jit-request -q -d 30m -t 'INC-1 "\\ äß 中' \
		-m 'slow query on orders' pg:orders admin >/dev/null
	works jit-status
	says 'INC-1 "\\ äß 中'
	run ! grep -P '[\x00-\x08\x0b-\x1f\x7f]' <<<"$output"
}

@test "status: R12 an answer that cannot be written is trouble" {
	request >/dev/null
	full() {
		jit-status "$@" >/dev/full
	}
	fails 3 full
	fails 3 full -j
}

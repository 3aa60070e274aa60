#!/usr/bin/env bats
# jit-approve: see what is asked, then vote.
# shellcheck disable=SC2030,SC2031 # each test: a subshell of its own

load helper
load terminal

setup() {
	seal
	new_ledger
}

teardown() {
	close_terminal
	fsck_ledger
}

# -- The screen -------------------------------------------------------------

@test "jit-approve: the screen says who, what, why, how long, rule, votes" {
	ID=$(request alice)
	at_terminal env JIT_KEY="$KEYS/dan" jit-approve "$ID"
	sees 'Approve as dba, for 30m? [y/N]'
	sees "request $ID"
	sees 'who      alice@ex.com (person)'
	sees 'what     root on ssh:web-1'
	sees 'why      INC-4211: slow query on orders'
	sees 'how long 30m of at most 1h'
	sees "ago from $(hostname), at 20"
	sees 'rule     web-root: oncall may be root on ssh:web-* for at most 1h, task like'
	sees 'INC-#, approved by 1 of dba'
	sees 'votes    none so far'
	sees 'missing  1 of dba'
	sees 'lapses   in '
	types y Enter
	sees "jit-approve: approved as dba; complete: jit-issue $ID"
	sees 'status 0'
	[ "$(event | jq -r '.type, .as, .by')" = "$(printf '%s\n' \
		approve dba dan@ex.com)" ]
}

@test "jit-approve: the screen says what others voted and what is missing" {
	ID=$(request alice pg:orders admin)
	approve dan "$ID" -d 10m
	at_terminal env JIT_KEY="$KEYS/bob" jit-approve "$ID"
	sees 'Approve as security, for 10m? [y/N]'
	sees 'votes    dan@ex.com as dba, '
	sees 'ago, for 10m'
	sees 'missing  1 of security'
}

@test "jit-approve: no, and an empty answer, write nothing" {
	ID=$(request alice)
	at_terminal env JIT_KEY="$KEYS/dan" jit-approve "$ID"
	sees '[y/N]'
	types n Enter
	sees 'jit-approve: not approved'
	sees 'status 1'
	tmux -S "$TMUX_SOCKET" kill-server
	at_terminal env JIT_KEY="$KEYS/dan" jit-approve "$ID"
	sees '[y/N]'
	types Enter
	sees 'status 1'
	[ "$(events)" -eq 2 ]
}

@test "jit-approve: a line of other text is asked again, its end is a no" {
	ID=$(request alice)
	at_terminal env JIT_KEY="$KEYS/dan" jit-approve "$ID"
	sees '[y/N]'
	types 'yes please' Enter
	sleep 0.3
	[ "$(shown | grep -c 'y/N')" -eq 2 ]
	types C-d
	sees 'status 1'
	[ "$(events)" -eq 2 ]
}

@test "jit-approve: what was typed before the question is no answer" {
	ID=$(request alice)
	at_terminal sh -c 'sleep 1; exec "$@"' sh env JIT_KEY="$KEYS/dan" \
		jit-approve "$ID"
	types y Enter
	sees '[y/N]'
	sleep 0.5
	[ "$(events)" -eq 2 ]
}

@test "jit-approve: a long hostile reason wraps and fakes no row" {
	local spaces reason

	spaces=$(printf ' %.0s' {1..69})
	reason="ok$spaces  votes    bob@ex.com as dba$spaces"
	reason=$reason$(printf '\\e[2J%.0s' {1..20})$(printf 'W%.0s' {1..200})
	ID=$(request alice -m "${reason:0:500}" ssh:web-1 root)
	at_terminal env JIT_KEY="$KEYS/dan" jit-approve "$ID"
	sees '[y/N]'
	[ "$(shown | grep -c '^  votes ')" -eq 1 ]
	sees 'votes    none so far'
	[ "$(shown | grep -c "^ \{11\}W\{40,69\}$")" -ge 2 ]
}

@test "jit-approve: wide characters push no text to where a row begins" {
	local wide reason

	wide=$(printf '\u6f22%.0s' {1..34})
	reason="ok $wide  votes    bob@ex.com as dba $wide  votes    sue@ex.com as dba"
	ID=$(request alice -m "$reason" ssh:web-1 root)
	at_terminal env LC_ALL=C.UTF-8 JIT_KEY="$KEYS/dan" jit-approve "$ID"
	sees '[y/N]'
	shown | sed -n '/^  why /,/^  how long /p' >rows
	[ "$(grep -c '^  ' rows)" -eq "$(wc -l <rows)" ]
	[ "$(grep -c '^ \{11\}[^ ]' rows)" -eq $(($(wc -l <rows) - 2)) ]
	[ "$(wc -l <rows)" -ge 4 ]
	sees 'votes    none so far'
}

@test "jit-approve: people may shorten the id at a terminal" {
	ID=$(request alice)
	at_terminal env JIT_KEY="$KEYS/dan" jit-approve -y "${ID,,}"
	sees 'status 0'
	ID=$(request alice)
	tmux -S "$TMUX_SOCKET" kill-server
	at_terminal env JIT_KEY="$KEYS/dan" jit-approve -y "${ID:0:20}"
	sees 'status 0'
}

# -- The queue -------------------------------------------------------------

@test "jit-approve: the queue asks about each that misses my vote" {
	local first

	first=$(request alice ssh:web-1 root)
	sleep 1.1
	request carol ssh:web-2 root
	request alice pg:orders admin
	at_terminal env JIT_KEY="$KEYS/dan" jit-approve
	sees "1 of 3: request $first"
	sees 'Approve as dba, for 30m? [y/n/s(kip)/q(uit)]'
	types y Enter
	sees '2 of 3: request '
	types q Enter
	sees 'status 0'
	[ "$(events)" -eq 5 ]
	[ "$(event | jq -r .id)" = "$first" ]
}

@test "jit-approve: a no in the queue wants its reason and is a denial" {
	ID=$(request alice)
	at_terminal env JIT_KEY="$KEYS/dan" jit-approve
	sees 'q(uit)]'
	types n Enter
	sees 'Why not?'
	types 'not during the freeze' Enter
	sees "jit-approve: denied $ID"
	sees 'status 0'
	[ "$(event | jq -r '.type, .reason')" = "$(printf '%s\n' deny \
		'not during the freeze')" ]
}

@test "jit-approve: a no without a reason writes nothing" {
	request alice
	at_terminal env JIT_KEY="$KEYS/dan" jit-approve
	sees 'q(uit)]'
	types n Enter
	sees 'Why not?'
	types Enter
	sees 'no reason, nothing was written'
	sees 'status 0'
	[ "$(events)" -eq 2 ]
}

@test "jit-approve: an empty answer in the queue skips" {
	request alice
	at_terminal env JIT_KEY="$KEYS/dan" jit-approve
	sees 'q(uit)]'
	types s Enter
	sees 'status 0'
	[ "$(events)" -eq 2 ]
}

@test "jit-approve: the queue leaves out what needs no vote of mine" {
	ID=$(request alice pg:orders admin)
	approve dan "$ID"
	works as dan jit-approve
	[ "$stderr" = "jit-approve: nothing waits for your vote" ]
	works as dora jit-approve
	works as alice jit-approve
	works as carol jit-approve
	works as bob jit-approve -n
	[ "$stderr" = "jit-approve: $ID waits for your vote" ]
}

@test "jit-approve: the queue wants a terminal" {
	request alice
	unharmed fails 1 as dan setsid -w jit-approve
	explains 'no terminal to ask on: jit-approve -y ID says yes to one'
}

@test "jit-approve: options of one vote want its id" {
	request alice
	unharmed fails 2 as dan jit-approve -y
	explains 'which one? name its ID'
	unharmed fails 2 as dan jit-approve -d 10m
	unharmed fails 2 as dan jit-approve --as dba
	unharmed fails 2 as dan jit-approve -m 'fine by me'
	unharmed fails 2 as dan jit-approve --deny -m 'not today'
	unharmed fails 2 as dan jit-approve --withdraw
}

# -- Approve ---------------------------------------------------------------

@test "jit-approve: no terminal means no, unless -y" {
	ID=$(request alice)
	unharmed fails 1 as dan setsid -w jit-approve "$ID"
	explains 'no terminal to ask on: -y says yes'
	works as dan setsid -w jit-approve -q -y "$ID"
	[ -z "$output$stderr" ]
}

@test "jit-approve: -y -v shows the screen on stderr" {
	ID=$(request alice)
	works as dan jit-approve -y -v "$ID"
	[ -z "$output" ]
	explains "  what     root on ssh:web-1"
	explains "jit-approve: approved as dba; complete: jit-issue $ID"
}

@test "jit-approve: says what is still missing" {
	ID=$(request alice pg:orders admin)
	works as bob jit-approve -y "$ID"
	[ "$stderr" = "jit-approve: approved as security; still missing 1 of dba" ]
}

@test "jit-approve: the vote holds for exactly this request" {
	ID=$(request alice)
	approve dan "$ID"
	[ "$(event | jq -r .request)" = "$(git_ledger cat-file commit HEAD^ |
		sha256sum | cut -d ' ' -f 1)" ]
}

@test "jit-approve: -j prints the grant" {
	ID=$(request alice)
	works as dan jit-approve -q -y -j -m 'seen the ticket' "$ID"
	in_json '.stage == "approved" and .votes[0].by == "dan@ex.com" and
		.votes[0].counts'
	[ "$(event | jq -r .note)" = 'seen the ticket' ]
}

@test "jit-approve: -d narrows, and never widens" {
	ID=$(request alice)
	unharmed fails 1 as dan jit-approve -y -d 31m "$ID"
	explains 'a vote narrows, never widens: at most 30m'
	works as dan jit-approve -q -y -j -d 10m "$ID"
	in_json '.would_last == 600'
}

@test "jit-approve: --as names the group" {
	ID=$(request alice)
	unharmed fails 1 as dan jit-approve -y --as security "$ID"
	explains "rule 'web-root' asks no vote of group 'security'"
	ID=$(request alice pg:orders admin)
	unharmed fails 1 as dan jit-approve -y --as security "$ID"
	explains "dan@ex.com is not in group 'security'"
	works as dan jit-approve -q -y --as dba "$ID"
}

@test "jit-approve: nobody votes on his own request" {
	ID=$(request alice)
	unharmed fails 1 as alice jit-approve -y "$ID"
	explains "nobody votes on his own request"
}

@test "jit-approve: who is in no group of the rule has no vote" {
	ID=$(request alice)
	unharmed fails 1 as bob jit-approve -y "$ID"
	explains "rule 'web-root' wants 1 of dba: bob@ex.com is in none of them"
	unharmed fails 1 as issuer jit-approve -y "$ID"
	explains "only a person votes: issuer@ex.com is enrolled as issuer"
	unharmed fails 1 as mallory jit-approve -y "$ID"
	explains "$(fingerprint mallory)"
}

@test "jit-approve: one person, one vote" {
	ID=$(request alice pg:orders admin)
	approve dan "$ID"
	unharmed fails 1 as dan jit-approve -y "$ID"
	explains "dan@ex.com has voted already: withdraw that vote first"
}

@test "jit-approve: what is issued, over or unknown takes no vote" {
	granted
	unharmed fails 6 as dora jit-approve -y "$ID"
	explains "grant $ID is issued already"
	as alice jit-revoke -q "$ID"
	unharmed fails 6 as dora jit-approve -y "$ID"
	explains "grant $ID is over: ended, cause revoke by alice@ex.com"
	unharmed fails 5 as dora jit-approve -y 01KAAAAAAAAAAAAAAAAAAAAAAA
	explains "no grant '01KAAAAAAAAAAAAAAAAAAAAAAA'"
	unharmed fails 2 as dora jit-approve -y one
}

@test "jit-approve: what lapsed takes no vote" {
	ID=$(request alice)
	unharmed fails 6 as dan later 14401 jit-approve -y "$ID"
	explains "grant $ID lapsed at "
}

@test "jit-approve: without a terminal the whole id is wanted" {
	ID=$(request alice)
	unharmed fails 2 as dan jit-approve -y "${ID:0:20}"
	explains "'${ID:0:20}' is part of an id: without a terminal the whole id is wanted"
}

@test "jit-approve: a note is clean text" {
	ID=$(request alice)
	unharmed fails 2 as dan jit-approve -y -m $'fi\e[1mne' "$ID"
	explains 'is no note'
}

@test "jit-approve: -n writes nothing" {
	ID=$(request alice)
	unharmed works as dan jit-approve -n "$ID"
	[ "$stderr" = "jit-approve: would approve $ID" ]
	unharmed fails 1 as alice jit-approve -n "$ID"
}

@test "jit-approve: a security key is wanted where the rule says so" {
	ID=$(request alice ssh:prod-1 root)
	unharmed fails 1 as bob jit-approve -y "$ID"
	explains "rule 'prod-root' wants a security key's signature, touched"
}

# -- Deny ------------------------------------------------------------------

@test "jit-approve: --deny is final" {
	ID=$(request alice)
	works as dan jit-approve --deny -m 'not during the freeze' "$ID"
	[ -z "$output" ]
	[ "$stderr" = "jit-approve: denied $ID" ]
	unharmed fails 6 as dora jit-approve -y "$ID"
	explains "grant $ID is over: denied by dan@ex.com"
}

@test "jit-approve: --deny answers in JSON" {
	ID=$(request alice)
	works as dan jit-approve -q -j --deny -m 'not during the freeze' "$ID"
	in_json ".id == \"$ID\" and .cause == \"deny\" and .at > 0"
}

@test "jit-approve: --deny wants a reason, and nothing of a yes" {
	ID=$(request alice)
	unharmed fails 2 as dan jit-approve --deny "$ID"
	explains 'why not? -m REASON'
	unharmed fails 2 as dan jit-approve --deny -y -m 'not today' "$ID"
	explains '-d, --as and -y go with a yes only'
	unharmed fails 2 as dan jit-approve --deny --withdraw -m 'no' "$ID"
	explains '--deny, --withdraw or --review: one of them'
}

@test "jit-approve: only who may approve denies" {
	ID=$(request alice)
	unharmed fails 1 as bob jit-approve --deny -m 'not today' "$ID"
	unharmed fails 1 as alice jit-approve --deny -m 'not today' "$ID"
}

@test "jit-approve: who has voted yes may still deny" {
	ID=$(request alice pg:orders admin)
	approve dan "$ID"
	works as dan jit-approve -q --deny -m 'looked again' "$ID"
}

@test "jit-approve: --deny -n writes nothing" {
	ID=$(request alice)
	unharmed works as dan jit-approve -n --deny -m 'not today' "$ID"
	[ "$stderr" = "jit-approve: would deny $ID" ]
}

# -- Withdraw --------------------------------------------------------------

@test "jit-approve: --withdraw takes the vote back, and it can be given again" {
	ID=$(request alice)
	approve dan "$ID"
	works as dan jit-approve --withdraw "$ID"
	[ "$stderr" = "jit-approve: withdrew your vote on $ID" ]
	[ "$(event | jq -r .reason)" = withdrawn ]
	fails 4 issue "$ID"
	works approve dan "$ID"
}

@test "jit-approve: --withdraw wants a vote" {
	ID=$(request alice)
	approve dan "$ID"
	unharmed fails 1 as dora jit-approve --withdraw "$ID"
	explains "dora@ex.com has no vote on grant $ID"
}

@test "jit-approve: after the issue no vote is withdrawn" {
	granted
	unharmed fails 6 as dan jit-approve --withdraw "$ID"
	explains "grant $ID is issued already"
}

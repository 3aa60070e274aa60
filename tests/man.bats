#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2153
# The manual, -h, completion and the library say the same.

load helper

PROGRAMS="init request approve issue exec check revoke status policy audit
	doctor"
TABLES=${JIT_TOOLS:-$ROOT/.build/plain/tools}/tables

setup() {
	seal
	MAN=$ROOT/share/man
	LEDGER5=$MAN/man5/jit-ledger.5
	POLICY5=$MAN/man5/jit-policy.5
	CONF5=$MAN/man5/jit.conf.5
	CONNECTOR5=$MAN/man5/jit-connector.5
}

# chapter PAGE HEADING: the lines of a section with all that is in it
chapter() {
	awk -v want=".Sh $2" '/^\.Sh / { on = $0 == want; next } on' "$1"
}

# part PAGE HEADING: the lines of a subsection
part() {
	awk -v want=".Ss $2" '/^\.S[hs] / { on = $0 == want; next } on' "$1"
}

# literal N: the Nth displayed block on stdin, as it is read
literal() {
	awk -v n="$1" '/^\.Bd / { k++; on = 1; next } /^\.Ed/ { on = 0 }
		on && k == n' | sed 's/\\e/\\/g'
}

# terms: what a list on stdin explains, one a line
terms() {
	sed -n 's/^\.It \(Bq \)\?Cm //p' | sed 's/ , /\n/g'
}

# page_options NAME: letter, name and argument, tab-separated
page_options() {
	awk '/^\.It Fl / {
		letter = name = arg = ""
		for (i = 2; i < NF; i++) {
			if ($i == "Fl" && $(i + 1) ~ /^-/)
				name = "-" $(i + 1)
			else if ($i == "Fl")
				letter = "-" $(i + 1)
			else if ($i == "Ar")
				arg = $(i + 1)
		}
		printf "%s\t%s\t%s\n", letter, name, arg
	}' "$MAN/man1/$1.1" | LC_ALL=C sort
}

# listed_options NAME: the same as the program has it
listed_options() {
	"$1" --list-options | cut -f 1-3 | sed 's/\t\[\(.*\)\]$/\t\1/' |
		LC_ALL=C sort
}

# words: letters and names of options on stdin, sorted
words() {
	cut -f 1,2 | tr '\t' '\n' | grep . | LC_ALL=C sort
}

# same WHAT A B: two texts that are not empty are alike
same() {
	[ -n "$2" ] || {
		echo "$1: nothing there"
		return 1
	}
	[ "$2" = "$3" ] || {
		echo "$1 differ:"
		diff <(echo "$2") <(echo "$3")
	}
}

# completed WORD...: what bash offers for the last of them, sorted
completed() {
	# shellcheck disable=SC2016
	bash --norc -c 'source "$0" && COMP_WORDS=("$@") &&
		COMP_CWORD=$(($# - 1)) && _jit &&
		printf "%s\n" "${COMPREPLY[@]}"' \
		"$ROOT/completions/jit.bash" "$@" | LC_ALL=C sort
}

# agrees NAME: page, --list-options, -h and completion
agrees() {
	local page=$MAN/man1/$1.1 listed help name heading

	listed=$(listed_options "$1")
	same "$1: page and --list-options" "$(page_options "$1")" "$listed"
	same "$1: completion and --list-options" "$(completed "$1" -)" \
		"$(words <<<"$listed")"
	help=$("$1" -h)
	for name in $(words <<<"$listed"); do
		grep -qE -- "^ .*$name([], =[]|$)" <<<"$help" || {
			echo "$1 -h does not mention $name"
			return 1
		}
	done
	for heading in 'EXIT STATUS' EXAMPLES; do
		[ -n "$(chapter "$page" "$heading")" ] || {
			echo "$page has no $heading"
			return 1
		}
	done
	[ "$(head -n 1 <<<"$help")" = \
		"$1: $(sed -n 's/^\.Nd //p' "$page")" ] ||
		[ "$1" = jit ] || {
		echo "$1: page and -h begin otherwise"
		return 1
	}
}

@test "man: jit agrees with its page" {
	agrees jit
}

@test "man: jit-init agrees with its page" {
	agrees jit-init
}

@test "man: jit-request agrees with its page" {
	agrees jit-request
}

@test "man: jit-approve agrees with its page" {
	agrees jit-approve
}

@test "man: jit-issue agrees with its page" {
	agrees jit-issue
}

@test "man: jit-exec agrees with its page" {
	agrees jit-exec
}

@test "man: jit-check agrees with its page" {
	agrees jit-check
}

@test "man: jit-revoke agrees with its page" {
	agrees jit-revoke
}

@test "man: jit-status agrees with its page" {
	agrees jit-status
}

@test "man: jit-audit agrees with its page" {
	agrees jit-audit
}

@test "man: jit-doctor agrees with its page" {
	agrees jit-doctor
}

@test "man: jit-policy agrees with its page" {
	agrees jit-policy
}

@test "man: every program has a page, and every page a program" {
	local here pages

	here=$(cd "$JIT_BIN" && printf '%s\n' jit jit-* | sort -u)
	pages=$(cd "$MAN/man1" && printf '%s\n' *.1 | sed 's/\.1$//' | sort)
	same 'programs and pages' "$here" "$pages"
	# shellcheck disable=SC2086
	same 'programs here and there' "$here" \
		"$( (echo jit && printf 'jit-%s\n' $PROGRAMS) | sort)"
	same 'programs and the list in jit(7)' "$(grep -vx jit <<<"$here")" \
		"$(sed -n 's/^\.It Xr \(jit-[a-z]*\) 1$/\1/p' \
			"$MAN/man7/jit.7" | sort)"
}

@test "man: every page ends in statuses and examples, and refers to pages" {
	local page name section count=0

	for page in "$MAN"/man*/*; do
		[ -n "$(chapter "$page" 'EXIT STATUS')" ]
		[ -n "$(chapter "$page" EXAMPLES)" ]
		while read -r name section; do
			[ -e "$MAN/man$section/$name.$section" ] || {
				echo "$page: no $name($section)"
				return 1
			}
			count=$((count + 1))
		done < <(sed -nE 's/^\.(It )?Xr (jit[a-z.-]*) ([0-9]).*/\2 \3/p' \
			"$page")
	done
	[ "$count" -gt 50 ]
}

@test "man: a page's statuses are those of jit(7), and the library's" {
	local all page used

	all=$(chapter "$MAN/man7/jit.7" 'EXIT STATUS' |
		sed -n 's/^\.It \([0-9]*\)$/\1/p')
	[ "$(wc -l <<<"$all")" -eq 11 ]
	used=$(grep -ohE 'JIT_(NO|USAGE|TROUBLE|PENDING|NOGRANT|OVER|EVIDENCE|BUSY|UNPROVEN|FINDINGS)\>' \
		"$ROOT"/lib/*.c "$ROOT"/src/*.c | sort -u |
		while read -r code; do
			tr -s '\n\t' ' ' <"$ROOT/lib/error.h" |
				grep -oE "$code = -[0-9]+"
		done | sed 's/.*-//' | sort -n)
	same 'jit(7) and the library' "$(tail -n +2 <<<"$all")" "$used"
	# those of env(1), of which jit-exec has four
	for page in "$MAN"/man1/*; do
		run grep -vxFf <(echo "$all"; [ "${page##*/}" != jit-exec.1 ] ||
			seq 124 127) < <(chapter "$page" 'EXIT STATUS' |
			sed -n 's/^\.It \([0-9]*\)$/\1/p')
		[ -z "$output" ]
	done
}

@test "jit-ledger(5): the forbidden code points are the library's" {
	same ranges "$(part "$LEDGER5" 'Forbidden code points' | literal 1 |
		cut -d ' ' -f 1)" \
		"$("$TABLES" | sed -n 's/^range //p')"
}

@test "jit-ledger(5): the members of events are the library's" {
	local type heading

	for type in common genesis request approve deny withdraw issue end use \
		probe beat review policy enroll retire late; do
		heading=$type
		[ "$type" != common ] || heading='Members of every event'
		same "$type" "$(part "$LEDGER5" "$heading" |
			sed -nE 's/^\.It Cm (.*)/\1 must/p
				s/^\.It Bq Cm (.*)/\1 may/p')" \
			"$("$TABLES" | sed -n "s/^member $type //p")"
	done
	same types "$(printf '%s\n' common genesis request approve deny \
		withdraw issue end use probe beat review policy enroll retire late)" \
		"$("$TABLES" | awk '/^member/ && !seen[$2]++ { print $2 }')"
}

@test "jit-ledger(5): every rule of the judge is listed, and no other" {
	local rules

	rules=$(cat "$ROOT"/lib/*.c | tr '\n' ' ' | grep -oE \
		'(JIT_(RULE|NEED|RULE_ON)\(|jit_refuse\([^;"]*)\s*"[a-z-]+"' |
		grep -oE '[a-z]+-[a-z]+"$' | tr -d '"' | sort -u)
	[ "$(wc -l <<<"$rules")" -gt 50 ]
	same rules "$(chapter "$LEDGER5" RULES | terms | sort)" "$rules"
}

# value JSON WORD: what a word of the page's templates stands for
value() {
	case $2 in
	GROUP) jq -r .as <<<"$1" ;;
	DURATION) jq -r '.duration / 60 | tostring + "m"' <<<"$1" ;;
	STAMP) date -u -d "@$(jq -r .until <<<"$1")" +%FT%TZ ;;
	*) jq -r ".${2,,}" <<<"$1" ;;
	esac
}

# subject JSON: as the page has it
subject() {
	local template word out=

	template=$(part "$LEDGER5" 'A commit' | literal 2 |
		grep "^$(jq -r .type <<<"$1") ")
	for word in $template; do
		case $word in
		[A-Z]*:) out+=" $(value "$1" "${word%:}"):" ;;
		[A-Z]*) out+=" $(value "$1" "$word")" ;;
		*) out+=" $word" ;;
		esac
	done
	echo "${out# }"
}

# remake RAW JSON PARENT: the commit as the page has it
remake() {
	local line by at type

	by=$(value "$2" BY) at=$(value "$2" AT) type=$(value "$2" TYPE)
	part "$LEDGER5" 'A commit' | literal 1 | while IFS= read -r line; do
		case $line in
		parent*) [ -z "$3" ] || echo "parent $3" ;;
		author*BY* | committer*BY*)
			line=${line/TYPE/$type} line=${line/BY/$by}
			echo "${line/AT/$at}"
			;;
		' BASE64') sed -n '/^gpgsig/,/^ -----END/p' "$1" | sed '1d;$d' ;;
		SUBJECT) subject "$2" ;;
		JSON) echo "$2" ;;
		*) echo "$line" ;;
		esac
	done
}

@test "jit-ledger(5): commits are what the page makes of their events" {
	local id raw=raw oid parent='' json prev genesis=''

	new_ledger
	granted
	as alice jit-revoke -q "$ID"
	id=$(request)
	approve dan "$id"
	as dan jit-approve -q --withdraw -m 'not now' "$id"
	as dora jit-approve -q --deny -m 'use the replica' "$id"
	prev=$(printf '0%.0s' {1..64})

	for oid in $(git_ledger rev-list --reverse refs/heads/ledger); do
		git_ledger cat-file commit "$oid" >"$raw"
		json=$(tail -n 1 "$raw")
		diff "$raw" <(remake "$raw" "$json" "$parent")
		[ "$(jq -cS . <<<"$json")" = "$json" ]
		[ "$(jq -r .prev <<<"$json")" = "$prev" ]
		prev=$(sha256sum <"$raw" | cut -d ' ' -f 1)
		: "${genesis:=$prev}"
		[ -z "$parent" ] ||
			[ "$(jq -r .ledger <<<"$json")" = "$genesis" ]
		parent=$oid
		sed -n '/^gpgsig/,/^ -----END/p' "$raw" |
			sed 's/^gpgsig //; s/^ //' >"$raw.sig"
		sed '/^gpgsig/,/^ -----END/d' "$raw" |
			ssh-keygen -q -Y check-novalidate -n git -s "$raw.sig"
	done
	[ "$(git_ledger log --format=%b ledger | grep . | jq -r .type |
		sort -u | wc -l)" -eq 7 ]
	[ "$genesis" = "$GENESIS" ]
}

@test "jit-ledger(5): the head of the memory is as the page has it" {
	local file head format

	new_ledger
	format=$(sed -n 's/^#define JIT_MEMORY_FORMAT \([0-9]*\)$/\1/p' \
		"$ROOT/lib/memory.h")
	grep -qx "uint32 *format of the body: $format" "$LEDGER5"
	file=$XDG_STATE_HOME/jit/$(printf %s "$(realpath "$JIT_LEDGER")" |
		sha256sum | cut -c 1-32).state
	[ "$(stat -c %a "$file")" = 600 ]
	head=$(head -c 176 "$file" | od -An -v -tx1 | tr -d ' \n')
	[ "${head:0:24}" = "6a69747374617465$(printf %08x "$format")" ]
	[ "${head:24:64}" = "$GENESIS" ]
	[ "${head:88:16}" = 0000000000000001 ]
	[ "${head:104:64}" = "$GENESIS" ]
	[ "${head:168:40}" = "$(git_ledger rev-parse ledger)" ]
	[ $((16#${head:208:16})) -eq $(($(stat -c %s "$file") - 176)) ]
	[ "${head:224:64}" = \
		"$(tail -c +177 "$file" | sha256sum | cut -d ' ' -f 1)" ]
	[ "${head:288:64}" = \
		"$(head -c 144 "$file" | sha256sum | cut -d ' ' -f 1)" ]
}

# policy_members: of lib/policy.c
policy_members() {
	tr '\n' ' ' <"$ROOT/lib/policy.c" |
		grep -oE '((LABEL|GLOB|SECONDS)\([a-z_ ]+,|\.name =) *"[a-z_]+"' |
		grep -oE '[a-z_]+"$' | tr -d '"' | sort -u
}

@test "jit-policy(5): every member is there" {
	local now

	now=$(policy_members)
	[ "$(wc -l <<<"$now")" -gt 15 ]
	same members "$(chapter "$POLICY5" DESCRIPTION | terms | sort -u)" \
		"$(grep -vxE 'group|count|grants|time|per|within' <<<"$now")"
	for now in group count grants time per within days from zone; do
		chapter "$POLICY5" DESCRIPTION | grep -qE "^\.Cm $now\>"
	done
}

@test "jit-policy(5): what is refused is refused as it says" {
	new_ledger
	policy '.rules[0].max = "30"' >"$POLICY"
	fails 2 as root jit-init -n -u root@ex.com --policy "$POLICY" \
		"$BATS_TEST_TMPDIR/none"
	explains "$(chapter "$POLICY5" 'EXIT STATUS' | literal 1)"
}

@test "jit-policy(5): the examples found ledgers" {
	local who whole rule

	mapfile -t who < <(enrolments)
	whole=$(chapter "$POLICY5" EXAMPLES | literal 1)
	for rule in null "$(chapter "$POLICY5" EXAMPLES | literal 2)" \
		"$(chapter "$POLICY5" EXAMPLES | literal 3)" \
		"$(chapter "$POLICY5" EXAMPLES | literal 4)" \
		"$(chapter "$POLICY5" EXAMPLES | literal 5)" \
		"$(chapter "$POLICY5" EXAMPLES | literal 6)" \
		"$(chapter "$POLICY5" EXAMPLES | literal 7 |
			sed "s/2027-06-30/$(date -u -d '+90 days' +%F)/")"; do
		[ -n "$rule" ]
		jq --argjson rule "$rule" \
			'.rules += [$rule | select(. != null)]' \
			<<<"$whole" >policy.json
		works as root jit-init -n -j -u root@ex.com \
			--policy policy.json "${who[@]}" ledger.git
		in_json '.dry_run'
	done
}

@test "jit.conf(5): every member is there, and the examples know no other" {
	local members example

	members=$(tr '\n' ' ' <"$ROOT/src/gate.c" |
		grep -oE 'CONF_TEXT\([a-z]+, (true|false)|\.name = "[a-z]+"' |
		sed -E 's/CONF_TEXT\((.*),.*/\1/; s/.*"(.*)"/\1/' | sort)
	[ "$(wc -l <<<"$members")" -eq 9 ]
	same members "$(chapter "$CONF5" DESCRIPTION | terms | sort)" "$members"
	example=$(chapter "$CONF5" EXAMPLES | literal 1)
	same required "$(jq -r 'keys[]' <<<"$example")" \
		"$(tr '\n' ' ' <"$ROOT/src/gate.c" |
			grep -oE 'CONF_TEXT\([a-z]+, true' |
			grep -oE '[a-z]+,' | tr -d , | sort)"
	run grep -vxFf <(echo "$members") < <(jq -r 'keys[]' \
		"$ROOT/share/examples/sshd/jit.conf")
	[ -z "$output" ]
}

@test "man: the examples that pages name are there" {
	local name count=0

	while read -r name; do
		[ -e "$ROOT/share/${name#/usr/local/share/jit/}" ] || {
			echo "not there: $name"
			return 1
		}
		count=$((count + 1))
	done < <(grep -ohE '/usr/local/share/jit/examples/[a-z./-]*' \
		"$MAN"/man*/* | sort -u)
	[ "$count" -ge 5 ]
}

@test "completion: programs after jit, their options after their names" {
	same programs "$(completed jit '')" "$(printf '%s\n' approve audit \
		check doctor exec init issue policy request revoke status)"
	same 'options of jit request' "$(completed jit request -)" \
		"$(listed_options jit-request | words)"
	same 'one option' "$(completed jit-request --ca)" --cancel
}

@test "completion: files, ids, and nothing where nothing is known" {
	local id

	new_ledger
	id=$(request)
	: >policy-file
	[ "$(completed jit-init --policy pol)" = policy-file ]
	[ "$(completed jit init --policy pol)" = policy-file ]
	[ "$(completed jit-approve 01)" = "$id" ]
	[ "$(completed jit approve -y 01)" = "$id" ]
	[ "$(completed jit-request --cancel 01)" = "$id" ]
	[ -z "$(completed jit-request --duration '')" ]
	[ "$(completed jit-revoke --krl pol)" = policy-file ]
}

@test "completion: what may be left out is in brackets, and never asked for" {
	same brackets "$(jit-request --list-options | grep '\[' | cut -f 1-3)" \
		"$(printf -- '-w\t--wait\t[DURATION]')"
	same 'after --wait' "$(completed jit-request --wait -)" \
		"$(listed_options jit-request | words)"
}

@test "completion: the files for zsh and fish can be read" {
	head -n 1 "$ROOT/completions/_jit" | grep -q '^#compdef jit '
	if command -v zsh; then
		zsh -n "$ROOT/completions/_jit"
	fi
	if command -v fish; then
		fish --no-execute "$ROOT/completions/jit.fish"
	fi
}

@test "jit: lists the programs that are beside it, in their own words" {
	local p

	works jit
	for p in $PROGRAMS; do
		same "$p" "$(sed -n "s/^  $p  *//p" <<<"$output")" \
			"$("jit-$p" -h | sed -n '1s/^[^:]*: //p')"
	done
	same 'jit and jit -h' "$output" "$(jit --help)"
	works jit -V
	answers "jit $(jit-init -V | cut -d ' ' -f 2)"
}

@test "jit: runs a program with its arguments and its status" {
	yields 2 jit check 'ssh:web 1' root
	explains "'ssh:web 1' is no resource"
	works jit audit --list-options
	answers "$(jit-audit --list-options)"
}

@test "jit: runs what is in PATH where it is not beside it" {
	mkdir more
	printf '#!/bin/sh\necho "more: $*"\n' >more/jit-more
	chmod +x more/jit-more
	PATH=$PATH:$PWD/more
	works jit more of it
	answers 'more: of it'
}

@test "jit: what is no program is said in one line, status 2" {
	fails 2 jit frobnicate
	explains "jit: there is no program 'frobnicate' (see jit -h)"
	fails 2 jit -x
	explains 'neither a program nor an option'
	fails 2 jit ../jit-init
	explains 'neither a program nor an option'
}

@test "jit: a list that cannot be written is status 3" {
	run bash -c 'jit >/dev/full'
	[ "$status" -eq 3 ]
	[ "$output" = 'jit: cannot write the answer' ]
}

# members N: what the Nth list on stdin explains, and whether it must be there
members() {
	awk -v n="$1" '/^\.Bl / { k++ } k == n && /^\.It / {
		print $NF, $2 == "Bq" ? "may" : "must" } /^\.El/ && k == n { exit }'
}

@test "jit-connector(5): questions and answers have the library's members" {
	local verb list

	for verb in describe grant revoke probe scan; do
		list=1
		[ "$verb" != grant ] || list=2
		same "answer to $verb" "$(part "$CONNECTOR5" "$verb" |
			members "$list")" \
			"$("$TABLES" | sed -n "s/^answer $verb //p")"
	done
	for verb in grant revoke probe; do
		same "question to $verb" "$(part "$CONNECTOR5" grant |
			members 1)" \
			"$("$TABLES" | sed -n "s/^question $verb //p")"
	done
	same 'question to scan' "$("$TABLES" | sed -n 's/^question scan //p')" \
		$'v must\nresource must\ntarget must'
	[ -z "$("$TABLES" | sed -n 's/^question describe //p')" ]
}

@test "jit-connector(5): targets have the connectors' members, as in the examples" {
	local name files n=1

	for name in ssh sudo pg; do
		files=$name.c
		[ "$name" != pg ] || files=login.c
		same "$name" "$(part "$CONNECTOR5" "$name" | members 1 |
			cut -d ' ' -f 1 | sort)" \
			"$(sed -n '/^static const struct jit_member shape/,/SERVE_TIMEOUT/p' \
				"$ROOT/src/connectors/$files" | tr '\n' ' ' |
			grep -oE '\.name = "[a-z]+"|TEXT\("?[a-z_]+"?,' |
			sed -E 's/.*[("]([a-z_]+)[",]+$/\1/' | sort)"
		n=$((n + 1))
		chapter "$CONNECTOR5" EXAMPLES | literal "$n" >example.json
		run grep -vxFf <(part "$CONNECTOR5" "$name" | members 1 |
			cut -d ' ' -f 1) < <(jq -r 'keys[]' example.json)
		[ -z "$output" ]
	done
}

@test "jit-connector(5): the connectors say what the page says" {
	local name connectors=$JIT_LIBEXEC/connectors

	[ "$(chapter "$CONNECTOR5" EXAMPLES | literal 1 | sed -n 3p)" = \
		"$("$connectors/sudo" describe)" ]
	chapter "$CONNECTOR5" EXAMPLES | literal 5 | "$connectors/sudo" scan \
		2>error || [ $? -eq 2 ]
	grep -q "unknown member 'actions'" error
	for name in ssh sudo pg; do
		works "$connectors/$name" describe
		in_json ".name == \"$name\""
		fails 2 "$connectors/$name"
		fails 2 "$connectors/$name" describe twice
		fails 2 "$connectors/$name" Describe
	done
}

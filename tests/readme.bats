#!/usr/bin/env bats
# The README is true: its commands are run, and say what it says they say.

load helper

README=$ROOT/README.md

# blocks FILE: its console blocks but the demo's, the demo's with 'demo'
blocks() {
	awk -v demo="${2:-}" '
		/^```console$/ { on = 1; first = 1; next }
		/^```$/ { on = 0; next }
		on && first { skip = ($0 == "$ make demo") != (demo != ""); first = 0 }
		on && !skip' "$1"
}

# take_apart FILE: $commands, and what each is said to print in $printed
take_apart() {
	local line i=-1

	commands=() printed=()
	while IFS= read -r line; do
		case $line in
		'$ '*) commands[++i]=${line#??} printed[i]='' ;;
		'> '*) commands[i]+=$'\n'${line#??} ;;
		*) printed[i]+=$line$'\n' ;;
		esac
	done < <(blocks "$1")
}

# alike: what varies from run to run, replaced; $TRY is where it was run
alike() {
	tr -d '\r' | sed -E -e "s|${TRY:-/tmp/try}|/tmp/try|g" \
		-e 's/\b[0-9A-HJKMNP-TV-Z]{26}\b/ID/g' \
		-e 's/\b[0-9a-f]{64}\b/HASH/g' \
		-e 's/^[0-9a-f]{7,12} /COMMIT /' \
		-e 's/[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}/TIME/g' \
		-e 's/\([0-9dhms]+ (ago|left)\)/(SPAN)/g' \
		-e 's/\b[0-9][0-9dhms]* ago/SPAN ago/g' \
		-e 's/ in [0-9][0-9dhms]*, at / in SPAN, at /' \
		-e 's/, port [0-9]+,/, port PORT,/; s/, [0-9]+ s after/, N s after/' \
		-e 's/ from [^ ]+, at TIME/ from HOST, at TIME/' \
		-e "s/^[a-z0-9_-]+@127/USER@127/; s/^(logged in as).*/\1 USER/"
}

# asks TEXT: it has a question, which is answered
asks() {
	[[ $1 == *' [y/N] '* ]]
}

# What a program that asks shows on a terminal of 80 columns, and what it
# says to a yes: for a script.
# shellcheck disable=SC2016
TERMINAL='terminal() {
	local i

	TERM=screen tmux -S "$TRY.tmux" -f /dev/null new-session -d -x 80 -y 50 \
		sh -c "\"\$@\"; : >\"$TRY.over\"; exec sleep 60" sh "$@"
	for ((i = 0; i < 200; i++)); do
		case $(tmux -S "$TRY.tmux" capture-pane -p) in
		*"[y/N]"*) break ;;
		esac
		[ ! -e "$TRY.over" ] || break
		sleep 0.1
	done
	tmux -S "$TRY.tmux" send-keys y Enter
	for ((i = 0; i < 200; i++)); do
		[ ! -e "$TRY.over" ] || break
		sleep 0.1
	done
	sleep 0.3
	tmux -S "$TRY.tmux" capture-pane -p | sed -e :a -e "/^\n*\$/{\$d;N;ba" -e "}"
	tmux -S "$TRY.tmux" kill-server
}
'

# holds FILE: its commands, run one after the other, print what it says. The
# order of what comes on stdout and on stderr is not compared, but on a
# terminal.
holds() {
	local i script=$TERMINAL order

	take_apart "$1"
	TRY=$BATS_TEST_TMPDIR/try
	rm -rf "$TRY" "$TRY".*
	mkdir "$TRY"
	for i in "${!commands[@]}"; do
		! asks "${printed[i]}" || commands[i]="terminal ${commands[i]}"
		script+="{ ${commands[i]}"$'\n'"} >'$TRY.$i' 2>&1"$'\n'
	done
	(cd "$TRY" && TRY=$TRY bash -c "$script") </dev/null 3>&- || :
	for i in "${!commands[@]}"; do
		order='sort'
		! asks "${printed[i]}" || order='cat'
		diff <(printf %s "${printed[i]}" | TRY='' alike | $order) \
			<(alike <"$TRY.$i" | $order) && continue
		printf 'of: %s\n' "${commands[i]}"
		return 1
	done
}

@test "readme: its commands print what it says" {
	take_apart "$README"
	[ "${#commands[@]}" -ge 17 ]
	asks "${printed[*]}"
	[ "$(printf %s "${printed[@]}" | grep -c .)" -ge 20 ]
	holds "$README"
}

@test "readme: a README that is not true is found out" {
	local change

	for change in 's/anchored by memory/anchored by faith/' \
		's/^jit-approve: nobody votes.*//' 's/-d 10m/-d 20h/' \
		's/seq 5 tip/seq 6 tip/' 's/^  votes    none/  votes    one/' \
		's/^  history .*/  history  never before/' \
		's/^\(.*\) genesis ledger by/\1 request ledger by/'; do
		sed "$change" "$README" >changed.md
		cmp -s changed.md "$README" && continue
		run holds changed.md
		[ "$status" -eq 1 ] || {
			echo "not found out: $change"
			return 1
		}
		tried=$((${tried:-0} + 1))
	done
	[ "$tried" -ge 6 ]
}

@test "readme: what it shows of the demo is what the demo prints" {
	local piece whole count=0

	"$ROOT/share/examples/demo" 2>&1 | alike >demo.txt
	whole=$(cat demo.txt)
	# the parts between "..." are there, whole and in this order
	while IFS= read -r -d $'\001' piece; do
		[ -n "$piece" ] || continue
		[[ $'\n'$whole == *$'\n'"$piece"* ]] || {
			printf 'not in the demo:\n%s\n' "$piece"
			return 1
		}
		whole=${whole#*"$piece"}
		count=$((count + 1))
	done < <(blocks "$README" demo | tail -n +2 | TRY='' alike |
		awk '$0 == "..." { printf "%s\001", text; text = ""; next }
			{ text = text (text == "" ? "" : "\n") $0 }
			END { printf "%s\001", text }')
	[ "$count" -ge 2 ]
}

@test "readme: the programs are those that there are" {
	local said

	# shellcheck disable=SC2016
	said=$(sed -n 's/^| `\(jit[a-z-]*\)` | .*/\1/p' "$README" | sort)
	[ "$said" = "$(cd "$JIT_BIN" && printf '%s\n' jit jit-* | sort -u)" ]
}

@test "readme: the statuses are those of jit(7)" {
	local status text page count=0

	page=$(awk '/^\.Sh / { on = $0 == ".Sh EXIT STATUS" } on' \
		"$ROOT/share/man/man7/jit.7")
	while IFS='|' read -r _ status text _; do
		text=${text# } text=${text% } status=${status// /}
		[[ $page == *".It $status"$'\n'"$text"* ]] || {
			echo "not in jit(7): $status $text"
			return 1
		}
		count=$((count + 1))
	done < <(grep -E '^\| [0-9]+ \|' "$README")
	[ "$count" -eq "$(grep -c '^\.It [0-9]*$' <<<"$page")" ]
}

@test "readme: what it refers to is there" {
	local name

	for name in $(grep -ohE 'jit[a-z.-]*\([0-9]\)' "$README" | tr -d ')' |
		tr '(' '.' | sort -u); do
		[ -e "$ROOT/share/man/man${name##*.}/$name" ]
	done
	for name in deps all check install demo; do
		make -C "$ROOT" -qn "$name" >/dev/null 2>&1 ||
			[ $? -ne 2 ]
	done
	[ -f "$ROOT/COPYING" ]
	[ -f "$ROOT/.github/CONTRIBUTING.md" ]
	[ "$(wc -l <"$README")" -le 300 ]
}

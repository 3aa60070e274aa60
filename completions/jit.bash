# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# bash completion for jit and jit-NAME: the programs are asked what they
# understand (--list-options), so there is nothing here to keep up to date.

# The programs' short names, as 'jit -h' lists them.
_jit_programs() {
	jit -h 2>/dev/null | sed -n 's/^  \([a-z][a-z0-9-]*\)  *.*/\1/p'
}

# _jit_options PROGRAM: letters and names, one a line
_jit_options() {
	"$1" --list-options 2>/dev/null | cut -f 1,2 | tr '\t' '\n' | grep .
}

# _jit_argument PROGRAM OPTION: the word that must follow it, "ID", if any
_jit_argument() {
	"$1" --list-options 2>/dev/null | awk -F '\t' -v o="$2" \
		'($1 == o || $2 == o) && $3 !~ /^\[/ { print $3 }'
}

# Grants that are open.
_jit_ids() {
	jit-status -q 2>/dev/null | sed -n '2,$s/ .*//p'
}

# _jit_value KIND WORD: fill COMPREPLY
_jit_value() {
	case $1 in
	*FILE* | KEY | LEDGER) mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
	DIR) mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
	ID) mapfile -t COMPREPLY < <(compgen -W "$(_jit_ids)" -- "$2") ;;
	*) COMPREPLY=() ;;
	esac
}

_jit() {
	local cur=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} first=1
	local wants

	COMPREPLY=()
	if [ "${program##*/}" = jit ] && [ "$COMP_CWORD" -gt 1 ]; then
		program=jit-${COMP_WORDS[1]} first=2
	fi
	if [ "$COMP_CWORD" -gt "$first" ]; then
		wants=$(_jit_argument "$program" "${COMP_WORDS[COMP_CWORD - 1]}")
	fi
	if [ -n "${wants:-}" ]; then
		_jit_value "$wants" "$cur"
		return
	fi
	if [ "${cur#-}" != "$cur" ]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"$(_jit_options "$program")" -- "$cur")
		return
	fi
	case ${program##*/} in
	jit) mapfile -t COMPREPLY < <(compgen -W "$(_jit_programs)" -- "$cur") ;;
	jit-approve | jit-issue | jit-exec | jit-revoke | jit-status)
		_jit_value ID "$cur" ;;
	jit-init) _jit_value LEDGER "$cur" ;;
	esac
}

# Together with its programs, where they are known by now; bash-completion
# loads this file under the name of each (see the Makefile's install).
complete -o filenames -F _jit jit jit-init jit-request \
	jit-approve jit-issue jit-exec jit-check jit-revoke jit-status \
	jit-audit jit-doctor jit-policy jit-report

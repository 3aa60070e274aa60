# SPDX-License-Identifier: ISC
# fish completion for jit and jit-NAME: the programs are asked what they
# understand (--list-options), so there is nothing here to keep up to date.

function __jit_ids
	jit-status -q 2>/dev/null | sed -n '2,$s/ .*//p'
end

# The rows of PROGRAM, for the command that is completed: jit-NAME itself, or
# jit where NAME is its first word.
function __jit_rows --argument-names program name
	$program --list-options 2>/dev/null | while read -l -d \t letter long arg help
		set -l row -d $help -l (string replace -r '^--' '' -- $long)
		test -z "$letter"; or set -a row -s (string replace '-' '' -- $letter)
		switch $arg
			case '' '[*'
			case '*FILE*' KEY LEDGER
				set -a row -r -F
			case DIR
				set -a row -x -a '(__fish_complete_directories)'
			case ID
				set -a row -x -a '(__jit_ids)'
			case '*'
				set -a row -x
		end
		complete -c $program $row
		test -z "$name"; or complete -c jit \
			-n "__fish_seen_subcommand_from $name" $row
	end
end

__jit_rows jit ''
jit -h 2>/dev/null | string match -r '^  [a-z].*' | while read -l name summary
	complete -c jit -f -n __fish_use_subcommand -a $name -d $summary
	__jit_rows jit-$name $name
	contains $name approve issue exec revoke status
	and complete -c jit-$name -f -a '(__jit_ids)'
	and complete -c jit -f -n "__fish_seen_subcommand_from $name" -a '(__jit_ids)'
end

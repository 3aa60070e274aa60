/* cli_inner: what the files of the cli share. */
#ifndef CLI_INNER_H
#define CLI_INNER_H

#include "cli.h"

/*
 * The words after the program's name: options into the struct that 'c'
 * begins, operands into 'c'. Exits by itself with 0 after -h, -V and
 * --list-options. JIT_USAGE: the first word that is wrong.
 */
int cli_parse(struct cli *c, int argc, char **argv,
	struct jit_error *err) JIT_CHECKED;

#endif

/* owed: what was done and is not finished, whoever has to finish it. */
#ifndef OWED_H
#define OWED_H

#include "cli.h"

/*
 * Print it: reviews of broken glass, sessions whose time is over and whose
 * end nobody recorded, and grants that are over and were not shown to be
 * dead. A line each, or JSON; '*shown' counts them.
 */
int owed_list(size_t *shown, const struct cli *c,
	struct jit_error *err) JIT_CHECKED;

#endif

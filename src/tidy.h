/* tidy: packs a ledger's loose objects now and then, in the background. */
#ifndef TIDY_H
#define TIDY_H

#include "cli.h"

#define TIDY_LOOSE 2000 /* loose objects, about, that are let be */
#define TIDY_PACKS 40

/*
 * Where the open ledger has grown since the last call, and holds more than
 * that, start git to pack it: nobody waits for it, two never run at once,
 * nothing is pruned. What fails is tried again as it grows on; jit-doctor
 * says what is due.
 */
void tidy(struct cli *c);

/* About how many loose objects a repository has, and how many packs. */
size_t tidy_loose(const char *objects);
size_t tidy_packs(const char *objects);

/* Pack it now, and wait. JIT_BUSY: another does. JIT_TROUBLE. */
int tidy_now(struct cli *c, struct jit_error *err) JIT_CHECKED;

#endif

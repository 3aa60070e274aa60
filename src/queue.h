/* queue: what waits for my vote, one screen each. */
#ifndef QUEUE_H
#define QUEUE_H

#include "cli.h"

/*
 * Show each grant that misses my vote and ask: yes, no, skip or quit. A no
 * wants its reason and is a denial; without one nothing is written. With -n
 * each is only named. JIT_NO: no terminal.
 */
int queue_walk(struct cli *c, struct jit_error *err) JIT_CHECKED;

#endif

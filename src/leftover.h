/* leftover: sessions whose jit-exec was killed, or could not close them. */
#ifndef LEFTOVER_H
#define LEFTOVER_H

#include "cli.h"

/*
 * Close those of 'me' on this machine, as far as this user's recordings say
 * that they run no more. What cannot be closed is said, and is owed still.
 */
void leftover_close(struct cli *c, const char *me);

#endif

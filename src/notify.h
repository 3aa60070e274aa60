/* notify: a site's own program that is told of each event. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include "cli.h"

/*
 * Start jit.notifyHook, as the user's or system's git config names it by an
 * absolute path, with {"event": ..., "ledger": ..., "seq": ..., "sha256":
 * ...} of what was just appended on its standard input. It runs by itself,
 * in a session of its own, with nothing of ours open, until it ends or
 * jit.hookTimeout is over. Nobody waits for it, and nothing that goes wrong
 * with it is said: the event stands.
 */
void notify(const struct cli *c, const struct jit_commit *made);

#endif

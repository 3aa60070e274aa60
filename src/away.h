/* away: to go on while the ledger is out of reach, and to deliver it then. */
#ifndef AWAY_H
#define AWAY_H

#include "cli.h"

/*
 * The ledger at 'path' cannot be opened, for the reason in 'err': open what
 * is remembered of it in 'memory', with all that lies in the outbox. Where
 * that is nothing, 'err' stays and so does JIT_TROUBLE.
 */
int away_open(struct cli *c, const char *path, const char *memory,
	struct jit_error *err) JIT_CHECKED;

/*
 * An event could not be appended, for the reason in 'err': whether that is
 * because the ledger is out of reach by now. Then c->ledger is what is
 * remembered of it.
 */
bool away_now(struct cli *c, struct jit_error *err);

/*
 * What lies in the outbox 'dir' is in the state of 'l' from then on. What
 * cannot be read is left out, or with 'all' JIT_TROUBLE: it may be an end.
 */
int away_admit(const struct cli *c, struct jit_ledger *l, const char *dir,
	bool all, struct jit_error *err) JIT_CHECKED;

/*
 * The ledger itself again, if it answers; whether it does. Where its tip is
 * at a remote, that was heard lately, or with 'ask' is asked now.
 */
bool away_over(struct cli *c, bool ask, struct jit_error *err);

/* Seal the event that 'draft' fills in and keep it; with -n only ask. */
int away_act(struct cli *c, enum jit_event_type type, jit_ledger_draft *draft,
	void *arg, struct jit_error *err) JIT_CHECKED;

/*
 * Append all that lies in the outboxes of whoever runs this, once each: what
 * the ledger has is removed, what it never will is kept aside and said.
 * JIT_TROUBLE, JIT_BUSY, JIT_EVIDENCE: the ledger fails.
 */
int away_deliver(struct cli *c, struct jit_error *err) JIT_CHECKED;

/*
 * Take what is sealed in 'file', of whomever: deliver it where the ledger
 * answers; else keep it, and it is as if it were delivered.
 */
int away_take(struct cli *c, const char *file,
	struct jit_error *err) JIT_CHECKED;

#endif

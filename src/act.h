/* act: one event by whoever runs the program. */
#ifndef ACT_H
#define ACT_H

#include "cli.h"

/* The ledger and the key that signs. JIT_NO: nobody enrolled it. */
int act_open(struct cli *c, struct jit_error *err) JIT_CHECKED;

/*
 * Append the event that 'draft' fills in and tell the notify hook of it, or
 * with -n only ask whether it
 * would be accepted. Where grant 'id' (NULL: a new one) was ended meanwhile,
 * the error says how.
 */
int act(struct cli *c, enum jit_event_type type, jit_ledger_draft *draft,
	void *arg, const char *id, struct jit_error *err) JIT_CHECKED;

/* A person took his time: what is written next is written now. */
void act_now(struct cli *c);

/* With -j: print the open grant 'id', with one more member unless 'name' is
 * NULL. JIT_TROUBLE. */
int act_answer(struct cli *c, const char *id, const char *name,
	const char *value, struct jit_error *err) JIT_CHECKED;

/* With -j: print that 'id' is over, and why: when, why, which. */
int act_answer_over(struct cli *c, const char *id, const char *cause,
	struct jit_error *err) JIT_CHECKED;

#endif

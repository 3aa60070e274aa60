/* govern: how a ledger changes its own policy and its people. */
#ifndef JIT_GOVERN_H
#define JIT_GOVERN_H

#include "trial.h"

/* What a request's 'change' says: exactly one of these is set. */
struct jit_change {
	const struct jit_json *policy;
	const struct jit_enrolled *enroll;
	const struct jit_retiring *retire;
};

struct jit_retiring {
	const char *principal;   /* all keys of this one */
	const char *fingerprint; /* or this key */
};

/* Read one; its structs in 'mem', its texts borrowed. JIT_USAGE. */
int jit_govern_read(struct jit_change *out, struct jit_arena *mem,
	const struct jit_json *json, struct jit_error *err) JIT_CHECKED;

/* The members of a retiring and of an enrolment, to write them by. */
const struct jit_member *jit_govern_retire_shape(void);
const struct jit_member *jit_govern_enroll_shape(void);

/* Whether a request's change is one that could be applied as things are. */
int jit_govern_propose(const struct jit_trial *t,
	struct jit_error *err) JIT_CHECKED;

/* The rules of the events that apply one: policy, enroll, retire. */
int jit_govern_judge(struct jit_trial *t, struct jit_error *err) JIT_CHECKED;

/* Do it. JIT_TROUBLE: no memory, and nothing was done. */
int jit_govern_apply(struct jit_state *s, const struct jit_trial *t,
	struct jit_error *err) JIT_CHECKED;

/*
 * Whether an admin alone may retire these: enough admins remain for their
 * quorum without any one of them, and an issuer for what is open and for what
 * is owed a proof. JIT_NO.
 */
int jit_govern_guard(const struct jit_state *s, const char *principal,
	const char *fingerprint, struct jit_error *err) JIT_CHECKED;

#endif

/* world: states in memory, of a policy and people whose keys nobody has. */
#ifndef POLICY_WORLD_H
#define POLICY_WORLD_H

#include "state.h"

/* Somebody as a case of 'jit-policy test' has him. */
struct policy_person {
	const char *principal;
	const char *class;   /* NULL: person */
	const char *sponsor; /* NULL: none */
	const char *until;   /* an instant; NULL: a year */
	const char *key;     /* "sk": a security key; NULL: any other */
};

/* What is had, or asked. */
struct policy_ask {
	const char *by, *resource, *role;
	const char *task;         /* NULL: any that the rule takes */
	const char *reason;       /* NULL: one that is long enough */
	int64_t duration;         /* seconds; 0: one minute */
	int64_t at;               /* UTC seconds */
	bool glass;               /* by break-glass */
	struct jit_lists actions; /* none: any */
};

/*
 * A state with this policy in force since 'since' and these people (rows of
 * struct policy_person) enrolled then. No people at all: those whom the
 * policy names, as persons, and its issuers. Texts are copied. The caller
 * frees '*out'. JIT_USAGE, JIT_TROUBLE.
 */
int policy_world_make(struct jit_state **out, const struct jit_json *policy,
	const struct jit_rows *people, int64_t since,
	struct jit_error *err) JIT_CHECKED;

/*
 * A copy of a ledger's state, with another policy in force since 'since';
 * NULL: the same. The caller frees '*out'.
 */
int policy_world_copy(struct jit_state **out, const struct jit_state *from,
	const struct jit_json *policy, int64_t since,
	struct jit_error *err) JIT_CHECKED;

/*
 * Put in that somebody asked for this, was given it at once, and had it to
 * its end: what it spent of a budget, what it owes. JIT_NO: no rule gave it.
 */
int policy_world_had(struct jit_state *s, const struct policy_ask *had,
	struct jit_error *err) JIT_CHECKED;

#endif

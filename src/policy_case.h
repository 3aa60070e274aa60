/* case: a case of 'jit-policy test': what was had, is asked, is expected. */
#ifndef POLICY_CASE_H
#define POLICY_CASE_H

#include "policy_world.h"

/* How a case writes down what was had or is asked. */
struct policy_asked {
	const char *by, *resource, *role, *task, *reason, *at;
	int64_t duration;
	bool glass;
	struct jit_lists actions;
};

struct policy_expected {
	const char *decision, *rule;  /* "allow" or "deny"; rule may be NULL */
	const struct jit_json *needs; /* votes by group; may be NULL */
	int64_t max;                  /* seconds; 0: whatever it is */
};

struct policy_case {
	const char *policy;      /* a path, from the case's folder */
	const char *since;       /* NULL: see policy_case_since */
	struct jit_rows people;  /* struct policy_person */
	struct jit_rows history; /* struct policy_asked */
	const struct policy_asked *request;
	const struct policy_expected *expect;

	struct jit_json *json;
	struct jit_arena mem;
};

/*
 * Read the case in a file into 'k', zeroed, for the caller to free, after a
 * failure too. JIT_USAGE: it is none.
 */
int policy_case_read(struct policy_case *k, const char *path,
	struct jit_error *err) JIT_CHECKED;
void policy_case_free(struct policy_case *k);

/* The same for the judge, borrowed; what has no instant is asked 'now'. */
int policy_case_ask(struct policy_ask *out, const struct policy_asked *in,
	int64_t now, struct jit_error *err) JIT_CHECKED;

/* When its policy came into force: else at the earliest instant in it. */
int policy_case_since(int64_t *since, const struct policy_case *k, int64_t now,
	struct jit_error *err) JIT_CHECKED;

#endif

/* serve: what the connectors share: a verb, its question, the one answer. */
#ifndef SERVE_H
#define SERVE_H

#include "errand.h"

#define SERVE_SAID 8192 /* bytes of a tool's standard error, as a rule */

/* One question, while it is answered. */
struct serve {
	struct jit_errand ask;
	const char *name; /* of the resource, without its scheme */
	int64_t now;      /* the clock, read once */
	struct jit_reply reply;
	struct jit_arena mem; /* the reply's texts are here or live longer */
	struct jit_json *connect; /* becomes the reply's */

	struct jit_json *json; /* the question, as it was read */
};

/* Fill in s->reply. 0, or a code and why: the exit status and its line. */
typedef int serve_verb(struct serve *s, struct jit_error *err);

struct serve_connector {
	const char *name, *offer, *proves; /* as in struct jit_reply */
	bool actions;
	serve_verb *grant, *revoke, *probe, *scan;
};

/* The whole of a connector's main; returns its exit status. */
int serve(const struct serve_connector *me, int argc, char **argv);

/* Read the question's target by its table. JIT_USAGE. */
int serve_target(void *out, struct serve *s, const struct jit_member *shape,
	struct jit_error *err) JIT_CHECKED;

/* Every target may have it: the runner's own. */
#define SERVE_TIMEOUT(type)                                                    \
	{                                                                      \
		.name = "timeout", .kind = JIT_DURATION,                       \
		.offset = offsetof(type, timeout)                              \
	}

/*
 * A line for the reply, fit for a ledger: whatever is in it escaped, cut
 * after 480 bytes. Never NULL: "..." when there is no memory.
 */
const char *serve_line(struct serve *s, const char *fmt, ...) JIT_PRINTF(2, 3);

/* The first line of what a tool said; the caller's 'size' bytes, escaped. */
void serve_first(char *out, size_t size, const struct jit_buf *said);

/* A ULID in lower case; 'out' has room for it. */
void serve_lower(char *out, const char *id);

/* A target's "accounts" is a list of these. */
struct serve_account {
	const char *principal;
	const char *account;
};
extern const struct jit_member serve_account_shape[];

/* The account of a principal, borrowed. JIT_NO: the target names none. */
int serve_account(const char **out, const struct jit_rows *accounts,
	const char *principal, struct jit_error *err) JIT_CHECKED;

/* Which other grants still cover some of it, for the reply; NULL: none. */
const char *serve_left(struct serve *s);

/* Another program: what it is given and what it said. */
struct serve_tool {
	const char *const *argv; /* argv[0] a name, found in the usual places */
	const char *const *env;  /* beside PATH and LC_ALL=C; NULL: nothing */
	const void *in;
	size_t in_len;
	int seconds;
	size_t said_max; /* bytes of its standard error; 0: SERVE_SAID */

	struct jit_buf out, said;
	int status;
};

/* Run it; the caller frees by serve_tool_free. JIT_TROUBLE. */
int serve_run(struct serve_tool *t, struct jit_error *err) JIT_CHECKED;
void serve_tool_free(struct serve_tool *t);

#endif

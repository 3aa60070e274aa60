/* survey: what stands for good on a machine, surface by surface. */
#ifndef SURVEY_H
#define SURVEY_H

#include "cli.h"

#define SURVEY_MAX 256 /* surfaces; a scan event has no more */
#define SURVEY_SALT 16 /* bytes */

struct finding {
	const char *what;
	const char *who;
};

/* Where access may stand. */
struct surface {
	const char *name;
	struct finding *found;
	size_t count, cap;
	const char **unseen; /* what could not be looked at, and why */
	size_t missed, unseen_cap;
	char salt[2 * SURVEY_SALT + 1]; /* hex */
	char digest[JIT_HEX256];        /* of what was found, salted */
};

struct survey {
	const struct cli *cli;
	const struct jit_state *state; /* NULL: no ledger was found */
	const struct cli_list *groups; /* that are privileged here, too */
	struct surface at[SURVEY_MAX];
	size_t count;
	struct jit_arena mem;
	bool failed; /* no memory */
};

/*
 * One more, whose name is borrowed. JIT_USAGE: it is there, or there are too
 * many.
 */
int survey_add(struct survey *v, const char *name,
	struct jit_error *err) JIT_CHECKED;

/* The one called so, or NULL: nobody asked for it. */
struct surface *survey_get(struct survey *v, const char *name);

/* 'what' lets 'who' in for good. Texts are copied. */
void survey_found(struct survey *v, struct surface *x, const char *what,
	const char *who);

/* Something could not be seen, and why. */
void survey_missed(struct survey *v, struct surface *x, const char *fmt, ...)
	JIT_PRINTF(3, 4);

/* Put all in order, with salts and digests. JIT_TROUBLE: no memory. */
int survey_close(struct survey *v, struct jit_error *err) JIT_CHECKED;

/* "all", "part": there may be more; "none": and nothing was found. */
const char *survey_seen(const struct surface *x);

/* What was found, and the counts: a table, or with -j an object each. */
int survey_print(const struct survey *v, struct jit_error *err) JIT_CHECKED;

/* Each thing that was not seen, a line on stderr; how many surfaces. */
size_t survey_complain(const struct survey *v);

void survey_free(struct survey *v);

/* Look at "uid0" and "groups", where they are asked for: this machine's own. */
void survey_accounts(struct survey *v);

/* Look at what connectors know: of this machine, and each resource. */
void survey_connectors(struct survey *v);

/* Which names a machine's own surfaces have; NULL at the end. */
extern const char *const survey_own[];

#endif

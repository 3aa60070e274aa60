/* figure: what the stories add up to, each figure with what is behind it. */
#ifndef JIT_FIGURE_H
#define JIT_FIGURE_H

#include "story.h"

enum jit_figure_kind {
	JIT_FIGURE_SHARE,   /* some of all */
	JIT_FIGURE_SECONDS, /* of many: their median, 95th percentile, most */
	JIT_FIGURE_COUNT,   /* how many */
	JIT_FIGURE_LIST,    /* rows: who, and what of him */
	JIT_FIGURE_ANSWER   /* a word: "yes", "no", ... */
};

enum jit_figure_part {
	JIT_PART_GRANTS,
	JIT_PART_EXCEPTIONS,
	JIT_PART_APPROVALS,
	JIT_PART_PEOPLE,
	JIT_PART_STANDING,
	JIT_PARTS /* how many there are */
};

struct jit_reckoning;
struct jit_measure;

/* One row of the one table that text, JSON, page and manual are made of. */
struct jit_figure {
	const char *id; /* "tied-to-a-task" */
	enum jit_figure_part part;
	enum jit_figure_kind kind;
	bool finding;   /* whatever is in it is to be looked at */
	const char *is; /* its definition: one sentence, no full stop */
	void (*measure)(struct jit_measure *m, struct jit_reckoning *r);
};

/* Some grants; some of them first. */
struct jit_bundle {
	const struct jit_story **at;
	size_t count, cap;
};

/* A row of a list. What does not apply is NULL or 0. */
struct jit_row {
	const char *who, *with; /* a principal, and another */
	const char *role, *resource;
	const char *says; /* the rest in words */
	int64_t n;        /* how many of them */
	int64_t seconds;  /* how long */
	int64_t from, to; /* UTC seconds; 'to' 0: it goes on */
	struct jit_bundle grants;
};

/* A figure of a ledger and a period. */
struct jit_measure {
	const struct jit_figure *figure;
	bool known; /* false: there is nothing that it could be said of */
	bool found; /* it is to be looked at */

	int64_t some, all; /* share: 'some' of 'all'; count and list: 'some' */
	int64_t median, p95, most; /* seconds, of 'all' */
	const char *answer;

	/* share: the first 'some' are those that count; else all of them */
	struct jit_bundle grants;

	struct jit_row *rows;
	size_t rows_count, rows_cap;
};

/* Of what there are to be figures. */
struct jit_scope {
	int64_t since, until; /* UTC seconds: asked within [since, until) */
	const char *by;       /* by this principal; NULL: anybody */
	const char *resource; /* on what matches this pattern; NULL: any */
};

/* All figures, in the order of the table. Start with = {0}. */
struct jit_figures {
	struct jit_measure *at;
	size_t count;
	size_t found; /* of how many there is something to be looked at */
	struct jit_arena mem;
};

/* The table, and how many rows it has; the row of that id, or NULL. */
const struct jit_figure *jit_figure_table(size_t *count);
const struct jit_figure *jit_figure_find(const char *id);

/* "share", "seconds", ...; "grants", "exceptions", ... */
const char *jit_figure_kind_name(enum jit_figure_kind kind);
const char *jit_figure_part_name(enum jit_figure_part part);

/*
 * Measure all figures of stories that were told up to scope->until and no
 * further. '*out' borrows from 'all'. JIT_TROUBLE: no memory.
 */
int jit_figures_measure(struct jit_figures *out, const struct jit_stories *all,
	const struct jit_scope *scope, struct jit_error *err) JIT_CHECKED;

/* The measure of that figure, borrowed, or NULL. */
const struct jit_measure *jit_figures_of(const struct jit_figures *f,
	const char *id);

void jit_figures_free(struct jit_figures *f);

#endif

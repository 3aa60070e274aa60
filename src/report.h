/* report: the parts of jit-report, one function for each of its words. */
#ifndef REPORT_H
#define REPORT_H

#include "cli.h"
#include "recall.h"
#include "story.h"

struct report {
	struct cli cli;
	const char *genesis;       /* -g */
	const char *since, *until; /* dates, or NULL */
	const char *by;            /* principal, or NULL: anybody */
	const char *resource;      /* pattern, or NULL: any */
	const char *controls;      /* file, or NULL: the installed one */

	/* filled in by report_read */
	struct jit_store *store;
	struct jit_verdict verdict;
	struct jit_state *state; /* at the tip */
	struct jit_stories stories;
	struct recall recall;
	jit_ledger_visit *visit; /* asked of each event, too; may be NULL */
	void *arg;
};

/* Each answers on stdout; 0 or a code: JIT_FINDINGS where there are any. */
int report_report(struct report *r, struct jit_error *err) JIT_CHECKED;

/*
 * Replay the whole ledger as jit-audit verify does, and fold it into
 * stories; 'visit' sees each event as well. JIT_EVIDENCE: forged, altered,
 * incomplete, rolled back, forked, or not the one that -g names.
 */
int report_read(struct report *r, struct jit_error *err) JIT_CHECKED;

/* "good: PATH genesis ...", as jit-audit verify says it; and as JSON. */
void report_print_ledger(const struct report *r);
struct jit_json *report_ledger_json(const struct report *r);

void report_free(struct report *r);

#endif

/* report: the parts of jit-report, one function for each of its words. */
#ifndef REPORT_H
#define REPORT_H

#include "cli.h"
#include "figure.h"
#include "recall.h"
#include "report_control.h"

struct report {
	struct cli cli;
	const char *genesis;       /* -g */
	const char *since, *until; /* dates, or NULL */
	const char *by;            /* principal, or NULL: anybody */
	const char *resource;      /* pattern, or NULL: any */
	const char *controls_path; /* NULL: the installed ones */
	const char *page;          /* file for the page; NULL: none */

	const char *format;     /* export: jsonl, syslog; NULL: jsonl */
	const char *cursor;     /* export: file, or NULL */
	const char *enterprise; /* export: a number, or NULL */
	bool follow, octets;    /* export */

	struct cli_list logs; /* coverage: [NAME=]FILE */
	const char *zone;     /* coverage: "+01:00", or NULL: UTC */

	/* filled in by report_read */
	struct jit_store *store;
	struct jit_verdict verdict;
	struct jit_state *state; /* at the tip */
	struct jit_stories stories;
	struct recall recall;
	int64_t told_until; /* what is from then on is no story; 0: all is */
	jit_ledger_visit *visit; /* asked of each event, too; may be NULL */
	void *arg;

	/* filled in by report_report */
	struct jit_scope scope;
	struct jit_figures figures;
	struct controls controls;
};

/* Each answers on stdout; 0 or a code: JIT_FINDINGS where there are any. */
int report_report(struct report *r, struct jit_error *err) JIT_CHECKED;
int report_coverage(struct report *r, struct jit_error *err) JIT_CHECKED;
int report_export(struct report *r, struct jit_error *err) JIT_CHECKED;

/*
 * Of what there is to be a report: what is known before the ledger is; and
 * the rest, once it is read: from its beginning, up to now. JIT_USAGE.
 */
int report_scope_read(struct report *r, struct jit_error *err) JIT_CHECKED;
void report_scope_fill(struct report *r);

/*
 * Replay the whole ledger as jit-audit verify does, but for signatures that
 * this user's programs verified before, and fold it into
 * stories; 'visit' sees each event as well. JIT_EVIDENCE: forged, altered,
 * incomplete, rolled back, forked, or not the one that -g names.
 */
int report_read(struct report *r, struct jit_error *err) JIT_CHECKED;

/* "good: PATH genesis ...", as jit-audit verify says it; and as JSON. */
void report_print_ledger(const struct report *r);
struct jit_json *report_ledger_json(const struct report *r);

/* The figures and controls as text, and as a JSON object a line. */
void report_print_text(const struct report *r);
int report_print_json(const struct report *r,
	struct jit_error *err) JIT_CHECKED;

/* How many controls are not met. */
size_t report_unmet(const struct report *r);

/* Append what a figure comes to: "98.7 %", "4m10s", "12", "yes", "-". */
void report_value(struct jit_buf *out, const struct jit_measure *m);

/* Append of what: "1218 of 1234", "median of 800, 95 %: 25m, most: 2h". */
void report_basis(struct jit_buf *out, const struct jit_measure *m);

void report_free(struct report *r);

#endif

/* report_page: the figures as one page that needs nothing else. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "report.h"

/* What has no scripts and no network may only have this style. */
extern const char report_page_style[];

/* Append text, escaped for a terminal and for HTML; NULL is nothing. */
void page_text(struct jit_buf *out, const char *text);

/* "tied-to-a-task" as "Tied to a task". */
void page_title(struct jit_buf *out, const char *id);

/* "1,234,567" */
void page_number(struct jit_buf *out, int64_t n);

/* "2026-11-01" */
void page_date(struct jit_buf *out, int64_t at);

/* The plots, one after the other. */
void page_plots(struct jit_buf *out, const struct report *r);

/* Append the whole page. JIT_TROUBLE: no memory. */
int page_make(struct jit_buf *out, const struct report *r,
	struct jit_error *err) JIT_CHECKED;

/*
 * Write the page to the file at 'path', whole or not at all ("-": stdout).
 * JIT_TROUBLE.
 */
int report_write_page(const struct report *r, const char *path,
	struct jit_error *err) JIT_CHECKED;

#endif

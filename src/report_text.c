/* SPDX-License-Identifier: ISC */
/* The figures as people read them. */
#include <string.h>

#include "report.h"
#include "span.h"
#include "text.h"
#include "when.h"

#define ROWS_SHOWN 20 /* of what is to be looked at */
#define ROWS_HINTED 5 /* of what is not */
#define IDS_SHOWN 3

/* Tenths of a hundredth, rounded down: what is not all is not 100.0. */
static void
put_share(struct jit_buf *out, int64_t some, int64_t all)
{
	long long tenths = (long long)(1000 * some / all);

	jit_buf_fmt(out, "%lld.%lld %%", tenths / 10, tenths % 10);
}

void
report_value(struct jit_buf *out, const struct jit_measure *m)
{
	if (m->figure->kind == JIT_FIGURE_ANSWER)
		jit_buf_str(out, m->answer);
	else if (!m->known)
		jit_buf_str(out, "-");
	else if (m->figure->kind == JIT_FIGURE_SHARE)
		put_share(out, m->some, m->all);
	else if (m->figure->kind == JIT_FIGURE_SECONDS)
		jit_when_spell(out, m->median);
	else
		jit_buf_fmt(out, "%lld", (long long)m->some);
}

void
report_basis(struct jit_buf *out, const struct jit_measure *m)
{
	if (!m->known)
		return;
	if (m->figure->kind == JIT_FIGURE_SHARE) {
		jit_buf_fmt(out, "%lld of %lld", (long long)m->some,
			(long long)m->all);
	} else if (m->figure->kind == JIT_FIGURE_ANSWER) {
		jit_buf_fmt(out, "%lld at first, %lld at last",
			(long long)m->all, (long long)m->some);
	} else if (m->figure->kind == JIT_FIGURE_SECONDS) {
		jit_buf_fmt(out, "median of %lld, 95 %%: ", (long long)m->all);
		jit_when_spell(out, m->p95);
		jit_buf_str(out, ", most: ");
		jit_when_spell(out, m->most);
	}
}

static void
put_word(struct jit_buf *out, const char *word)
{
	if (!word)
		return;
	if (out->len)
		jit_buf_str(out, " ");
	jit_text_escape(out, word, strlen(word));
}

static void
put_ids(struct jit_buf *out, const struct jit_bundle *grants)
{
	size_t i;

	if (grants->count == 0)
		return;
	for (i = 0; i < grants->count && i < IDS_SHOWN; i++)
		jit_buf_fmt(out, "%s%s", i ? ", " : " (", grants->at[i]->id);
	if (grants->count > i)
		jit_buf_fmt(out, " and %zu more", grants->count - i);
	jit_buf_str(out, ")");
}

static void
print_row(const struct jit_row *row)
{
	struct jit_buf line = {0};

	put_word(&line, row->who);
	put_word(&line, row->with);
	put_word(&line, row->role);
	put_word(&line, row->resource);
	if (row->says)
		jit_buf_str(&line, ":");
	put_word(&line, row->says);
	put_ids(&line, &row->grants);
	cli_out("      %s\n", jit_buf_text(&line));
	jit_buf_free(&line);
}

static void
print_measure(const struct jit_measure *m)
{
	struct jit_buf value = {0}, basis = {0};
	size_t i, most = m->found ? ROWS_SHOWN : ROWS_HINTED;

	report_value(&value, m);
	report_basis(&basis, m);
	cli_out("%c %-22s %8s%s%s\n", m->found ? '!' : ' ', m->figure->id,
		jit_buf_text(&value), basis.len ? "   " : "",
		jit_buf_text(&basis));
	jit_buf_free(&value);
	jit_buf_free(&basis);
	for (i = 0; i < m->rows_count && i < most; i++)
		print_row(&m->rows[i]);
	if (m->rows_count > i)
		cli_out("      and %zu more\n", m->rows_count - i);
}

static void
print_scope(const struct report *r)
{
	char since[JIT_STAMP], until[JIT_STAMP];

	jit_when_stamp(since, r->scope.since);
	jit_when_stamp(until, r->scope.until);
	cli_out("asked from %s to %s", since, until);
	if (r->by)
		cli_out(" by ");
	if (r->by)
		cli_out_text(r->by);
	if (r->resource)
		cli_out(" on ");
	if (r->resource)
		cli_out_text(r->resource);
	cli_out("\n");
}

static void
print_control(const struct report *r, const struct control *c)
{
	const struct jit_measure *m = jit_figures_of(&r->figures, c->figure);
	struct jit_buf value = {0};

	cli_out("  %-11s ",
		control_verdict_name(control_judge(c, &r->figures)));
	cli_out_text(c->standard);
	cli_out(": ");
	cli_out_text(c->wants);
	report_value(&value, m);
	cli_out(" (%s %s, wanted: ", c->figure, jit_buf_text(&value));
	cli_out_text(c->shown);
	cli_out(")\n");
	jit_buf_free(&value);
}

void
report_print_text(const struct report *r)
{
	enum jit_figure_part part = JIT_PARTS;
	const struct jit_measure *m;
	size_t i;

	report_print_ledger(r);
	print_scope(r);
	for (i = 0; i < r->figures.count; i++) {
		m = &r->figures.at[i];
		if (m->figure->part != part)
			cli_out("\n%s\n",
				jit_figure_part_name(m->figure->part));
		part = m->figure->part;
		print_measure(m);
	}
	cli_out(r->controls.count ? "\ncontrols\n" : "");
	for (i = 0; i < r->controls.count; i++)
		print_control(r, &r->controls.at[i]);
}

/* SPDX-License-Identifier: ISC */
/* The plots of the page: SVG that a screen reader reads as its numbers. */
#include <stdlib.h>
#include <string.h>

#include "report_page.h"
#include "when.h"

#define WIDE 360 /* units; one is about a pixel where it is narrow */
#define LEFT 4
#define RIGHT 356

/* How many of each kind, and what the kinds are called. */
struct bars {
	const char *names[16];
	int64_t counts[16];
	size_t n;
};

static void
begin_figure(struct jit_buf *out, const char *title, const char *is)
{
	jit_buf_fmt(out, "<figure><figcaption><b>%s</b><span class=\"is\">",
		title);
	page_text(out, is);
	jit_buf_str(out, "</span></figcaption>\n");
}

static void
begin_svg(struct jit_buf *out, int height)
{
	jit_buf_fmt(out,
		"<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDE,
		height);
}

static void
put_words(struct jit_buf *out, double x, double y, const char *class,
	const char *text)
{
	jit_buf_fmt(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>",
		x, y, class, text);
}

static void
put_box(struct jit_buf *out, double x, double y, double w, double h,
	const char *class)
{
	jit_buf_fmt(out,
		"<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
		"class=\"%s\"/>",
		x, y, w, h, class);
}

static void
put_rule(struct jit_buf *out, double y)
{
	jit_buf_fmt(out, "<path class=\"g\" d=\"M%d %.1fH%d\"/>", LEFT, y,
		RIGHT);
}

static int64_t
most_of(const struct bars *b)
{
	int64_t most = 1;
	size_t i;

	for (i = 0; i < b->n; i++)
		if (b->counts[i] > most)
			most = b->counts[i];
	return most;
}

/* Bars that lie, each with its name and number: no colour is needed. */
static void
put_bars(struct jit_buf *out, const struct bars *b)
{
	const int64_t most = most_of(b);
	struct jit_buf number = {0};
	double width;
	size_t i;

	begin_svg(out, (int)(b->n * 24 + 4));
	for (i = 0; i < b->n; i++)
		jit_buf_fmt(out, "%s%s: %lld", i ? ", " : "", b->names[i],
			(long long)b->counts[i]);
	jit_buf_str(out, "\">");
	for (i = 0; i < b->n; i++) {
		width = 190.0 * (double)b->counts[i] / (double)most;
		if (b->counts[i] && width < 1.5)
			width = 1.5;
		put_words(out, 104, (double)i * 24 + 16, "e", b->names[i]);
		put_box(out, 112, (double)i * 24 + 4, width, 16, "b");
		jit_buf_reset(&number);
		page_number(&number, b->counts[i]);
		put_words(out, 118 + width, (double)i * 24 + 16, "t",
			jit_buf_text(&number));
	}
	jit_buf_str(out, "</svg></figure>\n");
	jit_buf_free(&number);
}

/* -- How grants ended ------------------------------------------------------ */

static void
plot_ends(struct jit_buf *out, const struct report *r)
{
	static const char *const ids[][2] = {{"ended-by-task", "task done"},
		{"ended-by-ttl", "time over"}, {"ended-by-person", "a person"},
		{"ended-by-offboarding", "offboarding"},
		{"ended-by-policy", "new policy"},
		{"ended-by-failure", "never given"}};
	const struct jit_measure *m;
	struct bars b = {0};
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		m = jit_figures_of(&r->figures, ids[i][0]);
		if (!m || !m->known)
			continue;
		b.names[b.n] = ids[i][1];
		b.counts[b.n++] = m->some;
	}
	if (b.n == 0)
		return;
	begin_figure(out, "How grants ended", "all that ended, by cause");
	put_bars(out, &b);
}

/* -- Histograms ------------------------------------------------------------ */

struct bin {
	int64_t upto; /* seconds; 0: all that is longer */
	const char *name;
};

static const struct bin windows[] = {{300, "to 5m"}, {600, "to 10m"},
	{900, "to 15m"}, {1800, "to 30m"}, {3600, "to 1h"}, {7200, "to 2h"},
	{14400, "to 4h"}, {28800, "to 8h"}, {0, "longer"}};

static const struct bin delays[] = {{10, "to 10s"}, {30, "to 30s"},
	{60, "to 1m"}, {300, "to 5m"}, {1800, "to 30m"}, {3600, "to 1h"},
	{86400, "to 1d"}, {0, "longer"}};

static void
plot_bins(struct jit_buf *out, const struct report *r, const char *id,
	const char *title, const struct bin *bins, size_t n,
	int64_t (*value)(const struct jit_story *g))
{
	const struct jit_measure *m = jit_figures_of(&r->figures, id);
	struct bars b = {.n = n};
	int64_t seconds;
	size_t i, k;

	if (!m || !m->known)
		return;
	for (k = 0; k < n; k++)
		b.names[k] = bins[k].name;
	for (i = 0; i < m->grants.count; i++) {
		seconds = value(m->grants.at[i]);
		for (k = 0; k + 1 < n && seconds > bins[k].upto; k++)
			;
		b.counts[k]++;
	}
	while (b.n > 1 && b.counts[b.n - 1] == 0)
		b.n--;
	begin_figure(out, title, m->figure->is);
	put_bars(out, &b);
}

static int64_t
given(const struct jit_story *g)
{
	return g->given;
}

static int64_t
to_dead(const struct jit_story *g)
{
	return g->dead - g->due;
}

/* -- Over the period ------------------------------------------------------- */

#define COLUMNS 53

/* Which column of the period an instant is in. */
static size_t
column(const struct report *r, int64_t at)
{
	int64_t span = r->scope.until - r->scope.since;
	int64_t i = (at - r->scope.since) * COLUMNS / (span > 0 ? span : 1);

	return (size_t)(i < 0 ? 0 : i >= COLUMNS ? COLUMNS - 1 : i);
}

static void
put_dates(struct jit_buf *out, const struct report *r, double y)
{
	struct jit_buf date = {0};

	page_date(&date, r->scope.since);
	put_words(out, LEFT, y, "t", jit_buf_text(&date));
	jit_buf_reset(&date);
	page_date(&date, r->scope.until - 1);
	put_words(out, RIGHT, y, "t e", jit_buf_text(&date));
	jit_buf_free(&date);
}

static void
put_top(struct jit_buf *out, int64_t most, double y)
{
	struct jit_buf number = {0};

	page_number(&number, most);
	put_words(out, LEFT, y, "t", jit_buf_text(&number));
	jit_buf_free(&number);
}

static void
put_columns(struct jit_buf *out, const int64_t (*counts)[2], int64_t most)
{
	const double step = (double)(RIGHT - LEFT) / COLUMNS, high = 120;
	double yes, no;
	size_t i;

	for (i = 0; i < COLUMNS; i++) {
		yes = high * (double)counts[i][0] / (double)most;
		no = high * (double)counts[i][1] / (double)most;
		if (counts[i][0])
			put_box(out, LEFT + (double)i * step + .5, 144 - yes,
				step - 1, yes, "b");
		if (counts[i][1])
			put_box(out, LEFT + (double)i * step + .5,
				144 - yes - no, step - 1, no, "h");
	}
}

static void
put_legend(struct jit_buf *out, double y)
{
	put_box(out, 100, y - 9, 10, 10, "b");
	put_words(out, 115, y, "", "granted");
	put_box(out, 180, y - 9, 10, 10, "h");
	put_words(out, 195, y, "", "not granted");
}

static void
plot_requests(struct jit_buf *out, const struct report *r)
{
	const struct jit_measure *m = jit_figures_of(&r->figures, "granted");
	int64_t counts[COLUMNS][2] = {{0}}, most = 1;
	size_t i;

	if (!m || !m->known)
		return;
	for (i = 0; i < m->grants.count; i++)
		counts[column(r, m->grants.at[i]->at)][(int64_t)i >= m->some]++;
	for (i = 0; i < COLUMNS; i++)
		if (counts[i][0] + counts[i][1] > most)
			most = counts[i][0] + counts[i][1];
	begin_figure(out, "Requests over the period",
		"all requests for access, by when they were asked");
	begin_svg(out, 184);
	jit_buf_fmt(out,
		"%lld granted, %lld not granted, at most %lld in one "
		"of %d columns\">",
		(long long)m->some, (long long)(m->all - m->some),
		(long long)most, COLUMNS);
	put_rule(out, 24);
	put_top(out, most, 18);
	put_columns(out, (const int64_t(*)[2])counts, most);
	put_rule(out, 144);
	put_dates(out, r, 160);
	put_legend(out, 178);
	jit_buf_str(out, "</svg></figure>\n");
}

/* -- Standing privilege ---------------------------------------------------- */

/* What stood at the end of each column, each surface as it was last seen. */
static bool
stood(int64_t out[COLUMNS], const struct report *r, size_t *first)
{
	const struct jit_stories *s = &r->stories;
	const struct jit_story_scan **seen =
		calloc(s->scans_count + 1, sizeof(*seen));
	const struct jit_story_scan *x;
	int64_t total = 0;
	size_t i, k, n = 0, at = 0;

	*first = COLUMNS;
	for (i = 0; seen && i < s->scans_count; i++) {
		x = &s->scans[i];
		if (x->count < 0 || x->at < r->scope.since ||
			x->at >= r->scope.until)
			continue;
		for (; at < column(r, x->at); at++)
			out[at] = total;
		if (*first == COLUMNS)
			*first = at;
		for (k = 0; k < n &&
			(seen[k]->host != x->host ||
				seen[k]->surface != x->surface);
			k++)
			;
		total += x->count - (k < n ? seen[k]->count : 0);
		seen[k] = x;
		n += k == n;
	}
	for (; at < COLUMNS; at++)
		out[at] = total;
	free(seen);
	return n > 0 && *first + 1 < COLUMNS;
}

static void
put_curve(struct jit_buf *out, const int64_t *counts, size_t first,
	int64_t most)
{
	const double step = (double)(RIGHT - LEFT) / (COLUMNS - 1);
	size_t i;

	jit_buf_str(out, "<path class=\"l\" d=\"");
	for (i = first; i < COLUMNS; i++)
		jit_buf_fmt(out, "%c%.1f %.1f", i == first ? 'M' : 'L',
			LEFT + (double)i * step,
			144 - 120 * (double)counts[i] / (double)most);
	jit_buf_str(out, "\"/>");
}

static void
plot_standing(struct jit_buf *out, const struct report *r)
{
	int64_t counts[COLUMNS], most = 1;
	size_t i, first;

	if (!stood(counts, r, &first))
		return;
	for (i = first; i < COLUMNS; i++)
		most = counts[i] > most ? counts[i] : most;
	begin_figure(out, "Standing privilege",
		"what stood for good on all that was scanned, each surface as "
		"it was last seen");
	begin_svg(out, 168);
	jit_buf_fmt(out, "%lld at first, %lld at last\">",
		(long long)counts[first], (long long)counts[COLUMNS - 1]);
	put_rule(out, 24);
	put_top(out, most, 18);
	put_curve(out, counts, first, most);
	put_rule(out, 144);
	put_dates(out, r, 160);
	jit_buf_str(out, "</svg></figure>\n");
}

/* -- When the exceptions were ---------------------------------------------- */

static void
mark_row(bool *marks, const struct report *r, const struct jit_row *row)
{
	size_t i, last;

	for (i = 0; i < row->grants.count; i++)
		marks[column(r, row->grants.at[i]->at)] = true;
	if (!row->from || row->grants.count)
		return;
	last = column(r, row->to ? row->to : row->from);
	for (i = column(r, row->from); i <= last; i++)
		marks[i] = true;
}

/* What is marked, run by run. */
static void
put_marks(struct jit_buf *out, const bool *marks, double y)
{
	const double step = (double)(RIGHT - LEFT) / COLUMNS;
	size_t i, from;

	for (i = 0; i < COLUMNS; i++) {
		for (from = i; i < COLUMNS && marks[i]; i++)
			;
		if (i > from)
			put_box(out, LEFT + (double)from * step, y,
				(double)(i - from) * step, 12, "k");
	}
}

/* One lane for each list that is to be looked at. */
static bool
put_lane(struct jit_buf *out, const struct report *r,
	const struct jit_measure *m, int y)
{
	bool marks[COLUMNS] = {false}, any = false;
	struct jit_buf title = {0};
	size_t i;

	for (i = 0; i < m->rows_count; i++)
		mark_row(marks, r, &m->rows[i]);
	for (i = 0; i < COLUMNS; i++)
		any = any || marks[i];
	if (!any)
		return false;
	page_title(&title, m->figure->id);
	put_words(out, LEFT, y, "", jit_buf_text(&title));
	jit_buf_free(&title);
	put_rule(out, y + 12);
	put_marks(out, marks, y + 6);
	return true;
}

static void
plot_exceptions(struct jit_buf *out, const struct report *r)
{
	struct jit_buf lanes = {0}, names = {0};
	const struct jit_measure *m;
	size_t i;
	int y = 14;

	for (i = 0; i < r->figures.count; i++) {
		m = &r->figures.at[i];
		if (!m->found || m->figure->kind != JIT_FIGURE_LIST ||
			!put_lane(&lanes, r, m, y))
			continue;
		jit_buf_str(&names, names.len ? ", " : "");
		page_title(&names, m->figure->id);
		y += 40;
	}
	if (y > 14) {
		begin_figure(out, "When it happened",
			"what is to be looked at, over the period");
		begin_svg(out, y + 10);
		jit_buf_fmt(out, "one lane each: %s\">", jit_buf_text(&names));
		jit_buf_put(out, lanes.data, lanes.len);
		put_dates(out, r, y);
		jit_buf_str(out, "</svg></figure>\n");
	}
	jit_buf_free(&lanes);
	jit_buf_free(&names);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

void
page_plots(struct jit_buf *out, const struct report *r)
{
	struct jit_buf plots = {0};

	plot_requests(&plots, r);
	plot_standing(&plots, r);
	plot_ends(&plots, r);
	plot_bins(&plots, r, "duration", "How long access was given for",
		windows, COUNT(windows), given);
	plot_bins(&plots, r, "time-to-dead", "How soon it was proven dead",
		delays, COUNT(delays), to_dead);
	plot_exceptions(&plots, r);
	if (plots.len) {
		jit_buf_str(out,
			"<section aria-labelledby=\"plots\"><h2 id=\"plots\">"
			"The period in pictures</h2>\n"
			"<svg width=\"0\" height=\"0\" aria-hidden=\"true\" "
			"class=\"gone\"><defs><pattern id=\"hatch\" "
			"width=\"4\" height=\"4\" "
			"patternUnits=\"userSpaceOnUse\" "
			"patternTransform=\"rotate(45)\"><path d=\"M0 0V4\" "
			"class=\"p\"/></pattern></defs></svg>\n"
			"<div class=\"plots\">\n");
		jit_buf_put(out, plots.data, plots.len);
		jit_buf_str(out, "</div></section>\n");
	}
	jit_buf_free(&plots);
}

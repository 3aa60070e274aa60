/* SPDX-License-Identifier: ISC */
/*
 * jit-report report --html: the answer first, then what is to be looked at,
 * then every figure with what it is and the grants behind it. Everything in
 * the page comes from the one table of figures.
 */
#include "report_page.h"

#include <string.h>

#include "hash.h"
#include "text.h"
#include "when.h"

#define ROWS_SHOWN 50
#define IDS_SHOWN 4  /* in a row */
#define IDS_LISTED 6 /* behind a figure, on each side */

/* -- Text ------------------------------------------------------------------ */

void
page_text(struct jit_buf *out, const char *text)
{
	struct jit_buf clean = {0};
	const char *p;

	if (text)
		jit_text_escape(&clean, text, strlen(text));
	for (p = jit_buf_text(&clean); *p; p++) {
		if (*p == '&')
			jit_buf_str(out, "&amp;");
		else if (*p == '<')
			jit_buf_str(out, "&lt;");
		else if (*p == '>')
			jit_buf_str(out, "&gt;");
		else if (*p == '"')
			jit_buf_str(out, "&quot;");
		else if (*p == '\'')
			jit_buf_str(out, "&#39;");
		else
			jit_buf_put(out, p, 1);
	}
	jit_buf_free(&clean);
}

void
page_title(struct jit_buf *out, const char *id)
{
	const char *p;
	char c;

	for (p = id; *p; p++) {
		c = *p == '-' ? ' ' : *p;
		if (p == id && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		jit_buf_put(out, &c, 1);
	}
}

void
page_number(struct jit_buf *out, int64_t n)
{
	if (n >= 1000) {
		page_number(out, n / 1000);
		jit_buf_fmt(out, ",%03lld", (long long)(n % 1000));
	} else {
		jit_buf_fmt(out, "%lld", (long long)n);
	}
}

void
page_date(struct jit_buf *out, int64_t at)
{
	char stamp[JIT_STAMP];

	jit_when_stamp(stamp, at);
	jit_buf_fmt(out, "%.10s", stamp);
}

/* -- The answer ------------------------------------------------------------ */

static const struct jit_measure *
known(const struct report *r, const char *id)
{
	const struct jit_measure *m = jit_figures_of(&r->figures, id);

	return m && m->known ? m : NULL;
}

/* What there is to be looked at, said as people would. */
static void
put_answer(struct jit_buf *out, const struct report *r)
{
	size_t found = r->figures.found, unmet = report_unmet(r);

	jit_buf_str(out, "<p class=\"answer\">");
	if (!found && !unmet)
		jit_buf_str(out, "Yes: nothing of it is to be looked at.");
	else if (!found)
		jit_buf_fmt(out, "It works, but %zu %s not met.", unmet,
			unmet == 1 ? "control is" : "controls are");
	else
		jit_buf_fmt(out, "%zu of %zu figures %s to be looked at%s",
			found, r->figures.count, found == 1 ? "is" : "are",
			unmet ? "," : ".");
	if (found && unmet)
		jit_buf_fmt(out, " and %zu %s not met.", unmet,
			unmet == 1 ? "control is" : "controls are");
	jit_buf_str(out, "</p>\n");
}

static void
put_value(struct jit_buf *out, const struct jit_measure *m)
{
	struct jit_buf text = {0};

	report_value(&text, m);
	page_text(out, jit_buf_text(&text));
	jit_buf_free(&text);
}

static void
put_basis(struct jit_buf *out, const struct jit_measure *m)
{
	struct jit_buf text = {0};

	report_basis(&text, m);
	page_text(out, jit_buf_text(&text));
	jit_buf_free(&text);
}

/* The year in a sentence, of the figures that there are. */
static void
put_lead(struct jit_buf *out, const struct report *r)
{
	const struct jit_measure *m = known(r, "granted");

	if (!m)
		return;
	jit_buf_str(out, "<p class=\"lead\">Access was asked for ");
	page_number(out, m->all);
	jit_buf_str(out, " times and granted ");
	page_number(out, m->some);
	jit_buf_str(out, " times");
	m = known(r, "duration");
	if (m) {
		jit_buf_str(out, ", half of the time for ");
		put_value(out, m);
		jit_buf_str(out, " or less");
	}
	m = known(r, "ended-automatically");
	if (m) {
		jit_buf_str(out, "; ");
		put_value(out, m);
		jit_buf_str(out,
			" of what ended did so without anybody having "
			"to think of it");
	}
	m = known(r, "proven");
	if (m) {
		jit_buf_str(out, ", and ");
		put_value(out, m);
		jit_buf_str(out, " was then proven dead");
	}
	jit_buf_str(out, ".</p>\n");
}

static void
put_tile(struct jit_buf *out, const struct report *r, const char *id,
	const char *what)
{
	const struct jit_measure *m = jit_figures_of(&r->figures, id);

	if (!m)
		return;
	jit_buf_str(out, "<li><b>");
	put_value(out, m);
	jit_buf_fmt(out, "</b> %s <span class=\"is\">", what);
	put_basis(out, m);
	jit_buf_str(out, "</span></li>\n");
}

static void
put_tiles(struct jit_buf *out, const struct report *r)
{
	jit_buf_str(out, "<ul class=\"tiles\">\n");
	put_tile(out, r, "tied-to-a-task", "tied to a task");
	put_tile(out, r, "approval-latency", "to be approved");
	put_tile(out, r, "duration", "given for");
	put_tile(out, r, "ended-automatically", "ended by itself");
	put_tile(out, r, "proven", "proven dead");
	put_tile(out, r, "time-to-dead", "until proven dead");
	put_tile(out, r, "break-glass", "times glass was broken");
	put_tile(out, r, "standing-shrinking", "standing privilege shrinks");
	jit_buf_str(out, "</ul>\n");
}

/* -- What is to be looked at ----------------------------------------------- */

static void
put_chips(struct jit_buf *out, const struct report *r)
{
	const struct jit_measure *m;
	size_t i;

	jit_buf_str(out, "<ul class=\"chips\">\n");
	for (i = 0; i < r->figures.count; i++) {
		m = &r->figures.at[i];
		if (!m->found)
			continue;
		jit_buf_fmt(out, "<li><a href=\"#look-%s\">", m->figure->id);
		page_title(out, m->figure->id);
		jit_buf_str(out, "</a></li>\n");
	}
	jit_buf_str(out, "</ul>\n");
}

static void
put_ids(struct jit_buf *out, const struct jit_bundle *b, size_t from,
	size_t upto, size_t most)
{
	size_t i;

	for (i = from; i < upto && i < from + most; i++)
		jit_buf_fmt(out, "<code>%s</code> ", b->at[i]->id);
	if (upto > i) {
		jit_buf_str(out, "and ");
		page_number(out, (int64_t)(upto - i));
		jit_buf_str(out, " more");
	}
}

/* "greta@ex.com admin", what it is about, and the grants. */
static void
put_row(struct jit_buf *out, const struct jit_row *row)
{
	const char *const words[] = {row->with, row->role, row->resource};
	size_t i;

	jit_buf_str(out, "<li><b>");
	page_text(out, row->who);
	jit_buf_str(out, "</b>");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		jit_buf_str(out, words[i] ? " \302\267 " : "");
		page_text(out, words[i]);
	}
	jit_buf_str(out, "<br/>");
	page_text(out, row->says);
	if (row->grants.count) {
		jit_buf_str(out, "<br/><span class=\"ids\">");
		put_ids(out, &row->grants, 0, row->grants.count, IDS_SHOWN);
		jit_buf_str(out, "</span>");
	}
	jit_buf_str(out, "</li>\n");
}

static void
put_cell(struct jit_buf *out, const char *class, const char *text)
{
	jit_buf_fmt(out, "<td class=\"%s\">", class);
	page_text(out, text);
	jit_buf_str(out, "</td>");
}

/* A table that scrolls by itself where it is wider than the page. */
static void
begin_table(struct jit_buf *out, const char *label, const char *heads)
{
	jit_buf_str(out,
		"<div class=\"wide\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"");
	page_title(out, label);
	jit_buf_fmt(out, "\"><table><thead><tr>%s</tr></thead><tbody>\n",
		heads);
}

static void
end_table(struct jit_buf *out)
{
	jit_buf_str(out, "</tbody></table></div>\n");
}

static void
put_rows(struct jit_buf *out, const struct jit_measure *m)
{
	size_t i;

	jit_buf_str(out, "<ul>\n");
	for (i = 0; i < m->rows_count && i < ROWS_SHOWN; i++)
		put_row(out, &m->rows[i]);
	if (m->rows_count > i) {
		jit_buf_str(out, "<li class=\"is\">And ");
		page_number(out, (int64_t)(m->rows_count - i));
		jit_buf_str(out,
			" more, which <code>jit-report report "
			"-j</code> lists.</li>\n");
	}
	jit_buf_str(out, "</ul>\n");
}

static void
put_finding(struct jit_buf *out, const struct jit_measure *m)
{
	jit_buf_fmt(out, "<section class=\"look\"><div><h3 id=\"look-%s\">",
		m->figure->id);
	page_title(out, m->figure->id);
	jit_buf_str(out, " <span class=\"flag\">");
	put_value(out, m);
	jit_buf_str(out, "</span></h3>\n<p class=\"is\">");
	page_text(out, m->figure->is);
	jit_buf_str(out, ".</p></div>\n");
	if (m->rows_count)
		put_rows(out, m);
	jit_buf_str(out, "</section>\n");
}

static void
put_findings(struct jit_buf *out, const struct report *r)
{
	size_t i;

	if (!r->figures.found)
		return;
	jit_buf_str(out,
		"<section aria-labelledby=\"look\"><h2 id=\"look\">To "
		"be looked at</h2>\n");
	put_chips(out, r);
	for (i = 0; i < r->figures.count; i++)
		if (r->figures.at[i].found)
			put_finding(out, &r->figures.at[i]);
	jit_buf_str(out, "</section>\n");
}

/* -- Controls -------------------------------------------------------------- */

static void
put_control(struct jit_buf *out, const struct report *r,
	const struct control *c)
{
	static const char *const classes[] = {"met", "unmet", "none"};
	const enum control_verdict v = control_judge(c, &r->figures);

	jit_buf_fmt(out, "<tr><td><span class=\"%s\">%s</span></td>",
		classes[v], control_verdict_name(v));
	put_cell(out, "w", c->wants);
	put_cell(out, "w", c->standard);
	jit_buf_fmt(out, "<td class=\"w\"><a href=\"#f-%s\">", c->figure);
	page_title(out, c->figure);
	jit_buf_str(out, "</a>: ");
	put_value(out, jit_figures_of(&r->figures, c->figure));
	jit_buf_str(out, ", wanted: ");
	page_text(out, c->shown);
	jit_buf_str(out, "</td></tr>\n");
}

static void
put_controls(struct jit_buf *out, const struct report *r)
{
	size_t i;

	if (!r->controls.count)
		return;
	jit_buf_str(out,
		"<section aria-labelledby=\"controls\">"
		"<h2 id=\"controls\">Controls</h2>\n<p>What standards "
		"ask for, each with the figure that is its evidence. "
		"Nothing is claimed that no figure backs.</p>\n");
	begin_table(out, "controls",
		"<th scope=\"col\">Verdict</th><th scope=\"col\">Control</th>"
		"<th scope=\"col\">Standard</th>"
		"<th scope=\"col\">Evidence</th>");
	for (i = 0; i < r->controls.count; i++)
		put_control(out, r, &r->controls.at[i]);
	end_table(out);
	jit_buf_str(out, "</section>\n");
}

/* -- All figures ----------------------------------------------------------- */

/* How many grants are behind it: of a list, those of its rows. */
static size_t
behind(const struct jit_measure *m)
{
	size_t i, n = m->grants.count;

	for (i = 0; i < m->rows_count; i++)
		n += m->rows[i].grants.count;
	return n;
}

static void
put_figure(struct jit_buf *out, const struct jit_measure *m)
{
	size_t n = behind(m);

	jit_buf_fmt(out, "<tr id=\"f-%s\"%s><th scope=\"row\">", m->figure->id,
		m->found ? " class=\"found\"" : "");
	page_title(out, m->figure->id);
	if (m->found)
		jit_buf_fmt(out,
			" <a class=\"flag\" href=\"#look-%s\">look at this</a>",
			m->figure->id);
	jit_buf_str(out, "<span class=\"is\">");
	page_text(out, m->figure->is);
	jit_buf_str(out, "</span></th><td class=\"v\">");
	put_value(out, m);
	jit_buf_str(out, "</td><td class=\"n\">");
	put_basis(out, m);
	jit_buf_str(out, "</td><td class=\"n\">");
	if (n) {
		jit_buf_fmt(out, "<a href=\"#g-%s\">", m->figure->id);
		page_number(out, (int64_t)n);
		jit_buf_str(out, n == 1 ? " grant</a>" : " grants</a>");
	}
	jit_buf_str(out, "</td></tr>\n");
}

static void
put_figures(struct jit_buf *out, const struct report *r)
{
	const struct jit_figures *f = &r->figures;
	enum jit_figure_part part = JIT_PARTS;
	size_t i;

	jit_buf_str(out,
		"<section aria-labelledby=\"figures\">"
		"<h2 id=\"figures\">All figures</h2>\n");
	for (i = 0; i < f->count; i++) {
		if (f->at[i].figure->part != part) {
			if (i)
				end_table(out);
			part = f->at[i].figure->part;
			jit_buf_str(out, "<h3>");
			page_title(out, jit_figure_part_name(part));
			jit_buf_str(out, "</h3>\n");
			begin_table(out, jit_figure_part_name(part),
				"<th scope=\"col\">Figure</th>"
				"<th scope=\"col\">Value</th>"
				"<th scope=\"col\">Of what</th>"
				"<th scope=\"col\">Behind it</th>");
		}
		put_figure(out, &f->at[i]);
	}
	if (f->count)
		end_table(out);
	jit_buf_str(out, "</section>\n");
}

/* -- The grants behind them ------------------------------------------------ */

/* Of a share those that count, and those that do not. */
static void
put_bundle(struct jit_buf *out, const struct jit_measure *m)
{
	const struct jit_bundle *b = &m->grants;
	const bool share = m->figure->kind == JIT_FIGURE_SHARE;
	size_t some = share ? (size_t)m->some : b->count;

	put_ids(out, b, 0, some, IDS_LISTED);
	if (!share || some >= b->count)
		return;
	jit_buf_str(out, some ? "; not so: " : "not so: ");
	put_ids(out, b, some, b->count, IDS_LISTED);
}

static void
put_behind(struct jit_buf *out, const struct jit_measure *m)
{
	size_t i;

	jit_buf_fmt(out, "<h3 id=\"g-%s\">", m->figure->id);
	page_title(out, m->figure->id);
	jit_buf_str(out, "</h3>\n<p class=\"ids\">");
	put_bundle(out, m);
	for (i = 0; i < m->rows_count && i < ROWS_SHOWN; i++) {
		if (!m->rows[i].grants.count)
			continue;
		page_text(out, m->rows[i].who);
		jit_buf_str(out, ": ");
		put_ids(out, &m->rows[i].grants, 0, m->rows[i].grants.count,
			IDS_LISTED);
		jit_buf_str(out, "<br/>");
	}
	jit_buf_str(out, "</p>\n");
}

static void
put_grants(struct jit_buf *out, const struct report *r)
{
	size_t i;

	jit_buf_str(out,
		"<section aria-labelledby=\"grants\">"
		"<h2 id=\"grants\">The grants behind the figures</h2>\n"
		"<p>The first of them. <code>jit-report report "
		"-j</code> lists all, and <code>jit-audit show "
		"ID</code> tells the story of one.</p>\n");
	for (i = 0; i < r->figures.count; i++)
		if (behind(&r->figures.at[i]))
			put_behind(out, &r->figures.at[i]);
	jit_buf_str(out, "</section>\n");
}

/* -- The page -------------------------------------------------------------- */

/* What may be in it: this style, by its digest, and nothing else. */
static void
put_head(struct jit_buf *out, const struct report *r)
{
	unsigned char digest[JIT_SHA256];

	jit_sha256(digest, report_page_style, strlen(report_page_style));
	jit_buf_str(out,
		"<!DOCTYPE html>\n<html lang=\"en\"><head>"
		"<meta charset=\"utf-8\"/>\n"
		"<meta http-equiv=\"Content-Security-Policy\" "
		"content=\"default-src 'none'; style-src 'sha256-");
	jit_base64(out, digest, sizeof(digest), true);
	jit_buf_str(out,
		"'; base-uri 'none'; form-action 'none'\"/>\n"
		"<meta name=\"referrer\" content=\"no-referrer\"/>\n"
		"<meta name=\"viewport\" content=\"width=device-width, "
		"initial-scale=1\"/>\n"
		"<meta name=\"color-scheme\" content=\"light dark\"/>\n"
		"<title>Just-in-time access: ");
	page_text(out, r->state->name);
	jit_buf_fmt(out, "</title>\n<style>%s</style></head>\n<body>\n",
		report_page_style);
}

static void
put_scope(struct jit_buf *out, const struct report *r)
{
	jit_buf_str(out, "<p class=\"soft\">Ledger ");
	page_text(out, r->state->name);
	jit_buf_str(out, ", what was asked from ");
	page_date(out, r->scope.since);
	jit_buf_str(out, " to ");
	page_date(out, r->scope.until - 1);
	if (r->by) {
		jit_buf_str(out, " by ");
		page_text(out, r->by);
	}
	if (r->resource) {
		jit_buf_str(out, " on ");
		page_text(out, r->resource);
	}
	jit_buf_str(out, "</p>\n");
}

/* By what all of it can be checked. */
static void
put_footer(struct jit_buf *out, const struct report *r)
{
	const struct jit_state *s = r->state;
	char stamp[JIT_STAMP];

	jit_buf_str(out, "<footer>\n<p>Every figure comes from ");
	page_number(out, s->seq);
	jit_buf_str(out,
		" signed events, all of which were verified when this "
		"page was made: genesis <code>");
	jit_buf_fmt(out,
		"%s</code>, tip <code>%s</code>. To check it from a clone: "
		"<code>jit-audit verify -g %s</code></p>\n",
		s->genesis, s->tip, s->genesis);
	jit_when_stamp(stamp, r->cli.now);
	jit_buf_fmt(out,
		"<p>Made by jit-report %s at %s. Times are UTC. It loads "
		"nothing and runs nothing.</p>\n</footer>\n",
		JIT_VERSION, stamp);
}

int
page_make(struct jit_buf *out, const struct report *r, struct jit_error *err)
{
	put_head(out, r);
	jit_buf_str(out,
		"<header><h1>Is just-in-time access working "
		"here?</h1>\n");
	put_answer(out, r);
	put_lead(out, r);
	put_scope(out, r);
	jit_buf_str(out, "</header>\n<main>\n");
	put_tiles(out, r);
	put_findings(out, r);
	page_plots(out, r);
	put_controls(out, r);
	put_figures(out, r);
	put_grants(out, r);
	jit_buf_str(out, "</main>\n");
	put_footer(out, r);
	jit_buf_str(out, "</body></html>\n");
	return jit_buf_failed(out, err);
}

int
report_write_page(const struct report *r, const char *path,
	struct jit_error *err)
{
	struct jit_buf page = {0};
	int rc = page_make(&page, r, err);

	if (rc == 0)
		rc = cli_write_file(path, page.data, page.len, true, true, err);
	jit_buf_free(&page);
	return rc;
}

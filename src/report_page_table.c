/* SPDX-License-Identifier: ISC */
/* The page's tables: controls, all figures, and the grants behind them. */
#include "report_page.h"

#define ROWS_SHOWN 50
#define IDS_LISTED 6 /* behind a figure, on each side */

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
	page_value(out, jit_figures_of(&r->figures, c->figure));
	jit_buf_str(out, ", wanted: ");
	page_text(out, c->shown);
	jit_buf_str(out, "</td></tr>\n");
}

void
page_controls(struct jit_buf *out, const struct report *r)
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
	page_value(out, m);
	jit_buf_str(out, "</td><td class=\"n\">");
	page_basis(out, m);
	jit_buf_str(out, "</td><td class=\"n\">");
	if (n) {
		jit_buf_fmt(out, "<a href=\"#g-%s\">", m->figure->id);
		page_number(out, (int64_t)n);
		jit_buf_str(out, n == 1 ? " grant</a>" : " grants</a>");
	}
	jit_buf_str(out, "</td></tr>\n");
}

void
page_figures(struct jit_buf *out, const struct report *r)
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

	page_ids(out, b, 0, some, IDS_LISTED);
	if (!share || some >= b->count)
		return;
	jit_buf_str(out, some ? "; not so: " : "not so: ");
	page_ids(out, b, some, b->count, IDS_LISTED);
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
		page_ids(out, &m->rows[i].grants, 0, m->rows[i].grants.count,
			IDS_LISTED);
		jit_buf_str(out, "<br/>");
	}
	jit_buf_str(out, "</p>\n");
}

void
page_grants(struct jit_buf *out, const struct report *r)
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

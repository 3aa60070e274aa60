/* SPDX-License-Identifier: ISC */
#include "report_control.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "when.h"

#define CONTROLS_MAX (256 * 1024) /* bytes of a file */

/* A line as it is written. */
struct row {
	const char *standard, *wants, *figure, *bar;
};

#define ROW(n)                                                                 \
	{                                                                      \
		.name = #n, .kind = JIT_TEXT, .required = true,                \
		.offset = offsetof(struct row, n)                              \
	}

static const struct jit_member row_shape[] = {ROW(standard), ROW(wants),
	ROW(figure), ROW(bar), {.name = NULL}};

static const struct jit_member file_shape[] = {
	{.name = "controls",
		.kind = JIT_ROWS,
		.required = true,
		.min = 1,
		.inner = row_shape,
		.size = sizeof(struct row)},
	{.name = NULL}};

/* A bar has a side, a number and a unit. */
struct written {
	bool least;
	const char *number;
};

static bool
read_side(struct written *w, const char *bar)
{
	static const char least[] = "at least ", most[] = "at most ";

	if (strncmp(bar, least, sizeof(least) - 1) == 0) {
		w->least = true;
		w->number = bar + sizeof(least) - 1;
	} else if (strncmp(bar, most, sizeof(most) - 1) == 0) {
		w->least = false;
		w->number = bar + sizeof(most) - 1;
	} else {
		return false;
	}
	return true;
}

/* "12", or "99 %" where 'unit' is " %". */
static bool
read_number(int64_t *out, const char *s, const char *unit)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; s[i] >= '0' && s[i] <= '9' && i < 9; i++)
		n = 10 * n + (s[i] - '0');
	*out = n;
	return i > 0 && strcmp(s + i, unit) == 0;
}

/* The bar that a figure of its kind can have; false: it is none. */
static bool
read_bar(struct control *c, enum jit_figure_kind kind, const char *bar)
{
	struct written w = {0};

	c->shown = bar;
	if (kind == JIT_FIGURE_ANSWER) {
		c->bar = CONTROL_ANSWER;
		return strcmp(bar, "yes") == 0;
	}
	if (!read_side(&w, bar))
		return false;
	switch (kind) {
	case JIT_FIGURE_SHARE:
		c->bar = w.least ? CONTROL_SHARE_LEAST : CONTROL_SHARE_MOST;
		return read_number(&c->limit, w.number, " %") &&
			c->limit <= 100;
	case JIT_FIGURE_SECONDS:
		c->bar = CONTROL_SECONDS_MOST;
		return !w.least &&
			jit_when_duration(&c->limit, w.number, NULL) == 0;
	case JIT_FIGURE_COUNT:
	case JIT_FIGURE_LIST:
		c->bar = w.least ? CONTROL_COUNT_LEAST : CONTROL_COUNT_MOST;
		return read_number(&c->limit, w.number, "");
	case JIT_FIGURE_ANSWER:
		break;
	}
	return false;
}

static int
take_row(struct control *c, const struct row *row, const char *path, size_t i,
	struct jit_error *err)
{
	const struct jit_figure *f = jit_figure_find(row->figure);

	if (!f)
		return jit_fail(err, JIT_USAGE,
			"'%s': controls[%zu]: there is no figure '%s'", path, i,
			row->figure);
	c->standard = row->standard;
	c->wants = row->wants;
	c->figure = f->id;
	if (!read_bar(c, f->kind, row->bar))
		return jit_fail(err, JIT_USAGE,
			"'%s': controls[%zu]: '%s' is no bar for a figure that "
			"is a %s",
			path, i, row->bar, jit_figure_kind_name(f->kind));
	return 0;
}

static int
take_rows(struct controls *out, const char *path, struct jit_error *err)
{
	struct jit_arena mem = {0};
	struct jit_rows rows = {0};
	size_t i;
	int rc;

	rc = jit_shape_read(&rows, &mem, file_shape, out->json, "controls",
		err);
	if (rc)
		jit_within(err, rc, "'%s'", path);
	if (rc == 0)
		out->at = calloc(rows.count, sizeof(*out->at));
	if (rc == 0 && !out->at)
		rc = jit_nomem(err);
	for (i = 0; rc == 0 && i < rows.count; i++)
		rc = take_row(&out->at[i], (const struct row *)rows.at + i,
			path, i, err);
	out->count = rc ? 0 : rows.count;
	jit_arena_free(&mem); /* the texts are the JSON's */
	return rc;
}

int
controls_read(struct controls *out, const char *path, struct jit_error *err)
{
	struct controls c = {0};
	struct jit_buf text = {0};
	int rc;

	rc = cli_read_file(&text, path, CONTROLS_MAX, err);
	if (rc == 0) {
		rc = jit_json_read(&c.json, text.data, text.len, CONTROLS_MAX,
			err);
		if (rc)
			jit_within(err, rc, "'%s'", path);
	}
	if (rc == 0)
		rc = take_rows(&c, path, err);
	jit_buf_free(&text);
	if (rc == 0) {
		*out = c;
		memset(&c, 0, sizeof(c)); /* transferred */
	}
	controls_free(&c);
	return rc;
}

/* Whether what is known of the figure is as the line wants it. */
static bool
holds(const struct control *c, const struct jit_measure *m)
{
	switch (c->bar) {
	case CONTROL_SHARE_LEAST:
		return 100 * m->some >= c->limit * m->all;
	case CONTROL_SHARE_MOST:
		return 100 * m->some <= c->limit * m->all;
	case CONTROL_COUNT_MOST:
		return m->some <= c->limit;
	case CONTROL_COUNT_LEAST:
		return m->some >= c->limit;
	case CONTROL_SECONDS_MOST:
		return m->p95 <= c->limit;
	case CONTROL_ANSWER:
		return strcmp(m->answer, "yes") == 0;
	}
	return false;
}

enum control_verdict
control_judge(const struct control *c, const struct jit_figures *figures)
{
	const struct jit_measure *m = jit_figures_of(figures, c->figure);

	if (!m || !m->known)
		return CONTROL_NO_EVIDENCE;
	return holds(c, m) ? CONTROL_MET : CONTROL_NOT_MET;
}

const char *
control_verdict_name(enum control_verdict v)
{
	static const char *const names[] = {"met", "not met", "no evidence"};

	return names[v];
}

void
controls_free(struct controls *c)
{
	free(c->at);
	jit_json_free(c->json);
	memset(c, 0, sizeof(*c));
}

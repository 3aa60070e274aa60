/* SPDX-License-Identifier: ISC */
/* The figures as programs read them: an object a line, with every id. */
#include "report.h"

/* Members are put one after the other; what failed once has failed. */
struct put {
	struct jit_json *o;
	bool good;
};

static void
put_text(struct put *p, const char *name, const char *s)
{
	p->good = p->good && (!s || jit_json_set_text(p->o, name, s));
}

static void
put_int(struct put *p, const char *name, int64_t n)
{
	p->good = p->good && jit_json_set_int(p->o, name, n);
}

static void
put_bool(struct put *p, const char *name, bool b)
{
	p->good = p->good && jit_json_set_bool(p->o, name, b);
}

/* Those of a bundle from 'from' on, before 'to'. */
static void
put_ids(struct put *p, const char *name, const struct jit_bundle *b,
	size_t from, size_t to)
{
	struct jit_json *list = jit_json_list();
	size_t i;

	p->good = p->good && list;
	for (i = from; i < to && p->good; i++)
		p->good = jit_json_add_text(list, b->at[i]->id);
	p->good = jit_json_set(p->o, name, list) && p->good;
}

static int
print(struct put *p, struct jit_error *err)
{
	if (p->good)
		cli_out_json(p->o);
	jit_json_free(p->o);
	return p->good ? 0 : jit_nomem(err);
}

static struct put
begin(const char *type)
{
	struct put p = {jit_json_object(), true};

	p.good = p.o != NULL;
	if (type)
		put_text(&p, "type", type);
	return p;
}

static struct jit_json *
row_json(const struct jit_row *row)
{
	struct put p = begin(NULL);

	put_text(&p, "who", row->who);
	put_text(&p, "with", row->with);
	put_text(&p, "role", row->role);
	put_text(&p, "resource", row->resource);
	put_text(&p, "says", row->says);
	put_int(&p, "n", row->n);
	put_int(&p, "seconds", row->seconds);
	put_int(&p, "from", row->from);
	put_int(&p, "to", row->to);
	put_ids(&p, "grants", &row->grants, 0, row->grants.count);
	if (p.good)
		return p.o;
	jit_json_free(p.o);
	return NULL;
}

static void
put_rows(struct put *p, const struct jit_measure *m)
{
	struct jit_json *list = jit_json_list();
	size_t i;

	p->good = p->good && list;
	for (i = 0; i < m->rows_count && p->good; i++)
		p->good = jit_json_add(list, row_json(&m->rows[i]));
	p->good = jit_json_set(p->o, "rows", list) && p->good;
}

/* What it comes to, by its kind. */
static void
put_value(struct put *p, const struct jit_measure *m)
{
	size_t n = m->grants.count;

	switch (m->figure->kind) {
	case JIT_FIGURE_SHARE:
		put_int(p, "numerator", m->some);
		put_int(p, "denominator", m->all);
		put_ids(p, "grants", &m->grants, 0, (size_t)m->some);
		put_ids(p, "others", &m->grants, (size_t)m->some, n);
		return;
	case JIT_FIGURE_SECONDS:
		put_int(p, "median", m->median);
		put_int(p, "p95", m->p95);
		put_int(p, "most", m->most);
		put_int(p, "of", m->all);
		put_ids(p, "grants", &m->grants, 0, n);
		return;
	case JIT_FIGURE_COUNT:
		put_int(p, "count", m->some);
		put_ids(p, "grants", &m->grants, 0, n);
		return;
	case JIT_FIGURE_LIST:
		put_int(p, "count", m->some);
		put_rows(p, m);
		return;
	case JIT_FIGURE_ANSWER:
		put_text(p, "answer", m->answer);
		put_int(p, "first", m->all);
		put_int(p, "last", m->some);
		return;
	}
}

static int
print_measure(const struct jit_measure *m, struct jit_error *err)
{
	const struct jit_figure *f = m->figure;
	struct put p = begin("figure");

	put_text(&p, "id", f->id);
	put_text(&p, "part", jit_figure_part_name(f->part));
	put_text(&p, "kind", jit_figure_kind_name(f->kind));
	put_text(&p, "is", f->is);
	put_bool(&p, "finding", f->finding);
	put_bool(&p, "found", m->found);
	put_bool(&p, "known", m->known);
	put_value(&p, m);
	return print(&p, err);
}

static int
print_control(const struct report *r, const struct control *c,
	struct jit_error *err)
{
	struct put p = begin("control");

	put_text(&p, "standard", c->standard);
	put_text(&p, "wants", c->wants);
	put_text(&p, "figure", c->figure);
	put_text(&p, "bar", c->shown);
	put_text(&p, "verdict",
		control_verdict_name(control_judge(c, &r->figures)));
	return print(&p, err);
}

/* What it is a report of. */
static int
print_head(const struct report *r, struct jit_error *err)
{
	struct put p = {report_ledger_json(r), true};

	p.good = p.o != NULL;
	put_text(&p, "type", "ledger");
	put_int(&p, "since", r->scope.since);
	put_int(&p, "until", r->scope.until);
	put_text(&p, "by", r->by);
	put_text(&p, "resource", r->resource);
	put_int(&p, "findings", (int64_t)r->figures.found);
	return print(&p, err);
}

int
report_print_json(const struct report *r, struct jit_error *err)
{
	int rc = print_head(r, err);
	size_t i;

	for (i = 0; i < r->figures.count && rc == 0; i++)
		rc = print_measure(&r->figures.at[i], err);
	for (i = 0; i < r->controls.count && rc == 0; i++)
		rc = print_control(r, &r->controls.at[i], err);
	return rc;
}

/* SPDX-License-Identifier: ISC */
#include "owed.h"

#include "span.h"
#include "table.h"
#include "using.h"

#define COLUMNS 5

static int
print_review(const struct jit_debt *d, int64_t now, struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_text(o, "id", d->id) &&
		jit_json_set_text(o, "owes", "review") &&
		jit_json_set_text(o, "group", d->group) &&
		jit_json_set_text(o, "by", d->by) &&
		jit_json_set_int(o, "at", d->at) &&
		jit_json_set_int(o, "due", d->due) &&
		jit_json_set_bool(o, "overdue", now >= d->due) &&
		jit_json_set_bool(o, "drill", d->drill) &&
		jit_json_set_int(o, "seconds", d->at - d->asked);

	if (good)
		cli_out_json(o);
	jit_json_free(o);
	return good ? 0 : jit_nomem(err);
}

/* When a session that is still open should have been closed; 0: not yet. */
static int64_t
over_since(const struct jit_state *s, const struct jit_session *x, int64_t now)
{
	int64_t until = jit_using_until(s, x);

	if (until > now)
		return 0;
	if (until == 0)
		until = x->due < now ? x->due : now;
	return until;
}

static int
print_session(const struct jit_session *x, int64_t due, struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_text(o, "id", x->id) &&
		jit_json_set_text(o, "owes", "close") &&
		jit_json_set_text(o, "session", x->session) &&
		jit_json_set_text(o, "host", x->host) &&
		jit_json_set_text(o, "writer", x->by) &&
		jit_json_set_text(o, "by", x->holder) &&
		jit_json_set_int(o, "at", x->at) &&
		jit_json_set_int(o, "due", due) &&
		jit_json_set_bool(o, "overdue", true);

	if (good)
		cli_out_json(o);
	jit_json_free(o);
	return good ? 0 : jit_nomem(err);
}

/* One row; 'left' is what is left of its time, less than 0: it is overdue. */
static int
put_row(struct table *t, const char *id, const char *owes, const char *to,
	const char *by, int64_t left, struct jit_error *err)
{
	const char *cells[COLUMNS] = {id, owes, to, by};
	struct jit_buf due = {0};
	int i, rc = 0;

	span_spell(&due, left > 0 ? left : -left);
	jit_buf_str(&due, left > 0 ? " left" : " overdue");
	cells[COLUMNS - 1] = jit_buf_text(&due);
	for (i = 0; i < COLUMNS && rc == 0; i++)
		rc = table_put(t, cells[i], err);
	jit_buf_free(&due);
	return rc;
}

static int
put_header(struct table *t, struct jit_error *err)
{
	static const char *const heads[COLUMNS] = {"ID", "OWES", "TO", "BY",
		"DUE"};
	int rc = 0;

	for (t->columns = 0; t->columns < COLUMNS && rc == 0; t->columns++)
		rc = table_put(t, heads[t->columns], err);
	return rc;
}

static int
reviews(struct table *t, size_t *shown, const struct cli *c,
	struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	const struct jit_debt *d = s->debts;
	size_t i;
	int rc = 0;

	for (i = 0; i < s->debts_count && rc == 0; i++, ++*shown)
		rc = c->json
			? print_review(&d[i], c->now, err)
			: put_row(t, d[i].id,
				  d[i].drill ? "review (drill)" : "review",
				  d[i].group, d[i].by, d[i].due - c->now, err);
	return rc;
}

static int
sessions(struct table *t, size_t *shown, const struct cli *c,
	struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	const struct jit_session *x = s->sessions;
	int64_t due;
	size_t i;
	int rc = 0;

	for (i = 0; i < s->sessions_count && rc == 0; i++) {
		due = over_since(s, &x[i], c->now);
		if (due == 0)
			continue;
		++*shown;
		rc = c->json ? print_session(&x[i], due, err)
			     : put_row(t, x[i].id, "close", x[i].host,
				       x[i].holder, due - c->now, err);
	}
	return rc;
}

int
owed_list(size_t *shown, const struct cli *c, struct jit_error *err)
{
	struct table t = {0};
	int rc = put_header(&t, err);

	if (rc == 0)
		rc = reviews(&t, shown, c, err);
	if (rc == 0)
		rc = sessions(&t, shown, c, err);
	if (!c->json && *shown)
		table_print(&t);
	table_free(&t);
	return rc;
}

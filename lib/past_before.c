/* SPDX-License-Identifier: ISC */
/* What came before a grant and bears on it: extended grants and budgets. */
#include <stdlib.h>
#include <string.h>

#include "past_inner.h"
#include "pattern.h"

/* An issue that a budget remembers. */
struct debit {
	char id[JIT_ULID];
	char rule[JIT_LABEL_MAX];
	int64_t from, until;
	bool met, mine;         /* its request was met; by the requester */
	char extends[JIT_ULID]; /* what it makes longer */
	int64_t base;           /* when that ends; 0: not known yet */
};

/* When a grant ended. */
struct over {
	char id[JIT_ULID];
	int64_t at;
};

struct walk {
	struct jit_past *past;
	const struct jit_state *s;
	const char *by;        /* the requester */
	int64_t seq, at;       /* of the decision */
	int64_t window;        /* seconds that a budget remembers */
	char parent[JIT_ULID]; /* whose events are looked for, or "" */
	struct jit_past kept;  /* events of what is extended, newest first */
	struct debit *debits;  /* newest first */
	size_t debits_count;
	struct over *ends;
	size_t ends_count;
};

/* Room for one more of 'size' bytes; grows where the count is a power of 2. */
static void *
grow(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	return reallocarray(list, count ? 2 * count : 1, size);
}

static const struct jit_budget *
budget_of(const struct jit_state *s, const char *rule)
{
	const struct jit_rule *r = jit_policy_rule(&s->policy, rule);

	return r ? r->budget : NULL;
}

/* How far back the budgets look that may bear on what is asked. */
static int64_t
find_window(const struct jit_state *s, const struct jit_event *request)
{
	const struct jit_rule *r = s->policy.rules.at;
	int64_t window = 0;
	size_t i;

	for (i = 0; i < s->policy.rules.count; i++)
		if (r[i].budget && r[i].budget->per > window &&
			jit_pattern_match(r[i].resource, request->resource))
			window = r[i].budget->per;
	return request->change ? 0 : window;
}

static int64_t
ended_at(const struct walk *w, const char *id)
{
	size_t i;

	for (i = 0; i < w->ends_count; i++)
		if (strcmp(w->ends[i].id, id) == 0)
			return w->ends[i].at;
	return 0;
}

static int
note_end(struct walk *w, const struct jit_event *ev, struct jit_error *err)
{
	struct over *list = grow(w->ends, w->ends_count, sizeof(*list));

	if (!list)
		return jit_nomem(err);
	w->ends = list;
	list += w->ends_count++;
	memcpy(list->id, ev->id, JIT_ULID);
	list->at = ev->at;
	return 0;
}

static int
note_issue(struct walk *w, const struct jit_event *ev, struct jit_error *err)
{
	struct debit *list = w->debits;
	size_t i;

	for (i = 0; i < w->debits_count; i++)
		if (strcmp(list[i].extends, ev->id) == 0)
			list[i].base = ev->until;
	if (ev->at + w->window <= w->at || !budget_of(w->s, ev->rule))
		return 0;
	list = grow(w->debits, w->debits_count, sizeof(*list));
	if (!list)
		return jit_nomem(err);
	w->debits = list;
	list += w->debits_count++;
	*list = (struct debit){.from = ev->from, .until = ev->until};
	memcpy(list->id, ev->id, JIT_ULID);
	memcpy(list->rule, ev->rule, strlen(ev->rule) + 1);
	return 0;
}

static void
note_request(struct walk *w, const struct jit_event *ev)
{
	struct debit *d;
	size_t i;

	for (i = 0; i < w->debits_count; i++) {
		d = &w->debits[i];
		if (strcmp(d->id, ev->id) != 0)
			continue;
		d->met = true;
		d->mine = strcmp(ev->by, w->by) == 0;
		if (d->mine && ev->extends)
			memcpy(d->extends, ev->extends, JIT_ULID);
	}
}

/* Whether all that was met so far is explained. */
static bool
is_done(const struct walk *w, int64_t at)
{
	const struct debit *d = w->debits;
	size_t i;

	if (w->parent[0] || at + w->window > w->at)
		return false;
	for (i = 0; i < w->debits_count; i++)
		if (!d[i].met || (d[i].extends[0] && !d[i].base))
			return false;
	return true;
}

/* An event of what is extended; its request says what that extends. */
static int
note_parent(struct walk *w, const struct jit_commit *c,
	const unsigned char oid[JIT_OID], struct jit_error *err)
{
	const struct jit_event *ev = &c->event;
	int rc = 0;

	if (ev->type == JIT_REQUEST || ev->type == JIT_ISSUE)
		rc = jit_past_keep(&w->kept, c, oid, err);
	if (ev->type != JIT_REQUEST)
		return rc;
	memset(w->parent, 0, sizeof(w->parent));
	if (ev->extends)
		memcpy(w->parent, ev->extends, JIT_ULID);
	return rc;
}

static int
visit(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	const struct jit_event *ev = &c->event;
	struct walk *w = arg;
	int rc = 0;

	(void)after;
	if (is_done(w, ev->at))
		return 1;
	w->past->read++;
	if (ev->seq >= w->seq)
		return 0;
	if (ev->type == JIT_END)
		rc = note_end(w, ev, err);
	else if (ev->type == JIT_ISSUE)
		rc = note_issue(w, ev, err);
	else if (ev->type == JIT_REQUEST)
		note_request(w, ev);
	if (rc == 0 && w->parent[0] && ev->id && strcmp(ev->id, w->parent) == 0)
		rc = note_parent(w, c, oid, err);
	return rc;
}

/* What is extended: an extension has all of its actions. */
static int
put_parents(struct walk *w, struct jit_state *s,
	const struct jit_lists *actions, struct jit_error *err)
{
	size_t i;
	int rc = 0;

	jit_past_turn(&w->kept);
	for (i = 0; rc == 0 && i < w->kept.count; i++)
		rc = jit_past_happen(s, &w->kept.events[i], actions, err);
	/* what they left behind is counted with all the others */
	s->spends_count = 0;
	s->debts_count = 0;
	return rc;
}

static int
put_debit(const struct walk *w, struct jit_state *s, const struct debit *d,
	struct jit_error *err)
{
	int64_t seconds = d->until - (d->extends[0] ? d->base : d->from);
	int64_t end = ended_at(w, d->id);
	struct jit_grant g = {.by = w->by, .rule = d->rule, .from = d->from};
	int rc;

	memcpy(g.id, d->id, JIT_ULID);
	g.until = d->from + seconds;
	rc = jit_state_spend(s, &g, err);
	if (rc == 0 && end)
		jit_state_spent(s, d->id, end);
	return rc;
}

/* From the decision back: what came after it does not bear on it. */
static int
go_back(struct walk *w, struct jit_ledger *l, struct jit_error *err)
{
	const struct jit_past_event *d = w->past->decision;

	return d ? jit_ledger_back_from(l, d->oid, d->proof.sha256, visit, w,
			   err)
		 : jit_ledger_back(l, visit, w, err);
}

int
jit_past_before(struct jit_past *p, struct jit_state *s, struct jit_ledger *l,
	struct jit_error *err)
{
	const struct jit_event *request = &p->events[0].ev;
	struct walk w = {.past = p,
		.s = s,
		.by = request->by,
		.seq = s->seq + 1,
		.at = s->at,
		.window = find_window(s, request)};
	size_t i;
	int rc = 0;

	if (request->extends)
		memcpy(w.parent, request->extends, JIT_ULID);
	if (w.window || w.parent[0])
		rc = go_back(&w, l, err);
	if (rc == 0)
		rc = put_parents(&w, s, &request->actions, err);
	for (i = w.debits_count; rc == 0 && i > 0; i--)
		if (w.debits[i - 1].mine)
			rc = put_debit(&w, s, &w.debits[i - 1], err);
	free(w.debits);
	free(w.ends);
	jit_past_free(&w.kept);
	return rc;
}

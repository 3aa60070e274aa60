/* SPDX-License-Identifier: ISC */
/* What outlives a grant: revocations, budgets, sessions, what is owed. */
#include <stdlib.h>
#include <string.h>

#include "state.h"

/* A place after the last of a list, zeroed; NULL: no memory. */
static void *
one_more(void **list, size_t *count, size_t *cap, size_t size)
{
	size_t more = *cap ? 2 * *cap : 16;
	void *grown;

	if (*count == *cap) {
		grown = realloc(*list, more * size);
		if (!grown)
			return NULL;
		*list = grown;
		*cap = more;
	}
	return memset((char *)*list + (*count)++ * size, 0, size);
}

/* How long a rule's budget remembers; 0: the rule or its budget is gone. */
static int64_t
memory_of(const struct jit_state *s, const char *rule)
{
	const struct jit_rule *r = s->policy.rules.at;
	size_t i;

	for (i = 0; i < s->policy.rules.count; i++)
		if (strcmp(r[i].id, rule) == 0)
			return r[i].budget ? r[i].budget->per : 0;
	return 0;
}

/* Something is over at 'second'. */
static void
expect(struct jit_state *s, int64_t second)
{
	if (second < s->next_over)
		s->next_over = second;
}

int
jit_state_revoke(struct jit_state *s, const struct jit_grant *g,
	struct jit_error *err)
{
	void *list = s->revoked;
	struct jit_revoked *r =
		one_more(&list, &s->revoked_count, &s->revoked_cap, sizeof(*r));

	if (!r)
		return jit_nomem(err);
	s->revoked = list;
	memcpy(r->id, g->id, JIT_ULID);
	r->ca = g->ca;
	r->serial = g->serial;
	r->until = g->until + s->policy.limits.skew;
	expect(s, r->until);
	return 0;
}

static void
put_text(char *to, size_t size, const char *text)
{
	size_t len = strlen(text);

	memcpy(to, text, len < size ? len : size - 1);
}

int
jit_state_spend(struct jit_state *s, const struct jit_grant *g,
	struct jit_error *err)
{
	const struct jit_grant *longer =
		g->extends[0] ? jit_state_grant(s, g->extends) : NULL;
	void *list = s->spends;
	struct jit_spend *x =
		one_more(&list, &s->spends_count, &s->spends_cap, sizeof(*x));

	if (!x)
		return jit_nomem(err);
	s->spends = list;
	memcpy(x->id, g->id, JIT_ULID);
	put_text(x->rule, sizeof(x->rule), g->rule);
	put_text(x->by, sizeof(x->by), g->by);
	x->at = g->from;
	x->seconds = g->until - (longer ? longer->until : g->from);
	expect(s, x->at + memory_of(s, x->rule));
	return 0;
}

void
jit_state_spent(struct jit_state *s, const char *id, int64_t at)
{
	size_t i;

	for (i = 0; i < s->spends_count; i++)
		if (strcmp(s->spends[i].id, id) == 0 &&
			at - s->spends[i].at < s->spends[i].seconds)
			s->spends[i].seconds = at - s->spends[i].at;
}

int
jit_state_owe(struct jit_state *s, const struct jit_grant *g,
	const struct jit_review *review, struct jit_error *err)
{
	void *list = s->debts;
	struct jit_debt *d =
		one_more(&list, &s->debts_count, &s->debts_cap, sizeof(*d));

	if (!d)
		return jit_nomem(err);
	s->debts = list;
	memcpy(d->id, g->id, JIT_ULID);
	put_text(d->group, sizeof(d->group), review->group);
	put_text(d->by, sizeof(d->by), g->by);
	d->asked = g->at;
	d->at = g->from;
	d->drill = strcmp(g->task, "drill") == 0;
	d->due = g->from + review->within;
	return 0;
}

struct jit_debt *
jit_state_debt(const struct jit_state *s, const char *id)
{
	size_t i;

	for (i = 0; i < s->debts_count; i++)
		if (strcmp(s->debts[i].id, id) == 0)
			return &s->debts[i];
	return NULL;
}

void
jit_state_pay(struct jit_state *s, struct jit_debt *debt)
{
	size_t i = (size_t)(debt - s->debts);

	s->debts_count--;
	memmove(debt, debt + 1, (s->debts_count - i) * sizeof(*debt));
}

int
jit_state_open(struct jit_state *s, const struct jit_session *x,
	struct jit_error *err)
{
	void *list = s->sessions;
	struct jit_session *more = one_more(&list, &s->sessions_count,
		&s->sessions_cap, sizeof(*more));

	if (!more)
		return jit_nomem(err);
	s->sessions = list;
	*more = *x;
	return 0;
}

struct jit_session *
jit_state_session(const struct jit_state *s, const char *session)
{
	size_t i;

	for (i = 0; i < s->sessions_count; i++)
		if (strcmp(s->sessions[i].session, session) == 0)
			return &s->sessions[i];
	return NULL;
}

void
jit_state_close(struct jit_state *s, struct jit_session *x)
{
	size_t i = (size_t)(x - s->sessions);

	s->sessions_count--;
	memmove(x, x + 1, (s->sessions_count - i) * sizeof(*x));
}

void
jit_state_extend(struct jit_state *s, const char *id, const char *extension)
{
	size_t i;

	for (i = 0; i < s->sessions_count; i++)
		if (strcmp(s->sessions[i].live, id) == 0)
			memcpy(s->sessions[i].live, extension, JIT_ULID);
}

static struct jit_counter *
counter_of(const struct jit_state *s, const char *by)
{
	size_t i;

	for (i = 0; i < s->counters_count; i++)
		if (strcmp(s->counters[i].by, by) == 0)
			return &s->counters[i];
	return NULL;
}

int64_t
jit_state_counted(const struct jit_state *s, const char *by)
{
	const struct jit_counter *c = counter_of(s, by);

	return c ? c->n : 0;
}

int
jit_state_count(struct jit_state *s, const char *by, struct jit_error *err)
{
	struct jit_counter *c = counter_of(s, by);
	void *list = s->counters;

	if (!c)
		c = one_more(&list, &s->counters_count, &s->counters_cap,
			sizeof(*c));
	if (!c)
		return jit_nomem(err);
	s->counters = list;
	put_text(c->by, sizeof(c->by), by);
	c->n++;
	return 0;
}

void
jit_state_beat(struct jit_state *s, const char *by, int64_t at, int64_t owed)
{
	struct jit_counter *c = counter_of(s, by);

	if (!c)
		return;
	c->beat = at;
	c->owed = owed;
}

/* The place of the first proof whose id is not before 'id'. */
static size_t
place(const struct jit_state *s, const char *id)
{
	size_t lo = 0, hi = s->unproven_count, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(s->unproven[mid].id, id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Its texts in one block: many may be owed, and most texts are short. */
static bool
keep_texts(struct jit_unproven *u)
{
	size_t resource = strlen(u->resource) + 1;
	size_t role = strlen(u->role) + 1;
	size_t holder = strlen(u->holder) + 1;
	char *block = malloc(resource + role + holder);

	if (!block)
		return false;
	memcpy(block, u->resource, resource);
	memcpy(block + resource, u->role, role);
	memcpy(block + resource + role, u->holder, holder);
	u->resource = block;
	u->role = block + resource;
	u->holder = block + resource + role;
	return true;
}

int
jit_state_unprove(struct jit_state *s, const struct jit_unproven *u,
	struct jit_error *err)
{
	struct jit_unproven copy = *u;
	void *list = s->unproven;
	size_t at;

	if (!one_more(&list, &s->unproven_count, &s->unproven_cap, sizeof(*u)))
		return jit_nomem(err);
	s->unproven = list;
	s->unproven_count--;
	if (!keep_texts(&copy))
		return jit_nomem(err);
	at = place(s, u->id);
	memmove(&s->unproven[at + 1], &s->unproven[at],
		(s->unproven_count - at) * sizeof(*u));
	s->unproven[at] = copy;
	s->unproven_count++;
	return 0;
}

struct jit_unproven *
jit_state_unproven(const struct jit_state *s, const char *id)
{
	size_t at = place(s, id);

	if (at < s->unproven_count && strcmp(s->unproven[at].id, id) == 0)
		return &s->unproven[at];
	return NULL;
}

void
jit_state_prove(struct jit_state *s, struct jit_unproven *u)
{
	size_t i = (size_t)(u - s->unproven);

	free((void *)(uintptr_t)u->resource); /* and the texts after it */
	s->unproven_count--;
	memmove(u, u + 1, (s->unproven_count - i) * sizeof(*u));
}

/* Each event asks; there is something to find only now and then. */
static void
look_through(struct jit_state *s, int64_t at)
{
	size_t i, kept = 0;
	int64_t over;

	s->next_over = INT64_MAX;
	for (i = 0; i < s->revoked_count; i++) {
		if (s->revoked[i].until <= at)
			continue;
		expect(s, s->revoked[i].until);
		s->revoked[kept++] = s->revoked[i];
	}
	s->revoked_count = kept;
	for (i = 0, kept = 0; i < s->spends_count; i++) {
		over = s->spends[i].at + memory_of(s, s->spends[i].rule);
		if (over <= at)
			continue;
		expect(s, over);
		s->spends[kept++] = s->spends[i];
	}
	s->spends_count = kept;
}

void
jit_state_forget(struct jit_state *s, int64_t at)
{
	if (at >= s->next_over)
		look_through(s, at);
	jit_state_forget_late(s, at);
}

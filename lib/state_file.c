/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "state_form.h"

#define F_TEXT(st, f)                                                          \
	{                                                                      \
		JIT_FORM_TEXT, offsetof(struct st, f), 0                       \
	}
#define F_CHARS(st, f)                                                         \
	{                                                                      \
		JIT_FORM_CHARS, offsetof(struct st, f),                        \
			sizeof(((struct st *)0)->f)                            \
	}
#define F_NUMBER(st, f)                                                        \
	{                                                                      \
		JIT_FORM_NUMBER, offsetof(struct st, f), 0                     \
	}
#define F_KIND(st, f)                                                          \
	{                                                                      \
		JIT_FORM_KIND, offsetof(struct st, f), 0                       \
	}
#define F_KEY(st, f)                                                           \
	{                                                                      \
		JIT_FORM_KEY, offsetof(struct st, f), 0                        \
	}
#define F_LISTS(st, f)                                                         \
	{                                                                      \
		JIT_FORM_LISTS, offsetof(struct st, f), 0                      \
	}
#define F_RAW(st, f)                                                           \
	{                                                                      \
		JIT_FORM_RAW, offsetof(struct st, f),                          \
			sizeof(((struct st *)0)->f)                            \
	}
#define F_LAST                                                                 \
	{                                                                      \
		JIT_FORM_LAST, 0, 0                                            \
	}

static const struct jit_field state_fields[] = {F_CHARS(jit_state, genesis),
	F_TEXT(jit_state, name), F_NUMBER(jit_state, seq),
	F_CHARS(jit_state, tip), F_RAW(jit_state, oid), F_NUMBER(jit_state, at),
	F_NUMBER(jit_state, policy_version), F_NUMBER(jit_state, policy_since),
	F_NUMBER(jit_state, policy_seq), F_NUMBER(jit_state, horizon), F_LAST};

static const struct jit_field enrolment_fields[] = {
	F_TEXT(jit_enrolment, principal), F_KIND(jit_enrolment, class),
	F_KEY(jit_enrolment, key), F_CHARS(jit_enrolment, fingerprint),
	F_NUMBER(jit_enrolment, seq), F_NUMBER(jit_enrolment, until),
	F_TEXT(jit_enrolment, sponsor), F_NUMBER(jit_enrolment, hardware),
	F_NUMBER(jit_enrolment, retired), F_TEXT(jit_enrolment, attest),
	F_LAST};

static const struct jit_field vote_fields[] = {F_RAW(jit_vote, sha256),
	F_TEXT(jit_vote, by), F_TEXT(jit_vote, as), F_NUMBER(jit_vote, at),
	F_NUMBER(jit_vote, duration), F_LISTS(jit_vote, actions),
	F_RAW(jit_vote, sk), F_CHARS(jit_vote, key), F_LAST};

static const struct jit_field grant_fields[] = {F_CHARS(jit_grant, id),
	F_KIND(jit_grant, stage), F_RAW(jit_grant, request),
	F_NUMBER(jit_grant, at), F_TEXT(jit_grant, by),
	F_TEXT(jit_grant, resource), F_TEXT(jit_grant, role),
	F_TEXT(jit_grant, task), F_TEXT(jit_grant, reason),
	F_TEXT(jit_grant, source), F_TEXT(jit_grant, offer),
	F_NUMBER(jit_grant, duration), F_NUMBER(jit_grant, issued),
	F_TEXT(jit_grant, issuer), F_TEXT(jit_grant, rule),
	F_NUMBER(jit_grant, from), F_NUMBER(jit_grant, until),
	F_NUMBER(jit_grant, serial), F_CHARS(jit_grant, cert),
	F_KEY(jit_grant, ca), F_TEXT(jit_grant, change),
	F_NUMBER(jit_grant, glass), F_CHARS(jit_grant, extends),
	F_NUMBER(jit_grant, total), F_CHARS(jit_grant, key),
	F_CHARS(jit_grant, issuer_key), F_LISTS(jit_grant, actions),
	F_NUMBER(jit_grant, control), F_NUMBER(jit_grant, late), F_LAST};

static const struct jit_field revoked_fields[] = {F_CHARS(jit_revoked, id),
	F_KEY(jit_revoked, ca), F_NUMBER(jit_revoked, serial),
	F_NUMBER(jit_revoked, until), F_LAST};

static const struct jit_field spend_fields[] = {F_CHARS(jit_spend, id),
	F_CHARS(jit_spend, rule), F_CHARS(jit_spend, by),
	F_NUMBER(jit_spend, at), F_NUMBER(jit_spend, seconds), F_LAST};

static const struct jit_field debt_fields[] = {F_CHARS(jit_debt, id),
	F_CHARS(jit_debt, group), F_CHARS(jit_debt, by),
	F_NUMBER(jit_debt, asked), F_NUMBER(jit_debt, at),
	F_NUMBER(jit_debt, drill), F_NUMBER(jit_debt, due), F_LAST};

static const struct jit_field session_fields[] = {F_CHARS(jit_session, session),
	F_CHARS(jit_session, id), F_CHARS(jit_session, live),
	F_CHARS(jit_session, by), F_CHARS(jit_session, resource),
	F_CHARS(jit_session, holder), F_CHARS(jit_session, host),
	F_NUMBER(jit_session, at), F_NUMBER(jit_session, due), F_LAST};

static const struct jit_field counter_fields[] = {F_CHARS(jit_counter, by),
	F_NUMBER(jit_counter, n), F_NUMBER(jit_counter, beat),
	F_NUMBER(jit_counter, owed), F_LAST};

static const struct jit_field unproven_fields[] = {F_CHARS(jit_unproven, id),
	F_TEXT(jit_unproven, resource), F_TEXT(jit_unproven, role),
	F_TEXT(jit_unproven, holder), F_NUMBER(jit_unproven, due),
	F_NUMBER(jit_unproven, ended), F_NUMBER(jit_unproven, control),
	F_NUMBER(jit_unproven, glass), F_LAST};

static const struct jit_field former_fields[] = {F_TEXT(jit_former, json),
	F_NUMBER(jit_former, version), F_NUMBER(jit_former, seq),
	F_NUMBER(jit_former, since), F_NUMBER(jit_former, replaced), F_LAST};

static const struct jit_field delivered_fields[] = {
	F_RAW(jit_delivered, sha256), F_NUMBER(jit_delivered, left), F_LAST};

static const struct jit_field stone_fields[] = {F_NUMBER(jit_stone, seq),
	F_RAW(jit_stone, oid), F_LAST};

/*
 * The lists of structs in a state: where the list, its count and room are in
 * it, and how a struct is written. None is smaller than 'least' bytes.
 */
struct list {
	size_t at, count, cap, size, least;
	const struct jit_field *fields;
};

#define LIST(what, least, fields)                                              \
	{                                                                      \
		offsetof(struct jit_state, what),                              \
			offsetof(struct jit_state, what##_count),              \
			offsetof(struct jit_state, what##_cap),                \
			sizeof(*((struct jit_state *)0)->what), least, fields  \
	}

#define ID_LEAST 27  /* bytes of a struct that begins with an id */
#define BY_LEAST 4   /* and of a counter */
#define KEY_LEAST 33 /* and of one with a key */

static const struct list lists[] = {LIST(revoked, ID_LEAST, revoked_fields),
	LIST(spends, ID_LEAST, spend_fields),
	LIST(debts, ID_LEAST, debt_fields),
	LIST(sessions, ID_LEAST, session_fields),
	LIST(counters, BY_LEAST, counter_fields),
	LIST(formers, 8, former_fields),
	LIST(delivered, JIT_SHA256, delivered_fields),
	LIST(stones, JIT_OID, stone_fields)};

#define LISTS (sizeof(lists) / sizeof(lists[0]))

static void
save_list(struct jit_buf *out, const struct jit_state *s, const struct list *l)
{
	const char *from = (const char *)s, *at;
	size_t i, count;

	memcpy(&at, from + l->at, sizeof(at));
	memcpy(&count, from + l->count, sizeof(count));
	jit_form_number(out, count);
	for (i = 0; i < count; i++)
		jit_form_save(out, l->fields, at + i * l->size);
}

static void
save_grant(struct jit_buf *out, const struct jit_grant *g)
{
	const struct jit_vote *v;
	uint32_t n = 0;

	jit_form_save(out, grant_fields, g);
	for (v = g->votes; v; v = v->next)
		n++;
	jit_form_number(out, n);
	for (v = g->votes; v; v = v->next)
		jit_form_save(out, vote_fields, v);
}

void
jit_state_save(struct jit_buf *out, const struct jit_state *s)
{
	struct jit_buf policy = {0};
	size_t i;

	jit_form_save(out, state_fields, s);
	jit_json_encode(&policy, s->policy.json, 0);
	if (policy.failed)
		out->failed = true;
	jit_buf_string(out, policy.data, policy.len);
	jit_buf_free(&policy);
	jit_form_number(out, s->people_count);
	for (i = 0; i < s->people_count; i++)
		jit_form_save(out, enrolment_fields, &s->people[i]);
	jit_form_number(out, s->recent_count);
	for (i = 0; i < s->recent_count; i++)
		jit_buf_put(out, s->recent[i], JIT_ULID);
	for (i = 0; i < LISTS; i++)
		save_list(out, s, &lists[i]);
	jit_form_number(out, s->unproven_count);
	for (i = 0; i < s->unproven_count; i++)
		jit_form_save(out, unproven_fields, &s->unproven[i]);
	jit_form_number(out, s->grants_count);
	for (i = 0; i < s->grants_count; i++)
		save_grant(out, s->grants[i]);
}

/* jansson drops bytes of a text, and says nothing, when it has no memory. */
static bool
is_whole(const struct jit_json *json, const unsigned char *text, size_t len)
{
	struct jit_buf again = {0};
	bool same;

	jit_json_encode(&again, json, 0);
	same = !again.failed && again.len == len &&
		memcmp(again.data, text, len) == 0;
	jit_buf_free(&again);
	return same;
}

static int
load_policy(struct jit_state *s, struct jit_cursor *c, struct jit_error *err)
{
	struct jit_json *json = NULL;
	const unsigned char *text;
	size_t len = 0;
	int rc;

	text = jit_cursor_string(c, &len);
	rc = jit_json_decode(&json, text, len, JIT_JSON_POLICY, err);
	if (rc == 0 && !is_whole(json, text, len))
		rc = jit_nomem(err);
	if (rc == 0)
		rc = jit_policy_read(&s->policy, json, err);
	if (rc == 0)
		rc = jit_policy_date(&s->policy, s->policy_since, err);
	jit_json_free(json);
	return rc;
}

/* Memory for one more than there are, which jit_state_free frees. */
static void
load_list(struct jit_state *s, const struct list *l, struct jit_cursor *c)
{
	size_t i, n = jit_form_count(c, l->least), cap = n + 1;
	char *to = (char *)s, *list = calloc(cap, l->size);

	if (!list)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++)
		jit_form_load(list + i * l->size, NULL, l->fields, c);
	if (c->bad)
		n = 0;
	memcpy(to + l->at, &list, sizeof(list));
	memcpy(to + l->count, &n, sizeof(n));
	memcpy(to + l->cap, &cap, sizeof(cap));
}

static void
load_people(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = jit_form_count(c, KEY_LEAST);
	struct jit_enrolment *e;

	s->people = jit_arena_get(&s->mem, n * sizeof(*s->people) + 1);
	if (!s->people)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		e = &s->people[i];
		jit_form_load(e, &s->mem, enrolment_fields, c);
		if (!e->principal || e->class >= JIT_CLASSES)
			c->bad = true;
	}
	s->people_count = c->bad ? 0 : n;
}

static void
load_recent(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = jit_form_count(c, JIT_ULID);
	const unsigned char *id;

	s->recent = calloc(n + 1, JIT_ULID);
	if (!s->recent)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		id = jit_cursor_take(c, JIT_ULID);
		if (id)
			memcpy(s->recent[i], id, JIT_ULID - 1);
	}
	s->recent_count = c->bad ? 0 : n;
	s->recent_cap = n + 1;
}

/*
 * Their texts are their own; what is in them is asked when one is needed.
 * Each has its own or none: jit_state_free frees what is there.
 */
static void
keep_formers(struct jit_state *s, struct jit_cursor *c)
{
	struct jit_former *f = s->formers;
	size_t i;

	for (i = 0; i < s->formers_count; i++, f++) {
		f->json = f->json ? strdup(f->json) : NULL;
		if (!f->json)
			c->bad = true;
	}
}

static void
load_lists(struct jit_state *s, struct jit_cursor *c)
{
	size_t i;

	for (i = 0; i < LISTS; i++)
		load_list(s, &lists[i], c);
	for (i = 0; i < s->revoked_count; i++)
		if (s->revoked[i].serial < 1)
			c->bad = true;
	keep_formers(s, c);
}

/* They are saved in the order of their ids: none is twice. */
static bool
unproven_whole(const struct jit_state *s, const struct jit_unproven *u)
{
	size_t n = s->unproven_count;

	return u->resource && u->role && u->holder &&
		(n == 0 || strcmp(s->unproven[n - 1].id, u->id) < 0);
}

static void
load_unproven(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = jit_form_count(c, ID_LEAST);
	struct jit_unproven u;

	for (i = 0; i < n && !c->bad; i++) {
		memset(&u, 0, sizeof(u));
		jit_form_load(&u, NULL, unproven_fields, c);
		if (c->bad || !unproven_whole(s, &u) ||
			jit_state_unprove(s, &u, NULL))
			c->bad = true;
	}
}

static void
load_votes(struct jit_grant *g, struct jit_arena *mem, struct jit_cursor *c)
{
	size_t i, n = jit_form_count(c, JIT_SHA256);
	struct jit_vote **tail = &g->votes;

	for (i = 0; i < n && !c->bad; i++) {
		*tail = jit_arena_get(mem, sizeof(**tail));
		if (!*tail) {
			c->bad = true;
			return;
		}
		jit_form_load(*tail, mem, vote_fields, c);
		if (!(*tail)->by || !(*tail)->as)
			c->bad = true;
		tail = &(*tail)->next;
	}
}

/* What every other room takes for granted of a grant. */
static bool
grant_whole(const struct jit_grant *g)
{
	if (!jit_ulid_valid(g->id) || !g->by || !g->resource || !g->role ||
		!g->task || !g->reason || !g->source)
		return false;
	if (g->stage == JIT_WAITING)
		return true;
	return g->stage == JIT_ACTIVE && g->issuer && g->rule;
}

/* Whether it comes after all others, as they are saved: no id is twice. */
static bool
in_order(const struct jit_state *s, const struct jit_grant *g)
{
	size_t n = s->grants_count;

	return n == 0 || strcmp(s->grants[n - 1]->id, g->id) < 0;
}

/* In one block, with all that they need in the state's own memory. */
static void
load_grants(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = jit_form_count(c, ID_LEAST);
	struct jit_grant *g;

	s->block = calloc(n + 1, sizeof(*s->block));
	if (!s->block)
		c->bad = true;
	else
		jit_arena_ready(s->block, n * sizeof(*s->block));
	for (i = 0; i < n && !c->bad; i++) {
		g = &s->block[i];
		g->in_block = true;
		jit_form_load(g, &s->mem, grant_fields, c);
		load_votes(g, &s->mem, c);
		if (c->bad || !grant_whole(g) || !in_order(s, g) ||
			jit_state_add(s, g, NULL))
			c->bad = true;
	}
}

int
jit_state_load(struct jit_state **out, const unsigned char *bytes, size_t len,
	struct jit_error *err)
{
	unsigned char *copy = malloc(len + 1);

	if (!copy)
		return jit_nomem(err);
	if (len > 0)
		memcpy(copy, bytes, len);
	return jit_state_take(out, copy, 0, len, err);
}

int
jit_state_take(struct jit_state **out, unsigned char *saved, size_t at,
	size_t len, struct jit_error *err)
{
	struct jit_cursor c = jit_cursor_over(saved + at, len);
	struct jit_state *s = NULL;
	int rc;

	rc = jit_state_new(&s, err);
	if (rc) {
		free(saved);
		return rc;
	}
	s->saved = saved; /* transferred */
	jit_form_load(s, &s->mem, state_fields, &c);
	rc = load_policy(s, &c, err);
	if (rc == 0) {
		load_people(s, &c);
		load_recent(s, &c);
		load_lists(s, &c);
		load_unproven(s, &c);
		load_grants(s, &c);
		if (!jit_cursor_done(&c) || !s->name)
			rc = -1;
	}
	if (rc) {
		jit_state_free(s);
		return jit_fail(err, JIT_TROUBLE, "the state is damaged");
	}
	*out = s;
	return 0;
}

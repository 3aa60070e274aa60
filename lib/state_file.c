/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "state.h"

/*
 * The file form: SSH's wire format, each struct by its table, so that what
 * is saved and what is loaded cannot drift apart.
 */
enum kind {
	TEXT,   /* const char *, "" stands for NULL */
	NUMBER, /* int64_t, 0 to JIT_JSON_INT */
	RAW,    /* 'size' bytes in the struct */
	LISTS,  /* struct jit_lists */
	LAST
};

struct field {
	enum kind kind;
	size_t offset;
	size_t size;
};

#define F_TEXT(st, f)                                                          \
	{                                                                      \
		TEXT, offsetof(struct st, f), 0                                \
	}
#define F_NUMBER(st, f)                                                        \
	{                                                                      \
		NUMBER, offsetof(struct st, f), 0                              \
	}
#define F_LISTS(st, f)                                                         \
	{                                                                      \
		LISTS, offsetof(struct st, f), 0                               \
	}
#define F_RAW(st, f)                                                           \
	{                                                                      \
		RAW, offsetof(struct st, f), sizeof(((struct st *)0)->f)       \
	}
#define F_LAST                                                                 \
	{                                                                      \
		LAST, 0, 0                                                     \
	}

static const struct field state_fields[] = {F_RAW(jit_state, genesis),
	F_TEXT(jit_state, name), F_NUMBER(jit_state, seq),
	F_RAW(jit_state, tip), F_RAW(jit_state, oid), F_NUMBER(jit_state, at),
	F_NUMBER(jit_state, policy_version), F_NUMBER(jit_state, policy_since),
	F_NUMBER(jit_state, policy_seq), F_NUMBER(jit_state, horizon), F_LAST};

static const struct field enrolment_fields[] = {
	F_TEXT(jit_enrolment, principal), F_RAW(jit_enrolment, class),
	F_RAW(jit_enrolment, key), F_RAW(jit_enrolment, fingerprint),
	F_NUMBER(jit_enrolment, seq), F_NUMBER(jit_enrolment, until),
	F_TEXT(jit_enrolment, sponsor), F_NUMBER(jit_enrolment, hardware),
	F_NUMBER(jit_enrolment, retired), F_TEXT(jit_enrolment, attest),
	F_LAST};

static const struct field vote_fields[] = {F_RAW(jit_vote, sha256),
	F_TEXT(jit_vote, by), F_TEXT(jit_vote, as), F_NUMBER(jit_vote, at),
	F_NUMBER(jit_vote, duration), F_LISTS(jit_vote, actions),
	F_RAW(jit_vote, sk), F_RAW(jit_vote, key), F_LAST};

static const struct field grant_fields[] = {F_RAW(jit_grant, id),
	F_RAW(jit_grant, stage), F_RAW(jit_grant, request),
	F_NUMBER(jit_grant, at), F_TEXT(jit_grant, by),
	F_TEXT(jit_grant, resource), F_TEXT(jit_grant, role),
	F_TEXT(jit_grant, task), F_TEXT(jit_grant, reason),
	F_TEXT(jit_grant, source), F_TEXT(jit_grant, offer),
	F_NUMBER(jit_grant, duration), F_NUMBER(jit_grant, issued),
	F_TEXT(jit_grant, issuer), F_TEXT(jit_grant, rule),
	F_NUMBER(jit_grant, from), F_NUMBER(jit_grant, until),
	F_NUMBER(jit_grant, serial), F_RAW(jit_grant, cert),
	F_RAW(jit_grant, ca), F_TEXT(jit_grant, change),
	F_NUMBER(jit_grant, glass), F_RAW(jit_grant, extends),
	F_NUMBER(jit_grant, total), F_RAW(jit_grant, key),
	F_RAW(jit_grant, issuer_key), F_LISTS(jit_grant, actions),
	F_NUMBER(jit_grant, control), F_NUMBER(jit_grant, late), F_LAST};

static const struct field revoked_fields[] = {F_RAW(jit_revoked, id),
	F_RAW(jit_revoked, ca), F_NUMBER(jit_revoked, serial),
	F_NUMBER(jit_revoked, until), F_LAST};

static const struct field spend_fields[] = {F_RAW(jit_spend, id),
	F_RAW(jit_spend, rule), F_RAW(jit_spend, by), F_NUMBER(jit_spend, at),
	F_NUMBER(jit_spend, seconds), F_LAST};

static const struct field debt_fields[] = {F_RAW(jit_debt, id),
	F_RAW(jit_debt, group), F_RAW(jit_debt, by), F_NUMBER(jit_debt, asked),
	F_NUMBER(jit_debt, at), F_NUMBER(jit_debt, drill),
	F_NUMBER(jit_debt, due), F_LAST};

static const struct field session_fields[] = {F_RAW(jit_session, session),
	F_RAW(jit_session, id), F_RAW(jit_session, live),
	F_RAW(jit_session, by), F_RAW(jit_session, resource),
	F_RAW(jit_session, holder), F_RAW(jit_session, host),
	F_NUMBER(jit_session, at), F_NUMBER(jit_session, due), F_LAST};

static const struct field counter_fields[] = {F_RAW(jit_counter, by),
	F_NUMBER(jit_counter, n), F_NUMBER(jit_counter, beat),
	F_NUMBER(jit_counter, owed), F_LAST};

static const struct field unproven_fields[] = {F_RAW(jit_unproven, id),
	F_TEXT(jit_unproven, resource), F_TEXT(jit_unproven, role),
	F_TEXT(jit_unproven, holder), F_NUMBER(jit_unproven, due),
	F_NUMBER(jit_unproven, ended), F_NUMBER(jit_unproven, control),
	F_NUMBER(jit_unproven, glass), F_LAST};

static const struct field former_fields[] = {F_TEXT(jit_former, json),
	F_NUMBER(jit_former, version), F_NUMBER(jit_former, seq),
	F_NUMBER(jit_former, since), F_NUMBER(jit_former, replaced), F_LAST};

static const struct field delivered_fields[] = {F_RAW(jit_delivered, sha256),
	F_NUMBER(jit_delivered, left), F_LAST};

static void
save_lists(struct jit_buf *out, const struct jit_lists *lists)
{
	size_t i, j;

	jit_buf_u32(out, (uint32_t)lists->count);
	for (i = 0; i < lists->count; i++) {
		jit_buf_u32(out, (uint32_t)lists->at[i].count);
		for (j = 0; j < lists->at[i].count; j++)
			jit_buf_cstring(out, lists->at[i].at[j]);
	}
}

static void
save(struct jit_buf *out, const struct field *f, const void *from)
{
	const char *p;

	for (; f->kind != LAST; f++) {
		p = (const char *)from + f->offset;
		if (f->kind == TEXT) {
			const char *s = *(const char *const *)p;

			jit_buf_cstring(out, s ? s : "");
		} else if (f->kind == LISTS) {
			save_lists(out, (const struct jit_lists *)p);
		} else if (f->kind == NUMBER) {
			jit_buf_u64(out, (uint64_t) * (const int64_t *)p);
		} else {
			jit_buf_put(out, p, f->size);
		}
	}
}

static void
load_text(const char **to, struct jit_arena *mem, struct jit_cursor *c)
{
	size_t len = 0;
	const unsigned char *s = jit_cursor_string(c, &len);

	if (c->bad || len == 0)
		return;
	*to = jit_arena_dup(mem, (const char *)s, len);
	if (!*to)
		c->bad = true;
}

static void
load_number(int64_t *to, struct jit_cursor *c)
{
	uint64_t n = jit_cursor_u64(c);

	if (n > JIT_JSON_INT)
		c->bad = true;
	else
		*to = (int64_t)n;
}

/* How many elements follow; none can be smaller than 'least' bytes. */
static size_t
load_count(struct jit_cursor *c, size_t least)
{
	size_t n = jit_cursor_u32(c);

	if (n > c->left / least)
		c->bad = true;
	return c->bad ? 0 : n;
}

static void
load_texts(struct jit_texts *to, struct jit_arena *mem, struct jit_cursor *c)
{
	size_t i, n = load_count(c, 4);

	to->at = jit_arena_get(mem, n * sizeof(*to->at) + 1);
	if (!to->at)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		load_text(&to->at[i], mem, c);
		if (!to->at[i])
			c->bad = true;
	}
	to->count = c->bad ? 0 : n;
}

/* Others count on it that they are no more than an event can have. */
static void
load_lists(struct jit_lists *to, struct jit_arena *mem, struct jit_cursor *c)
{
	size_t i, n = load_count(c, 4);

	if (n == 0)
		return;
	to->at = n > JIT_ACTIONS_MAX ? NULL
				     : jit_arena_get(mem, n * sizeof(*to->at));
	if (!to->at)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++)
		load_texts(&to->at[i], mem, c);
	to->count = c->bad ? 0 : n;
}

static void
load(void *to, struct jit_arena *mem, const struct field *f,
	struct jit_cursor *c)
{
	const unsigned char *raw;
	char *p;

	for (; f->kind != LAST; f++) {
		p = (char *)to + f->offset;
		if (f->kind == TEXT) {
			load_text((const char **)p, mem, c);
		} else if (f->kind == LISTS) {
			load_lists((struct jit_lists *)p, mem, c);
		} else if (f->kind == NUMBER) {
			load_number((int64_t *)p, c);
		} else {
			raw = jit_cursor_take(c, f->size);
			if (raw)
				memcpy(p, raw, f->size);
		}
	}
}

static void
save_grant(struct jit_buf *out, const struct jit_grant *g)
{
	const struct jit_vote *v;
	uint32_t n = 0;

	save(out, grant_fields, g);
	for (v = g->votes; v; v = v->next)
		n++;
	jit_buf_u32(out, n);
	for (v = g->votes; v; v = v->next)
		save(out, vote_fields, v);
}

void
jit_state_save(struct jit_buf *out, const struct jit_state *s)
{
	struct jit_buf policy = {0};
	size_t i;

	save(out, state_fields, s);
	jit_json_encode(&policy, s->policy.json, 0);
	if (policy.failed)
		out->failed = true;
	jit_buf_string(out, policy.data, policy.len);
	jit_buf_free(&policy);
	jit_buf_u32(out, (uint32_t)s->people_count);
	for (i = 0; i < s->people_count; i++)
		save(out, enrolment_fields, &s->people[i]);
	jit_buf_u32(out, (uint32_t)s->recent_count);
	for (i = 0; i < s->recent_count; i++)
		jit_buf_put(out, s->recent[i], JIT_ULID);
	jit_buf_u32(out, (uint32_t)s->revoked_count);
	for (i = 0; i < s->revoked_count; i++)
		save(out, revoked_fields, &s->revoked[i]);
	jit_buf_u32(out, (uint32_t)s->spends_count);
	for (i = 0; i < s->spends_count; i++)
		save(out, spend_fields, &s->spends[i]);
	jit_buf_u32(out, (uint32_t)s->debts_count);
	for (i = 0; i < s->debts_count; i++)
		save(out, debt_fields, &s->debts[i]);
	jit_buf_u32(out, (uint32_t)s->sessions_count);
	for (i = 0; i < s->sessions_count; i++)
		save(out, session_fields, &s->sessions[i]);
	jit_buf_u32(out, (uint32_t)s->counters_count);
	for (i = 0; i < s->counters_count; i++)
		save(out, counter_fields, &s->counters[i]);
	jit_buf_u32(out, (uint32_t)s->unproven_count);
	for (i = 0; i < s->unproven_count; i++)
		save(out, unproven_fields, &s->unproven[i]);
	jit_buf_u32(out, (uint32_t)s->formers_count);
	for (i = 0; i < s->formers_count; i++)
		save(out, former_fields, &s->formers[i]);
	jit_buf_u32(out, (uint32_t)s->delivered_count);
	for (i = 0; i < s->delivered_count; i++)
		save(out, delivered_fields, &s->delivered[i]);
	jit_buf_u32(out, (uint32_t)s->grants_count);
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

static bool
pubkey_whole(const struct jit_pubkey *key)
{
	return key->type <= JIT_SK_ED25519 &&
		key->application[JIT_APPLICATION - 1] == '\0';
}

static bool
enrolment_whole(const struct jit_enrolment *e)
{
	return e->principal && e->class < JIT_CLASSES &&
		pubkey_whole(&e->key) &&
		e->fingerprint[JIT_FINGERPRINT - 1] == '\0';
}

static void
load_people(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = load_count(c, sizeof(struct jit_pubkey));

	s->people = jit_arena_get(&s->mem, n * sizeof(*s->people) + 1);
	if (!s->people)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		load(&s->people[i], &s->mem, enrolment_fields, c);
		if (!enrolment_whole(&s->people[i]))
			c->bad = true;
	}
	s->people_count = c->bad ? 0 : n;
}

static void
load_recent(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = load_count(c, JIT_ULID);
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

static void
load_revoked(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = load_count(c, sizeof(struct jit_pubkey));
	struct jit_revoked *r;

	s->revoked = calloc(n + 1, sizeof(*s->revoked));
	if (!s->revoked)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		r = &s->revoked[i];
		load(r, &s->mem, revoked_fields, c);
		r->id[JIT_ULID - 1] = '\0';
		if (!pubkey_whole(&r->ca) || r->serial < 1)
			c->bad = true;
	}
	s->revoked_count = c->bad ? 0 : n;
	s->revoked_cap = n + 1;
}

static void
load_spends(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = load_count(c, JIT_PRINCIPAL_MAX);
	struct jit_spend *x;

	s->spends = calloc(n + 1, sizeof(*s->spends));
	if (!s->spends)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		x = &s->spends[i];
		load(x, &s->mem, spend_fields, c);
		x->id[sizeof(x->id) - 1] = '\0';
		x->rule[sizeof(x->rule) - 1] = '\0';
		x->by[sizeof(x->by) - 1] = '\0';
	}
	s->spends_count = c->bad ? 0 : n;
	s->spends_cap = n + 1;
}

static void
load_debts(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = load_count(c, JIT_PRINCIPAL_MAX);
	struct jit_debt *d;

	s->debts = calloc(n + 1, sizeof(*s->debts));
	if (!s->debts)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		d = &s->debts[i];
		load(d, &s->mem, debt_fields, c);
		d->id[sizeof(d->id) - 1] = '\0';
		d->group[sizeof(d->group) - 1] = '\0';
		d->by[sizeof(d->by) - 1] = '\0';
	}
	s->debts_count = c->bad ? 0 : n;
	s->debts_cap = n + 1;
}

static void
load_sessions(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = load_count(c, JIT_PRINCIPAL_MAX);
	struct jit_session *x;

	s->sessions = calloc(n + 1, sizeof(*s->sessions));
	if (!s->sessions)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		x = &s->sessions[i];
		load(x, &s->mem, session_fields, c);
		x->session[sizeof(x->session) - 1] = '\0';
		x->id[sizeof(x->id) - 1] = '\0';
		x->live[sizeof(x->live) - 1] = '\0';
		x->by[sizeof(x->by) - 1] = '\0';
		x->resource[sizeof(x->resource) - 1] = '\0';
		x->holder[sizeof(x->holder) - 1] = '\0';
		x->host[sizeof(x->host) - 1] = '\0';
	}
	s->sessions_count = c->bad ? 0 : n;
	s->sessions_cap = n + 1;
}

static void
load_counters(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = load_count(c, JIT_PRINCIPAL_MAX);

	s->counters = calloc(n + 1, sizeof(*s->counters));
	if (!s->counters)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		load(&s->counters[i], &s->mem, counter_fields, c);
		s->counters[i].by[JIT_PRINCIPAL_MAX - 1] = '\0';
	}
	s->counters_count = c->bad ? 0 : n;
	s->counters_cap = n + 1;
}

/* They are saved in the order of their ids: none is twice. */
static bool
unproven_whole(const struct jit_state *s, const struct jit_unproven *u)
{
	size_t n = s->unproven_count;

	return u->id[JIT_ULID - 1] == '\0' && u->resource && u->role &&
		u->holder &&
		(n == 0 || strcmp(s->unproven[n - 1].id, u->id) < 0);
}

static void
load_unproven(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = load_count(c, JIT_ULID);
	struct jit_arena mem = {0};
	struct jit_unproven u;

	for (i = 0; i < n && !c->bad; i++) {
		memset(&u, 0, sizeof(u));
		load(&u, &mem, unproven_fields, c);
		if (c->bad || !unproven_whole(s, &u) ||
			jit_state_unprove(s, &u, NULL))
			c->bad = true;
	}
	jit_arena_free(&mem);
}

/* What is in their texts is asked when one is needed. */
static void
load_formers(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = load_count(c, 4 * sizeof(int64_t));
	struct jit_arena mem = {0};
	struct jit_former *f;

	s->formers = calloc(n + 1, sizeof(*s->formers));
	if (!s->formers)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++) {
		f = &s->formers[i];
		load(f, &mem, former_fields, c);
		f->json = f->json ? strdup(f->json) : NULL;
		s->formers_count = i + 1;
		if (!f->json)
			c->bad = true;
	}
	s->formers_cap = n + 1;
	jit_arena_free(&mem);
}

static void
load_delivered(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = load_count(c, JIT_SHA256);

	s->delivered = calloc(n + 1, sizeof(*s->delivered));
	if (!s->delivered)
		c->bad = true;
	for (i = 0; i < n && !c->bad; i++)
		load(&s->delivered[i], &s->mem, delivered_fields, c);
	s->delivered_count = c->bad ? 0 : n;
	s->delivered_cap = n + 1;
}

static void
load_votes(struct jit_grant *g, struct jit_cursor *c)
{
	size_t i, n = load_count(c, JIT_SHA256);
	struct jit_vote **tail = &g->votes;

	for (i = 0; i < n && !c->bad; i++) {
		*tail = jit_arena_get(&g->mem, sizeof(**tail));
		if (!*tail) {
			c->bad = true;
			return;
		}
		load(*tail, &g->mem, vote_fields, c);
		(*tail)->key[JIT_FINGERPRINT - 1] = '\0';
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
	return g->stage == JIT_ACTIVE && g->issuer && g->rule &&
		pubkey_whole(&g->ca);
}

/* Whether it comes after all others, as they are saved: no id is twice. */
static bool
in_order(const struct jit_state *s, const struct jit_grant *g)
{
	size_t n = s->grants_count;

	return n == 0 || strcmp(s->grants[n - 1]->id, g->id) < 0;
}

static void
load_grants(struct jit_state *s, struct jit_cursor *c)
{
	size_t i, n = load_count(c, sizeof(struct jit_vote));
	struct jit_grant *g;

	for (i = 0; i < n && !c->bad; i++) {
		g = jit_grant_new();
		if (!g) {
			c->bad = true;
			return;
		}
		load(g, &g->mem, grant_fields, c);
		g->id[JIT_ULID - 1] = '\0';
		g->cert[JIT_HEX256 - 1] = '\0';
		g->extends[JIT_ULID - 1] = '\0';
		g->key[JIT_FINGERPRINT - 1] = '\0';
		g->issuer_key[JIT_FINGERPRINT - 1] = '\0';
		load_votes(g, c);
		if (c->bad || !grant_whole(g) || !in_order(s, g) ||
			jit_state_add(s, g, NULL)) {
			c->bad = true;
			jit_grant_free(g);
		}
	}
}

int
jit_state_load(struct jit_state **out, const unsigned char *bytes, size_t len,
	struct jit_error *err)
{
	struct jit_cursor c = jit_cursor_over(bytes, len);
	struct jit_state *s = NULL;
	int rc;

	rc = jit_state_new(&s, err);
	if (rc)
		return rc;
	load(s, &s->mem, state_fields, &c);
	s->genesis[JIT_HEX256 - 1] = '\0';
	s->tip[JIT_HEX256 - 1] = '\0';
	rc = load_policy(s, &c, err);
	if (rc == 0) {
		load_people(s, &c);
		load_recent(s, &c);
		load_revoked(s, &c);
		load_spends(s, &c);
		load_debts(s, &c);
		load_sessions(s, &c);
		load_counters(s, &c);
		load_unproven(s, &c);
		load_formers(s, &c);
		load_delivered(s, &c);
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

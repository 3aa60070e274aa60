/* SPDX-License-Identifier: ISC */
/* Grants as people name them and as programs print them. */
#include "cli.h"

#include <string.h>
#include <unistd.h>

#include "when.h"
#include "words.h"

/* What is looked for in the history of grants that are open no more. */
struct search {
	char id[JIT_ULID]; /* whole, or how it begins */
	size_t len;
	struct jit_error *err;
};

/* Whether an id made at 'at' comes before all that begin with 'id'. */
static bool
older(int64_t at, const char *id, size_t len)
{
	unsigned char last[10];
	char made[JIT_ULID];

	memset(last, 0xff, sizeof(last));
	jit_ulid_make(made, at, last);
	return strncmp(made, id, len) < 0;
}

/* What may be said of a grant that is over already. */
static bool
comes_after(const struct jit_event *ev)
{
	return ev->type == JIT_USE || ev->type == JIT_PROBE ||
		ev->type == JIT_REVIEW;
}

static int
look(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	const struct search *s = arg;
	const struct jit_event *ev = jit_event_said(&c->event);
	char stamp[JIT_STAMP];

	(void)oid;
	(void)after;
	if (older(c->event.at, s->id, s->len))
		return 1;
	if (!ev->id || strncmp(ev->id, s->id, s->len) != 0 || comes_after(ev))
		return 0;
	jit_when_stamp(stamp, ev->at);
	return jit_fail(err, JIT_OVER, "grant %s is over: %s%s%s by %s at %s",
		ev->id,
		ev->type == JIT_DENY               ? "denied"
			: ev->type == JIT_WITHDRAW ? "withdrawn"
						   : "ended",
		ev->cause ? ", cause " : "", ev->cause ? ev->cause : "", ev->by,
		stamp);
}

int
cli_grant(struct jit_grant **out, struct cli *c, const char *id,
	struct jit_error *err)
{
	struct search s = {.err = err};
	int rc;

	if (!jit_ulid_prefix(s.id, id))
		return jit_fail(err, JIT_USAGE,
			"'%s' is no id: 26 characters, as jit-request "
			"prints it",
			id);
	s.len = strlen(s.id);
	if (s.len < JIT_ULID - 1 && !isatty(STDERR_FILENO))
		return jit_fail(err, JIT_USAGE,
			"'%s' is part of an id: without a terminal the whole "
			"id is wanted",
			id);
	rc = jit_state_find(out, jit_ledger_state(c->ledger), s.id, err);
	if (rc != JIT_NOGRANT)
		return rc;
	rc = jit_ledger_back(c->ledger, look, &s, err);
	if (rc)
		return rc;
	if (jit_ledger_cut_off(c->ledger))
		return jit_fail(err, JIT_TROUBLE,
			"no grant '%s' in this clone, which may be behind: %s",
			id, jit_ledger_cut_off(c->ledger)->text);
	return jit_fail(err, JIT_NOGRANT, "no grant '%s' in this ledger", id);
}

int
cli_actions(struct jit_lists *out, struct jit_arena *mem,
	const struct cli_list *lines, struct jit_error *err)
{
	struct jit_lists list = {.count = lines->count};
	size_t i;
	int rc = 0;

	list.at = jit_arena_get(mem, list.count * sizeof(*list.at) + 1);
	if (!list.at)
		return jit_nomem(err);
	for (i = 0; rc == 0 && i < list.count; i++)
		rc = jit_words_split(&list.at[i], mem, lines->at[i], err);
	if (rc)
		return jit_within(err, rc, "-a");
	*out = list;
	return 0;
}

/* "actions", where it has some. */
static bool
put_actions(struct jit_json *o, const struct jit_lists *actions)
{
	static const struct jit_member shape[] = {
		{.name = "actions", .kind = JIT_LISTS}, {.name = NULL}};

	return jit_shape_write(o, shape, actions, NULL) == 0;
}

static const char *
stage_of(const struct jit_grant *g, const struct jit_standing *st, bool ruled,
	int64_t now)
{
	if (g->stage == JIT_ACTIVE)
		return now < g->until ? "active" : "expired";
	if (!ruled)
		return "refused";
	if (now >= st->lapses)
		return "lapsed";
	return st->met ? "approved" : "pending";
}

static bool
put_votes(struct jit_json *o, const struct jit_state *s,
	const struct jit_grant *g, const struct jit_rule *rule, int64_t now)
{
	struct jit_json *list = jit_json_list(), *row;
	const struct jit_vote *v;
	char sha256[JIT_HEX256];
	bool good = list != NULL;

	for (v = g->votes; v && good; v = v->next) {
		jit_hex(sha256, v->sha256, JIT_SHA256);
		row = jit_json_object();
		good = jit_json_set_text(row, "by", v->by) &&
			jit_json_set_text(row, "as", v->as) &&
			jit_json_set_int(row, "at", v->at) &&
			jit_json_set_text(row, "sha256", sha256) &&
			jit_json_set_bool(row, "counts",
				rule &&
					jit_standing_counts(s, g, rule, v,
						now));
		if (good && v->duration)
			good = jit_json_set_int(row, "duration", v->duration);
		good = good && put_actions(row, &v->actions);
		good = jit_json_add(list, row) && good;
	}
	return jit_json_set(o, "votes", list) && good;
}

static bool
put_needs(struct jit_json *o, const struct jit_standing *st)
{
	struct jit_json *list = jit_json_list(), *row;
	bool good = list != NULL;
	size_t i;

	for (i = 0; i < st->tallies && good; i++) {
		row = jit_json_object();
		good = jit_json_set_text(row, "group", st->tally[i].group) &&
			jit_json_set_int(row, "need", st->tally[i].need) &&
			jit_json_set_int(row, "have", st->tally[i].have);
		good = jit_json_add(list, row) && good;
	}
	return jit_json_set(o, "needs", list) && good;
}

static bool
put_asked(struct jit_json *o, const struct jit_grant *g)
{
	char request[JIT_HEX256];

	jit_hex(request, g->request, JIT_SHA256);
	return jit_json_set_text(o, "id", g->id) &&
		jit_json_set_text(o, "by", g->by) &&
		jit_json_set_text(o, "resource", g->resource) &&
		jit_json_set_text(o, "role", g->role) &&
		jit_json_set_text(o, "task", g->task) &&
		jit_json_set_text(o, "reason", g->reason) &&
		jit_json_set_text(o, "source", g->source) &&
		jit_json_set_text(o, "request", request) &&
		jit_json_set_int(o, "at", g->at) &&
		jit_json_set_int(o, "duration", g->duration) &&
		put_actions(o, &g->actions) &&
		(!g->glass || jit_json_set_bool(o, "break_glass", true)) &&
		(!g->change || jit_json_set_bool(o, "change", true)) &&
		(!g->extends[0] || jit_json_set_text(o, "extends", g->extends));
}

/* How long broken glass took, from the request to the issue. */
static bool
put_haste(struct jit_json *o, const struct jit_grant *g)
{
	return jit_json_set_bool(o, "drill", strcmp(g->task, "drill") == 0) &&
		jit_json_set_int(o, "seconds", g->from - g->at);
}

static bool
put_window(struct jit_json *o, const struct jit_grant *g)
{
	return (!g->glass || put_haste(o, g)) &&
		jit_json_set_text(o, "rule", g->rule) &&
		jit_json_set_text(o, "issuer", g->issuer) &&
		jit_json_set_int(o, "from", g->from) &&
		jit_json_set_int(o, "until", g->until) &&
		(!g->serial || jit_json_set_int(o, "serial", g->serial));
}

static bool
put_wait(struct jit_json *o, const struct jit_standing *st)
{
	return jit_json_set_text(o, "rule", st->rule->id) &&
		jit_json_set_int(o, "lapses", st->lapses) &&
		jit_json_set_int(o, "would_last", st->duration) &&
		put_needs(o, st);
}

struct jit_json *
cli_grant_json(const struct jit_state *s, const struct jit_grant *g,
	int64_t now)
{
	struct jit_json *o = jit_json_object();
	struct jit_standing st = {0};
	bool ruled = jit_standing_of(&st, s, g, now, NULL) == 0, good;

	good = put_asked(o, g) &&
		jit_json_set_text(o, "stage", stage_of(g, &st, ruled, now)) &&
		put_votes(o, s, g, ruled ? st.rule : NULL, now);
	if (good && g->stage == JIT_ACTIVE)
		good = put_window(o, g);
	else if (good && ruled)
		good = put_wait(o, &st);
	if (good)
		return o;
	jit_json_free(o);
	return NULL;
}

struct jit_json *
cli_event_json(const struct jit_event *ev, const unsigned char oid[JIT_OID],
	const unsigned char sha256[JIT_SHA256])
{
	struct jit_json *o = jit_json_object();
	char git[JIT_OID_HEX], sum[JIT_HEX256];

	jit_hex(git, oid, JIT_OID);
	jit_hex(sum, sha256, JIT_SHA256);
	if (jit_json_set_int(o, "seq", ev->seq) &&
		jit_json_set_int(o, "at", ev->at) &&
		jit_json_set_text(o, "oid", git) &&
		jit_json_set_text(o, "sha256", sum) &&
		jit_json_set(o, "event", jit_json_keep(ev->json)))
		return o;
	jit_json_free(o);
	return NULL;
}

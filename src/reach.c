/* SPDX-License-Identifier: ISC */
#include "reach.h"

#include <stdio.h>
#include <string.h>

#include "act.h"
#include "connector.h"

#define OTHERS 64 /* grants beside it that a connector is told of */

/* A grant as history has it, whether or not it is over. */
struct past {
	const char *id;
	struct jit_json *request, *issue;
};

/* All that is asked about it; what it borrows is here. */
struct errand {
	struct past past;
	struct jit_errand ask;
	struct jit_json *target;
	struct jit_other others[OTHERS];
	struct jit_arena mem;
};

static int
look(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct past *p = arg;
	const struct jit_event *ev = jit_event_said(&c->event);

	(void)oid;
	(void)after;
	(void)err;
	if (!ev->id || strcmp(ev->id, p->id) != 0)
		return 0;
	if (ev->type == JIT_ISSUE && !p->issue)
		p->issue = jit_json_keep(ev->json);
	if (ev->type != JIT_REQUEST)
		return 0;
	p->request = jit_json_keep(ev->json);
	return 1;
}

static const char *
text(const struct jit_json *o, const char *name)
{
	return jit_json_text(jit_json_get(o, name));
}

static int64_t
number(const struct jit_json *o, const char *name)
{
	int64_t n = 0;

	(void)!jit_json_int(&n, jit_json_get(o, name));
	return n;
}

static bool
put_words(struct jit_texts *to, struct jit_arena *mem,
	const struct jit_json *list)
{
	size_t i, n = jit_json_count(list);

	to->at = jit_arena_get(mem, n * sizeof(*to->at) + 1);
	for (i = 0; to->at && i < n; i++)
		to->at[i] = jit_json_text(jit_json_at(list, i));
	to->count = to->at ? n : 0;
	return to->at != NULL;
}

static bool
put_actions(struct jit_lists *to, struct jit_arena *mem,
	const struct jit_json *list)
{
	size_t i, n = jit_json_count(list);

	if (n == 0)
		return true;
	to->at = jit_arena_get(mem, n * sizeof(*to->at));
	for (i = 0; to->at && i < n; i++)
		if (!put_words(&to->at[i], mem, jit_json_at(list, i)))
			return false;
	to->count = to->at ? n : 0;
	return to->at != NULL;
}

/* What else the same person has there: a connector leaves that alone. */
static void
put_others(struct errand *e, const struct cli *c)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	const struct jit_grant *g;
	size_t i, n = 0;

	for (i = 0; i < s->grants_count && n < OTHERS; i++) {
		g = s->grants[i];
		if (g->stage != JIT_ACTIVE || c->now >= g->until ||
			strcmp(g->id, e->ask.id) == 0 ||
			strcmp(g->resource, e->ask.resource) != 0 ||
			strcmp(g->by, e->ask.principal) != 0)
			continue;
		e->others[n++] = (struct jit_other){.id = g->id,
			.role = g->role,
			.principal = g->by,
			.until = g->until,
			.actions = g->actions};
	}
	e->ask.others.at = e->others;
	e->ask.others.count = n;
}

/* A grant that is extended lasts as long as what extends it. */
static int64_t
extended(const struct jit_state *s, const char *id, int64_t until)
{
	size_t i;

	for (i = 0; i < s->grants_count; i++)
		if (s->grants[i]->stage == JIT_ACTIVE &&
			strcmp(s->grants[i]->extends, id) == 0 &&
			s->grants[i]->until > until)
			return extended(s, s->grants[i]->id,
				s->grants[i]->until);
	return until;
}

static int
fill(struct errand *e, const struct cli *c, struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	const struct jit_grant *g = jit_state_grant(s, e->past.id);
	const struct jit_json *ask = e->past.request, *made = e->past.issue;

	e->ask.id = e->past.id;
	e->ask.resource = text(ask, "resource");
	e->ask.role = text(ask, "role");
	e->ask.principal = text(ask, "by");
	e->ask.offer = text(ask, "offer");
	e->ask.from = number(made, "from");
	e->ask.until = extended(s, e->past.id, number(made, "until"));
	e->ask.certificate = text(jit_json_get(made, "credential"), "cert");
	e->ask.target = e->target;
	if (g)
		e->ask.actions = g->actions;
	else if (!put_actions(&e->ask.actions, &e->mem,
			 jit_json_get(ask, "actions")))
		return jit_nomem(err);
	put_others(e, c);
	return 0;
}

/* What requesters are told of a target is none of its connector's business. */
static int
strip_connect(struct jit_json **target, struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	const struct jit_json *v = NULL;
	const char *name = NULL;
	bool good = o != NULL;
	void *i;

	for (i = jit_json_next(*target, NULL, &name, &v); good && i;
		i = jit_json_next(*target, i, &name, &v))
		if (strcmp(name, "connect") != 0)
			good = jit_json_set(o, name, jit_json_keep(v));
	if (!good) {
		jit_json_free(o);
		return jit_nomem(err);
	}
	jit_json_free(*target);
	*target = o; /* transferred */
	return 0;
}

static int
prepare(struct errand *e, struct cli *c, const char *id, struct jit_error *err)
{
	int rc;

	e->past.id = id;
	rc = jit_ledger_back(c->ledger, look, &e->past, err);
	if (rc == 0 && (!e->past.request || !e->past.issue))
		rc = jit_fail(err, JIT_TROUBLE,
			"the issue of grant %s was not found", id);
	if (rc == 0)
		rc = connector_target(&e->target,
			text(e->past.request, "resource"), err);
	if (rc == 0 && !e->target)
		rc = jit_fail(err, JIT_NOGRANT, "%s is not within reach here",
			text(e->past.request, "resource"));
	if (rc == 0)
		rc = strip_connect(&e->target, err);
	return rc ? rc : fill(e, c, err);
}

static void
done(struct errand *e)
{
	jit_json_free(e->past.request);
	jit_json_free(e->past.issue);
	jit_json_free(e->target);
	jit_arena_free(&e->mem);
}

static int
run(struct jit_reply *reply, struct errand *e, struct cli *c, const char *id,
	enum jit_verb verb, struct jit_error *err)
{
	int rc = prepare(e, c, id, err);

	return rc ? rc : connector_run(reply, verb, &e->ask, err);
}

int
reach_grant(struct cli *c, const char *id, struct jit_error *err)
{
	struct jit_reply reply = {0};
	struct errand e = {0};
	int rc = run(&reply, &e, c, id, JIT_VERB_GRANT, err);

	jit_reply_free(&reply);
	done(&e);
	return rc;
}

int
reach_revoke(struct cli *c, const char *id, struct jit_error *err)
{
	struct jit_reply reply = {0};
	struct errand e = {0};
	int rc = run(&reply, &e, c, id, JIT_VERB_REVOKE, err);

	if (rc == 0 && reply.left)
		cli_hint(c, "%s", reply.left);
	jit_reply_free(&reply);
	done(&e);
	return rc;
}

/* -- What a probe found ---------------------------------------------------- */

struct finding {
	const char *id, *action, *outcome, *how;
	char digest[JIT_HEX256];
};

static int
draft(struct jit_event *ev, const struct jit_state *s, int64_t at, void *arg,
	struct jit_error *err)
{
	struct finding *f = arg;

	(void)s;
	(void)at;
	(void)err;
	ev->id = f->id;
	ev->action = f->action;
	ev->outcome = f->outcome;
	ev->how = f->how;
	ev->digest = f->digest;
	return 0;
}

/* What was tried, in few words: the role, or the first action. */
static void
spell(char *out, size_t size, const struct errand *e)
{
	const struct jit_lists *list = &e->ask.actions;
	const char *program = list->count ? list->at[0].at[0] : NULL;

	if (program)
		snprintf(out, size, "%.40s as %.20s", program, e->ask.role);
	else
		snprintf(out, size, "log in as %.40s", e->ask.role);
}

static const char *
kept(const char *outcome)
{
	static const char *const all[] = {JIT_OUTCOME_REFUSED,
		JIT_OUTCOME_ALLOWED, JIT_OUTCOME_LAPSED, JIT_OUTCOME_UNKNOWN};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i], outcome) == 0)
			return all[i];
	return JIT_OUTCOME_UNKNOWN;
}

/* The outcome of the newest probe of a grant on record. */
struct newest {
	const char *id, *outcome;
};

static int
look_newest(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct newest *n = arg;
	const struct jit_event *ev = jit_event_said(&c->event);

	(void)oid;
	(void)after;
	(void)err;
	if (!ev->id || strcmp(ev->id, n->id) != 0)
		return 0;
	if (ev->type == JIT_PROBE)
		n->outcome = kept(ev->outcome);
	return ev->type == JIT_PROBE || ev->type == JIT_ISSUE ||
		ev->type == JIT_END;
}

/* Whether there is something new in it. */
static bool
is_news(struct cli *c, const char *id, const char *outcome)
{
	struct newest n = {.id = id};

	if (jit_ledger_back(c->ledger, look_newest, &n, NULL) != 0)
		return true;
	return !n.outcome || strcmp(n.outcome, outcome) != 0;
}

int
reach_show(const char **outcome, struct cli *c, const char *id,
	struct jit_error *err)
{
	struct finding f = {.id = id};
	struct jit_reply reply = {0};
	struct jit_buf said = {0};
	struct errand e = {0};
	char action[80];
	int rc;

	rc = run(&reply, &e, c, id, JIT_VERB_PROBE, err);
	if (rc == 0) {
		act_now(c);
		spell(action, sizeof(action), &e);
		f.action = action;
		f.outcome = kept(reply.outcome);
		f.how = reply.how;
		jit_json_encode(&said, reply.json, 0);
		jit_sha256_hex(f.digest, said.data, said.len);
		rc = jit_buf_failed(&said, err);
	}
	if (rc == 0) {
		if (is_news(c, id, f.outcome))
			rc = act(c, JIT_PROBE, draft, &f, NULL, err);
	}
	if (rc == 0)
		*outcome = f.outcome;
	jit_buf_free(&said);
	jit_reply_free(&reply);
	done(&e);
	return rc;
}

bool
reach_here(const char *resource)
{
	struct jit_json *target = NULL;
	bool here = connector_target(&target, resource, NULL) == 0 && target;

	jit_json_free(target);
	return here;
}

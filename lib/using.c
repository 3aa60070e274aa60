/* SPDX-License-Identifier: ISC */
#include "using.h"

#include <string.h>

#define SESSION_AGE 3600 /* seconds from a session's name to its record */

bool
jit_using_opens(const struct jit_event *ev)
{
	return jit_trial_same(ev->phase, "open");
}

bool
jit_using_host(const char *resource, const char *principal)
{
	const char *name = strchr(resource, ':');
	size_t len = name ? strlen(name + 1) : 0;

	return len > 0 && strncmp(principal, name + 1, len) == 0 &&
		principal[len] == '@';
}

static int64_t
until_of(const struct jit_state *s, const char *id)
{
	const struct jit_grant *g = jit_state_grant(s, id);

	return g && g->stage == JIT_ACTIVE ? g->until : 0;
}

int64_t
jit_using_until(const struct jit_state *s, const struct jit_session *session)
{
	int64_t first = until_of(s, session->id);
	int64_t last = until_of(s, session->live);

	return first > last ? first : last;
}

/* Whether it is the policy's issuer of that resource. */
static bool
issues(const struct jit_trial *t, const char *resource)
{
	return t->author->class == JIT_ISSUER &&
		jit_policy_issuer(&t->s->policy, t->ev->by, resource);
}

static bool
may_open(const struct jit_trial *t)
{
	const struct jit_grant *g = t->grant;

	if (t->author->class == JIT_HOST)
		return jit_using_host(g->resource, t->ev->by);
	return jit_trial_same(t->ev->by, g->by) || issues(t, g->resource);
}

/* Named by the writer's clock, which may be behind the ledger's. */
static bool
is_named_now(const struct jit_event *ev)
{
	int64_t named = jit_ulid_time(ev->session);

	return named <= ev->at && named > ev->at - SESSION_AGE;
}

static int
rules_of_open(const struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	const struct jit_grant *g = t->grant;

	JIT_RULE("use-form", JIT_USAGE,
		ev->program && !ev->recordings.count && !ev->exit.given &&
			!ev->killed,
		"what is opened has a program, and no end yet");
	JIT_RULE("use-who", JIT_NO, may_open(t),
		"%s is neither its holder, nor its host, nor an issuer of %s",
		ev->by, g->resource);
	JIT_RULE("use-live", JIT_OVER,
		g->stage == JIT_ACTIVE && ev->at < g->until,
		"grant %s is not live", g->id);
	JIT_RULE("use-session", JIT_NO,
		!jit_state_session(t->s, ev->session) && is_named_now(ev),
		"session %s is not a new one", ev->session);
	return 0;
}

static int
rules_of_close(const struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	const struct jit_session *x = jit_state_session(t->s, ev->session);

	JIT_RULE("use-form", JIT_USAGE, !ev->program && !ev->argv,
		"what is closed was started before");
	JIT_NEED("use-open", JIT_NOGRANT, x != NULL, "no session '%s' is open",
		ev->session);
	JIT_RULE("use-grant", JIT_NO, jit_trial_same(x->id, ev->id),
		"session %s is one of grant %s", ev->session, x->id);
	JIT_RULE("use-owner", JIT_NO,
		jit_trial_same(x->by, ev->by) || issues(t, x->resource),
		"session %s was opened by %s", ev->session, x->by);
	return 0;
}

int
jit_using_judge(struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	int64_t next = jit_state_counted(t->s, ev->by) + 1;
	int rc;

	rc = jit_using_opens(ev) ? rules_of_open(t, err)
				 : rules_of_close(t, err);
	if (rc)
		return rc;
	/* others may have been faster with theirs */
	JIT_RULE("use-counter", JIT_NO, t->late || ev->counter == next,
		"the next use of %s is number %lld", ev->by, (long long)next);
	return 0;
}

static void
put(char *to, size_t size, const char *text)
{
	size_t len = strlen(text);

	memcpy(to, text, len < size ? len : size - 1);
}

static int
open_one(struct jit_state *s, const struct jit_event *ev,
	const struct jit_grant *g, struct jit_error *err)
{
	struct jit_session x = {.at = ev->at, .due = g->until};

	put(x.session, sizeof(x.session), ev->session);
	put(x.id, sizeof(x.id), g->id);
	put(x.live, sizeof(x.live), g->id);
	put(x.by, sizeof(x.by), ev->by);
	put(x.resource, sizeof(x.resource), g->resource);
	put(x.holder, sizeof(x.holder), g->by);
	put(x.host, sizeof(x.host), ev->host);
	return jit_state_open(s, &x, err);
}

int
jit_using_apply(struct jit_state *s, const struct jit_trial *t,
	struct jit_error *err)
{
	struct jit_session *x;
	int rc;

	if (jit_using_opens(t->ev)) {
		rc = open_one(s, t->ev, t->grant, err);
		if (rc == 0 && (rc = jit_state_count(s, t->ev->by, err)))
			s->sessions_count--;
		return rc;
	}
	rc = jit_state_count(s, t->ev->by, err);
	x = jit_state_session(s, t->ev->session);
	if (rc == 0 && x)
		jit_state_close(s, x);
	return rc;
}

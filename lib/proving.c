/* SPDX-License-Identifier: ISC */
#include "proving.h"

#include <string.h>

#include "using.h"

/* Probes. */

/* Whose probe counts: the target's host, or an issuer of the resource. */
static bool
counts(const struct jit_state *s, const struct jit_enrolment *author,
	const char *resource)
{
	if (author->class == JIT_HOST)
		return jit_using_host(resource, author->principal);
	return author->class == JIT_ISSUER &&
		jit_policy_issuer(&s->policy, author->principal, resource);
}

int
jit_proving_judge(struct jit_trial *t, struct jit_error *err)
{
	const struct jit_grant *g = jit_state_grant(t->s, t->ev->id);
	const struct jit_unproven *u = jit_state_unproven(t->s, t->ev->id);
	const char *resource, *holder;

	if (g && g->stage != JIT_ACTIVE)
		g = NULL;
	JIT_NEED("probe-known", JIT_NOGRANT, g || u,
		"grant '%s' is neither live nor owed a proof", t->ev->id);
	resource = g ? g->resource : u->resource;
	holder = g ? g->by : u->holder;
	JIT_RULE("probe-who", JIT_NO,
		counts(t->s, t->author, resource) ||
			jit_trial_same(holder, t->ev->by),
		"%s is neither the host nor an issuer of %s, nor its holder",
		t->ev->by, resource);
	return 0;
}

/* A refusal shows that it is dead where it was seen alive before. */
static void
do_probe(struct jit_state *s, const struct jit_trial *t)
{
	struct jit_grant *g = jit_state_grant(s, t->ev->id);
	struct jit_unproven *u = jit_state_unproven(s, t->ev->id);
	bool refused = jit_trial_same(t->ev->outcome, "refused");
	bool allowed = jit_trial_same(t->ev->outcome, "allowed");

	if (t->gone || (u && t->ev->at < u->ended))
		return; /* it is kept, and shows nothing */
	if (g && allowed && t->ev->at < g->until &&
		counts(s, t->author, g->resource))
		g->control = 1;
	if (u && refused && u->control && counts(s, t->author, u->resource))
		jit_state_prove(s, u);
}

/* Reviews: what a break-glass owes, and what nothing can prove any more. */

/* Owed a proof that no probe can give: it was never seen working. */
static bool
hopeless(const struct jit_unproven *u)
{
	return u && !u->control;
}

static int
review_unproven(const struct jit_trial *t, const struct jit_unproven *u,
	struct jit_error *err)
{
	const struct jit_policy *p = &t->s->policy;

	JIT_RULE("review-class", JIT_NO, t->author->class == JIT_PERSON,
		"only a person reviews: %s is enrolled as %s", t->ev->by,
		jit_class_name(t->author->class));
	JIT_RULE("review-self", JIT_NO, !jit_trial_same(u->holder, t->ev->by),
		"nobody reviews what he did");
	JIT_RULE("review-sponsor", JIT_NO,
		!jit_standing_bound(t->s, u->holder, t->ev->by),
		"a sponsor and who is sponsored do not review each other");
	JIT_RULE("review-admin", JIT_NO,
		jit_policy_member(p, p->admins->group, t->ev->by),
		"only an admin writes off a proof that is owed");
	return 0;
}

int
jit_proving_review(struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	const struct jit_debt *d = jit_state_debt(t->s, ev->id);
	const struct jit_unproven *u = jit_state_unproven(t->s, ev->id);

	if (!d && hopeless(u))
		return review_unproven(t, u, err);
	JIT_NEED("review-owed", JIT_NOGRANT, d != NULL,
		"no review is owed for grant %s", ev->id);
	JIT_RULE("review-class", JIT_NO, t->author->class == JIT_PERSON,
		"only a person reviews: %s is enrolled as %s", ev->by,
		jit_class_name(t->author->class));
	JIT_RULE("review-self", JIT_NO, !jit_trial_same(d->by, ev->by),
		"nobody reviews what he did");
	JIT_RULE("review-sponsor", JIT_NO,
		!jit_standing_bound(t->s, d->by, ev->by),
		"a sponsor and who is sponsored do not review each other");
	JIT_RULE("review-member", JIT_NO,
		jit_policy_member(&t->s->policy, d->group, ev->by),
		"%s is not in group '%s'", ev->by, d->group);
	return 0;
}

static void
do_review(struct jit_state *s, const struct jit_event *ev)
{
	struct jit_debt *d = jit_state_debt(s, ev->id);
	struct jit_unproven *u = jit_state_unproven(s, ev->id);

	if (d)
		jit_state_pay(s, d);
	else if (hopeless(u))
		jit_state_prove(s, u);
}

/* Beats. */

int
jit_proving_beat(struct jit_trial *t, struct jit_error *err)
{
	int64_t next = jit_state_counted(t->s, t->ev->by) + 1;

	JIT_RULE("beat-class", JIT_NO,
		t->author->class == JIT_HOST || t->author->class == JIT_ISSUER,
		"only a host or an issuer beats: %s is enrolled as %s",
		t->ev->by, jit_class_name(t->author->class));
	JIT_RULE("beat-counter", JIT_NO, t->ev->counter == next,
		"the next of %s is number %lld", t->ev->by, (long long)next);
	return 0;
}

static int
do_beat(struct jit_state *s, const struct jit_event *ev, struct jit_error *err)
{
	int rc = jit_state_count(s, ev->by, err);

	if (rc == 0)
		jit_state_beat(s, ev->by, ev->at, ev->owed.n);
	return rc;
}

int
jit_proving_apply(struct jit_state *s, const struct jit_trial *t,
	struct jit_error *err)
{
	if (t->ev->type == JIT_BEAT)
		return do_beat(s, t->ev, err);
	if (t->ev->type == JIT_PROBE)
		do_probe(s, t);
	else
		do_review(s, t->ev);
	return 0;
}

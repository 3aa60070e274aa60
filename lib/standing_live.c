/* SPDX-License-Identifier: ISC */
/* What a gate asks: may somebody do this there, now? */
#include <string.h>

#include "standing.h"
#include "when.h"

/* What is asked of a gate. */
struct gate {
	const char *who, *resource, *role;
	bool limited;                   /* limited grants are asked for, too */
	const struct jit_texts *action; /* this of theirs; NULL: any */
	int64_t now;
};

/* Whether a grant is for it, whatever the time. */
static bool
is_for(const struct jit_grant *g, const struct gate *q)
{
	return strcmp(g->by, q->who) == 0 &&
		strcmp(g->resource, q->resource) == 0 &&
		strcmp(g->role, q->role) == 0;
}

static bool
covers(const struct jit_grant *g, const struct gate *q)
{
	if (g->actions.count == 0)
		return true;
	return q->limited &&
		(!q->action || jit_standing_action(&g->actions, q->action));
}

/* Why a grant that matches is not live, as one line; JIT_NO. */
static int
not_live(const struct jit_state *s, const struct jit_grant *g,
	const struct gate *q, struct jit_error *err)
{
	const int64_t now = q->now;
	char stamp[JIT_STAMP];

	if (!covers(g, q))
		return jit_fail(err, JIT_NO,
			q->action ? "grant %s does not give that action"
				  : "grant %s gives some actions only: ask "
				    "for one (-a)",
			g->id);
	if (g->stage == JIT_WAITING)
		return jit_fail(err, JIT_NO, "grant %s is not issued yet",
			g->id);
	if (jit_standing_basis(s, g) != JIT_BASIS_HOLDS)
		return jit_fail(err, JIT_NO,
			"grant %s rests on nothing any more: %s", g->id,
			jit_standing_basis(s, g) == JIT_BASIS_OFFBOARD
				? "somebody was retired"
				: "the policy has changed");
	jit_when_stamp(stamp, now < g->from ? g->from : g->until);
	return jit_fail(err, JIT_NO, "grant %s %s %s", g->id,
		now < g->from ? "begins at" : "ran out at", stamp);
}

static int
find_live(const struct jit_grant **out, const struct jit_state *s,
	const struct gate *q, struct jit_error *err)
{
	const struct jit_grant *g, *near = NULL;
	size_t i;

	for (i = s->grants_count; i-- > 0;) {
		g = s->grants[i];
		if (!is_for(g, q))
			continue;
		if (covers(g, q) && g->stage == JIT_ACTIVE &&
			g->from <= q->now && q->now < g->until &&
			jit_standing_basis(s, g) == JIT_BASIS_HOLDS) {
			*out = g;
			return 0;
		}
		if (!near || (!covers(near, q) && covers(g, q)))
			near = g;
	}
	if (near)
		return not_live(s, near, q, err);
	return jit_fail(err, JIT_NO, "%s has no open grant for '%s' on %s",
		q->who, q->role, q->resource);
}

int
jit_standing_live(const struct jit_grant **out, const struct jit_state *s,
	const char *who, const char *resource, const char *role, int64_t now,
	struct jit_error *err)
{
	const struct gate q = {.who = who,
		.resource = resource,
		.role = role,
		.limited = true,
		.now = now};

	return find_live(out, s, &q, err);
}

int
jit_standing_may(const struct jit_grant **out, const struct jit_state *s,
	const struct jit_asked *asked, const struct jit_texts *action,
	struct jit_error *err)
{
	const struct gate q = {.who = asked->who,
		.resource = asked->resource,
		.role = asked->role,
		.limited = action != NULL,
		.action = action,
		.now = asked->at};

	return find_live(out, s, &q, err);
}

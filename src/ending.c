/* SPDX-License-Identifier: ISC */
#include "ending.h"

#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "offer.h"

struct ending {
	char id[JIT_ULID];
	bool done; /* its holder says so */
	const char *cause, *reason;
	const char *by, *resource, *role; /* what it gave */
	struct jit_arena mem;
};

static bool
has_lapsed(const struct jit_state *s, const struct jit_grant *g, int64_t at)
{
	struct jit_standing st;

	return jit_standing_of(&st, s, g, at, NULL) != 0 || at >= st.lapses;
}

bool
ending_due(const struct jit_state *s, const struct jit_grant *g, int64_t now)
{
	if (jit_standing_basis(s, g) != JIT_BASIS_HOLDS)
		return true;
	return g->stage == JIT_WAITING ? has_lapsed(s, g, now)
				       : now >= g->until;
}

/* Why it ends follows from where it stands and who says so. */
static const char *
cause_of(const struct jit_state *s, const struct jit_grant *g,
	const struct jit_enrolment *me, int64_t at, bool done)
{
	enum jit_basis basis = g ? jit_standing_basis(s, g) : JIT_BASIS_HOLDS;

	if (g && g->stage == JIT_ACTIVE && at >= g->until)
		return "ttl";
	if (basis == JIT_BASIS_OFFBOARD)
		return "offboard";
	if (basis == JIT_BASIS_POLICY)
		return "policy";
	if (g && g->stage == JIT_WAITING && has_lapsed(s, g, at))
		return "lapse";
	if (done)
		return "task";
	return me && me->class == JIT_ISSUER ? "failed" : "revoke";
}

static int
draft(struct jit_event *ev, const struct jit_state *s, int64_t at, void *arg,
	struct jit_error *err)
{
	struct ending *e = arg;

	(void)err;
	e->cause = cause_of(s, jit_state_grant(s, e->id),
		jit_state_key(s, ev->key), at, e->done);
	ev->id = e->id;
	ev->cause = e->cause;
	ev->reason = e->reason;
	return 0;
}

/* What one grant gave, another may still give: that is said. */
static void
say_covered(const struct cli *c, const struct ending *e)
{
	const struct jit_grant *other = NULL;

	if (jit_standing_live(&other, jit_ledger_state(c->ledger), e->by,
		    e->resource, e->role, c->now, NULL) == 0)
		cli_hint(c, "%s still has '%s' on %s by grant %s", e->by,
			e->role, e->resource, other->id);
}

static int
take(struct ending *e, struct cli *c, const char *id, struct jit_error *err)
{
	struct jit_grant *g = NULL;
	int rc = cli_grant(&g, c, id, err);

	if (rc)
		return rc;
	memcpy(e->id, g->id, JIT_ULID);
	e->by = jit_arena_str(&e->mem, g->by);
	e->resource = jit_arena_str(&e->mem, g->resource);
	e->role = jit_arena_str(&e->mem, g->role);
	return e->by && e->resource && e->role ? 0 : jit_nomem(err);
}

static int
end(struct ending *e, struct cli *c, const char *id, struct jit_error *err)
{
	int rc = take(e, c, id, err);

	if (rc == 0)
		rc = act(c, JIT_END, draft, e, e->id, err);
	if (rc)
		return rc;
	cli_hint(c, "%s %s, cause %s", c->dry ? "would end" : "ended", e->id,
		e->cause);
	if (c->dry)
		return 0;
	say_covered(c, e);
	offer_forget(e->id);
	return act_answer_over(c, e->id, e->cause, err);
}

int
ending(struct cli *c, const char *id, const char *reason, struct jit_error *err)
{
	struct ending e = {.reason = reason};
	int rc = end(&e, c, id, err);

	jit_arena_free(&e.mem);
	return rc;
}

int
ending_done(struct cli *c, const char *id, struct jit_error *err)
{
	struct ending e = {.done = true};
	int rc = end(&e, c, id, err);

	jit_arena_free(&e.mem);
	return rc;
}

/* The ids first: each end changes the state that they are found in. */
int
ending_all(size_t *count, struct cli *c, ending_meant *meant, const void *arg,
	const char *reason, struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	size_t i, open = s->grants_count, n = 0;
	char(*ids)[JIT_ULID] = calloc(open + 1, sizeof(*ids));
	int rc, worst = 0;

	if (!ids)
		return jit_nomem(err);
	for (i = 0; i < open; i++)
		if (meant(s, s->grants[i], arg))
			memcpy(ids[n++], s->grants[i]->id, JIT_ULID);
	for (i = 0; i < n; i++) {
		rc = ending(c, ids[i], reason, err);
		if (rc)
			cli_complain(c, err);
		err->text[0] = '\0'; /* it is said */
		worst = rc < worst ? rc : worst;
	}
	free(ids);
	*count = n;
	return worst;
}

static bool
is_baseless(const struct jit_state *s, const struct jit_grant *g,
	const void *arg)
{
	(void)arg;
	return jit_standing_basis(s, g) != JIT_BASIS_HOLDS;
}

int
ending_baseless(struct cli *c, struct jit_error *err)
{
	size_t count = 0;

	return ending_all(&count, c, is_baseless, NULL, NULL, err);
}

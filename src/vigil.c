/* SPDX-License-Identifier: ISC */
#include "vigil.h"

#include <stdio.h>
#include <string.h>

#include "act.h"
#include "collect.h"
#include "deadline.h"
#include "relay.h"
#include "when.h"

#define LOOK 500    /* milliseconds between two looks at the ledger */
#define DOUBT 60000 /* milliseconds without it after which doubt is no */
#define SAY_MAX 256

static const int64_t warnings[] = {60, 10}; /* seconds before the end */
#define WARNINGS ((int)(sizeof(warnings) / sizeof(warnings[0])))

static void
say(const struct vigil *v, const char *text)
{
	char line[SAY_MAX + 64];

	if (v->c->quiet)
		return;
	snprintf(line, sizeof(line), "%s: %s", v->c->program->name, text);
	relay_say(line);
}

void
vigil_begin(struct vigil *v, struct cli *c, const struct jit_grant *g,
	struct carry *carry)
{
	*v = (struct vigil){.c = c,
		.session = "",
		.carry = carry,
		.until = g->until,
		.next = jit_deadline_in(LOOK),
		.stale = jit_deadline_in(DOUBT)};
	memcpy(v->id, g->id, JIT_ULID);
	memcpy(v->live, g->id, JIT_ULID);
}

/* The UTC second until which grant 'id' gives what it gave; 0: it does not. */
static int64_t
gives_until(const struct jit_state *s, const char *id)
{
	const struct jit_grant *g = jit_state_grant(s, id);

	if (!g || g->stage != JIT_ACTIVE ||
		jit_standing_basis(s, g) != JIT_BASIS_HOLDS)
		return 0;
	return g->until;
}

static int
ran_out(struct vigil *v)
{
	char stamp[JIT_STAMP];

	jit_when_stamp(stamp, v->until);
	return jit_fail(&v->why, JIT_OVER, "grant %s ran out at %s", v->live,
		stamp);
}

/* Neither it nor what extends it gives anything: how did it end? */
static int
is_over(struct vigil *v)
{
	struct jit_grant *g = NULL;
	int rc;

	if (v->c->now >= v->until)
		return ran_out(v);
	rc = cli_grant(&g, v->c, v->live, &v->why);
	if (rc)
		return rc;
	return jit_fail(&v->why, JIT_OVER,
		"grant %s rests on nothing any more: %s", g->id,
		jit_standing_basis(jit_ledger_state(v->c->ledger), g) ==
				JIT_BASIS_OFFBOARD
			? "somebody was retired"
			: "the policy in force would not give it");
}

static int
extend(struct vigil *v, const struct jit_grant *g)
{
	struct jit_buf cert = {0};
	char stamp[JIT_STAMP], text[SAY_MAX];
	int rc = 0;

	if (v->carry)
		rc = collect_cert(&cert, v->c, g, &v->why);
	if (v->carry && rc == 0)
		rc = carry_hold(v->carry, jit_buf_text(&cert), g->until,
			&v->why);
	jit_buf_free(&cert);
	if (rc)
		return rc;
	memcpy(v->live, g->id, JIT_ULID);
	v->warned = 0;
	jit_when_stamp(stamp, g->until);
	snprintf(text, sizeof(text), "extended until %s by grant %s", stamp,
		g->id);
	say(v, text);
	return 0;
}

/* What the ledger says of it by now. */
static int
judge(struct vigil *v)
{
	const struct jit_state *s = jit_ledger_state(v->c->ledger);
	const struct jit_session *x = jit_state_session(s, v->session);
	int64_t first, last;
	int rc = 0;

	if (!x)
		return jit_fail(&v->why, JIT_OVER,
			"session %s was closed by others", v->session);
	if (strcmp(x->live, v->live) != 0 && gives_until(s, x->live))
		rc = extend(v, jit_state_grant(s, x->live));
	if (rc)
		return rc;
	first = gives_until(s, v->id);
	last = gives_until(s, v->live);
	if (first < last)
		first = last;
	if (first)
		v->until = first;
	return first > v->c->now ? 0 : is_over(v);
}

static int
look(struct vigil *v)
{
	int rc;

	v->next = jit_deadline_in(LOOK);
	rc = jit_ledger_update(v->c->ledger, v->c->now, &v->why);
	if (rc == 0) {
		v->stale = jit_deadline_in(DOUBT);
		rc = jit_ledger_fresh(v->c->ledger, v->c->now, &v->why);
		return rc ? rc : judge(v);
	}
	if (rc == JIT_EVIDENCE || jit_deadline_over(v->stale))
		return rc;
	return v->c->now < v->until ? 0 : ran_out(v);
}

static void
warn(struct vigil *v)
{
	int64_t left = v->until - v->c->now;
	char text[SAY_MAX];
	int due = v->warned;

	while (due < WARNINGS && left <= warnings[due])
		due++;
	if (due == v->warned)
		return;
	v->warned = due;
	snprintf(text, sizeof(text), "ends in %llds: jit-request --extend %s",
		(long long)left, v->live);
	say(v, text);
}

bool
vigil_holds(struct vigil *v)
{
	if (v->code)
		return false;
	act_now(v->c);
	tender_keep(&v->tender, v->c, true);
	if (jit_deadline_over(v->next) || v->c->now >= v->until)
		v->code = look(v);
	if (v->code == 0)
		warn(v);
	return v->code == 0;
}

void
vigil_end(struct vigil *v)
{
	tender_stop(&v->tender);
}

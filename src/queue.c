/* SPDX-License-Identifier: ISC */
#include "queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act.h"
#include "name.h"
#include "tty.h"
#include "vote.h"

#define REASON 501 /* bytes of a reason and a NUL */

struct queue {
	struct cli *cli;
	char (*ids)[JIT_ULID];
	size_t count;
};

/* Whether my vote is missed, and would be taken. */
static bool
waits_for_me(struct cli *c, const char *id, const char *me)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	const struct jit_grant *g = jit_state_grant(s, id);
	struct vote v = {.cli = c};

	return g && jit_standing_waits(s, g, me, c->now) &&
		vote_take(&v, id, NULL) == 0 && vote_may(&v, NULL) == 0;
}

/* All open grants first: the state moves while each is asked about. */
static int
collect(struct queue *q, struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(q->cli->ledger);
	const struct jit_enrolment *me = NULL;
	size_t i, open = s->grants_count;
	int rc;

	rc = jit_ledger_whoami(&me, q->cli->ledger,
		jit_signer_key(q->cli->signer), err);
	if (rc)
		return rc;
	q->ids = calloc(open + 1, sizeof(*q->ids));
	if (!q->ids)
		return jit_nomem(err);
	for (i = 0; i < open; i++)
		memcpy(q->ids[i], s->grants[i]->id, JIT_ULID);
	for (i = 0; i < open; i++)
		if (waits_for_me(q->cli, q->ids[i], me->principal))
			memmove(q->ids[q->count++], q->ids[i], JIT_ULID);
	return 0;
}

static int
say_no(struct vote *v, struct jit_error *err)
{
	char reason[REASON];
	int rc;

	if (!tty_line(reason, sizeof(reason), "Why not? ")) {
		cli_hint(v->cli, "no reason, nothing was written");
		return 0;
	}
	rc = jit_name_want_reason("reason", reason, err);
	if (rc)
		return rc;
	v->message = reason;
	act_now(v->cli);
	rc = vote_deny(v, err);
	v->message = NULL;
	return rc;
}

static char
ask(const struct vote *v, size_t at, size_t count, struct jit_error *err)
{
	struct jit_buf screen = {0}, question = {0};
	char answer = '\0';

	jit_buf_fmt(&screen, "%zu of %zu: ", at, count);
	if (vote_show(&screen, &question, v, err) == 0) {
		jit_buf_str(&question, " [y/n/s(kip)/q(uit)] ");
		answer = tty_choose(jit_buf_text(&screen),
			jit_buf_text(&question), "ynqs",
			"jit-approve -y ID says yes to one", err);
	}
	jit_buf_free(&screen);
	jit_buf_free(&question);
	return answer;
}

/* One grant: 0, 1 to stop, or a code. */
static int
step(struct queue *q, size_t i, struct jit_error *err)
{
	struct vote v = {.cli = q->cli};
	char answer;
	int rc;

	act_now(q->cli);
	rc = vote_take(&v, q->ids[i], err);
	if (rc)
		return rc;
	if (q->cli->dry) {
		cli_hint(q->cli, "%s waits for your vote", v.id);
		return 0;
	}
	answer = ask(&v, i + 1, q->count, err);
	act_now(q->cli);
	if (answer == 'y')
		return vote_approve(&v, err);
	if (answer == 'n')
		return say_no(&v, err);
	return answer == 's' ? 0 : answer == 'q' ? 1 : JIT_NO;
}

/* What others ended or what I may not do any more stops nobody. */
static bool
passes(int rc)
{
	return rc == JIT_OVER || rc == JIT_NOGRANT;
}

int
queue_walk(struct cli *c, struct jit_error *err)
{
	struct queue q = {.cli = c};
	int rc = collect(&q, err);
	size_t i;

	if (rc == 0 && q.count == 0)
		cli_hint(c, "nothing waits for your vote");
	for (i = 0; rc == 0 && i < q.count; i++) {
		rc = step(&q, i, err);
		if (passes(rc)) {
			cli_hint(c, "%s", err->text);
			rc = 0;
		}
	}
	free(q.ids);
	return rc < 0 ? rc : 0;
}

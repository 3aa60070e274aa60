/* SPDX-License-Identifier: ISC */
#include "wait.h"

#include <string.h>
#include <time.h>

#include "act.h"
#include "offer.h"
#include "screen.h"
#include "when.h"

#define NAP_FIRST 200 /* milliseconds between two looks */
#define NAP_LAST 1000

static void
nap(long milliseconds)
{
	struct timespec t = {.tv_sec = milliseconds / 1000,
		.tv_nsec = milliseconds % 1000 * 1000000};

	nanosleep(&t, NULL);
}

static int
over(const char *id, const char *how, int64_t at, struct jit_error *err)
{
	char stamp[JIT_STAMP];

	jit_when_stamp(stamp, at);
	return jit_fail(err, JIT_OVER, "grant %s %s at %s: ask again", id, how,
		stamp);
}

/* Whether it is active: 1, 0 (not yet) or a code. */
static int
is_active(struct cli *c, const char *id, struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	struct jit_grant *g = jit_state_grant(s, id);
	struct jit_standing st;
	int rc;

	if (!g)
		return cli_grant(&g, c, id, err);
	if (g->stage == JIT_ACTIVE)
		return c->now < g->until ? 1
					 : over(id, "ran out", g->until, err);
	rc = jit_standing_of(&st, s, g, c->now, err);
	if (rc)
		return rc;
	return c->now < st.lapses ? 0 : over(id, "lapsed", st.lapses, err);
}

static int
ran_out(struct cli *c, const char *id, struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	struct jit_buf missing = {0};
	struct jit_standing st;
	int rc;

	rc = jit_standing_of(&st, s, jit_state_grant(s, id), c->now, err);
	if (rc)
		return rc;
	screen_missing(&missing, &st);
	jit_fail(err, JIT_PENDING, "grant %s still waits for %s", id,
		st.met ? "its issue" : jit_buf_text(&missing));
	jit_buf_free(&missing);
	return JIT_PENDING;
}

int
wait_active(struct cli *c, const char *id, int64_t seconds,
	const volatile sig_atomic_t *stop, struct jit_error *err)
{
	int64_t end = c->now + seconds;
	long ms = NAP_FIRST;
	int rc;

	for (;; ms = ms * 5 / 4) {
		act_now(c);
		rc = jit_ledger_update(c->ledger, c->now, err);
		if (rc == 0)
			rc = is_active(c, id, err);
		if (rc)
			return rc < 0 ? rc : 0;
		if ((seconds && c->now >= end) || (stop && *stop))
			return ran_out(c, id, err);
		nap(ms < NAP_LAST ? ms : (ms = NAP_LAST));
	}
}

struct search {
	const char *id;
	struct jit_buf line;
};

static int
look(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct search *x = arg;

	(void)oid;
	(void)after;
	(void)err;
	if (c->event.type != JIT_ISSUE || strcmp(c->event.id, x->id) != 0)
		return 0;
	jit_buf_fmt(&x->line, "%s %s\n", c->event.credential->cert, x->id);
	return 1;
}

int
wait_collect(struct jit_buf *path, struct cli *c, const char *id,
	struct jit_error *err)
{
	struct search x = {.id = id};
	int rc;

	rc = jit_ledger_back(c->ledger, look, &x, err);
	if (rc == 0 && x.line.len == 0)
		rc = jit_fail(err, JIT_TROUBLE,
			"the issue of grant %s was not found", id);
	if (rc == 0)
		rc = jit_buf_failed(&x.line, err);
	if (rc == 0)
		rc = offer_path(path, id, "-cert.pub", err);
	if (rc == 0)
		rc = cli_write_file(jit_buf_text(path), x.line.data, x.line.len,
			true, true, err);
	jit_buf_free(&x.line);
	return rc;
}

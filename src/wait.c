/* SPDX-License-Identifier: ISC */
#include "wait.h"

#include <string.h>
#include <time.h>

#include "act.h"
#include "collect.h"
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
		rc = cli_refresh(c, err);
		if (rc == 0)
			rc = is_active(c, id, err);
		if (rc)
			return rc < 0 ? rc : 0;
		if ((seconds && c->now >= end) || (stop && *stop))
			return ran_out(c, id, err);
		nap(ms < NAP_LAST ? ms : (ms = NAP_LAST));
	}
}

int
wait_collect(struct jit_buf *path, struct cli *c, const char *id,
	struct jit_error *err)
{
	struct jit_grant *g = jit_state_grant(jit_ledger_state(c->ledger), id);
	struct jit_buf dir = {0};
	int rc;

	if (!g)
		return cli_grant(&g, c, id, err);
	rc = cli_secrets_dir(&dir, err);
	if (rc == 0)
		rc = collect_write(path, c, g, jit_buf_text(&dir), err);
	jit_buf_free(&dir);
	return rc;
}

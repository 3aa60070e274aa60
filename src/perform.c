/* SPDX-License-Identifier: ISC */
#include "perform.h"

#include <string.h>

#include "act.h"
#include "ending.h"
#include "offer.h"
#include "recording.h"
#include "relay.h"
#include "session.h"
#include "vigil.h"

#define GRACE 1000 /* milliseconds from the hang-up to the kill */
#define CHAIN 16   /* grants of one session */

/* One performance while it goes on. */
struct stint {
	struct cli *c;
	const struct perform *what;
	struct session session;
	struct recording recording;
	struct vigil vigil;
	struct jit_buf title;
	bool opened;
};

/* On the way. */

static int
start(const struct relay_view *v, void *arg, struct jit_error *err)
{
	struct stint *x = arg;
	unsigned char salt[SESSION_SALT];
	char mark[sizeof("argv salt ") + 2 * SESSION_SALT] = "argv salt ";
	const struct jit_cast_head head = {.width = v->width,
		.height = v->height,
		.timestamp = x->c->now,
		.title = jit_buf_text(&x->title)};
	int rc;

	jit_random(salt, sizeof(salt));
	jit_hex(mark + strlen(mark), salt, sizeof(salt));
	rc = recording_start(&x->recording, &head, mark, err);
	if (rc == 0)
		rc = session_open(&x->session, x->c, x->what->argv, salt, err);
	x->opened = rc == 0;
	return rc;
}

static int
sink(const void *bytes, size_t len, void *arg, struct jit_error *err)
{
	struct stint *x = arg;

	return recording_put(&x->recording, bytes, len, err);
}

static void
resized(int width, int height, void *arg)
{
	struct stint *x = arg;

	/* What cannot be written is found at the next output. */
	if (recording_size(&x->recording, width, height, NULL))
		return;
}

static enum relay_want
tick(void *arg)
{
	struct stint *x = arg;

	return vigil_holds(&x->vigil) ? RELAY_ON : RELAY_END;
}

/* And after it. */

static void
close_session(struct stint *x, struct performed *out,
	const struct relay_end *end)
{
	char digest[JIT_HEX256];
	struct session_end said = {.killed = end->killed};
	struct jit_error err = {0};
	int rc;

	rc = recording_end(digest, &x->recording,
		out->code ? out->why.text : NULL, &err);
	if (rc)
		cli_complain(x->c, &err);
	else
		said.recording = digest;
	said.exit.given = end->status >= 0;
	said.exit.n = end->status;
	act_now(x->c);
	rc = session_close(&x->session, x->c, &said, &err);
	if (rc) {
		jit_within(&err, rc, "the end of session %s is owed",
			x->session.name);
		cli_complain(x->c, &err);
	} else {
		recording_unlock(&x->recording);
	}
}

/* The grant and those that extend it, as they are open now. */
static size_t
chain_of(char ids[CHAIN][JIT_ULID], const struct jit_state *s, const char *id)
{
	size_t count = 1, i, at;

	memcpy(ids[0], id, JIT_ULID);
	for (i = 0; i < s->grants_count; i++)
		for (at = 0; at < count && count < CHAIN; at++)
			if (s->grants[i]->stage == JIT_ACTIVE &&
				strcmp(s->grants[i]->extends, ids[at]) == 0) {
				memcpy(ids[count++], s->grants[i]->id,
					JIT_ULID);
				break;
			}
	return count;
}

static void
end_grants(struct cli *c, const char *id)
{
	char ids[CHAIN][JIT_ULID];
	size_t i, count = chain_of(ids, jit_ledger_state(c->ledger), id);
	struct jit_error err = {0};
	int rc;

	for (i = 0; i < count; i++) {
		rc = ending_done(c, ids[i], &err);
		if (rc == JIT_OVER || rc == JIT_NOGRANT) {
			offer_forget(ids[i]); /* others ended it */
		} else if (rc) {
			jit_within(&err, rc, "the end of grant %s is owed",
				ids[i]);
			cli_complain(c, &err);
		}
	}
}

/* Why it did not end by itself, and what that makes of the status. */
static void
conclude(const struct stint *x, struct performed *out, int rc,
	const struct relay_end *end, const struct jit_error *err)
{
	out->exit = end->status;
	if (x->vigil.code) {
		out->code = x->vigil.code;
		out->why = x->vigil.why;
		out->exit = PERFORM_ENDED;
	} else if (rc) {
		out->code = rc;
		out->why = *err;
		out->exit = PERFORM_REFUSED;
	} else if (end->why) {
		out->code =
			jit_fail(&out->why, JIT_TROUBLE, "cannot run '%s': %s",
				x->what->argv[0], strerror(end->why));
	} else if (end->signal) {
		out->code = jit_fail(&out->why, JIT_TROUBLE,
			"ended by signal %d", end->signal);
		out->exit = 128 + end->signal;
	}
	if (out->code)
		cli_complain(x->c, &out->why);
	if (end->left)
		cli_hint(x->c, "%d processes could not be ended", end->left);
}

static int
play(struct stint *x, struct performed *out, struct jit_error *err)
{
	const struct relay relay = {.path = x->what->path,
		.argv = x->what->argv,
		.start = start,
		.sink = sink,
		.resized = resized,
		.tick = tick,
		.arg = x,
		.grace_ms = GRACE};
	struct relay_end end = {.status = -1};
	int rc = relay_run(&end, &relay, err);

	if (!x->opened) {
		recording_drop(&x->recording);
		return rc;
	}
	out->ran = true;
	x->c->seals = true; /* what is over goes on record later */
	conclude(x, out, rc, &end, err);
	close_session(x, out, &end);
	end_grants(x->c, x->session.id);
	return 0;
}

int
perform(struct performed *out, struct cli *c, const struct jit_grant *g,
	const struct perform *what, struct jit_error *err)
{
	struct stint x = {.c = c,
		.what = what,
		.recording = {.fd = -1, .lock = -1}};
	int rc;

	act_now(c);
	session_name(&x.session, g->id, c->now);
	vigil_begin(&x.vigil, c, g, what->carry);
	x.vigil.session = x.session.name;
	jit_buf_fmt(&x.title, "grant %s on %s", g->id, g->resource);
	rc = jit_buf_failed(&x.title, err);
	if (rc == 0)
		rc = recording_make(&x.recording, what->output, x.session.name,
			err);
	if (rc == 0)
		rc = play(&x, out, err);
	vigil_end(&x.vigil);
	memcpy(out->session, x.session.name, JIT_ULID);
	jit_buf_str(&out->recording, jit_buf_text(&x.recording.path));
	recording_free(&x.recording);
	jit_buf_free(&x.title);
	return rc;
}

void
perform_free(struct performed *out)
{
	jit_buf_free(&out->recording);
}

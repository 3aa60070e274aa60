/* SPDX-License-Identifier: ISC */
#include "leftover.h"

#include <string.h>

#include "recording.h"
#include "session.h"

/* How it ended, nobody knows; what it showed until then is there. */
static int
close_one(struct cli *c, const struct session *x, struct recording *r,
	struct jit_error *err)
{
	char digest[JIT_HEX256];
	struct session_end end = {.recording = digest};
	int rc = recording_end(digest, r, "its session was closed later", err);

	if (rc)
		return rc;
	if (!digest[0])
		end.recording = NULL;
	rc = session_close(x, c, &end, err);
	if (rc == 0)
		recording_unlock(r);
	return rc;
}

static void
try_one(struct cli *c, const struct session *x)
{
	struct recording r = {.fd = -1, .lock = -1};
	struct jit_error err = {0};
	int rc = recording_resume(&r, x->name, &err);

	if (rc == 1)
		return;
	if (rc == 0)
		rc = close_one(c, x, &r, &err);
	if (rc == 0)
		cli_hint(c, "closed session %s, which jit-exec had left open",
			x->name);
	else
		cli_hint(c, "session %s is not closed yet: %s", x->name,
			err.text);
	recording_free(&r);
}

/* The next after 'last', in the order of their names; false: none is left. */
static bool
next(struct session *x, const struct cli *c, const char *me, const char *last)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	const struct jit_session *found = NULL, *at;

	for (at = s->sessions; at < s->sessions + s->sessions_count; at++)
		if (strcmp(at->by, me) == 0 && strcmp(at->host, x->host) == 0 &&
			strcmp(at->session, last) > 0 &&
			(!found || strcmp(at->session, found->session) < 0))
			found = at;
	if (!found)
		return false;
	memcpy(x->name, found->session, JIT_ULID);
	memcpy(x->id, found->id, JIT_ULID);
	return true;
}

void
leftover_close(struct cli *c, const char *me)
{
	struct session x = {.name = ""};
	char last[JIT_ULID] = "";

	cli_host(x.host, sizeof(x.host));
	while (next(&x, c, me, last)) {
		memcpy(last, x.name, JIT_ULID);
		try_one(c, &x);
	}
}

/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "deadline.h"
#include "keeper_inner.h"
#include "using.h"

/* -- What PAM asks --------------------------------------------------------- */

static bool
answer_pam(struct keeper_guest *g, const char *why)
{
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_text(o, "answer", why ? "no" : "yes") &&
		(!why || jit_json_set_text(o, "why", why));

	g->wait = jit_deadline_in(0);
	if (good)
		return talk_send(&g->talk, o);
	jit_json_free(o);
	return false;
}

void
keeper_answer(struct keeper *k, struct keeper_session *x, const char *why)
{
	struct keeper_guest *g = x->asker;

	x->asker = NULL;
	if (!g)
		return;
	if (why)
		keeper_say(k, x, "refused: %s", why);
	(void)!answer_pam(g, why);
}

/* Who runs the helper: sshd or sudo. */
static pid_t
parent_of(pid_t pid)
{
	char path[32], text[512];
	const char *after;
	FILE *file;
	long parent;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	after = strrchr(text, ')'); /* its name may hold anything else */
	if (!after || strlen(after) < 5)
		return 0;
	parent = strtol(after + 4, NULL, 10); /* ") S 123 ..." */
	return parent > 1 ? (pid_t)parent : 0;
}

static const char *
text(const struct jit_json *o, const char *name)
{
	const char *s = jit_json_text(jit_json_get(o, name));

	return s ? s : "";
}

/* The grant of a login: of the certificate that sshd took. */
static int
grant_of_login(const struct jit_grant **out, const struct keeper *k,
	const struct jit_json *asked, struct jit_error *err)
{
	return gate_grant(out, &k->gate, k->cli, text(asked, "account"),
		text(asked, "cert"), err);
}

/* The grant of a sudo: of the session that it is run in. */
static int
grant_of_session(const struct jit_grant **out, const struct keeper *k,
	const struct keeper_session *in, struct jit_error *err)
{
	const struct jit_state *s = jit_ledger_state(k->cli->ledger);
	const struct jit_session *open =
		in ? jit_state_session(s, in->session) : NULL;
	const struct jit_grant *g = NULL;

	if (open && jit_using_until(s, open) > k->cli->now)
		g = jit_state_grant(s, open->live);
	if (!g)
		return jit_fail(err, JIT_NO,
			"no live grant covers this session");
	*out = g;
	return gate_trust(k->cli, g, err);
}

static int
enter(struct keeper_session *x, pid_t pid, struct jit_error *err)
{
	int rc;

	if (pid == 0)
		return jit_fail(err, JIT_TROUBLE, "nobody is there to be kept");
	rc = cgroup_make(jit_buf_text(&x->cgroup), err);
	return rc ? rc : cgroup_take(jit_buf_text(&x->cgroup), pid, err);
}

/* Into its folder, and on record, before the answer. */
static int
open_session(struct keeper *k, struct keeper_guest *g,
	const struct jit_grant *grant, const struct keeper_session *in,
	const char *service, struct jit_error *err)
{
	char session[JIT_ULID];
	unsigned char chance[10];
	struct keeper_session *x;
	struct clerk_use use = {.phase = "open",
		.host = k->gate.host,
		.program = service};
	int rc;

	jit_random(chance, sizeof(chance));
	jit_ulid_make(session, k->cli->now, chance);
	x = keeper_add(k, session, grant->id,
		jit_buf_text(in ? &in->cgroup : &k->root));
	if (!x)
		return jit_nomem(err);
	x->until = grant->until;
	rc = enter(x, parent_of(g->pid), err);
	use.ticket = (int64_t)((uintptr_t)x & 0x1fffffffffffffULL);
	use.id = x->id;
	use.session = x->session;
	if (rc == 0 && !clerk_ask(&k->clerk, &use))
		rc = jit_fail(err, JIT_TROUBLE, "whoever records it is gone");
	x->asker = rc ? NULL : g;
	x->asked = rc == 0;
	if (rc)
		x->wait = jit_deadline_in(KEEPER_READ);
	return rc;
}

static int
pam_open(struct keeper *k, struct keeper_guest *g, const struct jit_json *asked,
	struct jit_error *err)
{
	const struct jit_grant *grant = NULL;
	const struct keeper_session *in = keeper_of(k, g->pid);
	bool login = text(asked, "cert")[0] != '\0';
	int rc;

	if (k->blind.text[0] && !jit_ledger_away(k->cli->ledger))
		return jit_fail(err, JIT_TROUBLE, "%s", k->blind.text);
	rc = login ? grant_of_login(&grant, k, asked, err)
		   : grant_of_session(&grant, k, in, err);
	return rc ? rc
		  : open_session(k, g, grant, in, text(asked, "service"), err);
}

/* It is over by itself; what it left behind has a moment to go. */
static void
pam_close(struct keeper *k, struct keeper_guest *g)
{
	struct keeper_session *x = keeper_of(k, g->pid);

	if (x && x->stage == KEEPER_LIVE)
		x->over = jit_deadline_in(2000);
	(void)!answer_pam(g, NULL);
}

static bool
hear_pam(struct keeper *k, struct keeper_guest *g, const struct jit_json *asked)
{
	struct jit_error err = {0};

	g->wait = 0;
	if (strcmp(text(asked, "verb"), "close") == 0)
		pam_close(k, g);
	else if (strcmp(text(asked, "verb"), "open") != 0)
		return false;
	else if (pam_open(k, g, asked, &err) != 0)
		(void)!answer_pam(g, err.text);
	return true;
}

/* -- What recorders send --------------------------------------------------- */

static bool
refuse(struct keeper_guest *g, const char *why)
{
	struct jit_json *o = jit_json_object();

	if (jit_json_set_text(o, "answer", "no") &&
		jit_json_set_text(o, "why", why))
		(void)!talk_send(&g->talk, o);
	else
		jit_json_free(o);
	return false;
}

static bool
admit(const struct keeper *k, struct keeper_guest *g)
{
	const struct jit_state *s = jit_ledger_state(k->cli->ledger);
	const struct jit_session *open =
		jit_state_session(s, g->session->session);
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_text(o, "answer", "yes") &&
		jit_json_set_text(o, "id", g->session->id) &&
		jit_json_set_text(o, "resource", open ? open->resource : "") &&
		jit_json_set_int(o, "recording", g->tape.number) &&
		jit_json_set_int(o, "limit", k->gate.limit) &&
		jit_json_set_int(o, "have", (int64_t)g->tape.cast.size) &&
		jit_json_set_int(o, "until", g->session->until);

	g->told = g->session->until;
	g->wait = 0;
	if (good)
		return talk_send(&g->talk, o);
	jit_json_free(o);
	return false;
}

static bool
say_done(struct keeper_guest *g)
{
	struct jit_json *o = jit_json_object();

	if (jit_json_set_bool(o, "done", true))
		return talk_send(&g->talk, o);
	jit_json_free(o);
	return false;
}

/* Whether another recorder has it in hand. */
static bool
in_hand(const struct keeper *k, const struct keeper_session *x, int64_t number)
{
	size_t i;

	for (i = 0; i < KEEPER_GUESTS; i++)
		if (k->guests[i] && k->guests[i]->session == x &&
			k->guests[i]->tape.number == number)
			return true;
	return false;
}

/* A new recording, or one that a lost connection cut off. */
static bool
hear_record(struct keeper *k, struct keeper_guest *g,
	const struct jit_json *asked)
{
	struct keeper_session *x = keeper_of(k, g->pid);
	struct jit_error err = {0};
	int64_t number = 0;
	bool again = jit_json_int(&number, jit_json_get(asked, "recording"));

	if (strcmp(text(asked, "verb"), "record") != 0)
		return false;
	if (!x || x->stage != KEEPER_LIVE)
		return refuse(g, "this is no session of a live grant");
	if (!again)
		number = tape_next(jit_buf_text(&k->tapes), x->session);
	if (again && tape_is_whole(jit_buf_text(&k->tapes), x->session, number))
		return say_done(g);
	if (in_hand(k, x, number))
		return refuse(g, "that is being recorded already");
	if (tape_open(&g->tape, jit_buf_text(&k->tapes), x->session, number,
		    &err) != 0)
		return refuse(g, err.text);
	if (again && x->missing)
		x->missing--;
	g->session = x;
	return admit(k, g);
}

static bool
finish(struct keeper *k, struct keeper_guest *g, int64_t status)
{
	struct jit_error err = {0};

	if (tape_finish(&g->tape, &err) != 0) {
		cli_complain(k->cli, &err);
		return false;
	}
	g->session->exit.given = true;
	g->session->exit.n = status & 0xff;
	return say_done(g);
}

static bool
stored(struct keeper_guest *g)
{
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_int(o, "have", (int64_t)g->tape.cast.size) &&
		jit_json_set_int(o, "until", g->session->until);

	g->told = g->session->until;
	if (good)
		return talk_send(&g->talk, o);
	jit_json_free(o);
	return false;
}

/* {"exit":N}, which no line of a recording is. */
static bool
is_exit(int64_t *status, const char *line, size_t len)
{
	struct jit_json *o = NULL;
	bool is;

	if (len < 8 || memcmp(line, "{\"exit\"", 7) != 0)
		return false;
	is = jit_json_read(&o, line, len - 1, 64, NULL) == 0 &&
		jit_json_count(o) == 1 &&
		jit_json_int(status, jit_json_get(o, "exit"));
	jit_json_free(o);
	return is;
}

static bool
hear_tape(struct keeper *k, struct keeper_guest *g)
{
	struct jit_error err = {0};
	const char *line;
	int64_t status = 0;
	size_t len = 0;
	bool any = false;

	while ((line = talk_line(&len, &g->talk)) != NULL) {
		if (is_exit(&status, line, len))
			return finish(k, g, status);
		if ((int64_t)(g->tape.cast.size + len) >
				k->gate.limit + JIT_CAST_LINE ||
			tape_put(&g->tape, line, len, &err) != 0) {
			keeper_say(k, g->session, "its recorder: %s",
				err.text[0] ? err.text : "more than the limit");
			return false;
		}
		any = true;
	}
	return !any || stored(g);
}

bool
keeper_hear(struct keeper *k, struct keeper_guest *g)
{
	struct jit_json *o;
	bool bad = false, good = true, open = talk_fill(&g->talk);

	if (g->kind == KEEPER_TAPE && g->session)
		return hear_tape(k, g) && open;
	o = talk_take(&bad, &g->talk);
	if (o)
		good = g->kind == KEEPER_PAM ? hear_pam(k, g, o)
					     : hear_record(k, g, o);
	jit_json_free(o);
	return good && open && !bad;
}

void
keeper_leave(struct keeper *k, struct keeper_guest *g)
{
	struct keeper_session *x;

	for (x = k->sessions; x; x = x->next)
		if (x->asker == g)
			x->asker = NULL;
	if (g->kind == KEEPER_TAPE && g->session && !g->tape.done)
		keeper_end(k, g->session, "its recorder is gone");
}

void
keeper_tell(struct keeper *k, struct keeper_session *x)
{
	struct keeper_guest *g;
	size_t i;

	for (i = 0; i < KEEPER_GUESTS; i++) {
		g = k->guests[i];
		if (g && g->session == x && g->told != x->until)
			(void)!stored(g);
	}
}

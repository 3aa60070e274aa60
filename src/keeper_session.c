/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "deadline.h"
#include "keeper_inner.h"
#include "using.h"
#include "when.h"

#define RECORD_WAIT 10000 /* milliseconds until an opening is given up */
#define BACK_WAIT 15000   /* milliseconds for a recorder to come back */
#define RETRY_FIRST 500   /* milliseconds between tries to write an end */
#define RETRY_LAST 60000

struct keeper_session *
keeper_add(struct keeper *k, const char *session, const char *id,
	const char *parent)
{
	struct keeper_session *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	memcpy(x->session, session, JIT_ULID);
	memcpy(x->id, id, JIT_ULID);
	jit_buf_fmt(&x->cgroup, "%s/%s", parent, session);
	if (x->cgroup.failed) {
		jit_buf_free(&x->cgroup);
		free(x);
		return NULL;
	}
	x->wait = jit_deadline_in(RECORD_WAIT);
	x->pause = RETRY_FIRST;
	x->next = k->sessions;
	k->sessions = x;
	return x;
}

/* The one whose folder is called as the path's last part. */
static struct keeper_session *
named(const struct keeper *k, const char *path)
{
	const char *name = strrchr(path, '/');
	struct keeper_session *x;

	for (x = k->sessions; name && x; x = x->next)
		if (strcmp(x->session, name + 1) == 0)
			return x;
	return NULL;
}

struct keeper_session *
keeper_of(struct keeper *k, pid_t pid)
{
	struct keeper_session *x = NULL;
	struct jit_buf path = {0};
	char *slash;

	if (cgroup_of(&path, jit_buf_text(&k->root), pid)) {
		x = named(k, jit_buf_text(&path));
		while (!x && (slash = strrchr((char *)path.data, '/'))) {
			*slash = '\0';
			x = named(k, (char *)path.data);
		}
	}
	jit_buf_free(&path);
	return x;
}

void
keeper_end(struct keeper *k, struct keeper_session *x, const char *why)
{
	if (x->stage >= KEEPER_ENDING)
		return;
	x->stage = KEEPER_ENDING;
	x->killed = cgroup_count(jit_buf_text(&x->cgroup));
	keeper_say(k, x, "ended: %s", why);
	cgroup_kill(jit_buf_text(&x->cgroup));
}

/* -- Its record ------------------------------------------------------------ */

/* The ticket of a session is its place in memory. */
static int64_t
ticket(const struct keeper_session *x)
{
	return (int64_t)((uintptr_t)x & 0x1fffffffffffffULL);
}

static void
write_close(struct keeper *k, struct keeper_session *x)
{
	struct jit_texts digests = {0};
	struct jit_arena mem = {0};
	struct jit_error err = {0};
	struct clerk_use use = {.ticket = ticket(x),
		.id = x->id,
		.session = x->session,
		.phase = "close",
		.host = k->gate.host,
		.recordings = &digests,
		.exit = x->exit,
		.killed = x->killed};
	int64_t unfinished;

	if (tape_digests(&digests, &unfinished, &mem, jit_buf_text(&k->tapes),
		    x->session, &err) == 0)
		x->asked = clerk_ask(&k->clerk, &use);
	x->wait = jit_deadline_in(x->pause);
	x->pause = 2 * x->pause < RETRY_LAST ? 2 * x->pause : RETRY_LAST;
	jit_arena_free(&mem);
}

static void
opened(struct keeper *k, struct keeper_session *x, const char *why)
{
	x->recorded = why == NULL;
	if (x->recorded && x->asker) {
		x->stage = KEEPER_LIVE;
		keeper_say(k, x, "opened");
		keeper_answer(k, x, NULL);
		return;
	}
	if (x->recorded) {
		keeper_end(k, x, "nobody waits for it any more");
		return;
	}
	keeper_answer(k, x, why);
	x->wait = jit_deadline_in(KEEPER_READ);
}

static struct keeper_session *
of_ticket(const struct keeper *k, int64_t n)
{
	struct keeper_session *x;

	for (x = k->sessions; x; x = x->next)
		if (x->asked && ticket(x) == n)
			return x;
	return NULL;
}

void
keeper_heard(struct keeper *k, const struct jit_json *answer)
{
	const char *why = jit_json_text(jit_json_get(answer, "why"));
	struct keeper_session *x;
	int64_t n = 0, status = 3;

	if (!jit_json_int(&n, jit_json_get(answer, "ticket")) ||
		!jit_json_int(&status, jit_json_get(answer, "status")))
		return;
	x = of_ticket(k, n);
	if (!x)
		return;
	x->asked = false;
	if (x->stage == KEEPER_OPENING) {
		opened(k, x, status == 0 ? NULL : why ? why : "no reason");
		return;
	}
	if (!x->recorded) { /* the answer of its opening came too late */
		x->recorded = status == 0;
		return;
	}
	/* 5: it is closed already, by an issuer or before a crash */
	if (status == 0 || status == 5)
		x->stage = KEEPER_GONE;
	else
		keeper_say(k, x, "its end is not on record yet: %s",
			why ? why : "no reason");
}

void
keeper_unheard(struct keeper *k)
{
	struct keeper_session *x;

	for (x = k->sessions; x; x = x->next) {
		if (!x->asked)
			continue;
		x->asked = false;
		if (x->stage == KEEPER_OPENING)
			opened(k, x, "whoever records it has failed");
	}
}

/* -- Its life -------------------------------------------------------------- */

/* When it has to end, UTC seconds, and why if that is now; 0: now. */
static int64_t
until_of(const struct keeper *k, const struct keeper_session *x,
	const char **why)
{
	const struct jit_state *s = jit_ledger_state(k->cli->ledger);
	const struct jit_session *open = jit_state_session(s, x->session);
	const struct jit_grant *g;
	int64_t until;

	if (!open) { /* not read yet, or closed by somebody else */
		*why = "its record is closed";
		return k->blind.text[0] ? x->until : 0;
	}
	g = jit_state_grant(s, open->live);
	if (g && jit_standing_basis(s, g) != JIT_BASIS_HOLDS) {
		*why = "its grant rests on nothing any more";
		return 0;
	}
	until = jit_using_until(s, open);
	*why = until ? "its time is over" : "its grant was ended";
	return until;
}

/* Nothing lives there any more. */
static void
close_up(struct keeper_session *x)
{
	x->stage = KEEPER_CLOSING;
	x->wait = 0;
}

static void
step_live(struct keeper *k, struct keeper_session *x)
{
	const char *why = NULL;
	int64_t until = until_of(k, x, &why);

	if (until != x->until && until) {
		x->until = until;
		keeper_tell(k, x);
	}
	if (k->cli->now >= until)
		keeper_end(k, x, why);
	else if (x->over && jit_deadline_over(x->over))
		keeper_end(k, x, "it left something behind");
	else if (x->missing && jit_deadline_over(x->back))
		keeper_end(k, x, "its recorder did not come back");
	else if (!cgroup_busy(jit_buf_text(&x->cgroup)))
		close_up(x);
}

/* What is refused may be read before it is cut off. */
static void
step_opening(struct keeper *k, struct keeper_session *x)
{
	if (x->asker && jit_deadline_over(x->wait)) {
		keeper_answer(k, x, "whoever records it does not answer");
		x->wait = jit_deadline_in(KEEPER_READ);
	} else if (!x->asker && jit_deadline_over(x->wait)) {
		keeper_end(k, x, "it was refused");
	} else if (!x->asker && !cgroup_busy(jit_buf_text(&x->cgroup))) {
		x->stage = KEEPER_ENDING;
	}
}

static void
step_ending(struct keeper_session *x)
{
	if (cgroup_busy(jit_buf_text(&x->cgroup)))
		cgroup_kill(jit_buf_text(&x->cgroup));
	else
		close_up(x);
}

static void
step_closing(struct keeper *k, struct keeper_session *x)
{
	if (x->asked)
		return;
	if (!x->recorded)
		x->stage = KEEPER_GONE;
	else if (jit_deadline_over(x->wait))
		write_close(k, x);
}

static void
forget(struct keeper *k, struct keeper_session *x)
{
	struct keeper_session **at = &k->sessions;
	size_t i;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	for (i = 0; i < KEEPER_GUESTS; i++)
		if (k->guests[i] && k->guests[i]->session == x)
			k->guests[i]->session = NULL;
	if (x->recorded)
		keeper_say(k, x, "closed");
	cgroup_remove(jit_buf_text(&x->cgroup));
	jit_buf_free(&x->cgroup);
	free(x);
}

void
keeper_step(struct keeper *k)
{
	struct keeper_session *x, *next;

	for (x = k->sessions; x; x = next) {
		next = x->next;
		if (x->stage == KEEPER_OPENING)
			step_opening(k, x);
		else if (x->stage == KEEPER_LIVE)
			step_live(k, x);
		else if (x->stage == KEEPER_ENDING)
			step_ending(x);
		else if (x->stage == KEEPER_CLOSING)
			step_closing(k, x);
		if (x->stage == KEEPER_GONE)
			forget(k, x);
	}
}

/* -- After a restart ------------------------------------------------------- */

/* Where its folder is, in another session's or by itself. */
static void
find_folder(struct jit_buf *out, const char *root, const char *session)
{
	struct jit_buf names = {0}, path = {0};
	size_t at = 0;

	cgroup_list(&names, root);
	while (!names.failed && at < names.len && out->len == 0) {
		jit_buf_reset(&path);
		jit_buf_fmt(&path, "%s/%s", root, (char *)names.data + at);
		if (strcmp((char *)names.data + at, session) == 0)
			jit_buf_str(out, jit_buf_text(&path));
		else
			find_folder(out, jit_buf_text(&path), session);
		at += strlen((char *)names.data + at) + 1;
	}
	jit_buf_free(&names);
	jit_buf_free(&path);
}

static void
take_over(struct keeper *k, const struct jit_session *open)
{
	struct keeper_session *x;
	struct jit_texts done = {0};
	struct jit_arena mem = {0};
	struct jit_buf path = {0};

	x = keeper_add(k, open->session, open->id, jit_buf_text(&k->root));
	if (!x)
		return;
	find_folder(&path, jit_buf_text(&k->root), open->session);
	if (path.len) {
		jit_buf_reset(&x->cgroup);
		jit_buf_str(&x->cgroup, jit_buf_text(&path));
	}
	jit_buf_free(&path);
	x->recorded = true;
	x->stage = KEEPER_LIVE;
	x->back = jit_deadline_in(BACK_WAIT);
	(void)!tape_digests(&done, &x->missing, &mem, jit_buf_text(&k->tapes),
		x->session, NULL);
	jit_arena_free(&mem);
	keeper_say(k, x, "taken over");
}

/* Folders of sessions that are on no record: what lives there ends. */
static void
sweep(struct keeper *k)
{
	struct jit_buf names = {0}, path = {0};
	size_t at = 0;

	cgroup_list(&names, jit_buf_text(&k->root));
	for (; !names.failed && at < names.len;
		at += strlen((char *)names.data + at) + 1) {
		jit_buf_reset(&path);
		jit_buf_fmt(&path, "%s/%s", jit_buf_text(&k->root),
			(char *)names.data + at);
		if (path.failed || named(k, jit_buf_text(&path)))
			continue;
		cgroup_kill(jit_buf_text(&path));
		cgroup_remove(jit_buf_text(&path));
	}
	jit_buf_free(&names);
	jit_buf_free(&path);
}

void
keeper_resume(struct keeper *k)
{
	const struct jit_state *s = jit_ledger_state(k->cli->ledger);
	size_t i;

	for (i = 0; i < s->sessions_count; i++)
		if (strcmp(s->sessions[i].by, k->me) == 0)
			take_over(k, &s->sessions[i]);
	sweep(k);
}

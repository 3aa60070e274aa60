/* SPDX-License-Identifier: ISC */
#include "away.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gate.h"
#include "notify.h"
#include "outbox.h"

#define SECONDS 5 /* that a remote has to answer */

/* -- Where ----------------------------------------------------------------- */

/* Whether root keeps this ledger's host: its outbox is then the host's. */
static bool
is_host(const char *genesis)
{
	struct gate g = {0};
	bool is = geteuid() == 0 && gate_read(&g, NULL) == 0 &&
		strcmp(g.genesis, genesis) == 0;

	gate_free(&g);
	return is;
}

static void
users_outbox(struct jit_buf *out, const char *genesis)
{
	const char *dir = cli_memory_dir();

	if (dir)
		jit_buf_fmt(out, "%s/outbox/%s", dir, genesis);
}

/* Where what is sealed goes; '*shared': the host's, which its gate reads. */
static int
outbox_of(struct jit_buf *out, bool *shared, const char *genesis,
	struct jit_error *err)
{
	*shared = is_host(genesis);
	if (*shared)
		jit_buf_str(out, GATE_OUTBOX);
	else
		users_outbox(out, genesis);
	if (out->len == 0 && !out->failed)
		return jit_fail(err, JIT_TROUBLE,
			"no place to keep it: HOME is not set");
	return jit_buf_failed(out, err);
}

/* -- Out of reach ---------------------------------------------------------- */

/* What it cannot read it says in 'why'. */
static int
admit(const struct cli *c, struct jit_ledger *l, const char *path,
	struct jit_error *why)
{
	struct jit_sealed x = {0};
	struct jit_error err = {0};
	int read = jit_outbox_read(&x, path, &err), rc = read;

	if (read)
		*why = err;
	else
		rc = jit_ledger_admit(l, &x, c->now, &err);
	if (rc && strcmp(err.rule, "late-once") != 0)
		cli_more(c, "'%s' is left out: %s", path, err.text);
	jit_sealed_free(&x);
	return read;
}

int
away_admit(const struct cli *c, struct jit_ledger *l, const char *dir, bool all,
	struct jit_error *err)
{
	struct jit_error why = {0};
	struct jit_outbox o = {0};
	size_t i;
	int rc = jit_outbox_list(&o, dir, err);

	for (i = 0; i < o.count; i++)
		if (admit(c, l, o.paths[i], &why) && all && rc == 0)
			rc = jit_fail(err, JIT_TROUBLE, "%s", why.text);
	jit_outbox_free(&o);
	return rc;
}

/* A user's own memory, or root's of its host. */
static int
recall(struct jit_ledger **out, const char *path, const char *memory,
	const struct cli *c, struct jit_error *err)
{
	static const char *const hosts[] = {GATE_ISSUER, GATE_KEEPER};
	size_t i;
	int rc = jit_ledger_recall(out, path, memory, c->now, err);

	for (i = 0; rc && geteuid() == 0 && i < 2; i++)
		rc = jit_ledger_recall(out, path, hosts[i], c->now, err);
	return rc;
}

int
away_open(struct cli *c, const char *path, const char *memory,
	struct jit_error *err)
{
	struct jit_ledger *l = NULL;
	struct jit_error why = {0};
	bool shared;
	int rc;

	rc = recall(&l, path, memory, c, &why);
	jit_buf_reset(&c->outbox);
	if (rc == 0)
		rc = outbox_of(&c->outbox, &shared,
			jit_ledger_state(l)->genesis, &why);
	if (rc == 0)
		rc = away_admit(c, l, jit_buf_text(&c->outbox), false, &why);
	if (rc) {
		jit_ledger_free(l);
		return JIT_TROUBLE; /* for the first reason */
	}
	c->shared = shared;
	c->why_away = *err;
	err->text[0] = '\0';
	jit_ledger_free(c->ledger);
	c->ledger = l; /* transferred */
	return 0;
}

/* Why it does not answer; JIT_NO: it does, and the trouble is another. */
static int
ask(struct jit_error *why, const struct cli *c)
{
	const struct jit_error *cut = jit_ledger_cut_off(c->ledger);
	struct jit_ledger *again = NULL;
	int rc;

	if (cut) {
		*why = *cut;
		return JIT_TROUBLE;
	}
	rc = jit_ledger_open(&again, jit_ledger_path(c->ledger),
		jit_ledger_memory(c->ledger), c->now, why);
	jit_ledger_free(again);
	return rc == JIT_TROUBLE ? rc : JIT_NO;
}

bool
away_now(struct cli *c, struct jit_error *err)
{
	struct jit_error why = {0};

	if (ask(&why, c) != JIT_TROUBLE ||
		away_open(c, jit_ledger_path(c->ledger),
			jit_ledger_memory(c->ledger), &why) != 0)
		return false;
	err->text[0] = '\0';
	return true;
}

bool
away_over(struct cli *c, bool ask, struct jit_error *err)
{
	struct jit_ledger *l = NULL;
	int rc;

	rc = jit_ledger_open(&l, jit_ledger_path(c->ledger),
		jit_ledger_memory(c->ledger), c->now, err);
	if (rc == 0)
		rc = cli_attach(l, err);
	if (rc == 0)
		rc = jit_ledger_fresh(l, c->now, err);
	if (rc == JIT_TROUBLE && ask && l)
		rc = jit_ledger_fetch(l, c->now, SECONDS, err);
	if (rc) {
		jit_ledger_free(l);
		return false;
	}
	err->text[0] = '\0';
	jit_ledger_free(c->ledger);
	c->ledger = l; /* transferred */
	return true;
}

/* What nobody can do alone is no question of rules. */
static int
needs_ledger(const struct cli *c, struct jit_error *err)
{
	return jit_fail(err, JIT_TROUBLE,
		"%s; without the ledger only break-glass is given, and access "
		"ended",
		c->why_away.text);
}

static bool
can_seal(enum jit_event_type type)
{
	return type == JIT_REQUEST || type == JIT_ISSUE || type == JIT_USE ||
		type == JIT_END || type == JIT_PROBE;
}

static int
keep(struct cli *c, const struct jit_sealed *x, struct jit_error *err)
{
	struct jit_buf path = {0};
	int rc;

	rc = jit_outbox_put(&path, jit_buf_text(&c->outbox), c->shared, x, err);
	if (rc == 0)
		cli_hint(c,
			"sealed, kept in %s; delivered when the ledger "
			"answers (%s)",
			jit_buf_text(&path), c->why_away.text);
	jit_buf_free(&path);
	return rc;
}

int
away_act(struct cli *c, enum jit_event_type type, jit_ledger_draft *draft,
	void *arg, struct jit_error *err)
{
	struct jit_sealed x = {0};
	int rc;

	if (!can_seal(type))
		return needs_ledger(c, err);
	rc = jit_ledger_seal(c->dry ? NULL : &x, c->ledger, draft, arg, type,
		c->signer, jit_signer_key(c->signer), c->now, err);
	if (rc && strcmp(err->rule, "late-kind") == 0)
		return needs_ledger(c, err);
	if (rc)
		return rc;
	if (!c->dry)
		rc = keep(c, &x, err);
	jit_sealed_free(&x);
	return rc;
}

/* -- Delivery -------------------------------------------------------------- */

/* On the way back: the request, and no further than to its second. */
static int
look_for(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	const struct jit_event *ev = jit_event_said(&c->event);
	const char **id = arg;

	(void)oid;
	(void)after;
	(void)err;
	if (c->event.at < jit_ulid_time(*id))
		return 1;
	if (ev->type != JIT_REQUEST || strcmp(ev->id, *id) != 0)
		return 0;
	*id = NULL;
	return 1;
}

/* Whether the ledger has ever heard of the grant. JIT_TROUBLE, JIT_EVIDENCE. */
static int
is_known(bool *known, const struct cli *c, const char *id,
	struct jit_error *err)
{
	int rc = jit_ledger_back(c->ledger, look_for, &id, err);

	*known = id == NULL;
	return rc;
}

/*
 * Of what the judge said: it is in the ledger, one way or another. The end of
 * a grant that the ledger knows and has not open any more is.
 */
static int
is_there(bool *there, const struct cli *c, const struct jit_sealed *x, int rc,
	struct jit_error *err)
{
	*there = rc == 0 || strcmp(err->rule, "late-once") == 0;
	if (*there || x->event.type != JIT_END ||
		(rc != JIT_NOGRANT && rc != JIT_OVER))
		return 0;
	return is_known(there, c, x->event.id, err);
}

/* Whether it is asked for, and its issue is under way by another hand. */
static bool
waits(const struct cli *c, const struct jit_sealed *x)
{
	const struct jit_grant *g =
		jit_state_grant(jit_ledger_state(c->ledger), x->event.id);

	return g && g->stage == JIT_WAITING;
}

/* What it waits for may come by another hand, its time by itself. */
static bool
may_come(const struct cli *c, const struct jit_sealed *x, int rc,
	const struct jit_error *err)
{
	if (rc == JIT_NOGRANT || strcmp(err->rule, "late-time") == 0)
		return true;
	return (strcmp(err->rule, "end-stage") == 0 ||
		       strcmp(err->rule, "use-live") == 0) &&
		waits(c, x);
}

static int
settle(const struct cli *c, const struct jit_sealed *x, const char *path,
	int rc, struct jit_error *err)
{
	struct jit_buf to = {0};
	bool there = false;
	int failed;

	if (rc == JIT_TROUBLE || rc == JIT_BUSY || rc == JIT_EVIDENCE)
		return rc;
	failed = is_there(&there, c, x, rc, err);
	if (failed)
		return failed;
	if (there) {
		rc = jit_outbox_drop(path, err);
	} else if (may_come(c, x, rc, err)) {
		cli_hint(c, "not delivered yet, kept in %s: %s", path,
			err->text);
		rc = 0;
	} else {
		rc = jit_outbox_refuse(&to, path, NULL);
		jit_within(err, 0, "refused for good, kept in %s",
			rc ? path : jit_buf_text(&to));
		cli_complain(c, err);
		rc = 0;
	}
	if (rc == 0)
		err->text[0] = '\0'; /* it is said */
	jit_buf_free(&to);
	return rc;
}

static int
append(struct cli *c, const struct jit_sealed *x, struct jit_error *err)
{
	struct jit_commit made = {0};
	int rc;

	rc = jit_ledger_deliver(&made, c->ledger, x, c->signer, c->now, err);
	if (rc)
		return rc;
	notify(c, &made);
	jit_commit_free(&made);
	cli_hint(c, "delivered %s %s by %s", jit_event_name(x->event.type),
		x->event.id, x->event.by);
	return 0;
}

static int
deliver_file(struct cli *c, const char *path, struct jit_error *err)
{
	struct jit_sealed x = {0};
	int rc = jit_outbox_read(&x, path, err);

	if (rc) {
		cli_complain(c, err); /* it is no event: nobody can */
		err->text[0] = '\0';
		return 0;
	}
	rc = append(c, &x, err);
	rc = settle(c, &x, path, rc, err);
	jit_sealed_free(&x);
	return rc;
}

static int
deliver_all(struct cli *c, const char *dir, struct jit_error *err)
{
	struct jit_outbox o = {0};
	size_t i;
	int rc = jit_outbox_list(&o, dir, err);

	for (i = 0; rc == 0 && i < o.count; i++)
		rc = deliver_file(c, o.paths[i], err);
	jit_outbox_free(&o);
	return rc;
}

int
away_deliver(struct cli *c, struct jit_error *err)
{
	const char *genesis = jit_ledger_state(c->ledger)->genesis;
	struct jit_buf dir = {0};
	int rc;

	users_outbox(&dir, genesis);
	rc = dir.len ? deliver_all(c, jit_buf_text(&dir), err) : 0;
	if (rc == 0 && is_host(genesis))
		rc = deliver_all(c, GATE_OUTBOX, err);
	jit_buf_free(&dir);
	return rc;
}

int
away_take(struct cli *c, const char *file, struct jit_error *err)
{
	struct jit_buf text = {0};
	struct jit_sealed x = {0};
	bool there = false;
	int rc;

	rc = cli_read_file(&text, file, JIT_JSON_EVENT, err);
	if (rc == 0) {
		rc = jit_sealed_read(&x, text.data, text.len, err);
		rc = rc ? jit_within(err, rc, "'%s'", file) : 0;
	}
	if (rc == 0 && jit_ledger_away(c->ledger)) {
		rc = jit_ledger_admit(c->ledger, &x, c->now, err);
		if (rc == 0 || strcmp(err->rule, "late-once") == 0)
			rc = keep(c, &x, err);
	} else if (rc == 0) {
		rc = append(c, &x, err);
		if (rc && is_there(&there, c, &x, rc, err) == 0 && there)
			rc = 0;
	}
	if (rc == 0)
		err->text[0] = '\0';
	jit_sealed_free(&x);
	jit_buf_free(&text);
	return rc;
}

/* SPDX-License-Identifier: ISC */
#include "issuance.h"

#include <stdio.h>
#include <string.h>

#include "act.h"
#include "screen.h"
#include "when.h"

static int
not_met(const struct jit_grant *g, const struct jit_standing *st,
	struct jit_error *err)
{
	struct jit_buf missing = {0};

	screen_missing(&missing, st);
	jit_refuse(err, JIT_PENDING, "issue-quorum",
		"grant %s still misses %s by rule '%s'", g->id,
		jit_buf_text(&missing), st->rule->id);
	jit_buf_free(&missing);
	return JIT_PENDING;
}

/* Nothing is certified, not even in memory, before the votes are there. */
int
issuance_ready(struct jit_standing *st, const struct jit_state *s,
	const struct jit_grant *g, int64_t at, struct jit_error *err)
{
	char stamp[JIT_STAMP];
	int rc;

	if (g->stage != JIT_WAITING) {
		jit_refuse(err, JIT_OVER, "grant-waiting",
			"grant %s is issued already: jit-status -o DIR %s",
			g->id, g->id);
		return JIT_OVER;
	}
	rc = jit_standing_of(st, s, g, at, err);
	if (rc)
		return rc;
	jit_when_stamp(stamp, st->lapses);
	if (at < st->lapses)
		return st->met ? 0 : not_met(g, st, err);
	jit_refuse(err, JIT_OVER, "grant-lapsed",
		"grant %s lapsed at %s: ask again", g->id, stamp);
	return JIT_OVER;
}

/* The votes that count, in their order; in the event's own memory. */
static int
put_approvals(struct jit_event *ev, const struct jit_state *s,
	const struct jit_grant *g, const struct jit_rule *rule,
	struct jit_error *err)
{
	const struct jit_vote *v;
	char hex[JIT_HEX256];
	size_t count = 0;

	for (v = g->votes; v; v = v->next)
		count++;
	ev->approvals.at = jit_arena_get(&ev->mem,
		(count + 1) * sizeof(*ev->approvals.at));
	if (!ev->approvals.at)
		return jit_nomem(err);
	for (v = g->votes, count = 0; v; v = v->next) {
		if (!jit_standing_counts(s, g, rule, v, ev->at))
			continue;
		jit_hex(hex, v->sha256, JIT_SHA256);
		ev->approvals.at[count] = jit_arena_str(&ev->mem, hex);
		if (!ev->approvals.at[count++])
			return jit_nomem(err);
	}
	ev->approvals.count = count;
	return 0;
}

static int
certify(struct issuance *x, struct jit_event *ev, const struct jit_state *s,
	const struct jit_grant *g, struct jit_error *err)
{
	unsigned char nonce[JIT_CERT_NONCE];
	char principal[JIT_PRINCIPAL];
	struct jit_cert cert;
	int rc;

	if (strncmp(g->resource, "ssh:", 4) != 0)
		return 0;
	if (!x->ca)
		return jit_fail(err, JIT_USAGE,
			"which CA? --ca KEY, or git config jit.ca");
	x->credential.serial =
		ev->seen ? jit_sealed_serial(g->request) : s->seq + 1;
	rc = jit_standing_cert(&cert, principal, s, g,
		jit_policy_issuer(&s->policy, ev->by, g->resource),
		x->credential.serial, ev->from, ev->until, err);
	if (rc)
		return rc;
	jit_random(nonce, sizeof(nonce));
	jit_buf_reset(&x->cert);
	rc = jit_cert_make(&x->cert, &cert, nonce, x->ca, err);
	if (rc == 0)
		rc = jit_buf_failed(&x->cert, err);
	if (rc)
		return rc;
	x->credential.cert = jit_buf_text(&x->cert);
	x->credential.sha256 = x->digest;
	ev->credential = &x->credential;
	return jit_cert_sha256(x->digest, x->credential.cert, err);
}

static int
draft(struct jit_event *ev, const struct jit_state *s, int64_t at, void *arg,
	struct jit_error *err)
{
	struct issuance *x = arg;
	const struct jit_grant *g = jit_state_grant(s, x->id);
	struct jit_standing st = {0};
	int rc;

	if (!g)
		return jit_fail(err, JIT_NOGRANT, "no open grant '%s'", x->id);
	rc = issuance_ready(&st, s, g, at, err);
	if (rc)
		return rc;
	snprintf(x->connector, sizeof(x->connector), "%.*s",
		(int)strcspn(g->resource, ":"), g->resource);
	jit_hex(x->request, g->request, JIT_SHA256);
	ev->id = x->id;
	ev->request = x->request;
	ev->rule = st.rule->id;
	ev->policy_version = s->policy_version;
	ev->from = at;
	ev->until = jit_standing_until(s, g, at, st.duration);
	ev->connector = x->connector;
	ev->connect = x->connect;
	ev->hooks.at = x->hooked;
	ev->hooks.count = x->hooks;
	rc = put_approvals(ev, s, g, st.rule, err);
	return rc ? rc : certify(x, ev, s, g, err);
}

/* Only about what could be issued now, and without the ledger's lock. */
static int
ask_hooks(struct issuance *x, struct cli *c, const struct jit_grant *g,
	struct jit_error *err)
{
	struct jit_standing st = {0};
	int rc = issuance_ready(&st, jit_ledger_state(c->ledger), g, c->now,
		err);

	if (rc == 0)
		rc = hook_ask(x->hooked, &x->hooks, &x->mem, c, g, err);
	if (rc == 0 && x->hooks)
		act_now(c);
	return rc;
}

int
issuance_make(struct issuance *x, struct cli *c, const char *id,
	struct jit_error *err)
{
	const struct jit_grant *g =
		jit_state_grant(jit_ledger_state(c->ledger), id);
	int rc;

	if (!g)
		return jit_fail(err, JIT_NOGRANT, "no open grant '%s'", id);
	memcpy(x->id, g->id, JIT_ULID);
	rc = ask_hooks(x, c, g, err);
	return rc ? rc : act(c, JIT_ISSUE, draft, x, x->id, err);
}

void
issuance_free(struct issuance *x)
{
	jit_buf_free(&x->cert);
	jit_arena_free(&x->mem);
}

/* SPDX-License-Identifier: ISC */
/* How people and policy change: asked for, approved, made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "govern.h"
#include "world.h"

#define CHANGES 1024

static step change_ask, change_vote, change_make, change_retire;

void
change_plan(struct world *w, int64_t at, const struct change *c)
{
	if (!w->changes)
		w->changes = calloc(CHANGES, sizeof(*w->changes));
	if (!w->changes || w->changes_count == CHANGES)
		die("changes", "too many");
	w->changes[w->changes_count] = *c;
	world_do(w, at, c->kind == RETIRE ? change_retire : change_ask,
		w->changes_count++);
}

/* The enrolment that a change asks for. */
static void
fill_enrolled(struct jit_enrolled *e, struct world *w, struct change *c)
{
	struct who *who = &w->c.who[c->who];
	struct jit_signer *signer = who->next ? who->next : who->signer;
	struct jit_buf line = {0};

	jit_pubkey_text(&line, jit_signer_key(signer));
	snprintf(c->key, sizeof(c->key), "%s", jit_buf_text(&line));
	jit_buf_free(&line);
	*e = (struct jit_enrolled){.principal = who->principal,
		.key = c->key,
		.class = who->class,
		.until = who->until,
		.sponsor = who->sponsor < 0 ? NULL
					    : w->c.who[who->sponsor].principal,
		.attest = who->teams & CI ? "spiffe://ex.com deploy" : NULL};
}

static struct jit_json *
body_of(struct world *w, struct change *c)
{
	struct jit_json *o = jit_json_object(), *inner;
	struct jit_enrolled e;
	struct jit_error err = {0};

	if (c->kind == POLICY) {
		jit_json_set(o, "policy", company_policy(&w->c, &c->stage));
		return o;
	}
	fill_enrolled(&e, w, c);
	inner = jit_json_object();
	if (jit_shape_write(inner, jit_govern_enroll_shape(), &e, &err) != 0 ||
		!jit_json_set(o, "enroll", inner))
		die("enroll", err.text);
	return o;
}

static void
change_ask(struct world *w, int64_t at, size_t i)
{
	struct change *c = &w->changes[i];
	const struct who *by = &w->c.who[c->by];
	unsigned char chance[10];
	struct jit_event ev;

	c->json = body_of(w, c);
	c->approver = company_pick(&w->c, ADMINS, c->by, at);
	scribe_begin(&ev, &w->s, JIT_REQUEST, by, at);
	chance_bytes(&w->c.chance, chance, sizeof(chance));
	jit_ulid_make(c->id, ev.at, chance);
	ev.id = c->id;
	ev.resource = c->kind == POLICY ? "ledger:policy" : "ledger:people";
	ev.role = "change";
	ev.task = c->kind == POLICY ? "CHG-1207" : "PPL-88";
	ev.reason = c->kind == POLICY   ? "the rules follow what is needed"
		: w->c.who[c->who].next ? "a new key, before the old one ends"
					: "joins the company this week";
	ev.source = "laptop";
	ev.change = c->json;
	scribe_write(&w->s, &ev, by);
	jit_hex(c->request, w->s.sha256, JIT_SHA256);
	world_do(w, ev.at + chance_between(&w->c.chance, 300, 3000),
		change_vote, i);
}

static void
change_vote(struct world *w, int64_t at, size_t i)
{
	struct change *c = &w->changes[i];
	const struct who *by = &w->c.who[c->approver];
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_APPROVE, by, at);
	ev.id = c->id;
	ev.request = c->request;
	ev.as = "admins";
	scribe_write(&w->s, &ev, by);
	world_do(w, ev.at + chance_between(&w->c.chance, 20, 200), change_make,
		i);
}

static void
make_policy(struct world *w, struct jit_event *ev, struct change *c,
	char digest[JIT_HEX256])
{
	struct jit_buf text = {0};

	jit_json_encode(&text, jit_json_get(c->json, "policy"), 0);
	jit_sha256_hex(digest, text.data, text.len);
	jit_buf_free(&text);
	ev->policy_version = w->s.state->policy_version + 1;
	ev->digest = digest;
}

/* The new key is in use from now on; the old one goes a week later. */
static void
hand_over(struct world *w, int64_t at, int who)
{
	struct change old = {.kind = RETIRE, .who = who};
	struct who *p = &w->c.who[who];

	if (!p->next)
		return;
	jit_pubkey_fingerprint(old.old, jit_signer_key(p->signer));
	jit_signer_free(p->signer);
	p->signer = p->next;
	p->next = NULL; /* transferred */
	change_plan(w, at + 7 * (int64_t)DAY, &old);
}

static void
change_make(struct world *w, int64_t at, size_t i)
{
	struct change *c = &w->changes[i];
	const struct who *by = &w->c.who[c->approver];
	char digest[JIT_HEX256];
	struct jit_event ev;
	bool policy = c->kind == POLICY;

	scribe_begin(&ev, &w->s, policy ? JIT_POLICY : JIT_ENROLL, by, at);
	ev.id = c->id;
	if (policy)
		make_policy(w, &ev, c, digest);
	else
		fill_enrolled(&ev.enrolled, w, c);
	scribe_write(&w->s, &ev, by);
	jit_json_free(c->json);
	c->json = NULL;
	if (!policy) {
		hand_over(w, ev.at, c->who);
		return;
	}
	if (c->stage.modern && !w->stage.modern)
		grant_cut(w, ev.at, BY_POLICY, -1, LEGACY);
	w->stage = c->stage;
}

/* A key by its fingerprint, or somebody who leaves, by one admin. */
static void
change_retire(struct world *w, int64_t at, size_t i)
{
	struct change *c = &w->changes[i];
	const struct who *by =
		&w->c.who[company_pick(&w->c, ADMINS, c->who, at)];
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_RETIRE, by, at);
	if (c->old[0]) {
		ev.fingerprint = c->old;
		ev.reason = "its successor is in use";
	} else {
		ev.principal = w->c.who[c->who].principal;
		ev.reason = "leaves us";
	}
	scribe_write(&w->s, &ev, by);
	if (!c->old[0])
		grant_cut(w, ev.at, BY_OFFBOARD, c->who, RULES);
}

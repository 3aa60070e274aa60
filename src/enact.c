/* SPDX-License-Identifier: ISC */
#include "enact.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "act.h"
#include "ending.h"
#include "name.h"
#include "when.h"

#define LINE 8192 /* bytes of a key's file */

/* A proposal as an event tells it. */
struct asking {
	const struct proposal *said;
	struct jit_json *change;
	struct jit_buf line; /* the key's */
	struct jit_arena mem;
	char id[JIT_ULID], source[65];
};

static int
put_policy(struct asking *a, struct jit_error *err)
{
	struct jit_json *policy = NULL;
	struct jit_buf text = {0};
	int rc;

	rc = cli_read_file(&text, a->said->policy, JIT_JSON_POLICY, err);
	if (rc == 0)
		rc = jit_json_read(&policy, text.data, text.len,
			JIT_JSON_POLICY, err);
	if (rc)
		rc = jit_within(err, rc, "'%s'", a->said->policy);
	else if (!jit_json_set(a->change, "policy", policy))
		rc = jit_nomem(err);
	jit_buf_free(&text);
	return rc;
}

static int
read_enrolled(struct jit_enrolled *e, struct asking *a, struct jit_error *err)
{
	const struct proposal *p = a->said;
	struct jit_buf text = {0};
	struct jit_pubkey key;
	int rc;

	e->principal = p->enroll;
	e->class = p->class ? p->class : jit_class_name(JIT_PERSON);
	e->sponsor = p->sponsor;
	e->hardware = p->hardware;
	e->attest = p->attest;
	if (jit_class_read(e->class) < 0)
		return jit_fail(err, JIT_USAGE,
			"class '%s' is not known: person, vendor, workload, "
			"host or issuer",
			e->class);
	rc = jit_name_want_attest(e->attest, err);
	if (rc == 0 && p->until)
		rc = jit_when_instant(&e->until, p->until, err);
	if (rc == 0)
		rc = jit_name_want_principal(e->principal, err);
	if (rc == 0)
		rc = cli_read_file(&text, p->pubkey, LINE, err);
	if (rc == 0)
		rc = jit_pubkey_parse(&key, jit_buf_text(&text), err);
	jit_buf_free(&text);
	if (rc)
		return rc;
	jit_pubkey_text(&a->line, &key);
	e->key = jit_buf_text(&a->line);
	return jit_buf_failed(&a->line, err);
}

/* A struct written by its table as the member 'name' of the change. */
static int
put_shape(struct asking *a, const char *name, const struct jit_member *shape,
	const void *from, struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	int rc = o ? jit_shape_write(o, shape, from, err) : jit_nomem(err);

	if (rc) {
		jit_json_free(o);
		return rc;
	}
	return jit_json_set(a->change, name, o) ? 0 : jit_nomem(err);
}

static void
read_retiring(struct jit_retiring *r, const char *word)
{
	if (jit_name_fingerprint(word))
		r->fingerprint = word;
	else
		r->principal = word;
}

static int
put_change(struct asking *a, struct jit_error *err)
{
	struct jit_enrolled e = {0};
	struct jit_retiring r = {0};
	int rc;

	if (a->said->policy)
		return put_policy(a, err);
	if (a->said->enroll) {
		rc = read_enrolled(&e, a, err);
		return rc ? rc
			  : put_shape(a, "enroll", jit_govern_enroll_shape(),
				    &e, err);
	}
	read_retiring(&r, a->said->retire);
	return put_shape(a, "retire", jit_govern_retire_shape(), &r, err);
}

static int
draft_ask(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	struct asking *a = arg;
	unsigned char chance[10];

	(void)s;
	(void)err;
	if (jit_ulid_time(a->id) != at) {
		jit_random(chance, sizeof(chance));
		jit_ulid_make(a->id, at, chance);
	}
	ev->id = a->id;
	ev->resource = a->said->policy ? "ledger:policy" : "ledger:people";
	ev->role = "change";
	ev->task = a->said->task;
	ev->reason = a->said->reason;
	ev->source = a->source;
	ev->change = a->change;
	return 0;
}

static int
ask(struct cli *c, const struct proposal *p, struct jit_error *err)
{
	struct asking a = {.said = p, .change = jit_json_object()};
	int rc = a.change ? put_change(&a, err) : jit_nomem(err);

	cli_host(a.source, sizeof(a.source));
	if (rc == 0)
		rc = act(c, JIT_REQUEST, draft_ask, &a, NULL, err);
	if (rc == 0 && c->dry) {
		cli_hint(c, "the admins would be asked");
	} else if (rc == 0) {
		memcpy(a.id, c->made, JIT_ULID);
		if (c->json)
			rc = act_answer(c, a.id, NULL, NULL, err);
		else
			cli_out("%s\n", a.id);
		cli_hint(c, "waits for the admins' quorum, then: jit-issue %s",
			a.id);
	}
	jit_json_free(a.change);
	jit_buf_free(&a.line);
	jit_arena_free(&a.mem);
	return rc;
}

static int
draft_retire(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	const struct proposal *p = arg;
	struct jit_retiring r = {0};

	(void)s;
	(void)at;
	(void)err;
	read_retiring(&r, p->retire);
	ev->principal = r.principal;
	ev->fingerprint = r.fingerprint;
	ev->reason = p->reason;
	return 0;
}

/* Whether it is only that one admin alone may not. */
static bool
needs_quorum(const struct jit_error *err)
{
	return strcmp(err->rule, "retire-admins") == 0 ||
		strcmp(err->rule, "retire-issuers") == 0 ||
		strcmp(err->rule, "change-admin") == 0;
}

static int
retire(struct cli *c, const struct proposal *p, struct jit_error *err)
{
	struct proposal copy = *p;
	int rc = act(c, JIT_RETIRE, draft_retire, &copy, NULL, err);

	if (rc == JIT_NO && needs_quorum(err)) {
		cli_hint(c, "%s", err->text);
		err->rule[0] = err->text[0] = '\0';
		return ask(c, p, err);
	}
	if (rc)
		return rc;
	cli_hint(c, "%s %s", c->dry ? "would retire" : "retired", p->retire);
	return c->dry ? 0 : ending_baseless(c, err);
}

int
enact_ask(struct cli *c, const struct proposal *p, struct jit_error *err)
{
	return p->retire ? retire(c, p, err) : ask(c, p, err);
}

/* Applying: the event says again what was asked, and the judge compares. */
struct applying {
	char id[JIT_ULID], digest[JIT_HEX256];
	struct jit_json *json;
	struct jit_arena mem;
	struct jit_change change;
	enum jit_event_type type;
};

static int
draft_apply(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	struct applying *a = arg;

	(void)at;
	(void)err;
	ev->id = a->id;
	if (a->change.policy) {
		ev->policy_version = s->policy_version + 1;
		ev->digest = a->digest;
	} else if (a->change.enroll) {
		ev->enrolled = *a->change.enroll;
	} else {
		ev->principal = a->change.retire->principal;
		ev->fingerprint = a->change.retire->fingerprint;
		ev->reason = "as the admins decided";
	}
	return 0;
}

static int
take(struct applying *a, const struct jit_grant *g, struct jit_error *err)
{
	struct jit_buf text = {0};
	int rc;

	memcpy(a->id, g->id, JIT_ULID);
	rc = jit_json_decode(&a->json, g->change, strlen(g->change),
		JIT_JSON_POLICY, err);
	if (rc == 0)
		rc = jit_govern_read(&a->change, &a->mem, a->json, err);
	if (rc)
		return rc;
	a->type = a->change.policy ? JIT_POLICY
		: a->change.enroll ? JIT_ENROLL
				   : JIT_RETIRE;
	if (a->change.policy) {
		jit_json_encode(&text, a->change.policy, 0);
		rc = jit_buf_failed(&text, err);
		jit_sha256_hex(a->digest, text.data, text.len);
	}
	jit_buf_free(&text);
	return rc;
}

int
enact(struct cli *c, const char *id, struct jit_error *err)
{
	struct applying a = {0};
	struct jit_grant *g = NULL;
	int rc = cli_grant(&g, c, id, err);

	if (rc == 0)
		rc = take(&a, g, err);
	if (rc == 0)
		rc = act(c, a.type, draft_apply, &a, a.id, err);
	if (rc == 0)
		cli_hint(c, "%s %s", c->dry ? "would apply" : "applied", a.id);
	if (rc == 0 && !c->dry)
		rc = act_answer_over(c, a.id, jit_event_name(a.type), err);
	if (rc == 0 && !c->dry)
		rc = ending_baseless(c, err);
	jit_json_free(a.json);
	jit_arena_free(&a.mem);
	return rc;
}

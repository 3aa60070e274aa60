/* SPDX-License-Identifier: ISC */
#include "policy_world.h"

#include <string.h>

#include "hash.h"
#include "policy_foresee.h"

/* A policy that is in force from 'since' on. */
static int
put_policy(struct jit_state *s, const struct jit_json *json, int64_t since,
	struct jit_error *err)
{
	struct jit_policy p = {0};
	int rc;

	rc = jit_policy_read(&p, json, err);
	if (rc)
		return rc;
	rc = jit_policy_date(&p, since, err);
	if (rc) {
		jit_policy_free(&p);
		return rc;
	}
	jit_policy_free(&s->policy);
	s->policy = p; /* transferred */
	s->policy_version++;
	s->policy_since = since;
	return 0;
}

/* A key of a name's own; nothing here is ever signed with it. */
static void
make_key(struct jit_enrolment *e, const struct policy_person *who)
{
	e->key.type = JIT_ED25519;
	if (who->key) {
		e->key.type = JIT_SK_ED25519;
		memcpy(e->key.application, "ssh:", sizeof("ssh:"));
	}
	jit_sha256(e->key.pk, who->principal, strlen(who->principal));
	jit_pubkey_fingerprint(e->fingerprint, &e->key);
}

static int
enrol(struct jit_state *s, const struct policy_person *who,
	struct jit_error *err)
{
	struct jit_enrolment *e = &s->people[s->people_count];
	int class = who->class ? jit_class_read(who->class) : JIT_PERSON;

	if (class < 0)
		return jit_fail(err, JIT_USAGE, "'%s' is no class of people",
			who->class);
	e->principal = jit_arena_str(&s->mem, who->principal);
	e->sponsor = jit_arena_str(&s->mem, who->sponsor);
	if (!e->principal || (who->sponsor && !e->sponsor))
		return jit_nomem(err);
	e->class = (enum jit_class) class;
	e->seq = 1;
	e->until = s->policy_since + JIT_POLICY_YEAR;
	make_key(e, who);
	s->people_count++;
	return who->until ? jit_when_instant(&e->until, who->until, err) : 0;
}

static int
make_room(struct jit_state *s, size_t count, struct jit_error *err)
{
	s->people = jit_arena_get(&s->mem, (count + 1) * sizeof(*s->people));
	return s->people ? 0 : jit_nomem(err);
}

static int
enrol_named(struct jit_state *s, const char *principal, const char *class,
	struct jit_error *err)
{
	const struct policy_person who = {.principal = principal,
		.class = class};

	if (jit_state_person(s, principal))
		return 0;
	return enrol(s, &who, err);
}

/* All whom the policy names, its issuers first. */
static int
enrol_all(struct jit_state *s, struct jit_error *err)
{
	const struct jit_policy *p = &s->policy;
	const struct jit_issuing *issuers = p->issuers.at;
	const struct jit_texts *names;
	size_t i, j, n = p->issuers.count;
	int rc;

	for (i = 0; i < p->groups.count; i++)
		n += p->groups.at[i].texts.count;
	rc = make_room(s, n, err);
	for (i = 0; rc == 0 && i < p->issuers.count; i++)
		rc = enrol_named(s, issuers[i].by, "issuer", err);
	for (i = 0; rc == 0 && i < p->groups.count; i++) {
		names = &p->groups.at[i].texts;
		for (j = 0; rc == 0 && j < names->count; j++)
			if (jit_name_principal(names->at[j]))
				rc = enrol_named(s, names->at[j], NULL, err);
	}
	return rc;
}

int
policy_world_make(struct jit_state **out, const struct jit_json *policy,
	const struct jit_rows *people, int64_t since, struct jit_error *err)
{
	const struct policy_person *who = people ? people->at : NULL;
	struct jit_state *s = NULL;
	size_t i;
	int rc;

	rc = jit_state_new(&s, err);
	if (rc == 0) {
		s->seq = 1; /* after a genesis */
		s->at = since;
		rc = put_policy(s, policy, since, err);
	}
	if (rc == 0)
		rc = people && people->count ? make_room(s, people->count, err)
					     : enrol_all(s, err);
	for (i = 0; rc == 0 && people && i < people->count; i++)
		rc = enrol(s, &who[i], err);
	if (rc) {
		jit_state_free(s);
		return rc;
	}
	*out = s; /* transferred */
	return 0;
}

int
policy_world_copy(struct jit_state **out, const struct jit_state *from,
	const struct jit_json *policy, int64_t since, struct jit_error *err)
{
	struct jit_state *s = NULL;
	struct jit_buf bytes = {0};
	int rc;

	jit_state_save(&bytes, from);
	rc = jit_buf_failed(&bytes, err);
	if (rc == 0)
		rc = jit_state_load(&s, bytes.data, bytes.len, err);
	if (rc == 0 && policy)
		rc = put_policy(s, policy, since, err);
	jit_buf_free(&bytes);
	if (rc) {
		jit_state_free(s);
		return rc;
	}
	*out = s; /* transferred */
	return 0;
}

/* What an issue leaves behind, as jit_change_apply has it. */
static int
leave(struct jit_state *s, const struct policy_ask *had,
	const struct jit_rule *rule, struct jit_error *err)
{
	struct jit_grant g = {.at = had->at,
		.by = had->by,
		.resource = had->resource,
		.role = had->role,
		.task = had->task ? had->task : "",
		.rule = rule->id,
		.from = had->at,
		.until = had->at + had->duration};
	unsigned char sum[JIT_SHA256];
	int rc = 0;

	jit_sha256(sum, &s->seq, sizeof(s->seq));
	jit_ulid_make(g.id, had->at, sum);
	if (rule->review)
		rc = jit_state_owe(s, &g, rule->review, err);
	if (rc == 0 && rule->budget)
		rc = jit_state_spend(s, &g, err);
	s->seq++;
	return rc;
}

int
policy_world_had(struct jit_state *s, const struct policy_ask *had,
	struct jit_error *err)
{
	struct policy_outlook o = {0};
	struct policy_ask lasting = *had;
	int rc;

	rc = policy_foresee(&o, s, had, err);
	if (rc)
		return rc;
	lasting.duration = o.st.duration;
	if (o.code == 0)
		rc = leave(s, &lasting, o.rule, err);
	else
		rc = jit_fail(err, o.code, "%s", o.no.text);
	if (rc == 0)
		s->at = had->at;
	policy_outlook_free(&o);
	return rc;
}

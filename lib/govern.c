/* SPDX-License-Identifier: ISC */
#include "govern.h"

#include <string.h>

#include "people.h"
#include "quorum.h"

static const struct jit_member retire_shape[] = {
	{.name = "principal",
		.kind = JIT_TEXT,
		.offset = offsetof(struct jit_retiring, principal),
		.check = jit_name_principal,
		.expect = "a principal"},
	{.name = "fingerprint",
		.kind = JIT_TEXT,
		.offset = offsetof(struct jit_retiring, fingerprint),
		.check = jit_name_fingerprint,
		.expect = "a key's fingerprint"},
	{.name = NULL}};

/* The members of an enroll event but for its id: one table, one truth. */
const struct jit_member *
jit_govern_retire_shape(void)
{
	return retire_shape;
}

const struct jit_member *
jit_govern_enroll_shape(void)
{
	return jit_event_enrolled();
}

static int
read_retire(struct jit_change *c, struct jit_arena *mem,
	const struct jit_json *json, struct jit_error *err)
{
	struct jit_retiring *r = jit_arena_get(mem, sizeof(*r));
	int rc;

	if (!r)
		return jit_nomem(err);
	rc = jit_shape_read(r, mem, retire_shape, json, "change", err);
	if (rc == 0 && !r->principal == !r->fingerprint)
		rc = jit_fail(err, JIT_USAGE,
			"change: retire a principal or a key");
	c->retire = r;
	return rc;
}

static int
read_enroll(struct jit_change *c, struct jit_arena *mem,
	const struct jit_json *json, struct jit_error *err)
{
	struct jit_enrolled *e = jit_arena_get(mem, sizeof(*e));

	if (!e)
		return jit_nomem(err);
	c->enroll = e;
	return jit_shape_read(e, mem, jit_event_enrolled(), json, "change",
		err);
}

int
jit_govern_read(struct jit_change *out, struct jit_arena *mem,
	const struct jit_json *json, struct jit_error *err)
{
	const struct jit_json *enroll = jit_json_get(json, "enroll");
	const struct jit_json *retire = jit_json_get(json, "retire");
	struct jit_change c = {.policy = jit_json_get(json, "policy")};
	int rc = 0;

	if (jit_json_kind(json) != JIT_JSON_OBJECT || jit_json_count(json) != 1)
		return jit_fail(err, JIT_USAGE,
			"change: one of policy, enroll and retire");
	if (enroll)
		rc = read_enroll(&c, mem, enroll, err);
	else if (retire)
		rc = read_retire(&c, mem, retire, err);
	else if (!c.policy)
		rc = jit_fail(err, JIT_USAGE,
			"change: one of policy, enroll and retire");
	if (rc == 0)
		*out = c;
	return rc;
}

/* A new policy, with everything that does not depend on who asks. */
static int
read_policy(struct jit_policy *p, const struct jit_trial *t,
	const struct jit_json *json, struct jit_error *err)
{
	const struct jit_state *s = t->s;
	int rc = jit_policy_read(p, json, err);

	if (rc)
		return rc;
	rc = jit_policy_date(p, t->ev->at, err);
	if (rc == 0)
		rc = jit_people_issuers(p, s->people, s->people_count, err);
	if (rc == 0 && JIT_RULE_ON("policy-quorum")) {
		rc = jit_quorum_check(p, s->people, s->people_count, err);
		if (rc == JIT_USAGE)
			jit_refuse(err, rc, "policy-quorum", "%s",
				err ? err->text : "");
	}
	if (rc)
		jit_policy_free(p);
	return rc;
}

static int
read_person(struct jit_enrolment *e, struct jit_arena *mem,
	const struct jit_trial *t, const struct jit_enrolled *said,
	struct jit_error *err)
{
	const struct jit_state *s = t->s;
	int rc = jit_people_read(e, mem, said, t->ev->seq, t->ev->at, err);

	if (rc == 0)
		rc = jit_people_beside(e, s->people, s->people_count, err);
	if (rc == 0)
		rc = jit_people_bound(e, said, s->people, s->people_count,
			t->ev->at, err);
	return rc;
}

static bool
is_target(const struct jit_enrolment *e, const char *principal,
	const char *fingerprint)
{
	if (e->retired)
		return false;
	return principal ? jit_trial_same(e->principal, principal)
			 : jit_trial_same(e->fingerprint, fingerprint);
}

static int
known(const struct jit_state *s, const char *principal, const char *fingerprint,
	struct jit_error *err)
{
	size_t i;

	for (i = 0; i < s->people_count; i++)
		if (is_target(&s->people[i], principal, fingerprint))
			return 0;
	JIT_RULE("retire-known", JIT_NO, false, "%s is not enrolled",
		principal ? principal : fingerprint);
	return 0;
}

/* Whether somebody is still enrolled when the targets are not. */
static bool
stays(const struct jit_state *s, const char *who, enum jit_class class,
	const char *principal, const char *fingerprint)
{
	const struct jit_enrolment *e = s->people;
	size_t i;

	for (i = 0; i < s->people_count; i++)
		if (!e[i].retired && e[i].class == class &&
			jit_trial_same(e[i].principal, who) &&
			!is_target(&e[i], principal, fingerprint))
			return true;
	return false;
}

static int64_t
admins_left(const struct jit_state *s, const char *principal,
	const char *fingerprint)
{
	const struct jit_enrolment *e = s->people;
	int64_t n = 0;
	size_t i;

	for (i = 0; i < s->people_count; i++)
		if (!e[i].retired &&
			jit_state_person(s, e[i].principal) == &e[i] &&
			jit_policy_member(&s->policy, s->policy.admins->group,
				e[i].principal) &&
			stays(s, e[i].principal, JIT_PERSON, principal,
				fingerprint))
			n++;
	return n;
}

static bool
issuer_left(const struct jit_state *s, const char *resource,
	const char *principal, const char *fingerprint)
{
	const struct jit_issuing *entry = s->policy.issuers.at;
	bool before = false;
	size_t i;

	for (i = 0; i < s->policy.issuers.count; i++) {
		if (jit_policy_issuer(&s->policy, entry[i].by, resource) ==
			NULL)
			continue;
		before = before || jit_state_person(s, entry[i].by);
		if (stays(s, entry[i].by, JIT_ISSUER, principal, fingerprint))
			return true;
	}
	return !before;
}

static bool
is_of_issuer(const struct jit_state *s, const char *principal,
	const char *fingerprint)
{
	size_t i;

	for (i = 0; i < s->people_count; i++)
		if (s->people[i].class == JIT_ISSUER &&
			is_target(&s->people[i], principal, fingerprint))
			return true;
	return false;
}

/* What is open, and what is owed, has an issuer. */
static int
guard_issuers(const struct jit_state *s, const char *principal,
	const char *fingerprint, struct jit_error *err)
{
	size_t i;

	for (i = 0; i < s->grants_count; i++)
		JIT_RULE("retire-issuers", JIT_NO,
			issuer_left(s, s->grants[i]->resource, principal,
				fingerprint),
			"no issuer of %s would remain while grant %s is open: "
			"it needs the admins' quorum",
			s->grants[i]->resource, s->grants[i]->id);
	for (i = 0; i < s->unproven_count; i++)
		JIT_RULE("retire-owed", JIT_NO,
			issuer_left(s, s->unproven[i].resource, principal,
				fingerprint),
			"no issuer of %s would remain while the end of grant "
			"%s is unproven: it needs the admins' quorum",
			s->unproven[i].resource, s->unproven[i].id);
	return 0;
}

int
jit_govern_guard(const struct jit_state *s, const char *principal,
	const char *fingerprint, struct jit_error *err)
{
	JIT_RULE("retire-admins", JIT_NO,
		admins_left(s, principal, fingerprint) >
			s->policy.admins->count,
		"too few admins would remain: it needs their quorum");
	if (!is_of_issuer(s, principal, fingerprint))
		return 0;
	return guard_issuers(s, principal, fingerprint, err);
}

int
jit_govern_propose(const struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	struct jit_change c = {0};
	struct jit_policy p = {0};
	struct jit_enrolment e;
	struct jit_arena mem = {0};
	int rc;

	rc = jit_govern_read(&c, &mem, ev->change, err);
	if (rc == 0 &&
		!jit_trial_same(ev->resource,
			c.policy ? "ledger:policy" : "ledger:people"))
		rc = jit_refuse(err, JIT_NO, "change-resource",
			"a change of %s is asked on ledger:%s",
			c.policy ? "policy" : "people",
			c.policy ? "policy" : "people");
	if (rc == 0 && c.policy) {
		rc = read_policy(&p, t, c.policy, err);
		if (rc == 0)
			jit_policy_free(&p);
	} else if (rc == 0 && c.enroll) {
		rc = read_person(&e, &mem, t, c.enroll, err);
	} else if (rc == 0) {
		rc = known(t->s, c.retire->principal, c.retire->fingerprint,
			err);
	}
	jit_arena_free(&mem);
	return rc;
}

/* The change that a grant asked for. */
static int
change_of(struct jit_change *c, struct jit_json **json, struct jit_arena *mem,
	const struct jit_grant *g, struct jit_error *err)
{
	int rc;

	if (!g->change)
		return jit_refuse(err, JIT_NO, "change-kind",
			"grant %s asks for no change", g->id);
	rc = jit_json_decode(json, g->change, strlen(g->change),
		JIT_JSON_POLICY, err);
	return rc ? rc : jit_govern_read(c, mem, *json, err);
}

static int
rules_of_admin(const struct jit_trial *t, struct jit_error *err)
{
	const struct jit_policy *p = &t->s->policy;

	JIT_RULE("change-admin", JIT_NO,
		t->author->class == JIT_PERSON &&
			jit_policy_member(p, p->admins->group, t->ev->by),
		"only an admin applies it: %s is not in group '%s'", t->ev->by,
		p->admins->group);
	return 0;
}

static int
rules_of_policy(const struct jit_trial *t, const struct jit_change *c,
	struct jit_error *err)
{
	struct jit_buf text = {0};
	struct jit_policy p = {0};
	char digest[JIT_HEX256];
	int rc;

	JIT_RULE("policy-version", JIT_NO,
		t->ev->policy_version == t->s->policy_version + 1,
		"its version is %lld, must be %lld",
		(long long)t->ev->policy_version,
		(long long)t->s->policy_version + 1);
	jit_json_encode(&text, c->policy, 0);
	rc = jit_buf_failed(&text, err);
	if (rc == 0)
		jit_sha256_hex(digest, text.data, text.len);
	jit_buf_free(&text);
	if (rc)
		return rc;
	JIT_RULE("policy-digest", JIT_NO, jit_trial_same(t->ev->digest, digest),
		"its digest is not that of the policy that was asked for");
	rc = read_policy(&p, t, c->policy, err);
	if (rc == 0)
		jit_policy_free(&p);
	return rc;
}

static bool
same_or_none(const char *a, const char *b)
{
	return a == b || jit_trial_same(a, b);
}

static int
rules_of_enroll(const struct jit_trial *t, const struct jit_change *c,
	struct jit_arena *mem, struct jit_error *err)
{
	const struct jit_enrolled *a = &t->ev->enrolled, *b = c->enroll;
	struct jit_enrolment e;

	JIT_RULE("enrol-same", JIT_NO,
		jit_trial_same(a->principal, b->principal) &&
			jit_trial_same(a->key, b->key) &&
			jit_trial_same(a->class, b->class) &&
			same_or_none(a->sponsor, b->sponsor) &&
			same_or_none(a->attest, b->attest) &&
			a->until == b->until && a->hardware == b->hardware,
		"it is not the enrolment that was asked for");
	return read_person(&e, mem, t, a, err);
}

static int
rules_of_retire(const struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	int rc;

	JIT_RULE("retire-one", JIT_USAGE, !ev->principal != !ev->fingerprint,
		"it retires a principal or a key");
	rc = known(t->s, ev->principal, ev->fingerprint, err);
	if (rc == 0 && !t->grant)
		rc = jit_govern_guard(t->s, ev->principal, ev->fingerprint,
			err);
	return rc;
}

static int
rules_of_kind(const struct jit_trial *t, const struct jit_change *c,
	struct jit_arena *mem, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;

	JIT_NEED("change-kind", JIT_NO,
		(ev->type == JIT_POLICY) == (c->policy != NULL) &&
			(ev->type == JIT_ENROLL) == (c->enroll != NULL) &&
			(ev->type == JIT_RETIRE) == (c->retire != NULL),
		"grant %s asks for another change", t->grant->id);
	if (ev->type == JIT_POLICY)
		return rules_of_policy(t, c, err);
	if (ev->type == JIT_ENROLL)
		return rules_of_enroll(t, c, mem, err);
	JIT_RULE("retire-same", JIT_NO,
		same_or_none(ev->principal, c->retire->principal) &&
			same_or_none(ev->fingerprint, c->retire->fingerprint),
		"it is not the one that was asked for");
	return rules_of_retire(t, err);
}

int
jit_govern_judge(struct jit_trial *t, struct jit_error *err)
{
	struct jit_standing st = {0};
	struct jit_change c = {0};
	struct jit_json *json = NULL;
	struct jit_arena mem = {0};
	int rc = rules_of_admin(t, err);

	if (rc)
		return rc;
	if (!t->grant)
		return rules_of_retire(t, err);
	rc = jit_trial_waiting(&st, t, err);
	if (rc == 0)
		rc = change_of(&c, &json, &mem, t->grant, err);
	if (rc == 0 && !st.met && JIT_RULE_ON("change-quorum"))
		rc = jit_refuse(err, JIT_PENDING, "change-quorum",
			"grant %s has not the votes of the admins that it "
			"needs",
			t->grant->id);
	if (rc == 0)
		rc = rules_of_kind(t, &c, &mem, err);
	jit_arena_free(&mem);
	jit_json_free(json);
	return rc;
}

static int
do_policy(struct jit_state *s, const struct jit_trial *t,
	const struct jit_change *c, struct jit_error *err)
{
	struct jit_policy p = {0};
	int rc = read_policy(&p, t, c->policy, err);

	if (rc)
		return rc;
	rc = jit_state_replace(s, t->ev->at, err);
	if (rc) {
		jit_policy_free(&p);
		return rc;
	}
	jit_policy_free(&s->policy);
	s->policy = p; /* transferred */
	s->policy_version = t->ev->policy_version;
	s->policy_since = t->ev->at;
	s->policy_seq = t->ev->seq;
	return 0;
}

static int
do_enroll(struct jit_state *s, const struct jit_trial *t, struct jit_error *err)
{
	size_t n = s->people_count;
	struct jit_enrolment *list =
		jit_arena_get(&s->mem, (n + 1) * sizeof(*list));
	int rc;

	if (!list)
		return jit_nomem(err);
	memcpy(list, s->people, n * sizeof(*list));
	rc = read_person(&list[n], &s->mem, t, &t->ev->enrolled, err);
	if (rc)
		return rc;
	s->people = list;
	s->people_count = n + 1;
	return 0;
}

static void
do_retire(struct jit_state *s, const struct jit_event *ev)
{
	size_t i;

	for (i = 0; i < s->people_count; i++)
		if (is_target(&s->people[i], ev->principal, ev->fingerprint))
			s->people[i].retired = ev->seq;
}

int
jit_govern_apply(struct jit_state *s, const struct jit_trial *t,
	struct jit_error *err)
{
	struct jit_change c = {0};
	struct jit_json *json = NULL;
	struct jit_arena mem = {0};
	int rc = 0;

	if (t->ev->type == JIT_POLICY) {
		rc = change_of(&c, &json, &mem, t->grant, err);
		if (rc == 0)
			rc = do_policy(s, t, &c, err);
	} else if (t->ev->type == JIT_ENROLL) {
		rc = do_enroll(s, t, err);
	} else {
		do_retire(s, t->ev);
	}
	jit_arena_free(&mem);
	jit_json_free(json);
	if (rc == 0 && t->grant)
		jit_state_drop(s, t->grant);
	return rc;
}

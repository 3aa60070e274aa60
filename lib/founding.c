/* SPDX-License-Identifier: ISC */
#include "founding.h"

#include <string.h>

#include "quorum.h"
#include "trial.h"

static int
enrol_all(struct jit_enrolment **people, struct jit_arena *mem,
	const struct jit_event *ev, struct jit_error *err)
{
	const struct jit_enrolled *row = ev->people.at;
	struct jit_enrolment *list;
	size_t i, j;
	int rc;

	list = jit_arena_get(mem, ev->people.count * sizeof(*list));
	if (!list)
		return jit_nomem(err);
	for (i = 0; i < ev->people.count; i++) {
		list[i].principal = jit_arena_str(mem, row[i].principal);
		list[i].class = (enum jit_class)jit_class_read(row[i].class);
		list[i].seq = ev->seq;
		rc = jit_pubkey_parse(&list[i].key, row[i].key, err);
		if (rc)
			return rc;
		jit_pubkey_fingerprint(list[i].fingerprint, &list[i].key);
		if (!list[i].principal)
			return jit_nomem(err);
		for (j = 0; j < i; j++) {
			JIT_RULE("genesis-key", JIT_NO,
				!jit_pubkey_equal(&list[j].key, &list[i].key),
				"key %s is enrolled twice",
				list[i].fingerprint);
			JIT_RULE("genesis-class", JIT_NO,
				list[j].class == list[i].class ||
					!jit_trial_same(list[j].principal,
						list[i].principal),
				"%s is enrolled as %s and as %s",
				list[i].principal, row[j].class, row[i].class);
		}
	}
	*people = list;
	return 0;
}

static int
rules_of_founder(const struct jit_event *ev, const struct jit_enrolment *people,
	struct jit_error *err)
{
	size_t i;

	for (i = 0; i < ev->people.count; i++)
		if (jit_trial_same(people[i].fingerprint, ev->key) &&
			jit_trial_same(people[i].principal, ev->by) &&
			people[i].class == JIT_PERSON)
			return 0;
	JIT_RULE("genesis-founder", JIT_NO, false,
		"its founder %s is not among the people", ev->by);
	return 0;
}

static int
rules_of_issuers(const struct jit_policy *p, const struct jit_enrolment *people,
	size_t count, struct jit_error *err)
{
	const struct jit_issuing *entry = p->issuers.at;
	size_t i, j;

	for (i = 0; i < p->issuers.count; i++) {
		for (j = 0; j < count; j++)
			if (jit_trial_same(people[j].principal, entry[i].by) &&
				people[j].class == JIT_ISSUER)
				break;
		JIT_RULE("genesis-issuer", JIT_USAGE, j < count,
			"policy: issuers[%zu]: %s is not enrolled as issuer", i,
			entry[i].by);
	}
	return 0;
}

void
jit_founding_free(struct jit_founding *f)
{
	jit_policy_free(&f->policy);
	jit_arena_free(&f->mem);
}

int
jit_founding_judge(struct jit_founding *f, const struct jit_event *ev,
	struct jit_error *err)
{
	int rc;

	rc = jit_policy_read(&f->policy, ev->policy, err);
	if (rc)
		return rc;
	rc = enrol_all(&f->people, &f->mem, ev, err);
	if (rc)
		return rc;
	rc = rules_of_founder(ev, f->people, err);
	if (rc)
		return rc;
	rc = rules_of_issuers(&f->policy, f->people, ev->people.count, err);
	if (rc)
		return rc;
	if (!JIT_RULE_ON("genesis-quorum"))
		return 0;
	rc = jit_quorum_check(&f->policy, f->people, ev->people.count, err);
	return rc == JIT_USAGE ? jit_refuse(err, rc, "genesis-quorum", "%s",
					 err ? err->text : "")
			       : rc;
}

int
jit_founding_apply(struct jit_state *s, const struct jit_event *ev,
	const struct jit_proof *proof, struct jit_error *err)
{
	struct jit_founding f = {0};
	int rc;

	rc = jit_founding_judge(&f, ev, err);
	if (rc)
		goto out;
	s->name = jit_arena_str(&f.mem, ev->name);
	if (!s->name) {
		rc = jit_nomem(err);
		goto out;
	}
	jit_hex(s->genesis, proof->sha256, JIT_SHA256);
	s->people = f.people;
	s->people_count = ev->people.count;
	s->policy_version = 1;
	s->policy = f.policy;
	s->mem = f.mem;
	memset(&f, 0, sizeof(f)); /* transferred */
out:
	jit_founding_free(&f);
	return rc;
}

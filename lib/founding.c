/* SPDX-License-Identifier: ISC */
#include "founding.h"

#include <string.h>

#include "people.h"
#include "quorum.h"
#include "trial.h"

static int
enrol_all(struct jit_enrolment **people, struct jit_arena *mem,
	const struct jit_event *ev, struct jit_error *err)
{
	const struct jit_enrolled *row = ev->people.at;
	size_t i, n = ev->people.count;
	struct jit_enrolment *list = jit_arena_get(mem, n * sizeof(*list));
	int rc = 0;

	if (!list)
		return jit_nomem(err);
	for (i = 0; rc == 0 && i < n; i++) {
		rc = jit_people_read(&list[i], mem, &row[i], ev->seq, ev->at,
			err);
		if (rc == 0)
			rc = jit_people_beside(&list[i], list, i, err);
	}
	for (i = 0; rc == 0 && i < n; i++)
		rc = jit_people_bound(&list[i], &row[i], list, n, ev->at, err);
	*people = list;
	return rc;
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
	if (rc == 0)
		rc = jit_policy_date(&f->policy, ev->at, err);
	if (rc)
		return rc;
	rc = enrol_all(&f->people, &f->mem, ev, err);
	if (rc)
		return rc;
	rc = rules_of_founder(ev, f->people, err);
	if (rc)
		return rc;
	rc = jit_people_issuers(&f->policy, f->people, ev->people.count, err);
	if (rc)
		return rc;
	if (!JIT_RULE_ON("policy-quorum"))
		return 0;
	rc = jit_quorum_check(&f->policy, f->people, ev->people.count, err);
	return rc == JIT_USAGE ? jit_refuse(err, rc, "policy-quorum", "%s",
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
	s->policy_since = ev->at;
	s->policy_seq = 1;
	s->policy = f.policy;
	s->mem = f.mem;
	memset(&f, 0, sizeof(f)); /* transferred */
out:
	jit_founding_free(&f);
	return rc;
}

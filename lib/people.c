/* SPDX-License-Identifier: ISC */
#include "people.h"

#include <string.h>

#include "trial.h"

int
jit_people_read(struct jit_enrolment *out, struct jit_arena *mem,
	const struct jit_enrolled *said, int64_t seq, int64_t at,
	struct jit_error *err)
{
	struct jit_enrolment e = {0};
	int rc;

	rc = jit_pubkey_parse(&e.key, said->key, err);
	if (rc)
		return rc;
	jit_pubkey_fingerprint(e.fingerprint, &e.key);
	e.principal = jit_arena_str(mem, said->principal);
	e.sponsor = jit_arena_str(mem, said->sponsor);
	e.attest = jit_arena_str(mem, said->attest);
	e.class = (enum jit_class)jit_class_read(said->class);
	e.hardware = said->hardware;
	e.until = said->until ? said->until : at + JIT_POLICY_YEAR;
	e.seq = seq;
	if (!e.principal || (said->sponsor && !e.sponsor) ||
		(said->attest && !e.attest))
		return jit_nomem(err);
	*out = e;
	return 0;
}

int
jit_people_beside(const struct jit_enrolment *e,
	const struct jit_enrolment *others, size_t count, struct jit_error *err)
{
	size_t i;

	for (i = 0; i < count; i++) {
		JIT_RULE("enrol-key", JIT_NO,
			!jit_pubkey_equal(&others[i].key, &e->key),
			"key %s is enrolled twice", e->fingerprint);
		JIT_RULE("enrol-class", JIT_NO,
			others[i].class == e->class ||
				!jit_trial_same(others[i].principal,
					e->principal),
			"%s is enrolled as %s and as %s", e->principal,
			jit_class_name(others[i].class),
			jit_class_name(e->class));
	}
	return 0;
}

/* Who vouches is another person, enrolled too. */
static bool
has_sponsor(const struct jit_enrolment *e, const struct jit_enrolment *people,
	size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (jit_trial_same(people[i].principal, e->sponsor) &&
			people[i].class == JIT_PERSON && !people[i].retired &&
			!jit_trial_same(e->sponsor, e->principal))
			return true;
	return false;
}

int
jit_people_bound(const struct jit_enrolment *e, const struct jit_enrolled *said,
	const struct jit_enrolment *people, size_t count, int64_t at,
	struct jit_error *err)
{
	JIT_RULE("enrol-until", JIT_USAGE,
		e->until > at && e->until <= at + JIT_POLICY_YEAR,
		"the end of %s must be within the coming year", e->principal);
	JIT_RULE("enrol-vendor", JIT_USAGE,
		e->class != JIT_VENDOR || (e->sponsor && said->until),
		"vendor %s needs a sponsor and an end", e->principal);
	JIT_RULE("enrol-sponsor", JIT_USAGE,
		!e->sponsor || has_sponsor(e, people, count),
		"the sponsor of %s must be another person that is enrolled",
		e->principal);
	JIT_RULE("enrol-attest", JIT_USAGE,
		!e->attest || e->class == JIT_WORKLOAD,
		"only a workload is attested, %s is enrolled as %s",
		e->principal, jit_class_name(e->class));
	return 0;
}

int
jit_people_issuers(const struct jit_policy *p,
	const struct jit_enrolment *people, size_t count, struct jit_error *err)
{
	const struct jit_issuing *entry = p->issuers.at;
	size_t i, j;

	for (i = 0; i < p->issuers.count; i++) {
		for (j = 0; j < count; j++)
			if (jit_trial_same(people[j].principal, entry[i].by) &&
				people[j].class == JIT_ISSUER &&
				!people[j].retired)
				break;
		JIT_RULE("policy-issuer", JIT_USAGE, j < count,
			"policy: issuers[%zu]: %s is not enrolled as issuer", i,
			entry[i].by);
	}
	return 0;
}

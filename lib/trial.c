/* SPDX-License-Identifier: ISC */
#include "trial.h"

#include <string.h>

#include "when.h"

bool
jit_trial_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

bool
jit_trial_hash(const char *hex, const unsigned char sha256[JIT_SHA256])
{
	char other[JIT_HEX256];

	jit_hex(other, sha256, JIT_SHA256);
	return jit_trial_same(hex, other);
}

int
jit_trial_waiting(struct jit_standing *st, const struct jit_trial *t,
	struct jit_error *err)
{
	char stamp[JIT_STAMP];
	int rc;

	JIT_RULE("grant-waiting", JIT_OVER, t->grant->stage == JIT_WAITING,
		"grant %s is issued already", t->grant->id);
	rc = jit_standing_of(st, t->s, t->grant, err);
	if (rc)
		return rc;
	jit_when_stamp(stamp, st->lapses);
	JIT_RULE("grant-lapsed", JIT_OVER, t->ev->at < st->lapses,
		"grant %s lapsed at %s: ask again", t->grant->id, stamp);
	return 0;
}

int
jit_trial_reference(const struct jit_trial *t, struct jit_error *err)
{
	JIT_RULE("grant-request", JIT_NO,
		jit_trial_hash(t->ev->request, t->grant->request),
		"it names another request than that of grant %s", t->grant->id);
	return 0;
}

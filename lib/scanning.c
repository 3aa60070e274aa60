/* SPDX-License-Identifier: ISC */
#include "scanning.h"

#include <string.h>

#include "using.h"

bool
jit_scanning_may(const struct jit_state *s, const struct jit_enrolment *who,
	const char *surface)
{
	if (!strchr(surface, ':'))
		return who->class == JIT_HOST || who->class == JIT_ISSUER;
	if (who->class == JIT_HOST)
		return jit_using_host(surface, who->principal);
	return who->class == JIT_ISSUER &&
		jit_policy_issuer(&s->policy, who->principal, surface);
}

bool
jit_scanning_host(const struct jit_enrolment *who, const char *host)
{
	size_t len = strlen(host);

	return who->class != JIT_HOST ||
		(strncmp(who->principal, host, len) == 0 &&
			who->principal[len] == '@');
}

/* A count of what was not seen would be a guess: none is said. */
static int
rules_of_surfaces(const struct jit_trial *t, struct jit_error *err)
{
	const struct jit_surface *x = t->ev->surfaces.at;
	size_t i;

	for (i = 0; i < t->ev->surfaces.count; i++) {
		JIT_RULE("scan-order", JIT_USAGE,
			i == 0 || strcmp(x[i - 1].surface, x[i].surface) < 0,
			"each surface once, in the order of their names");
		JIT_RULE("scan-count", JIT_USAGE,
			x[i].count.given != jit_trial_same(x[i].seen, "none") &&
				(x[i].count.given || !x[i].digest),
			"what was seen has a count, what was not has neither "
			"that nor a digest");
		JIT_RULE("scan-resource", JIT_NO,
			jit_scanning_may(t->s, t->author, x[i].surface),
			"%s is neither the host nor an issuer of %s", t->ev->by,
			x[i].surface);
	}
	return 0;
}

int
jit_scanning_judge(struct jit_trial *t, struct jit_error *err)
{
	int64_t next = jit_state_counted(t->s, t->ev->by) + 1;

	JIT_RULE("scan-class", JIT_NO,
		t->author->class == JIT_HOST || t->author->class == JIT_ISSUER,
		"only a host or an issuer scans: %s is enrolled as %s",
		t->ev->by, jit_class_name(t->author->class));
	JIT_RULE("scan-host", JIT_NO, jit_scanning_host(t->author, t->ev->host),
		"%s does not speak for '%s'", t->ev->by, t->ev->host);
	JIT_RULE("scan-counter", JIT_NO, t->ev->counter == next,
		"the next of %s is number %lld", t->ev->by, (long long)next);
	return rules_of_surfaces(t, err);
}

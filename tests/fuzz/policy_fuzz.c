/* SPDX-License-Identifier: ISC */
/*
 * Policies as people write them: what is read is asked with the principals,
 * resources and roles that stand in it, and its quorums are checked with
 * some of them enrolled.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "quorum.h"
#include "text.h"

#define PEOPLE 24
#define NOW 1795321661LL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
has(const struct jit_texts *texts, const char *s)
{
	size_t i;

	for (i = 0; i < texts->count; i++)
		if (strcmp(texts->at[i], s) == 0)
			return true;
	return false;
}

static bool
covers_who(const struct jit_policy *p, const struct jit_rule *r,
	const char *who)
{
	size_t i;

	for (i = 0; i < r->who.count; i++)
		if (jit_policy_member(p, r->who.at[i], who))
			return true;
	return r->deny && r->who.count == 0;
}

/* What gives it is no deny, and says so of this role and this person. */
static void
ask(const struct jit_policy *p, const char *who, const char *resource,
	const char *role)
{
	const struct jit_rule *r = NULL;
	struct jit_error err = {0};
	const struct jit_asked q = {.who = who,
		.resource = resource,
		.role = role,
		.at = NOW + 1};

	if (jit_policy_match(&r, p, &q, &err) != 0) {
		if (r != NULL || err.rule[0] == '\0' || err.text[0] == '\0')
			abort();
	} else if (r->deny || !has(&r->roles, role) || !covers_who(p, r, who)) {
		abort();
	}
	(void)jit_policy_issuer(p, who, resource);
}

static void
ask_all(const struct jit_policy *p, const char *who)
{
	const struct jit_rule *r = p->rules.at;
	struct jit_buf words = {0};
	size_t i;

	for (i = 0; i < p->rules.count && i < 8; i++) {
		ask(p, who, r[i].resource, "root");
		ask(p, who, "ssh:web-1",
			r[i].roles.count ? r[i].roles.at[0] : "");
		jit_policy_spell(&words, &r[i]);
	}
	if (words.failed)
		abort();
	jit_buf_free(&words);
}

/* Some of the members of groups, and others, as people. */
static size_t
enrol(struct jit_enrolment people[PEOPLE], const struct jit_policy *p)
{
	static const char *const others[] = {"a@x", "b@x", "root@ex.com",
		"alice@ex.com", "b@x"};
	const struct jit_named *g = p->groups.at;
	size_t i, j, n = 0;

	memset(people, 0, PEOPLE * sizeof(*people));
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		people[n++].principal = others[i];
	for (i = 0; i < p->groups.count; i++)
		for (j = 0; n < PEOPLE && j < g[i].texts.count; j++)
			people[n++].principal = g[i].texts.at[j];
	people[n - 1].class = JIT_HOST;
	return n;
}

static void
try(const struct jit_json *json)
{
	struct jit_enrolment people[PEOPLE];
	struct jit_error err = {0};
	struct jit_policy p;
	size_t i, n;
	int rc;

	if (jit_policy_read(&p, json, &err) != 0) {
		if (err.text[0] == '\0' ||
			!jit_text_clean(err.text, strlen(err.text)))
			abort();
		return;
	}
	if (jit_policy_date(&p, NOW, &err) != 0) {
		jit_policy_free(&p);
		return;
	}
	n = enrol(people, &p);
	for (i = 0; i < n; i++)
		ask_all(&p, people[i].principal);
	rc = jit_quorum_check(&p, people, n, &err);
	if (rc != 0 && (rc != JIT_USAGE || err.text[0] == '\0'))
		abort();
	/* with nobody enrolled nothing can be had */
	if (jit_quorum_check(&p, people, 0, NULL) != JIT_USAGE)
		abort();
	jit_policy_free(&p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_json *json = NULL;

	if (jit_json_read(&json, data, size, JIT_JSON_POLICY, NULL) != 0)
		return 0;
	try(json);
	jit_json_free(json);
	return 0;
}

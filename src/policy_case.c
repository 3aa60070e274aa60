/* SPDX-License-Identifier: ISC */
#include "policy_case.h"

#include <string.h>

#include "name.h"
#include "policy_word.h"
#include "when.h"

static bool
is_key(const char *s)
{
	return strcmp(s, "sk") == 0;
}

static bool
is_decision(const char *s)
{
	return strcmp(s, "allow") == 0 || strcmp(s, "deny") == 0;
}

#define TEXT(st, n, f, req, grammar, what)                                     \
	{                                                                      \
		.name = (n), .kind = JIT_TEXT, .required = (req),              \
		.offset = offsetof(struct st, f), .check = (grammar),          \
		.expect = (what)                                               \
	}
#define LAST                                                                   \
	{                                                                      \
		.name = NULL                                                   \
	}

static const struct jit_member person_shape[] = {
	TEXT(policy_person, "principal", principal, true, jit_name_principal,
		"a principal"),
	TEXT(policy_person, "class", class, false, NULL, NULL),
	TEXT(policy_person, "sponsor", sponsor, false, jit_name_principal,
		"a principal"),
	TEXT(policy_person, "until", until, false, NULL, NULL),
	TEXT(policy_person, "key", key, false, is_key, "\"sk\""), LAST};

static const struct jit_member asked_shape[] = {
	TEXT(policy_asked, "by", by, true, jit_name_principal, "a principal"),
	TEXT(policy_asked, "resource", resource, true, jit_name_resource,
		"a resource"),
	TEXT(policy_asked, "role", role, true, jit_name_label, "a role's name"),
	TEXT(policy_asked, "task", task, false, jit_name_task, "a task"),
	TEXT(policy_asked, "reason", reason, false, jit_name_reason,
		"a reason"),
	TEXT(policy_asked, "at", at, false, NULL, NULL),
	{.name = "duration",
		.kind = JIT_DURATION,
		.offset = offsetof(struct policy_asked, duration)},
	{.name = "break_glass",
		.kind = JIT_FLAG,
		.offset = offsetof(struct policy_asked, glass)},
	{.name = "actions",
		.kind = JIT_LISTS,
		.offset = offsetof(struct policy_asked, actions),
		.min = 1,
		.max = JIT_ACTIONS_MAX,
		.check = jit_name_word,
		.expect = "a word of an action"},
	LAST};

static const struct jit_member expected_shape[] = {
	TEXT(policy_expected, "decision", decision, true, is_decision,
		"\"allow\" or \"deny\""),
	TEXT(policy_expected, "rule", rule, false, jit_name_label,
		"a rule's name"),
	{.name = "needs",
		.kind = JIT_ANY,
		.offset = offsetof(struct policy_expected, needs)},
	{.name = "max",
		.kind = JIT_DURATION,
		.offset = offsetof(struct policy_expected, max)},
	LAST};

static const struct jit_member case_shape[] = {
	TEXT(policy_case, "policy", policy, true, NULL, NULL),
	TEXT(policy_case, "since", since, false, NULL, NULL),
	{.name = "people",
		.kind = JIT_ROWS,
		.offset = offsetof(struct policy_case, people),
		.inner = person_shape,
		.size = sizeof(struct policy_person)},
	{.name = "history",
		.kind = JIT_ROWS,
		.offset = offsetof(struct policy_case, history),
		.inner = asked_shape,
		.size = sizeof(struct policy_asked)},
	{.name = "request",
		.kind = JIT_INNER,
		.required = true,
		.offset = offsetof(struct policy_case, request),
		.inner = asked_shape,
		.size = sizeof(struct policy_asked)},
	{.name = "expect",
		.kind = JIT_INNER,
		.required = true,
		.offset = offsetof(struct policy_case, expect),
		.inner = expected_shape,
		.size = sizeof(struct policy_expected)},
	LAST};

int
policy_case_read(struct policy_case *k, const char *path, struct jit_error *err)
{
	int rc = policy_read_json(&k->json, path, err);

	return rc
		? rc
		: jit_shape_read(k, &k->mem, case_shape, k->json, "case", err);
}

void
policy_case_free(struct policy_case *k)
{
	jit_json_free(k->json);
	jit_arena_free(&k->mem);
}

static int
take_time(int64_t *at, const char *text, int64_t otherwise,
	struct jit_error *err)
{
	*at = otherwise;
	return text ? jit_when_instant(at, text, err) : 0;
}

int
policy_case_ask(struct policy_ask *out, const struct policy_asked *in,
	int64_t now, struct jit_error *err)
{
	*out = (struct policy_ask){.by = in->by,
		.resource = in->resource,
		.role = in->role,
		.task = in->task,
		.reason = in->reason,
		.duration = in->duration,
		.glass = in->glass,
		.actions = in->actions};
	return take_time(&out->at, in->at, now, err);
}

int
policy_case_since(int64_t *since, const struct policy_case *k, int64_t now,
	struct jit_error *err)
{
	const struct policy_asked *had = k->history.at;
	int64_t at, first;
	size_t i;
	int rc;

	rc = take_time(&first, k->request->at, now, err);
	for (i = 0; rc == 0 && i < k->history.count; i++) {
		rc = take_time(&at, had[i].at, now, err);
		if (rc == 0 && at < first)
			first = at;
	}
	return rc ? rc : take_time(since, k->since, first, err);
}

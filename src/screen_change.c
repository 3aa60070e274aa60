/* SPDX-License-Identifier: ISC */
#include "screen_change.h"

#include <string.h>

#include "govern.h"
#include "when.h"

/* People. */

static size_t
keys_of(const struct jit_state *s, const char *principal)
{
	size_t i, n = 0;

	for (i = 0; i < s->people_count; i++)
		if (!s->people[i].retired &&
			strcmp(s->people[i].principal, principal) == 0)
			n++;
	return n;
}

static int
show_enroll(struct jit_buf *out, const struct jit_state *s,
	const struct jit_enrolled *e, struct jit_error *err)
{
	char print[JIT_FINGERPRINT], stamp[JIT_STAMP];
	size_t others = keys_of(s, e->principal);
	struct jit_pubkey key;
	int rc = jit_pubkey_parse(&key, e->key, err);

	if (rc)
		return rc;
	jit_pubkey_fingerprint(print, &key);
	jit_buf_fmt(out, "enrol %s as %s", e->principal, e->class);
	if (others)
		jit_buf_fmt(out, ", beside %zu key%s that %s enrolled", others,
			others == 1 ? "" : "s", others == 1 ? "is" : "are");
	jit_buf_fmt(out, "\nkey %s\n", print);
	jit_buf_str(out,
		e->hardware ? "kept in hardware, as who asks says\n"
			    : "not said to be kept in hardware\n");
	if (e->sponsor)
		jit_buf_fmt(out, "sponsored by %s\n", e->sponsor);
	if (e->attest)
		jit_buf_fmt(out, "attested as %s\n", e->attest);
	jit_when_stamp(stamp, e->until);
	jit_buf_fmt(out, "until %s\n",
		e->until ? stamp : "a year after it is applied");
	return 0;
}

static void
show_retire(struct jit_buf *out, const struct jit_state *s,
	const struct jit_retiring *r)
{
	const struct jit_enrolment *e = r->principal
		? jit_state_person(s, r->principal)
		: jit_state_key(s, r->fingerprint);
	size_t n = r->principal ? keys_of(s, r->principal) : 0;

	if (r->principal)
		jit_buf_fmt(out, "retire %s, with %s%zu key%s", r->principal,
			n > 1 ? "all " : "", n, n == 1 ? "" : "s");
	else
		jit_buf_fmt(out, "retire key %s", r->fingerprint);
	if (!e)
		jit_buf_str(out, ", not enrolled any more\n");
	else if (r->principal)
		jit_buf_fmt(out, " (%s)\n", jit_class_name(e->class));
	else
		jit_buf_fmt(out, " of %s\n", e->principal);
	jit_buf_str(out, "what rests on it ends at once\n");
}

/* Policy: the members that differ, old and new. */

static bool
same(const struct jit_json *a, const struct jit_json *b)
{
	struct jit_buf x = {0}, y = {0};
	bool alike;

	if (!a || !b)
		return a == b;
	jit_json_encode(&x, a, 0);
	jit_json_encode(&y, b, 0);
	alike = !x.failed && !y.failed && x.len == y.len &&
		memcmp(x.data, y.data, x.len) == 0;
	jit_buf_free(&x);
	jit_buf_free(&y);
	return alike;
}

static void
put_value(struct jit_buf *out, const struct jit_json *v)
{
	if (v)
		jit_json_encode(out, v, 0);
	else
		jit_buf_str(out, "nothing");
}

static void
put_member(struct jit_buf *out, const char *what, const char *name,
	const struct jit_json *old, const struct jit_json *new)
{
	jit_buf_fmt(out, "%s: %s was ", what, name);
	put_value(out, old);
	jit_buf_str(out, ", now ");
	put_value(out, new);
	jit_buf_str(out, "\n");
}

static void
diff_members(struct jit_buf *out, const char *what, const struct jit_json *old,
	const struct jit_json *new)
{
	const struct jit_json *v;
	const char *name;
	void *i = NULL;

	while ((i = jit_json_next(new, i, &name, &v)) != NULL)
		if (!same(jit_json_get(old, name), v))
			put_member(out, what, name, jit_json_get(old, name), v);
	i = NULL;
	while ((i = jit_json_next(old, i, &name, &v)) != NULL)
		if (!jit_json_get(new, name))
			put_member(out, what, name, v, NULL);
}

/* Whether a list of texts has it. */
static bool
has(const struct jit_json *list, const struct jit_json *text)
{
	size_t i;

	for (i = 0; i < jit_json_count(list); i++)
		if (same(jit_json_at(list, i), text))
			return true;
	return false;
}

/* Append ", + a, + b" of those in 'list' that are not in 'other'. */
static void
put_extra(struct jit_buf *out, const char *sign, const struct jit_json *list,
	const struct jit_json *other, bool *any)
{
	size_t i;

	for (i = 0; i < jit_json_count(list); i++) {
		if (has(other, jit_json_at(list, i)))
			continue;
		jit_buf_fmt(out, "%s%s%s", *any ? ", " : " ", sign,
			jit_json_text(jit_json_at(list, i)));
		*any = true;
	}
}

static void
put_group(struct jit_buf *out, const char *name, const struct jit_json *old,
	const struct jit_json *new)
{
	bool any = false;

	jit_buf_fmt(out, "group %s%s:", name,
		!old           ? " added"
			: !new ? " removed"
			       : "");
	put_extra(out, "+", new, old, &any);
	put_extra(out, "-", old, new, &any);
	jit_buf_str(out, any ? "\n" : " in another order\n");
}

static void
diff_groups(struct jit_buf *out, const struct jit_json *old,
	const struct jit_json *new)
{
	const struct jit_json *v;
	const char *name;
	void *i = NULL;

	while ((i = jit_json_next(new, i, &name, &v)) != NULL)
		if (!same(jit_json_get(old, name), v))
			put_group(out, name, jit_json_get(old, name), v);
	i = NULL;
	while ((i = jit_json_next(old, i, &name, &v)) != NULL)
		if (!jit_json_get(new, name))
			put_group(out, name, v, NULL);
}

static const char *
id_of(const struct jit_json *rule)
{
	const char *id = jit_json_text(jit_json_get(rule, "id"));

	return id ? id : "";
}

static const struct jit_json *
rule_called(const struct jit_json *rules, const char *id)
{
	size_t i;

	for (i = 0; i < jit_json_count(rules); i++)
		if (strcmp(id_of(jit_json_at(rules, i)), id) == 0)
			return jit_json_at(rules, i);
	return NULL;
}

static void
put_rule(struct jit_buf *out, const struct jit_json *rule, const char *how)
{
	jit_buf_fmt(out, "rule %s %s: ", id_of(rule), how);
	put_value(out, rule);
	jit_buf_str(out, "\n");
}

/* The first match decides: whether those in both come as they came. */
static bool
in_order(const struct jit_json *old, const struct jit_json *new)
{
	size_t i, j = 0;
	const char *id;

	for (i = 0; i < jit_json_count(new); i++) {
		id = id_of(jit_json_at(new, i));
		if (!rule_called(old, id))
			continue;
		while (!rule_called(new, id_of(jit_json_at(old, j))))
			j++;
		if (strcmp(id_of(jit_json_at(old, j++)), id) != 0)
			return false;
	}
	return true;
}

static void
diff_rules(struct jit_buf *out, const struct jit_json *old,
	const struct jit_json *new)
{
	const struct jit_json *r, *was;
	struct jit_buf what = {0};
	size_t i;

	for (i = 0; i < jit_json_count(new); i++) {
		r = jit_json_at(new, i);
		was = rule_called(old, id_of(r));
		if (!was) {
			put_rule(out, r, "added");
			continue;
		}
		jit_buf_reset(&what);
		jit_buf_fmt(&what, "rule %s", id_of(r));
		diff_members(out, jit_buf_text(&what), was, r);
	}
	for (i = 0; i < jit_json_count(old); i++) {
		r = jit_json_at(old, i);
		if (!rule_called(new, id_of(r)))
			put_rule(out, r, "removed");
	}
	if (!in_order(old, new)) {
		jit_buf_str(out, "rules in another order:");
		for (i = 0; i < jit_json_count(new); i++)
			jit_buf_fmt(out, "%s %s", i ? "," : "",
				id_of(jit_json_at(new, i)));
		jit_buf_str(out, "\n");
	}
	jit_buf_free(&what);
}

static const struct jit_json *
get(const struct jit_json *policy, const char *name)
{
	return jit_json_get(policy, name);
}

/* Each issuer by its place: they have no other name. */
static void
diff_issuers(struct jit_buf *out, const struct jit_json *old,
	const struct jit_json *new)
{
	size_t i;

	for (i = 0; i < jit_json_count(new); i++)
		if (!has(old, jit_json_at(new, i))) {
			jit_buf_str(out, "issuer added: ");
			put_value(out, jit_json_at(new, i));
			jit_buf_str(out, "\n");
		}
	for (i = 0; i < jit_json_count(old); i++)
		if (!has(new, jit_json_at(old, i))) {
			jit_buf_str(out, "issuer removed: ");
			put_value(out, jit_json_at(old, i));
			jit_buf_str(out, "\n");
		}
}

static void
show_policy(struct jit_buf *out, const struct jit_state *s,
	const struct jit_json *new)
{
	const struct jit_json *old = s->policy.json;
	size_t before;

	jit_buf_fmt(out, "policy, in place of version %lld\n",
		(long long)s->policy_version);
	before = out->len;
	diff_members(out, "admins", get(old, "admins"), get(new, "admins"));
	diff_issuers(out, get(old, "issuers"), get(new, "issuers"));
	diff_members(out, "limits", get(old, "limits"), get(new, "limits"));
	diff_groups(out, get(old, "groups"), get(new, "groups"));
	diff_rules(out, get(old, "rules"), get(new, "rules"));
	if (out->len == before)
		jit_buf_str(out,
			same(old, new)
				? "the same: its rules begin a new year\n"
				: "nothing but an order differs\n");
}

int
screen_change(struct jit_buf *lines, const struct jit_state *s,
	const struct jit_grant *g, struct jit_error *err)
{
	struct jit_change c = {0};
	struct jit_json *json = NULL;
	struct jit_arena mem = {0};
	int rc = jit_json_decode(&json, g->change, strlen(g->change),
		JIT_JSON_POLICY, err);

	if (rc == 0)
		rc = jit_govern_read(&c, &mem, json, err);
	if (rc == 0 && c.enroll)
		rc = show_enroll(lines, s, c.enroll, err);
	else if (rc == 0 && c.retire)
		show_retire(lines, s, c.retire);
	else if (rc == 0)
		show_policy(lines, s, c.policy);
	jit_arena_free(&mem);
	jit_json_free(json);
	return rc ? rc : jit_buf_failed(lines, err);
}

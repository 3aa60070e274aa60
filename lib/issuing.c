/* SPDX-License-Identifier: ISC */
#include "issuing.h"

#include <string.h>

#include "sealed.h"

static int
rules_of_approvals(const struct jit_trial *t, const struct jit_rule *rule,
	struct jit_error *err)
{
	const struct jit_texts *list = &t->ev->approvals;
	const struct jit_vote *v;
	size_t i = 0;
	bool good = true;

	for (v = t->grant->votes; v; v = v->next) {
		if (!jit_standing_counts(t->s, t->grant, rule, v, t->ev->at))
			continue;
		good = good && i < list->count &&
			jit_trial_hash(list->at[i], v->sha256);
		i++;
	}
	JIT_RULE("issue-approvals", JIT_NO, good && i == list->count,
		"its approvals are not the votes that count");
	return 0;
}

static int
rules_of_window(const struct jit_trial *t, const struct jit_standing *st,
	struct jit_error *err)
{
	const struct jit_event *ev = t->ev;

	JIT_RULE("issue-rule", JIT_NO, jit_trial_same(ev->rule, st->rule->id),
		"the rule that gives it is '%s'", st->rule->id);
	JIT_RULE("issue-policy", JIT_NO,
		ev->policy_version == t->s->policy_version,
		"policy %lld is in force", (long long)t->s->policy_version);
	JIT_RULE("issue-from", JIT_NO, ev->from == ev->at,
		"it must begin when it is issued");
	JIT_RULE("issue-until", JIT_NO,
		ev->until ==
			jit_standing_until(t->s, t->grant, ev->from,
				st->duration),
		"it may last until %lld",
		(long long)jit_standing_until(t->s, t->grant, ev->from,
			st->duration));
	return 0;
}

static bool
has_ca(const struct jit_issuing *entry, const struct jit_pubkey *ca)
{
	char fingerprint[JIT_FINGERPRINT];
	size_t i;

	jit_pubkey_fingerprint(fingerprint, ca);
	for (i = 0; i < entry->ca.count; i++)
		if (jit_trial_same(entry->ca.at[i], fingerprint))
			return true;
	return false;
}

static int
rules_of_certificate(struct jit_trial *t, const struct jit_issuing *entry,
	struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	const struct jit_credential *cred = ev->credential;
	char principal[JIT_PRINCIPAL], digest[JIT_HEX256];
	struct jit_cert want;
	int64_t serial = ev->seq;
	int rc;

	if (t->late)
		serial = jit_sealed_serial(t->grant->request);
	JIT_RULE("issue-serial", JIT_NO, cred->serial == serial,
		"its serial is not %s",
		t->late ? "that of its request's digest" : "its seq");
	rc = jit_standing_cert(&want, principal, t->s, t->grant, entry, serial,
		ev->from, ev->until, err);
	if (rc)
		return rc;
	if (JIT_RULE_ON("issue-cert")) {
		rc = (t->again ? jit_cert_again : jit_cert_check)(&t->ca,
			cred->cert, &want, err);
		if (rc && rc != JIT_EVIDENCE)
			return rc;
		if (rc)
			return jit_refuse(err, JIT_NO, "issue-cert", "%s",
				err ? err->text : "");
		JIT_RULE("issue-ca", JIT_NO, has_ca(entry, &t->ca),
			"its CA is not one that the policy names for %s",
			ev->by);
	}
	rc = jit_cert_sha256(digest, cred->cert, err);
	if (rc)
		return rc;
	JIT_RULE("issue-digest", JIT_NO, jit_trial_same(cred->sha256, digest),
		"its sha256 is not that of the certificate");
	return 0;
}

/* The scheme of the resource is the connector. */
static bool
is_scheme_of(const char *scheme, const char *resource)
{
	size_t n = strlen(scheme);

	return strncmp(resource, scheme, n) == 0 && resource[n] == ':';
}

static int
rules_of_credential(struct jit_trial *t, const struct jit_issuing *entry,
	struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	bool ssh = strncmp(t->grant->resource, "ssh:", 4) == 0;

	JIT_RULE("issue-connector", JIT_NO,
		is_scheme_of(ev->connector, t->grant->resource),
		"connector '%s' is not that of %s", ev->connector,
		t->grant->resource);
	JIT_RULE("issue-connect", JIT_NO,
		!ev->connect || jit_json_kind(ev->connect) == JIT_JSON_OBJECT,
		"how to connect is no object");
	JIT_NEED("issue-credential", JIT_NO, ssh == (ev->credential != NULL),
		ssh ? "%s needs a certificate" : "%s takes no certificate",
		t->grant->resource);
	return ssh ? rules_of_certificate(t, entry, err) : 0;
}

static int
rules_of_actions(struct jit_trial *t, const struct jit_standing *st,
	const struct jit_issuing *entry, struct jit_error *err)
{
	const struct jit_grant *g = t->grant;

	JIT_RULE("issue-actions", JIT_NO, g->actions.count == 0 || st->actions,
		"the votes leave no action of grant %s", g->id);
	JIT_RULE("issue-recorder", JIT_NO,
		g->actions.count == 0 || entry->recorder ||
			strncmp(g->resource, "ssh:", 4) != 0,
		"without a recorder nothing keeps grant %s to its actions",
		g->id);
	t->actions = st->actions;
	return 0;
}

int
jit_issuing_judge(struct jit_trial *t, struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	const struct jit_issuing *entry;
	struct jit_standing st = {0};
	int rc;

	rc = jit_trial_waiting(&st, t, err);
	if (rc == 0)
		rc = jit_trial_reference(t, err);
	if (rc)
		return rc;
	JIT_RULE("issue-class", JIT_NO, t->author->class == JIT_ISSUER,
		"%s is enrolled as %s, not as issuer", ev->by,
		jit_class_name(t->author->class));
	entry = jit_policy_issuer(&t->s->policy, ev->by, t->grant->resource);
	JIT_NEED("issue-issuer", JIT_NO, entry != NULL,
		"the policy has no issuer %s for %s", ev->by,
		t->grant->resource);
	JIT_RULE("issue-quorum", JIT_PENDING, st.met,
		"grant %s has not the votes that rule '%s' wants", t->grant->id,
		st.rule->id);
	rc = rules_of_approvals(t, st.rule, err);
	if (rc == 0)
		rc = jit_trial_hours(t, st.rule, err);
	if (rc == 0 && t->grant->glass)
		rc = jit_trial_debts(t, t->grant->by, err);
	if (rc == 0 && t->grant->extends[0])
		rc = jit_trial_extension(t, t->grant->extends, st.rule,
			st.duration, err);
	if (rc == 0)
		rc = rules_of_window(t, &st, err);
	if (rc == 0)
		rc = rules_of_actions(t, &st, entry, err);
	if (rc == 0)
		rc = rules_of_credential(t, entry, err);
	return rc;
}

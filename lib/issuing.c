/* SPDX-License-Identifier: ISC */
#include "issuing.h"

#include <string.h>

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
rules_of_credential(struct jit_trial *t, const struct jit_issuing *entry,
	struct jit_error *err)
{
	const struct jit_event *ev = t->ev;
	const struct jit_credential *cred = ev->credential;
	char principal[JIT_PRINCIPAL], digest[JIT_HEX256];
	struct jit_cert want;
	int rc;

	JIT_RULE("issue-connector", JIT_NO,
		jit_trial_same(ev->connector, "ssh"),
		"connector '%s' is not known", ev->connector);
	JIT_RULE("issue-serial", JIT_NO, cred->serial == ev->seq,
		"its serial is not its seq");
	rc = jit_standing_cert(&want, principal, t->s, t->grant, entry, ev->seq,
		ev->from, ev->until, err);
	if (rc)
		return rc;
	if (JIT_RULE_ON("issue-cert")) {
		rc = jit_cert_check(&t->ca, cred->cert, &want, err);
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
		rc = rules_of_credential(t, entry, err);
	return rc;
}

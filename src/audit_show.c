/* SPDX-License-Identifier: ISC */
/* jit-audit show: the story of one grant on one screen, and why. */
#include "audit.h"

#include <string.h>

#include "audit_decide.h"

/* Lines of JSON that may lack memory: all of them, or none. */

static struct jit_json *
vote_json(const struct jit_past *p, const struct audit_decision *d,
	const struct jit_vote *v)
{
	const char *fault = audit_vote_fault(p->state, d, v);
	struct jit_json *o = jit_json_object();
	char sha256[JIT_HEX256];
	bool good;

	jit_hex(sha256, v->sha256, JIT_SHA256);
	good = jit_json_set_text(o, "by", v->by) &&
		jit_json_set_text(o, "as", v->as) &&
		jit_json_set_int(o, "at", v->at) &&
		jit_json_set_text(o, "sha256", sha256) &&
		jit_json_set_bool(o, "counts", !fault) &&
		jit_json_set_bool(o, "completes", v == d->last);
	if (good && fault)
		good = jit_json_set_text(o, "why_not", fault);
	if (good && v->duration)
		good = jit_json_set_int(o, "duration", v->duration);
	if (good)
		return o;
	jit_json_free(o);
	return NULL;
}

static struct jit_json *
votes_json(const struct jit_past *p, const struct audit_decision *d)
{
	struct jit_json *list = jit_json_list();
	const struct jit_vote *v;
	bool good = list != NULL;

	for (v = d->grant->votes; v && good; v = v->next)
		good = jit_json_add(list, vote_json(p, d, v));
	if (good)
		return list;
	jit_json_free(list);
	return NULL;
}

static struct jit_json *
needs_json(const struct jit_standing *st)
{
	struct jit_json *list = jit_json_list(), *o;
	bool good = list != NULL;
	size_t i;

	for (i = 0; i < st->tallies && good; i++) {
		o = jit_json_object();
		good = jit_json_set_text(o, "group", st->tally[i].group) &&
			jit_json_set_int(o, "need", st->tally[i].need) &&
			jit_json_set_int(o, "have", st->tally[i].have);
		good = jit_json_add(list, o) && good;
	}
	if (good)
		return list;
	jit_json_free(list);
	return NULL;
}

static struct jit_json *
ifs_json(const struct audit_decision *d)
{
	struct jit_json *list = jit_json_list(), *o;
	bool good = list != NULL;
	size_t i;

	for (i = 0; i < d->ifs_count && good; i++) {
		o = jit_json_object();
		good = jit_json_set_text(o, "if",
			       jit_buf_text(&d->ifs[i].what)) &&
			jit_json_set_text(o, "rule", d->ifs[i].no.rule) &&
			jit_json_set_text(o, "why", d->ifs[i].no.text);
		good = jit_json_add(list, o) && good;
	}
	if (good)
		return list;
	jit_json_free(list);
	return NULL;
}

static bool
put_rule(struct jit_json *o, const struct jit_past *p,
	const struct audit_decision *d)
{
	bool good = jit_json_set_text(o, "rule", d->st.rule->id) &&
		jit_json_set(o, "needs", needs_json(&d->st)) &&
		jit_json_set_bool(o, "met", d->st.met) &&
		jit_json_set_int(o, "lapses", d->st.lapses) &&
		jit_json_set(o, "votes", votes_json(p, d));

	if (good && !d->grant->change)
		good = jit_json_set_int(o, "would_last", d->st.duration);
	if (good && d->last)
		good = jit_json_set_text(o, "missing_before_last",
			jit_buf_text(&d->before));
	return good;
}

static struct jit_json *
decision_json(const struct jit_past *p, const struct audit_decision *d)
{
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_int(o, "at", d->at) &&
		jit_json_set_int(o, "policy", p->state->policy_version) &&
		jit_json_set_int(o, "read", p->read);

	if (good && p->decision)
		good = jit_json_set_text(o, "type",
			       jit_event_name(p->decision->ev.type)) &&
			jit_json_set_int(o, "seq", p->decision->ev.seq) &&
			jit_json_set_bool(o, "same", d->code == 0);
	if (good && (d->code || !d->ruled))
		good = jit_json_set_text(o, "refused_by", d->no.rule) &&
			jit_json_set_text(o, "why", d->no.text);
	if (good && d->ruled)
		good = put_rule(o, p, d);
	if (good && jit_json_set(o, "refused_if", ifs_json(d)))
		return o;
	jit_json_free(o);
	return NULL;
}

static struct jit_json *
event_json(const struct jit_past_event *e)
{
	struct jit_json *o = cli_event_json(&e->ev, e->oid, e->proof.sha256);

	if (e->late < 0 || jit_json_set_int(o, "late", e->late))
		return o;
	jit_json_free(o);
	return NULL;
}

static struct jit_json *
events_json(const struct jit_past *p)
{
	struct jit_json *list = jit_json_list();
	const struct jit_past_event *e = p->events;
	bool good = list != NULL;
	size_t i;

	for (i = 0; i < p->count && good; i++)
		good = jit_json_add(list, event_json(&e[i]));
	if (good)
		return list;
	jit_json_free(list);
	return NULL;
}

static int
print_json(const struct jit_past *p, const struct audit_decision *d,
	struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	bool good = jit_json_set_text(o, "id", p->id) &&
		jit_json_set(o, "events", events_json(p)) &&
		jit_json_set(o, "decision", decision_json(p, d));

	if (good)
		cli_out_json(o);
	jit_json_free(o);
	return good ? 0 : jit_nomem(err);
}

/* What was recorded passed the judge; asked the same again, he says so. */
static int
check_same(const struct audit_decision *d, struct jit_error *err)
{
	if (d->code == 0)
		return 0;
	return jit_fail(err, JIT_TROUBLE,
		"asked again, the judge says otherwise than was recorded "
		"(%s): %s",
		d->no.rule, d->no.text);
}

int
audit_show(struct audit *a, struct jit_error *err)
{
	struct audit_decision d = {0};
	struct jit_past p = {0};
	char prefix[JIT_ULID];
	int rc;

	if (!jit_ulid_prefix(prefix, a->operand))
		return cli_usage(&a->cli, err,
			"'%s' is no id: 26 characters, or its first 8 and "
			"more",
			a->operand);
	rc = cli_ledger_here(&a->cli, err);
	if (rc)
		return rc;
	rc = jit_past_find(&p, a->cli.ledger, prefix, err);
	if (rc == JIT_NOGRANT)
		return jit_fail(err, rc, "no grant '%s' in this ledger",
			a->operand);
	if (rc)
		return rc;
	rc = audit_decide(&d, &p, a->cli.now, err);
	if (rc == 0)
		rc = a->cli.json ? print_json(&p, &d, err)
				 : audit_screen(a, &p, &d, err);
	if (rc == 0)
		rc = check_same(&d, err);
	audit_decision_free(&d);
	jit_past_free(&p);
	return rc;
}

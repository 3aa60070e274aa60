/* SPDX-License-Identifier: ISC */
/* jit-policy explain: which rule decides, what is missing, who could say so. */
#include <stdio.h>
#include <string.h>

#include "policy_word.h"
#include "words.h"

#define MINUTE 60

struct explain {
	struct policy_options *o;
	struct policy_source source;
	struct policy_ask ask;
	struct policy_outlook out;
	const struct policy_outlook *smaller; /* NULL: there is none */
	struct policy_outlook other;
	const char *other_role;
	struct jit_arena mem; /* of the actions */
};

static int
find_who(struct explain *x, struct jit_error *err)
{
	struct cli *c = &x->o->cli;
	const struct jit_enrolment *me = NULL;
	int rc;

	x->ask.by = x->o->who;
	if (x->ask.by)
		return jit_name_want_principal(x->ask.by, err);
	if (!x->source.enrolled)
		return cli_usage(c, err, "for whom? -u WHO");
	rc = cli_signer(c, err);
	if (rc == 0)
		rc = jit_ledger_whoami(&me, c->ledger,
			jit_signer_key(c->signer), err);
	if (rc == 0)
		x->ask.by = me->principal;
	return rc;
}

static int
read_question(struct explain *x, struct jit_error *err)
{
	const struct policy_options *o = x->o;
	int rc;

	x->ask.resource = o->cli.args[1];
	x->ask.role = o->cli.args[2];
	x->ask.task = o->task;
	x->ask.duration = o->duration ? o->duration : MINUTE;
	x->ask.glass = o->glass;
	x->ask.at = o->cli.now;
	rc = jit_name_want_resource(x->ask.resource, err);
	if (rc == 0)
		rc = jit_name_want_label("role", x->ask.role, err);
	if (rc == 0 && o->task)
		rc = jit_name_want_task(o->task, err);
	if (rc == 0)
		rc = cli_actions(&x->ask.actions, &x->mem, &o->actions, err);
	if (rc == 0 && o->at)
		rc = jit_when_instant(&x->ask.at, o->at, err);
	return rc;
}

/* What was then is not kept: only the newest state is. */
static int
check_time(struct explain *x, struct jit_error *err)
{
	int64_t newest = x->source.state->at;
	char stamp[JIT_STAMP];

	if (x->ask.at >= newest)
		return 0;
	if (!x->o->at) { /* a clock that is a little behind */
		x->ask.at = newest;
		return 0;
	}
	jit_when_stamp(stamp, newest);
	return jit_fail(err, JIT_USAGE,
		"--at %s is before the ledger's newest event, of %s", x->o->at,
		stamp);
}

/* Whether the role in 'next' may be had with fewer votes than the best. */
static bool
is_smaller(const struct explain *x, const struct policy_outlook *next)
{
	const struct policy_outlook *best = x->smaller;

	if (next->code)
		return false;
	if (!best && x->out.code)
		return true;
	return policy_votes(next->rule) <
		policy_votes(best ? best->rule : x->out.rule);
}

static int
try_role(struct explain *x, const char *role, struct jit_error *err)
{
	struct policy_ask ask = x->ask;
	struct policy_outlook next = {0};
	int rc;

	if (strcmp(role, x->ask.role) == 0)
		return 0;
	ask.role = role;
	ask.task = NULL;
	ask.duration = MINUTE;
	rc = policy_foresee(&next, x->source.state, &ask, err);
	if (rc)
		return rc;
	if (is_smaller(x, &next)) {
		policy_outlook_free(&x->other);
		x->other = next; /* transferred */
		x->smaller = &x->other;
		x->other_role = role;
	} else {
		policy_outlook_free(&next);
	}
	return 0;
}

/* Each role of the policy is asked for, and the judge decides. */
static int
find_smaller(struct explain *x, struct jit_error *err)
{
	const struct jit_policy *p = &x->source.state->policy;
	const struct jit_rule *r = p->rules.at;
	size_t i, j;
	int rc = 0;

	for (i = 0; i < p->rules.count; i++)
		for (j = 0; rc == 0 && j < r[i].roles.count; j++)
			rc = try_role(x, r[i].roles.at[j], err);
	return rc;
}

/* "1 of dba and 1 of security", "nobody's vote, a review by security". */
static void
put_votes(struct jit_buf *out, const struct jit_rule *rule)
{
	if (rule->approve.count)
		jit_policy_spell(out, rule);
	else
		jit_buf_str(out, "nobody");
	if (rule->key)
		jit_buf_str(out, ", each with a security key");
	if (!rule->review)
		return;
	jit_buf_fmt(out, ", with a review by %s within ", rule->review->group);
	jit_when_spell(out, rule->review->within);
}

static void
put_voters(struct jit_buf *out, const struct policy_voters *v)
{
	size_t i;

	for (i = 0; i < v->count; i++)
		jit_buf_fmt(out, "%s%s", i ? ", " : "", v->who[i]);
	if (v->count == 0)
		jit_buf_str(out, "nobody who is enrolled");
}

/* One row: what it is, and the text, which is used up. */
static void
row(const char *label, struct jit_buf *text)
{
	cli_out("%-10s", label);
	cli_out_text(cli_whole(text));
	cli_out("\n");
	jit_buf_reset(text);
}

static void
print_rule(const struct policy_outlook *out, struct jit_buf *b)
{
	const struct jit_rule *r = out->rule;
	char stamp[JIT_STAMP];
	size_t i;

	jit_buf_str(b, r->id);
	row("rule", b);
	put_votes(b, r);
	row("needs", b);
	for (i = 0; i < out->st.tallies; i++) {
		jit_buf_fmt(b, "%lld of %s: ", (long long)out->voters[i].need,
			out->voters[i].group);
		put_voters(b, &out->voters[i]);
		row("could", b);
	}
	jit_when_spell(b, r->max);
	jit_buf_str(b, ", with extensions ");
	jit_when_spell(b, r->sum);
	row("at most", b);
	jit_buf_fmt(b, "%s", r->task ? r->task : "any");
	row("task", b);
	for (i = 0; i < r->actions.count; i++) {
		jit_words_put(b, &r->actions.at[i]);
		row(i ? "" : "actions", b);
	}
	if (r->when) {
		jit_buf_fmt(b, "%s %s-%s %s", r->when->days, r->when->from,
			r->when->until, r->when->zone);
		row("hours", b);
	}
	if (r->budget) {
		jit_buf_fmt(b, "%lld grants and ", (long long)out->grants_left);
		jit_when_spell(b, out->time_left > 0 ? out->time_left : 0);
		jit_buf_str(b, " are left within ");
		jit_when_spell(b, r->budget->per);
		row("budget", b);
	}
	jit_when_stamp(stamp, r->ends);
	jit_buf_str(b, stamp);
	row("ends", b);
}

static int
print_text(const struct explain *x, struct jit_error *err)
{
	const struct policy_outlook *out = &x->out;
	struct jit_buf b = {0};
	int rc;

	jit_buf_fmt(&b, "%s: %s %s on %s",
		out->code             ? "no"
			: out->st.met ? "yes"
				      : "yes, once approved",
		x->ask.by, x->ask.role, x->ask.resource);
	row("answer", &b);
	if (out->code) {
		jit_buf_fmt(&b, "%s (%s)", out->no.text, out->no.rule);
		row("because", &b);
	}
	if (out->rule)
		print_rule(out, &b);
	if (x->smaller) {
		jit_buf_fmt(&b, "%s (%s: ", x->other_role,
			x->smaller->rule->id);
		jit_when_spell(&b, x->smaller->rule->max);
		jit_buf_str(&b, ", ");
		put_votes(&b, x->smaller->rule);
		jit_buf_str(&b, ")");
		row("smaller", &b);
	}
	rc = jit_buf_failed(&b, err);
	jit_buf_free(&b);
	return rc;
}

static struct jit_json *
voters_json(const struct policy_outlook *out)
{
	struct jit_json *list = jit_json_list(), *o, *who;
	size_t i, j;
	bool good = list != NULL;

	for (i = 0; good && i < out->st.tallies; i++) {
		o = jit_json_object();
		who = jit_json_list();
		for (j = 0; j < out->voters[i].count; j++)
			good = good &&
				jit_json_add_text(who, out->voters[i].who[j]);
		good = good &&
			jit_json_set_text(o, "group", out->voters[i].group) &&
			jit_json_set_int(o, "count", out->voters[i].need);
		good = jit_json_set(o, "could", who) && good;
		good = jit_json_add(list, o) && good;
	}
	if (good)
		return list;
	jit_json_free(list);
	return NULL;
}

static bool
put_rule(struct jit_json *o, const struct policy_outlook *out)
{
	static const struct jit_member actions[] = {
		{.name = "actions",
			.kind = JIT_LISTS,
			.offset = offsetof(struct jit_rule, actions)},
		{.name = NULL}};
	const struct jit_rule *r = out->rule;
	bool good;

	good = jit_json_set_text(o, "rule", r->id) &&
		jit_json_set(o, "needs", voters_json(out)) &&
		jit_json_set_int(o, "max", r->max) &&
		jit_json_set_int(o, "sum", r->sum) &&
		jit_json_set_int(o, "ends", r->ends) &&
		jit_json_set_bool(o, "met", out->st.met);
	if (good && r->task)
		good = jit_json_set_text(o, "task", r->task);
	if (good && r->key)
		good = jit_json_set_text(o, "key", r->key);
	good = good && jit_shape_write(o, actions, r, NULL) == 0;
	if (good && r->budget)
		good = jit_json_set_int(o, "grants_left", out->grants_left) &&
			jit_json_set_int(o, "time_left", out->time_left);
	return good;
}

static int
print_json(const struct explain *x, struct jit_error *err)
{
	struct jit_json *o = jit_json_object(), *less = NULL;
	const struct policy_outlook *out = &x->out;
	bool good;

	good = jit_json_set_text(o, "decision", out->code ? "deny" : "allow") &&
		jit_json_set_text(o, "by", x->ask.by) &&
		jit_json_set_text(o, "resource", x->ask.resource) &&
		jit_json_set_text(o, "role", x->ask.role) &&
		jit_json_set_int(o, "at", x->ask.at);
	if (good && out->code)
		good = jit_json_set_text(o, "why", out->no.text) &&
			jit_json_set_text(o, "refused_by", out->no.rule);
	if (good && out->rule)
		good = put_rule(o, out);
	if (good && x->smaller) {
		less = jit_json_object();
		good = jit_json_set_text(less, "role", x->other_role) &&
			put_rule(less, x->smaller);
		good = jit_json_set(o, "smaller", less) && good;
	}
	if (good)
		cli_out_json(o);
	jit_json_free(o);
	return good ? 0 : jit_nomem(err);
}

static int
explain(struct explain *x, struct jit_error *err)
{
	struct cli *c = &x->o->cli;
	int rc;

	rc = read_question(x, err);
	if (rc == 0)
		rc = policy_source_open(&x->source, c, x->o->policy,
			x->o->policy ? x->ask.at : c->now, err);
	if (rc == 0)
		rc = find_who(x, err);
	if (rc == 0)
		rc = check_time(x, err);
	if (rc == 0)
		rc = policy_foresee(&x->out, x->source.state, &x->ask, err);
	if (rc == 0)
		rc = find_smaller(x, err);
	if (rc == 0)
		rc = c->json ? print_json(x, err) : print_text(x, err);
	return rc;
}

/* The reason is on stdout: none is needed on stderr. */
int
policy_explain(struct policy_options *o, struct jit_error *err)
{
	struct explain x = {.o = o};
	int rc = explain(&x, err);

	if (rc == 0 && x.out.code) {
		rc = JIT_NO;
		err->text[0] = '\0';
	}
	policy_outlook_free(&x.out);
	policy_outlook_free(&x.other);
	policy_source_free(&x.source);
	jit_arena_free(&x.mem);
	return rc;
}

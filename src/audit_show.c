/* SPDX-License-Identifier: ISC */
/* jit-audit show: the story of one grant on one screen. */
#include "audit.h"

#include <stdlib.h>
#include <string.h>

#include "screen.h"
#include "text.h"
#include "when.h"

/* What is looked for, and each event of it, the newest first. */
struct story {
	const struct cli *cli;
	char prefix[JIT_ULID];
	char id[JIT_ULID]; /* the one that begins so; "" none yet */
	struct jit_json **found;
	size_t count, cap;
};

/* Whether an event at 'at' is older than all ids that begin so. */
static bool
too_old(const struct story *s, int64_t at)
{
	static const unsigned char last[10] = {0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff};
	char id[JIT_ULID];

	jit_ulid_make(id, at, last);
	return strncmp(id, s->prefix, strlen(s->prefix)) < 0;
}

static int
keep(struct story *s, struct jit_json *event, struct jit_error *err)
{
	size_t cap = s->cap ? 2 * s->cap : 16;
	void *p;

	if (event && s->count == s->cap) {
		p = reallocarray(s->found, cap, sizeof(struct jit_json *));
		if (!p) {
			jit_json_free(event);
			return jit_nomem(err);
		}
		s->found = p;
		s->cap = cap;
	}
	if (!event)
		return jit_nomem(err);
	s->found[s->count++] = event;
	return 0;
}

static int
visit(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct story *s = arg;
	const char *id = jit_event_said(&c->event)->id;

	(void)after;
	if (too_old(s, c->event.at))
		return 1;
	if (!id || strncmp(id, s->prefix, strlen(s->prefix)) != 0)
		return 0;
	if (s->id[0] && strcmp(s->id, id) != 0)
		return jit_fail(err, JIT_USAGE,
			"several grants begin with '%s': %s and %s, say more "
			"of it",
			s->prefix, s->id, id);
	memcpy(s->id, id, JIT_ULID);
	return keep(s, audit_event_json(c, oid), err);
}

/* How members are said that are numbers; all others as they are. */
static const struct {
	const char *name;
	bool instant;
} times[] = {{"duration", false}, {"from", true}, {"until", true}};

static void
put_number(struct jit_buf *out, const char *name, int64_t n)
{
	char stamp[JIT_STAMP];
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (strcmp(times[i].name, name) == 0)
			break;
	if (i == sizeof(times) / sizeof(times[0])) {
		jit_buf_fmt(out, "%lld", (long long)n);
	} else if (times[i].instant) {
		jit_when_stamp(stamp, n);
		jit_buf_str(out, stamp);
	} else {
		jit_when_spell(out, n);
	}
}

static void
put_value(struct jit_buf *out, const char *name, const struct jit_json *v)
{
	const char *text = jit_json_text(v);
	size_t i;
	int64_t n;

	if (text)
		jit_text_escape(out, text, strlen(text));
	else if (jit_json_int(&n, v))
		put_number(out, name, n);
	for (i = 0; !text && i < jit_json_count(v); i++) {
		jit_buf_str(out, i > 0 ? ", " : "");
		put_value(out, name, jit_json_at(v, i));
	}
}

static void
print_member(const char *name, const struct jit_json *v)
{
	struct jit_buf line = {0};

	put_value(&line, name, v);
	cli_out("    %-10s %s\n", name, jit_buf_text(&line));
	jit_buf_free(&line);
}

static const char *
text(const struct jit_json *o, const char *name)
{
	const char *s = jit_json_text(jit_json_get(o, name));

	return s ? s : "";
}

/* Whether a member is said in the head line, or of no use on a screen. */
static bool
is_common(const char *name)
{
	const struct jit_member *m;

	for (m = jit_event_common(); m->name; m++)
		if (strcmp(m->name, name) == 0)
			return true;
	return strcmp(name, "id") == 0 || strcmp(name, "request") == 0 ||
		strcmp(name, "seen") == 0;
}

/* The certificate itself is for ssh: its serial and hash are for people. */
static void
print_credential(const struct jit_json *credential)
{
	print_member("serial", jit_json_get(credential, "serial"));
	print_member("sha256", jit_json_get(credential, "sha256"));
}

/* Each as "task yes" and the SHA-256 of what it said. */
static void
print_hooks(const struct jit_json *hooks)
{
	const struct jit_json *row;
	struct jit_buf line = {0};
	size_t i;

	for (i = 0; i < jit_json_count(hooks); i++) {
		row = jit_json_at(hooks, i);
		jit_buf_fmt(&line, "%s%s %s %s", i > 0 ? ", " : "",
			text(row, "name"), text(row, "verdict"),
			text(row, "digest"));
	}
	cli_out("    %-10s %s\n", "hooks", jit_buf_text(&line));
	jit_buf_free(&line);
}

/* One a line, its words with a blank between: none of them has one. */
static void
print_actions(const struct jit_json *actions)
{
	const struct jit_json *words;
	struct jit_buf line = {0};
	size_t i, j;

	for (i = 0; i < jit_json_count(actions); i++) {
		words = jit_json_at(actions, i);
		jit_buf_reset(&line);
		for (j = 0; j < jit_json_count(words); j++)
			jit_buf_fmt(&line, "%s%s", j ? " " : "",
				jit_json_text(jit_json_at(words, j)));
		cli_out("    %-10s %s\n", i ? "" : "actions",
			jit_buf_text(&line));
	}
	jit_buf_free(&line);
}

/* Whatever the connector said of itself, as it is in the event. */
static void
print_connect(const struct jit_json *connect)
{
	struct jit_buf line = {0};

	jit_json_encode(&line, connect, 0);
	cli_out("    %-10s ", "connect");
	cli_out_text(jit_buf_text(&line));
	cli_out("\n");
	jit_buf_free(&line);
}

/* What is sealed says when it was made; how late it came follows. */
static const struct jit_json *
print_late(const struct jit_json *late, int64_t at)
{
	const struct jit_json *ev = jit_json_get(late, "sealed");
	struct jit_buf span = {0};
	char stamp[JIT_STAMP];
	int64_t made = 0;

	(void)jit_json_int(&made, jit_json_get(ev, "at"));
	jit_when_stamp(stamp, made);
	jit_when_spell(&span, at - made);
	cli_out("    %-10s %s by %s at %s, as it says (%s)\n", "sealed",
		text(ev, "type"), text(ev, "by"), stamp, text(ev, "key"));
	cli_out("    %-10s %s\n", "came late", jit_buf_text(&span));
	jit_buf_free(&span);
	return ev;
}

static void
print_event(const struct jit_json *o)
{
	const struct jit_json *ev = jit_json_get(o, "event"), *v = NULL;
	const char *name = NULL;
	char stamp[JIT_STAMP];
	int64_t at = 0, seq = 0;
	void *i;

	(void)jit_json_int(&at, jit_json_get(o, "at"));
	(void)jit_json_int(&seq, jit_json_get(o, "seq"));
	jit_when_stamp(stamp, at);
	cli_out("\n%s  %s by %s  (event %lld, %s)\n", stamp, text(ev, "type"),
		text(ev, "by"), (long long)seq, text(ev, "key"));
	if (jit_json_get(ev, "sealed"))
		ev = print_late(ev, at);
	for (i = jit_json_next(ev, NULL, &name, &v); i;
		i = jit_json_next(ev, i, &name, &v)) {
		if (strcmp(name, "credential") == 0)
			print_credential(v);
		else if (strcmp(name, "hooks") == 0)
			print_hooks(v);
		else if (strcmp(name, "actions") == 0)
			print_actions(v);
		else if (strcmp(name, "connect") == 0)
			print_connect(v);
		else if (!is_common(name))
			print_member(name, v);
	}
}

/* What is open says what it still needs; what is over said so above. */
static void
print_stage(const struct story *s)
{
	const struct jit_state *state = jit_ledger_state(s->cli->ledger);
	const struct jit_grant *g = jit_state_grant(state, s->id);
	struct jit_standing st = {0};
	struct jit_buf missing = {0};
	struct jit_json *o;

	o = g ? cli_grant_json(state, g, s->cli->now) : NULL;
	cli_out("\nnow %s", o ? text(o, "stage") : "over");
	if (jit_state_unproven(state, s->id))
		cli_out(", unproven");
	if (g && g->stage == JIT_WAITING &&
		jit_standing_of(&st, state, g, state->at, NULL) == 0 &&
		!st.met) {
		screen_missing(&missing, &st);
		cli_out(", needs %s (rule %s)", jit_buf_text(&missing),
			st.rule->id);
	}
	cli_out("\n");
	jit_buf_free(&missing);
	jit_json_free(o);
}

static int
print_story(const struct story *s, struct jit_error *err)
{
	struct jit_json *o, *list;
	bool made;
	size_t i;

	if (!s->cli->json) {
		cli_out("grant %s\n", s->id);
		for (i = s->count; i > 0; i--)
			print_event(s->found[i - 1]);
		print_stage(s);
		return 0;
	}
	o = jit_json_object();
	list = jit_json_list();
	made = o && list;
	for (i = s->count; i > 0 && made; i--)
		made = jit_json_add(list, jit_json_keep(s->found[i - 1]));
	made = jit_json_set_text(o, "id", s->id) && made;
	made = jit_json_set(o, "events", list) && made;
	if (made)
		cli_out_json(o);
	jit_json_free(o);
	return made ? 0 : jit_nomem(err);
}

int
audit_show(struct audit *a, struct jit_error *err)
{
	struct story s = {.cli = &a->cli};
	size_t i;
	int rc;

	if (!jit_ulid_prefix(s.prefix, a->operand))
		return cli_usage(&a->cli, err,
			"'%s' is no id: 26 characters, or its first 8 and "
			"more",
			a->operand);
	rc = cli_ledger_here(&a->cli, err);
	if (rc == 0)
		rc = jit_ledger_back(a->cli.ledger, visit, &s, err);
	if (rc == 0 && s.count == 0)
		rc = jit_fail(err, JIT_NOGRANT, "no grant '%s' in this ledger",
			a->operand);
	if (rc == 0)
		rc = print_story(&s, err);
	for (i = 0; i < s.count; i++)
		jit_json_free(s.found[i]);
	free(s.found);
	return rc;
}

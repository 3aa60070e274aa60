/* SPDX-License-Identifier: ISC */
#include "sudoers.h"

#include <stdio.h>
#include <string.h>

#include "dropin.h"

#define TOOL_SECONDS 10
#define STANDING_MAX 200 /* rules that are named */

/* -- Scan ---------------------------------------------------------------- */

/* Who a rule is for: its first words, as long as a comma follows. */
static size_t
who_len(const char *rule)
{
	size_t n = 0;

	for (;;) {
		n += strcspn(rule + n, " ");
		if (rule[n] == '\0' || n == 0 || rule[n - 1] != ',')
			return n;
		n++;
	}
}

/* Whether what it allows ends by itself, from its first command on. */
static bool
ends(const char *rule)
{
	const char *at = strstr(rule, " = ");

	if (!at)
		return false;
	at += 3;
	if (*at == '(' && strchr(at, ')'))
		at = strchr(at, ')') + 2;
	if (strncmp(at, "NOTBEFORE=", 10) == 0)
		at += strcspn(at, " ") + 1;
	return strncmp(at, "NOTAFTER=", 9) == 0;
}

struct rules {
	struct jit_stands *at;
	size_t count, more;
};

static void
add_rule(struct rules *r, struct serve *s, const char *rule)
{
	char who[200];

	if (rule[0] == '\0' || ends(rule))
		return;
	if (r->count == STANDING_MAX) {
		r->more++;
		return;
	}
	snprintf(who, sizeof(who), "%.*s", (int)who_len(rule), rule);
	r->at[r->count].who = serve_line(s, "%s", who);
	r->at[r->count++].what = serve_line(s, "sudoers: %s", rule);
}

/* One rule a line, once the lines that cvtsudoers folded are whole again. */
static int
add_rules(struct rules *r, struct serve *s, const struct jit_buf *text,
	struct jit_error *err)
{
	const char *at = jit_buf_text(text);
	struct jit_buf rule = {0};
	size_t len;
	bool folded;
	int rc = 0;

	while (rc == 0 && *at) {
		len = strcspn(at, "\n");
		folded = len > 0 && at[len - 1] == '\\';
		jit_buf_put(&rule, at, folded ? len - 1 : len);
		at += len + (at[len] == '\n');
		if (folded) {
			at += strspn(at, " ");
			jit_buf_str(&rule, " ");
			continue;
		}
		rc = jit_buf_failed(&rule, err);
		if (rc == 0)
			add_rule(r, s, jit_buf_text(&rule));
		jit_buf_reset(&rule);
	}
	jit_buf_free(&rule);
	return rc;
}

int
sudoers_standing(struct serve *s, struct jit_error *err)
{
	const char *const argv[] = {"cvtsudoers", "-e", "-s",
		"defaults,aliases", "-f", "sudoers", DROPIN_SUDOERS, NULL};
	struct serve_tool t = {.argv = argv, .seconds = TOOL_SECONDS};
	struct rules r = {0};
	const char **unseen = jit_arena_get(&s->mem, 2 * sizeof(*unseen));
	char line[300];
	size_t n = 0;
	int rc;

	r.at = jit_arena_get(&s->mem, STANDING_MAX * sizeof(*r.at));
	if (!r.at || !unseen)
		return jit_nomem(err);
	rc = serve_run(&t, err);
	if (rc == 0)
		rc = add_rules(&r, s, &t.out, err);
	if (rc == 0 && t.status != 0) {
		serve_first(line, sizeof(line), &t.said);
		unseen[n++] = serve_line(s, "sudoers: %s", line);
	}
	if (rc == 0 && r.more)
		unseen[n++] = serve_line(s, "sudoers: %zu more rules", r.more);
	s->reply.standing = (struct jit_rows){r.count, r.at};
	s->reply.unseen = (struct jit_texts){n, unseen};
	serve_tool_free(&t);
	return rc;
}

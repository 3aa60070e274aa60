/* SPDX-License-Identifier: ISC */
#include "sudoers.h"

#include <stdio.h>
#include <string.h>

#include "dropin.h"
#include "hash.h"
#include "stands.h"

#define TOOL_SECONDS 10

static const char *const surfaces[] = {"sudoers", NULL};

/* -- Rules ----------------------------------------------------------------- */

/*
 * sudo's own program reads sudoers, with all that it includes, and writes
 * each rule as an entry of LDIF (RFC 2849): "name: value", and "name::
 * base64" where the value is not plain. Entries are an empty line apart.
 */
struct rule {
	struct jit_buf users, hosts, runas, groups, commands;
	bool free;      /* no password is asked */
	bool allows;    /* some command is not negated */
	char until[24]; /* "" it has no end */
};

static const struct {
	const char *name;
	size_t offset;
} lists[] = {
	{"sudoUser", offsetof(struct rule, users)},
	{"sudoHost", offsetof(struct rule, hosts)},
	{"sudoRunAsUser", offsetof(struct rule, runas)},
	{"sudoRunAsGroup", offsetof(struct rule, groups)},
	{"sudoCommand", offsetof(struct rule, commands)},
};

#define LISTS (sizeof(lists) / sizeof(lists[0]))

static struct jit_buf *
list_of(struct rule *r, size_t i)
{
	return (struct jit_buf *)(void *)((char *)r + lists[i].offset);
}

static void
take(struct rule *r, const char *name, const char *value)
{
	struct jit_buf *list;
	size_t i;

	for (i = 0; i < LISTS; i++) {
		if (strcmp(lists[i].name, name) != 0)
			continue;
		list = list_of(r, i);
		jit_buf_fmt(list, "%s%s", list->len ? ", " : "", value);
	}
	if (strcmp(name, "sudoCommand") == 0)
		r->allows = r->allows || value[0] != '!';
	else if (strcmp(name, "sudoNotAfter") == 0)
		snprintf(r->until, sizeof(r->until), "%s", value);
	else if (strcmp(name, "sudoOption") == 0)
		r->free = r->free || strcmp(value, "!authenticate") == 0;
}

/* An entry is over: does it let somebody in for good? */
static void
finish(struct rule *r, struct stands *x)
{
	struct jit_buf runas = {0};
	size_t i;

	if (r->allows && r->users.len &&
		(r->until[0] == '\0' || stands_beyond(x->s, r->until))) {
		if (r->runas.len || r->groups.len)
			jit_buf_fmt(&runas, "(%s%s%s) ",
				jit_buf_text(&r->runas),
				r->groups.len ? ":" : "",
				jit_buf_text(&r->groups));
		stands_add(x, surfaces[0],
			serve_line(x->s, "sudoers: %s %s = %s%s%s",
				jit_buf_text(&r->users),
				jit_buf_text(&r->hosts), jit_buf_text(&runas),
				r->free ? "NOPASSWD: " : "",
				jit_buf_text(&r->commands)),
			serve_line(x->s, "%s", jit_buf_text(&r->users)));
	}
	jit_buf_free(&runas);
	for (i = 0; i < LISTS; i++)
		jit_buf_reset(list_of(r, i));
	r->free = r->allows = false;
	r->until[0] = '\0';
}

/* A default for some users, hosts or commands, which LDIF cannot say. */
static bool
is_default(const char *line)
{
	return strncmp(line, "# Unable to translate ", 22) == 0 ||
		strncmp(line, "# Defaults", 10) == 0;
}

/* false: it is no "name: value". */
static bool
take_line(struct rule *r, struct jit_buf *value, char *line)
{
	char *at = strchr(line, ':');

	jit_buf_reset(value);
	if (is_default(line))
		return true;
	if (!at || at == line || line[0] == '#')
		return false;
	*at++ = '\0';
	if (at[0] == ':' && at[1] == ' ') {
		if (jit_unbase64(value, at + 2, strlen(at + 2)))
			return false;
	} else if (at[0] == ' ') {
		jit_buf_str(value, at + 1);
	} else if (at[0]) {
		return false;
	}
	take(r, line, jit_buf_text(value));
	return true;
}

static int
add_rules(struct stands *x, struct jit_buf *text, struct jit_error *err)
{
	struct rule r = {.free = false};
	struct jit_buf value = {0};
	char *at, *line, *save = NULL;
	bool good = true;
	size_t i;
	int rc;

	(void)jit_buf_text(text); /* it ends in a NUL */
	for (at = text->len ? (char *)text->data : NULL; good && at;
		at = save) {
		line = at;
		save = strchr(at, '\n');
		if (save)
			*save++ = '\0';
		if (line[0] == '\0')
			finish(&r, x);
		else
			good = take_line(&r, &value, line);
	}
	finish(&r, x);
	if (!good)
		stands_miss(x, NULL, "cvtsudoers", "it is not understood");
	rc = jit_buf_failed(&value, err);
	for (i = 0; i < LISTS; i++) {
		if (rc == 0)
			rc = jit_buf_failed(list_of(&r, i), err);
		jit_buf_free(list_of(&r, i));
	}
	jit_buf_free(&value);
	return rc;
}

/* -- Scan ---------------------------------------------------------------- */

int
sudoers_standing(struct serve *s, struct jit_error *err)
{
	const char *const argv[] = {"cvtsudoers", "-e", "-s", "aliases", "-b",
		"dc=jit", "-f", "ldif", DROPIN_SUDOERS, NULL};
	struct serve_tool t = {.argv = argv, .seconds = TOOL_SECONDS};
	struct jit_error why = {0};
	struct stands x;
	char line[300];
	int rc = stands_open(&x, s, surfaces, err);

	if (rc)
		return rc;
	if (serve_run(&t, &why)) {
		stands_miss(&x, NULL, "sudoers", why.text);
	} else if (t.status != 0) {
		serve_first(line, sizeof(line), &t.said);
		stands_miss(&x, NULL, "cvtsudoers", line);
	} else if (t.out.len == 0) {
		/* not even a default: it has not read what sudo reads */
		stands_miss(&x, NULL, "cvtsudoers", "it says nothing");
	}
	rc = add_rules(&x, &t.out, err);
	stands_sources(&x, NULL, "sudoers");
	if (rc == 0)
		rc = stands_done(&x, err);
	serve_tool_free(&t);
	return rc;
}

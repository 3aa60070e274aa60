/* SPDX-License-Identifier: ISC */
/* The accounts and groups of this machine, as its own getent lists them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "connector.h"
#include "nss.h"
#include "survey.h"

#define GETENT "/usr/bin/getent"
#define GETENT_SECONDS 10
#define GETENT_SAYS (8 * 1024 * 1024) /* bytes */
#define CONF_MAX (64 * 1024)

/* Whoever is in one of these can be root, or read what root does. */
static const char *const privileged[] = {"root", "admin", "adm", "disk",
	"docker", "incus-admin", "kmem", "libvirt", "lxd", "shadow", "sudo",
	"wheel"};

/* -- Lists ----------------------------------------------------------------- */

/* What a program of the machine's says, or that it could not be asked. */
static bool
list(struct jit_buf *out, struct survey *v, struct surface *x,
	const char *database, const char *key)
{
	static const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		"LC_ALL=C", NULL};
	const char *const argv[] = {GETENT, database, key, NULL};
	struct jit_buf said = {0};
	const struct jit_child child = {.argv = argv,
		.env = env,
		.max = GETENT_SAYS,
		.seconds = GETENT_SECONDS,
		.said = &said,
		.said_max = 1024};
	struct jit_error why = {0};
	int status = 0, rc = jit_child_run(out, &status, &child, &why);

	jit_buf_free(&said);
	if (rc == 0 && status == 0 && out->len > 0)
		return true;
	survey_missed(v, x, "getent %s%s%s: %s", database, key ? " " : "",
		key ? key : "",
		rc               ? why.text
			: status ? "it is not found, or not for you to see"
				 : "it says nothing");
	return false;
}

/* Accounts of a directory need not be listed. */
static void
look_at_sources(struct survey *v, struct surface *x, const char *database)
{
	struct jit_buf text = {0}, others = {0};
	struct jit_error err = {0};

	/* where there is no such file, there are only files */
	if (access(JIT_NSS_CONF, F_OK) != 0 && errno == ENOENT)
		return;
	if (cli_read_file(&text, JIT_NSS_CONF, CONF_MAX, &err) != 0)
		survey_missed(v, x, "%s", err.text);
	else if (jit_nss_others(&others, jit_buf_text(&text), database))
		survey_missed(v, x, "%s: %s: not all may be listed: %s",
			JIT_NSS_CONF, database, jit_buf_text(&others));
	jit_buf_free(&text);
	jit_buf_free(&others);
}

/* The next line of 'at', which goes on; NULL after the last. */
static char *
line(char **at)
{
	char *start = *at, *end;

	if (!start || *start == '\0')
		return NULL;
	end = strchr(start, '\n');
	*at = end ? end + 1 : start + strlen(start);
	if (end)
		*end = '\0';
	return start;
}

/* Cut a line at its colons. Whether it has that many fields, or more. */
static bool
split(char **field, size_t count, char *line)
{
	size_t i;

	for (i = 0; i < count; i++) {
		field[i] = strsep(&line, ":");
		if (!field[i])
			return false;
	}
	return true;
}

/* -- Accounts -------------------------------------------------------------- */

/* Whether a password opens it: no hash begins with a '*' or a '!'. */
static bool
opens(const char *field)
{
	return field[0] != '*' && field[0] != '!';
}

/* root has to be there; its password has not. */
static void
look_at_root(struct survey *v, struct surface *x, const char *password)
{
	static const char what[] = "user id 0, with a password";
	struct jit_buf out = {0};
	char *field[2];

	if (strcmp(password, "x") != 0) {
		if (opens(password))
			survey_found(v, x, what, "root");
	} else if (list(&out, v, x, "shadow", "root")) {
		if (!split(field, 2, (char *)out.data))
			survey_missed(v, x,
				"getent shadow root: "
				"it is not understood");
		else if (opens(field[1]))
			survey_found(v, x, what, "root");
	}
	jit_buf_free(&out);
}

static void
look_at_uid0(struct survey *v, struct surface *x)
{
	struct jit_buf out = {0};
	char *at, *l, *field[3];
	bool any = false;

	if (list(&out, v, x, "passwd", NULL)) {
		at = (char *)out.data;
		while ((l = line(&at))) {
			if (!split(field, 3, l)) {
				survey_missed(v, x,
					"getent passwd: "
					"it is not understood");
				continue;
			}
			if (strtoul(field[2], NULL, 10) != 0)
				continue;
			any = true;
			if (strcmp(field[0], "root") == 0)
				look_at_root(v, x, field[1]);
			else
				survey_found(v, x, "user id 0", field[0]);
		}
		if (!any)
			survey_missed(v, x,
				"getent passwd: nobody has user "
				"id 0");
	}
	look_at_sources(v, x, "passwd");
	jit_buf_free(&out);
}

/* -- Groups ---------------------------------------------------------------- */

static bool
is_named(const struct survey *v, const char *group)
{
	size_t i;

	for (i = 0; i < sizeof(privileged) / sizeof(privileged[0]); i++)
		if (strcmp(privileged[i], group) == 0)
			return true;
	for (i = 0; v->groups && i < v->groups->count; i++)
		if (strcmp(v->groups->at[i], group) == 0)
			return true;
	return false;
}

/* ":0:27:990:", the numbers of all groups that are privileged by name. */
static void
put_numbers(struct jit_buf *out, struct survey *v, const struct jit_buf *groups)
{
	char *copy = strdup(jit_buf_text(groups)), *at = copy, *l, *field[3];

	jit_buf_str(out, ":");
	while ((l = line(&at)))
		if (split(field, 3, l) && is_named(v, field[0]))
			jit_buf_fmt(out, "%s:", field[2]);
	v->failed = v->failed || !copy || out->failed;
	free(copy);
}

/* The system knows groups by their numbers: another name is no other group. */
static bool
is_privileged(const struct jit_buf *numbers, const char *number)
{
	char text[40];

	snprintf(text, sizeof(text), ":%.30s:", number);
	return strstr(jit_buf_text(numbers), text) != NULL;
}

/* Whether root's file says that 'account' is that of 'principal' here. */
static bool
is_account(const struct jit_json *target, const char *principal,
	const char *account)
{
	const struct jit_json *rows = jit_json_get(target, "accounts"), *row;
	const char *p, *a;
	size_t i;

	for (i = 0; i < jit_json_count(rows); i++) {
		row = jit_json_at(rows, i);
		p = jit_json_text(jit_json_get(row, "principal"));
		a = jit_json_text(jit_json_get(row, "account"));
		if (p && a && strcmp(p, principal) == 0 &&
			strcmp(a, account) == 0)
			return true;
	}
	return false;
}

/* Whether a live grant of group:GROUP put the account there. */
static bool
is_granted(const struct survey *v, const char *group, const char *account)
{
	const struct jit_grant *g;
	struct jit_json *target = NULL;
	struct jit_error err = {0};
	char resource[JIT_RESOURCE_MAX];
	bool granted = false;
	size_t i;

	snprintf(resource, sizeof(resource), "group:%s", group);
	for (i = 0; v->state && i < v->state->grants_count && !granted; i++) {
		g = v->state->grants[i];
		if (g->stage != JIT_ACTIVE || v->cli->now >= g->until ||
			strcmp(g->resource, resource) != 0)
			continue;
		if (!target && connector_target(&target, resource, &err))
			break;
		granted = target && is_account(target, g->by, account);
	}
	jit_json_free(target);
	return granted;
}

/* Who is root anyway is counted as that. */
static bool
is_root(const struct jit_buf *passwd, const char *account)
{
	const size_t len = strlen(account);
	const char *at = jit_buf_text(passwd), *uid;

	for (; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		if (strncmp(at, account, len) != 0 || at[len] != ':')
			continue;
		uid = strchr(at + len + 1, ':');
		return uid && strncmp(uid, ":0:", 3) == 0;
	}
	return false;
}

static void
add_member(struct survey *v, struct surface *x, const struct jit_buf *passwd,
	const char *group, const char *account)
{
	char what[300];

	if (account[0] == '\0' || is_root(passwd, account) ||
		is_granted(v, group, account))
		return;
	snprintf(what, sizeof(what), "group %s", group);
	survey_found(v, x, what, account);
}

/* Those whose first group it is are in no list of members. */
static void
add_first(struct survey *v, struct surface *x, const struct jit_buf *passwd,
	const char *group, const char *gid)
{
	char *copy = strdup(jit_buf_text(passwd)), *at = copy, *l, *field[4];

	v->failed = v->failed || !copy;
	while ((l = line(&at)))
		if (split(field, 4, l) && strcmp(field[3], gid) == 0)
			add_member(v, x, passwd, group, field[0]);
	free(copy);
}

static void
look_at_groups(struct survey *v, struct surface *x)
{
	struct jit_buf groups = {0}, passwd = {0}, numbers = {0};
	char *at, *l, *field[4], *member;

	if (list(&groups, v, x, "group", NULL) &&
		list(&passwd, v, x, "passwd", NULL)) {
		put_numbers(&numbers, v, &groups);
		at = (char *)groups.data;
		while ((l = line(&at))) {
			if (!split(field, 4, l)) {
				survey_missed(v, x,
					"getent group: "
					"it is not understood");
				continue;
			}
			if (!is_privileged(&numbers, field[2]))
				continue;
			if (is_named(v, field[0]))
				add_first(v, x, &passwd, field[0], field[2]);
			while ((member = strsep(&field[3], ",")))
				add_member(v, x, &passwd, field[0], member);
		}
	}
	look_at_sources(v, x, "group");
	look_at_sources(v, x, "initgroups"); /* in its place, for logins */
	look_at_sources(v, x, "passwd");
	jit_buf_free(&numbers);
	jit_buf_free(&groups);
	jit_buf_free(&passwd);
}

void
survey_accounts(struct survey *v)
{
	struct surface *x;

	if ((x = survey_get(v, "uid0")))
		look_at_uid0(v, x);
	if ((x = survey_get(v, "groups")))
		look_at_groups(v, x);
}

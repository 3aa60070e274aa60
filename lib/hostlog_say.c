/* SPDX-License-Identifier: ISC */
/* What messages of sshd and sudo say. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "hostlog_inner.h"

/* Whether '*p' begins with 'word', which it is then after. */
static bool
take(const char **p, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*p, word, n) != 0)
		return false;
	*p += n;
	return true;
}

/* The next word, up to a blank; false: there is none. */
static bool
take_word(char *to, size_t size, const char **p)
{
	size_t n = strcspn(*p, " ");

	jit_hostlog_put(to, size, *p, n);
	*p += n;
	return n > 0;
}

static const char *
last_of(const char *text, const char *what)
{
	const char *found = NULL, *p = text;

	while ((p = strstr(p, what)) != NULL)
		found = p++;
	return found;
}

/*
 * "ED25519-CERT SHA256:... ID name (serial 4) CA ED25519 SHA256:...", as
 * format_method_key in auth2-pubkey.c of OpenSSH 9.2 has it. A certificate's
 * name may hold anything: what counts is from the end.
 */
static bool
read_cert(struct jit_logged *out, const char *p)
{
	const char *id = strstr(p, " ID "), *ca = last_of(p, " CA ");
	const char *serial = last_of(p, " (serial ");
	char *end = NULL;

	if (!id || !serial || !ca || id + 4 > serial || serial > ca)
		return false;
	jit_hostlog_put(out->id, sizeof(out->id), id + 4,
		(size_t)(serial - id - 4));
	serial += strlen(" (serial ");
	if (!isdigit((unsigned char)*serial))
		return false;
	out->serial = (int64_t)strtoull(serial, &end, 10);
	if (*end != ')' || end + 1 != ca)
		return false;
	ca += 4;
	ca += strcspn(ca, " ");
	if (!take(&ca, " SHA256:"))
		return false;
	ca -= strlen("SHA256:");
	jit_hostlog_put(out->ca, sizeof(out->ca), ca, strcspn(ca, " "));
	return out->id[0] != '\0';
}

/* "Accepted publickey for root from 127.0.0.1 port 41614 ssh2: ..." */
static int
say_sshd(struct jit_logged *out, const char *p, struct jit_error *err)
{
	char port[8];
	bool good;

	if (!take(&p, "Accepted ") ||
		!take_word(out->method, sizeof(out->method), &p) ||
		!take(&p, " for "))
		return 0;
	good = take_word(out->account, sizeof(out->account), &p) &&
		take(&p, " from ") &&
		take_word(out->from, sizeof(out->from), &p) &&
		take(&p, " port ") && take_word(port, sizeof(port), &p) &&
		take(&p, " ssh2");
	if (good && take(&p, ": ") && strstr(p, "-CERT ") &&
		strstr(p, "-CERT ") < p + strcspn(p, " "))
		good = read_cert(out, p);
	if (!good)
		return jit_fail(err, JIT_USAGE,
			"sshd let somebody in, and it does not say how");
	out->kind = JIT_LOGGED_LOGIN;
	return 0;
}

/* Whether it names a file: "list" and "validate" run nothing. */
static bool
is_command(const char *command)
{
	return memchr(command, '/', strcspn(command, " ")) != NULL ||
		strncmp(command, "sudoedit", 8) == 0;
}

/* What a line says was done: texts of the line, up to their ends. */
struct ran {
	const char *user, *group, *command; /* NULL: it is not said */
};

/* The value of a field, "NAME=value ; ", or NULL: it is another. */
static const char *
value_of(const char *field, const char *name)
{
	size_t n = strlen(name);

	return strncmp(field, name, n) == 0 ? field + n : NULL;
}

/* Whether a field's value is 'word', and no more. */
static bool
is_word(const char *text, const char *word, size_t len)
{
	return strncmp(text, word, len) == 0 &&
		(text[len] == '\0' || strncmp(text + len, " ; ", 3) == 0);
}

/* Bytes of a field's value. */
static size_t
length(const char *text)
{
	const char *end = strstr(text, " ; ");

	return end ? (size_t)(end - text) : strlen(text);
}

/*
 * sudo escapes no " ; ", and the folder and the arguments are whatever the
 * account likes: of fields that are there twice it cannot be told which is
 * sudo's. What gives more is believed.
 */
static void
read_ran(struct ran *r, const char *p, const char *account, size_t len)
{
	const char *v;

	for (; p; p = strstr(p, " ; ")) {
		p += strncmp(p, " ; ", 3) == 0 ? 3 : 0;
		v = value_of(p, "USER=");
		if (v && (!r->user || is_word(r->user, account, len)))
			r->user = v;
		v = value_of(p, "GROUP=");
		if (v)
			r->group = v;
		v = value_of(p, "COMMAND=");
		if (v && (!r->command || !is_command(r->command)))
			r->command = v;
	}
}

/* "root:shadow" where a group was asked for, too. */
static void
put_group(struct jit_logged *out, const char *group, size_t len)
{
	size_t n = strlen(out->runas);

	jit_hostlog_put(out->runas + n, sizeof(out->runas) - n, ":", 1);
	n = strlen(out->runas);
	jit_hostlog_put(out->runas + n, sizeof(out->runas) - n, group, len);
}

/*
 * "  alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id". Where it
 * was refused the reason comes first, which has no "=". What is too long for
 * syslog goes on in "  alice : (command continued) ...".
 */
static int
say_sudo_text(struct jit_logged *out, const char *p, struct jit_error *err)
{
	const char *colon, *first;
	struct ran r = {NULL, NULL, NULL};
	size_t len;

	p += strspn(p, " ");
	colon = strstr(p, " : ");
	if (!colon)
		return 0;
	len = (size_t)(colon - p); /* a directory's account may have blanks */
	colon += 3;
	if (strncmp(colon, "(command continued)", 19) == 0 &&
		(strstr(colon, "USER=") || strstr(colon, "COMMAND=")))
		return jit_fail(err, JIT_USAGE,
			"sudo goes on with what it ran, which began elsewhere");
	first = colon + strspn(colon, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (*first != '=' || first == colon)
		return 0;
	read_ran(&r, colon, p, len);
	if (!r.user || !r.command)
		return jit_fail(err, JIT_USAGE,
			"sudo ran something, and it does not say what");
	if (!is_command(r.command))
		return 0;
	jit_hostlog_put(out->account, sizeof(out->account), p, len);
	jit_hostlog_put(out->runas, sizeof(out->runas), r.user, length(r.user));
	if (r.group)
		put_group(out, r.group, length(r.group));
	jit_hostlog_put(out->command, sizeof(out->command), r.command,
		strlen(r.command));
	out->kind = JIT_LOGGED_SUDO;
	return 0;
}

static void
put_member(char *to, size_t size, const struct jit_json *o, const char *name)
{
	const char *text = jit_json_text(jit_json_get(o, name));

	if (text)
		jit_hostlog_put(to, size, text, strlen(text));
}

/* Of any other name it cannot be told what was done. */
static bool
is_event(const char *name)
{
	static const char *const events[] = {"accept", "reject", "alert",
		"exit"};
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strcmp(events[i], name) == 0)
			return true;
	return false;
}

int
jit_hostlog_sudo(struct jit_logged *out, const char *name,
	const struct jit_json *v, struct jit_error *err)
{
	const struct jit_json *when = jit_json_get(v, "submit_time");
	char group[JIT_HOSTLOG_NAME] = "";

	if (!is_event(name) || jit_json_kind(v) != JIT_JSON_OBJECT)
		return jit_fail(err, JIT_USAGE, "not one of sudo's events");
	if (strcmp(name, "accept") != 0)
		return 0;
	if (!when)
		when = jit_json_get(v, "server_time");
	put_member(out->account, sizeof(out->account), v, "submituser");
	put_member(out->runas, sizeof(out->runas), v, "runuser");
	put_member(group, sizeof(group), v, "rungroup");
	if (group[0])
		put_group(out, group, strlen(group));
	put_member(out->command, sizeof(out->command), v, "command");
	if (!out->host[0])
		put_member(out->host, sizeof(out->host), v, "submithost");
	if (!out->account[0] || !out->command[0] ||
		!jit_json_int(&out->at, jit_json_get(when, "seconds")))
		return jit_fail(err, JIT_USAGE,
			"sudo ran something, and it does not say what");
	if (is_command(out->command))
		out->kind = JIT_LOGGED_SUDO;
	return 0;
}

/* "@cee:{"sudo":{"accept":{...}}}" */
static int
say_sudo_json(struct jit_logged *out, const char *p, struct jit_error *err)
{
	const struct jit_json *v = NULL;
	struct jit_json *o = NULL;
	const char *name = NULL;
	size_t used = 0;
	int rc = jit_json_foreign(&o, &used, p, strlen(p), err);

	if (rc)
		return rc;
	v = jit_json_get(o, "sudo");
	if (jit_json_next(v, NULL, &name, &v))
		rc = jit_hostlog_sudo(out, name, v, err);
	else
		rc = jit_fail(err, JIT_USAGE, "not one of sudo's events");
	jit_json_free(o);
	return rc;
}

/* "message repeated 2 times: [ ...]" says what was said before. */
static const char *
first_of_many(const char *p)
{
	const char *start = strncmp(p, "message repeated ", 17) == 0
		? strstr(p, " times: [ ")
		: NULL;

	return start ? start + strlen(" times: [ ") : p;
}

static bool
is_sshd(const char *program)
{
	return strcmp(program, "sshd") == 0 ||
		strcmp(program, "sshd-session") == 0;
}

bool
jit_hostlog_heeds(const char *program)
{
	return is_sshd(program) || strcmp(program, "sudo") == 0;
}

int
jit_hostlog_say(struct jit_logged *out, const char *program,
	const char *message, struct jit_error *err)
{
	if (is_sshd(program))
		return say_sshd(out, first_of_many(message), err);
	if (strcmp(program, "sudo") != 0)
		return 0;
	if (strncmp(message, "@cee:", 5) == 0)
		return say_sudo_json(out, message + 5, err);
	return say_sudo_text(out, first_of_many(message), err);
}

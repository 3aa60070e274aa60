/* SPDX-License-Identifier: ISC */
#include "hostlog_inner.h"

#include <stdlib.h>
#include <string.h>

#define MICRO 1000000

struct jit_hostlog
jit_hostlog_over(const char *bytes, size_t len, int64_t now, int64_t zone)
{
	return (struct jit_hostlog){.bytes = bytes,
		.len = len,
		.line = 1,
		.now = now,
		.zone = zone};
}

void
jit_hostlog_put(char *to, size_t size, const char *text, size_t len)
{
	size_t n = len < size ? len : size - 1;

	memcpy(to, text, n);
	to[n] = '\0';
}

/* Go on by 'n' bytes. */
static void
pass(struct jit_hostlog *x, size_t n)
{
	const char *end = x->bytes + x->at + n, *p = x->bytes + x->at;

	for (; p < end; p++)
		x->line += *p == '\n';
	x->at += n;
}

/* Bytes up to the end of the line, without its newline. */
static size_t
line_length(const struct jit_hostlog *x)
{
	const char *p = x->bytes + x->at;
	const char *end = memchr(p, '\n', x->len - x->at);

	return end ? (size_t)(end - p) : x->len - x->at;
}

static void
pass_line(struct jit_hostlog *x)
{
	size_t n = line_length(x);

	pass(x, x->at + n < x->len ? n + 1 : n);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
pass_blanks(struct jit_hostlog *x, bool commas)
{
	while (x->at < x->len &&
		(is_blank(x->bytes[x->at]) ||
			(commas && x->bytes[x->at] == ',')))
		pass(x, 1);
}

/* -- JSON ------------------------------------------------------------------ */

/*
 * A member's text; what is no UTF-8 is a list of bytes in a journal, and what
 * is longer than 4096 bytes is null there unless all is asked for.
 */
static int
take_text(struct jit_buf *out, const struct jit_json *v, struct jit_error *err)
{
	const char *text = jit_json_text(v);
	size_t i;
	int64_t n;

	if (!text && jit_json_kind(v) != JIT_JSON_LIST)
		return jit_fail(err, JIT_USAGE,
			"MESSAGE is no text: journalctl -a shows long ones");
	if (text)
		jit_buf_str(out, text);
	for (i = 0; !text && i < jit_json_count(v); i++) {
		if (!jit_json_int(&n, jit_json_at(v, i)) || n < 1 || n > 255)
			return jit_fail(err, JIT_USAGE, "MESSAGE is no text");
		jit_buf_put(out, &(char){(char)n}, 1);
	}
	return jit_buf_failed(out, err);
}

static const char *
field(const struct jit_json *o, const char *name)
{
	const char *s = jit_json_text(jit_json_get(o, name));

	return s ? s : "";
}

/* Whether a path is where only root puts programs. */
static bool
is_installed(const char *exe)
{
	return strncmp(exe, "/usr/", 5) == 0 || strncmp(exe, "/bin/", 5) == 0 ||
		strncmp(exe, "/sbin/", 6) == 0;
}

/*
 * Whether the journal itself says that it was that program: anybody may call
 * himself sshd, but not be root, or of an executable that root installed.
 */
static bool
is_genuine(const struct jit_json *o, const char *program)
{
	const char *exe = field(o, "_EXE"), *base = strrchr(exe, '/');
	const char *uid = field(o, "_UID");

	if (*exe &&
		(!is_installed(exe) ||
			strncmp(base + 1, program, strlen(program)) != 0))
		return false;
	return strcmp(program, "sshd") != 0 || !*uid || strcmp(uid, "0") == 0;
}

/* {"sudo":{"accept":{...}}}, or what is in it: sudo writes both. */
static int
read_sudo(struct jit_logged *out, const struct jit_json *o,
	struct jit_error *err)
{
	const struct jit_json *inner = jit_json_get(o, "sudo"), *v = NULL;
	const char *name = NULL;

	if (!jit_json_next(inner ? inner : o, NULL, &name, &v) ||
		jit_json_kind(v) != JIT_JSON_OBJECT)
		return jit_fail(err, JIT_USAGE,
			"neither an entry of a journal nor one of sudo's");
	return jit_hostlog_sudo(out, name, v, err);
}

static int
read_journal(struct jit_logged *out, const struct jit_json *o,
	struct jit_error *err)
{
	const char *when = field(o, "__REALTIME_TIMESTAMP");
	const char *program = field(o, "SYSLOG_IDENTIFIER");
	const char *host = field(o, "_HOSTNAME");
	struct jit_buf message = {0};
	char *end = NULL;
	long long at = strtoll(when, &end, 10);
	int rc;

	if (!jit_json_get(o, "__REALTIME_TIMESTAMP"))
		return read_sudo(out, o, err);
	if (*when < '0' || *when > '9' || *end || at < 0)
		return jit_fail(err, JIT_USAGE,
			"no entry of a journal: __REALTIME_TIMESTAMP is no "
			"number");
	out->at = at / MICRO;
	jit_hostlog_put(out->host, sizeof(out->host), host, strlen(host));
	if (!jit_hostlog_heeds(program) || !is_genuine(o, program))
		return 0;
	rc = take_text(&message, jit_json_get(o, "MESSAGE"), err);
	if (rc == 0)
		rc = jit_hostlog_say(out, program, jit_buf_text(&message), err);
	jit_buf_free(&message);
	return rc;
}

/* One line, one object. */
static int
next_journal(struct jit_logged *out, struct jit_hostlog *x,
	struct jit_error *err)
{
	size_t used = 0, n = line_length(x);
	struct jit_json *o = NULL;
	int rc = jit_json_foreign(&o, &used, x->bytes + x->at, n, err);

	pass_line(x);
	if (rc == 0 && jit_json_kind(o) != JIT_JSON_OBJECT)
		rc = jit_fail(err, JIT_USAGE, "no object");
	if (rc == 0)
		rc = read_journal(out, o, err);
	jit_json_free(o);
	return rc ? rc : 1;
}

/* A value at the place where it is, which it is then after. */
static int
take_value(struct jit_json **out, struct jit_hostlog *x, struct jit_error *err)
{
	size_t used = 0;
	int rc;

	pass_blanks(x, false);
	rc = jit_json_foreign(out, &used, x->bytes + x->at, x->len - x->at,
		err);
	if (rc == 0)
		pass(x, used);
	return rc;
}

/* "accept": {...}, as one of the many members of the object. */
static int
next_member(struct jit_logged *out, struct jit_hostlog *x,
	struct jit_error *err)
{
	struct jit_json *name = NULL, *v = NULL;
	int rc = take_value(&name, x, err);

	pass_blanks(x, false);
	if (rc == 0 &&
		(!jit_json_text(name) || x->at == x->len ||
			x->bytes[x->at] != ':'))
		rc = jit_fail(err, JIT_USAGE, "no member of an object");
	if (rc == 0) {
		pass(x, 1);
		rc = take_value(&v, x, err);
	}
	if (rc == 0)
		rc = jit_hostlog_sudo(out, jit_json_text(name), v, err);
	else
		pass_line(x);
	jit_json_free(name);
	jit_json_free(v);
	return rc ? rc : 1;
}

/* Whether the line is the brace with which sudo's file begins. */
static bool
opens_object(const struct jit_hostlog *x)
{
	size_t n = line_length(x), i;

	for (i = 1; i < n; i++)
		if (!is_blank(x->bytes[x->at + i]))
			return false;
	return n > 0 && x->bytes[x->at] == '{';
}

/* -- Text ------------------------------------------------------------------ */

/* A line, and those after it that begin with a blank: sudo wraps its own. */
static int
take_line(struct jit_buf *out, struct jit_hostlog *x, struct jit_error *err)
{
	size_t n, skip;

	do {
		n = line_length(x);
		for (skip = 0; out->len && skip < n; skip++)
			if (!is_blank(x->bytes[x->at + skip]))
				break;
		if (out->len)
			jit_buf_str(out, " ");
		jit_buf_put(out, x->bytes + x->at + skip, n - skip);
		pass_line(x);
	} while (x->at < x->len && x->bytes[x->at] == ' ' && n > 0);
	return jit_buf_failed(out, err);
}

static int
next_line(struct jit_logged *out, struct jit_hostlog *x, struct jit_error *err)
{
	const char *program = "", *message = "";
	struct jit_buf line = {0};
	int rc = take_line(&line, x, err);

	if (rc == 0 && memchr(line.data, '\0', line.len))
		rc = jit_fail(err, JIT_USAGE, "a NUL is in it");
	if (rc == 0) {
		jit_buf_put(&line, "", 1);
		rc = jit_buf_failed(&line, err);
	}
	if (rc == 0)
		rc = jit_hostlog_frame(out, &program, &message,
			(char *)line.data, x->now, x->zone, err);
	if (rc == 0)
		rc = jit_hostlog_say(out, program, message, err);
	jit_buf_free(&line);
	return rc ? rc : 1;
}

int
jit_hostlog_next(struct jit_logged *out, struct jit_hostlog *x,
	struct jit_error *err)
{
	memset(out, 0, sizeof(*out));
	pass_blanks(x, x->object);
	if (!x->object && x->at < x->len && opens_object(x)) {
		x->object = true;
		pass(x, 1);
		pass_blanks(x, true);
	}
	if (x->object && x->at < x->len && x->bytes[x->at] == '}') {
		x->object = false;
		pass(x, 1);
		pass_blanks(x, false);
	}
	out->line = x->line;
	if (x->at == x->len)
		return 0;
	if (x->object)
		return next_member(out, x, err);
	return x->bytes[x->at] == '{' ? next_journal(out, x, err)
				      : next_line(out, x, err);
}

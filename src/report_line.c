/* SPDX-License-Identifier: ISC */
#include "report_line.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "when.h"

#define FACILITY 13 /* log audit: RFC 5424 section 6.2.1 */

enum severity { WARNING = 4, NOTICE = 5, INFO = 6 };

/* What somebody may want to be woken for, and what is mere routine. */
static enum severity
severity_of(const struct jit_event *ev)
{
	switch (ev->type) {
	case JIT_BEAT:
	case JIT_PROBE:
	case JIT_SCAN:
		return INFO;
	case JIT_POLICY:
	case JIT_ENROLL:
	case JIT_RETIRE:
		return WARNING;
	case JIT_REQUEST:
		return ev->glass ? WARNING : NOTICE;
	case JIT_REVIEW:
		return strcmp(ev->verdict, "ok") == 0 ? NOTICE : WARNING;
	case JIT_END:
		return strcmp(ev->cause, "task") == 0 ||
				strcmp(ev->cause, "ttl") == 0 ||
				strcmp(ev->cause, "lapse") == 0
			? NOTICE
			: WARNING;
	default:
		return NOTICE;
	}
}

/* A PARAM-VALUE: '"', '\' and ']' are escaped, RFC 5424 section 6.3.3. */
static void
put_param(struct jit_buf *out, const char *name, const char *value)
{
	jit_buf_fmt(out, " %s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\' || *value == ']')
			jit_buf_str(out, "\\");
		jit_buf_put(out, value, 1);
	}
	jit_buf_str(out, "\"");
}

static void
put_member(struct jit_buf *out, const char *name, const struct jit_json *v)
{
	char number[32];
	int64_t n;
	bool b;

	if (jit_json_text(v)) {
		put_param(out, name, jit_json_text(v));
	} else if (jit_json_int(&n, v)) {
		snprintf(number, sizeof(number), "%lld", (long long)n);
		put_param(out, name, number);
	} else if (jit_json_bool(&b, v)) {
		put_param(out, name, b ? "true" : "false");
	}
}

static void
put_data(struct jit_buf *out, int64_t enterprise, const struct jit_event *ev,
	const unsigned char sha256[JIT_SHA256])
{
	const struct jit_json *v = NULL;
	const char *name = NULL;
	char sum[JIT_HEX256];
	void *i;

	jit_buf_fmt(out, "[jit@%lld", (long long)enterprise);
	jit_hex(sum, sha256, JIT_SHA256);
	put_param(out, "sha256", sum);
	for (i = jit_json_next(ev->json, NULL, &name, &v); i;
		i = jit_json_next(ev->json, i, &name, &v))
		put_member(out, name, v);
	jit_buf_str(out, "]");
}

static bool
is_ascii(const char *s)
{
	while (*s > 0)
		s++;
	return *s == '\0';
}

/* What is not ASCII is announced as UTF-8: RFC 5424 section 6.4. */
static void
put_message(struct jit_buf *out, const struct jit_event *ev)
{
	struct jit_buf subject = {0};

	jit_event_subject(&subject, ev);
	if (!is_ascii(jit_buf_text(&subject)))
		jit_buf_str(out, "\xef\xbb\xbf");
	jit_buf_str(out, jit_buf_text(&subject));
	jit_buf_free(&subject);
}

static void
put_syslog(struct jit_buf *out, const struct report_form *form,
	const struct jit_event *ev, const unsigned char sha256[JIT_SHA256])
{
	char stamp[JIT_STAMP];

	jit_when_stamp(stamp, ev->at);
	jit_buf_fmt(out, "<%d>1 %s %s jit - %s ",
		FACILITY * 8 + (int)severity_of(ev), stamp, form->host,
		jit_event_name(ev->type));
	put_data(out, form->enterprise, ev, sha256);
	jit_buf_str(out, " ");
	put_message(out, ev);
}

int
report_line(struct jit_buf *out, const struct report_form *form,
	const struct jit_event *ev, const unsigned char oid[20],
	const unsigned char sha256[JIT_SHA256], struct jit_error *err)
{
	struct jit_json *o = NULL;
	struct jit_buf line = {0};
	int rc;

	if (form->syslog) {
		put_syslog(&line, form, ev, sha256);
	} else {
		o = cli_event_json(ev, oid, sha256);
		if (!o)
			return jit_nomem(err);
		jit_json_encode(&line, o, 0);
	}
	if (form->octets)
		jit_buf_fmt(out, "%zu ", line.len);
	jit_buf_put(out, line.data, line.len);
	if (!form->octets)
		jit_buf_str(out, "\n");
	rc = jit_buf_failed(&line, err);
	jit_buf_free(&line);
	jit_json_free(o);
	return rc ? rc : jit_buf_failed(out, err);
}

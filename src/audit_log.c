/* SPDX-License-Identifier: ISC */
/* jit-audit log: one line for each event. */
#include "audit.h"

#include <stdio.h>

#include "text.h"
#include "when.h"

struct log {
	const struct cli *cli;
	bool later;           /* keep the lines */
	struct jit_buf lines; /* each ended by a newline */
};

/* "2026-11-22T06:12:00Z     812 request 01K... ssh:web-1 root ..." */
static void
put_text(struct jit_buf *out, const struct jit_event *ev)
{
	struct jit_buf subject = {0};
	char stamp[JIT_STAMP];

	jit_when_stamp(stamp, ev->at);
	jit_event_subject(&subject, ev);
	jit_buf_fmt(out, "%s %7lld ", stamp, (long long)ev->seq);
	jit_text_escape(out, jit_buf_text(&subject), subject.len);
	jit_buf_free(&subject);
}

static int
put_line(struct log *log, const struct jit_commit *c,
	const unsigned char oid[JIT_OID], struct jit_error *err)
{
	struct jit_json *o;

	if (!log->cli->json) {
		put_text(&log->lines, &c->event);
	} else {
		o = audit_event_json(c, oid);
		if (!o)
			return jit_nomem(err);
		jit_json_encode(&log->lines, o, 0);
		jit_json_free(o);
	}
	jit_buf_str(&log->lines, "\n");
	return jit_buf_failed(&log->lines, err);
}

/* Stops when nobody reads any more; cli_end says so. */
static int
visit(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct log *log = arg;
	int rc;

	(void)after;
	rc = put_line(log, c, oid, err);
	if (rc || log->later)
		return rc;
	cli_out("%s", jit_buf_text(&log->lines));
	jit_buf_reset(&log->lines);
	return ferror(stdout) ? 1 : 0;
}

/* The lines, the last first. */
static void
print_backwards(const struct jit_buf *lines)
{
	const char *text = jit_buf_text(lines);
	size_t start, end;

	for (end = lines->len; end > 0; end = start) {
		for (start = end - 1; start > 0; start--)
			if (text[start - 1] == '\n')
				break;
		cli_out("%.*s", (int)(end - start), text + start);
	}
}

int
audit_log(struct audit *a, struct jit_error *err)
{
	struct log log = {.cli = &a->cli, .later = a->reverse};
	int rc;

	rc = cli_ledger_here(&a->cli, err);
	if (rc == 0)
		rc = jit_ledger_back(a->cli.ledger, visit, &log, err);
	if (rc == 0)
		print_backwards(&log.lines);
	jit_buf_free(&log.lines);
	return rc;
}

/* SPDX-License-Identifier: ISC */
/*
 * jit-report export: every event as a line, once or more, never with a gap.
 * It takes no lock of the ledger, and what it remembers has a folder of its
 * own: no writer ever waits for it.
 */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act.h"
#include "report_cursor.h"
#include "report_line.h"
#include "report_tail.h"

#define BATCH 1000        /* events between two cursors */
#define CHUNK 65536       /* bytes that are kept before they are written */
#define PIECE 4096        /* bytes that a ready pipe takes: PIPE_BUF */
#define EXAMPLE_PEN 32473 /* RFC 5612: for documentation */

struct export
{
	struct report *r;
	struct report_form form;
	char host[65];
	char cursor[JIT_HEX256]; /* the last event that is out; "": none */

	/* what is to be written */
	unsigned char(*oid)[JIT_OID]; /* newest first */
	size_t count, cap;
	bool met; /* the cursor */
	struct jit_buf out;
	sigset_t calm; /* the signals that are let in while it waits */
};

static volatile sig_atomic_t stopped;

static void
stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* Signals come where it waits, and nowhere else. */
static void
catch_signals(struct export *x)
{
	struct sigaction act = {.sa_handler = stop};
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGINT);
	sigprocmask(SIG_BLOCK, &held, &x->calm);
	sigdelset(&x->calm, SIGTERM);
	sigdelset(&x->calm, SIGINT);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
}

static int
cannot_write(struct jit_error *err)
{
	return jit_fail(err, JIT_TROUBLE, "cannot write the answer: %s",
		strerror(errno));
}

/* Wait until stdout takes some: 1 it does, 0 it was asked to stop. */
static int
ready(const struct export *x, struct jit_error *err)
{
	fd_set out;
	int n;

	do {
		FD_ZERO(&out);
		FD_SET(STDOUT_FILENO, &out);
		n = pselect(STDOUT_FILENO + 1, NULL, &out, NULL, NULL,
			&x->calm);
		if (n < 0 && errno != EINTR)
			return cannot_write(err);
	} while (n < 0 && !stopped);
	return n > 0;
}

/* All that is kept goes out; 1: it was asked to stop before. */
static int
flush(struct export *x, struct jit_error *err)
{
	size_t done = 0, len;
	ssize_t n;
	int rc;

	while (done < x->out.len) {
		rc = ready(x, err);
		if (rc <= 0)
			return rc < 0 ? rc : 1;
		len = x->out.len - done;
		n = write(STDOUT_FILENO, x->out.data + done,
			len < PIECE ? len : PIECE);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return cannot_write(err);
		done += n > 0 ? (size_t)n : 0;
	}
	jit_buf_reset(&x->out);
	return 0;
}

/* A file's bytes outlive a power cut before its cursor says that they do. */
static int
settle(struct jit_error *err)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	return fsync(STDOUT_FILENO) == 0 ? 0 : cannot_write(err);
}

/*
 * A file that ends within a line was cut when somebody killed the one before:
 * the line is ended, and its event comes again.
 */
static void
end_cut_line(struct export *x)
{
	struct stat st;
	char last = '\0';
	int fd;

	if (x->form.octets || fstat(STDOUT_FILENO, &st) != 0 ||
		!S_ISREG(st.st_mode) || st.st_size == 0 ||
		!(fcntl(STDOUT_FILENO, F_GETFL) & O_APPEND))
		return;
	fd = open("/proc/self/fd/1", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && pread(fd, &last, 1, st.st_size - 1) != 1)
		last = '\0';
	if (fd >= 0)
		close(fd);
	if (last != '\n')
		jit_buf_str(&x->out, "\n");
}

/* -- Events ---------------------------------------------------------------- */

/* On the way back, down to the last event that is out. */
static int
collect(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	size_t cap;
	struct export *x = arg;
	char sha256[JIT_HEX256];
	void *p;

	(void)after;
	jit_hex(sha256, c->sha256, JIT_SHA256);
	x->met = strcmp(sha256, x->cursor) == 0;
	if (x->met)
		return 1;
	cap = x->cap ? 2 * x->cap : 64;
	if (x->count == x->cap) {
		p = reallocarray(x->oid, cap, JIT_OID);
		if (!p)
			return jit_nomem(err);
		x->oid = p;
		x->cap = cap;
	}
	memcpy(x->oid[x->count++], oid, JIT_OID);
	return 0;
}

/* One event, which must follow on the one before: 1, it was stopped. */
static int
put_event(struct export *x, struct jit_buf *raw, const unsigned char *oid,
	struct jit_error *err)
{
	struct jit_store *store = jit_ledger_store(x->r->cli.ledger);
	struct jit_commit c = {0};
	int rc;

	rc = jit_store_read(raw, store, oid, JIT_COMMIT_MAX, err);
	if (rc == 0)
		rc = jit_commit_decode(&c, raw->data, raw->len, err);
	if (rc)
		return rc;
	if (x->cursor[0] && strcmp(c.event.prev, x->cursor) != 0)
		rc = jit_fail(err, JIT_EVIDENCE,
			"altered: event %lld does not follow on the one that "
			"was before it",
			(long long)c.event.seq);
	if (rc == 0)
		rc = report_line(&x->out, &x->form, &c.event, oid, c.sha256,
			err);
	if (rc == 0)
		jit_hex(x->cursor, c.sha256, JIT_SHA256);
	jit_commit_free(&c);
	return rc == 0 && x->out.len >= CHUNK ? flush(x, err) : rc;
}

/* What is out stays out: only then the cursor moves. */
static int
commit(struct export *x, struct jit_error *err)
{
	int rc = flush(x, err);

	if (rc == 0)
		rc = settle(err);
	return rc ? rc : report_cursor_write(x->r->cursor, x->cursor, err);
}

/* All events up to the verified tip. 1: it was stopped. */
static int
catch_up(struct export *x, struct jit_error *err)
{
	struct jit_buf raw = {0};
	size_t n = 0;
	int rc;

	x->count = 0;
	x->met = false;
	rc = jit_ledger_back(x->r->cli.ledger, collect, x, err);
	if (rc == 0 && x->cursor[0] && !x->met)
		rc = jit_fail(err, JIT_EVIDENCE,
			"the cursor's event (sha256 %.12s) is not in this "
			"history",
			x->cursor);
	while (rc == 0 && x->count > 0 && !stopped) {
		rc = put_event(x, &raw, x->oid[--x->count], err);
		if (rc == 0 && (++n % BATCH == 0 || x->count == 0))
			rc = commit(x, err);
	}
	if (rc == 0 && x->out.len)
		rc = commit(x, err);
	jit_buf_free(&raw);
	return rc;
}

static int
follow(struct export *x, struct jit_error *err)
{
	struct report_tail tail;
	struct cli *c = &x->r->cli;
	int rc;

	report_tail_mark(&tail, jit_store_path(jit_ledger_store(c->ledger)));
	do {
		act_now(c);
		rc = jit_ledger_update(c->ledger, c->now, err);
		if (rc == 0)
			rc = catch_up(x, err);
		if (rc == 0 && !stopped)
			rc = report_tail_wait(&tail, &x->calm, &stopped, err);
	} while (rc == 0 && !stopped);
	return rc;
}

/* -- What is asked --------------------------------------------------------- */

static bool
is_printable(const char *s)
{
	while (*s > ' ' && *s < 0x7f)
		s++;
	return *s == '\0';
}

static int
read_form(struct export *x, struct jit_error *err)
{
	const struct report *r = x->r;
	const char *format = r->format ? r->format : "jsonl";
	char *end = NULL;

	x->form.syslog = strcmp(format, "syslog") == 0;
	x->form.octets = r->octets;
	x->form.enterprise = EXAMPLE_PEN;
	if (!x->form.syslog && strcmp(format, "jsonl") != 0)
		return cli_usage(&r->cli, err,
			"--format '%s' is neither jsonl nor syslog", format);
	if (!x->form.syslog && (r->octets || r->enterprise))
		return cli_usage(&r->cli, err,
			"--octets and --enterprise are for --format syslog");
	if (x->form.syslog && r->cli.json)
		return cli_usage(&r->cli, err, "-j is --format jsonl");
	if (r->enterprise)
		x->form.enterprise = strtol(r->enterprise, &end, 10);
	if (x->form.enterprise < 1 || x->form.enterprise > 4294967295 ||
		(end && (*end || !strchr("123456789", r->enterprise[0]))))
		return cli_usage(&r->cli, err,
			"--enterprise wants a private enterprise number");
	cli_host(x->host, sizeof(x->host));
	x->form.host = strcmp(x->host, "unknown") != 0 && is_printable(x->host)
		? x->host
		: "-";
	return 0;
}

/* Its memory is its own: nobody else's programs wait for it. */
static int
open_ledger(struct report *r, struct jit_error *err)
{
	const char *path = NULL, *dir = cli_memory_dir(), *genesis;
	struct jit_buf own = {0};
	int rc = cli_ledger_path(&path, &r->cli, err);

	if (rc)
		return rc;
	if (dir)
		jit_buf_fmt(&own, "%s/export", dir);
	rc = jit_ledger_open(&r->cli.ledger, path,
		dir ? jit_buf_text(&own) : NULL, r->cli.now, err);
	jit_buf_free(&own);
	genesis = rc ? NULL : jit_ledger_state(r->cli.ledger)->genesis;
	if (genesis && r->genesis && strcmp(r->genesis, genesis) != 0)
		rc = jit_fail(err, JIT_EVIDENCE,
			"swapped: -g names the ledger %s, this is %s",
			r->genesis, genesis);
	return rc;
}

int
report_export(struct report *r, struct jit_error *err)
{
	struct export x = {.r = r};
	int rc;

	rc = read_form(&x, err);
	if (rc == 0)
		rc = report_cursor_read(x.cursor, r->cursor, err);
	if (rc == 0)
		rc = open_ledger(r, err);
	if (rc == 0) {
		catch_signals(&x);
		end_cut_line(&x);
		rc = r->follow ? follow(&x, err) : catch_up(&x, err);
	}
	free(x.oid);
	jit_buf_free(&x.out);
	return rc > 0 ? 0 : rc;
}

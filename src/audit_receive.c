/* SPDX-License-Identifier: ISC */
/*
 * jit-audit receive: git's pre-receive hook (githooks(5)) on the server of a
 * ledger. All that is pushed at once is taken, or nothing.
 */
#include "audit.h"

#include <stdlib.h>
#include <string.h>

#define MOST (1024 * 1024) /* bytes on standard input */
#define OID_HEX (2 * JIT_OID)

/* One push of the ledger's ref. */
struct delivery {
	bool given;
	unsigned char old[JIT_OID], new[JIT_OID];
};

static bool
is_zero(const unsigned char oid[JIT_OID])
{
	static const unsigned char zero[JIT_OID];

	return memcmp(oid, zero, JIT_OID) == 0;
}

/* "OLD NEW REF", each id 40 hex digits; cuts the line up. */
static bool
take_apart(unsigned char old[JIT_OID], unsigned char new[JIT_OID],
	const char **ref, char *line)
{
	char *second = line + OID_HEX + 1, *third = second + OID_HEX + 1;

	if (strlen(line) <= 2 * (OID_HEX + 1) || second[-1] != ' ' ||
		third[-1] != ' ')
		return false;
	second[-1] = third[-1] = '\0';
	*ref = third;
	return jit_unhex(old, JIT_OID, line) == 0 &&
		jit_unhex(new, JIT_OID, second) == 0;
}

static int
take_line(struct delivery *d, char *line, struct jit_error *err)
{
	unsigned char old[JIT_OID], new[JIT_OID];
	const char *ref;

	if (!take_apart(old, new, &ref, line))
		return jit_fail(err, JIT_USAGE,
			"not a line of git's pre-receive: OLD NEW REF");
	if (strcmp(ref, JIT_REF) != 0)
		return jit_fail(err, JIT_NO,
			"'%s' is not taken here: only " JIT_REF " is", ref);
	if (is_zero(new))
		return jit_fail(err, JIT_NO,
			JIT_REF " is not deleted: a ledger only grows");
	if (d->given)
		return jit_fail(err, JIT_USAGE, JIT_REF " is pushed twice");
	d->given = true;
	memcpy(d->old, old, JIT_OID);
	memcpy(d->new, new, JIT_OID);
	return 0;
}

static int
read_push(struct delivery *d, struct jit_error *err)
{
	struct jit_buf in = {0};
	char *line, *end, *last;
	int rc;

	rc = cli_read_file(&in, "-", MOST, err);
	if (rc == 0 &&
		(in.len == 0 || in.data[in.len - 1] != '\n' ||
			memchr(in.data, '\0', in.len)))
		rc = jit_fail(err, JIT_USAGE,
			"what is pushed? git's pre-receive says it on "
			"standard input");
	line = (char *)in.data;
	last = line + in.len;
	while (rc == 0 && line < last) {
		end = memchr(line, '\n', (size_t)(last - line));
		*end = '\0';
		rc = take_line(d, line, err);
		line = end + 1;
	}
	jit_buf_free(&in);
	return rc;
}

int
audit_receive(struct audit *a, struct jit_error *err)
{
	const char *path = a->cli.ledger_path ? a->cli.ledger_path : ".";
	struct jit_push push = {.inbox = getenv("GIT_QUARANTINE_PATH")};
	struct delivery d = {0};
	int64_t seq = 0;
	int rc;

	rc = read_push(&d, err);
	if (rc)
		return rc;
	push.old = is_zero(d.old) ? NULL : d.old;
	push.new = d.new;
	rc = jit_ledger_receive(&seq, path, cli_memory_dir(), &push, a->cli.now,
		err);
	if (rc == 0)
		cli_more(&a->cli, "good up to event %lld", (long long)seq);
	return rc;
}

/* SPDX-License-Identifier: ISC */
/* How old a clone's view is: when its remote was heard, and who was silent. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_inner.h"
#include "repo.h"
#include "when.h"

#define FILE_NAME "jit.fetched"
#define LINE 21   /* bytes of the file: a number, blanks, a newline */
#define SKEW 5    /* seconds that may be ahead */
#define BEATS 600 /* seconds between an issuer's beats while a grant is open */

static char *
path_of(const struct jit_store *store)
{
	return jit_repo_path("%s/%s", jit_store_path(store), FILE_NAME);
}

/* One write of one length: whoever reads it has the old line or the new. */
void
jit_ledger_note_heard(const struct jit_store *store, int64_t now)
{
	char *path = path_of(store), line[LINE + 1];
	int fd = -1;

	snprintf(line, sizeof(line), "%-20lld\n", (long long)now);
	if (path != NULL)
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			0666);
	if (fd >= 0) {
		jit_store_share(store, path, 0664);
		(void)!pwrite(fd, line, LINE, 0);
		close(fd);
	} /* else it is stale, and who asks is told so */
	free(path);
}

int64_t
jit_ledger_heard(const struct jit_ledger *l)
{
	char *path = path_of(l->store), line[LINE + 1] = "", *end;
	long long at = 0;
	ssize_t n = 0;
	int fd = -1;

	if (path != NULL)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	free(path);
	if (fd < 0)
		return 0;
	n = read(fd, line, LINE);
	close(fd);
	if (n != LINE || line[LINE - 1] != '\n')
		return 0;
	errno = 0;
	at = strtoll(line, &end, 10);
	return errno == 0 && *end == ' ' && at > 0 ? at : 0;
}

static int
too_old(const char *what, int64_t age, int64_t most, struct jit_error *err)
{
	struct jit_buf is = {0}, may = {0};
	int rc;

	jit_when_spell(&is, age);
	jit_when_spell(&may, most);
	rc = jit_fail(err, JIT_TROUBLE, "stale: %s %s, at most %s is wanted",
		what, jit_buf_text(&is), jit_buf_text(&may));
	jit_buf_free(&is);
	jit_buf_free(&may);
	return rc;
}

/* Whether who issues 'resource' is known to beat. */
static bool
beats(const struct jit_state *s, const char *resource)
{
	const struct jit_counter *c;

	for (c = s->counters; c < s->counters + s->counters_count; c++)
		if (c->beat > 0 &&
			jit_policy_issuer(&s->policy, c->by, resource))
			return true;
	return false;
}

/* Whether a beat would have come by now, were all as it should be. */
static bool
expects_beats(const struct jit_state *s)
{
	size_t i;

	for (i = 0; i < s->grants_count; i++)
		if (s->grants[i]->stage == JIT_ACTIVE &&
			beats(s, s->grants[i]->resource))
			return true;
	return false;
}

int
jit_ledger_fresh(const struct jit_ledger *l, int64_t now, struct jit_error *err)
{
	int64_t most = l->state->policy.limits.stale, heard, age;

	if (l->url.len == 0)
		return 0;
	heard = jit_ledger_heard(l);
	if (heard == 0 || heard > now + SKEW)
		return jit_fail(err, JIT_TROUBLE,
			"stale: nobody knows when '%s' was heard last",
			jit_ledger_url(l));
	if (now - heard > most)
		return too_old("the remote was heard before", now - heard, most,
			err);
	age = now - l->state->at;
	if (age > BEATS + most && expects_beats(l->state))
		return too_old(
			"nothing was written, not even an issuer's beat, for",
			age, BEATS + most, err);
	return 0;
}

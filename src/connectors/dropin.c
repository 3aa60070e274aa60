/* SPDX-License-Identifier: ISC */
#include "dropin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve.h"
#include "when.h"

#define TEXT_MAX (256 * 1024) /* bytes */
#define TOOL_SECONDS 10

/* -- The drop-in --------------------------------------------------------- */

/* sudoers(5): these four are escaped; of the rest of a word none is special. */
static void
put_word(struct jit_buf *out, const char *word)
{
	for (; *word; word++) {
		if (strchr(",:=\\", *word))
			jit_buf_str(out, "\\");
		jit_buf_put(out, word, 1);
	}
}

/* Exactly these words: a command without arguments has none. */
static void
put_command(struct jit_buf *out, const struct jit_texts *words)
{
	size_t i;

	for (i = 0; i < words->count; i++) {
		if (i > 0)
			jit_buf_str(out, " ");
		put_word(out, words->at[i]);
	}
	if (words->count == 1)
		jit_buf_str(out, " \"\"");
}

/* The drop-in is root's word: who, where, as whom, until when. */
static void
put_rule(struct jit_buf *out, const char *host, const char *account,
	const struct jit_errand *g)
{
	char stamp[JIT_STAMP];
	const char *c;

	jit_when_stamp(stamp, g->until);
	jit_buf_fmt(out, "%s %s=(%s) NOTAFTER=", account, host, g->role);
	for (c = stamp; *c; c++)
		if ((*c >= '0' && *c <= '9') || *c == 'Z')
			jit_buf_put(out, c, 1);
	jit_buf_str(out, " NOPASSWD: NOSETENV: ");
}

static int
compose(struct jit_buf *out, const char *host, const char *account,
	const struct jit_errand *g, struct jit_error *err)
{
	size_t i;

	jit_buf_fmt(out, "# grant %s of %s, by jit: not to be edited\n", g->id,
		g->principal);
	jit_buf_fmt(out, "Defaults:%s timestamp_timeout=0\n", account);
	for (i = 0; i < g->actions.count; i++) {
		put_rule(out, host, account, g);
		put_command(out, &g->actions.at[i]);
		jit_buf_str(out, "\n");
	}
	if (g->actions.count == 0) {
		put_rule(out, host, account, g);
		jit_buf_str(out, "ALL\n");
	}
	return jit_buf_failed(out, err);
}

/* -- The folder ---------------------------------------------------------- */

/* What is there and what shall be, while the folder is locked. */
struct place {
	int fd; /* of the folder */
	const char *dir;
	char name[40], temp[48]; /* sudo reads no name with a dot */
};

static int
open_place(struct place *p, const char *dir, const char *id,
	struct jit_error *err)
{
	struct stat st;
	char low[32];

	serve_lower(low, id);
	snprintf(p->name, sizeof(p->name), "jit-%s", low);
	snprintf(p->temp, sizeof(p->temp), ".%s.new", p->name);
	p->dir = dir;
	p->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd < 0 || fstat(p->fd, &st) != 0)
		return jit_fail(err, JIT_TROUBLE, "cannot open '%s': %s", dir,
			strerror(errno));
	if (st.st_uid != 0 || (st.st_mode & 022))
		return jit_fail(err, JIT_TROUBLE,
			"'%s' must be a folder of root's that nobody else "
			"may write",
			dir);
	if (flock(p->fd, LOCK_EX) != 0)
		return jit_fail(err, JIT_TROUBLE, "cannot lock '%s': %s", dir,
			strerror(errno));
	return 0;
}

static void
close_place(struct place *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static bool
write_all(int fd, const struct jit_buf *text)
{
	size_t done = 0;
	ssize_t n;

	while (done < text->len) {
		n = write(fd, text->data + done, text->len - done);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			done += (size_t)n;
	}
	return true;
}

/* Beside it, under a name that sudo does not read. */
static int
write_temp(const struct place *p, const struct jit_buf *text,
	struct jit_error *err)
{
	bool good;
	int fd;

	unlinkat(p->fd, p->temp, 0); /* of one that was interrupted */
	fd = openat(p->fd, p->temp,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0440);
	good = fd >= 0 && write_all(fd, text) && fchown(fd, 0, 0) == 0 &&
		fchmod(fd, 0440) == 0 && fsync(fd) == 0;
	if (good && close(fd) == 0)
		return 0;
	jit_fail(err, JIT_TROUBLE, "cannot write '%s/%s': %s", p->dir, p->temp,
		strerror(errno));
	unlinkat(p->fd, p->temp, 0);
	return JIT_TROUBLE;
}

static int
move(const struct place *p, struct jit_error *err)
{
	if (renameat(p->fd, p->temp, p->fd, p->name) == 0 && fsync(p->fd) == 0)
		return 0;
	return jit_fail(err, JIT_TROUBLE, "cannot write '%s/%s': %s", p->dir,
		p->name, strerror(errno));
}

/* What is there now: 0, or 1 where nothing is. */
static int
read_old(struct jit_buf *out, const struct place *p, struct jit_error *err)
{
	unsigned char chunk[4096];
	ssize_t n = 0;
	int fd = openat(p->fd, p->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 1;
	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0 &&
		out->len < TEXT_MAX)
		jit_buf_put(out, chunk, (size_t)n);
	if (fd >= 0)
		close(fd);
	if (fd < 0 || n != 0)
		return jit_fail(err, JIT_TROUBLE, "cannot read '%s/%s': %s",
			p->dir, p->name, n > 0 ? "too large" : strerror(errno));
	return jit_buf_failed(out, err);
}

/* Whether sudo understands all of its configuration; with 'extra', if given. */
static int
check(const struct place *p, const char *extra, struct jit_error *err)
{
	const char *const whole[] = {"visudo", "-c", NULL};
	const char *const with[] = {"visudo", "-c", "-f", "-", NULL};
	struct serve_tool t = {.argv = extra ? with : whole,
		.seconds = TOOL_SECONDS};
	struct jit_buf in = {0};
	char line[300];
	int rc;

	if (extra)
		jit_buf_fmt(&in, "@include %s\n@include %s/%s\n",
			DROPIN_SUDOERS, p->dir, extra);
	t.in = in.data;
	t.in_len = in.len;
	rc = jit_buf_failed(&in, err);
	if (rc == 0)
		rc = serve_run(&t, err);
	if (rc == 0 && t.status != 0) {
		serve_first(line, sizeof(line), &t.said);
		rc = jit_fail(err, JIT_TROUBLE, "visudo -c says: %s", line);
	}
	serve_tool_free(&t);
	jit_buf_free(&in);
	return rc;
}

/* The old state again, whatever it was. */
static int
restore(const struct place *p, const struct jit_buf *old, bool was_there,
	struct jit_error *err)
{
	struct jit_error more = {0};
	int rc = 0;

	if (was_there) {
		rc = write_temp(p, old, &more);
		if (rc == 0)
			rc = move(p, &more);
	} else if (unlinkat(p->fd, p->name, 0) != 0 || fsync(p->fd) != 0) {
		rc = JIT_TROUBLE;
	}
	if (rc)
		return jit_within(err, JIT_TROUBLE,
			"'%s/%s' could not be taken back", p->dir, p->name);
	return JIT_TROUBLE;
}

/* Checked before it is read and after, or nothing is changed. */
static int
put(const struct place *p, const struct jit_buf *text, struct jit_error *err)
{
	struct jit_buf old = {0};
	int was = read_old(&old, p, err), rc = was < 0 ? was : 0;

	if (rc == 0)
		rc = write_temp(p, text, err);
	if (rc == 0)
		rc = check(p, p->temp, err);
	if (rc == 0)
		rc = move(p, err);
	else
		unlinkat(p->fd, p->temp, 0);
	if (rc == 0 && check(p, NULL, err))
		rc = restore(p, &old, was == 0, err);
	jit_buf_free(&old);
	return rc;
}

int
dropin_put(const char *dir, const char *host, const char *account,
	const struct jit_errand *grant, struct jit_error *err)
{
	struct place p = {.fd = -1};
	struct jit_buf text = {0};
	int rc = compose(&text, host, account, grant, err);

	if (rc == 0)
		rc = open_place(&p, dir, grant->id, err);
	if (rc == 0)
		rc = put(&p, &text, err);
	close_place(&p);
	jit_buf_free(&text);
	return rc;
}

int
dropin_remove(const char *dir, const char *id, struct jit_error *err)
{
	struct place p = {.fd = -1};
	int rc = open_place(&p, dir, id, err);

	if (rc == 0) {
		unlinkat(p.fd, p.temp, 0);
		if ((unlinkat(p.fd, p.name, 0) != 0 && errno != ENOENT) ||
			fsync(p.fd) != 0)
			rc = jit_fail(err, JIT_TROUBLE,
				"cannot remove '%s/%s': %s", p.dir, p.name,
				strerror(errno));
	}
	close_place(&p);
	return rc;
}

/* SPDX-License-Identifier: ISC */
#include "tape.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORDINGS 256 /* of one session */

static void
path_of(struct jit_buf *out, const char *folder, const char *session,
	int64_t number, const char *suffix)
{
	jit_buf_reset(out);
	jit_buf_fmt(out, "%s/%s-%lld.%s", folder, session, (long long)number,
		suffix);
}

static int
cannot(struct jit_error *err, const char *path)
{
	return jit_fail(err, JIT_TROUBLE, "cannot write '%s': %s", path,
		strerror(errno));
}

/* What a keeper before this one had stored; a line that was cut off goes. */
static int
read_again(struct tape *t, struct jit_error *err)
{
	FILE *file = fdopen(dup(t->fd), "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int rc = 0;

	if (!file)
		return cannot(err, jit_buf_text(&t->path));
	rewind(file);
	while (rc == 0 && (len = getline(&line, &cap, file)) > 0 &&
		line[len - 1] == '\n')
		rc = jit_cast_follow(&t->cast, NULL, line, (size_t)len, err);
	free(line);
	fclose(file);
	if (rc)
		return jit_within(err, JIT_TROUBLE, "'%s'",
			jit_buf_text(&t->path));
	if (ftruncate(t->fd, (off_t)t->cast.size) != 0 ||
		lseek(t->fd, 0, SEEK_END) < 0)
		return cannot(err, jit_buf_text(&t->path));
	return 0;
}

static bool
is_there(const char *folder, const char *session, int64_t number,
	const char *suffix)
{
	struct jit_buf path = {0};
	struct stat st;
	bool there;

	path_of(&path, folder, session, number, suffix);
	there = !path.failed && lstat(jit_buf_text(&path), &st) == 0;
	jit_buf_free(&path);
	return there;
}

bool
tape_is_whole(const char *folder, const char *session, int64_t number)
{
	return number >= 1 && number <= RECORDINGS &&
		is_there(folder, session, number, "sha256");
}

int
tape_open(struct tape *t, const char *folder, const char *session,
	int64_t number, struct jit_error *err)
{
	bool again = is_there(folder, session, number, "cast");
	int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;

	if (number < 1 || number > RECORDINGS ||
		tape_is_whole(folder, session, number))
		return jit_fail(err, JIT_NO, "no recording %lld is open",
			(long long)number);
	memset(t, 0, sizeof(*t));
	t->number = number;
	path_of(&t->path, folder, session, number, "cast");
	if (t->path.failed)
		return jit_nomem(err);
	t->fd = open(jit_buf_text(&t->path),
		again ? flags : flags | O_CREAT | O_EXCL, 0600);
	if (t->fd < 0)
		return cannot(err, jit_buf_text(&t->path));
	return again ? read_again(t, err) : 0;
}

int
tape_put(struct tape *t, const char *line, size_t len, struct jit_error *err)
{
	struct jit_cast_tape next = t->cast;
	size_t done = 0;
	ssize_t n;
	int rc;

	rc = jit_cast_follow(&next, NULL, line, len, err);
	if (rc)
		return rc;
	while (done < len) {
		n = write(t->fd, line + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return cannot(err, jit_buf_text(&t->path));
		done += (size_t)n;
	}
	t->cast = next;
	return 0;
}

/* A whole small file or none, and durable. */
static int
put_file(const char *path, const char *text, struct jit_error *err)
{
	size_t len = strlen(text);
	bool good;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		0600);
	if (fd < 0)
		return cannot(err, path);
	good = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
	close(fd);
	return good ? 0 : cannot(err, path);
}

int
tape_finish(struct tape *t, struct jit_error *err)
{
	struct jit_buf path = {0};
	char text[JIT_HEX256 + 1];
	int rc;

	if (fsync(t->fd) != 0)
		return cannot(err, jit_buf_text(&t->path));
	jit_cast_digest(text, &t->cast);
	strcat(text, "\n");
	jit_buf_put(&path, t->path.data, t->path.len - strlen("cast"));
	jit_buf_str(&path, "sha256");
	rc = jit_buf_failed(&path, err);
	if (rc == 0)
		rc = put_file(jit_buf_text(&path), text, err);
	jit_buf_free(&path);
	t->done = rc == 0;
	return rc;
}

void
tape_shut(struct tape *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	jit_buf_free(&t->path);
}

static const char *
read_digest(struct jit_arena *mem, const char *folder, const char *session,
	int64_t number)
{
	struct jit_buf path = {0};
	char text[JIT_HEX256] = "";
	ssize_t n = -1;
	int fd;

	path_of(&path, folder, session, number, "sha256");
	fd = path.failed
		? -1
		: open(jit_buf_text(&path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	jit_buf_free(&path);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	return n == JIT_HEX256 - 1 ? jit_arena_str(mem, text) : NULL;
}

int64_t
tape_next(const char *folder, const char *session)
{
	int64_t i = 1;

	while (i <= RECORDINGS && is_there(folder, session, i, "cast"))
		i++;
	return i;
}

int
tape_digests(struct jit_texts *out, int64_t *unfinished, struct jit_arena *mem,
	const char *folder, const char *session, struct jit_error *err)
{
	int64_t last = tape_next(folder, session) - 1;
	const char **at = jit_arena_get(mem, RECORDINGS * sizeof(*at));
	int64_t i;

	if (!at)
		return jit_nomem(err);
	out->at = at;
	out->count = 0;
	*unfinished = 0;
	for (i = 1; i <= last; i++) {
		at[out->count] = read_digest(mem, folder, session, i);
		if (at[out->count])
			out->count++;
		else
			++*unfinished;
	}
	return 0;
}

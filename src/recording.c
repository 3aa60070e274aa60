/* SPDX-License-Identifier: ISC */
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deadline.h"
#include "lock.h"

#define PATH_BYTES 4096

static int64_t
elapsed(const struct recording *r)
{
	return jit_deadline_in(0) - r->began;
}

static int
trouble(const struct recording *r, const char *what, struct jit_error *err)
{
	return jit_fail(err, JIT_TROUBLE, "cannot %s recording '%s': %s", what,
		jit_buf_text(&r->path), strerror(errno));
}

/* $XDG_STATE_HOME/jit/recordings/SESSION and a suffix. */
static int
default_path(struct jit_buf *out, const char *session, const char *suffix,
	struct jit_error *err)
{
	const char *state = cli_memory_dir();

	if (!state)
		return jit_fail(err, JIT_USAGE,
			"where is the recording to go? HOME is not set: "
			"-o FILE");
	jit_buf_fmt(out, "%s/recordings", state);
	if (!out->failed) {
		mkdir(state, 0700);
		mkdir(jit_buf_text(out), 0700);
	}
	jit_buf_fmt(out, "/%s%s", session, suffix);
	return jit_buf_failed(out, err);
}

static int
write_all(struct recording *r, int fd, const void *bytes, size_t len,
	struct jit_error *err)
{
	const unsigned char *p = bytes;
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return trouble(r, "write", err);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The lock holds the path, for whoever finds it without its holder. */
static int
take_lock(struct recording *r, const char *session, struct jit_error *err)
{
	char here[PATH_BYTES] = "";
	const char *path = jit_buf_text(&r->path);
	int rc;

	rc = default_path(&r->lock_path, session, ".lock", err);
	if (rc == 0)
		rc = jit_lock_take(&r->lock, jit_buf_text(&r->lock_path), 0600,
			0, err);
	if (rc)
		return rc;
	if (path[0] != '/' && getcwd(here, sizeof(here) - 1))
		strcat(here, "/");
	rc = write_all(r, r->lock, here, strlen(here), err);
	return rc ? rc : write_all(r, r->lock, path, strlen(path), err);
}

static int
make(struct recording *r, const char *path, const char *session,
	struct jit_error *err)
{
	int rc = 0;

	if (path)
		jit_buf_str(&r->path, path);
	else
		rc = default_path(&r->path, session, ".cast", err);
	if (rc == 0 && cli_memory_dir())
		rc = take_lock(r, session, err);
	if (rc)
		return rc;
	r->fd = open(jit_buf_text(&r->path),
		O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (r->fd >= 0)
		return 0;
	rc = errno == EEXIST ? JIT_USAGE : JIT_TROUBLE;
	trouble(r, "make", err);
	return rc;
}

int
recording_make(struct recording *r, const char *path, const char *session,
	struct jit_error *err)
{
	int rc;

	*r = (struct recording){.fd = -1, .lock = -1};
	rc = make(r, path, session, err);
	if (rc)
		recording_unlock(r);
	return rc;
}

/* What is ready goes to the file at once: what is shown is kept. */
static int
flush(struct recording *r, struct jit_error *err)
{
	int rc = jit_buf_failed(&r->lines, err);

	if (rc == 0)
		rc = write_all(r, r->fd, r->lines.data, r->lines.len, err);
	jit_buf_reset(&r->lines);
	return rc;
}

int
recording_start(struct recording *r, const struct jit_cast_head *head,
	const char *mark, struct jit_error *err)
{
	r->began = jit_deadline_in(0);
	jit_cast_start(&r->cast, &r->lines, head, RECORDING_MAX);
	jit_cast_mark(&r->cast, &r->lines, 0, mark);
	return flush(r, err);
}

int
recording_put(struct recording *r, const void *bytes, size_t len,
	struct jit_error *err)
{
	jit_cast_output(&r->cast, &r->lines, elapsed(r), bytes, len);
	return flush(r, err);
}

int
recording_size(struct recording *r, int width, int height,
	struct jit_error *err)
{
	jit_cast_size(&r->cast, &r->lines, elapsed(r), width, height);
	return flush(r, err);
}

int
recording_end(char digest[JIT_HEX256], struct recording *r, const char *why,
	struct jit_error *err)
{
	int64_t at = r->began ? elapsed(r) : r->cast.tape.ms;
	int rc;

	digest[0] = '\0';
	if (r->fd < 0)
		return 0;
	jit_cast_end(&r->cast, &r->lines, at, why);
	rc = flush(r, err);
	if (rc == 0 && fsync(r->fd) != 0)
		rc = trouble(r, "keep", err);
	if (rc == 0)
		jit_cast_digest(digest, &r->cast.tape);
	return rc;
}

void
recording_drop(struct recording *r)
{
	if (r->fd >= 0)
		unlink(jit_buf_text(&r->path));
	recording_unlock(r);
}

/* Still held while it goes: nobody else can have taken it. */
void
recording_unlock(struct recording *r)
{
	if (r->lock < 0)
		return;
	unlink(jit_buf_text(&r->lock_path));
	close(r->lock);
	r->lock = -1;
}

void
recording_free(struct recording *r)
{
	if (r->fd > STDERR_FILENO)
		close(r->fd);
	if (r->lock > STDERR_FILENO)
		close(r->lock);
	jit_buf_free(&r->path);
	jit_buf_free(&r->lock_path);
	jit_buf_free(&r->lines);
}

/* Reading. */

/* Follow the lines one by one; '*whole' bytes of them are good. */
static int
follow(struct jit_cast_tape *tape, size_t *whole, const struct jit_buf *lines,
	struct jit_error *err)
{
	const char *p = jit_buf_text(lines), *end;
	size_t left = lines->len, len;
	int rc = 0;

	for (*whole = 0; left > 0 && rc == 0; left -= len, p += len) {
		end = memchr(p, '\n', left);
		len = end ? (size_t)(end - p) + 1 : left;
		rc = jit_cast_follow(tape, NULL, p, len, err);
		*whole += rc == 0 ? len : 0;
	}
	if (rc == 0 && tape->lines == 0)
		rc = jit_fail(err, JIT_USAGE, "it is empty");
	return rc;
}

int
recording_read(struct jit_buf *lines, char digest[JIT_HEX256], const char *path,
	struct jit_error *err)
{
	struct jit_cast_tape tape = {0};
	size_t whole;
	int rc;

	rc = cli_read_file(lines, path, RECORDING_MAX, err);
	if (rc)
		return rc;
	if (follow(&tape, &whole, lines, err) != 0)
		return jit_within(err, JIT_EVIDENCE, "'%s' is no recording",
			path);
	jit_cast_digest(digest, &tape);
	return 0;
}

/* What is not whole at its end was never shown. */
static int
go_on(struct recording *r, struct jit_error *err)
{
	struct jit_buf lines = {0};
	size_t whole = 0;
	int rc;

	rc = cli_read_file(&lines, jit_buf_text(&r->path), RECORDING_MAX, err);
	if (rc == 0 && follow(&r->cast.tape, &whole, &lines, NULL) != 0 &&
		whole == 0)
		rc = jit_fail(err, JIT_USAGE, "'%s' is no recording",
			jit_buf_text(&r->path));
	jit_buf_free(&lines);
	if (rc)
		return rc;
	r->fd = open(jit_buf_text(&r->path),
		O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (r->fd < 0 || ftruncate(r->fd, (off_t)whole) != 0)
		return trouble(r, "end", err);
	return 0;
}

static int
read_lock(struct recording *r, struct jit_error *err)
{
	char path[PATH_BYTES];
	ssize_t n = pread(r->lock, path, sizeof(path) - 1, 0);

	path[n > 0 ? n : 0] = '\0';
	jit_buf_str(&r->path, path);
	return jit_buf_failed(&r->path, err);
}

/* 1: there is no lock, or somebody holds it. */
static int
resume(struct recording *r, const char *session, struct jit_error *err)
{
	int rc;

	if (!cli_memory_dir())
		return 1;
	rc = default_path(&r->lock_path, session, ".lock", err);
	if (rc)
		return rc;
	if (access(jit_buf_text(&r->lock_path), F_OK) != 0)
		return 1;
	rc = jit_lock_take(&r->lock, jit_buf_text(&r->lock_path), 0600, 0, err);
	if (rc)
		return rc == JIT_BUSY ? 1 : rc;
	rc = read_lock(r, err);
	if (rc == 0)
		rc = go_on(r, err);
	return rc == JIT_USAGE ? 0 : rc;
}

int
recording_resume(struct recording *r, const char *session,
	struct jit_error *err)
{
	struct recording found = {.fd = -1, .lock = -1};
	int rc = resume(&found, session, err);

	if (rc)
		recording_free(&found);
	else
		*r = found;
	return rc;
}

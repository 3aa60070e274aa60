/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "loose.h"

#define HEAD 32          /* bytes that "commit SIZE" and its NUL fit in */
#define CHUNK 65536      /* bytes of output at a time */
#define SLACK (64 << 10) /* how much larger deflated bytes may be */

static int
bad(struct jit_error *err, const char *what)
{
	return jit_fail(err, JIT_EVIDENCE, "%s", what);
}

static int
read_file(struct jit_buf *out, int fd, const char *path, size_t max,
	struct jit_error *err)
{
	unsigned char chunk[16384];
	struct stat st;
	ssize_t n = 0;

	if (fstat(fd, &st) != 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", path,
			strerror(errno));
	if (!S_ISREG(st.st_mode))
		return bad(err, "its file is no regular one");
	if (st.st_size > (off_t)(max + SLACK))
		return bad(err, "its file is too large");
	while (out->len <= max + SLACK &&
		((n = read(fd, chunk, sizeof(chunk))) > 0 ||
			(n < 0 && errno == EINTR)))
		jit_buf_put(out, chunk, n > 0 ? (size_t)n : 0);
	if (n < 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", path,
			strerror(errno));
	return jit_buf_failed(out, err);
}

/* Inflate until its end, more than 'most' bytes or no progress. */
static int
inflate_all(struct jit_buf *out, z_stream *z, size_t most,
	struct jit_error *err)
{
	unsigned char *chunk = malloc(CHUNK);
	int rc = Z_OK;

	if (!chunk)
		return jit_nomem(err);
	while (rc == Z_OK && out->len <= most) {
		z->next_out = chunk;
		z->avail_out = CHUNK;
		rc = inflate(z, Z_NO_FLUSH);
		jit_buf_put(out, chunk, CHUNK - z->avail_out);
		if (rc == Z_OK && z->avail_in == 0 && z->avail_out > 0)
			rc = Z_BUF_ERROR; /* it was cut off */
	}
	free(chunk);
	if (rc == Z_OK)
		return bad(err, "it is too large");
	if (rc == Z_MEM_ERROR)
		return jit_nomem(err);
	if (rc != Z_STREAM_END)
		return bad(err,
			rc == Z_BUF_ERROR ? "its file was cut off"
					  : "its file is no zlib data");
	if (z->avail_in > 0)
		return bad(err, "something follows it in its file");
	return jit_buf_failed(out, err);
}

static int
unpack(struct jit_buf *out, struct jit_buf *deflated, size_t max,
	struct jit_error *err)
{
	z_stream z = {0};
	int rc;

	if (inflateInit(&z) != Z_OK)
		return jit_nomem(err);
	z.next_in = deflated->data;
	z.avail_in = (uInt)deflated->len;
	rc = inflate_all(out, &z, max + HEAD, err);
	inflateEnd(&z);
	return rc;
}

/* "commit 123" and a NUL, and so many bytes; returns where they begin. */
static int
take_head(size_t *head, const struct jit_buf *whole, size_t max,
	struct jit_error *err)
{
	const char *text = jit_buf_text(whole), *digits = text + 7;
	const char *nul =
		memchr(text, '\0', whole->len < HEAD ? whole->len : HEAD);
	size_t size = 0, i;

	if (!nul || strncmp(text, "commit ", 7) != 0)
		return bad(err, "it is no commit");
	for (i = 0; digits[i] >= '0' && digits[i] <= '9' && size <= max; i++)
		size = size * 10 + (size_t)(digits[i] - '0');
	*head = (size_t)(nul - text) + 1;
	if (size > max)
		return bad(err, "it is too large");
	if (digits + i != nul || i == 0 || size != whole->len - *head)
		return bad(err, "its header lies");
	return 0;
}

int
jit_loose_read(struct jit_buf *out, const char *path, size_t max,
	struct jit_error *err)
{
	struct jit_buf deflated = {0}, whole = {0};
	size_t head = 0;
	int rc, fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", path,
			strerror(errno));
	rc = read_file(&deflated, fd, path, max, err);
	close(fd);
	if (rc == 0)
		rc = unpack(&whole, &deflated, max, err);
	if (rc == 0)
		rc = take_head(&head, &whole, max, err);
	if (rc == 0)
		jit_buf_put(out, whole.data + head, whole.len - head);
	jit_buf_free(&deflated);
	jit_buf_free(&whole);
	return rc < 0 ? rc : jit_buf_failed(out, err) ? JIT_TROUBLE : 1;
}

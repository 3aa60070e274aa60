/* SPDX-License-Identifier: ISC */
/* Files whole or not at all. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
write_all(int fd, const unsigned char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_stdout(const void *bytes, size_t len, struct jit_error *err)
{
	if (fwrite(bytes, 1, len, stdout) != len || fflush(stdout) != 0)
		return jit_fail(err, JIT_TROUBLE, "cannot write the answer: %s",
			strerror(errno));
	return 0;
}

/* The folder's entry too must outlive a power cut. */
static void
sync_dir(const char *path)
{
	char copy[4096];
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int
move_into_place(const char *temp, const char *path, bool replace)
{
	if (replace)
		return rename(temp, path);
	if (link(temp, path) != 0)
		return -1;
	unlink(temp);
	return 0;
}

/* A device or a pipe is written to, never replaced. */
static bool
is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int
write_special(const char *path, const void *bytes, size_t len,
	struct jit_error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int rc = fd < 0 ? -1 : write_all(fd, bytes, len);

	if (rc)
		rc = jit_fail(err, JIT_TROUBLE, "cannot write '%s': %s", path,
			strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

int
cli_write_file(const char *path, const void *bytes, size_t len, bool open,
	bool replace, struct jit_error *err)
{
	char temp[4096];
	int fd, rc = 0;

	if (strcmp(path, "-") == 0)
		return write_stdout(bytes, len, err);
	if (is_special(path))
		return write_special(path, bytes, len, err);
	snprintf(temp, sizeof(temp), "%s.XXXXXX", path);
	fd = mkstemp(temp);
	if (fd < 0)
		return jit_fail(err, JIT_TROUBLE, "cannot write '%s': %s", path,
			strerror(errno));
	if (fchmod(fd, open ? 0644 : 0600) != 0 ||
		write_all(fd, bytes, len) != 0 || fsync(fd) != 0)
		rc = -1;
	if (close(fd) != 0)
		rc = -1;
	if (rc == 0)
		rc = move_into_place(temp, path, replace);
	if (rc) {
		rc = jit_fail(err, JIT_TROUBLE, "cannot write '%s': %s", path,
			strerror(errno));
		unlink(temp);
		return rc;
	}
	sync_dir(path);
	return 0;
}

int
cli_read_file(struct jit_buf *out, const char *path, size_t max,
	struct jit_error *err)
{
	unsigned char chunk[16384];
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int rc = 0;
	ssize_t n;

	if (fd < 0)
		return jit_fail(err, errno == ENOENT ? JIT_USAGE : JIT_TROUBLE,
			"cannot read '%s': %s", path, strerror(errno));
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rc = jit_fail(err, JIT_TROUBLE, "cannot read '%s': %s",
				path, strerror(errno));
			break;
		}
		if (out->len + (size_t)n > max) {
			rc = jit_fail(err, JIT_USAGE,
				"'%s' is larger than %zu bytes", path, max);
			break;
		}
		jit_buf_put(out, chunk, (size_t)n);
	}
	jit_wipe(chunk, sizeof(chunk));
	if (!standard)
		close(fd);
	return rc ? rc : jit_buf_failed(out, err);
}

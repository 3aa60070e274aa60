/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "memory_file.h"
#include "repo.h"

int
jit_memory_fail(const char *path, struct jit_error *err)
{
	return jit_fail(err, JIT_TROUBLE, "'%s': %s", path, strerror(errno));
}

/* Others' words are no memory: refuse what they could have written. */
static int
check_owner(const struct stat *st, const char *path, struct jit_error *err)
{
	if (st->st_uid != geteuid())
		return jit_fail(err, JIT_TROUBLE,
			"'%s' belongs to another "
			"user",
			path);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return jit_fail(err, JIT_TROUBLE,
			"'%s' can be written by "
			"others: chmod go-w",
			path);
	return 0;
}

int
jit_memory_check_dir(const char *dir, struct jit_error *err)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return errno == ENOENT ? 0 : jit_memory_fail(dir, err);
	if (!S_ISDIR(st.st_mode))
		return jit_fail(err, JIT_TROUBLE, "'%s' is no folder", dir);
	return check_owner(&st, dir, err);
}

int
jit_memory_make_dir(const char *dir, struct jit_error *err)
{
	char *path, *p;
	int rc = 0;

	path = jit_repo_path("%s", dir);
	if (path == NULL)
		return jit_nomem(err);
	for (p = path + 1; rc == 0 && *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			rc = jit_memory_fail(path, err);
		*p = '/';
	}
	if (rc == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
		rc = jit_memory_fail(path, err);
	free(path);
	return rc < 0 ? rc : jit_memory_check_dir(dir, err);
}

/* Open for reading: 1, 0 when there is none, or a code. */
static int
open_file(int *fd, off_t *size, const char *path, struct jit_error *err)
{
	struct stat st;
	int f, rc;

	f = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (f < 0)
		return errno == ENOENT ? 0 : jit_memory_fail(path, err);
	if (fstat(f, &st) < 0)
		rc = jit_memory_fail(path, err);
	else if (!S_ISREG(st.st_mode))
		rc = jit_fail(err, JIT_TROUBLE, "'%s' is no regular file",
			path);
	else
		rc = check_owner(&st, path, err);
	if (rc < 0) {
		close(f);
		return rc;
	}
	*fd = f;
	*size = st.st_size;
	return 1;
}

/* As many bytes as there are, at most 'len'; -1 and errno. */
static ssize_t
read_all(int fd, unsigned char *p, size_t len)
{
	size_t got = 0;
	ssize_t n = 1;

	while (got < len && n > 0) {
		n = read(fd, p + got, len - got);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			return -1;
		else
			got += (size_t)n;
	}
	return (ssize_t)got;
}

int
jit_memory_slurp(unsigned char **p, size_t *len, const char *path, size_t most,
	struct jit_error *err)
{
	unsigned char *bytes = NULL;
	off_t size = 0;
	ssize_t n = 0;
	int fd = -1, rc;

	rc = open_file(&fd, &size, path, err);
	if (rc <= 0)
		return rc;
	if (size > 0 && (uintmax_t)size < most)
		most = (size_t)size;
	bytes = malloc(most);
	if (bytes != NULL && size > 0)
		jit_arena_ready(bytes, most);
	if (bytes == NULL)
		rc = jit_nomem(err);
	else if ((n = read_all(fd, bytes, most)) < 0)
		rc = jit_memory_fail(path, err);
	close(fd);
	if (rc < 0) {
		free(bytes);
		return rc;
	}
	*p = bytes;
	*len = (size_t)n;
	return 1;
}

int
jit_memory_write(const char *path, const struct jit_buf *head,
	const struct jit_buf *body, struct jit_error *err)
{
	const struct jit_buf *parts[] = {head, body};
	size_t i, at;
	ssize_t n = 0;
	int fd, rc = 0;

	unlink(path); /* of a writer that died: the lock is ours */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		0600);
	if (fd < 0)
		return jit_memory_fail(path, err);
	for (i = 0; i < 2; i++)
		for (at = 0; n >= 0 && at < parts[i]->len; at += (size_t)n) {
			n = write(fd, parts[i]->data + at, parts[i]->len - at);
			if (n < 0 && errno == EINTR)
				n = 0;
			if (n < 0)
				break;
		}
	if (n < 0 || fsync(fd) < 0)
		rc = jit_memory_fail(path, err);
	close(fd);
	if (rc < 0)
		unlink(path);
	return rc;
}

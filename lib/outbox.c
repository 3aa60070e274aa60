/* SPDX-License-Identifier: ISC */
#include "outbox.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory_file.h"
#include "repo.h"

/* A name is its number, its type and its digest: 000001-end-0123456789abcdef */
#define DIGEST 16      /* hex digits of it */
#define NUMBERS 999999 /* as many as are ever tried */
#define LINKS 100      /* times that another was faster */
#define REFUSED "refused"

static bool
is_name(const char *name)
{
	size_t n = strspn(name, "0123456789");

	return n == 6 && name[n] == '-' && strlen(name) > n + DIGEST + 2;
}

static int
wanted(const struct dirent *d)
{
	return is_name(d->d_name);
}

int
jit_outbox_list(struct jit_outbox *out, const char *dir, struct jit_error *err)
{
	struct jit_outbox o = {0};
	struct dirent **names = NULL;
	int n = scandir(dir, &names, wanted, alphasort), i, rc = 0;

	if (n < 0 && errno == ENOENT)
		n = 0;
	if (n < 0)
		return jit_memory_fail(dir, err);
	o.paths = calloc((size_t)n + 1, sizeof(*o.paths));
	for (i = 0; i < n; i++) {
		if (o.paths)
			o.paths[o.count] =
				jit_repo_path("%s/%s", dir, names[i]->d_name);
		if (!o.paths || !o.paths[o.count++])
			rc = jit_nomem(err);
		free(names[i]);
	}
	free(names);
	if (!o.paths)
		rc = jit_nomem(err);
	if (rc)
		jit_outbox_free(&o);
	else
		*out = o; /* transferred */
	return rc;
}

void
jit_outbox_free(struct jit_outbox *o)
{
	size_t i;

	for (i = 0; o->paths && i < o->count; i++)
		free(o->paths[i]);
	free(o->paths);
	*o = (struct jit_outbox){0};
}

/* A name has but the beginning of a digest: two can be made that share it. */
static bool
holds(const char *path, const struct jit_sealed *s)
{
	struct jit_sealed x = {0};
	bool same;

	if (jit_outbox_read(&x, path, NULL) != 0)
		return false;
	same = memcmp(x.sha256, s->sha256, JIT_SHA256) == 0;
	jit_sealed_free(&x);
	return same;
}

/* The one that holds 's', NULL: none; and the number after the last. */
static const char *
find(long *next, const struct jit_outbox *o, const char *digest,
	const struct jit_sealed *s)
{
	const char *name, *found = NULL;
	size_t i;

	*next = 1;
	for (i = 0; i < o->count; i++) {
		name = strrchr(o->paths[i], '/') + 1;
		*next = strtol(name, NULL, 10) + 1;
		if (strcmp(name + strlen(name) - DIGEST, digest) == 0 &&
			holds(o->paths[i], s))
			found = o->paths[i];
	}
	return found;
}

/* Its bytes under a name of their own. */
static int
spool(char **temp, const char *dir, bool shared, const struct jit_sealed *s,
	struct jit_error *err)
{
	struct jit_buf text = {0}, none = {0};
	char *path = jit_repo_path("%s/new.%ld", dir, (long)getpid());
	int rc;

	rc = path ? jit_sealed_write(&text, s, err) : jit_nomem(err);
	if (rc == 0)
		rc = jit_memory_write(path, &text, &none, err);
	if (rc == 0 && shared && chmod(path, 0644) != 0)
		rc = jit_memory_fail(path, err);
	jit_buf_free(&text);
	if (rc == 0) {
		*temp = path;
		path = NULL; /* transferred */
	}
	free(path);
	return rc;
}

/* The first number that is free: each is given once, by link(2). */
static int
number(struct jit_buf *path, const char *temp, const char *dir,
	const struct jit_sealed *s, const char *digest, struct jit_error *err)
{
	struct jit_outbox o = {0};
	const char *found;
	char *name = NULL;
	long next = 1;
	int i, rc = JIT_BUSY;

	for (i = 0; rc == JIT_BUSY && i < LINKS; i++) {
		rc = jit_outbox_list(&o, dir, err);
		if (rc)
			break;
		found = find(&next, &o, digest, s);
		name = found ? strdup(found)
			     : jit_repo_path("%s/%06ld-%s-%s", dir, next,
				       jit_event_name(s->event.type), digest);
		if (!name)
			rc = jit_nomem(err);
		else if (next > NUMBERS)
			rc = jit_fail(err, JIT_TROUBLE, "'%s' is full", dir);
		else if (!found && link(temp, name) != 0)
			rc = errno == EEXIST ? JIT_BUSY
					     : jit_memory_fail(name, err);
		if (rc == 0)
			jit_buf_str(path, name);
		free(name);
		jit_outbox_free(&o);
	}
	if (rc == JIT_BUSY)
		rc = jit_fail(err, JIT_TROUBLE, "'%s' is too busy", dir);
	return rc ? rc : jit_buf_failed(path, err);
}

static int
make_folder(const char *dir, bool shared, struct jit_error *err)
{
	int rc = jit_memory_make_dir(dir, err);

	if (rc == 0 && shared && chmod(dir, 0755) != 0)
		rc = jit_memory_fail(dir, err);
	return rc;
}

int
jit_outbox_put(struct jit_buf *path, const char *dir, bool shared,
	const struct jit_sealed *s, struct jit_error *err)
{
	char digest[JIT_HEX256], *temp = NULL;
	int rc;

	jit_hex(digest, s->sha256, JIT_SHA256);
	digest[DIGEST] = '\0';
	rc = make_folder(dir, shared, err);
	if (rc == 0)
		rc = spool(&temp, dir, shared, s, err);
	if (rc == 0)
		rc = number(path, temp, dir, s, digest, err);
	if (rc == 0)
		rc = jit_repo_sync(dir, err);
	if (temp)
		unlink(temp);
	free(temp);
	return rc;
}

static int
check_file(int fd, const char *path, struct jit_error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return jit_memory_fail(path, err);
	if (!S_ISREG(st.st_mode))
		return jit_fail(err, JIT_TROUBLE, "'%s' is no regular file",
			path);
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022))
		return jit_fail(err, JIT_TROUBLE,
			"'%s' is another user's, or may be written by others",
			path);
	if (st.st_size > JIT_JSON_EVENT)
		return jit_fail(err, JIT_USAGE, "'%s' is too large", path);
	return 0;
}

int
jit_outbox_read(struct jit_sealed *out, const char *path, struct jit_error *err)
{
	char bytes[JIT_JSON_EVENT + 1];
	size_t len = 0;
	ssize_t n = 1;
	int fd, rc;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return jit_memory_fail(path, err);
	rc = check_file(fd, path, err);
	while (rc == 0 && n != 0 && len < sizeof(bytes)) {
		n = read(fd, bytes + len, sizeof(bytes) - len);
		if (n < 0 && errno != EINTR)
			rc = jit_memory_fail(path, err);
		len += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	if (rc)
		return rc;
	rc = jit_sealed_read(out, bytes, len, err);
	return rc ? jit_within(err, rc, "'%s'", path) : 0;
}

int
jit_outbox_drop(const char *path, struct jit_error *err)
{
	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	return jit_memory_fail(path, err);
}

int
jit_outbox_refuse(struct jit_buf *to, const char *path, struct jit_error *err)
{
	const char *name = strrchr(path, '/');
	int rc;

	if (!name)
		return jit_fail(err, JIT_USAGE, "'%s' is in no outbox", path);
	jit_buf_fmt(to, "%.*s/" REFUSED, (int)(name - path), path);
	rc = jit_buf_failed(to, err);
	if (rc == 0)
		rc = jit_memory_make_dir(jit_buf_text(to), err);
	jit_buf_str(to, name);
	if (rc == 0)
		rc = jit_buf_failed(to, err);
	if (rc == 0 && rename(path, jit_buf_text(to)) != 0 && errno != ENOENT)
		rc = jit_memory_fail(path, err);
	return rc;
}

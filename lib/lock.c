/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "deadline.h"
#include "hash.h"
#include "lock.h"

#define NAP_FIRST 2 /* milliseconds; doubles up to NAP_MOST */
#define NAP_MOST 20
#define OURS 1000   /* milliseconds a dead writer's ref lock must stay */
#define OTHERS 2000 /* milliseconds any other one is waited for */

/*
 * The note is one write of one sector, over what was there: it never
 * changes the file's size, so making it durable writes no journal.
 */
#define NOTE 512

void
jit_lock_nap(unsigned int most)
{
	struct timespec t = {0};
	uint32_t chance;

	jit_random(&chance, sizeof(chance));
	t.tv_nsec = (long)most * 500000 + (long)(chance % (most * 500000 + 1));
	nanosleep(&t, NULL);
}

/* The next nap of one that waits: 2, 4, 8, 16, 20, 20 ... milliseconds. */
static void
nap_longer(unsigned int *most)
{
	jit_lock_nap(*most);
	*most = *most * 2 < NAP_MOST ? *most * 2 : NAP_MOST;
}

/* Whether 'path' still names the open file: somebody may have removed it. */
static bool
still_there(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && lstat(path, &b) == 0 &&
		a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int
open_file(int *fd, const char *path, unsigned int mode, struct jit_error *err)
{
	struct stat st;
	int f;

	f = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		(mode_t)mode);
	if (f < 0)
		return jit_fail(err, JIT_TROUBLE, "'%s': %s", path,
			strerror(errno));
	if (fstat(f, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(f);
		return jit_fail(err, JIT_TROUBLE, "'%s' is no regular file",
			path);
	}
	*fd = f;
	return 0;
}

/* Wait for the lock on an open file until 'end'. */
static int
wait_for(int fd, const char *path, int64_t end, struct jit_error *err)
{
	unsigned int most = NAP_FIRST;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return jit_fail(err, JIT_TROUBLE,
				"cannot lock '%s': %s", path, strerror(errno));
		if (jit_deadline_over(end))
			return jit_fail(err, JIT_BUSY,
				"'%s' is held by another writer: try again",
				path);
		nap_longer(&most);
	}
	return 0;
}

int
jit_lock_take(int *fd, const char *path, unsigned int mode, int seconds,
	struct jit_error *err)
{
	int64_t end = jit_deadline_in((int64_t)seconds * 1000);
	int f = -1, rc;

	for (;;) {
		rc = open_file(&f, path, mode, err);
		if (rc < 0)
			return rc;
		rc = wait_for(f, path, end, err);
		if (rc == 0 && still_there(f, path))
			break;
		close(f);
		if (rc < 0)
			return rc;
	}
	*fd = f;
	return 0;
}

static int
write_note(int fd, const char note[NOTE], struct jit_error *err)
{
	if (pwrite(fd, note, NOTE, 0) == NOTE)
		return 0;
	return jit_fail(err, JIT_TROUBLE, "cannot write jit.lock: %s",
		strerror(errno));
}

int
jit_lock_intend(int fd, const char *ref_lock, const char *oid,
	struct jit_error *err)
{
	char note[NOTE] = {0};

	snprintf(note, sizeof(note), "%s %s pid %ld\n", oid,
		strrchr(ref_lock, '/') + 1, (long)getpid());
	return write_note(fd, note, err);
}

void
jit_lock_done(int fd)
{
	char note[NOTE] = {0};

	(void)write_note(fd, note, NULL);
}

/* The id in the note, or "" when there is none. */
static void
noted(char oid[JIT_LOCK_OID], int fd)
{
	char note[NOTE] = {0};

	oid[0] = '\0';
	if (pread(fd, note, sizeof(note), 0) < JIT_LOCK_OID)
		return;
	if (strspn(note, "0123456789abcdef") != JIT_LOCK_OID - 1 ||
		note[JIT_LOCK_OID - 1] != ' ')
		return;
	memcpy(oid, note, JIT_LOCK_OID - 1);
	oid[JIT_LOCK_OID - 1] = '\0';
}

/* Whether it vanished, or is another one by now, within 'most' ms. */
static bool
goes_away(const char *path, const struct stat *was, int64_t most)
{
	int64_t end = jit_deadline_in(most);
	unsigned int wait = NAP_FIRST;
	struct stat st;

	do {
		nap_longer(&wait);
		if (lstat(path, &st) < 0 || st.st_ino != was->st_ino ||
			st.st_ctim.tv_sec != was->st_ctim.tv_sec ||
			st.st_ctim.tv_nsec != was->st_ctim.tv_nsec)
			return true;
	} while (!jit_deadline_over(end));
	return false;
}

/* Whether the file holds a beginning of "OID\n", be it none, and no more. */
static bool
holds_part(const char *path, const char *oid)
{
	char want[JIT_LOCK_OID + 1], got[JIT_LOCK_OID + 1];
	ssize_t n;
	int fd;

	snprintf(want, sizeof(want), "%s\n", oid);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	n = read(fd, got, sizeof(got));
	close(fd);
	return n >= 0 && n <= JIT_LOCK_OID && memcmp(got, want, (size_t)n) == 0;
}

/* A ref lock is there. */
static int
settle(const char *ref_lock, const struct stat *st, const char *oid,
	struct jit_error *err)
{
	bool ours = oid[0] != '\0' && S_ISREG(st->st_mode) &&
		holds_part(ref_lock, oid);

	if (goes_away(ref_lock, st, ours ? OURS : OTHERS))
		return 0;
	if (ours && holds_part(ref_lock, oid)) {
		if (unlink(ref_lock) == 0 || errno == ENOENT)
			return 0;
		return jit_fail(err, JIT_TROUBLE,
			"'%s' was left by a writer that died, and cannot be "
			"removed: %s",
			ref_lock, strerror(errno));
	}
	return jit_fail(err, JIT_TROUBLE,
		"'%s' is held by another program, or was left by one that "
		"died: if no git runs there, remove it",
		ref_lock);
}

int
jit_lock_recover(int fd, const char *ref_lock, struct jit_error *err)
{
	char oid[JIT_LOCK_OID];
	struct stat st;
	int rc = 0;

	noted(oid, fd);
	if (lstat(ref_lock, &st) == 0)
		rc = settle(ref_lock, &st, oid, err);
	else if (errno != ENOENT && errno != ENOTDIR)
		rc = jit_fail(err, JIT_TROUBLE, "'%s': %s", ref_lock,
			strerror(errno));
	if (rc == 0 && oid[0] != '\0')
		jit_lock_done(fd);
	return rc;
}

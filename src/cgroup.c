/* SPDX-License-Identifier: ISC */
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 65536 /* bytes of a file of the kernel's that are read */

/* The whole of a small file of the kernel's; false: it is not there. */
static bool
slurp(struct jit_buf *out, const char *folder, const char *name)
{
	struct jit_buf path = {0};
	char chunk[4096];
	ssize_t n = -1;
	int fd;

	jit_buf_fmt(&path, "%s/%s", folder, name);
	fd = path.failed ? -1 : open(jit_buf_text(&path), O_RDONLY | O_CLOEXEC);
	jit_buf_free(&path);
	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0 &&
		out->len < FILE_MAX)
		jit_buf_put(out, chunk, (size_t)n);
	if (fd >= 0)
		close(fd);
	return fd >= 0 && n >= 0 && !out->failed;
}

static bool
spill(const char *folder, const char *name, const char *text)
{
	struct jit_buf path = {0};
	size_t len = strlen(text);
	bool good = false;
	int fd;

	jit_buf_fmt(&path, "%s/%s", folder, name);
	fd = path.failed ? -1 : open(jit_buf_text(&path), O_WRONLY | O_CLOEXEC);
	jit_buf_free(&path);
	if (fd >= 0) {
		good = write(fd, text, len) == (ssize_t)len;
		close(fd);
	}
	return good;
}

static void
cut(struct jit_buf *b, const char *end)
{
	b->len -= strlen(end);
	b->data[b->len] = '\0';
}

/* Where version 2 is mounted, and not hidden by another mount. */
static bool
mounted(struct jit_buf *out)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *m;
	bool found = false;

	while (mounts && !found && (m = getmntent(mounts)) != NULL) {
		if (strcmp(m->mnt_type, "cgroup2") != 0)
			continue;
		jit_buf_reset(out);
		jit_buf_fmt(out, "%s/cgroup.procs", m->mnt_dir);
		found = !out->failed && access(jit_buf_text(out), F_OK) == 0;
		if (found)
			cut(out, "/cgroup.procs");
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

int
cgroup_root(struct jit_buf *out, struct jit_error *err)
{
	if (!mounted(out))
		return jit_fail(err, JIT_TROUBLE,
			"no cgroup of version 2 is mounted: sessions could "
			"not be ended");
	jit_buf_str(out, "/jit");
	if (out->failed)
		return jit_nomem(err);
	if (mkdir(jit_buf_text(out), 0755) == 0 || errno == EEXIST)
		return 0;
	return jit_fail(err, JIT_TROUBLE, "cannot make '%s': %s",
		jit_buf_text(out), strerror(errno));
}

int
cgroup_make(const char *path, struct jit_error *err)
{
	if (mkdir(path, 0755) == 0)
		return 0;
	return jit_fail(err, JIT_TROUBLE, "cannot make '%s': %s", path,
		strerror(errno));
}

int
cgroup_take(const char *path, pid_t pid, struct jit_error *err)
{
	char text[24];

	snprintf(text, sizeof(text), "%d", (int)pid);
	if (spill(path, "cgroup.procs", text))
		return 0;
	return jit_fail(err, JIT_TROUBLE, "cannot move process %s to '%s': %s",
		text, path, strerror(errno));
}

/* The line "0::/jit/01..." of /proc/PID/cgroup, without its first part. */
static bool
place_of(struct jit_buf *out, pid_t pid)
{
	struct jit_buf text = {0};
	char folder[32];
	const char *line;

	snprintf(folder, sizeof(folder), "/proc/%d", (int)pid);
	if (!slurp(&text, folder, "cgroup")) {
		jit_buf_free(&text);
		return false;
	}
	line = jit_buf_text(&text);
	while (line && strncmp(line, "0::", 3) != 0) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	if (line)
		jit_buf_put(out, line + 3, strcspn(line + 3, "\n"));
	jit_buf_free(&text);
	return line != NULL && !out->failed;
}

bool
cgroup_of(struct jit_buf *out, const char *root, pid_t pid)
{
	const char *jit = strrchr(root, '/');
	struct jit_buf place = {0};
	size_t len = jit ? strlen(jit) : 0;
	bool below;

	below = len && place_of(&place, pid) &&
		strncmp(jit_buf_text(&place), jit, len) == 0 &&
		jit_buf_text(&place)[len] == '/';
	if (below)
		jit_buf_fmt(out, "%s%s", root, jit_buf_text(&place) + len);
	jit_buf_free(&place);
	return below && !out->failed;
}

bool
cgroup_busy(const char *path)
{
	struct jit_buf text = {0};
	bool busy;

	busy = slurp(&text, path, "cgroup.events") &&
		strstr(jit_buf_text(&text), "populated 1") != NULL;
	jit_buf_free(&text);
	return busy;
}

void
cgroup_list(struct jit_buf *out, const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			jit_buf_put(out, entry->d_name,
				strlen(entry->d_name) + 1);
	if (dir)
		closedir(dir);
}

/* Do something with each folder below, deepest last or first. */
static int64_t
below(const char *path, int64_t (*each)(const char *path))
{
	struct jit_buf names = {0}, inner = {0};
	int64_t sum = 0;
	size_t at = 0;

	cgroup_list(&names, path);
	while (!names.failed && at < names.len) {
		jit_buf_reset(&inner);
		jit_buf_fmt(&inner, "%s/%s", path, (char *)names.data + at);
		at += strlen((char *)names.data + at) + 1;
		if (!inner.failed)
			sum += each(jit_buf_text(&inner));
	}
	jit_buf_free(&names);
	jit_buf_free(&inner);
	return sum;
}

int64_t
cgroup_count(const char *path)
{
	struct jit_buf text = {0};
	int64_t n = 0;
	size_t i;

	if (slurp(&text, path, "cgroup.procs"))
		for (i = 0; i < text.len; i++)
			n += text.data[i] == '\n';
	jit_buf_free(&text);
	return n + below(path, cgroup_count);
}

void
cgroup_kill(const char *path)
{
	spill(path, "cgroup.kill", "1");
}

static int64_t
remove_all(const char *path)
{
	below(path, remove_all);
	return rmdir(path);
}

void
cgroup_remove(const char *path)
{
	remove_all(path);
}

/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* O_PATH */
#include "stands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "nss.h"

#define BYTES_MAX (JIT_SCAN_MAX / 2) /* of texts, before JSON quotes them */
#define FILE_MAX (1024 * 1024)
#define YEAR (366 * (time_t)86400)

int
stands_open(struct stands *x, struct serve *s, const char *const *surfaces,
	struct jit_error *err)
{
	*x = (struct stands){.s = s, .surfaces = surfaces};
	x->at = jit_arena_get(&s->mem, STANDS_MAX * sizeof(*x->at));
	x->unseen = jit_arena_get(&s->mem,
		(STANDS_UNSEEN + 2) * sizeof(*x->unseen));
	return x->at && x->unseen ? 0 : jit_nomem(err);
}

void
stands_add(struct stands *x, const char *surface, const char *what,
	const char *who)
{
	/* 60: names of members, quotes and commas */
	size_t size = strlen(what) + strlen(who) + 60;

	if (x->count == STANDS_MAX || x->bytes + size > BYTES_MAX) {
		x->more++;
		return;
	}
	x->bytes += size;
	x->at[x->count++] = (struct jit_stands){.what = what,
		.who = who,
		.surface = surface};
}

void
stands_miss(struct stands *x, const char *surface, const char *what,
	const char *why)
{
	if (x->missed == STANDS_UNSEEN) {
		x->lost++;
		return;
	}
	x->about[x->missed] = surface;
	x->unseen[x->missed++] = serve_line(x->s, "%s: %s", what, why);
}

/*
 * Whose file it is may have made it anything: to open a device can do
 * something, so it is looked at first.
 */
static int
open_regular(const char *path)
{
	int at = open(path, O_PATH | O_CLOEXEC), fd = -1, why;
	char same[40];
	struct stat st;

	if (at < 0)
		return -1;
	if (fstat(at, &st) != 0) {
		why = errno;
	} else if (!S_ISREG(st.st_mode)) {
		why = S_ISDIR(st.st_mode) ? EISDIR : ENXIO;
	} else {
		snprintf(same, sizeof(same), "/proc/self/fd/%d", at);
		fd = open(same, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		why = errno == ENOENT ? ENOSYS : errno; /* it is there */
	}
	close(at);
	errno = why;
	return fd;
}

bool
stands_read(struct jit_buf *out, struct stands *x, const char *surface,
	const char *path)
{
	unsigned char chunk[4096];
	ssize_t n = -1;
	int fd = open_regular(path);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return false;
	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0 &&
		out->len < FILE_MAX)
		jit_buf_put(out, chunk, (size_t)n);
	if (n != 0)
		stands_miss(x, surface, path,
			n > 0 ? "it is too large" : strerror(errno));
	if (fd >= 0)
		close(fd);
	return n == 0;
}

void
stands_sources(struct stands *x, const char *surface, const char *database)
{
	struct jit_buf text = {0}, others = {0};

	if (stands_read(&text, x, surface, JIT_NSS_CONF) &&
		jit_nss_others(&others, jit_buf_text(&text), database))
		stands_miss(x, surface,
			serve_line(x->s, "%s: %s: not all may be listed",
				JIT_NSS_CONF, database),
			jit_buf_text(&others));
	jit_buf_free(&text);
	jit_buf_free(&others);
}

/* Whether nothing that was missed may be of it. */
static bool
is_whole(const struct stands *x, const char *surface)
{
	size_t i;

	for (i = 0; i < x->missed; i++)
		if (!x->about[i] || strstr(x->about[i], surface))
			return false;
	return x->lost == 0 && x->more == 0;
}

int
stands_done(struct stands *x, struct jit_error *err)
{
	struct jit_reply *r = &x->s->reply;
	const char **whole;
	size_t i, n = 0;

	for (i = 0; x->surfaces[i]; i++)
		;
	whole = jit_arena_get(&x->s->mem, (i + 1) * sizeof(*whole));
	if (!whole)
		return jit_nomem(err);
	for (i = 0; x->surfaces[i]; i++)
		if (is_whole(x, x->surfaces[i]))
			whole[n++] = x->surfaces[i];
	if (x->more)
		x->unseen[x->missed++] =
			serve_line(x->s, "%zu more are not listed", x->more);
	if (x->lost)
		x->unseen[x->missed++] = serve_line(x->s,
			"%zu more things could not be seen", x->lost);
	r->standing = (struct jit_rows){x->count, x->at};
	r->unseen = (struct jit_texts){x->missed, x->unseen};
	if (x->missed)
		r->whole = (struct jit_texts){n, whole};
	return 0;
}

bool
stands_beyond(const struct serve *s, const char *date)
{
	const time_t last = (time_t)s->now + YEAR;
	char limit[32];
	struct tm tm;

	if (strspn(date, "0123456789") < 8 || !gmtime_r(&last, &tm))
		return true;
	strftime(limit, sizeof(limit), "%Y%m%d", &tm);
	return strncmp(date, limit, 8) > 0;
}

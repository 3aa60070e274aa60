/* SPDX-License-Identifier: ISC */
#include "playback.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "deadline.h"
#include "recording.h"
#include "tame.h"
#include "when.h"

#define SPEED_LEAST 1
#define SPEED_MOST 10000

static volatile sig_atomic_t stopped;

int
playback_speed(int64_t *hundredths, const char *s, struct jit_error *err)
{
	const char *p = s;
	int64_t n = 0;
	int places = 0;

	while (isdigit((unsigned char)*p) && n <= SPEED_MOST)
		n = 10 * n + *p++ - '0';
	if (p != s && p[0] == '.' && isdigit((unsigned char)p[1]))
		for (p++; isdigit((unsigned char)*p) && places < 2; places++)
			n = 10 * n + *p++ - '0';
	for (; places < 2; places++)
		n *= 10;
	if (p == s || *p || n < SPEED_LEAST || n > SPEED_MOST)
		return jit_fail(err, JIT_USAGE,
			"'%s' is no speed: 0.01 to 100, like 2 or 0.5", s);
	*hundredths = n;
	return 0;
}

/* The session whose close has the digest. */
struct search {
	const char *digest;
	char session[JIT_ULID];
	struct jit_buf says;
};

static bool
has(const struct jit_texts *list, const char *digest)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (strcmp(list->at[i], digest) == 0)
			return true;
	return false;
}

static int
look(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	const struct jit_event *ev = jit_event_said(&c->event);
	struct search *s = arg;
	char stamp[JIT_STAMP];

	(void)oid;
	(void)after;
	(void)err;
	if (ev->type != JIT_USE || !has(&ev->recordings, s->digest))
		return 0;
	jit_when_stamp(stamp, ev->at);
	jit_buf_fmt(&s->says,
		"session %s of grant %s, closed by %s on %s at %s", ev->session,
		ev->id, ev->by, ev->host, stamp);
	return 1;
}

static int
check(struct cli *c, const char *path, const char *digest,
	struct jit_error *err)
{
	struct search s = {.digest = digest};
	int rc;

	rc = jit_ledger_back(c->ledger, look, &s, err);
	if (rc == 0 && s.says.len == 0)
		rc = jit_fail(err, JIT_EVIDENCE,
			"'%s' is no recording of this ledger's sessions: it "
			"was altered, or cut, or its session is not closed",
			path);
	if (rc == 0)
		cli_hint(c, "%s", jit_buf_text(&s.says));
	jit_buf_free(&s.says);
	return rc;
}

/* Playing. */

struct player {
	struct jit_tame tame;
	int64_t speed; /* hundredths */
	int64_t began; /* monotonic milliseconds */
	struct jit_buf out;
};

static void
stop(int signal)
{
	(void)signal;
	stopped = 1;
}

/* Until the line's time has come, or somebody has seen enough. */
static void
wait_until(const struct player *p, int64_t ms)
{
	int64_t left = p->began + ms * 100 / p->speed - jit_deadline_in(0);
	const struct timespec t = {.tv_sec = left / 1000,
		.tv_nsec = left % 1000 * 1000000};

	if (left > 0 && !stopped)
		nanosleep(&t, NULL);
}

static void
show(struct player *p)
{
	if (p->out.len == 0)
		return;
	fwrite(p->out.data, 1, p->out.len, stdout);
	fflush(stdout); /* cli_end finds errors */
	jit_buf_reset(&p->out);
}

static int
play_line(struct player *p, const char *text, size_t len, struct jit_error *err)
{
	struct jit_cast_line line = {0};
	int rc = jit_cast_read(&line, text, len, err);

	if (rc)
		return rc;
	if (!p->tame.plain)
		wait_until(p, line.ms);
	if (line.kind == JIT_CAST_OUTPUT && !stopped)
		jit_tame(&p->tame, &p->out, jit_buf_text(&line.text),
			line.text.len);
	jit_cast_free(&line);
	show(p);
	return 0;
}

static int
play(struct player *p, const struct jit_buf *lines, struct jit_error *err)
{
	const char *at = jit_buf_text(lines), *end;
	size_t left = lines->len, len;
	int rc = 0;

	for (; left > 0 && rc == 0 && !stopped && !ferror(stdout);
		left -= len, at += len) {
		end = memchr(at, '\n', left);
		len = end ? (size_t)(end - at) + 1 : left;
		rc = play_line(p, at, len, err);
	}
	jit_tame_end(&p->tame, &p->out);
	show(p);
	return rc;
}

/* Interrupted or not, the terminal is left as it was found. */
static void
catch_signals(void)
{
	const struct sigaction act = {.sa_handler = stop};

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	sigaction(SIGQUIT, &act, NULL);
}

int
playback(struct cli *c, const char *path, int64_t speed, struct jit_error *err)
{
	struct player p = {.speed = speed, .began = jit_deadline_in(0)};
	char digest[JIT_HEX256];
	struct jit_buf lines = {0};
	int rc;

	rc = recording_read(&lines, digest, path, err);
	if (rc == 0)
		rc = check(c, path, digest, err);
	if (rc == 0) {
		p.tame.plain = !isatty(STDOUT_FILENO);
		p.began = jit_deadline_in(0);
		catch_signals();
		rc = play(&p, &lines, err);
	}
	jit_buf_free(&lines);
	jit_buf_free(&p.out);
	return rc;
}

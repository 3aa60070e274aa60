/* SPDX-License-Identifier: ISC */
/*
 * recorder: what sshd runs in place of the login's command, as its
 * force-command. It runs the command, and the keeper gets all that it shows.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cast.h"
#include "deadline.h"
#include "hash.h"
#include "record_link.h"
#include "relay.h"
#include "text.h"
#include "when.h"

#define REFUSED 125 /* as jit-exec: we said no */
#define GRACE 2000  /* milliseconds between hang-up and SIGKILL */
#define NEVER (1 << 30)

struct session {
	struct record_link link;
	struct jit_cast cast;
	struct jit_buf lines; /* of the recording, on their way to the link */
	int64_t began;        /* monotonic, in milliseconds */
	bool tty;
	int64_t until;  /* that was told of */
	int64_t warned; /* seconds before it, the last time */
	int rc;         /* the link is lost */
	struct jit_error why;
};

static int64_t
elapsed(const struct session *s)
{
	return jit_deadline_in(0) - s->began;
}

static int
stream(struct session *s)
{
	if (s->rc == 0)
		s->rc = record_link_put(&s->link, &s->lines, &s->why);
	jit_buf_reset(&s->lines);
	return s->rc;
}

static int
start(const struct relay_view *v, void *arg, struct jit_error *err)
{
	struct session *s = arg;
	char title[JIT_CAST_WORDS];
	struct jit_cast_head head = {.width = v->width,
		.height = v->height,
		.timestamp = (int64_t)time(NULL),
		.title = title};

	(void)err;
	snprintf(title, sizeof(title), "grant %s on %.80s", s->link.id,
		s->link.resource);
	s->began = jit_deadline_in(0);
	s->tty = v->tty;
	jit_cast_start(&s->cast, &s->lines, &head, (uint64_t)s->link.limit);
	return stream(s);
}

static int
sink(const void *bytes, size_t len, void *arg, struct jit_error *err)
{
	struct session *s = arg;

	(void)err;
	jit_cast_output(&s->cast, &s->lines, elapsed(s), bytes, len);
	return stream(s);
}

static void
resized(int width, int height, void *arg)
{
	struct session *s = arg;

	jit_cast_size(&s->cast, &s->lines, elapsed(s), width, height);
	(void)stream(s); /* the next tick ends it */
}

static void
say_until(int64_t until, int64_t left)
{
	char stamp[JIT_STAMP], line[128];

	jit_when_stamp(stamp, until);
	if (left > 0)
		snprintf(line, sizeof(line),
			"jit: this session ends in %lld seconds, at %s",
			(long long)left, stamp);
	else
		snprintf(line, sizeof(line),
			"jit: this session goes on until %s", stamp);
	relay_say(line);
}

/* 60 and 10 seconds before its end, and when the end moves after that. */
static void
warn(struct session *s)
{
	static const int64_t before[] = {10, 60};
	int64_t left = s->link.until - (int64_t)time(NULL);
	size_t i;

	if (s->until != s->link.until) {
		if (s->warned < NEVER && left > 60)
			say_until(s->link.until, 0);
		s->until = s->link.until;
		s->warned = NEVER;
	}
	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (left > 0 && left <= before[i] && before[i] < s->warned) {
			say_until(s->until, left);
			s->warned = before[i];
		}
}

static enum relay_want
tick(void *arg)
{
	struct session *s = arg;

	if (s->rc == 0)
		s->rc = record_link_turn(&s->link, &s->why);
	if (s->rc)
		return RELAY_END;
	if (s->tty)
		warn(s);
	return record_link_full(&s->link) ? RELAY_HOLD : RELAY_ON;
}

static size_t
watch(struct pollfd fds[RELAY_WATCH], void *arg)
{
	const struct session *s = arg;

	return record_link_wait(fds, &s->link);
}

static void
complain(const char *what, const char *why)
{
	struct jit_buf shown = {0};

	jit_text_escape(&shown, why, strlen(why));
	fprintf(stderr, "jit: %s: %s\n", what, jit_buf_text(&shown));
	jit_buf_free(&shown);
}

/* How it ended, as the recording says it; NULL: by itself. */
static const char *
how(const struct relay_end *end)
{
	if (end->signal)
		return "the connection was closed";
	return end->forced ? "the session was ended" : NULL;
}

static int
finish(struct session *s, const struct relay_end *end)
{
	int status = end->signal ? 128 + end->signal : end->status;

	jit_cast_end(&s->cast, &s->lines, elapsed(s), how(end));
	if (stream(s) == 0)
		s->rc = record_link_finish(&s->link, status, &s->why);
	if (s->rc) {
		complain("ended, since nothing is recorded", s->why.text);
		return REFUSED;
	}
	return status;
}

/* What the user asked for, or a login shell, by the shell of the account. */
static int
run(struct session *s, const char *shell, const char *command)
{
	const char *base =
		strrchr(shell, '/') ? strrchr(shell, '/') + 1 : shell;
	const char *argv[4] = {base, "-c", command, NULL};
	const struct relay r = {.path = shell,
		.argv = argv,
		.start = start,
		.sink = sink,
		.resized = resized,
		.watch = watch,
		.tick = tick,
		.arg = s,
		.grace_ms = GRACE};
	struct relay_end end = {0};
	struct jit_error err = {0};
	char login[128];
	int rc;

	if (command == NULL) {
		snprintf(login, sizeof(login), "-%s", base);
		argv[0] = login;
		argv[1] = NULL;
	}
	rc = relay_run(&end, &r, &err);
	if (rc && s->rc == 0) {
		complain("no session", err.text);
		s->rc = record_link_finish(&s->link, REFUSED, &s->why);
		return REFUSED;
	}
	if (end.why)
		complain(shell, strerror(end.why));
	return finish(s, &end);
}

/* The three standard descriptors exist, or a socket would take their place. */
static void
open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static const char *
shell_of_account(void)
{
	const struct passwd *me = getpwuid(getuid());

	if (me == NULL)
		return NULL;
	return me->pw_shell[0] ? me->pw_shell : "/bin/sh";
}

int
main(void)
{
	struct session s = {.warned = NEVER};
	const char *command = getenv("SSH_ORIGINAL_COMMAND"), *shell;
	struct jit_error err = {0};
	int status = REFUSED;

	open_standard();
	signal(SIGPIPE, SIG_IGN);
	shell = shell_of_account();
	/* The command does not see it; the text itself stays where it is. */
	unsetenv("SSH_ORIGINAL_COMMAND");
	if (shell == NULL)
		complain("no session", "this account does not exist");
	else if (jit_hash_start(&err) || record_link_open(&s.link, &err))
		complain("no session", err.text);
	else
		status = run(&s, shell, command && *command ? command : NULL);
	record_link_free(&s.link);
	jit_buf_free(&s.lines);
	return status;
}

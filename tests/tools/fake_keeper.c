/* SPDX-License-Identifier: ISC */
/*
 * fake_keeper: what a recorder talks to, one recorder at a time.
 *
 *	fake_keeper STORE [NAME=VALUE]...
 *
 * Listens on /run/jit/record until it is killed, and stores recording N in
 * STORE/N; once it is whole its status in STORE/N.exit and its digest in
 * STORE/N.digest. What is no line of a recording is said in STORE/N.bad.
 *
 *	no=WHY       the answer is no
 *	say=TEXT     the answer is TEXT
 *	limit=BYTES  of a recording; none when left out
 *	until=S      the session's end, seconds from now (3600)
 *	later=MS:S   after MS milliseconds the end is S seconds from then
 *	die=BYTES    exit once so much is stored, and say nothing of it
 *	hush=BYTES   say nothing more once so much is stored
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cast.h"
#include "deadline.h"

#define SOCKET "/run/jit/record"
#define GRANT "01KA0000000000000000000000"
#define NONE 1000000000LL

static struct {
	const char *store, *no, *say;
	long long limit, until, die, hush, later_ms, later;
} o = {.until = 3600, .die = NONE, .hush = NONE, .later_ms = NONE};

static struct {
	int fd;
	int number; /* of the recording, -1: none */
	struct jit_cast_tape tape;
	struct jit_buf in;
} c = {.fd = -1, .number = -1};

static void
path_of(char out[512], const char *ending)
{
	snprintf(out, 512, "%s/%d%s", o.store, c.number, ending);
}

static void
put(const char *ending, const char *mode, const void *bytes, size_t len)
{
	char path[512];
	FILE *f;

	path_of(path, ending);
	f = fopen(path, mode);
	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f) != 0) {
		perror(path);
		exit(3);
	}
}

__attribute__((format(printf, 1, 2))) static void
answer(const char *fmt, ...)
{
	char line[10000];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (send(c.fd, line, (size_t)len, MSG_NOSIGNAL) < 0)
		perror("send");
}

static void
have(void)
{
	if ((long long)c.tape.size < o.hush)
		answer("{\"have\":%lld,\"until\":%lld}\n",
			(long long)c.tape.size, o.until);
}

static void
store(const unsigned char *line, size_t len)
{
	struct jit_error err = {0};

	if (jit_cast_follow(&c.tape, NULL, line, len, &err) != 0)
		put(".bad", "a", err.text, strlen(err.text));
	put("", "a", line, len);
	if ((long long)c.tape.size >= o.die)
		_exit(0);
}

/* What there is of it already. */
static void
resume(void)
{
	char path[512], *line = NULL;
	size_t room = 0;
	ssize_t n;
	FILE *f;

	path_of(path, "");
	f = fopen(path, "r");
	while (f && (n = getline(&line, &room, f)) > 0)
		if (jit_cast_follow(&c.tape, NULL, line, (size_t)n, NULL) != 0)
			exit(3);
	if (f)
		fclose(f);
	free(line);
}

static void
welcome(const char *line)
{
	const char *again = strstr(line, "\"recording\":");
	char path[512];

	c.tape = (struct jit_cast_tape){0};
	c.number = again ? (int)strtol(again + 12, NULL, 10) : 0;
	for (; !again; c.number++) {
		path_of(path, "");
		if (access(path, F_OK) != 0)
			break;
	}
	if (o.say)
		answer("%s\n", o.say);
	else if (o.no)
		answer("{\"answer\":\"no\",\"why\":\"%s\"}\n", o.no);
	if (o.say || o.no)
		return;
	if (again)
		resume();
	put("", "a", "", 0);
	answer("{\"answer\":\"yes\",\"have\":%lld,\"id\":\"" GRANT "\","
	       "\"limit\":%lld,\"recording\":%d,"
	       "\"resource\":\"ssh:web-1\",\"until\":%lld}\n",
		(long long)c.tape.size, o.limit, c.number, o.until);
}

static void
goodbye(const char *line)
{
	char text[JIT_HEX256 + 1];

	jit_cast_digest(text, &c.tape);
	put(".digest", "w", text, strlen(text));
	snprintf(text, sizeof(text), "%ld", strtol(line + 8, NULL, 10));
	put(".exit", "w", text, strlen(text));
	answer("{\"done\":true}\n");
}

static void
heard(const unsigned char *line, size_t len)
{
	char text[256];

	snprintf(text, sizeof(text), "%.*s", (int)(len - 1), line);
	if (strstr(text, "\"verb\":\"record\"") && text[0] == '{')
		welcome(text);
	else if (strncmp(text, "{\"exit\":", 8) == 0)
		goodbye(text);
	else
		store(line, len);
}

static void
hang_up(void)
{
	close(c.fd);
	c.fd = -1;
	c.number = -1;
	c.in.len = 0;
}

static void
listen_to(void)
{
	unsigned char some[65536];
	const unsigned char *end;
	ssize_t n = recv(c.fd, some, sizeof(some), 0);
	size_t at = 0, len;

	if (n <= 0) {
		hang_up();
		return;
	}
	jit_buf_put(&c.in, some, (size_t)n);
	while (at < c.in.len &&
		(end = memchr(c.in.data + at, '\n', c.in.len - at))) {
		len = (size_t)(end - (c.in.data + at)) + 1;
		heard(c.in.data + at, len);
		at += len;
	}
	c.in.len -= at;
	memmove(c.in.data, c.in.data + at, c.in.len);
	if (c.number >= 0 && c.tape.size > 0)
		have();
}

static void
option(char *word)
{
	char *value = strchr(word, '=');

	if (!value) {
		fprintf(stderr, "fake_keeper: '%s'\n", word);
		exit(2);
	}
	*value++ = '\0';
	if (strcmp(word, "no") == 0)
		o.no = value;
	else if (strcmp(word, "say") == 0)
		o.say = value;
	else if (strcmp(word, "limit") == 0)
		o.limit = strtoll(value, NULL, 10);
	else if (strcmp(word, "until") == 0)
		o.until = strtoll(value, NULL, 10);
	else if (strcmp(word, "die") == 0)
		o.die = strtoll(value, NULL, 10);
	else if (strcmp(word, "hush") == 0)
		o.hush = strtoll(value, NULL, 10);
	else if (strcmp(word, "later") == 0) {
		o.later_ms = jit_deadline_in(strtoll(value, &value, 10));
		o.later = strtoll(value + 1, NULL, 10);
	}
}

static int
open_socket(void)
{
	static const struct sockaddr_un at = {.sun_family = AF_UNIX,
		.sun_path = SOCKET};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(SOCKET);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
		chmod(SOCKET, 0666) != 0 || listen(fd, 8) != 0) {
		perror(SOCKET);
		exit(3);
	}
	return fd;
}

int
main(int argc, char **argv)
{
	struct pollfd p[2];
	int i, door;

	if (argc < 2 || jit_hash_start(NULL) != 0)
		return 2;
	o.store = argv[1];
	for (i = 2; i < argc; i++)
		option(argv[i]);
	o.until += (long long)time(NULL);
	door = open_socket();
	for (;;) {
		p[0] = (struct pollfd){c.fd < 0 ? door : -1, POLLIN, 0};
		p[1] = (struct pollfd){c.fd, POLLIN, 0};
		if (poll(p, 2, 50) < 0 && errno != EINTR)
			return 3;
		if (p[0].revents)
			c.fd = accept(door, NULL, NULL);
		if (p[1].revents)
			listen_to();
		if (o.later_ms == NONE || !jit_deadline_over(o.later_ms))
			continue;
		o.later_ms = NONE;
		o.until = (long long)time(NULL) + o.later;
		if (c.fd >= 0)
			have();
	}
}

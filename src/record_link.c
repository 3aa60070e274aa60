/* SPDX-License-Identifier: ISC */
#include "record_link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "deadline.h"
#include "json.h"
#include "name.h"

#define ANSWER 4096 /* bytes of a line of the keeper's, at most */
#define RETRY 100   /* milliseconds between two attempts to connect */
#define PIECE 65536 /* bytes that are sent at once */

static bool
is_over(const struct record_link *l)
{
	return l->stage == RECORD_LINK_DONE || l->stage == RECORD_LINK_LOST;
}

static void
hang_up(struct record_link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	jit_buf_reset(&l->heard);
}

static void
lose(struct record_link *l, int code, const char *why)
{
	hang_up(l);
	l->stage = RECORD_LINK_LOST;
	l->code = jit_fail(&l->why, code, "%s", why);
}

static void
nonsense(struct record_link *l)
{
	lose(l, JIT_TROUBLE, "what the keeper of this host says is no answer");
}

/* For now: what was sent and is not stored will be sent again. */
static void
fall(struct record_link *l)
{
	if (l->stage == RECORD_LINK_UP)
		l->give_up = 0; /* it has all its time to come back */
	hang_up(l);
	l->stage = RECORD_LINK_DOWN;
	l->again = jit_deadline_in(RETRY);
}

static void
ask(struct record_link *l)
{
	l->told = 0;
	jit_buf_reset(&l->words);
	if (l->recording < 0)
		jit_buf_str(&l->words, "{\"verb\":\"record\"}\n");
	else
		jit_buf_fmt(&l->words,
			"{\"recording\":%lld,\"verb\":\"record\"}\n",
			(long long)l->recording);
}

/* The status, once there is one. */
static void
part(struct record_link *l)
{
	l->told = 0;
	jit_buf_reset(&l->words);
	if (l->status >= 0)
		jit_buf_fmt(&l->words, "{\"exit\":%d}\n", l->status);
}

/* Connect and ask; false, and errno: nobody is there. */
static bool
call(struct record_link *l)
{
	static const struct sockaddr_un keeper = {.sun_family = AF_UNIX,
		.sun_path = RECORD_SOCKET};
	int why;

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd >= 0 &&
		connect(l->fd, (const struct sockaddr *)&keeper,
			sizeof(keeper)) == 0) {
		ask(l);
		l->stage = RECORD_LINK_ASKED;
		return true;
	}
	why = errno;
	fall(l);
	errno = why;
	return false;
}

/* The recording comes after the question and before the status. */
static bool
streams(const struct record_link *l)
{
	return l->stage == RECORD_LINK_UP && l->sent < l->kept.len;
}

static void
speak(struct record_link *l)
{
	const struct jit_buf *b;
	size_t *at, len;
	ssize_t n;

	while (l->fd >= 0 && (streams(l) || l->told < l->words.len)) {
		b = streams(l) ? &l->kept : &l->words;
		at = streams(l) ? &l->sent : &l->told;
		len = b->len - *at < PIECE ? b->len - *at : PIECE;
		n = send(l->fd, b->data + *at, len, MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0)
			fall(l);
		else
			*at += (size_t)n;
	}
}

static bool
get_int(int64_t *out, const struct jit_json *o, const char *name)
{
	int64_t n = -1;

	if (!jit_json_int(&n, jit_json_get(o, name)) || n < 0)
		return false;
	*out = n;
	return true;
}

static bool
get_text(char *out, size_t size, const struct jit_json *o, const char *name)
{
	const char *s = jit_json_text(jit_json_get(o, name));

	return s != NULL && snprintf(out, size, "%s", s) < (int)size;
}

/* What is stored is kept no longer; it is moved away seldom. */
static void
forget(struct record_link *l)
{
	if (l->stored < l->kept.len / 2 + 1)
		return;
	l->kept.len -= l->stored;
	memmove(l->kept.data, l->kept.data + l->stored, l->kept.len);
	l->base += l->stored;
	l->sent -= l->stored;
	l->stored = 0;
}

/* Whether it can be that the keeper has 'have' bytes of 'most'. */
static bool
store(struct record_link *l, int64_t have, size_t most)
{
	uint64_t n = (uint64_t)have - l->base;

	if ((uint64_t)have < l->base || n < l->stored || n > most)
		return false;
	if (n > l->stored)
		l->give_up = 0;
	l->stored = (size_t)n;
	return true;
}

static bool
take_yes(struct record_link *l, const struct jit_json *o)
{
	int64_t recording = -1, have = -1;

	if (!get_text(l->id, sizeof(l->id), o, "id") ||
		!get_text(l->resource, sizeof(l->resource), o, "resource") ||
		!get_int(&recording, o, "recording") ||
		!get_int(&l->limit, o, "limit") ||
		!get_int(&l->until, o, "until") || !get_int(&have, o, "have"))
		return false;
	if (!jit_ulid_valid(l->id) || !jit_name_resource(l->resource) ||
		(l->recording >= 0 && l->recording != recording))
		return false;
	l->recording = recording;
	return store(l, have, l->kept.len);
}

static void
answered(struct record_link *l, const struct jit_json *o)
{
	const char *why = jit_json_text(jit_json_get(o, "why"));
	char answer[4];

	if (!get_text(answer, sizeof(answer), o, "answer"))
		answer[0] = '\0';
	if (strcmp(answer, "no") == 0) {
		lose(l, JIT_NO, why ? why : "the keeper of this host says no");
	} else if (strcmp(answer, "yes") != 0 || !take_yes(l, o)) {
		nonsense(l);
	} else {
		l->stage = RECORD_LINK_UP;
		l->give_up = 0;
		l->sent = l->stored;
		part(l);
	}
}

static bool
take_have(struct record_link *l, const struct jit_json *o)
{
	int64_t have = -1;

	if (jit_json_get(o, "until") && !get_int(&l->until, o, "until"))
		return false;
	if (!get_int(&have, o, "have") || !store(l, have, l->sent))
		return false;
	forget(l);
	return true;
}

static void
heard(struct record_link *l, const struct jit_json *o)
{
	bool done = false;

	if (l->status >= 0 && jit_json_bool(&done, jit_json_get(o, "done")) &&
		done) {
		hang_up(l);
		l->stage = RECORD_LINK_DONE;
	} else if (l->stage == RECORD_LINK_ASKED || jit_json_get(o, "answer")) {
		answered(l, o);
	} else if (!take_have(l, o)) {
		nonsense(l);
	}
}

/* All whole lines that came. */
static void
listen_to(struct record_link *l)
{
	const unsigned char *line, *end;
	struct jit_json *o;
	size_t at = 0, len;

	while (l->fd >= 0 && at < l->heard.len) {
		line = l->heard.data + at;
		end = memchr(line, '\n', l->heard.len - at);
		if (end == NULL)
			break;
		len = (size_t)(end - line);
		at += len + 1;
		o = NULL;
		if (jit_json_read(&o, line, len, ANSWER, NULL) == 0)
			heard(l, o);
		else
			nonsense(l);
		jit_json_free(o);
	}
	if (l->fd < 0)
		return;
	l->heard.len -= at;
	if (l->heard.len > 0)
		memmove(l->heard.data, l->heard.data + at, l->heard.len);
	if (l->heard.len > ANSWER || l->heard.failed)
		nonsense(l);
}

static void
receive(struct record_link *l)
{
	char some[ANSWER];
	ssize_t n;

	while (l->fd >= 0) {
		n = recv(l->fd, some, sizeof(some), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			fall(l);
			return;
		}
		jit_buf_put(&l->heard, some, (size_t)n);
		listen_to(l);
	}
}

/* What is awaited comes in time, or never. */
static void
mind_time(struct record_link *l)
{
	bool awaited = l->stage != RECORD_LINK_UP || l->status >= 0 ||
		l->stored < l->kept.len;

	if (!awaited)
		l->give_up = 0;
	else if (l->give_up == 0)
		l->give_up = jit_deadline_in(RECORD_LINK_PATIENCE);
	else if (jit_deadline_over(l->give_up))
		lose(l, JIT_TROUBLE,
			l->stage == RECORD_LINK_DOWN
				? "the keeper of this host is gone"
				: "the keeper of this host does not answer");
}

int
record_link_turn(struct record_link *l, struct jit_error *err)
{
	if (l->stage == RECORD_LINK_DOWN && jit_deadline_over(l->again))
		call(l);
	receive(l);
	speak(l);
	if (!is_over(l))
		mind_time(l);
	if (l->stage != RECORD_LINK_LOST)
		return 0;
	if (err)
		*err = l->why;
	return l->code;
}

/* Until what we asked for, or said, is answered. */
static int
await(struct record_link *l, struct jit_error *err)
{
	enum record_link_stage wanted =
		l->status < 0 ? RECORD_LINK_UP : RECORD_LINK_DONE;
	struct pollfd p;
	int rc;

	for (;;) {
		rc = record_link_turn(l, err);
		if (rc || l->stage == wanted)
			return rc;
		poll(&p, record_link_wait(&p, l), RETRY);
	}
}

int
record_link_open(struct record_link *l, struct jit_error *err)
{
	*l = (struct record_link){.recording = -1, .fd = -1, .status = -1};
	if (!call(l) && errno != EAGAIN)
		return jit_fail(err, JIT_TROUBLE,
			"the keeper of this host is not there: %s",
			strerror(errno));
	return await(l, err);
}

int
record_link_put(struct record_link *l, const struct jit_buf *bytes,
	struct jit_error *err)
{
	int rc = jit_buf_failed(bytes, err);

	if (rc)
		return rc;
	if (bytes->len > 0)
		jit_buf_put(&l->kept, bytes->data, bytes->len);
	rc = jit_buf_failed(&l->kept, err);
	return rc ? rc : record_link_turn(l, err);
}

bool
record_link_full(const struct record_link *l)
{
	return l->kept.len - l->stored >= RECORD_LINK_KEPT;
}

size_t
record_link_wait(struct pollfd *p, const struct record_link *l)
{
	bool more = streams(l) || l->told < l->words.len;

	*p = (struct pollfd){l->fd, more ? POLLIN | POLLOUT : POLLIN, 0};
	return l->fd >= 0;
}

int
record_link_finish(struct record_link *l, int status, struct jit_error *err)
{
	l->status = status;
	if (l->stage == RECORD_LINK_UP)
		part(l);
	return await(l, err);
}

void
record_link_free(struct record_link *l)
{
	hang_up(l);
	jit_buf_free(&l->kept);
	jit_buf_free(&l->words);
	jit_buf_free(&l->heard);
}

/* SPDX-License-Identifier: ISC */
#include "agent.h"
#include "deadline.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGE_MAX (256 * 1024) /* bytes, as OpenSSH's agent has it */
#define RETRY 20                 /* milliseconds, while its queue is full */

/* draft-miller-ssh-agent, section 5.1 */
enum message {
	FAILURE = 5,
	REQUEST_IDENTITIES = 11,
	IDENTITIES_ANSWER = 12,
	SIGN_REQUEST = 13,
	SIGN_RESPONSE = 14
};

/* A conversation of one request and one answer. */
struct talk {
	int fd;
	const char *path;
	int seconds;
	int64_t until; /* deadline */
};

static int
late(const struct talk *t, struct jit_error *err)
{
	return jit_fail(err, JIT_TROUBLE,
		"the ssh-agent at '%s' did not answer within %d seconds",
		t->path, t->seconds);
}

static int
gone(const struct talk *t, struct jit_error *err)
{
	return jit_fail(err, JIT_TROUBLE, "no ssh-agent answers at '%s': %s",
		t->path, strerror(errno));
}

static int
nonsense(const struct talk *t, struct jit_error *err)
{
	return jit_fail(err, JIT_TROUBLE,
		"what answers at '%s' is not an ssh-agent", t->path);
}

/* Wait until the socket is ready for 'events' or the time is over. */
static int
await(const struct talk *t, short events, struct jit_error *err)
{
	struct pollfd p = {.fd = t->fd, .events = events};
	int64_t left = 0;
	int n = 0;

	for (;;) {
		left = jit_deadline_left(t->until);
		if (left == 0)
			return late(t, err);
		n = poll(&p, 1, (int)left);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return gone(t, err);
	}
}

/* A full queue of a unix socket cannot be polled for: EAGAIN, try again. */
static int
reach(const struct talk *t, struct jit_error *err)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = strlen(t->path);

	if (len == 0 || len >= sizeof(to.sun_path))
		return jit_fail(err, JIT_TROUBLE,
			"'%s' cannot be the socket of an ssh-agent", t->path);
	memcpy(to.sun_path, t->path, len);
	while (connect(t->fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		if (errno != EAGAIN && errno != EINTR)
			return gone(t, err);
		if (jit_deadline_over(t->until))
			return late(t, err);
		poll(NULL, 0, RETRY);
	}
	return 0;
}

static int
send_all(const struct talk *t, const unsigned char *p, size_t len,
	struct jit_error *err)
{
	ssize_t n = 0;
	int rc = 0;

	while (len > 0) {
		rc = await(t, POLLOUT, err);
		if (rc != 0)
			return rc;
		n = send(t->fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return gone(t, err);
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int
receive(const struct talk *t, struct jit_buf *into, size_t len,
	struct jit_error *err)
{
	unsigned char part[4096];
	ssize_t n = 0;
	int rc = 0;

	while (len > 0) {
		rc = await(t, POLLIN, err);
		if (rc != 0)
			return rc;
		n = recv(t->fd, part, len < sizeof(part) ? len : sizeof(part),
			0);
		if (n == 0)
			return jit_fail(err, JIT_TROUBLE,
				"the ssh-agent at '%s' hung up", t->path);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return gone(t, err);
		if (n > 0) {
			jit_buf_put(into, part, (size_t)n);
			len -= (size_t)n;
		}
	}
	return jit_buf_failed(into, err);
}

/* Send 'request', receive 'answer', both without their length. */
static int
exchange(const struct talk *t, struct jit_buf *answer,
	const struct jit_buf *request, struct jit_error *err)
{
	struct jit_cursor head = {0};
	struct jit_buf framed = {0};
	size_t len = 0;
	int rc = 0;

	jit_buf_string(&framed, request->data, request->len);
	rc = jit_buf_failed(&framed, err);
	if (rc != 0)
		goto out;
	rc = send_all(t, framed.data, framed.len, err);
	if (rc != 0)
		goto out;
	rc = receive(t, answer, 4, err);
	if (rc != 0)
		goto out;
	head = jit_cursor_over(answer->data, answer->len);
	len = jit_cursor_u32(&head);
	if (len > MESSAGE_MAX) {
		rc = nonsense(t, err);
		goto out;
	}
	jit_buf_reset(answer);
	rc = receive(t, answer, len, err);
out:
	jit_buf_free(&framed);
	return rc;
}

/*
 * Ask the agent once: connect, request, answer, all within t->seconds. What
 * follows the wanted type of answer is left in 'c', borrowed from 'answer'.
 */
static int
ask(struct talk *t, struct jit_buf *answer, struct jit_cursor *c,
	const struct jit_buf *request, enum message want, struct jit_error *err)
{
	uint8_t type = 0;
	int rc = jit_buf_failed(request, err);

	if (rc != 0)
		return rc;
	if (request->len > MESSAGE_MAX)
		return jit_fail(err, JIT_TROUBLE,
			"a message too long for an ssh-agent");
	t->until = jit_deadline_in((int64_t)t->seconds * 1000);
	t->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd < 0)
		return gone(t, err);
	rc = reach(t, err);
	if (rc == 0)
		rc = exchange(t, answer, request, err);
	close(t->fd);
	if (rc != 0)
		return rc;
	*c = jit_cursor_over(answer->data, answer->len);
	type = jit_cursor_u8(c);
	if (type == FAILURE)
		return jit_fail(err, JIT_TROUBLE,
			"the ssh-agent at '%s' said no", t->path);
	return type == want ? 0 : nonsense(t, err);
}

int
jit_agent_holds(bool *holds, const char *path, const struct jit_pubkey *key,
	struct jit_error *err)
{
	struct talk t = {.path = path, .seconds = JIT_AGENT_ANSWER};
	const unsigned char *blob = NULL;
	struct jit_buf request = {0};
	struct jit_buf answer = {0};
	struct jit_buf mine = {0};
	struct jit_cursor c = {0};
	bool found = false;
	uint32_t left = 0;
	size_t len = 0;
	int rc = 0;

	jit_pubkey_blob(&mine, key);
	jit_buf_u8(&request, REQUEST_IDENTITIES);
	rc = jit_buf_failed(&mine, err);
	if (rc != 0)
		goto out;
	rc = ask(&t, &answer, &c, &request, IDENTITIES_ANSWER, err);
	if (rc != 0)
		goto out;
	for (left = jit_cursor_u32(&c); left > 0 && !c.bad; left--) {
		blob = jit_cursor_string(&c, &len);
		if (!c.bad && len == mine.len &&
			memcmp(blob, mine.data, len) == 0)
			found = true;
		jit_cursor_string(&c, &len); /* the comment */
	}
	if (!jit_cursor_done(&c)) {
		rc = nonsense(&t, err);
		goto out;
	}
	*holds = found;
out:
	jit_buf_free(&request);
	jit_buf_free(&answer);
	jit_buf_free(&mine);
	return rc;
}

int
jit_agent_sign(struct jit_buf *out, const char *path,
	const struct jit_pubkey *key, const void *msg, size_t len,
	struct jit_error *err)
{
	struct talk t = {.path = path, .seconds = JIT_AGENT_TOUCH};
	const unsigned char *wire = NULL;
	struct jit_buf request = {0};
	struct jit_buf answer = {0};
	struct jit_buf blob = {0};
	struct jit_cursor c = {0};
	size_t n = 0;
	int rc = 0;

	jit_pubkey_blob(&blob, key);
	rc = jit_buf_failed(&blob, err);
	if (rc != 0)
		goto out;
	jit_buf_u8(&request, SIGN_REQUEST);
	jit_buf_string(&request, blob.data, blob.len);
	jit_buf_string(&request, msg, len);
	jit_buf_u32(&request, 0); /* flags: there are only RSA's */
	rc = ask(&t, &answer, &c, &request, SIGN_RESPONSE, err);
	if (rc != 0)
		goto out;
	wire = jit_cursor_string(&c, &n);
	if (!jit_cursor_done(&c) || n == 0) {
		rc = nonsense(&t, err);
		goto out;
	}
	jit_buf_put(out, wire, n);
	rc = jit_buf_failed(out, err);
out:
	jit_buf_free(&request);
	jit_buf_free(&answer);
	jit_buf_free(&blob);
	return rc;
}

/* SPDX-License-Identifier: ISC */
#include "talk.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_LONGEST (128 * 1024) /* bytes that may wait for their end */

/* What was taken makes room. */
static void
move_up(struct talk *t)
{
	size_t left = t->in.len - t->done;

	if (t->done == 0)
		return;
	memmove(t->in.data, t->in.data + t->done, left);
	t->in.len = left;
	t->in.data[left] = '\0';
	t->done = 0;
}

bool
talk_fill(struct talk *t)
{
	char chunk[16384];
	ssize_t n;

	move_up(t);
	n = recv(t->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	jit_buf_put(&t->in, chunk, (size_t)n);
	if (t->in.failed)
		return false;
	return t->in.len < LINE_LONGEST ||
		memchr(t->in.data, '\n', t->in.len) != NULL;
}

const char *
talk_line(size_t *len, struct talk *t)
{
	const char *line, *end;

	if (t->done == t->in.len)
		return NULL;
	line = (const char *)t->in.data + t->done;
	end = memchr(line, '\n', t->in.len - t->done);
	if (!end)
		return NULL;
	*len = (size_t)(end - line) + 1;
	t->done += *len;
	return line;
}

struct jit_json *
talk_take(bool *bad, struct talk *t)
{
	struct jit_json *o = NULL;
	const char *line;
	size_t len = 0;

	*bad = false;
	line = talk_line(&len, t);
	if (!line)
		return NULL;
	if (jit_json_read(&o, line, len - 1, LINE_LONGEST, NULL) == 0 &&
		jit_json_kind(o) == JIT_JSON_OBJECT)
		return o;
	jit_json_free(o);
	*bad = true;
	return NULL;
}

bool
talk_send(struct talk *t, struct jit_json *o)
{
	struct jit_buf text = {0};
	bool sent;

	if (!o)
		return false;
	jit_json_encode(&text, o, 0);
	jit_buf_str(&text, "\n");
	jit_json_free(o);
	sent = !text.failed && t->fd >= 0 &&
		send(t->fd, text.data, text.len, MSG_DONTWAIT | MSG_NOSIGNAL) ==
			(ssize_t)text.len;
	jit_buf_free(&text);
	return sent;
}

void
talk_shut(struct talk *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	jit_buf_free(&t->in);
	t->done = 0;
}

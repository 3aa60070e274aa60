/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* accept4, close_range, struct ucred */
#include "carry_serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "agent_answer.h"

#define CLIENTS 16
#define CERTS 8 /* the newest */

/* One who asks: a request on its way in, or an answer on its way out. */
struct client {
	int fd;
	struct jit_buf in, out; /* each with its length before it */
	size_t sent;
};

struct serve {
	int control, listener;
	struct jit_signer *signer;
	struct jit_buf certs[CERTS]; /* wire forms, the newest first */
	size_t certs_count;
	int64_t until; /* UTC second from which nothing is signed */
	struct client clients[CLIENTS];
	size_t count;
};

/* The key. */

static const char *socket_path;

/* The kernel clears what it takes back. */
static void
end_now(int signal)
{
	(void)signal;
	unlink(socket_path);
	_exit(0);
}

/*
 * It ends with its parent, though in a session of its own: no key of the
 * terminal reaches it. No other process reads its memory, and no core is
 * dumped.
 */
static bool
let_go(int control, pid_t parent)
{
	const struct sigaction over = {.sa_handler = end_now};
	int null = open("/dev/null", O_RDWR);
	unsigned int fd = (unsigned int)control;

	sigaction(SIGTERM, &over, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		return false;
	return prctl(PR_SET_DUMPABLE, 0) == 0 && setsid() >= 0 && null >= 0 &&
		dup2(null, STDIN_FILENO) >= 0 &&
		dup2(null, STDOUT_FILENO) >= 0 &&
		dup2(null, STDERR_FILENO) >= 0 &&
		(fd == 3 || close_range(3, fd - 1, 0) == 0) &&
		close_range(fd + 1, ~0U, 0) == 0;
}

static int
make_key(struct jit_signer **out, struct jit_error *err)
{
	struct jit_secret *secret = NULL;
	int rc = jit_secret_make(&secret, err);

	return rc ? rc : jit_signer_made(out, secret, err);
}

static int
get_key(struct jit_signer **out, const struct cli *c,
	const struct carry_key *key, struct jit_error *err)
{
	if (key->file)
		return cli_signer_for(out, c, key->file, err);
	if (key->held)
		return jit_signer_held(out, key->held, getenv("SSH_AUTH_SOCK"),
			err);
	return make_key(out, err);
}

/* Answering one request. */

static int
sign(struct jit_buf *wire, const void *msg, size_t len, void *arg,
	struct jit_error *err)
{
	const struct serve *s = arg;

	return jit_signer_sign(wire, s->signer, msg, len, err);
}

static bool
answer(struct serve *s, struct client *x)
{
	const struct jit_agent_hand hand = {.key = jit_signer_key(s->signer),
		.certs = s->certs,
		.certs_count = s->certs_count,
		.comment = "jit",
		.sign = (int64_t)time(NULL) < s->until ? sign : NULL,
		.arg = s};
	struct jit_buf bare = {0};
	bool made;

	made = jit_agent_answer(&bare, &hand, x->in.data + 4, x->in.len - 4,
		       NULL) == 0;
	jit_buf_reset(&x->in);
	jit_buf_reset(&x->out);
	jit_buf_string(&x->out, bare.data, bare.len);
	jit_buf_free(&bare);
	x->sent = 0;
	return made && !x->out.failed;
}

/* How many bytes of the request are still to come; 0: it is too long. */
static size_t
missing(const struct client *x)
{
	struct jit_cursor c = jit_cursor_over(x->in.data, x->in.len);
	size_t len;

	if (x->in.len < 4)
		return 4 - x->in.len;
	len = jit_cursor_u32(&c);
	return len <= JIT_AGENT_REQUEST ? 4 + len - x->in.len : 0;
}

static bool
would_wait(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* false: it is not worth going on with this client. */
static bool
take(struct serve *s, struct client *x)
{
	unsigned char part[4096];
	size_t want = missing(x);
	ssize_t n;

	n = recv(x->fd, part, want < sizeof(part) ? want : sizeof(part), 0);
	if (n <= 0)
		return n < 0 && would_wait();
	jit_buf_put(&x->in, part, (size_t)n);
	if (x->in.failed)
		return false;
	if (x->in.len < 4 || missing(x) > 0)
		return true;
	return x->in.len > 4 && answer(s, x);
}

static bool
give(struct client *x)
{
	ssize_t n = send(x->fd, x->out.data + x->sent, x->out.len - x->sent,
		MSG_NOSIGNAL);

	if (n < 0)
		return would_wait();
	x->sent += (size_t)n;
	if (x->sent == x->out.len)
		jit_buf_reset(&x->out);
	return true;
}

/* Coming and going. */

static void
drop(struct serve *s, size_t i)
{
	struct client *x = &s->clients[i];

	close(x->fd);
	jit_buf_free(&x->in);
	jit_buf_free(&x->out);
	*x = s->clients[--s->count];
	s->clients[s->count] = (struct client){0};
}

/* Who is not us, nor root, is not answered. */
static bool
is_welcome(int fd)
{
	struct ucred who = {0};
	socklen_t size = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
		(who.uid == geteuid() || who.uid == 0);
}

static void
admit(struct serve *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (is_welcome(fd))
		s->clients[s->count++].fd = fd;
	else
		close(fd);
}

static int
listen_at(int *out, const char *path, struct jit_error *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd;

	memcpy(at.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	umask(0177);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
		listen(fd, CLIENTS) != 0)
		return jit_fail(err, JIT_TROUBLE, "cannot listen at '%s': %s",
			path, strerror(errno));
	*out = fd;
	return 0;
}

/* The parent. */

static void
say(const struct serve *s, int rc, const char *text)
{
	struct jit_buf line = {0};

	jit_buf_fmt(&line, "%d %s", -rc, text);
	if (!line.failed)
		send(s->control, line.data, line.len, MSG_NOSIGNAL);
	jit_buf_free(&line);
}

/* A certificate's wire form goes before the others. */
static int
add(struct serve *s, const char *cert, struct jit_error *err)
{
	const char *word = cert + strcspn(cert, " ");
	struct jit_buf wire = {0};

	word += *word == ' ';
	if (jit_unbase64(&wire, word, strcspn(word, " \n")) != 0 ||
		wire.len == 0) {
		jit_buf_free(&wire);
		return jit_fail(err, JIT_TROUBLE, "a damaged certificate");
	}
	if (s->certs_count == CERTS)
		jit_buf_free(&s->certs[--s->certs_count]);
	memmove(s->certs + 1, s->certs, s->certs_count * sizeof(*s->certs));
	s->certs[0] = wire;
	s->certs_count++;
	return 0;
}

/* false: there is no parent any more. */
static bool
obey(struct serve *s)
{
	char line[CARRY_MESSAGE + 1], *cert;
	struct jit_error err = {0};
	long long until;
	ssize_t n;
	int rc;

	n = recv(s->control, line, CARRY_MESSAGE, 0);
	if (n <= 0)
		return n < 0 && would_wait();
	line[n] = '\0';
	until = strtoll(line, &cert, 10);
	rc = add(s, cert + (*cert == ' '), &err);
	if (rc == 0 && until > s->until)
		s->until = until;
	say(s, rc, err.text);
	return true;
}

/* Whoever asks waits while a person touches a key: it is one's own agent. */
static bool
turn(struct serve *s)
{
	struct pollfd p[2 + CLIENTS] = {{.fd = s->control, .events = POLLIN},
		{.fd = s->count < CLIENTS ? s->listener : -1,
			.events = POLLIN}};
	size_t i;
	bool goes_on;

	for (i = 0; i < s->count; i++) {
		p[2 + i].fd = s->clients[i].fd;
		p[2 + i].events = s->clients[i].out.len ? POLLOUT : POLLIN;
	}
	if (poll(p, 2 + s->count, -1) < 0)
		return errno == EINTR;
	if (p[0].revents && !obey(s))
		return false;
	for (i = s->count; i-- > 0;) {
		if (!p[2 + i].revents)
			continue;
		goes_on = s->clients[i].out.len ? give(&s->clients[i])
						: take(s, &s->clients[i]);
		if (!goes_on)
			drop(s, i);
	}
	if (p[1].revents)
		admit(s);
	return true;
}

static int
prepare(struct serve *s, struct jit_buf *line, pid_t parent,
	const struct cli *c, const struct carry_key *key, struct jit_error *err)
{
	int rc;

	jit_signer_free(c->signer); /* of this process: it signs events */
	if (!let_go(s->control, parent))
		return jit_fail(err, JIT_TROUBLE, "cannot hold a key: %s",
			strerror(errno));
	rc = get_key(&s->signer, c, key, err);
	if (rc == 0)
		rc = listen_at(&s->listener, socket_path, err);
	if (rc)
		return rc;
	jit_pubkey_text(line, jit_signer_key(s->signer));
	return jit_buf_failed(line, err);
}

void
carry_serve(int control, pid_t parent, const char *path, const struct cli *c,
	const struct carry_key *key)
{
	struct serve s = {.control = control};
	struct jit_error err = {0};
	struct jit_buf line = {0};
	int rc;

	socket_path = path;
	rc = prepare(&s, &line, parent, c, key, &err);
	say(&s, rc, rc ? err.text : jit_buf_text(&line));
	while (rc == 0 && turn(&s))
		;
	unlink(path);
	jit_signer_free(s.signer);
	_exit(0);
}

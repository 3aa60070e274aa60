/* SPDX-License-Identifier: ISC */
/*
 * sk_agent: a security key in software, for tests. It speaks ssh-agent's
 * protocol and holds one sk-ssh-ed25519@openssh.com key.
 *
 *	sk_agent [-n] SOCKET SEEDFILE
 *
 * SEEDFILE holds 64 hex digits; it is made when it is missing. The public
 * key's line is printed and kept in SEEDFILE.pub before the socket is there.
 * -n leaves the flag out that says that a person touched the key. It serves
 * until it is killed.
 */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "buf.h"
#include "hash.h"
#include "key.h"

#define APPLICATION "ssh:"
#define COMMENT "sw"
#define MESSAGE_MAX (256 * 1024)
#define TOUCHED 0x01

struct token {
	struct jit_pubkey pub;
	unsigned char sk[crypto_sign_SECRETKEYBYTES];
	unsigned char flags;
	unsigned int *counter; /* shared with the children */
};

static void
die(const char *what)
{
	fprintf(stderr, "sk_agent: %s: %s\n", what, strerror(errno));
	exit(3);
}

static void
make_seed(const char *path)
{
	unsigned char seed[crypto_sign_SEEDBYTES];
	char hex[2 * sizeof(seed) + 1];
	FILE *f = fopen(path, "wx");

	if (f == NULL)
		return; /* it is there */
	jit_random(seed, sizeof(seed));
	jit_hex(hex, seed, sizeof(seed));
	if (fprintf(f, "%s\n", hex) < 0 || fclose(f) != 0)
		die(path);
}

static void
read_seed(struct token *t, const char *path)
{
	unsigned char seed[crypto_sign_SEEDBYTES];
	char hex[2 * sizeof(seed) + 1] = "";
	FILE *f = fopen(path, "r");

	if (f == NULL || fread(hex, 1, sizeof(hex) - 1, f) == 0)
		die(path);
	fclose(f);
	if (jit_unhex(seed, sizeof(seed), hex) != 0) {
		fprintf(stderr, "sk_agent: '%s' is not 64 hex digits\n", path);
		exit(2);
	}
	t->pub.type = JIT_SK_ED25519;
	strcpy(t->pub.application, APPLICATION);
	crypto_sign_seed_keypair(t->pub.pk, t->sk, seed);
}

static void
write_public(const struct token *t, const char *path)
{
	struct jit_buf line = {0};
	char pub[4096];
	FILE *f = NULL;

	jit_pubkey_text(&line, &t->pub);
	jit_buf_str(&line, " " COMMENT "\n");
	snprintf(pub, sizeof(pub), "%s.pub", path);
	f = fopen(pub, "w");
	if (f == NULL || fputs(jit_buf_text(&line), f) < 0 || fclose(f) != 0)
		die(pub);
	fputs(jit_buf_text(&line), stdout);
	fflush(stdout);
	jit_buf_free(&line);
}

/* PROTOCOL.u2f: SHA-256 of the application, flags, counter, of the message. */
static void
touch(struct jit_signature *s, const struct token *t, const unsigned char *msg,
	size_t len)
{
	unsigned char digest[JIT_SHA256];
	struct jit_buf tbs = {0};

	s->key = t->pub;
	s->flags = t->flags;
	s->counter = __atomic_add_fetch(t->counter, 1, __ATOMIC_SEQ_CST);
	jit_sha256(digest, APPLICATION, strlen(APPLICATION));
	jit_buf_put(&tbs, digest, sizeof(digest));
	jit_buf_u8(&tbs, s->flags);
	jit_buf_u32(&tbs, s->counter);
	jit_sha256(digest, msg, len);
	jit_buf_put(&tbs, digest, sizeof(digest));
	crypto_sign_detached(s->sig, NULL, tbs.data, tbs.len, t->sk);
	jit_buf_free(&tbs);
}

static void
answer_identities(struct jit_buf *out, const struct jit_buf *blob)
{
	jit_buf_u8(out, 12); /* SSH_AGENT_IDENTITIES_ANSWER */
	jit_buf_u32(out, 1);
	jit_buf_string(out, blob->data, blob->len);
	jit_buf_cstring(out, COMMENT);
}

static void
answer_sign(struct jit_buf *out, const struct token *t,
	const struct jit_buf *blob, struct jit_cursor *c)
{
	struct jit_signature s = {0};
	struct jit_buf wire = {0};
	const unsigned char *key = NULL;
	const unsigned char *msg = NULL;
	size_t key_len = 0;
	size_t len = 0;

	key = jit_cursor_string(c, &key_len);
	msg = jit_cursor_string(c, &len);
	if (c->bad || key_len != blob->len ||
		memcmp(key, blob->data, key_len) != 0) {
		jit_buf_u8(out, 5); /* SSH_AGENT_FAILURE */
		return;
	}
	touch(&s, t, msg, len);
	jit_signature_wire(&wire, &s);
	jit_buf_u8(out, 14); /* SSH_AGENT_SIGN_RESPONSE */
	jit_buf_string(out, wire.data, wire.len);
	jit_buf_free(&wire);
}

static void
answer(struct jit_buf *out, const struct token *t, const unsigned char *msg,
	size_t len)
{
	struct jit_cursor c = jit_cursor_over(msg, len);
	uint8_t type = jit_cursor_u8(&c);
	struct jit_buf blob = {0};

	jit_pubkey_blob(&blob, &t->pub);
	if (type == 11) /* SSH_AGENTC_REQUEST_IDENTITIES */
		answer_identities(out, &blob);
	else if (type == 13) /* SSH_AGENTC_SIGN_REQUEST */
		answer_sign(out, t, &blob, &c);
	else
		jit_buf_u8(out, 5); /* SSH_AGENT_FAILURE */
	jit_buf_free(&blob);
}

static int
read_full(int fd, unsigned char *to, size_t len)
{
	ssize_t n = 0;

	for (; len > 0; to += n, len -= (size_t)n) {
		n = read(fd, to, len);
		if (n <= 0)
			return -1;
	}
	return 0;
}

static void
serve(int fd, const struct token *t)
{
	static unsigned char msg[MESSAGE_MAX];
	struct jit_buf framed = {0};
	struct jit_buf out = {0};
	struct jit_cursor c;
	uint32_t len = 0;

	while (read_full(fd, msg, 4) == 0) {
		c = jit_cursor_over(msg, 4);
		len = jit_cursor_u32(&c);
		if (len == 0 || len > sizeof(msg) ||
			read_full(fd, msg, len) != 0)
			break;
		jit_buf_reset(&out);
		jit_buf_reset(&framed);
		answer(&out, t, msg, len);
		jit_buf_string(&framed, out.data, out.len);
		if (write(fd, framed.data, framed.len) != (ssize_t)framed.len)
			break;
	}
	jit_buf_free(&framed);
	jit_buf_free(&out);
}

static int
listen_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		die(path);
	}
	strcpy(at.sun_path, path);
	umask(077);
	unlink(path);
	if (s < 0 || bind(s, (struct sockaddr *)&at, sizeof(at)) != 0 ||
		listen(s, 64) != 0)
		die(path);
	return s;
}

static void
serve_all(int s, const struct token *t)
{
	int fd = -1;

	for (;;) {
		fd = accept(s, NULL, NULL);
		if (fd < 0)
			continue;
		if (fork() == 0) {
			close(s);
			serve(fd, t);
			_exit(0);
		}
		close(fd);
	}
}

int
main(int argc, char **argv)
{
	struct token t = {.flags = TOUCHED};
	struct jit_error err = {0};
	int c = 0;

	while ((c = getopt(argc, argv, "n")) != -1) {
		if (c != 'n')
			return 2;
		t.flags = 0;
	}
	if (argc - optind != 2) {
		fprintf(stderr, "usage: sk_agent [-n] SOCKET SEEDFILE\n");
		return 2;
	}
	if (jit_hash_start(&err) != 0)
		return 3;
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	t.counter = mmap(NULL, sizeof(*t.counter), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t.counter == MAP_FAILED)
		die("mmap");
	make_seed(argv[optind + 1]);
	read_seed(&t, argv[optind + 1]);
	write_public(&t, argv[optind + 1]);
	serve_all(listen_at(argv[optind]), &t);
}

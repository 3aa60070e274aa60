/* SPDX-License-Identifier: ISC */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"

#define FILE_BYTES (16 * 1024)
#define LABEL "OPENSSH PRIVATE KEY"
#define PEM "-----BEGIN "
#define BEGIN PEM LABEL "-----"
#define END "-----END " LABEL "-----"
#define MAGIC "openssh-key-v1" /* its NUL belongs to it */
#define BLOCK 8                /* of the cipher "none", for padding */

struct jit_secret {
	unsigned char sk[crypto_sign_SECRETKEYBYTES]; /* seed, public key */
};

/* A key file on its way through the parser, in locked memory as a whole. */
struct file {
	size_t len; /* of raw */
	struct stat st;
	char text[FILE_BYTES + 1];     /* NUL-terminated */
	unsigned char raw[FILE_BYTES]; /* what its base64 holds */
};

/*
 * sodium_malloc does not say whether it could lock: ask again. Neither swap
 * nor a core dump sees what is in here.
 */
static void *
locked(size_t size, struct jit_error *err)
{
	void *p = sodium_malloc(size);

	if (p != NULL && sodium_mlock(p, size) == 0)
		return p;
	jit_fail(err, JIT_TROUBLE,
		"no locked memory for a key: %s; "
		"see ulimit -l",
		strerror(errno));
	sodium_free(p);
	return NULL;
}

int
jit_secret_make(struct jit_secret **out, struct jit_error *err)
{
	struct jit_secret *s = locked(sizeof(*s), err);
	unsigned char pk[JIT_PK] = {0};

	if (s == NULL)
		return JIT_TROUBLE;
	crypto_sign_keypair(pk, s->sk);
	*out = s;
	return 0;
}

void
jit_secret_public(struct jit_pubkey *out, const struct jit_secret *secret)
{
	struct jit_pubkey key = {.type = JIT_ED25519};

	crypto_sign_ed25519_sk_to_pk(key.pk, secret->sk);
	*out = key;
}

int
jit_secret_sign(unsigned char sig[JIT_SIG], const struct jit_secret *secret,
	const void *msg, size_t len, struct jit_error *err)
{
	if (crypto_sign_detached(sig, NULL, msg, len, secret->sk) != 0)
		return jit_fail(err, JIT_TROUBLE, "cannot sign");
	return 0;
}

void
jit_secret_free(struct jit_secret *secret)
{
	sodium_free(secret); /* wipes */
}

/* The texts of what is refused read on from "'PATH' is ". */
static int
damaged(struct jit_error *err)
{
	return jit_fail(err, JIT_USAGE, "a damaged private key");
}

/*
 * A symbolic link is followed: people keep their keys elsewhere, and what is
 * asked of owner and mode is asked of the open file itself.
 */
static int
open_file(int *out, struct stat *st, const char *path, struct jit_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc = 0;

	if (fd < 0 || fstat(fd, st) != 0)
		rc = jit_fail(err, JIT_TROUBLE, "cannot read key '%s': %s",
			path, strerror(errno));
	else if (!S_ISREG(st->st_mode))
		rc = jit_fail(err, JIT_TROUBLE, "'%s' is not a regular file",
			path);
	if (rc != 0 && fd >= 0)
		close(fd);
	if (rc == 0)
		*out = fd;
	return rc;
}

/* Read at most 'max' bytes; how many, or -1. */
static ssize_t
read_all(int fd, char *to, size_t max)
{
	size_t have = 0;
	ssize_t n = 0;

	while (have < max && (n = read(fd, to + have, max - have)) != 0) {
		if (n > 0)
			have += (size_t)n;
		else if (errno != EINTR)
			return -1;
	}
	return (ssize_t)have;
}

static int
read_file(struct file *f, const char *path, struct jit_error *err)
{
	ssize_t n = 0;
	int fd = -1;
	int rc = open_file(&fd, &f->st, path, err);

	if (rc != 0)
		return rc;
	n = read_all(fd, f->text, FILE_BYTES + 1);
	if (n < 0)
		rc = jit_fail(err, JIT_TROUBLE, "cannot read key '%s': %s",
			path, strerror(errno));
	else if (n > FILE_BYTES)
		rc = jit_fail(err, JIT_TROUBLE,
			"'%s' is larger than 16 KiB: not a key", path);
	else if (memchr(f->text, '\0', (size_t)n) != NULL)
		rc = jit_fail(err, JIT_TROUBLE, "'%s' is not a key", path);
	else
		f->text[n] = '\0';
	close(fd);
	return rc;
}

/* Owner and mode of a private key: sshd's StrictModes, for our own use. */
static int
check_guard(const struct stat *st, const char *path, unsigned int uid,
	struct jit_error *err)
{
	if (st->st_uid != uid && st->st_uid != 0)
		return jit_fail(err, JIT_TROUBLE,
			"'%s' belongs to another user (uid %u)", path,
			(unsigned int)st->st_uid);
	if ((st->st_mode & 077) != 0)
		return jit_fail(err, JIT_TROUBLE,
			"'%s' can be read by others: chmod 600 '%s'", path,
			path);
	return 0;
}

static int
unarmour(struct file *f, struct jit_error *err)
{
	const char *b64 = f->text + strlen(BEGIN);
	const char *end = strstr(b64, END);

	if (end == NULL ||
		end[strlen(END) + strspn(end + strlen(END), "\r\n")] != '\0')
		return damaged(err);
	if (sodium_base642bin(f->raw, FILE_BYTES, b64, (size_t)(end - b64),
		    "\r\n", &f->len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
		return damaged(err);
	return 0;
}

/* Whether the next string is exactly these bytes. */
static bool
next_is(struct jit_cursor *c, const void *want, size_t len)
{
	const unsigned char *p = NULL;
	size_t n = 0;

	p = jit_cursor_string(c, &n);
	return !c->bad && n == len &&
		(len == 0 || sodium_memcmp(p, want, len) == 0);
}

static bool
next_text_is(struct jit_cursor *c, const char *want)
{
	return next_is(c, want, strlen(want));
}

/* The bytes 1, 2, 3... and fewer than a block of them. */
static bool
is_padding(struct jit_cursor *c)
{
	uint8_t i = 0;

	if (c->bad || c->left >= BLOCK)
		return false;
	for (i = 1; c->left > 0; i++) {
		if (jit_cursor_u8(c) != i)
			return false;
	}
	return true;
}

/* The list of private keys, not encrypted: just the one that 'pub' names. */
static int
read_secret(struct jit_secret *s, const struct jit_pubkey *pub,
	const unsigned char *list, size_t len, struct jit_error *err)
{
	struct jit_cursor c = jit_cursor_over(list, len);
	uint32_t check = jit_cursor_u32(&c);
	unsigned char pk[JIT_PK] = {0};
	const unsigned char *sk = NULL;
	size_t n = 0;

	if (jit_cursor_u32(&c) != check || len % BLOCK != 0 ||
		!next_text_is(&c, jit_key_type_name(JIT_ED25519)) ||
		!next_is(&c, pub->pk, sizeof(pub->pk)))
		return damaged(err);
	sk = jit_cursor_string(&c, &n);
	if (c.bad || n != sizeof(s->sk))
		return damaged(err);
	jit_cursor_string(&c, &n); /* the comment */
	if (!is_padding(&c))
		return damaged(err);
	crypto_sign_seed_keypair(pk, s->sk, sk);
	if (sodium_memcmp(s->sk, sk, sizeof(s->sk)) != 0 ||
		memcmp(pk, pub->pk, sizeof(pk)) != 0)
		return damaged(err);
	return 0;
}

/* PROTOCOL.key. The public half is never encrypted. */
static int
read_private(enum jit_key_file *kind, struct jit_secret *s,
	struct jit_pubkey *pub, const struct file *f, struct jit_error *err)
{
	struct jit_cursor c = jit_cursor_over(f->raw, f->len);
	const unsigned char *magic = jit_cursor_take(&c, sizeof(MAGIC));
	const unsigned char *blob = NULL;
	const unsigned char *list = NULL;
	size_t blob_len = 0;
	size_t list_len = 0;
	bool plain = false;
	int rc = 0;

	if (magic == NULL || memcmp(magic, MAGIC, sizeof(MAGIC)) != 0)
		return damaged(err);
	plain = next_text_is(&c, "none");
	plain = next_text_is(&c, "none") && plain;
	plain = next_text_is(&c, "") && plain;
	if (jit_cursor_u32(&c) != 1)
		return damaged(err);
	blob = jit_cursor_string(&c, &blob_len);
	list = jit_cursor_string(&c, &list_len);
	if (c.bad)
		return damaged(err);
	rc = jit_pubkey_read(pub, blob, blob_len, err);
	if (rc != 0)
		return rc;
	*kind = plain ? JIT_FILE_SECRET : JIT_FILE_LOCKED;
	if (pub->type == JIT_SK_ED25519)
		*kind = JIT_FILE_HANDLE;
	if (*kind != JIT_FILE_SECRET)
		return 0;
	if (!jit_cursor_done(&c))
		return damaged(err);
	return read_secret(s, pub, list, list_len, err);
}

static int
read_key(enum jit_key_file *kind, struct jit_secret *s, struct jit_pubkey *pub,
	struct file *f, struct jit_error *err)
{
	int rc = 0;

	if (strncmp(f->text, BEGIN, strlen(BEGIN)) == 0) {
		rc = unarmour(f, err);
		return rc != 0 ? rc : read_private(kind, s, pub, f, err);
	}
	if (strncmp(f->text, PEM, strlen(PEM)) == 0)
		return jit_fail(err, JIT_USAGE,
			"a key in PEM form: jit needs OpenSSH's ed25519; "
			"make one with ssh-keygen -t ed25519");
	*kind = JIT_FILE_PUBLIC;
	return jit_pubkey_parse(pub, f->text, err);
}

int
jit_secret_load(enum jit_key_file *kind, struct jit_secret **secret,
	struct jit_pubkey *pub, const char *path, unsigned int uid,
	struct jit_error *err)
{
	enum jit_key_file found = JIT_FILE_PUBLIC;
	struct jit_secret *s = locked(sizeof(*s), err);
	struct jit_pubkey key = {0};
	struct jit_error why = {0};
	struct file *f = locked(sizeof(*f), err);
	int rc = JIT_TROUBLE;

	if (s == NULL || f == NULL)
		goto out;
	rc = read_file(f, path, err);
	if (rc != 0)
		goto out;
	if (strncmp(f->text, PEM, strlen(PEM)) == 0)
		rc = check_guard(&f->st, path, uid, err);
	if (rc != 0)
		goto out;
	rc = read_key(&found, s, &key, f, &why);
	if (rc != 0) {
		rc = jit_fail(err, JIT_TROUBLE,
			rc == JIT_USAGE ? "'%s' is %s" : "'%s': %s", path,
			why.text);
		goto out;
	}
	*kind = found;
	*pub = key;
	if (found == JIT_FILE_SECRET) {
		*secret = s;
		s = NULL; /* transferred */
	}
out:
	jit_secret_free(s);
	sodium_free(f);
	return rc;
}

/* The list of private keys that read_secret reads. */
static void
put_secret(struct jit_buf *out, const struct jit_secret *secret,
	const char *comment)
{
	struct jit_pubkey pub = {0};
	uint32_t check = 0;
	uint8_t pad = 0;

	jit_random(&check, sizeof(check));
	jit_secret_public(&pub, secret);
	jit_buf_u32(out, check);
	jit_buf_u32(out, check);
	jit_buf_cstring(out, jit_key_type_name(pub.type));
	jit_buf_string(out, pub.pk, sizeof(pub.pk));
	jit_buf_string(out, secret->sk, sizeof(secret->sk));
	jit_buf_cstring(out, comment);
	for (pad = 1; !out->failed && out->len % BLOCK != 0; pad++)
		jit_buf_u8(out, pad);
}

int
jit_secret_text(struct jit_buf *out, const struct jit_secret *secret,
	const char *comment, struct jit_error *err)
{
	struct jit_pubkey pub = {0};
	struct jit_buf blob = {0};
	struct jit_buf list = {0};
	struct jit_buf raw = {0};
	int rc = 0;

	jit_secret_public(&pub, secret);
	jit_pubkey_blob(&blob, &pub);
	put_secret(&list, secret, comment);
	jit_buf_put(&raw, MAGIC, sizeof(MAGIC));
	jit_buf_cstring(&raw, "none"); /* cipher */
	jit_buf_cstring(&raw, "none"); /* key derivation */
	jit_buf_cstring(&raw, "");
	jit_buf_u32(&raw, 1);
	jit_buf_string(&raw, blob.data, blob.len);
	jit_buf_string(&raw, list.data, list.len);
	raw.failed = raw.failed || blob.failed || list.failed;
	rc = jit_buf_failed(&raw, err);
	if (rc != 0)
		goto out;
	jit_key_armour(out, LABEL, raw.data, raw.len);
	rc = jit_buf_failed(out, err);
out:
	jit_buf_free(&blob);
	jit_buf_free(&list);
	jit_buf_free(&raw);
	return rc;
}

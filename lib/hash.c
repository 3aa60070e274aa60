/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <string.h>

#include "hash.h"

/* Base64 goes by runs, so that nothing but 'out' grows with the input. */
#define RUN_BYTES 48
#define RUN_CHARS 64

int
jit_hash_start(struct jit_error *err)
{
	if (sodium_init() < 0)
		return jit_fail(err, JIT_TROUBLE, "cannot start libsodium");
	return 0;
}

void
jit_sha256(unsigned char out[JIT_SHA256], const void *p, size_t len)
{
	crypto_hash_sha256(out, p, len);
}

void
jit_sha512(unsigned char out[JIT_SHA512], const void *p, size_t len)
{
	crypto_hash_sha512(out, p, len);
}

void
jit_sha256_both(unsigned char out[JIT_SHA256], const void *a, size_t a_len,
	const void *b, size_t b_len)
{
	crypto_hash_sha256_state s;

	crypto_hash_sha256_init(&s);
	crypto_hash_sha256_update(&s, a, a_len);
	crypto_hash_sha256_update(&s, b, b_len);
	crypto_hash_sha256_final(&s, out);
}

void
jit_checksum(unsigned char out[JIT_CHECKSUM],
	const unsigned char key[JIT_SHA256], const void *p, size_t len)
{
	crypto_onetimeauth(out, p, len, key);
}

void
jit_hmac(unsigned char out[JIT_SHA256], const void *key, size_t key_len,
	const void *p, size_t len)
{
	crypto_auth_hmacsha256_state s;

	crypto_auth_hmacsha256_init(&s, key, key_len);
	crypto_auth_hmacsha256_update(&s, p, len);
	crypto_auth_hmacsha256_final(&s, out);
	sodium_memzero(&s, sizeof(s));
}

void
jit_hex(char *out, const unsigned char *p, size_t len)
{
	sodium_bin2hex(out, 2 * len + 1, p, len);
}

void
jit_sha256_hex(char out[JIT_HEX256], const void *p, size_t len)
{
	unsigned char digest[JIT_SHA256];

	jit_sha256(digest, p, len);
	jit_hex(out, digest, sizeof(digest));
}

/* libsodium reads upper case too, hence the look before. */
int
jit_unhex(unsigned char *out, size_t len, const char *hex)
{
	size_t digits;

	if (hex == NULL)
		return JIT_USAGE;
	digits = strspn(hex, "0123456789abcdef");
	if (hex[digits] != '\0' || digits % 2 != 0 || digits / 2 != len)
		return JIT_USAGE;
	if (sodium_hex2bin(out, len, hex, digits, NULL, NULL, NULL) != 0)
		return JIT_USAGE;
	return 0;
}

void
jit_base64(struct jit_buf *out, const void *p, size_t len, bool pad)
{
	char text[RUN_CHARS + 1];
	const unsigned char *bytes = p;
	size_t i, n;
	int variant;

	variant = pad ? sodium_base64_VARIANT_ORIGINAL
		      : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
	for (i = 0; i < len; i += n) {
		n = len - i < RUN_BYTES ? len - i : RUN_BYTES;
		sodium_bin2base64(text, sizeof(text), bytes + i, n, variant);
		jit_buf_str(out, text);
	}
	sodium_memzero(text, sizeof(text));
}

/* Back to 'len' bytes, nothing left of what was put after them. */
static void
cut(struct jit_buf *out, size_t len)
{
	if (out->len == len)
		return;
	sodium_memzero(out->data + len, out->len - len);
	out->len = len;
}

/* libsodium 1.0.18 reads any byte from 0x80 on as a '/'. */
static bool
is_ascii(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] >= 0x80)
			return false;
	return true;
}

/* libsodium refuses trailing bits and wrong padding at the end of a run. */
int
jit_unbase64(struct jit_buf *out, const char *s, size_t len)
{
	unsigned char bytes[RUN_BYTES];
	size_t i, n, got, start = out->len;
	int rc = JIT_USAGE;

	if (!is_ascii(s, len))
		return JIT_USAGE;
	for (i = 0; i < len; i += n) {
		n = len - i < RUN_CHARS ? len - i : RUN_CHARS;
		if (sodium_base642bin(bytes, sizeof(bytes), s + i, n, NULL,
			    &got, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
			goto out;
		if (i + n < len && got != RUN_BYTES)
			goto out; /* padding in the middle */
		jit_buf_put(out, bytes, got);
	}
	rc = 0;
out:
	if (rc != 0)
		cut(out, start);
	sodium_memzero(bytes, sizeof(bytes));
	return rc;
}

void
jit_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}

void
jit_wipe(void *p, size_t len)
{
	sodium_memzero(p, len);
}

/* SPDX-License-Identifier: ISC */
#include "scram.h"

#include <string.h>

#include "hash.h"

#define BEGINS "SCRAM-SHA-256$4096:"

/* Base64 of exactly 'bytes' bytes, up to 'end'; moves '*s' after it. */
static bool
take(const char **s, size_t bytes, char end)
{
	char place[64]; /* base64 of 32 bytes is 44 */
	struct jit_buf raw = jit_buf_over(place, sizeof(place));
	const char *stop = strchr(*s, end);
	bool good;

	if (!stop)
		return false;
	good = (size_t)(stop - *s) <= sizeof(place) &&
		jit_unbase64(&raw, *s, (size_t)(stop - *s)) == 0 &&
		raw.len == bytes;
	jit_buf_free(&raw);
	*s = stop + (end != '\0');
	return good;
}

bool
jit_scram_valid(const char *s)
{
	if (strncmp(s, BEGINS, strlen(BEGINS)) != 0)
		return false;
	s += strlen(BEGINS);
	return take(&s, JIT_SCRAM_SALT, '$') && take(&s, JIT_SHA256, ':') &&
		take(&s, JIT_SHA256, '\0');
}

/* Hi() of RFC 5802: PBKDF2 of one block. */
static void
stretch(unsigned char out[JIT_SHA256], const char *password,
	const unsigned char salt[JIT_SCRAM_SALT])
{
	unsigned char first[JIT_SCRAM_SALT + 4] = {0}, u[JIT_SHA256];
	size_t len = strlen(password), i;
	int round;

	memcpy(first, salt, JIT_SCRAM_SALT);
	first[sizeof(first) - 1] = 1;
	jit_hmac(u, password, len, first, sizeof(first));
	memcpy(out, u, JIT_SHA256);
	for (round = 1; round < JIT_SCRAM_ROUNDS; round++) {
		jit_hmac(u, password, len, u, JIT_SHA256);
		for (i = 0; i < JIT_SHA256; i++)
			out[i] ^= u[i];
	}
	jit_wipe(u, sizeof(u));
}

int
jit_scram_make(struct jit_buf *out, const char *password,
	const unsigned char salt[JIT_SCRAM_SALT], struct jit_error *err)
{
	static const char client[] = "Client Key", server[] = "Server Key";
	unsigned char salted[JIT_SHA256], stored[JIT_SHA256], key[JIT_SHA256];
	const char *p;

	for (p = password; *p > ' ' && *p < 0x7f;)
		p++;
	if (*p || p == password)
		return jit_fail(err, JIT_USAGE,
			"a password is ASCII that can be seen, at least one "
			"character");
	stretch(salted, password, salt);
	jit_hmac(stored, salted, sizeof(salted), client, strlen(client));
	jit_sha256(stored, stored, sizeof(stored));
	jit_hmac(key, salted, sizeof(salted), server, strlen(server));
	jit_buf_str(out, BEGINS);
	jit_base64(out, salt, JIT_SCRAM_SALT, true);
	jit_buf_str(out, "$");
	jit_base64(out, stored, sizeof(stored), true);
	jit_buf_str(out, ":");
	jit_base64(out, key, sizeof(key), true);
	jit_wipe(salted, sizeof(salted));
	return jit_buf_failed(out, err);
}

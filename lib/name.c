/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <string.h>

#include "buf.h"
#include "name.h"
#include "text.h"

#define DIGIT "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Whether 's' is min to max bytes of 'set' and nothing else. */
static bool
all(const char *s, const char *set, size_t min, size_t max)
{
	size_t n = strspn(s, set);

	return s[n] == '\0' && n >= min && n <= max;
}

/* Whether the first byte of 's' is one of 'set'. */
static bool
begins(const char *s, const char *set)
{
	return strspn(s, set) > 0;
}

bool
jit_name_principal(const char *s)
{
	size_t n;

	if (s == NULL || !begins(s, LOWER DIGIT))
		return false;
	n = strspn(s, LOWER DIGIT "._+-");
	return n <= 64 && s[n] == '@' &&
		all(s + n + 1, LOWER DIGIT ".-", 1, 190);
}

bool
jit_name_label(const char *s)
{
	return s != NULL && begins(s, LOWER "_") &&
		all(s, LOWER DIGIT "_-", 1, 32);
}

bool
jit_name_resource(const char *s)
{
	size_t n;

	if (s == NULL)
		return false;
	n = strspn(s, LOWER);
	return n >= 1 && n <= 16 && s[n] == ':' &&
		begins(s + n + 1, LOWER DIGIT) &&
		all(s + n + 1, LOWER DIGIT ".-", 1, 63);
}

/* White space of Unicode (Zs; the rest of it is no clean text). */
static bool
white(uint32_t cp)
{
	return cp == 0x20 || cp == 0xa0 || cp == 0x1680 ||
		(cp >= 0x2000 && cp <= 0x200a) || cp == 0x202f ||
		cp == 0x205f || cp == 0x3000;
}

bool
jit_name_task(const char *s)
{
	size_t len, at, n;
	uint32_t cp = 0;

	if (s == NULL)
		return false;
	len = strlen(s);
	if (len < 1 || len > 64 || !jit_text_clean(s, len))
		return false;
	for (at = 0; at < len; at += n) {
		n = jit_text_next(&cp, s + at, len - at);
		if (at == 0 && white(cp))
			return false;
	}
	return !white(cp);
}

bool
jit_name_reason(const char *s)
{
	size_t len = s == NULL ? 0 : strlen(s);

	return len >= 1 && len <= 500 && jit_text_clean(s, len);
}

bool
jit_name_sha256(const char *s)
{
	return s != NULL && all(s, DIGIT "abcdef", 64, 64);
}

/*
 * 43 characters hold 258 bits, two more than a digest has: only a last
 * character whose two low bits are zero spells one (RFC 4648 section 3.5).
 */
bool
jit_name_fingerprint(const char *s)
{
	if (s == NULL || strncmp(s, "SHA256:", 7) != 0)
		return false;
	return all(s + 7, UPPER LOWER DIGIT "+/", 43, 43) &&
		begins(s + 7 + 42, "AEIMQUYcgkosw048");
}

bool
jit_name_attest(const char *s)
{
	const char *subject, *p;

	if (s == NULL || strlen(s) > 500 ||
		(strncmp(s, "https://", 8) != 0 &&
			strncmp(s, "spiffe://", 9) != 0))
		return false;
	for (p = s; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			return false;
	subject = strchr(s, ' ');
	return subject != NULL && subject[-1] != '/' && subject[1] != '\0' &&
		subject[1] != ' ' && p[-1] != ' ';
}

bool
jit_name_word(const char *s)
{
	return s != NULL && all(s, UPPER LOWER DIGIT "@%+=:,./_-", 1, 128);
}

/* "'WEB' is no WHAT: write HOW". */
static int
wrong(const char *what, const char *s, const char *how, struct jit_error *err)
{
	struct jit_buf quoted = {0};

	jit_text_quote(&quoted, s);
	jit_fail(err, JIT_USAGE, "%s is no %s: write %s", jit_buf_text(&quoted),
		what, how);
	jit_buf_free(&quoted);
	return JIT_USAGE;
}

int
jit_name_want_principal(const char *s, struct jit_error *err)
{
	if (jit_name_principal(s))
		return 0;
	return wrong("principal", s,
		"NAME@DOMAIN in lower case, like alice@ex.com", err);
}

int
jit_name_want_resource(const char *s, struct jit_error *err)
{
	if (jit_name_resource(s))
		return 0;
	return wrong("resource", s, "SCHEME:NAME in lower case, like ssh:web-1",
		err);
}

int
jit_name_want_label(const char *what, const char *s, struct jit_error *err)
{
	if (jit_name_label(s))
		return 0;
	return wrong(what, s,
		"a lower-case letter or _, then up to 31 of a-z, 0-9, _ and -",
		err);
}

int
jit_name_want_task(const char *s, struct jit_error *err)
{
	if (jit_name_task(s))
		return 0;
	return wrong("task", s,
		"1 to 64 bytes of plain text, no white space at its ends", err);
}

int
jit_name_want_reason(const char *what, const char *s, struct jit_error *err)
{
	if (jit_name_reason(s))
		return 0;
	return wrong(what, s, "1 to 500 bytes of plain text on one line", err);
}

int
jit_name_want_attest(const char *s, struct jit_error *err)
{
	if (s == NULL || jit_name_attest(s))
		return 0;
	return wrong("attested name", s,
		"an issuer and a subject, like 'https://login.ex.com repo:x'",
		err);
}

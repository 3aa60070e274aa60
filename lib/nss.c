/* SPDX-License-Identifier: ISC */
#include "nss.h"

#include <string.h>

/*
 * "compat" is files, and lists what it adds; "systemd" has no people. A colon
 * alone follows on a blank.
 */
static bool
is_own(const char *word, size_t len)
{
	static const char *const own[] = {"files", "compat", "systemd", ":"};
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strlen(own[i]) == len && strncmp(own[i], word, len) == 0)
			return true;
	return false;
}

static void
add(struct jit_buf *out, const char *word, size_t len)
{
	jit_buf_str(out, out->len ? " " : "");
	jit_buf_put(out, word, len);
}

/*
 * Each word of a line up to its comment, but "[NOTFOUND=return]"; what does
 * not end is none of these.
 */
static void
add_others(struct jit_buf *out, const char *at, const char *end)
{
	bool action = false;
	size_t len;

	for (;;) {
		at += strspn(at, " \t\r");
		if (at >= end)
			break;
		len = strcspn(at, " \t\r\n#");
		action = action || *at == '[';
		if (!action && !is_own(at, len))
			add(out, at, len);
		if (action && memchr(at, ']', len))
			action = false;
		at += len;
	}
	if (action)
		add(out, "[", 1);
}

bool
jit_nss_others(struct jit_buf *out, const char *text, const char *database)
{
	size_t len = strlen(database);
	const char *at = text;

	for (; *at; at += *at == '\n') {
		at += strspn(at, " \t");
		/* glibc takes a blank for the colon */
		if (strncmp(at, database, len) == 0 && at[len] &&
			strchr(": \t\r\v\f", at[len]))
			add_others(out, at + len + 1, at + strcspn(at, "#\n"));
		at += strcspn(at, "\n");
	}
	return out->len > 0;
}

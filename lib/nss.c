/* SPDX-License-Identifier: ISC */
#include "nss.h"

#include <string.h>

/* "compat" is files, and lists what it adds; "systemd" has no people. */
static bool
is_own(const char *word, size_t len)
{
	static const char *const own[] = {"files", "compat", "systemd"};
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strlen(own[i]) == len && strncmp(own[i], word, len) == 0)
			return true;
	return false;
}

/* Each word of a line up to its comment, but "[NOTFOUND=return]". */
static bool
add_others(struct jit_buf *out, const char *at, const char *end)
{
	bool found = false, action = false;
	size_t len;

	while (at < end) {
		at += strspn(at, " \t\r");
		if (at >= end)
			break;
		len = strcspn(at, " \t\r\n#");
		action = action || *at == '[';
		if (!action && !is_own(at, len)) {
			jit_buf_str(out, found ? " " : "");
			jit_buf_put(out, at, len);
			found = true;
		}
		if (action && memchr(at, ']', len))
			action = false;
		at += len;
	}
	return found;
}

bool
jit_nss_others(struct jit_buf *out, const char *text, const char *database)
{
	size_t len = strlen(database);
	const char *at = text;

	while (*at) {
		at += strspn(at, " \t");
		if (strncmp(at, database, len) == 0 && at[len] == ':')
			return add_others(out, at + len + 1,
				at + strcspn(at, "#\n"));
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	return false;
}

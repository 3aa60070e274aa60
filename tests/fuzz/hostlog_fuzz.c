/* SPDX-License-Identifier: ISC */
/*
 * Logs of a host. Whatever is in them, each call goes on, an entry is whole,
 * and what is bad says why.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hostlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct jit_logged *e)
{
	if (memchr(e->host, '\0', sizeof(e->host)) == NULL ||
		memchr(e->account, '\0', sizeof(e->account)) == NULL ||
		memchr(e->id, '\0', sizeof(e->id)) == NULL ||
		memchr(e->ca, '\0', sizeof(e->ca)) == NULL ||
		memchr(e->command, '\0', sizeof(e->command)) == NULL)
		abort();
	if (e->kind == JIT_LOGGED_LOGIN &&
		(e->account[0] == '\0' || e->method[0] == '\0' ||
			(e->id[0] == '\0') != (e->ca[0] == '\0')))
		abort();
	if (e->kind == JIT_LOGGED_SUDO &&
		(e->account[0] == '\0' || e->command[0] == '\0'))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_hostlog x =
		jit_hostlog_over((const char *)data, size, 1795352900, 0);
	struct jit_error err = {0};
	struct jit_logged e;
	size_t at, line = 1;
	int rc;

	do {
		at = x.at;
		err.text[0] = '\0';
		rc = jit_hostlog_next(&e, &x, &err);
		if (rc == 1)
			check(&e);
		else if (rc != 0 && err.text[0] == '\0')
			abort();
		if ((rc != 0 && x.at <= at) || e.line < line || x.at > size)
			abort();
		line = e.line;
	} while (rc != 0);
	return 0;
}

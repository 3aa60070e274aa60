/* nss: where this machine's accounts, groups and rules come from. */
#ifndef JIT_NSS_H
#define JIT_NSS_H

#include <stdbool.h>

#include "buf.h"

#define JIT_NSS_CONF "/etc/nsswitch.conf"

/*
 * Append to 'out', blanks between, those sources of 'database' in the text of
 * an nsswitch.conf(5) that are not this machine's own files: a directory need
 * not list whom it knows. Nothing is there where the text does not speak of
 * it. Whether there is any.
 */
bool jit_nss_others(struct jit_buf *out, const char *text,
	const char *database);

#endif

/* nss: where this machine's accounts, groups and rules come from. */
#ifndef JIT_NSS_H
#define JIT_NSS_H

#include <stdbool.h>

#include "buf.h"

#define JIT_NSS_CONF "/etc/nsswitch.conf"

/*
 * Put into 'out', which is empty, those sources of 'database' in the text of
 * an nsswitch.conf(5) that are not this machine's own files, blanks between:
 * a directory need not list whom it knows. There is none where the text does
 * not speak of it. Returns whether there is any.
 */
bool jit_nss_others(struct jit_buf *out, const char *text,
	const char *database);

#endif

/* canon: whether bytes are canonical JSON, in one pass that builds nothing. */
#ifndef JIT_CANON_H
#define JIT_CANON_H

#include <stdbool.h>
#include <stddef.h>

#define JIT_JSON_DEPTH 8
#define JIT_JSON_INT 9007199254740991LL /* 2^53 - 1, RFC 8785 section 3.2.2.3 */
#define JIT_JSON_NAME 32                /* bytes of a member name */

/* Reasons that are given in more than one place. */
#define JIT_CANON_DEEP "nesting deeper than 8"
#define JIT_CANON_INT "an integer beyond 2^53-1"
#define JIT_CANON_NAME "a member name that is not [a-z0-9_-]{1,32}"
#define JIT_CANON_TOP "only an object or a list may stand at the top"

/* Why bytes are not canonical, and where: offset 0 is the first byte. */
struct jit_canon {
	char why[64];
	size_t at;
};

/* Whether they are, as json.h says; '*fault' is set only if they are not. */
bool jit_canon_scan(struct jit_canon *fault, const char *p, size_t len);

/* Whether 'len' bytes are a member name. */
bool jit_canon_name(const char *p, size_t len);

/*
 * The offset at which brackets nest deeper than JIT_JSON_DEPTH, or 'len'.
 * For any bytes, JSON or not: as far as a parser gets, it saw no more.
 */
size_t jit_canon_deep(const char *p, size_t len);

#endif

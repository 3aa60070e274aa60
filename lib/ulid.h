/* ulid: grant ids, 48 bits of time and 80 of chance in Crockford's base32. */
#ifndef JIT_ULID_H
#define JIT_ULID_H

#include <stdbool.h>
#include <stdint.h>

#define JIT_ULID 27       /* 26 characters and a NUL */
#define JIT_ULID_PREFIX 8 /* shortest prefix that people may type */

/* An upper-case ULID whose milliseconds are at * 1000; 'chance' 10 bytes. */
void jit_ulid_make(char out[JIT_ULID], int64_t at,
	const unsigned char chance[10]);

/* Whether 's' is one: 26 characters of the alphabet, upper case, <= 7ZZ.... */
bool jit_ulid_valid(const char *s);

/* Its time in seconds, or -1 when it is no whole second (not jit's). */
int64_t jit_ulid_time(const char *s);

/*
 * Whether 's' can be the start of one: JIT_ULID_PREFIX to 26 characters,
 * lower case allowed. Writes it in upper case to 'out'.
 */
bool jit_ulid_prefix(char out[JIT_ULID], const char *s);

#endif

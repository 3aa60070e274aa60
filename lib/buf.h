/* buf: a growable run of bytes, and a cursor that reads SSH's wire format. */
#ifndef JIT_BUF_H
#define JIT_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/*
 * Failure (no memory) is sticky: put as often as needed, ask jit_buf_failed
 * once. 'data' always has a NUL after 'len' bytes once anything was put.
 * Start with = {0}; free with jit_buf_free, which wipes.
 */
struct jit_buf {
	unsigned char *data;
	size_t len;
	size_t cap;
	bool failed;
	bool lent; /* 'data' is somebody else's: jit_buf_over */
};

/*
 * A buffer that begins in 'place', of 'size' bytes, at least 1, which stay the
 * caller's: what fits there needs no memory, and so cannot fail.
 */
struct jit_buf jit_buf_over(void *place, size_t size);

void jit_buf_put(struct jit_buf *b, const void *bytes, size_t len);
void jit_buf_str(struct jit_buf *b, const char *s);
void jit_buf_fmt(struct jit_buf *b, const char *fmt, ...) JIT_PRINTF(2, 3);

/* RFC 4251 section 5: byte, uint32, uint64, string; big endian. */
void jit_buf_u8(struct jit_buf *b, uint8_t v);
void jit_buf_u32(struct jit_buf *b, uint32_t v);
void jit_buf_u64(struct jit_buf *b, uint64_t v);
void jit_buf_string(struct jit_buf *b, const void *bytes, size_t len);
void jit_buf_cstring(struct jit_buf *b, const char *s);

/* The text so far, NUL-terminated, borrowed; "" when empty. */
const char *jit_buf_text(const struct jit_buf *b);

/* 0, or JIT_TROUBLE with "out of memory" if any put failed. */
int jit_buf_failed(const struct jit_buf *b, struct jit_error *err) JIT_CHECKED;

/* Drop the content but keep the memory (wiped). */
void jit_buf_reset(struct jit_buf *b);
void jit_buf_free(struct jit_buf *b);

/*
 * Reads from bytes it does not own. A read past the end sets 'bad', yields
 * zero or an empty run, and every later read does too: ask once at the end.
 */
struct jit_cursor {
	const unsigned char *p;
	size_t left;
	bool bad;
};

struct jit_cursor jit_cursor_over(const void *bytes, size_t len);
uint8_t jit_cursor_u8(struct jit_cursor *c);
uint32_t jit_cursor_u32(struct jit_cursor *c);
uint64_t jit_cursor_u64(struct jit_cursor *c);

/* A string: returned pointer is borrowed from the input; '*len' its bytes. */
const unsigned char *jit_cursor_string(struct jit_cursor *c, size_t *len);

/* 'len' raw bytes, borrowed; NULL and 'bad' if there are fewer. */
const unsigned char *jit_cursor_take(struct jit_cursor *c, size_t len);

/* Whether all was read and nothing was missing. */
bool jit_cursor_done(const struct jit_cursor *c);

#endif

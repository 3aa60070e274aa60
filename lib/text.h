/* text: which characters may be in a ledger, and how any are shown. */
#ifndef JIT_TEXT_H
#define JIT_TEXT_H

#include <stdint.h>

#include "buf.h"

/*
 * One code point from valid UTF-8 (RFC 3629: no overlong form, no surrogate,
 * at most U+10FFFF). Returns its length 1..4 and sets '*cp', or 0.
 */
size_t jit_text_next(uint32_t *cp, const char *s, size_t len);

/*
 * Whether a code point is refused in a ledger: C0 and C1 controls, DEL,
 * line and paragraph separator, bidirectional controls, format characters
 * (general category Cf), noncharacters, private use, tags and variation
 * selectors supplement, and letters that show as nothing. The table is jit's
 * own, printed in jit-ledger(5); the C library's is never asked.
 */
bool jit_text_forbidden(uint32_t cp);

/* Whether 's' is valid UTF-8 without a forbidden code point. */
bool jit_text_clean(const char *s, size_t len);

/* The forbidden ranges, for jit-ledger(5)'s check: returns how many. */
size_t jit_text_ranges(const uint32_t (**ranges)[2]);

/*
 * Append 's' so that a terminal shows it and does nothing: forbidden code
 * points as \u{XXXX}, invalid bytes as \xXX, backslash as it is.
 */
void jit_text_escape(struct jit_buf *out, const char *s, size_t len);

/*
 * Append 's' in 'single quotes' for an error: escaped, and cut after
 * JIT_TEXT_QUOTE bytes with "..." in its place. NULL counts as "".
 */
#define JIT_TEXT_QUOTE 48
void jit_text_quote(struct jit_buf *out, const char *s);

#endif

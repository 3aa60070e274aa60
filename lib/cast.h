/* cast: recordings of what a terminal showed, as asciicast v2 lines. */
#ifndef JIT_CAST_H
#define JIT_CAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "error.h"
#include "hash.h"

#define JIT_CAST_LINE (64 * 1024) /* bytes of a line with its newline */
#define JIT_CAST_WORDS 128        /* bytes of a title or a mark */
#define JIT_CAST_RESERVE 1024     /* bytes that the end may take */
#define JIT_CAST_SIDE 65535       /* columns, rows: as many as a terminal has */
#define JIT_CAST_LATEST 9999999999999LL /* milliseconds */

/*
 * A recording is lines of JSON, each with its newline: the head, an object,
 * then events [SECONDS,"o"|"m"|"r",TEXT], whose time never goes back. Output
 * is there, input never. jit-recording(5) has the grammar; each line has one
 * spelling only. Every code point that a ledger refuses (text room) is
 * escaped, so a terminal that shows the file does nothing.
 *
 * The digest of a recording is a chain: SHA-256 of the head, then of each
 * line SHA-256 of the digest so far (32 bytes) with the line after it.
 */
struct jit_cast_tape {
	unsigned char digest[JIT_SHA256];
	uint64_t lines;
	uint64_t size; /* bytes */
	int64_t ms;    /* time of the last line */
};

/* Add a line, whatever it is, to the digest. */
void jit_cast_chain(struct jit_cast_tape *t, const void *line, size_t len);

/* The digest so far as lower-case hex. */
void jit_cast_digest(char out[JIT_HEX256], const struct jit_cast_tape *t);

/*
 * A recording that is written. It yields whole lines, appended to 'out',
 * which the caller keeps or sends and may reset; a failure of 'out' is final.
 * 'ms' is the time since the start, in milliseconds.
 */
struct jit_cast {
	struct jit_cast_tape tape;
	uint64_t limit; /* bytes of the recording; 0: none */
	uint64_t lost;  /* bytes of output that were not kept */
	bool full;
	unsigned char rest[4]; /* the start of a character, not ended yet */
	size_t held;
};

struct jit_cast_head {
	int width, height; /* columns and rows */
	int64_t timestamp; /* of the start, UTC seconds */
	const char *title; /* cut after JIT_CAST_WORDS bytes */
};

/*
 * Begin 'w' anew and put the head. Before the recording grows beyond 'limit'
 * a mark says that it ends here, and no more output is kept; the head, and
 * marks in the last JIT_CAST_RESERVE bytes, are written in any case.
 */
void jit_cast_start(struct jit_cast *w, struct jit_buf *out,
	const struct jit_cast_head *head, uint64_t limit);

/*
 * Put what was shown, any bytes. A character that is split waits for its
 * rest; each byte that is no UTF-8 becomes U+FFFD.
 */
void jit_cast_output(struct jit_cast *w, struct jit_buf *out, int64_t ms,
	const void *bytes, size_t len);

/* Put a mark that says 'text', which is cut after JIT_CAST_WORDS bytes. */
void jit_cast_mark(struct jit_cast *w, struct jit_buf *out, int64_t ms,
	const char *text);

/* Put that the terminal has another size from here on. */
void jit_cast_size(struct jit_cast *w, struct jit_buf *out, int64_t ms,
	int width, int height);

/*
 * Put what is left of a character, then how many bytes were not kept where
 * any were, then "recording ends here: WHY" unless 'why' is NULL; it is cut
 * after JIT_CAST_WORDS bytes.
 */
void jit_cast_end(struct jit_cast *w, struct jit_buf *out, int64_t ms,
	const char *why);

enum jit_cast_kind {
	JIT_CAST_HEAD,
	JIT_CAST_OUTPUT, /* "o" */
	JIT_CAST_MARK,   /* "m" */
	JIT_CAST_SIZE    /* "r" */
};

struct jit_cast_line {
	enum jit_cast_kind kind;
	int64_t ms;          /* since the start; 0 in the head */
	int64_t timestamp;   /* head */
	int width, height;   /* head, size */
	struct jit_buf text; /* output, mark; head: the title; any code point */
};

/*
 * Read one line, its newline included. JIT_USAGE: it is none, or not in the
 * one spelling. jit_cast_free frees what 'out' holds.
 */
int jit_cast_read(struct jit_cast_line *out, const void *line, size_t len,
	struct jit_error *err) JIT_CHECKED;

/*
 * Read the next line of a recording and add it to 't', which starts as {0}:
 * a head comes first, and only first, and time never goes back. JIT_USAGE
 * ("line 7: ..."), 't' untouched. 'out' may be NULL.
 */
int jit_cast_follow(struct jit_cast_tape *t, struct jit_cast_line *out,
	const void *line, size_t len, struct jit_error *err) JIT_CHECKED;

/* The one spelling of a line, appended to 'out'. */
void jit_cast_encode(struct jit_buf *out, const struct jit_cast_line *line);

void jit_cast_free(struct jit_cast_line *line);

#endif

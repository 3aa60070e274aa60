/* SPDX-License-Identifier: ISC */
#include "cast.h"

#include <string.h>

#include "text.h"

/* Bytes of output in a line: each may take six, so it stays in its bound. */
#define PIECE 8192
#define REPLACEMENT "\xef\xbf\xbd"

static const char letters[] =
	{[JIT_CAST_OUTPUT] = 'o', [JIT_CAST_MARK] = 'm', [JIT_CAST_SIZE] = 'r'};

/* How many bytes at 'p' stand for themselves in JSON. */
static size_t
plain(const unsigned char *p, size_t len)
{
	size_t n;

	for (n = 0; n < len; n++)
		if (p[n] < 0x20 || p[n] > 0x7e || p[n] == '"' || p[n] == '\\')
			break;
	return n;
}

static void
put_unit(struct jit_buf *out, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";
	const char s[] = {'\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15],
		hex[unit >> 4 & 15], hex[unit & 15]};

	jit_buf_put(out, s, sizeof(s));
}

static void
put_escape(struct jit_buf *out, uint32_t cp)
{
	static const char spelled[] = "\"\\bfnrt", meant[] = "\"\\\b\f\n\r\t";
	const char *at = cp > 0 && cp < 0x80 ? strchr(meant, (int)cp) : NULL;

	if (at != NULL) {
		jit_buf_put(out, "\\", 1);
		jit_buf_put(out, spelled + (at - meant), 1);
	} else if (cp < 0x10000) {
		put_unit(out, cp);
	} else {
		put_unit(out, 0xd7c0 + (cp >> 10));
		put_unit(out, 0xdc00 + (cp & 0x3ff));
	}
}

/* Whether these bytes may be the start of a character that is not all there. */
static bool
unfinished(const unsigned char *p, size_t len)
{
	static const unsigned char fill[] = {0x80, 0xbf}; /* least and most */
	char whole[4];
	uint32_t cp;
	size_t i;

	if (len >= sizeof(whole))
		return false;
	for (i = 0; i < sizeof(fill); i++) {
		memset(whole, fill[i], sizeof(whole));
		memcpy(whole, p, len);
		if (jit_text_next(&cp, whole, sizeof(whole)) > len)
			return true;
	}
	return false;
}

/*
 * Put 'len' bytes as the inside of a JSON text. Unless it is the 'last', the
 * start of a character at the end is left; returns how many bytes were put.
 */
static size_t
put_text(struct jit_buf *out, const unsigned char *p, size_t len, bool last)
{
	size_t at = 0, n;
	uint32_t cp = 0;

	while (at < len) {
		n = plain(p + at, len - at);
		jit_buf_put(out, p + at, n);
		at += n;
		if (at == len)
			break;
		n = jit_text_next(&cp, (const char *)p + at, len - at);
		if (n == 0 && !last && unfinished(p + at, len - at))
			break;
		if (n == 0)
			jit_buf_str(out, REPLACEMENT);
		else if (cp == '"' || cp == '\\' || jit_text_forbidden(cp))
			put_escape(out, cp);
		else
			jit_buf_put(out, p + at, n);
		at += n > 0 ? n : 1;
	}
	return at;
}

static void
put_head(struct jit_buf *out, int width, int height, int64_t timestamp,
	const void *title, size_t len)
{
	jit_buf_fmt(out,
		"{\"version\":2,\"width\":%d,\"height\":%d,"
		"\"timestamp\":%lld,\"title\":\"",
		width, height, (long long)timestamp);
	put_text(out, title, len, true);
	jit_buf_str(out, "\"}\n");
}

static void
put_event(struct jit_buf *out, enum jit_cast_kind kind, int64_t ms)
{
	jit_buf_fmt(out, "[%lld.%03d,\"%c\",\"", (long long)(ms / 1000),
		(int)(ms % 1000), letters[kind]);
}

static void
put_end(struct jit_buf *out)
{
	jit_buf_str(out, "\"]\n");
}

void
jit_cast_encode(struct jit_buf *out, const struct jit_cast_line *line)
{
	if (line->kind == JIT_CAST_HEAD) {
		put_head(out, line->width, line->height, line->timestamp,
			jit_buf_text(&line->text), line->text.len);
		return;
	}
	put_event(out, line->kind, line->ms);
	if (line->kind == JIT_CAST_SIZE)
		jit_buf_fmt(out, "%dx%d", line->width, line->height);
	else
		put_text(out, (const unsigned char *)jit_buf_text(&line->text),
			line->text.len, true);
	put_end(out);
}

void
jit_cast_chain(struct jit_cast_tape *t, const void *line, size_t len)
{
	if (t->lines == 0)
		jit_sha256(t->digest, line, len);
	else
		jit_sha256_both(t->digest, t->digest, JIT_SHA256, line, len);
	t->lines++;
	t->size += len;
}

void
jit_cast_digest(char out[JIT_HEX256], const struct jit_cast_tape *t)
{
	jit_hex(out, t->digest, sizeof(t->digest));
}

/* The line in 'out' from 'start' on is part of the recording. */
static void
keep(struct jit_cast *w, const struct jit_buf *out, size_t start)
{
	if (!out->failed)
		jit_cast_chain(&w->tape, out->data + start, out->len - start);
}

/* It is not. */
static void
drop(struct jit_buf *out, size_t start)
{
	if (out->len > start)
		out->data[start] = '\0';
	out->len = start;
}

/* Time never goes back, and has an end. */
static int64_t
advance(struct jit_cast *w, int64_t ms)
{
	if (ms > w->tape.ms)
		w->tape.ms = ms < JIT_CAST_LATEST ? ms : JIT_CAST_LATEST;
	return w->tape.ms;
}

/* Bytes of 's' that fit a title or a mark: whole characters. */
static size_t
words(const char *s)
{
	size_t len = strlen(s);

	if (len <= JIT_CAST_WORDS)
		return len;
	len = JIT_CAST_WORDS;
	while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void
mark(struct jit_cast *w, struct jit_buf *out, int64_t ms, const char *text,
	const char *more)
{
	size_t start = out->len;

	put_event(out, JIT_CAST_MARK, advance(w, ms));
	put_text(out, (const unsigned char *)text, strlen(text), true);
	put_text(out, (const unsigned char *)more, words(more), true);
	put_end(out);
	keep(w, out, start);
}

void
jit_cast_mark(struct jit_cast *w, struct jit_buf *out, int64_t ms,
	const char *text)
{
	mark(w, out, ms, "", text);
}

/* Whether the line in 'out' from 'start' on still fits; else it is the end. */
static bool
fits(struct jit_cast *w, struct jit_buf *out, size_t start)
{
	struct jit_buf why = {0};
	size_t len = out->len - start;

	if (w->limit == 0 || w->tape.size + len + JIT_CAST_RESERVE <= w->limit)
		return true;
	drop(out, start);
	w->full = true;
	jit_buf_fmt(&why, "the limit of %llu bytes is reached",
		(unsigned long long)w->limit);
	mark(w, out, w->tape.ms, "recording ends here: ", jit_buf_text(&why));
	out->failed = out->failed || why.failed;
	jit_buf_free(&why);
	return false;
}

static int
side(int n)
{
	if (n < 1)
		return 1;
	return n < JIT_CAST_SIDE ? n : JIT_CAST_SIDE;
}

void
jit_cast_start(struct jit_cast *w, struct jit_buf *out,
	const struct jit_cast_head *head, uint64_t limit)
{
	size_t start = out->len;

	*w = (struct jit_cast){.limit = limit};
	put_head(out, side(head->width), side(head->height),
		head->timestamp > 0 ? head->timestamp : 0, head->title,
		words(head->title));
	keep(w, out, start);
}

/* Put a piece that may end, unless it is the 'last', within a character. */
static void
put_piece(struct jit_cast *w, struct jit_buf *out, int64_t ms,
	const unsigned char *p, size_t len, bool last)
{
	unsigned char all[sizeof(w->rest) + PIECE];
	size_t start = out->len, used;

	memcpy(all, w->rest, w->held);
	if (len > 0)
		memcpy(all + w->held, p, len);
	len += w->held;
	w->held = 0;
	put_event(out, JIT_CAST_OUTPUT, advance(w, ms));
	used = put_text(out, all, len, last);
	put_end(out);
	if (used == 0) {
		drop(out, start);
	} else if (fits(w, out, start)) {
		keep(w, out, start);
	} else {
		w->lost += len;
		return;
	}
	w->held = len - used;
	memcpy(w->rest, all + used, w->held);
}

void
jit_cast_output(struct jit_cast *w, struct jit_buf *out, int64_t ms,
	const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	size_t n;

	for (; len > 0 && !w->full; p += n, len -= n) {
		n = len < PIECE ? len : PIECE;
		put_piece(w, out, ms, p, n, false);
	}
	w->lost += len;
}

void
jit_cast_size(struct jit_cast *w, struct jit_buf *out, int64_t ms, int width,
	int height)
{
	struct jit_cast_line line = {.kind = JIT_CAST_SIZE,
		.width = side(width),
		.height = side(height)};
	size_t start = out->len;

	if (w->full)
		return;
	line.ms = advance(w, ms);
	jit_cast_encode(out, &line);
	if (fits(w, out, start))
		keep(w, out, start);
}

void
jit_cast_end(struct jit_cast *w, struct jit_buf *out, int64_t ms,
	const char *why)
{
	struct jit_buf lost = {0};

	if (w->held > 0)
		put_piece(w, out, ms, NULL, 0, true);
	if (w->lost > 0) {
		jit_buf_fmt(&lost, "%llu", (unsigned long long)w->lost);
		jit_buf_str(&lost, " bytes of output were not kept");
		mark(w, out, ms, "", jit_buf_text(&lost));
	}
	if (why != NULL)
		mark(w, out, ms, "recording ends here: ", why);
	out->failed = out->failed || lost.failed;
	jit_buf_free(&lost);
}

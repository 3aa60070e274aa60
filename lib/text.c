/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "text.h"

/*
 * General categories Cc, Cf, Cs, Co, Zl and Zp of Unicode 15 and all
 * noncharacters; whole the blocks of which Unicode keeps the rest for more
 * of the same (2060..206F, FFF0..FFFB, E0000..E0FFF: default ignorable); and
 * what is a letter by category but shows as nothing.
 * In order, and never touching.
 */
static const uint32_t forbidden[][2] = {
	{0x0000, 0x001f},   /* C0 */
	{0x007f, 0x009f},   /* DEL, C1 */
	{0x00ad, 0x00ad},   /* soft hyphen */
	{0x034f, 0x034f},   /* combining grapheme joiner: shows as nothing */
	{0x0600, 0x0605},   /* Arabic number signs */
	{0x061c, 0x061c},   /* Arabic letter mark: bidi */
	{0x06dd, 0x06dd},   /* Arabic end of ayah */
	{0x070f, 0x070f},   /* Syriac abbreviation mark */
	{0x0890, 0x0891},   /* Arabic currency signs above */
	{0x08e2, 0x08e2},   /* Arabic disputed end of ayah */
	{0x115f, 0x1160},   /* Hangul fillers: show as nothing */
	{0x17b4, 0x17b5},   /* Khmer inherent vowels: show as nothing */
	{0x180e, 0x180e},   /* Mongolian vowel separator */
	{0x200b, 0x200f},   /* zero width, joiners, bidi marks */
	{0x2028, 0x202e},   /* separators, bidi embeddings */
	{0x2060, 0x206f},   /* invisible operators, bidi isolates */
	{0x2800, 0x2800},   /* Braille blank: shows as nothing */
	{0x3164, 0x3164},   /* Hangul filler: shows as nothing */
	{0xd800, 0xf8ff},   /* surrogates, private use */
	{0xfdd0, 0xfdef},   /* noncharacters */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xffa0, 0xffa0},   /* halfwidth Hangul filler: shows as nothing */
	{0xfff0, 0xfffb},   /* specials, interlinear annotation */
	{0xfffe, 0xffff},   /* noncharacters, here and in every plane */
	{0x110bd, 0x110bd}, /* Kaithi number sign */
	{0x110cd, 0x110cd}, /* Kaithi number sign above */
	{0x13430, 0x1343f}, /* Egyptian hieroglyph format controls */
	{0x1bca0, 0x1bca3}, /* shorthand format controls */
	{0x1d173, 0x1d17a}, /* musical format controls */
	{0x1fffe, 0x1ffff}, {0x2fffe, 0x2ffff}, {0x3fffe, 0x3ffff},
	{0x4fffe, 0x4ffff}, {0x5fffe, 0x5ffff}, {0x6fffe, 0x6ffff},
	{0x7fffe, 0x7ffff}, {0x8fffe, 0x8ffff}, {0x9fffe, 0x9ffff},
	{0xafffe, 0xaffff}, {0xbfffe, 0xbffff}, {0xcfffe, 0xcffff},
	{0xdfffe, 0xe0fff},  /* and tags, variation selectors supplement */
	{0xefffe, 0x10ffff}, /* noncharacters, private use planes */
};

#define FORBIDDEN (sizeof(forbidden) / sizeof(forbidden[0]))

/* How many bytes a character that starts with 'c' has; 0: none does. */
static size_t
length(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

size_t
jit_text_next(uint32_t *cp, const char *s, size_t len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s;
	uint32_t c;
	size_t n, i;

	if (len == 0)
		return 0;
	n = length(p[0]);
	if (n == 0 || n > len)
		return 0;
	c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

bool
jit_text_forbidden(uint32_t cp)
{
	size_t lo = 0, hi = FORBIDDEN, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (cp > forbidden[mid][1])
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo == FORBIDDEN || cp >= forbidden[lo][0];
}

bool
jit_text_clean(const char *s, size_t len)
{
	uint32_t cp;
	size_t n;

	for (; len > 0; s += n, len -= n) {
		n = jit_text_next(&cp, s, len);
		if (n == 0 || jit_text_forbidden(cp))
			return false;
	}
	return true;
}

size_t
jit_text_ranges(const uint32_t (**ranges)[2])
{
	*ranges = forbidden;
	return FORBIDDEN;
}

void
jit_text_escape(struct jit_buf *out, const char *s, size_t len)
{
	uint32_t cp;
	size_t n;

	for (; len > 0; s += n, len -= n) {
		n = jit_text_next(&cp, s, len);
		if (n == 0) {
			n = 1;
			jit_buf_fmt(out, "\\x%02X", (unsigned char)*s);
		} else if (jit_text_forbidden(cp)) {
			jit_buf_fmt(out, "\\u{%04X}", (unsigned int)cp);
		} else {
			jit_buf_put(out, s, n);
		}
	}
}

/* The bytes of 's' that a quote shows: whole characters where there are. */
static size_t
shown(const char *s, size_t len)
{
	uint32_t cp;
	size_t at = 0, n;

	while (at < len) {
		n = jit_text_next(&cp, s + at, len - at);
		if (n == 0)
			n = 1;
		if (at + n > JIT_TEXT_QUOTE)
			break;
		at += n;
	}
	return at;
}

void
jit_text_quote(struct jit_buf *out, const char *s)
{
	size_t len = s == NULL ? 0 : strlen(s);
	size_t n = shown(s, len);

	jit_buf_str(out, "'");
	jit_text_escape(out, s, n);
	jit_buf_str(out, n < len ? "...'" : "'");
}

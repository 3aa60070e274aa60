/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cast.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct jit_cast_head head = {.width = 80,
	.height = 24,
	.title = "fuzz"};

/* A line that was accepted has this one spelling, and shows as nothing. */
static void
same(const struct jit_cast_line *line, const uint8_t *bytes, size_t len)
{
	struct jit_buf b = {0};

	jit_cast_encode(&b, line);
	if (b.failed || b.len != len || memcmp(b.data, bytes, len) != 0)
		abort();
	if (!jit_text_clean((const char *)bytes, len - 1))
		abort();
	jit_buf_free(&b);
}

/* Read the bytes as a recording, up to its first fault; the texts to 'out'. */
static void
follow(struct jit_buf *out, struct jit_cast_tape *t, const uint8_t *p,
	size_t size)
{
	struct jit_cast_line line = {0};
	struct jit_error err = {0};
	const uint8_t *end;
	size_t n;

	for (; size > 0; p += n, size -= n) {
		end = memchr(p, '\n', size);
		n = end ? (size_t)(end - p) + 1 : size;
		line = (struct jit_cast_line){0};
		if (jit_cast_follow(t, &line, p, n, &err) != 0) {
			if (!jit_text_clean(err.text, strlen(err.text)))
				abort();
			return;
		}
		same(&line, p, n);
		if (line.kind == JIT_CAST_OUTPUT && line.text.len > 0)
			jit_buf_put(out, line.text.data, line.text.len);
		jit_cast_free(&line);
	}
}

/* Record the bytes in pieces of 'step', and give back what a reader sees. */
static void
record(struct jit_buf *seen, const uint8_t *data, size_t size, size_t step,
	uint64_t limit)
{
	struct jit_cast_tape t = {0};
	struct jit_buf out = {0};
	struct jit_cast w;
	size_t at, n;

	jit_cast_start(&w, &out, &head, limit);
	for (at = 0; at < size; at += n) {
		n = size - at < step ? size - at : step;
		jit_cast_output(&w, &out, (int64_t)at, data + at, n);
	}
	jit_cast_end(&w, &out, (int64_t)at, "the end");
	if (out.failed || (limit > 0 && out.len > limit))
		abort();
	follow(seen, &t, out.data, out.len);
	if (t.size != out.len || t.lines != w.tape.lines ||
		memcmp(t.digest, w.tape.digest, sizeof(t.digest)) != 0)
		abort();
	jit_buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_buf read = {0}, whole = {0}, split = {0}, cut = {0};
	struct jit_cast_tape t = {0};

	if (jit_hash_start(NULL) != 0 || size > 100000)
		return 0;
	follow(&read, &t, data, size);
	record(&whole, data, size, size + 1, 0);
	record(&split, data, size, size > 0 ? data[0] % 7 + 1 : 1, 0);
	if (whole.len != split.len ||
		(whole.len > 0 &&
			memcmp(whole.data, split.data, whole.len) != 0))
		abort();
	record(&cut, data, size, 100, 3000);
	if (cut.len > whole.len ||
		(cut.len > 0 && memcmp(cut.data, whole.data, cut.len) != 0))
		abort();
	jit_buf_free(&read);
	jit_buf_free(&whole);
	jit_buf_free(&split);
	jit_buf_free(&cut);
	return 0;
}

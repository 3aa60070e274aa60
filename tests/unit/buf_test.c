/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "unit.h"

static void
test_put(void)
{
	struct jit_error err = {"", ""};
	struct jit_buf b = {0};
	size_t i;

	CASE("an empty buffer is an empty text");
	CHECK_STR(jit_buf_text(&b), "");
	CHECK_INT(jit_buf_failed(&b, &err), 0);

	CASE("putting nothing ends in a NUL too");
	jit_buf_put(&b, NULL, 0);
	CHECK(b.data != NULL && b.data[0] == '\0');

	CASE("text grows and keeps what was there");
	for (i = 0; i < 10000; i++) {
		jit_buf_fmt(&b, "%04zu", i);
		if (b.data[b.len] != '\0' || b.len != 4 * (i + 1))
			break;
	}
	CHECK_INT(i, 10000);
	CHECK_MEM(b.data, "000000010002", 12);
	CHECK_STR(jit_buf_text(&b) + 39996, "9999");
	CHECK(b.cap > b.len);

	CASE("reset keeps the memory and wipes it");
	i = b.cap;
	jit_buf_reset(&b);
	CHECK_INT(b.len, 0);
	CHECK_INT(b.cap, i);
	while (i > 0 && b.data[i - 1] == 0)
		i--;
	CHECK_INT(i, 0);
	jit_buf_str(&b, "again");
	CHECK_STR(jit_buf_text(&b), "again");

	CASE("bytes may hold a NUL");
	jit_buf_put(&b, "\0x", 2);
	CHECK_INT(b.len, 7);
	CHECK_MEM(b.data, "again\0x", 8);

	CASE("free leaves a buffer to start with");
	jit_buf_free(&b);
	CHECK(b.data == NULL && b.len == 0 && b.cap == 0 && !b.failed);
	jit_buf_free(&b);
	jit_buf_free(NULL);
}

static void
test_failure(void)
{
	static const size_t too_many[] = {(size_t)1 << 30, UINT32_MAX,
		(size_t)UINT32_MAX + 1, SIZE_MAX / 2, SIZE_MAX - 1, SIZE_MAX};
	struct jit_error err = {"", ""};
	struct jit_buf b = {0};
	size_t i;

	CASE("a size that overflows fails and touches nothing");
	for (i = 0; i < COUNT(too_many); i++) {
		jit_buf_str(&b, "abc");
		jit_buf_put(&b, "x", too_many[i]);
		CHECK(b.failed);
		CHECK_STR(jit_buf_text(&b), "abc");
		jit_buf_free(&b);
		jit_buf_string(&b, "x", too_many[i]);
		CHECK(b.failed);
		jit_buf_free(&b);
	}

	CASE("failure is sticky and says so");
	jit_buf_put(&b, "x", SIZE_MAX);
	jit_buf_str(&b, "later");
	jit_buf_u32(&b, 1);
	CHECK_INT(b.len, 0);
	CHECK_INT(jit_buf_failed(&b, &err), JIT_TROUBLE);
	CHECK_STR(err.text, "out of memory");
	jit_buf_reset(&b);
	CHECK_INT(jit_buf_failed(&b, NULL), JIT_TROUBLE);
	jit_buf_free(&b);
}

static void
test_wire(void)
{
	static const char want[] = "\x80\x29\xb7\xf4\xaa"
				   "\x01\x02\x03\x04\x05\x06\x07\x08"
				   "\0\0\0\x07testing\0\0\0\0\0\0\0\x02\0\xff";
	struct jit_buf b = {0};
	struct jit_cursor c;
	const unsigned char *p;
	size_t len;

	CASE("RFC 4251 section 5 is written");
	jit_buf_u8(&b, 0x80);
	jit_buf_u32(&b, 0x29b7f4aa);
	jit_buf_u64(&b, 0x0102030405060708);
	jit_buf_cstring(&b, "testing");
	jit_buf_string(&b, NULL, 0);
	jit_buf_string(&b, "\0\xff", 2);
	CHECK_INT(b.len, sizeof(want) - 1);
	CHECK_MEM(b.data, want, sizeof(want) - 1);

	CASE("and read back");
	c = jit_cursor_over(b.data, b.len);
	CHECK_INT(jit_cursor_u8(&c), 0x80);
	CHECK_INT(jit_cursor_u32(&c), 0x29b7f4aa);
	CHECK(jit_cursor_u64(&c) == 0x0102030405060708);
	p = jit_cursor_string(&c, &len);
	CHECK_INT(len, 7);
	CHECK_MEM(p, "testing", 7);
	p = jit_cursor_string(&c, &len);
	CHECK(p != NULL && len == 0);
	CHECK(!jit_cursor_done(&c));
	p = jit_cursor_string(&c, &len);
	CHECK_INT(len, 2);
	CHECK_MEM(p, "\0\xff", 2);
	CHECK(jit_cursor_done(&c));
	jit_buf_free(&b);
}

/* Exactly 'len' bytes on the heap, so that a sanitizer sees one too many. */
static unsigned char *
heap(const char *bytes, size_t len)
{
	unsigned char *p = malloc(len + (len == 0));

	if (p == NULL)
		abort();
	memcpy(p, bytes, len);
	return p;
}

static void
test_cursor_past_end(void)
{
	static const struct {
		const char *name, *bytes;
		size_t len;
	} t[] = {
		{"nothing", "", 0},
		{"no length", "\0\0\0", 3},
		{"no content", "\0\0\0\x01", 4},
		{"one short", "\0\0\0\x03xy", 6},
		{"2^31", "\x80\0\0\0abcd", 8},
		{"2^32 - 1", "\xff\xff\xff\xff\xff", 5},
	};
	const unsigned char *p;
	unsigned char *bytes;
	struct jit_cursor c;
	size_t i, len;

	CASE("a string that is not all there is bad and empty");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].name);
		bytes = heap(t[i].bytes, t[i].len);
		c = jit_cursor_over(bytes, t[i].len);
		len = 99;
		p = jit_cursor_string(&c, &len);
		CHECK(p != NULL && len == 0);
		CHECK(c.bad && !jit_cursor_done(&c));
		free(bytes);
	}

	CASE("after a bad read every read is bad");
	c = jit_cursor_over("\x01\x02\x03\x04\x05", 5);
	CHECK(jit_cursor_u64(&c) == 0);
	CHECK_INT(jit_cursor_u8(&c), 0);
	CHECK_INT(jit_cursor_u32(&c), 0);
	CHECK(jit_cursor_take(&c, 1) == NULL);
	CHECK(jit_cursor_take(&c, 0) == NULL);
	CHECK(!jit_cursor_done(&c));

	CASE("take lends exactly what is there");
	c = jit_cursor_over("abc", 3);
	CHECK_MEM(jit_cursor_take(&c, 3), "abc", 3);
	CHECK(jit_cursor_take(&c, 0) != NULL);
	CHECK(jit_cursor_done(&c));
	CHECK(jit_cursor_take(&c, SIZE_MAX) == NULL);
	CHECK(c.bad);

	CASE("nothing is done at once, and bytes that are NULL are bad");
	c = jit_cursor_over(NULL, 0);
	CHECK(jit_cursor_done(&c));
	c = jit_cursor_over(NULL, 4);
	CHECK_INT(jit_cursor_u32(&c), 0);
	CHECK(c.bad);
}

static void
test_over(void)
{
	unsigned char place[8];
	struct jit_buf b = jit_buf_over(place, sizeof(place));

	CASE("what fits stays where it was lent");
	CHECK_STR(jit_buf_text(&b), "");
	jit_buf_str(&b, "1234567");
	CHECK(b.data == place);
	CHECK_STR(jit_buf_text(&b), "1234567");

	CASE("what does not moves out, and leaves nothing behind");
	jit_buf_str(&b, "89");
	CHECK(b.data != place);
	CHECK_STR(jit_buf_text(&b), "123456789");
	CHECK(place[0] == 0 && place[6] == 0);
	jit_buf_free(&b);

	CASE("freed, it is wiped, and not given to free");
	b = jit_buf_over(place, sizeof(place));
	jit_buf_str(&b, "secret");
	jit_buf_free(&b);
	CHECK(place[0] == 0 && place[5] == 0 && b.data == NULL);
}

int
main(void)
{
	test_over();
	test_put();
	test_failure();
	test_wire();
	test_cursor_past_end();
	return UNIT_DONE();
}

/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "unit.h"

/* FIPS 180-4: NIST's examples, and SHA-2 of nothing. */
static void
test_sha2(void)
{
	static const struct {
		const char *text, *sha256, *sha512;
	} t[] = {
		{"abc",
			"ba7816bf8f01cfea414140de5dae2223"
			"b00361a396177a9cb410ff61f20015ad",
			"ddaf35a193617abacc417349ae204131"
			"12e6fa4e89a97ea20a9eeee64b55d39a"
			"2192992a274fc1a836ba3c23a3feebbd"
			"454d4423643ce80e2a9ac94fa54ca49f"},
		{"",
			"e3b0c44298fc1c149afbf4c8996fb924"
			"27ae41e4649b934ca495991b7852b855",
			"cf83e1357eefb8bdf1542850d66d8007"
			"d620e4050b5715dc83f4a921d36ce9ce"
			"47d0d13c5d85f2b0ff8318d2877eec2f"
			"63b931bd47417a81a538327af927da3e"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039"
			"a33ce45964ff2167f6ecedd419db06c1",
			"204a8fc6dda82f0a0ced7beb8e08a416"
			"57c16ef468b228a8279be331a703c335"
			"96fd15c13b1b07f9aa1d3bea57789ca0"
			"31ad85c7a71dd70354ec631238ca3445"},
	};
	unsigned char digest[JIT_SHA512];
	char hex[2 * JIT_SHA512 + 1];
	char *as;
	size_t i;

	CASE("SHA-256 and SHA-512 of NIST's examples");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].text);
		jit_sha256_hex(hex, t[i].text, strlen(t[i].text));
		CHECK_STR(hex, t[i].sha256);
		jit_sha512(digest, t[i].text, strlen(t[i].text));
		jit_hex(hex, digest, sizeof(digest));
		CHECK_STR(hex, t[i].sha512);
	}

	CASE("SHA-256 of two runs is that of one, also in place");
	jit_sha256_both(digest, "ab", 2, "c", 1);
	jit_hex(hex, digest, JIT_SHA256);
	CHECK_STR(hex, t[0].sha256);
	jit_sha256_both(digest, digest, 0, digest, 0);
	jit_hex(hex, digest, JIT_SHA256);
	CHECK_STR(hex, t[1].sha256);
	memcpy(digest, "abcd", 4);
	jit_sha256_both(digest, digest, 2, "c", 1);
	jit_hex(hex, digest, JIT_SHA256);
	CHECK_STR(hex, t[0].sha256);

	CASE("SHA-256 of a million a's");
	as = malloc(1000000);
	if (!CHECK(as != NULL))
		return;
	memset(as, 'a', 1000000);
	jit_sha256_hex(hex, as, 1000000);
	CHECK_STR(hex,
		"cdc76e5c9914fb9281a1c7e284d73e67"
		"f1809a48a497200e046d39ccc7112cd0");
	free(as);
}

/* RFC 4231: test cases 1, 2 and 6; and nothing by nothing. */
static void
test_hmac(void)
{
	static const struct {
		const char *key, *text, *sum;
	} t[] = {
		{"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
		 "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
			"Hi There",
			"b0344c61d8db38535ca8afceaf0bf12b"
			"881dc200c9833da726e9376c2e32cff7"},
		{"Jefe", "what do ya want for nothing?",
			"5bdcc146bf60754e6a042426089575c7"
			"5a003f089d2739839dec58b964ec3843"},
		{NULL,
			"Test Using Larger Than Block-Size Key - Hash Key "
			"First",
			"60e431591ee0b67f0d8a26aacbf5b77f"
			"8e0bc6213728c5140546040f0ee37f54"},
		{"", "",
			"b613679a0814d9ec772f95d778c35fc5"
			"ff1697c493715653c6c712144292c5ad"},
	};
	char aa[132], hex[JIT_HEX256];
	unsigned char sum[JIT_SHA256];
	const char *key;
	size_t i;

	CASE("HMAC-SHA-256 of RFC 4231");
	memset(aa, 0xaa, sizeof(aa));
	aa[131] = '\0';
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].text);
		key = t[i].key ? t[i].key : aa;
		jit_hmac(sum, key, strlen(key), t[i].text, strlen(t[i].text));
		jit_hex(hex, sum, sizeof(sum));
		CHECK_STR(hex, t[i].sum);
	}

	CASE("and in place");
	memcpy(sum, "Hi There", 8);
	jit_hmac(sum, t[0].key, 20, sum, 8);
	jit_hex(hex, sum, sizeof(sum));
	CHECK_STR(hex, t[0].sum);
}

static void
test_hex(void)
{
	static const char *const bad[] = {"", "00", "000fa", "000faB", "000FAB",
		"000fabff", "000fab0", "0 0fab", " 000fab", "000fab ",
		"000fab\n", "0x0fab", "000fag", "00:0f:ab", "-00fab", NULL};
	unsigned char out[4] = "\xaa\xaa\xaa\xaa";
	char hex[7];
	size_t i;

	CASE("hex is written in lower case and read back");
	jit_hex(hex, (const unsigned char *)"\x00\x0f\xab", 3);
	CHECK_STR(hex, "000fab");
	CHECK_INT(jit_unhex(out, 3, hex), 0);
	CHECK_MEM(out, "\x00\x0f\xab\xaa", 4);
	jit_hex(hex, out, 0);
	CHECK_STR(hex, "");
	CHECK_INT(jit_unhex(out, 0, ""), 0);

	CASE("other hex is refused and nothing written");
	memset(out, 0xaa, sizeof(out));
	for (i = 0; i < COUNT(bad); i++) {
		ROW(bad[i]);
		CHECK_INT(jit_unhex(out, 3, bad[i]), JIT_USAGE);
		CHECK_MEM(out, "\xaa\xaa\xaa\xaa", 4);
	}
}

/* RFC 4648 section 10. */
static void
test_base64(void)
{
	static const struct {
		const char *bytes, *padded, *bare;
	} t[] = {
		{"", "", ""},
		{"f", "Zg==", "Zg"},
		{"fo", "Zm8=", "Zm8"},
		{"foo", "Zm9v", "Zm9v"},
		{"foob", "Zm9vYg==", "Zm9vYg"},
		{"fooba", "Zm9vYmE=", "Zm9vYmE"},
		{"foobar", "Zm9vYmFy", "Zm9vYmFy"},
		{"\xfb\xff\xbf", "+/+/", "+/+/"},
	};
	struct jit_buf b = {0};
	size_t i;

	CASE("RFC 4648 section 10, both ways");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].padded);
		jit_base64(&b, t[i].bytes, strlen(t[i].bytes), true);
		CHECK_STR(jit_buf_text(&b), t[i].padded);
		jit_buf_reset(&b);
		jit_base64(&b, t[i].bytes, strlen(t[i].bytes), false);
		CHECK_STR(jit_buf_text(&b), t[i].bare);
		jit_buf_reset(&b);
		CHECK_INT(jit_unbase64(&b, t[i].padded, strlen(t[i].padded)),
			0);
		CHECK_STR(jit_buf_text(&b), t[i].bytes);
		jit_buf_reset(&b);
	}

	CASE("both append");
	jit_buf_str(&b, ">");
	jit_base64(&b, "foob", 4, true);
	CHECK_INT(jit_unbase64(&b, "Zm9v", 4), 0);
	CHECK_STR(jit_buf_text(&b), ">Zm9vYg==foo");
	jit_buf_free(&b);
}

static void
test_base64_long(void)
{
	unsigned char bytes[300];
	struct jit_buf text = {0}, back = {0};
	size_t len, i;

	CASE("all lengths come back, and none does with a byte less");
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 7 + 1);
	for (len = 1; len <= sizeof(bytes); len++) {
		jit_base64(&text, bytes, len, true);
		CHECK_INT(text.len, (len + 2) / 3 * 4);
		CHECK_INT(jit_unbase64(&back, jit_buf_text(&text), text.len),
			0);
		CHECK_INT(back.len, len);
		CHECK_MEM(back.data, bytes, len);
		jit_buf_reset(&back);
		CHECK_INT(
			jit_unbase64(&back, jit_buf_text(&text), text.len - 1),
			JIT_USAGE);
		CHECK_INT(back.len, 0);
		jit_buf_reset(&text);
	}
	jit_buf_free(&text);
	jit_buf_free(&back);
}

#define AS64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void
test_base64_bad(void)
{
	static const struct {
		const char *name, *text;
	} t[] = {
		{"no padding", "Zg"},
		{"no padding", "Zm8"},
		{"half the padding", "Zg="},
		{"too much padding", "Zg==="},
		{"too much padding", "Zm8=="},
		{"padding on its own", "="},
		{"padding on its own", "===="},
		{"padding after a whole", "Zm9v="},
		{"padding after a whole", "Zm9v===="},
		{"trailing bits", "Zh=="},
		{"trailing bits", "Zm9="},
		{"trailing bits", "Zn=="},
		{"one character", "Z"},
		{"one character", "Z==="},
		{"after the padding", "Zg==Zg=="},
		{"after the padding", "Zg==Z"},
		{"in the padding", "Zg=a"},
		{"space", "Zm9v "},
		{"space", " Zm9v"},
		{"space", "Zm 9v"},
		{"newline", "Zm9v\n"},
		{"newline", "Zm9v\nYmFy"},
		{"newline in the padding", "Zg=\n="},
		{"url's alphabet", "-_-_"},
		{"not the alphabet", "Zm9*"},
		{"not ASCII", "Zm9\xc3"},
		{"not ASCII", "Zm9\xff"},
		{"not ASCII", "\x80m9v"},
		{"not ASCII in a later run", AS64 "AAA\xaf"},
		{"padding at the end of a run", AS64 "Zg"},
		{"padding in the middle", "Zg==" AS64},
		{"newline after a run", AS64 "\n"},
		{"newline after a run", AS64 "\nAAAA"},
		{"padding after a run", AS64 "="},
		{"padding after a run", AS64 "===="},
		{"space in a later run", AS64 AS64 "AA A"},
	};
	static const char hidden[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
				     "AAAAAAAAAAAAAAAAAAAAAA==AAAA";
	struct jit_buf b = {0};
	size_t i;

	CASE("every other spelling is refused and nothing appended");
	jit_buf_str(&b, "kept");
	for (i = 0; i < COUNT(t); i++) {
		ROW(t[i].name);
		CHECK_INT(jit_unbase64(&b, t[i].text, strlen(t[i].text)),
			JIT_USAGE);
		CHECK_STR(jit_buf_text(&b), "kept");
		CHECK_INT(b.len, 4);
	}

	CASE("padding that ends a run, with more behind it");
	CHECK_INT(strcspn(hidden, "="), 62);
	CHECK_INT(jit_unbase64(&b, hidden, 64), 0);
	CHECK_INT(b.len, 4 + 46);
	b.len = 4;
	CHECK_INT(jit_unbase64(&b, hidden, 68), JIT_USAGE);
	CHECK_INT(b.len, 4);

	CASE("a NUL is no character");
	CHECK_INT(jit_unbase64(&b, "Zm9\0", 4), JIT_USAGE);
	CHECK_INT(jit_unbase64(&b, "Zm9v\0", 5), JIT_USAGE);
	CHECK_INT(jit_unbase64(&b, "\0Zg==", 5), JIT_USAGE);
	jit_buf_free(&b);
}

/* Of all groups of two characters and "==", 64 x 4 are canonical. */
static void
test_base64_canonical(void)
{
	struct jit_buf b = {0}, again = {0};
	char text[5] = "AA==";
	int x, y, good = 0;

	CASE("what is read is written the same");
	for (x = 0; x < 256; x++) {
		for (y = 0; y < 256; y++) {
			text[0] = (char)x;
			text[1] = (char)y;
			if (jit_unbase64(&b, text, 4) != 0)
				continue;
			good++;
			jit_base64(&again, b.data, b.len, true);
			CHECK_MEM(again.data, text, 5);
			jit_buf_reset(&b);
			jit_buf_reset(&again);
		}
	}
	CHECK_INT(good, 256);
	jit_buf_free(&b);
	jit_buf_free(&again);
}

static void
test_random(void)
{
	unsigned char a[33] = {0}, b[32] = {0}, zero[32] = {0};

	CASE("random bytes differ and stay where they belong");
	jit_random(a, 32);
	jit_random(b, 32);
	CHECK(memcmp(a, b, 32) != 0);
	CHECK(memcmp(a, zero, 32) != 0);
	CHECK_INT(a[32], 0);

	CASE("wipe leaves zeros");
	jit_wipe(a, sizeof(a));
	CHECK_MEM(a, zero, 32);
	jit_wipe(NULL, 0);
}

int
main(void)
{
	struct jit_error err = {"", ""};

	CASE("libsodium starts, twice");
	CHECK_INT(jit_hash_start(&err), 0);
	CHECK_INT(jit_hash_start(NULL), 0);
	test_sha2();
	test_hmac();
	test_hex();
	test_base64();
	test_base64_long();
	test_base64_bad();
	test_base64_canonical();
	test_random();
	return UNIT_DONE();
}

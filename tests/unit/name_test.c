/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "name.h"
#include "unit.h"

#define A8 "aaaaaaaa"
#define A32 A8 A8 A8 A8
#define A64 A32 A32
#define A128 A64 A64
#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define B42 "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF"

/* What a check takes and what it refuses; lists end with NULL. */
static const struct row {
	const char *name;
	bool (*check)(const char *s);
	const char *good[12];
	const char *bad[28];
} rows[] = {
	{"principal", jit_name_principal,
		{"alice@ex.com", "a@b", "0@0", "a.b_c+d-e@ex-1.org",
			A64 "@ex.com", "a@" A128 A32 A8 A8 A8 "aaaaaa",
			"a@-.-"},
		{"", "alice", "@ex.com", "alice@", "Alice@ex.com",
			"alice@Ex.com", "alice@ex.com ", " alice@ex.com",
			"alice@ex.com\n", ".a@ex", "_a@ex", "+a@ex", "-a@ex",
			"a@@ex", "a@b@c", "a b@ex", "a*@ex", "a@ex_com",
			"a@ex/com", A64 "a@ex.com",
			"a@" A128 A32 A8 A8 A8 "aaaaaaa", "\xc3\xa9@ex",
			"a@\xc3\xa9"}},
	{"label", jit_name_label, {"read", "on-call", "_x", "a", "a0_-", A32},
		{"", "0a", "-a", "A", "a b", "a.b", "a@b", A32 "a", "a\n", "a*",
			"\xc3\xa9", "aA"}},
	{"resource", jit_name_resource,
		{"ssh:web-1", "pg:orders", "a:0", "ledger:policy",
			"aaaaaaaaaaaaaaaa:x", "ssh:web-1.example.com",
			"s:" A32 A8 A8 A8 "aaaaaaa"},
		{"", ":", "ssh", "ssh:", ":web", "WEB", "ssh:Web", "Ssh:web",
			"ssh:-web", "ssh:.web", "ssh:web*", "ssh:web?",
			"ssh:w#", "ssh:we b", "ssh:a:b", "ssh:a_b", "s1:web",
			"ssh2:a", "aaaaaaaaaaaaaaaaa:x", "ssh:web\n", "s:" A64,
			"ssh:../x", "ssh:a/b"}},
	{"task", jit_name_task,
		{"INC-4211", "x", "two words", A64, "\xe2\x82\xac 3",
			"caf\xc3\xa9"},
		{"", " x", "x ", " ", A64 "a", "a\nb", "a\tb", "\xff",
			"a\xe2\x80\xae", "\xc2\xa0x", "x\xe3\x80\x80",
			"x\xe2\x80\x89", "\x7f"}},
	{"reason", jit_name_reason,
		{"disk is full", "x", A128 A128 A128 A64 A32 A8 A8 "aaaa",
			"na\xc3\xafve \xf0\x9f\x91\x8d"},
		{"", "a\nb", "\x1b[1m", A128 A128 A128 A64 A32 A8 A8 "aaaaa",
			"\xc3", "zero\xe2\x80\x8bwidth", "\xef\xbb\xbfx"}},
	{"sha256", jit_name_sha256, {HEX64},
		{"", "0", HEX64 "0",
			"A123456789abcdef0123456789abcdef0123456789abcdef"
			"0123456789abcdef",
			"g123456789abcdef0123456789abcdef0123456789abcdef"
			"0123456789abcdef",
			"0123456789abcdef0123456789abcdef0123456789abcdef"
			"0123456789abcde"}},
	{"fingerprint", jit_name_fingerprint,
		{"SHA256:" B42 "U", "SHA256:" B42 "8"},
		{"", "SHA256:", "SHA256:" B42, "SHA256:" B42 "U=",
			"SHA256:" B42 "UU", "SHA256:" B42 "V",
			"SHA256:" B42 "9", "SHA256:" B42 "/", "sha256:" B42 "U",
			"MD5:" B42 "U", B42 "U", "SHA256:" B42 "\n",
			"SHA256:-_DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"}},
	{"attest", jit_name_attest,
		{"https://a b", "spiffe://ex.com spiffe://ex.com/ci",
			"https://a:8443/x?y repo:a/b:environment:Main Street"},
		{"", "https://a", "https://a ", "https://a  b", "https:// b",
			"spiffe:// b", "http://a b", "a b", " https://a b",
			"https://a b ", "https://a b\n", "https://a \xc3\xa9",
			"https://a \x7f",
			"https://a " A128 A128 A128 A64 A32 A8 A8}},
	{"word", jit_name_word,
		{"/usr/bin/systemctl", "restart", "-l", "a@b%c+d=e:f,g.h_i-J0",
			A128},
		{"", " ", "a b", "a;b", "$x", "a*", "a?", "a|b", "`a`", "a'b",
			"a\"b", "a\\b", "~", "a&b", "a\nb", "#", A128 "a",
			"\xc3\xa9", "(a)", "<a", "!a", "[a]", "{a}", "^"}},
};

static void
tables(void)
{
	const struct row *r;
	size_t i;

	for (r = rows; r < rows + COUNT(rows); r++) {
		CASE(r->name);
		for (i = 0; r->good[i] != NULL; i++) {
			ROW(r->good[i]);
			CHECK(r->check(r->good[i]));
		}
		for (i = 0; r->bad[i] != NULL; i++) {
			ROW(r->bad[i]);
			CHECK(!r->check(r->bad[i]));
		}
		CHECK(!r->check(NULL));
	}
}

static void
wants(void)
{
	struct jit_error err = {0};

	CASE("what is wrong is said, and what would be right");
	CHECK_INT(jit_name_want_resource("ssh:web-1", &err), 0);
	CHECK_INT(jit_name_want_principal("alice@ex.com", &err), 0);
	CHECK_INT(jit_name_want_label("role", "read", &err), 0);
	CHECK_INT(jit_name_want_task("INC-1", &err), 0);
	CHECK_INT(jit_name_want_reason("note", "why", &err), 0);
	CHECK_STR(err.text, "");
	CHECK_INT(jit_name_want_resource("WEB", &err), JIT_USAGE);
	CHECK_STR(err.text,
		"'WEB' is no resource: write SCHEME:NAME in lower "
		"case, like ssh:web-1");
	CHECK_INT(jit_name_want_principal(NULL, &err), JIT_USAGE);
	CHECK_STR(err.text,
		"'' is no principal: write NAME@DOMAIN in lower "
		"case, like alice@ex.com");
	CHECK_INT(jit_name_want_label("role", "Read", &err), JIT_USAGE);
	CHECK_STR(err.text,
		"'Read' is no role: write a lower-case letter or "
		"_, then up to 31 of a-z, 0-9, _ and -");
	CHECK_INT(jit_name_want_task("a\nb", &err), JIT_USAGE);
	CHECK_STR(err.text,
		"'a\\u{000A}b' is no task: write 1 to 64 bytes of "
		"plain text, no white space at its ends");
	CHECK_INT(jit_name_want_reason("note", "", &err), JIT_USAGE);
	CHECK_STR(err.text,
		"'' is no note: write 1 to 500 bytes of plain "
		"text on one line");
	CHECK_INT(jit_name_want_resource(A128, &err), JIT_USAGE);
	CHECK_STR(err.text,
		"'" A32 A8 A8 "...' is no resource: write "
		"SCHEME:NAME in lower case, like ssh:web-1");
	CHECK_INT(jit_name_want_resource("", NULL), JIT_USAGE);
}

int
main(void)
{
	tables();
	wants();
	return UNIT_DONE();
}

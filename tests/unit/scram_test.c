/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "scram.h"
#include "unit.h"

#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define STORED "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
#define SERVER "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
#define BEGIN "SCRAM-SHA-256$4096:"
#define GOOD BEGIN SALT "$" STORED ":" SERVER

#define A42 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/*
 * The first is what the exchange of RFC 7677 section 3 rests on (below). The
 * others were made by Python's hashlib.pbkdf2_hmac.
 */
static const struct vector {
	const char *password;
	unsigned char salt[JIT_SCRAM_SALT];
	const char *verifier;
} vectors[] = {
	{"pencil",
		{0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e, 0xec, 0xa0,
			0x4b, 0x14, 0x12, 0x36, 0xfa, 0x81},
		GOOD},
	/* longer than the block of the hash: HMAC takes its digest */
	{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
		BEGIN "AAECAwQFBgcICQoLDA0ODw==$"
		      "QJyj1aALupyLhjc2Rs982qkLjRI8WNtpABWyZKnIpaI=:"
		      "e879l9YNKuH8ybMJf7d2RK7vmCpG8OYJc58GCc9QMfs="},
	{"!~" A42 "AAAAAAAAAAAAAAAAAAAAAA",
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		BEGIN "/////////////////////w==$"
		      "6TlelpEv8MjSNM/Bw7wPw6yCiSIn7jtoPQNNDloOLEE=:"
		      "f6SeViI8jnjY7mmnt5sIkK6tDuZKBmzRM8uCXks86R4="},
};

static void
test_make(void)
{
	static const char *const bad[] = {"", " ", "two words", "tab\there",
		"line\n", "\x7f", "caf\xc3\xa9", "\x1b"};
	struct jit_error err = {0};
	struct jit_buf b = {0};
	size_t i;

	CASE("a verifier of a password and a salt");
	for (i = 0; i < COUNT(vectors); i++) {
		ROW(vectors[i].verifier);
		jit_buf_reset(&b);
		CHECK_INT(jit_scram_make(&b, vectors[i].password,
				  vectors[i].salt, &err),
			0);
		CHECK_STR(jit_buf_text(&b), vectors[i].verifier);
		CHECK(jit_scram_valid(jit_buf_text(&b)));
		CHECK(b.len < JIT_SCRAM_MAX);
	}

	CASE("a password of other characters is none");
	jit_buf_reset(&b);
	for (i = 0; i < COUNT(bad); i++) {
		ROW(bad[i]);
		memset(&err, 0, sizeof(err));
		CHECK_INT(jit_scram_make(&b, bad[i], vectors[0].salt, &err),
			JIT_USAGE);
		CHECK_STR(err.text,
			"a password is ASCII that can be seen, at least one "
			"character");
		CHECK_INT((long long)b.len, 0);
	}
	jit_buf_free(&b);
}

/*
 * RFC 7677 section 3: what the server signs by the verifier, and how it
 * checks the client's proof by it alone.
 */
static void
test_exchange(void)
{
	static const char said[] =
		"n=user,r=rOprNGfwEbeRWgbNEkqO,"
		"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
		"s=" SALT ",i=4096,"
		"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
	static const char proof[] =
		"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
	struct jit_buf stored = {0}, server = {0}, client = {0}, text = {0};
	unsigned char sum[JIT_SHA256];
	size_t i;

	CASE("the exchange of RFC 7677 holds by it");
	CHECK_INT(jit_unbase64(&stored, STORED, strlen(STORED)), 0);
	CHECK_INT(jit_unbase64(&server, SERVER, strlen(SERVER)), 0);
	CHECK_INT(jit_unbase64(&client, proof, strlen(proof)), 0);
	jit_hmac(sum, server.data, server.len, said, strlen(said));
	jit_base64(&text, sum, sizeof(sum), true);
	CHECK_STR(jit_buf_text(&text),
		"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
	jit_hmac(sum, stored.data, stored.len, said, strlen(said));
	for (i = 0; i < JIT_SHA256; i++)
		sum[i] ^= client.data[i]; /* is ClientKey */
	jit_sha256(sum, sum, sizeof(sum));
	CHECK_MEM(sum, stored.data, sizeof(sum));
	jit_buf_free(&stored);
	jit_buf_free(&server);
	jit_buf_free(&client);
	jit_buf_free(&text);
}

static void
test_valid(void)
{
	static const char *const bad[] = {"", "secret",
		"md53175bce1d3201d16594cebf9d7eb3f9d", "SCRAM-SHA-256", BEGIN,
		BEGIN SALT, BEGIN SALT "$", BEGIN SALT "$" STORED,
		BEGIN SALT "$" STORED ":",
		/* more than it is */
		GOOD ":", GOOD " ", GOOD "\n", GOOD "=", " " GOOD,
		GOOD ":" SERVER,
		/* other signs between */
		BEGIN SALT "$" STORED "$" SERVER,
		BEGIN SALT ":" STORED ":" SERVER,
		/* another method, or as many rounds */
		"SCRAM-SHA-1$4096:" SALT "$" STORED ":" SERVER,
		"scram-sha-256$4096:" SALT "$" STORED ":" SERVER,
		"SCRAM-SHA-256$1:" SALT "$" STORED ":" SERVER,
		"SCRAM-SHA-256$04096:" SALT "$" STORED ":" SERVER,
		"SCRAM-SHA-256$40960:" SALT "$" STORED ":" SERVER,
		/* a salt of 15 bytes, of 17, of none */
		BEGIN "AAAAAAAAAAAAAAAAAAAA$" STORED ":" SERVER,
		BEGIN "AAAAAAAAAAAAAAAAAAAAAAA=$" STORED ":" SERVER,
		BEGIN "$" STORED ":" SERVER,
		/* keys of 31 bytes and of 33 */
		BEGIN SALT "$" A42 "==:" SERVER,
		BEGIN SALT "$" A42 "AA:" SERVER,
		BEGIN SALT "$" STORED ":" A42 "==",
		BEGIN SALT "$" STORED ":" A42 "AA",
		/* another spelling of the same bytes */
		BEGIN "W22ZaJ0SNY7soEsUEjb6gQ$" STORED ":" SERVER,
		BEGIN "W22ZaJ0SNY7soEsUEjb6gR==$" STORED ":" SERVER,
		BEGIN "W22ZaJ0SNY7soEsUEjb6g Q==$" STORED ":" SERVER,
		BEGIN "W22ZaJ0SNY7soEsUEjb6gQ==\n$" STORED ":" SERVER,
		BEGIN SALT "$" A42 "B=:" SERVER,
		BEGIN SALT "$" STORED ":" A42 "A",
		BEGIN SALT "$" STORED ":" A42 "_=",
		/* what would end the literal that it is put into */
		BEGIN "W22ZaJ0SNY7soEsUEjb6g'==$" STORED ":" SERVER};
	char text[JIT_SCRAM_MAX];
	size_t i;

	CASE("what PostgreSQL stores is one");
	CHECK(jit_scram_valid(GOOD));
	CHECK(jit_scram_valid(BEGIN SALT "$" A42 "A=:" A42 "A="));

	CASE("nothing else is");
	for (i = 0; i < COUNT(bad); i++) {
		ROW(bad[i]);
		CHECK(!jit_scram_valid(bad[i]));
	}

	CASE("no part of one is");
	for (i = 0; i < strlen(GOOD); i++) {
		snprintf(text, sizeof(text), "%.*s", (int)i, GOOD);
		ROW(text);
		CHECK(!jit_scram_valid(text));
	}
}

int
main(void)
{
	if (jit_hash_start(NULL) != 0)
		return 99;
	test_make();
	test_exchange();
	test_valid();
	return UNIT_DONE();
}

/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <jansson.h>
#include <sodium.h>

#include "hash.h"
#include "key.h"
#include "temp.h"
#include "unit.h"

#define GOOD_PK                                                                \
	"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define OPENSSH "%s/openssh-9.2p1/regress/unittests/sshkey/testdata"
#define Z15 "000000000000000000000000000000"
#define F15 "ffffffffffffffffffffffffffffff"

/* Points that no honest program makes: every small order, every spelling. */
static const struct {
	const char *name, *hex;
} weak_points[] = {
	{"order 1", "01" Z15 Z15 "00"},
	{"order 1, sign bit", "01" Z15 Z15 "80"},
	{"order 1, y + p", "ee" F15 F15 "7f"},
	{"order 1, y + p, sign bit", "ee" F15 F15 "ff"},
	{"order 2", "ec" F15 F15 "7f"},
	{"order 2, sign bit", "ec" F15 F15 "ff"},
	{"order 4", "00" Z15 Z15 "00"},
	{"order 4, other x", "00" Z15 Z15 "80"},
	{"order 4, y + p", "ed" F15 F15 "7f"},
	{"order 4, y + p, other x", "ed" F15 F15 "ff"},
	{"order 8, first",
		"26e8958fc2b227b045c3f489f2ef98f0"
		"d5dfac05d3c63339b13802886d53fc05"},
	{"order 8, second",
		"26e8958fc2b227b045c3f489f2ef98f0"
		"d5dfac05d3c63339b13802886d53fc85"},
	{"order 8, third",
		"c7176a703d4dd84fba3c0b760d10670f"
		"2a2053fa2c39ccc64ec7fd7792ac037a"},
	{"order 8, fourth",
		"c7176a703d4dd84fba3c0b760d10670f"
		"2a2053fa2c39ccc64ec7fd7792ac03fa"},
	{"y = p + 3", "f0" F15 F15 "7f"},
	{"y = p + 18", "ff" F15 F15 "7f"},
	{"no point: y = 2", "02" Z15 Z15 "00"},
};

static void
blob_of(struct jit_buf *b, const char *type, const char *hex,
	const char *application)
{
	unsigned char pk[JIT_PK] = {0};

	jit_buf_reset(b);
	CHECK(jit_unhex(pk, sizeof(pk), hex) == 0);
	jit_buf_cstring(b, type);
	jit_buf_string(b, pk, sizeof(pk));
	if (application != NULL)
		jit_buf_cstring(b, application);
}

static void
test_weak(void)
{
	struct jit_pubkey key = {0};
	struct jit_error err = {0};
	struct jit_buf b = {0};
	unsigned char order8[JIT_PK] = {0};
	unsigned char mixed[JIT_PK] = {0};
	char hex[65] = "";
	size_t i = 0;

	CASE("points that are weak are refused");
	for (i = 0; i < COUNT(weak_points); i++) {
		ROW(weak_points[i].name);
		blob_of(&b, "ssh-ed25519", weak_points[i].hex, NULL);
		CHECK(jit_pubkey_read(&key, b.data, b.len, &err) == JIT_USAGE);
		CHECK(strstr(err.text, "a weak key") == err.text);
		blob_of(&b, "sk-ssh-ed25519@openssh.com", weak_points[i].hex,
			"ssh:");
		CHECK(jit_pubkey_read(&key, b.data, b.len, &err) == JIT_USAGE);
	}
	CASE("a good point plus one of order 8 is refused");
	CHECK(jit_unhex(mixed, 32, GOOD_PK) == 0);
	CHECK(jit_unhex(order8, 32, weak_points[10].hex) == 0);
	CHECK(crypto_core_ed25519_add(mixed, mixed, order8) == 0);
	jit_hex(hex, mixed, 32);
	blob_of(&b, "ssh-ed25519", hex, NULL);
	CHECK(jit_pubkey_read(&key, b.data, b.len, &err) == JIT_USAGE);
	CHECK(jit_pubkey_wire(&key, b.data, b.len, &err) == 0);
	jit_buf_free(&b);
}

static void
test_read(void)
{
	struct jit_pubkey key = {0};
	struct jit_error err = {0};
	struct jit_buf b = {0};
	struct jit_buf again = {0};
	char long_app[200];
	size_t len = 0;

	CASE("a wire form is read and written back");
	blob_of(&b, "ssh-ed25519", GOOD_PK, NULL);
	CHECK(jit_pubkey_read(&key, b.data, b.len, &err) == 0);
	CHECK(key.type == JIT_ED25519);
	jit_pubkey_blob(&again, &key);
	CHECK(again.len == b.len && memcmp(again.data, b.data, b.len) == 0);

	CASE("so is a security key's");
	blob_of(&b, "sk-ssh-ed25519@openssh.com", GOOD_PK, "ssh:web");
	CHECK(jit_pubkey_read(&key, b.data, b.len, &err) == 0);
	CHECK(key.type == JIT_SK_ED25519);
	CHECK_STR(key.application, "ssh:web");
	jit_buf_reset(&again);
	jit_pubkey_blob(&again, &key);
	CHECK(again.len == b.len && memcmp(again.data, b.data, b.len) == 0);

	CASE("every shorter form is refused");
	for (len = 0; len < b.len; len++)
		CHECK(jit_pubkey_read(&key, b.data, len, &err) == JIT_USAGE);

	CASE("bytes after it are refused");
	jit_buf_u8(&b, 0);
	CHECK(jit_pubkey_read(&key, b.data, b.len, &err) == JIT_USAGE);
	CHECK_STR(err.text, "a damaged public key");

	CASE("an application is 1 to 127 printable bytes");
	memset(long_app, 'a', sizeof(long_app));
	long_app[128] = '\0';
	blob_of(&b, "sk-ssh-ed25519@openssh.com", GOOD_PK, long_app);
	CHECK(jit_pubkey_read(&key, b.data, b.len, &err) == JIT_USAGE);
	long_app[127] = '\0';
	blob_of(&b, "sk-ssh-ed25519@openssh.com", GOOD_PK, long_app);
	CHECK(jit_pubkey_read(&key, b.data, b.len, &err) == 0);
	blob_of(&b, "sk-ssh-ed25519@openssh.com", GOOD_PK, "");
	CHECK(jit_pubkey_read(&key, b.data, b.len, &err) == JIT_USAGE);
	blob_of(&b, "sk-ssh-ed25519@openssh.com", GOOD_PK, "ssh:\n");
	CHECK(jit_pubkey_read(&key, b.data, b.len, &err) == JIT_USAGE);

	CASE("a key keeps what it was on failure");
	blob_of(&b, "ssh-ed25519", GOOD_PK, NULL);
	CHECK(jit_pubkey_read(&key, b.data, b.len, &err) == 0);
	CHECK(jit_pubkey_read(&key, b.data, b.len - 1, &err) != 0);
	CHECK(key.type == JIT_ED25519 && key.pk[0] == 0xd7);
	jit_buf_free(&b);
	jit_buf_free(&again);
}

#define LINE                                                                   \
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO"         \
	"4XLz2qYjJa8CGmj3B1Ea"

static void
test_lines(void)
{
	static const char *const good[] = {LINE, LINE "\n", LINE " a comment",
		LINE " a comment\n", LINE "\tc", "  " LINE, LINE " \n"};
	static const char *const bad[] = {"", "\n", " ", "ssh-ed25519",
		"ssh-ed25519 ", "ssh-ed25519 !", LINE "=", LINE "A",
		LINE "\r\n", LINE "\n\n", LINE "\n" LINE, LINE " c\033[m",
		"hello there", "sk-ssh-ed25519@openssh.com " LINE, "sk-" LINE,
		"sk-ssh-ed25519@openssh.com "
		"AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO"
		"4XLz2qYjJa8CGmj3B1Ea",
		"from=\"*\" " LINE, "SSH-ED25519 AAAA", "no-pty " LINE};
	struct jit_pubkey key = {0};
	struct jit_error err = {0};
	struct jit_buf text = {0};
	char print[JIT_FINGERPRINT] = "";
	char longer[1000] = LINE " ";
	size_t i = 0;

	CASE("lines as in id_ed25519.pub are read");
	for (i = 0; i < COUNT(good); i++) {
		ROW(good[i]);
		jit_buf_reset(&text);
		CHECK(jit_pubkey_parse(&key, good[i], &err) == 0);
		jit_pubkey_text(&text, &key);
		CHECK_STR(jit_buf_text(&text), LINE);
	}
	CASE("its fingerprint is OpenSSH's");
	jit_pubkey_fingerprint(print, &key);
	spill("k.pub", LINE "\n", strlen(LINE "\n"));
	CHECK(run("ssh-keygen -lf k.pub") == 0);
	CHECK(said(print));

	CASE("other lines are refused");
	for (i = 0; i < COUNT(bad); i++) {
		ROW(bad[i]);
		CHECK(jit_pubkey_parse(&key, bad[i], &err) == JIT_USAGE);
		CHECK(err.text[0] != '\0');
	}
	CASE("a line may have 512 bytes");
	i = strlen(longer);
	memset(longer + i, 'c', JIT_PUBKEY_LINE - i);
	longer[JIT_PUBKEY_LINE] = '\0';
	CHECK(jit_pubkey_parse(&key, longer, &err) == 0);
	longer[JIT_PUBKEY_LINE] = 'c';
	CHECK(jit_pubkey_parse(&key, longer, &err) == JIT_USAGE);
	jit_buf_free(&text);
}

/* Keys that ssh-keygen makes: which are ours, and what the others are told. */
static void
test_types(void)
{
	static const struct {
		const char *option, *said;
	} other[] = {
		{"rsa -b 2048",
			"an ssh-rsa key: jit needs ed25519; "
			"make one with ssh-keygen -t ed25519"},
		{"dsa",
			"an ssh-dss key: jit needs ed25519; "
			"make one with ssh-keygen -t ed25519"},
		{"ecdsa",
			"an ecdsa-sha2-nistp256 key: jit needs ed25519; "
			"make one with ssh-keygen -t ed25519"},
		{"ecdsa -b 521",
			"an ecdsa-sha2-nistp521 key: jit needs "
			"ed25519; make one with ssh-keygen -t "
			"ed25519"},
	};
	struct jit_pubkey key = {0};
	struct jit_error err = {0};
	char print[JIT_FINGERPRINT] = "";
	char *text = NULL;
	size_t i = 0;

	CASE("other types are refused by name");
	for (i = 0; i < COUNT(other); i++) {
		ROW(other[i].option);
		CHECK(run("rm -f o o.pub; ssh-keygen -qt %s -N '' -f o",
			      other[i].option) == 0);
		text = slurp("o.pub", NULL);
		CHECK(jit_pubkey_parse(&key, text, &err) == JIT_USAGE);
		CHECK_STR(err.text, other[i].said);
		free(text);
	}
	CASE("ssh-keygen's keys are ours, with its fingerprints");
	for (i = 0; i < 5; i++) {
		CHECK(run("rm -f e e.pub; ssh-keygen -qt ed25519 -N '' -f e") ==
			0);
		text = slurp("e.pub", NULL);
		CHECK(jit_pubkey_parse(&key, text, &err) == 0);
		jit_pubkey_fingerprint(print, &key);
		CHECK(run("ssh-keygen -lf e.pub") == 0 && said(print));
		free(text);
	}
	CASE("a certificate is not a key");
	CHECK(run("ssh-keygen -qs e -I i -n p e.pub") == 0);
	text = slurp("e-cert.pub", NULL);
	CHECK(jit_pubkey_parse(&key, text, &err) == JIT_USAGE);
	CHECK(jit_pubkey_parse(&key, LINE, &err) == 0);
	text[strcspn(text, "A")] = '\0';
	CHECK(jit_pubkey_parse(&key, text, &err) == JIT_USAGE);
	CHECK_STR(err.text,
		"a certificate, not a key: "
		"give the key that it was made for");
	free(text);
}

static void
test_equal(void)
{
	struct jit_pubkey a = {.type = JIT_ED25519};
	struct jit_pubkey b = {.type = JIT_ED25519};

	CASE("keys are equal by type, point and application");
	CHECK(jit_pubkey_equal(&a, &b));
	strcpy(b.application, "ssh:");
	CHECK(jit_pubkey_equal(&a, &b));
	b.type = JIT_SK_ED25519;
	CHECK(!jit_pubkey_equal(&a, &b));
	a.type = JIT_SK_ED25519;
	CHECK(!jit_pubkey_equal(&a, &b));
	strcpy(a.application, "ssh:");
	CHECK(jit_pubkey_equal(&a, &b));
	b.pk[31] = 1;
	CHECK(!jit_pubkey_equal(&a, &b));
}

static void
test_wire(void)
{
	struct jit_signature s = {.key = {.type = JIT_SK_ED25519}};
	struct jit_signature t = {0};
	struct jit_error err = {0};
	struct jit_buf b = {0};
	size_t len = 0;

	CASE("a signature's wire form goes there and back");
	s.flags = 5;
	s.counter = 0xdeadbeef;
	s.sig[63] = 7;
	jit_signature_wire(&b, &s);
	CHECK(jit_signature_read(&t, &s.key, b.data, b.len, &err) == 0);
	CHECK(t.flags == 5 && t.counter == 0xdeadbeef && t.sig[63] == 7);
	for (len = 0; len < b.len; len++)
		CHECK(jit_signature_read(&t, &s.key, b.data, len, &err) ==
			JIT_EVIDENCE);
	jit_buf_u8(&b, 0);
	CHECK(jit_signature_read(&t, &s.key, b.data, b.len, &err) ==
		JIT_EVIDENCE);

	CASE("a signature of another type than its key's is refused");
	s.key.type = JIT_ED25519;
	CHECK(jit_signature_read(&t, &s.key, b.data, b.len - 1, &err) ==
		JIT_EVIDENCE);
	CHECK_STR(err.text,
		"the signature is not of its key's type, ssh-ed25519");
	jit_buf_free(&b);
}

/* RFC 8032, section 7.1, TEST 1, and every bit of it changed. */
static void
test_verify(void)
{
	unsigned char pk[JIT_PK] = {0};
	unsigned char sig[JIT_SIG] = {0};
	struct jit_error err = {0};
	size_t i = 0;

	CASE("a signature is good for its bytes and key alone");
	CHECK(jit_unhex(pk, sizeof(pk), GOOD_PK) == 0);
	CHECK(jit_unhex(sig, sizeof(sig),
		      "e5564300c360ac729086e2cc806e828a"
		      "84877f1eb8e5d974d873e06522490155"
		      "5fb8821590a33bacc61e39701cf9b46b"
		      "d25bf5f0595bbe24655141438e7a100b") == 0);
	CHECK_INT(jit_key_verify(pk, sig, "", 0, &err), 0);
	CHECK_INT(jit_key_verify(pk, sig, "x", 1, &err), JIT_EVIDENCE);
	CHECK_STR(err.text,
		"the signature does not belong to these bytes and key");
	for (i = 0; i < 8 * sizeof(sig); i++) {
		sig[i / 8] ^= (unsigned char)(1U << i % 8);
		CHECK(jit_key_verify(pk, sig, "", 0, &err) == JIT_EVIDENCE);
		sig[i / 8] ^= (unsigned char)(1U << i % 8);
	}
	pk[0] ^= 1;
	CHECK_INT(jit_key_verify(pk, sig, "", 0, &err), JIT_EVIDENCE);
}

/* Hex of any length into 'out'; its bytes, or -1. */
static int
unhex(unsigned char *out, size_t max, const char *hex)
{
	size_t len = strlen(hex) / 2;

	if (len > max || jit_unhex(out, len, hex) != 0)
		return -1;
	return (int)len;
}

static void
test_wycheproof(const char *dir)
{
	unsigned char pk[64] = {0};
	unsigned char sig[256] = {0};
	unsigned char msg[4096] = {0};
	struct jit_error err = {0};
	json_t *root = NULL;
	json_t *group = NULL;
	json_t *test = NULL;
	char path[512] = "";
	char row[64] = "";
	size_t i = 0;
	size_t k = 0;
	int n = 0;
	int rc = 0;
	int count = 0;

	CASE("wycheproof: Ed25519");
	snprintf(path, sizeof(path), "%s/wycheproof/ed25519_test.json", dir);
	root = json_load_file(path, 0, NULL);
	CHECK(root != NULL);
	json_array_foreach(json_object_get(root, "testGroups"), i, group)
	{
		CHECK(unhex(pk, sizeof(pk),
			      json_string_value(json_object_get(
				      json_object_get(group, "publicKey"),
				      "pk"))) == 32);
		json_array_foreach(json_object_get(group, "tests"), k, test)
		{
			const char *want = json_string_value(
				json_object_get(test, "result"));

			snprintf(row, sizeof(row), "tcId %d",
				(int)json_integer_value(
					json_object_get(test, "tcId")));
			ROW(row);
			n = unhex(msg, sizeof(msg),
				json_string_value(
					json_object_get(test, "msg")));
			rc = unhex(sig, sizeof(sig),
				json_string_value(
					json_object_get(test, "sig")));
			CHECK(n >= 0 && rc >= 0);
			rc = rc == JIT_SIG
				? jit_key_verify(pk, sig, msg, (size_t)n, &err)
				: JIT_EVIDENCE;
			CHECK_INT(rc,
				strcmp(want, "valid") == 0 ? 0 : JIT_EVIDENCE);
			count++;
		}
	}
	CHECK_INT(count, 151);
	json_decref(root);
}

/* The fingerprint that OpenSSH kept beside its key. */
static void
check_print(const char *dir, const char *pub, const struct jit_pubkey *key)
{
	char print[JIT_FINGERPRINT] = "";
	char path[1024] = "";
	char *want = NULL;

	snprintf(path, sizeof(path), "%s/%.*s.fp", dir, (int)strcspn(pub, "."),
		pub);
	want = slurp(path, NULL);
	want[strcspn(want, "\n")] = '\0';
	jit_pubkey_fingerprint(print, key);
	CHECK_STR(print, want);
	free(want);
}

static void
test_openssh(const char *vectors_dir)
{
	struct dirent *e = NULL;
	struct jit_pubkey key = {0};
	struct jit_error err = {0};
	char dir[512] = "";
	char path[1024] = "";
	char *text = NULL;
	DIR *d = NULL;
	bool ours = false;
	int good = 0;
	int bad = 0;
	int rc = 0;

	CASE("OpenSSH's own test keys: ed25519 and nothing else");
	snprintf(dir, sizeof(dir), OPENSSH, vectors_dir);
	d = opendir(dir);
	CHECK(d != NULL);
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strstr(e->d_name, ".pub") == NULL)
			continue;
		ROW(e->d_name);
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		text = slurp(path, NULL);
		rc = jit_pubkey_parse(&key, text, &err);
		free(text);
		ours = strncmp(e->d_name, "ed25519", 7) == 0 &&
			strstr(e->d_name, "cert") == NULL;
		CHECK_INT(rc, ours ? 0 : JIT_USAGE);
		if (ours)
			check_print(dir, e->d_name, &key);
		good += ours;
		bad += !ours;
	}
	CHECK_INT(good, 4);
	CHECK(bad >= 10);
	if (d != NULL)
		closedir(d);
}

int
main(void)
{
	struct jit_error err = {0};
	const char *dir = NULL;

	if (jit_hash_start(&err) != 0)
		return 1;
	temp_start();
	dir = vectors("key_test");
	test_read();
	test_weak();
	test_lines();
	test_types();
	test_equal();
	test_wire();
	test_verify();
	if (dir != NULL) {
		test_wycheproof(dir);
		test_openssh(dir);
	}
	return UNIT_DONE();
}

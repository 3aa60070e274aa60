/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <sys/resource.h>

#include "hash.h"
#include "secret.h"
#include "temp.h"
#include "unit.h"

#define MAKE "make one with ssh-keygen -t ed25519"

static struct {
	enum jit_key_file kind;
	struct jit_secret *secret;
	struct jit_pubkey pub;
	struct jit_error err;
} got;

/* Load a file as this user; what came of it is in 'got'. */
static int
load(const char *path)
{
	memset(&got, 0, sizeof(got));
	return jit_secret_load(&got.kind, &got.secret, &got.pub, path,
		(unsigned int)getuid(), &got.err);
}

/* It must be refused with these words, and nothing set. */
static void
refused(const char *path, const char *said_so)
{
	ROW(path);
	CHECK_INT(load(path), JIT_TROUBLE);
	CHECK_STR(got.err.text, said_so);
	CHECK(got.secret == NULL && got.pub.pk[0] == 0);
}

/* Whether the public key in 'path' is what was loaded. */
static bool
is_pub(const char *path)
{
	struct jit_pubkey want = {0};
	char *text = slurp(path, NULL);
	int rc = jit_pubkey_parse(&want, text, &got.err);

	free(text);
	return rc == 0 && jit_pubkey_equal(&want, &got.pub);
}

static void
test_keygen(void)
{
	unsigned char sig[JIT_SIG] = {0};
	struct jit_pubkey pub = {0};
	int i = 0;

	CASE("keys that ssh-keygen made are read and sign");
	for (i = 0; i < 8; i++) { /* comments of all lengths of padding */
		CHECK(run("rm -f k k.pub; ssh-keygen -qt ed25519 -N '' -C "
			  "'%.*s' -f k",
			      i, "abcdefgh") == 0);
		CHECK_INT(load("k"), 0);
		CHECK(got.kind == JIT_FILE_SECRET && is_pub("k.pub"));
		jit_secret_public(&pub, got.secret);
		CHECK(jit_pubkey_equal(&pub, &got.pub));
		CHECK(jit_secret_sign(sig, got.secret, "x", 1, &got.err) == 0);
		CHECK(jit_key_verify(pub.pk, sig, "x", 1, &got.err) == 0);
		CHECK(jit_key_verify(pub.pk, sig, "y", 1, &got.err) ==
			JIT_EVIDENCE);
		jit_secret_free(got.secret);
	}
	CASE("a locked key shows its public half only");
	CHECK(run("ssh-keygen -qt ed25519 -N pass -f locked") == 0);
	CHECK_INT(load("locked"), 0);
	CHECK(got.kind == JIT_FILE_LOCKED && is_pub("locked.pub"));
	CHECK(got.secret == NULL);
	CHECK(run("ssh-keygen -qt ed25519 -N pass -Z aes256-gcm@openssh.com "
		  "-f gcm") == 0);
	CHECK_INT(load("gcm"), 0);
	CHECK(got.kind == JIT_FILE_LOCKED && is_pub("gcm.pub"));

	CASE("a public key file is one");
	CHECK_INT(load("k.pub"), 0);
	CHECK(got.kind == JIT_FILE_PUBLIC && is_pub("k.pub"));
	CHECK(got.secret == NULL);
	CHECK(run("chmod 644 k.pub") == 0);
	CHECK_INT(load("k.pub"), 0);

	CASE("a symbolic link is followed");
	CHECK(symlink("k", "link") == 0);
	CHECK_INT(load("link"), 0);
	CHECK(got.kind == JIT_FILE_SECRET && is_pub("k.pub"));
	jit_secret_free(got.secret);
}

/* What ssh-keygen and ssh read is what we write. */
static void
test_text(void)
{
	struct jit_secret *s = NULL;
	struct jit_pubkey pub = {0};
	struct jit_error err = {0};
	struct jit_buf text = {0};
	struct jit_buf line = {0};
	int i = 0;

	CASE("keys that we make are read by ssh-keygen and by us");
	for (i = 0; i < 8; i++) {
		CHECK(jit_secret_make(&s, &err) == 0);
		jit_secret_public(&pub, s);
		jit_buf_reset(&text);
		jit_buf_reset(&line);
		CHECK(jit_secret_text(&text, s, "abcdefgh" + i, &err) == 0);
		jit_pubkey_text(&line, &pub);
		spill("made", text.data, text.len);
		CHECK(run("ssh-keygen -y -P '' -f made") == 0);
		CHECK(said(jit_buf_text(&line)) && said("abcdefgh" + i));
		CHECK_INT(load("made"), 0);
		CHECK(jit_pubkey_equal(&pub, &got.pub));
		jit_secret_free(got.secret);
		jit_secret_free(s);
	}
	CASE("they have the length of lines that ssh-keygen writes");
	CHECK(run("ssh-keygen -qt ed25519 -N '' -C abcdefgh -f theirs; "
		  "awk '{print length}' theirs >a; awk '{print length}' made "
		  ">b; head -n 1 made >>b; head -n 1 theirs >>a; :") == 0);
	CHECK_INT(load("theirs"), 0);
	jit_buf_reset(&text);
	CHECK(jit_secret_text(&text, got.secret, "abcdefgh", &err) == 0);
	spill("ours", text.data, text.len);
	CHECK(run("awk '{print length}' ours >b; head -n 1 ours >>b; "
		  "cmp a b") == 0);
	jit_secret_free(got.secret);
	jit_buf_free(&text);
	jit_buf_free(&line);
}

static void
test_refused(void)
{
	static char big[16 * 1024 + 1];

	CASE("what is not a key that jit can use is refused by name");
	CHECK(run("ssh-keygen -qt rsa -b 2048 -N '' -f rsa; "
		  "ssh-keygen -qt ecdsa -N '' -f ecdsa; "
		  "ssh-keygen -qt dsa -N '' -f dsa; "
		  "ssh-keygen -qt rsa -b 2048 -N x -f rsax; "
		  "ssh-keygen -qt rsa -b 2048 -m PEM -N '' -f pem; "
		  "ssh-keygen -qt ecdsa -m PKCS8 -N '' -f pkcs8; "
		  "mkfifo fifo; mkdir dir; echo hello >hello; : >empty") == 0);
	refused("rsa", "'rsa' is an ssh-rsa key: jit needs ed25519; " MAKE);
	refused("rsax", "'rsax' is an ssh-rsa key: jit needs ed25519; " MAKE);
	refused("dsa", "'dsa' is an ssh-dss key: jit needs ed25519; " MAKE);
	refused("ecdsa",
		"'ecdsa' is an ecdsa-sha2-nistp256 key: "
		"jit needs ed25519; " MAKE);
	refused("rsa.pub",
		"'rsa.pub' is an ssh-rsa key: "
		"jit needs ed25519; " MAKE);
	refused("pem",
		"'pem' is a key in PEM form: jit needs OpenSSH's "
		"ed25519; " MAKE);
	refused("pkcs8",
		"'pkcs8' is a key in PEM form: jit needs OpenSSH's "
		"ed25519; " MAKE);
	refused("fifo", "'fifo' is not a regular file");
	refused("dir", "'dir' is not a regular file");
	refused("/dev/null", "'/dev/null' is not a regular file");
	refused("nowhere",
		"cannot read key 'nowhere': No such file or directory");
	refused("hello",
		"'hello' is not a public key: expected a line as in "
		"id_ed25519.pub, 'ssh-ed25519 AAAA...'");
	refused("empty",
		"'empty' is not a public key: expected a line as in "
		"id_ed25519.pub, 'ssh-ed25519 AAAA...'");

	CASE("files that are too large or hold a NUL are refused");
	memset(big, 'a', sizeof(big));
	spill("big", big, sizeof(big));
	refused("big", "'big' is larger than 16 KiB: not a key");
	spill("big", big, sizeof(big) - 1);
	CHECK_INT(load("big"), JIT_TROUBLE);
	spill("nul", "ssh-ed25519 \0", 13);
	refused("nul", "'nul' is not a key");
}

static void
test_guard(void)
{
	static const char *const modes[] = {"644", "640", "620", "610", "604",
		"602", "601", "660", "666", "777", "444"};
	size_t i = 0;

	CASE("a private key that others can read is refused");
	CHECK(run("ssh-keygen -qt ed25519 -N '' -f open") == 0);
	for (i = 0; i < COUNT(modes); i++) {
		CHECK(run("chmod %s open", modes[i]) == 0);
		refused("open",
			"'open' can be read by others: chmod 600 'open'");
	}
	CHECK(run("ln -s open lopen") == 0);
	refused("lopen", "'lopen' can be read by others: chmod 600 'lopen'");
	CHECK(run("chmod 644 locked") == 0);
	refused("locked",
		"'locked' can be read by others: "
		"chmod 600 'locked'");
	CHECK(run("chmod 400 open; chmod 600 locked") == 0);
	CHECK_INT(load("open"), 0);
	jit_secret_free(got.secret);
	CHECK_INT(load("locked"), 0);

	CASE("root's key file is anybody's to use, another user's is not");
	memset(&got, 0, sizeof(got));
	if (getuid() == 0) {
		CHECK(jit_secret_load(&got.kind, &got.secret, &got.pub, "open",
			      12345, &got.err) == 0);
		jit_secret_free(got.secret);
		CHECK(chown("open", 12345, (gid_t)-1) == 0);
		refused("open", "'open' belongs to another user (uid 12345)");
		CHECK(jit_secret_load(&got.kind, &got.secret, &got.pub, "open",
			      12345, &got.err) == 0);
	} else {
		CHECK(jit_secret_load(&got.kind, &got.secret, &got.pub, "open",
			      (unsigned int)getuid() + 1,
			      &got.err) == JIT_TROUBLE);
	}
	jit_secret_free(got.secret);
}

/* The parts of an openssh-key-v1 file, to be bent. */
struct parts {
	const char *magic, *cipher, *kdf, *options; /* NULL: as it should be */
	unsigned int count_off, check_off;          /* by so much */
	bool other_outer, other_inner, other_half, other_seed, short_sk;
	bool sk_type, trailing, no_pad, bad_pad, long_pad;
};

static void
bend(struct jit_buf *raw, const struct parts *p)
{
	unsigned char pk[JIT_PK] = {0};
	unsigned char pk2[JIT_PK] = {0};
	unsigned char sk[64] = {0};
	unsigned char sk2[64] = {0};
	unsigned char seed[32] = {1};
	struct jit_pubkey pub = {.type = JIT_ED25519};
	struct jit_buf blob = {0};
	struct jit_buf list = {0};
	int pad = 0;

	crypto_sign_seed_keypair(pk, sk, seed);
	seed[0] = 2;
	crypto_sign_seed_keypair(pk2, sk2, seed);
	if (p->other_half)
		memcpy(sk + 32, pk2, 32);
	if (p->other_seed)
		sk[5] ^= 1;
	memcpy(pub.pk, p->other_outer ? pk2 : pk, 32);
	if (p->sk_type) {
		pub.type = JIT_SK_ED25519;
		strcpy(pub.application, "ssh:");
	}
	jit_pubkey_blob(&blob, &pub);
	jit_buf_u32(&list, 7);
	jit_buf_u32(&list, 7 + p->check_off);
	jit_buf_cstring(&list, jit_key_type_name(pub.type));
	jit_buf_string(&list, p->other_inner ? pk2 : pk, 32);
	if (p->sk_type) { /* PROTOCOL.u2f */
		jit_buf_cstring(&list, "ssh:");
		jit_buf_u8(&list, 1);
		jit_buf_cstring(&list, "handle");
		jit_buf_cstring(&list, "");
	} else {
		jit_buf_string(&list, sk, p->short_sk ? 32 : 64);
	}
	jit_buf_cstring(&list, "comment");
	for (pad = 1; list.len % 8 != 0 && !p->no_pad; pad++)
		jit_buf_u8(&list, (uint8_t)(p->bad_pad ? 1 : pad));
	for (; p->long_pad && pad <= 16; pad++)
		jit_buf_u8(&list, (uint8_t)pad);
	jit_buf_put(raw, p->magic ? p->magic : "openssh-key-v1", 15);
	jit_buf_cstring(raw, p->cipher ? p->cipher : "none");
	jit_buf_cstring(raw, p->kdf ? p->kdf : "none");
	jit_buf_cstring(raw, p->options ? p->options : "");
	jit_buf_u32(raw, 1 + p->count_off);
	jit_buf_string(raw, blob.data, blob.len);
	jit_buf_string(raw, list.data, list.len);
	if (p->trailing)
		jit_buf_u8(raw, 0);
	jit_buf_free(&blob);
	jit_buf_free(&list);
}

static void
test_bent(void)
{
	static const struct {
		const char *name;
		struct parts p;
		int rc;
		enum jit_key_file kind;
	} rows[] = {
		{"sound", {0}, 0, JIT_FILE_SECRET},
		{"handle", {.sk_type = true}, 0, JIT_FILE_HANDLE},
		{"magic", {.magic = "openssh-key-v2"}, JIT_TROUBLE, 0},
		{"no key", {.count_off = -1U}, JIT_TROUBLE, 0},
		{"two keys", {.count_off = 1}, JIT_TROUBLE, 0},
		{"kdf only", {.kdf = "bcrypt"}, 0, JIT_FILE_LOCKED},
		{"cipher", {.cipher = "x"}, 0, JIT_FILE_LOCKED},
		{"options", {.options = "x"}, 0, JIT_FILE_LOCKED},
		{"checks", {.check_off = 1}, JIT_TROUBLE, 0},
		{"outer", {.other_outer = true}, JIT_TROUBLE, 0},
		{"inner", {.other_inner = true}, JIT_TROUBLE, 0},
		{"outer and inner", {.other_outer = true, .other_inner = true},
			JIT_TROUBLE, 0},
		{"half", {.other_half = true}, JIT_TROUBLE, 0},
		{"all but the seed",
			{.other_outer = true,
				.other_inner = true,
				.other_half = true},
			JIT_TROUBLE, 0},
		{"seed", {.other_seed = true}, JIT_TROUBLE, 0},
		{"short", {.short_sk = true}, JIT_TROUBLE, 0},
		{"trailing", {.trailing = true}, JIT_TROUBLE, 0},
		{"no pad", {.no_pad = true}, JIT_TROUBLE, 0},
		{"bad pad", {.bad_pad = true}, JIT_TROUBLE, 0},
		{"long pad", {.long_pad = true}, JIT_TROUBLE, 0},
	};
	struct jit_buf text = {0};
	struct jit_buf raw = {0};
	size_t i = 0;

	CASE("key files that are bent are refused");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].name);
		jit_buf_reset(&raw);
		jit_buf_reset(&text);
		bend(&raw, &rows[i].p);
		jit_key_armour(&text, "OPENSSH PRIVATE KEY", raw.data, raw.len);
		spill("bent", text.data, text.len);
		CHECK_INT(load("bent"), rows[i].rc);
		if (rows[i].rc == 0)
			CHECK_INT(got.kind, rows[i].kind);
		else
			CHECK_STR(got.err.text,
				"'bent' is a damaged private key");
		jit_secret_free(got.secret);
	}
	CASE("the sound ones are read by ssh-keygen");
	for (i = 0; i < 2; i++) {
		jit_buf_reset(&raw);
		jit_buf_reset(&text);
		bend(&raw, &rows[i].p);
		jit_key_armour(&text, "OPENSSH PRIVATE KEY", raw.data, raw.len);
		spill("sound", text.data, text.len);
		CHECK(run("ssh-keygen -y -P '' -f sound") == 0 &&
			said(i == 0 ? "ssh-ed25519 " : "sk-ssh-ed25519@"));
	}
	jit_buf_free(&text);
	jit_buf_free(&raw);
}

/* Cut and change a good file everywhere: never a crash, never another key. */
static void
test_mutations(void)
{
	struct jit_pubkey pub = {0};
	char *text = NULL;
	char was = 0;
	size_t len = 0;
	size_t i = 0;
	int accepted = 0;

	CASE("a key file is refused wherever it is cut");
	CHECK(run("ssh-keygen -qt ed25519 -N '' -f whole") == 0);
	text = slurp("whole", &len);
	CHECK_INT(load("whole"), 0);
	pub = got.pub;
	jit_secret_free(got.secret);
	for (i = 0; i < len - 1; i++) {
		spill("cut", text, i);
		CHECK_INT(load("cut"), JIT_TROUBLE);
	}
	CASE("or is still the same key wherever it is changed");
	for (i = 0; i < len; i++) {
		was = text[i];
		text[i] = was == 'A' ? 'B' : 'A';
		spill("changed", text, len);
		if (load("changed") == 0) { /* check bytes or comment */
			CHECK(got.kind != JIT_FILE_SECRET ||
				jit_pubkey_equal(&pub, &got.pub));
			accepted += got.kind == JIT_FILE_SECRET;
			jit_secret_free(got.secret);
		}
		text[i] = was;
	}
	CHECK(accepted < 40);
	CASE("text after the end is refused");
	spill("after", text, len);
	CHECK(run("echo hello >>after") == 0);
	CHECK_INT(load("after"), JIT_TROUBLE);
	CHECK(run("awk '{printf \"%%s\\r\\n\", $0}' whole >crlf; "
		  "chmod 600 crlf") == 0);
	CHECK_INT(load("crlf"), 0);
	jit_secret_free(got.secret);
	free(text);
}

/* Runs last: what is not locked is not used. */
static void
test_memory(void)
{
	struct rlimit none = {0};
	struct jit_secret *s = NULL;
	struct jit_error err = {0};

	CASE("without locked memory there is no key");
	if (getuid() == 0) /* root may lock whatever the limit says */
		return;
	CHECK(setrlimit(RLIMIT_MEMLOCK, &none) == 0);
#ifndef __SANITIZE_ADDRESS__ /* which makes mlock do nothing */
	CHECK_INT(jit_secret_make(&s, &err), JIT_TROUBLE);
	CHECK(strstr(err.text, "no locked memory for a key") == err.text);
	CHECK(s == NULL);
#else
	(void)s;
	(void)err;
#endif
}

int
main(void)
{
	struct jit_error err = {0};

	if (jit_hash_start(&err) != 0)
		return 1;
	temp_start();
	test_keygen();
	test_text();
	test_refused();
	test_guard();
	test_bent();
	test_mutations();
	test_memory();
	return UNIT_DONE();
}

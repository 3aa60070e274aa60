/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <sodium.h>

#include "hash.h"
#include "sign.h"
#include "temp.h"
#include "unit.h"

#define BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define END "-----END SSH SIGNATURE-----\n"
#define OPENSSH "%s/openssh-9.2p1/regress/unittests/sshsig/testdata"
#define NO_KEY "jit needs ed25519; make one with ssh-keygen -t ed25519"

static const char msg[] = "a message\n";
static const size_t msg_len = sizeof(msg) - 1;

static struct jit_signer *
open_signer(const char *path, const char *socket)
{
	struct jit_signer *s = NULL;
	struct jit_error err = {0};

	if (!CHECK(jit_signer_open(&s, path, socket, (unsigned int)getuid(),
			   &err) == 0))
		printf("%s\n", err.text);
	return s;
}

/* Sign with ssh-keygen; the armour, the caller's to free. */
static char *
their_armour(const char *key, const char *namespace, const char *options,
	size_t *len)
{
	spill("msg", msg, msg_len);
	unlink("msg.sig");
	CHECK(run("ssh-keygen -Y sign -f %s -n %s %s msg", key, namespace,
		      options) == 0);
	return slurp("msg.sig", len);
}

/* Have ssh-keygen verify the armour in "our.sig" as made by 'pub'. */
static int
their_verify(const char *pub, const char *namespace)
{
	spill("msg", msg, msg_len);
	return run("printf 'me@ex ' >signers; cat %s >>signers; "
		   "ssh-keygen -Y verify -f signers -I me@ex -n %s -s our.sig "
		   "<msg && ssh-keygen -Y check-novalidate -n %s -s our.sig "
		   "<msg",
		pub, namespace, namespace);
}

static void
test_interop(const char *key, const char *pub, const char *socket)
{
	struct jit_signer *signer = open_signer(key, socket);
	struct jit_signature s = {0};
	struct jit_error err = {0};
	struct jit_buf armour = {0};
	struct jit_buf again = {0};
	char *theirs = NULL;
	size_t len = 0;

	if (signer == NULL)
		return;
	CHECK_INT(jit_sign_make(&armour, signer, "git", msg, msg_len, &err), 0);
	spill("our.sig", armour.data, armour.len);
	CHECK_INT(their_verify(pub, "git"), 0);
	CHECK(their_verify(pub, "file") != 0);

	CHECK_INT(jit_sign_decode(&s, jit_buf_text(&armour), armour.len, "git",
			  &err),
		0);
	CHECK(jit_pubkey_equal(&s.key, jit_signer_key(signer)));
	CHECK_INT(jit_sign_check(&s, "git", msg, msg_len, &err), 0);
	CHECK_INT(jit_sign_check(&s, "git", msg, msg_len - 1, &err),
		JIT_EVIDENCE);
	CHECK_INT(jit_sign_check(&s, "file", msg, msg_len, &err), JIT_EVIDENCE);

	if (socket != NULL)
		setenv("SSH_AUTH_SOCK", socket, 1);
	theirs = their_armour(socket != NULL ? pub : key, "git", "", &len);
	unsetenv("SSH_AUTH_SOCK");
	CHECK_INT(jit_sign_decode(&s, theirs, len, "git", &err), 0);
	CHECK_INT(jit_sign_check(&s, "git", msg, msg_len, &err), 0);
	jit_sign_armour(&again, &s, "git");
	CHECK_STR(jit_buf_text(&again), theirs);
	if (s.key.type == JIT_ED25519) /* which has no chance in it */
		CHECK_STR(jit_buf_text(&armour), theirs);
	free(theirs);
	jit_buf_free(&armour);
	jit_buf_free(&again);
	jit_signer_free(signer);
}

static void
test_security_key(void)
{
	const char *argv[] = {"", "T", "seed", NULL};
	const char *lazy[] = {"", "-n", "N", "seed", NULL};
	struct jit_signature s = {0};
	struct jit_signer *signer = NULL;
	struct jit_error err = {0};
	struct jit_buf armour = {0};
	char program[512] = "";
	unsigned int counter = 0;
	char *theirs = NULL;
	size_t len = 0;
	int i = 0;

	CASE("security keys: ours and ssh-keygen's signatures agree");
	if (!CHECK(tool(program, "sk_agent")))
		return;
	argv[0] = lazy[0] = program;
	start("T", argv);
	test_interop("seed.pub", "seed.pub", "T");

	CASE("the counter and the touch are kept");
	signer = open_signer("seed.pub", "T");
	for (i = 0; i < 3; i++) {
		jit_buf_reset(&armour);
		CHECK(jit_sign_make(&armour, signer, "git", msg, msg_len,
			      &err) == 0);
		CHECK(jit_sign_decode(&s, jit_buf_text(&armour), armour.len,
			      "git", &err) == 0);
		CHECK(s.flags == JIT_SIGN_PRESENT && s.counter > counter);
		counter = s.counter;
	}
	CASE("neither can be changed");
	s.counter++;
	CHECK(jit_sign_check(&s, "git", msg, msg_len, &err) == JIT_EVIDENCE);
	s.counter--;
	s.flags |= 4;
	CHECK(jit_sign_check(&s, "git", msg, msg_len, &err) == JIT_EVIDENCE);
	s.flags &= ~4;
	CHECK(jit_sign_check(&s, "git", msg, msg_len, &err) == 0);
	strcpy(s.key.application, "ssh:x");
	CHECK(jit_sign_check(&s, "git", msg, msg_len, &err) == JIT_EVIDENCE);
	jit_signer_free(signer);

	CASE("a signature without a touch is neither made nor taken");
	start("N", lazy);
	signer = open_signer("seed.pub", "N");
	jit_buf_reset(&armour);
	CHECK_INT(jit_sign_make(&armour, signer, "git", msg, msg_len, &err),
		JIT_TROUBLE);
	CHECK_STR(err.text,
		"the security key signed without anybody touching it");
	CHECK_INT((long long)armour.len, 0);
	jit_signer_free(signer);
	setenv("SSH_AUTH_SOCK", "N", 1);
	theirs = their_armour("seed.pub", "git", "", &len);
	unsetenv("SSH_AUTH_SOCK");
	CHECK(jit_sign_decode(&s, theirs, len, "git", &err) == 0);
	CHECK_INT(jit_sign_check(&s, "git", msg, msg_len, &err), JIT_EVIDENCE);
	CHECK_STR(err.text,
		"the security key signed without anybody touching it");
	free(theirs);
	jit_buf_free(&armour);
}

/* The parts of a signature's blob, to be bent; NULL is as it should be. */
struct bent {
	const char *name;
	const char *magic, *namespace, *hash, *key_type, *sig_type, *pk_hex;
	const char *reserved, *after_sig, *after_key, *after;
	const char *said; /* NULL: it is decoded; then the check refuses */
	size_t sig_short;
	unsigned int version_off;
	bool plus_l;
};

/* S + L: the same residue, another spelling. L little endian. */
static void
add_l(unsigned char *s)
{
	static const unsigned char l[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63,
		0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
		0x14, [31] = 0x10};

	sodium_add(s, l, sizeof(l));
}

static void
put_bent(struct jit_buf *out, const struct jit_signature *good,
	const struct bent *b)
{
	unsigned char sig[JIT_SIG];
	unsigned char pk[JIT_PK];
	struct jit_buf part = {0};
	struct jit_buf raw = {0};

	memcpy(sig, good->sig, sizeof(sig));
	memcpy(pk, good->key.pk, sizeof(pk));
	if (b->plus_l)
		add_l(sig + 32);
	if (b->pk_hex != NULL)
		CHECK(jit_unhex(pk, sizeof(pk), b->pk_hex) == 0);
	jit_buf_str(&raw, b->magic ? b->magic : "SSHSIG");
	jit_buf_u32(&raw, 1 + b->version_off);
	jit_buf_cstring(&part, b->key_type ? b->key_type : "ssh-ed25519");
	jit_buf_string(&part, pk, sizeof(pk));
	jit_buf_str(&part, b->after_key ? b->after_key : "");
	jit_buf_string(&raw, part.data, part.len);
	jit_buf_cstring(&raw, b->namespace ? b->namespace : "git");
	jit_buf_cstring(&raw, b->reserved ? b->reserved : "");
	jit_buf_cstring(&raw, b->hash ? b->hash : "sha512");
	jit_buf_reset(&part);
	jit_buf_cstring(&part, b->sig_type ? b->sig_type : "ssh-ed25519");
	jit_buf_string(&part, sig, sizeof(sig) - b->sig_short);
	jit_buf_str(&part, b->after_sig ? b->after_sig : "");
	jit_buf_string(&raw, part.data, part.len);
	jit_buf_str(&raw, b->after ? b->after : "");
	jit_key_armour(out, "SSH SIGNATURE", raw.data, raw.len);
	jit_buf_free(&part);
	jit_buf_free(&raw);
}

#define DAMAGED "a damaged signature"
#define KEY_DAMAGED "the signing key: a damaged public key"
#define Z15 "000000000000000000000000000000"

static const struct bent bents[] = {
	{.name = "S + L", .plus_l = true},
	{.name = "weak key", .pk_hex = "01" Z15 Z15 "00"},
	{.name = "weaker key", .pk_hex = "00" Z15 Z15 "00"},
	{.name = "magic", .magic = "SSHSIH", .said = "not an SSH signature"},
	{.name = "version 0",
		.version_off = -1U,
		.said = "the signature's version is 0, not 1"},
	{.name = "version 2",
		.version_off = 1,
		.said = "the signature's version is 2, not 1"},
	{.name = "namespace file",
		.namespace = "file",
		.said = "the signature's namespace is not 'git'"},
	{.name = "namespace empty",
		.namespace = "",
		.said = "the signature's namespace is not 'git'"},
	{.name = "namespace longer",
		.namespace = "git2",
		.said = "the signature's namespace is not 'git'"},
	{.name = "namespace case",
		.namespace = "Git",
		.said = "the signature's namespace is not 'git'"},
	{.name = "reserved",
		.reserved = "x",
		.said = "the signature's reserved field is not ''"},
	{.name = "sha256",
		.hash = "sha256",
		.said = "the signature's hash is not 'sha512'"},
	{.name = "SHA512",
		.hash = "SHA512",
		.said = "the signature's hash is not 'sha512'"},
	{.name = "no hash",
		.hash = "",
		.said = "the signature's hash is not 'sha512'"},
	{.name = "trailing", .after = "x", .said = DAMAGED},
	{.name = "trailing in key", .after_key = "x", .said = KEY_DAMAGED},
	{.name = "trailing in signature", .after_sig = "x", .said = DAMAGED},
	{.name = "short signature", .sig_short = 1, .said = DAMAGED},
	{.name = "no signature", .sig_short = 64, .said = DAMAGED},
	{.name = "flags on a plain key",
		.after_sig = "\1\1\1\1\1",
		.said = DAMAGED},
	{.name = "rsa key",
		.key_type = "ssh-rsa",
		.said = "the signing key: an ssh-rsa key: " NO_KEY},
	{.name = "rsa signature",
		.sig_type = "rsa-sha2-512",
		.said = "the signature is not of its key's type, "
			"ssh-ed25519"},
	{.name = "sk signature",
		.sig_type = "sk-ssh-ed25519@openssh.com",
		.said = "the signature is not of its key's type, "
			"ssh-ed25519"},
	{.name = "certificate",
		.key_type = "ssh-ed25519-cert-v01@openssh.com",
		.said = "the signing key: a certificate, not a key: give the "
			"key that it was made for"},
	{.name = "sk key",
		.key_type = "sk-ssh-ed25519@openssh.com",
		.said = KEY_DAMAGED},
};

static void
test_bent(const struct jit_signature *good)
{
	struct jit_signature s = {0};
	struct jit_error err = {0};
	struct jit_buf out = {0};
	struct bent sound = {0};
	size_t i = 0;

	CASE("the table's sound row is good");
	put_bent(&out, good, &sound);
	CHECK(jit_sign_decode(&s, jit_buf_text(&out), out.len, "git", &err) ==
		0);
	CHECK(jit_sign_check(&s, "git", msg, msg_len, &err) == 0);

	CASE("signatures that are bent are refused");
	for (i = 0; i < COUNT(bents); i++) {
		ROW(bents[i].name);
		jit_buf_reset(&out);
		put_bent(&out, good, &bents[i]);
		if (bents[i].said != NULL) {
			CHECK_INT(jit_sign_decode(&s, jit_buf_text(&out),
					  out.len, "git", &err),
				JIT_EVIDENCE);
			CHECK_STR(err.text, bents[i].said);
			continue;
		}
		CHECK_INT(jit_sign_decode(&s, jit_buf_text(&out), out.len,
				  "git", &err),
			0);
		CHECK_INT(jit_sign_check(&s, "git", msg, msg_len, &err),
			JIT_EVIDENCE);
	}
	jit_buf_free(&out);
}

/* Small order: any S verifies where cofactors or checks are forgotten. */
static void
test_small_order(const struct jit_signature *good)
{
	struct jit_signature s = *good;
	struct jit_error err = {0};

	CASE("the identity as key and R with S = 0 signs nothing");
	memset(&s.key.pk, 0, sizeof(s.key.pk));
	memset(&s.sig, 0, sizeof(s.sig));
	s.key.pk[0] = s.sig[0] = 1;
	CHECK_INT(jit_sign_check(&s, "git", msg, msg_len, &err), JIT_EVIDENCE);
	CASE("nor does it as R under a good key");
	memcpy(s.key.pk, good->key.pk, sizeof(s.key.pk));
	CHECK_INT(jit_sign_check(&s, "git", msg, msg_len, &err), JIT_EVIDENCE);
}

/* Write 'armour' again with other line ends or breaks. */
static void
rewrap(struct jit_buf *out, const char *armour, size_t columns, const char *eol)
{
	const char *p = armour + strlen(BEGIN);
	const char *end = strstr(armour, "-----END");
	size_t n = 0;

	jit_buf_fmt(out, "-----BEGIN SSH SIGNATURE-----%s", eol);
	for (; p < end; p++) {
		if (*p == '\n')
			continue;
		jit_buf_put(out, p, 1);
		if (++n % columns == 0)
			jit_buf_str(out, eol);
	}
	if (n % columns != 0)
		jit_buf_str(out, eol);
	jit_buf_fmt(out, "-----END SSH SIGNATURE-----%s", eol);
}

static void
no_decode(const char *name, const struct jit_buf *b)
{
	struct jit_signature s = {0};
	struct jit_error err = {0};

	ROW(name);
	CHECK_INT(jit_sign_decode(&s, jit_buf_text(b), b->len, "git", &err),
		JIT_EVIDENCE);
	CHECK(err.text[0] != '\0' && s.sig[0] == 0 && s.sig[1] == 0);
}

static void
test_armour(const char *good)
{
	static const char *const fmts[] = {"%s\n", "\n%s", " %s", "%stext\n",
		"%s%s", "text\n%s", "%s ", "\xef\xbb\xbf%s"};
	struct jit_buf b = {0};
	size_t len = strlen(good);
	size_t i = 0;

	CASE("an armour that is wrapped in another way is refused");
	rewrap(&b, good, 70, "\n");
	CHECK_STR(jit_buf_text(&b), good); /* the tool works */
	for (i = 1; i < 400; i++) {
		if (i == 70)
			continue;
		jit_buf_reset(&b);
		rewrap(&b, good, i, "\n");
		no_decode("columns", &b);
	}
	jit_buf_reset(&b);
	rewrap(&b, good, 70, "\r\n");
	no_decode("CRLF", &b);
	jit_buf_reset(&b);
	rewrap(&b, good, 70, " \n");
	no_decode("trailing blanks", &b);
	jit_buf_reset(&b);
	rewrap(&b, good, 70, "\n\n");
	no_decode("empty lines", &b);

	CASE("text around an armour is refused");
	for (i = 0; i < COUNT(fmts); i++) {
		jit_buf_reset(&b);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		jit_buf_fmt(&b, fmts[i], good, good);
#pragma GCC diagnostic pop
		no_decode(fmts[i], &b);
	}
	CASE("an armour is refused wherever it is cut or changed");
	for (i = 0; i < len; i++) {
		jit_buf_reset(&b);
		jit_buf_put(&b, good, i);
		no_decode("cut", &b);
		jit_buf_put(&b, "", 1); /* a NUL, then the rest */
		jit_buf_put(&b, good + i + 1, len - i - 1);
		no_decode("NUL", &b);
	}
	jit_buf_reset(&b);
	jit_buf_str(&b, BEGIN END);
	no_decode("nothing", &b);
	jit_buf_reset(&b);
	jit_buf_str(&b, "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIG");
	no_decode("overlap", &b);
	jit_buf_free(&b);
}

/* Other key types and options of ssh-keygen sign the same message. */
static void
test_theirs(void)
{
	static const struct {
		const char *type, *options, *said;
	} rows[] = {
		{"rsa -b 2048", "", "the signing key: an ssh-rsa key: " NO_KEY},
		{"ecdsa", "",
			"the signing key: an ecdsa-sha2-nistp256 key: " NO_KEY},
		{"dsa", "", "the signing key: an ssh-dss key: " NO_KEY},
		{"ed25519", "-O hashalg=sha256",
			"the signature's hash is not 'sha512'"},
	};
	struct jit_signature s = {0};
	struct jit_error err = {0};
	char *theirs = NULL;
	size_t len = 0;
	size_t i = 0;

	CASE("what ssh-keygen signs with other keys or hashes is refused");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].type);
		CHECK(run("rm -f o o.pub; ssh-keygen -qt %s -N '' -f o",
			      rows[i].type) == 0);
		theirs = their_armour("o", "git", rows[i].options, &len);
		CHECK_INT(jit_sign_decode(&s, theirs, len, "git", &err),
			JIT_EVIDENCE);
		CHECK_STR(err.text, rows[i].said);
		free(theirs);
	}
	CASE("or with a certificate");
	CHECK(run("ssh-keygen -qs k -I i -n p k.pub") == 0);
	CHECK(run("cp k c; cp k-cert.pub c.pub") == 0);
	theirs = their_armour("c.pub", "git", "", &len);
	CHECK_INT(jit_sign_decode(&s, theirs, len, "git", &err), JIT_EVIDENCE);
	CHECK_STR(err.text,
		"the signing key: a certificate, not a key: "
		"give the key that it was made for");
	free(theirs);
}

static void
test_namespaces(void)
{
	static const char *const names[] = {"git", "file", "jit-sealed", "x",
		"a-namespace-that-is-so-long-that-its-armour-has-more-lines"};
	struct jit_signer *signer = open_signer("k", NULL);
	struct jit_signature s = {0};
	struct jit_error err = {0};
	struct jit_buf armour = {0};
	size_t i = 0;
	size_t k = 0;

	CASE("a signature is good in its namespace and in no other");
	for (i = 0; i < COUNT(names); i++) {
		ROW(names[i]);
		jit_buf_reset(&armour);
		CHECK(jit_sign_make(&armour, signer, names[i], msg, msg_len,
			      &err) == 0);
		spill("our.sig", armour.data, armour.len);
		CHECK_INT(their_verify("k.pub", names[i]), 0);
		for (k = 0; k < COUNT(names); k++)
			CHECK_INT(jit_sign_decode(&s, jit_buf_text(&armour),
					  armour.len, names[k], &err),
				i == k ? 0 : JIT_EVIDENCE);
		CHECK(jit_sign_decode(&s, jit_buf_text(&armour), armour.len,
			      names[i], &err) == 0);
		for (k = 0; k < COUNT(names); k++)
			CHECK_INT(jit_sign_check(&s, names[k], msg, msg_len,
					  &err),
				i == k ? 0 : JIT_EVIDENCE);
	}
	jit_buf_free(&armour);
	jit_signer_free(signer);
}

static void
test_vectors(const char *vectors_dir)
{
	struct jit_signature s = {0};
	struct jit_error err = {0};
	struct dirent *e = NULL;
	char dir[512] = "";
	char path[1024] = "";
	char *data = NULL;
	char *armour = NULL;
	size_t data_len = 0;
	size_t len = 0;
	DIR *d = NULL;
	bool ours = false;
	int rc = 0;
	int good = 0;
	int bad = 0;

	CASE("OpenSSH's own signatures: ed25519 and nothing else");
	snprintf(dir, sizeof(dir), OPENSSH, vectors_dir);
	snprintf(path, sizeof(path), "%s/signed-data", dir);
	data = slurp(path, &data_len);
	d = opendir(dir);
	while (CHECK(d != NULL) && (e = readdir(d)) != NULL) {
		if (strstr(e->d_name, ".sig") == NULL)
			continue;
		ROW(e->d_name);
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		armour = slurp(path, &len);
		ours = strncmp(e->d_name, "ed25519", 7) == 0;
		rc = jit_sign_decode(&s, armour, len, "unittest", &err);
		CHECK_INT(rc, ours ? 0 : JIT_EVIDENCE);
		if (ours)
			CHECK_INT(jit_sign_check(&s, "unittest", data, data_len,
					  &err),
				0);
		free(armour);
		good += ours;
		bad += !ours;
	}
	CHECK_INT(good, 2);
	CHECK_INT(bad, 5);
	free(data);
	if (d != NULL)
		closedir(d);
}

int
main(void)
{
	const char *dir = NULL;
	struct jit_signature good = {0};
	struct jit_error err = {0};
	char *armour = NULL;
	size_t len = 0;

	if (jit_hash_start(&err) != 0)
		return 1;
	temp_start();
	dir = vectors("sign_test");
	CASE("ours and ssh-keygen's signatures agree");
	CHECK(run("ssh-keygen -qt ed25519 -N '' -f k") == 0);
	test_interop("k", "k.pub", NULL);
	armour = their_armour("k", "git", "", &len);
	CHECK(jit_sign_decode(&good, armour, len, "git", &err) == 0);
	test_bent(&good);
	test_small_order(&good);
	test_armour(armour);
	test_namespaces();
	test_theirs();
	test_security_key();
	if (dir != NULL)
		test_vectors(dir);
	free(armour);
	return UNIT_DONE();
}

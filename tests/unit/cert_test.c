/* SPDX-License-Identifier: ISC */
#include <sodium.h>

#include "cert.h"
#include "hash.h"
#include "temp.h"
#include "unit.h"

#define OPENSSH "%s/openssh-9.2p1/regress/unittests/authopt/testdata"
#define AFTER 1795321661LL /* 2026-11-22T04:27:41Z */
#define BEFORE (AFTER + 1800)

static struct jit_signer *ca;
static struct jit_pubkey user;
static const unsigned char nonce[JIT_CERT_NONCE] = {1, 2, 3};

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

static void
read_pub(struct jit_pubkey *out, const char *path)
{
	struct jit_error err = {0};
	char *text = slurp(path, NULL);

	CHECK(jit_pubkey_parse(out, text, &err) == 0);
	free(text);
}

/* What every case starts from. */
static struct jit_cert
sound(void)
{
	struct jit_cert c = {.serial = 7,
		.key_id = "01KADQ5N0G6K4V1X8Z3M9R2T5W",
		.principal = "root@web-1",
		.after = AFTER,
		.before = BEFORE,
		.force_command = "/usr/libexec/jit/recorder"};

	c.key = user;
	return c;
}

/* The wire form in a line; the caller frees. */
static void
blob_of(struct jit_buf *out, const char *line)
{
	const char *b64 = strchr(line, ' ') + 1;

	CHECK(jit_unbase64(out, b64, strcspn(b64, " \n")) == 0);
}

/* Have ssh-keygen make the same certificate; its line, to be freed. */
static char *
their_cert(const struct jit_cert *c, const char *pub)
{
	char option[300] = "";
	char *line = NULL;

	if (c->force_command != NULL)
		snprintf(option, sizeof(option), "-O force-command='%s'",
			c->force_command);
	CHECK(run("cp %s their.pub; ssh-keygen -qs ca -I '%s' -n '%s' -z %llu "
		  "-O clear -O permit-pty %s -V $(date -u -d @%lld "
		  "+%%Y%%m%%d%%H%%M%%S):$(date -u -d @%lld +%%Y%%m%%d%%H%%M%%S)"
		  " their.pub",
		      pub, c->key_id, c->principal,
		      (unsigned long long)c->serial, option,
		      (long long)c->after, (long long)c->before) == 0);
	line = slurp("their-cert.pub", NULL);
	line[strcspn(line, " ") + 1 + strcspn(strchr(line, ' ') + 1, " \n")] =
		'\0';
	return line;
}

/* Byte for byte what ssh-keygen makes with the same nonce. */
static void
same_as_theirs(const struct jit_cert *c, const char *pub)
{
	unsigned char their_nonce[JIT_CERT_NONCE] = {0};
	struct jit_pubkey by = {0};
	struct jit_cursor cursor = {0};
	struct jit_error err = {0};
	struct jit_buf blob = {0};
	struct jit_buf line = {0};
	char *theirs = their_cert(c, pub);
	const unsigned char *p = NULL;
	size_t len = 0;

	blob_of(&blob, theirs);
	cursor = jit_cursor_over(blob.data, blob.len);
	jit_cursor_string(&cursor, &len);
	p = jit_cursor_string(&cursor, &len);
	if (CHECK(len == sizeof(their_nonce)))
		memcpy(their_nonce, p, len);
	CHECK_INT(jit_cert_make(&line, c, their_nonce, ca, &err), 0);
	CHECK_STR(jit_buf_text(&line), theirs);
	CHECK_INT(jit_cert_check(&by, theirs, c, &err), 0);
	CHECK(jit_pubkey_equal(&by, jit_signer_key(ca)));
	free(theirs);
	jit_buf_free(&blob);
	jit_buf_free(&line);
}

static void
test_interop(void)
{
	struct jit_cert c = sound();
	struct jit_error err = {0};
	struct jit_buf line = {0};
	char sha[65] = "";
	char want[65] = "";
	struct jit_buf blob = {0};

	CASE("ssh-keygen reads our certificate");
	CHECK_INT(jit_cert_make(&line, &c, nonce, ca, &err), 0);
	spill("u-cert.pub", line.data, line.len);
	CHECK_INT(run("ssh-keygen -Lf u-cert.pub"), 0);
	CHECK(said("ssh-ed25519-cert-v01@openssh.com user certificate"));
	CHECK(said("Key ID: \"01KADQ5N0G6K4V1X8Z3M9R2T5W\""));
	CHECK(said("Serial: 7\n"));
	CHECK(said("Valid: from 2026-11-22T04:27:41 to 2026-11-22T04:57:41"));
	CHECK(said("Principals: \n                root@web-1\n"));
	CHECK(said("force-command /usr/libexec/jit/recorder\n"));
	CHECK(said("Extensions: \n                permit-pty\n"));

	CASE("its SHA-256 is that of the wire form");
	blob_of(&blob, jit_buf_text(&line));
	jit_sha256_hex(want, blob.data, blob.len);
	CHECK_INT(jit_cert_sha256(sha, jit_buf_text(&line), &err), 0);
	CHECK_STR(sha, want);
	CHECK(run("cut -d' ' -f2 u-cert.pub | base64 -d | sha256sum") == 0 &&
		said(want));
	CHECK_INT(jit_cert_sha256(sha, "x !", &err), JIT_USAGE);
	CHECK_INT(jit_cert_sha256(sha, "x", &err), JIT_USAGE);
	CHECK_INT(jit_cert_sha256(sha, "x ", &err), JIT_USAGE);
	CHECK_INT(jit_cert_sha256(sha, "", &err), JIT_USAGE);
	CHECK_INT(jit_cert_sha256(sha, " AAAA", &err), JIT_USAGE);

	CASE("ours are ssh-keygen's bytes");
	same_as_theirs(&c, "u.pub");
	c.force_command = NULL;
	same_as_theirs(&c, "u.pub");
	c.serial = UINT64_MAX;
	c.key_id = "x";
	c.principal = "y";
	c.after = 1;
	c.before = 253402300799LL; /* 9999 */
	same_as_theirs(&c, "u.pub");

	CASE("a security key's too");
	CHECK(run("printf '%%s' 'sk-ssh-ed25519@openssh.com ' >sk.pub; "
		  "{ printf '\\0\\0\\0\\032sk-ssh-ed25519@openssh.com'; "
		  "cut -d' ' -f2 u.pub | base64 -d | tail -c 36; "
		  "printf '\\0\\0\\0\\004ssh:'; } | base64 -w0 >>sk.pub") == 0);
	read_pub(&c.key, "sk.pub");
	same_as_theirs(&c, "sk.pub");
	c.force_command = "/bin/true";
	same_as_theirs(&c, "sk.pub");
	jit_buf_free(&line);
	jit_buf_free(&blob);
}

/* When ssh-keygen's certificate with these options ends. */
static void
ends(const char *options, const char *pub, int64_t want)
{
	struct jit_error err = {0};
	int64_t before = 0;
	char *line = NULL;

	ROW(options);
	CHECK(run("cp %s e.pub; ssh-keygen -qs ca -I x -n y %s e.pub", pub,
		      options) == 0);
	line = slurp("e-cert.pub", NULL);
	line[strcspn(line, " ") + 1 + strcspn(strchr(line, ' ') + 1, " \n")] =
		'\0';
	CHECK_INT(jit_cert_before(&before, line, &err), 0);
	CHECK_INT(before, want);
	free(line);
}

static void
test_before(void)
{
	static const char *const bad[] = {"", " ", "x", "x AAAA", "sk-",
		"ssh-ed25519-cert-v01@openssh.com",
		"ssh-ed25519-cert-v01@openssh.com ",
		"ssh-ed25519-cert-v01@openssh.com !",
		"ssh-ed25519-cert-v01@openssh.com AAAA",
		"sk-ssh-ed25519-cert-v01@openssh.com AAAA"};
	struct jit_cert c = sound();
	struct jit_error err = {0};
	struct jit_buf line = {0};
	int64_t before = 0;
	char *text = NULL;
	size_t i = 0;

	CASE("when a certificate ends is read from it");
	CHECK_INT(jit_cert_make(&line, &c, nonce, ca, &err), 0);
	CHECK_INT(jit_cert_before(&before, jit_buf_text(&line), &err), 0);
	CHECK_INT(before, BEFORE);
	ends("-V 19700101000000:19700101000001", "u.pub", 1);
	ends("-V always:forever", "u.pub", INT64_MAX);
	ends("-h -V 20261122042741:20261122045741", "u.pub", BEFORE);
	ends("-V 20261122042741:20261122045741", "sk.pub", BEFORE);

	CASE("what is no certificate has no end");
	before = 7;
	for (i = 0; i < COUNT(bad); i++) {
		ROW(bad[i]);
		CHECK_INT(jit_cert_before(&before, bad[i], &err), JIT_USAGE);
	}
	text = slurp("u.pub", NULL);
	text[strcspn(text, " ") + 1 + strcspn(strchr(text, ' ') + 1, " \n")] =
		'\0';
	CHECK_INT(jit_cert_before(&before, text, &err), JIT_USAGE);
	free(text);

	CASE("nor has a part of one");
	text = (char *)line.data;
	text[line.len - 4] = '\0';
	CHECK_INT(jit_cert_before(&before, text, &err), JIT_USAGE);
	CHECK_INT(before, 7);
	jit_buf_free(&line);
}

static void
test_agent_ca(void)
{
	static const char *const argv[] = {"ssh-agent", "-D", "-a", "A", NULL};
	struct jit_cert c = sound();
	struct jit_signer *s = NULL;
	struct jit_error err = {0};
	struct jit_buf here = {0};
	struct jit_buf there = {0};

	CASE("a CA in an agent makes the same certificate");
	start("A", argv);
	CHECK(run("SSH_AUTH_SOCK=A ssh-add ca") == 0);
	s = open_signer("ca.pub", "A");
	CHECK(jit_cert_make(&here, &c, nonce, ca, &err) == 0);
	CHECK(jit_cert_make(&there, &c, nonce, s, &err) == 0);
	CHECK_STR(jit_buf_text(&there), jit_buf_text(&here));
	jit_signer_free(s);
	jit_buf_free(&here);
	jit_buf_free(&there);
}

static void
test_sk_ca(void)
{
	const char *argv[] = {"", "T", "seed", NULL};
	struct jit_cert c = sound();
	struct jit_pubkey by = {0};
	struct jit_signer *s = NULL;
	struct jit_error err = {0};
	struct jit_buf line = {0};
	char program[512] = "";
	char *theirs = NULL;

	CASE("a security key is no CA");
	if (!CHECK(tool(program, "sk_agent")))
		return;
	argv[0] = program;
	start("T", argv);
	s = open_signer("seed.pub", "T");
	CHECK_INT(jit_cert_make(&line, &c, nonce, s, &err), JIT_USAGE);
	CHECK_STR(err.text,
		"the CA's key is sk-ssh-ed25519@openssh.com: "
		"it must be ssh-ed25519");
	CHECK(run("cp u.pub v.pub; SSH_AUTH_SOCK=T ssh-keygen -qUs seed.pub -I "
		  "%s -n %s -z 7 -O clear -O permit-pty -O force-command=%s "
		  "-V 20261122042741:20261122045741 v.pub",
		      c.key_id, c.principal, c.force_command) == 0);
	theirs = slurp("v-cert.pub", NULL);
	theirs[strcspn(theirs, " ") + 1 +
		strcspn(strchr(theirs, ' ') + 1, " \n")] = '\0';
	CHECK_INT(jit_cert_check(&by, theirs, &c, &err), JIT_EVIDENCE);
	CHECK_STR(err.text, "the CA's key is not ssh-ed25519");
	free(theirs);
	jit_signer_free(s);
	jit_buf_free(&line);
}

static void
test_usage(void)
{
	struct jit_cert good = sound();
	struct jit_cert rows[15];
	struct jit_error err = {0};
	struct jit_buf line = {0};
	static char huge[JIT_CERT_MAX];
	size_t i = 0;

	CASE("certificates that must not be are not made");
	for (i = 0; i < COUNT(rows); i++)
		rows[i] = good;
	memset(huge, 'a', sizeof(huge) - 1);
	rows[0].serial = 0;
	rows[1].key_id = NULL;
	rows[2].key_id = "";
	rows[3].principal = NULL;
	rows[4].principal = "";
	rows[5].principal = "root@web-1,root@web-2";
	rows[6].before = rows[6].after;
	rows[7].before = rows[7].after - 1;
	rows[8].after = -1;
	rows[9].force_command = "";
	rows[10].force_command = "a\nb";
	rows[11].key_id = "a\nb";
	rows[12].principal = "a\nb";
	rows[13].force_command = huge;
	rows[14].before = INT64_MIN;
	for (i = 0; i < COUNT(rows); i++) {
		CHECK_INT(jit_cert_make(&line, &rows[i], nonce, ca, &err),
			JIT_USAGE);
		CHECK(line.len == 0 && err.text[0] != '\0');
	}
	jit_buf_free(&line);
}

/* 'line' must be refused for 'c' with this text. */
static void
differs(const char *line, const struct jit_cert *c, const char *text)
{
	struct jit_pubkey by = {0};
	struct jit_error err = {0};

	ROW(text);
	CHECK_INT(jit_cert_check(&by, line, c, &err), JIT_EVIDENCE);
	CHECK_STR(err.text, text);
	CHECK(by.pk[0] == 0);
}

static void
test_fields(void)
{
	struct jit_cert good = sound();
	struct jit_cert c = good;
	struct jit_error err = {0};
	struct jit_buf line = {0};
	const char *text = NULL;

	CASE("a certificate that says something else is refused by name");
	CHECK(jit_cert_make(&line, &good, nonce, ca, &err) == 0);
	text = jit_buf_text(&line);
	c.serial++;
	differs(text, &c, "the certificate differs in its serial");
	c = good;
	c.key_id = "01KADQ5N0G6K4V1X8Z3M9R2T5X";
	differs(text, &c, "the certificate differs in its key id");
	c = good;
	c.principal = "root@web-2";
	differs(text, &c, "the certificate differs in its principals");
	c = good;
	c.after++;
	differs(text, &c, "the certificate differs in its valid after");
	c = good;
	c.before--;
	differs(text, &c, "the certificate differs in its valid before");
	c = good;
	c.force_command = NULL;
	differs(text, &c, "the certificate differs in its critical options");
	c.force_command = "/bin/sh";
	differs(text, &c, "the certificate differs in its critical options");
	c = good;
	c.key.pk[3] ^= 1;
	differs(text, &c, "the certificate differs in its key");
	c = good;
	c.key.type = JIT_SK_ED25519;
	strcpy(c.key.application, "ssh:");
	differs(text, &c,
		"the certificate's type is not "
		"sk-ssh-ed25519-cert-v01@openssh.com");
	jit_buf_reset(&line);
	CHECK(jit_cert_make(&line, &c, nonce, ca, &err) == 0);
	text = jit_buf_text(&line);
	differs(text, &good,
		"the certificate's type is not "
		"ssh-ed25519-cert-v01@openssh.com");
	strcpy(c.key.application, "ssh:x");
	differs(text, &c, "the certificate differs in its application");
	jit_buf_free(&line);
}

/* What ssh-keygen makes in other ways from the same names. */
static void
test_theirs(void)
{
	static const struct {
		const char *options, *said;
	} rows[] = {
		{"", "the certificate differs in its extensions"},
		{"-O clear", "the certificate differs in its extensions"},
		{"-O clear -O permit-pty -O permit-user-rc",
			"the certificate differs in its extensions"},
		{"-O clear -O permit-pty -O extension:x@y=z",
			"the certificate differs in its extensions"},
		{"-O clear -O permit-pty -O source-address=127.0.0.1",
			"the certificate differs in its critical options"},
		{"-O clear -O permit-pty -O critical:x@y=z",
			"the certificate differs in its critical options"},
		{"-O clear -O permit-pty -n root@web-1,root@web-2",
			"the certificate differs in its principals"},
		{"-h", "the certificate differs in its certificate type"},
		{"-O clear -O permit-pty -z 0",
			"the certificate differs in its serial"},
		{"-O clear -O permit-pty -V always:forever",
			"the certificate differs in its valid after"},
		{"-O clear -O permit-pty -V 20261122042741:forever",
			"the certificate differs in its valid before"},
	};
	struct jit_cert c = sound();
	char *line = NULL;
	size_t i = 0;

	CASE("ssh-keygen's other certificates are refused by name");
	c.force_command = NULL;
	for (i = 0; i < COUNT(rows); i++) {
		CHECK(run("cp u.pub w.pub; ssh-keygen -qs ca -I %s -n %s -z 7 "
			  "-V 20261122042741:20261122045741 %s w.pub",
			      c.key_id, c.principal, rows[i].options) == 0);
		line = slurp("w-cert.pub", NULL);
		line[strlen(line) - 1] = '\0';
		line[strcspn(line, " ") + 1 +
			strcspn(strchr(line, ' ') + 1, " ")] = '\0';
		differs(line, &c, rows[i].said);
		free(line);
	}
	CASE("no principal at all is refused by name");
	CHECK(run("cp u.pub w.pub; ssh-keygen -qs ca -I %s -z 7 -V "
		  "20261122042741:20261122045741 -O clear -O permit-pty w.pub",
		      c.key_id) == 0);
	line = slurp("w-cert.pub", NULL);
	line[strcspn(line, " ") + 1 + strcspn(strchr(line, ' ') + 1, " \n")] =
		'\0';
	differs(line, &c, "the certificate differs in its principals");
	free(line);

	CASE("serial 0 is refused even where it was asked for");
	CHECK(run("cp u.pub w.pub; ssh-keygen -qs ca -I %s -n %s -z 0 -V "
		  "20261122042741:20261122045741 -O clear -O permit-pty w.pub",
		      c.key_id, c.principal) == 0);
	line = slurp("w-cert.pub", NULL);
	line[strcspn(line, " ") + 1 + strcspn(strchr(line, ' ') + 1, " \n")] =
		'\0';
	c.serial = 0;
	differs(line, &c,
		"a certificate's serial must be at least 1: "
		"0 cannot be revoked");
	free(line);
	c.serial = 7;

	CASE("RSA CAs are refused, whatever they sign");
	CHECK(run("ssh-keygen -qt rsa -b 2048 -N '' -f rsa; cp u.pub w.pub; "
		  "ssh-keygen -qs rsa -I %s -n %s -z 7 -O clear -O permit-pty "
		  "-V 20261122042741:20261122045741 w.pub",
		      c.key_id, c.principal) == 0);
	line = slurp("w-cert.pub", NULL);
	line[strcspn(line, " ") + 1 + strcspn(strchr(line, ' ') + 1, " \n")] =
		'\0';
	differs(line, &c,
		"the CA's key: an ssh-rsa key: jit needs ed25519; "
		"make one with ssh-keygen -t ed25519");
	free(line);
}

/* A certificate signed by ourselves with parts that nobody should make. */
struct bent {
	const char *name, *said;
	size_t nonce_len;
	const char *reserved, *type, *sig_type, *after, *after_sig;
	const char *twice; /* an option that comes twice */
	bool plus_l, other_sig, weak_ca;
	size_t sig_short;
};

static const struct bent bents[] = {
	{.name = "nonce of 31",
		.nonce_len = 31,
		.said = "the certificate's nonce is not 32 bytes"},
	{.name = "nonce of 33",
		.nonce_len = 33,
		.said = "the certificate's nonce is not 32 bytes"},
	{.name = "reserved",
		.reserved = "x",
		.said = "the certificate differs in its reserved field"},
	{.name = "inner type",
		.type = "ssh-ed25519-cert-v00@openssh.com",
		.said = "the certificate differs in its key type"},
	{.name = "trailing", .after = "x", .said = "a damaged certificate"},
	{.name = "option twice",
		.twice = "force-command",
		.said = "the certificate differs in its critical options"},
	{.name = "S + L",
		.plus_l = true,
		.said = "the CA's signature: the signature does not belong "
			"to these bytes and key"},
	{.name = "other bytes",
		.other_sig = true,
		.said = "the CA's signature: the signature does not belong "
			"to these bytes and key"},
	{.name = "weak CA",
		.weak_ca = true,
		.said = "the CA's signature: the signature does not belong "
			"to these bytes and key"},
	{.name = "signature type",
		.sig_type = "rsa-sha2-512",
		.said = "the CA's signature: the signature is not of its "
			"key's type, ssh-ed25519"},
	{.name = "signature and more",
		.after_sig = "x",
		.said = "the CA's signature: a damaged signature"},
	{.name = "short signature",
		.sig_short = 1,
		.said = "the CA's signature: a damaged signature"},
};

static void
put_option(struct jit_buf *out, const struct jit_cert *c)
{
	struct jit_buf inner = {0};

	jit_buf_cstring(out, "force-command");
	jit_buf_cstring(&inner, c->force_command);
	jit_buf_string(out, inner.data, inner.len);
	jit_buf_free(&inner);
}

static void
put_signature(struct jit_buf *out, const struct bent *b,
	const unsigned char *sk)
{
	static const unsigned char l[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63,
		0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
		0x14, [31] = 0x10};
	unsigned char sig[JIT_SIG];
	struct jit_buf wire = {0};

	crypto_sign_detached(sig, NULL, out->data, out->len - b->other_sig, sk);
	if (b->plus_l)
		sodium_add(sig + 32, l, sizeof(l));
	jit_buf_cstring(&wire, b->sig_type ? b->sig_type : "ssh-ed25519");
	jit_buf_string(&wire, sig, sizeof(sig) - b->sig_short);
	jit_buf_str(&wire, b->after_sig ? b->after_sig : "");
	jit_buf_string(out, wire.data, wire.len);
	jit_buf_str(out, b->after ? b->after : "");
	jit_buf_free(&wire);
}

static void
bend(struct jit_buf *line, const struct jit_cert *c, const struct bent *b,
	const unsigned char *sk)
{
	static const char good_type[] = "ssh-ed25519-cert-v01@openssh.com";
	unsigned char wide[64] = {9};
	struct jit_pubkey by = {.type = JIT_ED25519};
	struct jit_buf part = {0};
	struct jit_buf out = {0};

	memcpy(by.pk, sk + 32, sizeof(by.pk));
	if (b->weak_ca) {
		memset(by.pk, 0, sizeof(by.pk));
		by.pk[0] = 1;
	}
	jit_buf_cstring(&out, b->type ? b->type : good_type);
	jit_buf_string(&out, wide, b->nonce_len ? b->nonce_len : 32);
	jit_buf_string(&out, c->key.pk, 32);
	jit_buf_u64(&out, c->serial);
	jit_buf_u32(&out, 1);
	jit_buf_cstring(&out, c->key_id);
	jit_buf_cstring(&part, c->principal);
	jit_buf_string(&out, part.data, part.len);
	jit_buf_u64(&out, (uint64_t)c->after);
	jit_buf_u64(&out, (uint64_t)c->before);
	jit_buf_reset(&part);
	put_option(&part, c);
	if (b->twice != NULL)
		put_option(&part, c);
	jit_buf_string(&out, part.data, part.len);
	jit_buf_reset(&part);
	jit_buf_cstring(&part, "permit-pty");
	jit_buf_cstring(&part, "");
	jit_buf_string(&out, part.data, part.len);
	jit_buf_cstring(&out, b->reserved ? b->reserved : "");
	jit_buf_reset(&part);
	jit_pubkey_blob(&part, &by);
	jit_buf_string(&out, part.data, part.len);
	put_signature(&out, b, sk);
	jit_buf_fmt(line, "%s ", good_type);
	jit_base64(line, out.data, out.len, true);
	jit_buf_free(&part);
	jit_buf_free(&out);
}

static void
test_bent(void)
{
	unsigned char pk[32];
	unsigned char sk[64];
	struct jit_cert c = sound();
	struct jit_error err = {0};
	struct jit_pubkey by = {0};
	struct jit_buf line = {0};
	struct bent straight = {0};
	size_t i = 0;

	crypto_sign_keypair(pk, sk);
	CASE("the table's sound row is good");
	bend(&line, &c, &straight, sk);
	CHECK_INT(jit_cert_check(&by, jit_buf_text(&line), &c, &err), 0);
	CHECK_MEM(by.pk, pk, sizeof(pk));

	CASE("certificates that are bent are refused, signed or not");
	for (i = 0; i < COUNT(bents); i++) {
		jit_buf_reset(&line);
		bend(&line, &c, &bents[i], sk);
		differs(jit_buf_text(&line), &c, bents[i].said);
	}
	jit_buf_free(&line);
}

static void
test_lines(void)
{
	static const char *const fmts[] = {"%s\n", "%s comment", " %s", "%s ",
		"\t%s", "%s=", "%s\r\n", "%s %s", "x%s"};
	struct jit_cert c = sound();
	struct jit_pubkey by = {0};
	struct jit_error err = {0};
	struct jit_buf good = {0};
	struct jit_buf b = {0};
	char *text = NULL;
	char was = 0;
	size_t i = 0;

	CASE("anything around a certificate is refused");
	CHECK(jit_cert_make(&good, &c, nonce, ca, &err) == 0);
	for (i = 0; i < COUNT(fmts); i++) {
		ROW(fmts[i]);
		jit_buf_reset(&b);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		jit_buf_fmt(&b, fmts[i], jit_buf_text(&good),
			jit_buf_text(&good));
#pragma GCC diagnostic pop
		CHECK_INT(jit_cert_check(&by, jit_buf_text(&b), &c, &err),
			JIT_EVIDENCE);
	}
	CASE("it is refused wherever it is cut or changed");
	text = strdup(jit_buf_text(&good));
	for (i = 0; i < good.len; i++) {
		was = text[i];
		text[i] = '\0';
		CHECK_INT(jit_cert_check(&by, text, &c, &err), JIT_EVIDENCE);
		text[i] = was == 'A' ? 'B' : 'A';
		CHECK_INT(jit_cert_check(&by, text, &c, &err), JIT_EVIDENCE);
		text[i] = was;
	}
	CHECK_INT(jit_cert_check(&by, text, &c, &err), 0);
	c.serial = 0;
	CHECK_INT(jit_cert_check(&by, text, &c, &err), JIT_EVIDENCE);
	free(text);
	jit_buf_free(&good);
	jit_buf_free(&b);
}

/* OpenSSH's own test certificates: only_pty.cert is as jit makes them. */
static void
test_vectors(const char *vectors_dir)
{
	static const struct {
		const char *file, *said;
	} rows[] = {
		{"only_pty", NULL},
		{"all_permit", "the certificate differs in its extensions"},
		{"no_permit", "the certificate differs in its extensions"},
		{"no_pty", "the certificate differs in its extensions"},
		{"only_user_rc", "the certificate differs in its extensions"},
		{"only_x11fwd", "the certificate differs in its extensions"},
		{"host", "the certificate differs in its certificate type"},
		{"force_command",
			"the certificate differs in its critical options"},
		{"sourceaddr",
			"the certificate differs in its critical options"},
		{"bad_sourceaddr",
			"the certificate differs in its critical options"},
		{"unknown_critical",
			"the certificate differs in its critical options"},
	};
	struct jit_cert c = {.serial = 1,
		.key_id = "user",
		.principal = "user",
		.after = 915112800,
		.before = 946562400};
	struct jit_cursor cursor = {0};
	struct jit_error err = {0};
	struct jit_pubkey by = {0};
	struct jit_buf blob = {0};
	char path[512] = "";
	char *line = NULL;
	size_t len = 0;
	size_t i = 0;

	CASE("OpenSSH's own certificates: what jit makes and nothing else");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].file);
		snprintf(path, sizeof(path), OPENSSH "/%s.cert", vectors_dir,
			rows[i].file);
		line = slurp(path, NULL);
		line[strcspn(line, " ") + 1 +
			strcspn(strchr(line, ' ') + 1, " \n")] = '\0';
		jit_buf_reset(&blob);
		blob_of(&blob, line);
		cursor = jit_cursor_over(blob.data, blob.len);
		jit_cursor_string(&cursor, &len);
		jit_cursor_string(&cursor, &len);
		memcpy(c.key.pk, jit_cursor_string(&cursor, &len), JIT_PK);
		if (rows[i].said == NULL)
			CHECK_INT(jit_cert_check(&by, line, &c, &err), 0);
		else
			differs(line, &c, rows[i].said);
		memset(&by, 0, sizeof(by));
		free(line);
	}
	jit_buf_free(&blob);
}

int
main(void)
{
	const char *dir = NULL;
	struct jit_error err = {0};

	if (jit_hash_start(&err) != 0)
		return 1;
	temp_start();
	dir = vectors("cert_test");
	CASE("keys to work with");
	CHECK(run("ssh-keygen -qt ed25519 -N '' -f ca; "
		  "ssh-keygen -qt ed25519 -N '' -f u") == 0);
	ca = open_signer("ca", NULL);
	read_pub(&user, "u.pub");
	test_interop();
	test_before();
	test_agent_ca();
	test_sk_ca();
	test_usage();
	test_fields();
	test_theirs();
	test_bent();
	test_lines();
	if (dir != NULL)
		test_vectors(dir);
	jit_signer_free(ca);
	return UNIT_DONE();
}

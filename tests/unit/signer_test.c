/* SPDX-License-Identifier: ISC */
#include <sodium.h>
#include <time.h>

#include "hash.h"
#include "signer.h"
#include "temp.h"
#include "unit.h"

static struct jit_buf said_list; /* what the stand-ins answer */
static struct jit_buf said_sig;

static int
open_as_me(struct jit_signer **s, const char *path, const char *socket,
	struct jit_error *err)
{
	return jit_signer_open(s, path, socket, (unsigned int)getuid(), err);
}

static void
refused(const char *path, const char *socket, const char *text)
{
	struct jit_signer *s = NULL;
	struct jit_error err = {0};

	ROW(path);
	CHECK_INT(open_as_me(&s, path, socket, &err), JIT_TROUBLE);
	CHECK_STR(err.text, text);
	CHECK(s == NULL);
}

/* Sign, and verify with the public key in 'pub'. */
static void
proves(struct jit_signer *s, const char *pub, bool slow)
{
	struct jit_signature made = {0};
	struct jit_pubkey key = {0};
	struct jit_error err = {0};
	struct jit_buf out = {0};
	char *text = slurp(pub, NULL);

	CHECK(jit_pubkey_parse(&key, text, &err) == 0);
	free(text);
	CHECK(jit_pubkey_equal(jit_signer_key(s), &key));
	CHECK(jit_signer_slow(s) == slow);
	jit_buf_str(&out, "before"); /* it appends */
	CHECK_INT(jit_signer_sign(&out, s, "message", 7, &err), 0);
	CHECK(memcmp(out.data, "before", 6) == 0);
	CHECK(jit_signature_read(&made, &key, out.data + 6, out.len - 6,
		      &err) == 0);
	CHECK(jit_signature_verify(&made, "message", 7, &err) == 0);
	CHECK(jit_signature_verify(&made, "massage", 7, &err) == JIT_EVIDENCE);
	jit_buf_free(&out);
}

/* Open, sign and verify. */
static void
signs(const char *path, const char *socket, const char *pub, bool slow)
{
	struct jit_signer *s = NULL;
	struct jit_error err = {0};

	ROW(path);
	CHECK_INT(open_as_me(&s, path, socket, &err), 0);
	CHECK_STR(err.text, "");
	if (s == NULL)
		return;
	proves(s, pub, slow);
	jit_signer_free(s);
}

static void
test_made(void)
{
	struct jit_secret *secret = NULL;
	struct jit_signer *s = NULL;
	struct jit_pubkey key = {0};
	struct jit_error err = {0};
	struct jit_buf line = {0};

	CASE("a secret in memory signs by itself");
	CHECK_INT(jit_secret_make(&secret, &err), 0);
	jit_secret_public(&key, secret);
	jit_pubkey_text(&line, &key);
	spill("made.pub", line.data, line.len);
	CHECK_INT(jit_signer_made(&s, secret, &err), 0);
	proves(s, "made.pub", false);
	jit_signer_free(s);
	jit_buf_free(&line);
}

/* The key of a public key file, of the agent, without the file. */
static int
held(struct jit_signer **s, const char *pub, const char *socket,
	struct jit_error *err)
{
	struct jit_pubkey key = {0};
	char *text = slurp(pub, NULL);

	CHECK(jit_pubkey_parse(&key, text, err) == 0);
	free(text);
	return jit_signer_held(s, &key, socket, err);
}

static void
test_files(void)
{
	CASE("a key file signs by itself");
	CHECK(run("ssh-keygen -qt ed25519 -N '' -f plain; "
		  "ssh-keygen -qt ed25519 -N pass -f locked; "
		  "ssh-keygen -qt ed25519 -N '' -f rest; "
		  "ssh-keygen -qt rsa -b 2048 -N '' -f rsa") == 0);
	signs("plain", NULL, "plain.pub", false);
	signs("plain", "nowhere", "plain.pub", false);

	CASE("without an agent, a person is told what to do");
	refused("locked", NULL,
		"key 'locked' is locked by a passphrase and "
		"there is no ssh-agent (SSH_AUTH_SOCK): ssh-add 'locked'");
	refused("plain.pub", NULL,
		"key 'plain.pub' is only its public half "
		"and there is no ssh-agent (SSH_AUTH_SOCK): ssh-add 'plain'");
	refused("locked", "nowhere",
		"key 'locked' is locked by a passphrase: "
		"no ssh-agent answers at 'nowhere': "
		"No such file or directory");
	refused("rsa", NULL,
		"'rsa' is an ssh-rsa key: jit needs ed25519; "
		"make one with ssh-keygen -t ed25519");
	refused("none", NULL,
		"cannot read key 'none': No such file or directory");
}

static void
test_agent(void)
{
	static const char *const argv[] = {"ssh-agent", "-D", "-a", "A", NULL};
	struct jit_signer *s = NULL;
	struct jit_error err = {0};

	CASE("an agent without the key");
	start("A", argv);
	refused("locked", "A",
		"key 'locked' is locked by a passphrase and "
		"no agent holds it: ssh-add 'locked'");
	refused("locked.pub", "A",
		"key 'locked.pub' is only its public half "
		"and no agent holds it: ssh-add 'locked'");

	CASE("an agent with the key signs for the locked and the public file");
	CHECK(run("printf '#!/bin/sh\\necho pass\\n' >ask; chmod 700 ask; "
		  "SSH_ASKPASS=./ask SSH_ASKPASS_REQUIRE=force "
		  "SSH_AUTH_SOCK=A ssh-add locked") == 0);
	signs("locked", "A", "locked.pub", true);
	signs("locked.pub", "A", "locked.pub", true);
	CHECK(run("SSH_AUTH_SOCK=A ssh-add plain; cp plain.pub elsewhere") ==
		0);
	signs("elsewhere", "A", "plain.pub", true);
	CHECK_INT(held(&s, "plain.pub", "A", &err), 0);
	proves(s, "plain.pub", true);
	jit_signer_free(s);
	s = NULL;

	CASE("a key that no agent holds");
	CHECK_INT(held(&s, "rest.pub", "A", &err), JIT_TROUBLE);
	CHECK(strstr(err.text, "no ssh-agent holds key 'SHA256:") != NULL);
	CHECK(strstr(err.text, "': ssh-add it") != NULL);
	CHECK_INT(held(&s, "plain.pub", NULL, &err), JIT_TROUBLE);
	CHECK(strstr(err.text, "no ssh-agent holds key 'SHA256:") != NULL);
	CHECK_INT(held(&s, "plain.pub", "nowhere", &err), JIT_TROUBLE);
	CHECK_STR(err.text,
		"no ssh-agent answers at 'nowhere': "
		"No such file or directory");
	CHECK(s == NULL);

	CASE("a locked agent holds nothing");
	CHECK(run("SSH_ASKPASS=./ask SSH_ASKPASS_REQUIRE=force "
		  "SSH_AUTH_SOCK=A ssh-add -x") == 0);
	refused("locked", "A",
		"key 'locked' is locked by a passphrase and "
		"no agent holds it: ssh-add 'locked'");
}

static void
test_security_key(void)
{
	const char *argv[] = {"", "T", "seed", NULL};
	char program[512] = "";

	CASE("a security key signs through its agent");
	if (!CHECK(tool(program, "sk_agent")))
		return;
	argv[0] = program;
	start("T", argv);
	signs("seed.pub", "T", "seed.pub", true);
	CHECK(run("SSH_AUTH_SOCK=T ssh-add -L >listed; cmp listed seed.pub") ==
		0);
	refused("plain.pub", "T",
		"key 'plain.pub' is only its public half "
		"and no agent holds it: ssh-add 'plain'");
}

/* Answer a list of keys with said_list, anything else with said_sig. */
static void
lies(int fd)
{
	unsigned char b[4096];
	ssize_t n = read(fd, b, sizeof(b));
	const struct jit_buf *out =
		n > 4 && b[4] == 11 ? &said_list : &said_sig;

	if (n < 0 || write(fd, out->data, out->len) < 0)
		_exit(1);
}

static void
sleeps(int fd)
{
	(void)fd;
	sleep(30);
}

static void
frame(struct jit_buf *out, const struct jit_buf *body)
{
	jit_buf_reset(out);
	jit_buf_string(out, body->data, body->len);
}

static void
prepare_list(const struct jit_pubkey *key)
{
	struct jit_buf blob = {0};
	struct jit_buf body = {0};

	jit_pubkey_blob(&blob, key);
	jit_buf_u8(&body, 12);
	jit_buf_u32(&body, 1);
	jit_buf_string(&body, blob.data, blob.len);
	jit_buf_cstring(&body, "a comment");
	frame(&said_list, &body);
	jit_buf_free(&blob);
	jit_buf_free(&body);
}

/* What a bad agent signs with, and as what. */
static void
prepare_sig(const char *type, const unsigned char sig[JIT_SIG], size_t len)
{
	struct jit_buf wire = {0};
	struct jit_buf body = {0};

	jit_buf_cstring(&wire, type);
	jit_buf_string(&wire, sig, len);
	jit_buf_u8(&body, 14);
	jit_buf_string(&body, wire.data, wire.len);
	frame(&said_sig, &body);
	jit_buf_free(&wire);
	jit_buf_free(&body);
}

static void
lied_to(const char *name, const char *text)
{
	struct jit_signer *s = NULL;
	struct jit_error err = {0};
	struct jit_buf out = {0};
	pid_t pid = stand_in("L", lies);

	ROW(name);
	CHECK_INT(open_as_me(&s, "lie.pub", "L", &err), 0);
	if (s != NULL)
		CHECK_INT(jit_signer_sign(&out, s, "m", 1, &err), JIT_TROUBLE);
	CHECK_STR(err.text, text);
	CHECK_INT((long long)out.len, 0);
	jit_signer_free(s);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	temp_count--;
	unlink("L");
}

#define WRONG "key 'lie.pub': the ssh-agent at 'L' signed wrongly: "

static void
test_lies(void)
{
	unsigned char pk[JIT_PK];
	unsigned char sk[64];
	unsigned char sig[JIT_SIG];
	struct jit_pubkey key = {.type = JIT_ED25519};
	struct jit_buf line = {0};

	CASE("what an agent signs wrongly is not used");
	crypto_sign_keypair(pk, sk);
	memcpy(key.pk, pk, sizeof(pk));
	jit_pubkey_text(&line, &key);
	spill("lie.pub", line.data, line.len);
	prepare_list(&key);

	crypto_sign_detached(sig, NULL, (const unsigned char *)"n", 1, sk);
	prepare_sig("ssh-ed25519", sig, sizeof(sig));
	lied_to("other bytes",
		WRONG "the signature does not belong to these "
		      "bytes and key");
	crypto_sign_detached(sig, NULL, (const unsigned char *)"m", 1, sk);
	prepare_sig("ssh-rsa", sig, sizeof(sig));
	lied_to("other type",
		WRONG "the signature is not of its key's type, "
		      "ssh-ed25519");
	prepare_sig("ssh-ed25519", sig, sizeof(sig) - 1);
	lied_to("short", WRONG "a damaged signature");
	crypto_sign_keypair(pk, sk);
	crypto_sign_detached(sig, NULL, (const unsigned char *)"m", 1, sk);
	prepare_sig("ssh-ed25519", sig, sizeof(sig));
	lied_to("other key",
		WRONG "the signature does not belong to these "
		      "bytes and key");
	jit_buf_free(&line);
}

static void
test_waits(void)
{
	time_t began = 0;

	CASE("an agent that sleeps is given 5 seconds");
	stand_in("Z", sleeps);
	began = time(NULL);
	refused("locked", "Z",
		"key 'locked' is locked by a passphrase: the "
		"ssh-agent at 'Z' did not answer within 5 seconds");
	CHECK(time(NULL) - began >= 4 && time(NULL) - began < 10);
}

int
main(void)
{
	struct jit_error err = {0};

	if (jit_hash_start(&err) != 0)
		return 1;
	temp_start();
	test_files();
	test_made();
	test_agent();
	test_security_key();
	test_lies();
	test_waits();
	jit_buf_free(&said_list);
	jit_buf_free(&said_sig);
	return UNIT_DONE();
}

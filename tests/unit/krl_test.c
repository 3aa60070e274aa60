/* SPDX-License-Identifier: ISC */
#include "cert.h"
#include "hash.h"
#include "krl.h"
#include "temp.h"
#include "unit.h"

#define NOW 1795321661LL

static struct jit_signer *ca, *other;
static struct jit_pubkey user;

static void
make_cert(const char *path, const struct jit_signer *by, uint64_t serial)
{
	static const unsigned char nonce[JIT_CERT_NONCE] = {1};
	struct jit_cert c = {.serial = serial,
		.key_id = "01KADQ5N0G6K4V1X8Z3M9R2T5W",
		.principal = "root@web-1",
		.after = NOW,
		.before = NOW + 600};
	struct jit_buf line = {0};

	c.key = user;
	CHECK(jit_cert_make(&line, &c, nonce, by, NULL) == 0);
	spill(path, line.data, line.len);
	jit_buf_free(&line);
}

static void
make_krl(struct jit_buf *out, const struct jit_signer *signer)
{
	struct jit_krl_entry e[5] = {{.serial = 9}, {.serial = 3},
		{.serial = 4}, {.serial = 9}, {.serial = 3}};
	size_t i;

	for (i = 0; i < 5; i++)
		e[i].ca = *jit_signer_key(i == 4 ? other : ca);
	CHECK(jit_krl_make(out, 812, NOW, "ledger", e, 5, signer, NULL) == 0);
}

static void
interop(void)
{
	struct jit_buf krl = {0}, signed_krl = {0};

	CASE("ssh-keygen reads the list and finds who is in it");
	make_krl(&krl, NULL);
	spill("krl", krl.data, krl.len);
	CHECK(run("ssh-keygen -Q -l -f krl") == 0);
	CHECK(said("KRL version 812"));
	make_cert("in-cert.pub", ca, 9);
	make_cert("out-cert.pub", ca, 5);
	make_cert("other-cert.pub", other, 9);
	CHECK(run("ssh-keygen -Q -f krl in-cert.pub") != 0);
	CHECK(said("REVOKED"));
	CHECK(run("ssh-keygen -Q -f krl out-cert.pub") == 0);
	CHECK(run("ssh-keygen -Q -f krl other-cert.pub") == 0);
	CASE("a signed list is read too");
	make_krl(&signed_krl, ca);
	spill("signed", signed_krl.data, signed_krl.len);
	CHECK(signed_krl.len > krl.len);
	CHECK(memcmp(signed_krl.data, krl.data, krl.len) == 0);
	CHECK(run("ssh-keygen -Q -l -f signed") == 0);
	CHECK(run("ssh-keygen -Q -f signed in-cert.pub") != 0);
	signed_krl.data[signed_krl.len - 1] ^= 1;
	spill("forged", signed_krl.data, signed_krl.len);
	CHECK(run("ssh-keygen -Q -l -f forged") != 0);
	jit_buf_free(&krl);
	jit_buf_free(&signed_krl);
}

static void
bounds(void)
{
	struct jit_krl_entry none = {.serial = 0};
	struct jit_buf krl = {0};
	struct jit_error err = {0};

	CASE("serial 0 is refused");
	none.ca = *jit_signer_key(ca);
	CHECK(jit_krl_make(&krl, 1, NOW, "", &none, 1, NULL, &err) ==
		JIT_USAGE);
	CHECK(krl.len == 0);
	CASE("an empty list is a list");
	CHECK(jit_krl_make(&krl, 1, NOW, "", NULL, 0, NULL, &err) == 0);
	spill("empty", krl.data, krl.len);
	CHECK(run("ssh-keygen -Q -l -f empty") == 0);
	CHECK(run("ssh-keygen -Q -f empty in-cert.pub") == 0);
	jit_buf_free(&krl);
}

static void
versions(void)
{
	struct jit_buf krl = {0};
	uint64_t v = 0;
	size_t i;

	CASE("the version is read back, of a whole list only");
	make_krl(&krl, ca);
	CHECK(jit_krl_version(&v, krl.data, krl.len, NULL) == 0);
	CHECK(v == 812);
	for (i = 0; i < krl.len; i++) {
		v = 0;
		if (jit_krl_version(&v, krl.data, i, NULL) == 0)
			break; /* only where a section ends */
	}
	CHECK(i > 44);
	jit_buf_free(&krl);
}

int
main(void)
{
	struct jit_error err = {0};
	char *line;

	temp_start();
	if (jit_hash_start(&err))
		return 1;
	CHECK(run("ssh-keygen -q -t ed25519 -N '' -f ca &&"
		  "ssh-keygen -q -t ed25519 -N '' -f other &&"
		  "ssh-keygen -q -t ed25519 -N '' -f user") == 0);
	CHECK(jit_signer_open(&ca, "ca", NULL, (unsigned int)getuid(), &err) ==
		0);
	CHECK(jit_signer_open(&other, "other", NULL, (unsigned int)getuid(),
		      &err) == 0);
	line = slurp("user.pub", NULL);
	CHECK(jit_pubkey_parse(&user, line, &err) == 0);
	free(line);
	interop();
	bounds();
	versions();
	jit_signer_free(ca);
	jit_signer_free(other);
	return UNIT_DONE();
}

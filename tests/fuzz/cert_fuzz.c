/* SPDX-License-Identifier: ISC */
/*
 * Certificate lines, checked against what one known certificate says. Its CA
 * is not known here: only the corpus' own line can be good, and with it only
 * the nonces that this CA signed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The key of RFC 8032, section 7.1, TEST 1. */
static const char user[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31"
			   "Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_cert cert = {.serial = 7,
		.key_id = "id",
		.principal = "root@web-1",
		.after = 1795321661,
		.before = 1795323461,
		.force_command = "/bin/true"};
	struct jit_pubkey ca = {0};
	char *line = malloc(size + 1);
	char first[65] = "";
	char second[65] = "";

	if (line == NULL || jit_hash_start(NULL) != 0 ||
		jit_pubkey_parse(&cert.key, user, NULL) != 0)
		abort();
	if (size > 0)
		memcpy(line, data, size);
	line[size] = '\0';
	if (jit_cert_check(&ca, line, &cert, NULL) == 0 &&
		(jit_cert_sha256(first, line, NULL) != 0 || ca.pk[0] == 0))
		abort();
	cert.key.type = JIT_SK_ED25519;
	strcpy(cert.key.application, "ssh:");
	if (jit_cert_check(&ca, line, &cert, NULL) == 0 &&
		(jit_cert_sha256(second, line, NULL) != 0 ||
			strcmp(first, second) == 0))
		abort();
	free(line);
	return 0;
}

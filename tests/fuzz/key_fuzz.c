/* SPDX-License-Identifier: ISC */
/*
 * Public keys as lines and as wire form, key files as a whole. What is
 * accepted is written back to the same bytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hash.h"
#include "secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file without a name, mode 0600; the same one for every input. */
static int
scratch(void)
{
	static int file = -1;
	char path[] = "/tmp/jit-fuzz.XXXXXX";

	if (file < 0) {
		file = mkstemp(path);
		if (file < 0 || unlink(path) != 0)
			abort();
	}
	return file;
}

static void
try_line(const char *text)
{
	struct jit_pubkey key = {0};
	struct jit_pubkey again = {0};
	struct jit_buf line = {0};

	if (jit_pubkey_parse(&key, text, NULL) == 0) {
		jit_pubkey_text(&line, &key);
		if (jit_pubkey_parse(&again, jit_buf_text(&line), NULL) != 0 ||
			!jit_pubkey_equal(&key, &again))
			abort();
	}
	jit_buf_free(&line);
}

static void
try_wire(const uint8_t *data, size_t size)
{
	struct jit_pubkey key = {0};
	struct jit_buf blob = {0};

	if (jit_pubkey_read(&key, data, size, NULL) == 0) {
		jit_pubkey_blob(&blob, &key);
		if (blob.len != size || memcmp(blob.data, data, size) != 0)
			abort();
	}
	jit_buf_free(&blob);
}

static void
try_file(const uint8_t *data, size_t size)
{
	enum jit_key_file kind = JIT_FILE_PUBLIC;
	struct jit_secret *secret = NULL;
	struct jit_pubkey half = {0};
	struct jit_pubkey pub = {0};
	char path[32] = "";
	int file = scratch();

	if (ftruncate(file, 0) != 0 ||
		pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (jit_secret_load(&kind, &secret, &pub, path, getuid(), NULL) != 0)
		return;
	if ((kind == JIT_FILE_SECRET) != (secret != NULL))
		abort();
	if (secret != NULL) {
		jit_secret_public(&half, secret);
		if (!jit_pubkey_equal(&half, &pub))
			abort();
	}
	jit_secret_free(secret);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (text == NULL || jit_hash_start(NULL) != 0)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	try_line(text);
	try_wire(data, size);
	try_file(data, size);
	free(text);
	return 0;
}

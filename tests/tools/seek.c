/* SPDX-License-Identifier: ISC */
/*
 * seek: where a secret key is. As root, or over processes of one's own.
 *
 *   seek key PID PUBKEYFILE   the seed of that key, as hex, from PID's memory
 *   seek memory HEX PID...    the processes that have the seed in their memory
 *   seek files HEX FILE...    the files that have it: as it is, as hex, or in
 *                             base64
 *
 * Ends with 0 if it was found, 1 if it was not.
 */
#define _GNU_SOURCE /* memmem */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hash.h"
#include "key.h"

#define MAPPED (1UL << 30) /* bytes; more is a sanitizer's, and empty */
#define FILE_BYTES (64UL << 20)
#define NEEDLES 5

struct needle {
	unsigned char at[2 * 32 + 1];
	size_t len;
};

typedef bool looks(const unsigned char *p, size_t len, void *arg);

static const unsigned char *
find(const unsigned char *p, size_t len, const void *what, size_t what_len)
{
	return len < what_len ? NULL : memmem(p, len, what, what_len);
}

/* Each part of a process's memory that can be written. */
static bool
in_memory(const char *pid, looks *look, void *arg)
{
	unsigned long from = 0, to = 0;
	char path[64], line[512], mode[8];
	unsigned char *all = NULL;
	bool found = false;
	ssize_t n = 0;
	FILE *maps = NULL;
	int mem = -1;

	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "re");
	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	while (maps && mem >= 0 && !found && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 ||
			mode[1] != 'w' || to - from > MAPPED)
			continue;
		all = malloc(to - from);
		n = all ? pread(mem, all, to - from, (off_t)from) : -1;
		found = n > 0 && look(all, (size_t)n, arg);
		free(all);
	}
	if (!maps || mem < 0)
		fprintf(stderr, "seek: cannot read %s\n", path);
	if (maps)
		fclose(maps);
	if (mem >= 0)
		close(mem);
	return found;
}

/* libsodium's form of a secret key: the seed, then the public key. */
static bool
look_key(const unsigned char *p, size_t len, void *arg)
{
	const struct jit_pubkey *key = arg;
	const unsigned char *end = p + len, *at = p;
	unsigned char pk[32], sk[64];
	char hex[65];

	while ((at = find(at, (size_t)(end - at), key->pk, 32))) {
		if (at - p >= 32) {
			crypto_sign_seed_keypair(pk, sk, at - 32);
			if (memcmp(pk, key->pk, 32) == 0) {
				jit_hex(hex, at - 32, 32);
				puts(hex);
				return true;
			}
		}
		at++;
	}
	return false;
}

static bool
look_needles(const unsigned char *p, size_t len, void *arg)
{
	const struct needle *n = arg;
	size_t i;

	for (i = 0; i < NEEDLES; i++)
		if (find(p, len, n[i].at, n[i].len))
			return true;
	return false;
}

/* In base64 a seed has three spellings, after the byte that it begins at. */
static void
needles(struct needle n[NEEDLES], const unsigned char seed[32])
{
	unsigned char padded[34] = "";
	struct jit_buf text = {0};
	size_t i;

	memcpy(n[0].at, seed, 32);
	n[0].len = 32;
	jit_hex((char *)n[1].at, seed, 32);
	n[1].len = 64;
	for (i = 0; i < 3; i++) {
		memcpy(padded + i, seed, 32);
		jit_buf_reset(&text);
		jit_base64(&text, padded, 32 + i, false);
		n[2 + i].len = 38;
		memcpy(n[2 + i].at, text.data + (i ? 2 + i - 1 : 0), 38);
	}
	jit_buf_free(&text);
}

static bool
in_file(const char *path, struct needle n[NEEDLES])
{
	unsigned char *all = malloc(FILE_BYTES);
	FILE *f = fopen(path, "re");
	size_t len = f && all ? fread(all, 1, FILE_BYTES, f) : 0;
	bool found = look_needles(all, len, n);
	size_t i, kept = 0;

	for (i = 0; i < len; i++) /* base64 comes in lines */
		if (all[i] != '\n')
			all[kept++] = all[i];
	found = found || look_needles(all, kept, n);
	if (f)
		fclose(f);
	free(all);
	return found;
}

static int
key(const char *pid, const char *path)
{
	struct jit_pubkey k = {0};
	char line[1024] = "";
	FILE *f = fopen(path, "re");
	bool read = f && fgets(line, sizeof(line), f);

	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = '\0';
	if (!read || jit_pubkey_parse(&k, line, NULL) != 0)
		return 2;
	return in_memory(pid, look_key, &k) ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct needle n[NEEDLES];
	unsigned char seed[32];
	bool memory, here, found = false;
	int i;

	if (argc < 4 || jit_hash_start(NULL) != 0)
		return 2;
	if (strcmp(argv[1], "key") == 0)
		return key(argv[2], argv[3]);
	if (jit_unhex(seed, sizeof(seed), argv[2]) != 0)
		return 2;
	needles(n, seed);
	memory = strcmp(argv[1], "memory") == 0;
	for (i = 3; i < argc; i++) {
		here = memory ? in_memory(argv[i], look_needles, n)
			      : in_file(argv[i], n);
		if (here)
			puts(argv[i]);
		found = found || here;
	}
	return found ? 0 : 1;
}

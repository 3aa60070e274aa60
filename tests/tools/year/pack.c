/* SPDX-License-Identifier: ISC */
#include "pack.h"

#include <fcntl.h>
#include <mbedtls/sha1.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#define COMMIT 1 /* its type in a pack */
#define NAME_MAX_ 4096

struct pack {
	FILE *f;
	char folder[NAME_MAX_ - 128], path[NAME_MAX_];
	uint32_t count;
	z_stream z;
};

extern char **environ;

void
die(const char *what, const char *why)
{
	fprintf(stderr, "year: %s: %s\n", what, why);
	exit(3);
}

void
run_program(const char *const *argv)
{
	posix_spawn_file_actions_t files;
	char *words[16];
	int status = 0;
	size_t n;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	for (n = 0; n < 15 && argv[n]; n++)
		words[n] = strdup(argv[n]);
	words[n] = NULL;
	if (posix_spawnp(&pid, words[0], &files, NULL, words, environ) != 0 ||
		waitpid(pid, &status, 0) != pid || status != 0)
		die(argv[0], "it failed");
	posix_spawn_file_actions_destroy(&files);
	while (n-- > 0)
		free(words[n]);
}

static void
put(struct pack *p, const void *bytes, size_t len)
{
	if (fwrite(bytes, 1, len, p->f) != len)
		die(p->path, "cannot write");
}

static void
put_u32(struct pack *p, uint32_t n)
{
	const unsigned char b[4] = {(unsigned char)(n >> 24),
		(unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n};

	put(p, b, sizeof(b));
}

/* How many there are is known at the end: a place is kept. */
static void
put_head(struct pack *p)
{
	rewind(p->f);
	put(p, "PACK", 4);
	put_u32(p, 2);
	put_u32(p, p->count);
}

struct pack *
pack_begin(const char *path)
{
	struct pack *p = calloc(1, sizeof(*p));

	if (p == NULL)
		die(path, "no memory");
	snprintf(p->folder, sizeof(p->folder), "%s/objects/pack", path);
	snprintf(p->path, sizeof(p->path), "%s/tmp_year.pack", p->folder);
	p->f = fopen(p->path, "w+b");
	if (p->f == NULL || deflateInit(&p->z, Z_DEFAULT_COMPRESSION) != Z_OK)
		die(p->path, "cannot begin");
	put_head(p);
	return p;
}

static void
name_of(unsigned char oid[JIT_OID], const void *raw, size_t len)
{
	mbedtls_sha1_context sha1;
	char head[32];
	int n = snprintf(head, sizeof(head), "commit %zu", len) + 1;

	mbedtls_sha1_init(&sha1);
	if (mbedtls_sha1_starts_ret(&sha1) != 0 ||
		mbedtls_sha1_update_ret(&sha1, (unsigned char *)head,
			(size_t)n) != 0 ||
		mbedtls_sha1_update_ret(&sha1, raw, len) != 0 ||
		mbedtls_sha1_finish_ret(&sha1, oid) != 0)
		die("SHA-1", "it failed");
	mbedtls_sha1_free(&sha1);
}

static void
put_size(struct pack *p, size_t len)
{
	unsigned char b[12];
	size_t n = 0;

	b[n] = (unsigned char)(COMMIT << 4 | (len & 15));
	for (len >>= 4; len > 0; len >>= 7) {
		b[n++] |= 0x80;
		b[n] = len & 0x7f;
	}
	put(p, b, n + 1);
}

void
pack_add(unsigned char oid[JIT_OID], struct pack *p, const void *raw,
	size_t len)
{
	static unsigned char out[65536];

	name_of(oid, raw, len);
	put_size(p, len);
	p->count++;
	deflateReset(&p->z);
	p->z.next_in = (unsigned char *)raw;
	p->z.avail_in = (uInt)len;
	do {
		p->z.next_out = out;
		p->z.avail_out = sizeof(out);
		deflate(&p->z, Z_FINISH);
		put(p, out, sizeof(out) - p->z.avail_out);
	} while (p->z.avail_out == 0);
}

/* The SHA-1 of all that was written stands at its end, and is its name. */
static void
put_trailer(char hex[JIT_OID_HEX], struct pack *p)
{
	static unsigned char part[1 << 20];
	unsigned char sum[JIT_OID];
	mbedtls_sha1_context sha1;
	size_t n;

	mbedtls_sha1_init(&sha1);
	rewind(p->f);
	if (mbedtls_sha1_starts_ret(&sha1) != 0)
		die("SHA-1", "it failed");
	while ((n = fread(part, 1, sizeof(part), p->f)) > 0)
		if (mbedtls_sha1_update_ret(&sha1, part, n) != 0)
			die("SHA-1", "it failed");
	if (mbedtls_sha1_finish_ret(&sha1, sum) != 0 ||
		fseek(p->f, 0, SEEK_END) != 0)
		die(p->path, "cannot finish");
	put(p, sum, sizeof(sum));
	jit_hex(hex, sum, sizeof(sum));
}

void
pack_end(struct pack *p)
{
	char hex[JIT_OID_HEX], name[NAME_MAX_];
	const char *index[] = {"git", "index-pack", name, NULL};

	put_head(p);
	put_trailer(hex, p);
	if (fclose(p->f) != 0)
		die(p->path, "cannot write");
	snprintf(name, sizeof(name), "%s/pack-%s.pack", p->folder, hex);
	if (rename(p->path, name) != 0)
		die(name, "cannot rename");
	run_program(index);
	deflateEnd(&p->z);
	free(p);
}

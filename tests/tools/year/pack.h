/* pack: commits as one git pack (gitformat-pack(5)), written as they come. */
#ifndef YEAR_PACK_H
#define YEAR_PACK_H

#include <stddef.h>

#include "commit.h"

struct pack;

/* A pack in the repository 'path'. It exits where it cannot go on. */
struct pack *pack_begin(const char *path);

/* One commit more; its name. */
void pack_add(unsigned char oid[JIT_OID], struct pack *p, const void *raw,
	size_t len);

/* Finish it and let git index it; frees. */
void pack_end(struct pack *p);

/* Run a program to its end, or exit. */
void run_program(const char *const *argv);

/* Say what went wrong, and exit with 3. */
void die(const char *what, const char *why) __attribute__((noreturn));

#endif

/* krl: OpenSSH key revocation lists of certificates (PROTOCOL.krl). */
#ifndef JIT_KRL_H
#define JIT_KRL_H

#include <stdint.h>

#include "signer.h"

/* A certificate that is good for no login any more. */
struct jit_krl_entry {
	struct jit_pubkey ca; /* that signed it */
	uint64_t serial;      /* at least 1: 0 revokes nothing */
};

/*
 * Append a list of format version 1. 'version' rises with every list, so
 * that an older one can be told; 'generated' in UTC seconds. The entries may
 * come in any order and are sorted in place by CA and serial. It is signed
 * where 'signer' is not NULL (section KRL_SECTION_SIGNATURE). An empty list
 * is one too. JIT_USAGE: a serial 0; JIT_TROUBLE.
 */
int jit_krl_make(struct jit_buf *out, uint64_t version, int64_t generated,
	const char *comment, struct jit_krl_entry *entries, size_t count,
	const struct jit_signer *signer, struct jit_error *err) JIT_CHECKED;

/*
 * The version of a list that jit_krl_make made, to compare with the one that
 * is there. JIT_USAGE: no whole list; a truncated one locks everybody out.
 */
int jit_krl_version(uint64_t *version, const unsigned char *bytes, size_t len,
	struct jit_error *err) JIT_CHECKED;

#endif

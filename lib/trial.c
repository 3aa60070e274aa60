/* SPDX-License-Identifier: ISC */
#include "trial.h"

#include <string.h>

bool
jit_trial_same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

bool
jit_trial_hash(const char *hex, const unsigned char sha256[JIT_SHA256])
{
	char other[JIT_HEX256];

	jit_hex(other, sha256, JIT_SHA256);
	return jit_trial_same(hex, other);
}

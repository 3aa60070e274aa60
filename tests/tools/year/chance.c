/* SPDX-License-Identifier: ISC */
#include "chance.h"

/* SplitMix64 (Steele, Lea, Flood 2014): no secret is made of it. */
uint64_t
chance_next(struct chance *c)
{
	uint64_t z = (c->state += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

int64_t
chance_below(struct chance *c, int64_t n)
{
	return n > 0 ? (int64_t)(chance_next(c) % (uint64_t)n) : 0;
}

int64_t
chance_between(struct chance *c, int64_t lo, int64_t hi)
{
	return lo + chance_below(c, hi - lo + 1);
}

bool
chance_of(struct chance *c, int n)
{
	return chance_below(c, 1000) < n;
}

void
chance_bytes(struct chance *c, void *out, size_t len)
{
	unsigned char *p = out;
	uint64_t bits = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (i % 8 == 0)
			bits = chance_next(c);
		p[i] = (unsigned char)(bits >> (i % 8 * 8));
	}
}

int64_t
chance_decile(struct chance *c, const int64_t deciles[11])
{
	int64_t i = chance_below(c, 10);

	return chance_between(c, deciles[i], deciles[i + 1]);
}

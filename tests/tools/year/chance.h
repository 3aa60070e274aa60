/* chance: what looks like chance, and is the same for the same seed. */
#ifndef YEAR_CHANCE_H
#define YEAR_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chance {
	uint64_t state;
};

uint64_t chance_next(struct chance *c);

/* 0 .. n - 1, and lo .. hi. */
int64_t chance_below(struct chance *c, int64_t n);
int64_t chance_between(struct chance *c, int64_t lo, int64_t hi);

/* Whether it is one of 'n' in a thousand. */
bool chance_of(struct chance *c, int n);

void chance_bytes(struct chance *c, void *out, size_t len);

/* A number between eleven deciles, from the least to the most. */
int64_t chance_decile(struct chance *c, const int64_t deciles[11]);

#endif

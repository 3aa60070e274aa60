/* simple: a ledger of so many events of ordinary life, and nothing of note. */
#ifndef YEAR_SIMPLE_H
#define YEAR_SIMPLE_H

#include <stdint.h>

struct simple {
	uint64_t seed;
	int64_t events;      /* exactly */
	int64_t from, until; /* UTC seconds */
	const char *out, *keys;
	const char *policy; /* a file as share/examples/policy.json */
};

void simple(const struct simple *o);

#endif

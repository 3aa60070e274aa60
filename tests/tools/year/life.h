/* life: a year, as people ask, approve, use and end. */
#ifndef YEAR_LIFE_H
#define YEAR_LIFE_H

#include <stdbool.h>
#include <stdint.h>

struct life_args {
	uint64_t seed;
	int64_t grants;      /* about so many */
	int64_t from, until; /* UTC seconds */
	const char *out, *keys, *plan, *logs;
	bool plain; /* nothing is planted */
};

void life(const struct life_args *a);

#endif

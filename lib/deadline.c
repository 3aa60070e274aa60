/* SPDX-License-Identifier: ISC */
#include "deadline.h"

#include <time.h>

int64_t
jit_deadline_in(int64_t milliseconds)
{
	struct timespec t = {0};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + milliseconds;
}

int64_t
jit_deadline_left(int64_t deadline)
{
	int64_t left = deadline - jit_deadline_in(0);

	return left > 0 ? left : 0;
}

bool
jit_deadline_over(int64_t deadline)
{
	return jit_deadline_left(deadline) == 0;
}

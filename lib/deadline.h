/* deadline: how long something may take, by a clock that nobody sets. */
#ifndef JIT_DEADLINE_H
#define JIT_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/* A moment of the monotonic clock, in milliseconds. */
int64_t jit_deadline_in(int64_t milliseconds);

/* Milliseconds until then; 0 when it has come. */
int64_t jit_deadline_left(int64_t deadline);

bool jit_deadline_over(int64_t deadline);

#endif

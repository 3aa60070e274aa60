/* span: lengths of time as people say them. */
#ifndef SPAN_H
#define SPAN_H

#include <stdint.h>

#include "buf.h"

/*
 * Append a length of time, rounded down: from ten minutes on no seconds,
 * from two days on no minutes. Less than nothing is "0s".
 */
void span_spell(struct jit_buf *out, int64_t seconds);

#endif

/* SPDX-License-Identifier: ISC */
/* Lengths of time as people say them. */
#include "span.h"

#include "when.h"

void
span_spell(struct jit_buf *out, int64_t seconds)
{
	if (seconds < 0)
		seconds = 0;
	if (seconds >= 2 * 86400)
		seconds -= seconds % 3600;
	else if (seconds >= 600)
		seconds -= seconds % 60;
	jit_when_spell(out, seconds);
}

/* SPDX-License-Identifier: ISC */
/*
 * The ids of the requests of one second, however many: they lie in sorted
 * runs, one for each bit of their number, the longest first. One more joins
 * the runs that it makes equal in length, so that neither adding nor looking
 * takes longer than the number's own length allows.
 */
#include <stdlib.h>
#include <string.h>

#include "state.h"

static int
by_id(const void *a, const void *b)
{
	return strcmp(a, b);
}

bool
jit_state_recent(const struct jit_state *s, const char *id)
{
	size_t at = 0, run = 1;

	while (run <= s->recent_count / 2)
		run *= 2;
	for (; run > 0; run /= 2) {
		if (!(s->recent_count & run))
			continue;
		if (bsearch(id, s->recent[at], run, JIT_ULID, by_id))
			return true;
		at += run;
	}
	return false;
}

int
jit_state_recent_room(struct jit_state *s, struct jit_error *err)
{
	size_t cap = s->recent_cap ? 2 * s->recent_cap : 8;
	void *grown;

	if (s->recent_count < s->recent_cap)
		return 0;
	grown = realloc(s->recent, cap * sizeof(*s->recent));
	if (!grown)
		return jit_nomem(err);
	s->recent = grown;
	s->recent_cap = cap;
	return 0;
}

void
jit_state_recent_add(struct jit_state *s, const char *id)
{
	size_t run = 1;

	memcpy(s->recent[s->recent_count++], id, JIT_ULID);
	while (!(s->recent_count & run))
		run *= 2;
	if (run > 1)
		qsort(s->recent[s->recent_count - run], run, JIT_ULID, by_id);
}

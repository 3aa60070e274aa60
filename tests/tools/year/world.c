/* SPDX-License-Identifier: ISC */
#include "world.h"

#include <stdlib.h>
#include <string.h>

/* What is to be done next is at the top of a heap. */

static bool
before(const struct todo *a, const struct todo *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
swap(struct todo *a, struct todo *b)
{
	struct todo t = *a;

	*a = *b;
	*b = t;
}

void
world_do(struct world *w, int64_t at, step *what, size_t i)
{
	size_t n = w->heap_count++;

	if (n == w->heap_cap) {
		w->heap_cap = 2 * w->heap_cap + 1024;
		w->heap = realloc(w->heap, w->heap_cap * sizeof(*w->heap));
		if (!w->heap)
			die("world", "no memory");
	}
	w->heap[n] = (struct todo){at, w->order++, what, i};
	for (; n > 0 && before(&w->heap[n], &w->heap[(n - 1) / 2]);
		n = (n - 1) / 2)
		swap(&w->heap[n], &w->heap[(n - 1) / 2]);
}

static struct todo
next(struct world *w)
{
	struct todo top = w->heap[0];
	size_t n = 0, child;

	w->heap[0] = w->heap[--w->heap_count];
	for (;;) {
		child = 2 * n + 1;
		if (child >= w->heap_count)
			return top;
		if (child + 1 < w->heap_count &&
			before(&w->heap[child + 1], &w->heap[child]))
			child++;
		if (!before(&w->heap[child], &w->heap[n]))
			return top;
		swap(&w->heap[n], &w->heap[child]);
		n = child;
	}
}

size_t
world_add(struct world *w, const struct life_grant *g)
{
	struct life_grant *added;

	if (w->count == w->cap) {
		w->cap = 2 * w->cap + 1024;
		w->grants = realloc(w->grants, w->cap * sizeof(*w->grants));
		if (!w->grants)
			die("world", "no memory");
	}
	added = &w->grants[w->count];
	*added = *g;
	added->voters[0] = added->voters[1] = -1;
	return w->count++;
}

void
world_run(struct world *w)
{
	struct todo t;

	while (w->heap_count > 0) {
		t = next(w);
		if (t.at >= w->args->until)
			break;
		t.step(w, t.at, t.i);
	}
}

int64_t
world_swept(struct world *w, int64_t at)
{
	const struct culprits *x = &w->culprits;

	at += chance_between(&w->c.chance, 5, 50);
	if (at >= x->dead_from && at < x->dead_until)
		at = x->dead_until + chance_between(&w->c.chance, 5, 300);
	return at;
}

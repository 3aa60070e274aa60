/* SPDX-License-Identifier: ISC */
/* What is kept for events that were made without the ledger. */
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define PAST_FEW 1024 /* events that are not worth forgetting */

/* Room for one more element; false: no memory. */
static bool
reserve(void **list, size_t count, size_t *cap, size_t size)
{
	size_t more = *cap ? 2 * *cap : 16;
	void *grown;

	if (count < *cap)
		return true;
	grown = realloc(*list, more * size);
	if (!grown)
		return false;
	*list = grown;
	*cap = more;
	return true;
}

int
jit_state_replace(struct jit_state *s, int64_t at, struct jit_error *err)
{
	struct jit_former f = {.version = s->policy_version,
		.seq = s->policy_seq,
		.since = s->policy_since,
		.replaced = at};
	struct jit_buf text = {0};
	void *list = s->formers;

	jit_json_encode(&text, s->policy.json, 0);
	if (!text.failed)
		f.json = strdup(jit_buf_text(&text));
	jit_buf_free(&text);
	if (!f.json ||
		!reserve(&list, s->formers_count, &s->formers_cap, sizeof(f))) {
		free(f.json);
		return jit_nomem(err);
	}
	s->formers = list;
	s->formers[s->formers_count++] = f; /* transferred */
	s->next_over = 0; /* the next one's budgets may remember less */
	return 0;
}

const struct jit_former *
jit_state_former(const struct jit_state *s, int64_t seq)
{
	size_t i;

	if (seq >= s->policy_seq)
		return NULL;
	for (i = s->formers_count; i-- > 0;)
		if (s->formers[i].seq <= seq)
			return &s->formers[i];
	return NULL;
}

int
jit_state_deliver(struct jit_state *s, const unsigned char sha256[JIT_SHA256],
	int64_t left, struct jit_error *err)
{
	void *list = s->delivered;
	struct jit_delivered *d;

	if (!reserve(&list, s->delivered_count, &s->delivered_cap, sizeof(*d)))
		return jit_nomem(err);
	s->delivered = list;
	d = &s->delivered[s->delivered_count++];
	memcpy(d->sha256, sha256, JIT_SHA256);
	d->left = left;
	return 0;
}

bool
jit_state_was_delivered(const struct jit_state *s,
	const unsigned char sha256[JIT_SHA256])
{
	size_t i;

	for (i = 0; i < s->delivered_count; i++)
		if (memcmp(s->delivered[i].sha256, sha256, JIT_SHA256) == 0)
			return true;
	return false;
}

/* Never back, whatever a later policy says: what was forgotten is. */
int64_t
jit_state_horizon(const struct jit_state *s, int64_t at)
{
	int64_t now = at - s->policy.limits.late;

	return now > s->horizon ? now : s->horizon;
}

int
jit_state_mark(struct jit_state *s, const unsigned char sha256[JIT_SHA256],
	int64_t seq, int64_t at, struct jit_error *err)
{
	void *list = s->past;
	struct jit_mark *m;

	if (!reserve(&list, s->past_count, &s->past_cap, sizeof(*m))) {
		s->past_count = 0;
		return jit_nomem(err);
	}
	s->past = list;
	m = &s->past[s->past_count++];
	memcpy(m->sha256, sha256, JIT_SHA256);
	m->seq = seq;
	m->at = at;
	return 0;
}

const struct jit_mark *
jit_state_past(const struct jit_state *s, const char *sha256)
{
	unsigned char want[JIT_SHA256];
	size_t i;

	if (jit_unhex(want, JIT_SHA256, sha256) != 0)
		return NULL;
	for (i = s->past_count; i-- > 0;)
		if (memcmp(s->past[i].sha256, want, JIT_SHA256) == 0)
			return &s->past[i];
	return NULL;
}

/* One that is too old is kept: it shows that the past goes back so far. */
static void
forget_past(struct jit_state *s)
{
	size_t old = 0;

	while (old + 1 < s->past_count && s->past[old + 1].at <= s->horizon)
		old++;
	if (old < PAST_FEW || 2 * old < s->past_count)
		return;
	s->past_count -= old;
	memmove(s->past, s->past + old, s->past_count * sizeof(*s->past));
}

void
jit_state_forget_late(struct jit_state *s, int64_t at)
{
	size_t i, kept = 0;

	s->horizon = jit_state_horizon(s, at);
	for (i = 0; i < s->delivered_count; i++)
		if (s->delivered[i].left > s->horizon)
			s->delivered[kept++] = s->delivered[i];
	s->delivered_count = kept;
	for (i = 0, kept = 0; i < s->formers_count; i++) {
		if (s->formers[i].replaced > s->horizon)
			s->formers[kept++] = s->formers[i];
		else
			free(s->formers[i].json);
	}
	s->formers_count = kept;
	forget_past(s);
}

/* SPDX-License-Identifier: ISC */
#include "state.h"

#include <stdlib.h>
#include <string.h>

static const char *const classes[JIT_CLASSES] = {"person", "vendor", "workload",
	"host", "issuer"};

const char *
jit_class_name(enum jit_class c)
{
	return classes[c];
}

int
jit_class_read(const char *name)
{
	size_t i;

	for (i = 0; i < JIT_CLASSES; i++)
		if (strcmp(classes[i], name) == 0)
			return (int)i;
	return -1;
}

int
jit_state_new(struct jit_state **out, struct jit_error *err)
{
	struct jit_state *s = calloc(1, sizeof(*s));

	if (!s)
		return jit_nomem(err);
	*out = s;
	return 0;
}

void
jit_state_free(struct jit_state *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->grants_count; i++)
		jit_grant_free(s->grants[i]);
	while (s->unproven_count > 0)
		jit_state_prove(s, &s->unproven[s->unproven_count - 1]);
	free(s->stones);
	free(s->grants);
	free(s->recent);
	free(s->revoked);
	free(s->spends);
	free(s->debts);
	free(s->sessions);
	free(s->counters);
	free(s->unproven);
	while (s->formers_count > 0)
		free(s->formers[--s->formers_count].json);
	free(s->formers);
	free(s->delivered);
	free(s->past);
	free(s->block);
	free(s->saved);
	jit_policy_free(&s->policy);
	jit_arena_free(&s->mem);
	free(s);
}

int
jit_state_stand(struct jit_state *s, const unsigned char oid[JIT_OID],
	struct jit_error *err)
{
	size_t cap = s->stones_cap ? 2 * s->stones_cap : 4;
	struct jit_stone *list = s->stones;

	memcpy(s->oid, oid, JIT_OID);
	if (s->seq % JIT_STONE_EVERY != 0)
		return 0;
	if (s->stones_count == s->stones_cap) {
		list = reallocarray(list, cap, sizeof(*list));
		if (!list)
			return jit_nomem(err);
		s->stones = list;
		s->stones_cap = cap;
	}
	list += s->stones_count++;
	list->seq = s->seq;
	memcpy(list->oid, oid, JIT_OID);
	return 0;
}

const struct jit_enrolment *
jit_state_key(const struct jit_state *s, const char *fingerprint)
{
	const struct jit_enrolment *e = s->people;
	const size_t same = strlen("SHA256:"); /* is how all begin */
	size_t i;

	if (strnlen(fingerprint, same + 1) <= same)
		return NULL;
	for (i = 0; i < s->people_count; i++, e++)
		if (!e->retired && e->fingerprint[same] == fingerprint[same] &&
			strcmp(e->fingerprint, fingerprint) == 0)
			return e;
	return NULL;
}

const struct jit_enrolment *
jit_state_person(const struct jit_state *s, const char *principal)
{
	const struct jit_enrolment *found = NULL;
	size_t i;

	for (i = 0; i < s->people_count; i++)
		if (!s->people[i].retired &&
			strcmp(s->people[i].principal, principal) == 0 &&
			(!found || s->people[i].until > found->until))
			found = &s->people[i];
	return found;
}

/* The place of the first grant whose id is not before 'id'. */
static size_t
place(const struct jit_state *s, const char *id)
{
	size_t lo = 0, hi = s->grants_count, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(s->grants[mid]->id, id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct jit_grant *
jit_state_grant(const struct jit_state *s, const char *id)
{
	size_t i = place(s, id);

	if (i < s->grants_count && strcmp(s->grants[i]->id, id) == 0)
		return s->grants[i];
	return NULL;
}

int
jit_state_find(struct jit_grant **out, const struct jit_state *s,
	const char *prefix, struct jit_error *err)
{
	char id[JIT_ULID];
	size_t i, n;

	if (!jit_ulid_prefix(id, prefix))
		return jit_fail(err, JIT_USAGE,
			"'%s' is no id: give all 26 characters, or the first "
			"%d or more",
			prefix, JIT_ULID_PREFIX);
	n = strlen(id);
	i = place(s, id);
	if (i == s->grants_count || strncmp(s->grants[i]->id, id, n) != 0)
		return jit_fail(err, JIT_NOGRANT, "no open grant '%s'", prefix);
	if (i + 1 < s->grants_count &&
		strncmp(s->grants[i + 1]->id, id, n) == 0)
		return jit_fail(err, JIT_USAGE,
			"several grants begin with '%s': give more of the id",
			prefix);
	*out = s->grants[i];
	return 0;
}

int
jit_state_add(struct jit_state *s, struct jit_grant *g, struct jit_error *err)
{
	size_t i, cap;
	void *grown;

	if (s->grants_count == s->grants_cap) {
		cap = s->grants_cap ? 2 * s->grants_cap : 16;
		grown = realloc(s->grants, cap * sizeof(struct jit_grant *));
		if (!grown)
			return jit_nomem(err);
		s->grants = grown;
		s->grants_cap = cap;
	}
	i = place(s, g->id);
	memmove(&s->grants[i + 1], &s->grants[i],
		(s->grants_count - i) * sizeof(struct jit_grant *));
	s->grants[i] = g; /* transferred */
	s->grants_count++;
	return 0;
}

void
jit_state_drop(struct jit_state *s, struct jit_grant *g)
{
	size_t i = place(s, g->id);

	s->grants_count--;
	memmove(&s->grants[i], &s->grants[i + 1],
		(s->grants_count - i) * sizeof(struct jit_grant *));
	jit_grant_free(g);
}

struct jit_grant *
jit_grant_new(void)
{
	return calloc(1, sizeof(struct jit_grant));
}

void
jit_grant_free(struct jit_grant *g)
{
	if (!g)
		return;
	jit_arena_free(&g->mem);
	if (!g->in_block)
		free(g);
}

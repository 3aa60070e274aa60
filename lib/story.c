/* SPDX-License-Identifier: ISC */
#include "story_inner.h"

#include <stdlib.h>
#include <string.h>

#define TABLE_FIRST 256

/* FNV-1a: texts are spread well, and none is secret. */
static size_t
spread(const char *s)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3ULL;
	return (size_t)(h ^ (h >> 32));
}

void *
jit_story_more(void **list, size_t *count, size_t *cap, size_t size)
{
	size_t more = *cap ? 2 * *cap : 16;
	void *grown;

	if (*count == *cap) {
		grown = reallocarray(*list, more, size);
		if (!grown)
			return NULL;
		*list = grown;
		*cap = more;
	}
	return memset((char *)*list + (*count)++ * size, 0, size);
}

/* -- Texts, each once ------------------------------------------------------ */

/* Where 's' is, or would be; the table is never full. */
static const char **
text_place(const char **table, size_t cap, const char *s)
{
	size_t i = spread(s) & (cap - 1);

	while (table[i] && strcmp(table[i], s) != 0)
		i = (i + 1) & (cap - 1);
	return &table[i];
}

static bool
texts_grow(struct jit_stories *all)
{
	size_t i, cap = all->texts_cap ? 2 * all->texts_cap : TABLE_FIRST;
	const char **table = calloc(cap, sizeof(*table));

	if (!table)
		return false;
	for (i = 0; i < all->texts_cap; i++)
		if (all->texts[i])
			*text_place(table, cap, all->texts[i]) = all->texts[i];
	free(all->texts);
	all->texts = table;
	all->texts_cap = cap;
	return true;
}

const char *
jit_story_text(struct jit_stories *all, const char *s)
{
	const char **place;

	if (!s || (2 * all->texts_count >= all->texts_cap && !texts_grow(all)))
		return NULL;
	place = text_place(all->texts, all->texts_cap, s);
	if (!*place) {
		*place = jit_arena_str(&all->mem, s);
		all->texts_count += *place != NULL;
	}
	return *place;
}

/* -- Stories by their ids -------------------------------------------------- */

static struct jit_story **
id_place(struct jit_story **table, size_t cap, const char *id)
{
	size_t i = spread(id) & (cap - 1);

	while (table[i] && strcmp(table[i]->id, id) != 0)
		i = (i + 1) & (cap - 1);
	return &table[i];
}

static bool
ids_grow(struct jit_stories *all)
{
	size_t i, cap = all->by_id_cap ? 2 * all->by_id_cap : TABLE_FIRST;
	struct jit_story **table = calloc(cap, sizeof(struct jit_story *));

	if (!table)
		return false;
	for (i = 0; i < all->count; i++)
		*id_place(table, cap, all->at[i]->id) = all->at[i];
	free(all->by_id);
	all->by_id = table;
	all->by_id_cap = cap;
	return true;
}

struct jit_story *
jit_story_find(const struct jit_stories *all, const char *id)
{
	return all->by_id_cap && id ? *id_place(all->by_id, all->by_id_cap, id)
				    : NULL;
}

struct jit_story *
jit_story_begin(struct jit_stories *all, const char *id)
{
	struct jit_story *g = jit_arena_get(&all->mem, sizeof(*g)), **slot;
	void *list = all->at;

	if (!g || (2 * all->count >= all->by_id_cap && !ids_grow(all)))
		return NULL;
	slot = jit_story_more(&list, &all->count, &all->cap,
		sizeof(struct jit_story *));
	if (!slot)
		return NULL;
	all->at = list;
	memcpy(g->id, id, JIT_ULID);
	*slot = g;
	*id_place(all->by_id, all->by_id_cap, id) = g;
	return g;
}

/* -- What follows from a story --------------------------------------------- */

const char *
jit_fate_name(enum jit_fate fate)
{
	static const char *const names[JIT_FATES] = {"open", "task", "ttl",
		"revoke", "lapse", "failed", "policy", "offboard", "denied",
		"withdrawn", "applied"};

	return names[fate];
}

int64_t
jit_story_over(const struct jit_story *g)
{
	return g->ended && g->ended < g->until ? g->ended : g->until;
}

bool
jit_story_owed(const struct jit_story *g)
{
	return g->due && !g->dead && !g->written_off;
}

/* Whether 'who' said just before that something under it was over. */
static bool
closed_by(const struct jit_story *g, const char *who, int64_t at)
{
	const struct jit_story_use *u;

	for (u = g->uses; u; u = u->next)
		if (u->closer && strcmp(u->closer, who) == 0 &&
			u->closed <= at && at - u->closed <= JIT_STORY_CLOSE)
			return true;
	return false;
}

bool
jit_story_automatic(const struct jit_story *g)
{
	const struct jit_story *x;

	if (!g->ended_by)
		return false;
	if (g->ended_class != JIT_PERSON && g->ended_class != JIT_VENDOR)
		return true;
	for (x = g; x; x = x->extends) /* the session goes on from there */
		if (closed_by(x, g->ended_by, g->ended))
			return true;
	return false;
}

void
jit_stories_free(struct jit_stories *all)
{
	size_t i;

	for (i = 0; i < all->policies_count; i++)
		jit_json_free(all->policies[i].json);
	free(all->at);
	free(all->people);
	free(all->policies);
	free(all->sweepers);
	free(all->gaps);
	free(all->scans);
	free(all->by_id);
	free(all->texts);
	jit_arena_free(&all->mem);
	memset(all, 0, sizeof(*all));
}

/* SPDX-License-Identifier: ISC */
/* What the generator knows that it wrote: the plan file. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

struct list {
	int64_t *at;
	size_t count;
};

static void
keep(struct list *l, int64_t n)
{
	l->at = realloc(l->at, (l->count + 1) * sizeof(*l->at));
	if (!l->at)
		die("tally", "no memory");
	l->at[l->count++] = n;
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* By the nearest rank: the smallest that 'percent' of all do not exceed. */
static int64_t
rank(const struct list *l, int64_t percent)
{
	int64_t n = ((int64_t)l->count * percent + 99) / 100;

	return l->count ? l->at[n > 0 ? n - 1 : 0] : 0;
}

static json_t *
spread(struct list *l)
{
	json_t *o;

	if (l->count)
		qsort(l->at, l->count, sizeof(*l->at), by_size);
	o = json_pack("{s:I,s:I,s:I,s:I,s:I}", "count", (json_int_t)l->count,
		"median", (json_int_t)rank(l, 50), "p95",
		(json_int_t)rank(l, 95), "least", (json_int_t)rank(l, 0),
		"most", (json_int_t)rank(l, 100));
	free(l->at);
	*l = (struct list){0};
	return o;
}

static void
set_int(json_t *o, const char *name, int64_t n)
{
	json_object_set_new(o, name, json_integer((json_int_t)n));
}

static void
bump(json_t *o, const char *name, int64_t by)
{
	set_int(o, name,
		json_integer_value(json_object_get(o, name)) + (json_int_t)by);
}

static const char *
name_of(const struct world *w, int who)
{
	return who < 0 ? "" : w->c.who[who].principal;
}

static json_t *
resource_of(const struct life_grant *g)
{
	char text[80];

	company_resource(text, sizeof(text), g->rule, g->resource);
	return json_string(text);
}

/* Ids of what was planted so and came to be. */
static json_t *
ids_of(const struct world *w, enum planted planted, int who)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < w->count; i++)
		if (w->grants[i].planted == planted && w->grants[i].id[0] &&
			(who < 0 || w->grants[i].who == who))
			json_array_append_new(list,
				json_string(w->grants[i].id));
	return list;
}

static void
plant(json_t *list, const char *kind, const struct world *w, int who,
	json_t *ids)
{
	json_t *o = json_pack("{s:s,s:s,s:o}", "kind", kind, "who",
		name_of(w, who), "ids", ids);

	json_array_append_new(list, o);
}

/* The last one that was put there says more. */
static json_t *
last(json_t *list)
{
	return json_array_get(list, json_array_size(list) - 1);
}

static int
by_begin(const void *a, const void *b)
{
	const struct life_grant *x = *(const struct life_grant *const *)a;
	const struct life_grant *y = *(const struct life_grant *const *)b;

	return (x->issued > y->issued) - (x->issued < y->issued);
}

/* The seconds that the planted grants of one role cover together. */
static void
say_kept(json_t *o, const struct world *w)
{
	const struct life_grant **list = calloc(w->count + 1, sizeof(*list));
	int64_t covered = 0, upto = 0;
	size_t i, n = 0;

	for (i = 0; list && i < w->count; i++)
		if (w->grants[i].planted == KEPT && w->grants[i].issued)
			list[n++] = &w->grants[i];
	if (n)
		qsort(list, n, sizeof(const struct life_grant *), by_begin);
	for (i = 0; i < n; i++) {
		if (list[i]->until <= upto)
			continue;
		covered += list[i]->until -
			(list[i]->issued > upto ? list[i]->issued : upto);
		upto = list[i]->until;
	}
	if (n) {
		json_object_set_new(o, "resource", resource_of(list[0]));
		json_object_set_new(o, "role",
			json_string(rule_info[list[0]->rule].role));
	}
	set_int(o, "covered", covered);
	free(list);
}

/* Grants whose end waited for the sweeper. */
static json_t *
late_ids(const struct world *w)
{
	const struct culprits *x = &w->culprits;
	const struct life_grant *g;
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < w->count; i++) {
		g = &w->grants[i];
		if (g->issued && g->dead >= x->dead_until &&
			g->until < x->dead_until && g->dead > 0 &&
			(g->end == BY_TTL ? g->until : g->ended) >=
				x->dead_from - 60)
			json_array_append_new(list, json_string(g->id));
	}
	return list;
}

static json_t *
planted(const struct world *w)
{
	const struct culprits *x = &w->culprits;
	json_t *list = json_array();
	size_t i;

	if (w->args->plain)
		return list;
	plant(list, "rubber-stamper", w, x->stamper, ids_of(w, STAMPED, -1));
	plant(list, "reciprocal", w, x->pair[0], ids_of(w, PAIRED, x->pair[0]));
	json_object_set_new(last(list), "with",
		json_string(name_of(w, x->pair[1])));
	json_object_set_new(last(list), "back", ids_of(w, PAIRED, x->pair[1]));
	plant(list, "kept-alive", w, x->keeper, ids_of(w, KEPT, -1));
	say_kept(last(list), w);
	plant(list, "growing", w, x->grower, ids_of(w, GROWING, -1));
	plant(list, "unreviewed", w, x->breaker, ids_of(w, UNREVIEWED, -1));
	plant(list, "vendor-near-end", w, x->vendor, json_array());
	set_int(last(list), "until", w->c.who[x->vendor].until);
	plant(list, "sweeper-dead", w, w->c.sweeper, late_ids(w));
	set_int(last(list), "from", x->dead_from);
	set_int(last(list), "until", x->dead_until);
	plant(list, "grant-without-use", w, company_find(&w->c, "olga"),
		ids_of(w, UNUSED, -1));
	for (i = 0; i < w->changes_count; i++) {
		if (!w->changes[i].planted)
			continue;
		plant(list, "widened", w, w->changes[i].by,
			json_pack("[s]", w->changes[i].id));
		json_object_set_new(last(list), "rule",
			json_string("build-sudo"));
		set_int(last(list), "version", 4);
	}
	plant(list, "use-without-grant", w, -1, json_array());
	json_object_set_new(last(list), "host", json_string("web-7"));
	json_object_set_new(last(list), "from", json_string("203.0.113.66"));
	return list;
}

static json_t *
events(const struct world *w)
{
	json_t *o = json_object();
	int i;

	for (i = 0; i < JIT_EVENT_TYPES; i++)
		set_int(o, jit_event_name((enum jit_event_type)i),
			w->s.counts[i]);
	return o;
}

/* One pass over all that was asked for; drills are counted apart. */
struct sums {
	struct list given, had, approval, dead, review;
	json_t *fates, *ends, *rules;
	int64_t asked, issued, at_cap, extensions, glass, drills, used, unused;
	int64_t machine, open, unproven, automatic;
};

static const char *
fate_of(const struct life_grant *g)
{
	static const char *const names[] = {"issued", "denied", "withdrawn",
		"lapsed"};

	if (g->issued)
		return names[GIVEN];
	return g->over ? names[g->fate] : "waiting";
}

/* Nobody had to think of ending it: a machine, or the holder's program. */
static bool
is_automatic(const struct world *w, const struct life_grant *g)
{
	const struct who *by = &w->c.who[g->ender];

	if (strcmp(by->class, "person") != 0 &&
		strcmp(by->class, "vendor") != 0)
		return true;
	return g->host < 0 && g->ender == g->who && g->closed &&
		g->finished <= g->ended && g->ended - g->finished <= 60;
}

static void
count_end(struct sums *s, const struct world *w, const struct life_grant *g)
{
	int64_t due = g->ended < g->until ? g->ended : g->until;

	if (!g->over) {
		s->open++;
		return;
	}
	bump(s->ends, end_name[g->end], 1);
	s->automatic += is_automatic(w, g);
	keep(&s->had, due - g->issued);
	if (g->dead)
		keep(&s->dead, g->dead - due);
	else
		s->unproven++;
}

static void
count_one(struct sums *s, const struct world *w, const struct life_grant *g)
{
	int64_t complete = g->voted[1] ? g->voted[1] : g->voted[0];
	int64_t from = g->extends[0] ? w->grants[g->parent].until : g->issued;

	if (g->reviewed)
		keep(&s->review, g->reviewed - g->issued);
	s->drills += g->drill;
	if (g->drill)
		return;
	s->asked++;
	bump(s->fates, fate_of(g), 1);
	s->extensions += g->extends[0] != '\0';
	if (!g->issued)
		return;
	s->issued++;
	bump(s->rules, rule_info[g->rule].id, 1);
	keep(&s->given, g->until - from);
	s->at_cap += g->until - from >= g->cap;
	if (complete)
		keep(&s->approval, complete - g->at);
	else if (g->rule != GLASS)
		s->machine++;
	s->glass += g->rule == GLASS;
	s->used += g->opened;
	s->unused += !g->opened && !g->extends[0] && g->end != BY_FAILED;
	count_end(s, w, g);
}

static json_t *
totals(const struct world *w)
{
	struct sums s = {0};
	json_t *o = json_object();
	size_t i;

	s.fates = json_object();
	s.ends = json_object();
	s.rules = json_object();
	for (i = 0; i < w->count; i++)
		if (w->grants[i].id[0])
			count_one(&s, w, &w->grants[i]);
	set_int(o, "asked", s.asked);
	set_int(o, "issued", s.issued);
	set_int(o, "at_the_cap", s.at_cap);
	set_int(o, "extensions", s.extensions);
	set_int(o, "break_glass", s.glass);
	set_int(o, "drills", s.drills);
	set_int(o, "without_a_person", s.machine);
	set_int(o, "used", s.used);
	set_int(o, "unused", s.unused);
	set_int(o, "still_active", s.open);
	set_int(o, "unproven", s.unproven);
	set_int(o, "automatic", s.automatic);
	set_int(o, "narrowed_votes", w->narrowed);
	json_object_set_new(o, "fates", s.fates);
	json_object_set_new(o, "ends", s.ends);
	json_object_set_new(o, "rules", s.rules);
	json_object_set_new(o, "seconds_given", spread(&s.given));
	json_object_set_new(o, "seconds_had", spread(&s.had));
	json_object_set_new(o, "seconds_to_quorum", spread(&s.approval));
	json_object_set_new(o, "seconds_due_to_dead", spread(&s.dead));
	json_object_set_new(o, "seconds_to_review", spread(&s.review));
	return o;
}

static void
count_votes(json_t *o, struct list *late, const struct world *w, int who)
{
	const struct life_grant *g;
	int64_t approved = 0, denied = 0;
	size_t i;
	int n;

	for (i = 0; i < w->count; i++) {
		g = &w->grants[i];
		for (n = 0; n < 2 && g->id[0]; n++) {
			if (g->voters[n] != who)
				continue;
			if (g->voted[n] &&
				(!g->over || g->issued ||
					g->ended >= g->voted[n])) {
				approved++;
				keep(late, g->voted[n] - g->at);
			} else if (!g->voted[n] && g->fate == DENIED) {
				denied++;
				keep(late, g->ended - g->at);
			}
		}
	}
	set_int(o, "approved", approved);
	set_int(o, "denied", denied);
}

/* Of grants only: changes are the admins'. */
static json_t *
approvers(const struct world *w)
{
	json_t *o = json_object(), *one;
	struct list late;
	int i;

	for (i = 0; i < w->c.persons; i++) {
		one = json_object();
		late = (struct list){0};
		count_votes(one, &late, w, i);
		json_object_set_new(one, "seconds", spread(&late));
		json_object_set_new(o, name_of(w, i), one);
	}
	return o;
}

void
tally_write(const struct world *w, const char *path)
{
	char tip[JIT_HEX256];
	json_t *o = json_object();

	jit_hex(tip, w->s.sha256, JIT_SHA256);
	set_int(o, "seed", (int64_t)w->args->seed);
	set_int(o, "from", w->args->from);
	set_int(o, "until", w->args->until);
	set_int(o, "seq", w->s.state->seq);
	set_int(o, "at", w->s.state->at);
	set_int(o, "bytes", w->s.bytes);
	set_int(o, "policy_version", w->s.state->policy_version);
	json_object_set_new(o, "genesis", json_string(w->s.state->genesis));
	json_object_set_new(o, "tip", json_string(tip));
	json_object_set_new(o, "events", events(w));
	json_object_set_new(o, "totals", totals(w));
	json_object_set_new(o, "approvers", approvers(w));
	json_object_set_new(o, "planted", planted(w));
	if (json_dump_file(o, path, JSON_INDENT(1)) != 0)
		die(path, "cannot write");
	json_decref(o);
}

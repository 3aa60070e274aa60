/* SPDX-License-Identifier: ISC */
/* What each event is to the stories. */
#include "story_inner.h"

#include <string.h>

/* -- About the whole ledger ------------------------------------------------ */

static void
add_person(struct jit_telling *t, const struct jit_enrolment *e)
{
	struct jit_stories *all = t->all;
	void *list = all->people;
	struct jit_story_person *p = jit_story_more(&list, &all->people_count,
		&all->people_cap, sizeof(*p));

	t->failed = t->failed || p == NULL;
	if (!p)
		return;
	all->people = list;
	p->principal = jit_story_keep(t, e->principal);
	p->sponsor = jit_story_keep(t, e->sponsor);
	p->class = e->class;
	memcpy(p->fingerprint, e->fingerprint, sizeof(p->fingerprint));
	p->enrolled = t->ev->at;
	p->until = e->until;
}

/* The state keeps everybody in the order of their enrolment, for ever. */
static void
tell_people(struct jit_telling *t)
{
	const struct jit_state *s = t->after;
	struct jit_stories *all = t->all;
	size_t i;

	for (i = all->people_count; i < s->people_count && !t->failed; i++)
		add_person(t, &s->people[i]);
	for (i = 0; i < all->people_count && i < s->people_count; i++)
		if (s->people[i].retired && !all->people[i].retired)
			all->people[i].retired = t->ev->at;
}

static void
tell_policy(struct jit_telling *t)
{
	struct jit_stories *all = t->all;
	void *list = all->policies;
	struct jit_story_policy *p = jit_story_more(&list, &all->policies_count,
		&all->policies_cap, sizeof(*p));

	t->failed = t->failed || p == NULL;
	if (!p)
		return;
	all->policies = list;
	p->version = t->after->policy_version;
	p->since = t->ev->at;
	p->by = jit_story_keep(t, t->ev->by);
	p->made = t->g;
	p->json = jit_json_keep(t->after->policy.json);
}

/* A change was made: what it asked for is done. */
static void
tell_applied(struct jit_telling *t)
{
	if (t->ev->type == JIT_POLICY)
		tell_policy(t);
	else
		tell_people(t);
	if (!t->g)
		return; /* an admin retired somebody alone */
	jit_story_end(t, JIT_FATE_APPLIED);
	t->g->issued = t->ev->seq;
	t->g->issuer = jit_story_keep(t, t->ev->by);
	t->g->policy_version = t->after->policy_version;
}

static void
tell_genesis(struct jit_telling *t)
{
	t->all->founded = t->ev->at;
	tell_people(t);
	tell_policy(t);
}

static struct jit_story_sweeper *
sweeper_of(struct jit_telling *t)
{
	struct jit_stories *all = t->all;
	struct jit_story_sweeper *w;
	void *list = all->sweepers;
	size_t i;

	for (i = 0; i < all->sweepers_count; i++)
		if (jit_story_same(all->sweepers[i].by, t->ev->by))
			return &all->sweepers[i];
	w = jit_story_more(&list, &all->sweepers_count, &all->sweepers_cap,
		sizeof(*w));
	t->failed = w == NULL;
	if (!w)
		return NULL;
	all->sweepers = list;
	w->by = jit_story_keep(t, t->ev->by);
	w->first = w->last = t->ev->at;
	return w;
}

static void
tell_beat(struct jit_telling *t)
{
	struct jit_story_sweeper *w = sweeper_of(t);
	struct jit_stories *all = t->all;
	struct jit_story_gap *gap;
	void *list = all->gaps;

	if (!w)
		return;
	if (t->ev->at - w->last > JIT_STORY_SILENCE) {
		gap = jit_story_more(&list, &all->gaps_count, &all->gaps_cap,
			sizeof(*gap));
		t->failed = gap == NULL;
		if (!gap)
			return;
		all->gaps = list;
		*gap = (struct jit_story_gap){w->by, w->last, t->ev->at};
	}
	w->last = t->ev->at;
	w->owed = t->ev->owed.n;
	w->beats++;
}

static void
tell_scan(struct jit_telling *t)
{
	const struct jit_surface *row = t->ev->surfaces.at;
	struct jit_stories *all = t->all;
	struct jit_story_scan *s;
	void *list = all->scans;
	size_t i;

	for (i = 0; i < t->ev->surfaces.count && !t->failed; i++) {
		s = jit_story_more(&list, &all->scans_count, &all->scans_cap,
			sizeof(*s));
		t->failed = s == NULL;
		if (!s)
			return;
		all->scans = list;
		s->by = jit_story_keep(t, t->ev->by);
		s->host = jit_story_keep(t, t->ev->host);
		s->surface = jit_story_keep(t, row[i].surface);
		s->at = t->ev->at;
		s->count = row[i].count.given ? row[i].count.n : -1;
		s->whole = jit_story_same(row[i].seen, "all");
	}
}

/* What each event is to the stories; those of 'about' are of one grant. */
static const struct {
	void (*tell)(struct jit_telling *t);
	bool about;
} tellers[JIT_EVENT_TYPES] = {
	[JIT_GENESIS] = {tell_genesis, false},
	[JIT_REQUEST] = {jit_story_request, false},
	[JIT_APPROVE] = {jit_story_approve, true},
	[JIT_DENY] = {jit_story_deny, true},
	[JIT_WITHDRAW] = {jit_story_withdraw, true},
	[JIT_ISSUE] = {jit_story_issue, true},
	[JIT_END] = {jit_story_ended, true},
	[JIT_USE] = {jit_story_use, true},
	[JIT_PROBE] = {jit_story_probe, true},
	[JIT_BEAT] = {tell_beat, false},
	[JIT_SCAN] = {tell_scan, false},
	[JIT_REVIEW] = {jit_story_review, true},
	[JIT_POLICY] = {tell_applied, false},
	[JIT_ENROLL] = {tell_applied, false},
	[JIT_RETIRE] = {tell_applied, false},
};

int
jit_story_visit(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	struct jit_telling t = {.all = arg, .ev = &c->event, .after = after};

	(void)oid;
	t.all->last = t.ev->at;
	t.all->events[t.ev->type]++;
	t.g = jit_story_find(t.all, t.ev->id);
	if (tellers[t.ev->type].tell && (t.g || !tellers[t.ev->type].about))
		tellers[t.ev->type].tell(&t);
	return t.failed ? jit_nomem(err) : 0;
}

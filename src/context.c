/* SPDX-License-Identifier: ISC */
#include "context.h"

#include <stdlib.h>
#include <string.h>

#include "span.h"
#include "when.h"

#define DAY 86400LL
#define WEEK (7 * DAY)
#define GAP 600        /* seconds between two grants that are back to back */
#define NEAR 7200      /* seconds between hours of the day that are alike */
#define HOURS_LEAST 5  /* requests that make an hour usual */
#define DECISIONS 10   /* of the approver's, the newest */
#define LIVE_NAMED 2   /* live grants that are named */
#define CAP_FIRST 1024 /* traces */

/* What one event says of a grant: asked, issued or ended. */
struct trace {
	char id[JIT_ULID];
	enum jit_event_type type;
	int64_t from, until; /* issue; 'until' of an end: when */
	int64_t duration;    /* request: seconds asked */
};

/* An earlier grant: of the same role on the same resource, to the same. */
struct had {
	int64_t from, until, duration;
};

/* The way back, and what is found on it. */
struct walk {
	const struct jit_grant *g;
	const char *approver;
	int64_t now;

	int64_t events, since; /* how many, and when the oldest was */
	bool whole, capped;    /* up to genesis; up to CONTEXT_EVENTS */
	struct trace *traces;
	size_t count, cap;
	size_t requests, near; /* by who asks; of those, at such an hour */
	int64_t took[DECISIONS];
	size_t decisions;

	struct had *had; /* in the order in which they began */
	size_t grants;
};

static int
keep(struct walk *w, const struct jit_event *ev, struct jit_error *err)
{
	size_t cap = w->cap ? 2 * w->cap : CAP_FIRST;
	struct trace *t;

	if (w->count == w->cap) {
		t = reallocarray(w->traces, cap, sizeof(*t));
		if (!t)
			return jit_nomem(err);
		w->traces = t;
		w->cap = cap;
	}
	t = &w->traces[w->count++];
	*t = (struct trace){.type = ev->type,
		.from = ev->from,
		.until = ev->type == JIT_END ? ev->at : ev->until,
		.duration = ev->duration};
	memcpy(t->id, ev->id, JIT_ULID);
	return 0;
}

/* Seconds between two times of the day, the shorter way round. */
static int64_t
hours_apart(int64_t a, int64_t b)
{
	int64_t apart = llabs(a % DAY - b % DAY);

	return apart < DAY - apart ? apart : DAY - apart;
}

static int
look_request(struct walk *w, const struct jit_event *ev, struct jit_error *err)
{
	if (strcmp(ev->by, w->g->by) != 0 || strcmp(ev->id, w->g->id) == 0)
		return 0;
	w->requests++;
	w->near += hours_apart(ev->at, w->g->at) <= NEAR;
	if (strcmp(ev->role, w->g->role) != 0 ||
		strcmp(ev->resource, w->g->resource) != 0)
		return 0;
	return keep(w, ev, err);
}

/* An id tells when its grant was asked for. */
static void
look_vote(struct walk *w, const struct jit_event *ev)
{
	if (w->decisions < DECISIONS && strcmp(ev->by, w->approver) == 0)
		w->took[w->decisions++] = ev->at - jit_ulid_time(ev->id);
}

static int
look(const struct jit_commit *c, const unsigned char oid[JIT_OID],
	const struct jit_state *after, void *arg, struct jit_error *err)
{
	const struct jit_event *ev = jit_event_said(&c->event);
	struct walk *w = arg;

	(void)oid;
	(void)after;
	w->capped = w->events == CONTEXT_EVENTS;
	if (w->capped || c->event.at < w->now - CONTEXT_DAYS * DAY)
		return 1;
	w->events++;
	w->since = c->event.at;
	w->whole = ev->type == JIT_GENESIS;
	if (ev->type == JIT_REQUEST)
		return look_request(w, ev, err);
	if (ev->type == JIT_ISSUE || ev->type == JIT_END)
		return keep(w, ev, err);
	if (ev->type == JIT_APPROVE || ev->type == JIT_DENY)
		look_vote(w, ev);
	return 0;
}

/* By id; of one id as it happened. */
static int
by_id(const void *a, const void *b)
{
	const struct trace *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	return order ? order : (int)x->type - (int)y->type;
}

static int
by_from(const void *a, const void *b)
{
	const struct had *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static int
by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What is found of one id: a request of this kind, issued, perhaps ended. */
static void
join(struct walk *w, const struct trace *t, size_t count)
{
	struct had *had = &w->had[w->grants];

	if (count < 2 || t[0].type != JIT_REQUEST || t[1].type != JIT_ISSUE)
		return;
	*had = (struct had){t[1].from, t[1].until, t[0].duration};
	if (count > 2 && t[2].until < had->until)
		had->until = t[2].until;
	w->grants++;
}

static int
sort_out(struct walk *w, struct jit_error *err)
{
	size_t i, n;

	w->had = calloc(w->count + 1, sizeof(*w->had));
	if (!w->had)
		return jit_nomem(err);
	if (w->count)
		qsort(w->traces, w->count, sizeof(*w->traces), by_id);
	for (i = 0; i < w->count; i += n) {
		for (n = 1; i + n < w->count; n++)
			if (strcmp(w->traces[i].id, w->traces[i + n].id) != 0)
				break;
		join(w, &w->traces[i], n);
	}
	qsort(w->had, w->grants, sizeof(*w->had), by_from);
	return 0;
}

/* The one in the middle, the lower of two; sorts them. */
static int64_t
median(int64_t *n, size_t count)
{
	qsort(n, count, sizeof(*n), by_size);
	return n[(count - 1) / 2];
}

static void
tell_period(struct jit_buf *out, const struct walk *w)
{
	if (!w->whole && !w->capped) {
		jit_buf_fmt(out, "in the last %d days", CONTEXT_DAYS);
		return;
	}
	if (w->whole)
		jit_buf_str(out, "since the ledger began, ");
	else
		jit_buf_fmt(out, "in the last %d events, ", CONTEXT_EVENTS);
	span_spell(out, w->now - w->since);
	jit_buf_str(out, w->whole ? " ago" : "");
}

/* A change of policy or people is no grant: nobody has had it. */
static void
tell_grants(struct jit_buf *out, const struct walk *w)
{
	if (w->g->change && w->requests == 0)
		jit_buf_str(out, "first request by this principal ");
	else if (w->g->change)
		jit_buf_fmt(out, "%zu earlier request%s by this principal ",
			w->requests, w->requests == 1 ? "" : "s");
	else if (w->grants == 0)
		jit_buf_str(out, "first grant of this role here ");
	else
		jit_buf_fmt(out, "%zu grant%s of this role here ", w->grants,
			w->grants == 1 ? "" : "s");
	tell_period(out, w);
	jit_buf_str(out, "\n");
}

static int
tell_usual(struct jit_buf *out, const struct walk *w, struct jit_error *err)
{
	int64_t *asked;
	size_t i;

	if (w->grants == 0)
		return 0;
	asked = calloc(w->grants, sizeof(*asked));
	if (!asked)
		return jit_nomem(err);
	for (i = 0; i < w->grants; i++)
		asked[i] = w->had[i].duration;
	jit_buf_str(out, "usually asked for ");
	jit_when_spell(out, median(asked, w->grants));
	jit_buf_str(out, " (median), now for ");
	jit_when_spell(out, w->g->duration);
	jit_buf_str(out, "\n");
	free(asked);
	return 0;
}

static void
tell_share(struct jit_buf *out, int64_t live, int64_t window)
{
	if (live * 100 < window)
		jit_buf_str(out, "live under 1 % of the last ");
	else
		jit_buf_fmt(out, "live %lld %% of the last ",
			(long long)(live * 100 / window));
	if (window == WEEK)
		jit_buf_str(out, "7 days");
	else
		span_spell(out, window);
}

/* How much of the last days they cover, and which followed at once. */
static void
tell_cover(struct jit_buf *out, const struct walk *w)
{
	int64_t start = w->now - w->since < WEEK ? w->since : w->now - WEEK;
	int64_t live = 0, reach = start, from, until;
	size_t i, chained = 0;

	for (i = 0; i < w->grants; i++) {
		from = w->had[i].from;
		until = w->had[i].until;
		chained += i > 0 && from - GAP <= reach;
		if (i == 0 || until > reach)
			reach = until;
	}
	for (i = 0, reach = start; i < w->grants; i++) {
		from = w->had[i].from > reach ? w->had[i].from : reach;
		until = w->had[i].until < w->now ? w->had[i].until : w->now;
		if (until <= from)
			continue;
		live += until - from;
		reach = until;
	}
	if (live)
		tell_share(out, live, w->now - start);
	if (chained)
		jit_buf_fmt(out, "%s%zu back to back", live ? ", " : "",
			chained);
	if (live || chained)
		jit_buf_str(out, "\n");
}

static void
tell_hour(struct jit_buf *out, const struct walk *w)
{
	char stamp[JIT_STAMP];

	if (w->requests < HOURS_LEAST || w->near)
		return;
	jit_when_stamp(stamp, w->g->at);
	jit_buf_fmt(out,
		"unusual hour: none of %zu requests within 2h of %.5s UTC\n",
		w->requests, stamp + strlen("2026-11-22T"));
}

/* What who asks has already, of whatever role and resource. */
static void
tell_live(struct jit_buf *out, const struct jit_state *s, const struct walk *w)
{
	const struct jit_grant *g;
	size_t i, live = 0;

	for (i = 0; i < s->grants_count; i++) {
		g = s->grants[i];
		if (g->stage != JIT_ACTIVE || w->now >= g->until ||
			strcmp(g->by, w->g->by) != 0)
			continue;
		if (++live > LIVE_NAMED)
			continue;
		jit_buf_fmt(out, "%s%s on %s, ",
			live == 1 ? "live now: " : "; ", g->role, g->resource);
		span_spell(out, g->until - w->now);
		jit_buf_str(out, " left");
	}
	if (live > LIVE_NAMED)
		jit_buf_fmt(out, "; %zu more", live - LIVE_NAMED);
	if (live)
		jit_buf_str(out, "\n");
}

static void
tell_decisions(struct jit_buf *out, struct walk *w)
{
	if (w->decisions == 0)
		return;
	if (w->decisions == 1)
		jit_buf_str(out, "your last vote came ");
	else
		jit_buf_fmt(out, "your last %zu votes came ", w->decisions);
	jit_when_spell(out, median(w->took, w->decisions));
	jit_buf_fmt(out, " after the request%s\n",
		w->decisions == 1 ? "" : " (median)");
}

int
context_facts(struct jit_buf *out, struct jit_ledger *l,
	const struct jit_grant *g, const char *approver, int64_t now,
	struct jit_error *err)
{
	struct walk w = {.g = g, .approver = approver, .now = now};
	int rc;

	rc = jit_ledger_back(l, look, &w, err);
	if (rc == 0)
		rc = sort_out(&w, err);
	if (rc)
		goto out;
	tell_grants(out, &w);
	rc = tell_usual(out, &w, err);
	tell_cover(out, &w);
	tell_hour(out, &w);
	tell_live(out, jit_ledger_state(l), &w);
	tell_decisions(out, &w);
	if (rc == 0)
		rc = jit_buf_failed(out, err);
out:
	free(w.traces);
	free(w.had);
	return rc;
}

/* SPDX-License-Identifier: ISC */
/* What is missing of each grant. */
#include <string.h>

#include "coverage_inner.h"
#include "when.h"

/* Whether something that was started under 'g' went on past 'at'. */
static bool
goes_on(const struct jit_story *g, int64_t at)
{
	const struct jit_story_use *u;

	for (u = g->uses; u; u = u->next)
		if (!u->closed || u->closed > at)
			return true;
	return false;
}

/* An extension is used by what goes on; what failed was never given. */
static bool
is_used(const struct coverage *c, const struct jit_story *g)
{
	const struct coverage_grant *x = coverage_grant(c, g->id);
	const struct jit_story *p;

	if (g->uses || (x && x->logged))
		return true;
	for (p = g->extends; p; p = p->extends)
		if (goes_on(p, g->from))
			return true;
	return false;
}

static bool
is_approved(const struct jit_story *g)
{
	const struct jit_story_vote *v;

	for (v = g->votes; v; v = v->next)
		if (v->counted)
			return true;
	return false;
}

void
coverage_chain(char out[7], const struct coverage *c, const struct jit_story *g)
{
	bool over = g->issued && c->now >= coverage_over(g);

	memcpy(out, "r.....", 7);
	if (is_approved(g))
		out[1] = 'a';
	if (!g->issued)
		return;
	out[2] = 'i';
	if (is_used(c, g))
		out[3] = 'u';
	else if (over && g->fate != JIT_FATE_FAILED)
		out[3] = '-';
	if (g->fate != JIT_FATE_OPEN)
		out[4] = 'e';
	else if (over)
		out[4] = '-';
	if (g->dead || g->written_off)
		out[5] = 'p';
	else if (over)
		out[5] = '-';
}

static int
find_unclosed(struct coverage *c, const struct jit_story *g,
	struct jit_error *err)
{
	const struct jit_story_use *u;
	char stamp[JIT_STAMP];
	int rc = 0;

	for (u = g->uses; u && rc == 0; u = u->next) {
		if (u->closed)
			continue;
		jit_when_stamp(stamp, u->opened);
		rc = coverage_find(c,
			&(struct coverage_finding){.kind = COVERAGE_UNCLOSED,
				.g = g,
				.at = u->opened},
			err, "opened at %s on %s, and never closed", stamp,
			u->host);
	}
	return rc;
}

/* Which log shows that host at that time, if any. */
static bool
is_covered(const struct coverage *c, const char *by, int64_t at)
{
	const struct coverage_span *s = c->spans;
	size_t i;

	for (i = 0; i < c->spans_count; i++)
		if (coverage_is_host(by, s[i].host) && s[i].from <= at &&
			at <= s[i].until)
			return true;
	return false;
}

static bool
is_shown(const struct coverage *c, const struct jit_story_use *u)
{
	size_t i;

	for (i = 0; i < c->shown_count; i++)
		if (c->shown[i] == u)
			return true;
	return false;
}

static int
find_unlogged(struct coverage *c, const struct jit_story *g,
	struct jit_error *err)
{
	const struct jit_story_use *u;
	char stamp[JIT_STAMP];
	int rc = 0;

	for (u = g->uses; u && rc == 0; u = u->next) {
		if (!is_covered(c, u->by, u->opened) || is_shown(c, u))
			continue;
		jit_when_stamp(stamp, u->opened);
		rc = coverage_find(c,
			&(struct coverage_finding){.kind = COVERAGE_UNLOGGED,
				.g = g,
				.at = u->opened},
			err, "%s recorded a use at %s, and its log shows none",
			u->by, stamp);
	}
	return rc;
}

/* One of the things that are missing, by the letter of the chain. */
static int
find_missing(struct coverage *c, const struct jit_story *g,
	enum coverage_kind kind, const char *text, struct jit_error *err)
{
	char stamp[JIT_STAMP], what[512];
	int64_t at =
		kind == COVERAGE_UNREVIEWED ? g->review_due : coverage_over(g);

	jit_when_stamp(stamp, at);
	return coverage_find(c,
		&(struct coverage_finding){.kind = kind, .g = g, .at = at}, err,
		"%s, %s %s%s", coverage_what(what, g),
		kind == COVERAGE_UNREVIEWED ? "due" : "over since", stamp,
		text);
}

static int
end_grant(struct coverage *c, const struct jit_story *g, struct jit_error *err)
{
	char chain[7];
	int rc = 0;

	coverage_chain(chain, c, g);
	if (chain[3] == '-')
		rc = find_missing(c, g, COVERAGE_UNUSED, ": nobody used it",
			err);
	if (rc == 0 && g->issued && c->now >= coverage_over(g))
		rc = find_unclosed(c, g, err);
	if (rc == 0)
		rc = find_unlogged(c, g, err);
	if (rc == 0 && chain[4] == '-')
		rc = find_missing(c, g, COVERAGE_UNENDED, ": nobody ended it",
			err);
	if (rc == 0 && chain[5] == '-')
		rc = find_missing(c, g, COVERAGE_UNPROVEN,
			g->alive ? ": it was found working since"
				: g->due && !g->provable
				? ": nothing can show that it is dead"
				: ": nothing shows that it is dead",
			err);
	if (rc == 0 && g->review_due && !g->reviewed && c->now >= g->review_due)
		rc = find_missing(c, g, COVERAGE_UNREVIEWED,
			": nobody reviewed it", err);
	return rc;
}

int
coverage_end(struct coverage *c, const struct jit_scope *scope,
	struct jit_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < c->stories->count && rc == 0; i++)
		if (coverage_wants(scope, c->stories->at[i]))
			rc = end_grant(c, c->stories->at[i], err);
	return rc;
}

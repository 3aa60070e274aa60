/* SPDX-License-Identifier: ISC */
/* What a host's log shows, against what was given. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage_inner.h"
#include "when.h"

/* An entry, and where it is. */
struct entry {
	struct coverage *c;
	struct coverage_log *log;
	const struct jit_logged *e;
	const char *host;
	char stamp[JIT_STAMP];
};

static struct coverage_finding
place(const struct entry *x, enum coverage_kind kind, const struct jit_story *g)
{
	return (struct coverage_finding){.kind = kind,
		.g = g,
		.file = x->log->file,
		.line = x->e->line,
		.at = x->e->at};
}

/* Whether some policy that was in force names that CA for its issuers. */
static bool
is_ca(const struct coverage *c, const char *fingerprint)
{
	const struct jit_stories *all = c->stories;
	const struct jit_json *issuers, *list;
	size_t i, j, k;

	for (i = 0; i < all->policies_count; i++) {
		issuers = jit_json_get(all->policies[i].json, "issuers");
		for (j = 0; j < jit_json_count(issuers); j++) {
			list = jit_json_get(jit_json_at(issuers, j), "ca");
			for (k = 0; k < jit_json_count(list); k++)
				if (strcmp(jit_json_text(jit_json_at(list, k)),
					    fingerprint) == 0)
					return true;
		}
	}
	return false;
}

/* Whether the policy has somebody who gives that on this host. */
static bool
is_guarded(const struct coverage *c, const char *scheme, const char *host)
{
	const struct jit_issuing *e = c->policy->issuers.at;
	char whole[JIT_HOSTLOG_NAME + 8], first[JIT_HOSTLOG_NAME + 8];
	size_t i;

	snprintf(whole, sizeof(whole), "%s:%s", scheme, host);
	snprintf(first, sizeof(first), "%s:%.*s", scheme,
		(int)strcspn(host, "."), host);
	for (i = 0; i < c->policy->issuers.count; i++)
		if (jit_policy_issuer(c->policy, e[i].by, whole) ||
			jit_policy_issuer(c->policy, e[i].by, first))
			return true;
	return false;
}

/* When this host recorded a use for the first time; 0: it never did. */
static int64_t
records_since(const struct coverage *c, const char *host)
{
	const struct coverage_host *h = c->hosts;
	int64_t first = 0;
	size_t i;

	for (i = 0; i < c->hosts_count; i++)
		if (coverage_is_host(h[i].by, host) &&
			(!first || h[i].since < first))
			first = h[i].since;
	return first;
}

static int
show(struct coverage *c, const struct jit_story_use *u, struct jit_error *err)
{
	size_t cap = c->shown_cap ? 2 * c->shown_cap : 64;
	const struct jit_story_use **list = c->shown;

	if (c->shown_count == c->shown_cap) {
		list = reallocarray(list, cap, sizeof(struct jit_story_use *));
		if (!list)
			return jit_nomem(err);
		c->shown = list;
		c->shown_cap = cap;
	}
	list[c->shown_count++] = u;
	return 0;
}

/* The uses that this entry shows: how many, or a code. */
static int
match_uses(struct entry *x, const struct jit_story *g, struct jit_error *err)
{
	const struct jit_story_use *u;
	int found = 0, rc;

	for (u = g->uses; u; u = u->next) {
		if (llabs(u->opened - x->e->at) > COVERAGE_NEAR)
			continue;
		rc = show(x->c, u, err);
		if (rc)
			return rc;
		found++;
	}
	return found;
}

/* A certificate that is a grant's: in its time, and on record? */
static int
check_use(struct entry *x, struct coverage_grant *grant, struct jit_error *err)
{
	const struct jit_story *g = grant->g;
	struct coverage_finding f = place(x, COVERAGE_OUTSIDE, g);
	char from[JIT_STAMP], over[JIT_STAMP];
	int64_t since;
	int rc;

	grant->logged = true;
	if (x->e->at + COVERAGE_SLACK < g->from ||
		x->e->at >= coverage_over(g) + COVERAGE_SLACK) {
		jit_when_stamp(from, g->from);
		jit_when_stamp(over, coverage_over(g));
		return coverage_find(x->c, &f, err,
			"%s logged in on %s at %s by grant %s, which lasted "
			"from %s to %s",
			x->e->account, x->host, x->stamp, g->id, from, over);
	}
	rc = match_uses(x, g, err);
	since = records_since(x->c, x->host);
	if (rc || !since || x->e->at + COVERAGE_NEAR < since)
		return rc < 0 ? rc : 0;
	f.kind = COVERAGE_UNRECORDED;
	return coverage_find(x->c, &f, err,
		"%s logged in on %s at %s by grant %s, and no use is on "
		"record",
		x->e->account, x->host, x->stamp, g->id);
}

/* Why a certificate is none of a grant's, or NULL. */
static const char *
fault_of(const struct entry *x, const struct coverage_grant *grant)
{
	if (!grant)
		return "no grant has that id";
	if (!is_ca(x->c, x->e->ca))
		return "no policy names its CA";
	if (grant->g->serial != x->e->serial)
		return "its serial is another";
	if (!coverage_on(grant->g->resource, "ssh", x->host))
		return "the grant is for another host";
	return NULL;
}

static int
check_login(struct entry *x, struct jit_error *err)
{
	struct coverage_grant *grant = coverage_grant(x->c, x->e->id);
	struct coverage_finding f = place(x, COVERAGE_NO_GRANT, NULL);
	const char *fault = fault_of(x, grant);

	x->log->logins++;
	if (x->e->id[0] && !fault)
		return check_use(x, grant, err);
	if (x->e->id[0])
		return coverage_find(x->c, &f, err,
			"%s logged in on %s from %s at %s by certificate "
			"'%s': %s",
			x->e->account, x->host, x->e->from, x->stamp, x->e->id,
			fault);
	if (!is_guarded(x->c, "ssh", x->host)) {
		x->log->foreign++;
		return 0;
	}
	f.kind = COVERAGE_STANDING_LOGIN;
	return coverage_find(x->c, &f, err,
		"%s logged in on %s from %s at %s by %s, without a grant",
		x->e->account, x->host, x->e->from, x->stamp, x->e->method);
}

/* The first of an account's grants. */
static size_t
first_of(const struct coverage *c, const char *account)
{
	size_t lo = 0, hi = c->sudo_count, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(c->sudo[mid]->account, account) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Those that let it run: how many, or a code. */
static int
match_sudo(struct entry *x, struct jit_error *err)
{
	struct coverage *c = x->c;
	const struct jit_story *g;
	int found = 0, rc;
	size_t i;

	for (i = first_of(c, x->e->account); i < c->sudo_count &&
		strcmp(c->sudo[i]->account, x->e->account) == 0;
		i++) {
		g = c->sudo[i]->g;
		if (!coverage_on(g->resource, "sudo", x->host) ||
			x->e->at + COVERAGE_SLACK < g->from ||
			x->e->at >= coverage_over(g) + COVERAGE_SLACK)
			continue;
		coverage_grant(c, g->id)->logged = true;
		rc = match_uses(x, g, err);
		if (rc < 0)
			return rc;
		found++;
	}
	return found;
}

/* Who is root already, or becomes himself, gains nothing by it. */
static int
check_sudo(struct entry *x, struct jit_error *err)
{
	struct coverage_finding f = place(x, COVERAGE_STANDING_SUDO, NULL);
	int rc;

	x->log->commands++;
	if (strcmp(x->e->account, "root") == 0 ||
		strcmp(x->e->account, x->e->runas) == 0)
		return 0;
	rc = match_sudo(x, err);
	if (rc)
		return rc < 0 ? rc : 0;
	if (!is_guarded(x->c, "sudo", x->host)) {
		x->log->foreign++;
		return 0;
	}
	return coverage_find(x->c, &f, err,
		"%s ran '%.80s' as %s on %s at %s, without a grant",
		x->e->account, x->e->command, x->e->runas, x->host, x->stamp);
}

/* That this host's log goes from here to there. */
static int
note_span(struct coverage *c, const char *host, int64_t at,
	struct jit_error *err)
{
	size_t cap = c->spans_cap ? 2 * c->spans_cap : 8, i;
	struct coverage_span *s = c->spans;

	for (i = 0; i < c->spans_count && strcmp(s[i].host, host) != 0; i++)
		;
	if (i == c->spans_cap) {
		s = reallocarray(s, cap, sizeof(*s));
		if (!s)
			return jit_nomem(err);
		c->spans = s;
		c->spans_cap = cap;
	}
	if (i == c->spans_count) {
		s[i] = (struct coverage_span){.from = at, .until = at};
		snprintf(s[i].host, sizeof(s[i].host), "%s", host);
		c->spans_count++;
	}
	s[i].from = at < s[i].from ? at : s[i].from;
	s[i].until = at > s[i].until ? at : s[i].until;
	return 0;
}

static int
check_entry(struct entry *x, struct jit_error *err)
{
	struct coverage_log *log = x->log;
	int rc;

	log->entries++;
	if (!log->from || x->e->at < log->from)
		log->from = x->e->at;
	log->until = x->e->at > log->until ? x->e->at : log->until;
	rc = note_span(x->c, x->host, x->e->at, err);
	if (rc || x->e->at < x->c->since || x->e->at >= x->c->until)
		return rc;
	jit_when_stamp(x->stamp, x->e->at);
	if (x->e->kind == JIT_LOGGED_LOGIN)
		return check_login(x, err);
	return x->e->kind == JIT_LOGGED_SUDO ? check_sudo(x, err) : 0;
}

/* A host's name as its grants have it: in lower case (RFC 4343). */
static void
lower(char to[JIT_HOSTLOG_NAME], const char *host)
{
	size_t i;

	for (i = 0; host[i] && i + 1 < JIT_HOSTLOG_NAME; i++)
		to[i] = host[i] >= 'A' && host[i] <= 'Z'
			? (char)(host[i] - 'A' + 'a')
			: host[i];
	to[i] = '\0';
}

static int
find_unread(struct coverage *c, const struct coverage_log *log,
	struct jit_error *err)
{
	const struct coverage_finding f = {.kind = COVERAGE_UNREAD,
		.file = log->file,
		.line = log->unread_line};

	if (!log->unread)
		return 0;
	return coverage_find(c, &f, err,
		"%zu %s could not be read, first this: %s", log->unread,
		log->unread == 1 ? "entry" : "entries", log->unread_why);
}

int
coverage_log(struct coverage_log *out, struct coverage *c, const char *bytes,
	size_t len, const char *host, int64_t zone, struct jit_error *err)
{
	struct jit_hostlog in = jit_hostlog_over(bytes, len, c->now, zone);
	struct jit_error why = {0};
	struct jit_logged e;
	char name[JIT_HOSTLOG_NAME];
	struct entry x = {.c = c, .log = out, .e = &e, .host = name};
	int rc;

	while ((rc = jit_hostlog_next(&e, &in, &why)) != 0) {
		if (rc == 1 && e.kind != JIT_LOGGED_OTHER && !host &&
			!e.host[0])
			rc = jit_fail(&why, JIT_USAGE,
				"it names no host: --log NAME=FILE");
		if (rc < 0 && rc != JIT_USAGE)
			return jit_fail(err, rc, "%s", why.text);
		if (rc < 0 && out->unread++ == 0) {
			out->unread_line = e.line;
			snprintf(out->unread_why, sizeof(out->unread_why),
				"%.120s", why.text);
		}
		if (rc < 0)
			continue;
		lower(name, host ? host : e.host);
		rc = check_entry(&x, err);
		if (rc)
			return rc;
	}
	return find_unread(c, out, err);
}

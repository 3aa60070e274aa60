/* SPDX-License-Identifier: ISC */
#include "coverage_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"
#include "when.h"

static const struct {
	const char *name, *means;
} kinds[COVERAGE_KINDS] = {
	[COVERAGE_NO_GRANT] = {"no-grant",
		"a login by a certificate that no issue of this ledger made "
		"for that host"},
	[COVERAGE_OUTSIDE] = {"outside",
		"a login by a grant's certificate before its time or after "
		"its end"},
	[COVERAGE_STANDING_LOGIN] = {"standing-login",
		"a login without a certificate on a host that jit guards"},
	[COVERAGE_STANDING_SUDO] = {"standing-sudo",
		"a command by sudo of an account that had no live grant "
		"there"},
	[COVERAGE_UNRECORDED] = {"unrecorded",
		"a login by a grant that its host, which records uses, did "
		"not record"},
	[COVERAGE_UNLOGGED] = {"unlogged",
		"a use that a host recorded and its log does not show"},
	[COVERAGE_UNREAD] = {"unread",
		"lines of a log that could not be read, so nothing is known "
		"of them"},
	[COVERAGE_UNUSED] = {"unused",
		"a grant that is over and was never used, as far as anything "
		"shows"},
	[COVERAGE_UNCLOSED] = {"unclosed",
		"a use that nobody closed though its grant is over"},
	[COVERAGE_UNENDED] = {"unended",
		"a grant whose time is over and which nobody ended"},
	[COVERAGE_UNPROVEN] = {"unproven",
		"a grant that is over and was not shown to be dead"},
	[COVERAGE_UNREVIEWED] = {"unreviewed",
		"a break-glass whose review is overdue"},
};

const char *
coverage_kind_name(enum coverage_kind kind)
{
	return kinds[kind].name;
}

const char *
coverage_kind_means(enum coverage_kind kind)
{
	return kinds[kind].means;
}

int
coverage_find(struct coverage *c, const struct coverage_finding *f,
	struct jit_error *err, const char *fmt, ...)
{
	size_t cap = c->cap ? 2 * c->cap : 64;
	struct coverage_finding *list = c->findings;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (c->count == c->cap) {
		list = reallocarray(list, cap, sizeof(*list));
		if (!list)
			return jit_nomem(err);
		c->findings = list;
		c->cap = cap;
	}
	list += c->count;
	*list = *f;
	list->text = jit_arena_str(&c->mem, text);
	if (!list->text)
		return jit_nomem(err);
	c->count++;
	return 0;
}

int
coverage_issued(struct coverage *c, const struct jit_story *g,
	const char *account, struct jit_error *err)
{
	size_t cap = c->grants_cap ? 2 * c->grants_cap : 256;
	struct coverage_grant *list = c->grants;

	if (!g || g->want != JIT_WANT_ACCESS)
		return 0;
	if (c->grants_count == c->grants_cap) {
		list = reallocarray(list, cap, sizeof(*list));
		if (!list)
			return jit_nomem(err);
		c->grants = list;
		c->grants_cap = cap;
	}
	list += c->grants_count++;
	memset(list, 0, sizeof(*list));
	list->g = g;
	if (account)
		snprintf(list->account, sizeof(list->account), "%s", account);
	else /* no connector said so: its own name is the best guess */
		snprintf(list->account, sizeof(list->account), "%.*s",
			(int)strcspn(g->by, "@"), g->by);
	return 0;
}

/* That 'by' recorded a use at 'at'; interned texts are alike or are not. */
static int
note_host(struct coverage *c, const char *by, int64_t at, struct jit_error *err)
{
	size_t cap = c->hosts_cap ? 2 * c->hosts_cap : 16, i;
	struct coverage_host *h = c->hosts;

	for (i = 0; i < c->hosts_count && h[i].by != by; i++)
		;
	if (i == c->hosts_cap) {
		h = reallocarray(h, cap, sizeof(*h));
		if (!h)
			return jit_nomem(err);
		c->hosts = h;
		c->hosts_cap = cap;
	}
	if (i == c->hosts_count) {
		h[i] = (struct coverage_host){by, at};
		c->hosts_count++;
	}
	h[i].since = at < h[i].since ? at : h[i].since;
	return 0;
}

static int
note_hosts(struct coverage *c, struct jit_error *err)
{
	const struct jit_story_use *u;
	size_t i;
	int rc = 0;

	for (i = 0; i < c->grants_count; i++)
		for (u = c->grants[i].g->uses; u && rc == 0; u = u->next)
			rc = note_host(c, u->by, u->opened, err);
	return rc;
}

static int
by_id(const void *a, const void *b)
{
	const struct coverage_grant *x = a, *y = b;

	return strcmp(x->g->id, y->g->id);
}

static int
by_account(const void *a, const void *b)
{
	const struct coverage_grant *const *x = a, *const *y = b;

	return strcmp((*x)->account, (*y)->account);
}

int
coverage_begin(struct coverage *c, struct jit_error *err)
{
	size_t i;

	c->sudo = calloc(c->grants_count + 1, sizeof(struct coverage_grant *));
	if (!c->sudo)
		return jit_nomem(err);
	if (c->grants_count)
		qsort(c->grants, c->grants_count, sizeof(*c->grants), by_id);
	for (i = 0; i < c->grants_count; i++)
		if (strncmp(c->grants[i].g->resource, "sudo:", 5) == 0)
			c->sudo[c->sudo_count++] = &c->grants[i];
	if (c->sudo_count)
		qsort(c->sudo, c->sudo_count, sizeof(struct coverage_grant *),
			by_account);
	return note_hosts(c, err);
}

struct coverage_grant *
coverage_grant(const struct coverage *c, const char *id)
{
	size_t lo = 0, hi = c->grants_count, mid;
	int order;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		order = strcmp(c->grants[mid].g->id, id);
		if (order == 0)
			return &c->grants[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

bool
coverage_on(const char *resource, const char *scheme, const char *host)
{
	size_t n = strlen(scheme), first = strcspn(host, ".");

	if (strncmp(resource, scheme, n) != 0 || resource[n] != ':')
		return false;
	resource += n + 1;
	return strcmp(resource, host) == 0 ||
		(strncmp(resource, host, first) == 0 && !resource[first]);
}

bool
coverage_is_host(const char *principal, const char *host)
{
	size_t n = strcspn(principal, "@");

	return strncmp(principal, host, n) == 0 &&
		(host[n] == '\0' || host[n] == '.');
}

int64_t
coverage_over(const struct jit_story *g)
{
	return g->ended && g->ended < g->until ? g->ended : g->until;
}

const char *
coverage_what(char out[512], const struct jit_story *g)
{
	snprintf(out, 512, "%s on %s to %s", g->role, g->resource, g->by);
	return out;
}

bool
coverage_wants(const struct jit_scope *scope, const struct jit_story *g)
{
	return g->want == JIT_WANT_ACCESS && g->at >= scope->since &&
		g->at < scope->until &&
		(!scope->by || strcmp(scope->by, g->by) == 0) &&
		(!scope->resource ||
			jit_pattern_match(scope->resource, g->resource));
}

void
coverage_free(struct coverage *c)
{
	free(c->grants);
	free(c->sudo);
	free(c->spans);
	free(c->hosts);
	free(c->shown);
	free(c->findings);
	jit_arena_free(&c->mem);
	*c = (struct coverage){0};
}

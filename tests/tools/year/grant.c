/* SPDX-License-Identifier: ISC */
/* What happens to one grant, step by step. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

const char *const end_name[ENDS] = {"task", "ttl", "revoke", "policy",
	"offboard", "failed"};

/* Seconds to decide: half within five minutes, few at once. */
static const int64_t decide[11] = {25, 75, 120, 180, 240, 300, 420, 600, 900,
	1500, 4500};

static const char *const reasons[] = {"slow query on orders",
	"disk is filling up on this host", "deploy of the release of the week",
	"customers see errors at checkout", "rotate the certificates of nginx",
	"the nightly job hangs", "look at a deadlock in production",
	"restart after the kernel update", "an index is missing",
	"check the numbers that finance asked about",
	"replace a broken configuration", "support case of a customer"};

static const struct who *
person(const struct world *w, int i)
{
	return &w->c.who[i];
}

static void
chance_id(char out[JIT_ULID], struct world *w, int64_t at)
{
	unsigned char chance[10];

	chance_bytes(&w->c.chance, chance, sizeof(chance));
	jit_ulid_make(out, at, chance);
}

static void
chance_hex(char out[JIT_HEX256], struct world *w)
{
	unsigned char bytes[JIT_SHA256];

	chance_bytes(&w->c.chance, bytes, sizeof(bytes));
	jit_hex(out, bytes, sizeof(bytes));
}

/* What verifies the requester's secret. */
static void
make_offer(struct jit_buf *out, struct world *w, struct life_grant *g)
{
	unsigned char seed[32], sk[64];
	struct jit_pubkey key = {.type = JIT_ED25519};
	const char *scheme = rule_info[g->rule].scheme;

	if (strcmp(scheme, "sudo") == 0)
		return;
	chance_bytes(&w->c.chance, seed, sizeof(seed));
	if (strcmp(scheme, "ssh") == 0) {
		crypto_sign_seed_keypair(key.pk, sk, seed);
		jit_pubkey_text(out, &key);
		jit_pubkey_fingerprint(g->offer, &key);
		return;
	}
	jit_buf_str(out, "SCRAM-SHA-256$4096:");
	jit_base64(out, seed, 16, true);
	jit_buf_str(out, "$");
	jit_base64(out, seed, 32, true);
	jit_buf_str(out, ":");
	chance_bytes(&w->c.chance, seed, sizeof(seed));
	jit_base64(out, seed, 32, true);
}

static void
put_task(char *out, size_t size, struct world *w, const struct life_grant *g)
{
	if (g->drill)
		snprintf(out, size, "drill");
	else
		snprintf(out, size, "%s%lld", rule_info[g->rule].task,
			(long long)chance_between(&w->c.chance, 1000, 9999));
}

static step grant_vote, grant_deny, grant_withdraw, grant_lapse, grant_issue,
	grant_alive, grant_open, grant_close, grant_dead, grant_review;

static bool
is_pair(const struct world *w, int a)
{
	return a == w->culprits.pair[0] || a == w->culprits.pair[1];
}

/* Who votes, and how long that takes. */
static void
choose_voter(struct world *w, struct life_grant *g, int n, int64_t at)
{
	struct chance *c = &w->c.chance;
	const struct culprits *x = &w->culprits;
	int teams = rule_info[g->rule].approve[n], voter;

	g->late[n] = chance_decile(c, decide);
	if (g->planted == KEPT || g->cut)
		g->late[n] = chance_between(c, 60, 200);
	if (g->extends[0])
		g->late[n] = chance_between(c, 20, 110);
	do
		voter = company_pick(&w->c, teams, g->who, at);
	while (voter == x->stamper || voter == g->voters[0] ||
		(is_pair(w, voter) && is_pair(w, g->who)));
	if (g->rule == WEB_ROOT && g->planted == NOTHING && !g->extends[0] &&
		!g->cut && is_pair(w, g->who) && chance_of(c, 800))
		g->planted = PAIRED;
	if (g->planted == PAIRED)
		voter = g->who == x->pair[0] ? x->pair[1] : x->pair[0];
	if (teams == DEV && x->stamper >= 0 && x->stamper != g->who &&
		g->planted == NOTHING && !g->extends[0] && chance_of(c, 200))
		g->planted = STAMPED;
	if (g->planted == STAMPED) {
		voter = x->stamper;
		g->late[n] = chance_between(c, 4, 11);
	}
	g->voters[n] = voter;
}

/* Everybody but the stamper says no now and then. */
static bool
denies(struct world *w, const struct life_grant *g, int voter)
{
	struct who *v = &w->c.who[voter];

	if (g->planted != NOTHING || g->extends[0] || g->cut)
		return false;
	return v->decisions++ % v->denies_each == v->denies_at;
}

static void
plan_votes(struct world *w, size_t i, int64_t at)
{
	struct life_grant *g = &w->grants[i];
	struct chance *c = &w->c.chance;
	bool usual = g->planted == NOTHING && !g->extends[0] && !g->cut;
	int64_t t = at;
	int n;

	if (rule_info[g->rule].approve[0] && usual && chance_of(c, 12)) {
		g->fate = LAPSED;
		world_do(w, world_swept(w, at + 14400), grant_lapse, i);
		return;
	}
	if (g->rule != GLASS && usual && chance_of(c, 10)) {
		g->fate = WITHDRAWN;
		world_do(w, at + chance_between(c, 3, 15), grant_withdraw, i);
		return;
	}
	for (n = 0; n < 2 && rule_info[g->rule].approve[n]; n++) {
		choose_voter(w, g, n, at);
		t += g->late[n];
		if (denies(w, g, g->voters[n])) {
			g->fate = DENIED;
			world_do(w, t, grant_deny, i);
			return;
		}
		g->voted[n] = t;
		world_do(w, t, grant_vote, i);
	}
	world_do(w, t + chance_between(c, 1, 4), grant_issue, i);
}

/* More than a budget gives is not asked for. */
static bool
can_afford(struct world *w, const struct life_grant *g, int64_t at)
{
	int64_t day = at / DAY;
	int n = g->who;

	if (g->rule != DB_READ && g->rule != CI_DEPLOY)
		return true;
	if (w->purse[n].day != day) {
		w->purse[n].day = day;
		w->purse[n].grants = w->purse[n].time = 0;
	}
	if (w->purse[n].grants >= (g->rule == DB_READ ? 19 : 99) ||
		w->purse[n].time + g->duration >
			(g->rule == DB_READ ? 6 : 11) * 3600)
		return false;
	w->purse[n].grants++;
	w->purse[n].time += g->duration;
	return true;
}

static void
find_owner(struct world *w, struct life_grant *g, int64_t at)
{
	int tries = 0;

	while (g->who < 0 || (tries++ < 200 && !can_afford(w, g, at)))
		g->who = company_pick(&w->c, rule_info[g->rule].who, -1, at);
}

/* The planted keep their own ground, and ordinary life off it. */
static bool
is_taken(const struct world *w, const struct life_grant *g)
{
	const struct culprits *x = &w->culprits;

	if (g->planted == STAMPED)
		return g->who == x->stamper || g->who == x->keeper;
	if (g->planted != NOTHING)
		return false;
	return (g->who == x->keeper && g->rule == WEB_DEPLOY) ||
		(g->who == x->grower && g->rule == DB_ADMIN) ||
		(g->who == x->breaker && g->rule == GLASS);
}

void
grant_ask(struct world *w, int64_t at, size_t i)
{
	static struct jit_texts action;
	static const char *words[3] = {"/usr/bin/systemctl", "restart",
		"nginx.service"};
	struct life_grant *g = &w->grants[i];
	struct jit_buf offer = {0};
	char resource[80], task[32], source[64];
	struct jit_event ev;
	int64_t max = company_max(g->rule, &w->stage);

	if (g->extends[0] && w->grants[g->parent].over)
		return; /* what it rested on was gone before */
	if (g->who < 0) {
		do {
			g->who = -1;
			find_owner(w, g, at);
		} while (is_taken(w, g));
	}
	if (g->duration > max)
		g->duration = max;
	g->host = company_host(&w->c, g->rule, g->resource);
	scribe_begin(&ev, &w->s, JIT_REQUEST, person(w, g->who), at);
	g->at = ev.at;
	chance_id(g->id, w, ev.at);
	make_offer(&offer, w, g);
	company_resource(resource, sizeof(resource), g->rule, g->resource);
	put_task(task, sizeof(task), w, g);
	snprintf(source, sizeof(source), "laptop-%d", g->who);
	ev.id = g->id;
	ev.resource = resource;
	ev.role = rule_info[g->rule].role;
	ev.task = task;
	ev.reason = reasons[chance_below(&w->c.chance,
		sizeof(reasons) / sizeof(reasons[0]))];
	ev.duration = g->duration;
	ev.offer = offer.len ? jit_buf_text(&offer) : NULL;
	ev.source = source;
	ev.glass = g->rule == GLASS;
	ev.extends = g->extends[0] ? g->extends : NULL;
	if (g->rule == BUILD_SUDO) {
		action = (struct jit_texts){.count = 3, .at = words};
		ev.actions = (struct jit_lists){.count = 1, .at = &action};
	}
	scribe_write(&w->s, &ev, person(w, g->who));
	jit_hex(g->request, w->s.sha256, JIT_SHA256);
	jit_buf_free(&offer);
	plan_votes(w, i, g->at);
}

static const char *
group_of(int team)
{
	return team == ONCALL ? "oncall"
		: team == DEV ? "dev"
		: team == DBA ? "dba"
			      : "security";
}

static void
grant_vote(struct world *w, int64_t at, size_t i)
{
	struct life_grant *g = &w->grants[i];
	struct chance *c = &w->c.chance;
	struct jit_event ev;
	int n = g->voted[1] && at >= g->voted[1] ? 1 : 0;

	if (g->over)
		return;
	scribe_begin(&ev, &w->s, JIT_APPROVE, person(w, g->voters[n]), at);
	ev.id = g->id;
	ev.request = g->request;
	ev.as = group_of(rule_info[g->rule].approve[n]);
	if (g->planted == NOTHING && !g->extends[0] && g->duration >= 1200 &&
		chance_of(c, 30)) {
		ev.duration = g->duration / 2;
		ev.note = "half of it will do";
		if (!g->narrowed || ev.duration < g->narrowed)
			g->narrowed = ev.duration;
		w->narrowed++;
	}
	scribe_write(&w->s, &ev, person(w, g->voters[n]));
}

static void
grant_deny(struct world *w, int64_t at, size_t i)
{
	struct life_grant *g = &w->grants[i];
	int voter = g->voted[0] ? g->voters[1] : g->voters[0];
	struct jit_event ev;

	if (g->over)
		return;
	scribe_begin(&ev, &w->s, JIT_DENY, person(w, voter), at);
	ev.id = g->id;
	ev.request = g->request;
	ev.reason = "not now: ask again after the freeze";
	scribe_write(&w->s, &ev, person(w, voter));
	g->ended = ev.at;
	g->over = true;
}

static void
grant_withdraw(struct world *w, int64_t at, size_t i)
{
	struct life_grant *g = &w->grants[i];
	struct jit_event ev;

	if (g->over)
		return;
	scribe_begin(&ev, &w->s, JIT_WITHDRAW, person(w, g->who), at);
	ev.id = g->id;
	ev.vote = g->request;
	ev.reason = "not needed any more";
	scribe_write(&w->s, &ev, person(w, g->who));
	g->ended = ev.at;
	g->over = true;
}

static void
grant_lapse(struct world *w, int64_t at, size_t i)
{
	struct life_grant *g = &w->grants[i];
	const struct who *sweeper = person(w, w->c.sweeper);
	struct jit_event ev;

	if (g->over)
		return;
	scribe_begin(&ev, &w->s, JIT_END, sweeper, at);
	ev.id = g->id;
	ev.cause = "lapse";
	scribe_write(&w->s, &ev, sweeper);
	g->ended = ev.at;
	g->over = true;
	w->due++;
	w->done++;
}

/* How it will end, and when its work is done. */
static void
plan_end(struct world *w, size_t i)
{
	struct life_grant *g = &w->grants[i];
	struct chance *c = &w->c.chance;
	int64_t span = g->until - g->issued, busy, roll;
	int64_t begun = g->issued + chance_between(c, 2, 20);

	roll = chance_below(c, 1000);
	g->end = roll < 600 ? BY_TASK : roll < 985 ? BY_TTL : BY_REVOKE;
	if (g->planted == UNUSED || g->planted == KEPT)
		g->end = BY_TTL;
	if (g->planted == NOTHING && roll == 999)
		g->end = BY_FAILED;
	if (g->longer || g->cut)
		g->end = BY_TTL;
	if (g->end == BY_FAILED) {
		world_do(w, g->issued + 1, grant_end, i);
		return;
	}
	world_do(w, g->issued + 1, grant_alive, i);
	busy = span * chance_between(c, 30, 85) / 100;
	if (begun + busy >= g->until - 1)
		busy = g->until - begun - 2;
	if (g->planted != UNUSED && !g->extends[0]) {
		world_do(w, begun, grant_open, i);
		if (g->end == BY_TASK)
			world_do(w, begun + busy, grant_close, i);
	}
	if (g->end == BY_TTL)
		world_do(w, world_swept(w, g->until), grant_end, i);
	else
		world_do(w, begun + busy + chance_between(c, 3, 30), grant_end,
			i);
}

/* A few go on: asked before the end, for the same. */
static void
plan_extension(struct world *w, size_t i)
{
	struct life_grant next, *g = &w->grants[i];
	int64_t ahead = 300;

	if (g->planted != NOTHING || g->extends[0] || g->rule == GLASS ||
		g->rule == CI_DEPLOY || g->rule == DB_READ || g->rule == LAB ||
		g->rule == LEGACY || g->until - g->issued < 900 ||
		!chance_of(&w->c.chance, 30))
		return;
	g->longer = true;
	next = (struct life_grant){.who = g->who,
		.resource = g->resource,
		.rule = g->rule,
		.duration = g->duration / 3};
	memcpy(next.extends, g->id, JIT_ULID);
	next.parent = i;
	ahead = g->until - ahead;
	world_do(w, ahead, grant_ask, world_add(w, &next));
}

/* A role that is kept alive is asked for anew before it ends. */
static void
plan_next(struct world *w, size_t i)
{
	struct life_grant next, *g = &w->grants[i];
	int64_t at;

	if (g->planted != KEPT || g->until >= g->keep)
		return;
	next = (struct life_grant){.who = g->who,
		.resource = g->resource,
		.rule = g->rule,
		.duration = 1500,
		.planted = KEPT,
		.keep = g->keep};
	at = g->until - 240;
	world_do(w, at, grant_ask, world_add(w, &next));
}

static void
grant_issue(struct world *w, int64_t at, size_t i)
{
	const struct who *issuer = person(w, w->c.issuer);
	struct life_grant *g = &w->grants[i];
	struct jit_hooked hook = {.name = "task", .verdict = "yes"};
	struct given given = {0};
	struct jit_event ev;
	char digest[JIT_HEX256];

	if (g->over)
		return;
	scribe_begin(&ev, &w->s, JIT_ISSUE, issuer, at);
	scribe_issue(&given, &ev, &w->s, &w->c, g->id);
	chance_hex(digest, w);
	hook.digest = digest;
	if (g->rule == CI_DEPLOY)
		hook.name = "attest";
	ev.hooks = (struct jit_rows){.count = g->rule != GLASS, .at = &hook};
	scribe_write(&w->s, &ev, issuer);
	g->issued = ev.at;
	g->cap = company_max(g->rule, &w->stage);
	g->until = ev.until;
	g->serial = ev.credential ? ev.credential->serial : 0;
	jit_buf_free(&given.cert);
	g->ended = 0;
	plan_extension(w, i);
	plan_next(w, i);
	plan_end(w, i);
}

static void
probe(struct world *w, int64_t at, const struct life_grant *g, int by,
	const char *outcome)
{
	const char *scheme = rule_info[g->rule].scheme;
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_PROBE, person(w, by), at);
	ev.id = g->id;
	ev.action = "login";
	ev.outcome = outcome;
	ev.how = strcmp(scheme, "ssh") == 0 ? "sshd was offered the certificate"
		: strcmp(scheme, "pg") == 0 ? "the role was asked for in "
					      "pg_roles"
					    : "sudo -l as that user";
	if (strcmp(scheme, "sudo") == 0)
		ev.action = "/usr/bin/systemctl restart nginx.service";
	scribe_write(&w->s, &ev, person(w, by));
	w->probes++;
}

static void
grant_alive(struct world *w, int64_t at, size_t i)
{
	if (!w->grants[i].over)
		probe(w, at, &w->grants[i], w->c.issuer, "allowed");
}

static void
use(struct world *w, int64_t at, struct life_grant *g, bool open, bool killed)
{
	int by = g->host < 0 ? g->who : g->host;
	const char *recording, *at_host = strchr(person(w, by)->principal, '@');
	char host[64], digest[JIT_HEX256];
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_USE, person(w, by), at);
	if (open)
		chance_id(g->session, w, ev.at);
	snprintf(host, sizeof(host), "%.*s",
		(int)(at_host - person(w, by)->principal),
		person(w, by)->principal);
	if (g->host < 0)
		snprintf(host, sizeof(host), "laptop-%d", g->who);
	ev.id = g->id;
	ev.session = g->session;
	ev.phase = open ? "open" : "close";
	ev.host = host;
	ev.counter = ++w->c.who[by].counter;
	if (open)
		ev.program = g->host < 0        ? "psql"
			: g->rule == BUILD_SUDO ? "systemctl"
						: "sshd";
	if (!open) {
		chance_hex(digest, w);
		recording = digest;
		if (g->host >= 0)
			ev.recordings = (struct jit_texts){1, &recording};
		ev.exit.given = true;
		ev.exit.n = killed ? 137 : 0;
		ev.killed = killed ? chance_between(&w->c.chance, 1, 3) : 0;
	}
	scribe_write(&w->s, &ev, person(w, by));
	w->uses++;
}

static void
grant_open(struct world *w, int64_t at, size_t i)
{
	struct life_grant *g = &w->grants[i];

	if (g->over)
		return;
	use(w, at, g, true, false);
	g->opened = true;
	g->began = w->s.state->at;
	g->port = chance_between(&w->c.chance, 30000, 60999);
}

static void
grant_close(struct world *w, int64_t at, size_t i)
{
	struct life_grant *g = &w->grants[i];

	if (!g->opened || g->closed)
		return;
	use(w, at, g, false, g->killed);
	g->closed = true;
	g->finished = w->s.state->at;
}

/* Who ends it, where no machine does. */
static int
ender(struct world *w, struct life_grant *g, int64_t at)
{
	if (g->end == BY_TASK)
		return g->who;
	if (g->end == BY_REVOKE)
		return rule_info[g->rule].approve[0]
			? g->voters[0]
			: company_pick(&w->c, ADMINS, g->who, at);
	return g->end == BY_FAILED ? w->c.issuer : w->c.sweeper;
}

/*
 * What is still open is closed by force. A longer one's session goes on, and
 * ends with the one that extends it.
 */
static void
close_after(struct world *w, size_t i)
{
	struct life_grant *g = &w->grants[i], *first = g;

	if (g->longer)
		return;
	if (g->extends[0]) {
		i = g->parent;
		first = &w->grants[i];
	}
	if (!first->opened || first->closed)
		return;
	first->killed = g->end != BY_TASK;
	world_do(w, w->s.state->at + 1, grant_close, i);
}

void
grant_end(struct world *w, int64_t at, size_t i)
{
	struct life_grant *g = &w->grants[i];
	struct jit_event ev;

	if (g->over)
		return;
	g->ender = ender(w, g, at);
	scribe_begin(&ev, &w->s, JIT_END, person(w, g->ender), at);
	ev.id = g->id;
	ev.cause = end_name[g->end];
	if (g->end == BY_REVOKE)
		ev.reason = "the task is over: nobody was there any more";
	scribe_write(&w->s, &ev, person(w, g->ender));
	g->ended = ev.at;
	g->over = true;
	if (g->ender == w->c.sweeper) {
		w->due++;
		w->done++;
	}
	close_after(w, i);
	world_do(w, world_swept(w, at + chance_between(&w->c.chance, 1, 6)),
		grant_dead, i);
	if (g->rule == GLASS && g->planted != UNREVIEWED)
		world_do(w, at + chance_between(&w->c.chance, 1, 9) * 3600,
			grant_review, i);
}

static void
grant_dead(struct world *w, int64_t at, size_t i)
{
	struct life_grant *g = &w->grants[i];

	probe(w, at, g, w->c.sweeper, "refused");
	g->dead = w->s.state->at;
}

static void
grant_review(struct world *w, int64_t at, size_t i)
{
	struct life_grant *g = &w->grants[i];
	const struct who *by =
		person(w, company_pick(&w->c, SECURITY, g->who, at));
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_REVIEW, by, at);
	ev.id = g->id;
	ev.verdict = "ok";
	ev.note = "the recording was read: what was done fits the task";
	scribe_write(&w->s, &ev, by);
	g->reviewed = ev.at;
}

void
grant_cut(struct world *w, int64_t at, enum end cause, int who, enum rule rule)
{
	struct life_grant *g;
	size_t i;

	for (i = 0; i < w->count; i++) {
		g = &w->grants[i];
		if (g->over || !g->issued ||
			(who >= 0 && g->who != who && g->voters[0] != who &&
				g->voters[1] != who) ||
			(who < 0 && g->rule != rule))
			continue;
		g->end = cause;
		world_do(w, at + chance_between(&w->c.chance, 2, 20), grant_end,
			i);
	}
}

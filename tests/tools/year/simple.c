/* SPDX-License-Identifier: ISC */
#include "simple.h"

#include <stdio.h>
#include <string.h>

#include "scribe.h"
#include "ulid.h"

/* The example's people, and nothing of note. */
static struct who *
add(struct company *c, const char *name, const char *class)
{
	struct who *w = &c->who[c->count++];

	snprintf(w->principal, sizeof(w->principal), "%s@ex.com", name);
	w->class = class;
	w->leaves = w->rotates = FOREVER;
	w->sponsor = -1;
	return w;
}

static struct jit_json *
read_policy(const struct company *c, const char *path)
{
	static const char mark[] = "SHA256:the-fingerprint-of-your-CA";
	char ca[JIT_FINGERPRINT], text[16384], *at;
	FILE *f = fopen(path, "r");
	struct jit_json *json = NULL;
	struct jit_error err = {0};
	struct jit_buf out = {0};
	size_t n;

	if (f == NULL)
		die(path, "cannot read");
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	at = strstr(text, mark);
	jit_pubkey_fingerprint(ca, jit_signer_key(c->ca));
	if (at == NULL)
		die(path, "it names no CA");
	jit_buf_put(&out, text, (size_t)(at - text));
	jit_buf_str(&out, ca);
	jit_buf_str(&out, at + sizeof(mark) - 1);
	if (jit_json_read(&json, out.data, out.len, JIT_JSON_POLICY, &err))
		die(path, err.text);
	jit_buf_free(&out);
	return json;
}

struct world {
	struct company c;
	struct scribe s;
	struct who *alice, *dan, *issuer;
	char id[JIT_ULID], request[JIT_HEX256];
	struct jit_buf offer;
};

static void
ask(struct world *w, int64_t at)
{
	unsigned char chance[10];
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_REQUEST, w->alice, at);
	chance_bytes(&w->c.chance, chance, sizeof(chance));
	jit_ulid_make(w->id, ev.at, chance);
	ev.id = w->id;
	ev.resource = "ssh:web-1";
	ev.role = "root";
	ev.task = "INC-4211";
	ev.reason = "slow query on orders";
	ev.duration = 1800;
	ev.source = "laptop";
	ev.offer = jit_buf_text(&w->offer);
	scribe_write(&w->s, &ev, w->alice);
	jit_hex(w->request, w->s.sha256, JIT_SHA256);
}

static void
approve(struct world *w, int64_t at)
{
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_APPROVE, w->dan, at);
	ev.id = w->id;
	ev.request = w->request;
	ev.as = "dba";
	scribe_write(&w->s, &ev, w->dan);
}

static void
issue(struct world *w, int64_t at)
{
	struct given g = {0};
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_ISSUE, w->issuer, at);
	scribe_issue(&g, &ev, &w->s, &w->c, w->id);
	scribe_write(&w->s, &ev, w->issuer);
	jit_buf_free(&g.cert);
}

static void
probe(struct world *w, int64_t at, const char *outcome)
{
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_PROBE, w->issuer, at);
	ev.id = w->id;
	ev.action = "login";
	ev.outcome = outcome;
	ev.how = "sshd was offered the certificate";
	scribe_write(&w->s, &ev, w->issuer);
}

static void
end(struct world *w, int64_t at)
{
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_END, w->alice, at);
	ev.id = w->id;
	ev.cause = "task";
	scribe_write(&w->s, &ev, w->alice);
}

static void
withdraw(struct world *w, int64_t at)
{
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_WITHDRAW, w->alice, at);
	ev.id = w->id;
	ev.vote = w->request;
	ev.reason = "not needed any more";
	scribe_write(&w->s, &ev, w->alice);
}

static void
beat(struct world *w, int64_t at)
{
	struct jit_event ev;

	scribe_begin(&ev, &w->s, JIT_BEAT, w->issuer, at);
	ev.counter = ++w->issuer->counter;
	ev.due.given = ev.done.given = ev.owed.given = true;
	scribe_write(&w->s, &ev, w->issuer);
}

/*
 * One grant from its request to the proof of its end: six events, within
 * 'span' seconds.
 */
static void
whole(struct world *w, int64_t at, int64_t span)
{
	ask(w, at);
	approve(w, at + span * 12 / 100);
	issue(w, at + span * 13 / 100);
	probe(w, at + span * 13 / 100, "allowed");
	end(w, at + span * 90 / 100);
	probe(w, at + span * 91 / 100, "refused");
}

static void
found(struct world *w, const struct simple *o)
{
	static const char *const names[] = {"root", "rita", "alice", "carol",
		"bob", "sue", "dan", "dora"};
	char name[64];
	size_t i;
	int n;

	w->c.chance.state = o->seed;
	w->c.from = o->from;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add(&w->c, names[i], "person");
	add(&w->c, "issuer", "issuer");
	w->c.ca = company_key(&w->c, o->keys, "ca");
	for (n = 0; n < w->c.count; n++) {
		snprintf(name, sizeof(name), "%.*s",
			(int)strcspn(w->c.who[n].principal, "@"),
			w->c.who[n].principal);
		w->c.who[n].signer = company_key(&w->c, o->keys, name);
	}
	w->alice = &w->c.who[2];
	w->dan = &w->c.who[6];
	w->issuer = &w->c.who[8];
	jit_pubkey_text(&w->offer, jit_signer_key(w->alice->signer));
}

void
simple(const struct simple *o)
{
	static struct world w;
	int64_t left = o->events - 1, grants = (left - left % 6) / 6, i;
	int64_t step = (o->until - o->from - 3600) / (grants + 4);
	struct jit_json *policy;

	found(&w, o);
	scribe_open(&w.s, o->out);
	policy = read_policy(&w.c, o->policy);
	scribe_genesis(&w.s, &w.c, "bench", policy, 0);
	for (i = 1; i <= grants; i++, left -= 6)
		whole(&w, o->from + i * step, step < 1000 ? step : 1000);
	for (; left >= 2; left -= 2) {
		ask(&w, o->from + i * step);
		withdraw(&w, o->from + i++ * step + 60);
	}
	if (left > 0)
		beat(&w, o->from + i * step);
	scribe_close(&w.s);
	company_free(&w.c);
	jit_json_free(policy);
	jit_buf_free(&w.offer);
}

/* SPDX-License-Identifier: ISC */
#include "scribe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
scribe_open(struct scribe *s, const char *path)
{
	struct jit_error err = {0};

	if (jit_store_create(&s->store, path, &err) != 0 ||
		jit_state_new(&s->state, &err) != 0)
		die(path, err.text);
	s->pack = pack_begin(path);
}

void
scribe_begin(struct jit_event *ev, struct scribe *s, enum jit_event_type type,
	const struct who *by, int64_t at)
{
	jit_draft_common(ev, s->key, s->state, type, jit_signer_key(by->signer),
		at > s->state->at ? at : s->state->at);
	ev->by = by->principal;
}

static void
refused(const struct jit_event *ev, const struct jit_error *err)
{
	struct jit_buf line = {0};

	jit_event_subject(&line, ev);
	jit_buf_fmt(&line, " [seq %lld, at %lld]", (long long)ev->seq,
		(long long)ev->at);
	die(jit_buf_text(&line), err->text);
}

void
scribe_write(struct scribe *s, struct jit_event *ev, const struct who *by)
{
	struct jit_buf payload = {0}, armour = {0}, raw = {0};
	struct jit_proof proof = {.key = *jit_signer_key(by->signer)};
	struct jit_error err = {0};
	char parent[JIT_OID_HEX];

	jit_hex(parent, s->tip, JIT_OID);
	if (jit_commit_payload(&payload, ev, s->state->seq ? parent : NULL,
		    &err) != 0 ||
		jit_sign_make(&armour, by->signer, JIT_SIGN_NAMESPACE,
			payload.data, payload.len, &err) != 0 ||
		jit_commit_join(&raw, &payload, jit_buf_text(&armour), &err) !=
			0)
		refused(ev, &err);
	jit_sha256(proof.sha256, raw.data, raw.len);
	if (jit_judge_apply(s->state, ev, &proof, &err) != 0)
		refused(ev, &err);
	memcpy(s->sha256, proof.sha256, JIT_SHA256);
	pack_add(s->tip, s->pack, raw.data, raw.len);
	if (jit_state_stand(s->state, s->tip, &err) != 0)
		refused(ev, &err);
	s->counts[ev->type]++;
	s->bytes += (int64_t)raw.len;
	jit_buf_free(&payload);
	jit_buf_free(&armour);
	jit_buf_free(&raw);
}

void
scribe_close(struct scribe *s)
{
	struct jit_error err = {0};

	pack_end(s->pack);
	if (jit_store_swap(s->store, NULL, s->tip, &err) != 0)
		die("the ref", err.text);
	jit_store_free(s->store);
	jit_state_free(s->state);
}

void
scribe_genesis(struct scribe *s, struct company *c, const char *name,
	struct jit_json *policy, int founder)
{
	static struct jit_enrolled rows[PEOPLE_MAX];
	static char keys[PEOPLE_MAX][256], nonce[JIT_HEX256];
	unsigned char chance[JIT_SHA256];
	struct jit_event ev;
	struct jit_buf line = {0};
	int i;

	scribe_begin(&ev, s, JIT_GENESIS, &c->who[founder], c->from);
	ev.prev = "00000000000000000000000000000000"
		  "00000000000000000000000000000000";
	chance_bytes(&c->chance, chance, sizeof(chance));
	jit_hex(nonce, chance, sizeof(chance));
	ev.ledger = nonce;
	ev.name = name;
	ev.policy = policy;
	ev.people.at = rows;
	for (i = 0; i < c->count; i++) {
		if (c->who[i].joins > 0)
			continue;
		jit_buf_reset(&line);
		jit_pubkey_text(&line, jit_signer_key(c->who[i].signer));
		snprintf(keys[i], sizeof(keys[i]), "%s", jit_buf_text(&line));
		rows[ev.people.count++] =
			(struct jit_enrolled){.principal = c->who[i].principal,
				.key = keys[i],
				.class = c->who[i].class,
				.attest = c->who[i].teams & CI
					? "spiffe://ex.com deploy"
					: NULL};
	}
	scribe_write(s, &ev, &c->who[founder]);
	jit_buf_free(&line);
}

static void
put_approvals(struct given *g, struct jit_event *ev, const struct scribe *s,
	const struct jit_grant *grant, const struct jit_rule *rule)
{
	const struct jit_vote *v;
	size_t n = 0;

	for (v = grant->votes; v && n < 8; v = v->next) {
		if (!jit_standing_counts(s->state, grant, rule, v, ev->at))
			continue;
		jit_hex(g->hex[n], v->sha256, JIT_SHA256);
		g->approvals[n] = g->hex[n];
		n++;
	}
	ev->approvals.at = g->approvals;
	ev->approvals.count = n;
}

static void
put_credential(struct given *g, struct jit_event *ev, const struct scribe *s,
	struct company *c, const struct jit_grant *grant)
{
	unsigned char nonce[JIT_CERT_NONCE];
	char principal[JIT_PRINCIPAL];
	struct jit_error err = {0};
	struct jit_cert cert;

	chance_bytes(&c->chance, nonce, sizeof(nonce));
	if (jit_standing_cert(&cert, principal, s->state, grant,
		    jit_policy_issuer(&s->state->policy, ev->by,
			    grant->resource),
		    ev->seq, ev->from, ev->until, &err) != 0 ||
		jit_cert_make(&g->cert, &cert, nonce, c->ca, &err) != 0 ||
		jit_cert_sha256(g->digest, jit_buf_text(&g->cert), &err) != 0)
		refused(ev, &err);
	g->credential.cert = jit_buf_text(&g->cert);
	g->credential.sha256 = g->digest;
	g->credential.serial = ev->seq;
	ev->credential = &g->credential;
}

void
scribe_issue(struct given *g, struct jit_event *ev, struct scribe *s,
	struct company *c, const char *id)
{
	const struct jit_grant *grant = jit_state_grant(s->state, id);
	struct jit_standing st = {0};
	struct jit_error err = {0};

	if (!grant || jit_standing_of(&st, s->state, grant, ev->at, &err) != 0)
		die(id, err.text);
	ev->id = id;
	jit_hex(g->request, grant->request, JIT_SHA256);
	ev->request = g->request;
	ev->rule = st.rule->id;
	ev->policy_version = s->state->policy_version;
	ev->from = ev->at;
	ev->until = jit_standing_until(s->state, grant, ev->at, st.duration);
	snprintf(g->scheme, sizeof(g->scheme), "%.*s",
		(int)strcspn(grant->resource, ":"), grant->resource);
	ev->connector = g->scheme;
	put_approvals(g, ev, s, grant, st.rule);
	if (strcmp(g->scheme, "ssh") == 0)
		put_credential(g, ev, s, c, grant);
}

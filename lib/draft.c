/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "draft.h"

void
jit_draft_common(struct jit_event *ev, char key[JIT_FINGERPRINT],
	const struct jit_state *s, enum jit_event_type type,
	const struct jit_pubkey *pub, int64_t at)
{
	const struct jit_enrolment *who;

	memset(ev, 0, sizeof(*ev));
	jit_pubkey_fingerprint(key, pub);
	who = jit_state_key(s, key);
	ev->type = type;
	ev->of_type = jit_event_name(type);
	ev->v = 1;
	ev->ledger = s->genesis;
	ev->seq = s->seq + 1;
	ev->prev = s->tip;
	ev->at = at;
	ev->by = who != NULL ? who->principal : NULL;
	ev->key = key;
}

/* The raw commit. */
static int
sign(struct jit_buf *raw, const struct jit_event *ev, const char *parent,
	const struct jit_signer *signer, struct jit_error *err)
{
	struct jit_buf payload = {0}, armour = {0};
	int rc;

	rc = jit_commit_payload(&payload, ev, parent, err);
	if (rc == 0)
		rc = jit_sign_make(&armour, signer, JIT_SIGN_NAMESPACE,
			payload.data, payload.len, err);
	if (rc == 0)
		rc = jit_buf_failed(&armour, err);
	if (rc == 0)
		rc = jit_commit_join(raw, &payload, jit_buf_text(&armour), err);
	if (rc == 0)
		rc = jit_buf_failed(raw, err);
	jit_buf_free(&payload);
	jit_buf_free(&armour);
	return rc;
}

int
jit_draft_sign(struct jit_draft *out, const struct jit_event *ev,
	const unsigned char *parent, const struct jit_signer *signer,
	struct jit_error *err)
{
	char hex[JIT_OID_HEX];
	int rc;

	if (parent != NULL)
		jit_hex(hex, parent, JIT_OID);
	rc = sign(&out->raw, ev, parent != NULL ? hex : NULL, signer, err);
	if (rc < 0)
		return rc;
	rc = jit_commit_decode(&out->commit, out->raw.data, out->raw.len, err);
	out->made = rc == 0;
	if (rc == 0)
		rc = jit_commit_check(&out->commit, err);
	if (rc < 0) /* written by us, and no reader would take it */
		rc = jit_within(err, JIT_TROUBLE, "not written");
	return rc;
}

void
jit_draft_free(struct jit_draft *d)
{
	if (d->made)
		jit_commit_free(&d->commit);
	jit_buf_free(&d->raw);
	*d = (struct jit_draft){0};
}

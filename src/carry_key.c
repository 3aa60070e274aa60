/* SPDX-License-Identifier: ISC */
#include "carry_key.h"

#include <string.h>
#include <unistd.h>

#include "offer.h"

/* The private file beside a public one, where there is one. */
static int
beside(struct jit_buf *out, const char *pubkey, struct jit_error *err)
{
	size_t len = strlen(pubkey);

	if (len > 4 && strcmp(pubkey + len - 4, ".pub") == 0)
		jit_buf_fmt(out, "%.*s", (int)(len - 4), pubkey);
	if (out->len && access(jit_buf_text(out), F_OK) == 0)
		return 0;
	jit_buf_reset(out);
	jit_buf_str(out, pubkey);
	return jit_buf_failed(out, err);
}

/* What jit-request made for it, if it is here: else nothing. */
static int
made_for(struct jit_buf *out, const char *id, struct jit_error *err)
{
	int rc = offer_path(out, id, "", err);

	if (rc == 0 && access(jit_buf_text(out), F_OK) != 0)
		jit_buf_reset(out);
	return rc;
}

static int
check_offer(const struct carry *x, const struct jit_grant *g,
	struct jit_error *err)
{
	struct jit_buf line = {0};
	int rc;

	jit_pubkey_text(&line, carry_pubkey(x));
	rc = jit_buf_failed(&line, err);
	if (rc == 0 && strcmp(jit_buf_text(&line), g->offer) != 0)
		rc = jit_fail(err, JIT_USAGE,
			"grant %s was asked with another key: -p names it",
			g->id);
	jit_buf_free(&line);
	return rc;
}

int
carry_old(struct carry **out, const struct cli *c, const struct jit_grant *g,
	const char *pubkey, struct jit_error *err)
{
	struct carry_key key = {0};
	struct carry *x = NULL;
	struct jit_buf file = {0};
	struct jit_pubkey held;
	int rc;

	if (!g->offer)
		return 0;
	rc = pubkey ? beside(&file, pubkey, err) : made_for(&file, g->id, err);
	if (rc == 0)
		rc = jit_pubkey_parse(&held, g->offer, err);
	if (rc)
		goto out;
	if (file.len)
		key.file = jit_buf_text(&file);
	else
		key.held = &held;
	rc = carry_start(&x, c, &key, err);
	if (rc == 0)
		rc = check_offer(x, g, err);
	if (rc)
		goto out;
	*out = x;
	x = NULL; /* transferred */
out:
	carry_end(x);
	jit_buf_free(&file);
	return rc;
}

/* With -n no key is taken up. */
static int
imagine(struct jit_buf *line, const char *pubkey, struct jit_error *err)
{
	struct offer o = {0};
	int rc;

	rc = pubkey ? offer_read(&o, pubkey, err) : offer_make(&o, true, err);
	jit_buf_str(line, jit_buf_text(&o.line));
	offer_free(&o);
	return rc ? rc : jit_buf_failed(line, err);
}

int
carry_new(struct carry **out, struct jit_buf *line, const struct cli *c,
	const char *resource, const char *pubkey, struct jit_error *err)
{
	struct carry_key key = {0};
	struct jit_buf file = {0};
	int rc = 0;

	if (!pubkey && strncmp(resource, "ssh:", 4) != 0)
		return 0;
	if (c->dry)
		return imagine(line, pubkey, err);
	if (pubkey)
		rc = beside(&file, pubkey, err);
	if (file.len)
		key.file = jit_buf_text(&file);
	if (rc == 0)
		rc = carry_start(out, c, &key, err);
	if (rc == 0) {
		jit_pubkey_text(line, carry_pubkey(*out));
		rc = jit_buf_failed(line, err);
	}
	jit_buf_free(&file);
	return rc;
}

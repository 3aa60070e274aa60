/* SPDX-License-Identifier: ISC */
/* jit-audit check: is this one piece good? Each from standard input. */
#include "audit.h"

#include <string.h>

#define INPUT_MAX (2 * 1024 * 1024) /* bytes */
#define END_OF_ARMOUR "-----END SSH SIGNATURE-----\n"

static int
check_json(const struct audit *a, const struct jit_buf *in,
	struct jit_error *err)
{
	struct jit_json *v = NULL;
	int rc;

	(void)a;
	rc = jit_json_decode(&v, in->data, in->len, JIT_JSON_POLICY, err);
	if (rc == 0)
		jit_json_free(v);
	return rc;
}

static int
check_event(const struct audit *a, const struct jit_buf *in,
	struct jit_error *err)
{
	struct jit_event ev = {0};
	int rc;

	(void)a;
	rc = jit_event_decode(&ev, in->data, in->len, err);
	if (rc == 0)
		jit_event_free(&ev);
	return rc;
}

/* A raw commit: its form, and the signature by the key that is in it. */
static int
check_commit(const struct audit *a, const struct jit_buf *in,
	struct jit_error *err)
{
	struct jit_commit c = {0};
	int rc;

	(void)a;
	rc = jit_commit_decode(&c, in->data, in->len, err);
	if (rc == 0) {
		rc = jit_commit_check(&c, err);
		jit_commit_free(&c);
	}
	return rc;
}

/* An armoured signature, and right after it the message. */
static int
check_signature(const struct audit *a, const struct jit_buf *in,
	struct jit_error *err)
{
	const char *namespace =
		a->namespace ? a->namespace : JIT_SIGN_NAMESPACE;
	const char *text = jit_buf_text(in), *end;
	struct jit_signature s;
	size_t len;
	int rc;

	end = strstr(text, END_OF_ARMOUR);
	if (!end)
		return jit_fail(err, JIT_EVIDENCE,
			"no armoured SSH signature before the message");
	len = (size_t)(end - text) + strlen(END_OF_ARMOUR);
	rc = jit_sign_decode(&s, text, len, namespace, err);
	if (rc)
		return rc;
	return jit_sign_check(&s, namespace, text + len, in->len - len, err);
}

/* One line of hex, ended by a newline; moves '*p' behind it. */
static int
take_hex(struct jit_buf *out, const char **p, const char *what,
	struct jit_error *err)
{
	char pair[3] = "";
	unsigned char byte;
	const char *s = *p;

	for (; *s != '\n' && *s != '\0'; s += 2) {
		pair[0] = s[0];
		pair[1] = s[1];
		if (jit_unhex(&byte, 1, pair) != 0)
			break;
		jit_buf_u8(out, byte);
	}
	if (*s != '\n')
		return jit_fail(err, JIT_USAGE,
			"three lines of lower-case hex are wanted: public key, "
			"message, signature; the %s is none",
			what);
	*p = s + 1;
	return jit_buf_failed(out, err);
}

static int
check_ed25519(const struct audit *a, const struct jit_buf *in,
	struct jit_error *err)
{
	struct jit_buf key = {0}, msg = {0}, sig = {0};
	const char *p = jit_buf_text(in);
	int rc;

	(void)a;
	rc = take_hex(&key, &p, "public key", err);
	if (rc == 0)
		rc = take_hex(&msg, &p, "message", err);
	if (rc == 0)
		rc = take_hex(&sig, &p, "signature", err);
	if (rc == 0 && (key.len != JIT_PK || sig.len != JIT_SIG))
		rc = jit_fail(err, JIT_EVIDENCE,
			"a public key has 32 bytes and a signature 64, not "
			"%zu and %zu",
			key.len, sig.len);
	if (rc == 0)
		rc = jit_key_verify(key.data, sig.data, msg.data, msg.len, err);
	jit_buf_free(&key);
	jit_buf_free(&msg);
	jit_buf_free(&sig);
	return rc;
}

/*
 * What can be checked. What is badly written is evidence as what is forged
 * is; only where hex is expected and something else comes it is the caller
 * who is wrong.
 */
static const struct kind {
	const char *name;
	int (*check)(const struct audit *a, const struct jit_buf *in,
		struct jit_error *err);
	bool form; /* a refusal of its form is evidence */
} kinds[] = {
	{"json", check_json, true},
	{"event", check_event, true},
	{"commit", check_commit, true},
	{"signature", check_signature, true},
	{"ed25519", check_ed25519, false},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int
answer(const struct cli *c, int rc, struct jit_error *err)
{
	struct jit_json *o;
	bool made;

	if (rc && rc != JIT_EVIDENCE)
		return rc; /* nothing is known of it */
	if (!c->json) {
		if (rc == 0)
			cli_out("good\n");
		return rc;
	}
	o = jit_json_object();
	made = jit_json_set_bool(o, "good", rc == 0) &&
		(rc == 0 || jit_json_set_text(o, "reason", err->text));
	if (made)
		cli_out_json(o);
	jit_json_free(o);
	return made ? rc : jit_nomem(err);
}

int
audit_check(struct audit *a, struct jit_error *err)
{
	struct jit_buf in = {0};
	const struct kind *k;
	size_t i;
	int rc;

	for (i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].name, a->operand) == 0)
			break;
	if (i == KINDS)
		return cli_usage(&a->cli, err,
			"cannot check '%s': json, event, commit, signature or "
			"ed25519",
			a->operand);
	k = &kinds[i];
	if (a->namespace && k->check != check_signature)
		return cli_usage(&a->cli, err,
			"--namespace belongs to check signature");
	rc = cli_read_file(&in, "-", INPUT_MAX, err);
	if (rc == 0) {
		rc = k->check(a, &in, err);
		if (rc == JIT_USAGE && k->form)
			rc = JIT_EVIDENCE;
		rc = answer(&a->cli, rc, err);
	}
	jit_buf_free(&in);
	return rc;
}

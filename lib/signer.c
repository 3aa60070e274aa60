/* SPDX-License-Identifier: ISC */
#include "signer.h"

#include <stdlib.h>
#include <string.h>

#include "agent.h"

struct jit_signer {
	struct jit_pubkey key;
	struct jit_secret *secret; /* NULL: the agent signs */
	char *socket;
	char *path;
};

/* What a key file is to a person whose agent does not help. */
static const char *
trouble_with(enum jit_key_file kind)
{
	switch (kind) {
	case JIT_FILE_LOCKED:
		return "is locked by a passphrase";
	case JIT_FILE_HANDLE:
		return "lives on a security key";
	default:
		return "is only its public half";
	}
}

/* "no agent holds it: ssh-add 'id'", also for id.pub, which is beside it. */
static int
not_held(const char *path, enum jit_key_file kind, const char *who,
	struct jit_error *err)
{
	size_t len = strlen(path);

	if (kind == JIT_FILE_PUBLIC && len > 4 &&
		strcmp(path + len - 4, ".pub") == 0)
		len -= 4;
	return jit_fail(err, JIT_TROUBLE, "key '%s' %s and %s: ssh-add '%.*s'",
		path, trouble_with(kind), who, (int)len, path);
}

/* Whether the agent can sign in place of the file. */
static int
ask_agent(const struct jit_signer *s, enum jit_key_file kind,
	struct jit_error *err)
{
	bool holds = false;
	int rc = 0;

	if (s->socket == NULL)
		return not_held(s->path, kind,
			"there is no ssh-agent (SSH_AUTH_SOCK)", err);
	rc = jit_agent_holds(&holds, s->socket, &s->key, err);
	if (rc != 0)
		return jit_within(err, rc, "key '%s' %s", s->path,
			trouble_with(kind));
	if (!holds)
		return not_held(s->path, kind, "no agent holds it", err);
	return 0;
}

static int
signer_alloc(struct jit_signer **out, const char *path, const char *socket,
	struct jit_error *err)
{
	struct jit_signer *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return jit_nomem(err);
	s->path = strdup(path);
	if (socket != NULL)
		s->socket = strdup(socket);
	if (s->path == NULL || (socket != NULL && s->socket == NULL)) {
		jit_signer_free(s);
		return jit_nomem(err);
	}
	*out = s;
	return 0;
}

int
jit_signer_open(struct jit_signer **out, const char *path, const char *socket,
	unsigned int uid, struct jit_error *err)
{
	enum jit_key_file kind = JIT_FILE_PUBLIC;
	struct jit_signer *s = NULL;
	int rc = 0;

	rc = signer_alloc(&s, path, socket, err);
	if (rc != 0)
		goto out;
	rc = jit_secret_load(&kind, &s->secret, &s->key, path, uid, err);
	if (rc != 0)
		goto out;
	if (kind != JIT_FILE_SECRET)
		rc = ask_agent(s, kind, err);
	if (rc != 0)
		goto out;
	*out = s;
	s = NULL; /* transferred */
out:
	jit_signer_free(s);
	return rc;
}

int
jit_signer_held(struct jit_signer **out, const struct jit_pubkey *key,
	const char *socket, struct jit_error *err)
{
	char name[JIT_FINGERPRINT] = "";
	struct jit_signer *s = NULL;
	bool holds = false;
	int rc = 0;

	jit_pubkey_fingerprint(name, key);
	rc = signer_alloc(&s, name, socket, err);
	if (rc != 0)
		goto out;
	s->key = *key;
	if (socket != NULL)
		rc = jit_agent_holds(&holds, socket, key, err);
	if (rc == 0 && !holds)
		rc = jit_fail(err, JIT_TROUBLE,
			"no ssh-agent holds key '%s': ssh-add it", name);
	if (rc != 0)
		goto out;
	*out = s;
	s = NULL; /* transferred */
out:
	jit_signer_free(s);
	return rc;
}

int
jit_signer_made(struct jit_signer **out, struct jit_secret *secret,
	struct jit_error *err)
{
	struct jit_signer *s = NULL;
	int rc = signer_alloc(&s, "", NULL, err);

	if (rc != 0) {
		jit_secret_free(secret);
		return rc;
	}
	s->secret = secret;
	jit_secret_public(&s->key, secret);
	*out = s;
	return 0;
}

const struct jit_pubkey *
jit_signer_key(const struct jit_signer *s)
{
	return &s->key;
}

bool
jit_signer_slow(const struct jit_signer *s)
{
	return s->secret == NULL;
}

static int
sign_here(struct jit_buf *out, const struct jit_signer *s, const void *msg,
	size_t len, struct jit_error *err)
{
	struct jit_signature made = {.key = s->key};
	int rc = jit_secret_sign(made.sig, s->secret, msg, len, err);

	if (rc != 0)
		return rc;
	jit_signature_wire(out, &made);
	return jit_buf_failed(out, err);
}

/* An agent may answer anything: nothing of it is used before it verifies. */
static int
sign_there(struct jit_buf *out, const struct jit_signer *s, const void *msg,
	size_t len, struct jit_error *err)
{
	struct jit_signature made = {0};
	struct jit_buf wire = {0};
	int rc = 0;

	rc = jit_agent_sign(&wire, s->socket, &s->key, msg, len, err);
	if (rc != 0) {
		rc = jit_within(err, rc, "key '%s'", s->path);
		goto out;
	}
	rc = jit_signature_read(&made, &s->key, wire.data, wire.len, err);
	if (rc == 0)
		rc = jit_signature_verify(&made, msg, len, err);
	if (rc != 0) {
		rc = jit_within(err, JIT_TROUBLE,
			"key '%s': the ssh-agent at '%s' signed wrongly",
			s->path, s->socket);
		goto out;
	}
	jit_buf_put(out, wire.data, wire.len);
	rc = jit_buf_failed(out, err);
out:
	jit_buf_free(&wire);
	return rc;
}

int
jit_signer_sign(struct jit_buf *out, const struct jit_signer *s,
	const void *msg, size_t len, struct jit_error *err)
{
	if (s->secret != NULL)
		return sign_here(out, s, msg, len, err);
	return sign_there(out, s, msg, len, err);
}

void
jit_signer_free(struct jit_signer *s)
{
	if (s == NULL)
		return;
	jit_secret_free(s->secret);
	free(s->socket);
	free(s->path);
	free(s);
}

/* SPDX-License-Identifier: ISC */
/* world: people with keys, a policy, and a ledger of theirs, for tests. */
#ifndef JIT_WORLD_H
#define JIT_WORLD_H

#include "ledger.h"
#include "temp.h"
#include "ulid.h"

#define WORLD_NOW 1795321661LL
#define WORLD_PEOPLE 4

static const char *const world_names[WORLD_PEOPLE] = {"alice@ex.com",
	"bob@ex.com", "carol@ex.com", "issuer@ex.com"};
static struct jit_signer *world_keys[WORLD_PEOPLE];
static char world_lines[WORLD_PEOPLE][JIT_PUBKEY_LINE];

static inline void
world_die(const char *what, const struct jit_error *err)
{
	printf("%s: %s\n", what, err->text);
	exit(99);
}

/* A fresh key in the file 'path'; its line in 'path'.pub. */
static inline struct jit_signer *
world_key(const char *path)
{
	struct jit_error err = {0};
	struct jit_signer *signer = NULL;
	struct jit_secret *secret = NULL;
	struct jit_buf text = {0};
	char pub[64];

	if (jit_secret_make(&secret, &err) != 0 ||
		jit_secret_text(&text, secret, path, &err) != 0)
		world_die("key", &err);
	spill(path, text.data, text.len);
	chmod(path, 0600);
	if (jit_signer_open(&signer, path, NULL, geteuid(), &err) != 0)
		world_die("signer", &err);
	jit_buf_reset(&text);
	jit_pubkey_text(&text, jit_signer_key(signer));
	snprintf(pub, sizeof(pub), "%s.pub", path);
	spill(pub, text.data, text.len);
	jit_buf_free(&text);
	jit_secret_free(secret);
	return signer;
}

static inline void
world_make(void)
{
	struct jit_buf line = {0};
	char path[32];
	size_t i;

	for (i = 0; i < WORLD_PEOPLE; i++) {
		snprintf(path, sizeof(path), "key%zu", i);
		world_keys[i] = world_key(path);
		jit_buf_reset(&line);
		jit_pubkey_text(&line, jit_signer_key(world_keys[i]));
		snprintf(world_lines[i], JIT_PUBKEY_LINE, "%s",
			jit_buf_text(&line));
	}
	jit_buf_free(&line);
}

static inline void
world_end(void)
{
	size_t i;

	for (i = 0; i < WORLD_PEOPLE; i++)
		jit_signer_free(world_keys[i]);
}

static const char world_policy[] =
	"{\"groups\":{\"admins\":[\"alice@ex.com\",\"bob@ex.com\"],"
	"\"all\":[\"*@ex.com\"],"
	"\"ops\":[\"alice@ex.com\",\"bob@ex.com\",\"carol@ex.com\"]},"
	"\"admins\":{\"group\":\"admins\",\"count\":1},"
	"\"issuers\":[{\"by\":\"issuer@ex.com\",\"resources\":[\"ssh:*\"]}],"
	"\"rules\":[{\"id\":\"lab\",\"who\":[\"all\"],\"resource\":\"pg:*\","
	"\"roles\":[\"read\"],\"max\":\"1h\","
	"\"approve\":[{\"group\":\"ops\",\"count\":1}]}]}";

static inline int
world_genesis(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	struct jit_enrolled *rows;
	size_t i;

	(void)s;
	(void)at;
	rows = jit_arena_get(&ev->mem, WORLD_PEOPLE * sizeof(*rows));
	if (rows == NULL)
		return jit_nomem(err);
	for (i = 0; i < WORLD_PEOPLE; i++) {
		rows[i].principal = world_names[i];
		rows[i].key = world_lines[i];
		rows[i].class = i + 1 < WORLD_PEOPLE ? "person" : "issuer";
	}
	ev->name = "test";
	ev->policy = arg;
	ev->people.count = WORLD_PEOPLE;
	ev->people.at = rows;
	return 0;
}

static inline int
world_found(const char *path, int64_t now, struct jit_error *err)
{
	struct jit_json *policy = NULL;
	unsigned char nonce[32];
	int rc;

	jit_random(nonce, sizeof(nonce));
	rc = jit_json_read(&policy, world_policy, strlen(world_policy),
		JIT_JSON_POLICY, err);
	if (rc == 0)
		rc = jit_ledger_found(NULL, path, world_genesis, policy,
			world_names[0], world_keys[0], nonce, now, err);
	jit_json_free(policy);
	return rc;
}

/* A request with a new id; 'arg' is its reason. */
static inline int
world_draft(struct jit_event *ev, const struct jit_state *s, int64_t at,
	void *arg, struct jit_error *err)
{
	unsigned char chance[10];
	char id[JIT_ULID];

	(void)s;
	jit_random(chance, sizeof(chance));
	jit_ulid_make(id, at, chance);
	ev->id = jit_arena_str(&ev->mem, id);
	ev->resource = "pg:orders";
	ev->role = "read";
	ev->task = "INC-1";
	ev->reason = arg;
	ev->duration = 600;
	ev->offer = "SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$"
		    "QJyj1aALupyLhjc2Rs982qkLjRI8WNtpABWyZKnIpaI=:"
		    "e879l9YNKuH8ybMJf7d2RK7vmCpG8OYJc58GCc9QMfs=";
	ev->source = "host-1";
	return ev->id != NULL ? 0 : jit_nomem(err);
}

static inline int
world_ask(struct jit_ledger *l, size_t who, int64_t now, struct jit_error *err)
{
	static char reason[] = "looking at the orders";

	return jit_ledger_append(NULL, l, world_draft, reason, JIT_REQUEST,
		world_keys[who], now, err);
}

/* Open with the memory in 'dir' (or NULL), append 'n' requests, close. */
static inline int
world_grow(const char *path, const char *dir, int n, int64_t now,
	struct jit_error *err)
{
	struct jit_ledger *l = NULL;
	int i, rc;

	rc = jit_ledger_open(&l, path, dir, now, err);
	for (i = 0; rc == 0 && i < n; i++)
		rc = world_ask(l, (size_t)i % 3, now + i, err);
	jit_ledger_free(l);
	return rc;
}

#endif

/* SPDX-License-Identifier: ISC */
#include "offer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PUBKEY_FILE 16384 /* bytes; a line is at most JIT_PUBKEY_LINE */

static void
path_of(struct jit_buf *out, const char *folder, const char *name,
	const char *suffix)
{
	jit_buf_reset(out);
	jit_buf_fmt(out, "%s/%s%s", folder, name, suffix);
}

static int
not_public(const char *path, struct jit_error *err)
{
	return jit_fail(err, JIT_USAGE,
		"'%s' is a private key: -p takes the public one, '%s.pub'",
		path, path);
}

int
offer_read(struct offer *o, const char *path, struct jit_error *err)
{
	struct jit_buf text = {0};
	struct jit_pubkey key;
	int rc;

	rc = cli_read_file(&text, path, PUBKEY_FILE, err);
	if (rc == 0 && strncmp(jit_buf_text(&text), "-----BEGIN", 10) == 0)
		rc = not_public(path, err);
	else if (rc == 0 &&
		(rc = jit_pubkey_parse(&key, jit_buf_text(&text), err)))
		rc = jit_within(err, rc, "'%s'", path);
	if (rc == 0) {
		jit_pubkey_text(&o->line, &key);
		rc = jit_buf_failed(&o->line, err);
	}
	jit_buf_free(&text);
	return rc;
}

static void
name_by_chance(char name[JIT_ULID])
{
	unsigned char chance[8];

	jit_random(chance, sizeof(chance));
	strcpy(name, ".new-");
	jit_hex(name + strlen(name), chance, sizeof(chance));
}

static int
write_secret(struct offer *o, const struct jit_secret *secret,
	struct jit_error *err)
{
	struct jit_buf text = {0}, path = {0};
	int rc;

	path_of(&path, jit_buf_text(&o->folder), o->name, "");
	rc = jit_secret_text(&text, secret, "jit", err);
	if (rc == 0)
		rc = jit_buf_failed(&path, err);
	if (rc == 0)
		rc = cli_write_file(jit_buf_text(&path), text.data, text.len,
			false, false, err);
	jit_buf_free(&text);
	jit_buf_free(&path);
	return rc;
}

static int
write_public(const struct offer *o, struct jit_error *err)
{
	struct jit_buf text = {0}, path = {0};
	int rc;

	path_of(&path, jit_buf_text(&o->folder), o->name, ".pub");
	jit_buf_fmt(&text, "%s jit\n", jit_buf_text(&o->line));
	rc = jit_buf_failed(&path, err);
	if (rc == 0)
		rc = jit_buf_failed(&text, err);
	if (rc == 0)
		rc = cli_write_file(jit_buf_text(&path), text.data, text.len,
			true, false, err);
	jit_buf_free(&text);
	jit_buf_free(&path);
	return rc;
}

static int
write_both(struct offer *o, const struct jit_secret *secret,
	struct jit_error *err)
{
	int rc = cli_secrets_dir(&o->folder, err);

	if (rc) {
		jit_buf_reset(&o->folder);
		return rc;
	}
	name_by_chance(o->name);
	rc = write_secret(o, secret, err);
	if (rc == 0)
		rc = write_public(o, err);
	if (rc)
		offer_drop(o);
	return rc;
}

int
offer_make(struct offer *o, bool dry, struct jit_error *err)
{
	struct jit_secret *secret = NULL;
	struct jit_pubkey key;
	int rc = jit_secret_make(&secret, err);

	if (rc)
		return rc;
	jit_secret_public(&key, secret);
	jit_pubkey_text(&o->line, &key);
	rc = jit_buf_failed(&o->line, err);
	if (rc == 0 && !dry)
		rc = write_both(o, secret, err);
	jit_secret_free(secret);
	return rc;
}

static int
move(const struct offer *o, const char *id, const char *suffix,
	struct jit_error *err)
{
	struct jit_buf from = {0}, to = {0};
	int rc;

	path_of(&from, jit_buf_text(&o->folder), o->name, suffix);
	path_of(&to, jit_buf_text(&o->folder), id, suffix);
	rc = jit_buf_failed(&from, err);
	if (rc == 0)
		rc = jit_buf_failed(&to, err);
	if (rc == 0 && rename(jit_buf_text(&from), jit_buf_text(&to)) != 0)
		rc = jit_fail(err, JIT_TROUBLE, "cannot write '%s': %s",
			jit_buf_text(&to), strerror(errno));
	jit_buf_free(&from);
	jit_buf_free(&to);
	return rc;
}

int
offer_name(struct offer *o, const char *id, struct jit_error *err)
{
	int rc;

	if (o->folder.len == 0)
		return 0;
	rc = move(o, id, ".pub", err);
	if (rc == 0)
		rc = move(o, id, "", err);
	if (rc == 0)
		memcpy(o->name, id, JIT_ULID);
	return rc;
}

static void
remove_file(const char *folder, const char *name, const char *suffix)
{
	struct jit_buf path = {0};

	path_of(&path, folder, name, suffix);
	if (!path.failed)
		unlink(jit_buf_text(&path));
	jit_buf_free(&path);
}

void
offer_drop(struct offer *o)
{
	if (o->folder.len == 0)
		return;
	remove_file(jit_buf_text(&o->folder), o->name, "");
	remove_file(jit_buf_text(&o->folder), o->name, ".pub");
}

void
offer_free(struct offer *o)
{
	jit_buf_free(&o->line);
	jit_buf_free(&o->folder);
}

int
offer_path(struct jit_buf *out, const char *id, const char *suffix,
	struct jit_error *err)
{
	int rc = cli_secrets_dir(out, err);

	if (rc)
		return rc;
	jit_buf_fmt(out, "/%s%s", id, suffix);
	return jit_buf_failed(out, err);
}

void
offer_forget(const char *id)
{
	static const char *const suffixes[] = {"", ".pub", "-cert.pub"};
	struct jit_buf folder = {0};
	size_t i;

	if (cli_secrets_dir(&folder, NULL) == 0)
		for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
			remove_file(jit_buf_text(&folder), id, suffixes[i]);
	jit_buf_free(&folder);
}

/* SPDX-License-Identifier: ISC */
#include "offer.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scram.h"

#define PUBKEY_FILE 16384       /* bytes; a line is at most JIT_PUBKEY_LINE */
#define CERT_FILE 16384         /* bytes; a line is at most JIT_CERT_MAX */
#define KEPT (7 * 24 * 60 * 60) /* seconds that a key waits without one */

#define PASSWORD 32 /* bytes of chance */

static const char *const suffixes[] = {"", ".pub", "-cert.pub", ".pgpass"};
#define SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))

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
find_folder(struct offer *o, struct jit_error *err)
{
	int rc = cli_secrets_dir(&o->folder, err);

	if (rc)
		jit_buf_reset(&o->folder);
	else
		name_by_chance(o->name);
	return rc;
}

static int
write_both(struct offer *o, const struct jit_secret *secret,
	struct jit_error *err)
{
	int rc = find_folder(o, err);

	if (rc)
		return rc;
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

/* One line for libpq: on any host and database, as any user. */
static int
write_password(struct offer *o, const char *password, struct jit_error *err)
{
	struct jit_buf text = {0}, path = {0};
	int rc = find_folder(o, err);

	if (rc)
		return rc;
	path_of(&path, jit_buf_text(&o->folder), o->name, ".pgpass");
	jit_buf_fmt(&text, "*:*:*:*:%s\n", password);
	rc = jit_buf_failed(&path, err);
	if (rc == 0)
		rc = jit_buf_failed(&text, err);
	if (rc == 0)
		rc = cli_write_file(jit_buf_text(&path), text.data, text.len,
			false, false, err);
	jit_buf_free(&text);
	jit_buf_free(&path);
	if (rc)
		offer_drop(o);
	return rc;
}

int
offer_password(struct offer *o, bool dry, struct jit_error *err)
{
	unsigned char chance[PASSWORD], salt[JIT_SCRAM_SALT];
	struct jit_buf password = {0};
	int rc;

	jit_random(chance, sizeof(chance));
	jit_random(salt, sizeof(salt));
	jit_base64(&password, chance, sizeof(chance), false);
	jit_wipe(chance, sizeof(chance));
	rc = jit_buf_failed(&password, err);
	if (rc == 0)
		rc = jit_scram_make(&o->line, jit_buf_text(&password), salt,
			err);
	o->password = true;
	if (rc == 0 && !dry)
		rc = write_password(o, jit_buf_text(&password), err);
	jit_buf_free(&password);
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
	rc = move(o, id, o->password ? ".pgpass" : ".pub", err);
	if (rc == 0 && !o->password)
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

static void
forget(const char *folder, const char *id)
{
	size_t i;

	for (i = 0; i < SUFFIXES; i++)
		remove_file(folder, id, suffixes[i]);
}

void
offer_drop(struct offer *o)
{
	if (o->folder.len > 0)
		forget(jit_buf_text(&o->folder), o->name);
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
	struct jit_buf folder = {0};

	if (cli_secrets_there(&folder))
		forget(jit_buf_text(&folder), id);
	jit_buf_free(&folder);
}

/* ID, ID.pub, ID-cert.pub or ID.pgpass, and whose id. */
static bool
is_ours(char id[JIT_ULID], const char *name)
{
	size_t i;

	if (strlen(name) < JIT_ULID - 1)
		return false;
	memcpy(id, name, JIT_ULID - 1);
	id[JIT_ULID - 1] = '\0';
	if (jit_ulid_time(id) < 0)
		return false;
	for (i = 0; i < SUFFIXES; i++)
		if (strcmp(name + JIT_ULID - 1, suffixes[i]) == 0)
			return true;
	return false;
}

/* When the certificate beside the key ends; false: none that can be read. */
static bool
cert_ends(int64_t *before, const char *folder, const char *id)
{
	struct jit_buf path = {0}, text = {0};
	char *line;
	bool read;

	path_of(&path, folder, id, "-cert.pub");
	read = !path.failed &&
		cli_read_file(&text, jit_buf_text(&path), CERT_FILE, NULL) ==
			0 &&
		text.len > 0;
	if (read) {
		line = (char *)text.data; /* type and base64, no comment */
		line += strcspn(line, " ");
		line += strspn(line, " ");
		line[strcspn(line, " \r\n")] = '\0';
		read = jit_cert_before(before, jit_buf_text(&text), NULL) == 0;
	}
	jit_buf_free(&path);
	jit_buf_free(&text);
	return read;
}

/* Whether this ledger may still issue it, or has. */
static bool
is_live(const struct cli *c, const char *id)
{
	const struct jit_state *s = jit_ledger_state(c->ledger);
	const struct jit_grant *g = jit_state_grant(s, id);
	struct jit_standing st;

	if (g && g->stage == JIT_ACTIVE)
		return c->now < g->until;
	return g && jit_standing_of(&st, s, g, c->now, NULL) == 0 &&
		c->now < st.lapses;
}

static bool
is_over(const struct cli *c, const char *folder, const char *id)
{
	int64_t before = 0;

	if (cert_ends(&before, folder, id))
		return before <= c->now;
	return c->now > jit_ulid_time(id) + KEPT && !is_live(c, id);
}

void
offer_sweep(const struct cli *c)
{
	struct jit_buf folder = {0};
	struct dirent *entry;
	char id[JIT_ULID];
	DIR *dir = NULL;

	if (!c->dry && cli_secrets_there(&folder))
		dir = opendir(jit_buf_text(&folder));
	while (dir && (entry = readdir(dir)))
		if (is_ours(id, entry->d_name) &&
			is_over(c, jit_buf_text(&folder), id))
			forget(jit_buf_text(&folder), id);
	if (dir)
		closedir(dir);
	jit_buf_free(&folder);
}

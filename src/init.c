/* SPDX-License-Identifier: ISC */
/* jit-init: found a ledger, or clone one. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cloning.h"
#include "name.h"
#include "when.h"

#define LINE 1024 /* bytes of a public key's file that are looked at */

struct options {
	struct cli cli;
	const char *policy, *name, *founder, *succeeds;
	const char *clone, *genesis;
	struct cli_list enroll;
};

static const char *const usage[] = {
	"--policy FILE [--name NAME] [-u PRINCIPAL]\n"
	"                [--succeeds SHA256]\n"
	"                [--enroll PRINCIPAL=PUBKEYFILE[,CLASS]...]... LEDGER",
	"--clone URL [-g FINGERPRINT] LEDGER", NULL};

static const struct cli_option table[] = {CLI_ROW_KEY,
	{'u', "principal", CLI_TEXT, "PRINCIPAL",
		"who founds it (else git's user.email)",
		CLI_AT(options, founder)},
	{0, "policy", CLI_TEXT, "FILE", "the policy, - for stdin",
		CLI_AT(options, policy)},
	{0, "name", CLI_TEXT, "NAME", "its name (else that of LEDGER)",
		CLI_AT(options, name)},
	{0, "enroll", CLI_LIST, "WHO=KEY[,CLASS]...",
		"enrol a principal with a public key", CLI_AT(options, enroll)},
	{0, "succeeds", CLI_TEXT, "SHA256",
		"it goes on after this event of another ledger",
		CLI_AT(options, succeeds)},
	{0, "clone", CLI_TEXT, "URL", "clone the ledger that is there",
		CLI_AT(options, clone)},
	{'g', "genesis", CLI_TEXT, "FINGERPRINT",
		"the clone must be of this ledger", CLI_AT(options, genesis)},
	CLI_ROW_DRY, CLI_ROW_JSON, CLI_ROW_QUIET, CLI_ROW_VERBOSE, CLI_ROW_END};

static const struct cli_program program = {"jit-init",
	"found a ledger, or clone one", usage, table, 1, 1,
	"where? name the LEDGER to be made"};

/* What genesis will say. Texts live in 'mem' or on the command line. */
struct founding {
	const char *path, *founder;
	const char *name, *succeeds;
	struct jit_json *policy;
	struct jit_enrolled people[1 + 64]; /* the founder is the first */
	size_t count;
	struct jit_arena mem;
};

static int
read_policy(struct founding *f, const struct options *o, struct jit_error *err)
{
	struct jit_buf text = {0};
	int rc;

	if (!o->policy)
		return cli_usage(&o->cli, err,
			"which policy? --policy FILE; jit-policy(5) has one "
			"to begin with");
	rc = cli_read_file(&text, o->policy, JIT_JSON_POLICY, err);
	if (rc == 0) {
		rc = jit_json_read(&f->policy, text.data, text.len,
			JIT_JSON_POLICY, err);
		if (rc)
			rc = jit_within(err, rc, "'%s'", o->policy);
	}
	jit_buf_free(&text);
	return rc;
}

/* Enrol a key, in the one spelling that an event has. */
static int
enrol(struct founding *f, const struct jit_enrolled *said,
	const struct jit_pubkey *key, struct jit_error *err)
{
	struct jit_enrolled *who = &f->people[f->count];
	struct jit_buf line = {0};

	jit_pubkey_text(&line, key);
	*who = *said;
	who->key = jit_arena_str(&f->mem, jit_buf_text(&line));
	jit_buf_free(&line);
	if (!who->key)
		return jit_nomem(err);
	f->count++;
	return 0;
}

static int
read_key(struct jit_pubkey *key, const char *path, struct jit_error *err)
{
	struct jit_buf line = {0};
	int rc;

	rc = cli_read_file(&line, path, LINE, err);
	if (rc == 0) {
		rc = jit_pubkey_parse(key, jit_buf_text(&line), err);
		if (rc)
			rc = jit_within(err, rc, "'%s'", path);
	}
	jit_buf_free(&line);
	return rc;
}

/* One word after the key's file: a class, or what else is to be known. */
static int
take_word(struct jit_enrolled *who, const char *word, struct jit_error *err)
{
	if (jit_class_read(word) >= 0) {
		who->class = word;
		return 0;
	}
	if (strcmp(word, "hardware") == 0) {
		who->hardware = true;
		return 0;
	}
	if (strncmp(word, "sponsor=", 8) == 0) {
		who->sponsor = word + 8;
		return jit_name_want_principal(who->sponsor, err);
	}
	if (strncmp(word, "attest=", 7) == 0) {
		who->attest = word + 7;
		return jit_name_want_attest(who->attest, err);
	}
	if (strncmp(word, "until=", 6) == 0)
		return jit_when_instant(&who->until, word + 6, err);
	return jit_fail(err, JIT_USAGE,
		"--enroll: '%s' is not known: a class (person, vendor, "
		"workload, host, issuer), sponsor=WHO, until=DATE, "
		"attest=TEXT or hardware",
		word);
}

/* Cut "FILE,CLASS,..." at its commas; without a class it is a person. */
static int
take_words(struct jit_enrolled *who, char *path, struct jit_error *err)
{
	char *word, *rest = strchr(path, ',');
	int rc = 0;

	who->class = jit_class_name(JIT_PERSON);
	while (rc == 0 && rest) {
		*rest = '\0';
		word = rest + 1;
		rest = strchr(word, ',');
		if (rest)
			*rest = '\0';
		rc = take_word(who, word, err);
	}
	return rc;
}

/* One --enroll: "alice@ex.com=alice.pub,person" */
static int
take_enrolment(struct founding *f, const struct cli *c, const char *word,
	struct jit_error *err)
{
	char *principal = jit_arena_str(&f->mem, word), *path;
	struct jit_enrolled said = {0};
	struct jit_pubkey key = {0};
	int rc;

	if (!principal)
		return jit_nomem(err);
	path = strchr(principal, '=');
	if (!path)
		return cli_usage(c, err,
			"--enroll '%s' names no key: PRINCIPAL=PUBKEYFILE",
			word);
	*path++ = '\0';
	rc = jit_name_want_principal(principal, err);
	if (rc == 0)
		rc = take_words(&said, path, err);
	if (rc == 0)
		rc = read_key(&key, path, err);
	if (rc)
		return rc;
	said.principal = principal;
	return enrol(f, &said, &key, err);
}

/* -u, else the address that git knows its user by. */
static int
find_founder(struct founding *f, const struct options *o, struct jit_error *err)
{
	struct jit_buf email = {0};
	int rc = 0;

	f->founder = o->founder;
	if (!f->founder) {
		rc = jit_store_config(&email, "user.email", err);
		if (rc > 0) {
			f->founder =
				jit_arena_str(&f->mem, jit_buf_text(&email));
			rc = f->founder ? 0 : jit_nomem(err);
		}
	}
	jit_buf_free(&email);
	if (rc)
		return rc;
	if (!f->founder)
		return cli_usage(&o->cli, err,
			"who founds it? give -u PRINCIPAL, as -u root@ex.com");
	return jit_name_want_principal(f->founder, err);
}

/* "/srv/prod.git/" is called "prod" where nothing else is said. */
static int
find_name(struct founding *f, const struct options *o, struct jit_error *err)
{
	const char *path = f->path, *slash;
	size_t len = strlen(path);
	char *name;

	f->name = o->name;
	if (f->name)
		return 0;
	while (len > 1 && path[len - 1] == '/')
		len--;
	name = jit_arena_dup(&f->mem, path, len);
	if (!name)
		return jit_nomem(err);
	if (len > 4 && strcmp(name + len - 4, ".git") == 0)
		name[len - 4] = '\0';
	slash = strrchr(name, '/');
	f->name = slash ? slash + 1 : name;
	return 0;
}

/* All that genesis will say. */
static int
prepare(struct founding *f, struct options *o, struct jit_error *err)
{
	struct jit_enrolled self = {.class = jit_class_name(JIT_PERSON)};
	const struct jit_pubkey *key;
	size_t i;
	int rc;

	f->path = o->cli.args[0];
	rc = read_policy(f, o, err);
	if (rc == 0)
		rc = find_founder(f, o, err);
	if (rc == 0)
		rc = find_name(f, o, err);
	if (rc == 0 && !jit_name_task(f->name))
		rc = jit_fail(err, JIT_USAGE,
			"name '%s' is none: 1 to 64 bytes of text", f->name);
	f->succeeds = o->succeeds;
	if (rc == 0 && f->succeeds && !jit_name_sha256(f->succeeds))
		rc = cli_usage(&o->cli, err,
			"--succeeds wants the SHA-256 of an event: 64 "
			"lower-case hex digits, as jit-audit verify prints its "
			"tip");
	if (rc == 0)
		rc = cli_signer(&o->cli, err);
	if (rc)
		return rc;
	key = jit_signer_key(o->cli.signer);
	self.principal = f->founder;
	rc = enrol(f, &self, key, err);
	for (i = 0; rc == 0 && i < o->enroll.count; i++)
		rc = take_enrolment(f, &o->cli, o->enroll.at[i], err);
	return rc;
}

static int
draft(struct jit_event *ev, const struct jit_state *s, int64_t at, void *arg,
	struct jit_error *err)
{
	struct founding *f = arg;

	(void)s;
	(void)at;
	(void)err;
	ev->name = f->name;
	ev->succeeds = f->succeeds;
	ev->policy = f->policy;
	ev->people.at = f->people;
	ev->people.count = f->count;
	return 0;
}

/* Genesis as it would be, but for its nonce and its signature. */
static void
imagine(struct jit_event *ev, char key[JIT_FINGERPRINT], struct founding *f,
	const struct cli *c)
{
	static const char zeros[] = "00000000000000000000000000000000"
				    "00000000000000000000000000000000";

	memset(ev, 0, sizeof(*ev));
	jit_pubkey_fingerprint(key, jit_signer_key(c->signer));
	ev->type = JIT_GENESIS;
	ev->of_type = jit_event_name(JIT_GENESIS);
	ev->v = 1;
	ev->seq = 1;
	ev->at = c->now;
	ev->ledger = zeros;
	ev->prev = zeros;
	ev->by = f->founder;
	ev->key = key;
	(void)draft(ev, NULL, c->now, f, NULL);
}

/* -n: whether it would be founded; nothing is written. */
static int
judge_only(struct founding *f, const struct cli *c, struct jit_error *err)
{
	struct jit_event ev = {0}, read = {0};
	char key[JIT_FINGERPRINT];
	struct jit_state *empty = NULL;
	struct jit_buf bytes = {0};
	int rc;

	if (access(f->path, F_OK) == 0)
		return jit_fail(err, JIT_TROUBLE, "'%s' is there already",
			f->path);
	imagine(&ev, key, f, c);
	rc = jit_state_new(&empty, err);
	if (rc == 0)
		rc = jit_event_encode(&bytes, &ev, err);
	if (rc == 0)
		rc = jit_event_decode(&read, bytes.data, bytes.len, err);
	if (rc == 0) {
		rc = jit_judge_ask(empty, &read, jit_signer_key(c->signer),
			true, err);
		jit_event_free(&read);
	}
	jit_state_free(empty);
	jit_buf_free(&bytes);
	return rc;
}

/* stdout: the fingerprint and nothing else; -n has none to say. */
static int
answer(const struct founding *f, const struct cli *c, const char *genesis,
	struct jit_error *err)
{
	struct jit_json *o;
	bool made;

	if (!c->json) {
		if (genesis)
			cli_out("%s\n", genesis);
		return 0;
	}
	o = jit_json_object();
	made = genesis ? jit_json_set_text(o, "genesis", genesis)
		       : jit_json_set_bool(o, "dry_run", true);
	made = made && jit_json_set_text(o, "ledger", f->path) &&
		jit_json_set_text(o, "name", f->name) &&
		jit_json_set_int(o, "seq", 1);
	if (made)
		cli_out_json(o);
	jit_json_free(o);
	return made ? 0 : jit_nomem(err);
}

/* What is founded here is to be found from everywhere. */
static void
say_founded(const struct founding *f, const struct cli *c)
{
	char *whole = f->path[0] == '/' ? NULL : realpath(f->path, NULL);

	cli_hint(c,
		"founded '%s': give this fingerprint to all who verify it "
		"(jit-audit verify -g), then: git config --global jit.ledger "
		"'%s'",
		f->name, whole ? whole : f->path);
	free(whole);
}

static int
found(struct founding *f, struct cli *c, struct jit_error *err)
{
	unsigned char nonce[32];
	char genesis[JIT_HEX256];
	struct jit_commit made = {0};
	int rc;

	jit_random(nonce, sizeof(nonce));
	rc = jit_ledger_found(&made, f->path, draft, f, f->founder, c->signer,
		nonce, c->now, err);
	if (rc)
		return rc;
	jit_hex(genesis, made.sha256, JIT_SHA256);
	jit_commit_free(&made);
	rc = answer(f, c, genesis, err);
	if (rc)
		return rc;
	say_founded(f, c);
	cloning_forget(f->path, NULL);
	c->ledger_path = f->path;
	return cli_ledger(c, err); /* so that it is remembered */
}

static int
found_one(struct options *o, struct jit_error *err)
{
	struct founding f = {0};
	int rc;

	if (o->genesis)
		return cli_usage(&o->cli, err,
			"-g is for --clone: what is founded has no fingerprint "
			"yet");
	rc = prepare(&f, o, err);
	if (rc == 0 && o->cli.dry)
		rc = judge_only(&f, &o->cli, err);
	else if (rc == 0)
		rc = found(&f, &o->cli, err);
	if (rc == 0 && o->cli.dry)
		rc = answer(&f, &o->cli, NULL, err);
	if (rc == 0 && o->cli.dry)
		cli_hint(&o->cli, "would found '%s' at '%s'", f.name, f.path);
	jit_json_free(f.policy);
	jit_arena_free(&f.mem);
	return rc;
}

static int
clone_one(struct options *o, struct jit_error *err)
{
	const struct cli *c = &o->cli;

	if (o->policy || o->name || o->founder || o->succeeds ||
		o->enroll.count || c->dry || c->key_path)
		return cli_usage(c, err, "--clone takes -g, -j, -q and -v");
	return cloning(&o->cli, o->clone, o->genesis, err);
}

int
main(int argc, char **argv)
{
	struct options o = {0};
	struct jit_error err = {0};
	int rc;

	cli_start(&o.cli, &program, argc, argv);
	rc = o.clone ? clone_one(&o, &err) : found_one(&o, &err);
	return cli_end(&o.cli, rc, &err);
}

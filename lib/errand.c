/* SPDX-License-Identifier: ISC */
#include "errand.h"

#include <string.h>

#include "cert.h"
#include "name.h"
#include "ulid.h"

#define LAST_SECOND 253402300799LL /* of the year 9999 */
#define TEXT_MAX 1024              /* bytes of a text of the target's */

static bool
is_id(const char *s)
{
	return jit_ulid_valid(s) && jit_ulid_time(s) >= 0;
}

static bool
is_offer(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= TEXT_MAX;
}

static bool
is_certificate(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= JIT_CERT_MAX;
}

static bool
is_scheme(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	return n >= 1 && n <= 16 && s[n] == '\0';
}

static bool
is_kind(const char *s)
{
	return strcmp(s, "none") == 0 || strcmp(s, "ssh-ed25519") == 0 ||
		strcmp(s, "scram-sha-256") == 0;
}

static bool
is_outcome(const char *s)
{
	return strcmp(s, JIT_OUTCOME_REFUSED) == 0 ||
		strcmp(s, JIT_OUTCOME_ALLOWED) == 0 ||
		strcmp(s, JIT_OUTCOME_LAPSED) == 0 ||
		strcmp(s, JIT_OUTCOME_UNKNOWN) == 0;
}

static bool
is_text(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= TEXT_MAX;
}

/* clang-format off */
#define LINE "1 to 500 bytes of text"
#define LONG "1 to 1024 bytes of text"
#define MEMBER(t, n, k, req) \
	.name = #n, .kind = (k), .required = (req), \
	.offset = offsetof(struct t, n)
#define TEXT(t, n, req, chk, exp) \
	{MEMBER(t, n, JIT_TEXT, req), .check = (chk), .expect = (exp)}
#define INT(t, n, req, lo, hi) \
	{MEMBER(t, n, JIT_INT, req), .min = (lo), .max = (hi)}
#define ACTIONS(t) \
	{MEMBER(t, actions, JIT_LISTS, false), .min = 1, .max = 64, \
		.check = jit_name_word, .expect = "a plain word"}
#define END {.name = NULL}

static const struct jit_member other_shape[] = {
	TEXT(jit_other, id, true, is_id, "a grant's id"),
	TEXT(jit_other, role, true, jit_name_label, "a role"),
	TEXT(jit_other, principal, true, jit_name_principal, "a principal"),
	INT(jit_other, until, true, 0, LAST_SECOND),
	ACTIONS(jit_other),
	END};

static const struct jit_member nothing[] = {END};

#define ABOUT \
	INT(jit_errand, v, true, 1, 1), \
	TEXT(jit_errand, resource, true, jit_name_resource, "a resource"), \
	{MEMBER(jit_errand, target, JIT_ANY, true)}

static const struct jit_member scan_shape[] = {
	ABOUT,
	{MEMBER(jit_errand, others, JIT_ROWS, false),
		.inner = other_shape, .size = sizeof(struct jit_other)},
	END};

static const struct jit_member grant_shape[] = {
	ABOUT,
	TEXT(jit_errand, id, true, is_id, "a grant's id"),
	TEXT(jit_errand, role, true, jit_name_label, "a role"),
	TEXT(jit_errand, principal, true, jit_name_principal, "a principal"),
	INT(jit_errand, from, true, 0, LAST_SECOND),
	INT(jit_errand, until, true, 0, LAST_SECOND),
	TEXT(jit_errand, offer, false, is_offer, LONG),
	TEXT(jit_errand, certificate, false, is_certificate, "a certificate"),
	ACTIONS(jit_errand),
	{MEMBER(jit_errand, others, JIT_ROWS, false),
		.inner = other_shape, .size = sizeof(struct jit_other)},
	END};

#define VERSION INT(jit_reply, v, true, 1, 1)

static const struct jit_member described[] = {
	VERSION,
	TEXT(jit_reply, name, true, is_scheme, "the scheme's name"),
	TEXT(jit_reply, offer, true, is_kind,
		"none, ssh-ed25519 or scram-sha-256"),
	{MEMBER(jit_reply, actions, JIT_FLAG, true)},
	TEXT(jit_reply, proves, true, jit_name_reason, LINE),
	END};

static const struct jit_member granted[] = {
	VERSION,
	TEXT(jit_reply, account, true, jit_name_reason, LINE),
	{MEMBER(jit_reply, connect, JIT_ANY, true)},
	END};

static const struct jit_member revoked[] = {
	VERSION,
	INT(jit_reply, ended, true, 0, JIT_JSON_INT),
	TEXT(jit_reply, left, false, jit_name_reason, LINE),
	END};

static const struct jit_member probed[] = {
	VERSION,
	TEXT(jit_reply, outcome, true, is_outcome,
		"refused, allowed, lapsed or unknown"),
	TEXT(jit_reply, how, true, jit_name_reason, LINE),
	END};

static const struct jit_member stands_shape[] = {
	TEXT(jit_stands, what, true, is_text, LONG),
	TEXT(jit_stands, who, true, is_text, LONG),
	TEXT(jit_stands, surface, false, jit_name_label, "a surface"),
	END};

static const struct jit_member scanned[] = {
	VERSION,
	{MEMBER(jit_reply, standing, JIT_ROWS, true),
		.inner = stands_shape, .size = sizeof(struct jit_stands)},
	{MEMBER(jit_reply, unseen, JIT_TEXTS, true),
		.check = is_text, .expect = LONG},
	{MEMBER(jit_reply, whole, JIT_TEXTS, false),
		.check = jit_name_label, .expect = "a surface"},
	END};

static const struct {
	const char *name;
	const struct jit_member *asked, *answered;
} verbs[JIT_VERBS] = {
	[JIT_VERB_DESCRIBE] = {"describe", nothing, described},
	[JIT_VERB_GRANT] = {"grant", grant_shape, granted},
	[JIT_VERB_REVOKE] = {"revoke", grant_shape, revoked},
	[JIT_VERB_PROBE] = {"probe", grant_shape, probed},
	[JIT_VERB_SCAN] = {"scan", scan_shape, scanned},
};
/* clang-format on */

const char *
jit_verb_name(enum jit_verb verb)
{
	return verbs[verb].name;
}

int
jit_verb_read(const char *name)
{
	int i;

	for (i = 0; i < JIT_VERBS; i++)
		if (strcmp(name, verbs[i].name) == 0)
			return i;
	return -1;
}

size_t
jit_reply_max(enum jit_verb verb)
{
	return verb == JIT_VERB_SCAN ? JIT_SCAN_MAX : JIT_REPLY_MAX;
}

const struct jit_member *
jit_errand_shape(enum jit_verb verb)
{
	return verbs[verb].asked;
}

const struct jit_member *
jit_reply_shape(enum jit_verb verb)
{
	return verbs[verb].answered;
}

/* -- The question ---------------------------------------------------------- */

/* In sudoers(5) and elsewhere a path that ends in '/' is all that is there. */
static bool
names_file(const char *path)
{
	size_t len = strlen(path);

	return path[0] == '/' && path[len - 1] != '/';
}

static int
check_actions(const struct jit_lists *actions, struct jit_error *err)
{
	size_t i;

	for (i = 0; i < actions->count; i++)
		if (actions->at[i].count == 0 ||
			!names_file(actions->at[i].at[0]))
			return jit_fail(err, JIT_USAGE,
				"question: actions[%zu]: it begins with a "
				"program's absolute path",
				i);
	return 0;
}

static int
want_object(const char *where, const struct jit_json *v, struct jit_error *err)
{
	if (jit_json_kind(v) == JIT_JSON_OBJECT)
		return 0;
	return jit_fail(err, JIT_USAGE, "%s: an object is wanted here", where);
}

int
jit_errand_read(struct jit_errand *out, struct jit_json **json,
	struct jit_arena *mem, enum jit_verb verb, const void *bytes,
	size_t len, struct jit_error *err)
{
	struct jit_errand e = {0};
	struct jit_json *v = NULL;
	int rc;

	if (verb == JIT_VERB_DESCRIBE) {
		*out = e;
		*json = NULL;
		return 0;
	}
	rc = jit_json_read(&v, bytes, len, JIT_ERRAND_MAX, err);
	if (rc == 0)
		rc = jit_shape_read(&e, mem, verbs[verb].asked, v, "question",
			err);
	if (rc == 0)
		rc = want_object("question: target", e.target, err);
	if (rc == 0)
		rc = check_actions(&e.actions, err);
	if (rc) {
		jit_json_free(v);
		return rc;
	}
	*json = v;
	*out = e;
	return 0;
}

/* The object as one line at the end of 'out'. */
static int
put_line(struct jit_buf *out, const struct jit_member *shape, const void *in,
	struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	int rc = 0;

	if (!o || jit_shape_write(o, shape, in, err))
		rc = jit_fail(err, JIT_USAGE,
			"a member is missing, or is no text that may be "
			"written");
	if (rc == 0)
		jit_json_encode(out, o, 0);
	jit_buf_str(out, "\n");
	jit_json_free(o);
	return rc ? rc : jit_buf_failed(out, err);
}

/* What is written is what its reader takes, and nothing else. */
int
jit_errand_write(struct jit_buf *out, const struct jit_errand *errand,
	enum jit_verb verb, struct jit_error *err)
{
	struct jit_errand e = *errand, read;
	struct jit_json *empty = jit_json_object(), *json = NULL;
	struct jit_arena mem = {0};
	struct jit_buf line = {0};
	int rc = 0;

	e.v = 1;
	if (!e.target)
		e.target = empty;
	if (!e.target)
		rc = jit_nomem(err);
	if (rc == 0 && verb != JIT_VERB_DESCRIBE)
		rc = put_line(&line, verbs[verb].asked, &e, err);
	if (rc == 0)
		rc = jit_errand_read(&read, &json, &mem, verb, line.data,
			line.len, err);
	if (rc == 0)
		jit_buf_put(out, line.data, line.len);
	jit_json_free(json);
	jit_json_free(empty);
	jit_arena_free(&mem);
	jit_buf_free(&line);
	return rc ? rc : jit_buf_failed(out, err);
}

/* -- The answer ------------------------------------------------------------ */

int
jit_reply_read(struct jit_reply *out, enum jit_verb verb, const void *bytes,
	size_t len, struct jit_error *err)
{
	struct jit_reply r = {0};
	int rc;

	rc = jit_json_read(&r.json, bytes, len, jit_reply_max(verb), err);
	if (rc == 0)
		rc = jit_shape_read(&r, &r.mem, verbs[verb].answered, r.json,
			"answer", err);
	if (rc == 0 && verb == JIT_VERB_GRANT)
		rc = want_object("answer: connect", r.connect, err);
	if (rc) {
		jit_reply_free(&r);
		return rc;
	}
	*out = r;
	return 0;
}

int
jit_reply_write(struct jit_buf *out, const struct jit_reply *reply,
	enum jit_verb verb, struct jit_error *err)
{
	struct jit_reply r = *reply, read = {0};
	struct jit_buf line = {0};
	int rc;

	r.v = 1;
	rc = put_line(&line, verbs[verb].answered, &r, err);
	if (rc == 0)
		rc = jit_reply_read(&read, verb, line.data, line.len, err);
	if (rc == 0)
		jit_buf_put(out, line.data, line.len);
	jit_reply_free(&read);
	jit_buf_free(&line);
	if (rc)
		return jit_within(err, JIT_TROUBLE, "cannot answer");
	return jit_buf_failed(out, err);
}

void
jit_reply_free(struct jit_reply *reply)
{
	jit_json_free(reply->json);
	jit_arena_free(&reply->mem);
	*reply = (struct jit_reply){0};
}

/* SPDX-License-Identifier: ISC */
#include "event.h"

#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "name.h"
#include "scram.h"
#include "ulid.h"
#include "when.h"

#define AT(field) offsetof(struct jit_event, field)
#define LINE_MAX_OFFER 1024
#define SIGNATURE_MAX 1024 /* bytes; the longest that can be is below */

/* Instants: up to the year 9999. */
#define LAST_SECOND 253402300799LL

#define ATTEST "an issuer (https:// or spiffe://), a blank and a subject"

static bool
is_ulid(const char *s)
{
	return jit_ulid_valid(s) && jit_ulid_time(s) >= 0;
}

static bool
is_class(const char *s)
{
	static const char *const classes[] = {"person", "vendor", "workload",
		"host", "issuer"};
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(s, classes[i]) == 0)
			return true;
	return false;
}

static bool
is_verdict(const char *s)
{
	return strcmp(s, "ok") == 0 || strcmp(s, "misuse") == 0 ||
		strcmp(s, "unclear") == 0;
}

static bool
is_phase(const char *s)
{
	return strcmp(s, "open") == 0 || strcmp(s, "close") == 0;
}

static bool
is_cause(const char *s)
{
	static const char *const causes[] = {"task", "ttl", "revoke", "lapse",
		"failed", "policy", "offboard"};
	size_t i;

	for (i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (strcmp(s, causes[i]) == 0)
			return true;
	return false;
}

/* A public key line in its one spelling: no comment, no other blanks. */
static bool
is_pubkey(const char *s)
{
	char place[JIT_PUBKEY_LINE];
	struct jit_buf line = jit_buf_over(place, sizeof(place));
	struct jit_pubkey key;
	bool same;

	if (jit_pubkey_parse(&key, s, NULL) != 0)
		return false;
	jit_pubkey_text(&line, &key);
	same = !line.failed && strcmp(jit_buf_text(&line), s) == 0;
	jit_buf_free(&line);
	return same;
}

static bool
is_offer(const char *s)
{
	return is_pubkey(s) || jit_scram_valid(s);
}

static bool
is_outcome(const char *s)
{
	static const char *const outcomes[] = {"refused", "allowed", "lapsed",
		"unknown"};
	size_t i;

	for (i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (strcmp(s, outcomes[i]) == 0)
			return true;
	return false;
}

static bool
is_cert(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= JIT_CERT_MAX;
}

static bool
is_signature(const char *s)
{
	size_t len = strspn(s,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/=");

	return len >= 1 && len <= SIGNATURE_MAX && s[len] == '\0';
}

static bool
is_host(const char *s)
{
	return jit_name_task(s);
}

static bool
is_yes(const char *s)
{
	return strcmp(s, "yes") == 0;
}

static bool
is_seen(const char *s)
{
	return strcmp(s, "all") == 0 || strcmp(s, "part") == 0 ||
		strcmp(s, "none") == 0;
}

static bool
is_surface(const char *s)
{
	return jit_name_label(s) || jit_name_resource(s);
}

static bool
is_scheme(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	return n >= 1 && n <= 16 && s[n] == '\0';
}

#define TEXT(n, f, req, chk, exp)                                              \
	{                                                                      \
		.name = (n), .kind = JIT_TEXT, .required = (req),              \
		.offset = AT(f), .check = (chk), .expect = (exp)               \
	}
#define INT(n, f, req, lo, hi)                                                 \
	{                                                                      \
		.name = (n), .kind = JIT_INT, .required = (req),               \
		.offset = AT(f), .min = (lo), .max = (hi)                      \
	}
#define END                                                                    \
	{                                                                      \
		.name = NULL                                                   \
	}
#define ID TEXT("id", id, true, is_ulid, "a grant's id, a ULID")
#define REQUEST                                                                \
	TEXT("request", request, true, jit_name_sha256,                        \
		"the SHA-256 of a request")
#define REASON(req)                                                            \
	TEXT("reason", reason, req, jit_name_reason, "1 to 500 bytes of text")
#define ACTIONS                                                                \
	{                                                                      \
		.name = "actions", .kind = JIT_LISTS, .offset = AT(actions),   \
		.check = jit_name_word, .expect = "a word of an action",       \
		.min = 1, .max = JIT_ACTIONS_MAX                               \
	}

static const struct jit_member common[] = {INT("v", v, true, 1, 1),
	TEXT("ledger", ledger, true, jit_name_sha256, "64 hex digits"),
	INT("seq", seq, true, 1, JIT_JSON_INT),
	TEXT("prev", prev, true, jit_name_sha256, "64 hex digits"),
	TEXT("type", of_type, true, NULL, NULL),
	INT("at", at, true, 0, LAST_SECOND),
	TEXT("by", by, true, jit_name_principal, "a principal"),
	TEXT("key", key, true, jit_name_fingerprint, "a key's fingerprint"),
	END};

#define COMMON                                                                 \
	common[0], common[1], common[2], common[3], common[4], common[5],      \
		common[6], common[7]

static const struct jit_member enrolled[] = {
	{.name = "principal",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct jit_enrolled, principal),
		.check = jit_name_principal,
		.expect = "a principal"},
	{.name = "key",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct jit_enrolled, key),
		.check = is_pubkey,
		.expect = "an ed25519 public key without a comment"},
	{.name = "class",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct jit_enrolled, class),
		.check = is_class,
		.expect = "person, vendor, workload, host or issuer"},
	{.name = "sponsor",
		.kind = JIT_TEXT,
		.offset = offsetof(struct jit_enrolled, sponsor),
		.check = jit_name_principal,
		.expect = "a principal"},
	{.name = "until",
		.kind = JIT_INT,
		.offset = offsetof(struct jit_enrolled, until),
		.min = 1,
		.max = LAST_SECOND},
	{.name = "attest",
		.kind = JIT_TEXT,
		.offset = offsetof(struct jit_enrolled, attest),
		.check = jit_name_attest,
		.expect = ATTEST},
	{.name = "hardware",
		.kind = JIT_FLAG,
		.offset = offsetof(struct jit_enrolled, hardware)},
	END};

static const struct jit_member credential[] = {
	{.name = "cert",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct jit_credential, cert),
		.check = is_cert,
		.expect = "a certificate line"},
	{.name = "sha256",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct jit_credential, sha256),
		.check = jit_name_sha256,
		.expect = "64 hex digits"},
	{.name = "serial",
		.kind = JIT_INT,
		.required = true,
		.offset = offsetof(struct jit_credential, serial),
		.min = 1,
		.max = JIT_JSON_INT},
	END};

static const struct jit_member hooked[] = {
	{.name = "name",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct jit_hooked, name),
		.check = jit_name_label,
		.expect = "a hook's name"},
	{.name = "verdict",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct jit_hooked, verdict),
		.check = is_yes,
		.expect = "yes"},
	{.name = "digest",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct jit_hooked, digest),
		.check = jit_name_sha256,
		.expect = "64 hex digits"},
	END};

static const struct jit_member genesis[] = {
	TEXT("name", name, true, jit_name_task, "1 to 64 bytes of text"),
	TEXT("succeeds", succeeds, false, jit_name_sha256,
		"the SHA-256 of an older ledger's last good event"),
	{.name = "policy",
		.kind = JIT_ANY,
		.required = true,
		.offset = AT(policy)},
	{.name = "people",
		.kind = JIT_ROWS,
		.required = true,
		.offset = AT(people),
		.min = 1,
		.inner = enrolled,
		.size = sizeof(struct jit_enrolled)},
	END};

static const struct jit_member request[] = {ID,
	TEXT("resource", resource, true, jit_name_resource, "SCHEME:NAME"),
	TEXT("role", role, true, jit_name_label, "a role"), ACTIONS,
	TEXT("task", task, true, jit_name_task, "1 to 64 bytes of text"),
	REASON(true), INT("duration", duration, false, 1, JIT_WHEN_MAX),
	TEXT("offer", offer, false, is_offer,
		"an ed25519 public key without a comment, or a SCRAM "
		"verifier"),
	TEXT("source", source, true, is_host, "1 to 64 bytes of text"),
	TEXT("extends", extends, false, is_ulid, "a grant's id, a ULID"),
	{.name = "break_glass", .kind = JIT_FLAG, .offset = AT(glass)},
	{.name = "change", .kind = JIT_ANY, .offset = AT(change)}, END};

static const struct jit_member approve[] = {ID, REQUEST,
	TEXT("as", as, true, jit_name_label, "a group"),
	INT("duration", duration, false, 1, JIT_WHEN_MAX), ACTIONS,
	TEXT("note", note, false, jit_name_reason, "1 to 500 bytes of text"),
	END};

static const struct jit_member deny[] = {ID, REQUEST, REASON(true), END};

static const struct jit_member withdraw[] = {ID,
	TEXT("vote", vote, true, jit_name_sha256,
		"the SHA-256 of what is withdrawn"),
	REASON(true), END};

static const struct jit_member issue[] = {ID, REQUEST,
	{.name = "approvals",
		.kind = JIT_TEXTS,
		.required = true,
		.offset = AT(approvals),
		.check = jit_name_sha256,
		.expect = "the SHA-256 of an approval"},
	TEXT("rule", rule, true, jit_name_label, "a rule"),
	INT("policy", policy_version, true, 1, JIT_JSON_INT),
	INT("from", from, true, 0, LAST_SECOND),
	INT("until", until, true, 1, LAST_SECOND),
	TEXT("connector", connector, true, is_scheme, "a scheme"),
	{.name = "hooks",
		.kind = JIT_ROWS,
		.offset = AT(hooks),
		.min = 1,
		.max = 8,
		.inner = hooked,
		.size = sizeof(struct jit_hooked)},
	{.name = "connect", .kind = JIT_ANY, .offset = AT(connect)},
	{.name = "credential",
		.kind = JIT_INNER,
		.offset = AT(credential),
		.inner = credential,
		.size = sizeof(struct jit_credential)},
	END};

static const struct jit_member end[] = {ID,
	TEXT("cause", cause, true, is_cause,
		"task, ttl, revoke, lapse, failed, policy or offboard"),
	REASON(false), END};

static const struct jit_member use[] = {ID,
	TEXT("session", session, true, is_ulid, "a session's id, a ULID"),
	TEXT("phase", phase, true, is_phase, "open or close"),
	TEXT("host", host, true, is_host, "1 to 64 bytes of text"),
	INT("counter", counter, true, 1, JIT_JSON_INT),
	TEXT("program", program, false, jit_name_task, "1 to 64 bytes of text"),
	TEXT("argv", argv, false, jit_name_sha256, "64 hex digits"),
	{.name = "recordings",
		.kind = JIT_TEXTS,
		.offset = AT(recordings),
		.min = 1,
		.max = 256,
		.check = jit_name_sha256,
		.expect = "the digest of a recording"},
	{.name = "exit",
		.kind = JIT_MAYBE,
		.offset = AT(exit),
		.min = 0,
		.max = 255},
	INT("killed", killed, false, 1, JIT_JSON_INT), END};

static const struct jit_member probe[] = {ID,
	TEXT("action", action, true, jit_name_task, "1 to 64 bytes of text"),
	TEXT("outcome", outcome, true, is_outcome,
		"refused, allowed, lapsed or unknown"),
	TEXT("how", how, true, jit_name_reason, "1 to 500 bytes of text"),
	TEXT("digest", digest, false, jit_name_sha256, "64 hex digits"), END};

#define COUNT(n)                                                               \
	{                                                                      \
		.name = #n, .kind = JIT_MAYBE, .required = true,               \
		.offset = AT(n), .min = 0, .max = JIT_JSON_INT                 \
	}

static const struct jit_member beat[] = {
	INT("counter", counter, true, 1, JIT_JSON_INT), COUNT(due), COUNT(done),
	COUNT(owed), END};

static const struct jit_member surface[] = {
	{.name = "surface",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct jit_surface, surface),
		.check = is_surface,
		.expect = "a surface or a resource"},
	{.name = "seen",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct jit_surface, seen),
		.check = is_seen,
		.expect = "all, part or none"},
	{.name = "count",
		.kind = JIT_MAYBE,
		.offset = offsetof(struct jit_surface, count),
		.min = 0,
		.max = JIT_JSON_INT},
	{.name = "digest",
		.kind = JIT_TEXT,
		.offset = offsetof(struct jit_surface, digest),
		.check = jit_name_sha256,
		.expect = "64 hex digits"},
	END};

static const struct jit_member scan[] = {
	INT("counter", counter, true, 1, JIT_JSON_INT),
	TEXT("host", host, true, is_host, "1 to 64 bytes of text"),
	{.name = "surfaces",
		.kind = JIT_ROWS,
		.required = true,
		.offset = AT(surfaces),
		.min = 1,
		.max = 256,
		.inner = surface,
		.size = sizeof(struct jit_surface)},
	END};

static const struct jit_member review[] = {ID,
	TEXT("verdict", verdict, true, is_verdict, "ok, misuse or unclear"),
	TEXT("note", note, true, jit_name_reason, "1 to 500 bytes of text"),
	END};

static const struct jit_member policy[] = {ID,
	INT("version", policy_version, true, 2, JIT_JSON_INT),
	TEXT("digest", digest, true, jit_name_sha256, "64 hex digits"), END};

/*
 * An enrolment in a change and in an enroll event: a row of people with the
 * key's line called 'pubkey', for 'key' is whose signature it is. The same
 * rows at two offsets.
 */
#define ENROLLED(base)                                                         \
	{.name = "principal",                                                  \
		.kind = JIT_TEXT,                                              \
		.required = true,                                              \
		.offset = (base) + offsetof(struct jit_enrolled, principal),   \
		.check = jit_name_principal,                                   \
		.expect = "a principal"},                                      \
		{.name = "pubkey",                                             \
			.kind = JIT_TEXT,                                      \
			.required = true,                                      \
			.offset = (base) + offsetof(struct jit_enrolled, key), \
			.check = is_pubkey,                                    \
			.expect = "an ed25519 public key without a comment"},  \
		{.name = "class",                                              \
			.kind = JIT_TEXT,                                      \
			.required = true,                                      \
			.offset =                                              \
				(base) + offsetof(struct jit_enrolled, class), \
			.check = is_class,                                     \
			.expect = "person, vendor, workload, host or issuer"}, \
		{.name = "sponsor",                                            \
			.kind = JIT_TEXT,                                      \
			.offset = (base) +                                     \
				offsetof(struct jit_enrolled, sponsor),        \
			.check = jit_name_principal,                           \
			.expect = "a principal"},                              \
		{.name = "until",                                              \
			.kind = JIT_INT,                                       \
			.offset =                                              \
				(base) + offsetof(struct jit_enrolled, until), \
			.min = 1,                                              \
			.max = LAST_SECOND},                                   \
		{.name = "attest",                                             \
			.kind = JIT_TEXT,                                      \
			.offset = (base) +                                     \
				offsetof(struct jit_enrolled, attest),         \
			.check = jit_name_attest,                              \
			.expect = ATTEST},                                     \
	{                                                                      \
		.name = "hardware", .kind = JIT_FLAG,                          \
		.offset = (base) + offsetof(struct jit_enrolled, hardware)     \
	}

static const struct jit_member change_enroll[] = {ENROLLED(0), END};
static const struct jit_member enroll[] = {ID, ENROLLED(AT(enrolled)), END};

const struct jit_member *
jit_event_enrolled(void)
{
	return change_enroll;
}

static const struct jit_member retire[] = {
	TEXT("id", id, false, is_ulid, "a grant's id, a ULID"),
	TEXT("principal", principal, false, jit_name_principal, "a principal"),
	TEXT("fingerprint", fingerprint, false, jit_name_fingerprint,
		"a key's fingerprint"),
	REASON(true), END};

static const struct jit_member late[] = {{.name = "sealed",
						 .kind = JIT_ANY,
						 .required = true,
						 .offset = AT(sealed)},
	TEXT("signature", signature, true, is_signature,
		"an SSH signature in base64"),
	END};

static const struct {
	const char *name;
	const struct jit_member *own;
} types[JIT_EVENT_TYPES] = {
	[JIT_GENESIS] = {"genesis", genesis},
	[JIT_REQUEST] = {"request", request},
	[JIT_APPROVE] = {"approve", approve},
	[JIT_DENY] = {"deny", deny},
	[JIT_WITHDRAW] = {"withdraw", withdraw},
	[JIT_ISSUE] = {"issue", issue},
	[JIT_END] = {"end", end},
	[JIT_USE] = {"use", use},
	[JIT_PROBE] = {"probe", probe},
	[JIT_BEAT] = {"beat", beat},
	[JIT_SCAN] = {"scan", scan},
	[JIT_REVIEW] = {"review", review},
	[JIT_POLICY] = {"policy", policy},
	[JIT_ENROLL] = {"enroll", enroll},
	[JIT_RETIRE] = {"retire", retire},
	[JIT_LATE] = {"late", late},
};

const char *
jit_event_name(enum jit_event_type type)
{
	return types[type].name;
}

const struct jit_member *
jit_event_shape(enum jit_event_type type)
{
	return types[type].own;
}

const struct jit_member *
jit_event_common(void)
{
	return common;
}

static int
type_of(enum jit_event_type *type, const char *name, struct jit_error *err)
{
	size_t i;

	for (i = 0; i < JIT_EVENT_TYPES; i++) {
		if (name && strcmp(types[i].name, name) == 0) {
			*type = (enum jit_event_type)i;
			return 0;
		}
	}
	return jit_fail(err, JIT_USAGE, "event: type '%s' is not known",
		name ? name : "");
}

/* The common members and a type's own as one table. */
static void
whole_shape(struct jit_member *table, enum jit_event_type type)
{
	const struct jit_member *m;
	size_t n = 0;

	for (m = common; m->name; m++)
		table[n++] = *m;
	for (m = types[type].own; m->name; m++)
		table[n++] = *m;
	memset(&table[n], 0, sizeof(table[n]));
}

/* Whether it carries a whole policy. */
static bool
may_be_large(const struct jit_event *ev)
{
	const struct jit_json *change = jit_json_get(ev->json, "change");

	return ev->type == JIT_GENESIS ||
		(ev->type == JIT_REQUEST && jit_json_get(change, "policy"));
}

#define SHAPE_MAX 32

static int
read_sealed(struct jit_event *ev, struct jit_error *err)
{
	int rc;

	ev->inner = calloc(1, sizeof(*ev->inner));
	if (!ev->inner)
		return jit_nomem(err);
	rc = jit_event_unseal(ev->inner, ev->sealed, err);
	ev->inner->seq = ev->seq;
	return rc ? jit_within(err, rc, "event") : 0;
}

/* What a type's members are read from; by the grammar, unless it is known. */
static int
read_event(struct jit_event *ev, size_t len, bool known, struct jit_error *err)
{
	struct jit_member table[SHAPE_MAX];
	size_t limit;
	int rc;

	rc = type_of(&ev->type, jit_json_text(jit_json_get(ev->json, "type")),
		err);
	if (rc)
		return rc;
	limit = may_be_large(ev) ? JIT_JSON_POLICY : JIT_JSON_EVENT;
	if (len > limit)
		return jit_fail(err, JIT_USAGE,
			"event: %zu bytes, at most %zu are allowed", len,
			limit);
	whole_shape(table, ev->type);
	if (known)
		rc = jit_shape_again(ev, &ev->mem, table, ev->json, "event",
			err);
	else
		rc = jit_shape_exact(&ev->exact, ev, &ev->mem, table, ev->json,
			"event", err);
	if (rc == 0 && ev->type == JIT_LATE)
		rc = read_sealed(ev, err);
	return rc;
}

static int
decode(struct jit_event *out, const void *bytes, size_t len, bool known,
	struct jit_error *err)
{
	struct jit_event ev = {0};
	int rc;

	rc = jit_json_decode(&ev.json, bytes, len, JIT_JSON_POLICY, err);
	if (rc)
		return rc;
	rc = read_event(&ev, len, known, err);
	if (rc) {
		jit_event_free(&ev);
		return rc;
	}
	*out = ev; /* transferred */
	return 0;
}

int
jit_event_decode(struct jit_event *out, const void *bytes, size_t len,
	struct jit_error *err)
{
	return decode(out, bytes, len, false, err);
}

int
jit_event_again(struct jit_event *out, const void *bytes, size_t len,
	struct jit_error *err)
{
	return decode(out, bytes, len, true, err);
}

int
jit_event_encode(struct jit_buf *out, const struct jit_event *ev,
	struct jit_error *err)
{
	struct jit_member table[SHAPE_MAX];
	struct jit_json *o = jit_json_object();
	int rc;

	whole_shape(table, ev->type);
	if (!o)
		return jit_nomem(err);
	rc = jit_shape_write(o, table, ev, err);
	if (rc == 0) {
		jit_json_encode(out, o, 0);
		rc = jit_buf_failed(out, err);
	}
	jit_json_free(o);
	return rc;
}

static const char *
text_of(const struct jit_json *o, const char *name)
{
	const char *s = jit_json_text(jit_json_get(o, name));

	return s ? s : "?";
}

void
jit_event_subject(struct jit_buf *out, const struct jit_event *ev)
{
	char stamp[JIT_STAMP];

	jit_buf_str(out, jit_event_name(ev->type));
	switch (ev->type) {
	case JIT_GENESIS:
		jit_buf_fmt(out, " %s by %s", ev->name, ev->by);
		return;
	case JIT_REQUEST:
		jit_buf_fmt(out, " %s %s %s", ev->id, ev->resource, ev->role);
		if (ev->duration)
			jit_buf_str(out, " ");
		if (ev->duration)
			jit_when_spell(out, ev->duration);
		jit_buf_fmt(out, " by %s%s: %s", ev->by,
			ev->glass ? " breaking glass" : "", ev->task);
		return;
	case JIT_APPROVE:
		jit_buf_fmt(out, " %s as %s by %s", ev->id, ev->as, ev->by);
		return;
	case JIT_ISSUE:
		jit_when_stamp(stamp, ev->until);
		jit_buf_fmt(out, " %s under %s until %s by %s", ev->id,
			ev->rule, stamp, ev->by);
		return;
	case JIT_END:
		jit_buf_fmt(out, " %s %s by %s", ev->id, ev->cause, ev->by);
		return;
	case JIT_USE:
		jit_buf_fmt(out, " %s %s on %s by %s", ev->id, ev->phase,
			ev->host, ev->by);
		return;
	case JIT_PROBE:
		jit_buf_fmt(out, " %s %s by %s", ev->id, ev->outcome, ev->by);
		return;
	case JIT_BEAT:
		jit_buf_fmt(out, " %lld by %s", (long long)ev->counter, ev->by);
		return;
	case JIT_SCAN:
		jit_buf_fmt(out, " %s by %s", ev->host, ev->by);
		return;
	case JIT_POLICY:
		jit_buf_fmt(out, " %s version %lld by %s", ev->id,
			(long long)ev->policy_version, ev->by);
		return;
	case JIT_ENROLL:
		jit_buf_fmt(out, " %s %s as %s by %s", ev->id,
			ev->enrolled.principal, ev->enrolled.class, ev->by);
		return;
	case JIT_RETIRE:
		jit_buf_fmt(out, " %s by %s",
			ev->principal             ? ev->principal
				: ev->fingerprint ? ev->fingerprint
						  : "nobody",
			ev->by);
		return;
	case JIT_REVIEW:
		jit_buf_fmt(out, " %s %s by %s", ev->id, ev->verdict, ev->by);
		return;
	case JIT_LATE:
		jit_buf_fmt(out, ": %s %s by %s, brought by %s",
			text_of(ev->sealed, "type"), text_of(ev->sealed, "id"),
			text_of(ev->sealed, "by"), ev->by);
		return;
	case JIT_DENY:
	case JIT_WITHDRAW:
	case JIT_EVENT_TYPES:
		jit_buf_fmt(out, " %s by %s", ev->id, ev->by);
		return;
	}
}

const struct jit_event *
jit_event_said(const struct jit_event *ev)
{
	return ev->inner ? ev->inner : ev;
}

void
jit_event_free(struct jit_event *ev)
{
	if (ev->inner)
		jit_event_free(ev->inner);
	free(ev->inner);
	jit_json_free(ev->json);
	jit_arena_free(&ev->mem);
	memset(ev, 0, sizeof(*ev));
}

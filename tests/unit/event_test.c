/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "event.h"
#include "hash.h"
#include "unit.h"

#define B64                                                                    \
	"AAAAC3NzaC1lZDI1NTE5AAAAICczjKqOomO+YW1r1fmVflSpFa1wZym6nEwL0BUip/AS"
#define KEY "ssh-ed25519 " B64
#define SK_KEY                                                                 \
	"sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t"  \
	"AAAAICczjKqOomO+YW1r1fmVflSpFa1wZym6nEwL0BUip/ASAAAABHNzaDo="
#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="
#define SCRAM                                                                  \
	"SCRAM-SHA-256$4096:" SALT                                             \
	"$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"                       \
	"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
#define PRINT "SHA256:u0ABiXxPilACh36EN5WYYGqZ8X70UKn+V8DR4iL8oYc"
#define ID "01M80R51J8041061050R3GG28A"
#define OTHER_ID "01M80R51J8041061050R3GG28B"
#define SHA                                                                    \
	"0123456789abcdef0123456789abcdef"                                     \
	"0123456789abcdef0123456789abcdef"
#define N32 "abcdefghijklmnopqrstuvwxyz012345"
#define N64 N32 N32
#define N128 N64 N64
#define N512 N128 N128 N128 N128

/* A member and its value as JSON; without 'must' it may be left out. */
struct member {
	const char *name, *value;
	bool must;
};

#define TEXT(s) "\"" s "\""
#define MOST 32

/* An end as it is sealed, but of type 't', with more members after it. */
#define SEALED(t, more)                                                        \
	"{\"at\":1795321661,\"by\":\"alice@ex.com\","                          \
	"\"cause\":\"task\",\"id\":\"" ID "\",\"key\":\"" PRINT                \
	"\",\"ledger\":\"" SHA "\",\"seen\":\"" SHA "\",\"type\":\"" t         \
	"\"" more "}"
#define END                                                                    \
	{                                                                      \
		NULL, NULL, false                                              \
	}

/* Every type with all that it can have, in the order of the names. */
static const struct member types[JIT_EVENT_TYPES][MOST] = {
	[JIT_GENESIS] =
		{
			{"at", "1795321661", true},
			{"by", TEXT("root@ex.com"), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"name", TEXT("Example Inc"), true},
			{"people",
				"[{\"class\":\"person\",\"key\":\"" KEY
				"\",\"principal\":\"root@ex.com\"},"
				"{\"attest\":\"https://a b\","
				"\"class\":\"vendor\",\"hardware\":true,"
				"\"key\":\"" SK_KEY
				"\",\"principal\":\"vic@vendor.ex\","
				"\"sponsor\":\"root@ex.com\","
				"\"until\":1795408061}]",
				true},
			{"policy", "{\"rules\":[]}", true},
			{"prev", TEXT(SHA), true},
			{"seq", "1", true},
			{"succeeds", TEXT(SHA), false},
			{"type", TEXT("genesis"), true},
			{"v", "1", true},
			END,
		},
	[JIT_REQUEST] =
		{
			{"actions", "[[\"/bin/ls\",\"-l\"],[\"/usr/bin/id\"]]",
				false},
			{"at", "1795321661", true},
			{"break_glass", "true", false},
			{"by", TEXT("alice@ex.com"), true},
			{"change",
				"{\"retire\":{\"principal\":\"dan@ex.com\"}}",
				false},
			{"duration", "5400", false},
			{"extends", TEXT(OTHER_ID), false},
			{"id", TEXT(ID), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"offer", TEXT(KEY), false},
			{"prev", TEXT(SHA), true},
			{"reason", TEXT("slow query: \\\"x\\\" \xc3\xa4"),
				true},
			{"resource", TEXT("ssh:web-1"), true},
			{"role", TEXT("root"), true},
			{"seq", "2", true},
			{"source", TEXT("laptop"), true},
			{"task", TEXT("INC-4211"), true},
			{"type", TEXT("request"), true},
			{"v", "1", true},
			END,
		},
	[JIT_APPROVE] =
		{
			{"actions", "[[\"/bin/ls\"]]", false},
			{"as", TEXT("dba"), true},
			{"at", "1795321661", true},
			{"by", TEXT("dan@ex.com"), true},
			{"duration", "600", false},
			{"id", TEXT(ID), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"note", TEXT("be quick"), false},
			{"prev", TEXT(SHA), true},
			{"request", TEXT(SHA), true},
			{"seq", "3", true},
			{"type", TEXT("approve"), true},
			{"v", "1", true},
			END,
		},
	[JIT_DENY] =
		{
			{"at", "1795321661", true},
			{"by", TEXT("dan@ex.com"), true},
			{"id", TEXT(ID), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"prev", TEXT(SHA), true},
			{"reason", TEXT("not now"), true},
			{"request", TEXT(SHA), true},
			{"seq", "3", true},
			{"type", TEXT("deny"), true},
			{"v", "1", true},
			END,
		},
	[JIT_WITHDRAW] =
		{
			{"at", "1795321661", true},
			{"by", TEXT("dan@ex.com"), true},
			{"id", TEXT(ID), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"prev", TEXT(SHA), true},
			{"reason", TEXT("a mistake"), true},
			{"seq", "4", true},
			{"type", TEXT("withdraw"), true},
			{"v", "1", true},
			{"vote", TEXT(SHA), true},
			END,
		},
	[JIT_ISSUE] =
		{
			{"approvals", "[\"" SHA "\",\"" SHA "\"]", true},
			{"at", "1795321661", true},
			{"by", TEXT("issuer@ex.com"), true},
			{"connect", "{\"host\":\"web-1.ex.com\",\"port\":22}",
				false},
			{"connector", TEXT("ssh"), true},
			{"credential",
				"{\"cert\":\"ssh-ed25519-cert-v01@openssh.com "
				"AAAA\",\"serial\":7,\"sha256\":\"" SHA "\"}",
				false},
			{"from", "1795321661", true},
			{"hooks",
				"[{\"digest\":\"" SHA "\",\"name\":\"task\","
				"\"verdict\":\"yes\"}]",
				false},
			{"id", TEXT(ID), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"policy", "3", true},
			{"prev", TEXT(SHA), true},
			{"request", TEXT(SHA), true},
			{"rule", TEXT("web"), true},
			{"seq", "7", true},
			{"type", TEXT("issue"), true},
			{"until", "1795323461", true},
			{"v", "1", true},
			END,
		},
	[JIT_END] =
		{
			{"at", "1795323461", true},
			{"by", TEXT("alice@ex.com"), true},
			{"cause", TEXT("ttl"), true},
			{"id", TEXT(ID), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"prev", TEXT(SHA), true},
			{"reason", TEXT("time is up"), false},
			{"seq", "8", true},
			{"type", TEXT("end"), true},
			{"v", "1", true},
			END,
		},
	[JIT_USE] =
		{
			{"argv", TEXT(SHA), false},
			{"at", "1795321661", true},
			{"by", TEXT("web-1@ex.com"), true},
			{"counter", "12", true},
			{"exit", "0", false},
			{"host", TEXT("web-1"), true},
			{"id", TEXT(ID), true},
			{"key", TEXT(PRINT), true},
			{"killed", "2", false},
			{"ledger", TEXT(SHA), true},
			{"phase", TEXT("close"), true},
			{"prev", TEXT(SHA), true},
			{"program", TEXT("sshd"), false},
			{"recordings", "[" TEXT(SHA) "]", false},
			{"seq", "8", true},
			{"session", TEXT(OTHER_ID), true},
			{"type", TEXT("use"), true},
			{"v", "1", true},
			END,
		},
	[JIT_PROBE] =
		{
			{"action", TEXT("login as root"), true},
			{"at", "1795321661", true},
			{"by", TEXT("web-1@ex.com"), true},
			{"digest", TEXT(SHA), false},
			{"how", TEXT("sshd did not take the key"), true},
			{"id", TEXT(ID), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"outcome", TEXT("refused"), true},
			{"prev", TEXT(SHA), true},
			{"seq", "9", true},
			{"type", TEXT("probe"), true},
			{"v", "1", true},
			END,
		},
	[JIT_BEAT] =
		{
			{"at", "1795321661", true},
			{"by", TEXT("issuer@ex.com"), true},
			{"counter", "12", true},
			{"done", "2", true},
			{"due", "3", true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"owed", "0", true},
			{"prev", TEXT(SHA), true},
			{"seq", "10", true},
			{"type", TEXT("beat"), true},
			{"v", "1", true},
			END,
		},
	[JIT_SCAN] =
		{
			{"at", "1795321661", true},
			{"by", TEXT("web-1@ex.com"), true},
			{"counter", "13", true},
			{"host", TEXT("web-1"), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"prev", TEXT(SHA), true},
			{"seq", "11", true},
			{"surfaces",
				"[{\"count\":0,\"digest\":\"" SHA
				"\",\"seen\":\"all\",\"surface\":\"keys\"},"
				"{\"seen\":\"none\",\"surface\":"
				"\"pg:orders\"}]",
				true},
			{"type", TEXT("scan"), true},
			{"v", "1", true},
			END,
		},
	[JIT_REVIEW] =
		{
			{"at", "1795321661", true},
			{"by", TEXT("bob@ex.com"), true},
			{"id", TEXT(ID), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"note", TEXT("as it had to be"), true},
			{"prev", TEXT(SHA), true},
			{"seq", "7", true},
			{"type", TEXT("review"), true},
			{"v", "1", true},
			{"verdict", TEXT("misuse"), true},
			END,
		},
	[JIT_POLICY] =
		{
			{"at", "1795321661", true},
			{"by", TEXT("rita@ex.com"), true},
			{"digest", TEXT(SHA), true},
			{"id", TEXT(ID), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"prev", TEXT(SHA), true},
			{"seq", "8", true},
			{"type", TEXT("policy"), true},
			{"v", "1", true},
			{"version", "2", true},
			END,
		},
	[JIT_ENROLL] =
		{
			{"at", "1795321661", true},
			{"attest", TEXT("https://a b"), false},
			{"by", TEXT("rita@ex.com"), true},
			{"class", TEXT("vendor"), true},
			{"hardware", "true", false},
			{"id", TEXT(ID), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"prev", TEXT(SHA), true},
			{"principal", TEXT("vic@vendor.ex"), true},
			{"pubkey", TEXT(SK_KEY), true},
			{"seq", "8", true},
			{"sponsor", TEXT("root@ex.com"), false},
			{"type", TEXT("enroll"), true},
			{"until", "1795408061", false},
			{"v", "1", true},
			END,
		},
	[JIT_RETIRE] =
		{
			{"at", "1795321661", true},
			{"by", TEXT("rita@ex.com"), true},
			{"fingerprint", TEXT(PRINT), false},
			{"id", TEXT(ID), false},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"prev", TEXT(SHA), true},
			{"principal", TEXT("dan@ex.com"), false},
			{"reason", TEXT("left the company"), true},
			{"seq", "8", true},
			{"type", TEXT("retire"), true},
			{"v", "1", true},
			END,
		},
	[JIT_LATE] =
		{
			{"at", "1795321661", true},
			{"by", TEXT("bob@ex.com"), true},
			{"key", TEXT(PRINT), true},
			{"ledger", TEXT(SHA), true},
			{"prev", TEXT(SHA), true},
			{"sealed", SEALED("end", ",\"v\":1"), true},
			{"seq", "8", true},
			{"signature", TEXT("AAAA"), true},
			{"type", TEXT("late"), true},
			{"v", "1", true},
			END,
		},
};

static void
put_member(struct jit_buf *out, const char *name, const char *value)
{
	jit_buf_str(out, out->len > 1 ? "," : "");
	jit_buf_fmt(out, "\"%s\":", name);
	jit_buf_str(out, value);
}

/*
 * An event with the member 'name' (or NULL) at 'value', which is left out
 * for NULL and put in if there was none; 'bare': only what must be there.
 */
static void
put_event(struct jit_buf *out, enum jit_event_type type, bool bare,
	const char *name, const char *value)
{
	const struct member *m = types[type];
	int order;

	jit_buf_reset(out);
	jit_buf_str(out, "{");
	for (; m->name; m++) {
		order = name ? strcmp(name, m->name) : -1;
		if (value && order <= 0) {
			put_member(out, name, value);
			value = name = NULL;
		}
		if (order != 0 && (m->must || !bare))
			put_member(out, m->name, m->value);
	}
	if (value)
		put_member(out, name, value);
	jit_buf_str(out, "}");
}

/* Decode a copy without a byte to spare, so that any overrun is seen. */
static int
decode(struct jit_event *ev, const struct jit_buf *text, struct jit_error *err)
{
	char *copy = malloc(text->len);
	int rc;

	memcpy(copy, text->data, text->len);
	rc = jit_event_decode(ev, copy, text->len, err);
	free(copy);
	return rc;
}

/* Whether it is accepted and encoded to the same bytes. */
static bool
comes_back(const struct jit_buf *text)
{
	struct jit_error err = {0};
	struct jit_event ev = {0};
	struct jit_buf again = {0};
	bool same = CHECK_INT(decode(&ev, text, &err), 0);

	CHECK_STR(err.text, "");
	if (!same)
		return false;
	CHECK_INT(jit_event_encode(&again, &ev, &err), 0);
	same = CHECK_INT((long long)again.len, (long long)text->len) &&
		CHECK_MEM(again.data, text->data, text->len);
	jit_event_free(&ev);
	jit_buf_free(&again);
	return same;
}

/* It is refused, why is said, and nothing is put out. */
static void
refused(const struct jit_buf *text, const char *why)
{
	unsigned char untouched[sizeof(struct jit_event)];
	struct jit_error err = {0};
	struct jit_event ev;

	memset(untouched, 7, sizeof(untouched));
	memcpy(&ev, untouched, sizeof(ev));
	if (CHECK_INT(decode(&ev, text, &err), JIT_USAGE))
		CHECK_MEM(&ev, untouched, sizeof(ev));
	else
		jit_event_free(&ev);
	CHECK_STR(err.text, why);
}

static void
row(enum jit_event_type type, const char *name, const char *value)
{
	char text[120];

	snprintf(text, sizeof(text), "%s: %s %.80s", jit_event_name(type), name,
		value ? value : "missing");
	ROW(text);
}

static void
all_types(void)
{
	static const char *const names[JIT_EVENT_TYPES] = {"genesis", "request",
		"approve", "deny", "withdraw", "issue", "end", "use", "probe",
		"beat", "scan", "review", "policy", "enroll", "retire", "late"};
	struct jit_buf text = {0};
	int type;

	CASE("each type comes back as the same bytes");
	for (type = 0; type < JIT_EVENT_TYPES; type++) {
		CHECK_STR(jit_event_name((enum jit_event_type)type),
			names[type]);
		row((enum jit_event_type)type, "all", "");
		put_event(&text, (enum jit_event_type)type, false, NULL, NULL);
		comes_back(&text);
		row((enum jit_event_type)type, "bare", "");
		put_event(&text, (enum jit_event_type)type, true, NULL, NULL);
		comes_back(&text);
	}
	jit_buf_free(&text);
}

static const struct jit_member *
find(enum jit_event_type type, const char *name)
{
	const struct jit_member *tables[2] = {jit_event_common(),
		jit_event_shape(type)};
	const struct jit_member *m;
	size_t i;

	for (i = 0; i < 2; i++)
		for (m = tables[i]; m->name; m++)
			if (strcmp(m->name, name) == 0)
				return m;
	return NULL;
}

/* The tables above say of each member what the room's own say. */
static void
tables(void)
{
	const struct jit_member *shape;
	const struct member *m;
	size_t n, wanted;
	int type;

	CASE("no member is forgotten here");
	for (type = 0; type < JIT_EVENT_TYPES; type++) {
		wanted = 0;
		for (shape = jit_event_common(); shape->name; shape++)
			wanted++;
		shape = jit_event_shape((enum jit_event_type)type);
		for (; shape->name; shape++)
			wanted++;
		m = types[type];
		for (n = 0; m[n].name; n++) {
			row((enum jit_event_type)type, m[n].name, "");
			shape = find((enum jit_event_type)type, m[n].name);
			CHECK(shape && shape->required == m[n].must);
		}
		CHECK_INT((long long)n, (long long)wanted);
	}
}

static void
missing(void)
{
	struct jit_buf text = {0};
	const struct member *m;
	char why[80];
	int type;

	CASE("each member that must be there is missed");
	for (type = 0; type < JIT_EVENT_TYPES; type++) {
		for (m = types[type]; m->name; m++) {
			row((enum jit_event_type)type, m->name, NULL);
			put_event(&text, (enum jit_event_type)type, false,
				m->name, NULL);
			snprintf(why, sizeof(why), "event: '%s' is missing",
				m->name);
			if (strcmp(m->name, "type") == 0)
				refused(&text, "event: type '' is not known");
			else if (m->must)
				refused(&text, why);
			else
				comes_back(&text);
		}
	}
	jit_buf_free(&text);
}

/* A value of another kind, and what the error calls both. */
static void
wrong_kind(struct jit_buf *text, enum jit_event_type type, const char *name,
	const char *value, const char *is)
{
	static const char *const wants[] = {
		[JIT_TEXT] = "a text",
		[JIT_INT] = "a number",
		[JIT_MAYBE] = "a number",
		[JIT_FLAG] = "true or false",
		[JIT_TEXTS] = "a list",
		[JIT_LISTS] = "a list",
		[JIT_ROWS] = "a list",
		[JIT_INNER] = "an object",
		[JIT_ANY] = NULL,
	};
	const struct jit_member *m = find(type, name);
	char why[120];

	row(type, name, value);
	put_event(text, type, false, name, value);
	if (wants[m->kind] == NULL || strcmp(wants[m->kind], is) == 0)
		return;
	snprintf(why, sizeof(why), "event: %s: %s is wanted here, not %s", name,
		wants[m->kind], is);
	refused(text, why);
}

static void
kinds(void)
{
	struct jit_buf text = {0};
	const struct member *m;
	enum jit_event_type type;
	int i;

	CASE("a value of another kind is refused, null too");
	for (i = 0; i < JIT_EVENT_TYPES; i++) {
		type = (enum jit_event_type)i;
		for (m = types[i]; m->name; m++) {
			if (strcmp(m->name, "type") == 0)
				continue;
			wrong_kind(&text, type, m->name, "null", "null");
			wrong_kind(&text, type, m->name, "true",
				"true or false");
			wrong_kind(&text, type, m->name, "7", "a number");
			wrong_kind(&text, type, m->name, "\"7\"", "a text");
			wrong_kind(&text, type, m->name, "[]", "a list");
			wrong_kind(&text, type, m->name, "{}", "an object");
		}
	}
	jit_buf_free(&text);
}

#define NOT_ID "is not a grant's id, a ULID"
#define NOT_SHA "is not 64 hex digits"
#define NOT_LINE "is not an ed25519 public key without a comment"
#define NOT_OFFER NOT_LINE ", or a SCRAM verifier"
#define PERSON(class, key, who)                                                \
	"[{\"class\":\"" class "\",\"key\":\"" key "\",\"principal\":\"" who   \
			       "\"}]"
#define MORE(member)                                                           \
	"[{\"class\":\"host\",\"key\":\"" KEY                                  \
	"\",\"principal\":\"a@x\"," member "}]"
#define CRED(cert, serial, sha)                                                \
	"{\"cert\":\"" cert "\",\"serial\":" serial ",\"sha256\":\"" sha "\"}"
#define HOOK(digest, name, verdict)                                            \
	"{\"digest\":\"" digest "\",\"name\":\"" name                          \
	"\",\"verdict\":\"" verdict "\"}"

#define SURFACE(surface, seen, count)                                          \
	"[{\"count\":" count ",\"seen\":\"" seen "\",\"surface\":\"" surface   \
	"\"}]"

/* Bad values, each with what is said of it after "event: ". */
static const struct bad {
	enum jit_event_type type;
	const char *name, *value, *why;
} bad[] = {
	/* common */
	{JIT_END, "v", "0", "v: 0 is not within 1 to 1"},
	{JIT_END, "v", "2", "v: 2 is not within 1 to 1"},
	{JIT_END, "seq", "0", "seq: 0 is not within 1 to 9007199254740991"},
	{JIT_END, "seq", "-1", "seq: -1 is not within 1 to 9007199254740991"},
	{JIT_END, "at", "-1", "at: -1 is not within 0 to 253402300799"},
	{JIT_END, "at", "253402300800",
		"at: 253402300800 is not within 0 to 253402300799"},
	{JIT_END, "ledger", TEXT(""), "ledger: '' " NOT_SHA},
	{JIT_END, "ledger",
		TEXT("0123456789ABCDEF0123456789abcdef"
		     "0123456789abcdef0123456789abcdef"),
		"ledger: '0123456789ABCDEF0123456789abcdef"
		"0123456789abcdef...' " NOT_SHA},
	{JIT_END, "prev", TEXT("abc"), "prev: 'abc' " NOT_SHA},
	{JIT_END, "prev", TEXT(SHA "0"),
		"prev: '0123456789abcdef0123456789abcdef"
		"0123456789abcdef...' " NOT_SHA},
	{JIT_END, "by", TEXT("Alice@ex.com"),
		"by: 'Alice@ex.com' is not a principal"},
	{JIT_END, "by", TEXT("alice"), "by: 'alice' is not a principal"},
	{JIT_END, "by", TEXT("alice@ex.com>"),
		"by: 'alice@ex.com>' is not a principal"},
	{JIT_END, "key", TEXT("MD5:00"),
		"key: 'MD5:00' is not a key's fingerprint"},
	{JIT_END, "key", TEXT(PRINT "="),
		"key: '"
		"SHA256:u0ABiXxPilACh36EN5WYYGqZ8X70UKn+V8DR4iL8o"
		"...' is not a key's fingerprint"},
	{JIT_END, "type", TEXT("End"), "type 'End' is not known"},
	{JIT_END, "type", TEXT(""), "type '' is not known"},
	{JIT_END, "type", TEXT("endx"), "type 'endx' is not known"},
	{JIT_END, "type", TEXT("uses"), "type 'uses' is not known"},
	{JIT_END, "type", TEXT("probes"), "type 'probes' is not known"},
	{JIT_END, "type", TEXT("never"), "type 'never' is not known"},
	{JIT_END, "type", "7", "type '' is not known"},
	/* genesis */
	{JIT_GENESIS, "name", TEXT(""),
		"name: '' is not 1 to 64 bytes of text"},
	{JIT_GENESIS, "name", TEXT(" x"),
		"name: ' x' is not 1 to 64 bytes of text"},
	{JIT_GENESIS, "people", "[]",
		"people: 1 to 4096 elements are wanted here, not 0"},
	{JIT_GENESIS, "people", "[7]",
		"people[0]: an object is wanted here, not a number"},
	{JIT_GENESIS, "people", "[{}]", "people[0]: 'principal' is missing"},
	{JIT_GENESIS, "people", PERSON("boss", KEY, "a@x"),
		"people[0].class: 'boss' is not person, vendor, workload, "
		"host or issuer"},
	{JIT_GENESIS, "people", PERSON("person", KEY, "a"),
		"people[0].principal: 'a' is not a principal"},
	{JIT_GENESIS, "people", PERSON("person", KEY " me", "a@x"),
		"people[0].key: 'ssh-ed25519 "
		"AAAAC3NzaC1lZDI1NTE5AAAAICczjKqOomO+...' " NOT_LINE},
	{JIT_GENESIS, "people", PERSON("person", "ssh-ed25519  " B64, "a@x"),
		"people[0].key: 'ssh-ed25519  "
		"AAAAC3NzaC1lZDI1NTE5AAAAICczjKqOomO...' " NOT_LINE},
	{JIT_GENESIS, "people", PERSON("person", "ssh-rsa AAAA", "a@x"),
		"people[0].key: 'ssh-rsa AAAA' " NOT_LINE},
	{JIT_GENESIS, "people",
		"[{\"class\":\"host\",\"key\":\"" KEY
		"\",\"principal\":\"a@x\",\"since\":1}]",
		"unknown member 'since' at people[0]"},
	{JIT_GENESIS, "people",
		"[{\"class\":\"host\",\"key\":\"" KEY
		"\",\"principal\":\"a@x\"},{\"class\":\"host\"}]",
		"people[1]: 'principal' is missing"},
	/* request */
	{JIT_REQUEST, "id", TEXT(""), "id: '' " NOT_ID},
	{JIT_REQUEST, "id", TEXT("01m80r51j8041061050r3gg28a"),
		"id: '01m80r51j8041061050r3gg28a' " NOT_ID},
	{JIT_REQUEST, "id", TEXT("01M80R51J9041061050R3GG28A"),
		"id: '01M80R51J9041061050R3GG28A' " NOT_ID},
	{JIT_REQUEST, "id", TEXT("81M80R51J8041061050R3GG28A"),
		"id: '81M80R51J8041061050R3GG28A' " NOT_ID},
	{JIT_REQUEST, "resource", TEXT("ssh:*"),
		"resource: 'ssh:*' is not SCHEME:NAME"},
	{JIT_REQUEST, "resource", TEXT("web-1"),
		"resource: 'web-1' is not SCHEME:NAME"},
	{JIT_REQUEST, "role", TEXT("Root"), "role: 'Root' is not a role"},
	{JIT_REQUEST, "role", TEXT(N32 "x"), "role: '" N32 "x' is not a role"},
	{JIT_REQUEST, "actions", "[]",
		"actions: 1 to 64 elements are wanted here, not 0"},
	{JIT_REQUEST, "actions", "[\"/bin/ls\"]",
		"actions[0]: a list is wanted here, not a text"},
	{JIT_REQUEST, "actions", "[[\"/bin/ls\",\"a b\"]]",
		"actions[0][1]: 'a b' is not a word of an action"},
	{JIT_REQUEST, "actions", "[[\"" N128 "x\"]]",
		"actions[0][0]: '" N32 "abcdefghijklmnop"
		"...' is not a word of an action"},
	{JIT_REQUEST, "task", TEXT(""),
		"task: '' is not 1 to 64 bytes of text"},
	{JIT_REQUEST, "task", TEXT("x "),
		"task: 'x ' is not 1 to 64 bytes of text"},
	{JIT_REQUEST, "task", TEXT(N64 "x"),
		"task: '" N32 "abcdefghijklmnop"
		"...' is not 1 to 64 bytes of text"},
	{JIT_REQUEST, "reason", TEXT(""),
		"reason: '' is not 1 to 500 bytes of text"},
	{JIT_REQUEST, "reason", TEXT(N512),
		"reason: '" N32 "abcdefghijklmnop"
		"...' is not 1 to 500 bytes of text"},
	{JIT_REQUEST, "duration", "0",
		"duration: 0 is not within 1 to 31622400"},
	{JIT_REQUEST, "duration", "-60",
		"duration: -60 is not within 1 to 31622400"},
	{JIT_REQUEST, "duration", "31622401",
		"duration: 31622401 is not within 1 to 31622400"},
	{JIT_REQUEST, "offer", TEXT(""), "offer: '' " NOT_OFFER},
	{JIT_REQUEST, "offer", TEXT(KEY "\\\\"),
		"offer: 'ssh-ed25519 "
		"AAAAC3NzaC1lZDI1NTE5AAAAICczjKqOomO+...' " NOT_OFFER},
	{JIT_REQUEST, "offer", TEXT(KEY " me"),
		"offer: 'ssh-ed25519 "
		"AAAAC3NzaC1lZDI1NTE5AAAAICczjKqOomO+...' " NOT_OFFER},
	{JIT_REQUEST, "offer", TEXT("SCRAM-SHA-256$4096:" SALT),
		"offer: 'SCRAM-SHA-256$4096:" SALT "' " NOT_OFFER},
	{JIT_REQUEST, "offer", TEXT("secret"), "offer: 'secret' " NOT_OFFER},
	{JIT_REQUEST, "source", TEXT(""),
		"source: '' is not 1 to 64 bytes of text"},
	/* approve, deny, withdraw */
	{JIT_APPROVE, "request", TEXT("0"),
		"request: '0' is not the SHA-256 of a request"},
	{JIT_APPROVE, "as", TEXT("9lives"), "as: '9lives' is not a group"},
	{JIT_APPROVE, "as", TEXT("d b a"), "as: 'd b a' is not a group"},
	{JIT_APPROVE, "duration", "0",
		"duration: 0 is not within 1 to 31622400"},
	{JIT_APPROVE, "note", TEXT(""),
		"note: '' is not 1 to 500 bytes of text"},
	{JIT_DENY, "request", TEXT("x"),
		"request: 'x' is not the SHA-256 of a request"},
	{JIT_DENY, "reason", TEXT(""),
		"reason: '' is not 1 to 500 bytes of text"},
	{JIT_WITHDRAW, "vote", TEXT("x"),
		"vote: 'x' is not the SHA-256 of what is withdrawn"},
	{JIT_WITHDRAW, "reason", TEXT(""),
		"reason: '' is not 1 to 500 bytes of text"},
	/* issue */
	{JIT_ISSUE, "approvals", "[\"x\"]",
		"approvals[0]: 'x' is not the SHA-256 of an approval"},
	{JIT_ISSUE, "approvals", "[\"" SHA "\",7]",
		"approvals[1]: a text is wanted here, not a number"},
	{JIT_ISSUE, "rule", TEXT(""), "rule: '' is not a rule"},
	{JIT_ISSUE, "policy", "0",
		"policy: 0 is not within 1 to 9007199254740991"},
	{JIT_ISSUE, "from", "-1", "from: -1 is not within 0 to 253402300799"},
	{JIT_ISSUE, "until", "0", "until: 0 is not within 1 to 253402300799"},
	{JIT_ISSUE, "until", "253402300800",
		"until: 253402300800 is not within 1 to 253402300799"},
	{JIT_ISSUE, "connector", TEXT(""), "connector: '' is not a scheme"},
	{JIT_ISSUE, "connector", TEXT("ssh:"),
		"connector: 'ssh:' is not a scheme"},
	{JIT_ISSUE, "connector", TEXT("abcdefghijklmnopq"),
		"connector: 'abcdefghijklmnopq' is not a scheme"},
	{JIT_ISSUE, "credential", "{}", "credential: 'cert' is missing"},
	{JIT_ISSUE, "credential", CRED("", "1", SHA),
		"credential.cert: '' is not a certificate line"},
	{JIT_ISSUE, "credential", CRED("x", "0", SHA),
		"credential.serial: 0 is not within 1 to 9007199254740991"},
	{JIT_ISSUE, "credential", CRED("x", "1", "y"),
		"credential.sha256: 'y' " NOT_SHA},
	{JIT_ISSUE, "credential", "{\"cert\":\"x\",\"password\":\"y\"}",
		"unknown member 'password' at credential"},
	{JIT_ISSUE, "credential", TEXT("x"),
		"credential: an object is wanted here, not a text"},
	{JIT_ISSUE, "hooks", "[]",
		"hooks: 1 to 8 elements are wanted here, not 0"},
	{JIT_ISSUE, "hooks", "[" HOOK(SHA, "task", "no") "]",
		"hooks[0].verdict: 'no' is not yes"},
	{JIT_ISSUE, "hooks", "[" HOOK(SHA, "Task", "yes") "]",
		"hooks[0].name: 'Task' is not a hook's name"},
	{JIT_ISSUE, "hooks", "[" HOOK("", "task", "yes") "]",
		"hooks[0].digest: '' " NOT_SHA},
	/* end */
	{JIT_END, "cause", TEXT(""),
		"cause: '' is not task, ttl, revoke, lapse, failed, policy or "
		"offboard"},
	{JIT_END, "cause", TEXT("offboarded"),
		"cause: 'offboarded' is not task, ttl, revoke, lapse, failed, "
		"policy or offboard"},
	{JIT_END, "reason", TEXT(""),
		"reason: '' is not 1 to 500 bytes of text"},
	/* use */
	{JIT_USE, "session", TEXT("7"),
		"session: '7' is not a session's id, a ULID"},
	{JIT_USE, "phase", TEXT(""), "phase: '' is not open or close"},
	{JIT_USE, "phase", TEXT("opened"),
		"phase: 'opened' is not open or close"},
	{JIT_USE, "host", TEXT(""), "host: '' is not 1 to 64 bytes of text"},
	{JIT_USE, "counter", "0",
		"counter: 0 is not within 1 to 9007199254740991"},
	{JIT_USE, "program", TEXT(" x"),
		"program: ' x' is not 1 to 64 bytes of text"},
	{JIT_USE, "argv", TEXT("x"), "argv: 'x' " NOT_SHA},
	{JIT_USE, "recordings", "[]",
		"recordings: 1 to 256 elements are wanted here, not 0"},
	{JIT_USE, "recordings", "[\"x\"]",
		"recordings[0]: 'x' is not the digest of a recording"},
	{JIT_USE, "exit", "-1", "exit: -1 is not within 0 to 255"},
	{JIT_USE, "exit", "256", "exit: 256 is not within 0 to 255"},
	{JIT_USE, "killed", "0",
		"killed: 0 is not within 1 to 9007199254740991"},
	/* probe */
	{JIT_PROBE, "action", TEXT(""),
		"action: '' is not 1 to 64 bytes of text"},
	{JIT_PROBE, "action", TEXT(N64 "x"),
		"action: '" N32 "abcdefghijklmnop"
		"...' is not 1 to 64 bytes of text"},
	{JIT_PROBE, "outcome", TEXT(""),
		"outcome: '' is not refused, allowed, lapsed or unknown"},
	{JIT_PROBE, "outcome", TEXT("refuse"),
		"outcome: 'refuse' is not refused, allowed, lapsed or "
		"unknown"},
	{JIT_PROBE, "how", TEXT(""), "how: '' is not 1 to 500 bytes of text"},
	{JIT_PROBE, "how", TEXT(N512),
		"how: '" N32 "abcdefghijklmnop"
		"...' is not 1 to 500 bytes of text"},
	{JIT_PROBE, "digest", TEXT("x"), "digest: 'x' " NOT_SHA},
	{JIT_PROBE, "request", TEXT(SHA), "unknown member 'request'"},
	/* beat */
	{JIT_BEAT, "counter", "0",
		"counter: 0 is not within 1 to 9007199254740991"},
	{JIT_BEAT, "due", "-1", "due: -1 is not within 0 to 9007199254740991"},
	{JIT_BEAT, "done", "-1",
		"done: -1 is not within 0 to 9007199254740991"},
	{JIT_BEAT, "owed", "-1",
		"owed: -1 is not within 0 to 9007199254740991"},
	{JIT_BEAT, "id", TEXT(ID), "unknown member 'id'"},
	/* scan */
	{JIT_SCAN, "counter", "0",
		"counter: 0 is not within 1 to 9007199254740991"},
	{JIT_SCAN, "host", TEXT(""), "host: '' is not 1 to 64 bytes of text"},
	{JIT_SCAN, "id", TEXT(ID), "unknown member 'id'"},
	{JIT_SCAN, "surfaces", "[]",
		"surfaces: 1 to 256 elements are wanted here, not 0"},
	{JIT_SCAN, "surfaces", SURFACE("Keys", "all", "1"),
		"surfaces[0].surface: 'Keys' is not a surface or a resource"},
	{JIT_SCAN, "surfaces", SURFACE("pg:", "all", "1"),
		"surfaces[0].surface: 'pg:' is not a surface or a resource"},
	{JIT_SCAN, "surfaces", SURFACE("keys", "some", "1"),
		"surfaces[0].seen: 'some' is not all, part or none"},
	{JIT_SCAN, "surfaces", SURFACE("keys", "all", "-1"),
		"surfaces[0].count: -1 is not within 0 to 9007199254740991"},
	{JIT_SCAN, "surfaces", SURFACE("keys", "all", "\"1\""),
		"surfaces[0].count: a number is wanted here, not a text"},
	{JIT_SCAN, "surfaces",
		"[{\"digest\":\"x\",\"seen\":\"all\","
		"\"surface\":\"keys\"}]",
		"surfaces[0].digest: 'x' is not 64 hex digits"},
	{JIT_SCAN, "surfaces",
		"[{\"seen\":\"all\",\"surface\":\"keys\","
		"\"who\":\"alice\"}]",
		"unknown member 'who' at surfaces[0]"},
	/* review */
	{JIT_REVIEW, "verdict", TEXT(""),
		"verdict: '' is not ok, misuse or unclear"},
	{JIT_REVIEW, "verdict", TEXT("fine"),
		"verdict: 'fine' is not ok, misuse or unclear"},
	{JIT_REVIEW, "note", TEXT(""),
		"note: '' is not 1 to 500 bytes of text"},
	{JIT_REVIEW, "reason", TEXT("x"), "unknown member 'reason'"},
	{JIT_REVIEW, "request", TEXT(SHA), "unknown member 'request'"},
	/* policy, enroll, retire */
	{JIT_POLICY, "version", "1",
		"version: 1 is not within 2 to 9007199254740991"},
	{JIT_POLICY, "digest", TEXT("x"), "digest: 'x' " NOT_SHA},
	{JIT_POLICY, "policy", "{}", "unknown member 'policy'"},
	{JIT_ENROLL, "class", TEXT("boss"),
		"class: 'boss' is not person, vendor, workload, host or "
		"issuer"},
	{JIT_ENROLL, "pubkey", TEXT(KEY " me"),
		"pubkey: 'ssh-ed25519 "
		"AAAAC3NzaC1lZDI1NTE5AAAAICczjKqOomO+...' " NOT_LINE},
	{JIT_ENROLL, "principal", TEXT("vic"),
		"principal: 'vic' is not a principal"},
	{JIT_ENROLL, "attest", TEXT("a"),
		"attest: 'a' is not an issuer (https:// or spiffe://), a blank "
		"and a subject"},
	{JIT_ENROLL, "until", "0", "until: 0 is not within 1 to 253402300799"},
	{JIT_RETIRE, "principal", TEXT("dan"),
		"principal: 'dan' is not a principal"},
	{JIT_RETIRE, "fingerprint", TEXT("MD5:00"),
		"fingerprint: 'MD5:00' is not a key's fingerprint"},
	/* late */
	{JIT_LATE, "id", TEXT(ID), "unknown member 'id'"},
	{JIT_LATE, "signature", TEXT("AA AA"),
		"signature: 'AA AA' is not an SSH signature in base64"},
	{JIT_LATE, "signature", TEXT(""),
		"signature: '' is not an SSH signature in base64"},
	{JIT_LATE, "sealed", TEXT("end"),
		"sealed: type '' cannot be sealed: a request, issue, use, end "
		"or probe can"},
	{JIT_LATE, "sealed", SEALED("approve", ",\"v\":1"),
		"sealed: type 'approve' cannot be sealed: a request, issue, "
		"use, end or probe can"},
	{JIT_LATE, "sealed", SEALED("late", ",\"v\":1"),
		"sealed: type 'late' cannot be sealed: a request, issue, use, "
		"end or probe can"},
	{JIT_LATE, "sealed", SEALED("end", ""), "sealed: 'v' is missing"},
	{JIT_LATE, "sealed", SEALED("end", ",\"v\":1,\"w\":1"),
		"sealed: unknown member 'w'"},
	{JIT_LATE, "sealed", SEALED("end", ",\"v\":2"),
		"sealed: v: 2 is not within 1 to 1"},
	{JIT_LATE, "sealed", "{}",
		"sealed: type '' cannot be sealed: a request, issue, use, end "
		"or probe can"},
	{JIT_REQUEST, "extends", TEXT("7"),
		"extends: '7' is not a grant's id, a ULID"},
	{JIT_REQUEST, "break_glass", "1",
		"break_glass: true or false is wanted here, not a number"},
	{JIT_GENESIS, "people", MORE("\"sponsor\":\"a\""),
		"people[0].sponsor: 'a' is not a principal"},
	{JIT_GENESIS, "people", MORE("\"until\":0"),
		"people[0].until: 0 is not within 1 to 253402300799"},
	{JIT_GENESIS, "people", MORE("\"until\":\"2027-01-01\""),
		"people[0].until: a number is wanted here, not a text"},
	/* what a type has not, others have */
	{JIT_END, "zzz", "1", "unknown member 'zzz'"},
	{JIT_END, "a", "null", "unknown member 'a'"},
	{JIT_END, "vote", TEXT(SHA), "unknown member 'vote'"},
	{JIT_GENESIS, "id", TEXT(ID), "unknown member 'id'"},
	{JIT_GENESIS, "succeeds", TEXT("x"),
		"succeeds: 'x' is not the SHA-256 of an older ledger's last "
		"good event"},
	{JIT_REQUEST, "succeeds", TEXT(SHA), "unknown member 'succeeds'"},
	{JIT_REQUEST, "as", TEXT("dba"), "unknown member 'as'"},
	{JIT_END, "change", "{}", "unknown member 'change'"},
	{JIT_APPROVE, "reason", TEXT("x"), "unknown member 'reason'"},
	{JIT_DENY, "duration", "1", "unknown member 'duration'"},
	{JIT_WITHDRAW, "request", TEXT(SHA), "unknown member 'request'"},
	{JIT_ISSUE, "offer", TEXT(KEY), "unknown member 'offer'"},
	{JIT_END, "proof", "{}", "unknown member 'proof'"},
};

static void
bad_values(void)
{
	struct jit_buf text = {0}, why = {0};
	size_t i;

	CASE("bad grammar is refused, with its place");
	for (i = 0; i < COUNT(bad); i++) {
		row(bad[i].type, bad[i].name, bad[i].value);
		put_event(&text, bad[i].type, false, bad[i].name, bad[i].value);
		jit_buf_reset(&why);
		jit_buf_fmt(&why, "event: %s", bad[i].why);
		refused(&text, jit_buf_text(&why));
	}
	jit_buf_free(&text);
	jit_buf_free(&why);
}

/* Values at the edge of what is allowed. */
static const struct good {
	enum jit_event_type type;
	const char *name, *value;
} good[] = {
	{JIT_END, "at", "0"},
	{JIT_END, "at", "253402300799"},
	{JIT_END, "seq", "9007199254740991"},
	{JIT_END, "by", TEXT("0@.")},
	{JIT_END, "cause", TEXT("task")},
	{JIT_END, "cause", TEXT("revoke")},
	{JIT_END, "cause", TEXT("lapse")},
	{JIT_END, "cause", TEXT("failed")},
	{JIT_END, "cause", TEXT("policy")},
	{JIT_END, "cause", TEXT("offboard")},
	{JIT_GENESIS, "policy", "null"},
	{JIT_GENESIS, "policy", "7"},
	{JIT_GENESIS, "policy", "[[[[[[[]]]]]]]"},
	{JIT_GENESIS, "people", PERSON("host", SK_KEY, "a@x")},
	{JIT_GENESIS, "people", MORE("\"until\":253402300799")},
	{JIT_GENESIS, "people", MORE("\"sponsor\":\"0@.\"")},
	{JIT_USE, "exit", "255"},
	{JIT_PROBE, "outcome", TEXT("allowed")},
	{JIT_PROBE, "outcome", TEXT("lapsed")},
	{JIT_PROBE, "outcome", TEXT("unknown")},
	{JIT_PROBE, "action", TEXT(N64)},
	{JIT_BEAT, "due", "0"},
	{JIT_BEAT, "owed", "9007199254740991"},
	{JIT_SCAN, "surfaces", SURFACE("a", "part", "9007199254740991")},
	{JIT_SCAN, "surfaces", SURFACE("a:b", "none", "0")},
	{JIT_REQUEST, "offer", TEXT(SCRAM)},
	{JIT_REQUEST, "actions", "[[]]"},
	{JIT_ISSUE, "connect", "{}"},
	{JIT_ISSUE, "connect", "{\"a\":{\"b\":[1,\"c\",null]}}"},
	{JIT_ISSUE, "connect", "[]"},
	{JIT_USE, "phase", TEXT("open")},
	{JIT_USE, "killed", "9007199254740991"},
	{JIT_REVIEW, "verdict", TEXT("ok")},
	{JIT_REVIEW, "verdict", TEXT("unclear")},
	{JIT_GENESIS, "people", PERSON("workload", KEY, "a@x")},
	{JIT_GENESIS, "people", PERSON("issuer", KEY, "a@x")},
	{JIT_GENESIS, "name", TEXT("\xe2\x82\xac")},
	{JIT_REQUEST, "duration", "1"},
	{JIT_REQUEST, "duration", "31622400"},
	{JIT_REQUEST, "offer", TEXT(SK_KEY)},
	{JIT_REQUEST, "task", TEXT(N64)},
	{JIT_REQUEST, "role", TEXT(N32)},
	{JIT_REQUEST, "reason", TEXT("\\\\\\\"")},
	{JIT_REQUEST, "actions", "[[\"" N128 "\"]]"},
	{JIT_ISSUE, "approvals", "[]"},
	{JIT_ISSUE, "from", "0"},
	{JIT_ISSUE, "until", "1"},
	{JIT_ISSUE, "connector", TEXT("abcdefghijklmnop")},
	{JIT_ISSUE, "credential", CRED("x", "9007199254740991", SHA)},
	{JIT_ISSUE, "hooks",
		"[" HOOK(SHA, "task", "yes") "," HOOK(SHA, "attest",
			"yes") "]"},
};

static void
good_values(void)
{
	struct jit_buf text = {0};
	size_t i;

	CASE("what is at the edge comes back");
	for (i = 0; i < COUNT(good); i++) {
		row(good[i].type, good[i].name, good[i].value);
		put_event(&text, good[i].type, false, good[i].name,
			good[i].value);
		comes_back(&text);
	}
	jit_buf_free(&text);
}

static void
not_events(void)
{
	static const struct {
		const char *bytes, *why;
	} others[] = {
		{"[]", "event: type '' is not known"},
		{"{}", "event: type '' is not known"},
		{"{\"type\":\"end\"}", "event: 'v' is missing"},
		{"{\"type\": \"end\"}", "not canonical: white space at byte 9"},
		{"{\"v\":1,\"type\":\"end\"}",
			"not canonical: members out of order at byte 8"},
		{"{\"type\":\"end\",\"type\":\"end\"}",
			"not JSON: duplicate object key near '\"type\"' "
			"at byte 20"},
		{"{\"type\":\"end\"}\n",
			"not canonical: white space at byte 15"},
		{"{\"type\":\"\xe2\x80\xae"
		 "end\"}",
			"not canonical: character U+202E is not allowed at "
			"byte 10"},
	};
	struct jit_buf text = {0};
	struct jit_error err = {0};
	struct jit_event ev;
	size_t i;

	CASE("what is no event at all");
	for (i = 0; i < COUNT(others); i++) {
		ROW(others[i].bytes);
		jit_buf_reset(&text);
		jit_buf_str(&text, others[i].bytes);
		refused(&text, others[i].why);
	}
	ROW("nothing");
	CHECK_INT(jit_event_decode(&ev, NULL, 0, &err), JIT_USAGE);
	CHECK_INT(jit_event_decode(&ev, "{", 1, NULL), JIT_USAGE);
	jit_buf_free(&text);
}

static void
every_change(void)
{
	static const enum jit_event_type all[] = {JIT_REQUEST, JIT_ISSUE};
	struct jit_buf text = {0};
	struct jit_event ev = {0};
	unsigned char was;
	size_t i, t;
	int c;

	CASE("no prefix of an event is one");
	put_event(&text, JIT_ISSUE, false, NULL, NULL);
	for (i = 0; i < text.len; i++)
		CHECK(jit_event_decode(&ev, text.data, i, NULL) == JIT_USAGE);

	CASE("any one byte changed is refused, or comes back");
	for (t = 0; t < COUNT(all); t++) {
		put_event(&text, all[t], false, NULL, NULL);
		for (i = 0; i < text.len; i++) {
			was = text.data[i];
			for (c = 0; c < 256; c += 7) {
				text.data[i] = (unsigned char)c;
				if (decode(&ev, &text, NULL) != 0)
					continue;
				jit_event_free(&ev);
				comes_back(&text);
			}
			text.data[i] = was;
		}
	}
	jit_buf_free(&text);
}

/* A request of exactly 'len' bytes: its actions take up what is left. */
static void
put_request(struct jit_buf *out, size_t len)
{
	struct jit_buf actions = {0};
	size_t want, word;

	put_event(out, JIT_REQUEST, false, "actions", "[[]]");
	want = len - out->len; /* of "word","word" */
	jit_buf_str(&actions, "[[");
	while (want > 0) {
		word = want < 240 ? want - 2 : 120;
		if (want < 240 && word > 128)
			word = 100;
		jit_buf_fmt(&actions, "\"%.*s\"", (int)word, N128);
		want -= word + 2;
		if (want > 0) {
			jit_buf_str(&actions, ",");
			want--;
		}
	}
	jit_buf_str(&actions, "]]");
	put_event(out, JIT_REQUEST, false, "actions", jit_buf_text(&actions));
	CHECK_INT((long long)out->len, (long long)len);
	jit_buf_free(&actions);
}

/* A genesis of exactly 'len' bytes. */
static void
put_genesis(struct jit_buf *out, size_t len)
{
	struct jit_buf policy = {0};
	size_t i, fill;

	put_event(out, JIT_GENESIS, false, "policy", "\"\"");
	fill = len - out->len;
	jit_buf_str(&policy, "\"");
	for (i = 0; i < fill; i++)
		jit_buf_str(&policy, "x");
	jit_buf_str(&policy, "\"");
	put_event(out, JIT_GENESIS, false, "policy", jit_buf_text(&policy));
	CHECK_INT((long long)out->len, (long long)len);
	jit_buf_free(&policy);
}

/* A request for a change of 'what' of exactly 'len' bytes. */
static void
put_change(struct jit_buf *out, const char *what, size_t len)
{
	struct jit_buf change = {0};
	size_t i, fill;

	jit_buf_fmt(&change, "{\"%s\":\"\"}", what);
	put_event(out, JIT_REQUEST, false, "change", jit_buf_text(&change));
	fill = len - out->len;
	jit_buf_reset(&change);
	jit_buf_fmt(&change, "{\"%s\":\"", what);
	for (i = 0; i < fill; i++)
		jit_buf_str(&change, "x");
	jit_buf_str(&change, "\"}");
	put_event(out, JIT_REQUEST, false, "change", jit_buf_text(&change));
	CHECK_INT((long long)out->len, (long long)len);
	jit_buf_free(&change);
}

static void
sizes(void)
{
	struct jit_buf text = {0};

	CASE("an event has 64 KiB");
	put_request(&text, JIT_JSON_EVENT);
	comes_back(&text);
	put_request(&text, JIT_JSON_EVENT + 1);
	refused(&text, "event: 65537 bytes, at most 65536 are allowed");
	put_request(&text, JIT_JSON_POLICY);
	refused(&text, "event: 1048576 bytes, at most 65536 are allowed");

	CASE("a request for a policy has 1 MiB, for anything else it has not");
	put_change(&text, "policy", JIT_JSON_POLICY);
	comes_back(&text);
	put_change(&text, "policy", JIT_JSON_POLICY + 1);
	refused(&text, "not canonical: larger than 1048576 bytes");
	put_change(&text, "enroll", JIT_JSON_EVENT + 1);
	refused(&text, "event: 65537 bytes, at most 65536 are allowed");

	CASE("genesis has 1 MiB");
	put_genesis(&text, JIT_JSON_POLICY);
	comes_back(&text);
	put_genesis(&text, JIT_JSON_POLICY + 1);
	refused(&text, "not canonical: larger than 1048576 bytes");
	jit_buf_free(&text);
}

static void
lengths(void)
{
	char cert[JIT_CERT_MAX + 80];
	struct jit_buf text = {0};
	char *p = cert;

	CASE("a certificate's line has 8 KiB");
	p += sprintf(p, "{\"cert\":\"");
	memset(p, 'c', JIT_CERT_MAX);
	strcpy(p + JIT_CERT_MAX, "\",\"serial\":1,\"sha256\":\"\"}");
	put_event(&text, JIT_ISSUE, false, "credential", cert);
	refused(&text, "event: credential.sha256: '' " NOT_SHA);
	strcpy(p + JIT_CERT_MAX, "c\",\"serial\":1,\"sha256\":\"\"}");
	put_event(&text, JIT_ISSUE, false, "credential", cert);
	refused(&text,
		"event: credential.cert: '"
		"cccccccccccccccccccccccccccccccccccccccccccccccc"
		"...' is not a certificate line");
	jit_buf_free(&text);
}

/* Decode the whole event of a type; the caller frees it. */
static bool
read_whole(struct jit_event *ev, enum jit_event_type type)
{
	struct jit_buf text = {0};
	bool read;

	put_event(&text, type, false, NULL, NULL);
	read = CHECK_INT(decode(ev, &text, NULL), 0);
	jit_buf_free(&text);
	return read;
}

static void
fields(void)
{
	const struct jit_enrolled *row;
	const struct jit_hooked *hook;
	const struct jit_surface *surface;
	struct jit_event ev;

	CASE("each member is found where it belongs");
	if (read_whole(&ev, JIT_GENESIS)) {
		CHECK(ev.type == JIT_GENESIS && ev.v == 1 && ev.seq == 1);
		CHECK_STR(ev.of_type, "genesis");
		CHECK_STR(ev.name, "Example Inc");
		CHECK(jit_json_kind(ev.policy) == JIT_JSON_OBJECT);
		CHECK_INT((long long)ev.people.count, 2);
		row = ev.people.at;
		CHECK_STR(row[1].principal, "vic@vendor.ex");
		CHECK_STR(row[1].key, SK_KEY);
		CHECK_STR(row[1].class, "vendor");
		CHECK_STR(row[1].sponsor, "root@ex.com");
		CHECK_INT(row[1].until, 1795408061);
		CHECK(row[1].hardware && !row[0].hardware);
		CHECK_STR(row[1].attest, "https://a b");
		CHECK(row[0].attest == NULL);
		CHECK(row[0].sponsor == NULL && row[0].until == 0);
		jit_event_free(&ev);
		CHECK(ev.json == NULL && ev.mem.head == NULL);
	}
	if (read_whole(&ev, JIT_REQUEST)) {
		CHECK_STR(ev.id, ID);
		CHECK_STR(ev.resource, "ssh:web-1");
		CHECK_STR(ev.role, "root");
		CHECK_STR(ev.task, "INC-4211");
		CHECK_STR(ev.reason, "slow query: \"x\" \xc3\xa4");
		CHECK_STR(ev.offer, KEY);
		CHECK_STR(ev.source, "laptop");
		CHECK_STR(ev.extends, OTHER_ID);
		CHECK(ev.glass);
		CHECK(jit_json_get(ev.change, "retire") != NULL);
		CHECK_INT(ev.duration, 5400);
		CHECK_INT((long long)ev.actions.count, 2);
		CHECK_STR(ev.actions.at[0].at[1], "-l");
		CHECK(ev.request == NULL && ev.note == NULL && ev.vote == NULL);
		jit_event_free(&ev);
	}
	if (read_whole(&ev, JIT_ENROLL)) {
		CHECK_STR(ev.enrolled.principal, "vic@vendor.ex");
		CHECK_STR(ev.enrolled.key, SK_KEY);
		CHECK_STR(ev.enrolled.class, "vendor");
		CHECK_STR(ev.enrolled.sponsor, "root@ex.com");
		CHECK_INT(ev.enrolled.until, 1795408061);
		CHECK(ev.enrolled.hardware);
		CHECK_STR(ev.enrolled.attest, "https://a b");
		CHECK_STR(ev.key, PRINT);
		jit_event_free(&ev);
	}
	if (read_whole(&ev, JIT_USE)) {
		CHECK_STR(ev.session, OTHER_ID);
		CHECK_STR(ev.phase, "close");
		CHECK_STR(ev.host, "web-1");
		CHECK_INT(ev.counter, 12);
		CHECK_STR(ev.program, "sshd");
		CHECK_STR(ev.argv, SHA);
		CHECK_STR(ev.recordings.at[0], SHA);
		CHECK(ev.exit.given && ev.exit.n == 0);
		CHECK_INT(ev.killed, 2);
		jit_event_free(&ev);
	}
	if (read_whole(&ev, JIT_PROBE)) {
		CHECK_STR(ev.id, ID);
		CHECK_STR(ev.action, "login as root");
		CHECK_STR(ev.outcome, "refused");
		CHECK_STR(ev.how, "sshd did not take the key");
		CHECK_STR(ev.digest, SHA);
		jit_event_free(&ev);
	}
	if (read_whole(&ev, JIT_BEAT)) {
		CHECK(ev.id == NULL);
		CHECK_INT(ev.counter, 12);
		CHECK(ev.due.given && ev.due.n == 3);
		CHECK(ev.done.given && ev.done.n == 2);
		CHECK(ev.owed.given && ev.owed.n == 0);
		jit_event_free(&ev);
	}
	if (read_whole(&ev, JIT_SCAN)) {
		surface = ev.surfaces.at;
		CHECK_INT(ev.counter, 13);
		CHECK_STR(ev.host, "web-1");
		CHECK_INT((long long)ev.surfaces.count, 2);
		CHECK_STR(surface[0].surface, "keys");
		CHECK_STR(surface[0].seen, "all");
		CHECK(surface[0].count.given && surface[0].count.n == 0);
		CHECK_STR(surface[0].digest, SHA);
		CHECK_STR(surface[1].surface, "pg:orders");
		CHECK(!surface[1].count.given && !surface[1].digest);
		jit_event_free(&ev);
	}
	if (read_whole(&ev, JIT_ISSUE)) {
		CHECK_INT((long long)ev.approvals.count, 2);
		CHECK_STR(ev.approvals.at[1], SHA);
		CHECK_INT(ev.policy_version, 3);
		CHECK(ev.policy == NULL);
		CHECK_INT(ev.from, 1795321661);
		CHECK_INT(ev.until, 1795323461);
		CHECK_STR(ev.connector, "ssh");
		CHECK_STR(jit_json_text(jit_json_get(ev.connect, "host")),
			"web-1.ex.com");
		CHECK_STR(ev.rule, "web");
		CHECK_INT(ev.credential->serial, 7);
		CHECK_STR(ev.credential->sha256, SHA);
		hook = ev.hooks.at;
		CHECK_STR(hook[0].name, "task");
		CHECK_STR(hook[0].verdict, "yes");
		jit_event_free(&ev);
	}
}

static void
subjects(void)
{
	static const char *const want[JIT_EVENT_TYPES] = {
		[JIT_GENESIS] = "genesis Example Inc by root@ex.com",
		[JIT_REQUEST] = "request " ID " ssh:web-1 root 1h30m "
				"by alice@ex.com breaking glass: INC-4211",
		[JIT_APPROVE] = "approve " ID " as dba by dan@ex.com",
		[JIT_DENY] = "deny " ID " by dan@ex.com",
		[JIT_WITHDRAW] = "withdraw " ID " by dan@ex.com",
		[JIT_ISSUE] = "issue " ID " under web until "
			      "2026-11-22T04:57:41Z by issuer@ex.com",
		[JIT_END] = "end " ID " ttl by alice@ex.com",
		[JIT_USE] = "use " ID " close on web-1 by web-1@ex.com",
		[JIT_PROBE] = "probe " ID " refused by web-1@ex.com",
		[JIT_BEAT] = "beat 12 by issuer@ex.com",
		[JIT_SCAN] = "scan web-1 by web-1@ex.com",
		[JIT_REVIEW] = "review " ID " misuse by bob@ex.com",
		[JIT_POLICY] = "policy " ID " version 2 by rita@ex.com",
		[JIT_ENROLL] = "enroll " ID " vic@vendor.ex as vendor "
			       "by rita@ex.com",
		[JIT_RETIRE] = "retire dan@ex.com by rita@ex.com",
		[JIT_LATE] = "late: end " ID
			     " by alice@ex.com, brought by bob@ex.com",
	};
	struct jit_buf subject = {0};
	struct jit_event ev;
	int type;

	CASE("subjects");
	for (type = 0; type < JIT_EVENT_TYPES; type++) {
		ROW(want[type]);
		if (!read_whole(&ev, (enum jit_event_type)type))
			continue;
		jit_buf_reset(&subject);
		jit_event_subject(&subject, &ev);
		CHECK_STR(jit_buf_text(&subject), want[type]);
		jit_event_free(&ev);
	}
	jit_buf_free(&subject);
}

static void
drafts(void)
{
	struct jit_error err = {0};
	struct jit_buf text = {0};
	struct jit_event ev;

	CASE("a flag that is false is left out");
	if (read_whole(&ev, JIT_REQUEST)) {
		ev.glass = false;
		ev.extends = NULL;
		CHECK_INT(jit_event_encode(&text, &ev, &err), 0);
		CHECK(strstr(jit_buf_text(&text), "glass") == NULL);
		CHECK(strstr(jit_buf_text(&text), "extends") == NULL);
		jit_event_free(&ev);
		jit_buf_reset(&text);
	}

	CASE("what lacks a member is not encoded");
	if (!read_whole(&ev, JIT_DENY))
		return;
	ev.reason = NULL;
	CHECK_INT(jit_event_encode(&text, &ev, &err), JIT_TROUBLE);
	CHECK_STR(err.text, "no memory, or a value that no ledger holds");
	ev.reason = "two\nlines";
	CHECK_INT(jit_event_encode(&text, &ev, &err), JIT_TROUBLE);
	ev.reason = "\xff";
	CHECK_INT(jit_event_encode(&text, &ev, &err), JIT_TROUBLE);
	ev.reason = "one line";
	ev.seq = JIT_JSON_INT + 1;
	CHECK_INT(jit_event_encode(&text, &ev, &err), JIT_TROUBLE);
	CHECK_INT((long long)text.len, 0);
	ev.seq = 3;
	CHECK_INT(jit_event_encode(&text, &ev, &err), 0);
	CHECK(strstr(jit_buf_text(&text), "\"reason\":\"one line\""));
	jit_event_free(&ev);
	jit_event_free(&ev);
	jit_buf_free(&text);
}

int
main(void)
{
	struct jit_error err = {0};

	if (jit_hash_start(&err) != 0)
		return 99;
	all_types();
	tables();
	missing();
	kinds();
	bad_values();
	good_values();
	not_events();
	every_change();
	sizes();
	lengths();
	fields();
	subjects();
	drafts();
	return UNIT_DONE();
}

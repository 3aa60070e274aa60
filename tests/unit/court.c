/* SPDX-License-Identifier: ISC */
#include "court.h"

#include "draft.h"
#include "temp.h"

struct jit_state *court;
int64_t court_now;
char court_id[JIT_ULID];
char court_request[JIT_HEX256];
char court_vote[JIT_HEX256];
char court_session[JIT_ULID];
void (*court_tweak)(struct jit_cert *cert);
bool court_rogue;
bool court_untouched;
bool court_sealed;

static const struct {
	const char *principal, *class;
	bool sk;
	const char *sponsor;
	int64_t until; /* seconds after the start */
	const char *attest;
} roster[COURT_KEYS] = {
	[ROOT] = {"root@ex.com", "person"},
	[RITA] = {"rita@ex.com", "person"},
	[ALICE] = {"alice@ex.com", "person"},
	[CAROL] = {"carol@ex.com", "person"},
	[ERIN] = {"erin@ex.com", "person"},
	[DAN] = {"dan@ex.com", "person"},
	[DAN_TWO] = {"dan@ex.com", "person"},
	[DAN_SK] = {"dan@ex.com", "person", .sk = true},
	[DORA] = {"dora@ex.com", "person"},
	[BOB] = {"bob@ex.com", "person"},
	[SUE] = {"sue@ex.com", "person"},
	[VIC] = {"vic@vendor.ex", "vendor", .sponsor = "dora@ex.com",
		.until = 30 * COURT_DAY},
	[WANDA] = {"wanda@ex.com", "workload",
		.attest = "spiffe://ex.com spiffe://ex.com/wanda"},
	[HAL] = {"hal@ex.com", "host"},
	[WEB_ONE] = {"web-1@ex.com", "host"},
	[ISSUER] = {"issuer@ex.com", "issuer"},
	[BROKER] = {"broker@ex.com", "issuer"},
	[MALLORY] = {"mallory@ex.com", "person"},
};

/* Hosts and vendors are in groups where only their class keeps them out. */
static const char policy_text[] =
	"{\"groups\":{"
	"\"admins\":[\"root@ex.com\",\"rita@ex.com\"],"
	"\"asking\":[\"alice@ex.com\",\"carol@ex.com\",\"erin@ex.com\","
	"\"*@vendor.ex\",\"wanda@ex.com\",\"hal@ex.com\",\"issuer@ex.com\"],"
	"\"dba\":[\"dan@ex.com\",\"dora@ex.com\",\"alice@ex.com\","
	"\"erin@ex.com\",\"hal@ex.com\",\"vic@vendor.ex\"],"
	"\"security\":[\"bob@ex.com\",\"sue@ex.com\",\"erin@ex.com\"],"
	"\"lone\":[\"bob@ex.com\"]},"
	"\"admins\":{\"group\":\"admins\",\"count\":1},"
	"\"issuers\":["
	/* both issue for the same hosts, and only one forces a recorder */
	"{\"by\":\"issuer@ex.com\",\"resources\":[\"ssh:act-*\"],"
	"\"recorder\":\"/usr/libexec/jit/recorder\",\"ca\":[\"%s\"]},"
	"{\"by\":\"broker@ex.com\",\"resources\":[\"ssh:act-*\"],"
	"\"ca\":[\"%s\"]},"
	"{\"by\":\"issuer@ex.com\",\"resources\":[\"ssh:*\",\"pg:*\","
	"\"sudo:*\"],\"ca\":[\"%s\"]},"
	"{\"by\":\"broker@ex.com\",\"resources\":[\"vm:*\"]}],"
	"\"limits\":{\"skew\":\"2m\",\"pending\":\"4h\",\"use_by\":\"1h\","
	"\"reason\":10},"
	"\"rules\":["
	"{\"id\":\"web\",\"who\":[\"asking\"],\"resource\":\"ssh:web-*\","
	"\"roles\":[\"root\"],\"max\":\"1h\",\"task\":\"INC-#\","
	"\"approve\":[{\"group\":\"dba\",\"count\":1}]},"
	"{\"id\":\"vault\",\"who\":[\"asking\"],\"resource\":\"ssh:vault-*\","
	"\"roles\":[\"root\"],\"max\":\"1h\","
	"\"approve\":[{\"group\":\"dba\",\"count\":1},"
	"{\"group\":\"security\",\"count\":1}]},"
	"{\"id\":\"pair\",\"who\":[\"asking\"],\"resource\":\"ssh:pair-*\","
	"\"roles\":[\"root\"],\"max\":\"1h\","
	"\"approve\":[{\"group\":\"dba\",\"count\":2}]},"
	"{\"id\":\"prod\",\"who\":[\"asking\"],\"resource\":\"ssh:prod-*\","
	"\"roles\":[\"root\"],\"max\":\"1h\",\"key\":\"sk\","
	"\"approve\":[{\"group\":\"dba\",\"count\":1}]},"
	"{\"id\":\"db\",\"who\":[\"asking\"],\"resource\":\"pg:*\","
	"\"roles\":[\"admin\"],\"max\":\"30m\","
	"\"approve\":[{\"group\":\"dba\",\"count\":1}]},"
	/* without votes, twice a day and an hour at most; else the next one */
	"{\"id\":\"auto\",\"who\":[\"asking\"],\"resource\":\"ssh:auto-*\","
	"\"roles\":[\"root\",\"www\"],\"max\":\"1h\",\"approve\":[],\"budget\":"
	"{\"grants\":2,\"time\":\"1h\",\"per\":\"1d\"}},"
	"{\"id\":\"over\",\"who\":[\"asking\"],\"resource\":\"ssh:auto-2\","
	"\"roles\":[\"root\"],\"max\":\"2h\","
	"\"approve\":[{\"group\":\"dba\",\"count\":1}]},"
	/* Sunday, from half an hour before the start to half an hour after */
	"{\"id\":\"hours\",\"who\":[\"asking\"],\"resource\":\"ssh:lab-*\","
	"\"roles\":[\"root\"],\"max\":\"1h\","
	"\"approve\":[{\"group\":\"dba\",\"count\":1}],\"when\":"
	"{\"days\":\"sun\",\"from\":\"04:57\",\"until\":\"05:57\","
	"\"zone\":\"+01:00\"}},"
	"{\"id\":\"glass\",\"break_glass\":true,\"who\":[\"asking\"],"
	"\"resource\":\"ssh:glass-*\",\"roles\":[\"root\"],\"max\":\"1h\","
	"\"review\":{\"group\":\"security\",\"within\":\"1d\"}},"
	"{\"id\":\"brief\",\"who\":[\"asking\"],\"resource\":\"ssh:brief-*\","
	"\"roles\":[\"root\"],\"max\":\"1h\","
	"\"until\":\"2026-11-22T05:00:00Z\","
	"\"approve\":[{\"group\":\"dba\",\"count\":1}]},"
	"{\"id\":\"act\",\"who\":[\"asking\"],\"resource\":\"ssh:act-*\","
	"\"roles\":[\"root\"],\"max\":\"1h\",\"actions\":["
	"[\"/usr/bin/systemctl\",\"restart\",\"*\"],[\"/usr/bin/id\"],"
	"[\"/usr/bin/cat\",\"/var/log/*\"]],"
	"\"approve\":[{\"group\":\"dba\",\"count\":1}]},"
	"{\"id\":\"su\",\"who\":[\"asking\"],\"resource\":\"sudo:*\","
	"\"roles\":[\"root\"],\"max\":\"1h\","
	"\"approve\":[{\"group\":\"dba\",\"count\":1}]},"
	"{\"id\":\"ice\",\"deny\":true,\"resource\":\"ssh:brief-9\","
	"\"until\":\"2026-11-22T04:30:00Z\",\"why\":\"change freeze CHG-8\"},"
	"{\"id\":\"frozen\",\"deny\":true,\"resource\":\"pg:ledger-*\","
	"\"why\":\"change freeze CHG-9\"}]}";

static struct jit_pubkey keys[COURT_KEYS];
static char lines[COURT_KEYS][JIT_PUBKEY_LINE];
static char prints[COURT_KEYS][JIT_FINGERPRINT];
static struct jit_signer *ca, *rogue, *signers[COURT_KEYS];
static struct jit_json *policy, *altered;
static unsigned char tip[JIT_SHA256]; /* of the event submitted last */
static unsigned int submitted;

static void
die(const char *what, const struct jit_error *err)
{
	printf("court: %s: %s\n", what, err->text);
	exit(99);
}

static struct jit_signer *
make_signer(const char *path)
{
	struct jit_signer *signer = NULL;
	struct jit_secret *secret = NULL;
	struct jit_error err = {0};
	struct jit_buf text = {0};

	if (jit_secret_make(&secret, &err) != 0 ||
		jit_secret_text(&text, secret, path, &err) != 0)
		die(path, &err);
	spill(path, text.data, text.len);
	chmod(path, 0600);
	if (jit_signer_open(&signer, path, NULL, geteuid(), &err) != 0)
		die(path, &err);
	jit_buf_free(&text);
	jit_secret_free(secret);
	return signer;
}

static void
make_key(enum court_who who)
{
	struct jit_secret *secret = NULL;
	struct jit_error err = {0};
	struct jit_buf line = {0};

	if (jit_secret_make(&secret, &err) != 0)
		die("key", &err);
	jit_secret_public(&keys[who], secret);
	if (jit_signer_made(&signers[who], secret, &err) != 0)
		die("signer", &err);
	if (roster[who].sk) {
		keys[who].type = JIT_SK_ED25519;
		strcpy(keys[who].application, "ssh:");
	}
	jit_pubkey_fingerprint(prints[who], &keys[who]);
	jit_pubkey_text(&line, &keys[who]);
	snprintf(lines[who], sizeof(lines[who]), "%s", jit_buf_text(&line));
	jit_buf_free(&line);
}

static void
whole_policy(char *out, size_t size)
{
	char print[JIT_FINGERPRINT];

	jit_pubkey_fingerprint(print, jit_signer_key(ca));
	snprintf(out, size, policy_text, print, print, print);
}

static struct jit_json *
read_policy(const char *text)
{
	struct jit_json *json = NULL;
	struct jit_error err = {0};

	if (jit_json_read(&json, text, strlen(text), JIT_JSON_POLICY, &err))
		die("policy", &err);
	return json;
}

void
court_open(void)
{
	struct jit_error err = {0};
	char text[8192];
	int who;

	temp_start();
	if (jit_hash_start(&err) != 0)
		die("start", &err);
	for (who = 0; who < COURT_KEYS; who++)
		make_key((enum court_who)who);
	ca = make_signer("ca");
	rogue = make_signer("rogue");
	whole_policy(text, sizeof(text));
	policy = read_policy(text);
}

void
court_close(void)
{
	int who;

	jit_state_free(court);
	court = NULL;
	jit_signer_free(ca);
	jit_signer_free(rogue);
	for (who = 0; who < COURT_KEYS; who++)
		jit_signer_free(signers[who]);
	jit_json_free(policy);
	jit_json_free(altered);
}

void
court_reset(void)
{
	struct jit_error err = {0};

	jit_state_free(court);
	court = NULL;
	if (jit_state_new(&court, &err) != 0)
		die("state", &err);
	court_now = COURT_START;
	court_tweak = NULL;
	court_rogue = court_untouched = court_sealed = false;
	memset(court_id, 0, sizeof(court_id));
	memset(court_request, 0, sizeof(court_request));
	memset(court_vote, 0, sizeof(court_vote));
}

const char *
court_principal(enum court_who who)
{
	return roster[who].principal;
}

const char *
court_line(enum court_who who)
{
	return lines[who];
}

const char *
court_class(enum court_who who)
{
	return roster[who].class;
}

const struct jit_signer *
court_signer(enum court_who who)
{
	return signers[who];
}

const struct jit_json *
court_policy(const char *from, const char *to)
{
	char text[8192], other[8192];
	const char *at;

	whole_policy(text, sizeof(text));
	at = strstr(text, from);
	if (at == NULL) {
		printf("court: the policy says nothing of %s\n", from);
		exit(99);
	}
	snprintf(other, sizeof(other), "%.*s%s%s", (int)(at - text), text, to,
		at + strlen(from));
	jit_json_free(altered);
	altered = read_policy(other);
	return altered;
}

void
court_ulid(char id[JIT_ULID], int64_t at)
{
	unsigned char chance[10];

	jit_random(chance, sizeof(chance));
	jit_ulid_make(id, at, chance);
}

/* Each type's own members. */

static void
fill_genesis(struct jit_event *ev)
{
	struct jit_enrolled *row;
	size_t i;

	row = jit_arena_get(&ev->mem, COURT_ENROLLED * sizeof(*row));
	for (i = 0; row && i < COURT_ENROLLED; i++) {
		row[i].principal = roster[i].principal;
		row[i].class = roster[i].class;
		row[i].key = lines[i];
		row[i].sponsor = roster[i].sponsor;
		row[i].attest = roster[i].attest;
		if (roster[i].until)
			row[i].until = COURT_START + roster[i].until;
	}
	ev->ledger = jit_arena_str(&ev->mem,
		"5eed5eed5eed5eed5eed5eed5eed5eed"
		"5eed5eed5eed5eed5eed5eed5eed5eed");
	ev->prev = jit_arena_str(&ev->mem,
		"00000000000000000000000000000000"
		"00000000000000000000000000000000");
	ev->name = "court";
	ev->policy = policy;
	ev->people.at = row;
	ev->people.count = COURT_ENROLLED;
}

static void
fill_request(struct jit_event *ev)
{
	char id[JIT_ULID];

	court_ulid(id, ev->at);
	ev->id = jit_arena_str(&ev->mem, id);
	ev->resource = "ssh:web-1";
	ev->role = "root";
	ev->task = "INC-4211";
	ev->reason = "slow query on orders";
	ev->duration = 1800;
	ev->offer = lines[ALICE];
	ev->source = "laptop";
}

static void
fill_approvals(struct jit_event *ev, const struct jit_grant *g,
	const struct jit_standing *st)
{
	char hex[JIT_HEX256];
	const struct jit_vote *v;
	size_t n = 0;

	for (v = g->votes; v; v = v->next)
		n++;
	ev->approvals.at = jit_arena_get(&ev->mem, (n + 1) * sizeof(char *));
	for (v = g->votes; ev->approvals.at && v; v = v->next) {
		if (!jit_standing_counts(court, g, st->rule, v, ev->at))
			continue;
		jit_hex(hex, v->sha256, JIT_SHA256);
		ev->approvals.at[ev->approvals.count++] =
			jit_arena_str(&ev->mem, hex);
	}
}

static void
fill_credential(struct jit_event *ev, const struct jit_cert *cert,
	int64_t serial)
{
	static const unsigned char nonce[JIT_CERT_NONCE] = {1, 2, 3};
	struct jit_credential *c;
	struct jit_error err = {0};
	struct jit_buf line = {0};
	char digest[JIT_HEX256];

	c = jit_arena_get(&ev->mem, sizeof(*c));
	if (c == NULL ||
		jit_cert_make(&line, cert, nonce, court_rogue ? rogue : ca,
			&err) != 0 ||
		jit_cert_sha256(digest, jit_buf_text(&line), &err) != 0)
		die("certificate", &err);
	c->cert = jit_arena_str(&ev->mem, jit_buf_text(&line));
	c->sha256 = jit_arena_str(&ev->mem, digest);
	c->serial = serial;
	ev->credential = c;
	jit_buf_free(&line);
}

static void
fill_issue(struct jit_event *ev)
{
	const struct jit_grant *g = jit_state_grant(court, ev->id);
	struct jit_standing st = {.duration = 1800};
	int64_t serial =
		court_sealed && g ? jit_sealed_serial(g->request) : ev->seq;
	char principal[JIT_PRINCIPAL] = "root@web-1";
	struct jit_cert cert = {.key = keys[ALICE],
		.serial = (uint64_t)serial,
		.key_id = ev->id,
		.principal = principal,
		.after = ev->at,
		.before = ev->at + 1800};

	if (g && jit_standing_of(&st, court, g, ev->at, NULL) == 0)
		fill_approvals(ev, g, &st);
	ev->rule = st.rule ? st.rule->id : "web";
	ev->policy_version = 1;
	ev->from = ev->at;
	ev->until = g ? jit_standing_until(court, g, ev->from, st.duration)
		      : ev->from + st.duration;
	ev->connector = "ssh";
	if (g && strncmp(g->resource, "ssh:", 4) != 0) {
		ev->connector = jit_arena_dup(&ev->mem, g->resource,
			strcspn(g->resource, ":"));
		return;
	}
	if (g)
		(void)!jit_standing_cert(&cert, principal, court, g,
			jit_policy_issuer(&court->policy, ev->by, g->resource),
			serial, ev->from, ev->until, NULL);
	if (court_tweak)
		court_tweak(&cert);
	fill_credential(ev, &cert, serial);
}

/* The next one's open; a close names it with "phase=close;program-". */
static void
fill_use(struct jit_event *ev)
{
	if (court->sessions_count)
		memcpy(court_session,
			court->sessions[court->sessions_count - 1].session,
			JIT_ULID);
	else
		court_ulid(court_session, ev->at);
	ev->session = court_session;
	ev->phase = "open";
	ev->host = "web-1";
	ev->counter = jit_state_counted(court, ev->by) + 1;
	ev->program = "bash";
	ev->reason = NULL;
	ev->request = NULL;
}

static void
fill_beat(struct jit_event *ev)
{
	const struct jit_maybe none = {.given = true};

	ev->id = ev->request = ev->reason = NULL;
	ev->counter = jit_state_counted(court, ev->by) + 1;
	ev->due = ev->done = ev->owed = none;
}

static void
fill(struct jit_event *ev)
{
	if (ev->type != JIT_GENESIS && ev->type != JIT_REQUEST)
		ev->id = court_id;
	ev->request = court_request;
	ev->reason = "for a good reason";
	switch (ev->type) {
	case JIT_GENESIS:
		fill_genesis(ev);
		break;
	case JIT_REQUEST:
		fill_request(ev);
		break;
	case JIT_APPROVE:
		ev->as = "dba";
		break;
	case JIT_WITHDRAW:
		ev->vote = court_vote;
		break;
	case JIT_ISSUE:
		fill_issue(ev);
		break;
	case JIT_END:
		ev->cause = "task";
		break;
	case JIT_USE:
		fill_use(ev);
		break;
	case JIT_PROBE:
		ev->action = "login";
		ev->outcome = "refused";
		ev->how = "its host did not let it in";
		break;
	case JIT_BEAT:
		fill_beat(ev);
		break;
	case JIT_REVIEW:
		ev->verdict = "ok";
		ev->note = "as it had to be";
		break;
	default:
		break;
	}
}

/* The member called so, among the common ones or the type's own. */
static const struct jit_member *
member(enum jit_event_type type, const char *name, size_t len)
{
	const struct jit_member *tables[2] = {jit_event_common(),
		jit_event_shape(type)};
	const struct jit_member *m;
	size_t i;

	for (i = 0; i < 2; i++)
		for (m = tables[i]; m->name; m++)
			if (strlen(m->name) == len &&
				strncmp(m->name, name, len) == 0)
				return m;
	printf("court: no member %.*s\n", (int)len, name);
	exit(99);
}

/* "/bin/a x|/bin/b" as actions; the text is cut up. */
static void
read_actions(struct jit_lists *out, struct jit_arena *mem, char *s)
{
	struct jit_texts *action;
	char *word, *line, *rest = s, *words;

	out->at = jit_arena_get(mem, 65 * sizeof(*out->at));
	while ((line = strtok_r(rest, "|", &rest))) {
		action = &out->at[out->count++];
		words = line;
		action->at = jit_arena_get(mem, 16 * sizeof(*action->at));
		while ((word = strtok_r(words, " ", &words)))
			action->at[action->count++] = word;
	}
}

/* One "member=text", "member=9", "member+1", "member-1" or "member-". */
static void
change_one(struct jit_event *ev, const char *change, size_t len)
{
	size_t name = strcspn(change, "=+-");
	const struct jit_member *m = member(ev->type, change, name);
	void *at = (char *)ev + m->offset;
	char *value = jit_arena_get(&ev->mem, len - name);

	memcpy(value, change + name + 1, len - name - 1);
	if (m->kind == JIT_TEXT)
		*(const char **)at = change[name] == '-' ? NULL : value;
	else if (m->kind == JIT_LISTS)
		read_actions(at, &ev->mem, value);
	else if (m->kind == JIT_MAYBE)
		*(struct jit_maybe *)at =
			(struct jit_maybe){true, strtoll(value, NULL, 10)};
	else if (m->kind == JIT_FLAG)
		*(bool *)at = strtoll(value, NULL, 10) != 0;
	else if (change[name] == '=')
		*(int64_t *)at = strtoll(value, NULL, 10);
	else
		*(int64_t *)at += strtoll(change + name, NULL, 10);
}

static void
change_all(struct jit_event *ev, const char *change)
{
	size_t len;

	for (; change && *change; change += len + (change[len] == ';')) {
		len = strcspn(change, ";");
		change_one(ev, change, len);
	}
}

void
court_draft(struct jit_event *ev, enum jit_event_type type, enum court_who who,
	const char *change)
{
	char key[JIT_FINGERPRINT];

	jit_draft_common(ev, key, court, type, &keys[who], court_now);
	ev->by = roster[who].principal;
	ev->key = prints[who];
	fill(ev);
	change_all(ev, change);
}

static struct jit_proof
proof_of(enum court_who who)
{
	struct jit_proof proof = {.key = keys[who]};

	if (roster[who].sk && !court_untouched)
		proof.flags = JIT_SIGN_PRESENT;
	submitted++;
	jit_sha256(proof.sha256, &submitted, sizeof(submitted));
	return proof;
}

int
court_submit(const struct jit_event *ev, enum court_who who,
	struct jit_error *err)
{
	struct jit_proof proof = proof_of(who);
	int rc;

	rc = jit_judge_apply(court, ev, &proof, err);
	if (rc == 0)
		memcpy(tip, proof.sha256, sizeof(tip));
	return rc;
}

int
court_ask(const struct jit_event *ev, enum court_who who, struct jit_error *err)
{
	return jit_judge_ask(court, ev, &keys[who], !court_untouched, err);
}

bool
court_accepts(enum jit_event_type type, enum court_who who, const char *change)
{
	struct jit_error err = {0};
	struct jit_event ev;
	int rc;

	court_draft(&ev, type, who, change);
	rc = court_submit(&ev, who, &err);
	if (rc != 0)
		printf("%s by %s was refused: rule %s: %s\n",
			jit_event_name(type), ev.by, err.rule, err.text);
	if (rc == 0 && type == JIT_REQUEST) {
		memcpy(court_id, ev.id, JIT_ULID);
		jit_hex(court_request, tip, JIT_SHA256);
	}
	if (rc == 0 && type == JIT_APPROVE)
		jit_hex(court_vote, tip, JIT_SHA256);
	jit_event_free(&ev);
	return rc == 0;
}

/* SPDX-License-Identifier: ISC */
#include "company.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pack.h"

/* clang-format off */
static const struct {
	int teams;
	const char *names;
} staff[] = {
	{ADMINS, "root rita adam agnes moritz"},
	{ONCALL, "alice carol pia paul gus erik fiona henk ida jonas lena "
		 "marc nora olga"},
	{DEV, "otto kurt anna ben clara david emma finn gina hugo ines jan "
	      "kim leo mia nils oskar petra sam tina"},
	{DBA, "dan dora greta viktor wanda xaver yara zoe"},
	{SECURITY, "bob sue theo ulla vito wilma"},
	{SUPPORT, "amir bea chris doris egon frida gerd"},
};

static const char *const bases[BASES] = {"orders", "billing", "stock",
	"users", "audit", "crm", "fleet", "mail", "prices", "search",
	"shop", "tax"};

/* Half of what people ask for is half an hour or less; few go to the cap. */
#define USUAL {5, 8, 10, 12, 15, 20, 22, 25, 30, 38, 45}
#define BRIEF {3, 4, 5, 5, 6, 7, 8, 9, 10, 11, 12}

const struct rule_info rule_info[RULES] = {
	[WEB_ROOT] = {"web-root", "ssh", "web-", WEBS, "root", "INC-",
		ONCALL, {ONCALL, 0}, 150, USUAL},
	[WEB_DEPLOY] = {"web-deploy", "ssh", "web-", WEBS, "deploy", "CHG-",
		DEV, {DEV, 0}, 170, USUAL},
	[BUILD_SUDO] = {"build-sudo", "sudo", "build-", BUILDS, "root", "CHG-",
		DEV, {DEV, 0}, 100, USUAL},
	[DB_READ] = {"db-read", "pg", "", 0, "read", "INC-",
		DEV | SUPPORT | ONCALL | DBA, {0, 0}, 250, USUAL},
	[DB_ADMIN] = {"db-admin", "pg", "", 0, "admin", "CHG-",
		DBA, {DBA, SECURITY}, 60, USUAL},
	[LAB] = {"lab", "ssh", "lab-", LABS, "support", "CHG-",
		VENDORS, {ONCALL, 0}, 15, USUAL},
	[LEGACY] = {"legacy", "ssh", "legacy-", 1, "support", "INC-",
		SUPPORT, {ONCALL, 0}, 15, USUAL},
	[GLASS] = {"glass", "ssh", "web-", WEBS, "root", "INC-",
		ONCALL, {0, 0}, 0, BRIEF},
	[CI_DEPLOY] = {"ci-deploy", "ssh", "web-", WEBS, "release", "CHG-",
		CI, {0, 0}, 240, BRIEF},
};
/* clang-format on */

static struct who *
add(struct company *c, const char *name, const char *at, const char *class)
{
	struct who *w = &c->who[c->count++];

	if (c->count > PEOPLE_MAX)
		die("company", "too many");
	snprintf(w->principal, sizeof(w->principal), "%s@%s", name, at);
	w->class = class;
	w->leaves = FOREVER;
	w->rotates = FOREVER;
	w->sponsor = -1;
	w->denies_each = (int)chance_between(&c->chance, 9, 14);
	w->denies_at = (int)chance_below(&c->chance, w->denies_each);
	return w;
}

/* openssh-key-v1 (PROTOCOL.key), not encrypted. */
static void
put_key(struct jit_buf *out, const unsigned char pk[32],
	const unsigned char sk[64], const char *name)
{
	struct jit_pubkey key = {.type = JIT_ED25519};
	struct jit_buf blob = {0}, pub = {0}, secret = {0};
	uint8_t i;

	memcpy(key.pk, pk, sizeof(key.pk));
	jit_pubkey_blob(&pub, &key);
	jit_buf_u64(&secret, 0x1111111111111111); /* the check, twice */
	jit_buf_cstring(&secret, "ssh-ed25519");
	jit_buf_string(&secret, pk, 32);
	jit_buf_string(&secret, sk, 64);
	jit_buf_cstring(&secret, name);
	for (i = 1; secret.len % 8; i++)
		jit_buf_u8(&secret, i);
	jit_buf_put(&blob, "openssh-key-v1", sizeof("openssh-key-v1"));
	jit_buf_cstring(&blob, "none");
	jit_buf_cstring(&blob, "none");
	jit_buf_cstring(&blob, "");
	jit_buf_u32(&blob, 1);
	jit_buf_string(&blob, pub.data, pub.len);
	jit_buf_string(&blob, secret.data, secret.len);
	jit_key_armour(out, "OPENSSH PRIVATE KEY", blob.data, blob.len);
	jit_buf_free(&blob);
	jit_buf_free(&pub);
	jit_buf_free(&secret);
}

static void
put_file(const char *path, const struct jit_buf *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text->data, text->len) != (ssize_t)text->len ||
		close(fd) != 0)
		die(path, "cannot write");
}

/* Kept as files where somebody wants to act as one of them later. */
struct jit_signer *
company_key(struct company *c, const char *keys, const char *name)
{
	unsigned char seed[32], pk[32], sk[64];
	struct jit_signer *signer = NULL;
	struct jit_error err = {0};
	struct jit_buf text = {0};
	char path[1024];

	chance_bytes(&c->chance, seed, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
	put_key(&text, pk, sk, name);
	snprintf(path, sizeof(path), "%s/%s", keys ? keys : "/tmp", name);
	if (!keys) {
		snprintf(path, sizeof(path), "/tmp/year.XXXXXX");
		close(mkstemp(path));
	}
	put_file(path, &text);
	if (jit_signer_open(&signer, path, NULL, geteuid(), &err) != 0)
		die(path, err.text);
	if (!keys)
		unlink(path);
	jit_buf_reset(&text);
	jit_pubkey_text(&text, jit_signer_key(signer));
	jit_buf_fmt(&text, " %s\n", name);
	if (keys) {
		snprintf(path, sizeof(path), "%s/%s.pub", keys, name);
		put_file(path, &text);
	}
	jit_buf_free(&text);
	return signer;
}

int
company_find(const struct company *c, const char *name)
{
	size_t n = strlen(name);
	int i;

	for (i = 0; i < c->count; i++)
		if (strncmp(c->who[i].principal, name, n) == 0 &&
			c->who[i].principal[n] == '@')
			return i;
	die(name, "there is nobody of that name");
}

static void
hire_staff(struct company *c)
{
	char names[512], *word, *rest = NULL;
	size_t i;

	for (i = 0; i < sizeof(staff) / sizeof(staff[0]); i++) {
		snprintf(names, sizeof(names), "%s", staff[i].names);
		for (word = strtok_r(names, " ", &rest); word;
			word = strtok_r(NULL, " ", &rest))
			add(c, word, "ex.com", "person")->teams =
				staff[i].teams;
	}
	c->persons = c->count;
	while (c->who[c->admins].teams & ADMINS)
		c->admins++;
	c->who[company_find(c, "sam")].joins = 60;
	c->who[company_find(c, "nora")].joins = 150;
	c->who[company_find(c, "marc")].leaves = 121;
	c->who[company_find(c, "tina")].leaves = 210;
	c->who[company_find(c, "gerd")].leaves = 300;
}

static void
hire_vendors(struct company *c, bool plain)
{
	static const struct {
		const char *name, *sponsor;
		int joins, ends; /* days */
	} vendors[] = {{"vera", "alice", 90, 365 + 12},
		{"vic", "carol", 100, 365 + 90},
		{"vlad", "alice", 40, 40 + 365}};
	size_t i;

	for (i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
		struct who *w = add(c, vendors[i].name, "vendor.ex", "vendor");
		int end = plain && i == 0 ? 365 + 60 : vendors[i].ends;

		w->teams = VENDORS;
		w->joins = vendors[i].joins;
		w->until = c->from + (int64_t)end * DAY;
		w->sponsor = company_find(c, vendors[i].sponsor);
	}
}

static void
add_machines(struct company *c)
{
	static const struct {
		const char *kind;
		int count;
	} kinds[] = {{"web", WEBS}, {"build", BUILDS}, {"lab", LABS},
		{"legacy", 1}};
	char name[32];
	size_t i;
	int n;

	for (n = 1; n <= 6; n++) {
		snprintf(name, sizeof(name), "deploy-%d", n);
		add(c, name, "ci.ex.com", "workload")->teams = CI;
	}
	c->issuer = c->count;
	add(c, "issuer", "ex.com", "issuer");
	c->sweeper = c->count;
	add(c, "sweeper", "ex.com", "issuer");
	c->hosts = c->count;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (n = 1; n <= kinds[i].count; n++) {
			snprintf(name, sizeof(name), "%s-%d", kinds[i].kind, n);
			add(c, name, "hosts.ex.com", "host");
		}
}

/* Keys last a year: all who stay get a new one in time. */
static void
plan_rotations(struct company *c)
{
	struct who *w;
	int i;

	for (i = 0; i < c->count; i++) {
		w = &c->who[i];
		if (w->joins == 0 && w->leaves == FOREVER)
			w->rotates = (int)chance_between(&c->chance, 100, 320);
	}
}

void
company_found(struct company *c, uint64_t seed, int64_t from, int64_t until,
	const char *keys, bool plain)
{
	char name[64];
	struct who *w;
	int i;

	c->chance.state = seed;
	c->from = from;
	c->until = until;
	hire_staff(c);
	hire_vendors(c, plain);
	add_machines(c);
	plan_rotations(c);
	c->ca = company_key(c, keys, "ca");
	for (i = 0; i < c->count; i++) {
		w = &c->who[i];
		snprintf(name, sizeof(name), "%.*s%s",
			(int)strcspn(w->principal, "@"), w->principal,
			w->rotates == FOREVER ? "" : ".old");
		w->signer = company_key(c, keys, name);
		if (w->rotates == FOREVER)
			continue;
		name[strcspn(name, ".")] = '\0';
		w->next = company_key(c, keys, name);
	}
}

void
company_free(struct company *c)
{
	int i;

	for (i = 0; i < c->count; i++) {
		jit_signer_free(c->who[i].signer);
		jit_signer_free(c->who[i].next);
	}
	jit_signer_free(c->ca);
}

bool
company_has(const struct company *c, int who, int64_t at)
{
	const struct who *w = &c->who[who];
	int64_t day = (at - c->from) / DAY;

	return day > w->joins - (w->joins == 0) && day + 1 < w->leaves;
}

static bool
bound(const struct company *c, int a, int b)
{
	return c->who[a].sponsor == b || c->who[b].sponsor == a;
}

int
company_pick(struct company *c, int teams, int not, int64_t at)
{
	int i, tries;

	for (tries = 0; tries < 100000; tries++) {
		i = (int)chance_below(&c->chance, c->issuer);
		if ((c->who[i].teams & teams) &&
			i != not &&company_has(c, i, at) &&
			(not < 0 || !bound(c, i, not )))
			return i;
	}
	die("company", "nobody is left");
}

const char *
company_base(int n)
{
	return bases[n];
}

void
company_resource(char *out, size_t size, enum rule r, int n)
{
	const struct rule_info *i = &rule_info[r];

	if (i->machines)
		snprintf(out, size, "%s:%s%d", i->scheme, i->kind, n + 1);
	else
		snprintf(out, size, "%s:%s", i->scheme, bases[n]);
}

int
company_host(const struct company *c, enum rule r, int n)
{
	char name[32];

	if (rule_info[r].machines == 0)
		return -1;
	snprintf(name, sizeof(name), "%s%d", rule_info[r].kind, n + 1);
	return company_find(c, name);
}

int64_t
company_max(enum rule r, const struct stage *s)
{
	switch (r) {
	case WEB_DEPLOY:
		return s->tight ? 5400 : 7200;
	case BUILD_SUDO:
		return s->wide ? 14400 : 3600;
	case DB_ADMIN:
	case LAB:
		return 7200;
	case GLASS:
	case CI_DEPLOY:
		return 900;
	default:
		return 3600;
	}
}

/* Policy. */

static void
put_group(struct jit_buf *out, const struct company *c, const char *name,
	int team, const char *comma)
{
	const char *sep = "";
	int i;

	jit_buf_fmt(out, "\"%s\":[", name);
	for (i = 0; i < c->count; i++) {
		if (!(c->who[i].teams & team))
			continue;
		jit_buf_fmt(out, "%s\"%s\"", sep, c->who[i].principal);
		sep = ",";
	}
	jit_buf_fmt(out, "]%s", comma);
}

static const char *
team_name(int team)
{
	static const char *const names[] = {"admins", "oncall", "dev", "dba",
		"security", "support", "vendors", "ci"};
	int i = 0;

	while (i < 7 && !(team & 1 << i))
		i++;
	return names[i];
}

static void
put_teams(struct jit_buf *out, int teams)
{
	const char *sep = "";
	int i;

	for (i = 0; i < 8; i++) {
		if (!(teams & 1 << i))
			continue;
		jit_buf_fmt(out, "%s\"%s\"", sep, team_name(1 << i));
		sep = ",";
	}
}

static void
put_approve(struct jit_buf *out, const struct rule_info *r)
{
	int i;

	jit_buf_str(out, "\"approve\":[");
	for (i = 0; i < 2 && r->approve[i]; i++)
		jit_buf_fmt(out, "%s{\"group\":\"%s\",\"count\":1}",
			i ? "," : "", team_name(r->approve[i]));
	jit_buf_str(out, "]");
}

static void
put_rule(struct jit_buf *out, enum rule n, const struct stage *s)
{
	const struct rule_info *r = &rule_info[n];

	jit_buf_fmt(out, "{\"id\":\"%s\",\"who\":[", r->id);
	put_teams(out, r->who);
	jit_buf_fmt(out, "],\"resource\":\"%s:%s*\",\"roles\":[\"%s\"],",
		r->scheme, r->kind, r->role);
	jit_buf_fmt(out, "\"max\":\"%lldm\",",
		(long long)company_max(n, s) / 60);
	if (n == GLASS)
		jit_buf_str(out,
			"\"break_glass\":true,\"review\":{\"group\":"
			"\"security\",\"within\":\"24h\"}");
	else
		jit_buf_fmt(out, "\"task\":\"%s*\",", r->task);
	if (n != GLASS)
		put_approve(out, r);
	if (n == DB_READ)
		jit_buf_str(out,
			",\"budget\":{\"grants\":40,\"time\":\"12h\","
			"\"per\":\"1d\"}");
	if (n == CI_DEPLOY)
		jit_buf_str(out,
			",\"budget\":{\"grants\":200,\"time\":\"22h\","
			"\"per\":\"1d\"}");
	if (n == LAB)
		jit_buf_str(out,
			",\"when\":{\"days\":\"mon-fri\",\"from\":\"08:00\","
			"\"until\":\"18:00\",\"zone\":\"+01:00\"}");
	if (n == BUILD_SUDO)
		jit_buf_str(out,
			",\"actions\":[[\"/usr/bin/systemctl\",\"restart\","
			"\"*\"],[\"/usr/bin/apt-get\",\"upgrade\"]]");
	jit_buf_str(out, "},");
}

static void
put_issuer(struct jit_buf *out, const char *who, const char *ca,
	const char *comma)
{
	jit_buf_fmt(out,
		"{\"by\":\"%s@ex.com\",\"resources\":[\"ssh:*\",\"pg:*\","
		"\"sudo:*\"],\"ca\":[\"%s\"],\"recorder\":"
		"\"/usr/local/libexec/jit/recorder\"}%s",
		who, ca, comma);
}

struct jit_json *
company_policy(const struct company *c, const struct stage *s)
{
	char ca[JIT_FINGERPRINT];
	struct jit_json *json = NULL;
	struct jit_error err = {0};
	struct jit_buf text = {0};
	int i;

	jit_pubkey_fingerprint(ca, jit_signer_key(c->ca));
	jit_buf_str(&text, "{\"groups\":{");
	for (i = 0; i < 8; i++)
		put_group(&text, c, team_name(1 << i), 1 << i,
			i == 7 ? "" : ",");
	jit_buf_str(&text,
		"},\"admins\":{\"group\":\"admins\",\"count\":1},"
		"\"issuers\":[");
	put_issuer(&text, "issuer", ca, ",");
	put_issuer(&text, "sweeper", ca, "");
	jit_buf_str(&text,
		"],\"limits\":{\"skew\":\"2m\",\"pending\":\"4h\","
		"\"use_by\":\"1h\",\"reason\":10},\"rules\":[");
	for (i = 0; i < RULES; i++)
		if (i != LEGACY || !s->modern)
			put_rule(&text, (enum rule)i, s);
	jit_buf_str(&text,
		"{\"id\":\"frozen\",\"deny\":true,\"resource\":"
		"\"pg:ledger-*\",\"why\":\"change freeze CHG-9\"}]}");
	if (jit_json_read(&json, text.data, text.len, JIT_JSON_POLICY, &err))
		die("policy", err.text);
	jit_buf_free(&text);
	return json;
}

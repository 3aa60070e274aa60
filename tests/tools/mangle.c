/* SPDX-License-Identifier: ISC */
/*
 * mangle: mutate a ledger's commits at random and ask jit of each, for tests.
 *
 *	mangle -C LEDGER -k KEYS [-n COUNT] [-s SEED] [-w] >ACCEPTED
 *
 * A mutation is made of a commit's bytes, or of what is signed, which one of
 * KEYS (a folder) then signs anew. Each is decoded, its signature checked,
 * and judged where the commit was. What is accepted is written to LEDGER as
 * an object and its id printed, for stock git to be asked. It is an error
 * that anything is accepted that nobody signed.
 *
 * With -w whole ledgers are asked of: all up to a mutation, and some of what
 * came after it. What jit-audit verify runs must say the same of each, to the
 * letter, as a plain verifier with one thread; the tips of those that both
 * call good are printed.
 */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger.h"
#include "reference/plain.h"
#include "replay.h"

#define COMMITS_MAX 64
#define KEYS_MAX 32
#define LINES_MAX 256

/* A commit, and the state before it. */
struct original {
	struct jit_buf raw, payload, armour, state;
	char key[JIT_FINGERPRINT];
	bool genesis;
	char parent[JIT_OID_HEX];
	unsigned char oid[JIT_OID];
};

static struct original originals[COMMITS_MAX];
static size_t commits;
static struct jit_signer *keys[KEYS_MAX];
static char prints[KEYS_MAX][JIT_FINGERPRINT];
static size_t key_count;
static uint64_t chance;

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "mangle: %s: %s\n", what, why);
	exit(3);
}

/* xorshift64*: the same numbers for the same seed everywhere. */
static size_t
below(size_t n)
{
	chance ^= chance >> 12;
	chance ^= chance << 25;
	chance ^= chance >> 27;
	return n == 0 ? 0
		      : (size_t)((chance * 2685821657736338717ULL) >> 33) % n;
}

/* What there is to begin with. */

static void
load_keys(const char *dir)
{
	struct jit_error err = {0};
	struct dirent *e;
	char path[4096];
	DIR *d = opendir(dir);

	if (d == NULL)
		die(dir, "cannot open");
	while ((e = readdir(d)) != NULL && key_count < KEYS_MAX) {
		if (strchr(e->d_name, '.') != NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (jit_signer_open(&keys[key_count], path, NULL, geteuid(),
			    &err) != 0)
			die(path, err.text);
		jit_pubkey_fingerprint(prints[key_count],
			jit_signer_key(keys[key_count]));
		key_count++;
	}
	closedir(d);
	if (key_count == 0)
		die(dir, "no keys");
}

/* Cut a raw commit into what is signed and its armour. */
static void
cut(struct original *o)
{
	const char *text = jit_buf_text(&o->raw), *sig, *end, *nl;

	sig = strstr(text, "\ngpgsig ");
	end = sig ? strstr(sig, "-----END SSH SIGNATURE-----\n") : NULL;
	if (end == NULL)
		die("a commit", "no signature");
	end = strchr(end, '\n') + 1;
	jit_buf_put(&o->payload, text, (size_t)(sig + 1 - text));
	jit_buf_str(&o->payload, end);
	for (sig += strlen("\ngpgsig "); sig < end; sig = nl + 2) {
		nl = strchr(sig, '\n');
		jit_buf_put(&o->armour, sig, (size_t)(nl + 1 - sig));
	}
}

static void
load_commit(struct jit_store *store, struct jit_state *state,
	const unsigned char oid[JIT_OID])
{
	struct original *o = &originals[commits];
	struct jit_error err = {0};
	struct jit_commit c = {0};
	struct jit_proof proof;

	if (commits == COMMITS_MAX)
		die("the ledger", "too long");
	jit_state_save(&o->state, state);
	if (jit_store_read(&o->raw, store, oid, JIT_COMMIT_MAX, &err) != 0 ||
		jit_commit_decode(&c, o->raw.data, o->raw.len, &err) != 0)
		die("a commit", err.text);
	jit_replay_proof(&proof, &c);
	if (jit_judge_apply(state, &c.event, &proof, &err) != 0)
		die("a commit", err.text);
	snprintf(o->key, sizeof(o->key), "%s", c.event.key);
	o->genesis = !c.has_parent;
	memcpy(o->oid, oid, JIT_OID);
	jit_hex(o->parent, c.parent, JIT_OID);
	cut(o);
	jit_commit_free(&c);
	commits++;
}

static void
load_ledger(struct jit_store **store, const char *path)
{
	struct jit_trail trail = {0};
	struct jit_error err = {0};
	struct jit_state *state = NULL;
	unsigned char tip[JIT_OID];
	size_t i;

	if (jit_store_open(store, path, &err) != 0 ||
		jit_store_tip(tip, *store, &err) != 1 ||
		jit_trail_walk(&trail, *store, tip, NULL, NULL, &err) != 0 ||
		jit_state_new(&state, &err) != 0)
		die(path, err.text);
	for (i = trail.count; i-- > 0;)
		load_commit(*store, state, trail.oid[i]);
	jit_trail_free(&trail);
	jit_state_free(state);
}

/* Mutations of bytes. */

static void
splice(struct jit_buf *b, size_t at, size_t cut_len, const void *in, size_t len)
{
	struct jit_buf out = {0};

	jit_buf_put(&out, b->data, at);
	jit_buf_put(&out, in, len);
	jit_buf_put(&out, b->data + at + cut_len, b->len - at - cut_len);
	jit_buf_free(b);
	*b = out;
}

static void
mutate_bytes(struct jit_buf *b)
{
	static const char odd[] =
		"\0\n\r \t\"\\{}[]:,0189azAZ+/=<>-\x1b\x7f\xff";
	size_t at = below(b->len), len = 1 + below(8);
	unsigned char byte = (unsigned char)odd[below(sizeof(odd) - 1)];

	len = len > b->len - at ? b->len - at : len;
	switch (below(8)) {
	case 0:
		b->data[at] ^= (unsigned char)(1 << below(8));
		break;
	case 1:
		b->data[at] = byte;
		break;
	case 2:
		splice(b, at, 0, &byte, 1);
		break;
	case 3:
		splice(b, at, len, "", 0);
		break;
	case 4:
		splice(b, at, 0, b->data + at, len);
		break;
	case 5:
		splice(b, below(b->len), 0, &byte, 1);
		break;
	case 6:
		if (below(4) == 0 && at > 100)
			splice(b, at, b->len - at, "", 0);
		break;
	default:
		splice(b, below(8) ? b->len : at, 0, &byte, 1);
		break;
	}
}

/* Mutations of lines. */

struct lines {
	struct {
		size_t at, len;
	} line[LINES_MAX];
	size_t count;
};

static void
find_lines(struct lines *l, const struct jit_buf *b)
{
	const unsigned char *nl;
	size_t at = 0;

	l->count = 0;
	while (at < b->len && l->count < LINES_MAX) {
		nl = memchr(b->data + at, '\n', b->len - at);
		l->line[l->count].at = at;
		l->line[l->count].len =
			nl ? (size_t)(nl - b->data) + 1 - at : b->len - at;
		at += l->line[l->count++].len;
	}
}

static void
mutate_lines(struct jit_buf *b)
{
	struct lines l, m;
	const struct jit_buf *other = &originals[below(commits)].raw;
	struct jit_buf kept = {0};
	size_t i, j, k;

	find_lines(&l, b);
	find_lines(&m, other);
	i = below(l.count);
	j = below(l.count);
	k = below(m.count);
	jit_buf_put(&kept, b->data + l.line[i].at, l.line[i].len);
	switch (below(6)) {
	case 0: /* twice */
		splice(b, l.line[j].at, 0, kept.data, kept.len);
		break;
	case 1: /* elsewhere */
		splice(b, l.line[i].at, l.line[i].len, "", 0);
		find_lines(&l, b);
		splice(b, l.line[below(l.count)].at, 0, kept.data, kept.len);
		break;
	case 2: /* gone */
		splice(b, l.line[i].at, l.line[i].len, "", 0);
		break;
	case 3: /* another commit's, as well */
		splice(b, l.line[i].at, 0, other->data + m.line[k].at,
			m.line[k].len);
		break;
	case 4: /* another commit's, in its place */
		splice(b, l.line[i].at, l.line[i].len,
			other->data + m.line[k].at, m.line[k].len);
		break;
	default: /* joined with the next, or ended otherwise */
		splice(b, l.line[i].at + l.line[i].len - 1, below(2),
			" \r\t\n" + below(4), 1);
		break;
	}
	jit_buf_free(&kept);
}

/* Mutations of the event: other JSON, as canonical as ours. */

static json_t *
body(const struct original *o)
{
	const char *text = jit_buf_text(&o->payload);

	text = strstr(strstr(text, "\n\n") + 2, "\n\n");
	return json_loads(text + 2, JSON_DISABLE_EOF_CHECK, NULL);
}

/* A member of 'o', by chance. */
static const char *
any_name(json_t *o)
{
	const char *name = NULL;
	size_t n = below(json_object_size(o));
	json_t *v;

	json_object_foreach(o, name, v)
	{
		if (n-- == 0)
			break;
	}
	return name ? name : "v";
}

static json_t *
any_value(json_t *old, const char *name)
{
	static const char *const words[] = {"", "alice@ex.com", "root@ex.com",
		"mallory@ex.com", "dba", "oncall", "security", "root", "admin",
		"ssh:web-1", "ssh:web-2", "pg:orders", "task", "revoke", "ttl",
		"lapse", "failed", "request", "approve", "end", "INC-1",
		"0000000000000000000000000000000000000000000000000000000000000"
		"000",
		"slow query on orders", "x\n", "\xc3\xa4hnlich wie oben"};
	static const json_int_t numbers[] = {-1, 0, 1, 2, 60, 1800, 3600, 3601,
		1LL << 31, (1LL << 53) - 1, 1LL << 53};
	json_t *other, *v;
	json_int_t n = json_integer_value(old);

	switch (below(6)) {
	case 0: /* what another commit says there */
		other = body(&originals[below(commits)]);
		v = json_incref(json_object_get(other, name));
		json_decref(other);
		return v ? v : json_null();
	case 1: /* what it says elsewhere */
		other = body(&originals[below(commits)]);
		v = json_incref(json_object_get(other, any_name(other)));
		json_decref(other);
		return v;
	case 2:
		return json_integer(n + (below(2) ? 1 : -1));
	case 3:
		return json_integer(
			numbers[below(sizeof(numbers) / sizeof(numbers[0]))]);
	case 4:
		return below(2) ? json_array() : json_pack("[[s]]", "/bin/ls");
	default:
		return json_string(
			words[below(sizeof(words) / sizeof(words[0]))]);
	}
}

static void
mutate_object(json_t *o)
{
	static const char *const names[] = {"note", "duration", "reason",
		"offer", "extra", "actions"};
	const char *name = any_name(o);
	json_t *v = json_object_get(o, name), *inner;

	if (json_is_object(v) && below(4)) {
		mutate_object(v);
		return;
	}
	inner = json_array_get(v, below(json_array_size(v)));
	if (json_is_object(inner) && below(4)) {
		mutate_object(inner);
		return;
	}
	switch (below(8)) {
	case 0:
		json_object_del(o, name);
		break;
	case 1:
		name = names[below(sizeof(names) / sizeof(names[0]))];
		json_object_set_new(o, name, any_value(NULL, name));
		break;
	default:
		json_object_set_new(o, name, any_value(v, name));
		break;
	}
}

/* The payload of another event: as it should be, if it is one at all. */
static void
mutate_event(struct jit_buf *payload, const struct original *o)
{
	struct jit_buf text = {0}, whole = {0};
	struct jit_event ev = {0};
	json_t *v = body(o);
	char *json;

	do
		mutate_object(v);
	while (below(4) == 0);
	json = json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS);
	if (jit_event_decode(&ev, json, strlen(json), NULL) == 0) {
		if (jit_commit_payload(&whole, &ev,
			    o->genesis ? NULL : o->parent, NULL) != 0)
			jit_buf_reset(&whole);
		jit_event_free(&ev);
	}
	if (whole.len == 0) { /* its old header and subject */
		jit_buf_str(&text, jit_buf_text(&o->payload));
		*strstr(strstr((char *)text.data, "\n\n") + 2, "\n\n") = '\0';
		jit_buf_fmt(&whole, "%s\n\n%s\n", (char *)text.data, json);
	}
	jit_buf_free(payload);
	*payload = whole;
	jit_buf_free(&text);
	free(json);
	json_decref(v);
}

/* Mutations of the signature. */

static void
mutate_armour(struct jit_buf *armour)
{
	struct jit_buf base64 = {0}, blob = {0};
	const char *text = jit_buf_text(armour), *p, *end;

	p = strchr(text, '\n') + 1;
	end = strstr(p, "-----END");
	for (; p < end; p++)
		if (*p != '\n')
			jit_buf_put(&base64, p, 1);
	if (jit_unbase64(&blob, jit_buf_text(&base64), base64.len) != 0)
		die("armour", "not base64");
	mutate_bytes(&blob);
	jit_buf_reset(armour);
	jit_key_armour(armour, "SSH SIGNATURE", blob.data, blob.len);
	jit_buf_free(&base64);
	jit_buf_free(&blob);
}

static const struct jit_signer *
signer_of(const struct original *o)
{
	size_t i;

	for (i = 0; i < key_count; i++)
		if (strcmp(prints[i], o->key) == 0 && below(8))
			return keys[i];
	return keys[below(key_count)];
}

/* Where there is no header any more, there is no mutant. */
static void
join(struct jit_buf *raw, struct jit_buf *payload, const char *armour)
{
	if (jit_commit_join(raw, payload, armour, NULL) != 0)
		jit_buf_reset(raw);
}

/* A mutant of 'o' in 'raw'; whether somebody signed it. */
static bool
mutate(struct jit_buf *raw, const struct original *o)
{
	struct jit_buf payload = {0}, armour = {0};
	size_t kind = below(20);

	jit_buf_put(&payload, o->payload.data, o->payload.len);
	if (kind < 6) {
		jit_buf_put(raw, o->raw.data, o->raw.len);
		do
			mutate_bytes(raw);
		while (below(4) == 0);
	} else if (kind < 9) {
		jit_buf_put(raw, o->raw.data, o->raw.len);
		mutate_lines(raw);
	} else if (kind < 11) {
		jit_buf_put(&armour, o->armour.data, o->armour.len);
		if (below(4))
			mutate_armour(&armour);
		else
			jit_buf_reset(&armour);
		if (armour.len == 0) /* another's */
			jit_buf_str(&armour,
				jit_buf_text(
					&originals[below(commits)].armour));
		join(raw, &payload, jit_buf_text(&armour));
	} else {
		if (kind < 13)
			mutate_bytes(&payload);
		else if (kind < 15)
			mutate_lines(&payload);
		else
			mutate_event(&payload, o);
		if (jit_sign_make(&armour, signer_of(o), JIT_SIGN_NAMESPACE,
			    payload.data, payload.len, NULL) == 0)
			join(raw, &payload, jit_buf_text(&armour));
	}
	jit_buf_free(&payload);
	jit_buf_free(&armour);
	return kind >= 11;
}

/* How far a mutant came. */
enum outcome { BAD_FORM, BAD_SIGNATURE, REFUSED, ACCEPTED, OUTCOMES };

static enum outcome
ask(const struct jit_buf *raw, const struct original *o)
{
	struct jit_state *state = NULL;
	struct jit_commit c = {0};
	struct jit_error err = {0};
	struct jit_proof proof;
	enum outcome out = REFUSED;

	if (jit_commit_decode(&c, raw->data, raw->len, &err) != 0)
		return BAD_FORM;
	if (jit_commit_check(&c, &err) != 0) {
		jit_commit_free(&c);
		return BAD_SIGNATURE;
	}
	if ((o->genesis ? jit_state_new(&state, &err)
			: jit_state_load(&state, o->state.data, o->state.len,
				  &err)) != 0)
		die("state", err.text);
	jit_replay_proof(&proof, &c);
	if (jit_judge_apply(state, &c.event, &proof, &err) == 0)
		out = ACCEPTED;
	else if (err.rule[0] == '\0' && err.text[0] == '\0')
		die("the judge", "it refused and did not say why");
	jit_state_free(state);
	jit_commit_free(&c);
	return out;
}

static void
put(unsigned char oid[JIT_OID], struct jit_store *store,
	const struct jit_buf *raw)
{
	struct jit_error err = {0};

	if (jit_store_write(oid, store, raw->data, raw->len, &err) != 0)
		die("the ledger", err.text);
}

static void
print_id(const unsigned char oid[JIT_OID])
{
	char hex[JIT_OID_HEX];

	jit_hex(hex, oid, JIT_OID);
	puts(hex);
}

/* One mutant; false where there is none that differs. */
static bool
try_one(size_t counts[OUTCOMES], struct jit_store *store)
{
	const struct original *o = &originals[below(commits)];
	unsigned char oid[JIT_OID];
	struct jit_buf raw = {0};
	enum outcome out;
	bool is_signed = mutate(&raw, o), differs;

	differs = raw.len > 0 &&
		(raw.len != o->raw.len ||
			memcmp(raw.data, o->raw.data, raw.len) != 0);
	if (differs) {
		out = ask(&raw, o);
		counts[out]++;
		if (out == ACCEPTED) {
			put(oid, store, &raw);
			print_id(oid);
		}
		if (out == ACCEPTED && !is_signed)
			die("accepted", "though nobody signed it");
	}
	jit_buf_free(&raw);
	return differs;
}

/* Whole ledgers. */

/* A commit of the original with another parent: its signature is for none. */
static void
put_after(unsigned char oid[JIT_OID], struct jit_store *store,
	const struct original *o)
{
	struct jit_buf raw = {0};
	char parent[JIT_OID_HEX], *at;

	jit_hex(parent, oid, JIT_OID);
	jit_buf_put(&raw, o->raw.data, o->raw.len);
	at = strstr((char *)raw.data, "parent ");
	memcpy(at + strlen("parent "), parent, JIT_OID_HEX - 1);
	put(oid, store, &raw);
	jit_buf_free(&raw);
}

static void
compare(size_t counts[OUTCOMES], struct jit_store *store,
	const unsigned char tip[JIT_OID])
{
	struct plain_verdict plain, other;

	if (plain_verify(&plain, store, tip) != 0)
		die("taken", "it is not what its event makes");
	plain_ask(&other, store, tip);
	if (plain.rc != other.rc || plain.seq != other.seq ||
		strcmp(plain.err.text, other.err.text) != 0 ||
		strcmp(plain.err.rule, other.err.rule) != 0) {
		print_id(tip);
		fprintf(stderr, "plain: %d %s\nother: %d %s\n", plain.rc,
			plain.err.text, other.rc, other.err.text);
		die("verdicts", "they differ");
	}
	if (plain.rc == 0)
		print_id(tip);
	counts[plain.rc == 0                ? ACCEPTED
			: plain.err.rule[0] ? REFUSED
					    : BAD_FORM]++;
}

/* One ledger; false where the mutation is none. */
static bool
try_ledger(size_t counts[OUTCOMES], struct jit_store *store)
{
	size_t i = below(commits), more = below(4);
	unsigned char tip[JIT_OID];
	struct jit_buf raw = {0};

	(void)mutate(&raw, &originals[i]);
	if (raw.len == 0 ||
		(raw.len == originals[i].raw.len &&
			memcmp(raw.data, originals[i].raw.data, raw.len) ==
				0)) {
		jit_buf_free(&raw);
		return false;
	}
	put(tip, store, &raw);
	jit_buf_free(&raw);
	for (i++; more > 0 && i < commits; i++, more--)
		put_after(tip, store, &originals[i]);
	compare(counts, store, tip);
	return true;
}

static void
clear(struct jit_store *store)
{
	size_t i;

	for (i = 0; i < commits; i++) {
		jit_buf_free(&originals[i].raw);
		jit_buf_free(&originals[i].payload);
		jit_buf_free(&originals[i].armour);
		jit_buf_free(&originals[i].state);
	}
	for (i = 0; i < key_count; i++)
		jit_signer_free(keys[i]);
	jit_store_free(store);
}

int
main(int argc, char **argv)
{
	const char *ledger = NULL, *dir = NULL;
	size_t counts[OUTCOMES] = {0}, n = 100000, i = 0;
	struct jit_store *store = NULL;
	struct jit_error err = {0};
	bool whole = false;
	uint64_t seed = 1;
	int c;

	while ((c = getopt(argc, argv, "C:k:n:s:w")) != -1) {
		if (c == 'C')
			ledger = optarg;
		else if (c == 'k')
			dir = optarg;
		else if (c == 'n')
			n = strtoul(optarg, NULL, 10);
		else if (c == 'w')
			whole = true;
		else if (c == 's')
			seed = strtoull(optarg, NULL, 10);
		else
			return 2;
	}
	if (ledger == NULL || dir == NULL)
		die("usage", "mangle -C LEDGER -k KEYS [-n COUNT] [-s SEED]");
	if (jit_hash_start(&err) != 0)
		die("start", err.text);
	chance = seed * 0x9e3779b97f4a7c15ULL | 1;
	load_keys(dir);
	load_ledger(&store, ledger);
	if (whole) /* what is good comes first */
		compare(counts, store, originals[commits - 1].oid);
	while (i < n)
		i += (whole ? try_ledger : try_one)(counts, store) ? 1 : 0;
	fprintf(stderr,
		"seed %llu: %zu mutants of %zu commits: %zu of bad "
		"form, %zu badly signed, %zu refused by the judge, %zu "
		"accepted\n",
		(unsigned long long)seed, n, commits, counts[BAD_FORM],
		counts[BAD_SIGNATURE], counts[REFUSED], counts[ACCEPTED]);
	clear(store);
	return fflush(stdout) == 0 ? 0 : 3;
}

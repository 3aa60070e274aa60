/* SPDX-License-Identifier: ISC */
/*
 * forge: a forger with a good key, for tests. It asks no judge.
 *
 *	forge event -k KEY -C LEDGER [OPTION]... TYPE [MEMBER=TEXT]...
 *	forge sign -k KEY [OPTION]... <PAYLOAD >COMMIT
 *	forge join ARMOUR <PAYLOAD >COMMIT
 *	forge deflate <BYTES >ZLIB
 *
 * event makes the next event, every member as it should be but those that
 * are given (MEMBER=TEXT, MEMBER:=JSON, MEMBER- leaves it out), signs it,
 * writes it and moves the ref. Its id is printed.
 *
 *	-a, --ca KEY        issue: sign the certificate with this key
 *	-c, --cert FILE     issue: hand out this certificate
 *	    --json TEXT     exactly this line of JSON
 *	    --genesis       begin anew: no parent, seq 1 (with TYPE genesis)
 *	    --parent HEX    after this commit
 *	    --body          print the JSON and do nothing
 *	    --payload       print what would be signed and do nothing
 *	    --raw           print the commit and do nothing
 *	    --sealed        print it as it is sealed (with 'seen' in place of
 *	                    seq and prev) and do nothing
 *
 * How it is signed, where not as it should be:
 *
 *	    --namespace NS --reserved TEXT --hash sha256 --version N
 *	    --tail TEXT     more bytes after the signature
 *	    --high          S + L in place of S (RFC 8032, malleable)
 */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "ledger.h"
#include "replay.h"
#include "signer.h"

struct forge {
	const char *key, *ledger, *ca, *cert, *json, *parent;
	const char *namespace, *reserved, *hash, *tail;
	int version, high, genesis;
	int body, payload, raw, sealed; /* what is only printed */

	struct jit_signer *signer;
	struct jit_store *store;
	struct jit_state *state; /* as far as the judge agrees */
	json_t *first;           /* genesis */
	json_t *last;            /* the tip */
	char sha256[JIT_HEX256]; /* of the tip */
	char first_sha256[JIT_HEX256];
	unsigned char tip[JIT_OID];
};

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "forge: %s: %s\n", what, why);
	exit(3);
}

static struct jit_signer *
open_key(const char *path)
{
	struct jit_signer *signer = NULL;
	struct jit_error err = {0};

	if (path == NULL)
		die("usage", "-k or -a is missing");
	if (jit_signer_open(&signer, path, getenv("SSH_AUTH_SOCK"), geteuid(),
		    &err) != 0)
		die(path, err.text);
	return signer;
}

static void
read_all(struct jit_buf *out, FILE *f)
{
	char part[65536];
	size_t n;

	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		jit_buf_put(out, part, n);
}

static void
print(const struct jit_buf *b)
{
	if (fwrite(b->data, 1, b->len, stdout) != b->len || fflush(stdout) != 0)
		die("stdout", "cannot write");
}

/* Signing. */

static void
put_digest(struct jit_buf *out, const struct forge *f,
	const struct jit_buf *payload)
{
	unsigned char digest[JIT_SHA512];
	size_t len = JIT_SHA512;

	jit_sha512(digest, payload->data, payload->len);
	if (strcmp(f->hash, "sha256") == 0) {
		len = JIT_SHA256;
		jit_sha256(digest, payload->data, payload->len);
	}
	jit_buf_string(out, digest, len);
}

/* The order of the group, least byte first: S + L verifies where S does. */
static void
add_order(unsigned char s[32])
{
	static const unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a,
		0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
		0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10};
	unsigned int i, carry = 0;

	for (i = 0; i < 32; i++) {
		carry += s[i] + order[i];
		s[i] = (unsigned char)carry;
		carry >>= 8;
	}
}

/* PROTOCOL.sshsig, with whatever is wished for in its fields. */
static void
sign(struct jit_buf *armour, const struct forge *f,
	const struct jit_buf *payload)
{
	struct jit_buf tbs = {0}, wire = {0}, blob = {0}, key = {0};
	struct jit_error err = {0};

	jit_buf_str(&tbs, "SSHSIG");
	jit_buf_cstring(&tbs, f->namespace);
	jit_buf_cstring(&tbs, f->reserved);
	jit_buf_cstring(&tbs, f->hash);
	put_digest(&tbs, f, payload);
	if (jit_signer_sign(&wire, f->signer, tbs.data, tbs.len, &err) != 0)
		die("signing", err.text);
	if (f->high) /* the wire form of a plain key ends with S */
		add_order(wire.data + wire.len - 32);
	jit_buf_str(&wire, f->tail);
	jit_pubkey_blob(&key, jit_signer_key(f->signer));
	jit_buf_str(&blob, "SSHSIG");
	jit_buf_u32(&blob, (uint32_t)f->version);
	jit_buf_string(&blob, key.data, key.len);
	jit_buf_cstring(&blob, f->namespace);
	jit_buf_cstring(&blob, f->reserved);
	jit_buf_cstring(&blob, f->hash);
	jit_buf_string(&blob, wire.data, wire.len);
	jit_key_armour(armour, "SSH SIGNATURE", blob.data, blob.len);
	jit_buf_free(&tbs);
	jit_buf_free(&wire);
	jit_buf_free(&blob);
	jit_buf_free(&key);
}

static void
join(struct jit_buf *raw, const struct jit_buf *payload, const char *armour)
{
	struct jit_error err = {0};

	if (jit_commit_join(raw, payload, armour, &err) != 0)
		die("payload", err.text);
}

/* What is there: the chain, and the state as far as it is good. */

static json_t *
body_of(const struct jit_buf *raw)
{
	const char *text = jit_buf_text(raw), *line;
	json_t *v = NULL;

	line = strstr(text, "\n\n");
	line = line ? strstr(line + 2, "\n\n") : NULL;
	if (line)
		v = json_loads(line + 2, JSON_DISABLE_EOF_CHECK, NULL);
	if (v == NULL)
		die("the tip", "it holds no JSON");
	return v;
}

static void
apply(struct forge *f, const struct jit_buf *raw)
{
	struct jit_commit c = {0};
	struct jit_proof proof;

	if (jit_commit_decode(&c, raw->data, raw->len, NULL) != 0)
		return;
	jit_replay_proof(&proof, &c);
	(void)!jit_judge_apply(f->state, &c.event, &proof, NULL);
	if (c.event.type == JIT_GENESIS) /* what comes late names its past */
		(void)!jit_state_mark(f->state, c.sha256, 1, c.event.at, NULL);
	jit_commit_free(&c);
}

static void
read_chain(struct forge *f)
{
	struct jit_trail trail = {0};
	struct jit_error err = {0};
	struct jit_buf raw = {0};
	size_t i;

	if (f->ledger == NULL)
		die("usage", "-C is missing");
	if (jit_store_open(&f->store, f->ledger, &err) != 0 ||
		jit_store_tip(f->tip, f->store, &err) != 1 ||
		jit_trail_walk(&trail, f->store, f->tip, NULL, NULL, &err) !=
			0 ||
		jit_state_new(&f->state, &err) != 0)
		die(f->ledger, err.text);
	for (i = trail.count; i-- > 0;) {
		if (jit_store_read(&raw, f->store, trail.oid[i], JIT_COMMIT_MAX,
			    &err) != 0)
			die(f->ledger, err.text);
		json_decref(f->last);
		f->last = body_of(&raw);
		jit_sha256_hex(f->sha256, raw.data, raw.len);
		if (f->first == NULL) {
			f->first = json_incref(f->last);
			memcpy(f->first_sha256, f->sha256, JIT_HEX256);
		}
		apply(f, &raw);
	}
	jit_trail_free(&trail);
	jit_buf_free(&raw);
}

/* The event: what it should say, then what is wanted of it. */

static void
set(json_t *o, const char *name, const char *text)
{
	json_object_set_new(o, name, json_string(text));
}

static void
set_int(json_t *o, const char *name, json_int_t n)
{
	json_object_set_new(o, name, json_integer(n));
}

/* "member=text", "member:=json" or "member-" into 'o'; null: left out. */
static void
take_word(json_t *o, const char *word)
{
	size_t n = strcspn(word, "=:-");
	char name[64];
	json_t *v = NULL;

	snprintf(name, sizeof(name), "%.*s", (int)n, word);
	if (word[n] == '=')
		v = json_string_nocheck(word + n + 1);
	else if (strncmp(word + n, ":=", 2) == 0)
		v = json_loads(word + n + 2, JSON_DECODE_ANY, NULL);
	else if (word[n] == '-')
		v = json_null();
	if (v == NULL)
		die("no member", word);
	json_object_set_new(o, name, v);
}

static void
override(json_t *ev, const json_t *wanted)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(void *)wanted, name, v)
	{
		if (json_is_null(v))
			json_object_del(ev, name);
		else
			json_object_set(ev, name, v);
	}
}

static const char *
text(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

static json_int_t
number(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static void
put_common(json_t *ev, const struct forge *f, const char *type)
{
	char print[JIT_FINGERPRINT];
	const struct jit_enrolment *who;
	json_int_t at = number(f->last, "at"), now = (json_int_t)time(NULL);

	jit_pubkey_fingerprint(print, jit_signer_key(f->signer));
	who = jit_state_key(f->state, print);
	set_int(ev, "v", 1);
	set_int(ev, "seq", f->genesis ? 1 : number(f->last, "seq") + 1);
	set(ev, "ledger", f->first_sha256);
	set(ev, "prev", f->sha256);
	set(ev, "type", type);
	set_int(ev, "at", now > at ? now : at);
	set(ev, "by", who ? who->principal : "mallory@ex.com");
	set(ev, "key", print);
}

/* As the genesis that is there. */
static void
put_genesis(json_t *ev, const struct forge *f)
{
	json_object_set(ev, "name", json_object_get(f->first, "name"));
	json_object_set(ev, "policy", json_object_get(f->first, "policy"));
	json_object_set(ev, "people", json_object_get(f->first, "people"));
	if (f->genesis) {
		json_object_set(ev, "ledger",
			json_object_get(f->first, "ledger"));
		json_object_set(ev, "prev", json_object_get(f->first, "prev"));
	}
}

static void
put_request(json_t *ev, const struct forge *f)
{
	unsigned char chance[10];
	char id[JIT_ULID];
	struct jit_buf line = {0};

	jit_random(chance, sizeof(chance));
	jit_ulid_make(id, number(ev, "at"), chance);
	jit_pubkey_text(&line, jit_signer_key(f->signer));
	set(ev, "id", id);
	set(ev, "resource", "ssh:web-1");
	set(ev, "role", "root");
	set(ev, "task", "INC-4211");
	set(ev, "reason", "slow query on orders");
	set_int(ev, "duration", 1800);
	set(ev, "offer", jit_buf_text(&line));
	set(ev, "source", "laptop");
	jit_buf_free(&line);
}

static void
put_approvals(json_t *ev, const struct forge *f, const struct jit_grant *g,
	const struct jit_rule *rule)
{
	json_t *list = json_array();
	const struct jit_vote *v;
	char hex[JIT_HEX256];

	for (v = g->votes; v; v = v->next) {
		if (!jit_standing_counts(f->state, g, rule, v,
			    number(ev, "at")))
			continue;
		jit_hex(hex, v->sha256, JIT_SHA256);
		json_array_append_new(list, json_string(hex));
	}
	json_object_set_new(ev, "approvals", list);
}

/* The serial that a certificate has which is issued without the ledger. */
static int64_t
serial_of(const struct forge *f, const struct jit_grant *g, const json_t *ev)
{
	return f->sealed ? jit_sealed_serial(g->request) : number(ev, "seq");
}

/* A certificate as the grant decides it, signed by --ca. */
static void
make_cert(struct jit_buf *line, const struct forge *f,
	const struct jit_grant *g, const json_t *ev)
{
	unsigned char nonce[JIT_CERT_NONCE];
	char principal[JIT_PRINCIPAL];
	struct jit_signer *ca = open_key(f->ca);
	struct jit_error err = {0};
	struct jit_cert cert;

	jit_random(nonce, sizeof(nonce));
	if (jit_standing_cert(&cert, principal, f->state, g,
		    jit_policy_issuer(&f->state->policy, text(ev, "by"),
			    g->resource),
		    serial_of(f, g, ev), number(ev, "from"),
		    number(ev, "until"), &err) != 0 ||
		jit_cert_make(line, &cert, nonce, ca, &err) != 0)
		die("certificate", err.text);
	jit_signer_free(ca);
}

static void
put_credential(json_t *ev, const struct forge *f, const struct jit_grant *g)
{
	struct jit_buf line = {0};
	char digest[JIT_HEX256] = "";
	char *word;
	json_t *o = json_object();
	FILE *file;

	if (f->cert) {
		file = fopen(f->cert, "r");
		if (file == NULL)
			die(f->cert, "cannot read");
		read_all(&line, file);
		fclose(file);
		/* type and base64, without the comment */
		word = strchr(jit_buf_text(&line), ' ');
		if (word)
			word[1 + strcspn(word + 1, " \n")] = '\0';
	} else {
		make_cert(&line, f, g, ev);
	}
	(void)!jit_cert_sha256(digest, jit_buf_text(&line), NULL);
	set(o, "cert", jit_buf_text(&line));
	set(o, "sha256", digest);
	set_int(o, "serial", serial_of(f, g, ev));
	json_object_set_new(ev, "credential", o);
	jit_buf_free(&line);
}

static void
put_issue(json_t *ev, const struct forge *f, const struct jit_grant *g)
{
	struct jit_standing st = {0};
	struct jit_error err = {0};
	char scheme[JIT_RESOURCE_MAX];

	if (jit_standing_of(&st, f->state, g, number(ev, "at"), &err) != 0)
		die("issue", err.text);
	put_approvals(ev, f, g, st.rule);
	set(ev, "rule", st.rule->id);
	set_int(ev, "policy", 1);
	set_int(ev, "from", number(ev, "at"));
	set_int(ev, "until",
		jit_standing_until(f->state, g, number(ev, "at"), st.duration));
	snprintf(scheme, sizeof(scheme), "%.*s", (int)strcspn(g->resource, ":"),
		g->resource);
	set(ev, "connector", scheme);
	if (strcmp(scheme, "ssh") == 0)
		put_credential(ev, f, g);
}

/* The open of a new session. */
static void
put_use(json_t *ev, const struct forge *f)
{
	unsigned char chance[10];
	char session[JIT_ULID];

	jit_random(chance, sizeof(chance));
	jit_ulid_make(session, number(ev, "at"), chance);
	set(ev, "session", session);
	set(ev, "phase", "open");
	set(ev, "host", "web-1");
	set(ev, "program", "sshd");
	json_object_set_new(ev, "counter",
		json_integer(jit_state_counted(f->state, text(ev, "by")) + 1));
}

/* Of what is open, else of what is owed: the one that is named, else the
 * last. */
static void
put_probe(json_t *ev, const struct forge *f)
{
	const struct jit_state *s = f->state;

	if (text(ev, "id")[0] == '\0' && s->unproven_count > 0)
		set(ev, "id", s->unproven[s->unproven_count - 1].id);
	else if (text(ev, "id")[0] == '\0' && s->grants_count > 0)
		set(ev, "id", s->grants[s->grants_count - 1]->id);
	set(ev, "action", "login");
	set(ev, "outcome", "refused");
	set(ev, "how", "it was asked and said no");
}

static void
put_beat(json_t *ev, const struct forge *f)
{
	set_int(ev, "counter", jit_state_counted(f->state, text(ev, "by")) + 1);
	set_int(ev, "due", 0);
	set_int(ev, "done", 0);
	set_int(ev, "owed", (json_int_t)f->state->unproven_count);
}

/* What belongs to a grant: the one that is named, else the last. */
static void
put_about_grant(json_t *ev, const struct forge *f, const char *type)
{
	const struct jit_state *s = f->state;
	const struct jit_vote *v;
	struct jit_grant *g;
	char hex[JIT_HEX256];

	g = jit_state_grant(s, text(ev, "id"));
	if (g == NULL && s->grants_count > 0)
		g = s->grants[s->grants_count - 1];
	if (g == NULL)
		die(type, "no grant is open");
	if (text(ev, "id")[0] == '\0')
		set(ev, "id", g->id);
	jit_hex(hex, g->request, JIT_SHA256);
	if (strcmp(type, "end") != 0 && strcmp(type, "withdraw") != 0 &&
		strcmp(type, "use") != 0)
		set(ev, "request", hex);
	for (v = g->votes; v; v = v->next)
		jit_hex(hex, v->sha256, JIT_SHA256);
	if (strcmp(type, "withdraw") == 0)
		set(ev, "vote", hex);
	if (strcmp(type, "approve") == 0)
		set(ev, "as", "dba");
	if (strcmp(type, "deny") == 0 || strcmp(type, "withdraw") == 0)
		set(ev, "reason", "for a good reason");
	if (strcmp(type, "end") == 0)
		set(ev, "cause", "task");
	if (strcmp(type, "use") == 0)
		put_use(ev, f);
	if (strcmp(type, "issue") == 0)
		put_issue(ev, f, g);
}

static json_t *
draft(const struct forge *f, const char *type, const json_t *wanted)
{
	static const char *const about[] = {"approve", "deny", "withdraw",
		"issue", "end", "use"};
	json_t *ev = json_object();
	size_t i;

	put_common(ev, f, type);
	override(ev, wanted); /* others depend on seq, at, id */
	if (strcmp(type, "genesis") == 0)
		put_genesis(ev, f);
	if (strcmp(type, "request") == 0)
		put_request(ev, f);
	if (strcmp(type, "probe") == 0)
		put_probe(ev, f);
	if (strcmp(type, "beat") == 0)
		put_beat(ev, f);
	for (i = 0; i < sizeof(about) / sizeof(about[0]); i++)
		if (strcmp(type, about[i]) == 0)
			put_about_grant(ev, f, type);
	override(ev, wanted);
	return ev;
}

/* Its subject, of whatever it says: what is no event has a short one. */

static void
take_member(struct jit_event *ev, const struct jit_member *m, const json_t *o)
{
	char *at = (char *)ev + m->offset;

	if (m->kind == JIT_TEXT)
		*(const char **)(void *)at = text(o, m->name);
	if (m->kind == JIT_INT)
		*(int64_t *)(void *)at = number(o, m->name);
	if (m->kind == JIT_FLAG)
		*(bool *)(void *)at = json_is_true(json_object_get(o, m->name));
}

/* What a late event carries, as jit has it; NULL: nothing of the kind. */
static struct jit_json *
sealed_of(const json_t *o)
{
	struct jit_json *json = NULL;
	char *line = json_dumps(json_object_get(o, "sealed"), JSON_ENCODE_ANY);

	if (line &&
		jit_json_read(&json, line, strlen(line), JIT_JSON_EVENT,
			NULL) != 0)
		json = NULL;
	free(line);
	return json;
}

static void
put_subject(struct jit_buf *out, const json_t *o)
{
	struct jit_event ev = {.type = JIT_EVENT_TYPES};
	const struct jit_member *m;
	struct jit_json *sealed;
	int i;

	for (i = 0; i < JIT_EVENT_TYPES; i++)
		if (strcmp(jit_event_name((enum jit_event_type)i),
			    text(o, "type")) == 0)
			ev.type = (enum jit_event_type)i;
	if (ev.type == JIT_EVENT_TYPES) {
		jit_buf_fmt(out, "%s by %s", text(o, "type"), text(o, "by"));
		return;
	}
	for (m = jit_event_common(); m->name; m++)
		take_member(&ev, m, o);
	for (m = jit_event_shape(ev.type); m->name; m++)
		take_member(&ev, m, o);
	if (ev.principal && ev.principal[0] == '\0')
		ev.principal = NULL; /* retire: a key */
	sealed = sealed_of(o);
	ev.sealed = sealed;
	jit_event_subject(out, &ev);
	jit_json_free(sealed);
}

static void
put_payload(struct jit_buf *out, const struct forge *f, const json_t *ev,
	const char *json)
{
	static const char *const who[] = {"author", "committer"};
	char hex[JIT_OID_HEX];
	size_t i;

	jit_hex(hex, f->tip, JIT_OID);
	jit_buf_str(out, "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n");
	if (!f->genesis)
		jit_buf_fmt(out, "parent %s\n", f->parent ? f->parent : hex);
	for (i = 0; i < 2; i++)
		jit_buf_fmt(out, "%s jit %s <%s> %lld +0000\n", who[i],
			text(ev, "type"), text(ev, "by"),
			(long long)number(ev, "at"));
	jit_buf_str(out, "\n");
	put_subject(out, ev);
	jit_buf_fmt(out, "\n\n%s\n", json);
}

static void
put_down(const struct forge *f, const struct jit_buf *raw)
{
	struct jit_error err = {0};
	unsigned char oid[JIT_OID];
	char hex[JIT_OID_HEX];

	if (jit_store_write(oid, f->store, raw->data, raw->len, &err) != 0 ||
		jit_store_swap(f->store, f->tip, oid, &err) != 0)
		die(f->ledger, err.text);
	jit_hex(hex, oid, JIT_OID);
	printf("%s\n", hex);
}

/* A request's own id, of whatever else it says. */
static void
put_sealed_id(json_t *ev)
{
	struct jit_json *json = NULL;
	struct jit_event inner = {0};
	struct jit_error err = {0};
	char id[JIT_ULID];
	char *line = json_dumps(ev, JSON_COMPACT | JSON_SORT_KEYS);

	if (jit_json_read(&json, line, strlen(line), JIT_JSON_EVENT, &err) ==
			0 &&
		jit_event_unseal(&inner, json, &err) == 0 &&
		jit_sealed_id(id, &inner, &err) == 0)
		set(ev, "id", id);
	jit_event_free(&inner);
	jit_json_free(json);
	free(line);
}

static void
print_sealed(const struct forge *f, json_t *ev, const json_t *wanted)
{
	struct jit_buf line = {0}, armour = {0};
	json_t *file = json_object();
	char *text, *s, *to;

	json_object_del(ev, "seq");
	json_object_del(ev, "prev");
	set(ev, "seen", f->sha256);
	override(ev, wanted);
	if (!json_object_get(wanted, "id"))
		put_sealed_id(ev);
	text = json_dumps(ev, JSON_COMPACT | JSON_SORT_KEYS);
	jit_buf_str(&line, text);
	free(text);
	sign(&armour, f, &line);
	s = strchr((char *)armour.data, '\n') + 1; /* as one line */
	*strchr(s, '-') = '\0';
	for (to = text = s; *text; text++)
		if (*text != '\n')
			*to++ = *text;
	*to = '\0';
	json_object_set(file, "sealed", ev);
	set(file, "signature", s);
	text = json_dumps(file, JSON_COMPACT | JSON_SORT_KEYS);
	puts(text);
	free(text);
	json_decref(file);
	jit_buf_free(&line);
	jit_buf_free(&armour);
}

static void
forge_event(struct forge *f, char **words)
{
	struct jit_buf payload = {0}, armour = {0}, raw = {0};
	json_t *ev, *wanted = json_object();
	const char *type = *words;
	char *json;

	if (type == NULL)
		die("usage", "a type is missing");
	for (words++; *words; words++)
		take_word(wanted, *words);
	f->signer = open_key(f->key);
	read_chain(f);
	ev = draft(f, type, wanted);
	if (f->sealed) {
		print_sealed(f, ev, wanted);
		json_decref(ev);
		json_decref(wanted);
		return;
	}
	json = f->json ? strdup(f->json)
		       : json_dumps(ev, JSON_COMPACT | JSON_SORT_KEYS);
	put_payload(&payload, f, ev, json);
	sign(&armour, f, &payload);
	join(&raw, &payload, jit_buf_text(&armour));
	if (f->body)
		puts(json);
	else if (f->payload)
		print(&payload);
	else if (f->raw)
		print(&raw);
	else
		put_down(f, &raw);
	free(json);
	json_decref(ev);
	json_decref(wanted);
	jit_buf_free(&payload);
	jit_buf_free(&armour);
	jit_buf_free(&raw);
}

static void
forge_sign(struct forge *f)
{
	struct jit_buf payload = {0}, armour = {0}, raw = {0};

	f->signer = open_key(f->key);
	read_all(&payload, stdin);
	sign(&armour, f, &payload);
	join(&raw, &payload, jit_buf_text(&armour));
	print(&raw);
	jit_buf_free(&payload);
	jit_buf_free(&armour);
	jit_buf_free(&raw);
}

static void
forge_join(const char *path)
{
	struct jit_buf payload = {0}, armour = {0}, raw = {0};
	FILE *f = path ? fopen(path, "r") : NULL;

	if (f == NULL)
		die("usage", "a file with an armour is wanted");
	read_all(&armour, f);
	fclose(f);
	read_all(&payload, stdin);
	join(&raw, &payload, jit_buf_text(&armour));
	print(&raw);
	jit_buf_free(&payload);
	jit_buf_free(&armour);
	jit_buf_free(&raw);
}

/* As git packs loose objects; any length, in little memory. */
static void
forge_deflate(void)
{
	static unsigned char in[65536], out[65536];
	z_stream z = {0};
	int flush;

	if (deflateInit(&z, Z_BEST_SPEED) != Z_OK)
		die("zlib", "cannot start");
	do {
		z.avail_in = (uInt)fread(in, 1, sizeof(in), stdin);
		z.next_in = in;
		flush = z.avail_in < sizeof(in) ? Z_FINISH : Z_NO_FLUSH;
		do {
			z.avail_out = sizeof(out);
			z.next_out = out;
			deflate(&z, flush);
			if (fwrite(out, 1, sizeof(out) - z.avail_out, stdout) !=
				sizeof(out) - z.avail_out)
				die("stdout", "cannot write");
		} while (z.avail_out == 0);
	} while (flush != Z_FINISH);
	deflateEnd(&z);
}

enum { JSON = 256, PARENT, NAMESPACE, RESERVED, HASH, TAIL, VERSION };

static void
take_option(struct forge *f, int c)
{
	const char **texts[] = {[JSON - JSON] = &f->json,
		[PARENT - JSON] = &f->parent,
		[NAMESPACE - JSON] = &f->namespace,
		[RESERVED - JSON] = &f->reserved,
		[HASH - JSON] = &f->hash,
		[TAIL - JSON] = &f->tail};

	if (c == 'k')
		f->key = optarg;
	else if (c == 'C')
		f->ledger = optarg;
	else if (c == 'a')
		f->ca = optarg;
	else if (c == 'c')
		f->cert = optarg;
	else if (c == VERSION)
		f->version = (int)strtol(optarg, NULL, 10);
	else if (c >= JSON)
		*texts[c - JSON] = optarg;
	else if (c == '?')
		exit(2);
}

static void
take_options(struct forge *f, int argc, char **argv)
{
	const struct option words[] = {{"key", 1, NULL, 'k'},
		{"ledger", 1, NULL, 'C'}, {"ca", 1, NULL, 'a'},
		{"cert", 1, NULL, 'c'}, {"json", 1, NULL, JSON},
		{"parent", 1, NULL, PARENT}, {"namespace", 1, NULL, NAMESPACE},
		{"reserved", 1, NULL, RESERVED}, {"hash", 1, NULL, HASH},
		{"tail", 1, NULL, TAIL}, {"version", 1, NULL, VERSION},
		{"genesis", 0, &f->genesis, 1}, {"high", 0, &f->high, 1},
		{"body", 0, &f->body, 1}, {"payload", 0, &f->payload, 1},
		{"raw", 0, &f->raw, 1}, {"sealed", 0, &f->sealed, 1}, {0}};
	int c;

	while ((c = getopt_long(argc, argv, "k:C:a:c:", words, NULL)) != -1)
		take_option(f, c);
}

int
main(int argc, char **argv)
{
	struct forge f = {.namespace = "git",
		.reserved = "",
		.hash = "sha512",
		.tail = "",
		.version = 1};
	const char *verb = argc > 1 ? argv[1] : "";
	struct jit_error err = {0};

	if (jit_hash_start(&err) != 0)
		die("start", err.text);
	argc--;
	argv++;
	take_options(&f, argc, argv);
	if (strcmp(verb, "event") == 0)
		forge_event(&f, argv + optind);
	else if (strcmp(verb, "sign") == 0)
		forge_sign(&f);
	else if (strcmp(verb, "join") == 0)
		forge_join(argv[optind]);
	else if (strcmp(verb, "deflate") == 0)
		forge_deflate();
	else
		die("usage", "forge event, sign, join or deflate");
	jit_state_free(f.state);
	jit_store_free(f.store);
	jit_signer_free(f.signer);
	json_decref(f.first);
	json_decref(f.last);
	return 0;
}

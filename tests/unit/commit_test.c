/* SPDX-License-Identifier: ISC */
#include "commit.h"
#include "unit.h"
#include "world.h"

#define TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
#define PARENT "0123456789abcdef0123456789abcdef01234567"
#define SHA                                                                    \
	"0123456789abcdef0123456789abcdef"                                     \
	"0123456789abcdef0123456789abcdef"
#define ID "01M80R51J8041061050R3GG28A"
#define AUTHOR "author jit request <alice@ex.com> 1795321661 +0000\n"
#define COMMITTER "committer jit request <alice@ex.com> 1795321661 +0000\n"
#define SUBJECT "request " ID " ssh:web-1 root 1h by alice@ex.com: INC-1"
#define BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define END_LINE "\n -----END SSH SIGNATURE-----\n"
#define NOT_ITS "commit: not the bytes that belong to its event"
#define NO_ARMOUR "not an armoured SSH signature"
#define OTHER_ARMOUR "the signature's armour is not as ssh-keygen writes it"
#define NO_SIGNATURE "commit: no signature where it belongs"
#define STRANGE "commit: a header that does not belong there"

enum { ALICE, BOB };

/* A commit of each sort, as it must be. */
static struct jit_buf genesis, request;

static void
event(struct jit_event *ev, bool first)
{
	char key[JIT_FINGERPRINT];
	struct jit_error err = {0};
	struct jit_buf json = {0};

	jit_pubkey_fingerprint(key, jit_signer_key(world_keys[ALICE]));
	jit_buf_str(&json, "{\"at\":1795321661,\"by\":\"alice@ex.com\",");
	if (!first)
		jit_buf_str(&json, "\"duration\":3600,\"id\":\"" ID "\",");
	jit_buf_fmt(&json, "\"key\":\"%s\",\"ledger\":\"" SHA "\",", key);
	if (first)
		jit_buf_fmt(&json,
			"\"name\":\"test\",\"people\":[{\"class\":\"person\","
			"\"key\":\"%s\",\"principal\":\"alice@ex.com\"}],"
			"\"policy\":{},",
			world_lines[ALICE]);
	jit_buf_str(&json, "\"prev\":\"" SHA "\",");
	jit_buf_str(&json,
		first ? "\"seq\":1,\"type\":\"genesis\",\"v\":1}"
		      : "\"reason\":\"a slow query\","
			"\"resource\":\"ssh:web-1\",\"role\":\"root\","
			"\"seq\":2,\"source\":\"laptop\",\"task\":\"INC-1\","
			"\"type\":\"request\",\"v\":1}");
	if (jit_event_decode(ev, json.data, json.len, &err) != 0)
		world_die("event", &err);
	jit_buf_free(&json);
}

/* The payload of an event, unsigned. */
static void
payload(struct jit_buf *out, bool first, const char *parent)
{
	struct jit_error err = {0};
	struct jit_event ev;

	event(&ev, first);
	if (jit_commit_payload(out, &ev, parent, &err) != 0)
		world_die("payload", &err);
	jit_event_free(&ev);
}

/* The raw commit that a payload becomes. */
static void
sign(struct jit_buf *raw, const struct jit_buf *text, size_t who,
	const char *namespace)
{
	struct jit_error err = {0};
	struct jit_buf armour = {0};

	if (jit_sign_make(&armour, world_keys[who], namespace, text->data,
		    text->len, &err) != 0 ||
		jit_commit_join(raw, text, jit_buf_text(&armour), &err) != 0)
		world_die("sign", &err);
	jit_buf_free(&armour);
}

/* 'text' with the first 'from' replaced by 'to'. */
static void
replace(struct jit_buf *out, const struct jit_buf *text, const char *from,
	const char *to)
{
	const char *all = jit_buf_text(text), *at = strstr(all, from);

	jit_buf_reset(out);
	if (!CHECK(at != NULL))
		return;
	jit_buf_put(out, all, (size_t)(at - all));
	jit_buf_str(out, to);
	jit_buf_str(out, at + strlen(from));
}

/* Decode a copy without a byte to spare, so that any overrun is seen. */
static int
decode(struct jit_commit *c, const void *raw, size_t len, struct jit_error *err)
{
	char *copy = malloc(len + (len == 0));
	int rc;

	memcpy(copy, raw, len);
	rc = jit_commit_decode(c, copy, len, err);
	free(copy);
	return rc;
}

static void
refused(const struct jit_buf *raw, const char *why)
{
	unsigned char untouched[sizeof(struct jit_commit)];
	struct jit_error err = {0};
	struct jit_commit c;

	memset(untouched, 7, sizeof(untouched));
	memcpy(&c, untouched, sizeof(c));
	if (CHECK_INT(decode(&c, raw->data, raw->len, &err), JIT_EVIDENCE))
		CHECK_MEM(&c, untouched, sizeof(c));
	else
		jit_commit_free(&c);
	CHECK_STR(err.text, why);
}

/* What is decoded again is the same, but for what is not asked. */
static void
again(const struct jit_buf *raw)
{
	struct jit_commit first = {0}, second = {0};
	struct jit_buf a = {0}, b = {0};
	struct jit_error err = {0};

	CHECK_INT(jit_commit_decode(&first, raw->data, raw->len, &err), 0);
	CHECK_INT(jit_commit_again(&second, raw->data, raw->len, &err), 0);
	CHECK_INT(jit_event_encode(&a, &first.event, &err), 0);
	CHECK_INT(jit_event_encode(&b, &second.event, &err), 0);
	CHECK_STR(jit_buf_text(&b), jit_buf_text(&a));
	CHECK_MEM(second.sha256, first.sha256, JIT_SHA256);
	CHECK_MEM(second.parent, first.parent, JIT_OID);
	CHECK(jit_pubkey_equal(&second.signature.key, &first.signature.key));
	CHECK_INT(jit_commit_again(&second, raw->data, raw->len - 1, &err),
		JIT_EVIDENCE);
	jit_commit_free(&first);
	jit_commit_free(&second);
	jit_buf_free(&a);
	jit_buf_free(&b);
}

static void
accepted(const struct jit_buf *raw, bool first)
{
	unsigned char parent[JIT_OID], want[JIT_SHA512];
	struct jit_buf text = {0};
	struct jit_error err = {0};
	struct jit_commit c;

	if (!CHECK_INT(decode(&c, raw->data, raw->len, &err), 0))
		return;
	CHECK_INT(jit_commit_check(&c, &err), 0);
	CHECK_STR(err.text, "");
	CHECK(c.has_parent == !first);
	CHECK_STR(c.event.by, "alice@ex.com");
	CHECK(jit_pubkey_equal(&c.signature.key,
		jit_signer_key(world_keys[ALICE])));
	jit_sha256(want, raw->data, raw->len);
	CHECK_MEM(c.sha256, want, JIT_SHA256);
	payload(&text, first, first ? NULL : PARENT);
	jit_sha512(want, text.data, text.len);
	CHECK_MEM(c.payload, want, JIT_SHA512);
	CHECK_INT(jit_commit_parent(parent, raw->data, raw->len, &err),
		first ? 0 : 1);
	if (!first)
		CHECK_MEM(c.parent, parent, JIT_OID);
	jit_commit_free(&c);
	CHECK(c.event.json == NULL);
	jit_buf_free(&text);
	again(raw);
}

static void
good(void)
{
	CASE("what is made is accepted");
	accepted(&genesis, true);
	accepted(&request, false);
	CHECK(strstr(jit_buf_text(&request),
		"tree " TREE "\nparent " PARENT "\n" AUTHOR COMMITTER
		"gpgsig " BEGIN " "));
	CHECK(strstr(jit_buf_text(&request),
		END_LINE "\n" SUBJECT "\n\n{\"at\":1795321661,"));
	CHECK_INT(request.data[request.len - 2], '}');
	CHECK_INT(request.data[request.len - 1], '\n');
}

/* Raw bytes with one thing changed (T01, T02, T04, T05). */
static const struct change {
	const char *what, *from, *to, *why;
} changes[] = {
	/* tree and parent */
	{"no tree", "tree " TREE "\n", "", "commit: no tree where it belongs"},
	{"another tree", TREE, "5b825dc642cb6eb9a060e54bf8d69288fbee4904",
		"commit: its tree is not the empty one"},
	{"tree in capitals", TREE, "4B825DC642CB6EB9A060E54BF8D69288FBEE4904",
		"commit: its tree is not the empty one"},
	{"a longer tree", TREE, TREE "0",
		"commit: its tree is not the empty one"},
	{"two trees", "tree " TREE "\n", "tree " TREE "\ntree " TREE "\n",
		"commit: no author or committer where it belongs"},
	{"tree after parent", "tree " TREE "\nparent " PARENT "\n",
		"parent " PARENT "\ntree " TREE "\n",
		"commit: no tree where it belongs"},
	{"no parent", "parent " PARENT "\n", "", "commit: no parent"},
	{"two parents", "parent " PARENT "\n",
		"parent " PARENT "\nparent " TREE "\n",
		"commit: no author or committer where it belongs"},
	{"parent after author", "parent " PARENT "\n" AUTHOR,
		AUTHOR "parent " PARENT "\n",
		"commit: no author or committer where it belongs"},
	{"parent in capitals", "parent 0123456789abcdef",
		"parent 0123456789ABCDEF",
		"commit: its parent is no object id"},
	{"a short parent", "parent 01", "parent 1",
		"commit: its parent is no object id"},
	{"a long parent", "parent 01", "parent 001",
		"commit: its parent is no object id"},
	{"a parent's blank", "parent 01", "parent  01",
		"commit: its parent is no object id"},
	{"an empty parent", "parent " PARENT, "parent ",
		"commit: its parent is no object id"},
	/* author and committer */
	{"no author", AUTHOR, "",
		"commit: no author or committer where it belongs"},
	{"no committer", COMMITTER, "",
		"commit: no author or committer where it belongs"},
	{"two authors", AUTHOR, AUTHOR AUTHOR,
		"commit: no author or committer where it belongs"},
	{"two committers", COMMITTER, COMMITTER COMMITTER, NO_SIGNATURE},
	{"committer first", AUTHOR COMMITTER, COMMITTER AUTHOR,
		"commit: no author or committer where it belongs"},
	{"author's name", "author jit request", "author Alice", NOT_ITS},
	{"author's type", "author jit request", "author jit approve", NOT_ITS},
	{"author's address", "author jit request <alice@",
		"author jit request <bob@", NOT_ITS},
	{"author's date", "<alice@ex.com> 1795321661 +0000\ncommitter",
		"<alice@ex.com> 1795321660 +0000\ncommitter", NOT_ITS},
	{"author's zone", "+0000\ncommitter", "+0100\ncommitter", NOT_ITS},
	{"author's other zero", "+0000\ncommitter", "-0000\ncommitter",
		NOT_ITS},
	{"author's blank", "author jit request <", "author jit request  <",
		NOT_ITS},
	{"author's blank at the end", "+0000\ncommitter", "+0000 \ncommitter",
		NOT_ITS},
	{"committer's name", "committer jit request", "committer Alice",
		NOT_ITS},
	{"committer's address", "committer jit request <alice@",
		"committer jit request <bob@", NOT_ITS},
	{"committer's date", "1795321661 +0000\ngpgsig",
		"1795321662 +0000\ngpgsig", NOT_ITS},
	{"committer's zone", "+0000\ngpgsig", "-0730\ngpgsig", NOT_ITS},
	/* other headers */
	{"encoding", "\ngpgsig ", "\nencoding UTF-8\ngpgsig ", NO_SIGNATURE},
	{"encoding after it", END_LINE, END_LINE "encoding ISO-8859-1\n",
		STRANGE},
	{"mergetag", END_LINE, END_LINE "mergetag object " TREE "\n type\n",
		STRANGE},
	{"mergetag before it", "\ngpgsig ", "\nmergetag x\ngpgsig ",
		NO_SIGNATURE},
	{"unknown header", END_LINE, END_LINE "x y\n", STRANGE},
	{"header of nothing but a name", END_LINE, END_LINE "x\n", STRANGE},
	{"gpgsig-sha256", END_LINE, END_LINE "gpgsig-sha256 x\n", STRANGE},
	{"gpgsig-sha256 instead", "\ngpgsig ", "\ngpgsig-sha256 ",
		NO_SIGNATURE},
	{"GPGSIG", "\ngpgsig ", "\nGPGSIG ", NO_SIGNATURE},
	{"second gpgsig", END_LINE, END_LINE "gpgsig x\n", STRANGE},
	{"an empty gpgsig before", "\ngpgsig ", "\ngpgsig \ngpgsig ", STRANGE},
	/* armour */
	{"text after its end", END_LINE, END_LINE " and more\n", NO_ARMOUR},
	{"blank line after its end", END_LINE, END_LINE " \n", NO_ARMOUR},
	{"text before it", "gpgsig -----", "gpgsig x\n -----", NO_ARMOUR},
	{"two in one", END_LINE, END_LINE " " BEGIN " x" END_LINE,
		"the signature's armour is not base64"},
	{"another label", "BEGIN SSH SIG", "BEGIN PGP SIG", NO_ARMOUR},
	{"four dashes", "gpgsig -----B", "gpgsig ----B", NO_ARMOUR},
	{"two blanks before a line", BEGIN " ", BEGIN "  ",
		"the signature's armour is not base64"},
	{"no blank before a line", BEGIN " ", BEGIN, STRANGE},
	{"tab before a line", BEGIN " ", BEGIN "\t", STRANGE},
	{"its first line wrapped", BEGIN " U1NIU0lH", BEGIN " U1NI\n U0lH",
		OTHER_ARMOUR},
	{"blank line in it", BEGIN " ", BEGIN " \n ", OTHER_ARMOUR},
	{"CR at the end of a line", "SIGNATURE-----\n ", "SIGNATURE-----\r\n ",
		NO_ARMOUR},
	{"version 0", "U1NIU0lHAAAAAQ", "U1NIU0lHAAAAAA",
		"the signature's version is 0, not 1"},
	/* subject */
	{"no subject", "\n\n" SUBJECT "\n\n", "\n\n",
		"commit: no subject where it belongs"},
	{"an empty subject", SUBJECT, "", NOT_ITS},
	{"another subject", "INC-1\n", "INC-2\n", NOT_ITS},
	{"a longer one", SUBJECT, SUBJECT " ", NOT_ITS},
	{"a second line of it", SUBJECT, SUBJECT "\nmore",
		"commit: no subject where it belongs"},
	{"a paragraph more", SUBJECT, SUBJECT "\n\nmore",
		"commit: no single line of JSON at its end"},
	{"three line ends after it", SUBJECT "\n\n", SUBJECT "\n\n\n",
		"commit: no single line of JSON at its end"},
	{"one line end after it", SUBJECT "\n\n", SUBJECT "\n",
		"commit: no subject where it belongs"},
	{"a blank line before it", "\n\n" SUBJECT, "\n\n\n" SUBJECT,
		"commit: no subject where it belongs"},
	{"CR in the blank line", "\n\n" SUBJECT, "\n\r\n" SUBJECT, STRANGE},
	{"CR after it", SUBJECT "\n", SUBJECT "\r\n", NOT_ITS},
	{"a trailer", SUBJECT, SUBJECT "\nSigned-off-by: x <x@y>",
		"commit: no subject where it belongs"},
	/* JSON */
	{"no JSON", "{\"at\"", "x{\"at\"", NULL},
	{"a blank before it", "\n{\"at\"", "\n {\"at\"",
		"not canonical: white space at byte 1"},
	{"a blank in it", "\"at\":1", "\"at\": 1",
		"not canonical: white space at byte 7"},
	{"a blank after it", "\"v\":1}", "\"v\":1} ", NULL},
	{"a CR after it", "\"v\":1}", "\"v\":1}\r", NULL},
	{"it on two lines", "{\"at\"", "{\n\"at\"",
		"commit: no single line of JSON at its end"},
	{"an unknown member", ",\"v\":1}", ",\"v\":1,\"w\":1}",
		"event: unknown member 'w'"},
	{"another type", "\"type\":\"request\"", "\"type\":\"reguest\"",
		"event: type 'reguest' is not known"},
	{"another date in it", "\"at\":1795321661", "\"at\":1795321662",
		NOT_ITS},
	{"another author in it", "\"by\":\"alice@", "\"by\":\"carol@", NOT_ITS},
	{"another duration in it", "\"duration\":3600", "\"duration\":3660",
		NOT_ITS},
	{"an end", "\"v\":1}\n", "\"v\":1}\n\n",
		"commit: no single line of JSON at its end"},
	{"text after it", "\"v\":1}\n", "\"v\":1}\nx",
		"commit: no single line of JSON at its end"},
	{"no last line end", "\"v\":1}\n", "\"v\":1}",
		"commit: no single line of JSON at its end"},
};

static void
bad(void)
{
	struct jit_error err = {0};
	struct jit_commit c;
	struct jit_buf raw = {0};
	size_t i;

	CASE("any other form is refused, and why is said");
	for (i = 0; i < COUNT(changes); i++) {
		ROW(changes[i].what);
		replace(&raw, &request, changes[i].from, changes[i].to);
		if (changes[i].why)
			refused(&raw, changes[i].why);
		else
			CHECK_INT(decode(&c, raw.data, raw.len, &err),
				JIT_EVIDENCE);
	}
	jit_buf_free(&raw);
}

/* The same, signed again by who may: only then is the form all that is bad. */
static const struct change resigned[] = {
	{"author's name", "author jit request", "author Mallory", NOT_ITS},
	{"author's address", "author jit request <alice@",
		"author jit request <bob@", NOT_ITS},
	{"committer's date", "1795321661 +0000\n\n", "1795321662 +0000\n\n",
		NOT_ITS},
	{"committer's zone", "+0000\n\n", "+0200\n\n", NOT_ITS},
	{"encoding", "+0000\n\n", "+0000\nencoding UTF-8\n\n", NO_SIGNATURE},
	{"another tree", TREE, "5b825dc642cb6eb9a060e54bf8d69288fbee4904",
		"commit: its tree is not the empty one"},
	{"two parents", "parent " PARENT, "parent " PARENT "\nparent " TREE,
		"commit: no author or committer where it belongs"},
	{"no parent", "parent " PARENT "\n", "", "commit: no parent"},
	{"another subject", "1h by alice", "1d by alice", NOT_ITS},
	{"a subject that lies", "request " ID, "approve " ID, NOT_ITS},
	{"two lines of it", "INC-1\n", "INC-1\nx\n",
		"commit: no subject where it belongs"},
	{"trailing text", "\"v\":1}\n", "\"v\":1}\nRevokes: 7\n",
		"commit: no single line of JSON at its end"},
	{"trailing line end", "\"v\":1}\n", "\"v\":1}\n\n",
		"commit: no single line of JSON at its end"},
	{"members out of order", "\"at\":1795321661,\"by\":\"alice@ex.com\"",
		"\"by\":\"alice@ex.com\",\"at\":1795321661",
		"not canonical: members out of order at byte 22"},
	{"an escape", "a slow", "a \\u0073low", NULL},
	{"a signature in the body", SUBJECT "\n",
		SUBJECT "\ngpgsig -----BEGIN SSH SIGNATURE-----\n x\n",
		"commit: no subject where it belongs"},
};

static void
bad_though_signed(void)
{
	struct jit_buf text = {0}, other = {0}, raw = {0};
	struct jit_error err = {0};
	struct jit_commit c;
	size_t i;

	CASE("also with a good signature of just these bytes");
	payload(&text, false, PARENT);
	for (i = 0; i < COUNT(resigned); i++) {
		ROW(resigned[i].what);
		replace(&other, &text, resigned[i].from, resigned[i].to);
		jit_buf_reset(&raw);
		sign(&raw, &other, ALICE, JIT_SIGN_NAMESPACE);
		if (resigned[i].why)
			refused(&raw, resigned[i].why);
		else
			CHECK_INT(decode(&c, raw.data, raw.len, &err),
				JIT_EVIDENCE);
	}
	jit_buf_free(&text);
	jit_buf_free(&other);
	jit_buf_free(&raw);
}

/* The lines of the signature, first and behind the last. */
static const char *
signature(const struct jit_buf *raw, size_t *len)
{
	const char *at = strstr(jit_buf_text(raw), "gpgsig ");
	const char *end = strstr(at, END_LINE) + strlen(END_LINE);

	*len = (size_t)(end - at);
	return at;
}

/* The request with its signature's lines at 'before' (text) instead. */
static void
move_signature(struct jit_buf *out, const char *before, bool keep)
{
	const char *all = jit_buf_text(&request), *at, *to;
	size_t len;

	at = signature(&request, &len);
	to = strstr(all, before);
	jit_buf_reset(out);
	if (to > at) {
		jit_buf_put(out, all, (size_t)(at - all) + (keep ? len : 0));
		jit_buf_put(out, at + len, (size_t)(to - at) - len);
		jit_buf_put(out, at, len);
		jit_buf_str(out, to);
	} else {
		jit_buf_put(out, all, (size_t)(to - all));
		jit_buf_put(out, at, len);
		jit_buf_put(out, to, (size_t)(at - to) + (keep ? len : 0));
		jit_buf_str(out, at + len);
	}
}

static void
moved(void)
{
	static const struct {
		const char *before;
		bool keep;
		const char *why;
	} places[] = {
		{"tree ", false, "commit: no tree where it belongs"},
		{"parent ", false,
			"commit: no author or committer where it belongs"},
		{"author ", false,
			"commit: no author or committer where it belongs"},
		{"committer ", false,
			"commit: no author or committer where it belongs"},
		{"\n" SUBJECT, true, STRANGE},
		{SUBJECT, false, NO_SIGNATURE},
		{SUBJECT, true, "commit: no subject where it belongs"},
		{"\n{\"at\"", false, NO_SIGNATURE},
		{"\n{\"at\"", true, "commit: no subject where it belongs"},
		{"{\"at\"", true, "commit: no single line of JSON at its end"},
	};
	struct jit_buf raw = {0};
	size_t i;

	CASE("a signature anywhere else, or twice");
	for (i = 0; i < COUNT(places); i++) {
		ROW(places[i].before);
		move_signature(&raw, places[i].before, places[i].keep);
		refused(&raw, places[i].why);
	}
	jit_buf_free(&raw);
}

static void
put_crlf(struct jit_buf *out, const struct jit_buf *raw)
{
	size_t i;

	for (i = 0; i < raw->len; i++) {
		if (raw->data[i] == '\n')
			jit_buf_str(out, "\r");
		jit_buf_put(out, &raw->data[i], 1);
	}
}

static void
bytes(void)
{
	static const unsigned char strange[] = {0, '\r', '\n', ' ', 0x7f, 0xff};
	struct jit_buf raw = {0};
	struct jit_error err = {0};
	struct jit_commit c;
	size_t i, j;

	CASE("CRLF throughout");
	put_crlf(&raw, &request);
	refused(&raw, "commit: its tree is not the empty one");

	CASE("a NUL and what follows it");
	jit_buf_reset(&raw);
	jit_buf_put(&raw, request.data, request.len);
	jit_buf_put(&raw, "", 1);
	refused(&raw, "commit: no single line of JSON at its end");
	jit_buf_put(&raw, "x\n", 2);
	refused(&raw, "commit: no single line of JSON at its end");

	CASE("a byte more, anywhere");
	for (i = 0; i <= request.len; i++) {
		for (j = 0; j < sizeof(strange); j++) {
			jit_buf_reset(&raw);
			jit_buf_put(&raw, request.data, i);
			jit_buf_put(&raw, &strange[j], 1);
			jit_buf_put(&raw, request.data + i, request.len - i);
			if (decode(&c, raw.data, raw.len, &err) == 0) {
				/* in a text, where it is not signed */
				CHECK(strange[j] == ' ');
				CHECK(jit_commit_check(&c, &err) ==
					JIT_EVIDENCE);
				jit_commit_free(&c);
			}
		}
	}

	CASE("a byte less, anywhere");
	for (i = 0; i < request.len; i++) {
		jit_buf_reset(&raw);
		jit_buf_put(&raw, request.data, i);
		jit_buf_put(&raw, request.data + i + 1, request.len - i - 1);
		if (decode(&c, raw.data, raw.len, &err) == 0) {
			CHECK(jit_commit_check(&c, &err) == JIT_EVIDENCE);
			jit_commit_free(&c);
		}
	}
	jit_buf_free(&raw);
}

static void
every_change(const struct jit_buf *good_one)
{
	struct jit_error err = {0};
	struct jit_buf raw = {0};
	struct jit_commit c;
	size_t i, bit;

	CASE("no beginning of a commit is one");
	for (i = 0; i < good_one->len; i++)
		CHECK(decode(&c, good_one->data, i, &err) == JIT_EVIDENCE);

	CASE("any one bit changed: another form, or a bad signature");
	jit_buf_put(&raw, good_one->data, good_one->len);
	for (i = 0; i < raw.len; i++) {
		for (bit = 0; bit < 8; bit++) {
			raw.data[i] ^= (unsigned char)(1 << bit);
			if (decode(&c, raw.data, raw.len, &err) == 0) {
				CHECK(jit_commit_check(&c, &err) ==
					JIT_EVIDENCE);
				jit_commit_free(&c);
			}
			raw.data[i] ^= (unsigned char)(1 << bit);
		}
	}
	jit_buf_free(&raw);
}

static void
parents(void)
{
	struct jit_buf text = {0}, raw = {0};

	CASE("genesis has no parent, all others have one");
	payload(&text, true, PARENT);
	sign(&raw, &text, ALICE, JIT_SIGN_NAMESPACE);
	refused(&raw, "commit: a genesis with a parent");
	jit_buf_reset(&text);
	jit_buf_reset(&raw);
	payload(&text, false, NULL);
	sign(&raw, &text, ALICE, JIT_SIGN_NAMESPACE);
	refused(&raw, "commit: no parent");
	jit_buf_free(&text);
	jit_buf_free(&raw);
}

static void
signatures(void)
{
	struct jit_buf text = {0}, raw = {0}, want = {0};
	char print[JIT_FINGERPRINT];
	struct jit_error err = {0};
	struct jit_commit c;

	CASE("signed by another key than it names");
	payload(&text, false, PARENT);
	sign(&raw, &text, BOB, JIT_SIGN_NAMESPACE);
	if (CHECK_INT(decode(&c, raw.data, raw.len, &err), 0)) {
		CHECK_INT(jit_commit_check(&c, &err), JIT_EVIDENCE);
		jit_pubkey_fingerprint(print, jit_signer_key(world_keys[BOB]));
		jit_buf_fmt(&want, "signed by %s, not by the key that it names",
			print);
		CHECK_STR(err.text, jit_buf_text(&want));
		jit_commit_free(&c);
	}

	CASE("signed for something else");
	jit_buf_reset(&raw);
	sign(&raw, &text, ALICE, "file");
	refused(&raw, "the signature's namespace is not 'git'");

	CASE("a signature of other bytes");
	jit_buf_reset(&raw);
	replace(&raw, &request, "\"laptop\"", "\"loptop\"");
	if (CHECK_INT(decode(&c, raw.data, raw.len, &err), 0)) {
		CHECK_INT(jit_commit_check(&c, &err), JIT_EVIDENCE);
		jit_commit_free(&c);
	}

	CASE("another key in the signature");
	if (CHECK_INT(decode(&c, request.data, request.len, &err), 0)) {
		c.signature.key = *jit_signer_key(world_keys[BOB]);
		CHECK_INT(jit_commit_check(&c, &err), JIT_EVIDENCE);
		jit_commit_free(&c);
	}
	if (CHECK_INT(decode(&c, request.data, request.len, &err), 0)) {
		c.signature.key.type = JIT_SK_ED25519;
		CHECK_INT(jit_commit_check(&c, &err), JIT_EVIDENCE);
		CHECK_INT(jit_commit_check(&c, NULL), JIT_EVIDENCE);
		jit_commit_free(&c);
	}
	jit_buf_free(&text);
	jit_buf_free(&raw);
	jit_buf_free(&want);
}

static void
walking(void)
{
	static const struct {
		const char *raw, *why;
	} others[] = {
		{"", "commit: no tree where it belongs"},
		{"tree ", "commit: no tree where it belongs"},
		{"tree " TREE, "commit: no tree where it belongs"},
		{"tree " TREE "\nparent " PARENT "\n",
			"commit: no author or committer where it belongs"},
		{"tree " TREE "\nparent x\nauthor x\ncommitter x\n",
			"commit: its parent is no object id"},
		{"tree x\nparent " PARENT "\nauthor x\ncommitter x\n",
			"commit: its tree is not the empty one"},
		{"tree " TREE "\nparent " PARENT "\nauthor x\ncommitter x",
			"commit: no author or committer where it belongs"},
	};
	static const char short_one[] =
		"tree " TREE "\nparent " PARENT "\nauthor x\ncommitter x\n";
	unsigned char parent[JIT_OID] = {1, 2, 3}, was[JIT_OID] = {1, 2, 3};
	struct jit_error err = {0};
	char hex[JIT_OID_HEX];
	size_t i;

	CASE("a parent is read from the first lines alone");
	CHECK_INT(jit_commit_parent(parent, short_one, strlen(short_one), &err),
		1);
	jit_hex(hex, parent, JIT_OID);
	CHECK_STR(hex, PARENT);

	CASE("what has no such lines has no parent either");
	memcpy(parent, was, JIT_OID);
	for (i = 0; i < COUNT(others); i++) {
		ROW(others[i].raw);
		CHECK_INT(jit_commit_parent(parent, others[i].raw,
				  strlen(others[i].raw), &err),
			JIT_EVIDENCE);
		CHECK_STR(err.text, others[i].why);
		CHECK_MEM(parent, was, JIT_OID);
	}
	CHECK_INT(jit_commit_parent(parent, NULL, 0, NULL), JIT_EVIDENCE);
}

static void
nothing(void)
{
	struct jit_buf out = {0}, text = {0};
	struct jit_error err = {0};
	struct jit_commit c;

	CASE("nothing is no commit");
	CHECK_INT(jit_commit_decode(&c, NULL, 0, &err), JIT_EVIDENCE);
	CHECK_STR(err.text, "commit: no tree where it belongs");

	CASE("nothing to join");
	CHECK_INT(jit_commit_join(&out, &text, BEGIN, &err), JIT_USAGE);
	CHECK_STR(err.text, "commit: no header");
	jit_buf_free(&out);
	jit_buf_free(&text);
}

int
main(void)
{
	struct jit_error err = {0};
	struct jit_buf text = {0};

	temp_start();
	if (jit_hash_start(&err) != 0)
		world_die("start", &err);
	world_make();
	payload(&text, true, NULL);
	sign(&genesis, &text, ALICE, JIT_SIGN_NAMESPACE);
	jit_buf_reset(&text);
	payload(&text, false, PARENT);
	sign(&request, &text, ALICE, JIT_SIGN_NAMESPACE);
	good();
	bad();
	bad_though_signed();
	moved();
	bytes();
	every_change(&genesis);
	every_change(&request);
	parents();
	signatures();
	walking();
	nothing();
	jit_buf_free(&text);
	jit_buf_free(&genesis);
	jit_buf_free(&request);
	world_end();
	return UNIT_DONE();
}

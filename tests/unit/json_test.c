/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "unit.h"

#define N32 "abcdefghijklmnopqrstuvwxyz_-0123"

/* Decode a copy without a byte to spare, so that any overrun is seen. */
static int
decode(struct jit_json **out, const char *s, size_t len, struct jit_error *err)
{
	char *copy = malloc(len + (len == 0));
	int code;

	memcpy(copy, s, len);
	code = jit_json_decode(out, copy, len, JIT_JSON_EVENT, err);
	free(copy);
	return code;
}

/* Whether 's' is accepted and comes back as the same bytes. */
static bool
round_trip(const char *s, size_t len, struct jit_error *err)
{
	struct jit_json *v = NULL;
	struct jit_buf b = {0};
	bool same;

	if (decode(&v, s, len, err) != 0)
		return false;
	jit_json_encode(&b, v, 0);
	same = !b.failed && b.len == len && memcmp(b.data, s, len) == 0;
	CHECK(same);
	jit_buf_free(&b);
	jit_json_free(v);
	return same;
}

static void
accepted(void)
{
	static const char *const good[] = {"{}", "[]", "[[]]", "[{}]",
		"{\"a\":{}}", "[null,true,false]", "[0,1,-1,10,-10]",
		"[9007199254740991,-9007199254740991]", "[\"\"]",
		"[\"a\",\"\xc3\xa9\",\"\xe2\x82\xac\",\"\xf0\x9f\x91\x8d\"]",
		"[\"\\\"\",\"\\\\\",\"\\\\\\\"\"]", "[\"/\",\" \"]",
		"{\"a\":1,\"b\":2}", "{\"-\":0,\"0\":1,\"_\":2,\"a\":3}",
		"{\"a\":1,\"a-\":2,\"a0\":3,\"a_\":4,\"aa\":5}",
		"{\"" N32 "\":[]}", "[[[[[[[[]]]]]]]]",
		"{\"a\":[{\"a\":[{\"a\":[{\"a\":[]}]}]}]}",
		"[\"[[[[[[[[[[[[\",\"{\\\"[[\"]"};
	struct jit_error err = {0};
	size_t i;

	CASE("canonical bytes are accepted and come back");
	for (i = 0; i < COUNT(good); i++) {
		ROW(good[i]);
		if (!CHECK(round_trip(good[i], strlen(good[i]), &err)))
			CHECK_STR(err.text, "");
	}
}

static const struct refused {
	const char *bytes, *why;
} refused[] = {
	/* not canonical */
	{" {}", "not canonical: white space at byte 1"},
	{"{} ", "not canonical: white space at byte 3"},
	{"{}\n", "not canonical: white space at byte 3"},
	{"{\"a\": 1}", "not canonical: white space at byte 6"},
	{"[1, 2]", "not canonical: white space at byte 4"},
	{"[\t]", "not canonical: white space at byte 2"},
	{"{\"b\":1,\"a\":2}", "not canonical: members out of order at byte 8"},
	{"{\"aa\":1,\"a\":2}", "not canonical: members out of order at byte 9"},
	{"{\"\":1}",
		"not canonical: a member name that is not "
		"[a-z0-9_-]{1,32} at byte 2"},
	{"{\"A\":1}",
		"not canonical: a member name that is not "
		"[a-z0-9_-]{1,32} at byte 2"},
	{"{\"a\\\"\":1}",
		"not canonical: a member name that is not "
		"[a-z0-9_-]{1,32} at byte 2"},
	{"{\"\xc3\xa9\":1}",
		"not canonical: a member name that is not "
		"[a-z0-9_-]{1,32} at byte 2"},
	{"{\"" N32 "x\":1}",
		"not canonical: a member name that is not "
		"[a-z0-9_-]{1,32} at byte 2"},
	{"[1.5]", "not canonical: a number with a fraction at byte 2"},
	{"[1.0]", "not canonical: a number with a fraction at byte 2"},
	{"[1e3]", "not canonical: a number with an exponent at byte 2"},
	{"[1E400]", "not canonical: a number with an exponent at byte 2"},
	{"[-0]", "not canonical: minus zero at byte 2"},
	{"[9007199254740992]",
		"not canonical: an integer beyond 2^53-1 at byte 2"},
	{"[-9007199254740992]",
		"not canonical: an integer beyond 2^53-1 at byte 2"},
	{"[9223372036854775808]",
		"not canonical: an integer beyond 2^53-1 at byte 2"},
	{"[99999999999999999999999]",
		"not canonical: an integer beyond 2^53-1 at byte 2"},
	{"[\"\\/\"]", "not canonical: an escape that is not needed at byte 3"},
	{"[\"\\u0061\"]",
		"not canonical: an escape that is not needed at byte 3"},
	{"[\"\\n\"]",
		"not canonical: character U+000A is not allowed at byte 3"},
	{"[\"\x7f\"]",
		"not canonical: character U+007F is not allowed at byte 3"},
	{"[\"a\xe2\x80\xae\"]",
		"not canonical: character U+202E is not allowed at byte 4"},
	{"[\"\xef\xbf\xbf\"]",
		"not canonical: character U+FFFF is not allowed at byte 3"},
	{"[[[[[[[[[]]]]]]]]]",
		"not canonical: nesting deeper than 8 at byte 9"},
	{"{\"a\":[{\"a\":[{\"a\":[{\"a\":[{}]}]}]}]}",
		"not canonical: nesting deeper than 8 at byte 25"},
	{"1",
		"not canonical: only an object or a list may stand at the top "
		"at byte 1"},
	{"\"a\"",
		"not canonical: only an object or a list may stand at the "
		"top at byte 1"},
	{"null",
		"not canonical: only an object or a list may stand at the "
		"top at byte 1"},
	/* not JSON */
	{"", "not JSON: "},
	{" ", "not JSON: "},
	{"x", "not JSON: "},
	{"{", "not JSON: "},
	{"[", "not JSON: "},
	{"{}{}", "not JSON: "},
	{"{}x", "not JSON: "},
	{"[1,]", "not JSON: "},
	{"[,1]", "not JSON: "},
	{"{\"a\"}", "not JSON: "},
	{"{\"a\":}", "not JSON: "},
	{"{\"a\":1,}", "not JSON: "},
	{"{a:1}", "not JSON: "},
	{"{'a':1}", "not JSON: "},
	{"[01]", "not JSON: "},
	{"[-]", "not JSON: "},
	{"[-01]", "not JSON: "},
	{"[+1]", "not JSON: "},
	{"[.5]", "not JSON: "},
	{"[1.]", "not JSON: "},
	{"[0x1]", "not JSON: "},
	{"[tru]", "not JSON: "},
	{"[True]", "not JSON: "},
	{"[NaN]", "not JSON: "},
	{"[\"a]", "not JSON: "},
	{"[\"\\x\"]", "not JSON: "},
	{"[\"\\", "not JSON: "},
	{"[\"\\\"", "not JSON: "},
	{"[\"", "not JSON: "},
	{"{\"", "not JSON: "},
	{"{\"a", "not JSON: "},
	{"{\"a\"", "not JSON: "},
	{"{\"a\":", "not JSON: "},
	{"[t", "not JSON: "},
	{"[-", "not JSON: "},
	{"[\"\n\"]", "not JSON: "},
	{"[\"\x1b[1m\"]", "not JSON: "},
	{"[\"\xff\"]", "not JSON: "},
	{"[\"\xed\xa0\x80\"]", "not JSON: "},
	{"[\"\xc3\"]", "not JSON: "},
	{"[\"\\u0000\"]", "not JSON: "},
	{"[\"\\ud800\"]", "not JSON: "},
	{"{\"a\":1,\"a\":1}", "not JSON: "},
	{"\xef\xbb\xbf{}", "not JSON: "},
	{"[1 2]", "not JSON: "},
	{"[/**/]", "not JSON: "},
};

static void
not_accepted(void)
{
	struct jit_json *v = NULL;
	struct jit_error err = {0};
	size_t i, n;

	CASE("everything else is refused, and why is said");
	for (i = 0; i < COUNT(refused); i++) {
		ROW(refused[i].bytes);
		n = strlen(refused[i].bytes);
		CHECK_INT(decode(&v, refused[i].bytes, n, &err), JIT_USAGE);
		n = strlen(refused[i].why);
		if (refused[i].why[n - 1] == ' ' && strlen(err.text) > n)
			err.text[n] = '\0';
		CHECK_STR(err.text, refused[i].why);
	}
	CHECK(v == NULL);
	ROW("a raw NUL");
	CHECK(decode(&v, "[\"a\0b\"]", 7, &err) == JIT_USAGE);
	ROW("no error wanted");
	CHECK(decode(&v, "[1", 2, NULL) == JIT_USAGE);
}

static void
every_prefix(void)
{
	static const char whole[] =
		"{\"a\":[true,null,-12,\"x\\\"\xc3\xa9\"],\"b\":{\"c\":[]}}";
	char s[sizeof(whole)];
	struct jit_error err = {0};
	struct jit_json *v = NULL;
	size_t i, n = strlen(whole);
	int c;

	CASE("no prefix of a value is one");
	for (i = 0; i < n; i++)
		CHECK(decode(&v, whole, i, &err) == JIT_USAGE);
	CHECK(round_trip(whole, n, &err));
	CASE("any one byte changed is refused, or comes back the same");
	for (i = 0; i < n; i++) {
		memcpy(s, whole, sizeof(whole));
		for (c = 0; c < 256; c++) {
			s[i] = (char)c;
			round_trip(s, n, &err);
		}
	}
}

static void
sizes(void)
{
	char deep[4096];
	struct jit_json *v = NULL;
	struct jit_error err = {0};
	size_t half = 100000;
	char *bomb = malloc(2 * half);

	CASE("size comes before all else");
	CHECK_INT(jit_json_decode(&v, "xxxxx", 5, 4, &err), JIT_USAGE);
	CHECK_STR(err.text, "not canonical: larger than 4 bytes");
	CHECK_INT(jit_json_read(&v, "xxxxx", 5, 4, &err), JIT_USAGE);
	CHECK_STR(err.text, "larger than 4 bytes");
	CHECK_INT(jit_json_decode(&v, "[12]", 4, 4, &err), 0);
	jit_json_free(v);

	CASE("depth bombs");
	memset(deep, '[', sizeof(deep));
	CHECK_INT(decode(&v, deep, sizeof(deep), &err), JIT_USAGE);
	CHECK_STR(err.text, "not canonical: nesting deeper than 8 at byte 9");
	CHECK_INT(jit_json_read(&v, deep, sizeof(deep), sizeof(deep), &err),
		JIT_USAGE);
	CHECK_STR(err.text, "nesting deeper than 8 at line 1, column 9");
	memset(bomb, '[', half);
	memset(bomb + half, ']', half);
	bomb[0] = ' ';
	CHECK_INT(jit_json_decode(&v, bomb, 2 * half, 2 * half, &err),
		JIT_USAGE);
	CHECK_STR(err.text, "not canonical: white space at byte 1");
	free(bomb);
}

/* Read as a person's; what the error says, or the canonical bytes. */
static void
reads(const char *s, const char *want)
{
	struct jit_json *v = NULL, *again = NULL;
	struct jit_error err = {0};
	struct jit_buf b = {0};
	size_t len = strlen(s);
	int code;

	ROW(s);
	code = jit_json_read(&v, s, len, JIT_JSON_POLICY, &err);
	if (code != 0) {
		CHECK_INT(code, JIT_USAGE);
		CHECK(v == NULL);
		CHECK_STR(err.text, want);
		return;
	}
	jit_json_encode(&b, v, 0);
	CHECK_STR(jit_buf_text(&b), want);
	CHECK_INT(decode(&again, jit_buf_text(&b), b.len, &err), 0);
	jit_buf_free(&b);
	jit_json_free(v);
	jit_json_free(again);
}

static void
people(void)
{
	CASE("what people write is read");
	reads("{}", "{}");
	reads(" [ 1 , -0 ]\n", "[1,0]");
	reads("{\"b\": 1,\n\t\"a\": \"\\u0041\\/\\u20ac\"}",
		"{\"a\":\"A/\xe2\x82\xac\",\"b\":1}");
	reads("[\"\\ud83d\\udc4d\"]", "[\"\xf0\x9f\x91\x8d\"]");
	reads("[[[[[[[[]]]]]]]]", "[[[[[[[[]]]]]]]]");
	CASE("where it is not good JSON is said");
	reads("",
		"not JSON: unexpected token near end of file at line 1, "
		"column 0");
	reads("{\"a\": 1,\n \"b\" 2}",
		"not JSON: ':' expected near '2' at line 2, column 6");
	reads("{\"a\":1,\"a\":2}",
		"not JSON: duplicate object key near '\"a\"' at line 1, "
		"column 10");
	reads("[\n[[[\n  [[[[[[]]]]]]]]]",
		"nesting deeper than 8 at line 3, column 7");
	reads("[\"\xc3\xa9\xc3\xa9\",[[[[[[[[",
		"nesting deeper than 8 at line 1, column 14");
	reads("3", "only an object or a list may stand at the top");
	CASE("what else a ledger does not hold is named by its member");
	reads("{\"max\": 1.5}",
		"'max': a number with a fraction or an exponent");
	reads("[1e3]", "a number with a fraction or an exponent");
	reads("{\"a\": {\"b\": [9007199254740992]}}",
		"'b': an integer beyond 2^53-1");
	reads("{\"a\": -9007199254740992}", "'a': an integer beyond 2^53-1");
	reads("{\"a\": \"x\\ny\"}",
		"'a': a character that is not allowed "
		"(a control or an invisible one)");
	reads("{\"a\": {\"Be\": 1}}",
		"'Be' is a member name that is not "
		"[a-z0-9_-]{1,32}");
	reads("{\"\\u202e\": 1}",
		"'\\u{202E}' is a member name that is not "
		"[a-z0-9_-]{1,32}");
}

static void
order(void)
{
	static const char text[] = "{\"c\":3,\"a\":{\"z\":1,\"y\":2},\"b\":2}";
	struct jit_json *v = NULL;
	const struct jit_json *m = NULL;
	struct jit_error err = {0};
	const char *name = NULL;
	char names[8] = "";
	void *iter = NULL;

	CASE("members come in the order of their names");
	CHECK_INT(jit_json_read(&v, text, strlen(text), 100, &err), 0);
	while ((iter = jit_json_next(v, iter, &name, &m)) != NULL)
		strcat(names, name);
	while ((iter = jit_json_next(jit_json_get(v, "a"), iter, &name, &m)) !=
		NULL)
		strcat(names, name);
	CHECK_STR(names, "abcyz");
	CHECK(jit_json_next(m, NULL, &name, &m) == NULL);
	jit_json_free(v);
}

static void
looking(void)
{
	static const char text[] =
		"{\"f\":false,\"i\":-7,\"l\":[1,\"x\"],\"n\":null,\"t\":true}";
	struct jit_json *v = NULL;
	struct jit_error err = {0};
	int64_t n = 0;
	bool b = true;

	CASE("looking");
	CHECK_INT(decode(&v, text, strlen(text), &err), 0);
	CHECK(jit_json_kind(v) == JIT_JSON_OBJECT);
	CHECK(jit_json_kind(NULL) == JIT_JSON_NULL);
	CHECK(jit_json_kind(jit_json_get(v, "f")) == JIT_JSON_BOOL);
	CHECK(jit_json_kind(jit_json_get(v, "t")) == JIT_JSON_BOOL);
	CHECK(jit_json_kind(jit_json_get(v, "i")) == JIT_JSON_NUMBER);
	CHECK(jit_json_kind(jit_json_get(v, "l")) == JIT_JSON_LIST);
	CHECK(jit_json_kind(jit_json_get(v, "n")) == JIT_JSON_NULL);
	CHECK(jit_json_bool(&b, jit_json_get(v, "f")) && !b);
	CHECK(jit_json_bool(&b, jit_json_get(v, "t")) && b);
	CHECK(!jit_json_bool(&b, jit_json_get(v, "n")) && b);
	CHECK(jit_json_int(&n, jit_json_get(v, "i")) && n == -7);
	CHECK(!jit_json_int(&n, jit_json_get(v, "t")) && n == -7);
	CHECK_INT(jit_json_count(v), 5);
	CHECK_INT(jit_json_count(jit_json_get(v, "l")), 2);
	CHECK_INT(jit_json_count(jit_json_get(v, "i")), 0);
	CHECK_STR(jit_json_text(jit_json_at(jit_json_get(v, "l"), 1)), "x");
	CHECK(jit_json_at(jit_json_get(v, "l"), 2) == NULL);
	CHECK(jit_json_at(v, 0) == NULL);
	CHECK(jit_json_text(jit_json_get(v, "i")) == NULL);
	CHECK(jit_json_get(v, "x") == NULL);
	CHECK(jit_json_get(NULL, "x") == NULL);
	CHECK(jit_json_keep(v) == v);
	jit_json_free(v);
	jit_json_free(v);
	jit_json_free(jit_json_keep(NULL));
}

static void
building(void)
{
	struct jit_json *o = jit_json_object(), *list = jit_json_list();
	struct jit_buf b = {0};

	CASE("building");
	CHECK(jit_json_set_text(o, "b", "x\"y\\z"));
	CHECK(jit_json_set_int(o, "a", -1));
	CHECK(jit_json_set_int(o, "a", JIT_JSON_INT));
	CHECK(jit_json_set_bool(o, "c", true));
	CHECK(jit_json_add_text(list, "e"));
	CHECK(jit_json_add(list, jit_json_object()));
	CHECK(jit_json_set(o, "0", list));
	jit_json_encode(&b, o, 0);
	CHECK_STR(jit_buf_text(&b),
		"{\"0\":[\"e\",{}],\"a\":9007199254740991,"
		"\"b\":\"x\\\"y\\\\z\",\"c\":true}");
	CASE("encode appends, for people with an indent");
	jit_buf_reset(&b);
	jit_buf_str(&b, "> ");
	jit_json_encode(&b, jit_json_get(o, "0"), 2);
	CHECK_STR(jit_buf_text(&b), "> [\n  \"e\",\n  {}\n]");
	CASE("what no ledger holds is not built");
	CHECK(!jit_json_set(o, "d", NULL));
	CHECK(!jit_json_set(NULL, "d", jit_json_list()));
	CHECK(!jit_json_set(list, "d", jit_json_list()));
	CHECK(!jit_json_set(o, "", jit_json_list()));
	CHECK(!jit_json_set(o, "Up", jit_json_list()));
	CHECK(!jit_json_set_text(o, "d", NULL));
	CHECK(!jit_json_set_text(o, "d", "\n"));
	CHECK(!jit_json_set_text(o, "d", "\xff"));
	CHECK(!jit_json_set_int(o, "d", JIT_JSON_INT + 1));
	CHECK(!jit_json_set_int(o, "d", -JIT_JSON_INT - 1));
	CHECK(!jit_json_add(o, jit_json_list()));
	CHECK(!jit_json_add(list, NULL));
	CHECK(!jit_json_add_text(list, "\xe2\x80\xae"));
	CHECK_INT(jit_json_count(o), 4);
	CHECK(!b.failed);
	jit_json_encode(&b, NULL, 0);
	CHECK(b.failed);
	jit_buf_free(&b);
	jit_json_free(o);
}

/* Other people's vectors, where they are. */

static char *
slurp(const char *dir, const char *name, size_t *len)
{
	char path[1024], *bytes = malloc(JIT_JSON_POLICY);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!CHECK(f != NULL)) {
		*len = 0;
		return bytes;
	}
	*len = fread(bytes, 1, JIT_JSON_POLICY, f);
	fclose(f);
	return bytes;
}

/* JSON by RFC 8259, but with a name twice or with a NUL. */
static bool
on_purpose(const char *name)
{
	static const char *const names[] = {"y_object_duplicated_key.json",
		"y_object_duplicated_key_and_value.json",
		"y_object_escaped_null_in_key.json",
		"y_string_null_escape.json"};
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void
suite_file(const char *dir, const char *name)
{
	size_t len = 0;
	char *bytes = slurp(dir, name, &len);
	struct jit_error err = {0};
	struct jit_json *v = NULL;
	bool taken = round_trip(bytes, len, &err);
	bool not_json = strncmp(err.text, "not JSON: ", 10) == 0;

	ROW(name);
	CHECK(taken || not_json ||
		strncmp(err.text, "not canonical: ", 15) == 0);
	if (name[0] == 'n')
		CHECK(!taken);
	if (name[0] == 'y')
		CHECK(not_json == on_purpose(name));
	if (jit_json_read(&v, bytes, len, JIT_JSON_POLICY, &err) == 0) {
		CHECK(name[0] != 'n');
		jit_json_free(v);
	} else {
		CHECK(!taken);
	}
	free(bytes);
}

static void
suite(const char *vectors)
{
	char dir[512];
	struct dirent *e;
	size_t count = 0;
	DIR *d;

	CASE("JSONTestSuite");
	snprintf(dir, sizeof(dir), "%s/JSONTestSuite/test_parsing", vectors);
	d = opendir(dir);
	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		suite_file(dir, e->d_name);
		count++;
	}
	if (d != NULL)
		closedir(d);
	CHECK(count > 300);
}

/* Only arrays is within our profile: the others' member names are not. */
static void
jcs(const char *vectors)
{
	static const char *const names[] = {"arrays", "french", "structures",
		"unicode", "values", "weird"};
	struct jit_error err = {0};
	struct jit_json *v;
	struct jit_buf b;
	char path[64], *in, *out;
	size_t i, in_len, out_len;

	CASE("RFC 8785");
	for (i = 0; i < COUNT(names); i++) {
		ROW(names[i]);
		v = NULL;
		b = (struct jit_buf){0};
		snprintf(path, sizeof(path),
			"rfc8785-jcs/testdata/input/%s.json", names[i]);
		in = slurp(vectors, path, &in_len);
		snprintf(path, sizeof(path),
			"rfc8785-jcs/testdata/output/%s.json", names[i]);
		out = slurp(vectors, path, &out_len);
		if (jit_json_read(&v, in, in_len, JIT_JSON_EVENT, &err) == 0) {
			CHECK_STR(names[i], "arrays");
			jit_json_encode(&b, v, 0);
			CHECK_INT(b.len, out_len);
			CHECK_MEM(b.data, out, out_len);
		}
		CHECK((v != NULL) == round_trip(out, out_len, &err));
		CHECK((v != NULL) == (i == 0));
		jit_json_free(v);
		jit_buf_free(&b);
		free(in);
		free(out);
	}
}

int
main(void)
{
	const char *vectors = getenv("JIT_VECTORS");

	accepted();
	not_accepted();
	every_prefix();
	sizes();
	people();
	order();
	looking();
	building();
	if (vectors == NULL) {
		puts("json_test: vectors: not here");
	} else {
		suite(vectors);
		jcs(vectors);
	}
	return UNIT_DONE();
}

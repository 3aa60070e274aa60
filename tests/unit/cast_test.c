/* SPDX-License-Identifier: ISC */
#include "cast.h"
#include "temp.h"
#include "unit.h"

#define HEAD                                                                   \
	"{\"version\":2,\"width\":80,\"height\":24,\"timestamp\":1795321661,"  \
	"\"title\":\"grant 01KA on ssh:web-1\"}\n"
#define BAD "\xef\xbf\xbd" /* U+FFFD */

static const struct jit_cast_head head = {.width = 80,
	.height = 24,
	.timestamp = 1795321661,
	.title = "grant 01KA on ssh:web-1"};

static void
heads(void)
{
	char title[JIT_CAST_WORDS + 8];
	struct jit_cast_head odd = {.width = -1,
		.height = 1 << 20,
		.timestamp = -5,
		.title = "a \"b\"\x1b\xe2\x80\xae"};
	struct jit_cast_line line = {0};
	struct jit_buf out = {0};
	struct jit_cast w;

	CASE("the head");
	jit_cast_start(&w, &out, &head, 0);
	CHECK_STR(jit_buf_text(&out), HEAD);
	CHECK_INT((long long)w.tape.size, (long long)strlen(HEAD));
	CHECK_INT((long long)w.tape.lines, 1);
	jit_buf_reset(&out);
	CASE("sizes are bounded and the title is escaped");
	jit_cast_start(&w, &out, &odd, 0);
	CHECK_STR(jit_buf_text(&out),
		"{\"version\":2,\"width\":1,\"height\":65535,\"timestamp\":0,"
		"\"title\":\"a \\\"b\\\"\\u001b\\u202e\"}\n");
	jit_buf_reset(&out);
	CASE("a long title is cut between characters");
	memset(title, 'x', sizeof(title));
	title[sizeof(title) - 1] = '\0';
	memcpy(title + JIT_CAST_WORDS - 2, "\xe2\x82\xac", 3);
	odd.title = title;
	jit_cast_start(&w, &out, &odd, 0);
	CHECK(jit_cast_read(&line, out.data, out.len, NULL) == 0);
	CHECK_INT((long long)line.text.len, JIT_CAST_WORDS - 2);
	jit_cast_free(&line);
	jit_buf_free(&out);
}

/* What is shown in one piece, and the text of its line. */
static const struct {
	const char *shown, *text;
} shown[] = {
	{"hello", "hello"},
	{"say \"\\\"", "say \\\"\\\\\\\""},
	{"\b\f\n\r\t", "\\b\\f\\n\\r\\t"},
	{"\x1b[31m\x07\x01", "\\u001b[31m\\u0007\\u0001"},
	{"\x7f\xc2\x9b", "\\u007f\\u009b"},
	{"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7",
		"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7"},
	{"\xe2\x80\xae\xf3\xa0\x80\x81", "\\u202e\\udb40\\udc01"},
	{"\xee\x80\x80", "\\ue000"},
	{"\xf4\x8f\xbf\xbf", "\\udbff\\udfff"},
	{BAD, BAD},
	/* no UTF-8 */
	{"a\xff\xfe z", "a" BAD BAD " z"},
	{"\x80\xbf", BAD BAD},
	{"\xc0\xaf", BAD BAD},
	{"\xed\xa0\x80", BAD BAD BAD},
	{"\xf4\x90\x80\x80", BAD BAD BAD BAD},
	{"\xe2\x82z", BAD BAD "z"},
	{"\xf5", BAD},
};

static void
outputs(void)
{
	struct jit_buf out = {0}, want = {0};
	struct jit_cast w;
	size_t i;

	CASE("output is UTF-8, and nothing in it reaches a terminal");
	for (i = 0; i < COUNT(shown); i++) {
		ROW(shown[i].text);
		jit_cast_start(&w, &out, &head, 0);
		jit_buf_reset(&out);
		jit_cast_output(&w, &out, 1234, shown[i].shown,
			strlen(shown[i].shown));
		jit_buf_fmt(&want, "[1.234,\"o\",\"%s\"]\n", shown[i].text);
		CHECK_STR(jit_buf_text(&out), jit_buf_text(&want));
		jit_buf_reset(&out);
		jit_buf_reset(&want);
	}
	CASE("a NUL is output too");
	jit_cast_output(&w, &out, 1234, "\0", 1);
	CHECK_STR(jit_buf_text(&out), "[1.234,\"o\",\"\\u0000\"]\n");
	jit_buf_free(&out);
	jit_buf_free(&want);
}

/* The text of all output lines in 'cast'. */
static void
said_by(struct jit_buf *out, const struct jit_buf *cast)
{
	const char *p = jit_buf_text(cast), *end = p + cast->len, *next;
	struct jit_cast_tape tape = {0};
	struct jit_cast_line line;
	struct jit_error err = {0};

	for (; p < end; p = next) {
		next = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
		line = (struct jit_cast_line){0};
		if (!CHECK(jit_cast_follow(&tape, &line, p, (size_t)(next - p),
				   &err) == 0)) {
			printf("%s\n", err.text);
			return;
		}
		if (line.kind == JIT_CAST_OUTPUT)
			jit_buf_put(out, line.text.data, line.text.len);
		jit_cast_free(&line);
	}
}

static void
splits(void)
{
	struct jit_buf out = {0}, whole = {0};
	struct jit_cast w;
	const char *s;
	size_t i, at;

	CASE("bytes one by one say the same as all at once");
	for (i = 0; i < COUNT(shown); i++) {
		ROW(shown[i].text);
		s = shown[i].shown;
		jit_cast_start(&w, &out, &head, 0);
		jit_cast_output(&w, &out, 1, s, strlen(s));
		jit_cast_end(&w, &out, 2, NULL);
		said_by(&whole, &out);
		jit_buf_reset(&out);
		jit_cast_start(&w, &out, &head, 0);
		for (at = 0; s[at]; at++)
			jit_cast_output(&w, &out, 1, s + at, 1);
		jit_cast_end(&w, &out, 2, NULL);
		at = whole.len;
		said_by(&whole, &out);
		CHECK_INT((long long)whole.len, 2 * (long long)at);
		s = jit_buf_text(&whole);
		CHECK_MEM(s, s + at, at);
		jit_buf_reset(&whole);
		jit_buf_reset(&out);
	}
	CASE("a character that is split comes when it is whole");
	jit_cast_start(&w, &out, &head, 0);
	jit_buf_reset(&out);
	jit_cast_output(&w, &out, 1, "a\xe2\x82", 3);
	CHECK_STR(jit_buf_text(&out), "[0.001,\"o\",\"a\"]\n");
	jit_buf_reset(&out);
	jit_cast_output(&w, &out, 2, "", 0);
	jit_cast_output(&w, &out, 3, "\xac", 1);
	CHECK_STR(jit_buf_text(&out), "[0.003,\"o\",\"\xe2\x82\xac\"]\n");
	jit_buf_reset(&out);
	CASE("one whose rest never comes is said at the end");
	jit_cast_output(&w, &out, 4, "\xf0\x9f\x90", 3);
	CHECK_INT((long long)out.len, 0);
	jit_cast_end(&w, &out, 5, "the keeper is gone");
	CHECK_STR(jit_buf_text(&out),
		"[0.005,\"o\",\"" BAD BAD BAD "\"]\n"
		"[0.005,\"m\",\"recording ends here: the keeper is gone\"]\n");
	jit_buf_free(&out);
	jit_buf_free(&whole);
}

static void
marks(void)
{
	struct jit_buf out = {0};
	struct jit_cast w;

	CASE("a mark is a line of the recording, as long as a title");
	jit_cast_start(&w, &out, &head, 0);
	jit_buf_reset(&out);
	jit_cast_mark(&w, &out, 7, "argv \"salt\" 00");
	CHECK_STR(jit_buf_text(&out),
		"[0.007,\"m\",\"argv \\\"salt\\\" 00\"]\n");
	CHECK_INT((long long)w.tape.lines, 2);
	jit_buf_reset(&out);
	jit_cast_mark(&w, &out, 8,
		"0123456789012345678901234567890123456789012345678901234567890"
		"0123456789012345678901234567890123456789012345678901234567890"
		"0123456789");
	CHECK_INT((long long)out.len,
		(long long)strlen("[0.008,\"m\",\"\"]\n") + JIT_CAST_WORDS);
	jit_buf_free(&out);
}

static void
times(void)
{
	static const int64_t at[] = {-1, 0, 999, 61000, 60000,
		JIT_CAST_LATEST + 5, INT64_MAX, INT64_MIN};
	struct jit_buf out = {0};
	struct jit_cast w;
	size_t i;

	CASE("time never goes back, and ends at ten digits");
	jit_cast_start(&w, &out, &head, 0);
	jit_buf_reset(&out);
	for (i = 0; i < COUNT(at); i++)
		jit_cast_size(&w, &out, at[i], 132, 43);
	CHECK_STR(jit_buf_text(&out),
		"[0.000,\"r\",\"132x43\"]\n[0.000,\"r\",\"132x43\"]\n"
		"[0.999,\"r\",\"132x43\"]\n[61.000,\"r\",\"132x43\"]\n"
		"[61.000,\"r\",\"132x43\"]\n"
		"[9999999999.999,\"r\",\"132x43\"]\n"
		"[9999999999.999,\"r\",\"132x43\"]\n"
		"[9999999999.999,\"r\",\"132x43\"]\n");
	jit_buf_free(&out);
}

/* The longest line of 'cast'. */
static size_t
longest(const struct jit_buf *cast)
{
	size_t i, from = 0, most = 0;

	for (i = 0; i < cast->len; i++)
		if (cast->data[i] == '\n') {
			most = i + 1 - from > most ? i + 1 - from : most;
			from = i + 1;
		}
	return most;
}

static void
bounds(void)
{
	static unsigned char much[300000];
	struct jit_buf out = {0}, text = {0};
	struct jit_cast w;

	CASE("much output becomes lines within their bound");
	memset(much, 0x01, sizeof(much));
	jit_cast_start(&w, &out, &head, 0);
	jit_cast_output(&w, &out, 1, "\xf0\x9f\x90", 3);
	jit_cast_output(&w, &out, 1, much, sizeof(much));
	jit_cast_end(&w, &out, 1, NULL);
	CHECK(longest(&out) <= JIT_CAST_LINE);
	said_by(&text, &out);
	CHECK_INT((long long)text.len, sizeof(much) + 9);
	jit_buf_free(&text);
	jit_buf_free(&out);

	CASE("the limit is said, and what was not kept");
	jit_cast_start(&w, &out, &head, 4000);
	jit_cast_output(&w, &out, 1000, "first", 5);
	memset(much, 'x', sizeof(much));
	jit_cast_output(&w, &out, 2000, much, 3000);
	jit_cast_size(&w, &out, 2500, 90, 30);
	jit_cast_output(&w, &out, 3000, "more\xe2\x82", 6);
	jit_cast_end(&w, &out, 4000, NULL);
	CHECK_STR(jit_buf_text(&out),
		HEAD "[1.000,\"o\",\"first\"]\n"
		     "[2.000,\"m\",\"recording ends here: the limit of "
		     "4000 bytes is reached\"]\n"
		     "[4.000,\"m\",\"3006 bytes of output were not kept\"]\n");
	CHECK_INT((long long)w.tape.size, (long long)out.len);
	jit_buf_reset(&out);

	CASE("a character that waits is not kept beyond the limit either");
	jit_cast_start(&w, &out, &head, 2000);
	jit_cast_output(&w, &out, 1, "\xe2\x82", 2);
	jit_cast_output(&w, &out, 1, much, 2000);
	CHECK_INT((long long)w.lost, 2002);
	jit_buf_reset(&out);

	CASE("no recording is larger than its limit");
	jit_cast_start(&w, &out, &head, 100000);
	while (w.lost < 200000)
		jit_cast_output(&w, &out, INT64_MAX, much, 997);
	memset(much, 0x02, sizeof(much));
	much[sizeof(much) - 1] = '\0';
	jit_cast_end(&w, &out, 1, (const char *)much);
	CHECK(out.len <= 100000 && out.len > 98000);
	said_by(&text, &out);
	jit_buf_free(&text);
	jit_buf_reset(&out);

	CASE("a limit that has no place for anything has place for the end");
	jit_cast_start(&w, &out, &head, 1);
	jit_cast_output(&w, &out, 1, "x", 1);
	jit_cast_end(&w, &out, 1, NULL);
	said_by(&text, &out);
	CHECK_INT((long long)text.len, 0);
	CHECK_INT((long long)w.lost, 1);
	jit_buf_free(&text);
	jit_buf_free(&out);
}

/* The manual's own way, with stock tools. */
static void
digests(void)
{
	char hex[JIT_HEX256], from_reader[JIT_HEX256], stock[JIT_HEX256] = "";
	const char *p, *end, *next;
	struct jit_cast_tape tape = {0};
	struct jit_buf out = {0};
	struct jit_cast w;
	char *all;

	CASE("the chained digest is what stock tools make of the file");
	jit_cast_start(&w, &out, &head, 5000);
	jit_cast_output(&w, &out, 10, "a\\b\n", 4);
	jit_cast_size(&w, &out, 20, 100, 30);
	jit_cast_output(&w, &out, 30, "\xff\xe2", 2);
	jit_cast_end(&w, &out, 40, "done");
	jit_cast_digest(hex, &w.tape);
	spill("cast", out.data, out.len);
	CHECK(run("bash -c 'digest=; while IFS= read -r line; do "
		  "digest=$({ printf \"$digest\"; "
		  "printf \"%%s\\n\" \"$line\"; } | sha256sum | "
		  "cut -c 1-64 | sed \"s/../\\\\\\\\x&/g\"); "
		  "done <cast; echo \"$digest\" | tr -d \"\\\\\\\\x\"'") == 0);
	all = slurp("said", NULL);
	snprintf(stock, sizeof(stock), "%s", all);
	free(all);
	CHECK_STR(hex, stock);

	CASE("and what its reader has");
	p = jit_buf_text(&out);
	for (end = p + out.len; p < end; p = next) {
		next = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
		CHECK(jit_cast_follow(&tape, NULL, p, (size_t)(next - p),
			      NULL) == 0);
	}
	jit_cast_digest(from_reader, &tape);
	CHECK_STR(from_reader, hex);
	CHECK_INT((long long)tape.size, (long long)out.len);
	CHECK_INT((long long)tape.lines, 6);
	CHECK_INT(tape.ms, 40);
	jit_buf_free(&out);
}

#define H(w, h, t) "{\"version\":2,\"width\":" w ",\"height\":" h t
#define T ",\"timestamp\":0,\"title\":\""

static const struct {
	const char *line;
	enum jit_cast_kind kind;
	int64_t ms;
	const char *text;
} good[] = {
	{HEAD, JIT_CAST_HEAD, 0, "grant 01KA on ssh:web-1"},
	{H("1", "65535", T "\"}\n"), JIT_CAST_HEAD, 0, ""},
	{"[0.000,\"o\",\"\"]\n", JIT_CAST_OUTPUT, 0, ""},
	{"[0.100,\"o\",\"hi\\r\\n\"]\n", JIT_CAST_OUTPUT, 100, "hi\r\n"},
	{"[9999999999.999,\"m\",\"x\"]\n", JIT_CAST_MARK, JIT_CAST_LATEST, "x"},
	{"[1.000,\"o\",\"\\u001b[m \\\" \\\\ /\"]\n", JIT_CAST_OUTPUT, 1000,
		"\x1b[m \" \\ /"},
	{"[1.000,\"o\",\"\\udbff\\udfff\\u202e\"]\n", JIT_CAST_OUTPUT, 1000,
		"\xf4\x8f\xbf\xbf\xe2\x80\xae"},
	{"[1.000,\"r\",\"80x24\"]\n", JIT_CAST_SIZE, 1000, ""},
};

static const char *const bad[] = {
	/* not whole */
	"\n", "x\n", "[\n", "{\n", "[]\n", "{}\n", "null\n", "[0.000\n",
	"[0.000,\"o\"\n", "[0.000,\"o\"]\n", "[0.000,\"o\",\"\n",
	"[0.000,\"o\",\"\"\n", "[0.000,\"o\",\"\\\n", "[0.000,\"o\",\"\\u\n",
	/* more than a line */
	"[0.000,\"o\",\"\"]\n\n", "[0.000,\"o\",\"\"]\n[0.000,\"o\",\"\"]\n",
	"[0.000,\"o\",\"\"] \n", "[0.000,\"o\",\"\"]\r\n",
	"[0.000,\"o\",\"\",\"\"]\n", " [0.000,\"o\",\"\"]\n",
	/* what is never recorded, and what is none */
	"[0.000,\"i\",\"secret\"]\n", "[0.000,\"x\",\"\"]\n",
	"[0.000,\"oo\",\"\"]\n", "[0.000,\"\",\"\"]\n", "[0.000,\"o\",null]\n",
	"[0.000,o,\"\"]\n", "[0.000,\"O\",\"\"]\n",
	/* times */
	"[0,\"o\",\"\"]\n", "[.000,\"o\",\"\"]\n", "[0.0,\"o\",\"\"]\n",
	"[0.0000,\"o\",\"\"]\n", "[00.000,\"o\",\"\"]\n",
	"[-1.000,\"o\",\"\"]\n", "[1e3,\"o\",\"\"]\n", "[+1.000,\"o\",\"\"]\n",
	"[10000000000.000,\"o\",\"\"]\n",
	"[99999999999999999999.000,\"o\",\"\"]\n", "[0.00x,\"o\",\"\"]\n",
	/* texts */
	"[0.000,\"o\",\"\x1b\"]\n", "[0.000,\"o\",\"\t\"]\n",
	"[0.000,\"o\",\"\x7f\"]\n", "[0.000,\"o\",\"\xff\"]\n",
	"[0.000,\"o\",\"\xe2\x80\xae\"]\n", "[0.000,\"o\",\"\\/\"]\n",
	"[0.000,\"o\",\"\\x41\"]\n", "[0.000,\"o\",\"\\u0041\"]\n",
	"[0.000,\"o\",\"\\u000a\"]\n", "[0.000,\"o\",\"\\u001B\"]\n",
	"[0.000,\"o\",\"\\u01b\"]\n", "[0.000,\"o\",\"\\ud800\"]\n",
	"[0.000,\"o\",\"\\udc00\"]\n", "[0.000,\"o\",\"\\ud800\\u0041\"]\n",
	"[0.000,\"o\",\"\\udbff\\udfff\\udbff\"]\n",
	"[0.000,\"o\",\"\\u20ac\"]\n", "[0.000,\"o\",\"\xc0\x80\"]\n",
	"[0.000,\"o\",\"\xe2\x82\"]\n",
	/* sizes */
	"[0.000,\"r\",\"\"]\n", "[0.000,\"r\",\"80\"]\n",
	"[0.000,\"r\",\"080x24\"]\n", "[0.000,\"r\",\"0x24\"]\n",
	"[0.000,\"r\",\"80x65536\"]\n", "[0.000,\"r\",\"80X24\"]\n",
	"[0.000,\"r\",\"80x24 \"]\n",
	/* heads */
	H("0", "24", T "\"}\n"), H("80", "-1", T "\"}\n"),
	H("65536", "24", T "\"}\n"), H("80", "24", "}\n"),
	H("80", "24", ",\"title\":\"\",\"timestamp\":0}\n"),
	H("80", "24", T "\",\"env\":{}}\n"), H("80", "24", T "\x01\"}\n"),
	H("80", "24", ",\"timestamp\":-1,\"title\":\"\"}\n"),
	"{\"version\":1,\"width\":80,\"height\":24}\n",
	"{\"version\":3,\"width\":80,\"height\":24" T "\"}\n",
	"{ \"version\":2,\"width\":80,\"height\":24" T "\"}\n"};

static void
lines(void)
{
	struct jit_cast_line line = {0};
	struct jit_error err = {0};
	struct jit_buf again = {0};
	size_t i, len, n;

	CASE("lines that are");
	for (i = 0; i < COUNT(good); i++) {
		ROW(good[i].line);
		len = strlen(good[i].line);
		if (!CHECK(jit_cast_read(&line, good[i].line, len, &err) == 0))
			continue;
		CHECK_INT(line.kind, good[i].kind);
		CHECK_INT(line.ms, good[i].ms);
		CHECK_STR(jit_buf_text(&line.text), good[i].text);
		jit_cast_encode(&again, &line);
		CHECK_STR(jit_buf_text(&again), good[i].line);
		jit_buf_reset(&again);
		jit_cast_free(&line);
	}
	CASE("no line without all of its bytes");
	for (i = 0; i < COUNT(good); i++)
		for (n = 0; n < strlen(good[i].line); n++)
			CHECK(jit_cast_read(&line, good[i].line, n, &err) ==
				JIT_USAGE);
	CASE("lines that are none");
	for (i = 0; i < COUNT(bad); i++) {
		ROW(bad[i]);
		line.width = 7;
		err.text[0] = '\0';
		CHECK(jit_cast_read(&line, bad[i], strlen(bad[i]), &err) ==
			JIT_USAGE);
		CHECK_INT(line.width, 7);
		CHECK(strncmp(err.text, "no line of a recording at byte ",
			      31) == 0);
	}
	CASE("a NUL ends no line");
	CHECK(jit_cast_read(&line, "[0.000,\"o\",\"\0\"]\n", 16, &err) ==
		JIT_USAGE);
	CHECK(jit_cast_read(&line, "[0.000,\"o\",\"\"]\n\0", 16, &err) ==
		JIT_USAGE);
	jit_buf_free(&again);
}

static void
long_lines(void)
{
	struct jit_cast_line line = {0};
	struct jit_error err = {0};
	struct jit_buf b = {0};

	CASE("a line has a bound");
	jit_buf_str(&b, "[0.000,\"o\",\"");
	while (b.len < JIT_CAST_LINE - 3)
		jit_buf_u8(&b, 'x');
	jit_buf_str(&b, "\"]\n");
	CHECK(jit_cast_read(&line, b.data, b.len, &err) == 0);
	jit_cast_free(&line);
	b.len -= 3;
	jit_buf_str(&b, "x\"]\n");
	line = (struct jit_cast_line){0};
	CHECK(jit_cast_read(&line, b.data, b.len, &err) == JIT_USAGE);
	CHECK_STR(err.text, "longer than 65536 bytes");
	CHECK(jit_cast_read(&line, "[0.000,\"o\",\"\"]", 14, &err) ==
		JIT_USAGE);
	CHECK_STR(err.text, "its end is missing");
	jit_buf_free(&b);
}

static void
orders(void)
{
	static const char event[] = "[1.000,\"o\",\"\"]\n";
	static const char back[] = "[0.999,\"o\",\"\"]\n";
	struct jit_cast_tape tape = {0}, before;
	struct jit_error err = {0};

	CASE("a head comes first, and only first, and time never goes back");
	CHECK(jit_cast_follow(&tape, NULL, event, strlen(event), &err) ==
		JIT_USAGE);
	CHECK_STR(err.text, "line 1: the head is missing");
	CHECK(jit_cast_follow(&tape, NULL, HEAD, strlen(HEAD), &err) == 0);
	CHECK(jit_cast_follow(&tape, NULL, event, strlen(event), &err) == 0);
	CHECK(jit_cast_follow(&tape, NULL, event, strlen(event), &err) == 0);
	before = tape;
	CHECK(jit_cast_follow(&tape, NULL, HEAD, strlen(HEAD), &err) ==
		JIT_USAGE);
	CHECK_STR(err.text, "line 4: a second head");
	CHECK(jit_cast_follow(&tape, NULL, back, strlen(back), &err) ==
		JIT_USAGE);
	CHECK_STR(err.text, "line 4: time goes back");
	CHECK(jit_cast_follow(&tape, NULL, "[\n", 2, &err) == JIT_USAGE);
	CHECK_STR(err.text, "line 4: no line of a recording at byte 2");
	CHECK_MEM(&tape, &before, sizeof(tape));
}

int
main(void)
{
	temp_start();
	if (jit_hash_start(NULL) != 0)
		return 1;
	heads();
	outputs();
	splits();
	marks();
	times();
	bounds();
	digests();
	lines();
	long_lines();
	orders();
	return UNIT_DONE();
}

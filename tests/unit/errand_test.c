/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "errand.h"
#include "unit.h"

#define GRANT                                                                  \
	"\"v\":1,\"resource\":\"sudo:web-1\",\"target\":{\"dir\":\"/x\"},"     \
	"\"id\":\"01M811SWC8EY2228A52W0X3AEG\",\"role\":\"root\","             \
	"\"principal\":\"alice@ex.com\",\"from\":1,\"until\":1795321661"

static int
ask(struct jit_errand *out, enum jit_verb verb, const char *text,
	struct jit_error *err)
{
	struct jit_json *json = NULL;
	struct jit_arena mem = {0};
	int rc = jit_errand_read(out, &json, &mem, verb, text, strlen(text),
		err);

	jit_json_free(json); /* numbers outlive it, texts do not */
	jit_arena_free(&mem);
	return rc;
}

static void
questions(void)
{
	static const struct {
		enum jit_verb verb;
		const char *text;
		const char *why; /* NULL: it is good */
	} table[] = {
		{JIT_VERB_DESCRIBE, "", NULL},
		{JIT_VERB_SCAN,
			"{\"v\":1,\"resource\":\"pg:orders\",\"target\":{}}",
			NULL},
		{JIT_VERB_GRANT, "{" GRANT "}", NULL},
		{JIT_VERB_REVOKE, " {\n" GRANT "}\n", NULL},
		{JIT_VERB_PROBE,
			"{" GRANT ",\"actions\":[[\"/bin/ls\",\"-l\"]],"
			"\"others\":[{\"id\":\"01M811SWC8EY2228A52W0X3AEH\","
			"\"role\":\"r\",\"principal\":\"alice@ex.com\","
			"\"until\":9,\"actions\":[[\"/bin/ls\"]]}],"
			"\"offer\":\"x\",\"certificate\":\"y\"}",
			NULL},
		{JIT_VERB_GRANT, "", "not JSON"},
		{JIT_VERB_GRANT, "{}", "question: 'v' is missing"},
		{JIT_VERB_GRANT, "{" GRANT "} x", "not JSON"},
		{JIT_VERB_GRANT, "{" GRANT ",\"more\":1}",
			"question: unknown member 'more'"},
		{JIT_VERB_SCAN,
			"{\"v\":2,\"resource\":\"pg:orders\",\"target\":{}}",
			"question: v: 2 is not within 1 to 1"},
		{JIT_VERB_SCAN,
			"{\"v\":1,\"resource\":\"orders\",\"target\":{}}",
			"question: resource: 'orders' is not a resource"},
		{JIT_VERB_SCAN,
			"{\"v\":1,\"resource\":\"pg:orders\",\"target\":7}",
			"question: target: an object is wanted here"},
		{JIT_VERB_SCAN, "{" GRANT "}", "question: unknown member"},
		{JIT_VERB_GRANT, "{" GRANT ",\"actions\":[]}",
			"question: actions: 1 to 64 elements"},
		{JIT_VERB_GRANT, "{" GRANT ",\"actions\":[[]]}",
			"question: actions[0]: it begins with"},
		{JIT_VERB_GRANT, "{" GRANT ",\"actions\":[[\"ls\"]]}",
			"question: actions[0]: it begins with"},
		{JIT_VERB_GRANT, "{" GRANT ",\"actions\":[[\"/bin/\"]]}",
			"question: actions[0]: it begins with"},
		{JIT_VERB_GRANT, "{" GRANT ",\"actions\":[[\"/bin/l*\"]]}",
			"question: actions[0][0]: '/bin/l*' is not a plain"},
		{JIT_VERB_GRANT,
			"{" GRANT ",\"actions\":[[\"/bin/ls\",\"a b\"]]}",
			"question: actions[0][1]: 'a b' is not a plain word"},
	};
	struct jit_errand e;
	struct jit_error err = {0};
	size_t i;

	CASE("questions, good and bad");
	for (i = 0; i < COUNT(table); i++) {
		ROW(table[i].text);
		err.text[0] = '\0';
		CHECK_INT(ask(&e, table[i].verb, table[i].text, &err),
			table[i].why ? JIT_USAGE : 0);
		if (table[i].why &&
			strncmp(err.text, table[i].why, strlen(table[i].why)) !=
				0)
			CHECK_STR(err.text, table[i].why);
	}
}

static void
written(void)
{
	const struct jit_other other = {.id = "01M811SWC8EY2228A52W0X3AEH",
		.role = "r",
		.principal = "alice@ex.com",
		.until = 9};
	struct jit_errand e = {.resource = "sudo:web-1",
		.id = "01M811SWC8EY2228A52W0X3AEG",
		.role = "root",
		.principal = "alice@ex.com",
		.from = 1,
		.until = 1795321661,
		.others = {1, (void *)(uintptr_t)&other}};
	struct jit_error err = {0};
	struct jit_buf out = {0};

	CASE("a question is one line, a target an object");
	CHECK(jit_errand_write(&out, &e, JIT_VERB_GRANT, &err) == 0);
	CHECK_STR(jit_buf_text(&out),
		"{\"from\":1,\"id\":\"01M811SWC8EY2228A52W0X3AEG\","
		"\"others\":[{\"id\":\"01M811SWC8EY2228A52W0X3AEH\","
		"\"principal\":\"alice@ex.com\",\"role\":\"r\",\"until\":9}],"
		"\"principal\":\"alice@ex.com\",\"resource\":\"sudo:web-1\","
		"\"role\":\"root\",\"target\":{},\"until\":1795321661,"
		"\"v\":1}\n");
	jit_buf_free(&out);
	CASE("of describe nothing, of scan what there is");
	CHECK(jit_errand_write(&out, &e, JIT_VERB_DESCRIBE, &err) == 0);
	CHECK_STR(jit_buf_text(&out), "");
	CHECK(jit_errand_write(&out, &e, JIT_VERB_SCAN, &err) == 0);
	CHECK_STR(jit_buf_text(&out),
		"{\"others\":[{\"id\":\"01M811SWC8EY2228A52W0X3AEH\","
		"\"principal\":\"alice@ex.com\",\"role\":\"r\",\"until\":9}],"
		"\"resource\":\"sudo:web-1\",\"target\":{},\"v\":1}\n");
	jit_buf_free(&out);
	CASE("what could not be read is not written");
	e.role = NULL;
	CHECK(jit_errand_write(&out, &e, JIT_VERB_GRANT, &err) == JIT_USAGE);
	e.role = "Root";
	CHECK(jit_errand_write(&out, &e, JIT_VERB_GRANT, &err) == JIT_USAGE);
	CHECK_STR(err.text, "question: role: 'Root' is not a role");
	CHECK_INT((long long)out.len, 0);
	jit_buf_free(&out);
}

static void
answers(void)
{
	static const struct {
		enum jit_verb verb;
		const char *text;
		const char *why; /* NULL: it is good */
	} table[] = {
		{JIT_VERB_DESCRIBE,
			"{\"v\":1,\"name\":\"pg\",\"offer\":\"none\","
			"\"actions\":false,\"proves\":\"it asks\"}",
			NULL},
		{JIT_VERB_DESCRIBE,
			"{\"v\":1,\"name\":\"pg\",\"offer\":\"password\","
			"\"actions\":false,\"proves\":\"it asks\"}",
			"answer: offer: 'password' is not none"},
		{JIT_VERB_GRANT,
			"{\"v\":1,\"account\":\"x\",\"connect\":{\"a\":[1]}}",
			NULL},
		{JIT_VERB_GRANT, "{\"v\":1,\"account\":\"x\",\"connect\":1}",
			"answer: connect: an object is wanted"},
		{JIT_VERB_GRANT, "{\"v\":1,\"account\":\"\",\"connect\":{}}",
			"answer: account: '' is not 1 to 500"},
		{JIT_VERB_REVOKE, "{\"v\":1,\"ended\":0}", NULL},
		{JIT_VERB_REVOKE, "{\"v\":1,\"ended\":3,\"left\":\"x\"}", NULL},
		{JIT_VERB_REVOKE, "{\"v\":1,\"ended\":-1}",
			"answer: ended: -1 is not within"},
		{JIT_VERB_REVOKE, "{\"v\":1}", "answer: 'ended' is missing"},
		{JIT_VERB_REVOKE, "{\"ended\":0}", "answer: 'v' is missing"},
		{JIT_VERB_REVOKE, "done", "not JSON"},
		{JIT_VERB_REVOKE, "", "not JSON"},
		{JIT_VERB_REVOKE, "{\"v\":1,\"ended\":0}{}", "not JSON"},
		{JIT_VERB_PROBE,
			"{\"v\":1,\"outcome\":\"refused\",\"how\":\"asked\"}",
			NULL},
		{JIT_VERB_PROBE,
			"{\"v\":1,\"outcome\":\"Refused\",\"how\":\"asked\"}",
			"answer: outcome: 'Refused' is not refused, allowed"},
		{JIT_VERB_PROBE, "{\"v\":1,\"outcome\":\"refused\"}",
			"answer: 'how' is missing"},
		{JIT_VERB_PROBE,
			"{\"v\":1,\"outcome\":\"refused\","
			"\"how\":\"a\\u001b[1mb\"}",
			""},
		{JIT_VERB_PROBE, "{\"v\":1,\"ended\":0}",
			"answer: unknown member 'ended'"},
		{JIT_VERB_SCAN,
			"{\"v\":1,\"standing\":[{\"what\":\"x\",\"who\":\"y\"}"
			"],\"unseen\":[\"z\"]}",
			NULL},
		{JIT_VERB_SCAN, "{\"v\":1,\"standing\":[],\"unseen\":[]}",
			NULL},
		{JIT_VERB_SCAN,
			"{\"v\":1,\"standing\":[{\"what\":\"x\",\"who\":\"y\","
			"\"surface\":\"keys\"}],\"unseen\":[\"z\"],"
			"\"whole\":[\"cas\"]}",
			NULL},
		{JIT_VERB_SCAN,
			"{\"v\":1,\"standing\":[{\"what\":\"x\",\"who\":\"y\","
			"\"surface\":\"Keys\"}],\"unseen\":[]}",
			"answer: standing[0].surface: 'Keys' is not a surface"},
		{JIT_VERB_SCAN,
			"{\"v\":1,\"standing\":[],\"unseen\":[],"
			"\"whole\":[\"\"]}",
			"answer: whole[0]: '' is not a surface"},
		{JIT_VERB_SCAN, "{\"v\":1,\"standing\":[]}",
			"answer: 'unseen' is missing"},
	};
	struct jit_error err = {0};
	struct jit_reply r = {0};
	struct jit_buf out = {0};
	size_t i;

	CASE("answers, good and bad; a good one is written as it was read");
	for (i = 0; i < COUNT(table); i++) {
		ROW(table[i].text);
		CHECK_INT(jit_reply_read(&r, table[i].verb, table[i].text,
				  strlen(table[i].text), &err),
			table[i].why ? JIT_USAGE : 0);
		if (table[i].why) {
			if (strncmp(err.text, table[i].why,
				    strlen(table[i].why)) != 0)
				CHECK_STR(err.text, table[i].why);
			continue;
		}
		CHECK(jit_reply_write(&out, &r, table[i].verb, &err) == 0);
		CHECK_INT((long long)out.len,
			(long long)strlen(table[i].text) + 1);
		jit_buf_free(&out);
		jit_reply_free(&r);
	}
	CASE("no answer is written that nobody may read");
	r.outcome = JIT_OUTCOME_REFUSED;
	r.how = "a\x1b[1mb";
	CHECK(jit_reply_write(&out, &r, JIT_VERB_PROBE, &err) == JIT_TROUBLE);
	r.how = "fine";
	r.outcome = "no";
	CHECK(jit_reply_write(&out, &r, JIT_VERB_PROBE, &err) == JIT_TROUBLE);
	CHECK_INT((long long)out.len, 0);
	jit_buf_free(&out);
}

static void
verbs(void)
{
	int i;

	CASE("verbs by their names");
	for (i = 0; i < JIT_VERBS; i++)
		CHECK_INT(jit_verb_read(jit_verb_name((enum jit_verb)i)), i);
	CHECK_INT(jit_verb_read("grants"), -1);
	CHECK_INT(jit_verb_read(""), -1);
}

int
main(void)
{
	verbs();
	questions();
	written();
	answers();
	return UNIT_DONE();
}

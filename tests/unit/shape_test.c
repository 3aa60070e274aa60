/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "shape.h"
#include "unit.h"

struct row {
	const char *id;
	int64_t max;
	struct jit_texts who;
};

struct inner {
	int64_t skew;
	bool loud;
};

struct whole {
	const char *title;
	int64_t version;
	bool deny;
	struct jit_texts roles;
	struct jit_lists actions;
	struct jit_map groups;
	struct jit_rows rules;
	struct inner *limits;
	const struct jit_json *extra;
};

#define END                                                                    \
	{                                                                      \
		.name = NULL                                                   \
	}

static const struct jit_member row_shape[] = {
	{.name = "id",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct row, id),
		.check = jit_name_label,
		.expect = "a rule's name"},
	{.name = "max",
		.kind = JIT_DURATION,
		.offset = offsetof(struct row, max)},
	{.name = "who",
		.kind = JIT_TEXTS,
		.required = true,
		.min = 1,
		.max = 2,
		.offset = offsetof(struct row, who),
		.check = jit_name_label},
	{.name = "budget", .kind = JIT_LATER}, END};

static const struct jit_member inner_shape[] = {
	{.name = "skew",
		.kind = JIT_INT,
		.required = true,
		.min = 0,
		.max = 300,
		.offset = offsetof(struct inner, skew)},
	{.name = "loud",
		.kind = JIT_FLAG,
		.offset = offsetof(struct inner, loud)},
	END};

static const struct jit_member whole_shape[] = {
	{.name = "title",
		.kind = JIT_TEXT,
		.offset = offsetof(struct whole, title)},
	{.name = "version",
		.kind = JIT_INT,
		.required = true,
		.min = 1,
		.max = 1,
		.offset = offsetof(struct whole, version)},
	{.name = "deny",
		.kind = JIT_FLAG,
		.offset = offsetof(struct whole, deny)},
	{.name = "roles",
		.kind = JIT_TEXTS,
		.offset = offsetof(struct whole, roles)},
	{.name = "actions",
		.kind = JIT_LISTS,
		.max = 2,
		.offset = offsetof(struct whole, actions),
		.check = jit_name_word,
		.expect = "a word"},
	{.name = "groups",
		.kind = JIT_MAP,
		.max = 2,
		.offset = offsetof(struct whole, groups),
		.check = jit_name_principal,
		.expect = "a principal"},
	{.name = "rules",
		.kind = JIT_ROWS,
		.offset = offsetof(struct whole, rules),
		.inner = row_shape,
		.size = sizeof(struct row)},
	{.name = "limits",
		.kind = JIT_INNER,
		.offset = offsetof(struct whole, limits),
		.inner = inner_shape,
		.size = sizeof(struct inner)},
	{.name = "extra",
		.kind = JIT_ANY,
		.offset = offsetof(struct whole, extra)},
	END};

static struct jit_json *
json(const char *text)
{
	struct jit_json *v = NULL;
	struct jit_error err = {0};

	ROW(text);
	CHECK_INT(jit_json_read(&v, text, strlen(text), JIT_JSON_POLICY, &err),
		0);
	return v;
}

static void
write_back(const struct whole *w, const char *want)
{
	struct jit_json *o = jit_json_object();
	struct jit_error err = {0};
	struct jit_buf b = {0};

	CHECK_INT(jit_shape_write(o, whole_shape, w, &err), 0);
	jit_json_encode(&b, o, 0);
	CHECK_STR(jit_buf_text(&b), want);
	jit_buf_free(&b);
	jit_json_free(o);
}

static void
all_kinds(void)
{
	static const char text[] =
		"{\"actions\":[[\"/bin/ls\",\"-l\"],[]],\"deny\":true,"
		"\"extra\":[{\"x\":1}],"
		"\"groups\":{\"dba\":[\"a@b\",\"c@d\"],\"none\":[]},"
		"\"limits\":{\"loud\":true,\"skew\":0},\"roles\":[\"read\"],"
		"\"rules\":[{\"id\":\"r1\",\"max\":\"1h30m\",\"who\":[\"x\"]},"
		"{\"id\":\"r2\",\"who\":[\"x\",\"y\"]}],"
		"\"title\":\"all\",\"version\":1}";
	struct jit_json *v = json(text);
	struct jit_arena mem = {0};
	struct jit_error err = {0};
	struct whole w = {0};
	struct row *rows;

	CASE("every kind is read");
	CHECK_INT(jit_shape_read(&w, &mem, whole_shape, v, "policy", &err), 0);
	CHECK_STR(w.title, "all");
	CHECK_INT(w.version, 1);
	CHECK(w.deny);
	CHECK_INT(w.roles.count, 1);
	CHECK_STR(w.roles.at[0], "read");
	CHECK_INT(w.actions.count, 2);
	CHECK_INT(w.actions.at[0].count, 2);
	CHECK_STR(w.actions.at[0].at[1], "-l");
	CHECK_INT(w.actions.at[1].count, 0);
	CHECK_INT(w.groups.count, 2);
	CHECK_STR(w.groups.at[0].name, "dba");
	CHECK_STR(w.groups.at[0].texts.at[1], "c@d");
	CHECK_STR(w.groups.at[1].name, "none");
	CHECK_INT(w.rules.count, 2);
	rows = w.rules.at;
	CHECK_STR(rows[0].id, "r1");
	CHECK_INT(rows[0].max, 5400);
	CHECK_STR(rows[1].who.at[1], "y");
	CHECK_INT(rows[1].max, 0);
	CHECK(w.limits != NULL && w.limits->loud && w.limits->skew == 0);
	CHECK(w.extra == jit_json_get(v, "extra"));
	CASE("and written back the same");
	write_back(&w, text);
	jit_arena_free(&mem);
	jit_json_free(v);
}

static void
absent(void)
{
	struct jit_json *v = json("{\"version\":1}");
	struct jit_arena mem = {0};
	struct jit_error err = {0};
	struct whole w = {0}, zero = {0};

	CASE("what is absent stays zero, and is left out");
	CHECK_INT(jit_shape_read(&w, &mem, whole_shape, v, "policy", &err), 0);
	zero.version = 1;
	CHECK(w.title == NULL && w.limits == NULL && w.extra == NULL);
	CHECK(w.rules.count == 0 && w.rules.at == NULL && !w.deny);
	write_back(&w, "{\"version\":1}");
	write_back(&zero, "{\"version\":1}");
	jit_arena_free(&mem);
	jit_json_free(v);
}

static const struct refused {
	const char *text, *why;
} refused[] = {
	{"[]", "policy: an object is wanted here, not a list"},
	{"{}", "policy: 'version' is missing"},
	{"{\"version\":2}", "policy: version: 2 is not within 1 to 1"},
	{"{\"version\":\"1\"}",
		"policy: version: a number is wanted here, not a text"},
	{"{\"version\":null}",
		"policy: version: a number is wanted here, not null"},
	{"{\"foo\":1,\"version\":1}", "policy: unknown member 'foo'"},
	{"{\"deny\":1}",
		"policy: deny: true or false is wanted here, not a "
		"number"},
	{"{\"title\":[]}", "policy: title: a text is wanted here, not a list"},
	{"{\"roles\":\"x\"}",
		"policy: roles: a list is wanted here, not a text"},
	{"{\"roles\":[\"x\",1]}",
		"policy: roles[1]: a text is wanted here, not a number"},
	{"{\"actions\":[\"x\"]}",
		"policy: actions[0]: a list is wanted here, not a text"},
	{"{\"actions\":[[],[\"a\",\"b c\"]]}",
		"policy: actions[1][1]: 'b c' is not a word"},
	{"{\"actions\":[[],[],[]]}",
		"policy: actions: 0 to 2 elements are wanted here, not 3"},
	{"{\"groups\":[]}",
		"policy: groups: an object is wanted here, not a list"},
	{"{\"groups\":{\"x\":{}}}",
		"policy: groups.x: a list is wanted here, not an object"},
	{"{\"groups\":{\"x\":[\"a@b\",\"B\"]}}",
		"policy: groups.x[1]: 'B' is not a principal"},
	{"{\"groups\":{\"0x\":[]}}",
		"policy: groups: '0x' is no name: write a lower-case letter "
		"or _, then up to 31 of a-z, 0-9, _ and -"},
	{"{\"groups\":{\"a\":[],\"b\":[],\"c\":[]}}",
		"policy: groups: 0 to 2 elements are wanted here, not 3"},
	{"{\"limits\":[]}",
		"policy: limits: an object is wanted here, not a list"},
	{"{\"limits\":{}}", "policy: limits: 'skew' is missing"},
	{"{\"limits\":{\"skew\":-1}}",
		"policy: limits.skew: -1 is not within 0 to 300"},
	{"{\"limits\":{\"x\":1}}", "policy: unknown member 'x' at limits"},
	{"{\"rules\":[{\"id\":\"a\",\"who\":[\"x\"]},1]}",
		"policy: rules[1]: an object is wanted here, not a number"},
	{"{\"rules\":[{\"foo\":1}]}",
		"policy: unknown member 'foo' at rules[0]"},
	{"{\"rules\":[{\"id\":\"a\",\"who\":[\"x\"]},{\"id\":\"b\"}]}",
		"policy: rules[1]: 'who' is missing"},
	{"{\"rules\":[{\"id\":\"A\"}]}",
		"policy: rules[0].id: 'A' is not a rule's name"},
	{"{\"rules\":[{\"id\":\"a\",\"who\":[]}]}",
		"policy: rules[0].who: 1 to 2 elements are wanted here, "
		"not 0"},
	{"{\"rules\":[{\"id\":\"a\",\"who\":[\"A\"]}]}",
		"policy: rules[0].who[0]: 'A' is not accepted"},
	{"{\"rules\":[{\"budget\":{\"grants\":6}}]}",
		"policy: rules[0].budget: not yet: this release does not "
		"enforce it, so it is refused"},
	{"{\"rules\":[{\"max\":30}]}",
		"policy: rules[0].max: a text is wanted here, not a number"},
};

static void
refusals(void)
{
	const struct refused *c;
	struct jit_error err = {0};
	struct jit_arena mem;
	struct whole w;
	struct jit_json *v;

	CASE("what does not fit is refused, and where is said");
	for (c = refused; c < refused + COUNT(refused); c++) {
		w = (struct whole){0};
		mem = (struct jit_arena){0};
		v = json(c->text);
		CHECK_INT(jit_shape_read(&w, &mem, whole_shape, v, "policy",
				  &err),
			JIT_USAGE);
		CHECK_STR(err.text, c->why);
		CHECK_INT(jit_shape_read(&w, &mem, whole_shape, v, "policy",
				  NULL),
			JIT_USAGE);
		jit_arena_free(&mem);
		jit_json_free(v);
	}
}

static void
duration(void)
{
	struct jit_json *v = json("{\"rules\":[{\"max\":\"ten\"}]}");
	struct jit_error err = {0};
	struct jit_arena mem = {0};
	struct whole w = {0};

	CASE("a duration's own error comes after the place");
	CHECK_INT(jit_shape_read(&w, &mem, whole_shape, v, "policy", &err),
		JIT_USAGE);
	CHECK(strncmp(err.text, "policy: rules[0].max: ", 22) == 0);
	CHECK(strstr(err.text + 22, "'ten'") != NULL);
	jit_arena_free(&mem);
	jit_json_free(v);
}

static void
most(void)
{
	static char text[5 * 4097 + 32];
	struct jit_error err = {0};
	struct jit_arena mem = {0};
	struct whole w = {0};
	struct jit_json *v;
	size_t i, n;

	CASE("4096 elements where the table does not say");
	n = (size_t)sprintf(text, "{\"version\":1,\"roles\":[\"x\"");
	for (i = 1; i < 4096; i++)
		n += (size_t)sprintf(text + n, ",\"x\"");
	strcpy(text + n, "]}");
	v = json(text);
	ROW("4096");
	CHECK_INT(jit_shape_read(&w, &mem, whole_shape, v, "policy", &err), 0);
	CHECK_INT(w.roles.count, 4096);
	jit_json_free(v);
	strcpy(text + n, ",\"x\"]}");
	v = json(text);
	ROW("4097");
	CHECK_INT(jit_shape_read(&w, &mem, whole_shape, v, "policy", &err),
		JIT_USAGE);
	CHECK_STR(err.text,
		"policy: roles: 0 to 4096 elements are wanted here, not 4097");
	jit_json_free(v);
	jit_arena_free(&mem);
}

static void
required(void)
{
	static const struct jit_member shape[] = {
		{.name = "r",
			.kind = JIT_TEXTS,
			.required = true,
			.offset = offsetof(struct whole, roles)},
		{.name = "m",
			.kind = JIT_MAP,
			.required = true,
			.offset = offsetof(struct whole, groups)},
		{.name = "d",
			.kind = JIT_FLAG,
			.required = true,
			.offset = offsetof(struct whole, deny)},
		{.name = "t",
			.kind = JIT_TEXT,
			.offset = offsetof(struct whole, title)},
		END};
	struct jit_json *o = jit_json_object();
	struct jit_error err = {0};
	struct jit_buf b = {0};
	struct whole w = {0};

	CASE("what is required is written, empty or not");
	CHECK_INT(jit_shape_write(o, shape, &w, &err), 0);
	jit_json_encode(&b, o, 0);
	CHECK_STR(jit_buf_text(&b), "{\"d\":false,\"m\":{},\"r\":[]}");
	CASE("what no ledger holds is not written");
	w.title = "a\nb";
	CHECK_INT(jit_shape_write(o, shape, &w, &err), JIT_TROUBLE);
	jit_buf_free(&b);
	jit_json_free(o);
}

static void
copies(void)
{
	const char *one[] = {"a", "b"}, *two[] = {"c"};
	struct jit_texts texts[] = {{2, one}, {1, two}, {0, NULL}};
	const struct jit_lists lists = {COUNT(texts), texts}, none = {0, NULL};
	struct jit_arena mem = {0};
	struct jit_lists copy = {0};

	CASE("a copy of lists is another, and the same");
	CHECK_INT(jit_shape_copy(&copy, &mem, &lists, NULL), 0);
	one[0] = two[0] = "x";
	texts[0].count = 0;
	CHECK_INT((long long)copy.count, 3);
	CHECK_INT((long long)copy.at[0].count, 2);
	CHECK_STR(copy.at[0].at[0], "a");
	CHECK_STR(copy.at[0].at[1], "b");
	CHECK_STR(copy.at[1].at[0], "c");
	CHECK_INT((long long)copy.at[2].count, 0);
	CHECK_INT(jit_shape_copy(&copy, &mem, &none, NULL), 0);
	CHECK_INT((long long)copy.count, 0);
	jit_arena_free(&mem);
}

int
main(void)
{
	all_kinds();
	absent();
	refusals();
	duration();
	most();
	required();
	copies();
	return UNIT_DONE();
}

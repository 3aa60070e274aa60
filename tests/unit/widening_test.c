/* SPDX-License-Identifier: ISC */
/* What of a new policy is more than the old one gave, and what is not. */
#include "widening.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define CA "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OTHER "SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"
#define APPROVE "\"approve\":[{\"group\":\"dba\",\"count\":2}]"
#define BUDGET "{\"grants\":2,\"time\":\"1h\",\"per\":\"1d\"}"

static const char text[] =
	"{\"groups\":{\"admins\":[\"root@x\",\"rita@x\"],"
	"\"asking\":[\"alice@x\"],"
	"\"dba\":[\"dan@x\",\"dora@x\",\"carol@x\"]},"
	"\"admins\":{\"group\":\"admins\",\"count\":2},"
	"\"issuers\":[{\"by\":\"issuer@x\",\"resources\":[\"ssh:web-*\"],"
	"\"recorder\":\"/usr/libexec/jit/recorder\",\"ca\":[\"" CA "\"]}],"
	"\"limits\":{\"skew\":\"1m\",\"pending\":\"2h\",\"use_by\":\"30m\","
	"\"reason\":5},"
	"\"rules\":[{\"id\":\"web\",\"who\":[\"asking\"],"
	"\"resource\":\"ssh:web-*\",\"roles\":[\"root\"],\"max\":\"1h\","
	"\"sum\":\"90m\",\"task\":\"INC-#\",\"key\":\"sk\"," APPROVE ","
	"\"when\":{\"days\":\"mon-fri\",\"from\":\"08:00\","
	"\"until\":\"18:00\",\"zone\":\"Z\"}},"
	"{\"id\":\"auto\",\"who\":[\"asking\"],\"resource\":\"ssh:auto-1\","
	"\"roles\":[\"www\"],\"max\":\"10m\",\"approve\":[],"
	"\"budget\":" BUDGET "},"
	"{\"id\":\"act\",\"who\":[\"asking\"],\"resource\":\"ssh:act-*\","
	"\"roles\":[\"root\"],\"max\":\"1h\"," APPROVE ","
	"\"actions\":[[\"/usr/bin/id\"]]},"
	"{\"id\":\"glass\",\"break_glass\":true,\"who\":[\"asking\"],"
	"\"resource\":\"ssh:web-*\",\"roles\":[\"root\"],\"max\":\"15m\","
	"\"review\":{\"group\":\"dba\",\"within\":\"1d\"}},"
	"{\"id\":\"ice\",\"deny\":true,\"who\":[\"asking\"],"
	"\"resource\":\"pg:*\",\"roles\":[\"admin\"],\"why\":\"freeze\"}]}";

static const char *const people[] = {"root@x", "rita@x", "alice@x", "dan@x",
	"dora@x", "carol@x", "eve@x"};

static bool
read_policy(struct jit_policy *p, const char *s)
{
	struct jit_json *json = NULL;
	struct jit_error err = {0};
	int rc = jit_json_read(&json, s, strlen(s), JIT_JSON_POLICY, &err);

	if (rc == 0)
		rc = jit_policy_read(p, json, &err);
	jit_json_free(json);
	if (rc)
		printf("policy: %s\n", err.text);
	return rc == 0;
}

static bool
replaced(char *out, size_t size, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (!CHECK(at != NULL))
		return false;
	snprintf(out, size, "%.*s%s%s", (int)(at - text), text, to,
		at + strlen(from));
	return true;
}

/* The policy with 'from' as 'to', which is 'more' ("": no more). */
static void
widens(const char *from, const char *to, const char *more)
{
	const struct jit_crowd crowd = {people, COUNT(people)};
	struct jit_policy old = {0}, new = {0};
	struct jit_buf out = {0};
	char other[4096];

	ROW(to[0] ? to : from);
	if (!replaced(other, sizeof(other), from, to))
		return;
	if (CHECK(read_policy(&old, text))) {
		if (CHECK(read_policy(&new, other))) {
			jit_widening_put(&out, &old, &new, &crowd);
			CHECK_STR(jit_buf_text(&out), more);
			jit_policy_free(&new);
		}
		jit_policy_free(&old);
	}
	jit_buf_free(&out);
}

#define WEB(why) "rule web gives root on ssh:web-* to 1 principal " why

static void
test_terms(void)
{
	CASE("terms");
	widens("\"1h\",\"sum\"", "\"61m\",\"sum\"", WEB("for longer"));
	widens("\"1h\",\"sum\"", "\"59m\",\"sum\"", "");
	widens("90m", "91m", WEB("for longer with extensions"));
	widens("90m", "1h", "");
	widens("\"sum\":\"90m\",", "", WEB("for longer with extensions"));
	widens("\"count\":2}],\"when", "\"count\":1}],\"when",
		WEB("with fewer or other votes"));
	widens("\"count\":2}],\"when", "\"count\":3}],\"when", "");
	widens("\"dba\",\"count\":2}],\"when",
		"\"admins\",\"count\":2}],\"when",
		WEB("with fewer or other votes"));
	widens("\"key\":\"sk\",", "", WEB("without a security key's vote"));
	widens("\"task\":\"INC-#\",", "", WEB("for other tasks"));
	widens("INC-#", "*", WEB("for other tasks"));
	widens("08:00", "07:00", WEB("at other hours"));
	widens(BUDGET, "{\"grants\":3,\"time\":\"1h\",\"per\":\"1d\"}",
		"rule auto gives www on ssh:auto-1 to 1 principal more often");
	widens(BUDGET, "{\"grants\":2,\"time\":\"1h\",\"per\":\"12h\"}",
		"rule auto gives www on ssh:auto-1 to 1 principal more often");
	widens(BUDGET, "{\"grants\":1,\"time\":\"1h\",\"per\":\"2d\"}", "");
	widens("[\"/usr/bin/id\"]", "[\"/usr/bin/id\"],[\"/usr/bin/ls\"]",
		"rule act gives root on ssh:act-* to 1 principal for other "
		"actions");
	widens(",\"actions\":[[\"/usr/bin/id\"]]", "",
		"rule act gives root on ssh:act-* to 1 principal for other "
		"actions");
	widens("\"within\":\"1d\"", "\"within\":\"2d\"",
		"rule glass gives root on ssh:web-* to 1 principal with a "
		"later review");
}

static void
test_reach(void)
{
	CASE("who and what");
	widens("[\"alice@x\"]", "[\"alice@x\",\"eve@x\"]",
		"rule web gives root on ssh:web-* to 1 principal anew; "
		"rule auto gives www on ssh:auto-1 to 1 principal anew; "
		"rule act gives root on ssh:act-* to 1 principal anew; "
		"rule glass gives root on ssh:web-* to 1 principal anew");
	widens("[\"alice@x\"]", "[\"alice@x\",\"nobody@x\"]", "");
	widens("[\"root\"],\"max\":\"1h\",\"sum\"",
		"[\"root\",\"www\"],\"max\":\"1h\",\"sum\"",
		"rule web gives www on ssh:web-* to 1 principal anew");
	widens("\"resource\":\"ssh:web-*\",\"roles\":[\"root\"],\"max\":\"1h\"",
		"\"resource\":\"ssh:*\",\"roles\":[\"root\"],\"max\":\"1h\"",
		"rule web gives root on ssh:* to 1 principal anew");
	widens("\"resource\":\"ssh:web-*\",\"roles\":[\"root\"],\"max\":\"1h\"",
		"\"resource\":\"ssh:web-1*\",\"roles\":[\"root\"],\"max\":"
		"\"1h\"",
		"");
	widens("\"id\":\"web\"", "\"id\":\"site\"", "");

	CASE("denies");
	widens(",\"roles\":[\"admin\"],\"why\"", ",\"why\"", "");
	widens("\"who\":[\"asking\"],\"resource\":\"pg:*\"",
		"\"resource\":\"pg:*\"", "");
	widens("\"resource\":\"pg:*\"", "\"resource\":\"pg:a*\"",
		"rule ice no longer denies pg:*");
	widens("\"roles\":[\"admin\"]", "\"roles\":[\"read\"]",
		"rule ice no longer denies pg:*");
	widens("\"who\":[\"asking\"],\"resource\":\"pg:*\"",
		"\"who\":[\"dba\"],\"resource\":\"pg:*\"",
		"rule ice no longer denies pg:*");
}

static void
test_common(void)
{
	CASE("admins, issuers and limits");
	widens("\"rita@x\"]", "\"rita@x\",\"eve@x\"]", "admins: 1 more");
	widens("\"admins\",\"count\":2", "\"admins\",\"count\":1",
		"a change needs 1 of the admins, not 2");
	widens("\"ca\":[\"" CA "\"]", "\"ca\":[\"" CA "\",\"" OTHER "\"]",
		"issuer@x issues ssh:web-* on other terms");
	widens("\"recorder\":\"/usr/libexec/jit/recorder\",", "",
		"issuer@x issues ssh:web-* on other terms");
	widens("[\"ssh:web-*\"]", "[\"ssh:web-*\",\"pg:*\"]",
		"issuer@x issues pg:* on other terms");
	widens("[\"ssh:web-*\"]", "[\"ssh:web-1\"]", "");
	widens("\"skew\":\"1m\"", "\"skew\":\"2m\"", "limit skew is wider");
	widens("\"pending\":\"2h\"", "\"pending\":\"3h\"",
		"limit pending is wider");
	widens("\"use_by\":\"30m\"", "\"use_by\":\"1h\"",
		"limit use_by is wider");
	widens("\"reason\":5", "\"reason\":4", "limit reason is wider");
	widens("\"reason\":5", "\"reason\":6", "");
}

int
main(void)
{
	test_terms();
	test_reach();
	test_common();
	return UNIT_DONE();
}

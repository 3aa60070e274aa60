/* SPDX-License-Identifier: ISC */
#include "policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "name.h"
#include "unit.h"
#include "words.h"

#define PRINT "SHA256:u0ABiXxPilACh36EN5WYYGqZ8X70UKn+V8DR4iL8oYc"
#define N32 "abcdefghijklmnopqrstuvwxyz_-0123"
#define N128 N32 N32 N32 N32

/* Every member once. */
static const char whole[] =
	"{\"groups\":{\"admins\":[\"root@x\",\"rita@x\"],"
	"\"asking\":[\"alice@x\",\"*@vendor.ex\"],\"dba\":[\"dan@x\"]},"
	"\"admins\":{\"group\":\"admins\",\"count\":1},"
	"\"issuers\":[{\"by\":\"issuer@x\",\"resources\":[\"ssh:*\"],"
	"\"ca\":[\"" PRINT "\"]}],"
	"\"limits\":{\"skew\":\"1m\",\"pending\":\"2h\",\"use_by\":\"30m\","
	"\"reason\":5},"
	"\"rules\":[{\"id\":\"web\",\"who\":[\"asking\"],"
	"\"resource\":\"ssh:web-*\",\"roles\":[\"root\"],\"max\":\"1h30m\","
	"\"task\":\"INC-#\",\"key\":\"sk\","
	"\"approve\":[{\"group\":\"dba\",\"count\":2}]},"
	"{\"id\":\"ice\",\"deny\":true,\"who\":[\"asking\"],"
	"\"resource\":\"pg:*\",\"roles\":[\"admin\"],\"why\":\"freeze\"}]}";

/* 'text' with the first 'from' replaced by 'to'. */
static void
replace(struct jit_buf *out, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	jit_buf_reset(out);
	if (!CHECK(at != NULL))
		return;
	jit_buf_put(out, text, (size_t)(at - text));
	jit_buf_str(out, to);
	jit_buf_str(out, at + strlen(from));
}

#define NOW 1795321661LL /* 2026-11-22T04:27:41Z */

static int
ask(const struct jit_rule **rule, const struct jit_policy *p, const char *who,
	const char *resource, const char *role, struct jit_error *err)
{
	const struct jit_asked q = {.who = who,
		.resource = resource,
		.role = role,
		.at = NOW};

	return jit_policy_match(rule, p, &q, err);
}

/* Read it, in force since NOW. */
static int
read_text(struct jit_policy *p, const char *text, struct jit_error *err)
{
	struct jit_json *json = NULL;
	struct jit_policy read = {0};
	int rc;

	rc = jit_json_read(&json, text, strlen(text), JIT_JSON_POLICY, err);
	if (rc == 0)
		rc = jit_policy_read(&read, json, err);
	if (rc == 0)
		rc = jit_policy_date(&read, NOW, err);
	jit_json_free(json);
	if (rc)
		jit_policy_free(&read);
	else
		*p = read;
	return rc;
}

/* It is refused with 'why', or read for NULL; nothing is put out then. */
static void
check(const char *text, const char *why)
{
	unsigned char untouched[sizeof(struct jit_policy)];
	struct jit_error err = {0};
	struct jit_policy p;
	int rc;

	memset(untouched, 7, sizeof(untouched));
	memcpy(&p, untouched, sizeof(p));
	rc = read_text(&p, text, &err);
	if (CHECK_INT(rc, why ? JIT_USAGE : 0) && why)
		CHECK_MEM(&p, untouched, sizeof(p));
	CHECK_STR(err.text, why ? why : "");
	if (rc == 0)
		jit_policy_free(&p);
}

#define GLOB "is not a pattern (jit-policy(5), PATTERNS)"
#define MAX "\"max\":\"1h30m\""
#define WORD "is not a pattern of a word (jit-policy(5), PATTERNS)"
#define NAME "is not a name: [a-z_][a-z0-9_-]{0,31}"
#define DENY_HAS                                                               \
	"policy: rule 'ice': a deny has only who, resource, roles, until and " \
	"why"

static const struct change {
	const char *from, *to, *why;
} changes[] = {
	{"{", "{", NULL},
	/* the top */
	{"{\"groups\":", "{\"groups_\":", "policy: unknown member 'groups_'"},
	{"{\"groups\":", "{\"teams\":{},\"groups\":",
		"policy: unknown member 'teams'"},
	{"\"admins\":{\"group\":\"admins\",\"count\":1},", "",
		"policy: 'admins' is missing"},
	{"\"limits\":{\"skew\":\"1m\",\"pending\":\"2h\",\"use_by\":\"30m\","
	 "\"reason\":5},",
		"", NULL},
	/* groups */
	{"{\"admins\":[\"root@x\",\"rita@x\"],\"asking\":[\"alice@x\","
	 "\"*@vendor.ex\"],\"dba\":[\"dan@x\"]}",
		"{}",
		"policy: groups: 1 to 4096 elements are wanted here, "
		"not 0"},
	{"\"dba\":[\"dan@x\"]", "\"dba\":[]", NULL},
	{"\"dba\":[\"dan@x\"]", "\"dba\":\"dan@x\"",
		"policy: groups.dba: a list is wanted here, not a text"},
	{"\"dba\":[\"dan@x\"]", "\"dba\":[7]",
		"policy: groups.dba[0]: a text is wanted here, not a number"},
	{"\"dba\":[\"dan@x\"]", "\"dba\":[\"dan@x\",\"\"]",
		"policy: groups.dba[1]: '' is not a principal or a pattern"},
	{"\"dba\":[\"dan@x\"]", "\"dba\":[\"[!a]@x\"]",
		"policy: groups.dba[0]: '[!a]@x' is not a principal or a "
		"pattern"},
	{"\"dba\":[\"dan@x\"]", "\"dba\":[\"\xc3\xa9@x\"]",
		"policy: groups.dba[0]: '\xc3\xa9@x' is not a principal or a "
		"pattern"},
	{"\"dba\":[\"dan@x\"]", "\"dba\":[\"" N128 "x\"]",
		"policy: groups.dba[0]: '" N32 "abcdefghijklmnop...' is not a "
		"principal or a pattern"},
	{"\"dba\":[\"dan@x\"]", "\"dba\":[\"" N128 "\"]", NULL},
	{"\"dba\":[\"dan@x\"]", "\"dba\":[\"dan@x\",\"dan@x\"]", NULL},
	{"\"dba\":[\"dan@x\"]", "\"dba\":[\"dan@x\"],\"9\":[]",
		"policy: groups: '9' is no name: write a lower-case letter or "
		"_, then up to 31 of a-z, 0-9, _ and -"},
	/* admins */
	{"{\"group\":\"admins\",\"count\":1}", "{\"group\":\"admins\"}",
		"policy: admins: 'count' is missing"},
	{"{\"group\":\"admins\",\"count\":1}", "{\"count\":1}",
		"policy: admins: 'group' is missing"},
	{"{\"group\":\"admins\",\"count\":1}", "[]",
		"policy: admins: an object is wanted here, not a list"},
	{"{\"group\":\"admins\",\"count\":1}",
		"{\"group\":\"admin\",\"count\":1}",
		"policy: admins: there is no group 'admin'"},
	{"{\"group\":\"admins\",\"count\":1}",
		"{\"group\":\"a b\",\"count\":1}",
		"policy: admins.group: 'a b' " NAME},
	{"\"count\":1", "\"count\":0",
		"policy: admins.count: 0 is not within 1 to 64"},
	{"\"count\":1", "\"count\":-1",
		"policy: admins.count: -1 is not within 1 to 64"},
	{"\"count\":1", "\"count\":65",
		"policy: admins.count: 65 is not within 1 to 64"},
	{"\"count\":1", "\"count\":64", NULL},
	{"\"count\":1", "\"count\":\"1\"",
		"policy: admins.count: a number is wanted here, not a text"},
	{"\"count\":1", "\"count\":1,\"of\":2",
		"policy: unknown member 'of' at admins"},
	/* issuers */
	{"\"by\":\"issuer@x\",", "", "policy: issuers[0]: 'by' is missing"},
	{"\"by\":\"issuer@x\"", "\"by\":\"*@x\"",
		"policy: issuers[0].by: '*@x' is not a principal"},
	{"\"resources\":[\"ssh:*\"],", "",
		"policy: issuers[0]: 'resources' is missing"},
	{"\"resources\":[\"ssh:*\"]", "\"resources\":[]",
		"policy: issuers[0].resources: 1 to 4096 elements are wanted "
		"here, not 0"},
	{"\"resources\":[\"ssh:*\"]", "\"resources\":[\"a\",\"[b\"]",
		"policy: issuers[0].resources[1]: '[b' " GLOB},
	{",\"ca\":[\"" PRINT "\"]", "", NULL},
	{"\"ca\":[\"" PRINT "\"]", "\"ca\":[]", NULL},
	{"\"ca\":[\"" PRINT "\"]", "\"ca\":[\"SHA256:*\"]",
		"policy: issuers[0].ca[0]: 'SHA256:*' is not a fingerprint: "
		"SHA256:..."},
	{"\"ca\":[\"" PRINT "\"]", "\"cas\":[]",
		"policy: unknown member 'cas' at issuers[0]"},
	{"[{\"by\":\"issuer@x\",\"resources\":[\"ssh:*\"],\"ca\":[\"" PRINT
	 "\"]}]",
		"[]", NULL},
	/* limits */
	{"\"skew\":\"1m\",", "", NULL},
	{"\"skew\":\"1m\"", "\"skew\":60",
		"policy: limits.skew: a text is wanted here, not a number"},
	{"\"skew\":\"1m\"", "\"skew\":\"60\"",
		"policy: limits.skew: the number in duration '60' has no "
		"unit: want s, m, h or d, as in '30m'"},
	{"\"skew\":\"1m\"", "\"skew\":\"0s\"",
		"policy: limits.skew: duration '0s' is out of range: want 1s "
		"to 366d"},
	{"\"skew\":\"1m\"", "\"skew\":\"1h\"", NULL},
	{"\"skew\":\"1m\"", "\"skew\":\"1h1s\"",
		"policy: limits.skew: at most 1h"},
	{"\"pending\":\"2h\"", "\"pending\":\"366d\"", NULL},
	{"\"pending\":\"2h\"", "\"pending\":\"367d\"",
		"policy: limits.pending: duration '367d' is out of range: "
		"want 1s to 366d"},
	{"\"use_by\":\"30m\"", "\"use_by\":\"never\"",
		"policy: limits.use_by: duration 'never' is not numbers with "
		"units: want '30m' or '1h30m'"},
	{"\"reason\":5", "\"reason\":0",
		"policy: limits.reason: 0 is not within 1 to 500"},
	{"\"reason\":5", "\"reason\":501",
		"policy: limits.reason: 501 is not within 1 to 500"},
	{"\"reason\":5", "\"reason\":500", NULL},
	{"\"reason\":5", "\"reason\":5,\"ttl\":1",
		"policy: unknown member 'ttl' at limits"},
	{"\"reason\":5", "\"reason\":5,\"stale\":\"60s\"", NULL},
	{"\"reason\":5", "\"reason\":5,\"stale\":60",
		"policy: limits.stale: a text is wanted here, not a number"},
	/* a rule */
	{"\"rules\":[{", "\"rules\":[7,{",
		"policy: rules[0]: an object is wanted here, not a number"},
	{"\"id\":\"web\",", "", "policy: rules[0]: 'id' is missing"},
	{"\"id\":\"web\"", "\"id\":\"Web\"",
		"policy: rules[0].id: 'Web' " NAME},
	{"\"id\":\"web\"", "\"id\":\"ice\"",
		"policy: there are two rules 'ice'"},
	{"\"who\":[\"asking\"],", "", "policy: rule 'web': 'who' is missing"},
	{"\"who\":[\"asking\"]", "\"who\":[]",
		"policy: rule 'web': 'who' is missing"},
	{"\"who\":[\"asking\"]", "\"who\":[\"asking\",\"nobody\"]",
		"policy: web: there is no group 'nobody'"},
	{"\"who\":[\"asking\"]", "\"who\":[\"alice@x\"]",
		"policy: rules[0].who[0]: 'alice@x' is not a group's name"},
	{"\"resource\":\"ssh:web-*\",", "",
		"policy: rules[0]: 'resource' is missing"},
	{"\"resource\":\"ssh:web-*\"", "\"resource\":\"\"",
		"policy: rules[0].resource: '' " GLOB},
	{"\"resource\":\"ssh:web-*\"", "\"resource\":\"[]\"",
		"policy: rules[0].resource: '[]' " GLOB},
	{"\"resource\":\"ssh:web-*\"", "\"resource\":[\"ssh:web-*\"]",
		"policy: rules[0].resource: a text is wanted here, not a "
		"list"},
	{"\"roles\":[\"root\"],", "", "policy: rule 'web': 'roles' is missing"},
	{"\"roles\":[\"root\"]", "\"roles\":[]",
		"policy: rule 'web': 'roles' is missing"},
	{"\"roles\":[\"root\"]", "\"roles\":[\"*\"]",
		"policy: rules[0].roles[0]: '*' is not a role's name"},
	{"\"max\":\"1h30m\",", "", "policy: rule 'web': 'max' is missing"},
	{"\"max\":\"1h30m\"", "\"max\":\"30\"",
		"policy: rules[0].max: the number in duration '30' has no "
		"unit: want s, m, h or d, as in '30m'"},
	{"\"max\":\"1h30m\"", "\"max\":\"367d\"",
		"policy: rules[0].max: duration '367d' is out of range: want "
		"1s to 366d"},
	{"\"task\":\"INC-#\",", "", NULL},
	{"\"task\":\"INC-#\"", "\"task\":\"INC-[\"",
		"policy: rules[0].task: 'INC-[' " GLOB},
	{"\"key\":\"sk\",", "", NULL},
	{"\"key\":\"sk\"", "\"key\":\"rsa\"",
		"policy: rules[0].key: 'rsa' is not \"sk\""},
	{"\"key\":\"sk\"", "\"key\":\"sk\",\"why\":\"x\"",
		"policy: rule 'web': 'why' belongs to a deny"},
	{"\"key\":\"sk\"", "\"key\":\"sk\",\"deny\":false", NULL},
	{"\"key\":\"sk\"", "\"key\":\"sk\",\"deny\":0",
		"policy: rules[0].deny: true or false is wanted here, not a "
		"number"},
	{",\"approve\":[{\"group\":\"dba\",\"count\":2}]", "",
		"policy: rule 'web': 'approve' must name a group, or a "
		"'budget' bound what nobody approves"},
	{"\"approve\":[{\"group\":\"dba\",\"count\":2}]", "\"approve\":[]",
		"policy: rule 'web': 'approve' must name a group, or a "
		"'budget' bound what nobody approves"},
	{"{\"group\":\"dba\",\"count\":2}", "{\"group\":\"dbas\",\"count\":2}",
		"policy: web: there is no group 'dbas'"},
	{"{\"group\":\"dba\",\"count\":2}", "{\"group\":\"dba\",\"count\":0}",
		"policy: rules[0].approve[0].count: 0 is not within 1 to 64"},
	{"{\"group\":\"dba\",\"count\":2}",
		"{\"group\":\"dba\",\"count\":2},{\"group\":\"dba\","
		"\"count\":1}",
		"policy: rule 'web': 'approve' names group 'dba' twice"},
	{"{\"group\":\"dba\",\"count\":2}",
		"{\"group\":\"dba\",\"count\":2},{\"group\":\"asking\","
		"\"count\":1}",
		NULL},
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"ttl\":\"1h\"",
		"policy: unknown member 'ttl' at rules[0]"},
	/* a deny */
	{"\"deny\":true,\"who\":[\"asking\"],", "\"deny\":true,", NULL},
	{"\"roles\":[\"admin\"],", "", NULL},
	{",\"why\":\"freeze\"", "", "policy: rule 'ice': a deny says 'why'"},
	{"\"why\":\"freeze\"", "\"why\":\"\"",
		"policy: rules[1].why: '' is not 1 to 500 bytes of text"},
	{"\"why\":\"freeze\"", "\"why\":\"freeze\",\"max\":\"1h\"", DENY_HAS},
	{"\"why\":\"freeze\"", "\"why\":\"freeze\",\"task\":\"*\"", DENY_HAS},
	{"\"why\":\"freeze\"", "\"why\":\"freeze\",\"key\":\"sk\"", DENY_HAS},
	{"\"why\":\"freeze\"",
		"\"why\":\"freeze\",\"approve\":[{\"group\":\"dba\","
		"\"count\":1}]",
		DENY_HAS},
	{"\"deny\":true,\"who\":[\"asking\"]", "\"deny\":true,\"who\":[\"x\"]",
		"policy: ice: there is no group 'x'"},
	{"\"deny\":true", "\"deny\":false",
		"policy: rule 'ice': 'max' is missing"},
	/* budget */
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"budget\":{\"grants\":6,\"time\":\"3h\","
		"\"per\":\"1d\"}",
		NULL},
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"budget\":{}",
		"policy: rules[0].budget: 'grants' is missing"},
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"budget\":{\"grants\":1}",
		"policy: rules[0].budget: 'time' is missing"},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"budget\":{\"grants\":1,\"time\":\"1h\"}",
		"policy: rules[0].budget: 'per' is missing"},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"budget\":{\"grants\":0,\"time\":\"3h\","
		"\"per\":\"1d\"}",
		"policy: rules[0].budget.grants: 0 is not within 1 to 10000"},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"budget\":{\"grants\":10001,\"time\":"
		"\"3h\",\"per\":\"1d\"}",
		"policy: rules[0].budget.grants: 10001 is not within 1 to "
		"10000"},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"budget\":{\"grants\":10000,\"time\":"
		"\"366d\",\"per\":\"366d\"}",
		NULL},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"budget\":{\"grants\":6,\"time\":\"0s\","
		"\"per\":\"1d\"}",
		"policy: rules[0].budget.time: duration '0s' is out of range: "
		"want 1s to 366d"},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"budget\":{\"grants\":6,\"time\":\"3h\","
		"\"per\":\"367d\"}",
		"policy: rules[0].budget.per: duration '367d' is out of range: "
		"want 1s to 366d"},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"budget\":{\"grants\":1,\"time\":\"1h\","
		"\"per\":\"1d\",\"who\":1}",
		"policy: unknown member 'who' at rules[0].budget"},
	{"\"key\":\"sk\",\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"approve\":[],\"budget\":{\"grants\":6,\"time\":\"3h\","
		"\"per\":\"1d\"}",
		NULL},
	{"\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"approve\":[],\"budget\":{\"grants\":6,\"time\":\"3h\","
		"\"per\":\"1d\"}",
		"policy: rule 'web': 'key' is for votes, and none is asked"},
	/* break-glass */
	{"\"key\":\"sk\",\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"break_glass\":true,\"review\":{\"group\":\"dba\",\"within\":"
		"\"24h\"}",
		NULL},
	{"\"key\":\"sk\",\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"break_glass\":true,\"approve\":[],\"review\":{\"group\":"
		"\"dba\",\"within\":\"24h\"}",
		NULL},
	{"\"key\":\"sk\",\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"break_glass\":true",
		"policy: rule 'web': break-glass owes a 'review'"},
	{"\"key\":\"sk\",\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"break_glass\":true,\"review\":{\"group\":\"dba\"}",
		"policy: rules[0].review: 'within' is missing"},
	{"\"key\":\"sk\",\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"break_glass\":true,\"review\":{\"within\":\"1h\"}",
		"policy: rules[0].review: 'group' is missing"},
	{"\"key\":\"sk\",\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"break_glass\":true,\"review\":{\"group\":\"x\",\"within\":"
		"\"1h\"}",
		"policy: web: there is no group 'x'"},
	{"\"key\":\"sk\",\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"break_glass\":true,\"review\":{\"group\":\"dba\",\"within\":"
		"\"1\"}",
		"policy: rules[0].review.within: the number in duration '1' "
		"has no unit: want s, m, h or d, as in '30m'"},
	{"\"key\":\"sk\",\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"break_glass\":true,\"review\":{\"group\":\"dba\",\"within\":"
		"\"1h\"},\"approve\":[{\"group\":\"dba\",\"count\":1}]",
		"policy: rule 'web': break-glass has no approve and no key"},
	{"\"key\":\"sk\",\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"break_glass\":true,\"review\":{\"group\":\"dba\",\"within\":"
		"\"1h\"},\"key\":\"sk\"",
		"policy: rule 'web': break-glass has no approve and no key"},
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"break_glass\":false", NULL},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"review\":{\"group\":\"dba\",\"within\":"
		"\"1h\"}",
		"policy: rule 'web': a 'review' belongs to break-glass"},
	/* hours */
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"when\":{\"days\":\"mon-fri\",\"from\":"
		"\"08:00\",\"until\":\"18:00\",\"zone\":\"+01:00\"}",
		NULL},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"when\":{\"days\":\"fri-mon\",\"from\":"
		"\"08:00\",\"until\":\"18:00\",\"zone\":\"Z\"}",
		"policy: rule 'web': when: 'fri-mon' are no days: write "
		"mon-fri, or mon,wed"},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"when\":{\"days\":\"mon\",\"from\":\"18:"
		"00\",\"until\":\"08:00\",\"zone\":\"Z\"}",
		"policy: rule 'web': when: '18:00' to '08:00' are no hours: "
		"write 08:00 and a later 18:00, at most 24:00"},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"when\":{\"days\":\"mon\",\"from\":\"08:"
		"00\",\"until\":\"18:00\",\"zone\":\"CET\"}",
		"policy: rule 'web': when: 'CET' is no zone: write Z for UTC, "
		"or +01:00"},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"when\":{\"days\":\"mon\",\"from\":\"08:"
		"00\",\"until\":\"18:00\"}",
		"policy: rules[0].when: 'zone' is missing"},
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"when\":{}",
		"policy: rules[0].when: 'days' is missing"},
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"when\":null",
		"policy: rules[0].when: an object is wanted here, not null"},
	/* the sum of extensions, the end */
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"sum\":\"1h30m\"", NULL},
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"sum\":\"1h29m\"",
		"policy: rule 'web': 'sum' is less than 'max'"},
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"sum\":\"366d\"", NULL},
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"until\":\"2027-01-01\"",
		NULL},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"until\":\"2026-11-22T04:27:42Z\"", NULL},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"until\":\"2026-11-22T04:27:41Z\"",
		"policy: rule 'web': until 2026-11-22T04:27:41Z must be within "
		"the coming year"},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"until\":\"2027-11-23T04:27:41Z\"", NULL},
	{"\"max\":\"1h30m\"",
		"\"max\":\"1h30m\",\"until\":\"2027-11-23T04:27:42Z\"",
		"policy: rule 'web': until 2027-11-23T04:27:42Z must be within "
		"the coming year"},
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"until\":\"1y\"",
		"policy: rules[0].until: '1y' is not a date or instant: "
		"2027-01-31"},
	{"\"max\":\"1h30m\"", "\"max\":\"1h30m\",\"until\":1",
		"policy: rules[0].until: a text is wanted here, not a number"},
	/* of these a deny has only until */
	{"\"why\":\"freeze\"", "\"why\":\"freeze\",\"until\":\"2027-01-01\"",
		NULL},
	{"\"why\":\"freeze\"", "\"why\":\"freeze\",\"until\":\"2026-01-01\"",
		"policy: rule 'ice': until 2026-01-01 must be within the "
		"coming "
		"year"},
	{"\"why\":\"freeze\"",
		"\"why\":\"freeze\",\"budget\":{\"grants\":6,\"time\":\"3h\","
		"\"per\":\"1d\"}",
		DENY_HAS},
	{"\"why\":\"freeze\"", "\"why\":\"freeze\",\"break_glass\":true",
		DENY_HAS},
	{"\"why\":\"freeze\"",
		"\"why\":\"freeze\",\"review\":{\"group\":\"dba\",\"within\":"
		"\"1h\"}",
		DENY_HAS},
	{"\"why\":\"freeze\"",
		"\"why\":\"freeze\",\"when\":{\"days\":\"mon\",\"from\":\"08:"
		"00\",\"until\":\"18:00\",\"zone\":\"Z\"}",
		DENY_HAS},
	{"\"why\":\"freeze\"", "\"why\":\"freeze\",\"sum\":\"1h\"", DENY_HAS},
	{"\"why\":\"freeze\"", "\"why\":\"freeze\",\"actions\":[[\"/bin/id\"]]",
		DENY_HAS},
	/* actions */
	{MAX, MAX ",\"actions\":[[\"/bin/id\"]]", NULL},
	{MAX,
		MAX ",\"actions\":[[\"/bin/*\",\"*\",\"[a-z]#?\"],"
		    "[\"/bin/a@%+=:,._-\"]]",
		NULL},
	{MAX, MAX ",\"actions\":[]",
		"policy: rules[0].actions: 1 to 64 elements are wanted here, "
		"not 0"},
	{MAX, MAX ",\"actions\":[[]]",
		"policy: rule 'web': an action begins with an absolute path"},
	{MAX, MAX ",\"actions\":[\"/bin/id\"]",
		"policy: rules[0].actions[0]: a list is wanted here, not a "
		"text"},
	{MAX, MAX ",\"actions\":[[\"/bin/id\"],[\"id\"]]",
		"policy: rule 'web': an action begins with an absolute path"},
	{MAX, MAX ",\"actions\":[[\"*\"]]",
		"policy: rule 'web': an action begins with an absolute path"},
	{MAX, MAX ",\"actions\":[[\"/bin/../sbin/id\"]]",
		"policy: rule 'web': an action begins with an absolute path"},
	{MAX, MAX ",\"actions\":[[\"/bin//id\"]]",
		"policy: rule 'web': an action begins with an absolute path"},
	{MAX, MAX ",\"actions\":[[\"/bin/\"]]",
		"policy: rule 'web': an action begins with an absolute path"},
	{MAX, MAX ",\"actions\":[[\"/bin/id -u\"]]",
		"policy: rules[0].actions[0][0]: '/bin/id -u' " WORD},
	{MAX, MAX ",\"actions\":[[\"/bin/id\",\"\"]]",
		"policy: rules[0].actions[0][1]: '' " WORD},
	{MAX, MAX ",\"actions\":[[\"/bin/id\",\"$x\"]]",
		"policy: rules[0].actions[0][1]: '$x' " WORD},
	{MAX, MAX ",\"actions\":[[\"/bin/id\",\"a;b\"]]",
		"policy: rules[0].actions[0][1]: 'a;b' " WORD},
	{MAX, MAX ",\"actions\":[[\"/bin/id\",\"[a\"]]",
		"policy: rules[0].actions[0][1]: '[a' " WORD},
	{MAX, MAX ",\"actions\":[[\"/bin/id\",\"" N128 "\"]]", NULL},
	{MAX, MAX ",\"actions\":[[\"/bin/id\",\"" N128 "x\"]]",
		"policy: rules[0].actions[0][1]: '" N32 "abcdefghijklmnop"
		"...' " WORD},
};

static void
all_changes(void)
{
	struct jit_buf text = {0};
	size_t i;

	CASE("each member: what it must be, and where it is not");
	for (i = 0; i < COUNT(changes); i++) {
		ROW(changes[i].to);
		replace(&text, whole, changes[i].from, changes[i].to);
		check(jit_buf_text(&text), changes[i].why);
	}
	CASE("what is no policy");
	check("{}", "policy: 'groups' is missing");
	check("[]", "policy: an object is wanted here, not a list");
	replace(&text, whole, "\"rules\":[", "\"rule\":[");
	check(jit_buf_text(&text), "policy: unknown member 'rule'");
	jit_buf_free(&text);
}

static void
fields(void)
{
	struct jit_error err = {0};
	const struct jit_issuing *e;
	const struct jit_quorum *q;
	const struct jit_rule *r;
	struct jit_policy p, nothing = {0};
	struct jit_buf text = {0};

	CASE("each member is found where it belongs");
	if (!CHECK_INT(read_text(&p, whole, &err), 0))
		return;
	CHECK_INT(p.limits.skew, 60);
	CHECK_INT(p.limits.pending, 7200);
	CHECK_INT(p.limits.use_by, 1800);
	CHECK_INT(p.limits.reason, 5);
	CHECK_STR(p.admins->group, "admins");
	CHECK_INT(p.admins->count, 1);
	e = p.issuers.at;
	CHECK_STR(e->by, "issuer@x");
	CHECK_STR(e->ca.at[0], PRINT);
	r = p.rules.at;
	CHECK_STR(r[0].id, "web");
	CHECK(!r[0].deny && r[1].deny);
	CHECK_INT(r[0].max, 5400);
	CHECK_STR(r[0].task, "INC-#");
	CHECK_STR(r[0].key, "sk");
	q = r[0].approve.at;
	CHECK_STR(q->group, "dba");
	CHECK_INT(q->count, 2);
	CHECK_STR(r[1].why, "freeze");
	CHECK(!r[0].glass && !r[0].budget && !r[0].review && !r[0].when);
	CHECK_INT(r[0].sum, 10800);
	CHECK_INT(r[0].ends, NOW + 366 * 86400LL);
	CHECK(r[1].ends > NOW + 1000 * 366 * 86400LL);
	CHECK_STR(jit_policy_group(&p, "dba")->texts.at[0], "dan@x");
	CHECK(jit_policy_group(&p, "db") == NULL);
	CHECK(jit_policy_group(&p, "dbaa") == NULL);
	CHECK(jit_policy_group(&p, "") == NULL);
	CHECK(jit_policy_group(&p, "zzz") == NULL);
	jit_policy_free(&p);
	CHECK(p.json == NULL && p.rules.count == 0);
	jit_policy_free(&p);

	CASE("and what a rule may have beside its votes");
	replace(&text, whole, "\"max\":\"1h30m\"",
		"\"max\":\"1h\",\"sum\":\"3h\",\"until\":\"2027-01-01\","
		"\"when\":{\"days\":\"mon-tue\",\"from\":\"08:30\","
		"\"until\":\"24:00\",\"zone\":\"-02:30\"},"
		"\"budget\":{\"grants\":6,\"time\":\"3h\",\"per\":\"1d\"}");
	if (CHECK_INT(read_text(&p, jit_buf_text(&text), &err), 0)) {
		r = p.rules.at;
		CHECK_INT(r->sum, 10800);
		CHECK_INT(r->ends, 1798761600);
		CHECK_INT(r->budget->grants, 6);
		CHECK_INT(r->budget->time, 10800);
		CHECK_INT(r->budget->per, 86400);
		CHECK_STR(r->when->days, "mon-tue");
		CHECK_INT(r->hours.days, 3);
		CHECK_INT(r->hours.from, 510);
		CHECK_INT(r->hours.until, 1440);
		CHECK_INT(r->hours.offset, -9000);
		jit_policy_free(&p);
	}
	replace(&text, whole,
		"\"key\":\"sk\",\"approve\":[{\"group\":\"dba\",\"count\":2}]",
		"\"break_glass\":true,\"review\":{\"group\":\"dba\","
		"\"within\":\"2h\"}");
	if (CHECK_INT(read_text(&p, jit_buf_text(&text), &err), 0)) {
		r = p.rules.at;
		CHECK(r->glass);
		CHECK_STR(r->review->group, "dba");
		CHECK_INT(r->review->within, 7200);
		jit_policy_free(&p);
	}

	CASE("what the limits are when nobody says");
	replace(&text, whole,
		"{\"skew\":\"1m\",\"pending\":\"2h\",\"use_by\":\"30m\","
		"\"reason\":5}",
		"{}");
	if (CHECK_INT(read_text(&p, jit_buf_text(&text), &err), 0)) {
		CHECK_INT(p.limits.skew, 120);
		CHECK_INT(p.limits.pending, 14400);
		CHECK_INT(p.limits.use_by, 3600);
		CHECK_INT(p.limits.reason, 10);
		jit_policy_free(&p);
	}

	CASE("before there is a policy, nobody is in anything");
	CHECK(jit_policy_group(&nothing, "dba") == NULL);
	CHECK(!jit_policy_member(&nothing, "dba", "dan@x"));
	CHECK(jit_policy_issuer(&nothing, "issuer@x", "ssh:web-1") == NULL);
	CHECK_INT(ask(&(const struct jit_rule *){NULL}, &nothing, "dan@x",
			  "ssh:web-1", "root", &err),
		JIT_NO);
	jit_buf_free(&text);
}

/* A policy in which order decides. */
static const char order_text[] =
	"{\"groups\":{\"all\":[\"*@ex.com\"],\"a\":[\"alice@ex.com\"],"
	"\"b\":[\"bob@ex.com\",\"b[0-9]@ex.com\",\"t#@ex.com\"],"
	"\"none\":[]},"
	"\"admins\":{\"group\":\"a\",\"count\":1},"
	"\"issuers\":["
	"{\"by\":\"i@ex.com\",\"resources\":[\"ssh:a-*\",\"ssh:b\"]},"
	"{\"by\":\"j@ex.com\",\"resources\":[\"*\"]},"
	"{\"by\":\"i@ex.com\",\"resources\":[\"ssh:*\",\"pg:#\"]}],"
	"\"rules\":["
	"{\"id\":\"narrow\",\"who\":[\"a\"],\"resource\":\"ssh:web-1\","
	"\"roles\":[\"root\"],\"max\":\"1h\","
	"\"approve\":[{\"group\":\"b\",\"count\":1}]},"
	"{\"id\":\"wide\",\"who\":[\"b\",\"a\"],\"resource\":\"ssh:web-*\","
	"\"roles\":[\"root\",\"www\"],\"max\":\"2h\","
	"\"approve\":[{\"group\":\"all\",\"count\":1},"
	"{\"group\":\"b\",\"count\":12}]},"
	"{\"id\":\"nobody\",\"who\":[\"none\"],\"resource\":\"ssh:db\","
	"\"roles\":[\"root\",\"a\",\"b\"],\"max\":\"1s\","
	"\"approve\":[{\"group\":\"b\",\"count\":1}]},"
	"{\"id\":\"late\",\"deny\":true,\"who\":[\"b\"],"
	"\"resource\":\"ssh:web-9\",\"roles\":[\"www\"],\"why\":\"no b\"},"
	"{\"id\":\"ice\",\"deny\":true,\"resource\":\"ssh:*-ice\","
	"\"why\":\"change freeze\"}]}";

static const struct asked {
	const char *who, *resource, *role;
	const char *rule; /* that gives it, or the judge's that refuses */
	const char *why;
} asked[] = {
	{"alice@ex.com", "ssh:web-1", "root", "narrow", NULL},
	{"alice@ex.com", "ssh:web-2", "root", "wide", NULL},
	{"alice@ex.com", "ssh:web-1", "www", "wide", NULL},
	{"bob@ex.com", "ssh:web-1", "root", "wide", NULL},
	{"b7@ex.com", "ssh:web-", "www", "wide", NULL},
	{"t42@ex.com", "ssh:web-1", "root", "wide", NULL},
	{"alice@ex.com", "ssh:web-9", "www", "wide", NULL},
	{"bob@ex.com", "ssh:web-9", "root", "wide", NULL},
	/* a deny decides, wherever it stands */
	{"bob@ex.com", "ssh:web-9", "www", "policy-deny",
		"rule 'late' denies 'www' on ssh:web-9: no b"},
	{"alice@ex.com", "ssh:web-ice", "root", "policy-deny",
		"rule 'ice' denies 'root' on ssh:web-ice: change freeze"},
	{"nobody@else", "ssh:x-ice", "any", "policy-deny",
		"rule 'ice' denies 'any' on ssh:x-ice: change freeze"},
	/* what the nearest rule would have wanted */
	{"b77@ex.com", "ssh:web-1", "root", "policy-match",
		"no rule gives b77@ex.com 'root' on ssh:web-1: rule 'narrow' "
		"gives it to a"},
	{"t@ex.com", "ssh:web-2", "root", "policy-match",
		"no rule gives t@ex.com 'root' on ssh:web-2: rule 'wide' "
		"gives it to b or a"},
	{"alice@ex.com", "ssh:web-1", "admin", "policy-match",
		"no rule gives alice@ex.com 'admin' on ssh:web-1: rule "
		"'narrow' would give root"},
	{"bob@ex.com", "ssh:web-1", "admin", "policy-match",
		"no rule gives bob@ex.com 'admin' on ssh:web-1: rule 'wide' "
		"would give root or www"},
	{"x@ex.com", "ssh:db", "b", "policy-match",
		"no rule gives x@ex.com 'b' on ssh:db: rule 'nobody' gives it "
		"to none"},
	{"x@ex.com", "ssh:db", "c", "policy-match",
		"no rule gives x@ex.com 'c' on ssh:db: no rule names that "
		"role there"},
	{"alice@ex.com", "pg:web-1", "root", "policy-match",
		"no rule gives alice@ex.com 'root' on pg:web-1: no rule names "
		"that role there"},
	/* what looks like a pattern is none here */
	{"*@ex.com", "ssh:web-1", "root", "policy-match",
		"no rule gives *@ex.com 'root' on ssh:web-1: rule 'narrow' "
		"gives it to a"},
	{"b[0-9]@ex.com", "ssh:web-1", "root", "policy-match",
		"no rule gives b[0-9]@ex.com 'root' on ssh:web-1: rule "
		"'narrow' gives it to a"},
	{"alice@ex.com", "ssh:web-1", "*", "policy-match",
		"no rule gives alice@ex.com '*' on ssh:web-1: rule 'narrow' "
		"would give root"},
	{"alice@ex.com", "ssh:*", "root", "policy-match",
		"no rule gives alice@ex.com 'root' on ssh:*: no rule names "
		"that role there"},
	{"alice@ex.comm", "ssh:web-1", "www", "policy-match",
		"no rule gives alice@ex.comm 'www' on ssh:web-1: rule 'wide' "
		"gives it to b or a"},
	{"", "", "", "policy-match",
		"no rule gives  '' on : no rule names that role there"},
};

static void
matching(const struct jit_policy *p)
{
	const struct jit_rule *rule;
	struct jit_error err;
	size_t i;
	int rc;

	CASE("the first rule decides, a deny over all, and a no says why");
	for (i = 0; i < COUNT(asked); i++) {
		ROW(asked[i].who);
		rule = NULL;
		memset(&err, 0, sizeof(err));
		rc = ask(&rule, p, asked[i].who, asked[i].resource,
			asked[i].role, &err);
		CHECK_INT(rc, asked[i].why ? JIT_NO : 0);
		CHECK_STR(rule ? rule->id : err.rule, asked[i].rule);
		CHECK_STR(err.text, asked[i].why ? asked[i].why : "");
		CHECK((rule == NULL) == (rc != 0));
		CHECK_INT(ask(&rule, p, asked[i].who, asked[i].resource,
				  asked[i].role, NULL),
			rc);
	}
}

static void
members(const struct jit_policy *p)
{
	static const struct {
		const char *group, *who;
		bool in;
	} rows[] = {
		{"all", "alice@ex.com", true},
		{"all", "@ex.com", true},
		{"all", "alice@ex.com.evil", false},
		{"all", "alice@exxcom", false},
		{"a", "alice@ex.com", true},
		{"a", "alice@ex.co", false},
		{"a", "Alice@ex.com", false},
		{"b", "bob@ex.com", true},
		{"b", "b0@ex.com", true},
		{"b", "b00@ex.com", false},
		{"b", "b[0-9]@ex.com", false},
		{"b", "t1@ex.com", true},
		{"b", "t@ex.com", false},
		{"none", "alice@ex.com", false},
		{"None", "alice@ex.com", false},
		{"*", "alice@ex.com", false},
	};
	size_t i;

	CASE("groups: principals and patterns");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].who);
		CHECK(jit_policy_member(p, rows[i].group, rows[i].who) ==
			rows[i].in);
	}
}

static void
issuers(const struct jit_policy *p)
{
	static const struct {
		const char *by, *resource;
		int entry; /* -1: none */
	} rows[] = {
		{"i@ex.com", "ssh:a-1", 0},
		{"i@ex.com", "ssh:b", 0},
		{"i@ex.com", "ssh:bb", 2},
		{"i@ex.com", "pg:12", 2},
		{"i@ex.com", "pg:1a", -1},
		{"j@ex.com", "pg:1a", 1},
		{"k@ex.com", "ssh:b", -1},
		{"*", "ssh:b", -1},
	};
	const struct jit_issuing *first = p->issuers.at, *found;
	size_t i;

	CASE("the first entry of an issuer that covers it");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].resource);
		found = jit_policy_issuer(p, rows[i].by, rows[i].resource);
		CHECK_INT(found ? (int)(found - first) : -1, rows[i].entry);
	}
}

static void
spelling(const struct jit_policy *p)
{
	const struct jit_rule *r = p->rules.at;
	struct jit_buf b = {0};

	CASE("who must say yes, in words");
	jit_policy_spell(&b, &r[0]);
	CHECK_STR(jit_buf_text(&b), "1 of b");
	jit_buf_reset(&b);
	jit_policy_spell(&b, &r[1]);
	CHECK_STR(jit_buf_text(&b), "1 of all and 12 of b");
	jit_buf_reset(&b);
	jit_policy_spell(&b, &r[3]);
	CHECK_STR(jit_buf_text(&b), "nobody");
	jit_buf_free(&b);
}

/* 'text' n times, its '%' replaced by 0, 1, ... */
static void
put_many(struct jit_buf *out, const char *text, size_t n)
{
	size_t i, before = strcspn(text, "%");

	for (i = 0; i < n; i++) {
		jit_buf_str(out, i ? "," : "");
		jit_buf_put(out, text, before);
		if (text[before] == '%')
			jit_buf_fmt(out, "%zu%s", i, text + before + 1);
	}
}

/* A policy with these groups, approvals of its first rule, other rules. */
static void
put_policy(struct jit_buf *out, const char *groups, const char *approve,
	const char *rules)
{
	jit_buf_reset(out);
	jit_buf_str(out, "{\"groups\":{");
	jit_buf_str(out, groups);
	jit_buf_str(out,
		"},\"admins\":{\"group\":\"g0\",\"count\":1},\"issuers\":[],"
		"\"rules\":[{\"id\":\"x\",\"who\":[\"g0\"],\"resource\":\"*\","
		"\"roles\":[\"r\"],\"max\":\"1h\",\"approve\":[");
	jit_buf_str(out, approve);
	jit_buf_str(out, "]},");
	jit_buf_str(out, rules);
	jit_buf_str(out, "]}");
}

#define ONE "{\"group\":\"g0\",\"count\":1}"
#define RULE                                                                   \
	"{\"id\":\"r%\",\"who\":[\"g0\"],\"resource\":\"*\","                  \
	"\"roles\":[\"r\"],\"max\":\"1h\",\"approve\":[" ONE "]}"

enum part { GROUPS, APPROVE, RULES, PARTS };

/* How many of each there may be, and what is said of one more. */
static const struct limit {
	enum part part;
	const char *before, *fmt, *after; /* in the part */
	size_t most;
	const char *why;
} limits[] = {
	{GROUPS, "", "\"g%\":[]", "", 4096,
		"policy: groups: 1 to 4096 elements are wanted here, not "
		"4097"},
	{GROUPS, "\"g0\":[", "\"m%@x\"", "]", 4096,
		"policy: groups.g0: 0 to 4096 elements are wanted here, not "
		"4097"},
	{GROUPS, "\"g0\":[", "\"*%@x\"", "]", 256,
		"policy: groups: 257 patterns, at most 256 are allowed: name "
		"the principals"},
	{APPROVE, "", "{\"group\":\"g%\",\"count\":1}", "", 16,
		"policy: rules[0].approve: 0 to 16 elements are wanted here, "
		"not 17"},
	{RULES, "", RULE, "", 4095,
		"policy: rules: 0 to 4096 elements are wanted here, not 4097"},
};

static void
check_limit(const struct limit *l, size_t n, const char *why)
{
	struct jit_buf part[PARTS] = {{0}}, text = {0};
	size_t i;

	put_many(&part[GROUPS], "\"g%\":[]", 20);
	put_many(&part[APPROVE], ONE, 1);
	put_many(&part[RULES], RULE, 1);
	jit_buf_reset(&part[l->part]);
	jit_buf_str(&part[l->part], l->before);
	put_many(&part[l->part], l->fmt, n);
	jit_buf_str(&part[l->part], l->after);
	put_policy(&text, jit_buf_text(&part[GROUPS]),
		jit_buf_text(&part[APPROVE]), jit_buf_text(&part[RULES]));
	check(jit_buf_text(&text), why);
	for (i = 0; i < PARTS; i++)
		jit_buf_free(&part[i]);
	jit_buf_free(&text);
}

static void
all_limits(void)
{
	size_t i;

	CASE("how many there may be, and not one more");
	for (i = 0; i < COUNT(limits); i++) {
		ROW(limits[i].fmt);
		check_limit(&limits[i], limits[i].most, NULL);
		check_limit(&limits[i], limits[i].most + 1, limits[i].why);
	}
}

/* A rule that names all groups, so that each must be looked up. */
static void
put_rules(struct jit_buf *out, size_t rules, size_t groups)
{
	size_t i;

	for (i = 0; i < rules; i++) {
		jit_buf_str(out, i ? "," : "");
		jit_buf_fmt(out, "{\"id\":\"r%zu\",\"who\":[", i);
		put_many(out, "\"g%\"", groups);
		jit_buf_str(out,
			"],\"resource\":\"*\",\"roles\":[\"r\"],"
			"\"max\":\"1h\",\"approve\":[" ONE "]}");
	}
}

/*
 * As many rules times groups times members as fit into 1 MiB: were they all
 * compared, this would take minutes. The alarm is for that.
 */
static void
hostile(void)
{
	struct jit_buf groups = {0}, rules = {0}, text = {0};
	const struct jit_rule *rule = NULL;
	struct jit_error err = {0};
	struct jit_policy p;
	size_t i;

	CASE("the worst policy is read and asked in seconds");
	for (i = 0; i < 16; i++) {
		jit_buf_fmt(&groups, "%s\"g%zu\":[", i ? "," : "", i);
		put_many(&groups, i ? "\"%@x\"" : "\"*#[a-z]*%\"",
			i ? 2000 : 256);
		jit_buf_str(&groups, "]");
	}
	put_rules(&rules, 4000, 16);
	put_policy(&text, jit_buf_text(&groups), ONE, jit_buf_text(&rules));
	CHECK(text.len < JIT_JSON_POLICY);
	alarm(300);
	if (CHECK_INT(read_text(&p, jit_buf_text(&text), &err), 0)) {
		CHECK_INT(ask(&rule, &p, "nobody1@ex.com", "x:y", "r", &err),
			JIT_NO);
		CHECK_INT(ask(&rule, &p, "1999@x", "x:y", "r", &err), 0);
		CHECK_STR(rule ? rule->id : "", "r0");
		jit_policy_free(&p);
	}

	CASE("so is one whose rules name thousands of groups");
	jit_buf_reset(&groups);
	jit_buf_reset(&rules);
	put_many(&groups, "\"g%\":[]", 4096);
	put_rules(&rules, 28, 4096);
	put_policy(&text, jit_buf_text(&groups), ONE, jit_buf_text(&rules));
	CHECK(text.len < JIT_JSON_POLICY);
	if (CHECK_INT(read_text(&p, jit_buf_text(&text), &err), 0)) {
		CHECK_INT(ask(&rule, &p, "nobody1@ex.com", "x:y", "r", &err),
			JIT_NO);
		jit_policy_free(&p);
	}
	alarm(0);
	jit_buf_free(&groups);
	jit_buf_free(&rules);
	jit_buf_free(&text);
}

/* The most words that fit, each of them tried to the last on each action. */
static void
hostile_actions(void)
{
	struct jit_buf action = {0}, text = {0};
	const char *words[1600];
	struct jit_texts action_of[JIT_ACTIONS_MAX];
	struct jit_lists list = {JIT_ACTIONS_MAX, action_of};
	struct jit_asked q = {.who = "alice@x",
		.resource = "x:y",
		.role = "r",
		.actions = &list,
		.at = NOW};
	const struct jit_rule *rule = NULL;
	struct jit_error err = {0};
	struct jit_policy p;
	size_t i;

	CASE("the worst actions are compared in seconds");
	jit_buf_str(&action, "[\"/a\"");
	for (i = 1; i < COUNT(words); i++)
		jit_buf_str(&action,
			i + 1 < COUNT(words) ? ",\"*a*?*\"" : ",\"b\"");
	jit_buf_str(&action, "]");
	jit_buf_str(&text,
		"{\"groups\":{\"g0\":[\"alice@x\"]},\"admins\":"
		"{\"group\":\"g0\",\"count\":1},\"issuers\":[],\"rules\":["
		"{\"id\":\"x\",\"who\":[\"g0\"],\"resource\":\"*\","
		"\"roles\":[\"r\"],\"max\":\"1h\",\"approve\":[" ONE
		"],\"actions\":[");
	for (i = 0; i < JIT_ACTIONS_MAX; i++) {
		jit_buf_str(&text, i ? "," : "");
		jit_buf_str(&text, jit_buf_text(&action));
	}
	jit_buf_str(&text, "]}]}");
	CHECK(text.len < JIT_JSON_POLICY);
	for (i = 0; i < COUNT(words); i++)
		words[i] = i ? N128 : "/a";
	for (i = 0; i < JIT_ACTIONS_MAX; i++)
		action_of[i] = (struct jit_texts){COUNT(words), words};
	alarm(300);
	if (CHECK_INT(read_text(&p, jit_buf_text(&text), &err), 0)) {
		CHECK_INT(jit_policy_match(&rule, &p, &q, &err), JIT_NO);
		CHECK_STR(err.rule, "policy-actions");
		jit_policy_free(&p);
	}
	alarm(0);
	jit_buf_free(&action);
	jit_buf_free(&text);
}

/* Rules that end, are spent, or are behind glass. */
static const char kept_text[] =
	"{\"groups\":{\"a\":[\"alice@x\",\"bob@x\"]},"
	"\"admins\":{\"group\":\"a\",\"count\":1},\"issuers\":[],\"rules\":["
	"{\"id\":\"short\",\"who\":[\"a\"],\"resource\":\"x:1\","
	"\"roles\":[\"r\"],\"max\":\"1h\",\"until\":\"2026-11-22T05:00:00Z\","
	"\"approve\":[{\"group\":\"a\",\"count\":1}]},"
	"{\"id\":\"auto\",\"who\":[\"a\"],\"resource\":\"x:[12]\","
	"\"roles\":[\"r\"],\"max\":\"1h\",\"approve\":[],"
	"\"budget\":{\"grants\":1,\"time\":\"1h\",\"per\":\"1d\"}},"
	"{\"id\":\"glass\",\"break_glass\":true,\"who\":[\"a\"],"
	"\"resource\":\"x:[23]\",\"roles\":[\"r\"],\"max\":\"1h\","
	"\"review\":{\"group\":\"a\",\"within\":\"1h\"}},"
	"{\"id\":\"always\",\"deny\":true,\"resource\":\"x:4\","
	"\"why\":\"never\"},"
	"{\"id\":\"thaw\",\"deny\":true,\"resource\":\"x:3\","
	"\"until\":\"2026-11-22T04:30:00Z\",\"why\":\"freeze\"}]}";

/* Alice has had all of it. */
static bool
alice_spent_it(struct jit_buf *why, const struct jit_rule *rule,
	const void *arg)
{
	const struct jit_asked *q = arg;

	if (strcmp(q->who, "alice@x") != 0)
		return false;
	if (why)
		jit_buf_fmt(why, "all %lld of it",
			(long long)rule->budget->grants);
	return true;
}

static void
kept(const struct jit_policy *p)
{
	static const struct {
		const char *who, *resource;
		int64_t after; /* NOW */
		bool glass;
		const char *rule, *why;
	} rows[] = {
		{"alice@x", "x:1", 1938, false, "short", NULL},
		{"bob@x", "x:1", 1939, false, "auto", NULL},
		{"alice@x", "x:1", 1939, false, "policy-budget",
			"rule 'auto' is spent for alice@x: all 1 of it"},
		{"bob@x", "x:2", 0, false, "auto", NULL},
		{"alice@x", "x:2", 0, false, "policy-budget",
			"rule 'auto' is spent for alice@x: all 1 of it"},
		{"alice@x", "x:2", 0, true, "glass", NULL},
		{"alice@x", "x:1", 0, true, "policy-match",
			"no rule gives it by break-glass: rule 'short' gives "
			"it by asking"},
		{"alice@x", "x:3", 138, true, "policy-deny",
			"rule 'thaw' denies 'r' on x:3: freeze"},
		{"alice@x", "x:3", 139, true, "glass", NULL},
		{"alice@x", "x:3", 139, false, "policy-match",
			"no rule gives it by asking: rule 'glass' gives it "
			"by --break-glass"},
		/* a year later only what denies without an end is left */
		{"bob@x", "x:2", JIT_POLICY_YEAR - 1, false, "auto", NULL},
		{"bob@x", "x:2", JIT_POLICY_YEAR, false, "policy-until",
			"rule 'auto' ended at 2027-11-23T04:27:41Z: it needs "
			"a change of policy"},
		{"bob@x", "x:2", JIT_POLICY_YEAR, true, "policy-until",
			"rule 'glass' ended at 2027-11-23T04:27:41Z: it needs "
			"a change of policy"},
		{"bob@x", "x:4", 1000 * JIT_POLICY_YEAR, false, "policy-deny",
			"rule 'always' denies 'r' on x:4: never"},
	};
	const struct jit_rule *rule;
	struct jit_error err;
	struct jit_asked q;
	size_t i;

	CASE("what has ended, is spent or behind glass does not give");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].why ? rows[i].why : rows[i].rule);
		q = (struct jit_asked){.who = rows[i].who,
			.resource = rows[i].resource,
			.role = "r",
			.at = NOW + rows[i].after,
			.glass = rows[i].glass,
			.spent = alice_spent_it,
			.arg = &q};
		rule = NULL;
		memset(&err, 0, sizeof(err));
		CHECK_INT(jit_policy_match(&rule, p, &q, &err),
			rows[i].why ? JIT_NO : 0);
		CHECK_STR(rule ? rule->id : err.rule, rows[i].rule);
		CHECK_STR(err.text, rows[i].why ? rows[i].why : "");
	}

	CASE("who does not ask for budgets is given what they bound");
	q = (struct jit_asked){.who = "alice@x",
		.resource = "x:2",
		.role = "r",
		.at = NOW};
	CHECK_INT(jit_policy_match(&rule, p, &q, NULL), 0);
	CHECK_STR(rule->id, "auto");

	CASE("a rule by its name");
	CHECK(jit_policy_rule(p, "auto") == rule);
	CHECK(jit_policy_rule(p, "aut") == NULL);
	CHECK(jit_policy_rule(p, "") == NULL);
}

/* Rules of actions, and one of any after them. */
static const char actions_text[] =
	"{\"groups\":{\"a\":[\"alice@x\"]},"
	"\"admins\":{\"group\":\"a\",\"count\":1},\"issuers\":[],\"rules\":["
	"{\"id\":\"ops\",\"who\":[\"a\"],\"resource\":\"ssh:web\","
	"\"roles\":[\"root\"],\"max\":\"1h\",\"actions\":["
	"[\"/usr/bin/systemctl\",\"restart\",\"*\"],"
	"[\"/usr/bin/systemctl\",\"status\"],"
	"[\"/opt/*/bin/run\"],[\"/bin/kill\",\"-#\",\"#\"],"
	"[\"/bin/ls\",\"--*\",\"../up\"]],"
	"\"approve\":[{\"group\":\"a\",\"count\":1}]},"
	"{\"id\":\"www\",\"who\":[\"a\"],\"resource\":\"ssh:web\","
	"\"roles\":[\"www\"],\"max\":\"1h\","
	"\"approve\":[{\"group\":\"a\",\"count\":1}]},"
	"{\"id\":\"more\",\"who\":[\"a\"],\"resource\":\"ssh:*\","
	"\"roles\":[\"root\"],\"max\":\"1h\","
	"\"actions\":[[\"/usr/bin/id\"]],"
	"\"approve\":[{\"group\":\"a\",\"count\":1}]}]}";

#define ONLY                                                                   \
	"rule 'ops' gives these actions only (-a): /usr/bin/systemctl "        \
	"restart *, /usr/bin/systemctl status, /opt/*/bin/run, /bin/kill -# #" \
	", /bin/ls --* ../up"

static void
actions(const struct jit_policy *p)
{
	static const struct {
		const char *role, *lines; /* of actions, '|' between */
		const char *rule, *why;
	} rows[] = {
		{"root", "/usr/bin/systemctl restart nginx", "ops", NULL},
		{"root",
			"/usr/bin/systemctl restart a.b@c-d|"
			"/usr/bin/systemctl status",
			"ops", NULL},
		{"root", "", "policy-actions", ONLY},
		{"root", "/usr/bin/systemctl", "policy-actions", ONLY},
		{"root", "/usr/bin/systemctl restart", "policy-actions", ONLY},
		{"root", "/usr/bin/systemctl restart a b", "policy-actions",
			ONLY},
		{"root", "/usr/bin/systemctl stop a", "policy-actions", ONLY},
		{"root", "/usr/bin/systemctl status a", "policy-actions", ONLY},
		{"root", "/usr/bin/systemctl restart -H", "policy-actions",
			ONLY},
		{"root", "/usr/bin/systemctl restart --root=/x",
			"policy-actions", ONLY},
		{"root", "/usr/bin/systemctl restart a/../../b",
			"policy-actions", ONLY},
		{"root", "/usr/bin/systemctl restart ..", "policy-actions",
			ONLY},
		{"root", "/usr/bin/systemctl restart x=../y", "policy-actions",
			ONLY},
		{"root", "/usr/bin/systemctl restart a..b", "ops", NULL},
		{"root", "/usr/bin/systemctl restart ...", "ops", NULL},
		{"root", "/opt/a/b/bin/run", "ops", NULL},
		{"root", "/bin/kill -9 4711", "ops", NULL},
		{"root", "/bin/kill -9 -1", "policy-actions", ONLY},
		{"root", "/bin/kill 9 4711", "policy-actions", ONLY},
		{"root", "/bin/ls --color ../up", "ops", NULL},
		{"root", "/bin/ls --block=../x ../up", "policy-actions", ONLY},
		{"root", "/bin/ls --color ../down", "policy-actions", ONLY},
		/* each of them, by one rule */
		{"root", "/usr/bin/systemctl status|/usr/bin/id",
			"policy-actions", ONLY},
		{"root", "/usr/bin/id", "more", NULL},
		/* a rule without actions gives any, and some */
		{"www", "", "www", NULL},
		{"www", "/bin/sh -c -- ../x", "www", NULL},
	};
	struct jit_lists list;
	struct jit_arena mem = {0};
	struct jit_error err;
	const struct jit_rule *rule;
	struct jit_asked q;
	char text[200], *rest, *line;
	size_t i;

	CASE("each action is one that the rule names, word by word");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].lines);
		list = (struct jit_lists){
			.at = jit_arena_get(&mem, 8 * sizeof(*list.at))};
		snprintf(text, sizeof(text), "%s", rows[i].lines);
		for (rest = text; (line = strtok_r(rest, "|", &rest));)
			CHECK_INT(jit_words_split(&list.at[list.count++], &mem,
					  line, &err),
				0);
		q = (struct jit_asked){.who = "alice@x",
			.resource = "ssh:web",
			.role = rows[i].role,
			.actions = &list,
			.at = NOW};
		rule = NULL;
		memset(&err, 0, sizeof(err));
		CHECK_INT(jit_policy_match(&rule, p, &q, &err),
			rows[i].why ? JIT_NO : 0);
		CHECK_STR(rule ? rule->id : err.rule, rows[i].rule);
		CHECK_STR(err.text, rows[i].why ? rows[i].why : "");
	}

	CASE("who names no actions asks for all");
	q.role = "root";
	q.actions = NULL;
	CHECK_INT(jit_policy_match(&rule, p, &q, &err), JIT_NO);
	CHECK_STR(err.rule, "policy-actions");
	q.role = "www";
	CHECK_INT(jit_policy_match(&rule, p, &q, &err), 0);
	jit_arena_free(&mem);
}

int
main(void)
{
	struct jit_error err = {0};
	struct jit_policy p;

	all_changes();
	fields();
	CASE("a policy in which order decides");
	if (CHECK_INT(read_text(&p, order_text, &err), 0)) {
		matching(&p);
		members(&p);
		issuers(&p);
		spelling(&p);
		jit_policy_free(&p);
	}
	if (CHECK_INT(read_text(&p, kept_text, &err), 0)) {
		kept(&p);
		jit_policy_free(&p);
	}
	if (CHECK_INT(read_text(&p, actions_text, &err), 0)) {
		actions(&p);
		jit_policy_free(&p);
	}
	all_limits();
	hostile();
	hostile_actions();
	return UNIT_DONE();
}

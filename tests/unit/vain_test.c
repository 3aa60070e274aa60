/* SPDX-License-Identifier: ISC */
/* Patterns that match nothing: no name shows one of them to be wrong. */
#include <stdint.h>
#include <string.h>

#include "name.h"
#include "pattern.h"
#include "policy_vain.h"
#include "unit.h"

#define ROUNDS 200000
#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10

static const struct row {
	bool (*vain)(const char *pattern);
	const char *pattern;
	bool is;
} table[] = {
	{policy_vain_resource, "ssh:web-1", false},
	{policy_vain_resource, "ssh:web-*", false},
	{policy_vain_resource, "*", false},
	{policy_vain_resource, "web*", false}, /* "webs:1" */
	{policy_vain_resource, "*-1", false},
	{policy_vain_resource, "ssh:#", false},
	{policy_vain_resource, "[a-z]:[0-9.]", false},
	{policy_vain_resource, "?:" X60 "???", false},
	{policy_vain_resource, "web-*", true},
	{policy_vain_resource, "web-1", true},
	{policy_vain_resource, "ssh:Web-*", true},
	{policy_vain_resource, "ssh:-*", true},
	{policy_vain_resource, "ssh:[.-]*", true},
	{policy_vain_resource, "#:*", true},
	{policy_vain_resource, "*:*:*", true},
	{policy_vain_resource, "ssh/*", true},
	{policy_vain_resource, "ssh:web_*", true},
	{policy_vain_resource, "ssh: *", true},
	{policy_vain_resource, "?:" X60 "????", true},
	{policy_vain_resource, "abcdefghijklmnopq*", true},
	{policy_vain_resource, "", true},
	{policy_vain_principal, "bob@ex.com", false},
	{policy_vain_principal, "*@vendor.ex", false},
	{policy_vain_principal, "svc-#@*", false},
	{policy_vain_principal, "*", false},
	{policy_vain_principal, "bob*", false},
	{policy_vain_principal, "bob", true},
	{policy_vain_principal, "bob@", true},
	{policy_vain_principal, "Bob@*", true},
	{policy_vain_principal, "*@Vendor.ex", true},
	{policy_vain_principal, "*@*@*", true},
	{policy_vain_principal, "-*@ex.com", true},
	{policy_vain_principal, "*@ex com", true},
	{policy_vain_principal, X60 "xxxxx*@*", true},
	{policy_vain_principal, X60 "xxxx*@*", false},
	{policy_vain_task, "INC-#", false},
	{policy_vain_task, "?", false},
	{policy_vain_task, "a b", false},
	{policy_vain_task, "* x", false},
	{policy_vain_task, X60 "????", false},
	{policy_vain_task, "INC-# ", true},
	{policy_vain_task, " *", true},
	{policy_vain_task, X60 "?????", true},
};

static void
test_table(void)
{
	size_t i;

	CASE("what matches nothing is known");
	for (i = 0; i < COUNT(table); i++) {
		ROW(table[i].pattern);
		CHECK(table[i].vain(table[i].pattern) == table[i].is);
	}
}

static unsigned int
any(unsigned int below)
{
	static uint64_t seed = 8;

	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(seed >> 33) % below;
}

static void
put(char *out, size_t most, const char *of)
{
	size_t n = 1 + any((unsigned int)most), i;

	for (i = 0; i < n; i++)
		out[i] = of[any((unsigned int)strlen(of))];
	out[n] = '\0';
}

static void
test_random(void)
{
	char pattern[8], name[8];
	size_t i, met = 0;

	CASE("what matches some name is not vain");
	for (i = 0; i < ROUNDS; i++) {
		put(pattern, 6, "a1:@.*?# A");
		put(name, 6, "a1:@. A");
		if (!jit_pattern_match(pattern, name))
			continue;
		ROW(pattern);
		met++;
		if (jit_name_resource(name))
			CHECK(!policy_vain_resource(pattern));
		if (jit_name_principal(name))
			CHECK(!policy_vain_principal(pattern));
		if (jit_name_task(name))
			CHECK(!policy_vain_task(pattern));
	}
	CHECK(met > 1000);
}

int
main(void)
{
	test_table();
	test_random();
	return UNIT_DONE();
}

/* SPDX-License-Identifier: ISC */
/*
 * tables: what jit-ledger(5) must list, as the library has it.
 *
 *	range FIRST..LAST           forbidden code points, hexadecimal
 *	member TYPE NAME must|may   of an event, "common" for all types; those
 *	                            of an object in it too
 *	question VERB NAME must|may, answer VERB NAME must|may
 *	                            what jit-connector(5) must list
 *	finding KIND MEANING        what jit-report(1) must say of coverage
 */
#include <stdio.h>

#include "coverage.h"
#include "errand.h"
#include "event.h"
#include "text.h"

static void
print_ranges(void)
{
	const uint32_t(*ranges)[2];
	size_t i, count = jit_text_ranges(&ranges);

	for (i = 0; i < count; i++)
		printf("range %04X..%04X\n", (unsigned int)ranges[i][0],
			(unsigned int)ranges[i][1]);
}

static void
print_members(const char *type, const struct jit_member *m)
{
	for (; m->name; m++) {
		printf("member %s %s %s\n", type, m->name,
			m->required ? "must" : "may");
		if (m->inner)
			print_members(type, m->inner);
	}
}

static void
print_verb(enum jit_verb verb, const char *what, const struct jit_member *m)
{
	for (; m->name; m++)
		printf("%s %s %s %s\n", what, jit_verb_name(verb), m->name,
			m->required ? "must" : "may");
}

int
main(void)
{
	enum coverage_kind kind;
	enum jit_verb verb;
	int type;

	print_ranges();
	print_members("common", jit_event_common());
	for (type = 0; type < JIT_EVENT_TYPES; type++)
		print_members(jit_event_name((enum jit_event_type)type),
			jit_event_shape((enum jit_event_type)type));
	for (verb = 0; verb < JIT_VERBS; verb++) {
		print_verb(verb, "question", jit_errand_shape(verb));
		print_verb(verb, "answer", jit_reply_shape(verb));
	}
	for (kind = 0; kind < COVERAGE_KINDS; kind++)
		printf("finding %s %s\n", coverage_kind_name(kind),
			coverage_kind_means(kind));
	return fflush(stdout) != 0;
}

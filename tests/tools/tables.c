/* SPDX-License-Identifier: ISC */
/*
 * tables: what jit-ledger(5) must list, as the library has it.
 *
 *	range FIRST..LAST           forbidden code points, hexadecimal
 *	member TYPE NAME must|may   of an event, "common" for all types; those
 *	                            of an object in it too
 */
#include <stdio.h>

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

int
main(void)
{
	int type;

	print_ranges();
	print_members("common", jit_event_common());
	for (type = 0; type < JIT_EVENT_TYPES; type++)
		print_members(jit_event_name((enum jit_event_type)type),
			jit_event_shape((enum jit_event_type)type));
	return fflush(stdout) != 0;
}

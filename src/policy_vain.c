/* SPDX-License-Identifier: ISC */
/*
 * A name is a row of places, each with the bytes that it takes; after some
 * of them the rest of its part may be left out. The pattern goes over the
 * row element by element, and all places that it can have come to are kept.
 */
#include "policy_vain.h"

#include <string.h>

#include "name.h"
#include "pattern.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SIGNS "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

#define PLACES 256 /* of the longest name, with the place after its last */

/* From 'least' to 'most' bytes of a set. A grammar ends with most 0. */
struct part {
	const char *set;
	size_t least, most;
};

static const struct part resource[] = {{LOWER, 1, 16}, {":", 1, 1},
	{LOWER DIGIT, 1, 1}, {LOWER DIGIT ".-", 0, 62}, {NULL, 0, 0}};

static const struct part principal[] = {{LOWER DIGIT, 1, 1},
	{LOWER DIGIT "._+-", 0, 63}, {"@", 1, 1}, {LOWER DIGIT ".-", 1, 190},
	{NULL, 0, 0}};

/*
 * No white space at its ends. What takes bytes that are not ASCII takes all,
 * so these need no place here.
 */
static const struct part letter[] = {{LOWER UPPER DIGIT SIGNS, 1, 1},
	{NULL, 0, 0}};
static const struct part task[] = {{LOWER UPPER DIGIT SIGNS, 1, 1},
	{LOWER UPPER DIGIT SIGNS " ", 0, 62}, {LOWER UPPER DIGIT SIGNS, 1, 1},
	{NULL, 0, 0}};

struct row {
	const char *set[PLACES]; /* NULL: past the last */
	bool leave[PLACES];      /* the part may end before this place */
	size_t next[PLACES];     /* where the part after it begins */
};

static void
lay_out(struct row *row, const struct part *part)
{
	size_t n = 0, i;

	for (; part->most; part++)
		for (i = 0; i < part->most; i++, n++) {
			row->set[n] = part->set;
			row->leave[n] = i >= part->least;
			row->next[n] = n + part->most - i;
		}
	row->set[n] = NULL;
}

/* What may be left out is: the places after it are come to as well. */
static void
leave_out(const struct row *row, bool at[PLACES])
{
	size_t i;

	for (i = 0; row->set[i]; i++)
		if (at[i] && row->leave[i])
			at[row->next[i]] = true;
}

/* One element of a pattern: "x" or "[x-z]". */
struct element {
	bool takes[128]; /* of ASCII */
	bool again;      /* more than one */
	bool none;       /* or none at all */
};

/* The next element; returns where the one after it is. */
static const char *
cut(struct element *e, const char *pattern)
{
	size_t n = *pattern == '[' ? strcspn(pattern, "]") + 1 : 1;
	char alone[JIT_PATTERN_MAX + 1], s[2] = "";
	unsigned int c;

	memcpy(alone, pattern, n);
	alone[n] = '\0';
	for (c = 1; c < 128; c++) {
		s[0] = (char)c;
		e->takes[c] = jit_pattern_match(alone, s);
	}
	e->none = *pattern == '*';
	e->again = e->none || *pattern == '#';
	return pattern + n;
}

static bool
takes(const struct element *e, const char *set)
{
	for (; *set; set++)
		if (e->takes[(unsigned char)*set])
			return true;
	return false;
}

static void
advance(const struct row *row, bool at[PLACES], const struct element *e)
{
	bool next[PLACES] = {false};
	size_t i;

	for (i = 0; row->set[i]; i++) {
		if (e->again && next[i] && row->leave[i])
			next[row->next[i]] = true;
		if ((at[i] || (e->again && next[i])) && takes(e, row->set[i]))
			next[i + 1] = true;
	}
	for (i = 0; i < PLACES; i++)
		at[i] = next[i] || (e->none && at[i]);
	leave_out(row, at);
}

static bool
meets(const struct part *grammar, const char *pattern)
{
	bool at[PLACES] = {true};
	struct element e = {0};
	struct row row = {0};
	size_t end = 0;

	if (jit_pattern_check(pattern, NULL))
		return false;
	lay_out(&row, grammar);
	while (*pattern) {
		pattern = cut(&e, pattern);
		advance(&row, at, &e);
	}
	while (row.set[end])
		end++;
	return at[end];
}

bool
policy_vain_resource(const char *pattern)
{
	return jit_pattern_wild(pattern) ? !meets(resource, pattern)
					 : !jit_name_resource(pattern);
}

bool
policy_vain_principal(const char *pattern)
{
	return jit_pattern_wild(pattern) ? !meets(principal, pattern)
					 : !jit_name_principal(pattern);
}

bool
policy_vain_task(const char *pattern)
{
	return !meets(letter, pattern) && !meets(task, pattern);
}

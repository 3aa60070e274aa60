/* vain: patterns that match no name that there can be. */
#ifndef POLICY_VAIN_H
#define POLICY_VAIN_H

#include <stdbool.h>

/*
 * Whether the pattern matches none of them at all, by the grammar of the
 * name room: "web-*" no resource, "bob" no principal. Exact, not a guess.
 */
bool policy_vain_resource(const char *pattern);
bool policy_vain_principal(const char *pattern);
bool policy_vain_task(const char *pattern);

#endif

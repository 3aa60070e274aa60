/* SPDX-License-Identifier: ISC */
/* Events that were made while their ledger was out of reach. */
#include <string.h>

#include "event.h"
#include "name.h"

#define SHAPE_MAX 32

static const struct jit_member seen = {.name = "seen",
	.kind = JIT_TEXT,
	.required = true,
	.offset = offsetof(struct jit_event, seen),
	.check = jit_name_sha256,
	.expect = "64 hex digits"};

/* What nobody needs the others' answer for. */
static const enum jit_event_type types[] = {JIT_REQUEST, JIT_ISSUE, JIT_USE,
	JIT_END, JIT_PROBE};

static int
type_of(enum jit_event_type *type, const char *name, struct jit_error *err)
{
	size_t i;

	for (i = 0; name && i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(jit_event_name(types[i]), name) == 0) {
			*type = types[i];
			return 0;
		}
	}
	return jit_fail(err, JIT_USAGE,
		"sealed: type '%s' cannot be sealed: a request, issue, use, "
		"end or probe can",
		name ? name : "");
}

/* Common members but those of a place in the chain; 'seen'; a type's own. */
static void
whole_shape(struct jit_member *table, enum jit_event_type type)
{
	const struct jit_member *m;
	size_t n = 0;

	for (m = jit_event_common(); m->name; m++)
		if (strcmp(m->name, "seq") != 0 && strcmp(m->name, "prev") != 0)
			table[n++] = *m;
	table[n++] = seen;
	for (m = jit_event_shape(type); m->name; m++)
		table[n++] = *m;
	memset(&table[n], 0, sizeof(table[n]));
}

int
jit_event_unseal(struct jit_event *out, const struct jit_json *sealed,
	struct jit_error *err)
{
	struct jit_member table[SHAPE_MAX];
	struct jit_event ev = {0};
	int rc;

	rc = type_of(&ev.type, jit_json_text(jit_json_get(sealed, "type")),
		err);
	if (rc)
		return rc;
	whole_shape(table, ev.type);
	ev.json = jit_json_keep(sealed);
	rc = jit_shape_read(&ev, &ev.mem, table, ev.json, "sealed", err);
	if (rc == 0) {
		*out = ev;
		memset(&ev, 0, sizeof(ev)); /* transferred */
	}
	jit_event_free(&ev);
	return rc;
}

int
jit_event_seal(struct jit_json **out, const struct jit_event *ev,
	struct jit_error *err)
{
	struct jit_member table[SHAPE_MAX];
	struct jit_json *o = jit_json_object();
	enum jit_event_type type;
	int rc;

	if (!o)
		return jit_nomem(err);
	rc = type_of(&type, jit_event_name(ev->type), err);
	if (rc == 0)
		whole_shape(table, type);
	if (rc == 0)
		rc = jit_shape_write(o, table, ev, err);
	if (rc == 0) {
		*out = o;
		o = NULL; /* transferred */
	}
	jit_json_free(o);
	return rc;
}

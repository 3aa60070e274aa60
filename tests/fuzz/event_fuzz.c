/* SPDX-License-Identifier: ISC */
/*
 * Events: what is accepted is encoded to the same bytes and has a subject of
 * one line; what is not says why and puts out nothing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "hash.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
comes_back(const struct jit_event *ev, const uint8_t *data, size_t size)
{
	struct jit_buf again = {0}, subject = {0};

	if (jit_event_encode(&again, ev, NULL) != 0 || again.len != size ||
		memcmp(again.data, data, size) != 0)
		abort();
	jit_event_subject(&subject, ev);
	if (subject.len == 0 ||
		!jit_text_clean(jit_buf_text(&subject), subject.len) ||
		strncmp(jit_buf_text(&subject), ev->of_type,
			strlen(ev->of_type)) != 0)
		abort();
	jit_buf_free(&again);
	jit_buf_free(&subject);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_event ev = {.v = 77};
	struct jit_error err = {0};

	if (jit_hash_start(NULL) != 0)
		abort();
	if (jit_event_decode(&ev, data, size, &err) != 0) {
		if (err.text[0] == '\0' || ev.v != 77 || ev.json != NULL)
			abort();
		return 0;
	}
	if (ev.v != 1 || strcmp(jit_event_name(ev.type), ev.of_type) != 0)
		abort();
	comes_back(&ev, data, size);
	jit_event_free(&ev);
	return 0;
}

/* story_inner: what the parts of the story room share. */
#ifndef JIT_STORY_INNER_H
#define JIT_STORY_INNER_H

#include "story.h"

/* What an event is told with. */
struct jit_telling {
	struct jit_stories *all;
	const struct jit_event *ev;
	const struct jit_state *after;
	struct jit_story *g; /* that it is about; NULL: about none */
	bool failed;         /* no memory */
};

/* A zeroed place after the last of a list that grows; NULL: no memory. */
void *jit_story_more(void **list, size_t *count, size_t *cap, size_t size);

/* A new story, in its place by 'id'; NULL: no memory. */
struct jit_story *jit_story_begin(struct jit_stories *all, const char *id);

/* A text that must be there, interned; NULL where 's' is. */
const char *jit_story_keep(struct jit_telling *t, const char *s);

/* Whether two texts are there and alike. */
bool jit_story_same(const char *a, const char *b);

/* It came to its end by this event. */
void jit_story_end(struct jit_telling *t, enum jit_fate fate);

/* What an event adds to the one grant that it is about, or begins. */
void jit_story_request(struct jit_telling *t);
void jit_story_approve(struct jit_telling *t);
void jit_story_deny(struct jit_telling *t);
void jit_story_withdraw(struct jit_telling *t);
void jit_story_issue(struct jit_telling *t);
void jit_story_use(struct jit_telling *t);
void jit_story_ended(struct jit_telling *t);
void jit_story_probe(struct jit_telling *t);
void jit_story_review(struct jit_telling *t);

#endif

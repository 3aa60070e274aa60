/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE /* sched_getaffinity */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "crew.h"

#define FEW 32              /* commits that are done before a thread is up */
#define PLACES 256          /* commits under way */
#define BYTES_MAX (2 << 20) /* raw bytes under way, but for a single one */
#define KEPT_MAX (64 << 10) /* bytes of a place that are kept for the next */
#define HELPERS_MAX 63

struct place {
	struct jit_buf raw;
	struct jit_commit commit; /* once 'done' and 'rc' is 0 */
	struct jit_error err;
	int rc;
	bool known, done;
};

/* Counted from the first commit: took <= next <= put <= took + size. */
struct jit_crew {
	pthread_mutex_t lock; /* of all below but the places under way */
	pthread_cond_t work;  /* something was put, or it ends */
	pthread_cond_t done;  /* the oldest is done */
	pthread_t helper[HELPERS_MAX];
	unsigned int helpers;
	struct place *at;
	size_t size;
	size_t took, next, put; /* next: the first that nobody works on */
	size_t bytes;
	bool stop;
};

static void
work_on(struct place *p)
{
	if (p->known)
		p->rc = jit_commit_again(&p->commit, p->raw.data, p->raw.len,
			&p->err);
	else
		p->rc = jit_commit_decode(&p->commit, p->raw.data, p->raw.len,
			&p->err);
	if (p->rc < 0 || p->known)
		return;
	p->rc = jit_commit_check(&p->commit, &p->err);
	if (p->rc < 0)
		jit_commit_free(&p->commit);
}

/* Work on the next; the lock is held before and after, not meanwhile. */
static void
work_once(struct jit_crew *c)
{
	size_t mine = c->next++;
	struct place *p = &c->at[mine % c->size];

	pthread_mutex_unlock(&c->lock);
	work_on(p);
	pthread_mutex_lock(&c->lock);
	p->done = true;
	if (mine == c->took)
		pthread_cond_signal(&c->done);
}

static void *
help(void *arg)
{
	struct jit_crew *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		if (c->next < c->put)
			work_once(c);
		else
			pthread_cond_wait(&c->work, &c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Processors that this thread may run on, but the one it runs on. */
static unsigned int
others(void)
{
	cpu_set_t set;
	int n;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 0;
	n = CPU_COUNT(&set) - 1;
	return n < HELPERS_MAX ? (unsigned int)n : HELPERS_MAX;
}

/* Signals are the caller's. Without a helper it only takes longer. */
static void
hire(struct jit_crew *c, unsigned int most)
{
	sigset_t all, before;

	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return;
	while (c->helpers < most &&
		pthread_create(&c->helper[c->helpers], NULL, help, c) == 0)
		c->helpers++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int
jit_crew_new(struct jit_crew **out, size_t commits, struct jit_error *err)
{
	unsigned int most = commits < FEW ? 0 : others();
	struct jit_crew *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return jit_nomem(err);
	c->size = most > 0 ? PLACES : 1;
	c->at = calloc(c->size, sizeof(*c->at));
	if (c->at == NULL) {
		free(c);
		return jit_nomem(err);
	}
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->work, NULL);
	pthread_cond_init(&c->done, NULL);
	hire(c, most);
	*out = c;
	return 0;
}

struct jit_buf *
jit_crew_room(struct jit_crew *c)
{
	struct place *p = &c->at[c->put % c->size];

	if (c->put - c->took == c->size ||
		(c->bytes > BYTES_MAX && c->put > c->took))
		return NULL;
	if (p->raw.cap > KEPT_MAX)
		jit_buf_free(&p->raw);
	jit_buf_reset(&p->raw);
	return &p->raw;
}

void
jit_crew_put(struct jit_crew *c, bool known)
{
	struct place *p = &c->at[c->put % c->size];

	c->bytes += p->raw.len;
	p->known = known;
	p->done = false;
	p->err.rule[0] = p->err.text[0] = '\0';
	pthread_mutex_lock(&c->lock);
	c->put++;
	pthread_cond_signal(&c->work);
	pthread_mutex_unlock(&c->lock);
}

bool
jit_crew_empty(const struct jit_crew *c)
{
	return c->took == c->put;
}

int
jit_crew_take(struct jit_commit *out, const struct jit_buf **raw,
	struct jit_crew *c, struct jit_error *err)
{
	struct place *p = &c->at[c->took % c->size];

	pthread_mutex_lock(&c->lock);
	while (!p->done) {
		if (c->next < c->put)
			work_once(c);
		else
			pthread_cond_wait(&c->done, &c->lock);
	}
	c->took++;
	pthread_mutex_unlock(&c->lock);
	c->bytes -= p->raw.len;
	*raw = &p->raw;
	if (p->rc == 0)
		*out = p->commit; /* transferred */
	else if (err != NULL)
		*err = p->err;
	p->done = false;
	return p->rc;
}

/* What is done and was not taken. */
static void
drop(struct jit_crew *c)
{
	struct place *p;

	for (; c->took < c->put; c->took++) {
		p = &c->at[c->took % c->size];
		if (p->done && p->rc == 0)
			jit_commit_free(&p->commit);
	}
}

void
jit_crew_free(struct jit_crew *c)
{
	size_t i;

	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
	for (i = 0; i < c->helpers; i++)
		pthread_join(c->helper[i], NULL);
	drop(c);
	for (i = 0; i < c->size; i++)
		jit_buf_free(&c->at[i].raw);
	pthread_cond_destroy(&c->done);
	pthread_cond_destroy(&c->work);
	pthread_mutex_destroy(&c->lock);
	free(c->at);
	free(c);
}

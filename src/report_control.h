/* control: lines of standards, each with the figure that is its evidence. */
#ifndef REPORT_CONTROL_H
#define REPORT_CONTROL_H

#include "figure.h"

enum control_verdict { CONTROL_MET, CONTROL_NOT_MET, CONTROL_NO_EVIDENCE };

/* What a figure must be. */
enum control_bar {
	CONTROL_SHARE_LEAST, /* hundredths: at least so many */
	CONTROL_SHARE_MOST,
	CONTROL_COUNT_MOST, /* rows, grants */
	CONTROL_COUNT_LEAST,
	CONTROL_SECONDS_MOST, /* their 95th percentile */
	CONTROL_ANSWER        /* "yes" */
};

/* One line: what is wanted, and by which figure that is known. */
struct control {
	const char *standard; /* "NIST CSF 2.0 PR.AA-05" */
	const char *wants;    /* in words */
	const char *figure;   /* its id */
	enum control_bar bar;
	int64_t limit;
	const char *shown; /* the bar as it was written */
};

struct controls {
	struct control *at;
	size_t count;
	struct jit_json *json; /* what it was read from */
};

/*
 * Read the file at 'path': {"controls": [{"standard", "wants", "figure",
 * "bar"}, ...]}. JIT_USAGE: no such file, a line that names a figure that
 * there is not, or a bar that its kind has not. The caller frees.
 */
int controls_read(struct controls *out, const char *path,
	struct jit_error *err) JIT_CHECKED;

/* What a figure says of a line. */
enum control_verdict control_judge(const struct control *c,
	const struct jit_figures *figures);

/* "met", "not met", "no evidence". */
const char *control_verdict_name(enum control_verdict v);

void controls_free(struct controls *c);

#endif

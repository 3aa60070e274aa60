/* SPDX-License-Identifier: ISC */
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "name.h"
#include "text.h"

#define SHOWN_MAX 480           /* bytes of a line in a reply */
#define TOOL_SAYS (1024 * 1024) /* bytes that a tool may answer */
#define TOOL_ENV 16

static const char *const places[] = {"/usr/local/sbin", "/usr/local/bin",
	"/usr/sbin", "/usr/bin", "/sbin", "/bin"};
static const char path_env[] =
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* -- Lines --------------------------------------------------------------- */

const char *
serve_line(struct serve *s, const char *fmt, ...)
{
	struct jit_buf shown = {0};
	const char *line;
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	jit_text_escape(&shown, text, strlen(text));
	if (shown.len > SHOWN_MAX) { /* never within a character */
		shown.len = SHOWN_MAX;
		while (shown.len > 0 && (shown.data[shown.len] & 0xc0) == 0x80)
			shown.len--;
		shown.data[shown.len] = '\0';
		jit_buf_str(&shown, "...");
	}
	line = shown.failed ? NULL
			    : jit_arena_str(&s->mem, jit_buf_text(&shown));
	jit_buf_free(&shown);
	return line ? line : "...";
}

void
serve_first(char *out, size_t size, const struct jit_buf *said)
{
	struct jit_buf shown = {0};
	const char *s = jit_buf_text(said);

	jit_text_escape(&shown, s, strcspn(s, "\r\n"));
	snprintf(out, size, "%s", jit_buf_text(&shown));
	jit_buf_free(&shown);
}

void
serve_lower(char *out, const char *id)
{
	for (; *id; id++, out++)
		*out = *id >= 'A' && *id <= 'Z' ? (char)(*id - 'A' + 'a') : *id;
	*out = '\0';
}

/* -- Tools --------------------------------------------------------------- */

static int
find(char *path, size_t size, const char *name, struct jit_error *err)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, size, "%s/%s", places[i], name);
		if (access(path, X_OK) == 0)
			return 0;
	}
	return jit_fail(err, JIT_TROUBLE, "there is no program '%s' here",
		name);
}

int
serve_run(struct serve_tool *t, struct jit_error *err)
{
	const char *argv[64] = {NULL}, *env[TOOL_ENV] = {path_env, "LC_ALL=C"};
	struct jit_child child = {.argv = argv,
		.env = env,
		.in = t->in,
		.in_len = t->in_len,
		.max = TOOL_SAYS,
		.seconds = t->seconds,
		.said = &t->said,
		.said_max = t->said_max ? t->said_max : SERVE_SAID};
	char path[256];
	size_t i;
	int rc;

	rc = find(path, sizeof(path), t->argv[0], err);
	if (rc)
		return rc;
	for (i = 0; i < 63 && t->argv[i]; i++)
		argv[i] = i == 0 ? path : t->argv[i];
	if (t->argv[i])
		return jit_fail(err, JIT_USAGE, "too many words for '%s'",
			t->argv[0]);
	for (i = 0; t->env && t->env[i] && i < TOOL_ENV - 3; i++)
		env[i + 2] = t->env[i];
	return jit_child_run(&t->out, &t->status, &child, err);
}

void
serve_tool_free(struct serve_tool *t)
{
	jit_buf_free(&t->out);
	jit_buf_free(&t->said);
}

/* -- Targets ------------------------------------------------------------- */

/* A name that is no option, no group, no alias of sudoers, no "ALL". */
static bool
is_account(const char *s)
{
	size_t n = strspn(s,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return n >= 1 && n <= 32 && s[n] == '\0' &&
		((s[0] >= 'a' && s[0] <= 'z') || s[0] == '_');
}

const struct jit_member serve_account_shape[] = {
	{.name = "principal",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct serve_account, principal),
		.check = jit_name_principal,
		.expect = "a principal"},
	{.name = "account",
		.kind = JIT_TEXT,
		.required = true,
		.offset = offsetof(struct serve_account, account),
		.check = is_account,
		.expect = "the name of an account, lower case first"},
	{.name = NULL}};

int
serve_account(const char **out, const struct jit_rows *accounts,
	const char *principal, struct jit_error *err)
{
	const struct serve_account *a = accounts->at;
	size_t i;

	for (i = 0; i < accounts->count; i++)
		if (strcmp(a[i].principal, principal) == 0) {
			*out = a[i].account;
			return 0;
		}
	return jit_fail(err, JIT_NO, "its target names no account of '%s'",
		principal);
}

int
serve_target(void *out, struct serve *s, const struct jit_member *shape,
	struct jit_error *err)
{
	return jit_shape_read(out, &s->mem, shape, s->ask.target, "target",
		err);
}

/* -- Other grants --------------------------------------------------------- */

/* Whether 'other' lets somebody do any of what 'ask' did. */
static bool
covers(const struct jit_other *other, const struct jit_errand *ask)
{
	size_t i, j;

	if (strcmp(other->role, ask->role) != 0)
		return false;
	if (other->actions.count == 0 || ask->actions.count == 0)
		return true;
	for (i = 0; i < ask->actions.count; i++)
		for (j = 0; j < other->actions.count; j++)
			if (jit_shape_same(&ask->actions.at[i],
				    &other->actions.at[j]))
				return true;
	return false;
}

const char *
serve_left(struct serve *s)
{
	const struct jit_other *o = s->ask.others.at;
	struct jit_buf ids = {0};
	const char *line = NULL;
	size_t i;

	for (i = 0; i < s->ask.others.count; i++)
		if (covers(&o[i], &s->ask))
			jit_buf_fmt(&ids, "%s%s", ids.len ? ", " : "", o[i].id);
	if (ids.len)
		line = serve_line(s, "what grant %s covers as %s",
			jit_buf_text(&ids), s->ask.role);
	jit_buf_free(&ids);
	return line;
}

/* -- Main ---------------------------------------------------------------- */

static void
sane_process(void)
{
	const struct rlimit none = {0, 0};
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		_exit(-JIT_TROUBLE);
	close(fd);
	setrlimit(RLIMIT_CORE, &none);
	umask(022);
	signal(SIGPIPE, SIG_IGN);
}

static int
read_question(struct jit_buf *out, struct jit_error *err)
{
	unsigned char chunk[16384];
	ssize_t n;

	while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return jit_fail(err, JIT_TROUBLE,
				"cannot read the question: %s",
				strerror(errno));
		if (out->len + (size_t)n > JIT_ERRAND_MAX)
			return jit_fail(err, JIT_USAGE,
				"the question is too long");
		jit_buf_put(out, chunk, (size_t)n);
	}
	return jit_buf_failed(out, err);
}

static void
describe(struct serve *s, const struct serve_connector *me)
{
	s->reply.name = me->name;
	s->reply.offer = me->offer;
	s->reply.actions = me->actions;
	s->reply.proves = me->proves;
}

/* Whether the question is for this connector at all. */
static int
address(struct serve *s, const struct serve_connector *me,
	struct jit_error *err)
{
	size_t len = strlen(me->name);

	if (strncmp(s->ask.resource, me->name, len) != 0 ||
		s->ask.resource[len] != ':')
		return jit_fail(err, JIT_USAGE, "'%s' is not for connector %s",
			s->ask.resource, me->name);
	s->name = s->ask.resource + len + 1;
	return 0;
}

static int
answer(struct serve *s, const struct serve_connector *me, enum jit_verb verb,
	struct jit_error *err)
{
	serve_verb *const does[JIT_VERBS] = {
		[JIT_VERB_GRANT] = me->grant,
		[JIT_VERB_REVOKE] = me->revoke,
		[JIT_VERB_PROBE] = me->probe,
		[JIT_VERB_SCAN] = me->scan,
	};
	struct jit_buf in = {0};
	int rc;

	if (verb == JIT_VERB_DESCRIBE) {
		describe(s, me);
		return 0;
	}
	rc = read_question(&in, err);
	if (rc == 0)
		rc = jit_errand_read(&s->ask, &s->json, &s->mem, verb, in.data,
			in.len, err);
	jit_buf_free(&in);
	if (rc == 0)
		rc = address(s, me, err);
	if (rc == 0)
		rc = does[verb](s, err);
	s->reply.connect = s->connect;
	return rc;
}

static int
say(const struct serve *s, enum jit_verb verb, struct jit_error *err)
{
	struct jit_buf line = {0};
	int rc = jit_reply_write(&line, &s->reply, verb, err);

	if (rc == 0 &&
		(fputs(jit_buf_text(&line), stdout) == EOF ||
			fflush(stdout) != 0))
		rc = jit_fail(err, JIT_TROUBLE, "cannot write the answer: %s",
			strerror(errno));
	jit_buf_free(&line);
	return rc;
}

int
serve(const struct serve_connector *me, int argc, char **argv)
{
	struct serve s = {.now = (int64_t)time(NULL)};
	struct jit_buf shown = {0};
	struct jit_error err = {0};
	int rc, verb = argc == 2 ? jit_verb_read(argv[1]) : -1;

	sane_process();
	if (verb < 0)
		rc = jit_fail(&err, JIT_USAGE,
			"which one? describe, grant, revoke, probe or scan "
			"(jit-connector(5))");
	else
		rc = answer(&s, me, (enum jit_verb)verb, &err);
	if (rc == 0)
		rc = say(&s, (enum jit_verb)verb, &err);
	if (rc) {
		jit_text_escape(&shown, err.text, strlen(err.text));
		fprintf(stderr, "%s\n", jit_buf_text(&shown));
	}
	jit_buf_free(&shown);
	jit_json_free(s.connect);
	jit_json_free(s.json);
	jit_arena_free(&s.mem);
	return -rc;
}

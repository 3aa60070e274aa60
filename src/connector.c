/* SPDX-License-Identifier: ISC */
#include "connector.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "cli.h"
#include "name.h"
#include "text.h"
#include "when.h"

#define SAYS_MAX 4096 /* bytes of its standard error that are looked at */

/* All that a connector has in its environment. */
static const char *const environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C.UTF-8", NULL};

/* -- Whose it is ----------------------------------------------------------- */

/* 1: nothing is there. Whoever else may write it could let anyone in. */
static int
check_owner(const char *path, mode_t type, struct jit_error *err)
{
	struct stat st;

	if (lstat(path, &st) != 0) {
		jit_fail(err, JIT_TROUBLE, "cannot look at '%s': %s", path,
			strerror(errno));
		return errno == ENOENT ? 1 : JIT_TROUBLE;
	}
	if ((st.st_mode & S_IFMT) == type && !(st.st_mode & 022) &&
		(st.st_uid == 0 || st.st_uid == geteuid()))
		return 0;
	return jit_fail(err, JIT_TROUBLE,
		"'%s' must be a %s of root's that nobody else may write", path,
		type == S_IFDIR ? "folder" : "file");
}

/* "pg" of "pg:orders"; 'scheme' has room for a whole resource. */
static const char *
split(char scheme[JIT_RESOURCE_MAX], const char *resource)
{
	char *colon;

	if (!jit_name_resource(resource))
		return NULL;
	snprintf(scheme, JIT_RESOURCE_MAX, "%s", resource);
	colon = strchr(scheme, ':');
	*colon = '\0';
	return colon + 1; /* the name */
}

static int
want_split(const char **name, char scheme[JIT_RESOURCE_MAX],
	const char *resource, struct jit_error *err)
{
	*name = split(scheme, resource);
	return *name ? 0 : jit_name_want_resource(resource, err);
}

/* -- Targets --------------------------------------------------------------- */

static int
read_target(struct jit_json **out, const char *path, struct jit_error *err)
{
	struct jit_buf text = {0};
	struct jit_json *v = NULL;
	int rc;

	rc = cli_read_file(&text, path, JIT_JSON_EVENT, err);
	if (rc == 0)
		rc = jit_json_read(&v, text.data, text.len, JIT_JSON_EVENT,
			err);
	if (rc == 0 && jit_json_kind(v) != JIT_JSON_OBJECT)
		rc = jit_fail(err, JIT_TROUBLE, "an object is wanted");
	jit_buf_free(&text);
	if (rc == 0) {
		*out = v;
		return 0;
	}
	jit_json_free(v);
	return jit_within(err, JIT_TROUBLE, "target '%s'", path);
}

int
connector_target(struct jit_json **out, const char *resource,
	struct jit_error *err)
{
	char scheme[JIT_RESOURCE_MAX], folder[512], path[1024];
	const char *name;
	int rc;

	rc = want_split(&name, scheme, resource, err);
	if (rc)
		return rc;
	snprintf(folder, sizeof(folder), "%s/%s", CONNECTOR_TARGETS, scheme);
	snprintf(path, sizeof(path), "%s/%s.json", folder, name);
	rc = check_owner(JIT_SYSCONFDIR "/jit", S_IFDIR, err);
	if (rc == 0)
		rc = check_owner(CONNECTOR_TARGETS, S_IFDIR, err);
	if (rc == 0)
		rc = check_owner(folder, S_IFDIR, err);
	if (rc == 0)
		rc = check_owner(path, S_IFREG, err);
	if (rc == 0)
		return read_target(out, path, err);
	if (rc == 1)
		*out = NULL;
	return rc == 1 ? 0 : rc;
}

int
connector_strip(struct jit_json **target, struct jit_error *err)
{
	struct jit_json *o = jit_json_object();
	const struct jit_json *v = NULL;
	const char *name = NULL;
	bool good = o != NULL;
	void *i;

	for (i = jit_json_next(*target, NULL, &name, &v); good && i;
		i = jit_json_next(*target, i, &name, &v))
		if (strcmp(name, "connect") != 0)
			good = jit_json_set(o, name, jit_json_keep(v));
	if (!good) {
		jit_json_free(o);
		return jit_nomem(err);
	}
	jit_json_free(*target);
	*target = o; /* transferred */
	return 0;
}

/* One folder of targets: 'visit' each. */
static int
visit_scheme(connector_visit *visit, void *arg, const char *scheme,
	struct jit_error *err)
{
	char path[512], resource[512];
	const struct dirent *e;
	size_t len;
	int rc = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", CONNECTOR_TARGETS, scheme);
	dir = opendir(path);
	if (!dir)
		return errno == ENOTDIR
			? 0
			: jit_fail(err, JIT_TROUBLE, "cannot list '%s': %s",
				  path, strerror(errno));
	while (rc == 0 && (e = readdir(dir)) != NULL) {
		len = strlen(e->d_name);
		if (len < 6 || strcmp(e->d_name + len - 5, ".json") != 0)
			continue;
		snprintf(resource, sizeof(resource), "%s:%.*s", scheme,
			(int)(len - 5), e->d_name);
		if (jit_name_resource(resource))
			rc = visit(resource, arg, err);
	}
	closedir(dir);
	return rc;
}

int
connector_targets(connector_visit *visit, void *arg, struct jit_error *err)
{
	DIR *dir = opendir(CONNECTOR_TARGETS);
	const struct dirent *e;
	int rc = 0;

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return jit_fail(err, JIT_TROUBLE, "cannot list '%s': %s",
			CONNECTOR_TARGETS, strerror(errno));
	while (rc == 0 && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			rc = visit_scheme(visit, arg, e->d_name, err);
	closedir(dir);
	return rc;
}

/* -- Running --------------------------------------------------------------- */

/* The first line that it says to people, fit for an error of ours. */
static void
first_line(struct jit_buf *line, const struct jit_buf *said)
{
	const char *s = jit_buf_text(said);

	jit_text_escape(line, s, strcspn(s, "\r\n"));
}

static int
seconds(int *out, const struct jit_json *target, struct jit_error *err)
{
	const struct jit_json *v =
		target ? jit_json_get(target, "timeout") : NULL;
	int64_t n = CONNECTOR_SECONDS;

	if (v && !jit_json_text(v))
		return jit_fail(err, JIT_USAGE,
			"target: timeout: a duration is wanted, like 30s");
	if (v && jit_when_duration(&n, jit_json_text(v), err))
		return jit_within(err, JIT_USAGE, "target: timeout");
	*out = n < 3600 ? (int)n : 3600;
	return 0;
}

/* What a status means that is not 0. */
static int
complaint(int status, const struct jit_buf *said, struct jit_error *err)
{
	static const int known[] = {JIT_NO, JIT_USAGE, JIT_TROUBLE,
		JIT_UNPROVEN};
	struct jit_buf line = {0};
	int code = 0;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (status == -known[i])
			code = known[i];
	first_line(&line, said);
	if (code && line.len)
		jit_fail(err, code, "%s", jit_buf_text(&line));
	else if (line.len)
		jit_fail(err, code, "ended with status %d: %s", status,
			jit_buf_text(&line));
	else
		jit_fail(err, code, "ended with status %d and said nothing",
			status);
	jit_buf_free(&line);
	return code ? code : JIT_TROUBLE;
}

static int
check_answer(struct jit_reply *out, enum jit_verb verb, const char *scheme,
	const struct jit_buf *answer, struct jit_error *err)
{
	struct jit_reply r = {0};

	if (jit_reply_read(&r, verb, answer->len ? answer->data : (void *)"",
		    answer->len, err))
		return JIT_TROUBLE;
	if (verb == JIT_VERB_DESCRIBE && strcmp(r.name, scheme) != 0) {
		jit_fail(err, JIT_TROUBLE, "it calls itself '%s'", r.name);
		jit_reply_free(&r);
		return JIT_TROUBLE;
	}
	*out = r;
	return 0;
}

static int
run(struct jit_reply *out, enum jit_verb verb, const char *scheme,
	const struct jit_buf *question, int limit, struct jit_error *err)
{
	char path[512];
	const char *const argv[] = {path, jit_verb_name(verb), NULL};
	struct jit_buf answer = {0}, said = {0};
	const struct jit_child child = {.argv = argv,
		.env = environment,
		.in = question->data,
		.in_len = question->len,
		.max = jit_reply_max(verb),
		.seconds = limit,
		.said = &said,
		.said_max = SAYS_MAX};
	int rc, status = -1;

	snprintf(path, sizeof(path), "%s/%s", CONNECTOR_DIR, scheme);
	rc = check_owner(CONNECTOR_DIR, S_IFDIR, err);
	if (rc == 0)
		rc = check_owner(path, S_IFREG, err);
	if (rc == 1)
		rc = JIT_TROUBLE;
	if (rc == 0)
		rc = jit_child_run(&answer, &status, &child, err);
	if (rc == 0 && status != 0)
		rc = complaint(status, &said, err);
	else if (rc == 0)
		rc = check_answer(out, verb, scheme, &answer, err);
	jit_buf_free(&answer);
	jit_buf_free(&said);
	return rc;
}

int
connector_run(struct jit_reply *out, enum jit_verb verb,
	const struct jit_errand *errand, struct jit_error *err)
{
	char scheme[JIT_RESOURCE_MAX];
	struct jit_buf question = {0};
	const char *name;
	int rc, limit = 0;

	rc = want_split(&name, scheme, errand->resource, err);
	if (rc)
		return rc;
	rc = seconds(&limit, errand->target, err);
	if (rc == 0)
		rc = jit_errand_write(&question, errand, verb, err);
	if (rc == 0)
		rc = run(out, verb, scheme, &question, limit, err);
	jit_buf_free(&question);
	return rc ? jit_within(err, rc, "connector '%s': %s", scheme,
			    jit_verb_name(verb))
		  : 0;
}

bool
connector_exists(const char *resource)
{
	char scheme[JIT_RESOURCE_MAX], path[512];

	if (!split(scheme, resource))
		return false;
	snprintf(path, sizeof(path), "%s/%s", CONNECTOR_DIR, scheme);
	return access(path, F_OK) == 0;
}

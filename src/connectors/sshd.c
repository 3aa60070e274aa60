/* SPDX-License-Identifier: ISC */
#include "sshd.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOOL_SECONDS 10
#define STANDING_MAX 200       /* keys that are named */
#define UNSEEN_MAX 16          /* files that are */
#define FILE_MAX (1024 * 1024) /* bytes of a file of keys */

struct seen {
	struct serve *s;
	struct jit_stands *at;
	const char **unseen;
	size_t count, missed, more;
};

static void
miss(struct seen *x, const char *what, const char *why)
{
	if (x->missed < UNSEEN_MAX)
		x->unseen[x->missed++] = serve_line(x->s, "%s: %s", what, why);
}

static void
stand(struct seen *x, const char *what, const char *who)
{
	if (x->count == STANDING_MAX) {
		x->more++;
		return;
	}
	x->at[x->count].what = what;
	x->at[x->count++].who = who;
}

/* false: it is not there, which is fine, or it cannot be read. */
static bool
read_file(struct jit_buf *out, struct seen *x, const char *path)
{
	unsigned char chunk[4096];
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return false;
	while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0 &&
		out->len < FILE_MAX)
		jit_buf_put(out, chunk, (size_t)n);
	if (n != 0)
		miss(x, path, n > 0 ? "it is too large" : strerror(errno));
	if (fd >= 0)
		close(fd);
	return n == 0;
}

/* Whether the options before a key (sshd(8)) have its end among them. */
static bool
expires(const char *line)
{
	bool quoted = false, starts = true;

	for (; *line && (quoted || (*line != ' ' && *line != '\t')); line++) {
		if (!quoted && starts && strncmp(line, "expiry-time=", 12) == 0)
			return true;
		if (*line == '\\' && line[1] == '"')
			line++;
		else if (*line == '"')
			quoted = !quoted;
		starts = !quoted && *line == ',';
	}
	return false;
}

/* Each line that is a key: "what path:line" stands for 'who'. */
static void
add_keys(struct seen *x, const char *what, const char *path, const char *who)
{
	struct jit_buf text = {0}, line = {0};
	const char *at;
	size_t len, n;

	if (!read_file(&text, x, path))
		return;
	at = jit_buf_text(&text);
	for (n = 1; *at; n++) {
		at += strspn(at, " \t");
		len = strcspn(at, "\n");
		jit_buf_reset(&line);
		jit_buf_put(&line, at, len);
		if (len > 0 && *at != '#' && !expires(jit_buf_text(&line)))
			stand(x, serve_line(x->s, "%s: %s:%zu", what, path, n),
				who);
		at += len + (at[len] == '\n');
	}
	jit_buf_free(&text);
	jit_buf_free(&line);
}

/* "%h/.ssh/authorized_keys", or one that is relative to the home folder. */
static void
expand(struct jit_buf *out, const char *pattern, const struct passwd *pw)
{
	if (pattern[0] != '/' && pattern[0] != '%')
		jit_buf_fmt(out, "%s/", pw->pw_dir);
	for (; *pattern; pattern++) {
		if (pattern[0] != '%' || pattern[1] == '\0') {
			jit_buf_put(out, pattern, 1);
			continue;
		}
		pattern++;
		if (*pattern == 'h')
			jit_buf_str(out, pw->pw_dir);
		else if (*pattern == 'u')
			jit_buf_str(out, pw->pw_name);
		else if (*pattern == 'U')
			jit_buf_fmt(out, "%u", (unsigned int)pw->pw_uid);
		else
			jit_buf_put(out, pattern, 1);
	}
}

/* The words of sshd's AuthorizedKeysFile, for every account. */
static void
add_accounts(struct seen *x, const char *words)
{
	struct jit_buf path = {0}, word = {0};
	const struct passwd *pw;
	const char *at;
	size_t len;

	setpwent();
	while ((pw = getpwent()) != NULL) {
		for (at = words; *at; at += len + strspn(at + len, " ")) {
			len = strcspn(at, " ");
			jit_buf_reset(&word);
			jit_buf_put(&word, at, len);
			jit_buf_reset(&path);
			expand(&path, jit_buf_text(&word), pw);
			if (strcmp(jit_buf_text(&word), "none") != 0)
				add_keys(x, "authorized_keys",
					jit_buf_text(&path),
					serve_line(x->s, "%s", pw->pw_name));
		}
	}
	endpwent();
	jit_buf_free(&path);
	jit_buf_free(&word);
}

/* One line of sshd -T: a name in lower case, and its value. */
static void
add_setting(struct seen *x, const char *line)
{
	static const char ca[] = "trustedusercakeys ";
	static const char files[] = "authorizedkeysfile ";
	static const char command[] = "authorizedkeyscommand ";
	const char *value;

	if (strncmp(line, ca, sizeof(ca) - 1) == 0) {
		value = line + sizeof(ca) - 1;
		if (strcmp(value, "none") != 0)
			add_keys(x, "TrustedUserCAKeys", value,
				"whoever it certifies");
	} else if (strncmp(line, files, sizeof(files) - 1) == 0) {
		add_accounts(x, line + sizeof(files) - 1);
	} else if (strncmp(line, command, sizeof(command) - 1) == 0) {
		value = line + sizeof(command) - 1;
		if (strcmp(value, "none") != 0)
			miss(x, "AuthorizedKeysCommand", value);
	}
}

static int
add_settings(struct seen *x, const struct jit_buf *text, struct jit_error *err)
{
	const char *at = jit_buf_text(text);
	struct jit_buf line = {0};
	size_t len;
	int rc = 0;

	for (; rc == 0 && *at; at += len + (at[len] == '\n')) {
		len = strcspn(at, "\n");
		jit_buf_reset(&line);
		jit_buf_put(&line, at, len);
		rc = jit_buf_failed(&line, err);
		if (rc == 0)
			add_setting(x, jit_buf_text(&line));
	}
	jit_buf_free(&line);
	return rc;
}

int
sshd_standing(struct serve *s, struct jit_error *err)
{
	const char *const argv[] = {"sshd", "-T", NULL};
	struct serve_tool t = {.argv = argv, .seconds = TOOL_SECONDS};
	struct seen x = {.s = s};
	struct jit_error why = {0};
	char line[300] = "";
	int rc = 0;

	x.at = jit_arena_get(&s->mem, STANDING_MAX * sizeof(*x.at));
	x.unseen = jit_arena_get(&s->mem, (UNSEEN_MAX + 2) * sizeof(*x.unseen));
	if (!x.at || !x.unseen)
		return jit_nomem(err);
	if (serve_run(&t, &why)) {
		miss(&x, "sshd", why.text);
	} else if (t.status != 0) {
		serve_first(line, sizeof(line), &t.said);
		miss(&x, "sshd -T", line);
	} else {
		rc = add_settings(&x, &t.out, err);
	}
	x.unseen[x.missed++] = "sshd_config: what is said in Match blocks";
	if (x.more)
		x.unseen[x.missed++] = serve_line(s, "%zu more keys", x.more);
	s->reply.standing = (struct jit_rows){x.count, x.at};
	s->reply.unseen = (struct jit_texts){x.missed, x.unseen};
	serve_tool_free(&t);
	return rc;
}

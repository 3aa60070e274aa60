/* SPDX-License-Identifier: ISC */
#include "sshd.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "stands.h"

#define TOOL_SECONDS 10
#define DEBUG_SAYS (256 * 1024) /* bytes that sshd says of its files */
#define CA_FILES 64             /* that are told apart */

static const char keys[] = "keys", cas[] = "cas", certs[] = "certs";
static const char logins[] = "keys cas";
static const char *const surfaces[] = {keys, cas, certs, NULL};

struct look {
	struct stands stands;
	const char *ca[CA_FILES]; /* files that were looked at */
	size_t ca_count;
	bool command; /* an AuthorizedKeysCommand was told */
};

/* -- Files of keys --------------------------------------------------------- */

/*
 * Whether the options before a key (sshd(8)) have the one called so; '*value'
 * is what follows its name, up to the end of the line.
 */
static bool
option(const char **value, const char *line, const char *name)
{
	const size_t len = strlen(name);
	bool quoted = false, starts = true;

	for (; *line && (quoted || (*line != ' ' && *line != '\t')); line++) {
		if (!quoted && starts && strncasecmp(line, name, len) == 0 &&
			strchr("=, \t", line[len])) {
			*value = line + len;
			return true;
		}
		if (*line == '\\' && line[1] == '"')
			line++;
		else if (*line == '"')
			quoted = !quoted;
		starts = !quoted && *line == ',';
	}
	return false;
}

static bool
expires(const struct serve *s, const char *line)
{
	const char *value;

	return option(&value, line, "expiry-time") && value[0] == '=' &&
		!stands_beyond(s, value + 1 + (value[1] == '"'));
}

static void
add_key(struct look *l, const char *file, const char *path, size_t n,
	const char *line, const char *who)
{
	struct stands *x = &l->stands;
	const char *value;
	bool ca = who == NULL || option(&value, line, "cert-authority");

	if (!expires(x->s, line))
		stands_add(x, ca ? cas : keys,
			serve_line(x->s, "%s: %s:%zu", file, path, n),
			who ? who : "whoever it certifies");
}

static void
add_line(struct look *l, const char *file, const char *path, size_t n,
	const char *line, const char *who)
{
	line += strspn(line, " \t");
	if (line[strspn(line, "\r")] != '\0' && *line != '#')
		add_key(l, file, path, n, line, who);
}

/* Each line that is a key lets 'who' in; NULL: it is of a CA. */
static void
add_keys(struct look *l, const char *file, const char *path, const char *who)
{
	struct jit_buf text = {0}, line = {0};
	const char *at, *end, *last;
	size_t n;

	if (!stands_read(&text, &l->stands, who ? logins : cas, path))
		return;
	at = jit_buf_text(&text);
	last = at + text.len;
	for (n = 1; at < last; n++, at = end + 1) {
		end = memchr(at, '\n', (size_t)(last - at));
		end = end ? end : last;
		jit_buf_reset(&line);
		jit_buf_put(&line, at, (size_t)(end - at));
		/* of a line with a NUL sshd reads what is before it */
		add_line(l, file, path, n, jit_buf_text(&line), who);
	}
	jit_buf_free(&text);
	jit_buf_free(&line);
}

/* -- What sshd says of itself ---------------------------------------------- */

/* "%h/.ssh/authorized_keys", or one that is relative to the home folder. */
static void
expand(struct jit_buf *out, const char *pattern, const struct passwd *pw)
{
	if (pattern[0] != '/' && strncmp(pattern, "%h", 2) != 0)
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

/* The words of AuthorizedKeysFile, for one account. */
static void
add_account(struct look *l, const char *words, const struct passwd *pw)
{
	const char *who = serve_line(l->stands.s, "%s", pw->pw_name), *at;
	struct jit_buf path = {0}, word = {0};
	size_t len;

	for (at = words; *at; at += len + strspn(at + len, " ")) {
		len = strcspn(at, " ");
		jit_buf_reset(&word);
		jit_buf_put(&word, at, len);
		jit_buf_reset(&path);
		expand(&path, jit_buf_text(&word), pw);
		if (strcmp(jit_buf_text(&word), "none") != 0)
			add_keys(l, "authorized_keys", jit_buf_text(&path),
				who);
	}
	jit_buf_free(&path);
	jit_buf_free(&word);
}

/* Many accounts have the same one. */
static void
add_ca(struct look *l, const char *path)
{
	size_t i;

	for (i = 0; i < l->ca_count; i++)
		if (strcmp(l->ca[i], path) == 0)
			return;
	if (i == CA_FILES) {
		stands_miss(&l->stands, cas, path, "one file too many");
		return;
	}
	l->ca[l->ca_count++] = serve_line(l->stands.s, "%s", path);
	add_keys(l, "TrustedUserCAKeys", path, NULL);
}

/* The value of a setting in what sshd -T says, in '*value'; "" it is none. */
static const char *
setting(struct jit_buf *value, const struct jit_buf *all, const char *name)
{
	const char *at = jit_buf_text(all);
	const size_t len = strlen(name);
	size_t n;

	jit_buf_reset(value);
	for (; *at; at += n + (at[n] == '\n')) {
		n = strcspn(at, "\n");
		if (n <= len || strncmp(at, name, len) != 0 || at[len] != ' ')
			continue;
		jit_buf_put(value, at + len + 1, n - len - 1);
		break;
	}
	return strcmp(jit_buf_text(value), "none") == 0 ? ""
							: jit_buf_text(value);
}

/* What holds for one account. */
static void
add_settings(struct look *l, const struct jit_buf *all, const struct passwd *pw)
{
	struct jit_buf value = {0};

	add_account(l, setting(&value, all, "authorizedkeysfile"), pw);
	if (setting(&value, all, "trustedusercakeys")[0])
		add_ca(l, jit_buf_text(&value));
	if (!l->command && setting(&value, all, "authorizedkeyscommand")[0]) {
		l->command = true;
		stands_miss(&l->stands, keys, "AuthorizedKeysCommand",
			jit_buf_text(&value));
	}
	jit_buf_free(&value);
}

/* sshd -T, for an account or (NULL) for whom no Match is; false: it fails. */
static bool
ask_sshd(struct serve_tool *t, struct look *l, const char *account)
{
	const char *argv[] = {"sshd", "-T", account ? "-C" : "-ddd", NULL,
		NULL};
	struct jit_error why = {0};
	char of[256], line[300] = "";

	snprintf(of, sizeof(of), "user=%s,host=localhost,addr=127.0.0.1",
		account ? account : "");
	argv[3] = account ? of : NULL;
	*t = (struct serve_tool){.argv = argv,
		.seconds = TOOL_SECONDS,
		.said_max = DEBUG_SAYS};
	if (account && strchr(account, ','))
		jit_fail(&why, JIT_USAGE, "it cannot be asked about");
	else if (serve_run(t, &why) == 0 && t->status != 0)
		serve_first(line, sizeof(line), &t->said);
	else if (why.text[0] == '\0' && t->out.len > 0)
		return true;
	stands_miss(&l->stands, logins, account ? account : "sshd -T",
		why.text[0] ? why.text : line);
	return false;
}

/* Whether a block depends on nothing but the account. */
static bool
of_account(const char *criteria)
{
	const char *at = criteria;
	size_t len, n;

	for (n = 0; *at; n++, at += len + strspn(at + len, " \t")) {
		len = strcspn(at, " \t");
		if (n % 2 == 0 && !(len == 4 && !strncasecmp(at, "user", 4)) &&
			!(len == 5 && !strncasecmp(at, "group", 5)) &&
			!(len == 3 && !strncasecmp(at, "all", 3)))
			return false;
	}
	return true;
}

/*
 * How many Match blocks there are, in whatever files: sshd names them as it
 * reads them. Only those of accounts can be asked about.
 */
static size_t
count_blocks(struct look *l, const struct jit_buf *said)
{
	static const char mark[] = "checking syntax for 'Match ";
	const char *at = jit_buf_text(said), *end;
	struct jit_buf criteria = {0};
	size_t n = 0;

	if (!strstr(at, "parse_server_config") || said->len >= DEBUG_SAYS)
		stands_miss(&l->stands, logins, "sshd_config: Match",
			"sshd does not say whether there is any");
	while ((at = strstr(at, mark)) != NULL) {
		at += sizeof(mark) - 1;
		end = at + strcspn(at, "\r\n");
		jit_buf_reset(&criteria);
		jit_buf_put(&criteria, at, (size_t)(end - at));
		if (criteria.len && criteria.data[criteria.len - 1] == '\'')
			criteria.data[--criteria.len] = '\0';
		n++;
		if (of_account(jit_buf_text(&criteria)))
			continue;
		stands_miss(&l->stands, logins, "sshd_config: Match",
			jit_buf_text(&criteria));
	}
	jit_buf_free(&criteria);
	return n;
}

/* The next account; where the list breaks off, the surface says so. */
static const struct passwd *
next_account(struct look *l, const char *surface)
{
	const struct passwd *pw;

	errno = 0;
	pw = getpwent();
	if (!pw && errno && errno != ENOENT)
		stands_miss(&l->stands, surface, "accounts", strerror(errno));
	return pw;
}

/* Each account by what holds for it. */
static void
look_at_sshd(struct look *l)
{
	struct serve_tool all = {.seconds = 0}, one = {.seconds = 0};
	const struct passwd *pw;
	size_t blocks;

	if (!ask_sshd(&all, l, NULL)) {
		serve_tool_free(&all);
		return;
	}
	blocks = count_blocks(l, &all.said);
	setpwent();
	while ((pw = next_account(l, logins)) != NULL) {
		if (!blocks)
			add_settings(l, &all.out, pw);
		else if (ask_sshd(&one, l, pw->pw_name))
			add_settings(l, &one.out, pw);
		serve_tool_free(&one);
	}
	endpwent();
	serve_tool_free(&all);
}

/* -- Certificates ---------------------------------------------------------- */

/* "from 2026-11-22T06:12:00 to 2026-11-22T07:12:00", or "forever". */
static bool
ends(const struct serve *s, const char *valid)
{
	const char *to = strstr(valid, " to ");
	char date[16] = "";
	size_t n = 0;

	if (strncmp(valid, "before ", 7) == 0)
		to = valid + 3;
	for (to = to ? to + 4 : ""; *to && *to != 'T' && n < 8; to++)
		if (*to >= '0' && *to <= '9')
			date[n++] = *to;
	return !stands_beyond(s, date);
}

/* What ssh-keygen says of a file with certificates. */
static void
add_certificate(struct look *l, const char *path, const char *who)
{
	const char *const argv[] = {"ssh-keygen", "-L", "-f", path, NULL};
	struct serve_tool t = {.argv = argv, .seconds = TOOL_SECONDS};
	struct stands *x = &l->stands;
	struct jit_error why = {0};
	char line[300] = "", *at;
	struct stat st;
	bool user = false;

	/* one that waits for a writer would hold up all that is looked at */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		stands_miss(x, certs, path, "it is no regular file");
		return;
	}
	if (serve_run(&t, &why) || t.status != 0) {
		serve_first(line, sizeof(line), &t.said);
		stands_miss(x, certs, path, why.text[0] ? why.text : line);
	}
	(void)jit_buf_text(&t.out); /* it ends in a NUL */
	at = t.out.len ? strtok((char *)t.out.data, "\n") : NULL;
	for (; at; at = strtok(NULL, "\n")) {
		at += strspn(at, " ");
		if (strncmp(at, "Type: ", 6) == 0)
			user = strstr(at, " user certificate") != NULL;
		else if (user && strncmp(at, "Valid: ", 7) == 0 &&
			!ends(x->s, at + 7))
			stands_add(x, certs,
				serve_line(x->s, "certificate: %s: %s", path,
					at + 7),
				who);
	}
	serve_tool_free(&t);
}

/* The certificates in one folder. */
static void
look_into(struct look *l, const char *dir, const char *who)
{
	static const char ending[] = "-cert.pub";
	const struct dirent *e;
	char path[2048];
	size_t len;
	DIR *d = opendir(dir);

	if (!d && errno != ENOENT && errno != ENOTDIR)
		stands_miss(&l->stands, certs, dir, strerror(errno));
	while (d && (errno = 0, e = readdir(d)) != NULL) {
		len = strlen(e->d_name);
		if (len < sizeof(ending) ||
			strcmp(e->d_name + len - sizeof(ending) + 1, ending) !=
				0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		add_certificate(l, path, serve_line(l->stands.s, "%s", who));
	}
	if (d && errno)
		stands_miss(&l->stands, certs, dir, strerror(errno));
	if (d)
		closedir(d);
}

/* Where ssh(1) looks for its own. */
static void
look_at_certificates(struct look *l)
{
	const struct passwd *pw;
	char dir[1024];

	setpwent();
	while ((pw = next_account(l, certs)) != NULL) {
		snprintf(dir, sizeof(dir), "%s/.ssh", pw->pw_dir);
		look_into(l, dir, pw->pw_name);
	}
	endpwent();
}

int
sshd_standing(struct serve *s, struct jit_error *err)
{
	struct look l = {.ca_count = 0};
	int rc = stands_open(&l.stands, s, surfaces, err);

	if (rc)
		return rc;
	look_at_sshd(&l);
	look_at_certificates(&l);
	stands_sources(&l.stands, NULL, "passwd");
	return stands_done(&l.stands, err);
}

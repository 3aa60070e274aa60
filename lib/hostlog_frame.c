/* SPDX-License-Identifier: ISC */
/* What a log puts before each message: when, where, who. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "hostlog_inner.h"
#include "when.h"

#define DAY 86400

static bool
digits(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isdigit((unsigned char)p[i]))
			return false;
	return true;
}

/* "+01:00", "+0100", "Z": seconds east, and the place after it; or NULL. */
static const char *
read_zone(int64_t *east, const char *p)
{
	const char *minutes = p + 3;

	if (*p == 'Z') {
		*east = 0;
		return p + 1;
	}
	if ((*p != '+' && *p != '-') || !digits(p + 1, 2))
		return NULL;
	minutes += *minutes == ':';
	if (!digits(minutes, 2))
		return NULL;
	*east = ((p[1] - '0') * 10 + p[2] - '0') * 3600 +
		((minutes[0] - '0') * 10 + minutes[1] - '0') * 60;
	if (*p == '-')
		*east = -*east;
	return minutes + 2;
}

/* RFC 3339; the place after it, or NULL. A fraction is dropped. */
static const char *
read_stamp(int64_t *at, const char *p)
{
	char stamp[JIT_STAMP] = {0};
	int64_t east = 0;

	if (strnlen(p, 19) < 19)
		return NULL;
	memcpy(stamp, p, 19);
	stamp[19] = 'Z';
	p += 19;
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++)
			;
	p = read_zone(&east, p);
	if (!p || jit_when_instant(at, stamp, NULL) != 0)
		return NULL;
	*at -= east;
	return p;
}

static int
read_month(const char *p)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int i;

	for (i = 0; i < 12; i++)
		if (strncmp(p, months + 3 * i, 3) == 0)
			return i + 1;
	return 0;
}

/* Day, month and time of a year; false: there is no such date in it. */
static bool
in_year(int64_t *at, int year, int month, const char *p)
{
	char stamp[40];

	snprintf(stamp, sizeof(stamp), "%04d-%02d-%c%cT%.8sZ", year, month,
		p[4] == ' ' ? '0' : p[4], p[5], p + 7);
	return jit_when_instant(at, stamp, NULL) == 0;
}

static int
year_of(int64_t at)
{
	char stamp[JIT_STAMP];
	int year = 0;

	jit_when_stamp(stamp, at);
	for (at = 0; at < 4; at++)
		year = year * 10 + stamp[at] - '0';
	return year;
}

/*
 * "Nov 22 13:08:15", a year after it where sudo was told to: the place after
 * it, or NULL. Without a year it is the last such date that is not a day
 * ahead of 'now'.
 */
static const char *
read_date(int64_t *at, const char *p, int64_t now, int64_t zone)
{
	int month = read_month(p), year = year_of(now + zone);
	int64_t limit = now + zone + DAY;

	if (!month || strnlen(p, 15) < 15 || p[3] != ' ' || p[6] != ' ')
		return NULL;
	if (p[15] == ' ' && digits(p + 16, 4) && p[20] == ' ') {
		year = (p[16] - '0') * 1000 + (p[17] - '0') * 100 +
			(p[18] - '0') * 10 + p[19] - '0';
		if (!in_year(at, year, month, p))
			return NULL;
		*at -= zone;
		return p + 20;
	}
	/* the first of a year may be logged before it begins here */
	if ((!in_year(at, year + 1, month, p) || *at > limit) &&
		(!in_year(at, year, month, p) || *at > limit) &&
		!in_year(at, year - 1, month, p))
		return NULL;
	*at -= zone;
	return p + 15;
}

/* The next word, ended where it is; the place after it. */
static char *
cut_word(char **word, char *p)
{
	*word = p;
	p += strcspn(p, " ");
	if (*p)
		*p++ = '\0';
	return p;
}

/* "sshd[71]:" as "sshd". */
static void
bare_name(char *tag)
{
	tag[strcspn(tag, "[:")] = '\0';
}

static bool
is_tag(const char *word)
{
	size_t n = strlen(word);

	return n > 1 && word[n - 1] == ':';
}

/* "auth.info", which busybox puts between the host and the tag. */
static bool
is_priority(const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz01234567");

	return n > 0 && word[n] == '.' && word[n + 1] != '\0' &&
		word[n + 1 +
			strspn(word + n + 1, "abcdefghijklmnopqrstuvwxyz")] ==
		'\0';
}

/* "web-1 sshd[71]: text"; a host need not be there. */
static void
read_names(struct jit_logged *out, const char **program, const char **message,
	char *p)
{
	char *word;

	if (strncmp(p, ": ", 2) == 0) { /* sudo's own file */
		*program = "sudo";
		*message = p + 2;
		return;
	}
	p = cut_word(&word, p);
	if (!is_tag(word)) {
		jit_hostlog_put(out->host, sizeof(out->host), word,
			strlen(word));
		p = cut_word(&word, p);
		if (is_priority(word))
			p = cut_word(&word, p);
	}
	if (!is_tag(word))
		return;
	bare_name(word);
	*program = word;
	*message = p;
}

/* Past the structured data: "-", or elements in brackets. */
static char *
pass_data(char *p)
{
	bool quoted = false;

	if (*p == '-')
		return p[1] ? p + 2 : p + 1;
	while (*p == '[') {
		for (p++; *p && (quoted || *p != ']'); p++) {
			if (*p == '\\' && p[1])
				p++;
			else if (*p == '"')
				quoted = !quoted;
		}
		p += *p == ']';
	}
	return p + (*p == ' ');
}

/* RFC 5424 section 6, after its version. */
static int
read_5424(struct jit_logged *out, const char **program, const char **message,
	char *p, struct jit_error *err)
{
	char *when, *host, *app, *skip;

	p = cut_word(&when, p);
	p = cut_word(&host, p);
	p = cut_word(&app, p);
	p = cut_word(&skip, p); /* PROCID */
	p = cut_word(&skip, p); /* MSGID */
	if (!*p || !read_stamp(&out->at, when) || *read_stamp(&out->at, when))
		return jit_fail(err, JIT_USAGE, "no message of RFC 5424");
	p = pass_data(p);
	if (strncmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	if (strcmp(host, "-") != 0)
		jit_hostlog_put(out->host, sizeof(out->host), host,
			strlen(host));
	*program = app;
	*message = p;
	return 0;
}

int
jit_hostlog_frame(struct jit_logged *out, const char **program,
	const char **message, char *line, int64_t now, int64_t zone,
	struct jit_error *err)
{
	const char *after;
	char *p = line;

	if (*p == '<' && digits(p + 1, 1))
		p = strchr(p, '>') && strchr(p, '>') - p < 5
			? strchr(p, '>') + 1
			: p;
	if (p > line && strncmp(p, "1 ", 2) == 0)
		return read_5424(out, program, message, p + 2, err);
	after = read_stamp(&out->at, p);
	if (!after)
		after = read_date(&out->at, p, now, zone);
	if (!after || *after != ' ')
		return jit_fail(err, JIT_USAGE, "it begins with no date");
	p += after - p + 1;
	read_names(out, program, message, p);
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * The rules of an issue are tried in judge_test. This is what comes of them:
 * as many certificates as a busy issuer makes in months, read by ssh-keygen.
 */
#include "court.h"
#include "temp.h"
#include "unit.h"
#include "when.h"

#define CERTS 10000

/* In parts at a time: ssh-keygen verifies each, and takes milliseconds. */
#define READ                                                                   \
	"split -n l/4 certs part. && for p in part.a?; do "                    \
	"ssh-keygen -Lf $p >$p.said & done; wait; "                            \
	"cat part.*.said | sed '/^part/d' >read"

static char key_print[JIT_FINGERPRINT], ca_print[JIT_FINGERPRINT];
static int64_t serials[CERTS];

static void
put_stamp(struct jit_buf *out, const char *before, int64_t at)
{
	char stamp[JIT_STAMP];

	jit_when_stamp(stamp, at);
	jit_buf_fmt(out, "%s%.19s", before, stamp); /* without the Z */
}

/* What ssh-keygen -L must say of the certificate of this issue. */
static void
put_expected(struct jit_buf *out, const struct jit_event *ev)
{
	jit_buf_fmt(out,
		"        Type: ssh-ed25519-cert-v01@openssh.com user "
		"certificate\n"
		"        Public key: ED25519-CERT %s\n"
		"        Signing CA: ED25519 %s (using ssh-ed25519)\n"
		"        Key ID: \"%s\"\n"
		"        Serial: %lld\n",
		key_print, ca_print, ev->id, (long long)ev->seq);
	put_stamp(out, "        Valid: from ", ev->at - 120);
	put_stamp(out, " to ", ev->at + 1800);
	jit_buf_str(out,
		"\n"
		"        Principals: \n"
		"                root@web-1\n"
		"        Critical Options: (none)\n"
		"        Extensions: \n"
		"                permit-pty\n");
}

/* From the request to the end, a second later each time. */
static bool
one(struct jit_buf *certs, struct jit_buf *expected)
{
	struct jit_error err = {0};
	struct jit_event ev;
	bool good;

	court_now++;
	if (!court_accepts(JIT_REQUEST, ALICE, NULL) ||
		!court_accepts(JIT_APPROVE, DAN, NULL))
		return false;
	court_draft(&ev, JIT_ISSUE, ISSUER, NULL);
	good = court_submit(&ev, ISSUER, &err) == 0;
	if (good) {
		jit_buf_fmt(certs, "%s\n", ev.credential->cert);
		put_expected(expected, &ev);
	}
	jit_event_free(&ev);
	return good && court_accepts(JIT_END, ALICE, "cause=revoke");
}

static void
read_prints(void)
{
	struct jit_pubkey key;
	char *said;

	CHECK(jit_pubkey_parse(&key, court_line(ALICE), NULL) == 0);
	jit_pubkey_fingerprint(key_print, &key);
	CHECK_INT(run("ssh-keygen -yf ca | ssh-keygen -lf - | cut -d' ' -f2"),
		0);
	said = slurp("said", NULL);
	snprintf(ca_print, sizeof(ca_print), "%.*s", (int)strcspn(said, "\n"),
		said);
	free(said);
}

static void
slurp_all(struct jit_buf *out, const char *path)
{
	unsigned char part[65536];
	FILE *f = fopen(path, "r");
	size_t n;

	while (f && (n = fread(part, 1, sizeof(part), f)) > 0)
		jit_buf_put(out, part, n);
	if (f)
		fclose(f);
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The serials that ssh-keygen printed; how many differ. */
static size_t
distinct(const char *text)
{
	static const char word[] = "Serial: ";
	size_t n = 0, i, count = 1;

	while (n < CERTS && (text = strstr(text, word)) != NULL) {
		text += sizeof(word) - 1;
		serials[n++] = strtoll(text, NULL, 10);
	}
	if (n < CERTS)
		return 0;
	qsort(serials, n, sizeof(*serials), by_number);
	for (i = 1; i < n; i++)
		count += serials[i] != serials[i - 1];
	return count;
}

static void
test_serials(void)
{
	struct jit_buf certs = {0}, expected = {0}, got = {0};
	int n;

	court_reset();
	CHECK(court_accepts(JIT_GENESIS, ROOT, NULL));
	for (n = 0; n < CERTS; n++)
		if (!one(&certs, &expected))
			break;
	CASE("T80: 10,000 requests become 10,000 certificates");
	CHECK_INT(n, CERTS);
	spill("certs", certs.data, certs.len);
	CHECK_INT(run(READ), 0);
	slurp_all(&got, "read");

	CASE("T81: ssh-keygen reads of each what the grant says, no more");
	CHECK_INT(got.len, expected.len);
	CHECK(got.len == expected.len &&
		memcmp(got.data, expected.data, got.len) == 0);

	CASE("T80: they have 10,000 serials, none of them 0");
	CHECK_INT(distinct(jit_buf_text(&got)), CERTS);
	CHECK(serials[0] >= 1);
	jit_buf_free(&certs);
	jit_buf_free(&expected);
	jit_buf_free(&got);
}

int
main(void)
{
	court_open();
	CASE("keys to compare with");
	read_prints();
	test_serials();
	court_close();
	return UNIT_DONE();
}

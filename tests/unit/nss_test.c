/* SPDX-License-Identifier: ISC */
#include "nss.h"

#include "unit.h"

static const struct row {
	const char *text;
	const char *others; /* NULL: none */
} rows[] = {
	{"", NULL},
	{"passwd: files\n", NULL},
	{"passwd: files systemd", NULL},
	{"passwd:files compat systemd\n", NULL},
	{"passwd: files sss", "sss"},
	{"passwd: files sss ldap\n", "sss ldap"},
	{"passwd:sss\n", "sss"},
	{" \tpasswd:\tfiles\tsss\t\n", "sss"},
	{"group: sss\npasswd: files\n", NULL},
	{"group: files\n\n# passwd: nis\npasswd: files winbind # ldap\n",
		"winbind"},
	{"#passwd: sss\npasswd: files #sss\n", NULL},
	{"passwd: sss#files\n", "sss"},
	{"passwd_compat: nis\npasswd: files\n", NULL},
	{"xpasswd: nis\n", NULL},
	{"passwd: files [NOTFOUND=return] sss\n", "sss"},
	{"passwd: files [ NOTFOUND=return ] sss\n", "sss"},
	{"passwd: files [!UNAVAIL=return]\n", NULL},
	{"passwd: files\r\n", NULL},
	{"passwd: filesystem file Files\n", "filesystem file Files"},
	{"passwd: files [NOTFOUND=return sss\n", "["},
	{"passwd: files\npasswd: sss\n", "sss"},
	/* as glibc reads it */
	{"passwd : files sss\n", "sss"},
	{"passwd\t:\tfiles\n", NULL},
	{"passwd files sss\n", "sss"},
	{"passwd files\n", NULL},
	{"passwd\ngroup: sss\n", NULL},
	{"passwd", NULL},
	{"passwd:", NULL},
};

static void
sources(void)
{
	struct jit_buf out = {0};
	size_t i;

	CASE("what is not of this machine");
	for (i = 0; i < COUNT(rows); i++) {
		ROW(rows[i].text);
		jit_buf_reset(&out);
		CHECK(jit_nss_others(&out, rows[i].text, "passwd") ==
			(rows[i].others != NULL));
		CHECK_STR(jit_buf_text(&out),
			rows[i].others ? rows[i].others : "");
	}
	jit_buf_free(&out);
}

int
main(void)
{
	sources();
	return UNIT_DONE();
}

/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "tame.h"
#include "unit.h"

struct row {
	const char *name, *text, *want;
};

/* As a whole, and byte by byte where no character is cut by that. */
static void
shown(const struct row *r, bool plain)
{
	struct jit_tame whole = {.plain = plain}, parts = {.plain = plain};
	struct jit_buf a = {0}, b = {0};
	size_t i = 0, n = 0;

	ROW(r->name);
	jit_tame(&whole, &a, r->text, strlen(r->text));
	CHECK_STR(jit_buf_text(&a), r->want);
	for (i = 0; r->text[i] != '\0'; i += n) {
		for (n = 1; ((unsigned char)r->text[i + n] & 0xc0) == 0x80;)
			n++;
		jit_tame(&parts, &b, r->text + i, n);
	}
	CHECK_STR(jit_buf_text(&b), r->want);
	jit_buf_free(&a);
	jit_buf_free(&b);
}

static void
all(const struct row *rows, size_t count, bool plain)
{
	size_t i = 0;

	for (i = 0; i < count; i++)
		shown(&rows[i], plain);
}

static void
test_drawing(void)
{
	static const char *const same[] = {"", "text", "\303\244 \344\270\255",
		"a\r\n\tb\b\v\f", "\016\017", "\033[m", "\033[0;1;31m",
		"\033[38:2:1:2:3m", "\033[H\033[2J", "\033[12;40H",
		"\033[10A\033[B\033[3C\033[D\033[2E\033[F\033[7G\033[3I",
		"\033[K\033[1K\033[2L\033[3M\033[4P\033[5@\033[6X\033[Z",
		"\033[S\033[2T\033[3`\033[4a\033[5b\033[6d\033[7e\033[8;9f",
		"\033[1;24r\033[s\033[u", "\033[4h\033[4l", "\033[?J\033[?2K",
		"\033[?25l\033[?25h\033[?7l\033[?5h\033[?6h\033[?12h",
		"\033[?1049h\033[?1049l\033[?47h\033[?1047l\033[?1048h",
		"\0337\0338\033D\033E\033M", "\033(0qqq\033(B\033)A"};
	size_t i = 0;

	CASE("what draws is shown as it is");
	for (i = 0; i < COUNT(same); i++)
		shown(&(struct row){same[i], same[i], same[i]}, false);
}

static void
test_dropped(void)
{
	static const struct row rows[] = {
		{"a question for its status", "a\033[5nb\033[6n", "ab"},
		{"and DEC's", "a\033[?6nb\033[?15n", "ab"},
		{"what are you", "a\033[cb\033[0c\033[>c\033[=c\033Zd", "abd"},
		{"which version", "a\033[>0q\033[>qb", "ab"},
		{"which mode", "a\033[?25$p\033[4$pb", "ab"},
		{"which parameters", "a\033[xb\033[1x", "ab"},
		{"windows and their titles", "a\033[21tb\033[8;1;1t", "ab"},
		{"keys", "a\033[>4;2m\033[?4m\033[>1u\033[=1u\033[?ub", "ab"},
		{"enquiry", "a\005b", "ab"},
		{"bell, flow, delete, NUL", "a\007\021\023\177b", "ab"},
		{"printer", "a\033[5i\033[?5ib", "ab"},
		{"lights and shapes", "a\033[1q\033[2 qb", "ab"},
		{"resets", "a\033c\033[!pb\033#8", "ab"},
		{"keypad", "a\033=\033>b", "ab"},
		{"tabs", "a\033H\033[3gb", "ab"},
		{"mouse, focus, paste",
			"\033[?1000h\033[?1002;1003;1006h\033[?1004h\033[?2004h"
			"x",
			"x"},
		{"of several modes the good ones", "\033[?1;25;2004;1049;1000h",
			"\033[?25h\033[?1049h"},
		{"other modes", "\033[2h\033[20h\033[4;2h\033[hx", "x"},
		{"title", "a\033]0;owned\007b", "ab"},
		{"title, ended by ST", "a\033]2;owned\033\\b", "ab"},
		{"clipboard", "a\033]52;c;ZWNobw==\007b", "ab"},
		{"link", "a\033]8;;http://x\033\\y\033]8;;\033\\b", "ayb"},
		{"colours asked", "a\033]10;?\007\033]4;1;?\007b", "ab"},
		{"DCS", "a\033P$q\"p\033\\b", "ab"},
		{"sixels", "a\033Pq#0;2;0;0;0#0~~\033\\b", "ab"},
		{"APC, PM, SOS", "a\033_x\033\\\033^y\033\\\033Xz\033\\b",
			"ab"},
		{"screen's title", "a\033kowned\033\\b", "ab"},
		{"tmux's way through", "a\033Ptmux;\033\033[c\033\\b", "ab"},
		{"a string that never ends", "a\033]0;owned", "a"},
		{"a string that is cancelled", "a\033]0;owned\030b", "ab"},
		{"a string with another in it", "a\033]0;x\033]0;y\007b", "ab"},
		{"C1: CSI c", "a\302\233cb", "ab"},
		{"C1: OSC", "a\302\2350;owned\302\234b", "ab"},
		{"C1: DCS, SOS, PM, APC",
			"a\302\220x\302\234\302\230x\302\234\302\236x\302\234"
			"\302\237x\302\234b",
			"ab"},
		{"C1: DECID", "a\302\232b", "ab"},
		{"C1: CSI m is ESC's", "\302\2331m", "\033[1m"},
		{"a number too long", "a\033[99999bx\033[9999b",
			"ax\033[9999b"},
		{"a sequence too long",
			"a\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;"
			"1;1;1;1;1;1;1;1;1;1;1;1mb",
			"ab"},
		{"a control in a sequence", "a\033[1\n1mb", "ab"},
		{"not ASCII in one", "a\033[\303\244mb", "ab"},
		{"one in another", "a\033[1\033[1mb", "a\033[1mb"},
		{"one that is cancelled", "a\033[1\030mb", "amb"},
		{"a character set that is none", "a\033(Cb\033(\005c", "abc"},
		{"ESC and what it does not know", "a\033Nb\033Oc\033.x\033%Gd",
			"abcd"},
		{"ESC alone", "a\033", "a"},
		{"no UTF-8", "a\377\300b", "ab"},
	};

	CASE("what does more than draw is dropped, and nothing else");
	all(rows, COUNT(rows), false);
}

static void
test_plain(void)
{
	static const struct row rows[] = {
		{"text", "text \303\244\tb\n", "text \303\244\tb\n"},
		{"lines", "a\r\nb\r\n", "a\nb\n"},
		{"a line written over", "10%\r20%\r\r\n", "10%\n20%\n"},
		{"colours", "\033[1;31mred\033[m\n", "red\n"},
		{"titles", "\033]0;owned\007x", "x"},
		{"a screen", "\033[?1049h\033[H\033[2Jx\033[12;40Hy", "xy"},
		{"bidi", "a\342\200\256b", "a\\u{202E}b"},
		{"controls", "a\b\005\016\177b", "ab"},
		{"charsets", "\033(0q\033(B", "q"},
	};

	CASE("plain text has no sequences");
	all(rows, COUNT(rows), true);
}

static void
ends(const char *text, bool plain, const char *want)
{
	struct jit_tame t = {.plain = plain};
	struct jit_buf out = {0};

	ROW(text);
	jit_tame(&t, &out, text, strlen(text));
	jit_buf_reset(&out);
	jit_tame_end(&t, &out);
	CHECK_STR(jit_buf_text(&out), want);
	jit_buf_free(&out);
}

#define BACK "\033[0m\033(B\017\033[4l\033[?5l\033[?6l\033[?7h\033[?25h"

static void
test_end(void)
{
	CASE("at the end the terminal is as it was");
	ends("text", false, BACK);
	ends("\033[?1049h", false, "\033[?1049l" BACK);
	ends("\033[?1049h\033[?1049l", false, BACK);
	ends("\033[?47h", false, "\033[?47l" BACK);
	ends("\033[2;5r", false, "\0337\033[r\0338" BACK);
	ends("\033[?1049h\033[2;5r", true, "");
	ends("text\r", true, "\n");
}

int
main(void)
{
	test_drawing();
	test_dropped();
	test_plain();
	test_end();
	return UNIT_DONE();
}

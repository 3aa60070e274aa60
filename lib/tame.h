/* tame: of what a terminal was told, that which only draws. */
#ifndef JIT_TAME_H
#define JIT_TAME_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

#define JIT_TAME_SEQUENCE 64 /* bytes of a control sequence that is kept */

/*
 * A recording may hold whatever the recorded session could print. A terminal
 * that is told all of it can be made to answer, as if somebody had typed it,
 * to take over the clipboard or the title, or to send other bytes for keys
 * from then on. Let through is what draws:
 *
 *   text, BS HT LF VT FF CR, SO SI
 *   CSI with numbers of at most 4 digits: @ A to M, P, S T, X, Z, ` a b d e
 *   f m r s u; h and l for mode 4
 *   CSI ? h and l: modes 5 6 7 12 25 47 1047 1048 1049; CSI ? J and K
 *   ESC 7 8 D E M, and ( ) for the character sets 0 A B
 *
 * Dropped with all that is in them: OSC, DCS, APC, PM, SOS, ESC k, every
 * query and report, every other mode, C1, all the rest.
 */
struct jit_tame {
	bool plain; /* set it for text alone: no sequences at all */

	/* its own; {0} at first */
	int state;
	char seq[JIT_TAME_SEQUENCE + 1];
	size_t len;
	bool returned; /* plain: a CR, of which a line's end is made */
	bool inner, other, shaped;
};

/*
 * Append what is left of 'text' (UTF-8); a sequence may go on in the next
 * call. Plain text has LF and HT, and is escaped as others are (text room).
 */
void jit_tame(struct jit_tame *t, struct jit_buf *out, const char *text,
	size_t len);

/* Append what brings the terminal back from where it was left. */
void jit_tame_end(struct jit_tame *t, struct jit_buf *out);

#endif

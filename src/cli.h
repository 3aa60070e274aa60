/* cli: what all programs share: options, messages, statuses, the ledger. */
#ifndef CLI_H
#define CLI_H

#include "ledger.h"

enum cli_kind {
	CLI_FLAG,     /* bool */
	CLI_TEXT,     /* const char *, the last one counts */
	CLI_LIST,     /* struct cli_list, may be given again */
	CLI_DURATION, /* int64_t seconds, spelled "30m" */
	CLI_MAYBE     /* struct cli_maybe: a duration that may be left out */
};

struct cli_list {
	size_t count;
	const char *at[64];
};

struct cli_maybe {
	bool given;
	int64_t seconds; /* 0: left out */
};

/*
 * One row of a program's option table, which feeds the parser, -h,
 * --list-options and so the completions and the manual's check. A table
 * ends with a row whose name is NULL.
 */
struct cli_option {
	char letter; /* 0: only the long name */
	const char *name;
	enum cli_kind kind;
	const char *arg;  /* "ID"; NULL for flags */
	const char *help; /* one line, lower case */
	size_t offset;    /* in the program's own struct */

	/* "report coverage": the words that it is for; NULL: all. A single
	 * one is put before the help, unless that begins with it. */
	const char *of;
};

/* What every program's struct of options begins with. */
struct cli {
	/* -C -k -n -j -q -v -y */
	const char *ledger_path;
	const char *key_path;
	bool dry, json, quiet, verbose;

	/* set before cli_start, where a failure's status is not its code's */
	int refusal; /* the exit status of every failure; 0: the code's */
	void (*refused)(const struct cli *c, int code, const char *why);

	/* filled in by cli_start */
	const struct cli_program *program;
	size_t count; /* operands */
	char **args;
	uint64_t given; /* bit i: the option of the table's row i is there */
	int64_t now;    /* the clock, read once */
	unsigned int uid;

	/* set before cli_ledger, where it can go on without the ledger */
	bool seals;

	/* filled in where it does (away.h) */
	struct jit_error why_away;
	struct jit_buf outbox; /* where what is sealed is kept */
	bool shared;           /* others may read it */

	/* filled in by cli_ledger and cli_signer */
	struct jit_ledger *ledger;
	struct jit_signer *signer;
	struct jit_buf ledger_name, key_name;

	/* of a ledger whose tip is at a remote */
	const char *memory;  /* the folder that it was opened with, or NULL */
	bool writes;         /* it will say itself that it cannot reach it */
	bool away;           /* it was not reached, and that was said */
	char made[JIT_ULID]; /* the id of what was appended last, or "" */
};

struct cli_program {
	const char *name;         /* "jit-request" */
	const char *summary;      /* one line */
	const char *const *usage; /* lines without the name, NULL at the end */
	const struct cli_option *options;
	size_t least, most; /* operands */
	const char *wants;  /* the operands in words, where 'least' is not 0 */
};

/*
 * How each row begins of the table that a program has of its words, where
 * the first operand says what to do. It ends with a row whose name is NULL.
 */
struct cli_word {
	const char *name;
	size_t least, most; /* operands after it */
	const char *wants;  /* these in words: "an id", "nothing" */
};

/* How a row of options ends: where its value goes, and the words or the modes
 * it is for. */
#define CLI_OF(type, field, words) offsetof(struct type, field), words
#define CLI_AT(type, field) CLI_OF(type, field, NULL)

/* Rows that many tables share; all are in the leading struct cli. */
#define CLI_ROW_LEDGER                                                         \
	{                                                                      \
		'C', "ledger", CLI_TEXT, "LEDGER", "use this ledger",          \
			CLI_AT(cli, ledger_path)                               \
	}
#define CLI_ROW_KEY                                                            \
	{                                                                      \
		'k', "key", CLI_TEXT, "KEY",                                   \
			"sign with this key file, or a public key "            \
			"an agent holds",                                      \
			CLI_AT(cli, key_path)                                  \
	}
/* For programs that sign nothing. */
#define CLI_ROW_WHO                                                            \
	{                                                                      \
		'k', "key", CLI_TEXT, "KEY", "who you are: this key's owner",  \
			CLI_AT(cli, key_path)                                  \
	}
#define CLI_ROW_DRY                                                            \
	{                                                                      \
		'n', "dry-run", CLI_FLAG, NULL,                                \
			"say what would be, write nothing", CLI_AT(cli, dry)   \
	}
#define CLI_ROW_JSON                                                           \
	{                                                                      \
		'j', "json", CLI_FLAG, NULL, "answer in JSON",                 \
			CLI_AT(cli, json)                                      \
	}
#define CLI_ROW_QUIET                                                          \
	{                                                                      \
		'q', "quiet", CLI_FLAG, NULL, "no hints on stderr",            \
			CLI_AT(cli, quiet)                                     \
	}
#define CLI_ROW_VERBOSE                                                        \
	{                                                                      \
		'v', "verbose", CLI_FLAG, NULL, "say more on stderr",          \
			CLI_AT(cli, verbose)                                   \
	}
/* -h and -V and --list-options are understood by all, and listed by all. */
#define CLI_ROW_END                                                            \
	{                                                                      \
		0, NULL, CLI_FLAG, NULL, NULL, 0, NULL                         \
	}

/*
 * Begin: a sane process (descriptors 0 to 2 open, no core dumps,
 * SIGPIPE ignored), the clock read once, the options parsed into 'options',
 * whose first member is the struct cli. Exits by itself with 0 after -h, -V
 * and --list-options, and with 2 and one line after a wrong word.
 */
void cli_start(struct cli *options, const struct cli_program *program, int argc,
	char **argv);

/*
 * The row for the first operand in a program's table of words, whose rows
 * are of 'size' bytes; borrowed. NULL, and JIT_USAGE in 'err': it is none of
 * them, or what is given with it, operands and options, is not its.
 */
const void *cli_word(const struct cli *c, const void *table, size_t size,
	struct jit_error *err) JIT_CHECKED;

/*
 * For a program that does another thing with "--cancel": whether all options
 * that were given are of that 'mode', as the rows name it, "-" being the
 * plain one. JIT_USAGE, and the first that is not.
 */
int cli_mode(const struct cli *c, const char *mode,
	struct jit_error *err) JIT_CHECKED;

/*
 * -C, else the clone one stands in, JIT_LEDGER, git's jit.ledger, the
 * default; opened and verified, its memory beside; where its tip is at a
 * remote, brought up to that. A remote that is not reached is a hint that
 * says how old the view is, unless 'writes'. 0 or a code.
 */
int cli_ledger(struct cli *c, struct jit_error *err) JIT_CHECKED;

/* The same, and no remote is asked. */
int cli_ledger_here(struct cli *c, struct jit_error *err) JIT_CHECKED;

/* What came since: from the remote, where there is one. As cli_ledger. */
int cli_refresh(struct cli *c, struct jit_error *err) JIT_CHECKED;

/* How git reaches 'url'; lasts as long as the program. JIT_USAGE: no address
 * that git may be given; JIT_TROUBLE: there is no git. */
int cli_way(struct jit_remote_way *out, const char *url,
	struct jit_error *err) JIT_CHECKED;

/* Give an open ledger the way to its remote, where it has one. */
int cli_attach(struct jit_ledger *l, struct jit_error *err) JIT_CHECKED;

/* Only which path it would be; borrowed from 'c'. */
int cli_ledger_path(const char **path, struct cli *c,
	struct jit_error *err) JIT_CHECKED;

/* $XDG_STATE_HOME/jit or ~/.local/share's sibling; NULL: there is none. */
const char *cli_memory_dir(void);

/* -k, else JIT_KEY, git's jit.key and user.signingkey, ~/.ssh/id_ed25519. */
int cli_signer(struct cli *c, struct jit_error *err) JIT_CHECKED;

/* Who the signer's key is enrolled for, borrowed. JIT_NO: nobody. */
int cli_whoami(const struct jit_enrolment **me, const struct cli *c,
	struct jit_error *err) JIT_CHECKED;

/* What this machine is called, or "unknown"; 'size' at most 65. */
void cli_host(char *name, size_t size);

/* A signer for another key file, as jit-issue's CA. The caller frees. */
int cli_signer_for(struct jit_signer **out, const struct cli *c,
	const char *path, struct jit_error *err) JIT_CHECKED;

/*
 * The directory for secrets: $XDG_RUNTIME_DIR/jit, else /tmp/jit-UID, 0700,
 * checked for owner and mode. Appends the path to 'out'. JIT_TROUBLE.
 */
int cli_secrets_dir(struct jit_buf *out, struct jit_error *err) JIT_CHECKED;

/* Whether there is one already, as it must be; its path, too, to 'out'. */
bool cli_secrets_there(struct jit_buf *out);

/*
 * Write a file that only its owner reads (or 0644 with 'open'), whole or not
 * at all: temporary name, fsync, rename; replaces nothing unless 'replace'.
 * "-" is stdout; a
 * device or pipe is written to as it is. JIT_TROUBLE.
 */
int cli_write_file(const char *path, const void *bytes, size_t len, bool open,
	bool replace, struct jit_error *err) JIT_CHECKED;

/* Read a file of at most 'max' bytes, "-" is stdin. JIT_USAGE: no such file
 * or too large; JIT_TROUBLE. */
int cli_read_file(struct jit_buf *out, const char *path, size_t max,
	struct jit_error *err) JIT_CHECKED;

/*
 * The open grant that 'id' names, whole or a prefix. Where it is open no
 * more, history is asked, and the error says how it ended. JIT_OVER,
 * JIT_NOGRANT, JIT_USAGE.
 */
int cli_grant(struct jit_grant **out, struct cli *c, const char *id,
	struct jit_error *err) JIT_CHECKED;

/* -a ACTION...: each line as its words, in 'mem'. JIT_USAGE. */
int cli_actions(struct jit_lists *out, struct jit_arena *mem,
	const struct cli_list *lines, struct jit_error *err) JIT_CHECKED;

/* A grant as JSON: the one form that -j prints everywhere. Caller frees. */
struct jit_json *cli_grant_json(const struct jit_state *s,
	const struct jit_grant *g, int64_t now);

/*
 * An event as -j prints it everywhere: seq, at, oid, sha256, event. Caller
 * frees; NULL: no memory.
 */
struct jit_json *cli_event_json(const struct jit_event *ev,
	const unsigned char oid[JIT_OID],
	const unsigned char sha256[JIT_SHA256]);

/* stdout: the answer. Errors are kept for cli_end. */
void cli_out(const char *fmt, ...) JIT_PRINTF(1, 2);
/*
 * The text of a buffer that is about to be printed, borrowed: where it could
 * not be put together for want of memory, the status will not be 0.
 */
const char *cli_whole(const struct jit_buf *b);
/* Text that others wrote, escaped (text room). */
void cli_out_text(const char *s);
void cli_out_json(const struct jit_json *v); /* one line */

/* stderr: "jit-request: hint", unless -q; and only with -v. */
void cli_hint(const struct cli *c, const char *fmt, ...) JIT_PRINTF(2, 3);
void cli_more(const struct cli *c, const char *fmt, ...) JIT_PRINTF(2, 3);

/* An error as its one line on stderr, where main goes on after it. */
void cli_complain(const struct cli *c, const struct jit_error *err);

/* A usage error, JIT_USAGE, that points at -h. */
int cli_usage(const struct cli *c, struct jit_error *err, const char *fmt, ...)
	JIT_PRINTF(3, 4);

/*
 * The end of main: says the error as one line "jit-request: text" when 'rc'
 * is a code, frees, flushes stdout and checks that all of it was written
 * (else 3). Returns the exit status.
 */
int cli_end(struct cli *c, int rc, const struct jit_error *err);

#endif

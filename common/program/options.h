/* SPDX-License-Identifier: MIT */
/*
 * Options as rows of a table: of programs (tool.h), of formats, and the `key=value` arguments of models and steps. A row says
 * where its value goes in a config struct; the same rows feed the parser, --help, the man page and completion.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum option_type {
	OPTION_FLAG,    /* bool: given or not; in key=value: yes/no, true/false, 1/0 */
	OPTION_INT,     /* int64_t in min..max */
	OPTION_REAL,    /* double in min..max; "5%" where `percent` */
	OPTION_SIZE,    /* uint64_t bytes: 64K, 256M */
	OPTION_TEXT,    /* const char * */
	OPTION_CHOICE,  /* int: position in choices, words parted by '|' */
	OPTION_LIST,    /* struct text_list: may be given several times */
	OPTION_INLINE,  /* its values join the operands, in the order of the command line (offset: the operands) */
	OPTION_NOT,     /* takes back the option that `choices` names, a flag or a list: what was said before it, or --like repeats */
	OPTION_HEADING, /* no option: its name is a heading in --help */
};

struct option_row {
	const char *name;       /* long name without dashes, or the key */
	char letter;            /* 0: none. The same letter means the same in every program */
	enum option_type type;
	size_t offset;          /* of the member in the config struct */
	const char *argument;   /* how --help calls it: FILE, N, P; for a choice NULL shows the words */
	const char *choices;    /* OPTION_CHOICE; OPTION_NOT: the name of another row */
	double min, max;        /* OPTION_INT, OPTION_REAL; both 0: any */
	const char *help;       /* one sentence, lower case, no full stop; says the default */
};
#define OPTION_END { .name = NULL }

struct text_list {
	const char **items;             /* the texts belong to argv */
	size_t n, room;
	bool none;                      /* taken back (OPTION_NOT), and nothing was said since */
	const char **options;           /* of operands: the OPTION_INLINE option that gave item i, or NULL; NULL if the tool has none */
	size_t room_options;
};

/* Options that belong to formats (formats.h), as they came: whose they are is not known yet. */
struct kept_option { const char *name, *value; };       /* a flag's value is "yes"; NULL: taken back (OPTION_NOT) */
struct kept_options { struct kept_option *items; size_t n, room; };

/* Sets one member from text. err: "lr: not a number between 0 and 10". option_find gives NULL and, in err, "did you mean". */
int option_set(const struct option_row *row, void *config, const char *value, struct error *err) MUST_CHECK;
void option_take_back(const struct option_row *row, void *config);      /* a flag or a list: as if it had not been given */
const struct option_row *option_find(const struct option_row *rows, const char *name, struct error *err);

void text_list_free(struct text_list *list);    /* the list, not the texts; it is empty then */
void options_free_lists(const struct option_row *rows, void *config);   /* all of the config's OPTION_LIST; NULL rows: none */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The recipe language (transform/recipe.5): a step is one line, a word that names
 * it and its arguments. Words are parted by blanks; 'quotes' and "quotes" keep
 * blanks and hold any character (a quote is doubled), `backquotes` name a column
 * with an odd name; `key=value` where the first unquoted `=` parts them (but
 * not in == <= >= !=); `#` at the start of a word begins a comment.
 */
#ifndef RECIPE_H
#define RECIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "host.h"
#include "selector.h"
#include "buffer.h"
#include "options.h"

struct word {
	char *text;             /* without quotes; for key=value the value */
	char *key;              /* NULL: no key=value */
	bool quoted;            /* any part of text was quoted: a name, no glob */
	bool backquoted;
	size_t at, end;         /* bytes of the line that it covers */
};

struct arguments {              /* one step */
	char *line;             /* as written, comment and outer blanks removed: the lineage's text */
	char *place;            /* "deliveries.recipe:3" or "argument 1" */
	size_t indent;          /* bytes before `line` in its file's line: columns in messages count from there */
	size_t number;          /* 1-based in the whole recipe */
	struct word *words;     /* words[0] is the step's name */
	size_t n_words;
};

struct recipe { struct arguments *steps; size_t n, room; };
#define RECIPE_INIT { .steps = NULL }

int recipe_add(struct recipe *recipe, const char *text, const char *place, struct error *err) MUST_CHECK;   /* one or more lines */
/* One step that a program made, of names that may hold any byte, line ends too. */
int recipe_add_step(struct recipe *recipe, const char *line, const char *place, struct error *err) MUST_CHECK;
int recipe_add_file(struct recipe *recipe, const char *path, const struct host *host, struct error *err) MUST_CHECK;
void recipe_release(struct recipe *recipe);

/* -1; STATUS_USAGE. "deliveries.recipe:3:14: step 'scale': <message>" and below it the line with a caret under byte `at` of it. */
int arguments_fail(const struct arguments *arguments, size_t at, struct error *err, const char *format, ...) FORMAT(4, 5);
/* The same around the message that err already holds. */
int arguments_point(const struct arguments *arguments, size_t at, struct error *err);
/* Where the option `key=` stands; 0: nowhere. */
size_t arguments_key(const struct arguments *arguments, const char *key);

/*
 * Sorts the words behind the step's name (from `first`, 1 for all) into key=value options, set in `config` by `rows` (bare words
 * that name an OPTION_FLAG row set it; so do bare words that are a value of an OPTION_CHOICE row marked with letter '='), and
 * the rest, which are selectors. `rest` has room for n_words. Columns can always be told from options by backquotes.
 */
int arguments_options(const struct arguments *arguments, size_t first, const struct option_row *rows, void *config,
                      struct selector_word *rest, size_t *n_rest, struct error *err) MUST_CHECK;

/* What a step is called where each of its counts says so: its line, or the beginning of a long one and its number. The caller frees. */
char *recipe_step_name(const char *line, size_t number);
/* The value of a key=value, `more` (or NULL) behind it. */
void recipe_write_value(struct buffer *to, const char *value, const char *more);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Lines to words. A line is lexed once, from left to right, byte by byte: quotes
 * open and close anywhere in a word (as in a shell), a comment ends the line, the
 * first bare `=` parts a key from its value. What a step makes of its words is
 * its own business; those with an expression take it from the line itself and
 * need no more of the lexer than that it finds the line's end.
 */
#include "recipe.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "memory.h"
#include "text.h"

enum { STEP_NAME = 400 };
enum { RECIPE_CAP = 16 * 1024 * 1024, SHOWN_BEFORE = 80, SHOWN_LINE = 140, NAME_SHOWN = 40 };

static bool is_quote(char c) { return c == '\'' || c == '"' || c == '`'; }

/* ---- messages ---- */

static bool is_space(char c) { return c == '\t' || c == '\n'; }

/* Places of text as people_write will show it. */
static size_t columns_shown(const char *bytes, size_t size)
{
	struct buffer shown = BUFFER_INIT;
	size_t columns;

	text_show(&shown, bytes, size, true);
	columns = text_columns(buffer_text(&shown), shown.size);
	buffer_free(&shown);
	return columns;
}

/* Below the message: the line, cut around byte `at` if it is long, and a caret under it. */
static void show_line(struct buffer *to, const char *line, size_t at)
{
	size_t size = strlen(line), first = 0, last = size;
	size_t n_before;

	if (at > SHOWN_BEFORE)
		for (first = at - SHOWN_BEFORE; first < at && ((unsigned char)line[first] & 0xc0) == 0x80; )
			first++;
	if (last - first > SHOWN_LINE)
		for (last = first + SHOWN_LINE; last > at && ((unsigned char)line[last] & 0xc0) == 0x80; )
			last--;
	buffer_add_text(to, first ? "\n  …" : "\n  ");
	for (size_t i = first; i < last; i++)
		buffer_add_byte(to, is_space(line[i]) ? ' ' : (unsigned char)line[i]);
	buffer_add_text(to, last < size ? "…\n  " : "\n  ");
	n_before = first != 0;
	for (size_t i = first, run; i < at; i += run) {         /* a tab or a line end is shown as one blank */
		run = is_space(line[i]) ? 1 : strcspn(line + i, "\t\n");
		if (run > at - i)
			run = at - i;
		n_before += is_space(line[i]) ? 1 : columns_shown(line + i, run);
	}
	for (size_t i = 0; i < n_before; i++)
		buffer_add_byte(to, ' ');
	buffer_add_byte(to, '^');
}

int arguments_point(const struct arguments *arguments, size_t at, struct error *err)
{
	struct buffer text = BUFFER_INIT, lines = BUFFER_INIT;
	size_t size = strlen(arguments->line);

	if (at > size)
		at = size;
	buffer_format(&text, "%s:%zu: ", arguments->place, arguments->indent + text_count(arguments->line, at) + 1);
	if (arguments->n_words && strlen(arguments->words[0].text) <= NAME_SHOWN)
		buffer_format(&text, "step '%s': ", arguments->words[0].text);
	buffer_add_text(&text, err->message);
	show_line(&lines, arguments->line, at);
	error_clear(err);
	error_set(err, STATUS_USAGE, "%s", buffer_text(&text));
	error_lines(err, buffer_text(&lines));
	buffer_free(&text);
	buffer_free(&lines);
	return -1;
}

int arguments_fail(const struct arguments *arguments, size_t at, struct error *err, const char *format, ...)
{
	char message[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(message, sizeof message, format, list);
	va_end(list);
	error_clear(err);
	error_set(err, STATUS_USAGE, "%s", message);
	return arguments_point(arguments, at, err);
}

/* ---- words ---- */

struct lexer {
	struct arguments *arguments;
	const char *line;
	size_t at;                      /* the next byte */
	struct buffer text;             /* of the word being read */
	struct word word;
	bool sign;                      /* the word began with a bare `!` */
};

/*
 * Quoted bytes of `!`name`` are escaped, for the sign means that the word is still
 * a pattern for the selector; so !`a*b` leaves out the one column of that name.
 */
static void add_quoted_byte(struct lexer *lexer, char c)
{
	if (lexer->sign && strchr("*?[\\:@!", c))
		buffer_add_byte(&lexer->text, '\\');
	buffer_add_byte(&lexer->text, (unsigned char)c);
}

/* From an opening quote behind its closing one; a doubled quote stands for itself. */
static int read_quoted(struct lexer *lexer, struct error *err)
{
	const char *line = lexer->line;
	size_t open = lexer->at;
	char quote = line[open];

	for (size_t i = open + 1; line[i]; i++) {
		if (line[i] == quote && line[i + 1] == quote) {
			add_quoted_byte(lexer, line[i++]);
		} else if (line[i] == quote) {
			lexer->at = i + 1;
			lexer->word.quoted = !lexer->sign;
			lexer->word.backquoted |= quote == '`';
			return 0;
		} else {
			add_quoted_byte(lexer, line[i]);
		}
	}
	return arguments_fail(lexer->arguments, open, err, "this quote (%c) is not closed", quote);
}

/* An `=` that parts key and value: the first bare one behind at least one byte, and no part of == <= >= !=. */
static bool parts_key(const struct lexer *lexer)
{
	const char *here = lexer->line + lexer->at;

	return !lexer->word.key && lexer->at > lexer->word.at && here[1] != '=' && !strchr("=<>!", here[-1]);
}

static int read_word(struct lexer *lexer, struct error *err)
{
	const char *line = lexer->line;

	lexer->word = (struct word){ .at = lexer->at };
	lexer->sign = line[lexer->at] == '!';
	buffer_clear(&lexer->text);
	while (line[lexer->at] && !text_is_blank(line[lexer->at])) {
		char c = line[lexer->at];

		if (is_quote(c)) {
			if (read_quoted(lexer, err) < 0)
				return -1;
			continue;
		}
		if (c == '=' && parts_key(lexer)) {
			lexer->word.key = mem_text(buffer_text(&lexer->text));
			lexer->word.quoted = lexer->word.backquoted = false;
			buffer_clear(&lexer->text);
		} else {
			buffer_add_byte(&lexer->text, (unsigned char)c);
		}
		lexer->at++;
	}
	lexer->word.text = mem_text(buffer_text(&lexer->text));
	lexer->word.end = lexer->at;
	return 0;
}

/* Within which quotes the byte behind `c` stands; before it: `quote`, 0 for none. A doubled quote ends and begins. */
static char quote_behind(char quote, char c)
{
	return quote == 0 && is_quote(c) ? c : quote == c ? 0 : quote;
}

/* A name in backquotes may hold what names of files hold. */
static int check_bytes(const struct arguments *arguments, struct error *err)
{
	const char *line = arguments->line;
	size_t size = strlen(line);
	char quote = 0;

	if (!text_is_utf8(line, size)) {        /* the line itself is not fit to be shown */
		error_clear(err);
		return error_set(err, STATUS_USAGE, "%s: the line is no valid UTF-8", arguments->place);
	}
	for (size_t i = 0; i < size; quote = quote_behind(quote, line[i++]))
		if (quote != '`' && (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)) {
			error_clear(err);
			return error_set(err, STATUS_USAGE, "%s:%zu: control byte 0x%02x", arguments->place,
				arguments->indent + i + 1, (unsigned)line[i]);
		}
	return 0;
}

/* All words of arguments->line, which is cut where a comment begins. */
static int read_words(struct arguments *arguments, struct error *err)
{
	struct lexer lexer = { .arguments = arguments, .line = arguments->line };
	size_t room = 0, end = 0;
	int result = -1;

	for (;;) {
		while (text_is_blank(lexer.line[lexer.at]))
			lexer.at++;
		if (!lexer.line[lexer.at] || lexer.line[lexer.at] == '#')
			break;
		if (read_word(&lexer, err) < 0)
			goto out;
		array_grow(arguments->words, arguments->n_words, room);
		arguments->words[arguments->n_words++] = lexer.word;
		end = lexer.at;
		lexer.word = (struct word){ .key = NULL };
	}
	arguments->line[end] = '\0';
	result = 0;
out:
	free(lexer.word.key);
	buffer_free(&lexer.text);
	return result;
}

static void arguments_release(struct arguments *arguments)
{
	for (size_t i = 0; i < arguments->n_words; i++) {
		free(arguments->words[i].text);
		free(arguments->words[i].key);
	}
	free(arguments->words);
	free(arguments->line);
	free(arguments->place);
}

/* ---- lines ---- */

/* any: bytes that people do not write are let in. */
static int add_line(struct recipe *recipe, const char *line, size_t size, char *place, bool any, struct error *err)
{
	struct arguments step = { .place = place, .number = recipe->n + 1 };

	while (step.indent < size && text_is_blank(line[step.indent]))
		step.indent++;
	while (size > step.indent && (text_is_blank(line[size - 1]) || line[size - 1] == '\r'))
		size--;
	step.line = mem_text_n(line + step.indent, size - step.indent);
	if ((!any && check_bytes(&step, err) < 0) || read_words(&step, err) < 0)
		goto fail;
	if (step.n_words == 0) {        /* blank, or a comment */
		arguments_release(&step);
		return 0;
	}
	if (step.words[0].key || step.words[0].quoted) {
		error_clear(err);
		error_set(err, STATUS_USAGE, "%s:%zu: a line begins with the name of a step (--help lists them)", step.place, step.indent + 1);
		goto fail;
	}
	array_grow(recipe->steps, recipe->n, recipe->room);
	recipe->steps[recipe->n++] = step;
	return 0;
fail:
	arguments_release(&step);
	return -1;
}

/* How long the first line is. Line ends in backquotes that are closed belong to a name. */
static size_t line_length(const char *text, size_t size)
{
	char quote = 0;
	size_t i = 0;
	bool comment = false;

	for (; i < size; i++) {
		if (text[i] == '\n' && (quote != '`' || !memchr(text + i, '`', size - i)))
			break;
		comment |= quote == 0 && text[i] == '#' && (i == 0 || text_is_blank(text[i - 1]));
		quote = comment ? 0 : quote_behind(quote, text[i]);
	}
	return i;
}

/* `numbered`: the place of a line is place:NUMBER. */
static int add_lines(struct recipe *recipe, const char *text, size_t size, const char *place, bool numbered, struct error *err)
{
	for (size_t at = 0, number = 1; at < size; number++) {
		size_t length = line_length(text + at, size - at);
		char *where = numbered ? mem_format("%s:%zu", place, number) : mem_text(place);

		if (memchr(text + at, '\0', length)) {
			error_set(err, STATUS_USAGE, "%s: control byte 0x00", where);
			free(where);
			return -1;
		}
		if (add_line(recipe, text + at, length, where, false, err) < 0)
			return -1;
		for (size_t i = 0; i < length; i++)
			number += text[at + i] == '\n';
		at += length + 1;
	}
	return 0;
}

int recipe_add(struct recipe *recipe, const char *text, const char *place, struct error *err)
{
	const char *newline = strchr(text, '\n');

	return add_lines(recipe, text, strlen(text), place, newline && newline[1], err);
}

int recipe_add_step(struct recipe *recipe, const char *line, const char *place, struct error *err)
{
	return add_line(recipe, line, strlen(line), mem_text(place), true, err);
}

int recipe_add_file(struct recipe *recipe, const char *path, const struct host *host, struct error *err)
{
	struct buffer text = BUFFER_INIT;
	int result = -1;
	size_t bom;

	if (file_read_all(path, RECIPE_CAP, "a recipe", host, &text, err) < 0)
		goto out;
	bom = text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	result = add_lines(recipe, (const char *)text.data + bom, text.size - bom, path, true, err);
out:
	buffer_free(&text);
	return result;
}

void recipe_release(struct recipe *recipe)
{
	for (size_t i = 0; i < recipe->n; i++)
		arguments_release(&recipe->steps[i]);
	free(recipe->steps);
	*recipe = (struct recipe)RECIPE_INIT;
}

/* ---- options ---- */

size_t arguments_key(const struct arguments *arguments, const char *key)
{
	for (size_t i = 1; i < arguments->n_words; i++)
		if (arguments->words[i].key && strcmp(arguments->words[i].key, key) == 0)
			return arguments->words[i].at;
	return 0;
}

/* The row that a bare word stands for: a flag by its name, or a marked choice by one of its words. */
static const struct option_row *row_of_word(const struct option_row *rows, const struct word *word)
{
	size_t size = strlen(word->text);

	for (const struct option_row *row = rows; row && row->name; row++) {
		if (row->type == OPTION_FLAG && strcmp(row->name, word->text) == 0)
			return row;
		if (row->type != OPTION_CHOICE || row->letter != '=')
			continue;
		for (const char *choice = row->choices; *choice; choice += strspn(choice, "|")) {
			size_t length = strcspn(choice, "|");

			if (length == size && memcmp(choice, word->text, size) == 0)
				return row;
			choice += length;
		}
	}
	return NULL;
}

static int set_option(const struct arguments *arguments, size_t i, const struct option_row *rows, const struct option_row *row,
                      void *config, struct error *err)
{
	const struct word *word = &arguments->words[i];

	for (size_t j = 1; j < i; j++) {
		const struct word *before = &arguments->words[j];
		bool same = before->key ? strcmp(before->key, row->name) == 0 : !before->quoted && row_of_word(rows, before) == row;

		if (same)
			return arguments_fail(arguments, word->at, err, "'%s' is given twice", row->name);
	}
	if (option_set(row, config, !word->key && row->type == OPTION_FLAG ? "yes" : word->text, err) < 0)
		return arguments_point(arguments, word->at, err);
	return 0;
}

int arguments_options(const struct arguments *arguments, size_t first, const struct option_row *rows, void *config,
                      struct selector_word *rest, size_t *n_rest, struct error *err)
{
	*n_rest = 0;
	for (size_t i = first; i < arguments->n_words; i++) {
		const struct word *word = &arguments->words[i];
		const struct option_row *row = NULL;

		if (word->key) {
			if (!rows)
				return arguments_fail(arguments, word->at, err,
					"takes no '%s=' (a column with '=' in its name goes in `backquotes`)", word->key);
			if (!(row = option_find(rows, word->key, err)))
				return arguments_point(arguments, word->at, err);
		} else if (!word->quoted) {
			row = row_of_word(rows, word);
		}
		if (!row)
			rest[(*n_rest)++] = (struct selector_word){ .text = word->text, .quoted = word->quoted };
		else if (set_option(arguments, i, rows, row, config, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- writing ---- */

static bool plain_bytes(const char *text)
{
	size_t size = 0;

	while (isalnum((unsigned char)text[size]) || text[size] == '_')
		size++;
	return size > 0 && !text[size];
}

void recipe_write_value(struct buffer *to, const char *value, const char *more)
{
	if (plain_bytes(value) && (!more || plain_bytes(more))) {
		buffer_format(to, "%s%s", value, more ? more : "");
		return;
	}
	buffer_add_byte(to, '\'');
	for (int part = 0; part < 2; part++)
		for (const char *from = part == 0 ? value : more ? more : ""; *from; from++) {
			if (*from == '\'')
				buffer_add_byte(to, '\'');
			buffer_add_byte(to, (unsigned char)*from);
		}
	buffer_add_byte(to, '\'');
}

char *recipe_step_name(const char *line, size_t number)
{
	size_t size = strlen(line);

	if (size <= STEP_NAME)
		return mem_text(line);
	for (size = STEP_NAME; ((unsigned char)line[size] & 0xc0) == 0x80;)
		size--;
	return mem_format("%.*s… (step %zu)", (int)size, line, number);
}

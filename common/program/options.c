/* SPDX-License-Identifier: MIT */
#include "command_line.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "formats.h"
#include "memory.h"
#include "number.h"
#include "text.h"

enum { HELP = 1000, VERSION, FIRST_ROW };       /* values of getopt_long: row i is FIRST_ROW + i */

/* ---- one value ---- */

static int set_choice(const struct option_row *row, int *member, const char *value, struct error *err)
{
	const char *word = row->choices;
	int position = 0;

	for (;;) {
		size_t length = strcspn(word, "|");

		if (strlen(value) == length && strncmp(word, value, length) == 0) {
			*member = position;
			return 0;
		}
		if (!word[length])
			return error_set(err, STATUS_USAGE, "%s: '%s' is none of %s", row->name, value, row->choices);
		word += length + 1;
		position++;
	}
}

static int set_number(const struct option_row *row, void *member, const char *value, struct error *err)
{
	bool percent, limited = row->min < row->max;
	int64_t whole;
	double real;

	if (row->type == OPTION_INT) {
		if (!number_int(value, strlen(value), &whole))
			return error_set(err, STATUS_USAGE, "%s: '%s' is not a whole number", row->name, value);
		real = (double)whole;
		*(int64_t *)member = whole;
	} else {
		if (!number_real_rounded(value, strlen(value), &real) && !number_share(value, &real, &percent))
			return error_set(err, STATUS_USAGE, "%s: '%s' is not a number", row->name, value);
		*(double *)member = real;
	}
	if (limited && (real < row->min || real > row->max))
		return error_set(err, STATUS_USAGE, "%s: '%s' is not between %g and %g", row->name, value, row->min, row->max);
	return 0;
}

static int set_flag(const struct option_row *row, bool *member, const char *value, struct error *err)
{
	static const char *const words[2][3] = { { "no", "false", "0" }, { "yes", "true", "1" } };

	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 3; j++)
			if (strcmp(value, words[i][j]) == 0) {
				*member = i == 1;
				return 0;
			}
	return error_set(err, STATUS_USAGE, "%s: '%s' is neither yes nor no", row->name, value);
}

int option_set(const struct option_row *row, void *config, const char *value, struct error *err)
{
	void *member = (char *)config + row->offset;
	struct text_list *list = member;

	switch (row->type) {
	case OPTION_FLAG:
		return set_flag(row, member, value, err);
	case OPTION_INT: case OPTION_REAL:
		return set_number(row, member, value, err);
	case OPTION_SIZE:
		if (!number_size(value, member))
			return error_set(err, STATUS_USAGE, "%s: '%s' is not a size (such as 256M)", row->name, value);
		return 0;
	case OPTION_TEXT:
		*(const char **)member = value;
		return 0;
	case OPTION_CHOICE:
		return set_choice(row, member, value, err);
	case OPTION_LIST:
		array_grow(list->items, list->n, list->room);
		list->items[list->n++] = value;
		return 0;
	default:
		return 0;
	}
}

static const char *row_name(const void *rows, size_t i)
{
	return ((const struct option_row *)rows)[i].name;
}

const struct option_row *option_find(const struct option_row *rows, const char *name, struct error *err)
{
	size_t n = 0;
	const char *closest;

	for (; rows && rows[n].name; n++)
		if (rows[n].type != OPTION_HEADING && strcmp(rows[n].name, name) == 0)
			return &rows[n];
	closest = text_closest(name, row_name, rows, n);
	if (closest)
		error_set(err, STATUS_USAGE, "no option '%s' (did you mean '%s'?)", name, closest);
	else
		error_set(err, STATUS_USAGE, "no option '%s'", name);
	return NULL;
}

/* ---- the command line ---- */

struct option_row *options_all(const struct tool *tool, size_t *n_own)
{
	struct option_row *rows = NULL;
	size_t n = 0, room = 0, own;

	for (const struct option_row *row = tool->options; row->name; row++) {
		array_grow(rows, n, room);
		rows[n++] = *row;
	}
	own = n;
	for (size_t i = 0; tool->formats && tool->formats(i); i++)
		for (const struct option_row *row = tool->formats(i)->options; row && row->name; row++) {
			size_t at = 0;

			while (at < n && strcmp(rows[at].name, row->name) != 0)
				at++;
			assert(at >= own && (at == n || (rows[at].letter == row->letter && rows[at].type == row->type)));
			if (at < n)
				continue;
			array_grow(rows, n, room);
			rows[n++] = *row;
		}
	array_grow(rows, n, room);
	rows[n] = (struct option_row)OPTION_END;
	if (n_own)
		*n_own = own;
	return rows;
}

static bool takes_value(const struct option_row *row)
{
	return row->type != OPTION_FLAG && row->type != OPTION_HEADING;
}

static _Noreturn void usage_error(const char *message)
{
	const char *program = tool_host()->program;

	fprintf(stderr, "%s: %s (see %s --help)\n", program, message, program);
	exit(STATUS_USAGE);
}

static void show_help(const struct tool *tool, const char *form)
{
	if (!form)
		help_print(tool);
	else if (strcmp(form, "man") == 0)
		help_man(tool);
	else if (help_completion(tool, form))
		usage_error("--help=FORM: man, bash, zsh or fish");
	exit(fflush(stdout) || ferror(stdout) ? STATUS_FAILED : STATUS_DONE);
}

static void take_operand(struct text_list *operands, const char *value, const char *option)
{
	array_grow(operands->items, operands->n, operands->room);
	array_grow(operands->options, operands->n, operands->room_options);
	operands->items[operands->n] = value;
	operands->options[operands->n++] = option;
}

/* A format's: which format it will be is not known yet. */
static void keep(const struct option_row *row, struct kept_options *kept, const char *value)
{
	array_grow(kept->items, kept->n, kept->room);
	kept->items[kept->n++] = (struct kept_option){ row->name, takes_value(row) ? value : "yes" };
}

static void take(const struct option_row *row, void *config, const char *value)
{
	struct error err = ERROR_INIT;

	if (row->type == OPTION_INLINE) {
		take_operand(&((struct common_config *)config)->operands, value, row->name);
		return;
	}
	if (option_set(row, config, takes_value(row) ? value : "yes", &err) < 0)
		usage_error(err.message);
}

/* getopt_long gives '?' for what it does not know and ':' for a missing value. */
static _Noreturn void unknown(const struct option_row *rows, char **argv, int at, int result)
{
	struct error err = ERROR_INIT;
	const char *word = argv[at - 1];

	if (result == ':') {
		error_set(&err, STATUS_USAGE, "option '%s' needs a value", word);
	} else if (strncmp(word, "--", 2) == 0) {
		char *name = mem_text_n(word + 2, strcspn(word + 2, "="));

		if (option_find(rows, name, &err))
			error_set(&err, STATUS_USAGE, "option '--%s' takes no value", name);
		free(name);
	} else {
		error_set(&err, STATUS_USAGE, "no option '-%c'", optopt);
	}
	usage_error(err.message);
}

/* What getopt_long wants to know of the rows; for the caller to free. */
static struct option *long_options(const struct option_row *rows, struct buffer *letters)
{
	struct option *longs;
	size_t n = 0, n_longs = 0;

	while (rows[n].name)
		n++;
	longs = mem_new(n + 3, sizeof *longs);
	buffer_add_text(letters, "-:h");        /* "-": operands come in their place, as value 1 */
	for (size_t i = 0; i < n; i++) {
		const struct option_row *row = &rows[i];

		if (row->type == OPTION_HEADING)
			continue;
		longs[n_longs++] = (struct option){ row->name, takes_value(row) ? required_argument : no_argument, NULL, (int)(FIRST_ROW + i) };
		if (row->letter)
			buffer_format(letters, "%c%s", row->letter, takes_value(row) ? ":" : "");
	}
	longs[n_longs++] = (struct option){ "help", optional_argument, NULL, HELP };
	longs[n_longs] = (struct option){ "version", no_argument, NULL, VERSION };
	return longs;
}

static size_t row_at(const struct option_row *rows, int result)
{
	size_t i = 0;

	if (result >= FIRST_ROW)
		return (size_t)(result - FIRST_ROW);
	while (rows[i].letter != result)
		i++;
	return i;
}

void options_parse(int argc, char **argv, const struct tool *tool, void *config)
{
	struct common_config *common = config;
	struct buffer letters = BUFFER_INIT;
	size_t n_own;
	struct option_row *rows = options_all(tool, &n_own);
	struct option *longs = long_options(rows, &letters);
	int result;

	opterr = 0;
	while ((result = getopt_long(argc, argv, buffer_text(&letters), longs, NULL)) != -1) {
		size_t at;

		if (result == 1) {
			take_operand(&common->operands, optarg, NULL);
			continue;
		}
		if (result == HELP || result == 'h')
			show_help(tool, result == HELP ? optarg : NULL);
		if (result == VERSION) {
			printf("%s (Millrace) %s\n", tool->name, MILLRACE_VERSION);
			exit(STATUS_DONE);
		}
		if (result == '?' || result == ':')
			unknown(rows, argv, optind, result);
		at = row_at(rows, result);
		if (at < n_own)
			take(&tool->options[at], config, optarg);
		else
			keep(&rows[at], &common->kept, optarg);
	}
	for (; optind < argc; optind++)
		take_operand(&common->operands, argv[optind], NULL);
	buffer_free(&letters);
	free(longs);
	free(rows);
}

static void list_free(struct text_list *list)
{
	free(list->items);
	free(list->options);
	*list = (struct text_list){ .items = NULL };
}

void options_free_lists(const struct option_row *rows, void *config)
{
	for (const struct option_row *row = rows; row && row->name; row++)
		if (row->type == OPTION_LIST)
			list_free((struct text_list *)((char *)config + row->offset));
}

void options_free(const struct tool *tool, void *config)
{
	struct common_config *common = config;

	options_free_lists(tool ? tool->options : NULL, config);
	if (common) {
		list_free(&common->operands);
		free(common->kept.items);
		common->kept = (struct kept_options){ .items = NULL };
	}
}

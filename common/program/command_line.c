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

enum { HELP = 1000, VERSION, FIRST_ROW };       /* values of getopt_long: row i is FIRST_ROW + i */

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
	return row->type != OPTION_FLAG && row->type != OPTION_NOT && row->type != OPTION_HEADING;
}

static _Noreturn void usage_error(const char *message)
{
	const char *program = tool_host()->command;
	struct error err = ERROR_INIT;

	error_set(&err, STATUS_USAGE, "%s (see %s --help)", message, program);
	tool_report(&err);
	tool_send_error(&err);
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
	tool_told();
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
	if (row->type == OPTION_NOT)
		kept->items[kept->n++] = (struct kept_option){ row->choices, NULL };
	else
		kept->items[kept->n++] = (struct kept_option){ row->name, takes_value(row) ? value : "yes" };
}

/* One of the program's own rows. */
static void take(const struct option_row *rows, const struct option_row *row, void *config, const char *value)
{
	struct error err = ERROR_INIT;

	if (row->type == OPTION_INLINE) {
		take_operand(&((struct common_config *)config)->operands, value, row->name);
		return;
	}
	if (row->type == OPTION_NOT) {
		option_take_back(option_find(rows, row->choices, &err), config);
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
			tool_told();
		}
		if (result == '?' || result == ':')
			unknown(rows, argv, optind, result);
		at = row_at(rows, result);
		if (at < n_own)
			take(tool->options, &tool->options[at], config, optarg);
		else
			keep(&rows[at], &common->kept, optarg);
	}
	for (; optind < argc; optind++)
		take_operand(&common->operands, argv[optind], NULL);
	buffer_free(&letters);
	free(longs);
	free(rows);
}

void options_free(const struct tool *tool, void *config)
{
	struct common_config *common = config;

	options_free_lists(tool ? tool->options : NULL, config);
	if (common) {
		text_list_free(&common->operands);
		free(common->kept.items);
		common->kept = (struct kept_options){ .items = NULL };
	}
}

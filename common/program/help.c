/* SPDX-License-Identifier: MIT */
/* A program's table of options for people, for its man page, for shells. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "formats.h"
#include "command_line.h"

enum { HELP_COLUMN = 30, FORMAT_COLUMN = 12, HELP_WIDTH = 100 };

static const struct option_row standard[] = {
	{ "help", 'h', OPTION_FLAG, 0, NULL, NULL, 0, 0, "print this and exit; --help=bash|zsh|fish prints shell completion" },
	{ "version", 0, OPTION_FLAG, 0, NULL, NULL, 0, 0, "print the version and exit" },
	OPTION_END
};

static const char *argument_of(const struct option_row *row)
{
	if (row->type == OPTION_FLAG || row->type == OPTION_NOT || row->type == OPTION_HEADING)
		return NULL;
	return row->argument ? row->argument : row->choices ? row->choices : "VALUE";
}

/* Words from a column on, broken at HELP_WIDTH. */
static void print_wrapped(const char *text, size_t first)
{
	size_t column = first;

	while (*text) {
		size_t length = strcspn(text, " ");

		if (column + 1 + length > HELP_WIDTH) {
			printf("\n%*s", (int)first, "");
			column = first;
		} else if (column > first) {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)length, text);
		column += length;
		text += length + (text[length] == ' ');
	}
	putchar('\n');
}

static void print_row(const struct option_row *row)
{
	struct buffer head = BUFFER_INIT;
	const char *argument = argument_of(row);

	if (row->type == OPTION_HEADING) {
		printf("\n%s:\n", row->name);
		return;
	}
	if (row->letter)
		buffer_format(&head, "  -%c, ", row->letter);
	else
		buffer_add_text(&head, "      ");
	buffer_format(&head, "--%s", row->name);
	if (argument)
		buffer_format(&head, "=%s", argument);
	printf("%s", buffer_text(&head));
	if (head.size + 2 > HELP_COLUMN)
		printf("\n%*s", HELP_COLUMN, "");
	else
		printf("%*s", (int)(HELP_COLUMN - head.size), "");
	print_wrapped(row->help, HELP_COLUMN);
	buffer_free(&head);
}

/* ---- formats ---- */

/* ".tsv, .tab", or "". */
static const char *endings_of(const struct format *format, struct buffer *to)
{
	buffer_clear(to);
	for (const char *c = format->endings; c && *c; c++) {
		if (*c == '|')
			buffer_add_text(to, ", ");
		else
			buffer_add_byte(to, (unsigned char)*c);
	}
	return buffer_text(to);
}

/* The row of format i as it is shown: what an earlier format says of the same word is not said again. `to` holds its help. */
static struct option_row row_shown(const struct tool *tool, size_t i, const struct option_row *row, struct buffer *to)
{
	struct option_row shown = *row;

	for (size_t earlier = 0; earlier < i; earlier++)
		for (const struct option_row *other = tool->formats(earlier)->options; other && other->name; other++)
			if (strcmp(other->name, row->name) == 0 && strcmp(other->help, row->help) == 0) {
				buffer_clear(to);
				buffer_format(to, "as with %s", tool->formats(earlier)->name);
				shown.help = buffer_text(to);
				return shown;
			}
	return shown;
}

static void print_formats(const struct tool *tool)
{
	struct buffer text = BUFFER_INIT, endings = BUFFER_INIT;

	printf("\nformats, and the options that only they have:\n");
	for (size_t i = 0; tool->formats(i); i++) {
		const struct format *format = tool->formats(i);

		endings_of(format, &endings);
		buffer_clear(&text);
		buffer_format(&text, endings.size ? "%s (%s)" : "%s%s", format->summary, buffer_text(&endings));
		printf("  %-8s  ", format->name);
		print_wrapped(buffer_text(&text), FORMAT_COLUMN);
		for (const struct option_row *row = format->options; row && row->name; row++) {
			struct option_row shown = row_shown(tool, i, row, &text);

			print_row(&shown);
		}
	}
	buffer_free(&text);
	buffer_free(&endings);
}

void help_print(const struct tool *tool)
{
	printf("usage: %s%s [OPTION...] %s\n%s\n%s", tool_prefix(), tool->name, tool->operands, tool->summary,
	       tool->options->type == OPTION_HEADING ? "" : "\n");
	for (const struct option_row *row = tool->options; row->name; row++)
		print_row(row);
	for (const struct option_row *row = standard; row->name; row++)
		print_row(row);
	if (tool->details)
		printf("\n%s\n", tool->details);
	if (tool->formats)
		print_formats(tool);
	if (tool->more_help)
		tool->more_help();
	printf("\nexit status: 0 done, 1 data or I/O failed, 2 usage, 3 a requirement is not met,\n"
	       "             4 the stage before failed or its output was cut short\n");
}

/* Words for mdoc: nothing in them may be taken for a macro or an escape. */
static void print_roff(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
}

/* A sentence out of what is written without a capital and a full stop. */
static void print_sentence(const char *text)
{
	char first[2] = { (char)toupper((unsigned char)*text), '\0' };

	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	print_roff(first);
	print_roff(*text ? text + 1 : text);
	printf(".\n");
}

static void man_row(const struct option_row *row)
{
	const char *argument = argument_of(row);

	if (row->type == OPTION_HEADING)
		return;
	printf(".It ");
	if (row->letter)
		printf("Fl %c , ", row->letter);
	printf("Fl \\-%s", row->name);
	if (argument)
		printf(" Ns = Ns Ar %s", argument);
	printf("\n");
	print_sentence(row->help);
}

static void man_formats(const struct tool *tool)
{
	struct buffer text = BUFFER_INIT;

	printf(".Pp\nFormats, and the options that only they have:\n.Bl -tag -width Ds\n");
	for (size_t i = 0; tool->formats(i); i++) {
		const struct format *format = tool->formats(i);

		printf(".It Cm %s", format->name);
		if (format->endings)
			printf(" Pq Pa %s", endings_of(format, &text));
		printf("\n");
		print_sentence(format->summary);
		if (!format->options)
			continue;
		printf(".Bl -tag -width Ds\n");
		for (const struct option_row *row = format->options; row && row->name; row++) {
			struct option_row shown = row_shown(tool, i, row, &text);

			man_row(&shown);
		}
		printf(".El\n");
	}
	printf(".El\n");
	buffer_free(&text);
}

void help_man(const struct tool *tool)
{
	printf(".Bl -tag -width Ds\n");
	for (const struct option_row *row = tool->options; row->name; row++)
		man_row(row);
	for (const struct option_row *row = standard; row->name; row++)
		man_row(row);
	printf(".El\n");
	if (tool->formats)
		man_formats(tool);
}

/* ---- completion ---- */

static void bash(const struct tool *tool, const struct option_row *rows)
{
	printf("_millrace_%s() {\n\tlocal words='", tool->name);
	for (const struct option_row *row = rows; row->name; row++)
		if (row->type != OPTION_HEADING)
			printf("--%s%s ", row->name, argument_of(row) ? "=" : "");
	printf("--help --version'\n"
	       "\tCOMPREPLY=()\n"
	       "\tcase $2 in -*) COMPREPLY=($(compgen -W \"$words\" -- \"$2\")) ;; esac\n"
	       "}\ncomplete -o default -o nospace -F _millrace_%s %s%s\n", tool->name, tool_prefix(), tool->name);
}

/* A single-quoted word: a quote in it ends the word, is escaped, and begins it again. */
static void print_quoted(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
}

static void zsh(const struct tool *tool, const struct option_row *rows)
{
	printf("#compdef %s%s\n_arguments \\\n", tool_prefix(), tool->name);
	for (const struct option_row *row = rows; row->name; row++) {
		if (row->type == OPTION_HEADING)
			continue;
		printf("\t'--%s%s[", row->name, argument_of(row) ? "=" : "");
		for (const char *c = row->help; *c; c++) {
			char one[2] = { *c, '\0' };

			if (*c == '[' || *c == ']' || *c == ':')
				putchar('\\');
			print_quoted(one);
		}
		printf("]%s%s'", argument_of(row) ? ":" : "", argument_of(row) ? "value:_files" : "");
		printf(" \\\n");
	}
	printf("\t'*:file:_files'\n");
}

static void fish(const struct tool *tool, const struct option_row *rows)
{
	for (const struct option_row *row = rows; row->name; row++) {
		if (row->type == OPTION_HEADING)
			continue;
		printf("complete -c %s%s -l %s", tool_prefix(), tool->name, row->name);
		if (row->letter)
			printf(" -s %c", row->letter);
		if (argument_of(row))
			printf(" -r");
		printf(" -d '");
		print_quoted(row->help);
		printf("'\n");
	}
}

int help_completion(const struct tool *tool, const char *shell)
{
	static const struct { const char *name; void (*print)(const struct tool *, const struct option_row *); } shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (strcmp(shells[i].name, shell) == 0) {
			struct option_row *rows = options_all(tool, NULL);

			shells[i].print(tool, rows);
			free(rows);
			return 0;
		}
	return -1;
}

/* SPDX-License-Identifier: MIT */
/* A program's table of options for people, for its man page, for shells. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "buffer.h"
#include "options.h"

enum { HELP_COLUMN = 30, HELP_WIDTH = 100 };

static const struct option_row standard[] = {
	{ "help", 'h', OPTION_FLAG, 0, NULL, NULL, 0, 0, "print this and exit; --help=bash|zsh|fish prints shell completion" },
	{ "version", 0, OPTION_FLAG, 0, NULL, NULL, 0, 0, "print the version and exit" },
	OPTION_END
};

static const char *argument_of(const struct option_row *row)
{
	if (row->type == OPTION_FLAG || row->type == OPTION_HEADING)
		return NULL;
	return row->argument ? row->argument : row->choices ? row->choices : "VALUE";
}

/* Words from column HELP_COLUMN on, broken at HELP_WIDTH. */
static void print_wrapped(const char *text, size_t column)
{
	while (*text) {
		size_t length = strcspn(text, " ");

		if (column + 1 + length > HELP_WIDTH) {
			printf("\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
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

void help_print(const struct tool *tool)
{
	printf("usage: %s [OPTION...] %s\n%s\n\n", tool->name, tool->operands, tool->summary);
	for (const struct option_row *row = tool->options; row->name; row++)
		print_row(row);
	for (const struct option_row *row = standard; row->name; row++)
		print_row(row);
	if (tool->details)
		printf("\n%s\n", tool->details);
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
	printf("%s", row->help[0] == '.' || row->help[0] == '\'' ? "\\&" : "");
	if (islower((unsigned char)row->help[0]) && row->help[0]) {
		char first[2] = {(char)toupper((unsigned char)row->help[0]), '\0'};

		print_roff(first);
		print_roff(row->help + 1);
	} else {
		print_roff(row->help);
	}
	printf(".\n");
}

void help_man(const struct tool *tool)
{
	printf(".Bl -tag -width Ds\n");
	for (const struct option_row *row = tool->options; row->name; row++)
		man_row(row);
	for (const struct option_row *row = standard; row->name; row++)
		man_row(row);
	printf(".El\n");
}

/* ---- completion ---- */

static void bash(const struct tool *tool)
{
	printf("_millrace_%s() {\n\tlocal words='", tool->name);
	for (const struct option_row *row = tool->options; row->name; row++)
		if (row->type != OPTION_HEADING)
			printf("--%s%s ", row->name, argument_of(row) ? "=" : "");
	printf("--help --version'\n"
	       "\tCOMPREPLY=()\n"
	       "\tcase $2 in -*) COMPREPLY=($(compgen -W \"$words\" -- \"$2\")) ;; esac\n"
	       "}\ncomplete -o default -o nospace -F _millrace_%s %s\n", tool->name, tool->name);
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

static void zsh(const struct tool *tool)
{
	printf("#compdef %s\n_arguments \\\n", tool->name);
	for (const struct option_row *row = tool->options; row->name; row++) {
		if (row->type == OPTION_HEADING)
			continue;
		printf("\t'--%s%s[", row->name, argument_of(row) ? "=" : "");
		for (const char *c = row->help; *c; c++) {
			char one[2] = {*c, '\0'};

			if (*c == '[' || *c == ']' || *c == ':')
				putchar('\\');
			print_quoted(one);
		}
		printf("]%s%s'", argument_of(row) ? ":" : "", argument_of(row) ? "value:_files" : "");
		printf(" \\\n");
	}
	printf("\t'*:file:_files'\n");
}

static void fish(const struct tool *tool)
{
	for (const struct option_row *row = tool->options; row->name; row++) {
		if (row->type == OPTION_HEADING)
			continue;
		printf("complete -c %s -l %s", tool->name, row->name);
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
	static const struct { const char *name; void (*print)(const struct tool *); } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (strcmp(shells[i].name, shell) == 0) {
			shells[i].print(tool);
			return 0;
		}
	return -1;
}

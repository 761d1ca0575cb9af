/* SPDX-License-Identifier: MIT */
/* Private to tool.c, command_line.c and help.c: a program's command line, read by its table of options. */
#ifndef COMMAND_LINE_H
#define COMMAND_LINE_H

#include "tool.h"

/* To who reads our stream, if there is a pipe and no writer has it: this error is why nothing comes. */
void tool_send_error(const struct error *err);

/* Sets config and its operands; --help, --version: prints and exits 0; anything wrong: prints and exits 2. */
void options_parse(int argc, char **argv, const struct tool *tool, void *config);

/* The program's rows, then those of its formats, each word once, for the caller to free; *n_own (may be NULL): how many are the program's. */
struct option_row *options_all(const struct tool *tool, size_t *n_own);

/* Frees the lists in config. */
void options_free(const struct tool *tool, void *config);

/* The four forms of help: for people, as mdoc list items, as shell completion. */
void help_print(const struct tool *tool);
void help_man(const struct tool *tool);
int help_completion(const struct tool *tool, const char *shell);        /* -1: no such shell */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What a file is that is not what it was taken for: told by its first bytes, with the
 * command that makes rows of it. Compressed files, office files, other formats of
 * tables, documents, other encodings, and our own streams.
 */
#ifndef FILE_KINDS_H
#define FILE_KINDS_H

#include "input.h"

/* Refuses an input that begins as another kind of file does; where nothing was read yet, as much is read as it takes to know. format:
 * as what it was to be read. */
int file_kind_check(struct input *input, const char *format, struct error *err) MUST_CHECK;

/* Whether a first line is of no text: it has control bytes, and NULs or what is no UTF-8. */
bool line_is_binary(const char *line, size_t size);
/* The refusal of such a file, whose first line stands at the input's mark, named where it is known; always -1. first: it begins the file. */
int refuse_binary(struct input *input, const char *line, size_t size, bool first, struct error *err);

/* Whether a first line begins with a tag and has one that closes. The refusal of such a file; always -1. */
bool line_is_markup(const char *line, size_t size);
int refuse_markup(const struct input *input, struct error *err);

/* Whether a first line begins as JSON does: an object, or an array of objects, arrays, texts, or, if it ends there, numbers. */
bool line_is_json(const char *line, size_t size);
/* The refusal of such a file, whose first line stands at the input's mark; always -1. One object that holds a whole table is told from
 * lines of objects: what stands behind it is looked at. */
int refuse_json(struct input *input, size_t size, struct error *err);

/* Whether a text begins as a table does that is drawn for people, with a line of dashes below its names: | a | b | in Markdown and of mysql (bars), or
 * a | b of psql, or one column of it; or in a box of lines, as DuckDB, SQLite and Polars print it. One in bars or in a box
 * may stand below a few lines that have no quotes. The refusal; always -1. */
enum drawn { DRAWN_NOT, DRAWN_BARS, DRAWN_PLAIN, DRAWN_BOX };
enum drawn text_drawn(const char *bytes, size_t size);
int refuse_drawn(const struct input *input, enum drawn drawn, struct error *err);

/* The refusal of another kind of file: `what` it is, and the command that makes rows of it, where {} is the file, {|csv} and {|tsv} who reads these; always -1. */
int file_kind_refuse(const struct input *input, const char *what, const char *advice, const char *format, struct error *err);

/* The refusal of a text whose lines stand in quotes as a whole (sniff.h); always -1. */
int refuse_wrapped(const struct input *input, struct error *err);

#endif

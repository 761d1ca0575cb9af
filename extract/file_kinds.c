/* SPDX-License-Identifier: MIT */
/*
 * Kinds by their magic numbers, as file(1) knows them. JSON is told by its first line only where that stands in the place of a
 * header: a cell of a TSV may begin so, too.
 */
#include "file_kinds.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buffer.h"
#include "memory.h"
#include "sources.h"

#define MAGIC(text) text, sizeof(text) - 1

static const struct kind {
	const char *magic;      /* # is one of 1 to 9 */
	size_t size;
	const char *what;
	const char *advice;     /* {} is the file behind a blank, or nothing for standard input; {|} and {|csv} who reads what comes; NULL: of a stream of ours */
} kinds_of_files[] = {
	{ MAGIC("\x1f\x8b"), "gzip", "zcat{}{|}" },
	{ MAGIC("\x1f\x9d"), "compressed (.Z)", "zcat{}{|}" },
	{ MAGIC("BZh#"), "bzip2", "bzcat{}{|}" },
	{ MAGIC("\xfd" "7zXZ\0"), "xz", "xzcat{}{|}" },
	{ MAGIC("\x28\xb5\x2f\xfd"), "zstd", "zstdcat{}{|}" },
	{ MAGIC("\x04\x22\x4d\x18"), "lz4", "lz4cat{}{|}" },
	{ MAGIC("7z\xbc\xaf\x27\x1c"), "a 7z archive", "7z x -so{}{|}" },
	{ MAGIC("PK\3\4"), "a zip or xlsx file", "a zip: unzip -p{}{|}; a workbook: save the sheet as CSV" },
	{ MAGIC("PK\5\6"), "an empty zip file", "there is nothing in it" },
	{ MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an old Office file, such as xls", "save the sheet as CSV" },
	{ MAGIC("PAR1"), "Parquet", "duckdb -csv -c \"SELECT * FROM 'FILE'\"{|csv}" },
	{ MAGIC("ARROW1"), "Arrow or Feather", "save it as CSV: pandas.read_feather('FILE').to_csv('FILE.csv', index=False)" },
	{ MAGIC("FEA1"), "Feather", "save it as CSV: pandas.read_feather('FILE').to_csv('FILE.csv', index=False)" },
	{ MAGIC("Obj\1"), "Avro", "save it as CSV" },
	{ MAGIC("\x89HDF\r\n\x1a\n"), "HDF5", "save the table as CSV" },
	{ MAGIC("\x93NUMPY"), "a NumPy array", "save it as CSV with numpy.savetxt" },
	{ MAGIC("SQLite format 3\0"), "an SQLite database", "sqlite3 -csv -header{} 'SELECT * FROM name'{|csv}" },
	{ MAGIC("\0\5\x16\7"), "attributes that macOS keeps beside a file (AppleDouble)", "the table is in the file without ._ before its name" },
	{ MAGIC("%PDF-"), "PDF", "save the table as CSV" },
	{ MAGIC("{\\rtf"), "RTF", "save the table as CSV" },
	{ MAGIC("\xff\xfe\0\0"), "UTF-32", "iconv -f utf-32 -t utf-8{}{|}" },
	{ MAGIC("\0\0\xfe\xff"), "UTF-32", "iconv -f utf-32 -t utf-8{}{|}" },
	{ MAGIC("\xff\xfe"), "UTF-16", "iconv -f utf-16 -t utf-8{}{|}" },
	{ MAGIC("\xfe\xff"), "UTF-16", "iconv -f utf-16 -t utf-8{}{|}" },
	{ MAGIC("\x92\xa6header"), "a stream", NULL },
	{ MAGIC("\x92\xa5model"), "a model", NULL },
	{ MAGIC("\x92\xa5" "error"), "a stream that failed", NULL },
};

/* Documents, whatever blanks and letter case. */
static const struct kind documents[] = {
	{ MAGIC("<!doctype html"), "HTML", "save the table as CSV" },
	{ MAGIC("<html"), "HTML", "save the table as CSV" },
	{ MAGIC("<?xml"), "XML", "save the table as CSV" },
};

enum { MOST_BLANKS = 64 };      /* before a document */
enum { N_KINDS_OF_FILES = sizeof kinds_of_files / sizeof *kinds_of_files, N_DOCUMENTS = sizeof documents / sizeof *documents };

/* Whether the first `size` bytes, which are no more than the magic has, are those of the magic. */
static bool begins_as(const unsigned char *data, size_t size, const char *magic)
{
	for (size_t i = 0; i < size; i++)
		if (magic[i] == '#' ? data[i] < '1' || data[i] > '9' : data[i] != (unsigned char)magic[i])
			return false;
	return true;
}

/* PAR1 may also be the name of a first column: then what follows ends or continues a name. */
static bool is_name(const struct kind *kind, const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < kind->size; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", kind->magic[i]) || !kind->magic[i])
			return false;
	return size == kind->size || (data[kind->size] && strchr(",;|\"_-. \t\r\n", data[kind->size]));
}

/* The kind that the bytes begin as. *more: with more bytes they could be one. */
static const struct kind *find_kind(const unsigned char *data, size_t size, bool *more)
{
	const struct kind *found = NULL;
	size_t blanks = 0;

	*more = false;
	for (size_t i = 0; i < N_KINDS_OF_FILES; i++) {
		const struct kind *kind = &kinds_of_files[i];

		if (!begins_as(data, size < kind->size ? size : kind->size, kind->magic))
			continue;
		if (size <= kind->size)
			*more = true;
		if (size >= kind->size && !found && !is_name(kind, data, size))
			found = kind;
	}
	while (blanks < size && data[blanks] && strchr(" \t\r\n", data[blanks]))
		blanks++;
	*more |= blanks == size && size < MOST_BLANKS;
	for (size_t i = 0; i < N_DOCUMENTS; i++) {
		const struct kind *kind = &documents[i];
		size_t there = size - blanks < kind->size ? size - blanks : kind->size;

		if (there == 0 || strncasecmp((const char *)data + blanks, kind->magic, there) != 0)
			continue;
		if (there < kind->size)
			*more = true;
		else if (!found)
			found = kind;
	}
	return found;
}

/* UTF-16 without a mark: every second byte of the first eight is NUL. NULL: it is not. */
static const char *wide_encoding(const unsigned char *data, size_t size)
{
	size_t even = 0, odd = 0;

	for (size_t i = 0; i < 8 && size >= 8; i += 2) {
		even += data[i] == 0;
		odd += data[i + 1] == 0;
	}
	return odd == 4 && even == 0 ? "utf-16le" : even == 4 && odd == 0 ? "utf-16be" : NULL;
}

/* Behind a command in a pipe: who reads what it gives. Nothing if the host knows nobody. */
static void print_reader(const struct input *input, enum advice advice, const char *format, struct buffer *to)
{
	struct buffer reader = BUFFER_INIT;

	if (host_advice(input->host, advice, format, &reader))
		buffer_format(to, " | %s", buffer_text(&reader));
	buffer_free(&reader);
}

/* A blank and a path, as a shell reads it. */
static void print_path(const char *path, struct buffer *to)
{
	bool plain = *path != '-';

	buffer_add_byte(to, ' ');
	for (const char *p = path; *p; p++)
		plain &= (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || strchr("._-/+,:@%=", *p);
	if (plain) {
		buffer_add_text(to, path);
		return;
	}
	buffer_add_text(to, *path == '-' ? "./'" : "'");
	for (; *path; path++)
		if (*path == '\'')
			buffer_add_text(to, "'\\''");
		else
			buffer_add_byte(to, (unsigned char)*path);
	buffer_add_byte(to, '\'');
}

/* The advice with the file and its reader in it; the format is that of the name without its last ending, which is the packer's. */
static void print_advice(const char *advice, const struct input *input, const char *format, struct buffer *to)
{
	const char *dot = strrchr(input->name, '.');
	char *inner = mem_text_n(input->name, dot ? (size_t)(dot - input->name) : 0);
	const struct format *known = format_of_path(source_format, inner);

	while (*advice) {
		if (strncmp(advice, "{}", 2) == 0) {
			if (strcmp(input->name, "standard input") != 0)
				print_path(input->name, to);
		} else if (strncmp(advice, "{|}", 3) == 0) {
			print_reader(input, ADVICE_READ_PIPED, known ? known->name : format, to);
		} else if (strncmp(advice, "{|csv}", 6) == 0) {
			print_reader(input, ADVICE_READ_PIPED, "csv", to);
		} else if (strncmp(advice, "{|rows}", 7) == 0) {
			print_reader(input, ADVICE_READ_ROWS, NULL, to);
		} else {
			buffer_add_byte(to, (unsigned char)*advice++);
			continue;
		}
		advice = strchr(advice, '}') + 1;
	}
	free(inner);
}

static int refuse(const struct input *input, const char *what, const char *advice, const char *format, struct error *err)
{
	struct buffer text = BUFFER_INIT;

	if (!advice) {
		error_set(err, STATUS_FAILED, "%s: %s, not %s", input->name, what, format);
		return host_advise(input->host, ADVICE_GIVE_STREAM, NULL, err);
	}
	print_advice(advice, input, format, &text);
	error_set(err, STATUS_FAILED, "%s: %s, not %s (%s)", input->name, what, format, buffer_text(&text));
	buffer_free(&text);
	return -1;
}

int file_kind_check(struct input *input, const char *format, struct error *err)
{
	const struct kind *kind = NULL;
	const char *encoding;
	bool more = true;

	for (;;) {
		if (input->size > input->at)
			kind = find_kind(input->data + input->at, input->size - input->at, &more);
		if (!more || input->ended)
			break;
		if (input_fill(input, err) < 0)
			return -1;
	}
	if (kind)
		return refuse(input, kind->what, kind->advice, format, err);
	encoding = wide_encoding(input->data + input->at, input->size - input->at);
	if (encoding) {
		char *advice = mem_format("iconv -f %s -t utf-8{}{|}", encoding);

		refuse(input, "UTF-16 without a mark", advice, format, err);
		free(advice);
		return -1;
	}
	return 0;
}

static size_t skip_blanks(const char *line, size_t size, size_t at)
{
	while (at < size && strchr(" \t\r\n", line[at]) && line[at])
		at++;
	return at;
}

bool line_is_json(const char *line, size_t size)
{
	size_t at = skip_blanks(line, size, 0), next = skip_blanks(line, size, at + 1);

	if (at == size || (line[at] != '{' && line[at] != '['))
		return false;
	if (next >= size)
		return true;
	while (size > next && strchr(" \t\r\n,", line[size - 1]) && line[size - 1])
		size--;
	if (line[at] == '[' && (line[next] == '-' || (line[next] >= '0' && line[next] <= '9')))
		return line[size - 1] == ']';
	return line[next] && strchr(line[at] == '{' ? "\"}" : "{[\"]", line[next]);
}

/* Behind the text, with its quotes, that begins here. */
static size_t skip_text(const char *line, size_t size, size_t at)
{
	for (at++; at < size && line[at] != '"'; at++)
		at += line[at] == '\\';
	return at + 1;
}

/* What makes rows of an object whose first value holds others, which is a whole table; NULL: it has a plain first value, as a record has. */
static const char *table_advice(const char *line, size_t size)
{
	size_t key = skip_blanks(line, size, 1), colon = skip_blanks(line, size, skip_text(line, size, key));
	size_t value = skip_blanks(line, size, colon + 1), inner = skip_blanks(line, size, value + 1);

	if (inner + 1 >= size || line[key] != '"' || line[colon] != ':' || (line[value] != '[' && line[value] != '{'))
		return NULL;
	if (line[value] == '[' && line[inner] == '{')
		return "pick the fields: jq -r '.[] | arrays[] | [.a, .b] | @csv'{}{|rows}";
	if (line[value] == '[' && strncmp(line + key, "\"columns\"", 9) == 0)
		return "jq -r '.data[] | @csv'{}{|rows}";
	if (line[value] == '[' || (line[inner] == '"' && line[inner + 1] >= '0' && line[inner + 1] <= '9'))
		return "pick the columns: jq -r '[.a, .b] | map([.[]]) | transpose[] | @csv'{}{|rows}";
	return "pick the fields: jq -r '.[] | [.a, .b] | @csv'{}{|rows}";
}

/* *more: something else than blanks comes behind data[at]. */
static int look_behind(struct input *input, size_t at, bool *more, struct error *err)
{
	for (;;) {
		at = skip_blanks((const char *)input->data, input->size, at);
		*more = at < input->size;
		if (*more || input->ended)
			return 0;
		if (input_fill(input, err) < 0)
			return -1;
	}
}

int refuse_json(struct input *input, const char *line, size_t size, struct error *err)
{
	size_t end = (size_t)(line - (const char *)input->data) + size;
	const char *table;
	bool record, array, more = false;

	while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r' || line[size - 1] == ' '))
		size--;
	record = size > 2 && *line == '{' && line[size - 1] == '}';
	array = size > 2 && *line == '[' && line[size - 1] == ']' && line[1] != '{';
	table = record ? table_advice(line, size) : NULL;
	if (table && look_behind(input, end, &more, err) < 0)           /* what was read may move */
		return -1;
	if (table && !more)
		return refuse(input, "JSON", table, "a table", err);
	if (record)
		return refuse(input, "JSON lines", "pick the fields: jq -r '[.a, .b] | @csv'{}{|rows}", "a table", err);
	if (array)
		return refuse(input, "JSON lines", "jq -r '@csv'{}{|rows}", "a table", err);
	return refuse(input, "JSON", "pick the fields: jq -r '.[] | [.a, .b] | @csv'{}{|rows}", "a table", err);
}

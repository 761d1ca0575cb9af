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
#include "text.h"

#define MAGIC(text) text, sizeof(text) - 1
#define NO_ROWS "there are no rows in it"

static const struct kind {
	const char *magic;      /* # is one of 1 to 9 */
	size_t size;
	const char *what;
	const char *advice;     /* {} is the file behind a blank, or nothing for standard input; {|}, {|csv} and {|tsv} who reads what comes; NULL: of a stream of ours */
} kinds_of_files[] = {
	{ MAGIC("\x1f\x8b"), "gzip", "zcat{}{|}" },
	{ MAGIC("\x1f\x9d"), "compressed (.Z)", "zcat{}{|}" },
	{ MAGIC("BZh#"), "bzip2", "bzcat{}{|}" },
	{ MAGIC("\xfd" "7zXZ\0"), "xz", "xzcat{}{|}" },
	{ MAGIC("\x28\xb5\x2f\xfd"), "zstd", "zstdcat{}{|}" },
	{ MAGIC("\x04\x22\x4d\x18"), "lz4", "lz4cat{}{|}" },
	{ MAGIC("\x5d\0\0"), "lzma", "xzcat{}{|}" },
	{ MAGIC("LZIP\1"), "lzip", "lzip -dc{}{|}" },
	{ MAGIC("Rar!\x1a\7"), "a RAR archive", "unrar p -inul{}{|}" },
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
	{ MAGIC("\x80\2"), "a Python pickle", "save it as CSV: pandas.read_pickle('FILE').to_csv('FILE.csv', index=False)" },
	{ MAGIC("\x80\3"), "a Python pickle", "save it as CSV: pandas.read_pickle('FILE').to_csv('FILE.csv', index=False)" },
	{ MAGIC("\x80\4"), "a Python pickle", "save it as CSV: pandas.read_pickle('FILE').to_csv('FILE.csv', index=False)" },
	{ MAGIC("\x80\5"), "a Python pickle", "save it as CSV: pandas.read_pickle('FILE').to_csv('FILE.csv', index=False)" },
	{ MAGIC("<stata_dta>"), "a Stata file", "save it as CSV: pandas.read_stata('FILE').to_csv('FILE.csv', index=False)" },
	{ MAGIC("$FL2@("), "an SPSS file", "save it as CSV: pandas.read_spss('FILE').to_csv('FILE.csv', index=False)" },
	{ MAGIC("\0\0\0\0\0\0\0\0\0\0\0\0\xc2\xea\x81\x60"), "a SAS file", "save it as CSV: pandas.read_sas('FILE').to_csv('FILE.csv', index=False)" },
	{ MAGIC("RDX2\n"), "data of R", "save it as CSV with write.csv" },
	{ MAGIC("RDX3\n"), "data of R", "save it as CSV with write.csv" },
	{ MAGIC("MATLAB 5.0 MAT-file"), "a MATLAB file", "save the table as CSV" },
	{ MAGIC("version https://git-lfs.github.com/spec/"), "a pointer of Git LFS", "git lfs pull fetches the file that it stands for" },
	{ MAGIC("/annex/objects/"), "a pointer of git-annex", "git annex get fetches the file that it stands for" },
	{ MAGIC("SQLite format 3\0"), "an SQLite database", "sqlite3 -csv -header{} 'SELECT * FROM name'{|csv}" },
	{ MAGIC("\0\5\x16\7"), "attributes that macOS keeps beside a file (AppleDouble)", "the table is in the file without ._ before its name" },
	{ MAGIC("%PDF-"), "PDF", "save the table as CSV" },
	{ MAGIC("{\\rtf"), "RTF", "save the table as CSV" },
	{ MAGIC("%!PS-"), "PostScript", "save the table as CSV" },
	{ MAGIC("\x89PNG\r\n"), "an image", NO_ROWS },
	{ MAGIC("\xff\xd8\xff"), "an image", NO_ROWS },
	{ MAGIC("GIF87a"), "an image", NO_ROWS },
	{ MAGIC("GIF89a"), "an image", NO_ROWS },
	{ MAGIC("II*\0"), "an image", NO_ROWS },
	{ MAGIC("MM\0*"), "an image", NO_ROWS },
	{ MAGIC("\x7f" "ELF"), "a program", NO_ROWS },
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
	{ MAGIC("<table "), "HTML", "save the table as CSV" },
	{ MAGIC("<table>\n"), "HTML", "save the table as CSV" },
	{ MAGIC("<table>\r"), "HTML", "save the table as CSV" },
	{ MAGIC("<svg "), "an image", NO_ROWS },
	{ MAGIC("<?xml"), "XML", "save the table as CSV" },
	{ MAGIC("@relation "), "ARFF", "sed '1,/^@data/Id'{}{|rows}" },
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
	if (begins_as(data, size < 3 ? size : 3, "\xef\xbb\xbf")) {
		*more |= size <= 3;
		blanks = size > 3 ? 3 : 0;
	}
	while (blanks < size && blanks < MOST_BLANKS && data[blanks] && strchr(" \t\r\n", data[blanks]))
		blanks++;
	*more |= blanks == size;
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

/* UTF-16 or UTF-32 without a mark: which of the first eight bytes are NUL. NULL: it is neither. *more is set where more bytes may tell. */
static const char *wide_encoding(const unsigned char *data, size_t size, bool *more)
{
	enum { TELLING = 8 };
	static const struct { unsigned nuls; const char *name; } wide[] = {
		{ 0x55, "utf-16le" }, { 0xaa, "utf-16be" }, { 0x77, "utf-32le" }, { 0xee, "utf-32be" },
	};
	size_t there = size < TELLING ? size : TELLING;
	unsigned nuls = 0;

	for (size_t i = 0; i < there; i++)
		nuls = nuls << 1 | (data[i] == 0);
	for (size_t i = 0; there > 0 && i < sizeof wide / sizeof *wide; i++)
		if (nuls == wide[i].nuls >> (TELLING - there)) {
			*more |= there < TELLING;
			return there < TELLING ? NULL : wide[i].name;
		}
	return NULL;
}

/* UTF-16 without a mark in an alphabet of its own: the units of a first line are of alphabets and signs, and some are ASCII. `high`: which
 * byte of a unit is the high one. */
static bool is_wide_line(const char *line, size_t size, size_t high)
{
	size_t n_ascii = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		unsigned char byte = (unsigned char)line[i + high], low = (unsigned char)line[i + 1 - high];

		if (byte > 0x21 || (byte == 0 && low < ' ' && !(low && strchr("\t\r\n", low))))
			return false;
		n_ascii += byte == 0 && low < 0x80;
	}
	return n_ascii > 0;
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
	buffer_add_text(to, *path == '-' ? " ./" : " ");
	text_shell_word(to, path);
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
		} else if (strncmp(advice, "{|tsv}", 6) == 0) {
			print_reader(input, ADVICE_READ_PIPED, "tsv", to);
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

static int refuse_wide(const struct input *input, const char *encoding, const char *format, struct error *err)
{
	char *advice = mem_format("--encoding %s", encoding), *what = mem_format("UTF-%.2s without a mark", encoding + 4);

	refuse(input, what, advice, format, err);
	free(advice);
	free(what);
	return -1;
}

int file_kind_check(struct input *input, const char *format, struct error *err)
{
	const struct kind *kind = NULL;
	const char *encoding = NULL;
	bool more = true;

	for (;;) {
		if (input->size > input->at) {
			kind = find_kind(input->data + input->at, input->size - input->at, &more);
			encoding = wide_encoding(input->data + input->at, input->size - input->at, &more);
		}
		if (!more || input->ended)
			break;
		if (input_fill(input, err) < 0)
			return -1;
	}
	if (kind)
		return refuse(input, kind->what, kind->advice, format, err);
	return encoding ? refuse_wide(input, encoding, format, err) : 0;
}

bool line_is_binary(const char *line, size_t size)
{
	size_t n_nuls = 0, n_controls = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)line[i];

		n_nuls += byte == 0;
		n_controls += byte && byte < ' ' && !strchr("\t\n\v\f\r\x1a\x1b", byte);
	}
	return n_nuls > size / 2 || (n_controls && (n_nuls || !text_is_utf8(line, size)));
}

int refuse_binary(struct input *input, const char *line, size_t size, bool first, struct error *err)
{
	enum { TAR_AT = 257 };
	const char *wide = !first ? NULL : is_wide_line(line, size, 1) ? "utf-16le" : is_wide_line(line, size, 0) ? "utf-16be" : NULL;

	if (wide)
		return refuse_wide(input, wide, "csv", err);
	while (input->size - input->mark < TAR_AT + 5 && !input->ended)
		if (input_fill(input, err) < 0)
			return -1;
	if (input->size - input->mark >= TAR_AT + 5 && memcmp(input->data + input->mark + TAR_AT, "ustar", 5) == 0)
		return refuse(input, "a tar archive", "tar -xO <FILE{|}", "csv", err);
	return refuse(input, "binary data", "file - <FILE tells what it is", "a table", err);
}

bool line_is_markup(const char *line, size_t size)
{
	const char *end = line + size;

	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	if (end - line < 4 || *line != '<' || (line[1] | 0x20) < 'a' || (line[1] | 0x20) > 'z')
		return false;
	for (; line + 1 < end; line++)
		if ((line[0] == '<' && line[1] == '/') || (line[0] == '/' && line[1] == '>'))
			return true;
	return false;
}

int refuse_markup(const struct input *input, struct error *err)
{
	return refuse(input, "XML or HTML", "save the table as CSV", "a table", err);
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

/* Where the first pair of an object stands, and what its value begins with; inner + 1 >= size: not all of that is there yet. */
struct first_pair { size_t key, colon, value, inner; };

static struct first_pair find_first_pair(const char *text, size_t size)
{
	struct first_pair pair;

	pair.key = skip_blanks(text, size, 1);
	pair.colon = skip_blanks(text, size, skip_text(text, size, pair.key));
	pair.value = skip_blanks(text, size, pair.colon + 1);
	pair.inner = skip_blanks(text, size, pair.value + 1);
	return pair;
}

/* A list of objects, wherever it stands. */
static bool holds_objects(const char *text, size_t size)
{
	for (size_t at = 0; at < size; at++) {
		size_t next = skip_blanks(text, size, at + 1);

		if (text[at] == '"')
			at = skip_text(text, size, at) - 1;
		else if (text[at] == '[' && next < size && text[next] == '{')
			return true;
	}
	return false;
}

/* What makes rows of an object that is a whole table: its first value holds others, or one behind it a list of objects; NULL: it is like a record. */
static const char *table_advice(const char *text, size_t size)
{
	struct first_pair pair = find_first_pair(text, size);
	bool list, nested;

	if (pair.inner + 1 >= size || text[pair.key] != '"' || text[pair.colon] != ':')
		return NULL;
	list = text[pair.value] == '[';
	nested = list || text[pair.value] == '{';
	if ((list && text[pair.inner] == '{') || (!nested && holds_objects(text, size)))
		return "pick the fields: jq -r '.[] | arrays[] | [.a, .b] | @csv'{}{|rows}";
	if (!nested)
		return NULL;
	if (list && strncmp(text + pair.key, "\"columns\"", 9) == 0)
		return "jq -r '.data[] | @csv'{}{|rows}";
	if (list || (text[pair.inner] == '"' && text[pair.inner + 1] >= '0' && text[pair.inner + 1] <= '9'))
		return "pick the columns: jq -r '[.a, .b] | map([.[]]) | transpose[] | @csv'{}{|rows}";
	return "pick the fields: jq -r '.[] | [.a, .b] | @csv'{}{|rows}";
}

/* *more: something else than blanks comes behind `size` bytes from the mark on. */
static int look_behind(struct input *input, size_t size, bool *more, struct error *err)
{
	for (;;) {
		size_t at = skip_blanks((const char *)input->data, input->size, input->mark + size);

		*more = at < input->size;
		if (*more || input->ended)
			return 0;
		if (input_fill(input, err) < 0)
			return -1;
	}
}

/* An object that goes on over lines is a table, or the first of several records: so many bytes tell, however they come. */
static int refuse_open_object(struct input *input, struct error *err)
{
	enum { LOOKED_AT = 64 * 1024 };
	const char *table;
	size_t size;

	while (!input->ended && input->size - input->mark < LOOKED_AT)
		if (input_fill(input, err) < 0)
			return -1;
	size = input->size - input->mark;
	table = table_advice((const char *)input->data + input->mark, size < LOOKED_AT ? size : LOOKED_AT);
	return refuse(input, "JSON", table ? table : "pick the fields: jq -r '[.a, .b] | @csv'{}{|rows}", "a table", err);
}

int refuse_json(struct input *input, size_t size, struct error *err)
{
	const char *line = (const char *)input->data + input->mark, *table;
	size_t end = size;
	bool record, array, more = false;

	while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r' || line[size - 1] == ' '))
		size--;
	record = size > 2 && *line == '{' && line[size - 1] == '}';
	array = size > 2 && *line == '[' && line[size - 1] == ']' && line[1] != '{';
	if (*line == '{' && !record)
		return refuse_open_object(input, err);
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

/* Dashes and what stands between them, two dashes side by side and a bar or cross at least. */
static bool is_rule(const char *line, size_t size)
{
	bool dashes = false, between = false;

	for (size_t i = 0; i < size; i++) {
		if (!line[i] || !strchr("-+|: \r", line[i]))
			return false;
		dashes |= i > 0 && line[i] == '-' && line[i - 1] == '-';
		between |= line[i] == '+' || line[i] == '|';
	}
	return dashes && between;
}

enum { LINES_ABOVE = 20 };      /* a drawn table that stands in bars is looked for below */

/* Nothing but dashes, three and more. */
static bool is_dashes(const char *line, size_t size)
{
	size -= size > 0 && line[size - 1] == '\r';
	for (size_t i = 0; i < size; i++)
		if (line[i] != '-')
			return false;
	return size >= 3;
}

/* Whether a line begins with the corner of a box, and a horizontal stroke: U+250C and its like, of one line, round, bold and double. */
static bool is_box(const char *line, size_t size)
{
	static const char *const starts[] = { "\u250C\u2500", "\u256D\u2500", "\u250F\u2501", "\u2554\u2550" };

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (size >= strlen(starts[i]) && memcmp(line, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* What begins with this line. */
static enum drawn drawn_here(const char *bytes, size_t size)
{
	const char *end = memchr(bytes, '\n', size), *second = end ? end + 1 : NULL;
	size_t first_size = end ? (size_t)(end - bytes) : 0, second_size;

	if (!end)
		return DRAWN_NOT;
	if (is_box(bytes, size) || (first_size > 7 && memcmp(bytes, "shape: ", 7) == 0 && is_box(second, size - first_size - 1)))
		return DRAWN_BOX;
	end = memchr(second, '\n', size - first_size - 1);
	second_size = end ? (size_t)(end - second) : size - first_size - 1;
	if (is_rule(bytes, first_size) && *bytes == '+' && second_size > 0 && *second == '|')
		return DRAWN_BARS;
	if (*bytes == ' ' && is_dashes(second, second_size) && second_size >= first_size)
		return DRAWN_PLAIN;
	if (!memchr(bytes, '|', first_size) || !is_rule(second, second_size))
		return DRAWN_NOT;
	return *bytes == '|' ? DRAWN_BARS : DRAWN_PLAIN;
}

enum drawn text_drawn(const char *bytes, size_t size)
{
	enum drawn drawn = drawn_here(bytes, size);
	const char *end = memchr(bytes, '\n', size);

	for (int line = 0; drawn == DRAWN_NOT && line < LINES_ABOVE && end && !memchr(bytes, '"', (size_t)(end - bytes)); line++) {
		size -= (size_t)(end + 1 - bytes);
		bytes = end + 1;
		drawn = drawn_here(bytes, size);
		if (drawn == DRAWN_PLAIN)
			drawn = DRAWN_NOT;
		end = memchr(bytes, '\n', size);
	}
	return drawn;
}

int refuse_drawn(const struct input *input, enum drawn drawn, struct error *err)
{
	static const char *const advice[] = {
		[DRAWN_BARS] = "sed -E '/^[-+|: ]*--[-+|: ]*$/d; /[|]/!d; s/^ *[|] *//; s/ *[|] *$//; s/ *[|] */|/g'{}{|csv}",
		[DRAWN_PLAIN] = "psql --csv; or sed -E '2d; /^$/d; /^[(][0-9]+ rows?[)]$/d; s/^ *//; s/ *$//; s/ *[|] */|/g'{}{|csv}",
		[DRAWN_BOX] = "what drew it writes CSV, too: duckdb -csv, sqlite3 -csv, psql --csv, write_csv() of Polars",
	};

	return refuse(input, "a table as it is drawn for people", advice[drawn], "csv", err);
}

int file_kind_refuse(const struct input *input, const char *what, const char *advice, const char *format, struct error *err)
{
	return refuse(input, what, advice, format, err);
}

int refuse_wrapped(const struct input *input, struct error *err)
{
	return refuse(input, "lines that stand in quotes as a whole", "sed 's/^\"//; s/\"[[:space:]]*$//; s/\"\"/\"/g'{}{|csv} takes these off; --delimiter ',' if each is one cell",
	              "csv", err);
}

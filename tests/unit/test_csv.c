/* SPDX-License-Identifier: MIT */
/*
 * CSV rows do not depend on where the bytes were cut: every text is fed with
 * reads of 1, 2, ... bytes, also with a silence before each. What the rows should be is checked for each text
 * here; the files of the public suites are cut the same way.
 */
#include <dirent.h>
#include <stdlib.h>

#include "column_names.h"
#include "memory.h"
#include "memory_feed.h"
#include "source_csv.h"
#include "unit.h"

static void print_row(const struct row *row, struct buffer *to)
{
	buffer_format(to, "%d:", (int)row->line);
	for (size_t i = 0; i < row->n_cells; i++) {
		const struct cell *cell = &row->cells[i];

		buffer_add_text(to, i ? "|" : " ");
		if (cell->kind == CELL_NULL)
			buffer_add_text(to, "null");
		else
			buffer_add(to, cell->as.text, cell->size);
	}
	if (row->broken)
		buffer_format(to, " <%s>", row->broken);
	buffer_format(to, " (%d bytes%s)\n", (int)row->raw_size, row->ascii ? "" : ", high");
}

/* Names and rows as text; an error as its message. Reads have at most `most` bytes. */
static void read_all(const char *bytes, size_t size, size_t most, bool silences, const struct csv_config *config, struct buffer *to)
{
	struct memory_feed memory = { .bytes = bytes, .size = size, .most = most };
	struct feed feed = memory_feed(&memory, !silences, silences);
	struct input input;
	struct columns columns = { .named = false };
	struct error err = ERROR_INIT;
	struct row *row;
	void *reader = NULL;
	int result;

	input_init(&input, "a.csv", &feed, NULL);
	input.keep = true;
	if (csv_rows.open(&reader, &input, &columns, config, &err) < 0 || csv_rows.start(reader, &err) < 0)
		goto out;
	for (size_t i = 0; i < columns.schema.n_fields; i++)
		buffer_format(to, "%s%s", i ? "|" : "", columns.schema.fields[i].name);
	buffer_add_text(to, "\n");
	input.keep = false;
	input.hurry = silences;
	while ((result = csv_rows.next(reader, &row, &err)) == INPUT_SILENT || (result == 0 && row))
		if (result == 0)
			print_row(row, to);
out:
	if (err.code)
		buffer_format(to, "%s\n", err.message);
	csv_rows.close(reader);
	input_release(&input);
	columns_release(&columns);
}

/* The text is the same for every size of reads; 0: at all. */
static void check_splits(const char *name, const char *bytes, size_t size, const struct csv_config *config, const char *expected)
{
	struct buffer whole = BUFFER_INIT, split = BUFFER_INIT;
	size_t last = size < 300 ? size : 300;

	TEST(name);
	read_all(bytes, size, size ? size : 1, false, config, &whole);
	if (expected && strcmp(buffer_text(&whole), expected) != 0)
		printf("-- %s gave:\n%s", name, buffer_text(&whole));
	CHECK(!expected || strcmp(buffer_text(&whole), expected) == 0);
	for (size_t most = 1; most <= 2 * last; most++) {
		bool same;

		buffer_clear(&split);
		read_all(bytes, size, (most + 1) / 2, most % 2 == 0, config, &split);
		same = strcmp(buffer_text(&whole), buffer_text(&split)) == 0;
		CHECK(same);
		if (!same) {
			printf("-- %s, reads of %zu bytes%s:\n%s-- instead of:\n%s", name, (most + 1) / 2, most % 2 ? "" : " and silences", buffer_text(&split), buffer_text(&whole));
			break;
		}
	}
	buffer_free(&whole);
	buffer_free(&split);
}

struct sample { const char *bytes, *expected; };

static void check_samples(const struct sample *samples, size_t n, const struct csv_config *config)
{
	for (size_t i = 0; i < n; i++)
		check_splits(samples[i].bytes, samples[i].bytes, strlen(samples[i].bytes), config, samples[i].expected);
}

static const struct sample strict[] = {
	{ "a,b\n1,2\n", "a|b\n2: 1|2 (4 bytes)\n" },
	{ "a,b\r\n1,2\r\n3,4", "a|b\n2: 1|2 (5 bytes)\n3: 3|4 (3 bytes)\n" },
	{ "a,b\r1,2\r3,4\r", "a|b\n2: 1|2 (4 bytes)\n3: 3|4 (4 bytes)\n" },
	{ "\xef\xbb\xbf" "a,b\n1,2\n", "a|b\n2: 1|2 (4 bytes)\n" },
	{ "a,b\n,\n\"\",\"\"\n", "a|b\n2: null|null (2 bytes)\n3: | (6 bytes)\n" },
	{ "a,b\n1,", "a|b\n2: 1|null (2 bytes)\n" },
	{ "a,b\n 1 , x \n", "a|b\n2:  1 | x  (8 bytes)\n" },
	{ "a,b\n\n1,2\n\n\n3,4\n\n", "a|b\n3: 1|2 (4 bytes)\n6: 3|4 (4 bytes)\n" },
	{ "\n\na\n1\n\n2\n\n", "a\n4: 1 (2 bytes)\n5: null (1 bytes)\n6: 2 (2 bytes)\n7: null (1 bytes)\n" },
	{ "a\r\n1\r\n\r\n2\r\n", "a\n2: 1 (3 bytes)\n3: null (2 bytes)\n4: 2 (3 bytes)\n" },
	{ "a,b\n\"x\ny\",\"1\r\n2\"\n3,4\n", "a|b\n2: x\ny|1\r\n2 (13 bytes)\n5: 3|4 (4 bytes)\n" },
	{ "a,b\n\"x\"\"y\",\"\"\"\"\n", "a|b\n2: x\"y|\" (12 bytes)\n" },
	{ "a,b\n1,2,3\n1\n4,5\n", "a|b\n2: 1|2|3 (6 bytes)\n3: 1 (2 bytes)\n4: 4|5 (4 bytes)\n" },
	{ "a,b\n1,x\"y\n3,4\n", "a|b\n2: 1 <a quote within a cell that has no quotes around it> (6 bytes)\n3: 3|4 (4 bytes)\n" },
	{ "a,b\n\"x\"y,2\n3,4\n", "a|b\n2: <text behind a closing quote> (7 bytes)\n3: 3|4 (4 bytes)\n" },
	{ "a,b\n\"x\" ,2\n3,4\n", "a|b\n2: <text behind a closing quote> (7 bytes)\n3: 3|4 (4 bytes)\n" },
	{ "a,b\n1,2\n3,\"x\n4,5\n6,7\n",
	  "a|b\n2: 1|2 (4 bytes)\na.csv:3: column 'b': the quote that opens here is not closed (close it, or double it if it belongs to the text; --quote none takes all quotes as text)\n" },
	{ "a,b\n\"x\ny\",\"\nz", "a|b\na.csv:3: column 'b': the quote that opens here is not closed (close it, or double it if it belongs to the text; --quote none takes all quotes as text)\n" },
	{ "a,b\n\xc3\xa9,2\n", "a|b\n2: \xc3\xa9|2 (5 bytes, high)\n" },
	{ "", "a.csv: empty file\n" },
	{ "\n\n", "a.csv: empty file: no header\n" },
	{ "a,,c\n1,2,3\n", "a|c2|c\n2: 1|2|3 (6 bytes)\n" },
	{ "c3,,,a\n", "c3|c2|c3_2|a\n" },
	{ "a,b,a\n1,2,3\n", "a|b|a_2\n2: 1|2|3 (6 bytes)\n" },
	{ "x,x,x_2\n", "x|x_3|x_2\n" },
	{ "x,x_2,x,x_3,x,x\n", "x|x_2|x_4|x_3|x_5|x_6\n" },
	{ "x,x_2,x_2,x\n", "x|x_2|x_2_2|x_3\n" },
	{ "\x1f\x8b\x08xxxx", "a.csv: gzip, not csv (zcat a.csv)\n" },
	{ "\n <!DOCTYPE HTML>", "a.csv: HTML, not csv (save the table as CSV)\n" },
	{ "PAR1,<!DOC\n1,2\n", "PAR1|<!DOC\n2: 1|2 (4 bytes)\n" },
	{ "[\n{\"a\":1}]", "a.csv: JSON, not a table (pick the fields: jq -r '.[] | [.a, .b] | @csv' a.csv)\n" },
	{ "\xff\xfe" "a\n", "a.csv: UTF-16, not csv (iconv -f utf-16 -t utf-8 a.csv)\n" },
};
static const struct sample lazy[] = {
	{ "a,b\n1,x\"y\n\"x\"y\",2\n", "a|b\n2: 1|x\"y (6 bytes)\n3: x\"y|2 (8 bytes)\n" },
	{ "a,b\n1,\"x\n", "a|b\na.csv:2: column 'b': the quote that opens here is not closed (close it, or double it if it belongs to the text; --quote none takes all quotes as text)\n" },
};
static const struct sample trimmed[] = {
	{ "a , b\n 1 ,\t\"x \" \n  ,\n", "a|b\n2: 1|x  (11 bytes)\n3: null|null (4 bytes)\n" },
	{ "a\n 1\n \n2\n", "a\n2: 1 (3 bytes)\n3: null (2 bytes)\n4: 2 (2 bytes)\n" },
};
static const struct sample headless[] = {
	{ "1,2\n3,4\n", "c1|c2\n1: 1|2 (4 bytes)\n2: 3|4 (4 bytes)\n" },
	{ "\n\n1,2\n", "c1|c2\n3: 1|2 (4 bytes)\n" },
	{ "\n1\n", "c1\n1: null (1 bytes)\n2: 1 (2 bytes)\n" },
	{ "\n\n", "c1\n1: null (1 bytes)\n2: null (1 bytes)\n" },
};
static const struct sample single_quoted[] = {
	{ "a,b\n'x, y',1\n'it''s',\"2\"\n", "a|b\n2: x, y|1 (9 bytes)\n3: it's|\"2\" (12 bytes)\n" },
	{ "a,b\n'x\ny''z',''\n\"',1\n", "a|b\n2: x\ny'z| (12 bytes)\n4: <a quote within a cell that has no quotes around it> (5 bytes)\n" },
	{ "a,b\n'x,1\n", "a|b\na.csv:2: column 'a': the quote that opens here is not closed (close it, or double it if it belongs to the text; --quote none takes all quotes as text)\n" },
};
static const struct sample unquoted[] = {
	{ "a,\"b\n\"x, y\",1\r\n5\" pipe,2", "a|\"b\n2: \"x| y\"|1 (10 bytes)\n3: 5\" pipe|2 (9 bytes)\n" },
	{ "a,b\n\n,\n", "a|b\n3: null|null (2 bytes)\n" },
	{ "a\n\n1\n", "a\n2: null (1 bytes)\n3: 1 (2 bytes)\n" },
	{ "", "a.csv: empty file\n" },
};
static const struct sample unquoted_trimmed[] = {
	{ "a, b\n \"x\t,\t\n \n", "a|b\n2: \"x|null (7 bytes)\n" },
};
static const struct sample skipping[] = {
	{ "|1x3 \"Cross validator\n\na,b\n1,2\n", "a|b\n4: 1|2 (4 bytes)\n" },
	{ "x\n", "a.csv: no header behind the lines that --skip-lines 2 leaves out\n" },
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* All files of a folder of the suites, and how they are cut. */
static void check_folder(const char *folder)
{
	const char *data = getenv("DATA");
	const struct csv_config config = { .lazy_quotes = false };
	char *path = mem_format("%s/suites/%s", data ? data : "../shared/data", folder);
	DIR *files = opendir(path);

	for (struct dirent *entry; files && (entry = readdir(files));) {
		char *name = mem_format("%s/%s", path, entry->d_name);
		FILE *file = entry->d_name[0] == '.' ? NULL : fopen(name, "rb");

		if (file) {
			char *bytes = mem_array(1 << 22, 1);
			size_t size = fread(bytes, 1, 1 << 22, file);

			check_splits(name, bytes, size < 20000 ? size : 20000, &config, NULL);
			TEST("");
			fclose(file);
			free(bytes);
		}
		free(name);
	}
	if (files)
		closedir(files);
	free(path);
}

int main(void)
{
	struct csv_config config = { .lazy_quotes = false };

	check_samples(strict, COUNT(strict), &config);
	config.lazy_quotes = true;
	check_samples(lazy, COUNT(lazy), &config);
	config = (struct csv_config){ .lazy_quotes = false };
	config.text.trim = true;
	check_samples(trimmed, COUNT(trimmed), &config);
	config = (struct csv_config){ .lazy_quotes = false };
	config.text.no_header = true;
	check_samples(headless, COUNT(headless), &config);
	config = (struct csv_config){ .quote = "'" };
	check_samples(single_quoted, COUNT(single_quoted), &config);
	config = (struct csv_config){ .quote = "none" };
	check_samples(unquoted, COUNT(unquoted), &config);
	config.text.trim = true;
	check_samples(unquoted_trimmed, COUNT(unquoted_trimmed), &config);
	config = (struct csv_config){ .lazy_quotes = false };
	config.text.skip_lines = 2;
	check_samples(skipping, COUNT(skipping), &config);
	config = (struct csv_config){ .lazy_quotes = false };
	check_splits("a NUL is a byte of a text", "a,b\n1\0002,3\n", 10, &config, NULL);
	check_folder("csv-spectrum/csvs");
	check_folder("csv-test-data/csv");
	check_folder("messytables-horror/horror");
	return unit_done();
}

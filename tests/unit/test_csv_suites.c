/* SPDX-License-Identifier: MIT */
/*
 * The public suites csv-spectrum and csv-test-data: the cells of each file are
 * the strings of the JSON beside it, in order, and so are the ends of rows. (csv-test-data's bad-* files are
 * tests/cases/extract/suite_of_bad_csv.)
 */
#include <dirent.h>
#include <stdlib.h>

#include "column_names.h"
#include "memory.h"
#include "source_csv.h"
#include "unit.h"

/* Every string of a JSON text, each followed by a line `--`, and `==` where an inner list or object ends: a row. Escapes: \" \\ \n \r \t,
 * which are all that the suites have. */
static void json_strings(const char *p, struct buffer *to)
{
	int depth = 0;

	for (; *p; p++) {
		depth += *p == '[' || *p == '{';
		depth -= *p == ']' || *p == '}';
		if ((*p == ']' || *p == '}') && depth > 0)
			buffer_add_text(to, "==\n");
		if (*p != '"')
			continue;
		for (p++; *p && *p != '"'; p++) {
			if (*p == '\\')
				p++;
			buffer_add_byte(to, p[-1] != '\\' ? (unsigned char)*p : *p == 'n' ? '\n' : *p == 'r' ? '\r' : *p == 't' ? '\t' : (unsigned char)*p);
		}
		buffer_add_text(to, "\n--\n");
	}
}

static void add_cell(const struct cell *cell, struct buffer *to)
{
	if (cell->kind != CELL_NULL)
		buffer_add(to, cell->as.text, cell->size);
	buffer_add_text(to, "\n--\n");
}

enum layout { OBJECTS, ARRAYS, ROWS };  /* names in every row, names first, no names */

/* The same of a CSV file. */
static int csv_strings(const char *path, enum layout layout, struct buffer *to)
{
	struct csv_config config = { .lazy_quotes = false };
	struct columns columns = { .named = false };
	struct error err = ERROR_INIT;
	struct feed feed;
	struct input input;
	struct row *row = NULL;
	void *reader = NULL;
	int result = -1;
	bool opened;

	config.text.no_header = layout == ROWS;
	opened = feed_open_file(&feed, path, &err) == 0;
	input_init(&input, path, &feed, NULL);
	input.keep = true;
	if (!opened || csv_rows.open(&reader, &input, &columns, &config, &err) < 0 || csv_rows.start(reader, &err) < 0)
		goto out;
	for (size_t i = 0; i < columns.schema.n_fields && layout == ARRAYS; i++)
		buffer_format(to, "%s\n--\n%s", columns.schema.fields[i].name, i + 1 == columns.schema.n_fields ? "==\n" : "");
	while ((result = csv_rows.next(reader, &row, &err)) == 0 && row) {
		for (size_t i = 0; i < row->n_cells; i++) {
			if (layout == OBJECTS)
				buffer_format(to, "%s\n--\n", columns.schema.fields[i].name);
			add_cell(&row->cells[i], to);
		}
		buffer_add_text(to, "==\n");
	}
out:
	if (result != 0)
		printf("%s\n", err.message);
	csv_rows.close(reader);
	input_release(&input);
	columns_release(&columns);
	return result;
}

static void check_file(const char *folder, const char *name, bool arrays)
{
	char *csv = mem_format("%s/%s.csv", folder, name), *json = mem_format("%s/../json/%s.json", folder, name);
	char *text = mem_new(1 << 16, 1);
	struct buffer expected = BUFFER_INIT, cells = BUFFER_INIT;
	FILE *file = fopen(json, "rb");
	size_t size = file ? fread(text, 1, (1 << 16) - 1, file) : 0;
	bool objects;

	CHECK(file);
	json_strings(text, &expected);
	objects = !arrays || memchr(text, '{', size) || strcmp(name, "header-no-rows") == 0;
	CHECK(csv_strings(csv, objects ? OBJECTS : strcmp(name, "all-empty") == 0 ? ROWS : ARRAYS, &cells) == 0);
	CHECK_TEXT(buffer_text(&cells), buffer_text(&expected));
	if (strcmp(buffer_text(&cells), buffer_text(&expected)) != 0)
		printf("%s gave:\n%s", csv, buffer_text(&cells));
	if (file)
		fclose(file);
	buffer_free(&expected);
	buffer_free(&cells);
	free(text);
	free(csv);
	free(json);
}

static void check_suite(const char *suite, bool arrays)
{
	const char *data = getenv("DATA");
	char *folder = mem_format("%s/suites/%s", data ? data : "../shared/data", suite);
	DIR *files = opendir(folder);

	if (!files)
		printf("skipped %s: no such folder\n", folder);
	for (struct dirent *entry; files && (entry = readdir(files));) {
		char *dot = strrchr(entry->d_name, '.');

		/* location_coordinates has quotes within cells, and another phone number than its JSON */
		if (!dot || strcmp(dot, ".csv") != 0 || strncmp(entry->d_name, "bad-", 4) == 0 || strncmp(entry->d_name, "location", 8) == 0)
			continue;
		*dot = 0;
		check_file(folder, entry->d_name, arrays);
	}
	if (files)
		closedir(files);
	free(folder);
}

int main(void)
{
	TEST("csv-spectrum");
	check_suite("csv-spectrum/csvs", false);
	TEST("csv-test-data");
	check_suite("csv-test-data/csv", true);
	return unit_done();
}

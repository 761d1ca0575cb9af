/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a file for extract: CSV, TSV, typed TSV or msgpack records, with the options that the first two bytes
 * choose. What comes out must be sound: each batch is read through column_read. And it must be the same in stretches of any size.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cell.h"
#include "memory.h"
#include "sources.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const formats[] = { "csv", "tsv", "tsv", "msgpack" };

/* The rows of a batch as text, after a look at everything in it. */
static void print_batch(const struct batch *batch, struct buffer *to)
{
	struct batch again = BATCH_INIT;        /* the same, without what the builder knows of it */

	batch_share(&again, batch);
	batch_compact(&again);
	for (size_t col = 0; col < again.n_columns; col++) {
		struct error err = ERROR_INIT;

		again.columns[col].checked = false;
		if (!column_read(&again, col, &err))
			abort();
	}
	for (size_t row = 0; row < again.n_rows; row++)
		for (size_t col = 0; col < again.n_columns; col++)
			buffer_add_byte(to, cell_print(&again.schema->fields[col], &again.columns[col], row, to) ? '|' : '-');
	batch_free(&again);
}

/* Types, rows and the end, or the error, as text. */
static void read_all(const struct extract_config *config, struct buffer *to)
{
	struct error err = ERROR_INIT;
	const struct source_kind *kind = source_find(config, &err);     /* one of `formats` */
	void *own = format_config(&kind->format, source_format, &config->common.kept, &err);
	struct source source = { .header = NULL };
	struct batch batch = BATCH_INIT;
	uint64_t n_rows = 0;

	if (lseek(STDIN_FILENO, 0, SEEK_SET) != 0)
		abort();
	if (!own || kind->open(&source, config, own, &err) < 0)
		goto out;
	for (size_t col = 0; col < source.header->schema.n_fields; col++)
		buffer_format(to, "%s %s\n", source.header->schema.fields[col].name, type_name(source.header->schema.fields[col].type));
	while (source_next(&source, &batch, true, &err) == 1) {
		if (batch.first_row != n_rows)
			abort();
		print_batch(&batch, to);
		n_rows += batch.n_rows;
	}
	if (err.code == STATUS_DONE) {
		const struct stage *stage = &source.end(source.state)->stages[0];

		if (stage->rows_out != n_rows)
			abort();
		buffer_format(to, "in %d, rejected %d, counts %d\n", (int)stage->rows_in, (int)stage->rejected, (int)tally_total(&stage->counts));
	}
out:
	if (err.code != STATUS_DONE)
		buffer_clear(to);       /* which rows came before hangs on the batches */
	buffer_add_text(to, err.message);
	batch_free(&batch);
	source_close(&source);
	format_config_free(&kind->format, own);
}

/* An option of the format, if it has it. */
static void give(struct extract_config *config, const char *name, const char *value)
{
	struct kept_options *kept = &config->common.kept;
	struct error err = ERROR_INIT;
	const struct source_kind *kind = source_find(config, &err);

	if (!kind || !option_find(kind->format.options, name, &err))
		return;
	array_grow(kept->items, kept->n, kept->room);
	kept->items[kept->n++] = (struct kept_option){ name, value };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const digits[] = { "0", "1", "2", "3", "4", "5", "6", "7" }, *const bad_rows[] = { "fail", "skip", "pad", "reject" };
	struct extract_config config = EXTRACT_DEFAULTS;
	struct buffer whole = BUFFER_INIT, parted = BUFFER_INIT;
	bool typed;
	FILE *file;

	if (size < 2)
		return 0;
	config.common.quiet = true;
	config.format = formats[data[0] & 3];
	typed = (data[0] & 3) == 2;
	if (typed)
		give(&config, "typed", "yes");
	if (data[0] >> 3 & 1 && !typed)
		give(&config, "no-header", "yes");
	if (data[0] >> 4 & 1)
		give(&config, "trim", "yes");
	if (data[0] >> 5 & 1)
		give(&config, "lazy-quotes", "yes");
	if (data[0] >> 6)
		give(&config, "types-rows", digits[data[0] >> 6]);
	give(&config, "on-bad-row", bad_rows[data[1] & 3]);
	config.on_misfit = (data[1] >> 2 & 3) % 3;
	config.no_origin = data[1] >> 4 & 1;
	give(&config, "skip-lines", digits[data[1] >> 5 < 3 ? data[1] >> 5 : 0]);
	if (data[1] >> 5 == 6)
		give(&config, "quote", "'");
	if (data[1] >> 5 == 7 && !(data[0] >> 5 & 1))
		give(&config, "quote", "none");
	if (data[1] >> 5 == 7 && !typed)
		give(&config, "no-escapes", "yes");
	if (data[1] >> 5 == 5 && !typed)
		give(&config, "escape", "\\");
	if (data[1] >> 5 == 4 && !typed)
		give(&config, "decimal", "comma");
	if (data[1] >> 5 >= 3 && data[1] >> 5 <= 4 && !typed)
		give(&config, "thousands", "point");
	if (data[1] >> 5 == 3 && !typed && (data[0] & 3) == 0)
		give(&config, "delimiter", ";;");
	file = tmpfile();
	if (!file || write(fileno(file), data + 2, size - 2) != (ssize_t)(size - 2) || dup2(fileno(file), STDIN_FILENO) < 0)
		abort();
	read_all(&config, &whole);
	if (data[0] >> 6 == 0) {
		config.stretch = 50;
		read_all(&config, &parted);
		if (strcmp(buffer_text(&whole), buffer_text(&parted)) != 0)
			abort();
	}
	fclose(file);
	free(config.common.kept.items);
	buffer_free(&whole);
	buffer_free(&parted);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a CSV, with the options that the first two bytes choose: rows in blocks are the rows that come one by one, through libcsv; and
 * batches of stretches of one size are those of row by row, by several threads, too, and have the rows of stretches of another.
 */
#define _GNU_SOURCE             /* memfd_create */
#include <stdlib.h>
#include <string.h>

#include "../unit/rows_all_ways.h"
#include "../unit/rows_two_ways.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(const struct buffer *found, const struct buffer *expected)
{
	if (found->size != expected->size || (found->size && memcmp(found->data, expected->data, found->size) != 0))
		abort();
}

static void in_stretches(const char *bytes, size_t size, unsigned choice, const struct csv_config *own)
{
	struct buffer by_row = BUFFER_INIT, other = BUFFER_INIT;
	struct extract_config config = EXTRACT_DEFAULTS;
	struct text_file file;
	const char *path = file.path;

	text_file_open(&file, bytes, size);
	config.inherited.alike = true;
	config.max_bad = "100%";
	config.on_misfit = choice & 1 ? MISFIT_NULL : MISFIT_FAIL;
	config.common.operands = (struct text_list){ .items = &path, .n = 1 };
	config.stretch = 1 + (choice >> 1) % 100;
	read_all(WAY_ROWS, &config, own, false, &by_row);
	config.common.threads = choice & 2 ? 3 : 1;
	read_all(WAY_STRETCHES, &config, own, false, &other);
	expect(&other, &by_row);
	read_all(WAY_STRETCHES, &config, own, true, &other);
	config.stretch = 0;
	read_all(WAY_STRETCHES, &config, own, true, &by_row);
	expect(&other, &by_row);
	text_file_close(&file);
	buffer_free(&by_row);
	buffer_free(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const quotes[] = { NULL, "'", "none", "\"" }, *const delimiters[] = { NULL, ";", "tab", "a" };
	struct buffer single = BUFFER_INIT, blocks = BUFFER_INIT;
	struct csv_config config;
	size_t most, block;

	if (size < 2)
		return 0;
	config = (struct csv_config){
		.text = { .no_header = data[0] & 1, .delimiter = delimiters[data[0] >> 1 & 3] },
		.quote = quotes[data[0] >> 3 & 3], .lazy_quotes = data[0] >> 5 & 1 && (data[0] >> 3 & 3) != 2,
	};
	most = data[1] & 15 ? data[1] & 15 : size;
	block = data[1] >> 4 ? data[1] >> 4 : SIZE_MAX;
	print_rows((const char *)data + 2, size - 2, size, 0, false, &config, &single);
	print_rows((const char *)data + 2, size - 2, most, block, false, &config, &blocks);
	expect(&blocks, &single);
	config.text.rows.on_bad_row = data[1] & 1 ? BAD_ROW_SKIP : BAD_ROW_FAIL;
	in_stretches((const char *)data + 2, size - 2, data[1], &config);
	buffer_free(&single);
	buffer_free(&blocks);
	return 0;
}

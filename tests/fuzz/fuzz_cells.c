/* SPDX-License-Identifier: MIT */
/* Any bytes as a CSV, with the options that the first two bytes choose: rows in blocks are the rows that come one by one, through libcsv. */
#include <stdlib.h>
#include <string.h>

#include "../unit/rows_two_ways.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	if (single.size != blocks.size || (single.size && memcmp(single.data, blocks.data, single.size) != 0))
		abort();
	buffer_free(&single);
	buffer_free(&blocks);
	return 0;
}

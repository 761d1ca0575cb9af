/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a block of rows, with the types, marks and words that the first four choose: what is inferred of a column and what is built of
 * it is the same at once and cell by cell.
 */
#include <stdlib.h>

#include "../unit/columns_two_ways.h"
#include "csv_plain.h"
#include "lists.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%3fZ", "%Y-%m-%d %H:%M:%S%.f", "%d/%m/%y", "%Y-%m-%dT%H:%M%.f" };
	static const char *const of_reals[] = { NULL, "0", "2", "mixed" };
	static const struct number_marks marks[] = { { 0, 0 }, { ',', 0 }, { ',', '.' }, { 0, ',' } };
	char *null_words[] = { (char *)"NA", (char *)"-1", (char *)"x\"y", (char *)"" };
	const struct names nulls = { .items = null_words, .n = 4 };
	struct cells cells = CELLS_INIT;
	struct slot slot = { .nearly = -1, .infer = INFER_INIT };
	size_t n_built = 0;
	char form[TIME_FORM_SIZE], *bytes;

	if (size < 5)
		return 0;
	slot.type = data[0] % N_TYPES;
	slot.cell = data[0] >> 3 & 1;
	slot.given = data[0] >> 4 & 1;
	slot.words = (enum missing_words)((data[0] >> 5 & 3) % 3);
	slot.unseen = slot.type == TYPE_TEXT && data[0] >> 7;
	slot.marks = marks[data[1] >> 1 & 3];
	if (slot.type == TYPE_TIME) {
		snprintf(form, sizeof form, "%s", forms[(data[1] >> 3 & 7) % 6]);
		slot.form = form;
		slot.any_iso = slot.given && data[1] >> 6 & 1;
		slot.any_zone = slot.any_iso && *time_form_zone(form);
	} else if (slot.type == TYPE_REAL && of_reals[data[1] >> 3 & 3]) {
		snprintf(form, sizeof form, "%s", of_reals[data[1] >> 3 & 3]);
		slot.form = form;
	}
	bytes = malloc(size - 4 + INPUT_SLACK);         /* no byte more than may be read */
	if (!bytes)
		return 0;
	memcpy(bytes, data + 4, size - 4);
	memset(bytes + size - 4, data[2], INPUT_SLACK);
	cells_split(&cells, bytes, size - 4, 2, SIZE_MAX, ',', data[3] & 1 ? '"' : data[3] & 2 ? NO_QUOTE : data[3] >> 2 & 0x1f ? '\'' : '5', NO_COMMENT);
	cells.file = "a.csv";
	cells.nulls = data[1] & 1 ? &nulls : NULL;
	if (cells.n_rows > 0 && (!infers_alike(&cells, slot.cell, slot.words, slot.marks) || !builds_alike(&cells, &slot, &n_built)))
		abort();
	cells_release(&cells);
	free(bytes);
	return 0;
}

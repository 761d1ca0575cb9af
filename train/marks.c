/* SPDX-License-Identifier: MIT */
#include "marks.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "rng.h"

static const char *const mark_names[] = { "train", "valid", "test" };

static int mark_of(const char *text, size_t size)
{
	for (int mark = MARK_TRAIN; mark <= MARK_TEST; mark++)
		if (strlen(mark_names[mark]) == size && memcmp(mark_names[mark], text, size) == 0)
			return mark;
	return -1;
}

static int read_column(const struct marks *marks, const struct batch *batch, const struct column *column, unsigned char *to, struct error *err)
{
	const char *name = batch->schema->fields[marks->split].name;
	int *entries = mem_array(column->n_entries + 1, sizeof *entries), result = 0;

	for (size_t entry = 0; entry < column->n_entries; entry++)
		entries[entry] = mark_of(column->bytes + column->offsets[entry], column->offsets[entry + 1] - column->offsets[entry]);
	for (size_t row = 0; row < batch->n_rows && result == 0; row++) {
		int mark = column_valid(column, row) ? entries[column_entry(column, row)] : -1;

		if (mark < 0)
			result = error_set(err, STATUS_FAILED, "row %llu: column '%s': the mark is not train, valid or test (use: split from=COLUMN)",
			                   (unsigned long long)(marks->row + row), name);
		else
			to[row] = (unsigned char)mark;
	}
	free(entries);
	return result;
}

int marks_read(struct marks *marks, struct batch *batch, unsigned char *to, struct error *err)
{
	uint64_t start = hash_mix(marks->seed + 1);

	if (marks->split != NO_FIELD) {
		const struct column *column = column_read(batch, (size_t)marks->split, err);

		if (!column || read_column(marks, batch, column, to, err) < 0)
			return -1;
	} else {
		for (size_t row = 0; row < batch->n_rows; row++) {
			uint64_t hash = hash_mix(start + (marks->row + row) * UINT64_C(0x9e3779b97f4a7c15));

			to[row] = (double)(hash >> 11) * 0x1p-53 < marks->holdout ? MARK_TEST : MARK_TRAIN;
		}
	}
	marks->row += batch->n_rows;
	return 0;
}

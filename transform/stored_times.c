/* SPDX-License-Identifier: MIT */
#include "stored_times.h"

#include "bits.h"
#include "column_edit.h"
#include "timestamp.h"

static bool read_time(void *state, const char *bytes, size_t size, void *value)
{
	const char *stored = state;
	char form[TIME_FORM_SIZE];

	if (stored && time_read(bytes, size, stored, false, value))
		return true;
	return time_detect(bytes, size, form, value) && (!stored || !*time_form_zone(form) == !*time_form_zone(stored));
}

static bool is_moved(void *state, const char *bytes, size_t size)
{
	const char *stored = state;
	char form[TIME_FORM_SIZE];
	int64_t value;

	return time_detect(bytes, size, form, &value) && *time_form_zone(form) && *time_form_zone(stored) && !time_same_zone(form, stored);
}

void stored_times(const struct batch *batch, struct arena *scratch, const struct column *from, const char *form, struct column *result,
                  uint64_t *n_lost, uint64_t *n_moved)
{
	size_t n_words = bits_words(batch->n_rows);
	uint64_t *moved = arena_new(scratch, n_words, sizeof *moved);

	column_find_texts(batch, scratch, from, is_moved, (void *)form, moved);
	for (size_t word = 0; word < n_words; word++)
		*n_moved += bits_ones(moved[word]);
	*result = (struct column)COLUMN_INIT;
	column_read_texts(batch, scratch, from, TYPE_TIME, read_time, (void *)form, result, n_lost);
}

/* SPDX-License-Identifier: MIT */
/*
 * Keys are sorted by their digits of 11 bits, the last digit first (Knuth, volume 3,
 * 5.2.5). One look counts all digits; one that all keys have in common is passed over.
 */
#include "row_order.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { DIGIT_BITS = 11, DIGIT_VALUES = 1 << DIGIT_BITS, N_DIGITS = (64 + DIGIT_BITS - 1) / DIGIT_BITS };

static size_t digit_of(uint64_t key, size_t digit)
{
	return key >> digit * DIGIT_BITS & (DIGIT_VALUES - 1);
}

/* places: how many keys have each value of the digit; overwritten. */
static void sort_by_digit(const struct order_space *from, const struct order_space *to, size_t n, size_t digit, uint32_t *places)
{
	uint32_t next = 0;

	for (size_t value = 0; value < DIGIT_VALUES; value++) {
		uint32_t count = places[value];

		places[value] = next;
		next += count;
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t place = places[digit_of(from->keys[i], digit)]++;

		to->keys[place] = from->keys[i];
		to->rows[place] = from->rows[i];
	}
}

void rows_in_order(uint64_t *keys, size_t n, uint32_t *order, const struct order_space *space)
{
	uint32_t (*counts)[DIGIT_VALUES] = mem_new(N_DIGITS, sizeof *counts);
	struct order_space now = { keys, order }, other = *space;

	for (size_t i = 0; i < n; i++) {
		order[i] = (uint32_t)i;
		for (size_t digit = 0; digit < N_DIGITS; digit++)
			counts[digit][digit_of(keys[i], digit)]++;
	}
	for (size_t digit = 0; digit < N_DIGITS && n > 0; digit++) {
		struct order_space sorted = other;

		if (counts[digit][digit_of(now.keys[0], digit)] == n)
			continue;
		sort_by_digit(&now, &sorted, n, digit, counts[digit]);
		other = now;
		now = sorted;
	}
	if (now.rows != order)
		memcpy(order, now.rows, n * sizeof *order);
	free(counts);
}

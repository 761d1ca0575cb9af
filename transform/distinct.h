/* SPDX-License-Identifier: MIT */
/*
 * The distinct values of a column, numbered in the order in which they first came:
 * what levels, modes and groups are made of. A value is kept as its bytes in a
 * column: text as it is, int, real and time in 8, bool in 1.
 */
#ifndef DISTINCT_H
#define DISTINCT_H

#include "arena.h"
#include "batch.h"
#include "buffer.h"
#include "error.h"
#include "pack.h"

#define NO_VALUE UINT32_MAX

struct distinct_value { size_t at; uint32_t size; uint64_t count; };   /* count: for the caller, 0 when added */

struct distinct {
	enum type type;
	struct distinct_value *items;
	size_t n, room;
	struct buffer bytes;
	struct distinct_slot *slots;            /* private: open addressing */
	size_t n_slots;
	uint32_t *rows, *entries;               /* scratch of distinct_rows */
	size_t rows_room, entries_room;
};

void distinct_start(struct distinct *distinct, enum type type);
void distinct_release(struct distinct *distinct);

uint32_t distinct_add(struct distinct *distinct, const void *bytes, size_t size);       /* its number, old or new; items may move */
/* The same while there are fewer than `most`; from then on only what is there is found, and a value too many is NO_VALUE. */
uint32_t distinct_add_within(struct distinct *distinct, const void *bytes, size_t size, size_t most);
uint32_t distinct_find(const struct distinct *distinct, const void *bytes, size_t size);       /* or NO_VALUE */
static inline const void *distinct_bytes(const struct distinct *distinct, size_t i)
{
	return distinct->bytes.data + distinct->items[i].at;
}

/*
 * The number of each row's value; NO_VALUE where it is missing or not among `rows` (NULL: all). A dictionary is looked up
 * by its entries, and only those that rows show.
 *
 * distinct_rows, for fits, adds what is new; the result holds until the next call. distinct_look, for applying, adds
 * nothing: what is unknown is NO_VALUE, the result lies in the arena, and several threads may look into one table at once.
 */
const uint32_t *distinct_rows(struct distinct *distinct, const struct column *column, size_t n_rows, const uint64_t *rows);
const uint32_t *distinct_look(const struct distinct *distinct, const struct column *column, size_t n_rows, const uint64_t *rows, struct arena *scratch);

/*
 * The values of `from`, of the same type, join those of `to`, counts add. numbers (room for from->n, or NULL): what each
 * value of `from` is in `to`. Numbers hang on who came first: results must not.
 */
void distinct_merge(struct distinct *to, const struct distinct *from, uint32_t *numbers);
void distinct_pack(const struct distinct *distinct, struct buffer *to);         /* one msgpack value: numbers, values, counts */
bool distinct_unpack(struct distinct *distinct, object from);   /* into a started, empty one of the same type; false: broken */

/* As text and back: text as it is, numbers as number.h prints them, time as its int of microseconds, true and false. */
void distinct_print(const struct distinct *distinct, size_t i, struct buffer *to);
bool distinct_parse(struct distinct *distinct, const char *text, size_t size);          /* adds it; false: not of this type */

/* By value: numbers by size, text by bytes. */
int distinct_compare(const struct distinct *distinct, size_t a, size_t b);
/* All numbers in byte order of what they print; the caller frees. */
uint32_t *distinct_order(const struct distinct *distinct);
/* The same by count, the most frequent first, equals in that order. */
uint32_t *distinct_by_count(const struct distinct *distinct);

size_t distinct_memory(const struct distinct *distinct);

#endif

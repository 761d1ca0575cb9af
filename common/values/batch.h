/* SPDX-License-Identifier: MIT */
/*
 * A batch: up to BATCH_ROWS rows of columns, each column a few runs of bytes
 * exactly as they stand on the wire (common/stream/stream.5). So reading a batch copies
 * nothing, a column that nobody touches is written from where it was read, and
 * "decoding" is one check of the values (column_read).
 *
 *     int, time   values: int64_t per row       bool  values: uint8_t 0/1 per row
 *     real        values: double per row, finite
 *     text        entries: offsets[i] .. offsets[i+1] of bytes; row r shows entry
 *                 codes[r], or entry r where codes is NULL
 *     valid       bit r%64 of word r/64: 1 = present; NULL: nothing is missing
 *
 * Under a missing row a value is 0, a code is 0 (or, without codes, the entry is
 * empty); spare bits are 0. Whoever makes a column keeps to that: text that comes
 * from equal data is then equal in its bytes.
 *
 * Ownership. A batch belongs to who handed it out (a source) until the next call
 * there. Its columns point into counted blocks, or into its arena. batch_hold
 * makes another batch that lives on its own: it shares the blocks (those of which
 * columns still use three quarters) and copies the rest into a block of its own.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "error.h"
#include "schema.h"

enum {
	BATCH_ROWS = 16 * 1024,         /* a batch closes here, */
	BATCH_BYTES = 1024 * 1024,      /* or at this size, whichever comes first */
};

/* Counted bytes, aligned to 64. */
struct block { size_t users, size, live; unsigned char *data; };         /* live: private to batch_hold */
struct block *block_new(size_t size);
struct block *block_use(struct block *block);           /* one user more; NULL is fine */
void block_drop(struct block *block);                   /* one less; NULL is fine */

/* Bytes of a value; text has none. */
static inline size_t type_width(enum type type) { return type == TYPE_BOOL ? 1 : 8; }

struct column {
	const uint64_t *valid;
	const void *values;             /* int64_t, double or uint8_t per row; NULL for text */
	const uint32_t *offsets;        /* text: n_entries + 1 */
	const char *bytes;              /* text: bytes_size of them */
	size_t bytes_size;
	const uint32_t *codes;          /* text with a dictionary, after column_read */
	const void *wire_codes;         /* text with a dictionary: as on the wire, code_width bytes each; may be NULL when codes is set */
	uint32_t n_entries;
	uint8_t code_width;             /* of wire_codes: 1, 2, 4 */
	bool has_codes;
	bool checked;                   /* column_read went well, or a program of ours made it */
	size_t n_missing;               /* after column_read */
	struct block *owner;            /* keeps all the runs alive; NULL: the batch's arena does */
};

struct batch {
	size_t n_rows, n_columns;
	uint64_t first_row;             /* number of the first row in the stream as it stands here; set by who counts the rows, for fits */
	const struct schema *schema;    /* of these columns; not owned */
	struct column *columns;         /* in the arena; room for n_columns */
	struct arena arena;
};
#define BATCH_INIT { .n_rows = 0 }

/* Checks the values of column `col` (of type schema->fields[col].type) the first time and gives the column.
 * NULL and err for broken input: a real that is not finite, a time
 * outside of the years 1 to 9999, offsets that go back, text that is no UTF-8, a code past its
 * dictionary, a bool that is not 0 or 1, values under a missing row, spare bits. */
const struct column *column_read(struct batch *batch, size_t col, struct error *err) MUST_CHECK;

static inline bool column_valid(const struct column *column, size_t row)
{
	return !column->valid || (column->valid[row / 64] >> row % 64 & 1);
}
static inline int64_t column_int(const struct column *column, size_t row) { return ((const int64_t *)column->values)[row]; }
static inline double column_real(const struct column *column, size_t row) { return ((const double *)column->values)[row]; }
static inline bool column_bool(const struct column *column, size_t row) { return ((const uint8_t *)column->values)[row]; }
static inline uint32_t column_entry(const struct column *column, size_t row)
{
	return column->codes ? column->codes[row] : (uint32_t)row;
}
static inline const char *column_text(const struct column *column, size_t row, size_t *size)
{
	uint32_t entry = column_entry(column, row);
	*size = column->offsets[entry + 1] - column->offsets[entry];
	return column->bytes + column->offsets[entry];
}
/* int, real and bool as double; 0 where missing. column_read first. */
double column_number(const struct column *column, enum type type, size_t row);

/* Makes room for columns (copies the array into the arena when it must grow) and sets n_columns. New ones are zeroed. */
void batch_set_columns(struct batch *batch, size_t n_columns);
/* The batch's own copy of nothing: a batch of n_rows rows over `schema` with zeroed columns, after batch_clear. */
void batch_start(struct batch *batch, const struct schema *schema, size_t n_rows);
void batch_clear(struct batch *batch);          /* drops blocks, keeps memory */
void batch_free(struct batch *batch);

/* New memory for a column in the batch's arena, zeroed: bit map of (n_rows + 63) / 64 words; values of n_rows. */
uint64_t *batch_bits(struct batch *batch);
void *batch_values(struct batch *batch, enum type type);
/* Puts a column made of arena memory (or sharing a block: owner set) in place `col`; the old one's block is dropped.
 * It counts n_missing, sets checked, and makes valid NULL if nothing is missing. values under missing rows are set to 0
 * by this call when they lie in the arena. */
void batch_put(struct batch *batch, size_t col, const struct column *fresh);
/* The same for a step, whose column is of another type than batch->schema (still) says. Column n_columns is appended. */
void batch_put_as(struct batch *batch, size_t col, enum type type, const struct column *fresh);
void batch_remove(struct batch *batch, size_t col);             /* columns behind move down; the schema is the caller's */

/* Keeps only rows whose bit is set, in order; all columns are compacted (text keeps its dictionary). n_kept is the count of bits. */
int batch_keep(struct batch *batch, const uint64_t *rows, size_t n_kept, struct error *err) MUST_CHECK;

/* The codes of a column as narrow as its dictionary allows, *width bytes each: in the arena, or the codes themselves. */
const void *codes_narrow(struct arena *arena, const struct column *column, size_t n_rows, uint8_t *width);

void batch_hold(struct batch *to, const struct batch *from);    /* `to` is released with batch_free */
size_t batch_bytes(const struct batch *batch);                  /* what its runs hold */

/* Rows of text gathered one by one, equal texts once while they are few: a dictionary when that is smaller. */
struct text_builder;
struct text_builder *text_builder_new(void);
void text_builder_free(struct text_builder *builder);
void text_builder_clear(struct text_builder *builder);
void text_builder_add(struct text_builder *builder, const char *bytes, size_t size);
void text_builder_add_missing(struct text_builder *builder);
size_t text_builder_bytes(const struct text_builder *builder);  /* what the column will hold, about */
/* The column of all rows added, in the arena; the builder is empty again. */
void text_builder_finish(struct text_builder *builder, struct arena *arena, struct column *column);

#endif

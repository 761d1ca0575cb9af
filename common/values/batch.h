/* SPDX-License-Identifier: MIT */
/*
 * A batch: up to BATCH_ROWS rows of columns, each column a few runs of bytes
 * exactly as they stand on the wire (common/stream/stream.5). So reading a batch
 * copies nothing, a column that nobody touches is written from where it was read,
 * and "decoding" is one check of the values (column_read).
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
 * Encodings say more with less. Where nothing is missing: an int that counts up
 * (first, step), and a column that is nearly always one value (most, and where it is
 * not: at, odd). Whatever is missing: ints and reals of few digits, which may have been
 * scaled since, and what is left of ints that counted up (narrow.h).
 * column_read writes their values out; the encoding stays beside them, and goes back
 * to the wire.
 *
 * Ownership. A batch is its holder's until he clears or frees it. Every run of bytes
 * lies in a counted block (block.h) and a column holds one count on each block that
 * it points into. Bytes never change once their column was put into a batch; so
 * batches and columns share them, between steps, passes and threads. A batch itself
 * belongs to one thread at a time.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bits.h"
#include "block.h"
#include "error.h"
#include "schema.h"

enum {
	BATCH_ROWS = 16 * 1024,         /* a batch closes here, */
	BATCH_BYTES = 1024 * 1024,      /* or at this size, whichever comes first */
	COLUMN_BLOCKS = 5,
	ENCODED_ROWS = 64 * 1024,       /* a batch of more rows has no sequence, and nothing that is mostly one value */
};

/* Bytes of a value; text has none. */
static inline size_t type_width(enum type type) { return type == TYPE_BOOL ? 1 : 8; }

enum encoding { ENCODED_PLAIN, ENCODED_SEQUENCE, ENCODED_MOSTLY, ENCODED_NARROW, ENCODED_PLACED /* narrow, and more is to be said */ };

struct column {
	const uint64_t *valid;
	const void *values;             /* int64_t, double or uint8_t per row; NULL for text, and for an encoding before column_read */
	const uint32_t *offsets;        /* text: n_entries + 1 */
	const char *bytes;              /* text: bytes_size of them */
	size_t bytes_size;
	const uint32_t *codes;          /* text with a dictionary, after column_read */
	const void *wire_codes;         /* text with a dictionary: as on the wire, code_width bytes each; may be NULL when codes is set */
	uint32_t n_entries;
	uint8_t code_width;             /* of wire_codes: 1, 2, 4 */
	bool has_codes;
	bool checked;                   /* column_read went well, or a program of ours made it */
	bool fresh_values, fresh_codes, fresh_narrow;   /* not put yet: batch_put may write to them */
	bool mixed;                     /* not all cells were written as the field's form says (form.h) */
	bool words;                     /* no text: a word such as NA was taken as missing */
	uint8_t encoding;               /* enum encoding */
	uint8_t narrow_width, digits;   /* of narrow ints: 1, 2 or 4 bytes; decimals, 0 for an int */
	uint32_t n_odd;
	union { int64_t number; double real; } first;   /* ENCODED_SEQUENCE: of row 0; ENCODED_MOSTLY: the value of all other rows (a bool as number) */
	int64_t step;                   /* ENCODED_SEQUENCE */
	const uint16_t *at;             /* ENCODED_MOSTLY: the rows that differ, ascending */
	const void *odd;                /* and their values; NULL for a bool: the other one */
	const void *narrow;             /* narrow ints. ENCODED_NARROW: of row r the value, or that times 10^digits */
	double center, scale;           /* ENCODED_PLACED, of a real: it is less the one and over the other (narrow.h). Of an int: first + step times it */
	size_t n_missing;               /* after column_read */
	struct block *blocks[COLUMN_BLOCKS];    /* one count each; those behind the first NULL are NULL */
};

struct batch {
	size_t n_rows, n_columns, room; /* room: of columns */
	uint64_t first_row;             /* the number of row 0 in the stream as it stands here */
	bool compact;                   /* batch_compact went over it, and nothing was put since */
	const struct schema *schema;    /* of these columns; not owned: a source's lasts as long as the source */
	struct column *columns;
	struct pool *pool;              /* where what is made of it comes from; one count */
};
#define BATCH_INIT { .n_rows = 0 }

/* Checks the values of column `col` (of type schema->fields[col].type) the first time, writes an encoding out, and gives the
 * column. NULL and err for broken input: a real that is not finite, a time outside of the years 1 to 9999, offsets that go
 * back, text that is no UTF-8, a code past its dictionary, a bool that is not 0 or 1, values or narrow ints under a missing row,
 * spare bits, rows of `at` that do not ascend. */
const struct column *column_read(struct batch *batch, size_t col, struct error *err) MUST_CHECK;
/* The same, but an encoding stays as it is: values may be NULL. */
const struct column *column_check(struct batch *batch, size_t col, struct error *err) MUST_CHECK;

static inline bool column_valid(const struct column *column, size_t row)
{
	return !column->valid || bit_is_set(column->valid, row);
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
/* ENCODED_MOSTLY: the i-th row that differs. */
static inline size_t column_place(const struct column *column, size_t i) { return column->at[i]; }
/* int, real and bool as double; 0 where missing. column_read first. */
double column_number(const struct column *column, enum type type, size_t row);

/* ---- batches ---- */

/* Drops what was in it, then: n_rows rows over `schema`, columns zeroed, to be put. Takes a count of its own on the pool. */
void batch_start(struct batch *batch, struct pool *pool, const struct schema *schema, size_t n_rows);
void batch_clear(struct batch *batch);          /* drops columns and pool, keeps room for some */
void batch_free(struct batch *batch);
void batch_move(struct batch *to, struct batch *from);          /* what was in `to` is dropped; `from` is empty then */
void batch_share(struct batch *to, const struct batch *from);   /* the same, and `from` stays: counts, copies no values */
/* Shares the columns `cols` only, in that order; schema: of these. */
void batch_view(struct batch *to, const struct batch *from, const struct schema *schema, const size_t *cols);
/* The other way: its columns become those `cols` of `schema`, ascending; what is between them is vacant, and nobody may read it. */
void batch_spread(struct batch *batch, const struct schema *schema, const size_t *cols);
/* Rows first .. first + n - 1 of it, values shared (bit maps are shifted, texts without a dictionary copied). Columns are read, but
 * for those that are narrow, and bools that are mostly one value; encodings stay. */
int batch_slice(struct batch *to, struct batch *from, size_t first, size_t n, struct error *err) MUST_CHECK;
void batch_set_columns(struct batch *batch, size_t n_columns);  /* new ones are zeroed, those behind go */
void batch_vacate(struct batch *batch, size_t col);             /* its column goes, and a hole stays: see schema_vacate; the schema is the caller's */
/* Keeps only rows whose bit is set, in order; n_kept is the count of bits. Text keeps its dictionary, what is narrow stays that, and
 * is not read. first_row stays. */
int batch_keep(struct batch *batch, const uint64_t *rows, size_t n_kept, struct error *err) MUST_CHECK;
/* Becomes the rows `rows` of it, n of them, any as often as wanted; columns are read, but for those that are narrow. What texts without a dictionary hold together is
 * the caller's to bound: 4 GiB. first_row stays. */
int batch_pick(struct batch *batch, const uint32_t *rows, size_t n, struct error *err) MUST_CHECK;
/* Copies what columns show out of blocks of which they show less than three quarters: for who lets a batch wait. */
void batch_detach(struct batch *batch);
/* The same, and drops what column_read made: for who keeps one. */
void batch_compact(struct batch *batch);
size_t batch_memory(const struct batch *batch);                 /* of its blocks, and of the columns */
size_t batch_bytes(const struct batch *batch);                  /* what its runs hold, about, encodings written out */

/* ---- making columns ----
 * Begin with COLUMN_INIT, ask for runs, fill them, and hand the column over with batch_put. Runs come from the pool and are not
 * zeroed unless said. A run of another column is shared, never copied. */
#define COLUMN_INIT { .valid = NULL }
uint64_t *column_new_valid(struct column *column, struct pool *pool, size_t n_rows, bool all);   /* all bits set, or none */
uint64_t *column_copy_valid(struct column *column, struct pool *pool, size_t n_rows, const struct column *from); /* to be changed */
void *column_new_values(struct column *column, struct pool *pool, enum type type, size_t n_rows);
void column_zero_missing(const struct column *column, void *values, size_t width, size_t n_rows);      /* of `width` bytes each; batch_put does it, too */
uint32_t *column_new_codes(struct column *column, struct pool *pool, size_t n_rows);
uint32_t *column_new_offsets(struct column *column, struct pool *pool, size_t n_entries);       /* n_entries + 1; sets n_entries */
char *column_new_bytes(struct column *column, struct pool *pool, size_t size);                  /* sets bytes_size */
void column_share_valid(struct column *column, const struct column *from);
void column_share_entries(struct column *column, const struct column *from);    /* its dictionary: offsets and bytes */
void column_share(struct column *column, const struct column *from);            /* all of it: *column is overwritten */
void column_drop(struct column *column);                                        /* its counts; the column is COLUMN_INIT again */
/* Ints that count up from `first`; rows `at` (ascending, n_odd of n_rows) that differ from `most`: a bool's other value. The column's
 * block `of_at` holds them; the count is taken over. */
void column_set_sequence(struct column *column, int64_t first, int64_t step);
void column_set_mostly(struct column *column, bool most, const uint16_t *at, size_t n_odd, struct block *of_at);
/* Room for n_rows narrow ints of `width` bytes each, 0 in missing rows: the column's values, or those times 10^digits (0 for an int). */
void *column_new_narrow(struct column *column, struct pool *pool, size_t n_rows, uint8_t width, uint8_t digits);
/* The same with what stands in a narrow column, which has no more bytes, and with all that says what it stands for. */
void *column_copy_narrow(struct column *column, struct pool *pool, size_t n_rows, uint8_t width, const struct column *from);
/* Narrow ints of as many digits stand for what those of `from` do: at its center and scale, first and step, if it has any. */
void column_place_narrow(struct column *column, const struct column *from);
/*
 * What stands in the room that column_new_values gave, n_rows of it, becomes narrow there, with 0 in missing rows:
 * int64_t, the values of an int (or of a real times the power of ten of the digits that the caller sets then), or double, those of
 * a real, if all of them allow it; else nothing is done, and it is false.
 */
bool column_narrow_ints(struct column *column, size_t n_rows);
bool column_narrow_reals(struct column *column, size_t n_rows);
/* `to`, overwritten, becomes what a column that is ENCODED_NARROW stands for, an int or a real, less center over scale, as reals, and shares its ints.
 * False: it would hold infinities. */
bool column_scale_narrow(struct column *to, const struct column *from, double center, double scale);
/* Whether a column has narrow ints, and those of two columns of one field stand for the same values, but for their digits. */
static inline bool column_is_narrow(const struct column *column) { return column->encoding == ENCODED_NARROW || column->encoding == ENCODED_PLACED; }
bool column_same_narrow(const struct column *column, const struct column *other);
/* The value that a narrow int stands for, of a row that has one: int64_t or double. */
void column_narrow_value(const struct column *column, enum type type, size_t row, void *to);

/*
 * Puts a column in place `col` (n_columns: appended); what stood there is dropped, and *fresh is COLUMN_INIT again. Counts what is
 * missing, makes valid NULL if nothing is, sets values and codes under missing rows to 0 where this column made them.
 * `type`: of the values; the schema is the caller's.
 */
void batch_put(struct batch *batch, size_t col, enum type type, struct column *fresh);
/* The same work on a column that is not put: for who makes one and looks at it. */
void column_close(struct column *column, enum type type, size_t n_rows);

/* The codes of a column as narrow as its dictionary allows, *width bytes each; `to` has room for that. */
void codes_narrow(const struct column *column, size_t n_rows, void *to, uint8_t *width);

#endif

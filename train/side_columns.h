/* SPDX-License-Identifier: MIT */
/*
 * The columns that nothing learns from, kept at the side: of the rows that will be
 * handed on, and of no others. Ids, sources and the like are half of what a row takes,
 * and four rows of five are trained on and then forgotten.
 *
 *     all rows         | target | features | weights, marks | origin |        (the intake's spool)
 *     handed on           id | sources | texts                                 (at the side)
 *
 *     side_columns_init -> side_columns_take, side_columns_add, batch by batch in order -> side_columns_close
 *                       -> side_columns_open -> side_columns_join, batch by batch -> side_columns_release
 */
#ifndef SIDE_COLUMNS_H
#define SIDE_COLUMNS_H

#include "setup.h"
#include "spool.h"
#include "text_builder.h"

struct side_columns {
	size_t *cols, n_cols;           /* of the input, ascending; none: nothing is kept at the side */
	size_t *kept, n_kept;           /* the others */
	struct schema kept_schema;
	struct header header;           /* its schema: of those at the side */
	struct spool *spool;
	/* private: as they are read */
	struct source source;
	struct batch batch;
	size_t at;                      /* rows of it that were given */
	struct text_builder *texts;
};

/* Rows that are handed on, of marks that were read without folds: test rows, and what a mark of the stream says is valid; how many. */
size_t handed_rows(const struct marks *marks, const unsigned char *of_row, size_t n_rows, uint64_t *rows);

/* Overwrites it. What the setup reads, where a row came from (cell_place) and what marks are made of is not at the side. memory: of the spool. */
void side_columns_init(struct side_columns *side, const struct schema *schema, const struct setup *setup, uint64_t memory);
/* Of a batch the rows (bit map) at the side; what `part` held is dropped. From any thread; the batch is as it was. */
int side_columns_take(const struct side_columns *side, struct batch *batch, const uint64_t *rows, size_t n_rows, struct batch *part,
                      struct error *err) MUST_CHECK;
/* Takes the part over. */
int side_columns_add(struct side_columns *side, struct batch *part, struct error *err) MUST_CHECK;
int side_columns_close(struct side_columns *side, struct error *err) MUST_CHECK;
/* From the first row, for the last time. */
void side_columns_open(struct side_columns *side);
/* A batch of the next rows that were handed on, and of the kept columns, becomes one of all fields of `schema`. */
int side_columns_join(struct side_columns *side, struct batch *batch, const struct schema *schema, struct error *err) MUST_CHECK;
void side_columns_release(struct side_columns *side);   /* fine on a zeroed one, and twice */

#endif

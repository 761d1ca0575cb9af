/* SPDX-License-Identifier: MIT */
/*
 * What the training rows' fields are like, as they came: what the default
 * preparation decides by, and what a model keeps for drift checks. One pass in
 * bounded memory. Lanes, and machines, profile blocks of rows each by itself and
 * merge, in any order: the same bits for any batch size and any number of them.
 * Levels and moments are counted as describe's are (evaluate/column_stats.h), but
 * deciles are those of a sample and many levels are thinned to a share: a part must
 * travel and merge, and there is no second pass, which exact ones would need. A text of
 * more than PROFILE_TEXT bytes is told by its first ones, '#' and the 32 digits of its XXH3-128.
 *
 *     profile_init -> (profile_add_texts, profile_add | profile_merge)... -> profile_close -> field_..., profile_pack -> profile_release
 *                                                      -> profile_pack_part, for a profile_unpack_part elsewhere
 */
#ifndef PROFILE_H
#define PROFILE_H

#include "batch.h"
#include "buffer.h"
#include "distinct.h"
#include "moments.h"
#include "pack.h"
#include "schema.h"

enum { PROFILE_LEVELS = 50, PROFILE_DECILES = 11, PROFILE_TEXT = 256 };      /* PROFILE_TEXT: bytes of a level that is told whole */

struct field_profile {
	struct field field;             /* borrowed from the schema */
	uint64_t count, missing;
	/* int, real, time (microseconds), and, once closed, bool */
	struct moment_sum sum;
	struct moments moments;         /* once closed */
	struct sampled { uint64_t row; double value; } *sample;         /* an even sample, for the deciles */
	size_t n_sample, sample_room;
	uint64_t sample_below;          /* rows whose place among 2^64 lies below this */
	uint64_t n_true;                /* bool */
	/* text, int */
	struct distinct levels;
	uint64_t below;                 /* text: only levels with a hash below this are counted: an even share of them all */
	bool many;                      /* there are too many: of an int they are given up, of a text `levels` is such a share */
};

struct profile {
	struct field_profile *fields;
	size_t n;
	size_t room;                    /* sampled rows of a field, at most */
	double *values;                 /* scratch of profile_add: numbers of a block */
	uint32_t *drawn;                /* scratch of it: rows of the piece that a sample may take */
	size_t drawn_room;
	uint32_t *counts;               /* of a dictionary's entries */
	size_t counts_room;
};

uint64_t profile_kept(size_t n), profile_sums(size_t n);         /* bytes that n fields take at most: until released; more, until closed */
/* Overwrites the profile, which borrows the schema's fields until it is released. cols: of the schema; only read. */
void profile_init(struct profile *profile, const struct schema *schema, const size_t *cols, size_t n);
/* The texts of a batch as it stands; cols: of the batch, by field of the profile. The columns are read. rows: bit map of those to look at;
 * values that are missing are counted as such, and nothing else. Texts need no blocks: none waits for a block to be whole, however long it is. */
void profile_add_texts(struct profile *profile, const struct batch *batch, const size_t *cols, const uint64_t *rows);
/* All but texts, of a piece (blocks.h) whose first columns are the profile's fields that are no texts. A bool may be encoded (column_check). */
void profile_add(struct profile *profile, const struct batch *batch, const uint64_t *rows);
/* Both of the same fields and not closed; `from` is only to be released behind it. */
void profile_merge(struct profile *to, struct profile *from);
/* On its way to another machine: one msgpack value (pack_sound: whether it could be said). Not once closed. */
void profile_pack_part(const struct profile *profile, struct buffer *to);
/* Into one just initialised for the same fields; false: broken, or of other fields: it is only to be released then. */
bool profile_unpack_part(struct profile *profile, object from);
void profile_close(struct profile *profile);                    /* before it is asked, once; nothing is added behind it */
void profile_release(struct profile *profile);                  /* fine on a zeroed one, and twice */

/* Of a closed profile; mean and deviation are 0 where there is no value. */
double field_mean(const struct field_profile *field);
double field_deviation(const struct field_profile *field);     /* with n */
bool field_constant(const struct field_profile *field);         /* at most one value, and no row without it (or only such rows) */
bool field_distinct(const struct field_profile *field);         /* of text: more levels than half of the values */
void profile_pack(const struct profile *profile, struct buffer *to);

#endif

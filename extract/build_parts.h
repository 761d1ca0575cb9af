/* SPDX-License-Identifier: MIT */
/* What a builder is made of, for build.c, which adds row by row, and build_cells.c, which adds blocks column by column. */
#ifndef BUILD_PARTS_H
#define BUILD_PARTS_H

#include "build.h"
#include "text_builder.h"

/* Of the cells of a block that was tried, behind those that are there: how they are written, and which are words for missing ones. */
struct tried { bool fits, mixed; struct written written; uint64_t n_converted; uint32_t n_words, words[N_MISSING_WORDS]; };

struct store {
	struct column fresh;            /* of the batch that is being made */
	union { int64_t *ints; double *reals; uint8_t *bools; void *any; } values;      /* its values, `capacity` of them; NULL for text */
	uint64_t *valid;                /* its bit map; NULL: nothing is missing so far. Not for text */
	struct text_builder *text;
	struct written written;         /* reals: of this batch, by the slot's form */
	bool mixed;                     /* bools and times: a cell of this batch is not written as the form says */
	uint64_t *words;                /* taken as null, by word; NULL: none was */
	bool has_words;                 /* in this batch */
	uint64_t n_converted;           /* times of another zone */
	struct build_odd odd;
	struct tried tried;
};

/* A word that the row that is tried has in a slot. */
struct taken { size_t slot; int word; };

/* Ints that mostly count up: only when they don't they are written out. */
struct count {
	struct column fresh;
	int64_t first, step;            /* of rows 0 and 1 */
	int64_t *values;                /* NULL: row i is first + step * i */
};

struct build {
	const struct slots *slots;
	const struct schema *schema;
	struct pool *pool;
	struct store *stores;           /* a slot each */
	size_t *texts;                  /* the slots that are text */
	size_t n_texts;
	size_t *formed;                 /* the slots whose cells may be written in several ways */
	size_t n_formed;
	struct taken *taken;
	size_t n_taken, taken_room;
	size_t n_rows, capacity;
	bool begun;                     /* the columns have their blocks */
	bool origin;
	struct column file;
	uint32_t *file_codes;           /* of `files`, in which each stands once in a row */
	const char **files;
	size_t n_files, files_room;
	struct count line, number;
};

/* Blocks for the columns of the next batch. */
void build_begin(struct build *build);
/* The file that the next rows come from. */
void build_file(struct build *build, const char *file);
/* `row` is n_rows, or one behind it. Values under a missing row are set to 0 by batch_put. */
void store_missing(struct build *build, struct store *store, size_t row);
bool store_text_fits(const struct slot *slot, const struct cell *cell, bool ascii);
bool store_number_fits(const struct slot *slot, const struct cell *cell, struct store *store, size_t row);
void store_words(struct store *store, int word, uint64_t n);     /* so many that are taken as null */
void store_watch(const struct slot *slot, uint64_t line, const struct cell *cell, const char *file, struct build_odd *odd);
/* `10:00:00.50` where the form would print `10:00:00.5`; where any ISO form is taken, what prints in another one. */
bool time_is_mixed(const struct slot *slot, const struct cell *cell, int64_t micros);
bool bool_is_mixed(const struct slot *slot, const struct cell *cell);
void count_add(struct count *count, struct build *build, size_t row, int64_t value);
/* n rows from `row` on, whose values are first, first + 1 and so on. */
void count_add_run(struct count *count, struct build *build, size_t row, size_t n, int64_t first);

#endif

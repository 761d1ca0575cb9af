/* SPDX-License-Identifier: MIT */
/*
 * What rows come to by every metric of a task: the accumulators of metric.h side by
 * side, as one run of sums for each set of rows. A split, a slice, what the baseline
 * says, a sample drawn with replacement, a thread's share of any of them: each is one
 * more `struct sums`.
 *
 *     measures_init                                    which metrics, of what
 *     sums_init -> (sums_add | sums_merge)... -> sums_total          for each set of rows
 *     measures_values                                  the values of these totals
 *
 * Each set also counts its own rows, what they weigh and how many are of each class,
 * whatever the metrics, so that a sample or a slice knows on what its values rest.
 *
 * Rows have a place in the stream, also those that are not in the set: they leave
 * their block short (or times is 0). So any division between blocks of 1,024 rows,
 * and any order of merging, gives the same bits.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include "host.h"
#include "metric.h"
#include "tree.h"

/* One value. */
struct measure {
	const struct metric_kind *kind;
	size_t item;                    /* class, or place in the list of the kind's own; OVERALL */
	size_t of;                      /* private: the kind's place in measures->kinds */
};

struct measured_kind {
	const struct metric_kind *kind;
	const struct item_list *items;  /* its own; NULL: it has none */
	size_t n_items, first, size;    /* its doubles among the sums */
};
struct measures {
	size_t n_classes;
	struct measured_kind *kinds;
	size_t n_kinds;
	struct measure *items;          /* in the order of the list; what is by class comes last, class by class */
	size_t n, room;
	size_t size;                    /* doubles of a set's sums; in front of the kinds' its counts */
	bool needs_rows;                /* one of the kinds walks along an order: all rows must be kept for it */
};

/* What the metrics are of. */
struct measured {
	enum task task;
	size_t n_classes;               /* 0 for numbers; also those that have no probability */
	bool has_shares;                /* rows come with probabilities */
	const struct item_lists *items; /* of kinds that have their own; they must outlive the measures. A kind of which there are none, or NULL: no such metric */
	const struct metric_kind *only; /* NULL: all of the task */
};
void measures_init(struct measures *measures, const struct measured *what);
void measures_release(struct measures *measures);

/* ---- sums of one set of rows ---- */
struct sums { const struct measures *of; struct tree tree; double *block; };    /* tree: of `size` doubles */
void sums_init(struct sums *sums, const struct measures *of);                   /* `of` must outlive it */
/* The rows of a block that are in the set, all at once and in order, at most BLOCK_ROWS; block: row in the stream / BLOCK_ROWS. times: n_rows, how
 * often each is in the set; NULL: once. */
void sums_add(struct sums *sums, uint64_t block, const struct judged *rows, const uint8_t *times);
/* What `from`, of the same measures, holds; it is empty then. */
void sums_merge(struct sums *to, struct sums *from);
void sums_total(struct sums *sums, double *total);                              /* the end: `size` doubles; 0 if there were no rows */
void sums_release(struct sums *sums);

/* ---- values ---- */
/* Sets of the same rows. */
struct samples {
	size_t n;
	const double *totals;           /* n x size */
	/* How often each of all rows is in a sample: n_rows, which are 0 before. Asked again it says the same. NULL: each row is in it once. */
	void (*draw)(void *state, size_t sample, uint8_t *times);
	void *state;
};
/* All rows, again and again, a stretch at a time. */
struct judged_source {
	size_t n_stretches;
	/* The rows of a stretch, from 0; good until the next call. */
	int (*read)(void *state, size_t stretch, struct judged *rows, struct error *err);
	void *state;
};
struct judged_source judged_in_memory(const struct judged *rows);      /* one stretch; borrowed */
/*
 * values: samples->n x measures->n, row-major. rows: all of them, of which each sample is a part; read only if needs_rows, and then
 * sorted once for each key and item, for all samples, in `memory` bytes and beyond them in a temporary file. As many samples are drawn
 * and walked at a time as the memory holds at a byte a row, one at least: it takes rows + samples, not their product. host may be NULL.
 */
int measures_values(const struct measures *measures, const struct judged_source *rows, const struct samples *samples, uint64_t memory,
                    const struct host *host, double *values, struct error *err) MUST_CHECK;
/* The rows that a value rests on: all of the set, of a class its own; fewer for a kind that leaves some out. */
uint64_t measure_rows(const struct measures *measures, const struct measure *measure, const double *total);
double weight_of_rows(const double *total);
/* The rows of a set whose truth is the class, and what they weigh. */
uint64_t rows_of_class(const double *total, size_t class);
double weight_of_class(const double *total, size_t class);

#endif

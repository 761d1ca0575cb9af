/* SPDX-License-Identifier: MIT */
/*
 * A model on batches of records: replayed (replay.h) up to the model's features, then answered.
 *
 *     predictor_new -> (predictor_run -> predictor_truth, if asked for and predictor_has_target) ... -> predictor_counts, predictor_extra -> predictor_free
 *
 * The model file and the header outlive the predictor. A batch stays as it is and is the caller's; what is
 * said of it is the predictor's, until the next run. One predictor belongs to one thread at a time.
 *
 * A row with a missing feature, unless the family takes it, has no answer, nor has one whose
 * result is not finite: its bit is set, its numbers are 0, and predictor_counts tells why. A target that is
 * missing is a set bit of the truth; a class that the model has not seen is -1. A clustering has no target.
 *
 * Errors: records that can't be brought to the features (STATUS_REQUIREMENT, from predictor_new: a column that the
 * model needs is not there or of another type), broken input, a model that has no answer for any row.
 */
#ifndef PREDICTOR_H
#define PREDICTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "modelfile.h"
#include "reasons.h"

struct predictor;
/* Columns that the model needs and that are not there: an error, which advises --missing null; null; or an error, where nobody can ask for null. */
enum lacking { LACKING_FAILS, LACKING_NULL, LACKING_ALWAYS_FAILS };
/* have: of the batches to come. truth: predictor_truth will be asked for. host: may be NULL. -1: *predictor is NULL. */
int predictor_new(struct predictor **predictor, const struct modelfile *file, const struct header *have, bool truth, enum lacking lacking,
                  const struct host *host, struct error *err) MUST_CHECK;
/* out: batch->n_rows x file->n_outputs, in the target's OWN units for regression; missing: bit map, 1 = no answer. After -1, here and in
 * predictor_truth, nothing is said of the batch: counts may be asked for, and the predictor is freed. */
int predictor_run(struct predictor *predictor, const struct batch *batch, const double **out, const uint64_t **missing, struct error *err) MUST_CHECK;
/* Before the first run, once: each run finds reasons as well, which are the predictor's. NULL: the family can't say why (reasons.h). */
const struct reasons *predictor_explain(struct predictor *predictor, struct error *err) MUST_CHECK;
/* Of the same batch, behind a predictor_run that gave 0: rows x (names + 1), the base last; rows without an answer hold anything. */
const double *predictor_why(const struct predictor *predictor);
/* The features of a row of the same batch as the model takes them, behind a predictor_run that gave 0: file->problem.features.n numbers; NaN: missing. */
void predictor_point(const struct predictor *predictor, size_t row, double *point);
/* The source of the batches to come gives those in slices (slices.h) that the model's steps make much wider, or its answers do: 16,384 rows of 1,000
 * classes are 131 MB. */
void predictor_slice(const struct predictor *predictor, struct source *source);
/* The input holds the target, or what it is made of. */
bool predictor_has_target(const struct predictor *predictor);
/* It has a field of that name, and this is why it can't be taken as the target. NULL: it can, or there is none. */
const char *predictor_why_no_target(const struct predictor *predictor);
/* The input holds it as a field that bears its values, in its own units or behind steps that undo.h takes back: what answers can be compared with
 * without the model. Not so, where steps of the model are still to make it of what is there. */
bool predictor_has_truth(const struct predictor *predictor, const struct header *have);
/* The target of the same batch, behind a predictor_run that gave 0, in its own units (regression) or as class number; missing: bit map,
 * 1 = there is none. STATUS_REQUIREMENT: it is not of a type that the model was trained on. */
int predictor_truth(struct predictor *predictor, const double **truth, const uint64_t **missing, struct error *err) MUST_CHECK;
/* What predictor_truth read: the target of the same batch as the model was trained on it, and its field. */
const struct column *predictor_target(const struct predictor *predictor, const struct field **field);
/* Rows whose group training did not have ("city: of a group that training did not have"), and those without an answer so far ("no prediction: km is missing", of the records' columns: feature_origins.h); steps: before them values that could not be read ("age: not read as int")
 * and what the steps counted ("step 4 'impute km median': km filled"). Until the next call. */
const struct tally *predictor_counts(struct predictor *predictor, bool steps);
/* As replay_tell, before predictor_counts. */
void predictor_tell(const struct predictor *predictor, bool all, bool rules, struct names *lines);
/* Columns of the input that the model's lineage does not know. */
const struct names *predictor_extra(const struct predictor *predictor);
void predictor_free(struct predictor *predictor);               /* NULL is fine */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The model message: everything that predict needs, and what people ask of a model later.
 *
 * ["model", {format 2, kind, task, target?, target_type?, target_unit?, classes?, by?, groups?, features, outputs, lineage, params, training,
 *            profile, check}]
 *     task       regression, classification, or clustering: that has no target and no baseline
 *     by, groups the column whose values group the rows, and these values in the training rows, in byte order
 *     features   array of names, in the order of the model's columns
 *     outputs    how many numbers the model gives for a row (model.h: predict)
 *     lineage    common/stream/lineage.h: inputs, and every step up to the model's features, default preparation included
 *     params     the family's own map
 *     training   {rows, valid_rows, seed, options, history, remarks, baseline?, continued?}
 *                history: array of {epoch, loss?, valid?}, the first key as the family calls its rounds, without a loss that is not finite; baseline: what the
 *                simplest predictor would say, in the target's own units: {mean} of the training rows, or {class, shares}:
 *                the most frequent and, as bin, the share of each
 *                continued: array of {rows, valid_rows, seed, rounds}, the trainings before this one that it went on from, the oldest first
 *     profile    array of {name, type, count, missing, mean?, deviation?, min?, max?, quantiles? (11 deciles, bin),
 *                levels? ([[text, count]…])}: the training rows' fields, as they came, for drift checks.
 *                Every number in baseline, history and profile is finite.
 *     check      XXH3-64 of every byte of the map before this value, always 9 bytes (pack.h)
 */
#ifndef MODELFILE_H
#define MODELFILE_H

#include "buffer.h"
#include "error.h"
#include "lineage.h"
#include "model.h"
#include "stream.h"

enum { MAX_OUTPUTS = 100000 };

struct modelfile {
	const struct model_kind *kind;
	struct problem problem;
	size_t n_outputs;
	char *target;                   /* NULL: none, it is a clustering */
	enum type target_type;          /* of the target as the model saw it, before classes were numbered */
	char *target_unit;              /* NULL: none */
	struct lineage lineage;
	void *model;                    /* of kind; freed with kind->free */
	struct unpacked training;       /* a map; its objects point into training_bytes */
	struct bytes *training_bytes;
};

/* Appends the message's map, out of everything up to the model. training, profile: one packed value each. */
void modelfile_pack(const struct modelfile *file, const struct buffer *training, const struct buffer *profile, struct buffer *map);

/* Both overwrite the file; after -1 it is empty. */
/* map: one that is proven (model_prove), as all that a reader gives; nothing of it is kept. Verifies sizes, and that numbers are
 * finite; loads the family's model. */
int modelfile_read(struct modelfile *file, const struct bytes *map, struct error *err) MUST_CHECK;
/* The same of the first message of the file at path, which is closed again. err begins with the path. */
int modelfile_open(struct modelfile *file, const char *path, const struct host *host, struct error *err) MUST_CHECK;
/* For people: what the family tells of the model, its levels by their names. */
void modelfile_tell(const struct modelfile *file, struct buffer *to);
bool modelfile_votes(const struct modelfile *file);     /* its answers are classes without probabilities (model.h) */
void modelfile_release(struct modelfile *file);         /* the model too; fine on a zeroed one, and twice */

#endif

/* SPDX-License-Identifier: MIT */
/*
 * One column of numbers in another scale, in place: what scale, log and their like have
 * in common. It becomes a real without unit and form, for it is no longer kilometres;
 * a value without an answer, or beyond a double, becomes null and is counted.
 *
 *     rescale_open -> rescale_apply, batch by batch -> rescale_release
 */
#ifndef RESCALE_H
#define RESCALE_H

#include "step.h"

struct rescale { size_t col; enum type type; char *name; };

/* Of a stored lineage, which may be broken: the unit is of one column. */
int rescale_check(const struct unit *unit, struct error *err) MUST_CHECK;
/* The column that the unit reads; -1: it is not there, or no number. To be released, also after -1. */
int rescale_open(struct rescale *rescale, const struct unit *unit, const struct schema *before, struct error *err) MUST_CHECK;
void rescale_release(struct rescale *rescale);          /* fine on a zeroed one */
/* A step_kind's: `schema` behind the unit. */
int rescale_fields(const struct unit *unit, struct schema *schema, struct error *err);
/* map: n values, whatever stands where none is; lost: what is told of those that are none behind it. */
int rescale_apply(const struct rescale *rescale, struct batch *batch, struct work *work,
                  void (*map)(const void *state, const double *from, double *to, size_t n), const void *state, const char *lost, struct error *err);

#endif

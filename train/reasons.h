/* SPDX-License-Identifier: MIT */
/*
 * Why a model answers as it does (model.h: reasons), by the columns of the records: what
 * features add that are made of one column is added up and bears its name; a feature made
 * of several columns keeps its own. With `base`, what stands without them, they sum to
 *
 *     regression       the answer, in its own units
 *        log link      the answer's logarithm
 *        bent target   the answer as it stood behind the step that bent it (log1p)
 *     classes          the log-odds of the answered class: the logarithm of its probability over the geometric mean of the others',
 *                      of two classes that over the other one's
 *        shares        its probability, where the family's reasons sum to that (baseline)
 *
 *     reasons_new -> reasons_panel ... -> reasons_free
 */
#ifndef REASONS_H
#define REASONS_H

#include "feature_origins.h"
#include "modelfile.h"

struct reasons;
/* file and origins outlive it. NULL: the family can't say (STATUS_USAGE; err names those that can). */
struct reasons *reasons_new(const struct modelfile *file, struct feature_origins *origins, struct error *err);
/* What things are named by, as the model's features come. */
const struct names *reasons_names(const struct reasons *reasons);
/* Of a regression: they sum to the answer itself, in its unit. */
bool reasons_in_units(const struct reasons *reasons);
/* What they sum to where that is not the answer: "the log-odds of the class", "the logarithm of 'minutes'"; NULL: it is the answer. */
const char *reasons_of_what(const struct reasons *reasons);
/* answers: what predict gave for the panel's rows, before anything was undone. out: n_rows x (names + 1), row by row, the base last; not
 * finite: there is none, as without an answer. */
int reasons_panel(struct reasons *reasons, const struct panel *panel, const double *answers, double *out, struct error *err) MUST_CHECK;
void reasons_free(struct reasons *reasons);             /* NULL is fine */

#endif

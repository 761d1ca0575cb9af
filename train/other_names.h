/* SPDX-License-Identifier: MIT */
/* What scikit-learn, LightGBM, XGBoost and CatBoost call families, parameters and metrics that have another name here: for messages, none is taken. */
#ifndef OTHER_NAMES_H
#define OTHER_NAMES_H

#include "model.h"

const char *other_family(const char *theirs);          /* "random_forest" -> "forest"; NULL: not known */
/* The name of a parameter that the family has, "learning_rate" -> "lr", or of an option of the program, "n_jobs" -> "--threads"; NULL: not known. */
const char *other_parameter(const struct model_kind *kind, const char *theirs);
const char *other_metric(const char *theirs);          /* "roc_auc" -> "auc", "mean_squared_error" -> "rmse"; NULL: not known */

#endif

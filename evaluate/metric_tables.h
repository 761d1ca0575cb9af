/* SPDX-License-Identifier: MIT */
/* The two tables of metric kinds, each in its own file (metrics_regression.c, metrics_classification.c). */
#ifndef METRIC_TABLES_H
#define METRIC_TABLES_H

#include "metric.h"

enum { MAE, RMSE, R2, MAPE, MEDIAN_ERROR, P90_ERROR, MAX_ERROR, WITHIN, N_REGRESSION };
enum { ACCURACY, PRECISION, RECALL, F1, LOG_LOSS, AUC, N_CLASSIFICATION };

extern const struct metric_kind regression_kinds[N_REGRESSION];
extern const struct metric_kind classification_kinds[N_CLASSIFICATION];

#endif

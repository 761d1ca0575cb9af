/* SPDX-License-Identifier: MIT */
/* The list of metrics, in the order of report, records and help. A new metric is its file, a line here and a case in tests/cases/evaluate. */
#ifndef METRICS_H
#define METRICS_H

#define METRICS(REGISTER) \
	REGISTER(metric, rows) \
	REGISTER(metric, left_out) \
	REGISTER(metric, mae) \
	REGISTER(metric, rmse) \
	REGISTER(metric, r2) \
	REGISTER(metric, mape) \
	REGISTER(metric, median_error) \
	REGISTER(metric, p90_error) \
	REGISTER(metric, max_error) \
	REGISTER(metric, within) \
	REGISTER(metric, accuracy) \
	REGISTER(metric, precision) \
	REGISTER(metric, recall) \
	REGISTER(metric, f1) \
	REGISTER(metric, log_loss) \
	REGISTER(metric, auc) \
	REGISTER(metric, inertia) \
	REGISTER(metric, silhouette)

#define METRICS_COUNT(kind, name) + 1
enum { N_METRICS = 0 METRICS(METRICS_COUNT) };

#endif

/* SPDX-License-Identifier: MIT */
/* The list of metrics, in the order of report, records and help. A new metric is its file, a line here and a case in tests/cases/evaluate. */
#ifndef METRIC_LIST_H
#define METRIC_LIST_H

#define METRICS(metric) \
	metric(rows) \
	metric(left_out) \
	metric(mae) \
	metric(rmse) \
	metric(r2) \
	metric(mape) \
	metric(median_error) \
	metric(p90_error) \
	metric(max_error) \
	metric(within) \
	metric(accuracy) \
	metric(precision) \
	metric(recall) \
	metric(f1) \
	metric(log_loss) \
	metric(auc)

#endif

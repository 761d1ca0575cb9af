/* SPDX-License-Identifier: MIT */
/* It needs every pair of rows: silhouette.h. */
#include "metric.h"

const struct metric_kind metric_silhouette = {
	.name = "silhouette",
	.title = "how far clusters are apart",
	.help = "mean of (b - a) / max(a, b): mean distances from rows of the own (a) and the next cluster (b), of 10,000 rows at most",
	.tasks = OF_CLUSTERS,
	.better = BETTER_HIGH,
	.unit = UNIT_PLAIN,
	.at_most_1 = true,
	.overall = true,
	.brackets = BRACKETS_CLASS,
	.given = true,
};

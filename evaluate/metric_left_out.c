/* SPDX-License-Identifier: MIT */
/* Of rows that are not judged: who reads them counts. */
#include "metric.h"

const struct metric_kind metric_left_out = {
	.name = "left_out",
	.title = "left out",
	.help = "left_out[no truth], left_out[no answer]: how many rows were not, for want of it",
	.tasks = OF_NUMBERS | OF_CLASSES | OF_CLUSTERS,
	.better = BETTER_LOW,
	.unit = UNIT_COUNT,
	.brackets = BRACKETS_ITEM,
	.counted = true,
	.item_word = "reason",
};

/* SPDX-License-Identifier: MIT */
/* The table of metrics. */
#include "metric.h"

#include <math.h>

#include "metrics.h"
#include "other_names.h"
#include "registry.h"

REGISTRY(metric, METRICS)

const struct metric_kind *const *metric_list(size_t *n)
{
	*n = N_KINDS;
	return kinds;
}

const struct metric_kind *metric_require(const char *name, struct error *err)
{
	const char *ours = registry_find(&registry, name) ? NULL : other_metric(name);

	if (ours) {
		error_set(err, STATUS_USAGE, "no metric '%s' (here that is '%s')", name, ours);
		return NULL;
	}
	return registry_require(&registry, name, err, "no metric '%s'", name);
}

double metric_gain(enum better better, double value, double other)
{
	switch (better) {
	case BETTER_LOW: return other - value;
	case BETTER_HIGH: return value - other;
	default: return fabs(other) - fabs(value);
	}
}

const char *brackets_word(const struct metric_kind *kind)
{
	return kind->brackets == BRACKETS_CLASS ? "class" : kind->item_word;
}

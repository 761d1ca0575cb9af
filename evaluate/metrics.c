/* SPDX-License-Identifier: MIT */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

void metrics_add(struct metrics *metrics, const struct metric *metric)
{
	array_grow(metrics->items, metrics->n, metrics->room);
	metrics->items[metrics->n] = *metric;
	metrics->items[metrics->n++].class = mem_text(metric->class);
}

const struct metric *metrics_find(const struct metrics *metrics, const char *name, const char *class)
{
	for (size_t i = 0; i < metrics->n; i++) {
		const struct metric *metric = &metrics->items[i];

		if (strcmp(metric->kind->name, name) != 0 || !class != !metric->class)
			continue;
		if (!class || strcmp(metric->class, class) == 0)
			return metric;
	}
	return NULL;
}

void metrics_release(struct metrics *metrics)
{
	for (size_t i = 0; i < metrics->n; i++)
		free(metrics->items[i].class);
	free(metrics->items);
	*metrics = (struct metrics){ .items = NULL };
}

/* SPDX-License-Identifier: MIT */
#include "results.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

void results_add(struct results *results, const struct result *result)
{
	array_grow(results->items, results->n, results->room);
	results->items[results->n] = *result;
	results->items[results->n++].item = mem_text(result->item);
}

const struct result *results_find(const struct results *results, const char *name, const char *item)
{
	for (size_t i = 0; i < results->n; i++) {
		const struct result *result = &results->items[i];

		if (strcmp(result->kind->name, name) != 0 || !item != !result->item)
			continue;
		if (!item || strcmp(result->item, item) == 0)
			return result;
	}
	return NULL;
}

void results_release(struct results *results)
{
	for (size_t i = 0; i < results->n; i++)
		free(results->items[i].item);
	free(results->items);
	*results = (struct results){ .items = NULL };
}

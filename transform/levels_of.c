/* SPDX-License-Identifier: MIT */
#include "levels_of.h"

#include <stdlib.h>

#include "memory.h"
#include "step.h"

/* By name of a column, at a place of the list. */
struct counts { struct names names; size_t *counts; size_t room; };

static size_t count_of(const struct counts *counts, const char *name)
{
	size_t at = names_find(&counts->names, name);

	return at == NO_NAME ? 0 : counts->counts[at];
}

static void set_count(struct counts *counts, const char *name, size_t count)
{
	size_t at = names_find(&counts->names, name);

	if (at == NO_NAME && count == 0)
		return;
	if (at == NO_NAME) {
		at = counts->names.n;
		array_grow(counts->counts, at, counts->room);
		names_add(&counts->names, name);
	}
	counts->counts[at] = count;
}

static void walk_over(struct counts *counts, const struct unit *unit)
{
	const struct step_kind *kind = step_find(unit->kind);
	size_t before = unit->reads.n ? count_of(counts, unit->reads.items[0]) : 0;

	for (size_t i = 0; i < unit->writes.n; i++)
		set_count(counts, unit->writes.items[i], i == 0 && kind && kind->levels ? kind->levels(unit, before) : 0);
}

void levels_of(const struct lineage *lineage, const struct names *names, uint32_t *counts)
{
	struct counts all = { .room = 0 };

	for (size_t e = 0; e < lineage->n_entries; e++)
		for (size_t u = 0; u < lineage->entries[e].n_units; u++)
			walk_over(&all, &lineage->entries[e].units[u]);
	for (size_t i = 0; i < names->n; i++)
		counts[i] = (uint32_t)count_of(&all, names->items[i]);
	names_release(&all.names);
	free(all.counts);
}

/* SPDX-License-Identifier: MIT */
#include "levels_of.h"

#include <stdlib.h>

#include "memory.h"
#include "step.h"

/* What the columns hold at a place of the list. */
struct held { size_t count; const struct unit *by; };          /* by: the unit that gave levels their numbers */
struct held_columns { struct names names; struct held *held; size_t room; };

static struct held held_by(const struct held_columns *columns, const char *name)
{
	size_t at = names_find(&columns->names, name);

	return at == NO_NAME ? (struct held){ .count = 0 } : columns->held[at];
}

static void set_held(struct held_columns *columns, const char *name, struct held held)
{
	size_t at = names_find(&columns->names, name);

	if (at == NO_NAME && held.count == 0)
		return;
	if (at == NO_NAME) {
		at = columns->names.n;
		array_grow(columns->held, at, columns->room);
		names_add(&columns->names, name);
	}
	columns->held[at] = held;
}

static void walk_over(struct held_columns *columns, const struct unit *unit)
{
	const struct step_kind *kind = step_find(unit->kind);
	struct held before = { .count = 0 }, none = { .count = 0 }, first = { .count = 0 };

	if (unit->reads.n)
		before = held_by(columns, unit->reads.items[0]);
	if (kind && kind->levels)
		first = (struct held){ kind->levels(unit, before.count), kind->level_names ? unit : before.by };
	for (size_t i = 0; i < unit->writes.n; i++)
		set_held(columns, unit->writes.items[i], i == 0 ? first : none);
}

static void walk(struct held_columns *columns, const struct lineage *lineage)
{
	for (size_t e = 0; e < lineage->n_entries; e++)
		for (size_t u = 0; u < lineage->entries[e].n_units; u++)
			walk_over(columns, &lineage->entries[e].units[u]);
}

static void columns_release(struct held_columns *columns)
{
	names_release(&columns->names);
	free(columns->held);
}

void levels_of(const struct lineage *lineage, const struct names *names, uint32_t *counts)
{
	struct held_columns columns = { .room = 0 };

	walk(&columns, lineage);
	for (size_t i = 0; i < names->n; i++)
		counts[i] = (uint32_t)held_by(&columns, names->items[i]).count;
	columns_release(&columns);
}

void level_names_of(const struct lineage *lineage, const struct names *names, struct level_names *all)
{
	struct held_columns columns = { .room = 0 };

	walk(&columns, lineage);
	for (size_t i = 0; i < names->n; i++) {
		struct held held = held_by(&columns, names->items[i]);

		all[i] = (struct level_names){ .column = NULL };
		if (held.count == 0 || !held.by)
			continue;
		all[i].column = mem_text(held.by->reads.items[0]);
		step_find(held.by->kind)->level_names(held.by, &all[i].names);
	}
	columns_release(&columns);
}

void level_names_release(struct level_names *levels)
{
	names_release(&levels->names);
	free(levels->column);
	levels->column = NULL;
}

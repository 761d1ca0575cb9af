/* SPDX-License-Identifier: MIT */
/*
 * One walk from the last unit to the first. Of each name that is used later on it is
 * known whether its type counts; what a unit writes passes that on to all that it
 * reads, which is more than need be, but never less.
 */
#include "as_real.h"

#include <stdlib.h>

#include "memory.h"
#include "step.h"

/* How a name is used behind a place of the list. */
enum use { UNUSED, AS_NUMBER, AS_IT_IS };
struct uses { struct names names; enum use *uses; size_t room; };

static enum use use_of(const struct uses *uses, const char *name)
{
	size_t at = names_find(&uses->names, name);

	return at == NO_NAME ? UNUSED : uses->uses[at];
}

static void set_use(struct uses *uses, const char *name, enum use use)
{
	size_t at = names_find(&uses->names, name);

	if (at == NO_NAME) {
		at = uses->names.n;
		array_grow(uses->uses, at, uses->room);
		names_add(&uses->names, name);
	}
	uses->uses[at] = use;
}

/* Also of what only judges rows, which replay counts: it is opened on the same fields. */
static void walk_over(struct uses *uses, const struct unit *unit)
{
	const struct step_kind *kind = step_find(unit->kind);
	bool counts = unit_counts_on_replay(unit);
	enum use use = counts ? AS_NUMBER : UNUSED;

	if (unit->acts == ACTS_ON_ROWS && !counts)
		return;
	for (size_t w = 0; w < unit->writes.n; w++) {
		enum use mine = use_of(uses, unit->writes.items[w]);

		use = mine > use ? mine : use;
	}
	if (use == UNUSED)
		return;
	for (size_t w = 0; w < unit->writes.n; w++)
		set_use(uses, unit->writes.items[w], UNUSED);
	for (size_t r = 0; r < unit->reads.n; r++) {
		const char *name = unit->reads.items[r];
		enum use mine = kind && kind->takes_real && kind->takes_real(unit, name) ? use : AS_IT_IS, later = use_of(uses, name);

		set_use(uses, name, mine > later ? mine : later);
	}
}

void as_real_mark(struct lineage *lineage, const struct names *numbers, const struct names *levels, const struct names *beyond)
{
	struct uses uses = { .room = 0 };

	for (size_t i = 0; i < numbers->n; i++)
		set_use(&uses, numbers->items[i], AS_NUMBER);
	for (size_t i = 0; i < levels->n; i++)
		set_use(&uses, levels->items[i], AS_IT_IS);
	for (size_t e = lineage->n_entries; e-- > 0;)
		for (size_t u = lineage->entries[e].n_units; u-- > 0;)
			walk_over(&uses, &lineage->entries[e].units[u]);
	for (size_t col = 0; col < lineage->inputs.n_fields; col++) {
		struct field *field = &lineage->inputs.fields[col];

		field->as_real = field->type == TYPE_INT && use_of(&uses, field->name) == AS_NUMBER && !names_have(beyond, field->name);
	}
	names_release(&uses.names);
	free(uses.uses);
}

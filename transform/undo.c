/* SPDX-License-Identifier: MIT */
#include "undo.h"

#include "step.h"

/* One walk from the last unit to the first that wrote the target and can't be undone; values NULL: only counts. */
static int undo(const struct lineage *lineage, const char *target, double *values, size_t n_rows, size_t *n, struct error *err)
{
	*n = 0;
	for (size_t e = lineage->n_entries; e-- > 0;)
		for (size_t u = lineage->entries[e].n_units; u-- > 0;) {
			const struct unit *unit = &lineage->entries[e].units[u];
			const struct step_kind *kind;

			if (unit->acts == ACTS_ON_ROWS || !names_have(&unit->writes, target))
				continue;
			kind = step_find(unit->kind);
			if (!kind || !kind->undo || unit->writes.n != 1)
				return 0;
			++*n;
			if (values && kind->undo(unit, values, n_rows, err) < 0)
				return -1;
		}
	return 0;
}

size_t undo_count(const struct lineage *lineage, const char *target)
{
	struct error none = ERROR_INIT;
	size_t n;

	return undo(lineage, target, NULL, 0, &n, &none) < 0 ? 0 : n;
}

int undo_values(const struct lineage *lineage, const char *target, double *values, size_t n_rows, struct error *err)
{
	size_t n;

	return undo(lineage, target, values, n_rows, &n, err);
}

/* SPDX-License-Identifier: MIT */
#include "undo.h"

#include "step.h"

/* What is done with a unit, and how it is undone; 0: the units before it are none of ours, 1: on, -1. */
typedef int visit(void *state, const struct unit *unit, const struct step_kind *kind, struct error *err);

/* One walk from the last unit to the first that wrote the target and can't be undone. */
static int walk(const struct lineage *lineage, const char *target, visit *take, void *state, struct error *err)
{
	for (size_t e = lineage->n_entries; e-- > 0;)
		for (size_t u = lineage->entries[e].n_units; u-- > 0;) {
			const struct unit *unit = &lineage->entries[e].units[u];
			const struct step_kind *kind;
			int more;

			if (unit->acts == ACTS_ON_ROWS || !names_have(&unit->writes, target))
				continue;
			kind = step_find(unit->kind);
			if (!kind || !kind->undo || unit->writes.n != 1)
				return 0;
			more = take(state, unit, kind, err);
			if (more <= 0)
				return more;
		}
	return 0;
}

static int count(void *state, const struct unit *unit, const struct step_kind *kind, struct error *err)
{
	(void)unit;
	(void)kind;
	(void)err;
	++*(size_t *)state;
	return 1;
}

size_t undo_count(const struct lineage *lineage, const char *target)
{
	struct error none = ERROR_INIT;
	size_t n = 0;

	return walk(lineage, target, count, &n, &none) < 0 ? 0 : n;
}

struct undone { double *values; size_t n_rows; };

static int take_back(void *state, const struct unit *unit, const struct step_kind *kind, struct error *err)
{
	struct undone *undone = state;

	return kind->undo(unit, undone->values, undone->n_rows, err) < 0 ? -1 : 1;
}

int undo_values(const struct lineage *lineage, const char *target, double *values, size_t n_rows, struct error *err)
{
	struct undone undone = { values, n_rows };

	return walk(lineage, target, take_back, &undone, err);
}

static int lengthen(void *state, const struct unit *unit, const struct step_kind *kind, struct error *err)
{
	struct undo_line *line = state;
	double slope;

	if (!kind->undo_slope) {
		line->stopped = kind->name;
		return 0;
	}
	if (kind->undo_slope(unit, &slope, err) < 0 || kind->undo(unit, &line->shift, 1, err) < 0)
		return -1;
	line->slope *= slope;
	return 1;
}

int undo_line(const struct lineage *lineage, const char *target, struct undo_line *line, struct error *err)
{
	*line = (struct undo_line){ .slope = 1 };
	return walk(lineage, target, lengthen, line, err);
}

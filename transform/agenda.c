/* SPDX-License-Identifier: MIT */
#include "agenda.h"

#include <stdlib.h>

#include "memory.h"

enum { LOOK = 256, LOOK_EACH = 16 };    /* steps that are looked at in vain before a pass; more for each unit that was found */

void agenda_release(struct agenda *agenda)
{
	free(agenda->due);
	schema_release(&agenda->schema);
}

/* ---- what is ready ---- */

/* The fields behind the unit. *barrier: nothing that stands before it may be applied behind it. */
static int pass_unit(const struct step_kind *kind, const struct unit *unit, struct schema *schema, bool *barrier, struct error *err)
{
	size_t n_fields = schema->n_fields - schema->n_holes;

	for (size_t i = 0; i < unit->writes.n; i++)
		n_fields += schema_find(schema, unit->writes.items[i]) == NO_FIELD;
	if (kind->fields && kind->fields(unit, schema, err) < 0)
		return -1;
	*barrier = unit->acts != ACTS_ON_COLUMNS || unit->writes.n == 0 || schema->n_fields - schema->n_holes != n_fields;
	return 0;
}

static void add_due(struct agenda *agenda, size_t step, size_t unit, bool barrier)
{
	struct plan_step *from = &agenda->chain->steps[step];

	from->units[unit].due = true;
	array_grow(agenda->due, agenda->n_due, agenda->room_due);
	agenda->due[agenda->n_due++] = (struct due_unit){ .unit = &from->entry.units[unit], .step = step, .barrier = barrier };
}

static int step_ready(struct agenda *agenda, size_t number, struct error *err)
{
	struct plan_step *step = &agenda->chain->steps[number];

	chain_add(agenda->chain, step, &agenda->schema);
	for (size_t i = 0; i < step->entry.n_units; i++) {
		bool barrier;

		if (pass_unit(step->kind, &step->entry.units[i], &agenda->schema, &barrier, err) < 0)
			return step_fail(step, err);
		if (!step->units[i].due)
			add_due(agenda, number, i, barrier);
	}
	return 0;
}

static bool waits(const struct plan_step *step)
{
	for (size_t i = 0; i < step->entry.n_units; i++)
		if (step_learns(step, i))
			return true;
	return false;
}

int agenda_ready(struct agenda *agenda, struct error *err)
{
	for (; agenda->n_open < agenda->n_steps; agenda->n_open++) {
		size_t number = agenda->first + agenda->n_open;
		struct plan_step *step = &agenda->chain->steps[number];

		if (step_bind(agenda->chain, step, &agenda->schema, 0, err) != BIND_DONE)
			return -1;
		if (waits(step))
			return 0;
		if (step_ready(agenda, number, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- what a pass learns ---- */

/* A look at the steps that wait. */
struct look {
	struct schema known;            /* the fields behind those looked at, as far as they are known */
	struct names written, read;     /* by units that wait */
	bool closed;                    /* no unit behind may be applied before one that waits */
	unsigned open;                  /* types of fields that may still come */
	size_t n_looked, n_found;
};

static void add_all(struct names *to, const struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		names_add_new(to, names->items[i]);
}

static bool touches(const struct look *look, const struct unit *unit)
{
	return names_overlap(&unit->reads, &look->written) || names_overlap(&unit->writes, &look->written) ||
		names_overlap(&unit->writes, &look->read);
}

/* Adds the step's units that can be learned now. *rows: it is a row part, so that those behind it must not see the rows that go here. */
static void add_fits(const struct look *look, struct plan_step *step, size_t number, struct fits *fits, bool *rows)
{
	for (size_t i = 0; i < step->entry.n_units; i++) {
		struct unit *unit = &step->entry.units[i];

		*rows |= unit->acts != ACTS_ON_COLUMNS;
		if (step_learns(step, i) && !names_overlap(&unit->reads, &look->written) && !names_overlap(&unit->learned_from, &look->written))
			fits_add(fits, step->kind, unit, number);
	}
}

/* The units of a step that waits, but for those that need not. */
static int pass_step(struct agenda *agenda, struct look *look, struct plan_step *step, size_t number, struct error *err)
{
	for (size_t i = 0; i < step->entry.n_units; i++) {
		const struct unit *unit = &step->entry.units[i];
		bool barrier;

		if (pass_unit(step->kind, unit, &look->known, &barrier, err) < 0)
			return step_fail(step, err);
		if (step->units[i].due)
			continue;
		if (!step_learns(step, i) && !barrier && !look->closed && !touches(look, unit)) {
			add_due(agenda, number, i, false);
			look->n_found++;
			continue;
		}
		look->closed |= barrier;
		add_all(&look->written, &unit->writes);
		add_all(&look->read, &unit->reads);
		add_all(&look->read, &unit->learned_from);
	}
	return 0;
}

/* The next step: BIND_DONE: go on behind it; BIND_WAIT: not for now; BIND_FAILED. */
static int look_at(struct agenda *agenda, struct look *look, size_t number, struct fits *fits, struct error *err)
{
	struct plan_step *step = &agenda->chain->steps[number];
	size_t n = fits->n;
	bool rows = false;
	int result = step->kind->over ? BIND_WAIT : step_bind(agenda->chain, step, &look->known, look->open, err);

	if (result != BIND_DONE)
		return result;
	add_fits(look, step, number, fits, &rows);
	if (rows)
		return BIND_WAIT;
	look->n_found += fits->n - n;
	if (waits(step))
		look->open |= step->kind->adds;
	return pass_step(agenda, look, step, number, err) < 0 ? BIND_FAILED : BIND_DONE;
}

int agenda_fits(struct agenda *agenda, struct fits *fits, struct error *err)
{
	struct look look = { .open = 0 };
	int result = BIND_DONE;

	schema_copy(&look.known, &agenda->schema);
	for (size_t i = agenda->n_open; i < agenda->n_steps && result == BIND_DONE && look.n_looked < LOOK + LOOK_EACH * look.n_found; i++) {
		result = look_at(agenda, &look, agenda->first + i, fits, err);
		look.n_looked++;
	}
	names_release(&look.written);
	names_release(&look.read);
	schema_release(&look.known);
	return result == BIND_FAILED ? -1 : 0;
}

/* ---- what a pass applies ---- */

/*
 * From the last due unit to the first: one is applied now if a fit, a unit that is applied now, or a barrier needs it, or if one that
 * is applied now and stands behind it writes what it reads or writes.
 */
void agenda_due(struct agenda *agenda, const struct fits *fits, bool all)
{
	struct names needed = { .items = NULL }, written = { .items = NULL };

	for (size_t i = 0; i < fits->n; i++) {
		add_all(&needed, &fits->items[i].unit->reads);
		add_all(&needed, &fits->items[i].unit->learned_from);
	}
	for (size_t i = agenda->n_due; i-- > 0;) {
		struct due_unit *due = &agenda->due[i];
		const struct unit *unit = due->unit;

		all |= due->barrier;
		due->now = all || names_overlap(&unit->writes, &needed) || names_overlap(&unit->reads, &written) ||
			names_overlap(&unit->writes, &written);
		if (!due->now || all)
			continue;
		add_all(&needed, &unit->reads);
		add_all(&written, &unit->writes);
	}
	names_release(&needed);
	names_release(&written);
}

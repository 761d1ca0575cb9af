/* SPDX-License-Identifier: MIT */
#include "chain.h"

#include "memory.h"

bool step_learns(const struct plan_step *step, size_t unit)
{
	return step->kind->fit_new && !step->units[unit].fitted && (!step->kind->learns || step->kind->learns(&step->entry.units[unit]));
}

int step_bind(struct chain *chain, struct plan_step *step, const struct schema *schema, unsigned open, struct error *err)
{
	struct binding binding = { .arguments = step->arguments, .schema = schema, .open = open, .seed = chain->options.seed, .entry = &step->entry,
	                           .selected = (size_t)(step - chain->steps) >= chain->selected, .host = chain->options.host };
	int result;

	if (step->bound)
		return BIND_DONE;
	result = step->kind->bind(&binding, err);
	if (result != BIND_DONE) {
		for (size_t i = 0; i < step->entry.n_units; i++)
			unit_release(&step->entry.units[i]);
		step->entry.n_units = 0;
		return result;
	}
	step->bound = true;
	step->units = mem_new(step->entry.n_units, sizeof *step->units);
	return BIND_DONE;
}

int step_fail(const struct plan_step *step, struct error *err)
{
	return error_prefix(err, "step %zu '%s'", step->arguments->number, step->arguments->line);
}

static bool makes_marks(const struct plan_step *step, const struct schema *schema)
{
	const struct names *writes = step->entry.n_units == 1 ? &step->entry.units[0].writes : NULL;
	bool marks = false;

	for (size_t i = 0; writes && i < writes->n; i++) {
		int col = schema_find(schema, writes->items[i]);

		marks |= col != NO_FIELD && schema->fields[col].role == ROLE_SPLIT;
	}
	return marks;
}

/* Each entry once, however many splits come: none behind them is learned on older rows. */
static void forget_split(struct chain *chain)
{
	struct lineage *lineage = &chain->header.lineage;

	for (; chain->n_forgotten < lineage->n_entries; chain->n_forgotten++) {
		struct entry *entry = &lineage->entries[chain->n_forgotten];

		for (size_t u = 0; u < entry->n_units; u++) {
			if (entry->units[u].fitted != FITTED_TRAIN)
				continue;
			entry_own(entry);
			entry->units[u].fitted = FITTED_ALL;
			unit_seal(&entry->units[u]);
		}
	}
}

void chain_add(struct chain *chain, struct plan_step *step, const struct schema *schema)
{
	if (makes_marks(step, schema))
		forget_split(chain);
	for (size_t i = 0; i < step->entry.n_units; i++)
		unit_seal(&step->entry.units[i]);
	entry_share(lineage_add(&chain->header.lineage, step->arguments->line), &step->entry);
}

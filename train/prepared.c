/* SPDX-License-Identifier: MIT */
#include "prepared.h"

#include "trainset.h"

/* The target's scale stands before all else, and so does what is said of it. */
static int add_target_as(struct prepared *prepared, const struct rows_wanted *what, struct error *err)
{
	struct buffer line = BUFFER_INIT, shown = BUFFER_INIT;
	int result;

	if (!what->target_as)
		return 0;
	buffer_format(&line, "%s ", what->target_as);
	selector_print_name(&line, what->setup->target);
	buffer_format(&shown, "prepare: %s", buffer_text(&line));
	names_add(&prepared->shown, buffer_text(&shown));
	result = recipe_add_step(&prepared->recipe, buffer_text(&line), "--target-as", err);
	buffer_free(&line);
	buffer_free(&shown);
	return result;
}

static int add_default(struct prepared *prepared, const struct rows_wanted *what, struct error *err)
{
	const struct setup *setup = what->setup;
	const struct prepare_options options = { .profile = what->profile, .schema = &what->header->schema, .target = setup->target, .by = setup->by,
	                                         .other_scale = what->target_as != NULL, .task = setup->task,
	                                         .takes = model_wants(setup->kind, setup->parameters), .lineage = &what->header->lineage,
	                                         .all = what->all };
	struct preparation preparation = { .nothing_left = false };
	int result = 0;

	prepare(&preparation, &options);
	for (size_t i = 0; i < preparation.shown.n; i++)
		names_add(&prepared->shown, preparation.shown.items[i]);
	if (preparation.nothing_left)
		result = setup_without_features(setup, err);
	for (size_t i = 0; i < preparation.recipe.n && result >= 0; i++)
		result = recipe_add_step(&prepared->recipe, preparation.recipe.items[i], "default preparation", err);
	preparation_release(&preparation);
	return result;
}

int prepared_find(struct prepared *prepared, const struct rows_wanted *what, struct error *err)
{
	*prepared = (struct prepared){ .source = { .next = NULL } };
	if (add_target_as(prepared, what, err) < 0)
		return -1;
	return what->no_prepare ? 0 : add_default(prepared, what, err);
}

int prepared_open(struct prepared *prepared, const struct rows_wanted *what, struct error *err)
{
	const struct setup *setup = what->setup;
	bool steps = prepared_has_steps(prepared);
	struct source selected = { .next = NULL };
	int result;

	if (trainset_open(steps ? &selected : &prepared->source, what->spool, what->header, &setup->marks, setup->cols, setup->n_cols, setup->target_col,
	                  steps, err) < 0)
		return -1;
	if (!steps)
		return 0;
	result = plan_open(&prepared->source, &selected, &prepared->recipe, &what->plan, err);
	source_close(&selected);
	return result < 0 ? error_prefix(err, "default preparation") : 0;
}

void prepared_release(struct prepared *prepared)
{
	source_close(&prepared->source);
	recipe_release(&prepared->recipe);
	names_release(&prepared->shown);
}

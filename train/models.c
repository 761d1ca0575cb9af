/* SPDX-License-Identifier: MIT */
/* The families by name, and what belongs to every problem. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "models.h"
#include "other_names.h"
#include "registry.h"

REGISTRY(model, MODELS)

const struct model_kind *model_find(const char *name)
{
	return registry_find(&registry, name);
}

const struct model_kind *model_require(const char *name, struct error *err)
{
	const char *ours = registry_find(&registry, name) ? NULL : other_family(name);

	if (ours) {
		error_set(err, STATUS_USAGE, "no model '%s' (here that is '%s')", name, ours);
		return NULL;
	}
	return registry_require(&registry, name, err, "no model '%s'", name);
}

const char *task_name(enum task task)
{
	static const char *const names[N_TASKS] = { "regression", "classification", "clustering" };

	return names[task];
}

const struct model_kind *model_for(enum task task)
{
	const struct problem problem = { .task = task };

	for (size_t i = 0; i < N_KINDS; i++) {
		struct error ignored = ERROR_INIT;

		if (model_clusters(kinds[i]) == (task == TASK_CLUSTERING) && kinds[i]->check(kinds[i]->defaults, &problem, &ignored) == 0)
			return kinds[i];
	}
	return NULL;
}

const struct model_kind *const *model_list(size_t *n)
{
	*n = N_KINDS;
	return kinds;
}

bool model_stops_early(const struct model_kind *kind, const void *config)
{
	const struct pace *pace = config;

	for (const struct option_row *row = kind->options; row && row->name; row++)
		if (kind->round_name && strcmp(row->name, "patience") == 0)
			return pace->patience > 0 && pace->patience < pace_rounds(pace, true);
	return false;
}

unsigned model_wants(const struct model_kind *kind, const void *config)
{
	return kind->wants ? kind->wants(config) : kind->takes;
}

size_t model_outputs(const struct model_kind *kind, const void *config, const struct problem *problem)
{
	if (problem->task == TASK_CLASSIFICATION)
		return problem->classes.n;
	if (problem->task == TASK_CLUSTERING)
		return 2;
	return kind->outputs ? kind->outputs(config, problem) : 1;
}

static int by_size(const void *a, const void *b)
{
	const struct effect *one = a, *other = b;

	if (one->size != other->size)
		return one->size < other->size ? 1 : -1;
	return one->feature < other->feature ? -1 : one->feature > other->feature;
}

void effects_sort(struct effect *effects, size_t n)
{
	qsort(effects, n, sizeof *effects, by_size);
}

void problem_copy(struct problem *to, const struct problem *from)
{
	to->task = from->task;
	names_copy(&to->features, &from->features);
	names_copy(&to->classes, &from->classes);
	to->by = mem_text(from->by);
	names_copy(&to->groups, &from->groups);
	to->levels = NULL;
}

void problem_release(struct problem *problem)
{
	names_release(&problem->features);
	names_release(&problem->classes);
	names_release(&problem->groups);
	free(problem->by);
	problem->by = NULL;
}

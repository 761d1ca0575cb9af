/* SPDX-License-Identifier: MIT */
#include "tune_share.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "panels.h"

enum { MOST_SHARES = 64 };              /* of a view's rows; those that one trial wanted make way */
enum { SEEN = MODEL_MISSING | MODEL_NO_X | MODEL_TIME };        /* what a panel hangs on */

/* A family's part. */
struct shared_part {
	struct trial_options trial;     /* of one that wanted it; its words are `words` */
	struct names words;
	struct general_parameters general;
	void *parameters;
	size_t n_wanted;
	bool tried;
	struct lesson_shared shared;
};

/* The valid rows. */
struct kept_valid {
	struct panel *panels;           /* x: the first of their values, which lie together */
	size_t n, room;
	unsigned takes;
	size_t n_features;
	struct panel_rows seen;
	uint64_t size;                  /* bytes; 0: they are not kept */
};

struct in_common {
	size_t n_trials;                /* that wanted anything */
	struct shared_part *items[MOST_SHARES];
	size_t n, next;                 /* next: to make way */
	struct kept_valid valid;
};

static void drop(struct tune_rows *all, struct shared_part *part)
{
	if (part->shared.part)
		all->share_left += part->shared.size;
	lesson_unshare(&part->shared);
	names_release(&part->words);
	free(part->parameters);
	free(part);
}

static void drop_valid(struct tune_rows *all, struct kept_valid *valid)
{
	for (size_t i = 0; i < valid->n; i++)
		free((void *)(uintptr_t)valid->panels[i].x);
	free(valid->panels);
	all->share_left += valid->size;
	*valid = (struct kept_valid){ .panels = NULL };
}

void in_common_free(struct tune_rows *all, struct in_common *common)
{
	if (!common)
		return;
	for (size_t i = 0; i < common->n; i++)
		drop(all, common->items[i]);
	drop_valid(all, &common->valid);
	free(common);
}

/* ---- the valid rows ---- */

static int keep_panel(void *state, size_t lane, const struct panel *panel, struct error *err)
{
	struct kept_valid *valid = state;
	size_t n = panel->n_rows, n_columns = panel->n_features + 1 + (panel->weight != NULL) + (panel->time != NULL);
	struct panel kept = *panel;
	double *to;

	(void)lane, (void)err;
	if (panel->part != PART_VALID)
		return 0;
	kept.runs = NULL;
	to = mem_array(n * n_columns + 1, sizeof *to);
	kept.x = to;
	kept.stride = n;
	for (size_t j = 0; j < panel->n_features; j++, to += n)
		memcpy(to, &panel->x[j * panel->stride], n * sizeof *to);
	kept.y = memcpy(to, panel->y, n * sizeof *to);
	to += n;
	if (panel->weight) {
		kept.weight = memcpy(to, panel->weight, n * sizeof *to);
		to += n;
	}
	if (panel->time)
		kept.time = memcpy(to, panel->time, n * sizeof *to);
	array_grow(valid->panels, valid->n, valid->room);
	valid->panels[valid->n++] = kept;
	return 0;
}

static int read_valid(const struct view *view, struct view_rows *rows, const struct model_kind *kind, const struct problem *problem, struct source *source)
{
	struct kept_valid *valid = &rows->in_common->valid;
	struct panels panels = { .problem = NULL };
	struct error ignored = ERROR_INIT;
	int result = panels_open(&panels, &rows->header.schema, problem, rows->setup.target, kind->takes, NULL, &ignored);

	panels.unknown = view_judges_unknown(view);
	if (result >= 0)
		result = panels_run(&panels, source, NULL, 1, keep_panel, valid, &valid->seen, &ignored);
	panels_release(&panels);
	return result;
}

/* By the problem of a lesson that is never taught. Not where rows are grouped: groups hang on parameters. */
static void keep_valid(struct view *view, struct view_rows *rows, const struct trial_options *trial, void *parameters,
                       const struct general_parameters *general)
{
	struct kept_valid *valid = &rows->in_common->valid;
	struct error ignored = ERROR_INIT;
	struct trial_lesson with;
	struct lesson *lesson;
	uint64_t size;

	trial_lesson_open(&with, view, rows, trial, parameters, general);
	with.setup.host = NULL;         /* it says nothing */
	lesson = with.setup.by ? NULL : lesson_open(&with.setup, &with.source, &view->look->classes, &with.options, &ignored);
	size = lesson ? view->look->n_valid * (lesson->problem.features.n + 3) * sizeof(double) : 0;
	if (size > 0 && size <= view->rows->share_left) {
		*valid = (struct kept_valid){ .takes = trial->kind->takes & SEEN, .n_features = lesson->problem.features.n, .size = size };
		view->rows->share_left -= size;
		if (read_valid(view, rows, trial->kind, &lesson->problem, &with.source) < 0)
			drop_valid(view->rows, valid);
	}
	lesson_free(lesson);
	trial_lesson_close(&with);
}

int share_valid(const struct view_rows *rows, const struct model_kind *kind, const struct problem *problem, panel_taker *take, void *state,
                struct panel_rows *seen, struct error *err)
{
	const struct kept_valid *valid = rows->in_common ? &rows->in_common->valid : NULL;

	if (!valid || valid->size == 0 || valid->takes != (kind->takes & SEEN) || valid->n_features != problem->features.n || problem->by)
		return 0;
	*seen = valid->seen;
	for (size_t i = 0; i < valid->n; i++)
		if (take(state, 0, &valid->panels[i], err) < 0)
			return -1;
	return 1;
}

/* ---- what is wanted ---- */

static bool same_text(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

static struct shared_part *find(const struct in_common *common, const struct model_kind *kind, const void *parameters, const struct general_parameters *general)
{
	for (size_t i = 0; common && i < common->n; i++) {
		struct shared_part *part = common->items[i];

		if (part->trial.kind == kind && same_text(part->general.class_weight, general->class_weight) && kind->sharing->with(parameters, part->parameters))
			return part;
	}
	return NULL;
}

/* One place more, or one that nobody wanted again. NULL: there is none. */
static struct shared_part **find_place(struct tune_rows *all, struct in_common *common)
{
	if (common->n < MOST_SHARES)
		return &common->items[common->n++];
	for (size_t i = 0; i < MOST_SHARES; i++) {
		struct shared_part **place = &common->items[common->next++ % MOST_SHARES];

		if ((*place)->shared.part || (*place)->n_wanted > 1)
			continue;
		drop(all, *place);
		return place;
	}
	return NULL;
}

void share_want(struct view *view, const struct trial_options *trial)
{
	struct general_parameters general;
	struct error ignored = ERROR_INIT;
	struct names words = { .items = NULL };
	void *parameters;
	struct view_rows *rows;
	struct shared_part *part, **place;

	names_copy(&words, trial->words);       /* parameters point into them */
	parameters = trial_parameters(trial->kind, &words, view_task(view), &general, &ignored);
	rows = parameters ? view_rows(view, trial->kind, parameters, &ignored) : NULL;
	if (!rows)
		goto out;
	if (!rows->in_common)
		rows->in_common = mem_new(1, sizeof *rows->in_common);
	if (++rows->in_common->n_trials == 2)
		keep_valid(view, rows, trial, parameters, &general);
	if (!trial->kind->sharing || !trial->kind->sharing->with(parameters, parameters))
		goto out;
	part = find(rows->in_common, trial->kind, parameters, &general);
	if (part) {
		part->n_wanted++;
		goto out;
	}
	place = find_place(view->rows, rows->in_common);
	if (!place)
		goto out;
	*place = mem_new(1, sizeof **place);
	**place = (struct shared_part){ .trial = *trial, .words = words, .general = general, .parameters = parameters, .n_wanted = 1 };
	(*place)->trial.words = &(*place)->words;
	return;
out:
	names_release(&words);
	free(parameters);
}

/* ---- making ---- */

/* It may fail: then trials find out why, each for itself. */
static void make(struct view *view, struct view_rows *rows, struct shared_part *part, size_t threads)
{
	struct error ignored = ERROR_INIT;
	struct trial_lesson with;

	part->tried = true;
	trial_lesson_open(&with, view, rows, &part->trial, part->parameters, &part->general);
	if (lesson_share(&with.setup, &with.source, &view->look->classes, &with.options, threads, view->rows->share_left, &part->shared, &ignored) == 1)
		view->rows->share_left -= part->shared.size;
	trial_lesson_close(&with);
}

void share_make(struct view *view, size_t threads, bool (*stop)(void *state), void *state)
{
	for (size_t i = 0; i < view->n_kept; i++) {
		struct view_rows *rows = view->kept[i];

		for (size_t k = 0; rows->in_common && k < rows->in_common->n; k++) {
			struct shared_part *part = rows->in_common->items[k];

			part->trial.watch = (struct lesson_watch){ .stop = stop, .state = state };
			if (part->n_wanted > 1 && !part->tried && !(stop && stop(state)))
				make(view, rows, part, threads);
		}
	}
}

const struct lesson_shared *share_find(const struct view_rows *rows, const struct model_kind *kind, const void *parameters,
                                       const struct general_parameters *general)
{
	const struct shared_part *part = kind->sharing && kind->sharing->with(parameters, parameters) ? find(rows->in_common, kind, parameters, general) : NULL;

	return part && part->shared.part ? &part->shared : NULL;
}

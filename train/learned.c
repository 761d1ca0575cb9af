/* SPDX-License-Identifier: MIT */
#include "learned.h"

#include "as_real.h"
#include "memory.h"
#include "number.h"

/* Ints of which the model makes nothing but numbers may be reals in records to come. */
static void mark_reals(struct modelfile *file, const struct setup *setup, const struct profile *profile)
{
	struct names numbers = { .items = NULL }, levels = { .items = NULL }, beyond = { .items = NULL };

	names_copy(&numbers, &file->problem.features);
	if (file->target)
		names_add(file->problem.task == TASK_REGRESSION ? &numbers : &levels, file->target);
	if (setup->by)
		names_add_new(&levels, setup->by);
	for (size_t i = 0; i < profile->n; i++) {
		const struct moments *moments = &profile->fields[i].moments;

		if (profile->fields[i].field.type == TYPE_INT && (moments->max > NUMBER_EXACT || moments->min < -NUMBER_EXACT))
			names_add(&beyond, profile->fields[i].field.name);
	}
	as_real_mark(&file->lineage, &numbers, &levels, &beyond);
	names_release(&numbers);
	names_release(&levels);
	names_release(&beyond);
}

void learned_make(struct learned *learned, const struct lesson *lesson, void *model, const struct header *rows, const struct profile *profile)
{
	const struct setup *setup = lesson->setup;
	const struct field *target = setup->target ? &rows->schema.fields[setup->target_col] : NULL;
	const struct modelfile *from = setup->from;
	struct modelfile *file = &learned->file;
	struct buffer training = BUFFER_INIT, features = BUFFER_INIT, map = BUFFER_INIT;

	*file = (struct modelfile){ .kind = setup->kind, .model = model, .target = mem_text(setup->target) };
	if (target) {
		file->target_type = from ? from->target_type : target->type;
		file->target_unit = mem_text(from ? from->target_unit : target->unit);
	}
	problem_copy(&file->problem, &lesson->problem);
	file->n_outputs = model_outputs(setup->kind, setup->parameters, &file->problem);
	lineage_copy(&file->lineage, lesson->lineage);
	if (!from)                      /* that is said of its inputs already */
		mark_reals(file, setup, profile);
	lesson_pack(lesson, &training);
	profile_pack(profile, &features);
	modelfile_pack(file, &training, &features, &map);
	learned->map = bytes_of(&map);
	buffer_free(&training);
	buffer_free(&features);
}

void learned_release(struct learned *learned)
{
	modelfile_release(&learned->file);
	bytes_drop(learned->map);
	learned->map = NULL;
}

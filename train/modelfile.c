/* SPDX-License-Identifier: MIT */
/*
 * The model message, packed and read. What is read is not trusted: its check was
 * compared before anything is made of it (model_prove), but that proves only what
 * was written; sizes are held to the bytes that are there, and every name must be
 * what it says.
 */
#include "modelfile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "levels_of.h"
#include "memory.h"
#include "profile.h"

/* ---- writing ---- */

void modelfile_pack(const struct modelfile *file, const struct buffer *training, const struct buffer *profile, struct buffer *map)
{
	bool classes = file->problem.task == TASK_CLASSIFICATION;
	size_t from = map->size;

	pack_map(map, 10u + 2 * (file->target != NULL) + classes + (file->target_unit != NULL) + 2 * (file->problem.by != NULL));
	pack_key_int(map, "format", MODEL_FORMAT);
	pack_key_text(map, "kind", file->kind->name);
	pack_key_text(map, "task", task_name(file->problem.task));
	if (file->target) {
		pack_key_text(map, "target", file->target);
		pack_key_text(map, "target_type", type_name(file->target_type));
	}
	if (file->target_unit)
		pack_key_text(map, "target_unit", file->target_unit);
	if (classes) {
		pack_text(map, "classes");
		pack_names(map, &file->problem.classes);
	}
	if (file->problem.by) {
		pack_key_text(map, "by", file->problem.by);
		pack_text(map, "groups");
		pack_names(map, &file->problem.groups);
	}
	pack_text(map, "features");
	pack_names(map, &file->problem.features);
	pack_key_int(map, "outputs", (int64_t)file->n_outputs);
	pack_text(map, "lineage");
	lineage_pack(&file->lineage, map);
	pack_text(map, "params");
	file->kind->save(file->model, map);
	pack_text(map, "training");
	buffer_add(map, training->data, training->size);
	pack_text(map, "profile");
	buffer_add(map, profile->data, profile->size);
	pack_key_check(map, from);
}

/* ---- reading ---- */

static int broken(struct error *err, const char *what)
{
	return error_set(err, STATUS_FAILED, "broken model: %s", what);
}

static int read_target(struct modelfile *file, object map, struct error *err)
{
	object type = map_get(map, "target_type");

	file->target = object_text(map_get(map, "target"));
	if (!file->target)
		return broken(err, "no target");
	if (!type || type->type != MSGPACK_OBJECT_STR || !type_from_name(type->via.str.ptr, type->via.str.size, &file->target_type))
		return broken(err, "unknown type of the target");
	file->target_unit = object_text(map_get(map, "target_unit"));
	return 0;
}

static int read_problem(struct modelfile *file, object map, struct error *err)
{
	struct problem *problem = &file->problem;
	object name = map_get(map, "task");
	uint64_t n_outputs;
	int task = 0;

	while (task < N_TASKS && !object_is_text(name, task_name((enum task)task)))
		task++;
	if (task == N_TASKS)
		return broken(err, "unknown task");
	problem->task = (enum task)task;
	if ((task == TASK_CLUSTERING) != model_clusters(file->kind))
		return broken(err, "its family has another task");
	if (task != TASK_CLUSTERING && read_target(file, map, err) < 0)
		return -1;
	problem->by = object_text(map_get(map, "by"));
	if (!object_names(map_get(map, "groups"), &problem->groups) || !object_names(map_get(map, "classes"), &problem->classes) || !object_names(map_get(map, "features"), &problem->features))
		return broken(err, "a name that is no text");
	if ((problem->task == TASK_CLASSIFICATION) != (problem->classes.n >= 2) ||
	    problem->features.n > MAX_FIELDS || (problem->features.n == 0 && !(file->kind->takes & MODEL_NO_FEATURES)))
		return broken(err, "classes and features do not fit the task");
	if (!object_uint(map_get(map, "outputs"), &n_outputs) || n_outputs < 1 || n_outputs > MAX_OUTPUTS ||
	    (problem->task == TASK_CLASSIFICATION && n_outputs != problem->classes.n))
		return broken(err, "no number of outputs");
	file->n_outputs = n_outputs;
	return 0;
}

/* No such key, or a finite number. */
static bool finite_if(object map, const char *key)
{
	object value = map_get(map, key);
	double number;

	return !value || (object_real(value, &number) && isfinite(number));
}

/* What people and programs are told of the training: numbers, where there is one. */
static int check_told(const struct modelfile *file, object map, struct error *err)
{
	static const char *const numbers[] = { "mean", "deviation", "min", "max" };
	object training = map_get(map, "training"), profile = map_get(map, "profile");
	object history = map_get(training, "history"), baseline = map_get(training, "baseline");
	object shares = map_get(baseline, "shares");
	double deciles[PROFILE_DECILES], *priors = mem_array(file->problem.classes.n, sizeof *priors);
	bool good = finite_if(baseline, "mean") && (!shares || object_finite_reals(shares, priors, file->problem.classes.n));

	free(priors);
	if (!good)
		return broken(err, "its baseline is no finite number");
	for (size_t i = 0; i < array_size(history); i++)
		if (!finite_if(array_get(history, i), "loss") || !finite_if(array_get(history, i), "valid"))
			return broken(err, "a loss in its history is no finite number");
	for (size_t i = 0; i < array_size(profile); i++) {
		object field = array_get(profile, i), quantiles = map_get(field, "quantiles");

		for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
			if (!finite_if(field, numbers[k]))
				return broken(err, "a number in its profile is not finite");
		if (quantiles && !object_finite_reals(quantiles, deciles, PROFILE_DECILES))
			return broken(err, "a number in its profile is not finite");
	}
	return 0;
}

static int read_kind(struct modelfile *file, object map, struct error *err)
{
	char *name = object_text(map_get(map, "kind"));

	file->kind = name ? model_find(name) : NULL;
	if (!file->kind)
		error_set(err, STATUS_REQUIREMENT, "unknown kind of model '%s' (made by a newer Millrace?)", name ? name : "");
	free(name);
	return file->kind ? 0 : -1;
}

/* A value of the map, packed by itself. */
static struct bytes *part_of(object map, const char *key)
{
	struct buffer packed = BUFFER_INIT;
	object value = map_get(map, key);

	if (value)
		pack_object(&packed, value);
	else
		pack_map(&packed, 0);
	return bytes_of(&packed);
}

static int read_parts(struct modelfile *file, object map, struct error *err)
{
	size_t expected;

	if (read_kind(file, map, err) < 0 || read_problem(file, map, err) < 0 || check_told(file, map, err) < 0)
		return -1;
	if (lineage_read(&file->lineage, map_get(map, "lineage"), err) < 0)
		return -1;
	file->model = file->kind->load(map_get(map, "params"), &file->problem, err);
	if (!file->model)
		return -1;
	expected = file->problem.task == TASK_CLASSIFICATION ? file->problem.classes.n : file->problem.task == TASK_CLUSTERING ? 2
	           : file->kind->outputs_of ? file->kind->outputs_of(file->model) : 1;
	if (file->n_outputs != expected)
		return broken(err, "its number of outputs is another");
	file->training_bytes = part_of(map, "training");
	return pack_read(&file->training, file->training_bytes->data, file->training_bytes->size, err);
}

int modelfile_read(struct modelfile *file, const struct bytes *map, struct error *err)
{
	struct unpacked whole;
	int result;

	*file = (struct modelfile){ .kind = NULL };
	if (pack_read(&whole, map->data, map->size, err) < 0)
		return -1;
	result = read_parts(file, &whole.object, err);
	unpacked_free(&whole);          /* several times the bytes: no need to keep them beside what was made of them */
	if (result < 0)
		modelfile_release(file);
	return result;
}

int modelfile_open(struct modelfile *file, const char *path, const struct host *host, struct error *err)
{
	struct reader_options options = { .file_head = true, .host = host };
	struct source source = { .header = NULL };
	struct bytes *message = NULL;
	int fd = file_open(path, host, err), result = -1;

	*file = (struct modelfile){ .kind = NULL };
	if (fd < 0)
		return -1;
	if (reader_open(&source, fd, path, &options, err) < 0)
		goto out;
	message = bytes_use(reader_model(&source));
	source_close(&source);          /* what it read a long message into is of no more use */
	if (!message) {
		error_set(err, STATUS_FAILED, "%s: a stream without a model", path);
		host_advise(host, ADVICE_MAKE_MODEL, NULL, err);
		goto out;
	}
	result = modelfile_read(file, message, err);
	if (result < 0)
		error_prefix(err, "%s", path);
out:
	bytes_drop(message);
	source_close(&source);
	close(fd);
	return result;
}

void modelfile_tell(const struct modelfile *file, struct buffer *to)
{
	struct problem problem = file->problem;
	size_t n = problem.features.n;
	struct level_names *levels = mem_new(n + 1, sizeof *levels);

	level_names_of(&file->lineage, &problem.features, levels);
	problem.levels = levels;
	file->kind->describe(file->model, &problem, to);
	for (size_t i = 0; i < n; i++)
		level_names_release(&levels[i]);
	free(levels);
}

bool modelfile_votes(const struct modelfile *file)
{
	return file->kind->votes && file->kind->votes(file->model);
}

void modelfile_release(struct modelfile *file)
{
	if (file->model)
		file->kind->free(file->model);
	problem_release(&file->problem);
	lineage_release(&file->lineage);
	free(file->target);
	free(file->target_unit);
	unpacked_free(&file->training);
	bytes_drop(file->training_bytes);
	*file = (struct modelfile){ .kind = NULL };
}

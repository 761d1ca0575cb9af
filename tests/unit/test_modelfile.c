/* SPDX-License-Identifier: MIT */
/* The model message: written and read again, and everything that can be wrong with it. */
#include "fake_training.h"
#include "unit.h"

#include <xxhash.h>

#include "memory.h"
#include "modelfile.h"

extern const struct model_kind model_linear, model_mlp, model_baseline;

static const double x[] = { 1, 5, 2, 3, 3, 8, 4, 1, 5, 2, 6, 6 }, y[] = { 0, 1, 1, 0, 2, 2 };

/* A packed model of the kind, with one step in its lineage. */
static void make(const struct model_kind *kind, size_t n_classes, const char *options, struct buffer *map)
{
	struct fake *fake = fake_new(x, y, 6, 2, n_classes);
	struct modelfile file = { .kind = kind, .problem = fake->problem, .target_type = TYPE_TEXT };
	struct buffer training = BUFFER_INIT, profile = BUFFER_INIT;
	char target[] = "y", unit[] = "min";

	file.target = target;
	file.n_outputs = model_outputs(kind, NULL, &fake->problem);
	file.target_unit = unit;
	schema_add(&file.lineage.inputs, "x0", TYPE_REAL, ROLE_FEATURE);
	schema_add(&file.lineage.inputs, "x1", TYPE_REAL, ROLE_FEATURE);
	lineage_add(&file.lineage, "select x0 x1");
	file.model = fake_fit(fake, kind, options);
	CHECK(file.model);
	pack_map(&training, 1);
	pack_key_int(&training, "rows", 6);
	pack_array(&profile, 0);
	modelfile_pack(&file, &training, &profile, map);
	kind->free(file.model);
	lineage_release(&file.lineage);
	buffer_free(&training);
	buffer_free(&profile);
	fake_free(fake);
}

static int read_code(const struct buffer *map, struct error *err)
{
	struct bytes *exact = bytes_new(map->data, map->size);  /* so that a sanitizer sees a byte too far */
	struct modelfile file;

	*err = (struct error)ERROR_INIT;
	if (model_prove(exact, err) == 0 && modelfile_read(&file, exact, err) == 0)
		modelfile_release(&file);
	bytes_drop(exact);
	return err->code;
}

static void check_same(const struct buffer *map)
{
	struct buffer again = BUFFER_INIT, training = BUFFER_INIT, profile = BUFFER_INIT;
	struct bytes *bytes = bytes_new(map->data, map->size);
	struct modelfile file;
	struct error err = ERROR_INIT;

	CHECK(modelfile_read(&file, bytes, &err) == 0);
	bytes_drop(bytes);
	CHECK_TEXT(file.target, "y");
	CHECK_TEXT(file.target_unit, "min");
	CHECK(file.target_type == TYPE_TEXT && file.lineage.n_entries == 1 && file.problem.features.n == 2);
	pack_object(&training, map_get(&file.map.object, "training"));
	pack_object(&profile, map_get(&file.map.object, "profile"));
	modelfile_pack(&file, &training, &profile, &again);
	CHECK(again.size == map->size && memcmp(again.data, map->data, map->size) == 0);
	modelfile_release(&file);
	buffer_free(&training);
	buffer_free(&profile);
	buffer_free(&again);
}

static void check_damage(const struct buffer *map)
{
	struct buffer broken = BUFFER_INIT;
	struct error err;

	for (size_t at = 0; at < map->size; at++)
		for (int bit = 0; bit < 8; bit++) {
			buffer_clear(&broken);
			buffer_add(&broken, map->data, map->size);
			broken.data[at] ^= (unsigned char)(1 << bit);
			CHECK(read_code(&broken, &err) != STATUS_DONE);
		}
	for (size_t size = 1; size < map->size; size++)
		CHECK(read_code(&(struct buffer){ .data = map->data, .size = size }, &err) == STATUS_FAILED);
	buffer_free(&broken);
}

/* The check made anew, as somebody would who changes a model on purpose: whatever is inside, nothing may break. */
static void check_lies(const struct buffer *map)
{
	struct buffer lie = BUFFER_INIT;
	struct error err;

	for (size_t at = 0; at < map->size - 9; at++)
		for (int byte = 0; byte < 256; byte += 5) {
			uint64_t check;

			buffer_clear(&lie);
			buffer_add(&lie, map->data, map->size);
			lie.data[at] = (unsigned char)byte;
			check = XXH3_64bits(lie.data, lie.size - 9);
			for (size_t i = 0; i < 8; i++)
				lie.data[lie.size - 1 - i] = (unsigned char)(check >> 8 * i);
			read_code(&lie, &err);
		}
	buffer_free(&lie);
}

static void check_outputs(const struct buffer *map)
{
	static const char key[] = "\xa7" "outputs";
	struct buffer more = BUFFER_INIT;
	struct error err;
	uint64_t check;
	size_t at = 0;

	buffer_add(&more, map->data, map->size);
	while (at + sizeof key < more.size && memcmp(more.data + at, key, sizeof key - 1) != 0)
		at++;
	CHECK(more.data[at + sizeof key - 1] == 1);
	more.data[at + sizeof key - 1] = 4;
	check = XXH3_64bits(more.data, more.size - 9);
	for (size_t i = 0; i < 8; i++)
		more.data[more.size - 1 - i] = (unsigned char)(check >> 8 * i);
	CHECK(read_code(&more, &err) == STATUS_FAILED);
	buffer_free(&more);
}

static void check_newer(const struct buffer *map)
{
	static const char key[] = "\xa6" "format" "\x02";
	struct buffer newer = BUFFER_INIT;
	struct error err;

	buffer_add(&newer, map->data, map->size);
	CHECK(memcmp(newer.data + 1, key, sizeof key - 1) == 0);
	newer.data[sizeof key - 1] = 3;
	CHECK(read_code(&newer, &err) == STATUS_REQUIREMENT);
	CHECK_TEXT(err.message, "the model was made by a newer Millrace: format 3, this one reads up to 2 (update it)");
	newer.data[sizeof key - 1] = 1;
	CHECK(read_code(&newer, &err) == STATUS_REQUIREMENT);
	CHECK_TEXT(err.message, "the model is of format 1, which was never released (make it anew)");
	buffer_free(&newer);
}

int main(void)
{
	struct buffer linear = BUFFER_INIT, net = BUFFER_INIT, baseline = BUFFER_INIT;

	TEST("a model is written");
	make(&model_linear, 0, "", &linear);
	make(&model_mlp, 3, "hidden=3 epochs=2", &net);
	make(&model_baseline, 3, "", &baseline);
	TEST("a model that promises more numbers than it gives");
	check_outputs(&linear);
	TEST("read and written again it is the same");
	check_same(&linear);
	check_same(&net);
	check_same(&baseline);
	TEST("any flipped bit and any missing end is an error");
	check_damage(&linear);
	check_damage(&net);
	check_damage(&baseline);
	TEST("a newer format");
	check_newer(&linear);
	TEST("a changed model with a right check breaks nothing");
	check_lies(&linear);
	check_lies(&net);
	check_lies(&baseline);
	buffer_free(&linear);
	buffer_free(&net);
	buffer_free(&baseline);
	return unit_done();
}

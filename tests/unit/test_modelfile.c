/* SPDX-License-Identifier: MIT */
/* The model message: written and read again, and everything that can be wrong with it. */
#include "fake_training.h"
#include "unit.h"

#include <math.h>
#include <xxhash.h>

#include "memory.h"
#include "modelfile.h"

extern const struct model_kind model_linear, model_mlp, model_baseline;

static const double x[] = { 1, 5, 2, 3, 3, 8, 4, 1, 5, 2, 6, 6 }, y[] = { 0, 1, 1, 0, 2, 2 };

static const double deciles[11] = { 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6 };

/* Each key of a number once. */
static void pack_told(struct buffer *training, struct buffer *profile)
{
	pack_map(training, 3);
	pack_key_int(training, "rows", 6);
	pack_text(training, "history");
	pack_array(training, 1);
	pack_map(training, 3);
	pack_key_int(training, "round", 1);
	pack_key_real(training, "loss", 0.5);
	pack_key_real(training, "valid", 0.75);
	pack_text(training, "baseline");
	pack_map(training, 1);
	pack_key_real(training, "mean", 2.5);

	pack_array(profile, 1);
	pack_map(profile, 4);
	pack_key_real(profile, "deviation", 1.5);
	pack_key_real(profile, "min", 1);
	pack_key_real(profile, "max", 6);
	pack_text(profile, "quantiles");
	pack_reals(profile, deciles, 11);
}

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
	pack_told(&training, &profile);
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
	struct unpacked whole;
	struct error err = ERROR_INIT;

	CHECK(modelfile_read(&file, bytes, &err) == 0);
	CHECK_TEXT(file.target, "y");
	CHECK_TEXT(file.target_unit, "min");
	CHECK(file.target_type == TYPE_TEXT && file.lineage.n_entries == 1 && file.problem.features.n == 2);
	pack_object(&training, &file.training.object);
	CHECK(pack_read(&whole, bytes->data, bytes->size, &err) == 0);
	pack_object(&profile, map_get(&whole.object, "profile"));
	unpacked_free(&whole);
	bytes_drop(bytes);
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

/* The number behind a key becomes another, and the check fits. */
static void check_told(const struct buffer *map, const char *key, size_t skip, double number, const char *message)
{
	struct buffer told = BUFFER_INIT, bytes = BUFFER_INIT;
	struct error err;
	uint64_t check;
	size_t at = 0;

	buffer_add(&told, map->data, map->size);
	while (at + strlen(key) < told.size && memcmp(told.data + at, key, strlen(key)) != 0)
		at++;
	if (skip)
		pack_reals(&bytes, &number, 1);         /* little endian */
	else
		pack_real(&bytes, number);
	CHECK(at + strlen(key) + skip + 9 < told.size && bytes.size > 8);
	memcpy(told.data + at + strlen(key) + skip, bytes.data + bytes.size - 8, 8);
	check = XXH3_64bits(told.data, told.size - 9);
	for (size_t i = 0; i < 8; i++)
		told.data[told.size - 1 - i] = (unsigned char)(check >> 8 * i);
	CHECK((read_code(&told, &err) == STATUS_DONE) == !message);
	CHECK_TEXT(err.message, message ? message : "");
	buffer_free(&told);
	buffer_free(&bytes);
}

static void check_finite(const struct buffer *map)
{
	static const double odd[] = { NAN, INFINITY, -INFINITY };
	static const char *const in_profile[] = { "deviation\xcb", "min\xcb", "max\xcb" };

	for (size_t i = 0; i < 3; i++) {
		check_told(map, "loss\xcb", 0, odd[i], "broken model: a loss in its history is no finite number");
		check_told(map, "valid\xcb", 0, odd[i], "broken model: a loss in its history is no finite number");
		check_told(map, "mean\xcb", 0, odd[i], "broken model: its baseline is no finite number");
		for (size_t k = 0; k < 3; k++)
			check_told(map, in_profile[k], 0, odd[i], "broken model: a number in its profile is not finite");
		check_told(map, "quantiles\xc4\x58", 40, odd[i], "broken model: a number in its profile is not finite");
	}
	check_told(map, "loss\xcb", 0, 3, NULL);
	check_told(map, "max\xcb", 0, 1e300, NULL);
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
	TEST("numbers that are none, beside the weights");
	check_finite(&linear);
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

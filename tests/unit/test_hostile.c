/* SPDX-License-Identifier: MIT */
/* Models that prove themselves and are too much: refused within addresses in proportion to their bytes. */
#include "modelfile.h"

#include <sys/resource.h>

#include "pack.h"
#include "unit.h"

enum { FEATURES = 2000000, PER_BYTE = 16, ALWAYS = 64 << 20 };

/* A model of no step, with so many features. */
static struct bytes *model_of(size_t n_features)
{
	struct buffer map = BUFFER_INIT;

	pack_map(&map, 8);
	pack_key_int(&map, "format", MODEL_FORMAT);
	pack_key_text(&map, "kind", "linear");
	pack_key_text(&map, "task", "regression");
	pack_key_text(&map, "target", "y");
	pack_key_text(&map, "target_type", "real");
	pack_text(&map, "features");
	pack_array(&map, n_features);
	for (size_t i = 0; i < n_features; i++) {
		struct buffer name = BUFFER_INIT;

		buffer_format(&name, "feature_%07zu", i);
		pack_text(&map, buffer_text(&name));
		buffer_free(&name);
	}
	pack_key_int(&map, "outputs", 1);
	pack_key_check(&map, 0);
	return bytes_of(&map);
}

int main(void)
{
	struct bytes *map = model_of(FEATURES);
	struct modelfile file;
	struct error err = ERROR_INIT;
#ifndef __SANITIZE_ADDRESS__
	struct rlimit limit = { .rlim_cur = map->size * PER_BYTE + ALWAYS, .rlim_max = RLIM_INFINITY };

	CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
#endif
	TEST("2,000,000 features");
	CHECK(model_prove(map, &err) == 0 && modelfile_read(&file, map, &err) < 0);
	CHECK_TEXT(err.message, "broken model: classes and features do not fit the task");
	bytes_drop(map);
	return unit_done();
}

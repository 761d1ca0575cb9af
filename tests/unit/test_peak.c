/* SPDX-License-Identifier: MIT */
/*
 * What train takes of the machine at its peak: at most a fifth more than --memory, for
 * families, threads, preparations and batches of several kinds. The program stands
 * where it was built with this test: build/release/units/test_peak and bin/train.
 */
#define _GNU_SOURCE             /* wait4 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "rng.h"
#include "stream.h"
#include "text_builder.h"
#include "unit.h"

#ifdef __has_feature            /* clang's word for it */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };         /* has memory of its own */
#else
enum { SANITIZED = 0 };
#endif

enum { NUMBERS = 20, TEXTS = 3 };

/* Rows of `numbers` reals, `texts` texts (few levels, but the last: all distinct) and the target y, in batches of so many rows. */
struct shape { const char *name; size_t n_rows, batch_rows, numbers, texts; long least; };        /* least: --memory in MiB */
static const struct shape shapes[] = {
	{ "reals", 150000, 4096, NUMBERS, 0, 16 },
	{ "texts and reals", 120000, 8192, 5, TEXTS, 16 },
	{ "batches of one row", 20000, 1, 6, 1, 16 },
	{ "long batches", 131070, 65535, 8, 1, 32 },
};

static double value_of(size_t row, size_t col)
{
	return (double)(hash_mix(row * 64 + col) >> 40) / 65536;
}

static void put_text(struct batch *batch, size_t col, size_t first, bool few, struct text_builder *builder)
{
	struct column column = COLUMN_INIT;
	char text[64];

	for (size_t row = first; row < first + batch->n_rows; row++) {
		snprintf(text, sizeof text, few ? "level %zu" : "street %zu, house of the long name", few ? (size_t)(hash_mix(row + col) % 40) : row);
		text_builder_add(builder, text, strlen(text));
	}
	text_builder_finish(builder, batch->pool, &column);
	batch_put(batch, col, TYPE_TEXT, &column);
}

static void fill(struct batch *batch, const struct shape *shape, size_t first, struct text_builder *builder)
{
	size_t col = 0;

	for (; col <= shape->numbers; col++) {
		struct column column = COLUMN_INIT;
		double *values = column_new_values(&column, batch->pool, TYPE_REAL, batch->n_rows);

		for (size_t row = 0; row < batch->n_rows; row++)
			values[row] = value_of(first + row, col);
		batch_put(batch, col, TYPE_REAL, &column);
	}
	for (size_t i = 0; i < shape->texts; i++)
		put_text(batch, col + i, first, i + 1 < shape->texts, builder);
}

static void write_rows(int fd, const struct shape *shape)
{
	struct header header = HEADER_INIT;
	struct writer *writer = writer_new(fd, 0, NULL);
	struct text_builder *builder = text_builder_new();
	struct pool *pool = pool_new();
	struct batch batch = BATCH_INIT;
	struct end end = END_INIT;
	struct error err = ERROR_INIT;
	char name[32];

	schema_add(&header.schema, "y", TYPE_REAL, ROLE_TARGET);
	for (size_t i = 0; i < shape->numbers + shape->texts; i++) {
		snprintf(name, sizeof name, "x%zu", i);
		schema_add(&header.schema, name, i < shape->numbers ? TYPE_REAL : TYPE_TEXT, ROLE_FEATURE);
	}
	schema_copy(&header.lineage.inputs, &header.schema);
	CHECK(writer_header(writer, &header, &err) == 0);
	for (size_t row = 0; row < shape->n_rows; row += shape->batch_rows) {
		size_t left = shape->n_rows - row;

		batch_start(&batch, pool, &header.schema, left < shape->batch_rows ? left : shape->batch_rows);
		fill(&batch, shape, row, builder);
		CHECK(writer_batch(writer, &batch, &err) == 0);
	}
	CHECK(writer_end(writer, &end, &err) == 0);
	batch_free(&batch);
	text_builder_free(builder);
	pool_drop(pool);
	writer_free(writer);
	header_release(&header);
}

/* The train beside this program; false: it is not there. */
static bool find_train(char *path, size_t size)
{
	char here[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", here, sizeof here - 1);
	char *units;

	if (n < 0)
		return false;
	here[n] = '\0';
	units = strstr(here, "build/release/units/");
	if (!units)
		return false;
	*units = '\0';
	snprintf(path, size, "%.4000sbin/train", here);
	return access(path, X_OK) == 0;
}

/* Runs it over the file with these words, parted by blanks. The peak in KiB; -1: it failed. */
static long peak_of(const char *train, int fd, const char *words)
{
	char text[256], *args[32] = { (char *)train, (char *)"y", (char *)"-q" };
	int status, out = open("/dev/null", O_WRONLY), n = 3;
	struct rusage usage;
	pid_t child;

	snprintf(text, sizeof text, "%s", words);
	for (char *word = text; word && n < 31; n++) {
		args[n] = word;
		word = strchr(word, ' ');
		if (word)
			*word++ = '\0';
	}
	lseek(fd, 0, SEEK_SET);
	child = fork();
	if (child == 0) {
		dup2(fd, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		execv(train, args);
		_exit(127);
	}
	close(out);
	if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return -1;
	return usage.ru_maxrss;
}

static void check_shape(const char *train, const struct shape *shape)
{
	static const char *const families[] = { "--model linear --holdout 0.2", "--model mlp epochs=1", "--model baseline answer=median --holdout 0.2" };
	char path[] = "/tmp/peakXXXXXX", words[128];
	int fd = mkstemp(path);

	TEST(shape->name);
	CHECK(fd >= 0);
	unlink(path);
	write_rows(fd, shape);
	for (size_t family = 0; family < sizeof families / sizeof *families; family++)
		for (long memory = shape->least; memory <= 40; memory += 24)
			for (int threads = 1; threads <= 5; threads += 4) {
				long peak;

				snprintf(words, sizeof words, "--memory %ldM -j %d %s%s", memory, threads, families[family],
				         shape->texts == 0 && threads > 1 ? " --no-prepare" : "");
				peak = peak_of(train, fd, words);
				CHECK(peak > 0 && peak * 10 <= memory * 1024 * 12);
				if (peak * 10 > memory * 1024 * 12 || peak < 0)
					printf("  %s: %ld KiB\n", words, peak);
			}
	close(fd);
}

int main(void)
{
	char train[PATH_MAX];

	if (SANITIZED || !find_train(train, sizeof train)) {
		printf("units: 0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		check_shape(train, &shapes[i]);
	return unit_done();
}

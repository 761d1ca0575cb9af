/* SPDX-License-Identifier: MIT */
/*
 * What train, and tune by many folds, take of the machine at their peak: at most a fifth more than --memory, or than
 * its lines say is taken, for families, threads, preparations and batches of several kinds;
 * and where a line says much more than --memory, it is taken, but for a quarter. The program
 * stands where it was built with this test: build/release/units/test_peak and bin/train.
 */
#define _GNU_SOURCE             /* wait4 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "built_program.h"
#include "memory.h"
#include "rng.h"
#include "stream.h"
#include "text_builder.h"
#include "unit.h"

enum { NUMBERS = 20, TEXTS = 3, N_THREADED = 3 };       /* N_THREADED: of the families, tried with several threads */
enum { MORE = 32 };             /* MiB beyond --memory, from which on what is said is to be taken */

/* Rows of `numbers` reals, `texts` texts (few levels, but the last: all distinct) and the target y, in batches of so many rows. */
struct shape {
	const char *name;
	size_t n_rows, batch_rows, numbers, texts, classes;     /* classes: of the target; 0: it is a real */
	long least;                     /* --memory in MiB */
	size_t text_bytes;              /* of a distinct text; 0: short */
	bool nulls;                     /* a fifth of the reals is missing */
};
static const struct shape shapes[] = {
	{ "reals", 150000, 4096, NUMBERS, 0, 0, 16, 0, false },
	{ "texts and reals", 120000, 8192, 5, TEXTS, 0, 16, 0, false },
	{ "batches of one row", 20000, 1, 6, 1, 0, 16, 0, false },
	{ "long batches", 131070, 65535, 8, 1, 0, 32, 0, false },
	{ "long texts, a row a batch", 64, 1, 2, 1, 0, 16, 1000000, false },
	{ "long texts, long batches of few rows", 800, 400, 2, 1, 0, 16, 60000, false },
	{ "long texts, many batches of few rows", 4000, 500, 2, 1, 0, 16, 12000, false },
	{ "many reals, some missing", 4800, 160, 800, 0, 0, 16, 0, true },
	{ "very many reals", 2000, 43, 3000, 0, 0, 16, 0, false },
	{ "many reals in long batches", 8000, 1000, 1000, 0, 0, 40, 0, false },
	{ "many classes", 12000, 4096, 4, 0, 200, 16, 0, false },
};

static double value_of(size_t row, size_t col)
{
	return (double)(hash_mix(row * 64 + col) >> 40) / 65536;
}

static void put_text(struct batch *batch, size_t col, size_t first, bool few, size_t size, struct text_builder *builder)
{
	struct column column = COLUMN_INIT;
	char *text = mem_array(size + 64, 1);

	memset(text, 'a', size + 64);
	for (size_t row = first; row < first + batch->n_rows; row++) {
		size_t n = (size_t)snprintf(text, 64, few ? "level %zu" : "street %zu, house of the long name", few ? (size_t)(hash_mix(row + col) % 40) : row);

		text[n] = 'a';
		text_builder_add(builder, text, n + size);
	}
	free(text);
	text_builder_finish(builder, batch->pool, &column);
	batch_put(batch, col, TYPE_TEXT, &column);
}

static void put_classes(struct batch *batch, size_t first, size_t n, struct text_builder *builder)
{
	struct column column = COLUMN_INIT;
	char text[32];

	for (size_t row = first; row < first + batch->n_rows; row++)
		text_builder_add(builder, text, (size_t)snprintf(text, sizeof text, "class %zu", (size_t)(hash_mix(row) % n)));
	text_builder_finish(builder, batch->pool, &column);
	batch_put(batch, 0, TYPE_TEXT, &column);
}

static void fill(struct batch *batch, const struct shape *shape, size_t first, struct text_builder *builder)
{
	size_t col;

	if (shape->classes > 0)
		put_classes(batch, first, shape->classes, builder);
	for (col = shape->classes > 0; col <= shape->numbers; col++) {
		struct column column = COLUMN_INIT;
		double *values = column_new_values(&column, batch->pool, TYPE_REAL, batch->n_rows);

		for (size_t row = 0; row < batch->n_rows; row++)
			values[row] = value_of(first + row, col);
		if (shape->nulls && col > 0) {
			uint64_t *valid = column_new_valid(&column, batch->pool, batch->n_rows, true);

			for (size_t row = 0; row < batch->n_rows; row++)
				if (hash_mix(row + first + 7 * col) % 5 == 0)
					valid[row / 64] &= ~(UINT64_C(1) << row % 64);
		}
		batch_put(batch, col, TYPE_REAL, &column);
	}
	for (size_t i = 0; i < shape->texts; i++)
		put_text(batch, col + i, first, i + 1 < shape->texts, i + 1 < shape->texts ? 0 : shape->text_bytes, builder);
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

	schema_add(&header.schema, "y", shape->classes > 0 ? TYPE_TEXT : TYPE_REAL, ROLE_TARGET);
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

/* The number before `behind` in the line; 0: there is none. */
static long number_before(const char *line, const char *behind)
{
	const char *end = strstr(line, behind), *at = end;

	while (at && at > line && at[-1] >= '0' && at[-1] <= '9')
		at--;
	return at && at < end ? strtol(at, NULL, 10) : 0;
}

/* What the remarks say is taken, in MiB. */
static long said(int fd, long memory)
{
	char line[4096];
	FILE *lines;

	lseek(fd, 0, SEEK_SET);
	lines = fdopen(fd, "r");
	while (lines && fgets(line, sizeof line, lines)) {
		long whole = number_before(line, " MiB at least: that is taken");

		if (!strstr(line, "--memory: "))
			continue;
		whole = whole ? whole : number_before(line, " MiB are taken in all");
		memory = whole ? whole : memory + number_before(line, " MiB, and one is held whole");
	}
	if (lines)
		fclose(lines);
	return memory;
}

/* Runs it over the file with these words, parted by blanks. The peak in KiB; -1: it failed. *memory, in MiB: becomes what is said. */
static long peak_of(const char *program, int fd, const char *words, long *memory)
{
	char text[256], path[] = "/tmp/saidXXXXXX", *args[32] = { (char *)program };
	int status, out = open("/dev/null", O_WRONLY), remarks = mkstemp(path), n = 1;
	struct rusage usage;
	pid_t child;

	snprintf(text, sizeof text, "%s", words);
	for (char *word = text; word && n < 31; n++) {
		args[n] = word;
		word = strchr(word, ' ');
		if (word)
			*word++ = '\0';
	}
	if (!strstr(words, "kmeans"))
		args[n++] = (char *)"y";
	lseek(fd, 0, SEEK_SET);
	child = fork();
	if (child == 0) {
		dup2(fd, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(remarks, STDERR_FILENO);
		execv(program, args);
		_exit(127);
	}
	close(out);
	unlink(path);
	if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return -1;
	*memory = said(remarks, *memory);
	return usage.ru_maxrss;
}

static void check_shape(const char *train, const struct shape *shape)
{
	static const char *const of_numbers[] = { "--model linear --holdout 0.2", "--model mlp epochs=1", "--model baseline answer=median --holdout 0.2",
	                                          "--model knn", "--model kmeans max_iter=2", "--model linear loss=huber max_iter=2", NULL };
	static const char *const of_classes[] = { "--task classification --model svm max_iter=20",
	                                          "--task classification --model svm max_iter=20 probability=yes", NULL };
	const char *const *families = shape->classes > 0 ? of_classes : of_numbers;
	char path[] = "/tmp/peakXXXXXX", words[128];
	int fd = mkstemp(path);

	TEST(shape->name);
	CHECK(fd >= 0);
	unlink(path);
	write_rows(fd, shape);
	for (size_t family = 0; families[family]; family++)
		for (long memory = shape->least; memory <= 40; memory += 24)
			for (int threads = 1; threads <= (family < N_THREADED ? 5 : 1); threads += 4) {
				long peak, taken = memory;
				bool good;

				snprintf(words, sizeof words, "--memory %ldM -j %d %s%s", memory, threads, families[family],
				         shape->texts == 0 && !shape->nulls && threads > 1 ? " --no-prepare" : "");
				peak = peak_of(train, fd, words, &taken);
				good = peak > 0 && peak * 10 <= taken * 1024 * 12 && (taken <= memory + MORE || peak * 4 >= taken * 1024 * 3);
				CHECK(good);
				if (!good)
					printf("  %s: %ld MiB are said, %ld taken\n", words, taken, peak / 1024);
			}
	close(fd);
}

/* What views of so many folds keep besides rows is in no share of the memory: it has to be next to nothing. */
static void check_folds(const char *tune)
{
	const struct shape shape = { "tune by a hundred folds", 8000, 4096, NUMBERS, 2, 0, 60, 0, false };
	char path[] = "/tmp/peakXXXXXX";
	int fd = mkstemp(path);
	long memory = shape.least, peak;

	TEST(shape.name);
	CHECK(fd >= 0);
	unlink(path);
	write_rows(fd, &shape);
	peak = peak_of(tune, fd, "--folds 100 --memory 60M --model linear alpha=0,1", &memory);
	CHECK(memory == shape.least);
	CHECK(peak > 0 && peak * 10 <= memory * 1024 * 12);
	close(fd);
}

int main(void)
{
	char train[PATH_MAX], tune[PATH_MAX];

	if (SANITIZED || !find_program("train", train, sizeof train) || !find_program("tune", tune, sizeof tune)) {
		printf("units: 0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		check_shape(train, &shapes[i]);
	check_folds(tune);
	return unit_done();
}

/* SPDX-License-Identifier: MIT */
/*
 * Rows in stretches are those that come one by one, in the same batches, byte for byte: whatever a stretch is, whoever takes it, whatever is
 * odd in it, from files and from a pipe; and what a column is said to be is the same where it was looked at in parts.
 */
#define _GNU_SOURCE             /* memfd_create */
#include "rows_all_ways.h"

#include <sched.h>
#include <sys/ioctl.h>

#include "columns_two_ways.h"
#include "cut.h"
#include "fit.h"
#include "memory_feed.h"
#include "rng.h"
#include "structure.h"
#include "unit.h"

#ifdef __SANITIZE_THREAD__
enum { TEXTS = 150 };           /* of which each takes much longer then */
#else
enum { TEXTS = 1500 };
#endif
enum { MOST_SIZE = 6000, COLUMNS = 4, INFERENCES = 3000, MOST_CELLS = 60 };

/* ---- texts ---- */

struct made { char text[2 * MOST_SIZE]; size_t size; };

static void put(struct made *made, const char *text)
{
	memcpy(made->text + made->size, text, strlen(text));
	made->size += strlen(text);
}

/* A text of three columns whose cells are mostly alike. odd: 0 none is out of place, 1 few are, 2 many. */
static void make(struct rng *rng, struct made *made, int odd)
{
	static const char *const cells[][12] = {
		{ "1", "22", "-3", "007", "4.5", "NA", "", "x", "9007199254740993", "\"12\"", "1e3", "0" },
		{ "1.5", "2.25", "-0.5", "3", "", "?", "1e-3", "0.10", "none", "2024-01-01", "5.", "7.125" },
		{ "a", "Faro", "\"b,c\"", "\"d \"\"e\"\"\"", "\"f\ng\"", "\"\"", "", "a long text that fills more than one word of sixty-four bytes", "\xc3\xa4", "\"h\r\ni\"", "NA", "x y" },
		{ "2024-01-02 03:04:05", "2024-01-02 03:04:06.5", "2024-02-03T04:05:06Z", "2024-02-03T04:05:06+02:00", "", "true", "NA", "2024-01-02 03:04:07", "False", "12:30", "no", "2024-01-02" },
	};
	static const char *const oddities[] = { "a\"b", "\"c\"d", "\"", "1,2", "\r", "\n", "\xff", "#x", "\"e\n\n\nf", "5\n6" };
	size_t n_rows = rng_below(rng, 150), usual = 1 + rng_below(rng, 12), rare = 20 + rng_below(rng, 300);
	bool returns = rng_below(rng, 4) == 0;
	int shapes[3];

	made->size = 0;
	put(made, rng_below(rng, 6) ? "a,b,c\n" : ",b,c\n");
	for (int i = 0; i < 3; i++)
		shapes[i] = (int)rng_below(rng, 4);
	for (size_t row = 0; row < n_rows && made->size < MOST_SIZE; row++) {
		for (int col = 0; col < 3; col++) {
			char number[32];
			const char *cell = cells[shapes[col]][rng_below(rng, rng_below(rng, rare) ? 1 + usual % 3 : usual)];

			if (col == 0 && made->text[0] == ',') {
				snprintf(number, sizeof number, "%zu", row + (rng_below(rng, 400) == 0));
				cell = number;
			}
			if (odd && rng_below(rng, odd == 1 ? 120 : 8) == 0)
				cell = oddities[rng_below(rng, sizeof oddities / sizeof *oddities)];
			put(made, cell);
			if (col < 2)
				put(made, ",");
		}
		if (row + 1 < n_rows || rng_below(rng, 2))
			put(made, returns ? "\r\n" : "\n");
	}
}

/* ---- all ways ---- */

static bool same(const char *name, const struct buffer *expected, const struct buffer *found)
{
	bool equal = expected->size == found->size && memcmp(expected->data, found->data, found->size) == 0;

	if (!equal)
		printf("-- one by one:\n%.*s\n-- %s:\n%.*s\n", (int)expected->size, (char *)expected->data, name, (int)found->size, (char *)found->data);
	return equal;
}

/* Files one after the other: with stretches of any size the batches are those of row by row with the same, and their rows are those of any. */
static bool all_ways(struct text_file *files, size_t n, struct extract_config *config, const struct csv_config *own, struct rng *rng)
{
	static const size_t stretches[] = { 1, 40, 64, 200, 1000, 5000, 0 };
	struct buffer rows = BUFFER_INIT, wire = BUFFER_INIT, other = BUFFER_INIT;
	const char *paths[MOST_TEXTS];
	bool right = true;

	for (size_t i = 0; i < n; i++)
		paths[i] = files[i].path;
	config->common.operands = (struct text_list){ .items = paths, .n = n };
	config->stretch = 0;
	config->common.threads = 1;
	read_all(WAY_ROWS, config, own, true, &rows);
	for (size_t i = 0; i < sizeof stretches / sizeof *stretches && right; i++) {
		if (rng && rng_below(rng, 3))
			continue;
		config->stretch = stretches[i];
		config->common.threads = 1;
		read_all(WAY_ROWS, config, own, false, &wire);
		read_all(WAY_BLOCKS, config, own, false, &other);
		right = same("in blocks", &wire, &other);
		for (int threads = 1; threads <= 5 && right; threads += threads == 1 ? 1 : 3) {
			config->common.threads = threads;
			read_all(WAY_STRETCHES, config, own, false, &other);
			right = same("in stretches", &wire, &other);
		}
		read_all(WAY_STRETCHES, config, own, true, &other);
		right = right && same("in stretches, any batches", &rows, &other);
		if (!right)
			printf("of stretches of %zu bytes, %d threads\n", config->stretch, (int)config->common.threads);
	}
	buffer_free(&rows);
	buffer_free(&wire);
	buffer_free(&other);
	return right;
}

static void check_random(struct rng *rng)
{
	struct csv_config own = { .lazy_quotes = false };
	const char *nulls[] = { "none" }, *types[] = { "c=text" }, *real[] = { "b=real" }, *time[] = { "c=time" };
	struct made *made = mem_new(MOST_TEXTS, sizeof *made);
	bool right = true;

	TEST("stretches of random texts are the rows that come one by one");
	for (int i = 0; i < TEXTS && right; i++) {
		struct extract_config config = EXTRACT_DEFAULTS;
		struct text_file files[MOST_TEXTS];
		size_t n = i % 5 ? 1 : 1 + rng_below(rng, MOST_TEXTS);
		int odd = (int)rng_below(rng, 3);

		config.inherited.alike = true;
		config.no_origin = rng_below(rng, 5) == 0;
		config.on_misfit = (int)rng_below(rng, 2);
		config.max_bad = rng_below(rng, 4) ? "100%" : NULL;
		config.nulls = rng_below(rng, 5) ? config.nulls : (struct text_list){ .items = nulls, .n = 1 };
		switch (rng_below(rng, 8)) {
		case 0: config.types = (struct text_list){ .items = types, .n = 1 }; break;
		case 1: config.types = (struct text_list){ .items = real, .n = 1 }; break;
		case 2: config.types = (struct text_list){ .items = time, .n = 1 }; break;
		default: break;
		}
		own = (struct csv_config){ .text.rows.on_bad_row = odd ? 1 + (int)rng_below(rng, 2) : 0 };
		own.text.comment = rng_below(rng, 8) ? NULL : "#";
		own.lazy_quotes = rng_below(rng, 8) == 0;
		own.text.rows.types_rows = rng_below(rng, 8) ? 0 : 1 + (int64_t)rng_below(rng, 100);
		for (size_t k = 0; k < n; k++) {
			make(rng, &made[k], odd);
			made[k].text[0] = made[0].text[0];
			text_file_open(&files[k], made[k].text, made[k].size);
		}
		right = all_ways(files, n, &config, &own, rng);
		if (!right)
			printf("of text %d\n%.*s\n", i, (int)made[0].size, made[0].text);
		for (size_t k = 0; k < n; k++)
			text_file_close(&files[k]);
	}
	CHECK(right);
	free(made);
}

static bool one_text(const char *bytes, size_t size)
{
	const struct csv_config own = { .text.rows.on_bad_row = BAD_ROW_SKIP };
	struct extract_config config = EXTRACT_DEFAULTS;
	struct text_file file;
	bool right;

	config.inherited.alike = true;
	config.max_bad = "100%";
	text_file_open(&file, bytes, size);
	right = all_ways(&file, 1, &config, &own, NULL);
	text_file_close(&file);
	return right;
}

/* Stretches are of 40 to 5,000 bytes here, and of a MiB. */
static void check_shapes(void)
{
	struct buffer text = BUFFER_INIT;

	TEST("a row longer than a stretch, and a quote that spans ten");
	buffer_add_text(&text, "a,b\n");
	for (int i = 0; i < 400; i++)
		buffer_format(&text, "%d,%s\n", i, i % 100 == 50 ? "\"" : "x");
	CHECK(one_text(buffer_text(&text), text.size));
	buffer_clear(&text);
	buffer_add_text(&text, "a,b\n");
	for (int i = 0; i < 30; i++) {
		buffer_format(&text, "%d,\"", i);
		for (int k = 0; k < (i % 10 == 5 ? 9000 : 3); k++)
			buffer_format(&text, "%s%d,\"\"%d\n", k % 7 ? "" : "\r\n", k, i);
		buffer_add_text(&text, "\"\n");
	}
	CHECK(one_text(buffer_text(&text), text.size));

	TEST("rows of two bytes, and of none");
	buffer_clear(&text);
	buffer_add_text(&text, "a\n");
	for (int i = 0; i < 40000; i++)
		buffer_format(&text, "%d\n", i % 10);
	CHECK(one_text(buffer_text(&text), text.size));
	for (int i = 0; i < 3000; i++)
		buffer_add_text(&text, i % 1000 ? "\n" : "5\n");
	CHECK(one_text(buffer_text(&text), text.size));

	TEST("stray quotes around every byte of a border");
	for (int at = 150; at < 260; at++) {
		buffer_clear(&text);
		buffer_add_text(&text, "a,b\n");
		while (text.size < 400)
			buffer_add_text(&text, (int)text.size <= at && (int)text.size + 5 > at ? "1\",2\n" : "10,20\n");
		CHECK(one_text(buffer_text(&text), text.size));
	}
	buffer_free(&text);
}

/* ---- a pipe ---- */

struct pouring { int fd; const char *bytes; size_t size; struct rng rng; };

static void *pour(void *state)
{
	struct pouring *pouring = state;

	for (size_t at = 0; at < pouring->size;) {
		size_t n = 1 + rng_below(&pouring->rng, 3000);
		ssize_t written = write(pouring->fd, pouring->bytes + at, n < pouring->size - at ? n : pouring->size - at);

		if (written < 0)
			break;
		at += (size_t)written;
		for (int left = 1; left > 0 && rng_below(&pouring->rng, 100);)          /* until all was read, mostly */
			(void)(ioctl(pouring->fd, FIONREAD, &left) < 0 || sched_yield());
	}
	close(pouring->fd);
	return NULL;
}

/* The path and what numbers stand behind it. */
static void blot_out(struct buffer *text, const char *path)
{
	struct buffer rest = BUFFER_INIT;
	size_t size = strlen(path);

	for (size_t at = 0; at < text->size;) {
		bool here = text->size - at >= size && memcmp(text->data + at, path, size) == 0;

		buffer_add(&rest, here ? "PATH" : (const char *)text->data + at, here ? 4 : 1);
		at += here ? size : 1;
	}
	buffer_free(text);
	*text = rest;
}

static void check_pipe(struct rng *rng)
{
	struct buffer file_rows = BUFFER_INIT, pipe_rows = BUFFER_INIT;
	const struct csv_config own = { .text.rows.on_bad_row = BAD_ROW_SKIP };
	struct made made;
	bool right = true;

	TEST("a pipe has the same rows, however they come");
	for (int i = 0; i < 60 && right; i++) {
		struct extract_config config = EXTRACT_DEFAULTS;
		struct pouring pouring;
		struct text_file file;
		char path[PATH_ROOM];
		const char *paths[1];
		pthread_t thread;
		int ends[2];

		make(rng, &made, i % 3);
		text_file_open(&file, made.text, made.size);
		config.inherited.alike = true;
		config.max_bad = "100%";
		config.common.operands = (struct text_list){ .items = paths, .n = 1 };
		paths[0] = file.path;
		config.stretch = 100;
		read_all(WAY_ROWS, &config, &own, true, &file_rows);
		CHECK(pipe(ends) == 0);
		snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
		paths[0] = path;
		pouring = (struct pouring){ ends[1], made.text, made.size, *rng };
		CHECK(pthread_create(&thread, NULL, pour, &pouring) == 0);
		config.common.threads = 1 + i % 4;
		read_all(WAY_STRETCHES, &config, &own, true, &pipe_rows);
		pthread_join(thread, NULL);
		close(ends[0]);
		blot_out(&file_rows, file.path);
		blot_out(&pipe_rows, path);
		right = same("of a pipe", &file_rows, &pipe_rows);
		text_file_close(&file);
	}
	CHECK(right);
	buffer_free(&file_rows);
	buffer_free(&pipe_rows);
}

/* ---- what columns are ---- */

static void check_merge(struct rng *rng)
{
	static const char *const texts[] = {
		"1", "-20", "1.5", "2.50", "0.1", "1e5", "9007199254740993", "007", "true", "True", "FALSE", "no", "yes", " 1", "2 ", " NA", "x", "a text",
		"2024-01-02", "2024-01-02 03:04:05", "2024-01-02 03:04:05.5", "2024-01-02 03:04:05.250", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05+02:00",
		"2024-01-02T03:04:05.125-01:30", "2024-01-02T03:04", "2024-01-02 03:04", "2024-13-40", "1,5", "1.234,50", "1.234", "1234", "12.5", "1,234",
	};
	static const struct number_marks marks[] = { { ',', '.' }, { ',', 0 } };
	const struct infer nothing = INFER_INIT;
	enum { N = sizeof texts / sizeof *texts };
	size_t n_merged = 0, n_other = 0;
	bool right = true;

	TEST("what parts of a column say is what all of it says");
	for (int i = 0; i < INFERENCES && right; i++) {
		struct infer whole = INFER_INIT, merged = INFER_INIT;
		size_t from = rng_below(rng, N), range = 1 + rng_below(rng, rng_below(rng, 2) ? 3 : N - from);

		range = range < N - from ? range : N - from;
		whole.marks = merged.marks = i % 3 ? NUMBER_MARKS_PLAIN : marks[rng_below(rng, 2)];
		for (int part = 0; part < 4; part++) {
			struct infer later = nothing;
			struct cell cells[MOST_CELLS];
			size_t n = rng_below(rng, MOST_CELLS);

			later.marks = whole.marks;
			for (size_t k = 0; k < n; k++) {
				const char *text = texts[from + rng_below(rng, range)];

				cells[k] = (struct cell){ .kind = CELL_TEXT, .size = (uint32_t)strlen(text), .as.text = text };
				infer_cell(&whole, &cells[k]);
				infer_cell(&later, &cells[k]);
			}
			if (infer_merge(&merged, &later)) {
				n_merged++;
				continue;
			}
			n_other++;
			for (size_t k = 0; k < n; k++)
				infer_cell(&merged, &cells[k]);
		}
		right = same_infer(&whole, &merged);
		if (!right)
			printf("-- of texts from '%s' on, %zu\n", texts[from], range);
	}
	CHECK(right);
	CHECK(n_merged > n_other && n_other > 0);
}

/* Rows that are clean, of one to three cells with quotes and without: a cut ends where the first row begins that it does not have. */
static void check_cut(struct rng *rng)
{
	bool right = true;

	TEST("a cut has the rows that begin in it");
	for (int i = 0; i < 2000; i++) {
		struct memory_feed memory;
		struct feed feed;
		struct buffer text = BUFFER_INIT;
		struct error err = ERROR_INIT;
		struct input input;
		struct cut cut = { .quote = '"' };
		size_t upto = 1 + rng_below(rng, 900), end = 0, n_lines = 0, lines = 0;

		while (text.size < 1500) {
			size_t begin = text.size, size = rng_below(rng, rng_below(rng, 5) ? 6 : 200);

			if (begin >= upto && end == 0) {
				end = begin;
				n_lines = lines;
			}
			buffer_add_text(&text, rng_below(rng, 2) ? "1,\"" : "\"");
			for (size_t k = 0; k < size; k++)
				buffer_add_text(&text, rng_below(rng, 3) ? "x" : rng_below(rng, 2) ? "\n" : "\"\"");
			buffer_add_text(&text, rng_below(rng, 2) ? "\"\r\n" : "\",2\n");
			for (size_t k = begin; k < text.size; k++)
				lines += text.data[k] == '\n';
		}
		memory = (struct memory_feed){ .bytes = buffer_text(&text), .size = text.size, .most = 1 + rng_below(rng, 2000) };
		feed = memory_feed(&memory, true, false);
		input_init(&input, "memory", &feed, NULL);
		right &= input_start(&input, &err) == 0;
		if (!cut_rows(&input, upto, &cut)) {
			right &= end == 0;
			cut.part.block = NULL;
		} else if (end > 0) {
			right &= cut.part.size == end && cut.n_lines == n_lines && cut.line == 1 && memcmp(cut.part.bytes, text.data, end) == 0;
		}
		block_drop(cut.part.block);
		input_release(&input);
		buffer_free(&text);
	}
	CHECK(right);
}

static void check_counts(struct rng *rng)
{
	bool right = true;

	TEST("quotes and line feeds are counted as a look at each byte has them");
	for (int i = 0; i < 300; i++) {
		static char bytes[64 * 300];
		struct structure_count count = { .quotes = 0 }, fast, plain;
		size_t n = rng_below(rng, 300);

		for (size_t k = 0; k < 64 * n; k++)
			bytes[k] = (char)(i % 3 ? "\"\n,x"[rng_below(rng, 4)] : (int)rng_below(rng, 256));
		for (size_t k = 0; k < 64 * n; k++) {
			count.quotes += i % 5 && bytes[k] == '"';
			count.line_feeds += bytes[k] == '\n';
		}
		fast = structure_count(bytes, n, i % 5 ? '"' : -1, cpu_lanes());
		plain = structure_count(bytes, n, i % 5 ? '"' : -1, CPU_PLAIN);
		right &= fast.quotes == count.quotes && fast.line_feeds == count.line_feeds && plain.quotes == count.quotes && plain.line_feeds == count.line_feeds;
	}
	CHECK(right);
}

int main(void)
{
	struct rng rng;

	rng_seed(&rng, 5);
	check_counts(&rng);
	check_cut(&rng);
	check_merge(&rng);
	check_shapes();
	check_pipe(&rng);
	check_random(&rng);
	return unit_done();
}

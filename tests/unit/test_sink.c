/* SPDX-License-Identifier: MIT */
/*
 * A sink that keeps bookmarks, as a database would: rows and bookmark become visible together in `commit`. Whoever is killed
 * before leaves nothing, also when all rows were there; who is killed behind it leaves both.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "memory.h"
#include "pack.h"
#include "sample.h"
#include "sink.h"
#include "unit.h"

enum death { LIVES, DIES_IN_BATCH, DIES_BEFORE_COMMIT, DIES_BEHIND_COMMIT };

/* ---- the sink: a line a row, then the bookmark of "orders" ---- */

struct toy_config { int64_t dies; const char *source; };

struct toy {
	const struct toy_config *config;
	struct file file;
	uint64_t n_rows;
	size_t n_fields;
};

static const struct option_row toy_options[] = {
	{ "dies", 0, OPTION_INT, offsetof(struct toy_config, dies), "N", NULL, 0, 3, "at which point" },
	{ "source", 0, OPTION_TEXT, offsetof(struct toy_config, source), "NAME", NULL, 0, 0, "whose bookmark is kept" },
	OPTION_END
};

static void *toy_open(const char *target, const void *config, const struct host *host, struct error *err)
{
	struct toy *toy = mem_new(1, sizeof *toy);

	toy->config = config;
	if (file_create(&toy->file, target, host, err) == 0)
		return toy;
	free(toy);
	return NULL;
}

static int toy_header(void *sink, const struct header *header, const struct schema *chosen, struct error *err)
{
	struct toy *toy = sink;

	(void)err;
	CHECK(header->lineage.n_entries == 1 && strcmp(header->source, "sample.csv") == 0);
	toy->n_fields = chosen->n_fields;
	return 0;
}

static int toy_batch(void *sink, struct batch *batch, struct error *err)
{
	struct toy *toy = sink;

	CHECK(batch->n_columns == toy->n_fields && batch->columns[0].checked);
	for (size_t row = 0; row < batch->n_rows; row++)
		if (write_all(toy->file.fd, "row\n", 4, NULL, err) < 0)
			return -1;
	toy->n_rows += batch->n_rows;
	if (toy->config->dies == DIES_IN_BATCH)
		raise(SIGKILL);
	return 0;
}

static int toy_commit(void *sink, const struct end *end, struct error *err)
{
	struct toy *toy = sink;
	const struct buffer *bookmark = bookmarks_find(&end->bookmarks, toy->config->source);
	struct buffer text = BUFFER_INIT;
	struct unpacked value;
	int64_t number = -1;
	int result;

	CHECK(end->rows == toy->n_rows && bookmark);
	if (bookmark && pack_read(&value, bookmark->data, bookmark->size, err) == 0) {
		object_int(&value.object, &number);
		unpacked_free(&value);
	}
	buffer_format(&text, "%s %" PRId64 "\n", toy->config->source, number);
	result = write_all(toy->file.fd, text.data, text.size, NULL, err);
	buffer_free(&text);
	if (toy->config->dies == DIES_BEFORE_COMMIT)
		raise(SIGKILL);
	if (result == 0)
		result = file_commit(&toy->file, err);
	if (toy->config->dies == DIES_BEHIND_COMMIT)
		raise(SIGKILL);
	return result;
}

static void toy_close(void *sink)
{
	struct toy *toy = sink;

	file_abandon(&toy->file);
	free(toy);
}

static const struct toy_config toy_defaults = { .dies = LIVES, .source = "people" };

static const struct sink_kind sink_toy = {
	.format = {
		.name = "toy", .summary = "rows and how far they go", .endings = ".toy|.plaything",
		.options = toy_options, .config_size = sizeof(struct toy_config), .defaults = &toy_defaults,
	},
	.open = toy_open, .header = toy_header, .batch = toy_batch, .commit = toy_commit, .close = toy_close,
};

static const struct format plain = { .name = "plain", .summary = "nothing", .endings = NULL };

static const struct format *formats(size_t i)
{
	return i == 0 ? &plain : i == 1 ? &sink_toy.format : NULL;
}

/* ---- */

/* Two batches of 5 rows and an end with two bookmarks; `broken`: it fails behind the first batch. */
struct feeder { struct header header; struct end end; size_t at; bool broken; };

static int feeder_next(void *state, struct batch *to, bool now, struct error *err)
{
	struct feeder *feeder = state;

	(void)now;
	if (feeder->at == 1 && feeder->broken)
		return error_set(err, STATUS_UPSTREAM, "input ended early");
	if (feeder->at == 2)
		return 0;
	sample_batch(to, &feeder->header.schema, 5 * feeder->at++, 5);
	return 1;
}

static const struct end *feeder_end(void *state)
{
	return &((struct feeder *)state)->end;
}

static int fill(const char *path, const struct kept_options *kept, bool broken, struct error *err)
{
	struct feeder feeder = { .end = { .rows = 10 }, .broken = broken };
	struct source source = { .header = &feeder.header, .next = feeder_next, .end = feeder_end, .state = &feeder };
	struct selection_request select = { .all = true };
	struct buffer value = BUFFER_INIT;
	uint64_t n_rows = 0;
	void *config, *sink;
	int result;

	sample_header(&feeder.header);
	pack_int(&value, 17);
	bookmarks_set(&feeder.end.bookmarks, "orders", value.data, value.size);
	buffer_clear(&value);
	pack_int(&value, 3);
	bookmarks_set(&feeder.end.bookmarks, "people", value.data, value.size);
	buffer_free(&value);
	config = format_config(&sink_toy.format, formats, kept, err);
	sink = config ? sink_toy.open(path, config, NULL, err) : NULL;
	result = sink ? sink_fill(&sink_toy, sink, &source, &select, 1, NULL, &n_rows, err) : -1;
	CHECK(result != 0 || n_rows == 10);
	if (sink)
		sink_toy.close(sink);
	format_config_free(&sink_toy.format, config);
	header_release(&feeder.header);
	end_release(&feeder.end);
	return result;
}

static void shown(const char *path, char text[static 256])
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, 255);

	text[n] = 0;
	close(fd);
}

static void check_killed(const char *path, const char *death, const char *expected)
{
	struct kept_option items[] = { { "dies", death }, { "source", "orders" } };
	const struct kept_options kept = { .items = items, .n = 2 };
	char text[256];
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct error err = ERROR_INIT;

		_exit(fill(path, &kept, false, &err) < 0);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	shown(path, text);
	CHECK_TEXT(text, expected);
}

static void test_formats(void)
{
	struct kept_option item = { "dies", "4" };
	struct kept_options kept = { .items = &item, .n = 1 };
	struct error err = ERROR_INIT;
	struct toy_config *config;

	TEST("formats: by ending, their options");
	CHECK(format_of_path(formats, "a.b/x.plaything") == &sink_toy.format);
	CHECK(!format_of_path(formats, ".toy") && !format_of_path(formats, "toy"));
	CHECK(!format_config(&sink_toy.format, formats, &kept, &err) && strcmp(err.message, "dies: '4' is not between 0 and 3") == 0);
	error_clear(&err);
	CHECK(!format_config(&plain, formats, &kept, &err) && strcmp(err.message, "--dies has no meaning with the format plain (toy has it)") == 0);
	error_clear(&err);
	kept.n = 0;
	config = format_config(&sink_toy.format, formats, &kept, &err);
	CHECK(config && config->dies == LIVES && strcmp(config->source, "people") == 0);
	format_config_free(&sink_toy.format, config);
	config = format_config(&plain, formats, &kept, &err);
	CHECK(config);
	format_config_free(&plain, config);
}

int main(void)
{
	char folder[] = "/tmp/test_sink_XXXXXX", text[256];
	const struct kept_options none = { .n = 0 };
	struct error err = ERROR_INIT;
	char *path, *clean;

	test_formats();
	CHECK(mkdtemp(folder));
	path = mem_format("%s/rows.toy", folder);

	TEST("killed before the commit: nothing is visible");
	check_killed(path, "1", "");
	check_killed(path, "2", "");

	TEST("killed behind it: rows and bookmark are");
	check_killed(path, "3", "row\nrow\nrow\nrow\nrow\nrow\nrow\nrow\nrow\nrow\norders 17\n");

	TEST("an input that fails: what was there stays, and no commit comes");
	CHECK(fill(path, &none, true, &err) < 0 && err.code == STATUS_UPSTREAM);
	error_clear(&err);
	shown(path, text);
	CHECK(strstr(text, "orders 17\n"));

	TEST("and the next takes its place");
	CHECK(fill(path, &none, false, &err) == 0);
	shown(path, text);
	CHECK(strstr(text, "people 3\n") && !strstr(text, "orders"));

	clean = mem_format("rm -r %s", folder);
	CHECK(system(clean) == 0);
	free(clean);
	free(path);
	return unit_done();
}

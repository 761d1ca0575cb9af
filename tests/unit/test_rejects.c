/* SPDX-License-Identifier: MIT */
#include "rejects.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "unit.h"

static void read_all(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, size - 1);

	text[n < 0 ? 0 : n] = 0;
	close(fd);
}

/* The file may have so many bytes. */
static void limit_files(rlim_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size;
	setrlimit(RLIMIT_FSIZE, &limit);
}

/* Sizes are in records: one is there, and one or a part of two is added where the limit leaves less room. */
static void check_limit(const char *path, struct batch *batch)
{
	static const struct { double limit; size_t kept; bool gathered; } tries[] = {
		{ 1, 1, false }, { 1.01, 1, false }, { 1.99, 1, false }, { 1.5, 1, true }, { 2.5, 2, true },
	};
	struct error err = ERROR_INIT;

	signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct rejects *rejects, *part;
		char text[1024];
		size_t size;

		CHECK(truncate(path, 0) == 0);
		CHECK(rejects_open(&rejects, path, NULL, &err) == 0 && rejects_add(rejects, "x", batch, 0, &err) == 0);
		part = rejects_part(rejects);
		read_all(path, text, sizeof text);
		size = strlen(text);
		limit_files((rlim_t)(tries[i].limit * (double)size));
		if (tries[i].gathered) {
			CHECK(rejects_add(part, "x", batch, 0, &err) == 0 && rejects_add(part, "x", batch, 0, &err) == 0);
			CHECK(rejects_take(rejects, part, &err) < 0 && strstr(err.message, "File too large"));
		} else {
			CHECK(rejects_add(rejects, "x", batch, 0, &err) < 0 && strstr(err.message, "File too large"));
		}
		limit_files(RLIM_INFINITY);
		read_all(path, text, sizeof text);
		CHECK(size > 9 && strlen(text) == tries[i].kept * size && text[tries[i].kept * size - 1] == '\n');
		error_clear(&err);
		CHECK(rejects_close(part, &err) == 0 && rejects_close(rejects, &err) == 0);
	}
}

int main(void)
{
	char path[] = "/tmp/test_rejects_XXXXXX", text[1024];
	struct error err = ERROR_INIT;
	struct schema schema = SCHEMA_INIT;
	struct rejects *rejects;
	struct column columns[3] = {
		{ .checked = true, .values = (double[]){ 1.5, 0 }, .valid = (uint64_t[]){ 1 } },
		{ .checked = true, .offsets = (uint32_t[]){ 0, 5, 10 }, .bytes = "a.csva.csv" },
		{ .checked = true, .values = (int64_t[]){ 2, 3 } },
	};
	struct batch batch = { .n_rows = 2, .n_columns = 3, .schema = &schema, .columns = columns };
	int fd = mkstemp(path);

	close(fd);
	schema_add(&schema, "km", TYPE_REAL, ROLE_FEATURE);
	schema_add(&schema, "_file", TYPE_TEXT, ROLE_ORIGIN);
	schema_add(&schema, "_line", TYPE_INT, ROLE_ORIGIN);

	TEST("no file: nothing is kept");
	CHECK(rejects_open(&rejects, NULL, NULL, &err) == 0 && !rejects);
	CHECK(rejects_add(rejects, "x", &batch, 0, &err) == 0 && rejects_close(rejects, &err) == 0);

	TEST("records and raw text, appended");
	CHECK(rejects_open(&rejects, path, NULL, &err) == 0 && rejects_add(rejects, "km is \"odd\"", &batch, 0, &err) == 0);
	CHECK(rejects_close(rejects, &err) == 0);
	CHECK(rejects_open(&rejects, path, NULL, &err) == 0 && rejects_add(rejects, "no km", &batch, 1, &err) == 0);
	CHECK(rejects_add_raw(rejects, "3 cells", "b.csv", 7, 5, "1,2\t\xff", 5, &err) == 0 && rejects_close(rejects, &err) == 0);
	read_all(path, text, sizeof text);
	CHECK_TEXT(text, "{\"program\":\"millrace\",\"reason\":\"km is \\\"odd\\\"\",\"file\":\"a.csv\",\"line\":2,\"record\":{\"km\":1.5}}\n"
		"{\"program\":\"millrace\",\"reason\":\"no km\",\"file\":\"a.csv\",\"line\":3,\"record\":{\"km\":null}}\n"
		"{\"program\":\"millrace\",\"reason\":\"3 cells\",\"file\":\"b.csv\",\"line\":7,\"record\":\"1,2\\t\xef\xbf\xbd\"}\n");

	TEST("a full disk");
	CHECK(rejects_open(&rejects, "/dev/full", NULL, &err) == 0 && rejects_add(rejects, "x", &batch, 0, &err) < 0 && strstr(err.message, "/dev/full"));
	error_clear(&err);
	CHECK(rejects_close(rejects, &err) == 0);

	TEST("a file that may grow no longer keeps whole records");
	check_limit(path, &batch);

	unlink(path);
	schema_release(&schema);
	return unit_done();
}

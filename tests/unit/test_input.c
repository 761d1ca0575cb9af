/* SPDX-License-Identifier: MIT */
/*
 * What stands over a feed can be read again if the feed rewinds, and else if it was kept: in lines, and as CSV. The feed
 * is in memory: that a decompressor is one like it is all that formats know of it.
 */
#include <stdlib.h>
#include <unistd.h>

#include "buffer.h"
#include "column_names.h"
#include "input.h"
#include "memory_feed.h"
#include "source_csv.h"
#include "unit.h"

static const char text[] = "id,town\n1,Faro\n2,\"a\nb\"\n3,Porto";

/* All lines from the beginning, each with its number. */
static int read_lines(struct input *input, struct buffer *to, struct error *err)
{
	const char *line;
	size_t size;

	buffer_clear(to);
	if (input_start(input, err) < 0)
		return -1;
	while (input_line(input, &line, &size, err) == 0 && size > 0) {
		input_mark(input);
		buffer_format(to, "%d %.*s;", (int)input->line, (int)size, line);
	}
	return err->code ? -1 : 0;
}

static void test_rewound(void)
{
	struct memory_feed memory = { .bytes = text, .size = sizeof text - 1, .most = 3 };
	struct feed feed = memory_feed(&memory, true, false);
	struct buffer first = BUFFER_INIT, second = BUFFER_INIT;
	struct error err = ERROR_INIT;
	struct input input;

	TEST("a feed that rewinds is read again, and nothing of it is kept");
	input_init(&input, "memory", &feed, NULL);
	CHECK(input_rewinds(&input) && read_lines(&input, &first, &err) == 0 && input.n_read == sizeof text - 1);
	CHECK(memory.n_rewinds == 0 && !input.whole);
	CHECK_TEXT(buffer_text(&first), "1 id,town\n;2 1,Faro\n;3 2,\"a\n;4 b\"\n;5 3,Porto;");
	CHECK(read_lines(&input, &second, &err) == 0 && memory.n_rewinds == 1 && input.n_read == sizeof text - 1);
	CHECK_TEXT(buffer_text(&second), buffer_text(&first));
	input_stop(&input);
	CHECK(input.data == NULL && read_lines(&input, &second, &err) == 0 && memory.n_rewinds == 2);
	CHECK_TEXT(buffer_text(&second), buffer_text(&first));
	input_release(&input);
	buffer_free(&first);
	buffer_free(&second);
}

static void test_kept(void)
{
	struct memory_feed memory = { .bytes = text, .size = sizeof text - 1, .most = 3 };
	struct feed feed = memory_feed(&memory, false, false);
	struct buffer first = BUFFER_INIT, second = BUFFER_INIT;
	struct error err = ERROR_INIT;
	struct input input;

	TEST("one that can't is read again while it is kept");
	input_init(&input, "memory", &feed, NULL);
	input.keep = true;
	CHECK(!input_rewinds(&input) && read_lines(&input, &first, &err) == 0);
	input_stop(&input);
	CHECK(input.room < 2 * sizeof text);
	CHECK(read_lines(&input, &second, &err) == 0);
	CHECK_TEXT(buffer_text(&second), buffer_text(&first));

	TEST("and then no more");
	input.keep = false;
	input_stop(&input);
	CHECK(read_lines(&input, &second, &err) < 0);
	CHECK_TEXT(err.message, "memory: can be read once only");
	input_release(&input);
	buffer_free(&first);
	buffer_free(&second);
}

/* The rows of CSV as often as asked, through the format's own start. */
static void test_format(bool rewinds)
{
	const struct csv_config config = { .lazy_quotes = false };
	struct memory_feed memory = { .bytes = text, .size = sizeof text - 1, .most = 5 };
	struct feed feed = memory_feed(&memory, rewinds, false);
	struct columns columns = { .named = false };
	struct error err = ERROR_INIT;
	struct input input;
	struct row *row;
	void *reader = NULL;

	TEST(rewinds ? "a format over a feed that rewinds" : "a format over a feed that was kept");
	input_init(&input, "memory", &feed, NULL);
	input.keep = !rewinds;
	CHECK(csv_rows.open(&reader, &input, &columns, &config, &err) == 0);
	for (int pass = 0; pass < 3; pass++) {
		int n = 0;

		CHECK(csv_rows.start(reader, &err) == 0);
		while (csv_rows.next(reader, &row, &err) == 0 && row)
			CHECK(row->n_cells == 2 && row->cells[0].as.text[0] == '1' + n++);
		CHECK(n == 3 && memory.n_rewinds == (rewinds ? pass : 0));
	}
	csv_rows.close(reader);
	input_release(&input);
	columns_release(&columns);
}

static void test_file(void)
{
	char path[] = "/tmp/test_input_XXXXXX";
	int fd = mkstemp(path);
	struct buffer first = BUFFER_INIT, second = BUFFER_INIT;
	struct error err = ERROR_INIT;
	struct feed feed;
	struct input input;

	TEST("a file rewinds, a device does not");
	CHECK(write(fd, text, sizeof text - 1) == sizeof text - 1 && close(fd) == 0);
	CHECK(feed_open_file(&feed, path, &err) == 0 && feed.total == sizeof text - 1);
	input_init(&input, path, &feed, NULL);
	CHECK(read_lines(&input, &first, &err) == 0 && read_lines(&input, &second, &err) == 0 && first.size > sizeof text);
	CHECK_TEXT(buffer_text(&second), buffer_text(&first));
	input_release(&input);
	CHECK(feed_open_file(&feed, "/dev/null", &err) == 0 && !feed.rewind);
	feed_close(&feed);
	feed_close(&feed);
	unlink(path);
	CHECK(feed_open_file(&feed, path, &err) < 0 && strstr(err.message, "No such file"));
	feed_close(&feed);
	buffer_free(&first);
	buffer_free(&second);
}

int main(void)
{
	test_rewound();
	test_kept();
	test_format(true);
	test_format(false);
	test_file();
	return unit_done();
}

/* SPDX-License-Identifier: MIT */
/* The last lines stay away, however few bytes a read brings, with any line ends; what comes is what head -n -N gives. */
#include "buffer.h"
#include "footer.h"
#include "memory_feed.h"
#include "unit.h"

static void check(const char *bytes, uint64_t n, const char *expected)
{
	size_t size = strlen(bytes);

	for (size_t most = 1; most <= size + 1; most++) {
		struct memory_feed memory = { .bytes = bytes, .size = size, .most = most };
		struct feed over = memory_feed(&memory, true, false), feed;

		feed_open_footer(&feed, &over, n);
		for (int pass = 0; pass < 2; pass++) {
			struct buffer text = BUFFER_INIT;
			char room[7];
			ssize_t got;

			while ((got = feed.read(feed.state, room, sizeof room)) > 0)
				buffer_add(&text, room, (size_t)got);
			CHECK(got == 0 && feed.taken(feed.state) == size);
			CHECK_TEXT(buffer_text(&text), expected);
			CHECK(feed.rewind(feed.state) == 0);
			buffer_free(&text);
		}
		feed_close(&feed);
	}
}

int main(void)
{
	TEST("the last lines are left out");
	check("a\n1\n2\nsum\n", 1, "a\n1\n2\n");
	check("a\n1\n2\nsum", 1, "a\n1\n2\n");
	check("a\n1\n2\nsum", 2, "a\n1\n");
	check("a\n1\n2\nsum\n", 4, "");
	check("a\n1\n", 9, "");
	check("a\n1", 2, "");
	check("a\n1\n\n\n", 1, "a\n1\n\n");
	check("a\r\n1\r\nsum\r\n", 1, "a\r\n1\r\n");
	check("a\r1\rsum\r", 1, "a\r1\r");
	check("a\r1\rsum", 1, "a\r1\r");
	check("a,\r\n\"1\r\",\r\nsum\r\n", 1, "a,\r\n\"1\r\",\r\n");
	check("sum", 1, "");
	check("", 1, "");
	return unit_done();
}

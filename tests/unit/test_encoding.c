/* SPDX-License-Identifier: MIT */
/*
 * Texts in other encodings come out as UTF-8, however few bytes a read brings, and again after a rewind. Expected texts are Python's:
 * bytes.decode(encoding, "replace").
 */
#include <errno.h>
#include <stdlib.h>

#include "buffer.h"
#include "encoding.h"
#include "memory_feed.h"
#include "unit.h"

/* All of it, in reads of `size` bytes; errno in *why. */
static void read_all(struct feed *feed, size_t size, struct buffer *to, int *why)
{
	char *bytes = malloc(size);
	ssize_t n;

	buffer_clear(to);
	errno = 0;
	while ((n = feed->read(feed->state, bytes, size)) > 0)
		buffer_add(to, bytes, (size_t)n);
	*why = n < 0 ? errno : 0;
	free(bytes);
}

/* Every number of bytes a read below gives, small reads and large ones above, and twice. */
static void check(const char *name, enum bad_utf8 bad, const char *bytes, size_t size, const char *expected, int failure, uint64_t n_replaced)
{
	struct buffer text = BUFFER_INIT;
	struct error err = ERROR_INIT;
	int why;

	for (size_t most = 1; most <= size + 1; most++)
		for (size_t i = 0; i < 4; i++) {
			struct memory_feed memory = { .bytes = bytes, .size = size, .most = most };
			struct feed over = memory_feed(&memory, true, false), feed;

			CHECK(feed_open_encoding(&feed, &over, name, bad, &err) == 0);
			if (i % 2)
				read_all(&feed, 17, &text, &why), CHECK(feed.rewind(feed.state) == 0);
			read_all(&feed, i / 2 ? 16 : 1000, &text, &why);
			CHECK_TEXT(buffer_text(&text), expected);
			CHECK(why == failure && feed.decoded(feed.state).n_replaced == n_replaced);
			CHECK(why != 0 || (feed.taken(feed.state) == size && feed.total == size));
			feed_close(&feed);
		}
	buffer_free(&text);
}
#define FINE(name, bytes, expected) check(name, BAD_UTF8_FAIL, bytes, sizeof bytes - 1, expected, 0, 0)
#define REPLACED(name, bytes, expected, n) check(name, BAD_UTF8_REPLACE, bytes, sizeof bytes - 1, expected, 0, n)

static void test_marks(void)
{
	TEST("a mark tells the encoding, and is left as that of UTF-8");
	FINE(NULL, "\xff\xfe" "a\0,\0\xac\x20\n\0", "\xef\xbb\xbf" "a,€\n");
	FINE(NULL, "\xfe\xff\0a\0,\x20\xac\0\n", "\xef\xbb\xbf" "a,€\n");
	FINE(NULL, "\xff\xfe\0\0a\0\0\0\x0d\xf6\x01\0", "\xef\xbb\xbf" "a\xf0\x9f\x98\x8d");
	FINE(NULL, "\0\0\xfe\xff\0\0\0a\0\x01\xf6\x0d", "\xef\xbb\xbf" "a\xf0\x9f\x98\x8d");
	FINE(NULL, "a,b\n1,2\n", "a,b\n1,2\n");
	FINE(NULL, "\xff" "a", "\xff" "a");
	FINE(NULL, "", "");
	FINE("utf-16", "\xfe\xff\0a", "\xef\xbb\xbf" "a");
	FINE("UTF16", "a\0", "a");
	FINE("utf-16be", "\0a", "a");
}

static void test_names(void)
{
	struct memory_feed memory = { .bytes = "", .size = 0, .most = 1 };
	struct feed over = memory_feed(&memory, true, false), feed;
	struct error err = ERROR_INIT;

	TEST("names as iconv has them, or nearly");
	FINE("latin-1", "caf\xe9 \x80", "café \xc2\x80");
	FINE("windows-1252", "caf\xe9 \x80", "café €");
	FINE("SHIFT_JIS", "\x93\xfa\x96\x7b", "日本");
	FINE("utf_8", "caf\xc3\xa9", "café");
	FINE("tcvn", "a\xb3", "á");       /* held back until no mark can follow */
	for (size_t i = 0; i < 3; i++) {
		CHECK(feed_open_encoding(&feed, &over, (const char *[]){ "no-such", "", "latin1//TRANSLIT" }[i], BAD_UTF8_FAIL, &err) < 0 && err.code == STATUS_USAGE);
		error_clear(&err);
	}
}

/* Also again after a rewind, however few bytes a read brings. */
static void check_controls(const char *name, const char *bytes, uint64_t n_controls, uint64_t n_bare)
{
	struct buffer text = BUFFER_INIT;
	struct error err = ERROR_INIT;
	int why;

	for (size_t most = 1; most <= strlen(bytes); most++) {
		struct memory_feed memory = { .bytes = bytes, .size = strlen(bytes), .most = most };
		struct feed over = memory_feed(&memory, true, false), feed;

		CHECK(feed_open_encoding(&feed, &over, name, BAD_UTF8_FAIL, &err) == 0);
		for (int pass = 0; pass < 2; pass++) {
			read_all(&feed, 16, &text, &why);
			CHECK(feed.decoded(feed.state).n_controls == n_controls && feed.decoded(feed.state).n_bare == n_bare && feed.decoded(feed.state).n_replaced == 0);
			CHECK(feed.rewind(feed.state) == 0);
		}
		feed_close(&feed);
	}
	buffer_free(&text);
}

static void test_controls(void)
{
	TEST("controls of Latin-1 are counted: Windows-1252 has characters there");
	check_controls("latin-1", "\x93quotes\x94, 3 \x80, \xc2\xa0, \xc2\x9f, caf\xe9\x7f", 4, 3);
	check_controls("ISO_8859-15", "\x85", 1, 1);
	check_controls("latin1", "\xc2\xa0\xff\xc2", 0, 0);
	check_controls("latin1", "\xc3\x96l, \xe2\x80\x93", 3, 0);        /* UTF-8 */
	check_controls("windows-1252", "\x93quotes\x94", 0, 0);
	check_controls(NULL, "\xc2\x93", 0, 0);
}

static void test_broken(void)
{
	TEST("broken sequences are replaced as Python does, or fail where they stand");
	REPLACED(NULL, "caf\xe9,b", "caf\xef\xbf\xbd,b", 1);
	REPLACED(NULL, "\xf0\x9f\x98,\xe0\x80\xaf,\xed\xa0\x80,\xc3", "\xef\xbf\xbd,\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd,\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd,\xef\xbf\xbd", 8);
	REPLACED("windows-1252", "a\x81" "b", "a\xef\xbf\xbd" "b", 1);
	REPLACED("utf-16le", "a\0\x00\xdc" "b\0", "a\xef\xbf\xbd" "b", 1);
	REPLACED("utf-16le", "a\0b", "a\xef\xbf\xbd", 1);
	check("windows-1252", BAD_UTF8_FAIL, "abc\x81" "b", 5, "abc", EILSEQ, 0);
	check("utf-16le", BAD_UTF8_FAIL, "a\0b", 3, "a", EILSEQ, 0);
	check(NULL, BAD_UTF8_FAIL, "caf\xe9,b", 6, "caf\xe9,b", 0, 0);
}

int main(void)
{
	test_marks();
	test_names();
	test_controls();
	test_broken();
	return unit_done();
}

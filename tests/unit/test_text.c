/* SPDX-License-Identifier: MIT */
#include "text.h"

#include "buffer.h"
#include "unit.h"

static bool utf8(const char *text)
{
	return text_is_utf8(text, strlen(text));
}

static bool escapes(const char *text, size_t columns, const char *wanted)
{
	struct buffer buffer = BUFFER_INIT;
	bool same;

	text_escape(&buffer, text, strlen(text), columns);
	same = strcmp(buffer_text(&buffer), wanted) == 0;
	if (!same)
		printf("%s instead of %s\n", buffer_text(&buffer), wanted);
	buffer_free(&buffer);
	return same;
}

static bool shows(const char *text, bool lines, const char *wanted)
{
	struct buffer buffer = BUFFER_INIT;
	bool same;

	text_show(&buffer, text, strlen(text), lines);
	same = strcmp(buffer_text(&buffer), wanted) == 0;
	if (!same)
		printf("%s instead of %s\n", buffer_text(&buffer), wanted);
	buffer_free(&buffer);
	return same;
}

static const char *name_at(const void *list, size_t i)
{
	return ((const char *const *)list)[i];
}

static void test_utf8(void)
{
	TEST("bytes of 0x80 and more");
	CHECK(text_is_ascii("", 0) && text_is_ascii("abcdefghijk", 11));
	CHECK(!text_is_ascii("\xc3\xa9", 2) && !text_is_ascii("abcdefgh\x80", 9) && !text_is_ascii("abcdefg\xff" "abc", 11));

	TEST("UTF-8");
	CHECK(utf8("") && utf8("plain ascii text") && utf8("Zürich, Łódź, 東京, 🚲") && utf8("\x7f") && utf8("\xf4\x8f\xbf\xbf"));
	CHECK(text_is_utf8("a\0b", 3));
	CHECK(!utf8("\xff") && !utf8("\x80") && !utf8("caf\xe9") && !utf8("12345678\xc3") && !utf8("\xe6\x9d") && !utf8("\xc3\x28"));
	CHECK(!utf8("\xc0\xaf") && !utf8("\xe0\x80\xaf") && !utf8("\xf0\x80\x80\xaf"));         /* overlong */
	CHECK(!utf8("\xed\xa0\x80") && !utf8("\xf4\x90\x80\x80") && !utf8("\xf5\x80\x80\x80")); /* surrogate, past U+10FFFF */
	CHECK(text_count("Zürich", 7) == 6 && text_columns("Zürich", 7) == 6);
	CHECK(text_columns("東京", 6) == 4 && text_columns("🚲", 4) == 2 && text_columns("e\xcc\x81", 3) == 1 && text_columns("", 0) == 0);
}

static void test_glob(void)
{
	TEST("globs");
	CHECK(text_glob("lat_*", "lat_from") && text_glob("*", "") && text_glob("*a*b", "xaxbxb") && text_glob("a**c", "abc"));
	CHECK(text_glob("q[12]", "q1") && !text_glob("q[12]", "q3") && text_glob("q[!12]", "q3") && !text_glob("q[!12]", "q2"));
	CHECK(text_glob("[a-z]x", "qx") && !text_glob("[a-z]x", "Qx") && text_glob("[]]", "]") && text_glob("[a-]", "-"));
	CHECK(text_glob("?", "ü") && !text_glob("?", "ab") && !text_glob("?", "") && text_glob("[ä-ü]", "ö"));
	CHECK(text_glob("a\\*", "a*") && !text_glob("a\\*", "ab") && text_glob("a[b", "a[b") && !text_glob("a", "ab") && !text_glob("ab", "a"));
	CHECK(text_is_glob("a*") && text_is_glob("[a]") && !text_is_glob("a_b"));
}

static void test_closest(void)
{
	static const char *const names[] = { "distance_km", "minutes", "Time taken", "km", "x" };

	TEST("names that were nearly right");
	CHECK_TEXT(text_closest("distnace_km", name_at, names, 5), "distance_km");
	CHECK_TEXT(text_closest("minuets", name_at, names, 5), "minutes");
	CHECK_TEXT(text_closest("time_taken", name_at, names, 5), "Time taken");
	CHECK_TEXT(text_closest("KM", name_at, names, 5), "km");
	CHECK(!text_closest("speed", name_at, names, 5) && !text_closest("y", name_at, names, 5) && !text_closest("", name_at, names, 5));
	CHECK(text_equal_nocase("Km", "kM") && !text_equal_nocase("km", "kmh") && !text_equal_nocase("km", "k"));
}

static void test_escape(void)
{
	TEST("what may hold anything");
	CHECK(escapes("plain", 0, "plain") && escapes("a\tb\nc\r\\", 0, "a\\tb\\nc\\r\\\\"));
	CHECK(escapes("\x1b[31m", 0, "\\x1b[31m") && escapes("caf\xe9", 0, "caf\\xe9") && escapes("\xc2\x9b", 0, "\\xc2\\x9b"));
	CHECK(escapes("Zürich", 0, "Zürich"));
	TEST("cut to a width");
	CHECK(escapes("abcdef", 6, "abcdef") && escapes("abcdef", 5, "abcd…") && escapes("東京駅", 5, "東京…") && escapes("東京駅", 4, "東…"));
	CHECK(escapes("ab\ncd", 4, "ab…") && escapes("abc", 1, "…"));

	TEST("what people read: nothing steers the terminal, and what was shown once stays as it is");
	CHECK(shows("a\tb\n\x1b[31m\\", true, "a\tb\n\\x1b[31m\\") && shows("a\tb\n\\x1b", false, "a\\tb\\n\\x1b"));
	CHECK(shows("\xc2\x9b \xc2\xa0 \x9b \x7f", true, "\\xc2\\x9b \xc2\xa0 \\x9b \\x7f"));
	CHECK(shows("\xe2\x80\xae \xe2\x81\xa6 \xd8\x9c \xe2\x80\xa8 \xe2\x80\x94", true,
	            "\\xe2\\x80\\xae \\xe2\\x81\\xa6 \\xd8\\x9c \\xe2\\x80\\xa8 \xe2\x80\x94"));
}

int main(void)
{
	test_utf8();
	test_glob();
	test_closest();
	test_escape();
	return unit_done();
}

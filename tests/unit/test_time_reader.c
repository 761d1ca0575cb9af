/* SPDX-License-Identifier: MIT */
/* Times of one form in words of eight bytes, and many at once: what time_read says of them, text by text, right ones and slightly broken ones. */
#include <stdlib.h>

#include "rng.h"
#include "time_reader.h"
#include "timestamp.h"
#include "unit.h"

enum { TEXTS = 3000, MANY_TIMES = 100, TEXT_ROOM = TIME_TEXT_SIZE + TIME_READER_SLACK };

static const char *const users[] = {
	"%d/%m/%Y", "%d.%m.%y %H:%M", "%Y%m%d", "%Y%m%d%H%M%S", "%H:%M %d-%m-%Y", "%Y", "%Y-%m", "%m/%d/%y %H:%M:%S.%2f", "%d/%m/%Y %H:%M:%S%.f",
	"on %d.%m. of %Y", "%Y-%m-%dT%H:%M:%S.%3fZ", "%S %M %H %d %m %y", "%Y-%m-%d %H:%M:%S,%3f", "%Y-%m-%d %H:%M:%S%.f UTC", "%Y-%m-%d %H:%M:%S.%f",
};
static const char *const others[] = {
	"%d %b %Y", "%Y-%j", "%I:%M %p %d.%m.%Y", "%A %d.%m.%Y", "%Y-%m-%d %H:%M:%S.%3f%%", "%Y-%m-%d %H:%M:%S.%3f5", "%Y-%m-%d '%H", "%H:%M:%S.%2f%d%m%Y",
	"a rather long text before %Y-%m-%d", "%H:%M:%S%.f %d.%m.%Y", "%Y-%m-%d %H:%M:%S%.f.",
};

/* A time in the years that the form can say, also at both ends of the calendar and of months. */
static int64_t random_time(struct rng *rng)
{
	static const int64_t second = 1000000, year = INT64_C(31556952000000);
	static const int64_t grains[] = { 1, 10000, 1000000, 60000000, 60000000, 86400000000, 86400000000 };
	int64_t grain, first = INT64_C(-62135596800000000), span = INT64_C(315537897600000000), micros;

	switch (rng_below(rng, 4)) {
	case 0: micros = (int64_t)rng_below(rng, (uint64_t)(99 * year)) - year; break;
	case 1: micros = first + (int64_t)rng_below(rng, rng_below(rng, 2) ? (uint64_t)span : (uint64_t)(2 * second)); break;
	case 2: micros = first + span - 1 - (int64_t)rng_below(rng, (uint64_t)(40000 * second)); break;
	default: micros = time_from_civil(1999 + (int)rng_below(rng, 8), 1 + (int)rng_below(rng, rng_below(rng, 2) ? 12 : 1), 1 + (int)rng_below(rng, rng_below(rng, 2) ? 31 : 1), 0, 0, 0, 0);
	}
	grain = grains[rng_below(rng, sizeof grains / sizeof *grains)];
	return micros / grain * grain;
}

/* A byte is another one, goes, or comes. */
static size_t break_text(struct rng *rng, char *text, size_t size)
{
	static const char likely[] = "0123456789-: .TZ+9/";
	size_t at = rng_below(rng, size), kind = rng_below(rng, 8);
	char byte = (char)(kind == 7 ? (int)rng_below(rng, 256) : likely[rng_below(rng, sizeof likely - 1)]);

	if (kind == 0) {
		memmove(text + at, text + at + 1, size - at);
		return size - 1;
	}
	if (kind == 1) {
		memmove(text + at + 1, text + at, size - at);
		size++;
	}
	text[at] = byte;
	return size;
}

static bool check_text(struct time_reader *reader, const char *form, const char *text, size_t size, size_t *n_read)
{
	char back[TIME_TEXT_SIZE];
	int64_t micros = 0, wanted = 0;
	bool trailing = false, fits = time_read(text, size, form, false, &wanted), same = time_reader_read(reader, text, size, &micros, &trailing) == fits;

	same = same && (!fits || micros == wanted);
	if (same && fits)
		same = trailing == (time_print(back, micros, form) != size || memcmp(back, text, size) != 0);
	*n_read += fits;
	if (!same)
		printf("%.*s by %s: %lld, wanted %lld\n", (int)size, text, form, (long long)micros, (long long)wanted);
	return same;
}

/* A time by the form, perhaps broken, with any bytes behind it; its size. */
static size_t random_text(struct rng *rng, const char *form, char text[TEXT_ROOM], unsigned broken)
{
	size_t size;

	for (size_t k = 0; k < TEXT_ROOM; k++)
		text[k] = (char)rng_below(rng, 256);
	size = time_print(text, random_time(rng), form);
	if (strstr(form, "%.f") && size > 3 && rng_below(rng, 3) == 0)
		size -= 1 + rng_below(rng, 2);
	for (; broken > 0 && size > 0; broken--)
		size = break_text(rng, text, size);
	return size;
}

/* n of them, each of a size that fits. One in so many is broken. */
static bool check_many(struct rng *rng, struct time_reader *reader, const char *form, size_t n, unsigned broken_of)
{
	static char room[TIME_READER_ROWS][TEXT_ROOM];
	const char *texts[TIME_READER_ROWS];
	uint32_t sizes[TIME_READER_ROWS];
	int64_t micros[TIME_READER_ROWS], wanted;
	size_t n_wanted = n, n_read, n_looked;
	bool same = true, trailing = false, looked = false, is_trailing = false;

	for (size_t i = 0; i < n; i++) {
		texts[i] = room[i];
		do
			sizes[i] = (uint32_t)random_text(rng, form, room[i], rng_below(rng, broken_of) == 0);
		while (!time_reader_has_size(reader, sizes[i]));
		if (n_wanted == n && !time_read(texts[i], sizes[i], form, false, &wanted))
			n_wanted = i;
	}
	n_read = time_reader_read_all(reader, texts, sizes, n, micros, &trailing);
	n_looked = time_reader_read_all(reader, texts, sizes, n, NULL, &looked);
	same = n_read == n_wanted && n_looked == n_wanted && looked == trailing;
	for (size_t i = 0; i < n_wanted && same; i++) {
		char back[TIME_TEXT_SIZE];

		same = time_read(texts[i], sizes[i], form, false, &wanted) && micros[i] == wanted;
		is_trailing |= time_print(back, wanted, form) != sizes[i] || memcmp(back, texts[i], sizes[i]) != 0;
	}
	same = same && is_trailing == trailing;
	if (!same)
		printf("%zu of %zu by %s, wanted %zu\n", n_read, n, form, n_wanted);
	return same;
}

static bool check_form(struct rng *rng, const char *form)
{
	struct time_reader reader;
	size_t n_read = 0;
	bool same = time_form_valid(form) && time_reader_set(&reader, form);
	enum cpu_lanes lanes = same ? reader.lanes : CPU_PLAIN;

	for (int i = 0; i < TEXTS && same; i++) {
		char text[TEXT_ROOM];
		size_t size = random_text(rng, form, text, (unsigned)rng_below(rng, 3));

		same = check_text(&reader, form, text, size, &n_read);
	}
	same = same && check_text(&reader, form, reader.sample, reader.least_size, &n_read);
	for (int i = 0; i < MANY_TIMES && same; i++) {
		reader.lanes = (enum cpu_lanes)rng_below(rng, (uint64_t)lanes + 1);
		same = check_many(rng, &reader, form, rng_below(rng, TIME_READER_ROWS + 1), i % 2 ? 20 : 1000);
	}
	if (same && n_read < TEXTS / 50)
		printf("%s: %zu\n", form, n_read);
	return same && n_read >= TEXTS / 50;
}

static void check_iso(struct rng *rng)
{
	static const char *const clocks[] = { "", "%H:%M", "%H:%M:%S", "%H:%M:%S.%1f", "%H:%M:%S.%2f", "%H:%M:%S.%3f", "%H:%M:%S.%4f", "%H:%M:%S.%5f", "%H:%M:%S.%6f", "%H:%M:%S%.f" };
	static const char *const zones[] = { "", "Z", "+05:30", "-0800", "+01", "+00:00", "-15:59" };

	TEST("all ISO forms");
	for (size_t clock = 0; clock < sizeof clocks / sizeof *clocks; clock++)
		for (size_t zone = 0; zone < (clock ? sizeof zones / sizeof *zones : 1); zone++)
			for (int blank = 0; blank < (clock ? 2 : 1); blank++) {
				char form[TIME_FORM_SIZE];

				snprintf(form, sizeof form, "%%Y-%%m-%%d%s%s%s", clock ? blank ? " " : "T" : "", clocks[clock], zones[zone]);
				CHECK(check_form(rng, form));
			}
}

static void check_fixed(void)
{
	struct time_reader reader;
	int64_t micros = 0;
	bool trailing = false;
	char text[64] = "2024-02-29 23:59:59.120";

	TEST("one by hand");            /* Python: datetime(2024, 2, 29, 23, 59, 59, 120000, timezone.utc).timestamp() */
	CHECK(time_reader_set(&reader, "%Y-%m-%d %H:%M:%S%.f"));
	CHECK(time_reader_read(&reader, text, 22, &micros, &trailing) && micros == 1709251199120000 && !trailing);
	CHECK(time_reader_read(&reader, text, 23, &micros, &trailing) && micros == 1709251199120000 && trailing);
	CHECK(!time_reader_read(&reader, "2023-02-29 00:00:00\0\0\0\0\0\0\0", 19, &micros, &trailing));
}

/* A text alone, by all ways. */
static bool check_alone(struct time_reader *reader, const char *form, const char *text, uint32_t size)
{
	int64_t wanted, micros = 0;
	bool fits = time_read(text, size, form, false, &wanted), trailing = false, same = true;
	enum cpu_lanes lanes = reader->lanes;

	for (int way = 0; way <= (int)lanes && same; way++) {
		reader->lanes = (enum cpu_lanes)way;
		same = time_reader_read_all(reader, &text, &size, 1, &micros, &trailing) == fits && (!fits || micros == wanted) &&
			time_reader_read_all(reader, &text, &size, 1, NULL, &trailing) == fits;
	}
	reader->lanes = lanes;
	return same;
}

/* Days that months have, and that they have not, and times of day. */
static void check_ranges(void)
{
	static const int years[] = { 0, 1, 3, 4, 100, 399, 400, 1600, 1900, 1999, 2000, 2023, 2024, 9996, 9999 };
	struct time_reader reader;
	char text[TEXT_ROOM] = "";
	bool same = true;

	TEST("days of all months");
	CHECK(time_reader_set(&reader, "%Y-%m-%d"));
	for (size_t k = 0; k < sizeof years / sizeof *years; k++)
		for (int date = 0; date < 14 * 33; date++)
			same &= check_alone(&reader, "%Y-%m-%d", text, (uint32_t)snprintf(text, sizeof text, "%04d-%02d-%02d", years[k], date / 33, date % 33));
	CHECK(same);
	TEST("times of day");
	CHECK(time_reader_set(&reader, "%H:%M:%S %Y"));
	for (int part = 0; part < 3; part++)
		for (int value = 0; value < 100; value++) {
			snprintf(text, sizeof text, "%02d:%02d:%02d 2024", part == 0 ? value : 23, part == 1 ? value : 59, part == 2 ? value : 59);
			same &= check_alone(&reader, "%H:%M:%S %Y", text, 13);
		}
	CHECK(same);
}

/* A zone takes times of the first and the last day out of the calendar: a look says so as a reading does. Wanted by hand. */
static void check_edges(void)
{
	static const struct { const char *form, *text; bool fits; } edges[] = {
		{ "%Y-%m-%d %H:%M-08:00", "9999-12-31 15:59-08:00", true }, { "%Y-%m-%d %H:%M-08:00", "9999-12-31 16:00-08:00", false },
		{ "%Y-%m-%d %H:%M+05:30", "0001-01-01 05:30+05:30", true }, { "%Y-%m-%d %H:%M+05:30", "0001-01-01 05:29+05:30", false },
		{ "%Y-%m-%d %H:%M:%S%.f-08:00", "9999-12-31 15:59:59.99-08:00", true }, { "%Y-%m-%d %H:%M:%S%.f-08:00", "9999-12-31 16:00:00.01-08:00", false },
	};

	TEST("ends of the calendar in zones");
	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
		uint32_t size = (uint32_t)strlen(edges[i].text);
		char text[TEXT_ROOM] = "";
		struct time_reader reader;
		int64_t micros;

		memcpy(text, edges[i].text, size);
		CHECK(time_read(text, size, edges[i].form, false, &micros) == edges[i].fits);
		CHECK(time_reader_set(&reader, edges[i].form) && check_alone(&reader, edges[i].form, text, size));
	}
}

int main(void)
{
	struct time_reader reader;
	struct rng rng;

	rng_seed(&rng, 5);
	check_fixed();
	check_iso(&rng);
	TEST("forms of users");
	for (size_t i = 0; i < sizeof users / sizeof *users; i++)
		CHECK(check_form(&rng, users[i]));
	check_ranges();
	check_edges();
	TEST("and those that have no fixed places");
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		CHECK(!time_reader_set(&reader, others[i]));
	return unit_done();
}

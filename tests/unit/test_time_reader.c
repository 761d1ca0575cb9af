/* SPDX-License-Identifier: MIT */
/* Times of one form in words of eight bytes: what time_read says of them, text by text, right ones and slightly broken ones. */
#include <stdlib.h>

#include "rng.h"
#include "time_reader.h"
#include "timestamp.h"
#include "unit.h"

enum { TEXTS = 3000 };

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

static bool check_form(struct rng *rng, const char *form)
{
	struct time_reader reader;
	size_t n_read = 0;
	bool same = time_form_valid(form) && time_reader_set(&reader, form);

	for (int i = 0; i < TEXTS && same; i++) {
		char text[TIME_TEXT_SIZE + 16];
		size_t size;

		for (size_t k = 0; k < sizeof text; k++)
			text[k] = (char)rng_below(rng, 256);
		size = time_print(text, random_time(rng), form);
		if (strstr(form, "%.f") && size > 3 && rng_below(rng, 3) == 0)
			size -= 1 + rng_below(rng, 2);
		for (int broken = (int)rng_below(rng, 3); broken > 0 && size > 0; broken--)
			size = break_text(rng, text, size);
		same = check_text(&reader, form, text, size, &n_read);
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
	TEST("and those that have no fixed places");
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		CHECK(!time_reader_set(&reader, others[i]));
	return unit_done();
}

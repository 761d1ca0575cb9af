/* SPDX-License-Identifier: MIT */
/* Many times by one form are each what one time is by time_print, which test_timestamp compares with Python. */
#include "rng.h"
#include "timestamp.h"
#include "unit.h"

static const int64_t FIRST = INT64_C(-62135596800000000), LAST = INT64_C(253402300799999999);
static const int64_t MICRO = 1, SECOND = 1000000, DAY = INT64_C(86400000000);

static const char *const forms[] = {
	NULL, "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+05:30", "%Y-%m-%dT%H:%M:%S-1200",
	"%Y-%m-%d %H:%M:%S.%1f", "%Y-%m-%d %H:%M:%S.%3f", "%Y-%m-%d %H:%M:%S.%6fZ", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S%.f",
	"%Y-%m-%dT%H:%M:%S%.f+01", "%d/%m/%Y %I:%M:%S %p", "%I %p %d.%m.%Y", "%A, %d %B %Y at %H:%M:%S", "%a %b %d %H:%M:%S %Y", "%b %Y", "%Y", "%Y %j %H",
	"%d.%m.%y", "%m/%d/%y %H:%M", "100%% %Y-%m-%d %H%M%S", "%Y-%m-%d %H %S", "%S:%M:%H %d-%m-%Y", "%H:%M:%S%.f on %Y-%m-%d", "%Y", "",
	"literal text of forty seven bytes is all there i", "%A %B the %d in the year %Y and so on and on %H:%M", "%Y-%m-%d %Y-%m-%d %H:%M:%S", "%H %H %Y-%m-%d",
};

static bool same_text(struct time_printer *printer, const char *form, int64_t micros)
{
	char text[TIME_TEXT_SIZE], wanted[TIME_TEXT_SIZE];
	size_t size = time_printer_print(printer, text, micros);

	if (size == time_print(wanted, micros, form) && memcmp(text, wanted, size) == 0)
		return true;
	printf("%lld by %s: %.*s, not %s\n", (long long)micros, form ? form : "no form", (int)size, text, wanted);
	return false;
}

/* Steps of this width from a start, and at random in between. */
static bool same_texts(const char *form, int64_t start, int64_t step, int n, struct rng *rng)
{
	struct time_printer printer;
	bool same = true;

	time_printer_init(&printer, form);
	for (int i = 0; i < n && same; i++) {
		int64_t micros = start + i * step + (int64_t)(rng_unit(rng) * (double)step);

		if (time_in_calendar(micros))
			same = same_text(&printer, form, micros) && same_text(&printer, form, micros - micros % SECOND) && same_text(&printer, form, micros - micros % DAY);
	}
	return same;
}

/* The same many at once, by all ways, of times that are this fine; `odd`: one in so many is finer. */
static bool same_at_once(const char *form, int64_t start, int64_t span, int64_t grain, unsigned odd, struct rng *rng)
{
	enum { STRIDE = TIME_TEXT_SIZE + 7 };
	char texts[TIME_PRINTER_ROWS * STRIDE], wanted[TIME_TEXT_SIZE];
	unsigned char sizes[TIME_PRINTER_ROWS];
	int64_t micros[TIME_PRINTER_ROWS];
	size_t n = rng_below(rng, TIME_PRINTER_ROWS + 1);
	struct time_printer printer;
	bool same = true;

	time_printer_init(&printer, form);
	printer.lanes = (enum cpu_lanes)rng_below(rng, (uint64_t)printer.lanes + 1);
	for (size_t i = 0; i < n; i++) {
		micros[i] = start + (int64_t)(rng_unit(rng) * (double)span);
		if (rng_below(rng, odd) != 0)
			micros[i] -= (micros[i] % grain + grain) % grain;
	}
	time_printer_print_all(&printer, texts, STRIDE, micros, n, sizes);
	for (size_t i = 0; i < n && same; i++) {
		same = sizes[i] == time_print(wanted, micros[i], form) && memcmp(texts + i * STRIDE, wanted, sizes[i]) == 0;
		if (!same)
			printf("%lld by %s: %.*s, not %s\n", (long long)micros[i], form ? form : "no form", (int)sizes[i], texts + i * STRIDE, wanted);
	}
	return same;
}

static void check_at_once(struct rng *rng)
{
	static const int64_t grains[] = { 1, 1000, 100000, 1000000, 60000000, 3600000000, 86400000000 };
	bool same = true;

	TEST("many at once print as each");
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		for (int k = 0; k < 300 && same; k++) {
			int64_t grain = grains[rng_below(rng, sizeof grains / sizeof *grains)];
			unsigned odd = rng_below(rng, 2) ? 1000000 : 50;

			same &= same_at_once(forms[i], FIRST - DAY, LAST - FIRST + 2 * DAY, grain, odd, rng);
			same &= same_at_once(forms[i], k % 2 ? LAST - DAY : FIRST - DAY, 2 * DAY, grain, odd, rng);
			same &= same_at_once(forms[i], -1000 * DAY + k, 30000 * DAY, grain, odd, rng);
			same &= same_at_once(forms[i], k % 2 ? INT64_MAX - DAY : INT64_MIN, DAY, grain == DAY ? 1 : grain, 1, rng);
		}
	CHECK(same);
}

/* The last and the first microsecond of each day, where quotients turn. */
static void check_ends_of_days(void)
{
	char texts[TIME_PRINTER_ROWS * TIME_TEXT_SIZE], wanted[TIME_TEXT_SIZE];
	unsigned char sizes[TIME_PRINTER_ROWS];
	int64_t micros[TIME_PRINTER_ROWS];
	struct time_printer printer;
	size_t n = 0;
	bool same = true;

	TEST("ends of days");
	time_printer_init(&printer, "%Y-%m-%d %H:%M:%S.%6f");
	for (int64_t day = FIRST / DAY; day * DAY < LAST && same; day += 5) {
		for (int k = 0; k < 4; k++)
			micros[n++] = day * DAY + (k % 2 ? DAY - 1 : 0) - (k / 2 && day > FIRST / DAY ? SECOND * (day % 70000) : 0);
		if (n < TIME_PRINTER_ROWS)
			continue;
		time_printer_print_all(&printer, texts, TIME_TEXT_SIZE, micros, n, sizes);
		for (size_t i = 0; i < n; i++)
			same &= time_print(wanted, micros[i], printer.form) == sizes[i] && memcmp(wanted, texts + i * TIME_TEXT_SIZE, sizes[i]) == 0;
		n = 0;
	}
	CHECK(same);
}

int main(void)
{
	struct rng rng;
	bool same = true;

	rng_seed(&rng, 3);
	TEST("many times print as one");
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		same &= same_texts(forms[i], FIRST, LAST / 1000 - FIRST / 1000, 1000, &rng);            /* all years */
		same &= same_texts(forms[i], -1000 * DAY, DAY, 2000, &rng);                              /* each day about 1970 */
		same &= same_texts(forms[i], INT64_C(1709078400000000), 997 * SECOND, 1000, &rng);       /* a leap day */
		same &= same_texts(forms[i], 0, MICRO, 100, &rng);
		same &= same_texts(forms[i], LAST - 50 * DAY, DAY, 60, &rng) && same_texts(forms[i], FIRST, DAY, 60, &rng);
	}
	CHECK(same);
	check_at_once(&rng);
	check_ends_of_days();
	return unit_done();
}

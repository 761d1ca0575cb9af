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
	return unit_done();
}

/* SPDX-License-Identifier: MIT */
/*
 * Times as text: a walk along the form, which notes what it has said; the names of months and weekdays. For many
 * times the form is walked once, or once a day, into a text with places for digits. With AVX2 the digits of a time
 * are brought to their places at once.
 */
#include <string.h>

#include "calendar.h"
#include "number_digits.h"
#include "time_words.h"
#include "timestamp.h"

const char *const MONTHS[12] = {
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
};
const char *const WEEKDAYS[7] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

size_t time_modifier_size(const char *p)
{
	return (*p >= '1' && *p <= '6') || (*p == '.' && p[1] == 'f');
}

struct printer { char *p, *end; };

static void put(struct printer *printer, const char *bytes, size_t size)
{
	if (size > (size_t)(printer->end - printer->p))
		size = (size_t)(printer->end - printer->p);
	memcpy(printer->p, bytes, size);
	printer->p += size;
}

static void put_digits(struct printer *printer, int value, int width)
{
	char digits[8];

	for (int i = width; i-- > 0; value /= 10)
		digits[i] = (char)('0' + value % 10);
	put(printer, digits, (size_t)width);
}

/* Four digits for the years of the calendar; more, or a sign, for what only arithmetic yields. */
static void put_year(struct printer *printer, int year)
{
	if (year < 0)
		put(printer, "-", 1);
	year = year < 0 ? -year : year;
	put_digits(printer, year, year > 99999 ? 6 : year > 9999 ? 5 : 4);
}

/* So many digits of it; modifier '.': a point and as many as it takes, or nothing. */
static void put_fraction(struct printer *printer, char modifier, int micro)
{
	int digits = modifier >= '1' && modifier <= '6' ? modifier - '0' : 6;

	if (modifier == '.') {
		if (micro == 0)
			return;
		put(printer, ".", 1);
	}
	for (int i = digits; i < 6; i++)
		micro /= 10;
	for (; digits > 1 && modifier == '.' && micro % 10 == 0; micro /= 10)
		digits--;
	put_digits(printer, micro, digits);
}

static void put_directive(struct printer *printer, char letter, char modifier, const struct civil *civil)
{
	const char *month = MONTHS[civil->month - 1], *weekday = WEEKDAYS[civil->weekday];

	switch (letter) {
	case 'Y': put_year(printer, civil->year); break;
	case 'y': put_digits(printer, (civil->year % 100 + 100) % 100, 2); break;
	case 'm': put_digits(printer, civil->month, 2); break;
	case 'd': put_digits(printer, civil->day, 2); break;
	case 'H': put_digits(printer, civil->hour, 2); break;
	case 'I': put_digits(printer, civil->hour % 12 ? civil->hour % 12 : 12, 2); break;
	case 'M': put_digits(printer, civil->minute, 2); break;
	case 'S': put_digits(printer, civil->second, 2); break;
	case 'j': put_digits(printer, civil->yearday, 3); break;
	case 'f': put_fraction(printer, modifier, civil->micro); break;
	case 'b': put(printer, month, 3); break;
	case 'B': put(printer, month, strlen(month)); break;
	case 'a': put(printer, weekday, 3); break;
	case 'A': put(printer, weekday, strlen(weekday)); break;
	case 'p': put(printer, civil->hour < 12 ? "AM" : "PM", 2); break;
	case '%': put(printer, "%", 1); break;
	default: break;
	}
}

/* Without a form: in full, also at midnight, since a column of some dates and some times would not be read as times again. */
#define OWN_FORM "%Y-%m-%dT%H:%M:%S%.fZ"

/* What a form has said of a time: bits by letter, and digits of the fraction. */
enum { SAID_YEAR = 1, SAID_MONTH = 2, SAID_DAY = 4, SAID_HOUR = 8, SAID_HALF = 16, SAID_MINUTE = 32, SAID_SECOND = 64 };
struct said { unsigned what; int digits; };

static void note_said(struct said *said, char letter, char modifier, const struct civil *civil)
{
	switch (letter) {
	case 'Y': said->what |= SAID_YEAR; break;
	case 'y': said->what |= civil->year >= 1969 && civil->year < 2069 ? SAID_YEAR : 0; break;
	case 'm': case 'b': case 'B': said->what |= SAID_MONTH; break;
	case 'd': said->what |= SAID_DAY; break;
	case 'j': said->what |= SAID_MONTH | SAID_DAY; break;
	case 'H': said->what |= SAID_HOUR | SAID_HALF; break;
	case 'I': said->what |= SAID_HOUR; break;
	case 'p': said->what |= SAID_HALF; break;
	case 'M': said->what |= SAID_MINUTE; break;
	case 'S': said->what |= SAID_SECOND; break;
	case 'f': said->digits = modifier && modifier != '.' ? modifier - '0' : 6; break;
	default: break;
	}
}

static bool said_all(const struct said *said, const struct civil *civil)
{
	static const int POWERS[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	unsigned due = SAID_YEAR | (civil->month > 1 ? SAID_MONTH : 0u) | (civil->day > 1 ? SAID_DAY : 0u) | (civil->hour ? SAID_HOUR : 0u) |
		(civil->hour > 11 ? SAID_HALF : 0u) | (civil->minute ? SAID_MINUTE : 0u) | (civil->second ? SAID_SECOND : 0u);

	return (due & ~said->what) == 0 && civil->micro % POWERS[said->digits] == 0;
}

/* Whether the form said all of the time. */
static bool print_form(struct printer *printer, const char *form, const struct civil *civil)
{
	struct said said = { 0, 0 };

	for (; *form; form++) {
		char modifier;

		if (*form != '%') {
			put(printer, form, 1);
			continue;
		}
		modifier = time_modifier_size(form + 1) ? *++form : 0;
		if (!*++form)
			break;
		put_directive(printer, *form, modifier, civil);
		note_said(&said, *form, modifier, civil);
	}
	return said_all(&said, civil);
}

size_t time_print(char *text, int64_t micros, const char *form)
{
	struct printer printer = { text, text + TIME_TEXT_SIZE - 1 };
	struct civil civil;
	int64_t wall = (int64_t)((uint64_t)micros + (uint64_t)time_form_offset(form));

	if (time_in_calendar(micros) && !time_in_calendar(wall)) {
		form = NULL;            /* there is no such year in that zone */
		wall = micros;
	}
	time_to_civil(wall, &civil);
	if (!print_form(&printer, form ? form : OWN_FORM, &civil) && form) {
		const char *zone = time_form_zone(form);

		printer.p = text;
		print_form(&printer, "%Y-%m-%dT%H:%M:%S%.f", &civil);
		put(&printer, zone, strlen(zone));
	}
	*printer.p = 0;
	return (size_t)(printer.p - text);
}

/* ---- many times ---- */

static const int64_t SECOND = 1000000, DAY = 86400 * 1000000LL;
enum { NOWHERE = TIME_TEXT_SIZE - 4 };  /* a place that no text reaches, with room for the longest digits */

/* Its digits' place in the text so far, which has them once. */
static void note_place(struct time_printer *to, char letter, char modifier, size_t at)
{
	unsigned char *places[] = { &to->year, &to->month, &to->date, &to->hour, &to->half_hour, &to->half, &to->minute, &to->second, &to->fraction };
	const char *letters = "YmdHIpMSf", *found = strchr(letters, letter);

	if (!found) {
		to->names |= letter != '%';
		return;
	}
	to->placed &= *places[found - letters] == NOWHERE;
	*places[found - letters] = (unsigned char)at;
	if (letter == 'f')
		to->digits = (unsigned char)(modifier ? modifier - '0' : 6);
}

static void order_digits(unsigned char *order, char *literals, size_t place, unsigned from, unsigned n)
{
	for (unsigned i = 0; place != NOWHERE && i < n; i++) {
		order[place + i] = (unsigned char)(from + i);
		literals[place + i] = '0';
	}
}

/* Where the digits of many times go at once, if all are digits of the head, which is short. */
static void set_order(struct time_printer *to)
{
	unsigned char places[] = { to->month, to->date, to->hour, to->minute, to->second };

	to->lanes = CPU_PLAIN;
	if (!to->placed || to->names || to->half_hour != NOWHERE || to->half != NOWHERE || to->head_size > TIME_ORDER)
		return;
	to->lanes = cpu_lanes();
	memset(to->order, 0x80, sizeof to->order);
	memset(to->fraction_order, 0x80, sizeof to->fraction_order);
	memcpy(to->literals, to->head, sizeof to->literals);
	order_digits(to->order, to->literals, to->year, 0, 4);
	for (unsigned i = 0; i < sizeof places; i++)
		order_digits(to->order, to->literals, places[i], 4 + 2 * i, 2);
	order_digits(to->fraction_order, to->literals, to->fraction, 0, to->digits);
}

/* The text of a day, at midnight, with what it says of it; head ends where a fraction of any length stands. Places will do where the text is short
 * enough, and no digits stand behind such a fraction. */
static void place(struct time_printer *to, const struct civil *civil)
{
	struct said said = { 0, 0 };
	struct printer printer = { to->head, to->head + TIME_TEXT_SIZE };

	to->year = to->month = to->date = to->hour = to->half_hour = to->half = to->minute = to->second = to->fraction = NOWHERE;
	to->placed = true;
	to->point = false;
	for (const char *p = to->form; *p; p++) {
		char modifier;

		if (*p != '%') {
			put(&printer, p, 1);
			continue;
		}
		modifier = time_modifier_size(p + 1) ? *++p : 0;
		if (!*++p)
			break;
		note_said(&said, *p, modifier, civil);
		if (*p == 'f' && modifier == '.' && !to->point) {
			to->point = true;
			to->head_size = (unsigned char)(printer.p - to->head);
			printer = (struct printer){ to->tail, to->tail + TIME_TEXT_SIZE };
			continue;
		}
		to->placed &= !to->point;
		note_place(to, *p, modifier, (size_t)(printer.p - to->head));
		put_directive(&printer, *p, modifier, civil);
	}
	if (to->point)
		to->tail_size = (unsigned char)(printer.p - to->tail);
	else
		to->head_size = (unsigned char)(printer.p - to->head);
	to->placed &= to->head_size + to->tail_size + 7 <= NOWHERE;
	set_order(to);
	to->said = said.what;
	to->day_said = said_all(&said, civil);
}

void time_printer_init(struct time_printer *printer, const char *form)
{
	struct civil first;

	*printer = (struct time_printer){ .form = form ? form : OWN_FORM, .offset = time_form_offset(form) };
	time_to_civil(0, &first);
	place(printer, &first);
}

static void put_pair(char *text, unsigned value)
{
	static const char PAIRS[] =
		"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
		"5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

	memcpy(text, PAIRS + 2 * value, 2);
}

/* The digits of a day's date. */
static void put_date(struct time_printer *to)
{
	struct calendar_date date = calendar_date(to->day);
	unsigned century = calendar_century(date.year);

	put_pair(to->year_text, century);
	put_pair(to->year_text + 2, date.year - 100 * century);
	put_pair(to->month_text, date.month);
	put_pair(to->date_text, date.day);
	to->day_said = !((date.month > 1 && !(to->said & SAID_MONTH)) || (date.day > 1 && !(to->said & SAID_DAY)) || !(to->said & SAID_YEAR));
}

static void begin_day(struct time_printer *printer, uint32_t day)
{
	struct civil civil;

	printer->day = day;
	put_date(printer);
	if (!printer->names)
		return;
	time_to_civil(((int64_t)day - CALENDAR_1970) * DAY, &civil);
	place(printer, &civil);
}

/* Digits of a fraction at its place, or a point and as many as it takes behind the head; false: the form has too few. */
static bool put_micros(const struct time_printer *printer, char *text, size_t *size, unsigned micro)
{
	char digits[8];
	unsigned n = printer->point ? 6 : printer->digits;

	if (micro == 0 && (printer->point || n == 0))
		return true;
	store_eight(digits, (digits_of(micro) | EIGHT_ZEROS) >> 16);
	for (unsigned i = n; i < 6; i++)
		if (digits[i] != '0')
			return false;
	if (printer->point) {
		text[(*size)++] = '.';
		while (digits[n - 1] == '0')
			n--;
		memcpy(text + *size, digits, 6);
		*size += n;
		return true;
	}
	for (unsigned i = 0; i < n; i++)
		text[printer->fraction + i] = digits[i];
	return true;
}

static unsigned due_of(unsigned hour, unsigned minute, unsigned second)
{
	return (hour ? SAID_HOUR : 0u) | (hour > 11 ? SAID_HALF : 0u) | (minute ? SAID_MINUTE : 0u) | (second ? SAID_SECOND : 0u);
}

size_t time_printer_print(struct time_printer *printer, char *text, int64_t micros)
{
	int64_t wall = (int64_t)((uint64_t)micros + (uint64_t)printer->offset);
	uint64_t rest = (uint64_t)wall + CALENDAR_1970 * (uint64_t)DAY;
	uint32_t day = (uint32_t)(rest / (uint64_t)DAY);
	size_t size;
	unsigned of_day, micro, hour, minute, second, due;

	if (!printer->placed || !time_in_calendar(micros) || !time_in_calendar(wall))
		return time_print(text, micros, printer->form);
	if (day != printer->day)
		begin_day(printer, day);
	rest -= day * (uint64_t)DAY;
	of_day = (unsigned)(rest / (uint64_t)SECOND);
	micro = (unsigned)(rest - of_day * (uint64_t)SECOND);
	hour = of_day / 3600;
	minute = of_day / 60 % 60;
	second = of_day % 60;
	due = due_of(hour, minute, second);
	size = printer->head_size;
	if (!printer->day_said || (due & ~printer->said) || !printer->placed)
		return time_print(text, micros, printer->form);
	memcpy(text, printer->head, TIME_TEXT_SIZE);
	memcpy(text + printer->year, printer->year_text, 4);
	memcpy(text + printer->month, printer->month_text, 2);
	memcpy(text + printer->date, printer->date_text, 2);
	put_pair(text + printer->hour, hour);
	put_pair(text + printer->minute, minute);
	put_pair(text + printer->second, second);
	if (printer->half_hour != NOWHERE)
		put_pair(text + printer->half_hour, hour % 12 ? hour % 12 : 12);
	if (printer->half != NOWHERE)
		text[printer->half] = hour < 12 ? 'A' : 'P';
	if (!put_micros(printer, text, &size, micro))
		return time_print(text, micros, printer->form);
	if (printer->tail_size)
		memcpy(text + size, printer->tail, printer->tail_size);
	return size + printer->tail_size;
}

/* ---- many at once ---- */

#ifdef CPU_HAS_LANES
#include <immintrin.h>

/* Of many times: the day, second and microsecond, then pairs of digits, each 16 bits wide: century, year, month, day; hour, minute, second; a fraction. */
struct many_times {
	uint32_t days[TIME_PRINTER_ROWS], seconds[TIME_PRINTER_ROWS], micros[TIME_PRINTER_ROWS];
	struct { uint64_t date, clock; } pairs[TIME_PRINTER_ROWS];
	uint64_t fractions[TIME_PRINTER_ROWS];
};

/* Below 2^52, exactly. */
static inline __attribute__((always_inline)) double exact_double(uint64_t n)
{
	uint64_t bits = n | UINT64_C(0x4330000000000000);
	double value;

	memcpy(&value, &bits, sizeof value);
	return value - 0x1p52;
}

/* Whether all are within the calendar, in UTC and in the form's zone. */
static inline __attribute__((always_inline)) bool all_in_calendar(const struct time_printer *printer, const int64_t *micros, size_t n)
{
	const uint64_t first = (uint64_t)FIRST_TIME, span = (uint64_t)LAST_TIME - first, offset = (uint64_t)printer->offset;
	uint64_t out = 0;

	for (size_t i = 0; i < n; i++)
		out |= ((uint64_t)micros[i] - first > span) | ((uint64_t)micros[i] + offset - first > span);
	return !out;
}

/* Quotients of doubles are whole below where they should be: what is divided is a whole number below 2^52, and the quotient so small that the one of the
 * number below a multiple is told from the multiple's. */
static inline __attribute__((always_inline)) void part_times(const struct time_printer *printer, const int64_t *micros, size_t n, struct many_times *many)
{
	enum { SECOND_MICROS = 1000000 };
	const uint64_t before = (uint64_t)printer->offset + CALENDAR_1970 * (uint64_t)DAY;

	for (size_t i = 0; i < n; i++) {
		uint64_t rest = (uint64_t)micros[i] + before, of_day;
		uint32_t day = (uint32_t)(int32_t)(exact_double(rest >> CALENDAR_DAY_SHIFT) / CALENDAR_SHIFTED_DAY), second;

		of_day = rest - (((uint64_t)day * CALENDAR_SHIFTED_DAY) << CALENDAR_DAY_SHIFT);
		second = (uint32_t)(int32_t)(exact_double(of_day) / SECOND_MICROS);
		many->days[i] = day;
		many->seconds[i] = second;
		many->micros[i] = (uint32_t)of_day - second * SECOND_MICROS;
	}
}

/* False: the form does not say all of one of them, but for fractions. */
static inline __attribute__((always_inline)) bool pair_digits(const struct time_printer *printer, size_t n, struct many_times *many)
{
	uint32_t months = 0, days = 0, hours = 0, minutes = 0, seconds = 0, micros = 0;
	unsigned due;

	for (size_t i = 0; i < n; i++) {
		struct calendar_date date = calendar_date(many->days[i]);
		uint32_t century = calendar_century(date.year), minute = many->seconds[i] / 60, hour = minute / 60, second = many->seconds[i] - 60 * minute;

		minute -= 60 * hour;
		months |= date.month - 1;
		days |= date.day - 1;
		hours |= hour + (hour > 11 ? 32 : 0);
		minutes |= minute;
		seconds |= second;
		micros |= many->micros[i];
		many->pairs[i].date = century | (date.year - 100 * century) << 16 | (uint64_t)(date.month | date.day << 16) << 32;
		many->pairs[i].clock = hour | minute << 16 | (uint64_t)second << 32;
	}
	due = SAID_YEAR | (months ? SAID_MONTH : 0u) | (days ? SAID_DAY : 0u) | due_of(hours > 31 ? 12 : hours, minutes, seconds);
	return (due & ~printer->said) == 0 && (micros == 0 || printer->point || printer->digits);
}

static inline __attribute__((always_inline)) void pair_fractions(size_t n, struct many_times *many)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t high = many->micros[i] / 10000, low = many->micros[i] - 10000 * high, middle = low / 100;

		many->fractions[i] = high | middle << 16 | (uint64_t)(low - 100 * middle) << 32;
	}
}

/* Pairs below 100 become two digits, 0 to 9 each. */
AVX2 static inline __m256i two_digits(__m256i pairs)
{
	__m256i tens = _mm256_mulhi_epu16(pairs, _mm256_set1_epi16(6554));

	return _mm256_or_si256(tens, _mm256_slli_epi16(_mm256_sub_epi16(pairs, _mm256_mullo_epi16(tens, _mm256_set1_epi16(10))), 8));
}

#define LOAD(bytes) _mm256_loadu_si256((const __m256i *)(const void *)(bytes))

/* False: a fraction has more digits than the form. */
AVX2 static bool put_heads(const struct time_printer *printer, char *texts, size_t stride, size_t n, const struct many_times *many)
{
	const __m256i order = LOAD(printer->order), literals = LOAD(printer->literals), fraction_order = LOAD(printer->fraction_order);
	const __m256i beyond = _mm256_set1_epi64x((long long)(UINT64_MAX << 8 * printer->digits));
	__m256i odd = _mm256_setzero_si256();

	for (size_t i = 0; i < n; i++) {
		__m256i digits = two_digits(_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)&many->pairs[i])));
		__m256i text = _mm256_or_si256(_mm256_shuffle_epi8(digits, order), literals);

		if (printer->digits) {
			digits = two_digits(_mm256_set1_epi64x((long long)many->fractions[i]));
			odd = _mm256_or_si256(odd, _mm256_and_si256(digits, beyond));
			text = _mm256_or_si256(text, _mm256_shuffle_epi8(digits, fraction_order));
		}
		_mm256_storeu_si256((__m256i *)(void *)(texts + i * stride), text);
	}
	return _mm256_testz_si256(odd, odd);
}

static inline __attribute__((always_inline)) bool part_many(const struct time_printer *printer, const int64_t *micros, size_t n, struct many_times *many)
{
	if (!all_in_calendar(printer, micros, n))
		return false;
	part_times(printer, micros, n, many);
	if (!pair_digits(printer, n, many))
		return false;
	if (printer->digits)
		pair_fractions(n, many);
	return true;
}

AVX2 static bool part_avx2(const struct time_printer *printer, const int64_t *micros, size_t n, struct many_times *many)
{
	return part_many(printer, micros, n, many);
}

/* With twice as many registers. */
AVX512 static bool part_avx512(const struct time_printer *printer, const int64_t *micros, size_t n, struct many_times *many)
{
	return part_many(printer, micros, n, many);
}

/* Heads at once, then what is of any length; false: one of them is printed in another way. */
static bool print_at_once(const struct time_printer *printer, char *texts, size_t stride, const int64_t *micros, size_t n, unsigned char *sizes)
{
	struct many_times many;

	if (!(printer->lanes >= CPU_AVX512 ? part_avx512 : part_avx2)(printer, micros, n, &many) || !put_heads(printer, texts, stride, n, &many))
		return false;
	if (!printer->point) {
		memset(sizes, printer->head_size, n);
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		char *text = texts + i * stride;
		size_t size = printer->head_size;

		put_micros(printer, text, &size, many.micros[i]);
		memcpy(text + size, printer->tail, printer->tail_size);
		sizes[i] = (unsigned char)(size + printer->tail_size);
	}
	return true;
}
#endif

void time_printer_print_all(struct time_printer *printer, char *texts, size_t stride, const int64_t *micros, size_t n, unsigned char *sizes)
{
#ifdef CPU_HAS_LANES
	if (printer->lanes != CPU_PLAIN && print_at_once(printer, texts, stride, micros, n, sizes))
		return;
#endif
	for (size_t i = 0; i < n; i++)
		sizes[i] = (unsigned char)time_printer_print(printer, texts + i * stride, micros[i]);
}

void time_form_behind(char *behind, const char *form)
{
	bool clock = strstr(form, "%H") || strstr(form, "%I");
	const char *zone = strstr(form, "%z") ? "Z" : time_form_zone(form);
	struct printer printer = { behind, behind + TIME_FORM_SIZE - 1 };

	put(&printer, "%Y-%m-%d", 8);
	if (clock) {
		put(&printer, " %H:%M:%S", 9);
		if (strstr(form, "f"))
			put(&printer, "%.f", 3);
		put(&printer, zone, strlen(zone));
	}
	*printer.p = 0;
}

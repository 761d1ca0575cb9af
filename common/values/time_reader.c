/* SPDX-License-Identifier: MIT */
/*
 * Each byte of a text is compared with its place: after an exclusive or with '0' or the literal it is a
 * digit's value, or 0; adding 0x76 or 0x7f sets bit 7 where it is more. Ten times a byte and
 * the one behind it is the number of two digits that begins there, for all places at once.
 *
 * With AVX2 32 bytes of a text are compared at once, and its digits moved to one order for all forms, in which
 * one instruction makes pairs of them, one tells pairs out of range, and one makes the parts of a time. What the parts
 * say is settled for many texts in one loop without branches.
 */
#include "time_reader.h"

#include <string.h>

#include "calendar.h"
#include "number_plain.h"
#include "timestamp.h"

enum { NEVER = TIME_READER_BYTES };     /* the place of a part that the form has not */
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND };
enum { FRACTION_AT = 8 };         /* digits of fractions in order, as those of minutes in the order of parts */
enum { HALF = TIME_READER_BYTES / 2, ELSEWHERE = 0x80 /* for a shuffle of bytes: 0 */ };

/* What a text says of a time. date: the month, and the day in its low bits; micros: of the minute. */
struct time_parts { uint32_t year, date, minutes, micros; };
enum { DAY_BITS = 5, SECOND_MICROS = 1000000, MINUTE_MICROS = 60 * SECOND_MICROS };

/* ---- a form ---- */

static bool put_place(struct time_reader *reader, size_t *at, bool digit, char byte)
{
	size_t word = *at / 8, shift = *at % 8 * 8;

	if (*at == 8 * TIME_READER_WORDS)
		return false;
	reader->is[word] |= (uint64_t)(unsigned char)(digit ? '0' : byte) << shift;
	reader->slack[word] |= (uint64_t)(digit ? 0x76 : 0x7f) << shift;
	reader->within[word] |= (uint64_t)0xff << shift;
	++*at;
	return true;
}

/* A part of so many digits. */
static bool put_digits(struct time_reader *reader, size_t *at, int digits)
{
	bool fits = true;

	for (int i = 0; i < digits && fits; i++)
		fits = put_place(reader, at, true, 0);
	return fits;
}

/* A fraction takes as many digits as there are, so that none may follow. */
static bool ends_digits(const char *form)
{
	return *form != '%' && *form != '.' && (*form < '0' || *form > '9');
}

/* What stands behind a fraction of any length: literal bytes only. */
static bool put_tail(struct time_reader *reader, const char *form)
{
	reader->tail_size = strlen(form);
	if (reader->tail_size > 8 || strchr(form, '%') || !ends_digits(form))
		return false;
	for (size_t i = 0; i < reader->tail_size; i++)
		reader->tail |= (uint64_t)(unsigned char)form[i] << 8 * i;
	return true;
}

static bool put_directive(struct time_reader *reader, size_t *at, char letter)
{
	static const char letters[] = "YmdHMS";
	const char *part = letter == 'y' ? letters : strchr(letters, letter);

	if (!letter || !part)
		return false;
	reader->places[part - letters] = (unsigned char)*at;
	reader->short_year |= letter == 'y';
	return put_digits(reader, at, letter == 'Y' ? 4 : 2);
}

static bool set_places(struct time_reader *reader, const char *form)
{
	size_t at = 0;
	bool fits = true;

	*reader = (struct time_reader){ .places = { NEVER, NEVER, NEVER, NEVER, NEVER, NEVER }, .offset = time_form_offset(form) };
	for (; fits && *form; form++) {
		if (*form != '%') {
			fits = *form != '"' && *form != '\'' && put_place(reader, &at, false, *form);
		} else if (form[1] == '.' && form[2] == 'f') {
			reader->any_fraction = true;
			reader->size = at;
			return put_tail(reader, form + 3) && reader->places[YEAR] != NEVER;
		} else if (form[1] == 'f' || (form[1] >= '1' && form[1] <= '6' && form[2] == 'f')) {
			reader->fraction = (unsigned char)at;
			reader->digits = form[1] == 'f' ? 6 : (unsigned char)(form[1] - '0');
			form += form[1] == 'f' ? 1 : 2;
			fits = put_digits(reader, &at, reader->digits) && (form[1] != '%' && ends_digits(form + 1));
		} else {
			fits = put_directive(reader, &at, *++form);
		}
	}
	reader->size = at;
	return fits && reader->places[YEAR] != NEVER;
}

/* Digits that begin at a place of the text come to `at` in order. */
static void put_order(unsigned char *to, size_t at, size_t place, size_t digits)
{
	for (size_t i = 0; i < digits; i++)
		to[(place + i) / HALF * HALF + at + i] = (unsigned char)((place + i) % HALF);
}

/* What all texts of the form are compared with, from what it said of them. */
static void set_order(struct time_reader *reader)
{
	static const unsigned char least[] = { 0, 1, 1, 0, 0, 0 }, most[] = { 99, 12, 31, 23, 59, 59 };

	memset(reader->order, ELSEWHERE, sizeof reader->order);
	memset(reader->fraction_order, ELSEWHERE, sizeof reader->fraction_order);
	put_order(reader->fraction_order, FRACTION_AT, reader->fraction, reader->digits);
	reader->span[0] = 99;
	for (int part = YEAR; part <= SECOND; part++) {
		size_t place = reader->places[part], at = 2 * (size_t)part + 2;
		bool whole = part == YEAR && !reader->short_year;

		if (place == NEVER)
			continue;
		put_order(reader->order, whole ? 0 : at, place, whole ? 4 : 2);
		reader->least[part + 1] = least[part];
		reader->span[part + 1] = (uint16_t)(most[part] - least[part]);
	}
	reader->date = (reader->places[MONTH] == NEVER ? 1u << DAY_BITS : 0) | (reader->places[DAY] == NEVER ? 1u : 0);
}

/* The 1st of January of 2000, or of what year `00` is. */
static void set_sample(struct time_reader *reader)
{
	memset(reader->sample, 0, sizeof reader->sample);
	for (size_t i = 0; i < TIME_READER_WORDS; i++)
		store_eight(reader->sample + 8 * i, reader->is[i]);
	if (!reader->short_year)
		reader->sample[reader->places[YEAR]] = '2';
	for (int part = MONTH; part <= DAY; part++)
		if (reader->places[part] != NEVER)
			reader->sample[reader->places[part] + 1] = '1';
	store_eight(reader->sample + reader->size, reader->tail);
}

bool time_reader_set(struct time_reader *reader, const char *form)
{
	if (!set_places(reader, form))
		return false;
	reader->least_size = reader->size + reader->tail_size;
	reader->size_span = reader->any_fraction ? 7 : 0;       /* a point and 6 digits */
	reader->lanes = cpu_lanes();
	reader->rows = 1;
	set_order(reader);
	set_sample(reader);
	return true;
}

/* ---- the parts of a text ---- */

/* The digits of a fraction, 1 to 6, as microseconds. */
static bool read_fraction(const char *text, unsigned digits, uint32_t *micro)
{
	static const uint32_t scale[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	uint64_t odd = 0;

	*micro = (uint32_t)read_eight(load_eight(text), digits, &odd) * scale[digits];
	return !odd;
}

/* All but a fraction of any length. False: a byte is not what stands there, or a part is out of range, but for days of a month. */
static inline bool read_parts(const struct time_reader *reader, const char *text, struct time_parts *parts)
{
	unsigned char pairs[TIME_READER_BYTES + 8];
	uint64_t words[TIME_READER_WORDS + 1] = { 0 }, bad = 0;
	uint32_t month, day, hour, minute, second, micro;
	bool good;

	for (size_t i = 0; 8 * i < reader->size; i++) {
		words[i] = (load_eight(text + 8 * i) ^ reader->is[i]) & reader->within[i];
		bad |= words[i] | (words[i] + reader->slack[i]);
	}
	for (size_t i = 0; 8 * i < reader->size; i++)
		store_eight((char *)pairs + 8 * i, words[i] * 10 + (words[i] >> 8 | words[i + 1] << 56));
	pairs[NEVER] = 0;
	good = !(bad & UINT64_C(0x8080808080808080));
	parts->year = reader->short_year ? pairs[reader->places[YEAR]] : 100u * pairs[reader->places[YEAR]] + pairs[reader->places[YEAR] + 2];
	month = pairs[reader->places[MONTH]] | reader->date >> DAY_BITS;
	day = pairs[reader->places[DAY]] | (reader->date & ((1 << DAY_BITS) - 1));
	hour = pairs[reader->places[HOUR]];
	minute = pairs[reader->places[MINUTE]];
	second = pairs[reader->places[SECOND]];
	good &= (month - 1 < 12) & (day - 1 < 31) & (hour < 24) & (minute < 60) & (second < 60);
	parts->date = month << DAY_BITS | day;
	parts->minutes = 60 * hour + minute;
	parts->micros = SECOND_MICROS * second;
	if (reader->digits) {
		good &= read_fraction(text + reader->fraction, reader->digits, &micro);
		parts->micros += micro;
	}
	return good;
}

/* The fraction of any length at the end of the text, and the literal behind it. */
static inline bool read_end(const struct time_reader *reader, const char *text, size_t size, uint32_t *micro, bool *trailing)
{
	size_t digits = size - reader->least_size;      /* and a point */

	*micro = 0;
	if (reader->tail_size && ((load_eight(text + size - reader->tail_size) ^ reader->tail) << (64 - 8 * reader->tail_size)))
		return false;
	if (digits-- == 0)
		return true;
	*trailing |= text[reader->size + digits] == '0';
	return digits >= 1 && text[reader->size] == '.' && read_fraction(text + reader->size + 1, (unsigned)digits, micro);
}

/* ---- times of parts ---- */

/*
 * To micros[0 .. n], n at most TIME_READER_ROWS, or NULL. False: a day is none of its month, or a time is out of the calendar in UTC, which a form with
 * an offset tells only by the values. Inlined into a function for each kind of processor. Products are of 32 bits each, which is what vectors have.
 */
static inline __attribute__((always_inline)) bool settle(const struct time_reader *reader, const struct time_parts *parts, size_t n, int64_t *micros)
{
	const uint32_t date = reader->date, in_century = reader->short_year ? UINT32_MAX : 0;
	const int64_t first = (int64_t)CALENDAR_1970 * CALENDAR_SHIFTED_DAY * (1 << CALENDAR_DAY_SHIFT) + reader->offset;
	int64_t values[TIME_READER_ROWS];
	uint32_t bad = 0;

	if (reader->offset && !micros)
		micros = values;
	for (size_t i = 0; i < n; i++) {
		uint32_t year = parts[i].year + (in_century & (parts[i].year < 69 ? 2000u : 1900u));
		uint32_t month = (parts[i].date | date) >> DAY_BITS, day = (parts[i].date | date) & ((1 << DAY_BITS) - 1);

		bad |= (year == 0) | (day > calendar_month_days(year, month));
		if (micros)
			micros[i] = (int64_t)((((uint64_t)calendar_days(year, month, day) * CALENDAR_SHIFTED_DAY) << CALENDAR_DAY_SHIFT) +
					      (uint64_t)parts[i].minutes * MINUTE_MICROS + parts[i].micros) - first;
	}
	for (size_t i = 0; reader->offset && i < n; i++)
		bad |= !time_in_calendar(micros[i]);
	return !bad;
}

bool time_reader_read(const struct time_reader *reader, const char *text, size_t size, int64_t *micros, bool *trailing)
{
	struct time_parts parts;
	uint32_t micro;
	bool ends_in_zero = false;

	if (!time_reader_has_size(reader, size) || !read_parts(reader, text, &parts))
		return false;
	if (reader->any_fraction) {
		if (!read_end(reader, text, size, &micro, &ends_in_zero))
			return false;
		parts.micros += micro;
	}
	*trailing |= ends_in_zero;
	return settle(reader, &parts, 1, micros);
}

/* ---- many texts ---- */

/* Fractions of any length, of which the parts know nothing. */
static bool read_ends(const struct time_reader *reader, const char *const *texts, const uint32_t *sizes, size_t n, int64_t *micros, bool *trailing)
{
	bool good = true, ends_in_zero = false;
	uint32_t micro;

	for (size_t i = 0; i < n; i++) {
		good &= read_end(reader, texts[i], sizes[i], &micro, &ends_in_zero);
		if (micros)
			micros[i] += micro;
	}
	*trailing |= good & ends_in_zero;
	return good;
}

/* Each by itself, when not all are times. */
static size_t read_singly(const struct time_reader *reader, const char *const *texts, const uint32_t *sizes, size_t n, int64_t *micros, bool *trailing)
{
	int64_t value;

	for (size_t i = 0; i < n; i++)
		if (!time_reader_read(reader, texts[i], sizes[i], micros ? &micros[i] : &value, trailing))
			return i;
	return n;
}

static bool all_plainly(const struct time_reader *reader, const char *const *texts, size_t n, int64_t *micros)
{
	struct time_parts parts[TIME_READER_ROWS];
	bool good = true;

	for (size_t i = 0; i < n; i++)
		good &= read_parts(reader, texts[i], &parts[i]);
	return good && settle(reader, parts, n, micros);
}

#ifdef CPU_HAS_LANES
#include <immintrin.h>

#define LOAD(bytes) _mm256_loadu_si256((const __m256i *)(const void *)(bytes))
#define LOAD_TWICE(bytes) _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)(bytes)))

/* Digits of two texts, in order. */
AVX2 static inline __m256i digits_avx2(__m256i one, __m256i other, __m256i order)
{
	one = _mm256_shuffle_epi8(one, order);
	other = _mm256_shuffle_epi8(other, order);
	return _mm256_or_si256(_mm256_permute2x128_si256(one, other, 0x20), _mm256_permute2x128_si256(one, other, 0x31));
}

/* What read_parts says of each, two at a time. parts: an even number of them. */
AVX2 static bool parts_avx2(const struct time_reader *reader, const char *const *texts, size_t n, struct time_parts *parts)
{
	const __m256i is = LOAD(reader->is), order = LOAD(reader->order), fraction_order = LOAD(reader->fraction_order);
	const __m256i least = LOAD_TWICE(reader->least), span = LOAD_TWICE(reader->span), tens = _mm256_set1_epi16(0x010a);
	const __m256i most = _mm256_or_si256(_mm256_sub_epi8(_mm256_set1_epi8(0x7f), LOAD(reader->slack)), _mm256_xor_si256(LOAD(reader->within), _mm256_set1_epi8(-1)));
	const __m256i of_parts = LOAD_TWICE(((const int16_t[]){ 100, 1, 1 << DAY_BITS, 1, 60, 1, 1, 0 })), of_micros = LOAD_TWICE(((const int32_t[]){ 1, 1, 1, SECOND_MICROS }));
	const __m256i of_fractions = LOAD_TWICE(((const int16_t[]){ 0, 0, 0, 0, 10000, 100, 1, 0 })), zero = _mm256_setzero_si256();
	__m256i odd = zero, beyond = zero;

	for (size_t i = 0; i < n; i += 2) {
		__m256i one = _mm256_xor_si256(LOAD(texts[i]), is), other = _mm256_xor_si256(LOAD(texts[i + 1 < n ? i + 1 : i]), is);
		__m256i pairs = _mm256_maddubs_epi16(digits_avx2(one, other, order), tens), made;

		odd = _mm256_or_si256(odd, _mm256_or_si256(_mm256_subs_epu8(one, most), _mm256_subs_epu8(other, most)));
		beyond = _mm256_or_si256(beyond, _mm256_subs_epu16(_mm256_sub_epi16(pairs, least), span));
		made = _mm256_mullo_epi32(_mm256_madd_epi16(pairs, of_parts), of_micros);
		if (reader->digits) {
			__m256i fractions = _mm256_madd_epi16(_mm256_maddubs_epi16(digits_avx2(one, other, fraction_order), tens), of_fractions);

			fractions = _mm256_add_epi32(fractions, _mm256_slli_si256(fractions, 4));
			made = _mm256_add_epi32(made, _mm256_blend_epi32(zero, fractions, 0x88));
		}
		_mm256_storeu_si256((__m256i *)(void *)&parts[i], made);
	}
	odd = _mm256_or_si256(odd, beyond);
	return _mm256_testz_si256(odd, odd);
}

AVX2 static bool all_avx2(const struct time_reader *reader, const char *const *texts, size_t n, int64_t *micros)
{
	struct time_parts parts[TIME_READER_ROWS];

	return parts_avx2(reader, texts, n, parts) && settle(reader, parts, n, micros);
}

/* The same with twice as many registers, which the constants take. */
AVX512 static bool all_avx512(const struct time_reader *reader, const char *const *texts, size_t n, int64_t *micros)
{
	struct time_parts parts[TIME_READER_ROWS];

	return parts_avx2(reader, texts, n, parts) && settle(reader, parts, n, micros);
}
#endif

static bool all_at_once(const struct time_reader *reader, const char *const *texts, size_t n, int64_t *micros)
{
#ifdef CPU_HAS_LANES
	if (reader->lanes >= CPU_AVX512)
		return all_avx512(reader, texts, n, micros);
	if (reader->lanes == CPU_AVX2)
		return all_avx2(reader, texts, n, micros);
#endif
	return all_plainly(reader, texts, n, micros);
}

size_t time_reader_read_all(struct time_reader *reader, const char *const *texts, const uint32_t *sizes, size_t n, int64_t *micros, bool *trailing)
{
	bool good = all_at_once(reader, texts, n, micros) && (!reader->any_fraction || read_ends(reader, texts, sizes, n, micros, trailing));

	reader->rows = !good ? 1 : reader->rows < TIME_READER_ROWS ? 4 * reader->rows : TIME_READER_ROWS;
	return good ? n : read_singly(reader, texts, sizes, n, micros, trailing);
}

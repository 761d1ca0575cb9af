/* SPDX-License-Identifier: MIT */
/*
 * Each byte of a text is compared with its place: after an exclusive or with '0' or the literal it is a
 * digit's value, or 0; adding 0x76 or 0x7f sets bit 7 where it is more. Ten times a byte and
 * the one behind it is the number of two digits that begins there, for all places at once.
 */
#include "time_reader.h"

#include <string.h>

#include "number_plain.h"
#include "timestamp.h"

enum { NEVER = 8 * TIME_READER_WORDS, ONE };    /* places of parts that the form has not: they are 0, or 1 */
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND };

static const int64_t SECOND_MICROS = 1000000, DAY_SECONDS = 86400;

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

bool time_reader_set(struct time_reader *reader, const char *form)
{
	size_t at = 0;
	bool fits = true;

	*reader = (struct time_reader){ .places = { NEVER, ONE, ONE, NEVER, NEVER, NEVER }, .offset = time_form_offset(form) };
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

/* ---- a text ---- */

/* The days before a month, from 1970 on, and how many it has. */
static const struct time_month *month_of(struct time_reader *reader, int year, int month)
{
	int32_t key = 12 * year + month;        /* from 13 on */
	struct time_month *found = &reader->months[key % TIME_READER_MONTHS];
	int64_t next;

	if (found->key == key)
		return found;
	next = time_from_civil(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1, 0, 0, 0, 0);
	found->key = key;
	found->first = (int32_t)(time_from_civil(year, month, 1, 0, 0, 0, 0) / SECOND_MICROS / DAY_SECONDS);
	found->days = (int32_t)(next / SECOND_MICROS / DAY_SECONDS) - found->first;
	return found;
}

/* The digits of a fraction, 1 to 6, as microseconds. */
static bool read_fraction(const char *text, unsigned digits, int *micro)
{
	static const int scale[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	uint64_t odd = 0;

	*micro = (int)read_eight(load_eight(text), digits, &odd) * scale[digits];
	return !odd;
}

/* The fraction of any length at the end of the text, and the literal behind it. */
static bool read_end(const struct time_reader *reader, const char *text, size_t size, int *micro, bool *trailing)
{
	size_t digits = size - reader->size - reader->tail_size;        /* and a point */

	if (reader->tail_size && ((load_eight(text + size - reader->tail_size) ^ reader->tail) << (64 - 8 * reader->tail_size)))
		return false;
	if (digits-- == 0)
		return true;
	*trailing |= text[reader->size + digits] == '0';
	return digits >= 1 && digits <= 6 && text[reader->size] == '.' && read_fraction(text + reader->size + 1, (unsigned)digits, micro);
}

bool time_reader_read(struct time_reader *reader, const char *text, size_t size, int64_t *micros, bool *trailing)
{
	unsigned char pairs[8 * TIME_READER_WORDS + 2];
	uint64_t words[TIME_READER_WORDS + 1] = { 0 }, bad = 0;
	const struct time_month *found;
	int year, month, day, hour, minute, second, micro = 0;
	bool ends_in_zero = false;

	if (reader->any_fraction ? size - reader->size - reader->tail_size > 7 : size != reader->size)          /* a point and 6 digits */
		return false;
	for (size_t i = 0; 8 * i < reader->size; i++) {
		words[i] = (load_eight(text + 8 * i) ^ reader->is[i]) & reader->within[i];
		bad |= words[i] | (words[i] + reader->slack[i]);
	}
	for (size_t i = 0; 8 * i < reader->size; i++) {
		uint64_t pair = words[i] * 10 + (words[i] >> 8 | words[i + 1] << 56);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		pair = __builtin_bswap64(pair);
#endif
		memcpy(pairs + 8 * i, &pair, sizeof pair);
	}
	pairs[NEVER] = 0;
	pairs[ONE] = 1;
	if (bad & UINT64_C(0x8080808080808080))
		return false;
	year = pairs[reader->places[YEAR]];
	year = reader->short_year ? year + (year < 69 ? 2000 : 1900) : 100 * year + pairs[reader->places[YEAR] + 2];
	month = pairs[reader->places[MONTH]];
	day = pairs[reader->places[DAY]];
	hour = pairs[reader->places[HOUR]];
	minute = pairs[reader->places[MINUTE]];
	second = pairs[reader->places[SECOND]];
	if (year < 1 || (unsigned)(month - 1) > 11 || hour > 23 || minute > 59 || second > 59)
		return false;
	found = month_of(reader, year, month);
	if (day < 1 || day > found->days)
		return false;
	if (reader->any_fraction ? !read_end(reader, text, size, &micro, &ends_in_zero)
				 : reader->digits && !read_fraction(text + reader->fraction, reader->digits, &micro))
		return false;
	*micros = ((found->first + day - 1) * DAY_SECONDS + hour * 3600 + minute * 60 + second) * SECOND_MICROS + micro - reader->offset;
	*trailing |= ends_in_zero;
	return reader->offset == 0 || time_in_calendar(*micros);
}

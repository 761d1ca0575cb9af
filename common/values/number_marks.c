/* SPDX-License-Identifier: MIT */
#include "number_marks.h"

#include <string.h>

#include "number.h"
#include "text.h"

/* The bytes of a mark between groups at `at`, or 0. A blank is any that typesetting has there: no-break, narrow no-break, thin; so is an apostrophe. */
static size_t group_size(const char *at, const char *end, char group)
{
	static const struct { char mark, bytes[4]; } others[] = { { ' ', "\xc2\xa0" }, { ' ', "\xe2\x80\xaf" }, { ' ', "\xe2\x80\x89" }, { '\'', "\xe2\x80\x99" } };

	if (*at == group)
		return group != 0;
	for (size_t i = 0; (unsigned char)*at >= 0x80 && i < sizeof others / sizeof *others; i++) {
		size_t n = strlen(others[i].bytes);

		if (others[i].mark == group && (size_t)(end - at) >= n && memcmp(at, others[i].bytes, n) == 0)
			return n;
	}
	return 0;
}

/* The whole part from `at` on: digits go to `to`. Where it ends; NULL: groups are not of three. */
static const char *take_whole(const char *at, const char *end, char group, char *to, struct marked *how)
{
	unsigned n = 0;         /* digits since the last mark */

	for (size_t mark = 1; at < end; at += mark) {
		if (text_is_digit(*at)) {
			to[how->n_whole++] = *at;
			n++;
			mark = 1;
			continue;
		}
		mark = group_size(at, end, group);
		if (mark == 0)
			break;
		if (how->n_groups == 0 ? n < 1 || n > 3 : n != 3)
			return NULL;
		if (how->n_groups++ == 0)
			how->n_first = n;
		n = 0;
	}
	if (how->n_groups == 0)
		how->n_first = n;
	return how->n_groups > 0 && n != 3 ? NULL : at;
}

size_t number_unmark(const char *text, size_t size, struct number_marks marks, char room[NUMBER_MARKED], struct marked *how)
{
	const char *at = text, *end = text + size;
	char point = marks.point ? marks.point : '.', *to = room;
	struct marked own;

	how = how ? how : &own;
	*how = (struct marked){ 0 };
	if (size == 0 || size >= NUMBER_MARKED)
		return 0;
	if (*at == '-')
		*to++ = *at++;
	at = take_whole(at, end, marks.group, to, how);
	if (!at)
		return 0;
	to += how->n_whole;
	if (at < end && *at == point) {
		how->point = true;
		*to++ = '.';
		for (at++; at < end && text_is_digit(*at); at++, how->n_decimals++)
			*to++ = *at;
	}
	if (at < end && *at != 'e' && *at != 'E')
		return 0;
	for (; at < end; at++) {
		if (*at == '.')
			return 0;
		*to++ = *at;
	}
	return (size_t)(to - room);
}

size_t number_mark_text(char *text, size_t size, struct number_marks marks)
{
	char *point = memchr(text, '.', size);
	size_t minus = size > 0 && *text == '-', n_whole = minus, n_groups;

	if (point && marks.point)
		*point = marks.point;
	while (n_whole < size && text_is_digit(text[n_whole]))
		n_whole++;
	n_groups = n_whole - minus > 0 ? (n_whole - minus - 1) / 3 : 0;
	if (!marks.group || n_groups == 0 || size + n_groups >= NUMBER_SIZE || memchr(text, 'e', size))
		return size;
	memmove(text + n_whole + n_groups, text + n_whole, size - n_whole);
	for (char *from = text + n_whole, *to = from + n_groups; n_groups > 0; n_groups--) {
		to -= 3, from -= 3;
		memmove(to, from, 3);
		*--to = marks.group;
	}
	size += (n_whole - minus - 1) / 3;
	text[size] = 0;
	return size;
}

/* SPDX-License-Identifier: MIT */
/*
 * Letters beyond ASCII change case by ranges of code points: in each, capitals and
 * small letters either lie a fixed distance apart or alternate. That covers the
 * alphabets of Europe; what has no single counterpart (ß, final sigma from a
 * capital, dotted I) stays as it is. All are two bytes in UTF-8 on both sides.
 */
#include "text_edit.h"

#include <stdint.h>
#include <string.h>

#include "buffer.h"

/* Bytes of the blank at the start of the text; 0: there is none. */
static size_t blank(const char *bytes, size_t size)
{
	if (size && (*bytes == ' ' || (*bytes >= '\t' && *bytes <= '\r')))
		return 1;
	return size >= 2 && memcmp(bytes, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

void text_trim(const char **bytes, size_t *size)
{
	size_t n;

	while ((n = blank(*bytes, *size))) {
		*bytes += n;
		*size -= n;
	}
	for (;;) {
		if (*size && blank(*bytes + *size - 1, 1))
			*size -= 1;
		else if (*size >= 2 && blank(*bytes + *size - 2, 2) == 2)
			*size -= 2;
		else
			break;
	}
}

void text_squeeze(struct buffer *to, const char *bytes, size_t size)
{
	size_t at = 0, n;

	while (at < size) {
		if (!blank(bytes + at, size - at)) {
			buffer_add_byte(to, (unsigned char)bytes[at++]);
			continue;
		}
		while ((n = blank(bytes + at, size - at)))
			at += n;
		buffer_add_byte(to, ' ');
	}
}

/* ---- case ---- */

/* Beyond ASCII: capitals first .. last; their small letters `apart` higher, or, apart 1, each behind its capital: first, first + 2 ... */
static const struct { uint16_t first, last, apart; } cases[] = {
	{ 0xc0, 0xd6, 32 }, { 0xd8, 0xde, 32 },     /* Latin-1 */
	{ 0x100, 0x12e, 1 }, { 0x132, 0x136, 1 }, { 0x139, 0x147, 1 }, { 0x14a, 0x176, 1 }, { 0x179, 0x17d, 1 },  /* Latin Extended-A */
	{ 0x386, 0x386, 38 }, { 0x388, 0x38a, 37 }, { 0x38c, 0x38c, 64 }, { 0x38e, 0x38f, 63 },     /* Greek with accents */
	{ 0x391, 0x3a1, 32 }, { 0x3a3, 0x3ab, 32 },
	{ 0x400, 0x40f, 80 }, { 0x410, 0x42f, 32 }, { 0x460, 0x480, 1 }, { 0x48a, 0x4be, 1 }, { 0x4c1, 0x4cd, 1 },   /* Cyrillic */
	{ 0x4d0, 0x52e, 1 },
};
enum { N_CASES = sizeof cases / sizeof *cases };

static unsigned change_case(unsigned point, bool to_upper)
{
	for (size_t i = 0; i < N_CASES; i++) {
		unsigned offset = to_upper ? cases[i].apart : 0, first = cases[i].first + offset, last = cases[i].last + offset;

		if (point < first || point > last || (cases[i].apart == 1 && (point - first) % 2))
			continue;
		return to_upper ? point - cases[i].apart : point + cases[i].apart;
	}
	return point;
}

/* No letter changes its size, so the room is known. */
static void add_in_case(struct buffer *to, const char *bytes, size_t size, bool to_upper)
{
	unsigned char first = to_upper ? 'a' : 'A', *out;

	buffer_reserve(to, size);
	out = to->data + to->size;
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		unsigned point;

		if (byte >> 5 == 6 && i + 1 < size) {
			point = change_case((byte & 0x1fu) << 6 | ((unsigned char)bytes[++i] & 0x3fu), to_upper);
			*out++ = (unsigned char)(0xc0 | point >> 6);
			*out++ = (unsigned char)(0x80 | (point & 0x3f));
		} else {
			*out++ = (unsigned char)(byte - first) < 26 ? byte ^ 0x20 : byte;
		}
	}
	to->size += size;
}

void text_lower(struct buffer *to, const char *bytes, size_t size)
{
	add_in_case(to, bytes, size, false);
}

void text_upper(struct buffer *to, const char *bytes, size_t size)
{
	add_in_case(to, bytes, size, true);
}

/* ---- finding ---- */

const char *text_find(const char *bytes, size_t size, size_t from, const char *what, size_t what_size)
{
	const char *at = bytes + from, *end = bytes + size;

	if (what_size == 0)
		return at;
	while ((size_t)(end - at) >= what_size) {
		at = memchr(at, *what, (size_t)(end - at) - what_size + 1);
		if (!at || memcmp(at, what, what_size) == 0)
			return at;
		at++;
	}
	return NULL;
}

bool text_begins(const char *bytes, size_t size, const char *with, size_t with_size)
{
	return size >= with_size && memcmp(bytes, with, with_size) == 0;
}

bool text_ends(const char *bytes, size_t size, const char *with, size_t with_size)
{
	return size >= with_size && memcmp(bytes + size - with_size, with, with_size) == 0;
}

void text_replace(struct buffer *to, const char *bytes, size_t size, const char *old, size_t old_size, const char *new, size_t new_size)
{
	const char *at = bytes, *end = bytes + size, *found;

	while (old_size && (found = text_find(at, (size_t)(end - at), 0, old, old_size))) {
		buffer_add(to, at, (size_t)(found - at));
		buffer_add(to, new, new_size);
		at = found + old_size;
	}
	buffer_add(to, at, (size_t)(end - at));
}

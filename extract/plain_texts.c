/* SPDX-License-Identifier: MIT */
/* In a cell with quotes the closing one ends the search for those within: no cell's size is compared byte by byte. */
#include "plain_texts.h"

#include <assert.h>
#include <string.h>

enum { WORD = 8 };

static_assert((int)TEXT_SLACK <= (int)INPUT_SLACK && (int)WORD <= (int)INPUT_SLACK, "what stands behind the end of the input is read too");

static inline uint64_t load_word(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

/* Where the first byte of the word is that `pattern` repeats, or WORD. */
static inline size_t find_in_word(uint64_t word, uint64_t pattern)
{
	uint64_t different = word ^ pattern, found = (different - UINT64_C(0x0101010101010101)) & ~different & UINT64_C(0x8080808080808080);

	return found ? (size_t)__builtin_ctzll(found) / 8 : WORD;
}

/* How far the first quote stands behind `at`. */
static inline size_t find_quote(const char *at, uint64_t pattern)
{
	size_t n = 0, found;

	do {
		found = find_in_word(load_word(at + n), pattern);
		n += found;
	} while (found == WORD);
	return n;
}

/* A text of `size` bytes with doubled quotes, to `to`, where WORD bytes more have room; its size without them. */
static size_t copy_undoubled(char *to, const char *from, size_t size, uint64_t pattern)
{
	size_t at = 0, n = 0;

	while (at < size) {
		size_t found = find_in_word(load_word(from + at), pattern);

		memcpy(to + n, from + at, WORD);
		at += found;
		n += found;
		if (found == WORD)
			continue;
		if (at >= size)
			break;
		at += 2;
		n++;
	}
	return n;
}

void plain_text_rows(const struct cells *cells, size_t col, size_t from, size_t n, struct text_row *rows, struct buffer *room)
{
	uint64_t pattern = UINT64_C(0x0101010101010101) * (unsigned char)cells->quote;

	buffer_clear(room);
	for (size_t i = 0; i < n; i++) {
		size_t size, end;
		const char *at = cells_find(cells, from + i, col, &size);
		char *to;

		rows[i] = (struct text_row){ .text = at, .size = (uint32_t)size, .missing = size == 0 };
		if (size == 0 || (unsigned char)*at != cells->quote)
			continue;
		at++;
		size -= 2;
		end = find_quote(at, pattern);
		rows[i].text = at;
		rows[i].size = (uint32_t)size;
		if (end == size)
			continue;
		if (room->size == 0)    /* for all of them, so that they stay where they are */
			buffer_reserve(room, cells->begins[from + n] - cells->begins[from + i] + TEXT_SLACK + WORD);
		to = (char *)room->data + room->size;
		rows[i].size = (uint32_t)copy_undoubled(to, at, size, pattern);
		rows[i].text = to;
		room->size += rows[i].size;
	}
}

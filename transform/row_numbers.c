/* SPDX-License-Identifier: MIT */
#include "row_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "memory.h"
#include "number.h"

#define LAST_ROW (INT64_MAX / 2)        /* differences and sums stay far from overflow */
enum { ROWS_CAP = 1 << 30 };

void row_numbers_release(struct row_numbers *numbers)
{
	free(numbers->items);
	*numbers = (struct row_numbers){ .items = NULL };
}

static int compare_numbers(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

int row_numbers_read(struct row_numbers *numbers, const char *path, const struct host *host, struct error *err)
{
	struct buffer text = BUFFER_INIT;
	size_t number = 0, at = 0;
	int result = -1;

	if (file_read_all(path, ROWS_CAP, "a list of row numbers", host, &text, err) < 0)
		goto out;
	while (at < text.size) {
		const char *line = (const char *)text.data + at, *end = memchr(line, '\n', text.size - at);
		size_t size = end ? (size_t)(end - line) : text.size - at;

		number++;
		at += size + 1;
		while (size && strchr(" \t\r", line[size - 1]))
			size--;
		if (size == 0)
			continue;
		array_grow(numbers->items, numbers->n, numbers->room);
		if (!number_int(line, size, &numbers->items[numbers->n]) || numbers->items[numbers->n] < 0 || numbers->items[numbers->n] >= LAST_ROW) {
			error_set(err, STATUS_USAGE, "%s:%zu: not a row number", path, number);
			goto out;
		}
		numbers->n++;
	}
	if (numbers->n)
		qsort(numbers->items, numbers->n, sizeof *numbers->items, compare_numbers);
	result = 0;
out:
	buffer_free(&text);
	return result;
}

void row_numbers_pack(struct buffer *to, const struct row_numbers *numbers)
{
	struct buffer bytes = BUFFER_INIT;
	int64_t before = -1;

	for (size_t i = 0; i < numbers->n; i++) {
		uint64_t step = (uint64_t)numbers->items[i] - (uint64_t)before;

		if (step == 0)
			continue;
		for (; step >= 0x80; step >>= 7)
			buffer_add_byte(&bytes, (unsigned char)(step | 0x80));
		buffer_add_byte(&bytes, (unsigned char)step);
		before = numbers->items[i];
	}
	pack_bytes(to, bytes.data, bytes.size);
	buffer_free(&bytes);
}

bool row_numbers_unpack(object bin, struct row_numbers *numbers)
{
	int64_t before = -1;
	const unsigned char *bytes;

	if (!bin || bin->type != MSGPACK_OBJECT_BIN)
		return false;
	bytes = (const unsigned char *)bin->via.bin.ptr;
	for (size_t i = 0, size = bin->via.bin.size; i < size; ) {
		uint64_t step = 0;
		unsigned shift = 0;

		for (; i < size && bytes[i] & 0x80 && shift < 56; shift += 7)
			step |= (uint64_t)(bytes[i++] & 0x7f) << shift;
		if (i == size || bytes[i] & 0x80)
			return false;
		step |= (uint64_t)bytes[i++] << shift;
		if (step == 0 || step > LAST_ROW || before > LAST_ROW)
			return false;
		before += (int64_t)step;
		array_grow(numbers->items, numbers->n, numbers->room);
		numbers->items[numbers->n++] = before;
	}
	return true;
}

bool row_numbers_have(const struct row_numbers *numbers, int64_t number, size_t *at)
{
	size_t low = 0, high = numbers->n;

	/* Rows mostly come in order: the answer is where the last one was, or next to it. */
	if (*at < numbers->n && numbers->items[*at] < number)
		++*at;
	if ((*at == 0 || numbers->items[*at - 1] < number) && (*at == numbers->n || numbers->items[*at] >= number))
		return *at < numbers->n && numbers->items[*at] == number;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (numbers->items[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	return low < numbers->n && numbers->items[low] == number;
}

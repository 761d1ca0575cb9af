/* SPDX-License-Identifier: MIT */
/* Blocks of rows: their structure against a look at each byte, their rows against libcsv's and those of single lines, their numbers against number.h. */
#include <stdlib.h>

#include "csv_plain.h"
#include "memory.h"
#include "number_plain.h"
#include "plain_numbers.h"
#include "rng.h"
#include "rows_two_ways.h"
#include "structure.h"
#include "unit.h"

enum { STRUCTURES = 20000, TEXTS = 60000, MOST_SIZE = 400, LONG_SIZE = 9000, NUMBERS = 2000000 };

/* ---- structure ---- */

enum { MOST_ENDS = 512 };

/* What one look at each byte in turn finds. */
struct ends { uint32_t at[MOST_ENDS]; size_t n, n_line_feeds; bool wrong, quotes, within, high; };

static void look_at_each(const char *bytes, size_t size, unsigned char delimiter, int quote, struct ends *found)
{
	enum { START, BARE, QUOTED, CLOSED, RETURNED } state = START;

	*found = (struct ends){ .n = 0 };
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		found->high |= byte >= 0x80;
		found->quotes |= byte == quote;
		found->within |= state == QUOTED && byte == '\n';
		if (state == QUOTED) {
			state = byte == quote ? CLOSED : QUOTED;
		} else if (byte == quote && (state == START || state == CLOSED)) {
			state = QUOTED;
		} else if ((state == RETURNED && byte != '\n') || byte == quote || (state == CLOSED && byte != delimiter && byte != '\n' && byte != '\r')) {
			found->wrong = true;
			return;
		} else if (byte == delimiter || byte == '\n') {
			found->at[found->n++] = (uint32_t)i;
			found->n_line_feeds += byte == '\n';
			state = START;
		} else {
			state = byte == '\r' ? RETURNED : BARE;
		}
	}
	found->wrong = size % 64 && (state == CLOSED || state == RETURNED);     /* what has to stand behind it is not there */
}

/* The same by structure.h, in parts. */
static bool ends_are_right(struct rng *rng, const char *bytes, size_t size, unsigned char delimiter, int quote, enum cpu_lanes by, const struct ends *expected)
{
	uint32_t to[MOST_ENDS + 64];
	struct structure found = STRUCTURE_INIT(bytes, delimiter, quote, to);

	for (size_t at = 0, upto; at < size && !found.wrong; at = upto) {
		upto = at + 64 * (1 + rng_below(rng, 4));
		upto = upto < size ? upto : size;
		structure_find(&found, at, upto, by);
	}
	return found.n == expected->n && found.n_line_feeds == expected->n_line_feeds && found.wrong == expected->wrong &&
		memcmp(to, expected->at, found.n * sizeof *to) == 0 &&
		(found.wrong || (!found.quotes == !expected->quotes && !found.within == !expected->within && !found.high == !expected->high));
}

/* Cells of few bytes and of many, most of them clean. */
static void random_bytes(struct rng *rng, char *bytes, size_t size, unsigned char delimiter)
{
	static const char *const pieces[] = { "a", "bc", "\xc3\xa4", "\r\n", "\n", "\"d\"", "\"e\"\"f\"", "\"g\nh\"", "\"\"\"\"", "\"\"", "\"i\r\"", "\r", "j\"", "\"k\"l" };
	size_t at = 0, n_pieces = rng_below(rng, 3) ? 11 : 14, dense = 1 + rng_below(rng, 20);

	memset(bytes, '.', size + 64);
	while (at < size) {
		const char *piece = pieces[rng_below(rng, n_pieces)];

		for (size_t n = rng_below(rng, dense); *piece != '"' && n > 0 && at < size; n--)
			bytes[at++] = 'x';
		for (; *piece && at < size; piece++)
			bytes[at++] = *piece;
		if (at < size && bytes[at - 1] != '\n')
			bytes[at++] = (char)delimiter;
	}
}

static void check_structure(struct rng *rng)
{
	size_t n_ends = 0, n_right = 0;

	for (int by = CPU_PLAIN; by <= (int)cpu_lanes(); by++) {
		bool right = true;

		TEST("cells end where a look at each byte says, without AVX2, with it, and with AVX-512");
		for (int i = 0; i < STRUCTURES && right; i++) {
			char bytes[MOST_ENDS + 64];
			unsigned char delimiter = (unsigned char)",;\tz"[rng_below(rng, 4)];
			size_t size = rng_below(rng, MOST_ENDS);
			struct ends expected;

			random_bytes(rng, bytes, size, delimiter);
			look_at_each(bytes, size, delimiter, i % 5 ? '"' : NO_QUOTE, &expected);
			right = ends_are_right(rng, bytes, size, delimiter, i % 5 ? '"' : NO_QUOTE, (enum cpu_lanes)by, &expected);
			n_ends += expected.n;
			n_right += !expected.wrong;
		}
		CHECK(right);
	}
	CHECK(n_ends > 20 * STRUCTURES && n_right > STRUCTURES / 4);
}

/* ---- rows ---- */

/* Rows that are mostly as they should be: three cells of few characters, and of all that is special. */
static size_t random_text(struct rng *rng, char *text, size_t most)
{
	static const char *const cells[] = {
		"", "a", "1.5", "\"\"", "\"b\"", "\"c,d\"", "\"e\"\"f\"", "\"g\nh\"", "\"i\r\nj\"", "\"\"\"\"", "a long text that fills more than one word of sixty-four bytes, if twice",
		"\xc3\xa4", "\"\xe2\x82\xac\"", "\"k\rl\"", "m\"n", "\"o\"p", "\"", " \"q\"", "\r", "\xff",
	};
	static const char *const ends[] = { "\n", "\r\n", "\n", "\n", "\r\n", "\n", "\n\n", "\r", ",\n", "" };
	size_t size = 0, usual = rng_below(rng, 4) ? 14 : 20, n_ends = rng_below(rng, 4) ? 6 : 10, clean = most == MOST_SIZE ? 1 : 50;

	while (size < most) {
		for (int col = 0; col < 3; col++) {
			const char *cell = cells[rng_below(rng, rng_below(rng, 8 * clean) ? 11 : usual)];

			memcpy(text + size, cell, strlen(cell));
			size += strlen(cell);
			if (col < 2)
				text[size++] = ',';
		}
		for (const char *end = ends[rng_below(rng, rng_below(rng, 4 * clean) ? 2 : n_ends)]; *end; end++)
			text[size++] = *end;
		if (rng_below(rng, 12) == 0 && most == MOST_SIZE)
			break;
	}
	return size;
}

static void check_rows(struct rng *rng)
{
	const struct csv_config configs[] = {
		{ .text.no_header = true }, { .text.no_header = true, .lazy_quotes = true }, { .quote = "none" }, { .text.delimiter = "|" }, { .quote = "'" },
		{ .text = { .no_header = true, .comment = "a" } },
	};
	struct buffer single = BUFFER_INIT, blocks = BUFFER_INIT;
	size_t n_rows = 0, n_in_blocks = 0;
	bool same = true;

	TEST("rows of blocks are those that come one by one");
	for (int i = 0; i < TEXTS && same; i++) {
		char text[LONG_SIZE + 400];
		size_t size = random_text(rng, text, i % 50 ? MOST_SIZE : 500 + rng_below(rng, LONG_SIZE - 500)), most = i % 3 ? size : 1 + rng_below(rng, 60);
		const struct csv_config *config = &configs[i % 2 ? 0 : rng_below(rng, sizeof configs / sizeof *configs)];

		buffer_clear(&single);
		buffer_clear(&blocks);
		print_rows(text, size, most, 0, i % 11 == 0, config, &single);
		n_in_blocks += print_rows(text, size, most, i % 7 ? SIZE_MAX : 1 + rng_below(rng, 3), i % 11 == 0, config, &blocks);
		same = single.size == blocks.size && memcmp(buffer_text(&single), buffer_text(&blocks), single.size) == 0;
		for (size_t k = 0; k < single.size; k++)
			n_rows += single.data[k] == '\n';
		if (!same)
			printf("-- of\n%.*s\n-- one by one:\n%s-- in blocks:\n%s", (int)size, text, buffer_text(&single), buffer_text(&blocks));
	}
	CHECK(same);
	CHECK(n_in_blocks > n_rows / 4);
	buffer_free(&single);
	buffer_free(&blocks);
}

/* ---- numbers ---- */

static size_t random_number(struct rng *rng, char *text)
{
	static const char odd[] = "+eE ,.-x0";
	size_t size = 0, n = 1 + rng_below(rng, rng_below(rng, 4) ? 9 : 19), point = rng_below(rng, 2 * n);

	if (rng_below(rng, 3) == 0)
		text[size++] = '-';
	for (size_t i = 0; i < n; i++)
		text[size++] = i == point ? '.' : (char)('0' + (rng_below(rng, 3) ? rng_below(rng, 10) : 0));
	if (rng_below(rng, 12) == 0)
		text[rng_below(rng, size)] = odd[rng_below(rng, sizeof odd - 1)];
	if (rng_below(rng, 40) == 0)
		text[rng_below(rng, size)] = (char)rng_below(rng, 256);
	return size;
}

/* Whether the plain reader, if it takes the text, says what number.h says. */
static bool number_is_right(const char *text, size_t size, enum cpu_lanes by, size_t *n_taken)
{
	uint32_t end = (uint32_t)size, begins[] = { 0, end + 1 };
	struct cells cells = { .bytes = text, .n_rows = 1, .n_columns = 1, .ends = &end, .begins = begins, .quote = NO_QUOTE };
	struct plain_written plain = PLAIN_WRITTEN_INIT;
	struct written written = WRITTEN_INIT, expected = WRITTEN_INIT;
	struct plain column = plain_column(&cells, 0, WORDS_NONE, NUMBER_MARKS_PLAIN);
	struct plain_run run;
	struct number_plain number;
	double value = 0, right = 0;
	int64_t whole;

	column.lanes = by;
	if (number_plain(text, size, &number)) {
		if (!number_real(text, size, &right) || right != (double)number.digits / pow(10, number.decimals) * (number.minus ? -1 : 1))
			return false;
		if (number.decimals == 0 && !(number.minus && number.digits == 0) &&
		    (!number_int(text, size, &whole) || whole != (int64_t)number.digits * (number.minus ? -1 : 1)))
			return false;
	}
	if (plain_reals(&column, 0, 1, &value, &plain, &run) == 0)
		return true;
	++*n_taken;
	plain_written_tell(&plain, false, &written);
	if (!number_real(text, size, &right) || run.n_missing)
		return false;
	written_add(&expected, number_shape(text, size, right));
	return memcmp(&right, &value, sizeof value) == 0 && (plain.n_whole == 1) == number_int(text, size, &whole) &&
		written.decimals == expected.decimals && written.shortest == expected.shortest;
}

static void check_numbers(struct rng *rng)
{
	static const char *const plain[] = { "0", "-1", "1.5", "-0.0", "0.000100", "12345678", "1234567.8", "0.12345678901234", "999999999999999", ".5", "5.", "1e5", "0.00001", "123456789.12345", "0.1000000000000000055511" };
	static const char *const others[] = { "-", ".", "-.", "-0", "00", "01", "01.5", "1.2.3", "1e", "1e400", "+1", "1234567890123456", "12345678.9x", "1,5", "1e5." };
	char text[64];
	size_t n_taken = 0, n = 0;
	unsigned n_lanes = (unsigned)cpu_lanes() + 1;
	bool right = true;

	TEST("plain numbers are what number.h says of them, by all lanes that the processor has, and without");
	for (size_t i = 0; i < n_lanes * sizeof plain / sizeof *plain; i++) {
		const char *number = plain[i / n_lanes];

		memset(text, '7', sizeof text);
		memcpy(text, number, strlen(number));
		CHECK(number_is_right(text, strlen(number), (enum cpu_lanes)(i % n_lanes), &n) && n == i + 1);
	}
	TEST("and what is none of them is left to it");
	for (size_t i = 0; i < n_lanes * sizeof others / sizeof *others; i++) {
		const char *other = others[i / n_lanes];

		memset(text, '7', sizeof text);
		memcpy(text, other, strlen(other));
		CHECK(number_is_right(text, strlen(other), (enum cpu_lanes)(i % n_lanes), &n) && n == n_lanes * sizeof plain / sizeof *plain);
	}
	TEST("so it is with random ones");
	for (unsigned i = 0; i < NUMBERS && right; i++) {
		size_t size;

		for (size_t k = 0; k < sizeof text; k++)
			text[k] = (char)(k % 2 ? '0' + k % 10 : rng_below(rng, 256));
		size = random_number(rng, text);
		right = number_is_right(text, size, (enum cpu_lanes)(i % n_lanes), &n_taken);
		if (!right)
			printf("-- %.*s\n", (int)size, text);
	}
	CHECK(right);
	CHECK(n_taken > NUMBERS / 4);
}

/* ---- empty cells that are cut off ---- */

static size_t rows_with_empty(const char *text, size_t n_columns, size_t n_empty, size_t *size)
{
	struct cells cells = CELLS_INIT;
	size_t n = strlen(text), n_rows;
	char *bytes = mem_new(n + INPUT_SLACK, 1);

	memcpy(bytes, text, n);
	cells_split(&cells, bytes, n, n_columns, SIZE_MAX, ',', '"', NO_COMMENT);
	cells_demand_empty(&cells, n_empty);
	n_rows = cells.n_rows;
	*size = cells.size;
	cells_release(&cells);
	free(bytes);
	return n_rows;
}

static void test_empty(void)
{
	size_t size;

	TEST("rows end before the first with something in a cell that is to be empty");
	CHECK(rows_with_empty("1,2,\n3,4,\r\n,,\n5,6,x\n7,8,\n", 3, 1, &size) == 3 && size == 14);
	CHECK(rows_with_empty("1,,\n\"2\",,\n3, ,\n", 3, 2, &size) == 2 && size == 10);
	CHECK(rows_with_empty("1,,\n2,4,\n", 3, 2, &size) == 1);
	CHECK(rows_with_empty("1,\n2,\"\"\n", 2, 1, &size) == 1);
	CHECK(rows_with_empty("1,2\n", 2, 0, &size) == 1);
	CHECK(rows_with_empty("", 2, 1, &size) == 0 && size == 0);
}

int main(void)
{
	struct rng rng;

	rng_seed(&rng, 11);
	check_structure(&rng);
	check_rows(&rng);
	check_numbers(&rng);
	test_empty();
	return unit_done();
}

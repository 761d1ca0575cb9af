/* SPDX-License-Identifier: MIT */
/*
 *     -  $  1,234.50         (  1 234,50  €  )         45  %
 *        before              body       behind            behind
 *
 * Whatever is taken here is read by that step (transform/parse_quantity.h), which takes more.
 */
#include "amounts.h"

#include <string.h>

#include "few_cells.h"
#include "null_words.h"
#include "number.h"
#include "number_marks.h"
#include "selector.h"
#include "text.h"

enum { LOOKED_TEXTS = 64 /* of a batch */, ROWS_A_TEXT = 64 /* where batches have few rows, as of wide tables */ };

#define NO_BREAK "\xc2\xa0"
#define MINUS "\xe2\x88\x92"

/* Signs and codes, parted by '|'; those of a line are one currency to `parse`, any other only its own name. */
static const char *const currencies[] = {
	"$|US$|USD", "€|EUR", "£|GBP", "¥|JPY", "₹|INR", "CHF",
	"A$", "C$", "R$", "kr", "zł", "₽", "₩", "₺", "₴", "₪", "฿", "₫", "₱", "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CLP", "CNY", "COP", "CZK", "DKK",
	"EGP", "HKD", "HUF", "IDR", "ILS", "KRW", "MXN", "MYR", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "RMB", "RON", "RUB", "SAR", "SEK", "SGD", "THB",
	"TRY", "TWD", "UAH", "VND", "ZAR",
};

static const char percent[] = "%";

struct amount_part { const char *at; size_t size; };

static bool ends_with(const struct amount_part *part, const char *word)
{
	size_t n = strlen(word);

	return part->size >= n && memcmp(part->at + part->size - n, word, n) == 0;
}

static bool begins_with(const struct amount_part *part, const char *word)
{
	size_t n = strlen(word);

	return part->size >= n && memcmp(part->at, word, n) == 0;
}

static bool drop_front(struct amount_part *part, const char *word)
{
	bool there = begins_with(part, word);

	part->at += there ? strlen(word) : 0;
	part->size -= there ? strlen(word) : 0;
	return there;
}

static bool drop_back(struct amount_part *part, const char *word)
{
	bool there = ends_with(part, word);

	part->size -= there ? strlen(word) : 0;
	return there;
}

static void drop_blanks(struct amount_part *part)
{
	while (drop_front(part, " ") || drop_front(part, NO_BREAK))
		continue;
	while (drop_back(part, " ") || drop_back(part, NO_BREAK))
		continue;
}

/* The currency that is called so, and by which of its names; NULL: none is. */
static const char *find_currency(const struct amount_part *word, const char **unit)
{
	for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++)
		for (const char *name = currencies[i], *end; *name; name = end + (*end == '|')) {
			for (end = name; *end && *end != '|'; end++)
				continue;
			*unit = name;
			if ((size_t)(end - name) == word->size && memcmp(name, word->at, word->size) == 0)
				return currencies[i];
		}
	return NULL;
}

/* Digits, in groups or not, with that decimal mark or without one. */
static bool reads(const struct amount_part *body, char point)
{
	static const char groups[] = { 0, '.', ',', ' ', '\'' };
	char room[NUMBER_MARKED];

	for (size_t i = 0; i < sizeof groups; i++) {
		struct marked how;
		double value;
		size_t n;

		if (groups[i] == point)
			continue;
		n = number_unmark(body->at, body->size, (struct number_marks){ point == '.' ? 0 : point, groups[i] }, room, &how);
		if (n > 0 && !(how.n_groups > 0 && *body->at == '0') && number_real_rounded(room, n, &value))
			return true;
	}
	return false;
}

/* The text without what stands around its digits; the word there, which is on one side of them. false: there is none, or more. */
static bool take_apart(struct amount_part text, struct amount_part *body, struct amount_part *word)
{
	struct amount_part before = text, behind;
	bool brackets = text.size > 2 && *text.at == '(' && text.at[text.size - 1] == ')';       /* bookkeepers' minus */
	size_t first = 0, last;

	before.at += brackets;
	last = before.size -= 2 * (size_t)brackets;
	while (first < last && !text_is_digit(before.at[first]))
		first++;
	while (last > first && !text_is_digit(before.at[last - 1]))
		last--;
	if (first == last)
		return false;
	behind = (struct amount_part){ before.at + last, before.size - last };
	*body = (struct amount_part){ before.at + first, last - first };
	before.size = first;
	if (!drop_back(&before, "-"))
		drop_back(&before, MINUS);
	if (!drop_front(&before, "-") && !drop_front(&before, MINUS))
		drop_front(&before, "+");
	drop_blanks(&before);
	drop_blanks(&behind);
	*word = before.size ? before : behind;
	return !before.size != !behind.size;
}

/* What stands before the digits is a sign, and nothing else. */
static bool is_percent(const char *text, const struct amount_part *body, const struct amount_part *word)
{
	size_t before = (size_t)(body->at - text);

	if (word->size != 1 || *word->at != '%')
		return false;
	return before == 0 || (before == 1 && (*text == '-' || *text == '+')) || (before == strlen(MINUS) && memcmp(text, MINUS, before) == 0);
}

void amounts_add_text(struct amounts *amounts, const char *text, size_t size)
{
	struct amount_part body, word;
	const char *kind, *unit = "%";
	bool point, comma;

	text_drop_blanks(&text, &size);
	if (null_word(text, size) != NO_NULL_WORD)
		return;
	amounts->n++;
	if (!take_apart((struct amount_part){ text, size }, &body, &word))
		return;
	if (is_percent(text, &body, &word))
		kind = percent;
	else
		kind = memchr(text, '+', size) ? NULL : find_currency(&word, &unit);
	if (!kind || (amounts->kind && kind != amounts->kind))
		return;
	point = reads(&body, '.');
	comma = reads(&body, ',');
	if ((point || comma) && !amounts->kind) {
		amounts->kind = kind;
		amounts->unit = unit;
	}
	amounts->n_point += point;
	amounts->n_comma += comma;
}

void amounts_add(struct amounts *amounts, const struct column *column, size_t n_rows)
{
	size_t most;

	amounts->n_rows += n_rows;
	most = LOOKED_TEXTS + amounts->n_rows / ROWS_A_TEXT;
	for (size_t i = 0; i < column->n_entries && i < LOOKED_TEXTS && amounts->n_looked < most; i++, amounts->n_looked++)
		amounts_add_text(amounts, column->bytes + column->offsets[i], column->offsets[i + 1] - column->offsets[i]);
}

bool amounts_step(const struct amounts *amounts, const char *name, struct buffer *to)
{
	bool comma = amounts->n_comma > amounts->n_point;

	if (!amounts->kind || !few_cells(amounts->n - (comma ? amounts->n_comma : amounts->n_point), amounts->n))
		return false;
	buffer_add_text(to, "parse ");
	selector_print_name(to, name);
	if (amounts->kind == percent)
		buffer_add_text(to, " as percent");
	else
		buffer_format(to, " as money unit=%.*s", (int)strcspn(amounts->unit, "|"), amounts->unit);
	buffer_add_text(to, comma ? " decimal=comma" : "");
	return true;
}

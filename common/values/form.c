/* SPDX-License-Identifier: MIT */
#include "form.h"

#include <string.h>

#include "buffer.h"
#include "number.h"
#include "text.h"
#include "timestamp.h"

enum { N_WORDS = 3 };
static const struct { const char *form, *yes, *no; } words[N_WORDS] = {
	{ "true/false", "true", "false" }, { "True/False", "True", "False" }, { "TRUE/FALSE", "TRUE", "FALSE" },
};

/* How many bytes of the form stand before its marks, of which there may be none. */
static size_t before_marks(const char *form)
{
	size_t mixed = strlen(FORM_MIXED);

	return strncmp(form, FORM_MIXED, mixed) == 0 ? mixed : strspn(form, "0123456789");
}

int form_decimals(const char *form)
{
	size_t size = form ? before_marks(form) : 0;
	int decimals = 0;

	if (size == 0 || size > 2 || (*form == '0' && size > 1))
		return FORM_SHORTEST;
	for (size_t i = 0; i < size; i++)
		decimals = 10 * decimals + (form[i] - '0');
	return decimals <= NUMBER_DECIMALS ? decimals : FORM_SHORTEST;
}

struct number_marks form_all_marks(const char *form)
{
	const char *marks = form ? form + before_marks(form) : "";

	return *marks ? (struct number_marks){ *marks == '.' ? 0 : *marks, marks[1] } : NUMBER_MARKS_PLAIN;
}

struct number_marks form_marks(const char *form)
{
	struct number_marks marks = form_all_marks(form);

	if (form && *form == *FORM_MIXED)
		marks.group = 0;
	return marks;
}

const char *form_unmarked(enum type type, const char *form, char *room)
{
	size_t size = form ? before_marks(form) : 0;

	if ((type != TYPE_REAL && type != TYPE_INT) || !form)
		return form;
	if (type == TYPE_INT || size == 0)
		return NULL;
	memcpy(room, form, size);
	room[size] = 0;
	return room;
}

void form_add_marks(char *form, struct number_marks marks)
{
	if (number_marks_are_plain(marks))
		return;
	form += strlen(form);
	*form++ = marks.point ? marks.point : '.';
	*form++ = marks.group;
	*form = 0;
}

/* `,` `,.` `.,` and the like: two other bytes than digits, the second of which is no ',' or '.' that the first is, too. */
static bool marks_valid(const char *marks)
{
	return !*marks || ((*marks == ',' || *marks == '.') && (!marks[1] ? *marks == ',' : strchr(NUMBER_GROUPS, marks[1]) && marks[1] != *marks && !marks[2]));
}

/* Of a real, or of an int, which has both marks. */
static bool number_form_valid(enum type type, const char *form)
{
	size_t size = before_marks(form);
	bool mixed = *form == *FORM_MIXED && size > 0;

	if (!marks_valid(form + size) || (size == 0 && !form[size]))
		return false;
	if (type == TYPE_INT)
		return form[size] && form[size + 1] && (mixed || (size == 1 && *form == '0'));
	return mixed || size == 0 || form_decimals(form) != FORM_SHORTEST;
}

void form_of_decimals(char *form, int decimals)
{
	if (decimals >= 10)
		*form++ = (char)('0' + decimals / 10);
	*form++ = (char)('0' + decimals % 10);
	*form = 0;
}

bool form_valid(enum type type, const char *form)
{
	if (!form)
		return true;
	if (type == TYPE_REAL || type == TYPE_INT)
		return number_form_valid(type, form);
	for (int i = 0; i < N_WORDS && type == TYPE_BOOL; i++)
		if (strcmp(form, words[i].form) == 0)
			return true;
	if (type == TYPE_TEXT)
		return strstr(form, "%z") && time_form_reads(form) && !form[strspn(form, "%YmdTHMSfz:.- 123456")];
	return type == TYPE_TIME && time_form_valid(form);
}

const char *form_word(const char *form, bool value)
{
	int i = 0;

	while (form && i < N_WORDS - 1 && strcmp(form, words[i].form) != 0)
		i++;
	return value ? words[i].yes : words[i].no;
}

static bool is_word(const char *text, size_t size, const char *word)
{
	return strlen(word) == size && memcmp(text, word, size) == 0;
}

const char *form_of_word(const char *text, size_t size, bool *value)
{
	for (int i = 0; i < N_WORDS; i++) {
		*value = is_word(text, size, words[i].yes);
		if (*value || is_word(text, size, words[i].no))
			return words[i].form;
	}
	return NULL;
}

size_t form_print_real(char *text, double value, int decimals)
{
	size_t size = decimals >= 0 ? number_print_decimals(text, value, decimals) : 0;

	return size ? size : number_print_real(text, value);
}

bool form_writes_back(const struct field *field, bool mixed)
{
	bool number = field->type == TYPE_REAL || field->type == TYPE_INT;

	return !mixed && !(number && field->form && strncmp(field->form, FORM_MIXED, strlen(FORM_MIXED)) == 0);
}

int form_refuse(const struct field *field, const char *advice, struct error *err)
{
	return error_set(err, STATUS_REQUIREMENT, "column '%s': its values are not written in one way, so no text is made of them%s", field->name, advice);
}

int form_check_text(const struct field *field, bool mixed, struct error *err)
{
	struct buffer advice = BUFFER_INIT;

	if (form_writes_back(field, mixed))
		return 0;
	buffer_add_text(&advice, " (read it as text, by its name in the file: --types '");
	text_list_item(&advice, field->name);
	buffer_add_text(&advice, "=text')");
	form_refuse(field, buffer_text(&advice), err);
	buffer_free(&advice);
	return -1;
}

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

int form_decimals(const char *form)
{
	int decimals = 0;

	if (!form || !*form || strlen(form) > 2)
		return FORM_SHORTEST;
	for (const char *p = form; *p; p++) {
		if (*p < '0' || *p > '9')
			return FORM_SHORTEST;
		decimals = 10 * decimals + (*p - '0');
	}
	return decimals <= NUMBER_DECIMALS && (*form != '0' || !form[1]) ? decimals : FORM_SHORTEST;
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
	if (type == TYPE_REAL)
		return form_decimals(form) != FORM_SHORTEST || strcmp(form, FORM_MIXED) == 0;
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
	return !mixed && !(field->type == TYPE_REAL && field->form && strcmp(field->form, FORM_MIXED) == 0);
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

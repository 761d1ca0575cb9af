/* SPDX-License-Identifier: MIT */
#include "written.h"

#include <string.h>

const char *written_form(const struct written *written, enum type type, struct number_marks marks, char room[FORM_SIZE])
{
	bool mixed = written->grouped && written->bare;

	*room = 0;
	if (!written->grouped)
		marks.group = 0;
	if (type == TYPE_INT && !marks.group)
		return NULL;
	if (mixed || (type == TYPE_REAL && written_is_mixed(written)))
		memcpy(room, FORM_MIXED, sizeof FORM_MIXED);
	else if (type == TYPE_INT)
		form_of_decimals(room, 0);
	else if (!written->shortest)
		form_of_decimals(room, written->decimals);
	form_add_marks(room, marks);
	return *room ? room : NULL;
}

struct written written_of_form(const char *form)
{
	int decimals = form_decimals(form);
	bool mixed = form && *form == *FORM_MIXED, grouped = form_all_marks(form).group != 0;

	return (struct written){
		.decimals = decimals >= 0 ? decimals : DECIMALS_NONE, .shortest = decimals < 0 && !mixed,
		.grouped = grouped, .bare = !grouped || mixed,
	};
}

/* SPDX-License-Identifier: MIT */
#include "written.h"

const char *written_form(const struct written *written, char room[FORM_SIZE])
{
	if (written->shortest)
		return NULL;
	if (written->decimals < 0)
		return FORM_MIXED;
	form_of_decimals(room, written->decimals);
	return room;
}

struct written written_of_form(const char *form)
{
	int decimals = form_decimals(form);

	return (struct written){ .decimals = decimals >= 0 ? decimals : DECIMALS_NONE, .shortest = !form };
}

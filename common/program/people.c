/* SPDX-License-Identifier: MIT */
#include "people.h"

#include <unistd.h>

#include "stream.h"
#include "text.h"

int people_write(int fd, const struct buffer *text, const struct host *host, struct error *err)
{
	struct buffer shown = BUFFER_INIT;
	int result;

	text_show(&shown, (const char *)text->data, text->size, true);
	result = write_all(fd, shown.data, shown.size, host, err);
	buffer_free(&shown);
	return result;
}

void people_tell(const struct buffer *text)
{
	struct error ignored = ERROR_INIT;

	(void)!people_write(STDERR_FILENO, text, NULL, &ignored);
}

/* SPDX-License-Identifier: MIT */
/*
 * The way of all text to people: errors, remarks, tables on a terminal, reports,
 * how far it is. Nothing in it steers the terminal or the log that it goes to
 * (text_show). Line ends stay, so names and values pass text_show_name before they
 * are put into a line.
 */
#ifndef PEOPLE_H
#define PEOPLE_H

#include "buffer.h"
#include "error.h"
#include "host.h"

int people_write(int fd, const struct buffer *text, const struct host *host, struct error *err) MUST_CHECK;
void people_tell(const struct buffer *text);    /* on standard error; if nobody can be told, nobody is */

#endif

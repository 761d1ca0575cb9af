/* SPDX-License-Identifier: MIT */
/* Where a sink's bytes go: a file that is whole or not there, or standard output. Append to `bytes`, then flush. */
#ifndef OUTLET_H
#define OUTLET_H

#include "buffer.h"
#include "error.h"
#include "file.h"

struct outlet {
	struct buffer bytes;
	struct file file;
	int fd;
	uint64_t n_written;
	const struct host *host;
	const char *name;               /* in messages about what can't be taken back; load names a file itself */
};

int outlet_open(struct outlet *outlet, const char *path, const struct host *host, struct error *err) MUST_CHECK;        /* path NULL: standard output */
int outlet_flush(struct outlet *outlet, struct error *err) MUST_CHECK;          /* writes what `bytes` holds */
int outlet_write(struct outlet *outlet, const struct buffer *bytes, struct error *err) MUST_CHECK;      /* writes these, behind what was flushed */
int outlet_commit(struct outlet *outlet, struct error *err) MUST_CHECK;         /* flushes; the file appears */
void outlet_close(struct outlet *outlet);                                       /* removes what was not committed */

#endif

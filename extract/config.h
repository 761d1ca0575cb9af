/* SPDX-License-Identifier: MIT */
/* What the command line of extract says, whatever the format is. What only some formats have is theirs (source.h). */
#ifndef EXTRACT_CONFIG_H
#define EXTRACT_CONFIG_H

#include "common_config.h"
#include "lineage.h"

enum misfit { MISFIT_FAIL, MISFIT_NULL, MISFIT_REJECT };

/* Options that place the header and its cells, where they come from --like and not from the command line; NULL: they do not. */
struct inherited {
	const char *file, *delimiter, *skip_lines;
	bool no_header;
	/* Of the command line, too, what says that nothing is to be looked for (sniff.h). */
	bool alike;                     /* the format is that of --like: what it does not say is plain */
	bool lines, header, trim, names;        /* --skip-lines, --header, --trim or --names, or what takes them back, are given */
	bool soon;                      /* --like, --types or --types-rows: where the first line is plain, no others are waited for */
};

struct extract_config {
	struct common_config common;
	const char *format;             /* NULL: by the file's ending */
	const char *like;
	const struct lineage *alike;    /* of that (alike.h); NULL: none was given */
	struct inherited inherited;     /* of that (alike.h) */
	const struct read_style *style; /* of this run; NULL: it tells nothing */
	const char *rejects;
	const char *max_bad;
	struct text_list nulls, types, columns; /* comma lists, see list_split */
	int on_misfit;                  /* enum misfit */
	bool no_origin;
	size_t stretch;                 /* of tests: see files.h; 0: as it is */
	bool sniff;                     /* only how the first file is read: its types are not looked for */
};
#define EXTRACT_DEFAULTS { .common = { .threads = 2, .seed = 42, .memory = 16u << 20 } }

#endif

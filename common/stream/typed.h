/* SPDX-License-Identifier: MIT */
/*
 * Typed TSV: records as text that keep their types, roles and end, so that awk
 * may stand in the middle of a pipe (`load -f tsv --typed | awk ... | extract -f tsv --typed`).
 *
 *     km:real[km]@feature     when:time(%Y-%m-%d)@feature     note:text@id    minutes:int@target
 *     1.5     2024-03-01      \e      12
 *             2024-03-02      two\nlines      15
 *     #end
 *
 * Lines end in LF, cells are parted by one TAB, every line has as many cells as
 * the first; a file of one column has empty lines where it has nulls.
 *
 *     first line  field (TAB field)*
 *     field       name ':' type form? unit? role?
 *     type        int | real | bool | time | text
 *     form        '(' text ')'        how it is written (form.h): real(2), bool(True/False), time(%Y-%m-%d); without it: shortest
 *     unit        '[' text ']'
 *     role        '@' word            a name of schema.h; without it (a script's new column): feature
 *     last line   #end                must be there, with nothing behind it
 *
 *     cell        nothing             null, in every type
 *                 int                 decimal
 *                 real, bool, time    in the field's form, numbers without its marks (12.50, also where it is `2,`); a reader takes any number as a real, true and false in any case
 *                 text                its bytes, escaped; \e is the empty text
 *
 * Escapes: \t \n \r \\ \0 (NUL) everywhere; in a name also \: and \@, in a form \), in a unit \]. A cell or name that
 * begins with '#' and stands first in its line is written \#..., so that no record looks like the end. A reader takes
 * these escapes in any place, and no others.
 */
#ifndef TYPED_H
#define TYPED_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "error.h"
#include "schema.h"

#define TYPED_END "#end"        /* the last line, without its LF */

/* Appends `name:type(form)[unit]@role`; `first`: it opens the line. */
void typed_print_field(const struct field *field, bool first, struct buffer *to);
/* Appends a field read from `size` bytes between tabs to the schema. err: "'km:rael': 'rael' is no type", a name twice. */
int typed_parse_field(struct schema *schema, const char *text, size_t size, struct error *err) MUST_CHECK;

/* Appends a text value (not a null) as a cell; `first`: it opens the line. */
void typed_print_text(const char *bytes, size_t size, bool first, struct buffer *to);
/* Undoes the escapes of a cell that is not empty: writes at most `size` bytes to `to`, which may be `text` itself.
 * The bytes written, or -1 where a backslash stands before something else than an escape. */
ptrdiff_t typed_read_text(const char *text, size_t size, char *to);

#endif

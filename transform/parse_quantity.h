/* SPDX-License-Identifier: MIT */
/*
 * Numbers as people write them: with signs, thousands, units, currencies. Every
 * function reads a whole text (blanks around it are passed over) and gives false if
 * anything in it is not understood: never a part, never a guess.
 *
 *     number     1,234.5   -1.2e3   1.2k   3M   12,34,567   1 234   (1.234,5 with the comma as decimal sign)
 *     quantity   8.2 km    (min) 24    5 ft 3 in    24        the last is taken as given in the wanted unit
 *     duration   1h 5m     90 s   1 day, 2:03:04   0:45 (hours and minutes)   21:55:00   PT1H5M
 *     money      $1,234.50   -€ 12   12 EUR   ($5.00)   $1.2k
 *     percent    5 %  gives 0.05; a bare 5 is none
 */
#ifndef PARSE_QUANTITY_H
#define PARSE_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>

enum family { FAMILY_LENGTH, FAMILY_MASS, FAMILY_TIME, FAMILY_VOLUME, FAMILY_SPEED, FAMILY_TEMPERATURE, FAMILY_OWN };

/* A unit that is wanted: value * factor + offset is in the family's base. FAMILY_OWN: no table knows it; only its own name matches. */
struct quantity_unit { enum family family; double factor, offset; const char *name; };
/* `name`, which is borrowed, in one family, or in any (FAMILY_OWN): one of several ("m", "oz") is taken as the first in the order
 * above. False: no table knows it. */
bool measure_find(const char *name, enum family family, struct quantity_unit *measure);

/* `decimal`: '.' or ','. */
bool parse_number(const char *text, size_t size, char decimal, double *value);
bool parse_quantity(const char *text, size_t size, char decimal, const struct quantity_unit *wanted, double *value);
bool parse_duration(const char *text, size_t size, char decimal, const struct quantity_unit *wanted, double *value);
/* `currency`: a sign or code; amounts in another one are not read. */
bool parse_money(const char *text, size_t size, char decimal, const char *currency, double *value);
bool parse_percent(const char *text, size_t size, char decimal, double *value);

/* One of these, by its name: what a kind of `parse` reads, and what is tried on texts whose kind is looked for. wanted: of a duration and
 * a quantity; currency: of money. A number that is not finite is none. */
enum measure { MEASURE_NUMBER, MEASURE_PERCENT, MEASURE_MONEY, MEASURE_DURATION, MEASURE_QUANTITY };
bool parse_measure(enum measure measure, const char *text, size_t size, char decimal, const struct quantity_unit *wanted,
                   const char *currency, double *value);

#endif

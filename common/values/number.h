/* SPDX-License-Identifier: MIT */
/*
 * Numbers as text, both ways, without the locale. "Strict" means that nothing
 * is lost: a text is a number only if no reader could say that something went
 * missing (see each function).
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_SIZE = 32 };      /* room for any printed number and its NUL */

/* Strict integer: `-?(0|[1-9][0-9]*)` that fits 64 bits, not `-0`. No plus sign, no leading zero, no blanks. */
bool number_int(const char *text, size_t size, int64_t *value);

/* Whole numbers up to here, and down to its negative, are all told apart by doubles: 2^53. */
#define NUMBER_EXACT (INT64_C(1) << 53)

/* Whether doubles tell it from its neighbours: up to NUMBER_EXACT. */
static inline bool int_is_exact(int64_t value) { return value <= NUMBER_EXACT && value >= -NUMBER_EXACT; }

/*
 * Strict real: an optional minus, digits with at most one point (`22.0`, `.28`,
 * `5.`), an optional exponent (`1e-7`, `2.5E+3`); no plus sign, no blanks, no
 * leading zero before another digit (`007.5`), no hex, no inf, no NaN; finite
 * when read, and not 0 unless its digits are. With a point or an exponent it is the
 * nearest double: digits beyond the 17th are noise of the program that wrote them.
 * Without, it is a whole number, perhaps an id: at most NUMBER_EXACT. -0.0 is read
 * as -0.0.
 */
bool number_real(const char *text, size_t size, double *value);

/* The double nearest to digits, not 0, x 10^exponent; HUGE_VAL where that is infinite. */
double number_nearest(uint64_t digits, int64_t exponent);

/* As number_real, but whole numbers of any size (rounded), and 0 where it is too small: what a user typed or a foreign tool printed. */
bool number_real_rounded(const char *text, size_t size, double *value);

/* Decimal digits; returns the length written, without the NUL that follows. `text` holds NUMBER_SIZE. */
size_t number_print_int(char *text, int64_t value);

/*
 * The shortest text that reads back the same double; integral values end in
 * ".0", exponents where Python's repr has them (below 1e-4, from 1e16: `1e-05`,
 * `1.5e+16`), so that other tools print the same.
 */
size_t number_print_real(char *text, double value);
/* The same for who has found that it is no number of few digits (number_digits.h). */
size_t number_print_long_real(char *text, double value);

/*
 * With so many decimals (0 to NUMBER_DECIMALS; 0: no point either), `12.50`: the length, or 0 where that does not read back
 * the same double, or takes more room than NUMBER_SIZE.
 */
enum { NUMBER_DECIMALS = 17 };
size_t number_print_decimals(char *text, double value, int decimals);

/* How a real was written: with how many decimals number_print_decimals gives its text back byte for byte (-1: with none), and
 * whether number_print_real does. `value`: what the text reads as. */
struct number_shape { int decimals; bool shortest; };
struct number_shape number_shape(const char *text, size_t size, double value);

/* The shape of digits / 10^decimals, written with a digit on either side of the point, which reads as the value, not negative. False: that is left to
 * number_shape. */
bool number_shape_of_digits(uint64_t digits, int decimals, double value, struct number_shape *shape);

/* number_real and number_shape (NULL: not asked for) at once, of a text with a point or an exponent: false for others, too. */
bool number_real_written(const char *text, size_t size, double *value, struct number_shape *shape);

/* For people: at most `digits` significant digits, no trailing zeros, thousands not grouped. */
size_t number_print_short(char *text, double value, int digits);

/* "256M", "1.5G", "4096", "64K" to bytes (powers of 1024). */
bool number_size(const char *text, uint64_t *bytes);

/* A share: "5%" gives 0.05 and sets *percent; "0.05" gives 0.05. */
bool number_share(const char *text, double *value, bool *percent);

#endif

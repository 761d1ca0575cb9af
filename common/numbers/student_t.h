/* SPDX-License-Identifier: MIT */
/*
 * Student's t: how likely a value as far from 0 is by chance.
 */
#ifndef STUDENT_T_H
#define STUDENT_T_H

/* The chance that |T| >= |t| with so many degrees of freedom (> 0): 1 at t = 0, 0 at infinity, to 12 digits, also far out (9 from a million degrees on). NaN for a NaN. */
double student_t_tails(double t, double freedom);

#endif

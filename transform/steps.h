/* SPDX-License-Identifier: MIT */
/* The list of steps, in the order in which help and manual show them. A new step is its file and a line here. */
#ifndef STEPS_H
#define STEPS_H

#define STEPS(REGISTER) \
	REGISTER(step, balance) \
	REGISTER(step, cast) \
	REGISTER(step, date) \
	REGISTER(step, dedupe) \
	REGISTER(step, derive) \
	REGISTER(step, drop) \
	REGISTER(step, expect) \
	REGISTER(step, impute) \
	REGISTER(step, levels) \
	REGISTER(step, limit) \
	REGISTER(step, log) \
	REGISTER(step, log1p) \
	REGISTER(step, nullify) \
	REGISTER(step, onehot) \
	REGISTER(step, parse) \
	REGISTER(step, rename) \
	REGISTER(step, replace) \
	REGISTER(step, role) \
	REGISTER(step, scale) \
	REGISTER(step, select) \
	REGISTER(step, sort) \
	REGISTER(step, split) \
	REGISTER(step, sqrt) \
	REGISTER(step, text)

#endif

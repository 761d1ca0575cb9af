/* SPDX-License-Identifier: MIT */
/* The list of steps, in the order in which help and manual show them. A new step is its file and a line here. */
#ifndef STEPS_H
#define STEPS_H

#define STEPS(step) \
	step(cast) \
	step(date) \
	step(dedupe) \
	step(derive) \
	step(drop) \
	step(expect) \
	step(impute) \
	step(limit) \
	step(nullify) \
	step(onehot) \
	step(parse) \
	step(rename) \
	step(replace) \
	step(role) \
	step(scale) \
	step(select) \
	step(sort) \
	step(split) \
	step(text)

#endif

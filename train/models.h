/* SPDX-License-Identifier: MIT */
/* The list of model families: one line each. */
MODEL(linear)
MODEL(mlp)
MODEL(baseline)

/* SPDX-License-Identifier: MIT */
/*
 * Probabilities out of the decisions of support vector machines.
 *
 * Of two classes 1 / (1 + exp(A f + B)) is that of the first one: A and B are the most
 * likely ones for decisions f on rows that the machine was not trained on, by Newton's
 * method with a search along the line, targets drawn in from 0 and 1 as Platt has it
 * (Lin, Lin, Weng: A Note on Platt's Probabilistic Outputs for Support Vector Machines, 2007).
 *
 * Of k classes those p that are nearest to the pairs' r_ij, which is that of i where it is i
 * or j: least sum over i < j of (r_ji p_i - r_ij p_j)^2 where p sums to 1 (Wu, Lin, Weng:
 * Probability Estimates for Multi-class Classification by Pairwise Coupling, 2004, second
 * method, algorithm 2).
 */
#ifndef SVM_PLATT_H
#define SVM_PLATT_H

#include <stdbool.h>
#include <stddef.h>

struct svm_sigmoid { double a, b; };

/* first: whether a row is of the first class. weights: of rows, which count as so many; NULL: all 1. */
struct svm_sigmoid svm_sigmoid_fit(const double *decisions, const bool *first, const double *weights, size_t n);
/* Of the first class. */
double svm_sigmoid_share(const struct svm_sigmoid *sigmoid, double decision);
/* pairs: k x k, r_ij at i * k + j for i other than j, each above 0 and r_ji = 1 - r_ij. space: k * (k + 1). */
void svm_couple(size_t k, const double *pairs, double *shares, double *space);

#endif

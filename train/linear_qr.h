/* SPDX-License-Identifier: MIT */
/*
 * The QR factor R of [1 | X | y], rows scaled by the root of their weight, from
 * panels in one pass. Panels are factored side by side and merged in their order: the
 * same bits for any number of threads.
 */
#ifndef LINEAR_QR_H
#define LINEAR_QR_H

#include "model.h"

struct qr;
struct qr *qr_new(size_t n_features, int threads);
void qr_add(struct qr *qr, const struct panel *panel);
/* R: (n_features + 2) squared, by columns, zero below the diagonal; qr's own. Rows beyond the number seen are zero. */
const double *qr_finish(struct qr *qr);
void qr_free(struct qr *qr);

/* Exposed for tests: a (n columns of PANEL_ROWS, the first m rows used, the next zero up to a multiple of 4) becomes R in its upper triangle. */
void qr_factor(double *a, size_t m, size_t n);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The few Fortran routines of LAPACK that we call: matrices by columns, all
 * arguments by address, `info` 0 or the argument that was wrong. They are called
 * from one thread at a time, of the whole process, between lapack_lock and
 * lapack_unlock: the serial build of OpenBLAS shares its work space between threads
 * without a lock of its own. Where the system has no room for that space OpenBLAS asks
 * again and again, for ever: so the first lapack_lock tries, and ends the program with a
 * line where there is none. Any other build would start threads, and sums would hang on how many: a program that gets here has told it to use
 * one, at its start (openblas_set_num_threads). Fortran expects the lengths of character
 * arguments at the end.
 */
#ifndef LAPACK_H
#define LAPACK_H

#include <stddef.h>

void lapack_lock(void);
void lapack_unlock(void);

/* QR: a (m x n) becomes R and the reflectors below it. */
void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work, const int *lwork, int *info);
/* QR with column pivoting: jpvt (zeroed) becomes the order, 1-based. */
void dgeqp3_(const int *m, const int *n, double *a, const int *lda, int *jpvt, double *tau, double *work, const int *lwork, int *info);
/* c (m x n) becomes Q c or Q' c (side "L"; trans "N", "T"), Q of k reflectors in a. */
void dormqr_(const char *side, const char *trans, const int *m, const int *n, const int *k, const double *a, const int *lda,
             const double *tau, double *c, const int *ldc, double *work, const int *lwork, int *info,
             size_t side_size, size_t trans_size);
/* Solves a x = b, or a' x = b (trans "N", "T"), a triangular n x n: b (n x nrhs) becomes x. */
void dtrtrs_(const char *uplo, const char *trans, const char *diag, const int *n, const int *nrhs, const double *a, const int *lda,
             double *b, const int *ldb, int *info, size_t uplo_size, size_t trans_size, size_t diag_size);
/* Cholesky: the triangle `uplo` ("U", "L") of a (n x n, symmetric) becomes its factor. info > 0: it is not positive definite. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_size);
/* Solves a x = b with that factor: b (n x nrhs) becomes x. */
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda, double *b, const int *ldb, int *info,
             size_t uplo_size);

#endif

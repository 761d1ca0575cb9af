/* SPDX-License-Identifier: MIT */
#include "lapack.h"

#include <pthread.h>

static pthread_mutex_t lapack = PTHREAD_MUTEX_INITIALIZER;      /* of the process, as that which it guards */

void lapack_lock(void) { pthread_mutex_lock(&lapack); }
void lapack_unlock(void) { pthread_mutex_unlock(&lapack); }

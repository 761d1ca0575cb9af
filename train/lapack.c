/* SPDX-License-Identifier: MIT */
#include "lapack.h"

#include <pthread.h>
#include <stdbool.h>

#include "memory.h"

#define WORK_SPACE ((size_t)128 << 20)  /* what OpenBLAS maps at its first call, and keeps; of it little is touched */

/* Of the process, as the work space that it guards. */
static struct { pthread_mutex_t mutex; bool tried; } lapack = { .mutex = PTHREAD_MUTEX_INITIALIZER };

void lapack_lock(void)
{
	pthread_mutex_lock(&lapack.mutex);
	if (!lapack.tried)
		mem_can_map(WORK_SPACE);
	lapack.tried = true;
}

void lapack_unlock(void) { pthread_mutex_unlock(&lapack.mutex); }

/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into a program, this makes one of its calls to the system fail, or all from one on do less than they were asked.
 * What is called before main is left alone. The clock stands still, so that two runs give the same bytes.
 * With WRAPPED it is linked in, by --wrap=NAME for each call: under AddressSanitizer, which has calls of its own in their place.
 *
 *     FAULT=KIND:N      the Nth call of this kind, from 1 (kinds: below); without it nothing fails
 *     FAULT_LOG=FILE    how often each kind was called, a line "KIND COUNT" each, and "fired" if the fault did
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind { SHORT_READ, SHORT_WRITE, EINTR_CALL, READ_EIO, WRITE_ENOSPC, WRITE_EIO, OPEN_EMFILE, CLOSE_EIO, FSYNC_EIO, RENAME_EIO, MALLOC, MMAP,
	THREAD, SEEK_EIO, N_KINDS };
static const char *const names[N_KINDS] = { "short_read", "short_write", "eintr", "read_eio", "write_enospc", "write_eio", "open_emfile", "close_eio",
	"fsync_eio", "rename_eio", "malloc", "mmap", "thread", "seek_eio" };

static atomic_long counts[N_KINDS];
static atomic_bool fired;
static bool active;
static int wanted = -1;
static long nth;

/* CALL(name) defines what stands in a call's place; there REAL declares `real`, the call itself. */
#ifdef WRAPPED
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#define CALL(name) __wrap_##name
#define REAL(type, name, ...) \
	type __real_##name(__VA_ARGS__); \
	type (*real)(__VA_ARGS__) = __real_##name

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
#else
#define CALL(name) name
#define REAL(type, name, ...) \
	static type (*real)(__VA_ARGS__); \
	if (!real) \
		*(void **)&real = dlsym(RTLD_NEXT, #name)

/* dlsym allocates, so these are not looked up by it. */
#define __real_malloc __libc_malloc
#define __real_calloc __libc_calloc
#define __real_realloc __libc_realloc
#define __real_aligned_alloc __libc_memalign
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);
#endif

static bool is_lasting(enum kind kind) { return kind == SHORT_READ || kind == SHORT_WRITE || kind == WRITE_ENOSPC; }

/* Counts the call; whether it is the one. A full disk stays full, and what reads or writes little goes on so. */
static bool hits(enum kind kind)
{
	long count;

	if (!active)
		return false;
	count = atomic_fetch_add(&counts[kind], 1) + 1;
	if ((int)kind != wanted || count < nth || (count > nth && !is_lasting(kind)))
		return false;
	atomic_store(&fired, true);
	return true;
}

static bool fails(enum kind kind, int code)
{
	if (!hits(kind))
		return false;
	errno = code;
	return true;
}

/* ---- the program ---- */

static void start(void)
{
	const char *fault = getenv("FAULT");

	for (int i = 0; fault && i < N_KINDS; i++)
		if (strncmp(fault, names[i], strlen(names[i])) == 0 && fault[strlen(names[i])] == ':') {
			wanted = i;
			nth = strtol(fault + strlen(names[i]) + 1, NULL, 10);
		}
	active = true;
}

#ifdef WRAPPED
int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv)
{
	start();
	return __real_main(argc, argv);
}
#else
static int (*real_main)(int, char **, char **);

static int own_main(int argc, char **argv, char **env)
{
	start();
	return real_main(argc, argv, env);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void), void (*rtld)(void), void *end);
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void), void (*rtld)(void), void *end)
{
	REAL(int, __libc_start_main, int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void), void (*)(void), void *);
	real_main = main;
	return real(own_main, argc, argv, init, fini, rtld, end);
}
#endif

__attribute__((destructor)) static void tell(void)
{
	const char *path = getenv("FAULT_LOG");
	char text[1024];
	int size = 0, fd;

	active = false;
	if (!path || (fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666)) < 0)
		return;
	for (int i = 0; i < N_KINDS; i++)
		size += snprintf(text + size, sizeof text - (size_t)size, "%s %ld\n", names[i], counts[i]);
	size += snprintf(text + size, sizeof text - (size_t)size, "%s", fired ? "fired\n" : "");
	(void)!write(fd, text, (size_t)size);
	close(fd);
}

/* ---- the calls ---- */

static size_t less(size_t size)
{
	return size > 7 ? 7 : size > 1 ? size / 2 : size;
}

ssize_t CALL(read)(int fd, void *to, size_t size)
{
	REAL(ssize_t, read, int, void *, size_t);
	if (fails(EINTR_CALL, EINTR) || fails(READ_EIO, EIO))
		return -1;
	return real(fd, to, hits(SHORT_READ) ? less(size) : size);
}

ssize_t CALL(readv)(int fd, const struct iovec *iov, int n)
{
	REAL(ssize_t, readv, int, const struct iovec *, int);
	if (fails(EINTR_CALL, EINTR) || fails(READ_EIO, EIO))
		return -1;
	return hits(SHORT_READ) && n > 0 ? real(fd, &(struct iovec){ iov->iov_base, less(iov->iov_len) }, 1) : real(fd, iov, n);
}

ssize_t CALL(pread)(int fd, void *to, size_t size, off_t at)
{
	REAL(ssize_t, pread, int, void *, size_t, off_t);
	if (fails(EINTR_CALL, EINTR) || fails(READ_EIO, EIO))
		return -1;
	return real(fd, to, hits(SHORT_READ) ? less(size) : size, at);
}

ssize_t CALL(write)(int fd, const void *from, size_t size)
{
	REAL(ssize_t, write, int, const void *, size_t);
	if (fd != STDERR_FILENO && (fails(EINTR_CALL, EINTR) || fails(WRITE_ENOSPC, ENOSPC) || fails(WRITE_EIO, EIO)))
		return -1;
	return real(fd, from, hits(SHORT_WRITE) ? less(size) : size);
}

ssize_t CALL(writev)(int fd, const struct iovec *iov, int n)
{
	REAL(ssize_t, writev, int, const struct iovec *, int);
	if (fails(EINTR_CALL, EINTR) || fails(WRITE_ENOSPC, ENOSPC) || fails(WRITE_EIO, EIO))
		return -1;
	return hits(SHORT_WRITE) && n > 0 ? real(fd, &(struct iovec){ iov->iov_base, less(iov->iov_len) }, 1) : real(fd, iov, n);
}

ssize_t CALL(pwrite)(int fd, const void *from, size_t size, off_t at)
{
	REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
	if (fails(EINTR_CALL, EINTR) || fails(WRITE_ENOSPC, ENOSPC) || fails(WRITE_EIO, EIO))
		return -1;
	return real(fd, from, hits(SHORT_WRITE) ? less(size) : size, at);
}

int CALL(open)(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	REAL(int, open, const char *, int, mode_t);
	va_start(args, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(args, mode_t);
	va_end(args);
	return fails(EINTR_CALL, EINTR) || fails(OPEN_EMFILE, EMFILE) ? -1 : real(path, flags, mode);
}

/* On Linux the descriptor is closed, whatever close gives. */
int CALL(close)(int fd)
{
	int code = fails(EINTR_CALL, EINTR) || fails(CLOSE_EIO, EIO) ? errno : 0, result;

	REAL(int, close, int);
	result = real(fd);
	if (code)
		errno = code;
	return code ? -1 : result;
}

int CALL(fsync)(int fd)
{
	REAL(int, fsync, int);
	return fails(EINTR_CALL, EINTR) || fails(FSYNC_EIO, EIO) ? -1 : real(fd);
}

int CALL(rename)(const char *from, const char *to)
{
	REAL(int, rename, const char *, const char *);
	return fails(RENAME_EIO, EIO) ? -1 : real(from, to);
}

off_t CALL(lseek)(int fd, off_t at, int whence)
{
	REAL(off_t, lseek, int, off_t, int);
	return fails(SEEK_EIO, EIO) ? -1 : real(fd, at, whence);
}

int CALL(poll)(struct pollfd *fds, nfds_t n, int timeout)
{
	REAL(int, poll, struct pollfd *, nfds_t, int);
	return fails(EINTR_CALL, EINTR) ? -1 : real(fds, n, timeout);
}

int CALL(pthread_create)(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *state)
{
	REAL(int, pthread_create, pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	return hits(THREAD) ? EAGAIN : real(thread, attributes, run, state);
}

void *CALL(mmap)(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	REAL(void *, mmap, void *, size_t, int, int, int, off_t);
	return fails(MMAP, ENOMEM) ? MAP_FAILED : real(at, size, protection, flags, fd, offset);
}

void *CALL(malloc)(size_t size) { return fails(MALLOC, ENOMEM) ? NULL : __real_malloc(size); }
void *CALL(calloc)(size_t n, size_t size) { return fails(MALLOC, ENOMEM) ? NULL : __real_calloc(n, size); }
void *CALL(realloc)(void *old, size_t size) { return fails(MALLOC, ENOMEM) ? NULL : __real_realloc(old, size); }
void *CALL(aligned_alloc)(size_t align, size_t size) { return fails(MALLOC, ENOMEM) ? NULL : __real_aligned_alloc(align, size); }

int CALL(clock_gettime)(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){ .tv_sec = 1000000000 };
	return 0;
}

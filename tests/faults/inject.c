/* SPDX-License-Identifier: MIT */
/*
 * Makes one of a program's calls to the system fail, or all from one on do less than they were asked. What is called before main
 * is left alone. The clock stands still, so that two runs give the same bytes. One source, two ways into a program:
 *
 *     preloaded     build/inject.so: also the calls of the libraries that it uses
 *     linked in     with LINKED, and --wrap=CALL for each call below: what the program's own objects call. So AddressSanitizer,
 *                   which has its own malloc, may stand behind it; what libc, libcsv, msgpack and OpenBLAS call inside their
 *                   shared objects never fails here
 *
 *     FAULT=KIND:N      the Nth call of this kind, from 1 (kinds: below); without it nothing fails. kill, term: before the Nth of all
 *                       calls that others can see the process gets that signal (scripts/kills)
 *     FAULT_LOG=FILE    "fired" as soon as the fault comes, and at the end how often each kind was called: lines "KIND COUNT"
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define KINDS(X) X(short_read) X(short_write) X(eintr) X(read_eio) X(write_enospc) X(write_eio) X(stderr_eio) X(open_emfile) X(no_tmpfile) \
	X(close_eio) X(fsync_eio) X(rename_eio) X(unlink_eio) X(stat_eio) X(seek_eio) X(dup_emfile) X(lock_enolck) X(room_enospc) X(flush_eio) \
	X(malloc) X(no_memory) X(mmap) X(thread) X(kill) X(term)
#define NUMBER(kind) KIND_##kind,
#define NAME(kind) #kind,
enum kind { KINDS(NUMBER) N_KINDS };
static const char *const names[] = { KINDS(NAME) };

/* The calls, a line each: the Makefile makes --wrap of them. OURS is what the program calls, REAL what it would have called. */
#ifdef LINKED
#define CALL(name) extern __typeof__(name) __real_##name, __wrap_##name;
#define MEMORY(name, of_libc) CALL(name)
#define OURS(name) __wrap_##name
#define REAL(name) __real_##name
#else
#define CALL(name) \
	static __typeof__(name) *real_##name(void) \
	{ \
		static __typeof__(name) *real; \
		if (!real) \
			*(void **)&real = dlsym(RTLD_NEXT, #name); \
		return real; \
	}
/* dlsym may allocate. */
#define MEMORY(name, of_libc) \
	extern __typeof__(name) of_libc; \
	static __typeof__(name) *real_##name(void) { return of_libc; }
#define OURS(name) name
#define REAL(name) real_##name()
#endif

CALL(read)
CALL(readv)
CALL(pread)
CALL(preadv)
CALL(write)
CALL(writev)
CALL(pwrite)
CALL(open)
CALL(close)
CALL(fsync)
CALL(rename)
CALL(unlink)
CALL(stat)
CALL(fstat)
CALL(lstat)
CALL(lseek)
CALL(fcntl)
CALL(flock)
CALL(posix_fallocate)
CALL(fflush)
CALL(poll)
CALL(mmap)
CALL(pthread_create)
CALL(clock_gettime)
MEMORY(malloc, __libc_malloc)
MEMORY(calloc, __libc_calloc)
MEMORY(realloc, __libc_realloc)
MEMORY(aligned_alloc, __libc_memalign)

/* ---- what fails ---- */

static atomic_long counts[N_KINDS];
static atomic_bool fired;
static bool active;
static int wanted = -1;
static long nth;
static const char *log_path;

/* A full disk stays full, full memory may, and what reads or writes little goes on so. */
static bool is_lasting(enum kind kind)
{
	return kind == KIND_short_read || kind == KIND_short_write || kind == KIND_write_enospc || kind == KIND_stderr_eio || kind == KIND_no_tmpfile ||
	       kind == KIND_lock_enolck || kind == KIND_no_memory;
}

static void note(const char *text, size_t size)
{
	int fd = log_path ? REAL(open)(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;

	if (fd < 0)
		return;
	(void)!REAL(write)(fd, text, size);
	REAL(close)(fd);
}

/* Counts the call; whether it is the one. */
static bool hits(enum kind kind)
{
	long count;

	if (!active)
		return false;
	count = atomic_fetch_add(&counts[kind], 1) + 1;
	if ((int)kind != wanted || count < nth || (count > nth && !is_lasting(kind)))
		return false;
	if (!atomic_exchange(&fired, true))
		note("fired\n", 6);
	return true;
}

/* Between two calls that others can see, they see no difference: so any moment at which a process may die is before one of them. */
static void may_die(void)
{
	if (hits(KIND_kill))
		kill(getpid(), SIGKILL);
	if (hits(KIND_term))
		kill(getpid(), SIGTERM);
}

static bool fails(enum kind kind, int code)
{
	if (!hits(kind))
		return false;
	errno = code;
	return true;
}

/* ---- the program ---- */

static void begin(void)
{
	const char *fault = getenv("FAULT");

	log_path = getenv("FAULT_LOG");
	for (int i = 0; fault && i < N_KINDS; i++)
		if (strncmp(fault, names[i], strlen(names[i])) == 0 && fault[strlen(names[i])] == ':') {
			wanted = i;
			nth = strtol(fault + strlen(names[i]) + 1, NULL, 10);
		}
	active = true;
}

#ifdef LINKED
int __real_main(int argc, char **argv, char **env);
int __wrap_main(int argc, char **argv, char **env);
int __wrap_main(int argc, char **argv, char **env)
{
	begin();
	return __real_main(argc, argv, env);
}
#else
typedef int start(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void), void (*rtld)(void), void *end);
start __libc_start_main;
static int (*real_main)(int, char **, char **);

static int own_main(int argc, char **argv, char **env)
{
	begin();
	return real_main(argc, argv, env);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void), void (*rtld)(void), void *end)
{
	start *real;

	*(void **)&real = dlsym(RTLD_NEXT, "__libc_start_main");
	real_main = main;
	return real(own_main, argc, argv, init, fini, rtld, end);
}
#endif

__attribute__((destructor)) static void tell(void)
{
	char text[1024];
	int size = 0;

	active = false;
	for (int i = 0; i < N_KINDS; i++)
		size += snprintf(text + size, sizeof text - (size_t)size, "%s %ld\n", names[i], atomic_load(&counts[i]));
	note(text, (size_t)size);
}

/* ---- the calls ---- */

static size_t less(size_t size)
{
	return size > 7 ? 7 : size > 1 ? size / 2 : size;
}

static bool read_fails(void)
{
	may_die();
	return fails(KIND_eintr, EINTR) || fails(KIND_read_eio, EIO);
}

static bool write_fails(int fd)
{
	may_die();
	if (fd == STDERR_FILENO)
		return fails(KIND_stderr_eio, EIO);
	return fails(KIND_eintr, EINTR) || fails(KIND_write_enospc, ENOSPC) || fails(KIND_write_eio, EIO);
}

ssize_t OURS(read)(int fd, void *to, size_t size)
{
	return read_fails() ? -1 : REAL(read)(fd, to, hits(KIND_short_read) ? less(size) : size);
}

ssize_t OURS(pread)(int fd, void *to, size_t size, off_t at)
{
	return read_fails() ? -1 : REAL(pread)(fd, to, hits(KIND_short_read) ? less(size) : size, at);
}

ssize_t OURS(readv)(int fd, const struct iovec *iov, int n)
{
	if (read_fails())
		return -1;
	return hits(KIND_short_read) && n > 0 ? REAL(read)(fd, iov->iov_base, less(iov->iov_len)) : REAL(readv)(fd, iov, n);
}

ssize_t OURS(preadv)(int fd, const struct iovec *iov, int n, off_t at)
{
	if (read_fails())
		return -1;
	return hits(KIND_short_read) && n > 0 ? REAL(pread)(fd, iov->iov_base, less(iov->iov_len), at) : REAL(preadv)(fd, iov, n, at);
}

ssize_t OURS(write)(int fd, const void *from, size_t size)
{
	return write_fails(fd) ? -1 : REAL(write)(fd, from, hits(KIND_short_write) ? less(size) : size);
}

ssize_t OURS(pwrite)(int fd, const void *from, size_t size, off_t at)
{
	return write_fails(fd) ? -1 : REAL(pwrite)(fd, from, hits(KIND_short_write) ? less(size) : size, at);
}

ssize_t OURS(writev)(int fd, const struct iovec *iov, int n)
{
	if (write_fails(fd))
		return -1;
	return hits(KIND_short_write) && n > 0 ? REAL(write)(fd, iov->iov_base, less(iov->iov_len)) : REAL(writev)(fd, iov, n);
}

int OURS(open)(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(args, mode_t);
	va_end(args);
	may_die();
	if ((flags & O_TMPFILE) == O_TMPFILE && fails(KIND_no_tmpfile, EOPNOTSUPP))
		return -1;
	return fails(KIND_eintr, EINTR) || fails(KIND_open_emfile, EMFILE) ? -1 : REAL(open)(path, flags, mode);
}

/* On Linux the descriptor is closed, whatever close gives. */
int OURS(close)(int fd)
{
	int code, result;

	may_die();
	code = fails(KIND_eintr, EINTR) || fails(KIND_close_eio, EIO) ? errno : 0;
	result = REAL(close)(fd);
	if (code)
		errno = code;
	return code ? -1 : result;
}

int OURS(fsync)(int fd)
{
	may_die();
	return fails(KIND_eintr, EINTR) || fails(KIND_fsync_eio, EIO) ? -1 : REAL(fsync)(fd);
}

int OURS(rename)(const char *from, const char *to)
{
	may_die();
	return fails(KIND_rename_eio, EIO) ? -1 : REAL(rename)(from, to);
}

int OURS(unlink)(const char *path)
{
	may_die();
	return fails(KIND_unlink_eio, EIO) ? -1 : REAL(unlink)(path);
}

int OURS(stat)(const char *path, struct stat *to) { return fails(KIND_stat_eio, EIO) ? -1 : REAL(stat)(path, to); }
int OURS(fstat)(int fd, struct stat *to) { return fails(KIND_stat_eio, EIO) ? -1 : REAL(fstat)(fd, to); }
int OURS(lstat)(const char *path, struct stat *to) { return fails(KIND_stat_eio, EIO) ? -1 : REAL(lstat)(path, to); }
off_t OURS(lseek)(int fd, off_t at, int whence) { return fails(KIND_seek_eio, EIO) ? -1 : REAL(lseek)(fd, at, whence); }
int OURS(flock)(int fd, int operation) { return fails(KIND_lock_enolck, ENOLCK) ? -1 : REAL(flock)(fd, operation); }
int OURS(posix_fallocate)(int fd, off_t at, off_t size)
{
	return hits(KIND_eintr) ? EINTR : hits(KIND_room_enospc) ? ENOSPC : REAL(posix_fallocate)(fd, at, size);
}

int OURS(poll)(struct pollfd *fds, nfds_t n, int timeout) { return fails(KIND_eintr, EINTR) ? -1 : REAL(poll)(fds, n, timeout); }

int OURS(fcntl)(int fd, int command, ...)
{
	va_list args;
	long argument;

	va_start(args, command);
	argument = va_arg(args, long);
	va_end(args);
	return command == F_DUPFD_CLOEXEC && fails(KIND_dup_emfile, EMFILE) ? -1 : REAL(fcntl)(fd, command, argument);
}

/* What stdio wrote of itself when its buffer was full is not ours. */
int OURS(fflush)(FILE *file) { return file == stdout && fails(KIND_flush_eio, EIO) ? EOF : REAL(fflush)(file); }

int OURS(pthread_create)(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *state)
{
	return hits(KIND_thread) ? EAGAIN : REAL(pthread_create)(thread, attributes, run, state);
}

void *OURS(mmap)(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return fails(KIND_mmap, ENOMEM) ? MAP_FAILED : REAL(mmap)(at, size, protection, flags, fd, offset);
}

static bool memory_fails(void) { return fails(KIND_malloc, ENOMEM) || fails(KIND_no_memory, ENOMEM); }

void *OURS(malloc)(size_t size) { return memory_fails() ? NULL : REAL(malloc)(size); }
void *OURS(calloc)(size_t n, size_t size) { return memory_fails() ? NULL : REAL(calloc)(n, size); }
void *OURS(realloc)(void *old, size_t size) { return memory_fails() ? NULL : REAL(realloc)(old, size); }
void *OURS(aligned_alloc)(size_t align, size_t size) { return memory_fails() ? NULL : REAL(aligned_alloc)(align, size); }

int OURS(clock_gettime)(clockid_t clock, struct timespec *now)
{
	int result = REAL(clock_gettime)(clock, now);

	*now = (struct timespec){ .tv_sec = 1000000000 };
	return result;
}

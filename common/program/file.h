/* SPDX-License-Identifier: MIT */
/*
 * Files that are whole or not there: written beside their place under another
 * name, synced, renamed. What is a device, a pipe or /dev/stdout is written
 * directly.
 */
#ifndef FILE_H
#define FILE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "host.h"

struct file { int fd; char *path, *temporary; const struct host *host; };
int file_create(struct file *file, const char *path, const struct host *host, struct error *err) MUST_CHECK;
int file_commit(struct file *file, struct error *err) MUST_CHECK;       /* fsync, rename, fsync of the folder */
void file_abandon(struct file *file);                                   /* removes it; fine after a commit */

/* A file without a name in the host's folder: it is gone when its descriptor is closed, however the process ends. -1 and err. */
int file_unnamed(const struct host *host, struct error *err);
/* All `size` bytes, at their place in such a file; threads may do so at once. An end before them is an error of reading. */
int file_write_at(int fd, const void *bytes, size_t size, uint64_t at, const struct host *host, struct error *err) MUST_CHECK;
int file_read_at(int fd, void *bytes, size_t size, uint64_t at, const struct host *host, struct error *err) MUST_CHECK;

/* Appends one record of bytes, whole (O_APPEND): rejects. */
int file_open_append(const char *path, struct error *err) MUST_CHECK;

#endif

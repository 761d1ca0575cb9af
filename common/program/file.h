/* SPDX-License-Identifier: MIT */
/*
 * Files that are whole or not there: written beside their place under another
 * name, synced, renamed. What is a device or a pipe, or standard output by a name
 * of its own (/dev/stdout), is written directly.
 *
 * The other name of NAME is .NAME.part in the same folder, held by flock(2) while
 * it is written. So nothing stays for ever of who was killed: the next writer of
 * NAME takes the place of a file that nobody holds, or else the next of
 * .NAME.2.part, .NAME.3.part ..., and removes those behind that nobody holds. A link stays one, and the file that it leads to,
 * there or not, is what is written.
 */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "host.h"

/* The command that makes files of this ending out of its input (.gz: gzip), or NULL. Nothing here packs, so no file is written under such
 * a name: file_create and file_open_append refuse it (STATUS_USAGE) before anything is there. */
const char *file_packer(const char *path);

struct file { int fd; char *path, *temporary; const struct host *host; uint64_t pushed; };
/* Before the work, so that a target that can't be written fails at once. A loop of links is an error. */
int file_create(struct file *file, const char *path, const struct host *host, struct error *err) MUST_CHECK;
/* Of a file that is written from its start on, and has so many bytes: they go to the disk while others are made, so that file_commit waits for
 * few. Of a device and the like nothing goes. */
void file_push(struct file *file, uint64_t size);
/* fsync, rename, fsync of the folder. After -1 the target is what it was. A folder that can't be synced is a remark: the new file is there. */
int file_commit(struct file *file, struct error *err) MUST_CHECK;
void file_abandon(struct file *file);                                   /* removes it; fine after a commit, and on a zeroed one */

/* Of a program whose standard output carries the records: path must not be that, too, by /dev/stdout or another name, nor the file that they are
 * read from. */
int file_apart(const char *path, const struct host *host, struct error *err) MUST_CHECK;

/* Whether two names are those of one file, there or not, also through links. */
bool file_same(const char *a, const char *b);
/* Removes the file to which a name leads; a link stays. None that is there is fine. */
int file_remove(const char *path, struct error *err) MUST_CHECK;
/* What is at a path: a regular file, nothing, or something else (a folder, a device); -1 and err: nobody can say. */
enum file_there { FILE_NONE, FILE_REGULAR, FILE_OTHER };
int file_look(const char *path, struct error *err) MUST_CHECK;

/* To read it, whatever signals come meanwhile. -1 and err: "PATH: why". */
int file_open(const char *path, const struct host *host, struct error *err) MUST_CHECK;
/* Adds all that stands in it; more than `most` bytes are an error that says what it was taken for. */
int file_read_all(const char *path, size_t most, const char *taken_for, const struct host *host, struct buffer *to, struct error *err) MUST_CHECK;

/* A file without a name in the host's folder: it is gone when its descriptor is closed, however the process ends. -1 and err. */
int file_unnamed(const struct host *host, struct error *err);
/* Puts before the message of reading or writing it which file that was, and what helps. Always -1. */
int file_unnamed_failed(const struct host *host, struct error *err);
/* All `size` bytes, at their place in such a file; threads may do so at once. An end before them is an error of reading. */
int file_write_at(int fd, const void *bytes, size_t size, uint64_t at, const struct host *host, struct error *err) MUST_CHECK;
int file_read_at(int fd, void *bytes, size_t size, uint64_t at, const struct host *host, struct error *err) MUST_CHECK;

/* Appends one record of bytes, whole (O_APPEND): rejects. */
int file_open_append(const char *path, const struct host *host, struct error *err) MUST_CHECK;

#endif

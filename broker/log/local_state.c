#include "log/local_state.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event/topics.h"
#include "kit/alloc.h"

/*
 * Files are replaced by writing a new one, syncing it and renaming it; the directory is synced after each change of a
 * name. A note is a line for each place: partition, offset, topic; a last line `end` shows that it is whole.
 */

#define TEAM_MAX 40
#define NAME_ROOM (TEAM_MAX + 32)
#define NOTE_BYTES_MAX (SK_LOCAL_NOTES_MAX * 320)

struct sk_local_state {
        int fd;
        int crash_fd;
        char team[TEAM_MAX + 1];
};

sk_err sk_local_state_open(const char *path, sk_slice team, sk_local_state **out) {
        assert(path != NULL);
        assert(out != NULL);
        if (team.len == 0 || team.len > TEAM_MAX || memchr(team.at, '/', team.len) != NULL)
                return SK_ERR_RANGE;
        sk_local_state *state = sk_alloc_zero(1, sizeof(*state));
        if (state == NULL)
                return SK_ERR_NO_MEMORY;

        memcpy(state->team, team.at, team.len);
        state->crash_fd = -1;
        if (mkdir(path, 0770) < 0 && errno != EEXIST)
                state->fd = -1;
        else
                state->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (state->fd < 0 || faccessat(state->fd, ".", W_OK | X_OK, AT_EACCESS) < 0) {
                int reason = errno;
                if (state->fd >= 0)
                        close(state->fd);
                sk_free(state);
                errno = reason;
                return SK_ERR_IO;
        }
        *out = state;
        return SK_OK;
}

void sk_local_state_free(sk_local_state *state) {
        if (state == NULL)
                return;
        if (state->crash_fd >= 0)
                close(state->crash_fd);
        close(state->fd);
        sk_free(state);
}

static void name_write(const sk_local_state *state, const char *suffix, const char *end, char out[NAME_ROOM]) {
        (void)snprintf(out, NAME_ROOM, "%s.%.20s%s", state->team, suffix, end);
}

static bool write_all(int fd, sk_slice text) {
        for (size_t done = 0; done < text.len;) {
                ssize_t part = write(fd, text.at + done, text.len - done);
                if (part < 0 && errno == EINTR)
                        continue;
                if (part <= 0)
                        return false;
                done += (size_t)part;
        }
        return true;
}

/* Writes a new file beside the old one and puts it in its place; a durable one stands after a power failure too. */
static sk_err put(sk_local_state *state, const char *suffix, sk_slice text, bool is_durable) {
        char name[NAME_ROOM];
        char fresh[NAME_ROOM];

        name_write(state, suffix, "", name);
        name_write(state, suffix, ".new", fresh);
        int fd = openat(state->fd, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0660);
        if (fd < 0)
                return SK_ERR_IO;
        bool is_written = write_all(fd, text) && (!is_durable || fsync(fd) == 0);
        is_written = close(fd) == 0 && is_written;
        if (!is_written || renameat(state->fd, fresh, state->fd, name) < 0)
                return SK_ERR_IO;
        return !is_durable || fsync(state->fd) == 0 ? SK_OK : SK_ERR_IO;
}

static sk_err replace(sk_local_state *state, const char *suffix, sk_slice text) {
        return put(state, suffix, text, true);
}

static sk_err take_away(sk_local_state *state, const char *suffix) {
        char name[NAME_ROOM];

        name_write(state, suffix, "", name);
        if (unlinkat(state->fd, name, 0) < 0)
                return errno == ENOENT ? SK_OK : SK_ERR_IO;
        return fsync(state->fd) < 0 ? SK_ERR_IO : SK_OK;
}

/* Reads a small file; what is not there is empty. */
static size_t read_file(sk_local_state *state, const char *suffix, char *out, size_t room) {
        char name[NAME_ROOM];

        name_write(state, suffix, "", name);
        int fd = openat(state->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return 0;
        ssize_t len = read(fd, out, room);
        close(fd);
        return len > 0 ? (size_t)len : 0;
}

static sk_local_exit last_exit(sk_local_state *state) {
        char text[128];
        size_t len = read_file(state, "running", text, sizeof(text));

        if (len == 0)
                return SK_LAST_CLEAN;
        return memmem(text, len, "crashed\n", strlen("crashed\n")) == NULL ? SK_LAST_KILLED : SK_LAST_CRASHED;
}

sk_err sk_local_state_enter(sk_local_state *state, sk_local_exit *out_last) {
        assert(state != NULL);
        assert(out_last != NULL);
        char name[NAME_ROOM];
        char text[64];

        *out_last = last_exit(state);
        int len = snprintf(text, sizeof(text), "process %ld\n", (long)getpid());
        sk_err err = replace(state, "running", (sk_slice){text, (size_t)len});
        if (err != SK_OK)
                return err;
        if (state->crash_fd >= 0)
                close(state->crash_fd);
        name_write(state, "running", "", name);
        state->crash_fd = openat(state->fd, name, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
        return SK_OK;
}

int sk_local_state_crash_fd(const sk_local_state *state) {
        assert(state != NULL);
        return state->crash_fd;
}

void sk_local_state_leave(sk_local_state *state) {
        assert(state != NULL);
        if (take_away(state, "noted") == SK_OK && take_away(state, "found") == SK_OK)
                (void)take_away(state, "running");
}

void sk_local_note_format(const sk_input_place *places, size_t count, sk_buf *out) {
        assert(count == 0 || places != NULL);
        for (size_t i = 0; i < count; i++)
                sk_buf_add_format(out, "%" PRId32 " %" PRId64 " %.249s\n", places[i].partition, places[i].offset,
                                  places[i].topic);
        sk_buf_add_text(out, "end\n");
}

static bool number_take(sk_slice *text, int64_t max, int64_t *out) {
        int64_t number = 0;
        size_t digits = 0;

        while (digits < text->len && text->at[digits] >= '0' && text->at[digits] <= '9') {
                if (number > (max - (text->at[digits] - '0')) / 10)
                        return false;
                number = number * 10 + (text->at[digits] - '0');
                digits++;
        }
        if (digits == 0 || digits == text->len || text->at[digits] != ' ')
                return false;
        *text = (sk_slice){text->at + digits + 1, text->len - digits - 1};
        *out = number;
        return true;
}

static bool place_parse(sk_slice line, sk_input_place *out) {
        int64_t partition;
        int64_t offset;
        sk_slice chain;
        sk_slice team;
        sk_slice peer;
        sk_topic_kind kind;

        if (!number_take(&line, INT32_MAX, &partition) || !number_take(&line, INT64_MAX, &offset))
                return false;
        if (line.len >= sizeof(out->topic) || !sk_topic_parse(line, &chain, &team, &kind, &peer))
                return false;
        *out = (sk_input_place){.partition = (int32_t)partition, .offset = offset};
        memcpy(out->topic, line.at, line.len);
        return true;
}

size_t sk_local_note_parse(sk_slice text, sk_input_place *out, size_t room) {
        size_t count = 0;

        while (text.len > 0 && count < room) {
                const char *end = memchr(text.at, '\n', text.len);
                if (end == NULL)
                        break;
                sk_slice line = {text.at, (size_t)(end - text.at)};
                text = (sk_slice){end + 1, text.len - line.len - 1};
                if (place_parse(line, &out[count]))
                        count++;
        }
        return count;
}

sk_err sk_local_state_note(sk_local_state *state, sk_slice text) {
        assert(state != NULL);
        return replace(state, "noted", text);
}

sk_err sk_local_state_forget(sk_local_state *state) {
        assert(state != NULL);
        return take_away(state, "noted");
}

static size_t read_places(sk_local_state *state, const char *suffix, sk_input_place *out, size_t room) {
        char *text = sk_alloc(NOTE_BYTES_MAX);
        if (text == NULL)
                return 0;
        size_t len = read_file(state, suffix, text, NOTE_BYTES_MAX);
        size_t count = sk_local_note_parse((sk_slice){text, len}, out, room);
        sk_free(text);
        return count;
}

size_t sk_local_state_noted(sk_local_state *state, sk_input_place *out, size_t room) {
        assert(state != NULL);
        assert(out != NULL);
        return read_places(state, "noted", out, room);
}

static bool is_same(const sk_input_place *a, const sk_input_place *b) {
        return a->offset == b->offset && a->partition == b->partition && strcmp(a->topic, b->topic) == 0;
}

static size_t times_in(const sk_input_place *places, size_t count, const sk_input_place *place) {
        size_t times = 0;

        for (size_t i = 0; i < count; i++)
                times += is_same(&places[i], place);
        return times;
}

/* What a finding works on: the note, what earlier starts had found, and both together. */
struct finding {
        sk_input_place noted[SK_LOCAL_NOTES_MAX];
        sk_input_place before[SK_LOCAL_NOTES_MAX];
        sk_input_place found[SK_LOCAL_NOTES_MAX];
        size_t noted_count;
        size_t before_count;
        size_t found_count;
};

static void find_one(struct finding *finding, const sk_input_place *place, size_t times) {
        for (size_t i = 0; i < times && finding->found_count < SK_LOCAL_NOTES_MAX; i++)
                finding->found[finding->found_count++] = *place;
}

size_t sk_local_state_find(sk_local_state *state, sk_local_exit last, sk_input_place *out, size_t room) {
        assert(state != NULL);
        assert(last != SK_LAST_CLEAN);
        assert(out != NULL);
        size_t count = 0;
        struct finding *finding = sk_alloc_zero(1, sizeof(*finding));
        if (finding == NULL)
                return 0;

        finding->noted_count = read_places(state, "noted", finding->noted, SK_LOCAL_NOTES_MAX);
        finding->before_count = read_places(state, "found", finding->before, SK_LOCAL_NOTES_MAX);
        for (size_t i = 0; i < finding->noted_count && count < room; i++) {
                const sk_input_place *place = &finding->noted[i];
                if (times_in(finding->noted, i, place) > 0)
                        continue;
                size_t times = times_in(finding->before, finding->before_count, place) + 1;
                find_one(finding, place, times);
                out[count++] = *place;
                bool is_harmful = (last == SK_LAST_CRASHED && times >= 2) || times >= SK_LOCAL_KILLS_MAX;
                if (is_harmful && count < room)
                        out[count++] = *place;
        }
        sk_buf text = sk_buf_make(NOTE_BYTES_MAX);
        sk_local_note_format(finding->found, finding->found_count, &text);
        if (text.err == SK_OK)
                (void)replace(state, "found", sk_buf_slice(&text));
        sk_buf_free(&text);
        sk_free(finding);
        return count;
}

sk_err sk_local_state_publish(sk_local_state *state, const char *suffix, sk_slice text) {
        assert(state != NULL);
        assert(suffix != NULL);
        char name[NAME_ROOM];

        if (sk_slice_there(text))
                return put(state, suffix, text, false);
        name_write(state, suffix, "", name);
        return unlinkat(state->fd, name, 0) == 0 || errno == ENOENT ? SK_OK : SK_ERR_IO;
}

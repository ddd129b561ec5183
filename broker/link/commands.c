/* A list that starts over whenever it has been read to its end. */

#include "link/commands.h"

#include <assert.h>

#include "kit/alloc.h"

#define CAPACITY_FIRST 16
#define ARENA_BYTES ((size_t)64 << 20)

bool sk_commands_init(sk_commands *commands) {
        assert(commands != NULL);
        *commands = (sk_commands){.capacity = CAPACITY_FIRST};
        commands->queue = sk_alloc(CAPACITY_FIRST * sizeof(*commands->queue));
        commands->arena = sk_arena_new(ARENA_BYTES);
        return commands->queue != NULL && commands->arena != NULL;
}

void sk_commands_free(sk_commands *commands) {
        if (commands == NULL)
                return;
        sk_free(commands->queue);
        sk_arena_free(commands->arena);
        *commands = (sk_commands){0};
}

void sk_commands_input(sk_commands *commands) {
        assert(commands != NULL);
        assert(commands->first <= commands->count);
        if (commands->first < commands->count)
                return;
        commands->first = commands->count = 0;
        if (sk_arena_used(commands->arena) > 0)
                sk_arena_reset(commands->arena);
}

bool sk_commands_put(sk_commands *commands, const sk_command *command) {
        assert(command != NULL);
        assert(commands->count <= commands->capacity);
        assert(commands->capacity >= CAPACITY_FIRST);
        if (commands->count == commands->capacity) {
                sk_command *queue = sk_realloc(commands->queue, commands->capacity * 2 * sizeof(*queue));

                if (queue == NULL)
                        return false;
                commands->queue = queue;
                commands->capacity *= 2;
        }
        commands->queue[commands->count++] = *command;
        return true;
}

bool sk_commands_next(sk_commands *commands, sk_command *out) {
        assert(out != NULL);
        assert(commands->count <= commands->capacity);
        assert(commands->first <= commands->count);
        if (commands->first == commands->count)
                return false;
        *out = commands->queue[commands->first++];
        return true;
}

void sk_commands_forget(sk_commands *commands) {
        assert(commands->first <= commands->count);
        commands->first = commands->count;
}

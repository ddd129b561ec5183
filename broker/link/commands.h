#ifndef SK_LINK_COMMANDS_H
#define SK_LINK_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/arena.h"
#include "link/port.h"

/**
 * Commands that wait to be fetched, and the memory of what they point to, which is given back as soon as all were
 * fetched and the next input comes.
 */
typedef struct sk_commands {
        sk_command *queue;
        size_t first;
        size_t count;
        size_t capacity;
        sk_arena *arena;
} sk_commands;

/** Makes it empty; false: no memory. */
bool sk_commands_init(sk_commands *commands);
/** NULL is legal. */
void sk_commands_free(sk_commands *commands);
/** A new input has come: what was fetched may be forgotten. */
void sk_commands_input(sk_commands *commands);
/** false without memory. The command is copied, what it points to is not. */
bool sk_commands_put(sk_commands *commands, const sk_command *command);
/** Takes the oldest command; false: there is none. */
bool sk_commands_next(sk_commands *commands, sk_command *out);
/** Forgets all that have not been fetched: they belong to an assignment that is over. */
void sk_commands_forget(sk_commands *commands);

#endif

#ifndef SK_CLI_STORY_H
#define SK_CLI_STORY_H

#include "cli/session/session.h"
#include "cli/story/margin.h"
#include "kit/id.h"
#include "usm/method.h"

/*
 * What the events of the teams tell of a call, and of every call that it caused: who did what, when, and what it waited
 * for. Everything stays good until the story is freed. Texts are as they came from the log: to be escaped.
 */

/** What a stretch of time went to. */
typedef enum sk_spell_kind {
        SK_SPELL_LINK,     /**< the links themselves and the way between them */
        SK_SPELL_WAIT,     /**< a task that nobody has taken */
        SK_SPELL_WORK,     /**< a task that somebody has taken */
        SK_SPELL_CUSTOMER, /**< an open question or offer: the promise's clock stands */
        SK_SPELL_ASKS,     /**< other teams have been asked */
        SK_SPELL_UNSEEN,   /**< in sums only: another team has it, whose events are not here */
        SK_SPELL_KINDS,
} sk_spell_kind;

#define SK_STORY_NONE SIZE_MAX

typedef struct sk_story_spell {
        sk_spell_kind kind;
        size_t step; /**< SK_STORY_NONE: none */
        int64_t from_us;
        int64_t to_us;
} sk_story_spell;

typedef enum sk_story_kind {
        SK_STORY_ACTIVITY,
        SK_STORY_CUT,
        SK_STORY_SKIPPED, /**< an activity that was not applicable */
} sk_story_kind;

/** An activity, or a crossing of the cut, of one process run. */
typedef struct sk_story_step {
        sk_story_kind kind;
        unsigned frame; /**< from 1 */
        uint32_t visit;
        sk_slice activity; /**< "recover.analyse", "recover.cut" */
        sk_slice how;
        sk_slice profile;
        sk_slice actor; /**< who has it, or had it; "" */
        sk_slice outcome;
        sk_slice code;     /**< of an early end or of an escalation; "" */
        sk_slice rule;     /**< why it was not applicable; at a cut, who decided */
        sk_slice reason;   /**< at a cut: why */
        sk_slice target;   /**< at a cut: the process triggered; "" before that */
        sk_slice team;     /**< at a cut: the team that it went to; "" for the own one */
        sk_slice remark;   /**< components, category, that it goes onward */
        unsigned attempt;  /**< at a cut */
        bool is_escalated; /**< became a task for the coordinator */
        int64_t entered_us;
        int64_t ended_us; /**< 0: it runs */
} sk_story_step;

/** A call that this one raised with another team. */
typedef struct sk_story_ask {
        sk_id id;
        sk_slice team;
        sk_slice type;
        sk_slice facility;
        sk_slice outcome; /**< "" while it is open */
        size_t step;      /**< SK_STORY_NONE: a call of the team's own */
        unsigned attempt;
        int64_t raised_us;
        int64_t awaited_us; /**< since when the call waits for it; INT64_MAX: it goes on without it */
        int64_t ended_us;   /**< 0: open */
} sk_story_ask;

/** One call as one team tells it: the team that serves it, or the one that raised it for itself (is_ask). */
typedef struct sk_story_call {
        sk_id id;
        const sk_team *team;
        bool is_ask;
        bool is_headless; /**< its first events are gone */
        sk_slice customer;
        sk_slice type;
        sk_slice facility;
        sk_slice rootid;
        sk_slice outcome; /**< "" while it is open */
        sk_slice code;
        uint16_t workflows; /**< bit set of those possible */
        int64_t first_us;   /**< of the first event that is there */
        int64_t closed_us;  /**< 0: open */
        int64_t due_us;     /**< 0: nothing promised, or not known before the end */
        int64_t stopped_us; /**< how long the promise's clock stood */
        sk_margin margin;   /**< of a closed one, how far from the promise it was */
        bool is_late;
        bool is_withdrawing;
        sk_story_step *steps;
        size_t step_count;
        sk_story_ask *asks;
        size_t ask_count;
        sk_story_spell *spells;
        size_t spell_count;

        /* while it is being read */
        uint32_t last_number;
        int64_t last_us;
        size_t current; /**< the step that runs */
        bool is_held;
        bool is_asked;
        bool is_offered;
        unsigned generation; /**< counts changes in which asks are open */
        unsigned spell_generation;
        size_t step_capacity;
        size_t ask_capacity;
        size_t spell_capacity;
        sk_process path[SK_FRAMES_MAX];
        unsigned path_length;
} sk_story_call;

typedef struct sk_story {
        sk_arena *arena;
        int64_t now_us;
        sk_story_call **calls;
        size_t count;
        size_t capacity;
        bool is_full; /**< too long for the memory that it may take */
} sk_story;

/**
 * Reads what is told of call @p id.
 *
 * @param team    only of this team; NULL: of all
 * @param caused  whether the calls that it caused are wanted as well
 * @param out     new: free with sk_story_free; may hold no call
 * @return SK_EXIT_OK, or SK_EXIT_NEGATIVE with the message printed
 */
int sk_story_read(const sk_session *session, const sk_team *team, const sk_id *id, bool caused, sk_story **out);
/** NULL is legal. */
void sk_story_free(sk_story *story);

/** The call as the team of that name serves it (SK_NONE: any), or, @p is_ask, raised it; NULL if nothing is told. */
const sk_story_call *sk_story_find(const sk_story *story, const sk_id *id, sk_slice team, bool is_ask);

/** The process that a call of the type with this id starts with; SK_PROCESSES if there is none. */
sk_process sk_story_process(sk_slice type);

/* ---- time ---- */

/** How much time went to one thing at one team. */
typedef struct sk_story_share {
        sk_slice team; /**< "" of the links */
        sk_spell_kind kind;
        bool is_stopped; /**< the promise of the call that is looked at did not count it */
        int64_t time_us;
} sk_story_share;

#define SK_STORY_SHARES 256

/** Where the time went; together it is the whole span. While several teams were asked, it counts for the last to end. */
typedef struct sk_story_sums {
        sk_story_share shares[SK_STORY_SHARES]; /**< those beyond count for the links */
        size_t count;
        int64_t from_us;
        int64_t to_us;
} sk_story_sums;

/** Where the time of @p call, one of the story's, went. */
void sk_story_sum(const sk_story *story, const sk_story_call *call, sk_story_sums *out);

/** Time that spells of one kind took in one step. */
int64_t sk_story_step_time(const sk_story_call *call, size_t step, sk_spell_kind kind);

/* ---- for story*.c ---- */

/** Takes in one event: @p name is its type without "schakel.event."; @p value has been checked. */
void sk_story_tell(sk_story *story, sk_story_call *call, const char *name, sk_slice value, int64_t timestamp_us);
/** Ends the last spell of a call that is open. */
void sk_story_end(sk_story *story, sk_story_call *call);

#endif

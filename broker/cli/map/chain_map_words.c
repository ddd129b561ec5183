/*
 * Words of the drawing of a chain.
 */
#include "cli/map/chain_map_words.h"

#include <assert.h>

static const sk_chain_map_words words[SK_LANGUAGES] = {
        [SK_ENGLISH] = {.chain = "Chain",
                        .facility = "facility",
                        .facilities = "facilities",
                        .person = "person",
                        .people = "people",
                        .routine = "routine",
                        .routines = "routines",
                        .open = "open",
                        .consumer = "customer only",
                        .organised = "by",
                        .coordinated = "led by",
                        .legend = "An arrow is an agreement, from who calls to who is called; thick: routines pass "
                                  "work on along it; broken: against the order of the others.",
                        .counts = "The number upon a team tells how many calls it serves now."},
        [SK_DUTCH] = {.chain = "Keten",
                      .facility = "voorziening",
                      .facilities = "voorzieningen",
                      .person = "persoon",
                      .people = "personen",
                      .routine = "routine",
                      .routines = "routines",
                      .open = "open",
                      .consumer = "alleen klant",
                      .organised = "per",
                      .coordinated = "geleid per",
                      .legend = "Een pijl is een afspraak, van wie meldt naar wie de melding krijgt; dik: routines "
                                "geven er werk langs door; gestippeld: tegen de volgorde van de andere in.",
                      .counts = "Het getal bij een team zegt hoeveel meldingen het nu onder handen heeft."},
        [SK_SPANISH] = {.chain = "Cadena",
                        .facility = "prestación",
                        .facilities = "prestaciones",
                        .person = "persona",
                        .people = "personas",
                        .routine = "rutina",
                        .routines = "rutinas",
                        .open = "abiertas",
                        .consumer = "solo cliente",
                        .organised = "por",
                        .coordinated = "dirigido por",
                        .legend = "Una flecha es un acuerdo, de quien llama a quien es llamado; gruesa: las rutinas "
                                  "pasan trabajo por ella; discontinua: contra el orden de las demás.",
                        .counts = "El número de un equipo dice cuántas llamadas atiende ahora."},
};

const sk_chain_map_words *sk_chain_map_words_of(sk_language language) {
        assert(language < SK_LANGUAGES);
        return &words[language];
}

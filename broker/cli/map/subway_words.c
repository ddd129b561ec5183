/*
 * Words of the subway map.
 */
#include "cli/map/subway_words.h"

#include <assert.h>

static const sk_subway_words words[SK_LANGUAGES] = {
        [SK_ENGLISH] = {"The method as a subway map", "Reactive: a customer calls", "Proactive: the team itself",
                        "workflow", "cut",
                        "At a cut one changes lines: along the solid arrow to the process that is triggered, and back "
                        "along the broken one when it has closed. Each line runs out to its cut and back again.",
                        "A number in a station tells how many calls are there now.",
                        "The numbers tell in which order the call came by; it is now where the station is black.",
                        "not applicable"},
        [SK_DUTCH] = {"De methode als metrokaart", "Reactief: een klant meldt", "Proactief: het team zelf", "workflow",
                      "knip",
                      "Bij een knip wordt overgestapt: langs de doorgetrokken pijl naar het proces dat wordt "
                      "aangeroepen, en langs de gestippelde terug als dat is afgesloten. Elke lijn loopt heen naar "
                      "haar knip en weer terug.",
                      "Een getal in een station zegt hoeveel meldingen daar nu zijn.",
                      "De getallen zeggen in welke volgorde de melding langskwam; zij is nu waar het station zwart is.",
                      "niet van toepassing"},
        [SK_SPANISH] = {"El método como mapa de metro", "Reactivo: llama un cliente", "Proactivo: el propio equipo",
                        "flujo", "corte",
                        "En un corte se cambia de línea: por la flecha continua al proceso que se activa, y por la "
                        "discontinua de vuelta cuando este ha cerrado. Cada línea va hasta su corte y vuelve.",
                        "Un número en una estación dice cuántas llamadas hay ahora en ella.",
                        "Los números dicen en qué orden pasó la llamada; ahora está donde la estación es negra.",
                        "no aplicable"},
};

const sk_subway_words *sk_subway_words_of(sk_language language) {
        assert(language < SK_LANGUAGES);
        return &words[language];
}

/*
 * The texts, in the order of the enums; each entry is the names and then the lines in English, Dutch and Spanish.
 */
#include "usm/text.h"

#include <assert.h>

static const char *const languages[SK_LANGUAGES] = {"en", "nl", "es"};

static const sk_text processes[SK_PROCESSES] = {
        [SK_AGREE] = {{"Agree", "Afspreken", "Acordar"},
                      {"Customer and provider know what they may expect of each other.",
                       "Klant en leverancier weten wat zij van elkaar mogen verwachten.",
                       "El cliente y el proveedor saben qué pueden esperar el uno del otro."}},
        [SK_CHANGE] =
                {{"Change", "Wijzigen", "Cambiar"},
                 {"What supports the service is altered deliberately, and how it stands afterwards is known.",
                  "Wat de dienst draagt wordt weloverwogen gewijzigd, en daarna is bekend hoe het ervoor staat.",
                  "Lo que sostiene el servicio se modifica de forma deliberada, y después se sabe cómo ha quedado."}},
        [SK_RECOVER] = {{"Recover", "Herstellen", "Recuperar"},
                        {"The service is again what was agreed, or never stops being so.",
                         "De dienst is weer wat afgesproken is, of houdt niet op dat te zijn.",
                         "El servicio vuelve a ser lo acordado, o no deja de serlo."}},
        [SK_OPERATE] = {{"Operate", "Uitvoeren", "Operar"},
                        {"What was agreed is delivered, time and again.",
                         "Wat afgesproken is wordt geleverd, keer op keer.",
                         "Lo acordado se entrega, una y otra vez."}},
        [SK_IMPROVE] =
                {{"Improve", "Verbeteren", "Mejorar"},
                 {"Threats are met and chances are taken before anybody has to call.",
                  "Bedreigingen worden afgewend en kansen benut voordat iemand iets hoeft te melden.",
                  "Se atienden las amenazas y se aprovechan las oportunidades antes de que alguien tenga que llamar."}},
};

static const sk_text cuts[SK_PROCESSES] = {
        [SK_AGREE] = {{"Agree", "Afspreken", "Acordar"},
                      {"What was agreed is made true by a change.",
                       "Wat is afgesproken wordt waargemaakt met een wijziging.",
                       "Lo acordado se hace realidad con un cambio."}},
        [SK_CHANGE] = {{"Change", "Wijzigen", "Cambiar"},
                       {"The change is carried out by operations.", "De wijziging wordt uitgevoerd door de uitvoering.",
                        "El cambio lo lleva a cabo la operación."}},
        [SK_RECOVER] =
                {{"Recover", "Herstellen", "Recuperar"},
                 {"Must the managed infrastructure be modified? Then by a change, else by operations.",
                  "Moet de beheerde infrastructuur worden gewijzigd? Dan met een wijziging, anders door de uitvoering.",
                  "¿Hay que modificar la infraestructura gestionada? Entonces con un cambio; si no, con la "
                  "operación."}},
        [SK_OPERATE] = {{"Operate", "Uitvoeren", "Operar"},
                        {"Operations trigger nothing: they are where the work is done.",
                         "De uitvoering zet niets anders in gang: daar wordt het werk gedaan.",
                         "La operación no pone nada más en marcha: es donde se hace el trabajo."}},
        [SK_IMPROVE] = {{"Improve", "Verbeteren", "Mejorar"},
                        {"Must an agreement change? Must the managed infrastructure be modified? Neither?",
                         "Moet een afspraak worden aangepast? Moet de beheerde infrastructuur worden gewijzigd? Geen "
                         "van beide?",
                         "¿Debe cambiar un acuerdo? ¿Hay que modificar la infraestructura gestionada? ¿Ninguna de las "
                         "dos cosas?"}},
};

static const sk_text agree[] = {
        {{"Accept", "Aannemen", "Aceptar"},
         {"Take the wish in and establish who asks and on whose behalf.",
          "Neem de wens aan en stel vast wie vraagt en namens wie.",
          "Recibir el deseo y establecer quién pide y en nombre de quién."}},
        {{"Classify", "Classificeren", "Clasificar"},
         {"Give the wish its category and its priority.", "Geef de wens een categorie en een prioriteit.",
          "Dar al deseo su categoría y su prioridad."}},
        {{"Specify", "Specificeren", "Especificar"},
         {"Write down what is wanted, so that both sides read the same.",
          "Schrijf op wat gewenst is, zodat beide partijen hetzelfde lezen.",
          "Anotar lo que se desea, de modo que ambas partes lean lo mismo."}},
        {{"Offer", "Aanbieden", "Ofrecer"},
         {"Say what can be promised, and on which terms.", "Zeg wat kan worden toegezegd, en onder welke voorwaarden.",
          "Decir qué se puede prometer y en qué condiciones."}},
        {{"Negotiate", "Onderhandelen", "Negociar"},
         {"Come to an agreement, or find that there will be none.",
          "Kom tot een afspraak, of stel vast dat die er niet komt.",
          "Llegar a un acuerdo, o comprobar que no lo habrá."}},
        {{"Review", "Beoordelen", "Revisar"},
         {"Ask whether the agreement is met by what was changed.",
          "Vraag of met wat gewijzigd is aan de afspraak wordt voldaan.",
          "Preguntar si lo cambiado cumple el acuerdo."}},
        {{"Close", "Afsluiten", "Cerrar"},
         {"Tell the customer what is now agreed and finish the wish.",
          "Meld de klant wat nu is afgesproken en rond de wens af.",
          "Comunicar al cliente lo que ahora está acordado y dar por terminado el deseo."}},
};

static const sk_text change[] = {
        {{"Accept", "Aannemen", "Aceptar"},
         {"Take the request in and establish that it stays within the agreement.",
          "Neem het verzoek aan en stel vast dat het binnen de afspraak valt.",
          "Recibir la petición y establecer que cabe en el acuerdo."}},
        {{"Classify", "Classificeren", "Clasificar"},
         {"Give the change its category and its priority.", "Geef de wijziging een categorie en een prioriteit.",
          "Dar al cambio su categoría y su prioridad."}},
        {{"Plan", "Plannen", "Planificar"},
         {"Decide that the change is made: what, when, by whom, and the way back.",
          "Besluit dat de wijziging er komt: wat, wanneer, door wie, en de weg terug.",
          "Decidir que el cambio se hace: qué, cuándo, quién, y cómo volver atrás."}},
        {{"Prepare", "Voorbereiden", "Preparar"},
         {"Make everything ready and try it out where nobody is harmed.",
          "Maak alles gereed en beproef het waar niemand er last van heeft.",
          "Dejar todo listo y probarlo donde no perjudique a nadie."}},
        {{"Release", "Vrijgeven", "Liberar"},
         {"Decide that what was prepared may be put to use.",
          "Besluit dat wat voorbereid is in gebruik mag worden genomen.",
          "Decidir que lo preparado puede ponerse en uso."}},
        {{"Review", "Beoordelen", "Revisar"},
         {"Ask whether the result is what the change was made for.", "Vraag of het resultaat is waarvoor gewijzigd is.",
          "Preguntar si el resultado es aquello para lo que se cambió."}},
        {{"Register", "Registreren", "Registrar"},
         {"Bring the record of the managed infrastructure up to date.",
          "Werk de administratie van de beheerde infrastructuur bij.",
          "Poner al día el registro de la infraestructura gestionada."}},
        {{"Close", "Afsluiten", "Cerrar"},
         {"Report how it ended and finish the change.", "Meld hoe het is afgelopen en rond de wijziging af.",
          "Informar de cómo acabó y dar por terminado el cambio."}},
};

static const sk_text recover[] = {
        {{"Accept", "Aannemen", "Aceptar"},
         {"Take the report in and establish which agreed facility is affected.",
          "Neem de melding aan en stel vast welke afgesproken voorziening getroffen is.",
          "Recibir el aviso y establecer qué prestación acordada está afectada."}},
        {{"Classify", "Classificeren", "Clasificar"},
         {"Give the incident its category and its priority.", "Geef het incident een categorie en een prioriteit.",
          "Dar al incidente su categoría y su prioridad."}},
        {{"Analyse", "Analyseren", "Analizar"},
         {"Find out what is the matter and what would restore the service.",
          "Zoek uit wat er aan de hand is en wat de dienst zou herstellen.",
          "Averiguar qué sucede y qué restablecería el servicio."}},
        {{"Prepare", "Voorbereiden", "Preparar"},
         {"Make the remedy ready and settle whether something must be modified for it.",
          "Maak de oplossing gereed en bepaal of er iets voor gewijzigd moet worden.",
          "Dejar listo el remedio y determinar si exige modificar algo."}},
        {{"Review", "Beoordelen", "Revisar"},
         {"Ask whether the service is again what was agreed.", "Vraag of de dienst weer is wat afgesproken is.",
          "Preguntar si el servicio vuelve a ser lo acordado."}},
        {{"Close", "Afsluiten", "Cerrar"},
         {"Tell the customer how it ended and finish the incident.",
          "Meld de klant hoe het is afgelopen en rond het incident af.",
          "Comunicar al cliente cómo acabó y dar por terminado el incidente."}},
};

static const sk_text operate[] = {
        {{"Accept", "Aannemen", "Aceptar"},
         {"Take the request in and establish that it is agreed.",
          "Neem het verzoek aan en stel vast dat het is afgesproken.",
          "Recibir la petición y establecer que está acordada."}},
        {{"Classify", "Classificeren", "Clasificar"},
         {"Give the work its category and its priority.", "Geef het werk een categorie en een prioriteit.",
          "Dar al trabajo su categoría y su prioridad."}},
        {{"Plan", "Plannen", "Planificar"},
         {"Settle who does it, when and with what.", "Bepaal wie het doet, wanneer en waarmee.",
          "Determinar quién lo hace, cuándo y con qué."}},
        {{"Perform", "Verrichten", "Realizar"}, {"Do the work.", "Doe het werk.", "Hacer el trabajo."}},
        {{"Review", "Beoordelen", "Revisar"},
         {"Ask whether what was done is what was wanted.", "Vraag of wat gedaan is ook is wat gewenst was.",
          "Preguntar si lo hecho es lo que se quería."}},
        {{"Close", "Afsluiten", "Cerrar"},
         {"Report what was delivered and finish the work.", "Meld wat geleverd is en rond het werk af.",
          "Informar de lo entregado y dar por terminado el trabajo."}},
};

static const sk_text improve[] = {
        {{"Identify", "Onderkennen", "Identificar"},
         {"Describe the threat or the chance and where it shows.",
          "Beschrijf de bedreiging of de kans en waar die zich toont.",
          "Describir la amenaza o la oportunidad y dónde se manifiesta."}},
        {{"Classify", "Classificeren", "Clasificar"},
         {"Give the risk its category and its priority.", "Geef het risico een categorie en een prioriteit.",
          "Dar al riesgo su categoría y su prioridad."}},
        {{"Analyse", "Analyseren", "Analizar"},
         {"Find the causes and the measures that would help.", "Zoek de oorzaken en de maatregelen die zouden helpen.",
          "Hallar las causas y las medidas que ayudarían."}},
        {{"Select", "Kiezen", "Seleccionar"},
         {"Choose the measure that is worth its effort.", "Kies de maatregel die de moeite waard is.",
          "Elegir la medida que merece el esfuerzo."}},
        {{"Review", "Beoordelen", "Revisar"},
         {"Ask whether the risk has become as small, or the chance as real, as intended.",
          "Vraag of het risico zo klein, of de kans zo reëel, is geworden als bedoeld.",
          "Preguntar si el riesgo es ya tan pequeño, o la oportunidad tan real, como se pretendía."}},
        {{"Close", "Afsluiten", "Cerrar"},
         {"Record what was learned and finish the improvement.", "Leg vast wat geleerd is en rond de verbetering af.",
          "Anotar lo aprendido y dar por terminada la mejora."}},
};

static const sk_text *const activities[SK_PROCESSES] = {agree, change, recover, operate, improve};

static const sk_text call_types[SK_CALL_TYPES] = {
        [SK_WISH] = {{"Wish", "Wens", "Deseo"},
                     {"Make an agreement or adjust one.", "Maak een afspraak of pas er een aan.",
                      "Crear un acuerdo o ajustarlo."}},
        [SK_REQUEST_FOR_CHANGE] =
                {{"Request for change", "Wijzigingsverzoek", "Petición de cambio"},
                 {"Adjust the service within the agreement, with a lasting effect on the managed infrastructure.",
                  "Pas de dienst aan binnen de afspraak, met een blijvend gevolg voor de beheerde infrastructuur.",
                  "Ajustar el servicio dentro del acuerdo, con un efecto duradero en la infraestructura gestionada."}},
        [SK_INCIDENT] = {{"Incident", "Incident", "Incidente"},
                         {"Restore the service after a failure, or before an imminent one.",
                          "Herstel de dienst na een storing, of voordat die optreedt.",
                          "Restablecer el servicio tras un fallo, o antes de uno inminente."}},
        [SK_SERVICE_REQUEST] = {{"Service request", "Serviceverzoek", "Solicitud de servicio"},
                                {"Deliver an agreed facility, without a lasting effect.",
                                 "Lever een afgesproken voorziening, zonder blijvend gevolg.",
                                 "Entregar una prestación acordada, sin efecto duradero."}},
        [SK_SUPPORT_REQUEST] =
                {{"Support request", "Ondersteuningsverzoek", "Solicitud de apoyo"},
                 {"A call whose type the caller does not know; the provider types it against the agreement.",
                  "Een melding waarvan de melder de soort niet weet; de leverancier bepaalt die aan de hand van de "
                  "afspraak.",
                  "Una llamada cuyo tipo no conoce quien llama; el proveedor lo determina según el acuerdo."}},
        [SK_RISK] = {{"Risk", "Risico", "Riesgo"},
                     {"A threat or a chance that the team itself has seen.",
                      "Een bedreiging of een kans die het team zelf heeft gezien.",
                      "Una amenaza o una oportunidad que el propio equipo ha visto."}},
};

#define WORKFLOWS 8

static const sk_text workflows[WORKFLOWS] = {
        {{"Adjust an agreement", "Een afspraak aanpassen", "Ajustar un acuerdo"},
         {"A wish becomes an agreement that holds.", "Een wens wordt een afspraak die klopt.",
          "Un deseo se convierte en un acuerdo que se cumple."}},
        {{"Adjust the service", "De dienst aanpassen", "Ajustar el servicio"},
         {"What is agreed stays, what supports it changes.", "Wat is afgesproken blijft, wat het draagt verandert.",
          "Lo acordado se mantiene, lo que lo sostiene cambia."}},
        {{"Restore with a change", "Herstellen met een wijziging", "Restablecer con un cambio"},
         {"The service is restored by modifying what supports it.",
          "De dienst wordt hersteld door te wijzigen wat hem draagt.",
          "El servicio se restablece modificando lo que lo sostiene."}},
        {{"Restore without a change", "Herstellen zonder wijziging", "Restablecer sin cambio"},
         {"The service is restored and nothing is modified.", "De dienst wordt hersteld en er wordt niets gewijzigd.",
          "El servicio se restablece sin modificar nada."}},
        {{"Deliver", "Leveren", "Entregar"},
         {"An agreed facility is delivered.", "Een afgesproken voorziening wordt geleverd.",
          "Se entrega una prestación acordada."}},
        {{"Improve with another agreement", "Verbeteren met een andere afspraak", "Mejorar con otro acuerdo"},
         {"A risk asks for another agreement.", "Een risico vraagt om een andere afspraak.",
          "Un riesgo exige otro acuerdo."}},
        {{"Improve with a change", "Verbeteren met een wijziging", "Mejorar con un cambio"},
         {"A risk asks for something to be modified.", "Een risico vraagt om een wijziging van wat de dienst draagt.",
          "Un riesgo exige modificar lo que sostiene el servicio."}},
        {{"Improve without a change", "Verbeteren zonder wijziging", "Mejorar sin cambio"},
         {"A risk is met with the means that are there.", "Een risico wordt aangepakt met de middelen die er zijn.",
          "Un riesgo se atiende con los medios que hay."}},
};

static const sk_text outcomes[SK_OUTCOMES] = {
        [SK_COMPLETED] = {{"Completed", "Voltooid", "Completada"},
                          {"What was wanted is there.", "Wat gewenst was is er.", "Lo que se quería está hecho."}},
        [SK_DECLINED] = {{"Declined", "Afgewezen", "Rechazada"},
                         {"It is not agreed, was refused or was not approved.",
                          "Het is niet afgesproken, niet aanvaard of niet goedgekeurd.",
                          "No está acordado, no se aceptó o no se aprobó."}},
        [SK_WITHDRAWN] = {{"Withdrawn", "Ingetrokken", "Retirada"},
                          {"The customer no longer wants it.", "De klant wil het niet meer.",
                           "El cliente ya no lo quiere."}},
        [SK_FAILED] = {{"Failed", "Mislukt", "Fallida"},
                       {"It was tried and given up.", "Het is geprobeerd en opgegeven.", "Se intentó y se abandonó."}},
        [SK_NOT_CONFIRMED] = {{"Not confirmed", "Niet bevestigd", "No confirmada"},
                              {"The review says that it is not what was wanted; it is tried again.",
                               "De beoordeling zegt dat het niet is wat gewenst was; er volgt een nieuwe poging.",
                               "La revisión dice que no es lo que se quería; se intenta de nuevo."}},
};

typedef struct profile {
        const char *id;
        sk_text text;
} profile;

static const profile profiles[SK_METHOD_PROFILES] = {
        {"process-manager",
         {{"Process manager", "Procesmanager", "Gestor de proceso"},
          {"Answers for a process being run as designed.", "Staat ervoor in dat een proces verloopt zoals ontworpen.",
           "Responde de que un proceso se ejecute según lo diseñado."}}},
        {"process-coordinator",
         {{"Process coordinator", "Procescoördinator", "Coordinador de proceso"},
          {"Keeps the calls in a process moving.", "Houdt de meldingen in een proces gaande.",
           "Mantiene en marcha las llamadas de un proceso."}}},
        {"process-owner",
         {{"Process owner", "Proceseigenaar", "Propietario de proceso"},
          {"Decides how a process is designed.", "Beslist hoe een proces is ontworpen.",
           "Decide cómo se diseña un proceso."}}},
        {"workflow-manager",
         {{"Workflow manager", "Workflowmanager", "Gestor de flujo"},
          {"Answers for a workflow being run as designed.",
           "Staat ervoor in dat een workflow verloopt zoals ontworpen.",
           "Responde de que un flujo se ejecute según lo diseñado."}}},
        {"workflow-coordinator",
         {{"Workflow coordinator", "Workflowcoördinator", "Coordinador de flujo"},
          {"Keeps the calls in a workflow moving.", "Houdt de meldingen in een workflow gaande.",
           "Mantiene en marcha las llamadas de un flujo."}}},
        {"workflow-owner",
         {{"Workflow owner", "Workfloweigenaar", "Propietario de flujo"},
          {"Decides how a workflow is designed.", "Beslist hoe een workflow is ontworpen.",
           "Decide cómo se diseña un flujo."}}},
        {"line-manager",
         {{"Line manager", "Lijnmanager", "Responsable de línea"},
          {"Answers for the people and means of a team.", "Staat in voor de mensen en middelen van een team.",
           "Responde de las personas y los medios de un equipo."}}},
        {"line-coordinator",
         {{"Line coordinator", "Lijncoördinator", "Coordinador de línea"},
          {"Divides the work among the people of a team.", "Verdeelt het werk over de mensen van een team.",
           "Reparte el trabajo entre las personas de un equipo."}}},
        {"operator",
         {{"Operator", "Uitvoerder", "Operador"},
          {"Does the work of an activity.", "Doet het werk van een activiteit.", "Hace el trabajo de una actividad."}}},
};

const char *sk_language_id(sk_language language) {
        assert((unsigned)language < SK_LANGUAGES);
        return languages[language];
}

sk_language sk_language_find(sk_slice id) {
        unsigned language = 0;
        while (language < SK_LANGUAGES && !sk_slice_is(id, languages[language]))
                language++;
        assert(language <= SK_LANGUAGES);
        return (sk_language)language;
}

const sk_text *sk_process_text(sk_process process) {
        assert((unsigned)process < SK_PROCESSES);
        return &processes[process];
}

const sk_text *sk_cut_text(sk_process process) {
        assert((unsigned)process < SK_PROCESSES);
        return &cuts[process];
}

const sk_text *sk_activity_text(const sk_activity *activity) {
        assert(activity->process < SK_PROCESSES);
        assert(activity != NULL);
        const sk_process_info *process = sk_process_get(activity->process);
        return &activities[activity->process][activity->number - process->activities[0].number];
}

const sk_text *sk_call_type_text(sk_call_type type) {
        assert((unsigned)type < SK_CALL_TYPES);
        return &call_types[type];
}

const sk_text *sk_workflow_text(unsigned number) {
        return number >= 1 && number <= WORKFLOWS ? &workflows[number - 1] : NULL;
}

const sk_text *sk_outcome_text(sk_outcome outcome) {
        assert((unsigned)outcome < SK_OUTCOMES);
        return outcome == SK_OUTCOME_NONE ? NULL : &outcomes[outcome];
}

const char *sk_method_profile_id(unsigned index) {
        assert(index < SK_METHOD_PROFILES);
        return profiles[index].id;
}

const sk_text *sk_method_profile_text(unsigned index) {
        assert(index < SK_METHOD_PROFILES);
        return &profiles[index].text;
}

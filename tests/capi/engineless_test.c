/* What needs no engine, and engines from the environment. */
#define _POSIX_C_SOURCE 200809L
#define SCENA_ENABLE_UNSTABLE
#include <scena/scena.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

int check_failures = 0;

static void presets_are_checked(void) {
  scena_text* faults = NULL;
  CHECK(scena_preset_check("{\"id\": \"Bad Id\", \"characters\": 3}", &faults, NULL) == SCENA_OK);
  CHECK(strstr(scena_text_data(faults), "\"pointer\":\"/id\"") != NULL);
  CHECK(strstr(scena_text_data(faults), "\"pointer\":\"/characters\"") != NULL);
  scena_text_destroy(faults);
  CHECK(scena_preset_check("{\"id\": \"a\"} behind", &faults, NULL) == SCENA_OK);
  CHECK(scena_text_size(faults) > 2);
  scena_text_destroy(faults);
  CHECK(scena_preset_check("{\"id\": \"greeting\", \"title\": \"Greeting\", \"characters\": ["
                           "{\"id\": \"rosa\", \"name\": \"Rosa\"}, {\"id\": \"me\", \"name\": "
                           "\"Me\", \"played_by\": \"human\"}]}",
                           &faults, NULL) == SCENA_OK);
  CHECK(strcmp(scena_text_data(faults), "[]") == 0);
  scena_text_destroy(faults);
  CHECK(scena_preset_check(NULL, &faults, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_preset_check("{}", NULL, NULL) == SCENA_INVALID_ARGUMENT);
}

static void messages_are_measured(void) {
  scena_meter* meter = NULL;
  scena_text* scores = NULL;
  scena_error* error = NULL;
  CHECK(scena_meter_create(NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_meter_create(&meter, NULL) == SCENA_OK);
  CHECK(scena_meter_measure(meter, "{\"id\": \"1\", \"text\": \"I love working with people.\"}",
                            &scores, NULL) == SCENA_OK);
  CHECK(strstr(scena_text_data(scores), "\"id\":\"1\"") != NULL);
  CHECK(strstr(scena_text_data(scores), "\"sentiment\":0.") != NULL);
  scena_text_destroy(scores);
  CHECK(scena_meter_measure(meter, "{\"text\": 3}", &scores, &error) == SCENA_INVALID_ARGUMENT);
  CHECK(strstr(scena_error_message(error), "text") != NULL);
  scena_error_destroy(error);
  CHECK(scena_meter_measure(NULL, "{}", &scores, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_meter_measure(meter, NULL, &scores, NULL) == SCENA_INVALID_ARGUMENT);
  scena_meter_destroy(meter);
  scena_meter_destroy(NULL);
}

static void the_environment_goes_before_the_configuration(void) {
  scena_engine* engine = NULL;
  scena_error* error = NULL;
  CHECK(setenv("SCENA_THREADS", "2", 1) == 0);
  CHECK(scena_engine_create_from_env("{\"threads\": 0}", NULL, &engine, NULL) == SCENA_OK);
  CHECK(scena_engine_poll(engine, 0, NULL) == SCENA_WRONG_STATE);
  scena_engine_destroy(engine);
  CHECK(scena_engine_create("{\"threads\": 0}", &engine, NULL) == SCENA_OK);
  CHECK(scena_engine_poll(engine, 0, NULL) == SCENA_OK);
  scena_engine_destroy(engine);
  CHECK(setenv("SCENA_THREADS", "many", 1) == 0);
  CHECK(scena_engine_create_from_env(NULL, NULL, &engine, &error) == SCENA_INVALID_ARGUMENT);
  CHECK(strstr(scena_error_message(error), "SCENA_THREADS") != NULL);
  scena_error_destroy(error);
  CHECK(scena_engine_create_from_env(NULL, NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(unsetenv("SCENA_THREADS") == 0);
}

/* What a judge says is in the shared cases; here, that the rows come and the query is looked at. */
static void judges_are_compared(void) {
  scena_engine* engine = NULL;
  scena_text* rows = NULL;
  CHECK(scena_engine_create(NULL, &engine, NULL) == SCENA_OK);
  CHECK(scena_engine_judge_agreement(engine, NULL, &rows, NULL) == SCENA_OK);
  CHECK(strcmp(scena_text_data(rows), "{\"rows\":[]}") == 0);
  scena_text_destroy(rows);
  CHECK(scena_engine_judge_agreement(engine, "{\"nothing\": 1}", &rows, NULL) ==
        SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_judge_agreement(NULL, NULL, &rows, NULL) == SCENA_INVALID_ARGUMENT);
  CHECK(scena_engine_judge_agreement(engine, NULL, NULL, NULL) == SCENA_INVALID_ARGUMENT);
  scena_engine_destroy(engine);
}

static const struct promise promises[] = {
    PROMISE(presets_are_checked),
    PROMISE(messages_are_measured),
    PROMISE(the_environment_goes_before_the_configuration),
    PROMISE(judges_are_compared),
};

int main(int argc, char** argv) {
  return run_promises(promises, sizeof promises / sizeof promises[0], argc, argv);
}

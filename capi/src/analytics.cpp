// What became of stored sessions, counted.
#include <scena/analytics.hpp>

#include "answers.hpp"
#include "json/json_in.hpp"

using scena::capi::guarded;
using scena::capi::hand_out_text;
using scena::capi::live;
using scena::capi::read_analytics_question;
using scena::capi::refuse;

namespace {

// JSON Lines as {"rows": [...]}.
std::string rows_of(std::string lines) {
  if (!lines.empty()) lines.pop_back();
  for (char& letter : lines) {
    if (letter == '\n') letter = ',';  // none stands inside a line of JSON
  }
  return "{\"rows\":[" + lines + "]}";
}

}  // namespace

scena_status scena_engine_analytics(scena_engine* engine, const char* query_json,
                                    scena_text** out_json, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !out_json)
      return refuse(out_error, "engine and out_json: must not be NULL");
    const auto asked = read_analytics_question(query_json ? query_json : "{}", true);
    const auto rows = scena::session_analytics(engine->engine, asked.query, asked.by);
    return hand_out_text(out_json, rows_of(scena::analytics_to_jsonl(rows, asked.by)));
  });
}

scena_status scena_engine_flow(scena_engine* engine, const char* query_json, scena_text** out_json,
                               scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !out_json)
      return refuse(out_error, "engine and out_json: must not be NULL");
    const auto asked = read_analytics_question(query_json ? query_json : "{}", false);
    const auto rows = scena::session_flow(engine->engine, asked.query);
    return hand_out_text(out_json, rows_of(scena::flow_to_jsonl(rows)));
  });
}

scena_status scena_engine_judge_agreement(scena_engine* engine, const char* query_json,
                                          scena_text** out_json, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(engine) || !out_json)
      return refuse(out_error, "engine and out_json: must not be NULL");
    const auto asked = read_analytics_question(query_json ? query_json : "{}", false);
    const auto rows = scena::judge_agreement(engine->engine, asked.query);
    return hand_out_text(out_json, rows_of(scena::agreement_to_jsonl(rows)));
  });
}

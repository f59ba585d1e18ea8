// What needs no engine: the faults of a preset, the metrics of a message.
#include <scena/metrics.hpp>
#include <scena/preset.hpp>

#include "answers.hpp"
#include "base/json_writer.hpp"

using scena::capi::guarded;
using scena::capi::hand_out_text;
using scena::capi::live;
using scena::capi::refuse;

struct scena_meter {
  scena::Meter meter = {};
  scena::capi::LifeMark life = {};
};

scena_status scena_preset_check(const char* preset_json, scena_text** out_json,
                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!preset_json || !out_json)
      return refuse(out_error, "preset_json and out_json: must not be NULL");
    std::string json;
    scena::JsonWriter writer(json);
    writer.begin_array();
    for (const auto& fault : scena::check_preset(preset_json)) {
      writer.begin_object().member("pointer", fault.pointer).member("message", fault.message);
      writer.member("example", fault.example).end_object();
    }
    writer.end_array();
    return hand_out_text(out_json, std::move(json));
  });
}

scena_status scena_meter_create(scena_meter** out_meter, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!out_meter) return refuse(out_error, "out_meter: must not be NULL");
    *out_meter = new scena_meter;
    return SCENA_OK;
  });
}

scena_status scena_meter_measure(const scena_meter* meter, const char* message_json,
                                 scena_text** out_json, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(meter) || !message_json || !out_json)
      return refuse(out_error, "meter, message_json and out_json: must not be NULL");
    return hand_out_text(out_json, meter->meter.measure_json(message_json).value_or_throw());
  });
}

void scena_meter_destroy(scena_meter* meter) {
  if (live(meter)) delete meter;
}

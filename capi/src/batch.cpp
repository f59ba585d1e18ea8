// Many sessions by a plan.
#include <scena/batch.hpp>

#include "answers.hpp"
#include "base/json_writer.hpp"
#include "host/extensions.hpp"

using scena::capi::guarded;
using scena::capi::hand_out_text;
using scena::capi::refuse;
using scena::capi::text_or_empty;

namespace {

std::string progress_json(const scena::BatchProgress& now) {
  std::string json;
  scena::JsonWriter writer(json);
  writer.begin_object().member("total", static_cast<std::uint64_t>(now.total));
  writer.member("done", static_cast<std::uint64_t>(now.done));
  writer.member("failed", static_cast<std::uint64_t>(now.failed));
  writer.member("running", static_cast<std::uint64_t>(now.running));
  writer.member("cost", now.cost.to_string()).end_object();
  return json;
}

std::string result_json(const scena::BatchResult& result) {
  std::string json;
  scena::JsonWriter writer(json);
  writer.begin_object().key("rows").begin_array();
  for (const auto& row : result.rows) writer.raw(row.to_json());
  writer.end_array().member("left", static_cast<std::uint64_t>(result.left));
  writer.member("repeated", static_cast<std::uint64_t>(result.repeated));
  writer.member("stopped", result.stopped).member("cost", result.cost.to_string()).end_object();
  // {"groups": [...]} is an object of its own: its member goes in front.
  std::string groups = scena::groups_to_json(scena::group_rows(result.rows));
  groups.resize(groups.rfind('}'));
  return groups + "," + json.substr(1);
}

}  // namespace

scena_status scena_batch_run(const char* plan_json, const char* config_json,
                             const scena_extensions* extensions, const scena_batch_options* options,
                             scena_text** out_json, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!plan_json) return refuse(out_error, "plan_json: must not be NULL");
    scena_batch_options given;
    if (!scena::capi::read_struct(options, given))
      return refuse(out_error, "options: set struct_size to sizeof(scena_batch_options)");
    if ((given.flags & ~SCENA_BATCH_RETRY_FAILED) != 0)
      return refuse(out_error, "options.flags: SCENA_BATCH_RETRY_FAILED or 0");
    const auto plan = scena::BatchPlan::from_json(plan_json, text_or_empty(given.plan_folder));
    if (!plan) throw plan.error();
    std::stop_source stop;
    scena::BatchOptions how;
    how.config = scena::Config::from_json(config_json ? config_json : "{}").value_or_throw();
    if (extensions) how.dependencies = [parts = extensions->parts] { return parts; };
    how.folder = text_or_empty(given.folder);
    how.workers = given.workers == 0 ? 1 : given.workers;
    how.retry_failed = (given.flags & SCENA_BATCH_RETRY_FAILED) != 0;
    how.stop = stop.get_token();
    if (given.progress) {
      how.progress = [&given, &stop](const scena::BatchProgress& now) {
        if (given.progress(given.user_data, progress_json(now).c_str()) != 0) stop.request_stop();
      };
    }
    std::string json = result_json(scena::run_batch(*plan, how));
    if (out_json) return hand_out_text(out_json, std::move(json));
    return static_cast<scena_status>(SCENA_OK);
  });
}

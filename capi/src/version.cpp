#include <string_view>

#include "handles.hpp"

const char* scena_version_string(void) {
  return scena::version();
}

uint32_t scena_abi_version(void) {
  return SCENA_ABI_VERSION;
}

size_t scena_abi_sizeof(const char* name) {
  struct Known {
    std::string_view name;
    std::size_t size;
  };
  static constexpr Known kStructs[] = {
      {"scena_session_options", sizeof(scena_session_options)},
      {"scena_send_options", sizeof(scena_send_options)},
      {"scena_events_options", sizeof(scena_events_options)},
      {"scena_event", sizeof(scena_event)},
      {"scena_provider", sizeof(scena_provider)},
      {"scena_batch_options", sizeof(scena_batch_options)},
      {"scena_job_handler", sizeof(scena_job_handler)},
      {"scena_tool", sizeof(scena_tool)},
      {"scena_tool_approval", sizeof(scena_tool_approval)},
      {"scena_analyzer", sizeof(scena_analyzer)},
      {"scena_filter", sizeof(scena_filter)},
      {"scena_log_sink", sizeof(scena_log_sink)},
      {"scena_log_line", sizeof(scena_log_line)},
      {"scena_event_sink", sizeof(scena_event_sink)},
      {"scena_embedder", sizeof(scena_embedder)},
      {"scena_secret_source", sizeof(scena_secret_source)},
      {"scena_token_counter", sizeof(scena_token_counter)},
      {"scena_live", sizeof(scena_live)},
  };
  const std::string_view asked = name ? name : "";
  for (const auto& known : kStructs) {
    if (known.name == asked) return known.size;
  }
  return 0;
}

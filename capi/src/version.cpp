#include <string_view>

#include "handles.hpp"

const char* scena_version_string(void) {
  return scena::version();
}

uint32_t scena_abi_version(void) {
  return SCENA_ABI_VERSION;
}

size_t scena_abi_sizeof(const char* name) {
  const std::string_view asked = name ? name : "";
  if (asked == "scena_session_options") return sizeof(scena_session_options);
  if (asked == "scena_send_options") return sizeof(scena_send_options);
  if (asked == "scena_events_options") return sizeof(scena_events_options);
  if (asked == "scena_event") return sizeof(scena_event);
  if (asked == "scena_provider") return sizeof(scena_provider);
  if (asked == "scena_tool") return sizeof(scena_tool);
  return 0;
}

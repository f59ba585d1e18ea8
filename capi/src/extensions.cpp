#include "extensions.hpp"

#include "guard.hpp"

using scena::capi::guarded;
using scena::capi::read_struct;
using scena::capi::refuse;

scena_status scena_extensions_create(scena_extensions** out_extensions, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!out_extensions) return refuse(out_error, "out_extensions: must not be NULL");
    *out_extensions = new scena_extensions;
    return SCENA_OK;
  });
}

void scena_extensions_destroy(scena_extensions* extensions) {
  delete extensions;
}

scena_status scena_extensions_add_provider(scena_extensions* extensions, const char* name,
                                           const scena_provider* provider,
                                           scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!extensions || !name || !provider)
      return refuse(out_error, "extensions, name and provider: must not be NULL");
    scena_provider given;
    if (!read_struct(provider, given))
      return refuse(out_error, "provider: set struct_size to sizeof(scena_provider)");
    if (*name == '\0') return refuse(out_error, "name: must not be empty");
    if (!given.start) return refuse(out_error, "provider.start: must not be NULL");
    extensions->providers.insert_or_assign(name, scena::capi::make_provider(name, given));
    return SCENA_OK;
  });
}

scena_status scena_extensions_add_tool(scena_extensions* extensions, const scena_tool* tool,
                                       scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!extensions || !tool) return refuse(out_error, "extensions and tool: must not be NULL");
    scena_tool given;
    if (!read_struct(tool, given))
      return refuse(out_error, "tool: set struct_size to sizeof(scena_tool)");
    if (!given.name || *given.name == '\0')
      return refuse(out_error, "tool.name: must not be NULL or empty");
    if (!given.call) return refuse(out_error, "tool.call: must not be NULL");
    if (given.time_limit_ms < 0 || given.cache_for_ms < 0)
      return refuse(out_error, "tool.time_limit_ms and cache_for_ms: 0 or more");
    if ((given.flags & ~(SCENA_TOOL_IDEMPOTENT | SCENA_TOOL_EVERYWHERE)) != 0)
      return refuse(out_error, "tool.flags: SCENA_TOOL_IDEMPOTENT and SCENA_TOOL_EVERYWHERE only");
    extensions->tools.reserve(extensions->tools.size() + 1);
    extensions->tools.push_back(scena::capi::make_tool(given));
    return SCENA_OK;
  });
}

#include "host/extensions.hpp"

#include "guard.hpp"

using scena::capi::guarded;
using scena::capi::live;
using scena::capi::read_struct;
using scena::capi::refuse;

namespace {

constexpr std::uint32_t kToolFlags =
    SCENA_TOOL_IDEMPOTENT | SCENA_TOOL_EVERYWHERE | SCENA_TOOL_NEEDS_APPROVAL;

}  // namespace

scena_status scena_extensions_create(scena_extensions** out_extensions, scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!out_extensions) return refuse(out_error, "out_extensions: must not be NULL");
    *out_extensions = new scena_extensions;
    return SCENA_OK;
  });
}

void scena_extensions_destroy(scena_extensions* extensions) {
  if (live(extensions)) delete extensions;
}

scena_status scena_extensions_add_provider(scena_extensions* extensions, const char* name,
                                           const scena_provider* provider,
                                           scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !name || !provider)
      return refuse(out_error, "extensions, name and provider: must not be NULL");
    scena_provider given;
    if (!read_struct(provider, given))
      return refuse(out_error, "provider: set struct_size to sizeof(scena_provider)");
    if (*name == '\0') return refuse(out_error, "name: must not be empty");
    if (!given.start) return refuse(out_error, "provider.start: must not be NULL");
    extensions->parts.providers.insert_or_assign(name, scena::capi::make_provider(name, given));
    return SCENA_OK;
  });
}

scena_status scena_extensions_add_tool(scena_extensions* extensions, const scena_tool* tool,
                                       scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !tool)
      return refuse(out_error, "extensions and tool: must not be NULL");
    scena_tool given;
    if (!read_struct(tool, given))
      return refuse(out_error, "tool: set struct_size to sizeof(scena_tool)");
    if (!given.name || *given.name == '\0')
      return refuse(out_error, "tool.name: must not be NULL or empty");
    if (!given.call) return refuse(out_error, "tool.call: must not be NULL");
    if (given.time_limit_ms < 0 || given.cache_for_ms < 0)
      return refuse(out_error, "tool.time_limit_ms and cache_for_ms: 0 or more");
    if (given.max_result_bytes < 0 || given.max_result_tokens < 0)
      return refuse(out_error, "tool.max_result_bytes and max_result_tokens: 0 or more");
    if ((given.flags & ~kToolFlags) != 0)
      return refuse(out_error, "tool.flags: the SCENA_TOOL_... of scena.h only");
    extensions->parts.tools.reserve(extensions->parts.tools.size() + 1);
    extensions->parts.tools.push_back(scena::capi::make_tool(given));
    return SCENA_OK;
  });
}

scena_status scena_extensions_add_analyzer(scena_extensions* extensions,
                                           const scena_analyzer* analyzer,
                                           scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !analyzer)
      return refuse(out_error, "extensions and analyzer: must not be NULL");
    scena_analyzer given;
    if (!read_struct(analyzer, given))
      return refuse(out_error, "analyzer: set struct_size to sizeof(scena_analyzer)");
    if (!given.name || *given.name == '\0')
      return refuse(out_error, "analyzer.name: must not be NULL or empty");
    if (!given.add || !given.scores)
      return refuse(out_error, "analyzer.add and analyzer.scores: must not be NULL");
    auto& analyzers = extensions->parts.analyzers;
    analyzers.reserve(analyzers.size() + 1);
    analyzers.push_back(scena::capi::make_analyzer(given));
    return SCENA_OK;
  });
}

scena_status scena_extensions_set_filter(scena_extensions* extensions, const scena_filter* filter,
                                         scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !filter)
      return refuse(out_error, "extensions and filter: must not be NULL");
    scena_filter given;
    if (!read_struct(filter, given))
      return refuse(out_error, "filter: set struct_size to sizeof(scena_filter)");
    if (!given.check_input && !given.check_output)
      return refuse(out_error, "filter.check_input and check_output: one must not be NULL");
    extensions->parts.filter = scena::capi::make_filter(given);
    return SCENA_OK;
  });
}

scena_status scena_extensions_set_log_sink(scena_extensions* extensions,
                                           const scena_log_sink* log_sink,
                                           scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !log_sink)
      return refuse(out_error, "extensions and log_sink: must not be NULL");
    scena_log_sink given;
    if (!read_struct(log_sink, given))
      return refuse(out_error, "log_sink: set struct_size to sizeof(scena_log_sink)");
    if (!given.write) return refuse(out_error, "log_sink.write: must not be NULL");
    extensions->parts.log = scena::capi::make_log_sink(given);
    return SCENA_OK;
  });
}

scena_status scena_extensions_set_tool_approval(scena_extensions* extensions,
                                                const scena_tool_approval* approval,
                                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !approval)
      return refuse(out_error, "extensions and approval: must not be NULL");
    scena_tool_approval given;
    if (!read_struct(approval, given))
      return refuse(out_error, "approval: set struct_size to sizeof(scena_tool_approval)");
    if (!given.ask) return refuse(out_error, "approval.ask: must not be NULL");
    extensions->parts.tool_approval = scena::capi::make_tool_approval(given);
    return SCENA_OK;
  });
}

scena_status scena_extensions_add_job_handler(scena_extensions* extensions, const char* kind,
                                              const scena_job_handler* handler,
                                              scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !handler)
      return refuse(out_error, "extensions and handler: must not be NULL");
    if (!kind || *kind == '\0') return refuse(out_error, "kind: must not be NULL or empty");
    scena_job_handler given;
    if (!read_struct(handler, given))
      return refuse(out_error, "handler: set struct_size to sizeof(scena_job_handler)");
    if (!given.run) return refuse(out_error, "handler.run: must not be NULL");
    if (given.time_limit_ms < 0) return refuse(out_error, "handler.time_limit_ms: 0 or more");
    extensions->parts.job_handlers.insert_or_assign(kind, scena::capi::make_job_handler(given));
    return SCENA_OK;
  });
}

scena_status scena_extensions_add_event_sink(scena_extensions* extensions, const char* name,
                                             const scena_event_sink* sink,
                                             scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !sink)
      return refuse(out_error, "extensions and sink: must not be NULL");
    if (!name || *name == '\0') return refuse(out_error, "name: must not be NULL or empty");
    scena_event_sink given;
    if (!read_struct(sink, given))
      return refuse(out_error, "sink: set struct_size to sizeof(scena_event_sink)");
    if (!given.deliver) return refuse(out_error, "sink.deliver: must not be NULL");
    if (given.time_limit_ms < 0) return refuse(out_error, "sink.time_limit_ms: 0 or more");
    if (given.max_attempts > INT32_MAX)
      return refuse(out_error, "sink.max_attempts: 0 to INT32_MAX");
    extensions->parts.event_sinks.insert_or_assign(name, scena::capi::make_event_sink(given));
    return SCENA_OK;
  });
}

scena_status scena_extensions_add_embedder(scena_extensions* extensions, const char* name,
                                           const scena_embedder* embedder,
                                           scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !embedder)
      return refuse(out_error, "extensions and embedder: must not be NULL");
    if (!name || *name == '\0') return refuse(out_error, "name: must not be NULL or empty");
    scena_embedder given;
    if (!read_struct(embedder, given))
      return refuse(out_error, "embedder: set struct_size to sizeof(scena_embedder)");
    if (!given.start) return refuse(out_error, "embedder.start: must not be NULL");
    extensions->parts.embedders.insert_or_assign(name, scena::capi::make_embedder(name, given));
    return SCENA_OK;
  });
}

scena_status scena_extensions_set_secret_source(scena_extensions* extensions,
                                                const scena_secret_source* source,
                                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !source)
      return refuse(out_error, "extensions and source: must not be NULL");
    scena_secret_source given;
    if (!read_struct(source, given))
      return refuse(out_error, "source: set struct_size to sizeof(scena_secret_source)");
    if (!given.get) return refuse(out_error, "source.get: must not be NULL");
    extensions->parts.secrets = scena::capi::make_secret_source(given);
    return SCENA_OK;
  });
}

scena_status scena_extensions_add_token_counter(scena_extensions* extensions, const char* models,
                                                const scena_token_counter* counter,
                                                scena_error** out_error) {
  return guarded(out_error, [&] {
    if (!live(extensions) || !counter)
      return refuse(out_error, "extensions and counter: must not be NULL");
    if (!models || *models == '\0') return refuse(out_error, "models: must not be NULL or empty");
    scena_token_counter given;
    if (!read_struct(counter, given))
      return refuse(out_error, "counter: set struct_size to sizeof(scena_token_counter)");
    if (!given.count) return refuse(out_error, "counter.count: must not be NULL");
    extensions->parts.token_counters.insert_or_assign(models,
                                                      scena::capi::make_token_counter(given));
    return SCENA_OK;
  });
}

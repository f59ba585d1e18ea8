#pragma once

#include <scena/engine.hpp>

#include "handles.hpp"

/// The tables of a host as what the engine takes. Shared by all engines made with them.
struct scena_extensions {
  scena::Dependencies parts;
  scena::capi::LifeMark life = {};
};

namespace scena::capi {

// A host's table as what it is called in C++. The members that it needs are there: extensions.cpp
// has looked.
std::shared_ptr<Provider> make_provider(std::string name, const scena_provider& table);
std::shared_ptr<Tool> make_tool(const scena_tool& table);
std::shared_ptr<Analyzer> make_analyzer(const scena_analyzer& table);
std::shared_ptr<Filter> make_filter(const scena_filter& table);
std::shared_ptr<LogSink> make_log_sink(const scena_log_sink& table);
std::shared_ptr<JobHandler> make_job_handler(const scena_job_handler& table);
std::shared_ptr<ToolApproval> make_tool_approval(const scena_tool_approval& table);
std::shared_ptr<EventSink> make_event_sink(const scena_event_sink& table);
std::shared_ptr<Embedder> make_embedder(std::string name, const scena_embedder& table);
std::shared_ptr<SecretSource> make_secret_source(const scena_secret_source& table);
std::shared_ptr<TokenCounter> make_token_counter(const scena_token_counter& table);

/// The user data of a table, given back by its `destroy` when the last holder goes.
class UserData {
 public:
  UserData(void* data, void (*destroy)(void*)) noexcept : data_(data), destroy_(destroy) {}
  UserData(const UserData&) = delete;
  UserData& operator=(const UserData&) = delete;
  ~UserData() {
    if (destroy_) destroy_(data_);
  }
  void* get() const noexcept { return data_; }
  /// Null while the data is the caller's still: where the call fails, `destroy` does not come.
  void set_destroy(void (*destroy)(void*)) noexcept { destroy_ = destroy; }

 private:
  void* data_;
  void (*destroy_)(void*);
};

/// A host's word for what failed; `otherwise` for words that are none.
inline ErrorCode failure_code(scena_status code,
                              ErrorCode otherwise = ErrorCode::provider_error) noexcept {
  return code > SCENA_OK && code <= SCENA_INTERNAL ? static_cast<ErrorCode>(code) : otherwise;
}

/// The same as an error, with the host's own line where memory allows one.
inline Error failure_of(scena_status code, const char* message, const char* literal) noexcept {
  if (message && *message) {
    try {
      return Error(failure_code(code), message);
    } catch (...) {
      // The fixed text stands.
    }
  }
  return Error::fixed(failure_code(code), literal);
}

inline std::string_view text_of(const char* text, std::size_t length) noexcept {
  return length == SCENA_NUL_TERMINATED ? std::string_view(text) : std::string_view(text, length);
}

}  // namespace scena::capi

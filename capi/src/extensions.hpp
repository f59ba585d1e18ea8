#pragma once

#include <scena/engine.hpp>

#include "handles.hpp"

/// The tables of a host as what the engine takes. Shared by all engines made with them.
struct scena_extensions {
  std::map<std::string, std::shared_ptr<scena::Provider>> providers;
  std::vector<std::shared_ptr<scena::Tool>> tools;
};

namespace scena::capi {

/// A host's table as a Provider. @throws Error naming the member at fault.
std::shared_ptr<Provider> make_provider(std::string name, const scena_provider& table);
/// A host's table as a Tool. @throws Error naming the member at fault.
std::shared_ptr<Tool> make_tool(const scena_tool& table);

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

 private:
  void* data_;
  void (*destroy_)(void*);
};

inline std::string_view text_of(const char* text, std::size_t length) noexcept {
  return length == SCENA_NUL_TERMINATED ? std::string_view(text) : std::string_view(text, length);
}

}  // namespace scena::capi

#include "host/extensions.hpp"

/// What a host was told of one secret; lives as long as its `get` runs.
struct scena_secret {
  std::optional<scena::Secret> value;
};

namespace scena::capi {
namespace {

class HostSecrets final : public SecretSource {
 public:
  explicit HostSecrets(const scena_secret_source& table)
      : table_(table), data_(table.user_data, table.destroy) {}

  Result<std::optional<Secret>> get(std::string_view name) override {
    scena_secret secret;
    const scena_status status = table_.get(data_.get(), std::string(name).c_str(), &secret);
    if (status == SCENA_NOT_FOUND) return std::optional<Secret>();
    if (status == SCENA_OK && secret.value) return std::move(secret.value);
    return Error(failure_code(status, ErrorCode::unavailable),
                 "the host's secret source could not read \"" + std::string(name) + "\"");
  }

 private:
  scena_secret_source table_;
  UserData data_;
};

}  // namespace

std::shared_ptr<SecretSource> make_secret_source(const scena_secret_source& table) {
  return std::make_shared<HostSecrets>(table);
}

}  // namespace scena::capi

scena_status scena_secret_set(scena_secret* secret, const char* value, size_t value_len) {
  if (!secret || !value) return SCENA_INVALID_ARGUMENT;
  try {
    secret->value = scena::Secret(scena::capi::text_of(value, value_len));
    return SCENA_OK;
  } catch (...) {
    return SCENA_OUT_OF_MEMORY;
  }
}

#include "guard.hpp"

namespace {

// Lives as long as the library, so that "out of memory" can be told without memory. Built into
// storage of its own and never destroyed: a host may still hold it while the process ends.
scena_error* out_of_memory_error() noexcept {
  alignas(scena_error) static unsigned char place[sizeof(scena_error)];
  static scena_error* const error = new (place) scena_error{
      scena::Error::fixed(scena::ErrorCode::out_of_memory, "not enough memory for this call"),
      {},
      {}};
  return error;
}

}  // namespace

namespace scena::capi {

scena_status report(scena_error** out_error, const Error& error) noexcept {
  const auto status = static_cast<scena_status>(error.code());
  if (!out_error) return status;
  try {
    *out_error =
        new scena_error{error, std::string(error.pointer()), std::string(error.provider_message())};
  } catch (...) {
    *out_error = out_of_memory_error();
    return SCENA_OUT_OF_MEMORY;
  }
  return status;
}

}  // namespace scena::capi

using scena::capi::live;

scena_status scena_error_code(const scena_error* error) {
  return live(error) ? static_cast<scena_status>(error->error.code()) : SCENA_INTERNAL;
}

const char* scena_error_message(const scena_error* error) {
  return live(error) ? error->error.what() : "";
}

const char* scena_error_pointer(const scena_error* error) {
  return live(error) ? error->pointer.c_str() : "";
}

int64_t scena_error_retry_after_ms(const scena_error* error) {
  if (!live(error)) return -1;
  const auto after = error->error.retry_after();
  return after ? static_cast<int64_t>(after->count()) : -1;
}

int32_t scena_error_provider_status(const scena_error* error) {
  return live(error) ? error->error.provider_status() : 0;
}

const char* scena_error_provider_message(const scena_error* error) {
  return live(error) ? error->provider_message.c_str() : "";
}

const char* scena_error_point(const scena_error* error) {
  return live(error) ? to_string(error->error.point()) : "";
}

void scena_error_destroy(scena_error* error) {
  if (live(error) && error != out_of_memory_error()) delete error;
}

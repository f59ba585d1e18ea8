// A line of `scena measure` of arbitrary bytes: refused with a reason, or answered, each time
// alike.
#include <cstdint>
#include <cstdlib>
#include <scena/metrics.hpp>

using namespace scena;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Meter meter;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto answer = meter.measure_json(line);
  if (!answer) {
    if (std::string_view(answer.error().what()).empty()) std::abort();
    return 0;
  }
  if (answer->find('\n') != std::string::npos || !answer->starts_with("{\"id\":")) std::abort();
  if (meter.measure_json(line).value_or_throw() != *answer) std::abort();
  return 0;
}

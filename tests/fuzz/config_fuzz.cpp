// A configuration from outside: reading never crashes, and what was read is read again the same.
#include <cstdlib>
#include <scena/config.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config = scena::Config::from_json({reinterpret_cast<const char*>(data), size});
  if (!config) return 0;
  const std::string json = config->to_json();
  const auto again = scena::Config::from_json(json);
  // Only a secret's mark may be refused where the secret was not.
  if (again && again->to_json() != json) std::abort();
  if (!again && json.find("***") == std::string::npos) std::abort();
  return 0;
}

#include "bus/backends/local/local_bus.hpp"

namespace scena {

Result<std::unique_ptr<Bus>> make_bus(std::string_view url) {
  if (url.empty() || url == "local:") return local::make_bus();
  return Error::fixed(ErrorCode::unsupported, "bus: this build offers \"local:\" only");
}

}  // namespace scena

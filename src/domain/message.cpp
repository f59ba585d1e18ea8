#include <scena/message.hpp>

namespace scena {

std::string Message::text() const {
  std::string joined;
  for (const auto& part : parts) {
    if (part.kind == MessagePart::Kind::text) joined += part.text;
  }
  return joined;
}

}  // namespace scena

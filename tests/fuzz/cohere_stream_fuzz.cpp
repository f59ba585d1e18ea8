// Any bytes as a stream of Cohere's chat events.
#include "llm/backends/cohere/wire.hpp"
#include "stream_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  scena::fuzz::check_stream(bytes, scena::llm::cohere::Reader());
  return 0;
}

// Any bytes as a stream of message events.
#include "llm/backends/anthropic/wire.hpp"
#include "stream_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  scena::fuzz::check_stream({reinterpret_cast<const char*>(data), size},
                            scena::llm::anthropic::Reader());
  return 0;
}

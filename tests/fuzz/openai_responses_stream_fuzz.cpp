// Any bytes as the events of a response.
#include "llm/backends/openai_responses/wire.hpp"
#include "stream_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  scena::fuzz::check_stream(bytes, scena::llm::openai_responses::Reader());
  return 0;
}

// Any bytes as a stream of chat completion chunks, in both dialects of the end mark.
#include "llm/backends/openai/wire.hpp"
#include "stream_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  scena::fuzz::check_stream(bytes, scena::llm::openai::Reader({}));
  scena::fuzz::check_stream(bytes, scena::llm::openai::Reader({.no_finish_reason = true}));
  return 0;
}

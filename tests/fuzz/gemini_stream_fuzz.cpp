// Any bytes as a stream of Gemini's responses: events, and elements of an array.
#include "llm/array_reply.hpp"
#include "llm/backends/gemini/wire.hpp"
#include "stream_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  scena::fuzz::check_stream(bytes, scena::llm::gemini::Reader());
  scena::fuzz::check_stream<scena::llm::ArrayReply>(bytes, scena::llm::gemini::Reader());
  return 0;
}

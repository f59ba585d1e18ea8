// Any bytes as a stream of Ollama's lines.
#include "llm/backends/ollama/wire.hpp"
#include "llm/line_reply.hpp"
#include "stream_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  scena::fuzz::check_stream<scena::llm::LineReply>(bytes, scena::llm::ollama::Reader(40));
  return 0;
}

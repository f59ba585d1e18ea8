// Any bytes as a stream of chat completion chunks, in the dialects that read them differently.
#include "llm/backends/openai/wire.hpp"
#include "stream_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using scena::llm::openai::Dialect;
  using scena::llm::openai::Reader;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  scena::fuzz::check_stream(bytes, Reader(Dialect{}));
  scena::fuzz::check_stream(bytes,
                            Reader(Dialect{.no_finish_reason = true, .echo = Dialect::Echo::text}));
  scena::fuzz::check_stream(
      bytes, Reader(Dialect{.think_tags = true, .echo = Dialect::Echo::details}));
  return 0;
}

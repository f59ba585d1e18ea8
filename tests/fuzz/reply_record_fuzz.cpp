// Bytes of a shared response cache: they play a whole reply with exactly one end, or nothing at
// all.
#include <cstdlib>

#include "llm/layers/reply_record.hpp"

namespace {

struct Counter final : scena::ReplySink {
  void on_start(const scena::ReplyStart& start) override {
    ++calls;
    if (!start.cached) std::abort();
  }
  void on_text(std::string_view) override { ++calls; }
  void on_done(const scena::ReplyEnd&) override { ++ends; }
  int calls = 0;
  int ends = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Counter counter;
  const bool played = scena::llm::play_record(bytes, counter);
  if (counter.ends != (played ? 1 : 0)) std::abort();
  if (!played && counter.calls != 0) std::abort();
  if (scena::llm::record_facts(bytes).has_value() != played) std::abort();
  return 0;
}

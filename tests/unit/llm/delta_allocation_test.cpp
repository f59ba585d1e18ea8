#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "llm/backends/anthropic/wire.hpp"
#include "llm/backends/cohere/wire.hpp"
#include "llm/backends/gemini/wire.hpp"
#include "llm/backends/ollama/wire.hpp"
#include "llm/backends/openai/wire.hpp"
#include "llm/backends/openai_responses/wire.hpp"
#include "llm/line_reply.hpp"
#include "llm/sse_reply.hpp"
#include "support/counted_memory.hpp"

using namespace scena;
using namespace scena::llm;
using test::CountedMemory;

namespace {

struct CountingSink final : ReplySink {
  std::size_t bytes = 0;
  void on_start(const ReplyStart&) override {}
  void on_text(std::string_view delta) override { bytes += delta.size(); }
  void on_done(const ReplyEnd&) override {}
};

std::string chat(int number) {
  return "data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"w" +
         std::to_string(number) + "\"},\"finish_reason\":null}],\"obfuscation\":\"" +
         std::string(static_cast<std::size_t>(number % 7), 'x') + "\"}\n\n";
}

std::string messages(int number) {
  return "event: content_block_delta\ndata: "
         "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
         "{\"type\":\"text_delta\",\"text\":\"w" +
         std::to_string(number) + "\"}}\n\n";
}

std::string responses(int number) {
  return "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\","
         "\"sequence_number\":" +
         std::to_string(number) +
         ",\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":\"w" +
         std::to_string(number) + "\",\"obfuscation\":\"" +
         std::string(static_cast<std::size_t>(number % 7), 'x') + "\"}\n\n";
}

std::string generate(int number) {
  return "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"w" + std::to_string(number) +
         "\"}],\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":5,"
         "\"candidatesTokenCount\":" +
         std::to_string(number) + "},\"modelVersion\":\"g\",\"responseId\":\"r\"}\n\n";
}

std::string cohere_chat(int number) {
  return "event: content-delta\ndata: "
         "{\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":"
         "\"w" +
         std::to_string(number) + "\"}}}}\n\n";
}

std::string ollama_chat(int number) {
  return "{\"model\":\"l\",\"created_at\":\"2026-01-01T00:00:00.00000" + std::to_string(number) +
         "Z\",\"message\":{\"role\":\"assistant\",\"content\":\"w" + std::to_string(number) +
         "\"},\"done\":false}\n";
}

// Allocations of 200 deltas behind the first 20; each delta in reads of at most `step` bytes.
template <class Stream = SseReply>
long count(ReplyReader& reader, std::string (*event)(int), std::size_t step) {
  auto sink = std::make_shared<CountingSink>();
  ReplyProgress reply(sink, "count", 1u << 20);
  Stream events(reader, reply, 1u << 20);
  long allocations = 0;
  for (int number = 100; number < 320; ++number) {
    const std::string bytes = event(number);
    const std::string_view whole = bytes;
    const long before = CountedMemory::allocations();
    for (std::size_t at = 0; at < whole.size(); at += step) {
      events.feed(whole.substr(at, step));
      reply.flush();
    }
    if (number >= 120) allocations += CountedMemory::allocations() - before;
  }
  CHECK(sink->bytes == 220 * 4);
  return allocations;
}

}  // namespace

TEST_CASE("a text delta costs no allocation once the stream is under way") {
  for (const std::size_t step : {4096, 50, 1}) {
    CAPTURE(step);
    openai::Reader chat_reader{openai::Dialect{.think_tags = true}};
    CHECK(count(chat_reader, chat, step) == 0);
    anthropic::Reader messages_reader;
    CHECK(count(messages_reader, messages, step) == 0);
    openai_responses::Reader responses_reader;
    CHECK(count(responses_reader, responses, step) == 0);
    gemini::Reader generate_reader;
    CHECK(count(generate_reader, generate, step) == 0);
    cohere::Reader cohere_reader;
    CHECK(count(cohere_reader, cohere_chat, step) == 0);
    ollama::Reader ollama_reader(40);
    CHECK(count<LineReply>(ollama_reader, ollama_chat, step) == 0);
  }
}

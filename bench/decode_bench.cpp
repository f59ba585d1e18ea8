// What one text delta costs from de-chunked bytes to the sink, in memory: our decoder against a
// bare loop of memchr and simdjson that takes choices[0].delta.content and appends it. Both see the
// same bytes in reads of 64 KiB. tokens_per_second is the figure; the ratio of two rows in one run
// counts.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "llm/backends/anthropic/wire.hpp"
#include "llm/backends/cohere/wire.hpp"
#include "llm/backends/gemini/wire.hpp"
#include "llm/backends/ollama/wire.hpp"
#include "llm/backends/openai/wire.hpp"
#include "llm/line_reply.hpp"
#include "llm/sse_reply.hpp"

namespace {

using namespace scena;

constexpr std::size_t kRead = 64u << 10;
constexpr std::size_t kPadding = 64;

constexpr std::array kWords = {" the",
                               " scene",
                               " and",
                               ",",
                               " I",
                               " don't",
                               " remember",
                               " that",
                               " night",
                               ".",
                               " You",
                               " said",
                               " \\\"wait\\\"",
                               "\\n\\n",
                               " honestly",
                               " caf\xC3\xA9",
                               " negotiation",
                               " was",
                               "\\t-",
                               " \xE2\x80\x94",
                               " quiet",
                               " \xF0\x9F\x99\x82"};

enum class Shape { openai, padded, anthropic, gemini, cohere, ollama };

std::string openai_event(std::string_view delta, std::string_view finish, std::string_view more) {
  return "data: "
         "{\"id\":\"chatcmpl-CKmock7Qp2fXw9dLr4sT8vBn3jHyA\",\"object\":\"chat.completion.chunk\","
         "\"created\":1760000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"system_fingerprint\":\"fp_"
         "560af6e559\","
         "\"choices\":[{\"index\":0,\"delta\":" +
         std::string(delta) + ",\"logprobs\":null,\"finish_reason\":" + std::string(finish) +
         "}],\"usage\":null" + std::string(more) + "}\n\n";
}

std::string gemini_event(std::string_view word, int tokens, std::string_view finish) {
  const std::string count = std::to_string(tokens);
  return "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"" + std::string(word) +
         "\"}],\"role\": \"model\"}," + std::string(finish) +
         "\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 42,\"candidatesTokenCount\": " +
         count + ",\"totalTokenCount\": " + std::to_string(tokens + 42) +
         ",\"promptTokensDetails\": [{\"modality\": \"TEXT\",\"tokenCount\": 42}]},"
         "\"modelVersion\": \"gemini-2.5-flash\",\"responseId\": \"abCDefGHijKLmnOP\"}\r\n\r\n";
}

std::string cohere_event(std::string_view type, std::string_view rest) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"" +
         std::string(rest) + "}\n\n";
}

std::string ollama_line(std::string_view word, int number, std::string_view rest) {
  return "{\"model\":\"llama3.2\",\"created_at\":\"2026-11-20T08:52:19." +
         std::to_string(385'406'455 + number) +
         "Z\",\"message\":{\"role\":\"assistant\",\"content\":\"" + std::string(word) + "\"}," +
         std::string(rest) + "}\n";
}

std::string first_event(Shape shape) {
  switch (shape) {
    case Shape::anthropic:
      return "event: message_start\ndata: "
             "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_01\",\"model\":\"claude\","
             "\"usage\":{\"input_tokens\":42,\"output_tokens\":1}}}\n\n"
             "event: content_block_start\ndata: "
             "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
             "{\"type\":\"text\",\"text\":\"\"}}\n\n";
    case Shape::cohere:
      return cohere_event("message-start",
                          ",\"id\":\"29f1\",\"delta\":{\"message\":{\"role\":\"assistant\"}}") +
             cohere_event("content-start",
                          ",\"index\":0,\"delta\":{\"message\":{\"content\":{\"type\":\"text\","
                          "\"text\":\"\"}}}");
    case Shape::gemini:
    case Shape::ollama:
      return {};
    default:
      return openai_event("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null", "");
  }
}

std::string last_event(Shape shape, int tokens) {
  switch (shape) {
    case Shape::anthropic:
      return "event: message_delta\ndata: "
             "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":"
             "{\"output_tokens\":9}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    case Shape::cohere:
      return cohere_event("content-end", ",\"index\":0") +
             cohere_event("message-end", ",\"delta\":{\"finish_reason\":\"COMPLETE\"}");
    case Shape::gemini:
      return gemini_event("", tokens, "\"finishReason\": \"STOP\",");
    case Shape::ollama:
      return ollama_line("", tokens, "\"done\":true,\"done_reason\":\"stop\",\"eval_count\":9");
    default:
      return openai_event("{}", "\"stop\"", "") + "data: [DONE]\n\n";
  }
}

std::string delta_event(Shape shape, const std::string& word, int number) {
  switch (shape) {
    case Shape::anthropic:
      return "event: content_block_delta\ndata: "
             "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
             "{\"type\":\"text_delta\",\"text\":\"" +
             word + "\"}}\n\n";
    case Shape::cohere:
      return cohere_event("content-delta",
                          ",\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":\"" + word +
                              "\"}}}");
    case Shape::gemini:
      return gemini_event(word, number + 1, "");
    case Shape::ollama:
      return ollama_line(word, number, "\"done\":false");
    default:
      break;
  }
  const std::string more =
      shape == Shape::padded
          ? ",\"obfuscation\":\"" + std::string(static_cast<std::size_t>(3 + number % 11), 'q') + "\""
          : "";
  return openai_event("{\"content\":\"" + word + "\"}", "null", more);
}

std::string make_stream(Shape shape, int tokens) {
  std::string stream = first_event(shape);
  for (int i = 0; i < tokens; ++i) {
    const std::string word = kWords[static_cast<std::size_t>(i * 7 + i / 32) % kWords.size()];
    stream += delta_event(shape, word, i);
  }
  stream += last_event(shape, tokens);
  return stream;
}

struct AppendSink final : ReplySink {
  std::string text;
  bool complete = false;
  void on_start(const ReplyStart&) override {}
  void on_text(std::string_view delta) override { text += delta; }
  void on_done(const ReplyEnd& end) override { complete = end.outcome == Outcome::complete; }
};

void feed_reads(const std::string& stream, auto&& feed) {
  const std::size_t size = stream.size() - kPadding;
  for (std::size_t at = 0; at < size; at += kRead)
    feed(std::string_view(stream).substr(at, std::min(kRead, size - at)));
}

std::unique_ptr<llm::ReplyReader> make_reader(Shape shape) {
  switch (shape) {
    case Shape::anthropic:
      return std::make_unique<llm::anthropic::Reader>();
    case Shape::gemini:
      return std::make_unique<llm::gemini::Reader>();
    case Shape::cohere:
      return std::make_unique<llm::cohere::Reader>();
    case Shape::ollama:
      return std::make_unique<llm::ollama::Reader>();
    default:
      return std::make_unique<llm::openai::Reader>(llm::openai::Dialect{});
  }
}

template <class Stream>
void decode(benchmark::State& state, Shape shape) {
  const int tokens = static_cast<int>(state.range(0));
  const std::string stream = make_stream(shape, tokens) + std::string(kPadding, ' ');
  for (auto _ : state) {
    const auto reader = make_reader(shape);
    auto sink = std::make_shared<AppendSink>();
    llm::ReplyProgress reply(sink, "bench", 64u << 20);
    Stream events(*reader, reply, 1u << 20);
    feed_reads(stream, [&](std::string_view bytes) {
      events.feed(bytes);
      reply.flush();
    });
    reply.finish({.complete = true});
    if (!sink->complete) state.SkipWithError("the reply is not complete");
    benchmark::DoNotOptimize(sink->text.data());
  }
  state.counters["tokens_per_second"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * tokens, benchmark::Counter::kIsRate);
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(stream.size() - kPadding));
}

void scena_decoder(benchmark::State& state, Shape shape) {
  if (shape == Shape::ollama) {
    decode<llm::LineReply>(state, shape);
  } else {
    decode<llm::SseReply>(state, shape);
  }
}

// Where a service's frame has its text.
template <class Document>
bool find_text(Document& document, Shape shape, std::string_view& token) {
  simdjson::ondemand::array list;
  switch (shape) {
    case Shape::anthropic:
      return !document["delta"]["text"].get_string().get(token);
    case Shape::cohere:
      return !document["delta"]["message"]["content"]["text"].get_string().get(token);
    case Shape::ollama:
      return !document["message"]["content"].get_string().get(token);
    case Shape::gemini:
      if (document["candidates"].get_array().get(list)) return false;
      for (auto candidate : list)
        return !candidate["content"]["parts"].at(0)["text"].get_string().get(token);
      return false;
    default:
      if (document["choices"].get_array().get(list)) return false;
      for (auto choice : list) return !choice["delta"]["content"].get_string().get(token);
      return false;
  }
}

// The shape of the harness's bare client without its sockets.
void bare_simdjson(benchmark::State& state, Shape shape) {
  const int tokens = static_cast<int>(state.range(0));
  const std::string stream = make_stream(shape, tokens) + std::string(kPadding, ' ');
  simdjson::ondemand::parser parser;
  for (auto _ : state) {
    std::string buffer;
    std::string text;
    feed_reads(stream, [&](std::string_view bytes) {
      buffer.append(bytes);
      buffer.reserve(buffer.size() + simdjson::SIMDJSON_PADDING);
      std::size_t at = 0;
      for (;;) {
        const char* line = buffer.data() + at;
        const auto* end = static_cast<const char*>(std::memchr(line, '\n', buffer.size() - at));
        if (end == nullptr) break;
        const auto length = static_cast<std::size_t>(end - line);
        const std::size_t head = shape == Shape::ollama ? 0 : 6;
        if (length > 6 && std::memcmp(line, "data: ", head) == 0 && line[head] != '[') {
          simdjson::ondemand::document document;
          std::string_view token;
          if (parser.iterate(line + head, length - head, buffer.capacity() - at - head).get(document)) {
            state.SkipWithError("parse");
            return;
          }
          if (find_text(document, shape, token)) text += token;
        }
        at += length + 1;
      }
      buffer.erase(0, at);
    });
    benchmark::DoNotOptimize(text.data());
  }
  state.counters["tokens_per_second"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * tokens, benchmark::Counter::kIsRate);
}

// One frame that no template knows: what each kind of reader costs.
std::string one_frame() {
  const std::string event = openai_event("{\"content\":\" negotiation\"}", "null", "");
  return event.substr(6, event.size() - 8) + std::string(simdjson::SIMDJSON_PADDING, ' ');
}

void one_frame_simdjson(benchmark::State& state) {
  const std::string frame = one_frame();
  simdjson::ondemand::parser parser;
  for (auto _ : state) {
    simdjson::ondemand::document document;
    std::string_view token;
    if (parser.iterate(frame.data(), frame.size() - simdjson::SIMDJSON_PADDING, frame.size())
            .get(document))
      return;
    if (document["choices"].at(0)["delta"]["content"].get_string().get(token)) return;
    benchmark::DoNotOptimize(token.data());
  }
}

void one_frame_cursor(benchmark::State& state) {
  const std::string frame = one_frame();
  llm::openai::Reader reader({});
  llm::ReplyProgress reply(std::make_shared<AppendSink>(), "bench", std::size_t{1} << 40);
  for (auto _ : state) {
    const auto reading =
        reader.read_event("message", std::string_view(frame).substr(0, frame.size() - 64), reply);
    benchmark::DoNotOptimize(reading.frame.text.data());
  }
}

void one_frame_tree(benchmark::State& state) {
  const std::string frame = one_frame();
  for (auto _ : state) {
    const auto parsed = parse_json(frame);
    benchmark::DoNotOptimize(parsed.has_value());
  }
}

}  // namespace

BENCHMARK(one_frame_simdjson);
BENCHMARK(one_frame_cursor);
BENCHMARK(one_frame_tree);
BENCHMARK_CAPTURE(bare_simdjson, openai, Shape::openai)->Arg(200)->Arg(20'000);
BENCHMARK_CAPTURE(scena_decoder, openai, Shape::openai)->Arg(200)->Arg(20'000);
BENCHMARK_CAPTURE(bare_simdjson, openai_padded, Shape::padded)->Arg(200);
BENCHMARK_CAPTURE(scena_decoder, openai_padded, Shape::padded)->Arg(200);
BENCHMARK_CAPTURE(bare_simdjson, anthropic, Shape::anthropic)->Arg(200);
BENCHMARK_CAPTURE(scena_decoder, anthropic, Shape::anthropic)->Arg(200);
BENCHMARK_CAPTURE(bare_simdjson, gemini, Shape::gemini)->Arg(200);
BENCHMARK_CAPTURE(scena_decoder, gemini, Shape::gemini)->Arg(200);
BENCHMARK_CAPTURE(bare_simdjson, cohere, Shape::cohere)->Arg(200);
BENCHMARK_CAPTURE(scena_decoder, cohere, Shape::cohere)->Arg(200);
BENCHMARK_CAPTURE(bare_simdjson, ollama, Shape::ollama)->Arg(200);
BENCHMARK_CAPTURE(scena_decoder, ollama, Shape::ollama)->Arg(200);

BENCHMARK_MAIN();

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
#include "llm/backends/openai/wire.hpp"
#include "llm/backends/openai_responses/wire.hpp"
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

enum class Shape { openai, padded, anthropic, responses };

std::string openai_event(std::string_view delta, std::string_view finish, std::string_view more) {
  return "data: "
         "{\"id\":\"chatcmpl-CKmock7Qp2fXw9dLr4sT8vBn3jHyA\",\"object\":\"chat.completion.chunk\","
         "\"created\":1760000000,\"model\":\"gpt-4o-mini-2024-07-18\",\"system_fingerprint\":\"fp_"
         "560af6e559\","
         "\"choices\":[{\"index\":0,\"delta\":" +
         std::string(delta) + ",\"logprobs\":null,\"finish_reason\":" + std::string(finish) +
         "}],\"usage\":null" + std::string(more) + "}\n\n";
}

std::string make_stream(Shape shape, int tokens) {
  std::string stream;
  if (shape == Shape::anthropic) {
    stream =
        "event: message_start\ndata: "
        "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_01\",\"model\":\"claude\","
        "\"usage\":{\"input_tokens\":42,\"output_tokens\":1}}}\n\n"
        "event: content_block_start\ndata: "
        "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
        "{\"type\":\"text\",\"text\":\"\"}}\n\n";
  } else if (shape == Shape::openai || shape == Shape::padded) {
    stream = openai_event("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null", "");
  }
  for (int i = 0; i < tokens; ++i) {
    const std::string word = kWords[static_cast<std::size_t>(i * 7 + i / 32) % kWords.size()];
    if (shape == Shape::anthropic) {
      stream +=
          "event: content_block_delta\ndata: "
          "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
          "{\"type\":\"text_delta\",\"text\":\"" +
          word + "\"}}\n\n";
    } else if (shape == Shape::responses) {
      stream +=
          "event: response.output_text.delta\ndata: "
          "{\"type\":\"response.output_text.delta\",\"sequence_number\":" +
          std::to_string(i) +
          ",\"item_id\":\"msg_68a1b2c3d4e5f6\",\"output_index\":0,\"content_index\":0,\"delta\":"
          "\"" +
          word + "\",\"logprobs\":[],\"obfuscation\":\"" +
          std::string(static_cast<std::size_t>(3 + i % 11), 'q') + "\"}\n\n";
    } else {
      const std::string more =
          shape == Shape::padded ? ",\"obfuscation\":\"" +
                                       std::string(static_cast<std::size_t>(3 + i % 11), 'q') + "\""
                                 : "";
      stream += openai_event("{\"content\":\"" + word + "\"}", "null", more);
    }
  }
  if (shape == Shape::anthropic) {
    stream +=
        "event: message_delta\ndata: "
        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":"
        "{\"output_tokens\":9}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  } else if (shape == Shape::responses) {
    stream +=
        "event: response.completed\ndata: "
        "{\"type\":\"response.completed\",\"response\":{\"id\":\"r\","
        "\"status\":\"completed\",\"output\":[]}}\n\n";
  } else {
    stream += openai_event("{}", "\"stop\"", "") + "data: [DONE]\n\n";
  }
  return stream;
}

struct AppendSink final : ReplySink {
  std::string text;
  bool complete = false;
  void on_start(const ReplyStart&) override {}
  void on_text(std::string_view delta) override { text += delta; }
  void on_done(const ReplyEnd& end) override { complete = end.outcome == Outcome::complete; }
};

void report(benchmark::State& state, int tokens, std::size_t bytes) {
  const double events = static_cast<double>(state.iterations()) * tokens;
  state.counters["tokens_per_second"] = benchmark::Counter(events, benchmark::Counter::kIsRate);
  state.counters["s_per_event"] =
      benchmark::Counter(events, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) *
                          static_cast<std::int64_t>(state.iterations()));
}

void feed_reads(const std::string& stream, auto&& feed) {
  const std::size_t size = stream.size() - kPadding;
  for (std::size_t at = 0; at < size; at += kRead)
    feed(std::string_view(stream).substr(at, std::min(kRead, size - at)));
}

void scena_decoder(benchmark::State& state, Shape shape) {
  const int tokens = static_cast<int>(state.range(0));
  const std::string stream = make_stream(shape, tokens) + std::string(kPadding, ' ');
  for (auto _ : state) {
    std::unique_ptr<llm::ReplyReader> reader;
    if (shape == Shape::anthropic) {
      reader = std::make_unique<llm::anthropic::Reader>();
    } else if (shape == Shape::responses) {
      reader = std::make_unique<llm::openai_responses::Reader>();
    } else {
      reader = std::make_unique<llm::openai::Reader>(llm::openai::Dialect{});
    }
    auto sink = std::make_shared<AppendSink>();
    llm::ReplyProgress reply(sink, "bench", 64u << 20);
    llm::SseReply events(*reader, reply, 1u << 20);
    feed_reads(stream, [&](std::string_view bytes) {
      events.feed(bytes);
      reply.flush();
    });
    reply.finish({.complete = true});
    if (!sink->complete) state.SkipWithError("the reply is not complete");
    benchmark::DoNotOptimize(sink->text.data());
  }
  report(state, tokens, stream.size() - kPadding);
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
        if (length > 6 && std::memcmp(line, "data: ", 6) == 0 && line[6] != '[') {
          simdjson::ondemand::document document;
          std::string_view token;
          if (parser.iterate(line + 6, length - 6, buffer.capacity() - at - 6).get(document)) {
            state.SkipWithError("parse");
            return;
          }
          if (shape == Shape::anthropic) {
            if (!document["delta"]["text"].get_string().get(token)) text += token;
          } else if (shape == Shape::responses) {
            if (!document["delta"].get_string().get(token)) text += token;
          } else {
            simdjson::ondemand::array choices;
            if (!document["choices"].get_array().get(choices)) {
              for (auto choice : choices) {
                if (!choice["delta"]["content"].get_string().get(token)) text += token;
                break;
              }
            }
          }
        }
        at += length + 1;
      }
      buffer.erase(0, at);
    });
    benchmark::DoNotOptimize(text.data());
  }
  report(state, tokens, stream.size() - kPadding);
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
    benchmark::DoNotOptimize(reading.only_text.data());
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
BENCHMARK_CAPTURE(bare_simdjson, responses, Shape::responses)->Arg(200);
BENCHMARK_CAPTURE(scena_decoder, responses, Shape::responses)->Arg(200);

BENCHMARK_MAIN();

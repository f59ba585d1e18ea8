#include "llm/backends/fault/fault_http.hpp"

#include <zlib.h>

#include <sstream>

#include "base/json.hpp"
#include "base/text.hpp"
#include "http_support.hpp"
#include "llm/backends/fault/fault_case.hpp"

using namespace scena;
using namespace scena::fault;
using namespace std::chrono_literals;
using scena::test::answer_to;
using scena::test::chat_request;
using scena::test::messages_request;
using scena::test::unchunked;

namespace {

constexpr const char* kGoldenHead =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: "
    "no-cache\r\n"
    "x-request-id: req_000000\r\ntransfer-encoding: chunked\r\n\r\n";
constexpr const char* kGoldenChat =
    R"(data: {"id":"chatcmpl-000000","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"chatcmpl-000000","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":[{"index":0,"delta":{"content":"one"},"finish_reason":null}]}

data: {"id":"chatcmpl-000000","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":[{"index":0,"delta":{"content":" two"},"finish_reason":null}]}

data: {"id":"chatcmpl-000000","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}

data: {"id":"chatcmpl-000000","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}

data: [DONE]

)";
constexpr const char* kGoldenMessages =
    R"(event: message_start
data: {"type":"message_start","message":{"id":"msg_000000","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"one"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"output_tokens":1}}

event: message_stop
data: {"type":"message_stop"}

)";

std::string body_of(const FaultHttpRequest& request, std::string steps) {
  return unchunked(answer_to(request, std::move(steps)).bytes());
}

std::string chat_case(const std::string& id) {
  return body_of(chat_request(), "case=" + id);
}
std::string messages_case(const std::string& id) {
  return body_of(messages_request(), "case=" + id);
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size())
    ++found;
  return found;
}

std::string gunzipped(const std::string& bytes) {
  std::string out(1u << 20, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 31) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

bool has_bare_lf(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a sound stream is the service's own, byte for byte") {
  const auto chat = answer_to(chat_request(
      R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"max_tokens":2,"messages":[{"role":"user","content":"Hi"}]})"));
  CHECK(chat.pieces.front().bytes == kGoldenHead);
  CHECK(unchunked(chat.bytes()) == kGoldenChat);
  CHECK(chat.pieces.back().bytes == "0\r\n\r\n");
  CHECK(chat.ending == FaultEnding::keep_alive);
  const auto messages = answer_to(messages_request(
      R"({"model":"m","max_tokens":1,"stream":true,"messages":[{"role":"user","content":"Hi"}]})"));
  CHECK(unchunked(messages.bytes()) == kGoldenMessages);
}

TEST_CASE("usage comes only when it was asked for") {
  const char* silent = R"({"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]})";
  CHECK(body_of(chat_request(silent), "ok").find("usage") == std::string::npos);
}

TEST_CASE("without streaming the answer is one JSON object with its length") {
  const auto chat =
      answer_to(chat_request(R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})"));
  const std::string body = unchunked(chat.bytes());
  const auto json = parse_json(body);
  REQUIRE(json.has_value());
  CHECK((*json)["choices"][0]["message"]["content"] == "one two three four");
  CHECK((*json)["usage"]["completion_tokens"] == 4);
  CHECK(chat.bytes().find("content-length: " + std::to_string(body.size()) + "\r\n") !=
        std::string::npos);
  const auto messages = parse_json(
      body_of(messages_request(
                  R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]})"),
              "ok"));
  REQUIRE(messages.has_value());
  CHECK((*messages)["content"][0]["text"] == "one two three four");
}

TEST_CASE("statuses carry each dialect's error body and the time to wait") {
  const auto chat = answer_to(chat_request(), "429@1500ms");
  CHECK(chat.bytes().starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
  CHECK(chat.bytes().find("\r\nretry-after: 2\r\n") != std::string::npos);
  CHECK(chat.bytes().find("\r\nretry-after-ms: 1500\r\n") != std::string::npos);
  CHECK(
      unchunked(chat.bytes()) ==
      R"({"error":{"message":"Rate limit reached.","type":"requests","param":null,"code":"rate_limit_exceeded"}})");
  CHECK(
      body_of(messages_request(), "529") ==
      R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_000000"})");
  CHECK(body_of(chat_request(), "quota").find("insufficient_quota") != std::string::npos);
  CHECK(body_of(chat_request(), "context").find("context_length_exceeded") != std::string::npos);
  CHECK(answer_to(messages_request(), "quota").bytes().starts_with("HTTP/1.1 402 "));
  CHECK(body_of(messages_request(), "context").find("prompt is too long") != std::string::npos);
}

TEST_CASE("a wrong request is refused in the dialect's own words") {
  CHECK(
      body_of(chat_request("{}"), "ok") ==
      R"({"error":{"message":"You must provide a model parameter.","type":"invalid_request_error","param":"model","code":null}})");
  CHECK(body_of(messages_request("{}"), "ok").find(R"("type":"invalid_request_error")") !=
        std::string::npos);
}

TEST_CASE("connections that never answer have no bytes and the right ending") {
  CHECK(answer_to(chat_request(), "refuse").ending == FaultEnding::close);
  CHECK(answer_to(chat_request(), "reset").ending == FaultEnding::reset);
  CHECK(answer_to(chat_request(), "stall_head").ending == FaultEnding::hang);
  for (const char* step : {"refuse", "reset", "stall_head"})
    CHECK(answer_to(chat_request(), step).pieces.empty());
}

TEST_CASE("cut, reset and stalled streams hold their tokens and no end mark") {
  const std::pair<const char*, FaultEnding> table[] = {{"cut_after=2", FaultEnding::close},
                                                       {"reset_after=2", FaultEnding::reset},
                                                       {"stall_after=2", FaultEnding::hang}};
  for (const auto& [name, ending] : table) {
    const std::string step = name;
    for (const auto& request : {chat_request(), messages_request()}) {
      INFO(step);
      const auto answer = answer_to(request, step);
      CHECK(answer.ending == ending);
      CHECK(answer.bytes().find("two") != std::string::npos);
      CHECK(answer.bytes().find("three") == std::string::npos);
      CHECK_FALSE(answer.bytes().ends_with("0\r\n\r\n"));
    }
  }
  const auto head_only = answer_to(chat_request(), "stall");
  CHECK(head_only.pieces.size() == 1);
}

TEST_CASE("cut_byte ends the body behind that byte, for every byte") {
  const std::string whole = body_of(chat_request(), "ok");
  for (std::size_t bytes = 0; bytes < whole.size(); bytes += 7) {
    const auto answer = answer_to(chat_request(), "cut_byte=" + std::to_string(bytes));
    CHECK(unchunked(answer.bytes()) == whole.substr(0, bytes));
    CHECK(answer.ending == FaultEnding::close);
    CHECK_FALSE(answer.bytes().ends_with("\r\n0\r\n\r\n"));
  }
  CHECK(answer_to(chat_request(), "cut_byte=99999").ending == FaultEnding::keep_alive);
  const auto json = answer_to(
      chat_request(R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})"), "cut_byte=5");
  CHECK(unchunked(json.bytes()).size() == 5);
  CHECK(json.bytes().find("content-length: 5\r\n") == std::string::npos);
}

TEST_CASE("waits follow the script, the drip and the slow start") {
  auto options = parse_fault_options(
      R"({"replies":["one two three"],"delay_ms":500,"token_ms":20,"steps":["ok","drip@2s","slow@9s"]})");
  REQUIRE(options.has_value());
  auto waits = [&](std::uint64_t call) {
    std::vector<std::chrono::milliseconds> found;
    for (const FaultPiece& piece :
         answer(chat_request(), {.options = *options, .call = call}).pieces) {
      if (piece.wait.count() > 0) found.push_back(piece.wait);
    }
    return found;
  };
  CHECK(waits(0) == std::vector{500ms, 20ms, 20ms});
  CHECK(waits(1) == std::vector{2000ms, 2000ms, 2000ms});
  CHECK(waits(2) == std::vector{9000ms, 20ms, 20ms});
}

TEST_CASE("comments and endless texts go on for ever") {
  const auto comments = answer_to(chat_request(), "comments@50ms");
  REQUIRE(comments.repeat_from.has_value());
  CHECK(comments.pieces[*comments.repeat_from].bytes.find(": keep-alive") != std::string::npos);
  CHECK(comments.pieces[*comments.repeat_from].wait == 50ms);
  for (const auto& request : {chat_request(), messages_request()}) {
    const auto endless = answer_to(request, "endless");
    REQUIRE(endless.repeat_from.has_value());
    CHECK(endless.pieces[*endless.repeat_from].bytes.find("one") != std::string::npos);
    CHECK(endless.pieces[*endless.repeat_from].wait >= 1ms);
    CHECK(endless.bytes().find("[DONE]") == std::string::npos);
    CHECK(endless.bytes().find("message_stop") == std::string::npos);
  }
}

TEST_CASE("errors and broken events stand where the step says") {
  const std::string error = body_of(messages_request(), "error_after=1");
  CHECK(error.find("\"one\"") < error.find("overloaded_error"));
  CHECK(error.find("message_stop") == std::string::npos);
  CHECK(body_of(chat_request(), "error").starts_with("data: {\"error\":"));
  CHECK_FALSE(is_valid_utf8(body_of(chat_request(), "bad_utf8")));
  CHECK_FALSE(is_valid_utf8(body_of(messages_request(), "bad_utf8_after=2")));
  CHECK(body_of(chat_request(), "bad_json").find("data: {\"id\":\n\n") != std::string::npos);
  CHECK(body_of(chat_request(), "empty").find("one") == std::string::npos);
  CHECK(body_of(chat_request(), "empty").find("[DONE]") != std::string::npos);
  CHECK(body_of(chat_request(), "wrong_finish").find(R"("finish_reason":"eos")") !=
        std::string::npos);
}

TEST_CASE("every case has a name of its own, a meaning, and an answer on its path") {
  std::vector<std::string> ids;
  for (const FaultCase& entry : all_fault_cases()) {
    INFO(std::string(entry.id));
    CHECK_FALSE(entry.meaning.empty());
    CHECK(std::find(ids.begin(), ids.end(), entry.id) == ids.end());
    ids.emplace_back(entry.id);
    const auto of = [&entry](bool concerned) {
      return std::find_if(std::begin(test::kDialects), std::end(test::kDialects),
                          [&](Dialect one) { return concerns(entry.where, one) == concerned; });
    };
    REQUIRE(of(true) != std::end(test::kDialects));
    const auto request = test::request_of(*of(true));
    const auto answer = answer_to(request, "case=" + std::string(entry.id));
    CHECK_FALSE(answer.pieces.empty());
    CHECK_FALSE(answer.bytes().starts_with("HTTP/1.1 404"));
    CHECK((answer.bytes() == answer_to(request, "ok").bytes()) == (entry.id == "D2"));
    if (of(false) == std::end(test::kDialects)) continue;
    const auto elsewhere = answer_to(test::request_of(*of(false)), "case=" + std::string(entry.id));
    CHECK(elsewhere.bytes().starts_with("HTTP/1.1 404"));
  }
  CHECK(answer_to(chat_request(), "case=Z9").bytes().starts_with("HTTP/1.1 404"));
}

TEST_CASE("the newer wire formats are the services' own, byte for byte") {
  const auto body = [](Dialect dialect) {
    return body_of(test::request_of(dialect, " two"), "ok");
  };
  CHECK(
      body(Dialect::gemini) ==
      R"(data: {"candidates":[{"content":{"parts":[{"text":"one"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2},"modelVersion":"m","responseId":"000000"}

data: {"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2},"modelVersion":"m","responseId":"000000"}

)");
  CHECK(body(Dialect::cohere) == R"(event: message-start
data: {"type":"message-start","id":"000000","delta":{"message":{"role":"assistant","content":[]}}}

event: content-start
data: {"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}

event: content-delta
data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"one"}}}}

event: content-end
data: {"type":"content-end","index":0}

event: message-end
data: {"type":"message-end","id":"000000","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":1,"output_tokens":1},"tokens":{"input_tokens":1,"output_tokens":1}}}}

)");
  CHECK(
      body(Dialect::ollama) ==
      R"({"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"one"},"done":false}
{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":5000000,"load_duration":1000,"prompt_eval_count":1,"prompt_eval_duration":1000,"eval_count":1,"eval_duration":1000}
)");
  const std::string responses = body(Dialect::responses);
  CHECK(responses.starts_with("event: response.created\ndata: {\"type\":\"response.created\","));
  CHECK(responses.find(R"("type":"response.output_text.delta","item_id":"msg_1")") !=
        std::string::npos);
  CHECK(responses.find("event: response.completed\n") != std::string::npos);
}

TEST_CASE("each step means the same in every wire format") {
  for (const Dialect dialect : test::kDialects) {
    INFO(static_cast<int>(dialect));
    const auto request = test::request_of(dialect);
    CHECK(answer_to(request, "429@2s").bytes().find("retry-after: 2\r\n") != std::string::npos);
    CHECK(answer_to(request, "503").bytes().starts_with("HTTP/1.1 503 "));
    CHECK(answer_to(request, "refuse").ending == FaultEnding::close);
    CHECK(answer_to(request, "reset").ending == FaultEnding::reset);
    CHECK(answer_to(request, "stall_after=1").ending == FaultEnding::hang);
    const std::string sound = body_of(request, "ok");
    const std::string cut = body_of(request, "cut_after=2");
    CHECK(cut.size() < sound.size());
    CHECK(cut.find(" two") != std::string::npos);
    CHECK(cut.find(" three") == std::string::npos);
    CHECK_FALSE(is_valid_utf8(body_of(request, "bad_utf8_after=1")));
    CHECK(body_of(request, "empty").find(" two") == std::string::npos);
    CHECK(answer_to(request, "endless").repeat_from.has_value());
    CHECK(body_of(request, "quota") != body_of(request, "429"));
    CHECK(body_of(request, "error_after=2").find(" three") == std::string::npos);
  }
}

TEST_CASE("a wrong request is refused in the words of each newer service") {
  const auto refused = [](Dialect dialect, const std::string& from, const std::string& to) {
    auto request = test::request_of(dialect);
    request.body.replace(request.body.find(from), from.size(), to);
    return answer_to(request).bytes();
  };
  CHECK(refused(Dialect::gemini, "\"user\"", "\"robot\"").find("valid role: user, model") !=
        std::string::npos);
  CHECK(refused(Dialect::gemini, "\"contents\"", "\"content\"").find("INVALID_ARGUMENT") !=
        std::string::npos);
  CHECK(refused(Dialect::cohere, "\"m\"", "7").find("model parameter") != std::string::npos);
  CHECK(refused(Dialect::ollama, "\"user\"", "5").find("with a role") != std::string::npos);
  CHECK(refused(Dialect::responses, "\"input\"", "\"inputs\"").find("Unrecognized request") !=
        std::string::npos);
  auto keyless = test::request_of(Dialect::gemini);
  keyless.headers[0].second = "";
  CHECK(answer_to(keyless).bytes().find("UNAUTHENTICATED") != std::string::npos);
  keyless.headers.emplace_back("x-goog-api-key", "key");
  CHECK(answer_to(keyless).bytes().starts_with("HTTP/1.1 200 "));
  auto free = test::request_of(Dialect::ollama);
  free.headers[0].second = "";
  CHECK(answer_to(free).bytes().starts_with("HTTP/1.1 200 "));
}

TEST_CASE("framing cases change the lines and never the events") {
  const std::string sound = chat_case("D2");
  CHECK_FALSE(has_bare_lf(chat_case("F2")));
  CHECK(chat_case("F2cr").find('\n') == std::string::npos);
  CHECK(chat_case("F3") == "\xEF\xBB\xBF" + sound);
  CHECK(chat_case("F4").find("data: ") == std::string::npos);
  CHECK(count(chat_case("F5"), "data:\ndata: {") == 7);
  CHECK(count(chat_case("F6"), "\n: OPENROUTER PROCESSING\n") == 7);
  CHECK(chat_case("F11") == sound.substr(0, sound.size() - 1));
  CHECK(chat_case("F12").size() > (2u << 20));
  CHECK(count(chat_case("F13"), "\" go\"") == 40'000);
  CHECK(gunzipped(chat_case("F15")) == sound);
  CHECK(unchunked(answer_to(chat_request(), "case=bytewise").bytes()) == sound);
  const auto split = answer_to(messages_request(), "case=F1");
  CHECK(split.pieces[1].bytes.size() == std::string("1\r\ne\r\n").size());
  CHECK(is_valid_utf8(unchunked(split.bytes())));
}

TEST_CASE("dialect cases say what their row says") {
  CHECK(count(chat_case("D1"), "usage") == 0);
  CHECK(chat_case("D3").find(R"("finish_reason":"stop"}],"usage":{)") != std::string::npos);
  CHECK(chat_case("D5").find(R"("usage":{}})") < chat_case("D5").find(R"("completion_tokens":4)"));
  CHECK(count(chat_case("D6"), "\"completion_tokens\":4") == 2);
  CHECK(count(chat_case("D7"), "\"usage\"") == 5);
  CHECK(chat_case("D15none").find(R"("finish_reason":"stop")") == std::string::npos);
  CHECK(chat_case("D15none").find("[DONE]") != std::string::npos);
  CHECK(chat_case("D17").find("reasoning_content") < chat_case("D17").find("\"one\""));
  CHECK(count(chat_case("D18"), R"("content":[{"type":"text")") == 4);
  CHECK(chat_case("D20").find("prompt_filter_results") != std::string::npos);
  CHECK(chat_case("D21").find("[DONE]") == std::string::npos);
  CHECK(count(chat_case("D22"), "\"one\"") == 0);
  CHECK(chat_case("D25").ends_with("\" two\"},\"finish_reason\":null}]}\n\ndata: [DONE]\n\n"));
  CHECK(chat_case("D28").find("[DONE]") < chat_case("D28").find("garbage"));
  CHECK(messages_case("A1").find("message_stop") == std::string::npos);
  CHECK(messages_case("A2").starts_with("event: error\n"));
  CHECK(messages_case("A3").find("message_delta") != std::string::npos);
  CHECK(messages_case("A3").find("message_stop") == std::string::npos);
  CHECK(count(messages_case("A4"), "\"type\":\"message_start\"") == 2);
  CHECK(messages_case("A4other").find("msg_other") != std::string::npos);
  CHECK(count(messages_case("A5"), "\"index\":7") == 3);
  CHECK(messages_case("A6").find(R"("content_block":{"type":"text","text":"one"})") !=
        std::string::npos);
  CHECK(count(messages_case("A6"), "\"one\"") == 1);
  CHECK(count(messages_case("A8"), "\"type\":\"message_delta\"") == 2);
  CHECK(messages_case("A9").find("signature_delta") != std::string::npos);
}

TEST_CASE("cases survive a reply without any token") {
  for (const FaultCase& entry : all_fault_cases()) {
    INFO(std::string(entry.id));
    const std::string step = "case=" + std::string(entry.id);
    for (const Dialect dialect : test::kDialects)
      CHECK_FALSE(answer_to(test::request_of(dialect, "one"), step).bytes().empty());
  }
}

TEST_CASE("the same request gives the same bytes") {
  auto options = parse_fault_options(
      R"({"random":{"ok":50,"cut_after=2":20,"429":10,"case=F2":20},"seed":3})");
  REQUIRE(options.has_value());
  for (std::uint64_t call = 0; call < 50; ++call) {
    const FaultContext context{.options = *options, .call = call, .seed = 5};
    const auto once = answer(chat_request(), context);
    const auto again = answer(chat_request(), context);
    CHECK(once.pieces == again.pieces);
  }
}

TEST_CASE("an answer as a whole is reset, cut and stalled as a stream is") {
  const std::pair<const char*, FaultEnding> table[] = {{"cut_after=2", FaultEnding::close},
                                                       {"reset_after=2", FaultEnding::reset},
                                                       {"stall_after=2", FaultEnding::hang},
                                                       {"stall", FaultEnding::hang},
                                                       {"cut_byte=9", FaultEnding::close}};
  const auto request = chat_request(R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})");
  for (const auto& row : table) {
    CAPTURE(row.first);
    CHECK(answer_to(request, row.first).ending == row.second);
  }
  // A token stands for eight bytes, and a cut is one also behind the last of them.
  const auto body = [&request](const char* step) {
    const std::string bytes = answer_to(request, step).bytes();
    return bytes.substr(bytes.find("\r\n\r\n") + 4);
  };
  const std::string whole = body("ok");
  CHECK(body("stall").empty());
  CHECK(body("cut_after=2") == whole.substr(0, 16));
  CHECK(body("cut_after=99999") == whole.substr(0, whole.size() - 1));
}

TEST_CASE("events of several data lines are broken between members, whatever a text holds") {
  const auto options =
      fault::parse_fault_options(R"({"replies":["one, two"],"instant":true,"steps":"case=F5"})");
  REQUIRE(options);
  for (const Dialect dialect : test::kDialects) {
    if (dialect == Dialect::ollama) continue;
    CAPTURE(static_cast<int>(dialect));
    const auto answer =
        fault::answer(test::request_of(dialect), {.options = *options, .call = 0, .seed = 7});
    const std::string body = unchunked(answer.bytes());
    CHECK(body.find("data:\ndata: {") != std::string::npos);
    std::istringstream lines(body);
    std::string data;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("data:")) data += line.substr(5) + "\n";
      if (!line.empty()) continue;
      CAPTURE(data);
      CHECK((data.find("[DONE]") != std::string::npos || parse_json(data)));
      data.clear();
    }
  }
}

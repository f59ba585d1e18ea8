// What answers say: whole ones, streams under wrong names, and what is no reply.
#include "provider_stage.hpp"

using namespace scena;
using namespace scena::llm;
using namespace scena::test;
using namespace std::chrono_literals;

TEST_CASE("answers that are no reply are protocol errors") {
  CHECK(error_of(200, "<html>Sign in</html>", {{"content-type", "text/html"}}).code() ==
        ErrorCode::protocol);
  CHECK(error_of(200, "hello", {{"content-type", "text/plain"}}).provider_message() == "hello");
  CHECK(error_of(200, "<html><head><title>Sign in</title></head></html>",
                 {{"content-type", "text/html"}})
            .provider_message() == "Sign in");
  CHECK(error_of(204, "", {}).code() == ErrorCode::protocol);
  CHECK(error_of(200, "{nonsense").code() == ErrorCode::protocol);
  for (const char* document : {"[]", "null", "{}", "7", R"({"pong":1})"}) {
    CAPTURE(document);
    CHECK(error_of(200, document).code() == ErrorCode::protocol);
    Bench anthropic;
    anthropic.config.url = "anthropic:m";
    CHECK(anthropic.answer(200, document).end().error->code() == ErrorCode::protocol);
    Bench responses;
    responses.config.url = "openai_responses:m";
    CHECK(responses.answer(200, document).end().error->code() == ErrorCode::protocol);
  }
  CHECK(error_of(200, R"({"error":{"message":"m","type":"server_error"}})").code() ==
        ErrorCode::provider_error);
  CHECK(error_of(302, "", {{"location", "https://evil.example/"}}).code() == ErrorCode::protocol);
}

TEST_CASE("a failure tells where in the answer it lies") {
  const net::HttpFields events{{"content-type", "text/event-stream"}};
  const std::string failure = R"({"error":{"message":"it broke"}})";
  CHECK(error_of(500, failure).point() == FailurePoint::status);
  CHECK(error_of(200, failure).point() == FailurePoint::body);
  CHECK(error_of(200, "{}").point() == FailurePoint::body);
  CHECK(error_of(200, "data: " + failure + "\n\n", events).point() == FailurePoint::stream);
  CHECK(error_of(200, "data: {\"choices\":[\n\n", events).point() == FailurePoint::stream);
  CHECK(error_of(200,
                 R"(data: {"choices":[{"delta":{},"finish_reason":"error"}]})"
                 "\n\n",
                 events)
            .point() == FailurePoint::finish);
  CHECK(error_of(200, ": ping\n\n", events).point() == FailurePoint::cut);
  CHECK(error_of(200, "hello", {{"content-type", "text/plain"}}).point() == FailurePoint::none);
  Bench broken;
  broken.http.answers.push_back({.pieces = {chunk("Half")}});
  CHECK(broken.ask().end().error->point() == FailurePoint::cut);
}

TEST_CASE("types that say nothing are read by what comes") {
  const std::string whole = R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]})";
  for (const char* type : {"", "text/plain", "application/octet-stream", "binary/octet-stream",
                           "json", "application/json", "text/event-stream"}) {
    CAPTURE(type);
    const net::HttpFields fields{{"content-type", type}};
    for (const bool stream : {true, false}) {
      Bench events;
      events.request.stream = stream;
      CHECK(events.answer(200, chunk("Hi") + kFinish, fields).end().outcome == Outcome::complete);
      CHECK(events.log->text == "Hi");
      Bench document;
      document.request.stream = stream;
      CHECK(document.answer(200, "\n " + whole, fields).end().outcome == Outcome::complete);
      CHECK(document.log->text == "Hi");
    }
    // Cut anywhere, also inside the field's name.
    Bench bytes;
    std::vector<std::string> pieces;
    for (const char c : chunk("Hi") + kFinish) pieces.emplace_back(1, c);
    bytes.http.answers.push_back({.headers = fields, .pieces = pieces});
    CHECK(bytes.ask().end().outcome == Outcome::complete);
    CHECK(bytes.log->text == "Hi");
  }
  CHECK(error_of(200, "upstream died", {{"content-type", "text/plain"}}).provider_message() ==
        "upstream died");
  for (const char* type : {"image/png", "Audio/mpeg"})
    CHECK(error_of(200, whole, {{"content-type", type}}).code() == ErrorCode::protocol);
  CHECK(
      error_of(200, "<html>x</html>", {{"content-type", "text/html"}}).provider_message().empty());
}

TEST_CASE("a whole answer needs no reason for its end") {
  Bench bench;
  CHECK(bench.answer(200, R"({"choices":[{"message":{"content":"Hi"}}]})").end().outcome ==
        Outcome::complete);
  CHECK(bench.log->end().raw_reason.empty());
}

TEST_CASE(
    "an answer that a gateway put into a member of its own is read from there, one level deep") {
  const std::string answer =
      R"({"id":"c-1","model":"glm","choices":[{"message":{"content":"Hi","tool_calls":[{"id":"t1",)"
      R"("type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":9,"completion_tokens":2}})";
  for (const std::string name : {"result", "response", "data"}) {
    CAPTURE(name);
    const std::string inside = "\"" + name + "\":" + answer;
    for (const std::string& document :
         {"{" + inside + "}", "{\"success\":true,\"errors\":[]," + inside + "}",
          "{\"code\":0,\"message\":\"ok\"," + inside + ",\"error\":null}"}) {
      Bench bench;
      ReplyLog& log = bench.answer(200, document);
      CHECK(log.end().outcome == Outcome::complete);
      CHECK(log.end().reason == FinishReason::tool_calls);
      CHECK(log.text == "Hi");
      CHECK(log.lines.at(0) == "start openai glm c-1");
      CHECK(log.usage.output_tokens == 2);
      CHECK(log.end().extra.find("choices") == std::string::npos);
    }
    Bench deeper;
    const auto end = deeper.answer(200, "{\"data\":{" + inside + "}}").end();
    CHECK(end.outcome == Outcome::failed);
    CHECK(end.error->code() == ErrorCode::protocol);
    // Beside choices of the document's own it is a member like any.
    Bench beside;
    ReplyLog& own =
        beside.answer(200, R"({"choices":[{"message":{"content":"own"},"finish_reason":"stop"}],)" +
                               inside + "}");
    CHECK(own.text == "own");
    CHECK(own.end().extra.find("\"" + name + "\"") != std::string::npos);
  }
  const Error failure = error_of(
      200, R"({"success":false,"result":{"error":{"message":"no slot","type":"server_error"}}})");
  CHECK(failure.code() == ErrorCode::provider_error);
  CHECK(failure.provider_message() == "no slot");
}

TEST_CASE("a whole answer's only choice counts whatever its index, else choice 0 does") {
  const auto text = [](const std::string& choices) {
    Bench bench;
    ReplyLog& log = bench.answer(200, R"({"choices":[)" + choices + "]}");
    CHECK(log.end().outcome == Outcome::complete);
    return log.text;
  };
  const auto choice = [](int index, const char* words) {
    return R"({"index":)" + std::to_string(index) + R"(,"message":{"content":")" + words +
           R"("},"finish_reason":"stop"})";
  };
  CHECK(text(choice(1, "only")) == "only");
  CHECK(text(choice(2, "second") + "," + choice(1, "first")) == "first");
  CHECK(text(choice(1, "other") + "," + choice(0, "answer")) == "answer");
  CHECK(text(choice(0, "") + "," + choice(1, "other")).empty());
}

TEST_CASE("a stream of another choice is held back until choice 0 is out of the question") {
  const auto piece = [](int index, const std::string& words, const char* finish) {
    return R"(data: {"choices":[{"index":)" + std::to_string(index) + R"(,"delta":{"content":")" +
           words + R"("},"finish_reason":)" + finish + "}]}\n\n";
  };
  const net::HttpFields stream = {{"content-type", "text/event-stream"}};
  Bench bench;
  std::string events;
  for (int i = 0; i < 100; ++i) events += piece(1, std::string(1'000, 'x'), "null");
  // Longer than anybody waits with choice 0: it is the answer, and what follows comes at once.
  CHECK(bench.answer(200, events, stream).text.size() == 100'000);
  CHECK(bench.log->end().outcome == Outcome::truncated);

  Bench cut;
  CHECK(cut.answer(200, piece(1, "half", "null"), stream).text.empty());
  CHECK(cut.log->end().outcome == Outcome::failed);

  Bench failed;
  failed.answer(200, piece(1, "half", "null") + R"(data: {"error":{"message":"gone"}})" + "\n\n",
                stream);
  CHECK(failed.log->text == "half");
  CHECK(failed.log->end().error->provider_message() == "gone");

  // The failure beside it is the answer's, and so is the usage.
  Bench beside;
  beside.answer(200,
                R"(data: {"choices":[{"index":1,"delta":{"content":""}}],"error":)"
                R"({"message":"quota gone","code":"insufficient_quota"}})"
                "\n\n",
                stream);
  CHECK(beside.log->end().error->code() == ErrorCode::quota_exhausted);

  Bench counted;
  counted.answer(200,
                 R"(data: {"choices":[{"index":1,"delta":{"content":"B"}}],"usage":)"
                 R"({"prompt_tokens":7,"completion_tokens":3}})"
                 "\n\n" +
                     piece(0, "A", "null") + kFinish,
                 stream);
  CHECK(counted.log->text == "A");
  CHECK(counted.log->usage.input_tokens == 7);
  CHECK(counted.log->usage.output_tokens == 3);
  CHECK(counted.log->lines.front().starts_with("start"));
}

TEST_CASE("a closing message that tells apart what its stream did not is no second text") {
  Bench bench;
  bench.config.options = R"({"think_open":true})";
  bench.answer(200,
               chunk("Hm.</think>Hi") +
                   R"(data: {"choices":[{"index":0,"message":{"reasoning_content":"Hm.",)"
                   R"("content":"Hi"},"finish_reason":"stop"}]})"
                   "\n\n",
               {{"content-type", "text/event-stream"}});
  CHECK(bench.log->text == "Hi");
}

TEST_CASE("a finish reason inside the message is read where there is none beside it") {
  const auto reason = [](const std::string& beside) {
    Bench bench;
    ReplyLog& log =
        bench.answer(200, R"({"choices":[{)" + beside +
                              R"("message":{"content":"Hi","finish_reason":"length"}}]})");
    return log.end().reason;
  };
  CHECK(reason("") == FinishReason::length);
  CHECK(reason(R"("finish_reason":null,)") == FinishReason::length);
  CHECK(reason(R"("finish_reason":"stop",)") == FinishReason::stop);
}

TEST_CASE("what Workers AI answers in its own manner is read where no reason for the end is due") {
  for (const std::string document :
       {R"({"result":{"response":"Hi","usage":{"prompt_tokens":9,"completion_tokens":2}}})",
        R"({"result":{"response_text":"Hi","usage":{"prompt_tokens":9,"completion_tokens":2}}})",
        R"({"response":"Hi","usage":{"prompt_tokens":9,"completion_tokens":2},"success":true})"}) {
    CAPTURE(document);
    Bench bench;
    bench.config.options = R"({"no_finish_reason":true})";
    ReplyLog& log = bench.answer(200, document);
    CHECK(log.end().outcome == Outcome::complete);
    CHECK(log.text == "Hi");
    CHECK(log.usage.output_tokens == 2);
    Bench other;
    CHECK(other.answer(200, document).text.empty());
  }
  for (const std::string response : {R"("response":null,)", ""}) {
    Bench calls;
    calls.config.options = R"({"no_finish_reason":true})";
    ReplyLog& log = calls.answer(
        200, R"({"result":{)" + response + R"("tool_calls":[{"name":"weather","arguments":)" +
                 R"({"city":"Oslo"}},{"name":"weather","arguments":{"city":"Bergen"}}]}})");
    CHECK(log.end().reason == FinishReason::tool_calls);
    REQUIRE(log.calls.size() == 2);
    CHECK(log.calls[1].arguments == R"({"city":"Bergen"})");
  }
}

TEST_CASE("a gateway's envelope without an answer fails no reply where its code says all is well") {
  const std::string words =
      R"(data: {"code":200,"message":"success","data":{"choices":[{"index":0,"delta":)"
      R"({"content":"Hi"},"finish_reason":"stop"}]}})"
      "\n\n";
  struct Closing {
    const char* frame;
    ErrorCode code;
    std::int64_t tokens;
  };
  for (const Closing& closing :
       {Closing{R"({"code":200,"message":"success","data":{"usage":{"completion_tokens":7}}})",
                ErrorCode::ok, 7},
        Closing{R"({"code":200,"message":"success","data":null})", ErrorCode::ok, 0},
        Closing{R"({"code":0,"message":"success","data":"[DONE]"})", ErrorCode::ok, 0},
        Closing{R"({"code":500,"message":"out of order","data":null})", ErrorCode::provider_error,
                0}}) {
    CAPTURE(closing.frame);
    Bench bench;
    ReplyLog& log = bench.answer(200, words + "data: " + closing.frame + "\n\ndata: [DONE]\n\n",
                                 {{"content-type", "text/event-stream"}});
    CHECK(log.text == "Hi");
    CHECK((log.end().error ? log.end().error->code() : ErrorCode::ok) == closing.code);
    if (closing.tokens > 0) CHECK(log.usage.output_tokens == closing.tokens);
  }
}

TEST_CASE("responses: a whole one without output is one where it has a text or its end") {
  const auto answer = [](const std::string& body) {
    Bench bench;
    bench.config.url = "openai_responses:m";
    ReplyLog& log = bench.answer(200, body);
    return std::pair(log.text, log.end());
  };
  const auto text = answer(R"({"status":"completed","output_text":"Hi","usage":null})");
  CHECK(text.first == "Hi");
  CHECK(text.second.reason == FinishReason::stop);
  const auto cut =
      answer(R"({"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}})");
  CHECK(cut.second.outcome == Outcome::complete);
  CHECK(cut.second.reason == FinishReason::length);
  CHECK(answer(R"({"status":"failed","error":null})").second.error->code() ==
        ErrorCode::provider_error);
  CHECK(answer(R"({"status":"queued"})").second.error->code() == ErrorCode::protocol);
}

TEST_CASE("responses: arguments that come as an object are the call's, in an event and a whole") {
  const std::string item =
      R"({"type":"function_call","id":"f","call_id":"t","name":"note","arguments":)"
      R"({"text":"say \"hi\"\n","n":[1]}})";
  const std::string closing =
      R"({"type":"response.completed","response":{"status":"completed","output":[]}})";
  const std::string bodies[] = {
      R"({"object":"response","status":"completed","output":[)" + item + "]}",
      R"(data: {"type":"response.output_item.done","output_index":0,"item":)" + item +
          "}\n\ndata: " + closing + "\n\n",
      R"(data: {"type":"response.output_item.added","output_index":0,"item":{"type":)"
      R"("function_call","id":"f","call_id":"t","name":"note","arguments":{}}})"
      "\n\n"
      R"(data: {"type":"response.function_call_arguments.done","output_index":0,"arguments":)"
      R"({"text":"say \"hi\"\n","n":[1]}})"
      "\n\ndata: " +
          closing + "\n\n"};
  for (const std::string& body : bodies) {
    CAPTURE(body);
    Bench bench;
    bench.config.url = "openai_responses:m";
    ReplyLog& log = bench.answer(
        200, body,
        {{"content-type", body.starts_with('{') ? "application/json" : "text/event-stream"}});
    CHECK(log.end().outcome == Outcome::complete);
    REQUIRE(log.calls.size() == 1);
    CHECK(log.calls[0].valid);
    CHECK(log.calls[0].arguments == R"({"text":"say \"hi\"\n","n":[1]})");
  }
}

TEST_CASE("responses: arguments that count in place of their pieces count for max_bytes") {
  const std::string call =
      R"(data: {"type":"response.output_item.added","output_index":0,"item":{"type":)"
      R"("function_call","id":"f","call_id":"t","name":"note","arguments":""}})"
      "\n\n";
  const auto ended = [&](const std::string& piece) {
    Bench bench;
    bench.config.url = "openai_responses:m";
    bench.request.max_bytes = 20;
    return bench
        .answer(200,
                call +
                    R"(data: {"type":"response.function_call_arguments.delta","output_index":0,)" +
                    R"("delta":")" + piece + "\"}\n\n" +
                    R"(data: {"type":"response.function_call_arguments.done","output_index":0,)"
                    R"("arguments":"{\"a\":\"12345678\"}"})"
                    "\n\n"
                    R"(data: {"type":"response.completed","response":{"status":"completed"}})"
                    "\n\n",
                {{"content-type", "text/event-stream"}})
        .lines.back();
  };
  CHECK(ended("x8Fq") == "done complete tool_calls raw=completed");
  CHECK(ended("x8Fq/0==") == "done truncated raw= error=too_large");
  // Said once more, they are there already.
  CHECK(ended(R"({\"a\":\"12345678\"})") == "done complete tool_calls raw=completed");
}

TEST_CASE("an error in an answer that says it is fine keeps the provider's words") {
  for (const char* document :
       {R"({"error":"no slot"})", R"({"error":{"message":"no slot","code":null}})",
        R"({"message":"no slot"})", R"({"detail":"no slot"})", R"({"error_msg":"no slot"})",
        R"({"detail":[{"loc":["body"],"msg":"no slot"}]})", R"([{"error":{"message":"no slot"}}])",
        R"({"object":"error","message":"no slot","code":40})",
        R"({"error":true,"message":"no slot"})",
        R"({"success":false,"errors":[{"code":7003,"message":"no slot"}]})",
        R"({"error":{"message":"{\"error\":{\"message\":\"no slot\"}}"}})"}) {
    CAPTURE(document);
    for (const char* url : {"openai:m", "openai_responses:m", "anthropic:m"}) {
      for (const char* type : {"application/json", "text/event-stream", "text/plain"}) {
        Bench bench;
        bench.config.url = url;
        const auto end = bench.answer(200, document, {{"content-type", type}}).end();
        CHECK(end.outcome == Outcome::failed);
        REQUIRE(end.error);
        CHECK(end.error->code() == ErrorCode::provider_error);
        CHECK(end.error->provider_message() == "no slot");
      }
    }
  }
}

TEST_CASE("a whole answer's message counts, whatever stands beside it") {
  for (const char* beside : {R"("delta":null)", R"("delta":{})", R"("delta":{"content":"left"})"}) {
    for (const bool first : {true, false}) {
      Bench bench;
      const std::string message = R"("message":{"content":"a"})";
      bench.answer(200, R"({"choices":[{)" +
                            (first ? message + "," + beside : std::string(beside) + "," + message) +
                            R"(,"finish_reason":"stop"}]})");
      CHECK(bench.log->text == "a");
    }
  }
}

TEST_CASE("what is not known is counted, and members that nobody reads are kept") {
  Bench chat;
  const auto& end =
      chat.answer(200,
                  R"({"model":"m","service_tier":"flex","choices":[{"message":{"content":"a",)"
                  R"("tool_calls":[{"type":"web_search","id":"ws_1"}]},"finish_reason":"stop"}]})")
          .end();
  CHECK(end.ignored == 1);
  CHECK(end.extra == R"({"service_tier":"flex"})");
  CHECK(end.reason == FinishReason::stop);
  Bench messages;
  messages.config.url = "anthropic:m";
  CHECK(messages
            .answer(200, R"({"type":"message","id":"1","model":"m","content":[{"type":"hologram"},)"
                         R"({"type":"text","text":"a"}],"stop_reason":"end_turn"})")
            .end()
            .ignored == 1);
  Bench responses;
  responses.config.url = "openai_responses:m";
  CHECK(responses
            .answer(200, R"({"object":"response","status":"completed","output":[{"type":)"
                         R"("web_search_call","id":"ws_1"},{"type":"message","content":[{"type":)"
                         R"("output_text","text":"a"}]}]})")
            .end()
            .ignored == 1);
}

TEST_CASE("an answer of the other kind than its head says is read by its first byte") {
  Bench stream;
  stream.answer(200, "\n" + chunk("a") + kFinish, {{"content-type", "application/json"}});
  CHECK(stream.log->end().outcome == Outcome::complete);
  CHECK(stream.log->text == "a");
  Bench plain;
  plain.answer(200, chunk("a") + kFinish, {{"content-type", "text/plain; charset=utf-8"}});
  CHECK(plain.log->text == "a");
  Bench picture;
  CHECK(picture.answer(200, chunk("a") + kFinish, {{"content-type", "image/png"}})
            .end()
            .error->code() == ErrorCode::protocol);
  Bench whole;
  whole.answer(200, R"({"choices":[{"message":{"content":"b"},"finish_reason":"stop"}]})",
               {{"content-type", "text/event-stream"}});
  CHECK(whole.log->end().outcome == Outcome::complete);
  CHECK(whole.log->text == "b");
}

TEST_CASE("an event stream that is none is a protocol error, a cut one is not") {
  const net::HttpFields events{{"content-type", "text/event-stream"}};
  for (const char* body : {"<html><body>Sign in</body></html>", "<p>\n<p>\n", "\x80\x81\xFF\n\n",
                           "{\"choices\":[]}\n", "colour: blue\n\n", "data : {}\n\n", "date"}) {
    CAPTURE(body);
    CHECK(error_of(200, body, events).code() == ErrorCode::protocol);
  }
  for (const char* body :
       {"", ": ping\n\n", "dat", "data: {\"choi", "id: 7\nretry: 5\n\n", "\n\n"}) {
    CAPTURE(body);
    CHECK(error_of(200, body, events).code() == ErrorCode::network);
  }
  // What was broken off is not judged.
  Bench broken;
  broken.http.answers.push_back(
      {.pieces = {"<p>\n"}, .end = {.error = Error::fixed(ErrorCode::timeout, "total")}});
  CHECK(broken.ask().end().error->code() == ErrorCode::timeout);
  // Such lines between events mean nothing.
  Bench bench;
  CHECK(bench.answer(200, chunk("a") + "colour: blue\n<p>\n\n" + kFinish, events).end().outcome ==
        Outcome::complete);
}

TEST_CASE("words where an event's JSON should stand are in the error") {
  const net::HttpFields events{{"content-type", "text/event-stream"}};
  for (const char* url :
       {"openai:m", "openai_responses:m", "anthropic:m", "gemini:m", "cohere:m"}) {
    CAPTURE(url);
    Bench named;
    named.config.url = url;
    const Error failure =
        *named.answer(200, "event: error\ndata: Upstream is away\n\n", events).end().error;
    CHECK(failure.code() == ErrorCode::provider_error);
    CHECK(failure.provider_message() == "Upstream is away");
    Bench bare;
    bare.config.url = url;
    const Error words = *bare.answer(200, "data: Internal Server Error\n\n", events).end().error;
    CHECK(words.code() == ErrorCode::protocol);
    CHECK(words.provider_message() == "Internal Server Error");
    CHECK(std::string(words.what()).find("not valid JSON: Internal") != std::string::npos);
  }
  Bench lines;
  lines.config.url = "ollama:m";
  lines.answer(200, "{\"message\":{\"content\":\"a\"}}\nInternal Server Error\n",
               {{"content-type", "application/x-ndjson"}});
  CHECK(lines.log->end().error->provider_message() == "Internal Server Error");
}

TEST_CASE("an error as bare JSON inside a stream is the provider's") {
  Bench bench;
  bench.answer(200, chunk("Half") + "{\"error\":{\"message\":\"slot failed\",\"code\":500}}\n",
               {{"content-type", "text/event-stream"}});
  CHECK(bench.log->text == "Half");
  CHECK(bench.log->end().error->code() == ErrorCode::provider_error);
  CHECK(std::string(bench.log->end().error->what()).find("slot failed") != std::string::npos);
}

TEST_CASE("a byte-order mark before any kind of body changes nothing, wherever it is cut") {
  const std::string mark = "\xEF\xBB\xBF";
  const std::string whole = R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]})";
  const std::string stream = chunk("Hi") + kFinish;
  for (const char* type : {"application/json", "text/event-stream", "text/plain", ""}) {
    for (const std::string& body : {whole, stream}) {
      for (std::size_t cut = 0; cut <= 4; ++cut) {
        CAPTURE(type);
        CAPTURE(cut);
        Bench bench;
        const std::string bytes = mark + body;
        bench.http.answers.push_back({.status = 200,
                                      .headers = {{"content-type", type}},
                                      .pieces = {bytes.substr(0, cut), bytes.substr(cut)}});
        CHECK(bench.ask().text == "Hi");
        CHECK(bench.log->end().outcome == Outcome::complete);
      }
    }
  }
  Bench lines;
  lines.config.url = "ollama:m";
  lines.answer(200,
               mark + R"({"message":{"content":"Hi"},"done":true,"done_reason":"stop"})"
                      "\n",
               {{"content-type", "application/x-ndjson"}});
  CHECK(lines.log->text == "Hi");
  CHECK(lines.log->end().outcome == Outcome::complete);
  CHECK(error_of(429, mark + R"({"error":{"message":"m","code":"insufficient_quota"}})").code() ==
        ErrorCode::quota_exhausted);
}

TEST_CASE("what only begins like a byte-order mark is read") {
  Bench bench;
  bench.http.answers.push_back({.status = 200,
                                .headers = {{"content-type", "text/html"}},
                                .pieces = {"\xEF", "\xBC\x81 away"}});
  const Error error = *bench.ask().end().error;
  CHECK(std::string(error.what()).find("\xEF\xBC\x81 away") != std::string::npos);
}

TEST_CASE("counts of tokens that no call can have are as good as none") {
  for (const char* count : {"-100000", "2000000000000", "9223372036854775807"}) {
    CAPTURE(count);
    Bench bench;
    const std::string usage =
        std::string(R"("usage":{"prompt_tokens":)") + count +
        R"(,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":)" + count + "}}";
    bench.answer(
        200, R"({"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],)" + usage + "}");
    CHECK(bench.log->end().outcome == Outcome::complete);
    CHECK_FALSE(bench.log->usage.input_tokens);
    CHECK_FALSE(bench.log->usage.cached_input_tokens);
    CHECK(bench.log->usage.output_tokens == 3);
  }
}

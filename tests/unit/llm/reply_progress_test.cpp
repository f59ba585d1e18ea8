// What a reply's start says, whichever names the service gives.
#include "llm/reply_progress.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace scena;
using namespace scena::llm;

namespace {

class StartOnly final : public ReplySink {
 public:
  void on_start(const ReplyStart& start) override { started = start; }
  void on_text(std::string_view) override {}
  void on_done(const ReplyEnd&) override {}

  std::optional<ReplyStart> started;
};

ReplyStart start_of(std::string_view asked, std::string_view named) {
  const auto sink = std::make_shared<StartOnly>();
  ReplyProgress reply(sink, "openai", 1'000);
  reply.set_asked_model(asked);
  reply.start(named, "r1");
  REQUIRE(sink->started);
  return *sink->started;
}

}  // namespace

TEST_CASE("a reply's start says what was asked for beside the model that answers") {
  const ReplyStart start = start_of("gpt-4o", "gpt-4o-2024-08-06");
  CHECK(start.model == "gpt-4o-2024-08-06");
  CHECK(start.asked_model == "gpt-4o");
  CHECK(start.provider == "openai");
  CHECK(start.request_id == "r1");
}

TEST_CASE("a reply whose service names no model is of the one that was asked for") {
  const ReplyStart start = start_of("llama3.1", "");
  CHECK(start.model == "llama3.1");
  CHECK(start.asked_model == "llama3.1");
}

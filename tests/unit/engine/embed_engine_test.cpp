#include <doctest/doctest.h>

#include <thread>

#include "engine_fixture.hpp"
#include "tool_fixture.hpp"

using namespace scena;
using namespace scena::test;

namespace {

// Answers with the lengths of the texts, at once or when asked to.
struct LengthEmbedder final : Embedder {
  EmbeddingRequest seen;
  Done waiting;
  std::stop_token stop;
  bool hold = false;

  std::string_view name() const noexcept override { return "lengths"; }
  void start(EmbeddingRequest request, Done done, std::stop_token token) override {
    seen = std::move(request);
    stop = std::move(token);
    waiting = std::move(done);
    if (!hold) std::thread([this] { answer(); }).join();
  }
  void answer() {
    Embeddings result{.model = "lengths-1", .dimensions = 1};
    for (const auto& text : seen.texts) result.values.push_back(static_cast<float>(text.size()));
    waiting(std::move(result));
  }
};

struct World {
  std::shared_ptr<LengthEmbedder> embedder = std::make_shared<LengthEmbedder>();
  Dependencies dependencies;

  World() { dependencies.embedders["lengths"] = embedder; }
  Engine open() { return Engine::open(scripted(), dependencies); }
};

}  // namespace

TEST_CASE("embed gives the vectors of a host's own embedder on the engine's thread") {
  World world;
  Engine engine = world.open();
  const auto pending = engine.embed("lengths", {.texts = {"a", "bcd"}});
  CHECK_FALSE(pending.ready());
  std::thread::id caller;
  pending.then([&](const Result<Embeddings>&) { caller = std::this_thread::get_id(); });
  const Embeddings result = pending.get();
  CHECK(result.values == std::vector<float>{1, 3});
  CHECK(result.model == "lengths-1");
  CHECK(caller == std::this_thread::get_id());
  CHECK(world.embedder->seen.context.purpose == Purpose::embedding);
  CHECK(world.embedder->seen.context.tenant == "default");
}

TEST_CASE("embed fails for providers without embeddings, unknown ones and after close") {
  World world;
  world.dependencies.providers["mine"] = std::make_shared<AskingModel>(std::vector<AskedReply>{});
  Engine engine = world.open();
  const auto code = [&](std::string_view provider) {
    return code_of([&] { engine.embed(provider, {.texts = {"a"}}).get(); });
  };
  CHECK(code("") == ErrorCode::unsupported);
  CHECK_THROWS_WITH(engine.embed("mine", {.texts = {"a"}}).get(),
                    "provider \"mine\" is the host's own and gives no embeddings; give the engine "
                    "an embedder of that name");
  CHECK(code("nonsense:m") == ErrorCode::invalid_argument);
  CHECK(code("openai:text-embedding-3-small") == ErrorCode::unauthenticated);
  engine.close();
  CHECK(code("lengths") == ErrorCode::closed);
}

TEST_CASE("closing the engine asks embeddings under way to stop, and they end") {
  World world;
  world.embedder->hold = true;
  Engine engine = world.open();
  const auto pending = engine.embed("lengths", {.texts = {"a"}});
  engine.poll();
  CHECK_FALSE(world.embedder->stop.stop_requested());
  engine.close();
  CHECK(world.embedder->stop.stop_requested());
  world.embedder->waiting = nullptr;
  REQUIRE(pending.ready());
  CHECK(pending.wait(std::chrono::milliseconds(0)).error().code() == ErrorCode::closed);
}

// A model of the host's own: here it says every message backwards, word by word.
#include <iostream>
#include <scena/engine.hpp>
#include <sstream>
#include <thread>

namespace {

/// Replies come from a thread, as those of a local model would; the engine queues them.
class BackwardsProvider final : public scena::Provider {
 public:
  ~BackwardsProvider() override {
    for (auto& thread : threads_) thread.join();
  }

  std::string_view name() const noexcept override { return "backwards"; }

  void start(std::shared_ptr<const scena::ReplyRequest> request,
             std::shared_ptr<scena::ReplySink> sink, std::stop_token stop) override {
    threads_.emplace_back([request = std::move(request), sink = std::move(sink), stop] {
      sink->on_start({.provider = "backwards", .model = "mirror-1", .request_id = {}});
      std::istringstream words(request->messages.back().text);
      std::string word, space;
      while (words >> word && !stop.stop_requested()) {
        sink->on_text(space + std::string(word.rbegin(), word.rend()));
        sink->on_flush();
        space = " ";
      }
      // Exactly once and last, also for a reply that was cancelled.
      const auto outcome =
          stop.stop_requested() ? scena::Outcome::cancelled : scena::Outcome::complete;
      sink->on_done({outcome, scena::FinishReason::stop, "stop", std::nullopt});
    });
  }

  scena::Result<std::string> request_body(const scena::ReplyRequest& request) const override {
    return "{\"words_of\":" + std::to_string(request.messages.size()) + "}";
  }

 private:
  std::vector<std::thread> threads_;  // one engine thread at most calls start() here (threads = 0)
};

}  // namespace

int main() try {
  scena::Config config;
  config.provider = "backwards";
  scena::Dependencies dependencies;
  dependencies.providers["backwards"] = std::make_shared<BackwardsProvider>();
  auto engine = scena::Engine::open(config, std::move(dependencies));

  auto session = engine.create_session("doctor-patient");
  const auto result = session.send_wait("desserts live");
  std::cout << result.text << "\n";
  return result.text == "stressed evil" ? 0 : 1;
} catch (const scena::Error& error) {
  std::cerr << "scena: " << error.what() << "\n";
  return 1;
}

#include "simulation/wire_services.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/json.hpp"

namespace scena::test {
namespace {

using std::chrono::milliseconds;

constexpr const char* kHosts[] = {"chat.test", "messages.test"};

fault::FaultOptions options_of(const std::string& text) {
  return fault::parse_fault_options(text).value_or_throw();
}

std::optional<std::string> text_of(const std::string& answer) {
  const auto body = parse_json(std::string_view(answer).substr(answer.find("\r\n\r\n") + 4));
  if (!body || !body->is_object()) return std::nullopt;
  if (body->contains("choices")) {
    const Json& content = body->at("choices").at(0).at("message").at("content");
    return content.is_string() ? content.get<std::string>() : std::string();
  }
  if (!body->contains("content")) return std::nullopt;
  std::string text;
  for (const Json& block : body->at("content")) text += block.value("text", "");
  return text;
}

}  // namespace

WireServices::WireServices(std::uint64_t seed, Defect defect)
    : seed_(seed),
      defect_(defect),
      random_(seed ^ 0x31e7),
      faults_(options_of(
          R"({"random":{"ok":76,"429":3,"503":3,"529":1,"cut_after=4":3,"cut_byte=300":2,"stall_after=3":2,)"
          R"("stall_head":1,"error_after=2":3,"reset_after=1":2,"bad_json_after=2":1,"drip@20ms":3},"seed":)" +
          std::to_string(seed & 0xffff) + "}")),
      sound_(options_of(R"({"steps":["ok"]})")) {}

void WireServices::configure(Config& config) {
  config.providers["wire"].url = "openai+http://chat.test/v1";
  config.providers["claude"].url = "anthropic+http://messages.test";
  for (const char* name : {"wire", "claude"}) {
    config.providers[name].api_key = "key";
    config.providers[name].model = "a-model";
  }
}

bool WireServices::is_ours(std::string_view provider) noexcept {
  return provider == "openai" || provider == "anthropic";
}

std::shared_ptr<net::Network> WireServices::network(net::Loop& loop) {
  loop_ = &loop;
  auto network = std::make_shared<net::SimNetwork>(loop, seed_ * 1'000 + ++networks_);
  network_ = network;
  calm();
  return network;
}

void WireServices::listen(net::SimLink link) {
  const auto network = network_.lock();
  if (!network) return;
  for (const char* host : kHosts) {
    network->listen(host, 80,
                    net::sim_http_server([this, loop = loop_](const auto& asked, const auto& peer) {
                      serve(asked, peer, *loop);
                    }),
                    link);
  }
}

void WireServices::calm() {
  listen({.connect = milliseconds(1), .latency = milliseconds(2)});
}

void WireServices::shake() {
  net::SimLink link{.connect = milliseconds(1 + random_.below(200)),
                    .latency = milliseconds(random_.below(50)),
                    .jitter = milliseconds(random_.below(50)),
                    .max_piece = random_.below(2) * (1 + random_.below(40))};
  link.refuses = random_.below(6) == 0;
  link.silent = random_.below(6) == 0;
  listen(link);
}

void WireServices::serve(const net::SimHttpRequest& asked,
                         const std::shared_ptr<net::SimPeer>& peer, net::Loop& loop) {
  const fault::FaultHttpRequest request{asked.method, asked.target, asked.headers, asked.body};
  const std::uint64_t call = fault::takes_step(request) ? calls_++ : requests_;
  ++requests_;
  remember_text(request, call);
  play(fault::answer(request, {.options = faults_, .api_key = {}, .call = call, .seed = seed_}),
       peer, loop);
}

// What a sound answer to the same call would say as one document.
void WireServices::remember_text(fault::FaultHttpRequest request, std::uint64_t call) {
  auto body = parse_json(request.body);
  if (!body || !body->is_object()) return;
  body->erase("stream_options");
  (*body)["stream"] = false;
  request.body = dump_json(*body);
  const auto whole =
      fault::answer(request, {.options = sound_, .api_key = {}, .call = call, .seed = seed_});
  if (auto text = text_of(whole.bytes())) texts_.insert(std::move(*text));
}

void WireServices::play(fault::FaultAnswer answer, const std::shared_ptr<net::SimPeer>& peer,
                        net::Loop& loop) {
  auto& pieces = answer.pieces;
  const bool loses = defect_ == Defect::lose_piece && pieces.size() > 6 && random_.below(10) == 0;
  if (loses) pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(pieces.size() / 2));
  Duration wait{};
  for (auto& piece : pieces) {
    wait += piece.wait;
    peer->send_after(wait, std::move(piece.bytes));
  }
  if (answer.ending != fault::FaultEnding::close && answer.ending != fault::FaultEnding::reset)
    return;
  loop.after(wait, [peer, resets = answer.ending == fault::FaultEnding::reset] {
    resets ? peer->reset() : peer->end();
  });
}

}  // namespace scena::test

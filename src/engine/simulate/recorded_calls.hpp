#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/loop.hpp"
#include "net/tape.hpp"
#include "net/tape_transport.hpp"

namespace scena::engine {

/// A call to a model as a tape has it: its tries, one exchange each.
struct RecordedCall {
  std::string kind;  ///< Of its provider: "openai", "anthropic", ...
  std::vector<const net::TapeExchange*> tries;
};

/// Puts exchanges that carry the same request and call id together. Exchanges of unknown services
/// are left out.
std::vector<RecordedCall> recorded_calls(const net::Tape& tape);

/// The model that a request names in its path, as Gemini's do; empty: none.
std::string model_in_path(const net::TapeRequest& request);

/// Takes the network's place: the service of the present call answers with what that call met, try
/// by try, and after that with what it did in the calls that follow; another service, which a
/// policy turns to, with what it did in those.
class RecordedService final : public net::HttpTransport {
 public:
  /// Loop and calls outlive this object.
  RecordedService(net::Loop& loop, const std::vector<RecordedCall>& calls)
      : loop_(loop), calls_(calls) {}

  /// The call whose tries come next.
  void begin(std::size_t call) {
    call_ = call;
    tries_.clear();
    players_.clear();
  }
  std::size_t requests() const noexcept { return requests_; }

  void start(net::HttpRequest request, std::shared_ptr<net::HttpSink> sink,
             std::stop_token stop) override;

 private:
  const net::TapeExchange& next(const std::string& kind);

  net::Loop& loop_;
  const std::vector<RecordedCall>& calls_;
  std::vector<std::unique_ptr<net::TapePlayer>> players_;
  std::size_t call_ = 0;
  std::map<std::string, std::size_t> tries_;  // of the present call, by service
  std::size_t requests_ = 0;
};

}  // namespace scena::engine

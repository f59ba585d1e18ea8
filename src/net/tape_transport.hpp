#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_function.hpp"
#include "net/http.hpp"
#include "net/tape.hpp"

namespace scena::net {

class Loop;

/// Takes the lines of a tape, each with its LF; false: it could not be written.
using TapeWriter = UniqueFunction<bool(std::string_view line)>;

/// Appends to a file made new with mode 0600; exists already: ErrorCode::already_exists.
Result<TapeWriter> open_tape_file(const std::string& path);

/// An HttpTransport around another that writes each exchange to a tape as it happens. Exchanges
/// themselves are not changed. When a line cannot be written the tape ends there: exchanges under
/// way go on, later ones are refused with storage_failed, since they would be missing from it.
///
/// Threading: all calls on the thread of `loop`; it and `inner` outlive this object and every
/// exchange.
class TapeRecorder final : public HttpTransport {
 public:
  /// `on_failure` is called once, when a line could not be written.
  TapeRecorder(HttpTransport& inner, Loop& loop, TapeWriter writer, Task on_failure = {});

  void start(HttpRequest request, std::shared_ptr<HttpSink> sink, std::stop_token stop) override;

 private:
  class Recording;
  struct State {
    TapeWriter writer;
    Task on_failure;
    bool failed = false;
    std::size_t exchanges = 0;
    void write(std::string line);
  };

  HttpTransport& inner_;
  Loop& loop_;
  std::shared_ptr<State> state_;  // outlives the recorder while exchanges run
  TimePoint began_;
};

/// An HttpTransport that plays a tape in the network's place: same heads, same pieces, same ends.
///
/// A request gets the first exchange not yet played whose method, URL and body are its own; when
/// there is none it fails with ErrorCode::not_found and says what the tape has next. Headers are
/// not compared, so that another key may be used.
///
/// Threading: all calls on the thread of `loop`, which outlives this object.
class TapePlayer final : public HttpTransport {
 public:
  /// How time passes: `speed` 1 as recorded, 1000 a thousand times faster, 0 as fast as possible.
  struct Pace {
    double speed = 1;
    bool by_steps = false;  ///< Nothing happens until step() is called.
  };

  TapePlayer(Loop& loop, Tape tape, Pace pace);
  ~TapePlayer() override;

  void start(HttpRequest request, std::shared_ptr<HttpSink> sink, std::stop_token stop) override;

  /// With `by_steps`: delivers the next head, piece or end of the exchange that waits longest.
  /// False when none waits.
  bool step();
  /// Exchanges that no request has asked for yet.
  std::size_t left() const noexcept;

 private:
  class Playing;

  std::size_t find(const HttpRequest& request) const;
  std::string mismatch(const HttpRequest& request) const;

  Loop& loop_;
  std::shared_ptr<const Tape> tape_;
  Pace pace_;
  std::vector<bool> played_;
  std::size_t first_unplayed_ = 0;
  std::deque<std::shared_ptr<Playing>> waiting_;  // by_steps only
};

}  // namespace scena::net

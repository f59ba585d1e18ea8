#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/http.hpp"
#include "net/loop.hpp"

namespace scena::test {

/// One scripted answer: a head, pieces as they are read, and how it ends.
struct FakeAnswer {
  int status = 200;
  net::HttpFields headers = {{"Content-Type", "text/event-stream"}};
  std::vector<std::string> pieces;
  net::HttpEnd end = {.complete = true, .got_head = true};
  Duration step{};       ///< Time before the head and before each piece.
  bool endless = false;  ///< After the last piece nothing comes until the exchange is stopped.

  static FakeAnswer failing(Error error) {
    FakeAnswer answer;
    answer.status = 0;
    answer.end = {.error = std::move(error)};
    return answer;
  }
};

/// An HttpTransport that plays scripted answers in the order of the requests, on the loop.
class FakeTransport final : public net::HttpTransport {
 public:
  explicit FakeTransport(net::Loop& loop) : loop_(loop) {}

  std::deque<FakeAnswer> answers;
  std::vector<net::HttpRequest> requests;
  int stopped = 0;  ///< Exchanges ended by a stop request.

  void start(net::HttpRequest request, std::shared_ptr<net::HttpSink> sink,
             std::stop_token stop) override {
    requests.push_back(std::move(request));
    FakeAnswer answer;
    if (answers.empty()) {
      answer = FakeAnswer::failing(Error::fixed(ErrorCode::internal, "no scripted answer left"));
    } else {
      answer = std::move(answers.front());
      answers.pop_front();
    }
    auto run =
        std::make_shared<Run>(Run{*this, std::move(answer), std::move(sink), std::move(stop)});
    next(run);
  }

 private:
  struct Run {
    FakeTransport& transport;
    FakeAnswer answer;
    std::shared_ptr<net::HttpSink> sink;
    std::stop_token stop;
    std::size_t step = 0;
  };

  void next(const std::shared_ptr<Run>& run) {
    auto task = [this, run] { advance(run); };
    if (run->answer.step > Duration::zero()) {
      loop_.after(run->answer.step, task);
    } else {
      loop_.post(task);
    }
  }

  void advance(const std::shared_ptr<Run>& run) {
    FakeAnswer& answer = run->answer;
    if (run->stop.stop_requested()) {
      ++stopped;
      return run->sink->on_end(
          {.error = Error::fixed(ErrorCode::cancelled, "cancelled"), .got_head = run->step > 0});
    }
    const std::size_t step = run->step++;
    if (step == 0 && answer.status != 0) {
      run->sink->on_head({answer.status, answer.headers});
    } else if (answer.status != 0 && step - 1 < answer.pieces.size()) {
      // Exactly as large as the contract says, so that a read beyond it shows under
      // AddressSanitizer.
      std::vector<char> padded(answer.pieces[step - 1].begin(), answer.pieces[step - 1].end());
      padded.resize(padded.size() + 64, '"');
      run->sink->on_body({padded.data(), answer.pieces[step - 1].size()});
      run->sink->on_flush();
    } else if (!answer.endless) {
      return run->sink->on_end(answer.end);
    }
    next(run);
  }

  net::Loop& loop_;
};

}  // namespace scena::test

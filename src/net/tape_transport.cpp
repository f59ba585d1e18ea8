#include "net/tape_transport.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/secret.hpp"
#include "net/loop.hpp"
#include "net/stop_on_loop.hpp"

namespace scena::net {
namespace {

constexpr std::size_t kPadding = 64;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  bool write(std::string_view bytes) const noexcept {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

 private:
  int descriptor_;
};

}  // namespace

Result<TapeWriter> open_tape_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    if (errno == EEXIST) {
      return Error(ErrorCode::already_exists,
                   fmt::format("tape \"{}\" exists; choose another name or remove it", path));
    }
    return Error(ErrorCode::storage_failed,
                 fmt::format("tape \"{}\" cannot be written; check folder and rights", path));
  }
  return TapeWriter(
      [file = Descriptor(descriptor)](std::string_view line) { return file.write(line); });
}

void TapeRecorder::State::write(std::string line) {
  if (failed) return;
  line += '\n';
  failed = !writer(line);
  if (failed && on_failure) on_failure();
}

namespace {

constexpr std::size_t kShortestSecret = 8;

// What an answer must not show: the values of the request's secret fields, also without the word in
// front ("Bearer"), and those of the URL's.
std::vector<Secret> secrets_of(const HttpRequest& request) {
  std::vector<Secret> secrets;
  for (const auto& [name, value] : request.headers) {
    if (!tape::is_secret_field(name, request.secret_headers)) continue;
    const std::string_view last = value.reveal().substr(value.reveal().rfind(' ') + 1);
    if (last.size() >= kShortestSecret) secrets.emplace_back(last);
  }
  if (request.url_secret.reveal().size() >= kShortestSecret) secrets.push_back(request.url_secret);
  for (const auto value : tape::secret_query_values(request.url.reveal())) {
    if (value.size() >= kShortestSecret) secrets.emplace_back(value);
  }
  return secrets;
}

// Same length: chunks and offsets of the recording stay as they were.
void hide(std::string& bytes, const std::vector<Secret>& secrets) {
  for (const Secret& secret : secrets) {
    const std::string_view text = secret.reveal();
    for (auto at = bytes.find(text); at != bytes.npos; at = bytes.find(text, at))
      bytes.replace(at, text.size(), text.size(), '*');
  }
}

}  // namespace

// The sink of one recorded exchange. A piece waits for what follows it, which tells whether it was
// the last of its read.
class TapeRecorder::Recording final : public HttpSink {
 public:
  Recording(std::shared_ptr<State> state, const Loop& loop, std::size_t number,
            std::vector<Secret> secrets, std::shared_ptr<HttpSink> sink)
      : state_(std::move(state)),
        loop_(loop),
        number_(number),
        secrets_(std::move(secrets)),
        sink_(std::move(sink)),
        began_(loop.now()) {}

  void on_head(const HttpHead& head) override {
    state_->write(tape::head_line(number_, time(), head));
    sink_->on_head(head);
  }
  void on_body(std::string_view bytes) override {
    write_pending();
    if (!state_->failed) pending_ = TapePiece{time(), std::string(bytes), false};
    sink_->on_body(bytes);
  }
  void on_flush() override {
    if (pending_) pending_->flush = true;
    write_pending();
    sink_->on_flush();
  }
  void on_end(const HttpEnd& end) override {
    write_pending();
    state_->write(tape::end_line(number_, time(), end));
    sink_->on_end(end);
  }

 private:
  std::chrono::microseconds time() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(loop_.now() - began_);
  }
  void write_pending() {
    if (!pending_) return;
    hide(pending_->bytes, secrets_);
    state_->write(tape::body_line(number_, *pending_));
    pending_.reset();
  }

  std::shared_ptr<State> state_;
  const Loop& loop_;
  std::size_t number_;
  std::vector<Secret> secrets_;
  std::shared_ptr<HttpSink> sink_;
  TimePoint began_;
  std::optional<TapePiece> pending_;
};

TapeRecorder::TapeRecorder(HttpTransport& inner, Loop& loop, TapeWriter writer, Task on_failure)
    : inner_(inner),
      loop_(loop),
      state_(std::make_shared<State>(State{std::move(writer), std::move(on_failure)})),
      began_(loop.now()) {
  state_->write(tape::header_line());
}

void TapeRecorder::start(HttpRequest request, std::shared_ptr<HttpSink> sink,
                         std::stop_token stop) {
  if (state_->failed) {
    return loop_.post([sink = std::move(sink)] {
      sink->on_end({.error = Error::fixed(ErrorCode::storage_failed,
                                          "the tape cannot be written any further, so nothing more "
                                          "is asked; free its disk, or record a new one"),
                    .unsent = true});
    });
  }
  const std::size_t number = ++state_->exchanges;
  const auto at = std::chrono::duration_cast<std::chrono::microseconds>(loop_.now() - began_);
  state_->write(tape::request_line(number, at, request));
  auto recording =
      std::make_shared<Recording>(state_, loop_, number, secrets_of(request), std::move(sink));
  inner_.start(std::move(request), std::move(recording), std::move(stop));
}

// One exchange being played: head, pieces, end, each at its time or step.
class TapePlayer::Playing final : public std::enable_shared_from_this<Playing> {
 public:
  Playing(Loop& loop, std::shared_ptr<const Tape> tape, std::size_t index, Pace pace,
          std::shared_ptr<HttpSink> sink, std::stop_token stop)
      : loop_(loop),
        tape_(std::move(tape)),
        exchange_(tape_->exchanges[index]),
        pace_(pace),
        began_(loop.now()),
        sink_(std::move(sink)),
        stop_(std::move(stop)) {}

  void run() {
    if (!pace_.by_steps) schedule();
    wake_.watch(stop_, weak_from_this(), loop_);
  }

  bool done() const noexcept { return sink_ == nullptr; }

  void deliver() {
    timer_ = 0;
    if (done()) return;
    if (stop_.stop_requested()) return cancel();
    const std::size_t pieces = exchange_.pieces.size();
    if (exchange_.head && !head_delivered_) {
      head_delivered_ = true;
      sink_->on_head(*exchange_.head);
    } else if (next_piece_ < pieces) {
      deliver_piece(exchange_.pieces[next_piece_++]);
    } else {
      return end(exchange_.end);
    }
    if (!pace_.by_steps) schedule();
  }

 private:
  void deliver_piece(const TapePiece& piece) {
    padded_.assign(piece.bytes);
    padded_.append(kPadding, '\0');
    sink_->on_body(std::string_view(padded_).substr(0, piece.bytes.size()));
    if (piece.flush) sink_->on_flush();
  }

  void cancel() {
    if (done()) return;
    end({.error = Error::fixed(ErrorCode::cancelled, "cancelled"), .got_head = head_delivered_});
  }

  void end(const HttpEnd& how) {
    if (timer_ != 0) loop_.cancel(timer_);
    timer_ = 0;
    wake_.forget();
    std::exchange(sink_, nullptr)->on_end(how);
  }

  std::chrono::microseconds next_time() const {
    if (exchange_.head && !head_delivered_) return exchange_.head_time;
    return next_piece_ < exchange_.pieces.size() ? exchange_.pieces[next_piece_].time
                                                 : exchange_.end_time;
  }

  void schedule() {
    auto task = [self = shared_from_this()] { self->deliver(); };
    if (!(pace_.speed > 0)) return loop_.post(std::move(task));
    const auto scaled =
        static_cast<std::int64_t>(static_cast<double>(next_time().count()) / pace_.speed);
    timer_ = loop_.at(began_ + std::chrono::microseconds(scaled), std::move(task));
  }

  Loop& loop_;
  std::shared_ptr<const Tape> tape_;
  const TapeExchange& exchange_;
  Pace pace_;
  TimePoint began_;
  std::shared_ptr<HttpSink> sink_;
  std::stop_token stop_;
  StopOnLoop<Playing, &Playing::cancel> wake_;
  TimerId timer_ = 0;
  bool head_delivered_ = false;
  std::size_t next_piece_ = 0;
  std::string padded_;
};

TapePlayer::TapePlayer(Loop& loop, Tape tape, Pace pace)
    : loop_(loop),
      tape_(std::make_shared<const Tape>(std::move(tape))),
      pace_(pace),
      played_(tape_->exchanges.size()) {
  // Slower than a hundredth would carry the times of a long tape out of the clock's range.
  if (pace_.speed > 0) pace_.speed = std::max(pace_.speed, 0.01);
}

TapePlayer::~TapePlayer() = default;

void TapePlayer::start(HttpRequest request, std::shared_ptr<HttpSink> sink, std::stop_token stop) {
  const std::size_t index = find(request);
  if (index == played_.size()) {
    HttpEnd end{.error = Error(ErrorCode::not_found, mismatch(request))};
    loop_.post([sink = std::move(sink), end = std::move(end)] { sink->on_end(end); });
    return;
  }
  played_[index] = true;
  while (first_unplayed_ < played_.size() && played_[first_unplayed_]) ++first_unplayed_;
  auto playing =
      std::make_shared<Playing>(loop_, tape_, index, pace_, std::move(sink), std::move(stop));
  if (pace_.by_steps) waiting_.push_back(playing);
  playing->run();
}

std::size_t TapePlayer::find(const HttpRequest& request) const {
  const std::string url = tape::taped_url(request);
  for (std::size_t i = first_unplayed_; i < played_.size(); ++i) {
    const TapeRequest& taped = tape_->exchanges[i].request;
    if (!played_[i] && taped.method == request.method && taped.url == url &&
        taped.body == request.body)
      return i;
  }
  return played_.size();
}

std::string TapePlayer::mismatch(const HttpRequest& request) const {
  const std::string url = tape::taped_url(request);
  std::string text = fmt::format("the tape has no unplayed exchange for {} {} with this body",
                                 request.method, url);
  if (first_unplayed_ == played_.size()) return text + "; all were played";
  const TapeExchange& next = tape_->exchanges[first_unplayed_];
  return text + fmt::format("; the next one is {} {} in line {}{}", next.request.method,
                            next.request.url, next.line,
                            next.request.url == url ? ", its body differs" : "");
}

bool TapePlayer::step() {
  while (!waiting_.empty() && waiting_.front()->done()) waiting_.pop_front();
  if (waiting_.empty()) return false;
  const auto playing = waiting_.front();
  playing->deliver();
  return true;
}

std::size_t TapePlayer::left() const noexcept {
  std::size_t count = 0;
  for (std::size_t i = first_unplayed_; i < played_.size(); ++i) count += !played_[i];
  return count;
}

}  // namespace scena::net

#include <doctest/doctest.h>

#include <deque>

#include "base/id.hpp"
#include "bus/viewer_queue.hpp"
#include "items.hpp"

using namespace scena;

namespace {

// What really happened in a session: the naive reference that every reader is compared with.
struct Truth {
  std::uint64_t seq = 0;
  int turn = 0;
  bool running = false;
  std::string text;                // Of the running turn.
  std::vector<std::string> types;  // Of the durable events; types[0] has seq 1.
  std::vector<bool> hidden;

  BusItem durable(std::string type, bool hide = false) {
    types.push_back(type);
    hidden.push_back(hide);
    return test::event(++seq, std::move(type), "{}",
                       hide ? Audience{Audience::Kind::hosts, {}} : Audience{});
  }
  std::string turn_id() const { return "t" + std::to_string(turn); }
};

// A reader that checks every event against the truth and reopens where `lagged` says.
class Reader {
 public:
  Reader(const Truth& truth, Random& random) : truth_(truth), random_(random) { open({}); }

  void push(const BusItem& item) { queue_->push(item); }

  void read(std::size_t most) {
    Event out;
    for (std::size_t i = 0; i < most; ++i) {
      if (!(random_.below(2) ? queue_->next(out) : queue_->next_batch(out))) return;
      if (out.type == "lagged") {
        ++lags_;
        reopen(out);
      } else {
        check(out);
        CHECK(queue_->cursor().to_string() == place().to_string());
      }
    }
  }

  bool is_caught_up() const {
    std::uint64_t last = truth_.seq;
    while (last > 0 && truth_.hidden[last - 1]) --last;
    return durable_ == last && (!truth_.running || text_ == truth_.text);
  }
  std::size_t lags() const { return lags_; }
  std::uint64_t merged() const { return queue_->merged() + merged_; }

 private:
  Cursor place() const { return {seq_, offset_}; }

  void open(Cursor cursor) {
    queue_ = std::make_unique<ViewerQueue>(ViewerOptions{.participant = "bob",
                                                         .role = "player",
                                                         .max_events = 1 + random_.below(12),
                                                         .max_bytes = 1 + random_.below(200),
                                                         .cursor = cursor});
  }

  // As the engine does: durable events after the cursor, then the running text from its offset.
  void reopen(const Event& lagged) {
    const auto data = lagged.data.substr(11, lagged.data.size() - 13);
    const Cursor cursor = *Cursor::parse(data);
    CHECK(cursor.to_string() == place().to_string());
    merged_ += queue_->merged();
    for (std::uint64_t seq = cursor.seq + 1; seq <= truth_.seq; ++seq) {
      if (truth_.hidden[seq - 1]) continue;
      check(*test::event(seq, truth_.types[seq - 1]).event);
    }
    open(place());
    if (!truth_.running) return text_.clear();
    const std::uint64_t from = turn_ == truth_.turn_id() ? cursor.offset.value_or(0) : 0;
    if (from == truth_.text.size()) return;
    auto batch = std::make_shared<DeltaBatch>();
    batch->envelope = test::envelope(truth_.turn_id());
    batch->seq = truth_.seq;
    batch->start = from;
    batch->add(truth_.text.substr(from));
    queue_->push(BusItem(std::shared_ptr<const DeltaBatch>(batch)));
    Event out;
    while (queue_->next(out)) check(out);
  }

  void check(const Event& out) {
    if (out.type == "delta") {
      if (turn_ != out.turn) text_.clear();
      turn_ = out.turn;
      CHECK(out.off == text_.size());
      text_ += out.text;
      if (out.turn == truth_.turn_id()) CHECK(std::string_view(truth_.text).starts_with(text_));
      seq_ = std::max(seq_, out.seq);
      offset_ = text_.size();
      return;
    }
    for (std::uint64_t seq = durable_ + 1; seq < out.seq; ++seq) CHECK(truth_.hidden[seq - 1]);
    CHECK(out.seq > durable_);
    CHECK(out.type == truth_.types[out.seq - 1]);
    durable_ = seq_ = out.seq;
    if (out.type == "turn.started" || out.type == "turn.finished") {
      offset_.reset();
      text_.clear();
      turn_ = out.type == "turn.started" ? "?" : "";
    }
  }

  const Truth& truth_;
  Random& random_;
  std::unique_ptr<ViewerQueue> queue_;
  std::uint64_t durable_ = 0, seq_ = 0;
  std::optional<std::uint64_t> offset_;
  std::string turn_, text_;
  std::size_t lags_ = 0;
  std::uint64_t merged_ = 0;
};

BusItem some_deltas(Truth& truth, Random& random) {
  auto batch = std::make_shared<DeltaBatch>();
  batch->envelope = test::envelope(truth.turn_id());
  batch->seq = truth.seq;
  batch->start = truth.text.size();
  for (std::size_t n = 1 + random.below(6); n > 0; --n) {
    batch->add(std::string(1 + random.below(5), static_cast<char>('a' + random.below(26))));
  }
  truth.text += batch->text;
  return BusItem(std::shared_ptr<const DeltaBatch>(batch));
}

BusItem one_step(Truth& truth, Random& random) {
  if (random.below(10) == 0) return truth.durable("metrics.stored", random.below(2) == 0);
  if (!truth.running) {
    truth.running = true;
    truth.text.clear();
    ++truth.turn;
    return truth.durable("turn.started");
  }
  if (random.below(15) == 0) {
    truth.running = false;
    return truth.durable("turn.finished");
  }
  return some_deltas(truth, random);
}

}  // namespace

TEST_CASE(
    "whatever is pushed and read at whatever limits, a reader misses nothing and reads nothing "
    "twice") {
  std::size_t lags = 0;
  std::uint64_t merged = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    Truth truth;
    Reader reader(truth, random);
    const std::uint64_t pace = 1 + random.below(6);
    for (int step = 0; step < 300; ++step) {
      reader.push(one_step(truth, random));
      if (random.below(pace) == 0) reader.read(1 + random.below(5));
    }
    reader.read(100'000);
    CHECK(reader.is_caught_up());
    lags += reader.lags();
    merged += reader.merged();
  }
  CHECK(lags > 100);
  CHECK(merged > 1'000);
}

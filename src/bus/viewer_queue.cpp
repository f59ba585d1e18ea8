#include "bus/viewer_queue.hpp"

#include <fmt/format.h>

#include <utility>

namespace scena {
namespace {

constexpr std::size_t kFirstSlots = 8;

std::size_t bytes_of(const Event& event) noexcept {
  return event.data.size() + event.text.size();
}

// Of the same reply, though a late reader's first batch may have an envelope of its own.
bool same_reply(const DeltaEnvelope& a, const DeltaEnvelope& b) noexcept {
  return &a == &b || (a.turn == b.turn && a.type == b.type && a.stream == b.stream &&
                      a.actor == b.actor && a.audience == b.audience);
}

bool continues(const DeltaBatch& first, const DeltaBatch& more) noexcept {
  return more.start == first.start + first.text.size() &&
         same_reply(*first.envelope, *more.envelope);
}

// Whoever has seen the merged delta has seen what lies before its newest part.
void append(DeltaBatch& batch, const DeltaBatch& more) {
  batch.text += more.text;
  batch.ends.assign(1, static_cast<std::uint32_t>(batch.text.size()));
  batch.seq = more.seq;
  batch.time = more.time;
}

// The object was made by this queue and never shown to anyone else.
DeltaBatch& own_batch(const BusItem& item) noexcept {
  return const_cast<DeltaBatch&>(*item.deltas);
}

std::shared_ptr<DeltaBatch> merged_copy(const DeltaBatch& batch) {
  auto copy = std::make_shared<DeltaBatch>(batch);
  copy->ends.assign(1, static_cast<std::uint32_t>(copy->text.size()));
  return copy;
}

}  // namespace

void ViewerQueue::Ring::push(BusItem item, bool own) {
  if (size_ == slots_.size()) grow();
  Entry& slot = (*this)[size_];
  slot.item = std::move(item);
  slot.own = own;
  ++size_;
}

BusItem ViewerQueue::Ring::pop() noexcept {
  BusItem item = std::move((*this)[0].item);
  (*this)[0].item = {};
  head_ = (head_ + 1) & (slots_.size() - 1);
  --size_;
  return item;
}

void ViewerQueue::Ring::truncate(std::size_t size) noexcept {
  while (size_ > size) (*this)[--size_].item = {};
}

void ViewerQueue::Ring::grow() {
  std::vector<Entry> larger(slots_.empty() ? kFirstSlots : slots_.size() * 2);
  for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
  slots_ = std::move(larger);
  head_ = 0;
}

ViewerQueue::ViewerQueue(ViewerOptions options)
    : options_(std::move(options)), cursor_(options_.cursor) {}

bool ViewerQueue::may_see(const BusItem& item) const noexcept {
  const Audience& audience = item.deltas ? item.deltas->envelope->audience : item.event->audience;
  return audience.kind == Audience::Kind::all ||
         audience.admits(options_.participant, options_.role);
}

bool ViewerQueue::push(std::span<const BusItem> items) noexcept {
  Ready ready;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::open) return false;
    const bool was_empty = ring_.empty();
    try {
      for (const BusItem& item : items) {
        if (state_ == State::open && may_see(item)) add(item);
      }
    } catch (const std::bad_alloc&) {
      drop_waiting();  // a merge may have stopped half way
      lag();
    }
    if (was_empty && (!ring_.empty() || state_ == State::lagged)) ready = ready_;
  }
  if (ready) (*ready)();
  return true;
}

void ViewerQueue::add(const BusItem& item) {
  if (item.deltas) {
    if (!item.deltas->ends.empty()) add_deltas(item);
    return;
  }
  const std::size_t bytes = bytes_of(*item.event);
  if (!has_room(1, bytes)) merge_waiting();
  if (!has_room(1, bytes)) return lag();
  ring_.push(item, false);
  ++events_;
  bytes_ += bytes;
}

void ViewerQueue::add_deltas(const BusItem& item) {
  const DeltaBatch& batch = *item.deltas;
  const std::size_t bytes = batch.text.size();
  const auto push_whole = [&] {
    if (batch.ends.size() > options_.max_events || !has_room(batch.ends.size(), bytes))
      return false;
    ring_.push(item, false);
    events_ += batch.ends.size();
    bytes_ += bytes;
    return true;
  };
  if (push_whole() || grow_tail(batch)) return;
  merge_waiting();
  if (push_whole() || grow_tail(batch)) return;
  if (!has_room(1, bytes)) return lag();
  ring_.push(BusItem(std::shared_ptr<const DeltaBatch>(merged_copy(batch))), true);
  ++events_;
  bytes_ += bytes;
  count_merged(batch.ends.size() - 1);
}

bool ViewerQueue::has_room(std::size_t events, std::size_t bytes) noexcept {
  return ring_.empty() ||
         (events_ + events <= options_.max_events && bytes_ + bytes <= options_.max_bytes);
}

// Appends to the last merged batch, so that a full queue is not walked through for every push.
bool ViewerQueue::grow_tail(const DeltaBatch& more) {
  if (ring_.empty() || !ring_.back().own || bytes_ + more.text.size() > options_.max_bytes)
    return false;
  DeltaBatch& tail = own_batch(ring_.back().item);
  if (!continues(tail, more)) return false;
  append(tail, more);
  bytes_ += more.text.size();
  count_merged(more.ends.size());
  return true;
}

void ViewerQueue::merge_waiting() {
  std::size_t kept = 0, before = events_;
  for (std::size_t i = 0; i < ring_.size(); ++i) {
    Entry& entry = ring_[i];
    if (entry.item.deltas) {
      Entry* last = kept > 0 && ring_[kept - 1].own ? &ring_[kept - 1] : nullptr;
      if (last && continues(*last->item.deltas, *entry.item.deltas)) {
        append(own_batch(last->item), *entry.item.deltas);
        continue;
      }
      if (!entry.own) entry.item.deltas = merged_copy(*entry.item.deltas);
      entry.own = true;
    }
    if (kept != i) ring_[kept] = std::move(entry);
    ++kept;
  }
  ring_.truncate(kept);
  events_ = kept;
  count_merged(before - kept);
}

void ViewerQueue::count_merged(std::size_t deltas) noexcept {
  merged_ += deltas;
  if (options_.counters) options_.counters->merged.fetch_add(deltas, std::memory_order_relaxed);
}

void ViewerQueue::drop_waiting() noexcept {
  ring_.truncate(0);
  events_ = bytes_ = 0;
}

// What waits is still given: a reader that comes back behind it is further than before, however
// little room it has. Allocates nothing: the event itself is made when it is read.
void ViewerQueue::lag() noexcept {
  state_ = State::lagged;
  if (options_.counters) options_.counters->lagged.fetch_add(1, std::memory_order_relaxed);
}

// Moves the first entry to the reader's side; false when none waits.
bool ViewerQueue::take() {
  const std::lock_guard lock(mutex_);
  if (ring_.empty()) return false;
  current_ = ring_.pop();
  next_delta_ = given_ = 0;
  if (current_.deltas) {
    events_ -= current_.deltas->ends.size();
    bytes_ -= current_.deltas->text.size();
  } else {
    --events_;
    bytes_ -= bytes_of(*current_.event);
  }
  return true;
}

bool ViewerQueue::tell_lagged(Event& out) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::lagged) return false;
    state_ = State::told;
  }
  out = Event{};
  out.seq = cursor_.seq;
  out.off = cursor_.offset;
  out.place = cursor_;
  out.type = "lagged";
  out.actor = "engine";
  out.data = fmt::format("{{\"cursor\":\"{}\"}}", cursor_.to_string());
  return true;
}

bool ViewerQueue::next(Event& out) {
  if (!current_.deltas && !current_.event && !take()) return tell_lagged(out);
  if (current_.event) {
    give(out);
  } else {
    fill(out, current_.deltas->ends[next_delta_]);
  }
  return true;
}

bool ViewerQueue::next_batch(Event& out) {
  if (!current_.deltas && !current_.event && !take()) return tell_lagged(out);
  if (current_.event) {
    give(out);
  } else {
    next_delta_ = current_.deltas->ends.size() - 1;
    fill(out, current_.deltas->text.size());
  }
  return true;
}

// The text up to `end` that was not given out yet, as one delta event.
void ViewerQueue::fill(Event& out, std::size_t end) {
  const DeltaBatch& batch = *current_.deltas;
  if (!follows(out)) fill_envelope(out);
  out.off = batch.start + given_;
  out.text.assign(batch.text, given_, end - given_);
  last_ = given_;
  given_ = end;
  // Offsets of reasoning count in a text of their own, which no cursor points into.
  if (batch.envelope->type == "delta") cursor_ = {batch.seq, batch.start + end};
  out.place = cursor_;
  if (++next_delta_ == batch.ends.size()) current_ = {};
}

// True when `out` still is the delta before: then most of it is right already. An event that was
// moved from or filled with something else is not.
bool ViewerQueue::follows(const Event& out) const noexcept {
  const DeltaBatch& batch = *current_.deltas;
  return given_ > 0 && out.off == batch.start + last_ && out.text.size() == given_ - last_ &&
         out.turn == batch.envelope->turn && out.type == batch.envelope->type;
}

void ViewerQueue::fill_envelope(Event& out) const {
  const DeltaBatch& batch = *current_.deltas;
  const DeltaEnvelope& envelope = *batch.envelope;
  out.stream = envelope.stream;
  out.seq = batch.seq;
  out.type = envelope.type;
  out.time = batch.time;
  out.actor = envelope.actor;
  out.audience = envelope.audience;
  out.cause = envelope.cause;
  out.data.clear();
  out.turn = envelope.turn;
}

void ViewerQueue::give(Event& out) {
  out = *current_.event;
  current_ = {};
  if (out.type == "delta") {
    cursor_ = out.cursor();
  } else if (out.is_durable()) {
    // An event in the middle of a reply leaves the reader's place in the running text alone.
    cursor_.seq = out.seq;
    if (out.type == "turn.started" || out.type == "turn.finished") cursor_.offset.reset();
  }
  out.place = cursor_;
}

void ViewerQueue::close() noexcept {
  Ready ready;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::open) return;
    state_ = State::closed;
    ready = ready_;
  }
  if (ready) (*ready)();
}

bool ViewerQueue::ended() const {
  const std::lock_guard lock(mutex_);
  return ring_.empty() && !current_.deltas && !current_.event &&
         (state_ == State::closed || state_ == State::told);
}

void ViewerQueue::wake() {
  Ready ready;
  {
    const std::lock_guard lock(mutex_);
    ready = ready_;
  }
  if (ready) (*ready)();
}

void ViewerQueue::set_ready_callback(std::function<void()> ready) {
  auto kept = ready ? std::make_shared<const std::function<void()>>(std::move(ready)) : nullptr;
  bool now = false;
  {
    const std::lock_guard lock(mutex_);
    ready_ = kept;
    now = !ring_.empty() || state_ == State::lagged || state_ == State::closed;
  }
  if (now && kept) (*kept)();
}

std::uint64_t ViewerQueue::merged() const {
  const std::lock_guard lock(mutex_);
  return merged_;
}

bool ViewerQueue::lagged() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::lagged || state_ == State::told;
}

}  // namespace scena
